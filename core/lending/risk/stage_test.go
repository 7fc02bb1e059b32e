package risk

import (
	"errors"
	"math"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
)

// The limits of docs/rules/stages.md and Anexo D, independent of the files.
func oldStage(p Payment, l DaysPastDue) Stage {
	byDays := func(days, overdue int) Stage {
		switch {
		case days >= overdue:
			return Stage3
		case days >= 31:
			return Stage2
		}
		return Stage1
	}
	switch p {
	case SinglePayment:
		return byDays(l.Instalment, 30)
	case SinglePrincipal:
		if l.Principal >= 30 {
			return Stage3
		}
		return byDays(l.Interest, 90)
	case Revolving:
		return byDays(l.Instalment, 60)
	case Overdraft:
		return Stage3
	}
	return byDays(l.Instalment, 90)
}

func newStage(l DaysPastDue) Stage {
	switch {
	case l.Instalment <= 30:
		return Stage1
	case l.Instalment <= 89:
		return Stage2
	}
	return Stage3
}

// TestClassifyEveryBound tests each limit of days on the first and last date of each
// regime, for each payment type and each counter.
func TestClassifyEveryBound(t *testing.T) {
	bounds := []int{-1, 0, 1, 29, 30, 31, 32, 58, 59, 60, 61, 88, 89, 90, 91, 1000, math.MaxInt32}
	for _, on := range []civil.Date{first, lastOld, firstNew, far} {
		for _, p := range payments {
			for _, instalment := range bounds {
				for _, principal := range bounds {
					for _, interest := range bounds {
						l := DaysPastDue{instalment, principal, interest}
						want := Class{Regime: VigenteVencida, Stage: oldStage(p, l)}
						if !on.Before(firstNew) {
							want = Class{Regime: Stages, Stage: newStage(l)}
						}
						want.Overdue = want.Stage == Stage3
						if got, err := Classify(on, Loan{Payment: p, DaysPastDue: l}); err != nil || got != want {
							t.Fatalf("%v %s %+v: got %+v, %v; want %+v", on, p, l, got, err, want)
						}
					}
				}
			}
		}
	}
}

func TestClassifyRefuses(t *testing.T) {
	periodic := Loan{Payment: Periodic}
	for name, c := range map[string]struct {
		on   civil.Date
		loan Loan
		want error
	}{
		"a day before the rules": {first.AddDays(-1), periodic, ErrDate},
		"no day":                 {civil.Date{}, periodic, ErrDate},
		"no payment type":        {far, Loan{}, ErrPayment},
		"unknown payment type":   {far, Loan{Payment: "monthly"}, ErrPayment},
		"stage 4 before":         {far, Loan{Payment: Periodic, Restructure: Restructure{Stage: 4}}, ErrStage},
		"stage -1 before":        {far, Loan{Payment: Periodic, Restructure: Restructure{Stage: -1}}, ErrStage},
	} {
		if got, err := Classify(c.on, c.loan); !errors.Is(err, c.want) || got != (Class{}) {
			t.Errorf("%s: got %+v, %v, want %v, none", name, got, err, c.want)
		}
	}
}

func TestPaymentOf(t *testing.T) {
	for m, want := range map[schedule.Method]Payment{
		schedule.Level: Periodic, schedule.LevelWithIVA: Periodic, schedule.EqualPrincipal: Periodic,
		schedule.Bullet: SinglePrincipal, schedule.Single: SinglePayment, "": "", "balloon": "",
	} {
		once := SinglePayment
		if want == "" {
			once = ""
		}
		if PaymentOf(m, 2) != want || PaymentOf(m, 24) != want || PaymentOf(m, 1) != once {
			t.Errorf("%s: got %s, of one period %s, want %s, of one period %s", m, PaymentOf(m, 2), PaymentOf(m, 1), want, once)
		}
	}
}

// TestSustained tests each measure just below and exactly at its condition
// (docs/rules/write-offs.md#sustained-payment).
func TestSustained(t *testing.T) {
	for _, c := range []struct {
		name    string
		payment Payment
		r       Restructure
		want    bool
	}{
		{"weekly, two", Periodic, Restructure{PeriodDays: 7, OnTime: 2}, false},
		{"weekly, three", Periodic, Restructure{PeriodDays: 7, OnTime: 3}, true},
		{"monthly, two", Periodic, Restructure{PeriodDays: 30, OnTime: 2}, false},
		{"monthly, three", Periodic, Restructure{PeriodDays: 30, OnTime: 3}, true},
		{"60 days, two", Periodic, Restructure{PeriodDays: 60, OnTime: 2}, false},
		{"60 days, three", Periodic, Restructure{PeriodDays: 60, OnTime: 3}, true},
		{"61 days, one", Periodic, Restructure{PeriodDays: 61, OnTime: 1}, false},
		{"61 days, two", Periodic, Restructure{PeriodDays: 61, OnTime: 2}, true},
		{"90 days, one", Periodic, Restructure{PeriodDays: 90, OnTime: 1}, false},
		{"90 days, two", Periodic, Restructure{PeriodDays: 90, OnTime: 2}, true},
		{"91 days, none", Periodic, Restructure{PeriodDays: 91}, false},
		{"91 days, one", Periodic, Restructure{PeriodDays: 91, OnTime: 1}, true},
		{"a year, one", Periodic, Restructure{PeriodDays: 366, OnTime: 1}, true},
		{"periodic by principal and interest", Periodic, Restructure{PeriodDays: 30, OnTime: 2, Principal: 100, Paid: 100, InterestDays: 400}, false},
		{"revolving, two", Revolving, Restructure{PeriodDays: 30, OnTime: 2}, false},
		{"revolving, three", Revolving, Restructure{PeriodDays: 30, OnTime: 3}, true},
		{"single by instalments", SinglePayment, Restructure{PeriodDays: 180, OnTime: 9}, false},
		{"single, a centavo short", SinglePayment, Restructure{PeriodDays: 180, Principal: 1_000_01, Paid: 200_00}, false},
		{"single, 20 %", SinglePayment, Restructure{PeriodDays: 180, Principal: 1_000_00, Paid: 200_00}, true},
		{"single, largest short", SinglePayment, Restructure{PeriodDays: 180, Principal: money.Max, Paid: money.Max / 5}, false},
		{"single, largest", SinglePayment, Restructure{PeriodDays: 180, Principal: money.Max, Paid: money.Max/5 + 1}, true},
		{"single, nothing owed", SinglePayment, Restructure{PeriodDays: 180}, false},
		{"single, negative", SinglePayment, Restructure{PeriodDays: 180, Principal: 1_000_00, Paid: -900_00}, false},
		{"single, interest of 89 days", SinglePayment, Restructure{PeriodDays: 180, InterestDays: 89}, false},
		{"single, interest of 90 days", SinglePayment, Restructure{PeriodDays: 180, InterestDays: 90}, true},
		{"bullet, a centavo short", SinglePrincipal, Restructure{PeriodDays: 30, OnTime: 9, Principal: 1_000_00, Paid: 199_99}, false},
		{"bullet, 20 %", SinglePrincipal, Restructure{PeriodDays: 30, Principal: 1_000_00, Paid: 200_00}, true},
		{"unknown", "", Restructure{PeriodDays: 30, OnTime: 9, InterestDays: 900}, false},
	} {
		for _, on := range []civil.Date{first, lastOld, firstNew, far} {
			if got := Sustained(on, c.payment, c.r); got != c.want {
				t.Errorf("%s on %v: got %v, want %v", c.name, on, got, c.want)
			}
		}
		if Sustained(first.AddDays(-1), c.payment, c.r) {
			t.Errorf("%s: got sustained payment before the rules, want none", c.name)
		}
	}
}

func TestRestructuredKeepsItsStage(t *testing.T) {
	for _, c := range []struct {
		name   string
		before Stage
		onTime int
		late   int
		want   Class
	}{
		{"stage 3 on time", Stage3, 2, 0, Class{Stages, Stage3, true, true}},
		{"stage 3 sustained", Stage3, 3, 0, Class{Stages, Stage1, false, false}},
		{"stage 3 sustained, late again", Stage3, 3, 31, Class{Stages, Stage2, false, false}},
		{"stage 3 late", Stage3, 0, 95, Class{Stages, Stage3, true, false}},
		{"stage 2 on time", Stage2, 0, 0, Class{Stages, Stage2, false, true}},
		{"stage 2 worse", Stage2, 0, 90, Class{Stages, Stage3, true, false}},
		{"stage 1 worse", Stage1, 0, 31, Class{Stages, Stage2, false, false}},
		{"never restructured", 0, 0, 0, Class{Stages, Stage1, false, false}},
	} {
		l := Loan{Periodic, DaysPastDue{Instalment: c.late}, Restructure{Stage: c.before, PeriodDays: 30, OnTime: c.onTime}}
		if got, err := Classify(far, l); err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

func TestAccrual(t *testing.T) {
	for s, want := range map[Stage]struct {
		accrues        bool
		base, reserved money.Amount
	}{Stage1: {true, 1050_00, 0}, Stage2: {true, 1050_00, 0}, Stage3: {false, 1000_00, 50_00}} {
		base, reserved := ProvisionBase(s, 1000_00, 50_00)
		if Accrues(s) != want.accrues || base != want.base || reserved != want.reserved {
			t.Errorf("stage %d: got %v, base %s, reserved %s, want %v, base %s, reserved %s", s, Accrues(s), base, reserved, want.accrues, want.base, want.reserved)
		}
	}
}

// rulesOf returns the rows that classify loans of a payment type on a day.
func rulesOf(on civil.Date, p Payment) (all []Rule) {
	for c := range counters {
		if t := rules().stages[p.index()][c].on(on); t != nil {
			all = append(all, t.rows...)
		}
	}
	return all
}

// TestRows: the rows of the tables with their basis.
func TestRows(t *testing.T) {
	old, now := rulesOf(lastOld, SinglePrincipal), rulesOf(firstNew, SinglePrincipal)
	if len(old) != 5 || old[0].Counted != OfPrincipal || old[1].Days != (Span{30, Open}) || old[4].Counted != OfInterest || old[4].Stage != Stage3 || old[4].Mark != "M" {
		t.Errorf("got the old rules %+v, want 5, the first by principal, the second from 30 days, the last by interest in stage 3 with the mark M", old)
	}
	if len(now) != 3 || now[2].Payment != SinglePrincipal || now[2].Days.First != 90 || now[2].Mark != "V" || now[2].DateMark != "?" {
		t.Errorf("got the rules in force %+v, want 3, the last for a single principal payment from 90 days with the marks V and ?", now)
	}
	if all := rulesOf(first.AddDays(-1), Periodic); len(all) != 0 {
		t.Errorf("got %+v, want none", all)
	}
	proofs := rules().sustained[Periodic.index()]
	if got := proofs.on(far).rows; len(got) != 3 || got[1].Period != (Span{61, 90}) || got[1].Instalments != 2 || got[1].Payment != Periodic {
		t.Errorf("got the proofs %+v, want 3, the second of 2 periodic instalments for 61 to 90 days", got)
	}
	if got := proofs.on(first.AddDays(-1)); got != nil {
		t.Errorf("got %+v, want none", got)
	}
	if n := Payment("").index(); n >= 0 {
		t.Errorf("an empty payment type: got index %d, want a negative one", n)
	}
}
