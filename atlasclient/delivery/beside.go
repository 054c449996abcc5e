package delivery

import (
	"path/filepath"
	"time"

	"atlas-restore/state/fetch"
	"atlas-restore/state/proof"
)

// Beside unpacks a file that lies on the disk beside itself, by the rules of a fetch: into a directory
// for this user alone, which gets its name when the file is proven. It is a proof.Unpacker.
type Beside struct {
	*unpacking

	folder *folder
	unlock func()
}

// UnpackBeside begins it for the file of a path. End or Leave ends it.
func UnpackBeside(path string) (*Beside, error) {
	whole, err := filepath.Abs(path)
	if err != nil {
		return nil, diskFault("finding", path, err)
	}
	dir, name := filepath.Split(whole)
	opened, err := openFolder(dir)
	if err != nil {
		return nil, diskFault("using", dir, err)
	}
	unlock, err := opened.lock()
	if err != nil {
		opened.close()
		return nil, err
	}
	r := &run{disk: opened, order: fetch.Order{Dir: filepath.Clean(dir)}, opt: Options{Now: time.Now, Tell: func(fetch.Event) {}}}
	u, there := r.unpacking(name)
	if there {
		u.failed = &fetch.Error{Problem: fetch.Exists, Why: r.path(u.name) + " is there already, and stays as it is"}
	}
	return &Beside{u, opened, unlock}, nil
}

// End gives the directory the name that the verdict on the file allows, and says which. An error says
// why there is none; the file itself is as it was.
func (b *Beside) End(v proof.Verdict) (string, error) {
	defer b.Leave()
	ending := unseenEnding
	switch v {
	case proof.Sound:
		ending = ""
	case proof.Damaged:
		ending = damagedEnding
	case proof.Unchecked, proof.NoBackup, proof.Note:
	}
	if err := b.finish(ending); err != nil {
		return "", err
	}
	return b.run.path(b.name + ending), nil
}

// Leave takes away what has no name yet.
func (b *Beside) Leave() {
	if b.unlock == nil {
		return
	}
	b.drop()
	b.unlock()
	b.folder.close()
	b.unlock = nil
}
