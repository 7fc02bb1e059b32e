// Package screening has the lists of persons with whom clients are compared, the comparison
// inside other commands, and the verbs for lists and alerts. Package bank/clients compares
// clients with them.
package screening

import (
	"cmp"
	"encoding/json"
	"time"

	"sofipo/bank"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/mx"
	"sofipo/core/screening"
	"sofipo/infra/db"
)

// Lists is the table of lists, each with its version in force.
var Lists = bank.Declare(bank.Table[screening.ListCode, screening.List]{
	Name: "screening_lists", Rank: 160,
	Columns: db.Columns[screening.List]{
		db.TextField("code", func(l *screening.List) *screening.ListCode { return &l.Code }),
		db.TextField("title", func(l *screening.List) *string { return &l.Title }),
		db.TextField("effect", func(l *screening.List) *screening.Effect { return &l.Effect }),
		db.IntField("version", func(l *screening.List) *int { return &l.Version }),
		db.IntField("entries", func(l *screening.List) *int { return &l.Entries }),
		db.TextField("sha256", func(l *screening.List) *string { return &l.Hash }),
		db.TextField("imported_by", func(l *screening.List) *string { return &l.ImportedBy }),
		db.TimeField("imported_at", func(l *screening.List) *time.Time { return &l.ImportedAt }),
		db.IntField("screened_version", func(l *screening.List) *int { return &l.Screened }),
	},
	Of:      func(l *screening.List) screening.ListCode { return l.Code },
	Compare: func(a, b screening.ListCode) int { return cmp.Compare(a, b) },
})

var listByCode = bank.DeclareLookup(bank.Lookup[screening.ListCode, screening.List, string]{Table: Lists, Column: "code", Lock: true})

// StoredVersion is the stored row of a version.
type StoredVersion struct {
	screening.Version
	bad string // JSON
}

// versionKey is the key of a version.
type versionKey struct {
	list   screening.ListCode
	number int
}

// Versions is the table of all versions of lists.
var Versions = bank.Declare(bank.Table[versionKey, StoredVersion]{
	Name: "screening_versions", Rank: 161, Keys: 2,
	Columns: db.Columns[StoredVersion]{
		db.TextField("list", func(v *StoredVersion) *screening.ListCode { return &v.List }),
		db.IntField("version", func(v *StoredVersion) *int { return &v.Number }),
		db.IDField("id", func(v *StoredVersion) *id.ID { return &v.ID }),
		db.IntField("entries", func(v *StoredVersion) *int { return &v.Entries }),
		db.IntField("added", func(v *StoredVersion) *int { return &v.Added }),
		db.IntField("removed", func(v *StoredVersion) *int { return &v.Removed }),
		db.TextField("bad_rows", func(v *StoredVersion) *string { return &v.bad }),
		db.TextField("sha256", func(v *StoredVersion) *string { return &v.Hash }),
		db.TextField("imported_by", func(v *StoredVersion) *string { return &v.ImportedBy }),
		db.TimeField("imported_at", func(v *StoredVersion) *time.Time { return &v.ImportedAt }),
		db.IntField("clients", func(v *StoredVersion) *int { return &v.Clients }),
		db.IntField("alerts", func(v *StoredVersion) *int { return &v.Alerts }),
		db.TimeField("screened_at", func(v *StoredVersion) *time.Time { return &v.ScreenedAt }),
	},
	Of: func(v *StoredVersion) versionKey { return versionKey{v.List, v.Number} },
	Compare: func(a, b versionKey) int {
		return cmp.Or(cmp.Compare(a.list, b.list), cmp.Compare(a.number, b.number))
	},
	Read:  (*StoredVersion).read,
	Write: (*StoredVersion).write,
})

var versionsOf = bank.DeclareLookup(bank.Lookup[versionKey, StoredVersion, string]{Table: Versions, Column: "list", Lock: true})

func (v *StoredVersion) read() error {
	if v.ScreenedAt.Equal(v.ImportedAt) {
		v.ScreenedAt = time.Time{}
	}
	return json.Unmarshal([]byte(v.bad), &v.Bad)
}

func (v *StoredVersion) write() {
	if v.ScreenedAt.IsZero() {
		v.ScreenedAt = v.ImportedAt
	}
	bad, err := json.Marshal(append([]screening.BadRow{}, v.Bad...))
	if err != nil {
		panic(err) // cannot happen: a row has only texts and a number
	}
	v.bad = string(bad)
}

// Entries is the table of the entries of all lists.
var Entries = bank.Declare(bank.Table[id.ID, screening.Entry]{
	Name: "screening_entries", Rank: 162,
	Columns: db.Columns[screening.Entry]{
		db.IDField("id", func(e *screening.Entry) *id.ID { return &e.ID }),
		db.TextField("list", func(e *screening.Entry) *screening.ListCode { return &e.List }),
		db.TextField("reference", func(e *screening.Entry) *string { return &e.Reference }),
		db.TextField("name", func(e *screening.Entry) *string { return &e.Name }),
		db.TextField("rfc", func(e *screening.Entry) *string { return &e.RFC }),
		db.SealedField("curp", db.Sealing[screening.Entry]{Table: "screening_entries", Column: "id", Owner: func(e *screening.Entry) string { return e.ID.String() }}, func(e *screening.Entry) *string { return &e.CURP }),
		db.DayField("born", func(e *screening.Entry) *civil.Date { return &e.Born }),
		db.IntField("added_in", func(e *screening.Entry) *int { return &e.AddedIn }),
		db.IntField("removed_in", func(e *screening.Entry) *int { return &e.RemovedIn }),
	},
	Fixed:   []string{"list", "reference", "name", "rfc", "curp", "born", "added_in"},
	Of:      func(e *screening.Entry) id.ID { return e.ID },
	Compare: bank.ByID,
})

var entriesInForce = bank.DeclareLookup(bank.Lookup[id.ID, screening.Entry, string]{
	Table: Entries, Column: "list", And: "removed_in = 0", Only: func(e *screening.Entry) bool { return e.RemovedIn == 0 },
})

// The CURPs by which entries and alerts are found are blind indexes.
var (
	_ = db.DeclareBlind(db.BlindColumn{Table: "screening_keys", Column: "value", Kinds: []string{"C"}, Blinded: []string{"curp"}})
	_ = db.DeclareBlind(db.BlindColumn{Table: "screening_alerts", Column: "subject", Kinds: []string{"C"}, Blinded: []string{"curp"}})
)

// BlindCURP returns the blind index of a CURP, and nothing for a generic one, which many share.
func BlindCURP(by interface {
	Blind(kind, value string) string
}, curp string) string {
	if mx.CURP(curp).IsGeneric() {
		return ""
	}
	return by.Blind("curp", curp)
}

// blind returns an entry with the blind index of its CURP, by which it is found.
func blind(b *bank.Book, e screening.Entry) screening.Entry {
	e.CURP = BlindCURP(b, e.CURP)
	return e
}

// keyKey is the key of a Key.
type keyKey struct {
	value string
	entry id.ID
}

// Keys is the table of the values by which the entries in force are found.
var Keys = bank.Declare(bank.Table[keyKey, screening.Key]{
	Name: "screening_keys", Rank: 163, Keys: 2,
	Columns: db.Columns[screening.Key]{
		db.TextField("value", func(k *screening.Key) *string { return &k.Value }),
		db.IDField("entry_id", func(k *screening.Key) *id.ID { return &k.Entry }),
		db.TextField("list", func(k *screening.Key) *screening.ListCode { return &k.List }),
		db.TextField("effect", func(k *screening.Key) *screening.Effect { return &k.Effect }),
		db.DayField("born", func(k *screening.Key) *civil.Date { return &k.Born }),
	},
	Fixed:   []string{"list", "effect", "born"},
	Of:      func(k *screening.Key) keyKey { return keyKey{k.Value, k.Entry} },
	Compare: func(a, b keyKey) int { return cmp.Or(cmp.Compare(a.value, b.value), bank.ByID(a.entry, b.entry)) },
})

var keysByValue = bank.DeclareLookup(bank.Lookup[keyKey, screening.Key, string]{Table: Keys, Column: "value"})

// Alerts is the table of alerts.
var Alerts = bank.Declare(bank.Table[id.ID, screening.Alert]{
	Name: "screening_alerts", Rank: 164,
	Columns: db.Columns[screening.Alert]{
		db.IDField("id", func(a *screening.Alert) *id.ID { return &a.ID }),
		db.IDField("client_id", func(a *screening.Alert) *id.ID { return &a.ClientID }),
		db.TextField("subject", func(a *screening.Alert) *string { return &a.Subject }),
		db.IDField("entry_id", func(a *screening.Alert) *id.ID { return &a.EntryID }),
		db.TextField("list", func(a *screening.Alert) *screening.ListCode { return &a.List }),
		db.TextField("effect", func(a *screening.Alert) *screening.Effect { return &a.Effect }),
		db.TextField("basis", func(a *screening.Alert) *screening.Basis { return &a.Basis }),
		db.TextField("operation", func(a *screening.Alert) *string { return &a.Operation }),
		db.TextField("name", func(a *screening.Alert) *string { return &a.Name }),
		db.TextField("status", func(a *screening.Alert) *screening.Status { return &a.Status }),
		db.TextField("raised_by", func(a *screening.Alert) *string { return &a.RaisedBy }),
		db.TimeField("raised_at", func(a *screening.Alert) *time.Time { return &a.RaisedAt }),
		db.TextField("decided_by", func(a *screening.Alert) *string { return &a.DecidedBy }),
		db.TimeField("decided_at", func(a *screening.Alert) *time.Time { return &a.DecidedAt }),
		db.TextField("reason", func(a *screening.Alert) *string { return &a.Reason }),
	},
	Unique:  map[string]fault.Code{"entry_id": screening.Blocked},
	Of:      func(a *screening.Alert) id.ID { return a.ID },
	Compare: bank.ByID,
	Read: func(a *screening.Alert) error {
		if a.Status == screening.Open {
			a.DecidedAt = time.Time{}
		}
		return nil
	},
	Write: func(a *screening.Alert) {
		if a.DecidedAt.IsZero() {
			a.DecidedAt = a.RaisedAt
		}
	},
})

// Lookups of alerts. Those of a person are found by the subject.
var (
	alertByID       = bank.DeclareLookup(bank.Lookup[id.ID, screening.Alert, id.ID]{Table: Alerts, Column: "id", Lock: true})
	alertsOfSubject = bank.DeclareLookup(bank.Lookup[id.ID, screening.Alert, string]{Table: Alerts, Column: "subject", Lock: true})
	alertsOfLoan    = bank.DeclareLookup(bank.Lookup[id.ID, screening.Alert, id.ID]{
		Table: Alerts, Column: "client_id", Lock: true, Via: &bank.Via{Table: "loans", Column: "id", Columns: []string{"client_id"}, Own: []string{"client_id"}},
	})
)

// subjectIs reports whether an alert is of a client or of a person who is not a client yet.
func subjectIs(a *screening.Alert, client id.ID, p screening.Person) bool {
	return a.Subject == client.String() || a.ClientID.IsZero() && a.Subject == screening.SubjectOf(id.ID{}, p)
}
