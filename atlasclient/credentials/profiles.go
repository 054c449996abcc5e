package credentials

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"atlas-restore/state"
	"atlas-restore/state/disk"
)

// profile is a table of the Atlas CLI's config.toml. All its values are texts; what is
// not one is passed over.
type profile map[string]string

// config is the Atlas CLI's config.toml: its profiles, and what stands above them.
type config struct {
	path     string
	global   profile
	profiles map[string]profile
}

// configPath is where the Atlas CLI keeps its configuration: in the directory that the
// system has for it, also on macOS.
func configPath() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("finding the directory of configurations: %w", err)
	}
	return filepath.Join(dir, "atlascli", "config.toml"), nil
}

// readConfig reads the configuration, and never writes it. A file that is not there
// holds no profile; one that cannot be read is an error that names it, and its line.
func readConfig(path string) (config, error) {
	raw, err := disk.ReadText(path)
	if errors.Is(err, fs.ErrNotExist) {
		return config{path: path}, nil
	}
	if err != nil {
		return config{}, fmt.Errorf("reading the Atlas CLI's profiles: %w", err)
	}
	return parseConfig(path, raw)
}

func parseConfig(path string, raw []byte) (config, error) {
	var tables map[string]any
	if err := toml.NewDecoder(bytes.NewReader(raw)).Decode(&tables); err != nil {
		where := path
		var bad *toml.DecodeError
		if errors.As(err, &bad) {
			line, _ := bad.Position()
			// The library's own text may quote the line, and with it a secret.
			return config{}, fmt.Errorf("reading the Atlas CLI's profiles: %s, line %d: it is no TOML", where, line)
		}
		return config{}, fmt.Errorf("reading the Atlas CLI's profiles: %s: it is no TOML", where)
	}
	c := config{path: path, global: profile{}, profiles: map[string]profile{}}
	for name, v := range tables {
		switch v := v.(type) {
		case string:
			c.global[name] = v
		case map[string]any:
			p := profile{}
			for key, value := range v {
				if text, ok := value.(string); ok {
					p[key] = text
				}
			}
			c.profiles[strings.ToLower(name)] = p
		}
	}
	return c, nil
}

// names are the profiles, in their order.
func (c config) names() []string {
	var out []string
	for name := range c.profiles {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// setting is a value that is no secret: what stands above the profiles goes before what
// stands in one, as in the Atlas CLI.
func (c config) setting(p profile, names ...string) string {
	for _, n := range names {
		if v := cmp.Or(c.global[n], p[n]); v != "" {
			return v
		}
	}
	return ""
}

var errEmpty = errors.New("it holds no credential")

const govURL = "https://cloud.mongodbgov.com"

// baseURL is where the profile's Atlas is; empty for the usual one.
func (c config) baseURL(p profile) string {
	if u := c.setting(p, "ops_manager_url", "base_url"); u != "" {
		return strings.TrimRight(u, "/")
	}
	if c.setting(p, "service") == "cloudgov" {
		return govURL
	}
	return ""
}

// credential is the profile's: a service account, else an API key, else the token of
// somebody who has logged in. Its parts are in the keyring, or where the Atlas CLI found
// none in the file.
func (c config) credential(name string, secret func(property string) string) (Credential, error) {
	p := c.profiles[name]
	get := func(property string) string { return cmp.Or(secret(property), strings.TrimSpace(p[property])) }
	source := "profile " + name
	for _, pair := range []struct {
		kind            Kind
		public, private string
	}{
		{ServiceAccount, "client_id", "client_secret"},
		{APIKey, "public_api_key", "private_api_key"},
	} {
		public, private := get(pair.public), get(pair.private)
		switch {
		case public != "" && private != "":
			return Credential{Kind: pair.kind, Public: public, Private: state.NewSecret(private), Source: source}, nil
		case public != "":
			return Credential{}, fmt.Errorf("reading profile %s: it has a %s, but no %s", name, pair.public, pair.private)
		case private != "":
			return Credential{}, fmt.Errorf("reading profile %s: it has a %s, but no %s", name, pair.private, pair.public)
		}
	}
	token := get("access_token")
	if token == "" {
		return Credential{}, fmt.Errorf("reading profile %s: %w; give it one with: atlas auth login --profile %s", name, errEmpty, name)
	}
	if ended(token, time.Now()) {
		return Credential{}, fmt.Errorf("reading profile %s: its login has ended; renew it with: atlas auth login --profile %s", name, name)
	}
	return Credential{Kind: UserToken, Private: state.NewSecret(token), Source: source}, nil
}

// ended says whether a token (a JWT) says of itself that its time is over. One that
// says nothing that can be read is for Atlas to judge.
func ended(token string, now time.Time) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return false
	}
	var claims struct {
		Exp float64 `json:"exp"`
	}
	if json.Unmarshal(raw, &claims) != nil || claims.Exp <= 0 {
		return false
	}
	return now.Unix() >= int64(claims.Exp)
}

// openToOthers says whether a file that may hold secrets can be read by other users.
func openToOthers(path string) bool {
	if runtime.GOOS == "windows" {
		return false // its modes say nothing of who may read
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm()&0o077 != 0
}
