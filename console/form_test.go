package console

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/web"
)

// TestNumbers: a number in another notation is refused with a message, not read as another number.
func TestNumbers(t *testing.T) {
	kinds := map[string]func(*form, *fault.Flaws) int64{
		"amount":  func(f *form, flaws *fault.Flaws) int64 { return int64(f.amount("a", flaws)) },
		"percent": func(f *form, flaws *fault.Flaws) int64 { return int64(f.percent("a", flaws)) },
		"share":   func(f *form, flaws *fault.Flaws) int64 { return int64(f.share("a", flaws)) },
		"whole":   func(f *form, flaws *fault.Flaws) int64 { return int64(f.whole("a", flaws)) },
	}
	for kind, accepted := range map[string]map[string]int64{
		"amount": {
			"": 0, "7000": 7000_00, "$7,000.50": 7000_50, "$ 7,000": 7000_00, "1,234,567": 1_234_567_00, ".5": 50, "5.": 5_00, "-3": -3_00, "−$3.00": -3_00, "$-3": -3_00, "007": 7_00,
		},
		"percent": {"": 0, "36": 360_000, "36.5": 365_000, "36 %": 360_000, "36.5\u00a0%": 365_000, "1,200": 12_000_000, "0.0001": 1},
		"share":   {"": 0, "100": 1_000_000, "12.5 %": 125_000},
		"whole":   {"": 0, "30": 30, "1,250": 1250, "1,000,000": 1_000_000, "-0": 0},
	} {
		for given, want := range accepted {
			var flaws fault.Flaws
			f := &form{Values: url.Values{"a": {given}}}
			if got := kinds[kind](f, &flaws); got != want || flaws.Err() != nil {
				t.Errorf("%s %q: got %v and %v, want %v", kind, given, got, flaws.Err(), want)
			}
		}
	}
	everywhere := []string{"1e5", "+5", "1 000", "1_000", "0x10", "١٢٣", "NaN", "-", ".", "$", "--1", "1.2.3", "36 1", "%", "99999999999999999999"}
	for kind, refused := range map[string]map[fault.Rule][]string{
		"amount":  {web.CommaPlace: {"12,50", "1,5", "7.000,50", "1,00,000", ",500", "1000,000", "1,000,"}, web.NotAmount: append(everywhere, "1.005", "7.000", "5 %", "1$0", "$$1")},
		"percent": {web.CommaPlace: {"36,5", "36,50 %"}, web.NotRate: append(everywhere, "3%6", "36 %%", "36.12345")},
		"share":   {web.CommaPlace: {"12,5"}, web.NotPercent: append(everywhere, "100.0001", "-1")},
		"whole":   {web.CommaPlace: {"1,5", "10,00"}, web.NotWhole: append(everywhere, "1.5", "1.000", "30."), fault.Between: {"-1", "1,000,001"}},
	} {
		for rule, all := range refused {
			for _, given := range all {
				var flaws fault.Flaws
				got := kinds[kind](&form{Values: url.Values{"a": {given}}}, &flaws)
				if len(flaws) != 1 || flaws[0].Rule != rule || flaws[0].Name() != "a" {
					t.Errorf("%s %q: got %v and %v, want only a refusal of a by %s", kind, given, got, flaws, rule)
				}
			}
		}
	}
}

// TestFormsAreStorable: a form and an address have nothing that a database refuses.
func TestFormsAreStorable(t *testing.T) {
	r := httptest.NewRequest("POST", "/", strings.NewReader("a=x%00y%ff&form_key=k"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f, err := readForm(httptest.NewRecorder(), r)
	if err != nil || f.Get("a") != "x\uFFFDy\uFFFD" {
		t.Errorf("got %q and %v, want NUL and invalid UTF-8 replaced", f.Get("a"), err)
	}
	r = httptest.NewRequest("POST", "/", strings.NewReader("form_key="+strings.Repeat("k", maxKey+1)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if _, err := readForm(httptest.NewRecorder(), r); !fault.Is(err, fault.TooLarge) {
		t.Errorf("got %v for a long key, want too large", err)
	}
}

// TestDates: a date in another notation is refused.
func TestDates(t *testing.T) {
	for given, want := range map[string]civil.Date{
		"1/2/2026": civil.On(2026, 2, 1), "01.12.2026": civil.On(2026, 12, 1), "1-2-2026": civil.On(2026, 2, 1), "2026-02-01": civil.On(2026, 2, 1),
	} {
		if got, ok := readDate(given); !ok || got != want {
			t.Errorf("%q: got %v and %v, want %v", given, got, ok, want)
		}
	}
	for _, given := range []string{"112/2/2026", "1/112/2026", "1/2/26", "30/2/2026", "/2/2026", "//1/2/2026", "1/2.2026", "1/2/2026/", "2026/02/01", "2/2026", "20260201", "1/2/+026"} {
		if got, ok := readDate(given); ok {
			t.Errorf("%q: got %v, want a refusal", given, got)
		}
	}
}
