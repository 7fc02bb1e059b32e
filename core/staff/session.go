package staff

import (
	"time"

	"sofipo/core/id"
	"sofipo/core/wire"
)

// SessionTime is the longest life of a session. A session of the console that is not used ends
// earlier; the console decides when.
const SessionTime = 12 * time.Hour

// RefreshAgain is how long a client may present the last refresh token again to get the same
// new one, because it did not receive the answer.
const RefreshAgain = 10 * time.Second

// SessionKind is where a session was opened.
type SessionKind string

// The kinds of sessions.
const (
	ConsoleSession SessionKind = "console" // the browser has a signed cookie with the id
	APISession     SessionKind = "api"     // the client has a refresh token, and access tokens with the id
)

// Session is a sign-in of a user, until it ends.
type Session struct {
	ID        id.ID       `json:"id"`
	Username  string      `json:"username"`
	Kind      SessionKind `json:"kind"`
	Device    string      `json:"device"` // the browser or program, as it names itself
	OpenedAt  time.Time   `json:"opened_at"`
	UsedAt    time.Time   `json:"used_at,omitzero"` // when an API session last got tokens
	ExpiresAt time.Time   `json:"expires_at"`
	EndedAt   time.Time   `json:"ended_at,omitzero"` // zero if nobody ended it

	Generation int64  `json:"-"` // number of the refresh token that is valid, from 1
	Secret     []byte `json:"-"` // SHA-256 of the secret in that token
}

// AppendJSON adds the session as JSON, without its secret.
func (s Session) AppendJSON(b []byte) []byte { return wire.JSON(b, s) }

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
