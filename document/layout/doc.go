// Package layout draws the documents that a client or an accountant gets of a
// loan: the amortization table, the receipt, the payoff letter, the letter of no
// debt and the account statement, and the statement of all loans of a client, in
// Spanish, as PDF and, where the document is a table, as CSV.
//
// It only renders: typed values go in and bytes come out, without clock or
// database, and the same values always give the same bytes. The contents follow
// docs/rules: amortization.md, payments.md and statements.md.
//
// A PDF is Letter, upright or, where a table would not fit, on its side, with
// Liberation Sans embedded; a character that it lacks shows as a box. A CSV is RFC
// 4180 in UTF-8 with CRLF, a first row of names in Spanish, amounts with a dot and
// two decimals, and dates as YYYY-MM-DD; text that a spreadsheet would take for a
// formula has an apostrophe before it.
package layout

import (
	"errors"
	"strings"

	"sofipo/core/id"
	"sofipo/core/lending/schedule"
	"sofipo/core/rate"
)

// Refusals of documents that would say what is not so.
var (
	ErrNothingOwed = errors.New("layout: a loan that owes nothing has no payoff letter")
	ErrNotPaidOff  = errors.New("layout: only a loan that is paid off has a letter of no debt")
)

// Contact is where an office is reached; empty fields are left out.
type Contact struct {
	Address string
	Phone   string
	Email   string
	Web     string
	Hours   string
}

// Institution is the lender as its documents show it; empty fields are left out.
type Institution struct {
	Name     string
	Address  string
	Phone    string
	RFC      string
	Web      string
	UNE      Contact  // unidad especializada de atención a usuarios
	Condusef Contact  // Condusef() if empty
	Legends  []string // warnings of the statement; Legends() if nil
}

// Condusef is the national fee for the users of financial services, as the
// press and the official gazette of 2020 give its contact; to be checked each year.
func Condusef() Contact {
	return Contact{Phone: "55 5340 0999", Email: "asesoria@condusef.gob.mx", Web: "www.condusef.gob.mx"}
}

// Legends are the warnings that CONDUSEF wants on the documents of a loan.
func Legends() []string {
	return []string{
		"Incumplir tus obligaciones te puede generar comisiones e intereses moratorios.",
		"Contratar créditos que excedan tu capacidad de pago afecta tu historial crediticio.",
		"El avalista, obligado solidario o coacreditado responderá como obligado principal por el total del pago frente a la Entidad Financiera.",
	}
}

// Party is the client as the documents show it.
type Party struct {
	Name    string
	RFC     string
	Email   string
	Address string // left out if empty
}

// Credit is what every document says of the loan that it is about.
type Credit struct {
	Institution     Institution
	Client          Party
	Loan            id.ID
	Product         string            // its name for people
	RECA            string            // CONDUSEF's number of the contract form; left out if empty
	Contract        schedule.Schedule // as built at disbursement
	PenaltyInterest rate.Annual       // yearly rate of penalty interest; 0 is none
}

// line is the contact in one paragraph.
func (c Contact) line() string {
	parts := []string{c.Address}
	for _, p := range []struct{ label, value string }{{"tel.\u00a0", strings.ReplaceAll(c.Phone, " ", "\u00a0")}, {"", c.Email}, {"", c.Web}, {"", c.Hours}} {
		if p.value != "" {
			parts = append(parts, p.label+p.value)
		}
	}
	return joined(", ", parts...)
}

// joined puts the separator between the parts that are not empty.
func joined(separator string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, separator)
}
