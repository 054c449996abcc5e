package atlasclient

import (
	"unique"

	"atlas-restore/state/text"
)

// clean makes a text from Atlas safe to show, and cuts what is longer than any name.
func clean(s string) string { return text.Clean(s) }

// cleanLong is clean without the cut.
func cleanLong(s string) string { return text.CleanLong(s) }

// shared is clean for what is the same in most elements of a list: it is held once.
func shared(s string) string { return unique.Make(clean(s)).Value() }
