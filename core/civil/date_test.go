package civil

import (
	"testing"
	"time"
)

func TestDateOfKeepsTheLocation(t *testing.T) {
	mexico := time.FixedZone("CST", -6*3600)
	late := time.Date(2026, 11, 23, 23, 30, 0, 0, mexico)
	if got := DateOf(late).String(); got != "2026-11-23" {
		t.Errorf("local day: got %s, want 2026-11-23", got)
	}
	if got := DateOf(late.UTC()).String(); got != "2026-11-24" {
		t.Errorf("UTC day: got %s, want 2026-11-24", got)
	}
}

func TestTextRoundTrip(t *testing.T) {
	var d Date
	if err := d.UnmarshalText([]byte("2024-02-29")); err != nil || d.String() != "2024-02-29" {
		t.Errorf("got %v %v, want 2024-02-29", d, err)
	}
	if err := d.UnmarshalText([]byte("2023-02-29")); err == nil {
		t.Error("29 February 2023 was accepted, want an error")
	}
}

// TestTextOfEachDay compares the text of each day of the years 0 to 9999 with package time.
func TestTextOfEachDay(t *testing.T) {
	for d := (Date{0, 1, 1}); d.Year <= 9999; d = d.AddDays(1) {
		want := time.Date(int(d.Year), time.Month(d.Month), int(d.Day), 0, 0, 0, 0, time.UTC)
		if got := d.String(); got != want.Format(time.DateOnly) {
			t.Fatalf("%v: got %s, want %s", d, got, want.Format(time.DateOnly))
		}
		if got, err := Parse(d.String()); got != d || err != nil {
			t.Fatalf("%s: got %v, error %v, want %v", d, got, err, d)
		}
	}
}

// TestDateOfAnyNumbers: an invalid date is not Valid, and is written like the normalised date
// of package time.
func TestDateOfAnyNumbers(t *testing.T) {
	for _, year := range []int16{-400, -1, 0, 1, 1900, 2023, 2024, 9999, 10_000, 30_000} {
		for month := int8(-2); month <= 14; month++ {
			for day := int8(-2); day <= 33; day++ {
				d, moment := Date{year, month, day}, time.Date(int(year), time.Month(month), int(day), 0, 0, 0, 0, time.UTC)
				y, m, n := moment.Date()
				if want := y == int(year) && int8(m) == month && int8(n) == day; d.Valid() != want {
					t.Errorf("%v: got valid %t, want %t", d, d.Valid(), want)
				}
				if got := d.String(); got != moment.Format(time.DateOnly) {
					t.Errorf("%v: got %s, want %s", d, got, moment.Format(time.DateOnly))
				}
			}
		}
	}
}

// FuzzParse: Parse gives the same result as package time.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"2024-02-29", "2023-02-29", "0000-01-01", "0000-00-00", "9999-12-31", "2023-13-01", "2023-00-10", "2023-01-00", "", "2023-1-1", "2023-01-011", "+023-01-01", "2023-01-0x",
		"2023/01/01", "20230101", "10000-01-01", " 2023-01-01", "2023-01-01T", "２023-01-1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Parse(s)
		want, wanted := time.Parse(time.DateOnly, s)
		if got != DateOf(want) || (err == nil) != (wanted == nil) {
			t.Errorf("%q: got %v, error %v; want %v, error %v", s, got, err, DateOf(want), wanted)
		}
	})
}
