package lending_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	tills "sofipo/bank/settlement"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/settlement"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/test/random"
)

const lifeDays = 180

// TestAnyDays plays institutions over months of days that are closed at
// once, or caught up with later, while clients pay, and pay for earlier days, and
// loans are reversed, restructured, written off and recovered. After every close
// the books through the day agree with its daily positions, and each position agrees
// with the transactions registered by then; after every operation the control
// accounts agree with the loans.
//
// A failure names the seed that repeats it: TEST_SEED=N go test ./bank/lending -run AnyDays.
func TestAnyDays(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	left := map[string]int{}
	missing := func() (all []string) {
		for _, what := range []string{"overdue", "held", "proved", "stage 3 to 1", "write_off_loan", "recover_loan", "restructure_loan", "reverse_transaction", "cancel_loan", "forced"} {
			if left[what] == 0 {
				all = append(all, what)
			}
		}
		return all
	}
	for n := 0; n < random.Times(t, 1) || n < 10 && !t.Failed() && missing() != nil; n++ {
		seed := random.Seed(t) + uint64(3*n) // two lives of the default seed reach all
		for _, name := range []string{ground.SQLite, ground.Postgres} {
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) {
				live(t, ground.Open(t, ground.Config(t, name)), seed, left)
			})
		}
	}
	t.Log(left)
	if lack := missing(); lack != nil {
		t.Errorf("got institutions without %q, want one of each", lack)
	}
}

// life is an institution that the test plays day by day.
type life struct {
	*testing.T
	rand     *rand.Rand
	db       *db.DB
	bank     *bank.Bank
	closer   *dayend.Closer
	session  *db.Session // to look at loans
	now      time.Time
	begun    civil.Date // the last day with a close that has begun
	closed   civil.Date // and the last that was closed
	early    civil.Date // the last day before the first close began: until then transactions posted interest themselves
	holder   id.ID
	till     id.ID // zero until it is first left open
	products int   // made
	loans    []*borrowed
	events   int // of a change of stage that must have been told
	left     map[string]int
}

// borrowed is a loan with the figures that the test computes itself.
type borrowed struct {
	id           id.ID
	number       int
	product      product.Product
	contract     schedule.Schedule
	opened       civil.Date
	habit        int // of its client
	transactions []servicing.Transaction
	stage        risk.Stage
	recognition  entries.Recognition
	held         risk.Stage // since it was restructured
	seen         civil.Date // alive at the end of that day
	run          int        // instalments paid on time since then
	renumbered   bool       // the run may be another
}

// begins opens an institution in September 2024.
func begins(t *testing.T, d *db.DB, seed uint64, left map[string]int) *life {
	l := &life{T: t, rand: rand.New(rand.NewPCG(seed, 1)), db: d, session: d.Session(), left: left}
	t.Cleanup(l.session.Close)
	l.now = time.Date(2024, 9, 2, 8, 0, 0, 0, time.UTC)
	var key [32]byte
	key[0], key[1], key[2], key[3] = byte(seed), byte(seed>>8), byte(seed>>16), byte(seed>>24)
	clock := func() time.Time {
		l.now = l.now.Add(time.Second)
		return l.now
	}
	l.bank = office.OpenBank(t, d, office.Clock(clock), office.Writers(1), func(o *bank.Options) { o.Random = rand.NewChaCha8(key) })
	l.closer = dayend.New(l.bank, dayend.Options{Limits: lending.SliceLimits{Loans: 1 + l.rand.IntN(5)}})
	l.holder = office.Register(t, l.bank, 1).ID
	return l
}

func live(t *testing.T, d *db.DB, seed uint64, left map[string]int) {
	l := begins(t, d, seed, left)
	l.now = l.now.AddDate(0, 0, l.rand.IntN(800))
	for len(l.loans) < 5 {
		l.lend()
	}
	lag := 0 // days that are left open
	if l.rand.IntN(3) == 0 {
		lag = 1 + l.rand.IntN(30)
	}
	for range lifeDays {
		for range one(l, 0, 0, 1, 1, 2) {
			l.anything()
		}
		l.habits()
		l.controls()
		if lag--; lag < 0 {
			l.catchUp()
			if l.rand.IntN(12) == 0 {
				lag = 1 + l.rand.IntN(12)
			}
		}
		l.now = time.Date(l.now.Year(), l.now.Month(), l.now.Day()+1, 8, 0, 0, 0, time.UTC)
	}
	l.catchUp()
	l.doctor()
}

// doctor checks every invariant of the books.
func (l *life) doctor() {
	if err := office.Check(l.Context(), l.db); err != nil {
		l.Errorf("%s, after the close of %s: %s", l.today(), l.closed, err)
	}
}

func (l *life) clockDay() civil.Date { return civil.DateOf(l.now) }

// today is the business date.
func (l *life) today() civil.Date { return civil.BusinessDate(l.clockDay(), l.begun) }

func (l *life) query(sql string, scan func(db.Scanner) error, args ...any) {
	l.Helper()
	batch := &db.Batch{}
	batch.Query(sql, scan, args...)
	if err := l.db.ReadPrimary(l.Context(), batch); err != nil {
		l.Fatalf("%s: %v", sql, err)
	}
}

// TestALoanIsWrittenOffWhileItsStageChanges: a loan is written off after the day
// on which it becomes overdue and before the close of that day has found it so.
// Neither that nor the reversal leaves income or loss of what was suspended.
func TestALoanIsWrittenOffWhileItsStageChanges(t *testing.T) {
	l, b := neglected(t, 96)
	l.now = l.now.Add(72 * time.Hour)
	do(l, b, lending.WriteOffLoan{LoanID: b.id})
	for l.closed.Before(l.clockDay()) {
		l.closeDay(func() {})
	}
	_, suspended := b.recognition.Recognised(entries.InterestOf(l.account(b, l.today())))
	if m := b.transactions[1]; m.Kind != servicing.WriteOffKind || suspended == 0 {
		t.Fatalf("got %+v with %s suspended, want a write-off with suspended interest", m, suspended)
	}
	do(l, b, lending.ReverseTransaction{LoanID: b.id, TransactionID: b.transactions[1].ID})
	l.read()
	l.controls()
	l.now = l.now.Add(24 * time.Hour)
	l.closeDay(func() {})
}

// TestASuspendedLoanEarnedLess: a payment for a day before the loan was overdue
// leaves it earning less than what was income when it was suspended. What it earns
// up to there is income again, of a loan that is overdue.
func TestASuspendedLoanEarnedLess(t *testing.T) {
	l, b := neglected(t, 99)
	do(l, b, lending.ReceivePayment{LoanID: b.id, Operation: servicing.Operation{Amount: 15_000_00, Kind: servicing.Prepayment, ValueDate: b.opened.AddDays(5)}})
	l.read()
	l.controls()
	earned, _ := entries.InterestOf(l.account(b, l.today()))
	if !b.recognition.Suspended || earned >= b.recognition.Frozen {
		t.Fatalf("got %s earned, %+v, want a suspended loan that earned less than the frozen amount", earned, b.recognition)
	}
	for range 5 {
		l.closeDay(func() {})
		l.now = l.now.Add(24 * time.Hour)
	}
}

// neglected is an institution on SQLite with one loan by the week, disbursed some
// days ago, each of which was closed; nothing was paid.
func neglected(t *testing.T, days int) (*life, *borrowed) {
	p := product.Seed()
	p.Frequency = schedule.Weekly
	return abandoned(t, p, days)
}

// abandoned is an institution with one loan on the product, of 30 periods, that is never paid.
func abandoned(t *testing.T, p product.Product, days int) (*life, *borrowed) {
	l, b := begins(t, ground.Open(t, ground.Config(t, ground.SQLite)), 1, map[string]int{}), &borrowed{stage: risk.Stage1}
	p.Code, p.Version, p.From, p.Limits.ApprovalLimit = "only", 0, civil.Date{}, money.Max
	do(l, b, lending.CreateProduct{Product: p})
	l.disburse(b, p.Code, 20_000_00, 450_000, 30)
	l.goOn(days)
	return l, b
}

// goOn closes a number of days.
func (l *life) goOn(days int) {
	for range days {
		l.closeDay(func() {})
		l.now = l.now.Add(24 * time.Hour)
	}
}

// TestInterestOf90DaysSustains: so does a fifth of the principal, of a loan of
// interest alone that was restructured when it was overdue; the instalments of
// one by the week count on their due dates, though a holiday moved them on.
func TestInterestOf90DaysSustains(t *testing.T) {
	bullet, weekly := product.Seed(), product.Seed()
	bullet.Method = schedule.Bullet
	weekly.Frequency, weekly.Holidays = schedule.Weekly, schedule.NextBusinessDay
	stages := func(l *life, b *borrowed, days int, stages ...risk.Stage) {
		l.Helper()
		for _, want := range stages {
			if l.goOn(days); b.stage != want {
				l.Errorf("%s: got stage %d, want %d", l.today(), b.stage, want)
			}
		}
	}
	restructured := func(t *testing.T, p product.Product, on time.Weekday, capitalise bool) (*life, *borrowed) {
		l, b := abandoned(t, p, 130)
		for l.today().Weekday() != on {
			l.goOn(1)
		}
		var first civil.Date // the loan's own day
		if p.Frequency == schedule.Weekly {
			first = l.today().AddDays(7)
		}
		do(l, b, lending.RestructureLoan{LoanID: b.id, Rate: 240_000, Periods: 20, FirstDue: first, Capitalise: capitalise})
		stages(l, b, 1, risk.Stage3)
		return l, b
	}
	t.Run("interest", func(t *testing.T) {
		l, b := restructured(t, bullet, time.Monday, true)
		for n := range 4 {
			for l.account(b, l.today()).Day.Before(l.account(b, l.today()).Instalments[n].Until) {
				stages(l, b, 1, risk.Stage3)
			}
			do(l, b, lending.ReceivePayment{LoanID: b.id, Operation: servicing.Operation{Amount: servicing.Due(l.account(b, l.today()), l.today()).Due.Sum()}})
			l.read()
			if servicing.InterestPaidTo(l.account(b, l.today())).Since(l.agreed(b, l.today()).Disbursement) >= 90 {
				stages(l, b, 1, risk.Stage1)
				return
			}
		}
		t.Error("got stage 3 after the interest of four months was paid, want stage 1 after 90 days")
	})
	t.Run("principal", func(t *testing.T) {
		l, b := restructured(t, bullet, time.Monday, false)
		prepay := func(principal money.Amount) {
			a := l.account(b, l.today())
			do(l, b, lending.ReceivePayment{LoanID: b.id, Operation: servicing.Operation{Amount: servicing.PayoffOf(a, a.Day).Total - a.Outstanding + principal, Kind: servicing.Prepayment}})
			l.read()
		}
		prepay(3_999_99)
		stages(l, b, 1, risk.Stage3, risk.Stage3)
		prepay(1)
		stages(l, b, 1, risk.Stage1, risk.Stage1)
	})
	t.Run("instalments", func(t *testing.T) {
		l, b := restructured(t, weekly, time.Saturday, true)
		for range 3 {
			stages(l, b, 6, risk.Stage3) // to the next Saturday
			do(l, b, lending.ReceivePayment{LoanID: b.id, Operation: servicing.Operation{Amount: servicing.Due(l.account(b, l.today()), l.today()).Due.Sum()}})
			l.read()
			stages(l, b, 1, risk.Stage3)
		}
		stages(l, b, 1, risk.Stage3, risk.Stage3, risk.Stage1) // on a Tuesday: Monday was Constitution Day
	})
}

// night is the actor of the closes.
var night = bank.By{Actor: "night", System: true}

// catchUp closes the days that are over, now and then with operations between
// the closes, or between the beginning of a close and the rest of it.
func (l *life) catchUp() {
	if l.begun.IsZero() {
		l.early = l.clockDay()
	}
	for l.closed.Before(l.clockDay()) {
		if l.rand.IntN(3) == 0 {
			ctx, cut := context.WithCancel(l.Context())
			begun, err := l.closer.CloseDay(ctx, night, civil.Date{}, func(dayend.ClosedDay) { cut() }) // before the first loan
			if !fault.Is(err, fault.Unavailable) {
				l.Fatalf("a close that was cut off: got %v, want %s", err, fault.Unavailable)
			}
			l.begun = begun.Day
			l.meanwhile()
		}
		l.closeDay(func() {
			if l.rand.IntN(8) == 0 {
				l.anything()
			}
		})
		if l.closed.Before(l.clockDay()) && l.rand.IntN(3) == 0 {
			l.anything()
		}
	}
}

// closeDay closes the next day and compares what it left.
func (l *life) closeDay(betweenSlices func()) {
	l.Helper()
	progress := func(at dayend.ClosedDay) {
		l.begun = at.Day
		betweenSlices()
	}
	left := l.leavesTill()
	done, err := l.closer.CloseDay(l.Context(), night, civil.Date{}, progress)
	if left {
		if !fault.Is(err, settlement.TillsOpen) {
			l.Fatalf("got %v with an open till, want %s", err, settlement.TillsOpen)
		}
		done, err = l.closer.ForceDay(l.Context(), night, l.today(), "la cajera enfermó", progress)
	}
	if err != nil {
		l.Fatal(err)
	}
	if left {
		l.counts(done.Day)
	}
	if !l.closed.IsZero() && done.Day != l.closed.AddDays(1) {
		l.Fatalf("after the close of %s: got the close of %s, want that of the next day", l.closed, done.Day)
	}
	l.closed = done.Day
	l.Logf("closed %s", done.Day)
	l.read()
	l.afterClose(done)
	l.controls()
	if l.rand.IntN(30) == 0 {
		l.doctor()
	}
	if l.Failed() {
		l.FailNow()
	}
}

// leavesTill opens the till on some days whose close comes next, and reports whether it did.
func (l *life) leavesTill() bool {
	if l.closed.IsZero() || l.today() != l.closed.AddDays(1) || l.rand.IntN(30) != 0 {
		return false
	}
	if l.till.IsZero() {
		do(l, nil, tills.AddTill{Code: "v1", Title: "Bóveda", BranchID: staff.HeadOffice, Vault: true})
		till, _ := do(l, nil, tills.AddTill{Code: "c1", Title: "Caja 1", BranchID: staff.HeadOffice})
		l.till = till.ID
	}
	_, opened := do(l, nil, tills.OpenTill{TillID: l.till})
	return opened
}

// counts looks at the forced close of a day and closes the till that was left open. It does not
// block later days.
func (l *life) counts(day civil.Date) {
	l.Helper()
	var codes, reason string
	l.query("SELECT tills, reason FROM forced_closes WHERE day = $1", func(s db.Scanner) error { return s.Scan(&codes, &reason) }, day)
	if codes != "c1" || reason != "la cajera enfermó" {
		l.Errorf("after the forced close of %s: got the tills %q and the reason %q, want c1 and the reason given", day, codes, reason)
	}
	if _, closed := do(l, nil, tills.CloseTill{TillID: l.till}); !closed {
		l.Errorf("after the forced close of %s: got a till that cannot be closed, want it closed", day)
	}
	l.left["forced"]++
}

// meanwhile does something while a day is being closed, to a loan that the close
// is to put into another stage if there is one.
func (l *life) meanwhile() {
	for _, b := range l.loans {
		a := l.account(b, l.begun)
		if !servicing.Alive(a.Status) || !slices.Contains([]int{31, 90}, servicing.DaysPastDue(a, l.begun)) {
			continue
		}
		switch l.rand.IntN(4) {
		case 0:
			do(l, b, lending.WriteOffLoan{LoanID: b.id})
		case 1:
			do(l, b, lending.RestructureLoan{LoanID: b.id, Rate: 150_000, Periods: 3, Capitalise: l.rand.IntN(2) == 0})
		default:
			do(l, b, lending.ReceivePayment{LoanID: b.id, Operation: servicing.Operation{Amount: l.amount(a), ValueDate: l.day()}})
		}
		l.read()
		return
	}
	l.anything()
}

// do carries out a command, which may be refused.
func do[A any](l *life, b *borrowed, c bank.Command[A]) (answer A, done bool) {
	l.Helper()
	receipt, err := bank.Do(l.Context(), l.bank, bank.By{Actor: "ana", System: true}, c)
	number := -1
	if b != nil {
		number = b.number
	}
	l.Logf("%s, loan %d: %s %+v: %v", l.today(), number, c.Name(), c, err)
	var refusal *fault.Error
	if err != nil && (!errors.As(err, &refusal) || refusal.Code == fault.Unavailable) {
		l.Fatalf("got %v, want no error or a refusal", err)
	}
	if err == nil {
		l.left[c.Name()]++
	}
	return receipt.Answer, err == nil
}

// one draws one of the values.
func one[T any](l *life, of ...T) T { return of[l.rand.IntN(len(of))] }

// anything carries out a random operation on a loan, or grants one.
func (l *life) anything() {
	b := one(l, l.loans...)
	if late := slices.DeleteFunc(slices.Clone(l.loans), func(b *borrowed) bool { return b.stage == risk.Stage1 }); len(late) > 0 && l.rand.IntN(2) == 0 {
		b = one(l, late...)
	}
	a := l.account(b, l.today())
	troubled := b.stage == risk.Stage3 || b.stage == risk.Stage2 && l.rand.IntN(5) == 0
	switch n := l.rand.IntN(100); {
	case n < 5:
		l.lend()
	case n < 45 && (b.habit == 0 || n < 15 || n < 30 && b.stage > risk.Stage1):
		c := lending.ReceivePayment{LoanID: b.id, Operation: servicing.Operation{Kind: one(l, "", "", servicing.Ordinary, servicing.Prepayment, servicing.AdvancePayment, servicing.AdvancePayment), ValueDate: l.day()}}
		on := l.today()
		if !c.ValueDate.IsZero() {
			on = c.ValueDate
		}
		c.Amount = l.amount(l.account(b, on))
		do(l, b, c)
	case n == 45 || n > 45 && n < 65 && troubled:
		do(l, b, lending.RestructureLoan{LoanID: b.id, Rate: one[rate.Annual](l, 150_000, 900_000, 0), Periods: 1 + l.rand.IntN(9), Capitalise: l.rand.IntN(2) == 0})
		if troubled && l.rand.IntN(2) == 0 {
			b.habit = 0 // from now on the client pays
		}
	case n < 75 && (b.recognition.Suspended && n < 69 || n == 65 && b.number%3 == 0):
		do(l, b, lending.WriteOffLoan{LoanID: b.id})
	case n < 85 && a.Status == servicing.WrittenOff:
		do(l, b, lending.RecoverLoan{LoanID: b.id, ValueDate: l.day(), Amount: a.WrittenOff.Sum() * money.Amount(one(l, 1, 30, 50, 100)) / 100})
	case n < 87:
		do(l, b, lending.CancelLoan{LoanID: b.id, Reason: "desistió"})
	case n >= 89:
		if m := one(l, b.transactions[len(b.transactions)/2:]...); m.Kind != servicing.Disbursement {
			do(l, b, lending.ReverseTransaction{LoanID: b.id, TransactionID: m.ID, Reason: "cuenta equivocada"})
		}
	}
	l.read()
}

// day draws a value date: none, or one of the last days.
func (l *life) day() civil.Date {
	if l.rand.IntN(3) > 0 {
		return civil.Date{}
	}
	return l.today().AddDays(-l.rand.IntN(one(l, 4, 40)))
}

// amount draws an amount around the amount due.
func (l *life) amount(a servicing.Account) money.Amount {
	owing := servicing.Due(a, a.Day)
	payoff := servicing.PayoffOf(a, a.Day).Total
	whole := one(l, owing.Due.Sum(), owing.Due.Sum(), owing.Due.Sum()+owing.Accrued.Sum(), payoff/3, payoff/5, payoff, 500_00)
	return whole * money.Amount(one(l, 50, 100, 100, 100, 10)) / 100
}

// habits lets the clients pay as each of them does: on the day, late and all at
// once, or never.
func (l *life) habits() {
	for _, b := range l.loans {
		owing := servicing.Due(l.account(b, l.today()), l.today())
		due := owing.Due.Sum()
		if due == 0 || b.habit == 2 || b.habit == 1 && (owing.DaysPastDue < 95 || l.rand.IntN(4) > 0) || l.rand.IntN(40) == 0 {
			continue
		}
		do(l, b, lending.ReceivePayment{LoanID: b.id, Operation: servicing.Operation{Amount: due}})
		l.read()
	}
}

// lend grants a loan on a new product.
func (l *life) lend() {
	if len(l.loans) >= 12 {
		return
	}
	l.products++
	b := &borrowed{number: len(l.loans), habit: one(l, 0, 1, 1, 2, 2), stage: risk.Stage1}
	p := rapid.Custom(anyProduct).Example(l.rand.IntN(1_000_000))
	p.Code, p.Limits = fmt.Sprintf("p%d", l.products), product.Limits{ApprovalLimit: money.Max}
	p.Frequency = one(l, schedule.Weekly, schedule.Every14Days, schedule.Quincenal, schedule.Monthly)
	p.PeriodDays = 0
	p.Excess = one(l, product.KeepUnapplied, product.KeepUnapplied, product.ReduceInstalment, product.ReduceTerm)
	p.Classification = one(l, risk.Classifications()...)
	if _, done := do(l, b, lending.CreateProduct{Product: p}); done {
		l.disburse(b, p.Code, one[money.Amount](l, 20_000_00, 4_999_99, 123_456_78, 20_000_00, 4_999_99, 123_456_78, 1_00), one[rate.Annual](l, 455_000, 123_456, 990_000), 2+l.rand.IntN(10))
	}
}

// disburse grants the loan on a product, unless it is refused.
func (l *life) disburse(b *borrowed, code string, amount money.Amount, annual rate.Annual, periods int) {
	asked, done := do(l, b, lending.ApplyForLoan{ClientID: l.holder, Product: code, Amount: amount, Rate: annual, Periods: periods})
	if !done {
		return
	}
	do(l, b, lending.ApproveLoan{LoanID: asked.ID})
	lent, done := do(l, b, lending.DisburseLoan{LoanID: asked.ID})
	if !done {
		return
	}
	b.id, b.opened = lent.ID, lent.Opened
	var text string
	l.query("SELECT terms FROM loan_versions WHERE loan_id = $1 AND serial = 1", func(s db.Scanner) error { return s.Scan(&text) }, b.id)
	var terms schedule.Terms
	err := json.Unmarshal([]byte(text), &terms)
	if err != nil {
		l.Fatal(err)
	}
	if b.contract, err = schedule.Plan(terms); err != nil {
		l.Fatal(err)
	}
	l.query("SELECT body FROM products WHERE code = $1", func(s db.Scanner) error { return s.Scan(&text) }, code)
	if err := json.Unmarshal([]byte(text), &b.product); err != nil {
		l.Fatal(err)
	}
	l.loans = append(l.loans, b)
	l.read()
}

// read reads the transactions of all loans.
func (l *life) read() {
	byID := map[id.ID]*borrowed{}
	for _, b := range l.loans {
		b.transactions, byID[b.id] = nil, b
	}
	l.query("SELECT "+lending.Transactions.Columns.List("")+" FROM loan_transactions ORDER BY loan_id, number", func(s db.Scanner) error {
		var m lending.Transaction
		if err := lending.Transactions.Columns.Scan(s, &m); err != nil {
			return err
		}
		err := lending.Transactions.Read(&m)
		b := byID[m.LoanID]
		b.transactions = append(b.transactions, m.Transaction)
		return err
	})
}

// account is the loan at the start of a day by the transactions registered up to
// then, computed from the contract without what any close left.
func (l *life) account(b *borrowed, day civil.Date) servicing.Account {
	l.Helper()
	a, _ := l.registered(b, day)
	a, _ = servicing.Roll(a, day)
	return a
}

// registered is the loan after those transactions, with their splits.
func (l *life) registered(b *borrowed, day civil.Date) (servicing.Account, []servicing.Split) {
	l.Helper()
	reversed := map[id.ID]bool{}
	for _, m := range b.transactions {
		if !m.BusinessDate.After(day) {
			reversed[m.Reverses] = true
		}
	}
	h := servicing.History{Product: b.product, Contract: b.contract}
	for _, m := range b.transactions {
		m.ReversedBy = id.ID{}
		if o, counts := m.Operation(); counts && m.Kind != servicing.Rolled && !reversed[m.ID] && !m.BusinessDate.After(day) {
			h.Operations = append(h.Operations, o)
		}
	}
	a, splits, err := servicing.Recompute(h)
	if err != nil {
		l.Fatalf("loan %d by %s: %v", b.number, day, err)
	}
	return a, splits
}

// agreed returns the terms of the contract, or of the last restructure by a day.
func (l *life) agreed(b *borrowed, day civil.Date) schedule.Terms {
	t := b.contract.Terms
	_, splits := l.registered(b, day)
	for _, s := range splits {
		if s.Kind == servicing.RestructureKind {
			t = s.Version.Terms
		}
	}
	return t
}

func paymentOf(t schedule.Terms) risk.Payment { return risk.PaymentOf(t.Method, t.Periods) }

// found is a stored daily position.
type found struct {
	status                                                servicing.Status
	stage                                                 risk.Stage
	days                                                  int
	balance, overdue, interest, suspended, iva, unapplied money.Amount
	provision, reserve                                    money.Amount
}

func (l *life) positions(day civil.Date) map[id.ID]found {
	all := map[id.ID]found{}
	l.query("SELECT loan_id, status, stage, days_past_due, balance, overdue_principal, interest, suspended, iva, unapplied, provision, reserve FROM daily_positions WHERE day = $1", func(s db.Scanner) error {
		var loanID id.ID
		var p found
		err := s.Scan(&loanID, &p.status, &p.stage, &p.days, &p.balance, &p.overdue, &p.interest, &p.suspended, &p.iva, &p.unapplied, &p.provision, &p.reserve)
		all[loanID] = p
		return err
	}, day)
	return all
}

// afterClose compares the positions of the day with the loans, and the books
// through the day with both.
func (l *life) afterClose(done dayend.ClosedDay) {
	l.Helper()
	day, got := done.Day, l.positions(done.Day)
	want := map[ledger.Account]money.Amount{}
	open := 0
	for _, b := range l.loans {
		if b.opened.After(day) {
			continue
		}
		today, morning := l.account(b, day), l.account(b, day)
		morning, _ = servicing.Roll(morning, day.AddDays(1))
		earned, _ := entries.InterestOf(morning)
		_, collected := entries.InterestOf(today)
		income, suspended := b.recognition.Recognised(earned, collected)
		want[accounting.InterestIncome] -= income
		want[accounting.FeeIncome] -= today.Paid.Fee
		if today.Status != servicing.Cancelled {
			fee := earnedFee(b.contract, b.opened, today.Status, day)
			want[accounting.OriginationFees] += fee - b.contract.Opening.Fee
			want[accounting.FeeIncome] -= fee
		}
		if !servicing.Alive(today.Status) {
			if p, written := got[b.id]; written {
				l.Errorf("%s: got loan %d, which is %s, with the position %+v, want none", day, b.number, today.Status, p)
			}
			lost := today.WrittenOff.Plus(today.Recovered)
			want[accounting.ProvisionExpense] += lost.Principal
			if today.Status == servicing.WrittenOff {
				want[accounting.ProvisionExpense] += lost.Interest - suspended
			}
			continue
		}
		open++
		p := l.expected(b, today, day, got[b.id])
		p.interest, p.suspended = income-collected, suspended
		base, reserved := risk.ProvisionBase(p.stage, p.balance, p.interest)
		exposure := risk.Exposure{Classification: b.product.Classification, Restructured: today.Restructures > 0, DaysLate: p.days, Base: base}
		var err error
		if p.provision, _, err = risk.Provision(day, exposure); err != nil {
			l.Fatal(err)
		}
		p.reserve = reserved
		if got[b.id] != p {
			l.Errorf("%s, loan %d: got the position\n%+v\nwant\n%+v", day, b.number, got[b.id], p)
		}
		l.change(b, p.stage, earned, collected)
		principal, interest := accounting.LoansPrincipal, accounting.LoansInterest
		if p.stage == risk.Stage3 {
			principal, interest = accounting.OverduePrincipal, accounting.OverdueInterest
			l.left["overdue"]++
		}
		for account, amount := range map[ledger.Account]money.Amount{principal: p.balance, interest: p.interest, accounting.IVAReceivable: p.iva, accounting.IVANotCaused: -p.iva,
			accounting.UnappliedFunds: -p.unapplied, accounting.SuspendedInterest: p.suspended, accounting.Provision: -p.provision, accounting.ProvisionInterest: -p.reserve,
			accounting.ProvisionExpense: p.provision + p.reserve} {
			want[account] += amount
		}
	}
	if len(got) != open || done.Loans != int64(open) {
		l.Errorf("%s: got %d positions and %d loans in the report of the close, want %d", day, len(got), done.Loans, open)
	}
	l.books(day, want)
	l.portfolio(day, got)
	var told int
	l.query("SELECT count(*) FROM outbox WHERE body LIKE '%loan_reclassified%'", func(s db.Scanner) error { return s.Scan(&told) })
	if told != l.events {
		l.Errorf("%s: got %d changes of stage published, want %d", day, told, l.events)
	}
}

// expected is the daily position of a loan as the engine computes it, in the stage
// that it must have.
func (l *life) expected(b *borrowed, today servicing.Account, day civil.Date, got found) found {
	p := found{status: today.Status, balance: today.Outstanding, unapplied: today.Unapplied, days: servicing.DaysPastDue(today, day)}
	_, p.iva = servicing.Receivable(today)
	late := risk.DaysPastDue{Instalment: p.days}
	for _, line := range servicing.Due(today, day).Lines {
		if line.DaysLate == 0 {
			continue
		}
		p.overdue += line.Amounts.Principal
		if late.Principal == 0 && line.Amounts.Principal > 0 {
			late.Principal = line.DaysLate
		}
		if late.Interest == 0 && line.Amounts.Interest+line.Amounts.InterestIVA > 0 {
			late.Interest = line.DaysLate
		}
	}
	class, err := risk.Classify(day, risk.Loan{Payment: paymentOf(l.agreed(b, day)), DaysPastDue: late})
	if err != nil {
		l.Fatal(err)
	}
	p.stage = class.Stage
	l.hold(b, today, day, class.Stage, got.stage)
	if b.held > p.stage {
		p.stage = b.held
	}
	return p
}

// hold follows a restructured loan until it has proved sustained payment.
func (l *life) hold(b *borrowed, today servicing.Account, day civil.Date, byDays, got risk.Stage) {
	defer func() { b.seen = day }()
	if today.Restructures == 0 {
		b.held, b.run = 0, 0
		return
	}
	t := l.agreed(b, day)
	if t.Disbursement == day || b.seen != day.AddDays(-1) { // or it had ended, and that was reversed
		b.held, b.run, b.renumbered = b.stage, 0, false
	}
	for _, m := range b.transactions {
		if m.BusinessDate == day && (m.Kind == servicing.Reversal || m.ValueDate.Before(day)) {
			b.renumbered = true // instalments are computed and counted again
		}
	}
	for i := range today.Instalments {
		in := today.Instalments[i]
		if in.Due.After(day) || in.Until.After(day) {
			continue
		}
		rest := in.Contract.Plus(in.Carried).Minus(in.Paid)
		switch rest.PenaltyInterest, rest.PenaltyInterestIVA = 0, 0; {
		case rest.Sum() > 0:
			b.run = 0
		case in.Due == day:
			b.run++
		}
	}
	if b.held == 0 {
		return
	}
	r := risk.Restructure{Stage: b.held, PeriodDays: t.PeriodLength(), OnTime: b.run, Principal: t.Amount, Paid: t.Amount - today.Outstanding}
	if t.AnnualRate > 0 {
		r.InterestDays = servicing.InterestPaidTo(today).Since(t.Disbursement)
	}
	proved := risk.Sustained(day, paymentOf(t), r)
	if b.renumbered && b.held > byDays {
		proved = got == byDays
	}
	if proved {
		l.left["proved"]++
		b.held = 0
	} else {
		l.left["held"]++
	}
}

// change applies a change of stage to the test's own figures, as the close does.
func (l *life) change(b *borrowed, stage risk.Stage, earned, collected money.Amount) {
	if stage == b.stage {
		return
	}
	l.events++
	l.left[fmt.Sprintf("stage %d to %d", b.stage, stage)]++
	if b.stage = stage; stage == risk.Stage3 {
		b.recognition = b.recognition.Suspend(earned, collected)
	} else {
		b.recognition = b.recognition.Resume(earned, collected)
	}
}

// books compares the accounts through a day.
func (l *life) books(day civil.Date, want map[ledger.Account]money.Amount) {
	l.Helper()
	got := l.balances("WHERE e.business_date <= $1", day)
	accounts := []ledger.Account{accounting.LoansPrincipal, accounting.OverduePrincipal, accounting.UnappliedFunds, accounting.Provision, accounting.ProvisionInterest}
	if !day.Before(l.early) {
		accounts = append(accounts, accounting.LoansInterest, accounting.OverdueInterest, accounting.IVAReceivable, accounting.IVANotCaused, accounting.SuspendedInterest,
			accounting.InterestIncome, accounting.FeeIncome, accounting.OriginationFees, accounting.ProvisionExpense)
	}
	for _, account := range accounts {
		if got[account] != want[account] {
			l.Errorf("%s: got account %s with %s, want %s", day, account, got[account], want[account])
		}
	}
}

func (l *life) balances(where string, args ...any) map[ledger.Account]money.Amount {
	all := map[ledger.Account]money.Amount{}
	l.query("SELECT p.account, sum(p.debit - p.credit)::bigint FROM postings p JOIN entries e ON e.id = p.entry_id "+where+" GROUP BY p.account", func(s db.Scanner) error {
		var account ledger.Account
		var amount money.Amount
		err := s.Scan(&account, &amount)
		all[account] = amount
		return err
	}, args...)
	return all
}

// portfolio compares the sums of the day with its positions.
func (l *life) portfolio(day civil.Date, positions map[id.ID]found) {
	type key struct {
		product string
		days    int
		stage   risk.Stage
	}
	type sums struct {
		loans                                                          int64
		balance, overdue, interest, suspended, iva, provision, reserve money.Amount
	}
	want, got := map[key]sums{}, map[key]sums{}
	for _, b := range l.loans {
		p, written := positions[b.id]
		if !written {
			continue
		}
		k := key{b.product.Code, p.days, p.stage}
		s := want[k]
		want[k] = sums{s.loans + 1, s.balance + p.balance, s.overdue + p.overdue, s.interest + p.interest, s.suspended + p.suspended, s.iva + p.iva, s.provision + p.provision, s.reserve + p.reserve}
	}
	l.query("SELECT product, days_past_due, stage, loans, balance, overdue_principal, interest, suspended, iva, provision, reserve FROM portfolio WHERE day = $1", func(s db.Scanner) error {
		var k key
		var v sums
		err := s.Scan(&k.product, &k.days, &k.stage, &v.loans, &v.balance, &v.overdue, &v.interest, &v.suspended, &v.iva, &v.provision, &v.reserve)
		got[k] = v
		return err
	}, day)
	if !maps.Equal(got, want) {
		l.Errorf("%s: got the portfolio\n%+v\nwant\n%+v", day, got, want)
	}
}

// controls compares the control accounts of each loan with its account and, when
// no day is behind, those that a close posts to for all loans.
func (l *life) controls() {
	l.Helper()
	type key struct {
		loan    id.ID
		account ledger.Account
	}
	got := map[key]money.Amount{}
	l.query("SELECT subject, account, sum(debit - credit)::bigint FROM postings WHERE account IN ('1301', '1351', '2404', '7102') GROUP BY subject, account", func(s db.Scanner) error {
		var k key
		var amount money.Amount
		err := s.Scan(&k.loan, &k.account, &amount)
		if amount != 0 {
			got[k] = amount
		}
		return err
	})
	want, sums := map[key]money.Amount{}, map[ledger.Account]money.Amount{}
	book := l.book()
	for _, x := range l.lendings() {
		for account, amount := range map[ledger.Account]money.Amount{accounting.UnappliedFunds: -x.Account.Unapplied, accounting.WrittenOffLoans: x.Account.WrittenOff.Sum(), l.principalOf(x): x.Account.Outstanding} {
			if amount != 0 {
				want[key{x.ID, account}] = amount
			}
		}
		has := lending.RecordedOf(book, x, x.Account)
		sums[accounting.InterestIncome] -= has.Income
		sums[accounting.FeeIncome] -= has.Fee + x.Account.Paid.Fee
		if x.Account.Status != servicing.Cancelled {
			sums[accounting.OriginationFees] += has.Fee - x.Fee
		}
		if _, collected := entries.InterestOf(x.Account); servicing.Alive(x.Account.Status) {
			sums[accounting.LoansInterest] += has.Income - collected
			sums[accounting.SuspendedInterest] += has.Suspended
			sums[accounting.IVAReceivable] += has.IVA - x.Account.Paid.InterestIVA
		}
	}
	if !maps.Equal(got, want) {
		l.Errorf("%s: got the control accounts of loans\n%v\nwant\n%v", l.today(), got, want)
	}
	if l.closed.IsZero() || l.closed.AddDays(1) != l.today() {
		return
	}
	all := l.balances("")
	all[accounting.LoansInterest] += all[accounting.OverdueInterest]
	for _, account := range slices.Sorted(maps.Keys(sums)) {
		if all[account] != sums[account] {
			l.Errorf("%s: got account %s with %s, want the sum of the loans, %s", l.today(), account, all[account], sums[account])
		}
	}
}

func (l *life) principalOf(x lending.Loan) ledger.Account {
	if x.Recognition.Suspended {
		return accounting.OverduePrincipal
	}
	return accounting.LoansPrincipal
}

// book returns a book without changes.
func (l *life) book() *bank.Book {
	book := bank.NewBook(l.bank, map[any]any{})
	book.Begin(night, "look", l.now)
	if !l.begun.IsZero() {
		book.SetDay(bank.BusinessDay{Day: l.begun, Closed: true})
	}
	return book
}

// lendings returns the stored loans.
func (l *life) lendings() (all []lending.Loan) {
	l.Helper()
	book, batch, needs := bank.NewBook(l.bank, map[any]any{}), &db.Batch{}, bank.Needs{}
	for _, b := range l.loans {
		lending.NeedLoan(&needs, b.id)
	}
	book.Ask(&needs)
	book.LoadRows(batch)
	if err := l.session.Begin(l.Context(), batch); err != nil {
		l.Fatal(err)
	}
	if err := book.LoadFollowed(l.Context(), l.session); err != nil {
		l.Fatal(err)
	}
	l.session.Rollback()
	for _, b := range l.loans {
		x, err := lending.Find(book, b.id)
		if err != nil {
			l.Fatal(err)
		}
		all = append(all, x)
	}
	return all
}
