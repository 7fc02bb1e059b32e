package event

import (
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/wire"
)

// aboutLoan is what every event of a loan begins with.
type aboutLoan struct {
	LoanID   id.ID `json:"loan_id"`
	ClientID id.ID `json:"client_id"`
}

func about(l loan.Loan) aboutLoan { return aboutLoan{l.ID, l.ClientID} }

func (e aboutLoan) Entity() id.ID  { return e.LoanID }
func (e aboutLoan) Subject() id.ID { return e.LoanID }

// Stale: the loan's page and the client's.
func (e aboutLoan) Stale() []string {
	return []string{StatementKey(e.ClientID), ClientLoansKey(e.ClientID), LoanKey(e.LoanID)}
}

// LoanApplied tells of an application for a loan.
type LoanApplied struct {
	aboutLoan
	Amount         string `json:"amount"`
	InterestRate   string `json:"interest_rate"`
	Periods        int32  `json:"periods"`
	Product        string `json:"product"`
	ProductVersion int32  `json:"product_version"`
}

// OfApplication is the event of an application just made.
func OfApplication(l loan.Loan) LoanApplied {
	return LoanApplied{about(l), l.Amount.String(), l.Rate.Fixed(6), l.Periods, l.Product, l.ProductVersion}
}

func (LoanApplied) Type() string { return "loan_applied" }

// LoanApproved tells that an application was approved, and by whom.
type LoanApproved struct {
	aboutLoan
	Amount     string `json:"amount"`
	AppliedBy  string `json:"applied_by"`
	ApprovedBy string `json:"approved_by"`
}

// OfApproval is the event of a loan just approved.
func OfApproval(l loan.Loan) LoanApproved {
	return LoanApproved{about(l), l.Amount.String(), l.AppliedBy, l.ApprovedBy}
}

func (LoanApproved) Type() string { return "loan_approved" }

// LoanRejected tells that an application was turned down, and why.
type LoanRejected struct {
	aboutLoan
	Reason string `json:"reason"`
}

// OfRejection is the event of a loan just rejected.
func OfRejection(l loan.Loan, reason string) LoanRejected { return LoanRejected{about(l), reason} }

func (LoanRejected) Type() string { return "loan_rejected" }

// LoanCancelled tells that a loan was given up before it was disbursed, or undone
// on the day of its disbursement.
type LoanCancelled struct {
	aboutLoan
	Reason string `json:"reason"`
}

// OfCancellation is the event of a loan just cancelled.
func OfCancellation(l loan.Loan, reason string) LoanCancelled { return LoanCancelled{about(l), reason} }

func (LoanCancelled) Type() string { return "loan_cancelled" }

// afterMovement is what a movement was and how it left the loan.
type afterMovement struct {
	ID         id.ID  `json:"id"`
	Number     int32  `json:"number"`
	Amount     string `json:"amount"`
	ValueDate  string `json:"value_date"`
	Balance    string `json:"current_balance"`
	LoanStatus string `json:"loan_status"`
}

func moved(m servicing.Movement, after loan.Loan) afterMovement {
	return afterMovement{m.ID, int32(m.Number), m.Amount.String(), m.ValueDate.String(), after.Balance.String(), string(after.Status)}
}

// LoanWrittenOff tells that a loan left the portfolio; the amount is the whole
// debt, of which the principal.
type LoanWrittenOff struct {
	aboutLoan
	afterMovement
	Principal string `json:"principal"`
}

// OfWriteOff is the event of a loan just written off.
func OfWriteOff(m servicing.Movement, after loan.Loan) LoanWrittenOff {
	lost := m.Split.Amounts()
	told := LoanWrittenOff{about(after), moved(m, after), lost.Principal.String()}
	told.Amount = lost.Sum().String()
	return told
}

func (LoanWrittenOff) Type() string { return "loan_written_off" }

// RecoveryReceived tells of money for a loan that was written off.
type RecoveryReceived struct {
	aboutLoan
	afterMovement
}

// OfRecovery is the event of a recovery.
func OfRecovery(m servicing.Movement, after loan.Loan) RecoveryReceived {
	return RecoveryReceived{about(after), moved(m, after)}
}

func (RecoveryReceived) Type() string { return "recovery_received" }

// LoanRestructured tells of new terms of a loan.
type LoanRestructured struct {
	aboutLoan
	afterMovement
	InterestRate string `json:"interest_rate"`
	Periods      int32  `json:"periods"`
	Capitalised  string `json:"capitalised_interest"`
}

// OfRestructure is the event of a restructure.
func OfRestructure(m servicing.Movement, after loan.Loan) LoanRestructured {
	t := m.NewTerms.Terms
	return LoanRestructured{about(after), moved(m, after), t.AnnualRate.Fixed(6), int32(t.Periods), m.Split.Capitalised.String()}
}

func (LoanRestructured) Type() string { return "loan_restructured" }

// MovementReversed tells that a movement was taken back, and how the loan is
// without it. The amount and the value date are those of the movement.
type MovementReversed struct {
	aboutLoan
	afterMovement
	Reversed id.ID  `json:"reversed_id"`
	Kind     string `json:"reversed_kind"`
	Reason   string `json:"reason"`
}

// OfReversal is the event of a reversal of a movement.
func OfReversal(reversal, reversed servicing.Movement, after loan.Loan, reason string) MovementReversed {
	told := MovementReversed{about(after), moved(reversal, after), reversed.ID, string(reversed.Kind), reason}
	told.ValueDate = reversed.ValueDate.String()
	return told
}

func (MovementReversed) Type() string { return "movement_reversed" }

// MovementRecomputed tells that the split of a movement changed because one
// before it was reversed or was registered late.
type MovementRecomputed struct {
	aboutLoan
	ID        id.ID  `json:"id"`
	Number    int32  `json:"number"`
	Principal string `json:"principal"`
	Interest  string `json:"interest"`
	Cause     id.ID  `json:"cause_id"` // the movement that changed it
}

// OfRecomputation is the event of a movement whose split changed.
func OfRecomputation(m servicing.Movement, l loan.Loan, cause id.ID) MovementRecomputed {
	parts := m.Split.Amounts()
	return MovementRecomputed{about(l), m.ID, int32(m.Number), parts.Principal.String(), parts.Interest.String(), cause}
}

func (MovementRecomputed) Type() string { return "movement_recomputed" }

// PaymentRegistered tells of a payment and of the loan after it. The seed's
// fields come first.
type PaymentRegistered struct {
	Amount      string `json:"amount"`
	ID          id.ID  `json:"id"`
	PaymentDate string `json:"payment_date"`
	LoanID      id.ID  `json:"loan_id"`
	ClientID    id.ID  `json:"client_id"`
	Balance     string `json:"current_balance"`
	LoanStatus  string `json:"loan_status"`

	Number    int32  `json:"number"`
	Kind      string `json:"kind"`
	ValueDate string `json:"value_date"`
	Principal string `json:"principal"`
	Interest  string `json:"interest"`
	Charges   string `json:"charges"` // moratorium, commissions and insurance
	IVA       string `json:"iva"`     // on all of them
	Held      string `json:"held"`    // as advance
}

// OfPayment is the event of a payment and the loan that it left.
func OfPayment(m servicing.Movement, after loan.Loan) PaymentRegistered {
	parts := m.Split.Amounts()
	return PaymentRegistered{
		Amount: m.Amount.String(), ID: m.ID, PaymentDate: m.At.UTC().Format(wire.PayloadMoment),
		LoanID: after.ID, ClientID: after.ClientID, Balance: after.Balance.String(), LoanStatus: string(after.Status),
		Number: int32(m.Number), Kind: string(m.Kind), ValueDate: m.ValueDate.String(),
		Principal: parts.Principal.String(), Interest: parts.Interest.String(),
		Charges: (parts.Moratorium + parts.Commission + parts.Insurance).String(),
		IVA:     (parts.InterestIVA + parts.MoratoriumIVA + parts.CommissionIVA).String(),
		Held:    m.Split.Held.String(),
	}
}

func (PaymentRegistered) Type() string     { return "payment_registered" }
func (e PaymentRegistered) Entity() id.ID  { return e.ID }
func (e PaymentRegistered) Subject() id.ID { return e.LoanID }

// Stale: the loan's page and the client's.
func (e PaymentRegistered) Stale() []string { return aboutLoan{e.LoanID, e.ClientID}.Stale() }
