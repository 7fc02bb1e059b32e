package schedule

import "sofipo/core/civil"

// period is one instalment's time.
type period struct {
	nominal  civil.Date     // by the frequency
	due      civil.Date     // nominal, or moved to a business day
	fraction civil.Fraction // for interest
	periods  int            // whole periods from disbursement, for the CAT
}

// series walks the nominal due dates. Each is taken from the first, so that a
// short month does not shorten the ones after it.
type series struct {
	terms   Terms
	day     int // of the month
	next    civil.Date
	counted int
}

// dates starts the series of the terms. The day of a monthly one is the first
// due date's, or the disbursement's if the first due date is exactly one month
// after it, or the last if both are month ends.
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

// take gives the next due date.
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

// lastDate is the nominal date of the last instalment; of a monthly loan the end
// of its month.
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

// Months is the term in whole months, rounded up, from disbursement to the nominal
// date of the last instalment, at least 1: 24 months are 24, 24 quincenas 12 and
// 16 weeks 4. From the end of a month a month runs to the end of the next. The
// terms must be such as Check accepts.
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

// regular tells whether the first period is as long as the others: whether the
// first due date is the one that follows the disbursement in a series. Month
// end to month end is a month.
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

// periods gives the time of each instalment; for Single of the only one.
//
// Interest runs from one nominal date to the next, or between the moved ones if
// it follows them. Under 30/360 every regular period has its nominal length (30,
// 15, 14, 7 days …) whatever the months, so that periods are equal; an irregular
// first one is counted by the convention; days by which interest follows a moved
// date are added.
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

// firstThirty360 is the days of the first period under 30/360.
func (t Terms) firstThirty360() int {
	if t.regular() {
		return t.PeriodLength()
	}
	return t.DayCount.Between(t.Disbursement, t.FirstDue).Days
}

// joined is the whole time as one period.
func joined(all []period) period {
	last := all[len(all)-1]
	for _, p := range all[:len(all)-1] {
		last.fraction.Days += p.fraction.Days
		last.fraction.Num += p.fraction.Num
	}
	return last
}
