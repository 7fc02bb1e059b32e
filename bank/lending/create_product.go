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

// CreateProduct adds a product with version 1. It takes effect on its From date: today if
// zero, never earlier. Refused with Invalid or product.Exists.
type CreateProduct struct{ Product product.Product }

// Name returns the operation's name.
func (CreateProduct) Name() string { return "create_product" }

// Permission returns the permission that the actor's role must have.
func (CreateProduct) Permission() access.Permission { return product.Manage }

// Check refuses a product on which no loan could be granted.
func (c CreateProduct) Check(bank.Rules) error { return checkProduct(c.Product) }

// Needs requests the product, which must not exist.
func (c CreateProduct) Needs(n *bank.Needs) { productByCode.Need(n, c.Product.Code) }

// Decide stages the first version.
func (c CreateProduct) Decide(b *bank.Book) (product.Product, error) {
	if len(productVersions(b, c.Product.Code)) > 0 {
		return product.Product{}, fault.Refuse(product.Exists)
	}
	made, err := nextVersion(b, c.Product, 1)
	if err != nil {
		return made, err
	}
	addVersion(b, made)
	b.Publish(product.CreatedEvent(made))
	return made, nil
}

// checkProduct checks a product that has no version number yet and may have no From date.
func checkProduct(p product.Product) error {
	p.Version, p.To = 1, civil.Date{}
	if p.From.IsZero() {
		p.From = civil.Date{Year: 2000, Month: 1, Day: 1} // stands for today, which Check does not know
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

// nextVersion returns a product version with all defaults filled in. It must begin today or
// later.
func nextVersion(b *bank.Book, p product.Product, version int) (product.Product, error) {
	p = p.Defaults()
	p.Version, p.To = version, civil.Date{}
	if p.From.IsZero() {
		p.From = b.Today()
	}
	if p.From.Before(b.Today()) {
		return p, fault.Wrong(fault.At("effective_from", product.FromToday, "earliest", b.Today()))
	}
	return p, nil
}

// addVersion stages a product version.
func addVersion(b *bank.Book, p product.Product) {
	Products.Add(b, Product{Product: p, CreatedAt: b.Now(), CreatedBy: b.Actor()})
}

// productVersions returns the versions of a requested product, oldest first; none if there is
// no such product.
func productVersions(b *bank.Book, code string) (list []product.Product) {
	for p := range Products.All(b) {
		if p.Code == code {
			list = append(list, p.Product)
		}
	}
	slices.SortFunc(list, func(x, y product.Product) int { return x.Version - y.Version })
	return list
}
