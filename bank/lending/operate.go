package lending

import (
	"fmt"

	"sofipo/bank"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// Loan is a loan with its account, once it is disbursed.
type Loan struct {
	Stored
	Account servicing.Account

	restored bool // Account is that of the stored state
}

func (l *Loan) productKey() ProductKey { return ProductKey{l.Product, int(l.ProductVersion)} }

// Find gives a loan that was asked for, with its account, or loan.NotFound.
func Find(b *bank.Book, loanID id.ID) (Loan, error) {
	l := Loans.At(b, loanID)
	if l == nil {
		return Loan{}, fault.Refuse(loan.NotFound)
	}
	err := l.restore(b, codec.Restore)
	return *l, err
}

// restore completes the account of a loan from its stored form, once.
func (l *Loan) restore(b *bank.Book, read func(product.Product, servicing.Version, []byte, []byte) (servicing.Account, error)) error {
	if l.restored || l.Serial == 0 {
		return nil
	}
	p, err := productOf(b, *l)
	if err != nil {
		return err
	}
	s := Schedules.At(b, ScheduleKey{l.ID, l.Serial})
	if s == nil {
		return fmt.Errorf("loan %s: schedule %d is missing", l.ID, l.Serial)
	}
	if l.Account, err = read(p, s.Version, s.Plan, l.State); err != nil {
		return fmt.Errorf("loan %s: %w", l.ID, err)
	}
	l.restored = true
	return nil
}

// productOf is the version of the product that the loan was granted on.
func productOf(b *bank.Book, l Loan) (product.Product, error) {
	if p, known := versions.In(b)[l.productKey()]; known {
		return p, nil
	}
	return product.Product{}, fmt.Errorf("loan %s: product %s, version %d, is missing", l.ID, l.Product, l.ProductVersion)
}

// disburse pays out the loan on terms: its schedule, its account, the first transaction
// and the entry.
func disburse(b *bank.Book, l Loan, p product.Product, t schedule.Terms) (Loan, error) {
	plan, err := schedule.Plan(t)
	if err != nil {
		return l, err
	}
	m := servicing.Transaction{
		Amount: t.Amount, ID: b.NewID(), At: b.Now(), Kind: servicing.Disbursement, ValueDate: t.Disbursement, BusinessDate: b.Today(), Status: servicing.InForce,
		Split:  servicing.Split{Kind: servicing.Disbursement, Date: t.Disbursement, Amount: t.Amount, Balance: t.Amount, Status: servicing.Active},
		LoanID: l.ID, ClientID: l.ClientID, Actor: b.Actor(),
	}
	entry := entries.Disbursed(booking(b, l, m), servicing.OpeningFacts(plan))
	m.Entry = entry.ID
	l.Stage = risk.Stage1
	if l.Fee = plan.Opening.Fee; l.Fee > 0 {
		l.FeeLast = plan.Rows[len(plan.Rows)-1].Due
	}
	l.Account, l.GrantedAt, l.Opened, l.FirstDue = servicing.Open(p, plan), b.Now(), t.Disbursement, plan.Terms.FirstDue
	l.TermMonths, l.Periods = int32(schedule.Months(plan.Terms)), int32(plan.Terms.Periods)
	keep(b, &l, true)
	Transactions.Add(b, Transaction{Transaction: m, ClientID: l.ClientID})
	return l, b.Post(entry)
}

// keep stages the loan as its account has it.
func keep(b *bank.Book, l *Loan, newSchedule bool) {
	if l.Moved = b.Today(); b.LastDay().Day.IsZero() {
		l.InterestPostedOn = l.Moved
	}
	a := servicing.Trim(l.Account)
	l.Account, l.restored, l.Status, l.Balance, l.Unapplied = a, true, a.Status, a.Outstanding, a.Unapplied
	if newSchedule {
		l.Serial++
		Schedules.Add(b, Schedule{LoanID: l.ID, ClientID: l.ClientID, Serial: l.Serial, Version: a.Version, Plan: codec.AppendPlan(make([]byte, 0, 512), a), MadeAt: b.Now()})
	}
	Loans.Change(b, *l)
}

// operate does an operation on its value date, today if it has none. One before
// the account's day computes the loan again from its history; the transactions that
// it changed come with the answer.
func operate(b *bank.Book, loanID id.ID, o servicing.Operation) (l Loan, m servicing.Transaction, changed []servicing.Transaction, err error) {
	if l, err = Find(b, loanID); err != nil {
		return l, m, nil, err
	}
	if l.Serial == 0 {
		return l, m, nil, servicing.Inactive(l.Status)
	}
	if l, err = settle(b, l); err != nil {
		return l, m, nil, err
	}
	asked := o.ValueDate
	if o.ValueDate, err = valueDate(b, asked); err != nil {
		return l, m, nil, err
	}
	if asked.IsZero() || !asked.Before(l.Account.Day) || asked.Before(l.Opened) {
		after, split, err := servicing.Apply(l.Account, o, b.Today())
		if err != nil {
			return l, m, nil, err
		}
		l, m, err = register(b, l, after, o, split)
		return l, m, nil, err
	}
	h, err := historyOf(b, l)
	if err != nil {
		return l, m, nil, err
	}
	m = newTransaction(b, &l, o)
	o.Number = m.Number
	change, err := h.With(o, b.Today())
	if err != nil {
		return l, m, nil, err
	}
	return rewrite(b, l, m, change)
}

// settle stages what happened by itself to the loan on days that are over and
// that no close has come to yet, each on its day, as the closes of those days would;
// what happened before the first day that is closed, on that day.
func settle(b *bank.Book, l Loan) (Loan, error) {
	if b.LastDay().Day.IsZero() {
		return l, nil
	}
	yesterday := b.Today().AddDays(-1)
	for {
		_, happened := servicing.Roll(servicing.Near(l.Account, yesterday), yesterday)
		if len(happened) == 0 {
			return l, nil
		}
		day := civil.Later(happened[0].Date, civil.Later(l.Moved, b.FirstClose()))
		if day.After(yesterday) {
			return l, nil // the operation that comes next includes it
		}
		back := b.DatedOn(day)
		rolled, err := roll(b, l)
		back()
		if err != nil {
			return l, err
		}
		l = rolled
	}
}

// roll stages what happened by itself to the loan up to today as a transaction.
func roll(b *bank.Book, l Loan) (Loan, error) {
	o := servicing.Operation{Kind: servicing.Rolled, ValueDate: b.Today()}
	after, split, err := servicing.Apply(l.Account, o, b.Today())
	if err != nil {
		return l, err
	}
	l, _, err = register(b, l, after, o, split)
	return l, err
}

// register stages an operation that comes after all others: the account after
// it, its transaction and its entries.
func register(b *bank.Book, l Loan, after servicing.Account, o servicing.Operation, s servicing.Split) (Loan, servicing.Transaction, error) {
	m := newTransaction(b, &l, o)
	m.Split = s
	m.Split.Operation = m.Number
	if err := postAccrued(b, l, m, after); err != nil {
		return l, m, err
	}
	if err := postOperated(b, l, &m, after); err != nil {
		return l, m, err
	}
	l.Account = after
	keep(b, &l, s.Version != nil)
	Transactions.Add(b, Transaction{Transaction: m, ClientID: l.ClientID})
	return l, m, nil
}

// rewrite stages what comes of a history in which a transaction was put in late or
// taken out: the transactions that changed, with their entries mirrored and posted
// again, and the account. The cause is the transaction put in, or the reversal; it
// comes back complete, with the other transactions whose splits changed.
func rewrite(b *bank.Book, l Loan, cause servicing.Transaction, c servicing.Change) (Loan, servicing.Transaction, []servicing.Transaction, error) {
	var recomputed []servicing.Transaction
	var mirrors []ledger.Entry
	for _, d := range c.Differences {
		if d.Operation == cause.Number {
			cause.Split = d.After
			if err := postOperated(b, l, &cause, c.Account); err != nil {
				return l, cause, nil, err
			}
			continue
		}
		m := transaction(b, TransactionKey{l.ID, d.Operation})
		mirror, err := mirror(b, m, cause)
		if err != nil {
			return l, cause, nil, err
		}
		mirrors = append(mirrors, mirror)
		if m.Kind == servicing.WriteOffKind {
			if err := resuspend(b, l, cause, mirror); err != nil {
				return l, cause, nil, err
			}
		}
		if d.After.Kind == "" {
			m.Status, m.ReversedBy, cause.Reverses, cause.Entry = servicing.Reversed, cause.ID, m.ID, mirror.ID
			Transactions.Change(b, Transaction{Transaction: m, ClientID: l.ClientID})
			continue
		}
		m.Split, m.Entry = d.After, id.ID{}
		if err := postOperated(b, l, &m, c.Account); err != nil {
			return l, cause, nil, err
		}
		Transactions.Change(b, Transaction{Transaction: m, ClientID: l.ClientID})
		recomputed = append(recomputed, m)
	}
	if err := b.Post(entries.Settled(booking(b, l, cause), mirrors...)); err != nil {
		return l, cause, nil, err
	}
	if err := postAccrued(b, l, cause, c.Account); err != nil {
		return l, cause, nil, err
	}
	l.Account = c.Account
	keep(b, &l, true)
	if cause.Kind == servicing.Reversal {
		cause.Split = servicing.Split{Kind: cause.Kind, Date: cause.ValueDate, Amount: cause.Amount, Balance: l.Balance, Status: l.Status}
	}
	Transactions.Add(b, Transaction{Transaction: cause, ClientID: l.ClientID})
	return l, cause, recomputed, nil
}

// resuspend posts what a mirrored write-off leaves out: interest that it took for a
// loss and that a close of a day before it found to be suspended.
func resuspend(b *bank.Book, l Loan, cause servicing.Transaction, mirror ledger.Entry) error {
	suspended := recordedOf(b, l, l.Account).suspended
	for _, p := range mirror.Postings {
		if p.Account == accounting.SuspendedInterest {
			suspended -= p.Debit - p.Credit
		}
	}
	k := booking(b, l, cause)
	if err := b.Post(entries.Unlost(k, -suspended)); err != nil {
		return err
	}
	k.ID = b.NewID()
	return b.Post(entries.Accrued(k, 0, 0, suspended))
}

// publishRecomputed publishes the transactions whose splits another one changed.
func publishRecomputed(b *bank.Book, l Loan, cause servicing.Transaction, changed []servicing.Transaction) {
	for _, m := range changed {
		b.Publish(servicing.TransactionRecomputedEvent(m, l.Loan, cause.ID))
	}
}

// newTransaction begins the next transaction of the loan.
func newTransaction(b *bank.Book, l *Loan, o servicing.Operation) servicing.Transaction {
	l.Transactions++
	return servicing.Transaction{
		Amount: o.Amount, ID: b.NewID(), At: b.Now(), Number: l.Transactions, Kind: o.Kind, ValueDate: o.ValueDate, Status: servicing.InForce,
		BusinessDate: b.Today(), NewTerms: o.NewTerms, LoanID: l.ID, ClientID: l.ClientID, Actor: b.Actor(),
	}
}

// postOperated posts the transaction's own entry, if there is anything to post; the
// account is the one after it.
func postOperated(b *bank.Book, l Loan, m *servicing.Transaction, after servicing.Account) error {
	k := booking(b, l, *m)
	if m.Kind == servicing.WriteOffKind {
		k.Suspended = recordedOf(b, l, after).suspended
	}
	entry := entries.Operated(k, m.Split)
	m.Entry = entry.ID
	return b.Post(entry)
}

// postAccrued posts the interest and its IVA that the loan earned, and the part of
// its origination fee that became income, beyond what the books have, or will
// have by the closes: since its account's day, or since yesterday. It is negative if
// less was earned than that.
func postAccrued(b *bank.Book, l Loan, m servicing.Transaction, after servicing.Account) error {
	had, has := recordedOf(b, l, l.Account), recordedOf(b, l, after)
	if err := b.Post(entries.Accrued(booking(b, l, m), has.income-had.income, has.iva-had.iva, has.suspended-had.suspended)); err != nil || has.fee == had.fee {
		return err
	}
	return b.Post(entries.FeesAmortised(booking(b, l, m), has.fee-had.fee))
}

// recorded is what the books have of a loan.
type recorded struct {
	income, suspended money.Amount // interest
	iva               money.Amount // on interest, fallen due
	fee               money.Amount // the part of the origination fee that is income
}

// recordedOf is what the books have of a loan with the account. Where days are closed
// it is all that there was by the end of yesterday, whether that is closed yet or
// still to be: closes post it. Before, and when the first day is closed, it is what
// operations posted up to the account's day. The rest of an origination fee is
// income when the loan ends; a cancellation gives it back.
func recordedOf(b *bank.Book, l Loan, a servicing.Account) (has recorded) {
	if l.Serial == 0 {
		return has
	}
	through, fallen := a, a
	if today := b.Today(); !b.LastDay().Day.IsZero() && today != b.FirstClose() && today.After(l.InterestPostedOn) {
		fallen, _ = servicing.Roll(servicing.Near(a, today), today.AddDays(-1))
		through, _ = servicing.Roll(fallen, today)
	}
	earned, _ := entries.InterestOf(through)
	_, collected := entries.InterestOf(fallen)
	has.income, has.suspended = l.Recognition.Recognised(earned, collected)
	has.iva = servicing.Recognised(fallen).InterestIVA
	switch {
	case l.Fee == 0 || fallen.Status == servicing.Cancelled:
	case servicing.Alive(fallen.Status):
		has.fee = entries.Amortised(l.Fee, l.Opened, l.FeeLast, through.Day.AddDays(-1))
	default:
		has.fee = l.Fee
	}
	return has
}

// mirror posts the mirror of a transaction's entry; the zero Entry if there is none.
func mirror(b *bank.Book, m, cause servicing.Transaction) (ledger.Entry, error) {
	if m.Entry.IsZero() {
		return ledger.Entry{}, nil
	}
	entry, found := b.Posted(m.Entry)
	if !found {
		return ledger.Entry{}, fmt.Errorf("loan %s: the entry of transaction %d is missing", m.LoanID, m.Number)
	}
	mirrored := accounting.Mirror(b.NewID(), b.Today(), b.Now(), cause.ID, entry)
	return mirrored, b.Post(mirrored)
}

// booking is where an entry of the transaction stands: today, whatever its value date.
func booking(b *bank.Book, l Loan, m servicing.Transaction) entries.Booking {
	k := accounting.Booking{ID: b.NewID(), Day: b.Today(), At: b.Now(), Reference: m.ID, Subject: m.LoanID, Client: l.ClientID}
	return entries.Booking{Booking: k, Overdue: l.Recognition.Suspended}
}

// historyOf is all that the loan comes from, of a loan whose history was asked for.
func historyOf(b *bank.Book, l Loan) (servicing.History, error) {
	p, err := productOf(b, l)
	if err != nil {
		return servicing.History{}, err
	}
	contract, err := schedule.Plan(contractOf(b, l.ID))
	if err != nil {
		return servicing.History{}, fmt.Errorf("contract of loan %s: %w", l.ID, err)
	}
	h := servicing.History{Product: p, Contract: contract}
	for n := 1; n <= l.Transactions; n++ {
		if o, counts := transaction(b, TransactionKey{l.ID, n}).Operation(); counts {
			h.Operations = append(h.Operations, o)
		}
	}
	return h, nil
}

// transaction gives a transaction of a loan whose history was asked for.
func transaction(b *bank.Book, key TransactionKey) servicing.Transaction {
	t, _ := Transactions.Get(b, key)
	return t.Transaction
}

// valueDate is the day for which an operation counts: today unless another was
// asked for, which must not lie in a closed period.
func valueDate(b *bank.Book, asked civil.Date) (civil.Date, error) {
	if asked.IsZero() {
		return b.Today(), nil
	}
	return asked, b.CheckOpen(asked)
}
