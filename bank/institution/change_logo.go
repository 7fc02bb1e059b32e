package institution

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/institution"
)

// ChangeLogo stores the institution's logo in place of the former one. Refused with Invalid.
type ChangeLogo struct {
	Content []byte // of a PNG or JPEG file

	checked institution.Logo
}

// Name returns the operation's name.
func (*ChangeLogo) Name() string { return "change_logo" }

// Permission returns the permission that the actor's role must have.
func (*ChangeLogo) Permission() access.Permission { return institution.Manage }

// Check decodes the image.
func (c *ChangeLogo) Check(bank.Rules) (err error) {
	c.checked, err = institution.NewLogo(c.Content)
	return err
}

// Needs requests the logo.
func (c *ChangeLogo) Needs(n *bank.Needs) { onlyLogo.Need(n, institution.ID) }

// Decide stages the logo.
func (c *ChangeLogo) Decide(b *bank.Book) (institution.Logo, error) {
	l := Logo{institution.ID, c.checked}
	l.ChangedBy, l.ChangedAt = b.Actor(), b.Now()
	if _, stored := Logos.Get(b, institution.ID); stored {
		Logos.Change(b, l)
	} else {
		Logos.Add(b, l)
	}
	b.Publish(institution.LogoChangedEvent(l.Logo))
	return l.Logo, nil
}
