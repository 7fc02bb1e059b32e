package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/staff"
	"sofipo/view"
)

// asker asks the questions.
type asker struct {
	view   *view.View
	site   *site
	server int // process id of PostgreSQL
	rows   int
	rand   *rand.Rand
	by     view.By
}

// request is a kind of request. It draws its parameters and returns the number of results.
type request struct {
	name string
	by   func(a *asker) view.By
	ask  func(ctx context.Context, a *asker) (int, error)
}

// limit returns the highest acceptable 99th percentile.
func (r request) limit() time.Duration {
	if strings.HasPrefix(r.name, "report") { // adds up the whole institution
		return 300 * time.Millisecond
	}
	return 50 * time.Millisecond
}

// measured are the times of a kind of request, elapsed and of the processors, sorted.
type measured struct {
	times, spent []time.Duration
	results      float64
}

func percentile(times []time.Duration, p float64) time.Duration {
	return times[min(len(times)-1, int(p*float64(len(times))))]
}

// ask measures a kind of request after a few requests that warm the connection.
func (a *asker) ask(ctx context.Context, r request, draws int) (m measured, err error) {
	a.rand = rand.New(rand.NewPCG(1, 2))
	const warm = 5
	for i := range warm + draws {
		a.by = view.System
		if r.by != nil {
			a.by = r.by(a)
		}
		before, err := processorTime(a.server)
		if err != nil {
			return m, err
		}
		began := time.Now()
		n, err := r.ask(ctx, a)
		elapsed := time.Since(began)
		if err != nil {
			return m, err
		}
		after, err := processorTime(a.server)
		if err != nil {
			return m, err
		}
		if i >= warm {
			m.times, m.spent, m.results = append(m.times, elapsed), append(m.spent, after-before), m.results+float64(n)/float64(draws)
		}
	}
	slices.Sort(m.times)
	slices.Sort(m.spent)
	return m, nil
}

var (
	common = strings.Fields("maria jose juan guadalupe luis carlos")
	family = strings.Fields("hernandez garcia martinez lopez gonzalez perez")
)

func (a *asker) one(words []string) string { return words[a.rand.IntN(len(words))] }

// someone returns the name of a random client.
func (a *asker) someone(ctx context.Context) (string, error) {
	at := time.Unix(1700000000+60*int64(1+a.rand.IntN(a.rows-1)), 0).UTC()
	p, err := a.view.ListClients(ctx, view.System, view.ClientQuery{Registered: view.Times{From: at}, Order: view.FirstClient, Window: view.Window{Limit: 1}})
	if err != nil || len(p.Items) == 0 {
		return "", fmt.Errorf("no client at %s: %w", at, err)
	}
	return strings.ToLower(p.Items[0].FullName), nil
}

// misspell puts one error into a word.
func (a *asker) misspell(word string) string {
	at := a.rand.IntN(len(word))
	return word[:at] + string(rune('a'+a.rand.IntN(26))) + word[at+1:]
}

func search(text func(a *asker) string) func(context.Context, *asker) (int, error) {
	return func(ctx context.Context, a *asker) (int, error) {
		found, err := a.view.Search(ctx, a.by, text(a))
		return len(found), err
	}
}

// names are the searches for a random client's name, changed by a function.
func names(change func(a *asker, words []string) []string) func(context.Context, *asker) (int, error) {
	return func(ctx context.Context, a *asker) (int, error) {
		name, err := a.someone(ctx)
		if err != nil {
			return 0, err
		}
		found, err := a.view.Search(ctx, a.by, strings.Join(change(a, strings.Fields(name)), " "))
		return len(found), err
	}
}

func (a *asker) branch() id.ID {
	n := 4097 + a.rand.IntN(50)
	return id.ID{6: 0x70, 8: 0x80, 14: byte(n >> 8), 15: byte(n)}
}

func (a *asker) officer() *string {
	name := fmt.Sprintf("officer%d", a.rand.IntN(300))
	return &name
}

func (a *asker) time() time.Time {
	return time.Unix(1700000000+60*int64(a.rand.IntN(a.rows)), 0).UTC()
}

func (a *asker) day() civil.Date {
	return civil.Date{Year: 2024, Month: 1, Day: 1}.AddDays(a.rand.IntN(700))
}

func (a *asker) amount() *money.Amount {
	m := money.Amount(2000+a.rand.IntN(180_000)) * 100
	return &m
}

func of(scope staff.Scope) func(a *asker) view.By {
	return func(a *asker) view.By {
		return view.By{Who: staff.Member{User: staff.User{Username: *a.officer(), BranchID: a.branch()}, Role: staff.Role{Scope: scope, Permissions: []access.Permission{client.Read, loan.Read}}}}
	}
}

// requests lists the kinds of requests.
func requests() []request {
	return slices.Concat(pages(), searches(), loanLists(), otherLists())
}

func searches() []request {
	all := func(_ *asker, words []string) []string { return words }
	twoCommon := search(func(a *asker) string { return a.one(common) + " " + a.one(common) })
	oneCommon := search(func(a *asker) string { return a.one(append(common, family...)) })
	letters := strings.Fields("ma jo he ga lo pe sa ra")
	twoLetters := search(func(a *asker) string { return a.one(letters) })
	typing := names(func(a *asker, words []string) []string {
		for i := range words {
			words[i] = a.misspell(words[i])
		}
		return words
	})
	return []request{
		{"search: whole name", nil, names(all)},
		{"search: two words of a name, last incomplete", nil, names(func(a *asker, w []string) []string {
			last := w[len(w)-1]
			return []string{w[0], last[:min(len(last), 4)]}
		})},
		{"search: whole name, one error in one word", nil, names(func(a *asker, w []string) []string {
			i := a.rand.IntN(len(w))
			w[i] = a.misspell(w[i])
			return w
		})},
		{"search: whole name, one error in each word", nil, typing},
		{"search: one common word", nil, oneCommon},
		{"search: two common words", nil, twoCommon},
		{"search: two common words and a rare combination", nil, search(func(a *asker) string { return "maria jose juan " + a.one(family) + " " + a.one(family) })},
		{"search: a common word with an error", nil, search(func(a *asker) string { return a.misspell(a.one(append(common, family...))) })},
		{"search: two letters", nil, twoLetters},
		{"search: a common word and two letters", nil, search(func(a *asker) string { return a.one(common) + " " + a.one(letters) })},
		{"search: two letters, own portfolio", of(staff.Own), twoLetters},
		{"search: two letters, own branch", of(staff.OfBranch), twoLetters},
		{"search: common words, own portfolio", of(staff.Own), twoCommon},
		{"search: one common word, own portfolio", of(staff.Own), oneCommon},
		{"search: one common word, own branch", of(staff.OfBranch), oneCommon},
		{"search: errors, own branch", of(staff.OfBranch), typing},
		{"search: RFC", nil, search(func(a *asker) string { return fmt.Sprintf("XA%08dXX1", 1+a.rand.IntN(a.rows)) })},
		{"search: phone", nil, search(func(a *asker) string { return fmt.Sprintf("55%08d", 1+a.rand.IntN(a.rows)) })},
		{"search: reference of a payment", nil, search(func(a *asker) string {
			return fmt.Sprintf("T%d%d", 1000000000000+10*(1+a.rand.IntN(a.rows)), 1+a.rand.IntN(3))
		})},
	}
}

// loans measures the first page of a list of loans.
func loans(query func(a *asker) view.LoanQuery) func(context.Context, *asker) (int, error) {
	return func(ctx context.Context, a *asker) (int, error) {
		q := query(a)
		q.Limit = 50
		p, err := a.view.Loans(ctx, a.by, q)
		return len(p.Items), err
	}
}

func loanLists() (all []request) {
	filters := []struct {
		name string
		set  func(a *asker, q *view.LoanQuery)
	}{
		{"all", func(*asker, *view.LoanQuery) {}},
		{"status", func(a *asker, q *view.LoanQuery) {
			q.Status = loan.Status(a.one(strings.Fields("ACTIVE PAID_OFF WRITTEN_OFF REJECTED RESTRUCTURED APPLIED APPROVED")))
		}},
		{"product", func(a *asker, q *view.LoanQuery) { q.Product = fmt.Sprintf("p%d", a.rand.IntN(10)) }},
		{"branch", func(a *asker, q *view.LoanQuery) { q.Branch = a.branch() }},
		{"officer", func(a *asker, q *view.LoanQuery) { q.Officer = a.officer() }},
		{"dates", func(a *asker, q *view.LoanQuery) {
			q.Granted.From = a.time()
			q.Granted.To = q.Granted.From.AddDate(0, 1, 0)
		}},
		{"amount", func(a *asker, q *view.LoanQuery) { q.Amount.From = a.amount() }},
		{"days past due", func(a *asker, q *view.LoanQuery) { d := int64(a.rand.IntN(200)); q.DaysPastDue.From = &d }},
		{"branch, status and product", func(a *asker, q *view.LoanQuery) {
			q.Branch, q.Status, q.Product = a.branch(), loan.Status(a.one(strings.Fields("ACTIVE WRITTEN_OFF"))), fmt.Sprintf("p%d", a.rand.IntN(10))
		}},
	}
	for _, order := range []view.Order{view.Newest, view.Oldest, view.Largest, view.Smallest, view.MostOverdue, view.LeastOverdue} {
		for _, f := range filters {
			all = append(all, request{"loans by " + string(order) + ": " + f.name, nil, loans(func(a *asker) view.LoanQuery {
				q := view.LoanQuery{Order: order}
				f.set(a, &q)
				return q
			})})
		}
	}
	newest := loans(func(*asker) view.LoanQuery { return view.LoanQuery{Order: view.Newest} })
	return append(all, request{"loans, own portfolio", of(staff.Own), newest}, request{"loans, own branch", of(staff.OfBranch), newest},
		request{"applications", nil, loans(func(*asker) view.LoanQuery { return view.LoanQuery{Order: view.Newest, Applications: true} })},
		request{"applications: branch", nil, loans(func(a *asker) view.LoanQuery {
			return view.LoanQuery{Owned: view.Owned{Branch: a.branch()}, Order: view.Newest, Applications: true}
		})})
}

func payments(query func(a *asker) view.PaymentQuery) func(context.Context, *asker) (int, error) {
	return func(ctx context.Context, a *asker) (int, error) {
		q := query(a)
		q.Order, q.Limit = view.Newest, 50
		p, err := a.view.ListPayments(ctx, a.by, q)
		return len(p.Items), err
	}
}

func clients(order view.Order, set func(a *asker, q *view.ClientQuery)) func(context.Context, *asker) (int, error) {
	return func(ctx context.Context, a *asker) (int, error) {
		q := view.ClientQuery{Order: order, Window: view.Window{Limit: 50}}
		set(a, &q)
		p, err := a.view.ListClients(ctx, a.by, q)
		return len(p.Items), err
	}
}

func otherLists() []request {
	all := []request{
		{"payments", nil, payments(func(*asker) view.PaymentQuery { return view.PaymentQuery{} })},
		{"payments: dates", nil, payments(func(a *asker) view.PaymentQuery { d := a.day(); return view.PaymentQuery{From: d, To: d.AddDays(7)} })},
		{"payments: dates and method", nil, payments(func(a *asker) view.PaymentQuery {
			d := a.day()
			return view.PaymentQuery{From: d, To: d, Method: settlement.Method(a.one(strings.Fields("cash transfer card")))}
		})},
		{"payments: dates and branch", nil, payments(func(a *asker) view.PaymentQuery {
			d := a.day()
			return view.PaymentQuery{From: d, To: d, Branch: a.branch()}
		})},
		{"payments: dates and amount", nil, payments(func(a *asker) view.PaymentQuery {
			d, m := a.day(), a.amount()
			return view.PaymentQuery{From: d, To: d, Amount: view.Span[money.Amount]{From: m}}
		})},
		{"payments: till", nil, payments(func(a *asker) view.PaymentQuery { return view.PaymentQuery{Till: a.branch()} })},
		{"payments: product", nil, payments(func(a *asker) view.PaymentQuery {
			return view.PaymentQuery{Product: fmt.Sprintf("p%d", a.rand.IntN(10))}
		})},
		{"payments: officer", nil, payments(func(a *asker) view.PaymentQuery { return view.PaymentQuery{Officer: a.officer()} })},
		{"payments, own portfolio", of(staff.Own), payments(func(*asker) view.PaymentQuery { return view.PaymentQuery{} })},
	}
	for _, order := range []view.Order{view.FirstClient, view.LastClient, view.ByNameUp, view.ByNameDown} {
		for _, f := range []struct {
			name string
			set  func(a *asker, q *view.ClientQuery)
		}{
			{"all", func(*asker, *view.ClientQuery) {}},
			{"branch", func(a *asker, q *view.ClientQuery) { q.Branch = a.branch() }},
			{"officer", func(a *asker, q *view.ClientQuery) { q.Officer = a.officer() }},
			{"dates", func(a *asker, q *view.ClientQuery) { q.Registered.From = a.time() }},
		} {
			all = append(all, request{"clients by " + string(order) + ": " + f.name, nil, clients(order, f.set)})
		}
	}
	return all
}
