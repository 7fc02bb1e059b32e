package settlement

import (
	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
	"sofipo/core/money"
)

// Events declares the events of tills and bank accounts. They are not cached, so no event
// invalidates a cached answer.
var Events = []event.Declaration{
	{Payload: TillAdded{}, Subject: "till", Text: lang.Text{EN: "Till {till} added", ES: "Caja {till} dada de alta"}},
	{Payload: TillRenamed{}, Subject: "till", Text: lang.Text{EN: "Till {till} renamed", ES: "Caja {till}: nombre modificado"}},
	{Payload: RetiredTill{}, Subject: "till", Text: lang.Text{EN: "Till {till} taken out of use", ES: "Caja {till} dada de baja"}},
	{Payload: CashMoved{}, Subject: "till", Text: lang.Text{EN: "Till {till}: {kind} of {amount}", ES: "Caja {till}: {kind} de {amount}"}},
	{Payload: SessionClosed{}, Subject: "till", Text: lang.Text{
		EN: "Till {till} closed: {counted} counted, {expected} expected",
		ES: "Caja {till} cerrada: {counted} contados, {expected} esperados",
	}},
	{Payload: SessionOpened{}, Subject: "till", Text: lang.Text{EN: "Till {till} opened with {opening}", ES: "Caja {till} abierta con {opening}"}},
	{Payload: TillCounted{}, Subject: "till", Text: lang.Text{
		EN: "Till {till} counted: {counted}, {expected} expected",
		ES: "Arqueo de la caja {till}: {counted}, {expected} esperados",
	}},
	{Payload: AccountAdded{}, Subject: "bank_account", Text: lang.Text{EN: "Bank account {bank_account} added", ES: "Cuenta bancaria {bank_account} dada de alta"}},
	{Payload: AccountChanged{}, Subject: "bank_account", Text: lang.Text{EN: "Bank account {bank_account} changed", ES: "Cuenta bancaria {bank_account} modificada"}},
	{Payload: ClosedAccount{}, Subject: "bank_account", Text: lang.Text{EN: "Bank account {bank_account} closed", ES: "Cuenta bancaria {bank_account} cancelada"}},
	{Payload: FundsMoved{}, Subject: "fund_transfer", Text: lang.Text{
		EN: "{amount} moved from {from_account} to {to_account}",
		ES: "{amount} de {from_account} a {to_account}",
	}},
	{Payload: CloseForced{}, Subject: "day", Text: lang.Text{EN: "Close of {day} forced with open tills: {tills}", ES: "Cierre de {day} forzado con cajas abiertas: {tills}"}},
}

func fact(payload event.Payload, subject id.ID) event.Fact {
	return event.Fact{Payload: payload, Entity: subject, Subject: subject}
}

// TillAdded is the payload of till_added.
type TillAdded struct {
	ID, BranchID id.ID
	Till         string // code
}

// TillAddedEvent returns the event of a new till or vault.
func TillAddedEvent(t Till) event.Fact { return fact(TillAdded{t.ID, t.BranchID, t.Code}, t.ID) }

// Event implements event.Payload.
func (TillAdded) Event() event.Type { return event.Type{Name: "till_added", Version: 1} }

// Members implements event.Payload.
func (e TillAdded) Members(o *event.Object) {
	o.ID("id", e.ID)
	o.ID("branch", e.BranchID)
	o.Text("till", e.Till)
}

// TillRenamed is the payload of till_renamed.
type TillRenamed struct {
	ID   id.ID
	Till string // code
}

// TillRenamedEvent returns the event of a till or vault with a new name.
func TillRenamedEvent(t Till) event.Fact { return fact(TillRenamed{t.ID, t.Code}, t.ID) }

// Event implements event.Payload.
func (TillRenamed) Event() event.Type { return event.Type{Name: "till_renamed", Version: 1} }

// Members implements event.Payload.
func (e TillRenamed) Members(o *event.Object) {
	o.ID("id", e.ID)
	o.Text("till", e.Till)
}

// RetiredTill is the payload of till_retired.
type RetiredTill TillRenamed

// TillRetiredEvent returns the event of a till that was taken out of use.
func TillRetiredEvent(t Till) event.Fact { return fact(RetiredTill{t.ID, t.Code}, t.ID) }

// Event implements event.Payload.
func (RetiredTill) Event() event.Type { return event.Type{Name: "till_retired", Version: 1} }

// Members implements event.Payload.
func (e RetiredTill) Members(o *event.Object) { TillRenamed(e).Members(o) }

// SessionOpened is the payload of till_opened.
type SessionOpened struct {
	SessionID id.ID
	Till      string
	Opening   money.Amount
}

// SessionOpenedEvent returns the event of a till that a teller opened.
func SessionOpenedEvent(t Till, s Session) event.Fact {
	return fact(SessionOpened{s.ID, t.Code, s.Opening}, t.ID)
}

// Event implements event.Payload.
func (SessionOpened) Event() event.Type { return event.Type{Name: "till_opened", Version: 1} }

// Members implements event.Payload.
func (e SessionOpened) Members(o *event.Object) {
	o.ID("session", e.SessionID)
	o.Text("till", e.Till)
	o.Amount("opening", e.Opening)
}

// CashMoved is the payload of till_cash_moved.
type CashMoved struct {
	ID     id.ID
	Till   string
	Kind   MoveKind
	Amount money.Amount
}

// CashMovedEvent returns the event of cash that was put into a till or taken out of it.
func CashMovedEvent(t Till, m CashMove) event.Fact {
	return fact(CashMoved{m.ID, t.Code, m.Kind, m.Amount}, t.ID)
}

// Event implements event.Payload.
func (CashMoved) Event() event.Type { return event.Type{Name: "till_cash_moved", Version: 1} }

// Members implements event.Payload.
func (e CashMoved) Members(o *event.Object) {
	o.ID("id", e.ID)
	o.Text("till", e.Till)
	o.Text("kind", string(e.Kind))
	o.Amount("amount", e.Amount)
}

// TillCounted is the payload of till_counted.
type TillCounted struct {
	ID                id.ID
	Till              string
	Expected, Counted money.Amount
}

// TillCountedEvent returns the event of a count.
func TillCountedEvent(t Till, c Count) event.Fact {
	return fact(TillCounted{c.ID, t.Code, c.Expected, c.Counted}, t.ID)
}

// Event implements event.Payload.
func (TillCounted) Event() event.Type { return event.Type{Name: "till_counted", Version: 1} }

// Members implements event.Payload.
func (e TillCounted) Members(o *event.Object) {
	o.ID("id", e.ID)
	o.Text("till", e.Till)
	o.Amount("expected", e.Expected)
	o.Amount("counted", e.Counted)
}

// SessionClosed is the payload of till_closed.
type SessionClosed struct {
	SessionID         id.ID
	Till              string
	Expected, Counted money.Amount
}

// SessionClosedEvent returns the event of a till that was closed.
func SessionClosedEvent(t Till, s Session) event.Fact {
	return fact(SessionClosed{s.ID, t.Code, s.Expected, s.Counted}, t.ID)
}

// Event implements event.Payload.
func (SessionClosed) Event() event.Type { return event.Type{Name: "till_closed", Version: 1} }

// Members implements event.Payload.
func (e SessionClosed) Members(o *event.Object) {
	o.ID("session", e.SessionID)
	o.Text("till", e.Till)
	o.Amount("expected", e.Expected)
	o.Amount("counted", e.Counted)
}

// AccountAdded is the payload of bank_account_added.
type AccountAdded struct {
	ID      id.ID
	Account string // code
}

// AccountAddedEvent returns the event of a new bank account.
func AccountAddedEvent(a Account) event.Fact { return fact(AccountAdded{a.ID, a.Code}, a.ID) }

// Event implements event.Payload.
func (AccountAdded) Event() event.Type { return event.Type{Name: "bank_account_added", Version: 1} }

// Members implements event.Payload.
func (e AccountAdded) Members(o *event.Object) {
	o.ID("id", e.ID)
	o.Text("bank_account", e.Account)
}

// AccountChanged is the payload of bank_account_changed.
type AccountChanged AccountAdded

// AccountChangedEvent returns the event of a bank account with new data.
func AccountChangedEvent(a Account) event.Fact { return fact(AccountChanged{a.ID, a.Code}, a.ID) }

// Event implements event.Payload.
func (AccountChanged) Event() event.Type {
	return event.Type{Name: "bank_account_changed", Version: 1}
}

// Members implements event.Payload.
func (e AccountChanged) Members(o *event.Object) { AccountAdded(e).Members(o) }

// ClosedAccount is the payload of bank_account_closed.
type ClosedAccount AccountAdded

// AccountClosedEvent returns the event of a bank account that was closed.
func AccountClosedEvent(a Account) event.Fact { return fact(ClosedAccount{a.ID, a.Code}, a.ID) }

// Event implements event.Payload.
func (ClosedAccount) Event() event.Type {
	return event.Type{Name: "bank_account_closed", Version: 1}
}

// Members implements event.Payload.
func (e ClosedAccount) Members(o *event.Object) { AccountAdded(e).Members(o) }

// FundsMoved is the payload of funds_moved.
type FundsMoved struct {
	ID                     id.ID
	FromAccount, ToAccount string // codes of the chart
	From, To               id.ID  // vaults or bank accounts
	Amount                 money.Amount
}

// FundsMovedEvent returns the event of money moved between vaults and bank accounts.
func FundsMovedEvent(t FundTransfer) event.Fact {
	return fact(FundsMoved{t.ID, string(t.From.Account), string(t.To.Account), t.From.Subject, t.To.Subject, t.Amount}, t.ID)
}

// Event implements event.Payload.
func (FundsMoved) Event() event.Type { return event.Type{Name: "funds_moved", Version: 1} }

// Members implements event.Payload.
func (e FundsMoved) Members(o *event.Object) {
	o.ID("id", e.ID)
	o.Text("from_account", e.FromAccount)
	o.ID("from", e.From)
	o.Text("to_account", e.ToAccount)
	o.ID("to", e.To)
	o.Amount("amount", e.Amount)
}

// CloseForced is the payload of day_close_forced.
type CloseForced struct {
	Day   civil.Date
	Tills string // codes
}

// CloseForcedEvent returns the event of a day that is closed although tills are open.
func CloseForcedEvent(subject id.ID, c ForcedClose) event.Fact {
	return fact(CloseForced{c.Day, c.Tills}, subject)
}

// Event implements event.Payload.
func (CloseForced) Event() event.Type { return event.Type{Name: "day_close_forced", Version: 1} }

// Members implements event.Payload.
func (e CloseForced) Members(o *event.Object) {
	o.Date("day", e.Day)
	o.Text("tills", e.Tills)
}
