package bank

import (
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

// Check has nothing to refuse.
func (RetireProduct) Check(Rules) error { return nil }

// Needs the product.
func (c RetireProduct) Needs(n *Needs) { n.Product(c.Code) }

// Decide stages the last days.
func (c RetireProduct) Decide(b *Book) (product.Product, error) {
	versions := b.Products(c.Code)
	if len(versions) == 0 {
		return product.Product{}, productNotFound()
	}
	ended := 0
	for _, p := range versions {
		if p.To.IsZero() || p.To.After(b.Today()) {
			b.EndProduct(p.Code, p.Version, b.Today())
			ended++
		}
	}
	if ended == 0 {
		return product.Product{}, fault.New(fault.ProductNotFound, "Product not found: it is retired already", "Producto no encontrado: ya fue retirado")
	}
	versions = b.Products(c.Code)
	newest := versions[len(versions)-1]
	b.Tell(product.RetiredEvent(newest, b.Today()))
	return newest, nil
}
