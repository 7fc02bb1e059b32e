package checks

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sofipo/bank/clients"
	"sofipo/core/client"
	"sofipo/core/names"
	"sofipo/infra/db"
)

// clientNames checks that clients are found by their names, and their words by words with typing
// errors: at most the given number of clients, the newest first.
func clientNames(ctx context.Context, d *db.DB, most int) Check {
	var stored, wrong int64
	words := map[string]bool{}
	batch := &db.Batch{}
	batch.Query("SELECT full_name, names FROM clients ORDER BY id DESC LIMIT $1", func(s db.Scanner) error {
		var name, found string
		err := s.Scan(&name, &found)
		if stored++; found != names.Plain(name) {
			wrong++
		}
		for _, w := range strings.Fields(found) {
			words[w] = true
		}
		return err
	}, int64(most))
	err := read(ctx, d, batch, func() {
		stored, wrong = 0, 0
		clear(words)
	})
	if err == nil {
		wanted := slices.Collect(maps.Keys(words))
		batch = &db.Batch{}
		batch.Query("SELECT DISTINCT word FROM name_words WHERE word = ANY($1::text[])", func(s db.Scanner) error {
			var word string
			err := s.Scan(&word)
			delete(words, word)
			return err
		}, wanted)
		err = d.ReadPrimary(ctx, batch)
	}
	return checked("clients are found by their names", wrong+int64(len(words)), stored, "clients", err)
}

// clientFiles checks that clients with a file are found by what the file states: at most the
// given number of files, the newest first.
func clientFiles(ctx context.Context, d *db.DB, most int) Check {
	const (
		name   = "client files agree with their lookups"
		newest = "(SELECT client_id FROM client_files ORDER BY client_id DESC LIMIT $1)"
	)
	var stored, wrong int64
	wanted := map[client.Lookup]bool{}
	file := clients.Files.Columns.Except("kind", "birth_date", "risk")
	owner := clients.Clients.Columns.Pick("id", "rfc", "email", "full_name")
	batch := &db.Batch{}
	batch.Query("SELECT "+file.List("f")+", "+owner.List("c")+" FROM client_files f JOIN clients c ON c.id = f.client_id WHERE f.client_id IN "+newest, func(s db.Scanner) error {
		var f clients.StoredFile
		var c client.Client
		if err := file.Scan(s, &f, owner.Places(&c)...); err != nil {
			return err
		}
		if err := clients.Files.Read(&f); err != nil {
			return fmt.Errorf("the file of client %s: %w", c.ID, err)
		}
		stored++
		r := f.Of(c)
		if name := r.File.FullName(); name != "" && name != c.FullName {
			wrong++
		}
		for _, l := range clients.Blinded(d, r.Lookups()) {
			wanted[l] = true
		}
		return nil
	}, int64(most))
	batch.Query("SELECT "+clients.Lookups.Columns.List("")+" FROM client_lookups WHERE client_id IN "+newest, func(s db.Scanner) error {
		var l client.Lookup
		err := clients.Lookups.Columns.Scan(s, &l)
		if !wanted[l] {
			wrong++
		}
		delete(wanted, l)
		return err
	}, int64(most))
	err := read(ctx, d, batch, func() {
		stored, wrong = 0, 0
		clear(wanted)
	})
	return checked(name, wrong+int64(len(wanted)), stored, "files", err)
}
