package view_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"sofipo/bank/books"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"

	"sofipo/bank"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
)

// lived is a small institution to which all happened that the checks look at.
type lived struct {
	*office
	plain, retired, lost  id.ID // loans: paid normally, with a reversal, written off
	charged               id.ID // and with an opening commission
	paid, taken, reversal servicing.Movement
	posted, rejected      id.ID // vouchers
	capital               id.ID // entry of the posted voucher
}

func (o *office) live() *lived {
	lent, paid, capital := o.worked()
	l := &lived{office: o, plain: lent.ID, paid: paid, posted: capital.ID, capital: capital.EntryID}
	second := o.lend(o.client(2).ID, 1_000_000)
	third := o.lend(o.client(3).ID, 500_000)
	gone := o.lend(o.client(4).ID, 700_000)
	does(o, "ana", lending.CancelLoan{LoanID: gone.ID, Reason: "arrepentimiento"})
	applied := does(o, "ana", lending.ApplyForLoan{ClientID: second.ClientID, Product: "seed", Amount: 100_000, Rate: 200_000, Periods: 6})
	does(o, "ana", lending.RejectLoan{LoanID: applied.ID, Reason: "sin capacidad"})
	l.charged = o.charged(second.ClientID).ID
	rejected := does(o, "cora", books.ProposeEntry{Description: "x", Lines: o.lines(100)})
	does(o, "dino", books.DecideEntry{ID: rejected.ID})
	o.on("2026-03-20")
	does(o, "cora", books.ClosePeriod{Month: day("2026-01-01")})
	o.pay(second, 100_000, servicing.AdvancePayment)
	l.taken = o.pay(second, 30_000, servicing.Prepayment)
	o.on("2026-04-20")
	does(o, "cora", books.ClosePeriod{Month: day("2026-02-01")})
	o.pay(second, 60_000, "")
	o.pay(lent, 1_000_000, servicing.Prepayment)
	does(o, "ana", lending.WriteOffLoan{LoanID: third.ID})
	does(o, "tito", lending.RecoverLoan{LoanID: third.ID, Amount: 10_000})
	l.reversal = does(o, "cora", lending.ReverseTransaction{LoanID: second.ID, TransactionID: l.taken.ID, Reason: "error"})
	l.retired, l.lost, l.rejected = second.ID, third.ID, rejected.ID
	return l
}

// charged lends on a product with an opening commission of 300.00.
func (o *office) charged(to id.ID) loan.Loan {
	o.Helper()
	p := product.Seed()
	p.Code, p.Version, p.From = "comision", 0, civil.Date{}
	p.Commissions = schedule.Commissions{Opening: schedule.Commission{Rate: 30_000}, OpeningPayment: schedule.Deducted, IVARate: 160_000}
	if o.text("SELECT CAST(count(*) AS TEXT) FROM products") == "1" {
		does(o, "ana", lending.CreateProduct{Product: p})
	}
	asked := does(o, "ana", lending.ApplyForLoan{ClientID: to, Product: p.Code, Amount: 10_000_00, Rate: 300_000, Periods: 12})
	does(o, "ana", lending.ApproveLoan{LoanID: asked.ID})
	return does(o, "ana", lending.DisburseLoan{LoanID: asked.ID})
}

// lines are a debit and a credit of an amount.
func (o *office) lines(amount money.Amount) []accounting.Line {
	return []accounting.Line{{Account: "1102", Debit: amount}, {Account: "4101", Credit: amount}}
}

// sql runs statements as no program does: with the triggers out of the way.
func (o *office) sql(statements ...string) {
	o.Helper()
	session := o.db.Session()
	defer session.Close()
	batch := &db.Batch{}
	for _, s := range statements {
		batch.Exec(s)
	}
	err := session.Begin(context.Background(), batch)
	if err == nil {
		_, err = session.Commit(context.Background(), &db.Batch{})
	}
	if err != nil {
		o.Fatalf("%q: %v", statements, err)
	}
}

// unguarded lets the test change what is append-only.
func (o *office) unguarded() {
	o.Helper()
	tables := map[string][]string{"entries": {"update", "delete", "balanced"}, "postings": {"update", "delete", "first"}, "loan_versions": {"update", "delete"}}
	for table, triggers := range tables {
		if !o.db.Embedded() {
			o.sql("ALTER TABLE " + table + " DISABLE TRIGGER USER")
			continue
		}
		for _, trigger := range triggers {
			o.sql("DROP TRIGGER " + table + "_" + trigger)
		}
	}
}

// red gives the checks that fail, by name.
func (o *office) red() map[string]string {
	failed := map[string]string{}
	for _, c := range o.books.Checks(o.Context()) {
		if c.Err != nil {
			failed[c.Name] = c.Err.Error()
		}
	}
	return failed
}

// text is the one value that a query of a text gives.
func (o *office) text(query string) (value string) {
	o.Helper()
	batch := &db.Batch{}
	batch.Query(query, func(s db.Scanner) error { return s.Scan(&value) })
	if err := o.db.ReadPrimary(o.Context(), batch); err != nil {
		o.Fatal(err)
	}
	return value
}

// stranger is the id of nothing.
const stranger = "01980c5e-7d2c-7b65-9d0a-3f0c5a3b9e11"

// TestEachCheckSees: each thing that must hold of the books is broken in turn, and
// its check tells; mended, all is sound again.
func TestEachCheckSees(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		l := o.live()
		for _, c := range o.books.Checks(t.Context()) {
			if c.Err != nil || strings.HasPrefix(c.Found, "0") && !ofClosedDays[c.Name] {
				t.Errorf("%s: %s, %v", c.Name, c.Found, c.Err)
			}
		}
		o.unguarded()
		set := func(table, column, value, where string, args ...any) string {
			return fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s", table, column, value, fmt.Sprintf(where, args...))
		}
		quoted := func(x any) string { return fmt.Sprintf("'%v'", x) }
		lost := o.text(fmt.Sprintf("SELECT CAST(p.entry_id AS text) FROM postings p WHERE p.account = '7902' AND p.credit > 0 AND p.subject = '%s'", l.lost))
		strayTo := func(credit string) []string {
			return []string{
				fmt.Sprintf("INSERT INTO postings (entry_id, line, account, subject, debit, credit) VALUES ('%[1]s', 0, '1301', '%[1]s', 5, 0), ('%[1]s', 1, '%[2]s', '%[1]s', 0, 5)", stranger, credit),
				fmt.Sprintf("INSERT INTO entries (id, business_date, posted_at, kind, reference) SELECT '%[1]s', business_date, posted_at, 'payment_received', '%[1]s' FROM entries WHERE id = '%[2]s'", stranger, l.paid.Entry),
			}
		}
		stray := strayTo("1102")
		unstray := []string{"DELETE FROM postings WHERE entry_id = '" + stranger + "'", "DELETE FROM entries WHERE id = '" + stranger + "'"}
		split := o.text(fmt.Sprintf("SELECT split FROM movements WHERE id = '%s'", l.paid.ID))
		terms := o.text(fmt.Sprintf("SELECT terms FROM loan_versions WHERE loan_id = '%s' AND serial = 1", l.plain))
		drifted := strings.Replace(terms, `"annual_rate":0.15,`, `"annual_rate":0.16,`, 1)
		if drifted == terms || strings.Contains(split+terms, "'") {
			t.Fatalf("the terms are not as the test takes them: %s", terms)
		}
		moved := func(sign string) []string { // from one account to another, as much on each side
			return []string{fmt.Sprintf("UPDATE postings SET debit = debit %[1]s CASE account WHEN '1301' THEN 1 ELSE -1 END WHERE entry_id = '%[2]s' AND account IN ('1301', '1302')", sign, l.reversal.Entry)}
		}
		ofTax := fmt.Sprintf("WHERE entry_id = '%s' AND account IN ('2401', '2402')", l.reversal.Entry) // as much on each side
		for _, c := range []struct {
			check        string
			broke, mends []string
		}{
			{"entries balance", []string{set("postings", "debit", "debit + 1", "entry_id = '%s' AND line = 0", l.paid.Entry)}, []string{set("postings", "debit", "debit - 1", "entry_id = '%s' AND line = 0", l.paid.Entry)}},
			{"trial balance", []string{set("postings", "debit", "debit + 1", "entry_id = '%s' AND line = 0", l.capital)}, []string{set("postings", "debit", "debit - 1", "entry_id = '%s' AND line = 0", l.capital)}},
			{"entries balance", []string{set("postings", "entry_id", quoted(stranger), "entry_id = '%s'", l.paid.Entry)}, []string{set("postings", "entry_id", quoted(l.paid.Entry), "entry_id = '%s'", stranger)}},
			{"postings have their entry", []string{set("entries", "id", quoted(stranger), "id = '%s'", l.paid.Entry)}, []string{set("entries", "id", quoted(l.paid.Entry), "id = '%s'", stranger)}},
			{"memorandum accounts balance", []string{set("postings", "account", "'1101'", "entry_id = '%s' AND account = '7902'", lost)}, []string{set("postings", "account", "'7902'", "entry_id = '%s' AND account = '1101'", lost)}},
			{"1301 and 1351 equals balance", []string{set("loans", "balance", "balance + 1", "id = '%s'", l.plain)}, []string{set("loans", "balance", "balance - 1", "id = '%s'", l.plain)}},
			{"1301 and 1351 equals balance", stray, unstray},
			{"1301 and 1351 equals balance", strayTo("1301"), unstray}, // of no loan, though they balance
			{"1302 equals interest_due", []string{set("loans", "interest_due", "interest_due + 1", "id = '%s'", l.plain)}, []string{set("loans", "interest_due", "interest_due - 1", "id = '%s'", l.plain)}},
			{"1410 equals iva_due", []string{set("loans", "iva_due", "iva_due + 1", "id = '%s'", l.plain)}, []string{set("loans", "iva_due", "iva_due - 1", "id = '%s'", l.plain)}},
			{"2401 equals iva_due", []string{set("postings", "subject", quoted(stranger), "entry_id = '%s' AND account = '2401'", l.paid.Entry)}, []string{set("postings", "subject", quoted(l.plain), "entry_id = '%s' AND account = '2401'", l.paid.Entry)}},
			{"2404 equals advance", []string{set("loans", "advance", "advance + 1", "id = '%s'", l.retired)}, []string{set("loans", "advance", "advance - 1", "id = '%s'", l.retired)}},
			{"7102 equals written_off", []string{set("loans", "written_off", "written_off + 1", "id = '%s'", l.lost)}, []string{set("loans", "written_off", "written_off - 1", "id = '%s'", l.lost)}},
			{feesDeferred, []string{set("loans", "fee", "fee + 1", "id = '%s'", l.charged)}, []string{set("loans", "fee", "fee - 1", "id = '%s'", l.charged)}},
			{feesDeferred, []string{set("loans", "status", "'PAID_OFF'", "id = '%s'", l.charged)}, []string{set("loans", "status", "'ACTIVE'", "id = '%s'", l.charged)}},
			{feesDeferred, []string{set("postings", "subject", quoted(l.plain), "account = '5302'")}, []string{set("postings", "subject", quoted(l.charged), "account = '5302'")}},
			{"loans computed anew", []string{set("loans", "fee_last", "'2027-02-14'", "id = '%s'", l.charged)}, []string{set("loans", "fee_last", "'2027-02-15'", "id = '%s'", l.charged)}},
			{"movements have their entry", []string{set("movements", "entry_id", "NULL", "id = '%s'", l.paid.ID)}, []string{set("movements", "entry_id", quoted(l.paid.Entry), "id = '%s'", l.paid.ID)}},
			{"movements have their entry", []string{set("movements", "entry_id", quoted(l.capital), "id = '%s'", l.paid.ID)}, []string{set("movements", "entry_id", quoted(l.paid.Entry), "id = '%s'", l.paid.ID)}},
			{"entries tell of something", stray, unstray},
			{"entries tell of something", []string{set("vouchers", "entry_id", quoted(l.paid.Entry), "id = '%s'", l.posted)}, []string{set("vouchers", "entry_id", quoted(l.capital), "id = '%s'", l.posted)}},
			{"movements have no gap", []string{set("loans", "movements", "movements + 1", "id = '%s'", l.plain)}, []string{set("loans", "movements", "movements - 1", "id = '%s'", l.plain)}},
			{"movements have no gap", []string{set("movements", "number", "-1", "loan_id = '%s' AND number = 0", l.plain)}, []string{set("movements", "number", "0", "loan_id = '%s' AND number = -1", l.plain)}},
			{"reversals reverse a movement", []string{set("movements", "reversed_by", quoted(stranger), "id = '%s'", l.paid.ID)}, []string{set("movements", "reversed_by", "NULL", "id = '%s'", l.paid.ID)}},
			{"reversals reverse a movement", []string{set("movements", "reversed_by", quoted(l.paid.ID), "id = '%s'", l.taken.ID)}, []string{set("movements", "reversed_by", quoted(l.reversal.ID), "id = '%s'", l.taken.ID)}},
			{"reversals reverse a movement", []string{set("movements", "reversed_by", "NULL", "id = '%s'", l.taken.ID)}, []string{set("movements", "reversed_by", quoted(l.reversal.ID), "id = '%s'", l.taken.ID)}},
			{"reversals reverse a movement", []string{set("movements", "reverses", quoted(l.paid.ID), "id = '%s'", l.reversal.ID)}, []string{set("movements", "reverses", quoted(l.taken.ID), "id = '%s'", l.reversal.ID)}},
			{"mirrors undo their entries", []string{set("postings", "account", "'1101'", "entry_id = '%s' AND account = '1102'", l.reversal.Entry)}, []string{set("postings", "account", "'1102'", "entry_id = '%s' AND account = '1101'", l.reversal.Entry)}},
			{"mirrors undo their entries", moved("+"), moved("-")},
			{"mirrors undo their entries", []string{"DELETE FROM postings " + ofTax}, []string{
				"INSERT INTO postings (entry_id, line, account, subject, debit, credit) SELECT '" + l.reversal.Entry.String() + "', line, account, subject, credit, debit FROM postings " +
					strings.Replace(ofTax, l.reversal.Entry.String(), l.taken.Entry.String(), 1)}},
			{"what is reversed is mirrored", []string{set("entries", "reverses", "NULL", "id = '%s'", l.reversal.Entry)}, []string{set("entries", "reverses", quoted(l.taken.Entry), "id = '%s'", l.reversal.Entry)}},
			{"what is reversed is mirrored", []string{set("entries", "reverses", quoted(l.paid.Entry), "id = '%s'", l.reversal.Entry)}, []string{set("entries", "reverses", quoted(l.taken.Entry), "id = '%s'", l.reversal.Entry)}},
			{"vouchers have their entry", []string{set("vouchers", "entry_id", "NULL", "id = '%s'", l.posted)}, []string{set("vouchers", "entry_id", quoted(l.capital), "id = '%s'", l.posted)}},
			{"vouchers have their entry", []string{set("vouchers", "status", "'POSTED'", "id = '%s'", l.rejected)}, []string{set("vouchers", "status", "'REJECTED'", "id = '%s'", l.rejected)}},
			{"vouchers have their entry", []string{set("vouchers", "status", "'REJECTED'", "id = '%s'", l.posted)}, []string{set("vouchers", "status", "'POSTED'", "id = '%s'", l.posted)}},
			{"loans have their schedules", []string{set("loans", "version", "version + 1", "id = '%s'", l.plain)}, []string{set("loans", "version", "version - 1", "id = '%s'", l.plain)}},
			{"loans per client", []string{"UPDATE clients SET loans = loans + 1"}, []string{"UPDATE clients SET loans = loans - 1"}},
			{"closed periods take no entry", []string{set("entries", "business_date", "'2026-01-31'", "id = '%s'", l.reversal.Entry)}, []string{set("entries", "business_date", "'2026-04-20'", "id = '%s'", l.reversal.Entry)}},
			{"closed periods take no entry", []string{"UPDATE books SET closed_through = '2026-01-31'"}, []string{"UPDATE books SET closed_through = '2026-02-28'"}},
			{"loans computed anew", []string{set("loans", "status", "'RESTRUCTURED'", "id = '%s'", l.plain)}, []string{set("loans", "status", "'ACTIVE'", "id = '%s'", l.plain)}},
			{"loans computed anew", []string{set("loans", "day", "'2026-04-21'", "id = '%s'", l.plain)}, []string{set("loans", "day", "'2026-04-20'", "id = '%s'", l.plain)}},
			{"loans computed anew", []string{set("movements", "amount", "amount + 1", "id = '%s'", l.paid.ID)}, []string{set("movements", "amount", "amount - 1", "id = '%s'", l.paid.ID)}},
			{"loans computed anew", []string{set("movements", "value_date", "'2026-02-14'", "id = '%s'", l.paid.ID)}, []string{set("movements", "value_date", "'2026-02-15'", "id = '%s'", l.paid.ID)}},
			{"loans computed anew", []string{set("movements", "split", quoted(strings.Replace(split, "100.00", "100.01", 1)), "id = '%s'", l.paid.ID)}, []string{set("movements", "split", quoted(split), "id = '%s'", l.paid.ID)}},
			{"loans computed anew", []string{set("loan_versions", "terms", quoted(drifted), "loan_id = '%s' AND serial = 1", l.plain)}, []string{set("loan_versions", "terms", quoted(terms), "loan_id = '%s' AND serial = 1", l.plain)}},
			{"loans computed anew", []string{"CREATE TABLE kept AS SELECT * FROM movements WHERE loan_id = '" + l.charged.String() + "'", "DELETE FROM movements WHERE loan_id = '" + l.charged.String() + "'"},
				[]string{"INSERT INTO movements SELECT * FROM kept", "DROP TABLE kept"}},
			{"loans computed anew", []string{set("loan_versions", "level", "level + 1", "loan_id = '%s' AND serial > 1", l.plain)}, []string{set("loan_versions", "level", "level - 1", "loan_id = '%s' AND serial > 1", l.plain)}},
		} {
			o.sql(c.broke...)
			if failed := o.red(); failed[c.check] == "" {
				t.Errorf("%s does not see %q; red are %v", c.check, c.broke, failed)
			}
			o.sql(c.mends...)
			if failed := o.red(); len(failed) > 0 {
				t.Fatalf("%q does not mend it: %v", c.mends, failed)
			}
		}
	})
}

// The checks that have something to look at once a day was closed.
const (
	lastClosed   = "the last day closed has its positions"
	portfolioIs  = "the portfolio is the positions"
	counted      = "positions are counted"
	oneEach      = "loans have their position"
	businessDays = "business days follow one another"
	sumsOfDays   = "sums of days are their entries"
	feesDeferred = "5302 equals the opening commissions deferred"
)

var ofClosedDays = map[string]bool{lastClosed: true, portfolioIs: true, counted: true, oneEach: true, businessDays: true, sumsOfDays: true}

// TestClosedDaysAreChecked: what a close books for all loans of a product at once
// is compared with its positions, and each of its entries has its day; what became
// of an opening commission since, with its loan.
func TestClosedDaysAreChecked(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		lent := o.lend(o.client(1).ID, 5_000_000)
		o.lend(o.client(2).ID, 800_000)
		o.on("2026-05-27")
		o.charged(lent.ClientID)
		ends := o.charged(lent.ClientID)
		o.on("2026-05-30")
		for range day("2026-05-30").Since(day("2026-01-15")) {
			if _, err := dayend.New(o.bank, dayend.Options{}).CloseDay(t.Context(), bank.By{System: true, Actor: "cierre"}, civil.Date{}, nil); err != nil {
				t.Fatal(err)
			}
		}
		o.pay(lent, 300_000, "")
		does(o, "ana", lending.WriteOffLoan{LoanID: ends.ID})
		if failed := o.red(); len(failed) > 0 {
			t.Fatal(failed)
		}
		o.unguarded()
		longAgo := "'1970-01-01'"
		if d.Embedded() {
			longAgo = "0"
		}
		fee := func(by, where string) string {
			return fmt.Sprintf("UPDATE postings SET debit = debit %s WHERE account = '5302' AND debit > 0 AND %s", by, where)
		}
		const ofTheClose = "entry_id IN (SELECT id FROM entries WHERE kind = 'opening_fee_amortised' AND business_date = '2026-05-29')"
		ofTheEnd := fmt.Sprintf("subject = '%s'", ends.ID)
		kind := func(of, to string) string {
			return fmt.Sprintf("UPDATE entries SET kind = '%s' WHERE kind = '%s'", to, of)
		}
		for _, c := range []struct{ check, broke, mends string }{
			{lastClosed, "UPDATE portfolio SET interest = interest + 1", "UPDATE portfolio SET interest = interest - 1"},
			{lastClosed, "UPDATE postings SET account = '1302' WHERE account = '1352'", "UPDATE postings SET account = '1352' WHERE account = '1302' AND entry_id IN (SELECT id FROM entries WHERE kind = 'loan_reclassified') AND debit > 0"},
			{lastClosed, "UPDATE postings SET account = '2999' WHERE account = '1391'", "UPDATE postings SET account = '1391' WHERE account = '2999'"},
			{portfolioIs, "UPDATE positions SET reserve = reserve + 1", "UPDATE positions SET reserve = reserve - 1"},
			{portfolioIs, "UPDATE portfolio SET days_past_due = days_past_due + 500", "UPDATE portfolio SET days_past_due = days_past_due - 500"},
			{counted, "UPDATE portfolio SET loans = loans + 1", "UPDATE portfolio SET loans = loans - 1"},
			{feesDeferred, fee("+ 1", ofTheClose), fee("- 1", ofTheClose)},
			{feesDeferred, fee("+ 1", ofTheEnd), fee("- 1", ofTheEnd)},
			{oneEach, fmt.Sprintf("UPDATE positions SET loan_id = '%s' WHERE loan_id = '%s'", stranger, lent.ID), fmt.Sprintf("UPDATE positions SET loan_id = '%s' WHERE loan_id = '%s'", lent.ID, stranger)},
			{oneEach, "UPDATE loans SET balance = balance + 1", "UPDATE loans SET balance = balance - 1"},
			{oneEach, fmt.Sprintf("UPDATE loans SET opened = '2026-06-15' WHERE id = '%s'", lent.ID), fmt.Sprintf("UPDATE loans SET opened = '2026-01-15' WHERE id = '%s'", lent.ID)},
			{oneEach, fmt.Sprintf("UPDATE loans SET status = 'PAID_OFF' WHERE status = 'ACTIVE' AND id <> '%s'", lent.ID), "UPDATE loans SET status = 'ACTIVE' WHERE status = 'PAID_OFF'"},
			{sumsOfDays, "UPDATE account_days SET debit = debit + 1 WHERE account = '1301'", "UPDATE account_days SET debit = debit - 1 WHERE account = '1301'"},
			{sumsOfDays, "UPDATE account_days SET account = '1999' WHERE account = '1301'", "UPDATE account_days SET account = '1301' WHERE account = '1999'"},
			{businessDays, "UPDATE business_days SET day = '2026-06-01' WHERE day = '2026-05-29'", "UPDATE business_days SET day = '2026-05-29' WHERE day = '2026-06-01'"},
			{businessDays, "UPDATE business_days SET status = 'CLOSING' WHERE day = '2026-05-28'", "UPDATE business_days SET status = 'CLOSED'"},
			{businessDays, "UPDATE business_days SET status = 'CLOSING', began_at = " + longAgo + " WHERE day = '2026-05-29'", "UPDATE business_days SET status = 'CLOSED'"},
			{"loans computed anew", fmt.Sprintf("UPDATE loans SET moved = '2026-05-31' WHERE id = '%s'", lent.ID), fmt.Sprintf("UPDATE loans SET moved = '2026-05-30' WHERE id = '%s'", lent.ID)},
			{"loans computed anew", "UPDATE loans SET carried = 1", "UPDATE loans SET carried = 0"},
			{"loans computed anew", "UPDATE loans SET stage = stage - 1 WHERE suspended", "UPDATE loans SET stage = stage + 1 WHERE suspended"},
			{"1410 equals 2401", "UPDATE postings SET account = '2402' WHERE account = '2401' AND debit = 0", "UPDATE postings SET account = '2401' WHERE account = '2402' AND debit = 0 AND entry_id IN (SELECT id FROM entries WHERE kind = 'interest_accrued')"},
			{"entries tell of something", kind("provision_changed", "provided"), kind("provided", "provision_changed")},
			{"entries tell of something", kind("opening_fee_amortised", "fee"), kind("fee", "opening_fee_amortised")},
			{"entries tell of something", kind("loan_reclassified", "moved"), kind("moved", "loan_reclassified")},
		} {
			if o.sql(c.broke); o.red()[c.check] == "" {
				t.Errorf("%s does not see %q", c.check, c.broke)
			}
			if o.sql(c.mends); len(o.red()) > 0 {
				t.Fatalf("%q does not mend it: %v", c.mends, o.red())
			}
		}
	})
}

// TestAClosingThatNobodyDidIsSeen: where no month was closed, the books are open from
// their beginning.
func TestAClosingThatNobodyDidIsSeen(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		if failed := o.red(); len(failed) > 0 {
			t.Fatal(failed)
		}
		o.sql("UPDATE books SET closed_through = '2025-12-31'")
		if failed := o.red(); failed["closed periods take no entry"] == "" {
			t.Error(failed)
		}
	})
}

// TestLoansAreLookedAtInSlices: more loans than a slice are all computed anew, and
// no more than asked for.
func TestLoansAreLookedAtInSlices(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		borrower := o.client(1)
		first := o.lend(borrower.ID, 100_000)
		for range 419 {
			o.lend(borrower.ID, 100_000)
		}
		for most, want := range map[int]string{1: "1 loans", 200: "200 loans", 350: "350 loans", 1_000_000: "420 loans"} {
			if c := o.books.CheckLoans(t.Context(), most); c.Err != nil || c.Found != want {
				t.Errorf("at most %d: %+v", most, c)
			}
		}
		o.sql(fmt.Sprintf("UPDATE loans SET interest_due = 1 WHERE id = '%s'", first.ID))
		if c := o.books.CheckLoans(t.Context(), 419); c.Err != nil {
			t.Error(c.Err)
		}
		if c := o.books.CheckLoans(t.Context(), 420); c.Err == nil || !strings.Contains(c.Err.Error(), first.ID.String()) {
			t.Errorf("the oldest loan: %+v", c)
		}
	})
}
