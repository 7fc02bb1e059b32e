package view

import (
	"context"
	"time"

	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/wire"
	"sofipo/infra/db"
)

const statementTTL = 300 * time.Second

// Statement is a client's account statement: the loans that owe by a schedule, in
// the order they were applied for, and every payment of every loan, reversed ones
// too, newest first.
type Statement struct {
	ClientID       id.ID                `json:"client_id"`
	FullName       string               `json:"full_name"`
	Email          string               `json:"email"`
	RFC            string               `json:"rfc"`
	ActiveLoans    []loan.Loan          `json:"active_loans"`
	PaymentHistory []servicing.Movement `json:"payment_history"`
}

// Statement answers a client's account statement, or ClientNotFound.
func (v *View) Statement(ctx context.Context, clientID id.ID, need uint64) ([]byte, error) {
	return v.cached(ctx, client.StatementCacheKey(clientID), need, statementTTL, func(ctx context.Context, need uint64) ([]byte, uint64, error) {
		var holder client.Client
		var loans, history []byte
		batch := &db.Batch{}
		batch.Query("SELECT id, rfc, email, full_name, created_at FROM clients WHERE id = $1", func(s db.Scanner) (err error) {
			holder, err = scanClient(s)
			return err
		}, clientID)
		batch.Query("SELECT "+loanColumns+" FROM loans l WHERE l.client_id = $1 AND l.status IN ('ACTIVE', 'RESTRUCTURED') ORDER BY l.id", func(s db.Scanner) error {
			l, err := scanLoan(s)
			loans = l.AppendJSON(append(loans, ','))
			return err
		}, clientID)
		batch.Query("SELECT "+movementColumns+` FROM movements m JOIN loans l ON l.id = m.loan_id
			WHERE l.client_id = $1 AND m.kind = ANY($2::text[]) ORDER BY m.at DESC, m.loan_id DESC, m.number DESC`, func(s db.Scanner) (err error) {
			history, _, err = appendMovement(append(history, ','), s)
			return err
		}, clientID, payments)
		position, err := v.read(ctx, need, batch, func() { holder, loans, history = client.Client{}, nil, nil })
		if err == nil && holder.ID.IsZero() {
			err = errClientNotFound()
		}
		return statementJSON(holder, array(loans), array(history)), position, err
	})
}

func statementJSON(holder client.Client, loans, payments []byte) []byte {
	b := holder.ID.Append([]byte(`{"client_id":"`))
	b = wire.Quote(append(b, `","full_name":`...), holder.FullName)
	b = wire.Quote(append(b, `,"email":`...), holder.Email)
	b = wire.Quote(append(b, `,"rfc":`...), holder.RFC)
	b = append(append(b, `,"active_loans":`...), loans...)
	b = append(append(b, `,"payment_history":`...), payments...)
	return append(b, '}')
}
