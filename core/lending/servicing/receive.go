package servicing

import (
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
)

// PaymentKinds lists the kinds of payment.
var PaymentKinds = []Kind{Ordinary, Prepayment, AdvancePayment}

// Receive applies a payment; today is the business date. It refuses an amount that is
// not above zero, a loan that is not alive, and a value date after today, before the
// disbursement or before the account's day (for the last, use History.With). An amount
// above the payoff amount is refused with OverPayment and the values payoff,
// current_balance and value_date, unless the operation or the product keeps the excess:
// then it pays off the loan and leaves unapplied funds.
func Receive(a Account, p Operation, today civil.Date) (Account, Split, error) {
	after := a
	s, err := after.receive(p, today)
	return a.kept(&after, s, err)
}

// kept returns the account after an operation, or the unchanged account if the
// operation was refused.
func (a *Account) kept(after *Account, s Split, err error) (Account, Split, error) {
	if err != nil {
		return *a, Split{}, err
	}
	return *after, s, nil
}

func (a *Account) receive(p Operation, today civil.Date) (Split, error) {
	if err := a.check(p, today); err != nil {
		return Split{}, err
	}
	a.detach(p.ValueDate)
	s := Split{Kind: p.Kind, Date: p.ValueDate, Amount: p.Amount, Before: a.roll(p.ValueDate)}
	if s.Kind == "" {
		s.Kind = Ordinary
	}
	if !Alive(a.Status) { // unapplied funds have paid it off
		return Split{}, Inactive(a.Status)
	}
	above, err := a.abovePayoff(p)
	if err != nil {
		return Split{}, err
	}
	if left := a.allocate(p.Amount-above, &s); left > 0 || above > 0 && a.running() < len(a.Instalments) || p.Kind == Prepayment && a.onlyCharges() {
		if err := a.excess(left, above > 0, &s); err != nil {
			return Split{}, err
		}
	}
	a.settle()
	a.Unapplied += above
	s.ToUnapplied += above
	return a.done(s), nil
}

// onlyCharges reports whether the payoff amount is zero although instalments remain:
// the principal was so small that the last instalments have only fees and insurance,
// which a payoff does not include.
func (a *Account) onlyCharges() bool {
	return a.running() < len(a.Instalments) && a.payoff().Amounts == (Amounts{})
}

// abovePayoff returns the part of a payment above the payoff amount, or refuses the
// payment if that part may not be kept. The payoff amount is never below the principal
// less unapplied funds, so most payments need no computation.
func (a *Account) abovePayoff(p Operation) (money.Amount, error) {
	if p.Amount <= a.Outstanding-a.Unapplied {
		return 0, nil
	}
	payoff := a.payoff()
	above := p.Amount - payoff.Total
	if above > 0 && !p.KeepExcess && !a.Product.KeepExcess {
		return 0, fault.Refuse(OverPayment, "payoff", payoff.Total, "current_balance", a.Outstanding, "value_date", p.ValueDate)
	}
	return max(above, 0), nil
}

func (a *Account) check(p Operation, today civil.Date) error {
	if err := loan.CheckPayment(p.Amount); err != nil {
		return err
	}
	if !Alive(a.Status) {
		return Inactive(a.Status)
	}
	switch p.Kind {
	case "", Ordinary, Prepayment, AdvancePayment:
	default:
		return fault.Wrong(fault.At("kind", fault.OneOf, "accepted", PaymentKinds))
	}
	return a.refuse(p.ValueDate, today)
}

// done numbers the operation and sets its balance and status.
func (a *Account) done(s Split) Split {
	a.Operations++
	s.Operation = a.Operations
	s.Balance, s.Status = a.Outstanding, a.Status
	return s
}

// allocate pays the amounts due from the pool in the allocation order of the product
// and returns the rest of the pool. With the strategy ByConcept, instalments whose due
// date a holiday moved to a later day come last.
func (a *Account) allocate(pool money.Amount, s *Split) money.Amount {
	payable := a.running()
	reached := payable
	for reached > 0 && a.Instalments[reached-1].Due.After(a.Day) {
		reached--
	}
	if a.Product.Strategy == product.ByConcept {
		for _, c := range a.Product.Allocation {
			for i := range a.Instalments[:reached] {
				pool -= a.pay(i, pool, []product.Component{c}, s)
			}
		}
	}
	for i := range a.Instalments[:payable] {
		pool -= a.pay(i, pool, a.Product.Allocation, s)
	}
	return pool
}

// pay pays components of an instalment from the pool and returns the amount used.
func (a *Account) pay(i int, pool money.Amount, order []product.Component, s *Split) money.Amount {
	if pool == 0 {
		return 0
	}
	rest := a.owed(i)
	return a.note(i, rest.spread(pool, order), s)
}

// note records the paid amounts of an instalment and returns their sum.
func (a *Account) note(i int, paid Amounts, s *Split) money.Amount {
	in := a.Instalments[i]
	in.Paid = in.Paid.Plus(paid)
	a.Paid = a.Paid.Plus(paid)
	a.Outstanding -= paid.Principal
	s.addAll(in.Number, paid, a.Product.Allocation)
	return paid.Sum()
}

// excess handles money above the amounts due as the kind of payment and the product
// say: it pays the loan off, becomes unapplied funds or reduces principal. closes says
// that there is more money than the loan owes, so that an advance pays it off too.
func (a *Account) excess(left money.Amount, closes bool, s *Split) error {
	rule := a.Product.Excess
	if s.Kind == Prepayment && rule == product.KeepUnapplied {
		rule = product.ReduceInstalment
	}
	if s.Kind == AdvancePayment {
		rule = product.KeepUnapplied
	}
	i := a.running()
	accrued := a.accrued(i)
	waits := a.Instalments[i].Grace == schedule.Defer || a.Instalments[i].Grace == schedule.Capitalise
	switch whole := accrued.Sum() + a.Outstanding; {
	case (closes || s.Kind != AdvancePayment) && left+a.Unapplied == whole:
		a.close(i, accrued, s)
		return nil
	case rule == product.KeepUnapplied || waits && left < accrued.Sum():
		a.Unapplied += left
		s.ToUnapplied = left
		return nil
	}
	left -= a.note(i, accrued.spread(left, a.Product.Allocation), s)
	if left == 0 && !waits {
		return nil
	}
	a.prepayPrincipal(left, s)
	return a.prepaid(i, rule, s)
}

// prepayPrincipal pays principal before its due date.
func (a *Account) prepayPrincipal(amount money.Amount, s *Split) {
	a.Outstanding -= amount
	a.Paid.Principal += amount
	s.add(0, product.Principal, amount)
}

// close pays the whole remaining debt, using the unapplied funds, and drops the
// instalments from the current one on.
func (a *Account) close(i int, accrued Amounts, s *Split) {
	s.FromUnapplied = a.Unapplied
	a.Unapplied = 0
	a.note(i, accrued, s)
	a.prepayPrincipal(a.Outstanding, s)
	a.Instalments = a.Instalments[:i]
}
