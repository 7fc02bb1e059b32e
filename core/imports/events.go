package imports

import (
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
)

// Events declares the events of imports. They have no personal data.
var Events = []event.Declaration{
	{Payload: RowsImported{}, Subject: "import", Text: lang.Text{EN: "{taken} {kind} imported, {rejected} rejected", ES: "{taken} {kind} importados, {rejected} rechazados"}},
	{Payload: ImportFinished{}, Subject: "import", Text: lang.Text{EN: "Import of {kind} finished: {taken} taken, {rejected} rejected", ES: "Importación de {kind} terminada: {taken} importados, {rejected} rechazados"}},
}

// RowsImported is the payload of rows_imported: a part of an import.
type RowsImported struct {
	Import id.ID
	Kind   Kind
	Tally
}

// RowsImportedEvent returns the event of a part of an import. Stale has the cache keys of the
// answers that show the rows.
func RowsImportedEvent(i Import, part Tally, stale []string) event.Fact {
	return event.Fact{Payload: RowsImported{i.ID, i.Kind, part}, Entity: i.ID, Subject: i.ID, Stale: stale}
}

// Event implements event.Payload.
func (RowsImported) Event() event.Type { return event.Type{Name: "rows_imported", Version: 1} }

// Members implements event.Payload.
func (e RowsImported) Members(o *event.Object) { members(o, e.Import, e.Kind, e.Tally) }

// ImportFinished is the payload of import_finished.
type ImportFinished struct {
	Import id.ID
	Kind   Kind
	Tally
}

// FinishedEvent returns the event of the end of an import.
func FinishedEvent(i Import) event.Fact {
	return event.Fact{Payload: ImportFinished{i.ID, i.Kind, i.Tally}, Entity: i.ID, Subject: i.ID}
}

// Event implements event.Payload.
func (ImportFinished) Event() event.Type { return event.Type{Name: "import_finished", Version: 1} }

// Members implements event.Payload.
func (e ImportFinished) Members(o *event.Object) { members(o, e.Import, e.Kind, e.Tally) }

func members(o *event.Object, of id.ID, k Kind, t Tally) {
	o.ID("import_id", of)
	o.Text("kind", string(k))
	o.Int("taken", int32(t.Taken))
	o.Int("known", int32(t.Known))
	o.Int("incomplete", int32(t.Incomplete))
	o.Int("rejected", int32(t.Rejected))
	o.Amount("amount", t.Amount)
}
