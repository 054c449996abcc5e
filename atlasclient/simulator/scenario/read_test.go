package scenario

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestExample(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(file, []byte(Example), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	u := start(t, s)
	job, _ := u.moment(prod, "14:02:59", scratch)
	u.wait(5 * time.Minute)
	for _, want := range []int{500, 500, 200} {
		if a := u.do("GET", job, nil); a.status != want {
			t.Errorf("%d, want %d", a.status, want)
		}
	}
	if d := u.run.Debrief(); !d.Passed {
		t.Errorf("%s", d.Text())
	}
}

// Whoever begins a scenario with the example learns each key from it.
func TestExampleNamesEachKey(t *testing.T) {
	words := map[string]bool{}
	for _, w := range regexp.MustCompile(`\w+`).FindAllString(Example, -1) {
		words[w] = true
	}
	seen := map[reflect.Type]bool{}
	var look func(reflect.Type)
	look = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || seen[of] {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			f := of.Field(i)
			if key, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); key != "" && key != "-" {
				if !words[key] {
					t.Errorf("%s: the example does not name %s", of, key)
				}
				look(f.Type)
			}
		}
	}
	look(reflect.TypeFor[Scenario]())
	if len(seen) < 10 {
		t.Errorf("only %d types were looked at", len(seen))
	}
}

// TestMistakes changes the example in one place each, and reads what is said of it.
func TestMistakes(t *testing.T) {
	if _, err := Parse("x.yaml", []byte(Example)); err != nil {
		t.Fatal(err)
	}
	lineOf := func(text, part string) int {
		before, _, found := strings.Cut(text, part)
		if !found {
			t.Fatalf("no %q in the example", part)
		}
		return strings.Count(before, "\n") + 1
	}
	for _, row := range []struct {
		old, changed string
		at           string // part of the line that the error names, in the changed text
		want         string
	}{
		{"title: One", "titel: One", "titel", `the file has no field "titel": one of name, title, difficulty`},
		{"difficulty: easy", "difficulty: brutal", "difficulty", `difficulty: "brutal" is none of easy, medium, hard`},
		{"name: my-first-scenario", "name: My Scenario", "name:", "name: a name of lower case letters, digits and dashes is expected"},
		{"name: my-first-scenario", "name: [a, b]", "name:", "name is not text"},
		{"  from: Pager, orders\n", "", "  at: 2026-11-23T14:09", "briefing.from: it is missing"},
		{"at: 2026-11-23T14:09:00Z", "at: 2026-11-24T14:09:00Z", "at: 2026-11-24", "briefing.at: a time that is not after the start is expected"},
		{"at: 2026-11-23T14:09:00Z", "at: yesterday", "yesterday", "briefing.at is not a time like 2026-11-23T14:31:00Z"},
		{"start: 2026-11-23T14:31:00Z\n", "", "name: my", "start: it is missing"},
		{"seed: 1", "seed: -1", "seed: -1", "seed is not a whole number"},
		{"seed: 1", "seed: 1\nseed: 2", "seed: 2", "the file has seed twice"},
		{"lastSnapshot: 2h11m", "lastSnapshot: long", "lastSnapshot", "world[0].cluster.lastSnapshot is not a time span like 90s or 1h30m"},
		{"lastSnapshot: 2h11m", "lastSnapshot: -2h", "lastSnapshot", "is not a time span"},
		{"pitEnabled: true", "pitEnabled: maybe", "pitEnabled", "world[0].cluster.pitEnabled is not true or false"},
		{"nth: 3, fallback: true", "nth: three, fallback: true", "nth: three", "world[3].snapshot.nth is not a whole number"},
		{"role: readOnly", "role: god", "role: god", `world[7]: injecting project: role is "god"`},
		{"  - restore: {", "  - heal: true\n    restore: {", "heal", "world[4]: injecting heal and restore at once"},
		{"  - at: 2m\n", "  - at: 2m\n    after: 1m\n", "after: 1m", "timeline[0].after: it needs when"},
		{"    after: 30s", "    at: 30s", "- when:", "timeline[1]: at and when exclude each other"},
		{"say: {who: Mira, text: \"How long will it take?\"}", "say: {who: Mira}", "say: {who: Mira}", "timeline[0].do[0]: injecting say: who and text are needed"},
		{"status: 500", "status: 200", "status: 200", "timeline[1].do[0]: injecting fault: status 200 is no error"},
		{"status: 500", "staus: 500", "staus", `timeline[1].do[0].fault has no field "staus": one of method, pathContains, times`},
		{"id: looked", "id: restored", "id: restored\n    text: The", `goals[1].id: "restored" is there already`},
		{"    text: The snapshots of orders-prod were looked at.\n", "", "id: looked", "goals[1].text: it is missing"},
		{"source: Payments/orders-prod\n", "source: orders-prod\n", "source: orders-prod", `goals[0].when.job.source: "orders-prod" names no cluster`},
		{"state: completed", "state: finished", "state: finished", `goals[0].when.job.state: "finished" is none of completed, partial, ready`},
		{"dataTo: 2026-11-23T14:02:59Z", "dataTo: 2026-11-23T13:02:59Z", "dataTo: 2026-11-23T13", "goals[0].when.job.dataTo: it is before dataFrom"},
		{"points: 20", "points: -20", "points: -20", "goals[0].points: they are not negative"},
		{"points: 20", "points: 2.5", "points: 2.5", "goals[0].points is not a whole number"},
		{"within: 1h", "ends: true", "ends: true", "goals[0].ends: a goal ends nothing"},
		{"    ends: true", "    optional: true", "- id: other-cluster", "forbidden[0]: within and optional are for goals"},
		{"      request: {method: GET, cluster", "      job: {}\n      request: {method: GET, cluster", "job: {}\n      request", "goals[1].when: exactly one of job, request"},
		{"request: {method: GET, cluster: Payments/orders-prod, pathContains: /backup/snapshots, status: 200}", "request: {}", "request: {}", "any request would do"},
		{"event: {kind: left}", "event: {kind: gone}", "kind: gone", `forbidden[1].when.all[0].event.kind: "gone" is none of warning`},
		{"      job: {targetNot: [Payments/orders-prod-restore]}", "      not: {job: {}}", "not: {job", "forbidden[0].when: not is true from the beginning"},
		{"targets: [Payments/orders-prod-restore]", "targets: Payments/orders-prod-restore", "targets: P", "targets is not a list"},
		{"targets: [Payments", "targets: [", "targets: [", `targets[0]: "/orders-prod-restore" names no cluster`},
		{"of: Payments/orders-prod}", "of: orders}", "of: orders}", `loss.of: "orders" names no cluster`},
		{"par: 15m\n", "", "name: my", "par: it is missing"},
		{"hints:\n", "hints: none\nold:\n", "hints: none", "hints is not made of fields: nudge, where, answer"},
		{"  nudge: A question that leads on.\n", "", "  where: The page", "hints.nudge: it is missing"},
		{"  source: The post", "  origin: The post", "origin", `debrief has no field "origin": one of better, why, source, url`},
		{"  better: What a better run does.", "  better: &x What a better run does.\n  more: *x", "more: *x", `debrief has no field "more"`},
		{"why: Why that is better.", "why: [", "", "it is no YAML"},
	} {
		text := strings.Replace(Example, row.old, row.changed, 1)
		if text == Example {
			t.Fatalf("no %q in the example", row.old)
		}
		_, err := Parse("x.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q: %v, want %s", row.changed, err, row.want)
			continue
		}
		if row.at == "" {
			continue
		}
		want := lineOf(text, row.at)
		found := false
		for _, line := range strings.Split(err.Error(), "\n") {
			found = found || strings.HasPrefix(line, "x.yaml:"+strconv.Itoa(want)+": ") && strings.Contains(line, row.want)
		}
		if !found {
			t.Errorf("%q: %v, want line %d", row.changed, err, want)
		}
	}
	for _, text := range []string{"", "# nothing", "just text", "- a\n- list", "name: x\n---\nname: y"} {
		if _, err := Parse("x.yaml", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "x.yaml:") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzParse begins with little: a long seed is made small for longer than it is run.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"name: x", "- a", "goals: [", "world: [{heal: true}]", "par: 1h", "start: 2026-11-23T14:31:00Z", "title: &a x\nname: *a",
		"goals: [{when: {all: [{not: {job: {}}}]}}]", "timeline: [{at: 1s, do: [{say: {who: a}}]}]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := Parse("x.yaml", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "x.yaml:") {
			t.Errorf("%v", err)
		}
	})
}
