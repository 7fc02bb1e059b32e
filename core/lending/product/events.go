package product

import (
	"crypto/sha256"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
)

// Events declares the events of products.
var Events = []event.Declaration{
	{Payload: Created{}, Subject: "product", Text: lang.Text{EN: "Product {code} created: {name}, from {effective_from}", ES: "Producto {code} creado: {name}, desde {effective_from}"}},
	{Payload: Changed{}, Subject: "product", Text: lang.Text{EN: "Product {code} changed: version {version}, from {effective_from}", ES: "Producto {code} modificado: versión {version}, desde {effective_from}"}},
	{Payload: Retired{}, Subject: "product", Text: lang.Text{EN: "Product {code} retired: last day {effective_to}", ES: "Producto {code} retirado: último día {effective_to}"}},
}

// ListCacheKey is the cache key of the list of products.
const ListCacheKey = "products"

// CacheKey returns the cache key of a product with all its versions.
func CacheKey(code string) string { return "product::" + code }

// Subject returns the id that stands for a product in its events and in the postings
// of its loans. A product has a code and no id; Subject derives the id from the code,
// so the same code always gives the same id.
func Subject(code string) (out id.ID) {
	sum := sha256.Sum256([]byte("product:" + code))
	copy(out[:], sum[:])
	out[6] = 0x80 | out[6]&0x0f
	out[8] = 0x80 | out[8]&0x3f
	return out
}

// version has the members that every payload of a product event begins with.
type version struct {
	Code    string
	Version int32
	Name    string
}

func versionOf(p Product) version { return version{p.Code, int32(p.Version), p.Name} }

func (v version) members(o *event.Object) {
	o.Text("code", v.Code)
	o.Int("version", v.Version)
	o.Text("name", v.Name)
}

func fact(payload event.Payload, code string) event.Fact {
	subject := Subject(code)
	return event.Fact{Payload: payload, Entity: subject, Subject: subject, Stale: Product{Code: code}.StaleKeys()}
}

// StaleKeys returns the cache keys of the answers that show the product.
func (p Product) StaleKeys() []string { return []string{CacheKey(p.Code), ListCacheKey} }

// Created is the payload of product_created. From is the first day on which loans
// can be granted on the product.
type Created struct {
	version
	From civil.Date
}

// CreatedEvent returns the event of a new product.
func CreatedEvent(p Product) event.Fact { return fact(Created{versionOf(p), p.From}, p.Code) }

// Event implements event.Payload.
func (Created) Event() event.Type { return event.Type{Name: "product_created", Version: 1} }

// Members implements event.Payload.
func (e Created) Members(o *event.Object) {
	e.members(o)
	o.Date("effective_from", e.From)
}

// Changed is the payload of product_changed. From is the first day of the new version.
type Changed struct {
	version
	From civil.Date
}

// ChangedEvent returns the event of a new version of a product.
func ChangedEvent(p Product) event.Fact { return fact(Changed{versionOf(p), p.From}, p.Code) }

// Event implements event.Payload.
func (Changed) Event() event.Type { return event.Type{Name: "product_changed", Version: 1} }

// Members implements event.Payload.
func (e Changed) Members(o *event.Object) {
	e.members(o)
	o.Date("effective_from", e.From)
}

// Retired is the payload of product_retired. To is the last day on which loans can
// be granted on the product.
type Retired struct {
	version
	To civil.Date
}

// RetiredEvent returns the event of a product with a last day; p is its newest version.
func RetiredEvent(p Product, to civil.Date) event.Fact {
	return fact(Retired{versionOf(p), to}, p.Code)
}

// Event implements event.Payload.
func (Retired) Event() event.Type { return event.Type{Name: "product_retired", Version: 1} }

// Members implements event.Payload.
func (e Retired) Members(o *event.Object) {
	e.members(o)
	o.Date("effective_to", e.To)
}
