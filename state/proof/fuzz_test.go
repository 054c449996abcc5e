package proof

import (
	"bytes"
	"encoding/json"
	"testing"

	"atlas-restore/atlasclient/simulator/archive"
)

// Whatever an archive holds, it is judged, and its report can be read by people and programs.
func FuzzArchive(f *testing.F) {
	files := []archive.File{{Name: "a/WiredTiger", Data: []byte("WiredTiger\n")}, {Name: "a/b.wt"}, {Name: "a/WiredTiger.turtle", Data: []byte("file:WiredTiger.wt\nid=0\n")}}
	f.Add(packed(f, files)[:4096])
	f.Add(zipped(f, files))
	f.Add(zipped(f, files[:1]))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := Archive(t.Context(), "fuzz", bytes.NewReader(raw), Options{Notes: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if r.Bytes != int64(len(raw)) {
			t.Fatalf("%d of %d bytes were read", r.Bytes, len(raw))
		}
		for _, d := range r.Databases {
			for _, table := range d.Tables {
				if table.Verdict == Sound && table.Proven != table.Used {
					t.Fatalf("%+v is called sound", table)
				}
			}
		}
		if _, err := json.Marshal(r); err != nil || r.Text() == "" {
			t.Fatal(err)
		}
	})
}

// FuzzTable changes bytes of a table in an archive that is otherwise whole, so that what is
// changed comes as far as the walk.
func FuzzTable(f *testing.F) {
	files := archive.Database{Backup: true, Collections: []archive.Collection{{Namespace: "a.b", Documents: 3}}}.Files()
	f.Add(uint8(4), uint32(5000), []byte{1, 2, 3})
	f.Add(uint8(1), uint32(700), []byte("(addr="))
	f.Fuzz(func(t *testing.T, which uint8, at uint32, bytes []byte) {
		changed := make([]archive.File, len(files))
		copy(changed, files)
		i := int(which) % len(files)
		data := append([]byte(nil), files[i].Data...)
		if len(data) > 0 {
			copy(data[int(at)%len(data):], bytes)
		}
		changed[i].Data = data
		judged(t, packed(t, changed))
	})
}

func FuzzDocument(f *testing.F) {
	f.Add([]byte{12, 0, 0, 0, 16, 'a', 0, 1, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, doc []byte) {
		_ = document(doc, func(_ byte, _ string, v []byte) {
			if len(v) > len(doc) {
				t.Fatal("a value beyond its document")
			}
			_ = bsonText(v)
		})
		_ = fcvOf(doc)
	})
}
