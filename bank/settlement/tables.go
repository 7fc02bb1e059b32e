// Package settlement has the verbs for tills and the institution's bank accounts, their
// tables, and what the commands of other packages need to move money through them.
package settlement

import (
	"time"

	"sofipo/bank"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/infra/db"
)

// Tills is the table of tills and vaults. Payments do not change a row. A balance is a sum of journal lines (bank.Book.PlaceBalance).
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
		db.DayField("opened_on", func(t *settlement.Till) *civil.Date { return &t.OpenedOn }),
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

// findTill returns a requested till that is in use, or settlement.TillNotFound or TillRetired.
func findTill(b *bank.Book, tillID id.ID) (settlement.Till, error) {
	t, found := Tills.Get(b, tillID)
	if !found {
		return t, fault.Refuse(settlement.TillNotFound)
	}
	if t.Closed {
		return t, fault.Refuse(settlement.TillRetired, "till", t.Code)
	}
	return t, nil
}

// coveredTill is findTill for commands on the till itself. It refuses a till of another branch with
// staff.OutOfScope, unless the actor has it open.
func coveredTill(b *bank.Book, tillID id.ID) (settlement.Till, error) {
	t, err := findTill(b, tillID)
	if err == nil && t.Teller != b.Actor() {
		err = b.CoversBranch(t.BranchID)
	}
	return t, err
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

// Sessions is the table of the sessions of tills.
var Sessions = bank.Declare(bank.Table[id.ID, settlement.Session]{
	Name: "till_sessions", Rank: 502,
	Columns: db.Columns[settlement.Session]{
		db.IDField("id", func(s *settlement.Session) *id.ID { return &s.ID }),
		db.IDField("till_id", func(s *settlement.Session) *id.ID { return &s.TillID }),
		db.IDField("branch_id", func(s *settlement.Session) *id.ID { return &s.BranchID }),
		db.TextField("teller", func(s *settlement.Session) *string { return &s.Teller }),
		db.DayField("business_date", func(s *settlement.Session) *civil.Date { return &s.BusinessDate }),
		db.TimeField("opened_at", func(s *settlement.Session) *time.Time { return &s.OpenedAt }),
		db.IntField("opening", func(s *settlement.Session) *money.Amount { return &s.Opening }),
		db.TimeField("closed_at", func(s *settlement.Session) *time.Time { return &s.ClosedAt }),
		db.DayField("closed_on", func(s *settlement.Session) *civil.Date { return &s.ClosedOn }),
		db.TextField("closed_by", func(s *settlement.Session) *string { return &s.ClosedBy }),
		db.IntField("expected", func(s *settlement.Session) *money.Amount { return &s.Expected }),
		db.IntField("counted", func(s *settlement.Session) *money.Amount { return &s.Counted }),
	},
	Fixed:   []string{"till_id", "branch_id", "teller", "business_date", "opened_at", "opening"},
	Of:      func(s *settlement.Session) id.ID { return s.ID },
	Compare: bank.ByID,
})

// CashMoves is the table of cash that moved other than by transactions.
var CashMoves = bank.Declare(bank.Table[id.ID, settlement.CashMove]{
	Name: "cash_moves", Rank: 504,
	Columns: db.Columns[settlement.CashMove]{
		db.IDField("id", func(m *settlement.CashMove) *id.ID { return &m.ID }),
		db.IDField("till_id", func(m *settlement.CashMove) *id.ID { return &m.TillID }),
		db.IDField("session_id", func(m *settlement.CashMove) *id.ID { return &m.SessionID }),
		db.TextField("kind", func(m *settlement.CashMove) *settlement.MoveKind { return &m.Kind }),
		db.IntField("amount", func(m *settlement.CashMove) *money.Amount { return &m.Amount }),
		db.TextField("reason", func(m *settlement.CashMove) *string { return &m.Reason }),
		db.TimeField("at", func(m *settlement.CashMove) *time.Time { return &m.At }),
		db.TextField("actor", func(m *settlement.CashMove) *string { return &m.Actor }),
		db.IDField("entry_id", func(m *settlement.CashMove) *id.ID { return &m.Entry }),
	},
	Of:      func(m *settlement.CashMove) id.ID { return m.ID },
	Compare: bank.ByID,
})

// Count is a stored count of cash.
type Count struct {
	settlement.Count
	sheet string
}

// Counts is the table of counts of cash.
var Counts = bank.Declare(bank.Table[id.ID, Count]{
	Name: "till_counts", Rank: 506,
	Columns: db.Columns[Count]{
		db.IDField("id", func(c *Count) *id.ID { return &c.ID }),
		db.IDField("session_id", func(c *Count) *id.ID { return &c.SessionID }),
		db.IntField("expected", func(c *Count) *money.Amount { return &c.Expected }),
		db.IntField("counted", func(c *Count) *money.Amount { return &c.Counted }),
		db.TextField("sheet", func(c *Count) *string { return &c.sheet }),
		db.TimeField("at", func(c *Count) *time.Time { return &c.At }),
		db.TextField("actor", func(c *Count) *string { return &c.Actor }),
	},
	Of:      func(c *Count) id.ID { return c.ID },
	Compare: bank.ByID,
	Write:   func(c *Count) { c.sheet = c.Sheet.Text() },
})

// FundTransfers is the table of money moved between vaults and bank accounts.
var FundTransfers = bank.Declare(bank.Table[id.ID, settlement.FundTransfer]{
	Name: "fund_transfers", Rank: 512,
	Columns: db.Columns[settlement.FundTransfer]{
		db.IDField("id", func(t *settlement.FundTransfer) *id.ID { return &t.ID }),
		db.TextField("from_account", func(t *settlement.FundTransfer) *ledger.Account { return &t.From.Account }),
		db.IDField("from_place", func(t *settlement.FundTransfer) *id.ID { return &t.From.Subject }),
		db.TextField("to_account", func(t *settlement.FundTransfer) *ledger.Account { return &t.To.Account }),
		db.IDField("to_place", func(t *settlement.FundTransfer) *id.ID { return &t.To.Subject }),
		db.IntField("amount", func(t *settlement.FundTransfer) *money.Amount { return &t.Amount }),
		db.TextField("reference", func(t *settlement.FundTransfer) *string { return &t.Reference }),
		db.TextField("reason", func(t *settlement.FundTransfer) *string { return &t.Reason }),
		db.TimeField("at", func(t *settlement.FundTransfer) *time.Time { return &t.At }),
		db.TextField("actor", func(t *settlement.FundTransfer) *string { return &t.Actor }),
		db.IDField("entry_id", func(t *settlement.FundTransfer) *id.ID { return &t.Entry }),
	},
	Of:      func(t *settlement.FundTransfer) id.ID { return t.ID },
	Compare: bank.ByID,
})

// ForcedCloses is the table of days that were closed although tills were open.
var ForcedCloses = bank.Declare(bank.Table[civil.Date, settlement.ForcedClose]{
	Name: "forced_closes", Rank: 514,
	Columns: db.Columns[settlement.ForcedClose]{
		db.DayField("day", func(c *settlement.ForcedClose) *civil.Date { return &c.Day }),
		db.TextField("reason", func(c *settlement.ForcedClose) *string { return &c.Reason }),
		db.TextField("tills", func(c *settlement.ForcedClose) *string { return &c.Tills }),
		db.TimeField("at", func(c *settlement.ForcedClose) *time.Time { return &c.At }),
		db.TextField("actor", func(c *settlement.ForcedClose) *string { return &c.Actor }),
	},
	Of:      func(c *settlement.ForcedClose) civil.Date { return c.Day },
	Compare: civil.Date.Compare,
})

// The vault of a till, and the session that is open at it.
var (
	vaultVia  = &bank.Via{Table: "tills", Column: "id", Columns: []string{"vault_id"}, Own: []string{"id"}}
	vaultOf   = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Till, id.ID]{Table: Tills, Column: "id", Lock: true, Via: vaultVia})
	sessionAt = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Session, id.ID]{Table: Sessions, Column: "id", Lock: true,
		Via: &bank.Via{Table: "tills", Column: "id", Columns: []string{"session_id"}, Own: []string{"id"}}})
	tillOfTeller  = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Till, string]{Table: Tills, Column: "teller"})
	tillByCode    = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Till, string]{Table: Tills, Column: "code"})
	vaultAt       = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Till, id.ID]{Table: Tills, Column: "vault_of"})
	accountByCode = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Account, string]{Table: Accounts, Column: "code"})
)

// MainAmounts is a SQL table whose amounts add up to what accounts have besides the lines that
// name a till or bank account. On accounting.Bank that is the balance of the main account.
const MainAmounts = "(SELECT account, amount FROM " + bank.AccountAmounts + " b UNION ALL SELECT account, -amount FROM place_lines)"
