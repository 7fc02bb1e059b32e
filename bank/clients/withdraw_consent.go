package clients

import (
	"slices"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
)

// WithdrawConsent ends a consent on the business date. Refused with client.NotFound,
// client.NoConsent or client.ConsentWithdrawn.
type WithdrawConsent struct{ ID, Consent id.ID }

// Name returns the operation's name.
func (WithdrawConsent) Name() string { return "withdraw_consent" }

// Permission returns the permission that the actor's role must have.
func (WithdrawConsent) Permission() access.Permission { return client.WriteFile }

// Check accepts every command.
func (WithdrawConsent) Check(bank.Rules) error { return nil }

// Needs requests the file.
func (c WithdrawConsent) Needs(n *bank.Needs) { needFile(n, c.ID) }

// Decide stages the withdrawal.
func (c WithdrawConsent) Decide(b *bank.Book) (client.Consent, error) {
	e, err := open(b, c.ID)
	if err != nil {
		return client.Consent{}, err
	}
	at := slices.IndexFunc(e.Consents, func(x client.Consent) bool { return x.ID == c.Consent })
	if at < 0 {
		return client.Consent{}, fault.Refuse(client.NoConsent)
	}
	ended := &e.Consents[at]
	if !ended.WithdrawnOn.IsZero() {
		return *ended, fault.Refuse(client.ConsentWithdrawn)
	}
	ended.WithdrawnOn, ended.WithdrawnBy = b.Today(), b.Actor()
	Consents.Change(b, *ended)
	return *ended, e.save(b, c.Name(), []string{"consents"})
}
