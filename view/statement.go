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

const statementLife = 300 * time.Second

// Statement is a client's account statement. It has the active and restructured loans in
// order of application, and the payments of all loans, reversed ones included, newest first.
type Statement struct {
	ClientID       id.ID
	FullName       string
	Email          string
	RFC            string
	ActiveLoans    []loan.Loan
	PaymentHistory []StoredTransaction
}

// Statement returns a client's account statement. Refused with client.NotFound or
// access.Forbidden.
func (v *View) Statement(ctx context.Context, by By, clientID id.ID, as *Codec[Statement]) (Answer[Statement], error) {
	if err := by.mayRead(loan.Statements); err != nil {
		return Answer[Statement]{}, err
	}
	if err := v.covers(ctx, by, loan.Statements, clientByID, clientID); err != nil {
		return Answer[Statement]{}, err
	}
	return cached(ctx, v, entry{client.StatementCacheKey(clientID), by.Need, statementLife}, as, func(ctx context.Context, need uint64) (out Statement, token uint64, err error) {
		var holder client.Client
		batch := &db.Batch{}
		batch.Query(selectClient+"clients c WHERE c.id = $1", func(s db.Scanner) (err error) {
			holder, err = scanClient(s)
			return err
		}, clientID)
		batch.Query(selectLoan+"l.client_id = $1 AND l.status IN ('ACTIVE', 'RESTRUCTURED') ORDER BY l.id", func(s db.Scanner) error {
			l, err := scanLoan(s)
			out.ActiveLoans = append(out.ActiveLoans, l)
			return err
		}, clientID)
		batch.Query("SELECT "+transactionColumns+` FROM loan_transactions m JOIN loans l ON l.id = m.loan_id
			WHERE l.client_id = $1 AND m.kind = ANY($2::text[]) ORDER BY m.at DESC, m.loan_id DESC, m.number DESC`, func(s db.Scanner) error {
			m, err := scanTransaction(s)
			out.PaymentHistory = append(out.PaymentHistory, m)
			return err
		}, clientID, payments)
		token, err = v.read(ctx, need, batch, func() { holder, out = client.Client{}, Statement{} })
		if err == nil && holder.ID.IsZero() {
			err = fault.Refuse(client.NotFound)
		}
		out.ClientID, out.FullName, out.Email, out.RFC = holder.ID, holder.FullName, holder.Email, holder.RFC
		return out, token, err
	})
}
