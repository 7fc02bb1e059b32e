package settlement

import (
	"encoding/json"
	"time"

	"sofipo/bank"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/infra/db"
)

// Layout is a stored layout of the files of a bank account.
type Layout struct {
	incoming.Layout

	body string
}

// Layouts is the table of layouts, by bank account.
var Layouts = bank.Declare(bank.Table[id.ID, Layout]{
	Name: "bank_layouts", Rank: 530,
	Columns: db.Columns[Layout]{
		db.IDField("bank_account_id", func(l *Layout) *id.ID { return &l.AccountID }),
		db.TextField("layout", func(l *Layout) *string { return &l.body }),
		db.TextField("changed_by", func(l *Layout) *string { return &l.ChangedBy }),
		db.TimeField("changed_at", func(l *Layout) *time.Time { return &l.ChangedAt }),
	},
	Of:      func(l *Layout) id.ID { return l.AccountID },
	Compare: bank.ByID,
	Read:    func(l *Layout) error { return json.Unmarshal([]byte(l.body), &l.Layout.Layout) },
	Write:   func(l *Layout) { l.body = jsonText(l.Layout.Layout) },
})

// File is a stored file.
type File struct {
	incoming.File

	layout string
}

// Files is the table of imported files.
var Files = bank.Declare(bank.Table[id.ID, File]{
	Name: "bank_files", Rank: 540,
	Columns: append(db.Through(func(f *File) *incoming.File { return &f.File }, FileSummary),
		db.TextField("layout", func(f *File) *string { return &f.layout }),
		db.SealedBytesField("content", db.Sealing[File]{Table: "bank_files", Column: "id", Owner: func(f *File) string { return f.ID.String() }}, func(f *File) *[]byte { return &f.Content }),
	),
	Fixed:   []string{"bank_account_id", "name", "imported_by", "imported_at", "layout", "content"},
	Of:      func(f *File) id.ID { return f.ID },
	Compare: bank.ByID,
	Read:    func(f *File) error { return json.Unmarshal([]byte(f.layout), &f.Layout) },
	Write:   func(f *File) { f.layout = jsonText(f.Layout) },
})

// FileSummary are the columns of a file without its layout and content.
var FileSummary = db.Columns[incoming.File]{
	db.IDField("id", func(f *incoming.File) *id.ID { return &f.ID }),
	db.IDField("bank_account_id", func(f *incoming.File) *id.ID { return &f.AccountID }),
	db.TextField("name", func(f *incoming.File) *string { return &f.Name }),
	db.TextField("status", func(f *incoming.File) *incoming.FileStatus { return &f.Status }),
	db.IntField("row_count", func(f *incoming.File) *int { return &f.Rows }),
	db.IntField("applied", func(f *incoming.File) *int { return &f.Applied }),
	db.IntField("suspended", func(f *incoming.File) *int { return &f.Waiting }),
	db.IntField("known", func(f *incoming.File) *int { return &f.Known }),
	db.IntField("bad", func(f *incoming.File) *int { return &f.Bad }),
	db.IntField("outgoing", func(f *incoming.File) *int { return &f.Out }),
	db.TextField("imported_by", func(f *incoming.File) *string { return &f.ImportedBy }),
	db.TimeField("imported_at", func(f *incoming.File) *time.Time { return &f.ImportedAt }),
}

// sealedPayment is how the texts of the sender of an incoming payment are encrypted.
var sealedPayment = db.Sealing[incoming.Payment]{Table: "incoming_payments", Column: "id", Owner: func(p *incoming.Payment) string { return p.ID.String() }}

// Incoming is the table of incoming payments.
var Incoming = bank.Declare(bank.Table[id.ID, incoming.Payment]{
	Name: "incoming_payments", Rank: 550,
	Columns: db.Columns[incoming.Payment]{
		db.IDField("id", func(p *incoming.Payment) *id.ID { return &p.ID }),
		db.IDField("bank_account_id", func(p *incoming.Payment) *id.ID { return &p.AccountID }),
		db.IDField("file_id", func(p *incoming.Payment) *id.ID { return &p.FileID }),
		db.IntField("line", func(p *incoming.Payment) *int { return &p.Line }),
		db.TextField("method", func(p *incoming.Payment) *settlement.Method { return &p.Method }),
		db.DayField("value_date", func(p *incoming.Payment) *civil.Date { return &p.Date }),
		db.IntField("amount", func(p *incoming.Payment) *money.Amount { return &p.Amount }),
		db.TextField("operation", func(p *incoming.Payment) *string { return &p.Operation }),
		db.TextField("reference", func(p *incoming.Payment) *string { return &p.Reference }),
		db.SealedField("concept", sealedPayment, func(p *incoming.Payment) *string { return &p.Concept }),
		db.SealedField("sender", sealedPayment, func(p *incoming.Payment) *string { return &p.Sender }),
		db.TextField("status", func(p *incoming.Payment) *incoming.Status { return &p.Status }),
		db.TextField("reason", func(p *incoming.Payment) *incoming.Reason { return &p.Reason }),
		db.IDField("client_id", func(p *incoming.Payment) *id.ID { return &p.ClientID }),
		db.IDField("loan_id", func(p *incoming.Payment) *id.ID { return &p.LoanID }),
		db.IDField("transaction_id", func(p *incoming.Payment) *id.ID { return &p.TransactionID }),
		db.IDField("entry_id", func(p *incoming.Payment) *id.ID { return &p.EntryID }),
		db.TextField("taken_by", func(p *incoming.Payment) *string { return &p.TakenBy }),
		db.TimeField("taken_at", func(p *incoming.Payment) *time.Time { return &p.TakenAt }),
		db.DayField("taken_on", func(p *incoming.Payment) *civil.Date { return &p.TakenOn }),
		db.TextField("resolved_by", func(p *incoming.Payment) *string { return &p.ResolvedBy }),
		db.TimeField("resolved_at", func(p *incoming.Payment) *time.Time { return &p.ResolvedAt }),
		db.TextField("note", func(p *incoming.Payment) *string { return &p.Note }),
	},
	Fixed: []string{"bank_account_id", "file_id", "line", "method", "value_date", "amount", "operation", "reference", "concept", "sender",
		"reason", "entry_id", "taken_by", "taken_at", "taken_on"},
	Unique:  map[string]fault.Code{"id": incoming.Taken},
	Of:      func(p *incoming.Payment) id.ID { return p.ID },
	Compare: bank.ByID,
})

var (
	layoutOf        = bank.DeclareLookup(bank.Lookup[id.ID, Layout, id.ID]{Table: Layouts, Column: "bank_account_id", Lock: true})
	fileByID        = bank.DeclareLookup(bank.Lookup[id.ID, File, id.ID]{Table: Files, Column: "id", Lock: true})
	incomingByID    = bank.DeclareLookup(bank.Lookup[id.ID, incoming.Payment, id.ID]{Table: Incoming, Column: "id", Lock: true})
	incomingOf      = bank.DeclareLookup(bank.Lookup[id.ID, incoming.Payment, id.ID]{Table: Incoming, Column: "client_id"})
	entryOfIncoming = &bank.EntrySource{Table: "incoming_payments", Entry: "entry_id", Key: "id"}
)

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // cannot fail: texts, numbers and booleans
	}
	return string(text)
}

// NeedIncoming requests an incoming payment, locked, with the entry of its suspense.
func NeedIncoming(n *bank.Needs, payment id.ID) {
	incomingByID.Need(n, payment)
	entryOfIncoming.Need(n, payment)
}

// FindSuspended returns a requested incoming payment that is in suspense, or the refusal
// incoming.NotFound or incoming.NotSuspended.
func FindSuspended(b *bank.Book, payment id.ID) (incoming.Payment, error) {
	p, found := Incoming.Get(b, payment)
	if !found {
		return p, fault.Refuse(incoming.NotFound)
	}
	return p, p.Resolvable()
}

// Take stages a payment that its loan took. The payment has the loan and the transaction.
func Take(b *bank.Book, p incoming.Payment) incoming.Payment {
	p = taken(b, p)
	p.Status = incoming.Applied
	Incoming.Add(b, p)
	return p
}

// Suspend stages a payment that waits in suspense, and its entry.
func Suspend(b *bank.Book, p incoming.Payment, why incoming.Reason) (incoming.Payment, error) {
	p = taken(b, p)
	p.Status, p.Reason = incoming.Suspended, why
	entry := incoming.SuspendedEntry(booking(b, p), p)
	p.EntryID = entry.ID
	Incoming.Add(b, p)
	b.Publish(incoming.SuspendedEvent(p))
	return p, b.Post(entry)
}

func taken(b *bank.Book, p incoming.Payment) incoming.Payment {
	p.TakenBy, p.TakenAt, p.TakenOn = b.Actor(), b.Now(), b.Today()
	return p
}

// Resolve stages the end of a payment's suspense.
func Resolve(b *bank.Book, p incoming.Payment, to incoming.Status, note string) incoming.Payment {
	p.Status, p.ResolvedBy, p.ResolvedAt, p.Note = to, b.Actor(), b.Now(), note
	Incoming.Change(b, p)
	b.Publish(incoming.ResolvedEvent(p))
	return p
}

// Unsuspend stages the mirror entry of a payment's suspense.
func Unsuspend(b *bank.Book, p incoming.Payment) error {
	entry, err := b.Original(p.EntryID)
	if err != nil {
		return err
	}
	mirror := accounting.Mirror(b.NewID(), b.Today(), b.Now(), p.ID, entry)
	mirror.Subject = p.ID // an entry that was read does not have it
	return b.Post(mirror)
}

// booking returns the data of an entry about a payment in suspense.
func booking(b *bank.Book, p incoming.Payment) accounting.Booking {
	return accounting.Booking{ID: b.NewID(), Day: b.Today(), At: b.Now(), Reference: p.ID, Subject: p.ID}
}

// NeedIncomingOf requests the incoming payments of a client for TakeTexts.
func NeedIncomingOf(n *bank.Needs, clientID id.ID) { incomingOf.Need(n, clientID) }

// TakeTexts stages that the incoming payments of a client lose the texts of their sender and the
// note of their resolution. The function gets each payment with its texts.
func TakeTexts(b *bank.Book, clientID id.ID, take func(incoming.Payment)) {
	var all []incoming.Payment
	for p := range Incoming.All(b) {
		if p.ClientID == clientID && (p.Concept != "" || p.Sender != "" || p.Note != "") {
			all = append(all, *p)
		}
	}
	for _, p := range all {
		take(p)
		p.Concept, p.Sender, p.Note = "", "", ""
		Incoming.Amend(b, p)
	}
}
