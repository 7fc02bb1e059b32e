package rate

import "sofipo/core/lang"

// Texts has the texts of the IVA bases.
var Texts = lang.Texts{
	Nominal:      {EN: "nominal interest", ES: "interés nominal"},
	RealUDI:      {EN: "interest above inflation", ES: "interés real (sobre la inflación)"},
	FixedPercent: {EN: "fixed part of the interest", ES: "parte fija del interés"},
}
