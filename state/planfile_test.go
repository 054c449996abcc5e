// Tests of state/planfile. They stand here: each package with tests is one more program to link.

package state_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/planfile"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const (
	project  = "65f0c1d2e3a4b5c6d7e8f901"
	source   = "65f0c1d2e3a4b5c6d7e8f902"
	target   = "65f0c1d2e3a4b5c6d7e8f903"
	snapshot = "65f0c1d2e3a4b5c6d7e8f904"
)

// reviewed is a plan of one delivery type, as a review has it.
func reviewed(d state.DeliveryType) state.Plan {
	p := state.Plan{
		Project:  state.Project{ID: project, Name: "Payments"},
		Cluster:  state.Cluster{ProjectID: project, ID: source, Name: "orders-prod", Type: state.ReplicaSet, State: "IDLE", MongoDBVersion: "8.0.4", InstanceSize: "M30"},
		Snapshot: state.Snapshot{ID: snapshot, Status: "completed", CreatedAt: noon.Add(-time.Hour), ExpiresAt: noon.Add(72 * time.Hour), StorageSizeBytes: 4 << 30, MongoDBVersion: "8.0.4", Kind: "scheduled"},
		Delivery: d,
		Target:   state.Target{Project: state.Project{ID: project, Name: "Payments"}, ClusterName: "orders-restore"},
	}
	switch d {
	case state.PointInTime:
		p.Snapshot, p.Instant = state.Snapshot{}, state.Instant{UTCSeconds: noon.Unix() - 60}
		p.Evidence = state.Evidence{Why: "the second before shop.orders was dropped", What: "drop", At: noon.Add(-59 * time.Second), Namespace: "shop.orders"}
	case state.Collections:
		p.Only = collections.Choice{Names: []collections.Name{{Database: "shop", Collection: "orders"}}, Suffix: "_old"}
	case state.Download:
		p.Target = state.Target{}
	case state.Automated:
	}
	return p
}

func made(t testing.TB, d state.DeliveryType) planfile.Plan {
	t.Helper()
	p, err := planfile.New(reviewed(d), state.Names{}, state.Cluster{ID: target, Name: "orders-restore", State: "IDLE", Type: state.ReplicaSet}, []state.Check{
		{Name: "snapshot"},
		{Name: "environment", Verdict: state.Warn, Why: "orders-restore is no production."},
		{Name: "role", Verdict: state.Unknown, Harmless: true, Why: "Atlas does not tell it."},
		{Name: "running", Verdict: state.Unknown, Why: "The jobs could not be seen: get https://user:pw@cloud.mongodb.com/x?y."},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p.By(planfile.Maker{User: "maria", Host: "ops-1", Credential: "mdb_sa_id_5f"}, "dev", "https://Cloud.MongoDB.com/", noon)
}

func written(t testing.TB, d state.DeliveryType) []byte {
	t.Helper()
	raw, err := made(t, d).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// What was reviewed is what is read: the same request, for every delivery type, in the one form.
func TestAPlanComesBackAsItWas(t *testing.T) {
	for _, d := range state.DeliveryTypes() {
		t.Run(string(d), func(t *testing.T) {
			raw := written(t, d)
			p, err := planfile.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			answers, err := p.Answers()
			if err != nil {
				t.Fatal(err)
			}
			want, wantErr := reviewed(d).Request()
			got, gotErr := answers.Request()
			if err := errors.Join(wantErr, gotErr); err != nil {
				t.Fatal(err)
			}
			wantBody, _ := json.Marshal(want.Body())
			gotBody, _ := json.Marshal(got.Body())
			if string(wantBody) != string(gotBody) {
				t.Errorf("%s became %s", wantBody, gotBody)
			}
			if answers.Evidence != reviewed(d).Evidence {
				t.Errorf("the evidence became %+v", answers.Evidence)
			}
			if again, err := p.Bytes(); err != nil || !bytes.Equal(again, raw) {
				t.Errorf("written again it is another: %v\n%s\n%s", err, raw, again)
			}
			if given, err := p.Given(); err != nil || given.Check() != nil || strings.Join(given.Missing(), "") != state.FlagConfirm {
				t.Errorf("as flags: %+v %v, missing %v", given, err, given.Missing())
			}
		})
	}
}

// Whatever is changed in a plan refuses it by name: each member, at any depth, altered, dropped,
// doubled or added, with the hash of before and with one that was made to fit.
func TestATamperedPlanIsRefused(t *testing.T) {
	for _, d := range state.DeliveryTypes() {
		raw := written(t, d)
		var tree map[string]any
		if err := json.Unmarshal(raw, &tree); err != nil {
			t.Fatal(err)
		}
		tampered := 0
		each(tree, func(name string, change func() (undo func())) {
			if tampered++; !few(tampered, 3) {
				return
			}
			undo := change()
			defer undo()
			text, err := json.Marshal(tree) // Go sorts the members, and sets no blanks
			if err != nil {
				t.Fatal(err)
			}
			_, err = planfile.Parse(append(text, '\n'))
			if !errors.Is(err, planfile.ErrChanged) && !errors.Is(err, planfile.ErrVersion) && !errors.Is(err, planfile.ErrNoPlan) {
				t.Errorf("%s, %s: %v\n%s", d, name, err, text)
			}
		})
		if tampered < 50 {
			t.Errorf("%s: only %d changes", d, tampered)
		}
	}
}

// each changes every member of a tree, one at a time.
func each(tree map[string]any, do func(name string, change func() (undo func()))) {
	for name, v := range tree {
		back := func() { tree[name] = v }
		do(name+" dropped", func() func() { delete(tree, name); return back })
		for _, other := range []any{nil, true, "x", 7.0, []any{}, map[string]any{}} {
			if !reflect.DeepEqual(other, v) {
				do(name+" replaced", func() func() { tree[name] = other; return back })
			}
		}
		switch v := v.(type) {
		case map[string]any:
			each(v, func(inner string, change func() func()) { do(name+"."+inner, change) })
		case []any:
			for i, one := range v {
				do(name+" shorter", func() func() { tree[name] = append(append([]any{}, v[:i]...), v[i+1:]...); return back })
				if m, ok := one.(map[string]any); ok {
					each(m, func(inner string, change func() func()) { do(name+"."+inner, change) })
				}
			}
		}
	}
	do("one more", func() func() { tree["more"] = "x"; return func() { delete(tree, "more") } })
}

// Each byte that is changed, dropped or added refuses the plan.
func TestEachByteCounts(t *testing.T) {
	raw := written(t, state.PointInTime)
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(raw)-1).Draw(t, "at")
		b := rapid.Byte().Draw(t, "byte")
		text := bytes.Clone(raw)
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			if text[at] == b {
				return
			}
			text[at] = b
		case 1:
			text = append(text[:at], text[at+1:]...)
		default:
			text = append(text[:at], append([]byte{b}, text[at:]...)...)
		}
		if _, err := planfile.Parse(text); err == nil && !bytes.Equal(text, raw) {
			t.Fatalf("taken for a plan: %q", text)
		}
	})
}

// What fits its hash is refused all the same where it says what no plan says, or what cannot be.
func TestAPlanThatWasForgedIsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*planfile.Plan)
		want   string
	}{
		"another target than the request's": {func(p *planfile.Plan) { p.Target.Name = "orders-prod" }, "its request is not that"},
		"another project":                   {func(p *planfile.Plan) { p.Target.ProjectID = source }, "its request is not that"},
		"another snapshot":                  {func(p *planfile.Plan) { p.Snapshot.ID = target }, "its request is not that"},
		"a request with more in it":         {func(p *planfile.Plan) { p.Request = bytes.Replace(p.Request, []byte("{"), []byte(`{"a":1,`), 1) }, "its request is not that"},
		"good for ever":                     {func(p *planfile.Plan) { p.Made.Until = noon.Add(1000 * time.Hour) }, "good for at most"},
		"good before it was made":           {func(p *planfile.Plan) { p.Made.Until = noon.Add(-time.Hour) }, "good for at most"},
		"a command to the terminal":         {func(p *planfile.Plan) { p.Made.User = "\x1b[2Jmaria" }, "cannot be shown"},
		"text that is turned around":        {func(p *planfile.Plan) { p.Checks[0].Reason = "fine\u202e" }, "cannot be shown"},
		"a link":                            {func(p *planfile.Plan) { p.Checks[0].Reason = "see https://restore.example/t?sig=1" }, "an address"},
		"a link as Atlas's address":         {func(p *planfile.Plan) { p.Atlas = "https://a:b@cloud.mongodb.com" }, "address of Atlas"},
		"a check that there is not":         {func(p *planfile.Plan) { p.Checks[0].Name = "all" }, "no check"},
		"a verdict that there is not":       {func(p *planfile.Plan) { p.Checks[0].Verdict = "fine" }, "no verdict"},
		"no maker":                          {func(p *planfile.Plan) { p.Made.Maker = planfile.Maker{} }, "nobody"},
		"no checks":                         {func(p *planfile.Plan) { p.Checks = nil }, "no checks"},
		"an id that is none":                {func(p *planfile.Plan) { p.Source.ID = "x" }, "id has"},
	} {
		p := made(t, state.Automated)
		tc.change(&p)
		if _, err := p.Bytes(); !errors.Is(err, planfile.ErrContents) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want one that says %q", name, err, tc.want)
		}
	}
}

// Other forms of the same plan are refused, and by name.
func TestOneFormOnly(t *testing.T) {
	raw := written(t, state.Automated)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		text []byte
		want error
	}{
		"pretty":           {pretty.Bytes(), planfile.ErrForm},
		"no newline":       {bytes.TrimSuffix(raw, []byte("\n")), planfile.ErrForm},
		"two newlines":     {append(bytes.Clone(raw), '\n'), planfile.ErrForm},
		"a mark before it": {append([]byte("\ufeff"), raw...), planfile.ErrNoPlan},
		"an escape":        {bytes.Replace(raw, []byte("maria"), []byte(`m\u0061ria`), 1), planfile.ErrForm},
		"a number with e":  {bytes.Replace(raw, []byte(`"version":1`), []byte(`"version":1e0`), 1), planfile.ErrVersion},
		"another version":  {bytes.Replace(raw, []byte(`"version":1`), []byte(`"version":2`), 1), planfile.ErrVersion},
		"a name twice":     {bytes.Replace(raw, []byte(`"version":1`), []byte(`"version":1,"version":1`), 1), planfile.ErrForm},
		"another case":     {bytes.Replace(raw, []byte(`"atlas":`), []byte(`"Atlas":`), 1), planfile.ErrChanged},
		"no UTF-8":         {bytes.Replace(raw, []byte("maria"), []byte("mari\xff"), 1), planfile.ErrNoPlan},
		"something behind": {append(bytes.Clone(raw), "{}"...), planfile.ErrNoPlan},
		"another thing":    {[]byte(`{"format":"something"}`), planfile.ErrNoPlan},
		"nothing":          {nil, planfile.ErrNoPlan},
		"too much":         {bytes.Repeat([]byte(" "), planfile.Most+1), planfile.ErrTooLarge},
		"a list":           {[]byte("[]\n"), planfile.ErrNoPlan},
		"a deep tree":      {append(bytes.Repeat([]byte("["), 20000), '\n'), planfile.ErrNoPlan},
		"a changed letter": {bytes.Replace(raw, []byte("maria"), []byte("mario"), 1), planfile.ErrChanged},
		"a changed hash":   {bytes.Replace(raw, []byte(`"sha256":"`), []byte(`"sha256":"0`), 1), planfile.ErrChanged},
	} {
		if _, err := planfile.Parse(tc.text); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

func TestWhenAPlanIsGood(t *testing.T) {
	p := made(t, state.Automated)
	for at, want := range map[time.Duration]error{
		-time.Hour: planfile.ErrEarly, -time.Minute: nil, 0: nil, planfile.Life: nil, planfile.Life + time.Second: planfile.ErrExpired,
	} {
		if err := p.Good(noon.Add(at)); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%v later: %v, want %v", at, err, want)
		}
	}
	short := reviewed(state.Automated)
	short.Snapshot.ExpiresAt = noon.Add(time.Hour)
	made, err := planfile.New(short, state.Names{}, state.Cluster{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if until := made.By(planfile.Maker{User: "maria"}, "dev", "https://cloud.mongodb.com", noon).Made.Until; !until.Equal(noon.Add(time.Hour)) {
		t.Errorf("good until %v, longer than its snapshot is there", until)
	}
}

// A plan is for its maker's eyes, whole, and takes the place of no file that is something else.
func TestWritingAPlan(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.json")
	p, err := made(t, state.Automated).Write(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	read, _, err := planfile.Read(path)
	if diff := cmp.Diff(p, read); err != nil || diff != "" || len(p.SHA256) != 64 {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := made(t, state.Download).Write(path); err != nil {
		t.Errorf("over an older plan: %v", err)
	}
	notes := filepath.Join(dir, "notes")
	if err := os.WriteFile(notes, []byte("milk"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(notes, link); err != nil {
		t.Skip("no links here:", err)
	}
	for _, other := range []string{notes, link, dir} {
		if _, err := p.Write(other); !errors.Is(err, planfile.ErrNotOurs) {
			t.Errorf("over %s: %v", other, err)
		}
	}
	if raw, err := os.ReadFile(notes); err != nil || string(raw) != "milk" {
		t.Errorf("the other file is %q, %v", raw, err)
	}
	if _, err := p.Write(filepath.Join(dir, "none", "plan.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into no directory: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "plan.json.*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, _, err := planfile.Read(dir); !errors.Is(err, planfile.ErrNoPlan) {
		t.Errorf("of a directory: %v", err)
	}
}

// No type of a plan can hold a secret or a link, and what others have said loses its addresses.
func TestAPlanHoldsNoSecretAndNoLink(t *testing.T) {
	var walk func(reflect.Type, string)
	seen := map[reflect.Type]bool{}
	walk = func(of reflect.Type, where string) {
		if seen[of] {
			return
		}
		seen[of] = true
		if of == reflect.TypeFor[state.Secret]() || of == reflect.TypeFor[state.Delivery]() || of == reflect.TypeFor[state.Job]() {
			t.Errorf("%s is %v", where, of)
		}
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
			walk(of.Elem(), where)
		case reflect.Struct:
			for i := range of.NumField() {
				walk(of.Field(i).Type, where+"."+of.Field(i).Name)
			}
		case reflect.Interface, reflect.Func, reflect.Chan:
			t.Errorf("%s may be anything", where)
		default:
		}
	}
	walk(reflect.TypeFor[planfile.Plan](), "Plan")
	raw := string(written(t, state.Automated))
	if strings.Contains(raw, "user:pw") || strings.Count(raw, "://") != 1 {
		t.Error(raw)
	}
	key := "SHA256://" + strings.Repeat("aB", 20) + "+" // as one of 4,096 begins
	p := made(t, state.Automated)
	p.Made.Keys = []string{key}
	signed, err := p.Bytes()
	if err != nil {
		t.Fatalf("the fingerprint of a key is taken for an address: %v", err)
	}
	if back, err := planfile.Parse(signed); err != nil || len(back.Made.Keys) != 1 || back.Made.Keys[0] != key {
		t.Errorf("%+v, %v", back.Made, err)
	}
	for _, other := range []string{"sha256://" + key[9:], key[:40], "x " + key + " https://a.b"} {
		if p.Made.Keys[0] = other; !errors.Is(func() error { _, err := p.Bytes(); return err }(), planfile.ErrContents) {
			t.Errorf("%q is no address", other)
		}
	}
	for text, want := range map[string]string{
		"key " + key + ", see http://x": "key " + key + ", see (an address)",
		"get https://a.b/c?d: no":       "get (an address) no", "plain": "plain", `"x://y" z`: `"(an address)" z`, "a://b c://d": "(an address) (an address)", "://": "(an address)",
	} {
		if got := planfile.Words(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// FuzzPlanfileParse: whatever is read is refused, or is a plan that is written as the same bytes.
func FuzzPlanfileParse(f *testing.F) {
	for _, d := range state.DeliveryTypes() {
		f.Add(written(f, d))
	}
	f.Add([]byte(`{"format":"atlas-restore plan","version":1,"sha256":""}` + "\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := planfile.Parse(raw)
		if err != nil {
			return
		}
		if again, err := p.Bytes(); err != nil || !bytes.Equal(again, raw) {
			t.Errorf("%v: %q became %q", err, raw, again)
		}
		if _, err := p.Agreed(); err != nil {
			t.Error(err)
		}
	})
}
