package clients

import (
	"cmp"
	"slices"

	"sofipo/bank"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// Claims is the table of the values that only one client may have.
var Claims = bank.Declare(bank.Table[claimKey, client.Claim]{
	Name: "client_claims", Rank: 310, Keys: 2,
	Columns: db.Columns[client.Claim]{
		db.TextField("value", func(c *client.Claim) *string { return &c.Value }),
		db.TextField("kind", func(c *client.Claim) *client.ClaimKind { return &c.Kind }),
		db.IDField("client_id", func(c *client.Claim) *id.ID { return &c.Client }),
	},
	Of:      func(c *client.Claim) claimKey { return keyOf(*c) },
	Compare: claimKey.compare,
})

// claimKey is the key of a claim.
type claimKey struct {
	value string
	kind  client.ClaimKind
}

func keyOf(c client.Claim) claimKey { return claimKey{c.Value, c.Kind} }

func (k claimKey) compare(other claimKey) int {
	return cmp.Or(cmp.Compare(k.value, other.value), cmp.Compare(k.kind, other.kind))
}

// Lookups of the claims to a value, and of the claims of a client.
var (
	claimsByValue  = bank.DeclareLookup(bank.Lookup[claimKey, client.Claim, string]{Table: Claims, Column: "value"})
	claimsOfClient = bank.DeclareLookup(bank.Lookup[claimKey, client.Claim, id.ID]{Table: Claims, Column: "client_id"})
)

// needClaims requests the claims to the values of a client. A client of changes has only the
// values that change.
func needClaims(n *bank.Needs, c client.Client) {
	for _, c := range c.Claims() {
		if c.Value != "" {
			claimsByValue.Need(n, c.Value)
		}
	}
}

// claim stages the claims of a client that changes from before to after. A new client has
// nothing before, a deleted one nothing after. Refused if another client has claimed a value.
func claim(b *bank.Book, before, after []client.Claim) error {
	for _, c := range after {
		if held, found := Claims.Get(b, keyOf(c)); found && held.Client != c.Client {
			return fault.Refuse(c.Kind.Taken())
		}
	}
	for _, c := range before {
		if _, found := Claims.Get(b, keyOf(c)); found && !slices.Contains(after, c) {
			Claims.Remove(b, c)
		}
	}
	for _, c := range after {
		if !slices.Contains(before, c) {
			Claims.Add(b, c)
		}
	}
	return nil
}
