package view

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// TrialBalance has the opening balance, the turnover and the closing balance of every account
// for a range of days.
type TrialBalance struct {
	From   civil.Date    // the first day
	To     civil.Date    // the last day
	Lines  []BalanceLine // one for each account, or for each CNBV code, in the order of the codes
	Totals BalanceTotals // totals of the lines
}

// BalanceLine is an account, or all accounts with the same CNBV code. A balance is positive
// on the side of the nature.
type BalanceLine struct {
	Account  ledger.Account    // account code; empty on a line for a CNBV code
	Accounts []ledger.Account  // accounts with the CNBV code
	CNBV     string            // code in the CNBV's minimum catalogue; empty if unknown
	Spanish  string            // Spanish name
	English  string            // English name
	Nature   accounting.Nature // side on which the account grows: debit or credit
	Kind     accounting.Kind   // asset, liability, equity, income, expense or memorandum
	Opening  money.Total       // balance before the first day, pesos
	Debits   money.Total       // total debits of the days, pesos
	Credits  money.Total       // total credits of the days, pesos
	Closing  money.Total       // balance after the last day, pesos
}

// BalanceTotals are the totals of the lines, with balances added up by the nature of the
// accounts. The debit and the credit total of each pair are equal.
type BalanceTotals struct {
	OpeningDebit  money.Total // opening balances of the accounts of debit nature, pesos
	OpeningCredit money.Total // opening balances of the accounts of credit nature; equal to OpeningDebit
	Debits        money.Total // total debits of the days, pesos
	Credits       money.Total // total credits of the days; equal to Debits
	ClosingDebit  money.Total // closing balances of the accounts of debit nature, pesos
	ClosingCredit money.Total // closing balances of the accounts of credit nature; equal to ClosingDebit
}

// TrialBalance returns the balances of all accounts with a balance or a posting, in the order
// of their codes. With byCNBV, accounts with the same CNBV code are merged into one line, and
// accounts without a code come last. Refused with access.Forbidden.
//
// For closed days it reads the totals that the closes wrote. It reads entries only for the
// days before the first closed day and after the last.
func (v *View) TrialBalance(ctx context.Context, by By, from, to civil.Date, byCNBV bool) (TrialBalance, error) {
	if err := by.may(accounting.Read); err != nil {
		return TrialBalance{}, err
	}
	before, within := map[ledger.Account]sides{}, map[ledger.Account]sides{}
	batch := v.dated(&db.Batch{})
	batch.Query(turnover(allLines, ""), func(s db.Scanner) error {
		var code ledger.Account
		var opening, moved sides
		err := scanTurnover(s, &code, &opening, &moved)
		before[code], within[code] = opening, moved
		return err
	}, from, to)
	err := v.ask(ctx, by.Need, batch, func() {
		clear(before)
		clear(within)
	})
	if err != nil {
		return TrialBalance{}, err
	}
	out := TrialBalance{From: from, To: to, Lines: []BalanceLine{}}
	for _, code := range slices.Sorted(maps.Keys(before)) {
		opening, moved := before[code], within[code]
		if opening.debits == opening.credits && moved == (sides{}) {
			continue
		}
		a := named(code, to)
		line := BalanceLine{
			Account: code, CNBV: a.CNBV, Spanish: a.Spanish, English: a.English, Nature: a.Nature, Kind: a.Kind,
			Opening: opening.on(a.Nature), Debits: moved.debits, Credits: moved.credits, Closing: opening.plus(moved).on(a.Nature),
		}
		out.Lines = append(out.Lines, line)
		out.Totals.add(line)
	}
	if byCNBV {
		out.Lines = mergedByCNBV(out.Lines, to)
	}
	return out, nil
}

// The first and the last closed day, in SQL.
const (
	firstClosed = "(SELECT min(day) FROM business_days WHERE status = 'CLOSED')"
	lastClosed  = "(SELECT max(day) FROM business_days WHERE status = 'CLOSED')"
)

// lines describes a set of journal lines in SQL: the tables, the condition, and the table
// that has business_date and entry_id.
type lines struct {
	from, which, dated string
	entries            string // tables and condition for the entries
}

// allLines are the lines of all accounts.
var allLines = lines{from: "posted p", which: "1 = 1", dated: "p"}

// linesOf returns the lines of an account. The account is part of the SQL text, because the
// database plans the query by it.
func linesOf(a ledger.Account) lines {
	which := fmt.Sprintf("p.account = '%s'", a)
	if accounting.Common(a) {
		return lines{"posted p", which, "p", "posted p WHERE " + which}
	}
	listed := fmt.Sprintf("a.account = '%s'", a)
	return lines{"journal_accounts a CROSS JOIN posted p", listed + " AND p.entry_id = a.entry_id AND " + which, "a", "journal_accounts a WHERE " + listed}
}

// turnover returns SQL for the totals of lines by account, before day $1 and from day $1 to
// day $2. It combines the totals of closed days, for the accounts in the condition accounts,
// with the lines before and after the closed days. The NOT in a condition keeps SQLite from
// choosing an index for it.
func turnover(l lines, accounts string) string {
	const sums = "coalesce(sum(p.amount) FILTER (WHERE p.amount > 0), 0)::bigint, coalesce(-sum(p.amount) FILTER (WHERE p.amount < 0), 0)::bigint"
	part := func(figures, days string) string {
		return fmt.Sprintf("UNION ALL SELECT p.account, %s FROM %s WHERE %s AND %s GROUP BY p.account\n", figures, l.from, l.which, days)
	}
	const first, last = "coalesce(" + firstClosed + ", '9999-12-31')", "coalesce(" + lastClosed + ", '9999-12-31')"
	day := l.dated + ".business_date"
	return fmt.Sprintf(`SELECT account, %s, %s, %s, %s FROM
		(SELECT account, CASE WHEN day < $1 THEN debit ELSE 0 END AS opening_debits, CASE WHEN day < $1 THEN credit ELSE 0 END AS opening_credits,
			CASE WHEN day >= $1 THEN debit ELSE 0 END AS debits, CASE WHEN day >= $1 THEN credit ELSE 0 END AS credits
			FROM account_days WHERE day >= %s AND day <= %s AND day <= $2 %s
		`, db.Total("opening_debits"), db.Total("opening_credits"), db.Total("debits"), db.Total("credits"), firstClosed, lastClosed, accounts) +
		part(sums+", 0, 0", day+" < "+first+" AND NOT "+day+" >= $1") +
		part(sums+", 0, 0", day+" > "+last+" AND "+day+" < $1") +
		part("0, 0, "+sums, day+" >= $1 AND "+day+" < "+first+" AND NOT "+day+" > $2") +
		part("0, 0, "+sums, day+" > "+last+" AND "+day+" <= $2 AND NOT "+day+" < $1") +
		") d GROUP BY account"
}

// scanTurnover reads a row of turnover.
func scanTurnover(s db.Scanner, account *ledger.Account, opening, within *sides) error {
	return db.ScanTotals(s, []*money.Total{&opening.debits, &opening.credits, &within.debits, &within.credits}, account)
}

func (t *BalanceTotals) add(l BalanceLine) {
	t.Debits = t.Debits.Plus(l.Debits)
	t.Credits = t.Credits.Plus(l.Credits)
	if l.Nature == accounting.Credit {
		t.OpeningCredit = t.OpeningCredit.Plus(l.Opening)
		t.ClosingCredit = t.ClosingCredit.Plus(l.Closing)
	} else {
		t.OpeningDebit = t.OpeningDebit.Plus(l.Opening)
		t.ClosingDebit = t.ClosingDebit.Plus(l.Closing)
	}
}

// mergedByCNBV merges the lines of accounts with the same CNBV code. The merged line has the
// nature of the first account.
func mergedByCNBV(lines []BalanceLine, on civil.Date) (merged []BalanceLine) {
	merged = []BalanceLine{}
	for _, l := range lines {
		at := slices.IndexFunc(merged, func(m BalanceLine) bool { return l.CNBV != "" && m.CNBV == l.CNBV })
		if l.CNBV == "" || at < 0 {
			if l.CNBV != "" {
				l.Accounts, l.Account = []ledger.Account{l.Account}, ""
			}
			merged = append(merged, l)
			continue
		}
		m, add := &merged[at], money.Total.Plus
		if l.Nature != m.Nature {
			add = money.Total.Minus
		}
		m.Accounts = append(m.Accounts, l.Account)
		m.Opening = add(m.Opening, l.Opening)
		m.Debits = m.Debits.Plus(l.Debits)
		m.Credits = m.Credits.Plus(l.Credits)
		m.Closing = add(m.Closing, l.Closing)
		m.Spanish, m.English = cnbvNames(m, l, on)
	}
	slices.SortStableFunc(merged, func(x, y BalanceLine) int {
		if (x.CNBV == "") != (y.CNBV == "") {
			return cmp.Compare(len(y.CNBV), len(x.CNBV))
		}
		return strings.Compare(x.CNBV, y.CNBV)
	})
	return merged
}

// cnbvNames returns the names of a merged line: those of the account group with the code, or
// else of all its accounts.
func cnbvNames(m *BalanceLine, l BalanceLine, on civil.Date) (spanish, english string) {
	for _, a := range accounting.Chart(on) {
		if !a.Postable() && a.CNBV == m.CNBV {
			return a.Spanish, a.English
		}
	}
	return m.Spanish + "; " + l.Spanish, m.English + "; " + l.English
}
