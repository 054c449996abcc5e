package credentials

import (
	"fmt"
	"strings"
	"time"

	"atlas-restore/state"
)

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

// tokenVariable holds an access token, which has one part only.
const tokenVariable = "MONGODB_ATLAS_ACCESS_TOKEN"

// FromEnvironment takes the first pair of variables that is complete, or else an
// access token. With neither, half of a pair is an error that names the missing variable, and
// nothing at all is state.ErrNoCredentials.
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
	if token := strings.TrimSpace(getenv(tokenVariable)); token != "" {
		if !ended(token, time.Now()) {
			return Credential{Kind: UserToken, Private: state.NewSecret(token), Source: "environment", Renew: renewal("")}, nil
		}
		if half == nil {
			half = fmt.Errorf("reading the environment: the token in %s has ended; %s", tokenVariable, takeFresh(""))
		}
	}
	if half != nil {
		return Credential{}, half
	}
	return Credential{}, state.ErrNoCredentials
}

// renewal is the command that brings a fresh token of whoever has logged in with the Atlas CLI:
// to a profile of it; empty for the one that it takes by itself.
func renewal(profile string) string {
	if profile != "" {
		profile = " --profile " + state.ShellWord(profile)
	}
	return "export " + tokenVariable + "=$(atlas auth token" + profile + ")"
}

// takeFresh says what to do about a login that has ended. Before 1.59.3 the Atlas CLI printed the
// token that it had kept, also one that has ended.
func takeFresh(profile string) string {
	return "take a fresh token, with version 1.59.3 or later of the Atlas CLI, and start again: " + renewal(profile)
}

// strangers are variables that look as if they were meant for this program, and are not
// heeded: the Atlas CLI's old prefix.
func strangers(environ []string) []string {
	var out []string
	for _, v := range environ {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "MCLI_") {
			out = append(out, name)
		}
	}
	return out
}

func missing(have, lack string) error {
	return fmt.Errorf("reading the environment: %s is set, but %s is missing", have, lack)
}

// BaseURLFromEnvironment is the address of Atlas that the environment asks for, in
// the Atlas CLI's variable; empty for the usual one. It is not checked here.
func BaseURLFromEnvironment(getenv func(string) string) string {
	return strings.TrimSpace(getenv("MONGODB_ATLAS_OPS_MANAGER_URL"))
}
