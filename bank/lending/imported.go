package lending

import (
	"time"

	"sofipo/bank"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// TakenLoan is what the other system stated about a loan.
type TakenLoan struct {
	LoanID, ClientID, ImportID id.ID
	Line                       int64
	Number                     string // in the other system
	Status                     string
	Balance                    money.Amount
	Principal                  money.Amount // with which the loan goes on
	DaysPastDue                int64
	Owed                       money.Amount // due and unpaid, without principal
}

// TakenLoans is the table of the loans from other systems.
var TakenLoans = bank.Declare(bank.Table[id.ID, TakenLoan]{
	Name: "imported_loans", Rank: 440,
	Columns: db.Columns[TakenLoan]{
		db.IDField("loan_id", func(l *TakenLoan) *id.ID { return &l.LoanID }),
		db.IDField("client_id", func(l *TakenLoan) *id.ID { return &l.ClientID }),
		db.IDField("import_id", func(l *TakenLoan) *id.ID { return &l.ImportID }),
		db.IntField("line", func(l *TakenLoan) *int64 { return &l.Line }),
		db.TextField("number", func(l *TakenLoan) *string { return &l.Number }),
		db.TextField("status", func(l *TakenLoan) *string { return &l.Status }),
		db.IntField("balance", func(l *TakenLoan) *money.Amount { return &l.Balance }),
		db.IntField("principal", func(l *TakenLoan) *money.Amount { return &l.Principal }),
		db.IntField("days_past_due", func(l *TakenLoan) *int64 { return &l.DaysPastDue }),
		db.IntField("owed", func(l *TakenLoan) *money.Amount { return &l.Owed }),
	},
	Of:      func(l *TakenLoan) id.ID { return l.LoanID },
	Compare: bank.ByID,
})

// PastPayment is a payment that another system received. It is information: it has no entry and
// changes no loan.
type PastPayment struct {
	ID        id.ID        `json:"id"`
	LoanID    id.ID        `json:"loan_id"`
	ClientID  id.ID        `json:"-"`
	ImportID  id.ID        `json:"import_id"`
	Line      int64        `json:"line"` // of the file; the position of the row in a database
	Amount    money.Amount `json:"amount"`
	PaidAt    time.Time    `json:"paid_at"`
	Reference string       `json:"reference,omitempty"`
}

// PastPayments is the table of the payments that other systems received.
var PastPayments = bank.Declare(bank.Table[id.ID, PastPayment]{
	Name: "loan_history", Rank: 441,
	Columns: db.Columns[PastPayment]{
		db.IDField("id", func(p *PastPayment) *id.ID { return &p.ID }),
		db.IDField("loan_id", func(p *PastPayment) *id.ID { return &p.LoanID }),
		db.IDField("client_id", func(p *PastPayment) *id.ID { return &p.ClientID }),
		db.IDField("import_id", func(p *PastPayment) *id.ID { return &p.ImportID }),
		db.IntField("line", func(p *PastPayment) *int64 { return &p.Line }),
		db.IntField("amount", func(p *PastPayment) *money.Amount { return &p.Amount }),
		db.TimeField("paid_at", func(p *PastPayment) *time.Time { return &p.PaidAt }),
		db.TextField("reference", func(p *PastPayment) *string { return &p.Reference }),
	},
	Of:      func(p *PastPayment) id.ID { return p.ID },
	Compare: bank.ByID,
})

var pastPaymentByID = bank.DeclareLookup(bank.Lookup[id.ID, PastPayment, id.ID]{Table: PastPayments, Column: "id"})
