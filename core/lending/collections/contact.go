// Package collections has the work of collecting overdue loans: contacts with the client,
// visits, promises to pay, notes, and the collector of a loan. It decides whether a promise
// was kept, which action comes next, and whether a contact was within the permitted hours
// (docs/rules/collections.md). It also declares the permissions, refusals and events.
//
// The amounts that fall due on a day are another subject: view.Collections reports them.
package collections

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/wire"
)

// Channel is the way of a contact.
type Channel string

// The channels.
const (
	Call    Channel = "call"
	Message Channel = "message" // SMS, WhatsApp and similar
	Email   Channel = "email"
	Visit   Channel = "visit"
	Letter  Channel = "letter"
)

// Channels lists all channels.
func Channels() []Channel { return []Channel{Call, Message, Email, Visit, Letter} }

// Result is the result code of a contact.
type Result string

// The result codes.
const (
	Reached      Result = "reached"
	Promises     Result = "promises"
	Refuses      Result = "refuses"
	Disputes     Result = "disputes"
	ClaimsPaid   Result = "claims_paid"
	OtherPerson  Result = "other_person"
	NotReached   Result = "not_reached"
	WrongNumber  Result = "wrong_number"
	WrongAddress Result = "wrong_address"
	Sent         Result = "sent"
	Returned     Result = "returned"
)

// Outcome describes a result code.
type Outcome struct {
	Result   Result
	Channels []Channel // on which it is possible
}

var spoken = []Channel{Call, Message, Email, Visit}

// outcomes has the result codes in display order. A new result is a new row.
var outcomes = []Outcome{
	{Reached, spoken},
	{Promises, spoken},
	{Refuses, spoken},
	{Disputes, append(slices.Clone(spoken), Letter)},
	{ClaimsPaid, append(slices.Clone(spoken), Letter)},
	{OtherPerson, []Channel{Call, Message, Visit}},
	{NotReached, []Channel{Call, Visit}},
	{WrongNumber, []Channel{Call, Message}},
	{WrongAddress, []Channel{Email, Visit, Letter}},
	{Sent, []Channel{Message, Email, Letter}},
	{Returned, []Channel{Message, Email, Letter}},
}

// ResultsOf lists the result codes that a contact on the channel may have.
func ResultsOf(c Channel) (all []Result) {
	for _, o := range outcomes {
		if slices.Contains(o.Channels, c) {
			all = append(all, o.Result)
		}
	}
	return all
}

// Place is the kind of address of a visit.
type Place string

// The kinds of address.
const (
	Home      Place = "home"
	Workplace Place = "work"
	Guarantor Place = "guarantor"
	Elsewhere Place = "other"
)

// Places lists the kinds of address.
func Places() []Place { return []Place{Home, Workplace, Guarantor, Elsewhere} }

// Contact is one contact, or one try, with the client of a loan or somebody for the client.
type Contact struct {
	ID           id.ID      `json:"id"`
	LoanID       id.ID      `json:"loan_id"`
	ClientID     id.ID      `json:"client_id"`
	Channel      Channel    `json:"channel"`
	Result       Result     `json:"result"`
	At           time.Time  `json:"contacted_at"`
	OutsideHours bool       `json:"outside_hours"`         // outside the permitted hours; see Permitted
	Place        Place      `json:"address_kind,omitzero"` // of a visit
	Latitude     Degrees    `json:"latitude,omitzero"`     // of a visit; unknown if zero
	Longitude    Degrees    `json:"longitude,omitzero"`
	Note         string     `json:"note,omitempty"`
	Next         Channel    `json:"next_channel,omitzero"` // planned next contact
	NextOn       civil.Date `json:"next_on,omitzero"`      // its day
	MadeBy       string     `json:"made_by"`
	MadeAt       time.Time  `json:"made_at"`
}

// The limits of a contact.
const (
	MaxNote  = 2000 // characters
	MaxAge   = 31   // days between a contact and its registration
	MaxAhead = 90   // days from today to a planned contact or a promised day
)

// Check refuses a contact with impossible or incomplete fields. It reports all of them.
func (c Contact) Check() error {
	var flaws fault.Flaws
	fault.Among(&flaws, c.Channel, "channel", Channels()...)
	if !flaws.Has("channel") {
		fault.Among(&flaws, c.Result, "result", ResultsOf(c.Channel)...)
	}
	switch {
	case c.Channel == Visit:
		fault.Among(&flaws, c.Place, "address_kind", Places()...)
	case c.Place != "":
		flaws.Add(fault.At("address_kind", OfVisit))
	}
	c.checkLocation(&flaws)
	if c.Next != "" {
		fault.Among(&flaws, c.Next, "next_channel", Channels()...)
	}
	flaws.Unless(c.Next != "" || c.NextOn.IsZero(), "next_channel", fault.Missing)
	flaws.Unless(c.Next == "" || !c.NextOn.IsZero(), "next_on", fault.Missing)
	checkText(&flaws, c.Note, "note")
	return flaws.Err()
}

// CheckDays refuses a time of the contact after now or more than MaxAge days before, and a
// planned day outside the next MaxAhead days.
func (c Contact) CheckDays(now time.Time, today civil.Date) error {
	var flaws fault.Flaws
	if earliest := now.AddDate(0, 0, -MaxAge); c.At.After(now) || c.At.Before(earliest) {
		flaws.Add(fault.At("contacted_at", Recent, "days", MaxAge))
	}
	if !c.NextOn.IsZero() {
		checkAhead(&flaws, c.NextOn, today, "next_on")
	}
	return flaws.Err()
}

func checkAhead(flaws *fault.Flaws, day, today civil.Date, path string) {
	if latest := today.AddDays(MaxAhead); day.Before(today) || day.After(latest) {
		flaws.Add(fault.At(path, fault.DayBetween, "earliest", today, "latest", latest))
	}
}

func (c Contact) checkLocation(flaws *fault.Flaws) {
	switch {
	case c.Latitude == 0 && c.Longitude == 0:
		return
	case c.Channel != Visit:
		flaws.Add(fault.At("latitude", OfVisit))
		return
	case c.Latitude == 0:
		flaws.Add(fault.At("latitude", fault.Missing))
	case c.Longitude == 0:
		flaws.Add(fault.At("longitude", fault.Missing))
	}
	fault.Within(flaws, c.Latitude, -MaxLatitude, MaxLatitude, "latitude")
	fault.Within(flaws, c.Longitude, -MaxLongitude, MaxLongitude, "longitude")
}

// checkText refuses a text that is too long or that the database cannot store.
func checkText(flaws *fault.Flaws, s, path string) {
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		flaws.Add(fault.At(path, fault.ValidText))
	case utf8.RuneCountInString(s) > MaxNote:
		flaws.Add(fault.At(path, fault.MaxLength, "most", MaxNote))
	}
}

// Personal marks answers that are encrypted where they are stored.
func (Contact) Personal() {}

// AppendJSON adds the contact as JSON.
func (c Contact) AppendJSON(b []byte) []byte { return wire.JSON(b, c) }

// Note is a note on the collection of a loan.
type Note struct {
	ID       id.ID     `json:"id"`
	LoanID   id.ID     `json:"loan_id"`
	ClientID id.ID     `json:"client_id"`
	Text     string    `json:"note"`
	MadeBy   string    `json:"made_by"`
	MadeAt   time.Time `json:"made_at"`
}

// Check refuses a note without text or with too long a text.
func (n Note) Check() error {
	var flaws fault.Flaws
	if flaws.Unless(strings.TrimSpace(n.Text) != "", "note", fault.Blank); len(flaws) == 0 {
		checkText(&flaws, n.Text, "note")
	}
	return flaws.Err()
}

// Personal marks answers that are encrypted where they are stored.
func (Note) Personal() {}

// AppendJSON adds the note as JSON.
func (n Note) AppendJSON(b []byte) []byte { return wire.JSON(b, n) }

// Assignment says who collects a loan.
type Assignment struct {
	LoanID     id.ID     `json:"loan_id"`
	ClientID   id.ID     `json:"client_id"`
	Collector  string    `json:"collector"` // user name; empty for nobody
	AssignedBy string    `json:"assigned_by"`
	AssignedAt time.Time `json:"assigned_at"`
}

// AppendJSON adds the assignment as JSON.
func (a Assignment) AppendJSON(b []byte) []byte { return wire.JSON(b, a) }
