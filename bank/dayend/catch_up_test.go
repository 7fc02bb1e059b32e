package dayend_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// life is that of an institution whose days may be closed late: the same things
// are done on the same days whenever that is.
type life struct {
	*institution
	loans  []id.ID
	paid   map[id.ID][]id.ID
	worked civil.Date // the last day on which things were done
	said   []string   // outcomes
}

// lifetime is the number of days after the first.
const lifetime = 130

// begin opens the institution with loans on three products.
func begin(t *testing.T, d *db.DB) *life {
	l := &life{institution: founded(t, d, "2026-01-15", dayend.Options{Limits: lending.SliceLimits{Loans: 4}}), paid: map[id.ID][]id.ID{}}
	holder := office.Register(t, l.Bank, 1).ID
	plain := product.Product{
		Code: "late", Name: "Con moratorios", IVA: rate.IVA{Rate: 160_000}, PenaltyInterest: product.PenaltyTerms{Rate: 600_000},
		Excess: product.KeepUnapplied, Limits: product.Limits{ApprovalLimit: money.Max},
	}
	plain.Fees = schedule.Fees{Origination: schedule.Fee{Rate: 30_000}, OriginationPayment: schedule.Deducted, IVARate: 160_000}
	grace := plain
	grace.Fees.OriginationPayment = schedule.Apart
	grace.Code, grace.Frequency = "grace", schedule.Every14Days
	grace.Grace = schedule.Grace{PrincipalPeriods: 2, InterestPeriods: 2, Mode: schedule.Capitalise}
	for _, p := range []product.Product{plain, grace} {
		l.did(bank.Do(t.Context(), l.Bank, by, lending.CreateProduct{Product: p}))
	}
	for n := range 9 {
		code := []string{product.SeedCode, "late", "grace"}[n%3]
		lent, err := bank.Do(t.Context(), l.Bank, by, lending.ApplyForLoan{ClientID: holder, Product: code, Amount: money.Amount(n+5) * 1_111_00, Rate: 450_000, Periods: 6 + n})
		l.did(lent, err)
		l.did(bank.Do(t.Context(), l.Bank, by, lending.ApproveLoan{LoanID: lent.Answer.ID}))
		l.did(bank.Do(t.Context(), l.Bank, by, lending.DisburseLoan{LoanID: lent.Answer.ID}))
		l.loans = append(l.loans, lent.Answer.ID)
	}
	return l
}

// did fails the test if the command was refused.
func (l *life) did(_ any, err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// close closes a day.
func (l *life) close(day civil.Date) {
	l.t.Helper()
	_, err := l.CloseDay(l.t.Context(), by, day, nil)
	l.did(nil, err)
}

// work does what is done on the day of the clock, once; it depends on the day
// alone. The first three loans are paid only when they are about to be overdue in
// the books, and then a little each day.
func (l *life) work() {
	day := l.today()
	if l.worked == day {
		return
	}
	l.worked = day
	switch day.String() {
	case "2026-03-10":
		l.restructure(4)
	case "2026-04-21":
		_, err := bank.Do(l.t.Context(), l.Bank, by, lending.WriteOffLoan{LoanID: l.loans[3]})
		l.note(err)
	case "2026-05-18":
		l.payOff(1)
	case "2026-05-21":
		l.restructure(0)
	}
	if late := day.Month == 5 && day.Day >= 10; late {
		for _, loanID := range l.loans[:3] {
			l.pays(loanID, money.Amount(day.Day)*100, servicing.Ordinary, civil.Date{})
		}
	}
	rng := rand.New(rand.NewPCG(uint64(day.Midnight().Unix()), 7))
	for range rng.IntN(4) {
		n := rng.IntN(len(l.loans))
		loanID, amount := l.loans[n], money.Amount(1+rng.IntN(900_00))
		back := civil.Date{}
		if rng.IntN(4) == 0 {
			back = day.AddDays(-rng.IntN(12))
		}
		kind := []servicing.Kind{servicing.Ordinary, servicing.Ordinary, servicing.AdvancePayment, servicing.Prepayment}[rng.IntN(4)]
		switch roll := rng.IntN(30); {
		case n < 3:
		case roll == 0 && len(l.paid[loanID]) > 0:
			_, err := bank.Do(l.t.Context(), l.Bank, by, lending.ReverseTransaction{LoanID: loanID, TransactionID: l.paid[loanID][len(l.paid[loanID])-1]})
			l.note(err)
		default:
			l.pays(loanID, amount, kind, back)
		}
	}
}

func (l *life) pays(loanID id.ID, amount money.Amount, kind servicing.Kind, on civil.Date) {
	got, err := bank.Do(l.t.Context(), l.Bank, by, lending.ReceivePayment{LoanID: loanID, Operation: servicing.Operation{Amount: amount, Kind: kind, ValueDate: on}})
	if l.note(err); err == nil {
		l.paid[loanID] = append(l.paid[loanID], got.Answer.ID)
	}
}

func (l *life) payOff(n int) {
	l.pays(l.loans[n], l.payoff(l.loans[n]), servicing.Ordinary, civil.Date{})
}

func (l *life) restructure(n int) {
	_, err := bank.Do(l.t.Context(), l.Bank, by, lending.RestructureLoan{LoanID: l.loans[n], Rate: 300_000, Periods: 12, Capitalise: true})
	l.note(err)
}

// note records whether a command was refused, and with which code.
func (l *life) note(err error) {
	said := "done"
	if err != nil {
		said = fmt.Sprint(err)
		if fault.Is(err, fault.Unavailable) {
			l.t.Fatalf("got %v, want no error or a refusal", err)
		}
	}
	l.said = append(l.said, l.today().String()+" "+said)
}

// live plays all days and leaves them closed.
func (l *life) live(closes func(yesterday civil.Date)) {
	for range lifetime {
		l.now = l.now.Add(24 * time.Hour)
		closes(l.today().AddDays(-1))
		l.work()
	}
	for {
		_, err := l.CloseDay(l.t.Context(), by, civil.Date{}, nil)
		if fault.Is(err, fault.Invalid) {
			return
		}
		l.did(nil, err)
	}
}

// account lists the rows of the tables, one on a line, without ids and times.
func (l *life) account() []string {
	l.t.Helper()
	lines := append([]string(nil), l.said...)
	names := map[string]string{}
	list := func(sql string, width int) {
		batch := &db.Batch{}
		batch.Query(sql, func(s db.Scanner) error {
			cells, into := make([]string, width), make([]any, width)
			for i := range cells {
				into[i] = &cells[i]
			}
			err := s.Scan(into...)
			for i, cell := range cells {
				if name, known := names[cell]; known {
					cells[i] = name
				}
			}
			lines = append(lines, strings.Join(cells, " "))
			return err
		})
		if err := l.db.ReadPrimary(l.t.Context(), batch); err != nil {
			l.t.Fatal(err)
		}
	}
	for n, loanID := range l.loans {
		names[loanID.String()] = fmt.Sprintf("loan-%d", n)
	}
	list(`SELECT 'position', CAST(day AS TEXT), CAST(loan_id AS TEXT), status, CAST(stage AS TEXT), CAST(held_stage AS TEXT), CAST(on_time AS TEXT), CAST(instalment AS TEXT),
		CAST(days_past_due AS TEXT), CAST(balance AS TEXT), CAST(overdue_principal AS TEXT), CAST(interest AS TEXT), CAST(suspended AS TEXT), CAST(iva AS TEXT),
		CAST(penalty_interest AS TEXT), CAST(unapplied AS TEXT), CAST(provision AS TEXT), CAST(reserve AS TEXT) FROM daily_positions ORDER BY day, loan_id`, 18)
	list(`SELECT 'portfolio', CAST(day AS TEXT), product, CAST(days_past_due AS TEXT), CAST(stage AS TEXT), CAST(loans AS TEXT), CAST(balance AS TEXT),
		CAST(overdue_principal AS TEXT), CAST(interest AS TEXT), CAST(suspended AS TEXT), CAST(iva AS TEXT), CAST(provision AS TEXT), CAST(reserve AS TEXT)
		FROM portfolio ORDER BY day, product, days_past_due, stage`, 13)
	list(`SELECT 'books', CAST(e.business_date AS TEXT), p.account, CAST(sum(p.debit - p.credit) AS TEXT) FROM postings p JOIN entries e ON e.id = p.entry_id
		GROUP BY e.business_date, p.account HAVING sum(p.debit - p.credit) <> 0 ORDER BY e.business_date, p.account`, 4)
	list(`SELECT 'loan', CAST(id AS TEXT), status, CAST(day AS TEXT), CAST(stage AS TEXT), CAST(balance AS TEXT), CAST(interest_due AS TEXT), CAST(frozen AS TEXT),
		CAST(carried AS TEXT), CAST(transactions AS TEXT), CAST(moved AS TEXT) FROM loans ORDER BY id`, 11)
	list(`SELECT 'transaction', CAST(loan_id AS TEXT), CAST(number AS TEXT), kind, CAST(value_date AS TEXT), CAST(business_date AS TEXT), split FROM loan_transactions ORDER BY loan_id, number`, 7)
	return lines
}

// differences returns the first lines that only one of two accounts has.
func differences(got, want []string) (lines []string) {
	count := map[string]int{}
	for _, l := range want {
		count[l]++
	}
	for _, l := range got {
		if count[l]--; count[l] < 0 {
			lines = append(lines, "+ "+l)
		}
	}
	for _, l := range want {
		if count[l] > 0 {
			count[l]--
			lines = append(lines, "- "+l)
		}
	}
	return lines[:min(len(lines), 40)]
}

// TestLateCloses: whether days are closed at their end, caught up after days on
// which people went on working, or closed while they work on the next day, comes
// out the same.
func TestLateCloses(t *testing.T) {
	if testing.Short() {
		t.Skip("closes 400 days")
	}
	ground.Each(t, func(t *testing.T, d *db.DB) {
		punctual := begin(t, d)
		punctual.live(func(yesterday civil.Date) {
			punctual.close(yesterday)
			punctual.holds(yesterday)
		})
		want := punctual.account()
		punctual.shows()
		for name, closes := range map[string]func(*life) func(civil.Date){
			"late": func(l *life) func(civil.Date) {
				return func(yesterday civil.Date) {
					if yesterday.Day%9 != 0 && !l.last().IsZero() {
						return
					}
					day := yesterday
					if last := l.last(); !last.IsZero() {
						day = last.AddDays(1)
					}
					for ; !day.After(yesterday); day = day.AddDays(1) {
						l.close(day)
					}
					l.holds(yesterday)
				}
			},
			"meanwhile": func(l *life) func(civil.Date) { return l.closeMeanwhile },
		} {
			t.Run(name, func(t *testing.T) {
				l := begin(t, ground.Open(t, ground.Config(t, databaseOf(d))))
				l.live(closes(l))
				if found := differences(l.account(), want); len(found) > 0 {
					t.Errorf("got (+), want as closed on time (-):\n%s", strings.Join(found, "\n"))
				}
			})
		}
	})
}

// shows fails the test unless the life had every case that makes a late close hard.
func (l *life) shows() {
	l.t.Helper()
	for what, sql := range map[string]string{
		"loan that became overdue":        "SELECT count(*) FROM daily_positions WHERE stage = 3",
		"origination fee":                 "SELECT count(*) FROM day_accruals WHERE fees > 0",
		"suspended interest":              "SELECT count(*) FROM daily_positions WHERE suspended > 0",
		"payment of an overdue loan":      "SELECT count(*) FROM loan_transactions m JOIN daily_positions p ON p.loan_id = m.loan_id AND p.day = m.business_date WHERE m.kind = 'payment' AND p.stage = 3",
		"thing that happened by itself":   "SELECT count(*) FROM loan_transactions WHERE kind = 'day'",
		"reversal":                        "SELECT count(*) FROM loan_transactions WHERE kind = 'reversal'",
		"payment for an earlier day":      "SELECT count(*) FROM loan_transactions WHERE value_date < business_date AND kind = 'payment'",
		"restructured loan":               "SELECT count(*) FROM daily_positions WHERE status = 'RESTRUCTURED'",
		"loan that ended during the life": "SELECT count(*) / 2 FROM loans WHERE status IN ('PAID_OFF', 'WRITTEN_OFF')",
	} {
		if office.Count(l.t, l.db, sql) == 0 {
			l.t.Errorf("got no %s, want one", what)
		}
	}
}

func databaseOf(d *db.DB) string {
	if d.Embedded() {
		return ground.SQLite
	}
	return ground.Postgres
}

// last is the last day that was closed.
func (l *life) last() (day civil.Date) {
	batch := &db.Batch{}
	batch.Query("SELECT max(day) FROM business_days", func(s db.Scanner) error { return s.Scan(&day) })
	if err := l.db.ReadPrimary(l.t.Context(), batch); err != nil {
		l.t.Fatal(err)
	}
	return day
}

// closeMeanwhile closes the day while what is done on the next is done: between
// two slices of loans.
func (l *life) closeMeanwhile(yesterday civil.Date) {
	turn := int64(yesterday.Day % 3 * 4)
	_, err := l.CloseDay(l.t.Context(), by, yesterday, func(c dayend.ClosedDay) {
		if c.Loans >= turn {
			l.work()
		}
	})
	l.did(nil, err)
}
