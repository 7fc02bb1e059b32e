package settlement

import (
	"time"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
)

// Till is a place for cash in a branch: the drawer of a teller, or the vault of the branch. A
// teller's till is used in sessions.
type Till struct {
	ID        id.ID     `json:"id"`
	Code      string    `json:"code"`
	Name      string    `json:"name"`
	BranchID  id.ID     `json:"branch"`
	VaultOf   id.ID     `json:"vault_of,omitzero"` // the branch whose vault it is
	VaultID   id.ID     `json:"vault,omitzero"`    // the vault that supplies it; zero for a vault
	SessionID id.ID     `json:"session,omitzero"`  // open session
	Teller    string    `json:"teller,omitempty"`  // user of the open session
	Closed    bool      `json:"closed"`            // out of use
	CreatedAt time.Time `json:"created_at"`
}

// Account is an account of the institution at a bank.
type Account struct {
	ID        id.ID     `json:"id"`
	Code      string    `json:"code"`
	Name      string    `json:"name"`
	Bank      string    `json:"bank"`
	CLABE     string    `json:"clabe"`
	Overdraft bool      `json:"overdraft"` // the balance may be below zero
	Closed    bool      `json:"closed"`
	CreatedAt time.Time `json:"created_at"`
}

// CheckOpenFor refuses a till without an open session of the user: TillClosed or
// TillOfAnother.
func (t Till) CheckOpenFor(user string) error {
	switch {
	case t.SessionID.IsZero():
		return fault.Refuse(TillClosed, "till", t.Code)
	case t.Teller != user:
		return fault.Refuse(TillOfAnother, "till", t.Code, "teller", t.Teller)
	}
	return nil
}

// CheckCash refuses to take an amount from a till with less cash: NotEnoughCash.
func (t Till) CheckCash(has, amount money.Amount) error {
	if amount > has {
		return fault.Refuse(NotEnoughCash, "till", t.Code, "available", has, "amount", amount)
	}
	return nil
}

// CheckMoney refuses to take an amount from an account with a lower balance, unless its
// overdraft is allowed: NotEnoughMoney.
func (a Account) CheckMoney(has, amount money.Amount) error {
	if amount > has && !a.Overdraft {
		return fault.Refuse(NotEnoughMoney, "bank_account", a.Code, "available", max(has, 0), "amount", amount)
	}
	return nil
}
