package civil

import (
	"math/big"
	"testing"

	"sofipo/test/random"

	"pgregory.net/rapid"
)

// TestThirty360 has the month-end cases of Excel's DAYS360 with the United
// States method where it agrees with YEARFRAC basis 0, and February's of
// YEARFRAC basis 0, which is the NASD rule.
func TestThirty360(t *testing.T) {
	for _, c := range []struct {
		from, to string
		days     int
	}{
		{"2026-01-15", "2026-02-15", 30}, {"2026-01-30", "2026-03-31", 60}, {"2026-01-31", "2026-03-31", 60}, {"2026-01-31", "2026-02-28", 28},
		{"2026-01-15", "2026-01-31", 16}, {"2026-01-30", "2026-01-31", 0}, {"2026-02-28", "2026-03-31", 30}, {"2024-02-28", "2024-03-31", 33},
		{"2024-02-29", "2024-03-31", 30}, {"2024-02-29", "2025-02-28", 360}, {"2026-02-28", "2026-08-31", 180}, {"2025-12-31", "2026-12-31", 360},
		{"2007-12-28", "2008-02-28", 60}, {"2007-10-31", "2008-11-30", 390}, {"2008-02-01", "2009-05-31", 480}, {"2026-02-28", "2026-02-28", 0},
	} {
		if got := Thirty360.Between(date(t, c.from), date(t, c.to)); got != (Fraction{c.days, int64(c.days), 360}) {
			t.Errorf("%s to %s: got %+v, want %d days", c.from, c.to, got, c.days)
		}
	}
}

// TestActualActual has the cases of ISDA's paper "EMU and market conventions"
// (1998) for the method ISDA, days over years.
func TestActualActual(t *testing.T) {
	for _, c := range []struct {
		from, to            string
		ordinary, leap, all int64
	}{
		{"2003-11-01", "2004-05-01", 61, 121, 182},
		{"1999-02-01", "1999-07-01", 150, 0, 150},
		{"1999-07-01", "2000-07-01", 184, 182, 366},
		{"2002-08-15", "2003-07-15", 334, 0, 334},
		{"2003-07-15", "2004-01-15", 170, 14, 184},
		{"1999-07-30", "2000-01-30", 155, 29, 184},
		{"2000-01-30", "2000-06-30", 0, 152, 152},
	} {
		got := ActualActual.Between(date(t, c.from), date(t, c.to))
		want := new(big.Rat).Add(big.NewRat(c.ordinary, 365), big.NewRat(c.leap, 366))
		if big.NewRat(got.Num, got.Den).Cmp(want) != 0 || int64(got.Days) != c.all {
			t.Errorf("%s to %s: got %+v, want %s", c.from, c.to, got, want)
		}
	}
}

func TestActual(t *testing.T) {
	from, to := date(t, "2024-02-01"), date(t, "2024-03-01")
	if got := Actual360.Between(from, to); got != (Fraction{29, 29, 360}) {
		t.Errorf("ACT/360: got %+v, want %+v", got, Fraction{29, 29, 360})
	}
	if got := Actual365.Between(from, to); got != (Fraction{29, 29, 365}) {
		t.Errorf("ACT/365: got %+v, want %+v", got, Fraction{29, 29, 365})
	}
	if got := Actual364.Between(from, to); got != (Fraction{29, 29, 364}) {
		t.Errorf("ACT/364: got %+v, want %+v", got, Fraction{29, 29, 364})
	}
	if DayCount("30E/360").Valid() || DayCount("").Valid() || !ActualActual.Valid() {
		t.Errorf(`got valid 30E/360 %v, "" %v, ACT/ACT %v, want only ACT/ACT to be valid`, DayCount("30E/360").Valid(), DayCount("").Valid(), ActualActual.Valid())
	}
}

// TestActualAdds: except for 30/360, two parts of a period add up to the whole.
func TestActualAdds(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfN(rapid.IntRange(0, 200_000), 3, 3).Draw(t, "days")
		c := rapid.SampledFrom([]DayCount{Actual360, Actual364, Actual365, ActualActual}).Draw(t, "convention")
		a, b, d := FromDays(days[0]), FromDays(days[1]), FromDays(days[2])
		if whole := c.Between(a, d); c.Between(a, b).Num+c.Between(b, d).Num != whole.Num || whole.Days != days[2]-days[0] {
			t.Fatalf("%s from %s over %s to %s: got %d, want %d, the sum of its parts", c, a, b, d, whole.Num, c.Between(a, b).Num+c.Between(b, d).Num)
		}
		if year := (Date{a.Year, 1, 1}); ActualActual.Between(year, Date{a.Year + 1, 1, 1}).Num != 365*366 {
			t.Fatalf("the year of %s: got %d, want %d, one whole year", a, ActualActual.Between(year, Date{a.Year + 1, 1, 1}).Num, 365*366)
		}
	})
}
