package archive

import (
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// journalRow is a row of the journal without the lines of its entry.
type journalRow struct {
	id, command, subject, client, about, reference, reverses, key id.ID
	number, times                                                 int
	at                                                            time.Time
	day                                                           civil.Date
	actor, action, correlation, refusal, kind                     string
}

// journalList selects a row of the journal: what a command or an entry does not have is empty.
const journalList = "id, command, number, at, subject, client_id, coalesce(actor, ''), coalesce(action, ''), coalesce(correlation_id, ''), about, " +
	"coalesce(refusal, ''), coalesce(times, 0), business_date, coalesce(kind, ''), reference, reverses, api_key"

func journalFile() File {
	type row = journalRow
	return file("journal", "The journal: what was done, by whom, and the heads of the entries. A row is a command, an entry, or both.", source[row]{from: "journal ORDER BY id", list: journalList, columns: db.Columns[row]{
		db.IDField("id", func(r *row) *id.ID { return &r.id }), db.IDField("command", func(r *row) *id.ID { return &r.command }),
		db.SmallField("number", func(r *row) *int { return &r.number }), db.TimeField("at", func(r *row) *time.Time { return &r.at }),
		db.IDField("subject", func(r *row) *id.ID { return &r.subject }), db.IDField("client_id", func(r *row) *id.ID { return &r.client }),
		db.TextField("actor", func(r *row) *string { return &r.actor }), db.TextField("action", func(r *row) *string { return &r.action }),
		db.TextField("correlation_id", func(r *row) *string { return &r.correlation }), db.IDField("about", func(r *row) *id.ID { return &r.about }),
		db.TextField("refusal", func(r *row) *string { return &r.refusal }), db.SmallField("times", func(r *row) *int { return &r.times }),
		db.DayField("business_date", func(r *row) *civil.Date { return &r.day }), db.TextField("kind", func(r *row) *string { return &r.kind }),
		db.IDField("reference", func(r *row) *id.ID { return &r.reference }), db.IDField("reverses", func(r *row) *id.ID { return &r.reverses }),
		db.IDField("api_key", func(r *row) *id.ID { return &r.key }),
	}},
		of("id", "Row: of the entry, or of the command if it has no entry.", func(r *row) any { return r.id }),
		of("command", "Command. Further entries of a command are further rows.", func(r *row) any { return r.command }),
		of("number", "Number of the row in its command, from 0.", func(r *row) any { return r.number }),
		of("at", "Time.", func(r *row) any { return r.at }),
		of("subject", "What the entry or the command is about.", func(r *row) any { return r.subject }),
		of("client_id", "Client; null for the institution.", func(r *row) any { return r.client }),
		of("actor", "User; empty in further rows of a command.", func(r *row) any { return r.actor }),
		of("action", "Operation.", func(r *row) any { return r.action }),
		of("correlation_id", "Correlation id of the request.", func(r *row) any { return r.correlation }),
		of("about", "What the command is about, if not the subject.", func(r *row) any { return r.about }),
		of("refusal", "Code of a refusal; empty for what was done.", func(r *row) any { return r.refusal }),
		of("times", "Refusals that the row counts; 0 for one.", func(r *row) any { return r.times }),
		of("api_key", "API key of a service account.", func(r *row) any { return r.key }),
		of("business_date", "Business date of the entry; null without an entry.", func(r *row) any { return r.day }),
		of("kind", "Kind of the entry; empty without an entry.", func(r *row) any { return r.kind }),
		of("reference", "Transaction or manual entry that made the entry.", func(r *row) any { return r.reference }),
		of("reverses", "Entry that it reverses.", func(r *row) any { return r.reverses }),
	)
}

// posting is a line of an entry.
type posting struct {
	entry, subject, branch, client id.ID
	account                        string
	day                            civil.Date
	debit, credit                  money.Amount
}

const postingsName = "postings"

func postingsFile() File {
	type row = posting
	return file(postingsName, "Lines of the entries. The debits of an entry equal its credits.", source[row]{from: "posted ORDER BY entry_id, line", list: "entry_id, business_date, account, subject, branch, client_id, debit, credit", columns: db.Columns[row]{
		db.IDField("entry_id", func(p *row) *id.ID { return &p.entry }), db.DayField("business_date", func(p *row) *civil.Date { return &p.day }),
		db.TextField("account", func(p *row) *string { return &p.account }), db.IDField("subject", func(p *row) *id.ID { return &p.subject }),
		db.IDField("branch", func(p *row) *id.ID { return &p.branch }), db.IDField("client_id", func(p *row) *id.ID { return &p.client }),
		db.IntField("debit", func(p *row) *money.Amount { return &p.debit }), db.IntField("credit", func(p *row) *money.Amount { return &p.credit }),
	}},
		of("entry_id", "Row of the journal.", func(p *row) any { return p.entry }),
		of("business_date", "Business date.", func(p *row) any { return p.day }),
		of(accountMember, "Account.", func(p *row) any { return p.account }),
		of("subject", "Loan, till, vault or bank account.", func(p *row) any { return p.subject }),
		of("branch", "Branch; null if unknown.", func(p *row) any { return p.branch }),
		of("client_id", "Client; null for the institution.", func(p *row) any { return p.client }),
		of(debitMember, "Debit; 0.00 for a credit.", func(p *row) any { return p.debit }),
		of(creditMember, "Credit; 0.00 for a debit.", func(p *row) any { return p.credit }),
	)
}

// Members of postings that make the balances.
const (
	accountMember = "account"
	debitMember   = "debit"
	creditMember  = "credit"
)

// businessDay is a day whose close has begun.
type businessDay struct {
	day           civil.Date
	status, actor string
	began, closed time.Time
	positions     int64
}

func daysFile() File {
	type row = businessDay
	return file("business_days", "Days that are closed or closing.", source[row]{from: "business_days ORDER BY day", columns: db.Columns[row]{
		db.DayField("day", func(d *row) *civil.Date { return &d.day }), db.TextField("status", func(d *row) *string { return &d.status }),
		db.TextField("actor", func(d *row) *string { return &d.actor }), db.TimeField("began_at", func(d *row) *time.Time { return &d.began }),
		db.TimeField("closed_at", func(d *row) *time.Time { return &d.closed }), db.IntField("positions", func(d *row) *int64 { return &d.positions }),
	}},
		of("day", "Day.", func(d *row) any { return d.day }),
		of("status", "CLOSED or CLOSING.", func(d *row) any { return d.status }),
		of("closed_by", "User.", func(d *row) any { return d.actor }),
		of("began_at", "Beginning of the close.", func(d *row) any { return d.began }),
		of("closed_at", "End of the close.", func(d *row) any { return d.closed }),
		of("positions", "Number of daily positions.", func(d *row) any { return d.positions }),
	)
}
