package civil

import "sofipo/core/lang"

// Texts are those of the conventions.
var Texts = lang.Texts{
	Thirty360:    {EN: "months of 30 days, year of 360", ES: "meses de 30 días, año de 360"},
	Actual360:    {EN: "calendar days, year of 360", ES: "días naturales, año de 360"},
	Actual365:    {EN: "calendar days, year of 365", ES: "días naturales, año de 365"},
	ActualActual: {EN: "calendar days, calendar year", ES: "días naturales, año natural"},
	Actual364:    {EN: "calendar days, year of 52 weeks", ES: "días naturales, año de 52 semanas"},
}
