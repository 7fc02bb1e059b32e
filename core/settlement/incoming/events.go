package incoming

import (
	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
	"sofipo/core/money"
)

// Events declares the events of incoming payments. They have no texts of the bank, which may
// name a person. Incoming payments are not cached.
var Events = []event.Declaration{
	{Payload: LayoutSet{}, Subject: "bank_account", Text: lang.Text{EN: "File layout of a bank account set", ES: "Formato de archivo de una cuenta bancaria registrado"}},
	{Payload: FileImported{}, Subject: "bank_file", Text: lang.Text{EN: "Bank file imported, rows: {rows}, in suspense: {suspended}, bad: {bad}", ES: "Archivo de banco importado, renglones: {rows}, por identificar: {suspended}, con error: {bad}"}},
	{Payload: PaymentSuspended{}, Subject: "incoming_payment", Text: lang.Text{EN: "Deposit of {amount} in suspense: {reason}", ES: "Depósito de {amount} por identificar: {reason}"}},
	{Payload: PaymentResolved{}, Subject: "incoming_payment", Text: lang.Text{EN: "Deposit of {amount} resolved: {status}", ES: "Depósito de {amount} resuelto: {status}"}},
}

// LayoutSet is the payload of bank_layout_set.
type LayoutSet struct{ AccountID id.ID }

// LayoutSetEvent returns the event of a new layout.
func LayoutSetEvent(l Layout) event.Fact {
	return event.Fact{Payload: LayoutSet{l.AccountID}, Entity: l.AccountID, Subject: l.AccountID}
}

// Event implements event.Payload.
func (LayoutSet) Event() event.Type { return event.Type{Name: "bank_layout_set", Version: 1} }

// Members implements event.Payload.
func (e LayoutSet) Members(o *event.Object) { o.ID("bank_account_id", e.AccountID) }

// FileImported is the payload of bank_file_imported.
type FileImported struct {
	ID, AccountID id.ID
	Counts
}

// FileImportedEvent returns the event of a file whose import is complete.
func FileImportedEvent(f File) event.Fact {
	return event.Fact{Payload: FileImported{f.ID, f.AccountID, f.Counts}, Entity: f.ID, Subject: f.ID}
}

// Event implements event.Payload.
func (FileImported) Event() event.Type { return event.Type{Name: "bank_file_imported", Version: 1} }

// Members implements event.Payload.
func (e FileImported) Members(o *event.Object) {
	o.ID("file_id", e.ID)
	o.ID("bank_account_id", e.AccountID)
	o.Int("rows", int32(e.Rows))
	o.Int("applied", int32(e.Applied))
	o.Int("suspended", int32(e.Waiting))
	o.Int("known", int32(e.Known))
	o.Int("bad", int32(e.Bad))
}

// PaymentSuspended is the payload of incoming_payment_suspended.
type PaymentSuspended struct {
	ID, AccountID, FileID id.ID
	Amount                money.Amount
	Date                  civil.Date
	Reason                Reason
}

// SuspendedEvent returns the event of a payment that waits in suspense.
func SuspendedEvent(p Payment) event.Fact {
	return event.Fact{Payload: PaymentSuspended{p.ID, p.AccountID, p.FileID, p.Amount, p.Date, p.Reason}, Entity: p.ID, Subject: p.ID}
}

// Event implements event.Payload.
func (PaymentSuspended) Event() event.Type {
	return event.Type{Name: "incoming_payment_suspended", Version: 1}
}

// Members implements event.Payload.
func (e PaymentSuspended) Members(o *event.Object) {
	o.ID("id", e.ID)
	o.ID("bank_account_id", e.AccountID)
	o.ID("file_id", e.FileID)
	o.Amount("amount", e.Amount)
	o.Date("value_date", e.Date)
	o.Text("reason", string(e.Reason))
}

// PaymentResolved is the payload of incoming_payment_resolved. The loan and the transaction
// are absent unless the payment was assigned.
type PaymentResolved struct {
	ID, LoanID, TransactionID id.ID
	Amount                    money.Amount
	Status                    Status
}

// ResolvedEvent returns the event of a payment that left the suspense.
func ResolvedEvent(p Payment) event.Fact {
	return event.Fact{Payload: PaymentResolved{p.ID, p.LoanID, p.TransactionID, p.Amount, p.Status}, Entity: p.ID, Subject: p.ID}
}

// Event implements event.Payload.
func (PaymentResolved) Event() event.Type {
	return event.Type{Name: "incoming_payment_resolved", Version: 1}
}

// Members implements event.Payload.
func (e PaymentResolved) Members(o *event.Object) {
	o.ID("id", e.ID)
	o.Amount("amount", e.Amount)
	o.Text("status", string(e.Status))
	o.Optional("loan_id", text(e.LoanID))
	o.Optional("transaction_id", text(e.TransactionID))
}

// text returns the text of an id, nil if it is zero.
func text(x id.ID) *string {
	if x.IsZero() {
		return nil
	}
	s := x.String()
	return &s
}
