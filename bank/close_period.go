package bank

import (
	"fmt"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
)

// ClosePeriod closes the books through the end of a month that is over: no entry
// and no value date up to it is taken any more. All months before it are closed
// with it, and so must be all its days, where days are closed. Refused with
// Invalid, PeriodClosed or DayOpen.
type ClosePeriod struct {
	Month civil.Date // any day of it
}

// Name is the operation.
func (ClosePeriod) Name() string { return "close_period" }

// Check refuses nothing: what is over depends on the business date.
func (ClosePeriod) Check(Rules) error { return nil }

// Needs to know which periods are closed.
func (ClosePeriod) Needs(n *Needs) { n.Period() }

// Decide stages the closing.
func (c ClosePeriod) Decide(b *Book) (accounting.Period, error) {
	end := c.Month.MonthEnd()
	if !end.Before(b.Today()) {
		latest := b.Today().AddDays(-b.Today().Day)
		return accounting.Period{}, fault.InField("month", fmt.Sprintf("must be over: the latest that is over is %.7s", latest), "value_error", map[string]any{"latest": latest.String()[:7]})
	}
	if !end.After(b.closedThrough) {
		return accounting.Period{}, b.closedBooks("month", b.closedThrough.AddDays(1).String()[:7])
	}
	if next := b.nextToClose(); !b.lastDay.Day.IsZero() && !next.After(end) {
		return accounting.Period{}, fault.New(fault.DayOpen, fmt.Sprintf("%s is still open: close the days of the month first", next),
			fmt.Sprintf("El %s sigue abierto: cierre primero los días del mes", next)).With("next", next)
	}
	b.CloseThrough(end)
	b.Tell(accounting.PeriodClosedEvent(end))
	return accounting.Period{ClosedThrough: end}, nil
}
