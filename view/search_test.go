package view_test

import (
	"testing"

	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// TestSearch finds a client by its values and number, a loan by its number, and a payment by
// its folio.
func TestSearch(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b, v := office.OpenBank(t, d), view.Open(d, nil)
		c := office.Register(t, b, 1)
		office.Register(t, b, 2)
		l := office.Grant(t, b, c.ID, 1_000_00)
		m := office.Pay(t, b, l.ID, 100_00)
		for text, want := range map[string]string{
			c.RFC: c.ID.String(), " CLIENT1@example.com ": c.ID.String(), folio.Client.Print(c.Number): c.ID.String(),
			folio.Loan.Print(l.Number): l.ID.String(), folio.Receipt.Print(m.Folio): m.ID.String(), "nobody": "", "": "",
		} {
			got, err := v.Search(t.Context(), view.System, text)
			if err != nil || (want == "") != (len(got) == 0) || want != "" && (len(got) != 1 || got[0].ID.String() != want) {
				t.Errorf("%q: got %+v, %v, want %q", text, got, err, want)
			}
		}
		if _, err := v.Search(t.Context(), view.System, folio.Client.Print(c.Number+1)); !fault.Is(err, fault.Invalid) {
			t.Errorf("a wrong check digit: got %v, want %s", err, fault.Invalid)
		}
	})
}
