package view

import (
	"context"
	"time"

	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/loan"
	"sofipo/infra/db"
)

const loanTTL = 300 * time.Second

const loanColumns = "id, client_id, amount, rate, term_months, status, balance, granted_at"

// Loan answers a loan, or LoanNotFound.
func (v *View) Loan(ctx context.Context, loanID id.ID, need uint64) ([]byte, error) {
	return v.cached(ctx, event.LoanKey(loanID), need, loanTTL, func(ctx context.Context, need uint64) ([]byte, uint64, error) {
		var body []byte
		batch := &db.Batch{}
		batch.Query("SELECT "+loanColumns+" FROM loans WHERE id = $1", func(s db.Scanner) error {
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

// ClientLoans answers the loans of a client, in the order they were granted, or ClientNotFound.
func (v *View) ClientLoans(ctx context.Context, clientID id.ID, need uint64) ([]byte, error) {
	return v.cached(ctx, event.ClientLoansKey(clientID), need, loanTTL, func(ctx context.Context, need uint64) ([]byte, uint64, error) {
		var list []byte
		known := false
		batch := &db.Batch{}
		batch.Query("SELECT id FROM clients WHERE id = $1", exists(&known), clientID)
		batch.Query("SELECT "+loanColumns+" FROM loans WHERE client_id = $1 ORDER BY id", func(s db.Scanner) error {
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

// Payments answers a page of a loan's payments, oldest first, and the id after
// which the next page begins (zero at the end), or LoanNotFound.
func (v *View) Payments(ctx context.Context, loanID id.ID, page Page, need uint64) (body []byte, next id.ID, err error) {
	body, err = v.direct(ctx, event.LoanKey(loanID), need, func(ctx context.Context, need uint64) ([]byte, uint64, error) {
		var list []byte
		var last id.ID
		var count int64
		known := false
		batch := &db.Batch{}
		batch.Query("SELECT id FROM loans WHERE id = $1", exists(&known), loanID)
		batch.Query("SELECT id, amount, paid_at FROM payments WHERE loan_id = $1 AND id > $2 ORDER BY id LIMIT $3 OFFSET $4", func(s db.Scanner) error {
			p, err := scanPayment(s)
			list = p.AppendJSON(append(list, ','))
			last, count = p.ID, count+1
			return err
		}, loanID, after(page.After), page.Limit, page.Skip)
		position, err := v.read(ctx, need, batch, func() { list, known, count = nil, false, 0 })
		if err == nil && !known {
			err = errLoanNotFound()
		}
		if count == page.Limit {
			next = last
		}
		return array(list), position, err
	})
	return body, next, err
}

func exists(found *bool) func(db.Scanner) error {
	return func(s db.Scanner) error {
		var any id.ID
		*found = true
		return s.Scan(&any)
	}
}

func scanLoan(s db.Scanner) (l loan.Loan, err error) {
	err = s.Scan(&l.ID, &l.ClientID, &l.Amount, &l.Rate, &l.TermMonths, &l.Status, &l.Balance, &l.GrantedAt)
	return l, err
}

func scanPayment(s db.Scanner) (p loan.Payment, err error) {
	err = s.Scan(&p.ID, &p.Amount, &p.PaidAt)
	return p, err
}

func errLoanNotFound() error {
	return fault.New(fault.LoanNotFound, "Loan not found", "Préstamo no encontrado")
}
