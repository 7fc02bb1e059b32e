package bank_test

import (
	"fmt"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/loan"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/servicing"
	"sofipo/infra/db"
	"sofipo/test/ground"
)

// institution is a bank whose clock the test sets.
type institution struct {
	*bank.Bank
	t   *testing.T
	db  *db.DB
	now time.Time
}

func founded(t *testing.T, d *db.DB, day string) *institution {
	i := &institution{t: t, db: d}
	i.goTo(day)
	i.Bank = bank.Open(bank.Options{DB: d, Rules: bank.Rules{RFC: mx.TierStructural}, Clock: func() time.Time { return i.now }})
	t.Cleanup(i.Close)
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
func (i *institution) tomorrow() bank.DayClose {
	i.t.Helper()
	done, err := i.CloseDay(i.t.Context(), by, i.today(), nil)
	if err != nil {
		i.t.Fatal(err)
	}
	i.holds(done.Day)
	i.now = i.now.Add(24 * time.Hour)
	return done
}

// holds compares the books through a day with its positions.
func (i *institution) holds(day civil.Date) {
	i.t.Helper()
	for accounts, column := range map[string]string{"'1301','1351'": "balance", "'1302','1352'": "interest", "'1410'": "iva", "'2404'": "-advance", "'7101'": "suspended", "'1390'": "-provision", "'1391'": "-reserve"} {
		books := count(i.t, i.db, fmt.Sprintf("SELECT coalesce(sum(p.debit - p.credit), 0)::bigint FROM postings p JOIN entries e ON e.id = p.entry_id WHERE p.account IN (%s) AND e.business_date <= '%s'", accounts, day))
		positions := count(i.t, i.db, fmt.Sprintf("SELECT coalesce(sum(%s), 0)::bigint FROM positions WHERE day = '%s'", column, day))
		if books != positions {
			i.t.Errorf("%s: accounts %s have %d, the positions %s of %d", day, accounts, books, column, positions)
		}
	}
	for account, sign := range map[string]string{"1301": "<", "1351": ">="} {
		books := count(i.t, i.db, fmt.Sprintf("SELECT coalesce(sum(p.debit - p.credit), 0)::bigint FROM postings p JOIN entries e ON e.id = p.entry_id WHERE p.account = '%s' AND e.business_date <= '%s'", account, day))
		positions := count(i.t, i.db, fmt.Sprintf("SELECT coalesce(sum(balance), 0)::bigint FROM positions WHERE day = '%s' AND stage %s 3", day, sign))
		if books != positions {
			i.t.Errorf("%s: account %s has %d, the positions %d", day, account, books, positions)
		}
	}
}

func (i *institution) lend(to id.ID, amount money.Amount, months int64) loan.Loan {
	i.t.Helper()
	got, err := bank.Do(i.t.Context(), i.Bank, by, bank.GrantLoan{ClientID: to, Terms: loan.Terms{Amount: amount, Rate: 360_000, TermMonths: months}})
	if err != nil {
		i.t.Fatal(err)
	}
	return got.Answer
}

func (i *institution) pay(l loan.Loan, amount money.Amount) servicing.Movement {
	i.t.Helper()
	got, err := bank.Do(i.t.Context(), i.Bank, by, bank.ReceivePayment{LoanID: l.ID, Amount: amount})
	if err != nil {
		i.t.Fatal(err)
	}
	return got.Answer
}

func TestDaysAreClosed(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		i := founded(t, d, "2026-01-15")
		holder := register(t, i.Bank, 1).ID
		good, bad, early := i.lend(holder, 12_000_00, 12), i.lend(holder, 6_000_00, 6), i.lend(holder, 3_000_00, 3)
		for range 130 {
			switch i.today().String() {
			case "2026-01-20":
				i.pay(early, 500_00)
			case "2026-02-15", "2026-03-15", "2026-04-15", "2026-05-15":
				i.pay(good, 1_220_00)
			case "2026-02-20":
				i.pay(bad, 100_00)
			case "2026-05-20":
				i.pay(bad, 3_000_00)
			}
			i.tomorrow()
		}
		if n := count(t, d, "SELECT count(*) FROM positions WHERE loan_id = '"+bad.ID.String()+"' AND stage = 3"); n == 0 {
			t.Error("the loan that was not paid never came to stage 3")
		}
		if n := count(t, d, "SELECT count(*) FROM positions WHERE loan_id = '"+bad.ID.String()+"' AND stage < 3 AND day > '2026-05-20'"); n == 0 {
			t.Error("it did not leave it when it was paid")
		}
	})
}

func TestRefusedCloses(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		i := founded(t, d, "2026-01-15")
		i.lend(register(t, i.Bank, 1).ID, 12_000_00, 12)
		i.goTo("2026-01-18")
		day := func(text string) civil.Date { d, _ := civil.Parse(text); return d }
		for asked, code := range map[string]fault.Code{"2026-01-16": fault.DayOpen, "2026-01-19": fault.Invalid, "2026-01-14": fault.DayOpen} {
			if _, err := i.CloseDay(t.Context(), by, day(asked), nil); !fault.Is(err, code) {
				t.Errorf("%s: %v, want %s", asked, err, code)
			}
		}
		for _, want := range []string{"2026-01-15", "2026-01-16", "2026-01-17", "2026-01-18"} {
			done, err := i.CloseDay(t.Context(), by, civil.Date{}, nil)
			if err != nil || done.Day != day(want) || done.Loans != 1 {
				t.Fatalf("%+v %v, want %s", done, err, want)
			}
			i.holds(done.Day)
		}
		if _, err := i.CloseDay(t.Context(), by, day("2026-01-18"), nil); !fault.Is(err, fault.DayClosed) {
			t.Errorf("closed twice: %v", err)
		}
	})
}
