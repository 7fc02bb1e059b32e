package clients

import (
	"sofipo/bank"
	"sofipo/bank/imports"
	"sofipo/core/client"
	"sofipo/core/id"
	core "sofipo/core/imports"
)

// ImportClients takes a chunk of clients from another system. Clients with the ids of stored ones
// change nothing. A client with fields that must be completed is taken nevertheless. The caller
// compares the clients with the lists of blocked persons afterwards; see Rescreen. Refused with
// imports.OtherKind or staff.BranchClosed.
type ImportClients struct {
	imports.Chunk
	Rows []core.Client
}

// Name returns the operation's name.
func (*ImportClients) Name() string { return "import_clients" }

// Check accepts every command: the rows were checked when they were read.
func (*ImportClients) Check(bank.Rules) error { return nil }

// Needs requests the import, the branch, the clients with the ids, and the claims to the values.
func (c *ImportClients) Needs(n *bank.Needs) {
	c.Need(n)
	needBranch(n)
	for _, row := range c.Rows {
		made, _ := row.Registered(row.Since, func(client.ClaimKind, string) bool { return false })
		ByID.Need(n, row.ID)
		needClaims(n, made)
	}
}

// Decide stages the clients.
func (c *ImportClients) Decide(b *bank.Book) (imports.Answer, error) {
	w, err := c.Begin(b)
	if err != nil || w.Again() {
		return w.End(b, nil), err
	}
	for _, row := range c.Rows {
		if Clients.At(b, row.ID) != nil {
			w.Known++
			continue
		}
		made, findings := row.Registered(b.Local(b.Now()), func(kind client.ClaimKind, value string) bool {
			held, found := Claims.Get(b, claimKey{value, kind})
			return found && held.Client != row.ID
		})
		if err := claim(b, nil, made.Claims()); err != nil {
			return imports.Answer{}, err
		}
		if made, err = add(b, made); err != nil {
			return imports.Answer{}, err
		}
		for _, l := range (client.Record{}).Of(made).Lookups() {
			Lookups.Add(b, l)
		}
		w.Take(b, 0, findings)
	}
	return w.End(b, []string{client.ListCacheKey}), nil
}

// ByClaim looks up, and locks, the clients who claim a value.
var ByClaim = bank.DeclareLookup(bank.Lookup[id.ID, client.Client, string]{Table: Clients, Column: "id", Lock: true,
	Via: &bank.Via{Table: "client_claims", Column: "value", Columns: []string{"client_id"}, Own: []string{"id"}}})
