package view

import (
	"context"
	"time"

	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/infra/db"
)

const loanLife = 300 * time.Second

// Loan returns a loan. Refused with loan.NotFound or access.Forbidden.
func (v *View) Loan(ctx context.Context, by By, loanID id.ID, as *Codec[loan.Loan]) (Answer[loan.Loan], error) {
	if err := by.mayRead(loan.Read); err != nil {
		return Answer[loan.Loan]{}, err
	}
	if err := v.covers(ctx, by, loan.Read, loanByID, loanID); err != nil {
		return Answer[loan.Loan]{}, err
	}
	return cached(ctx, v, entry{loan.CacheKey(loanID), by.Need, loanLife}, as, func(ctx context.Context, need uint64) (l loan.Loan, token uint64, err error) {
		batch := &db.Batch{}
		batch.Query(selectLoan+"l.id = $1", func(s db.Scanner) (err error) {
			l, err = scanLoan(s)
			return err
		}, loanID)
		token, err = v.read(ctx, need, batch, func() { l = loan.Loan{} })
		if err == nil && l.ID.IsZero() {
			err = fault.Refuse(loan.NotFound)
		}
		return l, token, err
	})
}

// ClientLoans returns the loans of a client with any status, in order of application. Refused
// with client.NotFound or access.Forbidden.
func (v *View) ClientLoans(ctx context.Context, by By, clientID id.ID, as *Codec[[]loan.Loan]) (Answer[[]loan.Loan], error) {
	if err := by.mayRead(loan.Read); err != nil {
		return Answer[[]loan.Loan]{}, err
	}
	if err := v.covers(ctx, by, loan.Read, clientByID, clientID); err != nil {
		return Answer[[]loan.Loan]{}, err
	}
	return cached(ctx, v, entry{client.LoansCacheKey(clientID), by.Need, loanLife}, as, func(ctx context.Context, need uint64) (all []loan.Loan, token uint64, err error) {
		known := false
		batch := &db.Batch{}
		batch.Query("SELECT id FROM clients WHERE id = $1", exists(&known), clientID)
		batch.Query(selectLoan+"l.client_id = $1 ORDER BY l.id", func(s db.Scanner) error {
			l, err := scanLoan(s)
			all = append(all, l)
			return err
		}, clientID)
		token, err = v.read(ctx, need, batch, func() { all, known = nil, false })
		if err == nil && !known {
			err = fault.Refuse(client.NotFound)
		}
		return all, token, err
	})
}
