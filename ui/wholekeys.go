package ui

import (
	"bytes"
	"os"
	"time"
)

// wholeKeys is the terminal's input with every escape sequence in one piece. Bubble Tea takes
// what of a sequence has come for keys where the rest does not follow within 50 ms, and then the
// rest for typing; on a slow line it may take longer. Here the beginning of a sequence waits for
// its rest, and is dropped where none comes for a second. A lone escape goes on at once: that is
// a key.
//
// Reading never waits for a rest: what is held goes on with the bytes that end it, so that the
// reader can be stopped at any time.
type wholeKeys struct {
	*os.File
	held sequence
	now  func() time.Time
}

func newWholeKeys(f *os.File) *wholeKeys { return &wholeKeys{File: f, now: time.Now} }

// Read implements io.Reader. It may read nothing: then a sequence has only begun.
func (k *wholeKeys) Read(p []byte) (int, error) {
	room := len(p) - mostHeld
	if room < 1 {
		return k.File.Read(p) //nolint:wrapcheck // it is a file to whoever reads it
	}
	n, err := k.File.Read(p[:room])
	return copy(p, k.held.whole(p[:n], k.now())), err //nolint:wrapcheck // the same
}

const (
	restComes = time.Second // how long the rest of a sequence may take
	mostHeld  = 1024        // no answer of a terminal is longer
	escape    = '\x1b'
)

// The ends of a paste, within which nothing is a key.
var pasteBegins, pasteEnds = []byte("\x1b[200~"), []byte("\x1b[201~")

// sequence holds what has come of a sequence that is not whole.
type sequence struct {
	bytes   []byte
	since   time.Time // its last byte came then
	escaped time.Time // a lone escape went on then; zero for none
	paste   bool
}

// whole gives what of the input can go on, with what was held before it.
func (s *sequence) whole(in []byte, now time.Time) []byte {
	if len(in) == 0 {
		return nil
	}
	late := now.Sub(s.since) > restComes
	if len(s.bytes) > 0 && !s.paste && late {
		s.bytes = nil
	}
	if !s.escaped.IsZero() && now.Sub(s.escaped) <= restComes && len(s.bytes) == 0 {
		// Nobody types "[A" within one read: it is the rest of a sequence whose escape was
		// taken for a key.
		in = in[orphan(in):]
	}
	s.escaped, s.since = time.Time{}, now
	in = append(bytes.Clone(s.bytes), in...)
	s.bytes = nil
	out := make([]byte, 0, len(in))
	for len(in) > 0 {
		n, state := s.next(in)
		switch state {
		case begun:
			if len(in) <= mostHeld {
				s.bytes = bytes.Clone(in)
			}
			return out
		case dropped:
		case passed:
			out = append(out, in[:n]...)
		}
		in = in[n:]
	}
	if !s.paste && len(out) > 0 && out[len(out)-1] == escape {
		s.escaped = now
	}
	return out
}

type progress int

const (
	passed  progress = iota
	begun            // the rest is still to come
	dropped          // it is no sequence, and no key either
)

// next is how many bytes the input begins with that belong together, and what becomes of them.
func (s *sequence) next(in []byte) (n int, is progress) {
	if s.paste {
		end := bytes.Index(in, pasteEnds)
		if end >= 0 {
			s.paste = false
			return end + len(pasteEnds), passed
		}
		for n := min(len(pasteEnds)-1, len(in)); n > 0; n-- {
			if bytes.HasSuffix(in, pasteEnds[:n]) {
				if n == len(in) {
					return n, begun
				}
				return len(in) - n, passed
			}
		}
		return len(in), passed
	}
	if in[0] != escape || len(in) == 1 {
		return 1, passed
	}
	switch in[1] {
	case '[':
		n, is = control(in)
	case 'O':
		if n, is = 3, passed; len(in) < n {
			return 0, begun
		}
		if in[2] < ' ' || in[2] > '~' {
			n, is = 2, dropped
		}
	case ']', 'P':
		n, is = text(in)
	default:
		return 1, passed // a key with alt, or one escape after another
	}
	s.paste = is == passed && bytes.Equal(in[:n], pasteBegins)
	return n, is
}

// control is a control sequence: parameters, and a letter that ends it.
func control(in []byte) (int, progress) {
	for i, b := range in[2:] {
		switch {
		case b >= '@' && b <= '~' && (b != '[' || i > 0): // the Linux console says f1 as ESC [ [ A
			return i + 3, passed
		case b < ' ' || b > '~':
			return i + 2, dropped
		}
	}
	return 0, begun
}

// text is an answer in words: to its terminator. It begins with a number or a sign; what begins
// otherwise is a key with alt, which means nothing here.
func text(in []byte) (int, progress) {
	for i := 2; i < len(in); i++ {
		switch b := in[i]; {
		case i == 2 && !bytes.ContainsRune([]byte("0123456789>!$+="), rune(b)):
			return 2, dropped
		case b == '\a':
			return i + 1, passed
		case b == escape && i+1 == len(in):
			return 0, begun
		case b == escape && in[i+1] == '\\':
			return i + 2, passed
		case b < ' ':
			return i, dropped
		}
	}
	return 0, begun
}

// orphan is how many bytes of the input are the rest of a control sequence that lacks its
// escape; 0 for none.
func orphan(in []byte) int {
	if len(in) < 2 || in[0] != '[' && in[0] != 'O' {
		return 0
	}
	n, is := (&sequence{}).next(append([]byte{escape}, in...))
	if is != passed {
		return 0
	}
	return n - 1
}
