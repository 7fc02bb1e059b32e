package view

import (
	"context"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/infra/db"
)

// StoredTransaction is a transaction with its new terms and split as stored text, for callers
// that only pass them on.
type StoredTransaction struct {
	Transaction     servicing.Transaction // without NewTerms and Split
	NewTerms, Split string
}

// Parse returns the transaction with its new terms and split.
func (m StoredTransaction) Parse() (servicing.Transaction, error) {
	err := codec.ParseTransaction(&m.Transaction, m.NewTerms, m.Split)
	return m.Transaction, err
}

const transactionColumns = "m.number, m.id, m.kind, m.value_date, m.amount, m.at, m.reversed_by, m.reverses, m.business_date, m.folio, m.keep_excess, m.new_terms, m.split, m.method, m.reference, m.till_id, m.bank_account_id, m.branch_id"

// payments are the kinds of transactions that receive money from the client.
var payments = func() (kinds []string) {
	for _, kind := range servicing.Payments {
		kinds = append(kinds, string(kind))
	}
	return kinds
}()

// Payments returns a page of the payments on a loan, reversed ones included, oldest first.
// Refused with loan.NotFound or access.Forbidden.
func (v *View) Payments(ctx context.Context, by By, loanID id.ID, part Paging) (Page[StoredTransaction], error) {
	return v.transactions(ctx, by, loanID, part, payments)
}

// Transactions returns a page of all transactions of a loan, oldest first. Refused as
// Payments.
func (v *View) Transactions(ctx context.Context, by By, loanID id.ID, part Paging) (Page[StoredTransaction], error) {
	return v.transactions(ctx, by, loanID, part, nil)
}

// transactions returns transactions of some kinds, or all, in order of registration. If
// part.After is not a transaction of the loan, the page begins at the first.
func (v *View) transactions(ctx context.Context, by By, loanID id.ID, part Paging, kinds []string) (Page[StoredTransaction], error) {
	if err := by.mayRead(loan.Read); err != nil {
		return Page[StoredTransaction]{}, err
	}
	if err := v.covers(ctx, by, loan.Read, loanByID, loanID); err != nil {
		return Page[StoredTransaction]{}, err
	}
	which, args := "", []any{loanID, part.After, part.Limit, part.Skip}
	if kinds != nil {
		which, args = " AND m.kind = ANY($5::text[])", append(args, kinds)
	}
	var all []StoredTransaction
	known := false
	batch := &db.Batch{}
	batch.Query("SELECT id FROM loans WHERE id = $1", exists(&known), loanID)
	batch.Query("SELECT "+transactionColumns+` FROM loan_transactions m WHERE m.loan_id = $1
		AND m.number > coalesce((SELECT number FROM loan_transactions WHERE loan_id = $1 AND id = $2), -1)`+which+" ORDER BY m.number LIMIT $3 OFFSET $4",
		func(s db.Scanner) error {
			m, err := scanTransaction(s)
			all = append(all, m)
			return err
		}, args...)
	err := v.ask(ctx, v.known(loan.CacheKey(loanID), by.Need), batch, func() { all, known = nil, false })
	if err == nil && !known {
		err = fault.Refuse(loan.NotFound)
	}
	return pageOf(all, part.Limit, func(m StoredTransaction) id.ID { return m.Transaction.ID }), err
}

// Transaction returns one transaction of a loan. Refused with loan.NotFound,
// servicing.TransactionNotFound or access.Forbidden.
func (v *View) Transaction(ctx context.Context, by By, loanID, transactionID id.ID) (m StoredTransaction, err error) {
	if err := by.mayRead(loan.Read); err != nil {
		return m, err
	}
	if err := v.covers(ctx, by, loan.Read, loanByID, loanID); err != nil {
		return m, err
	}
	known := false
	batch := &db.Batch{}
	batch.Query("SELECT id FROM loans WHERE id = $1", exists(&known), loanID)
	batch.Query("SELECT "+transactionColumns+" FROM loan_transactions m WHERE m.loan_id = $1 AND m.id = $2", func(s db.Scanner) (err error) {
		m, err = scanTransaction(s)
		return err
	}, loanID, transactionID)
	err = v.ask(ctx, v.known(loan.CacheKey(loanID), by.Need), batch, func() { m, known = StoredTransaction{}, false })
	switch {
	case err == nil && !known:
		err = fault.Refuse(loan.NotFound)
	case err == nil && m.Transaction.ID.IsZero():
		err = fault.Refuse(servicing.TransactionNotFound)
	}
	return m, err
}

// scanTransaction reads a row of transactionColumns, and the additional columns after them.
func scanTransaction(s db.Scanner, more ...any) (m StoredTransaction, err error) {
	of := &m.Transaction
	err = s.Scan(append([]any{&of.Number, &of.ID, &of.Kind, &of.ValueDate, &of.Amount, &of.At, &of.ReversedBy, &of.Reverses, &of.BusinessDate, &of.Folio, &of.KeepExcess, &m.NewTerms, &m.Split,
		&of.Method, &of.Reference, &of.TillID, &of.AccountID, &of.BranchID}, more...)...)
	of.Status = servicing.InForce
	if !of.ReversedBy.IsZero() {
		of.Status = servicing.Reversed
	}
	return m, err
}
