// Package settlement has the verbs for tills and the institution's bank accounts, their
// tables, and what the commands of other packages need to move money through them.
package settlement

import (
	"time"

	"sofipo/bank"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/settlement"
	"sofipo/infra/db"
)

// Tills is the table of tills and vaults. Only the opening and the close of a session change
// a row. A balance is a sum of journal lines (bank.Book.PlaceBalance).
var Tills = bank.Declare(bank.Table[id.ID, settlement.Till]{
	Name: "tills", Rank: 500,
	Columns: db.Columns[settlement.Till]{
		db.IDField("id", func(t *settlement.Till) *id.ID { return &t.ID }),
		db.TextField("code", func(t *settlement.Till) *string { return &t.Code }),
		db.TextField("name", func(t *settlement.Till) *string { return &t.Name }),
		db.IDField("branch_id", func(t *settlement.Till) *id.ID { return &t.BranchID }),
		db.IDField("vault_of", func(t *settlement.Till) *id.ID { return &t.VaultOf }),
		db.IDField("vault_id", func(t *settlement.Till) *id.ID { return &t.VaultID }),
		db.IDField("session_id", func(t *settlement.Till) *id.ID { return &t.SessionID }),
		db.TextField("teller", func(t *settlement.Till) *string { return &t.Teller }),
		db.BoolField("closed", func(t *settlement.Till) *bool { return &t.Closed }),
		db.TimeField("created_at", func(t *settlement.Till) *time.Time { return &t.CreatedAt }),
	},
	Fixed:   []string{"branch_id", "vault_of", "vault_id", "created_at"},
	Unique:  map[string]fault.Code{"code": settlement.TillTaken, "vault_of": settlement.VaultTaken, "teller": settlement.TellerBusy},
	Of:      func(t *settlement.Till) id.ID { return t.ID },
	Compare: bank.ByID,
})

// Accounts is the table of the institution's bank accounts.
var Accounts = bank.Declare(bank.Table[id.ID, settlement.Account]{
	Name: "bank_accounts", Rank: 510,
	Columns: db.Columns[settlement.Account]{
		db.IDField("id", func(a *settlement.Account) *id.ID { return &a.ID }),
		db.TextField("code", func(a *settlement.Account) *string { return &a.Code }),
		db.TextField("name", func(a *settlement.Account) *string { return &a.Name }),
		db.TextField("bank", func(a *settlement.Account) *string { return &a.Bank }),
		db.TextField("clabe", func(a *settlement.Account) *string { return &a.CLABE }),
		db.BoolField("overdraft", func(a *settlement.Account) *bool { return &a.Overdraft }),
		db.BoolField("closed", func(a *settlement.Account) *bool { return &a.Closed }),
		db.TimeField("created_at", func(a *settlement.Account) *time.Time { return &a.CreatedAt }),
	},
	Fixed:   []string{"created_at"},
	Unique:  map[string]fault.Code{"code": settlement.AccountTaken},
	Of:      func(a *settlement.Account) id.ID { return a.ID },
	Compare: bank.ByID,
})

// A command that receives cash locks the till in share mode, so that it does not race the
// close. One that takes cash out, or closes, locks it exclusively.
var (
	tillShared    = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Till, id.ID]{Table: Tills, Column: "id", Share: true})
	tillByID      = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Till, id.ID]{Table: Tills, Column: "id", Lock: true})
	accountShared = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Account, id.ID]{Table: Accounts, Column: "id", Share: true})
	accountByID   = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Account, id.ID]{Table: Accounts, Column: "id", Lock: true})
)

// findTill returns a requested till that is in use, or settlement.TillNotFound.
func findTill(b *bank.Book, tillID id.ID) (settlement.Till, error) {
	t, found := Tills.Get(b, tillID)
	if !found {
		return t, fault.Refuse(settlement.TillNotFound)
	}
	if t.Closed {
		return t, fault.Refuse(settlement.TillClosed, "till", t.Code)
	}
	return t, nil
}

// findAccount returns a requested bank account that is in use, or settlement.AccountNotFound.
func findAccount(b *bank.Book, accountID id.ID) (settlement.Account, error) {
	a, found := Accounts.Get(b, accountID)
	if !found {
		return a, fault.Refuse(settlement.AccountNotFound)
	}
	if a.Closed {
		return a, fault.Refuse(settlement.AccountClosed, "bank_account", a.Code)
	}
	return a, nil
}
