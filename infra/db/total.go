package db

import (
	"fmt"

	"sofipo/core/money"
)

// Total returns SQL for the sum of an expression in centavos, as two columns for ScanTotals.
// The sum may exceed the 64 bits in which SQLite adds up. Without rows it is 0.
func Total(expression string) string {
	return fmt.Sprintf("coalesce(sum((%[1]s)::bigint >> 32), 0)::bigint, coalesce(sum((%[1]s)::bigint & 4294967295), 0)::bigint", expression)
}

// ScanTotals reads a row with the columns first and then a pair of columns for each total.
func ScanTotals(s Scanner, totals []*money.Total, first ...any) error {
	parts := make([]int64, 2*len(totals))
	for i := range parts {
		first = append(first, &parts[i])
	}
	if err := s.Scan(first...); err != nil {
		return err
	}
	for i, t := range totals {
		*t = money.TotalOf(parts[2*i], parts[2*i+1])
	}
	return nil
}
