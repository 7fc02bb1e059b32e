package civil

import (
	"testing"
	"time"

	"sofipo/test/random"

	"pgregory.net/rapid"
)

func date(t *testing.T, s string) Date {
	t.Helper()
	d, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestMexicanHolidays compares with the CNBV's lists of days on which
// institutions close (published each December in the DOF), weekends left out.
func TestMexicanHolidays(t *testing.T) {
	for year, want := range map[int][]string{
		2007: {"2007-01-01", "2007-02-05", "2007-03-19", "2007-04-05", "2007-04-06", "2007-05-01", "2007-11-02", "2007-11-19", "2007-12-12", "2007-12-25"},
		2018: {"2018-01-01", "2018-02-05", "2018-03-19", "2018-03-29", "2018-03-30", "2018-05-01", "2018-11-02", "2018-11-19", "2018-12-12", "2018-12-25"},
		2024: {"2024-01-01", "2024-02-05", "2024-03-18", "2024-03-28", "2024-03-29", "2024-05-01", "2024-09-16", "2024-10-01", "2024-11-18", "2024-12-12", "2024-12-25"},
		2025: {"2025-01-01", "2025-02-03", "2025-03-17", "2025-04-17", "2025-04-18", "2025-05-01", "2025-09-16", "2025-11-17", "2025-12-12", "2025-12-25"},
		2026: {"2026-01-01", "2026-02-02", "2026-03-16", "2026-04-02", "2026-04-03", "2026-05-01", "2026-09-16", "2026-11-02", "2026-11-16", "2026-12-25"},
	} {
		closed, calendar := map[Date]bool{}, Mexico()
		for _, s := range want {
			closed[date(t, s)] = true
		}
		for d := On(year, 1, 1); d.MonthOf().Year == year; d = d.AddDays(1) {
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			if !weekend && calendar.IsBusinessDay(d) == closed[d] {
				t.Errorf("%s: got business day %v, holiday %q, want a business day unless it is a holiday", d, calendar.IsBusinessDay(d), calendar.Holiday(d))
			}
			if weekend && calendar.IsBusinessDay(d) {
				t.Errorf("got the weekend day %s as a business day, want none", d)
			}
		}
	}
	for _, h := range MexicanHolidays {
		if !sound(h) {
			t.Errorf("got the unsound holidays %+v, want sound ones", h)
		}
	}
}

func TestNextBusinessDay(t *testing.T) {
	for from, want := range map[string]string{
		"2026-04-02": "2026-04-06", // Thursday to Sunday of Holy Week
		"2026-01-31": "2026-02-03", // Saturday, Sunday, Constitution day
		"2026-02-04": "2026-02-04",
		"2026-12-25": "2026-12-28",
		"2024-10-01": "2024-10-02",
		"2030-10-01": "2030-10-02",
		"2018-12-01": "2018-12-03",
		"2026-10-01": "2026-10-01",
	} {
		if got := Mexico().NextBusinessDay(date(t, from)); got != date(t, want) {
			t.Errorf("%s: got %s, want %s", from, got, want)
		}
	}
	if got := (Calendar{}).NextBusinessDay(date(t, "2026-01-03")); got != date(t, "2026-01-05") {
		t.Errorf("without holidays: got %s, want %v", got, date(t, "2026-01-05"))
	}
}

// TestEaster has dates from the United States Naval Observatory's table.
func TestEaster(t *testing.T) {
	for _, s := range []string{"1961-04-02", "2000-04-23", "2008-03-23", "2011-04-24", "2024-03-31", "2025-04-20", "2026-04-05", "2038-04-25", "2049-04-18"} {
		if d := date(t, s); Easter(int(d.Year)) != d {
			t.Errorf("Easter %d: got %s, want %v", d.Year, Easter(int(d.Year)), d)
		}
	}
}

// TestSoundnessOfHolidays: sound detects invalid rules.
func TestSoundnessOfHolidays(t *testing.T) {
	for _, h := range []Holiday{
		{}, {Name: "x", From: 2000}, {Name: "x", From: 2000, Month: 2, Day: 30}, {Name: "x", From: 2000, Month: 13, Day: 1},
		{Name: "x", From: 2000, To: 1999, Month: 1, Day: 1}, {Name: "x", Month: 1, Day: 1}, {From: 2000, Month: 1, Day: 1},
		{Name: "x", From: 2000, Month: 1, Nth: 6, Weekday: 1}, {Name: "x", From: 2000, Easter: -3, Month: 1},
	} {
		if sound(h) {
			t.Errorf("%+v was accepted as sound, want it refused", h)
		}
	}
}

// sound reports whether the rule has exactly one of the three forms.
func sound(h Holiday) bool {
	inMonth := h.Month >= time.January && h.Month <= time.December
	switch {
	case h.Name == "" || h.From <= 0 || h.To != 0 && h.To < h.From || h.Every < 0:
		return false
	case h.Easter != 0:
		return h.Month == 0 && h.Day == 0 && h.Nth == 0 && h.Weekday == 0 && h.Easter > -15 && h.Easter < 61
	case h.Nth != 0:
		return inMonth && h.Day == 0 && h.Nth >= 1 && h.Nth <= 5 && h.Weekday >= time.Sunday && h.Weekday <= time.Saturday
	default:
		return inMonth && h.Weekday == 0 && h.Day >= 1 && h.Day <= DaysIn(2024, h.Month)
	}
}

func TestDays(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(-30_000, 400_000).Draw(t, "day")
		d := FromDays(n)
		if d.Days() != n || !d.Valid() {
			t.Fatalf("got %d as %s and back as %d, want the same valid day", n, d, d.Days())
		}
		if d.Weekday() != d.Midnight().Weekday() {
			t.Fatalf("%s: got the weekday %s, want %s", d, d.Weekday(), d.Midnight().Weekday())
		}
		step := rapid.IntRange(-4000, 4000).Draw(t, "step")
		if later := d.AddDays(step); later != DateOf(d.Midnight().AddDate(0, 0, step)) || later.Since(d) != step || later.Compare(d) != sign(step) || later.Before(d) != (step < 0) || later.After(d) != (step > 0) {
			t.Fatalf("%s + %d = %s, want %s, and the comparisons of the two to agree", d, step, later, DateOf(d.Midnight().AddDate(0, 0, step)))
		}
		if next := d.NextQuincena(); !next.IsQuincena() || !next.After(d) || next.Since(d) > 16 {
			t.Fatalf("the quincena after %s: got %s, want a quincena at most 16 days later", d, next)
		}
	})
	for _, bad := range []Date{{}, {2023, 2, 29}, {2023, 13, 1}, {2023, 4, 31}} {
		if bad.Valid() {
			t.Errorf("%v was accepted as valid, want it refused", bad)
		}
	}
}

func sign(n int) int {
	return min(max(n, -1), 1)
}

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		from   string
		n, day int
		want   string
	}{
		{"2026-01-31", 1, 31, "2026-02-28"}, {"2026-01-31", 2, 31, "2026-03-31"}, {"2024-01-31", 1, 31, "2024-02-29"},
		{"2026-02-28", 1, 31, "2026-03-31"}, {"2026-11-30", 3, 30, "2027-02-28"}, {"2026-12-15", 1, 15, "2027-01-15"},
		{"2026-01-15", -1, 15, "2025-12-15"}, {"2026-01-31", 13, 31, "2027-02-28"}, {"2026-12-31", 0, 31, "2026-12-31"},
	} {
		if got := date(t, c.from).AddMonths(c.n, c.day); got != date(t, c.want) {
			t.Errorf("%s + %d months on the %d = %s, want %s", c.from, c.n, c.day, got, c.want)
		}
	}
}

func TestNextQuincena(t *testing.T) {
	for from, want := range map[string]string{
		"2026-01-01": "2026-01-15", "2026-01-14": "2026-01-15", "2026-01-15": "2026-01-31", "2026-01-31": "2026-02-15",
		"2026-02-15": "2026-02-28", "2024-02-28": "2024-02-29", "2026-02-28": "2026-03-15", "2026-12-31": "2027-01-15",
	} {
		if got := date(t, from).NextQuincena(); got != date(t, want) {
			t.Errorf("the quincena after %s: got %s, want %s", from, got, want)
		}
	}
}
