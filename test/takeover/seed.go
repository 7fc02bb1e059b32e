// Package takeover tests the import of data from other systems. Its Seed is a database that the
// seed, the Python system, could have left: with its schema, its rounding and its races.
package takeover

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// schema is that of the seed; its ids come from the program.
const schema = `
CREATE TABLE clients (id uuid PRIMARY KEY, full_name varchar(255) NOT NULL, email varchar(255) NOT NULL UNIQUE, rfc varchar(13) NOT NULL UNIQUE, created_at timestamptz DEFAULT now());
CREATE TABLE loans (id uuid PRIMARY KEY, client_id uuid REFERENCES clients ON DELETE CASCADE, amount numeric(15,2) NOT NULL CHECK (amount > 0), interest_rate numeric(5,4) NOT NULL CHECK (interest_rate >= 0),
	term_months int NOT NULL CHECK (term_months > 0), status varchar(20) NOT NULL DEFAULT 'ACTIVE', granted_at timestamptz DEFAULT now(), current_balance numeric(15,2) NOT NULL);
CREATE TABLE payments (id uuid PRIMARY KEY, loan_id uuid REFERENCES loans ON DELETE CASCADE, amount numeric(15,2) NOT NULL CHECK (amount > 0), payment_date timestamptz DEFAULT now());
CREATE INDEX ON clients (email); CREATE INDEX ON clients (rfc); CREATE INDEX ON loans (client_id); CREATE INDEX ON loans (status); CREATE INDEX ON payments (loan_id);`

// Seed is a database of the seed. Its methods change it as the seed does.
type Seed struct {
	conn *pgx.Conn
	ctx  context.Context
	at   time.Time // of the next row
	ids  int
	last string // id of the last row
}

// NewSeed creates the schema in an empty database.
func NewSeed(ctx context.Context, url string) (*Seed, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, schema)
	return &Seed{conn: conn, ctx: ctx, at: time.Date(2025, 3, 10, 15, 4, 5, 182_806_000, time.UTC)}, err
}

// Close ends the connection.
func (s *Seed) Close() { _ = s.conn.Close(s.ctx) }

// id returns the next id, which looks random as those of the seed do.
func (s *Seed) id() string {
	s.ids++
	n := uint64(s.ids) * 0x9e3779b97f4a7c15
	s.last = fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", uint32(n>>32), uint16(n>>16), n&0xfff, n>>20&0xfff, n&0xffffffffffff)
	return s.last
}

// next moves the clock of the seed.
func (s *Seed) next() time.Time {
	s.at = s.at.Add(7 * time.Minute)
	return s.at
}

// exec executes a statement, which cannot fail.
func (s *Seed) exec(sql string, args ...any) {
	if _, err := s.conn.Exec(s.ctx, sql, args...); err != nil {
		panic(fmt.Errorf("%s: %w", sql, err))
	}
}

// Client registers a client.
func (s *Seed) Client(name, email, rfc string) string {
	x := s.id()
	s.exec("INSERT INTO clients VALUES ($1, $2, $3, $4, $5)", x, name, email, rfc, s.next())
	return x
}

// Loan grants a loan. The database rounds the amount and the rate.
func (s *Seed) Loan(client, amount, rate string, term int) string {
	x := s.id()
	s.exec("INSERT INTO loans VALUES ($1, $2, $3::text::numeric, $4::text::numeric, $5, 'ACTIVE', $6, $3::text::numeric)", x, client, amount, rate, term, s.next())
	return x
}

// Pay receives a payment. The database rounds the payment and the new balance apart.
func (s *Seed) Pay(loan, amount string) { s.Race(loan, amount, 1) }

// Race receives payments at the same time: all read the balance before the first one writes it.
func (s *Seed) Race(loan, amount string, times int) {
	var balance string
	if err := s.conn.QueryRow(s.ctx, "SELECT current_balance::text FROM loans WHERE id = $1", loan).Scan(&balance); err != nil {
		panic(err)
	}
	for range times {
		s.exec("INSERT INTO payments VALUES ($1, $2, $3::text::numeric, $4)", s.id(), loan, amount, s.next())
		s.exec("UPDATE loans SET current_balance = $2::text::numeric - $3::text::numeric, status = CASE WHEN $2::text::numeric - $3::text::numeric = 0 THEN 'PAID_OFF' ELSE status END WHERE id = $1", loan, balance, amount)
	}
}

// Twice receives a payment that the caller sends again, because the answer to the first was 500.
func (s *Seed) Twice(loan, amount string) {
	s.Pay(loan, amount)
	s.at = s.at.Add(-7*time.Minute + 2*time.Second)
	s.Pay(loan, amount)
}

// Set changes a loan by hand.
func (s *Seed) Set(loan, column, value string) {
	s.exec("UPDATE loans SET "+column+" = $2::text::"+map[string]string{"status": "varchar", "current_balance": "numeric", "term_months": "int"}[column]+" WHERE id = $1", loan, value)
}
