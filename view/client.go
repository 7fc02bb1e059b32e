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

const clientTTL = 600 * time.Second

// Client answers the client with an RFC, or ClientNotFound.
func (v *View) Client(ctx context.Context, rfc string, need uint64) ([]byte, error) {
	rfc = mx.NormalizeRFC(rfc)
	if !storable(rfc) {
		return nil, errClientNotFound()
	}
	return v.cached(ctx, client.CacheKey(rfc), need, clientTTL, func(ctx context.Context, need uint64) ([]byte, uint64, error) {
		var body []byte
		batch := &db.Batch{}
		batch.Query("SELECT id, rfc, email, full_name, created_at FROM clients WHERE rfc = $1", func(s db.Scanner) error {
			c, err := scanClient(s)
			body = c.AppendJSON(nil)
			return err
		}, rfc)
		position, err := v.read(ctx, need, batch, func() { body = nil })
		if err == nil && body == nil {
			err = errClientNotFound()
		}
		return body, position, err
	})
}

// Page is a stretch of a list: skip so many rows, or begin after an id; at most limit rows.
type Page struct {
	After       id.ID
	Skip, Limit int64
}

// Clients answers a page of clients in the order of their registration, and
// the id after which the next page begins (zero at the end).
func (v *View) Clients(ctx context.Context, page Page, need uint64) (body []byte, next id.ID, err error) {
	body, err = v.direct(ctx, client.ListCacheKey, need, func(ctx context.Context, need uint64) ([]byte, uint64, error) {
		var list []byte
		var last id.ID
		var count int64
		batch := &db.Batch{}
		batch.Query("SELECT id, rfc, email, full_name, created_at FROM clients WHERE id > $1 ORDER BY id LIMIT $2 OFFSET $3", func(s db.Scanner) error {
			c, err := scanClient(s)
			list = c.AppendJSON(append(list, ','))
			last, count = c.ID, count+1
			return err
		}, after(page.After), page.Limit, page.Skip)
		position, err := v.read(ctx, need, batch, func() { list, count = nil, 0 })
		if count == page.Limit {
			next = last
		}
		return array(list), position, err
	})
	return body, next, err
}

func scanClient(s db.Scanner) (c client.Client, err error) {
	err = s.Scan(&c.ID, &c.RFC, &c.Email, &c.FullName, &c.CreatedAt)
	return c, err
}

// array makes a JSON array of elements that each follow a comma.
func array(elements []byte) []byte {
	if len(elements) == 0 {
		return []byte("[]")
	}
	elements[0] = '['
	return append(elements, ']')
}

// after is the id as a lower bound: the zero id, which the database would take
// for NULL, becomes the smallest that no row has.
func after(x id.ID) id.ID {
	if x.IsZero() {
		x[15] = 1
	}
	return x
}

func errClientNotFound() error {
	return fault.New(fault.ClientNotFound, "Client not found", "Cliente no encontrado")
}
