package view

import (
	"context"
	"slices"
	"time"

	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/infra/db"
)

const statementLife = 300 * time.Second

// Statement is a client's account statement. It has the active and restructured loans in
// order of application, and the payments of all loans, reversed ones and those that another system
// received included, newest first.
type Statement struct {
	ClientID       id.ID
	FullName       string
	Email          string
	RFC            string
	ActiveLoans    []loan.Loan
	PaymentHistory []StoredTransaction
}

// scanPastPayment reads a payment that another system received: id, loan_id, client_id, amount and
// paid_at of loan_history.
func scanPastPayment(s db.Scanner) (StoredTransaction, error) {
	m := servicing.Transaction{Kind: servicing.PastPayment, Status: servicing.InForce}
	err := s.Scan(&m.ID, &m.LoanID, &m.ClientID, &m.Amount, &m.At)
	m.ValueDate = civil.DateOf(m.At)
	m.BusinessDate = m.ValueDate
	return StoredTransaction{Transaction: m, Split: `{"totals":{},"lines":[],"balance":0.00,"status":""}`}, err
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
		batch.Query(`SELECT h.id, h.loan_id, h.client_id, h.amount, h.paid_at FROM loans l JOIN loan_history h ON h.loan_id = l.id
			WHERE l.client_id = $1 ORDER BY h.paid_at DESC, h.id`, func(s db.Scanner) error {
			m, err := scanPastPayment(s)
			out.PaymentHistory = append(out.PaymentHistory, m)
			return err
		}, clientID)
		token, err = v.read(ctx, need, batch, func() { holder, out = client.Client{}, Statement{} })
		if err == nil && holder.ID.IsZero() {
			err = fault.Refuse(client.NotFound)
		}
		slices.SortStableFunc(out.PaymentHistory, func(a, b StoredTransaction) int { return b.Transaction.At.Compare(a.Transaction.At) })
		out.ClientID, out.FullName, out.Email, out.RFC = holder.ID, holder.FullName, holder.Email, holder.RFC
		return out, token, err
	})
}
