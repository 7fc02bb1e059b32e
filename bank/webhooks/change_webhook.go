package webhooks

import (
	"slices"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/webhook"
)

// ChangeWebhook changes the name, the address or the types of events of a webhook. A nil field
// stays unchanged. Refused with Invalid or webhook.NotFound.
type ChangeWebhook struct {
	ID         id.ID
	Title, URL *string
	Events     *[]string // empty: all
}

// Name returns the operation's name.
func (ChangeWebhook) Name() string { return "change_webhook" }

// Permission returns the permission that the actor's role must have.
func (ChangeWebhook) Permission() access.Permission { return webhook.Manage }

// Check validates the new values.
func (c ChangeWebhook) Check(r bank.Rules) error {
	w, _ := c.change(webhook.Webhook{Name: "-", URL: "https://example.com"})
	return w.Check(eventTypes(), r.Webhooks)
}

// change returns the webhook with the new values, and the names of the fields that differ.
func (c ChangeWebhook) change(w webhook.Webhook) (_ webhook.Webhook, fields []string) {
	if c.Title != nil && *c.Title != w.Name {
		w.Name, fields = *c.Title, append(fields, "name")
	}
	if c.URL != nil && *c.URL != w.URL {
		w.URL, fields = *c.URL, append(fields, "url")
	}
	if c.Events != nil && !slices.Equal(*c.Events, w.Events) {
		w.Events, fields = append([]string{}, *c.Events...), append(fields, "events")
	}
	return w, fields
}

// Needs requests the webhook.
func (c ChangeWebhook) Needs(n *bank.Needs) { webhookByID.Need(n, c.ID) }

// Decide stages the change, if there is one.
func (c ChangeWebhook) Decide(b *bank.Book) (webhook.Webhook, error) {
	w, err := find(b, c.ID)
	if err != nil {
		return w.Webhook, err
	}
	b.Subject(w.ID)
	changed, fields := c.change(w.Webhook)
	if len(fields) == 0 {
		return w.Webhook, nil
	}
	w.Webhook = changed
	return change(b, w, fields...)
}
