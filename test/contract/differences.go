package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Difference is an exchange that this system intentionally answers differently from the seed.
type Difference struct {
	Status int
	Allow  string // Allow header of a 405
	Answer string // expected body with recorded ids; empty means the recorded one
	Reason string
	Then   []Exchange // requests that restore the recorded state for later exchanges
}

// expected returns the exchange with this system's answer.
func (d Difference) expected(e Exchange) Exchange {
	e.Status = d.Status
	e.AnswerHeaders = map[string]string{"content-type": "application/json"}
	if d.Allow != "" {
		e.AnswerHeaders["allow"] = d.Allow
	}
	if d.Status == 401 {
		e.AnswerHeaders["www-authenticate"] = "Bearer"
	}
	if d.Answer != "" {
		e.Answer = d.Answer
	}
	return e
}

// refusal returns the body of a 422 with one error.
func refusal(loc, msg, kind, context string) string {
	if context != "" {
		context = `,"ctx":` + context
	}
	return fmt.Sprintf(`{"detail":[{"loc":[%s],"msg":%q,"type":%q%s}]}`, loc, msg, kind, context)
}

const (
	theClient = "7025e990-e787-409a-aee5-6526149de156"
	theLoan   = "13e47e40-4149-41ba-8a98-a1c1af868b20"

	carlos    = `{"full_name":"Carlos Perez","email":"carlos.perez@example.com","rfc":"PEPJ800101HNE","id":"` + theClient + `","created_at":"2026-11-23T09:22:33.989649+00:00"}`
	corrected = `{"full_name":"Carlos P. Perez","email":"carlos.perez@example.com","rfc":"AAAA800101HNE","id":"` + theClient + `","created_at":"2026-11-23T09:22:33.989649+00:00"}`
	noType    = `{"full_name":"Carlos Perez","email":"nct@example.com","rfc":"NOCT800101HNE","id":"252c7d9d-8502-4cf8-a26a-65d7a5fc931c","created_at":"2026-11-23T09:22:36.181932+00:00"}`
	lopez     = `{"full_name":"","email":"Ana.Lopez@example.com","rfc":"PEPJ800102HNE","id":"7ce6c17f-ff3e-4080-b410-8839789e6c7e","created_at":"2026-11-23T09:22:36.353218+00:00"}`
	nandu     = `{"full_name":"Ñandú Ácido","email":"nandu@example.com","rfc":"ÑÑÑ800101AAA","id":"f7b0600a-4d37-48d6-a460-28e99a71489c","created_at":"2026-11-23T09:22:36.541694+00:00"}`
	listed1   = `{"full_name":"L1","email":"l1@example.com","rfc":"LIST800101HNE","id":"91c4c2d9-3c2a-42b9-89f5-1b6a823e59c6","created_at":"2026-11-23T09:22:39.063142+00:00"}`
	listed2   = `{"full_name":"L2","email":"l2@example.com","rfc":"LIST800102HNE","id":"455e31a1-ae33-4e98-b382-6e8f2f847562","created_at":"2026-11-23T09:22:39.229547+00:00"}`

	control   = "ensure this value has no control characters and is valid UTF-8"
	precision = "ensure that there are no more than 2 decimal places"
)

var (
	asAdmin  = map[string]string{"Authorization": "Bearer {valid}", "Content-Type": "application/json"}
	isJSON   = map[string]string{"content-type": "application/json"}
	tooFine  = refusal(`"body","amount"`, precision, "value_error.decimal.max_places", `{"decimal_places":2}`)
	negative = func(name string) string {
		return refusal(`"query","`+name+`"`, "ensure this value is greater than or equal to 0", "value_error.number.not_ge", `{"limit_value":0}`)
	}
)

// Differences has all exchanges that are answered differently, by name.
var Differences = map[string]Difference{
	"Authentication of protected routes: token of an unknown user (sub=bob), no exp: accepted (body is bad here => 422, not 401)": {
		Status: 401, Answer: `{"detail":"Could not validate credentials"}`,
		Reason: "A token must have an expiry, and its subject must be an existing, enabled user.",
	},
	"Create client: wrong types (numbers are coerced to str by pydantic 1)": {
		Status: 422, Answer: refusal(`"body","rfc"`, "RFC must have 4 letters (person) or 3 (company) from A-Z, Ñ and &, then a date as YYMMDD, then 3 letters or digits", "value_error.rfc", ""),
		Reason: "Numbers are still accepted as strings, but 123456789012 is not an RFC: the form is checked (tier structural).",
	},
	"Create client: unknown fields are ignored; e-mail domain is lower-cased, local part kept; RFC is case-sensitive, unchecked in form; empty name accepted": {
		Status: 400, Answer: `{"detail":"RFC already registered"}`,
		Reason: "An RFC is stored in upper case, so pepj800101hne is PEPJ800101HNE, which is already registered. The test then registers pepj800102hne instead.",
		Then: []Exchange{{
			Method: "POST", Path: "/api/v1/clients/", Headers: asAdmin, Status: 201, AnswerHeaders: isJSON, Answer: lopez,
			Body: `{"full_name": "", "email": "Ana.Lopez@EXAMPLE.com", "rfc": "pepj800102hne", "id": "11111111-1111-1111-1111-111111111111", "x": 1}`,
		}},
	},
	"Create client: full_name of 256 characters: BUG, 500 (VARCHAR(255))": {
		Status: 422, Answer: refusal(`"body","full_name"`, "ensure this value has at most 255 characters", "value_error.any_str.max_length", `{"limit_value":255}`),
		Reason: "Invalid input never causes a 500.",
	},
	"Create client: NUL character in the name: BUG, 500": {
		Status: 422, Answer: refusal(`"body","full_name"`, control, "value_error.str.control", ""),
		Reason: "Invalid input never causes a 500.",
	},
	"Get client by RFC: NUL in the path: BUG, 500": {
		Status: 422, Answer: refusal(`"path","client_rfc"`, control, "value_error.str.control", ""),
		Reason: "Invalid input never causes a 500.",
	},
	"Get client by RFC: HEAD": {
		Status: 405, Allow: "DELETE, GET, PUT", Reason: "Allow lists all methods of the path, not only those of the first route.",
	},
	"Get client by RFC: DELETE (README speaks of DELETE; there is none)": {
		Status: 422, Answer: refusal(`"path","client_id"`, "value is not a valid uuid", "type_error.uuid", ""),
		Reason: "DELETE /clients/{client_id} exists, as the seed's README says: 204, or 409 for a client with loans. An RFC is not an id.",
	},
	"Get client by RFC: PATCH": {
		Status: 405, Allow: "DELETE, GET, PUT", Reason: "Allow lists all methods of the path, not only those of the first route.",
	},
	"Set-up: L0": {
		Status: 422, Answer: refusal(`"body","rfc"`, "RFC must have a valid date as YYMMDD after its letters", "value_error.rfc", ""),
		Reason: "LIST800100HNE has no valid date, because there is no day 00. The lists below do not include this client.",
	},
	"Create loan: GET /loans/ does not exist": {
		Status: 401, Answer: `{"detail":"Not authenticated"}`, Reason: "GET /loans/ lists loans. It needs a token.",
	},
	"List clients: default (skip=0, limit=100)": {
		Status: 200, Answer: "[" + strings.Join([]string{carlos, noType, lopez, nandu, listed1, listed2}, ",") + "]",
		Reason: "Without the clients refused above. The order is always the order of registration.",
	},
	"List clients: skip=1&limit=2": {
		Status: 200, Answer: "[" + noType + "," + lopez + "]",
		Reason: "Without the clients refused above.",
	},
	"List clients: negative limit: BUG, 500": {
		Status: 422, Answer: negative("limit"), Reason: "Invalid input never causes a 500.",
	},
	"List clients: negative skip: BUG, 500": {
		Status: 422, Answer: negative("skip"), Reason: "Invalid input never causes a 500.",
	},
	"List clients: integer too large for bigint: BUG, 500": {
		Status: 422, Answer: refusal(`"query","limit"`, "ensure this value is less than or equal to 1000", "value_error.number.not_le", `{"limit_value":1000}`),
		Reason: "A page has at most 1,000 clients; the Link header has the next page.",
	},
	"Update client: rfc in the body is ignored": {
		Status: 200, Answer: corrected,
		Reason: "The RFC is corrected. An RFC that is not valid is refused (422), as is that of another client (400). The test then corrects it back.",
		Then: []Exchange{{
			Method: "PUT", Path: "/api/v1/clients/" + theClient, Headers: asAdmin, Status: 200, AnswerHeaders: isJSON,
			Body: `{"rfc": "pepj-800101-hne"}`, Answer: strings.ReplaceAll(corrected, "AAAA800101HNE", "PEPJ800101HNE"),
		}},
	},
	"Update client: e-mail of another client: BUG, 500 (unique violation not handled)": {
		Status: 400, Answer: `{"detail":"Email already registered"}`, Reason: "Invalid input never causes a 500.",
	},
	"Update client: null name: BUG, 500 (NOT NULL violation)": {
		Status: 422, Answer: refusal(`"body","full_name"`, "none is not an allowed value", "type_error.none.not_allowed", ""),
		Reason: "Invalid input never causes a 500.",
	},
	"Create loan: amount with 3 decimals: rounded by the database": {
		Status: 422, Answer: tooFine,
		Reason: "Amounts are never rounded silently. The test then sends 100.01. A rate keeps six decimals; the seed's database rounded it to four.",
		Then: []Exchange{{
			Method: "POST", Path: "/api/v1/loans/", Headers: asAdmin, Status: 201, AnswerHeaders: isJSON,
			Body:   `{"client_id": "` + theClient + `", "amount": 100.01, "interest_rate": 0.123456, "term_months": 24}`,
			Answer: `{"amount":100.01,"interest_rate":0.123456,"term_months":24,"id":"cefcdf6a-949c-49cb-824f-e92ff35bd3ce","client_id":"` + theClient + `","status":"ACTIVE","granted_at":"2026-11-23T09:22:44.313773+00:00","current_balance":100.01}`,
		}},
	},
	"Create loan: amount 0.001: BUG, 500 (rounds to 0.00, CHECK violation)": {
		Status: 422, Answer: tooFine, Reason: "Invalid input never causes a 500.",
	},
	"Create loan: amount 1e15: BUG, 500 (NUMERIC(15,2) overflow)": {
		Status: 422, Answer: refusal(`"body","amount"`, "ensure that there are no more than 15 digits in total", "value_error.decimal.max_digits", `{"max_digits":15}`),
		Reason: "Invalid input never causes a 500.",
	},
	"Create loan: term 3000000000: BUG, 500 (INT overflow)": {
		Status: 422, Answer: refusal(`"body","term_months"`, "ensure this value is less than or equal to 2147483647", "value_error.number.not_le", `{"limit_value":2147483647}`),
		Reason: "Invalid input never causes a 500.",
	},
	"Create loan: GET /loans/{id} does not exist": {
		Status: 200, Answer: `{"amount":50000.0,"interest_rate":0.15,"term_months":24,"id":"` + theLoan + `","client_id":"` + theClient + `","status":"ACTIVE","granted_at":"2026-11-23T09:22:42.392658+00:00","current_balance":50000.0}`,
		Reason: "A loan can be read.",
	},
	"Register payment: amount 0.001: BUG, 500 (rounds to 0.00, CHECK violation)": {
		Status: 422, Answer: tooFine, Reason: "Invalid input never causes a 500.",
	},
	"Register payment: amount 10.005: payment and balance are rounded each on its own": {
		Status: 422, Answer: tooFine,
		Reason: "In the seed, payment and balance then differ by a centavo. The test then pays 10.00, which gives the recorded balance of 47489.00.",
		Then: []Exchange{{
			Method: "POST", Path: "/api/v1/loans/" + theLoan + "/payments", Headers: asAdmin, Status: 201, AnswerHeaders: isJSON, Body: `{"amount": 10.00}`,
			Answer: `{"amount":10.00,"id":"a8bd1e22-5314-4fc3-904c-2bc37040a5e5","payment_date":"2026-11-23T09:22:47.566188+00:00"}`,
		}},
	},
	"Register payment: GET payments does not exist": {
		Status: 200, Answer: `[{"amount":2500.0,"id":"6923f572-501a-42eb-abd4-3d08023b8511","payment_date":"2026-11-23T09:22:45.756296+00:00"},` +
			`{"amount":1.0,"id":"ccf9e4cf-715b-42dc-bbfb-e6c9b18ed1c7","payment_date":"2026-11-23T09:22:46.242475+00:00"},` +
			`{"amount":10.0,"id":"a8bd1e22-5314-4fc3-904c-2bc37040a5e5","payment_date":"2026-11-23T09:22:47.566188+00:00"},` +
			`{"amount":47489.0,"id":"39c72a43-1abb-41ab-983c-ca4b1af4b8b1","payment_date":"2026-11-23T09:22:47.921417+00:00"}]`,
		Reason: "The payments of a loan can be read, oldest first.",
	},
	"Account statement: the same again within 300 s: BUG, 500 (the cache holds the repr of ORM objects)": {
		Status: 200, Answer: `{"client_id":"8f2881cd-84ca-4475-9dea-0c04dbd8d9cd","full_name":"Ana","email":"ana@example.com","rfc":"ANAA800101HNE","active_loans":[{"amount":1000.0,"interest_rate":0.1,"term_months":12,"id":"54fa6970-3d75-4a81-90a8-d7eafa659329","client_id":"8f2881cd-84ca-4475-9dea-0c04dbd8d9cd","status":"ACTIVE","granted_at":"2026-11-23T09:22:49.022640+00:00","current_balance":849.5}],"payment_history":[{"amount":10.0,"id":"e2b8b691-43e7-4d36-ba7d-fce67c59a4c9","payment_date":"2026-11-23T09:22:49.802474+00:00"},{"amount":50.5,"id":"f00006a4-f5c8-489b-8cbe-751fdc3010d1","payment_date":"2026-11-23T09:22:49.385746+00:00"},{"amount":100.0,"id":"2c2369e6-58b4-4005-8710-3215892af999","payment_date":"2026-11-23T09:22:49.208006+00:00"}]}`,
		Reason: "The cache stores the answer itself, and every change of its data invalidates it.",
	},
}

// Page returns the documentation page with all differences.
func Page(t *testing.T) string {
	var page strings.Builder
	page.WriteString(head)
	shown := map[string]bool{}
	for _, e := range Recorded(t) {
		d, differs := Differences[e.Name]
		if !differs {
			continue
		}
		shown[e.Name] = true
		seed, ours := fmt.Sprint(e.Status), fmt.Sprint(d.Status)
		if d.Allow != "" {
			seed, ours = seed+", Allow: "+e.AnswerHeaders["allow"], ours+", Allow: "+d.Allow
		}
		fmt.Fprintf(&page, "| %s | %s | %s | %s |\n", strings.ReplaceAll(e.Name, "|", `\|`), seed, ours, d.Reason)
	}
	for _, name := range slices.Sorted(maps.Keys(Differences)) {
		if !shown[name] {
			t.Errorf("the difference %q matches no recorded exchange", name)
		}
	}
	return page.String()
}

const head = `# Differences from the seed

Every request of the seed's recorded contract (test/contract/testdata/seed.json) is replayed by the tests, on SQLite and on
PostgreSQL. This page is generated from the table of the test (test/contract/differences.go). Everything that is not listed here
is answered as by the seed.

## In every answer

| subject | seed | sofipo | reason |
|---|---|---|---|
| money | a number made from a float: 50000.0 | a number with two decimals: 50000.00 | the same number; amounts are never floats |
| clients | 5 members | the same 5 first, then number | a short number with a check digit, for people |
| loans | 8 members | the same 8 first, then number, product, product_version, periods, first_due_date, disbursed_on, unapplied_funds, applied_by, edited_by, approved_by | the product and the schedule of the loan |
| payments | amount, id, payment_date | the same first, then number, kind, value_date, folio, status, split and, if it is reversed, reversed_by | shows how the payment was allocated |
| a payment | reduces the balance by its whole amount | pays amounts due first, with interest to the day and its IVA before principal; on the day of the disbursement only principal is owed, so a payment reduces the balance by its whole amount, as in the seed | unlike in the seed, interest is charged |
| maximum payment | the balance | the payoff amount: the balance and the interest accrued to the day; the refusal includes it | the same as the seed's on the day of the disbursement |
| term_months | 1 to 2147483647 | 1 to 600, and so few that no instalment is 0.00 | schedules of the default product have at most 50 years; 0.05 cannot be repaid in 12 instalments |
| states of a loan | ACTIVE, PAID_OFF | also APPLIED, RETURNED, APPROVED, REJECTED, RESTRUCTURED, WRITTEN_OFF, CANCELLED; the statement's active_loans are ACTIVE or RESTRUCTURED | a loan created by POST /loans/ is ACTIVE immediately, as in the seed |
| errors | detail | detail, then type, title, status, code of RFC 9457, errors (field, message and rule of each invalid field) and values such as the balance or the permission; title and errors are in the requested language | programs can distinguish errors without reading text |
| unknown members and query parameters | ignored | ignored, except that kind and value_date of a payment and after in lists act, and that 422 with the accepted names refuses those that mislead: a name like one of ours (in another case, with at most two edits, the beginning of it or one of its words: kin, valueDate, name, idempotency_key) or another word for it (fecha, tipo, type, monto), a name that asks for a trial (dry_run, simulate), and in the query the names of fields and words of search, sorting and paging (q, name, desde, page, format) | a request that expects an effect is not answered as if it had none; no client of the seed sends these |
| unexpected errors | text/plain, Internal Server Error | application/json with a reference to the log | |
| time-outs, sizes | none | 408 for a body that stalls, 413 over 1 MiB, 503 with Retry-After while the database is unavailable or the server is overloaded | |
| repeated wrong passwords | 401 | after five for a name from an address 429 with Retry-After until the pause is over | guessing of passwords is slow |
| Location of a redirect | with the scheme and the host of the request | the path and query alone, which mean the same address | a client or proxy could send another host |
| headers | | X-Request-ID, X-Sofipo-Position after writes, Link in lists, Cache-Control: no-store, X-Content-Type-Options, X-Frame-Options, Referrer-Policy and, over HTTPS, Strict-Transport-Security | |
| token | claims sub and exp; lifetime fixed at 30 minutes | also iat and iat_us, and kid in the header; the lifetime is configurable; a token without iat stops at a change of password; the form may have otp, the code of a second factor | keys can be changed while the system runs; a new password ends what the old one gave |
| limits of authority | POST /loans/ lends any amount | a role other than admin in the demo profile has limits over the client's exposure: 403 authority_exceeded, nothing is stored; with request_reason in the query the loan is filed for another person (202) | one person alone does not lend any amount |
| permissions | any token permits everything | each operation requires a permission, 403 without it | roles; see /docs |
| malformed JSON without a token | 422 | 401 | the body of an unauthenticated request is not read |
| reads without a token | all | all in the demo profile; none elsewhere (SOFIPO_PUBLIC_READS) | they are personal data |
| full_name | any text | characters that documents can show: Latin, Greek and Cyrillic letters, digits, punctuation, symbols; not blank. The empty name is accepted in the demo profile only | documents show the name; stored names stay as they are |
| clients with a [file](clients.md) | none | a client registered with a file shows "email":"" unless its e-mail is reserved; PUT of its name or RFC is 409 name_in_file; DELETE of a client with documents is 409 | the e-mail of a file is optional and may be shared; the file must agree with itself |
| fields of a file (curp, address, phone …) in POST and PUT of clients | ignored | 422, with the route that has them | they would be lost |
| generic RFCs (XAXX010101000, XEXX010101000) | one client each | any number of clients; GET by such an RFC is 409 if several have it | the SAT gives them to many |

## By request

| request | seed | sofipo | reason |
|---|---|---|---|
`
