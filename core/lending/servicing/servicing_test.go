package servicing_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"slices"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/test/loans"
)

func readme(t *testing.T) (servicing.History, servicing.Account) {
	t.Helper()
	p := product.Seed()
	s := loans.Contract(t, p, 50_000_00, 150_000, 24, date("2026-01-15"))
	return servicing.History{Product: p, Contract: s}, servicing.Open(p, s)
}

// TestLargestLoan: the largest amount at the highest rate, unpaid for the longest time,
// accrues the exact interest. The intermediate values exceed 64 bits.
func TestLargestLoan(t *testing.T) {
	p := product.Seed()
	p.DayCount, p.Method, p.IVA = civil.ActualActual, schedule.Bullet, rate.IVA{}
	p.Limits.MaxRate = schedule.MaxRate
	p.PenaltyInterest = product.PenaltyTerms{Rate: schedule.MaxRate, DayCount: civil.ActualActual}
	terms, err := p.Terms(money.Max, schedule.MaxRate, 1, date("2026-01-01"), date("2026-01-02"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := schedule.Build(terms)
	if err != nil {
		t.Fatal(err)
	}
	a := servicing.Open(p.Defaults(), s)
	for years := 1; years <= 40; years++ { // in steps, to test the addition of sums
		to := civil.On(2026+years, 1, 2)
		a, _ = servicing.Roll(a, to)
		days := int64(to.Since(date("2026-01-02")))
		leap := int64(0)
		for y := 2026; y <= 2026+years; y++ {
			if civil.Leap(y) && y < 2026+years {
				leap += 366
			} else if civil.Leap(y) {
				leap++
			}
		}
		exact := new(big.Rat).Add(big.NewRat(days-leap, 365), big.NewRat(leap, 366))
		exact.Mul(exact, new(big.Rat).SetInt64(int64(money.Max)*10)) // at 1,000 %
		want := money.RoundRatio(exact.Num(), exact.Denom(), money.HalfUp)
		owing := servicing.Due(a, to)
		if owing.Due.PenaltyInterest != money.Amount(want.Int64()) || owing.Due.Interest < owing.Due.PenaltyInterest || owing.DaysPastDue != int(days) {
			t.Errorf("%s: got %+v, want %s", to, owing.Due, want)
		}
	}
}

// TestInterestOutlivesPrincipal: a loan with nothing left in its last instalment is not paid
// off while interest on overdue principal is due on that date.
func TestInterestOutlivesPrincipal(t *testing.T) {
	p := product.Seed()
	p.Method, p.IVA, p.Limits.MaxRate = schedule.EqualPrincipal, rate.IVA{}, schedule.MaxRate
	terms, err := p.Terms(2, schedule.MaxRate, 3, date("2026-01-15"), civil.Date{})
	if err != nil {
		t.Fatal(err)
	}
	terms.Rules = schedule.Rules1 // later rules refuse an instalment without principal
	s, err := schedule.Build(terms)
	if err != nil {
		t.Fatal(err)
	}
	pay := func(a servicing.Account, amount money.Amount, on string) servicing.Account {
		after, _, err := servicing.Receive(a, servicing.Operation{Amount: amount, ValueDate: date(on)}, date(on))
		if err != nil {
			t.Fatal(describe(err))
		}
		return after
	}
	a := pay(servicing.Open(p, s), s.Rows[0].Total, "2026-02-15")
	a = pay(a, s.Rows[1].Total, "2026-04-10") // 25 days late: 0.01 × 10 × 25/360 = 0.0069
	if a.Status != servicing.Active || a.Outstanding != 0 || servicing.PayoffOf(a, a.Day).Total != 1 {
		t.Fatalf("got %+v, want status %v, outstanding 0, total 1", a, servicing.Active)
	}
	if a = pay(a, 1, "2026-04-15"); a.Status != servicing.PaidOff {
		t.Errorf("got %+v, want status %v", a, servicing.PaidOff)
	}
}

// TestNothingToWriteOff: unapplied funds may cover the whole debt.
func TestNothingToWriteOff(t *testing.T) {
	_, a := readme(t)
	a, _, err := servicing.Receive(a, servicing.Operation{Amount: a.Outstanding, ValueDate: a.Day, Kind: servicing.AdvancePayment}, a.Day)
	if err != nil || a.Unapplied != 50_000_00 || a.Status != servicing.Active {
		t.Fatalf("got %+v, %v, want unapplied 50000.00, status %v", a, err, servicing.Active)
	}
	if _, _, err := servicing.WriteOff(a, a.Day, a.Day); !fault.Is(err, servicing.NotActive) {
		t.Errorf("written off: got %v, want %v", err, servicing.NotActive)
	}
	if _, _, err := servicing.Restructure(a, servicing.NewTerms{Terms: a.Version.Terms}, a.Day, a.Day); !fault.Is(err, servicing.NotActive) {
		t.Errorf("restructured: got %v, want %v", err, servicing.NotActive)
	}
}

func TestStates(t *testing.T) {
	for _, c := range []struct {
		from, to servicing.Status
		may      bool
	}{
		{servicing.Applied, servicing.Approved, true}, {servicing.Applied, servicing.Active, false}, {servicing.Approved, servicing.Active, true},
		{servicing.Active, servicing.Restructured, true}, {servicing.Restructured, servicing.Cancelled, false}, {servicing.PaidOff, servicing.Active, false},
		{servicing.WrittenOff, servicing.PaidOff, false}, {servicing.Cancelled, servicing.Active, false},
	} {
		if servicing.CanBecome(c.from, c.to) != c.may {
			t.Errorf("%s to %s: got the opposite, want %v", c.from, c.to, c.may)
		}
	}
	if !servicing.Alive(servicing.Active) || !servicing.Alive(servicing.Restructured) || servicing.Alive(servicing.Approved) || servicing.Alive(servicing.WrittenOff) {
		t.Errorf("got alive %v %v %v %v, want ACTIVE and RESTRUCTURED, not APPROVED nor WRITTEN_OFF", servicing.Alive(servicing.Active), servicing.Alive(servicing.Restructured), servicing.Alive(servicing.Approved), servicing.Alive(servicing.WrittenOff))
	}
}

func TestOpeningFacts(t *testing.T) {
	h, _ := readme(t)
	terms := h.Contract.Terms
	terms.Fees = schedule.Fees{Origination: schedule.Fee{Rate: 30_000}, OriginationPayment: schedule.Deducted, IVARate: 160_000}
	for _, c := range []struct {
		payment schedule.OriginationPayment
		want    []servicing.Fact
	}{
		{schedule.Deducted, []servicing.Fact{{servicing.Lent, product.Principal, 50_000_00}, {servicing.Disbursed, "", 48_260_00},
			{servicing.OpeningCollected, product.Fee, 1_500_00}, {servicing.OpeningCollected, product.FeeIVA, 240_00}}},
		{schedule.Apart, []servicing.Fact{{servicing.Lent, product.Principal, 50_000_00}, {servicing.Disbursed, "", 50_000_00}, {servicing.Received, "", 1_740_00},
			{servicing.OpeningCollected, product.Fee, 1_500_00}, {servicing.OpeningCollected, product.FeeIVA, 240_00}}},
	} {
		terms.Fees.OriginationPayment = c.payment
		s, err := schedule.Build(terms)
		if err != nil {
			t.Fatal(err)
		}
		if got := servicing.OpeningFacts(s); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", c.payment, got, c.want)
		}
	}
}

// TestFacts tests the facts of each kind of operation.
func TestFacts(t *testing.T) {
	_, a := readme(t)
	day := date("2026-02-15")
	_, paid, err := servicing.Receive(a, servicing.Operation{Amount: 2_600_00, ValueDate: day, Kind: servicing.AdvancePayment}, day)
	if err != nil {
		t.Fatal(err)
	}
	after, off, err := servicing.WriteOff(a, date("2026-01-15"), day)
	if err != nil {
		t.Fatal(err)
	}
	_, back, err := servicing.Recover(after, 10_00, day, day)
	if err != nil {
		t.Fatal(err)
	}
	_, none, err := servicing.Cancel(a, date("2026-01-15"), day)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		split servicing.Split
		want  []servicing.Fact
	}{
		{paid, []servicing.Fact{{servicing.Received, "", 2_600_00}, {servicing.Collected, product.InterestIVA, 100_00}, {servicing.Collected, product.Interest, 625_00},
			{servicing.Collected, product.Principal, 1_799_33}, {servicing.UnappliedAdded, "", 75_67}}},
		{off, []servicing.Fact{{servicing.WrittenOffFact, product.Principal, 50_000_00}}},
		{back, []servicing.Fact{{servicing.Received, "", 10_00}, {servicing.RecoveredFact, product.Principal, 10_00}}},
		{none, []servicing.Fact{{servicing.CancelledFact, product.Principal, 50_000_00}}},
	} {
		if got := slices.Collect(c.split.Facts()); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", c.split.Kind, got, c.want)
		}
	}
}

// TestRefusalsTellTheFigure: the values of a refusal have the accepted figure.
func TestRefusalsTellTheFigure(t *testing.T) {
	_, a := readme(t)
	a, _ = servicing.Roll(a, date("2026-02-01"))
	for _, c := range []struct {
		name  string
		pay   servicing.Operation
		value string
		want  any
	}{
		{"above", servicing.Operation{Amount: 60_000_00, ValueDate: date("2026-02-01")}, "payoff", money.Amount(50_386_66)},
		{"above, the balance", servicing.Operation{Amount: 60_000_00, ValueDate: date("2026-02-01")}, "current_balance", money.Amount(50_000_00)},
		{"future", servicing.Operation{Amount: 1, ValueDate: date("2026-02-03")}, "latest", date("2026-02-02")},
		{"before", servicing.Operation{Amount: 1, ValueDate: date("2026-01-14")}, "earliest", date("2026-01-15")},
		{"earlier", servicing.Operation{Amount: 1, ValueDate: date("2026-01-31")}, "earliest", date("2026-02-01")},
	} {
		after, _, err := servicing.Receive(a, c.pay, date("2026-02-02"))
		var e *fault.Error
		if !errors.As(err, &e) || e.Values[c.value] != c.want || !reflect.DeepEqual(after, a) {
			t.Errorf("%s: got %v, want %s %v", c.name, err, c.value, c.want)
		}
	}
}

// TestPrepaymentAfterAMovedDate: if interest follows moved dates, the new level payment is
// that of periods from the moved date on. The last instalment differs from it only by
// rounding.
func TestPrepaymentAfterAMovedDate(t *testing.T) {
	for _, convention := range civil.DayCounts {
		p := product.Seed()
		p.Frequency, p.PeriodDays, p.DayCount, p.Holidays, p.InterestFollows = schedule.EveryNumDays, 10, convention, schedule.NextBusinessDay, true
		s := loans.Contract(t, p, 7_777_77, 589_000, 8, date("2030-01-05"))
		moved := s.Rows[2].Due // from 4 February, a holiday
		a, _, err := servicing.Receive(servicing.Open(p, s), servicing.Operation{Amount: 5_000_00, ValueDate: moved}, moved)
		if err != nil || moved != date("2030-02-05") || a.Version.Number != 2 {
			t.Fatalf("got %v, %v, %v, want moved %v, number 2", moved, a.Version, err, date("2030-02-05"))
		}
		for _, in := range a.Instalments[3:] {
			if off := in.Contract.Principal + in.Contract.Interest - a.Version.Level; off < -5 || off > 5 {
				t.Errorf("%s: got instalment %d %s off the level %s, want at most 0.05", convention, in.Number, off, a.Version.Level)
			}
		}
	}
}

// TestRecoveryBeforeTheWriteOff: the refusal has the first accepted date.
func TestRecoveryBeforeTheWriteOff(t *testing.T) {
	h, _ := readme(t)
	h.Operations = append(h.Operations, servicing.Operation{Number: 1, Kind: servicing.WriteOffKind, ValueDate: date("2026-06-10")})
	today := date("2026-06-20")
	for day, accepted := range map[string]bool{"2026-06-09": false, "2026-06-10": true, "2026-06-11": true} {
		_, err := h.With(servicing.Operation{Number: 2, Kind: servicing.RecoveryKind, ValueDate: date(day), Amount: 100}, today)
		var e *fault.Error
		if refused := errors.As(err, &e); refused == accepted || refused && (e.Code != fault.Invalid || e.Values["earliest"] != date("2026-06-10")) {
			t.Errorf("%s: got %v, want accepted %v, else %s with the earliest day 2026-06-10", day, err, accepted, fault.Invalid)
		}
	}
}

// TestDifferences: a reversal lists the removed operation and the operations with a changed
// split, and no others. A history refuses a used number and a future date.
func TestDifferences(t *testing.T) {
	h, _ := readme(t)
	first := h.Contract.Rows[0]
	h.Operations = []servicing.Operation{
		{Number: 1, Kind: servicing.Ordinary, ValueDate: first.Due, Amount: first.Total},
		{Number: 2, Kind: servicing.AdvancePayment, ValueDate: first.Due.AddDays(3), Amount: 100_00},
		{Number: 3, Kind: servicing.AdvancePayment, ValueDate: first.Due.AddDays(9), Amount: 50_00},
	}
	numbers := func(c servicing.Change, err error) (n []int) {
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range c.Differences {
			n = append(n, d.Operation)
		}
		return n
	}
	if got := numbers(servicing.Reverse(h, 3)); !reflect.DeepEqual(got, []int{3}) {
		t.Errorf("the last: got %v, want %+v", got, []int{3})
	}
	if got := numbers(servicing.Reverse(h, 1)); !reflect.DeepEqual(got, []int{2, 3, 1}) {
		t.Errorf("the first: got %v, want %+v", got, []int{2, 3, 1})
	}
	late := servicing.Operation{Number: 4, Kind: servicing.AdvancePayment, ValueDate: first.Due.AddDays(5), Amount: 10_00}
	if got := numbers(h.With(late, first.Due.AddDays(9))); !reflect.DeepEqual(got, []int{4}) {
		t.Errorf("put in: got %v, want %+v", got, []int{4})
	}
	late.Number = 3
	if _, err := h.With(late, first.Due.AddDays(9)); !fault.Is(err, fault.Invalid) {
		t.Errorf("a number twice: got %v, want %v", err, fault.Invalid)
	}
	late.Number = 4
	if _, err := h.With(late, first.Due); !fault.Is(err, fault.Invalid) {
		t.Errorf("a future date: got %v, want %v", err, fault.Invalid)
	}
	if len(h.Operations) != 3 {
		t.Errorf("the history: got %d operations, want the 3 it had", len(h.Operations))
	}
}

// TestCarriedIVAIsRecognisedOnce: income before a restructuring stays the same, whether it is
// paid or not.
func TestCarriedIVAIsRecognisedOnce(t *testing.T) {
	h, a := readme(t)
	day := date("2026-02-15")
	a, _ = servicing.Roll(a, day)
	before := servicing.Recognised(a)
	terms := h.Contract.Terms
	terms.FirstDue = civil.Date{}
	a, _, err := servicing.Restructure(a, servicing.NewTerms{Terms: terms}, day, day)
	if err != nil {
		t.Fatal(err)
	}
	if got := servicing.Recognised(a); got != before || got.InterestIVA != 100_00 {
		t.Errorf("after the restructure: got %+v, want %+v with IVA 100.00", got, before)
	}
	a, _, err = servicing.Receive(a, servicing.Operation{Amount: 60_00, ValueDate: day}, day)
	if got := servicing.Recognised(a); err != nil || got != before {
		t.Errorf("after a payment: got %+v, %v, want %+v", got, err, before)
	}
}

// TestLaterVersions: a version of the schedule has its first day and complete terms.
func TestLaterVersions(t *testing.T) {
	p := product.Seed()
	p.Residue, p.Insurance = schedule.First, 10_00
	terms, err := p.Terms(50_000_00, 150_000, 24, date("2026-01-15"), civil.Date{})
	if err != nil {
		t.Fatal(err)
	}
	terms.Collateral = 5_000_00
	s, err := schedule.Build(terms)
	if err != nil {
		t.Fatal(err)
	}
	day := date("2026-03-02")
	_, split, err := servicing.Receive(servicing.Open(p, s), servicing.Operation{Amount: 10_000_00, ValueDate: day}, day)
	if err != nil {
		t.Fatal(err)
	}
	v := split.Version
	if v == nil || v.Number != 2 || v.From != day || v.Reason != "reduce_instalment" {
		t.Fatalf("got %+v, want version 2 from %v for reduce_instalment", v, day)
	}
	vt := v.Terms
	if vt.Amount != split.Balance || vt.Periods != 23 || vt.Disbursement != date("2026-02-15") || vt.FirstDue != date("2026-03-15") ||
		vt.Residue != schedule.Last || vt.Collateral != 0 || vt.Insurance != 0 {
		t.Errorf("got %+v, want amount %v, periods 23, disbursement %v, first due %v, residue %v, collateral 0, insurance 0", vt, split.Balance, date("2026-02-15"), date("2026-03-15"), schedule.Last)
	}
	if text, err := json.Marshal(split); err != nil || len(text) == 0 {
		t.Errorf("got %s, %v, want the split as JSON", text, err)
	}
}

// TestARestructureKeepsWhatWasEarned: paid interest on overdue principal at the old rate does
// not change with the new rate.
func TestARestructureKeepsWhatWasEarned(t *testing.T) {
	_, a := readme(t)
	late := date("2026-04-20")
	a, _, err := servicing.Receive(a, servicing.Operation{Amount: servicing.Due(a, late).Due.Sum(), ValueDate: late}, late)
	if err != nil || a.Instalments[1].Overdue.IsZero() {
		t.Fatalf("got %v %+v, want an overdue amount", err, a.Instalments[1])
	}
	terms := a.Version.Terms
	terms.AnnualRate, terms.FirstDue, terms.Periods = 1, civil.Date{}, 6
	after, _, err := servicing.Restructure(a, servicing.NewTerms{Terms: terms}, late, late)
	if err != nil || servicing.Recognised(after).Interest != servicing.Recognised(a).Interest {
		t.Errorf("got %v and the earned interest %v, want %v", err, servicing.Recognised(after).Interest, servicing.Recognised(a).Interest)
	}
	if trimmed := servicing.Trim(after); !reflect.DeepEqual(trimmed, after) {
		t.Errorf("got the instalments %+v, want only the unpaid ones, %+v", after.Instalments, trimmed.Instalments)
	}
}

// TestPayoffWithoutPrincipalToCome: in a loan of 7 centavos over 12 periods the last
// instalments have only a fee, which a payoff does not include.
func TestPayoffWithoutPrincipalToCome(t *testing.T) {
	p := product.Seed()
	p.Fees.Periodic = schedule.Fee{Amount: 3_50}
	terms, err := p.Terms(7, 0, 12, date("2026-01-15"), civil.Date{})
	if err != nil {
		t.Fatal(err)
	}
	terms.Rules = schedule.Rules1 // later rules refuse an instalment of 0.00
	s, err := schedule.Plan(terms)
	if err != nil {
		t.Fatal(err)
	}
	a, day := servicing.Open(p, s), date("2026-12-20")
	payoff := servicing.PayoffOf(a, day).Total
	if due := servicing.Due(a, day).Due.Sum(); due != payoff || payoff != 7+11*3_50 {
		t.Fatalf("got due %s, want the payoff, %s, which is %s", due, payoff, money.Amount(7+11*3_50))
	}
	for kind, want := range map[servicing.Kind]servicing.Status{servicing.Prepayment: servicing.PaidOff, servicing.Ordinary: servicing.Active} {
		after, _, err := servicing.Receive(a, servicing.Operation{Amount: payoff, ValueDate: day, Kind: kind}, day)
		if err != nil || after.Status != want {
			t.Errorf("%s: got %v, %s, want status %v", kind, err, after.Status, want)
		}
	}
	after, _, err := servicing.Receive(a, servicing.Operation{Amount: payoff - 1, ValueDate: day, Kind: servicing.Prepayment}, day)
	if due := servicing.Due(after, date("2027-01-15")).Due.Sum(); err != nil || due != 1+3_50 {
		t.Errorf("a centavo less: got %v and %s due in the end, want %v", err, due, money.Amount(1+3_50))
	}
}

// TestALaterOperationIsImpossible: a prepayment leaves too little for a later restructure. Its
// refusal names the value date, which the caller sent, not the periods of the restructure. A
// reversal that has the same effect names no field.
func TestALaterOperationIsImpossible(t *testing.T) {
	h, a := readme(t)
	terms := a.Version.Terms
	terms.FirstDue, terms.Periods = civil.Date{}, 12
	restructure := servicing.Operation{Number: 1, Kind: servicing.RestructureKind, ValueDate: date("2026-01-20"), NewTerms: &servicing.NewTerms{Terms: terms}}
	change, err := h.With(restructure, date("2026-01-20"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = change.History.With(servicing.Operation{Number: 2, Kind: servicing.Prepayment, ValueDate: date("2026-01-15"), Amount: 49_999_98}, date("2026-01-20"))
	var refusal, cause *fault.Error
	if !errors.As(err, &refusal) || len(refusal.Flaws) != 1 || refusal.Values["operation"] != 1 || refusal.Values["operation_date"] != restructure.ValueDate {
		t.Fatalf("got %v, want one field refused for operation 1 of %s", err, restructure.ValueDate)
	}
	flaw := refusal.Flaws[0]
	cause, _ = flaw.Values["cause"].(*fault.Error)
	if flaw.Name() != "value_date" || flaw.Rule != servicing.LaterOperation || cause == nil || cause.Flaws[0].Name() != "periods" {
		t.Errorf("got %v because of %v, want value_date to be refused because of the periods", flaw, cause)
	}
}
