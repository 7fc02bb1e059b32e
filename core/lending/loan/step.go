package loan

import (
	"time"

	"sofipo/core/id"
)

// Step is a change of an application after it was filed: who made it and, of a return, why.
type Step struct {
	LoanID   id.ID     `json:"-"`
	ClientID id.ID     `json:"-"`
	Number   int       `json:"number"` // from 1
	Kind     StepKind  `json:"kind"`
	MadeBy   string    `json:"made_by"`
	MadeAt   time.Time `json:"made_at"`
	Reason   string    `json:"reason,omitempty"`
}

// StepKind is the kind of a step.
type StepKind string

// The kinds of steps.
const (
	StepEdited   StepKind = "EDITED"   // its terms were changed; a returned application was sent again
	StepReturned StepKind = "RETURNED" // it was sent back for correction
)
