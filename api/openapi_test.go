package api

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"sofipo/core/event"
	"sofipo/core/nouns"
	"sofipo/core/wire"
)

func testLog(to io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(to, nil)) }

// specification is the part of an OpenAPI document that the tests read.
type specification struct {
	OpenAPI    string                          `json:"openapi"`
	Paths      map[string]map[string]described `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

type described struct {
	ID         string `json:"operationId"`
	Summary    string
	Permission string   `json:"x-sofipo-permission"`
	Roles      []string `json:"x-sofipo-roles"`
	Parameters []struct{ Name, In string }
	Body       *struct {
		Required bool
		Content  map[string]struct{ Schema schema }
	} `json:"requestBody"`
	Responses map[string]struct {
		Content map[string]struct{ Schema schema }
	}
	Security []map[string][]string
}

type schema struct {
	Ref         string `json:"$ref"`
	Type        any
	Description string
	Items       *schema
	OneOf       []schema
	Properties  map[string]schema
	Required    []string
}

func readDocument(t *testing.T, text []byte) specification {
	t.Helper()
	var d specification
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDocumentIsTheTable: each operation of the table is in the document and the other way round.
func TestDocumentIsTheTable(t *testing.T) {
	d := readDocument(t, OpenAPI())
	if d.OpenAPI != "3.1.0" {
		t.Errorf("got OpenAPI %s, want 3.1.0", d.OpenAPI)
	}
	var documented, served []string
	ids := map[string]bool{}
	for path, methods := range d.Paths {
		for method, o := range methods {
			documented = append(documented, strings.ToUpper(method)+" "+path)
			if ids[o.ID] || o.ID == "" {
				t.Errorf("got the operationId %q, want one that is unique and not empty", o.ID)
			}
			ids[o.ID] = true
		}
	}
	s := newServer(Options{})
	for _, o := range table() {
		served = append(served, o.method+" "+o.path)
		described := d.Paths[o.path][strings.ToLower(o.method)]
		if described.Permission != string(o.permission) || len(described.Roles) != len(nouns.Holders(o.permission)) || (o.permission != "") != (len(described.Security) > 0) {
			t.Errorf("%s %s: got permission %q, roles %v, want permission %q, %d roles, security: %t", o.method, o.path, described.Permission, described.Roles, string(o.permission), len(nouns.Holders(o.permission)), o.permission != "")
		}
		if s == nil || described.Responses[fmt.Sprint(o.status)].Content == nil && o.answer != nil {
			t.Errorf("%s %s: got no answer of status %d, want one, with content: %t", o.method, o.path, o.status, o.answer != nil)
		}
	}
	slices.Sort(documented)
	slices.Sort(served)
	if !slices.Equal(documented, served) {
		t.Errorf("got the documented operations %q\nwant the served ones %q", documented, served)
	}
	for name, s := range d.Components.Schemas {
		for property, p := range s.Properties {
			if p.Description == "" && p.Ref == "" {
				t.Errorf("%s.%s : got no description, want one", name, property)
			}
		}
	}
}

// TestNestedDocument: the members of a body are described as they are read.
func TestNestedDocument(t *testing.T) {
	var d map[string]any
	if err := json.Unmarshal(OpenAPI(), &d); err != nil {
		t.Fatal(err)
	}
	find := func(path string) (at any) {
		at = d["components"].(map[string]any)["schemas"]
		for part := range strings.SplitSeq(path, "/") {
			at, _ = at.(map[string]any)[part]
		}
		return at
	}
	for path, want := range map[string]string{
		"ProductCreate/required":                          `["code","name"]`,
		"ProductChange/required":                          `["name"]`,
		"ProductCreate/additionalProperties":              `false`,
		"ProductCreate/properties/limits/$ref":            `"#/components/schemas/LimitsChoices"`,
		"ProductCreate/properties/method/default":         `"level"`,
		"ProductCreate/properties/allocation/maxItems":    `20`,
		"ProductCreate/properties/allocation/items/type":  `"string"`,
		"LimitsChoices/additionalProperties":              `false`,
		"LimitsChoices/required":                          `null`,
		"FeeChoices/additionalProperties":                 `false`,
		"FeesChoices/properties/origination_payment/enum": `["apart","deducted"]`,
		"LimitsChoices/properties/max_periods/type":       `"integer"`,
		"Product/properties/limits/$ref":                  `"#/components/schemas/ProductLimits"`,
		"Product/properties/strategy/enum":                `["oldest_instalment_first","by_concept"]`,
		"Product/additionalProperties":                    `null`,
		"ProductLimits/properties/max_amount/type":        `"number"`,
		"ProductLimits/required":                          `["min_amount","max_amount","min_rate","max_rate","min_periods","max_periods","approval_limit"]`,
		"QuoteRequest/required":                           `["amount","annual_rate","periods"]`,
	} {
		if got := string(wire.JSON(nil, find(path))); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	for _, name := range []string{"max_amount", "approval_limit", "min_rate"} {
		if forms, _ := find("LimitsChoices/properties/" + name + "/oneOf").([]any); len(forms) != 2 {
			t.Errorf("%s: got the forms %v, want 2, a number and a text", name, forms)
		}
	}
	if names := find("ProductCreate/properties").(map[string]any); len(names) != 25 || names["Given"] != nil {
		t.Errorf("got %d fields, want 25 and none named Given", len(names))
	}
}

// TestSeedDocument: every operation of the seed's document is there with its
// id, parameters, and the same fields in what it takes and answers.
func TestSeedDocument(t *testing.T) {
	text, err := os.ReadFile("testdata/seed-openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	seed, ours := readDocument(t, text), readDocument(t, OpenAPI())
	compared := 0
	for path, methods := range seed.Paths {
		for method, want := range methods {
			got := ours.Paths[path][method]
			if got.ID != want.ID || got.Summary != want.Summary {
				t.Errorf("%s %s: got %q %q, want %q %q", method, path, got.ID, got.Summary, want.ID, want.Summary)
			}
			for _, p := range want.Parameters {
				if !slices.Contains(got.Parameters, p) {
					t.Errorf("%s %s: got no parameter %s, want one", method, path, p.Name)
				}
			}
			if want.Body != nil {
				for media, body := range want.Body.Content {
					compared += sameFields(t, path, seed, ours, body.Schema, got.Body.Content[media].Schema)
				}
			}
			for status, response := range want.Responses {
				for media, body := range response.Content {
					compared += sameFields(t, path, seed, ours, body.Schema, got.Responses[status].Content[media].Schema)
				}
			}
		}
	}
	for name := range seed.Components.Schemas {
		if _, found := ours.Components.Schemas[name]; !found {
			t.Errorf("got no schema %s, want one", name)
		}
	}
	if compared < 60 {
		t.Errorf("got %d fields compared, want at least 60", compared)
	}
}

func sameFields(t *testing.T, at string, seed, ours specification, want, got schema) (compared int) {
	t.Helper()
	if want.Ref != "" {
		name := want.Ref[strings.LastIndexByte(want.Ref, '/')+1:]
		if got.Ref != want.Ref {
			t.Errorf("%s: got %q, want %q", at, got.Ref, want.Ref)
		}
		want, got = seed.Components.Schemas[name], ours.Components.Schemas[name]
	}
	if want.Items != nil {
		if got.Items == nil {
			t.Errorf("%s: got no list, want one", at)
			return 0
		}
		return sameFields(t, at+"[]", seed, ours, *want.Items, *got.Items)
	}
	names := slices.Sorted(maps.Keys(want.Properties))
	added := slices.DeleteFunc(slices.Sorted(maps.Keys(got.Properties)), func(n string) bool { return slices.Contains(names, n) })
	if len(added) > 0 && names[0] != "detail" && !grows(want, added, got) {
		t.Errorf("%s: got the new fields %q, want none", at, added)
	}
	for _, name := range names {
		property, found := got.Properties[name]
		if !found {
			t.Errorf("%s: got no field %s, want one", at, name)
			continue
		}
		if slices.Contains(want.Required, name) != slices.Contains(got.Required, name) && names[0] != "detail" {
			t.Errorf("%s.%s: got required %v, want %v", at, name, slices.Contains(got.Required, name), slices.Contains(want.Required, name))
		}
		if kind := want.Properties[name].Type; kind != nil && kind != property.Type && len(property.OneOf) == 0 {
			t.Errorf("%s.%s: got %v, want %v", at, name, property.Type, kind)
		}
		compared++
	}
	return compared
}

// TestFilesAreDescribed: a response that is a file has its own content type, and an
// optional body is marked as such.
func TestFilesAreDescribed(t *testing.T) {
	d := readDocument(t, OpenAPI())
	for path, media := range map[string]string{"schedule.pdf": "application/pdf", "statement.csv": "text/csv; charset=utf-8", "payoff": "application/json"} {
		content := d.Paths["/api/v1/loans/{loan_id}/"+path]["get"].Responses["200"].Content
		if _, found := content[media]; !found || len(content) != 1 {
			t.Errorf("%s: got the content %v, want %s alone", path, content, media)
		}
	}
	for path, required := range map[string]bool{"rejection": false, "transactions/{transaction_id}/reversal": false, "payments": true} {
		if body := d.Paths["/api/v1/loans/{loan_id}/"+path]["post"].Body; body == nil || body.Required != required {
			t.Errorf("%s: got the body %+v, want one with required %v", path, body, required)
		}
	}
	if split := d.Components.Schemas["Payment"].Properties["split"]; split.Ref != "#/components/schemas/TransactionSplit" {
		t.Errorf("got %+v, want ref #/components/schemas/TransactionSplit", split)
	}
}

// grows reports whether sofipo adds members to the seed's schema: a loan, a payment, and what is paid
// or changed of a client or given at a login, where nothing more may be asked for.
func grows(want schema, added []string, got schema) bool {
	_, loan := want.Properties["current_balance"]
	_, payment := want.Properties["payment_date"]
	_, paid := want.Properties["amount"]
	asked := slices.ContainsFunc(added, func(name string) bool { return slices.Contains(got.Required, name) })
	_, email := want.Properties["email"]
	corrects := email && (slices.Equal(added, []string{"rfc"}) || slices.Equal(added, []string{"number"}))
	_, login := want.Properties["grant_type"]
	return loan || payment || (paid && len(want.Properties) == 1 || corrects || login && slices.Equal(added, []string{"otp"})) && !asked
}

// TestEventsDocument: every event of the catalogue is in the AsyncAPI document
// with its routing key and fields, and every reference leads somewhere.
func TestEventsDocument(t *testing.T) {
	var d map[string]any
	if err := json.Unmarshal(AsyncAPI(), &d); err != nil {
		t.Fatal(err)
	}
	find := func(path string) any {
		var at any = d
		for part := range strings.SplitSeq(strings.TrimPrefix(path, "#/"), "/") {
			at, _ = at.(map[string]any)[part]
			if at == nil {
				t.Fatalf("%s: got no such member, want one", path)
			}
		}
		return at
	}
	for _, e := range nouns.Events() {
		name := e.Name()
		if address := find("channels/" + name + "/address"); address != event.RoutingKey(name) {
			t.Errorf("%s: got address %v, want %v", name, address, event.RoutingKey(name))
		}
		fields := e.Fields()
		payload := find("components/schemas/" + name + "/properties/payload/properties").(map[string]any)
		if len(payload) != len(fields) {
			t.Errorf("%s: got payload %v, want %v", name, payload, fields)
		}
		find("components/schemas/" + name + "/properties/epoch")
		if required := find("components/schemas/" + name + "/required").([]any); slices.Contains(required, any("epoch")) || !slices.Contains(required, any("sequence")) {
			t.Errorf("%s: got the required members %v, want sequence and not epoch", name, required)
		}
	}
	var follow func(any)
	follow = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				find(ref)
			}
			for _, inner := range v {
				follow(inner)
			}
		case []any:
			for _, inner := range v {
				follow(inner)
			}
		}
	}
	follow(d)
}
