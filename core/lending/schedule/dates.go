package schedule

import "sofipo/core/civil"

// period has the dates and the interest fraction of one instalment.
type period struct {
	nominal  civil.Date     // due date by the frequency
	due      civil.Date     // nominal date, or moved to a business day
	fraction civil.Fraction // fraction of a year with interest
	periods  int            // whole periods from disbursement, for the CAT
}

// series iterates over the nominal due dates. Each is computed from the first due
// date, so a short month does not change the day of the following months.
type series struct {
	terms   Terms
	day     int // of the month
	next    civil.Date
	counted int
}

// dates starts the series of the terms. The day of the month of a monthly series is
// that of the first due date; if the first due date is exactly one month after the
// disbursement, it is that of the disbursement; if both are month ends, it is the last
// day of each month.
func (t Terms) dates() series {
	day := t.monthDay(t.FirstDue)
	if t.Frequency == Monthly && t.regular() {
		day = max(day, int(t.Disbursement.Day))
		if t.FirstDue != t.Disbursement.AddMonths(1, int(t.Disbursement.Day)) {
			day = 31
		}
	}
	return series{terms: t, day: day, next: t.FirstDue}
}

// take returns the next due date.
func (s *series) take() civil.Date {
	d := s.next
	s.counted++
	switch s.terms.Frequency {
	case Monthly:
		s.next = s.terms.FirstDue.AddMonths(s.counted, s.day)
	case Quincenal:
		s.next = d.NextQuincena()
	default:
		s.next = d.AddDays(s.terms.PeriodLength())
	}
	return d
}

// NextDue returns the due date with which a restructure on a day may begin: the first one
// at least half a period later, in the series of the terms continued without an end. It
// reports whether the new terms must have MonthEnd, since the series has the day 31. Of a
// series with the day 29 or 30, February is left out if it has no such day, because the
// following due dates would take over its last day. The terms must pass Check.
func (t Terms) NextDue(day civil.Date) (due civil.Date, monthEnd bool) {
	dates := t.dates()
	monthEnd = t.Frequency == Monthly && dates.day == 31
	for {
		d := dates.take()
		keepsDay := t.Frequency != Monthly || monthEnd || int(d.Day) == dates.day
		if keepsDay && 2*d.Since(day) >= t.PeriodLength() {
			return d, monthEnd
		}
	}
}

// lastDate returns the nominal date of the last instalment; for a monthly loan, the
// last day of that month.
func (t Terms) lastDate() civil.Date {
	n := t.Periods - 1
	switch t.Frequency {
	case Monthly:
		return t.FirstDue.AddMonths(n, 31)
	case Quincenal:
		day := 31
		if t.FirstDue.Day == 15 {
			day = 15
		}
		last := t.FirstDue.AddMonths(n/2, day)
		if n%2 == 1 {
			last = last.NextQuincena()
		}
		return last
	default:
		return t.FirstDue.AddDays(n * t.PeriodLength())
	}
}

// Months returns the term in months from the disbursement to the nominal date of the
// last instalment, rounded up, at least 1: 24 for 24 months, 12 for 24 quincenas and 4
// for 16 weeks. A month that starts on a month end lasts until the next month end. The
// terms must pass Check.
func Months(t Terms) int {
	t = t.Defaults()
	dates := t.dates()
	var last civil.Date
	for range t.Periods {
		last = dates.take()
	}
	from, day := t.Disbursement, int(t.Disbursement.Day)
	if from.IsMonthEnd() {
		day = 31
	}
	n := 12*int(last.Year-from.Year) + int(last.Month-from.Month)
	if from.AddMonths(n, day).Before(last) {
		n++
	}
	return n
}

// regular reports whether the first period has the same length as the others. From
// month end to month end is one month.
func (t Terms) regular() bool {
	switch t.Frequency {
	case Monthly:
		return t.FirstDue == t.Disbursement.AddMonths(1, int(t.Disbursement.Day)) ||
			t.Disbursement.IsMonthEnd() && t.FirstDue == t.Disbursement.AddMonths(1, 31)
	case Quincenal:
		return t.Disbursement.IsQuincena() && t.FirstDue == t.Disbursement.NextQuincena()
	default:
		return t.FirstDue == t.Disbursement.AddDays(t.PeriodLength())
	}
}

// firstPeriod returns the time from the disbursement to the first due date for the CAT:
// whole periods and odd days. A regular first period is one period and no days; another
// one is one period and the days by which it is longer, or shorter if they are negative.
// With quincenas, it is the days to the next quincena and the quincenas after it.
func (t Terms) firstPeriod() (whole, odd int) {
	from, first := t.Disbursement, t.FirstDue
	switch {
	case t.regular():
		return 1, 0
	case t.Frequency == Quincenal:
		end := from.AddDays(-1).NextQuincena()
		for d := end; d.Before(first); d = d.NextQuincena() {
			whole++
		}
		return whole, end.Since(from)
	case t.Frequency == Monthly:
		return 1, t.oddOfMonth()
	}
	return 1, first.Since(from) - t.PeriodLength()
}

// oddOfMonth returns the odd days of a monthly loan. A short first period is compared
// with the whole month of the disbursement: after 31 January, a loan that is due on each
// 27th is four days short of one that is due on each month end.
func (t Terms) oddOfMonth() int {
	from := t.Disbursement
	earliest, latest := from.AddMonths(1, int(from.Day)), from.AddMonths(1, int(from.Day))
	if from.IsMonthEnd() {
		latest = from.AddMonths(1, 31)
	}
	if t.FirstDue.Before(earliest) {
		return t.FirstDue.Since(from) - int(from.MonthEnd().Day)
	}
	return max(0, t.FirstDue.Since(latest))
}

// periods returns the period of each instalment; for Single, one period.
//
// Interest runs from one nominal date to the next, or between the moved dates with
// InterestFollows. Under 30/360 every regular period has its nominal length (30, 15,
// 14, 7 days …) whatever the months, so all periods are equal. An irregular first
// period is counted by the day count. With InterestFollows, the days by which a due
// date moved are added.
func (t Terms) periods() []period {
	all := make([]period, 0, t.Periods)
	dates, from, moved := t.dates(), t.Disbursement, 0
	if !t.InterestFrom.IsZero() {
		from, moved = t.InterestFrom, t.InterestFrom.Since(t.Disbursement)
	}
	days, nominal := t.firstThirty360(), t.PeriodLength()
	for k := range t.Periods {
		p := period{nominal: dates.take(), periods: k + 1}
		p.due = t.Due(p.nominal)
		to, shift := p.nominal, 0
		if t.InterestFollows {
			to, shift = p.due, p.due.Since(p.nominal)
		}
		if t.DayCount == civil.Thirty360 {
			p.fraction = t.DayCount.Of(days + shift - moved)
			days = nominal
		} else {
			p.fraction = t.DayCount.Between(from, to)
		}
		from, moved = to, shift
		all = append(all, p)
	}
	if t.Method == Single {
		return []period{joined(all)}
	}
	return all
}

// firstThirty360 returns the number of days of the first period under 30/360.
func (t Terms) firstThirty360() int {
	if t.regular() {
		return t.PeriodLength()
	}
	return t.DayCount.Between(t.Disbursement, t.FirstDue).Days
}

// joined returns all periods as one.
func joined(all []period) period {
	last := all[len(all)-1]
	for _, p := range all[:len(all)-1] {
		last.fraction.Days += p.fraction.Days
		last.fraction.Num += p.fraction.Num
	}
	return last
}
