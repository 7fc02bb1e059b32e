// Package clients has the verbs for clients, and their table.
package clients

import (
	"time"

	"sofipo/bank"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// Clients is the table of clients.
var Clients = bank.Declare(bank.Table[id.ID, client.Client]{
	Name: "clients", Rank: 300,
	Columns: db.Columns[client.Client]{
		db.IDField("id", func(c *client.Client) *id.ID { return &c.ID }),
		db.TextField("rfc", func(c *client.Client) *string { return &c.RFC }),
		db.TextField("email", func(c *client.Client) *string { return &c.Email }),
		db.TextField("full_name", func(c *client.Client) *string { return &c.FullName }),
		db.IntField("loans", func(c *client.Client) *int { return &c.Loans }),
		db.TimeField("created_at", func(c *client.Client) *time.Time { return &c.CreatedAt }),
	},
	Fixed:   []string{"rfc", "created_at"},
	Unique:  map[string]fault.Code{"rfc": client.RFCTaken, "email": client.EmailTaken},
	Of:      func(c *client.Client) id.ID { return c.ID },
	Compare: bank.ByID,
})

// ByID looks up a client by id and locks it.
var ByID = bank.DeclareLookup(bank.Lookup[id.ID, client.Client, id.ID]{Table: Clients, Column: "id", Lock: true})

// Lookups of the client with an RFC or an e-mail address.
var (
	clientByRFC   = bank.DeclareLookup(bank.Lookup[id.ID, client.Client, string]{Table: Clients, Column: "rfc"})
	clientByEmail = bank.DeclareLookup(bank.Lookup[id.ID, client.Client, string]{Table: Clients, Column: "email"})
)

// Find returns a requested client, or client.NotFound.
func Find(b *bank.Book, clientID id.ID) (client.Client, error) {
	if c, found := Clients.Get(b, clientID); found {
		return c, nil
	}
	return client.Client{}, fault.Refuse(client.NotFound)
}

// checkUnique refuses an RFC or an e-mail address that another client has, in this order.
func checkUnique(b *bank.Book, c client.Client) error {
	rfc, email := false, false
	for other := range Clients.All(b) {
		if other.ID != c.ID {
			rfc, email = rfc || other.RFC == c.RFC, email || other.Email == c.Email
		}
	}
	switch {
	case rfc:
		return fault.Refuse(client.RFCTaken)
	case email:
		return fault.Refuse(client.EmailTaken)
	}
	return nil
}
