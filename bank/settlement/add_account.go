package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/settlement"
)

// AddAccount adds a bank account of the institution. Refused with Invalid or
// settlement.AccountTaken.
type AddAccount struct {
	Code, Title, Bank, CLABE string
	Overdraft                bool
}

// Name returns the operation's name.
func (AddAccount) Name() string { return "add_bank_account" }

// Permission returns the permission that the actor's role must have.
func (AddAccount) Permission() access.Permission { return settlement.Treasury }

// Check refuses texts that are missing or too long, and a CLABE with a wrong check digit.
func (c AddAccount) Check(bank.Rules) error {
	return settlement.Account{Code: c.Code, Name: c.Title, Bank: c.Bank, CLABE: c.CLABE}.Check()
}

// Needs requests the account with the code.
func (c AddAccount) Needs(n *bank.Needs) { accountByCode.Need(n, c.Code) }

// Decide stages the account.
func (c AddAccount) Decide(b *bank.Book) (settlement.Account, error) {
	for other := range Accounts.All(b) {
		if other.Code == c.Code {
			return settlement.Account{}, fault.Refuse(settlement.AccountTaken)
		}
	}
	a := settlement.Account{ID: b.NewID(), Code: c.Code, Name: c.Title, Bank: c.Bank, CLABE: c.CLABE, Overdraft: c.Overdraft, CreatedAt: b.Now()}
	Accounts.Add(b, a)
	b.Publish(settlement.AccountAddedEvent(a))
	return a, nil
}
