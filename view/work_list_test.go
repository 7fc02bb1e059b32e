package view_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// collecting is an office with overdue loans, the one with most days past due first.
type collecting struct {
	*office.Office
	view   *view.View
	closer *dayend.Closer
	loans  []loan.Loan
	names  map[id.ID]string // by loan: a, b, c …
}

func collect(t *testing.T, d *db.DB) *collecting {
	c := &collecting{Office: office.Open(t, d), view: view.Open(d, nil), names: map[id.ID]string{}}
	c.closer = dayend.New(c.Bank, dayend.Options{})
	for i, amount := range []money.Amount{50_000_00, 40_000_00, 60_000_00, 20_000_00} {
		if i > 0 && i < 3 { // b and c are disbursed on one day
			c.On("2026-01-20")
		}
		if i == 3 {
			c.On("2026-01-25")
		}
		lent := c.Lend(c.Client(i+1).ID, amount)
		c.loans, c.names[lent.ID] = append(c.loans, lent), string(rune('a'+i))
	}
	c.to("2026-03-01")
	return c
}

// to closes all days before a day, which becomes the clock's day.
func (c *collecting) to(day string) {
	c.Helper()
	c.On(day)
	if _, err := c.closer.CloseOpen(c.Context(), office.By, 100, nil, func(dayend.ClosedDay, time.Duration) {}); err != nil {
		c.Fatal(err)
	}
}

func (c *collecting) today() civil.Date { return civil.DateOf(c.Now) }

// listed returns the names of the loans in a reader's work list, read in pages.
func (c *collecting) listed(by view.By, which view.Work, limit int64) (names string, items []view.WorkItem) {
	c.Helper()
	part := view.Paging{Limit: limit}
	for first := true; first || !part.After.IsZero(); first = false {
		w, err := c.view.WorkList(c.Context(), by, which, c.today(), part)
		if err != nil {
			c.Fatal(err)
		}
		for _, i := range w.Loans.Items {
			names += c.names[i.Loan]
		}
		items = append(items, w.Loans.Items...)
		part.After = w.Loans.Next
	}
	return names, items
}

// TestWorkListIsInOrderOfPriority: broken promises, then days past due, then the overdue
// principal; each page size gives the same list.
func TestWorkListIsInOrderOfPriority(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		c := collect(t, d)
		want := func(which view.Work, names string) []view.WorkItem {
			t.Helper()
			var items []view.WorkItem
			for _, limit := range []int64{1, 2, 3, 100} {
				got, found := c.listed(now, which, limit)
				if got != names {
					t.Errorf("%s, pages of %d: got the loans %q, want %q", c.today(), limit, got, names)
				}
				items = found
			}
			return items
		}
		items := want(view.Work{}, "acbd")
		for _, i := range items {
			f, err := c.view.LoanFile(t.Context(), now, i.Loan)
			if err != nil {
				t.Fatal(err)
			}
			owing, err := f.Owing(c.today(), c.today())
			if err != nil || owing.Due.Sum() != i.Overdue || owing.DaysPastDue != i.DaysPastDue || len(owing.Lines) != i.Instalments || i.Next == "" {
				t.Errorf("got %+v, want the amounts of %+v (%v) and a next action", i, owing, err)
			}
		}
		want(view.Work{Late: view.Late{Bucket: "1-7"}}, "d")
		nobody, carla := "", "carla"
		office.Run(t, d, "INSERT INTO loan_collectors SELECT id, client_id, 'carla', 'x', granted_at FROM loans WHERE id = $1", c.loans[1].ID)
		want(view.Work{Collector: &carla}, "b")
		want(view.Work{Collector: &nobody}, "acd")

		office.Do(c.Office, "carla", lending.PromisePayment{LoanID: c.loans[3].ID, Amount: 100_00, Due: office.Day("2026-03-03")})
		office.Do(c.Office, "carla", lending.PromisePayment{LoanID: c.loans[1].ID, Amount: 100_00, Due: office.Day("2026-03-03")})
		c.Pay(c.loans[1], 100_00, "")
		office.Do(c.Office, "carla", lending.RegisterContact{LoanID: c.loans[0].ID, Contact: collections.Contact{
			Channel: collections.Call, Result: collections.NotReached, Next: collections.Visit, NextOn: office.Day("2026-03-04")}})
		for _, i := range want(view.Work{}, "acbd") {
			next := map[string]string{"a": "visit 2026-03-04", "b": "await_promise 2026-03-03", "c": "call ", "d": "await_promise 2026-03-03"}[c.names[i.Loan]]
			on := ""
			if !i.NextOn.IsZero() {
				on = i.NextOn.String()
			}
			if got := fmt.Sprint(i.Next, " ", on); got != next {
				t.Errorf("loan %s: got the next action %q, want %q", c.names[i.Loan], got, next)
			}
			if c.names[i.Loan] == "b" && (i.Promise == nil || i.Promise.Received != 100_00 || i.Collector != "carla") {
				t.Errorf("got %+v, want the promise with 100.00 received and the collector carla", i.Promise)
			}
		}
		c.to("2026-03-05")
		items = want(view.Work{}, "dacb")
		if !items[0].Broken || items[1].Broken || items[1].Contact == nil || items[1].Contact.Result != collections.NotReached {
			t.Errorf("got %+v, want a broken promise of d only, and the contact of a", items)
		}
		want(view.Work{OnlyBroken: true}, "d")
		c.Pay(c.loans[0], 50_000_00, "")
		want(view.Work{}, "dcb")
		office.Do(c.Office, "carla", lending.PromisePayment{LoanID: c.loans[3].ID, Amount: 100_00, Due: office.Day("2026-03-06")})
		want(view.Work{}, "cbd")
	})
}

// TestWorkListOfScopes: each reader has the loans of the scope, whether these are read by their ids or
// in the order of the list.
func TestWorkListOfScopes(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		c := collect(t, d)
		other := id.New(c.Now, [10]byte{1})
		office.Run(t, d, "INSERT INTO branches SELECT $1, '002', 'Otra', address, phone, closed, created_at FROM branches WHERE code = '001'", other)
		office.Run(t, d, "UPDATE loans SET branch_id = $2, officer = 'olga' WHERE id = $1", c.loans[1].ID, other)
		office.Run(t, d, "INSERT INTO loan_collectors SELECT id, client_id, 'carla', 'x', granted_at FROM loans WHERE id = $1", c.loans[2].ID)
		office.Do(c.Office, "carla", lending.AddCollectionNote{LoanID: c.loans[0].ID, Text: "x"}) // the replica has the changes when it has this
		reader := func(name string, scope staff.Scope, branch id.ID) view.By {
			return view.By{Need: c.Need, Who: staff.Member{User: staff.User{Username: name, BranchID: branch}, Role: staff.Role{Name: "x", Scope: scope, Permissions: []access.Permission{collections.Read, risk.ReadReports}}}}
		}
		carla, olga := "carla", "olga"
		for _, one := range []struct {
			name  string
			by    view.By
			which view.Work
			want  string
		}{
			{"the other branch", reader("ana", staff.OfBranch, other), view.Work{}, "b"},
			{"an officer", reader("olga", staff.Own, other), view.Work{}, "b"},
			{"a collector", reader("carla", staff.Own, other), view.Work{}, "c"},
			{"nobody's", reader("pepe", staff.Own, other), view.Work{}, ""},
			{"a branch as a filter", reader("ana", staff.All, other), view.Work{Branch: other}, "b"},
			{"another branch than the reader's", reader("ana", staff.OfBranch, c.loans[0].BranchID), view.Work{Branch: other}, ""},
			{"a collector as a filter", reader("ana", staff.All, other), view.Work{Collector: &carla}, "c"},
			{"a collector outside the branch", reader("ana", staff.OfBranch, other), view.Work{Collector: &carla}, ""},
			{"an officer as a filter", reader("ana", staff.OfBranch, other), view.Work{Officer: &olga}, "b"},
			{"all", reader("ana", staff.All, other), view.Work{}, "acbd"},
		} {
			for _, few := range []int{10_000, 0} {
				view.SetMostFew(few)
				for _, limit := range []int64{1, 100} {
					if got, _ := c.listed(one.by, one.which, limit); got != one.want {
						t.Errorf("%s, at most %d loans by id, pages of %d: got the loans %q, want %q", one.name, few, limit, got, one.want)
					}
				}
				due, err := c.view.Collections(t.Context(), one.by, c.today(), c.today(), view.Paging{Limit: 100})
				if one.which == (view.Work{}) && (err != nil || len(due.Loans.Items) != len(one.want)) {
					t.Errorf("%s, at most %d loans by id: got %d loans to collect, %v, want %d", one.name, few, len(due.Loans.Items), err, len(one.want))
				}
			}
			view.SetMostFew(10_000)
		}
	})
}

// TestCollectionHistory: the work on a loan, newest first in pages, and the report of promises.
func TestCollectionHistory(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		c := collect(t, d)
		loanID := c.loans[0].ID
		var made []id.ID
		for _, day := range []string{"2026-03-02", "2026-03-03"} {
			c.to(day)
			made = append(made, office.Do(c.Office, "carla", lending.RegisterContact{LoanID: loanID, Contact: collections.Contact{Channel: collections.Letter, Result: collections.Sent}}).ID,
				office.Do(c.Office, "carla", lending.PromisePayment{LoanID: loanID, Amount: 100_00, Due: c.today()}).ID,
				office.Do(c.Office, "carla", lending.AddCollectionNote{LoanID: loanID, Text: "llamar por la tarde"}).ID)
		}
		c.Pay(c.loans[0], 60_00, "")
		var got []id.ID
		var last *collections.Promise
		for part := (view.Paging{Limit: 4}); len(got) < 10; {
			h, err := c.view.CollectionHistory(t.Context(), now, loanID, c.today(), part)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range h.Work.Items {
				if got = append(got, r.ID); r.Promise != nil && last == nil {
					last = r.Promise
				}
			}
			if part.After = h.Work.Next; part.After.IsZero() {
				break
			}
		}
		slices.Reverse(got)
		if !slices.Equal(got, made) || last == nil || last.Received != 60_00 || last.Status != collections.Open {
			t.Errorf("got %v with %+v, want %v with an open promise and 60.00 received for it", got, last, made)
		}
		if _, err := c.view.CollectionHistory(t.Context(), now, id.ID{9}, c.today(), view.Paging{Limit: 1}); !fault.Is(err, loan.NotFound) {
			t.Errorf("got %v, want %s", err, loan.NotFound)
		}
		c.to("2026-03-04")
		r, err := c.view.Promises(t.Context(), now, office.Day("2026-03-01"), office.Day("2026-03-31"))
		want := view.PromiseRow{Collector: "carla", Made: 2, MadeAmount: 200_00, Broken: 2, BrokenAmount: 200_00, Received: 60_00}
		if err != nil || len(r.Rows) != 1 || r.Rows[0] != want {
			t.Errorf("got %+v, %v, want %+v", r, err, want)
		}
	})
}
