package codec_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/test/loans"
	"sofipo/test/random"
)

// full returns terms with a value in every stored field.
func full() schedule.Terms {
	return schedule.Terms{
		Amount: money.Max, AnnualRate: schedule.MaxRate, Periods: schedule.MaxPeriods, Frequency: schedule.EveryNumDays, PeriodDays: schedule.MaxPeriodDays,
		Method: schedule.EqualPrincipal, DayCount: civil.ActualActual, Rounding: money.HalfEven, Residue: schedule.First,
		Disbursement: civil.Date{Year: 2028, Month: 2, Day: 29}, FirstDue: civil.Date{Year: 2028, Month: 12, Day: 31}, MonthEnd: true, LevelByPeriods: true,
		IVA: rate.IVA{Rate: 160_000, Base: rate.FixedPercent, Percent: 900_001, Inflation: 45_000},
		Fees: schedule.Fees{
			Origination: schedule.Fee{Amount: 1, Rate: 30_000}, OriginationPayment: schedule.Deducted,
			Periodic: schedule.Fee{Amount: 35_10, Rate: 1}, IVARate: rate.One,
		},
		Insurance: 9_00, Collateral: 5_000_05,
		Grace:    schedule.Grace{PrincipalPeriods: 3, InterestPeriods: 2, Mode: schedule.Capitalise},
		Holidays: schedule.NextBusinessDay, InterestFollows: true, CATTime: schedule.ByPeriods, Rules: schedule.LatestRules,
	}
}

func stored(t testing.TB, terms schedule.Terms) string {
	text, err := json.Marshal(terms)
	if err != nil {
		t.Fatalf("%+v: %v", terms, err)
	}
	return string(text)
}

// asJSON compares ParseTerms with json.Unmarshal, for empty terms and for terms with
// values.
func asJSON(t *testing.T, text string) {
	t.Helper()
	for _, before := range []schedule.Terms{{}, full()} {
		got, want := before, before
		gotErr, wantErr := codec.ParseTerms(&got, text), json.Unmarshal([]byte(text), &want)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: got\n%+v, want\n%+v", text, got, want)
		}
		if (gotErr == nil) != (wantErr == nil) || gotErr != nil && gotErr.Error() != wantErr.Error() {
			t.Fatalf("%q: got %v, want %v", text, gotErr, wantErr)
		}
	}
}

// byHand fails if encoding/json, which allocates, was needed for the text.
func byHand(t *testing.T, text string) {
	t.Helper()
	var terms schedule.Terms
	var err error
	if n := testing.AllocsPerRun(1, func() { err = codec.ParseTerms(&terms, text) }); n != 0 || err != nil {
		t.Fatalf("%s: got %v allocations and the error %v, want none", text, n, err)
	}
}

func TestParseTerms(t *testing.T) {
	r := random.New(t, 8)
	for range 2_000 {
		for _, terms := range []schedule.Terms{loans.RandomTerms(r), loans.RandomTerms(r).Defaults()} {
			text := stored(t, terms)
			asJSON(t, text)
			byHand(t, text)
		}
	}
}

// TestParseTermsHasAllFields fails if Terms or one of its parts has a new field that full
// or ParseTerms does not have.
func TestParseTermsHasAllFields(t *testing.T) {
	var look func(v reflect.Value, path string)
	look = func(v reflect.Value, path string) {
		for i := range v.NumField() {
			field, name := v.Field(i), path+"."+v.Type().Field(i).Name
			switch {
			case v.Type().Field(i).Tag.Get("json") == "-":
			case field.IsZero():
				t.Errorf("got full terms without %s, want every field", name)
			case field.Kind() == reflect.Struct && field.Type() != reflect.TypeFor[civil.Date]():
				look(field, name)
			}
		}
	}
	look(reflect.ValueOf(full()), "Terms")
	text := stored(t, full())
	asJSON(t, text)
	byHand(t, text)
}

// TestParseTermsOfOtherTexts: truncated and changed texts give the same result as with
// encoding/json.
func TestParseTermsOfOtherTexts(t *testing.T) {
	for _, terms := range []schedule.Terms{full(), loans.Readme().Defaults(), {Disbursement: loans.Readme().Disbursement}} {
		text := stored(t, terms)
		for i := range text {
			asJSON(t, text[:i])
			asJSON(t, text[:i]+text[i+1:])
			for _, c := range []string{`"`, `\`, `{`, `}`, `,`, `:`, `.`, `-`, `+`, ` `, "0", "1", "9", "e", "E", "A", "\x00", "\xff"} {
				asJSON(t, text[:i]+c+text[i+1:])
				asJSON(t, text[:i]+c+text[i:])
			}
		}
	}
	text := stored(t, full())
	for _, c := range []struct{ old, other string }{
		{`"amount":9999999999999.99`, `"amount":10000000000000.00`},
		{`"amount":9999999999999.99`, `"amount":99999999999999999999.99`},
		{`"amount":9999999999999.99`, `"amount":184467440737095516.17`}, // 2^64 + 1 centavos
		{`"amount":9999999999999.99`, `"amount":-1.00`},
		{`"amount":9999999999999.99`, `"amount":5`},
		{`"amount":9999999999999.99`, `"amount":"5.00"`},
		{`"amount":9999999999999.99`, `"amount":null`},
		{`"amount":9999999999999.99`, `"amount":00.50`},
		{`"amount":9999999999999.99`, `"amount":1.00,"amount":2.00`},
		{`"annual_rate":10.0`, `"annual_rate":1000001.0`},
		{`"annual_rate":10.0`, `"annual_rate":999999999.999999`},
		{`"annual_rate":10.0`, `"annual_rate":0.1500000`},
		{`"periods":1560`, `"periods":99999999999999999999`},
		{`"periods":1560`, `"periods":24.0`},
		{`"method":"equal_principal"`, `"method":"french"`},
		{`"method":"equal_principal"`, `"method":"lev\u0065l"`},
		{`"method":"equal_principal"`, `"METHOD":"level"`},
		{`"2028-02-29"`, `"2027-02-29"`},
		{`"2028-02-29"`, `""`},
		{`"month_end":true`, `"month_end":1`},
		{`"month_end":true`, `"month_end":`},
		{`"iva":{`, `"iva":{}, "unknown":{`},
		{`{`, "\n{"},
		{`"rules":2}`, `"rules":2} `},
		{`"rules":2}`, `"rules":2,"unknown":[1]}`},
		{`"rules":2}`, `"rules":3}`},
		{`,"rules":2}`, `}`},
		{text, `{}`}, {text, `null`}, {text, ``},
	} {
		if !strings.Contains(text, c.old) {
			t.Fatalf("got %s, want %q in it", text, c.old)
		}
		asJSON(t, strings.Replace(text, c.old, c.other, 1))
	}
}

func BenchmarkParseTerms(b *testing.B) {
	text, err := json.Marshal(loans.Readme().Defaults())
	if err != nil {
		b.Fatal(err)
	}
	stored := string(text)
	var back schedule.Terms
	b.ReportAllocs()
	for b.Loop() {
		back = schedule.Terms{}
		if err := codec.ParseTerms(&back, stored); err != nil {
			b.Fatal(err)
		}
	}
}
