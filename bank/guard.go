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

// guard checks who may issue a command: the role before the command is queued, and conditions
// on rows inside the batch.
type guard struct {
	bank     *Bank
	users    *otter.Cache[string, seenUser]
	refusals refusals
}

// Guarded is a command with a permission that also depends on rows. The guard calls Authority
// inside the batch, on locked rows, before Decide.
type Guarded interface {
	// Authority returns what the guard must check. An error refuses the command. A command
	// that Decide will refuse anyway returns the zero Authority.
	Authority(*Book) (Authority, error)
}

// Authority is what a command needs besides its permission.
type Authority struct {
	Maker   string       // who made the object that the command decides on; the actor must be somebody else
	Refusal *fault.Error // the refusal if it is the same person, with access.FourEyes
}

// authorize checks a command's authority inside the batch.
func authorize(b *Book, c Guarded) error {
	a, err := c.Authority(b)
	if err == nil && a.Refusal != nil && a.Maker == b.Actor() {
		err = a.Refusal
	}
	return err
}

// userMemory is how long a user is cached; a disabled user loses access after at most this
// time. userOutage is how long a cached user is accepted while the database is unavailable.
const (
	userMemory = 5 * time.Second
	userOutage = 5 * time.Minute
)

// seenUser is a cached user. Its ID is zero if there is no such user.
type seenUser struct {
	staff.User
	at time.Time
}

// newGuard returns the guard of a bank. With a clock other than the machine's, the guard uses
// no timers and never reads the machine's clock, so that the same commands produce the same
// audit rows.
func newGuard(b *Bank, machine bool) *guard {
	return &guard{bank: b, refusals: refusals{timed: machine}, users: otter.Must(&otter.Options[string, seenUser]{
		MaximumSize:      10_000,
		ExpiryCalculator: otter.ExpiryWriting[string, seenUser](userOutage),
	})}
}

// User finds a user by name. The result is at most 5 seconds old, or at most 5 minutes while
// the database is unavailable, and includes the password hash. Refused with staff.NotFound or
// Unavailable.
func (b *Bank) User(ctx context.Context, name string) (staff.User, error) {
	return b.guard.user(ctx, name)
}

// May checks that the actor's role has a permission, as Do does for its command. Callers use
// it before they read a request's body. Refused with access.Forbidden.
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
		return staff.User{}, fault.Refuse(staff.NotFound) // not a string that the database can store
	}
	now := g.bank.clock.now()
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

// read reads a user from the primary database. The ID is zero if there is no such user.
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
