package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/settlement"
)

// CountTill registers a count of the cash in a till, which stays open. Refused with Invalid,
// settlement.TillNotFound, TillClosed, TillOfAnother or staff.OutOfScope.
type CountTill struct {
	TillID id.ID
	Sheet  settlement.Sheet
}

// Name returns the operation's name.
func (CountTill) Name() string { return "count_till" }

// Permission returns the permission that the actor's role must have.
func (CountTill) Permission() access.Permission { return settlement.Operate }

// Check refuses values that no note or coin has.
func (c CountTill) Check(bank.Rules) error { return c.Sheet.Check() }

// Needs requests the till.
func (c CountTill) Needs(n *bank.Needs) { needTill(n, c.TillID) }

// Decide stages the count.
func (c CountTill) Decide(b *bank.Book) (settlement.Count, error) {
	t, s, err := session(b, c.TillID, false)
	if err != nil {
		return settlement.Count{}, err
	}
	made := count(b, t, s, c.Sheet)
	b.Publish(settlement.TillCountedEvent(t, made))
	return made, nil
}

// count stages a count.
func count(b *bank.Book, t settlement.Till, s settlement.Session, sheet settlement.Sheet) settlement.Count {
	c := settlement.Count{ID: b.NewID(), SessionID: s.ID, Expected: cashIn(b, t), Counted: sheet.Total(), Sheet: sheet, At: b.Now(), Actor: b.Actor()}
	Counts.Add(b, Count{Count: c})
	return c
}
