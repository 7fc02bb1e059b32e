package web

import (
	"cmp"
	"context"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/infra/auth"
	"sofipo/view"
)

// Attempt is a login by name and password. Remote is the address of the connection. Code is that of
// the second factor, which only Factors looks at. Correlation is the id of the request. For is the
// operation that the audit names if the attempt fails; empty for a sign-in.
type Attempt struct{ Name, Password, Code, Remote, Correlation, For string }

// LogIn returns the user with the name and password. It takes the same time, and counts the
// same failures, for an unknown user name as for a wrong password. Refused with access.BadLogin,
// access.TooManyAttempts or Unavailable.
func (l *Logins) LogIn(ctx context.Context, users *view.View, a Attempt) (staff.User, error) {
	return l.logIn(ctx, users, a, func(staff.User) error { return nil })
}

// logIn is LogIn with a check after the password. A wrong code counts as a wrong password; another
// refusal of the check counts as neither right nor wrong.
func (l *Logins) logIn(ctx context.Context, users *view.View, a Attempt, then func(staff.User) error) (staff.User, error) {
	var verified staff.User
	err := l.counted(ctx, a, func() error {
		who := staff.User{Disabled: true}
		if staff.CheckName(a.Name) == nil {
			found, err := users.User(ctx, a.Name)
			if err == nil {
				who = found
			} else if !fault.Is(err, staff.NotFound) {
				return err
			}
		}
		if !matches(who, a.Password) {
			return fault.Refuse(access.BadLogin)
		}
		verified = who
		return then(who)
	})
	return verified, err
}

// counted counts the outcome of a check: a wrong password or code as failed, another error as
// neither right nor wrong. The audit has each wrong password, and each attempt that was refused
// because of earlier ones.
func (l *Logins) counted(ctx context.Context, a Attempt, check func() error) error {
	err := l.count(ctx, a, check)
	for _, code := range []fault.Code{access.BadLogin, access.TooManyAttempts} {
		if l.bank != nil && fault.Is(err, code) {
			l.bank.NoteFailedLogin(ctx, bank.By{Actor: a.Name, CorrelationID: a.Correlation}, cmp.Or(a.For, "sign_in"), code)
		}
	}
	return err
}

func (l *Logins) count(ctx context.Context, a Attempt, check func() error) error {
	login, err := l.Begin(ctx, a.Name, a.Remote)
	if err != nil {
		return err
	}
	outcome := Abandoned
	defer func() { login.End(outcome) }()
	err = check()
	switch {
	case err == nil:
		outcome = Succeeded
	case fault.Is(err, access.BadLogin), fault.Is(err, access.BadCode):
		outcome = Failed
	}
	return err
}

func matches(who staff.User, password string) bool {
	if who.Disabled || who.Kind == staff.Service {
		auth.DummyVerify(password)
		return false
	}
	ok, _ := auth.VerifyPassword(who.Password, password)
	return ok
}
