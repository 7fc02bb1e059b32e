package view_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/bank/books"
	"sofipo/bank/clients"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"

	"sofipo/bank"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/view"
)

// office is a bank whose day the test sets, and its books.
type office struct {
	*testing.T
	db    *db.DB
	bank  *bank.Bank
	books *view.View
	now   time.Time
	need  uint64 // position of the last command
}

func openOffice(t *testing.T, d *db.DB) *office {
	o := &office{T: t, db: d, books: view.Open(d, nil), now: day("2026-01-15").Midnight().Add(16 * time.Hour)}
	o.bank = bank.Open(bank.Options{DB: d, Writers: 1, Clock: func() time.Time { return o.now }})
	t.Cleanup(o.bank.Close)
	return o
}

func day(text string) civil.Date {
	d, err := civil.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

// on moves the clock to four in the afternoon of a day.
func (o *office) on(text string) { o.now = day(text).Midnight().Add(16 * time.Hour) }

// does carries a command of a user out, and gives its answer.
func does[A any](o *office, who string, c bank.Command[A]) A {
	o.Helper()
	got, err := bank.Do(o.Context(), o.bank, bank.By{System: true, Actor: who}, c)
	if err != nil {
		o.Fatalf("%s: %v", c.Name(), err)
	}
	o.need = got.Position
	return got.Answer
}

func (o *office) client(number int) client.Client {
	o.Helper()
	return does(o, "ana", &clients.RegisterClient{FullName: "Ana", Email: fmt.Sprintf("c%d@example.com", number), RFC: fmt.Sprintf("PEPJ800101%03d", number)})
}

// lend grants a loan of the README: 15 %, 24 months.
func (o *office) lend(to id.ID, amount money.Amount) loan.Loan {
	o.Helper()
	return does(o, "ana", lending.GrantLoan{ClientID: to, Terms: loan.Terms{Amount: amount, Rate: 150_000, TermMonths: 24}})
}

func (o *office) pay(to loan.Loan, amount money.Amount, kind servicing.Kind) servicing.Movement {
	o.Helper()
	return does(o, "tito", lending.ReceivePayment{LoanID: to.ID, Amount: amount, Kind: kind})
}

// byHand proposes an entry of two lines, and posts it by another hand.
func (o *office) byHand(date, description string, debit, credit ledger.Account, amount money.Amount) accounting.Voucher {
	o.Helper()
	v := does(o, "cora", books.ProposeEntry{Date: day(date), Description: description, Lines: []accounting.Line{{Account: debit, Debit: amount}, {Account: credit, Credit: amount}}})
	return does(o, "dino", books.DecideEntry{ID: v.ID, Post: true})
}

// sound fails unless every check of the books holds.
func (o *office) sound() {
	o.Helper()
	for _, c := range o.books.Checks(o.Context()) {
		if c.Err != nil {
			o.Errorf("%s: %v", c.Name, c.Err)
		}
	}
}

func (o *office) balances(from, to string, byCNBV bool) view.TrialBalance {
	o.Helper()
	b, err := o.books.TrialBalance(o.Context(), day(from), day(to), byCNBV, o.need)
	if err != nil {
		o.Fatal(err)
	}
	return b
}

// worked is the example of docs/books.md: the capital is paid in, the loan of the
// README is disbursed, and its first instalment is paid.
func (o *office) worked() (loan.Loan, servicing.Movement, accounting.Voucher) {
	o.Helper()
	paidIn := o.byHand("2026-01-02", "Aportación de capital", accounting.Bank, "4101", 100_000_000)
	lent := o.lend(o.client(1).ID, 5_000_000)
	o.on("2026-02-15")
	return lent, o.pay(lent, 252_433, ""), paidIn
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
		lent, _, _ := o.worked()
		shown := []string{
			markdown(o.balances("2026-02-01", "2026-02-28", false)),
			markdown(o.balances("2026-02-01", "2026-02-28", true)),
			entries(o, lent.ID),
		}
		for _, want := range shown {
			if !strings.Contains(string(text), want) {
				t.Errorf("docs/books.md does not have\n%s", want)
			}
		}
		o.sound()
	})
}

// entries are the entries of a loan as the document has them.
func entries(o *office, lent id.ID) string {
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
	if err := o.db.ReadPrimary(o.Context(), batch); err != nil {
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
			t.Errorf("books without an entry: %+v", b)
		}
		o.worked()
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
			if got.Opening != c.opening || got.Debits != c.debits || got.Credits != c.credits || got.Closing != c.closing {
				t.Errorf("%s to %s: %+v, want %+v", c.from, c.to, got, c)
			}
			if t2 := b.Totals; t2.OpeningDebit != t2.OpeningCredit || t2.Debits != t2.Credits || t2.ClosingDebit != t2.ClosingCredit || t2.ClosingDebit == 0 {
				t.Errorf("%s to %s: totals %+v", c.from, c.to, t2)
			}
			if (c.opening|c.debits) == 0 && c.credits == 0 && got.Account != "" {
				t.Errorf("%s: an account that neither has a balance nor moved is shown", c.code)
			}
		}
		grouped := o.balances("2026-02-01", "2026-02-28", true)
		portfolio := line(grouped, "1302")
		if portfolio.CNBV != "130000000000" || portfolio.Account != "" || portfolio.Opening != 5_000_000 || portfolio.Closing != 4_820_067 ||
			portfolio.Debits != 62_500 || portfolio.Credits != 179_933+62_500 || portfolio.Spanish != "Cartera vigente, capital; Cartera vigente, intereses devengados" {
			t.Errorf("%+v", portfolio)
		}
		if grouped.Totals != o.balances("2026-02-01", "2026-02-28", false).Totals {
			t.Error("grouped, the totals are others")
		}
		if taxes := line(grouped, "2401"); taxes.Spanish != "Otras cuentas por pagar" || taxes.Closing != 10_000 {
			t.Errorf("%+v", taxes)
		}
	})
}

// TestLedger: whatever the size of a page, the pages together are the postings of
// the days in order, each balance follows from the one before, and the last one is
// the closing balance.
func TestLedger(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		lent, paid, _ := o.worked()
		o.byHand("2026-02-14", "Traspaso a caja", "1101", "1102", 5_000) // posted after what comes later
		o.on("2026-02-20")
		two := does(o, "cora", books.ProposeEntry{Description: "Dos renglones", Lines: []accounting.Line{
			{Account: "1101", Debit: 300}, {Account: "1102", Credit: 100}, {Account: "1102", Credit: 200}}})
		two = does(o, "dino", books.DecideEntry{ID: two.ID, Post: true})
		o.pay(lent, 100_000, servicing.Prepayment)
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
				page := view.Page{Limit: limit}
				var all []view.LedgerLine
				for {
					part, next, err := o.books.Ledger(t.Context(), c.code, day(c.from), day(c.to), page, o.need)
					if err != nil {
						t.Fatal(err)
					}
					if part.Closing != c.balance {
						t.Errorf("%s: closes at %s, want %s", c.code, part.Closing, c.balance)
					}
					running := part.Opening
					if len(all) > 0 {
						running = all[len(all)-1].Balance
					}
					for _, l := range part.Postings {
						move := l.Debit - l.Credit
						if part.Nature == accounting.Credit {
							move = -move
						}
						if running += move; l.Balance != running {
							t.Errorf("%s %+v: the balance should be %s", c.code, l, running)
						}
					}
					all = append(all, part.Postings...)
					if page.After = next; next.IsZero() {
						break
					}
				}
				sorted := slices.IsSortedFunc(all, func(x, y view.LedgerLine) int { return x.Date.Compare(y.Date) })
				if len(all) != c.postings || !sorted || c.postings > 0 && (all[0].Kind != c.firstKind || all[len(all)-1].Balance != c.balance) {
					t.Errorf("%s, %d a page: %+v", c.code, limit, all)
				}
			}
		}
		page, _, err := o.books.Ledger(t.Context(), "1102", day("2026-02-15"), day("2026-02-20"), view.Page{Limit: 10}, o.need)
		if first := page.Postings[0]; err != nil || first.Reference != paid.ID || first.Subject != lent.ID || first.Entry != paid.Entry || first.PostedAt.IsZero() {
			t.Errorf("%+v %v", first, err)
		}
		if _, _, err := o.books.Ledger(t.Context(), "1102", day("2026-02-01"), day("2026-02-28"), view.Page{After: two.ID, Limit: 1}, o.need); !fault.Is(err, fault.Invalid) {
			t.Errorf("after what is no entry: %v", err)
		}
		for _, code := range []ledger.Account{"9999", "13", ""} {
			if _, _, err := o.books.Ledger(t.Context(), code, day("2026-02-01"), day("2026-02-28"), view.Page{Limit: 1}, o.need); !fault.Is(err, fault.AccountNotFound) {
				t.Errorf("account %q: %v", code, err)
			}
		}
		o.sound()
	})
}

func TestEntry(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		lent, paid, capital := o.worked()
		ask := func(entry id.ID) view.Entry {
			t.Helper()
			e, err := o.books.Entry(t.Context(), entry, o.need)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		e := ask(paid.Entry)
		if m := e.Movement; m == nil || m.Loan != lent.ID || m.ID != paid.ID || m.Number != 1 || m.Kind != servicing.Ordinary || m.Amount != 252_433 || m.Actor != "tito" ||
			m.ValueDate != day("2026-02-15") || e.Voucher != nil || e.Kind != "payment_received" || e.Reference != paid.ID || !e.ReversedBy.IsZero() || !e.Reverses.IsZero() {
			t.Errorf("%+v %+v", e, m)
		}
		if first := e.Postings[0]; len(e.Postings) != 6 || first != (view.EntryPosting{Account: "1102", Spanish: "Bancos y liquidación SPEI", English: "Bank and SPEI settlement", Subject: lent.ID, Debit: 252_433}) {
			t.Errorf("%+v", e.Postings)
		}
		o.on("2026-02-16")
		reversal := does(o, "cora", lending.ReverseTransaction{LoanID: lent.ID, TransactionID: paid.ID, Reason: "Cheque devuelto"})
		reversed, mirror := ask(paid.Entry), ask(reversal.Entry)
		if reversed.ReversedBy != mirror.ID || mirror.Reverses != reversed.ID || mirror.Kind != "payment_received_reversed" || mirror.Movement == nil ||
			mirror.Movement.ID != reversal.ID || mirror.Movement.Kind != servicing.Reversal || mirror.Date != day("2026-02-16") {
			t.Errorf("%+v\n%+v", reversed, mirror)
		}
		manual := ask(capital.EntryID)
		if manual.Movement != nil || manual.Voucher == nil || manual.Voucher.Description != "Aportación de capital" || manual.Voucher.DecidedBy != "dino" || manual.Date != day("2026-01-02") {
			t.Errorf("%+v", manual)
		}
		if _, err := o.books.Entry(t.Context(), paid.ID, o.need); !fault.Is(err, fault.EntryNotFound) {
			t.Errorf("an entry that is none: %v", err)
		}
		o.sound()
	})
}

func TestVouchersAndPeriods(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		months := func() (periods view.Periods, text string) {
			t.Helper()
			periods, err := o.books.Periods(t.Context(), civil.DateOf(o.now), o.need)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range periods.Months {
				text += m.Month + " " + m.Status + ", "
			}
			return periods, text
		}
		if p, text := months(); text != "2026-01 OPEN, " || p.ClosedThrough != day("1999-12-31") || p.FirstOpen != day("2000-01-01") {
			t.Errorf("before anything: %+v", p)
		}
		var all []accounting.Voucher
		for i := range 5 {
			all = append(all, does(o, "cora", books.ProposeEntry{Date: day("2025-12-30"), Description: fmt.Sprint(`<"Ñ"> `, i),
				Lines: []accounting.Line{{Account: "1102", Debit: 100}, {Account: "4101", Credit: 100}}}))
		}
		all[1] = does(o, "dino", books.DecideEntry{ID: all[1].ID, Post: true})
		all[3] = does(o, "dino", books.DecideEntry{ID: all[3].ID})
		for status, want := range map[accounting.VoucherStatus][]int{"": {0, 1, 2, 3, 4}, accounting.Proposed: {0, 2, 4}, accounting.Posted: {1}, accounting.Rejected: {3}} {
			for _, limit := range []int64{1, 2, 100} {
				var got []string
				for page := (view.Page{Limit: limit}); ; {
					body, next, err := o.books.Vouchers(t.Context(), status, page, o.need)
					var part []json.RawMessage
					if err != nil || json.Unmarshal(body, &part) != nil || int64(len(part)) > limit {
						t.Fatalf("%s %v", body, err)
					}
					for _, one := range part {
						got = append(got, string(one))
					}
					if page.After = next; next.IsZero() {
						break
					}
				}
				for i, at := range want {
					if len(got) != len(want) || got[i] != string(all[at].AppendJSON(nil)) {
						t.Fatalf("%q, %d a page: %s", status, limit, got)
					}
				}
			}
		}
		if body, err := o.books.Voucher(t.Context(), all[0].ID, o.need); err != nil || string(body) != string(all[0].AppendJSON(nil)) || strings.Contains(string(body), "decided") {
			t.Errorf("%s %v", body, err)
		}
		if _, err := o.books.Voucher(t.Context(), all[1].EntryID, o.need); !fault.Is(err, fault.VoucherNotFound) {
			t.Error(err)
		}
		does(o, "cora", books.ClosePeriod{Month: day("2025-12-01")})
		o.on("2026-02-01")
		if p, text := months(); text != "2025-12 CLOSED, 2026-01 OPEN, 2026-02 OPEN, " || p.ClosedThrough != day("2025-12-31") || p.FirstOpen != day("2026-01-01") {
			t.Errorf("%+v", p)
		}
		o.sound()
	})
}

// TestTrialBalanceOfClosedDays: sums of closed days and entries of others make the
// same balances as the entries alone, whenever they were posted.
func TestTrialBalanceOfClosedDays(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		o.on("2026-02-10")
		o.byHand("2026-02-10", "Aportación de capital", accounting.Bank, "4101", 100_000_000)
		lent := o.lend(o.client(1).ID, 5_000_000)
		compare := func() {
			t.Helper()
			for _, days := range [][2]string{{"2026-02-01", "2026-02-28"}, {"2026-02-11", "2026-02-11"}, {"2026-02-11", "2026-02-13"}, {"2026-02-13", "2026-02-13"}, {"2026-01-01", "2026-02-09"}} {
				for _, l := range o.balances(days[0], days[1], false).Lines {
					moved := func(column, when string) money.Amount {
						return money.Amount(o.count(fmt.Sprintf("SELECT coalesce(sum(p.%s), 0)::bigint FROM entries e JOIN postings p ON p.entry_id = e.id WHERE p.account = '%s' AND e.business_date %s", column, l.Account, when)))
					}
					opening, within := "< '"+days[0]+"'", "BETWEEN '"+days[0]+"' AND '"+days[1]+"'"
					before := moved("debit", opening) - moved("credit", opening)
					if l.Nature == accounting.Credit {
						before = -before
					}
					if l.Opening != before || l.Debits != moved("debit", within) || l.Credits != moved("credit", within) {
						t.Errorf("%s: %+v, want %s, %s, %s", days, l, before, moved("debit", within), moved("credit", within))
					}
				}
			}
			o.sound()
		}
		compare()
		o.on("2026-02-13")
		for range 3 {
			if _, err := dayend.New(o.bank, dayend.Options{}).CloseDay(t.Context(), bank.By{System: true, Actor: "cora"}, civil.Date{}, nil); err != nil {
				t.Fatal(err)
			}
		}
		o.pay(lent, 100_000, "")
		compare()
		o.byHand("2026-02-11", "Comisión del banco", "6101", accounting.Bank, 50_000) // a day that is closed
		o.byHand("2026-02-05", "Comisión del banco", "6101", accounting.Bank, 70_000) // a day before the first that was
		compare()
	})
}
