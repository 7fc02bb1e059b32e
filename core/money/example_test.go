package money_test

import (
	"fmt"

	"sofipo/core/money"
)

// Amounts are whole centavos. A third decimal is refused, not rounded.
func ExampleParse() {
	amount, err := money.Parse("2500.50")
	fmt.Println(amount, int64(amount), err)
	_, err = money.Parse("2500.505")
	fmt.Println(err)
	// Output:
	// 2500.50 250050 <nil>
	// more decimals than accepted
}

// 15 % of 1,234.50 is 185.175: it is computed exactly and rounded once.
func ExampleAmount_MulDiv() {
	share, err := money.Amount(1_234_50).MulDiv(15, 100, money.HalfUp)
	fmt.Println(share, err)
	// Output: 185.18 <nil>
}
