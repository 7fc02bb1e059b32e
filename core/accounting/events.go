package accounting

import (
	"strconv"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
	"sofipo/core/money"
)

// Events are what happens to the books. They and the reports are not cached, so no
// answer becomes out of date.
var Events = []event.Declaration{
	{Payload: ManualEntryProposed{}, Subject: "manual_entry", Text: lang.Text{EN: "Entry of {total} proposed: {description}", ES: "Póliza de {total} propuesta: {description}"}},
	{Payload: DecidedEntry{}, Subject: "manual_entry", Text: lang.Text{EN: "Entry {status} by {decided_by}", ES: "Póliza {status} por {decided_by}"}},
	{Payload: ClosedDay{}, Subject: "day", Text: lang.Text{EN: "{day} closed: {loans} loans", ES: "{day} cerrado: {loans} préstamos"}},
	{Payload: ClosedPeriod{}, Subject: "period", Text: lang.Text{EN: "Books closed through {closed_through}", ES: "Contabilidad cerrada hasta {closed_through}"}},
}

// DaySubject stands for a day, which has no id: it is the same in every copy of the books.
func DaySubject(day civil.Date) id.ID { return id.New(day.Midnight(), [10]byte{}) }

func fact(payload event.Payload, subject id.ID) event.Fact {
	return event.Fact{Payload: payload, Entity: subject, Subject: subject}
}

// ManualEntryProposed is the payload of voucher_proposed: an entry by hand waits
// for a second person.
type ManualEntryProposed struct {
	ID          id.ID
	EntryDate   civil.Date
	Description string
	Total       money.Amount
}

// ManualEntryProposedEvent is the event of a proposed entry.
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

// DecidedEntry is the payload of voucher_decided: an entry by hand was posted
// or rejected.
type DecidedEntry struct {
	ID                    id.ID
	Status                ManualEntryStatus
	EntryID               id.ID // zero if it was rejected
	ProposedBy, DecidedBy string
}

// ManualEntryDecidedEvent is the event of a decision on an entry.
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
	Loans      int64        // positions written
	Interest   money.Amount // earned on the day, without what its transactions posted
	Provisions money.Amount // change of the provisions
}

// DayClosedEvent is the event of a closed business day.
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

// ClosedPeriod is the payload of period_closed: the books take no entries up to a day.
type ClosedPeriod struct{ ClosedThrough civil.Date }

// PeriodClosedEvent is the event of a closed period.
func PeriodClosedEvent(through civil.Date) event.Fact {
	return fact(ClosedPeriod{through}, DaySubject(through))
}

// Event implements event.Payload.
func (ClosedPeriod) Event() event.Type { return event.Type{Name: "period_closed", Version: 1} }

// Members implements event.Payload.
func (e ClosedPeriod) Members(o *event.Object) { o.Date("closed_through", e.ClosedThrough) }
