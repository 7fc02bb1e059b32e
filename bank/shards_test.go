package bank_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sofipo/bank"
	"sofipo/bank/authority"
	"sofipo/bank/books"
	"sofipo/bank/clients"
	"sofipo/bank/events"
	"sofipo/bank/imports"
	"sofipo/bank/institution"
	"sofipo/bank/lending"
	"sofipo/bank/months"
	"sofipo/bank/screening"
	"sofipo/bank/settlement"
	"sofipo/bank/staff"
	"sofipo/bank/webhooks"
	"sofipo/core/client"
	"sofipo/core/id"
)

// everyCommand has each command of the bank.
var everyCommand = []interface{ Needs(*bank.Needs) }{
	&authority.RejectRequest{}, &authority.WithdrawRequest{},
	&books.ClosePeriod{}, &books.DecideEntry{}, &books.ImportBalances{}, &books.ProposeEntry{},
	&clients.AddDocument{}, &clients.AddNote{}, &clients.ChangeFile{}, &clients.DeleteClient{}, &clients.DestroyData{}, &clients.ForgetFiles{}, &clients.ExportData{}, &clients.GradeRisk{}, &clients.ImportClients{}, &clients.RecordConsent{}, &clients.RegisterClient{}, &clients.RegisterFile{}, &clients.ScreenClient{}, &clients.UpdateClient{}, &clients.WithdrawConsent{}, &clients.AddEntry[client.Phone]{},
	&events.VoidEvents{},
	&imports.AddUpload{}, &imports.ConfirmUpload{}, &imports.DiscardUpload{}, &imports.EndUpload{}, &imports.FinishImport{},
	&institution.ChangeInstitution{}, &institution.ChangeLogo{}, &institution.RemoveLogo{},
	&lending.AddCollectionNote{}, &lending.ApplyForLoan{}, &lending.ApproveLoan{}, &lending.AssignCollector{}, &lending.AssignDeposit{}, &lending.BlockClient{}, &lending.CancelLoan{}, &lending.CancelPromise{}, &lending.ChangeProduct{}, &lending.CreateProduct{}, &lending.DisburseLoan{}, &lending.EditApplication{}, &lending.GrantLoan{}, &lending.ImportLoans{}, &lending.ImportPayments{}, &lending.MovePayment{}, &lending.PromisePayment{}, &lending.ReassignClient{}, &lending.ReceivePayment{}, &lending.RecoverLoan{}, &lending.RefundUnapplied{}, &lending.RegisterContact{}, &lending.RejectLoan{}, &lending.RestructureLoan{}, &lending.RetireProduct{}, &lending.ReturnLoan{}, &lending.ReverseTransaction{}, &lending.TakeIncoming{}, &lending.WriteOffLoan{},
	&months.AttachMonth{}, &months.DetachMonth{},
	&screening.CompleteScreening{}, &screening.DecideAlert{}, &screening.ImportList{},
	&settlement.AddAccount{}, &settlement.AddTill{}, &settlement.ChangeAccount{}, &settlement.CloseAccount{}, &settlement.CloseBranch{}, &settlement.CloseTill{}, &settlement.CountTill{}, &settlement.FinishFile{}, &settlement.MoveCash{}, &settlement.MoveFunds{}, &settlement.OpenTill{}, &settlement.RegisterFile{}, &settlement.RenameTill{}, &settlement.RetireTill{}, &settlement.ReturnDeposit{}, &settlement.SetLayout{}, &settlement.TakeDepositToIncome{},
	&webhooks.AddWebhook{}, &webhooks.ChangeWebhook{}, &webhooks.PauseWebhook{}, &webhooks.RemoveWebhook{}, &webhooks.ReplayDeliveries{}, &webhooks.ResumeWebhook{}, &webhooks.RotateSecret{}, &webhooks.TestWebhook{},
	&staff.AddBranch{}, &staff.AddUser{}, &staff.AddAPIKey{}, &staff.ActivateAPIKey{}, &staff.RevokeAPIKey{}, &staff.AssignRole{}, &staff.ChangeBranch{}, &staff.ChangeOwnPassword{}, &staff.ChangePassword{}, &staff.ChangePreferences{}, &staff.ChangeUser{}, &staff.DefineRole{}, &staff.DisableUser{}, &staff.SaveDraft{}, &staff.RemoveDraft{}, &staff.EnableUser{}, &staff.EndSessions{}, &staff.NoteExport{}, &staff.EnrolFactor{}, &staff.ConfirmFactor{}, &staff.UseFactor{}, &staff.ResetFactor{}, &staff.RefreshSession{}, &staff.OpenSession{}, &staff.EndSession{}, &staff.EndUserSession{}, &staff.EndOtherSessions{}, &staff.SignIn{},
}

// ordered are the commands that have no rows of their own to declare here.
var ordered = map[string]string{
	"FileRequest": "its rows are those of the command that it files", "ApproveRequest": "a request, and the rows of the command that it carries out",
	"beginClose": "the close of a day is the institution's", "finishClose": "the close of a day is the institution's",
}

// exceptions are the commands that read rows of more than one client, or update a row that the institution
// shares, although they touch a client. Each has its reason. A shard by client could not run them alone.
var exceptions = map[string]string{
	"clients.ImportClients":      "imports many clients in a transaction, before the institution works with them",
	"lending.ImportLoans":        "as ImportClients",
	"lending.ImportPayments":     "as ImportClients",
	"lending.DisburseLoan":       "pays out: the till or bank account is locked, so that it does not pay more than it has",
	"lending.RefundUnapplied":    "as DisburseLoan",
	"lending.CancelLoan":         "as DisburseLoan: money may go back to the till that it came from",
	"lending.ReverseTransaction": "as CancelLoan",
	"lending.MovePayment":        "moves a payment from one loan to another, which may be of another client, and posts to an open period",
	"lending.AssignDeposit":      "moves a deposit in suspense, which is the institution's, to a loan, and posts to an open period",
	"lending.ReassignClient":     "the branch is locked, so that it does not close while a client moves to it",
}

// ownedBy reports whether the rows of a table belong to a client.
func ownedBy(r bank.Requested) bool {
	return r.Table == "clients" || strings.HasPrefix(r.Table, "client_") || slices.Contains(r.Columns, "client_id") || slices.Contains(r.Columns, "loan_id")
}

// filler gives each id and text of a command another value, and each list two elements.
type filler struct{ next byte }

func (f *filler) fill(v reflect.Value) {
	if !v.CanSet() {
		return
	}
	if v.Type() == reflect.TypeFor[id.ID]() {
		f.next++
		v.Set(reflect.ValueOf(id.ID{15: f.next}))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		}
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.String:
		f.next++
		v.SetString(fmt.Sprintf("x%d", f.next))
	}
}

// breaches says how a command is more than one client's.
func breaches(c interface{ Needs(*bank.Needs) }) (found []string) {
	(&filler{}).fill(reflect.ValueOf(c).Elem())
	tables, locksBooks, queries := bank.RequestsOf(c)
	keys := map[string][]string{}
	var locked []string
	for _, r := range tables {
		switch {
		case ownedBy(r):
			for _, key := range r.Keys {
				if !slices.Contains(keys[r.Table], key) {
					keys[r.Table] = append(keys[r.Table], key)
				}
			}
		case r.Lock && !slices.Contains(locked, r.Table):
			locked = append(locked, r.Table)
		}
	}
	if len(keys) == 0 {
		return nil // it is the institution's
	}
	for _, root := range []string{"clients", "loans"} {
		if n := len(keys[root]); n > 1 {
			found = append(found, fmt.Sprintf("rows of %d %s", n, root))
		}
	}
	for _, table := range locked {
		found = append(found, "locks "+table)
	}
	if locksBooks {
		found = append(found, "locks the business date or the closed period")
	}
	if queries {
		found = append(found, "has queries of its own")
	}
	return found
}

// TestACommandTouchesOneClient: a command reads and locks rows of one client, and only reads rows of the
// institution, so that clients could be spread over several databases.
func TestACommandTouchesOneClient(t *testing.T) {
	used := map[string]bool{}
	for _, c := range everyCommand {
		name := nameOf(c)
		found := breaches(c)
		_, excepted := exceptions[name]
		used[name] = len(found) > 0
		if len(found) > 0 && !excepted {
			t.Errorf("%s: got %s, want rows of one client, and no row of the institution locked; or an exception with its reason", name, strings.Join(found, ", "))
		}
	}
	for name := range exceptions {
		if !used[name] {
			t.Errorf("%s: got an exception, want none: it touches one client", name)
		}
	}
}

func nameOf(c any) string {
	name, _, _ := strings.Cut(reflect.TypeOf(c).Elem().Name(), "[")
	return reflect.TypeOf(c).Elem().PkgPath()[len("sofipo/bank/"):] + "." + name
}

var needs = regexp.MustCompile(`(?m)^func \((?:\w+ )?\*?(\w+)(?:\[\w+\])?\) Needs\(`)

// TestEveryCommandIsListed: the list above has each type in the source that has needs.
func TestEveryCommandIsListed(t *testing.T) {
	files, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, c := range everyCommand {
		listed[nameOf(c)] = true
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range needs.FindAllSubmatch(source, -1) {
			name := filepath.Dir(file) + "." + string(found[1])
			if _, known := ordered[string(found[1])]; !known && !listed[name] {
				t.Errorf("got the command %s in %s, want it in everyCommand", name, file)
			}
		}
	}
}
