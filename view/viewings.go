package view

import (
	"context"
	"time"

	"sofipo/bank/clients"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// ViewingQuery selects viewings of clients' data. Empty fields select all.
type ViewingQuery struct {
	Actor    string
	Client   id.ID
	From, To time.Time // half-open; From may be zero
	Paging             // Skip is not used
}

// Viewings returns a page of who saw the data of clients, oldest first. Refused with
// access.Forbidden.
func (v *View) Viewings(ctx context.Context, by By, q ViewingQuery) (Page[client.Viewing], error) {
	if err := by.may(event.ReadLog); err != nil {
		return Page[client.Viewing]{}, err
	}
	if !storable(q.Actor) {
		return Page[client.Viewing]{}, nil
	}
	first := after(q.After)
	if early := q.From.Add(-time.Millisecond); early.Year() >= 1970 && id.New(early, [10]byte{}).String() > first.String() {
		first = id.New(early, [10]byte{})
	}
	args := []any{first, id.New(q.To.Add(time.Millisecond), [10]byte{}), q.From, q.To, q.Limit}
	where := "k.id > $1 AND k.id < $2 AND k.viewed_at >= $3 AND k.viewed_at < $4"
	if q.Actor != "" {
		args, where = append(args, q.Actor), where+" AND k.username = $6"
	}
	if !q.Client.IsZero() {
		args = append(args, q.Client)
		where += " AND k.client_id = " + []string{"$6", "$7"}[len(args)-6]
	}
	if mine := by.within(event.ReadLog, "c", &args); mine != "" {
		where += " AND EXISTS (SELECT 1 FROM clients c WHERE c.id = k.client_id" + mine + ")"
	}
	columns := clients.ViewingColumns
	var all []client.Viewing
	batch := &db.Batch{}
	batch.Query("SELECT "+columns.List("k")+" FROM client_viewings k WHERE "+where+" ORDER BY k.id LIMIT $5", func(s db.Scanner) error {
		var one client.Viewing
		err := columns.Scan(s, &one)
		all = append(all, one)
		return err
	}, args...)
	err := v.ask(ctx, by.Need, batch, func() { all = nil })
	return pageOf(all, q.Limit, func(one client.Viewing) id.ID { return one.ID }), err
}
