package bank

import (
	"bytes"
	"slices"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// How each table is written, once for both databases.
var (
	clientInsert = db.Insert("clients", db.ID("id"), db.Text("rfc"), db.Text("email"), db.Text("full_name"), db.Int("loans"), db.Time("created_at"))
	clientUpdate = db.Update("clients", db.ID("id"), db.Text("email"), db.Text("full_name"), db.Int("loans"))

	postingInsert = db.Insert("postings", db.ID("entry_id"), db.Int("line"), db.Text("account"), db.ID("subject"), db.Int("debit"), db.Int("credit"))
	entryInsert   = db.Insert("entries", db.ID("id"), db.Day("business_date"), db.Time("posted_at"), db.Text("kind"), db.ID("reference"), db.ID("reverses"))

	userInsert = db.Insert("users", db.ID("id"), db.Text("username"), db.Text("password"), db.Text("role"), db.Bool("disabled"), db.Time("created_at"), db.Time("password_at"))
	userUpdate = db.Update("users", db.ID("id"), db.Text("password"), db.Text("role"), db.Bool("disabled"), db.Time("password_at"))

	auditInsert  = db.Insert("audit", db.ID("command"), db.Time("at"), db.Text("actor"), db.Text("action"), db.ID("subject"), db.Text("correlation_id"))
	recordInsert = db.Insert("idempotency", db.Text("key"), db.Text("username"), db.Text("operation"), db.Bytes("request_hash"), db.Bytes("answer"), db.Time("created_at"))
	outboxInsert = db.Insert("outbox", db.Text("body"), db.Text("stale"), db.Text("teller"), db.Bytes("layout"))
)

// load queues the queries that fill the book. Rows that may change are locked:
// the closed period, entries by hand, users, clients and loans, each in the order
// of ids, by every writer alike, so that no two wait for each other.
func (b *Book) load(batch *db.Batch, n *Needs) {
	batch.Before(func() {
		clear(b.users)
		clear(b.clients)
		clear(b.loans)
		clear(b.rfcs)
		clear(b.emails)
		clear(b.keys)
		clear(b.products)
		clear(b.movements)
		clear(b.contracts)
		clear(b.posted)
		clear(b.vouchers)
		b.lastDay, b.firstClose, b.firstDay, b.daySums = businessDay{}, civil.Date{}, civil.Date{}, nil
	})
	b.loadDay(batch, n)
	b.loadBooks(batch, n)
	b.loadUsers(batch, n.usernames)
	b.loadClients(batch, n)
	b.loadLoans(batch, n)
	b.loadProducts(batch, n)
	if len(n.keys) > 0 {
		batch.Query("SELECT key, username, operation, request_hash, answer FROM idempotency WHERE key = ANY($1::text[])",
			func(s db.Scanner) error {
				var k recordKey
				var r record
				err := s.Scan(&k.key, &k.username, &k.operation, &r.request, &r.answer)
				b.keys[k] = r
				return err
			}, n.keys)
	}
	if len(n.commands) > 0 {
		batch.Query("SELECT command FROM audit WHERE command = ANY($1::uuid[])",
			func(s db.Scanner) error {
				var command id.ID
				err := s.Scan(&command)
				b.committed[command] = true
				return err
			}, n.commands)
	}
}

func (b *Book) loadUsers(batch *db.Batch, usernames []string) {
	if len(usernames) == 0 {
		return
	}
	batch.Query("SELECT id, username, password, role, disabled, created_at, password_at FROM users WHERE username = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE",
		func(s db.Scanner) error {
			var u staff.User
			err := s.Scan(&u.ID, &u.Username, &u.Password, &u.Role, &u.Disabled, &u.CreatedAt, &u.PasswordAt)
			b.users[u.Username] = &row[staff.User]{value: u}
			return err
		}, usernames)
}

func (b *Book) loadClients(batch *db.Batch, n *Needs) {
	if len(n.clients) > 0 {
		batch.Query("SELECT id, rfc, email, full_name, loans, created_at FROM clients WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE",
			func(s db.Scanner) error {
				var c client.Client
				err := s.Scan(&c.ID, &c.RFC, &c.Email, &c.FullName, &c.Loans, &c.CreatedAt)
				b.clients[c.ID] = &row[client.Client]{value: c}
				b.rfcs[c.RFC], b.emails[c.Email] = c.ID, c.ID
				return err
			}, n.clients)
	}
	owner := func(s db.Scanner) error {
		var c client.Client
		err := s.Scan(&c.ID, &c.RFC, &c.Email)
		b.rfcs[c.RFC], b.emails[c.Email] = c.ID, c.ID
		return err
	}
	if len(n.rfcs) > 0 {
		batch.Query("SELECT id, rfc, email FROM clients WHERE rfc = ANY($1::text[])", owner, n.rfcs)
	}
	if len(n.emails) > 0 {
		batch.Query("SELECT id, rfc, email FROM clients WHERE email = ANY($1::text[])", owner, n.emails)
	}
}

// save queues everything staged. Postings go before their entries, whose
// insertion checks that they balance.
func (b *Book) save(batch *db.Batch) {
	b.saveUsers(batch)
	b.saveClients(batch)
	b.saveProducts(batch)
	b.saveLoans(batch)
	b.saveMovements(batch)
	b.saveEntries(batch)
	b.addAccountDays(batch)
	b.saveBooks(batch)
	b.saveDay(batch)
	batch.Save(b.records)
	batch.Save(b.audit)
	outbox := outboxInsert.Rows()
	for _, told := range b.outbox {
		outbox.Add(told.Body, strings.Join(told.stale, "\n"), b.bank.opts.Teller, told.Layout)
	}
	batch.Save(outbox)
}

func (b *Book) saveUsers(batch *db.Batch) {
	inserts, updates := userInsert.Rows(), userUpdate.Rows()
	for _, r := range sorted(b.users, strings.Compare) {
		switch u := r.value; r.state {
		case added:
			inserts.Add(u.ID, u.Username, u.Password, u.Role, u.Disabled, u.CreatedAt, u.PasswordAt)
		case changed:
			updates.Add(u.ID, u.Password, u.Role, u.Disabled, u.PasswordAt)
		}
	}
	batch.Save(inserts)
	batch.Save(updates)
}

func (b *Book) saveClients(batch *db.Batch) {
	inserts, updates := clientInsert.Rows(), clientUpdate.Rows()
	var removals []id.ID
	for _, r := range sorted(b.clients, byID) {
		switch c := r.value; r.state {
		case added:
			inserts.Add(c.ID, c.RFC, c.Email, c.FullName, int64(c.Loans), c.CreatedAt)
		case changed:
			updates.Add(c.ID, c.Email, c.FullName, int64(c.Loans))
		case removed:
			removals = append(removals, c.ID)
		}
	}
	if len(removals) > 0 {
		batch.Exec("DELETE FROM clients WHERE id = ANY($1::uuid[])", removals)
	}
	batch.Save(updates)
	batch.Save(inserts)
}

func (b *Book) saveEntries(batch *db.Batch) {
	entries, postings := entryInsert.Rows(), postingInsert.Rows()
	for _, e := range b.entries {
		for line, p := range e.Postings {
			postings.Add(e.ID, int64(line), string(p.Account), p.Subject, int64(p.Debit), int64(p.Credit))
		}
		entries.Add(e.ID, e.BusinessDate, e.PostedAt, e.Kind, e.Reference, e.Reverses)
	}
	batch.Save(postings)
	batch.Save(entries)
}

// sorted gives the rows that are to be saved in the order of their keys, so
// that a batch always writes the same way.
func sorted[K comparable, T any](rows map[K]*row[T], compare func(a, b K) int) []*row[T] {
	keys := make([]K, 0, len(rows))
	for k, r := range rows {
		if r.state != loaded {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, compare)
	out := make([]*row[T], len(keys))
	for i, k := range keys {
		out[i] = rows[k]
	}
	return out
}

func byID(a, b id.ID) int { return bytes.Compare(a[:], b[:]) }
