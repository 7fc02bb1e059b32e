package lending

import (
	"sofipo/bank"
	"sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
)

// AssignCollector makes a user the collector of a loan in any state, or nobody if Collector is
// empty. An assignment that is already so changes nothing. Refused with loan.NotFound or
// collections.CollectorUnknown.
type AssignCollector struct {
	LoanID    id.ID
	Collector string // user name
}

// Name returns the operation's name.
func (AssignCollector) Name() string { return "assign_collector" }

// Permission returns the permission that the actor's role must have.
func (AssignCollector) Permission() access.Permission { return collections.Assign }

// Check accepts every command.
func (AssignCollector) Check(bank.Rules) error { return nil }

// Needs requests the loan, its collector and the user.
func (c AssignCollector) Needs(n *bank.Needs) {
	needCollection(n, c.LoanID)
	if c.Collector != "" {
		userByName.Need(n, c.Collector)
	}
}

// Decide stages the assignment.
func (c AssignCollector) Decide(b *bank.Book) (collections.Assignment, error) {
	l, err := Find(b, c.LoanID)
	if err != nil {
		return collections.Assignment{}, err
	}
	if c.Collector != "" {
		u, found := staff.Users.Get(b, c.Collector)
		if !found || u.Disabled {
			return collections.Assignment{}, fault.Refuse(collections.CollectorUnknown, "collector", c.Collector)
		}
	}
	before, known := Collectors.Get(b, l.ID)
	made := collections.Assignment{LoanID: l.ID, ClientID: l.ClientID, Collector: c.Collector, AssignedBy: b.Actor(), AssignedAt: b.Now()}
	switch {
	case before.Collector == c.Collector:
		b.Subject(l.ID)
		made.AssignedBy, made.AssignedAt = before.AssignedBy, before.AssignedAt
		return made, nil
	case c.Collector == "":
		Collectors.Remove(b, before)
	case known:
		Collectors.Change(b, made)
	default:
		Collectors.Add(b, made)
	}
	b.Publish(collections.CollectorAssignedEvent(made, before.Collector))
	return made, nil
}
