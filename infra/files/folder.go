package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Folder is a Store in a folder: a file named by its hash, in a subfolder named by the first two
// digits. The folder is created with the first file.
type Folder string

// Save writes a temporary file, syncs it and renames it, so that a file is whole or absent
// after a crash. The time at which it was saved is that of its last change.
func (f Folder) Save(_ context.Context, content []byte) (string, error) {
	hash := hashOf(content)
	path := f.path(hash)
	if info, err := os.Stat(path); err == nil && info.Size() == int64(len(content)) {
		if now := time.Now(); os.Chtimes(path, now, now) == nil {
			return hash, nil
		}
	}
	if err := f.write(path, content); err != nil {
		return "", fmt.Errorf("saving a file: %w", err)
	}
	return hash, nil
}

func (f Folder) write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), "*.part")
	if err != nil {
		return err
	}
	_, err = temporary.Write(content)
	if err == nil {
		err = temporary.Sync()
	}
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return errors.Join(syncFolder(filepath.Dir(path)), syncFolder(string(f)))
}

// syncFolder makes new names in a folder durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Load reads and verifies a file.
func (f Folder) Load(_ context.Context, hash string) ([]byte, error) {
	if err := checkHash(hash); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(f.path(hash))
	if err != nil {
		return nil, missing(hash, err)
	}
	return verified(content, hash)
}

// Delete removes a file durably. It renames the file before it looks at its time, so that a Save
// at the same moment either is seen or writes the file again.
func (f Folder) Delete(_ context.Context, hash string, before time.Time) error {
	if err := checkHash(hash); err != nil {
		return err
	}
	path := f.path(hash)
	err := recent(path, before)
	if err == nil {
		away := path + ".part"
		if err = os.Rename(path, away); err == nil {
			if err = recent(away, before); err != nil {
				return errors.Join(err, os.Rename(away, path))
			}
			err = os.Remove(away)
		}
	}
	switch {
	case errors.Is(err, ErrRecent):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("deleting a file: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// recent returns ErrRecent if the file was saved after the time.
func recent(path string, before time.Time) error {
	info, err := os.Stat(path)
	if err == nil && info.ModTime().After(before) {
		err = ErrRecent
	}
	return err
}

// Size returns the size of a file.
func (f Folder) Size(_ context.Context, hash string) (int64, error) {
	if err := checkHash(hash); err != nil {
		return 0, err
	}
	info, err := os.Stat(f.path(hash))
	if err != nil {
		return 0, missing(hash, err)
	}
	return info.Size(), nil
}

// missing returns ErrMissing for a file that does not exist.
func missing(hash string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", hash, ErrMissing)
	}
	return err
}

func (f Folder) path(hash string) string { return filepath.Join(string(f), hash[:2], hash) }
