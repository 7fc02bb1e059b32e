package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/test/program"
)

// own are secrets that production accepts.
var own = []string{"SOFIPO_PROFILE=production", "API_SECRET_KEY=" + strings.Repeat("kept secret ", 4)}

// TestWrongSettings starts the server with each wrong setting: one line that
// names it, nothing of a password, and exit code 2.
func TestWrongSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string // in the line
		env  []string
	}{
		{"DATABASE_URL", []string{"DATABASE_URL=mysql://u:hidden@h/x"}},
		{"DATABASE_URL", []string{"DATABASE_URL=postgres://u:hidden@h:99999/x"}},
		{"DATABASE_REPLICA_URL", []string{"DATABASE_REPLICA_URL=hidden"}},
		{"REDIS_URL", []string{"REDIS_URL=http://hidden"}},
		{"AMQP_URL", []string{"AMQP_URL=amqp:hidden"}},
		{"COUCHDB_URL", []string{"COUCHDB_URL=couch://u:hidden@h"}},
		{"SOFIPO_ADDR", []string{"SOFIPO_ADDR=8000"}},
		{"SOFIPO_TIME_ZONE", []string{"SOFIPO_TIME_ZONE=Mexico"}},
		{"SOFIPO_KEEP_DAYS", []string{"SOFIPO_KEEP_DAYS=0"}},
		{"API_ACCESS_TOKEN_EXPIRE_MINUTES", []string{"API_ACCESS_TOKEN_EXPIRE_MINUTES=0"}},
		{"API_ACCESS_TOKEN_EXPIRE_MINUTES", []string{"API_ACCESS_TOKEN_EXPIRE_MINUTES=1441"}},
		{"API_ACCESS_TOKEN_EXPIRE_MINUTES", []string{"API_ACCESS_TOKEN_EXPIRE_MINUTES=soon"}},
		{"SOFIPO_BUSINESS_DATE", []string{"SOFIPO_BUSINESS_DATE=tomorrow"}},
		{"SOFIPO_BUSINESS_DATE", append(own[:2:2], "SOFIPO_BUSINESS_DATE=2026-01-15")},
		{"profile", []string{"SOFIPO_PROFILE=test"}},
		{"public-reads", []string{"SOFIPO_PUBLIC_READS=some"}},
		{"log-level", []string{"SOFIPO_LOG_LEVEL=loud"}},
		{"algorithm", []string{"API_ALGORITHM=none"}},
		{"POSTGRES_USER", []string{"POSTGRES_DB=sofipo_db"}},
		{"API_SECRET_KEY", []string{"SOFIPO_PROFILE=production"}},
		{"API_SECRET_KEY", []string{"SOFIPO_PROFILE=production", "API_SECRET_KEY=hidden"}},
	} {
		t.Run(strings.Join(c.env, " "), func(t *testing.T) {
			refused(t, program.Run(t, append([]string{"SOFIPO_START_WAIT=1s"}, c.env...), "", "serve"), 2, c.name)
		})
	}
}

// refused wants one line on standard error that has the text.
func refused(t *testing.T, r program.Result, code int, text string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(r.Stderr), "\n")
	if r.Code != code || len(lines) != 1 || !strings.Contains(lines[0], text) || strings.Contains(r.Stderr, "hidden") {
		t.Errorf("got %s, want exit code %d and one line with %q", r, code, text)
	}
}

// TestProductionRefusesPublishedSecrets tries each secret of the committed .env.
func TestProductionRefusesPublishedSecrets(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(program.Root(), ".env"))
	must(t, err)
	found := 0
	for _, line := range strings.Split(string(text), "\n") {
		name, value, is := strings.Cut(line, "=")
		if !is || !strings.Contains(name, "PASS") && !strings.Contains(name, "SECRET") {
			continue
		}
		found++
		t.Run(name, func(t *testing.T) {
			refused(t, program.Run(t, append(own[:2:2], name+"="+value), "", "serve"), 2, name)
		})
	}
	if found != 5 {
		t.Errorf("got %d secrets in .env, want the 5 known ones", found)
	}
	for name, url := range map[string]string{
		"DATABASE_URL": "postgres://sofipo_user:123@h/x", "AMQP_URL": "amqp://guest:guest@h/", "COUCHDB_URL": "http://admin:password@h",
	} {
		refused(t, program.Run(t, append(own[:2:2], name+"="+url), "", "serve"), 2, name)
	}
	refused(t, program.Run(t, append(own[:2:2], "API_SECRET_KEY_OLD="+envValue(string(text), "API_SECRET_KEY")), "", "serve"), 2, "API_SECRET_KEY_OLD")
}

func envValue(text, name string) string {
	return regexp.MustCompile(`(?m)^` + name + `=(.*)$`).FindStringSubmatch(text)[1]
}

// TestDatabaseAway: a bounded wait, one line at its end, exit code 1.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	program.Run(t, nil, "", "version") // it is built now
	for _, command := range []string{"serve", "migrate", "doctor"} {
		began := time.Now()
		r := program.Run(t, []string{"DATABASE_URL=postgres://u:hidden@127.0.0.1:1/x", "API_SECRET_KEY=x", "SOFIPO_START_WAIT=1s"}, "", command)
		if took := time.Since(began); r.Code != 1 || took > 30*time.Second || strings.Contains(r.Stderr, "hidden") {
			t.Errorf("%s after %s: got %s, want exit code 1 within 30 s, without the password", command, took, r)
		}
		var plain []string
		for line := range strings.Lines(r.Stderr) {
			if !strings.HasPrefix(line, "{") { // the log's lines are JSON
				plain = append(plain, line)
			}
		}
		if len(plain) != 1 || !strings.Contains(plain[0], "database did not respond within 1s") || !strings.Contains(r.Stderr, `"msg":"waiting for database"`) {
			t.Errorf("%s: got the lines %q in\n%s\nwant one line that the database did not respond within 1s, and a log line about waiting for it", command, plain, r.Stderr)
		}
	}
}

// walkthroughBlock is a block of commands in docs/walkthrough.md with the outputs shown
// after it, but for the components of a payment, which depend on the loan.
type walkthroughBlock struct {
	commands string
	outputs  []string // member names of JSON, header lines of CSV
}

var (
	fenced     = regexp.MustCompile("(?s)```(bash|json|csv|text)\n(.*?)```")
	memberName = regexp.MustCompile(`"\w+":`)
	component  = regexp.MustCompile(`"(principal|(iva_)?(interest|penalty_interest|fee)|insurance)":`)
)

// walkthrough reads the blocks of the page.
func walkthrough(t *testing.T) (blocks []walkthroughBlock) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(program.Root(), "docs", "walkthrough.md"))
	must(t, err)
	for _, m := range fenced.FindAllStringSubmatch(string(page), -1) {
		if m[1] == "bash" {
			blocks = append(blocks, walkthroughBlock{commands: m[2]})
			continue
		}
		last := &blocks[len(blocks)-1]
		switch m[1] {
		case "json":
			last.outputs = append(last.outputs, memberName.FindAllString(component.ReplaceAllString(m[2], ""), -1)...)
		case "csv":
			header, _, _ := strings.Cut(m[2], "\n")
			last.outputs = append(last.outputs, header)
		}
	}
	return blocks
}

// TestWalkthrough runs the commands of docs/walkthrough.md twice on the same demo, with
// only the port changed. Each answer has the members and columns that the page shows.
func TestWalkthrough(t *testing.T) {
	t.Parallel()
	blocks := walkthrough(t)
	const start, doctor, events = "go run ./cmd/sofipo demo\n", "go run ./cmd/sofipo doctor\n", "$API/events?"
	if n := len(blocks); n != 12 || blocks[0].commands != start || blocks[n-1].commands != doctor {
		t.Fatalf("got %d blocks, want 12: the demo first, the doctor last\n%q", n, blocks)
	}
	data := []string{"SOFIPO_DATA=" + t.TempDir(), inNoon}
	demo := program.Start(t, data, "demo")
	demo.AwaitReady(t)
	folder := t.TempDir()
	script := "set -eu\ncd " + folder + "\n"
	for i, block := range blocks[1 : len(blocks)-1] {
		if strings.Contains(block.commands, events) { // by the time a person asks they are there
			script += `until curl -s "$API/events?subject=$LOAN_ID" -H "$AUTH" | grep -q "$PAYMENT_ID"; do sleep 0.1; done` + "\n"
		}
		script += fmt.Sprintf("echo; echo '## %d'\n%s", i+1, block.commands)
	}
	script = strings.ReplaceAll(script, "http://127.0.0.1:8000", demo.URL)
	var loans []string
	for range 2 {
		loans = append(loans, checkWalkthrough(t, blocks, shell(t, script)))
		for _, name := range []string{"receipt.pdf", "statement.pdf"} {
			path := filepath.Join(folder, name)
			if file, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(file), "%PDF-") {
				t.Errorf("%s: got %v %.40s, want a PDF file", name, err, file)
			}
			must(t, os.Remove(path))
		}
	}
	if loans[0] == loans[1] {
		t.Errorf("got loan %s paid by both runs, want one loan a run", loans[0])
	}
	if r := program.Run(t, data, "", "doctor"); r.Code != 0 || !strings.Contains(r.Stdout, "\nok    journal entries balance") {
		t.Errorf("doctor: got %v, want exit code 0 and balanced journal entries first", r)
	}
	if !strings.Contains(demo.Log(), "sofipo is serving at "+demo.URL) {
		t.Errorf("got the log of the demo\n%s\nwant its address in it", demo.Log())
	}
	if code := demo.Terminate(t); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
}

// checkWalkthrough compares what one run printed with the page, and gives the loan that
// it paid.
func checkWalkthrough(t *testing.T, blocks []walkthroughBlock, printed string) string {
	t.Helper()
	parts := regexp.MustCompile(`(?m)^## \d+$`).Split(printed, -1)
	for i, block := range blocks[:len(blocks)-1] {
		for _, want := range block.outputs {
			if !strings.Contains(parts[i], want) {
				t.Errorf("block %d: got\n%s\nwant %s in it", i, parts[i], want)
			}
		}
	}
	for _, want := range []string{
		`"full_name":"José Ángel Núñez Peña","email":"jose.nunez@example.com","rfc":"PEPJ800101HNE"`,
		`\n1,20\d\d-\d\d-\d\d,1799.33,625.00,100.00,`,
		`"status":"APPLIED","split":\{"totals":\{[^}]*"interest":\d`,
		`(?i)\nIdempotent-Replayed: true\r?\n\{"date":"[\d-]+","lines":\[\],"due":\{\}`,
		`"kind":"payment_received"`, `"event_type":"payment_registered"`,
	} {
		if !regexp.MustCompile(want).MatchString(printed) {
			t.Errorf("got\n%s\nwant a match of %s", printed, want)
		}
	}
	late := regexp.MustCompile(`\nP-[0-9-]+,.*,[1-9]\d*(?:,\d+\.\d\d){8},([0-9a-f-]{36})\n`).FindStringSubmatch(printed)
	if late == nil {
		t.Error("got no late loan in the output, want one")
	}
	if t.Failed() {
		t.Log(printed)
		t.FailNow()
	}
	return late[1]
}

// TestUsers takes a user through life by the command line, on a running server.
func TestUsers(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	server := w.serve(t)
	as := func(input, wanted string, code int, args ...string) {
		t.Helper()
		r := program.Run(t, w.env, input, append([]string{"user"}, args...)...)
		if r.Code != code || !strings.Contains(r.Stderr, wanted) || strings.Contains(r.Stdout+r.Stderr, strings.TrimSpace(input)) {
			t.Errorf("sofipo user %v: got %s, want exit code %d and %q, without the password", args, r, code, wanted)
		}
	}
	as("tiny\n", "password", 2, "add", "ana", "--role", "teller")
	as("Contraseña de caja 1\n", "role", 1, "add", "ana", "--role", "boss")
	as("Contraseña de caja 1\n", "", 0, "add", "ana", "--role", "teller")
	as("Contraseña de caja 1\n", "", 1, "add", "ana", "--role", "teller")
	as("Contraseña de caja 1\n", "username", 1, "add", "Ana Ñ", "--role", "teller")
	as("Contraseña de caja 1\n", "User not found", 1, "passwd", "nobody")
	as("unused\n", "User not found", 1, "disable", "nobody")

	c := program.NewClient(server.URL)
	must(t, c.Login(t.Context(), "ana", "Contraseña de caja 1"))
	as("Contraseña de caja 2\n", "", 0, "passwd", "ana")
	if c.Login(t.Context(), "ana", "Contraseña de caja 1") == nil {
		t.Error("got the old password accepted, want a refusal")
	}
	must(t, c.Login(t.Context(), "ana", "Contraseña de caja 2"))
	as("unused\n", "", 0, "disable", "ana")
	if c.Login(t.Context(), "ana", "Contraseña de caja 2") == nil {
		t.Error("got a login of a disabled user, want a refusal")
	}
	await(t, 60*time.Second, "end of the disabled user's token", func() (bool, string) {
		answer, err := c.Send(t.Context(), "POST", "/api/v1/clients/", map[string]any{})
		return err == nil && answer.Status == 401, fmt.Sprint(answer.Status, err)
	})
	as("Contraseña de caja 3\n", "", 0, "passwd", "ana")
	must(t, c.Login(t.Context(), "ana", "Contraseña de caja 3")) // a new password lets in again
	if code := server.Terminate(t); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	w.serve(t) // relays what the command line wrote
	w.settle(t)
}

// TestKeyRotation does the steps of docs/runbooks.md: a token that the old key signed is valid
// while the old key is set, and not after it was removed.
func TestKeyRotation(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	var c *program.Client
	for _, step := range []struct {
		keys   []string
		status int // for the token of the first step
	}{
		{[]string{"API_SECRET_KEY=the first key of this test, and no other"}, 200},
		{[]string{"API_SECRET_KEY=the second key of this test, and no other", "API_SECRET_KEY_OLD=the first key of this test, and no other"}, 200},
		{[]string{"API_SECRET_KEY=the second key of this test, and no other"}, 401},
	} {
		server := program.Serve(t, append(slices.Clone(w.env), step.keys...)...)
		if c == nil {
			c = login(t, server)
		}
		c.Point(server.URL)
		if answer, err := c.Send(t.Context(), "GET", "/api/v1/me/sessions", nil); err != nil || answer.Status != step.status {
			t.Errorf("%q: got %d %s, %v, want %d", step.keys, answer.Status, answer.Body, err, step.status)
		}
		login(t, server) // with the new key
		if code := server.Terminate(t); code != 0 {
			t.Errorf("got exit code %d, want 0", code)
		}
	}
}

// TestSmallCommands runs those that need no server, or only ask one.
func TestSmallCommands(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	for _, c := range []struct {
		args         []string
		code         int
		said, failed string
	}{
		{[]string{"version"}, 0, "sofipo ", ""},
		{[]string{}, 0, "Usage: sofipo", ""},
		{[]string{"serve", "--help"}, 0, "sofipo settings", ""},
		{[]string{"settings"}, 0, "API_ACCESS_TOKEN_EXPIRE_MINUTES", ""},
		{[]string{"docs", "openapi"}, 0, `"openapi":"3.1`, ""},
		{[]string{"docs", "asyncapi"}, 0, `"asyncapi":"3.`, ""},
		{[]string{"docs", "poem"}, 2, "", "openapi"},
		{[]string{"migrate"}, 0, "the schema is up to date", ""},
		{[]string{"migrate"}, 0, "the schema is up to date", ""},
		{[]string{"doctor", "--verify"}, 0, "intact up to sequence 0", ""},
		{[]string{"dead-letters"}, 2, "", "AMQP_URL"},
		{[]string{"consume"}, 2, "", "AMQP_URL"},
		{[]string{"health", "--addr", "127.0.0.1:1"}, 1, "", "refused"},
		{[]string{"serve", "--no-such"}, 2, "", "--no-such"},
		{[]string{"rob"}, 2, "", "rob"},
	} {
		r := program.Run(t, w.env, "", c.args...)
		if r.Code != c.code || !strings.Contains(r.Stdout, c.said) || !strings.Contains(r.Stderr, c.failed) {
			t.Errorf("sofipo %v: got %s, want exit code %d, the output %q and the error %q", c.args, r, c.code, c.said, c.failed)
		}
	}
	server := w.serve(t)
	if r := program.Run(t, append(w.env, "SOFIPO_ADDR="+strings.TrimPrefix(server.URL, "http://")), "", "health"); r.Code != 0 {
		t.Errorf("health of a running server: got %v, want exit code 0", r)
	}
	taken := program.Start(t, append(w.env, "SOFIPO_DATA="+t.TempDir(), "SOFIPO_ADDR="+strings.TrimPrefix(server.URL, "http://")), "serve")
	if code := taken.Wait(t, time.Minute); code != 1 || !strings.Contains(taken.Log(), "SOFIPO_ADDR") {
		t.Errorf("an address in use: got exit code %d and %s, want 1 and SOFIPO_ADDR", code, taken.Log())
	}
}
