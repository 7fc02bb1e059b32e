package view_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/imports"
	"sofipo/core/institution"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/nouns"
	"sofipo/core/screening"
	"sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/core/staff"
	"sofipo/core/webhook"
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
		"Audit": {event.ReadLog, false, func(ctx context.Context, by view.By) error {
			_, err := v.Audit(ctx, by, view.AuditQuery{Paging: part})
			return err
		}},
		"PersonalData": {client.ExportData, false, func(ctx context.Context, by view.By) error {
			_, err := v.PersonalData(ctx, by, x, time.Time{}, on)
			return err
		}},
		"Block":   {client.ExportData, false, func(ctx context.Context, by view.By) error { _, err := v.Block(ctx, by, x); return err }},
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
		"LastCloses":    {accounting.Read, false, func(ctx context.Context, by view.By) error { _, err := v.LastCloses(ctx, by); return err }},
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
		"Visits": {collections.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Visits(ctx, by, view.Work{}, on, 1)
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
		"LoanProvision": {loan.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.LoanProvision(ctx, by, &view.LoanFile{Loan: loan.Loan{ID: x}})
			return err
		}},
		"Users": {staff.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Users(ctx, by)
			return err
		}},
		"Branches": {staff.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Branches(ctx, by)
			return err
		}},
		"ClientsOf": {client.Assign, false, func(ctx context.Context, by view.By) error {
			_, err := v.ClientsOf(ctx, by, "", part)
			return err
		}},
		"Dossier": {client.ReadFile, false, func(ctx context.Context, by view.By) error {
			_, err := v.Dossier(ctx, by, x, on)
			return err
		}},
		"ClientDocument": {client.ReadFile, false, func(ctx context.Context, by view.By) error {
			_, err := v.ClientDocument(ctx, by, x, x)
			return err
		}},
		"Notes": {client.ReadFile, false, func(ctx context.Context, by view.By) error {
			_, err := v.Notes(ctx, by, x, part)
			return err
		}},
		"FileChanges": {client.ReadFile, false, func(ctx context.Context, by view.By) error {
			_, err := v.FileChanges(ctx, by, x, part)
			return err
		}},
		"ClientByID":  {client.Read, true, func(ctx context.Context, by view.By) error { _, err := v.ClientByID(ctx, by, x); return err }},
		"ClientsByID": {client.Read, true, func(ctx context.Context, by view.By) error { _, err := v.ClientsByID(ctx, by, []id.ID{x}); return err }},
		"ClientDebts": {loan.Read, true, func(ctx context.Context, by view.By) error { _, err := v.ClientDebts(ctx, by, []id.ID{x}); return err }},
		"Colleagues":  {client.Read, false, func(ctx context.Context, by view.By) error { _, err := v.Colleagues(ctx, by); return err }},
		"ClientHistory": {client.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.ClientHistory(ctx, by, view.HistoryQuery{Client: x, Today: on, Paging: part})
			return err
		}},
		"ClientNumbered": {client.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.ClientNumbered(ctx, by, 1)
			return err
		}},
		"TillOf": {settlement.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.TillOf(ctx, by, "")
			return err
		}},
		"TillLines": {settlement.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.TillLines(ctx, by, x, part)
			return err
		}},
		"WorkOn": {collections.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.WorkOn(ctx, by, nil, on)
			return err
		}},
		"Whereabouts": {collections.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Whereabouts(ctx, by, nil)
			return err
		}},
		"PromiseList": {collections.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.PromiseList(ctx, by, view.PromiseQuery{Paging: part}, on)
			return err
		}},
		"LoanNumbered": {loan.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.LoanNumbered(ctx, by, 1)
			return err
		}},
		"Search": {client.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Search(ctx, by, "")
			return err
		}},
		"Request": {authority.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Request(ctx, by, x, on)
			return err
		}},
		"Requests": {authority.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Requests(ctx, by, view.RequestQuery{Today: on, Paging: part})
			return err
		}},
		"Inbox": {authority.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Inbox(ctx, by, view.InboxQuery{Today: on, Paging: part})
			return err
		}},
		"Tills": {settlement.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Tills(ctx, by, part)
			return err
		}},
		"BankAccounts": {settlement.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.BankAccounts(ctx, by)
			return err
		}},
		"TillSessions": {settlement.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.TillSessions(ctx, by, view.SessionQuery{Paging: part})
			return err
		}},
		"TillSession": {settlement.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.TillSession(ctx, by, x)
			return err
		}},
		"MoneyOfBranch": {settlement.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.MoneyOfBranch(ctx, by, x, on)
			return err
		}},
		"MoneyOfSession": {settlement.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.MoneyOfSession(ctx, by, x)
			return err
		}},
		"BlockingTills": {settlement.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.BlockingTills(ctx, by, on)
			return err
		}},
		"IncomingPayments": {incoming.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.IncomingPayments(ctx, by, "", x, part)
			return err
		}},
		"IncomingPayment": {incoming.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.IncomingPayment(ctx, by, x)
			return err
		}},
		"BankFiles": {incoming.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.BankFiles(ctx, by, part)
			return err
		}},
		"Imports": {imports.Run, false, func(ctx context.Context, by view.By) error {
			_, err := v.Imports(ctx, by, part)
			return err
		}},
		"Import": {imports.Run, false, func(ctx context.Context, by view.By) error {
			_, err := v.Import(ctx, by, x)
			return err
		}},
		"RejectedRows": {imports.Run, false, func(ctx context.Context, by view.By) error {
			_, err := v.RejectedRows(ctx, by, x, 1)
			return err
		}},
		"Webhooks": {webhook.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Webhooks(ctx, by)
			return err
		}},
		"Webhook": {webhook.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Webhook(ctx, by, x)
			return err
		}},
		"Deliveries": {webhook.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Deliveries(ctx, by, view.DeliveryQuery{Webhook: x, Paging: part})
			return err
		}},
		"BankLayout": {incoming.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.BankLayout(ctx, by, x)
			return err
		}},
		"LoanNumber": {loan.Read, true, func(ctx context.Context, by view.By) error {
			_, err := v.LoanNumber(ctx, by, x)
			return err
		}},
		"ByName": {client.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.ByName(ctx, by, "ana", 1)
			return err
		}},
		"CloseForecast": {accounting.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.CloseForecast(ctx, by, on)
			return err
		}},
		"CountClients": {client.Read, true, func(ctx context.Context, by view.By) error {
			_, err := v.CountClients(ctx, by, view.ClientQuery{Window: view.Window{Limit: 10}})
			return err
		}},
		"CountLoans": {loan.Read, true, func(ctx context.Context, by view.By) error {
			_, err := v.CountLoans(ctx, by, view.LoanQuery{Window: view.Window{Limit: 10}})
			return err
		}},
		"ListClients": {client.Read, true, func(ctx context.Context, by view.By) error {
			_, err := v.ListClients(ctx, by, view.ClientQuery{})
			return err
		}},
		"ListPayments": {loan.Read, true, func(ctx context.Context, by view.By) error {
			_, err := v.ListPayments(ctx, by, view.PaymentQuery{})
			return err
		}},
		"Loans": {loan.Read, true, func(ctx context.Context, by view.By) error {
			_, err := v.Loans(ctx, by, view.LoanQuery{})
			return err
		}},
		"Journal": {accounting.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Journal(ctx, by, view.JournalQuery{From: on, To: on, Window: view.Window{Limit: 1}})
			return err
		}},
		"ListManualEntries": {accounting.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.ListManualEntries(ctx, by, "", view.Window{Limit: 1})
			return err
		}},
		"PortfolioReport": {risk.ReadReports, false, func(ctx context.Context, by view.By) error {
			_, err := v.PortfolioReport(ctx, by, view.PortfolioQuery{})
			return err
		}},
		"ForcedCloses": {settlement.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.ForcedCloses(ctx, by, civil.Date{}, 1)
			return err
		}},
		"TillsLeftOpen": {settlement.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.TillsLeftOpen(ctx, by)
			return err
		}},
		"Institution": {institution.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Institution(ctx, by)
			return err
		}},
		"Logo": {institution.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Logo(ctx, by)
			return err
		}},
		"ScreeningLists": {screening.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.ScreeningLists(ctx, by)
			return err
		}},
		"ScreeningVersions": {screening.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.ScreeningVersions(ctx, by, "", part)
			return err
		}},
		"Alerts": {screening.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.Alerts(ctx, by, view.AlertFilter{}, part)
			return err
		}},
		"AlertEntry": {screening.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.AlertEntry(ctx, by, x)
			return err
		}},
		"PromisesDue": {collections.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.PromisesDue(ctx, by, on, 1)
			return err
		}},
		"IncompleteFiles": {client.ReadFile, false, func(ctx context.Context, by view.By) error {
			_, err := v.IncompleteFiles(ctx, by, on, 1)
			return err
		}},
		"OwnReturned": {loan.Read, false, func(ctx context.Context, by view.By) error { _, err := v.OwnReturned(ctx, by, 1); return err }},
		"OwnToDisburse": {loan.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.OwnToDisburse(ctx, by, 1)
			return err
		}},
		"OwnPortfolio": {risk.ReadReports, false, func(ctx context.Context, by view.By) error { _, err := v.OwnPortfolio(ctx, by); return err }},
		"Unidentified": {incoming.Read, false, func(ctx context.Context, by view.By) error { _, err := v.Unidentified(ctx, by); return err }},
		"CloseReview": {accounting.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.CloseReview(ctx, by, on)
			return err
		}},
		"OpenTills": {settlement.Read, false, func(ctx context.Context, by view.By) error { _, err := v.OpenTills(ctx, by); return err }},
		"APIKeys": {staff.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.APIKeys(ctx, by, "admin")
			return err
		}},
		"Viewings": {event.ReadLog, false, func(ctx context.Context, by view.By) error {
			_, err := v.Viewings(ctx, by, view.ViewingQuery{Paging: part})
			return err
		}},
		"NamesOf": {client.Read, false, func(ctx context.Context, by view.By) error {
			_, err := v.NamesOf(ctx, by, nil, nil)
			return err
		}},
	}
	everybody := "Letterhead" // is in every document
	for i := range reflect.TypeFor[*view.View]().NumMethod() {
		method := reflect.TypeFor[*view.View]().Method(i)
		if takesBy := method.Type.NumIn() > 2 && method.Type.In(2) == reflect.TypeFor[view.By](); takesBy && method.Name != everybody && questions[method.Name].ask == nil {
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
