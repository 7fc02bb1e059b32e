package view

import (
	"context"
	"fmt"

	"sofipo/core/money"
	"sofipo/infra/db"
)

// Check is one thing that must hold of the books, and whether it does.
type Check struct {
	Name  string
	Found string // what was counted
	Err   error  // what is wrong
}

// invariant is a query for the number of breaches and the number of rows looked at.
type invariant struct{ name, sql string }

var invariants = []invariant{
	{"entries balance", `SELECT count(*) FILTER (WHERE p.debits IS NULL OR p.lines < 2 OR p.debits <> p.credits), count(*)
		FROM entries e LEFT JOIN (SELECT entry_id, count(*) AS lines, sum(debit) AS debits, sum(credit) AS credits FROM postings GROUP BY entry_id) p
		ON p.entry_id = e.id`},
	{"postings have their entry", `SELECT count(*) FILTER (WHERE e.id IS NULL), count(*) FROM postings p LEFT JOIN entries e ON e.id = p.entry_id`},
	{"principal equals sub-ledger", `SELECT count(*) FILTER (WHERE l.balance <> coalesce(p.principal, 0)), count(*)
		FROM loans l LEFT JOIN (SELECT subject, sum(debit) - sum(credit) AS principal FROM postings WHERE account = '1301' GROUP BY subject) p
		ON p.subject = l.id`},
	{"balances equal payments", `SELECT count(*) FILTER (WHERE l.amount - l.balance <> coalesce(p.paid, 0)), count(*)
		FROM loans l LEFT JOIN (SELECT loan_id, sum(amount) AS paid FROM payments GROUP BY loan_id) p ON p.loan_id = l.id`},
	{"payments have their entry", `SELECT count(*) FILTER (WHERE e.id IS NULL), count(*)
		FROM payments p LEFT JOIN entries e ON e.reference = p.id AND e.kind = 'payment_received'`},
	{"loans per client", `SELECT count(*) FILTER (WHERE c.loans <> coalesce(l.loans, 0)), count(*)
		FROM clients c LEFT JOIN (SELECT client_id, count(*) AS loans FROM loans GROUP BY client_id) l ON l.client_id = c.id`},
}

// Checks looks at every invariant of the books, on the primary, and at the
// trial balance.
func (v *View) Checks(ctx context.Context) []Check {
	out := make([]Check, 0, len(invariants)+1)
	for _, i := range invariants {
		var breaches, rows int64
		batch := &db.Batch{}
		batch.Query(i.sql, func(s db.Scanner) error { return s.Scan(&breaches, &rows) })
		err := v.db.ReadPrimary(ctx, batch)
		if err == nil && breaches > 0 {
			err = fmt.Errorf("%d of %d do not", breaches, rows)
		}
		out = append(out, Check{i.name, fmt.Sprintf("%d rows", rows), err})
	}
	return append(out, v.trialBalance(ctx))
}

func (v *View) trialBalance(ctx context.Context) Check {
	var debits, credits money.Amount
	batch := &db.Batch{}
	batch.Query("SELECT coalesce(sum(debit), 0)::bigint, coalesce(sum(credit), 0)::bigint FROM postings",
		func(s db.Scanner) error { return s.Scan(&debits, &credits) })
	err := v.db.ReadPrimary(ctx, batch)
	if err == nil && debits != credits {
		err = fmt.Errorf("debits %s, credits %s", debits, credits)
	}
	return Check{"trial balance", debits.String() + " on each side", err}
}
