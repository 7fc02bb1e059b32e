// Package simulation simulates an institution day by day with the real commands of
// package bank. Clients register, borrow and pay, each in a different way; the office
// approves, corrects, restructures, writes off and closes. Every day an audit compares
// the books with the simulation's own record of what was done.
//
// A simulation depends only on its Options: the seed determines every name, decision, id
// and time. The same options give the same rows on SQLite and on PostgreSQL.
//
//	simulation.go    options and start
//	founding.go      the institution, its branches and users
//	authority.go     users, limits and requests
//	branches.go      the branches with their neighbourhoods and staff
//	day.go           one day
//	people.go        the clients
//	borrower.go      what clients do
//	office.go        what employees do with loans and entries
//	files.go         the clients' files
//	tills.go         tills, vaults and bank accounts
//	bank_files.go    the bank's files of payments
//	collectors.go    collections
//	tracked_loan.go  the simulation's own record of a loan
//	commands.go      how commands are submitted
//	faults.go        what goes wrong, drawn from the seed
//	process.go       the process that crashes and starts again
//	wrong_clock.go   the clocks of the computer
//	reads.go         reads while the replica is late
//	traces.go        what each request must leave
//	twin.go          the bank in memory
//	play_faults.go   the simulation with faults beside the one without
//	audit.go         the invariants
//	digest.go        the digest of the books
//	report.go        the summary
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
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/settlement"
	"sofipo/infra/db"
	"sofipo/infra/files"
)

// DefaultFrom is the default first day. It is fixed, so the same seed gives the same
// books at any time.
var DefaultFrom = civil.Date{Year: 2025, Month: 1, Day: 2}

// Options are the parameters of a simulation.
type Options struct {
	DB       *db.DB // migrated, without clients and entries
	Seed     uint64
	Days     int        // at least 1
	Clients  int        // at least 1
	From     civil.Date // first day; DefaultFrom if zero
	Location *time.Location
	Password string      // hash of the password of every user; nobody can log in if it is empty
	Files    files.Store // of the clients' documents; files have none if nil

	Out io.Writer    // receives one line a month; none if nil
	Log *slog.Logger // log of the bank; none if nil
}

// The limits of Options.
const (
	MaxDays    = 36_525 // a century
	MaxClients = 1_000_000
)

// checkEvery is the number of days between two complete checks of the books.
const checkEvery = 30

// institution is a running simulation.
type institution struct {
	Options
	bank  *bank.Bank
	clock *clock
	rng   *rand.Rand // for the office; each borrower has its own
	queue queue
	agenda
	audit audit

	offers    []*offer
	branches  []*branch
	borrowers []*borrower
	loans     []*trackedLoan

	members    map[string]member
	clients    map[id.ID]*borrower
	vaults     map[*branch]id.ID
	supplying  map[*branch]money.Amount // cash that commands of today take from the vault to a till
	tills      []*till
	collecting id.ID                              // bank account in which transfers of clients arrive
	owed       map[settlement.Method]money.Amount // to be collected
	references int                                // of bank operations so far

	transfers    []transferIn           // that the next file of the bank reports
	taken        map[id.ID]*trackedLoan // transactions to be replayed, by their ids
	unidentified map[int][]deposit      // by the day on which they are identified
	copyOfID     client.Document        // the document in the clients' files; no hash if there is none

	faults *faults // nil if nothing goes wrong
	twin   *twin   // in place of the bank and its database; nil: none

	today         civil.Date
	day           int // from 1
	closedThrough civil.Date
	report        Report
}

// Play runs the simulation and returns its summary. It stops with a *Breach at the first
// broken invariant.
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

// open prepares the simulation in a database, and opens the bank.
func open(ctx context.Context, o Options) (*institution, error) {
	s, err := plan(ctx, o)
	if err != nil {
		return nil, err
	}
	if empty, err := Empty(ctx, o.DB); err != nil || !empty {
		return nil, errors.Join(err, map[bool]error{false: ErrNotEmpty}[empty || err != nil])
	}
	s.bank = bank.Open(bank.Options{
		DB: o.DB, Rules: rules, Writers: 1, Clock: s.clock.now, Peek: s.clock.peek, Random: newRandomBytes(o.Seed), Location: s.Location, Log: o.Log,
	})
	return s, nil
}

// rules are the settings of the bank.
var rules = bank.Rules{RFC: mx.TierStrict}

// plan prepares the simulation but for the bank: the clients and their days of registration.
func plan(ctx context.Context, o Options) (*institution, error) {
	if o.Days < 1 || o.Clients < 1 {
		return nil, fmt.Errorf("a simulation needs at least 1 day and 1 client, not %d and %d", o.Days, o.Clients)
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
		today: o.From.AddDays(-1), offers: offers(), branches: branches(), vaults: map[*branch]id.ID{},
		members: members(), clients: map[id.ID]*borrower{}, supplying: map[*branch]money.Amount{},
		owed: map[settlement.Method]money.Amount{}, taken: map[id.ID]*trackedLoan{}, unidentified: map[int][]deposit{},
	}
	s.agenda = make(agenda, o.Days)
	s.audit = newAudit()
	s.planArrivals()
	if o.Files != nil {
		content := logo()
		s.copyOfID = client.Document{MediaType: "image/png", Size: len(content)}
		var err error
		if s.copyOfID.SHA256, err = o.Files.Save(ctx, content); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// ErrNotEmpty is returned for a database that is not empty.
var ErrNotEmpty = errors.New("the database already has clients or entries: a simulation needs an empty one")

// Empty reports whether the database has no clients and no entries.
func Empty(ctx context.Context, d *db.DB) (empty bool, err error) {
	batch := &db.Batch{}
	batch.Query("SELECT NOT EXISTS (SELECT 1 FROM clients) AND NOT EXISTS (SELECT 1 FROM journal)", func(s db.Scanner) error { return s.Scan(&empty) })
	return empty, d.ReadPrimary(ctx, batch)
}
