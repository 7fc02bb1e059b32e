package bank

import (
	"fmt"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/servicing"
)

// ReverseMovement takes a movement of a loan back: the loan is what it would be
// without it, and its entries are mirrored. The disbursement is cancelled
// instead. Refused with Invalid, LoanNotFound, MovementNotFound or LoanState.
type ReverseMovement struct {
	LoanID     id.ID
	MovementID id.ID
	Reason     string
}

// Name is the operation.
func (ReverseMovement) Name() string { return "reverse_movement" }

// Check refuses a reason that is too long.
func (c ReverseMovement) Check(Rules) error { return checkReason(c.Reason) }

// Needs the loan and all that it has been through.
func (c ReverseMovement) Needs(n *Needs) { n.History(c.LoanID) }

// Decide stages the reversal, the loan without the movement, and the entries.
func (c ReverseMovement) Decide(b *Book) (servicing.Movement, error) {
	l, err := b.lending(c.LoanID)
	if err != nil {
		return servicing.Movement{}, err
	}
	taken, err := c.find(b, l)
	if err != nil {
		return servicing.Movement{}, err
	}
	if l, err = b.settle(l); err != nil {
		return servicing.Movement{}, err
	}
	h, err := b.history(l)
	if err != nil {
		return servicing.Movement{}, err
	}
	change, err := servicing.Reverse(h, taken.Number)
	if err != nil {
		return servicing.Movement{}, err
	}
	reversal := b.newMovement(&l, servicing.Operation{Kind: servicing.Reversal, ValueDate: taken.ValueDate, Amount: taken.Amount})
	l, reversal, changed, err := b.rewrite(l, reversal, change)
	if err != nil {
		return servicing.Movement{}, err
	}
	b.Tell(servicing.MovementReversedEvent(reversal, taken, l.Loan, c.Reason))
	b.tellRecomputed(l, reversal, changed)
	return reversal, nil
}

// find is the movement, if it can be taken back.
func (c ReverseMovement) find(b *Book, l lending) (servicing.Movement, error) {
	for n := 0; n <= l.movements; n++ {
		r, found := b.movements[movementKey{l.ID, n}]
		if !found || r.value.ID != c.MovementID {
			continue
		}
		m := r.value
		if _, counts := m.Operation(); counts && m.Kind != servicing.Rolled {
			return m, nil
		}
		if !m.ReversedBy.IsZero() {
			return m, fault.New(fault.LoanState, "The movement was reversed already", "El movimiento ya fue reversado").With("reversed_by", m.ReversedBy)
		}
		return m, fault.New(fault.LoanState, fmt.Sprintf("A %s cannot be reversed", m.Kind), "Este movimiento no se puede reversar").With("kind", m.Kind)
	}
	return servicing.Movement{}, fault.New(fault.MovementNotFound, "Movement not found", "Movimiento no encontrado")
}
