package civil

// DayCount is a convention that turns two dates into a fraction of a year. The
// first day is counted and the last is not.
type DayCount string

// The conventions.
const (
	// Thirty360 gives each month 30 days and the year 360, in the United States
	// variant (bond basis as NASD and Excel's DAYS360 and YEARFRAC basis 0 for
	// month ends): if both dates are the last of February, the second is a 30th;
	// if the first is the last of February or a 31st, it is a 30th; if the second
	// is a 31st and the first a 30th, so adjusted, the second is a 30th.
	Thirty360 DayCount = "30/360"
	// Actual360 is the days of the calendar over 360, the usage of Mexican banks.
	Actual360 DayCount = "ACT/360"
	// Actual365 is the days of the calendar over 365, leap years too (fixed).
	Actual365 DayCount = "ACT/365"
	// ActualActual is ISDA's: the days that fall in leap years over 366, plus the
	// others over 365.
	ActualActual DayCount = "ACT/ACT"
	// Actual364 is the days of the calendar over 364, so that a week is 1/52 of a
	// year and 14 days are 1/26.
	Actual364 DayCount = "ACT/364"
)

// DayCounts lists the conventions. Accounts are stored with a convention's place
// in it: a new one goes to the end.
var DayCounts = []DayCount{Thirty360, Actual360, Actual365, ActualActual, Actual364}

// Fraction is a part of a year, Num / Den, exact. Fractions of one convention
// have one Den, so that they add by their Num.
type Fraction struct {
	Days int   // days counted, for people to read
	Num  int64 // days; for ACT/ACT, days of common years × 366 + days of leap years × 365
	Den  int64 // 360, 364, 365 or, for ACT/ACT, 365 × 366
}

// Valid tells whether c is one of the conventions.
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

// Between is the fraction of a year from one date to a later one; negative if
// to is before from. The convention must be valid.
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

// Of is the fraction of so many days, for ACT/ACT days of common years.
func (c DayCount) Of(days int) Fraction {
	f := Fraction{Days: days, Num: int64(days), Den: c.denominator()}
	if c == ActualActual {
		f.Num *= 366
	}
	return f
}

// thirty360 counts days with months of 30, in the United States variant.
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

// leapDaysBefore is the number of days that fall in leap years from 1 January
// of the year 1 up to, not including, d.
func leapDaysBefore(d Date) int {
	past := int(d.Year) - 1
	n := (past/4 - past/100 + past/400) * 366
	if Leap(int(d.Year)) {
		n += d.Since(Date{d.Year, 1, 1})
	}
	return n
}
