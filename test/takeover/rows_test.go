package takeover

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/takeover"
	core "sofipo/core/imports"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// headings of the files in which a test writes its rows.
const (
	clientsHead  = "id,full_name,rfc,email,created_at\n"
	loansHead    = "id,client,client_rfc,amount,interest_rate,term_months,granted_at,balance,status,days_past_due,unpaid_interest,unpaid_iva,penalty_interest,next_due\n"
	paymentsHead = "loan,amount,paid_at,reference\n"
)

// town has an office with the client C-1, and imports rows into it.
type town struct {
	*office.Office
	takeover.Importer
}

func open(t *testing.T, d *db.DB) town {
	t.Helper()
	o := town{Office: office.Open(t, d)}
	o.Importer = takeover.Importer{Bank: o.Office.Bank, By: by, Product: "seed"}
	o.clients("C-1,Ana,NUPA800101HN5,ana@example.com,2020-01-01\n")
	return o
}

func (o town) clients(rows string) takeover.Result {
	o.Helper()
	return run(o.T, o.Importer, file(o.T, "clients.csv", clientsHead+rows), takeover.ClientsOf, takeover.Importer.Clients)
}

func (o town) loans(rows string) takeover.Result {
	o.Helper()
	return run(o.T, o.Importer, file(o.T, "loans.csv", loansHead+rows), takeover.LoansOf, takeover.Importer.Loans)
}

func (o town) payments(rows string) takeover.Result {
	o.Helper()
	return run(o.T, o.Importer, file(o.T, "payments.csv", paymentsHead+rows), takeover.PaymentsOf, takeover.Importer.Payments)
}

// TestTinyBalance imports a loan whose balance is too small for its remaining periods, and owes
// nothing.
func TestTinyBalance(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		got := o.loans("L-1,C-1,,1000,24%,36,2025-06-01,0.05,,,,,,\nL-2,C-1,,1000,24%,36,2025-06-01,500,,,,,,\n")
		if got.Run.Taken != 2 {
			t.Errorf("got %+v, %+v, want both loans taken", got.Run, got.Bad)
		}
		for number, want := range map[string]int64{"L-1": 1, "L-2": 29} {
			if n := office.Count(t, d, "SELECT l.periods FROM loans l JOIN imported_loans i ON i.loan_id = l.id WHERE i.number = '"+number+"'"); n != want {
				t.Errorf("loan %s: got %d periods, want %d", number, n, want)
			}
		}
		office.Sound(t, d)
	})
}

// findings returns the findings of the run, as line, field, rule and value.
func findings(r takeover.Result) (all []string) {
	for _, f := range r.Bad {
		all = append(all, fmt.Sprintf("%d %s %s %s %s", f.Line, f.Outcome, f.Field, f.Rule, f.Value))
	}
	return all
}

// wants compares the findings of a run.
func wants(t *testing.T, got takeover.Result, want ...string) {
	t.Helper()
	if lines := findings(got); !slices.Equal(lines, want) {
		t.Errorf("got the findings\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

// TestOwedWithoutBalance imports loans that owe interest and have no balance.
func TestOwedWithoutBalance(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		wants(t, o.loans("L-1,C-1,,1000,24%,12,2025-01-01,0,liquidado,60,90.00,14.40,5,\nL-2,C-1,,1000,24%,12,2025-01-01,0,liquidado,0,,,,\n"),
			"2 INCOMPLETE unpaid_interest owed_without_balance 90.00",
			"2 INCOMPLETE unpaid_iva owed_without_balance 14.40",
			"2 INCOMPLETE penalty_interest owed_without_balance 5.00",
		)
	})
}

// TestSeedWithoutValues imports a database of the seed with rows that lack a value.
func TestSeedWithoutValues(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		seed, url := newSeed(t)
		ana := seed.Client("Ana", "ana@example.com", "NUPA800101HN5")
		paid := func(loan, amount string) string {
			seed.Pay(loan, amount)
			return seed.last
		}
		whole, orphan, undated, unbalanced := seed.Loan(ana, "1000", "0.15", 24), seed.Loan(ana, "1000", "0.15", 24), seed.Loan(ana, "1000", "0.15", 24), seed.Loan(ana, "1000", "0.15", 24)
		ancient, without, never, notANumber := seed.Loan(ana, "1000", "0.15", 24), paid(whole, "10"), paid(whole, "20"), paid(whole, "30")
		paid(whole, "40")
		seed.exec("UPDATE clients SET created_at = NULL")
		seed.exec("UPDATE loans SET client_id = NULL WHERE id = $1", orphan)
		seed.exec("UPDATE loans SET granted_at = NULL WHERE id = $1", undated)
		seed.exec("UPDATE loans SET current_balance = 'NaN' WHERE id = $1", unbalanced)
		seed.exec("UPDATE loans SET granted_at = '0044-03-15 BC' WHERE id = $1", ancient)
		seed.exec("UPDATE payments SET loan_id = NULL WHERE id = $1", without)
		seed.exec("UPDATE payments SET payment_date = 'infinity' WHERE id = $1", never)
		seed.exec("UPDATE payments SET amount = 'NaN' WHERE id = $1", notANumber)
		seed.Close()
		got := map[string]string{}
		o := office.Open(t, d)
		report, err := story{url: url}.take(t, o.Bank)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range report.Sections {
			if err := takeover.Findings(t.Context(), d, s.Import, func() {}, func(f core.Finding) error {
				got[f.Row.String()] += fmt.Sprintf("%s %s %s;", f.Outcome, f.Field, f.Rule)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		want := map[string]string{
			orphan: "REJECTED client missing;", undated: "REJECTED granted_at missing;", unbalanced: "REJECTED balance missing;", ancient: "REJECTED granted_at date_form;",
			without: "REJECTED loan missing;", never: "REJECTED paid_at missing;", notANumber: "REJECTED amount missing;",
		}
		if !maps.Equal(got, want) {
			t.Errorf("got the findings %v, want %v", got, want)
		}
		if n := office.Count(t, d, "SELECT (SELECT count(*) FROM loans) * 10 + (SELECT count(*) FROM loan_history)"); n != 11 {
			t.Errorf("got %d, want 1 loan and 1 payment stored, which are whole: 11", n)
		}
		office.Sound(t, d)
	})
}

// TestDates imports rows with dates after the business date, which is 15 January 2026.
func TestDates(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		wants(t, o.loans("L-1,C-1,,1000,24%,12,2026-01-16,1000,,,,,,\nL-2,C-1,,1000,24%,12,2026-01-15,1000,,,,,,\nL-3,C-1,,1000,24%,12,2026-01-15,1000,,,,,,2099-01-01\n"),
			"2 REJECTED granted_at not_future ",
			"4 REJECTED next_due within_years ",
		)
		wants(t, o.payments("L-2,10,2026-01-16,\nL-2,10,2026-01-15,\nL-2,10,2026-01-15 23:59,\n"), "2 REJECTED paid_at not_future ")
		wants(t, o.clients("C-2,Luis,LUIS800101HN5,luis@example.com,2026-01-16\n"), "2 INCOMPLETE created_at not_future 2026-01-16")
		if n := office.Count(t, d, "SELECT count(*) FROM clients WHERE full_name = 'Luis' AND created_at = (SELECT max(created_at) FROM clients)"); n != 1 {
			t.Errorf("got %d clients registered today, want the one with a later day", n)
		}
	})
}

// TestGenericRFC imports no loan by a generic RFC, which many clients share, also if other rows of
// the chunk name such clients.
func TestGenericRFC(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		o.clients("C-2,Luis,XAXX010101000,luis@example.com,\nC-3,Hans,XEXX010101000,hans@example.com,\n")
		const terms = ",1000,24%,12,2025-06-01,500,,,,,,\n"
		wants(t, o.loans("L-1,,XAXX010101000"+terms+"L-2,,XEXX010101000"+terms+"L-3,,NUPA800101HN5"+terms+"L-4,C-2,"+terms+"L-5,C-3,"+terms),
			"2 REJECTED client import_client ", "3 REJECTED client import_client ")
	})
}

// TestLocalDays imports a loan that was granted late in the evening of the 15th in Mexico, which is
// the 16th in UTC.
func TestLocalDays(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		mexico, err := time.LoadLocation("America/Mexico_City")
		if err != nil {
			t.Fatal(err)
		}
		o := town{Office: office.Open(t, d, func(b *bank.Options) { b.Location = mexico })}
		o.Importer = takeover.Importer{Bank: o.Office.Bank, By: by, Product: "seed"}
		o.clients("C-1,Ana,NUPA800101HN5,ana@example.com,\n")
		o.loans("L-1,C-1,,1000,24%,12,2025-06-16T04:30:00Z,500,,,,,,\n")
		if n := office.Count(t, d, "SELECT count(*) FROM loans WHERE CAST(first_due AS TEXT) = '2026-02-15'"); n != 1 {
			t.Errorf("got %d loans due on 15 February, want 1", n)
		}
	})
}

// TestValuesOfFindings keeps no personal data of rejected rows, and of others only what is stored
// nowhere else.
func TestValuesOfFindings(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		wants(t, o.clients("C-2,Luis\x01,NUPA800101HN5,ana@example.com,30/02/2020\nC-3,Luis,NUPA800101HN5,ana@example.com,\nC-4,Eva,EVA,eva,\n"),
			"3 INCOMPLETE rfc rfc_shared NUPA800101HN5", "3 INCOMPLETE email email_shared ana@example.com",
			"4 INCOMPLETE rfc rfc_length ", "4 INCOMPLETE email email_form ",
			"2 REJECTED full_name printable ", "2 REJECTED created_at date_form 30/02/2020")
	})
}

// TestPreview returns a report with a list of differences, also without any.
func TestPreview(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		o.Preview = true
		text, err := json.Marshal(o.clients("C-2,Luis,LUIS800101HN5,luis@example.com,\n").Preview())
		if err != nil || !strings.Contains(string(text), `"differences":[]`) {
			t.Errorf("got %s, %v, want an empty list of differences", text, err)
		}
	})
}
