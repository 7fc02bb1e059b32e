package view

import (
	"fmt"

	requests "sofipo/bank/authority"
	"sofipo/bank/books"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	staffing "sofipo/bank/staff"
	"sofipo/core/accounting"
	"sofipo/core/client"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/infra/db"
)

// Columns that the questions read, of tables that package bank declares.
var (
	clientColumns = clients.Clients.Columns.Except("loans", "names")
	loanColumns   = lending.StoredLoan.Pick("id", "client_id", "product", "product_version", "amount", "rate", "term_months", "periods", "first_due",
		"status", "granted_at", "applied_by", "edited_by", "approved_by", "opened", "balance", "unapplied", "branch_id", "officer", "number")
	productColumns = lending.Products.Columns.Pick("effective_to", "body")
	entryColumns   = books.Entries.Columns
	userColumns    = staffing.Users.Columns
	branchColumns  = staffing.Branches.Columns
	requestColumns = requests.Requests.Columns
	signInColumns  = staffing.Sessions.Columns
	factorColumns  = staffing.Factors.Columns
	draftColumns   = staffing.Drafts.Columns
)

// The same columns as SELECT statements. The alias of loans is l.
var (
	selectClient  = "SELECT " + clientColumns.List("c") + " FROM "
	selectLoan    = "SELECT " + loanColumns.List("l") + " FROM loans l WHERE "
	selectProduct = "SELECT " + productColumns.List("") + " FROM products "
	selectRequest = "SELECT " + requestColumns.List("") + " FROM requests r WHERE "
	selectDraft   = "SELECT " + draftColumns.List("") + " FROM drafts WHERE "
	selectSignIn  = "SELECT " + signInColumns.List("") + " FROM sessions WHERE "
	selectFactor  = "SELECT " + factorColumns.List("") + " FROM factors WHERE "
	selectUser    = "SELECT " + userColumns.List("") + " FROM users WHERE "
	selectEntry   = "SELECT " + entryColumns.List("") + " FROM manual_entries WHERE "
)

func scanClient(s db.Scanner) (c client.Client, err error) {
	err = clientColumns.Scan(s, &c)
	return c, err
}

func scanLoan(s db.Scanner) (loan.Loan, error) {
	var l lending.Stored
	err := loanColumns.Scan(s, &l)
	return l.Loan, err
}

// scanProduct reads a product version, and the additional columns after it.
func scanProduct(s db.Scanner, more ...any) (product.Product, error) {
	var p lending.Product
	if err := productColumns.Scan(s, &p, more...); err != nil {
		return p.Product, err
	}
	if err := lending.Products.Read(&p); err != nil {
		return p.Product, fmt.Errorf("reading a product: %w", err)
	}
	return p.Product, nil
}

// scanEntry reads a manual entry.
func scanEntry(s db.Scanner) (accounting.ManualEntry, error) {
	var e books.Entry
	err := entryColumns.Scan(s, &e)
	if err == nil {
		err = books.Entries.Read(&e)
	}
	return e.ManualEntry, err
}
