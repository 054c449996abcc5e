package delivery

import (
	"errors"
	"io/fs"
	"slices"
	"sync"

	"atlas-restore/state/fetch"
)

// desk hands over what is there: beside the files it keeps what tells what they are. It is written
// again whenever a file has come to its end, and holds for no more than what was proven by then.
type desk struct {
	mu       sync.Mutex
	manifest string // the names of the files
	sums     string
	guide    string
	there    bool   // a manifest of this download
	beside   string // what is to be said once they are written: why they have other names; empty: nothing
}

// choose finds the names. What another has laid there under the usual ones is not touched: then all
// are named after the snapshot.
func (d *desk) choose(r *run) {
	d.manifest, d.sums, d.guide = fetch.ManifestName, fetch.SumsName, fetch.GuideName
	raw, err := small(r.disk, d.manifest, fetch.MostManifest)
	taken := d.manifest
	if errors.Is(err, fs.ErrNotExist) {
		names := []string{d.sums, d.guide}
		i := slices.IndexFunc(names, func(name string) bool { there, err := r.there(name); return there || err != nil })
		if i < 0 {
			return
		}
		taken = names[i]
	} else if err == nil {
		m, err := fetch.ParseManifest(raw)
		if d.there = err == nil && m.Snapshot == r.order.Snapshot && m.Cluster == r.order.Source.Cluster; d.there {
			return
		}
	}
	prefix := fetch.CleanName(r.order.Snapshot) + "."
	d.manifest, d.sums, d.guide = prefix+d.manifest, prefix+d.sums, prefix+d.guide
	d.there, _ = r.there(d.manifest)
	d.beside = taken + " was there, and it is not known to be of this snapshot: what tells of these files is called " + d.manifest
}

// hand notes how a file has ended, and writes what is there by now. The files themselves are as safe
// without it: what goes wrong is told, and what was written earlier is taken away where it can be.
func (d *desk) hand(r *run, all fetch.Result, i int, ended fetch.Fetched) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all[i] = ended
	if !d.there && !slices.ContainsFunc(all, func(f fetch.Fetched) bool { return f.State == fetch.Proven || f.State == fetch.Aside }) {
		return
	}
	order, _ := r.current()
	m := fetch.NewManifest(order, all, r.now())
	m.Training = r.opt.Only != ""
	raw, err := m.JSON()
	if err == nil {
		err = r.lay(d.manifest, raw)
	}
	sums, guide := m.Sums(), m.Guide(d.sums)
	if err != nil { // without a manifest beside them they would be anybody's
		sums, guide = nil, nil
	}
	err = errors.Join(err, r.lay(d.sums, sums), r.lay(d.guide, guide))
	if err != nil {
		r.note(diskFault("writing", d.manifest+", "+d.sums+" or "+d.guide, err).Why + ". The files themselves are as they are told.")
		return
	}
	d.there = true
	if d.beside != "" {
		r.note(d.beside)
		d.beside = ""
	}
	r.tell(fetch.Event{Kind: fetch.Told, Index: -1, Total: -1, Left: -1, Text: r.path(d.manifest)})
}

// lay puts a small file in the place of an old one. One without any bytes is taken away, and so is
// an old one that cannot be replaced: it would tell what was.
func (r *run) lay(name string, raw []byte) error {
	var err error
	if len(raw) > 0 {
		if err = replace(r.disk, name, name+".new", raw); err == nil {
			return nil
		}
	}
	gone := r.disk.Remove(name)
	if errors.Is(gone, fs.ErrNotExist) {
		return err
	}
	return errors.Join(err, gone, r.disk.Sync())
}

// note is an event that is of no single file.
func (r *run) note(text string) {
	r.tell(fetch.Event{Kind: fetch.Note, Index: -1, Total: -1, Left: -1, Text: text})
}
