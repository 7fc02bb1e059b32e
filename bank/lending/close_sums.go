package lending

import (
	"fmt"
	"slices"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// portfolio has the totals of daily positions.
type portfolio map[sumKey]*sums

// sumKey is the key of the totals.
type sumKey struct {
	product     string
	daysPastDue int
	stage       risk.Stage
	owner
}

// owner is whose a loan is.
type owner struct {
	branch  id.ID
	officer string
}

type sums struct {
	loans                                                          int64
	balance, overdue, interest, suspended, iva, provision, reserve money.Amount
}

func (f portfolio) add(p *position) {
	f.of(sumKey{p.product, p.daysPastDue, p.stage, p.owner}).add(sums{1, p.balance, p.overdue, p.interest, p.suspended, p.iva, p.provision, p.reserve})
}

func (f portfolio) merge(other portfolio) {
	for key, s := range other {
		f.of(key).add(*s)
	}
}

func (f portfolio) of(key sumKey) *sums {
	s := f[key]
	if s == nil {
		s = &sums{}
		f[key] = s
	}
	return s
}

func (s *sums) add(o sums) {
	s.loans += o.loans
	s.balance += o.balance
	s.overdue += o.overdue
	s.interest += o.interest
	s.suspended += o.suspended
	s.iva += o.iva
	s.provision += o.provision
	s.reserve += o.reserve
}

var portfolioInsert = db.Insert("portfolio", db.Day("day"), db.Text("product"), db.Int("days_past_due"), db.Int("stage"), db.Int("loans"), db.Int("balance"),
	db.Int("overdue_principal"), db.Int("interest"), db.Int("suspended"), db.Int("iva"), db.Int("provision"), db.Int("reserve"))

var (
	ownersInsert = db.Insert("portfolio_owners", db.Day("day"), db.ID("branch_id"), db.Text("officer"), db.Text("product"), db.Int("days_from"), db.Int("stage"),
		db.Int("loans"), db.Int("balance"), db.Int("interest"), db.Int("provision"))

	// threshold is risk.Threshold of the days past due of a position, in SQL.
	threshold = func() string {
		sql := "CASE"
		for _, from := range slices.Backward(risk.Thresholds()) {
			sql += fmt.Sprintf(" WHEN p.days_past_due >= %d THEN %[1]d", from)
		}
		return sql + " ELSE 0 END"
	}()
)

// Sum queues the totals of the day: of its positions, and of the money that was moved. The former
// were added up while the positions were written; if the close was interrupted, they are
// computed from the table.
func (c *DayClose) Sum(save *db.Batch) {
	for _, table := range []string{"portfolio", "portfolio_owners", "money_days"} {
		save.Exec("DELETE FROM "+table+" WHERE day = $1", c.day)
	}
	save.Exec("INSERT INTO money_days (day, branch_id, officer, product, kind, count, amount) SELECT m.business_date, l.branch_id, l.officer, l.product, m.kind, count(*), "+
		MovedAmount+MovedOnDay+" GROUP BY m.business_date, l.branch_id, l.officer, l.product, m.kind", c.day)
	if c.sums == nil {
		save.Exec(`INSERT INTO portfolio (day, product, days_past_due, stage, loans, balance, overdue_principal, interest, suspended, iva, provision, reserve)
			SELECT day, product, days_past_due, stage, count(*), sum(balance), sum(overdue_principal), sum(interest), sum(suspended), sum(iva), sum(provision), sum(reserve)
			FROM daily_positions WHERE day = $1 GROUP BY day, product, days_past_due, stage`, c.day)
		save.Exec(strings.ReplaceAll(`INSERT INTO portfolio_owners (day, branch_id, officer, product, days_from, stage, loans, balance, interest, provision)
			SELECT p.day, l.branch_id, l.officer, p.product, {from}, p.stage, count(*), sum(p.balance), sum(p.interest), sum(p.provision + p.reserve)
			FROM daily_positions p JOIN loans l ON l.id = p.loan_id WHERE p.day = $1 GROUP BY p.day, l.branch_id, l.officer, p.product, {from}, p.stage`, "{from}", threshold), c.day)
		return
	}
	byDays, byOwner := portfolio{}, portfolio{}
	for k, s := range c.sums {
		byDays.of(sumKey{product: k.product, daysPastDue: k.daysPastDue, stage: k.stage}).add(*s)
		k.daysPastDue = risk.Threshold(k.daysPastDue)
		byOwner.of(k).add(*s)
	}
	save.Save(byDays.rows(c.day))
	save.Save(byOwner.ownerRows(c.day))
}

// The money that transactions moved on day $1, in SQL: the sum, and what it is selected from.
// There is no index of transactions by date, but each of them has a journal entry of the same
// date with the loan as its subject. The cross joins make SQLite read the tables in this order.
const (
	MovedAmount = "sum(CASE WHEN m.kind = 'cancellation' THEN l.amount ELSE m.amount END)::bigint"
	MovedOnDay  = ` FROM (SELECT DISTINCT subject FROM journal WHERE business_date = $1) r
	CROSS JOIN loan_transactions m CROSS JOIN loans l
	WHERE m.loan_id = r.subject AND m.business_date = $1 AND l.id = m.loan_id AND (m.amount > 0 OR m.kind = 'cancellation')`
)

// rows returns the rows of the table portfolio.
func (f portfolio) rows(day civil.Date) *db.Rows {
	rows := portfolioInsert.Rows()
	for k, s := range f {
		rows.Add(day, k.product, int64(k.daysPastDue), int64(k.stage), s.loans, int64(s.balance), int64(s.overdue), int64(s.interest), int64(s.suspended), int64(s.iva),
			int64(s.provision), int64(s.reserve))
	}
	return rows
}

// ownerRows returns the rows of the table portfolio_owners.
func (f portfolio) ownerRows(day civil.Date) *db.Rows {
	rows := ownersInsert.Rows()
	for k, s := range f {
		rows.Add(day, k.branch, k.officer, k.product, int64(k.daysPastDue), int64(k.stage), s.loans, int64(s.balance), int64(s.interest), int64(s.provision+s.reserve))
	}
	return rows
}
