package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
)

// MoveCash registers cash that comes into a till or goes out of it for another reason than a
// loan: a teller's cash in or out or transfer to the vault, or a manager's transfer from or to
// the vault. Refused with Invalid, settlement.TillNotFound, TillClosed, TillOfAnother, NoVault,
// TillLeftOpen, NotEnoughCash or staff.OutOfScope.
type MoveCash struct {
	TillID id.ID
	Kind   settlement.MoveKind // CashIn, CashOut, FromVault or ToVault
	Own    bool                // the actor's till: always for CashIn and CashOut, and possible for ToVault
	Amount money.Amount
	Reason string
}

func (c MoveCash) ofVault() bool {
	return c.Kind == settlement.FromVault || c.Kind == settlement.ToVault
}

// ofAnybody reports whether the till may be another user's.
func (c MoveCash) ofAnybody() bool {
	return c.Kind == settlement.FromVault || c.Kind == settlement.ToVault && !c.Own
}

// Name returns the operation's name.
func (MoveCash) Name() string { return "move_cash" }

// Permission returns the permission that the actor's role must have.
func (c MoveCash) Permission() access.Permission {
	if c.ofAnybody() {
		return settlement.Manage
	}
	return settlement.Operate
}

// Check refuses an amount that is not above 0, and a reason that is missing or too long.
func (c MoveCash) Check(bank.Rules) error {
	switch c.Kind {
	case settlement.CashIn, settlement.CashOut, settlement.FromVault, settlement.ToVault:
	default:
		return fault.Wrong(fault.At("kind", fault.OneOf, "accepted", []settlement.MoveKind{settlement.CashIn, settlement.CashOut, settlement.FromVault, settlement.ToVault}))
	}
	if err := settlement.CheckAmount(c.Amount); err != nil {
		return err
	}
	return settlement.CheckReason(c.Reason)
}

// Needs requests the till and, for a transfer, its vault.
func (c MoveCash) Needs(n *bank.Needs) {
	needTill(n, c.TillID)
	if c.ofVault() {
		needVault(n, c.TillID)
	}
}

// Decide stages the cash move and its entry.
func (c MoveCash) Decide(b *bank.Book) (settlement.CashMove, error) {
	t, s, err := session(b, c.TillID, c.ofAnybody())
	if err == nil {
		err = t.CheckDay(b.LastDay().Day)
	}
	if err != nil {
		return settlement.CashMove{}, err
	}
	against := settlement.Place{Account: accounting.CashReceipts}
	if c.Kind == settlement.CashOut {
		against.Account = accounting.CashAdvances
	}
	if c.ofVault() {
		v, err := vault(b, t)
		if err == nil && c.Kind == settlement.FromVault {
			err = v.CheckCash(cashIn(b, v), c.Amount)
		}
		if err != nil {
			return settlement.CashMove{}, err
		}
		against = settlement.CashAt(v.ID)
	}
	m, err := move(b, t, settlement.CashMove{SessionID: s.ID, Kind: c.Kind, Amount: c.Amount, Reason: c.Reason}, against)
	if err != nil {
		return m, err
	}
	b.Publish(settlement.CashMovedEvent(t, m))
	return m, nil
}
