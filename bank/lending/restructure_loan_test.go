package lending_test

import (
	"testing"

	"sofipo/bank/lending"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestALoanDueAtMonthEndsStaysSo: a restructure without a first due date begins in a month of
// 30 days, and the later due dates keep the day 31.
func TestALoanDueAtMonthEndsStaysSo(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		o.On("2026-01-31")
		l := o.Lend(o.Client(1).ID, 100_000)
		o.On("2026-04-05")
		m := office.Do(o, "ana", lending.RestructureLoan{LoanID: l.ID, Rate: 300_000, Periods: 6})
		if got := m.NewTerms.Terms; got.FirstDue != office.Day("2026-04-30") || !got.MonthEnd {
			t.Errorf("got the first due date %s, month end %t, want 2026-04-30 and true", got.FirstDue, got.MonthEnd)
		}
		office.Sound(t, d)
	})
}
