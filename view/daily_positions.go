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
	"sofipo/core/rate"
	"sofipo/infra/db"
)

// DailyPosition is the state of a loan at the end of a day.
type DailyPosition struct {
	Date             civil.Date       // the day
	Status           servicing.Status // ACTIVE or RESTRUCTURED; a loan that ended has no daily position
	Stage            risk.Stage       // 1, 2 or 3; 3 is cartera vencida
	DaysPastDue      int              // days since the due date of the oldest unpaid instalment
	Instalment       int              // number of the first open instalment
	Balance          money.Amount     // outstanding principal, pesos
	OverduePrincipal money.Amount     // principal past its due date, pesos
	Interest         money.Amount     // accrued and uncollected interest in the books, pesos
	Suspended        money.Amount     // suspended interest (memorandum), income only when collected, pesos
	IVA              money.Amount     // uncollected IVA on interest that fell due, pesos
	PenaltyInterest  money.Amount     // penalty interest with its IVA, pesos
	Unapplied        money.Amount     // unapplied funds for coming instalments, pesos
	Provision        money.Amount     // provision (EPRC) for the principal and interest, pesos
	Reserve          money.Amount     // reserve for the interest of stage 3, pesos
}

// positionColumns are the columns of daily_positions p that scan reads.
const positionColumns = "p.day, p.status, p.stage, p.days_past_due, p.instalment, p.balance, p.overdue_principal, p.interest, p.suspended, p.iva, p.penalty_interest, p.unapplied, p.provision, p.reserve"

func (p *DailyPosition) scan(s db.Scanner) error {
	return s.Scan(&p.Date, &p.Status, &p.Stage, &p.DaysPastDue, &p.Instalment, &p.Balance, &p.OverduePrincipal, &p.Interest, &p.Suspended, &p.IVA, &p.PenaltyInterest, &p.Unapplied, &p.Provision, &p.Reserve)
}

// DailyPositions returns the daily positions of a loan for the closed days in a range, oldest
// first. Refused with loan.NotFound or access.Forbidden.
func (v *View) DailyPositions(ctx context.Context, by By, loanID id.ID, from, to civil.Date) (all []DailyPosition, err error) {
	if err := by.may(loan.Read); err != nil {
		return nil, err
	}
	if err := v.covers(ctx, by, loan.Read, loanByID, loanID); err != nil {
		return nil, err
	}
	known := false
	batch := v.dated(&db.Batch{})
	batch.Query("SELECT id FROM loans WHERE id = $1", exists(&known), loanID)
	batch.Query(`SELECT `+positionColumns+`
		FROM business_days d CROSS JOIN daily_positions p
		WHERE d.status = 'CLOSED' AND d.day >= $2 AND d.day <= $3 AND p.day = d.day AND p.day >= $2 AND p.day <= $3 AND p.loan_id = $1 ORDER BY p.day`,
		func(s db.Scanner) error {
			var p DailyPosition
			err := p.scan(s)
			all = append(all, p)
			return err
		}, loanID, from, to)
	if err = v.ask(ctx, by.Need, batch, func() { all, known = nil, false }); err == nil && !known {
		err = fault.Refuse(loan.NotFound)
	}
	return all, err
}

// LoanProvision is the provision of a loan at the last close, with its formula and inputs.
type LoanProvision struct {
	DailyPosition
	Exposure risk.Exposure
	Share    rate.Share // for the days past due
	Formula  string     // of Provision; see risk.ExplainProvision
}

// LoanProvision returns the provision of a loan at the last close; nil if the loan has no
// position on that day. Refused with access.Forbidden.
func (v *View) LoanProvision(ctx context.Context, by By, f *LoanFile) (p *LoanProvision, err error) {
	if err := by.may(loan.Read); err != nil {
		return nil, err
	}
	if err := v.covers(ctx, by, loan.Read, loanByID, f.Loan.ID); err != nil {
		return nil, err
	}
	batch := v.dated(&db.Batch{})
	batch.Query("SELECT "+positionColumns+" FROM daily_positions p WHERE p.day = "+lastClosed+" AND p.loan_id = $1", func(s db.Scanner) error {
		p = &LoanProvision{}
		return p.scan(s)
	}, f.Loan.ID)
	if err := v.ask(ctx, by.Need, batch, func() { p = nil }); err != nil || p == nil {
		return nil, err
	}
	p.Exposure = risk.Exposure{Classification: f.Product.Classification, Restructured: p.Status == servicing.Restructured, DaysLate: p.DaysPastDue}
	p.Exposure.Base, _ = risk.ProvisionBase(p.Stage, p.Balance, p.Interest)
	p.Formula, p.Share, err = risk.ExplainProvision(p.Date, p.Exposure)
	return p, err
}
