package webhooks

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/webhook"
)

// ReplayDeliveries lets the dead letter of one event, or all of an active webhook, be delivered
// again. Refused with webhook.NotFound, webhook.NotActive, webhook.NoDelivery or webhook.NotDead.
type ReplayDeliveries struct {
	ID      id.ID
	EventID id.ID // zero: all dead letters
}

// Name returns the operation's name.
func (ReplayDeliveries) Name() string { return "replay_webhook" }

// Permission returns the permission that the actor's role must have.
func (ReplayDeliveries) Permission() access.Permission { return webhook.Manage }

// Check accepts every command.
func (ReplayDeliveries) Check(bank.Rules) error { return nil }

// Needs requests the webhook and the delivery.
func (c ReplayDeliveries) Needs(n *bank.Needs) {
	webhookByID.Need(n, c.ID)
	if !c.EventID.IsZero() {
		deliveriesByEvent.Need(n, c.EventID)
	}
}

// Decide stages the replay: the state of the delivery, or the moment up to which all are replayed.
func (c ReplayDeliveries) Decide(b *bank.Book) (webhook.Webhook, error) {
	w, err := findActive(b, c.ID)
	if err != nil {
		return w.Webhook, err
	}
	if c.EventID.IsZero() {
		w.ReplayUntil = b.Now()
		Webhooks.Change(b, w)
	} else {
		d, found := Deliveries.Get(b, delivery{c.ID, c.EventID})
		switch {
		case !found:
			return w.Webhook, fault.Refuse(webhook.NoDelivery)
		case d.State != webhook.Dead:
			return w.Webhook, fault.Refuse(webhook.NotDead, "state", d.State)
		}
		d.State = webhook.Replay
		Deliveries.Change(b, d)
	}
	b.Publish(webhook.ReplayedEvent(w.Webhook, c.EventID))
	return w.Webhook, nil
}
