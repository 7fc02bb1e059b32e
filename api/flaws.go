package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/staff"
	texts "sofipo/text"
)

// wording is how the seed reports the breach of a rule: its type, its message if it
// has one of its own, with {limit} for the limit, and the member of the context
// with the name of the limit's value.
type wording struct{ kind, message, limit string }

var wordings = map[fault.Rule]wording{
	fault.Missing:      {"value_error.missing", "field required", ""},
	fault.Positive:     {"value_error.number.not_gt", "ensure this value is greater than 0", "0"},
	fault.AtLeast:      {"value_error.number.not_ge", "ensure this value is greater than or equal to {limit}", "least"},
	fault.AtMost:       {"value_error.number.not_le", "ensure this value is less than or equal to {limit}", "most"},
	fault.MinLength:    {"value_error.any_str.min_length", "ensure this value has at least {limit} characters", "least"},
	fault.MaxLength:    {"value_error.any_str.max_length", "ensure this value has at most {limit} characters", "most"},
	fault.Printable:    {"value_error.str.control", "ensure this value has no control characters and is valid UTF-8", ""},
	fault.ValidText:    {"value_error.str.control", "ensure this value has no NUL and is valid UTF-8", ""},
	fault.PageMark:     {"value_error.page", "", ""},
	client.EmailForm:   {"value_error.email", "value is not a valid email address", ""},
	client.RFCLength:   {"value_error.rfc", "", ""},
	client.RFCForm:     {"value_error.rfc", "", ""},
	client.RFCDate:     {"value_error.rfc", "", ""},
	client.RFCWord:     {"value_error.rfc", "", ""},
	client.RFCDigit:    {"value_error.rfc", "", ""},
	product.CodeForm:   {"value_error.product", "", ""},
	staff.NameForm:     {"value_error.username", "", ""},
	staff.NameReserved: {"value_error.username", "", ""},
}

// details are the seed's texts of refusals that the nouns word otherwise.
var details = map[fault.Code]string{
	servicing.NotActive:   "Loan is not active. Status: {loan_status}",
	servicing.OverPayment: "Payment amount cannot be greater than the current balance",
}

// detail is the English text of a refusal without flaws.
func detail(e *fault.Error) string {
	words, known := details[e.Code]
	if !known || e.Rule != "" {
		return texts.Detail(e)
	}
	return strings.ReplaceAll(words, "{loan_status}", fmt.Sprint(e.Values["loan_status"]))
}

// fieldsOf are the fields at fault of a refusal of a request with the method.
func fieldsOf(e *fault.Error, method string) []fault.Field {
	place := "body"
	if method == http.MethodGet {
		place = "query"
	}
	fields := slices.Clone(e.Fields)
	for _, f := range e.Flaws {
		fields = append(fields, fieldOf(f, place))
	}
	return fields
}

func fieldOf(f fault.Flaw, place string) fault.Field {
	loc := append([]any{place}, f.Path...)
	w, known := wordings[f.Rule]
	if !known {
		w.kind = "value_error"
	}
	if w.message == "" {
		return fault.Field{Loc: loc, Message: texts.DetailOf(f), Type: w.kind, Context: maps.Clone(f.Values)}
	}
	out := fault.Field{Loc: loc, Message: w.message, Type: w.kind}
	if w.limit != "" {
		limit, given := f.Values[w.limit]
		if !given {
			limit = json.Number(w.limit)
		}
		limit = bare(limit)
		out.Message = strings.ReplaceAll(w.message, "{limit}", fmt.Sprint(limit))
		out.Context = map[string]any{"limit_value": limit}
	}
	return out
}

// bare is a limit without decimals that are zeros, as Python wrote it.
func bare(limit any) any {
	switch limit.(type) {
	case money.Amount, rate.Annual:
		return json.Number(strings.TrimSuffix(strings.TrimRight(fmt.Sprint(limit), "0"), "."))
	}
	return limit
}
