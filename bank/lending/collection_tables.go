package lending

import (
	"time"

	"sofipo/bank"
	"sofipo/bank/staff"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	corestaff "sofipo/core/staff"
	"sofipo/infra/db"
)

// Collectors is the table of the collectors of loans, by loan.
var Collectors = bank.Declare(bank.Table[id.ID, collections.Assignment]{
	Name: "loan_collectors", Rank: 600,
	Columns: db.Columns[collections.Assignment]{
		db.IDField("loan_id", func(a *collections.Assignment) *id.ID { return &a.LoanID }),
		db.IDField("client_id", func(a *collections.Assignment) *id.ID { return &a.ClientID }),
		db.TextField("collector", func(a *collections.Assignment) *string { return &a.Collector }),
		db.TextField("assigned_by", func(a *collections.Assignment) *string { return &a.AssignedBy }),
		db.TimeField("assigned_at", func(a *collections.Assignment) *time.Time { return &a.AssignedAt }),
	},
	Fixed:   []string{"client_id"},
	Of:      func(a *collections.Assignment) id.ID { return a.LoanID },
	Compare: bank.ByID,
})

// Contacts is the table of contacts.
var Contacts = bank.Declare(bank.Table[id.ID, collections.Contact]{
	Name: "collection_contacts", Rank: 601,
	Columns: db.Columns[collections.Contact]{
		db.IDField("id", func(c *collections.Contact) *id.ID { return &c.ID }),
		db.IDField("loan_id", func(c *collections.Contact) *id.ID { return &c.LoanID }),
		db.IDField("client_id", func(c *collections.Contact) *id.ID { return &c.ClientID }),
		db.TextField("channel", func(c *collections.Contact) *collections.Channel { return &c.Channel }),
		db.TextField("result", func(c *collections.Contact) *collections.Result { return &c.Result }),
		db.TimeField("contacted_at", func(c *collections.Contact) *time.Time { return &c.At }),
		db.BoolField("outside_hours", func(c *collections.Contact) *bool { return &c.OutsideHours }),
		db.TextField("place", func(c *collections.Contact) *collections.Place { return &c.Place }),
		db.IntField("latitude", func(c *collections.Contact) *collections.Degrees { return &c.Latitude }),
		db.IntField("longitude", func(c *collections.Contact) *collections.Degrees { return &c.Longitude }),
		db.SealedField("note", db.Sealing[collections.Contact]{Table: "collection_contacts", Column: "id", Owner: func(c *collections.Contact) string { return c.ID.String() }}, func(c *collections.Contact) *string { return &c.Note }),
		db.TextField("next_channel", func(c *collections.Contact) *collections.Channel { return &c.Next }),
		db.DayField("next_on", func(c *collections.Contact) *civil.Date { return &c.NextOn }),
		db.TextField("made_by", func(c *collections.Contact) *string { return &c.MadeBy }),
		db.TimeField("made_at", func(c *collections.Contact) *time.Time { return &c.MadeAt }),
	},
	Of:      func(c *collections.Contact) id.ID { return c.ID },
	Compare: bank.ByID,
})

// Promises is the table of promises to pay.
var Promises = bank.Declare(bank.Table[id.ID, collections.Promise]{
	Name: "promises", Rank: 602,
	Columns: db.Columns[collections.Promise]{
		db.IDField("id", func(p *collections.Promise) *id.ID { return &p.ID }),
		db.IDField("loan_id", func(p *collections.Promise) *id.ID { return &p.LoanID }),
		db.IDField("client_id", func(p *collections.Promise) *id.ID { return &p.ClientID }),
		db.IntField("amount", func(p *collections.Promise) *money.Amount { return &p.Amount }),
		db.DayField("due", func(p *collections.Promise) *civil.Date { return &p.Due }),
		db.TextField("status", func(p *collections.Promise) *collections.PromiseStatus { return &p.Status }),
		db.IntField("received", func(p *collections.Promise) *money.Amount { return &p.Received }),
		db.DayField("decided_on", func(p *collections.Promise) *civil.Date { return &p.DecidedOn }),
		db.TextField("collector", func(p *collections.Promise) *string { return &p.Collector }),
		db.DayField("made_on", func(p *collections.Promise) *civil.Date { return &p.MadeOn }),
		db.TextField("made_by", func(p *collections.Promise) *string { return &p.MadeBy }),
		db.TimeField("made_at", func(p *collections.Promise) *time.Time { return &p.MadeAt }),
		db.TextField("reason", func(p *collections.Promise) *string { return &p.Reason }),
		db.IntField("after_transaction", func(p *collections.Promise) *int { return &p.After }),
	},
	Fixed:   []string{"loan_id", "client_id", "amount", "due", "collector", "made_on", "made_by", "made_at", "after_transaction"},
	Of:      func(p *collections.Promise) id.ID { return p.ID },
	Compare: bank.ByID,
})

// CollectionNotes is the table of notes on the collection of loans.
var CollectionNotes = bank.Declare(bank.Table[id.ID, collections.Note]{
	Name: "collection_notes", Rank: 603,
	Columns: db.Columns[collections.Note]{
		db.IDField("id", func(n *collections.Note) *id.ID { return &n.ID }),
		db.IDField("loan_id", func(n *collections.Note) *id.ID { return &n.LoanID }),
		db.IDField("client_id", func(n *collections.Note) *id.ID { return &n.ClientID }),
		db.SealedField("note", db.Sealing[collections.Note]{Table: "collection_notes", Column: "id", Owner: func(n *collections.Note) string { return n.ID.String() }}, func(n *collections.Note) *string { return &n.Text }),
		db.TextField("made_by", func(n *collections.Note) *string { return &n.MadeBy }),
		db.TimeField("made_at", func(n *collections.Note) *time.Time { return &n.MadeAt }),
	},
	Of:      func(n *collections.Note) id.ID { return n.ID },
	Compare: bank.ByID,
})

var (
	collectorOfLoan = bank.DeclareLookup(bank.Lookup[id.ID, collections.Assignment, id.ID]{Table: Collectors, Column: "loan_id", Lock: true})
	openPromises    = bank.DeclareLookup(bank.Lookup[id.ID, collections.Promise, id.ID]{Table: Promises, Column: "loan_id", Lock: true,
		And: "status = 'OPEN'", Only: func(p *collections.Promise) bool { return p.Status == collections.Open }})
	promiseByID = bank.DeclareLookup(bank.Lookup[id.ID, collections.Promise, id.ID]{Table: Promises, Column: "id", Lock: true})
	userByName  = bank.DeclareLookup(bank.Lookup[string, corestaff.User, string]{Table: staff.Users, Column: "username"})
)

// needCollection requests a loan, locked, so that commands on its collection run one after the
// other, with its schedule and its collector.
func needCollection(n *bank.Needs, loanID id.ID) {
	loanByID.Need(n, loanID)
	scheduleInForce.Need(n, loanID)
	collectorOfLoan.Need(n, loanID)
}

// collectable returns a requested loan that owes money: its schedule runs, or it is written
// off. Refused with loan.NotFound or collections.NotCollectable.
func collectable(b *bank.Book, loanID id.ID) (Loan, error) {
	l, err := Find(b, loanID)
	if err == nil && !servicing.Alive(l.Status) && l.Status != servicing.WrittenOff {
		err = fault.Refuse(collections.NotCollectable, "loan_status", l.Status)
	}
	return l, err
}
