package rate

import "sofipo/core/lang"

// Texts are those of the bases of IVA.
var Texts = lang.Texts{
	Nominal:      {EN: "nominal interest", ES: "interés nominal"},
	RealUDI:      {EN: "real interest", ES: "interés real"},
	FixedPercent: {EN: "fixed part of the interest", ES: "parte fija del interés"},
}
