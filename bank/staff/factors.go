package staff

import (
	"slices"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Factors is the table of second factors.
var Factors = bank.Declare(bank.Table[string, staff.Factor]{
	Name: "factors", Rank: 206,
	Columns: db.Columns[staff.Factor]{
		db.TextField("username", func(f *staff.Factor) *string { return &f.Username }),
		db.BytesField("secret", func(f *staff.Factor) *[]byte { return &f.Secret }),
		db.TimeField("confirmed_at", func(f *staff.Factor) *time.Time { return &f.ConfirmedAt }),
		db.IntField("used_step", func(f *staff.Factor) *int64 { return &f.UsedStep }),
		db.TextField("recovery", func(f *staff.Factor) *string { return &f.Recovery }),
		db.IntField("wrong_codes", func(f *staff.Factor) *int64 { return &f.WrongCodes }),
		db.TimeField("wrong_at", func(f *staff.Factor) *time.Time { return &f.WrongAt }),
	},
	Of:      func(f *staff.Factor) string { return f.Username },
	Compare: strings.Compare,
})

var factorByName = bank.DeclareLookup(bank.Lookup[string, staff.Factor, string]{Table: Factors, Column: "username", Lock: true})

// own returns the actor's factor, which is not confirmed or confirmed as wanted.
func own(b *bank.Book, confirmed bool) (staff.Factor, error) {
	f, found := Factors.Get(b, b.Actor())
	switch {
	case found && f.Confirmed() && !confirmed:
		return f, fault.Refuse(staff.FactorConfirmed)
	case !found || f.Confirmed() != confirmed:
		return f, fault.Refuse(staff.FactorNotFound)
	}
	return f, nil
}

// subject makes the actor's user what the command is about.
func subject(b *bank.Book) error {
	u, err := find(b, b.Actor())
	b.Subject(u.ID)
	return err
}

// EnrolFactor stores the encrypted secret of a new second factor of the actor. ConfirmFactor puts it
// in force. Refused with staff.FactorConfirmed.
type EnrolFactor struct{ Secret []byte }

// Name returns the operation's name.
func (EnrolFactor) Name() string { return "enrol_factor" }

// Permission returns the permission that the actor's role must have.
func (EnrolFactor) Permission() access.Permission { return access.Own }

// Check accepts every command.
func (EnrolFactor) Check(bank.Rules) error { return nil }

// Needs requests the user and the factor.
func (EnrolFactor) Needs(n *bank.Needs) { needFactor(n, n.Actor()) }

func needFactor(n *bank.Needs, username string) {
	userByName.Need(n, username)
	factorByName.Need(n, username)
}

// Decide stages the factor.
func (c EnrolFactor) Decide(b *bank.Book) (staff.FactorState, error) {
	fresh := staff.Factor{Username: b.Actor(), Secret: c.Secret}
	if old, found := Factors.Get(b, b.Actor()); !found {
		Factors.Add(b, fresh)
	} else if old.Confirmed() {
		return staff.FactorState{}, fault.Refuse(staff.FactorConfirmed)
	} else {
		Factors.Change(b, fresh)
	}
	return staff.FactorState{Username: b.Actor()}, subject(b)
}

// ConfirmFactor puts the actor's second factor in force. The caller has verified the code of the
// step. Recovery has the SHA-256 of the recovery codes. Refused with staff.FactorConfirmed or
// staff.FactorNotFound.
type ConfirmFactor struct {
	Step     int64
	Recovery []string
}

// Name returns the operation's name.
func (ConfirmFactor) Name() string { return "confirm_factor" }

// Permission returns the permission that the actor's role must have.
func (ConfirmFactor) Permission() access.Permission { return access.Own }

// Check accepts every command.
func (ConfirmFactor) Check(bank.Rules) error { return nil }

// Needs requests the user and the factor.
func (ConfirmFactor) Needs(n *bank.Needs) { needFactor(n, n.Actor()) }

// Decide stages the change.
func (c ConfirmFactor) Decide(b *bank.Book) (staff.FactorState, error) {
	f, err := own(b, false)
	if err != nil {
		return staff.FactorState{}, err
	}
	f.ConfirmedAt, f.UsedStep, f.Recovery = b.Now(), c.Step, strings.Join(c.Recovery, " ")
	Factors.Change(b, f)
	return staff.FactorState{Username: f.Username, ConfirmedAt: f.ConfirmedAt}, subject(b)
}

// UseFactor uses a code of the actor's second factor: the code of a step, or the recovery code with
// a SHA-256. A new Secret replaces the encrypted one. Refused with access.BadCode if the code is wrong,
// which has no step, or was used before; wrong codes are counted in the row, so that all nodes bound
// them together. Refused with access.TooManyAttempts during the pause after wrong codes.
type UseFactor struct {
	Step     int64
	Recovery string
	Secret   []byte
}

// Name returns the operation's name.
func (UseFactor) Name() string { return "use_factor" }

// Permission returns the permission that the actor's role must have.
func (UseFactor) Permission() access.Permission { return access.Own }

// Check accepts every command.
func (UseFactor) Check(bank.Rules) error { return nil }

// Needs requests the user and the factor.
func (UseFactor) Needs(n *bank.Needs) { needFactor(n, n.Actor()) }

// Decide stages the use.
func (c UseFactor) Decide(b *bank.Book) (staff.FactorState, error) {
	f, err := own(b, true)
	if err != nil {
		return staff.FactorState{}, err
	}
	if pause := f.Pause(b.Now()); pause > 0 {
		return staff.FactorState{}, fault.Refuse(access.TooManyAttempts, "retry_after", int64((pause+time.Second-1)/time.Second))
	}
	wrong := f
	wrong.WrongCodes, wrong.WrongAt = f.WrongCodes+1, b.Now()
	b.IfRefused(func(b *bank.Book) { Factors.Change(b, wrong) })
	f.WrongCodes = 0
	if left := strings.Fields(f.Recovery); c.Recovery != "" {
		at := slices.Index(left, c.Recovery)
		if at < 0 {
			return staff.FactorState{}, fault.Refuse(access.BadCode)
		}
		f.Recovery = strings.Join(slices.Delete(left, at, at+1), " ")
	} else if c.Step <= f.UsedStep {
		return staff.FactorState{}, fault.Refuse(access.BadCode)
	} else {
		f.UsedStep = c.Step
	}
	if c.Secret != nil {
		f.Secret = c.Secret
	}
	Factors.Change(b, f)
	return staff.FactorState{Username: f.Username, ConfirmedAt: f.ConfirmedAt}, subject(b)
}

// ResetFactor removes a user's second factor and ends the user's sessions and tokens. As with a
// password that somebody else sets, a person who does it disables the user, and another person
// must enable the user. Refused with staff.NotFound, staff.FactorNotFound or staff.LastAdmin.
type ResetFactor struct{ Username string }

// Name returns the operation's name.
func (ResetFactor) Name() string { return "reset_factor" }

// Permission returns the permission that the actor's role must have.
func (ResetFactor) Permission() access.Permission { return staff.Manage }

// Check accepts every command.
func (ResetFactor) Check(bank.Rules) error { return nil }

// Needs requests the user with the factor, and the administrators.
func (c ResetFactor) Needs(n *bank.Needs) {
	needFactor(n, c.Username)
	usersOfRole.Need(n, string(access.Admin))
}

// Decide stages the change.
func (c ResetFactor) Decide(b *bank.Book) (staff.User, error) {
	found, err := find(b, c.Username)
	if err != nil {
		return found, err
	}
	f, known := Factors.Get(b, c.Username)
	if !known {
		return found, fault.Refuse(staff.FactorNotFound)
	}
	Factors.Remove(b, f)
	before := found
	found.PasswordAt = b.Now()
	if person := b.Who().Role.Name != ""; person {
		found.Disabled = true
		found.AddMaker(b.Actor())
	}
	Users.Change(b, found)
	if err := leavesAdmin(b, before); err != nil {
		return found, err
	}
	b.Subject(found.ID)
	if found.Disabled && !before.Disabled {
		b.Publish(staff.UserDisabledEvent(found))
	}
	return found, nil
}
