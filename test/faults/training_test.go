package faults

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/test/program"
)

// TestTrainingYear walks a year with the business date for training: a loan is granted, each
// month its days are closed and its instalment is paid, until it is paid off. Every response
// has the date; the books hold; no later start goes back to an earlier date.
func TestTrainingYear(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	day := civil.On(2024, 1, 15)
	var c *program.Client
	var server *program.Process
	begin := func() {
		t.Helper()
		server = program.Serve(t, slices.Concat(w.env, []string{"SOFIPO_BUSINESS_DATE=" + day.String()})...)
		c = login(t, server)
	}
	send := func(status int, method, path string, body any) program.Answer {
		t.Helper()
		answer, err := c.Send(t.Context(), method, path, body)
		must(t, err)
		if date := answer.Header.Get("X-Sofipo-Business-Date"); answer.Status != status || date != day.String() {
			t.Fatalf("%s %s on %s: got %d on %q %s, want %d on that date", method, path, day, answer.Status, date, answer.Body, status)
		}
		return answer
	}
	begin()
	clientID, _, err := c.Register(t.Context(), "Cliente de prueba")
	must(t, err)
	loanID := send(201, "POST", "/api/v1/loans/", map[string]any{"client_id": clientID, "amount": 12000, "interest_rate": 0.36, "term_months": 12}).Field("id")
	loan := "/api/v1/loans/" + loanID
	send(409, "POST", "/api/v1/days/close", nil)
	for range 12 {
		if code := server.Terminate(t); code != 0 {
			t.Fatalf("got exit code %d, want 0", code)
		}
		day = day.AddMonths(1, 15)
		begin()
		closed := send(200, "POST", "/api/v1/days/close", map[string]any{"max_days": 31})
		if last := day.AddDays(-1).String(); closed.Field("day") != last {
			t.Errorf("got %s, want the days through %s closed", closed.Body, last)
		}
		var owing struct{ Due map[string]json.Number }
		must(t, json.Unmarshal(send(200, "GET", loan+"/owing", nil).Body, &owing))
		var due money.Amount
		for _, part := range owing.Due {
			amount, err := money.Parse(part.String())
			must(t, err)
			due += amount
		}
		send(201, "POST", loan+"/payments", map[string]any{"amount": due.String()})
	}
	if answer := send(200, "GET", loan, nil); answer.Field("status") != "PAID_OFF" {
		t.Errorf("got the loan %s, want it PAID_OFF", answer.Body)
	}
	statement := string(send(200, "GET", loan+"/statement.csv?from=2024-01-15&to="+day.String(), nil).Body)
	if n := strings.Count(statement, ",Pago"); n != 12 {
		t.Errorf("got %d payments, want 12 in the statement\n%s", n, statement)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if answer := send(200, "GET", path, nil); answer.Field("business_date") != day.String() {
			t.Errorf("%s: got %s, want the business date %s", path, answer.Body, day)
		}
	}
	if n := w.books.number(t, "SELECT count(*) FROM business_days WHERE status = 'CLOSED'"); n != 366 {
		t.Errorf("got %d closed days, want 366", n)
	}
	if code := server.Terminate(t); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	if r := program.Run(t, w.env, "", "doctor"); r.Code != 0 {
		t.Errorf("doctor: got %v, want exit code 0", r)
	}
	back := program.Run(t, append(slices.Clone(w.env), "SOFIPO_BUSINESS_DATE=2024-06-01"), "", "serve")
	if want := fmt.Sprintf("SOFIPO_BUSINESS_DATE is 2024-06-01, but the newest row is of %s", day); back.Code != 2 || !strings.Contains(back.Stderr, want) {
		t.Errorf("an earlier date: got %s, want exit code 2 and %q", back, want)
	}
}

// TestClosedByHand: sofipo close without a day closes the open days before the clock's, once
// their number is confirmed.
func TestClosedByHand(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	on := func(date string) []string { return append(slices.Clone(w.env), "SOFIPO_BUSINESS_DATE="+date) }
	server := program.Serve(t, on("2026-03-02")...)
	loan(t, login(t, server), "1000.00")
	if code := server.Terminate(t); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	for _, c := range []struct {
		date, says string
		code, days int
		args       []string
	}{
		{"2026-03-02", "There is no open day before today (2026-03-02)", 1, 0, nil},
		{"2026-03-02", "nothing to close: all days before 2026-03-02 are closed", 0, 0, []string{"--catch-up"}},
		{"2026-03-10", "8 days are open, from 2026-03-02 to 2026-03-09, but at most 7 may be closed", 1, 0, nil},
		{"2026-03-10", "8 days are open", 1, 0, []string{"--catch-up"}},
		{"2026-03-10", "--max-days is 0", 2, 0, []string{"--max-days", "0"}},
		{"2026-03-10", "--max-days", 2, 0, []string{"--max-days", "8", "--date", "2026-03-02"}},
		{"2026-03-10", "2026-03-09 closed: 1 loans", 0, 8, []string{"--max-days", "8"}},
		{"2026-03-12", "2026-03-11 closed: 1 loans", 0, 10, nil},
	} {
		r := program.Run(t, on(c.date), "", append([]string{"close"}, c.args...)...)
		if r.Code != c.code || !strings.Contains(r.Stdout+r.Stderr, c.says) {
			t.Errorf("close %v on %s: got %s, want exit code %d and %q", c.args, c.date, r, c.code, c.says)
		}
		if n := w.books.number(t, "SELECT count(*) FROM business_days"); n != c.days {
			t.Errorf("close %v on %s: got %d closed days, want %d", c.args, c.date, n, c.days)
		}
	}
}
