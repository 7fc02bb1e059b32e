// Package accounting is the guide: each business fact gives one balanced
// ledger entry on the internal chart (domain handbook §5.2 and §5.3).
package accounting

import (
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/loan"
)

// The accounts in use.
const (
	Bank           ledger.Account = "1102" // bank and SPEI settlement
	LoansPrincipal ledger.Account = "1301" // current principal, sub-ledger by loan
)

// Chart names each account in use in Spanish, as the regulator reads it.
var Chart = map[ledger.Account]string{
	Bank:           "Bancos y liquidación SPEI",
	LoansPrincipal: "Cartera vigente, capital",
}

// LoanGranted debits principal and credits the bank, by the amount lent.
func LoanGranted(entryID id.ID, day civil.Date, l loan.Loan) ledger.Entry {
	return ledger.Entry{
		ID: entryID, BusinessDate: day, PostedAt: l.GrantedAt, Kind: "loan_granted", Reference: l.ID,
		Postings: []ledger.Posting{
			{Account: LoansPrincipal, Subject: l.ID, Debit: l.Amount},
			{Account: Bank, Subject: l.ID, Credit: l.Amount},
		},
	}
}

// PaymentReceived debits the bank and credits principal, by the amount paid.
func PaymentReceived(entryID id.ID, day civil.Date, p loan.Payment) ledger.Entry {
	return ledger.Entry{
		ID: entryID, BusinessDate: day, PostedAt: p.PaidAt, Kind: "payment_received", Reference: p.ID,
		Postings: []ledger.Posting{
			{Account: Bank, Subject: p.LoanID, Debit: p.Amount},
			{Account: LoansPrincipal, Subject: p.LoanID, Credit: p.Amount},
		},
	}
}
