package upgrade

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/api"
	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/infra/auth"
	"sofipo/infra/db"
	"sofipo/simulation"
	"sofipo/test/office"
	"sofipo/view"
)

// eachBefore runs the test on the database of each engine that the program of before
// wrote.
func eachBefore(t *testing.T, run func(t *testing.T, d *db.DB, a Answers)) {
	t.Helper()
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) { run(t, open(t, before(t, engine)), answers(t, engine)) })
	}
}

func migrate(t *testing.T, d *db.DB) {
	t.Helper()
	if steps, err := d.Migrate(t.Context()); err != nil || steps == 0 {
		t.Fatalf("got %d steps, %v, want some", steps, err)
	}
}

// TestBooksAreTakenOver compares every entry and audit line with those of before.
func TestBooksAreTakenOver(t *testing.T) {
	eachBefore(t, func(t *testing.T, d *db.DB, _ Answers) {
		o := read(t, d)
		digest := o.digest(t, d)
		if len(o.entries) < 1000 || len(o.audit) < 1000 || len(o.clients) < 100 {
			t.Fatalf("got %d entries, %d audit lines and %d clients in the fixture, want at least 1,000, 1,000 and 100", len(o.entries), len(o.audit), len(o.clients))
		}
		migrate(t, d)
		o.taken(t, d)
		office.Sound(t, d)
		got, err := simulation.Digest(t.Context(), d)
		must(t, err)
		if got != digest {
			t.Errorf("digest of the books: got %s, want %s", got, digest)
		}
		if steps, err := d.Migrate(t.Context()); err != nil || steps != 0 {
			t.Errorf("a second time: got %d steps, %v, want none", steps, err)
		}
	})
}

// craftedID begins the ids of crafted rows; two digits follow.
const craftedID = "00000000-0000-7000-8000-0000000000"

// TestAuditLinesThatJoinNoEntry: crafted lines and entries of one moment, entries
// without a line, a line with several entries, a refusal at the moment of a command.
func TestAuditLinesThatJoinNoEntry(t *testing.T) {
	eachBefore(t, func(t *testing.T, d *db.DB, _ Answers) {
		at := func(n int) string {
			if d.Embedded() {
				return fmt.Sprint(time.Date(2026, 1, 1, 0, 0, n, 0, time.UTC).UnixMicro())
			}
			return fmt.Sprintf("'2026-01-01 00:00:%02d+00'", n)
		}
		uuid := func(digits string) string { return "'" + craftedID + digits + "'::uuid" }
		const loan = "(SELECT min(id::text) FROM loans)::uuid"
		entry := func(n, moment int, lines ...string) (statements []string) {
			e := uuid(fmt.Sprintf("%d0", n))
			return []string{
				"INSERT INTO postings (entry_id, line, account, subject, debit, credit) VALUES (" + e + ", " + strings.Join(lines, "), ("+e+", ") + ")",
				"INSERT INTO entries (id, business_date, posted_at, kind, reference) VALUES (" + e + ", '2026-01-01', " + at(moment) + ", 'manual', " + e + ")",
			}
		}
		line := func(n, moment int, refusal string) string {
			c := uuid(fmt.Sprintf("%d1", n))
			return "INSERT INTO audit (command, at, actor, action, subject, correlation_id, refusal, times) VALUES (" + c + ", " + at(moment) + ", 'crafted', 'do', " + c + ", 'c', " + refusal + ", 1)"
		}
		two := []string{"0, '1102', " + loan + ", 5, 0", "1, '1301', " + loan + ", 0, 5"}
		of := func(account, subject string) []string {
			return []string{"0, '1102', " + loan + ", 2, 0", "1, '1102', " + subject + ", 3, 0", "2, '" + account + "', " + subject + ", 0, 5"}
		}
		var all []string
		for _, statements := range [][]string{
			entry(1, 1, two...), entry(2, 1, two...), {line(1, 1, "NULL"), line(2, 1, "NULL")}, // two lines, two entries
			entry(3, 2, two...),                                            // no line
			entry(4, 3, two...), entry(5, 3, two...), {line(3, 3, "NULL")}, // a line, two entries
			entry(6, 4, two...), {line(4, 4, "NULL"), line(5, 4, "'four_eyes'")}, // a line and a refusal
			entry(7, 5, two...), {line(6, 5, "'four_eyes'")}, // a refusal alone
			entry(8, 6, of("5105", uuid("90"))...), {line(7, 6, "NULL")}, // lines of several subjects, an account twice
			{line(8, 7, "NULL"), line(9, 7, "NULL")}, // two lines, no entry
		} {
			all = append(all, statements...)
		}
		change(t, d, all...)
		o := read(t, d)
		migrate(t, d)
		o.taken(t, d)
		got := map[string]row{}
		for _, r := range readJournal(t, d) {
			got[strings.TrimPrefix(r.id, craftedID)] = r
		}
		for _, c := range []struct {
			entry, command, actor string // the last digits of the ids
			number                int64
		}{
			{"10", "10", "", 0}, {"20", "20", "", 0}, {"11", "11", "crafted", 0}, {"21", "21", "crafted", 0},
			{"30", "30", "", 0},
			{"40", "31", "crafted", 0}, {"50", "31", "", 1}, {"31", "", "", 0},
			{"60", "41", "crafted", 0}, {"41", "", "", 0}, {"51", "51", "crafted", 0},
			{"70", "70", "", 0}, {"61", "61", "crafted", 0},
			{"80", "71", "crafted", 0}, {"71", "", "", 0},
			{"81", "81", "crafted", 0}, {"91", "91", "crafted", 0},
		} {
			r, found := got[c.entry]
			if found != (c.command != "") {
				t.Errorf("row %s: got found %t, want %v", c.entry, found, c.command != "")
			} else if command := strings.TrimPrefix(r.command, craftedID); found && (command != c.command || r.actor != c.actor || r.number != c.number) {
				t.Errorf("row %s: got command %s, actor %q, number %d; want %s, %q, %d", c.entry, command, r.actor, r.number, c.command, c.actor, c.number)
			}
		}
	})
}

// door is the API of this program on the database, at a moment that the test sets.
type door struct {
	t    *testing.T
	url  string
	keys *auth.Keys
	now  *time.Time
	bank *bank.Bank
	days *dayend.Closer
}

func openDoor(t *testing.T, d *db.DB, now time.Time) *door {
	t.Helper()
	keys, err := auth.NewKeys("a secret of the tests, long enough")
	must(t, err)
	location, err := time.LoadLocation("America/Mexico_City")
	must(t, err)
	o := &door{t: t, keys: keys, now: &now}
	clock := func() time.Time { return *o.now }
	views := view.Open(d, nil)
	o.bank = bank.Open(bank.Options{DB: d, Rules: bank.Rules{RFC: mx.TierStructural}, Writers: 1, Location: location, Clock: clock, Committed: views.Forget})
	t.Cleanup(o.bank.Close)
	o.days = dayend.New(o.bank, dayend.Options{})
	server := httptest.NewServer(api.New(api.Options{Bank: o.bank, Days: o.days, View: views, Keys: keys, PublicReads: api.Full, Location: location, Clock: clock,
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))}))
	t.Cleanup(server.Close)
	o.url = server.URL
	return o
}

// send sends a request of before and gives the answer's headers too.
func (o *door) send(e Exchange) (status int, body string, header http.Header) {
	o.t.Helper()
	token, err := o.keys.Issue(e.User, time.Hour, *o.now)
	must(o.t, err)
	request, err := http.NewRequestWithContext(o.t.Context(), e.Method, o.url+e.Path, strings.NewReader(e.Body))
	must(o.t, err)
	e.Sign(request, token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	must(o.t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	must(o.t, err)
	return response.StatusCode, string(text), response.Header
}

// renamed gives a path or an answer of before the names of today.
var renamed = strings.NewReplacer("IVA receivable on interest and commissions", "IVA receivable on interest and fees",
	"Opening commissions deferred", "Origination fees deferred", "Commission income", "Fee income", "Moratorium interest", "Penalty interest",
	`"component":"iva_commission"`, `"component":"iva_fee"`, `"component":"commission"`, `"component":"fee"`,
	`"component":"iva_moratorium"`, `"component":"iva_penalty_interest"`, `"component":"moratorium"`, `"component":"penalty_interest"`,
	`"name_en":"Commissions"`, `"name_en":"Fees"`,
	"Disposición del crédito", "Entrega del préstamo", "Castigo del crédito", "Castigo del préstamo",
	"Recuperación de crédito castigado", "Recuperación de préstamo castigado", "Cancelación del crédito", "Cancelación del préstamo",
	"Aplicación de pago adelantado", "Aplicación de saldo a favor",
	`"opening_payment":`, `"origination_payment":`,
	`"commissions":{"opening":`, `"fees":{"origination":`, "/movements", "/transactions", "/vouchers", "/manual-entries", "/positions", "/daily-positions",
	`"commissions":`, `"fees":`, `"commission":`, `"fee":`, `"iva_commission":`, `"iva_fee":`, `"moratorium":`, `"penalty_interest":`,
	`"iva_moratorium":`, `"iva_penalty_interest":`, `"held":`, `"to_unapplied":`, `"released":`, `"from_unapplied":`,
	`"advance":`, `"unapplied_funds":`, `"movement":`, `"transaction":`, `"voucher":`, `"manual_entry":`)

// TestAnswersAreReplayed sends requests again with the keys that they had before: the
// answers are those of before, to the byte but for the names of members, and nothing is done.
func TestAnswersAreReplayed(t *testing.T) {
	eachBefore(t, func(t *testing.T, d *db.DB, a Answers) {
		migrate(t, d)
		o := openDoor(t, d, a.At.Add(time.Hour))
		rows := office.Count(t, d, "SELECT count(*) FROM journal")
		for _, e := range a.Writes {
			e.Path, e.Answer = renamed.Replace(e.Path), renamed.Replace(e.Answer)
			status, body, header := o.send(e)
			if status != e.Status || body != e.Answer || header.Get("Idempotent-Replayed") != "true" {
				t.Errorf("%s %s %s:\ngot  %d %s (Idempotent-Replayed %q)\nwant %d %s", e.Method, e.Path, e.Body, status, body, header.Get("Idempotent-Replayed"), e.Status, e.Answer)
			}
			if e.Body == "" {
				continue
			}
			e.Body = strings.Replace(e.Body, "00", "01", 1)
			if status, body, _ := o.send(e); strings.Contains(e.Body, "01") && (status != 422 || !strings.Contains(body, "idempotency_reused")) {
				t.Errorf("%s %s with another body: got %d %s, want 422", e.Method, e.Path, status, body)
			}
		}
		if len(a.Writes) < 20 {
			t.Errorf("got %d requests replayed, want at least 20", len(a.Writes))
		}
		if got := office.Count(t, d, "SELECT count(*) FROM journal"); got != rows {
			t.Errorf("got %d rows in the journal after the replays, want %d", got, rows)
		}
	})
}

// endsOfDays are the lines of a statement for the ends of days, which move no money. The
// program of before listed them.
var endsOfDays = regexp.MustCompile(`(?m)^[^\n]*,day,day,[^\n]*\n`)

// joined are the members that answers did not have before.
var joined = regexp.MustCompile(`,"(?:number|folio|branch_id|loan_number)":"[^"]*"`)

// columnsOf returns a CSV file with the columns that another one has, in its order.
func columnsOf(t *testing.T, file, other string) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil || len(rows) == 0 {
		return file
	}
	heading, _, _ := strings.Cut(other, "\n")
	var out strings.Builder
	w := csv.NewWriter(&out)
	w.UseCRLF = strings.HasSuffix(heading, "\r")
	for _, row := range rows {
		var kept []string
		for _, name := range strings.Split(strings.TrimSuffix(heading, "\r"), ",") {
			if at := slices.Index(rows[0], name); at >= 0 {
				kept = append(kept, row[at])
			}
		}
		must(t, w.Write(kept))
	}
	w.Flush()
	return out.String()
}

// TestReadsAreTheSame compares what the books and the loans say with the answers of the
// program of before, without the members and columns that are new.
func TestReadsAreTheSame(t *testing.T) {
	eachBefore(t, func(t *testing.T, d *db.DB, a Answers) {
		migrate(t, d)
		o := openDoor(t, d, a.At.Add(time.Second))
		for _, e := range a.Reads {
			e.Path, e.Answer = renamed.Replace(e.Path), renamed.Replace(e.Answer)
			if strings.HasSuffix(e.Path, ".csv") {
				e.Answer = endsOfDays.ReplaceAllString(e.Answer, "")
			}
			status, body, _ := o.send(e)
			if strings.HasSuffix(e.Path, ".csv") {
				body = columnsOf(t, body, e.Answer)
			}
			if body = joined.ReplaceAllString(body, ""); status != e.Status || body != e.Answer {
				t.Errorf("GET %s:\ngot  %d %s\nwant %d %s", e.Path, status, body, e.Status, e.Answer)
			}
		}
		if len(a.Reads) < 60 {
			t.Errorf("got %d answers compared, want at least 60", len(a.Reads))
		}
	})
}

// TestClientsKeepTheirClaims: each client claims its e-mail and, unless it is generic, its RFC.
// A name that is no longer accepted stays, and its client is read and served.
func TestClientsKeepTheirClaims(t *testing.T) {
	eachBefore(t, func(t *testing.T, d *db.DB, a Answers) {
		const name = "王 \u200b🎉\u2028"
		borrower := "(SELECT client_id FROM loans WHERE status = 'ACTIVE' ORDER BY id LIMIT 1)"
		change(t, d, "UPDATE clients SET rfc = 'XAXX010101000', full_name = '"+name+"' WHERE id = "+borrower)
		all, lent := office.Count(t, d, "SELECT count(*) FROM clients"), office.Count(t, d, "SELECT count(*) FROM loans")
		migrate(t, d)
		if n := office.Count(t, d, "SELECT count(*) FROM client_claims"); n != 2*all-1 || all < 20 {
			t.Errorf("got %d claims of %d clients, want %d, and 20 clients or more", n, all, 2*all-1)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM loans l JOIN clients c ON c.id = l.client_id"); n != lent || lent < 100 {
			t.Errorf("got %d of %d loans with a client, want all, 100 or more", n, lent)
		}
		office.Sound(t, d)
		o := openDoor(t, d, a.At.Add(time.Hour))
		admin := func(method, path, body string, status int) string {
			t.Helper()
			got, answer, _ := o.send(Exchange{User: "admin", Method: method, Path: path, Body: body})
			if got != status {
				t.Errorf("%s %s: got %d %s, want %d", method, path, got, answer, status)
			}
			return answer
		}
		var holder client.Client
		must(t, json.Unmarshal([]byte(admin("GET", "/api/v1/clients/XAXX010101000", "", 200)), &holder))
		if holder.FullName != name {
			t.Errorf("got the name %q, want %q", holder.FullName, name)
		}
		admin("PUT", "/api/v1/clients/"+holder.ID.String(), `{"email":"nuevo@example.com"}`, 200)
		admin("POST", "/api/v1/clients/", `{"full_name":"Otro","email":"otro@example.com","rfc":"XAXX010101000"}`, 201)
		admin("GET", "/api/v1/clients/XAXX010101000", "", 409)
		admin("POST", "/api/v1/clients/", `{"full_name":"Otro","email":"nuevo@example.com","rfc":"XEXX010101000"}`, 400)
		var borrowed []struct {
			ID     id.ID       `json:"id"`
			Status loan.Status `json:"status"`
		}
		must(t, json.Unmarshal([]byte(admin("GET", "/api/v1/clients/"+holder.ID.String()+"/loans", "", 200)), &borrowed))
		paid := 0
		for _, l := range borrowed {
			if l.Status != loan.Active {
				continue
			}
			paid++
			one := "/api/v1/loans/" + l.ID.String()
			admin("POST", one+"/payments", `{"amount":1.00}`, 201)
			for _, file := range []string{"/schedule.pdf", "/statement.pdf"} {
				if pdf := admin("GET", one+file, "", 200); !strings.HasPrefix(pdf, "%PDF-") {
					t.Errorf("%s: got a file that begins with %.20q, want a PDF", file, pdf)
				}
			}
		}
		if paid == 0 {
			t.Error("got no active loan of the client, want one")
		}
		office.Sound(t, d)
	})
}

// schedules returns the stored schedules of all loans as texts, by loan and serial number.
func schedules(t *testing.T, d *db.DB) map[string]string {
	t.Helper()
	all := map[string]string{}
	batch := &db.Batch{}
	batch.Query("SELECT loan_id, serial, number, reason, terms, level, plan FROM loan_versions", func(s db.Scanner) error {
		var loanID id.ID
		var serial, number int
		var reason, terms string
		var level money.Amount
		var plan []byte
		err := s.Scan(&loanID, &serial, &number, &reason, &terms, &level, &plan)
		all[fmt.Sprintf("%s/%d", loanID, serial)] = fmt.Sprintf("%d %s %s %s %x", number, reason, terms, level, plan)
		return err
	})
	must(t, d.ReadPrimary(t.Context(), batch))
	return all
}

// TestWorkGoesOn pays, also with an earlier value date, reverses what was paid before the
// migration and closes the day. No stored schedule changes, and those that are added
// follow the rules of their loan.
func TestWorkGoesOn(t *testing.T) {
	eachBefore(t, func(t *testing.T, d *db.DB, a Answers) {
		o := read(t, d)
		day := o.nextDay().AddDays(-1)
		migrate(t, d)
		door := openDoor(t, d, a.At.Add(time.Hour))
		by := bank.By{System: true, Actor: "later"}

		type payment struct {
			loan, id id.ID
			amount   money.Amount
			day      civil.Date
		}
		var payments []payment
		batch := &db.Batch{}
		batch.Query(`SELECT m.loan_id, m.id, m.amount, m.business_date FROM loan_transactions m JOIN loans l ON l.id = m.loan_id
			WHERE m.kind = 'payment' AND m.reversed_by IS NULL AND l.status = 'ACTIVE' AND l.opened < m.business_date
			AND m.number = (SELECT max(number) FROM loan_transactions x WHERE x.loan_id = m.loan_id) ORDER BY m.business_date, m.id`, func(s db.Scanner) error {
			var p payment
			err := s.Scan(&p.loan, &p.id, &p.amount, &p.day)
			payments = append(payments, p)
			return err
		})
		must(t, d.ReadPrimary(t.Context(), batch))
		before := schedules(t, d)
		if len(payments) < 20 || payments[0].day == day {
			t.Fatalf("got %d payments to reverse in the fixture, want at least 20, the first not on %v", len(payments), day)
		}
		for i, p := range payments[:20] {
			if i%2 == 0 {
				_, err := bank.Do(t.Context(), door.bank, by, lending.ReceivePayment{LoanID: p.loan, Operation: servicing.Operation{Amount: 100}})
				must(t, err)
				continue
			}
			_, err := bank.Do(t.Context(), door.bank, by, lending.ReverseTransaction{LoanID: p.loan, TransactionID: p.id})
			must(t, err)
			want := office.Count(t, d, "SELECT count(*) FROM loan_transactions m JOIN posted p ON p.entry_id = m.entry_id WHERE m.id = '"+p.id.String()+"'")
			mirrored := office.Count(t, d, `SELECT count(*) FROM loan_transactions m JOIN posted p ON p.entry_id = m.entry_id JOIN posted r ON r.reverses = p.entry_id
				AND r.account = p.account AND r.subject = p.subject AND r.debit = p.credit AND r.credit = p.debit WHERE m.id = '`+p.id.String()+"'")
			if mirrored != want || want < 2 {
				t.Errorf("payment of %s: got %d lines with a mirror, want all %d, at least 2", p.day, mirrored, want)
			}
		}
		for _, p := range payments[len(payments)-3:] {
			_, err := bank.Do(t.Context(), door.bank, by, lending.ReceivePayment{LoanID: p.loan, Operation: servicing.Operation{Amount: 100, Kind: servicing.Prepayment, ValueDate: p.day.AddDays(-1)}})
			must(t, err)
		}
		after := schedules(t, d)
		if len(after) <= len(before) {
			t.Errorf("got %d schedules, want more than the %d from before", len(after), len(before))
		}
		for key, got := range after {
			if want, old := before[key]; old && got != want || strings.Contains(got, `"rules"`) {
				t.Errorf("schedule %s: got %s, want %s and no version of the rules", key, got, want)
			}
		}
		for range 2 { // the day of the fixture, and one that is all of this program
			*door.now = door.now.AddDate(0, 0, 1)
			closed, err := door.days.CloseDay(t.Context(), by, day, nil)
			must(t, err)
			if closed.Day != day || closed.Loans < 100 {
				t.Errorf("got %s closed with %d loans, want %s with all", closed.Day, closed.Loans, day)
			}
			day = day.AddDays(1)
		}
		office.Sound(t, d)
		if n := office.Count(t, d, "SELECT count(*) FROM audit"); n <= int64(len(o.audit)) {
			t.Errorf("got %d audit lines, want more than the %d from before", n, len(o.audit))
		}
	})
}
