package bank

import (
	"slices"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
)

// Products are the versions of a product that was asked for, the first one first;
// none if there is no such product.
func (b *Book) Products(code string) []product.Product { return b.products[code] }

// AddProduct stages a new version of a product.
func (b *Book) AddProduct(p product.Product) {
	before, n := b.products[p.Code], len(b.launched)
	b.products[p.Code] = append(slices.Clone(before), p)
	b.launched = append(b.launched, launch{p, b.now, b.job.by.Actor})
	b.undo = append(b.undo, func() { b.products[p.Code], b.launched = before, b.launched[:n] })
}

// EndProduct stages the last day of a version of a product.
func (b *Book) EndProduct(code string, version int, to civil.Date) {
	before, n := b.products[code], len(b.ended)
	after := slices.Clone(before)
	for i := range after {
		if after[i].Version == version {
			after[i].To = to
		}
	}
	b.products[code] = after
	b.ended = append(b.ended, endedProduct{code, version, to})
	b.undo = append(b.undo, func() { b.products[code], b.ended = before, b.ended[:n] })
}
