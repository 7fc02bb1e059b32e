package clients

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
)

// RecordConsent adds a consent that a client gave. Refused with Invalid or client.NotFound.
type RecordConsent struct{ Consent client.Consent }

// Name returns the operation's name.
func (*RecordConsent) Name() string { return "record_consent" }

// Permission returns the permission that the actor's role must have.
func (*RecordConsent) Permission() access.Permission { return client.WriteFile }

// Check validates the consent.
func (c *RecordConsent) Check(bank.Rules) (err error) {
	c.Consent, err = c.Consent.Checked()
	return err
}

// Needs requests the file.
func (c *RecordConsent) Needs(n *bank.Needs) { needFile(n, c.Consent.ClientID) }

// Decide stages the consent.
func (c *RecordConsent) Decide(b *bank.Book) (client.Consent, error) {
	e, err := open(b, c.Consent.ClientID)
	if err != nil {
		return client.Consent{}, err
	}
	made := c.Consent
	if made.GivenOn.IsZero() {
		made.GivenOn = b.Today()
	}
	if made.GivenOn.After(b.Today()) {
		return made, fault.Wrong(fault.At("given_on", fault.NotFuture, "latest", b.Today()))
	}
	made.ID, made.RecordedBy, made.RecordedAt = b.NewID(), b.Actor(), b.Now()
	Consents.Add(b, made)
	e.Consents = append(e.Consents, made)
	return made, e.save(b, c.Name(), []string{"consents"})
}
