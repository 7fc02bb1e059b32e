package authority

import (
	"cmp"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/fault"
)

// FileRequest files a command for the approval of another person. The command is tried first:
// one that would be refused for another reason than the authority of the actor is refused with
// that reason, and with Invalid.
type FileRequest struct {
	Order  bank.Order
	Reason string
}

// Name returns the operation's name.
func (FileRequest) Name() string { return "file_request" }

// Permission returns the permission of the command.
func (c FileRequest) Permission() access.Permission {
	return cmp.Or(c.Order.Permission, authority.File)
}

// Check validates the reason and the command.
func (c FileRequest) Check(r bank.Rules) error {
	if err := authority.CheckReason(c.Reason, "request_reason"); err != nil {
		return err
	}
	return c.Order.Check(r)
}

// Needs requests what the command needs.
func (c FileRequest) Needs(n *bank.Needs) { c.Order.Needs(n) }

// Decide stages the request.
func (c FileRequest) Decide(b *bank.Book) (authority.Request, error) {
	defer b.OnBehalf(b.Actor())()
	needed, err := c.Order.Authority(b)
	if err != nil {
		return authority.Request{}, err
	}
	if len(needed.Uses) == 0 && !needed.Second {
		return authority.Request{}, fault.Wrong(fault.At("request_reason", authority.NotOneToFile))
	}
	subject, client, err := b.Try(c.Order)
	if err != nil {
		return authority.Request{}, err
	}
	r := authority.Request{
		ID: b.NewID(), Operation: c.Order.Operation, Permission: c.Order.Permission, Command: c.Order.Body, Subject: subject, ClientID: client, BranchID: b.Owner().BranchID,
		FiledBy: b.Actor(), FiledAt: b.Now(), Reason: c.Reason, ExpiresOn: b.Today().AddDays(authority.Days), State: authority.Waiting,
	}
	if len(needed.Uses) > 0 {
		first := needed.Uses[0]
		r.Limit, r.Exposure, r.Days = first.Operation, first.Amount, first.Days
	}
	Requests.Add(b, r)
	b.Publish(authority.FiledEvent(r))
	return r, nil
}
