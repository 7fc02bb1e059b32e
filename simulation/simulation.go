// Package simulation plays the life of an institution through the one door
// (bank): clients come, borrow and pay as their characters are, the office
// approves, corrects, restructures, writes off and closes, and each day an
// auditor compares the books with what the simulation knows was done.
//
// A play is a function of its Options: the seed gives every name, decision, id
// and moment. The same options make the same rows on SQLite and on PostgreSQL.
// simulation.go is the play, day.go its days, borrower.go and office.go who acts,
// credit.go a loan as the simulation follows it, desk.go how commands are given,
// audit.go what must hold, digest.go the fingerprint of the books.
package simulation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"sofipo/bank"
	"sofipo/core/civil"
	"sofipo/core/mx"
	"sofipo/infra/db"
)

// DefaultFrom is the first day of a play that names none: a Thursday, so that
// the same seed gives the same books whenever it is played.
var DefaultFrom = civil.Date{Year: 2025, Month: 1, Day: 2}

// Options are all that a play depends on.
type Options struct {
	DB       *db.DB // migrated and without clients and entries
	Seed     uint64
	Days     int        // at least 1
	Clients  int        // at least 1
	From     civil.Date // first day; DefaultFrom if zero
	Location *time.Location

	Out io.Writer    // gets a line a month; none if nil
	Log *slog.Logger // of the bank; none if nil
}

// What one play may be asked for.
const (
	MaxDays    = 36_525 // a century
	MaxClients = 1_000_000
)

// checkEvery is how many days lie between two looks at all of the books.
const checkEvery = 30

// institution is a play in hand.
type institution struct {
	Options
	bank  *bank.Bank
	clock *clock
	rng   *rand.Rand // of the office; each borrower has an own one
	queue queue
	agenda
	audit audit

	offers    []*offer
	borrowers []*borrower
	loans     []*trackedLoan

	today         civil.Date
	day           int // from 1
	closedThrough civil.Date
	report        Report
}

// Play plays the days and gives their summary. It ends with a *Breach when
// something does not hold that must.
func Play(ctx context.Context, o Options) (Report, error) {
	began := time.Now()
	s, err := open(ctx, o)
	if err != nil {
		return Report{}, err
	}
	defer s.bank.Close()
	for s.day < s.Days && err == nil {
		err = s.playDay(ctx)
	}
	s.report.Elapsed = time.Since(began)
	if err == nil {
		err = s.summarize(ctx)
	}
	return s.report, err
}

// open prepares the play: who will come, and when.
func open(ctx context.Context, o Options) (*institution, error) {
	if o.Days < 1 || o.Clients < 1 {
		return nil, fmt.Errorf("a simulation needs at least 1 day and 1 client, not %d and %d", o.Days, o.Clients)
	}
	if empty, err := Empty(ctx, o.DB); err != nil || !empty {
		return nil, errors.Join(err, map[bool]error{false: ErrNotEmpty}[empty || err != nil])
	}
	if o.From.IsZero() {
		o.From = DefaultFrom
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	s := &institution{
		Options: o, clock: newClock(o.Location, o.Clients), rng: newRand(o.Seed, 0),
		today: o.From.AddDays(-1), offers: offers(),
	}
	s.agenda = make(agenda, o.Days)
	s.audit = newAudit()
	s.bank = bank.Open(bank.Options{
		DB: o.DB, Rules: bank.Rules{RFC: mx.TierStrict}, Writers: 1, Clock: s.clock.now, Random: newRandomBytes(o.Seed), Location: o.Location, Log: o.Log,
	})
	s.planArrivals()
	return s, nil
}

// ErrNotEmpty is the refusal to play among other books.
var ErrNotEmpty = errors.New("the database has clients or entries already: a simulation begins with an empty one")

// Empty reports whether the books are as a migration leaves them.
func Empty(ctx context.Context, d *db.DB) (empty bool, err error) {
	batch := &db.Batch{}
	batch.Query("SELECT NOT EXISTS (SELECT 1 FROM clients) AND NOT EXISTS (SELECT 1 FROM journal)", func(s db.Scanner) error { return s.Scan(&empty) })
	return empty, d.ReadPrimary(ctx, batch)
}
