package settlement

import (
	"cmp"
	"regexp"
	"time"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/wire"
)

// Till is a place for cash in a branch: the drawer of a teller, or the vault of the branch. A
// teller's till is used in sessions.
type Till struct {
	ID        id.ID      `json:"id"`
	Code      string     `json:"code"`
	Name      string     `json:"name"`
	BranchID  id.ID      `json:"branch"`
	VaultOf   id.ID      `json:"vault_of,omitzero"`  // the branch whose vault it is
	VaultID   id.ID      `json:"vault,omitzero"`     // the vault that supplies it; zero for a vault
	SessionID id.ID      `json:"session,omitzero"`   // open session
	Teller    string     `json:"teller,omitempty"`   // user of the open session
	OpenedOn  civil.Date `json:"opened_on,omitzero"` // business date of the open session
	Closed    bool       `json:"closed"`             // out of use
	CreatedAt time.Time  `json:"created_at"`
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

// MaxName is the maximum length of a name in characters.
const MaxName = 100

var code = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,19}$`)

// CheckCode refuses a code unless it has 1 to 20 lower-case letters, digits and hyphens.
func CheckCode(given string) error {
	if !code.MatchString(given) {
		return fault.Wrong(fault.At("code", CodeForm))
	}
	return nil
}

// Check refuses an account with a wrong code, name, bank or CLABE.
func (a Account) Check() error {
	if err := cmp.Or(CheckCode(a.Code), CheckText("name", a.Name, MaxName), CheckText("bank", a.Bank, MaxName)); err != nil {
		return err
	}
	if _, err := mx.ParseCLABE(a.CLABE); a.CLABE != "" && err != nil {
		return fault.Wrong(fault.At("clabe", ValidCLABE))
	}
	return nil
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

// CheckDay refuses a till whose session is of a day that has been closed: TillLeftOpen. It must
// be counted and closed before it is used again. The date is the last day whose close has begun.
func (t Till) CheckDay(last civil.Date) error {
	if !t.OpenedOn.IsZero() && !t.OpenedOn.After(last) {
		return fault.Refuse(TillLeftOpen, "till", t.Code, "date", t.OpenedOn)
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

// FundTransfer is money moved from one place to another: between vaults, bank accounts, and
// what others owe for cheques, cards, payroll deductions and shops.
type FundTransfer struct {
	ID        id.ID        `json:"id"`
	From      Place        `json:"from"`
	To        Place        `json:"to"`
	Amount    money.Amount `json:"amount"`
	Reference string       `json:"reference"`
	Reason    string       `json:"reason"`
	At        time.Time    `json:"at"`
	Actor     string       `json:"actor"`
	Entry     id.ID        `json:"entry_id"`
}

// AppendJSON adds the transfer as JSON.
func (t FundTransfer) AppendJSON(b []byte) []byte { return wire.JSON(b, t) }

// ForcedClose is a day that a manager let close although tills were open.
type ForcedClose struct {
	Day    civil.Date `json:"day"`
	Reason string     `json:"reason"`
	Tills  string     `json:"tills"` // codes, separated by commas
	At     time.Time  `json:"at"`
	Actor  string     `json:"actor"`
}

// AppendJSON adds the forced close as JSON.
func (c ForcedClose) AppendJSON(b []byte) []byte { return wire.JSON(b, c) }
