package books

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/id"
)

// DecideEntry posts or rejects a manual entry that somebody else proposed. Refused with
// accounting.ManualEntryNotFound, ManualEntryDecided, PeriodClosed or access.FourEyes.
type DecideEntry struct {
	ID   id.ID
	Post bool // false rejects the entry
}

// Name returns the operation's name.
func (c DecideEntry) Name() string {
	if c.Post {
		return "post_manual_entry"
	}
	return "reject_manual_entry"
}

// Permission returns the permission that the actor's role must have.
func (DecideEntry) Permission() access.Permission { return accounting.Write }

// Check accepts every command.
func (DecideEntry) Check(bank.Rules) error { return nil }

// Needs requests the manual entry and the closed period.
func (c DecideEntry) Needs(n *bank.Needs) {
	entryByID.Need(n, c.ID)
	n.Period()
}

// Authority requires somebody other than the proposer.
func (c DecideEntry) Authority(b *bank.Book) (bank.Authority, error) {
	e, found := Entries.Get(b, c.ID)
	if !found || e.Status != accounting.Proposed {
		return bank.Authority{}, nil // Decide refuses it
	}
	refusal := fault.Refuse(access.FourEyes, "proposed_by", e.ProposedBy).Because(accounting.OtherDecider)
	return bank.Authority{Makers: []bank.Makers{{Users: []string{e.ProposedBy}, Refusal: refusal}}}, nil
}

// Decide stages the decision and, for a posting, the journal entry.
func (c DecideEntry) Decide(b *bank.Book) (accounting.ManualEntry, error) {
	e, found := Entries.Get(b, c.ID)
	if !found {
		return accounting.ManualEntry{}, fault.Refuse(accounting.ManualEntryNotFound)
	}
	status := accounting.Rejected
	if c.Post {
		status = accounting.Posted
	}
	v, err := e.Decide(status, b.Actor(), b.Now())
	if err != nil {
		return v, err
	}
	if c.Post {
		if err := checkDate(b, v.Date); err != nil {
			return v, err
		}
		v.EntryID = b.NewID()
		entry, err := accounting.ManualLedgerEntry(accounting.Booking{ID: v.EntryID, Day: v.Date, At: b.Now(), Reference: v.ID}, v.Lines)
		if err != nil {
			return v, err
		}
		if err := b.Post(entry); err != nil {
			return v, err
		}
	}
	Entries.Change(b, Entry{ManualEntry: v})
	b.Publish(accounting.ManualEntryDecidedEvent(v))
	return v, nil
}
