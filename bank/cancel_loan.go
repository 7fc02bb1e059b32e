package bank

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
)

// CancelLoan gives a loan up that is not disbursed yet, or undoes a disbursement
// on its own day. Refused with Invalid, LoanNotFound or LoanState.
type CancelLoan struct {
	LoanID id.ID
	Reason string
}

// Name is the operation.
func (CancelLoan) Name() string { return "cancel_loan" }

// Check refuses a reason that is too long.
func (c CancelLoan) Check(Rules) error { return checkReason(c.Reason) }

// Needs the loan and what it has been through.
func (c CancelLoan) Needs(n *Needs) { n.History(c.LoanID) }

// Decide stages the cancellation, and the mirror of the disbursement.
func (c CancelLoan) Decide(b *Book) (loan.Loan, error) {
	l, err := b.becoming(c.LoanID, servicing.Cancelled)
	if err != nil {
		return loan.Loan{}, err
	}
	l.Status = servicing.Cancelled
	if l.serial > 0 {
		if l, err = b.undisburse(l); err != nil {
			return loan.Loan{}, err
		}
	}
	put(b, b.loans, l.ID, l, changed)
	b.Tell(loan.CancelledEvent(l.Loan, c.Reason))
	return l.Loan, nil
}

// undisburse stages the mirror of the disbursement's entry as a movement.
func (b *Book) undisburse(l lending) (lending, error) {
	o := servicing.Operation{Kind: servicing.Cancellation, ValueDate: b.Today()}
	after, split, err := servicing.Apply(l.account, o, b.Today())
	if err != nil {
		return l, err
	}
	m := b.newMovement(&l, o)
	m.Split = split
	m.Split.Operation = m.Number
	mirror, err := b.mirror(b.movements[movementKey{l.ID, 0}].value, m)
	if err != nil {
		return l, err
	}
	m.Entry = mirror.ID
	l.account = after
	b.keep(&l, false)
	b.addMovement(m)
	return l, nil
}

// maxReason is the longest reason, in characters.
const maxReason = 500

func checkReason(reason string) error {
	if strings.ContainsRune(reason, 0) || !utf8.ValidString(reason) {
		return fault.InField("reason", "ensure this value has no NUL and is valid UTF-8", "value_error.str.control", nil)
	}
	if utf8.RuneCountInString(reason) > maxReason {
		return fault.InField("reason", fmt.Sprintf("ensure this value has at most %d characters", maxReason), "value_error.any_str.max_length",
			map[string]any{"limit_value": maxReason})
	}
	return nil
}
