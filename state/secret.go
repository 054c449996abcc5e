package state

import (
	"errors"
	"fmt"
	"log/slog"
)

// ErrNoCredentials says that there is nothing to sign in with.
var ErrNoCredentials = errors.New("no credentials found")

// Secret is a text that must not reach a log, an error, a title or a file by
// accident: a key, a token, or a delivery URL (whose path is the password to a
// whole database). Every way of printing it shows a mask; only Reveal tells.
//
// It holds a pointer: fmt cannot call the methods of a value in an unexported field,
// and would print a plain text there, but prints a pointer as an address.
type Secret struct{ text *string }

const mask = "••••••"

// NewSecret wraps text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the text. Call it only where the secret is used or where the
// user looks for it: in an HTTP header, on the job page, in the final summary.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero says whether there is no secret at all.
func (s Secret) IsZero() bool { return s.text == nil }

// String implements fmt.Stringer with a mask.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return mask
}

// Format implements fmt.Formatter with a mask, for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.String()) }

// GoString implements fmt.GoStringer with a mask.
func (s Secret) GoString() string { return s.String() }

// MarshalText implements encoding.TextMarshaler with a mask, so that neither JSON
// nor YAML can carry a secret by accident.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue implements slog.LogValuer with a mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
