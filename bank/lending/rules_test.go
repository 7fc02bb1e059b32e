package lending_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"sofipo/bank/lending"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// storedLoan is what the program before Rules2 stored for a loan of 11,000.00 at 100 %
// over 60 months, disbursed on 15 January 2026.
type storedLoan struct {
	Terms, Plan, State string
	Level              money.Amount
}

// asBefore replaces the stored schedule of a loan that was just granted by that of the
// program before.
func asBefore(o *office.Office, l loan.Loan) (before storedLoan) {
	o.Helper()
	text, err := os.ReadFile("testdata/rules1.json")
	if err == nil {
		err = json.Unmarshal(text, &before)
	}
	if err != nil {
		o.Fatal(err)
	}
	bytes := func(text string) []byte {
		b, err := hex.DecodeString(text)
		if err != nil {
			o.Fatal(err)
		}
		return b
	}
	office.Unguard(o.T, o.DB)
	office.Run(o, o.DB, "UPDATE loan_versions SET terms = $1, level = $2, plan = $3 WHERE loan_id = $4", before.Terms, before.Level, bytes(before.Plan), l.ID)
	office.Run(o, o.DB, "UPDATE loans SET state = $1 WHERE id = $2", bytes(before.State), l.ID)
	return before
}

// versionsOf returns the stored versions of a loan's schedule as texts.
func versionsOf(o *office.Office, loanID id.ID) (all []string) {
	o.Helper()
	batch := &db.Batch{}
	batch.Query("SELECT reason, terms, level, plan FROM loan_versions WHERE loan_id = $1 ORDER BY serial", func(s db.Scanner) error {
		var reason, terms string
		var level money.Amount
		var plan []byte
		err := s.Scan(&reason, &terms, &level, &plan)
		all = append(all, fmt.Sprintf("%s %s %s %x", reason, terms, level, plan))
		return err
	}, loanID)
	if err := o.DB.ReadPrimary(o.Context(), batch); err != nil {
		o.Fatal(err)
	}
	return all
}

// TestStoredLoansKeepTheirRules: a loan that the program before granted follows the rules
// of before in back-dated payments, reversals, prepayments and the checks of the doctor.
// Under the latest rules its table would be another.
func TestStoredLoansKeepTheirRules(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		l := o.Lend(o.Client(1).ID, 11_000_00, func(terms *loan.Terms) { terms.Rate, terms.TermMonths = 1_000_000, 60 })
		granted := versionsOf(o, l.ID)
		if !strings.Contains(granted[0], `"rules":2}`) {
			t.Errorf("got %s, want a new loan with the rules 2", granted[0])
		}
		before := asBefore(o, l)
		contract := fmt.Sprintf("contract %s %s %s", before.Terms, before.Level, before.Plan)
		if granted[0] == contract || !slices.Equal(versionsOf(o, l.ID), []string{contract}) {
			t.Fatalf("got %v, want the schedule of before, another one than %v", versionsOf(o, l.ID), granted)
		}
		office.Sound(t, d)
		check := func(step string, count int) {
			t.Helper()
			all := versionsOf(o, l.ID)
			if all[0] != contract || len(all) != count {
				t.Errorf("%s: got %d versions, the contract %s; want %d, %s", step, len(all), all[0], count, contract)
			}
			for _, v := range all[1:] {
				if strings.Contains(v, `"rules"`) {
					t.Errorf("%s: got %s, want terms without a version of the rules", step, v)
				}
			}
			office.Sound(t, d)
		}

		o.On("2026-04-20")
		o.Pay(l, 1_000_00, "")
		check("a payment", 1)
		dated := office.Do(o, "tito", lending.ReceivePayment{LoanID: l.ID, Operation: servicing.Operation{Amount: 1_000_00, ValueDate: office.Day("2026-02-15")}})
		check("a payment dated back", len(versionsOf(o, l.ID)))
		office.Do(o, "cora", lending.ReverseTransaction{LoanID: l.ID, TransactionID: dated.ID})
		kept := len(versionsOf(o, l.ID))
		check("its reversal", kept)
		o.Pay(l, 5_000_00, servicing.Prepayment)
		check("a prepayment", kept+1)

		office.Do(o, "ana", lending.RestructureLoan{LoanID: l.ID, Rate: 1_000_000, Periods: 60})
		all := versionsOf(o, l.ID)
		if last := all[len(all)-1]; !strings.HasPrefix(last, "restructure ") || !strings.Contains(last, `"rules":2}`) || all[0] != contract {
			t.Errorf("got %v, want a restructure with the rules 2 after the contract", all)
		}
		office.Sound(t, d)
	})
}
