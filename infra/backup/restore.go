package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"sofipo/infra/db"
)

// markFile is in a data folder while a backup is restored into it.
const markFile = "restore.unfinished"

// Unfinished reports whether a restore into the data folder was interrupted. Its files are not
// usable; Restore begins again.
func Unfinished(data string) bool {
	_, err := os.Stat(filepath.Join(data, markFile))
	return err == nil
}

// Restore copies a backup into a data folder, which must be empty and locked by the caller. It
// verifies the checksum of each file. If it fails, the data folder is empty again.
func Restore(ctx context.Context, o Options) (m Manifest, err error) {
	if m, err = Read(o.Backup); err != nil {
		return m, err
	}
	if err := prepare(o.Data); err != nil {
		return m, err
	}
	if err := o.copyBack(ctx, m); err != nil {
		return m, errors.Join(err, empty(o.Data))
	}
	return m, nil
}

// Read reads the manifest of a complete backup, and compares the names and sizes of its files.
func Read(folder string) (m Manifest, err error) {
	text, err := os.ReadFile(filepath.Join(folder, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, fmt.Errorf("%s is not a backup: it has no %s", folder, manifestFile)
	}
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%s of the backup is damaged: %w", manifestFile, err)
	}
	switch {
	case m.Format != format:
		return m, fmt.Errorf("the backup has format %d: this program reads format %d", m.Format, format)
	case !m.Complete:
		return m, fmt.Errorf("%s was interrupted and is incomplete: use another backup", folder)
	}
	return m, m.checkNames(folder)
}

// checkNames checks that the backup has exactly the files of the manifest.
func (m Manifest) checkNames(folder string) error {
	sizes := map[string]int64{}
	for _, f := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return fmt.Errorf("the manifest names a file outside the backup: %q", f.Path)
		}
		sizes[f.Path] = f.Size
	}
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path == manifestFile {
			return err
		}
		want, listed := sizes[path]
		if !listed {
			return fmt.Errorf("%s is not in the manifest of the backup: remove it", filepath.Join(folder, path))
		}
		info, err := entry.Info()
		if err == nil && info.Size() != want {
			err = fmt.Errorf("%s is damaged: it has %d bytes instead of %d; use another backup", filepath.Join(folder, path), info.Size(), want)
		}
		delete(sizes, path)
		return err
	})
	for path := range sizes {
		if err == nil {
			err = fmt.Errorf("the backup lacks %s: use another backup", path)
		}
	}
	return err
}

// allowed are the entries that an empty data folder may have.
var allowed = []string{LockFile, markFile, "lost+found"}

// prepare marks an empty data folder. It removes what an interrupted restore left there.
func prepare(data string) error {
	if Unfinished(data) {
		if err := empty(data); err != nil {
			return err
		}
	}
	names, err := contents(data)
	if err != nil {
		return err
	}
	if len(names) > 0 {
		return fmt.Errorf("%s is not empty (%s): name an empty folder, or move its files away first", data, names[0])
	}
	if err := writeFile(filepath.Join(data, markFile), nil); err != nil {
		return err
	}
	return syncFolder(data)
}

// contents returns the names of a data folder except the allowed ones.
func contents(data string) (names []string, err error) {
	entries, err := os.ReadDir(data)
	for _, e := range entries {
		if !slices.Contains(allowed, e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// empty removes the files of a restore, and at last its mark.
func empty(data string) error {
	names, err := contents(data)
	if err != nil {
		return err
	}
	return removeAll(data, names, markFile)
}

// copyBack copies the files and removes the mark when all of them are on disk.
func (o Options) copyBack(ctx context.Context, m Manifest) error {
	done := int64(0)
	for _, f := range m.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := filepath.Join(o.Data, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		copied, err := copyFile(filepath.Join(o.Backup, filepath.FromSlash(f.Path)), to)
		if err != nil {
			return err
		}
		if copied.SHA256 != f.SHA256 {
			return fmt.Errorf("%s of the backup is damaged: its checksum is not that of the manifest; use another backup", f.Path)
		}
		done += f.Size
		o.Progress("bytes", done, m.Size())
	}
	if o.Embedded {
		if err := checkRestored(ctx, o.Data); err != nil {
			return err
		}
	}
	if err := syncFolders(o.Data); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(o.Data, markFile)); err != nil {
		return err
	}
	return syncFolder(o.Data)
}

// checkRestored refuses a backup without a database, and one of a newer program.
func checkRestored(ctx context.Context, data string) error {
	if !db.HasDatabase(data) {
		return errors.New("the backup has no database: it is of an installation with PostgreSQL; set DATABASE_URL as there")
	}
	d, err := db.Open(db.Config{Folder: data})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.CheckSchema(ctx); !errors.Is(err, db.ErrSchema) { // an older one is migrated
		return err
	}
	return nil
}
