package approval

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"atlas-restore/state"
	"atlas-restore/state/disk"
	"atlas-restore/state/planfile"
	"atlas-restore/state/text"
)

// Key is an SSH key that can sign. Nothing of its secret half is in it to be printed: a file's is
// held by a function, and an agent's never leaves the agent.
type Key struct {
	Public ssh.PublicKey
	Where  string // "ssh-agent", or the file
	about  string // its comment
	sign   func([]byte) (*ssh.Signature, error)
}

// Name is the key as a person tells it from others.
func (k Key) Name() string {
	name := ssh.FingerprintSHA256(k.Public)
	if k.about != "" {
		name = k.about + " (" + name + ")"
	}
	return name
}

// Fingerprint is that of the key: SHA256:….
func (k Key) Fingerprint() string { return ssh.FingerprintSHA256(k.Public) }

// Why no key can be had.
var (
	ErrNoAgent    = errors.New("no ssh-agent answers here")
	ErrNoKey      = errors.New("no key is there to approve with")
	ErrManyKeys   = errors.New("several keys could approve")
	ErrPassphrase = errors.New("the key has a passphrase")
)

// patience is how long an agent may take for what needs no person; a touch of a hardware key does.
const (
	patience = 2 * time.Second
	touch    = 2 * time.Minute
)

// Agent asks the ssh-agent at socket, SSH_AUTH_SOCK, for its keys.
func Agent(ctx context.Context, socket string) ([]Key, error) {
	if socket == "" {
		return nil, ErrNoAgent
	}
	dial := func(ctx context.Context, long time.Duration) (agent.ExtendedAgent, func(), error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrNoAgent, err)
		}
		_ = conn.SetDeadline(time.Now().Add(long)) // a socket takes it
		return agent.NewClient(conn), func() { _ = conn.Close() }, nil
	}
	a, done, err := dial(ctx, patience)
	if err != nil {
		return nil, err
	}
	defer done()
	all, err := a.List()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAgent, err)
	}
	var out []Key
	for _, k := range all {
		public, err := ssh.ParsePublicKey(k.Blob)
		if err != nil || usable(public) != nil {
			continue // a certificate, or a kind that approves nothing
		}
		out = append(out, Key{Public: public, Where: "ssh-agent", about: text.Clean(k.Comment), sign: func(what []byte) (*ssh.Signature, error) {
			a, done, err := dial(ctx, touch)
			if err != nil {
				return nil, err
			}
			defer done()
			flags := agent.SignatureFlags(0)
			if public.Type() == ssh.KeyAlgoRSA {
				flags = agent.SignatureFlagRsaSha512
			}
			return a.SignWithFlags(public, what, flags)
		}})
	}
	return out, nil
}

// KeyFile reads the key at path. Of a public one the secret half has to be in the agent, whose keys
// are given. Passphrase is asked for where the file needs one, when the key signs: nil if nobody can
// be asked.
func KeyFile(path string, inAgent []Key, passphrase func() (state.Secret, error)) (Key, error) {
	raw, err := disk.ReadText(path)
	if err != nil {
		return Key{}, fmt.Errorf("reading the key: %w", err)
	}
	if public, _, _, _, err := ssh.ParseAuthorizedKey(raw); err == nil {
		if i := slices.IndexFunc(inAgent, func(k Key) bool { return same(k.Public, public) }); i >= 0 {
			return inAgent[i], nil
		}
		return Key{}, fmt.Errorf("%w: %s is a public key, and the ssh-agent does not hold its secret half", ErrNoKey, path)
	}
	signer, err := ssh.ParsePrivateKey(raw)
	var locked *ssh.PassphraseMissingError
	switch {
	case err == nil:
		return keyOf(path, signer), usable(signer.PublicKey())
	case !errors.As(err, &locked):
		return Key{}, fmt.Errorf("reading the key: %s holds no SSH key", path)
	case passphrase == nil:
		return Key{}, fmt.Errorf("%w: %s", ErrPassphrase, path)
	case locked.PublicKey == nil: // an old format: only who unlocks it knows whose it is
		if signer, err = unlock(path, raw, passphrase); err != nil {
			return Key{}, err
		}
		return keyOf(path, signer), usable(signer.PublicKey())
	}
	return Key{Public: locked.PublicKey, Where: path, sign: func(what []byte) (*ssh.Signature, error) {
		signer, err := unlock(path, raw, passphrase)
		if err != nil {
			return nil, err
		}
		return keyOf(path, signer).sign(what)
	}}, usable(locked.PublicKey)
}

// unlock opens a private key with the passphrase that is typed.
func unlock(path string, raw []byte, passphrase func() (state.Secret, error)) (ssh.Signer, error) {
	secret, err := passphrase()
	if err != nil {
		return nil, err
	}
	signer, err := ssh.ParsePrivateKeyWithPassphrase(raw, []byte(secret.Reveal()))
	if err != nil { // its text could tell of the key
		return nil, fmt.Errorf("%w, and this was not it: %s", ErrPassphrase, path)
	}
	return signer, nil
}

func keyOf(path string, signer ssh.Signer) Key {
	return Key{Public: signer.PublicKey(), Where: path, sign: func(what []byte) (*ssh.Signature, error) {
		if by, ok := signer.(ssh.AlgorithmSigner); ok {
			return by.SignWithAlgorithm(rand.Reader, what, algorithms(signer.PublicKey())[0])
		}
		return signer.Sign(rand.Reader, what)
	}}
}

// Choose is the one key of an agent that can approve: of those that the signers allow at an
// instant, if there are any signers.
func Choose(all []Key, signers Signers, now time.Time) (Key, error) {
	could := all
	if len(signers) > 0 {
		could = slices.DeleteFunc(slices.Clone(all), func(k Key) bool { _, err := signers.find(k.Public, now); return err != nil })
	}
	switch len(could) {
	case 0:
		return Key{}, ErrNoKey
	case 1:
		return could[0], nil
	}
	var names []string
	for _, k := range could {
		names = append(names, k.Name())
	}
	return Key{}, fmt.Errorf("%w: %s", ErrManyKeys, strings.Join(names, ", "))
}

// Known says by which name the signers allow a key to approve a plan at an instant, and why they
// do not.
func (all Signers) Known(k Key, p planfile.Plan, now time.Time) (string, error) {
	if err := ownKey(p.Made.Maker, k.Fingerprint()); err != nil {
		return "", err // whoever is allowed
	}
	who, err := all.find(k.Public, now)
	if err != nil {
		return "", err
	}
	return who.Name(), all.made(p.Made.Maker, who, k.Fingerprint())
}

// Own are the fingerprints of the keys that whoever works here could approve with: those of the
// agent, and the public halves in dir, ~/.ssh. What cannot be read is not among them.
func Own(ctx context.Context, socket, dir string) []string {
	var out []string
	keys, _ := Agent(ctx, socket) // there may be none
	for _, k := range keys {
		out = append(out, k.Fingerprint())
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.pub")) // the pattern is one
	for _, file := range files[:min(len(files), 64)] {
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() || info.Size() > most {
			continue
		}
		raw, err := disk.ReadText(file)
		if err != nil {
			continue
		}
		if public, _, _, _, err := ssh.ParseAuthorizedKey(raw); err == nil && usable(public) == nil {
			out = append(out, ssh.FingerprintSHA256(public))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
