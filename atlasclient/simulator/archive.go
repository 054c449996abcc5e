package simulator

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"time"
)

// dataFiles are the files of a small data directory and their sizes in bytes.
var dataFiles = []struct {
	name string
	size int
}{
	{"WiredTiger", 50},
	{"WiredTiger.lock", 21},
	{"WiredTiger.turtle", 1472},
	{"WiredTiger.wt", 73728},
	{"_mdb_catalog.wt", 36864},
	{"sizeStorer.wt", 36864},
	{"storage.bson", 114},
	{"collection-0-4177226839410552310.wt", 131072},
	{"index-1-4177226839410552310.wt", 45056},
}

// tarball is what a download delivers for a replica set: raw data files and the
// log, the same bytes for the same snapshot. The data is noise, so that the archive
// does not shrink to nothing.
func tarball(d dice, snapshot string, taken time.Time) []byte {
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	archive := tar.NewWriter(zipped)
	noise := rand.NewChaCha8(d.bytes("archive", snapshot))
	write := func(name string, content []byte) {
		header := &tar.Header{Name: "restore-" + snapshot + "/" + name, Mode: 0o600, Size: int64(len(content)), ModTime: taken, Format: tar.FormatPAX}
		must(archive.WriteHeader(header))
		_, err := archive.Write(content)
		must(err)
	}
	for _, f := range dataFiles {
		content := make([]byte, f.size)
		_, _ = noise.Read(content) // never fails
		if f.name == "WiredTiger" {
			content = []byte("WiredTiger\nWiredTiger 11.2.0 (a simulated data directory)\n")
		}
		write(f.name, content)
	}
	var mongod bytes.Buffer
	for i := range 200 {
		at := taken.Add(time.Duration(i-200) * 7 * time.Second).UTC().Format("2006-01-02T15:04:05.000Z07:00")
		fmt.Fprintf(&mongod, `{"t":{"$date":"%s"},"s":"I","c":"STORAGE","id":%d,"ctx":"simulator","msg":"nothing happened"}`+"\n", at, 90000+i)
	}
	write("mongodb.log", mongod.Bytes())
	must(archive.Close())
	must(zipped.Close())
	return out.Bytes()
}

// must is for writes of our own things into memory, which cannot fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
