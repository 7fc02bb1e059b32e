package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/settlement/bankfile"
	"sofipo/core/settlement/incoming"
)

// SetLayout sets the layout of the payment files of a bank account. Files imported before
// keep theirs. Refused with Invalid or settlement.AccountNotFound.
type SetLayout struct {
	AccountID id.ID
	Layout    bankfile.Layout
}

// Name returns the operation's name.
func (SetLayout) Name() string { return "set_bank_layout" }

// Permission returns the permission that the actor's role must have.
func (SetLayout) Permission() access.Permission { return incoming.SetLayouts }

// Check refuses a layout that is incomplete or contradictory.
func (c SetLayout) Check(bank.Rules) error { return c.Layout.Check() }

// Needs requests the bank account and its layout.
func (c SetLayout) Needs(n *bank.Needs) {
	accountShared.Need(n, c.AccountID)
	layoutOf.Need(n, c.AccountID)
}

// Decide stages the layout.
func (c SetLayout) Decide(b *bank.Book) (incoming.Layout, error) {
	if _, err := findAccount(b, c.AccountID); err != nil {
		return incoming.Layout{}, err
	}
	made := incoming.Layout{AccountID: c.AccountID, Layout: c.Layout, ChangedBy: b.Actor(), ChangedAt: b.Now()}
	if _, known := Layouts.Get(b, c.AccountID); known {
		Layouts.Change(b, Layout{Layout: made})
	} else {
		Layouts.Add(b, Layout{Layout: made})
	}
	b.Publish(incoming.LayoutSetEvent(made))
	return made, nil
}
