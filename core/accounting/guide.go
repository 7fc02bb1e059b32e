package accounting

import (
	"slices"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// Booking is what an entry has besides its amounts.
type Booking struct {
	Entry     id.ID      // its own id
	Day       civil.Date // business date
	At        time.Time  // when it is posted
	Reference id.ID      // the movement that it tells of
	Loan      id.ID      // the subject of all its postings; of an entry of the whole day, product.Subject

	Overdue   bool         // the books have the loan as overdue (stage 3): 1351 and 1352 in place of 1301 and 1302
	Suspended money.Amount // interest of the loan in 7101; only a write-off reads it
}

// kinds name the entry of what was done or happened.
var kinds = map[servicing.Kind]string{
	servicing.Ordinary:       "payment_received",
	servicing.Prepayment:     "payment_received",
	servicing.AdvancePayment: "payment_received",
	servicing.WriteOffKind:   "loan_written_off",
	servicing.RecoveryKind:   "recovery_received",
	servicing.RestructureAs:  "loan_restructured",
	servicing.Cancellation:   "loan_cancelled",
	servicing.AdvanceApplied: "advance_applied",
	servicing.Capitalisation: "interest_capitalised",
	servicing.Rolled:         "fallen_due",
}

// Disbursed is the entry of a disbursement, "loan_disbursed", from
// servicing.OpeningFacts.
func Disbursed(k Booking, facts []servicing.Fact) ledger.Entry {
	s := k.sheet()
	for _, f := range facts {
		s.fact(f)
	}
	return k.entry("loan_disbursed", s)
}

// Operated is the one entry of an operation and of what happened by itself before
// it, or of one thing that happened by itself: debits first, then credits, each
// by account, an account once a side. It is the zero Entry if there is nothing to
// post, as of a restructure that capitalises nothing.
//
// A cancellation gives back the principal only: an opening commission that is
// given back too is the Mirror of the disbursement instead.
//
// A write-off takes the booking's suspended interest out of 7101: it was never
// income, so that it is no loss either.
func Operated(k Booking, s servicing.Split) ledger.Entry {
	sheet := k.sheet()
	for i := range s.Before {
		sheet.split(&s.Before[i])
	}
	sheet.split(&s)
	return k.entry(kinds[s.Kind], sheet)
}

// Accrued is the entry of interest that became income and of its IVA that became
// due, "interest_accrued", with the change of the interest suspended: the changes
// of what Recognition.Recognised gives, and that of servicing.Recognised for the
// IVA. What is negative, as after a replay or when suspended interest is
// collected, swaps the sides. It is the zero Entry if all are 0.
func Accrued(k Booking, interest, iva, suspended money.Amount) ledger.Entry {
	s := k.sheet()
	s.move(s.interest, InterestIncome, interest)
	s.move(IVAReceivable, IVANotCaused, iva)
	s.move(SuspendedInterest, SuspendedContra, suspended)
	return k.entry("interest_accrued", s)
}

// Mirror undoes an entry: its postings line by line with the sides swapped. The
// kind is that of the entry and "_reversed"; of the zero Entry it is the zero
// Entry.
func Mirror(entry id.ID, day civil.Date, at time.Time, reference id.ID, of ledger.Entry) ledger.Entry {
	if len(of.Postings) == 0 {
		return ledger.Entry{}
	}
	postings := slices.Clone(of.Postings)
	for i := range postings {
		p := &postings[i]
		p.Debit, p.Credit = p.Credit, p.Debit
	}
	return ledger.Entry{
		ID: entry, BusinessDate: day, PostedAt: at, Kind: of.Kind + "_reversed", Reference: reference, Reverses: of.ID, Postings: postings,
	}
}

func (k *Booking) entry(kind string, s sheet) ledger.Entry {
	if len(s.postings) == 0 {
		return ledger.Entry{}
	}
	return ledger.Entry{ID: k.Entry, BusinessDate: k.Day, PostedAt: k.At, Kind: kind, Reference: k.Reference, Postings: s.postings}
}

// sheet gathers the postings of an entry, debits first, each side by account.
type sheet struct {
	subject             id.ID
	principal, interest ledger.Account // that the loan is on
	suspended           money.Amount
	postings            []ledger.Posting
}

func (k *Booking) sheet() sheet {
	s := sheet{k.Loan, LoansPrincipal, LoansInterest, k.Suspended, make([]ledger.Posting, 0, 8)}
	if k.Overdue {
		s.principal, s.interest = OverduePrincipal, OverdueInterest
	}
	return s
}

// move posts a pair, the other way round if the amount is negative.
func (s *sheet) move(debit, credit ledger.Account, amount money.Amount) {
	if amount < 0 {
		debit, credit, amount = credit, debit, -amount
	}
	s.debit(debit, amount)
	s.credit(credit, amount)
}

func (s *sheet) debit(account ledger.Account, amount money.Amount) {
	s.add(ledger.Posting{Account: account, Subject: s.subject, Debit: amount})
}

func (s *sheet) credit(account ledger.Account, amount money.Amount) {
	s.add(ledger.Posting{Account: account, Subject: s.subject, Credit: amount})
}

// add puts a posting in its place, or to the one that has its account and side.
func (s *sheet) add(p ledger.Posting) {
	if p.Debit+p.Credit == 0 {
		return
	}
	at := 0
	for ; at < len(s.postings); at++ {
		old := &s.postings[at]
		switch sameSide := (old.Debit > 0) == (p.Debit > 0); {
		case sameSide && old.Account == p.Account:
			old.Debit += p.Debit
			old.Credit += p.Credit
			return
		case sameSide && old.Account < p.Account, !sameSide && p.Credit > 0:
			continue
		}
		break
	}
	s.postings = slices.Insert(s.postings, at, p)
}

// split posts the facts of one split.
func (s *sheet) split(of *servicing.Split) {
	for f := range of.Facts() {
		s.fact(f)
	}
}

// fact posts one fact. One that the guide does not know is not posted, so that
// the entry does not balance and is refused.
func (s *sheet) fact(f servicing.Fact) {
	c, amount := f.Component, f.Amount
	switch f.Kind {
	case servicing.Received:
		s.debit(Bank, amount)
	case servicing.AdvanceReleased:
		s.debit(ClientAdvances, amount)
	case servicing.AdvanceHeld:
		s.credit(ClientAdvances, amount)
	case servicing.Collected:
		s.collected(c, amount)
	case servicing.Lent:
		s.debit(s.principal, amount)
	case servicing.Disbursed:
		s.credit(Bank, amount)
	case servicing.OpeningCollected:
		s.openingCollected(c, amount)
	case servicing.WrittenOffFact:
		s.writtenOff(c, amount)
	case servicing.RecoveredFact:
		s.recovered(c, amount)
	case servicing.CapitalisedFact:
		s.move(s.principal, s.interest, amount)
	case servicing.CancelledFact:
		s.move(Bank, s.principal, amount)
	}
}

func (s *sheet) collected(c product.Component, amount money.Amount) {
	switch c {
	case product.Principal:
		s.credit(s.principal, amount)
	case product.Interest:
		s.credit(s.interest, amount)
	case product.InterestIVA:
		s.credit(IVAReceivable, amount)
		s.move(IVANotCaused, IVAPayable, amount)
	case product.Moratorium:
		s.credit(MoratoriumIncome, amount)
	case product.Commission:
		s.credit(CommissionIncome, amount)
	case product.MoratoriumIVA, product.CommissionIVA:
		s.credit(IVAPayable, amount)
	case product.Insurance:
		s.credit(InsurancePremiums, amount)
	}
}

func (s *sheet) openingCollected(c product.Component, amount money.Amount) {
	switch c {
	case product.Commission:
		s.credit(OpeningFees, amount)
	case product.CommissionIVA:
		s.credit(IVAPayable, amount)
	}
}

// writtenOff expenses what was recognised, undoes IVA that was not caused and
// keeps the debt in memorandum.
func (s *sheet) writtenOff(c product.Component, amount money.Amount) {
	switch c {
	case product.Principal:
		s.move(ProvisionExpense, Provision, amount)
		s.move(Provision, s.principal, amount)
	case product.Interest:
		unearned := min(s.suspended, amount)
		s.move(SuspendedContra, SuspendedInterest, unearned)
		s.move(ProvisionExpense, ProvisionInterest, amount-unearned)
		s.move(ProvisionInterest, s.interest, amount-unearned)
	case product.InterestIVA:
		s.move(IVANotCaused, IVAReceivable, amount)
	}
	s.move(WrittenOffLoans, WrittenOffContra, amount)
}

func (s *sheet) recovered(c product.Component, amount money.Amount) {
	switch c {
	case product.InterestIVA, product.MoratoriumIVA, product.CommissionIVA:
		s.credit(IVAPayable, amount)
	case product.Insurance:
		s.credit(InsurancePremiums, amount)
	default:
		s.credit(Recoveries, amount)
	}
	s.move(WrittenOffContra, WrittenOffLoans, amount)
}
