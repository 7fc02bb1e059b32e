package view_test

import (
	"testing"

	"sofipo/bank"
	"sofipo/bank/dayend"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/nouns"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// TestPortfolioReport: the portfolio by owner has the totals of the portfolio, filters and scope
// select a part of it, and the money of the month is that of the transactions.
func TestPortfolioReport(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		north := office.Must(t, o.Bank, staffing.AddBranch{Code: "002", BranchName: "Norte"})
		here := o.Lend(o.Client(1).ID, 5_000_00)
		there := o.Lend(o.Client(2).ID, 8_000_00)
		office.Run(t, d, "UPDATE loans SET branch_id = $1, officer = 'rosa' WHERE id = $2", north.ID, there.ID)
		o.Pay(here, 500_00, "")
		if _, err := dayend.New(o.Bank, dayend.Options{}).CloseDay(t.Context(), bank.By{System: true, Actor: "cierre"}, civil.Date{}, nil); err != nil {
			t.Fatal(err)
		}
		o.Client(3) // its commit token covers the close
		v, all := view.Open(d, nil), system(o.Need)
		whole, err := v.Portfolio(t.Context(), all, civil.Date{})
		if err != nil {
			t.Fatal(err)
		}
		rosa, none := "rosa", ""
		manager := holder(access.BranchManager)
		manager.User.BranchID = north.ID
		officer := staff.Member{User: staff.User{Username: "rosa"}}
		officer.Role, _ = nouns.Role(access.Director)
		officer.Role.Scope = staff.Own
		for name, c := range map[string]struct {
			by    view.By
			q     view.PortfolioQuery
			loans int64
		}{
			"all":           {all, view.PortfolioQuery{}, 2},
			"a branch":      {all, view.PortfolioQuery{Branch: north.ID}, 1},
			"an officer":    {all, view.PortfolioQuery{Officer: &rosa}, 1},
			"nobody":        {all, view.PortfolioQuery{Officer: &none}, 1},
			"no product":    {all, view.PortfolioQuery{Product: "other"}, 0},
			"own branch":    {view.By{Who: manager, Need: o.Need}, view.PortfolioQuery{}, 1},
			"other branch":  {view.By{Who: manager, Need: o.Need}, view.PortfolioQuery{Branch: staff.HeadOffice}, 0},
			"own portfolio": {view.By{Who: officer, Need: o.Need}, view.PortfolioQuery{Officer: &none}, 0},
		} {
			r, err := v.PortfolioReport(t.Context(), c.by, c.q)
			if err != nil || r.Total.Sums.Loans != c.loans {
				t.Errorf("%s: got %d loans, %v, want %d", name, r.Total.Sums.Loans, err, c.loans)
			}
		}
		office.Run(t, d, "UPDATE loans SET status = 'PAID_OFF' WHERE id = $1", there.ID)
		if own, err := v.OwnPortfolio(t.Context(), view.By{Who: officer, Need: o.Need}); err != nil || own.Loans != 1 {
			t.Errorf("own portfolio after a loan was paid off: got %d loans, %v, want the 1 of the close", own.Loans, err)
		}
		r, err := v.PortfolioReport(t.Context(), all, view.PortfolioQuery{})
		if err != nil {
			t.Fatal(err)
		}
		want := whole.Total
		if got := r.Total; got.Sums.Balance != want.Sums.Balance || got.Sums.Provision != want.Sums.Provision+want.Sums.Reserve || got.PAR30 != want.PAR30 || got.IMOR != want.IMOR || got.ICOR != want.ICOR {
			t.Errorf("got the total %+v, want that of the portfolio %+v", got, want)
		}
		if len(r.Branches) != 2 || len(r.Officers) != 2 || len(r.Staff) != 2 {
			t.Errorf("got %d branches, %d officers and the staff %q, want two of each", len(r.Branches), len(r.Officers), r.Staff)
		}
		var in, out int64
		for _, m := range r.Money {
			in, out = in+int64(m.In), out+int64(m.Out)
		}
		if in != 500_00 || out != 13_000_00 {
			t.Errorf("got %d in and %d out, want 50000 and 1300000", in, out)
		}
	})
}
