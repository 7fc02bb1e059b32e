package view

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/risk"
	"sofipo/infra/db"
)

// CloseForecast is what the close of a day will leave if nothing more is registered on it. It is
// computed from the accounts as they are now, so that later payments count too.
type CloseForecast struct {
	Loans    int64  // active loans, whose interest accrues
	Promises int64  // open promises of the day or earlier, which are decided
	Buckets  []Move // loans that pass to another bucket of days past due
	Stages   []Move // loans that pass to another stage
	Partial  bool   // only some of the loans were examined
}

// Move is a number of loans that pass from a bucket or stage to another.
type Move struct{ From, To, Loans int }

// The loans that a forecast examines.
const (
	mostForecast  = 2000 // with something to pay, now or at the last close
	mostOutlooked = 5    // times outlooksAtOnce
)

// standing is the bucket and the stage of a loan, with the stage that a restructuring holds.
type standing struct {
	bucket risk.Bucket
	stage  risk.Stage
	held   risk.Stage // 0 if none
}

// CloseForecast returns what the close of a day will leave. Refused with access.Forbidden.
func (v *View) CloseForecast(ctx context.Context, by By, day civil.Date) (f CloseForecast, err error) {
	if err := by.mayReadDays(); err != nil {
		return f, err
	}
	batch := &db.Batch{}
	batch.Query("SELECT count(*) FROM loans WHERE status IN ('ACTIVE', 'RESTRUCTURED')", func(s db.Scanner) error { return s.Scan(&f.Loans) })
	batch.Query("SELECT count(*) FROM promises WHERE status = 'OPEN' AND due <= $1", func(s db.Scanner) error { return s.Scan(&f.Promises) }, day)
	if err = v.ask(ctx, by.Need, batch, func() {}); err != nil {
		return f, err
	}
	before, full, err := v.lateBefore(ctx, by)
	if err != nil {
		return f, err
	}
	f.Partial = full
	products, err := v.allProducts(ctx)
	if err != nil {
		return f, asFault(err)
	}
	var late []id.ID
	few, err := v.fewLoans(ctx, by.Need, by.owner(risk.ReadReports))
	if err != nil {
		return f, err
	}
	for last, more, n := (id.ID{}), true, 0; more; n++ {
		var some []id.ID
		if some, last, more, err = v.mayOwe(ctx, by, few, day, last); err != nil {
			return f, err
		}
		if late = append(late, some...); len(late) > mostForecast || more && n+1 == mostOutlooked {
			late, more, f.Partial = late[:min(len(late), mostForecast)], false, true
		}
	}
	now := map[id.ID]standing{}
	for some := range slices.Chunk(late, accountsAtOnce) {
		due, err := v.owing(ctx, day, some, products, by.Need)
		if err != nil {
			return f, err
		}
		for _, l := range due {
			if now[l.Loan], err = l.standing(day, before[l.Loan].held); err != nil {
				return f, err
			}
		}
	}
	if f.Partial { // the others did not move as far as is known
		examined := map[id.ID]bool{}
		for _, loan := range late {
			examined[loan] = true
		}
		maps.DeleteFunc(before, func(loan id.ID, _ standing) bool { return !examined[loan] })
	}
	f.count(before, now)
	return f, nil
}

// lateBefore returns the loans that were late or in a stage above 1 at the last close. It reports
// whether there are more. A loan that was restructured since then is held in its stage.
func (v *View) lateBefore(ctx context.Context, by By) (all map[id.ID]standing, more bool, err error) {
	all = map[id.ID]standing{}
	closed, _, err := v.closedDay(ctx, civil.Date{}, by.Need)
	if fault.Is(err, accounting.NoDailyPositions) {
		return all, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	batch := &db.Batch{}
	batch.Query(`SELECT p.loan_id, p.days_past_due, p.stage, CASE WHEN l.status <> 'RESTRUCTURED' THEN 0 WHEN p.status = 'RESTRUCTURED' THEN p.held_stage ELSE p.stage END
		FROM daily_positions p JOIN loans l ON l.id = p.loan_id WHERE p.day = $1 AND (p.days_past_due > 0 OR p.stage > 1) LIMIT $2`, func(s db.Scanner) error {
		var loan id.ID
		var days int
		var at standing
		err := s.Scan(&loan, &days, &at.stage, &at.held)
		at.bucket = risk.BucketOf(days)
		all[loan] = at
		return err
	}, closed, int64(mostForecast))
	err = v.ask(ctx, by.Need, batch, func() { clear(all) })
	return all, len(all) == mostForecast, err
}

// standing returns the bucket and the stage of a loan on a day. A restructured loan does not pass to
// a better stage than the held one: that depends on its payments.
func (l *owingLoan) standing(day civil.Date, held risk.Stage) (standing, error) {
	terms := l.version.Terms
	class, err := risk.Classify(day, risk.Loan{Payment: risk.PaymentOf(terms.Method, terms.Periods), DaysPastDue: l.late})
	return standing{risk.BucketOf(l.DaysPastDue), max(class.Stage, held), held}, err
}

// count compares where loans stood with where they stand. A loan that is in one map only has
// nothing due, or had nothing due. Without anything due it is in its held stage.
func (f *CloseForecast) count(before, now map[id.ID]standing) {
	buckets, stages := map[[2]int]int{}, map[[2]int]int{}
	add := func(was, is standing) {
		was.stage, is.stage = max(was.stage, risk.Stage1), max(is.stage, risk.Stage1)
		if was.bucket != is.bucket {
			buckets[[2]int{int(was.bucket), int(is.bucket)}]++
		}
		if was.stage != is.stage {
			stages[[2]int{int(was.stage), int(is.stage)}]++
		}
	}
	for loan, is := range now {
		add(before[loan], is)
	}
	for loan, was := range before {
		if _, still := now[loan]; !still {
			add(was, standing{stage: was.held})
		}
	}
	f.Buckets, f.Stages = moves(buckets), moves(stages)
}

func moves(counts map[[2]int]int) (all []Move) {
	for m, n := range counts {
		all = append(all, Move{m[0], m[1], n})
	}
	slices.SortFunc(all, func(a, b Move) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return all
}
