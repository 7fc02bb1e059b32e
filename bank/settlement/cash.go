package settlement

import (
	"sofipo/bank"
	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
)

// needTill requests a till, its session and its balance, locked.
func needTill(n *bank.Needs, tillID id.ID) {
	tillByID.Need(n, tillID)
	sessionAt.Need(n, tillID)
	n.PlaceBalance(accounting.Cash, tillID)
}

// needVault requests the vault of a till and its balance, locked.
func needVault(n *bank.Needs, tillID id.ID) {
	vaultOf.Need(n, tillID)
	n.PlaceBalances(vaultVia, tillID)
}

// cashIn returns the cash that a till or vault has according to the books.
func cashIn(b *bank.Book, t settlement.Till) money.Amount {
	return b.PlaceBalance(accounting.Cash, t.ID)
}

// session returns a till with its open session. Refused with settlement.TillNotFound or
// TillClosed, and with TillOfAnother unless the session is the actor's or of anybody.
func session(b *bank.Book, tillID id.ID, ofAnybody bool) (settlement.Till, settlement.Session, error) {
	t, err := coveredTill(b, tillID)
	if err != nil {
		return t, settlement.Session{}, err
	}
	user := b.Actor()
	if ofAnybody {
		user = t.Teller
	}
	if err := t.CheckOpenFor(user); err != nil {
		return t, settlement.Session{}, err
	}
	s, found := Sessions.Get(b, t.SessionID)
	if !found {
		return t, s, fault.Refuse(settlement.TillClosed, "till", t.Code)
	}
	return t, s, nil
}

// vault returns the vault of a till, which must have been requested with needVault.
func vault(b *bank.Book, t settlement.Till) (settlement.Till, error) {
	v, found := Tills.Get(b, t.VaultID)
	if !found {
		return v, fault.Refuse(settlement.NoVault)
	}
	return v, nil
}

// move stages a cash move of a till's cash and its entry, "till_cash_moved", against another
// account, or against the vault if the account is accounting.Cash. It refuses to take more
// cash than there is.
func move(b *bank.Book, t settlement.Till, m settlement.CashMove, against settlement.Place) (settlement.CashMove, error) {
	m.ID, m.TillID, m.At, m.Actor = b.NewID(), t.ID, b.Now(), b.Actor()
	amount := m.Amount
	if !m.Kind.Adds() {
		amount = -amount
		if err := t.CheckCash(cashIn(b, t), m.Amount); err != nil {
			return m, err
		}
	}
	k := accounting.Booking{ID: b.NewID(), Day: b.Today(), At: b.Now(), Reference: m.ID, Subject: m.SessionID, Branch: t.BranchID}
	sheet := k.Sheet()
	sheet.Line(accounting.Cash, t.ID, amount)
	if against.Subject.IsZero() {
		against.Subject = m.SessionID
	}
	sheet.Line(against.Account, against.Subject, -amount)
	m.Entry = k.ID
	CashMoves.Add(b, m)
	return m, b.Post(k.Entry("till_cash_moved", sheet))
}
