package api_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/api"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/nouns"
)

const quotePath = "/api/v1/loans/quote"

// quoted is the part of a quote that the tests read; amounts are kept as their digits.
type quoted struct {
	Terms   json.RawMessage
	Level   money.Amount `json:"level_payment"`
	Opening schedule.Opening
	Rows    []schedule.Row `json:"schedule"`
	Totals  schedule.Totals
	CAT     json.Number
	CATTime string `json:"cat_time"`
	Legend  string `json:"cat_legend"`
	Explain *schedule.Explanation
}

func (d *door) quote(body string) (q quoted) {
	d.t.Helper()
	r := d.post(quotePath, body)
	if err := json.Unmarshal([]byte(r.body), &q); err != nil || r.status != 200 || len(q.Rows) == 0 {
		d.t.Fatalf("%s: got %d %s %v, want status 200 with rows", body, r.status, r.body, err)
	}
	return q
}

// readme is the loan of the seed's README with more fields after it.
func readme(more string) string {
	return `{"amount":50000,"annual_rate":0.15,"periods":24,"frequency":"monthly","day_count":"30/360","disbursement_date":"2026-01-15"` + more + `}`
}

// TestQuoteReadmeLoan has the table of the README's loan to the centavo, each row's parts added up.
func TestQuoteReadmeLoan(t *testing.T) {
	d := open(t, nil)
	before := d.books()
	q := d.quote(readme(`,"iva_rate":0.16`))
	for k, want := range map[int]string{
		1:  "2026-02-15 30 50000.00 1799.33 625.00 100.00 2524.33 48200.67",
		2:  "2026-03-15 30 48200.67 1821.82 602.51 96.40 2520.73 46378.85",
		23: "2027-12-15 30 4759.31 2364.84 59.49 9.52 2433.85 2394.47",
		24: "2028-01-15 30 2394.47 2394.47 29.93 4.79 2429.19 0.00",
	} {
		r := q.Rows[k-1]
		if got := fmt.Sprint(r.Due, r.Days, r.OpeningBalance, r.Principal, r.Interest, r.IVA, r.Total, r.Balance); got != want || r.Number != k {
			t.Errorf("row %d: got %s, want %s", k, got, want)
		}
	}
	if q.Level != 2_424_33 || q.Totals.Interest != 8_183_99 || q.Totals.IVA != 1_309_42 || q.Totals.TotalToPay != 59_493_41 || q.CAT != "16.1" || q.CATTime != "periods" {
		t.Errorf("got level %s, %+v, CAT %s by %s, want level 2424.33, interest 8183.99, IVA 1309.42, total to pay 59493.41, CAT 16.1, CAT time periods", q.Level, q.Totals, q.CAT, q.CATTime)
	}
	within := d.quote(readme(`,"iva_rate":"0.16","method":"level_with_iva"`))
	if last := within.Rows[23].Total; within.Level != 2_481_73 || last != 2_481_86 || within.Totals.Interest != 8_242_79 || within.Totals.IVA != 1_318_86 {
		t.Errorf("got level with IVA %s, last %s, %+v, want level 2481.73, last 2481.86, interest 8242.79, IVA 1318.86", within.Level, last, within.Totals)
	}
	if d.books() != before {
		t.Error("the books changed, want no change")
	}
}

// TestQuotePublished has figures that others published. Excel computes without
// rounding to the centavo, so a later interest or principal may differ by one.
func TestQuotePublished(t *testing.T) {
	d := open(t, nil)
	terms := func(amount, rate string, periods int, more string) string {
		return fmt.Sprintf(`{"amount":%s,"annual_rate":%s,"periods":%d,"day_count":"30/360","disbursement_date":"2026-01-15"%s}`, amount, rate, periods, more)
	}
	const yearly = `,"frequency":"every_n_days","period_days":360`
	level := func(q quoted) money.Amount { return q.Level }
	interest := func(k int) func(quoted) money.Amount {
		return func(q quoted) money.Amount { return q.Rows[k-1].Interest }
	}
	principal := func(k int) func(quoted) money.Amount {
		return func(q quoted) money.Amount { return q.Rows[k-1].Principal }
	}
	for _, c := range []struct {
		source, body string
		figure       func(quoted) money.Amount
		want, within money.Amount
	}{
		{"Excel, PMT: 8 % over 10 months", terms("10000", "0.08", 10, ""), level, 1_037_03, 0},
		{"Excel, PPMT: 10 % over 2 years, month 1", terms("2000", "0.1", 24, ""), principal(1), 75_62, 0},
		{"Excel, PPMT: 8 % over 10 years, year 10", terms("200000", "0.08", 10, yearly), principal(10), 27_598_05, 5},
		{"Excel, IPMT: 10 % over 3 years, month 1", terms("8000", "0.1", 36, ""), interest(1), 66_67, 0},
		{"Excel, IPMT: 10 % over 3 years, year 3", terms("8000", "0.1", 3, yearly), interest(3), 292_45, 1},
		{"Excel, CUMIPMT: 9 % over 30 years, month 1", terms("125000", "0.09", 360, ""), interest(1), 937_50, 0},
		{"Excel, CUMPRINC: 9 % over 30 years, month 1", terms("125000", "0.09", 360, ""), principal(1), 68_28, 0},
		{"Excel, CUMIPMT: 9 % over 30 years, year 2", terms("125000", "0.09", 360, ""), func(q quoted) (sum money.Amount) {
			for _, r := range q.Rows[12:24] {
				sum += r.Interest
			}
			return sum
		}, 11_135_23, 6},
		{"docs/rules/interest.md: 31 days ACT/360", readme(`,"day_count":"ACT/360"`), interest(1), 645_83, 0},
		{"docs/rules/interest.md: 28 days ACT/360", readme(`,"day_count":"ACT/360","disbursement_date":"2026-02-15"`), interest(1), 583_33, 0},
		{"docs/rules/interest.md: 31 days ACT/365", readme(`,"day_count":"ACT/365"`), interest(1), 636_99, 0},
	} {
		if got := c.figure(d.quote(c.body)); max(got-c.want, c.want-got) > c.within {
			t.Errorf("%s: got %s, want %s", c.source, got, c.want)
		}
	}
	for body, want := range map[string]string{ // docs/rules/cat.md
		readme(``): "16.1", readme(`,"iva_rate":0.16`): "16.1",
		readme(`,"origination_fee_rate":0.03`):                   "19.7",
		readme(`,"origination_fee_rate":0.03,"insurance":35`):    "21.5",
		readme(`,"origination_fee_rate":0.03,"collateral":5000`): "24.4",
		`{"amount":20000,"annual_rate":0.6,"periods":12,"frequency":"quincenal","day_count":"30/360","disbursement_date":"2026-01-15"}`: "80.9",
		`{"amount":60000,"annual_rate":0.36,"periods":12,"day_count":"30/360","disbursement_date":"2026-01-15"}`:                        "42.6",
		`{"amount":12000,"annual_rate":0,"periods":12,"disbursement_date":"2026-01-15"}`:                                                "0.0",
	} {
		if q := d.quote(body); string(q.CAT) != want || !strings.HasPrefix(q.Legend, "CAT "+want+"% sin IVA. ") {
			t.Errorf("%s: got CAT %s, %s; want %s", body, q.CAT, q.Legend, want)
		}
	}
}

// TestQuoteRules: a quote follows the latest rules. Version 1 gives the table of a loan that
// was granted before.
func TestQuoteRules(t *testing.T) {
	d := open(t, nil)
	const long = `{"amount":10000,"annual_rate":0.6,"periods":240,"day_count":"30/360","disbursement_date":"2026-01-15"`
	for more, want := range map[string]struct {
		rules int
		last  money.Amount
	}{"": {2, 500_00}, `,"rules":2`: {2, 500_00}, `,"rules":1`: {1, 10_500_00}} {
		q := d.quote(long + more + "}")
		var terms struct{ Rules int }
		if err := json.Unmarshal(q.Terms, &terms); err != nil || terms.Rules != want.rules || q.Rows[239].Total != want.last {
			t.Errorf("%s: got rules %d, %s in the last instalment, %v; want %d, %s", more, terms.Rules, q.Rows[239].Total, err, want.rules, want.last)
		}
	}
	row := d.want(200, d.post(quotePath+"?explain=true", long+"}"))["explanation"].(map[string]any)["rows"].([]any)[1].(map[string]any)
	if row["principal"] != "exact balances, rounded: 10000.00 - 9999.99 = 0.01" {
		t.Errorf("got %v, want the difference of two exact balances", row["principal"])
	}
	for body, want := range map[string]string{
		long + `,"rules":3}`: `"must be from 1 to 2"`, long + `,"rules":-1}`: `"must be from 1 to 2"`,
		`{"amount":0.05,"annual_rate":0.1,"periods":12}`:                                                                     `each instalment must be at least 0.01`,
		`{"amount":10000,"annual_rate":0.6,"periods":240,"frequency":"every_14_days","level_by_periods":true}`:               `does not cover the interest`,
		`{"amount":10000,"annual_rate":1,"periods":1560,"frequency":"weekly","day_count":"ACT/365","level_by_periods":true}`: `repay the loan before the last instalment`,
	} {
		if a := d.post(quotePath, body); a.status != 422 || !strings.Contains(a.body, want) {
			t.Errorf("%s: got %d %s, want 422 with %s", body, a.status, a.body, want)
		}
	}
}

// TestGrantedLoansFollowTheLatestRules: the seed's route grants what the seed granted, and
// an instalment of 0.00 is refused for the field of the request.
func TestGrantedLoansFollowTheLatestRules(t *testing.T) {
	d := open(t, nil)
	grant := func(amount, rate string, months int) reply {
		return d.post("/api/v1/loans/", fmt.Sprintf(`{"client_id":"%s","amount":%s,"interest_rate":%s,"term_months":%d}`, d.client, amount, rate, months))
	}
	loan := d.want(201, grant("50000", "1", 600))["id"].(string)
	plan := d.want(200, d.get("/api/v1/loans/"+loan+"/schedule"))
	rows := plan["instalments"].([]any)
	principal := rows[599].(map[string]any)["asked"].(map[string]any)["principal"]
	if terms := plan["version"].(map[string]any)["terms"].(map[string]any); fmt.Sprint(terms["rules"]) != "2" || fmt.Sprint(principal) != "3846.15" {
		t.Errorf("got rules %v and %v of principal in the last instalment, want 2 and 3846.15", terms["rules"], principal)
	}
	if a := grant("0.05", "0.1", 12); a.status != 422 || !strings.Contains(a.body, `"loc":["body","term_months"]`) || !strings.Contains(a.body, "must be fewer for this amount") {
		t.Errorf("0.05 over 12 months: got %d %s, want 422 for term_months", a.status, a.body)
	}
	a := d.post("/api/v1/loans/applications", `{"client_id":"`+d.client+`","product":"seed","amount":0.05,"annual_rate":0.1,"periods":12}`)
	if a.status != 422 || !strings.Contains(a.body, `"loc":["body","periods"]`) {
		t.Errorf("application for 0.05 over 12 months: got %d %s, want 422 for periods", a.status, a.body)
	}
}

// TestQuoteTermsAreWhole: the answer's terms, sent again, give the same answer;
// numbers and their texts give the same; explain only adds at the end.
func TestQuoteTermsAreWhole(t *testing.T) {
	d := open(t, nil)
	for _, body := range []string{
		`{"amount":1000,"annual_rate":0.36,"periods":6}`,
		`{"amount":"1000","annual_rate":"3.6e-1","periods":"6"}`,
		`{"amount":1000.50,"annual_rate":1.123456,"periods":40,"frequency":"quincenal","method":"equal_principal","residue":"first","holiday_rule":"next","interest_follows":true}`,
		`{"amount":9000,"annual_rate":0.6,"periods":9,"frequency":"every_n_days","period_days":10,"iva_rate":0.16,"iva_base":"fixed_percent","iva_percent":0.5,"cat_time":"periods"}`,
		`{"amount":500000,"annual_rate":0.115,"periods":12,"day_count":"ACT/365","disbursement_date":"2018-10-25","level_by_periods":true}`,
		`{"amount":9000,"annual_rate":0.6,"periods":9,"frequency":"weekly","grace_principal_periods":3,"grace_interest_periods":2,"grace_mode":"capitalise","rounding":"half_even"}`,
		`{"amount":9000,"annual_rate":0.6,"periods":9,"month_end":true,"disbursement_date":"2026-01-31","method":"level_with_iva","iva_rate":0.08,"iva_base":"real_udi","iva_inflation":0.04}`,
		`{"amount":9000,"annual_rate":0.6,"periods":9,"frequency":"every_14_days","method":"bullet","origination_fee_amount":90,"origination_fee_payment":"deducted","fee_iva_rate":0.16,"periodic_fee_rate":0.001,"insurance":3,"collateral":"900.00"}`,
		`{"amount":9000,"annual_rate":0.6,"periods":2,"method":"single","day_count":"ACT/ACT","disbursement_date":"2027-12-20","first_due_date":"2028-02-29","periodic_fee_amount":"1e1","cat_time":"days"}`,
	} {
		first := d.post(quotePath, body)
		var q quoted
		if err := json.Unmarshal([]byte(first.body), &q); err != nil || first.status != 200 {
			t.Fatalf("%s: got %s %v, want status 200", body, first.body, err)
		}
		if again := d.post(quotePath, string(q.Terms)); again.body != first.body {
			t.Errorf("quoted again with the terms %s: got\n%s\nwant\n%s", q.Terms, again.body, first.body)
		}
		explained := d.post(quotePath+"?explain=true", body)
		if rest, found := strings.CutPrefix(explained.body, strings.TrimSuffix(first.body, "}")); !found || !strings.HasPrefix(rest, `,"explanation":{"origination_fee":"`) {
			t.Errorf("got %s\nwant %s with an explanation that begins with the origination fee", explained.body, first.body)
		}
	}
	e := d.want(200, d.post(quotePath+"?explain=true", readme(`,"iva_rate":0.16`)))["explanation"].(map[string]any)
	second := e["rows"].([]any)[1].(map[string]any)
	if second["interest"] != "48200.67 × 0.15 × 30/360 = 602.51" || second["iva"] != "602.51 × 0.16 = 96.40" || second["principal"] != "2424.33 - 602.51 = 1821.82" {
		t.Errorf("got %v, want interest 48200.67 × 0.15 × 30/360 = 602.51, iva 602.51 × 0.16 = 96.40, principal 2424.33 - 602.51 = 1821.82", second)
	}
}

// TestQuoteDefaults: what is left out is the engine's default, and the day is
// that of the institution's time zone.
func TestQuoteDefaults(t *testing.T) {
	zone := time.FixedZone("six hours behind", -6*3600)
	d := open(t, func(o *api.Options) { o.Location = zone })
	before := civil.DateOf(time.Now().In(zone))
	q := d.quote(`{"amount":1000,"annual_rate":0.36,"periods":6}`)
	given, err := api.QuoteTerms{Amount: 1000_00, AnnualRate: 360_000, Periods: 6, Disbursement: &before, Rules: schedule.LatestRules}.Quote(civil.Date{}, false)
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(given.Terms)
	if err != nil || string(q.Terms) != string(want) && civil.DateOf(time.Now().In(zone)) == before {
		t.Errorf("got %s, %v\nwant %s", q.Terms, err, want)
	}
	if !strings.HasSuffix(q.Legend, fmt.Sprintf("Fecha de cálculo: %s.", before)) && civil.DateOf(time.Now().In(zone)) == before {
		t.Errorf("got the legend %v, want the date %s at its end", q.Legend, before)
	}
	for hour, day := range map[int]string{5: "2026-11-23", 6: "2026-11-24"} {
		at := time.Date(2026, 11, 24, hour, 0, 0, 0, time.UTC)
		ask := openAt(t, at, zone)
		if body := ask(`{"amount":1000,"annual_rate":0.36,"periods":6}`).body; !strings.Contains(body, `"disbursement_date":"`+day+`"`) {
			t.Errorf("%v: got %s, want %q in it", at, body, `"disbursement_date":"`+day+`"`)
		}
	}
}

// openAt opens a door and then sets its clock; it asks for quotes with explain=true.
func openAt(t *testing.T, at time.Time, zone *time.Location) func(body string) reply {
	t.Helper()
	var stopped atomic.Bool
	d := open(t, func(o *api.Options) {
		o.Location, o.Clock = zone, func() time.Time {
			if stopped.Load() {
				return at
			}
			return time.Now()
		}
	})
	stopped.Store(true)
	issued := time.Now() // not before the password of the user, whatever the clock of the door
	if at.After(issued) {
		issued = at
	}
	token, err := d.Keys.Issue("admin", time.Hour, issued)
	if err != nil {
		t.Fatal(err)
	}
	return func(body string) reply {
		return d.send("POST", quotePath+"?explain=true", body, "Authorization", "Bearer "+token)
	}
}

// TestQuoteChoices: the accepted values of each choice are the engine's, no more
// and no less.
func TestQuoteChoices(t *testing.T) {
	checked := 0
	for _, f := range reflect.VisibleFields(reflect.TypeFor[api.QuoteTerms]()) {
		values := f.Tag.Get("enum")
		if values == "" {
			continue
		}
		q := api.QuoteTerms{Amount: 1000_00, AnnualRate: 360_000, Periods: 6, GraceInterestPeriods: 1, GracePrincipalPeriods: 1}
		target := reflect.ValueOf(&q).Elem().FieldByIndex(f.Index)
		if target.Kind() == reflect.Pointer {
			target.Set(reflect.New(target.Type().Elem()))
			target = target.Elem()
		} else {
			mode := schedule.Defer
			q.GraceMode = &mode
		}
		target.SetString("x")
		_, err := q.Quote(civil.Date{Year: 2026, Month: 1, Day: 15}, false)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		want := fmt.Sprintf("invalid; %s: one_of accepted=[%s]", name, strings.ReplaceAll(values, ",", " "))
		if got := fmt.Sprint(err); got != want {
			t.Errorf("%s: got %s, want %s", f.Name, got, want)
		}
		checked++
	}
	if checked != 10 {
		t.Errorf("got %d choices, want 10", checked)
	}
}

// TestQuoteUnreadable: whatever cannot be read as a field is refused in one fault,
// which names the field and says what is accepted.
func TestQuoteUnreadable(t *testing.T) {
	d := open(t, nil)
	for _, f := range reflect.VisibleFields(reflect.TypeFor[api.QuoteTerms]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		accepted := ": " + f.Tag.Get("help")
		for _, value := range []string{"null", "{}", "[]", "[1]", `"?"`, `""`, "NaN", "Infinity", "1e-9"} {
			says := accepted
			switch kind := f.Type.Kind(); {
			case value == "null":
			case f.Tag.Get("enum") != "":
				says = "; permitted: " + strings.ReplaceAll(f.Tag.Get("enum"), ",", ", ")
			case kind == reflect.Bool, kind == reflect.Pointer:
				says = ": use "
			}
			fields := map[string]json.RawMessage{"amount": []byte("1000"), "annual_rate": []byte("0.36"), "periods": []byte("6")}
			delete(fields, name)
			rest, err := json.Marshal(fields)
			if err != nil {
				t.Fatal(err)
			}
			r := d.post(quotePath, fmt.Sprintf(`{"%s":%s,%s`, name, value, rest[1:]))
			detail, _ := d.want(422, r)["detail"].([]any)
			if fault := fmt.Sprint(detail); len(detail) != 1 || !strings.Contains(fault, "loc:[body "+name+"]") || !strings.Contains(fault, says) {
				t.Errorf("%s as %s: got %s, want %s", name, value, r.body, says)
			}
		}
		if f.Tag.Get("required") != "" {
			if r := d.post(quotePath, "{}"); !strings.Contains(r.body, `["body","`+name+`"],"msg":"field required`+accepted) {
				t.Errorf("without %s: got %s, want %q in it", name, r.body, `["body","`+name+`"],"msg":"field required`+accepted)
			}
		}
	}
}

func TestQuoteBadTerms(t *testing.T) {
	d := open(t, nil)
	before := d.books()
	for _, c := range []struct{ change, field, says string }{
		{`"amount":0`, "amount", "must be above 0 and at most 9999999999999.99"},
		{`"amount":-1`, "amount", "must be above 0"},
		{`"amount":1.234`, "amount", "no more than 2 decimal places"},
		{`"amount":1e16`, "amount", "no more than 15 digits"},
		{`"amount":NaN`, "amount", "not a valid decimal"},
		{`"amount":null`, "amount", "none is not an allowed value"},
		{`"annual_rate":36`, "annual_rate", "must be a fraction from 0 to 10 (36 % is 0.36)"},
		{`"annual_rate":5000`, "annual_rate", "must be a fraction from 0 to 10 (1000 % is 10)"},
		{`"iva_rate":16`, "iva_rate", "must be a fraction from 0 to 1 (16 % is 0.16)"},
		{`"annual_rate":10.000001`, "annual_rate", "must be a fraction from 0 to 10"},
		{`"annual_rate":-0.01`, "annual_rate", "must be a fraction from 0 to 10"},
		{`"annual_rate":1e50`, "annual_rate", "must be a fraction from 0 to 10"},
		{`"annual_rate":-1e50`, "annual_rate", "must be a fraction from 0 to 10"},
		{`"annual_rate":"15%"`, "annual_rate", "not a valid decimal"},
		{`"annual_rate":0.1234567`, "annual_rate", "no more than 6 decimal places"},
		{`"periods":0`, "periods", "must be from 1 to 1560"},
		{`"periods":1561`, "periods", "must be from 1 to 1560"},
		{`"periods":601`, "periods", "must be fewer: the last due date would be more than 50 years after the disbursement"},
		{`"periods":2.5`, "periods", "not a whole number"},
		{`"periods":1e30`, "periods", "not a whole number"},
		{`"periods":true`, "periods", "not a whole number"},
		{`"frequency":"yearly"`, "frequency", "permitted: weekly, every_14_days, quincenal, monthly, every_n_days"},
		{`"frequency":""`, "frequency", "permitted: weekly"},
		{`"frequency":"every_n_days"`, "period_days", "must be from 1 to 366"},
		{`"frequency":"every_n_days","period_days":367`, "period_days", "must be from 1 to 366"},
		{`"period_days":30`, "period_days", "is accepted only with the frequency every_n_days"},
		{`"method":"french"`, "method", "permitted: level, level_with_iva, equal_principal, bullet, single"},
		{`"method":7`, "method", "permitted: level"},
		{`"day_count":"30E/360"`, "day_count", "permitted: 30/360, ACT/360, ACT/365, ACT/ACT, ACT/364"},
		{`"rounding":"up"`, "rounding", "permitted: half_even, half_up"},
		{`"residue":"middle"`, "residue", "permitted: last, first"},
		{`"residue":"first","method":"bullet"`, "residue", "must be last"},
		{`"disbursement_date":"2026-02-30"`, "disbursement_date", "use a valid date as YYYY-MM-DD"},
		{`"disbursement_date":20260115`, "disbursement_date", "use a valid date as YYYY-MM-DD"},
		{`"disbursement_date":"0001-01-01"`, "disbursement_date", "a date from 1900 to 2899"},
		{`"first_due_date":"2026-01-15"`, "first_due_date", "must be after the disbursement date"},
		{`"first_due_date":"2025-12-15"`, "first_due_date", "must be after the disbursement date"},
		{`"first_due_date":"15/02/2026"`, "first_due_date", "YYYY-MM-DD"},
		{`"first_due_date":"2026-02-10","frequency":"quincenal"`, "first_due_date", "15th or the last day"},
		{`"first_due_date":"2026-02-10","month_end":true`, "first_due_date", "must be the last day of a month"},
		{`"month_end":"perhaps"`, "month_end", "use true or false"},
		{`"month_end":true,"frequency":"weekly"`, "month_end", "is accepted only with the frequency monthly"},
		{`"iva_rate":1.1`, "iva_rate", "must be a fraction from 0 to 1"},
		{`"iva_rate":16e60`, "iva_rate", "must be a fraction from 0 to 1"},
		{`"iva_base":"real"`, "iva_base", "permitted: nominal, real_udi, fixed_percent"},
		{`"iva_base":"fixed_percent"`, "iva_percent", "must be a fraction from 0.000001 to 1"},
		{`"iva_percent":0.5`, "iva_percent", "is accepted only with the IVA base fixed_percent"},
		{`"iva_inflation":0.04`, "iva_inflation", "is accepted only with the IVA base real_udi"},
		{`"origination_fee_amount":-1`, "origination_fee_amount", "must be from 0.00"},
		{`"origination_fee_rate":2`, "origination_fee_rate", "must be a fraction from 0 to 1"},
		{`"origination_fee_amount":10,"origination_fee_rate":0.01`, "origination_fee_rate", "an amount or a rate, not both"},
		{`"origination_fee_amount":1000`, "origination_fee_amount", "must be below the loan amount"},
		{`"origination_fee_rate":0.9,"fee_iva_rate":0.16`, "origination_fee_rate", "must be below the loan amount"},
		{`"collateral":1000`, "collateral", "must be below the loan amount"},
		{`"origination_fee_amount":950,"collateral":60`, "origination_fee_amount", "must be below the loan amount"},
		{`"origination_fee_rate":0.02,"collateral":2000`, "origination_fee_rate", "must be below the loan amount"},
		{`"origination_fee_payment":"later"`, "origination_fee_payment", "permitted: apart, deducted"},
		{`"periodic_fee_amount":10,"periodic_fee_rate":0.01`, "periodic_fee_rate", "an amount or a rate, not both"},
		{`"periodic_fee_rate":-0.01`, "periodic_fee_rate", "must be a fraction from 0 to 1"},
		{`"fee_iva_rate":-1`, "fee_iva_rate", "must be a fraction from 0 to 1"},
		{`"insurance":-1`, "insurance", "must be from 0.00"},
		{`"collateral":-1`, "collateral", "must be from 0.00"},
		{`"grace_principal_periods":6`, "grace_principal_periods", "less than the number of periods"},
		{`"grace_interest_periods":-1`, "grace_interest_periods", "less than the number of periods"},
		{`"grace_interest_periods":1,"grace_principal_periods":1`, "grace_mode", "must be one of"},
		{`"grace_mode":"forgive"`, "grace_mode", "permitted: defer, capitalise, waive"},
		{`"grace_mode":"waive"`, "grace_mode", "is accepted only with periods without interest"},
		{`"grace_interest_periods":2,"grace_mode":"defer"`, "grace_interest_periods", "must be at most the number of periods without principal"},
		{`"grace_principal_periods":1,"method":"single"`, "grace_principal_periods", "is not accepted with the method single"},
		{`"grace_interest_periods":1,"grace_mode":"waive","method":"single"`, "grace_interest_periods", "is not accepted with the method single"},
		{`"grace_principal_periods":2,"grace_interest_periods":1,"grace_mode":"defer","method":"single"`, "grace_principal_periods", "is not accepted with the method single"},
		{`"grace_principal_periods":1,"method":"bullet"`, "grace_principal_periods", "is not accepted with the method bullet"},
		{`"level_by_periods":true,"method":"equal_principal"`, "level_by_periods", "is accepted only with the methods level or level_with_iva"},
		{`"level_by_periods":true,"residue":"first"`, "level_by_periods", "is accepted only with the residue in last"},
		{`"level_by_periods":1`, "level_by_periods", "use true or false"},
		{`"holiday_rule":"previous"`, "holiday_rule", "permitted: none, next"},
		{`"interest_follows":true`, "interest_follows", "is accepted only with the holiday rule next"},
		{`"cat_time":"months"`, "cat_time", "permitted: auto, periods, days"},
		{`"anual_rate":0.2`, "anual_rate", "unknown field: use amount, annual_rate, periods, "},
		{`"Amount":2000`, "Amount", "unknown field"},
		{`"iva":{"rate":0.16}`, "iva", "iva_rate, iva_base"},
		{`"annual_rate":10,"periods":1560,"frequency":"weekly","grace_principal_periods":1559,"grace_interest_periods":1559,"grace_mode":"capitalise"`, "amount", "is too high for these terms"},
	} {
		r := d.post(quotePath, `{"amount":1000,"annual_rate":0.36,"periods":6,"disbursement_date":"2026-01-15",`+c.change+`}`)
		var p struct {
			Detail []struct {
				Loc []string
				Msg string
			}
			Code string
		}
		if err := json.Unmarshal([]byte(r.body), &p); err != nil || r.status != 422 || p.Code != "invalid" {
			t.Errorf("%s: got %d %s, want status 422, code invalid", c.change, r.status, r.body)
			continue
		}
		if at := p.Detail[0]; len(p.Detail) != 1 || strings.Join(at.Loc, ".") != "body."+c.field || !strings.Contains(at.Msg, c.says) {
			t.Errorf("%s: got %v, want %s: %s", c.change, p.Detail, c.field, c.says)
		}
	}
	for body, want := range map[string]string{
		`{}`: `["body","amount"]|["body","annual_rate"]|["body","periods"]`,
		`{"amount":0,"annual_rate":11,"periods":0}`: `["body","amount"]|["body","annual_rate"]|["body","periods"]`,
		`[1]`: `{"loc":["body"],"msg":"value is not a valid dict"`,
		"":    `{"loc":["body"],"msg":"field required"`,
		`{"amount":1,"annual_rate":0,"periods":1` + strings.Repeat(`,"x":1`, 1000) + `}`: `["body","x"]`,
	} {
		r := d.post(quotePath, body)
		for _, part := range strings.Split(want, "|") {
			if r.status != 422 || !strings.Contains(r.body, part) || len(r.body) > 10_000 {
				t.Errorf("%.80s: got %d %.500s, want %s", body, r.status, r.body, part)
			}
		}
	}
	if r := d.post(quotePath+"?explain=maybe", readme("")); r.status != 422 || !strings.Contains(r.body, `["query","explain"]`) {
		t.Errorf(`got %d %s, want status 422 with ["query","explain"]`, r.status, r.body)
	}
	if d.books() != before {
		t.Error("the books changed, want no change")
	}
}

// TestQuoteRoles: the roles with the permission get a quote; without a token it is refused.
func TestQuoteRoles(t *testing.T) {
	d := open(t, nil)
	d.want(401, d.send("POST", quotePath, readme("")))
	for _, role := range access.Roles() {
		if r := d.send("POST", quotePath, readme(""), d.as(role)...); (r.status == 200) != nouns.May(role, loan.Quote) || r.status != 200 && r.status != 403 {
			t.Errorf("%s: got %d, want 200 with the permission (the role has it: %t), else 403", role, r.status, nouns.May(role, loan.Quote))
		}
	}
	if r := d.get(quotePath, d.as(access.Admin)...); r.status != 405 || r.header.Get("Allow") != "POST" {
		t.Errorf("got %d %q, want status 405, Allow POST", r.status, r.header.Get("Allow"))
	}
}

// TestQuoteSchema: the schema of a request names the required fields and refuses others.
func TestQuoteSchema(t *testing.T) {
	var document struct {
		Components struct {
			Schemas map[string]struct {
				Required   []string
				Additional *bool `json:"additionalProperties"`
			}
		}
	}
	if err := json.Unmarshal(api.OpenAPI(), &document); err != nil {
		t.Fatal(err)
	}
	request := document.Components.Schemas["QuoteRequest"]
	if got, want := fmt.Sprint(request.Required), "[amount annual_rate periods]"; got != want {
		t.Errorf("required fields: got %s, want %s", got, want)
	}
	if request.Additional == nil || *request.Additional {
		t.Errorf("additionalProperties: got %v, want false", request.Additional)
	}
}
