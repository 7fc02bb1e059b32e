package servicing

import (
	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/money"
)

// Kind names what was done or happened.
type Kind string

// What may be done, and the two things that happen by themselves.
const (
	Ordinary       Kind = "payment"         // pays what is due; the product rules the excess
	Prepayment     Kind = "prepayment"      // the excess reduces principal (pago anticipado)
	AdvancePayment Kind = "advance"         // the excess waits as unapplied funds (pago adelantado)
	WriteOffKind   Kind = "write_off"       //
	RecoveryKind   Kind = "recovery"        // of a loan written off
	RestructureAs  Kind = "restructure"     //
	Cancellation   Kind = "cancellation"    //
	Rolled         Kind = "day"             // a day came: what happened by itself by then is told
	AdvanceApplied Kind = "advance_applied" // unapplied funds paid an instalment that fell due
	Capitalisation Kind = "capitalisation"  // interest became principal
)

// Line is a part of a split: so much of a component of an instalment. Instalment
// 0 is what belongs to none: principal ahead of its date, and what is written
// off or recovered.
type Line struct {
	Instalment int               `json:"instalment,omitempty"`
	Component  product.Component `json:"component"`
	Amount     money.Amount      `json:"amount"`
}

// Split tells what an operation did. Amount + FromUnapplied = the sum of the lines +
// ToUnapplied; no part is negative.
type Split struct {
	Operation     int          `json:"operation,omitempty"` // its number in the history; 0 if it happened by itself
	Kind          Kind         `json:"kind"`
	Date          civil.Date   `json:"value_date"`
	Amount        money.Amount `json:"amount"`                         // received; of a write-off 0
	Lines         []Line       `json:"lines,omitempty"`                // none of 0
	ToUnapplied   money.Amount `json:"to_unapplied,omitempty"`         // added to unapplied funds
	FromUnapplied money.Amount `json:"from_unapplied,omitempty"`       // taken from unapplied funds
	Capitalised   money.Amount `json:"capitalised_interest,omitempty"` // interest added to the principal
	Before        []Split      `json:"before,omitempty"`               // what happened by itself since the account's day
	Version       *Version     `json:"version,omitempty"`              // of the schedule, if the operation made one
	Balance       money.Amount `json:"balance"`                        // principal outstanding after it
	Status        Status       `json:"status"`                         // after it
}

// Amounts is the sum of the lines by component.
func (s Split) Amounts() (sum Amounts) {
	for _, l := range s.Lines {
		*sum.at(l.Component) += l.Amount
	}
	return sum
}

// add notes a part of an instalment.
func (s *Split) add(instalment int, c product.Component, amount money.Amount) {
	if s.Lines == nil && amount > 0 {
		s.Lines = make([]Line, 0, len(product.Components)) // mostly all of one instalment
	}
	if amount > 0 {
		s.Lines = append(s.Lines, Line{instalment, c, amount})
	}
}

// addAll notes what was taken, in the order.
func (s *Split) addAll(instalment int, taken Amounts, order []product.Component) {
	for _, c := range order {
		s.add(instalment, c, taken.Of(c))
	}
}
