package lending_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/test/random"
)

// received is a payment that the test registered.
type received struct {
	servicing.Transaction
	reversedOn civil.Date // business date; zero if it is in force
}

// collected is an institution whose loans are collected. It keeps its own record of what
// happened, from which it computes what the closes must decide.
type collected struct {
	*office.Office
	rand     *rand.Rand
	closer   *dayend.Closer
	loans    []id.ID
	payments map[id.ID][]received
	made     []collections.Promise
	done     map[string]int
}

// TestPromisesFollowFromPayments plays institutions in which clients promise, pay in time, late
// or for earlier days, and payments are reversed, while days are closed at once or together
// later, in interrupted closes too. Each promise has the state that the payments known at the
// end of its day give it.
func TestPromisesFollowFromPayments(t *testing.T) {
	done := map[string]int{}
	for n := range random.Times(t, 2) {
		ground.Each(t, func(t *testing.T, d *db.DB) {
			c := &collected{Office: office.Open(t, d), rand: random.New(t, uint64(700+n)), payments: map[id.ID][]received{}, done: done}
			c.closer = dayend.New(c.Bank, dayend.Options{Limits: lending.SliceLimits{Loans: 2}})
			for i := range 3 {
				c.loans = append(c.loans, c.Lend(c.Client(i+1).ID, 50_000_00).ID)
			}
			for range 90 {
				for range c.rand.IntN(9) {
					c.anything()
				}
				if c.rand.IntN(3) > 0 {
					c.catchUp()
				}
				c.Now = c.Now.AddDate(0, 0, 1)
			}
			c.catchUp()
			c.compare()
			office.Sound(t, d)
		})
	}
	t.Log(done)
	for _, what := range []string{"KEPT", "BROKEN", "CANCELLED", "reversed in time", "reversed late", "paid late", "stopped"} {
		if done[what] == 0 && !testing.Short() {
			t.Errorf("got histories without %q, want some: %v", what, done)
		}
	}
}

// anything does something to one loan.
func (c *collected) anything() {
	loanID := c.loans[c.rand.IntN(len(c.loans))]
	switch c.rand.IntN(6) {
	case 0, 1:
		p := lending.PromisePayment{LoanID: loanID, Amount: money.Amount(1 + c.rand.IntN(1_000_00)), Due: c.today().AddDays(c.rand.IntN(6))}
		got, err := bank.Do(c.Context(), c.Bank, office.By, p)
		if err == nil {
			c.made = append(c.made, got.Answer)
		} else if !fault.Is(err, collections.PromiseOpen) && !fault.Is(err, collections.NotCollectable) && !fault.Is(err, fault.Invalid) {
			c.Fatalf("promise: got %v, want no error or the refusal of a second promise", err)
		}
	case 2:
		if n := len(c.made); n > 0 {
			p := &c.made[n-1]
			if got, err := bank.Do(c.Context(), c.Bank, office.By, lending.CancelPromise{LoanID: p.LoanID, PromiseID: p.ID, Reason: "error"}); err == nil {
				*p = got.Answer
			} else if !fault.Is(err, collections.PromiseDecided) {
				c.Fatalf("cancelling: got %v, want none or %s", err, collections.PromiseDecided)
			}
		}
	case 3:
		c.reverse(loanID)
	default:
		o := servicing.Operation{Amount: money.Amount(1 + c.rand.IntN(900_00))}
		if c.rand.IntN(3) == 0 {
			o.ValueDate = c.today().AddDays(-c.rand.IntN(4))
		}
		if got, err := bank.Do(c.Context(), c.Bank, office.By, lending.ReceivePayment{LoanID: loanID, Operation: o}); err == nil {
			c.payments[loanID] = append(c.payments[loanID], received{Transaction: got.Answer})
		}
	}
}

// reverse reverses one of the last payments of a loan.
func (c *collected) reverse(loanID id.ID) {
	paid := c.payments[loanID]
	if len(paid) == 0 {
		return
	}
	p := &paid[len(paid)-1-c.rand.IntN(min(2, len(paid)))]
	if !p.reversedOn.IsZero() {
		return
	}
	if got, err := bank.Do(c.Context(), c.Bank, office.By, lending.ReverseTransaction{LoanID: loanID, TransactionID: p.ID}); err == nil {
		p.reversedOn = got.Answer.BusinessDate
	}
}

func (c *collected) today() civil.Date { return civil.DateOf(c.Now) }

// catchUp closes all days before the clock's day; now and then a close is stopped and started
// again.
func (c *collected) catchUp() {
	c.Helper()
	if c.rand.IntN(3) == 0 {
		ctx, cancel := context.WithCancel(c.Context())
		_, err := c.closer.CloseOpen(ctx, office.By, 100, func(done dayend.ClosedDay) {
			if done.Loans > 2 {
				cancel()
			}
		}, func(dayend.ClosedDay, time.Duration) {})
		cancel()
		if fault.Is(err, fault.Unavailable) {
			c.done["stopped"]++
			c.anything() // on the next day: the close has turned the date
		}
	}
	_, err := c.closer.CloseOpen(c.Context(), office.By, 100, nil, func(dayend.ClosedDay, time.Duration) {})
	if refusal := fmt.Sprint(err); err != nil && refusal[:min(len(refusal), 11)] != "no_open_day" {
		c.Fatalf("closing the open days: got %v, want no error", err)
	}
}

// compare compares the promises in the database with what follows from the record.
func (c *collected) compare() {
	c.Helper()
	stored := map[id.ID]collections.Promise{}
	batch := &db.Batch{}
	batch.Query("SELECT "+lending.Promises.Columns.List("")+" FROM promises", func(s db.Scanner) error {
		var p collections.Promise
		err := lending.Promises.Columns.Scan(s, &p)
		stored[p.ID] = p
		return err
	})
	if err := c.DB.ReadPrimary(c.Context(), batch); err != nil {
		c.Fatal(err)
	}
	events := map[collections.PromiseStatus]int{}
	for _, p := range c.made {
		got := stored[p.ID]
		want, sum := p.Status, money.Amount(0)
		if want != collections.Cancelled && p.Due.Before(c.today()) {
			if sum, want = c.counted(got), collections.Broken; sum >= p.Amount {
				want = collections.Kept
			}
			events[want]++
		}
		c.done[string(want)]++
		if got.Status != want || got.Received != sum || got.Status != collections.Open && got.DecidedOn.After(got.Due) {
			c.Errorf("promise of %s until %s made on %s: got %s with %s on %s, want %s with %s not later than its day", p.Amount, p.Due, p.MadeOn, got.Status, got.Received, got.DecidedOn, want, sum)
		}
	}
	for status, name := range map[collections.PromiseStatus]string{collections.Kept: "promise_kept", collections.Broken: "promise_broken"} {
		if got := office.Count(c, c.DB, "SELECT count(*) FROM outbox WHERE body LIKE '%\""+name+"\"%'"); got != int64(events[status]) {
			c.Errorf("got %d events %s, want %d", got, name, events[status])
		}
	}
}

// counted adds up the payments that count for a promise.
func (c *collected) counted(p collections.Promise) (sum money.Amount) {
	for _, m := range c.payments[p.LoanID] {
		if m.Number <= p.After || m.ValueDate.Before(p.MadeOn) || m.ValueDate.After(p.Due) {
			continue
		}
		switch {
		case m.BusinessDate.After(p.Due):
			c.done["paid late"]++
		case !m.reversedOn.IsZero() && !m.reversedOn.After(p.Due):
			c.done["reversed in time"]++
		default:
			if !m.reversedOn.IsZero() {
				c.done["reversed late"]++
			}
			sum += m.Amount
		}
	}
	return sum
}

// TestCollectionWork: the verbs of collection, what they refuse, and whom they name.
func TestCollectionWork(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		lent := o.Lend(o.Client(1).ID, 50_000_00)
		refused := func(want fault.Code, fields string, err error) {
			t.Helper()
			var names []string
			f := refusalIn(err)
			for _, flaw := range f.Flaws {
				names = append(names, flaw.Name())
			}
			if f.Code != want || fmt.Sprint(names) != fields {
				t.Errorf("got %v, want %s of %s", err, want, fields)
			}
		}
		promise := lending.PromisePayment{LoanID: lent.ID, Amount: 1_500_00, Due: office.Day("2026-01-20")}
		made := office.Do(o, "ana", promise)
		if made.Collector != "ana" || made.MadeOn != office.Day("2026-01-15") || made.Status != collections.Open {
			t.Errorf("got %+v, want an open promise of 15 January for ana", made)
		}
		_, err := bank.Do(t.Context(), o.Bank, office.By, promise)
		refused(collections.PromiseOpen, "[]", err)
		_, err = bank.Do(t.Context(), o.Bank, office.By, lending.PromisePayment{LoanID: lent.ID, Amount: 60_000_00, Due: office.Day("2027-01-20")})
		refused(fault.Invalid, "[amount promised_on]", err)
		_, err = bank.Do(t.Context(), o.Bank, office.By, lending.CancelPromise{LoanID: lent.ID, PromiseID: id.ID{7}})
		refused(collections.PromiseNotFound, "[]", err)
		cancelled := office.Do(o, "ana", lending.CancelPromise{LoanID: lent.ID, PromiseID: made.ID, Reason: "otra fecha"})
		_, err = bank.Do(t.Context(), o.Bank, office.By, lending.CancelPromise{LoanID: lent.ID, PromiseID: made.ID})
		if refused(collections.PromiseDecided, "[]", err); cancelled.Status != collections.Cancelled {
			t.Errorf("got %+v, want it cancelled", cancelled)
		}

		office.Do(o, "ana", lending.AssignCollector{LoanID: lent.ID})
		_, err = bank.Do(t.Context(), o.Bank, office.By, lending.AssignCollector{LoanID: lent.ID, Collector: "nadie"})
		refused(collections.CollectorUnknown, "[]", err)

		call := collections.Contact{Channel: collections.Call, Result: collections.Reached, At: o.Now.Add(-19 * time.Hour)}
		if got := office.Do(o, "ana", lending.RegisterContact{LoanID: lent.ID, Contact: call}); got.OutsideHours != true {
			t.Errorf("got a call at %s inside the hours, want it outside", got.At)
		}
		call.At = time.Time{}
		if got := office.Do(o, "ana", lending.RegisterContact{LoanID: lent.ID, Contact: call}); got.OutsideHours || !got.At.Equal(got.MadeAt) {
			t.Errorf("got %+v, want a call now, inside the hours", got)
		}
		call.At, call.NextOn, call.Next = o.Now.Add(time.Hour), office.Day("2026-01-14"), collections.Visit
		_, err = bank.Do(t.Context(), o.Bank, office.By, lending.RegisterContact{LoanID: lent.ID, Contact: call})
		refused(fault.Invalid, "[contacted_at next_on]", err)
		office.Do(o, "ana", lending.AddCollectionNote{LoanID: lent.ID, Text: "El cliente cambió de trabajo"})
		if office.Count(t, d, "SELECT count(*) FROM outbox WHERE body LIKE '%trabajo%' OR body LIKE '%otra fecha%'") != 0 {
			t.Error("got an event with the text of a note, want none")
		}
		o.Pay(lent, 50_000_00, "")
		_, err = bank.Do(t.Context(), o.Bank, office.By, promise)
		refused(collections.NotCollectable, "[]", err)
		office.Sound(t, d)
	})
}

// refusalIn returns the refusal in an error, or the zero refusal.
func refusalIn(err error) fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return *f
	}
	return fault.Error{}
}
