package simulation

import (
	"strings"
	"testing"
	"time"

	"sofipo/core/client"
	"sofipo/core/lending/product"
	"sofipo/core/mx"
)

// TestPeople creates thousands of clients. Each passes the strictest rules, RFCs and e-mail
// addresses are unique, most names have accents, and nobody has the RFC of the README.
func TestPeople(t *testing.T) {
	c, accents, rural := newCensus(branches()), 0, 0
	rfcs, emails := map[string]bool{}, map[string]bool{}
	for n := range 5_000 {
		p := c.person(newRand(3, uint64(n)), 2025)
		if file, err := p.file.Checked(client.Rules{RFC: mx.TierStrict}); err != nil || len(client.Unconfirmed(file.Findings(DefaultFrom), nil, p.confirms)) > 0 {
			t.Fatalf("the file of %s: got %v and the warnings %v, want no error and at most %v", p.name, err, file.Findings(DefaultFrom), p.confirms)
		}
		made, err := client.New(client.Client{FullName: p.name, Email: p.email, RFC: p.rfc}, client.Rules{RFC: mx.TierStrict})
		if err != nil || made.RFC != p.rfc || made.Email != p.email {
			t.Fatalf("%+v: got %+v, %v, want RFC %v, email %v", p, made, err, p.rfc, p.email)
		}
		if rfcs[p.rfc] || emails[p.email] || p.rfc == "PEPJ800101HNE" || len(strings.Fields(p.name)) < 3 {
			t.Fatalf("got %+v, want a new RFC and e-mail, three names", p)
		}
		rfcs[p.rfc], emails[p.email] = true, true
		if strings.ContainsAny(p.name, "áéíóúñÁÉÍÓÚÑ") {
			accents++
		}
		if p.branch.rural {
			rural++
		}
	}
	if accents < 3_000 || rural < 2_500 || rural > 4_000 {
		t.Errorf("got %d names with accents and %d people of the country, want at least 3,000 and from 2,500 to 4,000", accents, rural)
	}
}

// TestOffers: requests are within the limits of the product, and each product is valid.
func TestOffers(t *testing.T) {
	r := newRand(1, 1)
	for _, o := range offers() {
		p := o.product
		p.Version, p.From = 1, DefaultFrom
		if err := p.Check(); err != nil {
			t.Errorf("%s: %s", p.Code, err)
		}
		for range 300 {
			w := o.randomRequest(r)
			if _, err := p.Terms(w.amount, w.annual, w.periods, DefaultFrom.AddDays(5), product.Product{}.From); err != nil {
				t.Fatalf("%s %+v: %s", p.Code, w, err)
			}
		}
	}
}

// TestClock: the times of a day increase and stay within the day.
func TestClock(t *testing.T) {
	mexico, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		t.Fatal(err)
	}
	c := newClock(mexico, 40)
	c.open(DefaultFrom)
	last := time.Time{}
	for range 50_000 {
		now := c.now()
		if !now.After(last) || now.In(mexico).Day() != int(DefaultFrom.Day) || now.In(mexico).Hour() < 9 || now.In(mexico).Hour() >= 18 {
			t.Fatalf("got %s after %s, want a later moment of the same day, from 9 to 18 h", now, last)
		}
		last = now
	}
}
