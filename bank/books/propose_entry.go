package books

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
)

// ProposeEntry proposes a manual journal entry for another person to post. Refused with
// Invalid or accounting.PeriodClosed.
type ProposeEntry struct {
	Date        civil.Date // today if zero
	Description string
	Lines       []accounting.Line
}

// Name returns the operation's name.
func (ProposeEntry) Name() string { return "propose_manual_entry" }

// Permission returns the permission that the actor's role must have.
func (ProposeEntry) Permission() access.Permission { return accounting.Write }

// Check accepts every command: the valid accounts depend on the date.
func (ProposeEntry) Check(bank.Rules) error { return nil }

// Needs requests the closed period.
func (ProposeEntry) Needs(n *bank.Needs) { n.Period() }

// Decide stages the proposal.
func (c ProposeEntry) Decide(b *bank.Book) (accounting.ManualEntry, error) {
	v := accounting.ManualEntry{
		ID: b.NewID(), Date: c.Date, Description: c.Description, Lines: c.Lines, Status: accounting.Proposed, ProposedBy: b.Actor(), ProposedAt: b.Now(),
	}
	if v.Date.IsZero() {
		v.Date = b.Today()
	}
	if err := checkDate(b, v.Date); err != nil {
		return accounting.ManualEntry{}, err
	}
	if err := v.Check(); err != nil {
		return accounting.ManualEntry{}, err
	}
	Entries.Add(b, Entry{ManualEntry: v})
	b.Publish(accounting.ManualEntryProposedEvent(v))
	return v, nil
}
