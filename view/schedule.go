package view

import (
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// ScheduleStatus is the schedule of a loan on a day, with what has been paid.
type ScheduleStatus struct {
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

// ContractTotals are the figures agreed at the disbursement.
type ContractTotals struct {
	Terms   schedule.Terms
	Level   money.Amount
	Opening schedule.Opening
	Totals  schedule.Totals
	CAT     rate.CAT
	CATTime schedule.CATTime
}

// InstalmentState is the state of an instalment.
type InstalmentState string

// The states of an instalment. If the loan ended in any way other than full payment, its
// unpaid instalments have the loan's status.
const (
	InstalmentPending InstalmentState = "PENDING" // its period has not ended
	InstalmentDue     InstalmentState = "DUE"     // due, and not late yet
	InstalmentOverdue InstalmentState = "OVERDUE" // past its due date
	InstalmentPaid    InstalmentState = "PAID"
)

// Instalment is an instalment of the schedule.
type Instalment struct {
	Number  int
	Due     civil.Date
	Asked   servicing.Amounts // amount of the schedule, with what a restructure carried over
	Total   money.Amount      // total of Asked
	Paid    servicing.Amounts
	Owed    servicing.Amounts // owed on the day, with late charges; zero before it is due
	Balance money.Amount      // outstanding principal after it
	Status  InstalmentState
}

// ScheduleStatus returns the schedule as of today. Payments come from the transactions in
// force. Instalments that a restructure or a payoff replaced are not included. Refused with
// servicing.WrongState before the disbursement.
func (f *LoanFile) ScheduleStatus(today civil.Date) (ScheduleStatus, error) {
	day, err := f.Day(civil.Date{}, today)
	if err != nil {
		return ScheduleStatus{}, err
	}
	account, err := f.At(day)
	if err != nil {
		return ScheduleStatus{}, err
	}
	account, _ = servicing.Roll(account, day)
	c := f.Contract
	return ScheduleStatus{
		LoanID: f.Loan.ID, Date: day, Status: account.Status, Version: account.Version,
		Contract:    ContractTotals{c.Terms, c.Level, c.Opening, c.Totals, c.CAT, c.CATTime},
		Instalments: instalments(account), Paid: account.Paid, Outstanding: account.Outstanding, Unapplied: account.Unapplied,
	}, nil
}

// instalments returns the instalments of an account as of its date.
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
