package simulation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// Count is the number of operations and their total amount.
type Count struct {
	Times  int
	Amount money.Amount
}

func (c *Count) add(amount money.Amount)  { c.Times, c.Amount = c.Times+1, c.Amount+amount }
func (c *Count) take(amount money.Amount) { c.Times, c.Amount = c.Times-1, c.Amount-amount }

// Report is the summary of a simulation.
type Report struct {
	Seed    uint64
	Days    int
	From    string
	Clients int
	Loans   map[servicing.Status]int

	Disbursed, Payments, Reversals, Restructures, WriteOffs, Recoveries, ManualEntries Count

	InCash       Count // disbursements from tills
	Supplies     Count // of cash from vaults to tills during the day
	Transfers    Count // between vaults and bank accounts
	Differences  Count // overages less shortages of tills
	Unidentified Count // deposits
	Promises     Count
	Moved        Count // payments on the wrong loan
	Refunds      Count
	Sessions     int // of tills
	Requests     int // to act above a limit
	Contacts     int // of collectors

	Balance  money.Amount // outstanding principal
	Overdue  money.Amount // part of Balance of loans at least overdueAfter days past due
	Income   money.Amount // interest, penalty interest and fees
	Commands int
	Refused  int // commands refused as expected
	Replayed int // requests sent twice
	Elapsed  time.Duration
	Digest   string
}

// overdueAfter is the minimum number of days past due of an overdue loan.
const overdueAfter = 90

// portfolio returns the number and the balances of the loans that are alive.
func (s *institution) portfolio() (alive int, balance, overdue money.Amount) {
	for _, c := range s.loans {
		if !servicing.Alive(c.status()) {
			continue
		}
		alive++
		balance += c.account.Outstanding
		if servicing.DaysPastDue(c.account, s.today) >= overdueAfter {
			overdue += c.account.Outstanding
		}
	}
	return alive, balance, overdue
}

// printMonth writes the line of a month to Out.
func (s *institution) printMonth() {
	alive, balance, overdue := s.portfolio()
	_, _ = fmt.Fprintf(s.Out, "%.7s  day %4d  clients %6s  active loans %6s  portfolio %16s  overdue %5s  payments %8s  commands %8s\n", s.today, s.day,
		grouped(s.report.Clients), grouped(alive), pesosOf(balance), share(overdue, balance), grouped(s.report.Payments.Times), grouped(s.report.Commands))
}

// summarize completes the report.
func (s *institution) summarize(ctx context.Context) (err error) {
	r := &s.report
	r.Seed, r.Days, r.From, r.Loans = s.Seed, s.Days, s.From.String(), map[servicing.Status]int{}
	for _, c := range s.loans {
		r.Loans[c.status()]++
	}
	_, r.Balance, r.Overdue = s.portfolio()
	if s.twin != nil {
		r.Income, r.Digest = s.twin.income(), s.twin.digest()
		return nil
	}
	batch := &db.Batch{}
	batch.Query("SELECT coalesce(sum(credit) - sum(debit), 0)::bigint FROM posted WHERE account >= '51' AND account < '54'", func(s db.Scanner) error { return s.Scan(&r.Income) })
	if err = s.DB.ReadPrimary(ctx, batch); err == nil {
		r.Digest, err = Digest(ctx, s.DB)
	}
	return err
}

// String returns the report as a table.
func (r Report) String() string {
	var out strings.Builder
	line := func(what, count, amount string) { fmt.Fprintf(&out, "%-24s %12s %20s\n", what, count, amount) }
	of := func(what string, c Count) { line(what, grouped(c.Times), pesosOf(c.Amount)) }
	line("seed "+fmt.Sprint(r.Seed)+", from "+r.From, grouped(r.Days)+" days", "pesos")
	line("clients", grouped(r.Clients), "")
	for _, status := range slices.Sorted(maps.Keys(r.Loans)) {
		line("loans "+string(status), grouped(r.Loans[status]), "")
	}
	of("disbursed", r.Disbursed)
	of("  in cash", r.InCash)
	of("payments", r.Payments)
	of("reversals", r.Reversals)
	of("restructures", r.Restructures)
	of("write-offs", r.WriteOffs)
	of("recoveries", r.Recoveries)
	of("manual entries", r.ManualEntries)
	line("till sessions", grouped(r.Sessions), "")
	of("  with a difference", r.Differences)
	of("  supplied by the vault", r.Supplies)
	of("vault and bank transfers", r.Transfers)
	of("payments moved", r.Moved)
	of("refunds", r.Refunds)
	of("unidentified deposits", r.Unidentified)
	line("requests above a limit", grouped(r.Requests), "")
	line("collection contacts", grouped(r.Contacts), "")
	of("promises to pay", r.Promises)
	line("portfolio", "", pesosOf(r.Balance))
	line(fmt.Sprintf("overdue, %d days or more", overdueAfter), share(r.Overdue, r.Balance), pesosOf(r.Overdue))
	line("income", "", pesosOf(r.Income))
	line("commands", grouped(r.Commands), "")
	line("  refused as expected", grouped(r.Refused), "")
	line("  sent twice, done once", grouped(r.Replayed), "")
	line("time", r.Elapsed.Round(time.Millisecond).String(), fmt.Sprintf("%s commands/s", grouped(int(float64(r.Commands)/r.Elapsed.Seconds()))))
	fmt.Fprintf(&out, "books %s\n", r.Digest)
	return out.String()
}

// grouped returns a number with thousands separators.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// pesosOf returns an amount with thousands separators.
func pesosOf(a money.Amount) string {
	sign := ""
	if a < 0 {
		sign, a = "-", -a
	}
	return fmt.Sprintf("%s%s.%02d", sign, grouped(int(a/100)), a%100)
}

// share returns a part of the whole in per cent.
func share(part, whole money.Amount) string {
	if whole == 0 {
		return "0.0 %"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}
