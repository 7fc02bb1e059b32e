package lending

import (
	"errors"
	"slices"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
)

// CreateProduct offers a new product, in force from a day on: today if it names
// none, never before. It gets version 1. Refused with Invalid or ProductExists.
type CreateProduct struct{ Product product.Product }

// Name is the operation.
func (CreateProduct) Name() string { return "create_product" }

// Permission is what the role must hold.
func (CreateProduct) Permission() access.Permission { return product.Manage }

// Check refuses a product on which no loan could be granted.
func (c CreateProduct) Check(bank.Rules) error { return checkProduct(c.Product) }

// Needs the product, which must not be there.
func (c CreateProduct) Needs(n *bank.Needs) { productByCode.Need(n, c.Product.Code) }

// Decide stages the first version.
func (c CreateProduct) Decide(b *bank.Book) (product.Product, error) {
	if len(productVersions(b, c.Product.Code)) > 0 {
		return product.Product{}, fault.Refuse(product.Exists)
	}
	made, err := newVersion(b, c.Product, 1)
	if err == nil {
		b.Publish(product.CreatedEvent(made))
	}
	return made, err
}

// checkProduct is Check of a product that has no version yet, and maybe no first day.
func checkProduct(p product.Product) error {
	p.Version, p.To = 1, civil.Date{}
	if p.From.IsZero() {
		p.From = civil.Date{Year: 2000, Month: 1, Day: 1} // today, which is known later
	}
	var all []fault.Flaw
	for _, err := range []error{p.CheckName(), p.Check()} {
		var refusal *fault.Error
		switch {
		case errors.As(err, &refusal):
			all = append(all, refusal.Flaws...)
		case err != nil:
			return err
		}
	}
	if len(all) > 0 {
		return fault.Wrong(all...)
	}
	return nil
}

// newVersion stages a version of a product that begins today or later, with every
// default.
func newVersion(b *bank.Book, p product.Product, version int) (product.Product, error) {
	p = p.Defaults()
	p.Version, p.To = version, civil.Date{}
	if p.From.IsZero() {
		p.From = b.Today()
	}
	if p.From.Before(b.Today()) {
		return p, fault.Wrong(fault.At("effective_from", product.FromToday, "earliest", b.Today()))
	}
	Products.Add(b, Product{Product: p, CreatedAt: b.Now(), CreatedBy: b.Actor()})
	return p, nil
}

// productVersions are the versions of a product that was asked for, the first one
// first; none if there is no such product.
func productVersions(b *bank.Book, code string) (list []product.Product) {
	for p := range Products.All(b) {
		if p.Code == code {
			list = append(list, p.Product)
		}
	}
	slices.SortFunc(list, func(x, y product.Product) int { return x.Version - y.Version })
	return list
}
