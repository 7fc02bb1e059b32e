package view

import (
	"context"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// DailyPosition is a loan at the end of a day.
type DailyPosition struct {
	Date             civil.Date       // the day
	Status           servicing.Status // ACTIVE or RESTRUCTURED: what ended has no position
	Stage            risk.Stage       // 1, 2 or 3; 3 is cartera vencida
	DaysPastDue      int              // since the due date of the oldest instalment that is not fully paid
	Instalment       int              // the number of the first instalment that is not over
	Balance          money.Amount     // principal outstanding, pesos
	OverduePrincipal money.Amount     // principal whose due date has passed, pesos
	Interest         money.Amount     // interest accrued and not collected, in the books, pesos
	Suspended        money.Amount     // interest that is no income until it is collected: memorandum, pesos
	IVA              money.Amount     // IVA on interest that fell due and is not collected, pesos
	PenaltyInterest  money.Amount     // penalty interest owed with its IVA, pesos
	Unapplied        money.Amount     // held for instalments to come, pesos
	Provision        money.Amount     // provided on the balance and the interest in the base (EPRC), pesos
	Reserve          money.Amount     // reserved for the interest of stage 3, pesos
}

// Positions answers the positions of a loan on the closed days from one to another,
// the first one first, or loan.NotFound. Each is looked up by its day and the loan.
func (v *View) Positions(ctx context.Context, by By, loanID id.ID, from, to civil.Date) (all []DailyPosition, err error) {
	if err := by.may(loan.Read); err != nil {
		return nil, err
	}
	known := false
	batch := v.dated(&db.Batch{})
	batch.Query("SELECT id FROM loans WHERE id = $1", exists(&known), loanID)
	batch.Query(`SELECT p.day, p.status, p.stage, p.days_past_due, p.instalment, p.balance, p.overdue_principal, p.interest, p.suspended, p.iva, p.penalty_interest, p.unapplied, p.provision, p.reserve
		FROM business_days d CROSS JOIN daily_positions p
		WHERE d.status = 'CLOSED' AND d.day >= $2 AND d.day <= $3 AND p.day = d.day AND p.day >= $2 AND p.day <= $3 AND p.loan_id = $1 ORDER BY p.day`,
		func(s db.Scanner) error {
			var p DailyPosition
			err := s.Scan(&p.Date, &p.Status, &p.Stage, &p.DaysPastDue, &p.Instalment, &p.Balance, &p.OverduePrincipal, &p.Interest, &p.Suspended, &p.IVA, &p.PenaltyInterest, &p.Unapplied, &p.Provision, &p.Reserve)
			all = append(all, p)
			return err
		}, loanID, from, to)
	if err = v.ask(ctx, by.Need, batch, func() { all, known = nil, false }); err == nil && !known {
		err = fault.Refuse(loan.NotFound)
	}
	return all, err
}
