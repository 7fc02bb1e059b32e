package bank

import (
	"context"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/maypok86/otter/v2"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/nouns"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// guard checks who may issue a command: the role before the command is queued, and conditions
// on rows inside the batch.
type guard struct {
	bank     *Bank
	members  *otter.Cache[string, seenMember]
	keys     apiKeys
	sessions *otter.Cache[id.ID, seenSession]
	refusals refusals
	branches atomic.Pointer[map[id.ID]string] // names, read with each member
}

// branchName returns the code and the name of a branch, or its id if it was opened in the last
// seconds.
func (g *guard) branchName(branch id.ID) string {
	if known := g.branches.Load(); known != nil && (*known)[branch] != "" {
		return (*known)[branch]
	}
	return branch.String()
}

// inScope refuses a command on a client or a loan outside the scope of the actor's role.
func (b *Book) inScope(j *job) error {
	if j.who.Role.Scope == staff.All {
		return nil
	}
	for _, row := range j.needs.owned {
		if o, found := row.owner(b); found {
			o.Assigned = row.isActors
			if err := j.who.Covers(o, b.bank.guard.branchName); err != nil {
				return err
			}
		}
	}
	return nil
}

// Owner returns the owner of the first row with an owner that the command may change, or that
// of new clients of the actor if there is none.
func (b *Book) Owner() staff.Owner {
	for _, row := range b.job.needs.owned {
		if o, found := row.owner(b); found {
			return o
		}
	}
	return staff.Owner{BranchID: b.Who().User.BranchID}
}

// Covers refuses an owner outside the scope of the actor's role, for commands that give a client
// to somebody.
func (b *Book) Covers(o staff.Owner) error {
	return b.Who().Covers(o, b.bank.guard.branchName)
}

// CoversBranch refuses a till or another row of a branch that is not the actor's, unless the
// actor's role covers the institution.
func (b *Book) CoversBranch(branchID id.ID) error {
	if who := b.Who(); who.Role.Scope == staff.All || who.User.BranchID == branchID {
		return nil
	}
	return fault.Refuse(staff.OutOfScope, "branch", b.bank.guard.branchName(branchID)).Because(staff.OtherBranch)
}

// userMemory is how long a user with the role is cached; a disabled user, or one with a lower
// role, loses access after at most this time. userOutage is how long a cached user is accepted
// while the database is unavailable.
const (
	userMemory = 5 * time.Second
	userOutage = 5 * time.Minute
)

// seenMember is a cached member. The user's ID is zero if there is no such user.
type seenMember struct {
	staff.Member
	at time.Time
}

// seenSession is a cached session. The username is empty if there is no such session.
type seenSession struct {
	staff.Session
	at time.Time
}

// newGuard returns the guard of a bank. With a clock other than the machine's, or if the bank is
// paced, the guard uses no timers and never reads the machine's clock, so that the same commands
// produce the same audit rows.
func newGuard(b *Bank, machine bool) *guard {
	return &guard{bank: b, refusals: refusals{timed: machine}, members: otter.Must(&otter.Options[string, seenMember]{
		MaximumSize:      10_000,
		ExpiryCalculator: otter.ExpiryWriting[string, seenMember](userOutage),
	}), sessions: otter.Must(&otter.Options[id.ID, seenSession]{
		MaximumSize:      10_000,
		ExpiryCalculator: otter.ExpiryWriting[id.ID, seenSession](userOutage),
	})}
}

// Member finds a user by name, with the role in force. The result is at most 5 seconds old, or
// at most 5 minutes while the database is unavailable, and includes the password hash. Refused
// with staff.NotFound or Unavailable.
func (b *Bank) Member(ctx context.Context, name string) (staff.Member, error) {
	return b.guard.member(ctx, name)
}

// InSession reports whether a session is open for its user. The answer is at most 5 seconds old,
// or at most 5 minutes while the database is unavailable. Refused with Unavailable.
func (b *Bank) InSession(ctx context.Context, sessionID id.ID, u staff.User) (bool, error) {
	now := b.clock.now()
	last, found := b.guard.sessions.GetIfPresent(sessionID)
	if !found || now.Sub(last.at) > userMemory {
		s, err := b.guard.readSession(ctx, sessionID)
		switch {
		case err == nil:
			last = seenSession{s, now}
			b.guard.sessions.Set(sessionID, last)
		case !found:
			return false, Unavailable(fault.DatabaseAway, err)
		}
	}
	return last.Username == u.Username && last.Open(now, u.PasswordAt), nil
}

// readSession reads what Open needs of a session from the primary database. The username is empty
// if there is no such session.
func (g *guard) readSession(ctx context.Context, sessionID id.ID) (s staff.Session, err error) {
	ctx, cancel := context.WithTimeout(ctx, TripTime)
	defer cancel()
	batch := &db.Batch{}
	batch.Before(func() { s = staff.Session{} })
	batch.Query("SELECT username, opened_at, expires_at, ended_at FROM sessions WHERE id = $1", func(row db.Scanner) error {
		return row.Scan(&s.Username, &s.OpenedAt, &s.ExpiresAt, &s.EndedAt)
	}, sessionID)
	err = g.bank.opts.DB.ReadPrimary(ctx, batch)
	return s, err
}

// May checks that the actor's role has a permission, as Do does for its command. Callers use
// it before they read a request's body. Refused with access.Forbidden.
func (b *Bank) May(ctx context.Context, by By, p access.Permission) error {
	_, err := b.admit(ctx, by, p)
	return err
}

// admit returns the actor, if the actor's role has the permission. The program itself may do
// everything.
func (b *Bank) admit(ctx context.Context, by By, p access.Permission) (*staff.Member, error) {
	if by.System {
		return program(by), nil
	}
	who, err := b.guard.actor(ctx, by)
	switch {
	case err != nil && !fault.Is(err, staff.NotFound):
		return nil, err
	case err == nil && !who.User.Disabled && who.Role.May(p):
		return &who, nil
	}
	b.guard.note(ctx, by, string(p), access.Forbidden)
	return nil, fault.Refuse(access.Forbidden, "permission", p)
}

// actor returns who gives a command: a user, or a service account with the permissions of the
// API key.
func (g *guard) actor(ctx context.Context, by By) (staff.Member, error) {
	if by.APIKey.IsZero() {
		return g.member(ctx, by.Actor)
	}
	k, err := g.key(ctx, by.APIKey)
	if err != nil {
		return staff.Member{}, err
	}
	return g.holder(ctx, k)
}

// program returns the program itself as the actor of a command: it acts everywhere, for the
// head office.
func program(by By) *staff.Member {
	return &staff.Member{User: staff.User{Username: by.Actor, BranchID: staff.HeadOffice}, Role: staff.Role{Scope: staff.All}}
}

func (g *guard) member(ctx context.Context, name string) (staff.Member, error) {
	if !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
		return staff.Member{}, fault.Refuse(staff.NotFound) // not a string that the database can store
	}
	now := g.bank.clock.now()
	last, found := g.members.GetIfPresent(name)
	if !found || now.Sub(last.at) > userMemory {
		who, err := g.read(ctx, name)
		switch {
		case err == nil:
			last = seenMember{who, now}
			g.members.Set(name, last)
		case !found:
			return who, Unavailable(fault.DatabaseAway, err)
		}
	}
	if last.User.ID.IsZero() {
		return staff.Member{}, fault.Refuse(staff.NotFound)
	}
	return last.Member, nil
}

// read reads a user and the role from the primary database. The user's ID is zero if there is
// no such user. A built-in role that the institution did not change is not in the table.
func (g *guard) read(ctx context.Context, name string) (m staff.Member, err error) {
	ctx, cancel := context.WithTimeout(ctx, TripTime)
	defer cancel()
	batch := &db.Batch{}
	names := map[id.ID]string{}
	batch.Before(func() { m = staff.Member{} })
	batch.Query("SELECT id, code, name FROM branches", func(s db.Scanner) error {
		var branch id.ID
		var code, name string
		err := s.Scan(&branch, &code, &name)
		names[branch] = code + " " + name
		return err
	})
	batch.Query(`SELECT u.id, u.username, u.kind, u.password, u.full_name, u.role, u.branch_id, u.disabled, u.created_at, u.password_at, u.password_by, u.language, u.theme, u.roomy, u.no_keys,
			coalesce(r.name, ''), coalesce(r.title, ''), coalesce(r.permissions, ''), coalesce(r.scope, ''), coalesce(r.limits, '')
		FROM users u LEFT JOIN roles r ON r.name = u.role WHERE u.username = $1`, func(s db.Scanner) error {
		u, r := &m.User, &m.Role
		var permissions, limits string
		err := s.Scan(&u.ID, &u.Username, &u.Kind, &u.Password, &u.FullName, &u.Role, &u.BranchID, &u.Disabled, &u.CreatedAt, &u.PasswordAt, &u.PasswordBy,
			&u.Preferences.Language, &u.Preferences.Theme, &u.Preferences.Roomy, &u.Preferences.NoKeys,
			&r.Name, &r.Title, &permissions, &r.Scope, &limits)
		if err != nil {
			return err
		}
		if r.Name == "" {
			m.Role, _ = nouns.Role(access.Role(u.Role))
		} else if err := r.Parse(permissions, limits); err != nil {
			return err
		}
		g.bank.free(r)
		return nil
	}, name)
	if err := g.bank.opts.DB.ReadPrimary(ctx, batch); err != nil {
		return m, err
	}
	g.branches.Store(&names)
	return m, nil
}
