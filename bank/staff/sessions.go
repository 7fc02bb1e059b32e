package staff

import (
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/core/wire"
	"sofipo/infra/db"
)

// Sessions is the table of sessions.
var Sessions = bank.Declare(bank.Table[id.ID, staff.Session]{
	Name: "sessions", Rank: 205,
	Columns: db.Columns[staff.Session]{
		db.IDField("id", func(s *staff.Session) *id.ID { return &s.ID }),
		db.TextField("username", func(s *staff.Session) *string { return &s.Username }),
		db.TextField("device", func(s *staff.Session) *string { return &s.Device }),
		db.TimeField("opened_at", func(s *staff.Session) *time.Time { return &s.OpenedAt }),
		db.TimeField("expires_at", func(s *staff.Session) *time.Time { return &s.ExpiresAt }),
		db.TimeField("ended_at", func(s *staff.Session) *time.Time { return &s.EndedAt }),
		db.TextField("kind", func(s *staff.Session) *staff.SessionKind { return &s.Kind }),
		db.IntField("generation", func(s *staff.Session) *int64 { return &s.Generation }),
		db.BytesField("secret", func(s *staff.Session) *[]byte { return &s.Secret }),
		db.TimeField("used_at", func(s *staff.Session) *time.Time { return &s.UsedAt }),
	},
	Fixed:   []string{"username", "device", "opened_at", "expires_at", "kind"},
	Of:      func(s *staff.Session) id.ID { return s.ID },
	Compare: bank.ByID,
})

var sessionByID = bank.DeclareLookup(bank.Lookup[id.ID, staff.Session, id.ID]{Table: Sessions, Column: "id", Lock: true})

// maxDevice limits the stored name of a browser, in bytes.
const maxDevice = 200

// device returns the name of a browser or program as it is stored.
func device(name string) string {
	return strings.ToValidUTF8(name[:min(len(name), maxDevice)], "") // the last character may be cut
}

// OpenSession signs a user in. The caller has verified the password. A Secret makes a session of
// the API: it is the SHA-256 of the secret in the first refresh token. Refused with
// staff.NotFound.
type OpenSession struct {
	Username, Device string
	Secret           []byte
}

// Name returns the operation's name.
func (OpenSession) Name() string { return "open_session" }

// Permission returns the permission that the actor's role must have.
func (OpenSession) Permission() access.Permission { return access.Own }

// Check accepts every command.
func (OpenSession) Check(bank.Rules) error { return nil }

// Needs requests the user.
func (c OpenSession) Needs(n *bank.Needs) { userByName.Need(n, c.Username) }

// Decide stages the session.
func (c OpenSession) Decide(b *bank.Book) (staff.Session, error) {
	found, err := findPerson(b, c.Username)
	if err != nil || found.Disabled || found.Username != b.Actor() {
		return staff.Session{}, fault.Refuse(staff.NotFound)
	}
	s := staff.Session{
		ID: b.NewID(), Username: found.Username, Kind: staff.ConsoleSession, Device: device(c.Device),
		OpenedAt: b.Now(), ExpiresAt: b.Now().Add(staff.SessionTime),
	}
	if c.Secret != nil {
		s.Kind, s.UsedAt, s.Generation, s.Secret = staff.APISession, b.Now(), 1, c.Secret
	}
	Sessions.Add(b, s)
	b.Subject(s.ID)
	return s, nil
}

// EndSession ends a session of the actor. A session that has ended stays unchanged. Refused with
// staff.SessionNotFound.
type EndSession struct{ ID id.ID }

// Name returns the operation's name.
func (EndSession) Name() string { return "end_session" }

// Permission returns the permission that the actor's role must have.
func (EndSession) Permission() access.Permission { return access.Own }

// Check accepts every command.
func (EndSession) Check(bank.Rules) error { return nil }

// Needs requests the session.
func (c EndSession) Needs(n *bank.Needs) { sessionByID.Need(n, c.ID) }

// Decide stages the end.
func (c EndSession) Decide(b *bank.Book) (staff.Session, error) {
	return end(b, c.ID, b.Actor())
}

// end ends a session of a user.
func end(b *bank.Book, sessionID id.ID, username string) (staff.Session, error) {
	s, found := Sessions.Get(b, sessionID)
	if !found || s.Username != username {
		return staff.Session{}, fault.Refuse(staff.SessionNotFound)
	}
	b.Subject(s.ID)
	if s.EndedAt.IsZero() {
		s.EndedAt = b.Now()
		Sessions.Change(b, s)
	}
	return s, nil
}

// EndUserSession ends a session of another user. Refused with staff.SessionNotFound.
type EndUserSession struct {
	Username string
	ID       id.ID
}

// Name returns the operation's name.
func (EndUserSession) Name() string { return "end_user_session" }

// Permission returns the permission that the actor's role must have.
func (EndUserSession) Permission() access.Permission { return staff.Manage }

// Check accepts every command.
func (EndUserSession) Check(bank.Rules) error { return nil }

// Needs requests the session.
func (c EndUserSession) Needs(n *bank.Needs) { sessionByID.Need(n, c.ID) }

// Decide stages the end.
func (c EndUserSession) Decide(b *bank.Book) (staff.Session, error) { return end(b, c.ID, c.Username) }

// EndOtherSessions ends sessions of the actor: those of the ids, which are all but the one in use.
// Refused with staff.SessionNotFound.
type EndOtherSessions struct{ IDs []id.ID }

// Name returns the operation's name.
func (EndOtherSessions) Name() string { return "end_other_sessions" }

// Permission returns the permission that the actor's role must have.
func (EndOtherSessions) Permission() access.Permission { return access.Own }

// Check accepts every command.
func (EndOtherSessions) Check(bank.Rules) error { return nil }

// Needs requests the sessions.
func (c EndOtherSessions) Needs(n *bank.Needs) {
	for _, sessionID := range c.IDs {
		sessionByID.Need(n, sessionID)
	}
}

// Decide stages the ends.
func (c EndOtherSessions) Decide(b *bank.Book) (SessionsEnded, error) {
	for _, sessionID := range c.IDs {
		if _, err := end(b, sessionID, b.Actor()); err != nil {
			return SessionsEnded{}, err
		}
	}
	return SessionsEnded{len(c.IDs)}, nil
}

// SessionsEnded is the answer of EndOtherSessions.
type SessionsEnded struct {
	Ended int `json:"ended"`
}

// AppendJSON adds the answer as JSON.
func (e SessionsEnded) AppendJSON(b []byte) []byte { return wire.JSON(b, e) }
