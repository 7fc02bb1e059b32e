package servicing_test

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/test/formula"
	"sofipo/test/loans"
	"sofipo/test/random"
)

// broken returns a broken invariant of an account, "" if there is none.
func broken(a servicing.Account) string {
	if a.Status == servicing.Cancelled {
		return ""
	}
	parts := []money.Amount{a.Outstanding, a.Unapplied, a.Capitalised}
	for _, c := range product.Components {
		parts = append(parts, a.Paid.Of(c), a.WrittenOff.Of(c), a.Recovered.Of(c))
	}
	owed := servicing.Due(a, a.Day)
	for _, c := range product.Components {
		parts = append(parts, owed.Due.Of(c), owed.Accrued.Of(c))
	}
	parts = append(parts, owed.Principal, servicing.PayoffOf(a, a.Day).Total)
	if w := unexplained(a); w != "" {
		return w
	}
	var unpaid, capital money.Amount
	for _, in := range a.Instalments {
		if in.Contract.Principal < in.Paid.Principal {
			return fmt.Sprintf("instalment %d paid more principal than it has", in.Number)
		}
		if unpaid += in.Contract.Principal - in.Paid.Principal; in.Until.After(a.Day) {
			capital += in.Capitalised
		}
	}
	for i, x := range parts {
		if x < 0 {
			return fmt.Sprintf("part %d is negative: %s", i, x)
		}
	}
	switch {
	case a.Paid.Principal+a.Outstanding+a.WrittenOff.Principal+a.Recovered.Principal != a.Granted+a.Capitalised:
		return "principal paid and outstanding are not the principal"
	case servicing.Alive(a.Status) && unpaid != a.Outstanding+capital:
		return fmt.Sprintf("instalments have %s of principal, the loan %s", unpaid, a.Outstanding+capital)
	case a.Status == servicing.PaidOff && a.Outstanding != 0:
		return "paid off with something left"
	case servicing.Alive(a.Status) && a.Unapplied > 0 && owed.Due.Sum() > 0:
		return "an advance is held while something is due"
	}
	return ""
}

// unexplained returns a fault of the explanation of the payoff, "" if there is none.
func unexplained(a servicing.Account) string {
	payoff := servicing.PayoffOf(a, a.Day)
	sums := map[product.Component]money.Amount{"": -payoff.Unapplied}
	for _, c := range product.Components {
		sums[c] = payoff.Amounts.Of(c)
	}
	total := payoff.Total
	for _, part := range servicing.ExplainPayoff(a, a.Day) {
		var terms money.Amount
		for _, term := range part.Terms {
			terms += term.Amount
			if term.Formula == "" {
				continue
			}
			value, ok := formula.Value(term.Formula[strings.Index(term.Formula, ":")+1:])
			if !ok {
				return fmt.Sprintf("%q is not a formula", term.Formula)
			}
			if got := new(big.Rat).Mul(value, big.NewRat(100, 1)); money.RoundRatio(got.Num(), got.Denom(), a.Version.Terms.Rounding).Int64() != int64(term.Amount) {
				return fmt.Sprintf("instalment %d, %s: %s is not %s", part.Instalment, part.Component, term.Formula, term.Amount)
			}
		}
		sums[part.Component] -= part.Amount
		if total -= part.Amount; terms != part.Amount || part.Amount == 0 {
			return fmt.Sprintf("instalment %d, %s: the terms add up to %s, not %s", part.Instalment, part.Component, terms, part.Amount)
		}
	}
	for c, rest := range sums {
		if rest != 0 {
			return fmt.Sprintf("the explanation of %s leaves %s of the payoff %+v", c, rest, payoff)
		}
	}
	if total != 0 {
		return fmt.Sprintf("the explanation leaves %s of the payoff %+v", total, payoff)
	}
	return ""
}

// unsound returns a fault of a split, "" if there is none.
func unsound(s servicing.Split) string {
	if s.Kind == servicing.WriteOffKind || s.Kind == servicing.Cancellation {
		return ""
	}
	if s.Kind == servicing.RefundKind {
		if s.Amount != s.FromUnapplied || s.Amount <= 0 || len(s.Lines) > 0 {
			return fmt.Sprintf("a refund of %s from %s", s.Amount, s.FromUnapplied)
		}
		s.Amount, s.FromUnapplied = 0, 0
	}
	if s.Amount+s.FromUnapplied != s.Amounts().Sum()+s.ToUnapplied {
		return fmt.Sprintf("%s + %s are split into %s + %s", s.Amount, s.FromUnapplied, s.Amounts().Sum(), s.ToUnapplied)
	}
	var in, out money.Amount
	for f := range s.Facts() {
		switch f.Kind {
		case servicing.Received, servicing.UnappliedUsed:
			in += f.Amount
		case servicing.Collected, servicing.UnappliedAdded, servicing.RecoveredFact:
			out += f.Amount
		}
	}
	if in != out || s.ToUnapplied < 0 || s.FromUnapplied < 0 {
		return fmt.Sprintf("facts %+v", slices.Collect(s.Facts()))
	}
	for _, l := range s.Lines {
		if l.Amount <= 0 {
			return fmt.Sprintf("line %+v", l)
		}
	}
	for _, b := range s.Before {
		if w := unsound(b); w != "" {
			return w
		}
	}
	return ""
}

// life is a loan under test with its history.
type life struct {
	history servicing.History
	account servicing.Account
	splits  []servicing.Split
}

func (l *life) try(t *rapid.T, o servicing.Operation) {
	before := l.account
	given := before
	given.Instalments = slices.Clone(before.Instalments)
	for i, in := range before.Instalments {
		own := *in
		given.Instalments[i] = &own
	}
	after, s, err := servicing.Apply(l.account, o, o.ValueDate)
	if !reflect.DeepEqual(before, given) {
		t.Fatalf("%s: got the given account changed to\n%+v\nwant it unchanged\n%+v", o.Kind, before, given)
	}
	if err != nil {
		if !reflect.DeepEqual(after, before) {
			t.Fatalf("refused with %v: got\n%+v\nwant the account unchanged\n%+v", err, after, before)
		}
		return
	}
	if w := unsound(s); w != "" {
		t.Fatalf(`%s: got %s, want a sound split`, o.Kind, w)
	}
	if w := broken(after); w != "" {
		t.Fatalf(`after %s of %s on %s: got %s, want a sound account`, o.Kind, o.Amount, o.ValueDate, w)
	}
	earned, was := servicing.Recognised(after), servicing.Recognised(before)
	for _, c := range product.Components {
		if earned.Of(c) < was.Of(c) {
			t.Fatalf("%s: got %s of %s earned, want at least %s", o.Kind, earned.Of(c), c, was.Of(c))
		}
	}
	s.Operation = o.Number
	l.account, l.splits = after, append(l.splits, s)
	l.history.Operations = append(l.history.Operations, o)
	undone, err := servicing.Reverse(l.history, o.Number)
	if err != nil {
		t.Fatal(err)
	}
	if rolled, _ := servicing.Roll(undone.Account, before.Day); !reflect.DeepEqual(rolled, before) {
		t.Fatalf("reversing %s: got\n%+v, want\n%+v", o.Kind, rolled, before)
	}
	if len(undone.Differences) != 1 || undone.Differences[0].Operation != o.Number {
		t.Fatalf("reversing the last operation got %+v, want one difference, of operation %v", undone.Differences, o.Number)
	}
}

// TestAnyHistory checks the invariants over random operations. At random it reverses or adds
// an operation in the middle, and compares the account with its replay.
func TestAnyHistory(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		p := loans.AnyProduct(t)
		s := loans.AnyContract(t, p)
		l := life{history: servicing.History{Product: p, Contract: s}, account: servicing.Open(p, s)}
		for range rapid.IntRange(1, 9).Draw(t, "operations") {
			l.try(t, loans.AnyOperation(t, l.history, l.account))
		}
		account, splits, err := servicing.Recompute(l.history)
		if err != nil || !reflect.DeepEqual(account, l.account) || len(splits) != len(l.splits) || len(splits) > 0 && !reflect.DeepEqual(splits, l.splits) {
			t.Fatalf("replay: got %v\n%+v\nwant %+v", err, account, l.account)
		}
		finish(t, l.account)
		if len(splits) == 0 {
			return
		}
		number := rapid.IntRange(1, len(splits)).Draw(t, "reversed")
		change, err := servicing.Reverse(l.history, number)
		if err != nil {
			return // a later operation needs it
		}
		if w := broken(change.Account); w != "" {
			t.Fatalf(`after reversing %d: got %s, want a sound account`, number, w)
		}
		var gone servicing.Operation
		for _, o := range l.history.Operations {
			if o.Number == number {
				gone = o
			}
		}
		back, err := change.History.With(gone, l.account.Day)
		if err != nil || !reflect.DeepEqual(back.Account, l.account) {
			t.Fatalf("putting %d back: got %v\n%+v\nwant %+v", number, err, back.Account, l.account)
		}
	})
}

// finish pays the amount due on each remaining due date, which pays off the loan.
func finish(t *rapid.T, a servicing.Account) {
	if !servicing.Alive(a.Status) {
		return
	}
	for _, in := range a.Instalments {
		date := in.Due
		if date.Before(a.Day) {
			date = a.Day
		}
		due := servicing.Due(a, date).Due.Sum()
		if due == 0 {
			a, _ = servicing.Roll(a, date)
			continue
		}
		after, _, err := servicing.Receive(a, servicing.Operation{Amount: due, ValueDate: date}, date)
		if err != nil {
			t.Fatalf("instalment %d: %v", in.Number, err)
		}
		a = after
	}
	if a.Status != servicing.PaidOff || a.Outstanding != 0 || a.Unapplied != 0 {
		t.Fatalf("every instalment paid: got %+v, want status %v with nothing outstanding or unapplied", a, servicing.PaidOff)
	}
}

// TestNewScheduleIsATable: after a prepayment on the day of disbursement, the schedule is
// that of a loan of the new balance.
func TestNewScheduleIsATable(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		p := loans.AnyProduct(t)
		p.Excess, p.Residue = product.ReduceInstalment, schedule.Last
		s := loans.AnyContract(t, p)
		if s.Terms.Amount == 1 {
			return
		}
		part := money.Amount(rapid.Int64Range(1, int64(s.Terms.Amount)-1).Draw(t, "prepaid"))
		a, split, err := servicing.Receive(servicing.Open(p, s), servicing.Operation{Amount: part, ValueDate: s.Terms.Disbursement}, s.Terms.Disbursement)
		if err != nil || split.Version == nil || a.Outstanding != s.Terms.Amount-part {
			t.Fatalf("got %v %+v, want a new version and %v outstanding", err, split, s.Terms.Amount-part)
		}
		terms := s.Terms
		terms.Amount = a.Outstanding
		terms.Fees.Origination = schedule.Fee{}
		table, err := schedule.Build(terms)
		if err != nil {
			return // fees on so small a loan have no CAT
		}
		want := servicing.Open(p, table)
		if !reflect.DeepEqual(a.Instalments, want.Instalments) || a.Version.Level != want.Version.Level {
			t.Fatalf("got %+v at the level %s\nwant %+v at %s", a.Instalments, a.Version.Level, want.Instalments, want.Version.Level)
		}
	})
}

// TestPayingTheSchedule: paying each instalment on its due date pays the loan off
// with exactly the schedule's totals.
func TestPayingTheSchedule(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		p := loans.AnyProduct(t)
		s := loans.AnyContract(t, p)
		a := servicing.Open(p, s)
		var want servicing.Amounts
		for k, r := range s.Rows {
			want = want.Plus(servicing.Amounts{Principal: r.Principal, Interest: r.Interest, InterestIVA: r.IVA, Fee: r.Fee, FeeIVA: r.FeeIVA, Insurance: r.Insurance})
			if want.Sum() == 0 || k+1 < len(s.Rows) && s.Rows[k+1].Due == r.Due { // a holiday may move two instalments to the same day
				continue
			}
			after, split, err := servicing.Receive(a, servicing.Operation{Amount: want.Sum(), ValueDate: r.Due}, r.Due)
			if err != nil {
				t.Fatalf("row %+v: %v", r, err)
			}
			if split.Amounts() != want || len(split.Before) > 0 && split.Before[0].Kind != servicing.Capitalisation {
				t.Fatalf("row %+v: got the split %+v, want %+v", r, split, want)
			}
			a, want = after, servicing.Amounts{}
		}
		if a.Status != servicing.PaidOff || a.Outstanding != 0 || a.Paid.Interest != s.Totals.Interest || a.Paid.Principal != s.Totals.Principal || a.Version.Number != 1 {
			t.Fatalf("got %+v, want status %v, outstanding 0, interest %v, principal %v, number 1", a, servicing.PaidOff, s.Totals.Interest, s.Totals.Principal)
		}
	})
}

// TestRollingInSteps: rolling in one step and in many steps gives the same account.
func TestRollingInSteps(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		p := loans.AnyProduct(t)
		s := loans.AnyContract(t, p)
		a := servicing.Open(p, s)
		held := servicing.Operation{Amount: s.Rows[0].Total/2 + 1, ValueDate: a.Day, Kind: servicing.AdvancePayment}
		if with, _, err := servicing.Receive(a, held, a.Day); err == nil && rapid.Bool().Draw(t, "advance") {
			a = with
		}
		to := a.Day.AddDays(rapid.IntRange(1, 300).Draw(t, "days"))
		whole, _ := servicing.Roll(a, to)
		for a.Day.Before(to) {
			next := a.Day.AddDays(rapid.IntRange(1, 40).Draw(t, "step"))
			if next.After(to) {
				next = to
			}
			a, _ = servicing.Roll(a, next)
			if a.Day != next {
				break // paid off
			}
		}
		if !reflect.DeepEqual(a, whole) {
			t.Fatalf("in steps: got\n%+v\nwant\n%+v", a, whole)
		}
	})
}
