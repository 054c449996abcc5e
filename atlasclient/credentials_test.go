// Tests of atlasclient/credentials. They stand here: each package with tests is one more program to link.

package atlasclient_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestFromEnvironment(t *testing.T) {
	const (
		id, secret      = "MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"
		public, private = "MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_PRIVATE_API_KEY"
		tfPub, tfPriv   = "MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"
	)
	tests := []struct {
		name    string
		env     []string
		kind    credentials.Kind
		public  string
		private string
		lacks   string // the variable that the error names
	}{
		{"service account", []string{id, "i", secret, "s"}, credentials.ServiceAccount, "i", "s", ""},
		{"API key", []string{public, "p", private, "s"}, credentials.APIKey, "p", "s", ""},
		{"Terraform's names", []string{tfPub, "p", tfPriv, "s"}, credentials.APIKey, "p", "s", ""},
		{"all: the service account first", []string{tfPub, "3", tfPriv, "3", public, "2", private, "2", id, "1", secret, "1"}, credentials.ServiceAccount, "1", "1", ""},
		{"both keys: the CLI's first", []string{tfPub, "3", tfPriv, "3", public, "2", private, "2"}, credentials.APIKey, "2", "2", ""},
		{"the first complete pair", []string{id, "1", public, "2", private, "2"}, credentials.APIKey, "2", "2", ""},
		{"blanks around", []string{id, " i\n", secret, "\ts "}, credentials.ServiceAccount, "i", "s", ""},
		{"no secret", []string{id, "i"}, 0, "", "", secret},
		{"no id", []string{secret, "s"}, 0, "", "", id},
		{"no private key", []string{public, "p"}, 0, "", "", private},
		{"no public key", []string{private, "s"}, 0, "", "", public},
		{"no private key, Terraform", []string{tfPub, "p", tfPriv, " "}, 0, "", "", tfPriv},
		{"halves do not make a whole", []string{public, "p", tfPriv, "s"}, 0, "", "", private},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := credentials.FromEnvironment(env(tt.env...))
			if tt.lacks != "" {
				if err == nil || errors.Is(err, state.ErrNoCredentials) || !strings.Contains(err.Error(), tt.lacks+" is missing") {
					t.Errorf("got %v, want an error that names %s", err, tt.lacks)
				}
				return
			}
			if err != nil || c.Kind != tt.kind || c.Public != tt.public || c.Private.Reveal() != tt.private || c.Source != "environment" {
				t.Errorf("got %+v, %v", c, err)
			}
		})
	}
	if _, err := credentials.FromEnvironment(env()); !errors.Is(err, state.ErrNoCredentials) {
		t.Errorf("an empty environment: %v", err)
	}
}

func TestLabel(t *testing.T) {
	tests := map[string]string{
		"mdb_sa_id_5f0123456789abcdef0123ff": "mdb_sa_id_5f…ff",
		"mdb_sa_id_short":                    "mdb_sa_id_short",
		"abcdefgh":                           "abcdefgh",
		"an-unusually-long-public-key":       "an…ey",
		"":                                   "",
	}
	for public, want := range tests {
		if got := (credentials.Credential{Public: public}).Label(); got != want {
			t.Errorf("%s is labelled %s, want %s", public, got, want)
		}
	}
}

func TestPrivateIsNotPrinted(t *testing.T) {
	c, err := credentials.FromEnvironment(env("MONGODB_ATLAS_CLIENT_ID", "i", "MONGODB_ATLAS_CLIENT_SECRET", "verysecret"))
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(verb, c); strings.Contains(s, "verysecret") {
			t.Errorf("%s shows it: %s", verb, s)
		}
	}
}

func TestBaseURLFromEnvironment(t *testing.T) {
	if got := credentials.BaseURLFromEnvironment(env("MONGODB_ATLAS_OPS_MANAGER_URL", " https://cloud.mongodbgov.com/ ")); got != "https://cloud.mongodbgov.com/" {
		t.Errorf("got %q", got)
	}
}

func TestKindInWords(t *testing.T) {
	if credentials.ServiceAccount.String() != "service account" || credentials.APIKey.String() != "API key" || credentials.Kind(0).String() != "no credential" {
		t.Error("a kind has other words")
	}
}
