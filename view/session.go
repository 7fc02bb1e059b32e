package view

import (
	"context"
	"time"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Session returns a session, from the primary database, so that it ends at once. Refused with
// staff.SessionNotFound or Unavailable.
func (v *View) Session(ctx context.Context, sessionID id.ID) (staff.Session, error) {
	var found staff.Session
	batch := &db.Batch{}
	batch.Query(selectSignIn+"id = $1", func(s db.Scanner) error { return signInColumns.Scan(s, &found) }, sessionID)
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	if err := v.db.ReadPrimary(ctx, batch); err != nil {
		return found, asFault(err)
	}
	if found.ID.IsZero() {
		return found, fault.Refuse(staff.SessionNotFound)
	}
	return found, nil
}

// mostSessions limits what OpenSessions returns.
const mostSessions = 200

// OpenSessions returns the open sessions of a user, the newest first and at most 200, from the
// primary database. Users list their own; the caller checks who asks.
func (v *View) OpenSessions(ctx context.Context, u staff.User, now time.Time) (all []staff.Session, err error) {
	batch := &db.Batch{}
	batch.Before(func() { all = nil })
	batch.Query(selectSignIn+"username = $1 AND id > $2 AND ended_at < opened_at ORDER BY id DESC LIMIT $3", func(s db.Scanner) error {
		var found staff.Session
		err := signInColumns.Scan(s, &found)
		if err == nil && found.Open(now, u.PasswordAt) {
			all = append(all, found)
		}
		return err
	}, u.Username, id.New(now.Add(-staff.SessionTime-idMargin), [10]byte{}), int64(mostSessions))
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	return all, asFault(v.db.ReadPrimary(ctx, batch))
}
