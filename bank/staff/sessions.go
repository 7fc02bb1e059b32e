package staff

import (
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
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
	},
	Fixed:   []string{"username", "device", "opened_at", "expires_at"},
	Of:      func(s *staff.Session) id.ID { return s.ID },
	Compare: bank.ByID,
})

var sessionByID = bank.DeclareLookup(bank.Lookup[id.ID, staff.Session, id.ID]{Table: Sessions, Column: "id", Lock: true})

// maxDevice limits the stored name of a browser, in bytes.
const maxDevice = 200

// OpenSession signs a user in. The caller has verified the password. Refused with
// staff.NotFound.
type OpenSession struct{ Username, Device string }

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
	device := strings.ToValidUTF8(c.Device[:min(len(c.Device), maxDevice)], "") // the last character may be cut
	s := staff.Session{ID: b.NewID(), Username: found.Username, Device: device, OpenedAt: b.Now(), ExpiresAt: b.Now().Add(staff.SessionTime)}
	Sessions.Add(b, s)
	b.Subject(s.ID)
	return s, nil
}

// EndSession signs the actor out. A session that has ended stays unchanged. Refused with
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
	s, found := Sessions.Get(b, c.ID)
	if !found || s.Username != b.Actor() {
		return s, fault.Refuse(staff.SessionNotFound)
	}
	b.Subject(s.ID)
	if s.EndedAt.IsZero() {
		s.EndedAt = b.Now()
		Sessions.Change(b, s)
	}
	return s, nil
}
