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

// The states of a loan. An application is approved, rejected or returned; disbursement
// makes the loan active. Only active and restructured loans take payments.
const (
	Applied      Status = "APPLIED"
	Returned     Status = "RETURNED" // to its officer, for correction
	Approved     Status = "APPROVED"
	Rejected     Status = "REJECTED"
	Active       Status = loan.Active
	Restructured Status = "RESTRUCTURED"
	PaidOff      Status = loan.PaidOff
	WrittenOff   Status = "WRITTEN_OFF"
	Cancelled    Status = "CANCELLED"
)

// next lists the states to which a loan may go from each state.
var next = map[Status][]Status{
	Applied:      {Approved, Rejected, Returned, Cancelled},
	Returned:     {Applied, Rejected, Cancelled},
	Approved:     {Active, Returned, Cancelled},
	Active:       {PaidOff, WrittenOff, Restructured, Cancelled},
	Restructured: {PaidOff, WrittenOff, Restructured},
}

// CanBecome reports whether an operation may move a loan from one state to another.
// A reversal may also move it back.
func CanBecome(from, to Status) bool { return slices.Contains(next[from], to) }

// Before lists the states from which a loan may go to the given state, sorted.
func Before(to Status) (from []Status) {
	for s, list := range next {
		if slices.Contains(list, to) {
			from = append(from, s)
		}
	}
	slices.Sort(from)
	return from
}

// Pending reports whether a loan in the state is an application that may still be disbursed.
func Pending(s Status) bool { return s == Applied || s == Returned || s == Approved }

// Alive reports whether a loan in the state has a running schedule and takes payments.
func Alive(s Status) bool { return s == Active || s == Restructured }

// Version has the terms from which one schedule of the loan was computed: the
// contract, or a later one after a prepayment or restructuring. The account has the
// instalments of the current version.
type Version struct {
	Number int            `json:"number"` // 1 is the contract
	From   civil.Date     `json:"from"`   // first value date of the version
	Reason string         `json:"reason"` // "contract", "reduce_instalment", "reduce_term", "restructure"
	Terms  schedule.Terms `json:"terms"`  // after a prepayment, the terms of the remaining instalments from the start of the current period
	Level  money.Amount   `json:"level"`  // level payment; for equal principal, the principal part; 0 for other methods
}

// Instalment is one row of the schedule with the amounts paid so far.
type Instalment struct {
	Number   int        // from 1; later versions continue the numbering
	Start    civil.Date // nominal date of the previous instalment, or the first day of the schedule
	From     civil.Date // first day of its period: Start, or the previous due date if a holiday moved it
	Until    civil.Date // end of its period; it may be paid from this day
	Due      civil.Date
	Nominal  civil.Date     // due date by the frequency, before holidays
	Fraction civil.Fraction // the whole period as a fraction of a year
	PaidTo   civil.Date     // Contract.Interest starts on this day: From, or later if a prepayment paid the first days
	Balance  money.Amount   // principal that earns the interest of the period

	Contract    Amounts            // amounts of the schedule
	Taxable     money.Amount       // base of the IVA on the contract's interest
	Grace       schedule.GraceMode // grace of the interest of the period, if any
	Accrues     money.Amount       // interest of the period from PaidTo on, in whichever instalment it is paid
	Waiting     money.Amount       // deferred interest of earlier periods
	WaitingTax  money.Amount       // taxable part of Waiting
	Capitalised money.Amount       // interest that is added to the principal at the end of the period

	Carried         Amounts // amounts owed before a restructuring
	Late            bool    // unpaid after its grace days, so penalty interest is charged
	Overdue         Exact   // overdue principal of earlier instalments × time within this period
	PenaltyInterest Exact   // penalty interest base × time since the due date
	Paid            Amounts
}

// Account is the state of a loan at the start of a day. It has all data that later
// operations need. Instalments that are over are optional: see Trim. Package codec
// encodes accounts for storage.
type Account struct {
	Product      product.Product // product version on which the loan was granted
	Status       Status
	Opened       civil.Date    // day of disbursement
	Day          civil.Date    // accrued up to this day
	Granted      money.Amount  // principal of the contract
	Outstanding  money.Amount  // unpaid principal, due or not
	Capitalised  money.Amount  // interest that was added to the principal
	Unapplied    money.Amount  // for later instalments
	Version      Version       // of the current schedule
	Instalments  []*Instalment // read-only: other accounts may share them; see detach
	Paid         Amounts       // total paid, without recoveries
	WrittenOff   Amounts       // written-off debt that has not been recovered
	Recovered    Amounts       // recovered part of the written-off debt
	Operations   int           // number of operations after the disbursement
	Restructures int           // number of restructurings
	LateBefore   int           // days past due at the last restructuring
}

// Open returns the account of a loan on the day of its disbursement. The schedule is
// the contract, computed by schedule.Build or schedule.Plan.
func Open(p product.Product, s schedule.Schedule) Account {
	t := s.Terms
	return Account{
		Product: p.Defaults(), Status: Active, Opened: t.Disbursement, Day: t.Disbursement,
		Granted: t.Amount, Outstanding: t.Amount,
		Version:     Version{Number: 1, From: t.Disbursement, Reason: "contract", Terms: t, Level: level(s)},
		Instalments: instalments(s, 1),
	}
}

// level returns the payment that stays constant when a prepayment reduces the term.
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

// instalments converts the rows of a schedule to instalments, numbered from first.
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

// graceOf returns the grace of the interest of the period with the index, "" if none.
func graceOf(t *schedule.Terms, k int) schedule.GraceMode {
	if k < t.Grace.InterestPeriods {
		return t.Grace.Mode
	}
	return ""
}

// after returns the deferred interest after the period of an instalment that earned
// the interest on the exact sum.
func (c charge) after(t *schedule.Terms, in *Instalment, earned Exact) charge {
	if in.Grace == schedule.Defer {
		return c.plus(ordinary(t, earned))
	}
	return charge{}
}

// detach copies the instalments up to the one whose period includes the day, so that
// they can be changed. These are the instalments that change when the account is
// rolled to the day and the amounts due are paid. Accounts are values and may share
// their instalments.
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

// refuse returns an error if no operation may have the value date; today is the
// business date.
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

// Inactive returns the refusal of an operation on a loan whose state allows none.
func Inactive(s Status) error {
	refusal := fault.Refuse(NotActive, "loan_status", s)
	if Pending(s) {
		return refusal.Because(NotDisbursed)
	}
	return refusal
}
