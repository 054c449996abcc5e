// Tests of state/disk. They stand here: each package with tests is one more program to link.

package state_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"atlas-restore/state/disk"
)

// utf16Text is a text as PowerShell's redirection writes it.
func utf16Text(text string, order binary.AppendByteOrder) string {
	raw := order.AppendUint16(nil, 0xfeff)
	for _, u := range utf16.Encode([]rune(text)) {
		raw = order.AppendUint16(raw, u)
	}
	return string(raw)
}

func TestText(t *testing.T) {
	const text = "on_done = [\"ü𝄞\"]\r\n"
	for name, raw := range map[string]string{
		"plain":              text,
		"a mark before it":   "\xef\xbb\xbf" + text,
		"UTF-16":             utf16Text(text, binary.LittleEndian),
		"UTF-16, big-endian": utf16Text(text, binary.BigEndian),
	} {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := disk.ReadText(path); err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, raw := range []string{"", "\xff\xfea", "\xef\xbb", "a\xef\xbb\xbf"} {
		if got := disk.Text([]byte(raw)); string(got) != raw {
			t.Errorf("%q becomes %q", raw, got)
		}
	}
	big := filepath.Join(t.TempDir(), "big")
	if err := errors.Join(os.WriteFile(big, nil, 0o600), os.Truncate(big, 5<<20)); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.ReadText(big); err == nil || !strings.Contains(err.Error(), "larger than 4 MiB") {
		t.Errorf("5 MiB: %v", err)
	}
}
