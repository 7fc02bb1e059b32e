package lending

import (
	"cmp"
	"fmt"

	"sofipo/bank"
	tills "sofipo/bank/settlement"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
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
	"sofipo/core/settlement"
)

// Loan is a loan and, once it is disbursed, its account.
type Loan struct {
	Stored
	Account servicing.Account

	restored bool // Account was restored from the stored state
}

func (l *Loan) productKey() ProductKey { return ProductKey{l.Product, int(l.ProductVersion)} }

// Find returns a requested loan with its account, or loan.NotFound.
func Find(b *bank.Book, loanID id.ID) (Loan, error) {
	l := Loans.At(b, loanID)
	if l == nil {
		return Loan{}, fault.Refuse(loan.NotFound)
	}
	err := l.restore(b, codec.Restore)
	return *l, err
}

// restore restores the account of a loan from its stored state, unless it was done before.
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

// productOf returns the product version that the loan was granted on.
func productOf(b *bank.Book, l Loan) (product.Product, error) {
	if p, known := versions.In(b)[l.productKey()]; known {
		return p, nil
	}
	return product.Product{}, fmt.Errorf("loan %s: product %s, version %d, is missing", l.ID, l.Product, l.ProductVersion)
}

// disburse stages the disbursement of a loan: its schedule, account, first transaction and
// entry.
func disburse(b *bank.Book, l Loan, p product.Product, t schedule.Terms, means settlement.Means) (Loan, error) {
	plan, err := schedule.Plan(t)
	if err != nil {
		return l, err
	}
	if means, err = tills.CheckPaid(b, means, plan.Opening.Disbursed); err != nil {
		return l, err
	}
	m := servicing.Transaction{
		Amount: t.Amount, ID: b.NewID(), At: b.Now(), Kind: servicing.Disbursement, ValueDate: t.Disbursement, BusinessDate: b.Today(), Status: servicing.InForce,
		Split:  servicing.Split{Kind: servicing.Disbursement, Date: t.Disbursement, Amount: t.Amount, Balance: t.Amount, Status: servicing.Active},
		LoanID: l.ID, ClientID: l.ClientID, Actor: b.Actor(), Means: means, Folio: b.Folio(folio.Receipt, b.Who().User.BranchID),
	}
	entry := entries.Disbursed(booking(b, l, m), servicing.OpeningFacts(plan))
	m.Entry = entry.ID
	l.Stage = risk.Stage1
	if l.Fee = plan.Opening.Fee; l.Fee > 0 {
		l.FeeLast = plan.Rows[len(plan.Rows)-1].Due
	}
	l.Account, l.GrantedAt, l.Opened, l.FirstDue = servicing.Open(p, plan), b.Now(), t.Disbursement, plan.Terms.FirstDue
	l.TermMonths, l.Periods = int32(schedule.Months(plan.Terms)), int32(plan.Terms.Periods)
	storeLoan(b, &l, true)
	Transactions.Add(b, Transaction{Transaction: m, ClientID: l.ClientID})
	return l, b.Post(entry)
}

// storeLoan stages the loan with the figures of its account.
func storeLoan(b *bank.Book, l *Loan, newSchedule bool) {
	if l.LastTransactionOn = b.Today(); b.LastDay().Day.IsZero() {
		l.InterestPostedOn = l.LastTransactionOn
	}
	a := servicing.Trim(l.Account)
	l.Account, l.restored, l.Status, l.Balance, l.Unapplied = a, true, a.Status, a.Outstanding, a.Unapplied
	l.WrittenOff = a.WrittenOff.Sum()
	if newSchedule {
		l.Serial++
		Schedules.Add(b, Schedule{LoanID: l.ID, ClientID: l.ClientID, Serial: l.Serial, Version: a.Version, Plan: codec.AppendPlan(make([]byte, 0, 512), a), MadeAt: b.Now()})
	}
	change(b, *l)
}

// operate applies an operation on its value date, or today if the date is zero. A value date
// before the account's day recomputes the loan from its history. The transactions that this
// changes are returned.
func operate(b *bank.Book, loanID id.ID, o servicing.Operation) (l Loan, m servicing.Transaction, changed []servicing.Transaction, err error) {
	return operateBy(b, loanID, o, tills.CheckReceived)
}

// checkMeans completes and checks the means of an operation.
type checkMeans func(*bank.Book, settlement.Means) (settlement.Means, error)

// anyMeans accepts means of money that is there already.
func anyMeans(_ *bank.Book, m settlement.Means) (settlement.Means, error) { return m.Normal(), nil }

// operateBy is operate with another check of the means.
func operateBy(b *bank.Book, loanID id.ID, o servicing.Operation, check checkMeans) (l Loan, m servicing.Transaction, changed []servicing.Transaction, err error) {
	if l, err = Find(b, loanID); err != nil {
		return l, m, nil, err
	}
	if l.Serial == 0 {
		return l, m, nil, servicing.Inactive(l.Status)
	}
	if l, err = catchUp(b, l); err != nil {
		return l, m, nil, err
	}
	if o.Means, err = check(b, o.Means); err != nil {
		return l, m, nil, err
	}
	requested := o.ValueDate
	if o.ValueDate, err = valueDate(b, requested); err != nil {
		return l, m, nil, err
	}
	if requested.IsZero() || !requested.Before(l.Account.Day) || requested.Before(l.Opened) {
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

// receive registers a payment of a loan, or a recovery if the loan is written off, with money
// that is there already.
func receive(b *bank.Book, l Loan, o servicing.Operation) (Loan, servicing.Transaction, error) {
	switch {
	case l.Status == servicing.WrittenOff:
		o.Kind = servicing.RecoveryKind
	case o.Kind == servicing.RecoveryKind:
		o.Kind = servicing.Ordinary
	}
	l, m, changed, err := operateBy(b, l.ID, o, anyMeans)
	if err == nil {
		publishReceived(b, l, m, changed)
	}
	return l, m, err
}

// publishReceived publishes the events of a payment or a recovery.
func publishReceived(b *bank.Book, l Loan, m servicing.Transaction, changed []servicing.Transaction) {
	if m.Kind == servicing.RecoveryKind {
		b.Publish(servicing.RecoveryReceivedEvent(m, l.Loan))
	} else {
		b.Publish(servicing.PaymentRegisteredEvent(m, l.Loan))
	}
	publishRecomputed(b, l, m, changed)
}

// catchUp stages the automatic changes of a loan on past days that have not been closed yet,
// each dated on its own day, as the closes of those days would. Changes before the first day
// that is ever closed are dated on that day.
func catchUp(b *bank.Book, l Loan) (Loan, error) {
	if b.LastDay().Day.IsZero() {
		return l, nil
	}
	yesterday := b.Today().AddDays(-1)
	for {
		_, happened := servicing.Roll(servicing.Near(l.Account, yesterday), yesterday)
		if len(happened) == 0 {
			return l, nil
		}
		day := civil.Later(happened[0].Date, civil.Later(l.LastTransactionOn, b.FirstClose()))
		if day.After(yesterday) {
			return l, nil // the next operation includes it
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

// roll stages the loan's automatic changes up to today as a transaction.
func roll(b *bank.Book, l Loan) (Loan, error) {
	o := servicing.Operation{Kind: servicing.Rolled, ValueDate: b.Today()}
	after, split, err := servicing.Apply(l.Account, o, b.Today())
	if err != nil {
		return l, err
	}
	l, _, err = register(b, l, after, o, split)
	return l, err
}

// register stages an operation that is later than all others: the new account, the
// transaction and its entries.
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
	storeLoan(b, &l, s.Version != nil)
	Transactions.Add(b, Transaction{Transaction: m, ClientID: l.ClientID})
	return l, m, nil
}

// rewrite stages a changed history, in which a transaction was inserted or reversed. It
// mirrors and reposts the entries of the transactions that changed and stores the new
// account. The cause is the inserted transaction or the reversal; it is returned complete,
// together with the other transactions whose splits changed.
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
	if err := b.Post(entries.MirrorsReclassified(booking(b, l, cause), mirrors...)); err != nil {
		return l, cause, nil, err
	}
	if err := postAccrued(b, l, cause, c.Account); err != nil {
		return l, cause, nil, err
	}
	l.Account = c.Account
	storeLoan(b, &l, true)
	if cause.Kind == servicing.Reversal {
		cause.Split = servicing.Split{Kind: cause.Kind, Date: cause.ValueDate, Amount: cause.Amount, Balance: l.Balance, Status: l.Status}
	}
	Transactions.Add(b, Transaction{Transaction: cause, ClientID: l.ClientID})
	return l, cause, recomputed, nil
}

// resuspend posts what the mirror of a write-off omits: interest that the write-off posted as
// a loss, although an earlier day's close then suspended it.
func resuspend(b *bank.Book, l Loan, cause servicing.Transaction, mirror ledger.Entry) error {
	suspended := recordedOf(b, l, l.Account).suspended
	for _, p := range mirror.Postings {
		if p.Account == accounting.SuspendedInterest {
			suspended -= p.Debit - p.Credit
		}
	}
	k := booking(b, l, cause)
	if err := b.Post(entries.WriteOffRestated(k, -suspended)); err != nil {
		return err
	}
	k.ID = b.NewID()
	return b.Post(entries.Accrued(k, 0, 0, suspended))
}

// publishRecomputed publishes an event for each transaction that another one changed.
func publishRecomputed(b *bank.Book, l Loan, cause servicing.Transaction, changed []servicing.Transaction) {
	for _, m := range changed {
		b.Publish(servicing.TransactionRecomputedEvent(m, l.Loan, cause.ID))
	}
}

// newTransaction returns the loan's next transaction. It has a folio if it has a receipt.
func newTransaction(b *bank.Book, l *Loan, o servicing.Operation) servicing.Transaction {
	l.Transactions++
	m := servicing.Transaction{
		Amount: o.Amount, ID: b.NewID(), At: b.Now(), Number: l.Transactions, Kind: o.Kind, ValueDate: o.ValueDate, Status: servicing.InForce,
		BusinessDate: b.Today(), NewTerms: o.NewTerms, KeepExcess: o.KeepExcess, LoanID: l.ID, ClientID: l.ClientID, Actor: b.Actor(), Means: o.Means,
	}
	if m.Kind != servicing.Rolled {
		m.Folio = b.Folio(folio.Receipt, b.Who().User.BranchID)
	}
	return m
}

// postOperated posts the transaction's own entry, if there is anything to post. The account
// is the one after the transaction.
func postOperated(b *bank.Book, l Loan, m *servicing.Transaction, after servicing.Account) error {
	k := booking(b, l, *m)
	if m.Kind == servicing.WriteOffKind {
		k.Suspended = recordedOf(b, l, after).suspended
	}
	entry := entries.OfOperation(k, m.Split)
	m.Entry = entry.ID
	return b.Post(entry)
}

// postAccrued posts what the loan earned: interest, its IVA, and the part of the origination
// fee that became income. It posts the difference to the amounts that the books have, or will
// have through the closes. The difference is negative if less was earned.
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
	iva               money.Amount // IVA on interest that has fallen due
	fee               money.Amount // part of the origination fee recognised as income
}

// recordedOf returns what the books have of a loan with the account. If days are closed, it
// is everything up to the end of yesterday, because the close of yesterday posts it, now or
// later. Before the first close, it is what operations posted up to the account's day. When a
// loan ends, the rest of the origination fee becomes income; a cancellation refunds it.
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

// mirror posts the mirror entry of a transaction's entry. It returns the zero Entry if the
// transaction has none.
func mirror(b *bank.Book, m, cause servicing.Transaction) (ledger.Entry, error) {
	if m.Entry.IsZero() {
		return ledger.Entry{}, nil
	}
	entry, err := b.Original(m.Entry)
	if err != nil {
		return ledger.Entry{}, err
	}
	entry.Subject = m.LoanID
	mirrored := accounting.Mirror(b.NewID(), b.Today(), b.Now(), cause.ID, entry)
	return mirrored, b.Post(mirrored)
}

// returned checks how the money of an undone transaction goes back, and returns its means.
// The mirror entry takes it from the place where it is; if the means name another place, a
// further entry moves it there.
func returned(b *bank.Book, l Loan, undone, cause servicing.Transaction, means settlement.Means) (settlement.Means, error) {
	var entry ledger.Entry
	var err error
	if !undone.Entry.IsZero() {
		if entry, err = b.Original(undone.Entry); err != nil {
			return means, err
		}
	}
	from, amount := placeOf(undone), money.Amount(0)
	cancelled := undone.Kind == servicing.Cancellation
	if cancelled { // its entry is the mirror of the disbursement's; a further one may have moved the money
		from = placeOf(transaction(b, TransactionKey{l.ID, 0}))
	}
	for _, p := range entry.Postings {
		if named := cmp.Or(from.Subject, l.ID); p.Account == from.Account && p.Subject == named {
			amount += p.Debit - p.Credit
		}
	}
	if amount == 0 {
		if means != (settlement.Means{}) {
			return means, fault.Wrong(fault.At("method", settlement.NoMoney))
		}
		return means, nil
	}
	if means, err = tills.CheckReturned(b, means, undone.Means, amount); err != nil {
		return means, err
	}
	k := booking(b, l, cause)
	if k.Place = means.Paid(); amount < 0 {
		k.Place = means.Received()
	}
	if means == undone.Means && !cancelled || k.Place == from {
		return means, nil
	}
	return means, b.Post(entries.RefundMoved(k, from, amount))
}

// placeOf returns where the money of a transaction is.
func placeOf(m servicing.Transaction) settlement.Place {
	if m.Kind == servicing.Disbursement || m.Kind == servicing.RefundKind {
		return m.Paid()
	}
	return m.Received()
}

// booking returns the date and the references of the transaction's entry. The date is always
// today, even for another value date.
func booking(b *bank.Book, l Loan, m servicing.Transaction) entries.Booking {
	k := accounting.Booking{ID: b.NewID(), Day: b.Today(), At: b.Now(), Reference: m.ID, Subject: m.LoanID, Client: l.ClientID, Branch: l.BranchID}
	return entries.Booking{Booking: k, Place: placeOf(m), Overdue: l.Recognition.Suspended}
}

// historyOf returns the history of a loan, which must have been requested with needHistory.
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
	for n := 0; n <= l.Transactions; n++ {
		if o, counts := transaction(b, TransactionKey{l.ID, n}).Operation(); counts {
			h.Operations = append(h.Operations, o)
		}
	}
	return h, nil
}

// transaction returns a transaction of a loan, which must have been requested with
// needHistory.
func transaction(b *bank.Book, key TransactionKey) servicing.Transaction {
	t, _ := Transactions.Get(b, key)
	return t.Transaction
}

// valueDate returns the value date of an operation: today if requested is zero. It refuses a
// date in a closed period.
func valueDate(b *bank.Book, requested civil.Date) (civil.Date, error) {
	if requested.IsZero() {
		return b.Today(), nil
	}
	return requested, b.CheckOpen(requested)
}
