package dayend

import (
	"fmt"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
)

// finishClose posts what a day earned and closes it.
type finishClose struct {
	Day civil.Date

	loans lending.DaySums
}

// Name is the operation.
func (*finishClose) Name() string { return "close_day" }

// Permission is what the role must hold.
func (*finishClose) Permission() access.Permission { return accounting.CloseDays }

// Check refuses nothing.
func (*finishClose) Check(bank.Rules) error { return nil }

// Needs the turn of the day, and its sums.
func (c *finishClose) Needs(n *bank.Needs) {
	n.Turn()
	n.Read(c.loans.Read)
}

// Decide stages the entries of the day and its end.
func (c *finishClose) Decide(b *bank.Book) (ClosedDay, error) {
	last := b.LastDay()
	if last.Day != c.Day {
		return ClosedDay{}, fmt.Errorf("%s is not being closed, but %s", c.Day, last.Day)
	}
	answer := ClosedDay{Day: c.Day, Loans: last.Loans}
	if last.Closed {
		return answer, nil
	}
	var err error
	if answer.Interest, answer.Provisions, err = c.loans.Post(b, c.Day); err != nil {
		return answer, err
	}
	last.Closed = true
	b.SetDay(last)
	b.Publish(accounting.DayClosedEvent(c.Day, answer.Loans, answer.Interest, answer.Provisions))
	return answer, nil
}
