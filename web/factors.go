package web

import (
	"context"
	"slices"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/authority"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/core/staff"
	"sofipo/infra/auth"
	"sofipo/view"
)

// SecondFactor says which roles need a second factor to sign in.
type SecondFactor string

// The settings. Whoever has a second factor is always asked for a code.
const (
	FactorOff   SecondFactor = "off"   // none
	FactorMoney SecondFactor = "money" // those with a permission of moving
	FactorAll   SecondFactor = "all"
)

// moving has the permissions that move money, or decide that it moves.
var moving = []access.Permission{
	loan.Grant, loan.Approve, loan.Disburse, loan.Service, loan.ReceivePayments, loan.Reverse, loan.Refund,
	settlement.Operate, settlement.Treasury, incoming.Resolve, incoming.TakeToIncome, accounting.Write, authority.Judge,
}

func (f SecondFactor) requires(r staff.Role) bool {
	return f == FactorAll || f == FactorMoney && slices.ContainsFunc(moving, r.May)
}

// Factors signs users in with a password and, if they have one, a second factor. Codes are compared
// by the clock of Logins, which must be the real one, because apps show codes by the real time.
type Factors struct {
	Bank     *bank.Bank
	View     *view.View
	Keys     *auth.Keys
	Logins   *Logins
	Required SecondFactor
}

// SignIn is Logins.LogIn with the second factor. It returns the user also if only the factor is
// missing. Refused as LogIn, or with access.NeedsCode, access.BadCode or access.NeedsFactor.
func (f *Factors) SignIn(ctx context.Context, a Attempt) (staff.User, error) {
	return f.Logins.logIn(ctx, f.View, a, func(who staff.User) error { return f.check(ctx, a) })
}

// Second is SignIn for a user whose password was verified before.
func (f *Factors) Second(ctx context.Context, a Attempt) error {
	return f.Logins.counted(ctx, a, func() error { return f.check(ctx, a) })
}

// check asks for the second factor of a user whose password was verified. The audit has each wrong code.
func (f *Factors) check(ctx context.Context, a Attempt) error {
	username, code := a.Name, a.Code
	factor, err := f.View.Factor(ctx, username)
	if err != nil && !fault.Is(err, staff.FactorNotFound) {
		return err
	}
	if !factor.Confirmed() {
		who, err := f.Bank.Member(ctx, username)
		if err == nil && f.Required.requires(who.Role) {
			err = fault.Refuse(access.NeedsFactor)
		}
		return err
	}
	if code == "" {
		return fault.Refuse(access.NeedsCode)
	}
	used := staffing.UseFactor{Recovery: auth.RecoveryHash(code)}
	if used.Recovery == "" {
		secret, stale, err := f.open(factor)
		if err != nil {
			return err
		}
		var right bool
		if used.Step, right = auth.StepOf(secret, code, f.Logins.clock()); right && stale {
			used.Secret = f.Keys.Seal(purposeOf(username), secret)
		}
	}
	_, err = bank.Do(ctx, f.Bank, bank.By{Actor: username, CorrelationID: a.Correlation}, used)
	return err
}

// purposeOf binds the encrypted secret to its user.
func purposeOf(username string) string { return "second factor of " + username }

func (f *Factors) open(factor staff.Factor) (secret []byte, stale bool, err error) {
	secret, stale, err = f.Keys.Open(purposeOf(factor.Username), factor.Secret)
	if err != nil {
		refusal := fault.Refuse(staff.FactorLocked)
		refusal.Cause = err
		return nil, false, refusal
	}
	return secret, stale, nil
}

// Enrol makes a new secret for a user whose password was verified. Confirm puts it in force. Refused
// with staff.FactorConfirmed.
func (f *Factors) Enrol(ctx context.Context, username string) (auth.Enrolment, error) {
	secret := auth.NewCodeSecret()
	if _, err := bank.Do(ctx, f.Bank, bank.By{Actor: username}, staffing.EnrolFactor{Secret: f.Keys.Seal(purposeOf(username), secret)}); err != nil {
		return auth.Enrolment{}, err
	}
	return f.enrolment(ctx, username, secret)
}

func (f *Factors) enrolment(ctx context.Context, username string, secret []byte) (auth.Enrolment, error) {
	letter, err := f.View.Letterhead(ctx, view.System)
	if err != nil {
		return auth.Enrolment{}, err
	}
	issuer := letter.Name
	if issuer == "" {
		issuer = "sofipo"
	}
	return auth.EnrolmentOf(issuer, username, secret)
}

// Enrolling returns the enrolment that waits for its first code. Refused with staff.FactorNotFound.
func (f *Factors) Enrolling(ctx context.Context, username string) (auth.Enrolment, error) {
	secret, err := f.waiting(ctx, username)
	if err != nil {
		return auth.Enrolment{}, err
	}
	return f.enrolment(ctx, username, secret)
}

func (f *Factors) waiting(ctx context.Context, username string) ([]byte, error) {
	factor, err := f.View.Factor(ctx, username)
	if err != nil {
		return nil, err
	}
	if factor.Confirmed() {
		return nil, fault.Refuse(staff.FactorConfirmed)
	}
	secret, _, err := f.open(factor)
	return secret, err
}

// EnrolBy is Enrol with a password. Refused also with access.BadLogin or access.TooManyAttempts.
func (f *Factors) EnrolBy(ctx context.Context, a Attempt) (made auth.Enrolment, err error) {
	a.For = staffing.EnrolFactor{}.Name()
	_, err = f.Logins.logIn(ctx, f.View, a, func(who staff.User) error {
		made, err = f.Enrol(ctx, who.Username)
		return err
	})
	return made, err
}

// Confirm verifies the first code of a user whose password was verified, and returns the recovery
// codes. A wrong code counts as a wrong password. Refused with access.BadCode, access.TooManyAttempts,
// staff.FactorNotFound or staff.FactorConfirmed.
func (f *Factors) Confirm(ctx context.Context, a Attempt) (codes []string, err error) {
	a.For = staffing.ConfirmFactor{}.Name()
	err = f.Logins.counted(ctx, a, func() error {
		codes, err = f.confirm(ctx, a)
		return err
	})
	return codes, err
}

// ConfirmBy is Confirm with a password. Refused also with access.BadLogin.
func (f *Factors) ConfirmBy(ctx context.Context, a Attempt) (codes []string, err error) {
	a.For = staffing.ConfirmFactor{}.Name()
	_, err = f.Logins.logIn(ctx, f.View, a, func(staff.User) error {
		codes, err = f.confirm(ctx, a)
		return err
	})
	return codes, err
}

func (f *Factors) confirm(ctx context.Context, a Attempt) ([]string, error) {
	secret, err := f.waiting(ctx, a.Name)
	if err != nil {
		return nil, err
	}
	step, right := auth.StepOf(secret, a.Code, f.Logins.clock())
	if !right {
		f.Bank.NoteFailedLogin(ctx, bank.By{Actor: a.Name, CorrelationID: a.Correlation}, a.For, access.BadCode)
		return nil, fault.Refuse(access.BadCode)
	}
	codes, hashes := auth.NewRecoveryCodes(staff.RecoveryCodes)
	if _, err := bank.Do(ctx, f.Bank, bank.By{Actor: a.Name}, staffing.ConfirmFactor{Step: step, Recovery: hashes}); err != nil {
		return nil, err
	}
	return codes, nil
}
