package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sofipo/api"
	"sofipo/api/openapi"
	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/dayend"
	"sofipo/bank/takeover"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/mx"
	"sofipo/infra/auth"
	"sofipo/infra/cache"
	"sofipo/infra/db"
	"sofipo/infra/eventlog"
	"sofipo/infra/files"
	"sofipo/infra/outbox"
	"sofipo/test/contract"
	"sofipo/test/ground"
	"sofipo/view"
)

var updateExamples = flag.Bool("update-examples", false, "write api/examples.json")

const examplesFile = "examples.json"

// recorder sends requests to an API with a fixed clock and fixed ids, and records
// examples for the documents.
type recorder struct {
	*door
	database *db.DB
	at       atomic.Pointer[time.Time]
	log      eventlog.Log
	relay    *outbox.Relay
	imports  *takeover.Uploads
	signed   string // token of the user who sends the requests
	second   string // token of the user who approves
	paths    map[string]map[string]exampleOperation
	found    map[string]openapi.Example
}

type exampleOperation struct {
	ID         string `json:"operationId"`
	Tags       []string
	Body       *exampleBody `json:"requestBody"`
	Responses  map[string]struct{ Content map[string]json.RawMessage }
	Parameters []struct {
		Name, In, Description string
		Example               any
	}
}

type exampleBody struct{ Content map[string]json.RawMessage }

// content returns the media types of a request body, none without one.
func (b *exampleBody) content() map[string]json.RawMessage {
	if b == nil {
		return nil
	}
	return b.Content
}

// documented returns the tags and operations of the OpenAPI document.
func documented(t *testing.T) (document struct {
	Tags  []struct{ Name, Description string }
	Paths map[string]map[string]exampleOperation
}) {
	t.Helper()
	if err := json.Unmarshal(api.OpenAPI(), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

// newRecorder opens the API on an empty database at 09:00 of 24 August 2026.
func newRecorder(t *testing.T) *recorder {
	t.Helper()
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{found: map[string]openapi.Example{}, paths: documented(t).Paths}
	r.setClock(time.Date(2026, 8, 24, 9, 0, 0, 0, zone))
	clock := func() time.Time { return *r.at.Load() }
	database := ground.Open(t, ground.Config(t, ground.SQLite))
	r.database = database
	if r.log, err = eventlog.OpenEmbedded(t.Context(), filepath.Join(t.TempDir(), "events.db"), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.log.Close() })
	r.relay = outbox.NewRelay(database, r, time.Hour, slog.New(slog.DiscardHandler))
	keys, err := auth.NewKeys("a secret of the examples, long enough")
	if err != nil {
		t.Fatal(err)
	}
	v := view.Open(database, cache.NewLocal(10_000))
	b := bank.Open(bank.Options{
		DB: database, Rules: bank.Rules{RFC: mx.DefaultTier, FreeAdmin: true}, Clock: clock, Random: rand.NewChaCha8([32]byte{1}), Location: zone, Committed: v.Forget,
	})
	t.Cleanup(b.Close)
	seen := client.Viewing{Username: "laura.mendez", What: client.ViewedFile, At: time.Date(2026, 9, 8, 16, 5, 0, 0, time.UTC), CorrelationID: "5f0c7a1e"}
	seen.ID, seen.ClientID = id.New(seen.At, [10]byte{1}), id.New(seen.At.AddDate(0, 0, -15), [10]byte{2})
	viewings := clients.ViewingColumns.Insert("client_viewings").Rows() // a record of its own would have random ids
	clients.ViewingColumns.Add(viewings, &seen)
	r.door = &door{t: t, Door: &contract.Door{Bank: b, View: v, Keys: keys}}
	r.store(viewings)
	r.imports = takeover.NewUploads(b, zone)
	server := httptest.NewServer(api.New(api.Options{
		Imports: r.imports,
		Bank:    b, Days: dayend.New(b, dayend.Options{}), View: v, Keys: keys, Clock: clock, Location: zone, Events: r.log, Files: files.Folder(t.TempDir()),
		Ready: func(context.Context) map[string]error { return map[string]error{"database": nil, "disk": nil} },
	}))
	t.Cleanup(server.Close)
	r.Target = contract.Target{URL: server.URL}
	for _, name := range []string{"laura.mendez", "jorge.salas"} {
		r.AddUser(t, name, "una contraseña larga", access.Admin)
	}
	r.setClock(clock().Add(time.Minute))
	r.signIn()
	return r
}

// store stores rows that no command stores.
func (r *recorder) store(rows *db.Rows) {
	r.t.Helper()
	batch, session := &db.Batch{}, r.database.Session()
	batch.Save(rows)
	err := session.Begin(r.t.Context(), &db.Batch{})
	if err == nil {
		_, err = session.Commit(r.t.Context(), batch)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// signIn issues tokens that are valid at the time of the clock.
func (r *recorder) signIn() {
	r.t.Helper()
	for name, token := range map[string]*string{"laura.mendez": &r.signed, "jorge.salas": &r.second} {
		signed, err := r.Keys.Issue(name, time.Hour, *r.at.Load())
		if err != nil {
			r.t.Fatal(err)
		}
		*token = signed
	}
}

// Publish stores relayed events in the event log.
func (r *recorder) Publish(ctx context.Context, events []event.Encoded) error {
	rejected, err := r.log.Put(ctx, events)
	if err == nil && len(rejected) > 0 {
		err = fmt.Errorf("event %s rejected: %s", rejected[0].EventID, rejected[0].Reason)
	}
	return err
}

// secretOfKey finds the secret of an API key or a webhook, which is random.
var secretOfKey = regexp.MustCompile(`(sofipo_[0-9a-f-]{36}_|whsec_)[\w+/=-]{43,44}`)

func (r *recorder) setClock(at time.Time) { r.at.Store(&at) }

// request sends a request 20 seconds after the last one and returns the response.
func (r *recorder) request(status int, token, request, body string) reply {
	r.t.Helper()
	r.setClock(r.at.Load().Add(20 * time.Second))
	method, target, _ := strings.Cut(request, " ")
	kind := "application/json"
	switch {
	case strings.HasSuffix(target, "/token"):
		kind = "application/x-www-form-urlencoded"
	case strings.HasPrefix(body, "%PDF"):
		kind = "application/pdf"
	case strings.HasPrefix(body, "full_name,"):
		kind = "text/csv"
	case strings.HasSuffix(target, "/logo"):
		kind = "image/png"
	}
	answer := r.send(method, target, body, "Authorization", "Bearer "+token, "Content-Type", kind, "X-Request-ID", "5f0c7a1e")
	if answer.status != status {
		r.t.Fatalf("%s %s: got %d %s, want %d", request, body, answer.status, answer.body, status)
	}
	return answer
}

// do sends a request that is not recorded and returns a member of the response.
func (r *recorder) do(status int, token, request, body, member string) string {
	r.t.Helper()
	value, _ := r.want(status, r.request(status, token, request, body))[member].(string)
	return value
}

// show sends a request, records it as the example of its operation, and returns a
// member of the response.
func (r *recorder) show(status int, token, request, body, member string) string {
	r.t.Helper()
	answer := r.request(status, token, request, body)
	id := r.operationOf(request)
	if _, again := r.found[id]; again {
		r.t.Fatalf("%s: got a second example of operation %s, want one", request, id)
	}
	example := openapi.Example{Request: request, Status: status, File: answer.header.Get("Content-Disposition")}
	if body != "" && !strings.HasPrefix(body, "%PDF") {
		example.Body = json.RawMessage(body)
		switch {
		case strings.Contains(body, "token") || strings.Contains(body, `"otp"`):
			example.Body = shortened(r.t, body)
		case strings.HasPrefix(body, "\x89PNG"):
			example.Body = json.RawMessage(`"logo.png"`)
		case strings.HasPrefix(body, "full_name,"):
			example.Body = json.RawMessage(`"list.csv"`)
		case !json.Valid(example.Body):
			example.Body = formAsJSON(r.t, body)
		}
	}
	switch kind := answer.header.Get("Content-Type"); {
	case strings.HasPrefix(kind, "application/json"):
		example.Response = shortened(r.t, secretOfKey.ReplaceAllString(answer.body, "${1}secret"))
	case strings.HasPrefix(kind, "text/"):
		example.Response = quotedText(r.t, kind, answer.body)
	}
	r.found[id] = example
	if member == "" {
		return ""
	}
	value, _ := r.want(status, answer)[member].(string)
	return value
}

// operationOf returns the id of the operation that answers a request.
func (r *recorder) operationOf(request string) (id string) {
	r.t.Helper()
	method, target, _ := strings.Cut(request, " ")
	target, _, _ = strings.Cut(target, "?")
	fewest := 1 << 10
	for path, methods := range r.paths {
		parts, given := strings.Split(path, "/"), strings.Split(target, "/")
		variable := 0
		matches := len(parts) == len(given) && slices.EqualFunc(parts, given, func(part, value string) bool {
			if strings.HasPrefix(part, "{") {
				variable++
				return value != ""
			}
			return part == value
		})
		if o, found := methods[strings.ToLower(method)]; matches && found && variable < fewest {
			id, fewest = o.ID, variable
		}
	}
	if id == "" {
		r.t.Fatalf("%s: got no such operation, want one of the document", request)
	}
	return id
}

func formAsJSON(t *testing.T, form string) json.RawMessage {
	t.Helper()
	values, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	members := map[string]string{}
	for name := range values {
		members[name] = values.Get(name)
	}
	out, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// shownElements is the number of elements that examples keep of a list of objects.
const shownElements = 2

// shortened returns the JSON with at most shownElements objects in each list, and with
// tokens cut off.
func shortened(t *testing.T, body string) json.RawMessage {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var out bytes.Buffer
	if err := shorten(decoder, &out); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return out.Bytes()
}

// samples stand for values that are random or depend on the real time, by name.
var samples = map[string]string{
	"secret": `"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"`, "uri": `"otpauth://totp/Caja%20Ejemplo:rosa.ruiz?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Caja%20Ejemplo"`,
	"qr_png": `"iVBORw0KGgo="`, "recovery_codes": `["ABCD-EFGH-IJKL-MNOP"]`, "otp": `"287082"`,
}

// shorten copies one JSON value. The order of the members and the digits of numbers
// stay as they are.
func shorten(d *json.Decoder, out *bytes.Buffer) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, composite := token.(json.Delim)
	if !composite {
		text, err := json.Marshal(token)
		out.Write(text)
		return err
	}
	out.WriteString(open.String())
	for n := 0; d.More(); n++ {
		var element bytes.Buffer
		name := json.Token(nil)
		if open == '{' {
			if name, err = d.Token(); err != nil {
				return err
			}
			element.WriteString(strconv.Quote(name.(string)) + ":")
		}
		before := element.Len()
		if err := shorten(d, &element); err != nil {
			return err
		}
		if secret, is := name.(string); is && strings.HasSuffix(secret, "token") && element.Len() > before+30 {
			element.Truncate(before + 30)
			element.WriteString(`…"`)
		} else if sample, random := samples[secret]; is && random {
			element.Truncate(before)
			element.WriteString(sample)
		}
		if open == '[' && n >= shownElements && strings.HasPrefix(element.String(), "{") {
			continue
		}
		if n > 0 {
			out.WriteByte(',')
		}
		out.Write(element.Bytes())
	}
	closing, err := d.Token()
	if err == nil {
		out.WriteString(closing.(json.Delim).String())
	}
	return err
}

// quotedText returns the first lines of a text as a JSON string. Of the metrics, whose
// values vary, it keeps the requests to /healthz.
func quotedText(t *testing.T, kind, body string) json.RawMessage {
	t.Helper()
	var lines []string
	for line := range strings.Lines(body) {
		if strings.HasPrefix(kind, "text/csv") || strings.HasPrefix(line, "# HELP sofipo_http_requests_total") ||
			strings.HasPrefix(line, "# TYPE sofipo_http_requests_total") || strings.Contains(line, `requests_total{method="GET",route="/healthz"`) {
			lines = append(lines, strings.ReplaceAll(line, "\r", ""))
		}
	}
	text, err := json.Marshal(strings.Join(lines[:min(4, len(lines))], ""))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// relayed publishes the events of the outbox.
func (r *recorder) relayed() {
	ctx, cancel := context.WithCancel(r.t.Context())
	cancel()
	r.relay.Run(ctx, time.Minute)
}

// TestExamples replays the requests of the examples in the documents. It fails if a
// response differs from the recorded one. To record them again, run
//
//	go test ./api -run TestExamples -update-examples
func TestExamples(t *testing.T) {
	r := newRecorder(t)
	r.recordAll()
	got, err := json.MarshalIndent(r.found, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *updateExamples {
		if err := os.WriteFile(examplesFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	recorded, err := os.ReadFile(examplesFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(recorded, got) {
		var want map[string]openapi.Example
		if err := json.Unmarshal(recorded, &want); err != nil {
			t.Fatal(err)
		}
		for id, example := range r.found {
			if a, b := compacted(t, example), compacted(t, want[id]); a != b {
				t.Errorf("%s: got\n%s\nwant\n%s", id, a, b)
			}
		}
		t.Errorf("got another %s, want the recorded examples; run go test ./api -run TestExamples -update-examples", examplesFile)
	}
}

func compacted(t *testing.T, example openapi.Example) string {
	t.Helper()
	text, err := json.Marshal(example)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEveryOperationHasAnExample: every operation and tag has a description, and every
// operation has an example of its request and of its successful response.
func TestEveryOperationHasAnExample(t *testing.T) {
	document := documented(t)
	var examples map[string]openapi.Example
	text, err := os.ReadFile(examplesFile)
	if err == nil {
		err = json.Unmarshal(text, &examples)
	}
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string]bool{}
	for _, tag := range document.Tags {
		tags[tag.Name] = tag.Description != ""
	}
	for path, methods := range document.Paths {
		for method, o := range methods {
			at := method + " " + path
			e, found := examples[o.ID]
			if !found {
				t.Errorf("%s: got no example, want one", at)
				continue
			}
			delete(examples, o.ID)
			if !tags[o.Tags[0]] {
				t.Errorf("%s: got the tag %q without a description, want one", at, o.Tags[0])
			}
			_, raw := o.Body.content()["application/pdf"] // not recorded
			if (o.Body != nil && !raw) != (len(e.Body) > 0) {
				t.Errorf("%s: got the request body %s, want one: %t", at, e.Body, o.Body != nil && !raw)
			}
			success, found := o.Responses[strconv.Itoa(e.Status)]
			if !found || e.Status >= 300 {
				t.Errorf("%s: got the status %d, want a documented success status", at, e.Status)
			}
			if (len(success.Content) > 0) != (len(e.Response) > 0 || e.File != "") {
				t.Errorf("%s: got the response %s, want one: %t", at, e.Response, len(success.Content) > 0)
			}
			for _, p := range o.Parameters {
				if p.Description == "" || p.In == "path" && p.Example == nil {
					t.Errorf("%s: the parameter %s has the description %q and the example %v, want both", at, p.Name, p.Description, p.Example)
				}
			}
		}
	}
	for id := range examples {
		t.Errorf("the example %s has no operation", id)
	}
}

// TestExamplesMatchTheirSchemas validates every example of the OpenAPI document.
func TestExamplesMatchTheirSchemas(t *testing.T) {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(api.OpenAPI()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("openapi.json", value); err != nil {
		t.Fatal(err)
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	checked := 0
	var walk func(pointer string, at any)
	walk = func(pointer string, at any) {
		switch at := at.(type) {
		case []any:
			for i, element := range at {
				walk(fmt.Sprintf("%s/%d", pointer, i), element)
			}
		case map[string]any:
			example, found := at["example"]
			if _, described := at["schema"].(map[string]any); found && described {
				schema, err := compiler.Compile("openapi.json#" + (&url.URL{Path: pointer + "/schema"}).EscapedPath())
				if err != nil {
					t.Fatal(err)
				}
				if err := schema.Validate(example); err != nil {
					t.Errorf("%s: %v", pointer, err)
				}
				checked++
			}
			for name, member := range at {
				if name != "example" {
					walk(pointer+"/"+escape.Replace(name), member)
				}
			}
		}
	}
	walk("/paths", value.(map[string]any)["paths"])
	if checked < len(value.(map[string]any)["paths"].(map[string]any)) {
		t.Errorf("got %d examples, want at least one for each path", checked)
	}
}

// TestShorten: lists of objects are cut, other values stay as they are.
func TestShorten(t *testing.T) {
	for body, want := range map[string]string{
		`{"b":[{"x":1.00},{"x":2},{"x":3}],"a":[1,2,3],"c":null}`: `{"b":[{"x":1.00},{"x":2}],"a":[1,2,3],"c":null}`,
		`[[],{},"<ñ>",true]`: `[[],{},"\u003cñ\u003e",true]`,
	} {
		if got := string(shortened(t, body)); got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
}
