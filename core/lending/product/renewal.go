package product

import (
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/schedule"
	"sofipo/core/rate"
)

// Renewed returns the terms for restructuring a loan of the product on a day: the
// choices of the product without grace and origination fee, with another rate, number
// of periods and first due date (zero: one period later). servicing.Restructure sets
// the amount. It refuses invalid terms, and a rate or a number of periods outside the
// limits of the product.
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
			f.AddNew(flaw)
		}
	}
	return t, f.Err()
}
