package view_test

import (
	"crypto/rand"
	"testing"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/mx"
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
		by := view.By{System: true, Need: latest(t, b)}
		for text, want := range map[string]string{
			c.RFC: c.ID.String(), " CLIENT1@example.com ": c.ID.String(), folio.Client.Print(c.Number): c.ID.String(),
			folio.Loan.Print(l.Number): l.ID.String(), folio.Receipt.Print(m.Folio): m.ID.String(), "nobody": "", "": "",
		} {
			got, err := v.Search(t.Context(), by, text)
			if err != nil || (want == "") != (len(got) == 0) || want != "" && (len(got) != 1 || got[0].ID.String() != want) {
				t.Errorf("%q: got %+v, %v, want %q", text, got, err, want)
			}
		}
		if _, err := v.Search(t.Context(), view.System, folio.Client.Print(c.Number+1)); !fault.Is(err, fault.Invalid) {
			t.Errorf("a wrong check digit: got %v, want %s", err, fault.Invalid)
		}
	})
}

// TestSearchKeepsToTheScope: a collector finds a client, a loan or a payment by any of their
// numbers only within the own portfolio.
func TestSearchKeepsToTheScope(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b, v := office.OpenBank(t, d), view.Open(d, nil)
		c := office.Register(t, b, 1)
		l := office.Grant(t, b, c.ID, 1_000_00)
		m := office.Pay(t, b, l.ID, 100_00)
		who := holder(access.Collector)
		who.User.Username = "carla"
		find := func(want int) {
			t.Helper()
			by := view.By{Who: who, Open: true, Need: latest(t, b)}
			for _, text := range []string{c.RFC, folio.Client.Print(c.Number), folio.Loan.Print(l.Number), folio.Receipt.Print(m.Folio)} {
				if got, err := v.Search(t.Context(), by, text); err != nil || len(got) != want {
					t.Errorf("%q: got %+v, %v, want %d results", text, got, err, want)
				}
			}
		}
		find(0)
		office.Run(t, d, "UPDATE loans SET officer = 'carla'")
		office.Run(t, d, "UPDATE clients SET officer = 'carla'")
		find(1)
	})
}

// latest returns the token of a commit after all others, so that a replica has them too.
func latest(t *testing.T, b *bank.Bank) uint64 {
	t.Helper()
	return office.As(t, b, office.By, &clients.RegisterClient{FullName: "Otra", Email: rand.Text() + "@example.com", RFC: string(mx.GenericPublic)}).Token
}
