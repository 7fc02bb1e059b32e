package view

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/staff"
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
	found, collected := []Found{}, map[id.ID]bool{}
	batch := &db.Batch{}
	add := func(f Found, branch id.ID, officer string) {
		if (by.sees(branch, officer) || collected[f.ClientID]) && !slices.Contains(found, f) {
			found = append(found, f)
		}
	}
	if by.Who.Role.Scope == staff.Own {
		batch.Query("SELECT client_id FROM loan_collectors WHERE collector = $1", func(s db.Scanner) error {
			var clientID id.ID
			err := s.Scan(&clientID)
			collected[clientID] = true
			return err
		}, by.Who.User.Username)
	}
	searchClients(batch, by, text, add)
	if number != 0 {
		searchNumber(batch, kind, number, add)
	}
	if by.may(loan.Read) == nil {
		searchLoans(batch, kind, number, add)
		searchReference(batch, by, text, add)
	}
	if err := v.ask(ctx, by.Need, batch, func() { found = found[:0]; clear(collected) }); err != nil {
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

// sees reports whether the scope of the caller's role includes what belongs to a branch and an
// officer.
func (by By) sees(branch id.ID, officer string) bool {
	switch {
	case by.System || by.Who.Role.Scope == staff.All:
		return true
	case by.Who.Role.Scope == staff.OfBranch:
		return branch == by.Who.User.BranchID
	}
	return by.Who.Role.Scope == staff.Own && officer == by.Who.User.Username
}

// adder adds a result that belongs to a branch and an officer.
type adder func(f Found, branch id.ID, officer string)

// clientRow are the columns that foundClient reads.
const clientRow = "c.id, c.full_name, c.rfc, c.number, c.branch_id, c.officer"

func foundClient(add adder) func(db.Scanner) error {
	return func(s db.Scanner) error {
		var c client.Client
		err := s.Scan(&c.ID, &c.FullName, &c.RFC, &c.Number, &c.BranchID, &c.Officer)
		add(foundAs(c), c.BranchID, c.Officer)
		return err
	}
}

// foundAs returns a client as a result.
func foundAs(c client.Client) Found {
	return Found{FoundClient, c.ID, c.ID, c.FullName, folio.Client.Print(c.Number) + " · " + c.RFC, "/api/v1/clients/" + c.ID.String() + "/loans"}
}

// searchClients finds clients by the values of their files.
func searchClients(batch *db.Batch, by By, text string, add adder) {
	var values []string
	for _, kind := range lookupKinds {
		if value := client.LookupValue(kind, text); value != "" {
			values = append(values, value)
		}
	}
	args := []any{values}
	batch.Query("SELECT "+clientRow+` FROM clients c WHERE c.id IN (SELECT client_id FROM client_lookups WHERE value = ANY($1::text[]) AND kind <> 'name_birth')`+
		by.within(client.Read, "c", &args)+" ORDER BY c.id LIMIT "+strconv.Itoa(maxFound), foundClient(add), args...)
}

// searchNumber finds a client by number.
func searchNumber(batch *db.Batch, kind folio.Kind, n folio.Number, add adder) {
	if kind == "" || kind == folio.Client {
		batch.Query("SELECT "+clientRow+" FROM clients c WHERE c.number = $1", foundClient(add), int64(n))
	}
}

// searchLoans finds a loan by number and a transaction by folio; 0 finds nothing.
func searchLoans(batch *db.Batch, kind folio.Kind, n folio.Number, add adder) {
	if n != 0 && (kind == "" || kind == folio.Loan) {
		batch.Query(selectFoundLoan+"WHERE l.number = $1", foundLoan(add), int64(n))
	}
	if n != 0 && (kind == "" || kind == folio.Receipt) {
		batch.Query(selectFoundTransaction+"WHERE m.folio = $1 AND m.folio > 0", foundTransaction(add), int64(n))
	}
}

// searchReference finds a loan by its payment reference, and the newest transactions with a
// reference.
func searchReference(batch *db.Batch, by By, text string, add adder) {
	if r := settlement.Reference(strings.ReplaceAll(text, " ", "")); r.Valid() {
		batch.Query(selectFoundLoan+"WHERE l.number = $1", foundLoan(add), r.Number())
	}
	args := []any{text}
	batch.Query(selectFoundTransaction+"WHERE m.reference = $1 AND m.reference <> ''"+by.within(loan.Read, "l", &args)+" ORDER BY m.id DESC LIMIT "+strconv.Itoa(maxFound), foundTransaction(add), args...)
}

const (
	selectFoundLoan        = "SELECT l.id, l.client_id, l.number, c.full_name, l.status, l.amount, l.branch_id, l.officer FROM loans l JOIN clients c ON c.id = l.client_id "
	selectFoundTransaction = `SELECT m.id, m.client_id, m.loan_id, m.folio, c.full_name, m.kind, m.amount, l.branch_id, l.officer
		FROM loan_transactions m JOIN loans l ON l.id = m.loan_id JOIN clients c ON c.id = m.client_id `
)

func foundLoan(add adder) func(db.Scanner) error {
	return func(s db.Scanner) error {
		f, branch, officer := Found{Kind: FoundLoan}, id.ID{}, ""
		var number folio.Number
		var status loan.Status
		var amount money.Amount
		err := s.Scan(&f.ID, &f.ClientID, &number, &f.Subtitle, &status, &amount, &branch, &officer)
		if status == servicing.Applied || status == servicing.Approved {
			f.Kind = FoundApplication
		}
		f.Title, f.Link = folio.Loan.Print(number)+" · "+string(status)+" · "+amount.String(), "/api/v1/loans/"+f.ID.String()
		add(f, branch, officer)
		return err
	}
}

func foundTransaction(add adder) func(db.Scanner) error {
	return func(s db.Scanner) error {
		f, loanID, branch, officer := Found{Kind: FoundTransaction}, id.ID{}, id.ID{}, ""
		var number folio.Number
		var operation servicing.Kind
		var amount money.Amount
		err := s.Scan(&f.ID, &f.ClientID, &loanID, &number, &f.Subtitle, &operation, &amount, &branch, &officer)
		f.Title = string(operation) + " · " + amount.String()
		if number != 0 {
			f.Title = folio.Receipt.Print(number) + " · " + f.Title
		}
		f.Link = "/api/v1/loans/" + loanID.String() + "/transactions/" + f.ID.String()
		add(f, branch, officer)
		return err
	}
}
