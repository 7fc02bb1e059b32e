package schedule_test

import (
	"testing"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/test/loans"
)

func BenchmarkQuote24(b *testing.B) {
	for _, c := range []struct {
		name string
		edit func(*schedule.Terms)
	}{
		{"30/360", func(*schedule.Terms) {}},
		{"ACT/360 with IVA and fees", func(t *schedule.Terms) {
			t.DayCount, t.Method = civil.Actual360, schedule.LevelWithIVA
			t.Fees = schedule.Fees{Origination: schedule.Fee{Rate: 30_000}, Periodic: schedule.Fee{Amount: 35_00}, IVARate: 160_000}
		}},
		{"ACT/ACT holidays residue first", func(t *schedule.Terms) {
			t.DayCount, t.Holidays, t.InterestFollows, t.Residue = civil.ActualActual, schedule.NextBusinessDay, true, schedule.First
			t.Rounding = money.HalfEven
		}},
		{"collateral", func(t *schedule.Terms) { t.Collateral = 5_000_00 }},
	} {
		b.Run(c.name, func(b *testing.B) {
			terms := loans.Readme()
			c.edit(&terms)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := schedule.Build(terms); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
