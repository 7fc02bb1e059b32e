package money

import "sofipo/core/lang"

// Texts has the texts of the rounding rules.
var Texts = lang.Texts{
	HalfEven: {EN: "half to even", ES: "mitad al par más cercano"},
	HalfUp:   {EN: "half up", ES: "mitad hacia arriba"},
}
