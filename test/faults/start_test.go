package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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
		t.Errorf("wanted exit code %d and one line with %q: %s", code, text, r)
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
		t.Errorf("%d secrets in .env, 5 are known", found)
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
			t.Errorf("%s after %s: %s", command, took, r)
		}
		var plain []string
		for line := range strings.Lines(r.Stderr) {
			if !strings.HasPrefix(line, "{") { // the log's lines are JSON
				plain = append(plain, line)
			}
		}
		if len(plain) != 1 || !strings.Contains(plain[0], "database did not respond within 1s") || !strings.Contains(r.Stderr, `"msg":"waiting for database"`) {
			t.Errorf("%s says: %q", command, plain)
		}
	}
}

// TestReadmeWalkThrough runs the README's commands as they stand, but for the port.
func TestReadmeWalkThrough(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(program.Root(), "README.md"))
	must(t, err)
	_, after, found := strings.Cut(string(text), "\n## A walk through\n")
	section, _, _ := strings.Cut(after, "\n## ")
	blocks := regexp.MustCompile("(?s)```bash\n(.*?)```").FindAllStringSubmatch(section, -1)
	if !found || len(blocks) != 6 {
		t.Fatalf("%d blocks of commands in the README's walk through", len(blocks))
	}
	demo := program.Start(t, []string{"SOFIPO_DATA=" + t.TempDir(), inNoon}, "demo")
	demo.AwaitReady(t)
	folder := t.TempDir()
	script := "set -eu\ncd " + folder + "\n"
	for i, block := range blocks {
		if i == len(blocks)-1 { // which lists the events: they are there when a person asks
			script += `until curl -s -H "Authorization: Bearer $TOKEN" "http://localhost:8000/api/v1/events?subject=$LOAN_ID" | grep -q payment_registered; do sleep 0.1; done` + "\n"
		}
		script += fmt.Sprintf("echo; echo '## %d'\n%s\n", i+1, block[1])
	}
	script += `echo; echo "## $TOKEN $CLIENT_ID $LOAN_ID"` + "\n"
	said := shell(t, strings.ReplaceAll(script, "http://localhost:8000", demo.URL))
	for _, wanted := range []string{
		`(?s)## 3\n\{"full_name":"José Ángel Núñez Peña","email":"jose.nunez@example.com","rfc":"PEPJ800101HNE"`,
		`(?s)## 5\n\{"amount":2500.00,"id":"[0-9a-f-]{36}","payment_date":"`,
		`(?s)## 6\n\{"client_id":"[0-9a-f-]{36}","full_name":"José Ángel Núñez Peña".*"current_balance":47500.00.*"payment_history":\[\{"amount":2500.00`,
		`"event_type":"loan_created"`, `"event_type":"payment_registered"`,
		`## [\w-]+\.[\w-]+\.[\w-]+ [0-9a-f-]{36} [0-9a-f-]{36}\n$`,
	} {
		if !regexp.MustCompile(wanted).MatchString(said) {
			t.Errorf("no match of %s", wanted)
		}
	}
	if t.Failed() {
		t.Log(said)
	}
	for _, name := range []string{"loan.pdf", "client.pdf"} {
		if paper, err := os.ReadFile(filepath.Join(folder, name)); err != nil || !strings.HasPrefix(string(paper), "%PDF-") {
			t.Errorf("%s is no PDF: %v %.40s", name, err, paper)
		}
	}
	if !strings.Contains(demo.Log(), "sofipo is serving at "+demo.URL) {
		t.Error("the demo does not say where to begin")
	}
	if code := demo.Terminate(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
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
			t.Errorf("sofipo user %v: wanted exit code %d and %q: %s", args, code, wanted, r)
		}
	}
	as("tiny\n", "password", 2, "add", "ana", "--role", "teller")
	as("Contraseña de caja 1\n", "role", 2, "add", "ana", "--role", "boss")
	as("Contraseña de caja 1\n", "", 0, "add", "ana", "--role", "teller")
	as("Contraseña de caja 1\n", "", 1, "add", "ana", "--role", "teller")
	as("Contraseña de caja 1\n", "username", 1, "add", "Ana Ñ", "--role", "teller")
	as("Contraseña de caja 1\n", "User not found", 1, "passwd", "nobody")
	as("unused\n", "User not found", 1, "disable", "nobody")

	c := program.NewClient(server.URL)
	must(t, c.Login(t.Context(), "ana", "Contraseña de caja 1"))
	as("Contraseña de caja 2\n", "", 0, "passwd", "ana")
	if c.Login(t.Context(), "ana", "Contraseña de caja 1") == nil {
		t.Error("the old password is still accepted")
	}
	must(t, c.Login(t.Context(), "ana", "Contraseña de caja 2"))
	as("unused\n", "", 0, "disable", "ana")
	if c.Login(t.Context(), "ana", "Contraseña de caja 2") == nil {
		t.Error("a disabled user may log in")
	}
	await(t, 60*time.Second, "end of the disabled user's token", func() (bool, string) {
		answer, err := c.Send(t.Context(), "POST", "/api/v1/clients/", map[string]any{})
		return err == nil && answer.Status == 401, fmt.Sprint(answer.Status, err)
	})
	as("Contraseña de caja 3\n", "", 0, "passwd", "ana")
	must(t, c.Login(t.Context(), "ana", "Contraseña de caja 3")) // a new password lets in again
	if code := server.Terminate(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	w.serve(t) // relays what the command line wrote
	w.settle(t)
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
		{[]string{"serve", "--help"}, 0, "API_ACCESS_TOKEN_EXPIRE_MINUTES", ""},
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
			t.Errorf("sofipo %v: wanted exit code %d, %q, %q: %s", c.args, c.code, c.said, c.failed, r)
		}
	}
	server := w.serve(t)
	if r := program.Run(t, append(w.env, "SOFIPO_ADDR="+strings.TrimPrefix(server.URL, "http://")), "", "health"); r.Code != 0 {
		t.Error("health of a running server:", r)
	}
	taken := program.Start(t, append(w.env, "SOFIPO_DATA="+t.TempDir(), "SOFIPO_ADDR="+strings.TrimPrefix(server.URL, "http://")), "serve")
	if code := taken.Wait(t, time.Minute); code != 1 || !strings.Contains(taken.Log(), "SOFIPO_ADDR") {
		t.Errorf("an address in use: exit code %d: %s", code, taken.Log())
	}
}
