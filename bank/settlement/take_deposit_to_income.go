package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/settlement/incoming"
)

// TakeDepositToIncome writes an unidentified deposit that nobody claimed to income. The person
// who imported it may not do so. Refused with Invalid, access.FourEyes, incoming.NotFound,
// incoming.NotSuspended or, before the end of the term, incoming.TooEarly.
type TakeDepositToIncome struct {
	PaymentID id.ID
	Reason    string

	days int
}

// Name returns the operation's name.
func (*TakeDepositToIncome) Name() string { return "take_deposit_to_income" }

// Permission returns the permission that the actor's role must have.
func (*TakeDepositToIncome) Permission() access.Permission { return incoming.TakeToIncome }

// Check refuses a reason that is empty or too long.
func (c *TakeDepositToIncome) Check(r bank.Rules) error {
	c.days = r.UnclaimedDays
	return incoming.CheckNote("reason", c.Reason)
}

// Needs requests the payment.
func (c *TakeDepositToIncome) Needs(n *bank.Needs) { NeedIncoming(n, c.PaymentID) }

// Authority requires somebody other than the person who imported the payment.
func (c *TakeDepositToIncome) Authority(b *bank.Book) (bank.Authority, error) {
	p, err := FindSuspended(b, c.PaymentID)
	if err != nil {
		return bank.Authority{}, nil // Decide refuses it
	}
	refusal := fault.Refuse(access.FourEyes, "taken_by", p.TakenBy).Because(incoming.NotIncomeBySelf)
	return bank.Authority{Makers: []bank.Makers{{Users: []string{p.TakenBy}, Refusal: refusal}}}, nil
}

// Decide stages the income and its entry.
func (c *TakeDepositToIncome) Decide(b *bank.Book) (incoming.Payment, error) {
	p, err := FindSuspended(b, c.PaymentID)
	if err != nil {
		return p, err
	}
	if earliest := p.TakenOn.AddDays(c.days); b.Today().Before(earliest) {
		return p, fault.Refuse(incoming.TooEarly, "earliest", earliest)
	}
	p = Resolve(b, p, incoming.ToIncome, c.Reason)
	return p, b.Post(incoming.IncomeEntry(booking(b, p), p))
}
