package teatest_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

// hostile are texts that Atlas may send because somebody has pasted them there.
var hostile = map[string]string{
	"clipboard":    "a\x1b]52;c;ZXZpbA==\x07b",
	"clear":        "a\x1b[2J\x1b[Hb",
	"title":        "a\x1b]0;evil\x07b",
	"link":         "a\x1b]8;;https://evil.example\x1b\\b\x1b]8;;\x1b\\",
	"C1":           "a\u009b31mb\u0090evil\u009c",
	"bidi":         "a\u202eevil\u202cb\u2066c\u2069",
	"zero width":   "a\u200b\u200d\ufeffb",
	"line breaks":  "a\nb\r\nc\u2028d\u2029e\tf",
	"very long":    strings.Repeat("Lorem ", 1700),
	"wide":         "支払いシステム 本番環境 🗄️ データベース",
	"combining":    "e\u0301\u0323\u0323\u0323 Z\u0351\u036b\u0343a\u0329l\u0349g\u032fo",
	"only control": "\x1b\x07\x08\x00\x7f",
}

// evil are the bytes of the hostile texts that must not reach a terminal. Those of the
// clipboard, titles and links are looked for by what they carry.
var evil = []string{"ZXZpbA==", "evil.example", "]0;evil", "\x1b[2J\x1b[Hb", "\u009b", "\u0090", "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\u2029", "\x7f", "\x00"}

func (w *world) poison(text string) {
	w.sim.SetProject("Storefront", func(p *simulator.Project) { p.Name = text })
	for _, s := range w.sim.Snapshots("Payments", "orders-prod") {
		w.sim.SetSnapshot("Payments", "orders-prod", s.ID, func(s *simulator.Snapshot) { s.Description = text })
	}
}

// Wherever Atlas's text is shown, the terminal gets nothing but our own sequences, and no
// row breaks.
func TestHostileText(t *testing.T) {
	t.Parallel()
	for i, name := range slices.Sorted(maps.Keys(hostile)) {
		text := hostile[name]
		if !few(i, 6) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sizes := suited(i, narrow, normal, wide)
			s := prepare(t)
			s.poison(text)
			s.start(sizes[0])
			fits := func() {
				t.Helper()
				for _, size := range slices.Concat(sizes[1:], sizes[:1]) {
					s.resizeTo(size)
					s.WithinSize()
				}
			}
			find(s)
			fits()
			s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
			fits()
			s.sim.Fail(onePost(simulator.Fault{Status: 400, ErrorCode: "INVALID_ATTRIBUTE", Detail: text}))
			s.AssertTarget("orders-prod-restore")
			s.Confirm("orders-prod-restore")
			s.Wait("Nothing was submitted")
			fits()
			for range 20 { // a long refusal stands over the sentence
				if !strings.Contains(flat(s.Screen()), "orders-prod-restore (Payments), which is erased first") {
					s.Press("pgdown")
					s.Settled()
					fits()
				}
			}
			s.AssertTarget("orders-prod-restore")
			s.Confirm("orders-prod-restore")
			s.Wait("RUNNING")
			fits()
			s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/restoreJobs/", Status: 500, ErrorCode: "UNEXPECTED_ERROR", Detail: text})
			s.sim.Advance(30 * time.Second)
			s.await("the look", func() bool { return s.looks() == 1 })
			s.Settled()
			fits()
			sum := s.leave(state.OutcomeRunning, "q")
			clean(t, s.Output()+s.Title()+sum.Text())
		})
		t.Run(name+"/lines", func(t *testing.T) {
			t.Parallel()
			d := prepareTalk(t)
			d.poison(text)
			d.start()
			d.Wait(askProject)
			d.toReview(state.Download, "Payments", "orders-prod", "")
			d.sim.Fail(onePost(simulator.Fault{Status: 400, ErrorCode: "INVALID_ATTRIBUTE", Detail: text}))
			d.Say("download")
			d.Wait("Nothing was submitted")
			d.Wait(askDownload)
			d.Say("download")
			d.Wait("RUNNING.")
			d.letGo()
			sum := d.leave(state.OutcomeRunning)
			clean(t, d.Output()+sum.Text())
			if strings.ContainsAny(d.Output(), "\x1b\r\t\a") {
				t.Errorf("a control character is in\n%q", d.Output())
			}
		})
	}
}

func clean(t *testing.T, output string) {
	t.Helper()
	for _, e := range evil {
		if strings.Contains(output, e) {
			t.Errorf("%q reached the terminal", e)
		}
	}
}

// projectID is the last column of the projects.
var projectID = regexp.MustCompile(`\b[0-9a-f]{24}\b`)

// Names in any script keep the columns straight, and can be filtered for.
func TestNamesInAnyScript(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.poison("支払い 本番")
	s.start(normal)
	toProjects(s)
	s.WaitFor("rows", highlighted)
	var at []int
	for line := range strings.Lines(s.Screen()) {
		if id := projectID.FindStringIndex(line); id != nil {
			at = append(at, width(line[:id[0]]))
		}
	}
	if len(at) < 4 {
		t.Fatalf("no columns on\n%s", s.Screen())
	}
	for _, x := range at {
		if x != at[0] {
			t.Errorf("the columns stand at %v:\n%s", at, s.Screen())
			break
		}
	}
	s.Type("本番")
	s.WaitFor("the row", func(screen string) bool { return strings.Contains(row(screen), "支払い") })
	s.Press("enter")
	s.Wait("whose data")
	s.Wait("catalog")
}

// width is how many cells a text takes, a wide letter two.
func width(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r >= 0x2e80 {
			n++
		}
	}
	return n
}
