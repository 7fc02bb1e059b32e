package bank

import (
	"fmt"
	"slices"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// lending is a loan with its account, once it is disbursed, and where they are kept.
type lending struct {
	loan.Loan
	account   servicing.Account
	serial    int // of the version of the schedule that is stored; 0: none yet
	movements int // number of the last one

	stage       risk.Stage             // by the last close that changed it
	recognition accounting.Recognition // of its interest, by the same
	moved       civil.Date             // business date of the last movement
	booked      civil.Date             // of the last one before days were closed: it posted its interest itself
	fee         money.Amount           // opening commission, without its IVA: income over the life of the contract
	feeLast     civil.Date             // the last due date of that, if there is a fee

	stored *storedAccount // until it is first looked at
}

// storedAccount is an account as the tables have it.
type storedAccount struct {
	version     servicing.Version
	plan, state []byte
}

// version is a schedule to be stored.
type version struct {
	loan    id.ID
	serial  int
	account servicing.Account
	madeAt  time.Time
}

// lending finds a loan that was asked for, with its account.
func (b *Book) lending(loanID id.ID) (lending, error) {
	r, found := b.loans[loanID]
	if !found {
		return lending{}, fault.New(fault.LoanNotFound, "Loan not found", "Préstamo no encontrado")
	}
	l := &r.value
	if l.stored != nil {
		p, known := b.versions[productKey{l.Product, l.ProductVersion}]
		if !known {
			return lending{}, fmt.Errorf("loan %s: product %s, version %d, is missing", loanID, l.Product, l.ProductVersion)
		}
		account, err := servicing.Restore(p, l.stored.version, l.stored.plan, l.stored.state)
		if err != nil {
			return lending{}, fmt.Errorf("loan %s: %w", loanID, err)
		}
		l.account, l.stored = account, nil
	}
	return *l, nil
}

// product is the version that the loan was granted on.
func (b *Book) product(l lending) (product.Product, error) {
	if p, known := b.versions[productKey{l.Product, l.ProductVersion}]; known {
		return p, nil
	}
	return product.Product{}, fmt.Errorf("loan %s: product %s, version %d, is missing", l.ID, l.Product, l.ProductVersion)
}

// open disburses the loan on terms: its schedule, its account, the first movement
// and the entry.
func (b *Book) open(l lending, p product.Product, t schedule.Terms) (lending, error) {
	plan, err := schedule.Plan(t)
	if err != nil {
		return l, err
	}
	m := servicing.Movement{
		Amount: t.Amount, ID: b.NewID(), At: b.now, Kind: servicing.Disbursement, ValueDate: t.Disbursement, BusinessDate: b.Today(), Status: servicing.InForce,
		Split:  servicing.Split{Kind: servicing.Disbursement, Date: t.Disbursement, Amount: t.Amount, Balance: t.Amount, Status: servicing.Active},
		LoanID: l.ID, ClientID: l.ClientID, Actor: b.Actor(),
	}
	entry := accounting.Disbursed(b.booking(l, m), servicing.OpeningFacts(plan))
	m.Entry = entry.ID
	l.stage = risk.Stage1
	if l.fee = plan.Opening.Commission; l.fee > 0 {
		l.feeLast = plan.Rows[len(plan.Rows)-1].Due
	}
	l.account, l.GrantedAt, l.Opened, l.FirstDue = servicing.Open(p, plan), b.now, t.Disbursement, plan.Terms.FirstDue
	l.TermMonths, l.Periods = int32(schedule.Months(plan.Terms)), int32(plan.Terms.Periods)
	b.keep(&l, true)
	b.addMovement(m)
	return l, b.Post(entry)
}

// keep stages the loan as its account has it.
func (b *Book) keep(l *lending, newSchedule bool) {
	if l.moved = b.Today(); b.lastDay.Day.IsZero() {
		l.booked = l.moved
	}
	a := servicing.Trim(l.account)
	l.account, l.Status, l.Balance, l.Advance = a, a.Status, a.Outstanding, a.Advance
	if newSchedule {
		l.serial++
		n := len(b.schedules)
		b.schedules = append(b.schedules, version{l.ID, l.serial, a, b.now})
		b.undo = append(b.undo, func() { b.schedules = b.schedules[:n] })
	}
	put(b, b.loans, l.ID, *l, changed)
}

// operate does an operation on its value date, today if it has none. One before
// the account's day computes the loan anew from its history; the movements that
// it changed come with the answer.
func (b *Book) operate(loanID id.ID, o servicing.Operation) (l lending, m servicing.Movement, changed []servicing.Movement, err error) {
	if l, err = b.lending(loanID); err != nil {
		return l, m, nil, err
	}
	if l.serial == 0 {
		return l, m, nil, servicing.Inactive(l.Status)
	}
	if l, err = b.settle(l); err != nil {
		return l, m, nil, err
	}
	asked := o.ValueDate
	if o.ValueDate, err = b.valueDate(asked); err != nil {
		return l, m, nil, err
	}
	if asked.IsZero() || !asked.Before(l.account.Day) || asked.Before(l.Opened) {
		after, split, err := servicing.Apply(l.account, o, b.Today())
		if err != nil {
			return l, m, nil, err
		}
		l, m, err = b.register(l, after, o, split)
		return l, m, nil, err
	}
	h, err := b.history(l)
	if err != nil {
		return l, m, nil, err
	}
	m = b.newMovement(&l, o)
	o.Number = m.Number
	change, err := h.With(o, b.Today())
	if err != nil {
		return l, m, nil, err
	}
	return b.rewrite(l, m, change)
}

// settle stages what happened by itself to the loan on days that are over and
// that no close has come to yet, each on its day, as the closes of those days would;
// what happened before the first day that is closed, on that day.
func (b *Book) settle(l lending) (lending, error) {
	if b.lastDay.Day.IsZero() {
		return l, nil
	}
	dated, yesterday := b.dated, b.Today().AddDays(-1)
	defer func() { b.dated = dated }()
	for {
		_, happened := servicing.Roll(servicing.Near(l.account, yesterday), yesterday)
		if len(happened) == 0 {
			return l, nil
		}
		if b.dated = civil.Later(happened[0].Date, civil.Later(l.moved, b.firstClose)); b.dated.After(yesterday) {
			return l, nil // it is told by what is done next
		}
		var err error
		if l, err = b.roll(l); err != nil {
			return l, err
		}
	}
}

// roll stages what happened by itself to the loan up to today as a movement.
func (b *Book) roll(l lending) (lending, error) {
	o := servicing.Operation{Kind: servicing.Rolled, ValueDate: b.Today()}
	after, split, err := servicing.Apply(l.account, o, b.Today())
	if err != nil {
		return l, err
	}
	l, _, err = b.register(l, after, o, split)
	return l, err
}

// register stages an operation that comes after all others: the account after
// it, its movement and its entries.
func (b *Book) register(l lending, after servicing.Account, o servicing.Operation, s servicing.Split) (lending, servicing.Movement, error) {
	m := b.newMovement(&l, o)
	m.Split = s
	m.Split.Operation = m.Number
	if err := b.postAccrued(l, m, after); err != nil {
		return l, m, err
	}
	if err := b.postOperated(l, &m, after); err != nil {
		return l, m, err
	}
	l.account = after
	b.keep(&l, s.Version != nil)
	b.addMovement(m)
	return l, m, nil
}

// rewrite stages what comes of a history in which a movement was put in late or
// taken out: the movements that changed, with their entries mirrored and posted
// anew, and the account. The cause is the movement put in, or the reversal; it
// comes back complete, with the other movements whose splits changed.
func (b *Book) rewrite(l lending, cause servicing.Movement, c servicing.Change) (lending, servicing.Movement, []servicing.Movement, error) {
	var recomputed []servicing.Movement
	var mirrors []ledger.Entry
	for _, d := range c.Differences {
		if d.Operation == cause.Number {
			cause.Split = d.After
			if err := b.postOperated(l, &cause, c.Account); err != nil {
				return l, cause, nil, err
			}
			continue
		}
		m := b.movements[movementKey{l.ID, d.Operation}].value
		mirror, err := b.mirror(m, cause)
		if err != nil {
			return l, cause, nil, err
		}
		mirrors = append(mirrors, mirror)
		if m.Kind == servicing.WriteOffKind {
			if err := b.resuspend(l, cause, mirror); err != nil {
				return l, cause, nil, err
			}
		}
		if d.After.Kind == "" {
			m.Status, m.ReversedBy, cause.Reverses, cause.Entry = servicing.Reversed, cause.ID, m.ID, mirror.ID
			b.changeMovement(m)
			continue
		}
		m.Split, m.Entry = d.After, id.ID{}
		if err := b.postOperated(l, &m, c.Account); err != nil {
			return l, cause, nil, err
		}
		b.changeMovement(m)
		recomputed = append(recomputed, m)
	}
	if err := b.post(accounting.Settled(b.booking(l, cause), mirrors...)); err != nil {
		return l, cause, nil, err
	}
	if err := b.postAccrued(l, cause, c.Account); err != nil {
		return l, cause, nil, err
	}
	l.account = c.Account
	b.keep(&l, true)
	if cause.Kind == servicing.Reversal {
		cause.Split = servicing.Split{Kind: cause.Kind, Date: cause.ValueDate, Amount: cause.Amount, Balance: l.Balance, Status: l.Status}
	}
	b.addMovement(cause)
	return l, cause, recomputed, nil
}

// resuspend posts what a mirrored write-off leaves out: interest that it took for a
// loss and that a close of a day before it found to be suspended.
func (b *Book) resuspend(l lending, cause servicing.Movement, mirror ledger.Entry) error {
	suspended := b.booked(l, l.account).suspended
	for _, p := range mirror.Postings {
		if p.Account == accounting.SuspendedInterest {
			suspended -= p.Debit - p.Credit
		}
	}
	k := b.booking(l, cause)
	if err := b.post(accounting.Unlost(k, -suspended)); err != nil {
		return err
	}
	k.Entry = b.NewID()
	return b.post(accounting.Accrued(k, 0, 0, suspended))
}

// tellRecomputed tells of the movements whose splits another one changed.
func (b *Book) tellRecomputed(l lending, cause servicing.Movement, changed []servicing.Movement) {
	for _, m := range changed {
		b.Tell(event.OfRecomputation(m, l.Loan, cause.ID))
	}
}

// newMovement begins the next movement of the loan.
func (b *Book) newMovement(l *lending, o servicing.Operation) servicing.Movement {
	l.movements++
	return servicing.Movement{
		Amount: o.Amount, ID: b.NewID(), At: b.now, Number: l.movements, Kind: o.Kind, ValueDate: o.ValueDate, Status: servicing.InForce,
		BusinessDate: b.Today(), NewTerms: o.NewTerms, LoanID: l.ID, ClientID: l.ClientID, Actor: b.Actor(),
	}
}

// postOperated posts the movement's own entry, if there is anything to post; the
// account is the one after it.
func (b *Book) postOperated(l lending, m *servicing.Movement, after servicing.Account) error {
	k := b.booking(l, *m)
	if m.Kind == servicing.WriteOffKind {
		k.Suspended = b.booked(l, after).suspended
	}
	entry := accounting.Operated(k, m.Split)
	m.Entry = entry.ID
	return b.post(entry)
}

// postAccrued posts the interest and its IVA that the loan earned, and the part of
// its opening commission that became income, beyond what the books have, or will
// have by the closes: since its account's day, or since yesterday. It is negative if
// less was earned than that.
func (b *Book) postAccrued(l lending, m servicing.Movement, after servicing.Account) error {
	had, has := b.booked(l, l.account), b.booked(l, after)
	if err := b.post(accounting.Accrued(b.booking(l, m), has.income-had.income, has.iva-had.iva, has.suspended-had.suspended)); err != nil || has.fee == had.fee {
		return err
	}
	return b.post(accounting.FeesAmortised(b.booking(l, m), has.fee-had.fee))
}

// booked is what the books have of a loan.
type booked struct {
	income, suspended money.Amount // interest
	iva               money.Amount // on interest, fallen due
	fee               money.Amount // the part of the opening commission that is income
}

// booked is what the books have of a loan with the account. Where days are closed
// it is all that there was by the end of yesterday, whether that is closed yet or
// still to be: closes post it. Before, and when the first day is closed, it is what
// operations posted up to the account's day. The rest of an opening commission is
// income when the loan ends; a cancellation gives it back.
func (b *Book) booked(l lending, a servicing.Account) (has booked) {
	if l.serial == 0 {
		return has
	}
	through, fallen := a, a
	if today := b.Today(); !b.lastDay.Day.IsZero() && today != b.firstClose && today.After(l.booked) {
		fallen, _ = servicing.Roll(servicing.Near(a, today), today.AddDays(-1))
		through, _ = servicing.Roll(fallen, today)
	}
	earned, _ := accounting.InterestOf(through)
	_, collected := accounting.InterestOf(fallen)
	has.income, has.suspended = l.recognition.Recognised(earned, collected)
	has.iva = servicing.Recognised(fallen).InterestIVA
	switch {
	case l.fee == 0 || fallen.Status == servicing.Cancelled:
	case servicing.Alive(fallen.Status):
		has.fee = accounting.Amortised(l.fee, l.Opened, l.feeLast, through.Day.AddDays(-1))
	default:
		has.fee = l.fee
	}
	return has
}

// post is Post, but for an entry without postings.
func (b *Book) post(e ledger.Entry) error {
	if len(e.Postings) == 0 {
		return nil
	}
	return b.Post(e)
}

// mirror posts the mirror of a movement's entry; the zero Entry if there is none.
func (b *Book) mirror(m, cause servicing.Movement) (ledger.Entry, error) {
	if m.Entry.IsZero() {
		return ledger.Entry{}, nil
	}
	entry, found := b.entryOf(m)
	if !found {
		return ledger.Entry{}, fmt.Errorf("loan %s: the entry of movement %d is missing", m.LoanID, m.Number)
	}
	mirrored := accounting.Mirror(b.NewID(), b.Today(), b.now, cause.ID, entry)
	return mirrored, b.Post(mirrored)
}

// entryOf is the entry of a movement of a history that was asked for.
func (b *Book) entryOf(m servicing.Movement) (ledger.Entry, bool) {
	if e, found := b.posted[m.Entry]; found {
		return *e, true
	}
	at := slices.IndexFunc(b.entries, func(e ledger.Entry) bool { return e.ID == m.Entry })
	if at < 0 {
		return ledger.Entry{}, false
	}
	return b.entries[at], true
}

// booking is where an entry of the movement stands: today, whatever its value date.
func (b *Book) booking(l lending, m servicing.Movement) accounting.Booking {
	return accounting.Booking{Entry: b.NewID(), Day: b.Today(), At: b.now, Reference: m.ID, Loan: m.LoanID, Overdue: l.recognition.Suspended}
}

// history is all that the loan comes from, of a loan whose history was asked for.
func (b *Book) history(l lending) (servicing.History, error) {
	p, err := b.product(l)
	if err != nil {
		return servicing.History{}, err
	}
	contract, err := schedule.Plan(b.contracts[l.ID])
	if err != nil {
		return servicing.History{}, fmt.Errorf("contract of loan %s: %w", l.ID, err)
	}
	h := servicing.History{Product: p, Contract: contract}
	for n := 1; n <= l.movements; n++ {
		if o, counts := b.movements[movementKey{l.ID, n}].value.Operation(); counts {
			h.Operations = append(h.Operations, o)
		}
	}
	return h, nil
}

// valueDate is the day for which an operation counts: today unless another was
// asked for, which must not lie in a closed period.
func (b *Book) valueDate(asked civil.Date) (civil.Date, error) {
	if asked.IsZero() {
		return b.Today(), nil
	}
	return asked, b.checkOpen("value_date", asked)
}

// checkOpen refuses a day of a closed period.
func (b *Book) checkOpen(field string, day civil.Date) error {
	if day.After(b.closedThrough) {
		return nil
	}
	return b.closedBooks(field, b.closedThrough.AddDays(1).String())
}

// closedBooks is the refusal of a field that must be the first open day or month, or later.
func (b *Book) closedBooks(field, first string) error {
	refusal := fault.New(fault.PeriodClosed, fmt.Sprintf("The books are closed through %s: %s must be %s or later", b.closedThrough, field, first),
		fmt.Sprintf("La contabilidad está cerrada hasta el %s: %s debe ser %s o posterior", b.closedThrough, field, first))
	return refusal.With("closed_through", b.closedThrough).With("earliest", b.closedThrough.AddDays(1))
}

// productKey names a version of a product.
type productKey struct {
	code    string
	version int32
}

// movementKey names a movement.
type movementKey struct {
	loan   id.ID
	number int
}

func (k movementKey) compare(other movementKey) int {
	if c := byID(k.loan, other.loan); c != 0 {
		return c
	}
	return k.number - other.number
}

func (b *Book) addMovement(m servicing.Movement) {
	put(b, b.movements, movementKey{m.LoanID, m.Number}, m, added)
}

func (b *Book) changeMovement(m servicing.Movement) {
	put(b, b.movements, movementKey{m.LoanID, m.Number}, m, changed)
}
