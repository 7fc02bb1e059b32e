package staff

import (
	"bytes"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
)

// RefreshSession replaces the refresh token of a session of the actor. Secret and Next are the
// SHA-256 of the secrets in the presented and in the next token.
//
// A client that did not receive the last answer may present the same token again from the same
// device within staff.RefreshAgain: nothing changes, and the next token is the one that was issued
// then. Any other use of a replaced token ends the session, because somebody else may have one of
// the two. Refused with staff.InvalidRefresh or staff.RefreshReused.
type RefreshSession struct {
	ID           id.ID
	Generation   int64
	Secret, Next []byte
	Device       string
}

// Name returns the operation's name.
func (RefreshSession) Name() string { return "refresh_session" }

// Permission returns the permission that the actor's role must have.
func (RefreshSession) Permission() access.Permission { return access.Own }

// Check accepts every command.
func (RefreshSession) Check(bank.Rules) error { return nil }

// Needs requests the session and its user.
func (c RefreshSession) Needs(n *bank.Needs) {
	userByName.Need(n, n.Actor())
	sessionByID.Need(n, c.ID)
}

// Decide stages the new secret, or the end of the session.
func (c RefreshSession) Decide(b *bank.Book) (staff.Session, error) {
	s, found := Sessions.Get(b, c.ID)
	u, err := find(b, b.Actor())
	if !found || err != nil || s.Username != u.Username || u.Disabled || !s.Open(b.Now(), u.PasswordAt) || c.Generation > s.Generation {
		return s, fault.Refuse(staff.InvalidRefresh)
	}
	b.Subject(s.ID)
	switch {
	case c.Generation == s.Generation && bytes.Equal(c.Secret, s.Secret):
		s.Generation, s.Secret, s.UsedAt = s.Generation+1, c.Next, b.Now()
		Sessions.Change(b, s)
		return s, nil
	case c.Generation == s.Generation-1 && bytes.Equal(c.Next, s.Secret) && device(c.Device) == s.Device && b.Now().Sub(s.UsedAt) <= staff.RefreshAgain:
		return s, nil
	}
	b.IfRefused(func(b *bank.Book) { _, _ = end(b, c.ID, s.Username) }) // the session is in the book
	return s, fault.Refuse(staff.RefreshReused)
}
