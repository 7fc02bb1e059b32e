package webhooks

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/webhook"
)

// RemoveWebhook removes a webhook. The log of its deliveries and its dead letters are deleted.
// Refused with webhook.NotFound.
type RemoveWebhook struct{ ID id.ID }

// Name returns the operation's name.
func (RemoveWebhook) Name() string { return "remove_webhook" }

// Permission returns the permission that the actor's role must have.
func (RemoveWebhook) Permission() access.Permission { return webhook.Manage }

// Check accepts every command.
func (RemoveWebhook) Check(bank.Rules) error { return nil }

// Needs requests the webhook and its progress.
func (c RemoveWebhook) Needs(n *bank.Needs) {
	webhookByID.Need(n, c.ID)
	progressByID.Need(n, c.ID)
}

// Decide stages the removal. The deliverer deletes the log.
func (c RemoveWebhook) Decide(b *bank.Book) (webhook.Webhook, error) {
	w, err := find(b, c.ID)
	if err != nil {
		return w.Webhook, err
	}
	Webhooks.Remove(b, w)
	if p, found := Progress.Get(b, c.ID); found {
		Progress.Remove(b, p)
	}
	b.Publish(webhook.RemovedEvent(w.Webhook))
	return w.Webhook, nil
}
