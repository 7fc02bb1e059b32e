package rate_test

import (
	"fmt"

	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// 50,000.00 at 15 % over 31 days of a year of 360: docs/rules/interest.md#day-counts.
func ExampleAnnual_Interest() {
	annual, err := rate.Parse("0.15")
	if err != nil {
		fmt.Println(err)
		return
	}
	interest, err := annual.Interest(50_000_00, civil.Actual360.Of(31), money.HalfUp)
	fmt.Println(interest, err)
	// Output: 645.83 <nil>
}
