package control

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
)

// desk is where an instructor sits: what is typed, and what is on the screen.
type desk struct {
	*trainer

	screen *bufio.Scanner
	typed  *io.PipeWriter
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	shown, screen := io.Pipe()
	commands, typed := io.Pipe()
	d := &desk{trainer: newTrainer(t), screen: bufio.NewScanner(shown), typed: typed}
	i := &instructor{sim: d.sim, coach: &control{sim: d.sim}, screen: screen, names: map[string]string{}}
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() {
		defer close(over)
		i.watch(ctx)
	}()
	go i.obey(commands)
	t.Cleanup(func() {
		stop()
		_, _ = shown.Close(), commands.Close()
		<-over
	})
	return d
}

// say types a line, and gives the next one on the screen.
func (d *desk) say(line string) string {
	d.t.Helper()
	if _, err := io.WriteString(d.typed, line+"\n"); err != nil {
		d.t.Fatal(err)
	}
	return d.next()
}

func (d *desk) next() string {
	d.t.Helper()
	if !d.screen.Scan() {
		d.t.Fatal("the screen is dark")
	}
	return d.screen.Text()
}

func TestInstructorSeesRequests(t *testing.T) {
	d := newDesk(t)
	group := d.sim.ProjectID("Payments Staging")
	d.trainee("/api/atlas/v2/groups/" + group + "/clusters?pageNum=2")
	if got := d.next(); got != "14:31:00  GET     401  /groups/Payments Staging/clusters?pageNum=2  UNEXPECTED_ERROR" {
		t.Error(got)
	}
	d.trainee("/api/atlas/v2/groups/0123456789abcdef01234567/x")
	if got := d.next(); !strings.Contains(got, "/groups/0123456789abcdef01234567/x") {
		t.Error(got)
	}
	d.trainee("/%1b%5d0;title%07%c2%9b2J%e2%80%ae%ff/delivery")
	if got := d.next(); !strings.Contains(got, "/·]0;title··2J··/delivery") {
		t.Errorf("%q", got)
	}
	d.trainee("/delivery/restore-1/THETOKEN/" + strings.Repeat("x", 1000) + ".tgz")
	if got := d.next(); strings.Contains(got, "THETOKEN") || len([]rune(got)) != longestLine+1 {
		t.Errorf("%q", got)
	}
	d.send("POST", "/api/atlas/v2/groups", `{"a":1}`)
	if got := d.next(); !strings.HasSuffix(got, `  {"a":1}`) {
		t.Error(got)
	}
}

func TestInstructorLines(t *testing.T) {
	i := &instructor{names: map[string]string{}}
	for want, r := range map[string]simulator.Request{
		"14:31:00  GET       0  /x  (cut)":                 {Method: "GET", Path: "/x", At: start, Dropped: true},
		"14:31:00  POST    200  /x  (its answer was lost)": {Method: "POST", Path: "/x", At: start, Status: 200, Dropped: true},
		"14:31:00  DELETE  204  /x":                        {Method: "DELETE", Path: "/x", At: start, Status: 204},
		"14:31:00  GET     429  /x  RATE_LIMITED":          {Method: "GET", Path: "/x", At: start, Status: 429, ErrorCode: "RATE_LIMITED", Body: "unseen"},
		"14:31:00  GET     200  /api/atlas/v1/x?a=b":       {Method: "GET", Path: "/api/atlas/v1/x", Query: "a=b", At: start, Status: 200},
	} {
		if got := i.line(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Every row of the help has its words in the same column.
func TestInstructorHelpHasTwoColumns(t *testing.T) {
	d := newDesk(t)
	line, at := d.say("help"), 0
	for _, c := range commands() {
		if begin := len([]rune(line)) - len([]rune(c.does)); !strings.HasSuffix(line, " "+c.does) || at != 0 && begin != at {
			t.Errorf("%q leaves its column, %d: %q", c.says, at, line)
		} else {
			at = begin
		}
		line = d.next()
	}
	for range 2 { // reset, quit
		d.next()
	}
}

// TestInstructorCommands says each command, and looks at what has happened.
func TestInstructorCommands(t *testing.T) {
	d := newDesk(t)
	faults := func(n int) func() bool { return func() bool { return d.sim.Armed() == n } }
	cluster := func(name string) (found simulator.Cluster) {
		for _, c := range d.sim.World().Projects[0].Clusters {
			if c.Name == name {
				found = c
			}
		}
		return found
	}
	last := func() simulator.Inject {
		all := d.sim.Happened()
		return all[len(all)-1].Inject
	}
	for _, row := range []struct {
		says, shows string
		holds       func() bool
	}{
		{"429 3", "the next so many", faults(1)},
		{"503", "the next request", faults(2)},
		{"lost", "the answer to the next POST is lost", faults(3)},
		{"down", "every connection is cut", faults(4)},
		{"html", "some proxy", faults(5)},
		{"heal", "all faults end", faults(0)},
		{"  heal  ", "all faults end", faults(0)},
		{"advance 10m", "14:41:00  advance 10m: the clock moves", func() bool { return d.sim.Now().Equal(start.Add(10 * time.Minute)) }},
		{"pause Payments/orders-prod", "is paused", func() bool { return cluster("orders-prod").Paused }},
		{"resume Payments/orders-prod", "paused no more", func() bool { return !cluster("orders-prod").Paused }},
		{"colleague Payments/orders-prod onto Payments/orders-prod-restore", "a colleague restores", func() bool { return cluster("orders-prod-restore").State == "UPDATING" }},
		{"fail", "fails at its end", func() bool { return true }},
		{"taken", "answered with an error 500 all the same", func() bool { return last().Fault.Acts && last().Fault.Status == 500 }},
		{"heal", "all faults end", faults(0)},
		{"collections indexFailed", "the next restore of collections", func() bool { return last().NextCollections.Ends == "indexFailed" }},
		{"file slow Payments/orders-prod", "file slow Payments/orders-prod: the next file that is fetched of it is slow", func() bool { return last().Fault.File == "slow" }},
		{"heal", "all faults end", faults(0)},
		{"collections badly", "one of failed, diskFull", func() bool { return true }},
		{"expire Payments/orders-prod", "expire", func() bool {
			for _, j := range d.sim.Jobs() {
				if j.State == "ready" {
					return false
				}
			}
			return true
		}},
		{"file damaged Payments/orders-prod", "the next file that is fetched", func() bool {
			return *last().Fault == simulator.InjectFault{File: "damaged", Cluster: "Payments/orders-prod"}
		}},
		{"file notFound Platform Shared/audit-log 3", "the next file that is fetched", func() bool {
			return *last().Fault == simulator.InjectFault{File: "notFound", Cluster: "Platform Shared/audit-log", Nth: 3}
		}},
		{"file notFound Platform Shared/audit-log 5", "has 4 files: there is no number 5", faults(2)},
		{"file lost Payments/orders-prod", "file is \"lost\": one of truncated, damaged", faults(2)},
		{"file damaged", "of which cluster?", faults(2)},
		{"heal", "all faults end", faults(0)},
		{"hide Payments/orders-prod", "which of its files?", faults(0)},
		{"hide Payments/orders-prod 1", "the link of file 2", func() bool { return *last().Links == simulator.InjectLinks{Cluster: "Payments/orders-prod", Hide: 1} }},
		{"say How long does it take?", "the trainee is told", func() bool {
			all := d.sim.Happened()
			return *all[len(all)-1].Inject.Say == simulator.InjectMessage{Who: "Instructor", Text: "How long does it take?"}
		}},
		{"elect Payments/orders-prod", "another server becomes primary", func() bool { return last().Election.Cluster == "Payments/orders-prod" }},
		{"behind Payments/orders-prod", "falls behind", func() bool { return last().OplogBehind.For == simulator.Duration(10*time.Minute) }},
		{"noise Payments/orders-prod", "other clients are busy", func() bool { return last().Noise.Cluster == "Payments/orders-prod" }},
		{"member Payments Staging/orders-stg 1 refused", "the log of its member", func() bool {
			return *last().Member == simulator.InjectMember{Cluster: "Payments Staging/orders-stg", Node: 1, Log: "refused"}
		}},
		{"member Payments/orders-prod 2 ahead 5m", "the log of its member", func() bool { return last().Member.ClockAhead == simulator.Duration(5*time.Minute) }},
		{"member Payments/orders-prod 2 behind", "which one, and what of it?", func() bool { return true }},
		{"member Payments/orders-prod 7 refused", "node is 0, 1 or 2", func() bool { return true }},
		{"member Payments/orders-prod 1 lost", "log is", func() bool { return true }},
		{"search Payments/orders-prod", "search indexes", func() bool { return !last().Search.Fails && last().Search.Cluster == "Payments/orders-prod" }},
		{"search Payments/orders-prod fails", "search indexes", func() bool { return last().Search.Fails && last().Search.Cluster == "Payments/orders-prod" }},
		{"delete Payments/orders-prod shop.orders", "only counters show", func() bool { return last().MassDelete.Namespace == "shop.orders" }},
		{"rename Payments/orders-prod shop.stock onto shop.orders", "in the place of another", func() bool { return last().Rename.DropTarget && last().Rename.To == "shop.orders" }},
		{"drop Payments Staging/orders-stg shop.orders", "a client drops the collection", func() bool {
			return last().Drop.Cluster == "Payments Staging/orders-stg" && last().Drop.Namespace == "shop.orders"
		}},
		{"drop Payments Staging/orders-stg shop.orders", "has no collection shop.orders then", func() bool { return true }},
		{"drop Payments/orders-prod", "of which cluster, and what?", func() bool { return true }},
		{"dropdatabase Payments/orders-prod audit", "a client drops the database", func() bool { return last().DropDatabase.Database == "audit" }},
		{`inject {"cluster":{"cluster":"Payments/ledger-prod","state":"REPAIRING"}}`, "anything else", func() bool { return cluster("ledger-prod").State == "REPAIRING" }},
		{"debrief", "no scenario is played", faults(0)},
		{"429 often", "a number from 1 on", faults(0)},
		{"429 0", "a number from 1 on", faults(0)},
		{"200", "status 200 is no error", faults(0)},
		{"heal now", "it is said like this: heal", faults(0)},
		{"advance", "it is said like this: advance 10m", faults(0)},
		{"advance soon", "write it like 90s", faults(0)},
		{"pause Payments/orders", `no cluster "orders"`, faults(0)},
		{"colleague Payments/orders-prod", "onto what?", faults(0)},
		{`inject {"wether":1}`, `unknown field "wether"`, faults(0)},
		{"reset", "the world begins again", func() bool { return cluster("ledger-prod").State == "IDLE" && d.sim.Now().Equal(start) }},
		{"explode\x1b[2J", `"explode\x1b[2J" is no command: help lists them`, faults(0)},
	} {
		if got := d.say(row.says); !strings.HasPrefix(got, "* ") || !strings.Contains(got, row.shows) || !row.holds() {
			t.Errorf("%s: %s, and it holds: %t", row.says, got, row.holds())
		}
	}
	for range 2 { // an empty line says nothing
		got := d.say("\nhelp")
		for range len(commands()) + 2 {
			if !strings.HasPrefix(got, "  ") {
				t.Errorf("a line of help: %q", got)
			}
			got = d.next()
		}
		if !strings.HasPrefix(got, "  quit") {
			t.Errorf("the last line of help: %q", got)
		}
	}
}

// TestEveryCommandIsUnderstood holds the help against what it lists.
func TestEveryCommandIsUnderstood(t *testing.T) {
	for _, c := range commands() {
		says := strings.NewReplacer(" [TIMES]", "", " [fails]", "", "…", "").Replace(c.says)
		if _, inject, err := understand(cut(says)); err != nil || inject == (simulator.Inject{}) {
			t.Errorf("%s: %+v, %v", says, inject, err)
		}
	}
}

func cut(line string) (word, rest string) {
	word, rest, _ = strings.Cut(line, " ")
	return word, rest
}

// TestServeQuits holds that the instructor can end it all, and the end of the commands does not.
func TestServeQuits(t *testing.T) {
	serve := func(ctx context.Context, commands string) error {
		return Serve(ctx, Options{World: simulator.Options{Seed: 1}, Out: io.Discard, Screen: io.Discard, Commands: strings.NewReader(commands)})
	}
	if err := serve(t.Context(), "heal\nquit\n"); err != nil {
		t.Error(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if err := serve(ctx, "heal\n"); err != nil || ctx.Err() == nil {
		t.Errorf("it ends with its commands: %v", err)
	}
}
