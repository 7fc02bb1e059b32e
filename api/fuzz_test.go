package api_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sofipo/api/openapi"
	"sofipo/checks"
	"sofipo/core/access"
	"sofipo/test/random"
)

// fuzzTime is how long the fuzzer sends requests in make test, and fuzzSoak in make soak for each
// of TIMES. After fuzzRound it begins again with a new institution, because wrong requests that are accepted
// by chance close loans and disable users.
const (
	fuzzTime  = 30 * time.Second
	fuzzSoak  = time.Minute
	fuzzRound = time.Minute
)

// TestFuzz sends random requests for every operation of the OpenAPI document: valid, at the limits
// and hostile ones, of every role, for rows that exist. It fails on a status of 500 or above, a
// status that the document does not have, a body that does not match its schema, and on an accepted body
// that the document does not allow. In the end the doctor finds nothing wrong in the books.
//
// The requests depend on the seed alone: make soak SEED=N repeats them.
func TestFuzz(t *testing.T) {
	if testing.Short() {
		t.Skip("sends requests for half a minute")
	}
	left := fuzzTime
	if times := random.Times(t, 1); times > 1 {
		left = time.Duration(times) * fuzzSoak
	}
	for round := uint64(0); left > 0 && !t.Failed(); round++ {
		took := min(left, fuzzRound)
		left -= took
		t.Run(strconv.FormatUint(round, 10), func(t *testing.T) { newFuzzer(t, round).run(took) })
	}
}

// fuzzed is an operation with what the fuzzer knows of it.
type fuzzed struct {
	exampleOperation
	method, path string
	pointer      string // of the operation in the document
	example      openapi.Example
	seed         bool              // the seed has it: unknown members are ignored
	ids          map[string]string // of the path, in the example
}

// fuzzer sends random requests.
type fuzzer struct {
	tampered
	*rand.Rand
	operations []*fuzzed
	schemas    map[string]*jsonschema.Schema
	users      map[access.Role]string // tokens
	added      int                    // users
	ids        map[string][]string    // that the answers had, by the name of the parameter
	keys       []string               // idempotency keys
	reported   map[string]bool
	statuses   map[int]int
	reached    map[string]bool // operations that succeeded
}

func newFuzzer(t *testing.T, round uint64) *fuzzer {
	r := newRecorder(t)
	r.recordAll()
	f := &fuzzer{
		tampered: tampered{recorder: r, compiler: compiledDocument(t)}, Rand: random.New(t, 1000+round), schemas: map[string]*jsonschema.Schema{},
		users: map[access.Role]string{}, ids: map[string][]string{}, reported: map[string]bool{}, statuses: map[int]int{}, reached: map[string]bool{},
	}
	examples := r.found
	seed := seedPaths(t)
	for _, path := range slices.Sorted(maps.Keys(r.paths)) {
		for _, method := range slices.Sorted(maps.Keys(r.paths[path])) {
			o := &fuzzed{exampleOperation: r.paths[path][method], method: strings.ToUpper(method), path: path, seed: seed[method+" "+path]}
			o.pointer = "/paths/" + strings.ReplaceAll(path, "/", "~1") + "/" + method
			o.example, o.ids = examples[o.ID], map[string]string{}
			_, target, _ := strings.Cut(o.example.Request, " ")
			target, _, _ = strings.Cut(target, "?")
			given := strings.Split(target, "/")
			for i, part := range strings.Split(path, "/") {
				if strings.HasPrefix(part, "{") {
					o.ids[strings.Trim(part, "{}")] = given[i]
					f.known(strings.Trim(part, "{}"), given[i])
				}
			}
			f.operations = append(f.operations, o)
		}
	}
	for _, role := range access.Roles() {
		f.newUser(role)
	}
	return f
}

// newUser adds a user of a role and takes its token.
func (f *fuzzer) newUser(role access.Role) {
	f.added++
	name := fmt.Sprintf("fuzz%d", f.added)
	f.AddUser(f.t, name, "una contraseña larga", role)
	f.setClock(f.at.Load().Add(time.Second)) // a token is not older than its user
	token, err := f.Keys.Issue(name, 24*time.Hour, *f.at.Load())
	if err != nil {
		f.t.Fatal(err)
	}
	f.users[role] = token
}

// mostIDs limits the ids that are remembered of a kind.
const mostIDs = 50

func (f *fuzzer) known(name, id string) {
	if slices.Contains(f.ids[name], id) {
		return
	}
	if len(f.ids[name]) < mostIDs {
		f.ids[name] = append(f.ids[name], id)
	} else {
		f.ids[name][f.IntN(mostIDs)] = id
	}
}

func (f *fuzzer) run(limit time.Duration) {
	began := time.Now()
	for time.Since(began) < limit && len(f.reported) < 20 {
		f.one(f.operations[f.sent%len(f.operations)])
		f.sent++
	}
	f.t.Logf("%d requests in %s, statuses %v; %d of %d operations succeeded", f.sent, time.Since(began).Round(time.Second), f.statuses, len(f.reached), len(f.operations))
	if f.sent > 20*len(f.operations) && len(f.reached) < len(f.operations)*6/10 {
		for _, o := range f.operations {
			if !f.reached[o.ID] {
				f.t.Logf("never succeeded: %s %s", o.method, o.path)
			}
		}
		f.t.Errorf("got %d of %d operations that succeeded, want most of them", len(f.reached), len(f.operations))
	}
	for _, c := range checks.Run(f.t.Context(), f.database, checks.Sample) {
		if c.Err != nil {
			f.t.Errorf("doctor after the requests: %s: got %v, want no error", c.Name, c.Err)
		}
	}
}

// often reports true in so many of a hundred calls.
func (f *fuzzer) often(percent int) bool { return f.IntN(100) < percent }

func (f *fuzzer) pick(list []string) string { return list[f.IntN(len(list))] }

// wild are values that a path, a parameter or a header may have by mistake or malice.
var wild = append(slices.Clone(wrongParameters), "0", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "9223372036854775808", "-9223372036854775809", "1e400", "0x10", "٣", "' OR 1=1 --",
	"${jndi:ldap://x}", "%s%n", "a/../b", "a%2Fb", "true", "2026-08-24", "9999-12-31", "0000-00-00", "2026-08-24T00:00:00Z", "\r\nX: y", "\u2028", "🏦", "[]", "{}", "*", "asc,desc", strings.Repeat("9", 400))

// attack is one request and what is known of it.
type attack struct {
	o       *fuzzed
	target  string
	body    string
	role    access.Role // empty: the token is not valid
	headers []string
	allowed bool // the document does not forbid the body
}

// one sends one request for an operation and judges the answer.
func (f *fuzzer) one(o *fuzzed) {
	a := attack{o: o, target: f.target(o), role: access.Admin}
	if f.often(30) {
		a.role = access.Role(f.pick(slices.Sorted(func(yield func(string) bool) {
			for role := range f.users {
				if !yield(string(role)) {
					return
				}
			}
		})))
	}
	token := f.users[a.role]
	if f.often(5) {
		a.role, token = "", f.pick([]string{"", "x", token + "x", strings.ToUpper(token), token[:len(token)/2], "ey.ey.ey", "ñ"})
	}
	kind := "application/json"
	for _, media := range slices.Sorted(maps.Keys(o.Body.content())) {
		if media != "application/json" {
			kind = media
		}
	}
	a.body, a.allowed = f.body(o)
	if f.often(3) {
		kind, a.allowed = f.pick([]string{"", "text/plain", "application/json; charset=utf-16", "application/json;;", "multipart/form-data", "application/x-www-form-urlencoded", "application/xml", "/", "image/png", strings.Repeat("a/", 500)}), true
	}
	a.headers = []string{"Authorization", "Bearer " + token, "Content-Type", kind}
	a.headers = append(a.headers, f.header("Idempotency-Key", 20, f.key)...)
	a.headers = append(a.headers, f.header("X-Sofipo-Position", 2, func() string { return f.pick(wild) })...)
	a.headers = append(a.headers, f.header("X-Request-ID", 2, func() string { return f.pick(wild) })...)
	a.headers = append(a.headers, f.header("Accept-Language", 5, func() string { return f.pick([]string{"es", "en", "es-MX;q=2", "*", ";;;", strings.Repeat("a,", 999)}) })...)
	f.setClock(f.at.Load().Add(100 * time.Millisecond))
	f.judge(a, f.send(o.method, a.target, a.body, a.headers...))
}

// header returns a header, so many times of a hundred, unless net/http would not send it.
func (f *fuzzer) header(name string, percent int, value func() string) []string {
	if !f.often(percent) {
		return nil
	}
	text := value()
	if strings.ContainsFunc(text, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
		return nil
	}
	return []string{name, text}
}

// key returns a new or a known idempotency key, or a wrong one.
func (f *fuzzer) key() string {
	switch {
	case f.often(10):
		return f.pick(wild)
	case f.often(30) && len(f.keys) > 0:
		return f.pick(f.keys)
	}
	key := fmt.Sprint("k", f.Uint64())
	f.keys = append(f.keys[max(0, len(f.keys)-20):], key)
	return key
}

// target returns a path, mostly of rows that exist, with parameters.
func (f *fuzzer) target(o *fuzzed) string {
	parts := strings.Split(o.path, "/")
	replace := f.often(40) // the ids of the example are of one loan or client
	for i, part := range parts {
		if !strings.HasPrefix(part, "{") {
			continue
		}
		name := strings.Trim(part, "{}")
		value := o.ids[name]
		if replace {
			value = f.pick(f.ids[name])
		}
		if f.often(4) {
			value = f.pick(wild)
		}
		if value == "" || strings.Contains(value, "/") { // would be another path
			value = "x"
		}
		parts[i] = url.PathEscape(value)
	}
	_, query, _ := strings.Cut(o.example.Request, "?")
	if f.often(40) {
		query = f.query(o, query)
	}
	return strings.TrimSuffix(strings.Join(parts, "/")+"?"+query, "?")
}

// query returns parameters: some of the document, and rarely others.
func (f *fuzzer) query(o *fuzzed, example string) string {
	values, err := url.ParseQuery(example)
	if err != nil {
		f.t.Fatal(err)
	}
	for i, p := range o.Parameters {
		if p.In != "query" || f.often(60) {
			continue
		}
		value := f.pick(wild)
		if f.often(60) {
			value = fmt.Sprint(plain(f.instance(f.schemaOf(fmt.Sprintf("%s/parameters/%d/schema", o.pointer, i)), 0)))
		}
		values.Set(p.Name, value)
		if f.often(5) {
			values.Add(p.Name, f.pick(wild))
		}
	}
	text := values.Encode()
	if f.often(3) {
		text += "&" + f.pick([]string{"%zz=1", "&&==", "limit=%ff", ";a=b", "a[b]=c", "unknown=1", strings.Repeat("a=1&", 300)})
	}
	return text
}

// plain returns a generated value for a query.
func plain(value any) any {
	if raw, is := value.(json.RawMessage); is {
		return string(raw)
	}
	return value
}

func (f *fuzzer) schemaOf(pointer string) *jsonschema.Schema {
	known, found := f.schemas[pointer]
	if !found {
		known = f.schema(pointer)
		f.schemas[pointer] = known
	}
	return known
}

// body returns a body and whether the document allows it, as far as is known.
func (f *fuzzer) body(o *fuzzed) (body string, allowed bool) {
	if _, isJSON := o.Body.content()["application/json"]; !isJSON {
		return f.otherBody(o), true
	}
	schema := f.schemaOf(o.pointer + "/requestBody/content/application~1json/schema")
	var value any
	if err := json.Unmarshal([]byte(jsonOr(o.example.Body, "{}")), &value); err != nil {
		f.t.Fatal(err)
	}
	if f.often(30) {
		value = f.instance(schema, 0)
	}
	if members, isObject := value.(map[string]any); isObject && f.often(50) {
		f.renew(members)
	}
	for range f.IntN(3) {
		value = f.changed(value, schema)
	}
	text, err := json.Marshal(value)
	if err != nil {
		f.t.Fatal(err)
	}
	body = string(text)
	if f.often(10) {
		body = f.mangled(body)
	}
	return body, o.seed || matches(schema, strings.TrimPrefix(body, "\ufeff"))
}

// matches reports whether a body matches a schema. One whose numbers the validator cannot read is
// not known to differ.
func matches(schema *jsonschema.Schema, body string) (yes bool) {
	defer func() {
		if recover() != nil {
			yes = true
		}
	}()
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	return err == nil && schema.Validate(instance) == nil
}

// renew replaces values that only one row may have.
func (f *fuzzer) renew(members map[string]any) {
	n := f.IntN(100_000)
	for name, value := range map[string]string{
		"code": fmt.Sprint("c", n), "username": fmt.Sprint("u", n), "email": fmt.Sprintf("f%d@example.com", n),
		"rfc": "PEPJ" + time.Date(1940, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n%20_000).Format("060102") + "HNE",
	} {
		if _, present := members[name]; present {
			members[name] = value
		}
	}
}

func jsonOr(text json.RawMessage, otherwise string) string {
	if len(text) == 0 {
		return otherwise
	}
	return string(text)
}

// otherBody returns a body that is not JSON, or one for an operation that takes none.
func (f *fuzzer) otherBody(o *fuzzed) string {
	if o.Body == nil {
		return f.pick([]string{"", "", "", "", "", "{}", "null", "x", `{"a":1}`, strings.Repeat("[", 1000)})
	}
	if _, form := o.Body.content()["application/x-www-form-urlencoded"]; form {
		if f.often(80) {
			return "grant_type=%00" // a password takes long to verify
		}
		return url.Values{"username": {f.pick(wild)}, "password": {f.pick(wild)}}.Encode()
	}
	png, err := os.ReadFile("testdata/logo.png")
	if err != nil {
		png = []byte("\x89PNG\r\n\x1a\n")
	}
	return f.mangled(f.pick([]string{"%PDF-1.4\n%%EOF", "full_name,birth_date,rfc\nAna Ruiz,1980-01-30,\n", string(png), "", "\xff\xd8\xff\xe0"}))
}

// mangled damages a text.
func (f *fuzzer) mangled(text string) string {
	at := f.IntN(len(text) + 1)
	switch f.IntN(12) {
	case 0:
		return text[:at]
	case 1:
		return text[:at] + "\x00" + text[at:]
	case 2:
		return text[:at] + "\xff\xfe" + text[at:]
	case 3:
		return "\ufeff" + text
	case 4:
		return strings.Repeat(`{"a":`, 200) + text + strings.Repeat("}", 200)
	case 5:
		return strings.Repeat("[", 20_000)
	case 6:
		return text + text
	case 7: // each member twice
		return strings.Replace(text, "}", ","+strings.TrimPrefix(text, "{"), 1)
	case 8:
		return strings.Replace(text, ":", ":1e999999999,\"b\":", 1)
	case 9:
		return strings.Replace(text, `"`, `'`, 2)
	case 10:
		return strings.ToUpper(text)
	}
	return strings.Replace(text, ":", ":"+f.pick([]string{"-0", "1E400", "00", "+1", ".5", "0x1", "NaN", `"\ud800"`, `"\u0000"`, strings.Repeat("9", 5000)})+",\"c\":", 1)
}

// changed returns a value with one change, deep in it.
func (f *fuzzer) changed(value any, schema *jsonschema.Schema) any {
	for schema != nil && schema.Ref != nil {
		schema = schema.Ref
	}
	switch v := value.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		if schema != nil {
			names = slices.Sorted(maps.Keys(schema.Properties))
		}
		if len(names) == 0 || f.often(3) {
			v[f.pick([]string{"unknown", "", "__proto__", "id", "\u202e"})] = 1
			return v
		}
		name := f.pick(names)
		var inner *jsonschema.Schema
		if schema != nil {
			inner = schema.Properties[name]
		}
		switch before, present := v[name]; {
		case present && f.often(15):
			delete(v, name)
		case inner != nil && f.often(50):
			v[name] = f.instance(inner, 0)
		case present:
			v[name] = f.changed(before, inner)
		default:
			v[name] = f.wrong()
		}
		return v
	case []any:
		if len(v) > 0 && f.often(50) {
			var inner *jsonschema.Schema
			if schema != nil {
				inner = schema.Items2020
			}
			v[f.IntN(len(v))] = f.changed(v[0], inner)
			return v
		}
		if len(v) > 0 && f.often(50) {
			return slices.Concat(v, v, v)
		}
	}
	return f.wrong()
}

// wrong returns a value for any member.
func (f *fuzzer) wrong() any {
	for {
		if text := f.pick(wrongValues); json.Valid([]byte(text)) {
			return json.RawMessage(text)
		}
	}
}

// instance returns a value that a schema allows, mostly.
func (f *fuzzer) instance(s *jsonschema.Schema, depth int) any {
	for s.Ref != nil {
		s = s.Ref
	}
	switch {
	case len(s.OneOf) > 0:
		return f.instance(s.OneOf[f.IntN(len(s.OneOf))], depth)
	case s.Enum != nil && len(s.Enum.Values) > 0:
		return s.Enum.Values[f.IntN(len(s.Enum.Values))]
	case s.Types == nil:
		return f.wrong()
	}
	kinds := s.Types.ToStrings()
	switch f.pick(kinds) {
	case "object":
		made := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			if slices.Contains(s.Required, name) || depth < 4 && f.often(40) {
				made[name] = f.instance(s.Properties[name], depth+1)
			}
		}
		return made
	case "array":
		made := []any{}
		for range f.IntN(4) {
			if s.Items2020 != nil {
				made = append(made, f.instance(s.Items2020, depth+1))
			}
		}
		return made
	case "integer", "number":
		return f.figure(s)
	case "boolean":
		return f.often(50)
	case "null":
		return nil
	}
	return f.word(s)
}

// figure returns a number at or near the limits of a schema.
func (f *fuzzer) figure(s *jsonschema.Schema) any {
	limits := []string{"0", "1", "2", "12", "100", "1000.50", "0.01", "0.001", "0.25", "99999999.99", "9999999999999.99", "9007199254740993", "-0.01", "1e3"}
	if s.Minimum != nil {
		limits = append(limits, s.Minimum.RatString())
	}
	if s.Maximum != nil {
		limits = append(limits, s.Maximum.RatString())
	}
	text := f.pick(limits)
	if strings.Contains(text, "/") { // a fraction
		text = "1"
	}
	return json.RawMessage(text)
}

// word returns a text of the schema's format.
func (f *fuzzer) word(s *jsonschema.Schema) string {
	format := ""
	if s.Format != nil {
		format = s.Format.Name
	}
	switch format {
	case "uuid":
		return f.pick(f.ids[f.pick(slices.Sorted(maps.Keys(f.ids)))])
	case "date":
		return f.pick([]string{"2026-08-24", "2026-08-25", "2026-08-01", "2026-02-28", "2027-12-31", "1980-05-05", "2000-02-29", "0001-01-01", "9999-12-31"})
	case "date-time":
		return f.pick([]string{"2026-08-24T09:00:00Z", "2026-08-24T09:00:00-06:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"})
	case "email":
		return fmt.Sprintf("f%d@example.com", f.IntN(1000))
	}
	if f.often(30) {
		return f.pick(f.ids[f.pick(slices.Sorted(maps.Keys(f.ids)))])
	}
	return f.pick([]string{"a", "001", "cash", "transfer", "x y", "Ñandú Pérez", "1000.50", "0.25", "2026-08-24", "GODE561231HDFRRN09", "seed", "9", strings.Repeat("ñ", 300), "<b>&amp;", "=1+1", "a\tb\nc"})
}

// judge checks an answer.
func (f *fuzzer) judge(a attack, r reply) {
	f.statuses[r.status]++
	if r.status == http.StatusUnauthorized && a.role != "" { // the fuzzer has disabled its own user
		f.newUser(a.role)
	}
	described, documented := a.o.Responses[strconv.Itoa(r.status)]
	media, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	switch {
	case r.status == http.StatusServiceUnavailable && strings.Contains(r.body, "too_many"): // the machine is overloaded
		return
	case r.status >= 500:
		f.report(a, r, "a status below 500")
		return
	case !documented:
		f.report(a, r, "a documented status")
		return
	case len(described.Content) == 0:
		if r.body != "" {
			f.report(a, r, "no body")
		}
		return
	case err != nil:
		f.report(a, r, "a content type")
		return
	}
	matches := false
	for kind := range described.Content {
		name, _, _ := mime.ParseMediaType(kind)
		if name != media {
			continue
		}
		matches = true
		if media == "application/json" {
			f.matchBody(a, r, fmt.Sprintf("%s/responses/%d/content/application~1json/schema", a.o.pointer, r.status))
		}
	}
	if !matches {
		f.report(a, r, "a documented content type")
	}
	if r.status < 300 {
		f.reached[a.o.ID] = true
		if !a.allowed {
			f.report(a, r, "a refusal of a body that the document does not allow")
		}
	}
}

// matchBody compares an answer with its schema and remembers its ids.
func (f *fuzzer) matchBody(a attack, r reply, pointer string) {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(r.body))
	if err == nil {
		err = f.schemaOf(pointer).Validate(value)
	}
	if err != nil {
		f.report(a, r, "a body that matches its schema: "+err.Error())
		return
	}
	if r.status >= 300 || strings.HasSuffix(a.o.path, "}") {
		return
	}
	folder := strings.TrimSuffix(a.o.path, "/")
	name := cmp.Or(f.parameter(folder), f.parameter(path.Dir(folder))) // that the ids of the answer are for
	elements, isList := value.([]any)
	if !isList {
		elements = []any{value}
	}
	for _, element := range elements {
		members, _ := element.(map[string]any)
		if id, isText := members["id"].(string); isText && name != "" {
			f.known(name, id)
		}
	}
}

// parameter returns the name of the parameter after a path, or "".
func (f *fuzzer) parameter(path string) (name string) {
	for _, o := range f.operations {
		if rest, found := strings.CutPrefix(o.path, path+"/{"); found {
			name, _, _ = strings.Cut(rest, "}")
			return name
		}
	}
	return ""
}

// report fails the test with the request, once for each operation and fault.
func (f *fuzzer) report(a attack, r reply, want string) {
	f.t.Helper()
	kind, _, _ := strings.Cut(fmt.Sprint(a.o.ID, " ", r.status, " ", want), ":")
	if f.reported[kind] {
		return
	}
	f.reported[kind] = true
	f.t.Errorf("request %d as %s: %s %.400q\nbody %.1500q\nheaders %.300q\ngot %d %.600s\nwant %s", f.sent, a.role, a.o.method, a.target, a.body, a.headers[2:], r.status, r.body, want)
}
