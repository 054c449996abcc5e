package credentials

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
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
	twins    map[string][]string // the spellings of each profile's name, whose case means nothing
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
	c := config{path: path, global: profile{}, profiles: map[string]profile{}, twins: map[string][]string{}}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		v := tables[name]
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
			lower := strings.ToLower(name)
			c.profiles[lower], c.twins[lower] = p, append(c.twins[lower], name)
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

// way is a credential that a profile can hold.
type way struct {
	authType        string
	kind            Kind
	public, private string // properties
}

// ways are the credentials that a profile can hold, by the name that its auth_type has for
// them, in the order in which they are looked for where it has no auth_type.
var ways = []way{
	{"service_account", ServiceAccount, "client_id", "client_secret"},
	{"api_keys", APIKey, "public_api_key", "private_api_key"},
	{"user_account", UserToken, "", "access_token"}, // of somebody who has logged in
}

// credential is the profile's: the one that its auth_type names, whatever else it holds; with
// none, the first that it has. A login that has ended goes on with a fresh token, where there is one. Its parts are in the keyring, or where the Atlas CLI found none
// in the file. A part that is missing because the keyring could not be read is told as that.
func (c config) credential(name string, keys *ring, fresh string) (Credential, error) {
	p := c.profiles[name]
	named := slices.ContainsFunc(ways, func(w way) bool { return w.authType == p["auth_type"] })
	for _, w := range ways {
		if named && w.authType != p["auth_type"] {
			continue
		}
		public, private := keys.pair(name, p, w.public, w.private)
		switch {
		case private != "" && (public != "" || w.public == ""):
			out := Credential{Kind: w.kind, Public: public, Private: state.NewSecret(private), Source: "profile " + name}
			if w.kind != UserToken {
				return out, nil
			}
			out.Renew = renewal(name)
			if ended(private, time.Now()) {
				if fresh == "" || ended(fresh, time.Now()) {
					return Credential{}, fmt.Errorf("reading profile %s: its login has ended; %s", name, takeFresh(name))
				}
				out.Private, out.Source = state.NewSecret(fresh), out.Source+", with the token of the environment"
			}
			return out, nil
		case public != "":
			return Credential{}, incomplete(name, fmt.Sprintf("it has a %s, but no %s", w.public, w.private), keys)
		case private != "":
			return Credential{}, incomplete(name, fmt.Sprintf("it has a %s, but no %s", w.private, w.public), keys)
		case named && keys.fault != nil:
			return Credential{}, keys.fault.remedy(name, "it has no "+w.private)
		case named:
			return Credential{}, c.lacks(name, w, keys)
		}
	}
	if keys.fault != nil && !errors.Is(keys.fault, errNoKeyring) {
		return Credential{}, keys.fault.remedy(name, "it holds no credential")
	}
	return Credential{}, fmt.Errorf("reading profile %s: %w; give it one with: atlas auth login --profile %s", name, errEmpty, name)
}

// incomplete is the error of a profile that holds half a credential: the other half may be in
// the keyring.
func incomplete(name, lacks string, keys *ring) error {
	if keys.fault != nil {
		return keys.fault.remedy(name, lacks)
	}
	return fmt.Errorf("reading profile %s: %s", name, lacks)
}

// lacks is the error of a profile that holds nothing of what its auth_type names. One that
// holds something else is not taken for empty.
func (c config) lacks(name string, w way, keys *ring) error {
	for _, other := range ways {
		if _, private := keys.pair(name, c.profiles[name], other.public, other.private); other.kind != w.kind && private != "" {
			return fmt.Errorf("reading profile %s: its auth_type is %s, but it has no %s; it has a %s: say with auth_type which is meant", name, w.authType, w.private, other.private)
		}
	}
	return fmt.Errorf("reading profile %s: %w; give it one with: atlas auth login --profile %s", name, errEmpty, name)
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
