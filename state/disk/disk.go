// Package disk writes small files of this program's own state, and reads those that people edit.
package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Replace puts a new file in the place of an old one, for this user's eyes alone: whoever
// reads it sees the old one or the new one, whole, even after a crash. The directory is made
// where it is missing.
func Replace(path string, raw []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the directory of %s: %w", path, err)
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
