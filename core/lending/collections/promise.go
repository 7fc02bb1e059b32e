package collections

import (
	"time"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/wire"
)

// PromiseStatus is the state of a promise to pay.
type PromiseStatus string

// The states. The close of the promised day turns an open promise into a kept or broken one.
const (
	Open      PromiseStatus = "OPEN"
	Kept      PromiseStatus = "KEPT"
	Broken    PromiseStatus = "BROKEN"
	Cancelled PromiseStatus = "CANCELLED"
)

// Promise is a client's promise to pay an amount of a loan until a day.
//
// It is kept if the payments that count reach the amount. These are the payments that were
// registered after the promise and not later than the day of the decision, that have a value
// date from MadeOn to Due, and that were not reversed by the day of the decision.
type Promise struct {
	ID        id.ID         `json:"id"`
	LoanID    id.ID         `json:"loan_id"`
	ClientID  id.ID         `json:"client_id"`
	Amount    money.Amount  `json:"amount"`
	Due       civil.Date    `json:"promised_on"` // last day for the payments
	Status    PromiseStatus `json:"status"`
	Received  money.Amount  `json:"received"`            // payments that count, once it is decided
	DecidedOn civil.Date    `json:"decided_on,omitzero"` // closed day that decided it; of a cancelled one, the business date
	Collector string        `json:"collector"`           // of the loan when the promise was made, or else MadeBy; reports credit it
	MadeOn    civil.Date    `json:"made_on"`             // business date
	MadeBy    string        `json:"made_by"`
	MadeAt    time.Time     `json:"made_at"`
	Reason    string        `json:"cancellation_reason,omitempty"`
	After     int           `json:"-"` // number of the loan's last transaction before the promise
}

// Check refuses an amount that is not from 0.01 to the debt, and a day that is past or too far
// ahead. It reports all wrong fields.
func (p Promise) Check(debt money.Amount, today civil.Date) error {
	var flaws fault.Flaws
	switch {
	case p.Amount <= 0:
		flaws.Add(fault.At("amount", fault.Positive))
	case p.Amount > debt:
		flaws.Add(fault.At("amount", fault.AtMost, "most", debt))
	}
	checkAhead(&flaws, p.Due, today, "promised_on")
	return flaws.Err()
}

// Latest returns the promised day, or the last day that may be promised if that is earlier.
func (p Promise) Latest(today civil.Date) civil.Date {
	if last := today.AddDays(MaxAhead); p.Due.After(last) {
		return last
	}
	return p.Due
}

// Pending reports whether the promise is open and its day is not over.
func (p Promise) Pending(today civil.Date) bool { return p.Status == Open && !p.Due.Before(today) }

// Decide returns the promise as the close of a day decides it, given the payments that count.
func (p Promise) Decide(received money.Amount, day civil.Date) Promise {
	p.Status, p.Received, p.DecidedOn = Broken, received, day
	if received >= p.Amount {
		p.Status = Kept
	}
	return p
}

// Cancel returns the cancelled promise.
func (p Promise) Cancel(reason string, today civil.Date) Promise {
	p.Status, p.Reason, p.DecidedOn = Cancelled, reason, today
	return p
}

// AppendJSON adds the promise as JSON.
func (p Promise) AppendJSON(b []byte) []byte { return wire.JSON(b, p) }
