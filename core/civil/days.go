package civil

import (
	"cmp"
	"time"
)

// Days returns the number of days since 1 January 1970, negative before it.
func (d Date) Days() int {
	return int(d.Midnight().Unix() / secondsPerDay)
}

const secondsPerDay = 86_400

// FromDays returns the date n days after 1 January 1970.
func FromDays(n int) Date { return DateOf(time.Unix(int64(n)*secondsPerDay, 0).UTC()) }

// IsZero reports whether d is the zero Date, which means "no date".
func (d Date) IsZero() bool { return d == Date{} }

// Valid reports whether the date exists.
func (d Date) Valid() bool {
	return d.Month >= 1 && d.Month <= 12 && d.Day >= 1 && d.Day <= d.lastOfMonth()
}

// Compare returns -1, 0 or +1 if d is before, equal to or after other.
func (d Date) Compare(other Date) int { return cmp.Compare(d.order(), other.order()) }

// order returns a number that increases with the date.
func (d Date) order() int32 { return int32(d.Year)<<16 + int32(d.Month)<<8 + int32(d.Day) }

// Before reports whether d is earlier than other.
func (d Date) Before(other Date) bool { return d.order() < other.order() }

// After reports whether d is later than other.
func (d Date) After(other Date) bool { return d.order() > other.order() }

// Since returns the number of days from other to d. The first counts, the last does not.
func (d Date) Since(other Date) int { return d.Days() - other.Days() }

// AddDays returns the date n days later, or earlier if n is negative.
func (d Date) AddDays(n int) Date {
	if day := int(d.Day) + n; day >= 1 && day <= 28 {
		return Date{d.Year, d.Month, int8(day)}
	}
	return FromDays(d.Days() + n)
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return time.Weekday(((d.Days()+4)%7 + 7) % 7) }

// Leap reports whether the year has a 29 February.
func Leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// DaysIn returns the number of days of the month.
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

// BusinessDate returns the date that the books use for operations registered now: the
// day of the clock, or the day after lastBegun if that is later. lastBegun is the last
// day with a close that was started, zero if there is none.
func BusinessDate(clock, lastBegun Date) Date {
	if !lastBegun.IsZero() && !clock.After(lastBegun) {
		return lastBegun.AddDays(1)
	}
	return clock
}

// Later returns the later of two dates.
func Later(a, b Date) Date {
	if a.Before(b) {
		return b
	}
	return a
}

// lastOfMonth returns the number of days of the date's month.
func (d Date) lastOfMonth() int8 { return int8(DaysIn(int(d.Year), time.Month(d.Month))) }

// MonthEnd returns the last day of the date's month.
func (d Date) MonthEnd() Date { return Date{d.Year, d.Month, d.lastOfMonth()} }

// IsMonthEnd reports whether d is the last day of its month.
func (d Date) IsMonthEnd() bool { return d.Day == d.lastOfMonth() }

// AddMonths returns the given day in the month n months after d, or the last day of that
// month if it is shorter. To compute a series, add to its first date with the same day
// each time: 31 January, 28 February, 31 March.
func (d Date) AddMonths(n, day int) Date {
	month := int(d.Year)*12 + int(d.Month) - 1 + n
	year, m := month/12, time.Month(month%12+1)
	return On(year, m, min(day, DaysIn(year, m)))
}

// IsQuincena reports whether d is a 15th or the last day of its month.
func (d Date) IsQuincena() bool { return d.Day == 15 || d.IsMonthEnd() }

// NextQuincena returns the first 15th or last day of a month after d.
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
