package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
)

// CloseTill closes the session of a till with a count of its cash, which goes to the vault. A
// difference to the books is posted to accounting.CashOverages or CashShortages. A manager
// closes the till of another user, with a reason. Refused with Invalid, settlement.TillNotFound,
// TillClosed, TillOfAnother, NoVault or staff.OutOfScope.
type CloseTill struct {
	TillID id.ID
	Sheet  settlement.Sheet
	Forced bool   // the till of another user
	Reason string // of the difference, or of a forced close
}

// Name returns the operation's name.
func (CloseTill) Name() string { return "close_till" }

// Permission returns the permission that the actor's role must have.
func (c CloseTill) Permission() access.Permission {
	if c.Forced {
		return settlement.Manage
	}
	return settlement.Operate
}

// Check refuses values that no note or coin has, a forced close without a reason, and a reason
// that is too long.
func (c CloseTill) Check(bank.Rules) error {
	if c.Forced || c.Reason != "" {
		if err := settlement.CheckReason(c.Reason); err != nil {
			return err
		}
	}
	return c.Sheet.Check()
}

// Needs requests the till and its vault.
func (c CloseTill) Needs(n *bank.Needs) {
	needTill(n, c.TillID)
	needVault(n, c.TillID)
}

// Decide stages the count, the closed session and the entries.
func (c CloseTill) Decide(b *bank.Book) (settlement.Session, error) {
	t, s, err := session(b, c.TillID, c.Forced)
	if err != nil {
		return s, err
	}
	v, err := vault(b, t)
	if err != nil {
		return s, err
	}
	counted := count(b, t, s, c.Sheet)
	difference := counted.Counted - counted.Expected
	moved := settlement.CashMove{SessionID: s.ID, Kind: settlement.Overage, Amount: difference, Reason: c.Reason}
	against := settlement.Place{Account: accounting.CashOverages}
	if difference < 0 {
		moved.Kind, moved.Amount, against.Account = settlement.Shortage, -difference, accounting.CashShortages
	}
	if err := moveAny(b, t, moved, against); err != nil {
		return s, err
	}
	moved = settlement.CashMove{SessionID: s.ID, Kind: settlement.Closing, Amount: counted.Counted}
	if err := moveAny(b, t, moved, settlement.CashAt(v.ID)); err != nil {
		return s, err
	}
	s.ClosedAt, s.ClosedOn, s.ClosedBy, s.Expected, s.Counted = b.Now(), b.Today(), b.Actor(), counted.Expected, counted.Counted
	Sessions.Change(b, s)
	t.SessionID, t.Teller, t.OpenedOn = id.ID{}, "", civil.Date{}
	Tills.Change(b, t)
	b.Publish(settlement.SessionClosedEvent(t, s))
	return s, nil
}

// moveAny is move for an amount that may be 0, which moves nothing.
func moveAny(b *bank.Book, t settlement.Till, m settlement.CashMove, against settlement.Place) error {
	if m.Amount == money.Amount(0) {
		return nil
	}
	_, err := move(b, t, m, against)
	return err
}
