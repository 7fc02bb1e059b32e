package product_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"sofipo/core/lending/product"
)

// TestJSONComesBack: a product is unchanged after encoding and decoding, and texts are not
// escaped.
func TestJSONComesBack(t *testing.T) {
	p := product.Seed()
	p.Name, p.To = "Crédito <simple> & \"más\"", day(2026, 12, 31)
	p.Fees.Origination.Rate, p.Grace.PrincipalPeriods, p.Limits.MinPeriods = 30_000, 2, 3
	text := p.AppendJSON([]byte("x"))
	var back product.Product
	if err := json.Unmarshal(text[1:], &back); err != nil || text[0] != 'x' || !reflect.DeepEqual(back, p) {
		t.Errorf("got %s\n%+v, %v\nwant %+v", text, back, err, p)
	}
	if !strings.Contains(string(text), `"name":"Crédito <simple> & \"más\"","classification":"consumer","version":1,"effective_from":"2000-01-01","effective_to":"2026-12-31","method":"level"`) {
		t.Errorf("got %s, want the name Crédito <simple> & \\\"más\\\" and version 1 from 2000-01-01 to 2026-12-31, with the method level", text)
	}
}

func TestCheckName(t *testing.T) {
	for name, kept := range map[string]bool{
		"Crédito simple": true, "": true, strings.Repeat("ñ", 255): true,
		strings.Repeat("x", 256): false, "a\x00b": false, "a\nb": false, "a\xffb": false, "a\u202eb": false, "王": false, "a\u200bb": false,
	} {
		p := product.Seed()
		p.Name = name
		if err := p.CheckName(); (err == nil) != kept {
			t.Errorf("%q: got %v, want it accepted: %t", name, err, kept)
		}
	}
}
