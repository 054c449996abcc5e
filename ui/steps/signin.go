package steps

import (
	"time"

	"atlas-restore/state"
)

// StepSignIn is the step before the first one, where no credentials were found.
const StepSignIn state.Step = -1

// SignInKind is a kind of credential that can be typed.
type SignInKind struct {
	Name            string // "service account"
	Public, Private string // what its two halves are called
	Example         string // of the public half
}

// SignInKinds are the kinds that Atlas recommends, the better one first.
func SignInKinds() []SignInKind {
	return []SignInKind{
		{"service account", "Client ID", "Client secret", "mdb_sa_id_…"},
		{"API key", "Public key", "Private key", "8 letters"},
	}
}

// Connection is Atlas as somebody who has signed in sees it.
type Connection struct {
	Atlas          Atlas
	Who, Source    string
	Host, Endpoint string
	Now            func() time.Time
}

// SignedIn goes on as the one who has signed in. What was loaded to try the credential
// is not asked for again.
func (s *Session) SignedIn(c Connection, projects []state.Project) {
	s.Cfg.Atlas, s.Cfg.Who, s.Cfg.Source, s.Cfg.Host, s.Cfg.Endpoint, s.Cfg.Now = c.Atlas, c.Who, c.Source, c.Host, c.Endpoint, c.Now
	s.Cfg.Atlas = witnessed(s.Cfg.Atlas, s.Cfg)
	s.Seen.Projects = projects
	s.path = []state.Step{s.first()}
}
