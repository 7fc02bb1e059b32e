// Package books has the verbs for the books: manual journal entries, which one person
// proposes and another person posts, and the closing of periods.
package books

import (
	"encoding/json"
	"time"

	"sofipo/bank"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// Entry is a stored manual journal entry.
type Entry struct {
	accounting.ManualEntry

	lines string
}

// Entries is the table of manual journal entries.
var Entries = bank.Declare(bank.Table[id.ID, Entry]{
	Name: "manual_entries", Rank: 150,
	Columns: db.Columns[Entry]{
		db.IDField("id", func(e *Entry) *id.ID { return &e.ID }),
		db.DayField("entry_date", func(e *Entry) *civil.Date { return &e.Date }),
		db.TextField("description", func(e *Entry) *string { return &e.Description }),
		db.TextField("lines", func(e *Entry) *string { return &e.lines }),
		db.TextField("status", func(e *Entry) *accounting.ManualEntryStatus { return &e.Status }),
		db.TextField("proposed_by", func(e *Entry) *string { return &e.ProposedBy }),
		db.TimeField("proposed_at", func(e *Entry) *time.Time { return &e.ProposedAt }),
		db.TextField("decided_by", func(e *Entry) *string { return &e.DecidedBy }),
		db.TimeField("decided_at", func(e *Entry) *time.Time { return &e.DecidedAt }),
		db.IDField("entry_id", func(e *Entry) *id.ID { return &e.EntryID }),
	},
	Fixed:   []string{"entry_date", "description", "lines", "proposed_by", "proposed_at"},
	Of:      func(e *Entry) id.ID { return e.ID },
	Compare: bank.ByID,
	Read:    func(e *Entry) error { return json.Unmarshal([]byte(e.lines), &e.Lines) },
	Write: func(e *Entry) {
		lines, err := json.Marshal(e.Lines)
		if err != nil {
			panic(err) // cannot fail: accounts and amounts
		}
		e.lines = string(lines)
	},
})

var entryByID = bank.DeclareLookup(bank.Lookup[id.ID, Entry, id.ID]{Table: Entries, Column: "id", Lock: true})

// checkDate refuses a date in the future or in a closed period.
func checkDate(b *bank.Book, day civil.Date) error {
	if day.After(b.Today()) {
		return fault.Wrong(fault.At("entry_date", fault.NotFuture, "latest", b.Today()))
	}
	return b.CheckOpen(day)
}
