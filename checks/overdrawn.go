package checks

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sofipo/bank"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// Overdrawn looks for assets and liabilities with a balance on the wrong side, such as a
// bank account below zero. Unlike the checks of Run, it finds what is unusual but not
// inconsistent: the books of an institution without recorded capital, for example.
func Overdrawn(ctx context.Context, d *db.DB) Check {
	var found []string
	accounts := 0
	batch := &db.Batch{}
	batch.Query("SELECT account, sum(amount)::bigint, max(day) FROM "+bank.AccountAmounts+" a GROUP BY account ORDER BY account", func(s db.Scanner) error {
		var code ledger.Account
		var balance money.Amount
		var last civil.Date
		err := s.Scan(&code, &balance, &last)
		accounts++
		if a, _ := accounting.Find(code, last); a.Overdrawn(balance) {
			side := "credit"
			if balance > 0 {
				side = "debit"
			}
			found = append(found, fmt.Sprintf("%s %s has a %s balance of %s", code, a.English, side, max(balance, -balance)))
		}
		return err
	})
	err := d.ReadPrimary(ctx, batch)
	if err == nil && len(found) > 0 {
		err = errors.New(strings.Join(found, "; "))
	}
	return Check{Name: "no asset or liability is overdrawn", Found: fmt.Sprintf("%d accounts", accounts), Err: err, Warning: true}
}
