package view

import (
	"context"

	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// User returns a user by name, from the primary database. Refused with staff.NotFound or
// Unavailable. The result includes the password hash and must not leave the program.
func (v *View) User(ctx context.Context, username string) (staff.User, error) {
	var found staff.User
	if !storable(username) {
		return found, fault.Refuse(staff.NotFound)
	}
	batch := &db.Batch{}
	batch.Query(selectUser+"username = $1", func(s db.Scanner) error { return userColumns.Scan(s, &found) }, username)
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	if err := v.db.ReadPrimary(ctx, batch); err != nil {
		return found, asFault(err)
	}
	if found.ID.IsZero() {
		return found, fault.Refuse(staff.NotFound)
	}
	return found, nil
}

// Factor returns the second factor of a user, from the primary database. Refused with
// staff.FactorNotFound or Unavailable.
func (v *View) Factor(ctx context.Context, username string) (staff.Factor, error) {
	var found staff.Factor
	batch := &db.Batch{}
	batch.Query(selectFactor+"username = $1", func(s db.Scanner) error { return factorColumns.Scan(s, &found) }, username)
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	if err := v.db.ReadPrimary(ctx, batch); err != nil {
		return found, asFault(err)
	}
	if found.Username == "" {
		return found, fault.Refuse(staff.FactorNotFound)
	}
	return found, nil
}
