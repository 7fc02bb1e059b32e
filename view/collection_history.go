package view

import (
	"bytes"
	"context"
	"slices"
	"time"

	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// CollectionHistory is a page of the collection work on a loan, newest first.
type CollectionHistory struct {
	Collector *collections.Assignment // nil for nobody
	Work      Page[CollectionRecord]
}

// CollectionRecord is a contact, a promise or a note. The other two fields are nil.
type CollectionRecord struct {
	ID      id.ID
	MadeBy  string
	MadeAt  time.Time
	Contact *collections.Contact
	Promise *collections.Promise // an open one has the amount received so far
	Note    *collections.Note
}

// CollectionHistory returns a page of the collection work on a loan, newest first. Today is the
// business date. Refused with loan.NotFound, staff.OutOfScope or access.Forbidden.
func (v *View) CollectionHistory(ctx context.Context, by By, loanID id.ID, today civil.Date, part Paging) (out CollectionHistory, err error) {
	if err := by.may(collections.Read); err != nil {
		return out, err
	}
	if err := v.covers(ctx, by, collections.Read, loanByID, loanID); err != nil {
		return out, err
	}
	var all []CollectionRecord
	known := false
	batch := &db.Batch{}
	batch.Query("SELECT id FROM loans WHERE id = $1", exists(&known), loanID)
	batch.Query("SELECT "+lending.Collectors.Columns.List("")+" FROM loan_collectors WHERE loan_id = $1", func(s db.Scanner) error {
		out.Collector = &collections.Assignment{}
		return lending.Collectors.Columns.Scan(s, out.Collector)
	}, loanID)
	batch.Query("SELECT "+lending.Contacts.Columns.List("")+" FROM collection_contacts WHERE loan_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3", func(s db.Scanner) error {
		var c collections.Contact
		err := lending.Contacts.Columns.Scan(s, &c)
		all = append(all, CollectionRecord{ID: c.ID, MadeBy: c.MadeBy, MadeAt: c.MadeAt, Contact: &c})
		return err
	}, loanID, before(part.After), part.Limit)
	batch.Query(selectPromise+" WHERE p.loan_id = $2 AND p.id < $3 ORDER BY p.id DESC LIMIT $4", func(s db.Scanner) error {
		p, err := scanPromise(s)
		all = append(all, CollectionRecord{ID: p.ID, MadeBy: p.MadeBy, MadeAt: p.MadeAt, Promise: &p})
		return err
	}, today, loanID, before(part.After), part.Limit)
	batch.Query("SELECT "+lending.CollectionNotes.Columns.List("")+" FROM collection_notes WHERE loan_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3", func(s db.Scanner) error {
		var n collections.Note
		err := lending.CollectionNotes.Columns.Scan(s, &n)
		all = append(all, CollectionRecord{ID: n.ID, MadeBy: n.MadeBy, MadeAt: n.MadeAt, Note: &n})
		return err
	}, loanID, before(part.After), part.Limit)
	err = v.ask(ctx, by.Need, batch, func() { all, known, out.Collector = nil, false, nil })
	if err == nil && !known {
		err = fault.Refuse(loan.NotFound)
	}
	slices.SortFunc(all, func(a, b CollectionRecord) int { return bytes.Compare(b.ID[:], a.ID[:]) })
	out.Work = pageOf(all[:min(int64(len(all)), part.Limit)], part.Limit, func(r CollectionRecord) id.ID { return r.ID })
	return out, err
}

// PromiseReport has the promises to pay in a period, by collector.
type PromiseReport struct {
	From, To civil.Date // of the promised days
	Rows     []PromiseRow
	Total    PromiseRow
}

// PromiseRow has the promises that a collector obtained.
type PromiseRow struct {
	Collector       string // empty in the total
	Made            int64
	MadeAmount      money.Amount
	Kept            int64
	KeptAmount      money.Amount
	Broken          int64
	BrokenAmount    money.Amount
	Cancelled       int64
	CancelledAmount money.Amount
	Open            int64
	OpenAmount      money.Amount
	Received        money.Amount // of the promises that were decided
}

// Promises returns the promises, on loans in the reader's scope, whose promised day is in a
// period, by collector. Refused with access.Forbidden.
func (v *View) Promises(ctx context.Context, by By, from, to civil.Date) (out PromiseReport, err error) {
	if err := by.may(collections.Read); err != nil {
		return out, err
	}
	out.From, out.To = from, to
	args, inScope := []any{from, to}, ""
	if condition := by.within(collections.Read, "l", &args); condition != "" {
		inScope = " AND EXISTS (SELECT 1 FROM loans l WHERE l.id = p.loan_id" + condition + ")"
	}
	batch := &db.Batch{}
	batch.Query(`SELECT p.collector, p.status, count(*), sum(p.amount)::bigint, sum(p.received)::bigint FROM promises p WHERE p.due BETWEEN $1 AND $2`+inScope+`
		GROUP BY p.collector, p.status ORDER BY p.collector, p.status`, func(s db.Scanner) error {
		var collector string
		var status collections.PromiseStatus
		var count int64
		var amount, received money.Amount
		if err := s.Scan(&collector, &status, &count, &amount, &received); err != nil {
			return err
		}
		if n := len(out.Rows); n == 0 || out.Rows[n-1].Collector != collector {
			out.Rows = append(out.Rows, PromiseRow{Collector: collector})
		}
		for _, r := range []*PromiseRow{&out.Rows[len(out.Rows)-1], &out.Total} {
			r.add(status, count, amount, received)
		}
		return nil
	}, args...)
	err = v.ask(ctx, by.Need, batch, func() { out.Rows, out.Total = nil, PromiseRow{} })
	return out, err
}

// add adds promises with a status.
func (r *PromiseRow) add(status collections.PromiseStatus, count int64, amount, received money.Amount) {
	r.Made, r.MadeAmount, r.Received = r.Made+count, r.MadeAmount+amount, r.Received+received
	switch status {
	case collections.Kept:
		r.Kept, r.KeptAmount = r.Kept+count, r.KeptAmount+amount
	case collections.Broken:
		r.Broken, r.BrokenAmount = r.Broken+count, r.BrokenAmount+amount
	case collections.Cancelled:
		r.Cancelled, r.CancelledAmount = r.Cancelled+count, r.CancelledAmount+amount
	default:
		r.Open, r.OpenAmount = r.Open+count, r.OpenAmount+amount
	}
}

// PromiseQuery selects promises to pay by their promised day.
type PromiseQuery struct {
	From, To civil.Date
	Status   collections.PromiseStatus // empty for all
	Paging
}

// PromisedLoan is a promise with the loan that it is for.
type PromisedLoan struct {
	collections.Promise // an open one has the amount received so far
	Number              folio.Number
	Client              string
}

// PromiseList returns a page of the promises on loans in the reader's scope, by promised day.
// Today is the business date. Refused with access.Forbidden.
func (v *View) PromiseList(ctx context.Context, by By, q PromiseQuery, today civil.Date) (Page[PromisedLoan], error) {
	if err := by.may(collections.Read); err != nil {
		return Page[PromisedLoan]{}, err
	}
	args := []any{today, q.From, q.To, string(q.Status), after(q.After), q.After.IsZero(), q.Limit}
	inScope := by.within(collections.Read, "l", &args)
	var all []PromisedLoan
	batch := &db.Batch{}
	batch.Query("SELECT "+promiseColumns+`, l.number, c.full_name FROM promises p JOIN loans l ON l.id = p.loan_id JOIN clients c ON c.id = l.client_id
		WHERE p.due BETWEEN $2 AND $3 AND ($4 = '' OR p.status = $4)
			AND ($6 OR p.due > (SELECT x.due FROM promises x WHERE x.id = $5) OR p.due = (SELECT x.due FROM promises x WHERE x.id = $5) AND p.id > $5)`+inScope+`
		ORDER BY p.due, p.id LIMIT $7`, func(s db.Scanner) error {
		var p PromisedLoan
		err := lending.Promises.Columns.Scan(s, &p.Promise, &p.Number, &p.Client)
		all = append(all, p)
		return err
	}, args...)
	err := v.ask(ctx, by.Need, batch, func() { all = nil })
	return pageOf(all, q.Limit, func(p PromisedLoan) id.ID { return p.ID }), err
}
