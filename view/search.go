package view

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"sofipo/bank/clients"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/infra/db"
)

// FoundKind is the kind of a search result.
type FoundKind string

// The kinds of search results.
const (
	FoundClient      FoundKind = "client"
	FoundLoan        FoundKind = "loan"
	FoundApplication FoundKind = "application"
	FoundTransaction FoundKind = "transaction"
)

// Found is a result of a search.
type Found struct {
	Kind     FoundKind `json:"kind"`
	ID       id.ID     `json:"id"`
	ClientID id.ID     `json:"client_id"`
	Title    string    `json:"title"`
	Subtitle string    `json:"subtitle"`
	Link     string    `json:"link"`

	// The parts of the title and the subtitle, for pages.
	Number    folio.Number   `json:"-"` // of the client, the loan or the receipt
	Loan      folio.Number   `json:"-"` // of a loan, an application or the loan of a transaction
	Name      string         `json:"-"` // of the client
	RFC       string         `json:"-"` // of a client
	Status    loan.Status    `json:"-"` // of a loan or application
	Operation servicing.Kind `json:"-"` // of a transaction
	Amount    money.Amount   `json:"-"` // of a loan, application or transaction
}

// lookupKinds are the kinds of values by which Search finds clients.
var lookupKinds = []client.LookupKind{client.LookupRFC, client.LookupCURP, client.LookupPhone, client.LookupEmail, client.LookupCLABE}

// maxFound is the maximum number of results of each kind.
const maxFound = 20

// Search finds clients by name, RFC, CURP, telephone, e-mail address, CLABE or number, loans and
// applications by number or payment reference, and transactions by folio or reference. It finds
// what the caller may read, within the scope of the caller's role, at most maxFound of each
// kind; see ByName for the order of clients. A number with a wrong check digit is refused.
func (v *View) Search(ctx context.Context, by By, text string) ([]Found, error) {
	by.Open = false // a search keeps to the scope of the role
	if err := by.may(client.Read); err != nil {
		return nil, err
	}
	text = strings.TrimSpace(text)
	if !storable(text) || text == "" {
		return []Found{}, nil
	}
	kind, number, flaw := folio.Parse(text)
	if flaw == folio.WrongDigit && kind != "" {
		return nil, fault.Wrong(fault.At("q", flaw))
	}
	found := []Found{}
	q := searching{by: by, batch: &db.Batch{}, add: func(f Found) {
		if !slices.Contains(found, f) {
			found = append(found, f)
		}
	}}
	var values []string
	for _, kind := range lookupKinds {
		if value := client.LookupValue(kind, text); value != "" {
			values = append(values, clients.BlindedValue(v.db, kind, value))
		}
	}
	q.clientsWhere("c.id IN (SELECT client_id FROM client_lookups WHERE value = ANY($1::text[]) AND kind <> 'name_birth')", values)
	is := func(wanted folio.Kind) bool { return number != 0 && (kind == "" || kind == wanted) }
	if is(folio.Client) {
		q.clientsWhere("c.number = $1", int64(number))
	}
	if by.may(loan.Read) == nil {
		if is(folio.Loan) {
			q.loanNumbered(int64(number))
		}
		if r := settlement.Reference(strings.ReplaceAll(text, " ", "")); r.Valid() {
			q.loanNumbered(r.Number())
		}
		if is(folio.Receipt) {
			q.transactionsWhere("m.folio = $1 AND m.folio > 0", int64(number))
		}
		q.transactionsWhere("m.reference = $1 AND m.reference <> ''", text)
	}
	if err := v.ask(ctx, by.Need, q.batch, func() { found = found[:0] }); err != nil {
		return nil, err
	}
	if len(found) > 0 || !strings.ContainsFunc(text, unicode.IsLetter) || strings.Contains(text, "@") {
		return found, nil
	}
	named, err := v.ByName(ctx, by, text, maxFound)
	for _, n := range named {
		found = append(found, foundAs(n.Client))
	}
	return found, err
}

// searching adds the queries of a search to a batch. Each keeps to the reader's scope.
type searching struct {
	by    By
	batch *db.Batch
	add   func(Found)
}

// clientsWhere finds clients c by a condition on one argument.
func (q searching) clientsWhere(condition string, arg any) {
	args := []any{arg}
	q.batch.Query("SELECT c.id, c.full_name, c.rfc, c.number FROM clients c WHERE "+condition+q.by.within(client.Read, "c", &args)+
		" ORDER BY c.id LIMIT "+strconv.Itoa(maxFound), func(s db.Scanner) error {
		var c client.Client
		err := s.Scan(&c.ID, &c.FullName, &c.RFC, &c.Number)
		q.add(foundAs(c))
		return err
	}, args...)
}

// loanNumbered finds the loan or application with a number.
func (q searching) loanNumbered(n int64) {
	args := []any{n}
	q.batch.Query("SELECT l.id, l.client_id, l.number, c.full_name, l.status, l.amount FROM loans l JOIN clients c ON c.id = l.client_id WHERE l.number = $1"+
		q.by.within(loan.Read, "l", &args), func(s db.Scanner) error {
		f := Found{Kind: FoundLoan}
		err := s.Scan(&f.ID, &f.ClientID, &f.Loan, &f.Name, &f.Status, &f.Amount)
		if servicing.Pending(f.Status) {
			f.Kind = FoundApplication
		}
		f.Number, f.Subtitle = f.Loan, f.Name
		f.Title, f.Link = folio.Loan.Print(f.Loan)+" · "+string(f.Status)+" · "+f.Amount.String(), "/api/v1/loans/"+f.ID.String()
		q.add(f)
		return err
	}, args...)
}

// transactionsWhere finds the newest transactions m by a condition on one argument.
func (q searching) transactionsWhere(condition string, arg any) {
	args := []any{arg}
	q.batch.Query(`SELECT m.id, m.client_id, m.loan_id, l.number, m.folio, c.full_name, m.kind, m.amount
		FROM loan_transactions m JOIN loans l ON l.id = m.loan_id JOIN clients c ON c.id = m.client_id WHERE `+condition+q.by.within(loan.Read, "l", &args)+
		" ORDER BY m.id DESC LIMIT "+strconv.Itoa(maxFound), func(s db.Scanner) error {
		f, loanID := Found{Kind: FoundTransaction}, id.ID{}
		err := s.Scan(&f.ID, &f.ClientID, &loanID, &f.Loan, &f.Number, &f.Name, &f.Operation, &f.Amount)
		f.Title, f.Subtitle = string(f.Operation)+" · "+f.Amount.String(), f.Name
		if f.Number != 0 {
			f.Title = folio.Receipt.Print(f.Number) + " · " + f.Title
		}
		f.Link = "/api/v1/loans/" + loanID.String() + "/transactions/" + f.ID.String()
		q.add(f)
		return err
	}, args...)
}

// foundAs returns a client as a result.
func foundAs(c client.Client) Found {
	return Found{
		Kind: FoundClient, ID: c.ID, ClientID: c.ID, Title: c.FullName, Subtitle: folio.Client.Print(c.Number) + " · " + c.RFC, Link: "/api/v1/clients/" + c.ID.String() + "/loans",
		Number: c.Number, Name: c.FullName, RFC: c.RFC,
	}
}
