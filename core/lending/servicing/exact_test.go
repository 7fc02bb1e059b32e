package servicing_test

import (
	"testing"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// compounding is a loan of 10,000.00 at 60 % over 240 months, whose level payment of
// 500.0041 is rounded to its interest.
func compounding(t *testing.T, rules int, excess product.Excess) servicing.Account {
	t.Helper()
	p := product.Seed()
	p.IVA.Rate, p.Excess = 0, excess
	terms, err := p.Terms(10_000_00, 600_000, 240, date("2026-01-15"), civil.Date{})
	if err != nil {
		t.Fatal(err)
	}
	terms.Rules = rules
	s, err := schedule.Plan(terms)
	if err != nil {
		t.Fatal(err)
	}
	return servicing.Open(p, s)
}

// instalmentsOf returns the reason of the version, the number of instalments, and the
// first and the last principal and interest.
func instalmentsOf(a servicing.Account) (reason string, count int, first, last money.Amount) {
	of := func(in *servicing.Instalment) money.Amount { return in.Contract.Principal + in.Contract.Interest }
	n := len(a.Instalments)
	return a.Version.Reason, n, of(a.Instalments[0]), of(a.Instalments[n-1])
}

// TestPrepaymentOfACompoundingLoan: the version of the rules in the contract decides how
// the schedule after a prepayment is computed.
func TestPrepaymentOfACompoundingLoan(t *testing.T) {
	for _, c := range []struct {
		rules       int
		excess      product.Excess
		paid        money.Amount
		reason      string
		count       int
		first, last money.Amount
	}{
		{0, product.ReduceInstalment, 5, "reduce_instalment", 240, 500_00, 10_499_95},
		{0, product.ReduceTerm, 5, "reduce_term", 240, 500_00, 10_499_95},
		{schedule.Rules2, product.ReduceInstalment, 5, "reduce_instalment", 240, 500_00, 500_00},
		{schedule.Rules2, product.ReduceTerm, 5, "reduce_instalment", 240, 500_00, 500_00}, // the term cannot be reduced
		{0, product.ReduceTerm, 100_00, "reduce_term", 95, 500_00, 196_20},
		{schedule.Rules2, product.ReduceTerm, 100_00, "reduce_term", 95, 500_00, 196_20},
		{0, product.ReduceInstalment, 9_999_90, "reduce_instalment", 240, 1, 11},
		{schedule.Rules2, product.ReduceInstalment, 9_999_90, "reduce_term", 1, 11, 11}, // an instalment cannot be 0.00
		{schedule.Rules2, product.ReduceTerm, 9_999_90, "reduce_term", 1, 11, 11},
	} {
		a := compounding(t, c.rules, c.excess)
		after, split, err := servicing.Receive(a, servicing.Operation{Amount: c.paid, ValueDate: a.Day}, a.Day)
		if err != nil {
			t.Fatal(describe(err))
		}
		reason, count, first, last := instalmentsOf(after)
		if reason != c.reason || count != c.count || first != c.first || last != c.last || split.Version.Reason != c.reason || after.Version.Terms.Rules != c.rules {
			t.Errorf("rules %d, %s, %s paid: got %s (split %s), rules %d, %d instalments, the first %s and the last %s; want %s, rules %d, %d, %s, %s",
				c.rules, c.excess, c.paid, reason, split.Version.Reason, after.Version.Terms.Rules, count, first, last, c.reason, c.rules, c.count, c.first, c.last)
		}
	}
}

// TestPrepaymentWithinAPeriod: the new table repays the balance from any day on. Rounding
// changes no instalment after the current one, which leaves out the prepaid interest, by
// more than the limit.
func TestPrepaymentWithinAPeriod(t *testing.T) {
	for _, on := range []string{"2026-01-16", "2026-03-01", "2030-07-15", "2040-02-29", "2045-12-31"} {
		a := compounding(t, schedule.Rules2, product.ReduceInstalment)
		a, _ = servicing.Roll(a, date(on))
		due := servicing.Due(a, date(on))
		a, split, err := servicing.Receive(a, servicing.Operation{Amount: due.Due.Sum() + due.Accrued.Interest + 5, ValueDate: date(on)}, date(on))
		if err != nil || split.Version == nil {
			t.Fatalf("%s: got %v and the version %v, want a new version", on, err, split.Version)
		}
		var principal money.Amount
		for _, in := range a.Instalments {
			if !in.Until.After(a.Day) {
				continue
			}
			principal += in.Contract.Principal
			own, left := in.Contract.Principal+in.Contract.Interest, split.Version.Terms.Periods
			if off := max(own-a.Version.Level, a.Version.Level-own); in.From == in.PaidTo && off > schedule.MaxDrift(a.Version.Level, left) {
				t.Errorf("%s: got %s in instalment %d, want %s, at most %s off", on, own, in.Number, a.Version.Level, schedule.MaxDrift(a.Version.Level, left))
			}
		}
		if principal != a.Outstanding {
			t.Errorf("%s: got principal of %s, want %s", on, principal, a.Outstanding)
		}
	}
}

// TestRestructureOfACompoundingLoan: the new terms name their own version of the rules.
func TestRestructureOfACompoundingLoan(t *testing.T) {
	for _, c := range []struct {
		contract, renewed int
		last              money.Amount
	}{{0, 0, 10_500_00}, {0, schedule.Rules2, 500_00}, {schedule.Rules2, schedule.Rules2, 500_00}} {
		a := compounding(t, c.contract, product.ReduceInstalment)
		terms := a.Version.Terms
		terms.FirstDue, terms.Rules = civil.Date{}, c.renewed
		after, _, err := servicing.Restructure(a, servicing.NewTerms{Terms: terms}, a.Day, a.Day)
		if err != nil {
			t.Fatal(describe(err))
		}
		if _, _, _, last := instalmentsOf(after); last != c.last || after.Version.Terms.Rules != c.renewed {
			t.Errorf("rules %d and then %d: got %s in the last instalment and rules %d, want %s", c.contract, c.renewed, last, after.Version.Terms.Rules, c.last)
		}
		terms.Periods, terms.AnnualRate, a.Outstanding = 24, 0, 1
		if _, _, err := servicing.Restructure(a, servicing.NewTerms{Terms: terms}, a.Day, a.Day); (err != nil) != (c.renewed == schedule.Rules2) {
			t.Errorf("a centavo over 24 months, rules %d: got %v, want a refusal from rules %d on", c.renewed, err, schedule.Rules2)
		}
	}
}

// TestHistoryKeepsItsRules: a payment with an earlier value date and a reversal recompute
// a loan of before by the rules of before, to the last row.
func TestHistoryKeepsItsRules(t *testing.T) {
	a := compounding(t, 0, product.ReduceInstalment)
	h := servicing.History{Product: a.Product}
	var err error
	if h.Contract, err = schedule.Plan(a.Version.Terms); err != nil {
		t.Fatal(err)
	}
	first := servicing.Operation{Number: 1, Amount: 500_00, ValueDate: date("2026-03-15")}
	h.Operations = []servicing.Operation{first}
	change, err := h.With(servicing.Operation{Number: 2, Amount: 500_00, ValueDate: date("2026-02-15")}, date("2026-03-20"))
	if err != nil {
		t.Fatal(describe(err))
	}
	reversed, err := servicing.Reverse(change.History, 2)
	if err != nil {
		t.Fatal(describe(err))
	}
	for name, got := range map[string]servicing.Account{"a payment dated back": change.Account, "its reversal": reversed.Account} {
		n := len(h.Contract.Rows)
		for i, in := range got.Instalments {
			if row := h.Contract.Rows[n-len(got.Instalments)+i]; in.Contract.Principal != row.Principal || in.Contract.Interest != row.Interest {
				t.Errorf("%s: got principal %s and interest %s in instalment %d, want %s and %s", name, in.Contract.Principal, in.Contract.Interest, in.Number, row.Principal, row.Interest)
			}
		}
		if _, _, _, last := instalmentsOf(got); last != 10_500_00 || got.Version.Terms.Rules != 0 || got.Version.Number != 1 {
			t.Errorf("%s: got %s in the last instalment, rules %d, version %d; want %s, 0, 1", name, last, got.Version.Terms.Rules, got.Version.Number, money.Amount(10_500_00))
		}
	}
}
