package view

import (
	"context"

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
