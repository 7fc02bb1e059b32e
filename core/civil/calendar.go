package civil

import "time"

// Holiday is a rule for at most one holiday a year. It has one of three forms: a day of
// a month (Month, Day); the Nth weekday of a month (Month, Weekday, Nth from 1); or a
// number of days from Easter Sunday (Easter: -3 is Maundy Thursday).
type Holiday struct {
	Name    string       `json:"name"`
	Month   time.Month   `json:"month,omitempty"`
	Day     int          `json:"day,omitempty"`
	Weekday time.Weekday `json:"weekday,omitempty"`
	Nth     int          `json:"nth,omitempty"`
	Easter  int          `json:"easter,omitempty"`
	From    int          `json:"from"`            // first year in force
	To      int          `json:"to,omitempty"`    // last year in force; none if 0
	Every   int          `json:"every,omitempty"` // interval in years, starting with From; 0 is 1
}

// MexicanHolidays are the days, besides Saturdays and Sundays, on which the CNBV orders
// financial institutions to close (docs/rules/holidays.md), from 2007 on. The CNBV publishes
// the list each December. A change is a new rule with its years.
var MexicanHolidays = []Holiday{
	{Name: "Año Nuevo", Month: 1, Day: 1, From: 2007},
	{Name: "Día de la Constitución", Month: 2, Weekday: time.Monday, Nth: 1, From: 2007},
	{Name: "Natalicio de Benito Juárez", Month: 3, Weekday: time.Monday, Nth: 3, From: 2007},
	{Name: "Jueves Santo", Easter: -3, From: 2007},
	{Name: "Viernes Santo", Easter: -2, From: 2007},
	{Name: "Día del Trabajo", Month: 5, Day: 1, From: 2007},
	{Name: "Día de la Independencia", Month: 9, Day: 16, From: 2007},
	{Name: "Día de Muertos", Month: 11, Day: 2, From: 2007},
	{Name: "Día de la Revolución", Month: 11, Weekday: time.Monday, Nth: 3, From: 2007},
	{Name: "Transmisión del Poder Ejecutivo Federal", Month: 12, Day: 1, From: 2012, To: 2018, Every: 6},
	{Name: "Transmisión del Poder Ejecutivo Federal", Month: 10, Day: 1, From: 2024, Every: 6},
	{Name: "Día del Empleado Bancario", Month: 12, Day: 12, From: 2007},
	{Name: "Navidad", Month: 12, Day: 25, From: 2007},
}

// Calendar says which days are business days: all except Saturdays, Sundays and
// holidays. The zero Calendar has no holidays.
type Calendar struct {
	Holidays []Holiday `json:"holidays"`
	From     Date      `json:"from,omitzero"` // first day whose holidays are known; all days if zero
}

// Mexico returns the calendar with MexicanHolidays.
func Mexico() Calendar {
	return Calendar{Holidays: MexicanHolidays, From: Date{Year: 2007, Month: 1, Day: 1}}
}

// Holiday returns the name of the holiday on d, "" if there is none.
func (c Calendar) Holiday(d Date) string {
	for _, h := range c.Holidays {
		if h.fallsOn(d) {
			return h.Name
		}
	}
	return ""
}

// IsBusinessDay reports whether d is a business day.
func (c Calendar) IsBusinessDay(d Date) bool {
	weekday := d.Weekday()
	return weekday != time.Saturday && weekday != time.Sunday && c.Holiday(d) == ""
}

// NextBusinessDay returns d if it is a business day, else the next business day, at most
// 30 days later.
func (c Calendar) NextBusinessDay(d Date) Date {
	for range 30 {
		if c.IsBusinessDay(d) {
			break
		}
		d = d.AddDays(1)
	}
	return d
}

func (h Holiday) fallsOn(d Date) bool {
	year, month, day := int(d.Year), time.Month(d.Month), int(d.Day)
	if year < h.From || h.To != 0 && year > h.To || (year-h.From)%max(h.Every, 1) != 0 {
		return false
	}
	switch {
	case h.Easter != 0:
		return month >= time.March && month <= time.June && Easter(year).AddDays(h.Easter) == d
	case h.Nth != 0:
		return month == h.Month && (day-1)/7 == h.Nth-1 && d.Weekday() == h.Weekday
	default:
		return month == h.Month && day == h.Day
	}
}

// Easter returns Easter Sunday of the Gregorian year, by the anonymous algorithm
// (Meeus, Astronomical Algorithms, chapter 8).
func Easter(year int) Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	j, k := c/4, c%4
	l := (32 + 2*e + 2*j - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return On(year, time.Month(n/31), n%31+1)
}
