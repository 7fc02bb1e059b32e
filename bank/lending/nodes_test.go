package lending_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/test/random"
)

// TestTwoNodesWithHistories: callers of two banks on one database pay, pay with
// earlier value dates and take payments back, all on few loans, so that a batch
// has several commands for one loan and both nodes want the same rows. Every loan
// stays what its transactions make of it.
func TestTwoNodesWithHistories(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		var clock atomic.Int64
		clock.Store(time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC).UnixMicro())
		var nodes [2]*bank.Bank
		for i := range nodes {
			nodes[i] = office.OpenBank(t, d, office.Clock(func() time.Time { return time.UnixMicro(clock.Load()) }))
		}
		var loans []id.ID
		holder := office.Register(t, nodes[0], 1).ID
		for range 2 {
			loans = append(loans, office.Grant(t, nodes[0], holder, 1_000_000_00, office.At(450_000, 12)).ID)
		}
		var back, taken atomic.Int64
		for round := range 4 {
			clock.Add(20 * 24 * time.Hour.Microseconds())
			var wg sync.WaitGroup
			for i := range 24 {
				draw := random.New(t, uint64(24*round+i))
				wg.Go(func() {
					for n := range 3 {
						c := caller{t, nodes[i%2], loans[(i/2+n)%len(loans)], time.UnixMicro(clock.Load()), draw}
						c.payAndMaybeTakeBack(&back, &taken)
					}
				})
			}
			wg.Wait()
			x := memoryOf(t, d)
			if err := x.sound(x.loans()); err != nil {
				t.Fatal(err)
			}
		}
		if back.Load() == 0 || taken.Load() == 0 {
			t.Errorf("got %d payments for an earlier day and %d reversed, want some of each", back.Load(), taken.Load())
		}
		for _, b := range nodes {
			if s := b.Stats(); s.Batches.Load() == 0 || s.Commands.Load() < s.Batches.Load()+s.Batches.Load()/4 {
				t.Errorf("got %d commands in %d batches, want 1.25 a batch or more", s.Commands.Load(), s.Batches.Load())
			}
		}
	})
}

// caller is one of many concurrent callers of a node.
type caller struct {
	t    *testing.T
	bank *bank.Bank
	loan id.ID
	now  time.Time
	rand *rand.Rand
}

func (c caller) payAndMaybeTakeBack(late, taken *atomic.Int64) {
	pay := lending.ReceivePayment{LoanID: c.loan, Operation: servicing.Operation{Amount: money.Amount(1 + c.rand.IntN(5_000_00)), Kind: servicing.Ordinary}}
	if c.rand.IntN(2) == 0 {
		pay.ValueDate = civil.DateOf(c.now).AddDays(-c.rand.IntN(19))
		late.Add(1)
	}
	if c.rand.IntN(4) == 0 {
		pay.Kind = servicing.AdvancePayment
	}
	by := bank.By{Actor: "ana", System: true}
	got, err := bank.Do(c.t.Context(), c.bank, by, pay)
	if err != nil {
		c.t.Error(err)
		return
	}
	if c.rand.IntN(3) > 0 {
		return
	}
	switch _, err = bank.Do(c.t.Context(), c.bank, by, lending.ReverseTransaction{LoanID: c.loan, TransactionID: got.Answer.ID}); {
	case err == nil:
		taken.Add(1)
	case !fault.Is(err, servicing.OverPayment): // a later one may need it
		c.t.Error(err)
	}
}

// TestTheDefaultProduct: a fresh database has the seed's product, as this
// program would write it.
func TestTheDefaultProduct(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		want, err := json.Marshal(product.Seed())
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		batch := &db.Batch{}
		batch.Query("SELECT code, version, effective_from, effective_to, body, created_by FROM products", func(s db.Scanner) error {
			var code, body, by string
			var version int
			var from, to civil.Date
			err := s.Scan(&code, &version, &from, &to, &body, &by)
			rows = append(rows, fmt.Sprint(code, version, from, to.IsZero(), body, by))
			return err
		})
		if err := d.ReadPrimary(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		seed := product.Seed()
		if len(rows) != 1 || rows[0] != fmt.Sprint(seed.Code, seed.Version, seed.From, true, string(want), "sofipo") {
			t.Errorf("got %q, want %s", rows, want)
		}
	})
}
