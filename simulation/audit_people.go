package simulation

import (
	"context"
	"slices"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// The invariants of people.
const (
	entitled = "nobody acts without the permission or outside the scope"
	recorded = "the audit names who did what"
	judged   = "somebody else with the authority decides each request"
)

// deed is an operation of a user.
type deed struct{ actor, operation string }

// closeParts are the parts of a close. A close has as many of each as its loans need.
var closeParts = []string{"close_slice", "decide_promises"}

// beginClose begins a close, or goes on with one that was interrupted.
const beginClose = "begin_close"

// permit records the permission of an operation. Some operations have several.
func (a *audit) permit(operation string, p access.Permission) {
	if !slices.Contains(a.needs[operation], p) {
		a.needs[operation] = append(a.needs[operation], p)
	}
}

// did records commands that were not started by enqueue.
func (a *audit) did(actor, operation string, p access.Permission, times int) {
	a.permit(operation, p)
	a.done[deed{actor, operation}] += times
}

// deedsFor is the number of times that the audit has a deed for a client.
type deedsFor struct {
	deed
	client id.ID // zero: the institution
	times  int
}

// readDeeds queries the audit rows since an id, without refusals. The result is filled when the
// batch has run.
func (s *institution) readDeeds(batch *db.Batch, since id.ID) *[]deedsFor {
	all := &[]deedsFor{}
	batch.Query("SELECT actor, action, client_id, count(*) FROM journal WHERE id >= $1 AND actor IS NOT NULL AND refusal IS NULL GROUP BY actor, action, client_id", func(r db.Scanner) error {
		var d deedsFor
		err := r.Scan(&d.actor, &d.operation, &d.client, &d.times)
		*all = append(*all, d)
		return err
	}, since)
	return all
}

// auditPeople checks that each audit row of the day names a user with the permission, and the
// client in the scope, and that the rows are those of the commands.
func (s *institution) auditPeople(all *[]deedsFor) error {
	found := map[deed]int{}
	for _, d := range *all {
		found[d.deed] += d.times
		if d.actor == founder && s.day == 1 {
			continue
		}
		who := s.members[d.actor]
		if !slices.ContainsFunc(s.audit.needs[d.operation], who.role.May) {
			return s.breach(entitled, "%q, who is %q, did %s, which needs %v", d.actor, who.user.Role, d.operation, s.audit.needs[d.operation])
		}
		if b := s.clients[d.client]; b != nil && !who.covers(b) {
			return s.breach(entitled, "%s did %s for the client %s of branch %s", d.actor, d.operation, d.client, b.branch.Code)
		}
	}
	for _, of := range []map[deed]int{found, s.audit.done} {
		for d := range of {
			if found[d] != s.audit.done[d] && !slices.Contains(closeParts, d.operation) && (s.faults == nil || d.operation != beginClose) {
				return s.breach(recorded, "%s did %s %d times, the audit has %d", d.actor, d.operation, s.audit.done[d], found[d])
			}
		}
	}
	return nil
}

// auditRequests checks who decided each request: not the maker, and somebody with the limit.
func (s *institution) auditRequests(ctx context.Context) error {
	var broken *Breach
	batch := &db.Batch{}
	batch.Before(func() { broken = nil })
	batch.Query("SELECT id, kind, exposure, days, filed_by, decided_by, state FROM requests WHERE decided_by IS NOT NULL ORDER BY id", func(r db.Scanner) error {
		var q authority.Request
		if err := r.Scan(&q.ID, &q.Limit, &q.Exposure, &q.Days, &q.FiledBy, &q.DecidedBy, &q.State); err != nil {
			return err
		}
		uses := []bank.Use{{Operation: q.Limit, Amount: q.Exposure, Days: q.Days}}
		judge := s.members[q.DecidedBy]
		switch decided := q.State == authority.Approved || q.State == authority.Rejected; {
		case decided && (q.DecidedBy == q.FiledBy || !judge.role.May(authority.Judge) || !s.allows(q.DecidedBy, uses)):
			broken = s.breach(judged, "request %s of %s for %s is %s by %s", q.ID, q.FiledBy, q.Limit, q.State, q.DecidedBy)
		case decided && q.DecidedBy != s.audit.judges[q.ID], !decided && s.audit.judges[q.ID] != "":
			broken = s.breach(judged, "request %s is %s by %s, want the decision of %q", q.ID, q.State, q.DecidedBy, s.audit.judges[q.ID])
		}
		return nil
	})
	if err := s.DB.ReadPrimary(ctx, batch); err != nil || broken == nil {
		return err
	}
	return broken
}
