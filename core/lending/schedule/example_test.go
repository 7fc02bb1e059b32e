package schedule_test

import (
	"fmt"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/rate"
)

// A quote: the amortization table, the totals and the CAT of the loan in
// docs/rules/amortization.md.
func ExampleBuild() {
	s, err := schedule.Build(schedule.Terms{
		Amount:       50_000_00,
		AnnualRate:   150_000, // 15 %
		Periods:      24,
		DayCount:     civil.Thirty360,
		Disbursement: civil.Date{Year: 2026, Month: 1, Day: 15},
		IVA:          rate.IVA{Rate: 160_000},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range s.Rows[:2] {
		fmt.Println(r.Number, r.Due, r.Principal, r.Interest, r.IVA, r.Total, r.Balance)
	}
	fmt.Println("total to pay", s.Totals.TotalToPay)
	fmt.Println("CAT", s.CAT.Percent(), "% sin IVA")
	// Output:
	// 1 2026-02-15 1799.33 625.00 100.00 2524.33 48200.67
	// 2 2026-03-15 1821.82 602.51 96.40 2520.73 46378.85
	// total to pay 59493.41
	// CAT 16.1 % sin IVA
}

// Invalid terms are refused with every field at fault.
func ExampleBuild_refused() {
	_, err := schedule.Build(schedule.Terms{AnnualRate: 150_000, Disbursement: civil.Date{Year: 2026, Month: 1, Day: 15}})
	fmt.Println(err)
	// Output:
	// invalid; amount: amount_range most=9999999999999.99; periods: between least=1 most=1560
}
