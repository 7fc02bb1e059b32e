package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
)

// RetireProduct ends a product: today is the last day of the versions in force,
// and those to come never begin (their last day is before their first). Loans
// that were granted stay as they are. Refused with ProductNotFound, also if no
// version was in force after today. It answers with the newest version.
type RetireProduct struct{ Code string }

// Name is the operation.
func (RetireProduct) Name() string { return "retire_product" }

// Permission is what the role must hold.
func (RetireProduct) Permission() access.Permission { return product.Manage }

// Check has nothing to refuse.
func (RetireProduct) Check(bank.Rules) error { return nil }

// Needs the product.
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
