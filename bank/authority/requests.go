// Package authority has the verbs for requests: to file a command for the approval of another
// person, to approve it, which carries it out, to reject it, and to withdraw it.
package authority

import (
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Requests is the table of requests.
var Requests = bank.Declare(bank.Table[id.ID, authority.Request]{
	Name: "requests", Rank: 210,
	Columns: db.Columns[authority.Request]{
		db.IDField("id", func(r *authority.Request) *id.ID { return &r.ID }),
		db.TextField("operation", func(r *authority.Request) *string { return &r.Operation }),
		db.TextField("permission", func(r *authority.Request) *access.Permission { return &r.Permission }),
		db.TextField("command", func(r *authority.Request) *authority.Command { return &r.Command }),
		db.IDField("subject", func(r *authority.Request) *id.ID { return &r.Subject }),
		db.IDField("client_id", func(r *authority.Request) *id.ID { return &r.ClientID }),
		db.IDField("branch_id", func(r *authority.Request) *id.ID { return &r.BranchID }),
		db.TextField("kind", func(r *authority.Request) *staff.Operation { return &r.Limit }),
		db.IntField("exposure", func(r *authority.Request) *money.Amount { return &r.Exposure }),
		db.IntField("days", func(r *authority.Request) *int { return &r.Days }),
		db.TextField("filed_by", func(r *authority.Request) *string { return &r.FiledBy }),
		db.TimeField("filed_at", func(r *authority.Request) *time.Time { return &r.FiledAt }),
		db.TextField("reason", func(r *authority.Request) *string { return &r.Reason }),
		db.DayField("expires_on", func(r *authority.Request) *civil.Date { return &r.ExpiresOn }),
		db.TextField("state", func(r *authority.Request) *authority.State { return &r.State }),
		db.TextField("decided_by", func(r *authority.Request) *string { return &r.DecidedBy }),
		db.TimeField("decided_at", func(r *authority.Request) *time.Time { return &r.DecidedAt }),
		db.TextField("decision", func(r *authority.Request) *string { return &r.Decision }),
	},
	Fixed:   []string{"operation", "permission", "command", "subject", "client_id", "branch_id", "kind", "exposure", "days", "filed_by", "filed_at", "reason", "expires_on"},
	Of:      func(r *authority.Request) id.ID { return r.ID },
	Owner:   func(r *authority.Request) staff.Owner { return staff.Owner{BranchID: r.BranchID, Officer: r.FiledBy} },
	Compare: bank.ByID,
})

var requestByID = bank.DeclareLookup(bank.Lookup[id.ID, authority.Request, id.ID]{Table: Requests, Column: "id", Lock: true})

// decidable returns a request that waits, or false if there is none, which Decide refuses. For
// an operation without a limit it refuses a role without the permission of the operation.
func decidable(b *bank.Book, requestID id.ID) (r authority.Request, waits bool, err error) {
	r, found := Requests.Get(b, requestID)
	switch who := b.Who(); {
	case !found || r.On(b.Today()).State != authority.Waiting:
		return r, false, nil
	case r.Limit == "" && who.Role.Name != "" && !who.Role.May(r.Permission):
		return r, true, fault.Refuse(access.Forbidden, "permission", r.Permission)
	}
	return r, true, nil
}

// filerOf returns who filed a request as the one who may not decide it.
func filerOf(r authority.Request) []bank.Makers {
	return []bank.Makers{{Users: []string{r.FiledBy}, Refusal: fault.Refuse(access.FourEyes, "filed_by", r.FiledBy).Because(authority.OtherPerson)}}
}

// decide stages a decision by the actor, and its event.
func decide(b *bank.Book, requestID id.ID, to authority.State, reason string) (authority.Request, error) {
	r, found := Requests.Get(b, requestID)
	if !found {
		return r, fault.Refuse(authority.RequestNotFound)
	}
	r, err := r.Decide(to, b.Actor(), b.Now(), b.Today())
	if err != nil {
		return r, err
	}
	r.Decision = reason
	Requests.Change(b, r)
	b.Publish(authority.DecidedEvent(r))
	return r, nil
}
