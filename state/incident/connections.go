package incident

import (
	"bytes"
	"encoding/json"
	"hash/maphash"
	"time"

	"atlas-restore/state/text"
)

// The lines by which the server says who is behind a connection, and when a number of a
// connection means another one.
const (
	idAccepted  = 22943
	idMetadata  = 51800
	idEnded     = 22944
	idRestarted = 20698   // "***** SERVER RESTARTED *****"
	idStarting  = 4615611 // "MongoDB starting": the numbers begin anew
)

// connections are the clients of a member that a log has named so far. What they are made of is
// bounded, whatever a log holds: a busy member has some thousands open, of a few hundred kinds.
type connections struct {
	open  [][2]connection  // by number, modulo their length; nil until the first is known
	kinds map[uint64]int32 // by the hash of what they say of themselves, the place in about
	about []Who            // without Context and Remote; the first is not told
	seed  maphash.Seed
	anew  time.Time // the server was started last: the numbers before mean others; zero for not in this log
}

const (
	maxOpen  = 1 << 13
	maxKinds = 1 << 11
)

// connection is one of them. It holds no pointer, so that thousands cost nothing.
type connection struct {
	number int64    // 0 for none
	remote [46]byte // as long as an address of IPv6 with its port gets
	length uint8
	kind   int32
}

func newConnections() connections {
	return connections{kinds: map[uint64]int32{}, about: make([]Who, 1), seed: maphash.MakeSeed()}
}

// place is where the connection of that number is, or else would be. Where two others are, it
// is that of the newer: those that stay long are what a log is asked for late.
func (c *connections) place(number int64) *connection {
	if c.open == nil {
		return &connection{}
	}
	set := &c.open[number&(maxOpen/2-1)]
	switch {
	case set[0].number == number:
		return &set[0]
	case set[1].number == number:
		return &set[1]
	case set[0].number == 0 || set[1].number != 0 && set[0].number > set[1].number:
		return &set[0]
	}
	return &set[1]
}

// read takes what a line says of a connection. It decodes only what no line before has said.
func (c *connections) read(id int64, line, rest []byte) {
	switch id {
	case idRestarted, idStarting:
		clear(c.open)
		c.anew = written(line)
	case idEnded:
		if n := connectionOf(rest); n != 0 {
			if known := c.place(n); known.number == n {
				known.number = 0
			}
		}
	case idAccepted:
		const key = `"connectionId":`
		if i := index(rest, key, len(`"connection`)); i >= 0 {
			n, _ := number(rest[i+len(key):])
			c.set(n, remoteOf(rest))
		}
	case idMetadata:
		now := remoteOf(rest)
		now.kind = c.kind(line, rest)
		c.set(connectionOf(rest), now)
	}
}

func (c *connections) set(n int64, now connection) {
	if n != 0 {
		if c.open == nil { // half a megabyte
			c.open = make([][2]connection, maxOpen/2)
		}
		now.number = n
		*c.place(n) = now
	}
}

// connectionOf is the number of the connection whose thread wrote the line; 0 for none.
func connectionOf(rest []byte) int64 {
	n, _ := number(quoted(rest, `"ctx":"conn`, len(`"ct`), 64))
	return n
}

// remoteOf is a connection of which only the address is known.
func remoteOf(rest []byte) (c connection) {
	remote := quoted(rest, `"attr":{"remote":"`, len(`"attr":`), 160)
	if remote == nil { // it stands first, where the server writes it
		remote = quoted(rest, `"remote":"`, len(`"re`), 160)
	}
	if len(remote) <= len(c.remote) && bytes.IndexByte(remote, '\\') < 0 {
		c.length = uint8(copy(c.remote[:], remote)) //nolint:gosec // at most 46
	}
	return c
}

// kind is the place of what the client says of itself.
func (c *connections) kind(line, rest []byte) int32 {
	i := index(rest, `"doc":`, len(`"`))
	if i < 0 {
		return 0
	}
	hash := maphash.Bytes(c.seed, rest[i:])
	if k, ok := c.kinds[hash]; ok {
		return k
	}
	if len(c.about) >= maxKinds {
		return 0
	}
	k := int32(len(c.about)) //nolint:gosec // fewer than maxKinds
	c.kinds[hash] = k
	c.about = append(c.about, client(line))
	return k
}

// client is what a line of metadata says of the client.
func client(line []byte) Who {
	var l struct {
		Attr struct {
			Doc struct {
				Application struct {
					Name string `json:"name"`
				} `json:"application"`
				Driver struct {
					Name    string `json:"name"`
					Version string `json:"version"`
				} `json:"driver"`
			} `json:"doc"`
		} `json:"attr"`
	}
	if json.Unmarshal(line, &l) != nil {
		return Who{}
	}
	d := l.Attr.Doc
	driver := d.Driver.Name
	if d.Driver.Version != "" {
		driver += " " + d.Driver.Version
	}
	return Who{Application: text.Clean(d.Application.Name), Driver: text.Clean(driver)}
}

// complete adds to who wrote a line what is known of the connection.
func (c *connections) complete(w *Who) {
	digits, ok := bytes.CutPrefix([]byte(w.Context), []byte("conn"))
	if !ok {
		return
	}
	n, rest := number(digits)
	known := c.place(n)
	if n == 0 || known.number != n || len(rest) != 0 {
		return
	}
	about := c.about[known.kind]
	if w.Application == "" {
		w.Application = about.Application
	}
	if w.Driver == "" {
		w.Driver = about.Driver
	}
	if w.Remote == "" {
		w.Remote = text.Clean(string(known.remote[:known.length]))
	}
}
