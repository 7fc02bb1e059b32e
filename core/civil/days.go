package civil

import (
	"cmp"
	"time"
)

// Days is the number of the day counted from 1 January 1970 (day 0), negative
// before it.
func (d Date) Days() int {
	return int(d.Midnight().Unix() / secondsPerDay)
}

const secondsPerDay = 86_400

// FromDays is the date with that number of Days.
func FromDays(n int) Date { return DateOf(time.Unix(int64(n)*secondsPerDay, 0).UTC()) }

// IsZero tells whether no date was given.
func (d Date) IsZero() bool { return d == Date{} }

// Valid tells whether the day exists.
func (d Date) Valid() bool {
	return d.Month >= 1 && d.Month <= 12 && d.Day >= 1 && d.Day <= d.lastOfMonth()
}

// Compare is -1, 0 or +1 as d is before, the same as or after other.
func (d Date) Compare(other Date) int { return cmp.Compare(d.order(), other.order()) }

// order is a number that is greater for a later day.
func (d Date) order() int32 { return int32(d.Year)<<16 + int32(d.Month)<<8 + int32(d.Day) }

// Before tells whether d is earlier than other.
func (d Date) Before(other Date) bool { return d.order() < other.order() }

// After tells whether d is later than other.
func (d Date) After(other Date) bool { return d.order() > other.order() }

// Since is the number of days from other to d: the first counted, the last not.
func (d Date) Since(other Date) int { return d.Days() - other.Days() }

// AddDays is the date n days later, earlier if n is negative.
func (d Date) AddDays(n int) Date {
	if day := int(d.Day) + n; day >= 1 && day <= 28 {
		return Date{d.Year, d.Month, int8(day)}
	}
	return FromDays(d.Days() + n)
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return time.Weekday(((d.Days()+4)%7 + 7) % 7) }

// Leap tells whether the year has a 29 February.
func Leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// DaysIn is the number of days of the month.
func DaysIn(year int, month time.Month) int {
	switch month {
	case time.February:
		if Leap(year) {
			return 29
		}
		return 28
	case time.April, time.June, time.September, time.November:
		return 30
	default:
		return 31
	}
}

// BusinessDate is the day on which what is done now counts: the clock's, or the
// one after the last day whose close began, zero if none was, if that is later.
func BusinessDate(clock, lastBegun Date) Date {
	if !lastBegun.IsZero() && !clock.After(lastBegun) {
		return lastBegun.AddDays(1)
	}
	return clock
}

// Later is the later of two days.
func Later(a, b Date) Date {
	if a.Before(b) {
		return b
	}
	return a
}

// lastOfMonth is the number of days of the date's month.
func (d Date) lastOfMonth() int8 { return int8(DaysIn(int(d.Year), time.Month(d.Month))) }

// MonthEnd is the last day of the date's month.
func (d Date) MonthEnd() Date { return Date{d.Year, d.Month, d.lastOfMonth()} }

// IsMonthEnd tells whether d is the last day of its month.
func (d Date) IsMonthEnd() bool { return d.Day == d.lastOfMonth() }

// AddMonths is the given day of the month n months after d's, or the last day
// of that month where it has no such day: the month-end rule. Dates of a series
// are each taken from the first with the series' own day, so that 31 January
// gives 28 February and then 31 March.
func (d Date) AddMonths(n, day int) Date {
	month := int(d.Year)*12 + int(d.Month) - 1 + n
	year, m := month/12, time.Month(month%12+1)
	return On(year, m, min(day, DaysIn(year, m)))
}

// IsQuincena tells whether d is a 15th or the last day of its month.
func (d Date) IsQuincena() bool { return d.Day == 15 || d.IsMonthEnd() }

// NextQuincena is the first 15th or last day of a month after d.
func (d Date) NextQuincena() Date {
	switch {
	case d.Day < 15:
		return Date{d.Year, d.Month, 15}
	case !d.IsMonthEnd():
		return d.MonthEnd()
	default:
		return d.AddMonths(1, 15)
	}
}
