package view_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/nouns"
	"sofipo/core/staff"
	"sofipo/test/ground"
	"sofipo/view"
)

// holder is a user with a built-in role.
func holder(role access.Role) (m staff.Member) {
	m.Role, _ = nouns.Role(role)
	return m
}

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
		"Client":  {client.Read, true, func(ctx context.Context, by view.By) error { _, err := v.Client(ctx, by, "", rest.client); return err }},
		"Clients": {client.Read, true, func(ctx context.Context, by view.By) error { _, err := v.Clients(ctx, by, part); return err }},
		"Loan":    {loan.Read, true, func(ctx context.Context, by view.By) error { _, err := v.Loan(ctx, by, x, rest.loan); return err }},
		"ClientLoans": {loan.Read, true, func(ctx context.Context, by view.By) error {
			_, err := v.ClientLoans(ctx, by, x, rest.loans)
			return err
		}},
		"Payments":     {loan.Read, true, func(ctx context.Context, by view.By) error { _, err := v.Payments(ctx, by, x, part); return err }},
		"Transactions": {loan.Read, true, func(ctx context.Context, by view.By) error { _, err := v.Transactions(ctx, by, x, part); return err }},
		"Transaction":  {loan.Read, true, func(ctx context.Context, by view.By) error { _, err := v.Transaction(ctx, by, x, x); return err }},
		"LoanFile":     {loan.Read, true, func(ctx context.Context, by view.By) error { _, err := v.LoanFile(ctx, by, x); return err }},
		"Statement": {loan.Statements, true, func(ctx context.Context, by view.By) error {
			_, err := v.Statement(ctx, by, x, rest.statement)
			return err
		}},
		"ClientFile": {loan.Statements, false, func(ctx context.Context, by view.By) error { _, err := v.ClientFile(ctx, by, x); return err }},
		"Products":   {product.Read, false, func(ctx context.Context, by view.By) error { _, err := v.Products(ctx, by, on); return err }},
		"Product": {product.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Product(ctx, by, "", rest.products)
			return err
		}},
		"ProductInForce": {loan.Quote, false, func(ctx context.Context, by view.By) error {
			_, err := v.ProductInForce(ctx, by, "", on, rest.products)
			return err
		}},
		"TrialBalance": {accounting.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.TrialBalance(ctx, by, on, on, false)
			return err
		}},
		"Ledger": {accounting.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Ledger(ctx, by, view.LedgerQuery{})
			return err
		}},
		"Entry":         {accounting.Read, false, func(ctx context.Context, by view.By) error { _, err := v.Entry(ctx, by, x); return err }},
		"ManualEntry":   {accounting.Read, false, func(ctx context.Context, by view.By) error { _, err := v.ManualEntry(ctx, by, x); return err }},
		"ManualEntries": {accounting.Read, false, func(ctx context.Context, by view.By) error { _, err := v.ManualEntries(ctx, by, "", part); return err }},
		"Periods":       {accounting.Read, false, func(ctx context.Context, by view.By) error { _, err := v.Periods(ctx, by, on); return err }},
		"Days":          {accounting.Read, false, func(ctx context.Context, by view.By) error { _, err := v.Days(ctx, by, on, on, 1); return err }},
		"LastClosed":    {accounting.Read, false, func(ctx context.Context, by view.By) error { _, err := v.LastClosed(ctx, by); return err }},
		"ClosedDay":     {risk.ReadReports, false, func(ctx context.Context, by view.By) error { _, err := v.ClosedDay(ctx, by, on); return err }},
		"Portfolio":     {risk.ReadReports, false, func(ctx context.Context, by view.By) error { _, err := v.Portfolio(ctx, by, on); return err }},
		"Delinquency": {risk.ReadReports, false, func(ctx context.Context, by view.By) error {
			_, err := v.Delinquency(ctx, by, on, view.Late{}, part)
			return err
		}},
		"Collections": {risk.ReadReports, false, func(ctx context.Context, by view.By) error {
			_, err := v.Collections(ctx, by, civil.Date{}, on, part)
			return err
		}},
		"WorkList": {collections.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.WorkList(ctx, by, view.Work{}, on, part)
			return err
		}},
		"CollectionHistory": {collections.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.CollectionHistory(ctx, by, x, on, part)
			return err
		}},
		"Promises":   {collections.Read, false, func(ctx context.Context, by view.By) error { _, err := v.Promises(ctx, by, on, on); return err }},
		"MoneyMoved": {risk.ReadReports, false, func(ctx context.Context, by view.By) error { _, err := v.MoneyMoved(ctx, by, on, on); return err }},
		"DailyPositions": {loan.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.DailyPositions(ctx, by, x, on, on)
			return err
		}},
	}
	for i := range reflect.TypeFor[*view.View]().NumMethod() {
		method := reflect.TypeFor[*view.View]().Method(i)
		if takesBy := method.Type.NumIn() > 2 && method.Type.In(2) == reflect.TypeFor[view.By](); takesBy && questions[method.Name].ask == nil {
			t.Errorf("got no question for %s, want one", method.Name)
		}
	}
	for name, q := range questions {
		for _, c := range []struct {
			what  string
			by    view.By
			asked bool
		}{
			{"nobody", view.By{}, false},
			{"a role that does not exist", view.By{Who: holder("guest")}, false},
			{"nobody, while reads are open", view.By{Open: true}, q.open},
			{"an administrator", view.By{Who: holder(access.Admin)}, true},
			{"a teller", view.By{Who: holder(access.Teller)}, nouns.May(access.Teller, q.permission)},
			{"the program", view.System, true},
		} {
			err := q.ask(t.Context(), c.by)
			if refused := fault.Is(err, access.Forbidden); refused == c.asked {
				t.Errorf("%s by %s: got %v, want it to be answered: %t", name, c.what, err, c.asked)
			}
			var refusal *fault.Error
			if !c.asked && errors.As(err, &refusal) && refusal.Values["permission"] != q.permission {
				t.Errorf("%s by %s: got a refusal for the missing permission %v, want %s", name, c.what, refusal.Values["permission"], q.permission)
			}
		}
	}
}
