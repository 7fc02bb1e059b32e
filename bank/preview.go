package bank

import (
	"context"

	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Previewed is what a command would do: its answer or its refusal.
type Previewed[A any] struct {
	Answer A
	Err    error
}

// Preview decides commands on the stored rows, each after the ones before it, and discards
// what they stage. It refuses what is outside the scope or above the authority of the actor. It
// holds the locks of all rows that the commands need until it returns.
func Preview[A any](ctx context.Context, b *Bank, by By, commands []Command[A]) ([]Previewed[A], error) {
	if len(commands) == 0 {
		return nil, nil
	}
	who, err := b.admit(ctx, by, commands[0].Permission())
	if err != nil {
		return nil, err
	}
	out := make([]Previewed[A], len(commands))
	jobs := make([]*job, len(commands))
	book := NewBook(b, map[any]any{})
	for i, c := range commands {
		j, err := newJob(ctx, b, by, who, c)
		if err != nil {
			out[i].Err = err
			continue
		}
		if jobs[i] = j; who.Role.Scope == staff.Own {
			j.needs.assignedTo(who.User.Username)
		}
		book.Ask(&j.needs)
	}
	defer func(ctx context.Context) { // after the locks are free
		for _, j := range jobs {
			if j != nil {
				b.nameApprovers(ctx, j)
			}
		}
	}(ctx)
	ctx, cancel := context.WithTimeout(ctx, TripTime)
	defer cancel()
	session := b.opts.DB.Session()
	defer session.Close()
	load := &db.Batch{}
	book.Load(load)
	if err := session.Begin(ctx, load); err != nil {
		return nil, Unavailable(fault.DatabaseAway, err)
	}
	defer session.Rollback()
	if err := book.LoadFollowed(ctx, session); err != nil {
		return nil, Unavailable(fault.DatabaseAway, err)
	}
	for i, j := range jobs {
		if j == nil {
			continue
		}
		book.begin(j, b.clock.now())
		answer, err := try(book, j)
		if err != nil {
			book.rollback()
			out[i].Err, j.err = err, err
			continue
		}
		out[i].Answer = answer.(A)
	}
	return out, nil
}
