package pattern

import (
	"strings"
	"sync"
)

// Replacer is a strings.Replacer that is made when it is first used.
type Replacer struct {
	oldnew []string
	once   sync.Once
	made   *strings.Replacer
}

// Replace is the replacer of pairs of an old text and its new one, as strings.NewReplacer takes
// them. A variable of a package that is one costs nothing as the package is loaded.
func Replace(oldnew ...string) *Replacer { return &Replacer{oldnew: oldnew} }

// Replace is s with each old text replaced.
func (r *Replacer) Replace(s string) string {
	r.once.Do(func() { r.made = strings.NewReplacer(r.oldnew...) })
	return r.made.Replace(s)
}
