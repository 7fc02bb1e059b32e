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

const loanTTL = 300 * time.Second

const loanColumns = `l.id, l.client_id, l.product, l.product_version, l.amount, l.rate, l.term_months, l.periods, l.first_due, l.status, l.granted_at,
	l.applied_by, l.approved_by, l.opened, l.balance, l.advance`

// Loan answers a loan, or LoanNotFound.
func (v *View) Loan(ctx context.Context, loanID id.ID, need uint64) ([]byte, error) {
	return v.cached(ctx, loan.CacheKey(loanID), need, loanTTL, func(ctx context.Context, need uint64) ([]byte, uint64, error) {
		var body []byte
		batch := &db.Batch{}
		batch.Query("SELECT "+loanColumns+" FROM loans l WHERE l.id = $1", func(s db.Scanner) error {
			l, err := scanLoan(s)
			body = l.AppendJSON(nil)
			return err
		}, loanID)
		position, err := v.read(ctx, need, batch, func() { body = nil })
		if err == nil && body == nil {
			err = errLoanNotFound()
		}
		return body, position, err
	})
}

// ClientLoans answers the loans of a client in whatever state, in the order they
// were applied for, or ClientNotFound.
func (v *View) ClientLoans(ctx context.Context, clientID id.ID, need uint64) ([]byte, error) {
	return v.cached(ctx, client.LoansCacheKey(clientID), need, loanTTL, func(ctx context.Context, need uint64) ([]byte, uint64, error) {
		var list []byte
		known := false
		batch := &db.Batch{}
		batch.Query("SELECT id FROM clients WHERE id = $1", exists(&known), clientID)
		batch.Query("SELECT "+loanColumns+" FROM loans l WHERE l.client_id = $1 ORDER BY l.id", func(s db.Scanner) error {
			l, err := scanLoan(s)
			list = l.AppendJSON(append(list, ','))
			return err
		}, clientID)
		position, err := v.read(ctx, need, batch, func() { list, known = nil, false })
		if err == nil && !known {
			err = errClientNotFound()
		}
		return array(list), position, err
	})
}

func exists(found *bool) func(db.Scanner) error {
	return func(s db.Scanner) error {
		var any id.ID
		*found = true
		return s.Scan(&any)
	}
}

func scanLoan(s db.Scanner) (l loan.Loan, err error) {
	err = s.Scan(&l.ID, &l.ClientID, &l.Product, &l.ProductVersion, &l.Amount, &l.Rate, &l.TermMonths, &l.Periods, &l.FirstDue, &l.Status, &l.GrantedAt,
		&l.AppliedBy, &l.ApprovedBy, &l.Opened, &l.Balance, &l.Advance)
	return l, err
}

func errLoanNotFound() error {
	return fault.New(fault.LoanNotFound, "Loan not found", "Préstamo no encontrado")
}
