package view_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/names"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// lists is an office with clients, loans and payments of two branches and two officers, with
// many equal amounts and times.
type lists struct {
	*collecting
	branch id.ID   // the other branch
	by     view.By // the program, which sees all that was done
	listed []view.LoanRow
	paid   []view.PaymentRow
	people []client.Client
}

func fillLists(t *testing.T, d *db.DB) *lists {
	l := &lists{collecting: collect(t, d), branch: id.ID{6: 0x70, 8: 0x80, 15: 9}}
	for i := range 12 {
		l.people = append(l.people, office.Do(l.Office, "ana", &clients.RegisterClient{FullName: []string{"Zoe", "ana", "Ángel", "Iñaki"}[i%4] + " Paz", Email: fmt.Sprintf("p%d@example.com", i), RFC: fmt.Sprintf("XEXX900101%03d", i)}))
		lent := l.Lend(l.people[i%5].ID, money.Amount(1+i%3)*10_000_00)
		for k := range i % 4 {
			m := l.Pay(lent, money.Amount(1+k%2)*100_00, "")
			if k == 2 {
				office.Do(l.Office, "ana", lending.ReverseTransaction{LoanID: lent.ID, TransactionID: m.ID, Reason: "error"})
			}
		}
	}
	l.SQL("INSERT INTO branches (id, code, name, address, phone, closed, created_at) SELECT '"+l.branch.String()+"', '002', 'Norte', address, phone, closed, created_at FROM branches",
		"UPDATE loans SET branch_id = '"+l.branch.String()+"' WHERE amount = 2000000", "UPDATE loans SET officer = 'olga' WHERE amount = 1000000",
		"UPDATE loan_transactions SET till_id = '"+l.branch.String()+"' WHERE amount = 20000", "UPDATE clients SET branch_id = '"+l.branch.String()+"' WHERE names LIKE 'z%'", "UPDATE clients SET officer = 'olga' WHERE names LIKE 'ana%'",
		"UPDATE loans SET granted_at = (SELECT min(granted_at) FROM loans) WHERE amount = 1000000")
	l.Client(99) // its commit comes after the statements
	l.by = view.By{System: true, Need: l.Need}
	l.listed = walkList(l, func(w view.Window) (view.Listed[view.LoanRow], error) {
		return l.view.Loans(t.Context(), l.by, view.LoanQuery{Order: view.Newest, Window: w})
	}, loanPlace, 1000)
	l.paid = walkList(l, func(w view.Window) (view.Listed[view.PaymentRow], error) {
		return l.view.ListPayments(t.Context(), l.by, view.PaymentQuery{Order: view.Newest, Window: w})
	}, paymentPlace, 1000)
	l.people = walkList(l, func(w view.Window) (view.Listed[client.Client], error) {
		return l.view.ListClients(t.Context(), l.by, view.ClientQuery{Order: view.LastClient, Window: w})
	}, clientPlace, 1000)
	if len(l.listed) != 16 || len(l.paid) != 18 || len(l.people) != 17 {
		t.Fatalf("got %d loans, %d payments and %d clients, want 16, 18 and 17", len(l.listed), len(l.paid), len(l.people))
	}
	return l
}

func loanPlace(l view.LoanRow) view.Place       { return view.Place{ID: l.ID} }
func clientPlace(c client.Client) view.Place    { return view.Place{ID: c.ID} }
func paymentPlace(m view.PaymentRow) view.Place { return view.Place{Day: m.BusinessDate, ID: m.ID} }

// walkList reads a list in pages to its end, and then back to its beginning.
func walkList[T any](l *lists, read func(view.Window) (view.Listed[T], error), place func(T) view.Place, limit int64) (all []T) {
	l.Helper()
	w := view.Window{Limit: limit}
	var pages [][]view.Place
	var previous view.Place
	for {
		p, err := read(w)
		if err != nil {
			l.Fatal(err)
		}
		all, pages, previous = append(all, p.Items...), append(pages, placesOf(p.Items, place)), p.Previous
		if p.Next == (view.Place{}) {
			break
		}
		w.After = p.Next
	}
	for i := len(pages) - 2; i >= 0; i-- {
		p, err := read(view.Window{Before: previous, Limit: limit})
		if err != nil || !slices.Equal(placesOf(p.Items, place), pages[i]) {
			l.Fatalf("back to page %d: got %v, %v, want %v", i, placesOf(p.Items, place), err, pages[i])
		}
		previous = p.Previous
	}
	if previous != (view.Place{}) {
		l.Fatalf("got a page before the first one, want none")
	}
	return all
}

func placesOf[T any](items []T, place func(T) view.Place) (all []view.Place) {
	for _, x := range items {
		all = append(all, place(x))
	}
	return all
}

// compare checks a list against the rows that pass a filter, in an order.
func compare[T any](l *lists, what string, all []T, want func(T) bool, order func(a, b T) int, place func(T) view.Place, read func(view.Window) (view.Listed[T], error)) {
	l.Helper()
	var rows []T
	for _, x := range all {
		if want(x) {
			rows = append(rows, x)
		}
	}
	slices.SortFunc(rows, order)
	for _, limit := range []int64{1, 3, 100} {
		if got := placesOf(walkList(l, read, place, limit), place); !slices.Equal(got, placesOf(rows, place)) {
			l.Errorf("%s, pages of %d: got %v, want %v", what, limit, got, placesOf(rows, place))
		}
	}
}

func byID(a, b id.ID) int { return strings.Compare(a.String(), b.String()) }

// loanOrders are the orders of loans, computed without an index.
var loanOrders = map[view.Order]func(a, b view.LoanRow) int{
	view.Oldest:   func(a, b view.LoanRow) int { return cmp.Or(a.GrantedAt.Compare(b.GrantedAt), byID(a.ID, b.ID)) },
	view.Newest:   func(a, b view.LoanRow) int { return cmp.Or(b.GrantedAt.Compare(a.GrantedAt), byID(b.ID, a.ID)) },
	view.Smallest: func(a, b view.LoanRow) int { return cmp.Or(cmp.Compare(a.Amount, b.Amount), byID(a.ID, b.ID)) },
	view.Largest:  func(a, b view.LoanRow) int { return cmp.Or(cmp.Compare(b.Amount, a.Amount), byID(b.ID, a.ID)) },
	view.LeastOverdue: func(a, b view.LoanRow) int {
		return cmp.Or(cmp.Compare(a.DaysPastDue, b.DaysPastDue), byID(b.ID, a.ID))
	},
	view.MostOverdue: func(a, b view.LoanRow) int {
		return cmp.Or(cmp.Compare(b.DaysPastDue, a.DaysPastDue), byID(a.ID, b.ID))
	},
}

// TestLists compares pages, forward and back, of each list in each order and with each filter
// with the same list computed in the test.
func TestLists(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		l := fillLists(t, d)
		l.loansAsComputed()
		l.paymentsAsComputed()
		l.clientsAsComputed()
	})
}

func (l *lists) loansAsComputed() {
	olga, nobody, least, most, days := "olga", "", money.Amount(20_000_00), money.Amount(30_000_00), int64(35)
	at := l.listed[0].GrantedAt
	for order, compared := range loanOrders {
		for what, f := range map[string]struct {
			query view.LoanQuery
			want  func(r view.LoanRow) bool
		}{
			"all":          {view.LoanQuery{}, func(view.LoanRow) bool { return true }},
			"client":       {view.LoanQuery{Client: l.listed[1].ClientID}, func(r view.LoanRow) bool { return r.ClientID == l.listed[1].ClientID }},
			"officer":      {view.LoanQuery{Owned: view.Owned{Officer: &olga}}, func(r view.LoanRow) bool { return r.Officer == olga }},
			"no officer":   {view.LoanQuery{Owned: view.Owned{Officer: &nobody}}, func(r view.LoanRow) bool { return r.Officer == "" }},
			"branch":       {view.LoanQuery{Owned: view.Owned{Branch: l.branch}}, func(r view.LoanRow) bool { return r.BranchID == l.branch }},
			"status":       {view.LoanQuery{Status: servicing.PaidOff}, func(r view.LoanRow) bool { return r.Status == servicing.PaidOff }},
			"product":      {view.LoanQuery{Product: "seed", Status: loan.Active}, func(r view.LoanRow) bool { return r.Status == loan.Active }},
			"amount":       {view.LoanQuery{Amount: view.Span[money.Amount]{From: &least, To: &most}}, func(r view.LoanRow) bool { return r.Amount >= least && r.Amount <= most }},
			"time":         {view.LoanQuery{Granted: view.Times{To: at}}, func(r view.LoanRow) bool { return r.GrantedAt.Before(at) }},
			"days":         {view.LoanQuery{DaysPastDue: view.Span[int64]{To: &days}}, func(r view.LoanRow) bool { return r.DaysPastDue <= days }},
			"applications": {view.LoanQuery{Applications: true}, func(r view.LoanRow) bool { return r.Opened.IsZero() }},
			"two":          {view.LoanQuery{Owned: view.Owned{Branch: l.branch}, Client: l.listed[1].ClientID}, func(r view.LoanRow) bool { return r.BranchID == l.branch && r.ClientID == l.listed[1].ClientID }},
		} {
			overdue := order == view.MostOverdue || order == view.LeastOverdue
			if what == "applications" && order != view.Newest && order != view.Oldest {
				continue
			}
			compare(l, string(order)+" "+what, l.listed, func(r view.LoanRow) bool { return f.want(r) && (!overdue || r.DaysPastDue > 0) }, compared, loanPlace, func(w view.Window) (view.Listed[view.LoanRow], error) {
				q := f.query
				q.Order, q.Window = order, w
				return l.view.Loans(l.Context(), l.by, q)
			})
		}
	}
}

func (l *lists) paymentsAsComputed() {
	olga, reversed, inForce, least := "olga", true, false, money.Amount(200_00)
	of := map[id.ID]view.LoanRow{}
	for _, r := range l.listed {
		of[r.ID] = r
	}
	first := l.paid[0]
	for _, order := range []view.Order{view.Oldest, view.Newest} {
		for what, f := range map[string]struct {
			query view.PaymentQuery
			want  func(r view.PaymentRow) bool
		}{
			"all":      {view.PaymentQuery{}, func(view.PaymentRow) bool { return true }},
			"officer":  {view.PaymentQuery{Officer: &olga}, func(r view.PaymentRow) bool { return of[r.LoanID].Officer == olga }},
			"client":   {view.PaymentQuery{Client: first.ClientID}, func(r view.PaymentRow) bool { return r.ClientID == first.ClientID }},
			"loan":     {view.PaymentQuery{Loan: first.LoanID}, func(r view.PaymentRow) bool { return r.LoanID == first.LoanID }},
			"product":  {view.PaymentQuery{Product: "none"}, func(view.PaymentRow) bool { return false }},
			"method":   {view.PaymentQuery{Method: "transfer"}, func(view.PaymentRow) bool { return true }},
			"till":     {view.PaymentQuery{Till: l.branch}, func(r view.PaymentRow) bool { return r.TillID == l.branch && r.Amount == 200_00 }},
			"branch":   {view.PaymentQuery{Branch: staff.HeadOffice}, func(view.PaymentRow) bool { return true }},
			"reversed": {view.PaymentQuery{Reversed: &reversed}, func(r view.PaymentRow) bool { return r.Status == servicing.Reversed }},
			"in force": {view.PaymentQuery{Reversed: &inForce}, func(r view.PaymentRow) bool { return r.Status == servicing.InForce }},
			"days":     {view.PaymentQuery{From: first.BusinessDate, To: first.BusinessDate}, func(r view.PaymentRow) bool { return r.BusinessDate == first.BusinessDate }},
			"amount":   {view.PaymentQuery{Amount: view.Span[money.Amount]{From: &least}}, func(r view.PaymentRow) bool { return r.Amount >= least }},
		} {
			compare(l, string(order)+" payments "+what, l.paid, f.want, func(a, b view.PaymentRow) int {
				up := cmp.Or(a.BusinessDate.Compare(b.BusinessDate), byID(a.ID, b.ID))
				if order == view.Newest {
					return -up
				}
				return up
			}, paymentPlace, func(w view.Window) (view.Listed[view.PaymentRow], error) {
				q := f.query
				q.Order, q.Window = order, w
				return l.view.ListPayments(l.Context(), l.by, q)
			})
		}
	}
}

func (l *lists) clientsAsComputed() {
	olga := "olga"
	at := l.people[3].CreatedAt
	for order, compared := range map[view.Order]func(a, b client.Client) int{
		view.FirstClient: func(a, b client.Client) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), byID(a.ID, b.ID)) },
		view.LastClient:  func(a, b client.Client) int { return -cmp.Or(a.CreatedAt.Compare(b.CreatedAt), byID(a.ID, b.ID)) },
		view.ByNameUp: func(a, b client.Client) int {
			return cmp.Or(strings.Compare(names.Plain(a.FullName), names.Plain(b.FullName)), byID(a.ID, b.ID))
		},
		view.ByNameDown: func(a, b client.Client) int {
			return -cmp.Or(strings.Compare(names.Plain(a.FullName), names.Plain(b.FullName)), byID(a.ID, b.ID))
		},
	} {
		for what, f := range map[string]struct {
			query view.ClientQuery
			want  func(c client.Client) bool
		}{
			"all":     {view.ClientQuery{}, func(client.Client) bool { return true }},
			"officer": {view.ClientQuery{Owned: view.Owned{Officer: &olga}}, func(c client.Client) bool { return c.Officer == olga }},
			"branch":  {view.ClientQuery{Owned: view.Owned{Branch: l.branch}}, func(c client.Client) bool { return c.BranchID == l.branch }},
			"time":    {view.ClientQuery{Registered: view.Times{From: at, To: at.Add(time.Hour)}}, func(c client.Client) bool { return !c.CreatedAt.Before(at) }},
		} {
			compare(l, string(order)+" clients "+what, l.people, f.want, compared, clientPlace, func(w view.Window) (view.Listed[client.Client], error) {
				q := f.query
				q.Order, q.Window = order, w
				return l.view.ListClients(l.Context(), l.by, q)
			})
		}
	}
}

// member is the user olga of a branch, with a role of a scope.
func member(branch id.ID, scope staff.Scope) staff.Member {
	return staff.Member{User: staff.User{Username: "olga", BranchID: branch}, Role: staff.Role{Scope: scope, Permissions: []access.Permission{client.Read, loan.Read}}}
}

// TestListsKeepToTheScope: an officer sees the own portfolio, a branch manager the branch, and
// neither can see more by a filter.
func TestListsKeepToTheScope(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		l := fillLists(t, d)
		other, nobody := "otto", ""
		for scope, sees := range map[staff.Scope]func(branch id.ID, officer string) bool{
			staff.Own:      func(_ id.ID, officer string) bool { return officer == "olga" },
			staff.OfBranch: func(branch id.ID, _ string) bool { return branch == l.branch },
			staff.All:      func(id.ID, string) bool { return true },
		} {
			by := view.By{Who: member(l.branch, scope), Need: l.Need}
			compare(l, string(scope), l.listed, func(r view.LoanRow) bool { return sees(r.BranchID, r.Officer) }, loanOrders[view.Newest], loanPlace, func(w view.Window) (view.Listed[view.LoanRow], error) {
				return l.view.Loans(t.Context(), by, view.LoanQuery{Order: view.Newest, Window: w})
			})
			for _, name := range []string{"ana", "zoe", "pas", "inaki"} {
				want := 0
				for _, c := range l.people {
					if rankOf(name, c.FullName) >= 0 && sees(c.BranchID, c.Officer) {
						want++
					}
				}
				if got, err := l.view.ByName(t.Context(), by, name, 100); err != nil || len(got) != want {
					t.Errorf("%s, %s: got %d clients, %v, want %d", scope, name, len(got), err, want)
				}
			}
			if scope == staff.All {
				continue
			}
			for _, o := range []view.Owned{{Officer: &other}, {Officer: &nobody}, {Branch: staff.HeadOffice}} {
				got, err := l.view.Loans(t.Context(), by, view.LoanQuery{Owned: o, Order: view.Newest, Window: view.Window{Limit: 100}})
				if err != nil || slices.ContainsFunc(got.Items, func(r view.LoanRow) bool { return !sees(r.BranchID, r.Officer) }) {
					t.Errorf("%s with a filter: got %v, %v, want only loans in the scope", scope, got.Items, err)
				}
			}
		}
	})
}

// TestAListBeginsAtARow refuses a place that is no row of the list.
func TestAListBeginsAtARow(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		l := fillLists(t, d)
		nowhere := view.Place{ID: id.ID{6: 0x70, 8: 0x80, 15: 77}}
		for what, read := range map[string]func(context.Context, view.Window) error{
			"loans": func(ctx context.Context, w view.Window) error {
				_, err := l.view.Loans(ctx, l.by, view.LoanQuery{Order: view.Newest, Window: w})
				return err
			},
			"overdue": func(ctx context.Context, w view.Window) error {
				_, err := l.view.Loans(ctx, l.by, view.LoanQuery{Order: view.MostOverdue, Window: w})
				return err
			},
			"payments": func(ctx context.Context, w view.Window) error {
				_, err := l.view.ListPayments(ctx, l.by, view.PaymentQuery{Order: view.Newest, Window: w})
				return err
			},
			"clients": func(ctx context.Context, w view.Window) error {
				_, err := l.view.ListClients(ctx, l.by, view.ClientQuery{Order: view.ByNameUp, Window: w})
				return err
			},
		} {
			if err := read(t.Context(), view.Window{After: nowhere, Limit: 5}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: got %v, want %s", what, err, fault.Invalid)
			}
		}
	})
}
