package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
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

// Permission is what the role must hold.
func (ChangeProduct) Permission() access.Permission { return product.Manage }

// Check refuses a product on which no loan could be granted. A code that no
// product can have is of no product that there is.
func (c ChangeProduct) Check(bank.Rules) error {
	c.Product.Code = "any"
	return checkProduct(c.Product)
}

// Needs the product.
func (c ChangeProduct) Needs(n *bank.Needs) { productByCode.Need(n, c.Product.Code) }

// Decide stages the next version.
func (c ChangeProduct) Decide(b *bank.Book) (product.Product, error) {
	if c.Product.Code == product.SeedCode && c.Product.Defaults().Frequency != schedule.Monthly {
		return product.Product{}, fault.Wrong(fault.At("frequency", product.SeedMonthly))
	}
	versions := productVersions(b, c.Product.Code)
	if len(versions) == 0 {
		return product.Product{}, fault.Refuse(product.NotFound)
	}
	made, err := newVersion(b, c.Product, versions[len(versions)-1].Version+1)
	if err == nil {
		b.Publish(product.ChangedEvent(made))
	}
	return made, err
}
