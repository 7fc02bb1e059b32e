package servicing

import (
	"fmt"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
)

// An account is stored in two strings of bytes, besides its product and its
// version. The plan is what a version of the schedule fixes; it is written once,
// when the version is made. The state is all that rolling and paying change.
//
//	plan  = form, head, one record an instalment, sum
//	state = form, head, one record an instalment of which anything is not zero, sum
//
// The form is one byte, 1. The sum is the CRC-32C of all before it, four bytes,
// the lowest first. A record is a list of whole numbers in the order in which the
// functions below name them, each as its difference from the guess beside it:
// first a mask, bit k set if number k is not zero, then those numbers. The mask is
// a varint, the numbers are varints in zigzag (package encoding/binary). A day is
// a number of days from its guess, or from 1 January 1970; a word its place in its
// list. So an instalment like the one before takes a few bytes.
//
// The state names the version, and the first instalment and how many there are:
// a plan stored earlier has more, which are left out.

// storedError says why bytes are no stored account.
type storedError string

// Error tells what is wrong, for the log: it is never the caller's fault.
func (e storedError) Error() string { return "stored account: " + string(e) }

// The words of the two lists; new ones come last.
var (
	graces   = []schedule.GraceMode{"", schedule.Defer, schedule.Capitalise, schedule.Waive}
	statuses = []Status{Active, Restructured, PaidOff, WrittenOff, Cancelled}
)

var epoch = civil.Date{Year: 1970, Month: 1, Day: 1}

// Trim leaves out the first instalments if they are over: their period has ended
// and they owe nothing, now or later. Whatever is done to the account next comes
// out as if they were there. A loan that is alive keeps its last instalment at
// least. The instalments are shared with the account given.
func Trim(a Account) Account {
	if a.Instalments = a.Instalments[a.over():]; len(a.Instalments) == 0 {
		a.Instalments = nil
	}
	return a
}

// over counts the first instalments that are over. One that owes nothing bears
// no moratorium and no interest any more, so that it never owes again. The last
// one of a loan that is alive always owes, or will.
func (a *Account) over() int {
	running := a.running()
	for i := range running {
		if a.owed(i) != (Amounts{}) {
			return i
		}
	}
	return running
}

// FirstOpen is the number of the first instalment that is not over, or of the one
// that would follow the last; 0 of a loan without instalments.
func FirstOpen(a Account) int {
	switch first := a.over(); {
	case first < len(a.Instalments):
		return a.Instalments[first].Number
	case first > 0:
		return a.Instalments[first-1].Number + 1
	default:
		return 0
	}
}

// AppendPlan adds to b the plan of the account, trimmed, as it is to be stored
// with the version of its schedule.
func (a Account) AppendPlan(b []byte) []byte {
	open := a.Instalments[a.over():]
	f, head, start := form{data: append(b, formNumber)}, planHead{version: a.Version.Number, count: len(open)}, len(b)
	if len(open) > 0 {
		head.before = Instalment{Number: open[0].Number - 1, Nominal: open[0].Start, Until: open[0].From, Balance: open[0].Balance}
	} else {
		head.before = Instalment{Nominal: epoch, Until: epoch}
	}
	head.in(&f)
	before := &head.before
	for k := range open {
		in := open[k]
		f.planned(&in, before, a.Version.Terms.DayCount)
		before = &open[k]
	}
	return seal(f.data, start)
}

// planHead is the head of a plan; the instalment before has what the guesses for
// the first one need.
type planHead struct {
	version int
	count   int
	before  Instalment
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

// planned is what the plan has of an instalment, after the one before it.
func (f *form) planned(in, before *Instalment, convention civil.DayCount) {
	f.begin()
	in.Number = before.Number + 1
	f.amounts(&in.Contract, before.Contract)
	f.date(&in.Start, before.Nominal)
	f.date(&in.Nominal, in.Start.AddMonths(1, in.Start.Day))
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
	f.amounts(&in.Carried, Amounts{})
	f.end()
}

// AppendState adds to b the state of the account, trimmed: all but its product,
// its version and its plan.
func (a Account) AppendState(b []byte) []byte {
	open := a.Instalments[a.over():]
	f, head, start := form{data: append(b, formNumber)}, stateHead{version: a.Version.Number, count: len(open)}, len(b)
	if len(open) > 0 {
		head.first = open[0].Number
	}
	head.in(&f, &a)
	last := -1
	for k := range open {
		if in := open[k]; in.touched() {
			gap := k - last
			f.progress(&in, &gap)
			last = k
		}
	}
	return seal(f.data, start)
}

// touched tells whether the state has anything of the instalment.
func (in *Instalment) touched() bool {
	return in.Late || !in.Overdue.IsZero() || !in.Moratorium.IsZero() || in.Paid != (Amounts{})
}

// stateHead is the head of a state besides the account's own numbers.
type stateHead struct {
	version int
	first   int // number of the first instalment that is not over
	count   int // of instalments from it on
}

func (h *stateHead) in(f *form, a *Account) {
	f.begin()
	number(f, &h.version, 0)
	number(f, &h.first, 0)
	number(f, &h.count, 0)
	word(f, &a.Status, statuses)
	f.date(&a.Opened, epoch)
	f.date(&a.Day, a.Opened)
	number(f, &a.Operations, 0)
	number(f, &a.Granted, 0)
	f.amounts(&a.Paid, Amounts{})
	number(f, &a.Capitalised, 0)
	number(f, &a.Outstanding, a.Granted+a.Capitalised-a.Paid.Principal)
	number(f, &a.Advance, 0)
	number(f, &a.Restructures, 0)
	number(f, &a.LateBefore, 0)
	f.amounts(&a.WrittenOff, Amounts{})
	f.amounts(&a.Recovered, Amounts{})
	f.end()
}

// progress is what the state has of an instalment, so many after the one before.
func (f *form) progress(in *Instalment, gap *int) {
	f.begin()
	number(f, gap, 1)
	f.amounts(&in.Paid, Amounts{})
	f.flag(&in.Late)
	f.exact(&in.Moratorium)
	f.exact(&in.Overdue)
	f.end()
}

// Restore gives the account back from its product, its version, the plan that was
// stored with that version and the state: it is what Trim gave when the state was
// written. Bytes that were not written so, or not for this version, are an error.
// Where due dates move over holidays the terms have Mexico's calendar if none.
func Restore(p product.Product, v Version, plan, state []byte) (Account, error) {
	return restore(p, v, plan, state, lastDay, schedule.MaxPeriods)
}

// RestoreNear is Restore of what is needed to see the account on days up to one,
// or on its own if that is later: instalments that follow the one whose period is
// running then are left out. The account may be rolled to such a day and asked what
// it owes and has earned; it takes no operation.
func RestoreNear(p product.Product, v Version, plan, state []byte, day civil.Date) (Account, error) {
	return restore(p, v, plan, state, day, 4)
}

// Near is what RestoreNear gives of an account that is at hand: to look at it on a
// day costs less without the rest. The instalments are shared with the account given.
func Near(a Account, day civil.Date) Account {
	day = civil.Later(day, a.Day)
	for i := range a.Instalments {
		if a.Instalments[i].Until.After(day) {
			a.Instalments = a.Instalments[: i+1 : i+1]
			break
		}
	}
	return a
}

// lastDay is after all instalments.
var lastDay = civil.Date{Year: 9999, Month: 12, Day: 31}

func restore(p product.Product, v Version, plan, state []byte, day civil.Date, most int) (Account, error) {
	a := Account{Product: p.Defaults(), Version: v}
	if t := &a.Version.Terms; t.Holidays == schedule.NextBusinessDay && t.BusinessCalendar.Holidays == nil {
		t.BusinessCalendar = civil.Mexico()
	}
	f := unseal(state, "the state")
	var head stateHead
	if head.in(&f, &a); f.err != nil {
		return Account{}, f.err
	}
	if head.version != v.Number {
		return Account{}, storedError(fmt.Sprintf("the state is of version %d, not %d", head.version, v.Number))
	}
	if err := a.restorePlan(plan, head, civil.Later(day, a.Day), most); err != nil {
		return Account{}, err
	}
	for k := -1; len(f.data) > 0; {
		var in Instalment
		gap := 0
		f.progress(&in, &gap)
		if gap < 1 || gap > head.count-1-k {
			return Account{}, storedError("the state has an instalment too many")
		}
		if k += gap; k >= len(a.Instalments) {
			break
		}
		to := &a.Instalments[k]
		to.Paid, to.Late, to.Moratorium, to.Overdue = in.Paid, in.Late, in.Moratorium, in.Overdue
	}
	if f.err != nil {
		return Account{}, f.err
	}
	return a, nil
}

// restorePlan reads the instalments that the head of the state names, up to the
// first whose period ends after the day; there is room for the most that are likely.
func (a *Account) restorePlan(plan []byte, head stateHead, day civil.Date, most int) error {
	f := unseal(plan, "the plan")
	var of planHead
	if of.in(&f); f.err != nil {
		return f.err
	}
	if of.version != head.version {
		return storedError(fmt.Sprintf("the plan is of version %d, not %d", of.version, head.version))
	}
	if head.count == 0 {
		return nil
	}
	skip := head.first - of.before.Number - 1
	if of.count > len(f.data) || skip < 0 || skip > of.count || head.count < 0 || head.count > of.count-skip {
		return storedError(fmt.Sprintf("the plan lacks some of %d instalments from number %d", head.count, head.first))
	}
	a.Instalments = make([]Instalment, 0, min(head.count, most))
	var skipped [2]Instalment
	before := &of.before
	for k := 0; k < skip+head.count && (k <= skip || !before.Until.After(day)); k++ {
		in := &skipped[k&1]
		if k >= skip {
			a.Instalments = append(a.Instalments, Instalment{})
			in = &a.Instalments[k-skip]
		}
		f.planned(in, before, a.Version.Terms.DayCount)
		before = in
	}
	return f.err
}
