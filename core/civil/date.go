// Package civil has calendar dates (Date) and calculations with them: periods and
// month ends, fractions of a year for interest (DayCount), and business days with the
// bank holidays of Mexico (Calendar). A Date has no time and no time zone. The package
// reads no clock.
package civil

import "time"

// Date is a day of the Gregorian calendar. It has four bytes because accounts have many
// dates.
type Date struct {
	Year  int16
	Month int8
	Day   int8
}

// On returns the date with the year, month and day.
func On(year int, month time.Month, day int) Date {
	return Date{int16(year), int8(month), int8(day)}
}

// DateOf returns the date of the moment in its own location.
func DateOf(t time.Time) Date { return On(t.Date()) }

// Parse reads a date in the form YYYY-MM-DD. The error is that of time.Parse.
func Parse(s string) (Date, error) {
	if d, ok := parse(s); ok {
		return d, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	return DateOf(t), err
}

// parse is the fast path of Parse for valid dates.
func parse(s string) (d Date, ok bool) {
	if len(s) != len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return d, false
	}
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case i == 4 || i == 7:
		case c < '0' || c > '9':
			return d, false
		default:
			n = 10*n + int(c-'0')
		}
	}
	d = On(n/10_000, time.Month(n/100%100), n%100)
	return d, d.Valid()
}

// String returns YYYY-MM-DD.
func (d Date) String() string { return string(d.Append(make([]byte, 0, len(time.DateOnly)))) }

// Append adds the date as YYYY-MM-DD to b.
func (d Date) Append(b []byte) []byte {
	if d.Year < 0 || d.Year > 9999 || !d.Valid() {
		return d.Midnight().AppendFormat(b, time.DateOnly)
	}
	century, year := byte(d.Year/100), byte(d.Year%100)
	b = append(b, '0'+century/10, '0'+century%10, '0'+year/10, '0'+year%10, '-')
	return append(b, '0'+byte(d.Month/10), '0'+byte(d.Month%10), '-', '0'+byte(d.Day/10), '0'+byte(d.Day%10))
}

// Midnight returns the first moment of the day in UTC, the form for databases.
func (d Date) Midnight() time.Time {
	return time.Date(int(d.Year), time.Month(d.Month), int(d.Day), 0, 0, 0, 0, time.UTC)
}

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = Parse(string(b))
	return err
}
