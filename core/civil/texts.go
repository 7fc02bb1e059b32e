package civil

import "sofipo/core/lang"

// Texts has the texts of the day-count conventions.
var Texts = lang.Texts{
	Thirty360:    {EN: "30-day months, 360-day year", ES: "meses de 30 días, año de 360 días"},
	Actual360:    {EN: "calendar days, 360-day year", ES: "días naturales, año de 360 días"},
	Actual365:    {EN: "calendar days, 365-day year", ES: "días naturales, año de 365 días"},
	ActualActual: {EN: "calendar days, calendar year", ES: "días naturales, año natural"},
	Actual364:    {EN: "calendar days, 52-week year", ES: "días naturales, año de 52 semanas"},
}
