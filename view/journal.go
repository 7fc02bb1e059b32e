package view

import (
	"context"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// JournalQuery selects journal entries.
type JournalQuery struct {
	From, To civil.Date
	Kind     string // empty for all
	Window
}

// Journal returns a page of the journal entries of a range of days, newest first, with their
// postings but without what made them. Refused with Invalid, accounting.JournalDetached or access.Forbidden.
func (v *View) Journal(ctx context.Context, by By, q JournalQuery) (Listed[Entry], error) {
	if err := by.may(accounting.Read); err != nil {
		return Listed[Entry]{}, err
	}
	s := &scan{from: "journal j", id: "j.id", key: "j.business_date", down: true, idDown: true, where: []string{"j.business_date IS NOT NULL"}}
	s.index("j.business_date >= %s", q.From)
	s.index("j.business_date <= %s", q.To)
	if q.Kind != "" {
		s.filter("j.kind = %s", q.Kind)
	}
	places, err := v.page(ctx, by.Need, s, q.Window)
	if err != nil {
		return Listed[Entry]{}, err
	}
	found := map[id.ID]Entry{}
	batch := &db.Batch{}
	batch.Query("SELECT p.entry_id, p.kind, p.business_date, p.posted_at, p.reference, p.reverses, p.account, p.subject, p.debit, p.credit FROM posted p WHERE p.entry_id = ANY($1::uuid[]) ORDER BY p.entry_id, p.line",
		func(s db.Scanner) error {
			var e Entry
			var p EntryPosting
			err := s.Scan(&e.ID, &e.Kind, &e.Date, &e.PostedAt, &e.Reference, &e.Reverses, &p.Account, &p.Subject, &p.Debit, &p.Credit)
			account := named(p.Account, e.Date)
			p.Spanish, p.English = account.Spanish, account.English
			e.Postings = append(found[e.ID].Postings, p)
			found[e.ID] = e
			return err
		}, idsOf(places.Items))
	begins := v.detached(batch)
	if err = v.ask(ctx, by.Need, batch, func() { clear(found) }); err == nil {
		err = begins.from(q.From)
	}
	return listedIn(places, found), err
}

// Total returns the sum of the debits, which is that of the credits.
func (e Entry) Total() (sum money.Amount) {
	for _, p := range e.Postings {
		sum += p.Debit
	}
	return sum
}

// ListManualEntries returns a page of the manual entries, newest first. An empty status means
// all. Refused with Invalid or access.Forbidden.
func (v *View) ListManualEntries(ctx context.Context, by By, status accounting.ManualEntryStatus, w Window) (Listed[accounting.ManualEntry], error) {
	if err := by.may(accounting.Read); err != nil {
		return Listed[accounting.ManualEntry]{}, err
	}
	s := &scan{from: "manual_entries e", id: "e.id", idDown: true}
	if status != "" {
		s.filter("e.status = %s", string(status))
	}
	places, err := v.page(ctx, by.Need, s, w)
	if err != nil {
		return Listed[accounting.ManualEntry]{}, err
	}
	found := map[id.ID]accounting.ManualEntry{}
	batch := &db.Batch{}
	batch.Query(selectEntry+"id = ANY($1::uuid[])", func(s db.Scanner) error {
		e, err := scanEntry(s)
		found[e.ID] = e
		return err
	}, idsOf(places.Items))
	err = v.ask(ctx, by.Need, batch, func() { clear(found) })
	return listedIn(places, found), err
}
