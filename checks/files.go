package checks

import (
	"context"
	"fmt"
	"strings"

	"sofipo/infra/db"
	"sofipo/infra/eventlog"
	"sofipo/infra/files"
)

// Files checks the files of the database and of an embedded event log for damage. The other
// checks read the rows; they do not notice damage in pages that they do not need.
func Files(ctx context.Context, d *db.DB, events eventlog.Log) []Check {
	found, err := d.CheckFiles(ctx)
	all := []Check{{Name: "files of the database", Found: found, Err: err}}
	if log, embedded := events.(*eventlog.Embedded); embedded {
		found, err = log.CheckFile(ctx)
		all = append(all, Check{Name: "file of the event log", Found: found, Err: err})
	}
	return all
}

// Encrypted checks that personal data are encrypted and can be opened. Without a key it finds
// none.
func Encrypted(ctx context.Context, d *db.DB) Check {
	values, err := d.CheckEncrypted(ctx)
	return Check{Name: "personal data are encrypted and can be opened", Found: fmt.Sprintf("%d values", values), Err: err}
}

// Strangers checks that the event log has only events of this program. It compares the names
// of the documents or, if contents is set, their contents too.
func Strangers(ctx context.Context, events eventlog.Log, contents bool) Check {
	const name = "the event log has only events"
	others, err := eventlog.FindOthers(ctx, events, contents)
	if err == nil && others.Count > 0 {
		err = fmt.Errorf("%d documents are not events of this program, so readers skip them: %s", others.Count, strings.Join(others.Examples, ", "))
		if others.Count > len(others.Examples) {
			err = fmt.Errorf("%w, …", err)
		}
	}
	return Check{Name: name, Found: fmt.Sprintf("%d documents", others.Checked), Err: err}
}

// ClientDocuments checks that the store of files has the bytes of every document of a client: their size
// or, if contents is set, the bytes themselves.
func ClientDocuments(ctx context.Context, d *db.DB, store files.Store, contents bool) Check {
	const name = "the documents of clients have their bytes"
	sizes := map[string]int64{} // by hash
	batch := &db.Batch{}
	batch.Query("SELECT DISTINCT sha256, size FROM client_documents", func(s db.Scanner) error {
		var hash string
		var size int64
		err := s.Scan(&hash, &size)
		sizes[hash] = size
		return err
	})
	err := read(ctx, d, batch, func() { clear(sizes) })
	var wrong int64
	var first error
	for hash, size := range sizes {
		stored, err := store.Size(ctx, hash)
		if err == nil && stored != size {
			err = fmt.Errorf("%s has %d bytes instead of %d: %w", hash, stored, size, files.ErrDamaged)
		}
		if err == nil && contents {
			_, err = store.Load(ctx, hash)
		}
		if err != nil {
			wrong++
			first = err
		}
	}
	if err == nil && wrong > 0 {
		err = fmt.Errorf("%d of %d are wrong, such as this one: %w", wrong, len(sizes), first)
	}
	return Check{Name: name, Found: fmt.Sprintf("%d documents", len(sizes)), Err: err}
}
