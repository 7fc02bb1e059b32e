package lending_test

import (
	"sync"
	"testing"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/lending/loan"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// folios returns the numbers of a column, in ascending order.
func folios(t *testing.T, d *db.DB, column, table string) (all []folio.Number) {
	t.Helper()
	batch := &db.Batch{}
	batch.Before(func() { all = nil })
	batch.Query("SELECT "+column+" FROM "+table+" ORDER BY "+column, func(s db.Scanner) error {
		var n folio.Number
		err := s.Scan(&n)
		all = append(all, n)
		return err
	})
	if err := d.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestNumbersAreUnique registers clients on two nodes at once, and refuses some of them. Then it
// registers more on a third node, which has not read the blocks of the others.
func TestNumbersAreUnique(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		const each = 120
		nodes := []*bank.Bank{office.OpenBank(t, d), office.OpenBank(t, d), office.OpenBank(t, d)}
		var all sync.WaitGroup
		for n := range 2 {
			for i := range each {
				all.Go(func() { office.Register(t, nodes[n], n*each+i) })
			}
		}
		all.Wait()
		for i := range each {
			office.Register(t, nodes[2], 2*each+i)
		}
		numbers := folios(t, d, "number", "clients")
		for i, n := range numbers {
			if !n.Valid() || i > 0 && n == numbers[i-1] {
				t.Errorf("got the number %d, want a valid one, once", n)
			}
		}
		if len(numbers) != 3*each {
			t.Errorf("got %d numbers, want %d", len(numbers), 3*each)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM folio_blocks"); n < 3 || n > 24 {
			t.Errorf("got %d blocks, want 3 to 24", n)
		}
		office.Sound(t, d)
	})
}

// TestNumbersWithoutGaps: one writer assigns consecutive numbers, and a refused command keeps
// none.
func TestNumbersWithoutGaps(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d, office.Writers(1))
		borrower := office.Register(t, b, 1).ID
		small := lending.GrantLoan{ClientID: borrower, Terms: loan.Terms{Amount: 1, Rate: 150_000, TermMonths: 24}}
		for range 40 {
			if _, err := bank.Do(t.Context(), b, office.By, small); !fault.Is(err, fault.Invalid) {
				t.Fatalf("a loan of a centavo: got %v, want a refusal", err)
			}
			l := office.Grant(t, b, borrower, 1_000_00)
			office.Pay(t, b, l.ID, 100_00)
		}
		for i, n := range folios(t, d, "number", "loans") {
			if want := folio.Of(int64(folio.First + i)); n != want {
				t.Errorf("loan %d: got %d, want %d", i, n, want)
			}
		}
		for i, n := range folios(t, d, "folio", "loan_transactions") {
			if want := folio.Of(int64(folio.First + i)); n != want {
				t.Errorf("receipt %d: got %d, want %d", i, n, want)
			}
		}
		office.Sound(t, d)
	})
}
