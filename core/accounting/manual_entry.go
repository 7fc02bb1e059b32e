package accounting

import (
	"strings"
	"time"
	"unicode/utf8"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/wire"
)

// ManualEntryStatus is the state of a manual entry.
type ManualEntryStatus string

// The states. One user proposes the entry, another user posts or rejects it.
const (
	Proposed ManualEntryStatus = "PROPOSED"
	Posted   ManualEntryStatus = "POSTED"
	Rejected ManualEntryStatus = "REJECTED"
)

// MaxDescription is the maximum length of a description, in characters.
const MaxDescription = 500

// ManualEntry is a manual entry (póliza manual): proposed, posted or rejected.
type ManualEntry struct {
	ID          id.ID             `json:"id"`
	Date        civil.Date        `json:"entry_date"`
	Description string            `json:"description"`
	Lines       []Line            `json:"lines"`
	Status      ManualEntryStatus `json:"status"`
	ProposedBy  string            `json:"proposed_by"`
	ProposedAt  time.Time         `json:"proposed_at"`
	DecidedBy   string            `json:"decided_by,omitempty"`
	DecidedAt   time.Time         `json:"decided_at,omitzero"`
	EntryID     id.ID             `json:"entry_id,omitzero"` // ledger entry, once posted
}

// Check refuses a proposal that cannot be posted: see ManualLedgerEntry.
func (v ManualEntry) Check() error {
	if length := utf8.RuneCountInString(strings.TrimSpace(v.Description)); length == 0 || length > MaxDescription {
		return fault.Wrong(fault.At("description", fault.Length, "least", 1, "most", MaxDescription))
	}
	if strings.ContainsRune(v.Description, 0) {
		return fault.Wrong(fault.At("description", fault.ValidText))
	}
	_, err := ManualLedgerEntry(Booking{Day: v.Date, Reference: v.ID}, v.Lines)
	return err
}

// Total returns the sum of the debits.
func (v ManualEntry) Total() (sum money.Amount) {
	for _, l := range v.Lines {
		sum += l.Debit
	}
	return sum
}

// Decide returns the manual entry after it was posted or rejected by a user. It refuses
// an entry that is already decided (ManualEntryDecided).
func (v ManualEntry) Decide(status ManualEntryStatus, by string, at time.Time) (ManualEntry, error) {
	if v.Status != Proposed {
		return v, fault.Refuse(ManualEntryDecided, "manual_entry_status", v.Status)
	}
	v.Status, v.DecidedBy, v.DecidedAt = status, by, at
	return v, nil
}

// AppendJSON adds the manual entry as JSON.
func (v ManualEntry) AppendJSON(b []byte) []byte { return wire.JSON(b, v) }
