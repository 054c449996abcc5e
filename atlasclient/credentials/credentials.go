// Package credentials says with which key the program signs in to Atlas, and where
// that key came from.
package credentials

import (
	"errors"
	"fmt"
	"strings"

	"atlas-restore/state"
)

// Kind is the sort of a credential: it decides how a request is signed.
type Kind int

// The kinds that the Admin API knows.
const (
	ServiceAccount Kind = iota + 1 // a client id and secret, exchanged for a bearer token
	APIKey                         // a public and a private key, HTTP digest
)

// String is the kind in words.
func (k Kind) String() string {
	switch k {
	case ServiceAccount:
		return "service account"
	case APIKey:
		return "API key"
	}
	return "no credential"
}

// Credential is one way to sign in to Atlas. Its private half cannot be printed.
type Credential struct {
	Kind    Kind
	Public  string       // client id or public key
	Private state.Secret // client secret or private key
	Source  string       // where it came from, in words for the header: "environment"
}

const clientIDPrefix = "mdb_sa_id_"

// Label is the public half, short enough for a header: mdb_sa_id_5f…ff for a
// service account, the whole public key (8 letters) for an API key.
func (c Credential) Label() string {
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

// ErrNone says that the environment holds no credential at all.
var ErrNone = errors.New("no credential in the environment")

// The pairs of variables in the order in which they are looked at: the Atlas CLI's
// own first, Terraform's last.
var pairs = []struct {
	kind            Kind
	public, private string
}{
	{ServiceAccount, "MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"},
	{APIKey, "MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_PRIVATE_API_KEY"},
	{APIKey, "MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"},
}

// FromEnvironment takes the first pair of variables that is complete. With no
// complete pair, half of one is an error that names the missing variable, and
// nothing at all is ErrNone.
func FromEnvironment(getenv func(string) string) (Credential, error) {
	var half error
	for _, p := range pairs {
		public, private := strings.TrimSpace(getenv(p.public)), strings.TrimSpace(getenv(p.private))
		switch {
		case public != "" && private != "":
			return Credential{Kind: p.kind, Public: public, Private: state.NewSecret(private), Source: "environment"}, nil
		case public != "" && half == nil:
			half = missing(p.public, p.private)
		case private != "" && half == nil:
			half = missing(p.private, p.public)
		}
	}
	if half != nil {
		return Credential{}, half
	}
	return Credential{}, ErrNone
}

func missing(have, lack string) error {
	return fmt.Errorf("reading the environment: %s is set, but %s is missing", have, lack)
}

// BaseURLFromEnvironment is the address of Atlas that the environment asks for, in
// the Atlas CLI's variable; empty for the usual one. It is not checked here.
func BaseURLFromEnvironment(getenv func(string) string) string {
	return strings.TrimSpace(getenv("MONGODB_ATLAS_OPS_MANAGER_URL"))
}
