package staff

import (
	"time"

	"sofipo/core/id"
)

// SessionTime is the longest life of a session. A session that is not used ends earlier; the
// console decides when.
const SessionTime = 12 * time.Hour

// Session is a sign-in of a user at the console, until it ends. The browser has a signed
// cookie with the id.
type Session struct {
	ID        id.ID     `json:"id"`
	Username  string    `json:"username"`
	Device    string    `json:"device"` // the browser, as it names itself
	OpenedAt  time.Time `json:"opened_at"`
	ExpiresAt time.Time `json:"expires_at"`
	EndedAt   time.Time `json:"ended_at,omitzero"` // zero if nobody ended it
}

// Open reports whether the session lets its user in. A change of the password ends it.
func (s Session) Open(now, passwordAt time.Time) bool {
	return s.EndedAt.IsZero() && now.Before(s.ExpiresAt) && !s.OpenedAt.Before(passwordAt)
}

// Theme is the colours of the console.
type Theme string

// The themes. The empty one is that of the browser.
const (
	Light Theme = "light"
	Dark  Theme = "dark"
)

// Preferences is how a user wants the console.
type Preferences struct {
	Language string `json:"language"` // es or en; empty means es
	Theme    Theme  `json:"theme"`
	Roomy    bool   `json:"roomy"`   // higher rows
	NoKeys   bool   `json:"no_keys"` // single letters are not shortcuts
}
