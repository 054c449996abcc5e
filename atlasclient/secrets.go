package atlasclient

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
	"atlas-restore/state/pattern"
)

// secrets are what this client signs with, in every form in which a server or a proxy may say it
// again: an answer may hold the request's own headers. What was said passes here before anything reads
// it: headers and errors as they come from the wire (see wires), bodies as they have been read. A nil
// one knows no form.
type secrets struct {
	mu     sync.RWMutex
	forms  []state.Secret // of keys, longest first
	tokens []state.Secret // the newest last
	short  []state.Secret // keys that could be a part of any word
}

const (
	// leastForm is how long a form is at least: what is shorter stands in other words too. No key of
	// Atlas is as short.
	leastForm = 8
	// mostTokens is how many tokens are known, with the forms of each: those before have ended.
	mostTokens = 256
	// deepest is how often something is unwrapped: text in JSON that stands in JSON, in a URL.
	deepest = 3
)

// learnCredential makes a credential known, and that of the proxy where there is one.
func (s *secrets) learnCredential(c credentials.Credential, proxy *url.URL) {
	key := c.Private.Reveal()
	if c.Kind == credentials.UserToken {
		s.learnToken(key)
	} else {
		s.learn(c.Public, key)
	}
	if password, ok := proxy.User.Password(); ok {
		s.learn(proxy.User.Username(), password)
	}
}

// learn makes a key known, and what is sent of it with the name of its owner.
func (s *secrets) learn(owner, key string) {
	if key == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(key) < leastForm {
		s.short = append(s.short, state.NewSecret(key))
	}
	for _, f := range slices.Concat([]string{key}, encoded(key), encoded(owner+":"+key), encoded(url.QueryEscape(owner)+":"+url.QueryEscape(key))) {
		s.forms = withForm(s.forms, f)
	}
	slices.SortStableFunc(s.forms, func(a, b state.Secret) int { return len(b.Reveal()) - len(a.Reveal()) })
}

// learnToken makes an access token known before it is sent for the first time.
func (s *secrets) learnToken(token string) {
	if s == nil || token == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range append([]string{token}, encoded(token)...) {
		s.tokens = withForm(s.tokens, f)
	}
	s.tokens = s.tokens[max(0, len(s.tokens)-mostTokens):]
}

func withForm(to []state.Secret, form string) []state.Secret {
	if len(form) < leastForm || slices.ContainsFunc(to, func(known state.Secret) bool { return known.Reveal() == form }) {
		return to
	}
	return append(to, state.NewSecret(form))
}

// encoded are the forms of a text in base64. One without padding is found where it has some.
func encoded(text string) []string {
	return []string{
		base64.StdEncoding.EncodeToString([]byte(text)), base64.URLEncoding.EncodeToString([]byte(text)),
		base64.RawStdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(text)),
	}
}

// known are all forms.
func (s *secrets) known() []state.Secret {
	if s == nil {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Concat(s.forms, s.tokens)
}

// hide masks every form of a secret in a text, and whatever looks like a credential.
func (s *secrets) hide(text string) string {
	text = string(s.hideIn([]byte(text)))
	if s != nil {
		s.mu.RLock()
		defer s.mu.RUnlock()
		for _, key := range s.short {
			text = withoutWord(text, key.Reveal())
		}
	}
	return maskCredentials(text)
}

// rooms are where pages are unwrapped, one after the other.
var rooms sync.Pool

// hideIn masks every form of a secret in the body of an answer, and nothing else: names are data.
func (s *secrets) hideIn(body []byte) []byte {
	forms := s.known()
	room, ok := rooms.Get().(*[2][]byte) // a page is large, and many come
	if !ok {
		room = new([2][]byte)
	}
	defer rooms.Put(room)
	for _, sequences := range []bool{false, true} { // what begins like a sequence may be none: then it takes a part of a secret along
		if holdsAny(body, forms, sequences, room) {
			body = without(body, forms, sequences)
		}
	}
	return body
}

// without is a text with its forms masked.
func without(body []byte, forms []state.Secret, sequences bool) []byte {
	type span struct{ from, to int }
	var found []span
	at := make([]int, len(body)+1)
	for i := range at {
		at[i] = i
	}
	for now, depth, more := body, 0, true; more && depth <= deepest; depth++ {
		for _, f := range forms {
			form := []byte(f.Reveal())
			for from := 0; ; {
				i := bytes.Index(now[from:], form)
				if i < 0 {
					break
				}
				from += i + len(form)
				found = append(found, span{at[from-len(form)], at[from]})
			}
		}
		now, at, more = unwrapped(now, at, sequences, nil)
	}
	slices.SortFunc(found, func(a, b span) int { return a.from - b.from })
	var out []byte
	end := 0 // of what was written or masked
	for _, f := range found {
		if f.from >= end {
			out = append(append(out, body[end:f.from]...), mask...)
		}
		end = max(end, f.to)
	}
	return append(out, body[end:]...)
}

// holdsAny says whether one of the forms stands in a text, wrapped or not.
func holdsAny(text []byte, forms []state.Secret, sequences bool, room *[2][]byte) bool {
	if len(forms) == 0 {
		return false
	}
	for depth, more := 0, true; more && depth <= deepest; depth++ {
		for _, f := range forms {
			if bytes.Contains(text, []byte(f.Reveal())) {
				return true
			}
		}
		text, _, more = unwrapped(text, nil, sequences, room[depth%2])
		if more {
			room[depth%2] = text // the next but one needs it no more
		}
	}
	return false
}

// unwrapped is a text with one layer taken off: the escapes of URLs and of JSON, and what nobody would
// see, with whole sequences of a terminal or without. at says where each byte stands in the text that it was first, and where that ends; nil is not
// kept. It is not ok where there is no layer.
func unwrapped(text []byte, at []int, sequences bool, room []byte) (out []byte, where []int, ok bool) {
	if !bytes.ContainsFunc(text, func(r rune) bool { return r == '%' || r == '\\' || r > '~' || r < ' ' && r != '\n' }) {
		return text, at, false
	}
	out = slices.Grow(room[:0], len(text))
	for i := 0; i < len(text); {
		if plain := plainLen(text[i:]); plain > 0 { // as nearly all of a page is
			if at != nil {
				where = append(where, at[i:i+plain]...)
			}
			out = append(out, text[i:i+plain]...)
			i += plain
			continue
		}
		seen, n := layer(text[i:], sequences)
		for range seen {
			if at != nil {
				where = append(where, at[i])
			}
		}
		out = append(out, seen...)
		ok = ok || len(seen) != n || seen[0] != text[i]
		i += n
	}
	if at != nil {
		where = append(where, at[len(text)])
	}
	return out, where, ok
}

// plainLen is how many bytes of the beginning of a text stand for themselves.
func plainLen(text []byte) int {
	for i, c := range text {
		if c == '%' || c == '\\' || c > '~' || c < ' ' && c != '\n' {
			return i
		}
	}
	return len(text)
}

// layer is what the beginning of a text stands for, and of how many bytes that is.
func layer(text []byte, sequences bool) (seen []byte, n int) {
	switch c := text[0]; {
	case c == '%' && len(text) > 2 && isHex(text[1]) && isHex(text[2]):
		return []byte{unhex(text[1])<<4 | unhex(text[2])}, 3
	case c == '\\' && len(text) > 5 && text[1] == 'u' && isHex(text[2]) && isHex(text[3]) && isHex(text[4]) && isHex(text[5]):
		r := rune(unhex(text[2]))<<12 | rune(unhex(text[3]))<<8 | rune(unhex(text[4]))<<4 | rune(unhex(text[5]))
		return utf8.AppendRune(nil, r), 6
	case c == '\\' && len(text) > 3 && text[1] == 'x' && isHex(text[2]) && isHex(text[3]):
		return []byte{unhex(text[2])<<4 | unhex(text[3])}, 4
	case c == '\\' && len(text) > 1 && strings.IndexByte(`/\"'`, text[1]) >= 0:
		return text[1:2], 2
	case c == '\\' && len(text) > 1 && (text[1] == 'b' || text[1] == 'f'):
		return nil, 2
	case c == 0x1b && sequences:
		_, _, n, _ := ansi.DecodeSequence(text, ansi.NormalState, nil)
		return nil, max(n, 1)
	case c >= utf8.RuneSelf || c < ' ' || c == 0x7f:
		r, n := utf8.DecodeRune(text)
		if r != '\n' && r != '\r' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return nil, n
		}
		return text[:n], n
	}
	return text[:1], 1
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}

// withoutWord masks a word where it stands alone.
func withoutWord(text, word string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, word)
		if i < 0 {
			return b.String() + text
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(word):])
		b.WriteString(text[:i])
		if inWord(before) || inWord(after) {
			b.WriteString(word)
		} else {
			b.WriteString(mask)
		}
		text = text[i+len(word):]
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// hideError is err, and where its text told a secret, err with another text.
func (s *secrets) hideError(err error) error {
	if err == nil {
		return nil
	}
	told := err.Error()
	if hidden := s.hide(told); hidden != told {
		return &hiddenError{hidden, err}
	}
	return err
}

// hiddenError is an error whose own text tells a secret.
type hiddenError struct {
	told string
	err  error
}

// Error implements error.
func (h *hiddenError) Error() string { return h.told }

// Unwrap gives the cause, for what it is: its text is for nobody.
func (h *hiddenError) Unwrap() error { return h.err }

// Timeout is the cause's, as package net/url asks for it.
func (h *hiddenError) Timeout() bool {
	var t interface{ Timeout() bool }
	return errors.As(h.err, &t) && t.Timeout()
}

// Format implements fmt.Formatter, so that no verb shows the cause.
func (h *hiddenError) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, h.told) }

// answered is what the wire has brought, without secrets in its headers or its error.
func (s *secrets) answered(resp *http.Response, err error) (*http.Response, error) {
	if err != nil {
		return resp, s.hideError(err)
	}
	for _, values := range resp.Header {
		for i, v := range values {
			values[i] = string(s.hideIn([]byte(v)))
		}
	}
	resp.Body = &quotingBody{resp.Body, s}
	return resp, nil
}

// quotingBody is a body whose errors may quote what was sent, like a trailer that cannot be read.
type quotingBody struct {
	io.ReadCloser

	secrets *secrets
}

// Read implements io.Reader.
func (b *quotingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.secrets.hideError(err)
	}
	return n, err
}

var (
	// authorized is a header that signs a request.
	authorized = pattern.New(`(?i)(authorization\\?["']?\s*[:=]\s*\[?\\?["']?(?:basic|bearer|token)(?:\s|%20|\+)+)([^\s"',;\\]+)`)
	// scheme is a way to sign, and the word after it.
	scheme = pattern.New(`(?i)\b(bearer|basic)((?:[\s:="'+\\\[]|%20|%22|%3a)+)([a-z0-9._~+/=%-]+)`)
	// digested are the parameters of a request that is signed by HTTP digest.
	digested = pattern.New(`(?i)\b(digest)\s+[a-z]+=(?:\\?"[^"]*"|[^\s,"]+)(?:\s*,\s*[a-z]+=(?:\\?"[^"]*"|[^\s,"]+))*`)
	// userOf is what stands before the host of a URL.
	userOf = pattern.New(`(?i)(:(?:/|\\/|%2f){2}|(?:^|[\s"'(=])//)[^\s/?#"'<>\\]*@`)
	// ownSecret is how Atlas's own secrets begin: an access token, and a service account's secret.
	ownSecret = pattern.New(`eyJ[A-Za-z0-9_-]{8,}(?:(?:\.|%2[eE])[A-Za-z0-9_-]*)*|mdb_sa_sk_[A-Za-z0-9_-]+`)
	// plainWords are one or several words of a language, not longer than such words are.
	plainWords = pattern.New(`^(?:[A-Za-z]?[a-z]{0,17}|[A-Z]{1,18})(?:[-_/.=]+(?:[A-Za-z]?[a-z]{0,17}|[A-Z]{1,18}))*$`)
)

// maskCredentials masks whatever looks like a credential, whoever's it is. Ordinary words stay.
func maskCredentials(text string) string {
	text = authorized.ReplaceAllStringFunc(text, func(match string) string {
		part := authorized.FindStringSubmatch(match)
		if plainWords.MatchString(part[2]) {
			return match
		}
		return part[1] + mask
	})
	text = scheme.ReplaceAllStringFunc(text, func(match string) string {
		part := scheme.FindStringSubmatch(match)
		if isOrdinary(part[3]) {
			return match
		}
		return part[1] + part[2] + mask
	})
	text = digested.ReplaceAllString(text, "${1} "+mask)
	text = userOf.ReplaceAllString(text, "${1}"+mask+"@")
	return ownSecret.ReplaceAllLiteralString(text, mask)
}

// isOrdinary says whether what stands after the name of a way to sign is a word, or what a sentence
// may hold there, like the name of a size.
func isOrdinary(word string) bool {
	word = strings.TrimRight(word, ".,;:!?/-")
	return plainWords.MatchString(word) || len(word) < leastForm && !strings.HasPrefix(word, "eyJ") && !strings.HasSuffix(word, "=")
}

// tellable is a text of a server or of the wire for people: cleaned first, since what is taken away may
// stand within a secret, and cut last, since what is left of a secret is not known as one.
func tellable(s string) string { return clean(maskCredentials(maskDelivery(cleanLong(s)))) }
