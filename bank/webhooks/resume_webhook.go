package webhooks

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/webhook"
)

// ResumeWebhook continues the deliveries of a webhook with the event that was next when it was
// paused. A webhook that is active stays unchanged. Refused with webhook.NotFound.
type ResumeWebhook struct{ ID id.ID }

// Name returns the operation's name.
func (ResumeWebhook) Name() string { return "resume_webhook" }

// Permission returns the permission that the actor's role must have.
func (ResumeWebhook) Permission() access.Permission { return webhook.Manage }

// Check accepts every command.
func (ResumeWebhook) Check(bank.Rules) error { return nil }

// Needs requests the webhook.
func (c ResumeWebhook) Needs(n *bank.Needs) { webhookByID.Need(n, c.ID) }

// Decide stages the change.
func (c ResumeWebhook) Decide(b *bank.Book) (webhook.Webhook, error) {
	w, err := find(b, c.ID)
	if err != nil {
		return w.Webhook, err
	}
	b.Subject(w.ID)
	if w.State == webhook.Active {
		return w.Webhook, nil
	}
	w.State = webhook.Active
	return change(b, w, "state")
}
