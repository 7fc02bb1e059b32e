package bank

import (
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
)

// ChangeProduct gives a product a new version, in force from a day on: today if it
// names none, never before. It holds all choices anew and is granted from its
// first day, whatever the versions before it say; those stay as they are, and so
// do the loans that were granted on them. A retired product is offered again.
// Refused with Invalid or ProductNotFound.
type ChangeProduct struct{ Product product.Product }

// Name is the operation.
func (ChangeProduct) Name() string { return "change_product" }

// Check refuses a product on which no loan could be granted. A code that no
// product can have is of no product that there is.
func (c ChangeProduct) Check(Rules) error {
	c.Product.Code = "any"
	return checkProduct(c.Product)
}

// Needs the product.
func (c ChangeProduct) Needs(n *Needs) { n.Product(c.Product.Code) }

// Decide stages the next version.
func (c ChangeProduct) Decide(b *Book) (product.Product, error) {
	if c.Product.Code == product.SeedCode && c.Product.Defaults().Frequency != schedule.Monthly {
		return product.Product{}, fault.InField("frequency", "must be monthly for the default product, whose loans are asked for in months", "value_error", nil)
	}
	versions := b.Products(c.Product.Code)
	if len(versions) == 0 {
		return product.Product{}, productNotFound()
	}
	made, err := b.newVersion(c.Product, versions[len(versions)-1].Version+1)
	if err == nil {
		b.Tell(product.ChangedEvent(made))
	}
	return made, err
}
