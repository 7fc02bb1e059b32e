package view

import (
	"context"
	"fmt"
	"slices"
	"time"

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

// LoanFile is all there is of a loan, as of one moment. Before the disbursement it
// has neither an account nor a schedule, and its methods refuse with servicing.WrongState.
type LoanFile struct {
	Loan         loan.Loan
	Client       client.Client
	Product      product.Product         // the version that the loan was granted on
	Account      servicing.Account       // as the bank keeps it: after the last transaction, without the instalments that are over
	Versions     []LoanVersion           // every schedule that was stored, the contract first
	Contract     schedule.Schedule       // with its CAT
	Transactions []servicing.Transaction // in the order of registration
}

// LoanVersion is a schedule of a loan as it was stored. A reversal stores an
// earlier version once more, with its old number.
type LoanVersion struct {
	Serial  int  // place in the loan's life, from 1
	Current bool // it is in force
	servicing.Version
	MadeAt time.Time
}

// ClientFile is all there is of a client, as of one moment.
type ClientFile struct {
	Client client.Client
	Loans  []LoanFile // of whatever state, in the order they were applied for
}

// LoanFile gives the file of a loan, or loan.NotFound.
func (v *View) LoanFile(ctx context.Context, by By, loanID id.ID) (LoanFile, error) {
	if err := by.mayRead(loan.Read); err != nil {
		return LoanFile{}, err
	}
	g, err := v.gather(ctx, v.known(loan.CacheKey(loanID), by.Need), "loans l JOIN clients c ON c.id = l.client_id WHERE l.id = $1", "l.id = $1", loanID)
	if err != nil {
		return LoanFile{}, err
	}
	if len(g.files) == 0 {
		return LoanFile{}, fault.Refuse(loan.NotFound)
	}
	return g.files[0], nil
}

// ClientFile gives the file of a client, or client.NotFound.
func (v *View) ClientFile(ctx context.Context, by By, clientID id.ID) (ClientFile, error) {
	if err := by.may(loan.Statements); err != nil {
		return ClientFile{}, err
	}
	g, err := v.gather(ctx, v.known(client.StatementCacheKey(clientID), by.Need), "clients c WHERE c.id = $1", "l.client_id = $1", clientID)
	if err == nil && g.client.ID.IsZero() {
		err = fault.Refuse(client.NotFound)
	}
	return ClientFile{g.client, g.files}, err
}

// filing is the files of a client's loans being filled.
type filing struct {
	client client.Client
	files  []LoanFile
	kept   []keptAccount // of each file
	places map[id.ID]int // of the files, by loan
}

// keptAccount is an account as the tables have it.
type keptAccount struct {
	serial      int // of the version in force; 0 before the disbursement
	plan, state []byte
}

// gather reads the files of the loans l that a condition finds, whose client c is in
// a source; both name the id as $1.
func (v *View) gather(ctx context.Context, need uint64, holder, loans string, of id.ID) (g filing, err error) {
	err = v.ask(ctx, need, g.questions(v.dated(&db.Batch{}), holder, loans, of), func() { g = filing{places: map[id.ID]int{}} })
	for i := 0; i < len(g.files) && err == nil; i++ {
		f := &g.files[i]
		if err = f.complete(g.kept[i]); err != nil {
			err = fmt.Errorf("file of loan %s: %w", f.Loan.ID, err)
		}
	}
	return g, err
}

// questions fill the files.
func (g *filing) questions(batch *db.Batch, holder, loans string, of id.ID) *db.Batch {
	batch.Query(selectClient+holder, func(s db.Scanner) (err error) {
		g.client, err = scanClient(s)
		return err
	}, of)
	batch.Query(selectLoan+loans+" ORDER BY l.id", func(s db.Scanner) error {
		l, err := scanLoan(s)
		g.places[l.ID] = len(g.files)
		g.files, g.kept = append(g.files, LoanFile{Loan: l, Client: g.client}), append(g.kept, keptAccount{})
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
		var kept keptAccount
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
	return batch
}

// scanVersion reads a version, and more columns behind it.
func scanVersion(s db.Scanner, more ...any) (v LoanVersion, err error) {
	var terms string
	if err = s.Scan(append([]any{&v.Serial, &v.Number, &v.From, &v.Reason, &terms, &v.Level, &v.MadeAt}, more...)...); err != nil {
		return v, err
	}
	return v, codec.ParseTerms(&v.Terms, terms)
}

// complete builds the contract and restores the account.
func (f *LoanFile) complete(kept keptAccount) (err error) {
	if kept.serial == 0 {
		return nil
	}
	if kept.serial > len(f.Versions) {
		return fmt.Errorf("version %d is missing", kept.serial)
	}
	current := &f.Versions[kept.serial-1]
	current.Current = true
	if f.Contract, err = schedule.Build(f.Versions[0].Terms); err != nil {
		return fmt.Errorf("contract: %w", err)
	}
	f.Account, err = codec.Restore(f.Product, current.Version, kept.plan, kept.state)
	return err
}

// Applied is when the loan was applied for: the moment of its id, to the millisecond.
func (f *LoanFile) Applied() time.Time { return f.Loan.ID.Time() }

// Disbursed refuses a loan that has no schedule yet, with servicing.WrongState.
func (f *LoanFile) Disbursed() error {
	if len(f.Versions) > 0 {
		return nil
	}
	return fault.Refuse(servicing.WrongState, "loan_status", f.Loan.Status).Because(servicing.NoSchedule)
}

// At gives the account with all its instalments as it stood after the last
// transaction in force with a value date up to the day; it may be rolled on to it.
// The day must not be before the disbursement.
func (f *LoanFile) At(day civil.Date) (servicing.Account, error) {
	account, _, err := servicing.Recompute(f.history(day))
	return account, err
}

// history is what is in force up to a day.
func (f *LoanFile) history(day civil.Date) servicing.History {
	h := servicing.History{Product: f.Product, Contract: f.Contract}
	for _, m := range f.Transactions {
		if o, counts := m.Operation(); counts && !o.ValueDate.After(day) {
			h.Operations = append(h.Operations, o)
		}
	}
	return h
}

// Transaction gives a transaction with the version of the schedule that it made, if it
// is in force and made one, or TransactionNotFound.
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

// yearsAhead is how far ahead it can be asked what a loan will owe.
const yearsAhead = 10

// Day is the day for which it is asked what the loan owes: today if none is, or
// the account's own if that is later. A day that the account has passed or that
// is more than ten years ahead is refused; so is a loan that is not disbursed.
func (f *LoanFile) Day(asked, today civil.Date) (civil.Date, error) {
	if err := f.Disbursed(); err != nil {
		return asked, err
	}
	earliest, latest := f.Account.Day, civil.Date{Year: today.Year + yearsAhead, Month: today.Month, Day: min(today.Day, 28)}
	switch {
	case asked.IsZero() && today.Before(earliest):
		return earliest, nil
	case asked.IsZero():
		return today, nil
	}
	return asked, between("date", asked, earliest, latest)
}

// between refuses a day that is outside the two.
func between(name string, day, earliest, latest civil.Date) error {
	if !day.Before(earliest) && !day.After(latest) {
		return nil
	}
	return fault.Wrong(fault.At(name, fault.DayBetween, "earliest", earliest, "latest", latest))
}

// Owing is what the loan owes on a day that Day accepts.
func (f *LoanFile) Owing(asked, today civil.Date) (servicing.Owing, error) {
	day, err := f.Day(asked, today)
	if err != nil {
		return servicing.Owing{}, err
	}
	o := servicing.Due(f.Account, day)
	o.Date = day
	return o, nil
}

// Payoff is what ends the loan on a day that Day accepts.
func (f *LoanFile) Payoff(asked, today civil.Date) (servicing.Payoff, error) {
	day, err := f.Day(asked, today)
	if err != nil {
		return servicing.Payoff{}, err
	}
	p := servicing.PayoffOf(f.Account, day)
	p.Date = day
	return p, nil
}

// Period is the first and the last day of a statement: from the disbursement to
// today if none are asked for. Days outside these are refused, and a first day
// after the last.
func (f *LoanFile) Period(from, to, today civil.Date) (civil.Date, civil.Date, error) {
	if err := f.Disbursed(); err != nil {
		return from, to, err
	}
	return period(from, to, f.Account.Opened, civil.Later(today, f.Account.Day))
}

// Period is the first and the last day of a statement over all loans, as of one
// loan: from the client's registration, whose day is given, or the first
// disbursement if that was earlier.
func (f *ClientFile) Period(from, to, registered, today civil.Date) (civil.Date, civil.Date, error) {
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

// period is the days asked for, the first and the last if none are; the last first,
// since it bounds the other.
func period(from, to, first, last civil.Date) (civil.Date, civil.Date, error) {
	if to.IsZero() {
		to = last
	}
	if err := between("to", to, first, last); err != nil {
		return from, to, err
	}
	if from.IsZero() {
		from = first
	}
	return from, to, between("from", from, first, to)
}
