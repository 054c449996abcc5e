package wiredtiger

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// The files beside the tables.
const (
	VersionFile = "WiredTiger"
	TurtleFile  = "WiredTiger.turtle"
	BackupFile  = "WiredTiger.backup"
)

// maxLine is the longest line of the metadata's texts that is read.
const maxLine = 4 << 20

// Text reads the turtle or the metadata of a backup: a line with a key, a line with its
// value, and so on. It calls do for each of them. These texts bear no checksum.
func Text(r io.Reader, do func(key, value string) error) error {
	end := &lastByte{r: r}
	lines := bufio.NewScanner(end)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for lines.Scan() {
		key := lines.Text()
		if key == "" {
			return damaged("an empty line where a key belongs")
		}
		if !lines.Scan() {
			if err := lines.Err(); err != nil {
				return textError(err)
			}
			return damaged("the text ends behind the key %q", strings.ToValidUTF8(key[:min(len(key), 80)], "?"))
		}
		if err := do(key, lines.Text()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return textError(err)
	}
	if end.any && end.last != '\n' {
		return damaged("the text ends within a line")
	}
	return nil
}

// lastByte remembers the last byte that was read.
type lastByte struct {
	r    io.Reader
	last byte
	any  bool
}

// Read implements io.Reader.
func (l *lastByte) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	if n > 0 {
		l.last, l.any = b[n-1], true
	}
	return n, err //nolint:wrapcheck // it is the caller's own reader
}

func textError(err error) error {
	if errors.Is(err, bufio.ErrTooLong) {
		return damaged("a line of more than %d bytes", maxLine)
	}
	return err //nolint:wrapcheck // it is the caller's own reader
}
