// Package checks verifies the stored books. "sofipo doctor" prints the result of each check,
// and the simulation stops at the first failure.
package checks

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/infra/db"
)

// Check is the result of one check.
type Check struct {
	Name    string
	Found   string // what was examined, such as "120 rows"
	Err     error  // what is wrong; nil if the check passed
	Warning bool   // Err needs attention, but is no failure
}

// Severity is how urgent the result of a check is.
type Severity string

// The severities.
const (
	OK      Severity = "ok"
	Warning Severity = "warning"
	Failure Severity = "failure"
)

// Severity returns how urgent the result is.
func (c Check) Severity() Severity {
	switch {
	case c.Err == nil:
		return OK
	case c.Warning:
		return Warning
	default:
		return Failure
	}
}

// invariant is a check as a query. The query returns the number of violations and the number
// of examined rows.
type invariant struct{ name, sql string }

// The first and the last closed day, in SQL.
const (
	firstClosed = "(SELECT min(day) FROM business_days WHERE status = 'CLOSED')"
	lastClosed  = "(SELECT max(day) FROM business_days WHERE status = 'CLOSED')"
)

// positioned lists the accounts that the daily positions explain, in SQL.
const positioned = "'1301', '1302', '1351', '1352', '1390', '1391', '1410', '7101'"

// common lists the accounts without rows in journal_accounts, in SQL.
var common = quoted(accounting.CommonAccounts())

// quoted returns a list of accounts in SQL.
func quoted(accounts []ledger.Account) string {
	list := make([]string, len(accounts))
	for i, a := range accounts {
		list[i] = "'" + string(a) + "'"
	}
	return strings.Join(list, ", ")
}

// Months of the journal can be detached, see bank/months. The rows that are left begin with the id begins,
// and have all entries dated after the day detached. Other days and rows are compared by the totals of
// closed days, which stay.
const (
	begins   = bank.JournalBegins
	detached = bank.JournalDetached
)

// entered is the condition that all entries of a day are in the journal, in SQL; carried has the totals of
// the other days.
const (
	entered = "(business_date > " + detached + " OR business_date < " + firstClosed + ")"
	carried = "(SELECT account, debit - credit AS amount FROM account_days WHERE day >= " + firstClosed + " AND day <= " + detached + ")"
)

// sums adds up, in SQL, the postings of the accounts that the invariants in bySums compare,
// by account and subject. One pass over the journal serves all of them. The subjects that have entries in
// detached months are not compared one by one.
const sums = `WITH sums AS MATERIALIZED (SELECT account, subject, sum(amount)::bigint AS amount FROM posted
		WHERE account IN (` + positioned + `, '1420', '2401', '2404', '7102') AND ` + entered + ` GROUP BY account, subject),
	earlier AS MATERIALIZED (SELECT id FROM loans WHERE opened <= ` + detached + ` UNION ALL SELECT id FROM incoming_payments WHERE taken_on <= ` + detached + `)`

// bySums are the invariants that read sums.
var bySums = []invariant{
	control(always, "principal of each loan", "amount", "balance", "1301", "1351"),
	control(untilClosed, "interest receivable of each loan", "amount", "interest_due", "1302"),
	control(untilClosed, "IVA receivable of each loan", "amount", "iva_due", "1410"),
	control(untilClosed, "IVA receivable of each loan", "-amount", "iva_due", "2401"),
	control(always, "unapplied funds of each loan", "-amount", "unapplied", "2404"),
	// Manual entries of earlier versions may have posted to 1420.
	{"1420 equals the deposits in suspense", `SELECT count(*) FILTER (WHERE difference <> 0 AND manual = 0), count(*) FROM
		(SELECT d.id, sum(d.amount) AS difference, count(v.id) AS manual FROM
			(SELECT id, CASE status WHEN 'SUSPENSE' THEN amount ELSE 0 END AS amount FROM incoming_payments WHERE entry_id IS NOT NULL
			UNION ALL SELECT subject, amount FROM sums WHERE account = '1420') d LEFT JOIN manual_entries v ON v.id = d.id
			WHERE d.id NOT IN (SELECT id FROM earlier) GROUP BY d.id) l`},
	control(always, "written-off debt of each loan", "amount", "written_off", "7102"),
	{"1410 equals 2401", `SELECT count(*) FILTER (WHERE balance <> 0), count(*) FROM (SELECT sum(amount) AS balance FROM
		(SELECT account, amount FROM sums UNION ALL SELECT account, amount FROM ` + carried + ` c) b WHERE account IN ('1410', '2401')) p`},
	// The books at the end of that day are all postings without the later ones.
	{"the ledger equals the last daily positions", `SELECT count(*) FILTER (WHERE amount <> 0), count(*) FROM (SELECT account, sum(amount) AS amount FROM
			(SELECT account, -CASE account WHEN '1301' THEN balance WHEN '1351' THEN balance WHEN '1410' THEN iva WHEN '7101' THEN suspended
					WHEN '1390' THEN -provision WHEN '1391' THEN -reserve ELSE interest END AS amount
				FROM portfolio, (SELECT '1301' AS account, 1 AS low, 2 AS high UNION ALL SELECT '1302', 1, 2 UNION ALL SELECT '1351', 3, 3 UNION ALL SELECT '1352', 3, 3
					UNION ALL SELECT '1390', 1, 3 UNION ALL SELECT '1391', 1, 3 UNION ALL SELECT '1410', 1, 3 UNION ALL SELECT '7101', 1, 3) a
				WHERE stage BETWEEN low AND high AND day = ` + lastClosed + `
			UNION ALL SELECT account, amount FROM sums WHERE account IN (` + positioned + `) AND ` + lastClosed + ` IS NOT NULL
			UNION ALL SELECT account, amount FROM ` + carried + ` c WHERE account IN (` + positioned + `)
			UNION ALL SELECT account, -amount FROM posted WHERE business_date > ` + lastClosed + ` AND account IN (` + positioned + `)) b
		WHERE account IN ('1301', '1351', '1390', '1391') OR NOT EXISTS (SELECT 1 FROM loans WHERE interest_posted_on > ` + lastClosed + `) GROUP BY account) a`},
}

var invariants = []invariant{
	{"portfolio totals equal the daily positions", `SELECT count(*) FILTER (WHERE loans <> 0 OR balance <> 0 OR overdue <> 0 OR interest <> 0 OR suspended <> 0 OR iva <> 0 OR provision <> 0 OR reserve <> 0), coalesce(sum(counted), 0)::bigint FROM
		(SELECT sum(loans) AS loans, sum(balance) AS balance, sum(overdue_principal) AS overdue, sum(interest) AS interest, sum(suspended) AS suspended, sum(iva) AS iva,
				sum(provision) AS provision, sum(reserve) AS reserve, sum(counted) AS counted FROM
			(SELECT product, days_past_due, stage, loans, balance, overdue_principal, interest, suspended, iva, provision, reserve, 0 AS counted FROM portfolio WHERE day = ` + lastClosed + `
			UNION ALL SELECT product, days_past_due, stage, -1, -balance, -overdue_principal, -interest, -suspended, -iva, -provision, -reserve, 1 FROM daily_positions WHERE day = ` + lastClosed + `) b
		GROUP BY product, days_past_due, stage) f`},
	{"portfolio totals by owner equal the portfolio", `SELECT count(*) FILTER (WHERE loans <> 0 OR balance <> 0 OR interest <> 0 OR provision <> 0), coalesce(sum(counted), 0)::bigint FROM
		(SELECT sum(loans) AS loans, sum(balance) AS balance, sum(interest) AS interest, sum(provision) AS provision, sum(counted) AS counted FROM
			(SELECT day, product, stage, loans, balance, interest, provision, 0 AS counted FROM portfolio_owners
			UNION ALL SELECT day, product, stage, -loans, -balance, -interest, -provision - reserve, 1 FROM portfolio WHERE day = ` + lastClosed + `) b
		WHERE day = ` + lastClosed + ` GROUP BY product, stage) f`},
	{"money moved on closed days equals the transactions", `SELECT count(*) FILTER (WHERE n <> 0 OR amount <> 0), count(*) FROM
		(SELECT sum(n) AS n, sum(amount) AS amount FROM
			(SELECT day, kind, count AS n, amount FROM money_days
			UNION ALL SELECT m.business_date, m.kind, -1, -CASE WHEN m.kind = 'cancellation' THEN l.amount ELSE m.amount END
				FROM loan_transactions m JOIN loans l ON l.id = m.loan_id WHERE m.amount > 0 OR m.kind = 'cancellation') b
		WHERE day >= ` + firstClosed + ` AND day <= ` + lastClosed + ` GROUP BY day, kind) s`},
	{"daily account totals equal the entries", `SELECT count(*) FILTER (WHERE debit <> 0 OR credit <> 0), count(*) FROM
		(SELECT sum(debit) AS debit, sum(credit) AS credit FROM
			(SELECT day, account, debit, credit FROM account_days
			UNION ALL SELECT business_date, account, -debit, -credit FROM posted) b
		WHERE day >= ` + firstClosed + ` AND day > ` + detached + ` AND day <= ` + lastClosed + ` GROUP BY day, account) s`},
	{"closed days have the right number of loans", `SELECT count(*) FILTER (WHERE d.positions <> coalesce(f.loans, 0)), count(*) FROM business_days d
		LEFT JOIN (SELECT day, sum(loans) AS loans FROM portfolio GROUP BY day) f ON f.day = d.day WHERE d.status = 'CLOSED'`},
	{"loans equal their last daily positions", `SELECT count(*) FILTER (WHERE loans = 0 OR settled = 1 AND (positions <> active OR active = 1 AND (balance <> 0 OR unapplied <> 0))), count(*) FROM
		(SELECT id, sum(loans) AS loans, sum(settled) AS settled, sum(active) AS active, sum(positions) AS positions, sum(balance) AS balance, sum(unapplied) AS unapplied FROM
			(SELECT id, 1 AS loans, CASE WHEN moved <= ` + lastClosed + ` THEN 1 ELSE 0 END AS settled, CASE WHEN status IN ('ACTIVE', 'RESTRUCTURED') THEN 1 ELSE 0 END AS active,
				0 AS positions, balance, unapplied FROM loans WHERE opened <= ` + lastClosed + `
			UNION ALL SELECT loan_id, 0, 0, 0, 1, -balance, -unapplied FROM daily_positions WHERE day = ` + lastClosed + `) b GROUP BY id) l`},

	{"transactions have their journal entry", `SELECT count(*) FILTER (WHERE CASE WHEN m.entry_id IS NULL THEN m.amount > 0 OR m.kind = 'write_off'
			ELSE e.kind IS NULL OR e.reference <> m.id END), count(*)
		FROM loan_transactions m LEFT JOIN journal e ON e.id = m.entry_id WHERE ` + here("m.entry_id")},
	// The source is a transaction, a manual entry, a loan that changed its stage, cash of
	// a till, a transfer of funds, opening balances, or the close of a day. SQLite creates an index for the materialized table; without it, it
	// would read all transactions of the loan for each entry.
	{"journal entries have a source", `WITH done AS MATERIALIZED (SELECT loan_id, id FROM loan_transactions)
		SELECT count(*) FILTER (WHERE m.id IS NULL AND v.id IS NULL AND l.id IS NULL AND d.day IS NULL AND k.id IS NULL AND f.id IS NULL AND i.id IS NULL AND o.id IS NULL), count(*) FROM journal e
		LEFT JOIN done m ON m.loan_id = e.subject AND m.id = e.reference
		LEFT JOIN manual_entries v ON v.id = e.reference AND v.entry_id = e.id
		LEFT JOIN loans l ON l.id = e.reference AND l.id = e.subject AND e.kind = 'loan_reclassified'
		LEFT JOIN cash_moves k ON k.id = e.reference AND k.entry_id = e.id
		LEFT JOIN fund_transfers f ON f.id = e.reference AND f.entry_id = e.id
		LEFT JOIN incoming_payments i ON i.id = e.reference AND i.id = e.subject
		LEFT JOIN imports o ON o.id = e.reference AND o.id = e.subject AND e.kind = 'opening_balances'
		LEFT JOIN business_days d ON d.day = e.business_date AND e.kind IN ('interest_accrued', 'opening_fee_amortised', 'provision_changed') AND e.reference <> e.subject
		WHERE e.kind IS NOT NULL`},
	{"transaction numbers have no gap", `SELECT count(*) FILTER (WHERE CASE WHEN l.version = 0 THEN m.count IS NOT NULL
			ELSE m.count IS NULL OR m.first <> 0 OR m.last <> l.transactions OR m.count <> l.transactions + 1 END), count(*)
		FROM loans l LEFT JOIN (SELECT loan_id, min(number) AS first, max(number) AS last, count(*) AS count FROM loan_transactions GROUP BY loan_id) m ON m.loan_id = l.id`},
	{"reversals match reversed transactions", `SELECT count(*) FILTER (WHERE CASE WHEN m.kind = 'reversal' THEN t.id IS NULL ELSE r.id IS NULL END), count(*)
		FROM loan_transactions m
		LEFT JOIN loan_transactions r ON r.loan_id = m.loan_id AND r.id = m.reversed_by AND r.reverses = m.id AND r.kind = 'reversal' AND r.number > m.number
		LEFT JOIN loan_transactions t ON t.loan_id = m.loan_id AND t.id = m.reverses AND t.reversed_by = m.id
		WHERE m.kind = 'reversal' OR m.reversed_by IS NOT NULL`},
	{"mirror entries cancel their originals", `SELECT count(*) FILTER (WHERE debit <> 0 OR credit <> 0), count(*) FROM
		(SELECT sum(debit) AS debit, sum(credit) AS credit FROM
			(SELECT entry_id AS id, account, subject, debit, credit FROM posted WHERE reverses >= ` + begins + `
			UNION ALL SELECT e.id, o.account, o.subject, -o.credit, -o.debit FROM journal e CROSS JOIN posted o WHERE e.reverses >= ` + begins + ` AND o.entry_id = e.reverses) b
		GROUP BY id, account, subject) m`},
	{"reversed transactions have a mirror entry", `SELECT count(*) FILTER (WHERE coalesce(e.count, 0) <> CASE WHEN m.reversed_by IS NULL THEN 0 ELSE 1 END), count(*)
		FROM loan_transactions m LEFT JOIN (SELECT reverses, count(*) AS count FROM journal WHERE reverses IS NOT NULL GROUP BY reverses) e ON e.reverses = m.entry_id
		WHERE m.entry_id >= ` + begins + ` AND m.kind <> 'disbursement'`},
	{"incoming payments have their transaction or entry", `SELECT count(*) FILTER (WHERE CASE WHEN p.loan_id IS NOT NULL THEN m.id IS NULL OR m.amount <> p.amount OR m.client_id <> p.client_id ELSE FALSE END
			OR CASE WHEN p.entry_id IS NOT NULL THEN e.kind IS NULL OR e.kind <> 'deposit_suspended' OR e.reference <> p.id ELSE FALSE END), count(*)
		FROM incoming_payments p LEFT JOIN loan_transactions m ON m.loan_id = p.loan_id AND m.id = p.transaction_id LEFT JOIN journal e ON e.id = p.entry_id WHERE ` + here("p.entry_id")},
	{"complete bank files have all their payments", `SELECT count(*) FILTER (WHERE f.status = 'DONE' AND (coalesce(p.applied, 0) <> f.applied OR coalesce(p.suspended, 0) <> f.suspended)), count(*)
		FROM bank_files f LEFT JOIN (SELECT file_id, count(*) FILTER (WHERE waiting = 0) AS applied, count(*) FILTER (WHERE waiting > 0) AS suspended FROM
			(SELECT file_id, line, count(entry_id) AS waiting FROM incoming_payments GROUP BY file_id, line) l GROUP BY file_id) p ON p.file_id = f.id`},
	{"manual entries have their journal entry", `SELECT count(*) FILTER (WHERE CASE WHEN v.status = 'POSTED'
			THEN e.kind IS NULL OR e.kind <> 'manual' OR e.reference <> v.id OR e.business_date <> v.entry_date ELSE v.entry_id IS NOT NULL END), count(*)
		FROM manual_entries v LEFT JOIN journal e ON e.id = v.entry_id WHERE ` + here("v.entry_id")},
	{"loans have all their schedules", `SELECT count(*) FILTER (WHERE CASE WHEN l.version = 0 THEN v.count IS NOT NULL
			ELSE v.count IS NULL OR v.first <> 1 OR v.last <> l.version OR v.count <> l.version END), count(*)
		FROM loans l LEFT JOIN (SELECT loan_id, min(serial) AS first, max(serial) AS last, count(*) AS count FROM loan_versions GROUP BY loan_id) v ON v.loan_id = l.id`},
	{"entries are listed under their accounts", `SELECT count(*) FILTER (WHERE listed <> 1 OR posted <> 1), count(*) FROM (SELECT sum(listed) AS listed, sum(posted) AS posted FROM
		(SELECT account, business_date, entry_id, 1 AS listed, 0 AS posted FROM journal_accounts WHERE entry_id >= ` + begins + `
		UNION ALL SELECT DISTINCT account, business_date, entry_id, 0, 1 FROM posted WHERE account NOT IN (` + common + `) AND entry_id >= ` + begins + `) b GROUP BY account, business_date, entry_id) a`},
	{"clients have the right number of loans", `SELECT count(*) FILTER (WHERE c.loans <> coalesce(l.loans, 0)), count(*)
		FROM clients c LEFT JOIN (SELECT client_id, count(*) AS loans FROM loans GROUP BY client_id) l ON l.client_id = c.id`},
	{"promises to pay follow from the payments", `SELECT count(*) FILTER (WHERE CASE p.status WHEN 'OPEN' THEN p.due <= ` + lastClosed + ` WHEN 'CANCELLED' THEN p.decided_on > p.due
			ELSE p.received <> ` + lending.PromisePayments("p.decided_on") + ` OR (p.status = 'KEPT') <> (p.received >= p.amount) END), count(*) FROM promises p`},
	{"collection work names the client of its loan", `SELECT count(*) FILTER (WHERE l.client_id <> w.client_id), count(*) FROM
		(SELECT loan_id, client_id FROM promises UNION ALL SELECT loan_id, client_id FROM collection_contacts
			UNION ALL SELECT loan_id, client_id FROM collection_notes UNION ALL SELECT loan_id, client_id FROM loan_collectors) w
		JOIN loans l ON l.id = w.loan_id`},
	{"screening lists have the right number of entries", `SELECT count(*) FILTER (WHERE l.entries <> coalesce(e.count, 0)), count(*) FROM screening_lists l
		LEFT JOIN (SELECT list, count(*) AS count FROM screening_entries WHERE removed_in = 0 GROUP BY list) e ON e.list = l.code`},
	{"screening keys belong to entries in force", `SELECT count(*) FILTER (WHERE e.removed_in <> 0 OR e.list <> k.list), count(*) FROM screening_keys k
		JOIN screening_entries e ON e.id = k.entry_id`},
	{"clients have claimed what only one may have", `SELECT count(*) FILTER (WHERE h.value IS NULL OR c.value IS NULL), count(*)
		FROM (SELECT rfc AS value, 'rfc' AS kind, id FROM clients WHERE rfc NOT IN ('` + string(mx.GenericPublic) + `', '` + string(mx.GenericForeigner) + `')
			UNION ALL SELECT email, 'email', id FROM clients WHERE email <> '') h
		FULL JOIN client_claims c ON c.value = h.value AND c.kind = h.kind AND c.client_id = h.id`},
	{"clients are found by their RFC", `SELECT count(*) FILTER (WHERE c.id IS NULL OR l.value IS NULL), count(*)
		FROM (SELECT id, rfc FROM clients WHERE rfc NOT IN ('` + string(mx.GenericPublic) + `', '` + string(mx.GenericForeigner) + `')) c
		FULL JOIN (SELECT value, client_id FROM client_lookups WHERE kind = 'rfc') l ON l.client_id = c.id AND l.value = c.rfc`},
}

// here is the condition that a column has no entry, or one of the journal that is left, in SQL.
func here(entry string) string { return "(" + entry + " IS NULL OR " + entry + " >= " + begins + ")" }

// These conditions state when a control account agrees with each single loan. Once days are
// closed, a close posts what the day earned for all loans of a product together. Each query
// returns one row or none.
const (
	always      = "(SELECT 1)"
	untilClosed = "(SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM business_days))"
)

// control returns the invariant that for each loan the control accounts together equal a
// column of the loan, and that no other subject has a balance on them. Therefore they equal
// the total of the sub-ledger. The name says what the column is.
func control(when, name, balance, column string, accounts ...ledger.Account) invariant {
	who, verb := string(accounts[0]), "equals"
	for _, a := range accounts[1:] {
		who, verb = fmt.Sprintf("%s and %s", who, a), "equal"
	}
	return invariant{fmt.Sprintf("%s %s the %s", who, verb, name), fmt.Sprintf(`SELECT count(*) FILTER (WHERE difference <> 0 OR loans = 0), count(*) FROM
		(SELECT id, sum(amount) AS difference, sum(loan) AS loans FROM
			(SELECT id, -%[3]s AS amount, 1 AS loan FROM %[4]s w CROSS JOIN loans UNION ALL SELECT subject, %[2]s, 0 FROM %[4]s w CROSS JOIN sums WHERE account IN (%[1]s)) b
			WHERE id NOT IN (SELECT id FROM earlier) GROUP BY id) l`,
		quoted(accounts), balance, column, when)}
}

// Sample is the usual number of loans to recompute.
const Sample = 1000

// Step performs one check, or a few that are read together.
type Step func(context.Context) []Check

// One returns the step of one check.
func One(check func(context.Context) Check) Step {
	return func(ctx context.Context) []Check { return []Check{check(ctx)} }
}

// timeLimit is the check that fails when another one takes too long.
const timeLimit = "time limit of a check"

// Perform performs the steps, each within the limit; 0 means no limit. A step that takes longer
// fails and is the last one, because a database that does not answer one would not answer the next.
func Perform(ctx context.Context, limit time.Duration, steps []Step) (all []Check) {
	for _, step := range steps {
		if limit == 0 {
			all = append(all, step(ctx)...)
			continue
		}
		limited, cancel := context.WithTimeout(ctx, limit)
		done := step(limited)
		late := limited.Err() != nil && ctx.Err() == nil
		cancel()
		if all = append(all, done...); late {
			return append(all, Check{Name: timeLimit, Err: fmt.Errorf("there was no answer within %s, so the checks after it were not run", limit)})
		}
	}
	return all
}

// Run performs all checks of Steps.
func Run(ctx context.Context, d *db.DB, loans int) []Check { return Perform(ctx, 0, Steps(d, loans)) }

// Steps returns the checks of the primary database. They recompute at most the given number of
// loans, of clients and of clients' files, the newest first; see Loans.
func Steps(d *db.DB, loans int) []Step {
	steps := []Step{
		func(ctx context.Context) []Check { return balances(ctx, d) },
		func(ctx context.Context) []Check { return checkSums(ctx, d) },
	}
	for _, i := range slices.Concat(invariants, ofPlaces, ofAuthority) {
		steps = append(steps, One(func(ctx context.Context) Check {
			var breaches, rows int64
			batch := &db.Batch{}
			batch.Query(i.sql, func(s db.Scanner) error { return s.Scan(&breaches, &rows) })
			return checked(i.name, breaches, rows, "rows", d.ReadPrimary(ctx, batch))
		}))
	}
	sampled := func(check func(context.Context, *db.DB, int) Check) Step {
		return One(func(ctx context.Context) Check { return check(ctx, d, loans) })
	}
	whole := func(check func(context.Context, *db.DB) Check) Step {
		return One(func(ctx context.Context) Check { return check(ctx, d) })
	}
	return append(steps, sampled(clientNames), sampled(clientFiles), whole(checkApprovers), whole(checkFees), whole(closings), whole(businessDays), sampled(Loans))
}

// read runs the batch in one snapshot of the primary: no replica has reached the maximum
// commit token. The function reset runs before each attempt and must clear the results.
func read(ctx context.Context, d *db.DB, batch *db.Batch, reset func()) error {
	batch.Before(reset)
	_, err := d.Read(ctx, math.MaxUint64, batch)
	return err
}

// checked returns a Check that fails if there are violations. The text what describes the
// examined items.
func checked(name string, breaches, looked int64, what string, err error) Check {
	if err == nil && breaches > 0 {
		err = fmt.Errorf("%d of %d are wrong", breaches, looked)
	}
	return Check{Name: name, Found: fmt.Sprintf("%d %s", looked, what), Err: err}
}

// checkSums evaluates the invariants in bySums with one query.
func checkSums(ctx context.Context, d *db.DB) []Check {
	parts := make([]string, len(bySums))
	for i, one := range bySums {
		parts[i] = fmt.Sprintf("SELECT %d AS place, s.* FROM (%s) s", i, one.sql)
	}
	breaches, rows := make([]int64, len(bySums)), make([]int64, len(bySums))
	batch := &db.Batch{}
	batch.Query(sums+" "+strings.Join(parts, " UNION ALL "), func(s db.Scanner) error {
		var place, wrong, all int64
		err := s.Scan(&place, &wrong, &all)
		breaches[place], rows[place] = wrong, all
		return err
	})
	err := d.ReadPrimary(ctx, batch)
	out := make([]Check, len(bySums))
	for i, one := range bySums {
		out[i] = checked(one.name, breaches[i], rows[i], "rows", err)
	}
	return out
}

// balances checks that each entry balances, also within its memorandum accounts, and that the
// trial balance does.
func balances(ctx context.Context, d *db.DB) []Check {
	var unbalanced, offMemorandum, count int64
	var debits, credits money.Total
	batch := &db.Batch{}
	batch.Query(`SELECT (SELECT count(*) FROM journal WHERE business_date IS NOT NULL) - count(*) FILTER (WHERE lines >= 2 AND debits = credits),
			count(*) FILTER (WHERE memorandum <> 0), count(*), `+db.Total("debits")+`, `+db.Total("credits")+`
		FROM (SELECT count(*) AS lines, sum(debit) AS debits, sum(credit) AS credits, sum(CASE WHEN account >= '7' AND account < '8' THEN amount ELSE 0 END) AS memorandum
			FROM posted GROUP BY entry_id) p`,
		func(s db.Scanner) error {
			return db.ScanTotals(s, []*money.Total{&debits, &credits}, &unbalanced, &offMemorandum, &count)
		})
	err := d.ReadPrimary(ctx, batch)
	trial := Check{Name: "trial balance", Found: debits.String() + " in debits and in credits", Err: err}
	if err == nil && debits != credits {
		trial.Err = fmt.Errorf("debits %s, credits %s", debits, credits)
	}
	return []Check{checked("journal entries balance", unbalanced, count, "rows", err), checked("memorandum accounts balance", offMemorandum, count, "rows", err), trial}
}

// closings checks that no entry was posted to a month after its closing. The audit rows of
// the closings have their times; the subject of such a row encodes the day (see
// accounting.PeriodClosedEvent).
func closings(ctx context.Context, d *db.DB) Check {
	const name = "closed periods have no late entry"
	var through civil.Date
	late, closings, before := &db.Batch{}, int64(0), civil.Date{Year: 1999, Month: 12, Day: 31} // the initial value in new books
	var breaches, looked int64
	count := func(s db.Scanner) error {
		var wrong, all int64
		err := s.Scan(&wrong, &all)
		breaches, looked = breaches+wrong, looked+all
		return err
	}
	batch := &db.Batch{}
	batch.Query("SELECT closed_through FROM books", func(s db.Scanner) error { return s.Scan(&through) })
	batch.Query("SELECT at, subject FROM journal WHERE action = 'close_period' ORDER BY at", func(s db.Scanner) error {
		var at time.Time
		var subject id.ID
		err := s.Scan(&at, &subject)
		end := civil.DateOf(subject.Time())
		late.Query("SELECT count(*) FILTER (WHERE at > $3), count(*) FROM journal WHERE business_date > $1 AND business_date <= $2", count, before, end, at)
		closings, before = closings+1, end
		return err
	})
	err := d.ReadPrimary(ctx, batch)
	if err == nil && before != through {
		err = fmt.Errorf("the last recorded close was through %s, but the books are closed through %s", before, through)
	}
	if err == nil {
		err = d.ReadPrimary(ctx, late)
	}
	return checked(name, breaches, looked, fmt.Sprintf("entries in closed periods, %d closings", closings), err)
}

// longClose is the time after which an unfinished close fails the check.
const longClose = 24 * time.Hour

// businessDays checks that the days with a close follow each other without a gap, that all
// but the last are closed, and that the last one is not stuck.
func businessDays(ctx context.Context, d *db.DB) Check {
	var first, last, open civil.Date
	var days, unclosed int64
	var began time.Time
	batch := &db.Batch{}
	batch.Query("SELECT min(day), max(day), count(*) FROM business_days", func(s db.Scanner) error { return s.Scan(&first, &last, &days) })
	batch.Query("SELECT day, began_at FROM business_days WHERE status <> 'CLOSED' OR closed_at IS NULL ORDER BY day DESC", func(s db.Scanner) error {
		unclosed++
		return s.Scan(&open, &began)
	})
	err := d.ReadPrimary(ctx, batch)
	switch {
	case err != nil || days == 0:
	case int64(last.Since(first))+1 != days:
		err = fmt.Errorf("some of the %[3]d days from %[1]s to %[2]s are missing", first, last, last.Since(first)+1)
	case unclosed > 0 && open != last:
		err = fmt.Errorf("the close of %s is unfinished, although later days are closed", open)
	case unclosed > 0 && time.Since(began) > longClose:
		err = fmt.Errorf("the close of %s began at %s and is unfinished; run \"sofipo close --date %s\" to continue it", open, began.UTC().Format(time.RFC3339), open)
	}
	return Check{Name: "business days are closed in order", Found: fmt.Sprintf("%d days", days), Err: err}
}
