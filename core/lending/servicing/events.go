package servicing

import (
	"time"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
	"sofipo/core/lending/loan"
	"sofipo/core/money"
)

// Events declares the events of the transactions of a loan.
var Events = []event.Declaration{
	{Payload: PaymentRegistered{}, Subject: "loan", Text: lang.Text{EN: "Payment of {amount} received, balance {current_balance}", ES: "Pago de {amount} recibido, saldo {current_balance}"}},
	{Payload: TransactionReversed{}, Subject: "loan", Text: lang.Text{EN: "Reversal of {reversed_kind} of {amount}, balance {current_balance}", ES: "Reverso de {reversed_kind} de {amount}, saldo {current_balance}"}},
	{Payload: TransactionRecomputed{}, Subject: "loan", Text: lang.Text{EN: "Transaction {number} recomputed: principal {principal}, interest {interest}", ES: "Movimiento {number} recalculado: capital {principal}, intereses {interest}"}},
	{Payload: LoanRestructured{}, Subject: "loan", Text: lang.Text{EN: "Loan restructured: number of periods {periods}, annual rate {interest_rate}", ES: "Préstamo reestructurado: número de periodos {periods}, tasa anual {interest_rate}"}},
	{Payload: LoanWrittenOff{}, Subject: "loan", Text: lang.Text{EN: "Loan written off: {amount}", ES: "Préstamo castigado: {amount}"}},
	{Payload: PaymentMoved{}, Subject: "loan", Text: lang.Text{EN: "Payment of {amount} moved from another loan: {reason}", ES: "Pago de {amount} traído de otro préstamo: {reason}"}},
	{Payload: UnappliedRefunded{}, Subject: "loan", Text: lang.Text{EN: "Refund of {amount}, unapplied funds left {unapplied_funds}", ES: "Devolución de {amount}, saldo a favor restante {unapplied_funds}"}},
	{Payload: RecoveryReceived{}, Subject: "loan", Text: lang.Text{EN: "Recovery of {amount} received", ES: "Recuperación de {amount} recibida"}},
}

// transactionMembers has the members that most payloads begin with: the transaction, and the
// balance and status of the loan after it.
type transactionMembers struct {
	loan.About
	ID         id.ID
	Number     int32
	Amount     money.Amount
	ValueDate  civil.Date
	Balance    money.Amount
	LoanStatus Status
}

func membersOf(m Transaction, after loan.Loan) transactionMembers {
	return transactionMembers{loan.AboutLoan(after), m.ID, int32(m.Number), m.Amount, m.ValueDate, after.Balance, after.Status}
}

func (e transactionMembers) members(o *event.Object) {
	e.Members(o) // of the loan
	o.ID("id", e.ID)
	o.Int("number", e.Number)
	o.Amount("amount", e.Amount)
	o.Date("value_date", e.ValueDate)
	o.Amount("current_balance", e.Balance)
	o.Text("loan_status", string(e.LoanStatus))
}

// PaymentRegistered is the payload of payment_registered. The seed's members come
// first.
type PaymentRegistered struct {
	Amount           money.Amount
	ID               id.ID
	PaymentDate      time.Time
	LoanID, ClientID id.ID
	Balance          money.Amount
	LoanStatus       Status

	Number      int32
	Kind        Kind
	ValueDate   civil.Date
	Principal   money.Amount
	Interest    money.Amount
	Charges     money.Amount // penalty interest, fees and insurance
	IVA         money.Amount // on interest, penalty interest and fees
	ToUnapplied money.Amount // to unapplied funds
}

// PaymentRegisteredEvent returns the event of a payment; after is the loan after it.
func PaymentRegisteredEvent(m Transaction, after loan.Loan) event.Fact {
	parts := m.Split.Amounts()
	f := after.Fact(PaymentRegistered{
		Amount: m.Amount, ID: m.ID, PaymentDate: m.At, LoanID: after.ID, ClientID: after.ClientID,
		Balance: after.Balance, LoanStatus: after.Status,
		Number: int32(m.Number), Kind: m.Kind, ValueDate: m.ValueDate, Principal: parts.Principal, Interest: parts.Interest,
		Charges:     parts.PenaltyInterest + parts.Fee + parts.Insurance,
		IVA:         parts.InterestIVA + parts.PenaltyInterestIVA + parts.FeeIVA,
		ToUnapplied: m.Split.ToUnapplied,
	})
	f.Entity = m.ID
	return f
}

// Event implements event.Payload.
func (PaymentRegistered) Event() event.Type {
	return event.Type{Name: "payment_registered", Version: 2}
}

// Members implements event.Payload.
func (e PaymentRegistered) Members(o *event.Object) {
	o.Amount("amount", e.Amount)
	o.ID("id", e.ID)
	o.Moment("payment_date", e.PaymentDate)
	o.ID("loan_id", e.LoanID)
	o.ID("client_id", e.ClientID)
	o.Amount("current_balance", e.Balance)
	o.Text("loan_status", string(e.LoanStatus))
	o.Int("number", e.Number)
	o.Text("kind", string(e.Kind))
	o.Date("value_date", e.ValueDate)
	o.Amount("principal", e.Principal)
	o.Amount("interest", e.Interest)
	o.Amount("charges", e.Charges)
	o.Amount("iva", e.IVA)
	o.Amount("to_unapplied", e.ToUnapplied)
}

// Moved implements event.Money.
func (e PaymentRegistered) Moved() (event.Flow, money.Amount) { return event.Payment, e.Amount }

// TransactionReversed is the payload of movement_reversed. It has the amount and the
// value date of the reversed transaction.
type TransactionReversed struct {
	transactionMembers
	Reversed id.ID
	Kind     Kind
	Reason   string
}

// TransactionReversedEvent returns the event of a reversal; after is the loan without
// the reversed transaction.
func TransactionReversedEvent(reversal, reversed Transaction, after loan.Loan, reason string) event.Fact {
	e := TransactionReversed{membersOf(reversal, after), reversed.ID, reversed.Kind, reason}
	e.ValueDate = reversed.ValueDate
	return after.Fact(e)
}

// Event implements event.Payload.
func (TransactionReversed) Event() event.Type {
	return event.Type{Name: "movement_reversed", Version: 1}
}

// Members implements event.Payload.
func (e TransactionReversed) Members(o *event.Object) {
	e.members(o)
	o.ID("reversed_id", e.Reversed)
	o.Text("reversed_kind", string(e.Kind))
	o.Text("reason", e.Reason)
}

// TransactionRecomputed is the payload of movement_recomputed: the split of a
// transaction changed because an earlier transaction was reversed or registered late.
type TransactionRecomputed struct {
	loan.About
	ID        id.ID
	Number    int32
	Principal money.Amount
	Interest  money.Amount
	Cause     id.ID // the transaction that changed it
}

// TransactionRecomputedEvent returns the event of a transaction whose split changed.
func TransactionRecomputedEvent(m Transaction, l loan.Loan, cause id.ID) event.Fact {
	parts := m.Split.Amounts()
	return l.Fact(TransactionRecomputed{loan.AboutLoan(l), m.ID, int32(m.Number), parts.Principal, parts.Interest, cause})
}

// Event implements event.Payload.
func (TransactionRecomputed) Event() event.Type {
	return event.Type{Name: "movement_recomputed", Version: 1}
}

// Members implements event.Payload.
func (e TransactionRecomputed) Members(o *event.Object) {
	e.About.Members(o)
	o.ID("id", e.ID)
	o.Int("number", e.Number)
	o.Amount("principal", e.Principal)
	o.Amount("interest", e.Interest)
	o.ID("cause_id", e.Cause)
}

// LoanRestructured is the payload of loan_restructured.
type LoanRestructured struct {
	transactionMembers
	InterestRate string // six decimals
	Periods      int32
	Capitalised  money.Amount
}

// LoanRestructuredEvent returns the event of new terms of a loan.
func LoanRestructuredEvent(m Transaction, after loan.Loan) event.Fact {
	t := m.NewTerms.Terms
	return after.Fact(LoanRestructured{membersOf(m, after), t.AnnualRate.Fixed(6), int32(t.Periods), m.Split.Capitalised})
}

// Event implements event.Payload.
func (LoanRestructured) Event() event.Type {
	return event.Type{Name: "loan_restructured", Version: 1}
}

// Members implements event.Payload.
func (e LoanRestructured) Members(o *event.Object) {
	e.members(o)
	o.Text("interest_rate", e.InterestRate)
	o.Int("periods", e.Periods)
	o.Amount("capitalised_interest", e.Capitalised)
}

// LoanWrittenOff is the payload of loan_written_off. The amount is the whole debt;
// Principal is a part of it.
type LoanWrittenOff struct {
	transactionMembers
	Principal money.Amount
}

// LoanWrittenOffEvent returns the event of a written-off loan.
func LoanWrittenOffEvent(m Transaction, after loan.Loan) event.Fact {
	lost := m.Split.Amounts()
	e := LoanWrittenOff{membersOf(m, after), lost.Principal}
	e.Amount = lost.Sum()
	return after.Fact(e)
}

// Event implements event.Payload.
func (LoanWrittenOff) Event() event.Type { return event.Type{Name: "loan_written_off", Version: 1} }

// Members implements event.Payload.
func (e LoanWrittenOff) Members(o *event.Object) {
	e.members(o)
	o.Amount("principal", e.Principal)
}

// RecoveryReceived is the payload of recovery_received: money received for a
// written-off loan.
type RecoveryReceived struct{ transactionMembers }

// RecoveryReceivedEvent returns the event of a recovery.
func RecoveryReceivedEvent(m Transaction, after loan.Loan) event.Fact {
	return after.Fact(RecoveryReceived{membersOf(m, after)})
}

// Event implements event.Payload.
func (RecoveryReceived) Event() event.Type {
	return event.Type{Name: "recovery_received", Version: 1}
}

// Members implements event.Payload.
func (e RecoveryReceived) Members(o *event.Object) { e.members(o) }

// PaymentMoved is the payload of payment_moved: the transaction takes the place of one that
// was reversed on another loan, the one in FromLoanID.
type PaymentMoved struct {
	transactionMembers
	FromLoanID, ReversalID id.ID
	Reason                 string
}

// PaymentMovedEvent returns the event of a payment that was moved to the loan after.
func PaymentMovedEvent(m Transaction, after loan.Loan, reversal Transaction, reason string) event.Fact {
	return after.Fact(PaymentMoved{membersOf(m, after), reversal.LoanID, reversal.ID, reason})
}

// Event implements event.Payload.
func (PaymentMoved) Event() event.Type { return event.Type{Name: "payment_moved", Version: 1} }

// Members implements event.Payload.
func (e PaymentMoved) Members(o *event.Object) {
	e.members(o)
	o.ID("from_loan_id", e.FromLoanID)
	o.ID("reversal_id", e.ReversalID)
	o.Text("reason", e.Reason)
}

// UnappliedRefunded is the payload of unapplied_refunded: unapplied funds went back to the
// client.
type UnappliedRefunded struct {
	transactionMembers
	Unapplied money.Amount
}

// UnappliedRefundedEvent returns the event of a refund.
func UnappliedRefundedEvent(m Transaction, after loan.Loan) event.Fact {
	return after.Fact(UnappliedRefunded{membersOf(m, after), after.Unapplied})
}

// Event implements event.Payload.
func (UnappliedRefunded) Event() event.Type {
	return event.Type{Name: "unapplied_refunded", Version: 1}
}

// Members implements event.Payload.
func (e UnappliedRefunded) Members(o *event.Object) {
	e.members(o)
	o.Amount("unapplied_funds", e.Unapplied)
}
