package teatest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

const escape = "\x1b"

// keyBytes are the bytes of the keys that have a name, as an xterm sends them.
var keyBytes = map[string]string{
	"enter": "\r", "esc": escape, "tab": "\t", "shift+tab": "\x1b[Z", "space": " ", "backspace": "\x7f",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
	"shift+left": "\x1b[1;2D", "shift+right": "\x1b[1;2C", "shift+up": "\x1b[1;2A", "shift+down": "\x1b[1;2B", "ctrl+right": "\x1b[1;5C", "ctrl+left": "\x1b[1;5D",
	"home": "\x1b[H", "end": "\x1b[F", "insert": "\x1b[2~", "delete": "\x1b[3~", "pgup": "\x1b[5~", "pgdown": "\x1b[6~",
	"f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~",
	"f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~", "f10": "\x1b[21~", "f11": "\x1b[23~", "f12": "\x1b[24~",
}

// bytesOf gives the bytes of a key: a name of the table, "ctrl+LETTER", "alt+KEY", or
// a single character.
func bytesOf(key string) (string, error) {
	if b, ok := keyBytes[key]; ok {
		return b, nil
	}
	if utf8.RuneCountInString(key) == 1 {
		return key, nil
	}
	if rest, ok := strings.CutPrefix(key, "ctrl+"); ok && len(rest) == 1 && rest[0] >= 'a' && rest[0] <= 'z' {
		return string(rune(rest[0] - 'a' + 1)), nil
	}
	if rest, ok := strings.CutPrefix(key, "alt+"); ok && rest != "" {
		b, err := bytesOf(rest)
		return escape + b, err
	}
	names := make([]string, 0, len(keyBytes))
	for name := range keyBytes {
		names = append(names, name)
	}
	slices.Sort(names)
	return "", fmt.Errorf("there is no key %q; there are ctrl+LETTER, alt+KEY, single characters, and %s",
		key, strings.Join(names, " "))
}
