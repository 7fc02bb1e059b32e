package servicing

import (
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
	AdvanceReleased  FactKind = "advance_released"  // out of what was held
	AdvanceHeld      FactKind = "advance_held"      // into what is held
	Collected        FactKind = "collected"         // a component of the debt is paid
	Lent             FactKind = "lent"              // principal
	Disbursed        FactKind = "disbursed"         // cash to the client
	OpeningCollected FactKind = "opening_collected" // opening commission or its IVA
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
// and the opening commission with its IVA; if they are paid apart, they are
// received too.
func OpeningFacts(s schedule.Schedule) []Fact {
	o := s.Opening
	facts := []Fact{{Lent, product.Principal, s.Terms.Amount}, {Disbursed, "", o.Disbursed}}
	if s.Terms.Commissions.OpeningPayment == schedule.Apart && o.Commission > 0 {
		facts = append(facts, Fact{Received, "", o.Commission + o.IVA})
	}
	facts = append(facts, Fact{OpeningCollected, product.Commission, o.Commission}, Fact{OpeningCollected, product.CommissionIVA, o.IVA})
	return withoutZeros(facts)
}

// OfLines is what the lines of a split of the kind are facts of.
func (k Kind) OfLines() FactKind {
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

// Facts are those of the operation itself, by component; what happened by itself
// before it has its own. What is earned between two days is told by Recognised.
func (s Split) Facts() []Fact {
	facts := []Fact{{Received, "", s.Amount}, {AdvanceReleased, "", s.Released}, {CapitalisedFact, product.Interest, s.Capitalised}}
	sum := s.Amounts()
	for _, c := range product.Components {
		facts = append(facts, Fact{s.Kind.OfLines(), c, sum.Of(c)})
	}
	return withoutZeros(append(facts, Fact{AdvanceHeld, "", s.Held}))
}

func withoutZeros(facts []Fact) (kept []Fact) {
	for _, f := range facts {
		if f.Amount != 0 {
			kept = append(kept, f)
		}
	}
	return kept
}
