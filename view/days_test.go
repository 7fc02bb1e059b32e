package view_test

import (
	"math"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/lending/loan"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

func TestDays(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
		b := office.OpenBank(t, d, office.Clock(func() time.Time { return now }))
		v, by, need := view.Open(d, nil), bank.By{System: true, Actor: "ana"}, uint64(0)
		days := func(before string, limit int64) view.Days {
			t.Helper()
			end, _ := civil.Parse(before)
			got, err := v.Days(t.Context(), system(need), civil.DateOf(now), end, limit)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if got := days("9999-12-31", 9); got.BusinessDate.String() != "2026-03-02" || got.Next != got.BusinessDate || len(got.Days) != 0 {
			t.Errorf("of an empty institution: got %+v, want business date 2026-03-02, next %v, 0 days", got, got.BusinessDate)
		}
		if last, err := v.LastClosed(t.Context(), view.System); err != nil || !last.Day.IsZero() {
			t.Errorf("got %+v %v, want no day", last, err)
		}
		granted := lending.GrantLoan{ClientID: office.Register(t, b, 1).ID, Terms: loan.Terms{Amount: 1_000_00, Rate: 300_000, TermMonths: 12}}
		need = office.As(t, b, by, granted).Token
		now = now.AddDate(0, 0, 3)
		if got := days("9999-12-31", 9); got.BusinessDate.String() != "2026-03-05" || got.Next.String() != "2026-03-02" {
			t.Errorf("before the first close: got %+v, want business date 2026-03-05, next 2026-03-02", got)
		}
		var meanwhile view.Days
		for range 4 {
			done, err := dayend.New(b, dayend.Options{}).CloseDay(t.Context(), by, civil.Date{}, func(dayend.ClosedDay) {
				need = math.MaxUint64 // no replica has as much
				meanwhile = days("9999-12-31", 1)
			})
			if err != nil {
				t.Fatal(err)
			}
			need = done.Token
		}
		if of := meanwhile.Days[0]; of.Status != "CLOSING" || of.Of != 1 || of.Loans != 1 || of.ClosedAt != nil || meanwhile.Next != of.Day || meanwhile.BusinessDate != of.Day.AddDays(1) {
			t.Errorf("while it is being closed: got %+v, want it CLOSING with 1 loan of 1, and next %v on the business date %v", meanwhile, of.Day, of.Day.AddDays(1))
		}
		got := days("9999-12-31", 3)
		if got.BusinessDate.String() != "2026-03-06" || got.Next.String() != "2026-03-06" || len(got.Days) != 3 || got.Days[0].Day.String() != "2026-03-05" ||
			got.Days[0].Status != "CLOSED" || got.Days[0].ClosedAt == nil || got.Days[0].Loans != 1 || got.Days[0].Of != 0 || got.Days[0].Actor != "ana" {
			t.Errorf("got %+v, want 3 days, the first 2026-03-05 CLOSED by ana with 1 loan, and 2026-03-06 as the business date and the next to close", got)
		}
		if rest := days(got.Days[2].Day.String(), 3); len(rest.Days) != 1 || rest.Days[0].Day.String() != "2026-03-02" || rest.Next != got.Next {
			t.Errorf("the next page: got %+v, want 1 day, day 2026-03-02, next %v", rest, got.Next)
		}
		last, err := v.LastClosed(t.Context(), view.System)
		for deadline := time.Now().Add(time.Minute); err == nil && last.Day.String() != "2026-03-05" && time.Now().Before(deadline); { // the replica follows
			last, err = v.LastClosed(t.Context(), view.System)
		}
		if err != nil || last.Day.String() != "2026-03-05" || last.ClosedAt.Before(last.BeganAt) {
			t.Errorf("got %+v %v, want 2026-03-05, closed after it began", last, err)
		}
	})
}
