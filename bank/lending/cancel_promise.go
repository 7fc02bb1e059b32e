package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
)

// CancelPromise cancels an open promise whose day is not over. Refused with Invalid,
// loan.NotFound, collections.PromiseNotFound or collections.PromiseDecided.
type CancelPromise struct {
	LoanID    id.ID
	PromiseID id.ID
	Reason    string
}

// Name returns the operation's name.
func (CancelPromise) Name() string { return "cancel_promise" }

// Permission returns the permission that the actor's role must have.
func (CancelPromise) Permission() access.Permission { return collections.Work }

// Check limits the length of the reason.
func (c CancelPromise) Check(bank.Rules) error { return checkReason(c.Reason) }

// Needs requests the loan and the promise.
func (c CancelPromise) Needs(n *bank.Needs) {
	needCollection(n, c.LoanID)
	promiseByID.Need(n, c.PromiseID)
}

// Decide stages the cancellation.
func (c CancelPromise) Decide(b *bank.Book) (collections.Promise, error) {
	if _, err := Find(b, c.LoanID); err != nil {
		return collections.Promise{}, err
	}
	p, found := Promises.Get(b, c.PromiseID)
	switch {
	case !found || p.LoanID != c.LoanID:
		return p, fault.Refuse(collections.PromiseNotFound)
	case !p.Pending(b.Today()):
		return p, fault.Refuse(collections.PromiseDecided, "promise_status", p.Status, "promised_on", p.Due)
	}
	p = p.Cancel(c.Reason, b.Today())
	Promises.Change(b, p)
	b.Publish(collections.PromiseCancelledEvent(p))
	return p, nil
}
