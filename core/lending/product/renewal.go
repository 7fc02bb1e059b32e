package product

import (
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/schedule"
	"sofipo/core/rate"
)

// Renewed are the terms of a loan of the product that is restructured on a day:
// the choices that the product fixes but for grace, with another rate, number of
// periods and first due date (zero for one period later). The amount is the
// loan's; no origination fee is charged. A rate or a number of periods
// outside the product's limits is refused.
func (p Product) Renewed(annual rate.Annual, periods int, day, firstDue civil.Date) (schedule.Terms, error) {
	p = p.Defaults()
	t := p.terms()
	t.Amount, t.AnnualRate, t.Periods, t.Disbursement, t.FirstDue = 1, annual, periods, day, firstDue
	t.Grace, t.Fees.Origination = schedule.Grace{}, schedule.Fee{}
	t = t.Defaults()
	var f fault.Flaws
	p.checkAsked(&f, t)
	for _, flaw := range t.Flaws() {
		if flaw.Name() != "amount" {
			addNew(&f, fault.Flaws{flaw})
		}
	}
	return t, f.Err()
}
