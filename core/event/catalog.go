// Package event declares every business event once: its type, its payload, the
// subject whose order it keeps, the cached answers it makes stale and a line of
// text in Spanish and English. The outbox row, the AMQP message, the stored
// document, the AsyncAPI document and the cache all follow from here.
package event

import (
	"reflect"
	"strings"

	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/wire"
)

// Fact is a payload together with what is known of it.
type Fact interface {
	// Type is the name in the catalogue: "payment_registered".
	Type() string
	// Entity is the id that the seed puts in entity_id.
	Entity() id.ID
	// Subject is the client, loan or user whose events stay in order.
	Subject() id.ID
	// Stale lists the cache keys to forget.
	Stale() []string
}

// Declaration is a line of the catalogue.
type Declaration struct {
	Fact    Fact   // a zero value, for its type and fields
	Version int    // of the payload; raised when a field changes its meaning
	Subject string // what Subject() is: "client", "loan", "voucher", "period", "day", "user"
	English string // text with {field} of the payload
	Spanish string
}

// Catalog is every event that the system tells.
var Catalog = []Declaration{
	{ClientCreated{}, 1, "client", "Client {full_name} registered", "Cliente {full_name} registrado"},
	{ClientUpdated{}, 1, "client", "Client changed", "Cliente modificado"},
	{ClientDeleted{}, 1, "client", "Client {rfc} deleted", "Cliente {rfc} eliminado"},
	{LoanApplied{}, 1, "loan", "Loan of {amount} applied for ({product})", "Solicitud de préstamo de {amount} ({product})"},
	{LoanApproved{}, 1, "loan", "Loan of {amount} approved by {approved_by}", "Préstamo de {amount} aprobado por {approved_by}"},
	{LoanRejected{}, 1, "loan", "Loan rejected: {reason}", "Préstamo rechazado: {reason}"},
	{LoanCancelled{}, 1, "loan", "Loan cancelled: {reason}", "Préstamo cancelado: {reason}"},
	{LoanCreated{}, 1, "loan", "Loan of {amount} granted over {term_months} months", "Préstamo de {amount} otorgado a {term_months} meses"},
	{PaymentRegistered{}, 1, "loan", "Payment of {amount} received, balance {current_balance}", "Pago de {amount} recibido, saldo {current_balance}"},
	{MovementReversed{}, 1, "loan", "{reversed_kind} of {amount} reversed, balance {current_balance}", "{reversed_kind} de {amount} reversado, saldo {current_balance}"},
	{MovementRecomputed{}, 1, "loan", "Movement {number} computed anew: principal {principal}, interest {interest}", "Movimiento {number} recalculado: capital {principal}, interés {interest}"},
	{LoanRestructured{}, 1, "loan", "Loan restructured over {periods} periods at {interest_rate}", "Préstamo reestructurado a {periods} periodos, tasa {interest_rate}"},
	{LoanWrittenOff{}, 1, "loan", "Loan written off: {amount}", "Préstamo castigado: {amount}"},
	{RecoveryReceived{}, 1, "loan", "Recovery of {amount} received", "Recuperación de {amount} recibida"},
	{VoucherProposed{}, 1, "voucher", "Entry of {total} proposed: {description}", "Póliza de {total} propuesta: {description}"},
	{VoucherDecided{}, 1, "voucher", "Entry {status} by {decided_by}", "Póliza {status} por {decided_by}"},
	{LoanReclassified{}, 1, "loan", "Stage {stage_before} to {stage}, {days_past_due} days past due", "Etapa {stage_before} a {stage}, {days_past_due} días de atraso"},
	{DayClosed{}, 1, "day", "{day} closed: {loans} loans", "{day} cerrado: {loans} préstamos"},
	{PeriodClosed{}, 1, "period", "Books closed through {closed_through}", "Contabilidad cerrada hasta {closed_through}"},
	{UserAdded{}, 1, "user", "User {username} added as {role}", "Usuario {username} dado de alta como {role}"},
	{UserPasswordChanged{}, 1, "user", "Password of {username} changed", "Contraseña de {username} cambiada"},
	{UserDisabled{}, 1, "user", "User {username} disabled", "Usuario {username} deshabilitado"},
	{ProductCreated{}, 1, "product", "Product {code} created: {name}, from {effective_from}", "Producto {code} creado: {name}, desde {effective_from}"},
	{ProductChanged{}, 1, "product", "Product {code} changed: version {version}, from {effective_from}", "Producto {code} modificado: versión {version}, desde {effective_from}"},
	{ProductRetired{}, 1, "product", "Product {code} retired: last day {effective_to}", "Producto {code} retirado: último día {effective_to}"},
}

var byType = func() map[string]Declaration {
	m := make(map[string]Declaration, len(Catalog))
	for _, d := range Catalog {
		m[d.Fact.Type()] = d
	}
	return m
}()

// Declared finds the line of the catalogue for a type.
func Declared(eventType string) (Declaration, bool) {
	d, found := byType[eventType]
	return d, found
}

// RoutingKey is the topic of a type: sofipo.payment.registered.
func RoutingKey(eventType string) string {
	return "sofipo." + strings.ReplaceAll(eventType, "_", ".")
}

// Fields lists the payload's field names and their JSON types, in order.
func (d Declaration) Fields() (names, types []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeOf(d.Fact)) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || f.Anonymous {
			continue
		}
		kind := "string"
		if f.Type.Kind() == reflect.Int32 {
			kind = "integer"
		}
		names, types = append(names, name), append(types, kind)
	}
	return names, types
}

// ClientList is the key that any change of any client makes stale.
const ClientList = "clients"

// ClientKey is the cache key of a client's page; like StatementKey, the seed's.
func ClientKey(rfc string) string { return "client_rfc::" + rfc }

// StatementKey is the cache key of a client's account statement.
func StatementKey(clientID id.ID) string { return "account_statement::" + clientID.String() }

// LoanKey is the cache key of a loan's page.
func LoanKey(loanID id.ID) string { return "loan::" + loanID.String() }

// ClientLoansKey is the cache key of the list of a client's loans.
func ClientLoansKey(clientID id.ID) string { return "client_loans::" + clientID.String() }

// ClientCreated tells of a new client.
type ClientCreated struct {
	FullName string `json:"full_name"`
	Email    string `json:"email"`
	RFC      string `json:"rfc"`
	ID       id.ID  `json:"id"`
}

// OfNewClient is the event of a client just made.
func OfNewClient(c client.Client) ClientCreated {
	return ClientCreated{FullName: c.FullName, Email: c.Email, RFC: c.RFC, ID: c.ID}
}

func (ClientCreated) Type() string     { return "client_created" }
func (e ClientCreated) Entity() id.ID  { return e.ID }
func (e ClientCreated) Subject() id.ID { return e.ID }

// Stale: the answer "no such client", the client's pages and the list.
func (e ClientCreated) Stale() []string {
	return []string{ClientKey(e.RFC), StatementKey(e.ID), ClientLoansKey(e.ID), ClientList}
}

// ClientUpdated tells of what was asked to change; absent fields were left.
type ClientUpdated struct {
	FullName *string `json:"full_name,omitempty"`
	Email    *string `json:"email,omitempty"`
	RFC      string  `json:"-"`
	ID       id.ID   `json:"-"`
}

func (ClientUpdated) Type() string     { return "client_updated" }
func (e ClientUpdated) Entity() id.ID  { return e.ID }
func (e ClientUpdated) Subject() id.ID { return e.ID }

// Stale: both pages that show the client's name and e-mail.
func (e ClientUpdated) Stale() []string {
	return []string{ClientKey(e.RFC), StatementKey(e.ID), ClientList}
}

// ClientDeleted tells of a client without loans who was removed.
type ClientDeleted struct {
	RFC string `json:"rfc"`
	ID  id.ID  `json:"id"`
}

func (ClientDeleted) Type() string     { return "client_deleted" }
func (e ClientDeleted) Entity() id.ID  { return e.ID }
func (e ClientDeleted) Subject() id.ID { return e.ID }

// Stale: every page of the client.
func (e ClientDeleted) Stale() []string {
	return []string{ClientKey(e.RFC), StatementKey(e.ID), ClientLoansKey(e.ID), ClientList}
}

// LoanCreated tells of a loan granted. Money and rates are decimal text.
type LoanCreated struct {
	Amount       string `json:"amount"`
	InterestRate string `json:"interest_rate"`
	TermMonths   int32  `json:"term_months"`
	ID           id.ID  `json:"id"`
	ClientID     id.ID  `json:"client_id"`
	Status       string `json:"status"`
	GrantedAt    string `json:"granted_at"`
	Balance      string `json:"current_balance"`

	Product        string `json:"product"`
	ProductVersion int32  `json:"product_version"`
	Periods        int32  `json:"periods"`
}

// OfNewLoan is the event of a loan just granted.
func OfNewLoan(l loan.Loan) LoanCreated {
	return LoanCreated{
		Amount: l.Amount.String(), InterestRate: l.Rate.Fixed(4), TermMonths: l.TermMonths, ID: l.ID, ClientID: l.ClientID,
		Status: string(l.Status), GrantedAt: l.GrantedAt.UTC().Format(wire.PayloadMoment), Balance: l.Balance.String(),
		Product: l.Product, ProductVersion: l.ProductVersion, Periods: l.Periods,
	}
}

func (LoanCreated) Type() string     { return "loan_created" }
func (e LoanCreated) Entity() id.ID  { return e.ID }
func (e LoanCreated) Subject() id.ID { return e.ID }

// Stale: the loan's page and the client's.
func (e LoanCreated) Stale() []string {
	return []string{StatementKey(e.ClientID), ClientLoansKey(e.ClientID), LoanKey(e.ID)}
}

// UserAdded tells of a new user of the system; never of the password.
type UserAdded struct {
	Username string `json:"username"`
	Role     string `json:"role"`
	ID       id.ID  `json:"id"`
}

func (UserAdded) Type() string     { return "user_added" }
func (e UserAdded) Entity() id.ID  { return e.ID }
func (e UserAdded) Subject() id.ID { return e.ID }

// Stale: users are not cached.
func (UserAdded) Stale() []string { return nil }

// UserPasswordChanged tells that a user has a new password.
type UserPasswordChanged struct {
	Username string `json:"username"`
	ID       id.ID  `json:"id"`
}

func (UserPasswordChanged) Type() string     { return "user_password_changed" }
func (e UserPasswordChanged) Entity() id.ID  { return e.ID }
func (e UserPasswordChanged) Subject() id.ID { return e.ID }

// Stale: users are not cached.
func (UserPasswordChanged) Stale() []string { return nil }

// UserDisabled tells that a user may no longer enter.
type UserDisabled struct {
	Username string `json:"username"`
	ID       id.ID  `json:"id"`
}

func (UserDisabled) Type() string     { return "user_disabled" }
func (e UserDisabled) Entity() id.ID  { return e.ID }
func (e UserDisabled) Subject() id.ID { return e.ID }

// Stale: users are not cached.
func (UserDisabled) Stale() []string { return nil }
