package bank

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/maypok86/otter/v2"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/nouns"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// guard decides who may give which command. The role is checked before a command is
// queued, what depends on rows inside the batch.
type guard struct {
	bank     *Bank
	users    *otter.Cache[string, seenUser]
	refusals refusals
}

// Guarded is a command whose permission also depends on rows. The guard asks for its
// authority inside the batch, on locked rows, before it decides.
type Guarded interface {
	// Authority is what the guard checks. An error refuses the command; a command that
	// Decide will refuse anyway gives the zero Authority.
	Authority(*Book) (Authority, error)
}

// Authority is what a command needs besides its permission.
type Authority struct {
	Maker   string       // who made what the command decides on: it must be another person
	Refusal *fault.Error // if it is the same; access.FourEyes
}

// authorize is the check point inside the batch.
func authorize(b *Book, c Guarded) error {
	a, err := c.Authority(b)
	if err == nil && a.Refusal != nil && a.Maker == b.Actor() {
		err = a.Refusal
	}
	return err
}

// userMemory is how long a user is known without asking the database: a disabled
// user is out after this time. userOutage is how long while the database is away.
const (
	userMemory = 5 * time.Second
	userOutage = 5 * time.Minute
)

// seenUser is a user as the database had them at a moment; without an id if there was
// none.
type seenUser struct {
	staff.User
	at time.Time
}

// newGuard makes the guard of a bank, on the clock of the machine or on another one.
// With another one no timer writes and no refusal reads the machine's clock: the same
// commands make the same audit lines, however long they take.
func newGuard(b *Bank, machine bool) *guard {
	return &guard{bank: b, refusals: refusals{timed: machine}, users: otter.Must(&otter.Options[string, seenUser]{
		MaximumSize:      10_000,
		ExpiryCalculator: otter.ExpiryWriting[string, seenUser](userOutage),
	})}
}

// User finds a user by name, as the database has them now or had them a few seconds
// ago, or up to five minutes ago while the database does not answer. Refused with
// staff.NotFound or Unavailable. The answer holds the hash of the password.
func (b *Bank) User(ctx context.Context, name string) (staff.User, error) {
	return b.guard.user(ctx, name)
}

// May checks that the role of the one who asks holds the permission, as Do does for
// the permission of its command. A door calls it before it reads a body. Refused with
// access.Forbidden.
func (b *Bank) May(ctx context.Context, by By, p access.Permission) error {
	if by.System {
		return nil
	}
	who, err := b.guard.user(ctx, by.Actor)
	switch {
	case err != nil && !fault.Is(err, staff.NotFound):
		return err
	case err == nil && !who.Disabled && nouns.May(access.Role(who.Role), p):
		return nil
	}
	b.guard.note(ctx, by, string(p), access.Forbidden)
	return fault.Refuse(access.Forbidden, "permission", p)
}

func (g *guard) user(ctx context.Context, name string) (staff.User, error) {
	if !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
		return staff.User{}, fault.Refuse(staff.NotFound) // no name that the database could hold
	}
	now := g.bank.opts.Clock()
	last, found := g.users.GetIfPresent(name)
	if !found || now.Sub(last.at) > userMemory {
		who, err := g.read(ctx, name)
		switch {
		case err == nil:
			last = seenUser{who, now}
			g.users.Set(name, last)
		case !found:
			return who, Unavailable(fault.DatabaseAway, err)
		}
	}
	if last.ID.IsZero() {
		return staff.User{}, fault.Refuse(staff.NotFound)
	}
	return last.User, nil
}

// read asks the primary for a user; one without an id if there is none.
func (g *guard) read(ctx context.Context, name string) (u staff.User, err error) {
	ctx, cancel := context.WithTimeout(ctx, TripTime)
	defer cancel()
	batch := &db.Batch{}
	batch.Before(func() { u = staff.User{} })
	batch.Query("SELECT id, username, password, role, disabled, created_at, password_at FROM users WHERE username = $1", func(s db.Scanner) error {
		return s.Scan(&u.ID, &u.Username, &u.Password, &u.Role, &u.Disabled, &u.CreatedAt, &u.PasswordAt)
	}, name)
	return u, g.bank.opts.DB.ReadPrimary(ctx, batch)
}
