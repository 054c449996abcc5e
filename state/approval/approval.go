// Package approval is what a second person says to a plan file: a signature of its bytes by an
// SSH key, in OpenSSH's format and beside the plan as FILE.sig, so that
//
//	ssh-keygen -Y verify -f ALLOWED_SIGNERS -I NAME -n atlas-restore -s FILE.sig < FILE
//
// says the same of it. It binds this program, and not Atlas: whoever has a credential can restore
// without it.
package approval

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"atlas-restore/state/disk"
	"atlas-restore/state/planfile"
)

// Approval is one that counts.
type Approval struct {
	By  string // as the allowed signers call the holder of the key
	Key string // its fingerprint: SHA256:…
	// At is the time of the signature's file: a signature has no time of its own. It is zero where
	// that cannot be when it was signed.
	At time.Time
}

// SignatureOf is where the approval of a plan file lies, as ssh-keygen has it.
func SignatureOf(plan string) string { return plan + ".sig" }

// Read reads the approval beside a plan file, whose bytes are raw, and says whether it counts at
// an instant; the error says why not.
func Read(file string, raw []byte, p planfile.Plan, signers Signers, now time.Time) (Approval, error) {
	text, at, err := readSignature(SignatureOf(file))
	if err != nil {
		return Approval{}, err
	}
	a, err := Judge(text, raw, p, signers, now)
	a.At = signedAt(at, p, now)
	return a, err
}

// signedAt is the time of a signature's file where that can be when it was signed: in the life of
// the plan and not to come. The clock of a training is not the machine's, by which files have their
// times. Zero stands for not known: a time that is nearly right would be a wrong one in a record.
func signedAt(file time.Time, p planfile.Plan, now time.Time) time.Time {
	if p.Training || file.Before(p.Made.At) || file.After(p.Made.Until) || file.After(now) {
		return time.Time{}
	}
	return file
}

// readSignature reads a signature file and tells when it was written.
func readSignature(path string) (text []byte, at time.Time, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, at, ErrNone
	}
	if err != nil {
		return nil, at, fmt.Errorf("reading the signature: %w", err)
	}
	if !info.Mode().IsRegular() { // a pipe might never end
		return nil, at, ErrNoSignature
	}
	f, err := os.Open(path) //nolint:gosec // it lies beside the plan that the user names
	if err != nil {
		return nil, at, fmt.Errorf("reading the signature: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err = io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, at, fmt.Errorf("reading the signature: %w", err)
	}
	return text, info.ModTime(), nil
}

// Judge says whether a signature approves a plan whose file has these bytes: it is one of them, for
// this purpose, by a key that is allowed now, of somebody else than who made the plan.
func Judge(text, raw []byte, p planfile.Plan, signers Signers, now time.Time) (Approval, error) {
	s, err := parse(text)
	if err != nil {
		return Approval{}, err
	}
	a := Approval{Key: ssh.FingerprintSHA256(s.key)}
	if err := s.verify(raw); err != nil {
		return a, err
	}
	who, err := signers.find(s.key, now)
	if err != nil {
		return a, fmt.Errorf("%w (%s)", err, a.Key)
	}
	a.By = who.Name()
	return a, signers.made(p.Made.Maker, who, a.Key)
}

// ReadPractice is Read for a training, which knows no allowed signers: each key counts but one of whoever
// made the plan.
func ReadPractice(file string, raw []byte, p planfile.Plan, now time.Time) (Approval, error) {
	a, err := Read(file, raw, p, nil, now)
	if !errors.Is(err, ErrUnknown) {
		return a, err
	}
	a.By = "the holder of " + a.Key
	return a, ownKey(p.Made.Maker, a.Key)
}

// Free says whether a plan may be signed: ErrSigned where what lies beside it counts already. Where
// nobody is allowed, each signature of this plan does: whoever runs it may know its key.
func Free(file string, raw []byte, p planfile.Plan, signers Signers, now time.Time) error {
	a, err := Read(file, raw, p, signers, now)
	switch {
	case err == nil:
		return fmt.Errorf("%w: by %s, with the key %s", ErrSigned, a.By, a.Key)
	case len(signers) == 0 && errors.Is(err, ErrUnknown):
		return fmt.Errorf("%w: with the key %s", ErrSigned, a.Key)
	}
	return nil
}

// made says by what whoever made a plan is the holder of a key, as ErrSame: it is one of theirs,
// another one of theirs has the same name, or they work under it. Nil where they are two.
func (all Signers) made(m planfile.Maker, who Signer, key string) error {
	if err := ownKey(m, key); err != nil {
		return err
	}
	for _, s := range all {
		if slices.Contains(m.Keys, ssh.FingerprintSHA256(s.key)) && slices.ContainsFunc(s.Principals, func(p string) bool {
			return slices.ContainsFunc(who.Principals, func(other string) bool { return strings.EqualFold(p, other) })
		}) {
			return fmt.Errorf("%w: the allowed signers give %s also the key %s, which is one of %s", ErrSame, who.Name(), ssh.FingerprintSHA256(s.key), owns(m))
		}
	}
	for _, p := range who.Principals {
		if name, _, _ := strings.Cut(p, "@"); m.User != "" && strings.EqualFold(name, m.User) {
			return fmt.Errorf("%w: the allowed signers call the holder of the key %s, and the maker works as %s", ErrSame, p, m.Name())
		}
	}
	return nil
}

// ownKey says that a key is one of those of whoever made a plan, as ErrSame.
func ownKey(m planfile.Maker, key string) error {
	if !slices.Contains(m.Keys, key) {
		return nil
	}
	return fmt.Errorf("%w: the key %s is one of %s", ErrSame, key, owns(m))
}

// owns says where the keys of whoever made a plan are.
func owns(m planfile.Maker) string {
	return "the maker's own (" + m.Name() + "), from ~/.ssh or the ssh-agent there"
}

// Sign approves a plan whose file has these bytes, and puts the signature beside it. A file that
// is no signature is never written over.
func Sign(file string, raw []byte, k Key) (signatureFile string, err error) {
	path := SignatureOf(file)
	if err := usable(k.Public); err != nil {
		return "", err
	}
	if there, _, err := readSignature(path); !errors.Is(err, ErrNone) {
		if _, err := parse(there); err != nil {
			return "", fmt.Errorf("writing %s: %w", path, ErrNotOurs)
		}
	}
	what, err := toSign(raw, hashed)
	if err != nil {
		return "", err
	}
	blob, err := k.sign(what)
	if err != nil {
		return "", fmt.Errorf("signing with %s: %w", k.Name(), err)
	}
	s := signature{key: k.Public, namespace: Namespace, hash: hashed, blob: blob}
	if err := s.verify(raw); err != nil { // an agent may have done something else
		return "", fmt.Errorf("signing with %s: %w", k.Name(), err)
	}
	if err := disk.Replace(path, s.file()); err != nil {
		return "", fmt.Errorf("writing the signature: %w", err)
	}
	return path, nil
}
