package schedule_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/test/random"
)

// compounding are terms whose rounding compounds under Rules1. The figures of Rules2 were
// computed with rational numbers by another program.
var compounding = []struct {
	name                     string
	terms                    schedule.Terms
	rounded                  money.Amount // last instalment under Rules1, with IVA
	level                    money.Amount
	least, most, last        money.Amount // instalments under Rules2
	first, middle, principal money.Amount // principal parts; the last is principal
	interest                 money.Amount
}{
	{"60 % over 240 months", schedule.Terms{Amount: 10_000_00, AnnualRate: 600_000, Periods: 240}, 10_500_00, 500_00, 500_00, 500_01, 500_00, 0, 1_37, 476_19, 110_001_06},
	{"100 % over 600 months", schedule.Terms{Amount: 50_000_00, AnnualRate: 1_000_000, Periods: 600}, 54_166_67, 4_166_67, 4_166_66, 4_166_68, 4_166_66, 0, 0, 3_846_15, 2_450_001_50},
	{"15 % over 600 months", schedule.Terms{Amount: 50_000_00, AnnualRate: 150_000, Periods: 600}, 947_53, 625_36, 625_35, 625_37, 625_36, 36, 14_87, 617_64, 325_217_43},
	{"12 % over 600 months", schedule.Terms{Amount: 1_000_00, AnnualRate: 120_000, Periods: 600}, 0, 10_03, 10_02, 10_04, 10_03, 3, 50, 9_93, 5_015_50},
	{"with IVA", schedule.Terms{Amount: 10_000_00, AnnualRate: 600_000, Periods: 240, Method: schedule.LevelWithIVA, IVA: rate.IVA{Rate: 160_000}},
		10_580_00, 580_00, 579_99, 580_01, 580_00, 0, 63, 548_20, 111_379_54},
	{"by periods", schedule.Terms{Amount: 10_000_00, AnnualRate: 600_000, Periods: 240, LevelByPeriods: true}, 10_500_00, 500_00, 500_00, 500_01, 500_00, 0, 1_37, 476_19, 110_001_06},
	{"residue in the first", schedule.Terms{Amount: 10_000_00, AnnualRate: 600_000, Periods: 240, Residue: schedule.First}, 10_499_91, 500_00, 500_00, 500_01, 500_00, 0, 1_37, 476_19, 110_001_06},
	{"equal principal", schedule.Terms{Amount: 100_00, Periods: 1_560, Method: schedule.EqualPrincipal, Frequency: schedule.Weekly}, 6_46, 0, 6, 7, 6, 6, 6, 6, 0},
	{"no interest", schedule.Terms{Amount: 100_00, Periods: 1_560, Frequency: schedule.Weekly}, 6_46, 6, 6, 7, 6, 6, 6, 6, 0},
}

func TestCompoundedRounding(t *testing.T) {
	for _, c := range compounding {
		t.Run(c.name, func(t *testing.T) {
			terms := c.terms
			terms.DayCount, terms.Disbursement = civil.Thirty360, day(t, "2026-01-15")
			s := must(t, terms)
			n := len(s.Rows)
			if last := s.Rows[n-1].Total; last != c.rounded || s.Exact {
				t.Errorf("without a version of the rules: got %s in the last instalment, exact %t, want %s, false", last, s.Exact, c.rounded)
			}
			old := s
			terms.Rules = schedule.Rules1
			if s = must(t, terms); !slices.Equal(s.Rows, old.Rows) {
				t.Error("rules 1: got other rows than without a version, want the same")
			}
			terms.Rules = schedule.Rules2
			s = must(t, terms)
			least, most := s.Rows[0].Total, s.Rows[0].Total
			for _, r := range s.Rows {
				least, most = min(least, r.Total), max(most, r.Total)
			}
			got := []money.Amount{s.Level, least, most, s.Rows[n-1].Total, s.Rows[0].Principal, s.Rows[n/2-1].Principal, s.Rows[n-1].Principal, s.Totals.Interest}
			want := []money.Amount{c.level, c.least, c.most, c.last, c.first, c.middle, c.principal, c.interest}
			if !slices.Equal(got, want) || !s.Exact || s.Totals.Principal != c.terms.Amount {
				t.Errorf("got %v, exact %t, principal %s, want %v, true, %s", got, s.Exact, s.Totals.Principal, want, c.terms.Amount)
			}
		})
	}
}

// TestOrdinaryTermsKeepTheLevel: every published table is the same under the latest rules.
func TestOrdinaryTermsKeepTheLevel(t *testing.T) {
	for _, p := range publishedTables(t) {
		old := must(t, p.Terms)
		p.Terms.Rules = schedule.LatestRules
		s := must(t, p.Terms)
		if s.Exact || s.Level != old.Level || !slices.Equal(s.Rows, old.Rows) {
			t.Errorf("%s: got another table under rules %d than under rules 1, want the same", p.ID, schedule.LatestRules)
		}
	}
}

// TestTermsThatDoNotRepay: Rules2 refuses instalments of 0.00 and level payments by
// periods that do not fit the days.
func TestTermsThatDoNotRepay(t *testing.T) {
	for _, c := range []struct {
		name  string
		terms schedule.Terms
		want  string
	}{
		{"nothing to pay", schedule.Terms{Amount: 1, Periods: 24}, "invalid; periods: instalment_of_zero least=0.01"},
		{"less than a centavo each", schedule.Terms{Amount: 10_00, Periods: 1_001, Frequency: schedule.Weekly, Method: schedule.EqualPrincipal}, "invalid; periods: instalment_of_zero least=0.01"},
		{"a centavo each", schedule.Terms{Amount: 10_00, Periods: 1_000, Frequency: schedule.Weekly, Method: schedule.EqualPrincipal}, ""},
		{"more days than the payment covers", schedule.Terms{Amount: 10_000_00, AnnualRate: 600_000, Periods: 240, Frequency: schedule.Every14Days, LevelByPeriods: true, DayCount: civil.Actual360}, "invalid; level_by_periods: level_too_low"},
		{"more days in the long months", schedule.Terms{Amount: 10_000_00, AnnualRate: 600_000, Periods: 240, LevelByPeriods: true, DayCount: civil.Actual360}, "invalid; level_by_periods: level_too_high"},
		{"fewer days than the payment covers", schedule.Terms{Amount: 10_000_00, AnnualRate: 1_000_000, Periods: 1_560, Frequency: schedule.Weekly, LevelByPeriods: true, DayCount: civil.Actual365}, "invalid; level_by_periods: level_too_high"},
		{"the days themselves", schedule.Terms{Amount: 10_000_00, AnnualRate: 600_000, Periods: 240, DayCount: civil.Actual360}, ""},
		{"the last pays all", schedule.Terms{Amount: 1, AnnualRate: 10_000, Periods: 24, Method: schedule.Bullet}, ""},
		{"unknown rules", schedule.Terms{Amount: 100_00, Periods: 12, Rules: schedule.LatestRules + 1}, fmt.Sprintf("invalid; rules: between least=1 most=%d", schedule.LatestRules)},
		{"negative rules", schedule.Terms{Amount: 100_00, Periods: 12, Rules: -1}, fmt.Sprintf("invalid; rules: between least=1 most=%d", schedule.LatestRules)},
	} {
		c.terms.Disbursement = day(t, "2026-01-15")
		if c.terms.Rules == 0 {
			if _, err := schedule.Build(c.terms); err != nil {
				t.Errorf("%s, without a version of the rules: got %v, want no refusal", c.name, err)
			}
			c.terms.Rules = schedule.Rules2
		}
		got := ""
		if _, err := schedule.Build(c.terms); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got the refusal %q, want %q", c.name, got, c.want)
		}
	}
}

// TestLongTerms draws terms of up to 1,560 periods under Rules2. Without an odd period
// the exact balance is computed a second way: backwards, with 640 binary places.
func TestLongTerms(t *testing.T) {
	r := random.New(t, 12)
	n, exact, checked := random.TimesOrFew(t, 20_000), 0, 0
	for range n {
		terms := longTerms(r)
		s, err := schedule.Plan(terms)
		if err != nil {
			if rule := refusal(err); !slices.Contains(afterwards, rule) {
				t.Fatalf("%+v: got %v, want no refusal or one of %v", terms, err, afterwards)
			}
			continue
		}
		if err := broken(s); err != nil {
			t.Fatalf("%+v: %v", terms, err)
		}
		if err := unlevel(s); err != nil {
			t.Fatalf("%+v: %v", terms, err)
		}
		if !s.Exact {
			continue
		}
		exact++
		if equalPeriods := terms.DayCount == civil.Thirty360 || terms.DayCount == civil.Actual364 && terms.Frequency == schedule.Weekly; equalPeriods {
			checked++
			if err := farFromExact(s); err != nil {
				t.Fatalf("%+v: %v", terms, err)
			}
		}
	}
	t.Logf("%d terms, %d by the exact balance, %d of them compared", n, exact, checked)
	if checked*10 < n {
		t.Errorf("got %d of %d exact balances compared, want at least a tenth", checked, n)
	}
}

// longTerms draws terms of the methods that repay principal in each instalment.
func longTerms(r *rand.Rand) schedule.Terms {
	pick := func(from ...int) int { return from[r.IntN(len(from))] }
	t := schedule.Terms{
		Amount:       money.Amount(pick(1+r.IntN(10_000), 1_000_00+r.IntN(100_000_00), 10_000_00)),
		AnnualRate:   rate.Annual(pick(0, r.IntN(300_000), r.IntN(1_000_001), r.IntN(1_000_001), int(schedule.MaxRate))),
		Periods:      pick(2+r.IntN(60), 2+r.IntN(60), 2+r.IntN(60), 2+r.IntN(60), 60+r.IntN(120)),
		Frequency:    []schedule.Frequency{schedule.Weekly, schedule.Monthly}[r.IntN(2)],
		Method:       []schedule.Method{schedule.Level, schedule.LevelWithIVA, schedule.EqualPrincipal}[r.IntN(3)],
		DayCount:     []civil.DayCount{civil.Thirty360, civil.Thirty360, civil.Actual364, civil.Actual360}[r.IntN(4)],
		Rounding:     money.Roundings[r.IntN(len(money.Roundings))],
		Residue:      schedule.Residues[r.IntN(len(schedule.Residues))],
		IVA:          rate.IVA{Rate: rate.Share(pick(0, 160_000))},
		Disbursement: civil.FromDays(18_000 + r.IntN(5_000)), Rules: schedule.Rules2,
	}
	if r.IntN(100) == 0 {
		t.Periods = 180 + r.IntN(421)
	}
	if r.IntN(400) == 0 {
		t.Periods, t.Frequency = schedule.MaxPeriods-r.IntN(3), schedule.Weekly
	}
	return t
}

// compared is the part of a row that is level.
func compared(s schedule.Schedule, r schedule.Row) money.Amount {
	switch s.Terms.Method {
	case schedule.EqualPrincipal:
		return r.Principal
	case schedule.LevelWithIVA:
		return r.Principal + r.Interest + r.IVA
	default:
		return r.Principal + r.Interest
	}
}

// unlevel returns what is wrong with the instalments: one of 0.00, or one that is too far
// from the level payment although its interest is below it.
func unlevel(s schedule.Schedule) error {
	level := s.Level
	if s.Terms.Method == schedule.EqualPrincipal {
		level = (s.Terms.Amount + money.Amount(len(s.Rows)/2)) / money.Amount(len(s.Rows))
	}
	within := schedule.MaxDrift(level, len(s.Rows))
	if s.Exact {
		within = 2 + money.Amount(s.Terms.AnnualRate)/1_000_000 // half a centavo each of two balances, interest and IVA, and the interest of a rounded balance
	}
	for _, r := range s.Rows {
		own := compared(s, r)
		if r.Principal == 0 && own > level {
			continue
		}
		if own <= 0 || own-level > within+1 || level-own > within+1 {
			return fmt.Errorf("instalment %d is %s, not within %s of %s", r.Number, own, within+1, level)
		}
	}
	return nil
}

// farFromExact compares the balances with the exact ones of equal periods.
func farFromExact(s schedule.Schedule) error {
	const places = 640
	one := new(big.Int).Lsh(big.NewInt(1), places)
	n := len(s.Rows)
	year := map[schedule.Frequency]int64{schedule.Weekly: 52, schedule.Monthly: 12}[s.Terms.Frequency]
	num, den := int64(1), year
	if s.Terms.DayCount == civil.Thirty360 && s.Terms.Frequency == schedule.Weekly {
		num, den = 7, 360
	}
	growth := plus(whole(1), times(share(s.Terms.AnnualRate), big.NewRat(num, den)))
	if s.Terms.Method == schedule.LevelWithIVA {
		growth = plus(whole(1), times(minus(growth, whole(1)), plus(whole(1), share(rate.Annual(s.Terms.IVA.Rate)))))
	}
	annuity := make([]*big.Int, n+1) // after each instalment
	annuity[n] = new(big.Int)
	for k := n; k > 0; k-- {
		a := new(big.Int).Add(annuity[k], one)
		if s.Terms.Method != schedule.EqualPrincipal {
			a.Quo(a.Mul(a, growth.Denom()), growth.Num())
		}
		annuity[k-1] = a
	}
	half := new(big.Rat).Add(big.NewRat(1, 2), new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 300)))
	for k, r := range s.Rows {
		exact := times(whole(int64(s.Terms.Amount)), new(big.Rat).SetFrac(annuity[k+1], annuity[0]))
		if off := minus(whole(int64(r.Balance)), exact); off.Abs(off).Cmp(half) > 0 {
			return fmt.Errorf("balance after instalment %d is %s, the exact one %s centavos", r.Number, r.Balance, exact.FloatString(3))
		}
	}
	return nil
}
