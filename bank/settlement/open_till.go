package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
)

// OpenTill opens a till for the actor, with cash from its vault. Refused with Invalid,
// settlement.TillNotFound, TillClosed, TillOpen, TellerBusy, NotEnoughCash or staff.OutOfScope.
type OpenTill struct {
	TillID  id.ID
	Opening money.Amount // cash taken from the vault; may be 0
}

// Name returns the operation's name.
func (OpenTill) Name() string { return "open_till" }

// Permission returns the permission that the actor's role must have.
func (OpenTill) Permission() access.Permission { return settlement.Operate }

// Check refuses an amount below 0.
func (c OpenTill) Check(bank.Rules) error {
	if c.Opening < 0 || c.Opening > money.Max {
		return fault.Wrong(fault.At("opening", fault.Between, "least", money.Amount(0), "most", money.Max))
	}
	return nil
}

// Needs requests the till, its vault, and the till that the actor has open.
func (c OpenTill) Needs(n *bank.Needs) {
	needTill(n, c.TillID)
	needVault(n, c.TillID)
	tillOfTeller.Need(n, n.Actor())
}

// Decide stages the session and the entry of its opening cash.
func (c OpenTill) Decide(b *bank.Book) (settlement.Session, error) {
	t, err := coveredTill(b, c.TillID)
	if err != nil {
		return settlement.Session{}, err
	}
	switch {
	case !t.VaultOf.IsZero():
		return settlement.Session{}, fault.Refuse(settlement.TillNotFound)
	case !t.SessionID.IsZero():
		return settlement.Session{}, fault.Refuse(settlement.TillOpen, "till", t.Code, "teller", t.Teller)
	}
	for other := range Tills.All(b) {
		if other.Teller == b.Actor() {
			return settlement.Session{}, fault.Refuse(settlement.TellerBusy)
		}
	}
	s := settlement.Session{ID: b.NewID(), TillID: t.ID, BranchID: t.BranchID, Teller: b.Actor(), BusinessDate: b.Today(), OpenedAt: b.Now(), Opening: c.Opening}
	t.SessionID, t.Teller, t.OpenedOn = s.ID, s.Teller, s.BusinessDate
	Tills.Change(b, t)
	Sessions.Add(b, s)
	b.Publish(settlement.SessionOpenedEvent(t, s))
	if c.Opening == 0 {
		return s, nil
	}
	v, err := vault(b, t)
	if err == nil {
		err = v.CheckCash(cashIn(b, v), c.Opening)
	}
	if err == nil {
		_, err = move(b, t, settlement.CashMove{SessionID: s.ID, Kind: settlement.Opening, Amount: c.Opening}, settlement.CashAt(v.ID))
	}
	return s, err
}
