package lending

import (
	"cmp"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// PromisePayment registers a client's promise to pay an amount until a day. The close of the
// day decides whether it was kept. A loan has at most one promise whose day is not over.
// Refused with Invalid, loan.NotFound, collections.NotCollectable or collections.PromiseOpen.
type PromisePayment struct {
	LoanID id.ID
	Amount money.Amount
	Due    civil.Date
}

// Name returns the operation's name.
func (PromisePayment) Name() string { return "promise_payment" }

// Permission returns the permission that the actor's role must have.
func (PromisePayment) Permission() access.Permission { return collections.Work }

// Check accepts every command: the limits depend on the debt and the business date.
func (PromisePayment) Check(bank.Rules) error { return nil }

// Needs requests the loan and its open promises.
func (c PromisePayment) Needs(n *bank.Needs) {
	needCollection(n, c.LoanID)
	openPromises.Need(n, c.LoanID)
}

// Decide stages the promise.
func (c PromisePayment) Decide(b *bank.Book) (collections.Promise, error) {
	l, err := collectable(b, c.LoanID)
	if err != nil {
		return collections.Promise{}, err
	}
	assigned, _ := Collectors.Get(b, l.ID)
	p := collections.Promise{
		ID: b.NewID(), LoanID: l.ID, ClientID: l.ClientID, Amount: c.Amount, Due: c.Due, Status: collections.Open, After: l.Transactions,
		Collector: cmp.Or(assigned.Collector, b.Actor()), MadeOn: b.Today(), MadeBy: b.Actor(), MadeAt: b.Now(),
	}
	if err := p.Check(debtOn(l, p.Latest(b.Today())), b.Today()); err != nil {
		return collections.Promise{}, err
	}
	for other := range Promises.All(b) {
		if other.LoanID == l.ID && other.Pending(b.Today()) {
			return collections.Promise{}, fault.Refuse(collections.PromiseOpen, "amount", other.Amount, "promised_on", other.Due)
		}
	}
	Promises.Add(b, p)
	b.Publish(collections.PromiseMadeEvent(p))
	return p, nil
}

// debtOn returns the debt of a loan on a day: the payoff amount, or the written-off debt.
func debtOn(l Loan, day civil.Date) money.Amount {
	if l.Status == servicing.WrittenOff {
		return l.Account.WrittenOff.Sum()
	}
	return servicing.PayoffOf(l.Account, civil.Later(day, l.Account.Day)).Total
}
