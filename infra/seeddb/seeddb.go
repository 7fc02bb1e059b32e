// Package seeddb reads the PostgreSQL database of the seed, the Python system that this one
// replaces: its three tables, in one snapshot and in the order of their ids.
package seeddb

import (
	"context"
	"fmt"
	"iter"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Client is a row of clients. A value that is NULL is zero.
type Client struct {
	ID                   id.ID
	FullName, Email, RFC string
	CreatedAt            time.Time
}

// Loan is a row of loans. An id or a moment without a value is zero.
type Loan struct {
	ID, ClientID    id.ID
	Amount, Balance money.Amount
	Rate            rate.Annual
	Term            int64
	Status          string
	GrantedAt       time.Time
	Empty           []string // columns of numbers without a value: NULL or NaN
}

// Payment is a row of payments. An id or a moment without a value is zero.
type Payment struct {
	ID, LoanID id.ID
	Amount     money.Amount
	PaidAt     time.Time
	Empty      []string // columns of numbers without a value: NULL or NaN
}

// Seed is a snapshot of a database of the seed.
type Seed struct {
	Name                     string // host and database
	Clients, Loans, Payments int64  // numbers of rows

	Balance, Paid money.Amount // sums of the balances and of the payments

	conn *pgx.Conn
}

// Open connects to the database and begins a snapshot, which changes nothing. The caller closes
// it.
func Open(ctx context.Context, url string) (*Seed, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	s := &Seed{Name: fmt.Sprintf("%s:%d/%s", cfg.Host, cfg.Port, cfg.Database)}
	if s.conn, err = pgx.ConnectConfig(ctx, cfg); err != nil {
		return nil, err
	}
	_, err = s.conn.Exec(ctx, "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
	if err == nil {
		var balance, paid pgtype.Numeric
		err = s.conn.QueryRow(ctx, `SELECT (SELECT count(*) FROM clients), (SELECT count(*) FROM loans), (SELECT count(*) FROM payments),
			(SELECT sum(current_balance) FROM loans), (SELECT sum(amount) FROM payments)`).Scan(&s.Clients, &s.Loans, &s.Payments, &balance, &paid)
		s.Balance, s.Paid = money.Amount(fixed(balance, 2)), money.Amount(fixed(paid, 2))
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("the database of the seed: %w", err)
	}
	return s, nil
}

// Close ends the snapshot.
func (s *Seed) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.conn.Close(ctx)
}

// EachClient iterates over the clients.
func (s *Seed) EachClient(ctx context.Context) iter.Seq2[Client, error] {
	return each(ctx, s.conn, "SELECT id, full_name, email, rfc, created_at FROM clients ORDER BY created_at, id", func(r pgx.Rows) (c Client, err error) {
		var name, email, rfc pgtype.Text
		var created pgtype.Timestamptz
		err = r.Scan((*[16]byte)(&c.ID), &name, &email, &rfc, &created)
		c.FullName, c.Email, c.RFC, c.CreatedAt = name.String, email.String, rfc.String, created.Time
		return c, err
	})
}

// EachLoan iterates over the loans.
func (s *Seed) EachLoan(ctx context.Context) iter.Seq2[Loan, error] {
	return each(ctx, s.conn, "SELECT id, client_id, amount, current_balance, interest_rate, term_months, status, granted_at FROM loans ORDER BY id", func(r pgx.Rows) (l Loan, err error) {
		var amount, balance, annual pgtype.Numeric
		var client pgtype.UUID
		var term pgtype.Int8
		var status pgtype.Text
		var granted pgtype.Timestamptz
		err = r.Scan((*[16]byte)(&l.ID), &client, &amount, &balance, &annual, &term, &status, &granted)
		l.ClientID, l.Term, l.Status, l.GrantedAt = client.Bytes, term.Int64, status.String, granted.Time
		l.Amount, l.Balance, l.Rate = money.Amount(fixed(amount, 2)), money.Amount(fixed(balance, 2)), rate.Annual(fixed(annual, 6))
		l.Empty = empty(column{"amount", amount}, column{"current_balance", balance}, column{"interest_rate", annual})
		return l, err
	})
}

// EachPayment iterates over the payments.
func (s *Seed) EachPayment(ctx context.Context) iter.Seq2[Payment, error] {
	return each(ctx, s.conn, "SELECT id, loan_id, amount, payment_date FROM payments ORDER BY id", func(r pgx.Rows) (p Payment, err error) {
		var amount pgtype.Numeric
		var loan pgtype.UUID
		var paid pgtype.Timestamptz
		err = r.Scan((*[16]byte)(&p.ID), &loan, &amount, &paid)
		p.LoanID, p.PaidAt, p.Amount, p.Empty = loan.Bytes, paid.Time, money.Amount(fixed(amount, 2)), empty(column{"amount", amount})
		return p, err
	})
}

// column is a number in a row.
type column struct {
	name  string
	value pgtype.Numeric
}

// empty returns the names of the columns without a value.
func empty(columns ...column) (names []string) {
	for _, c := range columns {
		if c.value.Int == nil {
			names = append(names, c.name)
		}
	}
	return names
}

// fixed returns a number in units of 10^-places. The columns have no more places.
func fixed(n pgtype.Numeric, places int32) int64 {
	if n.Int == nil {
		return 0
	}
	out := new(big.Int).Set(n.Int)
	ten := big.NewInt(10)
	for e := n.Exp + places; e != 0; {
		if e > 0 {
			out.Mul(out, ten)
			e--
		} else {
			out.Quo(out, ten)
			e++
		}
	}
	return out.Int64()
}

// page is the number of rows that are read at a time.
const page = 5000

// each iterates over the rows of a query with a cursor.
func each[R any](ctx context.Context, conn *pgx.Conn, sql string, scan func(pgx.Rows) (R, error)) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var none R
		if _, err := conn.Exec(ctx, "DECLARE part NO SCROLL CURSOR FOR "+sql); err != nil {
			yield(none, err)
			return
		}
		for more := true; more; {
			rows, err := conn.Query(ctx, fmt.Sprintf("FETCH %d FROM part", page), pgx.QueryExecModeDescribeExec)
			if err != nil {
				yield(none, err)
				return
			}
			more = false
			for rows.Next() {
				more = true
				row, err := scan(rows)
				if !yield(row, err) || err != nil {
					rows.Close()
					return
				}
			}
			if err := rows.Err(); err != nil {
				yield(none, err)
				return
			}
		}
		if _, err := conn.Exec(ctx, "CLOSE part"); err != nil {
			yield(none, err)
		}
	}
}
