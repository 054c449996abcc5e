package approval

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Namespace is what a signature of a plan is for, so that one that was given for something else
// (a commit, a file) approves no restore.
const Namespace = "atlas-restore"

// The words of OpenSSH's signature format (PROTOCOL.sshsig).
const (
	magic  = "SSHSIG"
	header = "-----BEGIN SSH SIGNATURE-----"
	footer = "-----END SSH SIGNATURE-----"
	hashed = "sha512" // what is signed here
	most   = 64 << 10 // bytes of a signature file: far beyond that of any key
)

// signature is one in OpenSSH's format.
type signature struct {
	key       ssh.PublicKey
	namespace string
	hash      string
	blob      *ssh.Signature
}

// wire is what stands behind the magic word.
type wire struct {
	Version                   uint32
	Key                       []byte
	Namespace, Reserved, Hash string
	Signature                 []byte
}

// signed is what the key signs behind the magic word: a hash of the message, bound to what the
// signature is for.
type signed struct {
	Namespace, Reserved, Hash string
	Message                   []byte
}

// parse takes a signature out of its file.
func parse(raw []byte) (s signature, err error) {
	text, ok := strings.CutPrefix(string(raw), header)
	if ok {
		text, ok = strings.CutSuffix(strings.TrimSpace(text), footer)
	}
	if !ok || len(raw) > most {
		return s, ErrNoSignature
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(strings.NewReplacer("\r", "", "\n", "").Replace(text))
	if err != nil {
		return s, ErrNoSignature
	}
	blob, ok = bytes.CutPrefix(blob, []byte(magic))
	var w wire
	if !ok || ssh.Unmarshal(blob, &w) != nil || w.Version != 1 {
		return s, ErrNoSignature
	}
	s = signature{namespace: w.Namespace, hash: w.Hash, blob: &ssh.Signature{}}
	if s.key, err = ssh.ParsePublicKey(w.Key); err != nil || ssh.Unmarshal(w.Signature, s.blob) != nil {
		return s, ErrNoSignature
	}
	return s, usable(s.key)
}

// file is a signature as its file has it.
func (s signature) file() []byte {
	blob := append([]byte(magic), ssh.Marshal(wire{Version: 1, Key: s.key.Marshal(), Namespace: s.namespace, Hash: s.hash, Signature: ssh.Marshal(s.blob)})...)
	text := base64.StdEncoding.EncodeToString(blob)
	var b strings.Builder
	b.WriteString(header + "\n")
	for len(text) > 0 {
		n := min(70, len(text))
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	b.WriteString(footer + "\n")
	return []byte(b.String())
}

// verify says whether the signature is one of this message, by its own key.
func (s signature) verify(message []byte) error {
	if s.namespace != Namespace {
		return fmt.Errorf("%w: %q", ErrNamespace, s.namespace)
	}
	what, err := toSign(message, s.hash)
	if err != nil {
		return err
	}
	if !slices.Contains(algorithms(s.key), s.blob.Format) || s.key.Verify(what, s.blob) != nil {
		return ErrOther
	}
	return nil
}

// toSign is what a key signs for a message.
func toSign(message []byte, hash string) ([]byte, error) {
	var sum []byte
	switch hash {
	case "sha256":
		h := sha256.Sum256(message)
		sum = h[:]
	case hashed:
		h := sha512.Sum512(message)
		sum = h[:]
	default:
		return nil, ErrNoSignature
	}
	return append([]byte(magic), ssh.Marshal(signed{Namespace: Namespace, Hash: hash, Message: sum})...), nil
}

// algorithms are those by which a key may have signed: none with SHA-1.
func algorithms(key ssh.PublicKey) []string {
	if key.Type() == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{key.Type()}
}

// usable says what keeps a key from approving anything.
func usable(key ssh.PublicKey) error {
	switch key.Type() {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256:
		return nil
	case ssh.KeyAlgoRSA:
		c, ok := key.(ssh.CryptoPublicKey)
		if !ok {
			return ErrKind
		}
		if k, ok := c.CryptoPublicKey().(*rsa.PublicKey); !ok || k.N.BitLen() < 2048 {
			return fmt.Errorf("%w: an RSA key needs 2048 bits", ErrKind)
		}
		return nil
	}
	return fmt.Errorf("%w: %s", ErrKind, key.Type())
}

// Why an approval does not count.
var (
	ErrNone        = errors.New("no signature lies beside the plan")
	ErrNoSignature = errors.New("what lies beside the plan is no SSH signature")
	ErrKind        = errors.New("a key of this kind approves nothing")
	ErrNamespace   = errors.New("the signature was given for something else than " + Namespace)
	ErrOther       = errors.New("the signature is not one of this plan: it is of another one, or was changed")
	ErrUnknown     = errors.New("the key is not among the allowed signers")
	ErrNobody      = errors.New("the allowed signers give the key no name")
	ErrNotFor      = errors.New("the allowed signers do not let the key sign for " + Namespace)
	ErrOver        = errors.New("the key was good until")
	ErrNotYet      = errors.New("the key is not good before")
	ErrSame        = errors.New("the plan was made by the same person, and a second one has to approve it")
	ErrSigned      = errors.New("the plan is signed already")
	ErrNotOurs     = errors.New("a file is there that is no SSH signature, and is left as it is")
)
