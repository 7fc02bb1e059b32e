package view

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// Answers about the books are not cached: every operation changes them, and few people ask
// for them.

// LedgerQuery selects a part of an account's ledger.
type LedgerQuery struct {
	Account  ledger.Account
	From, To civil.Date
	Paging   // by entry ids; Skip is not used
}

// LedgerPage is a page of an account's ledger for a range of days.
type LedgerPage struct {
	Account  ledger.Account    // account code
	CNBV     string            // code in the CNBV's minimum catalogue; empty if unknown
	Spanish  string            // Spanish name
	English  string            // English name
	Nature   accounting.Nature // side on which the account grows: debit or credit
	From     civil.Date        // the first day
	To       civil.Date        // the last day
	Opening  money.Total       // balance before the first day, pesos; positive on the side of the nature
	Debits   money.Total       // total debits of all days, pesos
	Credits  money.Total       // total credits of all days, pesos
	Closing  money.Total       // balance after the last day, pesos
	Postings Page[LedgerLine]  // Next is an entry id
}

// LedgerLine is a posting with data of its entry and the balance after it.
type LedgerLine struct {
	Entry     id.ID        // entry id
	Kind      string       // kind of the entry, see docs/books.md
	Date      civil.Date   // business date
	PostedAt  time.Time    // time of posting, UTC
	Reference id.ID        // id of the transaction or manual entry
	Subject   id.ID        // id of the loan or manual entry
	Loan      string       // number of the loan, as people write it; empty without one
	Debit     money.Amount // pesos; 0 for a credit
	Credit    money.Amount // pesos; 0 for a debit
	Balance   money.Total  // balance of the account after the posting, pesos
}

// Entry is a journal entry with everything related to it.
type Entry struct {
	ID          id.ID                   // entry id
	Kind        string                  // kind of the entry, see docs/books.md
	Date        civil.Date              // business date
	PostedAt    time.Time               // time of posting, UTC
	Reference   id.ID                   // id of the transaction or manual entry
	Reverses    id.ID                   // id of the original entry; zero unless this is a mirror entry
	ReversedBy  id.ID                   // id of the mirror entry, if there is one
	Postings    []EntryPosting          // in order
	Transaction *EntryTransaction       // the loan's transaction; nil for manual entries and others
	ManualEntry *accounting.ManualEntry // the manual entry; nil for others

	LoanNumber folio.Number // of the transaction's loan
	Receipt    folio.Number // of the transaction, if it has one
}

// EntryPosting is a posting of an entry.
type EntryPosting struct {
	Account ledger.Account // account code
	Spanish string         // Spanish name
	English string         // English name
	Subject id.ID          // id of the loan or manual entry
	Debit   money.Amount   // pesos; 0 for a credit
	Credit  money.Amount   // pesos; 0 for a debit
}

// EntryTransaction is the transaction that an entry records.
type EntryTransaction struct {
	Loan      id.ID          // loan id
	ID        id.ID          // transaction id
	Number    int            // number in the loan, from 0
	Kind      servicing.Kind // what was done
	ValueDate civil.Date     // value date
	Amount    money.Amount   // pesos
	Actor     string         // user who did it
}

// Periods lists the months of the books and their status.
type Periods struct {
	ClosedThrough civil.Date // last day of the last closed period
	FirstOpen     civil.Date // first day that accepts entries
	Months        []Month    // oldest first
}

// Month is a period of the books.
type Month struct {
	Month  string // YYYY-MM
	Status string // OPEN or CLOSED
}

// sides are total debits and credits.
type sides struct{ debits, credits money.Total }

// on returns the balance; it is positive on the side of the nature.
func (s sides) on(n accounting.Nature) money.Total {
	if n == accounting.Credit {
		return s.credits.Minus(s.debits)
	}
	return s.debits.Minus(s.credits)
}

func (s sides) plus(o sides) sides { return sides{s.debits.Plus(o.debits), s.credits.Plus(o.credits)} }

// Ledger returns a page of an account's postings, of at most q.Limit entries, in the order of
// business date and id. Refused with accounting.AccountNotFound or JournalDetached, Invalid or
// access.Forbidden.
//
// The opening balance is computed from the totals of closed days, as in TrialBalance.
func (v *View) Ledger(ctx context.Context, by By, q LedgerQuery) (out LedgerPage, err error) {
	if err := by.may(accounting.Read); err != nil {
		return out, err
	}
	code, from, to := q.Account, q.From, q.To
	account, err := accountOn(code, to)
	if err != nil {
		return out, err
	}
	start := from
	if !q.After.IsZero() {
		if start, err = v.entryDate(ctx, q.After, by.Need); err != nil {
			return out, err
		}
	}
	var opening, within, before sides
	var found []LedgerLine
	of := linesOf(account.Code)
	batch := v.dated(&db.Batch{})
	batch.Query(turnover(of, fmt.Sprintf("AND account = '%s'", account.Code)), func(s db.Scanner) error {
		return scanTurnover(s, &code, &opening, &within)
	}, from, to)
	batch.Query(fmt.Sprintf(`SELECT %[4]s, %[5]s FROM %[1]s WHERE %[2]s AND %[3]s.business_date >= $1 AND (%[3]s.business_date, %[3]s.entry_id) <= ($2, $3)`, of.from, of.which, of.dated, db.Total("p.debit"), db.Total("p.credit")),
		func(s db.Scanner) error { return db.ScanTotals(s, []*money.Total{&before.debits, &before.credits}) }, from, start, after(q.After))
	batch.Query(of.page(), func(s db.Scanner) error {
		var l LedgerLine
		var number folio.Number
		err := s.Scan(&l.Entry, &l.Kind, &l.Date, &l.PostedAt, &l.Reference, &l.Subject, &number, &l.Debit, &l.Credit)
		if number > 0 {
			l.Loan = folio.Loan.Print(number)
		}
		found = append(found, l)
		return err
	}, to, start, after(q.After), q.Limit, string(account.Code))
	begins := v.detached(batch)
	if err = v.ask(ctx, by.Need, batch, func() { opening, within, before, found = sides{}, sides{}, sides{}, nil }); err == nil {
		err = begins.from(from)
	}
	if err != nil {
		return out, err
	}
	running, entries := opening.plus(before), int64(0)
	for i := range found {
		l := &found[i]
		running = running.plus(sides{l.Debit.Total(), l.Credit.Total()})
		l.Balance = running.on(account.Nature)
		if i == 0 || found[i-1].Entry != l.Entry {
			entries++
		}
	}
	postings := Page[LedgerLine]{Items: found}
	if entries == q.Limit {
		postings.Next = found[len(found)-1].Entry
	}
	return LedgerPage{
		Account: code, CNBV: account.CNBV, Spanish: account.Spanish, English: account.English, Nature: account.Nature, From: from, To: to,
		Opening: opening.on(account.Nature), Debits: within.debits, Credits: within.credits, Closing: opening.plus(within).on(account.Nature),
		Postings: postings,
	}, nil
}

// page returns SQL for the lines of account $5 in the next $4 entries after day $2 and id $3,
// up to day $1.
func (l lines) page() string {
	return fmt.Sprintf(`SELECT p.entry_id, p.kind, p.business_date, p.posted_at, p.reference, p.subject, coalesce(l.number, 0), p.debit, p.credit
		FROM (SELECT DISTINCT %[1]s.business_date, %[1]s.entry_id FROM %[2]s AND (%[1]s.business_date, %[1]s.entry_id) > ($2, $3) AND %[1]s.business_date <= $1
			ORDER BY %[1]s.business_date, %[1]s.entry_id LIMIT $4) e
		CROSS JOIN posted p LEFT JOIN loans l ON l.id = p.subject WHERE p.entry_id = e.entry_id AND p.account = $5 ORDER BY p.business_date, p.entry_id, p.line`, l.dated, l.entries)
}

// entryDate returns an entry's business date, which never changes.
func (v *View) entryDate(ctx context.Context, entry id.ID, need uint64) (day civil.Date, err error) {
	batch := &db.Batch{}
	batch.Query("SELECT business_date FROM journal WHERE id = $1", func(s db.Scanner) error { return s.Scan(&day) }, entry)
	if err = v.ask(ctx, need, batch, func() { day = civil.Date{} }); err == nil && day.IsZero() {
		err = fault.Wrong(fault.At("after", fault.PageStart))
	}
	return day, err
}

// accountOn returns an account that can have postings, or accounting.AccountNotFound.
func accountOn(code ledger.Account, on civil.Date) (accounting.Account, error) {
	account, found := accounting.Find(code, on)
	if !found || !account.Postable() {
		return account, fault.Refuse(accounting.AccountNotFound, "account", code, "date", on)
	}
	return account, nil
}

// Entry returns an entry with its postings, its mirror or original entry, and its transaction
// or manual entry. Refused with accounting.EntryNotFound or JournalDetached, or access.Forbidden.
func (v *View) Entry(ctx context.Context, by By, entryID id.ID) (e Entry, err error) {
	if err := by.may(accounting.Read); err != nil {
		return e, err
	}
	batch := &db.Batch{}
	// A mirror entry is newer than its original, except for clock differences of seconds
	// between nodes. So older months need not be searched.
	later := id.New(entryID.Time().AddDate(0, 0, -1), [10]byte{})
	batch.Query(`SELECT j.id, j.kind, j.business_date, j.at, j.reference, j.reverses, (SELECT m.id FROM journal m WHERE m.reverses = j.id AND m.id > $2)
		FROM journal j WHERE j.id = $1 AND j.kind IS NOT NULL`, func(s db.Scanner) error {
		return s.Scan(&e.ID, &e.Kind, &e.Date, &e.PostedAt, &e.Reference, &e.Reverses, &e.ReversedBy)
	}, entryID, later)
	batch.Query("SELECT account, subject, debit, credit FROM posted WHERE entry_id = $1 ORDER BY line", func(s db.Scanner) error {
		var p EntryPosting
		err := s.Scan(&p.Account, &p.Subject, &p.Debit, &p.Credit)
		e.Postings = append(e.Postings, p)
		return err
	}, entryID)
	batch.Query(`SELECT m.loan_id, m.id, m.number, m.kind, m.value_date, m.amount, m.actor, m.folio, l.number
		FROM journal j JOIN loan_transactions m ON m.loan_id = j.subject AND m.id = j.reference JOIN loans l ON l.id = m.loan_id WHERE j.id = $1`,
		func(s db.Scanner) error {
			var m EntryTransaction
			e.Transaction = &m
			return s.Scan(&m.Loan, &m.ID, &m.Number, &m.Kind, &m.ValueDate, &m.Amount, &m.Actor, &e.Receipt, &e.LoanNumber)
		}, entryID)
	batch.Query(selectEntry+"id = (SELECT reference FROM journal WHERE id = $1)", func(s db.Scanner) error {
		manualEntry, err := scanEntry(s)
		e.ManualEntry = &manualEntry
		return err
	}, entryID)
	begins := v.detached(batch)
	if err := v.ask(ctx, by.Need, batch, func() { e = Entry{} }); err != nil {
		return e, err
	}
	if e.ID.IsZero() {
		return e, cmp.Or(begins.row(entryID), error(fault.Refuse(accounting.EntryNotFound)))
	}
	for i := range e.Postings {
		p := &e.Postings[i]
		account := named(p.Account, e.Date)
		p.Spanish, p.English = account.Spanish, account.English
	}
	return e, nil
}

// named returns the account as of a day. The name of an account that is not in the chart is
// its code.
func named(code ledger.Account, on civil.Date) accounting.Account {
	if account, found := accounting.Find(code, on); found {
		return account
	}
	return accounting.Account{Code: code, Spanish: string(code), English: string(code), Nature: accounting.Debit}
}

// ManualEntry returns a manual entry. Refused with accounting.ManualEntryNotFound or
// access.Forbidden.
func (v *View) ManualEntry(ctx context.Context, by By, manualEntryID id.ID) (found accounting.ManualEntry, err error) {
	if err := by.may(accounting.Read); err != nil {
		return found, err
	}
	batch := &db.Batch{}
	batch.Query(selectEntry+"id = $1", func(s db.Scanner) (err error) {
		found, err = scanEntry(s)
		return err
	}, manualEntryID)
	if err = v.ask(ctx, by.Need, batch, func() { found = accounting.ManualEntry{} }); err == nil && found.ID.IsZero() {
		err = fault.Refuse(accounting.ManualEntryNotFound)
	}
	return found, err
}

// ManualEntries returns a page of the manual entries in the order in which they were
// proposed. An empty status means all. Refused with access.Forbidden.
func (v *View) ManualEntries(ctx context.Context, by By, status accounting.ManualEntryStatus, part Paging) (Page[accounting.ManualEntry], error) {
	if err := by.may(accounting.Read); err != nil {
		return Page[accounting.ManualEntry]{}, err
	}
	var all []accounting.ManualEntry
	batch := &db.Batch{}
	batch.Query(selectEntry+"id > $1 AND ($2 = '' OR status = $2) ORDER BY id LIMIT $3 OFFSET $4", func(s db.Scanner) error {
		manualEntry, err := scanEntry(s)
		all = append(all, manualEntry)
		return err
	}, after(part.After), string(status), part.Limit, part.Skip)
	err := v.ask(ctx, by.Need, batch, func() { all = nil })
	return pageOf(all, part.Limit, func(manualEntry accounting.ManualEntry) id.ID { return manualEntry.ID }), err
}

// Periods returns the months of the books up to today's, with their status. Refused with
// access.Forbidden.
func (v *View) Periods(ctx context.Context, by By, today civil.Date) (p Periods, err error) {
	if err := by.may(accounting.Read); err != nil {
		return p, err
	}
	var first civil.Date
	batch := v.dated(&db.Batch{})
	batch.Query("SELECT closed_through, coalesce((SELECT min(month) FROM detached_months), (SELECT min(business_date) FROM journal WHERE business_date IS NOT NULL)) FROM books",
		func(s db.Scanner) error { return s.Scan(&p.ClosedThrough, &first) })
	if err = v.ask(ctx, by.Need, batch, func() { first = civil.Date{} }); err != nil {
		return p, err
	}
	if first.IsZero() {
		first = today
	}
	p.FirstOpen = p.ClosedThrough.AddDays(1)
	for day := first.MonthEnd(); !day.After(today.MonthEnd()); day = day.AddMonths(1, 31) {
		status := "OPEN"
		if !day.After(p.ClosedThrough) {
			status = "CLOSED"
		}
		p.Months = append(p.Months, Month{day.String()[:7], status})
	}
	return p, nil
}
