package event

import (
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/product"
)

// ProductList is the key that any change of any product makes stale.
const ProductList = "products"

// ProductKey is the cache key of a product with all its versions.
func ProductKey(code string) string { return "product::" + code }

// ProductID stands for a product, which has a code and no id, as the subject of
// its events.
func ProductID(code string) id.ID { return accounting.ProductSubject(code) }

// aboutProduct is what every event of a product begins with.
type aboutProduct struct {
	Code    string `json:"code"`
	Version int32  `json:"version"`
	Name    string `json:"name"`
}

func (e aboutProduct) Entity() id.ID  { return ProductID(e.Code) }
func (e aboutProduct) Subject() id.ID { return ProductID(e.Code) }

// Stale: the product's page and the list.
func (e aboutProduct) Stale() []string { return []string{ProductKey(e.Code), ProductList} }

func newest(p product.Product) aboutProduct {
	return aboutProduct{Code: p.Code, Version: int32(p.Version), Name: p.Name}
}

// ProductCreated tells of a new product and the first day on which it is granted.
type ProductCreated struct {
	aboutProduct
	From string `json:"effective_from"`
}

// OfNewProduct is the event of a product just made.
func OfNewProduct(p product.Product) ProductCreated {
	return ProductCreated{newest(p), p.From.String()}
}

func (ProductCreated) Type() string { return "product_created" }

// ProductChanged tells of a new version of a product and its first day.
type ProductChanged struct {
	aboutProduct
	From string `json:"effective_from"`
}

// OfNewVersion is the event of a version of a product just made.
func OfNewVersion(p product.Product) ProductChanged {
	return ProductChanged{newest(p), p.From.String()}
}

func (ProductChanged) Type() string { return "product_changed" }

// ProductRetired tells that no version of a product is granted after a day.
type ProductRetired struct {
	aboutProduct
	To string `json:"effective_to"`
}

// OfRetirement is the event of a product that got its last day; p is the newest version.
func OfRetirement(p product.Product, to civil.Date) ProductRetired {
	return ProductRetired{newest(p), to.String()}
}

func (ProductRetired) Type() string { return "product_retired" }
