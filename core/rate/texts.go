package rate

import "sofipo/core/lang"

// Texts has the texts of the rules and of the IVA bases.
var Texts = lang.Texts{
	FractionBetween: {
		EN: "must be a fraction from {least} to {most} ({percent} % is {fraction})",
		ES: "Escriba una fracción de {least} a {most} ({percent}\u00a0% es {fraction})",
	},
	FractionAtMost: {
		EN: "must be a fraction of at most {most} ({percent} % is {fraction})",
		ES: "Escriba una fracción de {most} como máximo ({percent}\u00a0% es {fraction})",
	},

	Nominal:      {EN: "nominal interest", ES: "interés nominal"},
	RealUDI:      {EN: "interest above inflation", ES: "interés real (sobre la inflación)"},
	FixedPercent: {EN: "fixed part of the interest", ES: "parte fija del interés"},
}
