package view

import (
	"context"
	"fmt"
	"time"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/infra/db"
)

const productLife = 600 * time.Second

// Products returns the version of each product that is granted on a day, in the order of the
// codes. The list is not cached, because it is rarely requested and depends on the day; its
// cache key only ensures that it includes this process's changes. Refused with
// access.Forbidden.
func (v *View) Products(ctx context.Context, by By, on civil.Date) (all []product.Product, err error) {
	if err := by.may(product.Read); err != nil {
		return nil, err
	}
	batch := v.dated(&db.Batch{})
	batch.Query(selectProduct+`WHERE effective_from <= $1 AND (effective_to IS NULL OR effective_to >= $1) ORDER BY code, version DESC`,
		func(s db.Scanner) error {
			p, err := scanProduct(s)
			if n := len(all); n == 0 || p.Code != all[n-1].Code { // of several versions in force, the newest counts
				all = append(all, p)
			}
			return err
		}, on)
	err = v.ask(ctx, v.known(product.ListCacheKey, by.Need), batch, func() { all = nil })
	return all, err
}

// Product returns all versions of a product, oldest first. It is cached, because every quote
// and every loan of the product needs it. Refused with product.NotFound or access.Forbidden.
func (v *View) Product(ctx context.Context, by By, code string, as *Codec[[]product.Product]) (Answer[[]product.Product], error) {
	if err := by.may(product.Read); err != nil {
		return Answer[[]product.Product]{}, err
	}
	return v.product(ctx, by.Need, code, as)
}

// product is Product without the permission check.
func (v *View) product(ctx context.Context, need uint64, code string, as *Codec[[]product.Product]) (Answer[[]product.Product], error) {
	if !storable(code) {
		return Answer[[]product.Product]{}, fault.Refuse(product.NotFound)
	}
	return cached(ctx, v, entry{product.CacheKey(code), need, productLife}, as, func(ctx context.Context, need uint64) (all []product.Product, token uint64, err error) {
		batch := &db.Batch{}
		batch.Query(selectProduct+"WHERE code = $1 ORDER BY version", func(s db.Scanner) error {
			p, err := scanProduct(s)
			all = append(all, p)
			return err
		}, code)
		token, err = v.read(ctx, need, batch, func() { all = nil })
		if err == nil && len(all) == 0 {
			err = fault.Refuse(product.NotFound)
		}
		return all, token, err
	})
}

// ProductInForce returns the version of a product for a quote on a day. Refused with
// product.NotFound or access.Forbidden.
func (v *View) ProductInForce(ctx context.Context, by By, code string, on civil.Date, as *Codec[[]product.Product]) (product.Product, error) {
	if err := by.may(loan.Quote); err != nil {
		return product.Product{}, err
	}
	answer, err := v.product(ctx, by.Need, code, as)
	if err != nil {
		return product.Product{}, err
	}
	versions, err := answer.Value()
	if err != nil {
		return product.Product{}, fmt.Errorf("versions of product %s: %w", code, err)
	}
	if p, found := product.InForce(versions, on); found {
		return p, nil
	}
	return product.Product{}, fault.Refuse(product.NotFound, "product", code, "date", on).Because(product.NoneInForce)
}
