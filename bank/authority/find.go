package authority

import (
	"context"

	"sofipo/bank"
	"sofipo/core/authority"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// Find reads the command of a request from the primary database, so that the request can be
// decided. Refused with authority.RequestNotFound or Unavailable.
func Find(ctx context.Context, b *bank.Bank, requestID id.ID) (bank.Order, error) {
	ctx, cancel := context.WithTimeout(ctx, bank.TripTime)
	defer cancel()
	var r authority.Request
	batch := &db.Batch{}
	batch.Before(func() { r = authority.Request{} })
	batch.Query("SELECT operation, command FROM requests WHERE id = $1", func(s db.Scanner) error { return s.Scan(&r.Operation, &r.Command) }, requestID)
	if err := b.DB().ReadPrimary(ctx, batch); err != nil {
		return bank.Order{}, bank.Unavailable(fault.DatabaseAway, err)
	}
	if r.Operation == "" {
		return bank.Order{}, fault.Refuse(authority.RequestNotFound)
	}
	return bank.ParseOrder(r.Operation, r.Command)
}
