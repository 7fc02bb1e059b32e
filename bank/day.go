package bank

import (
	"fmt"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// The purposes of locks: who closes days, and the moment in which a day turns,
// from which every batch keeps the close away while it is written.
const (
	closePurpose = 0x736f_6669_01
	turnPurpose  = 0x736f_6669_02
)

// businessDay is a day whose close began.
type businessDay struct {
	Day    civil.Date
	Closed bool
	Loans  int64 // positions written
	Last   id.ID // loan, in the order of ids
}

// endOfDay asks for the moment in which the day turns: no other batch is written
// meanwhile, by any node.
func (n *Needs) endOfDay() { n.turn = true }

func (b *Book) loadDay(batch *db.Batch, n *Needs) {
	if n.turn {
		batch.Exclude(turnPurpose)
	} else {
		batch.Share(turnPurpose)
	}
	batch.Query(`SELECT day, status, loans, last_loan, NOT EXISTS (SELECT 1 FROM business_days b WHERE b.day < d.day) FROM business_days d
		ORDER BY day DESC LIMIT 1`, func(s db.Scanner) error {
		var status string
		var first bool
		err := s.Scan(&b.lastDay.Day, &status, &b.lastDay.Loans, &b.lastDay.Last, &first)
		if b.lastDay.Closed = status == closed; first && !b.lastDay.Closed {
			b.firstClose = b.lastDay.Day
		}
		return err
	})
	if n.turn {
		batch.Query("SELECT min(business_date) FROM entries", func(s db.Scanner) error { return s.Scan(&b.firstDay) })
		batch.Query(`SELECT product, sum(interest)::bigint, sum(suspended)::bigint, sum(iva)::bigint, sum(fees)::bigint FROM day_accruals
			WHERE day = (SELECT max(day) FROM business_days) GROUP BY product ORDER BY product`, b.scanAccruals)
		batch.Query(`SELECT product, sum(CASE WHEN day = d.last THEN provision ELSE -provision END)::bigint, sum(CASE WHEN day = d.last THEN reserve ELSE -reserve END)::bigint
			FROM portfolio, (SELECT max(day) AS last FROM business_days) d
			WHERE day IN (SELECT day FROM business_days ORDER BY day DESC LIMIT 2) GROUP BY product ORDER BY product`, b.scanProvisions)
	}
}

// dayOf are the sums of a day for a product.
type dayOf struct {
	product                  string
	interest, suspended, iva money.Amount
	fees                     money.Amount // opening commissions that became income
	provision, reserve       money.Amount // changes since the day before
}

func (b *Book) scanAccruals(s db.Scanner) error {
	var d dayOf
	err := s.Scan(&d.product, &d.interest, &d.suspended, &d.iva, &d.fees)
	b.daySums = append(b.daySums, d)
	return err
}

func (b *Book) scanProvisions(s db.Scanner) error {
	var d dayOf
	err := s.Scan(&d.product, &d.provision, &d.reserve)
	b.daySums = append(b.daySums, d)
	return err
}

// The states of a day.
const (
	closing = "CLOSING"
	closed  = "CLOSED"
)

// beginClose begins the close of a day, or finds it begun. From then on the
// business date is a later one.
type beginClose struct{ Day civil.Date }

// Name is the operation.
func (beginClose) Name() string { return "begin_close" }

// Check refuses nothing: what may be closed depends on the days before.
func (beginClose) Check(Rules) error { return nil }

// Needs the turn of the day, and to know which periods are closed.
func (beginClose) Needs(n *Needs) {
	n.endOfDay()
	n.Period()
}

// Decide stages the day as closing.
func (c beginClose) Decide(b *Book) (DayClose, error) {
	next, day := b.nextToClose(), c.Day
	if day.IsZero() {
		day = next
	}
	switch {
	case day == b.lastDay.Day && !b.lastDay.Closed: // it was begun
	case b.lastDay.Closed && !day.After(b.lastDay.Day), !b.lastDay.Day.IsZero() && day.Before(b.lastDay.Day):
		return DayClose{}, fault.New(fault.DayClosed, fmt.Sprintf("%s is closed already; the next day to close is %s", day, next),
			fmt.Sprintf("El %s ya está cerrado; el siguiente día por cerrar es el %s", day, next)).With("next", next)
	case day.After(b.clockDay()):
		return DayClose{}, fault.InField("date", fmt.Sprintf("must not be after %s, the day of the clock; the next day to close is %s", b.clockDay(), next), "value_error",
			map[string]any{"latest": b.clockDay().String(), "next": next.String()})
	case day != next:
		return DayClose{}, fault.New(fault.DayOpen, fmt.Sprintf("%s is still open: close it first", next), fmt.Sprintf("El %s sigue abierto: ciérrelo primero", next)).With("next", next)
	}
	b.subject = event.DayID(day)
	if b.lastDay.Day != day {
		b.setDay(businessDay{Day: day}, closing)
	}
	return DayClose{Day: day, Loans: b.lastDay.Loans, last: b.lastDay.Last, first: b.firstClose}, nil
}

// nextToClose is the day that is closed next.
func (b *Book) nextToClose() civil.Date {
	return accounting.Closes{Begun: b.lastDay.Day, Closed: b.lastDay.Closed, First: b.firstDay, Through: b.closedThrough, Clock: b.clockDay()}.Next()
}

// finishClose posts what a day earned and closes it.
type finishClose struct{ Day civil.Date }

// Name is the operation.
func (finishClose) Name() string { return "close_day" }

// Check refuses nothing.
func (finishClose) Check(Rules) error { return nil }

// Needs the turn of the day, for its sums.
func (finishClose) Needs(n *Needs) { n.endOfDay() }

// Decide stages the entries of the day and its end.
func (c finishClose) Decide(b *Book) (DayClose, error) {
	if b.lastDay.Day != c.Day {
		return DayClose{}, fmt.Errorf("%s is not being closed, but %s", c.Day, b.lastDay.Day)
	}
	answer := DayClose{Day: c.Day, Loans: b.lastDay.Loans}
	if b.lastDay.Closed {
		return answer, nil
	}
	for _, d := range b.daySums {
		k := accounting.Booking{Entry: b.NewID(), Day: c.Day, At: b.now, Reference: event.DayID(c.Day), Loan: accounting.ProductSubject(d.product)}
		if err := b.post(accounting.DayAccrued(k, d.interest, d.iva, d.suspended)); err != nil {
			return answer, err
		}
		k.Entry = b.NewID()
		if err := b.post(accounting.FeesAmortised(k, d.fees)); err != nil {
			return answer, err
		}
		k.Entry = b.NewID()
		if err := b.post(accounting.Provisioned(k, d.provision, d.reserve)); err != nil {
			return answer, err
		}
		answer.Interest += d.interest
		answer.Provisions += d.provision + d.reserve
	}
	last := b.lastDay
	last.Closed = true
	b.setDay(last, closed)
	b.Tell(event.OfDay(c.Day, answer.Loans, answer.Interest, answer.Provisions))
	return answer, nil
}

// setDay stages what became of a day.
func (b *Book) setDay(d businessDay, status string) {
	before, change, first := b.lastDay, b.dayChange, b.firstClose
	b.lastDay, b.dayChange = d, &dayChange{d, status, b.Actor(), b.now}
	switch {
	case status == closed:
		b.firstClose = civil.Date{}
	case before.Day.IsZero():
		b.firstClose = d.Day
	}
	b.undo = append(b.undo, func() { b.lastDay, b.dayChange, b.firstClose = before, change, first })
}

// dayChange is a day to be saved.
type dayChange struct {
	businessDay
	status string
	actor  string
	at     time.Time
}

func (b *Book) saveDay(batch *db.Batch) {
	switch d := b.dayChange; {
	case d == nil:
	case d.status == closing:
		batch.Exec("INSERT INTO business_days (day, status, actor, began_at, loans) VALUES ($1, $2, $3, $4, 0)", d.Day, d.status, d.actor, d.at)
	default:
		batch.Exec("UPDATE business_days SET status = $2, closed_at = $3 WHERE day = $1", d.Day, d.status, d.at)
	}
}
