package api_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"sofipo/core/access"
)

// TestLanguageOfErrors: the detail is the seed's whatever the language; title and
// messages are in the one asked for, with amounts and states as people write them.
func TestLanguageOfErrors(t *testing.T) {
	d := open(t, nil)
	pay := "/api/v1/loans/" + d.loan + "/payments"
	type problem struct {
		Detail json.RawMessage
		Title  string
		Code   string
		Errors json.RawMessage
	}
	check := func(language, method, path, body string, want problem) {
		t.Helper()
		r := d.post(path, body, "Accept-Language", language)
		if method == "GET" {
			r = d.get(path, "Accept-Language", language)
		}
		var got problem
		if err := json.Unmarshal([]byte(r.body), &got); err != nil {
			t.Fatalf("%s: %v", r.body, err)
		}
		if string(got.Detail) != string(want.Detail) || got.Title != want.Title || got.Code != want.Code || string(got.Errors) != string(want.Errors) {
			t.Errorf("%s %s in %s: got\n%s\n%q %q\n%s\nwant\n%s\n%q %q\n%s", path, body, language, got.Detail, got.Title, got.Code, got.Errors, want.Detail, want.Title, want.Code, want.Errors)
		}
	}
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	nothing := raw(`[{"loc":["body","amount"],"msg":"ensure this value is greater than 0","type":"value_error.number.not_gt","ctx":{"limit_value":0}}]`)
	check("es-MX", "POST", pay, `{"amount":0}`, problem{nothing, "Hay datos por corregir", "invalid", raw(`[{"field":"amount","message":"Debe ser mayor que 0","rule":"positive"}]`)})
	check("en", "POST", pay, `{"amount":0}`, problem{nothing, "The request is not valid", "invalid", raw(`[{"field":"amount","message":"must be above 0","rule":"positive"}]`)})
	check("es", "POST", pay, `{"amount":1.005,"kind":"x"}`, problem{
		raw(`[{"loc":["body","amount"],"msg":"ensure that there are no more than 2 decimal places","type":"value_error.decimal.max_places","ctx":{"decimal_places":2}},` +
			`{"loc":["body","kind"],"msg":"value is not a valid enumeration member; permitted: payment, prepayment, advance","type":"type_error.enum","ctx":{"enum_values":["payment","prepayment","advance"]}}]`),
		"Hay datos por corregir", "invalid",
		raw(`[{"field":"amount","message":"Escriba como máximo 2 decimales","rule":"decimal_places"},{"field":"kind","message":"Elija una opción: pago, pago anticipado o pago adelantado","rule":"choice"}]`)})
	check("es", "POST", pay, `{"amount"`, problem{
		raw(`[{"loc":["body",9],"msg":"Expecting ':' delimiter: line 1 column 10 (char 9)","type":"value_error.jsondecode","ctx":{"msg":"Expecting ':' delimiter","doc":"{\"amount\"","pos":9,"lineno":1,"colno":10}}]`),
		"Hay datos por corregir", "invalid", raw(`[{"field":"body","message":"No es JSON válido; revise la línea 1, columna 10","rule":"json"}]`)})
	check("es", "GET", "/api/v1/clients/?limit=1001", "", problem{
		raw(`[{"loc":["query","limit"],"msg":"ensure this value is less than or equal to 1000","type":"value_error.number.not_le","ctx":{"limit_value":1000}}]`),
		"Hay datos por corregir", "invalid", raw(`[{"field":"limit","message":"No puede ser mayor que 1000","rule":"at_most"}]`)})
	tooMuch := raw(`"Payment amount cannot be greater than the current balance"`)
	check("es-MX", "POST", pay, `{"amount":1000.01}`, problem{tooMuch, "El pago excede el importe para liquidar ($1,000.00)", "over_payment", nil})
	check("", "POST", pay, `{"amount":1000.01}`, problem{tooMuch, "The payment exceeds the payoff amount (1,000.00)", "over_payment", nil})
	d.want(201, d.post(pay, `{"amount":1000}`))
	check("es-MX", "POST", pay, `{"amount":1}`, problem{raw(`"Loan is not active. Status: PAID_OFF"`), "El préstamo ya está liquidado", "loan_not_active", nil})
	check("en", "POST", pay, `{"amount":1}`, problem{raw(`"Loan is not active. Status: PAID_OFF"`), "The loan is already paid off", "loan_not_active", nil})
	applied := "/api/v1/loans/" + d.want(201, d.do(access.Officer, "/api/v1/loans/applications", `{"client_id":"`+d.client+`","product":"seed","amount":1000,"annual_rate":0.24,"periods":12}`))["id"].(string)
	check("es-MX", "POST", applied+"/payments", `{"amount":1}`, problem{raw(`"Loan is not active. Status: APPLIED"`), "El préstamo no se ha entregado: está en revisión", "loan_not_active", nil})
	check("es", "GET", "/api/v1/events", "", problem{raw(`"Not authenticated"`), "Inicie sesión para continuar", "not_authenticated", nil})
	check("es", "GET", "/nope", "", problem{raw(`"Not Found"`), "No existe esa ruta", "not_found", nil})
}

// TestLatestOfAFutureDate: the latest day that is accepted is in the field's flaw.
func TestLatestOfAFutureDate(t *testing.T) {
	d := open(t, nil)
	got := d.want(422, d.post("/api/v1/loans/"+d.loan+"/payments", `{"amount":1,"value_date":"2999-01-01"}`))
	latest := got["detail"].([]any)[0].(map[string]any)["ctx"].(map[string]any)["latest"]
	if latest == nil || got["latest"] != latest {
		t.Errorf("got the members %v, want latest to be %v as in the flaw", got, latest)
	}
}

// TestMonthThatIsNotOver: the message names the last month that is over as people do.
func TestMonthThatIsNotOver(t *testing.T) {
	d := open(t, nil)
	var got struct {
		Detail []struct{ Ctx map[string]string }
		Errors []struct{ Message string }
	}
	r := d.post("/api/v1/books/periods/2999-01/close", "", "Accept-Language", "es-MX")
	if err := json.Unmarshal([]byte(r.body), &got); err != nil || len(got.Detail) != 1 || len(got.Errors) != 1 {
		t.Fatalf("got %s, want one flaw", r.body)
	}
	if !regexp.MustCompile(`^\d{4}-\d\d$`).MatchString(got.Detail[0].Ctx["latest"]) {
		t.Errorf("got latest %q in the context, want a month as YYYY-MM", got.Detail[0].Ctx["latest"])
	}
	if !regexp.MustCompile(`: [a-z]+ de \d{4} o anterior$`).MatchString(got.Errors[0].Message) {
		t.Errorf("got %q, want the month by its name", got.Errors[0].Message)
	}
}
