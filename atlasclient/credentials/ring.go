package credentials

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/zalando/go-keyring"

	"atlas-restore/state"
)

// KeyringPatience is how long the keyring may take: one that asks a person something
// must not hold up the start.
const KeyringPatience = 2 * time.Second

// ring asks the system's keyring for what the Atlas CLI keeps there. Each question may open
// a prompt: after one that was not answered there is no other.
type ring struct {
	get      func(service, account string) (string, error)
	patience time.Duration
	fault    *ringFault // of the question that was the last; nil if all were answered
}

// ringFault is why the keyring could not be read.
type ringFault struct {
	why  error // one of those below
	what string
}

// The reasons.
var (
	errLocked    = errors.New("the keyring is locked")
	errSilent    = errors.New("the keyring does not answer")
	errNoKeyring = errors.New("there is no keyring here that can be read")
)

// Error implements error.
func (f *ringFault) Error() string {
	if f.what == "" {
		return f.why.Error()
	}
	return fmt.Sprintf("%v (%s)", f.why, f.what)
}

// Unwrap gives the reason.
func (f *ringFault) Unwrap() error { return f.why }

// remedy is the fault with what to do about it, for a profile that lacks something which may
// be in the keyring.
func (f *ringFault) remedy(profile, lacks string) error {
	what := "unlock the keyring or answer its prompt, then start again"
	if errors.Is(f, errNoKeyring) {
		what = "set the credential in the environment: MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, or an API key"
	}
	return fmt.Errorf("reading profile %s: %s in the file, and %w; %s", profile, lacks, f, what)
}

// pair are two properties of a profile: of the keyring, and where that has none of the file.
// If the keyring fails over them, both are the file's: halves of two credentials make none.
func (r *ring) pair(name string, p profile, public, private string) (pub, priv string) {
	ofFile := func(property string) string { return strings.TrimSpace(p[property]) }
	pub, priv = cmp.Or(r.secret(name, public), ofFile(public)), cmp.Or(r.secret(name, private), ofFile(private))
	if r.fault != nil {
		return ofFile(public), ofFile(private)
	}
	return pub, priv
}

// secret is a property of a profile in the keyring; empty where there is none.
func (r *ring) secret(profile, property string) string {
	if r.fault != nil || property == "" {
		return ""
	}
	type answer struct {
		secret string
		err    error
	}
	got := make(chan answer, 1)
	go func() {
		v, err := r.get("atlascli_"+profile, property)
		got <- answer{strings.TrimSpace(v), err}
	}()
	select {
	case a := <-got:
		if a.err == nil {
			return a.secret
		}
		r.fault = faultOf(a.err)
	case <-time.After(r.patience):
		r.fault = &ringFault{errSilent, fmt.Sprintf("for %s; it may be locked, or its prompt open", state.Exactly(r.patience))}
	}
	return ""
}

// locked are the words of the keyrings for one that stays closed: of the Secret Service, and
// the exit codes of macOS's security (25308, 25293 and 128, their last eight bits).
var locked = []string{"failed to unlock", "IsLocked", "is locked", "dismissed", "exit status 36", "exit status 51", "exit status 128"}

// faultOf is what an error of the keyring means; nil for an entry that is not there.
func faultOf(err error) *ringFault {
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	text := strings.Join(strings.Fields(ansi.Strip(err.Error())), " ")
	for _, w := range locked {
		if strings.Contains(text, w) {
			return &ringFault{errLocked, ""}
		}
	}
	return &ringFault{errNoKeyring, text}
}
