package money

import "sofipo/core/lang"

// Texts are those of the rules of rounding.
var Texts = lang.Texts{
	HalfEven: {EN: "half to even", ES: "mitad al par"},
	HalfUp:   {EN: "half up", ES: "mitad hacia arriba"},
}
