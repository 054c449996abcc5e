package scenario_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf16"

	"atlas-restore/atlasclient/simulator/scenario"
)

// A scenario is read as the editors of Windows save it too: with a byte order mark, or in
// UTF-16.
func TestReadsWhatEditorsSave(t *testing.T) {
	wide := binary.LittleEndian.AppendUint16(nil, 0xfeff)
	for _, u := range utf16.Encode([]rune(scenario.Example)) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	for name, raw := range map[string]string{"mark": "\xef\xbb\xbf" + scenario.Example, "UTF-16": string(wide)} {
		path := filepath.Join(t.TempDir(), "own.yaml")
		if err := os.WriteFile(path, []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := scenario.Read(path); err != nil || s.Name == "" {
			t.Errorf("%s: %q, %v", name, s.Name, err)
		}
	}
}
