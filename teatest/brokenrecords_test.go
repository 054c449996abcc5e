package teatest_test

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atlas-restore/state/record"
	"atlas-restore/teatest"
)

// Of a chain that does not hold, or that cannot be read, programs get one object, which says so and why.
func TestBinaryTellsABrokenChainInOneObject(t *testing.T) {
	t.Parallel()
	broken, unread := t.TempDir(), t.TempDir()
	for range 2 {
		if _, _, err := record.At(broken).Append(record.Record{Brief: record.Brief{Kind: record.Restore, JobID: "j1"}}.Judged()); err != nil {
			t.Fatal(err)
		}
	}
	path := record.At(broken).Path()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(raw), "j1", "j2", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(unread, filepath.Base(path)), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"verify", "list", "show"} {
		for dir, want := range map[string]string{broken: "Record 1 was changed", unread: "is a directory"} {
			code, out, errs := teatest.RunBinary(t, teatest.Binary(t), []string{"records", typed, "-o", "json", "--state-dir", dir}, nil, "")
			var got struct {
				Outcome string
				Holds   bool
				Faults  []string
				Error   struct{ Detail, Advice string }
			}
			d := json.NewDecoder(strings.NewReader(out))
			err := d.Decode(&got)
			if more := d.Decode(new(any)); more != io.EOF {
				t.Errorf("%s: there is more than one object\n%s", typed, out)
			}
			if err != nil || code != 1 || got.Outcome != "error" || got.Holds || !strings.Contains(got.Error.Detail, want) || got.Error.Advice == "" || !strings.Contains(errs, want) || dir == broken && (len(got.Faults) != 1 || !strings.Contains(got.Faults[0], want)) {
				t.Errorf("%s: exit code %d, %v, no %q\n%s\n%s", typed, code, err, want, out, errs)
			}
		}
	}
}
