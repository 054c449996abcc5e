package simulator

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	made "atlas-restore/atlasclient/simulator/archive"
)

// mostTables is how many collections an archive holds, and documents how many these have
// together: it stays small, whatever the cluster has.
const (
	mostTables = 12
	documents  = 400
)

// tarball is what a download delivers for a replica set: the data directory of a mongod and its
// log, small, and the same bytes for the same snapshot. The collections are those that the
// cluster had; their documents are noise. Nobody may change it.
func tarball(d dice, snapshot, version string, taken time.Time, names []string, damaged bool) []byte {
	is := fmt.Sprintf("%x %q %q %d %q %v", d.bytes("archive", snapshot), snapshot, version, taken.UnixMilli(), names, damaged)
	return tarballs.of(is, func() []byte { return pack(d, snapshot, version, taken, names, damaged) })
}

// tarballs are the last that were made: whoever asks for one again has the same.
var tarballs memory

// memory keeps a few of what is dear to make, by what it is made of.
type memory struct {
	mu   sync.Mutex
	last []kept
}

type kept struct {
	is   string
	made func() []byte
}

const mostKept = 12

func (m *memory) of(is string, pack func() []byte) []byte {
	m.mu.Lock()
	i := slices.IndexFunc(m.last, func(k kept) bool { return k.is == is })
	if i < 0 {
		if m.last = append(m.last, kept{is, sync.OnceValue(pack)}); len(m.last) > mostKept {
			m.last = slices.Delete(m.last, 0, 1)
		}
		i = len(m.last) - 1
	}
	made := m.last[i].made
	m.mu.Unlock()
	return made()
}

func pack(d dice, snapshot, version string, taken time.Time, names []string, damaged bool) []byte {
	seed := d.bytes("archive", snapshot)
	major := strings.Split(version, ".")
	db := made.Database{
		Top: "restore-" + snapshot, FCV: strings.Join(major[:min(2, len(major))], "."),
		Seed: binary.LittleEndian.Uint64(seed[:8]),
	}
	names = names[:min(len(names), mostTables)]
	for _, name := range names {
		db.Collections = append(db.Collections, made.Collection{Namespace: name, Documents: documents / len(names)})
	}
	files := db.Files()
	i := slices.IndexFunc(files, func(f made.File) bool { return strings.HasSuffix(f.Name, "/mongodb.log") })
	files[i].Data = mongodLog(taken)
	if damaged {
		made.Damage(files)
	}
	var out bytes.Buffer
	must(made.TarGz(&out, files))
	return out.Bytes()
}

// mongodLog is the log of a mongod of before a time.
func mongodLog(taken time.Time) []byte {
	var mongod bytes.Buffer
	for i := range 200 {
		at := taken.Add(time.Duration(i-200) * 7 * time.Second).UTC().Format("2006-01-02T15:04:05.000Z07:00")
		fmt.Fprintf(&mongod, `{"t":{"$date":"%s"},"s":"I","c":"STORAGE","id":%d,"ctx":"simulator","msg":"nothing happened"}`+"\n", at, 90000+i)
	}
	return mongod.Bytes()
}

// must is for writes of our own things into memory, which cannot fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
