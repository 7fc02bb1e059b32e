// Package clients has the verbs for clients, and their table.
package clients

import (
	"time"

	"sofipo/bank"
	branches "sofipo/bank/staff"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/names"
	"sofipo/core/staff"
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
		db.IDField("branch_id", func(c *client.Client) *id.ID { return &c.BranchID }),
		db.TextField("officer", func(c *client.Client) *string { return &c.Officer }),
		db.TimeField("created_at", func(c *client.Client) *time.Time { return &c.CreatedAt }),
		db.IntField("number", func(c *client.Client) *folio.Number { return &c.Number }),
		db.TextField("data_state", func(c *client.Client) *client.DataState { return &c.Data }),
		db.TextField("names", func(c *client.Client) *string { return &c.Names }),
	},
	Fixed:    []string{"created_at", "number"},
	Derived:  []string{"names"},
	Of:       func(c *client.Client) id.ID { return c.ID },
	Owner:    func(c *client.Client) staff.Owner { return staff.Owner{BranchID: c.BranchID, Officer: c.Officer} },
	Stale:    func(c *client.Client) []string { return c.StaleKeys() },
	Assigned: "SELECT EXISTS (SELECT 1 FROM loan_collectors WHERE client_id = $1 AND collector = $2)",
	Compare:  bank.ByID,
	Write:    func(c *client.Client) { c.Names = names.Plain(c.FullName) },
	Follow:   followScreening,
})

// ByID looks up a client by id and locks it.
var ByID = bank.DeclareLookup(bank.Lookup[id.ID, client.Client, id.ID]{Table: Clients, Column: "id", Lock: true})

// Find returns a requested client whose data are in use. Refused with client.NotFound or
// client.Withheld.
func Find(b *bank.Book, clientID id.ID) (client.Client, error) {
	c, found := Clients.Get(b, clientID)
	switch {
	case !found:
		return c, fault.Refuse(client.NotFound)
	case c.Data != client.DataInUse:
		return c, fault.Refuse(client.Withheld)
	}
	return c, nil
}

// needBranch requests the branch that gets a new client of the actor. It is locked in share mode,
// so that it is not closed meanwhile. The head office, which is never closed, needs no request.
func needBranch(n *bank.Needs) {
	if branch, _ := n.Who().Assigns(); !staff.IsHeadOffice(branch) {
		branches.NeedBranchID(n, branch)
	}
}

// add stages a new client, with a number, the branch and the officer. The branch must have been
// requested with needBranch. It is refused with staff.BranchClosed if the branch is closed.
func add(b *bank.Book, c client.Client) (client.Client, error) {
	c.BranchID, c.Officer = b.Who().Assigns()
	if !staff.IsHeadOffice(c.BranchID) && !branches.IsOpen(b, c.BranchID) {
		return c, fault.Refuse(staff.BranchClosed).Because(staff.OwnBranch)
	}
	c.Number = b.Folio(folio.Client, c.BranchID)
	Clients.Add(b, c)
	return c, nil
}

// rulesOf returns the settings for the data of clients.
func rulesOf(r bank.Rules) client.Rules {
	return client.Rules{RFC: r.RFC, EmptyName: r.EmptyNames}
}
