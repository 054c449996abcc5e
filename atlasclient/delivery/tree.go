package delivery

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// tree is a directory of a disk into which a file is unpacked. Names are below it, with slashes.
type tree interface {
	// Mkdir makes a directory in one that is there. It is fs.ErrExist if there is anything of that name.
	Mkdir(name string) error
	// Create makes a file that nobody else reads. It is fs.ErrExist if there is anything of that name.
	Create(name string) (io.WriteCloser, error)
	Remove(name string) error
	// Sync has all that was written outlive a crash.
	Sync() error
	Close() error
}

// branch is a tree of this machine. Names cannot climb out of it, also where a link is laid there.
type branch struct{ root *os.Root }

// MakeTree implements disk.
func (f *folder) MakeTree(name string) (tree, error) {
	if err := f.root.Mkdir(name, 0o700); err != nil {
		return nil, err //nolint:wrapcheck // the caller says what for
	}
	root, err := f.root.OpenRoot(name)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what for
	}
	return &branch{root}, nil
}

// RemoveTree implements disk.
func (f *folder) RemoveTree(name string) error { return f.root.RemoveAll(name) } //nolint:wrapcheck // the caller says what for

// Mkdir implements tree.
func (b *branch) Mkdir(name string) error { return b.root.Mkdir(filepath.FromSlash(name), 0o700) } //nolint:wrapcheck // the caller says what for

// Create implements tree.
func (b *branch) Create(name string) (io.WriteCloser, error) {
	f, err := b.root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what for
	}
	return f, nil
}

// Remove implements tree.
func (b *branch) Remove(name string) error { return b.root.Remove(filepath.FromSlash(name)) } //nolint:wrapcheck // the caller says what for

// Sync implements tree. The files come before the directories that name them.
func (b *branch) Sync() error {
	var dirs []string
	err := fs.WalkDir(b.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			dirs = append(dirs, name)
			return nil
		}
		return b.sync(name, os.O_RDWR)
	})
	for i := len(dirs) - 1; i >= 0 && err == nil; i-- {
		if err = b.sync(dirs[i], os.O_RDONLY); notForDirectories(err) {
			err = nil
		}
	}
	if err != nil {
		return fmt.Errorf("securing what was unpacked: %w", err)
	}
	return nil
}

func (b *branch) sync(name string, how int) error {
	f, err := b.root.OpenFile(filepath.FromSlash(name), how, 0)
	if err != nil {
		return err //nolint:wrapcheck // the caller says what for
	}
	return errors.Join(f.Sync(), f.Close())
}

// notForDirectories says whether an error only tells that a directory cannot be synced here.
func notForDirectories(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrInvalid)
}

// Close implements tree.
func (b *branch) Close() error { return b.root.Close() } //nolint:wrapcheck // the caller says what for
