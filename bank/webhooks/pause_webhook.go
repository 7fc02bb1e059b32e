package webhooks

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/webhook"
)

// PauseWebhook stops the deliveries of a webhook, which continue with the same event when it is
// resumed. A webhook that is not active stays unchanged. Refused with webhook.NotFound.
type PauseWebhook struct {
	ID   id.ID
	Gone bool // because the receiver answered with status 410
}

// Name returns the operation's name.
func (PauseWebhook) Name() string { return "pause_webhook" }

// Permission returns the permission that the actor's role must have.
func (PauseWebhook) Permission() access.Permission { return webhook.Manage }

// Check accepts every command.
func (PauseWebhook) Check(bank.Rules) error { return nil }

// Needs requests the webhook.
func (c PauseWebhook) Needs(n *bank.Needs) { webhookByID.Need(n, c.ID) }

// Decide stages the change.
func (c PauseWebhook) Decide(b *bank.Book) (webhook.Webhook, error) {
	w, err := find(b, c.ID)
	if err != nil {
		return w.Webhook, err
	}
	b.Subject(w.ID)
	if w.State != webhook.Active {
		return w.Webhook, nil
	}
	if w.State = webhook.Paused; c.Gone {
		w.State = webhook.Gone
	}
	return change(b, w, "state")
}
