package day

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/test/ground"
	"sofipo/test/program"
	"sofipo/test/stack"
)

const password = "una frase larga y propia"

// office is an installation with the staff of an institution.
type office struct {
	*testing.T
	env    []string
	events bool // events reach the log through sofipo consume
	server *program.Process
	today  civil.Date
	last   string // position of the last write, which reads must include

	// What people note down for each other.
	vault, till, account             string
	emma, hector, rosa               string // clients
	emmasLoan, hectorsLoan, rosaLoan string
}

// person is a user who is logged in.
type person struct {
	*office
	name   string
	client *program.Client
}

// TestWorkingDays: an institution is set up and works for two days, on both databases.
func TestWorkingDays(t *testing.T) {
	for _, name := range []string{ground.SQLite, ground.Postgres} {
		t.Run(name, func(t *testing.T) {
			o := &office{T: t, env: installation(t, name), events: name == ground.Postgres}
			o.founding()
			o.open("2026-03-02")
			o.administrationSetsUp()
			o.officerServesClients()
			o.managerDecides()
			o.tellerPaysOut()
			o.accountantEndsTheDay()
			o.open("2026-04-14")
			o.accountantClosesDaysBehind()
			o.collectorVisits()
			o.tellerReceives()
			o.accountantTakesBankFile()
			o.complianceWatches()
			o.auditorAsks()
			o.othersLook()
			o.everythingTies()
		})
	}
}

// installation returns the settings of an empty installation.
func installation(t *testing.T, database string) []string {
	t.Helper()
	folder := t.TempDir()
	env := []string{"SOFIPO_PROFILE=development", "API_SECRET_KEY=a key of the working day and of nothing else", "SOFIPO_DATA=" + folder, "SOFIPO_TIME_ZONE=" + ground.Noon.String()}
	if database == ground.SQLite {
		return env
	}
	cfg := ground.Config(t, database)
	s, err := stack.Start(t.Context(), stack.Redis, stack.Rabbit, stack.Couch)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return append(env, "DATABASE_URL="+cfg.PrimaryURL, "DATABASE_REPLICA_URL="+cfg.ReplicaURL,
		"REDIS_URL="+s.Redis.URL, "AMQP_URL="+s.Rabbit.URL, "COUCHDB_URL="+s.Couch.URL)
}

func (o *office) on(day string) []string {
	return append(slices.Clone(o.env), "SOFIPO_BUSINESS_DATE="+day)
}

// founding adds the two users with whom an institution begins, at the command line.
func (o *office) founding() {
	o.Helper()
	for _, first := range [][]string{{"raul", "admin"}, {"dora", "director"}} {
		if r := program.Run(o, o.on("2026-03-02"), password+"\n", "user", "add", first[0], "--role", first[1]); r.Code != 0 {
			o.Fatalf("user add %s: got %s, want exit code 0", first[0], r)
		}
	}
}

// open starts the server on a day. A server of an earlier day ends first.
func (o *office) open(day string) {
	o.Helper()
	if o.server != nil {
		if code := o.server.Terminate(o); code != 0 {
			o.Fatalf("got exit code %d, want 0", code)
		}
	}
	var err error
	if o.today, err = civil.Parse(day); err != nil {
		o.Fatal(err)
	}
	o.server = program.Serve(o, o.on(day)...)
	if o.events {
		program.Start(o, o.on(day), "consume")
	}
}

// login logs a user in.
func (o *office) login(name string) person {
	o.Helper()
	c := program.NewClient(o.server.URL)
	if err := c.Login(o.Context(), name, password); err != nil {
		o.Fatalf("%s: %v", name, err)
	}
	return person{o, name, c}
}

// does sends a request and requires its status.
func (p person) does(status int, method, path string, body any) program.Answer {
	p.Helper()
	answer, err := p.client.Send(p.Context(), method, "/api/v1"+path, body, p.after()...)
	if err != nil {
		p.Fatalf("%s: %s %s: %v", p.name, method, path, err)
	}
	if method != "GET" && answer.Position() != "" {
		p.last = answer.Position()
	}
	if answer.Status != status {
		p.Fatalf("%s: %s %s: got %d %s, want %d", p.name, method, path, answer.Status, answer.Body, status)
	}
	return answer
}

// after returns the header with which a read includes the last write.
func (o *office) after() []string {
	if o.last == "" {
		return nil
	}
	return []string{"X-Sofipo-Position", o.last}
}

func (p person) gets(path string) program.Answer {
	p.Helper()
	return p.does(200, "GET", path, nil)
}

// makes sends a POST that creates something, and returns its id.
func (p person) makes(path string, body any) string {
	p.Helper()
	return p.does(201, "POST", path, body).Field("id")
}

// refused sends a request that must be refused with the code.
func (p person) refused(status int, code, method, path string, body any) program.Answer {
	p.Helper()
	answer := p.does(status, method, path, body)
	if got := answer.Field("code"); got != code {
		p.Errorf("%s: %s %s: got the code %q in %s, want %q", p.name, method, path, got, answer.Body, code)
	}
	return answer
}

// mayNot sends a request for which the user lacks a permission, which the refusal names.
func (p person) mayNot(permission, method, path string, body any) {
	p.Helper()
	answer := p.refused(403, "forbidden", method, path, body)
	if got := answer.Field("permission"); got != permission {
		p.Errorf("%s: %s %s: got the permission %q in %s, want %q", p.name, method, path, got, answer.Body, permission)
	}
}

// rows decodes a list.
func (p person) rows(path string) (all []map[string]any) {
	p.Helper()
	answer := p.gets(path)
	decoder := json.NewDecoder(strings.NewReader(string(answer.Body)))
	decoder.UseNumber()
	if err := decoder.Decode(&all); err != nil {
		p.Fatalf("%s: GET %s: %v in %s", p.name, path, err, answer.Body)
	}
	return all
}

// row returns the only row of a list that has the text in the field. It waits, because what a
// refusal or the background stored has no position.
func (p person) row(path, field, text string) map[string]any {
	p.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		all := p.rows(path)
		found := slices.DeleteFunc(slices.Clone(all), func(r map[string]any) bool { return fmt.Sprint(r[field]) != text })
		if len(found) == 1 {
			return found[0]
		}
		if time.Now().After(deadline) {
			p.Fatalf("%s: GET %s: got %d rows with the %s %q in %v, want 1", p.name, path, len(found), field, text, all)
		}
	}
}

// equal compares a field of an answer.
func (p person) equal(answer program.Answer, field, want string) {
	p.Helper()
	if got := answer.Field(field); got != want {
		p.Errorf("%s: got the %s %q in %s, want %q", p.name, field, got, answer.Body, want)
	}
}

// amount reads an amount of a row.
func (o *office) amount(value any) money.Amount {
	o.Helper()
	amount, err := money.Parse(fmt.Sprint(value))
	if err != nil {
		o.Fatalf("got %v, want an amount: %v", value, err)
	}
	return amount
}

// because returns the query that files a request.
func because(reason string) string { return "?request_reason=" + url.QueryEscape(reason) }

// object is a JSON object.
type object = map[string]any
