package authority

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/fault"
	"sofipo/core/id"
)

// WithdrawRequest withdraws a request that the actor filed. Refused with
// authority.RequestNotFound or RequestDecided, and with access.FourEyes for somebody else's.
type WithdrawRequest struct {
	ID     id.ID
	Reason string // may be empty
}

// Name returns the operation's name.
func (WithdrawRequest) Name() string { return "withdraw_request" }

// Permission returns the permission that the actor's role must have.
func (WithdrawRequest) Permission() access.Permission { return authority.File }

// Check validates the reason.
func (c WithdrawRequest) Check(bank.Rules) error { return checkDecision(c.Reason) }

// Needs requests the request.
func (c WithdrawRequest) Needs(n *bank.Needs) { requestByID.Need(n, c.ID) }

// Authority requires the person who filed the request.
func (c WithdrawRequest) Authority(b *bank.Book) (bank.Authority, error) {
	if r, found := Requests.Get(b, c.ID); found && r.FiledBy != b.Actor() {
		return bank.Authority{}, fault.Refuse(access.FourEyes, "filed_by", r.FiledBy).Because(authority.OnlyFiler)
	}
	return bank.Authority{}, nil
}

// Decide stages the withdrawal.
func (c WithdrawRequest) Decide(b *bank.Book) (authority.Request, error) {
	return decide(b, c.ID, authority.Withdrawn, c.Reason)
}
