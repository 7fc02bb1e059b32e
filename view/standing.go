package view

import (
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Standing is the schedule of a loan as it stands on a day, with what was paid of it.
type Standing struct {
	LoanID      id.ID
	Date        civil.Date
	Status      servicing.Status
	Version     servicing.Version
	Contract    ContractTotals
	Instalments []Instalment
	Paid        servicing.Amounts
	Outstanding money.Amount
	Unapplied   money.Amount
}

// ContractTotals is what was agreed at the disbursement.
type ContractTotals struct {
	Terms   schedule.Terms
	Level   money.Amount
	Opening schedule.Opening
	Totals  schedule.Totals
	CAT     rate.CAT
	CATTime schedule.CATTime
}

// InstalmentState tells where an instalment stands.
type InstalmentState string

// The states of an instalment. Of a loan that ended otherwise than by being paid
// off, those that are not paid have the loan's state.
const (
	InstalmentPending InstalmentState = "PENDING" // its period has not ended
	InstalmentDue     InstalmentState = "DUE"     // it may be paid without delay
	InstalmentOverdue InstalmentState = "OVERDUE" // its due date has passed
	InstalmentPaid    InstalmentState = "PAID"
)

// Instalment is one payment of the schedule.
type Instalment struct {
	Number  int
	Due     civil.Date
	Asked   servicing.Amounts // by the schedule, and what a restructure carried to it
	Total   money.Amount      // of what is asked
	Paid    servicing.Amounts
	Owed    servicing.Amounts // on the day, with what being late costs; empty before it is due
	Balance money.Amount      // principal left after it
	Status  InstalmentState
}

// Standing tells how the schedule stands today. What was paid is taken from the
// transactions in force; instalments that a restructure or a payoff replaced are gone.
func (f *LoanFile) Standing(today civil.Date) (Standing, error) {
	day, err := f.Day(civil.Date{}, today)
	if err != nil {
		return Standing{}, err
	}
	account, err := f.At(day)
	if err != nil {
		return Standing{}, err
	}
	account, _ = servicing.Roll(account, day)
	c := f.Contract
	return Standing{
		LoanID: f.Loan.ID, Date: day, Status: account.Status, Version: account.Version,
		Contract:    ContractTotals{c.Terms, c.Level, c.Opening, c.Totals, c.CAT, c.CATTime},
		Instalments: instalments(account), Paid: account.Paid, Outstanding: account.Outstanding, Unapplied: account.Unapplied,
	}, nil
}

// instalments are those of the account, as they stand on its day.
func instalments(a servicing.Account) []Instalment {
	lines := map[int]servicing.DueLine{}
	for _, l := range servicing.Due(a, a.Day).Lines {
		lines[l.Instalment] = l
	}
	all := make([]Instalment, 0, len(a.Instalments))
	for _, in := range a.Instalments {
		asked := in.Contract.Plus(in.Carried)
		line, due := lines[in.Number]
		one := Instalment{
			Number: in.Number, Due: in.Due, Asked: asked, Total: asked.Sum(), Paid: in.Paid, Owed: line.Amounts,
			Balance: in.Balance + in.Capitalised - in.Contract.Principal,
		}
		switch {
		case due && line.DaysLate > 0:
			one.Status = InstalmentOverdue
		case due:
			one.Status = InstalmentDue
		case !in.Until.After(a.Day) && servicing.Alive(a.Status) || asked.Minus(in.Paid).Sum() <= 0:
			one.Status = InstalmentPaid
		case servicing.Alive(a.Status):
			one.Status = InstalmentPending
		default:
			one.Status = InstalmentState(a.Status)
		}
		all = append(all, one)
	}
	return all
}
