package civil

import (
	"fmt"
	"time"
)

// Month is a month of a year.
type Month struct {
	Year  int
	Month time.Month
}

// MonthOf is the month of a day.
func (d Date) MonthOf() Month { return Month{int(d.Year), time.Month(d.Month)} }

// String is YYYY-MM.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, int(m.Month)) }

// MarshalText writes YYYY-MM.
func (m Month) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
