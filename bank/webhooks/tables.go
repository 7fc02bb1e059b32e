// Package webhooks has the commands on webhooks, and delivers the published events to them.
package webhooks

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/nouns"
	"sofipo/core/webhook"
	"sofipo/infra/db"
)

// Stored is the stored row of a webhook.
type Stored struct {
	webhook.Webhook
	events string
}

// Read completes a webhook that was read from its row.
func (w *Stored) Read() error { return w.ParseEvents(w.events) }

var sealing = db.Sealing[Stored]{Table: "webhooks", Column: "id", Owner: func(w *Stored) string { return w.ID.String() }}

// Webhooks is the table of webhooks.
var Webhooks = bank.Declare(bank.Table[id.ID, Stored]{
	Name: "webhooks", Rank: 610,
	Columns: db.Columns[Stored]{
		db.IDField("id", func(w *Stored) *id.ID { return &w.ID }),
		db.TextField("name", func(w *Stored) *string { return &w.Name }),
		db.TextField("url", func(w *Stored) *string { return &w.URL }),
		db.TextField("events", func(w *Stored) *string { return &w.events }),
		db.TextField("state", func(w *Stored) *webhook.State { return &w.State }),
		db.SealedField("secret", sealing, func(w *Stored) *string { return &w.Secret }),
		db.SealedField("old_secret", sealing, func(w *Stored) *string { return &w.OldSecret }),
		db.TimeField("old_until", func(w *Stored) *time.Time { return &w.OldUntil }),
		db.TimeField("replay_until", func(w *Stored) *time.Time { return &w.ReplayUntil }),
		db.TextField("created_by", func(w *Stored) *string { return &w.CreatedBy }),
		db.TimeField("created_at", func(w *Stored) *time.Time { return &w.CreatedAt }),
	},
	Fixed:   []string{"created_by", "created_at"},
	Of:      func(w *Stored) id.ID { return w.ID },
	Compare: bank.ByID,
	Read:    (*Stored).Read,
	Write:   func(w *Stored) { w.events = list(w.Events) },
})

func list(names []string) string {
	text, err := json.Marshal(append([]string{}, names...))
	if err != nil {
		panic(err) // cannot fail: strings
	}
	return string(text)
}

// Progress is the table of how far each webhook is. AddWebhook begins it; afterwards only the
// deliverer changes it.
var Progress = bank.Declare(bank.Table[id.ID, webhook.Progress]{
	Name: "webhook_progress", Rank: 611,
	Columns: db.Columns[webhook.Progress]{
		db.IDField("webhook_id", func(p *webhook.Progress) *id.ID { return &p.WebhookID }),
		db.IntField("sequence", func(p *webhook.Progress) *int64 { return &p.Sequence }),
		db.IntField("attempts", func(p *webhook.Progress) *int64 { return &p.Attempts }),
		db.TimeField("first_failed", func(p *webhook.Progress) *time.Time { return &p.FirstFailed }),
		db.IntField("status", func(p *webhook.Progress) *int64 { return &p.Status }),
		db.TextField("problem", func(p *webhook.Progress) *string { return &p.Problem }),
		db.IntField("missed", func(p *webhook.Progress) *int64 { return &p.Missed }),
	},
	Of:      func(p *webhook.Progress) id.ID { return p.WebhookID },
	Compare: bank.ByID,
})

// delivery identifies a delivery.
type delivery struct{ webhook, event id.ID }

// Deliveries is the table of the log of deliveries. The deliverer writes it; a replay changes the
// state of a row.
var Deliveries = bank.Declare(bank.Table[delivery, webhook.Delivery]{
	Name: "webhook_deliveries", Rank: 612, Keys: 2,
	Columns: db.Columns[webhook.Delivery]{
		db.IDField("webhook_id", func(d *webhook.Delivery) *id.ID { return &d.WebhookID }),
		db.IDField("event_id", func(d *webhook.Delivery) *id.ID { return &d.EventID }),
		db.TextField("event_type", func(d *webhook.Delivery) *string { return &d.EventType }),
		db.IntField("sequence", func(d *webhook.Delivery) *int64 { return &d.Sequence }),
		db.TextField("state", func(d *webhook.Delivery) *webhook.DeliveryState { return &d.State }),
		db.IntField("attempts", func(d *webhook.Delivery) *int64 { return &d.Attempts }),
		db.IntField("status", func(d *webhook.Delivery) *int64 { return &d.Status }),
		db.IntField("duration_ms", func(d *webhook.Delivery) *int64 { return &d.DurationMS }),
		db.TextField("problem", func(d *webhook.Delivery) *string { return &d.Problem }),
		db.TimeField("at", func(d *webhook.Delivery) *time.Time { return &d.At }),
	},
	Fixed: []string{"event_type", "sequence", "attempts", "status", "duration_ms", "problem", "at"},
	Of:    func(d *webhook.Delivery) delivery { return delivery{d.WebhookID, d.EventID} },
	Compare: func(a, b delivery) int {
		return cmp.Or(strings.Compare(a.webhook.String(), b.webhook.String()), strings.Compare(a.event.String(), b.event.String()))
	},
})

var (
	webhookByID       = bank.DeclareLookup(bank.Lookup[id.ID, Stored, id.ID]{Table: Webhooks, Column: "id", Lock: true})
	progressByID      = bank.DeclareLookup(bank.Lookup[id.ID, webhook.Progress, id.ID]{Table: Progress, Column: "webhook_id", Lock: true})
	deliveriesByEvent = bank.DeclareLookup(bank.Lookup[delivery, webhook.Delivery, id.ID]{Table: Deliveries, Column: "event_id", Lock: true})
)

// find returns a requested webhook, or refuses with webhook.NotFound.
func find(b *bank.Book, webhookID id.ID) (Stored, error) {
	w, found := Webhooks.Get(b, webhookID)
	if !found {
		return w, fault.Refuse(webhook.NotFound)
	}
	return w, nil
}

// change stages a webhook with changed fields, and returns it.
func change(b *bank.Book, w Stored, fields ...string) (webhook.Webhook, error) {
	Webhooks.Change(b, w)
	b.Publish(webhook.ChangedEvent(w.Webhook, fields...))
	return w.Webhook, nil
}

// eventTypes returns the types of all events.
func eventTypes() []string {
	all := nouns.Events()
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = d.Name()
	}
	return names
}
