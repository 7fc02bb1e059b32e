package books

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
)

// ClosePeriod closes the books through the end of a past month. Later entries and value dates
// must be after that month. All earlier months are closed too. If days are closed, every day
// of the month must have been closed. Refused with Invalid, accounting.PeriodClosed or
// DayOpen.
type ClosePeriod struct {
	Month civil.Date // any day of the month
}

// Name returns the operation's name.
func (ClosePeriod) Name() string { return "close_period" }

// Permission returns the permission that the actor's role must have.
func (ClosePeriod) Permission() access.Permission { return accounting.CloseMonths }

// Check accepts every command: the latest month depends on the business date.
func (ClosePeriod) Check(bank.Rules) error { return nil }

// Needs requests the closed period.
func (ClosePeriod) Needs(n *bank.Needs) { n.Period() }

// Decide stages the closing.
func (c ClosePeriod) Decide(b *bank.Book) (accounting.Period, error) {
	end := c.Month.MonthEnd()
	if !end.Before(b.Today()) {
		latest := b.Today().AddDays(-int(b.Today().Day))
		return accounting.Period{}, fault.Wrong(fault.At("month", accounting.MonthOver, "latest", latest.MonthOf()))
	}
	if !end.After(b.ClosedThrough()) {
		return accounting.Period{}, b.PeriodClosed()
	}
	last := b.LastDay()
	next := accounting.CloseState{Begun: last.Day, Closed: last.Closed}.Next()
	if !last.Day.IsZero() && !next.After(end) {
		return accounting.Period{}, fault.Refuse(accounting.DayOpen, "next", next).Because(accounting.MonthHasOpenDays)
	}
	b.CloseThrough(end)
	b.Publish(accounting.PeriodClosedEvent(end))
	return accounting.Period{ClosedThrough: end}, nil
}
