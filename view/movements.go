package view

import (
	"context"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/infra/db"
)

// StoredMovement is a movement whose new terms and split are still the texts that are
// stored: who only sends them on need not parse them.
type StoredMovement struct {
	Movement        servicing.Movement // without NewTerms and Split
	NewTerms, Split string
}

// Parse gives the movement with its new terms and its split.
func (m StoredMovement) Parse() (servicing.Movement, error) {
	err := codec.ParseMovement(&m.Movement, m.NewTerms, m.Split)
	return m.Movement, err
}

const movementColumns = "m.number, m.id, m.kind, m.value_date, m.amount, m.at, m.reversed_by, m.reverses, m.business_date, m.new_terms, m.split"

// payments are the kinds of movement that bring money from the client.
var payments = func() (kinds []string) {
	for _, kind := range servicing.Payments {
		kinds = append(kinds, string(kind))
	}
	return kinds
}()

// Payments answers a page of what the client paid for a loan, reversed payments
// too, oldest first, or loan.NotFound.
func (v *View) Payments(ctx context.Context, by By, loanID id.ID, part Paging) (Page[StoredMovement], error) {
	return v.movements(ctx, by, loanID, part, payments)
}

// Movements answers a page of all that was done to a loan, as Payments does.
func (v *View) Movements(ctx context.Context, by By, loanID id.ID, part Paging) (Page[StoredMovement], error) {
	return v.movements(ctx, by, loanID, part, nil)
}

// movements lists those of some kinds, or all, in the order of registration. A page
// after an id that is no movement of the loan begins at the first.
func (v *View) movements(ctx context.Context, by By, loanID id.ID, part Paging, kinds []string) (Page[StoredMovement], error) {
	if err := by.mayRead(loan.Read); err != nil {
		return Page[StoredMovement]{}, err
	}
	which, args := "", []any{loanID, part.After, part.Limit, part.Skip}
	if kinds != nil {
		which, args = " AND m.kind = ANY($5::text[])", append(args, kinds)
	}
	var all []StoredMovement
	known := false
	batch := &db.Batch{}
	batch.Query("SELECT id FROM loans WHERE id = $1", exists(&known), loanID)
	batch.Query("SELECT "+movementColumns+` FROM movements m WHERE m.loan_id = $1
		AND m.number > coalesce((SELECT number FROM movements WHERE loan_id = $1 AND id = $2), -1)`+which+" ORDER BY m.number LIMIT $3 OFFSET $4",
		func(s db.Scanner) error {
			m, err := scanMovement(s)
			all = append(all, m)
			return err
		}, args...)
	err := v.ask(ctx, v.known(loan.CacheKey(loanID), by.Need), batch, func() { all, known = nil, false })
	if err == nil && !known {
		err = fault.Refuse(loan.NotFound)
	}
	return pageOf(all, part.Limit, func(m StoredMovement) id.ID { return m.Movement.ID }), err
}

// Movement answers one movement of a loan, or loan.NotFound or servicing.MovementNotFound.
func (v *View) Movement(ctx context.Context, by By, loanID, movementID id.ID) (m StoredMovement, err error) {
	if err := by.mayRead(loan.Read); err != nil {
		return m, err
	}
	known := false
	batch := &db.Batch{}
	batch.Query("SELECT id FROM loans WHERE id = $1", exists(&known), loanID)
	batch.Query("SELECT "+movementColumns+" FROM movements m WHERE m.loan_id = $1 AND m.id = $2", func(s db.Scanner) (err error) {
		m, err = scanMovement(s)
		return err
	}, loanID, movementID)
	err = v.ask(ctx, v.known(loan.CacheKey(loanID), by.Need), batch, func() { m, known = StoredMovement{}, false })
	switch {
	case err == nil && !known:
		err = fault.Refuse(loan.NotFound)
	case err == nil && m.Movement.ID.IsZero():
		err = fault.Refuse(servicing.MovementNotFound)
	}
	return m, err
}

// scanMovement reads a row of movementColumns, and more columns behind them.
func scanMovement(s db.Scanner, more ...any) (m StoredMovement, err error) {
	of := &m.Movement
	err = s.Scan(append([]any{&of.Number, &of.ID, &of.Kind, &of.ValueDate, &of.Amount, &of.At, &of.ReversedBy, &of.Reverses, &of.BusinessDate, &m.NewTerms, &m.Split}, more...)...)
	of.Status = servicing.InForce
	if !of.ReversedBy.IsZero() {
		of.Status = servicing.Reversed
	}
	return m, err
}
