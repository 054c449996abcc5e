package atlasclient

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/disk"
)

// tokenFile keeps the access token of one service account at one Atlas, with its end, so that
// processes that live for a moment share it. It is for this user's eyes alone; what cannot be
// read or written is a token that is not kept. A nil one keeps nothing.
type tokenFile struct {
	path         string
	base, client string
	takes        bool // it is only read, but for what serves no more
}

// keptToken is the file's content.
type keptToken struct {
	Endpoint string    `json:"endpoint"`
	ClientID string    `json:"clientId"`
	Token    string    `json:"token"`
	Until    time.Time `json:"until"`
}

// newTokenFile is the file in dir; nil without one.
func newTokenFile(dir, base, client string, takes bool) *tokenFile {
	if dir == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(base + "\n" + client))
	return &tokenFile{filepath.Join(dir, "token-"+hex.EncodeToString(sum[:6])+".json"), base, client, takes}
}

// load is the token that was kept, if it still serves. One that others could have read or
// put there is not used.
func (f *tokenFile) load(now time.Time) (state.Secret, time.Time) {
	if f == nil {
		return state.Secret{}, time.Time{}
	}
	info, err := os.Lstat(f.path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 1<<16 || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return state.Secret{}, time.Time{}
	}
	raw, err := os.ReadFile(f.path)
	var k keptToken
	if err != nil || json.Unmarshal(raw, &k) != nil || k.Endpoint != f.base || k.ClientID != f.client || !now.Before(k.Until) || k.Until.After(now.Add(24*time.Hour)) || !sendable(k.Token) {
		return state.Secret{}, time.Time{}
	}
	return state.NewSecret(k.Token), k.Until
}

// sendable says whether a token can stand in a header: with any other, no request could be sent until
// its end, and none would be refused.
func sendable(token string) bool {
	return token != "" && strings.IndexFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// keep puts the token, which serves until then, in the place of the one before; none takes
// that away.
func (f *tokenFile) keep(token state.Secret, until time.Time) {
	if f == nil {
		return
	}
	if token.IsZero() {
		_ = os.Remove(f.path)
		return
	}
	if f.takes {
		return
	}
	raw, err := json.Marshal(keptToken{f.base, f.client, token.Reveal(), until})
	if err == nil {
		_ = disk.Replace(f.path, raw)
	}
}
