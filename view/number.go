package view

import (
	"context"

	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/infra/db"
)

// ClientNumbered returns the id of the client with a number. Refused with client.NotFound or
// access.Forbidden. Whether the reader may see the client is decided where it is read.
func (v *View) ClientNumbered(ctx context.Context, by By, n folio.Number) (id.ID, error) {
	if err := by.may(client.Read); err != nil {
		return id.ID{}, err
	}
	return v.numbered(ctx, by, "SELECT id FROM clients WHERE number = $1", n, client.NotFound)
}

// LoanNumbered returns the id of the loan with a number, as ClientNumbered does. Refused with
// loan.NotFound or access.Forbidden.
func (v *View) LoanNumbered(ctx context.Context, by By, n folio.Number) (id.ID, error) {
	if err := by.may(loan.Read); err != nil {
		return id.ID{}, err
	}
	return v.numbered(ctx, by, "SELECT id FROM loans WHERE number = $1", n, loan.NotFound)
}

func (v *View) numbered(ctx context.Context, by By, sql string, n folio.Number, none fault.Code) (found id.ID, err error) {
	batch := &db.Batch{}
	batch.Query(sql, func(s db.Scanner) error { return s.Scan(&found) }, int64(n))
	if err = v.ask(ctx, by.Need, batch, func() { found = id.ID{} }); err == nil && found.IsZero() {
		err = fault.Refuse(none)
	}
	return found, err
}
