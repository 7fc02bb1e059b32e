package accounting_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
)

var booking = accounting.Booking{
	ID: id.ID{9}, Day: date("2026-02-15"), At: time.Date(2026, 2, 15, 9, 22, 42, 0, time.UTC), Reference: id.ID{3}, Subject: id.ID{1},
}

func date(text string) civil.Date {
	d, err := civil.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

func TestManual(t *testing.T) {
	k := booking
	k.Subject = id.ID{}
	e, err := accounting.ManualLedgerEntry(k, []accounting.Line{{"6101", 100_00, 0}, {"1102", 0, 60_00}, {"1101", 0, 40_00}})
	want := ledger.Entry{ID: k.ID, BusinessDate: k.Day, PostedAt: k.At, Kind: "manual", Reference: k.Reference, Subject: k.Reference, Postings: []ledger.Posting{
		{Account: "6101", Subject: k.Reference, Debit: 100_00}, {Account: "1102", Subject: k.Reference, Credit: 60_00}, {Account: "1101", Subject: k.Reference, Credit: 40_00},
	}}
	if err != nil || !reflect.DeepEqual(e, want) || e.Check() != nil {
		t.Errorf("got %+v, %v, want %+v", e, err, want)
	}
	if e, err = accounting.ManualLedgerEntry(booking, []accounting.Line{{"1101", 1, 0}, {"1102", 0, 1}}); err != nil || e.Postings[0].Subject != booking.Subject {
		t.Errorf("got %+v, %v, want the subject %s", e, err, booking.Subject)
	}
}

func TestManualRefusals(t *testing.T) {
	many := slices.Repeat([]accounting.Line{{"1101", 1, 0}, {"1102", 0, 1}}, 251)
	bad := func(account ledger.Account) []accounting.Line {
		return []accounting.Line{{"1101", 1, 0}, {account, 0, 1}}
	}
	const control = "not_control"
	const amounts = "line_amount most=9999999999999.99"
	for _, c := range []struct {
		name  string
		lines []accounting.Line
		want  map[string]string // rule by place
	}{
		{"none", nil, map[string]string{"": "line_count least=2 most=500"}},
		{"one", bad("1102")[:1], map[string]string{"": "line_count least=2 most=500"}},
		{"many", many, map[string]string{"": "line_count least=2 most=500"}},
		{"unknown", bad("9999"), map[string]string{"1.account": "on_chart"}},
		{"empty", bad(""), map[string]string{"1.account": "on_chart"}},
		{"group", bad("13"), map[string]string{"1.account": "not_group"}},
		{"principal", bad("1301"), map[string]string{"1.account": control}},
		{"interest", bad("1302"), map[string]string{"1.account": control}},
		{"IVA", bad("1410"), map[string]string{"1.account": control}},
		{"advances", bad("2404"), map[string]string{"1.account": control}},
		{"written off", bad("7102"), map[string]string{"1.account": control}},
		{"provision", bad("1390"), map[string]string{"1.account": control}},
		{"provision of interest", bad("1391"), map[string]string{"1.account": control}},
		{"suspended", []accounting.Line{{"7101", 1, 0}, {"7901", 0, 1}}, map[string]string{"0.account": control, "1.account": control}},
		{"no side", []accounting.Line{{"1101", 0, 0}, {"1102", 0, 0}}, map[string]string{"0": "one_side", "1": "one_side"}},
		{"both sides", []accounting.Line{{"1101", 1, 1}, {"1102", 0, 1}}, map[string]string{"0": "one_side"}},
		{"negative", []accounting.Line{{"1101", -1, 0}, {"1102", 0, -1}}, map[string]string{"0.debit": amounts, "1.credit": amounts}},
		{"too much", []accounting.Line{{"1101", money.Max + 1, 0}, {"1302", 0, money.Max + 1}}, map[string]string{"0.debit": amounts, "1.account": control, "1.credit": amounts}},
		{"too much in all", []accounting.Line{{"1101", money.Max, 0}, {"1102", 1, 0}, {"4101", 0, money.Max}, {"4101", 0, 1}}, map[string]string{"": "sides_at_most debits=10000000000000.00 most=9999999999999.99"}},
		{"unbalanced", []accounting.Line{{"1101", 100, 0}, {"1102", 0, 99}}, map[string]string{"": "balanced credits=0.99 debits=1.00"}},
	} {
		_, err := accounting.ManualLedgerEntry(booking, c.lines)
		var refusal *fault.Error
		if !errors.As(err, &refusal) || refusal.Code != fault.Invalid {
			t.Errorf("%s: got %v, want the refusal %s", c.name, err, fault.Invalid)
			continue
		}
		got := map[string]string{}
		for _, f := range refusal.Flaws {
			at := strings.TrimPrefix(strings.TrimPrefix(f.Name(), "lines"), ".")
			if !strings.HasSuffix(at, "account") {
				got[at] = strings.TrimPrefix(fault.Wrong(fault.Flaw{Rule: f.Rule, Values: f.Values}).Error(), "invalid; : ")
				continue
			}
			got[at] = string(f.Rule)
			accepted, _ := f.Values["accepted"].([]ledger.Account)
			if f.Values["date"] != booking.Day || !slices.Contains(accepted, "1102") || slices.Contains(accepted, "1301") || slices.Contains(accepted, "11") {
				t.Errorf("%s: got the values %v, want the day and the accounts that may be posted to", c.name, f.Values)
			}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
