// Package loan holds the rules of a loan: its terms, its balance and what a
// payment does to it.
package loan

import (
	"math"
	"strconv"
	"time"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/wire"
)

// Status is the state of a loan in the seed's words.
type Status string

// The states of a loan.
const (
	Active  Status = "ACTIVE"
	PaidOff Status = "PAID_OFF"
)

// Loan is money lent to a client. The JSON form is the seed's, in its order.
type Loan struct {
	Amount     money.Amount `json:"amount"`
	Rate       rate.Annual  `json:"interest_rate"`
	TermMonths int32        `json:"term_months"`
	ID         id.ID        `json:"id"`
	ClientID   id.ID        `json:"client_id"`
	Status     Status       `json:"status"`
	GrantedAt  time.Time    `json:"granted_at"`
	Balance    money.Amount `json:"current_balance"` // outstanding principal
}

// Payment is money received for a loan. The JSON form is the seed's.
type Payment struct {
	Amount   money.Amount `json:"amount"`
	ID       id.ID        `json:"id"`
	PaidAt   time.Time    `json:"payment_date"`
	LoanID   id.ID        `json:"-"`
	ClientID id.ID        `json:"-"`
}

// AppendJSON adds the loan as the REST API writes it.
func (l Loan) AppendJSON(b []byte) []byte {
	b = l.Amount.Append(append(b, `{"amount":`...))
	b = append(append(b, `,"interest_rate":`...), l.Rate.String()...)
	b = strconv.AppendInt(append(b, `,"term_months":`...), int64(l.TermMonths), 10)
	b = l.ID.Append(append(b, `,"id":"`...))
	b = l.ClientID.Append(append(b, `","client_id":"`...))
	b = append(append(b, `","status":"`...), l.Status...)
	b = wire.Time(append(b, `","granted_at":`...), l.GrantedAt)
	b = l.Balance.Append(append(b, `,"current_balance":`...))
	return append(b, '}')
}

// MarshalJSON is AppendJSON for encoding/json.
func (l Loan) MarshalJSON() ([]byte, error) { return l.AppendJSON(nil), nil }

// AppendJSON adds the payment as the REST API writes it.
func (p Payment) AppendJSON(b []byte) []byte {
	b = p.Amount.Append(append(b, `{"amount":`...))
	b = p.ID.Append(append(b, `,"id":"`...))
	b = wire.Time(append(b, `","payment_date":`...), p.PaidAt)
	return append(b, '}')
}

// MarshalJSON is AppendJSON for encoding/json.
func (p Payment) MarshalJSON() ([]byte, error) { return p.AppendJSON(nil), nil }

// Terms are what a loan is granted on.
type Terms struct {
	Amount     money.Amount // above zero, at most money.Max
	Rate       rate.Annual  // 0 to 1
	TermMonths int64        // 1 to 2,147,483,647
}

// Grant checks the terms and makes an active loan that owes its whole amount.
// All fields at fault are reported, in the seed's words and order.
func Grant(newID, clientID id.ID, terms Terms, now time.Time) (Loan, error) {
	var faults []fault.Field
	if terms.Amount <= 0 {
		faults = append(faults, notPositive("amount"))
	}
	if terms.Amount > money.Max {
		faults = append(faults, limit("amount", "ensure this value is less than or equal to "+money.Max.String(), "value_error.number.not_le", money.Max))
	}
	if terms.Rate < 0 {
		faults = append(faults, limit("interest_rate", "ensure this value is greater than or equal to 0", "value_error.number.not_ge", 0))
	}
	if terms.Rate > rate.One {
		faults = append(faults, limit("interest_rate", "ensure this value is less than or equal to 1", "value_error.number.not_le", 1))
	}
	if terms.TermMonths <= 0 {
		faults = append(faults, notPositive("term_months"))
	}
	if terms.TermMonths > math.MaxInt32 {
		faults = append(faults, limit("term_months", "ensure this value is less than or equal to 2147483647", "value_error.number.not_le", math.MaxInt32))
	}
	if len(faults) > 0 {
		return Loan{}, fault.InFields(faults)
	}
	return Loan{
		ID: newID, ClientID: clientID, Amount: terms.Amount, Rate: terms.Rate, TermMonths: int32(terms.TermMonths),
		Status: Active, GrantedAt: now, Balance: terms.Amount,
	}, nil
}

// CheckPayment refuses an amount that no loan could receive.
func CheckPayment(amount money.Amount) error {
	if amount <= 0 {
		return fault.InFields([]fault.Field{notPositive("amount")})
	}
	return nil
}

// Receive gives the loan after the payment, and the payment. A loan that is not
// active, or an amount above the balance, is refused; the balance at zero pays it off.
func (l Loan) Receive(paymentID id.ID, amount money.Amount, now time.Time) (Loan, Payment, error) {
	if err := CheckPayment(amount); err != nil {
		return l, Payment{}, err
	}
	if l.Status != Active {
		return l, Payment{}, fault.New(fault.LoanNotActive,
			"Loan is not active. Status: "+string(l.Status), "El préstamo no está activo. Estado: "+string(l.Status))
	}
	if amount > l.Balance {
		return l, Payment{}, fault.New(fault.OverPayment,
			"Payment amount cannot be greater than the current balance",
			"El pago no puede ser mayor que el saldo").With("current_balance", l.Balance)
	}
	l.Balance -= amount
	if l.Balance == 0 {
		l.Status = PaidOff
	}
	return l, Payment{ID: paymentID, LoanID: l.ID, ClientID: l.ClientID, Amount: amount, PaidAt: now}, nil
}

func notPositive(name string) fault.Field {
	return limit(name, "ensure this value is greater than 0", "value_error.number.not_gt", 0)
}

func limit(name, message, kind string, value any) fault.Field {
	return fault.Field{Loc: []any{"body", name}, Message: message, Type: kind, Context: map[string]any{"limit_value": value}}
}
