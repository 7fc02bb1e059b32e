package view

import (
	"context"
	"time"

	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/mx"
	"sofipo/infra/db"
)

const clientLife = 600 * time.Second

// Client returns the client with an RFC. Refused with client.NotFound, with
// client.RFCNotUnique if several clients have it, with staff.OutOfScope or with
// access.Forbidden.
func (v *View) Client(ctx context.Context, by By, rfc string, as *Codec[client.Client]) (Answer[client.Client], error) {
	if err := by.mayRead(client.Read); err != nil {
		return Answer[client.Client]{}, err
	}
	rfc = mx.NormalizeRFC(rfc)
	if !storable(rfc) {
		return Answer[client.Client]{}, fault.Refuse(client.NotFound)
	}
	if err := v.covers(ctx, by, client.Read, clientByRFC, rfc); err != nil {
		return Answer[client.Client]{}, err
	}
	return cached(ctx, v, entry{client.CacheKey(rfc), by.Need, clientLife}, as, func(ctx context.Context, need uint64) (c client.Client, token uint64, err error) {
		var found []client.Client
		batch := &db.Batch{}
		batch.Query(selectClient+"clients c WHERE c.rfc = $1 LIMIT 2", func(s db.Scanner) error {
			c, err := scanClient(s)
			found = append(found, c)
			return err
		}, rfc)
		token, err = v.read(ctx, need, batch, func() { found = nil })
		switch {
		case err != nil:
			return c, token, err
		case len(found) == 0:
			return c, token, fault.Refuse(client.NotFound)
		case len(found) > 1:
			return c, token, fault.Refuse(client.RFCNotUnique)
		}
		return found[0], token, nil
	})
}

// Clients returns a page of the clients in the reader's scope, in the order of registration. Refused with
// access.Forbidden.
func (v *View) Clients(ctx context.Context, by By, part Paging) (Page[client.Client], error) {
	var all []client.Client
	err := by.mayRead(client.Read)
	if err == nil {
		batch := &db.Batch{}
		args := []any{after(part.After), part.Limit, part.Skip}
		batch.Query(selectClient+"clients c WHERE c.id > $1"+by.within(client.Read, "c", &args)+" ORDER BY c.id LIMIT $2 OFFSET $3", func(s db.Scanner) error {
			c, err := scanClient(s)
			all = append(all, c)
			return err
		}, args...)
		err = v.ask(ctx, v.known(client.ListCacheKey, by.Need), batch, func() { all = nil })
	}
	return pageOf(all, part.Limit, func(c client.Client) id.ID { return c.ID }), err
}
