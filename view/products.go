package view

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	"sofipo/infra/db"
)

const productTTL = 600 * time.Second

// Products answers the version of each product that is granted on the day, in the
// order of their codes. The list is asked for seldom and differs by the day, so it
// is not cached; its key makes sure that it knows of the changes of this process.
func (v *View) Products(ctx context.Context, on civil.Date, need uint64) ([]byte, error) {
	return v.direct(ctx, product.ListCacheKey, need, func(ctx context.Context, need uint64) ([]byte, uint64, error) {
		var list []byte
		last := "" // code in the list
		batch := v.dated(&db.Batch{})
		batch.Query(`SELECT effective_to, body FROM products WHERE effective_from <= $1 AND (effective_to IS NULL OR effective_to >= $1) ORDER BY code, version DESC`,
			func(s db.Scanner) error {
				p, err := scanProduct(s)
				if p.Code != last { // of several versions the newest counts
					list, last = p.AppendJSON(append(list, ',')), p.Code
				}
				return err
			}, on)
		position, err := v.read(ctx, need, batch, func() { list, last = nil, "" })
		return array(list), position, err
	})
}

// Product answers every version of a product, the first one first, or
// ProductNotFound. It is cached, since each quote and each loan of the product asks.
func (v *View) Product(ctx context.Context, code string, need uint64) ([]byte, error) {
	if !storable(code) {
		return nil, errProductNotFound()
	}
	return v.cached(ctx, product.CacheKey(code), need, productTTL, func(ctx context.Context, need uint64) ([]byte, uint64, error) {
		var list []byte
		batch := &db.Batch{}
		batch.Query("SELECT effective_to, body FROM products WHERE code = $1 ORDER BY version", func(s db.Scanner) error {
			p, err := scanProduct(s)
			list = p.AppendJSON(append(list, ','))
			return err
		}, code)
		position, err := v.read(ctx, need, batch, func() { list = nil })
		if err == nil && list == nil {
			err = errProductNotFound()
		}
		return array(list), position, err
	})
}

// ProductInForce finds the version of a product that is granted on the day, or
// ProductNotFound.
func (v *View) ProductInForce(ctx context.Context, code string, on civil.Date) (product.Product, error) {
	text, err := v.Product(ctx, code, 0)
	if err != nil {
		return product.Product{}, err
	}
	var versions []product.Product
	if err := json.Unmarshal(text, &versions); err != nil {
		return product.Product{}, fmt.Errorf("versions of product %s: %w", code, err)
	}
	if p, found := product.InForce(versions, on); found {
		return p, nil
	}
	return product.Product{}, fault.New(fault.ProductNotFound, fmt.Sprintf("Product not found: no version of %s is in force on %s", code, on),
		fmt.Sprintf("Producto no encontrado: ninguna versión de %s está vigente el %s", code, on))
}

// scanProduct reads a version, whose last day is that of the column, and more
// columns behind it.
func scanProduct(s db.Scanner, more ...any) (p product.Product, err error) {
	var to civil.Date
	var body []byte
	if err = s.Scan(append([]any{&to, &body}, more...)...); err != nil {
		return p, err
	}
	if err = json.Unmarshal(body, &p); err != nil {
		return p, fmt.Errorf("a product in the database: %w", err)
	}
	p.To = to
	return p, nil
}

func errProductNotFound() error {
	return fault.New(fault.ProductNotFound, "Product not found", "Producto no encontrado")
}
