package screening

import (
	"strings"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/glyph"
	"sofipo/core/id"
	"sofipo/core/screening"
)

// DecideAlert records that the person of an alert is another one than the entry's (cleared), so
// that operations may go on, or the same (confirmed). Nobody decides an alert of an own
// operation. Refused with Invalid, screening.AlertNotFound, screening.AlertDecided or
// access.FourEyes.
type DecideAlert struct {
	ID       id.ID
	Decision screening.Status
	Reason   string
}

// maxReason is the maximum length of a reason.
const maxReason = 500

// Name returns the operation's name.
func (DecideAlert) Name() string { return "decide_screening_alert" }

// Permission returns the permission that the actor's role must have.
func (DecideAlert) Permission() access.Permission { return screening.Decide }

// Check validates the decision and the reason.
func (c DecideAlert) Check(bank.Rules) error {
	var flaws fault.Flaws
	fault.Among(&flaws, c.Decision, "decision", screening.Cleared, screening.Confirmed)
	glyph.Check(c.Reason, "reason", &flaws)
	flaws.Unless(flaws.Has("reason") || strings.TrimSpace(c.Reason) != "", "reason", fault.Blank)
	if len([]rune(c.Reason)) > maxReason {
		flaws.Add(fault.At("reason", fault.MaxLength, "most", maxReason))
	}
	return flaws.Err()
}

// Needs requests the alert.
func (c DecideAlert) Needs(n *bank.Needs) { alertByID.Need(n, c.ID) }

// Authority refuses a decision by the person whose operation raised the alert.
func (c DecideAlert) Authority(b *bank.Book) (bank.Authority, error) {
	a, found := Alerts.Get(b, c.ID)
	if !found {
		return bank.Authority{}, nil // Decide refuses it
	}
	return bank.Authority{Makers: []bank.Makers{{Users: []string{a.RaisedBy}, Refusal: fault.Refuse(access.FourEyes)}}}, nil
}

// Decide stages the decision.
func (c DecideAlert) Decide(b *bank.Book) (screening.Alert, error) {
	a, found := Alerts.Get(b, c.ID)
	switch {
	case !found:
		return a, fault.Refuse(screening.AlertNotFound)
	case a.Status == c.Decision:
		return a, fault.Refuse(screening.AlertDecided)
	}
	a.Status, a.Reason, a.DecidedBy, a.DecidedAt = c.Decision, c.Reason, b.Actor(), b.Now()
	Alerts.Change(b, a)
	b.Publish(screening.DecidedEvent(a))
	return a, nil
}
