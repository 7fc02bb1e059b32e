package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/settlement"
)

// RetireTill takes a till out of use for ever. It must have no open session and no cash. A
// vault stays as long as its branch. Refused with settlement.TillNotFound, TillRetired,
// TillOpen, VaultStays, PlaceNotEmpty or staff.OutOfScope.
type RetireTill struct{ TillID id.ID }

// Name returns the operation's name.
func (RetireTill) Name() string { return "retire_till" }

// Permission returns the permission that the actor's role must have.
func (RetireTill) Permission() access.Permission { return settlement.Manage }

// Check accepts every command.
func (RetireTill) Check(bank.Rules) error { return nil }

// Needs requests the till and its cash.
func (c RetireTill) Needs(n *bank.Needs) {
	tillByID.Need(n, c.TillID)
	n.PlaceBalance(accounting.Cash, c.TillID)
}

// Decide stages the change.
func (c RetireTill) Decide(b *bank.Book) (settlement.Till, error) {
	t, err := coveredTill(b, c.TillID)
	switch {
	case err != nil:
		return t, err
	case !t.SessionID.IsZero():
		return t, fault.Refuse(settlement.TillOpen, "till", t.Code, "teller", t.Teller)
	case !t.VaultOf.IsZero():
		return t, fault.Refuse(settlement.VaultStays)
	case cashIn(b, t) != 0:
		return t, fault.Refuse(settlement.PlaceNotEmpty, "place", t.Code, "balance", cashIn(b, t))
	}
	t.Closed = true
	Tills.Change(b, t)
	b.Publish(settlement.TillRetiredEvent(t))
	return t, nil
}
