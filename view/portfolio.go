package view

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/risk"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// PortfolioQuery selects a part of the portfolio. Empty fields select all.
type PortfolioQuery struct {
	Date    civil.Date // a closed day; the last one if zero
	Branch  id.ID
	Officer *string // user name; "" selects the loans of nobody
	Product string
}

// PortfolioReport is the portfolio of a closed day, of the loans in the reader's scope, with its
// history. Loans belong to the branch and officer that they had when the day was closed. The
// parts have no figures but loans, principal, interest and provision, and no write-offs.
type PortfolioReport struct {
	Date     civil.Date
	Total    PortfolioPart
	Products []PortfolioPart // Product has the code
	Branches []PortfolioPart // Product has the id
	Officers []PortfolioPart // Product has the user name
	History  []Portfolio     // totals of the ends of the last twelve months, and of the day
	Money    []MoneyRow      // of the month to the day, all products together
	Staff    []string        // officers with loans, independent of the query's
}

// Earlier returns the total at the end of the month before, if there is one.
func (r PortfolioReport) Earlier() (PortfolioPart, bool) {
	before := r.Date.AddMonths(-1, 31)
	for _, p := range r.History {
		if p.Date == before {
			return p.Total, true
		}
	}
	return PortfolioPart{}, false
}

// where returns the condition for the rows of a table with branch_id, officer and product, in the
// reader's scope.
func (q PortfolioQuery) where(by By, args []any) (string, []any) {
	sql := ""
	add := func(column string, value any) {
		args = append(args, value)
		sql += fmt.Sprintf(" AND %s = $%d", column, len(args))
	}
	if !by.everywhere(risk.ReadReports) {
		if by.Who.Role.Scope == staff.OfBranch {
			add("branch_id", by.Who.User.BranchID)
		} else {
			add("officer", by.Who.User.Username)
		}
	}
	if !q.Branch.IsZero() {
		add("branch_id", q.Branch)
	}
	if q.Officer != nil {
		add("officer", *q.Officer)
	}
	if q.Product != "" {
		add("product", q.Product)
	}
	return sql, args
}

// PortfolioReport returns the portfolio of a closed day by product, branch and officer, from the
// totals that the closes wrote. Refused with accounting.NoDailyPositions or access.Forbidden.
func (v *View) PortfolioReport(ctx context.Context, by By, q PortfolioQuery) (PortfolioReport, error) {
	day, err := v.ClosedDay(ctx, by, q.Date)
	if err != nil {
		return PortfolioReport{}, err
	}
	b, batch := reportBuilder{}, &db.Batch{}
	sql, args := q.where(by, []any{day})
	batch.Query("SELECT product, branch_id, officer, days_from, stage, loans, balance, interest, provision FROM portfolio_owners WHERE day = $1"+sql, b.addOwned, args...)
	sql, args = q.where(by, monthEnds(day))
	earlier := "portfolio_owners"
	if q.Branch.IsZero() && q.Officer == nil && by.everywhere(risk.ReadReports) { // fewer rows
		earlier = "(SELECT day, product, days_past_due AS days_from, stage, loans, balance, interest, provision + reserve AS provision FROM portfolio) p"
	}
	batch.Query(`SELECT day, days_from, stage, sum(loans)::bigint, sum(balance)::bigint, sum(interest)::bigint, sum(provision)::bigint
		FROM `+earlier+` WHERE day IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`+sql+" GROUP BY day, days_from, stage", b.addEarlier, args...)
	sql, args = q.where(by, []any{civil.Date{Year: day.Year, Month: day.Month, Day: 1}, day})
	batch.Query("SELECT day, '', kind, sum(count)::bigint, sum(amount)::bigint FROM money_days WHERE day BETWEEN $1 AND $2"+sql+" GROUP BY day, kind ORDER BY day, kind", b.money.scan, args...)
	sql, args = PortfolioQuery{Branch: q.Branch}.where(by, []any{day})
	batch.Query("SELECT DISTINCT officer FROM portfolio_owners WHERE day = $1"+sql+" ORDER BY officer", func(s db.Scanner) error {
		var name string
		err := s.Scan(&name)
		b.staff = append(b.staff, name)
		return err
	}, args...)
	batch.Query(selectProduct+"ORDER BY code, version", func(s db.Scanner) error {
		p, err := scanProduct(s)
		b.products.names[p.Code] = p.Name
		return err
	})
	if err := v.ask(ctx, by.Need, batch, b.reset); err != nil {
		return PortfolioReport{}, err
	}
	return b.report(day), nil
}

// monthEnds lists the ends of the twelve months before the day's.
func monthEnds(day civil.Date) (ends []any) {
	for n := 12; n > 0; n-- {
		ends = append(ends, day.AddMonths(-n, 31))
	}
	return ends
}

// reportBuilder adds up the rows of a PortfolioReport.
type reportBuilder struct {
	products, branches, officers *portfolioBuilder
	history                      map[civil.Date]*portfolioBuilder
	money                        MoneyMoved
	staff                        []string
}

func (b *reportBuilder) reset() {
	b.products, b.branches, b.officers = newPortfolioBuilder(), newPortfolioBuilder(), newPortfolioBuilder()
	b.history, b.money.Rows, b.staff = map[civil.Date]*portfolioBuilder{}, nil, nil
}

// addOwned adds a row of the day.
func (b *reportBuilder) addOwned(s db.Scanner) error {
	var x risk.Position
	var branch id.ID
	var officer string
	if err := s.Scan(&x.Product, &branch, &officer, &x.Days, &x.Stage, &x.Count, &x.Balance, &x.Interest, &x.Provision); err != nil {
		return err
	}
	if err := b.products.addPosition(x); err != nil {
		return err
	}
	x.Product = branch.String()
	if err := b.branches.addPosition(x); err != nil {
		return err
	}
	x.Product = officer
	return b.officers.addPosition(x)
}

// addEarlier adds a row of the end of a month.
func (b *reportBuilder) addEarlier(s db.Scanner) error {
	var at civil.Date
	var x risk.Position
	if err := s.Scan(&at, &x.Days, &x.Stage, &x.Count, &x.Balance, &x.Interest, &x.Provision); err != nil {
		return err
	}
	if b.history[at] == nil {
		b.history[at] = newPortfolioBuilder()
	}
	return b.history[at].addPosition(x)
}

// addPosition adds a position with the sums that it has.
func (g *portfolioBuilder) addPosition(x risk.Position) error {
	return g.add(x, PortfolioSums{Loans: x.Count, Balance: x.Balance, Interest: x.Interest, Provision: x.Provision})
}

func (b *reportBuilder) report(day civil.Date) PortfolioReport {
	all := b.products.portfolio(day)
	out := PortfolioReport{
		Date: day, Total: all.Total, Products: all.Products, Branches: b.branches.portfolio(day).Products, Officers: b.officers.portfolio(day).Products,
		Money: b.money.Rows, Staff: b.staff,
	}
	for _, at := range slices.SortedFunc(maps.Keys(b.history), civil.Date.Compare) {
		out.History = append(out.History, b.history[at].portfolio(at))
	}
	out.History = append(out.History, Portfolio{Date: day, Total: all.Total})
	return out
}
