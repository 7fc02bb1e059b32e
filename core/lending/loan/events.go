package loan

import (
	"time"

	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
)

// Events declares the events of a loan except its transactions, which
// core/lending/servicing declares.
var Events = []event.Declaration{
	{Payload: Applied{}, Subject: "loan", Text: lang.Text{EN: "Application for a loan of {amount} ({product})", ES: "Solicitud de préstamo de {amount} ({product})"}},
	{Payload: Edited{}, Subject: "loan", Text: lang.Text{EN: "Application edited by {edited_by}: {amount}", ES: "Solicitud modificada por {edited_by}: {amount}"}},
	{Payload: Approved{}, Subject: "loan", Text: lang.Text{EN: "Loan of {amount} approved by {approved_by}", ES: "Solicitud de préstamo de {amount} autorizada por {approved_by}"}},
	{Payload: Rejected{}, Subject: "loan", Text: lang.Text{EN: "Application rejected: {reason}", ES: "Solicitud rechazada: {reason}"}},
	{Payload: Returned{}, Subject: "loan", Text: lang.Text{EN: "Application returned for correction by {returned_by}: {reason}", ES: "Solicitud devuelta para corregir por {returned_by}: {reason}"}},
	{Payload: Cancelled{}, Subject: "loan", Text: lang.Text{EN: "Loan cancelled: {reason}", ES: "Préstamo cancelado: {reason}"}},
	{Payload: Created{}, Subject: "loan", Text: lang.Text{EN: "Loan of {amount} disbursed, term in months: {term_months}", ES: "Préstamo de {amount} entregado, plazo en meses: {term_months}"}},
	{Payload: Reclassified{}, Subject: "loan", Text: lang.Text{EN: "Stage changed from {stage_before} to {stage}, days past due: {days_past_due}", ES: "Cambio de la etapa {stage_before} a la {stage}, días de atraso: {days_past_due}"}},
}

// CacheKey returns the cache key of a loan.
func CacheKey(loanID id.ID) string { return loanID.Key("loan::") }

// About has the members that most payloads of loan events begin with.
type About struct{ LoanID, ClientID id.ID }

// AboutLoan returns the ids of the loan and its client.
func AboutLoan(l Loan) About { return About{l.ID, l.ClientID} }

// Members writes both ids.
func (a About) Members(o *event.Object) {
	o.ID("loan_id", a.LoanID)
	o.ID("client_id", a.ClientID)
}

// Fact returns an event of the loan. The event invalidates every cached answer that
// shows the loan.
func (l Loan) Fact(payload event.Payload) event.Fact {
	return event.Fact{Payload: payload, Entity: l.ID, Subject: l.ID, Client: l.ClientID,
		Stale: l.StaleKeys()}
}

// StaleKeys returns the cache keys of the answers that show the loan.
func (l Loan) StaleKeys() []string { return StaleKeys(l.ID, l.ClientID) }

// StaleKeys returns the cache keys of the answers that show a loan.
func StaleKeys(loanID, clientID id.ID) []string {
	return []string{client.StatementCacheKey(clientID), client.LoansCacheKey(clientID), CacheKey(loanID)}
}

// Applied is the payload of loan_applied.
type Applied struct {
	About
	Amount         money.Amount
	InterestRate   string // six decimals
	Periods        int32
	Product        string
	ProductVersion int32
}

// AppliedEvent returns the event of a new application.
func AppliedEvent(l Loan) event.Fact {
	return l.Fact(Applied{AboutLoan(l), l.Amount, l.Rate.Fixed(6), l.Periods, l.Product, l.ProductVersion})
}

// Event implements event.Payload.
func (Applied) Event() event.Type { return event.Type{Name: "loan_applied", Version: 1} }

// Members implements event.Payload.
func (e Applied) Members(o *event.Object) {
	e.About.Members(o)
	o.Amount("amount", e.Amount)
	o.Text("interest_rate", e.InterestRate)
	o.Int("periods", e.Periods)
	o.Text("product", e.Product)
	o.Int("product_version", e.ProductVersion)
}

// Edited is the payload of loan_application_edited.
type Edited struct {
	Applied
	EditedBy     string
	StatusBefore Status
}

// EditedEvent returns the event of an edited application. An approved one lost its approval.
func EditedEvent(l Loan, before Status) event.Fact {
	return l.Fact(Edited{Applied{AboutLoan(l), l.Amount, l.Rate.Fixed(6), l.Periods, l.Product, l.ProductVersion}, l.EditedBy, before})
}

// Event implements event.Payload.
func (Edited) Event() event.Type { return event.Type{Name: "loan_application_edited", Version: 1} }

// Members implements event.Payload.
func (e Edited) Members(o *event.Object) {
	e.Applied.Members(o)
	o.Text("edited_by", e.EditedBy)
	o.Text("status_before", string(e.StatusBefore))
}

// Approved is the payload of loan_approved.
type Approved struct {
	About
	Amount                money.Amount
	AppliedBy, ApprovedBy string
}

// ApprovedEvent returns the event of an approved application.
func ApprovedEvent(l Loan) event.Fact {
	return l.Fact(Approved{AboutLoan(l), l.Amount, l.AppliedBy, l.ApprovedBy})
}

// Event implements event.Payload.
func (Approved) Event() event.Type { return event.Type{Name: "loan_approved", Version: 1} }

// Members implements event.Payload.
func (e Approved) Members(o *event.Object) {
	e.About.Members(o)
	o.Amount("amount", e.Amount)
	o.Text("applied_by", e.AppliedBy)
	o.Text("approved_by", e.ApprovedBy)
}

// Rejected is the payload of loan_rejected.
type Rejected struct {
	About
	Reason string
}

// RejectedEvent returns the event of a rejected application.
func RejectedEvent(l Loan, reason string) event.Fact { return l.Fact(Rejected{AboutLoan(l), reason}) }

// Event implements event.Payload.
func (Rejected) Event() event.Type { return event.Type{Name: "loan_rejected", Version: 1} }

// Members implements event.Payload.
func (e Rejected) Members(o *event.Object) {
	e.About.Members(o)
	o.Text("reason", e.Reason)
}

// Returned is the payload of loan_returned.
type Returned struct {
	About
	ReturnedBy, Reason string
}

// ReturnedEvent returns the event of an application that was sent back for correction.
func ReturnedEvent(l Loan, by, reason string) event.Fact {
	return l.Fact(Returned{AboutLoan(l), by, reason})
}

// Event implements event.Payload.
func (Returned) Event() event.Type { return event.Type{Name: "loan_returned", Version: 1} }

// Members implements event.Payload.
func (e Returned) Members(o *event.Object) {
	e.About.Members(o)
	o.Text("returned_by", e.ReturnedBy)
	o.Text("reason", e.Reason)
}

// Cancelled is the payload of loan_cancelled.
type Cancelled struct {
	About
	Reason string
}

// CancelledEvent returns the event of a loan that was cancelled before its
// disbursement or on the day of it.
func CancelledEvent(l Loan, reason string) event.Fact {
	return l.Fact(Cancelled{AboutLoan(l), reason})
}

// Event implements event.Payload.
func (Cancelled) Event() event.Type { return event.Type{Name: "loan_cancelled", Version: 1} }

// Members implements event.Payload.
func (e Cancelled) Members(o *event.Object) {
	e.About.Members(o)
	o.Text("reason", e.Reason)
}

// Created is the payload of loan_created. The seed's members come first.
type Created struct {
	Amount       money.Amount
	InterestRate string // four decimals or more
	TermMonths   int32
	ID, ClientID id.ID
	Status       Status
	GrantedAt    time.Time
	Balance      money.Amount

	Product        string
	ProductVersion int32
	Periods        int32
}

// CreatedEvent returns the event of a disbursed loan.
func CreatedEvent(l Loan) event.Fact {
	return l.Fact(Created{
		Amount: l.Amount, InterestRate: l.Rate.Fixed(4), TermMonths: l.TermMonths, ID: l.ID, ClientID: l.ClientID,
		Status: l.Status, GrantedAt: l.GrantedAt, Balance: l.Balance,
		Product: l.Product, ProductVersion: l.ProductVersion, Periods: l.Periods,
	})
}

// Event implements event.Payload.
func (Created) Event() event.Type { return event.Type{Name: "loan_created", Version: 1} }

// Members implements event.Payload.
func (e Created) Members(o *event.Object) {
	o.Amount("amount", e.Amount)
	o.Text("interest_rate", e.InterestRate)
	o.Int("term_months", e.TermMonths)
	o.ID("id", e.ID)
	o.ID("client_id", e.ClientID)
	o.Text("status", string(e.Status))
	o.Moment("granted_at", e.GrantedAt)
	o.Amount("current_balance", e.Balance)
	o.Text("product", e.Product)
	o.Int("product_version", e.ProductVersion)
	o.Int("periods", e.Periods)
}

// Moved implements event.Money.
func (e Created) Moved() (event.Flow, money.Amount) { return event.Disbursement, e.Amount }

// Reclassified is the payload of loan_reclassified.
type Reclassified struct {
	About
	Day           civil.Date
	DaysPastDue   int32
	Before, Stage risk.Stage
}

// ReclassifiedEvent returns the event of a loan that the close of a day moved to
// another stage.
func ReclassifiedEvent(l Loan, day civil.Date, daysPastDue int, before, after risk.Stage) event.Fact {
	return l.Fact(Reclassified{AboutLoan(l), day, int32(daysPastDue), before, after})
}

// Event implements event.Payload.
func (Reclassified) Event() event.Type { return event.Type{Name: "loan_reclassified", Version: 1} }

// Members implements event.Payload.
func (e Reclassified) Members(o *event.Object) {
	e.About.Members(o)
	o.Date("day", e.Day)
	o.Int("days_past_due", e.DaysPastDue)
	o.Int("stage_before", int32(e.Before))
	o.Int("stage", int32(e.Stage))
}
