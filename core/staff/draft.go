package staff

import (
	"time"

	"sofipo/core/id"
)

// Draft is a form that a user has begun, such as an application for a loan. Only this user sees
// it. It is removed when the form is carried out.
type Draft struct {
	ID       id.ID     `json:"id"`
	Username string    `json:"username"`
	Kind     string    `json:"kind"`
	Body     string    `json:"body"` // the values of the form
	SavedAt  time.Time `json:"saved_at"`
}

// Personal marks answers that are encrypted where they are stored.
func (Draft) Personal() {}

// MaxDraft is the maximum length of the body of a draft, in bytes.
const MaxDraft = 16 << 10

// MaxDrafts is the maximum number of drafts that a user sees.
const MaxDrafts = 50
