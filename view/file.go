package view

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/infra/db"
)

// LoanFile is everything about a loan in one snapshot. Before the disbursement there is no
// account and no schedule, and the methods that need them refuse with servicing.WrongState.
type LoanFile struct {
	Loan         loan.Loan
	Client       client.Client
	Addresses    []client.Address        // of the client, as the client's file states them
	Product      product.Product         // the version that the loan was granted on
	Account      servicing.Account       // as stored: after the last transaction, without past instalments
	Versions     []LoanVersion           // all stored schedules, the contract first
	Contract     schedule.Schedule       // the original schedule with its CAT
	Transactions []servicing.Transaction // in order of registration
	Steps        []loan.Step             // of the application, in order
	Collector    string                  // user name; empty for nobody
	Places       map[id.ID]string        // names of branches and tills
}

// LoanVersion is a stored version of a loan's schedule. A reversal stores an earlier version
// again, with its old number.
type LoanVersion struct {
	Serial  int  // position in the loan's life, from 1
	Current bool // the version in force
	servicing.Version
	MadeAt time.Time
}

// ClientFile is everything about a client in one snapshot.
type ClientFile struct {
	Client    client.Client
	Addresses []client.Address
	Loans     []LoanFile // loans of any status, in order of application
}

// LoanFile returns the file of a loan. Refused with loan.NotFound or access.Forbidden.
func (v *View) LoanFile(ctx context.Context, by By, loanID id.ID) (LoanFile, error) {
	if err := by.mayRead(loan.Read); err != nil {
		return LoanFile{}, err
	}
	if err := v.covers(ctx, by, loan.Read, loanByID, loanID); err != nil {
		return LoanFile{}, err
	}
	g, err := v.readFiles(ctx, v.known(loan.CacheKey(loanID), by.Need), "loans l JOIN clients c ON c.id = l.client_id WHERE l.id = $1", "l.id = $1", loanID)
	if err != nil {
		return LoanFile{}, err
	}
	if len(g.files) == 0 {
		return LoanFile{}, fault.Refuse(loan.NotFound)
	}
	return g.files[0], nil
}

// ClientFile returns the file of a client. Refused with client.NotFound or access.Forbidden.
func (v *View) ClientFile(ctx context.Context, by By, clientID id.ID) (ClientFile, error) {
	if err := by.may(loan.Statements); err != nil {
		return ClientFile{}, err
	}
	if err := v.covers(ctx, by, loan.Statements, clientByID, clientID); err != nil {
		return ClientFile{}, err
	}
	g, err := v.readFiles(ctx, v.known(client.StatementCacheKey(clientID), by.Need), "clients c WHERE c.id = $1", "l.client_id = $1", clientID)
	if err == nil && g.client.ID.IsZero() {
		err = fault.Refuse(client.NotFound)
	}
	return ClientFile{g.client, g.addresses, g.files}, err
}

// fileReader collects the files of a client's loans.
type fileReader struct {
	client    client.Client
	addresses []client.Address
	files     []LoanFile
	kept      []storedAccount // one for each file
	places    map[id.ID]int   // index of the file by loan id
}

// storedAccount is an account as stored.
type storedAccount struct {
	serial      int // of the schedule in force; 0 before the disbursement
	plan, state []byte
}

// readFiles reads the files of the loans l that match the condition loans, with the client c
// from the tables in holder. In both SQL texts, $1 is the id.
func (v *View) readFiles(ctx context.Context, need uint64, holder, loans string, of id.ID) (g fileReader, err error) {
	err = v.ask(ctx, need, g.queries(v.dated(&db.Batch{}), holder, loans, of), func() { g = fileReader{places: map[id.ID]int{}} })
	for i := 0; i < len(g.files) && err == nil; i++ {
		f := &g.files[i]
		if err = f.complete(g.kept[i]); err != nil {
			err = fmt.Errorf("reading the file of loan %s: %w", f.Loan.ID, err)
		}
	}
	return g, err
}

// queries adds the queries for the files to the batch.
func (g *fileReader) queries(batch *db.Batch, holder, loans string, of id.ID) *db.Batch {
	batch.Query(selectClient+holder, func(s db.Scanner) (err error) {
		g.client, err = scanClient(s)
		return err
	}, of)
	places := map[id.ID]string{}
	batch.Before(func() { clear(places) })
	batch.Query("SELECT id, name FROM branches UNION ALL SELECT id, name FROM tills", func(s db.Scanner) error {
		var place id.ID
		var name string
		err := s.Scan(&place, &name)
		places[place] = name
		return err
	})
	batch.Query("SELECT f.client_id, f.body FROM client_files f WHERE f.client_id IN (SELECT c.id FROM "+holder+")", func(s db.Scanner) error {
		var row clients.StoredFile
		err := clients.Files.Columns.Pick("client_id", "body").Scan(s, &row)
		if err == nil {
			err = clients.Files.Read(&row)
		}
		g.addresses = row.File.Addresses
		return err
	}, of)
	batch.Query(selectLoan+loans+" ORDER BY l.id", func(s db.Scanner) error {
		l, err := scanLoan(s)
		g.places[l.ID] = len(g.files)
		g.files, g.kept = append(g.files, LoanFile{Loan: l, Client: g.client, Addresses: g.addresses, Places: places, Steps: []loan.Step{}}), append(g.kept, storedAccount{})
		return err
	}, of)
	batch.Query("SELECT "+productColumns.List("p")+", l.id FROM loans l JOIN products p ON p.code = l.product AND p.version = l.product_version WHERE "+loans, func(s db.Scanner) error {
		var loanID id.ID
		p, err := scanProduct(s, &loanID)
		g.files[g.places[loanID]].Product = p
		return err
	}, of)
	batch.Query("SELECT v.serial, v.number, v.effective_from, v.reason, v.terms, v.level, v.made_at, l.id FROM loans l JOIN loan_versions v ON v.loan_id = l.id WHERE "+loans+" ORDER BY l.id, v.serial", func(s db.Scanner) error {
		var loanID id.ID
		one, err := scanVersion(s, &loanID)
		f := &g.files[g.places[loanID]]
		f.Versions = append(f.Versions, one)
		return err
	}, of)
	batch.Query("SELECT l.id, l.version, v.plan, l.state FROM loans l JOIN loan_versions v ON v.loan_id = l.id AND v.serial = l.version WHERE "+loans, func(s db.Scanner) error {
		var loanID id.ID
		var kept storedAccount
		err := s.Scan(&loanID, &kept.serial, &kept.plan, &kept.state)
		g.kept[g.places[loanID]] = kept
		return err
	}, of)
	batch.Query("SELECT "+transactionColumns+", m.actor, l.id FROM loans l JOIN loan_transactions m ON m.loan_id = l.id WHERE "+loans+" ORDER BY l.id, m.number", func(s db.Scanner) error {
		var actor string
		var loanID id.ID
		stored, err := scanTransaction(s, &actor, &loanID)
		if err != nil {
			return err
		}
		m, err := stored.Parse()
		f := &g.files[g.places[loanID]]
		m.LoanID, m.ClientID, m.Actor = loanID, f.Loan.ClientID, actor
		f.Transactions = append(f.Transactions, m)
		return err
	}, of)
	batch.Query("SELECT l.id, k.collector FROM loans l JOIN loan_collectors k ON k.loan_id = l.id WHERE "+loans, func(s db.Scanner) error {
		var loanID id.ID
		var collector string
		err := s.Scan(&loanID, &collector)
		g.files[g.places[loanID]].Collector = collector
		return err
	}, of)
	batch.Query("SELECT "+lending.Steps.Columns.List("s")+" FROM loans l JOIN application_steps s ON s.loan_id = l.id WHERE "+loans+" ORDER BY l.id, s.number", func(s db.Scanner) error {
		var one loan.Step
		err := lending.Steps.Columns.Scan(s, &one)
		f := &g.files[g.places[one.LoanID]]
		f.Steps = append(f.Steps, one)
		return err
	}, of)
	return batch
}

// scanVersion reads a version, and the additional columns after it.
func scanVersion(s db.Scanner, more ...any) (v LoanVersion, err error) {
	var terms string
	if err = s.Scan(append([]any{&v.Serial, &v.Number, &v.From, &v.Reason, &terms, &v.Level, &v.MadeAt}, more...)...); err != nil {
		return v, err
	}
	return v, codec.ParseTerms(&v.Terms, terms)
}

// complete builds the contract and restores the account.
func (f *LoanFile) complete(kept storedAccount) (err error) {
	if kept.serial == 0 {
		return nil
	}
	if kept.serial > len(f.Versions) {
		return fmt.Errorf("schedule version %d is missing", kept.serial)
	}
	current := &f.Versions[kept.serial-1]
	current.Current = true
	if f.Contract, err = schedule.Build(f.Versions[0].Terms); err != nil {
		return fmt.Errorf("contract: %w", err)
	}
	f.Account, err = codec.Restore(f.Product, current.Version, kept.plan, kept.state)
	return err
}

// Returned returns the last return of the application if it waits for its correction, and nil
// otherwise.
func (f *LoanFile) Returned() *loan.Step {
	if n := len(f.Steps); n > 0 && f.Loan.Status == servicing.Returned {
		return &f.Steps[n-1]
	}
	return nil
}

// Applied returns when the loan was applied for: the time in its id, in milliseconds.
func (f *LoanFile) Applied() time.Time { return f.Loan.ID.Time() }

// Disbursed returns servicing.WrongState if the loan has no schedule yet, and otherwise nil.
func (f *LoanFile) Disbursed() error {
	if len(f.Versions) > 0 {
		return nil
	}
	return fault.Refuse(servicing.WrongState, "loan_status", f.Loan.Status).Because(servicing.NoSchedule)
}

// At returns the account with all its instalments after the last transaction in force with a
// value date up to the day. It is not rolled forward to the day. The day must not be before
// the disbursement.
func (f *LoanFile) At(day civil.Date) (servicing.Account, error) {
	account, _, err := servicing.Recompute(f.history(day))
	return account, err
}

// Splits returns how each operation in force up to a day is applied, by the number of its
// transaction. The day must not be before the disbursement.
func (f *LoanFile) Splits(day civil.Date) (map[int]servicing.Split, error) {
	_, all, err := servicing.Recompute(f.history(day))
	splits := make(map[int]servicing.Split, len(all))
	for _, s := range all {
		splits[s.Operation] = s
	}
	return splits, err
}

// history returns the operations in force up to a day.
func (f *LoanFile) history(day civil.Date) servicing.History {
	h := servicing.History{Product: f.Product, Contract: f.Contract}
	for _, m := range f.Transactions {
		if o, counts := m.Operation(); counts && !o.ValueDate.After(day) {
			h.Operations = append(h.Operations, o)
		}
	}
	return h
}

// Transaction returns a transaction with the schedule version that it created, if any.
// Refused with servicing.TransactionNotFound.
func (f *LoanFile) Transaction(transactionID id.ID) (servicing.Transaction, error) {
	at := slices.IndexFunc(f.Transactions, func(m servicing.Transaction) bool { return m.ID == transactionID })
	if at < 0 {
		return servicing.Transaction{}, fault.Refuse(servicing.TransactionNotFound)
	}
	m := f.Transactions[at]
	_, splits, err := servicing.Recompute(f.history(m.ValueDate))
	for _, s := range splits {
		if s.Operation == m.Number {
			m.Split.Version = s.Version
		}
	}
	return m, err
}

// yearsAhead is the maximum number of calendar years ahead for which amounts due are
// computed.
const yearsAhead = 10

// Day returns the date for a computation of the amount due. A zero requested date means
// today, or the account's date if that is later. Refused with Invalid before the account's
// date and more than ten years ahead, and with servicing.WrongState before the disbursement.
func (f *LoanFile) Day(requested, today civil.Date) (civil.Date, error) {
	if err := f.Disbursed(); err != nil {
		return requested, err
	}
	earliest, latest := f.Account.Day, today.AddMonths(12*yearsAhead, int(today.Day))
	switch {
	case requested.IsZero() && today.Before(earliest):
		return earliest, nil
	case requested.IsZero():
		return today, nil
	}
	return requested, between("date", requested, earliest, latest)
}

// between refuses a day outside a range.
func between(name string, day, earliest, latest civil.Date) error {
	if !day.Before(earliest) && !day.After(latest) {
		return nil
	}
	return fault.Wrong(fault.At(name, fault.DayBetween, "earliest", earliest, "latest", latest))
}

// Owing returns the amount due on a date, which is chosen and checked as in Day.
func (f *LoanFile) Owing(requested, today civil.Date) (servicing.Owing, error) {
	day, err := f.Day(requested, today)
	if err != nil {
		return servicing.Owing{}, err
	}
	o := servicing.Due(f.Account, day)
	o.Date = day
	return o, nil
}

// Payoff returns the payoff amount on a date, which is chosen and checked as in Day.
func (f *LoanFile) Payoff(requested, today civil.Date) (servicing.Payoff, error) {
	day, err := f.Day(requested, today)
	if err != nil {
		return servicing.Payoff{}, err
	}
	p := servicing.PayoffOf(f.Account, day)
	p.Date = day
	return p, nil
}

// ExplainPayoff returns the parts that add up to the payoff amount on a date, which is chosen
// and checked as in Day.
func (f *LoanFile) ExplainPayoff(requested, today civil.Date) ([]servicing.Owed, error) {
	day, err := f.Day(requested, today)
	if err != nil {
		return nil, err
	}
	return servicing.ExplainPayoff(f.Account, day), nil
}

// Period is the period of a statement, with its first and last day.
type Period struct {
	From, To  civil.Date
	Shortened bool // the requested period began earlier or ended later
}

// Period returns the period of a statement. Zero dates mean the disbursement and today. A
// period that begins earlier or ends later is shortened to these. Refused with Invalid if
// nothing is left of it, and with servicing.WrongState before the disbursement.
func (f *LoanFile) Period(from, to, today civil.Date) (Period, error) {
	if err := f.Disbursed(); err != nil {
		return Period{}, err
	}
	return period(from, to, f.Account.Opened, civil.Later(today, f.Account.Day))
}

// Period returns the period of a statement of all loans, as LoanFile.Period does. It begins
// on the client's registration date or on the first disbursement if that was earlier.
func (f *ClientFile) Period(from, to, registered, today civil.Date) (Period, error) {
	first, last := registered, today
	for _, l := range f.Loans {
		if l.Disbursed() == nil {
			last = civil.Later(last, l.Account.Day)
			if l.Account.Opened.Before(first) {
				first = l.Account.Opened
			}
		}
	}
	return period(from, to, first, last)
}

// period fills in and checks the dates of a statement of the days from first to last. It
// checks the last day before the first day, because it limits it.
func period(from, to, first, last civil.Date) (Period, error) {
	p := Period{first, last, from.Before(first) && !from.IsZero() || to.After(last)}
	if !to.IsZero() && to.Before(last) {
		p.To = to
	}
	if err := between("to", p.To, first, last); err != nil {
		return p, err
	}
	if from.After(first) {
		p.From = from
	}
	return p, between("from", p.From, first, p.To)
}
