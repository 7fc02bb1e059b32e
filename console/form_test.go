package console

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/money"
)

// TestAmounts: an amount in another notation is refused, not read as another amount.
func TestAmounts(t *testing.T) {
	for given, want := range map[string]money.Amount{"$7,000.50": 7000_50, "7000": 7000_00, "1,234,567": 1_234_567_00, ".5": 50, "-3": -3_00, "": 0} {
		var flaws fault.Flaws
		f := &form{Values: url.Values{"a": {given}}}
		if got := f.amount("a", &flaws); got != want || flaws.Err() != nil {
			t.Errorf("%q: got %v and %v, want %v", given, got, flaws.Err(), want)
		}
	}
	for _, given := range []string{"12,50", "1,5", "7.000,50", "1,00,000", "1e5", "+5", "1.005", "١٢٣", "NaN", "-", "."} {
		var flaws fault.Flaws
		f := &form{Values: url.Values{"a": {given}}}
		if got := f.amount("a", &flaws); got != 0 || flaws.Err() == nil {
			t.Errorf("%q: got %v, want a refusal", given, got)
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

// TestDates: a day or a month of three digits is refused.
func TestDates(t *testing.T) {
	for given, want := range map[string]civil.Date{"1/2/2026": civil.On(2026, 2, 1), "01.12.2026": civil.On(2026, 12, 1), "2026-02-01": civil.On(2026, 2, 1)} {
		if got, ok := readDate(given); !ok || got != want {
			t.Errorf("%q: got %v and %v, want %v", given, got, ok, want)
		}
	}
	for _, given := range []string{"112/2/2026", "1/112/2026", "1/2/26", "30/2/2026", "/2/2026"} {
		if got, ok := readDate(given); ok {
			t.Errorf("%q: got %v, want a refusal", given, got)
		}
	}
}
