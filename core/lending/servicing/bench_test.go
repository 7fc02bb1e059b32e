package servicing_test

import (
	"testing"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
)

// BenchmarkReceive pays an instalment of a 24-month loan on its due date, and makes a
// prepayment, which creates a new schedule.
func BenchmarkReceive(b *testing.B) {
	p := product.Seed()
	terms, err := p.Terms(50_000_00, 150_000, 24, civil.Date{Year: 2026, Month: 1, Day: 15}, civil.Date{})
	if err != nil {
		b.Fatal(err)
	}
	s, err := schedule.Build(terms)
	if err != nil {
		b.Fatal(err)
	}
	a := servicing.Open(p, s)
	for name, payment := range map[string]servicing.Operation{
		"instalment": {Amount: s.Rows[0].Total, ValueDate: s.Rows[0].Due},
		"prepayment": {Amount: 100_00, ValueDate: terms.Disbursement},
		"advance":    {Amount: 100_00, ValueDate: terms.Disbursement, Kind: servicing.AdvancePayment},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := servicing.Receive(a, payment, payment.ValueDate); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
