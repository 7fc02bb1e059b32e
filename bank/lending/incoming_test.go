package lending_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/books"
	"sofipo/bank/lending"
	banks "sofipo/bank/settlement"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/settlement/bankfile"
	"sofipo/core/settlement/incoming"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// bankLayout is the layout of the files of bankOffice.
var bankLayout = bankfile.Layout{
	Method: settlement.Transfer, Delimiter: bankfile.Comma, Encoding: bankfile.UTF8, Header: true, DateFormat: "DD/MM/YYYY",
	Decimal: bankfile.PointMark, Thousands: bankfile.CommaMark, Excess: bankfile.ToUnapplied,
	Columns: []bankfile.Column{
		{Field: bankfile.Date, Name: "Fecha"}, {Field: bankfile.Amount, Name: "Importe"}, {Field: bankfile.Operation, Name: "Folio"},
		{Field: bankfile.Concept, Name: "Concepto"}, {Field: bankfile.Sender, Name: "Ordenante"},
	},
}

// bankOffice is an office on 2026-01-15 with the layout of the main account.
func bankOffice(t *testing.T, d *db.DB) *office.Office {
	o := office.Open(t, d)
	office.Do(o, "ana", banks.SetLayout{AccountID: settlement.MainAccount, Layout: bankLayout})
	return o
}

// bankFile is a file with the rows, which are without a header.
func bankFile(rows ...string) banks.RegisterFile {
	return banks.RegisterFile{AccountID: settlement.MainAccount, FileName: "movimientos.csv", Content: []byte("Fecha,Folio,Importe,Concepto,Ordenante\r\n" + strings.Join(rows, "\r\n"))}
}

// referenceOf returns the reference of a loan for transfers.
func referenceOf(t *testing.T, d *db.DB, loanID id.ID) settlement.Reference {
	t.Helper()
	return settlement.ReferenceOf(settlement.ByTransfer, office.Count(t, d, fmt.Sprintf("SELECT number FROM loans WHERE id = '%s'", loanID)))
}

// importAs imports a file, which must not be refused, as a user.
func importAs(t *testing.T, o *office.Office, actor string, c banks.RegisterFile) lending.Imported {
	t.Helper()
	done, err := lending.Importer{Bank: o.Bank}.Import(t.Context(), bank.By{Actor: actor, System: true}, civil.DateOf(o.Now), c)
	if err != nil {
		t.Fatalf("import: got %v, want no error", err)
	}
	return done
}

// outcomes returns the outcomes of the rows as text.
func outcomes(i lending.Imported) string {
	var all []string
	for _, r := range i.Rows {
		s := fmt.Sprintf("%d %s", r.Line, r.Outcome)
		if r.Outcome == lending.RowBad {
			s += fmt.Sprintf(" %s %s", r.Flaw.Name(), r.Flaw.Rule)
		}
		for _, p := range r.Payments {
			if s += " " + p.Amount.String(); p.Reason != "" {
				s += " " + string(p.Reason)
			}
		}
		all = append(all, s)
	}
	return strings.Join(all, "; ")
}

func wantOutcomes(t *testing.T, got lending.Imported, want string) {
	t.Helper()
	if s := outcomes(got); s != want {
		t.Errorf("got rows\n%s\nwant\n%s", s, want)
	}
}

// TestImport: each good row of a file is taken once; bad rows are listed; a preview says the
// same and changes nothing.
func TestImport(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := bankOffice(t, d)
		lent, other := o.Lend(o.Client(1).ID, 50_000_00), o.Lend(o.Client(2).ID, 1_000_00)
		reference, second := referenceOf(t, d, lent.ID), referenceOf(t, d, other.ID)
		wrong := reference[:12] + reference[13:] + reference[12:13]
		o.On("2026-01-20")
		file := bankFile(
			"16/01/2026,1,\"1,500.00\",PAGO "+string(reference)+",MARIA",
			"17/01/2026,2,200.00,PAGO "+string(wrong)+",JUAN",
			"18/01/2026,3,300.00,ABONO,PEDRO",
			"19/01/2026,4,400.00,"+string(settlement.ReferenceOf(settlement.ByShop, 99_999_999_999))+",",
			"19/01/2026,5,5000.00,"+second.Printed()+",LUIS",
			"31/01/2026,6,10.00,,",
			"19/01/2026,7,1.234,,",
			"19/01/2026,8,-80.00,COMISION,",
			"14/01/2026,9,90.00,"+string(reference)+",",
			"18/01/2026,3,300.00,ABONO,PEDRO",
		)
		want := "2 APPLIED 1500.00; 3 SUSPENSE 200.00 wrong_reference; 4 SUSPENSE 300.00 no_reference; 5 SUSPENSE 400.00 unknown_loan; 6 APPLIED 5000.00; " +
			"7 BAD date not_future; 8 BAD amount bank_row_amount; 10 SUSPENSE 90.00 date_refused; 11 KNOWN"
		before := stored(t, d)
		preview, err := lending.Importer{Bank: o.Bank}.Preview(t.Context(), office.By, civil.DateOf(o.Now), file)
		if err != nil {
			t.Fatal(err)
		}
		wantOutcomes(t, preview, want)
		if after := stored(t, d); after != before {
			t.Errorf("preview: got rows %s, want %s as before", after, before)
		}
		done := importAs(t, o, "ana", file)
		wantOutcomes(t, done, want)
		if got, want := done.File.Counts, (incoming.Counts{Rows: 7, Applied: 2, Waiting: 4, Known: 1, Bad: 2, Out: 1}); got != want || done.File.Status != incoming.Done {
			t.Errorf("got %s, %+v, want %s, %+v", done.File.Status, got, incoming.Done, want)
		}
		if paid := loanOf(t, d, other.ID); paid.Status != servicing.PaidOff || paid.Unapplied == 0 {
			t.Errorf("got status %s and %s unapplied, want %s with the rest", paid.Status, paid.Unapplied, servicing.PaidOff)
		}
		office.Sound(t, d)

		before = stored(t, d)
		again := importAs(t, o, "luis", file)
		if s := outcomes(again); strings.Contains(s, "APPLIED") || strings.Contains(s, "SUSPENSE") {
			t.Errorf("the same file again: got %s, want no row taken", s)
		}
		overlapping := importAs(t, o, "luis", bankFile("16/01/2026,1,1500.00,X,", "18/01/2026,3,300.00,ABONO,PEDRO", "18/01/2026,4,401.00,,"))
		wantOutcomes(t, overlapping, "2 KNOWN; 3 KNOWN; 4 BAD operation bank_row_differs")
		if after := stored(t, d); after != before {
			t.Errorf("known rows: got rows %s, want %s as before", after, before)
		}
		office.Sound(t, d)
	})
}

// stored returns the numbers of rows that an import of known rows must not change.
func stored(t *testing.T, d *db.DB) string {
	t.Helper()
	return fmt.Sprint(office.Count(t, d, "SELECT count(*) FROM incoming_payments"), office.Count(t, d, "SELECT count(*) FROM loan_transactions"),
		office.Count(t, d, "SELECT count(*) FROM journal WHERE kind IS NOT NULL"))
}

// TestImportAtOnce: two nodes that import the same file take each row once.
func TestImportAtOnce(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := bankOffice(t, d)
		lent := o.Lend(o.Client(1).ID, 50_000_00)
		reference := referenceOf(t, d, lent.ID)
		var rows []string
		for n := range 60 {
			concept := string(reference)
			if n%2 == 0 {
				concept = "SIN REFERENCIA"
			}
			rows = append(rows, fmt.Sprintf("15/01/2026,F%d,%d.00,%s,", n, n+1, concept))
		}
		nodes := []*bank.Bank{o.Bank, office.OpenBank(t, d, office.Clock(func() time.Time { return o.Now }))}
		errs := make([]error, 4)
		var wait sync.WaitGroup
		for i := range errs {
			wait.Go(func() {
				_, errs[i] = lending.Importer{Bank: nodes[i%2]}.Import(t.Context(), office.By, civil.DateOf(o.Now), bankFile(rows...))
			})
		}
		wait.Wait()
		for _, err := range errs {
			if err != nil {
				t.Errorf("got %v, want no error", err)
			}
		}
		if n := office.Count(t, d, "SELECT count(*) FROM incoming_payments"); n != 60 {
			t.Errorf("got %d payments, want 60", n)
		}
		office.Sound(t, d)
	})
}

// TestImportResumed: an import that stopped is continued by importing the file again.
func TestImportResumed(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := bankOffice(t, d)
		reference := referenceOf(t, d, o.Lend(o.Client(1).ID, 50_000_00).ID)
		var rows []string
		for n := range 200 {
			rows = append(rows, fmt.Sprintf("15/01/2026,,%d.00,%s,", 1+n%3, reference))
		}
		ctx, stop := context.WithCancel(t.Context())
		stopping := office.OpenBank(t, d, office.Clock(func() time.Time { return o.Now }), office.Committed(func(uint64, []string) {
			if office.Count(t, d, "SELECT count(*) FROM incoming_payments") > 20 {
				stop()
			}
		}))
		_, err := lending.Importer{Bank: stopping}.Import(ctx, office.By, civil.DateOf(o.Now), bankFile(rows...))
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("stopped: got %v, want %s", err, fault.Unavailable)
		}
		stopping.Close()
		if n := office.Count(t, d, "SELECT count(*) FROM bank_files WHERE status = 'OPEN'"); n != 1 {
			t.Errorf("got %d open files, want 1", n)
		}
		taken := office.Count(t, d, "SELECT count(*) FROM incoming_payments")
		if taken == 0 || taken == 200 {
			t.Errorf("got %d payments taken, want some of 200", taken)
		}
		done := importAs(t, o, "ana", bankFile(rows...))
		if n := office.Count(t, d, "SELECT count(*) FROM incoming_payments"); n != 200 || done.File.Applied != 200 || done.File.Status != incoming.Done {
			t.Errorf("got %d payments, %+v, want 200 and a complete file", n, done.File)
		}
		office.Sound(t, d)
	})
}

// TestExcessToSuspense: the part above the payoff amount waits in suspense if the layout says so.
func TestExcessToSuspense(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := bankOffice(t, d)
		layout := bankLayout
		layout.Excess = bankfile.ToSuspense
		office.Do(o, "ana", banks.SetLayout{AccountID: settlement.MainAccount, Layout: layout})
		lent := o.Lend(o.Client(1).ID, 1_000_00)
		file := bankFile("15/01/2026,1,1500.00,"+string(referenceOf(t, d, lent.ID))+",", "15/01/2026,2,20.00,"+string(referenceOf(t, d, lent.ID))+",")
		wantOutcomes(t, importAs(t, o, "ana", file), "2 SUSPENSE 1000.00 500.00 above_payoff; 3 SUSPENSE 20.00 loan_ended")
		if l := loanOf(t, d, lent.ID); l.Status != servicing.PaidOff || l.Unapplied != 0 {
			t.Errorf("got %s and %s unapplied, want %s and nothing", l.Status, l.Unapplied, servicing.PaidOff)
		}
		again := importAs(t, o, "ana", bankFile("15/01/2026,1,1500.00,,", "15/01/2026,3,1.00,,"))
		wantOutcomes(t, again, "2 KNOWN; 3 SUSPENSE 1.00 no_reference")
		office.Sound(t, d)
	})
}

// TestResolveSuspense: a deposit is assigned, returned or, after the term and by another
// person, written to income, once.
func TestResolveSuspense(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := bankOffice(t, d)
		lent := o.Lend(o.Client(1).ID, 1_000_00)
		done := importAs(t, o, "ana", bankFile("15/01/2026,1,100.00,,", "15/01/2026,2,200.00,,", "15/01/2026,3,300.00,,", "15/01/2026,4,5000.00,,"))
		var p []incoming.Payment
		for _, r := range done.Rows {
			p = append(p, r.Payments...)
		}
		o.On("2026-01-25")
		balance := suspense(t, d)
		if balance != -5_600_00 {
			t.Errorf("got %s in suspense, want 5600.00", -balance)
		}
		assigned := office.Do(o, "luis", lending.AssignDeposit{PaymentID: p[0].ID, LoanID: lent.ID})
		if assigned.Status != incoming.Assigned || assigned.LoanID != lent.ID || assigned.TransactionID.IsZero() {
			t.Errorf("got %+v, want it assigned to the loan", assigned)
		}
		_, err := bank.Do(t.Context(), o.Bank, office.By, lending.AssignDeposit{PaymentID: p[3].ID, LoanID: lent.ID})
		if !fault.Is(err, servicing.OverPayment) {
			t.Errorf("more than the payoff: got %v, want %s", err, servicing.OverPayment)
		}
		office.Do(o, "luis", lending.AssignDeposit{PaymentID: p[3].ID, LoanID: lent.ID, KeepExcess: true})
		office.Do(o, "luis", banks.ReturnDeposit{PaymentID: p[1].ID, Reference: "T-1"})
		income := func(actor string) error {
			_, err := bank.Do(t.Context(), o.Bank, bank.By{Actor: actor, System: true}, &banks.TakeDepositToIncome{PaymentID: p[2].ID, Reason: "no reclamado"})
			return err
		}
		for _, again := range []error{
			refusalOf(o, lending.AssignDeposit{PaymentID: p[1].ID, LoanID: lent.ID}), refusalOf(o, banks.ReturnDeposit{PaymentID: p[0].ID, Reference: "T-2"}),
		} {
			if !fault.Is(again, incoming.NotSuspended) {
				t.Errorf("resolved already: got %v, want %s", again, incoming.NotSuspended)
			}
		}
		if err := refusalOf(o, banks.ReturnDeposit{PaymentID: id.ID{1}, Reference: "T-2"}); !fault.Is(err, incoming.NotFound) {
			t.Errorf("unknown: got %v, want %s", err, incoming.NotFound)
		}
		if err := income("ana"); err == nil {
			t.Error("the importer: got no error, want a second person")
		}
		if err := income("luis"); err != nil {
			t.Errorf("another person: got %v, want no error", err)
		}
		if left := suspense(t, d); left != 0 {
			t.Errorf("got %s in suspense, want nothing", -left)
		}
		office.Sound(t, d)
	})
}

// TestIncomeTerm: a deposit becomes income only after the term.
func TestIncomeTerm(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := bankOffice(t, d)
		done := importAs(t, o, "ana", bankFile("15/01/2026,1,100.00,,"))
		b := office.OpenBank(t, d, office.Clock(func() time.Time { return o.Now }), func(o *bank.Options) { o.Rules.UnclaimedDays = 10 })
		c := &banks.TakeDepositToIncome{PaymentID: done.Rows[0].Payments[0].ID, Reason: "no reclamado"}
		o.On("2026-01-24")
		if _, err := bank.Do(t.Context(), b, office.By, c); !fault.Is(err, incoming.TooEarly) {
			t.Errorf("before the term: got %v, want %s", err, incoming.TooEarly)
		}
		o.On("2026-01-25")
		office.Must(t, b, c)
	})
}

func refusalOf[A any](o *office.Office, c bank.Command[A]) error {
	_, err := bank.Do(context.Background(), o.Bank, office.By, c)
	return err
}

// loanOf returns a stored loan.
func loanOf(t *testing.T, d *db.DB, loanID id.ID) (l lending.Stored) {
	t.Helper()
	batch := &db.Batch{}
	batch.Query("SELECT "+lending.StoredLoan.List("")+" FROM loans WHERE id = $1", func(s db.Scanner) error { return lending.StoredLoan.Scan(s, &l) }, loanID)
	if err := d.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return l
}

// disbursementOf returns the id of a loan's first transaction.
func disbursementOf(t *testing.T, d *db.DB, loanID id.ID) (x id.ID) {
	t.Helper()
	batch := &db.Batch{}
	batch.Query("SELECT id FROM loan_transactions WHERE loan_id = $1 AND number = 0", func(s db.Scanner) error { return s.Scan(&x) }, loanID)
	if err := d.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return x
}

// suspense returns the balance of the unidentified deposits.
func suspense(t *testing.T, d *db.DB) money.Amount {
	t.Helper()
	return money.Amount(office.Count(t, d, "SELECT coalesce(sum(amount), 0)::bigint FROM posted WHERE account = '1420'"))
}

// TestMovePayment: a payment is moved to the right loan with its value date and means, in one
// command, and not in a closed month.
func TestMovePayment(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		wrong, right := o.Lend(o.Client(1).ID, 50_000_00), o.Lend(o.Client(2).ID, 20_000_00)
		untouched := loanOf(t, d, wrong.ID)
		paid := office.Do(o, "tito", lending.ReceivePayment{LoanID: wrong.ID, Operation: servicing.Operation{Amount: 3_000_00, Means: settlement.Means{Method: settlement.Cheque, Reference: "771"}}})
		o.On("2026-01-30")
		c := lending.MovePayment{LoanID: wrong.ID, TransactionID: paid.ID, ToLoanID: right.ID, Reason: "préstamo equivocado"}
		for want, err := range map[fault.Code]error{
			fault.Invalid:        refusalOf(o, lending.MovePayment{LoanID: wrong.ID, TransactionID: paid.ID, ToLoanID: wrong.ID}),
			"loan_not_found":     refusalOf(o, lending.MovePayment{LoanID: wrong.ID, TransactionID: paid.ID, ToLoanID: id.ID{1}}),
			servicing.WrongState: refusalOf(o, lending.MovePayment{LoanID: wrong.ID, TransactionID: disbursementOf(t, d, wrong.ID), ToLoanID: right.ID}),
		} {
			if !fault.Is(err, want) {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		later := c
		later.ToLoanID = o.Lend(o.Client(3).ID, 20_000_00).ID
		var refusal *fault.Error
		if err := refusalOf(o, later); !errors.As(err, &refusal) || len(refusal.Flaws) != 1 || refusal.Flaws[0].Name() != "to_loan_id" || refusal.Flaws[0].Rule != servicing.TakesPayment {
			t.Errorf("to a loan that was disbursed later: got %v, want to_loan_id refused by %s", err, servicing.TakesPayment)
		}
		moved := office.Do(o, "ana", c)
		if moved.LoanID != right.ID && moved.Amount != paid.Amount || moved.ValueDate != paid.ValueDate || moved.Means != paid.Means {
			t.Errorf("got %+v, want the payment %+v on the other loan", moved, paid)
		}
		if l := loanOf(t, d, wrong.ID); l.Balance != untouched.Balance {
			t.Errorf("got a balance of %s, want %s as before the payment", l.Balance, untouched.Balance)
		}
		if l := loanOf(t, d, right.ID); l.Balance != 17_000_00 {
			t.Errorf("got a balance of %s, want 17000.00", l.Balance)
		}
		if err := refusalOf(o, c); !fault.Is(err, servicing.WrongState) {
			t.Errorf("again: got %v, want %s", err, servicing.WrongState)
		}
		office.Sound(t, d)
		back := lending.MovePayment{LoanID: right.ID, TransactionID: moved.ID, ToLoanID: wrong.ID}
		o.On("2026-02-02")
		office.Do(o, "ana", books.ClosePeriod{Month: office.Day("2026-01-31")})
		if err := refusalOf(o, back); !fault.Is(err, accounting.PeriodClosed) {
			t.Errorf("closed month: got %v, want %s", err, accounting.PeriodClosed)
		}
		office.Sound(t, d)
	})
}

// TestRefund: unapplied funds are refunded up to their amount.
func TestRefund(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		lent := o.Lend(o.Client(1).ID, 1_000_00)
		if err := refusalOf(o, lending.RefundUnapplied{LoanID: lent.ID, Amount: 1}); !fault.Is(err, servicing.AboveUnapplied) {
			t.Errorf("nothing unapplied: got %v, want %s", err, servicing.AboveUnapplied)
		}
		office.Do(o, "tito", lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 1_250_00, KeepExcess: true}})
		if l := loanOf(t, d, lent.ID); l.Status != servicing.PaidOff || l.Unapplied != 250_00 {
			t.Errorf("got %s with %s unapplied, want %s with 250.00", l.Status, l.Unapplied, servicing.PaidOff)
		}
		office.Sound(t, d)
		o.On("2026-01-20")
		office.Do(o, "ana", lending.RefundUnapplied{LoanID: lent.ID, Amount: 100_00})
		refund := office.Do(o, "ana", lending.RefundUnapplied{LoanID: lent.ID, Amount: 150_00})
		if err := refusalOf(o, lending.RefundUnapplied{LoanID: lent.ID, Amount: 1}); !fault.Is(err, servicing.AboveUnapplied) {
			t.Errorf("all refunded: got %v, want %s", err, servicing.AboveUnapplied)
		}
		office.Sound(t, d)
		office.Do(o, "ana", lending.ReverseTransaction{LoanID: lent.ID, TransactionID: refund.ID})
		if l := loanOf(t, d, lent.ID); l.Unapplied != 150_00 {
			t.Errorf("refund reversed: got %s unapplied, want 150.00", l.Unapplied)
		}
		office.Sound(t, d)
	})
}
