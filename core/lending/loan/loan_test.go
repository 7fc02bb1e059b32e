package loan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/test/random"
)

var moment = time.Date(2026, 11, 23, 9, 22, 42, 392_658_000, time.UTC)

func parseID(t *testing.T, s string) id.ID {
	t.Helper()
	x, err := id.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// describe names the fields at fault in order, with rule and limit.
func describe(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid {
		t.Fatalf("got %v, want the refusal %s", err, fault.Invalid)
	}
	var parts []string
	for _, flaw := range f.Flaws {
		part := fmt.Sprintf("%s %s", flaw.Name(), flaw.Rule)
		for _, name := range slices.Sorted(maps.Keys(flaw.Values)) {
			part += fmt.Sprint(" ", flaw.Values[name])
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func TestTerms(t *testing.T) {
	const positive, least, most = "positive", "at_least 0.0", "at_most"
	for _, c := range []struct {
		terms Terms
		want  string
	}{
		{Terms{1, 0, 1}, ""},
		{Terms{money.Max, rate.One, math.MaxInt32}, ""},
		{Terms{0, 150_000, 24}, "amount " + positive},
		{Terms{-1, 150_000, 24}, "amount " + positive},
		{Terms{money.Max + 1, 150_000, 24}, "amount " + most + " 9999999999999.99"},
		{Terms{1, -1, 24}, "interest_rate " + least},
		{Terms{1, rate.One + 1, 24}, "interest_rate fraction_at_most 1 0 1 100"},
		{Terms{1, 0, 0}, "term_months " + positive},
		{Terms{1, 0, math.MinInt64}, "term_months " + positive},
		{Terms{1, 0, math.MaxInt32 + 1}, "term_months " + most + " 2147483647"},
		{Terms{0, 2 * rate.One, 0}, "amount " + positive + ", interest_rate fraction_at_most 0.02 0 1 2, term_months " + positive},
	} {
		if got := describe(t, c.terms.Check()); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.terms, got, c.want)
		}
	}
}

func TestCheckPayment(t *testing.T) {
	for amount, want := range map[money.Amount]string{1: "", money.Max: "", 0: "amount positive", math.MinInt64: "amount positive"} {
		if got := describe(t, CheckPayment(amount)); got != want {
			t.Errorf("%d: got %q, want %q", amount, got, want)
		}
	}
}

func TestAppendJSON(t *testing.T) {
	l := Loan{Amount: 5_000_000, Rate: 150_000, TermMonths: 24, ID: parseID(t, "13e47e40-4149-41ba-8a98-a1c1af868b20"),
		ClientID: parseID(t, "7025e990-e787-409a-aee5-6526149de156"), Status: Active, GrantedAt: moment, Balance: 4_750_050,
		Product: "seed", ProductVersion: 1, Periods: 24, Opened: civil.Date{Year: 2026, Month: 11, Day: 23}, AppliedBy: "a\"b"}
	seed := `{"amount":50000.0,"interest_rate":0.15,"term_months":24,"id":"13e47e40-4149-41ba-8a98-a1c1af868b20","client_id":"7025e990-e787-409a-aee5-6526149de156","status":"ACTIVE","granted_at":"2026-11-23T09:22:42.392658+00:00","current_balance":47500.5`
	want := strings.NewReplacer("00.0,", "00.00,", "500.5", "500.50").Replace(seed) +
		`,"product":"seed","product_version":1,"periods":24,"disbursed_on":"2026-11-23","unapplied_funds":0.00,"applied_by":"a\"b"}`
	if got := string(l.AppendJSON([]byte("x"))); got != "x"+want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got, err := json.Marshal(l); err != nil || string(got) != want {
		t.Errorf("json.Marshal: got %s, %v, want %v", got, err, want)
	}
	l.Rate, l.FirstDue, l.ApprovedBy = rate.One, civil.Date{Year: 2027, Month: 1, Day: 5}, "b"
	if got := l.AppendJSON(nil); !bytes.Contains(got, []byte(`"interest_rate":1.0,`)) || !bytes.Contains(got, []byte(`"first_due_date":"2027-01-05","disbursed_on"`)) ||
		!bytes.HasSuffix(got, []byte(`,"approved_by":"b"}`)) {
		t.Errorf("got %s, want interest_rate 1.0, first_due_date 2027-01-05, approved_by b at the end", got)
	}
}

func TestJSONComesBack(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		l := Loan{
			Amount: money.Amount(rapid.Int64Range(1, int64(money.Max)).Draw(t, "amount")), Rate: rate.Annual(rapid.Int64Range(0, int64(rate.One)).Draw(t, "rate")),
			TermMonths: rapid.Int32Range(1, math.MaxInt32).Draw(t, "term"), ID: id.ID{1}, ClientID: id.ID{2}, Status: Active, GrantedAt: moment,
			Product: "p", ProductVersion: 2, Periods: 3, FirstDue: civil.Date{Year: 2027, Month: 1, Day: 5}, AppliedBy: "ñ", ApprovedBy: "x", Unapplied: 7,
		}
		l.Balance = money.Amount(rapid.Int64Range(0, int64(l.Amount)).Draw(t, "balance"))
		var back Loan
		if err := json.Unmarshal(l.AppendJSON(nil), &back); err != nil || !back.GrantedAt.Equal(moment) {
			t.Fatalf("%+v as JSON and back: got %+v, %v, want the time %v", l, back, err, moment)
		}
		if back.GrantedAt = moment; back != l {
			t.Fatalf("as JSON and back: got %+v, want %+v", back, l)
		}
	})
}
