// Package pattern has regular expressions that are compiled when they are first used.
// Whatever is compiled as a package is loaded is paid for by every start of the program,
// also by one that only prints its version.
package pattern

import (
	"regexp"
	"sync"
)

// Pattern is a regular expression of package regexp. Its methods are those of
// regexp.Regexp, and as safe for concurrent use.
type Pattern struct {
	text string
	once sync.Once
	made *regexp.Regexp
}

// New is the pattern of a text that regexp.MustCompile takes. A text that it does not
// take panics at the first use. A variable of a package that is one costs nothing as the
// package is loaded.
func New(text string) *Pattern { return &Pattern{text: text} }

func (p *Pattern) compiled() *regexp.Regexp {
	p.once.Do(func() { p.made = regexp.MustCompile(p.text) })
	return p.made
}

// MatchString says whether s contains a match.
func (p *Pattern) MatchString(s string) bool { return p.compiled().MatchString(s) }

// FindStringSubmatch is the leftmost match in s and its groups; nil for none.
func (p *Pattern) FindStringSubmatch(s string) []string { return p.compiled().FindStringSubmatch(s) }

// FindAllStringSubmatch are the first n matches in s with their groups, all if n is
// negative; nil for none.
func (p *Pattern) FindAllStringSubmatch(s string, n int) [][]string {
	return p.compiled().FindAllStringSubmatch(s, n)
}

// ReplaceAllString is s with repl in the place of each match; $1 in repl is its first group.
func (p *Pattern) ReplaceAllString(s, repl string) string {
	return p.compiled().ReplaceAllString(s, repl)
}

// ReplaceAllStringFunc is s with each match replaced by what repl makes of it.
func (p *Pattern) ReplaceAllStringFunc(s string, repl func(string) string) string {
	return p.compiled().ReplaceAllStringFunc(s, repl)
}

// ReplaceAllLiteralString is s with repl, as it stands, in the place of each match.
func (p *Pattern) ReplaceAllLiteralString(s, repl string) string {
	return p.compiled().ReplaceAllLiteralString(s, repl)
}
