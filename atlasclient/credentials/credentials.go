// Package credentials says with which key the program signs in to Atlas, and where
// that key came from.
package credentials

import (
	"strings"

	"atlas-restore/state"
)

// Kind is the sort of a credential: it decides how a request is signed.
type Kind int

// The kinds that the Admin API knows.
const (
	ServiceAccount Kind = iota + 1 // a client id and secret, exchanged for a bearer token
	APIKey                         // a public and a private key, HTTP digest
	UserToken                      // an access token of somebody who has logged in; it ends, and only the Atlas CLI renews it
)

// String is the kind in words.
func (k Kind) String() string {
	switch k {
	case ServiceAccount:
		return "service account"
	case APIKey:
		return "API key"
	case UserToken:
		return "access token"
	}
	return "no credential"
}

// Credential is one way to sign in to Atlas. Its private half cannot be printed.
type Credential struct {
	Kind    Kind
	Public  string       // client id or public key; empty for an access token
	Private state.Secret // client secret, private key or access token
	Source  string       // where it came from, in words for the header: "environment"
	Renew   string       // the command of a shell that brings a fresh one; empty where this program renews it
}

const clientIDPrefix = "mdb_sa_id_"

// Words name the credential with its kind and where it came from, without its private half:
// "API key abcdefgh (environment)".
func (c Credential) Words() string {
	words := c.Kind.String()
	if c.Kind != UserToken && c.Public != "" {
		words += " " + c.Label()
	}
	if c.Source != "" {
		words += " (" + c.Source + ")"
	}
	return words
}

// Label is the public half, short enough for a header: mdb_sa_id_5f…ff for a
// service account, the whole public key (8 letters) for an API key. An access token has
// no public half.
func (c Credential) Label() string {
	if c.Kind == UserToken {
		return c.Kind.String()
	}
	rest, isClientID := strings.CutPrefix(c.Public, clientIDPrefix)
	prefix := ""
	if isClientID {
		prefix = clientIDPrefix
	}
	if r := []rune(rest); len(r) > 12 {
		rest = string(r[:2]) + "…" + string(r[len(r)-2:])
	}
	return prefix + rest
}
