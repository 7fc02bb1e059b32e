package dayend

import (
	"fmt"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
)

// finishClose posts what a day earned and marks the day as closed.
type finishClose struct {
	Day     civil.Date
	Earlier []ClosedDay // days that the same request closed before

	loans lending.DaySums
}

// Name returns the operation's name.
func (*finishClose) Name() string { return "close_day" }

// Permission returns the permission that the actor's role must have.
func (*finishClose) Permission() access.Permission { return accounting.CloseDays }

// Check accepts every command.
func (*finishClose) Check(bank.Rules) error { return nil }

// Needs requests the lock on the business date, and the day's totals.
func (c *finishClose) Needs(n *bank.Needs) {
	n.LockDay()
	n.Read(c.loans.Read)
}

// Decide stages the day's entries and the status CLOSED.
func (c *finishClose) Decide(b *bank.Book) (ClosedDay, error) {
	last := b.LastDay()
	if last.Day != c.Day {
		return ClosedDay{}, fmt.Errorf("cannot finish the close of %s: the day being closed is %s", c.Day, last.Day)
	}
	answer := ClosedDay{Day: c.Day, Loans: last.Loans, Earlier: c.Earlier}
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
