package entries_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/test/loans"
)

var booking = entries.Booking{Booking: accounting.Booking{
	ID: id.ID{9}, Day: date("2026-02-15"), At: time.Date(2026, 2, 15, 9, 22, 42, 0, time.UTC), Reference: id.ID{3}, Subject: id.ID{1},
}}

func date(text string) civil.Date {
	d, err := civil.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

// describe writes an entry as an accountant does: "1301 50000.00 | 1102 50000.00",
// debits before the bar.
func describe(e ledger.Entry) string {
	var b strings.Builder
	bar := "| "
	for _, p := range e.Postings {
		if p.Credit > 0 {
			b.WriteString(bar)
			bar = ""
		}
		b.WriteString(string(p.Account) + " " + (p.Debit + p.Credit).String() + " ")
	}
	return strings.TrimSpace(b.String())
}

// expect compares an entry with all its fields.
func expect(t *testing.T, e ledger.Entry, kind, want string) {
	t.Helper()
	if got := describe(e); got != want || e.Kind != kind {
		t.Errorf("%s:\n got %s\nwant %s: %s", e.Kind, got, kind, want)
	}
	if w := unbalanced(e); w != "" {
		t.Errorf(`got %v, want a balanced entry`, w)
	}
	if e.ID != booking.ID || e.BusinessDate != booking.Day || !e.PostedAt.Equal(booking.At) || e.Reference != booking.Reference || !e.Reverses.IsZero() {
		t.Errorf("got %+v, want ID %v, business date %v, %v, reference %v, no reverses", e, booking.ID, booking.Day, booking.At, booking.Reference)
	}
	for _, p := range e.Postings {
		if p.Subject != booking.Subject {
			t.Errorf("account %s: got the subject %s, want %v", p.Account, p.Subject, booking.Subject)
		}
	}
}

// unbalanced says what is wrong with an entry: it does not balance, memorandum
// accounts do not balance among themselves, or an account is not on the chart.
func unbalanced(e ledger.Entry) string {
	if err := e.Check(); err != nil {
		return err.Error()
	}
	var memorandum money.Amount
	for _, p := range e.Postings {
		a, found := accounting.Find(p.Account, e.BusinessDate)
		if !found || !a.Postable() {
			return "no account " + string(p.Account)
		}
		if a.Kind == accounting.Memorandum {
			memorandum += p.Debit - p.Credit
		}
	}
	if memorandum != 0 {
		return "memorandum accounts against others: " + describe(e)
	}
	return ""
}

// readme is the loan of docs/books.md: 50,000 at 15 % over 24 months from 15 January
// 2026, on the default product as changed by change.
func readme(t testing.TB, change func(p *product.Product)) servicing.Account {
	t.Helper()
	p := product.Seed()
	if change != nil {
		change(&p)
	}
	return servicing.Open(p, contract(t, p))
}

func contract(t testing.TB, p product.Product) schedule.Schedule {
	t.Helper()
	return loans.Contract(t, p, 50_000_00, 150_000, 24, date("2026-01-15"))
}

func pay(t testing.TB, a servicing.Account, kind servicing.Kind, amount money.Amount, on string) (servicing.Account, servicing.Split) {
	t.Helper()
	after, s, err := servicing.Receive(a, servicing.Operation{Amount: amount, ValueDate: date(on), Kind: kind}, date(on))
	if err != nil {
		t.Fatal(err)
	}
	return after, s
}

// earned returns the entry of the income between two states.
func earned(before, after servicing.Account) ledger.Entry {
	delta := servicing.Recognised(after).Minus(servicing.Recognised(before))
	return entries.Accrued(booking, delta.Interest, delta.InterestIVA, 0)
}

func TestDisbursement(t *testing.T) {
	p := product.Seed()
	expect(t, entries.Disbursed(booking, servicing.OpeningFacts(contract(t, p))), "loan_disbursed", "1301 50000.00 | 1102 50000.00")
	p.Fees = schedule.Fees{Origination: schedule.Fee{Rate: 30_000}, OriginationPayment: schedule.Deducted, IVARate: 160_000}
	expect(t, entries.Disbursed(booking, servicing.OpeningFacts(contract(t, p))), "loan_disbursed", "1301 50000.00 | 1102 48260.00 2402 240.00 5302 1500.00")
	p.Fees.OriginationPayment = schedule.Apart
	expect(t, entries.Disbursed(booking, servicing.OpeningFacts(contract(t, p))), "loan_disbursed", "1102 1740.00 1301 50000.00 | 1102 50000.00 2402 240.00 5302 1500.00")
}

func TestInstalmentOnItsDate(t *testing.T) {
	a := readme(t, nil)
	half, _ := servicing.Roll(a, date("2026-01-30"))
	expect(t, earned(a, half), "interest_accrued", "1302 312.50 | 5101 312.50")
	after, s := pay(t, half, servicing.Ordinary, 2_524_33, "2026-02-15")
	expect(t, earned(half, after), "interest_accrued", "1302 312.50 1410 100.00 | 2401 100.00 5101 312.50")
	expect(t, entries.OfOperation(booking, s), "payment_received", "1102 2524.33 2401 100.00 | 1301 1799.33 1302 625.00 1410 100.00 2402 100.00")
}

func TestLateInstalment(t *testing.T) {
	a := readme(t, func(p *product.Product) { p.PenaltyInterest.Rate = 300_000 })
	after, s := pay(t, a, servicing.Ordinary, 2_541_72, "2026-02-25")
	// ten days of the next period: (48,200.67 + 1,799.33) × 0.15 × 10/360 = 208.33
	expect(t, earned(a, after), "interest_accrued", "1302 833.33 1410 100.00 | 2401 100.00 5101 833.33")
	expect(t, entries.OfOperation(booking, s), "payment_received",
		"1102 2541.72 2401 100.00 | 1301 1799.33 1302 625.00 1410 100.00 2402 102.40 5102 14.99")
}

func TestFeeAndInsurance(t *testing.T) {
	a := readme(t, func(p *product.Product) {
		p.Fees = schedule.Fees{Periodic: schedule.Fee{Amount: 50_00}, IVARate: 160_000}
		p.Insurance = 30_00
	})
	_, s := pay(t, a, servicing.Ordinary, 2_612_33, "2026-02-15")
	expect(t, entries.OfOperation(booking, s), "payment_received",
		"1102 2612.33 2401 100.00 | 1301 1799.33 1302 625.00 1410 100.00 2402 108.00 2405 30.00 5301 50.00")
}

// TestAdvance: unapplied funds that are used automatically before another payment are in
// the entry of that payment.
func TestAdvance(t *testing.T) {
	a, s := pay(t, readme(t, nil), servicing.AdvancePayment, 2_600_00, "2026-01-20")
	expect(t, entries.OfOperation(booking, s), "payment_received", "1102 2600.00 | 2404 2600.00")
	_, s = pay(t, a, servicing.AdvancePayment, 500_00, "2026-02-20")
	if len(s.Before) != 1 {
		t.Fatalf("got %+v, want one fact before the payment", s)
	}
	expect(t, entries.OfOperation(booking, s), "payment_received",
		"1102 500.00 2401 100.00 2404 2524.33 | 1301 1799.33 1302 625.00 1410 100.00 2402 100.00 2404 500.00")
	expect(t, entries.OfOperation(booking, s.Before[0]), "advance_applied", "2401 100.00 2404 2524.33 | 1301 1799.33 1302 625.00 1410 100.00 2402 100.00")
}

func TestPrepayment(t *testing.T) {
	a := readme(t, nil)
	_, s := pay(t, a, servicing.Prepayment, 10_000_00, "2026-01-15")
	expect(t, entries.OfOperation(booking, s), "payment_received", "1102 10000.00 | 1301 10000.00")
	after, s := pay(t, a, servicing.Prepayment, 10_000_00, "2026-01-30") // 15 days: 312.50 + 50.00
	expect(t, earned(a, after), "interest_accrued", "1302 312.50 1410 50.00 | 2401 50.00 5101 312.50")
	expect(t, entries.OfOperation(booking, s), "payment_received", "1102 10000.00 2401 50.00 | 1301 9637.50 1302 312.50 1410 50.00 2402 50.00")
}

// TestWriteOffAndRecovery has the figures of the engine's scenario of that name.
func TestWriteOffAndRecovery(t *testing.T) {
	a := readme(t, func(p *product.Product) { p.PenaltyInterest.Rate = 300_000 })
	day := date("2026-03-25")
	late, _ := servicing.Roll(a, day)
	expect(t, earned(a, late), "interest_accrued", "1302 1458.33 1410 200.00 | 2401 200.00 5101 1458.33")
	after, s, err := servicing.WriteOff(late, day, day)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, earned(late, after), "interest_accrued", "1410 33.33 | 2401 33.33")
	expect(t, entries.OfOperation(booking, s), "loan_written_off",
		"1390 50000.00 1391 1458.33 2401 233.33 6201 51458.33 7102 51775.37 | 1301 50000.00 1302 1458.33 1390 50000.00 1391 1458.33 1410 233.33 7902 51775.37")
	after, s, err = servicing.Recover(after, 1_000_00, day, day)
	if err != nil {
		t.Fatal(err)
	}
	// 11.55 + 233.33 of IVA, 72.16 of penalty interest and 682.96 of interest
	expect(t, entries.OfOperation(booking, s), "recovery_received", "1102 1000.00 7902 1000.00 | 2402 244.88 6202 755.12 7102 1000.00")
	if last := earned(late, after); describe(last) != "1410 33.33 | 2401 33.33" {
		t.Errorf("after a recovery: got %s, want 1410 33.33 | 2401 33.33", describe(last))
	}
}

func TestRestructure(t *testing.T) {
	a := readme(t, nil)
	day := date("2026-03-25")
	for capitalise, want := range map[bool]string{true: "1301 1458.33 | 1302 1458.33", false: ""} {
		terms := a.Version.Terms
		terms.FirstDue = civil.Date{}
		_, s, err := servicing.Restructure(a, servicing.NewTerms{Terms: terms, Capitalise: capitalise}, day, day)
		if err != nil {
			t.Fatal(err)
		}
		e := entries.OfOperation(booking, s)
		if capitalise {
			expect(t, e, "loan_restructured", want)
		} else if !reflect.DeepEqual(e, ledger.Entry{}) {
			t.Errorf("nothing to post: got %+v, want none", e)
		}
	}
}

func TestCapitalisedOnItsDate(t *testing.T) {
	a := readme(t, func(p *product.Product) {
		p.Grace = schedule.Grace{PrincipalPeriods: 1, InterestPeriods: 1, Mode: schedule.Capitalise}
	})
	after, happened := servicing.Roll(a, date("2026-02-15"))
	if len(happened) != 1 {
		t.Fatalf("got %+v, want one fact", happened)
	}
	expect(t, earned(a, after), "interest_accrued", "1302 625.00 1410 100.00 | 2401 100.00 5101 625.00")
	expect(t, entries.OfOperation(booking, happened[0]), "interest_capitalised", "1301 625.00 | 1302 625.00")
}

func TestCancellation(t *testing.T) {
	_, s, err := servicing.Cancel(readme(t, nil), date("2026-01-15"), date("2026-01-15"))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, entries.OfOperation(booking, s), "loan_cancelled", "1102 50000.00 | 1301 50000.00")
}

func TestAccrued(t *testing.T) {
	expect(t, entries.Accrued(booking, 625_00, 100_00, 0), "interest_accrued", "1302 625.00 1410 100.00 | 2401 100.00 5101 625.00")
	expect(t, entries.Accrued(booking, -625_00, -100_00, 0), "interest_accrued", "2401 100.00 5101 625.00 | 1302 625.00 1410 100.00")
	expect(t, entries.Accrued(booking, 625_00, -100_00, 0), "interest_accrued", "1302 625.00 2401 100.00 | 1410 100.00 5101 625.00")
	expect(t, entries.Accrued(booking, 0, 1, 0), "interest_accrued", "1410 0.01 | 2401 0.01")
	if e := entries.Accrued(booking, 0, 0, 0); !reflect.DeepEqual(e, ledger.Entry{}) {
		t.Errorf("got %+v, want none", e)
	}
}

// TestEveryComponentIsPosted: every component and every kind of fact is posted.
func TestEveryComponentIsPosted(t *testing.T) {
	for _, kind := range []servicing.Kind{servicing.Ordinary, servicing.Prepayment, servicing.AdvancePayment, servicing.AdvanceApplied, servicing.RecoveryKind, servicing.WriteOffKind} {
		for _, c := range product.Components {
			s := servicing.Split{Kind: kind, Amount: 7_00, Lines: []servicing.Line{{Component: c, Amount: 7_00}}}
			switch kind {
			case servicing.AdvanceApplied:
				s.Amount, s.FromUnapplied = 0, 7_00
			case servicing.WriteOffKind:
				s.Amount = 0
			}
			e := entries.OfOperation(booking, s)
			if w := unbalanced(e); w != "" || e.Kind == "" {
				t.Errorf("%s of %s: got the kind %q, imbalance %q, want a kind and a balanced entry", kind, c, e.Kind, w)
			}
		}
	}
	unknown := servicing.Split{Kind: servicing.Ordinary, Amount: 7_00, Lines: []servicing.Line{{Component: "alms", Amount: 7_00}}}
	if e := entries.OfOperation(booking, unknown); e.Check() == nil {
		t.Errorf("an unknown component: got the entry %s, want one that fails its check", describe(e))
	}
}

// TestEveryPostedAccountIsNamed: entries use only accounts that have a constant.
func TestEveryPostedAccountIsNamed(t *testing.T) {
	own, err := filepath.Glob("*.go")
	shared, bad := filepath.Glob("../../accounting/*.go")
	if err != nil || bad != nil || len(own) < 4 || len(shared) < 4 {
		t.Fatalf("got the files %v and %v, %v, %v, want at least 4 of each and no error", own, shared, err, bad)
	}
	for _, name := range append(own, shared...) {
		if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == "chart.go" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(`"[1-7][0-9]{3}"`).Find(text); found != nil {
			t.Errorf("%s: got the account code %s, want a constant", name, found)
		}
	}
}

func BenchmarkOperated(b *testing.B) {
	_, s := pay(b, readme(b, nil), servicing.Ordinary, 2_524_33, "2026-02-15")
	b.ReportAllocs()
	for b.Loop() {
		entries.OfOperation(booking, s)
	}
}

func BenchmarkAccrued(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		entries.Accrued(booking, 625_00, 100_00, 0)
	}
}
