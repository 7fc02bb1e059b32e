package dayend_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/books"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

var by = office.By

// institution is a bank with a clock that the test sets, and the closer of its days.
type institution struct {
	*bank.Bank
	*dayend.Closer
	t   *testing.T
	db  *db.DB
	now time.Time
}

// founded opens an institution that closes its days with these options.
func founded(t *testing.T, d *db.DB, day string, o dayend.Options) *institution {
	i := &institution{t: t, db: d}
	i.goTo(day)
	i.Bank = office.OpenBank(t, d, office.Clock(func() time.Time { return i.now }))
	i.Closer = dayend.New(i.Bank, o)
	return i
}

// goTo sets the clock to the noon of a day.
func (i *institution) goTo(day string) {
	d, err := civil.Parse(day)
	if err != nil {
		i.t.Fatal(err)
	}
	i.now = d.Midnight().Add(12 * time.Hour)
}

func (i *institution) today() civil.Date { return civil.DateOf(i.now) }

// tomorrow closes the day of the clock and goes to the next.
func (i *institution) tomorrow() dayend.ClosedDay {
	i.t.Helper()
	done, err := i.CloseDay(i.t.Context(), by, i.today(), nil)
	if err != nil {
		i.t.Fatal(err)
	}
	i.holds(done.Day)
	i.now = i.now.Add(24 * time.Hour)
	return done
}

// holds compares the books through a day with its daily positions.
func (i *institution) holds(day civil.Date) {
	i.t.Helper()
	for accounts, column := range map[string]string{"'1301','1351'": "balance", "'1302','1352'": "interest", "'1410'": "iva", "'2404'": "-unapplied", "'7101'": "suspended", "'1390'": "-provision", "'1391'": "-reserve"} {
		books := office.Count(i.t, i.db, fmt.Sprintf("SELECT coalesce(sum(p.debit - p.credit), 0)::bigint FROM postings p JOIN entries e ON e.id = p.entry_id WHERE p.account IN (%s) AND e.business_date <= '%s'", accounts, day))
		positions := office.Count(i.t, i.db, fmt.Sprintf("SELECT coalesce(sum(%s), 0)::bigint FROM daily_positions WHERE day = '%s'", column, day))
		if books != positions {
			i.t.Errorf("%s: got accounts %s with %d, want the %s of the positions, %d", day, accounts, books, column, positions)
		}
	}
	if books, loans := i.deferred(day); books != loans {
		i.t.Errorf("%s: got account 5302 with %s, want the deferred fees of the loans, %s", day, books, loans)
	}
	for account, sign := range map[string]string{"1301": "<", "1351": ">="} {
		books := office.Count(i.t, i.db, fmt.Sprintf("SELECT coalesce(sum(p.debit - p.credit), 0)::bigint FROM postings p JOIN entries e ON e.id = p.entry_id WHERE p.account = '%s' AND e.business_date <= '%s'", account, day))
		positions := office.Count(i.t, i.db, fmt.Sprintf("SELECT coalesce(sum(balance), 0)::bigint FROM daily_positions WHERE day = '%s' AND stage %s 3", day, sign))
		if books != positions {
			i.t.Errorf("%s: got account %s with %d, want the balance of the positions, %d", day, account, books, positions)
		}
	}
}

// deferred is what account 5302 has through a day, and what of the origination
// fees of the loans with a position on it is not income yet.
func (i *institution) deferred(day civil.Date) (books, loans money.Amount) {
	i.t.Helper()
	books = money.Amount(office.Count(i.t, i.db, fmt.Sprintf("SELECT coalesce(sum(p.credit - p.debit), 0)::bigint FROM postings p JOIN entries e ON e.id = p.entry_id WHERE p.account = '5302' AND e.business_date <= '%s'", day)))
	batch := &db.Batch{}
	batch.Query("SELECT l.opened, l.fee, l.fee_last FROM loans l JOIN daily_positions p ON p.loan_id = l.id WHERE p.day = $1 AND l.fee > 0", func(s db.Scanner) error {
		var opened, last civil.Date
		var fee money.Amount
		err := s.Scan(&opened, &fee, &last)
		loans += fee - entries.Amortised(fee, opened, last, day)
		return err
	}, day)
	if err := i.db.ReadPrimary(i.t.Context(), batch); err != nil {
		i.t.Fatal(err)
	}
	return books, loans
}

func (i *institution) lend(to id.ID, amount money.Amount, months int64) loan.Loan {
	i.t.Helper()
	return office.Grant(i.t, i.Bank, to, amount, office.At(360_000, months))
}

func TestDaysAreClosed(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		i := founded(t, d, "2026-01-15", dayend.Options{})
		holder := office.Register(t, i.Bank, 1).ID
		good, bad, early := i.lend(holder, 12_000_00, 12), i.lend(holder, 6_000_00, 6), i.lend(holder, 3_000_00, 3)
		for range 130 {
			switch i.today().String() {
			case "2026-01-20":
				office.Pay(t, i.Bank, early.ID, 500_00)
			case "2026-02-15", "2026-03-15", "2026-04-15", "2026-05-15":
				office.Pay(t, i.Bank, good.ID, 1_220_00)
			case "2026-02-20":
				office.Pay(t, i.Bank, bad.ID, 100_00)
			case "2026-05-20":
				office.Pay(t, i.Bank, bad.ID, 3_000_00)
			}
			i.tomorrow()
		}
		if n := office.Count(t, d, "SELECT count(*) FROM daily_positions WHERE loan_id = '"+bad.ID.String()+"' AND stage = 3"); n == 0 {
			t.Error("got no position in stage 3 for the unpaid loan, want one")
		}
		if n := office.Count(t, d, "SELECT count(*) FROM daily_positions WHERE loan_id = '"+bad.ID.String()+"' AND stage < 3 AND day > '2026-05-20'"); n == 0 {
			t.Error("got no position in a lower stage once it was paid, want one")
		}
	})
}

// TestTheFirstDayAfterClosedMonths: what was earned since a loan was last touched,
// in months that were closed before any day was, is posted on the first day.
func TestTheFirstDayAfterClosedMonths(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		i := founded(t, d, "2026-01-15", dayend.Options{})
		holder := office.Register(t, i.Bank, 1).ID
		i.lend(holder, 12_000_00, 12)
		late := i.lend(holder, 6_000_00, 6)
		i.goTo("2026-01-20")
		office.Pay(t, i.Bank, late.ID, 100_00)
		i.goTo("2026-02-05")
		if _, err := bank.Do(t.Context(), i.Bank, by, books.ClosePeriod{Month: civil.Date{Year: 2026, Month: 1, Day: 1}}); err != nil {
			t.Fatal(err)
		}
		office.Pay(t, i.Bank, late.ID, 150_00)
		for day := 1; day <= 40; day++ {
			done, err := i.CloseDay(t.Context(), by, civil.Date{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if day > 4 { // the payment of the 5th posted for itself
				i.holds(done.Day)
			}
			if !done.Day.Before(i.today()) {
				i.now = i.now.Add(24 * time.Hour)
			}
		}
	})
}

// TestOperationsDuringTheFirstClose: what a loan with an advance earned, and what
// happened to it by itself, in months that were closed before any day was, is of the
// first day, whoever looks at the loan first.
func TestOperationsDuringTheFirstClose(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		i := founded(t, d, "2026-01-15", dayend.Options{})
		holder := office.Register(t, i.Bank, 1).ID
		p := product.Seed()
		p.Code, p.Version, p.From, p.Limits.ApprovalLimit, p.Excess = "advances", 0, civil.Date{}, money.Max, product.KeepUnapplied
		p.Fees = schedule.Fees{Origination: schedule.Fee{Rate: 100_000}, OriginationPayment: schedule.Apart, IVARate: 160_000}
		office.Must(t, i.Bank, lending.CreateProduct{Product: p})
		var loans []loan.Loan
		for _, due := range []string{"2026-02-15", "2026-03-01", "2026-03-03"} {
			first, _ := civil.Parse(due)
			loans = append(loans, office.Lend(t, i.Bank, lending.ApplyForLoan{ClientID: holder, Product: p.Code, Amount: 12_000_00, Rate: 300_000, Periods: 12, FirstDue: first}))
		}
		i.goTo("2026-01-20")
		for _, l := range loans {
			office.Pay(t, i.Bank, l.ID, 900_00)
		}
		i.goTo("2026-03-05")
		for _, month := range []time.Month{1, 2} {
			office.Must(t, i.Bank, books.ClosePeriod{Month: civil.On(2026, month, 1)})
		}
		begun, cut := context.WithCancel(t.Context())
		if _, err := i.CloseDay(begun, by, civil.Date{}, func(dayend.ClosedDay) { cut() }); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("a close that was cut off before its first loan: got %v, want %s", err, fault.Unavailable)
		}
		for _, l := range loans {
			office.Pay(t, i.Bank, l.ID, 50_00)
		}
		for day := range 5 {
			last, err := i.CloseDay(t.Context(), by, civil.Date{}, nil)
			if err != nil {
				t.Fatal(day, err)
			}
			i.holds(last.Day)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM entries WHERE business_date BETWEEN '2026-02-01' AND '2026-02-28'"); n != 0 {
			t.Errorf("got %d entries in a closed month, want 0", n)
		}
	})
}

// TestOriginationFeesBecomeIncome: before days are closed as the account is looked
// at, then by the closes; the end of the loan takes the rest, a reversal of that gives
// it back. The contract has 365 days.
func TestOriginationFeesBecomeIncome(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		i := founded(t, d, "2026-01-15", dayend.Options{})
		holder := office.Register(t, i.Bank, 1).ID
		charge := func(code string, how schedule.OriginationPayment) loan.Loan {
			p := product.Seed()
			p.Code, p.Version, p.From, p.Limits.ApprovalLimit = code, 0, civil.Date{}, money.Max
			p.Fees = schedule.Fees{Origination: schedule.Fee{Rate: 100_000}, OriginationPayment: how, IVARate: 160_000}
			office.Must(t, i.Bank, lending.CreateProduct{Product: p})
			return office.Lend(t, i.Bank, lending.ApplyForLoan{ClientID: holder, Product: code, Amount: 12_000_00, Rate: 300_000, Periods: 12})
		}
		has := func(when string, want money.Amount) {
			t.Helper()
			deferred := money.Amount(office.Count(t, d, "SELECT sum(credit - debit)::bigint FROM postings WHERE account = '5302'"))
			income := money.Amount(office.Count(t, d, "SELECT coalesce(sum(credit - debit), 0)::bigint FROM postings WHERE account = '5301'"))
			if deferred != want || income != 2_400_00-want {
				t.Errorf("%s: got %s deferred and an income of %s, want %s and %s", when, deferred, income, want, 2_400_00-want)
			}
		}
		apart, deducted, cancelled := charge("apart", schedule.Apart), charge("deducted", schedule.Deducted), charge("cancelled", schedule.Deducted)
		office.Must(t, i.Bank, lending.CancelLoan{LoanID: cancelled.ID})
		has("disbursed", 2_400_00)
		i.goTo("2026-02-12")
		valued, _ := civil.Parse("2026-02-10")
		office.Must(t, i.Bank, lending.ReceivePayment{LoanID: apart.ID, Operation: servicing.Operation{Amount: 1_000_00, ValueDate: valued}})
		has("paid before days are closed", 2_400_00-85_48) // 1200.00 × 26 / 365
		for range 29 {
			if _, err := i.CloseDay(t.Context(), by, civil.Date{}, nil); err != nil {
				t.Fatal(err)
			}
		}
		i.holds(i.today())
		has("29 days closed", 2_400_00-2*95_34)
		i.goTo("2026-02-13")
		office.Pay(t, i.Bank, apart.ID, 100_00)
		has("paid", 2_400_00-2*95_34)
		paid := office.Pay(t, i.Bank, deducted.ID, i.payoff(deducted.ID))
		has("paid off", 1_200_00-95_34)
		office.Must(t, i.Bank, lending.ReverseTransaction{LoanID: deducted.ID, TransactionID: paid.ID})
		has("reversed", 2_400_00-2*95_34)
		i.tomorrow()
		has("closed", 2_400_00-2*98_63)
		office.Must(t, i.Bank, lending.WriteOffLoan{LoanID: deducted.ID})
		office.Must(t, i.Bank, lending.RestructureLoan{LoanID: apart.ID, Periods: 1, FirstDue: i.today().AddMonths(1, int(i.today().Day))})
		has("written off, and restructured", 1_200_00-98_63)
		i.tomorrow()
		has("closed again, over the life of the contract", 1_200_00-101_92)
		office.Must(t, i.Bank, lending.ReceivePayment{LoanID: apart.ID, Operation: servicing.Operation{Amount: i.payoff(apart.ID), Kind: servicing.AdvancePayment}})
		for i.today().String() != "2026-03-14" {
			i.tomorrow()
		}
		has("on the day on which it ends by itself", 1_200_00-190_68) // 1200.00 × 58 / 365
		i.tomorrow()
		has("ended", 0)
	})
}

// payoff returns the payoff amount, from the refusal of a payment that exceeds it.
func (i *institution) payoff(loanID id.ID) money.Amount {
	i.t.Helper()
	_, err := bank.Do(i.t.Context(), i.Bank, by, lending.ReceivePayment{LoanID: loanID, Operation: servicing.Operation{Amount: 90_000_00}})
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Code != servicing.OverPayment {
		i.t.Fatalf("got %v, want the refusal %s", err, servicing.OverPayment)
	}
	return refusal.Values["payoff"].(money.Amount)
}

// TestSustainedPaymentOfPrincipalAtTheEnd: restructured loans that pay interest alone,
// or nothing, before the end keep their stage until a fifth of the principal is paid,
// or interest of ninety days.
func TestSustainedPaymentOfPrincipalAtTheEnd(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		i := founded(t, d, "2026-01-15", dayend.Options{})
		holder := office.Register(t, i.Bank, 1).ID
		p := product.Seed()
		p.Code, p.Version, p.From, p.Limits.ApprovalLimit = "bullet", 0, civil.Date{}, money.Max
		p.Method, p.Frequency, p.PeriodDays = schedule.Bullet, schedule.EveryNumDays, 10
		office.Must(t, i.Bank, lending.CreateProduct{Product: p})
		lend := func() id.ID {
			return office.Lend(t, i.Bank, lending.ApplyForLoan{ClientID: holder, Product: "bullet", Amount: 10_000_00, Rate: 360_000, Periods: 12}).ID
		}
		interest, fifth, less, single := lend(), lend(), lend(), lend()
		until := func(day string) {
			for i.today().String() != day {
				i.tomorrow()
			}
		}
		stages := func(day string, want string) {
			t.Helper()
			got := ""
			for _, loanID := range []id.ID{interest, fifth, less, single} {
				got += fmt.Sprint(office.Count(t, d, fmt.Sprintf("SELECT stage FROM daily_positions WHERE day = '%s' AND loan_id = '%s'", day, loanID)))
			}
			if got != want {
				t.Errorf("%s: got the stages %s, want %s", day, got, want)
			}
		}
		until("2026-02-26") // the first instalment is 31 days late on the day before
		stages("2026-02-25", "2222")
		for _, loanID := range []id.ID{interest, fifth, less} {
			office.Must(t, i.Bank, lending.RestructureLoan{LoanID: loanID, Rate: 360_000, Periods: 12, FirstDue: i.today().AddDays(10), Capitalise: true})
		}
		office.Must(t, i.Bank, lending.RestructureLoan{LoanID: single, Rate: 360_000, Periods: 1, FirstDue: i.today().AddDays(10), Capitalise: true})
		principal := money.Amount(office.Count(t, d, fmt.Sprintf("SELECT balance FROM loans WHERE id = '%s'", fifth)))
		prepay := func(loanID id.ID, amount money.Amount) {
			office.Must(t, i.Bank, lending.ReceivePayment{LoanID: loanID, Operation: servicing.Operation{Amount: amount, Kind: servicing.Prepayment}})
		}
		office.Must(t, i.Bank, lending.ReceivePayment{LoanID: interest, Operation: servicing.Operation{Amount: 2_000_00, Kind: servicing.AdvancePayment}}) // pays each instalment when it is due
		prepay(fifth, principal/5-1)
		prepay(less, 100_00)
		i.tomorrow()
		stages("2026-02-26", "2222")
		prepay(single, principal/5+200_00) // IVA that was carried and the interest of a day come first
		prepay(fifth, 200_00)
		i.tomorrow()
		stages("2026-02-27", "2121")
		until("2026-05-28")
		stages("2026-03-08", "2121")
		stages("2026-05-26", "2222") // the others are late by now
		stages("2026-05-27", "1222")
	})
}

func TestRefusedCloses(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		i := founded(t, d, "2026-01-15", dayend.Options{})
		i.lend(office.Register(t, i.Bank, 1).ID, 12_000_00, 12)
		i.goTo("2026-01-18")
		day := func(text string) civil.Date { d, _ := civil.Parse(text); return d }
		for asked, code := range map[string]fault.Code{"2026-01-16": accounting.DayOpen, "2026-01-19": fault.Invalid, "2026-01-14": accounting.DayOpen} {
			if _, err := i.CloseDay(t.Context(), by, day(asked), nil); !fault.Is(err, code) {
				t.Errorf("%s: got %v, want %s", asked, err, code)
			}
		}
		for _, want := range []string{"2026-01-15", "2026-01-16", "2026-01-17", "2026-01-18"} {
			done, err := i.CloseDay(t.Context(), by, civil.Date{}, nil)
			if err != nil || done.Day != day(want) || done.Loans != 1 {
				t.Fatalf("got %+v %v, want %s", done, err, want)
			}
			i.holds(done.Day)
		}
		if _, err := i.CloseDay(t.Context(), by, day("2026-01-18"), nil); !fault.Is(err, accounting.DayClosed) {
			t.Errorf("closed twice: got %v, want %s", err, accounting.DayClosed)
		}
	})
}
