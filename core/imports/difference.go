package imports

import (
	"time"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
)

// Reason is why figures of another system do not agree.
type Reason string

// The reasons.
const (
	RoundedApart   Reason = "rounded_apart"   // a payment and the balance were rounded apart: at most a centavo for each payment
	NotDeducted    Reason = "not_deducted"    // the balance is higher than the payments leave: payments at the same time did not reduce it
	DeductedMore   Reason = "deducted_more"   // the balance is lower than the payments leave
	OverPaid       Reason = "over_paid"       // the payments are more than the loan
	PaidTwice      Reason = "paid_twice"      // a payment of the same amount a few minutes after another one: it may have been sent twice
	NotTheBalance  Reason = "not_the_balance" // the loan goes on with another principal than the balance
	FieldRemaining Reason = "field_remaining" // a field must be completed, or was changed
)

// Difference is a row whose figures do not agree.
type Difference struct {
	Kind       Kind         `json:"kind"`
	Row        id.ID        `json:"id"`
	Loan       id.ID        `json:"loan,omitzero"` // of a payment
	Line       int64        `json:"line"`
	Reason     Reason       `json:"reason"`
	Field      Field        `json:"field,omitempty"`
	Rule       fault.Rule   `json:"rule,omitempty"`
	Value      string       `json:"value,omitempty"` // of the field in the source
	Stated     money.Amount `json:"stated"`          // the balance in the source, or the amount of a payment
	Computed   money.Amount `json:"computed"`        // amount less payments, or the principal
	Difference money.Amount `json:"difference"`      // stated less computed
}

// Explain returns why the stated balance of a loan differs from the amount less the payments.
func Explain(amount, balance, paid money.Amount, payments int64) Reason {
	switch d := balance - (amount - paid); {
	case max(d, -d) <= money.Amount(payments):
		return RoundedApart
	case paid > amount:
		return OverPaid
	case d > 0:
		return NotDeducted
	default:
		return DeductedMore
	}
}

// Twice is the time within which a payment of the same amount may be the same one, sent again.
const Twice = 5 * time.Minute
