// Package institution has the lender itself: the names, numbers and contacts that its
// documents show, and its logo. It is stored as one record,
// which commands change.
package institution

import (
	"time"

	"sofipo/core/id"
	"sofipo/core/wire"
)

// ID is the id of the only record.
var ID = id.ID{6: 0x70, 8: 0x80, 15: 0x02}

// Institution is the lender. Empty fields are left out of the documents.
type Institution struct {
	Name          string         `json:"name"`       // trade name
	LegalName     string         `json:"legal_name"` // razón social
	RFC           string         `json:"rfc"`
	Address       string         `json:"address"`
	Phones        []string       `json:"phones"`
	Email         string         `json:"email"`
	Web           string         `json:"web"`
	Registrations []Registration `json:"registrations"`
	UNE           Contact        `json:"une"`      // unidad especializada de atención a usuarios
	Condusef      Contact        `json:"condusef"` // Condusef() if empty
	Legends       []string       `json:"legends"`  // warnings of statements; Legends() if empty
	Footer        string         `json:"footer"`   // at the end of receipts
	ChangedBy     string         `json:"changed_by,omitempty"`
	ChangedAt     time.Time      `json:"changed_at,omitzero"`
}

// Registration is the number of the institution in a public register, such as SIPRES.
type Registration struct {
	Register string `json:"register"`
	Number   string `json:"number"`
}

// Contact has the contact data of an office. Empty fields are left out.
type Contact struct {
	Name    string `json:"name"` // the person in charge
	Address string `json:"address"`
	Phone   string `json:"phone"`
	Email   string `json:"email"`
	Web     string `json:"web"`
	Hours   string `json:"hours"`
}

// Condusef returns the contact of CONDUSEF, the national authority that protects the users of
// financial services, as published in 2020. Check it each year.
func Condusef() Contact {
	return Contact{Phone: "55 5340 0999", Email: "asesoria@condusef.gob.mx", Web: "www.condusef.gob.mx"}
}

// Legends returns the warnings that CONDUSEF requires on loan documents.
func Legends() []string {
	return []string{
		"Incumplir tus obligaciones te puede generar comisiones e intereses moratorios.",
		"Contratar créditos que excedan tu capacidad de pago afecta tu historial crediticio.",
		"El avalista, obligado solidario o coacreditado responderá como obligado principal por el total del pago frente a la Entidad Financiera.",
	}
}

// Official returns the legal name, or the trade name if there is none.
func (i Institution) Official() string {
	if i.LegalName != "" {
		return i.LegalName
	}
	return i.Name
}

// plain has the fields of an Institution without its methods.
type plain Institution

// AppendJSON adds the institution as the REST API writes it. Lists are never null.
func (i Institution) AppendJSON(b []byte) []byte {
	at := i.ChangedAt
	i.Phones, i.Registrations, i.Legends, i.ChangedAt = listed(i.Phones), listed(i.Registrations), listed(i.Legends), time.Time{}
	b = wire.JSON(b, plain(i))
	if at.IsZero() {
		return b
	}
	b = wire.Time(append(b[:len(b)-1], `,"changed_at":`...), at)
	return append(b, '}')
}

// MarshalJSON is AppendJSON for encoding/json.
func (i Institution) MarshalJSON() ([]byte, error) { return i.AppendJSON(nil), nil }

func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
