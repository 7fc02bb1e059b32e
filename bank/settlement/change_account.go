package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/settlement"
)

// ChangeAccount changes the name, the bank or the CLABE of a bank account. A nil field stays
// unchanged. Refused with Invalid, settlement.AccountNotFound or AccountClosed.
type ChangeAccount struct {
	AccountID          id.ID
	Title, Bank, CLABE *string
}

// Name returns the operation's name.
func (ChangeAccount) Name() string { return "change_bank_account" }

// Permission returns the permission that the actor's role must have.
func (ChangeAccount) Permission() access.Permission { return settlement.Treasury }

// Check validates the new values.
func (c ChangeAccount) Check(bank.Rules) error {
	return c.change(settlement.Account{Code: "0", Name: "-", Bank: "-"}).Check()
}

func (c ChangeAccount) change(a settlement.Account) settlement.Account {
	for _, f := range []struct{ field, value *string }{{&a.Name, c.Title}, {&a.Bank, c.Bank}, {&a.CLABE, c.CLABE}} {
		if f.value != nil {
			*f.field = *f.value
		}
	}
	return a
}

// Needs requests the account.
func (c ChangeAccount) Needs(n *bank.Needs) { accountByID.Need(n, c.AccountID) }

// Decide stages the change.
func (c ChangeAccount) Decide(b *bank.Book) (settlement.Account, error) {
	a, err := findAccount(b, c.AccountID)
	if err != nil {
		return a, err
	}
	a = c.change(a)
	Accounts.Change(b, a)
	b.Publish(settlement.AccountChangedEvent(a))
	return a, nil
}
