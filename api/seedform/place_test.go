package seedform

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/text"
)

// lent is an input with other field names than its command.
type lent struct {
	LoanID string `path:"loan_id"`
	Limit  int64  `query:"limit" default:"1"`
	Body   struct {
		Product *string      `json:"product,omitempty" blame:"*"`
		Amount  money.Amount `json:"amount"`
		Rate    rate.Annual  `json:"interest_rate" blame:"annual_rate ~fees"`
		Fee     money.Amount `json:"opening_fee,omitempty" blame:"fees.origination.amount ~fees.origination fees"`
		FeeRate rate.Annual  `json:"opening_fee_rate,omitempty" blame:"fees.origination.rate fees.origination fees"`
		Lines   []struct {
			Account string `json:"account"`
		} `json:"lines,omitempty"`
	}
}

var lentBinder = New(reflect.TypeFor[lent](), []string{"first"}, []string{"Idempotency-Key"}, Ignored)

func locs(fields []Field) string {
	var all []string
	for _, f := range fields {
		all = append(all, strings.Trim(fmt.Sprint(f.Loc), "[]"))
	}
	return strings.Join(all, ", ")
}

// TestPlace: a flaw is placed where the input declares its name, or in the body.
func TestPlace(t *testing.T) {
	flaws := []fault.Flaw{
		fault.At("loan_id", UUID), fault.At("limit", fault.AtMost, "most", 5), fault.At("Idempotency-Key", KeyForm), fault.At("amount", fault.Positive),
		{Path: []any{"lines", 3, "account"}, Rule: fault.Missing}, {Path: []any{14}, Rule: JSON}, {Rule: Object},
		fault.At("loan_id", KnownField), fault.At("amount", KnownParameter),
	}
	want := "path loan_id, query limit, header Idempotency-Key, body amount, body lines 3 account, body 14, body, body loan_id, query amount"
	if got := locs(lentBinder.Fields(flaws)); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	bodiless := New(reflect.TypeFor[struct {
		On string `query:"on"`
	}](), nil, nil, Refused)
	if got := locs(bodiless.Fields([]fault.Flaw{fault.At("from", fault.Missing)})); got != "query from" {
		t.Errorf("without a body: got %s, want query from", got)
	}
	var names []string
	for _, f := range flaws {
		names = append(names, Name(f))
	}
	if got, want := strings.Join(names, " "), "loan_id limit Idempotency-Key amount lines.3.account body body loan_id amount"; got != want {
		t.Errorf("names: got %s, want %s", got, want)
	}
}

// TestMerge: the command's flaws of what was read stand with the binder's, in the order
// of the input; of a body that could not be read, only the binder's do.
func TestMerge(t *testing.T) {
	checked := []fault.Flaw{fault.At("interest_rate", fault.AtLeast, "least", 0), fault.At("amount", fault.Positive), fault.At("lines.2", fault.Missing)}
	for _, c := range []struct {
		read []fault.Flaw
		want string
	}{
		{[]fault.Flaw{fault.At("amount", Decimal)}, "body amount, body interest_rate, body lines 2"},
		{[]fault.Flaw{fault.At("lines.2.account", fault.Missing), fault.At("loan_id", UUID)}, "path loan_id, body amount, body interest_rate, body lines 2 account"},
		{[]fault.Flaw{fault.At("lines", List), fault.At("Idempotency-Key", KeyForm)}, "header Idempotency-Key, body amount, body interest_rate, body lines"},
		{[]fault.Flaw{fault.At("loan_id", UUID), {Path: []any{3}, Rule: JSON}}, "path loan_id, body 3"},
		{[]fault.Flaw{{Rule: fault.Missing}}, "body"},
	} {
		if got := locs(lentBinder.Fields(lentBinder.Merge(c.read, checked))); got != c.want {
			t.Errorf("%v: got %s, want %s", c.read, got, c.want)
		}
	}
}

// TestRename: flaws have the names of the input's fields, of several the first
// that was given.
func TestRename(t *testing.T) {
	product := "x"
	for _, c := range []struct {
		change func(*lent)
		path   string
		want   string
	}{
		{func(*lent) {}, "annual_rate", "interest_rate"},
		{func(*lent) {}, "interest_rate", "interest_rate"},
		{func(*lent) {}, "fees.origination.amount", "opening_fee"},
		{func(*lent) {}, "fees.origination", "opening_fee_rate"},
		{func(in *lent) { in.Body.Fee = 1 }, "fees.origination", "opening_fee"},
		{func(in *lent) { in.Body.Fee, in.Body.FeeRate = 1, 1 }, "fees.origination", "opening_fee_rate"},
		{func(*lent) {}, "fees", "interest_rate"},
		{func(in *lent) { in.Body.FeeRate = 1 }, "fees.origination", "opening_fee_rate"},
		{func(in *lent) { in.Body.Fee, in.Body.FeeRate = 1, 1 }, "fees", "opening_fee"},
		{func(in *lent) { in.Body.Fee = 1 }, "fees", "opening_fee"},
		{func(*lent) {}, "grace.mode", "grace.mode"},
		{func(*lent) {}, "loan_id", "loan_id"},
		{func(*lent) {}, "lines.3.account", "lines.3.account"},
		{func(in *lent) { in.Body.Product = &product }, "grace.mode", "product.grace.mode"},
		{func(in *lent) { in.Body.Product = &product }, "fees.origination", "product.fees.origination"},
		{func(in *lent) { in.Body.Product = &product }, "fees", "product.fees"},
		{func(in *lent) { in.Body.Product = &product }, "annual_rate", "interest_rate"},
		{func(in *lent) { in.Body.Product = &product }, "product", "product"},
	} {
		var in lent
		c.change(&in)
		if got := lentBinder.Rename([]fault.Flaw{fault.At(c.path, fault.Missing)}, &in)[0].Name(); got != c.want {
			t.Errorf("%s of %+v: got %s, want %s", c.path, in.Body, got, c.want)
		}
		if got := Rename([]fault.Flaw{fault.At(c.path, fault.Missing)}, in.Body)[0].Name(); got != c.want {
			t.Errorf("%s without a binder: got %s, want %s", c.path, got, c.want)
		}
	}
	if got := Rename([]fault.Flaw{{Rule: fault.Missing}}, lent{}.Body); len(got[0].Path) != 0 {
		t.Errorf("of the whole body: got %v, want no path", got[0].Path)
	}
}

// TestOneNameOneField: a flaw of a name can be of one field only.
func TestOneNameOneField(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("two fields of one name were accepted, want a panic")
		}
	}()
	New(reflect.TypeFor[struct {
		Code string `path:"code"`
		Body struct {
			Code string `json:"code"`
		}
	}](), []string{"first"}, nil, Refused)
}

// TestWordings: every rule of reading has texts in both languages and a wording of the
// seed's kind, whose values its flaws have.
func TestWordings(t *testing.T) {
	in := map[fault.Rule]fault.Flaw{}
	for _, f := range []fault.Flaw{
		fault.At("a", fault.Missing), fault.At("a", fault.Positive), fault.At("a", fault.AtLeast, "least", rate.Annual(0)), fault.At("a", fault.AtMost, "most", money.Max),
		fault.At("a", fault.MinLength, "least", 12), fault.At("a", fault.MaxLength, "most", 255), fault.At("a", Choice, "accepted", []string{"x", "y"}),
	} {
		in[f.Rule] = f
	}
	for rule, want := range map[fault.Rule]string{
		fault.Missing:   `[{"loc":["body","a"],"msg":"field required","type":"value_error.missing"}]`,
		fault.Positive:  `[{"loc":["body","a"],"msg":"ensure this value is greater than 0","type":"value_error.number.not_gt","ctx":{"limit_value":0}}]`,
		fault.AtLeast:   `[{"loc":["body","a"],"msg":"ensure this value is greater than or equal to 0","type":"value_error.number.not_ge","ctx":{"limit_value":0}}]`,
		fault.AtMost:    `[{"loc":["body","a"],"msg":"ensure this value is less than or equal to 9999999999999.99","type":"value_error.number.not_le","ctx":{"limit_value":9999999999999.99}}]`,
		fault.MinLength: `[{"loc":["body","a"],"msg":"ensure this value has at least 12 characters","type":"value_error.any_str.min_length","ctx":{"limit_value":12}}]`,
		fault.MaxLength: `[{"loc":["body","a"],"msg":"ensure this value has at most 255 characters","type":"value_error.any_str.max_length","ctx":{"limit_value":255}}]`,
		Choice:          `[{"loc":["body","a"],"msg":"value is not a valid enumeration member; permitted: x, y","type":"type_error.enum","ctx":{"enum_values":["x","y"]}}]`,
	} {
		if got := string(AppendJSON(nil, lentBinder.Fields([]fault.Flaw{in[rule]}))); got != want {
			t.Errorf("%s: got %s\nwant %s", rule, got, want)
		}
	}
	for rule, words := range Texts {
		if words.EN == "" || words.ES == "" || words.EN == words.ES {
			t.Errorf("%s: got the texts %q and %q, want one in each language", rule, words.EN, words.ES)
		}
		if _, found := wordings[rule.(fault.Rule)]; !found {
			t.Errorf("%s: got no wording, want one", rule)
		}
	}
	place := regexp.MustCompile(`\{(\w+)`)
	for rule, w := range wordings {
		words, ours := Texts[rule]
		if !ours {
			continue
		}
		for _, name := range place.FindAllStringSubmatch(words.EN+words.ES, -1) {
			if !strings.Contains(w.message, "{"+name[1]+"}") {
				t.Errorf("%s: got no value %s in the wording %q, want it as in the texts", rule, name[1], w.message)
			}
		}
	}
	if got, want := Message(text.ES, in[Choice]), "Elija una opción: x o y"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
