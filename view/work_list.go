package view

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// WorkList is a page of the overdue loans to work on, in order of priority.
type WorkList struct {
	Date    civil.Date     // business date of the amounts
	Ordered civil.Date     // the last closed day, whose days past due and amounts give the order
	Loans   Page[WorkItem] // in the reader's scope, without loans that have paid since that day
}

// WorkItem is an overdue loan to work on.
type WorkItem struct {
	Loan        id.ID
	Number      string // of the loan, as people write it
	Client      id.ID
	Name        string
	RFC         string
	Product     string
	BranchID    id.ID
	Officer     string // user name; empty for nobody
	Collector   string // user name; empty for nobody
	Bucket      string // of days past due
	DaysPastDue int
	OldestDue   civil.Date   // due date of the oldest unpaid instalment
	Instalments int          // number of overdue instalments
	Overdue     money.Amount // overdue amount with late charges, pesos
	Broken      bool         // a promise was broken in the last collections.BrokenDays days, and none was made since
	Contact     *collections.Contact
	Promise     *collections.Promise // open, with the amount received so far
	Next        collections.Action
	NextOn      civil.Date // zero if the action has no day
}

// Work selects overdue loans.
type Work struct {
	Late
	Collector  *string // user name, or empty for loans without a collector; nil for all
	Officer    *string // likewise
	Branch     id.ID   // zero for all
	OnlyBroken bool    // only loans with a broken promise
}

// place is the position of a loan in the work list.
type place struct {
	broken  bool
	days    int64 // past due
	overdue int64 // principal
	loan    id.ID
}

// brokenPromises selects, in SQL, the loans with a promise that was broken since the day $2
// and without a later one.
const brokenPromises = `SELECT b.loan_id FROM promises b WHERE b.status = 'BROKEN' AND b.due >= $2
	AND NOT EXISTS (SELECT 1 FROM promises n WHERE n.loan_id = b.loan_id AND n.id > b.id AND n.status <> 'CANCELLED')`

// WorkList returns a page of the overdue loans to work on. Loans with a broken promise come
// first, then the most days past due, then the largest overdue principal, all as of the last
// closed day, then by id. The amounts are of today. Refused with accounting.NoDailyPositions,
// Invalid or access.Forbidden.
func (v *View) WorkList(ctx context.Context, by By, which Work, clock civil.Date, part Paging) (out WorkList, err error) {
	if err := by.may(collections.Read); err != nil {
		return out, err
	}
	if out.Date, err = v.BusinessDate(ctx, clock, by.Need); err != nil {
		return out, err
	}
	if out.Ordered, _, err = v.closedDay(ctx, civil.Date{}, by.Need); err != nil {
		return out, err
	}
	since := out.Ordered.AddDays(-collections.BrokenDays)
	from, err := v.placeOf(ctx, by.Need, out.Ordered, since, part.After)
	if err != nil {
		return out, err
	}
	few, err := v.fewLoans(ctx, by.Need, which.whose(by))
	if err != nil {
		return out, err
	}
	for more := true; more && len(out.Loans.Items) == 0; { // a page of loans that have all paid is skipped
		var places []place
		if places, err = v.places(ctx, by, out.Ordered, since, workPage{which, few, from, part.Limit}); err != nil {
			return out, err
		}
		if more = int64(len(places)) == part.Limit; more {
			from = places[len(places)-1]
			out.Loans.Next = from.loan
		} else {
			out.Loans.Next = id.ID{}
		}
		if out.Loans.Items, err = v.workItems(ctx, by.Need, out.Date, places); err != nil {
			return out, err
		}
	}
	return out, nil
}

// placeOf returns the position of the loan after which a page begins.
func (v *View) placeOf(ctx context.Context, need uint64, day, since civil.Date, loan id.ID) (p place, err error) {
	p = place{broken: true, days: math.MaxInt32, overdue: math.MaxInt64, loan: loan}
	if loan.IsZero() {
		return p, nil
	}
	found := false
	batch := &db.Batch{}
	batch.Query(`SELECT p.days_past_due, p.overdue_principal, EXISTS (`+brokenPromises+` AND b.loan_id = p.loan_id) FROM daily_positions p WHERE p.day = $1 AND p.loan_id = $3 AND p.days_past_due > 0`,
		func(s db.Scanner) error { found = true; return s.Scan(&p.days, &p.overdue, &p.broken) }, day, since, loan)
	if err = v.ask(ctx, need, batch, func() { found = false }); err == nil && !found {
		err = fault.Wrong(fault.At("after", fault.PageStart))
	}
	return p, err
}

// workPage is a page of the work list after a position.
type workPage struct {
	Work
	few   fewLoans
	from  place
	limit int64
}

// places returns the positions of the next loans. Loans with a broken promise are few and are
// read by themselves. The others are read in the order of an index until the page is full, unless
// the loans of the reader or the filter are few.
func (v *View) places(ctx context.Context, by By, day, since civil.Date, page workPage) (all []place, err error) {
	first, last := page.days()
	batch := &db.Batch{}
	for _, broken := range []bool{true, false} {
		if !broken && page.OnlyBroken || broken && !page.from.broken {
			continue
		}
		from := page.from
		if broken != from.broken {
			from = place{days: math.MaxInt32, overdue: math.MaxInt64}
		}
		conditions, args := "p.loan_id IN ("+brokenPromises+")", []any{day, since, first, min(last, from.days), page.Product, from.days, from.overdue, after(from.loan), page.limit}
		if !broken {
			conditions = "NOT p.loan_id IN (" + brokenPromises + ")"
		}
		conditions += by.within(collections.Read, "l", &args) + page.filter(&args) + page.few.among("p.loan_id", &args)
		batch.Query(`SELECT p.loan_id, p.days_past_due, p.overdue_principal FROM daily_positions p JOIN loans l ON l.id = p.loan_id LEFT JOIN loan_collectors k ON k.loan_id = p.loan_id
			WHERE p.day = $1 AND p.days_past_due > 0 AND p.days_past_due BETWEEN $3 AND $4 AND ($5 = '' OR p.product = $5)
				AND (p.days_past_due < $6 OR p.days_past_due = $6 AND (p.overdue_principal < $7 OR p.overdue_principal = $7 AND p.loan_id > $8)) AND `+conditions+`
			ORDER BY p.days_past_due DESC, p.overdue_principal DESC, p.loan_id LIMIT $9`, func(s db.Scanner) error {
			one := place{broken: broken}
			err := s.Scan(&one.loan, &one.days, &one.overdue)
			all = append(all, one)
			return err
		}, args...)
	}
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all[:min(int64(len(all)), page.limit)], err
}

// whose returns the narrowest owner of the loans that the reader selects.
func (w Work) whose(by By) owner {
	switch scope := by.owner(collections.Read); {
	case w.Collector != nil && *w.Collector != "":
		return owner{collector: *w.Collector}
	case w.Officer != nil && *w.Officer != "":
		return owner{officer: *w.Officer}
	case scope == owner{}:
		return owner{branch: w.Branch}
	default:
		return scope
	}
}

// filter returns the conditions on the loans l and their collectors k, each with the AND before
// it, and appends the arguments.
func (w Work) filter(args *[]any) (conditions string) {
	add := func(column string, value any) {
		*args = append(*args, value)
		conditions += fmt.Sprintf(" AND %s = $%d", column, len(*args))
	}
	if w.Collector != nil {
		add("coalesce(k.collector, '')", *w.Collector)
	}
	if w.Officer != nil {
		add("l.officer", *w.Officer)
	}
	if !w.Branch.IsZero() {
		add("l.branch_id", w.Branch)
	}
	return conditions
}

// WorkOn returns the work on the overdue loans with some numbers, in the reader's scope, in the
// order of the numbers. Refused with access.Forbidden.
func (v *View) WorkOn(ctx context.Context, by By, numbers []folio.Number, clock civil.Date) (out WorkList, err error) {
	if err := by.may(collections.Read); err != nil {
		return out, err
	}
	if out.Date, err = v.BusinessDate(ctx, clock, by.Need); err != nil || len(numbers) == 0 {
		return out, err
	}
	asked, found := make([]int64, len(numbers)), map[int64]place{}
	for i, n := range numbers {
		asked[i] = int64(n)
	}
	args := []any{asked, out.Date.AddDays(-collections.BrokenDays)}
	inScope := by.within(collections.Read, "l", &args)
	batch := &db.Batch{}
	batch.Query(`SELECT l.number, l.id, EXISTS (`+brokenPromises+` AND b.loan_id = l.id) FROM loans l WHERE l.number = ANY($1::bigint[])
		AND l.status IN ('ACTIVE', 'RESTRUCTURED')`+inScope, func(s db.Scanner) error {
		var n int64
		var p place
		err := s.Scan(&n, &p.loan, &p.broken)
		found[n] = p
		return err
	}, args...)
	if err = v.ask(ctx, by.Need, batch, func() { clear(found) }); err != nil {
		return out, err
	}
	var places []place
	for _, n := range asked {
		if p, known := found[n]; known {
			places = append(places, p)
			delete(found, n)
		}
	}
	out.Loans.Items, err = v.workItems(ctx, by.Need, out.Date, places)
	return out, err
}

// Whereabouts is how to reach the client of a loan.
type Whereabouts struct {
	ClientID  id.ID
	Number    folio.Number // of the loan
	Phones    []client.Phone
	Addresses []client.Address
}

// Whereabouts returns how to reach the clients of loans in the reader's scope, as the clients'
// files state it. Refused with access.Forbidden.
func (v *View) Whereabouts(ctx context.Context, by By, loans []id.ID) (all map[id.ID]Whereabouts, err error) {
	if err := by.may(collections.Read); err != nil || len(loans) == 0 {
		return nil, err
	}
	args := []any{loans}
	inScope := by.within(collections.Read, "l", &args)
	batch := &db.Batch{}
	batch.Query("SELECT l.client_id, coalesce(f.body, '{}'), l.id, l.number FROM loans l LEFT JOIN client_files f ON f.client_id = l.client_id WHERE l.id = ANY($1::uuid[])"+inScope, func(s db.Scanner) error {
		var loan id.ID
		var w Whereabouts
		var row clients.StoredFile
		err := clients.Files.Columns.Pick("client_id", "body").Scan(s, &row, &loan, &w.Number)
		if err == nil {
			err = clients.Files.Read(&row)
		}
		w.ClientID, w.Phones, w.Addresses = row.ClientID, row.File.Phones, row.File.Addresses
		all[loan] = w
		return err
	}, args...)
	err = v.ask(ctx, by.Need, batch, func() { all = map[id.ID]Whereabouts{} })
	return all, err
}

// workItems returns the loans at the positions, in the same order, without loans that owe
// nothing overdue on the day.
func (v *View) workItems(ctx context.Context, need uint64, day civil.Date, places []place) (items []WorkItem, err error) {
	if len(places) == 0 {
		return nil, nil
	}
	loans, order := make([]id.ID, len(places)), map[id.ID]int{}
	for i, p := range places {
		loans[i], order[p.loan] = p.loan, i
	}
	products, err := v.allProducts(ctx)
	if err != nil {
		return nil, asFault(err)
	}
	for some := range slices.Chunk(loans, accountsAtOnce) {
		due, err := v.owing(ctx, day, some, products, need)
		if err != nil {
			return nil, err
		}
		for _, l := range due {
			if l.Overdue > 0 {
				items = append(items, WorkItem{Loan: l.Loan, Number: l.Number, Client: l.Client, Name: l.Name, RFC: l.RFC, Product: l.Product, Bucket: risk.BucketOf(l.DaysPastDue).String(),
					DaysPastDue: l.DaysPastDue, OldestDue: l.OldestDue, Instalments: l.overdueInstalments, Overdue: l.Overdue, Broken: places[order[l.Loan]].broken})
			}
		}
	}
	slices.SortFunc(items, func(a, b WorkItem) int { return cmp.Compare(order[a.Loan], order[b.Loan]) })
	return items, v.addWork(ctx, need, day, loans, items)
}

// addWork adds the collector, the last contact, the open promise and the next action.
func (v *View) addWork(ctx context.Context, need uint64, day civil.Date, loans []id.ID, items []WorkItem) error {
	owners, contacts, promises := map[id.ID]WorkItem{}, map[id.ID]collections.Contact{}, map[id.ID]collections.Promise{}
	batch := &db.Batch{}
	batch.Query("SELECT l.id, l.branch_id, l.officer, coalesce(k.collector, '') FROM loans l LEFT JOIN loan_collectors k ON k.loan_id = l.id WHERE l.id = ANY($1::uuid[])", func(s db.Scanner) error {
		var o WorkItem
		err := s.Scan(&o.Loan, &o.BranchID, &o.Officer, &o.Collector)
		owners[o.Loan] = o
		return err
	}, loans)
	batch.Query("SELECT "+lending.Contacts.Columns.List("c")+` FROM collection_contacts c WHERE c.loan_id = ANY($1::uuid[])
		AND c.id = (SELECT n.id FROM collection_contacts n WHERE n.loan_id = c.loan_id ORDER BY n.id DESC LIMIT 1)`, func(s db.Scanner) error {
		var c collections.Contact
		err := lending.Contacts.Columns.Scan(s, &c)
		contacts[c.LoanID] = c
		return err
	}, loans)
	batch.Query(selectPromise+" WHERE p.loan_id = ANY($2::uuid[]) AND p.status = 'OPEN' AND p.due >= $1", func(s db.Scanner) error {
		p, err := scanPromise(s)
		promises[p.LoanID] = p
		return err
	}, day, loans)
	err := v.ask(ctx, need, batch, func() { clear(owners); clear(contacts); clear(promises) })
	for i := range items {
		one := &items[i]
		o := owners[one.Loan]
		one.BranchID, one.Officer, one.Collector = o.BranchID, o.Officer, o.Collector
		var promised, planned civil.Date
		var channel collections.Channel
		if c, found := contacts[one.Loan]; found {
			one.Contact, channel, planned = &c, c.Next, c.NextOn
		}
		if p, found := promises[one.Loan]; found {
			one.Promise, promised = &p, p.Due
		}
		one.Next, one.NextOn = collections.Next(promised, channel, planned, one.DaysPastDue)
	}
	return err
}

// selectPromise reads promises p with the payments that count until the day $1, or until their
// decision.
var selectPromise = "SELECT " + promiseColumns + " FROM promises p"

var promiseColumns = strings.Replace(lending.Promises.Columns.List("p"), "p.received", "CASE WHEN p.status = 'OPEN' THEN "+lending.PromisePayments("$1")+" ELSE p.received END", 1)

func scanPromise(s db.Scanner) (p collections.Promise, err error) {
	err = lending.Promises.Columns.Scan(s, &p)
	return p, err
}
