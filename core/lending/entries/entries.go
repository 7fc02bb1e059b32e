package entries

import (
	"sofipo/core/accounting"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
)

// Booking has the data of an entry of a loan except its kind and its postings. The
// reference is the transaction and the subject is the loan. In an entry for a whole
// day, the subject is product.Subject.
type Booking struct {
	accounting.Booking
	Place     settlement.Place // where the money is, accounting.Bank if zero
	Overdue   bool             // the loan is overdue in the books (stage 3): 1351 and 1352 instead of 1301 and 1302
	Suspended money.Amount     // interest of the loan in 7101; only a write-off uses it
}

// kinds has the kind of entry for each kind of operation or automatic event.
var kinds = map[servicing.Kind]string{
	servicing.Ordinary:        "payment_received",
	servicing.Prepayment:      "payment_received",
	servicing.AdvancePayment:  "payment_received",
	servicing.WriteOffKind:    "loan_written_off",
	servicing.RecoveryKind:    "recovery_received",
	servicing.RestructureKind: "loan_restructured",
	servicing.RefundKind:      "unapplied_refunded",
	servicing.Cancellation:    "loan_cancelled",
	servicing.AdvanceApplied:  "advance_applied",
	servicing.Capitalisation:  "interest_capitalised",
	servicing.Rolled:          "fallen_due",
	servicing.ImportKind:      "loan_imported",
}

// Kinds lists the kinds of entry of this package. A mirror entry has one of them followed by
// "_reversed".
var Kinds = []string{
	"loan_disbursed", "interest_accrued", "payment_received", "loan_written_off", "recovery_received", "loan_restructured", "loan_cancelled",
	"refund_moved", "unapplied_refunded", "advance_applied", "interest_capitalised", "fallen_due", "loan_reclassified", "write_off_restated", "provision_changed", "opening_fee_amortised", "loan_imported",
}

// Disbursed returns the entry of a disbursement, "loan_disbursed", from
// servicing.OpeningFacts.
func Disbursed(k Booking, facts []servicing.Fact) ledger.Entry {
	s := k.sheet()
	for _, f := range facts {
		s.fact(f)
	}
	return k.Entry("loan_disbursed", s.Sheet)
}

// Imported returns the entry of a loan from another system, "loan_imported": its principal, and
// the interest that was due with its IVA, against the opening balances. Other amounts owed are
// recognised when they are collected.
func Imported(k Booking, principal money.Amount, owed servicing.Amounts) ledger.Entry {
	s := k.sheet()
	s.Move(s.principal, accounting.OpeningBalances, principal)
	s.Move(s.interest, accounting.OpeningBalances, owed.Interest)
	s.Move(accounting.IVAReceivable, accounting.IVANotCaused, owed.InterestIVA)
	return k.Entry(kinds[servicing.ImportKind], s.Sheet)
}

// OfOperation returns the entry of an operation including the automatic events before it,
// or the entry of one automatic event. Debits come first, then credits, each ordered by
// account; an account appears at most once on each side. It is the zero Entry if there
// is nothing to post, as in a restructuring without capitalisation.
//
// A cancellation returns only the principal. If the origination fee is returned too,
// use the accounting.Mirror of the disbursement instead.
//
// A write-off removes the suspended interest of the booking from 7101. It was never
// income, so it is not a loss.
func OfOperation(k Booking, s servicing.Split) ledger.Entry {
	sheet := k.sheet()
	for i := range s.Before {
		sheet.split(&s.Before[i])
	}
	sheet.split(&s)
	return k.Entry(kinds[s.Kind], sheet.Sheet)
}

// Accrued returns the entry of accrued interest, "interest_accrued". interest and
// suspended are the changes of income and of suspended interest (see
// Recognition.Recognised); iva is the change of the IVA in servicing.Recognised. A
// negative change swaps the sides; it occurs after a replay and when suspended interest
// is collected. It is the zero Entry if all changes are 0.
func Accrued(k Booking, interest, iva, suspended money.Amount) ledger.Entry {
	s := k.sheet()
	s.Move(s.interest, accounting.InterestIncome, interest)
	s.Move(accounting.IVAReceivable, accounting.IVANotCaused, iva)
	s.Move(accounting.SuspendedInterest, accounting.SuspendedContra, suspended)
	return k.Entry("interest_accrued", s.Sheet)
}

// RefundMoved returns the entry of a refund that is paid in another way than the money came
// in, "refund_moved": the mirror entry takes it from one place, the client gets it from the
// place of the booking. A negative amount is money that the client returns.
func RefundMoved(k Booking, from settlement.Place, amount money.Amount) ledger.Entry {
	s := k.sheet()
	s.at(k.Place, -amount)
	s.at(from, amount)
	return k.Entry("refund_moved", s.Sheet)
}

// sheet is the accounting.Sheet of an entry of a loan.
type sheet struct {
	accounting.Sheet
	subject             id.ID
	place               settlement.Place
	principal, interest ledger.Account // current accounts of the loan
	suspended           money.Amount
}

func (k *Booking) sheet() sheet {
	s := sheet{k.Sheet(), k.Subject, k.Place, accounting.LoansPrincipal, accounting.LoansInterest, k.Suspended}
	if k.Overdue {
		s.principal, s.interest = accounting.OverduePrincipal, accounting.OverdueInterest
	}
	return s
}

// money adds an amount where the booking says: received, or paid out if it is negative.
func (s *sheet) money(amount money.Amount) { s.at(s.place, amount) }

func (s *sheet) at(p settlement.Place, amount money.Amount) {
	if p.Account == "" {
		p.Account = accounting.Bank
	}
	if p.Subject.IsZero() {
		p.Subject = s.subject
	}
	s.Line(p.Account, p.Subject, amount)
}

// split posts the facts of one split.
func (s *sheet) split(of *servicing.Split) {
	for f := range of.Facts() {
		s.fact(f)
	}
}

// fact posts one fact. An unknown fact is not posted; the entry then does not balance
// and is refused.
func (s *sheet) fact(f servicing.Fact) {
	c, amount := f.Component, f.Amount
	switch f.Kind {
	case servicing.Received:
		s.money(amount)
	case servicing.UnappliedUsed:
		s.Debit(accounting.UnappliedFunds, amount)
	case servicing.UnappliedAdded:
		s.Credit(accounting.UnappliedFunds, amount)
	case servicing.Collected:
		s.collected(c, amount)
	case servicing.Lent:
		s.Debit(s.principal, amount)
	case servicing.Disbursed, servicing.RefundedFact:
		s.money(-amount)
	case servicing.OpeningCollected:
		s.openingCollected(c, amount)
	case servicing.WrittenOffFact:
		s.writtenOff(c, amount)
	case servicing.RecoveredFact:
		s.recovered(c, amount)
	case servicing.CapitalisedFact:
		s.Move(s.principal, s.interest, amount)
	case servicing.CancelledFact:
		s.money(amount)
		s.Credit(s.principal, amount)
	}
}

func (s *sheet) collected(c product.Component, amount money.Amount) {
	switch c {
	case product.Principal:
		s.Credit(s.principal, amount)
	case product.Interest:
		s.Credit(s.interest, amount)
	case product.InterestIVA:
		s.Credit(accounting.IVAReceivable, amount)
		s.Move(accounting.IVANotCaused, accounting.IVAPayable, amount)
	case product.PenaltyInterest:
		s.Credit(accounting.PenaltyInterestIncome, amount)
	case product.Fee:
		s.Credit(accounting.FeeIncome, amount)
	case product.PenaltyInterestIVA, product.FeeIVA:
		s.Credit(accounting.IVAPayable, amount)
	case product.Insurance:
		s.Credit(accounting.InsurancePremiums, amount)
	}
}

func (s *sheet) openingCollected(c product.Component, amount money.Amount) {
	switch c {
	case product.Fee:
		s.Credit(accounting.OriginationFees, amount)
	case product.FeeIVA:
		s.Credit(accounting.IVAPayable, amount)
	}
}

// writtenOff expenses the recognised amounts, undoes IVA that never became payable and
// records the debt in the memorandum accounts.
func (s *sheet) writtenOff(c product.Component, amount money.Amount) {
	switch c {
	case product.Principal:
		s.Move(accounting.ProvisionExpense, accounting.Provision, amount)
		s.Move(accounting.Provision, s.principal, amount)
	case product.Interest:
		unearned := min(s.suspended, amount)
		s.Move(accounting.SuspendedContra, accounting.SuspendedInterest, unearned)
		s.Move(accounting.ProvisionExpense, accounting.ProvisionInterest, amount-unearned)
		s.Move(accounting.ProvisionInterest, s.interest, amount-unearned)
	case product.InterestIVA:
		s.Move(accounting.IVANotCaused, accounting.IVAReceivable, amount)
	}
	s.Move(accounting.WrittenOffLoans, accounting.WrittenOffContra, amount)
}

func (s *sheet) recovered(c product.Component, amount money.Amount) {
	switch c {
	case product.InterestIVA, product.PenaltyInterestIVA, product.FeeIVA:
		s.Credit(accounting.IVAPayable, amount)
	case product.Insurance:
		s.Credit(accounting.InsurancePremiums, amount)
	default:
		s.Credit(accounting.Recoveries, amount)
	}
	s.Move(accounting.WrittenOffContra, accounting.WrittenOffLoans, amount)
}
