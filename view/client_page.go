package view

import (
	"bytes"
	"context"
	"slices"
	"time"

	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// ClientByID returns a client. Refused with client.NotFound, staff.OutOfScope or
// access.Forbidden.
func (v *View) ClientByID(ctx context.Context, by By, clientID id.ID) (c client.Client, err error) {
	if err := by.mayRead(client.Read); err != nil {
		return c, err
	}
	if err := v.covers(ctx, by, client.Read, clientByID, clientID); err != nil {
		return c, err
	}
	batch := &db.Batch{}
	batch.Query(selectClient+"clients c WHERE c.id = $1", func(s db.Scanner) (err error) {
		c, err = scanClient(s)
		return err
	}, clientID)
	err = v.ask(ctx, v.known(client.StatementCacheKey(clientID), by.Need), batch, func() { c = client.Client{} })
	if err == nil && c.ID.IsZero() {
		err = fault.Refuse(client.NotFound)
	}
	return c, err
}

// ClientsByID returns the clients with the ids that are in the reader's scope, by name. Refused
// with access.Forbidden.
func (v *View) ClientsByID(ctx context.Context, by By, ids []id.ID) (all []client.Client, err error) {
	if err := by.mayRead(client.Read); err != nil {
		return nil, err
	}
	args := []any{ids}
	batch := &db.Batch{}
	batch.Query(selectClient+"clients c WHERE c.id = ANY($1::uuid[])"+by.within(client.Read, "c", &args)+" ORDER BY c.names, c.id", func(s db.Scanner) error {
		c, err := scanClient(s)
		all = append(all, c)
		return err
	}, args...)
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}

// ClientDebt has the running loans of a client.
type ClientDebt struct {
	Loans       int
	Balance     money.Amount // outstanding principal
	DaysPastDue int64        // of the loan with the most, at the end of the last closed day
}

// ClientDebts returns the debts of the clients with the ids, for those who have running loans in
// the reader's scope. Refused with access.Forbidden.
func (v *View) ClientDebts(ctx context.Context, by By, ids []id.ID) (map[id.ID]ClientDebt, error) {
	if err := by.mayRead(loan.Read); err != nil {
		return nil, err
	}
	day, _, err := v.closedDay(ctx, civil.Date{}, by.Need)
	if err != nil && !fault.Is(err, accounting.NoDailyPositions) {
		return nil, err
	}
	args := []any{ids, day}
	all := map[id.ID]ClientDebt{}
	batch := &db.Batch{}
	batch.Query(`SELECT l.client_id, l.balance, coalesce((SELECT p.days_past_due FROM daily_positions p WHERE p.day = $2 AND p.loan_id = l.id), 0)
		FROM loans l WHERE l.client_id = ANY($1::uuid[]) AND l.status IN ('ACTIVE', 'RESTRUCTURED')`+by.within(loan.Read, "l", &args), func(s db.Scanner) error {
		var of id.ID
		var balance money.Amount
		var days int64
		err := s.Scan(&of, &balance, &days)
		d := all[of]
		all[of] = ClientDebt{d.Loans + 1, d.Balance + balance, max(d.DaysPastDue, days)}
		return err
	}, args...)
	err = v.ask(ctx, by.Need, batch, func() { clear(all) })
	return all, err
}

// Colleagues returns all users by name, with what everyone may know of them: their names, their
// roles and their branches. Refused with access.Forbidden.
func (v *View) Colleagues(ctx context.Context, by By) (all []staff.User, err error) {
	if err := by.may(client.Read); err != nil {
		return nil, err
	}
	columns, batch := userColumns.Pick("username", "full_name", "role", "branch_id", "disabled"), &db.Batch{}
	batch.Query("SELECT "+columns.List("")+" FROM users ORDER BY username", func(s db.Scanner) error {
		var u staff.User
		err := columns.Scan(s, &u)
		all = append(all, u)
		return err
	})
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}

// Happening is something that was done with a client. One of the pointers is set.
type Happening struct {
	ID   id.ID
	At   time.Time
	By   string
	Loan folio.Number // zero for the client itself

	Change      *client.Change
	Note        *client.Note
	Contact     *collections.Contact
	Promise     *collections.Promise
	LoanNote    *collections.Note
	Transaction *servicing.Transaction // with a folio; without NewTerms and Split
}

// HistoryQuery selects what was done with a client.
type HistoryQuery struct {
	Client   id.ID
	Contacts bool       // only contacts, promises and notes
	Today    civil.Date // the business date
	Paging              // Skip is not used
}

// ClientHistory returns a page of what was done with a client and the client's loans, newest
// first, as far as the reader's role may know it. Refused with client.NotFound,
// staff.OutOfScope or access.Forbidden.
func (v *View) ClientHistory(ctx context.Context, by By, q HistoryQuery) (Page[Happening], error) {
	if err := by.may(client.Read); err != nil {
		return Page[Happening]{}, err
	}
	if err := v.covers(ctx, by, client.Read, clientByID, q.Client); err != nil {
		return Page[Happening]{}, err
	}
	h := historyReader{q: q, before: q.After}
	if h.before.IsZero() {
		for i := range h.before {
			h.before[i] = 0xff
		}
	}
	known := false
	batch := &db.Batch{}
	batch.Query("SELECT id FROM clients WHERE id = $1", exists(&known), q.Client)
	if by.may(client.ReadFile) == nil {
		h.file(batch)
	}
	if by.may(collections.Read) == nil {
		h.collections(batch)
	}
	if by.may(loan.Read) == nil && !q.Contacts {
		h.transactions(batch)
	}
	err := v.ask(ctx, v.known(client.StatementCacheKey(q.Client), by.Need), batch, func() { h.all, known = nil, false })
	if err == nil && !known {
		err = fault.Refuse(client.NotFound)
	}
	slices.SortFunc(h.all, func(a, b Happening) int { return bytes.Compare(b.ID[:], a.ID[:]) })
	return pageOf(h.all[:min(int64(len(h.all)), q.Limit)], q.Limit, func(x Happening) id.ID { return x.ID }), err
}

// historyReader collects what was done with a client. The rows are sorted by a column without an
// index, so that the database finds them by the client.
type historyReader struct {
	q      HistoryQuery
	before id.ID
	all    []Happening
}

func (h *historyReader) file(batch *db.Batch) {
	batch.Query("SELECT "+clients.Notes.Columns.List("")+" FROM client_notes WHERE client_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3", func(s db.Scanner) error {
		var n client.Note
		err := clients.Notes.Columns.Scan(s, &n)
		h.all = append(h.all, Happening{ID: n.ID, At: n.At, By: n.By, Note: &n})
		return err
	}, h.q.Client, h.before, h.q.Limit)
	if h.q.Contacts {
		return
	}
	batch.Query("SELECT "+clients.Changes.Columns.List("")+" FROM client_changes WHERE client_id = $1 AND id < $2 AND action <> 'add_note' ORDER BY id DESC LIMIT $3", func(s db.Scanner) error {
		var c clients.StoredChange
		err := clients.Changes.Columns.Scan(s, &c)
		if err == nil {
			err = clients.Changes.Read(&c)
		}
		h.all = append(h.all, Happening{ID: c.ID, At: c.At, By: c.By, Change: &c.Change})
		return err
	}, h.q.Client, h.before, h.q.Limit)
}

func (h *historyReader) collections(batch *db.Batch) {
	ofLoans(h, batch, lending.Contacts.Name, lending.Contacts.Columns, func(c *collections.Contact) Happening {
		return Happening{ID: c.ID, At: c.At, By: c.MadeBy, Contact: c}
	})
	ofLoans(h, batch, lending.CollectionNotes.Name, lending.CollectionNotes.Columns, func(n *collections.Note) Happening {
		return Happening{ID: n.ID, At: n.MadeAt, By: n.MadeBy, LoanNote: n}
	})
	ofLoans(h, batch, lending.Promises.Name, lending.Promises.Columns, func(p *collections.Promise) Happening {
		return Happening{ID: p.ID, At: p.MadeAt, By: p.MadeBy, Promise: p}
	})
}

// ofLoans reads the newest rows of a table about the client's loans.
func ofLoans[V any](h *historyReader, batch *db.Batch, table string, columns db.Columns[V], happening func(*V) Happening) {
	batch.Query("SELECT "+columns.List("k")+", l.number FROM loans l JOIN "+table+
		" k ON k.loan_id = l.id WHERE l.client_id = $1 AND k.id < $2 ORDER BY k.made_at DESC, k.id DESC LIMIT $3", func(s db.Scanner) error {
		row, of := new(V), folio.Number(0)
		err := columns.Scan(s, row, &of)
		one := happening(row)
		one.Loan = of
		h.all = append(h.all, one)
		return err
	}, h.q.Client, h.before, h.q.Limit)
}

func (h *historyReader) transactions(batch *db.Batch) {
	batch.Query("SELECT "+transactionColumns+", m.actor, l.number FROM loans l JOIN loan_transactions m ON m.loan_id = l.id WHERE l.client_id = $1 AND m.id < $2 AND m.folio > 0 ORDER BY m.at DESC, m.id DESC LIMIT $3",
		func(s db.Scanner) error {
			var x Happening
			m, err := scanTransaction(s, &x.By, &x.Loan)
			x.ID, x.At, x.Transaction = m.Transaction.ID, m.Transaction.At, &m.Transaction
			h.all = append(h.all, x)
			return err
		}, h.q.Client, h.before, h.q.Limit)
}
