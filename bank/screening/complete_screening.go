package screening

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/screening"
)

// CompleteScreening records that all clients were compared with a version of a list. Refused
// with Invalid if there is no such version.
type CompleteScreening struct {
	List            screening.ListCode
	Version         int
	Clients, Alerts int
}

// Name returns the operation's name.
func (CompleteScreening) Name() string { return "complete_screening" }

// Permission returns the permission that the actor's role must have.
func (CompleteScreening) Permission() access.Permission { return screening.Import }

// Check accepts every command.
func (CompleteScreening) Check(bank.Rules) error { return nil }

// Needs requests the list and its versions.
func (c CompleteScreening) Needs(n *bank.Needs) {
	listByCode.Need(n, string(c.List))
	versionsOf.Need(n, string(c.List))
}

// Decide stages the result.
func (c CompleteScreening) Decide(b *bank.Book) (screening.Version, error) {
	l, _ := Lists.Get(b, c.List)
	v, found := Versions.Get(b, versionKey{c.List, c.Version})
	if !found {
		return screening.Version{}, fault.Wrong(fault.At("version", fault.OneOf, "accepted", []int{l.Version}))
	}
	v.Clients, v.Alerts, v.ScreenedAt = c.Clients, c.Alerts, b.Now()
	Versions.Change(b, v)
	l.Screened = max(l.Screened, c.Version)
	Lists.Change(b, l)
	b.Publish(screening.CompletedEvent(v.Version))
	return v.Version, nil
}
