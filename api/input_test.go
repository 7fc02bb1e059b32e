package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sofipo/api"
	"sofipo/core/access"
)

// TestBadInput: each wrong request is refused with a 4xx that names what is at
// fault, and nothing is written.
func TestBadInput(t *testing.T) {
	d := open(t, nil)
	before := d.books()
	long := strings.Repeat("x", 256)
	clients, loans, payments := "/api/v1/clients/", "/api/v1/loans/", "/api/v1/loans/"+d.loan+"/payments"
	one := clients + d.client
	ask := func(field, value string) string {
		values := map[string]string{"client_id": `"` + d.client + `"`, "amount": "100", "interest_rate": "0.1", "term_months": "12"}
		values[field] = value
		return fmt.Sprintf(`{"client_id":%s,"amount":%s,"interest_rate":%s,"term_months":%s}`, values["client_id"], values["amount"], values["interest_rate"], values["term_months"])
	}
	person := func(name, email, rfc string) string {
		return fmt.Sprintf(`{"full_name":%s,"email":%s,"rfc":%s}`, name, email, rfc)
	}
	mail, rfc := `"b@example.com"`, `"BBBB800101HNE"`
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		says                     string // in the body
	}{
		{"no JSON", "POST", clients, `{"full_name": "A`, 422, `"loc":["body",14]`},
		{"stray text", "POST", clients, `hello`, 422, `Expecting value: line 1 column 1 (char 0)`},
		{"stray NUL", "POST", clients, "{\x00}", 422, `"value_error.jsondecode"`},
		{"not UTF-8", "POST", clients, "{\"full_name\":\"\xff\"}", 422, `body is not valid UTF-8`},
		{"UTF-16", "POST", clients, "{\x00\"\x00}\x00", 422, `"loc":["body",1]`},
		{"deep", "POST", clients, strings.Repeat("[", 100_000), 422, `Nested too deeply`},
		{"a number", "POST", clients, `12`, 422, `value is not a valid dict`},
		{"a list", "POST", clients, `[1]`, 422, `value is not a valid dict`},
		{"null", "POST", clients, `null`, 422, `{"loc":["body"],"msg":"field required"`},
		{"nothing", "POST", clients, ``, 422, `{"loc":["body"],"msg":"field required"`},
		{"name is a list", "POST", clients, person(`["A"]`, mail, rfc), 422, `{"loc":["body","full_name"],"msg":"str type expected","type":"type_error.str"}`},
		{"name too long", "POST", clients, person(`"`+long+`"`, mail, rfc), 422, `"loc":["body","full_name"]`},
		{"name with NUL", "POST", clients, person(`"a\u0000b"`, mail, rfc), 422, `"loc":["body","full_name"]`},
		{"name with half a pair", "POST", clients, person(`"\ud800"`, mail, rfc), 422, `"loc":["body","full_name"]`},
		{"name in Chinese", "POST", clients, person(`"王小明"`, mail, rfc), 422, `"msg":"has the character U+738B '王', which documents cannot show; use Latin, Greek or Cyrillic letters, digits and punctuation"`},
		{"name with an emoji", "PUT", one, `{"full_name":"Ana 🎉"}`, 422, `U+1F389`},
		{"name with a zero-width space", "POST", clients, person(`"Ana\u200b"`, mail, rfc), 422, `the character U+200B, which`},
		{"name with a line separator", "POST", clients, person(`"Ana\u2028Ruiz"`, mail, rfc), 422, `the character U+2028, which`},
		{"blank name", "PUT", one, `{"full_name":" \u00a0"}`, 422, `{"loc":["body","full_name"],"msg":"is required"`},
		{"e-mail too long", "POST", clients, person(`"A"`, `"`+long+`@example.com"`, rfc), 422, `"loc":["body","email"]`},
		{"e-mail without domain", "POST", clients, person(`"A"`, `"b@"`, rfc), 422, `"loc":["body","email"]`},
		{"RFC of no date", "POST", clients, person(`"A"`, mail, `"BBBB800230HNE"`), 422, `"loc":["body","rfc"]`},
		{"RFC of no shape", "POST", clients, person(`"A"`, mail, `"BB!!800101HNE"`), 422, `"loc":["body","rfc"]`},
		{"RFC of digits", "POST", clients, person(`"A"`, mail, `123456789012`), 422, `"loc":["body","rfc"]`},
		{"RFC of 1 MB", "POST", clients, person(`"A"`, mail, `"`+strings.Repeat("Ñ", 500_000)+`"`), 422, `"loc":["body","rfc"]`},
		{"RFC taken", "POST", clients, person(`"A"`, mail, `"anaa-800101-HNE"`), 400, `RFC already registered`},
		{"e-mail taken", "POST", clients, person(`"A"`, `"ana@EXAMPLE.com"`, rfc), 400, `Email already registered`},
		{"all at once, in order", "POST", clients, `{"rfc":"x","email":7}`, 422,
			`"detail":[{"loc":["body","full_name"],"msg":"field required","type":"value_error.missing"},{"loc":["body","email"],"msg":"value is not a valid email address","type":"value_error.email"},{"loc":["body","rfc"],"msg":"ensure this value has at least 12`},
		{"the last of two keys counts", "POST", clients, `{"full_name":"A","email":"b@example.com","rfc":"BBBB800101HNE","rfc":"x"}`, 422, `"loc":["body","rfc"]`},
		{"id of the path and body", "PUT", clients + "nope", `{"email":"x"}`, 422, `[{"loc":["path","client_id"],"msg":"value is not a valid uuid","type":"type_error.uuid"},{"loc":["body","email"]`},
		{"null RFC", "PUT", one, `{"rfc":null}`, 422, `"loc":["body","rfc"],"msg":"none is not an allowed value"`},
		{"RFC of no date to correct", "PUT", one, `{"rfc":"ANAA800230HNE"}`, 422, `"loc":["body","rfc"]`},
		{"null e-mail", "PUT", one, `{"email":null}`, 422, `none is not an allowed value`},
		{"no such client", "PUT", clients + "00000000-0000-0000-0000-000000000000", `{}`, 404, `Client not found`},
		{"client with a loan", "DELETE", one, ``, 409, `"code":"client_has_loans"`},
		{"no such client to delete", "DELETE", clients + "11111111-1111-1111-1111-111111111111", ``, 404, `Client not found`},
		{"amount 0", "POST", loans, ask("amount", "0.00"), 422, `ensure this value is greater than 0`},
		{"amount -1", "POST", loans, ask("amount", "-1"), 422, `ensure this value is greater than 0`},
		{"amount of 3 decimals", "POST", loans, ask("amount", "0.005"), 422, `{"loc":["body","amount"],"msg":"ensure that there are no more than 2 decimal places","type":"value_error.decimal.max_places","ctx":{"decimal_places":2}}`},
		{"amount of 16 digits", "POST", loans, ask("amount", "10000000000000.00"), 422, `"ctx":{"max_digits":15}`},
		{"amount 1e400", "POST", loans, ask("amount", "1e400"), 422, `"loc":["body","amount"]`},
		{"amount 1e99999999999", "POST", loans, ask("amount", "1e99999999999"), 422, `"loc":["body","amount"]`},
		{"amount Infinity", "POST", loans, ask("amount", "-Infinity"), 422, `value_error.decimal.not_finite`},
		{"amount NaN as text", "POST", loans, ask("amount", `"nan"`), 422, `value_error.decimal.not_finite`},
		{"amount true", "POST", loans, ask("amount", "true"), 422, `type_error.decimal`},
		{"amount is an object", "POST", loans, ask("amount", `{"a":1}`), 422, `type_error.decimal`},
		{"amount with a comma", "POST", loans, ask("amount", `"1,000.00"`), 422, `type_error.decimal`},
		{"rate 1e50", "POST", loans, ask("interest_rate", "1e50"), 422, `ensure this value is less than or equal to 1`},
		{"rate -1e50", "POST", loans, ask("interest_rate", "-1e50"), 422, `ensure this value is greater than or equal to 0`},
		{"rate of 7 decimals", "POST", loans, ask("interest_rate", "0.1234567"), 422, `"ctx":{"decimal_places":6}`},
		{"term 1e30", "POST", loans, ask("term_months", "1e30"), 422, `"ctx":{"limit_value":2147483647}`},
		{"term of 40 digits", "POST", loans, ask("term_months", strings.Repeat("9", 40)), 422, `"ctx":{"limit_value":2147483647}`},
		{"term 1e400", "POST", loans, ask("term_months", "1e400"), 422, `value is not a valid integer`},
		{"term NaN", "POST", loans, ask("term_months", "NaN"), 422, `value is not a valid integer`},
		{"term 0.9", "POST", loans, ask("term_months", "0.9"), 422, `ensure this value is greater than 0`},
		{"term as text of a fraction", "POST", loans, ask("term_months", `"1.5"`), 422, `value is not a valid integer`},
		{"client is a number", "POST", loans, ask("client_id", `12345678901234567890123456789012`), 422, `type_error.uuid`},
		{"two wrong, one by each", "POST", loans, `{"client_id":"nope","amount":0,"interest_rate":2,"term_months":1}`, 422,
			`"detail":[{"loc":["body","amount"],"msg":"ensure this value is greater than 0","type":"value_error.number.not_gt","ctx":{"limit_value":0}},{"loc":["body","interest_rate"],"msg":"ensure this value is less than or equal to 1","type":"value_error.number.not_le","ctx":{"limit_value":1}},{"loc":["body","client_id"]`},
		{"no such borrower", "POST", loans, ask("client_id", `"11111111-1111-1111-1111-111111111111"`), 404, `Client not found`},
		{"too much", "POST", payments, `{"amount":1000.01}`, 400, `"code":"over_payment","current_balance":1000.00,"payoff":1000.00,`},
		{"path of a stranger", "POST", "/api/v1/loans/%00/payments", `{"amount":1}`, 422, `"loc":["path","loan_id"]`},
		{"RFC with a line feed", "GET", clients + "a%0Ab", ``, 422, `"loc":["path","client_rfc"]`},
		{"RFC that is not UTF-8", "GET", clients + "%ff", ``, 422, `"loc":["path","client_rfc"]`},
		{"RFC of a slash", "GET", clients + "a%2Fb", ``, 404, `Client not found`},
		{"RFC that is long", "GET", clients + strings.Repeat("A", 20_000), ``, 404, `Client not found`},
		{"limit 1001", "GET", clients + "?limit=1001", ``, 422, `"ctx":{"limit_value":1000}`},
		{"skip beyond 64 bits", "GET", clients + "?skip=99999999999999999999", ``, 422, `"loc":["query","skip"]`},
		{"after nothing", "GET", clients + "?after=x", ``, 422, `"loc":["query","after"]`},
		{"skip empty", "GET", clients + "?skip=", ``, 422, `value is not a valid integer`},
		{"page of payments", "GET", payments + "?limit=-1", ``, 422, `"loc":["query","limit"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := d.send(c.method, c.path, c.body, append(d.as(access.Admin), "Content-Type", "application/json")...)
			if r.status != c.status || !strings.Contains(r.body, c.says) {
				t.Errorf("got %d %.600s\nwant %d with %s", r.status, r.body, c.status, c.says)
			}
			if c.status == 422 && strings.Count(r.body, `"loc"`) < 1 {
				t.Errorf(`got %s, want a flaw with the "loc" of its field`, r.body)
			}
		})
	}
	if after := d.books(); after != before {
		t.Errorf("got the books\n%s\nwant them unchanged\n%s", after, before)
	}
}

// TestGenericRFC: a generic RFC does not find one of several clients.
func TestGenericRFC(t *testing.T) {
	d := open(t, nil)
	const generic = "/api/v1/clients/xaxx-010101-000"
	d.want(404, d.get(generic))
	register := func(n int) string {
		r := d.post("/api/v1/clients/", fmt.Sprintf(`{"full_name":"Público %d","email":"p%d@example.com","rfc":"XAXX010101000"}`, n, n))
		return d.want(201, r)["id"].(string)
	}
	first := register(1)
	if r := d.get(generic); r.status != 200 || !strings.Contains(r.body, `"Público 1"`) {
		t.Errorf("one client: got %d %s, want it", r.status, r.body)
	}
	second := register(2)
	if r := d.get(generic); r.status != 409 || !strings.Contains(r.body, `"code":"rfc_not_unique"`) {
		t.Errorf("two clients: got %d %s, want 409 with rfc_not_unique", r.status, r.body)
	}
	d.want(204, d.send("DELETE", "/api/v1/clients/"+first, "", d.as(access.Admin)...))
	d.want(200, d.get(generic))
	r := d.send("PUT", "/api/v1/clients/"+second, `{"rfc":"pepj800101hne"}`, append(d.as(access.Admin), "Content-Type", "application/json")...)
	if r.status != 200 || !strings.Contains(r.body, `"rfc":"PEPJ800101HNE"`) {
		t.Errorf("correcting the RFC: got %d %s, want 200 with the new RFC", r.status, r.body)
	}
	d.want(404, d.get(generic))
	d.want(200, d.get("/api/v1/clients/PEPJ800101HNE"))
}

// TestAcceptedForms: what pydantic takes, and how it is understood.
func TestAcceptedForms(t *testing.T) {
	d := open(t, nil)
	loan := func(amount, rate, term string) string {
		return fmt.Sprintf(`{"client_id":"{%s}","amount":%s,"interest_rate":%s,"term_months":%s}`, strings.ToUpper(d.client), amount, rate, term)
	}
	for _, c := range []struct{ body, want string }{
		{loan(`"9999999999999.99"`, `" 1 "`, `" 7 "`), `"amount":9999999999999.99,"interest_rate":1.0,"term_months":7,`},
		{loan(`1e2`, `1.5e-1`, `12.99`), `"amount":100.00,"interest_rate":0.15,"term_months":12,`},
		{loan(`100.100`, `0`, `true`), `"amount":100.10,"interest_rate":0.0,"term_months":1,`},
		{loan(`0.03`, `0.000001`, `"+3"`), `"amount":0.03,"interest_rate":0.000001,"term_months":3,`},
		{"\ufeff\n" + loan(`90071992547409.93e-1`, `0.1`, `1e1`), `422`},
		{"\ufeff " + loan(`9007199254740.93`, `0.1`, `1e1`), `"amount":9007199254740.93,"interest_rate":0.1,"term_months":10,`},
	} {
		r := d.post("/api/v1/loans/", c.body)
		if !strings.Contains(r.body, c.want) {
			t.Errorf("%s: got %d %s, want %s", c.body, r.status, r.body, c.want)
		}
	}
	d.want(200, d.get("/api/v1/clients/anaa%20800101-hne"))
	if r := d.post("/api/v1/clients/", `{"full_name":"x<&>ñ","email":"q@example.com","rfc":"QQQQ800101HNE"}`, "Content-Type", "application/vnd.x+json; charset=utf-8"); !strings.Contains(r.body, `"x<&>ñ"`) {
		t.Errorf(`got %d %s, want "x<&>ñ" in it`, r.status, r.body)
	}
}

// TestRacingDuplicates: of many who register the same RFC or e-mail at once, one succeeds.
func TestRacingDuplicates(t *testing.T) {
	d := open(t, nil)
	for _, c := range []struct{ form, refusal string }{
		{`{"full_name":"R","email":"r%d@example.com","rfc":"RRRR800101HNE"}`, "RFC already registered"},
		{`{"full_name":"S","email":"same@example.com","rfc":"SSSS8001%02dHNE"}`, "Email already registered"},
	} {
		var all sync.WaitGroup
		answers := make(chan reply, 20)
		for i := range cap(answers) {
			all.Go(func() { answers <- d.post("/api/v1/clients/", fmt.Sprintf(c.form, i+1)) })
		}
		all.Wait()
		close(answers)
		made := 0
		for r := range answers {
			switch {
			case r.status == 201:
				made++
			case r.status != 400 || !strings.Contains(r.body, c.refusal):
				t.Errorf("got %d %s, want status 201, or 400 with %q", r.status, r.body, c.refusal)
			}
		}
		if made != 1 {
			t.Errorf("%s: got %d new clients, want 1", c.form, made)
		}
	}
}

func TestBodyOverOneMebibyte(t *testing.T) {
	d := open(t, nil)
	before := d.books()
	body := `{"amount":1,"x":"` + strings.Repeat("x", 1<<20) + `"}`
	path := d.URL + "/api/v1/loans/" + d.loan + "/payments"
	for name, reader := range map[string]io.Reader{"announced": strings.NewReader(body), "in chunks": struct{ io.Reader }{strings.NewReader(body)}} {
		request, err := http.NewRequest(http.MethodPost, path, reader)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+d.tokens[access.Admin])
		response, err := plainClient.Do(request)
		if err != nil {
			t.Fatal(name, err)
		}
		text, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != 413 || !strings.Contains(string(text), `"code":"too_large"`) {
			t.Errorf(`%s: got %d %s, want status 413 with the code too_large`, name, response.StatusCode, text)
		}
	}
	exact := strings.NewReplacer("y", strings.Repeat("y", 1<<20-len(`{"amount":1,"x":""}`))).Replace(`{"amount":1,"x":"y"}`)
	d.want(201, d.post("/api/v1/loans/"+d.loan+"/payments", exact))
	if d.books() == before {
		t.Error("a body of exactly 1 MiB was refused, want it accepted")
	}
}

// TestSlowClient: a client that stalls is answered or cut off in time.
func TestSlowClient(t *testing.T) {
	d := open(t, nil)
	before := d.books()
	server := api.NewServer("", api.New(d.Options))
	server.ReadHeaderTimeout, server.ReadTimeout = time.Second, 2*time.Second
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	head := "POST /api/v1/loans/" + d.loan + "/payments HTTP/1.1\r\nHost: x\r\n"
	for name, c := range map[string]struct{ send, want string }{
		"in the head": {head, ""},
		"in the body": {head + "Authorization: Bearer " + d.tokens[access.Admin] + "\r\nContent-Length: 20\r\n\r\n{\"amount\"", "HTTP/1.1 408 "},
	} {
		t.Run(name, func(t *testing.T) {
			connection, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = connection.Close() }()
			if _, err := io.WriteString(connection, c.send); err != nil {
				t.Fatal(err)
			}
			_ = connection.SetReadDeadline(time.Now().Add(time.Minute))
			answer, err := io.ReadAll(bufio.NewReader(connection))
			if err != nil {
				t.Fatalf("the connection was left open: %v", err)
			}
			if !strings.HasPrefix(string(answer), c.want) || (c.want == "" && strings.Contains(string(answer), "HTTP/1.1 2")) {
				t.Errorf("got %q, want an answer that begins with %q", answer, c.want)
			}
		})
	}
	if d.books() != before {
		t.Error("the books changed, want no change")
	}
}
