package state

import (
	"fmt"
	"slices"
	"strings"

	"atlas-restore/state/collections"
)

// GivenOnly are the answers of flags that say which collections are restored, and how.
type GivenOnly struct {
	Names     []string // "shop.orders", or "shop" for a whole database
	Renames   []string // "shop.orders=shop.orders_restored"
	Suffix    string
	Indexes   string // a word of IndexWords
	Overwrite bool
}

// indexWords are what the flag calls Atlas's strategies.
var indexWords = []struct {
	word string
	is   collections.Indexes
}{{"all", collections.AllIndexes}, {"none", collections.NoIndexes}, {"no-ttl", collections.AllButTTL}}

// IndexWords are the words for which indexes are built.
func IndexWords() []string {
	var out []string
	for _, w := range indexWords {
		out = append(out, w.word)
	}
	return out
}

// IndexWord is the word for a strategy.
func IndexWord(i collections.Indexes) string {
	for _, w := range indexWords {
		if w.is == i {
			return w.word
		}
	}
	return indexWords[0].word
}

// isZero says whether nothing was said of how: the names are of other deliveries too.
func (o *GivenOnly) isZero() bool {
	return o == nil || len(o.Names) == 0 && len(o.Renames) == 0 && o.Suffix == "" && o.Indexes == "" && !o.Overwrite
}

// Choice is what the flags choose. The error names the flag.
func (o *GivenOnly) Choice() (collections.Choice, error) {
	c := collections.Choice{Suffix: o.Suffix}
	for _, text := range o.Names {
		n, err := collections.Parse(text)
		if err != nil {
			return c, fmt.Errorf("--%s %q: %w", FlagNamespace, text, err)
		}
		c = c.With(n)
	}
	for _, text := range o.Renames {
		from, to, ok := strings.Cut(text, "=")
		if !ok {
			return c, fmt.Errorf("--%s %q: the name and the new one are needed, like shop.orders=shop.orders_restored", FlagRename, text)
		}
		old, err := collections.Parse(from)
		if err != nil {
			return c, fmt.Errorf("--%s %q: %w", FlagRename, text, err)
		}
		name, err := collections.Parse(to)
		if err != nil {
			return c, fmt.Errorf("--%s %q: %w", FlagRename, text, err)
		}
		if !slices.Contains(c.Names, old) && c.Has(old) {
			return c, fmt.Errorf("--%s %q: %s is named with its whole database, which keeps the names in it", FlagRename, text, old)
		}
		if _, twice := c.To[old]; twice {
			return c, fmt.Errorf("--%s %q: %s has another new name already", FlagRename, text, old)
		}
		if !slices.Contains(c.Names, old) {
			return c, fmt.Errorf("--%s %q: %s is not named by --%s", FlagRename, text, old, FlagNamespace)
		}
		c = c.Renamed(old, name)
	}
	if o.Overwrite {
		c.Write = collections.OverwriteExisting
	}
	if o.Indexes != "" {
		i := slices.Index(IndexWords(), o.Indexes)
		if i < 0 {
			return c, fmt.Errorf("--%s %q: the words are %s", FlagIndexes, o.Indexes, strings.Join(IndexWords(), ", "))
		}
		c.Indexes = indexWords[i].is
	}
	if len(c.Names) == 0 {
		return c, nil // they are asked for
	}
	if err := c.Check(); err != nil {
		return c, fmt.Errorf("--%s: %w", o.blamed(c), err)
	}
	return c, nil
}

// blamed is the flag that makes a choice no right one: that of the names where they are none by
// themselves.
func (o *GivenOnly) blamed(c collections.Choice) string {
	names := c
	names.To, names.Suffix = nil, ""
	renamed := c
	renamed.Suffix = ""
	switch {
	case names.Check() != nil:
		return FlagNamespace
	case renamed.Check() != nil:
		return FlagRename
	}
	return FlagSuffix
}

// checkOnly holds the flags of collections against the delivery.
func (g Given) checkOnly() error {
	if g.Only.isZero() {
		return nil
	}
	if g.Delivery != string(Collections) {
		return fmt.Errorf("--%s, --%s, --%s, --%s and more than one --%s go with --%s %s only", FlagRename, FlagSuffix, FlagIndexes, FlagOverwrite, FlagNamespace, FlagDelivery, Collections)
	}
	_, err := g.Only.Choice()
	return err
}

// givenOnly is how flags say a choice.
func givenOnly(c collections.Choice) *GivenOnly {
	o := &GivenOnly{Suffix: c.Suffix, Overwrite: c.Overwrites()}
	for _, n := range c.Names {
		o.Names = append(o.Names, n.String())
		if to, ok := c.To[n]; ok {
			o.Renames = append(o.Renames, n.String()+"="+to.String())
		}
	}
	if c.Indexes != "" && c.Indexes != collections.AllIndexes {
		o.Indexes = IndexWord(c.Indexes)
	}
	return o
}

// flags are the answers as flags, each with a blank before it.
func (o *GivenOnly) flags() string {
	if o == nil {
		return ""
	}
	var out string
	add := func(flag, value string) {
		if value != "" {
			out += " --" + flag + " " + ShellWord(value)
		}
	}
	for _, n := range o.Names {
		add(FlagNamespace, n)
	}
	for _, r := range o.Renames {
		add(FlagRename, r)
	}
	add(FlagSuffix, o.Suffix)
	add(FlagIndexes, o.Indexes)
	if o.Overwrite {
		out += " --" + FlagOverwrite
	}
	return out
}
