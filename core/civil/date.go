// Package civil holds calendar dates without a clock: a business date is a day
// of the calendar, not an instant.
package civil

import "time"

// Date is a day of the Gregorian calendar.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day on which the moment falls in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// Parse reads YYYY-MM-DD; the error names the form.
func Parse(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	return DateOf(t), err
}

// String is YYYY-MM-DD.
func (d Date) String() string { return d.Midnight().Format(time.DateOnly) }

// Append adds the date as YYYY-MM-DD to b.
func (d Date) Append(b []byte) []byte { return d.Midnight().AppendFormat(b, time.DateOnly) }

// Midnight is the first moment of the day in UTC, the form that databases take.
func (d Date) Midnight() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = Parse(string(b))
	return err
}
