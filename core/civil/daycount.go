package civil

import "fmt"

// DayCount is a convention for the fraction of a year between two dates. The first day
// counts, the last does not. See docs/rules/interest.md.
type DayCount string

// The conventions.
const (
	// Thirty360 counts 30 days for each month and 360 for the year, in the United States
	// variant (NASD bond basis; Excel's DAYS360, and YEARFRAC basis 0 for month ends).
	// If both dates are the last day of February, the second becomes the 30th. If the
	// first is the last day of February or a 31st, it becomes the 30th. If the second is
	// a 31st and the first is now a 30th, the second becomes the 30th.
	Thirty360 DayCount = "30/360"
	// Actual360 is calendar days / 360, the practice of Mexican banks.
	Actual360 DayCount = "ACT/360"
	// Actual365 is calendar days / 365, also in leap years.
	Actual365 DayCount = "ACT/365"
	// ActualActual is ISDA's convention: days in leap years / 366 plus other days / 365.
	ActualActual DayCount = "ACT/ACT"
	// Actual364 is calendar days / 364: a week is 1/52 of a year and 14 days are 1/26.
	Actual364 DayCount = "ACT/364"
)

// DayCounts lists the conventions. Stored accounts have the index of their convention
// in this list, so a new one goes to the end.
var DayCounts = []DayCount{Thirty360, Actual360, Actual365, ActualActual, Actual364}

// Fraction is an exact fraction of a year, Num / Den. All fractions of one convention
// have the same Den, so they can be added by their Num.
type Fraction struct {
	Days int   // counted days, for display
	Num  int64 // days; for ACT/ACT, days of common years × 366 + days of leap years × 365
	Den  int64 // 360, 364, 365 or, for ACT/ACT, 365 × 366
}

// String returns the fraction as its convention writes it: 30/360, or for ACT/ACT
// (20/365 + 11/366).
func (f Fraction) String() string {
	if f.Den != ActualActual.denominator() {
		return fmt.Sprintf("%d/%d", f.Days, f.Den)
	}
	leap := int64(f.Days)*366 - f.Num
	return fmt.Sprintf("(%d/365 + %d/366)", int64(f.Days)-leap, leap)
}

// Valid reports whether c is one of the conventions.
func (c DayCount) Valid() bool { return c.denominator() != 0 }

func (c DayCount) denominator() int64 {
	switch c {
	case Thirty360, Actual360:
		return 360
	case Actual364:
		return 364
	case Actual365:
		return 365
	case ActualActual:
		return 365 * 366
	}
	return 0
}

// Between returns the fraction of a year between two dates; it is negative if to is
// before from. The convention must be valid.
func (c DayCount) Between(from, to Date) Fraction {
	if c == Thirty360 {
		return c.Of(thirty360(from, to))
	}
	f := c.Of(to.Since(from))
	if c == ActualActual {
		leap := leapDaysBefore(to) - leapDaysBefore(from)
		f.Num = int64(f.Days-leap)*366 + int64(leap)*365
	}
	return f
}

// Of returns the fraction for a number of days; for ACT/ACT, days of common years.
func (c DayCount) Of(days int) Fraction {
	f := Fraction{Days: days, Num: int64(days), Den: c.denominator()}
	if c == ActualActual {
		f.Num *= 366
	}
	return f
}

// thirty360 counts days by Thirty360.
func thirty360(from, to Date) int {
	d1, d2 := int(from.Day), int(to.Day)
	if lastOfFebruary(from) {
		if lastOfFebruary(to) {
			d2 = 30
		}
		d1 = 30
	}
	d1 = min(d1, 30)
	if d2 == 31 && d1 == 30 {
		d2 = 30
	}
	return 360*(int(to.Year)-int(from.Year)) + 30*(int(to.Month)-int(from.Month)) + d2 - d1
}

func lastOfFebruary(d Date) bool { return d.Month == 2 && d.IsMonthEnd() }

// leapDaysBefore returns the number of days in leap years from 1 January of year 1 to
// the day before d.
func leapDaysBefore(d Date) int {
	past := int(d.Year) - 1
	n := (past/4 - past/100 + past/400) * 366
	if Leap(int(d.Year)) {
		n += d.Since(Date{d.Year, 1, 1})
	}
	return n
}
