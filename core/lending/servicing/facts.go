package servicing

import (
	"iter"
	"slices"

	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
)

// FactKind is the kind of a Fact.
type FactKind string

// The kinds of fact. The facts of one operation balance: received, unapplied funds
// used and, for a disbursement, lent equal the others.
const (
	Received         FactKind = "received"          // cash from the client
	UnappliedUsed    FactKind = "advance_released"  // from unapplied funds
	UnappliedAdded   FactKind = "advance_held"      // to unapplied funds
	Collected        FactKind = "collected"         // a component of the debt is paid
	Lent             FactKind = "lent"              // principal of a disbursement
	Disbursed        FactKind = "disbursed"         // cash to the client
	OpeningCollected FactKind = "opening_collected" // origination fee or its IVA
	WrittenOffFact   FactKind = "written_off"       // a component leaves the portfolio
	RecoveredFact    FactKind = "recovered"         // a written-off component is paid
	CapitalisedFact  FactKind = "capitalised"       // interest becomes principal
	CancelledFact    FactKind = "cancelled"         // principal that the client returns
	RefundedFact     FactKind = "refunded"          // unapplied funds that go back to the client
)

// Fact is one amount of an operation that the books record. Component is empty for
// cash and unapplied funds.
type Fact struct {
	Kind      FactKind          `json:"kind"`
	Component product.Component `json:"component,omitempty"`
	Amount    money.Amount      `json:"amount"`
}

// OpeningFacts returns the facts of a disbursement. The lent principal equals the
// amount disbursed plus the origination fee and its IVA. If they are paid separately,
// they are also received.
func OpeningFacts(s schedule.Schedule) []Fact {
	o := s.Opening
	facts := []Fact{{Lent, product.Principal, s.Terms.Amount}, {Disbursed, "", o.Disbursed}}
	if s.Terms.Fees.OriginationPayment == schedule.Apart {
		facts = append(facts, Fact{Received, "", o.Fee + o.IVA})
	}
	facts = append(facts, Fact{OpeningCollected, product.Fee, o.Fee}, Fact{OpeningCollected, product.FeeIVA, o.IVA})
	return slices.DeleteFunc(facts, func(f Fact) bool { return f.Amount == 0 })
}

// ofLines returns the kind of fact of each line of a split.
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

// Facts iterates over the facts of the operation itself, one for each line. The splits
// in Before have their own facts. Income between two days comes from Recognised.
func (s *Split) Facts() iter.Seq[Fact] {
	return func(yield func(Fact) bool) {
		give := func(kind FactKind, c product.Component, amount money.Amount) bool {
			return amount == 0 || yield(Fact{kind, c, amount})
		}
		cash := Received
		if s.Kind == RefundKind {
			cash = RefundedFact
		}
		if !give(cash, "", s.Amount) || !give(UnappliedUsed, "", s.FromUnapplied) || !give(CapitalisedFact, product.Interest, s.Capitalised) {
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
