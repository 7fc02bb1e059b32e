package accounting

import (
	"strconv"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
	"sofipo/core/money"
)

// Events declares the events of the books. The books and the reports are not cached,
// so no event invalidates a cached answer.
var Events = []event.Declaration{
	{Payload: ManualEntryProposed{}, Subject: "manual_entry", Text: lang.Text{EN: "Manual entry of {total} proposed: {description}", ES: "Póliza manual de {total} propuesta: {description}"}},
	{Payload: DecidedEntry{}, Subject: "manual_entry", Text: lang.Text{EN: "Manual entry {status} by {decided_by}", ES: "Póliza manual {status} por {decided_by}"}},
	{Payload: ClosedDay{}, Subject: "day", Text: lang.Text{EN: "Day {day} closed, number of loans: {loans}", ES: "Día {day} cerrado, número de préstamos: {loans}"}},
	{Payload: ClosedPeriod{}, Subject: "period", Text: lang.Text{EN: "Books closed through {closed_through}", ES: "Contabilidad cerrada hasta {closed_through}"}},
}

// DaySubject returns the id that stands for a day in its events. A day has no id of
// its own; the same day gives the same id in every database.
func DaySubject(day civil.Date) id.ID { return id.New(day.Midnight(), [10]byte{}) }

func fact(payload event.Payload, subject id.ID) event.Fact {
	return event.Fact{Payload: payload, Entity: subject, Subject: subject}
}

// ManualEntryProposed is the payload of voucher_proposed: a manual entry waits for a
// second person.
type ManualEntryProposed struct {
	ID          id.ID
	EntryDate   civil.Date
	Description string
	Total       money.Amount
}

// ManualEntryProposedEvent returns the event of a proposed manual entry.
func ManualEntryProposedEvent(v ManualEntry) event.Fact {
	return fact(ManualEntryProposed{v.ID, v.Date, v.Description, v.Total()}, v.ID)
}

// Event implements event.Payload.
func (ManualEntryProposed) Event() event.Type {
	return event.Type{Name: "voucher_proposed", Version: 1}
}

// Members implements event.Payload.
func (e ManualEntryProposed) Members(o *event.Object) {
	o.ID("id", e.ID)
	o.Date("entry_date", e.EntryDate)
	o.Text("description", e.Description)
	o.Amount("total", e.Total)
}

// DecidedEntry is the payload of voucher_decided: a manual entry was posted or
// rejected.
type DecidedEntry struct {
	ID                    id.ID
	Status                ManualEntryStatus
	EntryID               id.ID // zero if it was rejected
	ProposedBy, DecidedBy string
}

// ManualEntryDecidedEvent returns the event of a posted or rejected manual entry.
func ManualEntryDecidedEvent(v ManualEntry) event.Fact {
	return fact(DecidedEntry{v.ID, v.Status, v.EntryID, v.ProposedBy, v.DecidedBy}, v.ID)
}

// Event implements event.Payload.
func (DecidedEntry) Event() event.Type {
	return event.Type{Name: "voucher_decided", Version: 1}
}

// Members implements event.Payload.
func (e DecidedEntry) Members(o *event.Object) {
	o.ID("id", e.ID)
	o.Text("status", string(e.Status))
	o.ID("entry_id", e.EntryID)
	o.Text("proposed_by", e.ProposedBy)
	o.Text("decided_by", e.DecidedBy)
}

// ClosedDay is the payload of day_closed.
type ClosedDay struct {
	Day        civil.Date
	Loans      int64        // daily positions written
	Interest   money.Amount // interest accrued by the close, without the interest that transactions of the day posted
	Provisions money.Amount // change in provisions
}

// DayClosedEvent returns the event of a closed business day.
func DayClosedEvent(day civil.Date, loans int64, interest, provisions money.Amount) event.Fact {
	return fact(ClosedDay{day, loans, interest, provisions}, DaySubject(day))
}

// Event implements event.Payload.
func (ClosedDay) Event() event.Type { return event.Type{Name: "day_closed", Version: 1} }

// Members implements event.Payload.
func (e ClosedDay) Members(o *event.Object) {
	o.Date("day", e.Day)
	o.Text("loans", strconv.FormatInt(e.Loans, 10))
	o.Amount("interest", e.Interest)
	o.Amount("provisions", e.Provisions)
}

// ClosedPeriod is the payload of period_closed: the books take no more entries dated
// up to and including a day.
type ClosedPeriod struct{ ClosedThrough civil.Date }

// PeriodClosedEvent returns the event of a closed period.
func PeriodClosedEvent(through civil.Date) event.Fact {
	return fact(ClosedPeriod{through}, DaySubject(through))
}

// Event implements event.Payload.
func (ClosedPeriod) Event() event.Type { return event.Type{Name: "period_closed", Version: 1} }

// Members implements event.Payload.
func (e ClosedPeriod) Members(o *event.Object) { o.Date("closed_through", e.ClosedThrough) }
