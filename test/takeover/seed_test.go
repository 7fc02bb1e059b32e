package takeover

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sofipo/bank"
	"sofipo/bank/takeover"
	"sofipo/core/id"
	core "sofipo/core/imports"
	"sofipo/infra/db"
	"sofipo/infra/seeddb"
	"sofipo/test/contract"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/test/program"
)

var by = bank.By{System: true, Actor: "operator"}

// story is a database of the seed with each of its faults once.
type story struct {
	url                                                                            string
	plain, rounded, raced, low, over, twice, negative, closed, odd, endless, ended string // loans
	ana, lower                                                                     string // clients
}

// newSeed creates a database of the seed.
func newSeed(t *testing.T) (*Seed, string) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs PostgreSQL")
	}
	url, _, err := ground.Services(t).Database(t.Context(), t.Name()+"_seed")
	if err != nil {
		t.Fatal(err)
	}
	seed, err := NewSeed(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return seed, url
}

// tell makes the database.
func tell(t *testing.T) (s story) {
	t.Helper()
	seed, url := newSeed(t)
	defer seed.Close()
	s.url = url
	s.ana = seed.Client("Ana Núñez Peña", "Ana.Nunez@example.com", "NUPA800101HN5")
	s.lower = seed.Client("Otra Ana", "otra@example.com", "nupa800101hn5") // the same in upper case
	seed.Client("", "vacio@example.com", "VACI800101HN5")
	seed.Client("Mal RFC", "mal@example.com", "MALR809901HNE") // no such date
	loan := func() string { return seed.Loan(s.ana, "1000", "0.15", 24) }
	s.plain = seed.Loan(s.ana, "50000", "0.15", 24)
	seed.Pay(s.plain, "2500")
	s.rounded = loan()
	seed.Pay(s.rounded, "10.005") // the payment is 10.01, the balance 990.00 or 989.99
	seed.Pay(s.rounded, "0.014")
	s.raced = loan()
	seed.Race(s.raced, "100", 5)
	s.low = loan()
	seed.Set(s.low, "current_balance", "400")
	s.over = loan()
	seed.Race(s.over, "600", 2)
	s.twice = loan()
	seed.Twice(s.twice, "50")
	s.negative = loan()
	seed.Race(s.negative, "900", 2)
	seed.Set(s.negative, "current_balance", "-800")
	s.closed = loan()
	seed.Pay(s.closed, "1000")
	s.odd = seed.Loan(s.lower, "2000", "0.9999", 36)
	seed.Set(s.odd, "status", "DEFAULTED")
	s.endless = seed.Loan(s.lower, "3000", "0.15", 2147483647)
	s.ended = seed.Loan(s.lower, "500", "0", 1)
	return s
}

// take imports the database of the story, and returns the report.
func (s story) take(t *testing.T, b *bank.Bank) (takeover.Report, error) {
	t.Helper()
	seed, err := seeddb.Open(t.Context(), s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer seed.Close()
	ctx := t.Context()
	i := takeover.Importer{Bank: b, By: by, Product: "seed", Chunk: 3}
	return i.Seed(ctx, seed)
}

// lines returns the differences of a report, one a line.
func (s story) lines(r takeover.Report) (all []string) {
	names := map[string]string{
		s.rounded: "rounded", s.raced: "raced", s.low: "low", s.over: "over", s.twice: "twice", s.negative: "negative", s.closed: "closed", s.odd: "odd", s.endless: "endless", s.ended: "ended", s.lower: "lower",
	}
	for _, d := range r.Differences {
		name := names[d.Row.String()]
		if d.Kind == core.Payments {
			name = names[d.Loan.String()]
		}
		if d.Reason == core.FieldRemaining {
			all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", d.Kind, name, d.Field, d.Rule)))
		} else {
			all = append(all, fmt.Sprintf("%s %s %s %s", d.Kind, name, d.Reason, d.Difference))
		}
	}
	return all
}

func TestSeed(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		s := tell(t)
		door := contract.Open(t, d, nil)
		report, err := s.take(t, door.Bank)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"clients lower rfc rfc_shared",
			"clients  full_name blank",
			"clients  rfc rfc_date",
			"loans rounded rounded_apart 0.01",
			"loans raced not_deducted 400.00",
			"loans low deducted_more -600.00",
			"loans over over_paid 600.00",
			"loans negative not_the_balance -800.00",
			"loans negative balance credit_balance",
			"loans negative status status_changed",
			"loans odd status status_changed",
			"loans ended term_months term_over",
			"loans endless term_months term_limited",
			"payments twice paid_twice 50.00",
		}
		got := s.lines(report)
		if !slices.Equal(got, want) {
			t.Errorf("got the differences\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		for i, rows := range []int64{4, 11, 15} {
			if sec := report.Sections[i]; sec.Read != rows || sec.Stored != rows || sec.Rejected != 0 {
				t.Errorf("got %+v, want %d rows read and stored, none rejected", sec, rows)
			}
		}
		if sec := report.Sections[1]; sec.Stated+80_000 != sec.Amount || sec.Principal != sec.Amount {
			t.Errorf("got the stated balance %s, the stored %s and the principal %s, want 800.00 between them, which are the credit balance", sec.Stated, sec.Amount, sec.Principal)
		}
		if sec := report.Sections[2]; sec.Stated != sec.Amount {
			t.Errorf("got the payments %s in the source and %s stored, want the same", sec.Stated, sec.Amount)
		}
		office.Sound(t, d)
		s.again(t, door)
		s.goesOn(t, door)
	})
}

// again imports the database again, which changes nothing.
func (s story) again(t *testing.T, door *contract.Door) {
	t.Helper()
	const rows = "SELECT (SELECT count(*) FROM clients) + (SELECT count(*) FROM loans) + (SELECT count(*) FROM loan_history) + (SELECT count(*) FROM loan_transactions) + (SELECT count(*) FROM import_findings)"
	d := door.Bank.DB()
	before := office.Count(t, d, rows)
	report, err := s.take(t, door.Bank)
	if err != nil {
		t.Fatal(err)
	}
	if after := office.Count(t, d, rows); after != before {
		t.Errorf("got %d rows after a second import, want %d", after, before)
	}
	for _, sec := range report.Sections {
		if sec.Known != sec.Read || sec.Rejected != 0 {
			t.Errorf("got %+v after a second import, want all rows known", sec)
		}
	}
}

// goesOn pays an imported loan over the seed's route and reads the seed's routes.
func (s story) goesOn(t *testing.T, door *contract.Door) {
	t.Helper()
	ana, err := id.Parse(s.ana)
	if err != nil {
		t.Fatal(err)
	}
	c := program.NewClient(door.URL)
	if err := c.Login(t.Context(), "admin", "string"); err != nil {
		t.Fatal(err)
	}
	call := func(method, path string, body any) (int, string) {
		t.Helper()
		a, err := c.Send(t.Context(), method, path, body)
		if err != nil {
			t.Fatal(err)
		}
		return a.Status, string(a.Body)
	}
	status, body := call("GET", "/api/v1/clients/NUPA800101HN5", nil)
	if status != 200 || !strings.Contains(body, s.ana) || !strings.Contains(body, "Ana.Nunez@example.com") {
		t.Errorf("got %d %s, want the client %s with her address", status, body, s.ana)
	}
	status, body = call("POST", "/api/v1/loans/"+s.plain+"/payments", map[string]int{"amount": 1000})
	if status != 201 {
		t.Errorf("got %d %s, want a payment", status, body)
	}
	status, body = call("POST", "/api/v1/loans/"+s.closed+"/payments", map[string]int{"amount": 1})
	if status != 400 || !strings.Contains(body, "PAID_OFF") {
		t.Errorf("got %d %s, want the refusal of a paid-off loan", status, body)
	}
	status, body = call("GET", "/api/v1/loans/clients/"+ana.String()+"/account-statement", nil)
	if n := strings.Count(body, `"payment_date"`); status != 200 || n != 16 || !strings.Contains(body, s.plain) {
		t.Errorf("got %d with %d payments: %s, want the loans, 15 payments of the seed and one of today", status, n, body)
	}
	office.Sound(t, door.Bank.DB())
}

// TestStopped stops an import after each chunk and continues it.
func TestStopped(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		s := tell(t)
		o := office.Open(t, d)
		chunks := 1
		for err := s.takeUntil(t, o.Bank, chunks); err != nil; err = s.takeUntil(t, o.Bank, chunks) {
			if chunks++; chunks > 20 {
				t.Fatalf("got %v after %d chunks, want an end", err, chunks)
			}
		}
		report, err := s.take(t, o.Bank)
		if err != nil {
			t.Fatal(err)
		}
		for i, rows := range []int64{4, 11, 15} {
			if sec := report.Sections[i]; sec.Stored != rows {
				t.Errorf("got %+v, want %d rows stored once", sec, rows)
			}
		}
		office.Sound(t, d)
	})
}

// takeUntil imports until a number of chunks was taken.
func (s story) takeUntil(t *testing.T, b *bank.Bank, left int) error {
	t.Helper()
	seed, err := seeddb.Open(t.Context(), s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer seed.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	i := takeover.Importer{Bank: b, By: by, Product: "seed", Chunk: 3, Progress: func(takeover.Progress) {
		if left--; left == 0 {
			stop()
		}
	}}
	_, err = i.Seed(ctx, seed)
	return err
}
