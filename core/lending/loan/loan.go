// Package loan has the summary of a loan: its amount, terms, status, product and
// outstanding principal, as the API shows it. It also declares the permissions, refusals
// and events of loans. The calculation of due amounts and payments is in
// core/lending/servicing.
package loan

import (
	"math"
	"strconv"
	"time"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/wire"
)

// Status is the state of a loan.
type Status string

// The states of a loan in the seed. core/lending/servicing has the others.
const (
	Active  Status = "ACTIVE"
	PaidOff Status = "PAID_OFF"
)

// Loan is a loan to a client, or an application for one. The JSON begins with the
// seed's fields, in the seed's order.
type Loan struct {
	Amount     money.Amount `json:"amount"`
	Rate       rate.Annual  `json:"interest_rate"`
	TermMonths int32        `json:"term_months"` // rounded up
	ID         id.ID        `json:"id"`
	ClientID   id.ID        `json:"client_id"`
	Status     Status       `json:"status"`
	GrantedAt  time.Time    `json:"granted_at"`      // time of the disbursement; until then, of the application
	Balance    money.Amount `json:"current_balance"` // outstanding principal

	Number         folio.Number `json:"number,omitzero"`
	Product        string       `json:"product"`
	ProductVersion int32        `json:"product_version"`
	Periods        int32        `json:"periods"`                 // number of instalments in the contract
	FirstDue       civil.Date   `json:"first_due_date,omitzero"` // agreed, or as requested before the disbursement; absent if not requested
	Opened         civil.Date   `json:"disbursed_on,omitzero"`   // business date of the disbursement
	Unapplied      money.Amount `json:"unapplied_funds"`         // for later instalments
	AppliedBy      string       `json:"applied_by"`
	EditedBy       string       `json:"edited_by,omitempty"` // who last edited the application
	ApprovedBy     string       `json:"approved_by,omitempty"`
	BranchID       id.ID        `json:"branch_id,omitzero"`
	Officer        string       `json:"officer,omitempty"` // name of the user who looks after the client
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
	if l.Number != 0 {
		b = append(folio.Loan.Append(append(b, `,"number":"`...), l.Number), '"')
	}
	b = append(append(b, `,"product":"`...), l.Product...)
	b = strconv.AppendInt(append(b, `","product_version":`...), int64(l.ProductVersion), 10)
	b = strconv.AppendInt(append(b, `,"periods":`...), int64(l.Periods), 10)
	b = appendDate(b, `,"first_due_date":"`, l.FirstDue)
	b = appendDate(b, `,"disbursed_on":"`, l.Opened)
	b = l.Unapplied.Append(append(b, `,"unapplied_funds":`...))
	b = wire.Quote(append(b, `,"applied_by":`...), l.AppliedBy)
	if l.EditedBy != "" {
		b = wire.Quote(append(b, `,"edited_by":`...), l.EditedBy)
	}
	if l.ApprovedBy != "" {
		b = wire.Quote(append(b, `,"approved_by":`...), l.ApprovedBy)
	}
	if !l.BranchID.IsZero() {
		b = append(l.BranchID.Append(append(b, `,"branch_id":"`...)), '"')
	}
	if l.Officer != "" {
		b = wire.Quote(append(b, `,"officer":`...), l.Officer)
	}
	return append(b, '}')
}

// appendDate adds a date with its name, unless it is zero.
func appendDate(b []byte, name string, d civil.Date) []byte {
	if d.IsZero() {
		return b
	}
	return append(append(append(b, name...), d.String()...), '"')
}

// MarshalJSON is AppendJSON for encoding/json.
func (l Loan) MarshalJSON() ([]byte, error) { return l.AppendJSON(nil), nil }

// Terms are the loan terms in a request of the seed.
type Terms struct {
	Amount     money.Amount `json:"amount"`        // above zero, at most money.Max
	Rate       rate.Annual  `json:"interest_rate"` // 0 to 1
	TermMonths int64        `json:"term_months"`   // above zero; the product limits it
}

// Check refuses terms that no loan may have. It reports all fields at fault in the
// seed's order.
func (t Terms) Check() error {
	var f fault.Flaws
	f.Unless(t.Amount > 0, "amount", fault.Positive)
	if t.Amount > money.Max {
		f.Add(fault.At("amount", fault.AtMost, "most", money.Max))
	}
	if t.Rate < 0 {
		f.Add(fault.At("interest_rate", fault.AtLeast, "least", rate.Annual(0)))
	}
	if t.Rate > rate.One {
		f.Add(fault.At("interest_rate", rate.FractionAtMost, rate.Limits(t.Rate, 0, rate.One)...))
	}
	f.Unless(t.TermMonths > 0, "term_months", fault.Positive)
	if t.TermMonths > math.MaxInt32 {
		f.Add(fault.At("term_months", fault.AtMost, "most", math.MaxInt32))
	}
	return f.Err()
}

// CheckPayment refuses an amount that is not above zero.
func CheckPayment(amount money.Amount) error {
	if amount <= 0 {
		return fault.Wrong(fault.At("amount", fault.Positive))
	}
	return nil
}
