package servicing

import (
	"iter"
	"slices"

	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
)

// FactKind names one side of what the books must tell of an operation.
type FactKind string

// The facts. Those of one operation balance: what comes in (received, released,
// and for a disbursement lent) is what goes out.
const (
	Received         FactKind = "received"          // cash from the client
	UnappliedUsed    FactKind = "advance_released"  // out of what was held
	UnappliedAdded   FactKind = "advance_held"      // into what is held
	Collected        FactKind = "collected"         // a component of the debt is paid
	Lent             FactKind = "lent"              // principal
	Disbursed        FactKind = "disbursed"         // cash to the client
	OpeningCollected FactKind = "opening_collected" // origination fee or its IVA
	WrittenOffFact   FactKind = "written_off"       // a component leaves the portfolio
	RecoveredFact    FactKind = "recovered"         // a component that was written off is paid
	CapitalisedFact  FactKind = "capitalised"       // interest becomes principal
	CancelledFact    FactKind = "cancelled"         // principal that the client gives back
)

// Fact is one amount for the books; Component is empty where there is none.
type Fact struct {
	Kind      FactKind          `json:"kind"`
	Component product.Component `json:"component,omitempty"`
	Amount    money.Amount      `json:"amount"`
}

// OpeningFacts are those of a disbursement: what is lent equals what is disbursed
// and the origination fee with its IVA; if they are paid apart, they are
// received too.
func OpeningFacts(s schedule.Schedule) []Fact {
	o := s.Opening
	facts := []Fact{{Lent, product.Principal, s.Terms.Amount}, {Disbursed, "", o.Disbursed}}
	if s.Terms.Fees.OriginationPayment == schedule.Apart {
		facts = append(facts, Fact{Received, "", o.Fee + o.IVA})
	}
	facts = append(facts, Fact{OpeningCollected, product.Fee, o.Fee}, Fact{OpeningCollected, product.FeeIVA, o.IVA})
	return slices.DeleteFunc(facts, func(f Fact) bool { return f.Amount == 0 })
}

// ofLines is the kind of fact that each line of a split of the kind is.
func (k Kind) ofLines() FactKind {
	switch k {
	case WriteOffKind:
		return WrittenOffFact
	case RecoveryKind:
		return RecoveredFact
	case Cancellation:
		return CancelledFact
	default:
		return Collected
	}
}

// Facts gives the facts of the operation itself, one per line; what happened by
// itself before it has facts of its own. What is earned between two days is told by
// Recognised.
func (s *Split) Facts() iter.Seq[Fact] {
	return func(yield func(Fact) bool) {
		give := func(kind FactKind, c product.Component, amount money.Amount) bool {
			return amount == 0 || yield(Fact{kind, c, amount})
		}
		if !give(Received, "", s.Amount) || !give(UnappliedUsed, "", s.FromUnapplied) || !give(CapitalisedFact, product.Interest, s.Capitalised) {
			return
		}
		kind := s.Kind.ofLines()
		for i := range s.Lines {
			if line := &s.Lines[i]; !give(kind, line.Component, line.Amount) {
				return
			}
		}
		give(UnappliedAdded, "", s.ToUnapplied)
	}
}
