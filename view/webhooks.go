package view

import (
	"context"

	"sofipo/bank/webhooks"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/webhook"
	"sofipo/infra/db"
)

// WebhookRead is a webhook with how far it is.
type WebhookRead struct {
	Webhook     webhook.Webhook  `json:"webhook"`
	Progress    webhook.Progress `json:"progress"`
	Behind      int64            `json:"behind"`       // events of the chain that it has not passed
	DeadLetters int64            `json:"dead_letters"` // that can be sent again
}

// Webhooks returns all webhooks by name, without the secrets. Refused with access.Forbidden.
func (v *View) Webhooks(ctx context.Context, by By) ([]WebhookRead, error) {
	return v.readWebhooks(ctx, by, "")
}

// Webhook returns a webhook. Refused with access.Forbidden or webhook.NotFound.
func (v *View) Webhook(ctx context.Context, by By, webhookID id.ID) (WebhookRead, error) {
	all, err := v.readWebhooks(ctx, by, " WHERE w.id = $1", webhookID)
	if err == nil && len(all) == 0 {
		err = fault.Refuse(webhook.NotFound)
	}
	if err != nil {
		return WebhookRead{}, err
	}
	return all[0], nil
}

var (
	webhookColumns  = webhooks.Webhooks.Columns.Except("secret", "old_secret")
	progressColumns = webhooks.Progress.Columns
	deliveryColumns = webhooks.Deliveries.Columns
)

func (v *View) readWebhooks(ctx context.Context, by By, where string, args ...any) (all []WebhookRead, err error) {
	if err := by.may(webhook.Read); err != nil {
		return nil, err
	}
	batch := &db.Batch{}
	batch.Query("SELECT "+webhookColumns.List("w")+", "+progressColumns.List("p")+`, (SELECT sequence FROM chain WHERE id = 1) - p.sequence,
		(SELECT count(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state <> 'delivered')
		FROM webhooks w JOIN webhook_progress p ON p.webhook_id = w.id`+where+" ORDER BY w.name, w.id", func(s db.Scanner) error {
		var w webhooks.Stored
		var one WebhookRead
		if err := webhookColumns.Scan(s, &w, append(progressColumns.Places(&one.Progress), &one.Behind, &one.DeadLetters)...); err != nil {
			return err
		}
		err := w.Read()
		one.Webhook = w.Webhook
		all = append(all, one)
		return err
	}, args...)
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}

// DeliveryQuery selects deliveries of a webhook.
type DeliveryQuery struct {
	Webhook id.ID
	Dead    bool // only dead letters
	Paging       // Skip is not used
}

// Deliveries returns a page of the log of deliveries, the newest events first. Refused with
// access.Forbidden or webhook.NotFound.
func (v *View) Deliveries(ctx context.Context, by By, q DeliveryQuery) (Page[webhook.Delivery], error) {
	if _, err := v.Webhook(ctx, by, q.Webhook); err != nil {
		return Page[webhook.Delivery]{}, err
	}
	where, args := "webhook_id = $1", []any{q.Webhook, q.Limit}
	if q.Dead {
		where += " AND state <> 'delivered'"
	}
	if !q.After.IsZero() {
		where, args = where+" AND sequence < (SELECT sequence FROM webhook_deliveries WHERE webhook_id = $1 AND event_id = $3)", append(args, q.After)
	}
	var all []webhook.Delivery
	batch := &db.Batch{}
	batch.Query("SELECT "+deliveryColumns.List("")+" FROM webhook_deliveries WHERE "+where+" ORDER BY sequence DESC LIMIT $2", func(s db.Scanner) error {
		var d webhook.Delivery
		err := deliveryColumns.Scan(s, &d)
		all = append(all, d)
		return err
	}, args...)
	err := v.ask(ctx, by.Need, batch, func() { all = nil })
	return pageOf(all, q.Limit, func(d webhook.Delivery) id.ID { return d.EventID }), err
}
