package webhooks

import (
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/webhook"
)

// RotateSecret replaces the secret of a webhook. The former one signs the deliveries too for some
// hours, so that the receiver can change it meanwhile. The caller made the secret. Refused with
// Invalid or webhook.NotFound.
type RotateSecret struct {
	ID     id.ID
	Secret string
	Hours  int64 // for which the former secret signs too; 0: it ends now
}

// Name returns the operation's name.
func (RotateSecret) Name() string { return "rotate_webhook_secret" }

// Permission returns the permission that the actor's role must have.
func (RotateSecret) Permission() access.Permission { return webhook.Manage }

// Check validates the hours.
func (c RotateSecret) Check(bank.Rules) error {
	if c.Hours < 0 || c.Hours > webhook.MaxOverlap {
		return fault.Wrong(fault.At("hours", webhook.OverlapHours, "most", webhook.MaxOverlap))
	}
	return nil
}

// Needs requests the webhook.
func (c RotateSecret) Needs(n *bank.Needs) { webhookByID.Need(n, c.ID) }

// Decide stages the change.
func (c RotateSecret) Decide(b *bank.Book) (webhook.Webhook, error) {
	w, err := find(b, c.ID)
	if err != nil {
		return w.Webhook, err
	}
	w.OldSecret, w.OldUntil = "", time.Time{}
	if c.Hours > 0 {
		w.OldSecret, w.OldUntil = w.Secret, b.Now().Add(time.Duration(c.Hours)*time.Hour)
	}
	w.Secret = c.Secret
	return change(b, w, "secret")
}
