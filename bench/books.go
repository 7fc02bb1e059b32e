package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/loan"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/infra/outbox"
)

// books is what a database was filled with: clients, each with one loan on
// which one payment was received, and the entries of all that.
type books struct {
	rfcs     []string
	holders  []id.ID
	loans    []id.ID
	accepted int // payments that there must be in the end
}

// The amounts, in centavos: no run pays a loan off.
const (
	lent money.Amount = 100_000_000
	paid money.Amount = 100
)

// How the tables are filled: straight, since the way in is not what is measured here.
var (
	clientRows  = db.Insert("clients", db.ID("id"), db.Text("rfc"), db.Text("email"), db.Text("full_name"), db.Int("loans"), db.Time("created_at"))
	loanRows    = db.Insert("loans", db.ID("id"), db.ID("client_id"), db.Int("amount"), db.Int("rate"), db.Int("term_months"), db.Text("status"), db.Int("balance"), db.Time("granted_at"))
	paymentRows = db.Insert("payments", db.ID("id"), db.ID("loan_id"), db.Int("amount"), db.Time("paid_at"))
	postingRows = db.Insert("postings", db.ID("entry_id"), db.Int("line"), db.Text("account"), db.ID("subject"), db.Int("debit"), db.Int("credit"))
	entryRows   = db.Insert("entries", db.ID("id"), db.Day("business_date"), db.Time("posted_at"), db.Text("kind"), db.ID("reference"), db.ID("reverses"))
)

// fill makes the schema and fills it.
func fill(ctx context.Context, config db.Config, clients int) (*books, error) {
	database, err := db.Open(config)
	if err != nil {
		return nil, err
	}
	defer database.Close()
	if _, err := database.Migrate(ctx); err != nil {
		return nil, err
	}
	session := database.Session()
	defer session.Close()
	made := &books{accepted: clients}
	random := rand.New(rand.NewPCG(1, 2))
	const step = 10_000
	for from := 0; from < clients; from += step {
		if err := session.Begin(ctx, &db.Batch{}); err != nil {
			return nil, err
		}
		if _, err := session.Commit(ctx, made.add(random, from, min(from+step, clients))); err != nil {
			return nil, fmt.Errorf("fill: %w", err)
		}
	}
	if config.PrimaryURL == "" {
		return made, nil
	}
	return made, vacuum(ctx, config.PrimaryURL)
}

// add makes the clients of the numbers from up to before and all that is theirs.
func (b *books) add(random *rand.Rand, from, before int) *db.Batch {
	now := time.Now().UTC().Truncate(time.Microsecond)
	clients, loans, payments := clientRows.Rows(), loanRows.Rows(), paymentRows.Rows()
	postings, entries := postingRows.Rows(), entryRows.Rows()
	post := func(e ledger.Entry) {
		for line, p := range e.Postings {
			postings.Add(e.ID, int64(line), string(p.Account), p.Subject, int64(p.Debit), int64(p.Credit))
		}
		entries.Add(e.ID, e.BusinessDate, e.PostedAt, e.Kind, e.Reference, e.Reverses)
	}
	for n := from; n < before; n++ {
		c := client.Client{ID: newID(random, now), RFC: rfc(n), FullName: "María Fernández Ñuño", Email: fmt.Sprintf("client%d@example.com", n), CreatedAt: now}
		l := loan.Loan{ID: newID(random, now), ClientID: c.ID, Amount: lent, Rate: 150_000, TermMonths: 24, Status: loan.Active, GrantedAt: now, Balance: lent - paid}
		p := loan.Payment{ID: newID(random, now), LoanID: l.ID, ClientID: c.ID, Amount: paid, PaidAt: now}
		clients.Add(c.ID, c.RFC, c.Email, c.FullName, int64(1), c.CreatedAt)
		loans.Add(l.ID, l.ClientID, int64(l.Amount), int64(l.Rate), int64(l.TermMonths), string(l.Status), int64(l.Balance), l.GrantedAt)
		payments.Add(p.ID, p.LoanID, int64(p.Amount), p.PaidAt)
		post(accounting.LoanGranted(newID(random, now), civil.DateOf(now), l))
		post(accounting.PaymentReceived(newID(random, now), civil.DateOf(now), p))
		b.rfcs, b.holders, b.loans = append(b.rfcs, c.RFC), append(b.holders, c.ID), append(b.loans, l.ID)
	}
	batch := &db.Batch{}
	for _, rows := range []*db.Rows{clients, loans, payments, postings, entries} {
		batch.Save(rows)
	}
	return batch
}

// rfc makes the n-th RFC of 13 characters, n below 17,576,000.
func rfc(n int) string {
	letter := func(k int) byte { return byte('A' + k%26) }
	return fmt.Sprintf("%c%c%cX800101%03d", letter(n/1000/26/26), letter(n/1000/26), letter(n/1000), n%1000)
}

func newID(random *rand.Rand, at time.Time) id.ID {
	var bits [16]byte
	binary.BigEndian.PutUint64(bits[:8], random.Uint64())
	binary.BigEndian.PutUint64(bits[8:], random.Uint64())
	return id.New(at, [10]byte(bits[:10]))
}

// vacuum leaves nothing for PostgreSQL to tidy up while it is measured.
func vacuum(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, "VACUUM ANALYZE")
	return err
}

// drained waits until every event has been relayed, so that the relay does not
// work into the next measurement. It gives the number that waited at first.
func drained(ctx context.Context, config db.Config) (waited int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	database, err := db.Open(config)
	if err != nil {
		return 0, err
	}
	defer database.Close()
	if waited, err = outbox.Backlog(ctx, database); err != nil {
		return 0, err
	}
	for left := waited; left > 0; {
		time.Sleep(100 * time.Millisecond)
		if left, err = outbox.Backlog(ctx, database); err != nil {
			return 0, fmt.Errorf("%d events wait to be relayed: %w", left, err)
		}
	}
	return waited, nil
}

// verify compares the payments in the database with those that were accepted,
// and with what the loans' balances were lowered by.
func (b *books) verify(ctx context.Context, config db.Config) error {
	database, err := db.Open(config)
	if err != nil {
		return err
	}
	defer database.Close()
	var count int
	var received, lowered money.Amount
	batch := &db.Batch{}
	batch.Query("SELECT count(*), sum(amount)::bigint FROM payments", func(s db.Scanner) error { return s.Scan(&count, &received) })
	batch.Query("SELECT sum(amount - balance)::bigint FROM loans", func(s db.Scanner) error { return s.Scan(&lowered) })
	if err := database.ReadPrimary(ctx, batch); err != nil {
		return err
	}
	if count != b.accepted || received != lowered || received != paid*money.Amount(b.accepted) {
		return fmt.Errorf("%d payments of %s were accepted; the database has %d of %s in all, and balances lowered by %s",
			b.accepted, paid, count, received, lowered)
	}
	return nil
}
