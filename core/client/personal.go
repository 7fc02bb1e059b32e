package client

import (
	"time"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lang"
	"sofipo/core/mx"
	"sofipo/core/wire"
)

// DataState says where the personal data of a client are.
type DataState string

// The states.
const (
	DataInUse     DataState = ""          // in the client's row and file
	DataBlocked   DataState = "blocked"   // only in the block, for compliance
	DataDestroyed DataState = "destroyed" // nowhere
)

var dataTexts = lang.Texts{
	DataInUse:     {EN: "in use", ES: "en uso"},
	DataBlocked:   {EN: "blocked", ES: "bloqueados"},
	DataDestroyed: {EN: "destroyed", ES: "suprimidos"},
}

// RetentionYears is how many years data stay blocked, unless a setting
// says otherwise.
const RetentionYears = 10

// MaxBlockReason is the maximum length of the reason of a block, in characters.
const MaxBlockReason = 500

// The refusals.
const (
	Withheld       fault.Code = "client_data_blocked"    // the data are blocked or destroyed
	NotBlocked     fault.Code = "client_data_in_use"     // data are destroyed only after they were blocked
	HasObligations fault.Code = "client_has_obligations" // a loan or an application is open
	Retained       fault.Code = "client_data_retained"   // the term of conservation has not ended
)

var personalFaults = []fault.Declaration{
	{Code: Withheld, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The personal data of the client are blocked or were destroyed; register the person as a new client",
		ES: "Los datos personales del cliente están bloqueados o se suprimieron; si regresa, regístrelo como cliente nuevo",
	}},
	{Code: NotBlocked, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The personal data of the client are in use; block them first",
		ES: "Los datos personales del cliente están en uso; primero bloquéelos",
	}},
	{Code: HasObligations, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Client has {loans} open {loans|loan or application|loans or applications}; data are blocked after all of them have ended",
		ES: "El cliente tiene {loans} {loans|préstamo o solicitud|préstamos o solicitudes} sin terminar; los datos se bloquean cuando todo haya terminado",
	}},
	{Code: Retained, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The data must be kept until their term ends; they can be destroyed from {from}",
		ES: "Los datos se conservan hasta que termine su plazo; se pueden suprimir desde el {from}",
	}},
}

// Remark is a text about a client in another table.
type Remark struct {
	Kind string `json:"kind"` // "contact", "contact_position", "collection_note", "payment_concept", "payment_sender", "payment_note" or "import_value"
	ID   id.ID  `json:"id"`   // of the row; of the import, for import_value
	Text string `json:"text"`
}

// Personal has the personal data that a block withholds.
type Personal struct {
	FullName  string     `json:"full_name"`
	Email     string     `json:"email,omitempty"`
	RFC       string     `json:"rfc"`
	Record    *Record    `json:"record,omitempty"` // nil if the client had no file
	Documents []Document `json:"documents,omitempty"`
	Notes     []Note     `json:"notes,omitempty"`
	Remarks   []Remark   `json:"remarks,omitempty"`
}

// Block says who blocked the personal data of a client and until when they must be kept.
type Block struct {
	ClientID    id.ID      `json:"client_id"`
	Reason      string     `json:"reason"`
	BlockedOn   civil.Date `json:"blocked_on"`
	BlockedBy   string     `json:"blocked_by"`
	BlockedAt   time.Time  `json:"blocked_at"`
	DestroyFrom civil.Date `json:"destroy_from"` // first day on which they may be destroyed
	DestroyedOn civil.Date `json:"destroyed_on,omitzero"`
	DestroyedBy string     `json:"destroyed_by,omitempty"`

	Personal Personal `json:"-"` // empty after the destruction
	Files    []string `json:"-"` // hashes of the documents; none once their bytes were deleted
}

// AppendJSON adds the block as the REST API writes it.
func (b Block) AppendJSON(to []byte) []byte { return wire.JSON(to, b) }

// State returns the state of the data.
func (b Block) State() DataState {
	switch {
	case b.BlockedOn.IsZero():
		return DataInUse
	case b.DestroyedOn.IsZero():
		return DataBlocked
	}
	return DataDestroyed
}

// KeptUntil returns the first day on which data that were blocked on a day may be destroyed.
func KeptUntil(blocked civil.Date, years int) civil.Date {
	return civil.On(int(blocked.Year)+years, time.Month(blocked.Month), int(blocked.Day))
}

// withheldNames has the stored names of clients whose data are not in use.
var withheldNames = map[DataState]string{DataBlocked: "Datos bloqueados", DataDestroyed: "Datos suprimidos"}

// Withhold returns the client without personal data.
func (c Client) Withhold(s DataState) Client {
	c.FullName, c.Email, c.RFC, c.Data = withheldNames[s], "", string(mx.GenericPublic), s
	return c
}

// Blocked is the payload of client_data_blocked.
type Blocked struct {
	ID          id.ID
	DestroyFrom civil.Date
}

// BlockedEvent returns the event of blocked data. The client is the one before.
func BlockedEvent(c Client, b Block) event.Fact {
	return event.Fact{Payload: Blocked{c.ID, b.DestroyFrom}, Entity: c.ID, Subject: c.ID, Client: c.ID, Stale: c.StaleKeys()}
}

// Event implements event.Payload.
func (Blocked) Event() event.Type { return event.Type{Name: "client_data_blocked", Version: 1} }

// Members implements event.Payload.
func (e Blocked) Members(o *event.Object) {
	o.ID("id", e.ID)
	o.Date("destroy_from", e.DestroyFrom)
}

// Destroyed is the payload of client_data_destroyed.
type Destroyed struct{ ID id.ID }

// DestroyedEvent returns the event of destroyed data.
func DestroyedEvent(c Client) event.Fact {
	return event.Fact{Payload: Destroyed{c.ID}, Entity: c.ID, Subject: c.ID, Client: c.ID, Stale: c.StaleKeys()}
}

// Event implements event.Payload.
func (Destroyed) Event() event.Type { return event.Type{Name: "client_data_destroyed", Version: 1} }

// Members implements event.Payload.
func (e Destroyed) Members(o *event.Object) { o.ID("id", e.ID) }
