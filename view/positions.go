package view

import (
	"context"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// LoanPosition is a loan at the end of a day.
type LoanPosition struct {
	Date             civil.Date       `json:"date" doc:"The day."`
	Status           servicing.Status `json:"status" doc:"ACTIVE or RESTRUCTURED: what ended has no position."`
	Stage            risk.Stage       `json:"stage" doc:"1, 2 or 3; 3 is cartera vencida."`
	DaysPastDue      int              `json:"days_past_due" doc:"Since the due date of the oldest instalment that is not fully paid."`
	Instalment       int              `json:"instalment" doc:"The number of the first instalment that is not over."`
	Balance          money.Amount     `json:"balance" doc:"Principal outstanding, pesos."`
	OverduePrincipal money.Amount     `json:"overdue_principal" doc:"Principal whose due date has passed, pesos."`
	Interest         money.Amount     `json:"interest" doc:"Interest accrued and not collected, in the books, pesos."`
	Suspended        money.Amount     `json:"suspended" doc:"Interest that is no income until it is collected: memorandum, pesos."`
	IVA              money.Amount     `json:"iva" doc:"IVA on interest that fell due and is not collected, pesos."`
	Moratorium       money.Amount     `json:"moratorium" doc:"Moratorium owed with its IVA, pesos."`
	Advance          money.Amount     `json:"advance" doc:"Held for instalments to come, pesos."`
	Provision        money.Amount     `json:"provision" doc:"Provided on the balance and the interest in the base (EPRC), pesos."`
	Reserve          money.Amount     `json:"reserve" doc:"Reserved for the interest of stage 3, pesos."`
}

// Positions answers the positions of a loan on the closed days from one to another,
// the first one first, or LoanNotFound. Each is looked up by its day and the loan.
func (v *View) Positions(ctx context.Context, loanID id.ID, from, to civil.Date, need uint64) (all []LoanPosition, err error) {
	known := false
	batch := v.dated(&db.Batch{})
	batch.Query("SELECT id FROM loans WHERE id = $1", exists(&known), loanID)
	batch.Query(`SELECT p.day, p.status, p.stage, p.days_past_due, p.instalment, p.balance, p.overdue_principal, p.interest, p.suspended, p.iva, p.moratorium, p.advance, p.provision, p.reserve
		FROM business_days d CROSS JOIN positions p
		WHERE d.status = 'CLOSED' AND d.day >= $2 AND d.day <= $3 AND p.day = d.day AND p.day >= $2 AND p.day <= $3 AND p.loan_id = $1 ORDER BY p.day`,
		func(s db.Scanner) error {
			var p LoanPosition
			err := s.Scan(&p.Date, &p.Status, &p.Stage, &p.DaysPastDue, &p.Instalment, &p.Balance, &p.OverduePrincipal, &p.Interest, &p.Suspended, &p.IVA, &p.Moratorium, &p.Advance, &p.Provision, &p.Reserve)
			all = append(all, p)
			return err
		}, loanID, from, to)
	if err = v.ask(ctx, need, batch, func() { all, known = []LoanPosition{}, false }); err == nil && !known {
		err = errLoanNotFound()
	}
	return all, err
}
