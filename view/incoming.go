package view

import (
	"context"
	"fmt"

	"sofipo/bank/settlement"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	core "sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/infra/db"
)

// Answers about incoming payments are not cached, because few people ask for them.

// selection is the condition of a query, with its arguments.
type selection struct {
	sql  string
	args []any
}

// and adds a condition with one argument, for which it has %s.
func (w *selection) and(condition string, value any) {
	w.sql += []string{" WHERE ", " AND "}[min(len(w.args), 1)] + fmt.Sprintf(condition, w.next(value))
}

// next adds an argument and returns its place in the SQL.
func (w *selection) next(value any) string {
	w.args = append(w.args, value)
	return fmt.Sprintf("$%d", len(w.args))
}

// page returns the limit of a page.
func (w *selection) page(part Paging) string {
	return " LIMIT " + w.next(part.Limit) + " OFFSET " + w.next(part.Skip)
}

// IncomingPayments returns a page of the incoming payments in the order in which they were
// taken: those with the status if it is not empty, and those of the file if it is not zero.
func (v *View) IncomingPayments(ctx context.Context, by By, status incoming.Status, file id.ID, part Paging) (Page[incoming.Payment], error) {
	if err := by.may(incoming.Read); err != nil {
		return Page[incoming.Payment]{}, err
	}
	columns := settlement.Incoming.Columns
	var where selection
	if status != "" {
		where.and("p.status = %s", string(status))
	}
	if !file.IsZero() {
		where.and("p.file_id = %s", file)
	}
	if !part.After.IsZero() {
		where.and("(p.taken_at, p.id) > (SELECT a.taken_at, a.id FROM incoming_payments a WHERE a.id = %s)", part.After)
	}
	var all []incoming.Payment
	batch := &db.Batch{}
	batch.Query("SELECT "+columns.List("p")+" FROM incoming_payments p"+where.sql+" ORDER BY p.taken_at, p.id"+where.page(part), func(s db.Scanner) error {
		var p incoming.Payment
		err := columns.Scan(s, &p)
		all = append(all, p)
		return err
	}, where.args...)
	err := v.ask(ctx, by.Need, batch, func() { all = nil })
	return pageOf(all, part.Limit, func(p incoming.Payment) id.ID { return p.ID }), err
}

// IncomingPayment returns an incoming payment, or incoming.NotFound.
func (v *View) IncomingPayment(ctx context.Context, by By, payment id.ID) (p incoming.Payment, err error) {
	if err := by.may(incoming.Read); err != nil {
		return p, err
	}
	columns := settlement.Incoming.Columns
	batch := &db.Batch{}
	batch.Query("SELECT "+columns.List("")+" FROM incoming_payments WHERE id = $1", func(s db.Scanner) error { return columns.Scan(s, &p) }, payment)
	err = v.ask(ctx, by.Need, batch, func() { p = incoming.Payment{} })
	if err == nil && p.ID.IsZero() {
		err = fault.Refuse(incoming.NotFound)
	}
	return p, err
}

// BankFiles returns a page of the imported files in the order in which they were imported.
func (v *View) BankFiles(ctx context.Context, by By, part Paging) (Page[incoming.File], error) {
	if err := by.may(incoming.Read); err != nil {
		return Page[incoming.File]{}, err
	}
	columns := settlement.FileSummary
	var where selection
	if !part.After.IsZero() {
		where.and("(f.imported_at, f.id) > (SELECT a.imported_at, a.id FROM bank_files a WHERE a.id = %s)", part.After)
	}
	var all []incoming.File
	batch := &db.Batch{}
	batch.Query("SELECT "+columns.List("f")+" FROM bank_files f"+where.sql+" ORDER BY f.imported_at, f.id"+where.page(part), func(s db.Scanner) error {
		var f incoming.File
		err := columns.Scan(s, &f)
		all = append(all, f)
		return err
	}, where.args...)
	err := v.ask(ctx, by.Need, batch, func() { all = nil })
	return pageOf(all, part.Limit, func(f incoming.File) id.ID { return f.ID }), err
}

// BankLayout returns the layout of the files of a bank account. Refused with
// settlement.AccountNotFound or incoming.NoLayout.
func (v *View) BankLayout(ctx context.Context, by By, account id.ID) (l settlement.Layout, err error) {
	if err := by.may(incoming.Read); err != nil {
		return l, err
	}
	known := false
	batch := &db.Batch{}
	batch.Query("SELECT id FROM bank_accounts WHERE id = $1", exists(&known), account)
	batch.Query("SELECT "+settlement.Layouts.Columns.List("")+" FROM bank_layouts WHERE bank_account_id = $1", func(s db.Scanner) error {
		if err := settlement.Layouts.Columns.Scan(s, &l); err != nil {
			return err
		}
		return settlement.Layouts.Read(&l)
	}, account)
	err = v.ask(ctx, by.Need, batch, func() { l, known = settlement.Layout{}, false })
	switch {
	case err == nil && !known:
		err = fault.Refuse(core.AccountNotFound)
	case err == nil && l.AccountID.IsZero():
		err = fault.Refuse(incoming.NoLayout)
	}
	return l, err
}

// LoanNumber returns the number of a loan, or loan.NotFound.
func (v *View) LoanNumber(ctx context.Context, by By, loanID id.ID) (number int64, err error) {
	if err := by.mayRead(loan.Read); err != nil {
		return 0, err
	}
	if err := v.covers(ctx, by, loan.Read, loanByID, loanID); err != nil {
		return 0, err
	}
	batch := &db.Batch{}
	batch.Query("SELECT number FROM loans WHERE id = $1", func(s db.Scanner) error { return s.Scan(&number) }, loanID)
	err = v.ask(ctx, by.Need, batch, func() { number = 0 })
	if err == nil && number == 0 {
		err = fault.Refuse(loan.NotFound)
	}
	return number, err
}
