package view

import (
	"context"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/infra/db"
)

const movementColumns = "m.number, m.id, m.kind, m.value_date, m.amount, m.at, m.reversed_by, m.reverses, m.business_date, m.new_terms, m.split"

// payments are the kinds of movement that bring money from the client.
var payments = func() (kinds []string) {
	for _, kind := range servicing.Payments {
		kinds = append(kinds, string(kind))
	}
	return kinds
}()

// Payments answers a page of what the client paid for a loan, reversed payments
// too, oldest first, and the id after which the next page begins (zero at the
// end), or LoanNotFound.
func (v *View) Payments(ctx context.Context, loanID id.ID, page Page, need uint64) (body []byte, next id.ID, err error) {
	return v.movements(ctx, loanID, page, need, " AND m.kind = ANY($5::text[])", payments)
}

// Movements answers a page of all that was done to a loan, as Payments does.
func (v *View) Movements(ctx context.Context, loanID id.ID, page Page, need uint64) (body []byte, next id.ID, err error) {
	return v.movements(ctx, loanID, page, need, "")
}

// movements lists in the order of registration. A page after an id that is no
// movement of the loan begins at the first.
func (v *View) movements(ctx context.Context, loanID id.ID, page Page, need uint64, which string, args ...any) (body []byte, next id.ID, err error) {
	body, err = v.direct(ctx, loan.CacheKey(loanID), need, func(ctx context.Context, need uint64) ([]byte, uint64, error) {
		var list []byte
		var last id.ID
		var count int64
		known := false
		batch := &db.Batch{}
		batch.Query("SELECT id FROM loans WHERE id = $1", exists(&known), loanID)
		batch.Query("SELECT "+movementColumns+` FROM movements m WHERE m.loan_id = $1
			AND m.number > coalesce((SELECT number FROM movements WHERE loan_id = $1 AND id = $2), -1)`+which+" ORDER BY m.number LIMIT $3 OFFSET $4",
			func(s db.Scanner) (err error) {
				list, last, err = appendMovement(append(list, ','), s)
				count++
				return err
			}, append([]any{loanID, page.After, page.Limit, page.Skip}, args...)...)
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

// Movement answers one movement of a loan, or LoanNotFound or MovementNotFound.
func (v *View) Movement(ctx context.Context, loanID, movementID id.ID, need uint64) ([]byte, error) {
	return v.direct(ctx, loan.CacheKey(loanID), need, func(ctx context.Context, need uint64) ([]byte, uint64, error) {
		var body []byte
		known := false
		batch := &db.Batch{}
		batch.Query("SELECT id FROM loans WHERE id = $1", exists(&known), loanID)
		batch.Query("SELECT "+movementColumns+" FROM movements m WHERE m.loan_id = $1 AND m.id = $2", func(s db.Scanner) (err error) {
			body, _, err = appendMovement(nil, s)
			return err
		}, loanID, movementID)
		position, err := v.read(ctx, need, batch, func() { body, known = nil, false })
		switch {
		case err == nil && !known:
			err = errLoanNotFound()
		case err == nil && body == nil:
			err = errMovementNotFound()
		}
		return body, position, err
	})
}

// appendMovement adds a row of movementColumns as JSON and gives its id. The
// split goes out as it is stored.
func appendMovement(b []byte, s db.Scanner) ([]byte, id.ID, error) {
	m, terms, split, err := scanMovement(s)
	return m.AppendStored(b, terms, split), m.ID, err
}

// scanMovement reads a row of movementColumns, and the texts of what is stored as JSON.
func scanMovement(s db.Scanner, more ...any) (m servicing.Movement, terms, split string, err error) {
	err = s.Scan(append([]any{&m.Number, &m.ID, &m.Kind, &m.ValueDate, &m.Amount, &m.At, &m.ReversedBy, &m.Reverses, &m.BusinessDate, &terms, &split}, more...)...)
	m.Status = servicing.InForce
	if !m.ReversedBy.IsZero() {
		m.Status = servicing.Reversed
	}
	return m, terms, split, err
}

func errMovementNotFound() error {
	return fault.New(fault.MovementNotFound, "Movement not found", "Movimiento no encontrado")
}
