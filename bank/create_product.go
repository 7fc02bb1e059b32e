package bank

import (
	"errors"
	"fmt"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
)

// CreateProduct offers a new product, in force from a day on: today if it names
// none, never before. It gets version 1. Refused with Invalid or ProductExists.
type CreateProduct struct{ Product product.Product }

// Name is the operation.
func (CreateProduct) Name() string { return "create_product" }

// Check refuses a product on which no loan could be granted.
func (c CreateProduct) Check(Rules) error { return checkProduct(c.Product) }

// Needs the product, which must not be there.
func (c CreateProduct) Needs(n *Needs) { n.Product(c.Product.Code) }

// Decide stages the first version.
func (c CreateProduct) Decide(b *Book) (product.Product, error) {
	if len(b.Products(c.Product.Code)) > 0 {
		return product.Product{}, fault.New(fault.ProductExists, "Product code already in use", "La clave del producto ya está en uso")
	}
	made, err := b.newVersion(c.Product, 1)
	if err == nil {
		b.Tell(event.OfNewProduct(made))
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
func (b *Book) newVersion(p product.Product, version int) (product.Product, error) {
	p = p.Defaults()
	p.Version, p.To = version, civil.Date{}
	if p.From.IsZero() {
		p.From = b.Today()
	}
	if p.From.Before(b.Today()) {
		return p, fault.InField("effective_from", fmt.Sprintf("must be today (%s) or later: what was granted before stays as it was", b.Today()), "value_error", nil)
	}
	b.AddProduct(p)
	return p, nil
}

func productNotFound() error {
	return fault.New(fault.ProductNotFound, "Product not found", "Producto no encontrado")
}
