package view

import (
	"context"

	"sofipo/bank/clients"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// Columns that the questions about files read. Columns that a body repeats are left out.
var (
	fileColumns    = clients.Files.Columns.Except("kind", "birth_date", "risk")
	selectFile     = "SELECT " + fileColumns.List("") + " FROM client_files WHERE client_id = $1"
	selectConsent  = "SELECT " + clients.Consents.Columns.List("") + " FROM client_consents WHERE client_id = $1 ORDER BY id"
	selectDocument = "SELECT " + clients.Documents.Columns.List("") + " FROM client_documents WHERE client_id = $1"
	selectNote     = "SELECT " + clients.Notes.Columns.List("") + " FROM client_notes WHERE client_id = $1 AND id > $2 ORDER BY id LIMIT $3"
	selectChange   = "SELECT " + clients.Changes.Columns.List("") + " FROM client_changes WHERE client_id = $1 AND id > $2 ORDER BY id LIMIT $3"
)

// Dossier returns the whole file of a client, with what is missing on a day. A client without a
// file has an empty one. Refused with client.NotFound,
// staff.OutOfScope or access.Forbidden.
func (v *View) Dossier(ctx context.Context, by By, clientID id.ID, today civil.Date) (d client.Dossier, err error) {
	if err := by.may(client.ReadFile); err != nil {
		return d, err
	}
	if err := v.covers(ctx, by, client.ReadFile, clientByID, clientID); err != nil {
		return d, err
	}
	var owner client.Client
	batch := v.dated(&db.Batch{})
	batch.Query(selectClient+"clients c WHERE c.id = $1", func(s db.Scanner) (err error) {
		owner, err = scanClient(s)
		return err
	}, clientID)
	batch.Query(selectFile, func(s db.Scanner) error {
		var f clients.StoredFile
		if err := fileColumns.Scan(s, &f); err != nil {
			return err
		}
		err := clients.Files.Read(&f)
		d.Record = f.Record
		return err
	}, clientID)
	batch.Query(selectConsent, func(s db.Scanner) error {
		var c client.Consent
		err := clients.Consents.Columns.Scan(s, &c)
		d.Consents = append(d.Consents, c)
		return err
	}, clientID)
	batch.Query(selectDocument+" ORDER BY id", func(s db.Scanner) error {
		var p client.Document
		err := clients.Documents.Columns.Scan(s, &p)
		d.Documents = append(d.Documents, p)
		return err
	}, clientID)
	err = v.ask(ctx, v.known(client.StatementCacheKey(clientID), by.Need), batch, func() {
		owner, d = client.Client{}, client.Dossier{Consents: []client.Consent{}, Documents: []client.Document{}}
	})
	if err == nil && owner.ID.IsZero() {
		err = fault.Refuse(client.NotFound)
	}
	if err != nil {
		return d, err
	}
	d.Record = d.Of(owner)
	d.Judge(today)
	return d, nil
}

// ClientDocument returns a document of a client. Refused with client.NoDocument,
// staff.OutOfScope or access.Forbidden.
func (v *View) ClientDocument(ctx context.Context, by By, clientID, documentID id.ID) (p client.Document, err error) {
	if err := by.may(client.ReadFile); err != nil {
		return p, err
	}
	if err := v.covers(ctx, by, client.ReadFile, clientByID, clientID); err != nil {
		return p, err
	}
	batch := &db.Batch{}
	batch.Query(selectDocument+" AND id = $2", func(s db.Scanner) error { return clients.Documents.Columns.Scan(s, &p) }, clientID, documentID)
	err = v.ask(ctx, v.known(client.StatementCacheKey(clientID), by.Need), batch, func() { p = client.Document{} })
	if err == nil && p.ID.IsZero() {
		err = fault.Refuse(client.NoDocument)
	}
	return p, err
}

// Notes returns a page of the notes of a client, oldest first. Refused with client.NotFound,
// staff.OutOfScope or access.Forbidden.
func (v *View) Notes(ctx context.Context, by By, clientID id.ID, part Paging) (Page[client.Note], error) {
	rows := rowsOfClient[client.Note]{query: selectNote, name: func(n client.Note) id.ID { return n.ID }, scan: func(s db.Scanner) (n client.Note, err error) {
		err = clients.Notes.Columns.Scan(s, &n)
		return n, err
	}}
	return rows.page(ctx, v, by, clientID, part)
}

// FileChanges returns a page of the history of a client's file, oldest first. Refused with
// client.NotFound, staff.OutOfScope or access.Forbidden.
func (v *View) FileChanges(ctx context.Context, by By, clientID id.ID, part Paging) (Page[client.Change], error) {
	rows := rowsOfClient[client.Change]{query: selectChange, name: func(c client.Change) id.ID { return c.ID }, scan: func(s db.Scanner) (client.Change, error) {
		var c clients.StoredChange
		err := clients.Changes.Columns.Scan(s, &c)
		if err == nil {
			err = clients.Changes.Read(&c)
		}
		return c.Change, err
	}}
	return rows.page(ctx, v, by, clientID, part)
}

// rowsOfClient reads rows of a client, in the order of their ids.
type rowsOfClient[T any] struct {
	query string // $1 is the client, $2 the last id of the page before, $3 the number of rows
	scan  func(db.Scanner) (T, error)
	name  func(T) id.ID
}

// page returns a page of the rows.
func (r rowsOfClient[T]) page(ctx context.Context, v *View, by By, clientID id.ID, part Paging) (Page[T], error) {
	if err := by.may(client.ReadFile); err != nil {
		return Page[T]{}, err
	}
	if err := v.covers(ctx, by, client.ReadFile, clientByID, clientID); err != nil {
		return Page[T]{}, err
	}
	var all []T
	known := false
	batch := &db.Batch{}
	batch.Query("SELECT id FROM clients WHERE id = $1", exists(&known), clientID)
	batch.Query(r.query, func(s db.Scanner) error {
		row, err := r.scan(s)
		all = append(all, row)
		return err
	}, clientID, after(part.After), part.Limit)
	err := v.ask(ctx, v.known(client.StatementCacheKey(clientID), by.Need), batch, func() { all, known = nil, false })
	if err == nil && !known {
		err = fault.Refuse(client.NotFound)
	}
	return pageOf(all, part.Limit, r.name), err
}
