package loan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/rate"
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

// describe names the fields at fault in order, with type and limit, as JSON would tell them.
func describe(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid {
		t.Fatalf("not a refusal of fields: %v", err)
	}
	var parts []string
	for _, field := range f.Fields {
		limit, _ := json.Marshal(field.Context["limit_value"])
		parts = append(parts, fmt.Sprintf("%v %s %s", field.Loc[1], field.Type, limit))
		if !strings.HasSuffix(field.Message, string(limit)) {
			t.Errorf("%q does not name the limit %s", field.Message, limit)
		}
	}
	return strings.Join(parts, ", ")
}

func TestGrant(t *testing.T) {
	const positive, least, most = "value_error.number.not_gt 0", "value_error.number.not_ge 0", "value_error.number.not_le"
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
		{Terms{1, rate.One + 1, 24}, "interest_rate " + most + " 1"},
		{Terms{1, 0, 0}, "term_months " + positive},
		{Terms{1, 0, math.MinInt64}, "term_months " + positive},
		{Terms{1, 0, math.MaxInt32 + 1}, "term_months " + most + " 2147483647"},
		{Terms{0, 2 * rate.One, 0}, "amount " + positive + ", interest_rate " + most + " 1, term_months " + positive},
	} {
		made, err := Grant(id.ID{1}, id.ID{2}, c.terms, moment)
		if got := describe(t, err); got != c.want {
			t.Errorf("%+v: %q, want %q", c.terms, got, c.want)
		}
		want := Loan{Amount: c.terms.Amount, Rate: c.terms.Rate, TermMonths: int32(c.terms.TermMonths), ID: id.ID{1}, ClientID: id.ID{2},
			Status: Active, GrantedAt: moment, Balance: c.terms.Amount}
		if c.want != "" {
			want = Loan{}
		}
		if made != want {
			t.Errorf("%+v gave %+v", c.terms, made)
		}
	}
}

func TestReceive(t *testing.T) {
	open := Loan{Amount: 100_000, ID: id.ID{1}, ClientID: id.ID{2}, Status: Active, Balance: 40_000}
	paidOff := open
	paidOff.Status, paidOff.Balance = PaidOff, 0
	for _, c := range []struct {
		loan    Loan
		amount  money.Amount
		code    fault.Code // "" when accepted
		english string
		balance money.Amount
		status  Status
	}{
		{open, 1, "", "", 39_999, Active},
		{open, 40_000, "", "", 0, PaidOff},
		{open, 40_001, fault.OverPayment, "Payment amount cannot be greater than the current balance", 40_000, Active},
		{open, math.MaxInt64, fault.OverPayment, "Payment amount cannot be greater than the current balance", 40_000, Active},
		{open, 0, fault.Invalid, "", 40_000, Active},
		{open, math.MinInt64, fault.Invalid, "", 40_000, Active},
		{paidOff, 1, fault.LoanNotActive, "Loan is not active. Status: PAID_OFF", 0, PaidOff},
		{paidOff, 0, fault.Invalid, "", 0, PaidOff},
	} {
		after, paid, err := c.loan.Receive(id.ID{9}, c.amount, moment)
		want := c.loan
		want.Balance, want.Status = c.balance, c.status
		if after != want {
			t.Errorf("%d of %d: %+v", c.amount, c.loan.Balance, after)
		}
		if c.code == "" {
			if err != nil || paid != (Payment{Amount: c.amount, ID: id.ID{9}, PaidAt: moment, LoanID: id.ID{1}, ClientID: id.ID{2}}) {
				t.Errorf("%d of %d: %+v, %v", c.amount, c.loan.Balance, paid, err)
			}
			continue
		}
		if !fault.Is(err, c.code) || paid != (Payment{}) || c.english != "" && err.Error() != c.english {
			t.Errorf("%d of %d: %v, %+v; want %s", c.amount, c.loan.Balance, err, paid, c.code)
		}
	}
	var over *fault.Error
	if _, _, err := open.Receive(id.ID{}, 40_001, moment); !errors.As(err, &over) || over.Values["current_balance"] != money.Amount(40_000) {
		t.Error("an overpayment does not say what would be accepted")
	}
}

// Any sequence of payments: the balance is never below zero, what was accepted
// and the balance are the amount lent, and only a balance of zero is paid off.
func TestAnySequenceOfPayments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lent := money.Amount(rapid.Int64Range(1, int64(money.Max)).Draw(t, "lent"))
		l, err := Grant(id.ID{1}, id.ID{2}, Terms{lent, 150_000, 12}, moment)
		if err != nil {
			t.Fatal(err)
		}
		var accepted money.Amount
		for i := range rapid.IntRange(0, 30).Draw(t, "payments") {
			amount := rapid.OneOf(
				rapid.Int64(), rapid.Int64Range(1, int64(lent)), rapid.Just(int64(l.Balance)), rapid.Just(int64(l.Balance)+1),
				rapid.Just(int64(l.Balance)-1), rapid.Int64Range(1, max(1, int64(l.Balance)/3)),
			).Draw(t, "amount")
			fits := amount > 0 && money.Amount(amount) <= l.Balance
			after, paid, err := l.Receive(id.ID{byte(i)}, money.Amount(amount), moment)
			if fits != (err == nil) {
				t.Fatalf("%d of %d: %v", amount, l.Balance, err)
			}
			if err != nil && after != l {
				t.Fatalf("a refused payment changed the loan")
			}
			l, accepted = after, accepted+paid.Amount
			if l.Balance < 0 || accepted+l.Balance != l.Amount || l.Amount != lent || (l.Status == PaidOff) != (l.Balance == 0) {
				t.Fatalf("accepted %d: %+v", accepted, l)
			}
		}
	})
}

// As the seed answered, but that amounts always have two decimals: the same
// numbers to a reader of JSON.
func TestAppendJSON(t *testing.T) {
	l := Loan{Amount: 5_000_000, Rate: 150_000, TermMonths: 24, ID: parseID(t, "13e47e40-4149-41ba-8a98-a1c1af868b20"),
		ClientID: parseID(t, "7025e990-e787-409a-aee5-6526149de156"), Status: Active, GrantedAt: moment, Balance: 4_750_050}
	p := Payment{Amount: 250_000, ID: parseID(t, "6923f572-501a-42eb-abd4-3d08023b8511"),
		PaidAt: time.Date(2026, 11, 23, 3, 22, 45, 756_296_000, time.FixedZone("CST", -6*3600)), LoanID: l.ID, ClientID: l.ClientID}
	for _, c := range []struct {
		value interface{ AppendJSON([]byte) []byte }
		seed  string
	}{
		{l, `{"amount":50000.0,"interest_rate":0.15,"term_months":24,"id":"13e47e40-4149-41ba-8a98-a1c1af868b20","client_id":"7025e990-e787-409a-aee5-6526149de156","status":"ACTIVE","granted_at":"2026-11-23T09:22:42.392658+00:00","current_balance":47500.5}`},
		{p, `{"amount":2500.0,"id":"6923f572-501a-42eb-abd4-3d08023b8511","payment_date":"2026-11-23T09:22:45.756296+00:00"}`},
	} {
		want := strings.NewReplacer("00.0,", "00.00,", "500.5}", "500.50}").Replace(c.seed)
		if got := string(c.value.AppendJSON([]byte("x"))); got != "x"+want {
			t.Errorf("%s\nwant %s", got, want)
		}
		if got, err := json.Marshal(c.value); err != nil || string(got) != want {
			t.Errorf("json.Marshal: %s, %v", got, err)
		}
	}
	whole := l
	whole.Rate = rate.One
	if got := whole.AppendJSON(nil); !bytes.Contains(got, []byte(`"interest_rate":1.0,`)) {
		t.Errorf("a rate of 1: %s", got)
	}
}

// Answers are kept as JSON for repeated requests: they come back as they were.
func TestJSONComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Loan{
			Amount: money.Amount(rapid.Int64Range(1, int64(money.Max)).Draw(t, "amount")), Rate: rate.Annual(rapid.Int64Range(0, int64(rate.One)).Draw(t, "rate")),
			TermMonths: rapid.Int32Range(1, math.MaxInt32).Draw(t, "term"), ID: id.ID{1}, ClientID: id.ID{2}, Status: Active, GrantedAt: moment,
		}
		l.Balance = money.Amount(rapid.Int64Range(0, int64(l.Amount)).Draw(t, "balance"))
		var back Loan
		if err := json.Unmarshal(l.AppendJSON(nil), &back); err != nil || !back.GrantedAt.Equal(moment) {
			t.Fatalf("%+v came back as %+v, %v", l, back, err)
		}
		if back.GrantedAt = moment; back != l {
			t.Fatalf("%+v came back as %+v", l, back)
		}
	})
}
