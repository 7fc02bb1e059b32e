package view

import (
	"context"
	"fmt"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/infra/db"
)

// The questions of the home pages: what waits for a user today. Each reads a few rows by an
// index, however large the institution is. They are not cached.

// PromiseDue is a promise that needs its collector: it is due today, or it was broken.
type PromiseDue struct {
	collections.Promise
	Number folio.Number // of the loan
	Client string
}

// brokenFor is the number of days for which a broken promise is on the home pages.
const brokenFor = 3

// PromisesDue returns at most limit promises of each kind in the reader's scope: those that were
// broken in the last days and have no later one, then those due today. A reader who does not
// assign loans to collectors gets those of their own loans. Refused with access.Forbidden.
func (v *View) PromisesDue(ctx context.Context, by By, today civil.Date, limit int64) (all []PromiseDue, err error) {
	if err := by.may(collections.Read); err != nil {
		return nil, err
	}
	batch := &db.Batch{}
	read := func(where string, args ...any) {
		where += by.within(collections.Read, "l", &args)
		if by.may(collections.Assign) != nil {
			args = append(args, by.Who.User.Username)
			where += fmt.Sprintf(" AND $%d IN (l.officer, k.collector)", len(args))
		}
		batch.Query(`SELECT p.id, p.loan_id, p.amount, p.due, p.status, l.number, c.full_name
			FROM promises p JOIN loans l ON l.id = p.loan_id JOIN clients c ON c.id = l.client_id LEFT JOIN loan_collectors k ON k.loan_id = l.id
			WHERE `+where+" ORDER BY p.due, p.id LIMIT $1", func(s db.Scanner) error {
			var p PromiseDue
			err := s.Scan(&p.ID, &p.LoanID, &p.Amount, &p.Due, &p.Status, &p.Number, &p.Client)
			all = append(all, p)
			return err
		}, args...)
	}
	read(`p.status = 'BROKEN' AND p.due >= $2 AND l.status IN ('ACTIVE', 'RESTRUCTURED')
		AND NOT EXISTS (SELECT 1 FROM promises n WHERE n.loan_id = p.loan_id AND n.id > p.id AND n.status <> 'CANCELLED')`, limit, today.AddDays(-brokenFor))
	read("p.status = 'OPEN' AND p.due = $2", limit, today)
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}

// IncompleteFile is a client whose file lacks something.
type IncompleteFile struct {
	Number folio.Number
	Client string
	Since  civil.Date // when the file stopped to be complete; zero if it never was
}

// IncompleteFiles returns at most limit clients of the reader, as officer, whose files are not
// complete on a day. Refused with access.Forbidden.
func (v *View) IncompleteFiles(ctx context.Context, by By, today civil.Date, limit int64) (all []IncompleteFile, err error) {
	if err := by.may(client.ReadFile); err != nil {
		return nil, err
	}
	batch := &db.Batch{}
	batch.Query(`SELECT c.number, c.full_name, f.complete_until FROM clients c LEFT JOIN client_files f ON f.client_id = c.id
		WHERE c.officer = $1 AND c.officer <> '' AND (f.complete_until IS NULL OR f.complete_until < $2) ORDER BY c.id DESC LIMIT $3`, func(s db.Scanner) error {
		var f IncompleteFile
		err := s.Scan(&f.Number, &f.Client, &f.Since)
		all = append(all, f)
		return err
	}, by.Who.User.Username, today, limit)
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}

// ToDisburse is an approved loan that is not disbursed yet.
type ToDisburse struct {
	Number folio.Number
	Client string
	Amount money.Amount
}

// OwnToDisburse returns at most limit approved loans of the reader, as officer. Refused with
// access.Forbidden.
func (v *View) OwnToDisburse(ctx context.Context, by By, limit int64) (all []ToDisburse, err error) {
	if err := by.may(loan.Read); err != nil {
		return nil, err
	}
	batch := &db.Batch{}
	batch.Query(`SELECT l.number, c.full_name, l.amount FROM loans l JOIN clients c ON c.id = l.client_id
		WHERE l.officer = $1 AND l.officer <> '' AND l.status = 'APPROVED' ORDER BY l.id DESC LIMIT $2`, func(s db.Scanner) error {
		var d ToDisburse
		err := s.Scan(&d.Number, &d.Client, &d.Amount)
		all = append(all, d)
		return err
	}, by.Who.User.Username, limit)
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}

// ReturnedApplication is an application that waits for its correction.
type ReturnedApplication struct {
	ToDisburse
	By, Reason string // of the last return
}

// OwnReturned returns at most limit applications of the reader, as officer or applicant, that
// were returned for correction and are in the reader's scope. Refused with access.Forbidden.
func (v *View) OwnReturned(ctx context.Context, by By, limit int64) (all []ReturnedApplication, err error) {
	if err := by.may(loan.Read); err != nil {
		return nil, err
	}
	args := []any{by.Who.User.Username, limit}
	batch := &db.Batch{}
	batch.Query(`SELECT l.number, c.full_name, l.amount, s.made_by, s.reason FROM loans l JOIN clients c ON c.id = l.client_id
		JOIN application_steps s ON s.loan_id = l.id AND s.number = (SELECT max(n.number) FROM application_steps n WHERE n.loan_id = l.id AND n.kind = 'RETURNED')
		WHERE l.status = 'RETURNED' AND $1 IN (l.officer, l.applied_by)`+by.within(loan.Read, "l", &args)+" ORDER BY l.id LIMIT $2", func(s db.Scanner) error {
		var r ReturnedApplication
		err := s.Scan(&r.Number, &r.Client, &r.Amount, &r.By, &r.Reason)
		all = append(all, r)
		return err
	}, args...)
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}

// OwnPortfolio is the loans of a reader, as officer, at the end of a closed day.
type OwnPortfolio struct {
	Day           civil.Date
	Loans, Late   int64
	Balance       money.Amount // principal
	LateBalance   money.Amount // principal of late loans
	Late30Balance money.Amount // principal of loans more than 30 days late
}

// OwnPortfolio returns the loans of the portfolio at the end of the last closed day whose officer
// is the reader now. LoanQuery.InPortfolio lists the same loans.
// Refused with accounting.NoDailyPositions or access.Forbidden.
func (v *View) OwnPortfolio(ctx context.Context, by By) (out OwnPortfolio, err error) {
	if err := by.may(risk.ReadReports); err != nil {
		return out, err
	}
	if out.Day, _, err = v.closedDay(ctx, civil.Date{}, by.Need); err != nil {
		return out, err
	}
	few, err := v.fewLoans(ctx, by.Need, owner{officer: by.Who.User.Username})
	if err != nil {
		return out, err
	}
	args := []any{by.Who.User.Username, out.Day}
	fast := few.among("p.loan_id", &args)
	batch := &db.Batch{}
	batch.Query(`SELECT count(*), coalesce(sum(p.balance), 0)::bigint, coalesce(sum(CASE WHEN p.days_past_due > 0 THEN 1 ELSE 0 END), 0)::bigint,
		coalesce(sum(CASE WHEN p.days_past_due > 0 THEN p.balance ELSE 0 END), 0)::bigint, coalesce(sum(CASE WHEN p.days_past_due > 30 THEN p.balance ELSE 0 END), 0)::bigint
		FROM loans l JOIN daily_positions p ON p.loan_id = l.id AND p.day = $2 WHERE l.officer = $1 AND l.officer <> ''`+fast,
		func(s db.Scanner) error {
			return s.Scan(&out.Loans, &out.Balance, &out.Late, &out.LateBalance, &out.Late30Balance)
		}, args...)
	err = v.ask(ctx, by.Need, batch, func() {})
	return out, err
}

// Unidentified is the incoming payments that wait for a person to find their loan.
type Unidentified struct {
	Count  int64 // at most mostUnidentified
	Amount money.Amount
}

// mostUnidentified limits what Unidentified counts.
const mostUnidentified = 1000

// Unidentified counts the incoming payments without a loan. Refused with access.Forbidden.
func (v *View) Unidentified(ctx context.Context, by By) (out Unidentified, err error) {
	if err := by.may(incoming.Read); err != nil {
		return out, err
	}
	batch := &db.Batch{}
	batch.Query("SELECT count(*), coalesce(sum(s.amount), 0)::bigint FROM (SELECT amount FROM incoming_payments WHERE status = 'SUSPENSE' LIMIT $1) s", func(s db.Scanner) error {
		return s.Scan(&out.Count, &out.Amount)
	}, int64(mostUnidentified))
	err = v.ask(ctx, by.Need, batch, func() {})
	return out, err
}

// ToClose is the days that wait for their close.
type ToClose struct {
	Next    civil.Date // the next day to close
	Days    int        // past days that are not closed
	Running bool       // a close has begun and is not finished
}

// ToClose returns the days before the clock's that are not closed. Everybody may know it, as
// the business date.
func (v *View) ToClose(ctx context.Context, clock civil.Date, need uint64) (out ToClose, err error) {
	state := accounting.CloseState{Clock: clock, Closed: true}
	var status string
	batch := &db.Batch{}
	batch.Query("SELECT closed_through, (SELECT min(business_date) FROM journal WHERE business_date IS NOT NULL) FROM books", func(s db.Scanner) error { return s.Scan(&state.Through, &state.First) })
	batch.Query("SELECT day, status FROM business_days ORDER BY day DESC LIMIT 1", func(s db.Scanner) error { return s.Scan(&state.Begun, &status) })
	if err = v.ask(ctx, need, batch, func() { status = "" }); err != nil {
		return out, err
	}
	state.Closed = status != "CLOSING"
	out.Next, out.Running = state.Next(), !state.Closed
	out.Days = max(0, clock.Since(out.Next))
	return out, nil
}

// OpenTill is a till that a teller has open.
type OpenTill struct {
	Till         string // name
	Teller       string // user name
	BusinessDate civil.Date
	OpenedAt     time.Time
	Closed       bool // the close of its day has begun: it was forced
}

// mostOpenTills limits what OpenTills and CloseReview return.
const mostOpenTills = 500

const selectOpenTill = "SELECT t.name, s.teller, s.business_date, s.opened_at, s.business_date <= " + lastDay +
	" FROM till_sessions s JOIN tills t ON t.id = s.till_id WHERE s.closed_on IS NULL"

func scanOpenTill(s db.Scanner) (o OpenTill, err error) {
	err = s.Scan(&o.Till, &o.Teller, &o.BusinessDate, &o.OpenedAt, &o.Closed)
	return o, err
}

// OpenTills returns the open tills in the reader's scope, the oldest first. A till of an earlier
// day blocks the close of its day, unless the close was forced. Refused with access.Forbidden.
func (v *View) OpenTills(ctx context.Context, by By) (all []OpenTill, err error) {
	if err := by.may(settlement.Read); err != nil {
		return nil, err
	}
	args := []any{int64(mostOpenTills)}
	batch := &db.Batch{}
	batch.Query(selectOpenTill+by.ofBranch("s", &args)+" ORDER BY s.business_date, s.id LIMIT $1", func(s db.Scanner) error {
		o, err := scanOpenTill(s)
		all = append(all, o)
		return err
	}, args...)
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}

// Named is the name and the number of a client or of a loan's client, for lists of what waits.
type Named struct {
	Number folio.Number
	Client string
}

// NamesOf returns the names of clients and the numbers of loans by their ids. It leaves out
// those that are outside the reader's scope. Refused with access.Forbidden.
func (v *View) NamesOf(ctx context.Context, by By, clients, loans []id.ID) (all map[id.ID]Named, err error) {
	if err := by.may(client.Read); err != nil {
		return nil, err
	}
	batch := &db.Batch{}
	add := func(s db.Scanner) error {
		var of id.ID
		var n Named
		err := s.Scan(&of, &n.Number, &n.Client)
		all[of] = n
		return err
	}
	args := []any{clients}
	batch.Query("SELECT c.id, c.number, c.full_name FROM clients c WHERE c.id = ANY($1::uuid[])"+by.within(client.Read, "c", &args), add, args...)
	args = []any{loans}
	batch.Query("SELECT l.id, l.number, c.full_name FROM loans l JOIN clients c ON c.id = l.client_id WHERE l.id = ANY($1::uuid[])"+by.within(client.Read, "l", &args), add, args...)
	err = v.ask(ctx, by.Need, batch, func() { all = map[id.ID]Named{} })
	return all, err
}
