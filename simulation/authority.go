package simulation

import (
	"encoding/json"
	"slices"

	"sofipo/bank"
	deciding "sofipo/bank/authority"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/fault"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/nouns"
	"sofipo/core/staff"
)

// founder is the operator at the command line, who adds the branches and users. All other
// commands are those of a user.
const founder = staff.CommandLine

// as returns the user, or the founder, as the actor of a command.
func as(actor string) bank.By { return bank.By{Actor: actor, System: actor == founder} }

// member is a user with the role, by the simulation's own record.
type member struct {
	user User
	role staff.Role
}

// members returns all users by name.
func members() map[string]member {
	all := map[string]member{}
	for _, u := range append(Users(), User{Name: administrator, Role: access.Admin}) {
		role, _ := nouns.Role(u.Role)
		all[u.Name] = member{u, role}
	}
	return all
}

// covers reports whether a client is in the scope of the user.
func (m member) covers(b *borrower) bool {
	switch m.role.Scope {
	case staff.All:
		return true
	case staff.OfBranch:
		return m.user.Branch == b.branch.Code
	}
	return slices.ContainsFunc(b.loans, func(c *trackedLoan) bool { return c.collector == m.user.Name })
}

// allows reports whether the limits of a user allow all uses.
func (s *institution) allows(user string, uses []bank.Use) bool {
	limits := s.members[user].role.Limits
	return !slices.ContainsFunc(uses, func(u bank.Use) bool { return !limits.Allow(u.Operation, u.Amount, u.Days) })
}

// exposure returns what the institution has at risk with a client: applications, outstanding
// principal, and written-off debt. The close of yesterday rolled the loans to that day.
func (s *institution) exposure(b *borrower) (sum money.Amount) {
	for _, c := range b.loans {
		switch status := c.status(); {
		case servicing.Pending(status):
			sum += c.amount
		case status == servicing.WrittenOff:
			sum += c.account.WrittenOff.Sum()
		default:
			rolled := c.account
			if s.twin == nil { // where days are closed
				rolled, _ = servicing.Roll(c.account, s.today.AddDays(-1))
			}
			sum += rolled.Outstanding
		}
	}
	return sum
}

// exposed returns a function with the use of an operation that counts the client's exposure,
// and further operations of the same amount.
func (s *institution) exposed(b *borrower, more money.Amount, operations ...staff.Operation) func() []bank.Use {
	return func() (uses []bank.Use) {
		amount := s.exposure(b) + more
		for _, o := range operations {
			uses = append(uses, bank.Use{Operation: o, Amount: amount})
		}
		return uses
	}
}

// matter is an operation that needs authority.
type matter[A any] struct {
	command bank.Command[A]
	branch  *branch
	actor   string            // carries it out if the limits allow it, or else files it as a request
	uses    func() []bank.Use // what it needs now, by the simulation's own record
	open    func() bool       // whether it can still be done when the request is decided
	reason  string            // of the request
	then    func(A) error     // handles the answer
	dropped func()            // called when the request is rejected or withdrawn; may be nil
	risk    *borrower         // the client, for whom one in ten requests is rejected; nil: none is
}

// act carries out a matter within the limits of the actor. Beyond them the bank must refuse,
// and instead is called: it files the matter, or gives it to somebody else.
func act[A any](s *institution, m matter[A], instead func()) {
	enqueue(s, as(m.actor), m.command, func(r bank.Receipt[A], err error) error {
		uses := m.uses()
		switch within := s.allows(m.actor, uses); {
		case err == nil && within:
			return m.then(r.Answer)
		case err == nil:
			return s.breach(forbidden, "%s did %s %+v, which needs %v", m.actor, m.command.Name(), m.command, uses)
		case within || !fault.Is(err, authority.Exceeded):
			return s.breach(allowed, "%s %+v of %s was refused: %s", m.command.Name(), m.command, m.actor, err)
		}
		s.report.Refused++
		instead()
		return nil
	}).alone = true
}

// actOrFile carries out a matter, or files it as a request if it is beyond the actor's limits.
func actOrFile[A any](s *institution, m matter[A]) { act(s, m, func() { file(s, m) }) }

// file files a matter as a request. Somebody else decides it on the next business day.
func file[A any](s *institution, m matter[A]) {
	order, _ := bank.OrderOf(m.command)
	submit(s, m.actor, deciding.FileRequest{Order: order, Reason: m.reason}, func(filed authority.Request) error {
		s.report.Requests++
		if maker := s.members[m.actor]; maker.role.May(authority.Judge) {
			submitRefused(s, m.actor, access.FourEyes, deciding.ApproveRequest{ID: filed.ID, Order: order})
		}
		s.in(1, func() { decide(s, m, order, filed) })
		return nil
	})
}

// decide approves or rejects a request. The filer withdraws it if nothing is left to do, and
// files it again if it needs more than it shows.
func decide[A any](s *institution, m matter[A], order bank.Order, filed authority.Request) {
	withdraw := func() {
		submit(s, m.actor, deciding.WithdrawRequest{ID: filed.ID, Reason: "La situación cambió."}, ignore)
	}
	if !m.open() {
		withdraw()
		m.drop()
		return
	}
	needed := m.uses() // and at least what the request shows
	for i := range needed {
		needed[i].Amount = max(needed[i].Amount, filed.Exposure)
	}
	judge := s.judge(m.actor, m.branch, needed)
	if m.risk != nil && happens(m.risk.rng, 10) {
		submit(s, judge, deciding.RejectRequest{ID: filed.ID, Reason: "Endeudamiento alto; buscar otra solución con el cliente."}, func(authority.Request) error {
			s.audit.judges[filed.ID] = judge
			m.drop()
			return nil
		})
		return
	}
	enqueue(s, as(judge), deciding.ApproveRequest{ID: filed.ID, Order: order, Reason: "Conforme a la política de crédito."}, func(r bank.Receipt[deciding.Carried], err error) error {
		uses := m.uses()
		grown := uses[0].Amount > filed.Exposure
		switch within := s.allows(judge, uses); {
		case err == nil && (grown || !within):
			return s.breach(forbidden, "%s approved the request %s, which needs %v", judge, filed.ID, uses)
		case err == nil:
			s.audit.judges[filed.ID] = judge
			var answer A
			if err := json.Unmarshal(r.Answer.Answer, &answer); err != nil {
				return s.breach(followed, "request %s has the answer %s: %s", filed.ID, r.Answer.Answer, err)
			}
			return m.then(answer)
		case grown && fault.Is(err, authority.RequestOutdated):
			s.report.Refused++
			withdraw()
			file(s, m)
			return nil
		case m.open():
			return s.breach(allowed, "the approval of %s %+v by %s was refused: %s", m.command.Name(), m.command, judge, err)
		}
		s.report.Refused++
		withdraw()
		m.drop()
		return nil
	})
}

func (m matter[A]) drop() {
	if m.dropped != nil {
		m.dropped()
	}
}

// judge returns who decides a matter: the manager of the branch, the accountant, or the
// director, the first who did not file it and has the limits.
func (s *institution) judge(filer string, of *branch, uses []bank.Use) string {
	for _, judge := range []string{of.staff("gerente"), accountant} {
		if judge != filer && s.allows(judge, uses) {
			return judge
		}
	}
	return head
}
