package state_test

import (
	"testing"

	"atlas-restore/state"
)

// However somebody writes the address of one Atlas, it is the same one; another stays another.
func TestCanonicalEndpoint(t *testing.T) {
	t.Parallel()
	for want, spellings := range map[string][]string{
		"https://cloud.mongodb.com": {
			"https://cloud.mongodb.com", "HTTPS://Cloud.MongoDB.com", "https://cloud.mongodb.com/", "https://cloud.mongodb.com:443",
			"https://cloud.mongodb.com.", "https://cloud.mongodb.com:0443/", " https://cloud.mongodb.com\n", "https://cloud.mongodb.com:",
		},
		"https://cloud.mongodb.com:8443": {"https://CLOUD.mongodb.com:8443/"},
		"http://127.0.0.1:8080":          {"http://127.0.0.1:8080", "http://[::ffff:127.0.0.1]:8080", "http://[::FFFF:7f00:1]:8080/"},
		"http://127.0.0.1":               {"http://127.0.0.1:80", "http://[::ffff:127.0.0.1]"},
		"http://[::1]:8080":              {"http://[::1]:8080", "http://[0:0:0:0:0:0:0:1]:8080", "http://[0::0001]:8080"},
		"http://[::1]":                   {"http://[::1]:80"},
		"https://127.0.0.1:80":           {"https://127.0.0.1:80"},
		"no address":                     {"no address"},
		"":                               {""},
	} {
		for _, s := range spellings {
			if got := state.CanonicalEndpoint(s); got != want {
				t.Errorf("%q is %q, want %q", s, got, want)
			}
			if again := state.CanonicalEndpoint(want); again != want {
				t.Errorf("%q is not canonical: %q", want, again)
			}
		}
	}
}
