// Package layout draws the documents of a loan for clients and accountants, in Spanish:
// the amortization table, the receipt, the payoff letter, the no-debt certificate and
// the account statements, as PDF and, for tables, as CSV and XLSX.
//
// It only renders: it has no clock and no database, and the same values always give the
// same bytes. The contents follow docs/rules: amortization.md, payments.md and
// statements.md.
//
// A PDF has Letter pages, in portrait or, for wide tables, in landscape, with Liberation
// Sans embedded; missing characters are shown as boxes. A CSV follows RFC 4180 in UTF-8
// with CRLF: a first row of names in Spanish, amounts with a dot and two decimals, dates
// as YYYY-MM-DD. Text that a spreadsheet would read as a formula starts with an
// apostrophe.
package layout

import (
	"errors"
	"strings"

	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/institution"
	"sofipo/core/lending/schedule"
	"sofipo/core/rate"
	"sofipo/core/settlement"
)

// Errors of documents that are not available for a loan.
var (
	ErrNothingOwed = errors.New("layout: a payoff letter is not available for a loan that owes nothing")
	ErrNotPaidOff  = errors.New("layout: a no-debt certificate is available only for a loan that is paid off")
)

// Institution is the lender. Empty fields are omitted.
type Institution struct{ institution.Letterhead }

// Party has the client's data.
type Party struct {
	Number  folio.Number
	Name    string
	RFC     string
	Email   string
	Address string // omitted if empty
}

// Credit has the data of a loan that all documents show.
type Credit struct {
	Institution     Institution
	Client          Party
	Loan            id.ID             // shown only in CSV and XLSX
	Number          folio.Number      // of the loan
	Product         string            // display name
	RECA            string            // CONDUSEF's number of the contract form; omitted if empty
	Contract        schedule.Schedule // as built at disbursement
	PenaltyInterest rate.Annual       // annual rate of penalty interest; 0: none
}

// name returns the number of the loan as people write it.
func (c Credit) name() string { return folio.Loan.Print(c.Number) }

// name returns the number of the client as people write it.
func (p Party) name() string { return folio.Client.Print(p.Number) }

// references returns the numbers by which a payment finds the loan.
func (c Credit) references() []fact {
	return []fact{
		{"Referencia para transferencias", string(settlement.ReferenceOf(settlement.ByTransfer, int64(c.Number)))},
		{"Referencia para pagos en tiendas", string(settlement.ReferenceOf(settlement.ByShop, int64(c.Number)))},
	}
}

// contactLine returns the contact data as one line.
func contactLine(c institution.Contact) string {
	parts := []string{c.Name, c.Address}
	for _, p := range []struct{ label, value string }{{"tel.\u00a0", strings.ReplaceAll(c.Phone, " ", "\u00a0")}, {"", c.Email}, {"", c.Web}, {"", c.Hours}} {
		if p.value != "" {
			parts = append(parts, p.label+p.value)
		}
	}
	return joined(", ", parts...)
}

// joined joins the parts that are not empty.
func joined(separator string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, separator)
}
