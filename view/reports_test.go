package view_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/infra/db"
	"sofipo/test/formula"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/text"
	"sofipo/view"
)

// summed fills the table of sums as a close does.
const summed = `INSERT INTO portfolio (day, product, days_past_due, stage, loans, balance, overdue_principal, interest, suspended, iva, provision, reserve)
	SELECT day, product, days_past_due, stage, count(*), sum(balance), sum(overdue_principal), sum(interest), sum(suspended), sum(iva), sum(provision), sum(reserve)
	FROM daily_positions GROUP BY day, product, days_past_due, stage`

const positionColumns = `INSERT INTO daily_positions (day, loan_id, client_id, product, status, stage, held_stage, on_time, instalment, days_past_due, balance, overdue_principal,
	interest, suspended, iva, penalty_interest, unapplied, provision, reserve)`

// now is a question of the program that must know of all that was done: no replica has
// its position.
var now = system(math.MaxUint64)

// closedDay inserts the daily positions of a day and marks it closed.
func (o *records) closedDay(day civil.Date, positions ...string) {
	o.Helper()
	session := o.DB.Session()
	defer session.Close()
	batch := &db.Batch{}
	batch.Month("daily_positions", day)
	for _, p := range positions {
		batch.Exec(positionColumns + p)
	}
	batch.Exec(summed)
	batch.Exec("INSERT INTO business_days (day, status, actor, began_at, closed_at, positions) SELECT $1::date, 'CLOSED', 'test', $2::timestamptz, $2::timestamptz, count(*) FROM daily_positions WHERE day = $1", day, o.Now)
	err := session.Begin(o.Context(), batch)
	if err == nil {
		_, err = session.Commit(o.Context(), &db.Batch{})
	}
	if err != nil {
		o.Fatal(err)
	}
}

// TestTheExampleOfTheRules: the portfolio of docs/rules/provisions.md#example has
// the figures that it gives.
func TestTheExampleOfTheRules(t *testing.T) {
	on := day("2026-01-31")
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		var inserts []string
		for i, c := range []struct {
			days    int
			balance money.Amount
		}{{0, 1_000_000_00}, {5, 200_000_00}, {20, 100_000_00}, {45, 80_000_00}, {75, 50_000_00}, {100, 40_000_00}, {150, 30_000_00}, {200, 20_000_00}} {
			class, err := risk.Classify(on, risk.Loan{Payment: risk.Periodic, DaysPastDue: risk.DaysPastDue{Instalment: c.days}})
			if err != nil {
				t.Fatal(err)
			}
			base, reserve := risk.ProvisionBase(class.Stage, c.balance, 0)
			provision, _, err := risk.Provision(on, risk.Exposure{Classification: risk.Consumer, DaysLate: c.days, Base: base})
			if err != nil {
				t.Fatal(err)
			}
			loanID := id.New(o.Now, [10]byte{byte(i)})
			inserts = append(inserts, fmt.Sprintf(" VALUES ('%s', '%s', '%s', 'seed', 'ACTIVE', %d, 0, 0, 1, %d, %d, 0, 0, 0, 0, 0, 0, %d, %d)", on, loanID, loanID, class.Stage, c.days, c.balance, provision, reserve))
		}
		o.closedDay(on, inserts...)
		p, err := o.books.Portfolio(t.Context(), now, civil.Date{})
		if err != nil {
			t.Fatal(err)
		}
		total := p.Total
		if p.Date != on || total.Sums.Balance != 1_520_000_00 || total.Sums.Provision != 159_000_00 || total.Overdue != 90_000_00 || total.Sums.Loans != 8 {
			t.Errorf("got %+v, want date %v, balance 1520000.00, provision 159000.00, overdue 90000.00, loans 8", total, on)
		}
		for want, got := range map[string]risk.Ratio{"5.92 %": total.IMOR, "176.67 %": total.ICOR, "34.21 %": total.PAR1, "14.47 %": total.PAR30, "5.92 % ": total.PAR90} {
			if strings.TrimSpace(want) != got.String() {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		for i, b := range total.Buckets {
			if b.Loans != 1 || b.Bucket != risk.Bucket(i).String() {
				t.Errorf("bucket %d: got %+v, want loans 1, bucket %v", i, b, risk.Bucket(i).String())
			}
		}
		if len(p.Products) != 1 || p.Products[0].Name != "Crédito simple" || !reflect.DeepEqual(p.Products[0].Sums, total.Sums) || p.Products[0].IMOR != total.IMOR {
			t.Errorf("got %+v, want one product, Crédito simple, with the sums %+v and IMOR %v", p.Products, total.Sums, total.IMOR)
		}
		text, err := json.Marshal([]risk.Ratio{p.Total.IMOR, p.Total.IMORA, p.Total.ICOR})
		if want := "[5.92,5.92,176.67]"; err != nil || string(text) != want {
			t.Errorf("got IMOR, IMORA and ICOR of %s, %v; want %s", text, err, want)
		}
	})
}

// TestCloseForecastOfAHeldLoan: a restructured loan with nothing due keeps the stage that is held.
func TestCloseForecastOfAHeldLoan(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		lent := o.Lend(o.Client(1).ID, 10_000_00)
		today := civil.DateOf(o.Now)
		o.closedDay(today, fmt.Sprintf(" VALUES ('%s', '%s', '%s', 'seed', 'RESTRUCTURED', 2, 2, 0, 1, 0, 1000000, 0, 0, 0, 0, 0, 0, 0, 0)", today, lent.ID, lent.ClientID))
		for status, want := range map[string][]view.Move{"RESTRUCTURED": nil, "ACTIVE": {{From: 2, To: 1, Loans: 1}}} {
			o.SQL("UPDATE loans SET status = '" + status + "'")
			if f, err := o.books.CloseForecast(t.Context(), now, today.AddDays(1)); err != nil || !slices.Equal(f.Stages, want) {
				t.Errorf("%s: got %+v, %v, want the moves %v between stages", status, f, err, want)
			}
		}
	})
}

// trade is an institution with a product that has all that can fall due.
type trade struct {
	*records
	holder id.ID
	loans  []id.ID
	todo   product.Product
}

func openTrade(t *testing.T, d *db.DB) *trade {
	o := openOffice(t, d)
	p := product.Seed()
	p.Code, p.Name, p.From, p.PenaltyInterest.Rate, p.Insurance, p.Holidays = "todo", "Crédito con todo", civil.Date{}, 600_000, 25_00, schedule.NextBusinessDay
	p.Fees = schedule.Fees{Periodic: schedule.Fee{Amount: 50_00}, OriginationPayment: "apart", IVARate: rate.Share(160_000)}
	office.Do(o.Office, "ana", lending.CreateProduct{Product: p})
	return &trade{records: o, holder: o.Client(1).ID, todo: p}
}

func (tr *trade) grant(code string, amount money.Amount, periods int) loan.Loan {
	tr.Helper()
	lent := office.Lend(tr, tr.Bank, lending.ApplyForLoan{ClientID: tr.holder, Product: code, Amount: amount, Rate: 360_000, Periods: periods})
	tr.loans = append(tr.loans, lent.ID)
	return lent
}

// tomorrow closes the day of the clock and goes to the next.
func (tr *trade) tomorrow() {
	tr.Helper()
	if _, err := dayend.New(tr.Bank, dayend.Options{}).CloseDay(tr.Context(), bank.By{System: true, Actor: "cora"}, civil.DateOf(tr.Now), nil); err != nil {
		tr.Fatal(err)
	}
	tr.Now = tr.Now.Add(24 * time.Hour)
}

// owed returns the amounts due and overdue on a day, by the loan's file.
func (tr *trade) owed(loanID id.ID, on civil.Date) (due, overdue money.Amount) {
	tr.Helper()
	f, err := tr.books.LoanFile(tr.Context(), now, loanID)
	if err != nil {
		tr.Fatal(err)
	}
	o, err := f.Owing(on, on)
	if err != nil {
		tr.Fatal(err)
	}
	for _, l := range o.Lines {
		switch l.Due.Compare(on) {
		case 0:
			due += l.Amounts.Sum()
		case -1:
			overdue += l.Amounts.Sum()
		}
	}
	return due, overdue
}

// collectsRight compares the report, in pages of one, with the file of every loan.
func (tr *trade) collectsRight(on civil.Date) (listed int) {
	tr.Helper()
	got := map[id.ID]view.Collection{}
	for page := (view.Paging{Limit: 1}); ; {
		out, err := tr.books.Collections(tr.Context(), now, on, civil.DateOf(tr.Now), page)
		if err != nil {
			tr.Fatal(err)
		}
		for _, c := range out.Loans.Items {
			got[c.Loan] = c
		}
		if page.After = out.Loans.Next; page.After.IsZero() {
			break
		}
	}
	for _, loanID := range tr.loans {
		due, overdue := tr.owed(loanID, on)
		c, found := got[loanID]
		if found != (due+overdue > 0) || c.Due != due || c.Overdue != overdue || c.Total != due+overdue || c.Principal+c.Interest+c.PenaltyInterest+c.Charges+c.IVA != c.Total {
			tr.Errorf("%s, loan %s: got %+v, want %s due and %s overdue", on, loanID, c, due, overdue)
		}
		if found && (c.Name != office.ClientName || c.Instalment == 0 || c.OldestDue.IsZero() || (c.DaysPastDue > 0) != c.OldestDue.Before(on) && c.Overdue != c.PenaltyInterest) {
			tr.Errorf("got %+v, want the client, an instalment, the oldest due date and consistent days", c)
		}
	}
	return len(got)
}

// count is a number of the database.
func (o *records) count(sql string, args ...any) (n int64) {
	o.Helper()
	batch := &db.Batch{}
	batch.Query(sql, func(s db.Scanner) error { return s.Scan(&n) }, args...)
	if err := o.DB.ReadPrimary(o.Context(), batch); err != nil {
		o.Fatal(err)
	}
	return n
}

// addsUp compares the portfolio of the last closed day with its positions, and the
// delinquency with the portfolio.
func (tr *trade) addsUp() view.Portfolio {
	tr.Helper()
	on := civil.DateOf(tr.Now).AddDays(-1)
	p, err := tr.books.Portfolio(tr.Context(), now, civil.Date{})
	if err != nil || p.Date != on {
		tr.Fatalf("got %v, %v, want date %v", p.Date, err, on)
	}
	s := p.Total.Sums
	for column, got := range map[string]money.Amount{"balance": s.Balance, "overdue_principal": s.OverduePrincipal, "interest": s.Interest, "suspended": s.Suspended, "iva": s.IVA, "provision": s.Provision, "reserve": s.Reserve} {
		if want := tr.count("SELECT coalesce(sum("+column+"), 0)::bigint FROM daily_positions WHERE day = $1", on); int64(got) != want {
			tr.Errorf("%s: %s: got %s, want %s of the daily positions", on, column, got, money.Amount(want))
		}
	}
	if want := tr.count("SELECT coalesce(sum(balance + interest), 0)::bigint FROM daily_positions WHERE day = $1 AND stage = 3", on); int64(p.Total.Overdue) != want {
		tr.Errorf("%s: got %s overdue, want %s", on, p.Total.Overdue, money.Amount(want))
	}
	var provisions money.Amount
	for _, l := range tr.loans {
		provisions += tr.provision(l)
	}
	if provisions != s.Provision+s.Reserve {
		tr.Errorf("%s: got provisions of the loans of %s, want %s", on, provisions, s.Provision+s.Reserve)
	}
	d, err := tr.books.Delinquency(tr.Context(), now, on, view.Late{}, view.Paging{Limit: 100})
	if err != nil || !d.Loans.Next.IsZero() || int64(len(d.Loans.Items)) != d.Sums.Loans {
		tr.Fatalf("got %+v, %v, want no next page, %d loans, no error", d, err, d.Sums.Loans)
	}
	if late := p.Total.Sums.Loans - p.Total.Buckets[0].Loans; late != d.Sums.Loans {
		tr.Errorf("%s: got %d late loans, want the %d of the portfolio", on, d.Sums.Loans, late)
	}
	for i, l := range d.Loans.Items {
		if l.DaysPastDue == 0 || i > 0 && l.DaysPastDue > d.Loans.Items[i-1].DaysPastDue || l.Name != office.ClientName || l.RFC == "" {
			tr.Errorf("got %+v, want a late loan with its name and RFC, in order of the days past due", l)
		}
		positions, err := tr.books.DailyPositions(tr.Context(), now, l.Loan, on, on)
		if err != nil || len(positions) != 1 || positions[0].Balance != l.Balance || positions[0].DaysPastDue != l.DaysPastDue || positions[0].PenaltyInterest != l.PenaltyInterest {
			tr.Errorf("got %+v, %v; %+v, want 1 position, balance %v, days past due %v, penalty interest %v", positions, err, l, l.Balance, l.DaysPastDue, l.PenaltyInterest)
		}
	}
	return p
}

// provision returns the provision of a loan with its reserve at the last close, and compares it
// with its formula.
func (tr *trade) provision(loanID id.ID) money.Amount {
	tr.Helper()
	f, err := tr.books.LoanFile(tr.Context(), now, loanID)
	if err != nil {
		tr.Fatal(err)
	}
	p, err := tr.books.LoanProvision(tr.Context(), now, &f)
	if err != nil {
		tr.Fatal(err)
	}
	if p == nil {
		return 0
	}
	value, ok := formula.Value(p.Formula)
	if !ok {
		tr.Fatalf("got %q, want a formula", p.Formula)
	}
	if got := new(big.Rat).Mul(value, big.NewRat(100, 1)); money.RoundRatio(got.Num(), got.Denom(), money.HalfUp).Int64() != int64(p.Provision) {
		tr.Errorf("%s: got the formula %q, want the value %s", p.Date, p.Formula, p.Provision)
	}
	if got := p.Exposure.Base + p.Reserve; got != p.Balance+p.Interest {
		tr.Errorf("%s: got a base and reserve of %s, want %s", p.Date, got, p.Balance+p.Interest)
	}
	return p.Provision + p.Reserve
}

// TestReportsOverALife: what the reports say of days that were closed for real.
func TestReportsOverALife(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		tr := openTrade(t, d)
		good, bad := tr.grant("todo", 12_000_00, 12), tr.grant("todo", 6_000_00, 6)
		plain, paid := tr.grant("seed", 3_000_00, 3), tr.grant("seed", 8_000_00, 10)
		undone := tr.grant("seed", 500_00, 2)
		tr.loans = tr.loans[:4]
		office.Do(tr.Office, "ana", lending.CancelLoan{LoanID: undone.ID})
		var taken servicing.Transaction
		listed := 0
		for tr.Now.Before(day("2026-06-10").Midnight()) {
			today := civil.DateOf(tr.Now)
			switch today.String() {
			case "2026-02-10":
				tr.Pay(plain, 500_00, servicing.AdvancePayment)
				tr.Pay(good, 2_000_00, servicing.Prepayment)
			case "2026-02-16", "2026-03-17":
				due, overdue := tr.owed(good.ID, today)
				tr.Pay(good, due+overdue, "")
			case "2026-02-20":
				taken = tr.Pay(bad, 100_00, "")
			case "2026-02-25":
				tr.Pay(paid, 500_00, "")
			case "2026-03-05": // before that one, which is recomputed and posted again
				office.Do(tr.Office, "tito", lending.ReceivePayment{LoanID: paid.ID, Operation: servicing.Operation{Amount: 200_00, ValueDate: day("2026-02-18")}})
			case "2026-03-01":
				office.Do(tr.Office, "cora", lending.ReverseTransaction{LoanID: bad.ID, TransactionID: taken.ID})
			case "2026-03-20": // loans keep the classification of the version that they were granted on
				tr.todo.From, tr.todo.Classification = day("2026-03-21"), risk.Commercial
				office.Do(tr.Office, "ana", lending.ChangeProduct{Product: tr.todo})
			case "2026-04-20":
				office.Do(tr.Office, "ana", lending.RestructureLoan{LoanID: good.ID, Rate: 300_000, Periods: 8})
			case "2026-05-25":
				office.Do(tr.Office, "ana", lending.WriteOffLoan{LoanID: bad.ID})
				tr.Pay(paid, 1_000_00, "")
			}
			if near := today.Day; near >= 14 && near <= 18 || today.Day%9 == 0 {
				listed += tr.collectsRight(today)
				tr.collectsRight(today.AddDays(int(near)))
			}
			tr.tomorrow()
			if today.Day%10 == 0 {
				tr.addsUp()
			}
		}
		if listed < 20 {
			t.Errorf("got %d loans listed, want at least 20", listed)
		}
		p := tr.addsUp()
		if p.Total.Overdue == 0 || p.Total.IMOR == p.Total.IMORA || p.Total.ICOR.String() == "—" || len(p.Products) != 2 {
			t.Errorf("got %+v of %d products, want an amount overdue, an ICOR, an IMORA unlike the IMOR, and 2 products", p.Total, len(p.Products))
		}
		tr.writtenOff(bad, p)
		tr.moved(bad, good, undone)
		tr.refused(bad)
	})
}

// writtenOff compares what the report says was written off with what the loan's
// positions had the day before.
func (tr *trade) writtenOff(bad loan.Loan, today view.Portfolio) {
	tr.Helper()
	last, err := tr.books.DailyPositions(tr.Context(), now, bad.ID, day("2026-05-01"), day("2026-06-30"))
	if err != nil || len(last) != 24 || last[23].Date != day("2026-05-24") {
		tr.Fatalf("got %v, %v, want 24 positions, the last of %v", len(last), err, day("2026-05-24"))
	}
	before := last[23]
	if part := today.Products[1]; part.Product != "todo" || part.WrittenOff != before.Balance+before.Interest || today.Products[0].WrittenOff != 0 || today.Total.WrittenOff != part.WrittenOff {
		tr.Errorf("got %s written off of a loan with %+v, want %v, all of the product todo", part.WrittenOff, before, before.Balance+before.Interest)
	}
	then, err := tr.books.Portfolio(tr.Context(), now, day("2026-05-24"))
	if err != nil || then.Total.WrittenOff != 0 || then.Total.IMOR != then.Total.IMORA {
		tr.Errorf("before the write-off: got %+v, %v, want written off 0, IMOR %v", then.Total, err, then.Total.IMORA)
	}
	f, err := tr.books.LoanFile(tr.Context(), now, bad.ID)
	if err != nil {
		tr.Fatal(err)
	}
	office.Do(tr.Office, "cora", lending.ReverseTransaction{LoanID: bad.ID, TransactionID: f.Transactions[len(f.Transactions)-1].ID})
	tr.tomorrow()
	if again := tr.addsUp(); again.Total.WrittenOff != 0 || again.Total.IMORA != again.Total.IMOR {
		tr.Errorf("after its reversal: got %+v, want written off 0, IMORA %v", again.Total, again.Total.IMOR)
	}
}

// moved looks at the money of some days.
func (tr *trade) moved(bad, good, undone loan.Loan) {
	tr.Helper()
	money, err := tr.books.MoneyMoved(tr.Context(), now, day("2026-01-15"), day("2026-03-05"))
	if err != nil {
		tr.Fatal(err)
	}
	var lines []string
	var counted int64
	for _, r := range money.Rows {
		counted += r.Count
		if r.Date != day("2026-02-16") {
			lines = append(lines, fmt.Sprintf("%s %s %s %d +%s -%s", r.Date, r.Product, r.Kind, r.Count, r.In, r.Out))
		}
	}
	want := []string{
		"2026-01-15 seed cancellation 1 +500.00 -0.00",
		"2026-01-15 seed disbursement 3 +0.00 -11500.00",
		"2026-01-15 todo disbursement 2 +0.00 -18000.00",
		"2026-02-10 seed advance 1 +500.00 -0.00",
		"2026-02-10 todo prepayment 1 +2000.00 -0.00",
		"2026-02-20 todo payment 1 +100.00 -0.00",
		"2026-02-25 seed payment 1 +500.00 -0.00",
		"2026-03-01 todo reversal 1 +0.00 -100.00",
		"2026-03-05 seed payment 1 +200.00 -0.00",
	}
	if !slices.Equal(lines, want) {
		tr.Errorf("got %s\nwant %s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	f, err := tr.books.LoanFile(tr.Context(), now, good.ID)
	if err != nil {
		tr.Fatal(err)
	}
	in := 500_00 + 500_00 + 2_000_00 + 100_00 + 500_00 + 200_00 + f.Transactions[2].Amount
	if money.In != in || money.Out != 29_600_00 || f.Transactions[2].BusinessDate != day("2026-02-16") {
		tr.Errorf("got %s in and %s out, want %s and 29600.00", money.In, money.Out, in)
	}
	if every := tr.count("SELECT count(*) FROM loan_transactions WHERE amount > 0 AND business_date <= '2026-03-05'"); every+1 != counted {
		tr.Errorf("got %d transactions with an amount, want %d, those counted without the cancellation", every, counted-1)
	}
}

// refused are questions that have no answer.
func (tr *trade) refused(bad loan.Loan) {
	tr.Helper()
	ctx, today := tr.Context(), civil.DateOf(tr.Now)
	page := view.Paging{Limit: 10}
	delinquency := func(on civil.Date, which view.Late, page view.Paging) error {
		_, err := tr.books.Delinquency(ctx, now, on, which, page)
		return err
	}
	collections := func(on civil.Date) error {
		_, err := tr.books.Collections(ctx, now, on, today, page)
		return err
	}
	portfolio := func(on civil.Date) error { _, err := tr.books.Portfolio(ctx, now, on); return err }
	for what, c := range map[string]struct {
		err  error
		code fault.Code
		says string
	}{
		"a day that is open":           {portfolio(today), accounting.NoDailyPositions, "There are no daily positions for " + today.String() + "; the last closed day is " + today.AddDays(-1).String()},
		"a day before the first":       {portfolio(day("2026-01-14")), accounting.NoDailyPositions, "last closed day"},
		"late on a day that is open":   {delinquency(today, view.Late{}, page), accounting.NoDailyPositions, "last closed day"},
		"late of no product":           {delinquency(civil.Date{}, view.Late{Product: "nope"}, page), product.NotFound, "Product"},
		"late after a loan that isn't": {delinquency(civil.Date{}, view.Late{}, view.Paging{Limit: 1, After: id.ID{1}}), fault.Invalid, ""},
		"collections of yesterday":     {collections(today.AddDays(-1)), fault.Invalid, ""},
		"collections of next season":   {collections(today.AddDays(32)), fault.Invalid, ""},
		"positions of no loan": {func() error {
			_, err := tr.books.DailyPositions(ctx, now, id.ID{1}, today, today)
			return err
		}(), loan.NotFound, "Loan"},
	} {
		if !fault.Is(c.err, c.code) || !strings.Contains(told(c.err), c.says) {
			tr.Errorf("%s: got %v, want %s with %s", what, c.err, c.code, c.says)
		}
	}
	if none, err := tr.books.DailyPositions(ctx, now, bad.ID, day("2025-01-01"), day("2025-12-31")); err != nil || len(none) != 0 {
		tr.Errorf("days without positions: got %v, %v, want none", none, err)
	}
	on := today.AddDays(-5)
	tr.SQL("DELETE FROM daily_positions WHERE day = '" + on.String() + "'")
	var refusal *fault.Error
	if err := delinquency(on, view.Late{}, page); !fault.Is(err, accounting.NoDailyPositions) || !strings.Contains(told(err), "purged") || errors.As(err, &refusal) && refusal.Values["last_closed_day"] != nil {
		tr.Errorf("purged positions: got %v, want %s with the word purged and no last closed day", err, accounting.NoDailyPositions)
	}
	if err := portfolio(on); err != nil {
		tr.Errorf("the sums stay: %v", err)
	}
}

// told is a refusal in English.
func told(err error) string {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return ""
	}
	return text.Title(text.EN, refusal)
}

// TestNoDayIsClosed: before the first close there is nothing to report.
func TestNoDayIsClosed(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		if _, err := o.books.Portfolio(t.Context(), now, civil.Date{}); !fault.Is(err, accounting.NoDailyPositions) || !strings.Contains(told(err), "no day has been closed yet") {
			t.Errorf("before the first close: got %v, want %s", err, accounting.NoDailyPositions)
		}
		if out, err := o.books.Collections(t.Context(), now, civil.Date{}, day("2026-01-15"), view.Paging{Limit: 1}); err != nil || len(out.Loans.Items) != 0 || !out.Loans.Next.IsZero() || out.Date != day("2026-01-15") {
			t.Errorf("got %+v, %v, want an empty last page for %v", out, err, day("2026-01-15"))
		}
	})
}

// TestPagesOfLateLoans: filters and pages over positions that were inserted.
func TestPagesOfLateLoans(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		holder, on := o.Client(1), day("2026-01-31")
		var inserts []string
		for i := range 40 {
			code := []string{"seed", "todo"}[i%2]
			inserts = append(inserts, fmt.Sprintf(" VALUES ('%s', '%s', '%s', '%s', 'ACTIVE', 1, 0, 0, 1, %d, 100, 10, 1, 0, 0, 0, 0, 0, 0)", on, id.New(o.Now, [10]byte{byte(i)}), holder.ID, code, i/4*20))
		}
		o.closedDay(on, inserts...)
		for which, want := range map[view.Late]int{{}: 36, {Bucket: "1-7"}: 0, {Bucket: "8-30"}: 4, {Bucket: "181+"}: 0, {Bucket: "121-180"}: 12, {Bucket: "31-60", Product: "seed"}: 4, {Product: "seed"}: 18} {
			var all []view.DelinquentLoan
			for page := (view.Paging{Limit: 5}); ; {
				got, err := o.books.Delinquency(t.Context(), now, on, which, page)
				if err != nil || got.Sums.Loans != int64(want) || got.Sums.Balance != money.Amount(100*want) || got.Sums.OverduePrincipal != money.Amount(10*want) {
					t.Fatalf("%+v: got %+v %v, want %v loans, balance %v, overdue principal %v", which, got.Sums, err, int64(want), money.Amount(100*want), money.Amount(10*want))
				}
				all = append(all, got.Loans.Items...)
				if page.After = got.Loans.Next; page.After.IsZero() {
					break
				}
			}
			seen := map[id.ID]bool{}
			for i, l := range all {
				if seen[l.Loan] || i > 0 && l.DaysPastDue > all[i-1].DaysPastDue || which.Product != "" && l.Product != which.Product || which.Bucket != "" && l.Bucket != which.Bucket {
					t.Errorf("%+v: got %+v, want each loan once, by days, of the product and bucket", which, l)
				}
				seen[l.Loan] = true
			}
			if len(all) != want {
				t.Errorf("%+v: got %d loans, want %d", which, len(all), want)
			}
		}
	})
}

// TestThePortfolioIsFast: over 200,000 positions it is answered in a fifth of a
// second, since it reads their sums.
func TestThePortfolioIsFast(t *testing.T) {
	o := openOffice(t, ground.Open(t, ground.Config(t, ground.Postgres)))
	on := day("2026-01-31")
	o.closedDay(on, fmt.Sprintf(` SELECT '%s', gen_random_uuid(), gen_random_uuid(), 'p' || n %% 5, 'ACTIVE', 1 + (n %% 400 > 30)::int + (n %% 400 > 89)::int, 0, 0, 1, n %% 400, 1000000, 1000, 100, 0, 16, 0, 0, 10000, 0
		FROM generate_series(1, 200000) n`, on))
	best := time.Hour
	for try := 0; try < 3 || try < 20 && best > 200*time.Millisecond; try++ { // more while the machine is busy with something else
		began := time.Now()
		p, err := o.books.Portfolio(t.Context(), now, civil.Date{})
		if err != nil || p.Total.Sums.Loans != 200_000 || len(p.Products) != 5 || p.Total.Sums.Balance != 200_000*10_000_00 {
			t.Fatalf("got %+v %v, want 200,000 loans, 5 products, balance %v", p.Total, err, 200_000*10_000_00)
		}
		best = min(best, time.Since(began))
	}
	t.Logf("the portfolio of 200,000 loans: %s", best)
	if best > 200*time.Millisecond {
		t.Errorf("the portfolio took %s, want at most %v", best, 200*time.Millisecond)
	}
}
