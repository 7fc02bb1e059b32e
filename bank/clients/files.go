package clients

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// StoredFile is the stored row of a file.
type StoredFile struct {
	client.Record
	risk client.RiskGrade
	body string
}

// Files is the table of the files of clients.
var Files = bank.Declare(bank.Table[id.ID, StoredFile]{
	Name: "client_files", Rank: 320,
	Columns: db.Columns[StoredFile]{
		db.IDField("client_id", func(f *StoredFile) *id.ID { return &f.ClientID }),
		db.TextField("kind", func(f *StoredFile) *client.PersonKind { return &f.File.Kind }),
		db.DayField("birth_date", func(f *StoredFile) *civil.Date { return &f.File.BirthDate }),
		db.TextField("risk", func(f *StoredFile) *client.RiskGrade { return &f.risk }),
		db.DayField("complete_until", func(f *StoredFile) *civil.Date { return &f.CompleteUntil }),
		db.IntField("revision", func(f *StoredFile) *int { return &f.Revision }),
		db.SealedField("body", db.Sealing[StoredFile]{Table: "client_files", Column: "client_id", Owner: func(f *StoredFile) string { return f.ClientID.String() }}, func(f *StoredFile) *string { return &f.body }),
		db.TextField("changed_by", func(f *StoredFile) *string { return &f.ChangedBy }),
		db.TimeField("changed_at", func(f *StoredFile) *time.Time { return &f.ChangedAt }),
	},
	Derived: []string{"kind", "birth_date", "risk"},
	Of:      func(f *StoredFile) id.ID { return f.ClientID },
	Compare: bank.ByID,
	Read:    (*StoredFile).read,
	Write:   (*StoredFile).store,
})

var fileOf = bank.DeclareLookup(bank.Lookup[id.ID, StoredFile, id.ID]{Table: Files, Column: "client_id"})

// filed is the body of a file: what has no column of its own.
type filed struct {
	File          client.File           `json:"file"`
	Confirmations []client.Confirmation `json:"confirmations,omitempty"`
	Grades        []client.Grade        `json:"risk,omitempty"`
}

func (f *StoredFile) store() {
	f.risk = f.Risk()
	body, err := json.Marshal(filed{f.File, f.Confirmations, f.Grades})
	if err != nil {
		panic(err) // cannot happen: a file has only texts, dates and numbers
	}
	f.body = string(body)
}

func (f *StoredFile) read() error {
	var in filed
	err := json.Unmarshal([]byte(f.body), &in)
	f.File, f.Confirmations, f.Grades = in.File, in.Confirmations, in.Grades
	return err
}

// Lookups is the table of the values by which clients are found. Identifiers, phones and CLABEs
// are blind indexes.
var Lookups = bank.Declare(bank.Table[client.Lookup, client.Lookup]{
	Name: "client_lookups", Rank: 321, Keys: 3,
	Columns: db.Columns[client.Lookup]{
		db.TextField("value", func(l *client.Lookup) *string { return &l.Value }),
		db.TextField("kind", func(l *client.Lookup) *client.LookupKind { return &l.Kind }),
		db.IDField("client_id", func(l *client.Lookup) *id.ID { return &l.Client }),
	},
	Of: func(l *client.Lookup) client.Lookup { return *l },
	Compare: func(a, b client.Lookup) int {
		return cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Kind, b.Kind), bank.ByID(a.Client, b.Client))
	},
})

// Lookups of the values of a client, and of the clients with a value.
var (
	lookupsOf      = bank.DeclareLookup(bank.Lookup[client.Lookup, client.Lookup, id.ID]{Table: Lookups, Column: "client_id"})
	lookupsByValue = bank.DeclareLookup(bank.Lookup[client.Lookup, client.Lookup, string]{Table: Lookups, Column: "value"})
)

// blinder makes blind indexes.
type blinder interface {
	Blind(kind, value string) string
}

// Lookups of these kinds have blind indexes.
var blinded = []client.LookupKind{client.LookupCURP, client.LookupPhone, client.LookupCLABE}

var _ = db.DeclareBlind(db.BlindColumn{Table: "client_lookups", Column: "value", Kind: "kind", Kinds: []string{"curp", "phone", "clabe"}, Blinded: []string{"curp", "phone", "clabe"}})

// Blinded returns the lookups of a file in the form in which they are stored.
func Blinded(by blinder, all []client.Lookup) []client.Lookup {
	out := slices.Clone(all)
	for i := range out {
		out[i].Value = BlindedValue(by, out[i].Kind, out[i].Value)
	}
	return out
}

// BlindedValue returns a value of client.LookupValue in the form in which it is stored.
func BlindedValue(by blinder, kind client.LookupKind, value string) string {
	if slices.Contains(blinded, kind) {
		return by.Blind(string(kind), value)
	}
	return value
}

// findBy stages the values by which a client is found from now on.
func findBy(b *bank.Book, clientID id.ID, wanted []client.Lookup) {
	wanted = Blinded(b, wanted)
	var held []client.Lookup
	for l := range Lookups.All(b) {
		if l.Client == clientID {
			held = append(held, *l)
		}
	}
	for _, l := range held {
		if !slices.Contains(wanted, l) {
			Lookups.Remove(b, l)
		}
	}
	for _, l := range wanted {
		if !slices.Contains(held, l) {
			Lookups.Add(b, l)
		}
	}
}

// Consents is the table of consents.
var Consents = bank.Declare(bank.Table[id.ID, client.Consent]{
	Name: "client_consents", Rank: 322,
	Columns: db.Columns[client.Consent]{
		db.IDField("id", func(c *client.Consent) *id.ID { return &c.ID }),
		db.IDField("client_id", func(c *client.Consent) *id.ID { return &c.ClientID }),
		db.TextField("kind", func(c *client.Consent) *client.ConsentKind { return &c.Kind }),
		db.TextField("notice_version", func(c *client.Consent) *string { return &c.Version }),
		db.TextField("channel", func(c *client.Consent) *client.Channel { return &c.Channel }),
		db.DayField("given_on", func(c *client.Consent) *civil.Date { return &c.GivenOn }),
		db.DayField("valid_until", func(c *client.Consent) *civil.Date { return &c.ValidUntil }),
		db.TextField("recorded_by", func(c *client.Consent) *string { return &c.RecordedBy }),
		db.TimeField("recorded_at", func(c *client.Consent) *time.Time { return &c.RecordedAt }),
		db.DayField("withdrawn_on", func(c *client.Consent) *civil.Date { return &c.WithdrawnOn }),
		db.TextField("withdrawn_by", func(c *client.Consent) *string { return &c.WithdrawnBy }),
	},
	Fixed:   []string{"client_id", "kind", "notice_version", "channel", "given_on", "recorded_by", "recorded_at"},
	Of:      func(c *client.Consent) id.ID { return c.ID },
	Compare: bank.ByID,
})

var consentsOf = bank.DeclareLookup(bank.Lookup[id.ID, client.Consent, id.ID]{Table: Consents, Column: "client_id"})

// Documents is the table of documents.
var Documents = bank.Declare(bank.Table[id.ID, client.Document]{
	Name: "client_documents", Rank: 323,
	Columns: db.Columns[client.Document]{
		db.IDField("id", func(d *client.Document) *id.ID { return &d.ID }),
		db.IDField("client_id", func(d *client.Document) *id.ID { return &d.ClientID }),
		db.TextField("kind", func(d *client.Document) *client.DocumentKind { return &d.Kind }),
		db.TextField("name", func(d *client.Document) *string { return &d.Name }),
		db.TextField("media_type", func(d *client.Document) *string { return &d.MediaType }),
		db.IntField("size", func(d *client.Document) *int { return &d.Size }),
		db.TextField("sha256", func(d *client.Document) *string { return &d.SHA256 }),
		db.TextField("added_by", func(d *client.Document) *string { return &d.AddedBy }),
		db.TimeField("added_at", func(d *client.Document) *time.Time { return &d.AddedAt }),
	},
	Fixed:   []string{"client_id", "kind", "name", "media_type", "size", "sha256", "added_by", "added_at"},
	Of:      func(d *client.Document) id.ID { return d.ID },
	Compare: bank.ByID,
})

var documentsOf = bank.DeclareLookup(bank.Lookup[id.ID, client.Document, id.ID]{Table: Documents, Column: "client_id"})

// Notes is the table of notes.
var Notes = bank.Declare(bank.Table[id.ID, client.Note]{
	Name: "client_notes", Rank: 324,
	Columns: db.Columns[client.Note]{
		db.IDField("id", func(n *client.Note) *id.ID { return &n.ID }),
		db.IDField("client_id", func(n *client.Note) *id.ID { return &n.ClientID }),
		db.SealedField("text", db.Sealing[client.Note]{Table: "client_notes", Column: "id", Owner: func(n *client.Note) string { return n.ID.String() }}, func(n *client.Note) *string { return &n.Text }),
		db.TextField("written_by", func(n *client.Note) *string { return &n.By }),
		db.TimeField("written_at", func(n *client.Note) *time.Time { return &n.At }),
	},
	Fixed:   []string{"client_id", "text", "written_by", "written_at"},
	Of:      func(n *client.Note) id.ID { return n.ID },
	Compare: bank.ByID,
})

var notesOf = bank.DeclareLookup(bank.Lookup[id.ID, client.Note, id.ID]{Table: Notes, Column: "client_id"})

// StoredChange is the stored row of a change.
type StoredChange struct {
	client.Change
	fields, confirmed string
}

// Changes is the table of the history of files.
var Changes = bank.Declare(bank.Table[id.ID, StoredChange]{
	Name: "client_changes", Rank: 325,
	Columns: db.Columns[StoredChange]{
		db.IDField("id", func(c *StoredChange) *id.ID { return &c.ID }),
		db.IDField("client_id", func(c *StoredChange) *id.ID { return &c.ClientID }),
		db.TextField("action", func(c *StoredChange) *string { return &c.Action }),
		db.TextField("fields", func(c *StoredChange) *string { return &c.fields }),
		db.TextField("confirmed", func(c *StoredChange) *string { return &c.confirmed }),
		db.TextField("changed_by", func(c *StoredChange) *string { return &c.By }),
		db.TimeField("changed_at", func(c *StoredChange) *time.Time { return &c.At }),
	},
	Fixed:   []string{"client_id", "action", "fields", "confirmed", "changed_by", "changed_at"},
	Of:      func(c *StoredChange) id.ID { return c.ID },
	Compare: bank.ByID,
	Read: func(c *StoredChange) error {
		c.Fields = strings.Fields(c.fields)
		for _, w := range strings.Fields(c.confirmed) {
			c.Confirmed = append(c.Confirmed, client.Warning(w))
		}
		return nil
	},
	Write: func(c *StoredChange) {
		c.fields, c.confirmed = strings.Join(c.Fields, " "), ""
		for _, w := range c.Confirmed {
			c.confirmed = strings.TrimSpace(c.confirmed + " " + string(w))
		}
	},
})

var changesOf = bank.DeclareLookup(bank.Lookup[id.ID, StoredChange, id.ID]{Table: Changes, Column: "client_id"})
