package client

import (
	"time"

	"sofipo/core/id"
	"sofipo/core/lang"
	"sofipo/core/wire"
)

// Viewed is what a user saw of a client's personal data.
type Viewed string

// The values.
const (
	ViewedFile      Viewed = "file"      // the data of the file
	ViewedNotes     Viewed = "notes"     // the notes of the file
	ViewedDocument  Viewed = "document"  // a document of the file
	ViewedStatement Viewed = "statement" // a statement, a receipt or a letter
	ViewedContact   Viewed = "contact"   // the phones and addresses in a list of collections
)

// viewedTexts has the texts of what was seen.
var viewedTexts = lang.Texts{
	ViewedFile:      {EN: "file", ES: "expediente"},
	ViewedNotes:     {EN: "notes", ES: "notas"},
	ViewedDocument:  {EN: "document of the file", ES: "documento del expediente"},
	ViewedStatement: {EN: "statement, receipt or letter", ES: "estado de cuenta, recibo o carta"},
	ViewedContact:   {EN: "phones and addresses", ES: "teléfonos y domicilios"},
}

// Viewing records that a user saw personal data of a client.
type Viewing struct {
	ID            id.ID     `json:"id"`
	ClientID      id.ID     `json:"client_id"`
	Username      string    `json:"actor"`
	What          Viewed    `json:"what" enum:"file,notes,document,statement,contact"`
	At            time.Time `json:"at"`
	CorrelationID string    `json:"correlation_id,omitempty"`
}

// AppendJSON adds it as JSON.
func (v Viewing) AppendJSON(b []byte) []byte { return wire.JSON(b, v) }
