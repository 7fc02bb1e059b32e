// Package clients holds the verbs about clients, and the table of clients.
package clients

import (
	"time"

	"sofipo/bank"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// Clients are the clients by id.
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

// ByID asks for a client, locked.
var ByID = bank.DeclareLookup(bank.Lookup[id.ID, client.Client, id.ID]{Table: Clients, Column: "id", Lock: true})

// Who has an RFC or an e-mail, if anybody.
var (
	clientByRFC   = bank.DeclareLookup(bank.Lookup[id.ID, client.Client, string]{Table: Clients, Column: "rfc"})
	clientByEmail = bank.DeclareLookup(bank.Lookup[id.ID, client.Client, string]{Table: Clients, Column: "email"})
)

// Find gives a client that was asked for, or client.NotFound.
func Find(b *bank.Book, clientID id.ID) (client.Client, error) {
	if c, found := Clients.Get(b, clientID); found {
		return c, nil
	}
	return client.Client{}, fault.Refuse(client.NotFound)
}

// free refuses an RFC or an e-mail that another client has, in this order.
func free(b *bank.Book, c client.Client) error {
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
