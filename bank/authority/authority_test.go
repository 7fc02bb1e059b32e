package authority_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"sofipo/bank"
	deciding "sofipo/bank/authority"
	"sofipo/bank/lending"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// The users of an institution, with their roles.
const (
	ana   = "ana"   // officer
	eva   = "eva"   // officer
	marta = "marta" // branch manager
	diego = "diego" // director
	cora  = "cora"  // accountant
	tito  = "tito"  // teller
)

var roles = map[string]access.Role{
	ana: access.Officer, eva: access.Officer, marta: access.BranchManager, diego: access.Director, cora: access.Accountant, tito: access.Teller,
}

// staffed runs a test on both databases in an institution with a user of each role, that
// writes off loans from 90 days past due.
func staffed(t *testing.T, run func(*office.Office)) {
	t.Helper()
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d, func(b *bank.Options) { b.Rules.WriteOffDays = 90 })
		for name, role := range roles {
			office.Do(o, "setup", staffing.AddUser{Username: name, Password: "x", Role: string(role)})
		}
		run(o)
		office.Sound(t, d)
	})
}

// as carries out a command of a user, with the role of the user.
func as[A any](o *office.Office, who string, c bank.Command[A]) (A, error) {
	o.Helper()
	got, err := bank.Do(o.Context(), o.Bank, bank.By{Actor: who}, c)
	return got.Answer, err
}

// must carries out a command that must not be refused.
func must[A any](o *office.Office, who string, c bank.Command[A]) A {
	o.Helper()
	got, err := as(o, who, c)
	if err != nil {
		o.Fatalf("%s of %s: got %v, want no error", c.Name(), who, err)
	}
	return got
}

// refused carries out a command that must be refused with a code, and returns the refusal.
func refused[A any](o *office.Office, who string, c bank.Command[A], code fault.Code) {
	o.Helper()
	_ = refusal(o, who, c, code)
}

func refusal[A any](o *office.Office, who string, c bank.Command[A], code fault.Code) *fault.Error {
	o.Helper()
	_, err := as(o, who, c)
	var got *fault.Error
	if !errors.As(err, &got) || got.Code != code {
		o.Fatalf("%s of %s: got %v, want %s", c.Name(), who, err, code)
	}
	return got
}

func grant(to id.ID, amount money.Amount) lending.GrantLoan {
	return lending.GrantLoan{ClientID: to, Terms: loan.Terms{Amount: amount, Rate: 150_000, TermMonths: 24}}
}

func apply(to id.ID, amount money.Amount) lending.ApplyForLoan {
	return lending.ApplyForLoan{ClientID: to, Product: "seed", Amount: amount, Rate: 150_000, Periods: 24}
}

func file[A any](o *office.Office, who string, c bank.Command[A]) authority.Request {
	o.Helper()
	return must(o, who, request(o, c))
}

func request[A any](o *office.Office, c bank.Command[A]) deciding.FileRequest {
	o.Helper()
	order, can := bank.OrderOf(c)
	if !can {
		o.Fatalf("%s: got no order, want it requestable", c.Name())
	}
	return deciding.FileRequest{Order: order, Reason: "motivo"}
}

// approval returns the command that approves a request, as a door makes it.
func approval(o *office.Office, requestID id.ID) deciding.ApproveRequest {
	o.Helper()
	order, err := deciding.Find(o.Context(), o.Bank, requestID)
	if err != nil {
		o.Fatal(err)
	}
	return deciding.ApproveRequest{ID: requestID, Order: order}
}

// TestAnOfficerDoesNotGrantAlone: the largest amount is refused, with what is accepted and who
// may approve it, and nothing is stored.
func TestAnOfficerDoesNotGrantAlone(t *testing.T) {
	staffed(t, func(o *office.Office) {
		borrower := o.Client(1).ID
		most := staff.DefaultLimits[access.Officer].Alone
		for _, amount := range []money.Amount{money.Max, 600_000_00, most + 1} {
			got := refusal(o, ana, grant(borrower, amount), authority.Exceeded)
			if got.Values["exposure"] != amount || got.Values["limit"] != staff.DefaultLimits[access.Officer].Of(got.Values["operation"].(staff.Operation)) || got.Values["file"] == nil {
				t.Errorf("grant of %s: got %v, want the limit, the exposure and how to file it", amount, got.Values)
			}
		}
		if got := refusal(o, ana, grant(borrower, 600_000_00), authority.Exceeded).Values["approvers"]; !slices.Equal(got.([]access.Role), []access.Role{access.Admin, access.Director}) {
			t.Errorf("approvers of 600,000: got %v, want admin and director", got)
		}
		if got := refusal(o, ana, grant(borrower, money.Max), authority.Exceeded); got.Rule != authority.NobodyMay {
			t.Errorf("got the rule %s, want %s", got.Rule, authority.NobodyMay)
		}
		if n := office.Count(t, o.DB, "SELECT count(*) FROM loans"); n != 0 {
			t.Errorf("got %d loans, want none", n)
		}
		if n := office.Count(t, o.DB, "SELECT count(*) FROM journal WHERE refusal = 'authority_exceeded' AND actor = 'ana'"); n != 5 {
			t.Errorf("got %d audit rows of refusals, want 5", n)
		}
		must(o, ana, grant(borrower, most))
	})
}

// TestALoanIsNotSplit: three loans of 40,000 count as 120,000.
func TestALoanIsNotSplit(t *testing.T) {
	staffed(t, func(o *office.Office) {
		borrower := o.Client(1).ID
		must(o, ana, grant(borrower, 40_000_00))
		got := refusal(o, ana, grant(borrower, 40_000_00), authority.Exceeded)
		if got.Values["exposure"] != money.Amount(80_000_00) {
			t.Errorf("second loan: got the exposure %v, want 80000.00", got.Values["exposure"])
		}
		second := must(o, ana, apply(borrower, 40_000_00))
		third := must(o, ana, apply(borrower, 40_000_00))
		refused(o, ana, lending.ApproveLoan{LoanID: second.ID}, authority.Exceeded)
		refused(o, eva, lending.ApproveLoan{LoanID: third.ID}, authority.Exceeded)
		must(o, marta, lending.ApproveLoan{LoanID: third.ID})
		must(o, ana, grant(o.Client(2).ID, 40_000_00)) // another client
	})
}

// TestAHealthyLoanIsNotWrittenOff: before 90 days past due it takes two people, one of them
// with the authority for early write-offs.
func TestAHealthyLoanIsNotWrittenOff(t *testing.T) {
	staffed(t, func(o *office.Office) {
		lent := o.Lend(o.Client(1).ID, 250_000_00)
		o.On("2026-01-16")
		off := lending.WriteOffLoan{LoanID: lent.ID}
		for _, who := range []string{ana, marta, diego} {
			if got := refusal(o, who, off, authority.Exceeded); got.Rule != authority.NeedsRequest {
				t.Errorf("%s: got the rule %s, want %s", who, got.Rule, authority.NeedsRequest)
			}
		}
		filed := file(o, ana, off)
		if filed.Limit != staff.EarlyWriteOff || filed.Exposure != 250_000_00 || filed.Subject != lent.ID || filed.ClientID != lent.ClientID {
			t.Errorf("got %+v, want a request for an early write-off of 250,000 about the loan", filed)
		}
		refused(o, ana, approval(o, filed.ID), access.Forbidden)
		own := file(o, marta, off)
		o.SQL("UPDATE users SET role = 'director' WHERE username = 'marta'")
		o.Now = o.Now.Add(6_000_000_000) // roles are remembered for 5 seconds
		refused(o, marta, approval(o, own.ID), access.FourEyes)
		o.SQL("UPDATE users SET role = 'branch_manager' WHERE username = 'marta'")
		o.Now = o.Now.Add(6_000_000_000)
		refused(o, marta, approval(o, filed.ID), authority.Exceeded)
		done := must(o, diego, approval(o, filed.ID))
		if done.Request.State != authority.Approved || done.Request.DecidedBy != diego {
			t.Errorf("got %+v, want it approved by diego", done.Request)
		}
		if n := office.Count(t, o.DB, "SELECT count(*) FROM loans WHERE status = 'WRITTEN_OFF'"); n != 1 {
			t.Errorf("got %d written-off loans, want 1", n)
		}
		if got := refusal(o, ana, grant(lent.ClientID, 1_00), authority.Exceeded); got.Values["exposure"].(money.Amount) <= 250_000_00 {
			t.Errorf("a new loan: got the exposure %v, want the written-off debt in it", got.Values["exposure"])
		}
	})
}

// TestAnOverdueLoanIsWrittenOff: from 90 days past due, the limit is enough.
func TestAnOverdueLoanIsWrittenOff(t *testing.T) {
	staffed(t, func(o *office.Office) {
		lent := o.Lend(o.Client(1).ID, 40_000_00) // first due on 2026-02-15
		o.On("2026-05-15")                        // 89 days later
		refused(o, marta, lending.WriteOffLoan{LoanID: lent.ID}, authority.Exceeded)
		o.On("2026-05-16")
		refused(o, ana, lending.WriteOffLoan{LoanID: lent.ID}, authority.Exceeded)
		must(o, marta, lending.WriteOffLoan{LoanID: lent.ID})
	})
}

// TestNobodyApprovesTheOwnApplication: not by a second role, and not after an edit.
func TestNobodyApprovesTheOwnApplication(t *testing.T) {
	staffed(t, func(o *office.Office) {
		applied := must(o, ana, apply(o.Client(1).ID, 200_000_00))
		o.SQL("UPDATE users SET role = 'director' WHERE username = 'ana'")
		o.Now = o.Now.Add(6_000_000_000) // roles are remembered for 5 seconds
		refused(o, ana, lending.ApproveLoan{LoanID: applied.ID}, authority.Exceeded)
		edit := lending.EditApplication{LoanID: applied.ID, Product: "seed", Amount: 210_000_00, Rate: 150_000, Periods: 24}
		must(o, marta, edit)
		o.SQL("UPDATE application_steps SET kind = 'RETURNED'") // as if an older program had written no step of the edit
		refused(o, marta, lending.ApproveLoan{LoanID: applied.ID}, authority.Exceeded)
		o.SQL("UPDATE application_steps SET kind = 'EDITED'")
		must(o, diego, lending.ReturnLoan{LoanID: applied.ID, Reason: "falta firma"})
		refused(o, diego, lending.ApproveLoan{LoanID: applied.ID}, servicing.WrongState)
		must(o, eva, edit)
		refused(o, marta, lending.ApproveLoan{LoanID: applied.ID}, authority.Exceeded) // the first of two editors
		refused(o, ana, lending.ApproveLoan{LoanID: applied.ID}, authority.Exceeded)
		approved := must(o, diego, lending.ApproveLoan{LoanID: applied.ID})
		if approved.ApprovedBy != diego || approved.EditedBy != eva || approved.AppliedBy != ana {
			t.Errorf("got %+v, want it of ana, last edited by eva and approved by diego", approved)
		}
		refused(o, eva, lending.DisburseLoan{LoanID: applied.ID}, authority.Exceeded)
		must(o, marta, lending.DisburseLoan{LoanID: applied.ID})
	})
}

// TestAnEditedApplicationLosesItsApproval: nobody disburses what nobody approved.
func TestAnEditedApplicationLosesItsApproval(t *testing.T) {
	staffed(t, func(o *office.Office) {
		applied := must(o, ana, apply(o.Client(1).ID, 100_000_00))
		must(o, marta, lending.ApproveLoan{LoanID: applied.ID})
		edit := lending.EditApplication{LoanID: applied.ID, Product: "seed", Amount: 400_000_00, Rate: 200_000, Periods: 36}
		edited := must(o, ana, edit)
		if edited.Status != servicing.Applied || edited.ApprovedBy != "" || edited.Amount != 400_000_00 || edited.Periods != 36 || edited.EditedBy != ana {
			t.Errorf("got %+v, want an application for 400,000 without an approval", edited)
		}
		refused(o, marta, lending.DisburseLoan{LoanID: applied.ID}, servicing.WrongState)
		must(o, marta, lending.ApproveLoan{LoanID: applied.ID})
		lent := must(o, marta, lending.CancelLoan{LoanID: applied.ID})
		if lent.Amount != 400_000_00 {
			t.Errorf("got the amount %s stored, want 400000.00", lent.Amount)
		}
		refused(o, ana, edit, servicing.WrongState)
	})
}

// TestTheApproverDoesNotDisburse above the limit to act alone.
func TestTheApproverDoesNotDisburse(t *testing.T) {
	staffed(t, func(o *office.Office) {
		applied := must(o, ana, apply(o.Client(1).ID, 90_000_00))
		must(o, marta, lending.ApproveLoan{LoanID: applied.ID})
		if got := refusal(o, marta, lending.DisburseLoan{LoanID: applied.ID}, authority.Exceeded); got.Values["operation"] != staff.ActingAlone {
			t.Errorf("got %v, want the limit %s", got.Values, staff.ActingAlone)
		}
		must(o, marta, approval(o, file(o, ana, lending.DisburseLoan{LoanID: applied.ID}).ID)) // now two people do it
	})
}

// TestTheApplicantRejectsWithinLimits: above the limit to act alone somebody else does, who needs
// no limit.
func TestTheApplicantRejectsWithinLimits(t *testing.T) {
	staffed(t, func(o *office.Office) {
		borrower := o.Client(1).ID
		applied := must(o, ana, apply(borrower, 90_000_00))
		got := refusal(o, ana, lending.RejectLoan{LoanID: applied.ID}, authority.Exceeded)
		if approvers := got.Values["approvers"].([]access.Role); !slices.Contains(approvers, access.Officer) {
			t.Errorf("got the approvers %v, want officers among them", approvers)
		}
		must(o, eva, lending.RejectLoan{LoanID: applied.ID})
		must(o, ana, lending.RejectLoan{LoanID: must(o, ana, apply(borrower, 40_000_00)).ID})
	})
}

// TestTwoAtOnceDoNotPassTogether: of loans that together exceed the limit, granted by two nodes
// at once, one is granted.
func TestTwoAtOnceDoNotPassTogether(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		nodes := []*bank.Bank{office.OpenBank(t, d, office.Writers(1)), office.OpenBank(t, d, office.Writers(1))}
		office.Must(t, nodes[0], staffing.AddUser{Username: ana, Password: "x", Role: "officer"})
		for n := range 10 {
			borrower := office.Register(t, nodes[0], n+1).ID
			if got := atOnce(t, 4, authority.Exceeded, func(i int) error {
				_, err := bank.Do(t.Context(), nodes[i%2], bank.By{Actor: ana}, grant(borrower, 30_000_00))
				return err
			}); got != 1 {
				t.Errorf("client %d: got %d loans of 30,000 granted, want 1 within the limit of 50,000", n, got)
			}
		}
		office.Sound(t, d)
	})
}

// TestApprovalsAtOnce: two nodes that approve two loans of one client at once, or approve one and
// grant others, count the same exposure.
func TestApprovalsAtOnce(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		nodes := []*bank.Bank{office.OpenBank(t, d, office.Writers(1)), office.OpenBank(t, d, office.Writers(1))}
		for _, name := range []string{ana, eva} {
			office.Must(t, nodes[0], staffing.AddUser{Username: name, Password: "x", Role: "officer"})
		}
		by := bank.By{Actor: ana} // who may approve up to 50,000
		for n := range 10 {
			borrower := office.Register(t, nodes[0], n+1).ID
			applied := []id.ID{}
			for range 2 {
				made := office.As(t, nodes[0], bank.By{Actor: eva}, apply(borrower, 30_000_00))
				applied = append(applied, made.Answer.ID)
			}
			if got := atOnce(t, 4, authority.Exceeded, func(i int) error {
				_, err := bank.Do(t.Context(), nodes[i%2], by, lending.ApproveLoan{LoanID: applied[i/2]})
				return err
			}); got != 0 {
				t.Errorf("client %d: got %d of two loans of 30,000 approved, want none within the limit of 50,000", n, got)
			}
			office.Must(t, nodes[1], lending.RejectLoan{LoanID: applied[1]})
			if got := atOnce(t, 3, authority.Exceeded, func(i int) error {
				if i == 0 {
					_, err := bank.Do(t.Context(), nodes[0], by, lending.ApproveLoan{LoanID: applied[0]})
					return err
				}
				_, err := bank.Do(t.Context(), nodes[i-1], by, grant(borrower, 20_000_00))
				return err
			}); got != 2 {
				t.Errorf("client %d: got %d of a loan of 30,000 and two of 20,000, want two within the limit", n, got)
			}
		}
		office.Sound(t, d)
	})
}

// atOnce runs a function several times at once and returns how often it succeeded. The others
// must be refused with a code.
func atOnce(t *testing.T, times int, refused fault.Code, run func(i int) error) (passed int) {
	t.Helper()
	var all sync.WaitGroup
	results := make(chan error, times)
	for i := range times {
		all.Go(func() { results <- run(i) })
	}
	all.Wait()
	close(results)
	for err := range results {
		switch {
		case err == nil:
			passed++
		case !fault.Is(err, refused):
			t.Errorf("got %v, want %s", err, refused)
		}
	}
	return passed
}

// TestARequestIsCarriedOutOnce, although two people approve it at once on two nodes.
func TestARequestIsCarriedOutOnce(t *testing.T) {
	staffed(t, func(o *office.Office) {
		office.Do(o, "setup", staffing.AddUser{Username: "dora", Password: "x", Role: "director"})
		nodes := []*bank.Bank{o.Bank, office.OpenBank(o.T, o.DB, office.Clock(func() time.Time { return o.Now }), office.Writers(1), func(b *bank.Options) { b.Rules.WriteOffDays = 90 })}
		for n := range 5 {
			filed := file(o, ana, request0(o, n))
			approve := approval(o, filed.ID)
			if got := atOnce(o.T, 4, authority.RequestDecided, func(i int) error {
				_, err := bank.Do(context.Background(), nodes[i/2], bank.By{Actor: []string{diego, "dora"}[i%2]}, approve)
				return err
			}); got != 1 {
				t.Errorf("request %d: got it approved %d times, want once", n, got)
			}
		}
		if n := office.Count(t, o.DB, "SELECT count(*) FROM loans WHERE status = 'WRITTEN_OFF'"); n != 5 {
			t.Errorf("got %d written-off loans, want 5", n)
		}
	})
}

func request0(o *office.Office, n int) lending.WriteOffLoan {
	return lending.WriteOffLoan{LoanID: o.Lend(o.Client(n+1).ID, 10_000_00).ID}
}

// TestDecisions: a request is decided once, by another person, until its last day; only who
// filed it withdraws it.
func TestDecisions(t *testing.T) {
	staffed(t, func(o *office.Office) {
		lent := o.Lend(o.Client(1).ID, 10_000_00)
		off := lending.WriteOffLoan{LoanID: lent.ID}
		rejected, withdrawn, late := file(o, ana, off), file(o, ana, off), file(o, ana, off)
		reject := func(r authority.Request) deciding.RejectRequest {
			return deciding.RejectRequest{ID: r.ID, Reason: "sin documentos"}
		}
		refused(o, ana, reject(rejected), access.Forbidden)
		refused(o, marta, reject(rejected), authority.Exceeded)
		if got := must(o, diego, reject(rejected)); got.State != authority.Rejected || got.Decision != "sin documentos" {
			t.Errorf("got %+v, want it rejected with the reason", got)
		}
		refused(o, diego, approval(o, rejected.ID), authority.RequestDecided)
		refused(o, eva, deciding.WithdrawRequest{ID: withdrawn.ID}, access.FourEyes)
		must(o, ana, deciding.WithdrawRequest{ID: withdrawn.ID})
		refused(o, diego, approval(o, withdrawn.ID), authority.RequestDecided)
		refused(o, tito, approval(o, late.ID), access.Forbidden)
		o.Now = o.Now.AddDate(0, 0, authority.Days+1)
		if got := refusal(o, diego, approval(o, late.ID), authority.RequestDecided); got.Values["request_state"] != authority.Expired {
			t.Errorf("got %v, want the state %s", got.Values, authority.Expired)
		}
		refused(o, ana, deciding.WithdrawRequest{ID: id.ID{1}}, authority.RequestNotFound)
		bad := request(o, off)
		bad.Reason = " "
		refused(o, ana, bad, fault.Invalid)
		refused(o, ana, request(o, lending.WriteOffLoan{LoanID: id.ID{9}}), fault.Invalid)
	})
}

// TestAnOutdatedRequest: the approver decides on the exposure that the request showed.
func TestAnOutdatedRequest(t *testing.T) {
	staffed(t, func(o *office.Office) {
		lent := o.Lend(o.Client(1).ID, 10_000_00)
		filed := file(o, ana, lending.RestructureLoan{LoanID: lent.ID, Rate: 100_000, Periods: 36})
		must(o, ana, apply(lent.ClientID, 50_000_00))
		refused(o, marta, approval(o, filed.ID), authority.RequestOutdated)
		must(o, marta, approval(o, file(o, ana, lending.RestructureLoan{LoanID: lent.ID, Rate: 100_000, Periods: 36}).ID))
	})
}

// TestGrantByRequest: the applicant is who filed, the approver who approved.
func TestGrantByRequest(t *testing.T) {
	staffed(t, func(o *office.Office) {
		filed := file(o, ana, grant(o.Client(1).ID, 300_000_00))
		if n := office.Count(t, o.DB, "SELECT count(*) FROM loans"); n != 0 {
			t.Errorf("got %d loans after filing, want none", n)
		}
		must(o, diego, approval(o, filed.ID))
		if n := office.Count(t, o.DB, "SELECT count(*) FROM loans WHERE applied_by = 'ana' AND approved_by = 'diego' AND status = 'ACTIVE'"); n != 1 {
			t.Errorf("got %d loans of ana approved by diego, want 1", n)
		}
	})
}

// TestBackDating: days and amounts are limited, and amounts of a day add up.
func TestBackDating(t *testing.T) {
	staffed(t, func(o *office.Office) {
		lent := o.Lend(o.Client(1).ID, 250_000_00)
		o.On("2026-01-25")
		pay := func(day string, amount money.Amount) lending.ReceivePayment {
			return lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: amount, ValueDate: office.Day(day)}}
		}
		if got := refusal(o, tito, pay("2026-01-19", 1_000_00), authority.Exceeded); got.Rule != authority.TooManyDays {
			t.Errorf("got the rule %s, want %s", got.Rule, authority.TooManyDays)
		}
		must(o, tito, pay("2026-01-20", 30_000_00))
		refused(o, tito, pay("2026-01-20", 30_000_00), authority.Exceeded)
		must(o, tito, pay("2026-01-25", 30_000_00))
		must(o, tito, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 60_000_00}})
	})
}

// TestReversals: the reversals of a loan on a day add up, and a request carries one out.
func TestReversals(t *testing.T) {
	staffed(t, func(o *office.Office) {
		lent := o.Lend(o.Client(1).ID, 900_000_00)
		var paid []servicing.Transaction
		for range 3 {
			paid = append(paid, o.Pay(lent, 200_000_00, ""))
		}
		reverse := func(n int) lending.ReverseTransaction {
			return lending.ReverseTransaction{LoanID: lent.ID, TransactionID: paid[n].ID, Reason: "doble"}
		}
		must(o, cora, reverse(2))
		must(o, cora, reverse(1))
		refused(o, cora, reverse(0), authority.Exceeded)
		file(o, cora, reverse(0))
	})
}

// TestOrdersComeBack: a stored command is the one that was filed.
func TestOrdersComeBack(t *testing.T) {
	one, two, day := id.ID{1}, id.ID{2}, office.Day("2026-01-15")
	for _, order := range []bank.Order{
		orderOf(grant(one, 123_45)), orderOf(lending.DisburseLoan{LoanID: one, FirstDue: day}), orderOf(lending.DisburseLoan{LoanID: one}),
		orderOf(lending.WriteOffLoan{LoanID: one}), orderOf(lending.RestructureLoan{LoanID: one, Rate: 123_456, Periods: 7, FirstDue: day, Capitalise: true}),
		orderOf(lending.ReverseTransaction{LoanID: one, TransactionID: two, Reason: "ñ \"x\""}), orderOf(lending.CancelLoan{LoanID: one, Reason: "x"}),
		orderOf(lending.RecoverLoan{LoanID: one, Amount: 5, ValueDate: day}),
		orderOf(lending.ReceivePayment{LoanID: one, Operation: servicing.Operation{Kind: servicing.Prepayment, Amount: 7, ValueDate: day}}),
	} {
		back, err := bank.ParseOrder(order.Operation, order.Body)
		if err != nil || back.Body != order.Body || back.Operation != order.Operation || back.Permission != order.Permission {
			t.Errorf("%s: got %s, %v, want %s", order.Operation, back.Body, err, order.Body)
		}
	}
	if _, err := bank.ParseOrder("add_user", "{}"); err == nil {
		t.Error("add_user: got an order, want an error")
	}
}

func orderOf[A any](c bank.Command[A]) bank.Order {
	order, _ := bank.OrderOf(c)
	return order
}
