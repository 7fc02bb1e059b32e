package simulation

import (
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
)

// trackedLoan is the simulation's own record of a loan. It is computed only from the
// commands and their answers with the rules in core; it never reads the books.
type trackedLoan struct {
	loanRequest
	owner   *borrower
	offer   *offer
	product product.Product // version on which it was granted
	id      id.ID
	number  int64

	before    servicing.Status // status before the disbursement
	disbursed bool
	history   servicing.History
	account   servicing.Account // trimmed
	received  int               // number of payments
	nextVisit int               // day of the next planned visit; 0 if none
	patience  int               // number of payments before a defaulting borrower stops
	paidOn    int               // day of the last payment
	contacted int               // day of the last contact of a collector; 0 if none
	promised  int               // day of the last promise; 0 if none
	collector string            // empty if nobody
	asked     bool              // a request about the loan waits
	lent      money.Amount      // paid out at the disbursement, less a fee paid then
	paidOut   settlement.Means  // how
	reversed  map[id.ID]bool    // reversed transactions
}

// status returns the expected status of the loan.
func (c *trackedLoan) status() servicing.Status {
	if c.disbursed {
		return c.account.Status
	}
	return c.before
}

// open opens the account of a disbursed loan and checks the answer.
func (c *trackedLoan) open(s *institution, l loan.Loan, by settlement.Means) error {
	terms, err := c.product.Terms(c.amount, c.annual, c.periods, s.today, civil.Date{})
	if err != nil {
		return s.breach(followed, "loan %s: %v", c.id, err)
	}
	plan, err := schedule.Plan(terms)
	if err != nil {
		return s.breach(followed, "loan %s: %v", c.id, err)
	}
	c.history = servicing.History{Product: c.product, Contract: plan}
	c.account, c.disbursed, c.paidOut = servicing.Open(c.product, plan), true, by
	c.lent = received(terms, plan)
	s.recordCash(c, -c.lent, by.Paid())
	s.report.Disbursed.add(c.amount)
	if by.Method == settlement.Cash {
		s.report.InCash.add(c.lent)
	}
	if l.Status != servicing.Active || l.Balance != c.amount || l.Opened != s.today {
		return s.breach(followed, "loan %s was disbursed as %s with %s on %s, not with %s on %s", c.id, l.Status, l.Balance, l.Opened, c.amount, s.today)
	}
	return nil
}

// received returns what the client of a new loan gets.
func received(terms schedule.Terms, plan schedule.Schedule) money.Amount {
	if terms.Fees.OriginationPayment == schedule.Apart {
		return plan.Opening.Disbursed - plan.Opening.Fee - plan.Opening.IVA
	}
	return plan.Opening.Disbursed
}

// followed is the invariant that each loan has the state that its rules give.
const followed = "loans equal their contracts and transactions"

// replay applies the operation of a transaction to the tracked account and compares the
// split.
func (c *trackedLoan) replay(s *institution, m servicing.Transaction) (err error) {
	o, _ := m.Operation()
	var split servicing.Split
	if o.ValueDate.Before(c.account.Day) {
		var change servicing.Change
		if change, err = c.history.With(o, s.today); err == nil {
			c.history, c.account = change.History, servicing.Trim(change.Account)
			for _, each := range change.Splits {
				if each.Operation == o.Number {
					split = each
				}
			}
		}
	} else if c.account, split, err = servicing.Apply(c.account, o, s.today); err == nil {
		c.history.Operations = append(c.history.Operations, o)
		c.account = servicing.Trim(c.account)
	}
	if err != nil {
		return s.breach(followed, "loan %s: %s of %s on %s was accepted, want a refusal: %s", c.id, o.Kind, o.Amount, o.ValueDate, err)
	}
	if m.Kind == servicing.RefundKind {
		s.recordCash(c, -m.Amount, m.Paid())
	} else {
		s.recordCash(c, m.Amount, m.Received())
	}
	if got, want := m.Split, split; got.Amounts() != want.Amounts() || got.ToUnapplied != want.ToUnapplied || got.FromUnapplied != want.FromUnapplied || got.Balance != want.Balance || got.Status != want.Status {
		return s.breach(followed, "loan %s: transaction %d was split %s, want %s", c.id, m.Number, got.AppendJSON(nil), want.AppendJSON(nil))
	}
	return nil
}

// undo removes a reversed transaction, whose money goes back from a place. The close then
// rolls the loan to the day.
func (c *trackedLoan) undo(s *institution, taken servicing.Transaction, from settlement.Place) error {
	change, err := servicing.Reverse(c.history, taken.Number)
	if err != nil {
		return s.breach(followed, "loan %s: the reversal of transaction %d was accepted, want a refusal: %s", c.id, taken.Number, err)
	}
	c.history, c.account = change.History, servicing.Trim(change.Account)
	c.reversed[taken.ID] = true
	s.recordCash(c, -taken.Amount, from)
	s.report.Reversals.add(taken.Amount)
	return nil
}

// nextDue returns the first due date after a day; zero if there is none.
func (c *trackedLoan) nextDue(today civil.Date) civil.Date {
	for i := range c.account.Instalments {
		if due := c.account.Instalments[i].Due; due.After(today) {
			return due
		}
	}
	return civil.Date{}
}

// nextPayment returns the unpaid amount of the next instalment.
func (c *trackedLoan) nextPayment(today civil.Date) money.Amount {
	for i := range c.account.Instalments {
		if in := c.account.Instalments[i]; in.Due.After(today) {
			return in.Contract.Sum() - in.Paid.Sum()
		}
	}
	return 0
}
