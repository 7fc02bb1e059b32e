package view_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/test/ground"
	"sofipo/view"
)

// TestEveryQuestionAsksForItsPermission: who holds nothing is refused, but for the
// questions that are open where reads are.
func TestEveryQuestionAsksForItsPermission(t *testing.T) {
	v := view.Open(ground.Open(t, ground.Config(t, ground.SQLite)), nil)
	type guarded struct {
		permission access.Permission
		open       bool
		ask        func(context.Context, view.By) error
	}
	x, on, part := id.ID{1}, day("2026-01-15"), view.Paging{Limit: 1}
	questions := map[string]guarded{
		"Client":  {access.ClientsRead, true, func(ctx context.Context, by view.By) error { _, err := v.Client(ctx, by, "", rest.client); return err }},
		"Clients": {access.ClientsRead, true, func(ctx context.Context, by view.By) error { _, err := v.Clients(ctx, by, part); return err }},
		"Loan":    {access.LoansRead, true, func(ctx context.Context, by view.By) error { _, err := v.Loan(ctx, by, x, rest.loan); return err }},
		"ClientLoans": {access.LoansRead, true, func(ctx context.Context, by view.By) error {
			_, err := v.ClientLoans(ctx, by, x, rest.loans)
			return err
		}},
		"Payments":  {access.LoansRead, true, func(ctx context.Context, by view.By) error { _, err := v.Payments(ctx, by, x, part); return err }},
		"Movements": {access.LoansRead, true, func(ctx context.Context, by view.By) error { _, err := v.Movements(ctx, by, x, part); return err }},
		"Movement":  {access.LoansRead, true, func(ctx context.Context, by view.By) error { _, err := v.Movement(ctx, by, x, x); return err }},
		"LoanFile":  {access.LoansRead, true, func(ctx context.Context, by view.By) error { _, err := v.LoanFile(ctx, by, x); return err }},
		"Statement": {access.StatementsRead, true, func(ctx context.Context, by view.By) error {
			_, err := v.Statement(ctx, by, x, rest.statement)
			return err
		}},
		"ClientFile": {access.StatementsRead, false, func(ctx context.Context, by view.By) error { _, err := v.ClientFile(ctx, by, x); return err }},
		"Products":   {access.ProductsRead, false, func(ctx context.Context, by view.By) error { _, err := v.Products(ctx, by, on); return err }},
		"Product": {access.ProductsRead, false, func(ctx context.Context, by view.By) error {
			_, err := v.Product(ctx, by, "", rest.products)
			return err
		}},
		"ProductInForce": {access.LoansQuote, false, func(ctx context.Context, by view.By) error {
			_, err := v.ProductInForce(ctx, by, "", on, rest.products)
			return err
		}},
		"TrialBalance": {access.BooksRead, false, func(ctx context.Context, by view.By) error {
			_, err := v.TrialBalance(ctx, by, on, on, false)
			return err
		}},
		"Ledger": {access.BooksRead, false, func(ctx context.Context, by view.By) error {
			_, err := v.Ledger(ctx, by, view.LedgerQuery{})
			return err
		}},
		"Entry":      {access.BooksRead, false, func(ctx context.Context, by view.By) error { _, err := v.Entry(ctx, by, x); return err }},
		"Voucher":    {access.BooksRead, false, func(ctx context.Context, by view.By) error { _, err := v.Voucher(ctx, by, x); return err }},
		"Vouchers":   {access.BooksRead, false, func(ctx context.Context, by view.By) error { _, err := v.Vouchers(ctx, by, "", part); return err }},
		"Periods":    {access.BooksRead, false, func(ctx context.Context, by view.By) error { _, err := v.Periods(ctx, by, on); return err }},
		"Days":       {access.BooksRead, false, func(ctx context.Context, by view.By) error { _, err := v.Days(ctx, by, on, on, 1); return err }},
		"LastClosed": {access.BooksRead, false, func(ctx context.Context, by view.By) error { _, err := v.LastClosed(ctx, by); return err }},
		"ClosedDay":  {access.ReportsRead, false, func(ctx context.Context, by view.By) error { _, err := v.ClosedDay(ctx, by, on); return err }},
		"Portfolio":  {access.ReportsRead, false, func(ctx context.Context, by view.By) error { _, err := v.Portfolio(ctx, by, on); return err }},
		"Delinquency": {access.ReportsRead, false, func(ctx context.Context, by view.By) error {
			_, err := v.Delinquency(ctx, by, on, view.Late{}, part)
			return err
		}},
		"Collections": {access.ReportsRead, false, func(ctx context.Context, by view.By) error {
			_, err := v.Collections(ctx, by, civil.Date{}, on, part)
			return err
		}},
		"MoneyMoved": {access.ReportsRead, false, func(ctx context.Context, by view.By) error { _, err := v.MoneyMoved(ctx, by, on, on); return err }},
		"Positions":  {access.LoansRead, false, func(ctx context.Context, by view.By) error { _, err := v.Positions(ctx, by, x, on, on); return err }},
	}
	for i := range reflect.TypeFor[*view.View]().NumMethod() {
		method := reflect.TypeFor[*view.View]().Method(i)
		if takesBy := method.Type.NumIn() > 2 && method.Type.In(2) == reflect.TypeFor[view.By](); takesBy && questions[method.Name].ask == nil {
			t.Errorf("%s is not tried", method.Name)
		}
	}
	for name, q := range questions {
		for _, c := range []struct {
			what  string
			by    view.By
			asked bool
		}{
			{"nobody", view.By{}, false},
			{"a role that does not exist", view.By{Role: "guest"}, false},
			{"nobody, while reads are open", view.By{Open: true}, q.open},
			{"an administrator", view.By{Role: access.Admin}, true},
			{"a teller", view.By{Role: access.Teller}, access.Teller.May(q.permission)},
			{"the program", view.System, true},
		} {
			err := q.ask(t.Context(), c.by)
			if refused := fault.Is(err, fault.Forbidden); refused == c.asked {
				t.Errorf("%s by %s: got %v, want it to be answered: %t", name, c.what, err, c.asked)
			}
			var refusal *fault.Error
			if !c.asked && errors.As(err, &refusal) && refusal.Values["permission"] != string(q.permission) {
				t.Errorf("%s by %s: got a refusal for want of %v, want %s", name, c.what, refusal.Values["permission"], q.permission)
			}
		}
	}
}
