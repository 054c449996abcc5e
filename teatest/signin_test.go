package teatest_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
	"atlas-restore/teatest"
	"atlas-restore/ui/steps"
)

// signedOut takes the credential away: the wizard has to ask for one.
func (w *world) signedOut() {
	kinds := []credentials.Kind{credentials.ServiceAccount, credentials.APIKey}
	w.cfg.Atlas, w.cfg.Who, w.cfg.Source = nil, "", ""
	w.cfg.SignIn = func(kind int, public string, private state.Secret) (steps.Connection, error) {
		if public == "impossible" {
			return steps.Connection{}, errors.New("making the Atlas client: it cannot be")
		}
		c, err := atlasclient.New(atlasclient.Options{
			BaseURL: w.sim.BaseURL(), Now: w.sim.Now, Pace: 1000,
			Credential: credentials.Credential{Kind: kinds[kind], Public: public, Private: private},
		})
		return steps.Connection{Atlas: c, Who: public, Source: "typed", Endpoint: w.sim.BaseURL(), Now: c.Now}, err
	}
}

// Who has no credential types one, masked; it is tried before the wizard goes on, and
// what was loaded for that is not asked for again.
func TestSignIn(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]teatest.Size{"normal": normal, "narrow": narrow} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t)
			s.signedOut()
			s.start(size)
			k := s.sim.Keys()
			s.Wait("No credentials were found")
			s.Press("enter")
			s.Wait("› Client ID")
			s.Press("enter", "enter") // both halves are needed
			s.Wait("Both halves are needed")
			s.Press("shift+tab")
			s.Type(k.ClientID)
			s.Press("tab")
			s.Type("wrong")
			s.Press("enter")
			s.Wait("Signing in to Atlas failed")
			s.Wait("401")
			s.Press("ctrl+u")
			s.Paste(k.ClientSecret + "\n")
			s.WithinSize()
			s.Press("enter")
			s.Wait("which cluster's data")
			s.WaitFor("the projects", highlighted)
			s.Press("esc")
			s.Wait("This is the first step")
			if strings.Contains(s.Output(), k.ClientSecret) {
				t.Error("the secret reached the terminal")
			}
			if got := s.requests(); !slices.Equal(got, []string{"GET groups", "GET clusters"}) {
				t.Errorf("asked Atlas for %v", got)
			}
			s.noPosts()
		})
	}
}

func TestSignInWithAPIKey(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.signedOut()
	s.start(normal)
	k := s.sim.Keys()
	s.Wait("No credentials were found")
	s.Press("right", "enter")
	s.Wait("› Public key")
	s.Type(k.PublicKey + "\r" + k.PrivateKey + "\r")
	s.Wait("which cluster's data")
	s.toReview(state.Download, "Payments", "orders-prod", "")
	s.Press("tab", "enter")
	s.Wait("RUNNING")
}

// 200 times Enter, pastes and leaving do nothing on that page either.
func TestSignInLeaves(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.signedOut()
	s.start(normal)
	s.Wait("No credentials were found")
	s.Type(strings.Repeat("\r", 200))
	s.Paste("x\ny")
	s.Press("esc", "?")
	s.Wait("What this step means")
	s.Press("q")
	s.leave(state.OutcomeAborted, "ctrl+c")
	if n := len(s.sim.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestLinesSignIn(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.signedOut()
	quiet := 0
	d.noEcho = func() (func(), error) { quiet++; return func() { quiet-- }, nil }
	d.start()
	k := d.sim.Keys()
	d.Wait("Nobody is signed in.")
	d.answer("Kind of credential, enter takes service account:", "")
	d.answer("Client ID:", k.ClientID)
	d.answer("Client secret: (it is not shown)", "wrong")
	d.Wait("Signing in failed. Atlas answered 401")
	d.answer("Kind of credential", "2")
	d.answer("Public key:", k.PublicKey)
	d.answer("Private key: (it is not shown)", k.PrivateKey)
	d.Wait("Signed in as " + k.PublicKey)
	d.Wait(askProject)
	if quiet != 0 {
		t.Error("the terminal's echo was left off")
	}
	d.CloseInput()
	d.leave(state.OutcomeAborted)
	d.noPosts()
}

// A secret that would be seen is not asked for.
func TestLinesRefuseToShowASecret(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.signedOut()
	d.start()
	d.answer("Kind of credential", "1")
	d.answer("Client ID:", "x")
	d.Wait("a secret is read from a terminal only")
	d.leave(state.OutcomeAborted)
}
