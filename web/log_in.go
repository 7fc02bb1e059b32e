package web

import (
	"context"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/infra/auth"
	"sofipo/view"
)

// Attempt is a login by name and password. Remote is the address of the connection.
type Attempt struct{ Name, Password, Remote string }

// LogIn returns the user with the name and password. It takes the same time, and counts the
// same failures, for an unknown user name as for a wrong password. Refused with access.BadLogin,
// access.TooManyAttempts or Unavailable.
func (l *Logins) LogIn(ctx context.Context, users *view.View, a Attempt) (staff.User, error) {
	login, err := l.Begin(ctx, a.Name, a.Remote)
	if err != nil {
		return staff.User{}, err
	}
	outcome := Abandoned
	defer func() { login.End(outcome) }()
	who := staff.User{Disabled: true}
	if staff.CheckName(a.Name) == nil {
		found, err := users.User(ctx, a.Name)
		if err == nil {
			who = found
		} else if !fault.Is(err, staff.NotFound) {
			return staff.User{}, err
		}
	}
	if !matches(who, a.Password) {
		outcome = Failed
		return staff.User{}, fault.Refuse(access.BadLogin)
	}
	outcome = Succeeded
	return who, nil
}

func matches(who staff.User, password string) bool {
	if who.Disabled || who.Kind == staff.Service {
		auth.DummyVerify(password)
		return false
	}
	ok, _ := auth.VerifyPassword(who.Password, password)
	return ok
}
