package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
)

// RetireProduct withdraws a product. Today becomes the last day of every version, so future
// versions never take effect. Loans already granted do not change. It returns the newest
// version. Refused with product.NotFound, also if the product is already retired.
type RetireProduct struct{ Code string }

// Name returns the operation's name.
func (RetireProduct) Name() string { return "retire_product" }

// Permission returns the permission that the actor's role must have.
func (RetireProduct) Permission() access.Permission { return product.Manage }

// Check accepts every command.
func (RetireProduct) Check(bank.Rules) error { return nil }

// Needs requests the product.
func (c RetireProduct) Needs(n *bank.Needs) { productByCode.Need(n, c.Code) }

// Decide stages the last days.
func (c RetireProduct) Decide(b *bank.Book) (product.Product, error) {
	versions := productVersions(b, c.Code)
	if len(versions) == 0 {
		return product.Product{}, fault.Refuse(product.NotFound)
	}
	ended := 0
	for _, p := range versions {
		if p.To.IsZero() || p.To.After(b.Today()) {
			stored, _ := Products.Get(b, ProductKey{p.Code, p.Version})
			stored.To = b.Today()
			Products.Change(b, stored)
			ended++
		}
	}
	if ended == 0 {
		return product.Product{}, fault.Refuse(product.NotFound).Because(product.RetiredAlready)
	}
	versions = productVersions(b, c.Code)
	newest := versions[len(versions)-1]
	b.Publish(product.RetiredEvent(newest, b.Today()))
	return newest, nil
}
