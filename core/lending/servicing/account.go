package servicing

import (
	"slices"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
)

// Status is the state of a loan.
type Status = loan.Status

// The states. A loan is applied for, approved or refused, and becomes active
// when it is disbursed; only active and restructured loans take payments.
const (
	Applied      Status = "APPLIED"
	Approved     Status = "APPROVED"
	Rejected     Status = "REJECTED"
	Active       Status = loan.Active
	Restructured Status = "RESTRUCTURED"
	PaidOff      Status = loan.PaidOff
	WrittenOff   Status = "WRITTEN_OFF"
	Cancelled    Status = "CANCELLED"
)

var next = map[Status][]Status{
	Applied:      {Approved, Rejected, Cancelled},
	Approved:     {Active, Cancelled},
	Active:       {PaidOff, WrittenOff, Restructured, Cancelled},
	Restructured: {PaidOff, WrittenOff, Restructured},
}

// CanBecome tells whether a loan may go from one state to the other. A reversal
// may bring it back the way it came.
func CanBecome(from, to Status) bool { return slices.Contains(next[from], to) }

// Before lists the states from which a loan may go to the one given, sorted.
func Before(to Status) (from []Status) {
	for s, list := range next {
		if slices.Contains(list, to) {
			from = append(from, s)
		}
	}
	slices.Sort(from)
	return from
}

// Alive tells whether a loan in the state owes by its schedule and takes payments.
func Alive(s Status) bool { return s == Active || s == Restructured }

// Version is a schedule that the loan has or had. Its instalments are those of
// the account; here is what they were made from.
type Version struct {
	Number int            `json:"number"` // 1 is the contract
	From   civil.Date     `json:"from"`   // the value date that it holds from
	Reason string         `json:"reason"` // "contract", "reduce_instalment", "reduce_term", "restructure"
	Terms  schedule.Terms `json:"terms"`  // after a prepayment, those of the remaining instalments from the start of the running period
	Level  money.Amount   `json:"level"`  // level payment, or the part of equal principal; 0 for other methods
}

// Instalment is one payment of the schedule with what has been paid of it.
type Instalment struct {
	Number   int        // from 1, over all versions
	Start    civil.Date // nominal date of the one before, or the first day of the schedule
	From     civil.Date // first day of its period; Start, or moved with the due date before
	Until    civil.Date // end of its period: from this day it may be paid
	Due      civil.Date
	Nominal  civil.Date     // by the frequency
	Fraction civil.Fraction // of a year, the whole period
	PaidTo   civil.Date     // days before it are not in Contract.Interest; From unless a prepayment paid them
	Balance  money.Amount   // principal that its interest runs on

	Contract    Amounts            // that the schedule asks for
	Taxable     money.Amount       // that the contract's IVA on interest is computed on
	Grace       schedule.GraceMode // of the interest of its period, if any
	Accrues     money.Amount       // interest of the period, from PaidTo on, whoever pays it
	Waiting     money.Amount       // deferred interest of the periods before
	WaitingTax  money.Amount       // of which taxed
	Capitalised money.Amount       // that its end adds to the principal

	Carried         Amounts // owed before a restructure
	Late            bool    // past its days of grace: penalty interest is charged
	Overdue         Exact   // principal of earlier instalments × time, overdue in this period
	PenaltyInterest Exact   // penalty interest base × time since the due date
	Paid            Amounts
}

// Account is the state of a loan at the start of a day. It has all that later
// operations need, and more: instalments that are over may be left out, see Trim.
// Package codec stores it.
type Account struct {
	Product      product.Product // the version that the loan was granted on
	Status       Status
	Opened       civil.Date    // day of disbursement
	Day          civil.Date    // accrued up to this day
	Granted      money.Amount  // principal of the contract
	Outstanding  money.Amount  // principal not paid, due or not
	Capitalised  money.Amount  // interest that became principal
	Unapplied    money.Amount  // held for instalments to come
	Version      Version       // of the schedule
	Instalments  []*Instalment // not to be changed: other accounts may have them
	Paid         Amounts       // in all, but for what was recovered
	WrittenOff   Amounts       // not recovered yet
	Recovered    Amounts       // of what was written off
	Operations   int           // after the disbursement
	Restructures int           //
	LateBefore   int           // days past due when it was last restructured
}

// Open gives the account of a loan on the day of its disbursement, from the
// product that it is granted on and its contractual schedule, made by
// schedule.Build.
func Open(p product.Product, s schedule.Schedule) Account {
	t := s.Terms
	return Account{
		Product: p.Defaults(), Status: Active, Opened: t.Disbursement, Day: t.Disbursement,
		Granted: t.Amount, Outstanding: t.Amount,
		Version:     Version{Number: 1, From: t.Disbursement, Reason: "contract", Terms: t, Level: level(s)},
		Instalments: instalments(s, 1),
	}
}

// level is what a reduction of the term keeps.
func level(s schedule.Schedule) money.Amount {
	if s.Terms.Method != schedule.EqualPrincipal {
		return s.Level
	}
	k := s.Terms.Grace.PrincipalPeriods
	if s.Terms.Residue == schedule.First {
		k = min(k+1, len(s.Rows)-1)
	}
	return s.Rows[k].Principal
}

// instalments are the rows of a schedule, numbered from first.
func instalments(s schedule.Schedule, first int) []*Instalment {
	t, start, from := s.Terms, s.Terms.Disbursement, s.Terms.Disbursement
	all := make([]*Instalment, len(s.Rows))
	var waiting charge
	for k, r := range s.Rows {
		in := &Instalment{
			Number: first + k, Start: start, From: from, Until: r.Nominal, Due: r.Due, Nominal: r.Nominal, PaidTo: from, Balance: r.OpeningBalance,
			Contract: Amounts{
				Principal: r.Principal, Interest: r.Interest, InterestIVA: r.IVA,
				Fee: r.Fee, FeeIVA: r.FeeIVA, Insurance: r.Insurance,
			},
			Taxable: r.Taxable, Accrues: r.Accrued, Waiting: waiting.interest, WaitingTax: waiting.taxable, Capitalised: r.Capitalised,
		}
		if t.InterestFollows {
			in.Until = r.Due
		}
		in.Fraction = t.DayCount.Between(from, in.Until)
		if t.DayCount == civil.Thirty360 {
			in.Fraction = t.DayCount.Of(r.Days)
		}
		in.Grace = graceOf(&t, k)
		waiting = waiting.after(&t, in, Exact{}.plus(in.Balance, in.Fraction.Num))
		all[k], start, from = in, in.Nominal, in.Until
	}
	return all
}

// graceOf names what becomes of the interest of the period with the index.
func graceOf(t *schedule.Terms, k int) schedule.GraceMode {
	if k < t.Grace.InterestPeriods {
		return t.Grace.Mode
	}
	return ""
}

// after is what waits after an instalment whose period earned on the exact sum.
func (c charge) after(t *schedule.Terms, in *Instalment, earned Exact) charge {
	if in.Grace == schedule.Defer {
		return c.plus(ordinary(t, earned))
	}
	return charge{}
}

// detach gives the account instalments of its own, up to the one whose period is
// running on a day: those that change when the account is rolled to the day and what is
// due then is paid. An account is a value, whose instalments others may have.
func (a *Account) detach(to civil.Date) {
	all := slices.Clone(a.Instalments)
	n := min(a.runningOn(civil.Later(to, a.Day))+1, len(all))
	own := make([]Instalment, n)
	for i := range own {
		own[i] = *all[i]
		all[i] = &own[i]
	}
	a.Instalments = all
}

// refuse tells why no operation of a day may be done, the business day being today.
func (a *Account) refuse(date, today civil.Date) error {
	switch {
	case !date.Valid():
		return fault.Wrong(fault.At("value_date", fault.DayNeeded, "today", today)).With("today", today)
	case date.After(today):
		return fault.Wrong(fault.At("value_date", fault.NotFuture, "latest", today)).With("latest", today)
	case date.Before(a.Opened):
		return fault.Wrong(fault.At("value_date", NotBeforeDisbursement, "earliest", a.Opened)).With("earliest", a.Opened)
	case date.Before(a.Day):
		return fault.Wrong(fault.At("value_date", NotBeforeAccount, "earliest", a.Day)).With("earliest", a.Day)
	}
	return nil
}

// Inactive is the refusal of an operation on a loan that takes none in its state.
func Inactive(s Status) error {
	refusal := fault.Refuse(NotActive, "loan_status", s)
	if s == Applied || s == Approved {
		return refusal.Because(NotDisbursed)
	}
	return refusal
}
