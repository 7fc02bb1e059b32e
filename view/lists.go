package view

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sofipo/bank/lending"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Owned selects rows by the branch and the officer of their client.
type Owned struct {
	Branch  id.ID   // zero for all
	Officer *string // user name, or empty for rows without an officer; nil for all
}

// Span selects amounts or numbers of days; nil leaves an end open.
type Span[N money.Amount | int64] struct{ From, To *N }

// within adds the conditions for a column.
func (s Span[N]) within(column string, add func(condition string, value any)) {
	if s.From != nil {
		add(column+" >= %s", int64(*s.From))
	}
	if s.To != nil {
		add(column+" <= %s", int64(*s.To))
	}
}

// Times selects the times from From until before To; a zero time leaves an end open.
type Times struct{ From, To time.Time }

func (p Times) within(column string, add func(condition string, value any)) {
	if !p.From.IsZero() {
		add(column+" >= %s", p.From)
	}
	if !p.To.IsZero() {
		add(column+" < %s", p.To)
	}
}

// Order is the order of a list. A leading hyphen means descending.
type Order string

// The orders.
const (
	Oldest       Order = "date" // of the disbursement, or of the application before it; of the payment
	Newest       Order = "-date"
	Smallest     Order = "amount"
	Largest      Order = "-amount"
	LeastOverdue Order = "days_past_due" // only overdue loans
	MostOverdue  Order = "-days_past_due"
	FirstClient  Order = "registered"
	LastClient   Order = "-registered"
	ByNameUp     Order = "name"
	ByNameDown   Order = "-name"
)

// of returns the column of the order and whether it is descending.
func (o Order) of() (column string, down bool) {
	column, down = strings.CutPrefix(string(o), "-")
	return column, down
}

// LoanQuery selects loans.
type LoanQuery struct {
	Owned
	Client       id.ID
	Status       loan.Status
	Product      string
	Granted      Times
	Amount       Span[money.Amount]
	DaysPastDue  Span[int64] // at the end of the last closed day
	Applications bool        // only loans that are not disbursed
	InPortfolio  bool        // only loans of the portfolio at the end of the last closed day
	Order        Order
	Window
}

// LoanRow is a loan in a list.
type LoanRow struct {
	loan.Loan
	ClientName  string
	DaysPastDue int64 // at the end of the last closed day
}

// scoped returns the filter with the scope of the reader. It reports whether anything is left.
func (o Owned) scoped(by By, p access.Permission) (Owned, bool) {
	if by.everywhere(p) {
		return o, true
	}
	if user := by.Who.User; by.Who.Role.Scope == staff.OfBranch {
		left := o.Branch.IsZero() || o.Branch == user.BranchID
		o.Branch = user.BranchID
		return o, left
	}
	own := by.Who.User.Username
	left := o.Officer == nil || *o.Officer == own
	o.Officer = &own
	return o, left && own != ""
}

// equal is a filter by equality.
type equal struct {
	column string
	value  any
	given  bool
}

// drive makes the first given filter a condition of the index, and the others filters.
func (s *scan) drive(filters ...equal) {
	driven := false
	for _, f := range filters {
		if f.given && !driven {
			s.index(f.column+" = %s", f.value)
			driven = true
		} else if f.given {
			s.filter(f.column+" = %s", f.value)
		}
	}
}

// driveOwned is drive with the officer of loans as the first filter.
func (s *scan) driveOwned(officer equal, others ...equal) {
	if officer.given {
		s.where = append(s.where, officer.column+" <> ''") // as in the index
	}
	s.drive(append([]equal{officer}, others...)...)
}

// rest adds filters that have no index in the order of the scan.
func (s *scan) rest(filters ...equal) {
	for _, f := range filters {
		if f.given {
			s.filter(f.column+" = %s", f.value)
		}
	}
}

// fromFew makes the first given filter, which few rows match, the source of the scan: all of
// them are read and sorted. It reports whether there is one; the others become filters.
func (s *scan) fromFew(table, alias string, filters ...equal) (found bool) {
	for i, f := range filters {
		if f.given {
			column := strings.TrimPrefix(f.column, alias+".")
			condition := column + " = " + s.arg(f.value)
			if column == "officer" {
				condition += " AND officer <> ''" // as in the index
			}
			// The limit keeps PostgreSQL from reading the whole table in the order of the list.
			s.from = fmt.Sprintf("(SELECT * FROM %s WHERE %s LIMIT 100000000) %s", table, condition, alias)
			s.rest(filters[i+1:]...)
			return true
		}
	}
	return false
}

// owners returns the filters of rows of clients or loans.
func (o Owned) owners(s *scan, alias string) (officer, branch equal) {
	if o.Officer != nil {
		officer = equal{alias + ".officer", *o.Officer, *o.Officer != ""}
		if *o.Officer == "" {
			s.filter(alias+".officer = %s", "")
		}
	}
	return officer, equal{alias + ".branch_id", o.Branch, !o.Branch.IsZero()}
}

// Count is the number of rows of a list. If More is set, only that many were counted.
type Count struct {
	N    int
	More bool
}

// countOf returns the number of rows of a page.
func countOf[T any](l Listed[T]) Count { return Count{len(l.Items), !l.Next.isZero()} }

// CountLoans counts what Loans lists, at most as many as the limit. Refused as Loans.
func (v *View) CountLoans(ctx context.Context, by By, q LoanQuery) (Count, error) {
	places, _, err := v.loanPlaces(ctx, by, q)
	return countOf(places), err
}

// loanPlaces returns the places of a page of loans, and the last closed day.
func (v *View) loanPlaces(ctx context.Context, by By, q LoanQuery) (out Listed[Place], day civil.Date, err error) {
	if err := by.mayRead(loan.Read); err != nil {
		return out, day, err
	}
	var left bool
	if q.Owned, left = q.scoped(by, loan.Read); !left {
		return out, day, nil
	}
	day, _, err = v.closedDay(ctx, civil.Date{}, by.Need)
	byDays := q.Order == MostOverdue || q.Order == LeastOverdue
	if fault.Is(err, accounting.NoDailyPositions) && !byDays && !q.InPortfolio && q.DaysPastDue == (Span[int64]{}) {
		err = nil // nothing is known about days past due
	}
	if err != nil {
		return out, day, err
	}
	s := q.scan(day)
	if byDays {
		s = q.overdue(day)
	}
	out, err = v.page(ctx, by.Need, s, q.Window)
	return out, day, err
}

// Loans returns a page of loans in the reader's scope. Refused with Invalid,
// accounting.NoDailyPositions or access.Forbidden.
func (v *View) Loans(ctx context.Context, by By, q LoanQuery) (out Listed[LoanRow], err error) {
	places, day, err := v.loanPlaces(ctx, by, q)
	if err != nil || len(places.Items) == 0 {
		return listedIn[LoanRow](places, nil), err
	}
	rows := map[id.ID]LoanRow{}
	batch := &db.Batch{}
	batch.Query("SELECT "+loanColumns.List("l")+`, c.full_name, coalesce((SELECT p.days_past_due FROM daily_positions p WHERE p.day = $2 AND p.loan_id = l.id), 0)
		FROM loans l JOIN clients c ON c.id = l.client_id WHERE l.id = ANY($1::uuid[])`, func(s db.Scanner) error {
		var l lending.Stored
		var r LoanRow
		err := loanColumns.Scan(s, &l, &r.ClientName, &r.DaysPastDue)
		r.Loan = l.Loan
		rows[r.ID] = r
		return err
	}, idsOf(places.Items), day)
	err = v.ask(ctx, by.Need, batch, func() { clear(rows) })
	return listedIn(places, rows), err
}

// scan returns the scan of the query in the order of time or amount.
func (q LoanQuery) scan(day civil.Date) *scan {
	column, down := q.Order.of()
	s := &scan{from: "loans l", id: "l.id", key: "l.granted_at", keyOf: "SELECT x.granted_at FROM loans x WHERE x.id = %s", down: down, idDown: down}
	if column == "amount" {
		s.key, s.keyOf = "l.amount", "SELECT x.amount FROM loans x WHERE x.id = %s"
	}
	officer, branch := q.owners(s, "l")
	of, status, product := q.equals("l")
	switch {
	case column == "amount":
		if s.fromFew("loans", "l", of) {
			s.rest(officer, branch, product)
		} else {
			s.driveOwned(officer, branch, product)
		}
		s.rest(status)
		q.Amount.within("l.amount", s.index)
		q.Granted.within("l.granted_at", s.filter)
	case q.Applications:
		s.where = append(s.where, "l.opened IS NULL") // as in the index
		s.fromFew("loans", "l", of)
		s.rest(officer, branch, status, product)
		q.Granted.within("l.granted_at", s.index)
		q.Amount.within("l.amount", s.filter)
	default:
		if s.fromFew("loans", "l", of) {
			s.rest(officer, branch, status, product)
		} else {
			s.driveOwned(officer, branch, status, product)
		}
		q.Granted.within("l.granted_at", s.index)
		q.Amount.within("l.amount", s.filter)
	}
	if q.InPortfolio {
		s.keep = append(s.keep, fmt.Sprintf("EXISTS (SELECT 1 FROM daily_positions p WHERE p.day = '%s' AND p.loan_id = l.id)", day))
	}
	if q.DaysPastDue != (Span[int64]{}) {
		q.DaysPastDue.within(fmt.Sprintf("coalesce((SELECT p.days_past_due FROM daily_positions p WHERE p.day = '%s' AND p.loan_id = l.id), 0)", day), s.filter)
	}
	return s
}

// equals returns the filters by client, status and product.
func (q LoanQuery) equals(alias string) (of, status, product equal) {
	return equal{alias + ".client_id", q.Client, !q.Client.IsZero()}, equal{alias + ".status", string(q.Status), q.Status != ""}, equal{alias + ".product", q.Product, q.Product != ""}
}

// overdue returns the scan of the query in the order of days past due.
func (q LoanQuery) overdue(day civil.Date) *scan {
	_, down := q.Order.of()
	s := &scan{from: "daily_positions p", id: "p.loan_id", key: "p.days_past_due", down: down, idDown: !down, // as the index daily_positions_late
		keyOf: fmt.Sprintf("SELECT x.days_past_due FROM daily_positions x WHERE x.day = '%s' AND x.days_past_due > 0 AND x.loan_id = %%s", day),
		where: []string{fmt.Sprintf("p.day = '%s'", day), "p.days_past_due > 0"}}
	q.DaysPastDue.within("p.days_past_due", s.index)
	l := &scan{args: s.args} // conditions on the loan
	officer, branch := q.owners(l, "l")
	of, status, product := q.equals("l")
	l.rest(of, officer, branch, status, product)
	q.Granted.within("l.granted_at", l.filter)
	q.Amount.within("l.amount", l.filter)
	s.args = l.args
	switch {
	case of.given || officer.given: // few loans: their positions are read and sorted
		if officer.given {
			l.keep = append(l.keep, "l.officer <> ''") // as in the index
		}
		s.from = fmt.Sprintf("(SELECT p.* FROM loans l JOIN daily_positions p ON p.loan_id = l.id AND p.day = '%s' WHERE %s LIMIT 100000000) p", day, strings.Join(l.keep, " AND "))
	case len(l.keep) > 0:
		s.keep = append(s.keep, "(SELECT "+strings.Join(l.keep, " AND ")+" FROM loans l WHERE l.id = p.loan_id)")
	}
	return s
}

// idsOf returns the ids of places.
func idsOf(places []Place) []id.ID {
	ids := make([]id.ID, len(places))
	for i, p := range places {
		ids[i] = p.ID
	}
	return ids
}

// listedIn returns the page with the rows at the places.
func listedIn[T any](places Listed[Place], rows map[id.ID]T) Listed[T] {
	out := Listed[T]{Next: places.Next, Previous: places.Previous}
	for _, p := range places.Items {
		if row, found := rows[p.ID]; found {
			out.Items = append(out.Items, row)
		}
	}
	return out
}

// FileState selects clients by the state of their files.
type FileState string

// The states of files.
const (
	FileIncomplete FileState = "incomplete" // something is missing or has expired
	FileExpired    FileState = "expired"    // complete until an identification or a consent expired
)

// within adds the condition for the clients c.
func (f FileState) within(today civil.Date, add func(condition string, value any)) {
	switch f {
	case FileIncomplete:
		add("coalesce((SELECT f.complete_until FROM client_files f WHERE f.client_id = c.id), '0001-01-01') < %s", today)
	case FileExpired:
		add("(SELECT f.complete_until FROM client_files f WHERE f.client_id = c.id AND f.complete_until > '0001-01-01') < %s", today)
	}
}

// ClientQuery selects clients.
type ClientQuery struct {
	Owned
	Registered Times
	File       FileState  // empty for all; needs client.ReadFile
	Today      civil.Date // the business date, for File
	Order      Order
	Window
}

// CountClients counts what ListClients lists, at most as many as the limit. Refused as
// ListClients.
func (v *View) CountClients(ctx context.Context, by By, q ClientQuery) (Count, error) {
	places, err := v.clientPlaces(ctx, by, q)
	return countOf(places), err
}

// clientPlaces returns the places of a page of clients.
func (v *View) clientPlaces(ctx context.Context, by By, q ClientQuery) (out Listed[Place], err error) {
	if err := by.mayRead(client.Read); err != nil {
		return out, err
	}
	if q.File != "" {
		if err := by.may(client.ReadFile); err != nil {
			return out, err
		}
	}
	var left bool
	if q.Owned, left = q.scoped(by, client.Read); !left {
		return out, nil
	}
	column, down := q.Order.of()
	s := &scan{from: "clients c", id: "c.id", key: "c.created_at", keyOf: "SELECT x.created_at FROM clients x WHERE x.id = %s", down: down, idDown: down}
	officer, branch := q.owners(s, "c")
	if s.fromFew("clients", "c", officer) {
		s.rest(branch)
	} else if column == "name" {
		s.rest(branch)
	} else {
		s.drive(branch)
	}
	if column == "name" {
		s.key, s.keyOf = "c.names", "SELECT x.names FROM clients x WHERE x.id = %s"
		q.Registered.within("c.created_at", s.filter)
	} else {
		q.Registered.within("c.created_at", s.index)
	}
	q.File.within(q.Today, s.filter)
	return v.page(ctx, v.known(client.ListCacheKey, by.Need), s, q.Window)
}

// ListClients returns a page of clients in the reader's scope. Refused with Invalid or
// access.Forbidden.
func (v *View) ListClients(ctx context.Context, by By, q ClientQuery) (out Listed[client.Client], err error) {
	places, err := v.clientPlaces(ctx, by, q)
	if err != nil || len(places.Items) == 0 {
		return listedIn[client.Client](places, nil), err
	}
	rows := map[id.ID]client.Client{}
	batch := &db.Batch{}
	batch.Query(selectClient+"clients c WHERE c.id = ANY($1::uuid[])", func(s db.Scanner) error {
		c, err := scanClient(s)
		rows[c.ID] = c
		return err
	}, idsOf(places.Items))
	err = v.ask(ctx, by.Need, batch, func() { clear(rows) })
	return listedIn(places, rows), err
}

// PaymentQuery selects payments, with recoveries and reversed payments.
type PaymentQuery struct {
	Officer  *string // of the loan; nil for all
	Branch   id.ID   // where the payment was received; zero for all
	Client   id.ID
	Loan     id.ID
	Product  string
	Method   settlement.Method
	Till     id.ID
	Reversed *bool
	From, To civil.Date // business dates, both inclusive; zero leaves an end open
	Amount   Span[money.Amount]
	Order    Order
	Window
}

// PaymentRow is a payment in a list.
type PaymentRow struct {
	servicing.Transaction // without NewTerms and Split
	LoanNumber            folio.Number
	ClientName            string
}

// ListPayments returns a page of the payments on loans in the reader's scope. Refused with
// Invalid or access.Forbidden.
func (v *View) ListPayments(ctx context.Context, by By, q PaymentQuery) (out Listed[PaymentRow], err error) {
	if err := by.mayRead(loan.Read); err != nil {
		return out, err
	}
	owned, left := Owned{Officer: q.Officer}.scoped(by, loan.Read)
	if !left {
		return out, nil
	}
	places, err := v.page(ctx, by.Need, q.scan(owned), q.Window)
	if err != nil {
		return out, err
	}
	folios := make([]int64, len(places.Items))
	for i, p := range places.Items {
		folios[i] = p.folio
	}
	rows := map[id.ID]PaymentRow{}
	batch := &db.Batch{}
	batch.Query("SELECT "+transactionColumns+", m.loan_id, m.client_id, l.number, c.full_name FROM loan_transactions m JOIN loans l ON l.id = m.loan_id JOIN clients c ON c.id = m.client_id WHERE m.folio = ANY($1::bigint[]) AND m.folio > 0",
		func(s db.Scanner) error {
			var r PaymentRow
			m, err := scanTransaction(s, &r.LoanID, &r.ClientID, &r.LoanNumber, &r.ClientName)
			m.Transaction.LoanID, m.Transaction.ClientID = r.LoanID, r.ClientID
			r.Transaction = m.Transaction
			rows[r.ID] = r
			return err
		}, folios)
	err = v.ask(ctx, by.Need, batch, func() { clear(rows) })
	return listedIn(places, rows), err
}

// paid is the condition of the index loan_transactions_paid.
const paid = "m.kind IN ('payment', 'prepayment', 'advance', 'recovery')"

// scan returns the scan of the query, with the scope of the reader in the owners of the loans.
func (q PaymentQuery) scan(owned Owned) *scan {
	_, down := q.Order.of()
	s := &scan{from: "loan_transactions m", id: "m.id", folio: "m.folio", key: "m.business_date", down: down, idDown: down, where: []string{paid}}
	till := equal{"m.till_id", q.Till, !q.Till.IsZero()}
	switch {
	case !q.Loan.IsZero():
		s.fromFew("loan_transactions", "m", equal{"m.loan_id", q.Loan, true}, equal{"m.client_id", q.Client, !q.Client.IsZero()}, till)
	case !q.Client.IsZero():
		s.from = "(SELECT t.* FROM loans b JOIN loan_transactions t ON t.loan_id = b.id WHERE b.client_id = " + s.arg(q.Client) + " LIMIT 100000000) m"
		s.rest(till)
	default:
		s.drive(till)
	}
	if !q.From.IsZero() {
		s.index("m.business_date >= %s", q.From)
	}
	if !q.To.IsZero() {
		s.index("m.business_date <= %s", q.To)
	}
	q.Amount.within("m.amount", s.filter)
	if !q.Branch.IsZero() {
		s.filter("coalesce(m.branch_id, '"+staff.HeadOffice.String()+"') = %s", q.Branch)
	}
	if q.Method != "" {
		s.filter("coalesce(nullif(m.method, ''), '"+string(settlement.Transfer)+"') = %s", string(q.Method))
	}
	if q.Reversed != nil {
		s.filter("(m.reversed_by IS NOT NULL) = %s", *q.Reversed)
	}
	l := &scan{args: s.args} // conditions on the loan
	officer, branch := owned.owners(l, "l")
	l.rest(officer, branch, equal{"l.product", q.Product, q.Product != ""})
	if s.args = l.args; len(l.keep) > 0 {
		s.keep = append(s.keep, "(SELECT "+strings.Join(l.keep, " AND ")+" FROM loans l WHERE l.id = m.loan_id)")
	}
	return s
}
