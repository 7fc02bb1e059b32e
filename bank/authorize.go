package bank

import (
	"context"
	"errors"
	"slices"

	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/nouns"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Guarded is a command with a permission that also depends on rows. The guard calls Authority
// inside the batch, on locked rows, before Decide.
type Guarded interface {
	// Authority returns what the guard must check. An error refuses the command. A command
	// that Decide will refuse anyway returns the zero Authority.
	Authority(*Book) (Authority, error)
}

// Authority is what a command needs besides its permission.
type Authority struct {
	Makers []Makers // who may not carry it out
	Uses   []Use    // operations whose limits the role of the actor must allow; the first one is shown in a request
	Second bool     // the command is only carried out by approving the request of another person
}

// Makers are users who made what a command decides on. Somebody else must carry out the command,
// or one of them within limits. A service account counts as one of them: who has its key would
// otherwise be the second person of the own operations.
type Makers struct {
	Users   []string
	Refusal *fault.Error // the refusal if the actor is one of them, with access.FourEyes
	Alone   []Use        // operations whose limits allow one of them to do it nevertheless; nil: none may
}

// Use is an operation of an amount. Days are those between the value date and the business
// date, for staff.BackDating.
type Use struct {
	Operation staff.Operation
	Amount    money.Amount
	Days      int
}

// usesOf returns the operations whose limits must allow the command to an actor. It refuses a
// maker who may not carry it out.
func (a Authority) usesOf(actor *staff.Member) ([]Use, *fault.Error) {
	uses := a.Uses
	for _, m := range a.Makers {
		switch {
		case actor.User.Kind != staff.Service && !slices.Contains(m.Users, actor.User.Username):
		case m.Alone == nil:
			return nil, m.Refusal
		default:
			uses = slices.Concat(uses, m.Alone)
		}
	}
	return uses, nil
}

// beyond returns the first use that limits do not allow, if any.
func (a Authority) beyond(l staff.Limits) (Use, bool) {
	at := slices.IndexFunc(a.Uses, func(u Use) bool { return !l.Allow(u.Operation, u.Amount, u.Days) })
	if at < 0 {
		return Use{}, false
	}
	return a.Uses[at], true
}

// authorize checks a command's authority inside the batch. The program itself has no limits.
func authorize(b *Book, c Guarded) error {
	a, err := c.Authority(b)
	if err != nil {
		return err
	}
	b.job.needed = a // by somebody who is not a maker
	uses, refused := a.usesOf(b.Who())
	switch a.Uses = uses; {
	case refused != nil && requestable(c):
		return refused.With("file", authority.HowToFile)
	case refused != nil:
		return refused
	case b.job.by.System || b.unlimited():
		return nil
	case a.Second:
		return b.exceeded(c, authority.NeedsRequest, a)
	}
	if use, is := a.beyond(b.Who().Role.Limits); is {
		rule := authority.AboveLimit
		if use.Operation == staff.BackDating && b.Who().Role.Limits.Allow(use.Operation, use.Amount, 0) {
			rule = authority.TooManyDays
		}
		return b.exceeded(c, rule, Authority{Uses: []Use{use}})
	}
	return nil
}

// unlimited reports whether the actor has the role admin where that role has no limits.
func (b *Book) unlimited() bool {
	return b.bank.opts.Rules.FreeAdmin && b.Who().Role.Name == access.Admin
}

// free takes the limits from the role admin where it has none.
func (b *Bank) free(r *staff.Role) {
	if b.opts.Rules.FreeAdmin && r.Name == access.Admin {
		r.Limits = staff.NoLimits()
	}
}

// exceeded returns the refusal of a command that needs more authority than its actor has. The
// authority has the use that is refused.
func (b *Book) exceeded(c Guarded, rule fault.Rule, a Authority) error {
	limits, use := b.Who().Role.Limits, Use{}
	if len(a.Uses) > 0 {
		use = a.Uses[0]
	}
	refused := fault.Refuse(authority.Exceeded, "operation", use.Operation, "limit", limits.Of(use.Operation), "exposure", use.Amount,
		"days", use.Days, "limit_days", limits.BackDatingDays, "approvers", []access.Role{}).Because(rule)
	if b.job.requestable = requestable(c); b.job.requestable {
		refused = refused.With("file", authority.HowToFile)
	}
	return refused
}

// Requested reports whether the command is carried out by approving a request, or is being
// filed as one.
func (b *Book) Requested() bool { return b.filer != "" }

// Maker returns who asked for the command: who filed the request that is carried out, or else
// the actor.
func (b *Book) Maker() string {
	if b.filer != "" {
		return b.filer
	}
	return b.Actor()
}

// OnBehalf makes the command that of a request filed by a user, until the returned function is
// called.
func (b *Book) OnBehalf(filer string) (back func()) {
	before := b.filer
	b.filer = filer
	return func() { b.filer = before }
}

// nameApprovers adds to a refusal for lack of authority the roles that may approve the command.
func (b *Bank) nameApprovers(ctx context.Context, j *job) {
	var refused *fault.Error
	if !errors.As(j.err, &refused) || refused.Code != authority.Exceeded {
		return
	}
	roles, err := b.Roles(ctx)
	if err != nil {
		return // the refusal is right without them
	}
	decides := j.permission
	if j.requestable {
		decides = authority.Judge
	}
	able := []access.Role{}
	for _, r := range roles {
		unlimited := len(j.needed.Uses) == 0 // then the permission of the operation decides
		if _, beyond := j.needed.beyond(r.Limits); !beyond && r.May(decides) && (!unlimited || r.May(j.permission)) {
			able = append(able, r.Name)
		}
	}
	if refused.Values["approvers"] = able; len(able) == 0 {
		refused.Rule = authority.NobodyMay
	}
}

// Roles returns the roles in force: the built-in ones, and those that the institution changed
// or made.
func (b *Bank) Roles(ctx context.Context) (all []staff.Role, err error) {
	batch := &db.Batch{}
	for _, name := range access.Roles() {
		builtIn, _ := nouns.Role(name)
		b.free(&builtIn)
		all = append(all, builtIn)
	}
	var stored []staff.Role
	batch.Before(func() { stored = nil })
	batch.Query("SELECT name, title, permissions, scope, limits FROM roles ORDER BY name", func(s db.Scanner) error {
		var r staff.Role
		var permissions, limits string
		if err := s.Scan(&r.Name, &r.Title, &permissions, &r.Scope, &limits); err != nil {
			return err
		}
		stored = append(stored, r)
		return stored[len(stored)-1].Parse(permissions, limits)
	})
	ctx, cancel := context.WithTimeout(ctx, TripTime)
	defer cancel()
	err = b.opts.DB.ReadPrimary(ctx, batch)
	for _, r := range stored {
		b.free(&r)
		if at := slices.IndexFunc(all, func(o staff.Role) bool { return o.Name == r.Name }); at >= 0 {
			all[at] = r
		} else {
			all = append(all, r)
		}
	}
	return all, err
}
