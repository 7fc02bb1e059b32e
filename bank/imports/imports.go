// Package imports has the tables of data from other systems, and what the verbs that take such
// data share: each takes a chunk of rows in one command.
package imports

import (
	"cmp"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/imports"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// Imports is the table of imports.
var Imports = bank.Declare(bank.Table[id.ID, imports.Import]{
	Name: "imports", Rank: 50,
	Columns: db.Columns[imports.Import]{
		db.IDField("id", func(i *imports.Import) *id.ID { return &i.ID }),
		db.TextField("kind", func(i *imports.Import) *imports.Kind { return &i.Kind }),
		db.TextField("source", func(i *imports.Import) *string { return &i.Source }),
		db.TextField("status", func(i *imports.Import) *imports.Status { return &i.Status }),
		db.IntField("chunks", func(i *imports.Import) *int64 { return &i.Chunks }),
		db.IntField("taken", func(i *imports.Import) *int64 { return &i.Taken }),
		db.IntField("known", func(i *imports.Import) *int64 { return &i.Known }),
		db.IntField("incomplete", func(i *imports.Import) *int64 { return &i.Incomplete }),
		db.IntField("rejected", func(i *imports.Import) *int64 { return &i.Rejected }),
		db.IntField("amount", func(i *imports.Import) *money.Amount { return &i.Amount }),
		db.TextField("started_by", func(i *imports.Import) *string { return &i.StartedBy }),
		db.TimeField("started_at", func(i *imports.Import) *time.Time { return &i.StartedAt }),
		db.TimeField("changed_at", func(i *imports.Import) *time.Time { return &i.ChangedAt }),
	},
	Fixed:   []string{"kind", "source", "started_by", "started_at"},
	Of:      func(i *imports.Import) id.ID { return i.ID },
	Compare: bank.ByID,
})

var importByID = bank.DeclareLookup(bank.Lookup[id.ID, imports.Import, id.ID]{Table: Imports, Column: "id", Lock: true})

// findingKey is the key of a finding.
type findingKey struct {
	of    id.ID
	line  int64
	field imports.Field
	rule  fault.Rule
}

func keyOf(f imports.Finding) findingKey { return findingKey{f.ImportID, f.Line, f.Field, f.Rule} }

func (k findingKey) compare(other findingKey) int {
	return cmp.Or(bank.ByID(k.of, other.of), cmp.Compare(k.line, other.line), cmp.Compare(k.field, other.field), cmp.Compare(k.rule, other.rule))
}

// Findings is the table of what was wrong with the rows of imports.
var Findings = bank.Declare(bank.Table[findingKey, imports.Finding]{
	Name: "import_findings", Rank: 51, Keys: 4,
	Columns: db.Columns[imports.Finding]{
		db.IDField("import_id", func(f *imports.Finding) *id.ID { return &f.ImportID }),
		db.IntField("line", func(f *imports.Finding) *int64 { return &f.Line }),
		db.TextField("field", func(f *imports.Finding) *imports.Field { return &f.Field }),
		db.TextField("rule", func(f *imports.Finding) *fault.Rule { return &f.Rule }),
		db.TextField("outcome", func(f *imports.Finding) *imports.Outcome { return &f.Outcome }),
		db.IDField("row_id", func(f *imports.Finding) *id.ID { return &f.Row }),
		db.IDField("client_id", func(f *imports.Finding) *id.ID { return &f.Client }),
		db.TextField("value", func(f *imports.Finding) *string { return &f.Value }),
		db.TextField("limits", func(f *imports.Finding) *string { return &f.Limits }),
	},
	Of:      func(f *imports.Finding) findingKey { return keyOf(*f) },
	Compare: findingKey.compare,
})

var findingsOf = bank.DeclareLookup(bank.Lookup[findingKey, imports.Finding, id.ID]{Table: Findings, Column: "client_id"})

// NeedFindingsOf requests the findings in the rows of a client for TakeValues.
func NeedFindingsOf(n *bank.Needs, clientID id.ID) { findingsOf.Need(n, clientID) }

// TakeValues stages that the findings in the rows of a client lose the value of the source. The
// function gets each finding with its value.
func TakeValues(b *bank.Book, clientID id.ID, take func(imports.Finding)) {
	var all []imports.Finding
	for f := range Findings.All(b) {
		if f.Client == clientID && f.Value != "" {
			all = append(all, *f)
		}
	}
	for _, f := range all {
		take(f)
		f.Value = ""
		Findings.Change(b, f)
	}
}

// Chunk is a part of an import that one command takes. A command embeds it and calls Begin before
// and End after it has staged its rows.
type Chunk struct {
	Import id.ID
	Kind   imports.Kind
	Source string
	Before int64 // rows of the source before the chunk
	Number int64 // rows of the source up to the end of the chunk; 0 for a source that may change, whose rows are always looked up

	First, Last int64             // lines of its rows
	Unread      []imports.Finding // the rows that could not be read

	noted map[findingKey]imports.Finding // on these lines, stored by earlier runs
}

// Permission returns the permission that the actor's role must have.
func (*Chunk) Permission() access.Permission { return imports.Run }

// Need requests the import, and what is stored about the lines of the chunk.
func (c *Chunk) Need(n *bank.Needs) {
	importByID.Need(n, c.Import)
	n.Read(func(batch *db.Batch) {
		c.noted = map[findingKey]imports.Finding{}
		batch.Query("SELECT "+Findings.Columns.List("")+" FROM import_findings WHERE import_id = $1 AND line BETWEEN $2 AND $3", func(s db.Scanner) error {
			var f imports.Finding
			err := Findings.Columns.Scan(s, &f)
			c.noted[keyOf(f)] = f
			return err
		}, c.Import, c.First, c.Last)
	})
}

// Answer is what became of the rows of a chunk.
type Answer struct {
	imports.Tally
	Findings []imports.Finding
}

// Work is a chunk that is being taken.
type Work struct {
	Answer
	chunk  *Chunk
	of     imports.Import
	stored bool // the import has a row
	again  bool // the chunk was taken before
	noted  map[findingKey]bool
}

// Begin returns the work on the chunk. If the chunk was taken before, there is nothing to do. The
// first chunk of a complete import begins it again: rows that were rejected may be taken now, and
// the others are known. Opening balances are taken only once. Refused with imports.OtherKind.
func (c *Chunk) Begin(b *bank.Book) (w *Work, err error) {
	w = &Work{chunk: c, noted: map[findingKey]bool{}}
	if w.of, w.stored = Imports.Get(b, c.Import); !w.stored {
		w.of = imports.Import{ID: c.Import, Kind: c.Kind, Source: c.Source, Status: imports.Open, StartedBy: b.Actor(), StartedAt: b.Now()}
	}
	if w.of.Kind != c.Kind {
		return w, fault.Refuse(imports.OtherKind)
	}
	w.again = Decided(w.of) >= c.Number && c.Number > 0
	if c.Before == 0 && !w.again { // the counts begin again
		w.of.Chunks, w.of.Known, w.of.Rejected = 0, 0, 0
	}
	return w, nil
}

// Decided returns the number of rows that another run of an import need not take.
func Decided(i imports.Import) int64 {
	if i.Status == imports.Open || i.Kind == imports.Balances && i.Taken > 0 {
		return i.Chunks
	}
	return 0
}

// Again reports whether the chunk was taken before.
func (w *Work) Again() bool { return w.again }

// Reject counts a row that is not taken.
func (w *Work) Reject(b *bank.Book, f imports.Finding) {
	w.Rejected++
	w.note(b, f)
}

// Take counts a row that was stored, with what must be completed.
func (w *Work) Take(b *bank.Book, amount money.Amount, findings []imports.Finding) {
	w.Taken++
	w.Amount += amount
	if len(findings) > 0 {
		w.Incomplete++
	}
	for _, f := range findings {
		w.note(b, f)
	}
}

func (w *Work) note(b *bank.Book, f imports.Finding) {
	f.ImportID, f.Value, f.Limits = w.of.ID, imports.Clip(f.Value), imports.Clip(f.Limits)
	key := keyOf(f)
	if w.noted[key] {
		return
	}
	w.noted[key] = true
	w.Findings = append(w.Findings, f)
	if _, stored := w.chunk.noted[key]; stored {
		Findings.Change(b, f)
	} else {
		Findings.Add(b, f)
	}
}

// End stages the progress of the import, and removes the findings of rows that are not rejected any
// more. Stale has the cache keys of the answers that show the rows.
func (w *Work) End(b *bank.Book, stale []string) Answer {
	b.Subject(w.of.ID)
	if w.again {
		return Answer{}
	}
	last := int64(-1)
	for _, f := range w.chunk.Unread {
		if f.Line != last {
			w.Rejected++
		}
		last, f.Outcome = f.Line, imports.Rejected
		w.note(b, f)
	}
	for key, f := range w.chunk.noted {
		if f.Outcome == imports.Rejected && !w.noted[key] {
			Findings.Remove(b, f)
		}
	}
	i := w.of
	i.Status, i.ChangedAt = imports.Open, b.Now()
	i.Chunks = max(i.Chunks, w.chunk.Number)
	i.Tally = i.Plus(w.Tally)
	if w.stored {
		Imports.Change(b, i)
	} else {
		Imports.Add(b, i)
	}
	b.Publish(imports.RowsImportedEvent(i, w.Tally, stale))
	return w.Answer
}

// FinishImport ends an import. Refused with imports.OtherKind.
type FinishImport struct {
	Import id.ID
	Kind   imports.Kind
	Source string
}

// Name returns the operation's name.
func (FinishImport) Name() string { return "finish_import" }

// Permission returns the permission that the actor's role must have.
func (FinishImport) Permission() access.Permission { return imports.Run }

// Check accepts every command.
func (FinishImport) Check(bank.Rules) error { return nil }

// Needs requests the import.
func (c FinishImport) Needs(n *bank.Needs) { importByID.Need(n, c.Import) }

// Decide stages the end.
func (c FinishImport) Decide(b *bank.Book) (imports.Import, error) {
	i, stored := Imports.Get(b, c.Import)
	if !stored {
		i = imports.Import{ID: c.Import, Kind: c.Kind, Source: c.Source, StartedBy: b.Actor(), StartedAt: b.Now()}
	}
	b.Subject(i.ID)
	switch {
	case i.Kind != c.Kind:
		return i, fault.Refuse(imports.OtherKind)
	case i.Status == imports.Done:
		return i, nil
	}
	i.Status, i.ChangedAt = imports.Done, b.Now()
	if stored {
		Imports.Change(b, i)
	} else {
		Imports.Add(b, i)
	}
	b.Publish(imports.FinishedEvent(i))
	return i, nil
}
