package authority

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/id"
)

// RejectRequest rejects a request that somebody else filed. Refused with Invalid, authority.RequestNotFound or
// RequestDecided or Exceeded, and with access.FourEyes.
type RejectRequest struct {
	ID     id.ID
	Reason string
}

// Name returns the operation's name.
func (RejectRequest) Name() string { return "reject_request" }

// Permission returns the permission that the actor's role must have.
func (RejectRequest) Permission() access.Permission { return authority.Judge }

// Check validates the reason.
func (c RejectRequest) Check(bank.Rules) error { return authority.CheckReason(c.Reason, "reason") }

// Needs requests the request.
func (c RejectRequest) Needs(n *bank.Needs) { requestByID.Need(n, c.ID) }

// Authority requires another person than the one who filed the request, with the limit that its
// approval needs.
func (c RejectRequest) Authority(b *bank.Book) (bank.Authority, error) {
	r, waits, err := decidable(b, c.ID)
	if !waits || err != nil {
		return bank.Authority{}, err
	}
	needed := bank.Authority{Makers: filerOf(r)}
	if r.Limit != "" {
		needed.Uses = []bank.Use{{Operation: r.Limit, Amount: r.Exposure, Days: r.Days}}
	}
	return needed, nil
}

// Decide stages the rejection.
func (c RejectRequest) Decide(b *bank.Book) (authority.Request, error) {
	return decide(b, c.ID, authority.Rejected, c.Reason)
}
