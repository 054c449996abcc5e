package delivery

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"

	"atlas-restore/state/fetch"
)

// disk is the directory that archives are fetched into.
type disk interface {
	// Stat follows no link.
	Stat(name string) (fs.FileInfo, error)
	// Create makes a file that nobody else reads; it is an error if there is one.
	Create(name string) (file, error)
	// Open opens a regular file for reading and writing.
	Open(name string) (file, error)
	Rename(from, to string) error
	Remove(name string) error
	// MakeTree makes a directory that nobody else reads; it is an error if there is anything of the name.
	MakeTree(name string) (tree, error)
	// RemoveTree removes a directory with all that is in it, if there is one.
	RemoveTree(name string) error
	// Sync has the names in the directory outlive a crash.
	Sync() error
	// Same says whether two of its files are one, whatever they are called.
	Same(a, b fs.FileInfo) bool
	// Named says whether the directory is still the one that its path leads to.
	Named() bool
	// Free is how many bytes this user may still write, -1 where it is not known, and what is
	// to be said of the kind of disk; mostly nothing.
	Free() (bytes int64, note string)
}

// file is an open file of a disk.
type file interface {
	io.Writer
	io.ReaderAt
	io.Seeker
	io.Closer
	Stat() (fs.FileInfo, error)
	Sync() error
	Truncate(size int64) error
	// Reserve takes room for so many bytes behind an offset, where the disk does so cheaply. The
	// file's size stays. An error is that there is no room.
	Reserve(from, size int64) (bool, error)
}

// onDisk is a file of this machine.
type onDisk struct{ *os.File }

// Reserve implements file.
func (f onDisk) Reserve(from, size int64) (bool, error) { return reserve(f.File, from, size) }

// folder is a directory of this machine. Names cannot climb out of it.
type folder struct {
	root *os.Root
	path string
}

// openFolder opens a directory, and makes it where it is missing, for this user alone.
func openFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("making the directory: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("opening the directory: %w", err)
	}
	return &folder{root, path}, nil
}

// Stat implements disk.
func (f *folder) Stat(name string) (fs.FileInfo, error) { return f.root.Lstat(name) } //nolint:wrapcheck // the caller says what for

// Create implements disk.
func (f *folder) Create(name string) (file, error) {
	return f.open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

// Open implements disk. What is no regular file, like a link that somebody has laid there, is
// not opened.
func (f *folder) Open(name string) (file, error) {
	there, err := f.root.Lstat(name)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what for
	}
	if !there.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	opened, err := f.root.OpenFile(name, os.O_RDWR, 0o600)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what for
	}
	if is, err := opened.Stat(); err != nil || !os.SameFile(is, there) {
		_ = opened.Close()
		return nil, fmt.Errorf("%s was exchanged while it was opened", name)
	}
	return onDisk{opened}, nil
}

func (f *folder) open(name string, how int) (file, error) {
	opened, err := f.root.OpenFile(name, how, 0o600)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what for
	}
	return onDisk{opened}, nil
}

// Rename implements disk.
func (f *folder) Rename(from, to string) error { return f.root.Rename(from, to) } //nolint:wrapcheck // the caller says what for

// Remove implements disk.
func (f *folder) Remove(name string) error { return f.root.Remove(name) } //nolint:wrapcheck // the caller says what for

// Sync implements disk. A directory cannot be synced everywhere.
func (f *folder) Sync() error {
	d, err := f.root.Open(".")
	if err != nil {
		return err //nolint:wrapcheck // the caller says what for
	}
	defer func() { _ = d.Close() }() // it was only synced
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrInvalid) {
		return err //nolint:wrapcheck // the caller says what for
	}
	return nil
}

// Same implements disk.
func (f *folder) Same(a, b fs.FileInfo) bool { return os.SameFile(a, b) }

// Named implements disk.
func (f *folder) Named() bool {
	mine, err := f.root.Stat(".")
	if err != nil {
		return true // nothing says that it is not
	}
	is, err := os.Stat(f.path)
	return err == nil && os.SameFile(mine, is) || err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR)
}

// Free implements disk.
func (f *folder) Free() (bytes int64, note string) { return free(f.path) }

func (f *folder) close() { _ = f.root.Close() }

const lockFile = ".atlas-restore.lock"

// lock keeps other runs out of the directory until unlock is called or the process ends,
// however it ends.
func (f *folder) lock() (unlock func(), err error) {
	path := filepath.Join(f.path, lockFile)
	for {
		l := flock.New(path, flock.SetPermissions(0o600))
		got, err := l.TryLock()
		if err != nil {
			return nil, diskFault("locking", f.path, err)
		}
		if !got {
			return nil, &fetch.Error{Problem: fetch.Locked, Why: "another run is fetching into " + f.path, Advice: "Wait for it, or give another directory with --out DIR."}
		}
		held, err1 := l.Stat()
		named, err2 := os.Lstat(path)
		if err1 == nil && err2 == nil && os.SameFile(held, named) {
			return func() {
				if named, err := os.Lstat(path); err == nil && os.SameFile(held, named) { // else it is another run's, in a directory that has come since
					_ = os.Remove(path) // while it is held: who waits for it sees that it is no longer the one of this name
				}
				_ = l.Unlock()
			}, nil
		}
		_ = l.Unlock() // its owner has taken it away meanwhile
		if err1 != nil {
			return nil, diskFault("locking", f.path, err1)
		}
	}
}

// small reads a file whole that has at most so many bytes; of a larger one it reads one more.
func small(d disk, name string, most int64) ([]byte, error) {
	f, err := d.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return io.ReadAll(io.NewSectionReader(f, 0, most+1))
}

// replace puts a small file in the place of an old one: a crash leaves the one or the other.
func replace(d disk, name, by string, raw []byte) error {
	if err := d.Remove(by); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := d.Create(by)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = d.Rename(by, name)
	}
	if err != nil {
		_ = d.Remove(by)
		return err
	}
	return d.Sync()
}
