package webhooks

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/webhook"
	"sofipo/infra/db"
)

// AddWebhook adds an active webhook, which gets the events from about now on. The caller made
// the secret. Refused with Invalid or webhook.TooManyURLs.
type AddWebhook struct {
	Title, URL string
	Events     []string // types of events; empty: all
	Secret     string

	sequence, count int64 // of the chain; webhooks
}

// Name returns the operation's name.
func (*AddWebhook) Name() string { return "add_webhook" }

// Permission returns the permission that the actor's role must have.
func (*AddWebhook) Permission() access.Permission { return webhook.Manage }

// Check validates the webhook.
func (c *AddWebhook) Check(r bank.Rules) error { return c.webhook().Check(eventTypes(), r.Webhooks) }

func (c *AddWebhook) webhook() webhook.Webhook {
	return webhook.Webhook{Name: c.Title, URL: c.URL, Events: append([]string{}, c.Events...), State: webhook.Active, Secret: c.Secret}
}

// Needs requests the end of the chain and the number of webhooks.
func (c *AddWebhook) Needs(n *bank.Needs) {
	n.Read(func(batch *db.Batch) {
		batch.Query("SELECT sequence, (SELECT count(*) FROM webhooks) FROM chain WHERE id = 1", func(s db.Scanner) error { return s.Scan(&c.sequence, &c.count) })
	})
}

// Decide stages the webhook and its progress.
func (c *AddWebhook) Decide(b *bank.Book) (webhook.Webhook, error) {
	if c.count >= webhook.MaxWebhooks {
		return webhook.Webhook{}, fault.Refuse(webhook.TooManyURLs, "most", webhook.MaxWebhooks)
	}
	made := c.webhook()
	made.ID, made.CreatedBy, made.CreatedAt = b.NewID(), b.Actor(), b.Now()
	Webhooks.Add(b, Stored{Webhook: made})
	Progress.Add(b, webhook.Progress{WebhookID: made.ID, Sequence: c.sequence})
	b.Publish(webhook.AddedEvent(made))
	return made, nil
}
