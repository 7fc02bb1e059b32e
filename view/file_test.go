package view_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/cache"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// life is a node with a bank that has its own day, and a product with penalty interest.
type life struct {
	*node
	t     *testing.T
	today civil.Date
}

func openLife(t *testing.T, d *db.DB) *life {
	t.Helper()
	l := &life{t: t, today: day("2026-01-15"), node: &node{db: d, View: view.Open(d, cache.NewLocal(1000))}}
	l.bank = office.OpenBank(t, d, office.Committed(l.Forget), office.Clock(func() time.Time { return l.today.Midnight().Add(12 * time.Hour) }))
	p := product.Seed()
	p.Code, p.Name, p.From, p.PenaltyInterest.Rate = "late", "Crédito con moratorios", civil.Date{}, 300_000
	do(t, l.node, lending.CreateProduct{Product: p})
	return l
}

// lend disburses 12,000.00 at 24 % over 12 months.
func (l *life) lend() loan.Loan {
	l.t.Helper()
	c := office.Register(l.t, l.bank, 1)
	return office.Lend(l.t, l.bank, lending.ApplyForLoan{ClientID: c.ID, Product: "late", Amount: 12_000_00, Rate: 240_000, Periods: 12})
}

func (l *life) file(loanID id.ID) view.LoanFile {
	l.t.Helper()
	f, err := l.LoanFile(l.t.Context(), view.System, loanID)
	if err != nil {
		l.t.Fatal(err)
	}
	return f
}

// check compares what the file has by itself: the account that the bank keeps is
// the one that the transactions give, and the instalments tell the same as it.
func (l *life) check(loanID id.ID) view.ScheduleStatus {
	l.t.Helper()
	f := l.file(loanID)
	whole, err := f.At(f.Account.Day)
	if err != nil {
		l.t.Fatal(err)
	}
	if trimmed := servicing.Trim(whole); !reflect.DeepEqual(trimmed, f.Account) {
		l.t.Errorf("got from the transactions\n%+v\nwant as the bank keeps it\n%+v", trimmed, f.Account)
	}
	s, err := f.ScheduleStatus(l.today)
	owing, also := f.Owing(civil.Date{}, l.today)
	if err != nil || also != nil {
		l.t.Fatalf("got the errors %v and %v, want none", err, also)
	}
	var owed, principal money.Amount
	for _, in := range s.Instalments {
		owed += in.Owed.Sum()
		principal += in.Asked.Principal - in.Paid.Principal
		if late := in.Due.Before(l.today) && in.Owed.Sum() > 0; late != (in.Status == view.InstalmentOverdue) {
			l.t.Errorf("instalment %d is %s: got %+v, want late %v", in.Number, in.Status, in, late)
		}
	}
	if owed != owing.Due.Sum() || servicing.Alive(s.Status) && principal != s.Outstanding || s.Outstanding != owing.Outstanding {
		l.t.Errorf("got %s due by the instalments, principal %s, want %s and %s", owed, principal, owing.Due.Sum(), s.Outstanding)
	}
	return s
}

func states(s view.ScheduleStatus) (text string) {
	for _, in := range s.Instalments {
		text += string(in.Status)[:3] + " "
	}
	return strings.TrimSpace(text)
}

func TestLoanFile(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		l := openLife(t, d)
		lent := l.lend()
		if s := l.check(lent.ID); states(s) != strings.TrimSpace(strings.Repeat("PEN ", 12)) || s.Contract.CAT.Percent() == "0.0" || s.Contract.Totals.Principal != 12_000_00 {
			t.Errorf("got %+v, want 12 pending instalments, a CAT and principal of 12000.00", s)
		}
		l.today = day("2026-03-20") // the second is late
		first, _ := do(t, l.node, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 1_200_00, ValueDate: day("2026-02-15")}})
		if s := l.check(lent.ID); !strings.HasPrefix(states(s), "PAI OVE PEN") {
			t.Errorf("got %s, want PAI OVE PEN first", states(s))
		}
		pre, _ := do(t, l.node, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 4_000_00, Kind: servicing.Prepayment}})
		s := l.check(lent.ID)
		if !strings.HasPrefix(states(s), "PAI PAI PEN") || s.Version.Number < 2 || s.Paid != first.Split.Amounts().Plus(pre.Split.Amounts()) {
			t.Errorf("got %s, version %+v, paid %+v, want PAI PAI PEN first, version 2 or later and %v paid", states(s), s.Version, s.Paid, first.Split.Amounts().Plus(pre.Split.Amounts()))
		}
		before := l.file(lent.ID)
		if m, err := before.Transaction(pre.ID); err != nil || m.Split.Version == nil || m.Split.Version.Number != s.Version.Number || m.Split.Amounts() != pre.Split.Amounts() {
			t.Errorf("got %+v, %v, want version number %v and the amounts %v", m, err, s.Version.Number, pre.Split.Amounts())
		}
		do(t, l.node, lending.ReverseTransaction{LoanID: lent.ID, TransactionID: pre.ID})
		after := l.file(lent.ID)
		if l.check(lent.ID); len(after.Transactions) != 4 || after.Transactions[2].Status != servicing.Reversed || after.Transactions[2].ReversedBy != after.Transactions[3].ID {
			t.Errorf("got %+v, want 4 transactions, status %v, reversed by %v", after.Transactions, servicing.Reversed, after.Transactions[3].ID)
		}
		versions := after.Versions
		if last := versions[len(versions)-1]; len(versions) != len(before.Versions)+1 || !last.Current || versions[0].Current || last.Number != s.Version.Number-1 {
			t.Errorf("got %+v, want %d versions, the last alone current, with the number %d", versions, len(before.Versions)+1, s.Version.Number-1)
		}
		if after.Client.FullName == "" || after.Product.Code != "late" || after.Loan.ApprovedBy != "tester" || after.Transactions[0].Actor != "tester" {
			t.Errorf("got %+v, want the client's name, the product late, approved and disbursed by tester", after)
		}
		do(t, l.node, lending.RestructureLoan{LoanID: lent.ID, Rate: 180_000, Periods: 24})
		if s := l.check(lent.ID); s.Status != servicing.Restructured || len(s.Instalments) != 24 || s.Instalments[0].Asked.PenaltyInterest == 0 || s.Instalments[0].Due.Day != before.Contract.Rows[0].Due.Day {
			t.Errorf("%s: got %s, the first on %s, want status %v, 24 instalments, penalty interest in the first, and the day of the month of %s",
				s.Status, states(s), s.Instalments[0].Due, servicing.Restructured, before.Contract.Rows[0].Due)
		}
		do(t, l.node, lending.WriteOffLoan{LoanID: lent.ID})
		if s := l.check(lent.ID); s.Status != servicing.WrittenOff || !strings.HasSuffix(states(s), "WRI") {
			t.Errorf("%s: got %s, want status %v and WRI last", s.Status, states(s), servicing.WrittenOff)
		}
		do(t, l.node, lending.RecoverLoan{LoanID: lent.ID, Amount: 100_00})
		l.check(lent.ID)
	})
}

func TestDaysOfAFile(t *testing.T) {
	l := openLife(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	lent := l.lend()
	l.today = day("2026-03-20")
	do(t, l.node, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 100_00, ValueDate: day("2026-02-20")}})
	f := l.file(lent.ID)
	for _, c := range []struct{ asked, want, earliest string }{
		{"", "2026-03-20", ""},
		{"2026-02-20", "2026-02-20", ""},
		{"2026-12-31", "2026-12-31", ""},
		{"2036-03-20", "2036-03-20", ""},
		{"2036-03-21", "", "2026-02-20"},
		{"2026-02-19", "", "2026-02-20"},
		{"0001-01-01", "", "2026-02-20"},
	} {
		var asked civil.Date
		if c.asked != "" {
			asked = day(c.asked)
		}
		owing, err := f.Owing(asked, l.today)
		payoff, also := f.Payoff(asked, l.today)
		if c.earliest == "" {
			if err != nil || also != nil || owing.Date != day(c.want) || payoff.Date != owing.Date || payoff.Total != (owing.Due.Sum()+owing.Accrued.Sum()+owing.Principal-owing.Unapplied) {
				t.Errorf("%s: got %+v %v, %+v %v, want no errors, both on %v, and the payoff %v", c.asked, owing, err, payoff, also, day(c.want), owing.Due.Sum()+owing.Accrued.Sum()+owing.Principal-owing.Unapplied)
			}
			continue
		}
		var refusal *fault.Error
		if !errors.As(err, &refusal) || also == nil || refusal.Flaws[0].Name() != "date" || refusal.Flaws[0].Values["earliest"] != day(c.earliest) {
			t.Errorf("%s: got %v, %v, want the flaw of date with the earliest %s", c.asked, err, also, c.earliest)
		}
	}
	for today, last := range map[string]string{"2026-03-29": "2036-03-29", "2026-03-31": "2036-03-31", "2028-02-28": "2038-02-28", "2028-02-29": "2038-02-28"} {
		if _, err := f.Owing(day(last), day(today)); err != nil {
			t.Errorf("%s, ten years after %s: got %v, want no error", last, today, err)
		}
		if _, err := f.Owing(day(last).AddDays(1), day(today)); !fault.Is(err, fault.Invalid) {
			t.Errorf("a day after %s, ten years after %s: got %v, want %v", last, today, err, fault.Invalid)
		}
	}
	for _, c := range []struct{ from, to, want string }{
		{"", "", "2026-01-15 2026-03-20"},
		{"2026-02-01", "2026-02-28", "2026-02-01 2026-02-28"},
		{"2026-01-14", "", "2026-01-15 2026-03-20 shortened"}, {"", "2026-03-31", "2026-01-15 2026-03-20 shortened"},
		{"0001-01-01", "9999-12-31", "2026-01-15 2026-03-20 shortened"}, {"2026-03-20", "2026-03-31", "2026-03-20 2026-03-20 shortened"},
		{"2026-03-01", "2026-02-28", "from"}, {"2026-03-21", "", "from"}, {"2026-03-21", "2026-03-31", "from"}, {"", "2026-01-14", "to"}, {"2026-01-01", "2026-01-14", "to"},
	} {
		var asked [2]civil.Date
		for i, text := range []string{c.from, c.to} {
			if text != "" {
				asked[i] = day(text)
			}
		}
		p, err := f.Period(asked[0], asked[1], l.today)
		got := fmt.Sprint(p.From, " ", p.To)
		if p.Shortened {
			got += " shortened"
		}
		var refusal *fault.Error
		if errors.As(err, &refusal) {
			got = refusal.Flaws[0].Name()
		}
		if got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

func TestFileBeforeTheDisbursement(t *testing.T) {
	l := openLife(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	c := office.Register(t, l.bank, 1)
	applied, _ := do(t, l.node, lending.ApplyForLoan{ClientID: c.ID, Product: "late", Amount: 12_000_00, Rate: 240_000, Periods: 12})
	f := l.file(applied.ID)
	_, owing := f.Owing(civil.Date{}, l.today)
	_, standing := f.ScheduleStatus(l.today)
	_, period := f.Period(civil.Date{}, civil.Date{}, l.today)
	for what, err := range map[string]error{"owing": owing, "standing": standing, "period": period} {
		if !fault.Is(err, servicing.WrongState) {
			t.Errorf("%s: got %v, want %v", what, err, servicing.WrongState)
		}
	}
	if _, err := l.LoanFile(t.Context(), view.System, id.ID{1}); !fault.Is(err, loan.NotFound) {
		t.Errorf("got %v, want %v", err, loan.NotFound)
	}
}

// Each list of transactions has what is stored, in the order of registration, by
// pages, and a single transaction equals its row in the lists.
func TestTransactions(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		l := openLife(t, d)
		lent := l.lend()
		first, _ := do(t, l.node, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 1_500_00, Kind: servicing.AdvancePayment}})
		l.today = day("2026-02-20")
		reversal, _ := do(t, l.node, lending.ReverseTransaction{LoanID: lent.ID, TransactionID: first.ID})
		do(t, l.node, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 900_00, ValueDate: day("2026-01-20")}})
		_, need := do(t, l.node, lending.RestructureLoan{LoanID: lent.ID, Rate: 100_000, Periods: 6, Capitalise: true})
		all, pages := walk(t, 2, func(p view.Paging) (view.Page[view.StoredTransaction], error) {
			return l.Transactions(t.Context(), system(need), lent.ID, p)
		})
		paid, _ := walk(t, 1, func(p view.Paging) (view.Page[view.StoredTransaction], error) {
			return l.Payments(t.Context(), system(need), lent.ID, p)
		})
		f := l.file(lent.ID)
		if len(all) != 5 || pages != 3 || len(paid) != 2 || len(f.Transactions) != 5 {
			t.Fatalf("got %d transactions in %d pages, %d payments, %d in the file, want 5 in 3 pages, 2 payments, 5 in the file", len(all), pages, len(paid), len(f.Transactions))
		}
		for i, m := range all {
			one, err := l.Transaction(t.Context(), system(need), lent.ID, m.Transaction.ID)
			got, want := parsed(t, one), string(f.Transactions[i].AppendJSON(nil))
			if err != nil || !reflect.DeepEqual(one, m) || string(got.AppendJSON(nil)) != want || string(one.Transaction.AppendStored(nil, one.NewTerms, one.Split)) != want || got.Number != i {
				t.Errorf("%d: got %+v, %v\nwant %s", i, got, err, want)
			}
		}
		if last := parsed(t, all[4]); paid[0].Transaction.ReversedBy != reversal.ID || paid[0].Transaction.Status != servicing.Reversed || paid[1].Transaction.Status != servicing.InForce || last.NewTerms == nil || last.NewTerms.Terms.Periods != 6 {
			t.Errorf("got %+v, want the first payment reversed by %v, the second in force, and new terms of 6 periods last", all, reversal.ID)
		}
		if _, err := l.Transaction(t.Context(), view.System, lent.ID, id.ID{1}); !fault.Is(err, servicing.TransactionNotFound) {
			t.Errorf("got %v, want %v", err, servicing.TransactionNotFound)
		}
		if _, err := l.Transaction(t.Context(), view.System, id.ID{1}, first.ID); !fault.Is(err, loan.NotFound) {
			t.Errorf("got %v, want %v", err, loan.NotFound)
		}
		if _, err := l.Transactions(t.Context(), view.System, id.ID{1}, view.Paging{Limit: 1}); !fault.Is(err, loan.NotFound) {
			t.Errorf("got %v, want %v", err, loan.NotFound)
		}
		statement, err := value(l.Statement(t.Context(), system(need), lent.ClientID, rest.statement))
		if err != nil || len(statement.ActiveLoans) != 1 || statement.ActiveLoans[0].Status != servicing.Restructured {
			t.Errorf("got %+v %v, want 1 active loan, status %v", statement, err, servicing.Restructured)
		}
		if h := statement.PaymentHistory; len(h) != 2 || h[0].Transaction.ID != paid[1].Transaction.ID || h[1].Transaction.Status != servicing.Reversed {
			t.Errorf("got %+v, want 2 payments, %v first, the second reversed", h, paid[1].Transaction.ID)
		}
	})
}

// parsed is a transaction with its new terms and its split.
func parsed(t *testing.T, stored view.StoredTransaction) servicing.Transaction {
	t.Helper()
	m, err := stored.Parse()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestClientFile has every loan of the client as its own file has it.
func TestClientFile(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		l := openLife(t, d)
		lent := l.lend()
		applied, _ := do(t, l.node, lending.ApplyForLoan{ClientID: lent.ClientID, Product: "seed", Amount: 500_00, Rate: 100_000, Periods: 2})
		second := office.Grant(t, l.bank, lent.ClientID, 7_000_00)
		other := office.Register(t, l.bank, 2)
		office.Grant(t, l.bank, other.ID, 1_000_00)
		l.today = day("2026-03-20")
		for _, to := range []id.ID{lent.ID, second.ID, lent.ID} {
			pay(t, l.node, to, 1_000_00)
		}
		f, err := l.ClientFile(t.Context(), view.System, lent.ClientID)
		if err != nil || len(f.Loans) != 3 || f.Client.RFC != "PEPJ800101001" {
			t.Fatalf("got %d loans of %q, %v, want 3 loans, RFC PEPJ800101001", len(f.Loans), f.Client.RFC, err)
		}
		for i, loanID := range []id.ID{lent.ID, applied.ID, second.ID} {
			if want := l.file(loanID); !reflect.DeepEqual(f.Loans[i], want) {
				t.Errorf("loan %d: got\n%+v\nwant as in its own file\n%+v", i, f.Loans[i], want)
			}
		}
		if n := len(f.Loans[0].Transactions); n != 3 {
			t.Errorf("got %d transactions, want 3", n)
		}
		newcomer := office.Register(t, l.bank, 3)
		if f, err := l.ClientFile(t.Context(), view.System, newcomer.ID); err != nil || f.Client.ID != newcomer.ID || len(f.Loans) != 0 {
			t.Errorf("got %+v, %v, want ID %v, 0 loans", f, err, newcomer.ID)
		}
		if _, err := l.ClientFile(t.Context(), view.System, id.ID{1}); !fault.Is(err, client.NotFound) {
			t.Errorf("got %v, want %v", err, client.NotFound)
		}
	})
}
