package simulator

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// dice make everything that looks random. Each value depends only on the seed and
// on what it is for, never on the order of the calls: the same seed gives the same
// world however it is explored.
type dice struct{ seed uint64 }

func (d dice) bytes(what ...any) [32]byte {
	var room [128]byte
	text := append(strconv.AppendUint(room[:0], d.seed, 10), '|')
	for i, w := range what {
		if i > 0 {
			text = append(text, ' ')
		}
		switch w := w.(type) { // a world of thousands of snapshots is made of these
		case string:
			text = append(text, w...)
		case int:
			text = strconv.AppendInt(text, int64(w), 10)
		case int64:
			text = strconv.AppendInt(text, w, 10)
		default:
			text = fmt.Append(text, w)
		}
	}
	return sha256.Sum256(append(text, '\n'))
}

// id is an ObjectID: its first four bytes are the second in which it was made.
func (d dice) id(at time.Time, what ...any) string {
	var id [12]byte
	binary.BigEndian.PutUint32(id[:4], uint32(at.Unix())) //nolint:gosec // an ObjectID ends in 2106, so does its time
	sum := d.bytes(what...)
	copy(id[4:], sum[:8])
	return hex.EncodeToString(id[:])
}

// below is a number in [0, n).
func (d dice) below(n int64, what ...any) int64 {
	sum := d.bytes(what...)
	return int64(binary.BigEndian.Uint32(sum[:4])) % n
}

const (
	lower    = "abcdefghijklmnopqrstuvwxyz"
	digits   = "0123456789"
	hexes    = "0123456789abcdef"
	alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + lower + digits
)

// text is n letters (at most 32) of an alphabet.
func (d dice) text(letters string, n int, what ...any) string {
	var b strings.Builder
	for _, x := range d.bytes(what...) {
		if b.Len() == n {
			break
		}
		b.WriteByte(letters[int(x)%len(letters)])
	}
	return b.String()
}

// uuid looks like a random (version 4) one.
func (d dice) uuid(what ...any) string {
	b := d.bytes(what...)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// secret is 32 URL-safe characters.
func (d dice) secret(what ...any) string {
	sum := d.bytes(what...)
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}

func (d dice) keys() Keys {
	return Keys{
		PublicKey:    d.text(lower, 8, "public key"),
		PrivateKey:   d.uuid("private key"),
		ClientID:     "mdb_sa_id_" + d.text(hexes, 24, "client id"),
		ClientSecret: "mdb_sa_sk_" + d.secret("client secret"),
	}
}
