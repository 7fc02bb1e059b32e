package bank

import (
	"strings"

	"sofipo/infra/db"
)

var outboxInsert = db.Insert("outbox", db.Text("body"), db.Text("stale"), db.Text("node"), db.Bytes("layout"))

// saveOutbox queues the events. The relay publishes them after the commit.
func (b *Book) saveOutbox(batch *db.Batch) {
	rows := outboxInsert.Room(len(b.outbox))
	for _, m := range b.outbox {
		rows.Add(m.Body, strings.Join(m.stale, "\n"), b.bank.opts.Node, m.Layout)
	}
	batch.Save(rows)
}
