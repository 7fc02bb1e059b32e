package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/settlement"
)

// CloseAccount closes a bank account for ever. Nothing may be on it, nor owed to it for cheques,
// cards, payroll deductions and shops. The main account stays. Refused with
// settlement.AccountNotFound, AccountClosed, MainAccountStays or PlaceNotEmpty.
type CloseAccount struct{ AccountID id.ID }

// Name returns the operation's name.
func (CloseAccount) Name() string { return "close_bank_account" }

// Permission returns the permission that the actor's role must have.
func (CloseAccount) Permission() access.Permission { return settlement.Treasury }

// Check accepts every command.
func (CloseAccount) Check(bank.Rules) error { return nil }

// controls returns the control accounts that may have a balance for a bank account.
func controls() []ledger.Account {
	return []ledger.Account{accounting.Bank, accounting.Cheques, accounting.CardProcessors, accounting.PayrollDeductors, accounting.Shops}
}

// Needs requests the account and its balances.
func (c CloseAccount) Needs(n *bank.Needs) {
	accountByID.Need(n, c.AccountID)
	for _, control := range controls() {
		n.PlaceBalance(control, c.AccountID)
	}
}

// Decide stages the change.
func (c CloseAccount) Decide(b *bank.Book) (settlement.Account, error) {
	a, err := findAccount(b, c.AccountID)
	if err != nil {
		return a, err
	}
	if a.ID == settlement.MainAccount {
		return a, fault.Refuse(settlement.MainAccountStays)
	}
	for _, control := range controls() {
		if has := b.PlaceBalance(control, a.ID); has != 0 {
			return a, fault.Refuse(settlement.PlaceNotEmpty, "place", a.Code, "balance", has)
		}
	}
	a.Closed = true
	Accounts.Change(b, a)
	b.Publish(settlement.AccountClosedEvent(a))
	return a, nil
}
