// Package incoming has the payments that a bank or a shop reports in a file. A payment with a
// valid reference pays its loan. Any other one waits in suspense, in the account of
// unidentified deposits, until a person resolves it.
package incoming

import (
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/settlement/bankfile"
	"sofipo/core/wire"
)

// Status is the state of an incoming payment.
type Status string

// The states. A payment in suspense is assigned, returned or written to income.
const (
	Applied   Status = "APPLIED"  // it paid the loan of its reference
	Suspended Status = "SUSPENSE" // it is among the unidentified deposits
	Assigned  Status = "ASSIGNED" // a person found its loan
	Returned  Status = "RETURNED" // it went back to the sender
	ToIncome  Status = "INCOME"   // nobody claimed it
)

// Statuses lists the states.
var Statuses = []Status{Applied, Suspended, Assigned, Returned, ToIncome}

// Reason says why a payment is in suspense.
type Reason string

// The reasons.
const (
	NoReference    Reason = "no_reference"    // it has no reference, or several
	WrongReference Reason = "wrong_reference" // its check digits do not match
	UnknownLoan    Reason = "unknown_loan"    // no loan has the number of the reference
	LoanEnded      Reason = "loan_ended"      // the loan takes no payments
	AbovePayoff    Reason = "above_payoff"    // it is the part above the payoff amount of the loan
	DateClosed     Reason = "date_closed"     // the month of its date is closed
	DateRefused    Reason = "date_refused"    // the loan takes no payment of that date
)

// Payment is a payment that came in, or the part of it that one loan or the suspense took.
type Payment struct {
	ID            id.ID             `json:"id"`
	AccountID     id.ID             `json:"bank_account_id"`
	FileID        id.ID             `json:"file_id"`
	Line          int               `json:"line"` // in the file
	Method        settlement.Method `json:"method"`
	Date          civil.Date        `json:"value_date"` // day on which it arrived
	Amount        money.Amount      `json:"amount"`
	Operation     string            `json:"operation,omitempty"` // the bank's own id
	Reference     string            `json:"reference,omitempty"`
	Concept       string            `json:"concept,omitempty"`
	Sender        string            `json:"sender,omitempty"`
	Status        Status            `json:"status"`
	Reason        Reason            `json:"reason,omitempty"` // why it was in suspense
	LoanID        id.ID             `json:"loan_id,omitzero"`
	TransactionID id.ID             `json:"transaction_id,omitzero"` // of the loan
	TakenBy       string            `json:"taken_by"`
	TakenAt       time.Time         `json:"taken_at"`
	TakenOn       civil.Date        `json:"taken_on"` // business date
	ResolvedBy    string            `json:"resolved_by,omitempty"`
	ResolvedAt    time.Time         `json:"resolved_at,omitzero"`
	Note          string            `json:"note,omitempty"` // of the resolution: a reason, or the tracking key of a return

	ClientID id.ID `json:"-"` // of the loan
	EntryID  id.ID `json:"-"` // entry that put it into suspense; zero if it never was
}

// Of returns the payment of a row of a file, before it is taken.
func Of(file File, r bankfile.Row) Payment {
	return Payment{
		ID: r.ID, AccountID: file.AccountID, FileID: file.ID, Line: r.Line, Method: file.Layout.Method, Date: r.Date, Amount: r.Amount,
		Operation: r.Operation, Reference: r.Reference, Concept: r.Concept, Sender: r.Sender,
	}
}

// Personal marks answers that are encrypted where they are stored.
func (Payment) Personal() {}

// AppendJSON appends the payment as JSON.
func (p Payment) AppendJSON(b []byte) []byte { return wire.JSON(b, p) }

// Means returns how the money came in.
func (p Payment) Means() settlement.Means {
	reference := p.Operation
	if reference == "" {
		reference = p.Reference
	}
	if runes := []rune(reference); len(runes) > settlement.MaxReference {
		reference = string(runes[:settlement.MaxReference])
	}
	return settlement.Means{Method: p.Method, Reference: reference, AccountID: p.AccountID}
}

// Rest returns the part of the payment above what its loan took, which has its own id.
func (p Payment) Rest(amount money.Amount) Payment {
	p.ID, p.Amount = RestID(p.ID), amount
	return p
}

// RestID returns the id of the rest of a payment.
func RestID(payment id.ID) id.ID {
	payment[15] ^= 1
	payment[7] ^= 1
	return payment
}

// ReferenceFound returns the reference in the payment's texts. The reason says why there is none.
func (p Payment) ReferenceFound() (found settlement.Reference, why Reason) {
	why = NoReference
	for _, text := range []string{p.Reference, p.Concept} {
		r, wrong := settlement.FindReference(text)
		if r != "" {
			return r, ""
		}
		if wrong {
			why = WrongReference
		}
	}
	return "", why
}

// Resolvable refuses a payment that is not in suspense.
func (p Payment) Resolvable() error {
	if p.Status != Suspended {
		return fault.Refuse(NotSuspended, "payment_status", p.Status)
	}
	return nil
}

// The entries of payments in suspense. The subject of the entry and of its line on the
// account of unidentified deposits is the payment.

// SuspendedEntry returns the entry of a payment that comes into suspense.
func SuspendedEntry(k accounting.Booking, p Payment) ledger.Entry {
	s, at := k.Sheet(), p.Means().Received()
	s.Line(at.Account, orSubject(at.Subject, k), p.Amount)
	s.Credit(accounting.UnidentifiedDeposits, p.Amount)
	return k.Entry("deposit_suspended", s)
}

// ReturnedEntry returns the entry of a payment that goes back to its sender.
func ReturnedEntry(k accounting.Booking, p Payment) ledger.Entry {
	s, at := k.Sheet(), p.Means().Paid()
	s.Debit(accounting.UnidentifiedDeposits, p.Amount)
	s.Line(at.Account, orSubject(at.Subject, k), -p.Amount)
	return k.Entry("deposit_returned", s)
}

// IncomeEntry returns the entry of a payment that nobody claimed.
func IncomeEntry(k accounting.Booking, p Payment) ledger.Entry {
	s := k.Sheet()
	s.Debit(accounting.UnidentifiedDeposits, p.Amount)
	s.Credit(accounting.OtherIncome, p.Amount)
	return k.Entry("deposit_to_income", s)
}

// EntryKinds lists the kinds of entry of this package. A mirror entry has one of them followed
// by "_reversed".
var EntryKinds = []string{"deposit_suspended", "deposit_returned", "deposit_to_income"}

func orSubject(subject id.ID, k accounting.Booking) id.ID {
	if subject.IsZero() {
		return k.Subject
	}
	return subject
}
