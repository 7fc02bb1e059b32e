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

// TrialBalance is what every account had, moved and has over some days.
type TrialBalance struct {
	From   civil.Date    // the first day
	To     civil.Date    // the last day
	Lines  []BalanceLine // one line an account, or a code of the CNBV, in the order of the codes
	Totals BalanceTotals // the sums of the lines
}

// BalanceLine is an account, or all accounts of a code of the CNBV. Balances are
// above zero on the side of the nature.
type BalanceLine struct {
	Account  ledger.Account    // the code of the account; absent of a line of a code of the CNBV
	Accounts []ledger.Account  // the accounts of the code of the CNBV
	CNBV     string            // the code in the CNBV's minimum catalogue; absent if none is known
	Spanish  string            // the name in Spanish
	English  string            // the name in English
	Nature   accounting.Nature // the side on which it grows: debit or credit
	Kind     accounting.Kind   // asset, liability, equity, income, expense or memorandum
	Opening  money.Amount      // before the first day, pesos, above zero on the side of the nature
	Debits   money.Amount      // of the days, pesos
	Credits  money.Amount      // of the days, pesos
	Closing  money.Amount      // after the last day, pesos
}

// BalanceTotals are the sums of the lines, of balances by the nature of their
// accounts: the two of each pair are equal.
type BalanceTotals struct {
	OpeningDebit  money.Amount // opening balances of the accounts of debit nature, pesos
	OpeningCredit money.Amount // opening balances of the accounts of credit nature; the same
	Debits        money.Amount // all debits of the days, pesos
	Credits       money.Amount // all credits of the days; the same
	ClosingDebit  money.Amount // closing balances of the accounts of debit nature, pesos
	ClosingCredit money.Amount // closing balances of the accounts of credit nature; the same
}

// TrialBalance answers the balances of all accounts that have one or moved, in
// the order of their codes. By CNBV, accounts with the same code of the CNBV are
// one line; those without a code stay by themselves, at the end.
//
// Of the closed days it reads the sums that their closes wrote; the entries only of
// the days before the first that was closed and after the last.
func (v *View) TrialBalance(ctx context.Context, by By, from, to civil.Date, byCNBV bool) (TrialBalance, error) {
	if err := by.may(accounting.Read); err != nil {
		return TrialBalance{}, err
	}
	before, within := map[ledger.Account]sides{}, map[ledger.Account]sides{}
	batch := v.dated(&db.Batch{})
	batch.Query(turnover(allLines, ""), func(s db.Scanner) error {
		var code ledger.Account
		var opening, moved sides
		err := s.Scan(&code, &opening.debits, &opening.credits, &moved.debits, &moved.credits)
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

// The first and the last day that were closed, in SQL.
const (
	firstClosed = "(SELECT min(day) FROM business_days WHERE status = 'CLOSED')"
	lastClosed  = "(SELECT max(day) FROM business_days WHERE status = 'CLOSED')"
)

// lines are lines of entries in SQL: where they come from, which they are, and the table
// that has their business date and their entry_id.
type lines struct {
	from, which, dated string
	entries            string // where the entries come from, and which they are
}

// allLines are those of all accounts.
var allLines = lines{from: "posted p", which: "1 = 1", dated: "p"}

// linesOf are those of an account. The account stands in the text, since how its
// entries are found depends on it.
func linesOf(a ledger.Account) lines {
	which := fmt.Sprintf("p.account = '%s'", a)
	if accounting.Common(a) {
		return lines{"posted p", which, "p", "posted p WHERE " + which}
	}
	listed := fmt.Sprintf("a.account = '%s'", a)
	return lines{"journal_accounts a CROSS JOIN posted p", listed + " AND p.entry_id = a.entry_id AND " + which, "a", "journal_accounts a WHERE " + listed}
}

// turnover is SQL of what lines add up to by account, before day $1 and from it to
// day $2: the sums of the closed days, of the accounts that a condition names, and the
// lines dated before and after these days. A NOT keeps SQLite from finding the lines by
// that bound of their day.
func turnover(l lines, accounts string) string {
	const sums = "coalesce(sum(p.amount) FILTER (WHERE p.amount > 0), 0), coalesce(-sum(p.amount) FILTER (WHERE p.amount < 0), 0)"
	part := func(figures, days string) string {
		return fmt.Sprintf("UNION ALL SELECT p.account, %s FROM %s WHERE %s AND %s GROUP BY p.account\n", figures, l.from, l.which, days)
	}
	const first, last = "coalesce(" + firstClosed + ", '9999-12-31')", "coalesce(" + lastClosed + ", '9999-12-31')"
	day := l.dated + ".business_date"
	return fmt.Sprintf(`SELECT account, sum(opening_debits)::bigint, sum(opening_credits)::bigint, sum(debits)::bigint, sum(credits)::bigint FROM
		(SELECT account, coalesce(sum(debit) FILTER (WHERE day < $1), 0) AS opening_debits, coalesce(sum(credit) FILTER (WHERE day < $1), 0) AS opening_credits,
			coalesce(sum(debit) FILTER (WHERE day >= $1), 0) AS debits, coalesce(sum(credit) FILTER (WHERE day >= $1), 0) AS credits
			FROM account_days WHERE day >= %s AND day <= %s AND day <= $2 %s GROUP BY account
		`, firstClosed, lastClosed, accounts) +
		part(sums+", 0, 0", day+" < "+first+" AND NOT "+day+" >= $1") +
		part(sums+", 0, 0", day+" > "+last+" AND "+day+" < $1") +
		part("0, 0, "+sums, day+" >= $1 AND "+day+" < "+first+" AND NOT "+day+" > $2") +
		part("0, 0, "+sums, day+" > "+last+" AND "+day+" <= $2 AND NOT "+day+" < $1") +
		") d GROUP BY account"
}

func (t *BalanceTotals) add(l BalanceLine) {
	t.Debits += l.Debits
	t.Credits += l.Credits
	if l.Nature == accounting.Credit {
		t.OpeningCredit += l.Opening
		t.ClosingCredit += l.Closing
	} else {
		t.OpeningDebit += l.Opening
		t.ClosingDebit += l.Closing
	}
}

// mergedByCNBV makes the accounts of each code of the CNBV one line, with the
// nature of the first.
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
		m, sign := &merged[at], money.Amount(1)
		if l.Nature != m.Nature {
			sign = -1
		}
		m.Accounts = append(m.Accounts, l.Account)
		m.Opening += sign * l.Opening
		m.Debits += l.Debits
		m.Credits += l.Credits
		m.Closing += sign * l.Closing
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

// cnbvNames are the names of a line of several accounts: of the group that has
// their code, or else of them all.
func cnbvNames(m *BalanceLine, l BalanceLine, on civil.Date) (spanish, english string) {
	for _, a := range accounting.Chart(on) {
		if !a.Postable() && a.CNBV == m.CNBV {
			return a.Spanish, a.English
		}
	}
	return m.Spanish + "; " + l.Spanish, m.English + "; " + l.English
}
