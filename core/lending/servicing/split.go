package servicing

import (
	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/money"
)

// Kind is the kind of an operation or of an automatic event.
type Kind string

// The kinds of operation, and the two automatic events.
const (
	Ordinary        Kind = "payment"         // pays the amounts due; the product decides about the excess
	Prepayment      Kind = "prepayment"      // the excess reduces principal (pago anticipado)
	AdvancePayment  Kind = "advance"         // the excess waits as unapplied funds (pago adelantado)
	WriteOffKind    Kind = "write_off"       // the debt leaves the portfolio
	RecoveryKind    Kind = "recovery"        // money for a written-off loan
	RestructureKind Kind = "restructure"     // new terms
	RefundKind      Kind = "refund"          // unapplied funds go back to the client
	Cancellation    Kind = "cancellation"    // of a disbursement on its day
	Rolled          Kind = "day"             // see RollOn
	ImportKind      Kind = "import"          // begins the account of a loan from another system; see Import
	AdvanceApplied  Kind = "advance_applied" // automatic: unapplied funds paid an instalment that became due
	Capitalisation  Kind = "capitalisation"  // automatic: interest was added to the principal
)

// Line is the amount of one component of one instalment. Instalment 0 is for amounts
// that belong to no instalment: principal paid before its date, write-offs and
// recoveries.
type Line struct {
	Instalment int               `json:"instalment,omitempty"`
	Component  product.Component `json:"component"`
	Amount     money.Amount      `json:"amount"`
}

// Split says how an operation was allocated. Amount + FromUnapplied = the sum of the
// lines + ToUnapplied; in a refund, Amount = FromUnapplied. No part is negative.
type Split struct {
	Operation     int          `json:"operation,omitempty"` // its number in the history; 0 for an automatic event
	Kind          Kind         `json:"kind"`
	Date          civil.Date   `json:"value_date"`
	Amount        money.Amount `json:"amount"`                         // received, or refunded; 0 for a write-off
	Lines         []Line       `json:"lines,omitempty"`                // without zero amounts
	ToUnapplied   money.Amount `json:"to_unapplied,omitempty"`         // added to unapplied funds
	FromUnapplied money.Amount `json:"from_unapplied,omitempty"`       // taken from unapplied funds
	Capitalised   money.Amount `json:"capitalised_interest,omitempty"` // interest added to the principal
	Before        []Split      `json:"before,omitempty"`               // automatic events since the account's day
	Version       *Version     `json:"version,omitempty"`              // new version of the schedule, if the operation made one
	Balance       money.Amount `json:"balance"`                        // outstanding principal after the operation
	Status        Status       `json:"status"`                         // after the operation
}

// Amounts returns the sum of the lines by component.
func (s Split) Amounts() (sum Amounts) {
	for _, l := range s.Lines {
		*sum.at(l.Component) += l.Amount
	}
	return sum
}

// add appends a line unless the amount is 0.
func (s *Split) add(instalment int, c product.Component, amount money.Amount) {
	if s.Lines == nil && amount > 0 {
		s.Lines = make([]Line, 0, len(product.Components)) // usually all components of one instalment
	}
	if amount > 0 {
		s.Lines = append(s.Lines, Line{instalment, c, amount})
	}
}

// addAll appends a line for each component, in the order.
func (s *Split) addAll(instalment int, taken Amounts, order []product.Component) {
	for _, c := range order {
		s.add(instalment, c, taken.Of(c))
	}
}
