package proof

import (
	"bytes"
	"unicode/utf8"
)

// foreign says what a file is that is no backup at all, by its first bytes; empty where it may be one
// that is damaged. It knows what is fetched or named in the place of one; of any other bytes nobody can
// tell whether they were a backup once.
func foreign(head []byte) string {
	if len(head) == 0 {
		return "it is empty"
	}
	for magic, is := range map[string]string{
		"\x7fELF": "it is a program", "MZ": "it is a program", "PK\x03\x04": "it is a zip file", "%PDF-": "it is a PDF", "\x89PNG": "it is a picture", "\xff\xd8\xff": "it is a picture",
		"BZh": "it is packed with bzip2", "\xfd7zXZ\x00": "it is packed with xz", "\x28\xb5\x2f\xfd": "it is packed with zstd", "7z\xbc\xaf\x27\x1c": "it is packed with 7z",
		"SQLite format 3\x00": "it is a database of SQLite",
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return is
		}
	}
	if !isText(head) {
		return ""
	}
	switch text := bytes.ToLower(bytes.TrimSpace(head)); {
	case bytes.HasPrefix(text, []byte("<?xml")), bytes.HasPrefix(text, []byte("<html")), bytes.HasPrefix(text, []byte("<!doctype")):
		return "it is a page of a web server, which mostly tells that a link has expired"
	case bytes.HasPrefix(text, []byte("{")):
		return "it is an answer in JSON, which mostly tells that a link has expired"
	}
	return "it is text"
}

// isText says whether bytes are visible characters. The last character may be cut.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return len(b) < utf8.UTFMax && !utf8.FullRune(b)
		}
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f {
			return false
		}
		b = b[n:]
	}
	return true
}
