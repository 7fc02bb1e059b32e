package webhooks

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/webhook"
)

// TestWebhook publishes a test event for an active webhook. It is delivered after the events
// before it, as any event is. Refused with webhook.NotFound or webhook.NotActive.
type TestWebhook struct{ ID id.ID }

// Name returns the operation's name.
func (TestWebhook) Name() string { return "test_webhook" }

// Permission returns the permission that the actor's role must have.
func (TestWebhook) Permission() access.Permission { return webhook.Manage }

// Check accepts every command.
func (TestWebhook) Check(bank.Rules) error { return nil }

// Needs requests the webhook.
func (c TestWebhook) Needs(n *bank.Needs) { webhookByID.Need(n, c.ID) }

// Decide publishes the event.
func (c TestWebhook) Decide(b *bank.Book) (webhook.Webhook, error) {
	w, err := findActive(b, c.ID)
	if err == nil {
		b.Publish(webhook.TestedEvent(w.Webhook))
	}
	return w.Webhook, err
}

// findActive returns a requested webhook that is active.
func findActive(b *bank.Book, webhookID id.ID) (Stored, error) {
	w, err := find(b, webhookID)
	if err == nil && w.State != webhook.Active {
		err = fault.Refuse(webhook.NotActive)
	}
	return w, err
}
