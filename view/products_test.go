package view_test

import (
	"testing"

	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	"sofipo/infra/cache"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/view"
)

// TestProducts: the list and the versions of a product know of each change at
// once, with a cache before them, and the version in force is found for each day.
func TestProducts(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		n := open(t, d, cache.NewLocal(100))
		asked := product.Product{Code: "uno", Name: "Uno"}
		if _, err := n.ProductInForce(t.Context(), view.System, "uno", civil.Date{Year: 2030, Month: 1, Day: 1}, rest.products); !fault.Is(err, product.NotFound) {
			t.Errorf("got %v, want %v", err, product.NotFound)
		}
		made, _ := do(t, n, lending.CreateProduct{Product: asked})
		today := made.From
		inForce := func(on civil.Date, want int) {
			t.Helper()
			for _, door := range []codecs{rest, other} {
				p, err := n.ProductInForce(t.Context(), view.System, "uno", on, door.products)
				if p.Version != want || (want == 0) != fault.Is(err, product.NotFound) {
					t.Errorf("%s: got version %d, %v; want %d", on, p.Version, err, want)
				}
			}
			list, err := n.Products(t.Context(), view.System, on)
			must(t, err)
			if found := len(list) == 2; found != (want > 0) || found && (list[1].Version != want || list[0].Code != "seed") {
				t.Errorf("%s: got %+v, want it in the list: %v, in version %v, after seed", on, list, want > 0, want)
			}
		}
		inForce(today, 1)
		inForce(today.AddDays(-1), 0)
		asked.Name, asked.From = "Dos", today.AddDays(3)
		do(t, n, lending.ChangeProduct{Product: asked})
		inForce(today.AddDays(2), 1)
		inForce(today.AddDays(3), 2)
		do(t, n, lending.RetireProduct{Code: "uno"})
		inForce(today, 1)
		inForce(today.AddDays(1), 0)
		inForce(today.AddDays(3), 0)
		for _, code := range []string{"nothing", "", "a\x00b", "\xff"} {
			if _, err := n.Product(t.Context(), view.System, code, rest.products); !fault.Is(err, product.NotFound) {
				t.Errorf("%q: got %v, want %v", code, err, product.NotFound)
			}
		}
	})
}
