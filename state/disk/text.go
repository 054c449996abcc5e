package disk

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"unicode/utf16"
)

// mostText is more than anybody writes by hand, in bytes.
const mostText = 4 << 20

// ReadText reads a file that people edit: at most 4 MiB, as Text gives it. The errors are
// those of os.Open and of reading; a file that is larger is one too.
func ReadText(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the user says which
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	defer func() { _ = f.Close() }() // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, mostText+1))
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	if len(raw) > mostText {
		return nil, fmt.Errorf("%s is larger than %d MiB", path, mostText>>20)
	}
	return Text(raw), nil
}

// Text is what an editor has written, in UTF-8: without the byte order mark that some set
// before it, and out of UTF-16, in which PowerShell and Notepad may have saved it (known by
// its mark). All else stays as it is.
func Text(raw []byte) []byte {
	if text, ok := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf")); ok {
		return text
	}
	if len(raw)%2 != 0 {
		return raw
	}
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return raw
	}
	units := make([]uint16, 0, len(raw)/2)
	for i := 2; i < len(raw); i += 2 {
		units = append(units, order.Uint16(raw[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}
