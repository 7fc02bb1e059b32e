// Package authority has the requests of people for operations beyond their own authority. A
// request waits until another person with enough authority approves or rejects it. The
// package declares the refusals, permissions and events of authority; the limits of roles are
// in core/staff.
package authority

import (
	"strings"
	"time"
	"unicode/utf8"

	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/core/wire"
)

// State is the state of a request.
type State string

// The states.
const (
	Waiting   State = "WAITING"
	Approved  State = "APPROVED" // and carried out
	Rejected  State = "REJECTED"
	Withdrawn State = "WITHDRAWN"
	Expired   State = "EXPIRED" // it waited too long
)

// Days is the number of days that a request waits for its decision.
const Days = 30

// MaxReason is the maximum length of a reason, in characters.
const MaxReason = 500

// HowToFile tells a caller how to file a refused command as a request.
const HowToFile = "repeat this request with the query parameter request_reason"

// Request is a command that waits for a second person, or waited.
type Request struct {
	ID         id.ID             `json:"id"`
	Operation  string            `json:"operation"`          // name of the command, such as write_off_loan
	Permission access.Permission `json:"-"`                  // that the operation needs
	Command    Command           `json:"command"`            // its arguments
	Subject    id.ID             `json:"subject,omitzero"`   // what it is about: a loan, a client, a user
	ClientID   id.ID             `json:"client_id,omitzero"` // client of the subject
	BranchID   id.ID             `json:"branch_id"`          // of the client or loan, or else of the user who filed it
	Limit      staff.Operation   `json:"limit,omitempty"`    // the limit that the approver must have
	Exposure   money.Amount      `json:"exposure"`           // amount that counts against the limit, when it was filed
	Days       int               `json:"days"`               // of a past value date
	FiledBy    string            `json:"filed_by"`
	FiledAt    time.Time         `json:"filed_at"`
	Reason     string            `json:"reason"`
	ExpiresOn  civil.Date        `json:"expires_on"` // last day on which it can be decided
	State      State             `json:"state"`
	DecidedBy  string            `json:"decided_by,omitempty"`
	DecidedAt  time.Time         `json:"decided_at,omitzero"`
	Decision   string            `json:"decision_reason,omitempty"`
}

// On returns the request with its state on a day: a waiting one expires after its last day.
func (r Request) On(day civil.Date) Request {
	if r.State == Waiting && day.After(r.ExpiresOn) {
		r.State = Expired
	}
	return r
}

// Decide returns the request after a decision. It refuses a request that is not waiting on the
// day.
func (r Request) Decide(to State, by string, at time.Time, day civil.Date) (Request, error) {
	if r = r.On(day); r.State != Waiting {
		return r, fault.Refuse(RequestDecided, "request_state", r.State)
	}
	r.State, r.DecidedBy, r.DecidedAt = to, by, at
	return r, nil
}

// AppendJSON adds the request as JSON.
func (r Request) AppendJSON(b []byte) []byte { return wire.JSON(b, r) }

// Command has the arguments of a command as a JSON object.
type Command string

// MarshalJSON writes the object.
func (c Command) MarshalJSON() ([]byte, error) { return []byte(c), nil }

// UnmarshalJSON reads the object.
func (c *Command) UnmarshalJSON(b []byte) error {
	*c = Command(b)
	return nil
}

// CheckReason refuses a reason that is empty, too long, or not text.
func CheckReason(reason, path string) error {
	if strings.ContainsRune(reason, 0) || !utf8.ValidString(reason) {
		return fault.Wrong(fault.At(path, fault.ValidText))
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(reason)); n == 0 || n > MaxReason {
		return fault.Wrong(fault.At(path, fault.Length, "least", 1, "most", MaxReason))
	}
	return nil
}
