package codec_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"sofipo/core/lending/codec"
	"sofipo/core/lending/servicing"
	"sofipo/test/loans"
	"sofipo/test/random"
)

// TestNearIsEnoughToLook: an account restored for the days up to a day has the same
// figures on those days as the whole account, with fewer instalments.
func TestNearIsEnoughToLook(t *testing.T) {
	left := 0
	random.Check(t, func(t *rapid.T) {
		p := loans.AnyProduct(t)
		s := loans.AnyContract(t, p)
		h, now := servicing.History{Product: p, Contract: s}, servicing.Open(p, s)
		k := kept{product: p}
		for range rapid.IntRange(1, 8).Draw(t, "operations") {
			o := usualOperation(t, h, now)
			if after, _, err := servicing.Apply(now, o, o.ValueDate); err == nil {
				now = after
			}
			k.store(t, now)
			whole, through := k.load(t), now.Day.AddDays(rapid.SampledFrom([]int{0, 1, 20, 31, 60, 400}).Draw(t, "through"))
			if n := len(whole.Instalments); n > 0 && rapid.Bool().Draw(t, "about a due date") {
				through = whole.Instalments[rapid.IntRange(0, n-1).Draw(t, "instalment")].Until.AddDays(rapid.IntRange(-1, 9).Draw(t, "later"))
			}
			var v servicing.Version
			if err := json.Unmarshal(k.version, &v); err != nil {
				t.Fatal(err)
			}
			near, err := codec.RestoreNear(p, v, k.plan, k.state, through)
			if err != nil {
				t.Fatal(err)
			}
			if cut := servicing.Near(whole, through); !reflect.DeepEqual(cut, near) {
				t.Fatalf("cut: got\n%+v, want\n%+v", cut, near)
			}
			left += len(whole.Instalments) - len(near.Instalments)
			sameLook(t, whole, near)
			for _, day := range []int{-1, 0} {
				x, happened := servicing.Roll(whole, through.AddDays(day))
				y, too := servicing.Roll(near, through.AddDays(day))
				if !reflect.DeepEqual(happened, too) {
					t.Fatalf("happened by %s: got %+v, want %+v", through.AddDays(day), happened, too)
				}
				sameLook(t, x, y)
			}
		}
	})
	if left == 0 {
		t.Error("got nothing left out, want some instalments left out")
	}
}

// sameLook compares all figures that RestoreNear supports.
func sameLook(t *rapid.T, whole, near servicing.Account) {
	if x, y := servicing.Recognised(whole), servicing.Recognised(near); x != y {
		t.Fatalf("recognised: got %+v, want %+v", x, y)
	}
	if x, y := servicing.Due(whole, whole.Day), servicing.Due(near, near.Day); !reflect.DeepEqual(x, y) {
		t.Fatalf("due: got\n%+v, want\n%+v", x, y)
	}
	if servicing.FirstOpen(whole) != servicing.FirstOpen(near) {
		t.Fatalf("first open: got %d, want %d", servicing.FirstOpen(whole), servicing.FirstOpen(near))
	}
	whole.Instalments, near.Instalments = nil, nil
	if !reflect.DeepEqual(whole, near) {
		t.Fatalf("got %+v, want\n%+v", whole, near)
	}
}
