package credentials

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/zalando/go-keyring"

	"atlas-restore/state"
)

// Places are where credentials are looked for. The zero value of a part stands for the
// real one.
type Places struct {
	Profile  string // of --profile; nothing else is then looked at
	Getenv   func(string) string
	Environ  func() []string
	Config   string                                        // path of the Atlas CLI's config.toml
	Keyring  func(service, account string) (string, error) // the system's
	Patience time.Duration                                 // with the keyring; KeyringPatience

	ring *ring
}

// Found is a credential with what belongs to it.
type Found struct {
	Credential
	BaseURL   string   // of its Atlas; empty for the usual one
	ProjectID string   // the project that is usually meant; empty for none
	Hints     []string // what a person should know, a sentence each
}

// Find looks for credentials, and takes the first that is complete: those of the profile
// that is asked for; the environment's; those of the Atlas CLI's profile (of
// MONGODB_ATLAS_PROFILE, of the only one, or of the one called default). A profile that
// is asked for and not there is an error. state.ErrNoCredentials says that there is nothing at all.
func (p Places) Find() (Found, error) {
	p = p.complete()
	found, err := p.find()
	found.Hints = append(found.Hints, p.hints()...)
	if u := BaseURLFromEnvironment(p.Getenv); u != "" && p.Profile == "" {
		found.BaseURL = u
	}
	if id := strings.TrimSpace(p.Getenv("MONGODB_ATLAS_PROJECT_ID")); id != "" && p.Profile == "" {
		found.ProjectID = id
	}
	return found, err
}

func (p Places) complete() Places {
	if p.Getenv == nil {
		p.Getenv = os.Getenv
	}
	if p.Environ == nil {
		p.Environ = os.Environ
	}
	if p.Keyring == nil {
		p.Keyring = keyring.Get
	}
	if p.Patience == 0 {
		p.Patience = KeyringPatience
	}
	p.ring = &ring{get: p.Keyring, patience: p.Patience}
	if p.Config == "" {
		p.Config, _ = configPath() // without a home there is no profile
	}
	return p
}

func (p Places) find() (Found, error) {
	if p.Profile != "" {
		return p.fromProfile(strings.ToLower(p.Profile))
	}
	cred, half := FromEnvironment(p.Getenv)
	name := strings.ToLower(strings.TrimSpace(p.Getenv("MONGODB_ATLAS_PROFILE")))
	named := name != ""
	if half == nil {
		found := Found{Credential: cred}
		if cred.Kind == UserToken {
			p.besideToken(&found, name)
		}
		return found, nil
	}
	if !named {
		c, err := readConfig(p.Config)
		if err != nil {
			return Found{}, err
		}
		names := c.names()
		switch {
		case len(names) == 1:
			name = names[0]
		case slices.Contains(names, "default"):
			name = "default"
		case len(names) > 0 && errors.Is(half, state.ErrNoCredentials):
			return Found{}, fmt.Errorf("%w; choose one of the Atlas CLI's profiles with --profile: %s", state.ErrNoCredentials, strings.Join(names, ", "))
		default:
			return Found{}, half
		}
	}
	found, err := p.fromProfile(name)
	if errors.Is(err, errEmpty) && !named {
		hint := "Profile " + name + " of the Atlas CLI holds no credential"
		if p.ring.fault != nil {
			hint += ", and " + p.ring.fault.Error()
		}
		return Found{Hints: []string{hint + "."}}, half
	}
	if !errors.Is(half, state.ErrNoCredentials) {
		if err != nil {
			return Found{}, half // what was begun in the environment was meant
		}
		found.Hints = append(found.Hints, "Profile "+name+" is used, for the environment is incomplete: "+strings.TrimPrefix(half.Error(), "reading the environment: ")+".")
	}
	return found, err
}

// besideToken takes from the Atlas CLI's profile what belongs to a token that it has printed:
// where its Atlas is, and which project is meant. A profile that holds another credential is not
// the token's.
func (p Places) besideToken(found *Found, name string) {
	c, err := readConfig(p.Config)
	if err != nil {
		return // the token is enough
	}
	if names := c.names(); name == "" && len(names) == 1 {
		name = names[0]
	}
	name = cmp.Or(name, "default")
	if table := c.profiles[name]; table["auth_type"] == "user_account" {
		found.BaseURL, found.ProjectID, found.Renew = c.baseURL(table), c.setting(table, "project_id"), renewal(name)
	}
}

// fromProfile takes the credentials of a profile of the Atlas CLI.
func (p Places) fromProfile(name string) (Found, error) {
	c, err := readConfig(p.Config)
	if err != nil {
		return Found{}, err
	}
	table, ok := c.profiles[name]
	if !ok {
		known := "there are none in " + c.path
		if names := c.names(); len(names) > 0 {
			known = "there are " + strings.Join(names, ", ") + state.DidYouMean(name, slices.Values(names))
		}
		return Found{}, fmt.Errorf("looking for profile %q: it does not exist; %s", name, known)
	}
	if twins := c.twins[name]; len(twins) > 1 {
		return Found{}, fmt.Errorf("looking for profile %q: %s has both [%s], which mean the same: keep one", name, c.path, strings.Join(twins, "] and ["))
	}
	cred, err := c.credential(name, p.ring, strings.TrimSpace(p.Getenv(tokenVariable)))
	if err != nil {
		return Found{}, err
	}
	found := Found{Credential: cred, BaseURL: c.baseURL(table), ProjectID: c.setting(table, "project_id")}
	if p.ring.fault != nil && !errors.Is(p.ring.fault, errNoKeyring) { // where there is none the file is all there is
		found.Hints = append(found.Hints, fmt.Sprintf("Profile %s is used as %s has it, for %v.", name, c.path, p.ring.fault))
	}
	if openToOthers(c.path) {
		found.Hints = append(found.Hints, c.path+" can be read by other users: chmod 600 keeps its secrets to you.")
	}
	return found, nil
}

// hints are about what was not heeded.
func (p Places) hints() []string {
	names := strangers(p.Environ())
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return []string{strings.Join(names, ", ") + " is ignored here: the variables begin with MONGODB_ATLAS_."}
}

// Profiles are the names of the Atlas CLI's profiles.
func (p Places) Profiles() ([]string, error) {
	c, err := readConfig(p.complete().Config)
	return c.names(), err
}
