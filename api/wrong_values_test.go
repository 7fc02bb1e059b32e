package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sofipo/api"
	"sofipo/api/openapi"
	"sofipo/infra/db"
)

// wrongValues are values that a member of a body may have by mistake.
var wrongValues = []string{`7`, `1.5`, `-1`, `1e300`, `99999999999999999999`, `NaN`, `-Infinity`, `"x"`, `"NaN"`, `""`, `" "`, `null`, `[]`, `[null]`, `{}`, `true`,
	`"a\u0000b"`, `"\u0007"`, `"\ud800"`, `"😀\u202e"`, `"` + strings.Repeat("x", 100_000) + `"`}

// unreadable are the wrong values that no text may have.
var unreadable = []string{`"a\u0000b"`, `"\ud800"`, wrongValues[len(wrongValues)-1]}

// wrongParameters are the same for a parameter in the query.
var wrongParameters = []string{"", " ", "-1", "1.5", "NaN", "null", "x", "99999999999999999999", "2026-02-30", "\x00", "a\x07", "\xff", "😀\u202e", strings.Repeat("x", 10_000)}

// tampered sends wrong requests to an institution in which every operation was used.
type tampered struct {
	*recorder
	compiler *jsonschema.Compiler
	sent     int
	refused  int
	counted  [3]int64 // rows
}

// TestWrongValues sends each member of each body and each parameter of the operations that the
// seed does not have with each wrong value, in the request that is the example of the operation.
// A value that the OpenAPI document does not allow is refused with 422, which names the member.
// No refusal writes anything, and nothing is answered with a 5xx.
func TestWrongValues(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 12,400 requests")
	}
	r := newRecorder(t)
	r.recordAll()
	r.signIn()
	r.found = nil
	w := &tampered{recorder: r, compiler: compiledDocument(t)}
	w.counted = w.rows()
	var examples map[string]openapi.Example
	text, err := os.ReadFile(examplesFile)
	if err == nil {
		err = json.Unmarshal(text, &examples)
	}
	if err != nil {
		t.Fatal(err)
	}
	seed := seedPaths(t)
	for _, path := range slices.Sorted(maps.Keys(r.paths)) {
		for method, o := range r.paths[path] {
			if seed[method+" "+path] {
				continue
			}
			pointer := "/paths/" + strings.ReplaceAll(path, "/", "~1") + "/" + method
			w.tamperBody(o, examples[o.ID], pointer)
			w.tamperQuery(o, examples[o.ID], pointer)
		}
	}
	if w.sent < 5_000 || w.refused < w.sent/2 {
		t.Errorf("got %d requests, %d of them refused, want at least 5000, most of them refused", w.sent, w.refused)
	}
}

// compiledDocument returns a compiler with the OpenAPI document.
func compiledDocument(t *testing.T) *jsonschema.Compiler {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(api.OpenAPI()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("openapi.json", value); err != nil {
		t.Fatal(err)
	}
	return compiler
}

// seedPaths returns the operations of the seed, as "post /api/v1/loans/".
func seedPaths(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("testdata/seed-openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for path, methods := range document.Paths {
		for method := range methods {
			all[method+" "+path] = true
		}
	}
	return all
}

func (w *tampered) schema(pointer string) *jsonschema.Schema {
	w.t.Helper()
	schema, err := w.compiler.Compile("openapi.json#" + (&url.URL{Path: pointer}).EscapedPath())
	if err != nil {
		w.t.Fatal(err)
	}
	return schema
}

// tamperBody replaces each member of the example's body that the schema has by each wrong value.
func (w *tampered) tamperBody(o exampleOperation, e openapi.Example, pointer string) {
	if _, isJSON := o.Body.content()["application/json"]; !isJSON {
		return
	}
	schema := w.schema(pointer + "/requestBody/content/application~1json/schema")
	var example map[string]any
	if len(e.Body) > 0 {
		if err := json.Unmarshal(e.Body, &example); err != nil {
			w.t.Fatal(err)
		}
	}
	for _, path := range membersOf(schema, example) {
		for _, value := range wrongValues {
			body := replaced(example, path, value)
			w.ask(e.Request, body, "body", path, mustRefuse(schema, body, value))
		}
	}
}

// mustRefuse reports whether a body with a wrong value must be refused.
func mustRefuse(schema *jsonschema.Schema, body, value string) bool {
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil || slices.Contains(unreadable, value) {
		return true
	}
	return schema.Validate(instance) != nil
}

// membersOf returns the paths of the members of an object, with those of the objects in it and of
// the first element of lists.
func membersOf(schema *jsonschema.Schema, example map[string]any) (paths [][]any) {
	for schema.Ref != nil {
		schema = schema.Ref
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		paths = append(paths, []any{name})
		inner, within := schema.Properties[name], example[name]
		for inner.Ref != nil {
			inner = inner.Ref
		}
		prefix := []any{name}
		if list, isList := within.([]any); isList && len(list) > 0 {
			prefix, inner, within = append(prefix, 0), inner.Items2020, list[0]
			paths = append(paths, prefix)
		}
		if object, isObject := within.(map[string]any); isObject {
			for _, path := range membersOf(inner, object) {
				paths = append(paths, slices.Concat(prefix, path))
			}
		}
	}
	return paths
}

// replaced returns the object as JSON with a value at a path.
func replaced(of any, path []any, value string) string {
	if len(path) == 0 {
		return value
	}
	var out strings.Builder
	if list, isList := of.([]any); isList {
		for i, element := range list {
			out.WriteString(map[bool]string{true: "[", false: ","}[i == 0])
			if i == path[0] {
				out.WriteString(replaced(element, path[1:], value))
			} else {
				out.WriteString(asJSON(element))
			}
		}
		return out.String() + "]"
	}
	object, _ := of.(map[string]any)
	names := slices.Collect(maps.Keys(object))
	if _, present := object[path[0].(string)]; !present {
		names = append(names, path[0].(string))
	}
	for i, name := range slices.Sorted(slices.Values(names)) {
		out.WriteString(map[bool]string{true: "{", false: ","}[i == 0] + asJSON(name) + ":")
		if name == path[0] {
			out.WriteString(replaced(object[name], path[1:], value))
		} else {
			out.WriteString(asJSON(object[name]))
		}
	}
	return out.String() + "}"
}

func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// tamperQuery sets each parameter of the query to each wrong value.
func (w *tampered) tamperQuery(o exampleOperation, e openapi.Example, pointer string) {
	target, query, _ := strings.Cut(e.Request, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, p := range o.Parameters {
		if p.In != "query" {
			continue
		}
		schema := w.schema(fmt.Sprintf("%s/parameters/%d/schema", pointer, i))
		for _, value := range wrongParameters {
			given := maps.Clone(values)
			given.Set(p.Name, value)
			w.ask(target+"?"+given.Encode(), string(e.Body), "query", []any{p.Name}, !allows(schema, value))
		}
	}
}

// allows reports whether a parameter may have a value.
func allows(schema *jsonschema.Schema, value string) bool {
	if !utf8.ValidString(value) || strings.ContainsAny(value, "\x00\a") {
		return false
	}
	var parsed any = value
	if schema.Types != nil && !slices.Contains(schema.Types.ToStrings(), "string") {
		read, err := jsonschema.UnmarshalJSON(strings.NewReader(value))
		if err != nil {
			return false
		}
		parsed = read
	}
	return schema.Validate(parsed) == nil
}

// ask sends a request and checks its answer.
func (w *tampered) ask(request, body, in string, path []any, mustRefuse bool) {
	w.t.Helper()
	w.sent++
	method, target, _ := strings.Cut(request, " ")
	r := w.send(method, target, body, "Authorization", "Bearer "+w.signed, "Content-Type", "application/json")
	if r.status >= 400 {
		w.refused++
		after := w.rows()
		if r.status == 403 {
			after[0] = w.counted[0] // a row of the audit
		}
		if after != w.counted {
			w.t.Errorf("%s %.200s: got %d, and the rows %v, want them unchanged: %v", request, body, r.status, after, w.counted)
		}
	}
	if r.status < 400 || r.status == 403 {
		w.counted = w.rows()
	}
	switch {
	case r.status == 429: // a password
	case r.status >= 500, mustRefuse && r.status != 422:
		w.t.Errorf("%s %v: got %d for %.200s: %.300s, want 422", request, path, r.status, body, r.body)
	case mustRefuse && !strings.Contains(r.body, fmt.Sprintf(`"loc":[%q,%q`, in, path[0])):
		w.t.Errorf("%s %v: got %.300s for %.200s, want a refusal that names it", request, path, r.body, body)
	}
}

// rows returns the numbers of rows that an accepted request adds. Failed logins are in the journal too.
func (w *tampered) rows() (n [3]int64) {
	w.t.Helper()
	batch := &db.Batch{}
	for i, table := range []string{"journal WHERE refusal IS NULL", "outbox", "clients"} {
		batch.Query("SELECT count(*) FROM "+table, func(s db.Scanner) error { return s.Scan(&n[i]) })
	}
	if err := w.database.ReadPrimary(w.t.Context(), batch); err != nil {
		w.t.Fatal(err)
	}
	return n
}
