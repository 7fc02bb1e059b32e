package servicing

import (
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
)

// WriteOff writes off the whole debt on a day: the amounts due, the accrued interest
// and the principal. Unapplied funds are used first and appear in Split.Before; the
// lines of the split are the written-off amounts. Nothing accrues afterwards. A loan
// that is not alive or owes nothing is refused with NotActive.
func WriteOff(a Account, date, today civil.Date) (Account, Split, error) {
	after := a
	s, err := after.writeOff(date, today)
	return a.kept(&after, s, err)
}

func (a *Account) writeOff(date, today civil.Date) (Split, error) {
	if err := a.checkAlive(date, today); err != nil {
		return Split{}, err
	}
	a.detach(date)
	s := Split{Kind: WriteOffKind, Date: date, Before: a.roll(date)}
	if !Alive(a.Status) {
		return Split{}, Inactive(a.Status)
	}
	s.Before = append(s.Before, a.useUnapplied()...)
	debt := a.payoff().Amounts
	if debt.Sum() == 0 {
		return Split{}, Inactive(a.Status)
	}
	a.WrittenOff, a.Outstanding, a.Status = debt, 0, WrittenOff
	s.addAll(0, debt, a.Product.Allocation)
	return a.done(s), nil
}

// Recover receives money for a written-off loan and allocates it in the allocation
// order of the product. An amount above the remaining debt is refused with
// OverPayment; the value payoff is the remaining debt.
func Recover(a Account, amount money.Amount, date, today civil.Date) (Account, Split, error) {
	if err := loan.CheckPayment(amount); err != nil {
		return a, Split{}, err
	}
	if a.Status != WrittenOff {
		return a, Split{}, fault.Refuse(NotActive, "loan_status", a.Status).Because(NotWrittenOff)
	}
	if err := a.refuse(date, today); err != nil {
		return a, Split{}, err
	}
	if owed := a.WrittenOff.Sum(); amount > owed {
		return a, Split{}, fault.Refuse(OverPayment, "payoff", owed).Because(AboveWrittenOff)
	}
	a.Day = date
	s := Split{Kind: RecoveryKind, Date: date, Amount: amount}
	taken := a.WrittenOff.spread(amount, a.Product.Allocation)
	a.Recovered = a.Recovered.Plus(taken)
	s.addAll(0, taken, a.Product.Allocation)
	s = a.done(s)
	return a, s, nil
}

// Refund returns unapplied funds to the client, of a loan that is alive or paid off. It is
// refused with AboveUnapplied if the loan does not have as much on the day.
func Refund(a Account, amount money.Amount, date, today civil.Date) (Account, Split, error) {
	if err := loan.CheckPayment(amount); err != nil {
		return a, Split{}, err
	}
	if err := a.refuse(date, today); err != nil {
		return a, Split{}, err
	}
	after := a
	s := Split{Kind: RefundKind, Date: date, Amount: amount, FromUnapplied: amount, Before: after.rollTo(date)}
	if amount > after.Unapplied {
		return a, Split{}, fault.Refuse(AboveUnapplied, "unapplied_funds", after.Unapplied, "value_date", date)
	}
	after.Day = civil.Later(after.Day, date)
	after.Unapplied -= amount
	s = after.done(s)
	return after, s, nil
}

// NewTerms are the terms of a restructuring. Restructure sets Amount and Disbursement
// of Terms. As at disbursement, the account does not include the origination fee.
type NewTerms struct {
	Terms      schedule.Terms `json:"terms"`
	Capitalise bool           `json:"capitalise"` // add the ordinary interest owed to the principal, as agreed; else the first instalment carries it
}

// Restructure gives the loan new terms from a day on. Terms are refused as by
// schedule.Plan. A loan that is not alive or has no principal is refused with
// NotActive.
func Restructure(a Account, n NewTerms, date, today civil.Date) (Account, Split, error) {
	after := a
	s, err := after.restructure(n, date, today)
	return a.kept(&after, s, err)
}

func (a *Account) restructure(n NewTerms, date, today civil.Date) (Split, error) {
	if err := a.checkAlive(date, today); err != nil {
		return Split{}, err
	}
	a.detach(date)
	s := Split{Kind: RestructureKind, Date: date, Before: a.roll(date)}
	s.Before = append(s.Before, a.useUnapplied()...)
	if !Alive(a.Status) || a.Outstanding == 0 {
		return Split{}, Inactive(a.Status)
	}
	owed := a.payoff().Amounts
	owed.Principal = 0
	if n.Capitalise {
		s.Capitalised, owed.Interest = owed.Interest, 0
	}
	t := n.Terms
	t.Amount, t.Disbursement = a.Outstanding+s.Capitalised, date
	built, err := schedule.Plan(t)
	if err != nil {
		return Split{}, err
	}
	a.LateBefore = a.daysPastDue()
	a.Outstanding += s.Capitalised
	a.Capitalised += s.Capitalised
	a.replace(built, owed)
	a.Status = Restructured
	a.Restructures++
	v := a.Version
	s.Version = &v
	return a.done(s), nil
}

// replace replaces all instalments with those of a new schedule; the first one carries
// the amounts owed. Fully paid instalments are dropped too: at the new rate they
// would appear to owe another amount.
func (a *Account) replace(built schedule.Schedule, owed Amounts) {
	open := a.running()
	for i := range a.Instalments[:open] {
		if a.owed(i).Sum() > 0 {
			open = i
			break
		}
	}
	number := 1
	if len(a.Instalments) > 0 {
		number = a.Instalments[0].Number + open
	}
	added := instalments(built, number)
	added[0].Carried = owed
	a.Instalments = added
	a.Version = Version{Number: a.Version.Number + 1, From: a.Day, Reason: string(RestructureKind), Terms: built.Terms, Level: level(built)}
}

// Cancel undoes a disbursement on the same day. It is refused with WrongState on
// another day, or if the loan has operations that are not reversed.
func Cancel(a Account, date, today civil.Date) (Account, Split, error) {
	if err := a.checkAlive(date, today); err != nil {
		return a, Split{}, err
	}
	if date != a.Opened {
		return a, Split{}, fault.Refuse(WrongState, "latest", a.Opened).Because(OnOpeningDay)
	}
	if a.Operations > 0 {
		return a, Split{}, fault.Refuse(WrongState, "operations", a.Operations).Because(HasOperations)
	}
	s := Split{Kind: Cancellation, Date: date}
	s.add(0, product.Principal, a.Outstanding)
	a.Outstanding, a.Status, a.Instalments = 0, Cancelled, nil
	s = a.done(s)
	return a, s, nil
}

func (a *Account) checkAlive(date, today civil.Date) error {
	if !Alive(a.Status) {
		return Inactive(a.Status)
	}
	return a.refuse(date, today)
}

// useUnapplied pays accrued interest and then principal with the unapplied funds.
// While there are unapplied funds, nothing is due.
func (a *Account) useUnapplied() []Split {
	if a.Unapplied == 0 || !Alive(a.Status) {
		return nil
	}
	s := Split{Kind: AdvanceApplied, Date: a.Day, FromUnapplied: a.Unapplied, Balance: a.Outstanding, Status: a.Status}
	i := a.running()
	accrued := a.accrued(i)
	left := a.Unapplied - a.note(i, accrued.spread(a.Unapplied, a.Product.Allocation), &s)
	a.Unapplied = 0
	a.prepayPrincipal(left, &s)
	s.Balance = a.Outstanding
	return []Split{s}
}
