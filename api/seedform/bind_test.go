package seedform

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/wire"
)

// deep is an input with every kind of nested field.
type deep struct {
	Body struct {
		embedded
		Limits limits          `json:"limits"`
		Extra  *limits         `json:"extra,omitempty"`
		Late   limits          `json:"late,omitzero"`
		Words  []string        `json:"words,omitempty"`
		Order  []choiceOfThree `json:"order,omitempty" enum:"a,b,c"`
		Days   []civil.Date    `json:"days,omitempty" maxItems:"2"`
		Sums   []money.Amount  `json:"sums,omitempty" minItems:"1"`
		Lines  []struct {
			Account string         `json:"account"`
			Debit   *money.Amount  `json:"debit,omitempty"`
			Parts   []money.Amount `json:"parts,omitempty"`
		} `json:"lines,omitempty"`
		Given Given `json:"-"`
	}
}

type choiceOfThree string

type embedded struct {
	Code string `json:"code,omitempty"`
}

type limits struct {
	Max      money.Amount   `json:"max_amount"`
	Share    rate.Share     `json:"share" default:"0.5"`
	Count    civil.DayCount `json:"day_count" default:"ACT/360" enum:"30/360,ACT/360"`
	Rounding money.Rounding `json:"rounding,omitempty" enum:"half_up,half_even"`
	Periods  int            `json:"periods,omitempty" exclusiveMinimum:"0"`
}

func bindDeep(t testing.TB, body string) (in deep, faults []Field) {
	t.Helper()
	b := New(reflect.TypeFor[deep](), nil, nil, Refused)
	flaws, err := b.Bind(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader(body)), reflect.ValueOf(&in).Elem())
	if err != nil {
		t.Fatal(err)
	}
	if flaws == nil {
		return in, nil
	}
	return in, b.Fields(flaws)
}

func TestNestedBody(t *testing.T) {
	in, faults := bindDeep(t, `{"code":"x","limits":{"max_amount":"10.50","share":0.1,"rounding":"half_even","periods":3},"extra":{"max_amount":1,"max_amount":2},
		"words":["a","1.50","true"],"order":["c","a"],"days":["2026-01-31"],"sums":[0.01,"2"],
		"lines":[{"account":"1101","debit":5},{"account":"1301","parts":[1,2]}]}`)
	if faults != nil {
		t.Fatalf("got %v, want no faults", faults)
	}
	given := in.Body.Given
	in.Body.Given = nil
	got, err := json.Marshal(in.Body)
	want := `{"code":"x","limits":{"max_amount":10.50,"share":0.1,"day_count":"ACT/360","rounding":"half_even","periods":3},` +
		`"extra":{"max_amount":2.00,"share":0.5,"day_count":"ACT/360"},"words":["a","1.50","true"],"order":["c","a"],"days":["2026-01-31"],"sums":[0.01,2.00],` +
		`"lines":[{"account":"1101","debit":5.00},{"account":"1301","parts":[1.00,2.00]}]}`
	if err != nil || string(got) != want || fmt.Sprint(given) != "[code limits extra words order days sums lines]" {
		t.Errorf("got %s\ngiven %v, %v\nwant %s\nall members given", got, given, err, want)
	}
	least, faults := bindDeep(t, `{"limits":{"max_amount":1},"words":[],"late":{"max_amount":3}}`)
	if faults != nil || least.Body.Extra != nil || least.Body.Words == nil || least.Body.Sums != nil || least.Body.Late.Share != 500_000 || fmt.Sprint(least.Body.Given) != "[limits late words]" {
		t.Errorf("got %+v %v, want no faults, words, sums, a share of 0.5, given [limits late words]", least, faults)
	}
}

// TestNestedFaults has what pydantic 1 says of the same bodies, in its order.
func TestNestedFaults(t *testing.T) {
	const ok = `"limits":{"max_amount":1}`
	for body, want := range map[string]string{
		`{}`:                                `["body","limits"] field required value_error.missing`,
		`{"limits":null}`:                   `["body","limits"] none is not an allowed value type_error.none.not_allowed`,
		`{"limits":1}`:                      `["body","limits"] value is not a valid dict type_error.dict`,
		`{"limits":[{"max_amount":1}]}`:     `["body","limits"] value is not a valid dict type_error.dict`,
		`{"limits":{}}`:                     `["body","limits","max_amount"] field required value_error.missing`,
		`{"limits":{"max_amount":null}}`:    `["body","limits","max_amount"] none is not an allowed value type_error.none.not_allowed`,
		`{"limits":{"max_amount":1.005}}`:   `["body","limits","max_amount"] ensure that there are no more than 2 decimal places value_error.decimal.max_places`,
		`{"limits":{"max_amount":{"a":1}}}`: `["body","limits","max_amount"] value is not a valid decimal type_error.decimal`,
		`{"limits":{"max_amount":1,"day_count":"ACT/364"}}`:            `["body","limits","day_count"] value is not a valid enumeration member; permitted: 30/360, ACT/360 type_error.enum`,
		`{"limits":{"max_amount":1,"rounding":1}}`:                     `["body","limits","rounding"] value is not a valid enumeration member; permitted: half_up, half_even type_error.enum`,
		`{"limits":{"max_amount":1,"periods":0}}`:                      `["body","limits","periods"] ensure this value is greater than 0 value_error.number.not_gt`,
		`{"limits":{"max_amount":1,"share":"x"}}`:                      `["body","limits","share"] value is not a valid decimal type_error.decimal`,
		`{"limits":{"max_amount":1,"shar":1}}`:                         `["body","limits","shar"] unknown field: use max_amount, share, day_count, rounding, periods value_error.extra`,
		`{` + ok + `,"extra":[1]}`:                                     `["body","extra"] value is not a valid dict type_error.dict`,
		`{` + ok + `,"extra":{"share":1}}`:                             `["body","extra","max_amount"] field required value_error.missing`,
		`{` + ok + `,"words":"abc"}`:                                   `["body","words"] value is not a valid list type_error.list`,
		`{` + ok + `,"words":{"0":"a"}}`:                               `["body","words"] value is not a valid list type_error.list`,
		`{` + ok + `,"words":["a",["b"],{}]}`:                          `["body","words",1] str type expected type_error.str|["body","words",2] str type expected type_error.str`,
		`{` + ok + `,"words":[null]}`:                                  `["body","words",0] none is not an allowed value type_error.none.not_allowed`,
		`{` + ok + `,"order":["a","d"]}`:                               `["body","order",1] value is not a valid enumeration member; permitted: a, b, c type_error.enum`,
		`{` + ok + `,"days":["2026-02-30",20260101]}`:                  `["body","days",0] invalid date: use a valid date as YYYY-MM-DD value_error.date|["body","days",1] invalid date: use a valid date as YYYY-MM-DD value_error.date`,
		`{` + ok + `,"days":["2026-01-01","2026-01-02","2026-01-03"]}`: `["body","days"] ensure this value has at most 2 items value_error.list.max_items`,
		`{` + ok + `,"sums":[]}`:                                       `["body","sums"] ensure this value has at least 1 items value_error.list.min_items`,
		`{` + ok + `,"lines":[{"account":"1"},{"debit":1}]}`:           `["body","lines",1,"account"] field required value_error.missing`,
		`{` + ok + `,"lines":[{"account":"1","debit":"a"},7]}`:         `["body","lines",0,"debit"] value is not a valid decimal type_error.decimal|["body","lines",1] value is not a valid dict type_error.dict`,
		`{` + ok + `,"lines":[{"account":"1","parts":[1,"b"]}]}`:       `["body","lines",0,"parts",1] value is not a valid decimal type_error.decimal`,
		`{` + ok + `,"lines":[{"account":"1","credit":2}]}`:            `["body","lines",0,"credit"] unknown field: use account, debit, parts value_error.extra`,
		`{"limit":1,"limits":{"max_amount":true}}`:                     `["body","limits","max_amount"] value is not a valid decimal type_error.decimal|["body","limit"] unknown field: use code, limits, extra, late, words, order, days, sums, lines value_error.extra`,
	} {
		_, faults := bindDeep(t, body)
		var got []string
		for _, f := range faults {
			got = append(got, fmt.Sprintf("%s %s %s", wire.JSON(nil, f.Loc), f.Msg, f.Type))
		}
		if text := strings.Join(got, "|"); text != want {
			t.Errorf("%s: got\n%s\nwant %s", body, text, want)
		}
	}
}

// TestNestedLimits: a body of many wrong or many elements costs no more than it may.
// TestNotationsOfPeople: a number or a date in another notation than that of the API is refused,
// not read as another one.
func TestNotationsOfPeople(t *testing.T) {
	for _, given := range []string{"1,5", "1,000", "1.000,5", "$5", "1 000", "5%", "1_000", "0x10", "1/2/2026"} {
		_, faults := bindDeep(t, fmt.Sprintf(`{"limits":{"max_amount":%[1]q,"share":%[1]q,"periods":%[1]q},"days":[%[1]q],"sums":[%[1]q]}`, given))
		if len(faults) != 5 {
			t.Errorf("%q: got %v, want five faults", given, faults)
		}
	}
}

func TestNestedLimits(t *testing.T) {
	long := func(element string, n int) string { return strings.TrimSuffix(strings.Repeat(element+",", n), ",") }
	if _, faults := bindDeep(t, `{"limits":{"max_amount":1},"words":[`+long(`"1"`, DefaultItems)+`]}`); faults != nil {
		t.Errorf("got %v, want no faults", faults)
	}
	if _, faults := bindDeep(t, `{"limits":{"max_amount":1},"words":[`+long(`"1"`, DefaultItems+1)+`]}`); len(faults) != 1 || fmt.Sprint(faults[0].Ctx) != "[{limit_value 1000}]" {
		t.Errorf("got %v, want 1 fault with [{limit_value 1000}]", faults)
	}
	if _, faults := bindDeep(t, `{"limits":{"max_amount":1},"lines":[`+long(`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}`, DefaultItems)+`]}`); len(faults) < maxFlaws || len(faults) > maxFlaws+2*maxUnknown {
		t.Errorf("got %d faults, want %d to %d", len(faults), maxFlaws, maxFlaws+2*maxUnknown)
	}
	if _, faults := bindDeep(t, `{"limits":`+strings.Repeat(`{"limits":`, 100)+`1`+strings.Repeat("}", 101)); len(faults) == 0 {
		t.Error("got no fault, want one")
	}
}

// TestImpossibleInputs: a type that the binder cannot read is found when the program starts.
func TestImpossibleInputs(t *testing.T) {
	for _, input := range []any{
		struct {
			X string `json:"x"`
			Y any    `query:"y"`
		}{},
		struct{ Body struct{ X string } }{},
		struct {
			Body struct {
				X map[string]string `json:"x"`
			}
		}{},
		struct {
			Body struct {
				X []any `json:"x"`
			}
		}{},
		struct {
			Body struct {
				X limits `json:"x" default:"{}"`
			}
		}{},
		struct {
			Body struct {
				X choiceOfThree `json:"x"`
			}
		}{},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%T was accepted, want a panic", input)
				}
			}()
			New(reflect.TypeOf(input), nil, nil, Refused)
		}()
	}
}

// BenchmarkBindNested is a body of limits and ten lines.
func BenchmarkBindNested(b *testing.B) {
	body := `{"limits":{"max_amount":1},"lines":[` + strings.TrimSuffix(strings.Repeat(`{"account":"1101","debit":"5.00"},`, 10), ",") + `]}`
	binder := New(reflect.TypeFor[deep](), nil, nil, Refused)
	b.ReportAllocs()
	for b.Loop() {
		var in deep
		request := httptest.NewRequest("POST", "/", strings.NewReader(body))
		if flaws, err := binder.Bind(httptest.NewRecorder(), request, reflect.ValueOf(&in).Elem()); err != nil || flaws != nil {
			b.Fatalf("got %v, %v, want no flaws and no error", flaws, err)
		}
	}
}

// BenchmarkBindPayment is the path and the body of a payment.
func BenchmarkBindPayment(b *testing.B) {
	type payment struct {
		LoanID id.ID `path:"loan_id"`
		Body   struct {
			Amount    money.Amount `json:"amount"`
			Kind      string       `json:"kind,omitempty" enum:"payment,prepayment,advance"`
			ValueDate civil.Date   `json:"value_date,omitzero"`
		}
	}
	binder := New(reflect.TypeFor[payment](), []string{"first"}, nil, Ignored)
	request := httptest.NewRequest("POST", "/", nil)
	request.Header.Set("Content-Type", "application/json")
	request.SetPathValue("first", "13e47e40-4149-41ba-8a98-a1c1af868b20")
	b.ReportAllocs()
	for b.Loop() {
		var in payment
		request.Body = io.NopCloser(strings.NewReader(`{"amount": 2500.0}`))
		if flaws, err := binder.Bind(httptest.NewRecorder(), request, reflect.ValueOf(&in).Elem()); err != nil || flaws != nil {
			b.Fatalf("got %v, %v, want no flaws and no error", flaws, err)
		}
	}
}

// TestMisleads: a name that a caller expects to act is recognized, another one is not.
func TestMisleads(t *testing.T) {
	ours := []string{"amount", "kind", "value_date", "full_name", "email", "rfc", "limit", "Idempotency-Key"}
	for _, name := range []string{
		"kin", "kinds", "Kind", "value_dat", "valueDate", "value-date", "date", "name", "amuont", "mail", "e-mail", "RFC", "lmt", "idempotency_key", "idempotencyKey", "idempotency",
		"tipo", "type", "fecha", "fecha_valor", "monto", "nombre", "correo", "limit[gt]", "rfc.eq",
	} {
		if !misleads(name, ours) {
			t.Errorf("%s: got false, want true", name)
		}
	}
	for _, name := range []string{"", "x", "id", "in", "note", "notes", "phone", "created_at", "status", "current_balance", "_", "utm_source", "ñ", "[", ".", "types", "plazo", strings.Repeat("amount", 100_000)} {
		if misleads(name, ours) {
			t.Errorf("%.20s: got true, want false", name)
		}
	}
}
