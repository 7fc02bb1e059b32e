package view_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/books"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	tills "sofipo/bank/settlement"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/staff"
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
		if last, err := v.LastCloses(t.Context(), view.System); err != nil || last != (view.LastCloses{}) {
			t.Errorf("got %+v %v, want no day", last, err)
		}
		granted := lending.GrantLoan{ClientID: office.Register(t, b, 1).ID, Terms: loan.Terms{Amount: 1_000_00, Rate: 300_000, TermMonths: 12}}
		need = office.As(t, b, by, granted).Token
		now = now.AddDate(0, 0, 3)
		if got := days("9999-12-31", 9); got.BusinessDate.String() != "2026-03-05" || got.Next.String() != "2026-03-02" {
			t.Errorf("before the first close: got %+v, want business date 2026-03-05, next 2026-03-02", got)
		}
		var meanwhile view.Days
		var running view.LastCloses
		for range 4 {
			done, err := dayend.New(b, dayend.Options{}).CloseDay(t.Context(), by, civil.Date{}, func(dayend.ClosedDay) {
				need = math.MaxUint64 // no replica has as much
				meanwhile = days("9999-12-31", 1)
				var err error
				if running, err = v.LastCloses(t.Context(), system(need)); err != nil {
					t.Fatal(err)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			need = done.Token
		}
		if of := meanwhile.Days[0]; of.Status != "CLOSING" || of.Of != 1 || of.Loans != 1 || of.ClosedAt != nil || meanwhile.Next != of.Day || meanwhile.BusinessDate != of.Day.AddDays(1) {
			t.Errorf("while it is being closed: got %+v, want it CLOSING with 1 loan of 1, and next %v on the business date %v", meanwhile, of.Day, of.Day.AddDays(1))
		}
		if r, c := running.Running, running.Closed; r.Day != meanwhile.Days[0].Day || r.Loans != 1 || r.Of != 1 || c.Day != r.Day.AddDays(-1) {
			t.Errorf("while it is being closed: got %+v, want the same day with 1 loan of 1, and the day before closed", running)
		}
		got := days("9999-12-31", 3)
		if got.BusinessDate.String() != "2026-03-06" || got.Next.String() != "2026-03-06" || len(got.Days) != 3 || got.Days[0].Day.String() != "2026-03-05" ||
			got.Days[0].Status != "CLOSED" || got.Days[0].ClosedAt == nil || got.Days[0].Loans != 1 || got.Days[0].Of != 0 || got.Days[0].Actor != "ana" {
			t.Errorf("got %+v, want 3 days, the first 2026-03-05 CLOSED by ana with 1 loan, and 2026-03-06 as the business date and the next to close", got)
		}
		if rest := days(got.Days[2].Day.String(), 3); len(rest.Days) != 1 || rest.Days[0].Day.String() != "2026-03-02" || rest.Next != got.Next {
			t.Errorf("the next page: got %+v, want 1 day, day 2026-03-02, next %v", rest, got.Next)
		}
		closes, err := v.LastCloses(t.Context(), view.System)
		for deadline := time.Now().Add(time.Minute); err == nil && closes.Closed.Day.String() != "2026-03-05" && time.Now().Before(deadline); { // the replica follows
			closes, err = v.LastCloses(t.Context(), view.System)
		}
		if last := closes.Closed; err != nil || last.Day.String() != "2026-03-05" || last.ClosedAt.Before(last.BeganAt) || !closes.Running.Day.IsZero() {
			t.Errorf("got %+v %v, want 2026-03-05, closed after it began, and no close running", closes, err)
		}
	})
}

// TestCloseReview: a manager sees the open tills of the own branch and the number of the others.
// A reader without the permission for tills sees only the number.
func TestCloseReview(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		north := office.Do(o, "ana", staffing.AddBranch{Code: "002", BranchName: "Norte"})
		office.Do(o, "ana", tills.AddTill{Code: "b2", Title: "Bóveda Norte", BranchID: north.ID, Vault: true})
		for n, branch := range []id.ID{staff.HeadOffice, north.ID, north.ID} {
			code := fmt.Sprintf("c%d", n+1)
			till := office.Do(o, "ana", tills.AddTill{Code: code, Title: code, BranchID: branch})
			office.Do(o, "teller"+code, &tills.OpenTill{TillID: till.ID})
		}
		o.PostByHand("2026-01-15", "Aportación de capital", accounting.Bank, "4101", 100)
		office.Do(o, "cora", books.ProposeEntry{Date: office.Day("2026-01-15"), Description: "Otra", Lines: []accounting.Line{{Account: accounting.Bank, Debit: 1}, {Account: "4101", Credit: 1}}})
		v := view.Open(d, nil)
		for _, c := range []struct {
			role   access.Role
			branch id.ID
			day    string
			named  string
			others int64
		}{
			{access.BranchManager, staff.HeadOffice, "2026-01-15", "c1", 2},
			{access.BranchManager, north.ID, "2026-01-15", "c2 c3", 1},
			{access.BranchManager, north.ID, "2026-01-14", "", 0},
			{access.Accountant, staff.HeadOffice, "2026-01-15", "c1 c2 c3", 0},
			{access.Operator, staff.HeadOffice, "2026-01-15", "", 3},
		} {
			by := view.By{Who: holder(c.role), Need: o.Need}
			by.Who.User = staff.User{Username: "reader", BranchID: c.branch}
			got, err := v.CloseReview(t.Context(), by, office.Day(c.day))
			var named []string
			for _, till := range got.Tills {
				named = append(named, till.Till)
			}
			if err != nil || strings.Join(named, " ") != c.named || got.Others != c.others || got.Entries != 1 || got.Deposits != 0 {
				t.Errorf("%s of %s, %s: got %+v, %v, want the tills %q, %d others, 1 entry and no deposit", c.role, c.branch, c.day, got, err, c.named, c.others)
			}
		}
	})
}
