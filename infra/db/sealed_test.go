package db_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sofipo/core/id"
	"sofipo/infra/db"
	"sofipo/infra/envelope"
	"sofipo/test/ground"
)

// secret is a row of a table with encrypted columns.
type secret struct {
	owner   id.ID
	text    string
	content []byte
}

var (
	sealing       = db.Sealing[secret]{Table: "secrets", Column: "owner", Owner: func(s *secret) string { return s.owner.String() }}
	secretColumns = db.Columns[secret]{
		db.IDField("owner", func(s *secret) *id.ID { return &s.owner }),
		db.SealedField("txt", sealing, func(s *secret) *string { return &s.text }),
		db.SealedBytesField("content", sealing, func(s *secret) *[]byte { return &s.content }),
	}
	_ = db.DeclareBlind(db.BlindColumn{Table: "secret_words", Column: "word", Kind: "kind", Kinds: []string{"phone"}, Blinded: []string{"phone"}})
)

const (
	plainText  = "CURP GODE561231MJCMZM09"
	plainPhone = "3312345678"
)

func makeSecrets(t *testing.T, d *db.DB) []secret {
	t.Helper()
	ids, blob := "TEXT", "BLOB"
	if !d.Embedded() {
		ids, blob = "UUID", "BYTEA"
	}
	_, err := run(t.Context(), d, "CREATE TABLE secrets (owner "+ids+" PRIMARY KEY, txt TEXT NOT NULL, content "+blob+")", "CREATE TABLE secret_words (kind TEXT, word TEXT)")
	must(t, err)
	rows := []secret{{id.ID{1, 15: 1}, plainText, []byte(plainText)}, {id.ID{1, 15: 2}, "", nil}, {id.ID{1, 15: 3}, "Calle Juárez 10", []byte{}}}
	save := secretColumns.Insert("secrets").Rows()
	for i := range rows {
		secretColumns.Add(save, &rows[i])
	}
	batch := &db.Batch{}
	batch.Save(save)
	_, err = commit(t.Context(), d, batch)
	must(t, err)
	return rows
}

// secretsOf reads the rows.
func secretsOf(t *testing.T, d *db.DB) (all []secret, err error) {
	t.Helper()
	batch := &db.Batch{}
	batch.Before(func() { all = nil })
	batch.Query("SELECT "+secretColumns.List("")+" FROM secrets ORDER BY owner", func(s db.Scanner) error {
		var one secret
		err := secretColumns.Scan(s, &one)
		all = append(all, one)
		return err
	})
	return all, d.ReadPrimary(t.Context(), batch)
}

// stored returns the values as they are stored.
func stored(t *testing.T, d *db.DB) string {
	t.Helper()
	var all strings.Builder
	batch := &db.Batch{}
	batch.Query("SELECT txt, content FROM secrets ORDER BY owner", func(s db.Scanner) error {
		var text string
		var content []byte
		err := s.Scan(&text, &content)
		fmt.Fprintf(&all, "%s %s\n", text, content)
		return err
	})
	batch.Query("SELECT word FROM secret_words", func(s db.Scanner) error {
		var word string
		err := s.Scan(&word)
		fmt.Fprintln(&all, word)
		return err
	})
	must(t, d.ReadPrimary(t.Context(), batch))
	return all.String()
}

// TestSealedColumns: values come back as they were, are stored encrypted, and open only in their
// row.
func TestSealedColumns(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		rows := makeSecrets(t, d)
		got, err := secretsOf(t, d)
		must(t, err)
		for i := range rows {
			if got[i].text != rows[i].text || !bytes.Equal(got[i].content, rows[i].content) {
				t.Errorf("row %d: got %q %q, want %q %q", i, got[i].text, got[i].content, rows[i].text, rows[i].content)
			}
		}
		if now := stored(t, d); strings.Contains(now, plainText) || strings.Count(now, "s1:") != 4 {
			t.Errorf("got %q in the table, want four encrypted values", now)
		}
		if n, err := d.CheckEncrypted(t.Context()); err != nil || n != 4 {
			t.Errorf("got %d values, %v, want 4", n, err)
		}
		first, third := rows[0].owner, rows[2].owner
		_, err = run(t.Context(), d, fmt.Sprintf("UPDATE secrets SET txt = (SELECT txt FROM secrets WHERE owner = '%s') WHERE owner = '%s'", first, third))
		must(t, err)
		if _, err := secretsOf(t, d); !errors.Is(err, envelope.ErrTampered) {
			t.Errorf("a value in another row: got %v, want %v", err, envelope.ErrTampered)
		}
		if _, err := d.CheckEncrypted(t.Context()); err == nil || !strings.Contains(err.Error(), "secrets.txt:1") {
			t.Errorf("a value in another row: got %v, want an error that names the column", err)
		}
	})
}

// TestEncryptStored: what an earlier program stored in clear, and what has an earlier key, is
// encrypted with the current key, once.
func TestEncryptStored(t *testing.T) {
	defer db.SetKeyDelay(0)()
	ground.Each(t, func(t *testing.T, d *db.DB) {
		rows := makeSecrets(t, d)
		clear := fmt.Sprintf("UPDATE secrets SET txt = '%s' WHERE owner = '%s'", plainText, rows[0].owner)
		_, err := run(t.Context(), d, clear, "INSERT INTO secret_words VALUES ('phone', '"+plainPhone+"'), ('rfc', 'GODE561231GR8')")
		must(t, err)
		if _, err := d.CheckEncrypted(t.Context()); err == nil || !strings.Contains(err.Error(), "secrets.txt:1") || !strings.Contains(err.Error(), "secret_words.word:1") {
			t.Errorf("values in clear: got %v, want an error that counts them", err)
		}
		if first, err := d.FirstKey(t.Context()); err != nil || !first {
			t.Errorf("before: got %v, %v, want a first key", first, err)
		}
		for _, want := range []int{2, 0} {
			if n, err := d.EncryptStored(t.Context()); n != want || err != nil {
				t.Errorf("got %d values, %v, want %d", n, err, want)
			}
		}
		if first, err := d.FirstKey(t.Context()); err != nil || first {
			t.Errorf("afterwards: got %v, %v, want no first key", first, err)
		}
		before := stored(t, d)
		if strings.Contains(before, plainText) || strings.Contains(before, plainPhone) || !strings.Contains(before, "GODE561231GR8") || !strings.Contains(before, d.Blind("phone", plainPhone)) {
			t.Errorf("got %q, want everything encrypted but the RFC", before)
		}
		must(t, d.RotateKey(t.Context()))
		got, err := secretsOf(t, d)
		must(t, err)
		if after := stored(t, d); got[0].text != plainText || strings.Contains(after, before[:20]) || !strings.Contains(after, d.Blind("phone", plainPhone)) {
			t.Errorf("after a rotation: got %q and %q, want the values with another key and the same indexes", got[0].text, after)
		}
		if n, err := d.CheckEncrypted(t.Context()); err != nil || n != 4 {
			t.Errorf("after a rotation: got %d values, %v, want 4", n, err)
		}
	})
}

// TestKeysOfADatabase: the data keys open with their key-encryption key alone, and are wrapped with
// another one that follows it.
func TestKeysOfADatabase(t *testing.T) {
	for _, name := range []string{ground.SQLite, ground.Postgres} {
		t.Run(name, func(t *testing.T) {
			cfg := ground.Config(t, name)
			d := ground.Open(t, cfg)
			makeSecrets(t, d)
			d.Close()
			other := bytes.Repeat([]byte{7}, envelope.Size)
			for _, c := range []struct {
				key, old []byte
				want     error
			}{{nil, nil, db.ErrKeyNeeded}, {other, nil, db.ErrWrongKey}, {other, ground.Key, nil}, {other, nil, nil}, {ground.Key, nil, db.ErrWrongKey}} {
				cfg.Key, cfg.OldKey = c.key, c.old
				again, err := db.Open(cfg)
				must(t, err)
				if err = again.OpenKeys(t.Context()); !errors.Is(err, c.want) {
					t.Errorf("key %x, old %x: got %v, want %v", c.key, c.old, err, c.want)
				}
				if err == nil {
					if got, err := secretsOf(t, again); err != nil || got[0].text != plainText {
						t.Errorf("key %x, old %x: got %v, %v, want the values", c.key, c.old, got, err)
					}
				}
				again.Close()
			}
		})
	}
}

// TestNothingClearInTheFile: after EncryptStored the file of SQLite has no value in clear, also not
// in its free parts.
func TestNothingClearInTheFile(t *testing.T) {
	cfg := ground.Config(t, ground.SQLite)
	d := ground.Open(t, cfg)
	rows := makeSecrets(t, d)
	_, err := run(t.Context(), d, fmt.Sprintf("UPDATE secrets SET txt = '%s' WHERE owner = '%s'", strings.Repeat(plainText, 500), rows[0].owner))
	must(t, err)
	_, err = d.EncryptStored(t.Context())
	must(t, err)
	for _, name := range []string{"sofipo.db", "sofipo.db-wal"} {
		content, err := os.ReadFile(filepath.Join(cfg.Folder, name))
		if !os.IsNotExist(err) {
			must(t, err)
		}
		if bytes.Contains(content, []byte(plainText)) {
			t.Errorf("got %q in %s, want no value in clear", plainText, name)
		}
	}
}
