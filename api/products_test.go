package api_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/lending/product"
)

const productsPath = "/api/v1/products/"

// nomina is a product with choices of every kind, and more fields after them.
func nomina(more string) string {
	return `{"code":"nomina","name":"Nómina <1>","method":"equal_principal","frequency":"quincenal","day_count":"ACT/365","iva":{"rate":"0.16"},
		"fees":{"origination":{"rate":0.03},"origination_payment":"deducted","iva_rate":0.16},"insurance":35,
		"penalty_interest":{"rate":0.3,"grace_days":3},"allocation":["principal","interest","iva_interest","penalty_interest","iva_penalty_interest","fee","iva_fee","insurance"],
		"strategy":"by_concept","limits":{"min_amount":1000,"max_amount":"50000.00","max_rate":0.8,"max_periods":48}` + more + `}`
}

func (d *door) put(path, body string) reply {
	d.t.Helper()
	return d.send("PUT", path, body, append(d.as(access.Admin), "Content-Type", "application/json")...)
}

func (d *door) versions(path string) (list []product.Product) {
	d.t.Helper()
	r := d.get(path, d.as(access.Auditor)...)
	if err := json.Unmarshal([]byte(r.body), &list); err != nil || r.status != 200 {
		d.t.Fatalf("%s: got %d %s %v, want status 200", path, r.status, r.body, err)
	}
	return list
}

// TestProductLife: a product is created, changed for a day to come and retired;
// each version stays as it was, and the one in force is found for every day.
func TestProductLife(t *testing.T) {
	d := open(t, nil)
	first := d.post(productsPath, nomina(""), "Idempotency-Key", "n1")
	made := d.want(201, first)
	if made["version"] != json.Number("1") || made["effective_from"] != d.today().String() || made["effective_to"] != nil || made["rounding"] != "half_up" ||
		!strings.Contains(first.body, `"name":"Nómina <1>"`) || !strings.Contains(first.body, `"limits":{"min_amount":1000.00,"max_amount":50000.00,"min_rate":0.0,"max_rate":0.8,"min_periods":1,"max_periods":48,"approval_limit":50000.00}`) {
		t.Errorf("got %s, want version 1 of the product in force from %s on, with its limits, the rounding half_up and the name Nómina <1>", first.body, d.today())
	}
	if again := d.post(productsPath, nomina(`,"excess":"reduce_instalment"`), "Idempotency-Key", "n1"); again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("got %d %s\nwant the first answer, replayed: %s", again.status, again.body, first.body)
	}
	if r := d.post(productsPath, nomina("")); r.status != 409 || !strings.Contains(r.body, `"code":"product_exists"`) {
		t.Errorf(`got %d %s, want status 409 with "code":"product_exists"`, r.status, r.body)
	}
	later := d.today().AddDays(10)
	second := d.put(productsPath+"nomina", fmt.Sprintf(`{"name":"Nómina 2","effective_from":"%s"}`, later))
	if made := d.want(200, second); made["version"] != json.Number("2") || made["method"] != "level" || made["code"] != "nomina" {
		t.Errorf("got %v, want version 2 of nomina with the method level", second.body)
	}
	list := d.get(productsPath+"nomina", d.as(access.Teller)...)
	if want := "[" + first.body + "," + second.body + "]"; list.body != want {
		t.Errorf("got %s\nwant %s", list.body, want)
	}
	for _, c := range []struct {
		on   civil.Date
		want string
	}{{d.today().AddDays(-1), "seed 1"}, {d.today(), "nomina 1, seed 1"}, {later.AddDays(-1), "nomina 1, seed 1"}, {later, "nomina 2, seed 1"}} {
		d.inForce("?on="+c.on.String(), c.want)
	}
	d.inForce("", "nomina 1, seed 1")
	r := d.send("DELETE", productsPath+"nomina", "", d.as(access.Admin)...)
	if r.status != 204 || r.body != "" {
		t.Errorf(`got %d %s, want status 204, body ""`, r.status, r.body)
	}
	d.inForce("", "nomina 1, seed 1")
	d.inForce("?on="+d.today().AddDays(1).String(), "seed 1")
	d.inForce("?on="+later.String(), "seed 1")
	if after := d.versions(productsPath + "nomina"); after[0].To != d.today() || after[1].To != d.today() || after[0].Name != "Nómina <1>" || after[1].From != later {
		t.Errorf("got %+v, want two versions until %s, the first named Nómina <1>, the second from %s on", after, d.today(), later)
	}
	d.want(404, d.send("DELETE", productsPath+"nomina", "", d.as(access.Admin)...))
	d.want(409, d.post(productsPath, nomina("")))
	d.want(200, d.put(productsPath+"nomina", `{"name":"Nómina 3"}`))
	d.inForce("?on="+later.String(), "nomina 3, seed 1")
}

// inForce compares the products of a day.
func (d *door) inForce(query, want string) {
	d.t.Helper()
	var got []string
	for _, p := range d.versions(productsPath + query) {
		got = append(got, fmt.Sprint(p.Code, " ", p.Version))
	}
	if text := strings.Join(got, ", "); text != want {
		d.t.Errorf("%s: got %s, want %s", query, text, want)
	}
}

// TestBadProducts: what is wrong is named at its depth, and nothing is written.
func TestBadProducts(t *testing.T) {
	d := open(t, nil)
	d.want(201, d.post(productsPath, nomina("")))
	before := d.get(productsPath, d.as(access.Admin)...).body + d.get(productsPath+"nomina", d.as(access.Admin)...).body
	yesterday := d.today().AddDays(-1).String()
	for _, c := range []struct {
		body, says string // of several parts with | between them
	}{
		{`{}`, `{"loc":["body","code"],"msg":"field required","type":"value_error.missing"},{"loc":["body","name"],"msg":"field required"`},
		{`{"code":"A b","name":"x"}`, `[{"loc":["body","code"],"msg":"must have 1 to 40 characters, only a-z, 0-9 and _","type":"value_error"}]`},
		{`{"code":"x","name":" "}`, `[{"loc":["body","name"],"msg":"is required"`},
		{`{"code":"x","name":"` + strings.Repeat("ñ", 256) + `"}`, `[{"loc":["body","name"],"msg":"ensure this value has at most 255 characters"`},
		{`{"code":"x","name":"a\u0000b"}`, `[{"loc":["body","name"],"msg":"ensure this value has no `},
		{`{"code":"x","name":"\ud800"}`, `[{"loc":["body","name"],"msg":"ensure this value has no `},
		{`{"code":"x\u0000","name":"x"}`, `[{"loc":["body","code"]`},
		{`{"code":"x","name":"x","version":2}`, `[{"loc":["body","version"],"msg":"unknown field: use code, name, classification, effective_from, `},
		{`{"code":"x","name":"x","effective_to":"2030-01-01"}`, `[{"loc":["body","effective_to"],"msg":"unknown field`},
		{`{"code":"x","name":"x","effective_from":"` + yesterday + `"}`, `[{"loc":["body","effective_from"],"msg":"must be today (` + d.today().String() + `) or later`},
		{`{"code":"x","name":"x","effective_from":"2026-02-30"}`, `[{"loc":["body","effective_from"],"msg":"invalid date`},
		{`{"code":"x","name":"x","method":"magic"}`, `[{"loc":["body","method"],"msg":"value is not a valid enumeration member`},
		{`{"code":"x","name":"x","limits":[1]}`, `[{"loc":["body","limits"],"msg":"value is not a valid dict","type":"type_error.dict"}]`},
		{`{"code":"x","name":"x","limits":{"min_amount":5,"max_amount":4}}`, `[{"loc":["body","limits","min_amount"],"msg":"must be above 0 and at most the maximum amount"`},
		{`{"code":"x","name":"x","limits":{"max_rate":0}}`, `[{"loc":["body","limits","max_rate"],"msg":"ensure this value is greater than 0","type":"value_error.number.not_gt","ctx":{"limit_value":0}}]`},
		{`{"code":"x","name":"x","limits":{"approval_limit":"-1"}}`, `[{"loc":["body","limits","approval_limit"],"msg":"ensure this value is greater than 0"`},
		{`{"code":"x","name":"x","limits":{"max_amuont":1}}`, `[{"loc":["body","limits","max_amuont"],"msg":"unknown field: use min_amount, max_amount, `},
		{`{"code":"x","name":"x","limits":{"max_periods":601}}`, `[{"loc":["body","limits","max_periods"]`},
		{`{"code":"x","name":"x","penalty_interest":{"base":"all","grace_days":"x"}}`, `[{"loc":["body","penalty_interest","base"],"msg":"value is not a valid enumeration member; permitted: overdue_principal, overdue|{"loc":["body","penalty_interest","grace_days"],"msg":"value is not a whole number`},
		{`{"code":"x","name":"x","penalty_interest":{"grace_days":32}}`, `[{"loc":["body","penalty_interest","grace_days"],"msg":"must be from 0 to 31"`},
		{`{"code":"x","name":"x","penalty_interest":null}`, `[{"loc":["body","penalty_interest"],"msg":"none is not an allowed value"`},
		{`{"code":"x","name":"x","fees":{"origination":{"rate":2}}}`, `[{"loc":["body","fees","origination","rate"],"msg":"must be a fraction from 0 to 1 (2 % is 0.02)"`},
		{`{"code":"x","name":"x","fees":{"origination":{"rate":0.0000001}}}`, `[{"loc":["body","fees","origination","rate"],"msg":"ensure that there are no more than 6 decimal places"`},
		{`{"code":"x","name":"x","allocation":"interest"}`, `[{"loc":["body","allocation"],"msg":"value is not a valid list","type":"type_error.list"}]`},
		{`{"code":"x","name":"x","allocation":["interest","tip"]}`, `[{"loc":["body","allocation",1],"msg":"value is not a valid enumeration member|"principal"]}}],"type":"urn:`},
		{`{"code":"x","name":"x","allocation":[]}`, `{"loc":["body","allocation"],"msg":"must have every component exactly once; missing: iva_fee"`},
		{`{"code":"x","name":"","frequency":"every_n_days","limits":{"max_rate":"x"}}`, `[{"loc":["body","name"],"msg":"is required"|{"loc":["body","period_days"]|{"loc":["body","limits","max_rate"],"msg":"value is not a valid decimal"`},
	} {
		r := d.post(productsPath, c.body)
		for part := range strings.SplitSeq(c.says, "|") {
			if r.status != 422 || !strings.Contains(r.body, part) {
				t.Errorf("%.90s: got %d %.700s\nwant %s", c.body, r.status, r.body, part)
			}
		}
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"PUT", "nothing", `{"name":"x"}`, 404, `"code":"product_not_found"`},
		{"PUT", "nomina", `{"name":"x","code":"nomina"}`, 422, `[{"loc":["body","code"],"msg":"unknown field`},
		{"PUT", "nomina", `{"name":"x","effective_from":"` + yesterday + `"}`, 422, `[{"loc":["body","effective_from"]`},
		{"PUT", "NO%20MINA", `{"name":"x"}`, 404, `"code":"product_not_found"`},
		{"PUT", "no%00mina", `{"name":" "}`, 422, `[{"loc":["path","code"],|{"loc":["body","name"],"msg":"is required"`},
		{"GET", "nothing", ``, 404, `{"detail":"Product not found"`},
		{"GET", "%00", ``, 422, `["path","code"]`},
		{"GET", "?on=tomorrow", ``, 422, `["query","on"]`},
		{"DELETE", "nothing", ``, 404, `{"detail":"Product not found"`},
	} {
		r := d.send(c.method, productsPath+c.path, c.body, d.as(access.Admin)...)
		for part := range strings.SplitSeq(c.says, "|") {
			if r.status != c.status || !strings.Contains(r.body, part) {
				t.Errorf("%s %s: got %d %s, want %d %s", c.method, c.path, r.status, r.body, c.status, part)
			}
		}
	}
	if after := d.get(productsPath, d.as(access.Admin)...).body + d.get(productsPath+"nomina", d.as(access.Admin)...).body; after != before {
		t.Errorf("got the products\n%s\nwant them unchanged\n%s", after, before)
	}
}

// TestQuoteOnProduct: the product fixes the terms; the quote is that of the same
// terms asked for one by one.
func TestQuoteOnProduct(t *testing.T) {
	d := open(t, nil)
	d.want(201, d.post(productsPath, nomina("")))
	later := d.today().AddDays(40)
	d.want(200, d.put(productsPath+"nomina", fmt.Sprintf(`{"name":"Nómina 2","effective_from":"%s","limits":{"max_amount":900}}`, later)))
	const asked = `"amount":12000,"annual_rate":"0.45","periods":24`
	r := d.post(quotePath+"?explain=true", `{"product":"nomina",`+asked+`}`)
	rest, found := strings.CutPrefix(r.body, `{"product":"nomina","product_version":1,`)
	if r.status != 200 || !found {
		t.Fatalf("got %d %.300s, want status 200 and version 1 of nomina", r.status, r.body)
	}
	same := d.post(quotePath+"?explain=true", `{`+asked+`,"method":"equal_principal","frequency":"quincenal","day_count":"ACT/365","iva_rate":0.16,
		"origination_fee_rate":0.03,"origination_fee_payment":"deducted","fee_iva_rate":0.16,"insurance":35}`)
	if same.body != "{"+rest {
		t.Errorf("got %s\nwant %s", rest, same.body)
	}
	if r := d.post(quotePath, `{"product":"nomina","amount":800,"annual_rate":0.45,"periods":6,"disbursement_date":"`+later.String()+`"}`); !strings.HasPrefix(r.body, `{"product":"nomina","product_version":2,"terms":{"amount":800.00,`) {
		t.Errorf("got %d %s, want a quote of version 2 for 800.00", r.status, r.body)
	}
	for body, want := range map[string]string{
		asked + `,"method":"level","iva_rate":0,"grace_mode":"defer"`: `422 [{"loc":["body","method"],"msg":"is fixed by the product; leave it out","type":"value_error"},{"loc":["body","iva_rate"],"msg":"is fixed|{"loc":["body","grace_mode"],`,
		asked + `,"tip":1`: `422 [{"loc":["body","tip"],"msg":"unknown field`,
		`"amount":999.99,"annual_rate":0.9,"periods":49`:                        `422 [{"loc":["body","amount"],"msg":"must be from 1000.00 to 50000.00 for the product nomina"|{"loc":["body","annual_rate"],"msg":"must be a fraction from 0 to 0.8|{"loc":["body","periods"],"msg":"must be from 1 to 48`,
		asked + `,"first_due_date":"2001-01-01"`:                                `422 [{"loc":["body","first_due_date"]`,
		asked + `,"disbursement_date":"` + d.today().AddDays(-1).String() + `"`: `404 Product not found: no version of nomina is in force on|"code":"product_not_found"`,
		`"annual_rate":0.2`: `422 {"loc":["body","amount"],"msg":"field required: Principal in pesos|["body","periods"]`,
	} {
		r := d.post(quotePath, `{"product":"nomina",`+body+`}`)
		for part := range strings.SplitSeq(want[4:], "|") {
			if fmt.Sprint(r.status) != want[:3] || !strings.Contains(r.body, part) {
				t.Errorf("%s: got %d %s\nwant %s", body, r.status, r.body, part)
			}
		}
	}
	for code, status := range map[string]int{`"nothing"`: 404, `""`: 404, `"a\u0000b"`: 422, `"\ud800"`: 422, `null`: 422} {
		d.want(status, d.post(quotePath, `{"product":`+code+`,`+asked+`}`))
	}
	d.want(204, d.send("DELETE", productsPath+"nomina", "", d.as(access.Admin)...))
	d.want(200, d.post(quotePath, `{"product":"nomina",`+asked+`}`))
	d.want(404, d.post(quotePath, `{"product":"nomina",`+asked+`,"disbursement_date":"`+later.String()+`"}`))
	if r := d.post(quotePath, `{`+asked+`}`); strings.Contains(r.body, "product") {
		t.Errorf("got %v, want no product in it", r.body)
	}
}

// TestProductDocument: the examples of docs/loans.md are accepted.
func TestProductDocument(t *testing.T) {
	d := open(t, nil)
	text, err := os.ReadFile("../docs/loans.md")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```\nPOST (" + productsPath + "|" + quotePath + ")\n(.*?)\n```")
	found := example.FindAllStringSubmatch(string(text), -1)
	if len(found) < 2 {
		t.Errorf("got %d examples, want at least 2", len(found))
	}
	for _, e := range found {
		if r := d.post(e[1], e[2]); r.status/100 != 2 {
			t.Errorf("%s: got %d %s, want a status of 2xx", e[2], r.status, r.body)
		}
	}
}
