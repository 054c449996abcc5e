// Package signin finds out as whom Atlas is asked, and makes the client that does it.
package signin

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/coach"
	"atlas-restore/atlasclient/credentials"
)

// Ask says how to sign in. The zero value of a part stands for the usual one.
type Ask struct {
	Profile    string // of the Atlas CLI; nothing else is then looked at
	BaseURL    string // of Atlas, before the one that belongs to the credential
	CAFile     string // of certificates that vouch for Atlas beside the system's
	APIVersion string // a date
	Debug      string // the file that gets every exchange, its secrets masked
	TokenDir   string // where a service account's access token is kept, or taken from
	TakesToken bool   // it is only taken from there
	Version    string // of this program
	Now        func() time.Time
	Pace       float64 // seconds of Now in a real one
}

// Find finds credentials and makes a client with them. It asks Atlas nothing. With an error it
// gives what was found all the same.
func (a Ask) Find() (*atlasclient.Client, credentials.Found, error) {
	found, err := credentials.Places{Profile: a.Profile}.Find()
	if err != nil {
		return nil, found, err //nolint:wrapcheck // it says where it looked
	}
	client, err := a.With(found)
	return client, found, err
}

// With makes a client for a credential. It asks Atlas nothing.
func (a Ask) With(found credentials.Found) (*atlasclient.Client, error) {
	base := a.BaseURL
	if base == "" {
		base = found.BaseURL
	}
	debug, err := atlasclient.DebugLog(a.Debug)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	roots, err := atlasclient.Certificates(a.CAFile)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	client, err := atlasclient.New(atlasclient.Options{
		BaseURL: base, Credential: found.Credential, Version: a.Version, MediaDate: a.APIVersion, Debug: debug, Roots: roots,
		TokenDir: a.TokenDir, TakesToken: a.TakesToken, Now: a.Now, Pace: a.Pace,
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the connection to Atlas: %w", err)
	}
	return client, nil
}

// Source says where the credential came from, and what its requests go through.
func Source(found credentials.Found, client *atlasclient.Client) string {
	if p := client.Proxy(); p != "" {
		return found.Source + ", through proxy " + p
	}
	return found.Source
}

// Unusual is the host of a base URL if it is not Atlas's own; else empty.
func Unusual(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Host == "cloud.mongodb.com" {
		return ""
	}
	return u.Host
}

// Train connects a trainee with the embedded Atlas at an address: a client that reaches nothing
// else, and the coach.
func Train(ctx context.Context, address, version string) (*coach.Coach, *atlasclient.Client, error) {
	trainer := coach.New(address)
	hello, err := trainer.Hello(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("looking for the embedded Atlas at %s: %w", address, err)
	}
	client, err := atlasclient.NewTraining(address, atlasclient.Options{
		BaseURL: "http://" + address, Version: version, Now: trainer.Now, Pace: trainer.Pace(),
		Credential: credentials.Credential{
			Kind: credentials.ServiceAccount, Public: hello.ClientID, Private: hello.ClientSecret, Source: "embedded Atlas",
		},
	})
	if err != nil {
		return nil, nil, fmt.Errorf("preparing the connection to the embedded Atlas: %w", err)
	}
	return trainer, client, nil
}
