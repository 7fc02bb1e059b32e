package lending

import (
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
}

type sums struct {
	loans                                                          int64
	balance, overdue, interest, suspended, iva, provision, reserve money.Amount
}

func (f portfolio) add(p *position) {
	f.of(sumKey{p.product, p.daysPastDue, p.stage}).add(sums{1, p.balance, p.overdue, p.interest, p.suspended, p.iva, p.provision, p.reserve})
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

// Sum queues the totals of the day's positions. They were added up while the positions were
// written; if the close was interrupted, they are computed from the table.
func (c *DayClose) Sum(save *db.Batch) {
	save.Exec("DELETE FROM portfolio WHERE day = $1", c.day)
	if c.sums == nil {
		save.Exec(`INSERT INTO portfolio (day, product, days_past_due, stage, loans, balance, overdue_principal, interest, suspended, iva, provision, reserve)
			SELECT day, product, days_past_due, stage, count(*), sum(balance), sum(overdue_principal), sum(interest), sum(suspended), sum(iva), sum(provision), sum(reserve)
			FROM daily_positions WHERE day = $1 GROUP BY day, product, days_past_due, stage`, c.day)
	}
	rows := portfolioInsert.Rows()
	for k, s := range c.sums {
		rows.Add(c.day, k.product, int64(k.daysPastDue), int64(k.stage), s.loans, int64(s.balance), int64(s.overdue), int64(s.interest), int64(s.suspended), int64(s.iva),
			int64(s.provision), int64(s.reserve))
	}
	save.Save(rows)
}
