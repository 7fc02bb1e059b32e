package staff

import (
	"strings"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Exports is the table of what users exported. Its rows never change.
var Exports = bank.Declare(bank.Table[id.ID, staff.Export]{
	Name: "exports", Rank: 208,
	Columns: db.Columns[staff.Export]{
		db.IDField("id", func(e *staff.Export) *id.ID { return &e.ID }),
		db.TextField("file", func(e *staff.Export) *string { return &e.File }),
		db.TextField("request", func(e *staff.Export) *string { return &e.Request }),
		db.IntField("row_count", func(e *staff.Export) *int64 { return &e.Rows }),
	},
	Of:      func(e *staff.Export) id.ID { return e.ID },
	Compare: bank.ByID,
})

// mostRequest limits the stored request, in bytes.
const mostRequest = 2000

// NoteExport records that the actor got a file. Client is whose data it has; zero for several clients
// or none. The program itself issues it after the permission for the data was checked.
type NoteExport struct {
	staff.Export
	Client id.ID
}

// Name returns the operation's name.
func (NoteExport) Name() string { return "export_data" }

// Permission returns the permission that the actor's role must have.
func (NoteExport) Permission() access.Permission { return access.Own }

// Check accepts every command.
func (NoteExport) Check(bank.Rules) error { return nil }

// Needs requests nothing.
func (NoteExport) Needs(*bank.Needs) {}

// Decide stages the row.
func (c NoteExport) Decide(b *bank.Book) (staff.Export, error) {
	e := c.Export
	e.ID, e.Request = b.NewID(), strings.ToValidUTF8(e.Request[:min(len(e.Request), mostRequest)], "")
	Exports.Add(b, e)
	b.Subject(e.ID)
	b.Client(c.Client)
	return e, nil
}
