package codec

import (
	"fmt"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
)

// The words of the two lists. Their indexes are stored, so new words go to the end.
var (
	graces   = []schedule.GraceMode{"", schedule.Defer, schedule.Capitalise, schedule.Waive}
	statuses = []servicing.Status{servicing.Active, servicing.Restructured, servicing.PaidOff, servicing.WrittenOff, servicing.Cancelled}
)

// AppendPlan adds the encoded plan of the trimmed account to b. It is stored with the
// version of the schedule.
func AppendPlan(b []byte, a servicing.Account) []byte {
	open := a.Instalments[a.Over():]
	f, head, start := form{data: append(b, formNumber)}, planHead{version: a.Version.Number, count: len(open)}, len(b)
	if len(open) > 0 {
		head.before = servicing.Instalment{Number: open[0].Number - 1, Nominal: open[0].Start, Until: open[0].From, Balance: open[0].Balance}
	} else {
		head.before = servicing.Instalment{Nominal: epoch, Until: epoch}
	}
	head.in(&f)
	before := &head.before
	for k := range open {
		in := *open[k]
		f.planned(&in, before, a.Version.Terms.DayCount)
		before = open[k]
	}
	return seal(f.data, start)
}

// planHead is the head of a plan. before is the instalment before the first one; the
// guesses for the first one use it.
type planHead struct {
	version int
	count   int
	before  servicing.Instalment
}

func (h *planHead) in(f *form) {
	f.begin()
	number(f, &h.version, 0)
	number(f, &h.count, 0)
	number(f, &h.before.Number, 0)
	f.date(&h.before.Nominal, epoch)
	f.date(&h.before.Until, h.before.Nominal)
	number(f, &h.before.Balance, 0)
	f.end()
}

// planned encodes or decodes the record of an instalment in a plan.
func (f *form) planned(in, before *servicing.Instalment, convention civil.DayCount) {
	f.begin()
	in.Number = before.Number + 1
	f.amounts(&in.Contract, before.Contract)
	f.date(&in.Start, before.Nominal)
	f.date(&in.Nominal, in.Start.AddMonths(1, int(in.Start.Day)))
	number(f, &in.Fraction.Days, before.Fraction.Days)
	year := convention.Of(in.Fraction.Days)
	number(f, &in.Fraction.Num, year.Num)
	number(f, &in.Fraction.Den, year.Den)
	f.date(&in.From, before.Until)
	f.date(&in.Until, in.Nominal)
	f.date(&in.Due, in.Until)
	f.date(&in.PaidTo, in.From)
	number(f, &in.Balance, before.Balance+before.Capitalised-before.Contract.Principal)
	number(f, &in.Accrues, in.Contract.Interest)
	number(f, &in.Taxable, in.Contract.Interest)
	number(f, &in.Waiting, 0)
	number(f, &in.WaitingTax, in.Waiting)
	number(f, &in.Capitalised, 0)
	word(f, &in.Grace, graces)
	f.amounts(&in.Carried, servicing.Amounts{})
	f.end()
}

// AppendState adds the encoded state of the trimmed account to b: everything except
// its product, its version and its plan.
func AppendState(b []byte, a servicing.Account) []byte {
	open := a.Instalments[a.Over():]
	f, head, start := form{data: append(b, formNumber)}, stateHead{version: a.Version.Number, count: len(open)}, len(b)
	if len(open) > 0 {
		head.first = open[0].Number
	}
	head.in(&f, &a)
	last := -1
	for k := range open {
		if in := *open[k]; touched(&in) {
			gap := k - last
			f.progress(&in, &gap)
			last = k
		}
	}
	return seal(f.data, start)
}

// touched reports whether the state needs a record for the instalment.
func touched(in *servicing.Instalment) bool {
	return in.Late || !in.Overdue.IsZero() || !in.PenaltyInterest.IsZero() || in.Paid != (servicing.Amounts{})
}

// stateHead is the head of a state without the fields of the account itself.
type stateHead struct {
	version int
	first   int // number of the first instalment that is not over
	count   int // number of instalments from it on
}

func (h *stateHead) in(f *form, a *servicing.Account) {
	f.begin()
	number(f, &h.version, 0)
	number(f, &h.first, 0)
	number(f, &h.count, 0)
	word(f, &a.Status, statuses)
	f.date(&a.Opened, epoch)
	f.date(&a.Day, a.Opened)
	number(f, &a.Operations, 0)
	number(f, &a.Granted, 0)
	f.amounts(&a.Paid, servicing.Amounts{})
	number(f, &a.Capitalised, 0)
	number(f, &a.Outstanding, a.Granted+a.Capitalised-a.Paid.Principal)
	number(f, &a.Unapplied, 0)
	number(f, &a.Restructures, 0)
	number(f, &a.LateBefore, 0)
	f.amounts(&a.WrittenOff, servicing.Amounts{})
	f.amounts(&a.Recovered, servicing.Amounts{})
	f.end()
}

// progress encodes or decodes the record of an instalment in a state. gap is the
// distance from the instalment of the previous record.
func (f *form) progress(in *servicing.Instalment, gap *int) {
	f.begin()
	number(f, gap, 1)
	f.amounts(&in.Paid, servicing.Amounts{})
	f.flag(&in.Late)
	f.exact(&in.PenaltyInterest)
	f.exact(&in.Overdue)
	f.end()
}

// Restore decodes an account from its product, its version, the plan stored with that
// version and the state. The result equals servicing.Trim of the stored account.
// Damaged bytes and bytes of another version are an error. Terms with NextBusinessDay
// get the calendar of Mexico if they have none.
func Restore(p product.Product, v servicing.Version, plan, state []byte) (servicing.Account, error) {
	return restore(p, v, plan, state, extent{lastDay, schedule.MaxPeriods})
}

// RestoreNear is Restore without the instalments after the one whose period includes
// the day, or the account's own day if that is later. The result is enough to roll the
// account to that day and to compute what it owes and has earned. No operation may be
// applied to it.
func RestoreNear(p product.Product, v servicing.Version, plan, state []byte, day civil.Date) (servicing.Account, error) {
	return restore(p, v, plan, state, extent{day, 4})
}

// extent limits the instalments to decode: up to the first one with a period that ends
// after the day. room is the number to allocate at once.
type extent struct {
	day  civil.Date
	room int
}

// lastDay is later than every instalment.
var lastDay = civil.Date{Year: 9999, Month: 12, Day: 31}

func restore(p product.Product, v servicing.Version, plan, state []byte, e extent) (servicing.Account, error) {
	a := servicing.Account{Product: p.Defaults(), Version: v}
	if t := &a.Version.Terms; t.Holidays == schedule.NextBusinessDay && t.BusinessCalendar.Holidays == nil {
		t.BusinessCalendar = civil.Mexico()
	}
	f := unseal(state, "the state")
	var head stateHead
	if head.in(&f, &a); f.err != nil {
		return servicing.Account{}, f.err
	}
	if head.version != v.Number {
		return servicing.Account{}, storedError(fmt.Sprintf("the state has version %d, want %d", head.version, v.Number))
	}
	e.day = civil.Later(e.day, a.Day)
	if err := restorePlan(&a, plan, head, e); err != nil {
		return servicing.Account{}, err
	}
	for k := -1; len(f.data) > 0; {
		var in servicing.Instalment
		gap := 0
		f.progress(&in, &gap)
		if gap < 1 || gap > head.count-1-k {
			return servicing.Account{}, storedError("the state has too many instalments")
		}
		if k += gap; k >= len(a.Instalments) {
			break
		}
		to := a.Instalments[k]
		to.Paid, to.Late, to.PenaltyInterest, to.Overdue = in.Paid, in.Late, in.PenaltyInterest, in.Overdue
	}
	if f.err != nil {
		return servicing.Account{}, f.err
	}
	return a, nil
}

// restorePlan decodes the instalments that the head of the state lists, up to the
// extent.
func restorePlan(a *servicing.Account, plan []byte, head stateHead, e extent) error {
	f := unseal(plan, "the plan")
	var of planHead
	if of.in(&f); f.err != nil {
		return f.err
	}
	if of.version != head.version {
		return storedError(fmt.Sprintf("the plan has version %d, want %d", of.version, head.version))
	}
	if head.count == 0 {
		return nil
	}
	skip := head.first - of.before.Number - 1
	if of.count > len(f.data) || skip < 0 || skip > of.count || head.count < 0 || head.count > of.count-skip {
		return storedError(fmt.Sprintf("the plan does not have %d instalments from number %d", head.count, head.first))
	}
	room := min(head.count, e.room)
	a.Instalments = make([]*servicing.Instalment, 0, room)
	free := make([]servicing.Instalment, room)
	var skipped [2]servicing.Instalment
	before := &of.before
	for k := 0; k < skip+head.count && (k <= skip || !before.Until.After(e.day)); k++ {
		in := &skipped[k&1]
		if k >= skip {
			if len(free) == 0 {
				free = make([]servicing.Instalment, room)
			}
			in, free = &free[0], free[1:]
			a.Instalments = append(a.Instalments, in)
		}
		f.planned(in, before, a.Version.Terms.DayCount)
		before = in
	}
	return f.err
}
