package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sofipo/infra/db"
	"sofipo/infra/envelope"
)

type keysCommand struct {
	Rotate keysRotateCommand `cmd:"" help:"Make a new data key and encrypt all personal data with it."`
}

type keysRotateCommand struct {
	settings `embed:""`
}

// Run rotates the data key. If it is interrupted, the next start or rotation continues.
func (c *keysRotateCommand) Run(ctx context.Context) error {
	return c.withDatabase(ctx, func(d *db.DB) error {
		if err := d.RotateKey(ctx); err != nil {
			return err
		}
		fmt.Println("the personal data are encrypted with a new key")
		return nil
	})
}

// withDatabase calls work with the database. It locks the embedded one meanwhile.
func (s *settings) withDatabase(ctx context.Context, work func(*db.DB) error) error {
	release, err := s.lockFolder(migrating)
	if err != nil {
		return err
	}
	defer release()
	s.patient = true
	database, err := openDatabase(ctx, s, s.logger())
	if err != nil {
		return err
	}
	defer database.Close()
	return work(database)
}

// hasDataKey reports whether a setting has the key that encrypts personal data.
func (s *settings) hasDataKey() bool { return s.DataKey != "" || s.DataKeyFile != "" }

// dataKeys returns the key-encryption key and the one before it. Without a setting, the embedded
// database has a key in the data folder, which is made if there is none; PostgreSQL has none, and
// personal data are stored in clear.
func (s *settings) dataKeys() (key, old []byte, err error) {
	if s.OldDataKey != "" {
		if old, err = keyOf("SOFIPO_DATA_KEY_OLD", s.OldDataKey); err != nil {
			return nil, nil, err
		}
	}
	switch {
	case s.DataKey != "" && s.DataKeyFile != "":
		return nil, nil, usageError{errors.New("set SOFIPO_DATA_KEY or SOFIPO_DATA_KEY_FILE, not both")}
	case s.DataKey != "":
		key, err = keyOf("SOFIPO_DATA_KEY", s.DataKey)
		return key, old, err
	case s.DataKeyFile != "":
		text, err := os.ReadFile(s.DataKeyFile)
		if err != nil {
			return nil, nil, fmt.Errorf("SOFIPO_DATA_KEY_FILE: %w", err)
		}
		key, err = keyOf("SOFIPO_DATA_KEY_FILE", string(text))
		return key, old, err
	case s.primaryURL() != "":
		return nil, old, nil
	}
	key, err = s.folderKey()
	return key, old, err
}

// folderKey returns the key in the data folder, and makes it if there is none.
func (s *settings) folderKey() ([]byte, error) {
	path := s.keyPath()
	text, err := os.ReadFile(path)
	if err == nil {
		return keyOf(path, string(text))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, fmt.Errorf("SOFIPO_DATA: %w", err)
	}
	key := envelope.NewKey().Value
	s.madeKey = true
	return key, writeKey(path, base64.StdEncoding.EncodeToString(key)+"\n")
}

// writeKey writes a new file that only its owner reads. The file is complete as soon as it exists.
func writeKey(path, text string) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	return folder.Sync() // without it the key may be lost with the power
}

// openKeys opens the data keys of the database. An error says which setting is wrong.
func (s *settings) openKeys(ctx context.Context, database *db.DB) error {
	if !s.migrates() {
		// Searches by blind indexes would find nothing that is in clear.
		if first, err := database.FirstKey(ctx); err != nil {
			return err
		} else if first {
			return errors.New("SOFIPO_DATA_KEY is new: stop all servers and run sofipo migrate")
		}
	}
	err := database.OpenKeys(ctx)
	switch {
	case errors.Is(err, db.ErrKeyNeeded):
		return fmt.Errorf("SOFIPO_DATA_KEY: %w", err)
	case !errors.Is(err, db.ErrWrongKey):
		return err
	case s.madeKey:
		return fmt.Errorf("%s is missing, and a new key cannot replace it: put the file back from a backup, or set SOFIPO_DATA_KEY: %w", s.keyPath(), err)
	case s.hasDataKey():
		return fmt.Errorf("SOFIPO_DATA_KEY: %w; if it is a new key, set SOFIPO_DATA_KEY_OLD to the one before", err)
	}
	return fmt.Errorf("%s: %w: put the file back from a backup of this database", s.keyPath(), err)
}

// keyPath returns the path of the key in the data folder.
func (s *settings) keyPath() string { return filepath.Join(s.Data, "data.key") }

// forgetKey removes a key that was made although the database was encrypted with another one,
// which must be restored.
func (s *settings) forgetKey(err error) {
	if s.madeKey && errors.Is(err, db.ErrWrongKey) {
		_ = os.Remove(s.keyPath()) // the error says what is wrong
	}
}

// keyOf reads a key: 32 bytes in base64.
func keyOf(name, text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != envelope.Size {
		return nil, usageError{fmt.Errorf("%s must be %d random bytes in base64, such as from: openssl rand -base64 32", name, envelope.Size)}
	}
	return key, nil
}
