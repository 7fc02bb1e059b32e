// Package institution has the verbs for the data and the logo of the institution, and their
// tables.
package institution

import (
	"encoding/json"
	"fmt"
	"time"

	"sofipo/bank"
	"sofipo/core/id"
	"sofipo/core/institution"
	"sofipo/infra/db"
)

// Row is the stored row of the institution.
type Row struct {
	ID id.ID
	institution.Institution
	body string // JSON
}

// Institutions is the table with the institution's only row.
var Institutions = bank.Declare(bank.Table[id.ID, Row]{
	Name: "institution", Rank: 140,
	Columns: db.Columns[Row]{
		db.IDField("id", func(r *Row) *id.ID { return &r.ID }),
		db.TextField("name", func(r *Row) *string { return &r.Name }),
		db.TextField("rfc", func(r *Row) *string { return &r.RFC }),
		db.TextField("body", func(r *Row) *string { return &r.body }),
		db.TextField("changed_by", func(r *Row) *string { return &r.ChangedBy }),
		db.TimeField("changed_at", func(r *Row) *time.Time { return &r.ChangedAt }),
	},
	Derived: []string{"name", "rfc"},
	Of:      func(r *Row) id.ID { return r.ID },
	Compare: bank.ByID,
	Read:    (*Row).read,
	Write:   (*Row).write,
})

// Only looks up the institution's row and locks it.
var Only = bank.DeclareLookup(bank.Lookup[id.ID, Row, id.ID]{Table: Institutions, Column: "id", Lock: true})

// read takes the fields from the body.
func (r *Row) read() error {
	by, at := r.ChangedBy, r.ChangedAt
	if err := json.Unmarshal([]byte(r.body), &r.Institution); err != nil {
		return fmt.Errorf("body of the institution: %w", err)
	}
	r.ChangedBy, r.ChangedAt = by, at
	return nil
}

// write puts the fields into the body.
func (r *Row) write() {
	i := r.Institution
	i.ChangedBy, i.ChangedAt = "", time.Time{}
	r.body = string(i.AppendJSON(nil))
}

// Logo is the stored logo.
type Logo struct {
	ID id.ID
	institution.Logo
}

// Logos is the table with the institution's only logo.
var Logos = bank.Declare(bank.Table[id.ID, Logo]{
	Name: "institution_logo", Rank: 141,
	Columns: db.Columns[Logo]{
		db.IDField("id", func(l *Logo) *id.ID { return &l.ID }),
		db.TextField("media", func(l *Logo) *string { return &l.Media }),
		db.IntField("width", func(l *Logo) *int { return &l.Width }),
		db.IntField("height", func(l *Logo) *int { return &l.Height }),
		db.TextField("sha256", func(l *Logo) *string { return &l.Hash }),
		db.BytesField("content", func(l *Logo) *[]byte { return &l.Content }),
		db.TextField("changed_by", func(l *Logo) *string { return &l.ChangedBy }),
		db.TimeField("changed_at", func(l *Logo) *time.Time { return &l.ChangedAt }),
	},
	Of:      func(l *Logo) id.ID { return l.ID },
	Compare: bank.ByID,
})

var onlyLogo = bank.DeclareLookup(bank.Lookup[id.ID, Logo, id.ID]{Table: Logos, Column: "id", Lock: true})
