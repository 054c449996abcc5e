package approval

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"atlas-restore/state/disk"
	"atlas-restore/state/text"
)

// Signers are those who may approve, as OpenSSH's allowed_signers file has them (ssh-keygen(1)).
type Signers []Signer

// Signer is one line of that file.
type Signer struct {
	Principals []string // who holds the key
	Namespaces []string // patterns of what it may sign; nil for all
	After      time.Time
	Before     time.Time
	key        ssh.PublicKey
	line       int
}

// ReadSigners reads an allowed_signers file. What in it is not understood is an error: whoever has
// written it believes that it counts.
func ReadSigners(path string) (Signers, error) {
	raw, err := disk.ReadText(path)
	if err != nil {
		return nil, fmt.Errorf("reading the allowed signers: %w", err)
	}
	all, err := ParseSigners(raw)
	if err != nil {
		return nil, fmt.Errorf("reading the allowed signers: %s, %w", path, err)
	}
	return all, nil
}

// ParseSigners takes the signers out of the text of such a file. The error names the line.
func ParseSigners(raw []byte) (Signers, error) {
	var out Signers
	n := 0
	for line := range bytes.Lines(raw) {
		n++
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' {
			continue
		}
		s, err := parseSigner(string(line))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		s.line = n
		out = append(out, s)
	}
	return out, nil
}

func parseSigner(line string) (Signer, error) {
	who, rest, ok := strings.Cut(line, " ")
	if quoted, found := strings.CutPrefix(line, `"`); found {
		who, rest, ok = strings.Cut(quoted, `"`)
	} else if tab := strings.IndexByte(line, '\t'); tab >= 0 && (!ok || tab < len(who)) {
		who, rest, ok = line[:tab], line[tab+1:], true
	}
	if !ok || who == "" {
		return Signer{}, errors.New("it takes principals and a key, like: alice@example.com ssh-ed25519 AAAA…")
	}
	if text.Clean(who) != who {
		return Signer{}, errors.New("the principals hold what cannot be shown")
	}
	key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(strings.TrimSpace(rest)))
	if err != nil {
		return Signer{}, errors.New("there is no key behind the principals")
	}
	if err := usable(key); err != nil {
		return Signer{}, err
	}
	s := Signer{Principals: strings.Split(who, ","), key: key}
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		value = strings.TrimSuffix(strings.TrimPrefix(value, `"`), `"`)
		switch strings.ToLower(name) {
		case "namespaces":
			s.Namespaces = strings.Split(value, ",")
		case "valid-after":
			s.After, err = parseTime(value)
		case "valid-before":
			s.Before, err = parseTime(value)
		case "cert-authority":
			err = errors.New("cert-authority is not honoured here: name the keys themselves")
		default:
			err = fmt.Errorf("there is no option %q", text.Clean(name))
		}
		if err != nil {
			return Signer{}, err
		}
	}
	return s, nil
}

// parseTime reads YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS: on this machine's clock, or in UTC
// where a Z stands behind it.
func parseTime(s string) (time.Time, error) {
	digits, utc := strings.CutSuffix(s, "Z")
	zone := time.Local
	if utc {
		zone = time.UTC
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if t, err := time.ParseInLocation(layout, digits, zone); err == nil && len(layout) == len(digits) {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time, like 20261231 or 202612312359Z", text.Clean(s))
}

// find is the line by which a key may approve at an instant, or why none lets it.
func (all Signers) find(key ssh.PublicKey, now time.Time) (Signer, error) {
	err := error(ErrUnknown)
	for _, s := range all {
		if !same(s.key, key) {
			continue
		}
		if err = s.allows(now); err == nil {
			return s, nil
		}
	}
	return Signer{}, err
}

func (s Signer) allows(now time.Time) error {
	switch {
	case s.Name() == "":
		return fmt.Errorf("%w (line %d)", ErrNobody, s.line)
	case s.Namespaces != nil && !slices.ContainsFunc(s.Namespaces, func(p string) bool { return like(p, Namespace) }):
		return ErrNotFor
	case !s.After.IsZero() && now.Before(s.After):
		return fmt.Errorf("%w %s", ErrNotYet, s.After.UTC().Format(time.RFC3339))
	case !s.Before.IsZero() && now.After(s.Before):
		return fmt.Errorf("%w %s", ErrOver, s.Before.UTC().Format(time.RFC3339))
	}
	return nil
}

// Name is who holds the key; empty where only a pattern says so, which names nobody.
func (s Signer) Name() string {
	if slices.ContainsFunc(s.Principals, func(p string) bool { return p == "" || strings.ContainsAny(p, "*?!") }) {
		return ""
	}
	return s.Principals[0]
}

// like says whether a pattern of OpenSSH, with * and ?, fits a word. Only the last star is ever tried
// again: no pattern takes longer than its length times that of the word.
func like(pattern, word string) bool {
	star, from := -1, 0 // where the last star stands, and what it takes ends
	p := 0
	for w := 0; w < len(word); {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, w
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == word[w]):
			p++
			w++
		case star >= 0:
			from++
			p, w = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func same(a, b ssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }
