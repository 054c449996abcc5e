// Tests of state/record. They stand here: each package with tests is one more program to link.

package state_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"atlas-restore/state/record"
	"atlas-restore/state/text"
	"atlas-restore/teatest"
)

// chain makes a chain of so many records, and gives its directory with what its files hold.
func chain(t testing.TB, n int) (dir string, lines, head []byte) {
	t.Helper()
	dir = t.TempDir()
	for i := range n {
		r := done()
		r.Ticket = fmt.Sprintf("OPS-%d <&>", i+1)
		if _, torn, err := record.At(dir).Append(r.Judged()); err != nil || torn != "" {
			t.Fatal(err, torn)
		}
	}
	return dir, read(t, dir, "records.jsonl"), read(t, dir, "records.head.json")
}

func read(t testing.TB, dir, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func write(t testing.TB, dir, name string, raw []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// faults are those of the chain in a directory.
func faults(t testing.TB, dir string) []string {
	t.Helper()
	_, err := record.At(dir).Read()
	if err == nil {
		return nil
	}
	var broken *record.Broken
	if !errors.As(err, &broken) {
		t.Fatal(err)
	}
	var out []string
	for _, f := range broken.Faults {
		out = append(out, f.String())
	}
	return out
}

// Records come back as they were written, for this user's eyes alone, and none is before the first.
func TestChain(t *testing.T) {
	if all, err := record.At(t.TempDir()).Read(); err != nil || len(all) != 0 {
		t.Fatal(all, err)
	}
	dir, _, _ := chain(t, 3)
	all, err := record.At(dir).Read()
	if err != nil || len(all) != 3 {
		t.Fatal(len(all), err)
	}
	rows, err := record.At(dir).Rows()
	if err != nil || len(rows) != 3 {
		t.Fatal(len(rows), err)
	}
	for i, k := range all {
		if rows[i].Number != k.Number || rows[i].SHA256 != k.SHA256 || !reflect.DeepEqual(rows[i].Brief, k.Brief) {
			t.Errorf("the row of record %d is %+v, want %+v", i+1, rows[i].Brief, k.Brief)
		}
		if k.Number != i+1 || k.Ticket != fmt.Sprintf("OPS-%d <&>", i+1) || k.Result != record.Pass || !k.WrittenAt.Equal(recordNoon) {
			t.Errorf("record %d is %+v", i+1, k)
		}
	}
	for _, name := range []string{"records.jsonl", "records.head.json"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Error(name, info.Mode(), err)
		}
	}
}

// Whatever byte of a record is changed, the record is named.
func TestChangedRecordIsNamed(t *testing.T) {
	dir, lines, _ := chain(t, 4)
	number := 1
	for i := range lines {
		if lines[i] == '\n' {
			number++
			continue
		}
		// Each byte of the first, each seventh of the others; in the suite fewer of both.
		if i%7 != 0 && i > 140 || !few(i, 5) {
			continue
		}
		changed := bytes.Clone(lines)
		if changed[i]++; changed[i] == '\n' {
			continue
		}
		write(t, dir, "records.jsonl", changed)
		if said := strings.Join(faults(t, dir), " "); !strings.Contains(said, fmt.Sprintf("Record %d ", number)) {
			t.Fatalf("byte %d of record %d (%q): %q", i, number, lines[i], said)
		}
	}
}

// A record that is missing is named, at the beginning, in the middle and at the end; so is one
// that stands in another place.
func TestMissingRecordIsNamed(t *testing.T) {
	dir, all, _ := chain(t, 5)
	line := bytes.SplitAfter(all, []byte("\n"))[:5]
	of := func(which ...int) []byte {
		var out []byte
		for _, n := range which {
			out = append(out, line[n-1]...)
		}
		return out
	}
	for _, c := range []struct {
		left []byte
		want string
	}{
		{of(2, 3, 4, 5), "Record 1 is missing."},
		{of(1, 2, 4, 5), "Record 3 is missing."},
		{of(1, 5), "Records 2 to 4 are missing."},
		{of(1, 2, 3, 4), "Record 5 is missing."},
		{of(1, 2), "Records 3 to 5 are missing."},
		{of(), "All 5 records are missing."},
		{of(1, 3, 2, 4, 5), "Record 2 is missing. Record 2 stands behind record 3. Record 3 is missing."},
		{of(1, 2, 3, 4, 5, 5), "Record 5 stands behind record 5."},
		{of(1, 2, 3, 4, 5), ""},
	} {
		write(t, dir, "records.jsonl", c.left)
		if got := strings.Join(faults(t, dir), " "); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if err := os.Remove(filepath.Join(dir, "records.jsonl")); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(faults(t, dir), " "); got != "The chain of 5 records is missing." {
		t.Errorf("%q", got)
	}
	write(t, dir, "records.jsonl", all)
	if err := os.Remove(filepath.Join(dir, "records.head.json")); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(faults(t, dir), " "); !strings.HasPrefix(got, "The head of the chain is missing") {
		t.Errorf("%q", got)
	}
}

// A power cut at any byte of a write loses at most the record that is being written, says so, and
// the next record goes on behind what is whole.
func TestPowerCutAtEachByte(t *testing.T) {
	dir, before, head := chain(t, 2)
	if _, _, err := record.At(dir).Append(done().Judged()); err != nil {
		t.Fatal(err)
	}
	after := read(t, dir, "records.jsonl")
	for cut := len(before); cut <= len(after); cut++ {
		if far := min(cut-len(before), len(after)-cut); far > 8 && (far%5 > 0 || !few(far/5, 4)) { // each at its ends, each fifth between, and in the suite fewer
			continue
		}
		write(t, dir, "records.jsonl", after[:cut])
		write(t, dir, "records.head.json", head) // it is written last
		all, err := record.At(dir).Read()
		said := strings.TrimPrefix(fmt.Sprint(err), "reading the chain of records: ")
		if err == nil {
			said = ""
		}
		whole := cut == len(before) || cut == len(after)
		want := 2
		if cut == len(after) {
			want = 3
		}
		if len(all) != want || whole != (said == "") || !whole && said != "The record that was being written when this machine or program stopped is lost" {
			t.Fatalf("cut at %d of %d: %d records, %q", cut, len(after), len(all), said)
		}
		if cut%55 > 0 && cut < len(after)-1 { // what is written next, now and then
			continue
		}
		_, torn, err := record.At(dir).Append(done().Judged())
		if err != nil || (torn == "") != whole {
			t.Fatalf("cut at %d: %q, %v", cut, torn, err)
		}
		if all, err = record.At(dir).Read(); err != nil || len(all) != want+1 {
			t.Fatalf("cut at %d: %d records, %v", cut, len(all), err)
		}
		if left, _ := os.ReadFile(filepath.Join(dir, "records.torn")); !whole && !bytes.Contains(left, after[len(before):cut]) {
			t.Fatalf("cut at %d: what was left of it is gone", cut)
		}
		if err := os.RemoveAll(filepath.Join(dir, "records.torn")); err != nil {
			t.Fatal(err)
		}
	}
}

// A chain that cannot be read is told, and not taken for an empty one.
func TestUnreadableChainIsTold(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "records.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
	if all, err := record.At(dir).Read(); err == nil {
		t.Error(all)
	}
	if _, _, err := record.At(dir).Append(done()); err == nil {
		t.Error("a record was written nowhere")
	}
}

// Nor does a head that counts more than can be keep the next record from having a number.
func TestRecordBehindAHeadThatCannotBe(t *testing.T) {
	for _, count := range []string{"9223372036854775807", "1099511627777", "0", "-1"} {
		dir, _, _ := chain(t, 2)
		write(t, dir, "records.head.json", []byte(`{"count":`+count+`,"last":""}`))
		if all, err := record.At(dir).Read(); err == nil || len(all) != 2 {
			t.Errorf("%s: %d records, %v", count, len(all), err)
		}
		if kept, _, err := record.At(dir).Append(done()); err != nil || kept.Number != 3 {
			t.Errorf("%s: record %d, %v", count, kept.Number, err)
		}
		if all, err := record.At(dir).Read(); err != nil || len(all) != 3 {
			t.Errorf("%s: %d records, %v", count, len(all), err)
		}
	}
}

// What stands in a record commands no terminal, in a row and on a page.
func TestRecordsAreCleanWhenTheyAreRead(t *testing.T) {
	r := done()
	r.Ticket, r.Source.Name, r.Only, r.Operator.User, r.Tool.Version = odd, odd, []string{odd}, odd, odd
	r.Result, r.JobID, r.After = record.Result(odd), odd, []record.After{{Name: odd, Finding: record.Finding(odd)}}
	dir := t.TempDir()
	if _, _, err := record.At(dir).Append(r); err != nil {
		t.Fatal(err)
	}
	rows, err := record.At(dir).Rows()
	all, err2 := record.At(dir).Read()
	if err != nil || err2 != nil || len(rows) != 1 || len(all) != 1 {
		t.Fatal(err, err2)
	}
	for _, s := range append(strings.Split(all[0].Markdown(""), "\n"), rows[0].Line(recordNoon), rows[0].About(recordNoon), fmt.Sprintf("%+v", all[0].Record)) {
		if text.CleanLong(s) != s {
			t.Errorf("%q", s)
		}
	}
}

// What was left open and ended later has two records, of which the later one stands.
func TestStanding(t *testing.T) {
	dir := t.TempDir()
	left := done()
	left.After = nil
	first, _, err := record.At(dir).Append(left.Judged())
	if err != nil {
		t.Fatal(err)
	}
	end := done()
	end.Replaces, end.WrittenAt = first.SHA256, recordNoon.Add(time.Hour)
	if _, _, err := record.At(dir).Append(end.Judged()); err != nil {
		t.Fatal(err)
	}
	all, err := record.At(dir).Rows()
	if err != nil || len(all) != 2 {
		t.Fatal(len(all), err)
	}
	if stands := record.Standing(all); len(stands) != 1 || stands[0].Number != 2 {
		t.Errorf("%+v", stands)
	}
}

// A proof is as old as the look at the data, however late its record was written: who looks at an old job once more
// proves nothing. What is INCOMPLETE proves nothing either, and a FAIL behind a proof stays behind it.
func TestAProofIsAsOldAsTheLook(t *testing.T) {
	book := record.At(t.TempDir())
	add := func(verified, written time.Duration, change func(*record.Record)) record.Kept {
		t.Helper()
		r := done()
		r.WrittenAt, r.Times.Verified = recordNoon.Add(written), record.Time(recordNoon.Add(verified))
		if change != nil {
			change(&r)
		}
		kept, _, err := book.Append(r.Judged())
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	want := func(number int, at time.Duration, failed int) {
		t.Helper()
		all, err := book.Proofs(false)
		got := all[record.Source{Atlas: done().Atlas, ProjectID: "p1", Name: "orders-prod"}]
		if err != nil || got.Number != number || number > 0 && !got.At.Equal(recordNoon.Add(at)) || got.Failed != failed || len(all) > 1 {
			t.Errorf("%+v, %v; want record %d of %s, failed %d", all, err, number, at, failed)
		}
	}
	add(0, 0, func(r *record.Record) { r.After = nil })
	want(0, 0, 0)
	old := add(time.Hour, time.Hour, nil)
	want(2, time.Hour, 0)
	add(2*time.Hour, 2*time.Hour, nil)
	add(0, 3*time.Hour, func(r *record.Record) { r.After[0].Finding = record.Failed })
	want(3, 2*time.Hour, 4)
	add(time.Hour, 9*time.Hour, func(r *record.Record) { r.Replaces, r.Status = old.SHA256, "expired" })
	want(3, 2*time.Hour, 4)
	add(4*time.Hour, 9*time.Hour, nil)
	want(6, 4*time.Hour, 0)
}

// FuzzChain reads whatever stands in the file.
func FuzzChain(f *testing.F) {
	_, lines, head := chain(f, 2)
	f.Add(lines, head)
	f.Add(lines[:len(lines)/2], head)
	f.Add([]byte("\n\n{}\n"), []byte("{}"))
	f.Add([]byte("0"), []byte(`{"count":0,"last":""}`)) // no whole line, and a head that counts none
	f.Add([]byte{}, []byte(`{"count":-1}`))
	f.Add(lines, []byte(`{"count":9223372036854775807,"last":""}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, lines, head []byte) {
		write(t, dir, "records.jsonl", lines)
		write(t, dir, "records.head.json", head)
		rows, wrong := record.At(dir).Rows()
		all, err := record.At(dir).Read()
		if err == nil && (wrong != nil || len(rows) != len(all)) {
			t.Errorf("%d records and %d rows, %v", len(all), len(rows), wrong)
		}
		if err == nil && bytes.Count(lines, []byte("\n")) != len(all) {
			t.Errorf("%d records of %q", len(all), lines)
		}
	})
}

// Anybody can look through a chain with public tools alone, by the script of the README.
func TestChainByPublicTools(t *testing.T) {
	for _, tool := range []string{"bash", "jq", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("there is no %s here", tool)
		}
	}
	readme := teatest.Documents(t)
	_, script, found := strings.Cut(readme, "```bash\n")
	script, _, ended := strings.Cut(script, "```\n")
	if !found || !ended || strings.Count(script, "\n") > 20 {
		t.Fatalf("the README has no script of at most 20 lines: %q", script)
	}
	run := func(dir string) (string, bool) {
		out, err := exec.CommandContext(t.Context(), "bash", "-c", script, "bash", dir).CombinedOutput()
		return string(out), err == nil
	}
	dir, lines, _ := chain(t, 3)
	if out, ok := run(dir); !ok || !strings.HasPrefix(out, "3 records hang together; the last is ") {
		t.Error(out)
	}
	write(t, dir, "records.jsonl", bytes.Replace(lines, []byte("OPS-2"), []byte("OPS-9"), 1))
	if out, ok := run(dir); ok || !strings.HasPrefix(out, "record 3 does not follow") {
		t.Error(out)
	}
}

// BenchmarkRows lists ten thousand records and looks through their chain.
func BenchmarkRows(b *testing.B) {
	dir, _, _ := chain(b, 10_000)
	for b.Loop() {
		if all, err := record.At(dir).Rows(); err != nil || len(all) != 10_000 {
			b.Fatal(len(all), err)
		}
	}
}
