package view_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"sofipo/bank"
	"sofipo/bank/books"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/checks"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// records is an office with the view of its books.
type records struct {
	*office.Office
	books *view.View
}

func openOffice(t *testing.T, d *db.DB) *records {
	return &records{office.Open(t, d), view.Open(d, nil)}
}

var day = office.Day

// sound fails unless every check of the books holds.
func (o *records) sound() {
	o.Helper()
	for _, c := range checks.Run(o.Context(), o.DB, checks.Sample) {
		if c.Err != nil {
			o.Errorf("%s: got %v, want no error", c.Name, c.Err)
		}
	}
}

func (o *records) balances(from, to string, byCNBV bool) view.TrialBalance {
	o.Helper()
	b, err := o.books.TrialBalance(o.Context(), system(o.Need), day(from), day(to), byCNBV)
	if err != nil {
		o.Fatal(err)
	}
	return b
}

// markdown is a trial balance as the document has it.
func markdown(b view.TrialBalance) string {
	var s strings.Builder
	s.WriteString("| account | name | opening | debits | credits | closing |\n|---|---|---:|---:|---:|---:|\n")
	for _, l := range b.Lines {
		code := string(l.Account)
		if len(l.Accounts) > 0 {
			code = l.CNBV
		}
		fmt.Fprintf(&s, "| %s | %s | %s | %s | %s | %s |\n", code, l.English, l.Opening, l.Debits, l.Credits, l.Closing)
	}
	t := b.Totals
	fmt.Fprintf(&s, "| | debit side | %s | %s | | %s |\n| | credit side | %s | | %s | %s |\n", t.OpeningDebit, t.Debits, t.ClosingDebit, t.OpeningCredit, t.Credits, t.ClosingCredit)
	return s.String()
}

// TestTheWorkedExampleOfTheDocument: what docs/books.md shows is what comes out.
func TestTheWorkedExampleOfTheDocument(t *testing.T) {
	text, err := os.ReadFile("../docs/books.md")
	if err != nil {
		t.Fatal(err)
	}
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		lent, _, _ := o.WorkedExample()
		shown := []string{
			markdown(o.balances("2026-02-01", "2026-02-28", false)),
			markdown(o.balances("2026-02-01", "2026-02-28", true)),
			entries(o, lent.ID),
		}
		for _, want := range shown {
			if !strings.Contains(string(text), want) {
				t.Errorf("got docs/books.md without it, want\n%s", want)
			}
		}
		o.sound()
	})
}

// entries are the entries of a loan as the document has them.
func entries(o *records, lent id.ID) string {
	o.Helper()
	var s strings.Builder
	batch := &db.Batch{}
	batch.Query("SELECT e.business_date, e.kind, p.line, p.account, p.debit, p.credit FROM entries e JOIN postings p ON p.entry_id = e.id WHERE p.subject = $1 ORDER BY e.id, p.line",
		func(row db.Scanner) error {
			var date civil.Date
			var kind, account string
			var line int
			var debit, credit money.Amount
			err := row.Scan(&date, &kind, &line, &account, &debit, &credit)
			first := "| | "
			if line == 0 {
				first = fmt.Sprintf("| %s | `%s` ", date, kind)
			}
			fmt.Fprintf(&s, "%s| %s | %s | %s |\n", first, account, blank(debit), blank(credit))
			return err
		}, lent)
	if err := o.DB.ReadPrimary(o.Context(), batch); err != nil {
		o.Fatal(err)
	}
	return s.String()
}

func blank(a money.Amount) string {
	if a == 0 {
		return ""
	}
	return a.String()
}

func TestTrialBalance(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		if b := o.balances("2026-01-01", "2026-01-31", false); len(b.Lines) != 0 || b.Totals != (view.BalanceTotals{}) {
			t.Errorf("books without an entry: got %+v, want no lines and no totals", b)
		}
		o.WorkedExample()
		line := func(b view.TrialBalance, code ledger.Account) (found view.BalanceLine) {
			for _, l := range b.Lines {
				if l.Account == code || slices.Contains(l.Accounts, code) {
					found = l
				}
			}
			return found
		}
		for _, c := range []struct {
			from, to                          string
			code                              ledger.Account
			opening, debits, credits, closing money.Amount
		}{
			{"2026-01-01", "2026-01-31", "1102", 0, 100_000_000, 5_000_000, 95_000_000},
			{"2026-02-01", "2026-02-28", "1102", 95_000_000, 252_433, 0, 95_252_433},
			{"2026-02-16", "2026-02-28", "1102", 95_252_433, 0, 0, 95_252_433},
			{"2026-01-03", "2026-02-14", "4101", 100_000_000, 0, 0, 100_000_000},
			{"2026-01-02", "2026-01-02", "4101", 0, 0, 100_000_000, 100_000_000},
			{"2026-02-15", "2026-02-15", "5101", 0, 0, 62_500, 62_500},
			{"2026-02-15", "2026-02-15", "1410", 0, 10_000, 10_000, 0},
			{"2026-02-16", "2026-02-16", "1410", 0, 0, 0, 0},
		} {
			b := o.balances(c.from, c.to, false)
			got := line(b, c.code)
			if got.Opening != c.opening.Total() || got.Debits != c.debits.Total() || got.Credits != c.credits.Total() || got.Closing != c.closing.Total() {
				t.Errorf("%s to %s: got %+v, want %+v", c.from, c.to, got, c)
			}
			if t2 := b.Totals; t2.OpeningDebit != t2.OpeningCredit || t2.Debits != t2.Credits || t2.ClosingDebit != t2.ClosingCredit || t2.ClosingDebit == (money.Total{}) {
				t.Errorf("%s to %s: got the totals %+v, want debits equal to credits and a closing balance", c.from, c.to, t2)
			}
			if (c.opening|c.debits) == 0 && c.credits == 0 && got.Account != "" {
				t.Errorf("%s: got an account without a balance or postings, want it left out", c.code)
			}
		}
		grouped := o.balances("2026-02-01", "2026-02-28", true)
		portfolio := line(grouped, "1302")
		if portfolio.CNBV != "130000000000" || portfolio.Account != "" || portfolio.Opening != money.Amount(5_000_000).Total() || portfolio.Closing != money.Amount(4_820_067).Total() ||
			portfolio.Debits != money.Amount(62_500).Total() || portfolio.Credits != money.Amount(179_933+62_500).Total() || portfolio.Spanish != "Cartera vigente, capital; Cartera vigente, intereses devengados" {
			t.Errorf("got %+v, want the CNBV code 130000000000 alone, opening 50000.00, closing 48200.67, debits 625.00, credits 2424.33", portfolio)
		}
		if grouped.Totals != o.balances("2026-02-01", "2026-02-28", false).Totals {
			t.Errorf("got the totals %+v, want %+v", grouped.Totals, o.balances("2026-02-01", "2026-02-28", false).Totals)
		}
		if taxes := line(grouped, "2401"); taxes.Spanish != "Otras cuentas por pagar" || taxes.Closing != money.Amount(10_000).Total() {
			t.Errorf("got %+v, want spanish Otras cuentas por pagar, closing 100.00", taxes)
		}
	})
}

// TestLedger: whatever the size of a page, the pages together are the postings of
// the days in order, each balance follows from the one before, and the last one is
// the closing balance.
func TestLedger(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		lent, paid, _ := o.WorkedExample()
		o.PostByHand("2026-02-14", "Traspaso a caja", "1101", "1102", 5_000) // posted after what comes later
		o.On("2026-02-20")
		two := office.Do(o.Office, "cora", books.ProposeEntry{Description: "Dos renglones", Lines: []accounting.Line{
			{Account: "1101", Debit: 300}, {Account: "1102", Credit: 100}, {Account: "1102", Credit: 200}}})
		two = office.Do(o.Office, "dino", books.DecideEntry{ID: two.ID, Post: true})
		o.Pay(lent, 100_000, servicing.Prepayment)
		for _, c := range []struct {
			code      ledger.Account
			from, to  string
			postings  int
			balance   money.Amount // after the last
			firstKind string
		}{
			{"1102", "2026-01-01", "2026-02-28", 7, 95_347_133, "manual"},
			{"1102", "2026-02-01", "2026-02-28", 5, 95_347_133, "manual"},
			{"1102", "2026-02-15", "2026-02-15", 1, 95_247_433, "payment_received"},
			{"1102", "2026-02-21", "2026-02-28", 0, 95_347_133, ""},
			{"5101", "2026-01-01", "2026-02-28", 2, 72_542, "interest_accrued"},
			{"1301", "2026-01-01", "2026-02-14", 1, 5_000_000, "loan_disbursed"},
			{"1301", "2026-02-01", "2026-02-28", 2, 4_731_716, "payment_received"},
			{"7102", "2026-01-01", "2026-02-28", 0, 0, ""},
		} {
			for _, limit := range []int64{1, 2, 100} {
				q := view.LedgerQuery{Account: c.code, From: day(c.from), To: day(c.to), Paging: view.Paging{Limit: limit}}
				var all []view.LedgerLine
				for {
					part, err := o.books.Ledger(t.Context(), system(o.Need), q)
					if err != nil {
						t.Fatal(err)
					}
					if part.Closing != c.balance.Total() {
						t.Errorf("%s: got the closing balance %s, want %s", c.code, part.Closing, c.balance)
					}
					running := part.Opening
					if len(all) > 0 {
						running = all[len(all)-1].Balance
					}
					for _, l := range part.Postings.Items {
						move := l.Debit - l.Credit
						if part.Nature == accounting.Credit {
							move = -move
						}
						if running = running.Plus(move.Total()); l.Balance != running {
							t.Errorf("%s: got %+v, want the balance %s", c.code, l, running)
						}
					}
					all = append(all, part.Postings.Items...)
					if q.After = part.Postings.Next; q.After.IsZero() {
						break
					}
				}
				sorted := slices.IsSortedFunc(all, func(x, y view.LedgerLine) int { return x.Date.Compare(y.Date) })
				if len(all) != c.postings || !sorted || c.postings > 0 && (all[0].Kind != c.firstKind || all[len(all)-1].Balance != c.balance.Total()) {
					t.Errorf("%s, %d a page: got %+v, want %d postings in order, the first %s, the last balance %s", c.code, limit, all, c.postings, c.firstKind, c.balance)
				}
			}
		}
		q := view.LedgerQuery{Account: "1102", From: day("2026-02-15"), To: day("2026-02-20"), Paging: view.Paging{Limit: 10}}
		page, err := o.books.Ledger(t.Context(), system(o.Need), q)
		if first := page.Postings.Items[0]; err != nil || first.Reference != paid.ID || first.Subject != lent.ID || first.Entry != paid.Entry || first.PostedAt.IsZero() {
			t.Errorf("got %+v %v, want entry %v of payment %v on loan %v with its time", first, err, paid.Entry, paid.ID, lent.ID)
		}
		q = view.LedgerQuery{Account: "1102", From: day("2026-02-01"), To: day("2026-02-28"), Paging: view.Paging{After: two.ID, Limit: 1}}
		if _, err := o.books.Ledger(t.Context(), system(o.Need), q); !fault.Is(err, fault.Invalid) {
			t.Errorf("after an unknown entry: got %v, want %v", err, fault.Invalid)
		}
		for _, code := range []ledger.Account{"9999", "13", ""} {
			q.Account, q.After = code, id.ID{}
			if _, err := o.books.Ledger(t.Context(), system(o.Need), q); !fault.Is(err, accounting.AccountNotFound) {
				t.Errorf("account %q: got %v, want %v", code, err, accounting.AccountNotFound)
			}
		}
		o.sound()
	})
}

func TestEntry(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		lent, paid, capital := o.WorkedExample()
		ask := func(entry id.ID) view.Entry {
			t.Helper()
			e, err := o.books.Entry(t.Context(), system(o.Need), entry)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		e := ask(paid.Entry)
		if m := e.Transaction; m == nil || m.Loan != lent.ID || m.ID != paid.ID || m.Number != 1 || m.Kind != servicing.Ordinary || m.Amount != 252_433 || m.Actor != "tito" ||
			m.ValueDate != day("2026-02-15") || e.ManualEntry != nil || e.Kind != "payment_received" || e.Reference != paid.ID || !e.ReversedBy.IsZero() || !e.Reverses.IsZero() {
			t.Errorf("got %+v %+v, want entry payment_received of payment %v, transaction 1 of loan %v, of 2524.33 by tito on 2026-02-15, without a reversal", e, m, paid.ID, lent.ID)
		}
		if first := e.Postings[0]; len(e.Postings) != 6 || first != (view.EntryPosting{Account: "1102", Spanish: "Bancos y liquidación SPEI", English: "Bank and SPEI settlement", Subject: lent.ID, Debit: 252_433}) {
			t.Errorf("got %+v, want 6 postings, the first of 2524.33 to 1102", e.Postings)
		}
		o.On("2026-02-16")
		reversal := office.Do(o.Office, "cora", lending.ReverseTransaction{LoanID: lent.ID, TransactionID: paid.ID, Reason: "Cheque devuelto"})
		reversed, mirror := ask(paid.Entry), ask(reversal.Entry)
		if reversed.ReversedBy != mirror.ID || mirror.Reverses != reversed.ID || mirror.Kind != "payment_received_reversed" || mirror.Transaction == nil ||
			mirror.Transaction.ID != reversal.ID || mirror.Transaction.Kind != servicing.Reversal || mirror.Date != day("2026-02-16") {
			t.Errorf("got %+v\n%+v\nwant entry %v reversed by %v, of the reversal %v on 2026-02-16", reversed, mirror, reversed.ID, mirror.ID, reversal.ID)
		}
		manual := ask(capital.EntryID)
		if manual.Transaction != nil || manual.ManualEntry == nil || manual.ManualEntry.Description != "Aportación de capital" || manual.ManualEntry.DecidedBy != "dino" || manual.Date != day("2026-01-02") {
			t.Errorf("got %+v, want the manual entry Aportación de capital of 2026-01-02, decided by dino, without a transaction", manual)
		}
		if _, err := o.books.Entry(t.Context(), system(o.Need), paid.ID); !fault.Is(err, accounting.EntryNotFound) {
			t.Errorf("an unknown entry: got %v, want %v", err, accounting.EntryNotFound)
		}
		o.sound()
	})
}

func TestManualEntriesAndPeriods(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		months := func() (periods view.Periods, text string) {
			t.Helper()
			periods, err := o.books.Periods(t.Context(), system(o.Need), civil.DateOf(o.Now))
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range periods.Months {
				text += m.Month + " " + m.Status + ", "
			}
			return periods, text
		}
		if p, text := months(); text != "2026-01 OPEN, " || p.ClosedThrough != day("1999-12-31") || p.FirstOpen != day("2000-01-01") {
			t.Errorf("before anything: got %s and %+v, want 2026-01 OPEN, closed through 1999-12-31, open from 2000-01-01", text, p)
		}
		var all []accounting.ManualEntry
		for i := range 5 {
			all = append(all, office.Do(o.Office, "cora", books.ProposeEntry{Date: day("2025-12-30"), Description: fmt.Sprint(`<"Ñ"> `, i),
				Lines: []accounting.Line{{Account: "1102", Debit: 100}, {Account: "4101", Credit: 100}}}))
		}
		all[1] = office.Do(o.Office, "dino", books.DecideEntry{ID: all[1].ID, Post: true})
		all[3] = office.Do(o.Office, "dino", books.DecideEntry{ID: all[3].ID})
		for status, want := range map[accounting.ManualEntryStatus][]int{"": {0, 1, 2, 3, 4}, accounting.Proposed: {0, 2, 4}, accounting.Posted: {1}, accounting.Rejected: {3}} {
			for _, limit := range []int64{1, 2, 100} {
				var got []string
				for part := (view.Paging{Limit: limit}); ; {
					page, err := o.books.ManualEntries(t.Context(), system(o.Need), status, part)
					if err != nil || int64(len(page.Items)) > limit {
						t.Fatalf("got %+v %v, want at most %d entries and no error", page, err, limit)
					}
					for _, one := range page.Items {
						got = append(got, string(one.AppendJSON(nil)))
					}
					if part.After = page.Next; page.Next.IsZero() {
						break
					}
				}
				for i, at := range want {
					if len(got) != len(want) || got[i] != string(all[at].AppendJSON(nil)) {
						t.Fatalf("%q, %d a page: got %s, want %d entries in order", status, limit, got, len(want))
					}
				}
			}
		}
		if got, err := o.books.ManualEntry(t.Context(), system(o.Need), all[0].ID); err != nil || string(got.AppendJSON(nil)) != string(all[0].AppendJSON(nil)) || got.DecidedBy != "" {
			t.Errorf("got %+v, %v; want %+v", got, err, all[0])
		}
		if _, err := o.books.ManualEntry(t.Context(), system(o.Need), all[1].EntryID); !fault.Is(err, accounting.ManualEntryNotFound) {
			t.Errorf("got %v, want %v", err, accounting.ManualEntryNotFound)
		}
		office.Do(o.Office, "cora", books.ClosePeriod{Month: day("2025-12-01")})
		o.On("2026-02-01")
		if p, text := months(); text != "2025-12 CLOSED, 2026-01 OPEN, 2026-02 OPEN, " || p.ClosedThrough != day("2025-12-31") || p.FirstOpen != day("2026-01-01") {
			t.Errorf("got %s and %+v, want 2025-12 CLOSED, 2026-01 and 2026-02 OPEN, closed through 2025-12-31, open from 2026-01-01", text, p)
		}
		o.sound()
	})
}

// TestTrialBalanceOfClosedDays: sums of closed days and entries of others make the
// same balances as the entries alone, whenever they were posted.
func TestTrialBalanceOfClosedDays(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		o.On("2026-02-10")
		o.PostByHand("2026-02-10", "Aportación de capital", accounting.Bank, "4101", 100_000_000)
		lent := o.Lend(o.Client(1).ID, 5_000_000)
		compare := func() {
			t.Helper()
			for _, days := range [][2]string{{"2026-02-01", "2026-02-28"}, {"2026-02-11", "2026-02-11"}, {"2026-02-11", "2026-02-13"}, {"2026-02-13", "2026-02-13"}, {"2026-01-01", "2026-02-09"}} {
				for _, l := range o.balances(days[0], days[1], false).Lines {
					moved := func(column, when string) money.Total {
						return money.TotalOf(0, o.count(fmt.Sprintf("SELECT coalesce(sum(p.%s), 0)::bigint FROM entries e JOIN postings p ON p.entry_id = e.id WHERE p.account = '%s' AND e.business_date %s", column, l.Account, when)))
					}
					opening, within := "< '"+days[0]+"'", "BETWEEN '"+days[0]+"' AND '"+days[1]+"'"
					before := moved("debit", opening).Minus(moved("credit", opening))
					if l.Nature == accounting.Credit {
						before = money.Total{}.Minus(before)
					}
					if l.Opening != before || l.Debits != moved("debit", within) || l.Credits != moved("credit", within) {
						t.Errorf("%s: got %+v, want %s, %s, %s", days, l, before, moved("debit", within), moved("credit", within))
					}
				}
			}
			o.sound()
		}
		compare()
		o.On("2026-02-13")
		for range 3 {
			if _, err := dayend.New(o.Bank, dayend.Options{}).CloseDay(t.Context(), bank.By{System: true, Actor: "cora"}, civil.Date{}, nil); err != nil {
				t.Fatal(err)
			}
		}
		o.Pay(lent, 100_000, "")
		compare()
		o.PostByHand("2026-02-11", "Comisión del banco", "6101", accounting.Bank, 50_000) // a day that is closed
		o.PostByHand("2026-02-05", "Comisión del banco", "6101", accounting.Bank, 70_000) // a day before the first that was
		compare()
	})
}

// The totals of a period may exceed 64 bits; the answers show them exactly.
func TestTotalsBeyond64Bits(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		o.On("2026-02-10")
		o.PostByHand("2026-02-10", "Aportación de capital", accounting.Bank, "4101", 100)
		o.On("2026-02-13")
		for range 3 {
			if _, err := dayend.New(o.Bank, dayend.Options{}).CloseDay(t.Context(), bank.By{System: true, Actor: "cora"}, civil.Date{}, nil); err != nil {
				t.Fatal(err)
			}
		}
		o.SQL("DELETE FROM account_days", `INSERT INTO account_days (day, account, debit, credit)
			SELECT day, account, 9000000000000000000, 9000000000000000000 FROM business_days CROSS JOIN (SELECT '1102' AS account UNION ALL SELECT '4101') a`)
		o.On("2026-03-05")
		o.PostByHand("2026-03-05", "Comisión del banco", "6101", accounting.Bank, 100) // its commit token is after the SQL
		const days, accounts = "270000000000000000.00", "540000000000000000.00"
		b := o.balances("2026-02-01", "2026-02-28", false)
		if len(b.Lines) != 2 || b.Lines[0].Debits.String() != days || b.Lines[1].Credits.String() != days || b.Totals.Debits.String() != accounts || b.Totals.Credits.String() != accounts {
			t.Errorf("got %+v, want %s for each account and %s in total", b, days, accounts)
		}
		page, err := o.books.Ledger(t.Context(), system(o.Need), view.LedgerQuery{Account: "1102", From: day("2026-02-01"), To: day("2026-02-28"), Paging: view.Paging{Limit: 10}})
		if err != nil || page.Debits.String() != days || page.Credits.String() != days || page.Closing != (money.Total{}) {
			t.Errorf("got %+v, %v, want %s in debits and in credits", page, err, days)
		}
		if later := o.balances("2026-03-01", "2026-03-01", false); len(later.Lines) != 0 {
			t.Errorf("got %+v, want no line for balances of 0", later.Lines)
		}
	})
}
