package product

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The refusals of operations on products.
const (
	NotFound fault.Code = "product_not_found" // no such product, or none of its versions is in force
	Exists   fault.Code = "product_exists"    // the code of the product is in use
)

// Rules of NotFound.
const (
	RetiredAlready fault.Rule = "retired_already" // the product was retired before
	NoneInForce    fault.Rule = "none_in_force"   // it has versions, but none on the day
)

// The rules of a product's fields.
const (
	CodeForm         fault.Rule = "product_code"
	OwnCodeForm      fault.Rule = "own_code"          // of the product itself
	FixedByProduct   fault.Rule = "fixed_by_product"  // the product fixes this choice
	WithinLimits     fault.Rule = "within_limits"     // from {least} to {most} for the {product}
	InForceFrom      fault.Rule = "in_force_from"     // the version is in force from a day on
	InForceBetween   fault.Rule = "in_force_between"  // the version is in force between two days
	FromOne          fault.Rule = "from_one"          // 1 or above
	NotBeforeStart   fault.Rule = "not_before_start"  // the last day
	LeastAmount      fault.Rule = "least_amount"      // the least amount against the largest
	LeastRate        fault.Rule = "least_rate"        //
	LeastPeriods     fault.Rule = "least_periods"     //
	LimitAtMost      fault.Rule = "limit_at_most"     // a limit against that of all products
	ComponentKnown   fault.Rule = "component_known"   // of the order of allocation
	ComponentMissing fault.Rule = "component_missing" //
	ComponentTwice   fault.Rule = "component_twice"   //
	FromToday        fault.Rule = "from_today"        // the first day of a version
	SeedMonthly      fault.Rule = "seed_monthly"      // the default product's frequency
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: NotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Product not found", ES: "No se encontró el producto"}},
	{Code: Exists, Class: fault.ClassConflict, Text: lang.Text{EN: "Product code already in use", ES: "La clave del producto ya está en uso"}},
}

// Texts are those of the rules and choices.
var Texts = lang.Texts{
	RetiredAlready: {EN: "Product not found: it is retired already", ES: "El producto ya se retiró"},
	NoneInForce: {
		EN: "Product not found: no version of {product} is in force on {date}",
		ES: "Ninguna versión del producto {product} está vigente el {date}",
	},

	OwnCodeForm: {EN: "must be 1 to 40 of a-z, 0-9 and _", ES: "Use de 1 a 40 caracteres de a-z, 0-9 y _"},
	CodeForm: {
		EN: "must be the code of a product: 1 to 40 of a-z, 0-9 and _",
		ES: "Escriba la clave del producto: de 1 a 40 caracteres de a-z, 0-9 y _",
	},
	FixedByProduct: {EN: "is fixed by the product", ES: "Lo fija el producto"},
	WithinLimits:   {EN: "must be from {least} to {most} for the product {product}", ES: "Para el producto {product} debe estar entre {least} y {most}"},
	InForceFrom: {
		EN: "must be from {from} for version {version} of the product {product}",
		ES: "La versión {version} del producto {product} está vigente desde el {from}",
	},
	InForceBetween: {
		EN: "must be from {from} to {to} for version {version} of the product {product}",
		ES: "La versión {version} del producto {product} está vigente del {from} al {to}",
	},
	FromOne:        {EN: "must be 1 or above", ES: "Debe ser 1 o mayor"},
	NotBeforeStart: {EN: "must not be before the first day", ES: "No puede ser anterior al primer día"},
	LeastAmount:    {EN: "must be above 0 and at most the largest amount", ES: "Debe ser mayor que 0 y a lo más el importe máximo"},
	LeastRate:      {EN: "must be from 0 to the largest rate", ES: "Debe estar entre 0 y la tasa máxima"},
	LeastPeriods:   {EN: "must be from 1 to the largest number of periods", ES: "Debe estar entre 1 y el número máximo de periodos"},
	LimitAtMost:    {EN: "must be at most {most}", ES: "Debe ser a lo más {most}"},
	ComponentKnown: {EN: "has \"{component}\", which is none of {accepted}", ES: "Tiene {component}, que no es uno de: {accepted}"},
	ComponentMissing: {
		EN: "must have every component once: {component} is missing",
		ES: "Cada concepto va una vez: falta {component}",
	},
	ComponentTwice: {
		EN: "must have every component once: {component} is doubled",
		ES: "Cada concepto va una vez: se repite {component}",
	},
	FromToday: {
		EN: "must be today ({earliest}) or later: what was granted before stays as it was",
		ES: "Debe ser hoy ({earliest}) o después: lo ya otorgado no cambia",
	},
	SeedMonthly: {
		EN: "must be monthly for the default product, whose loans are asked for in months",
		ES: "Debe ser mensual en el producto predeterminado, cuyos préstamos se piden en meses",
	},

	Principal:          {EN: "principal", ES: "capital"},
	Interest:           {EN: "interest", ES: "intereses ordinarios"},
	InterestIVA:        {EN: "IVA on interest", ES: "IVA de intereses ordinarios"},
	Fee:                {EN: "fee", ES: "comisiones"},
	FeeIVA:             {EN: "IVA on fee", ES: "IVA de comisiones"},
	PenaltyInterest:    {EN: "penalty interest", ES: "intereses moratorios"},
	PenaltyInterestIVA: {EN: "IVA on penalty interest", ES: "IVA de intereses moratorios"},
	Insurance:          {EN: "insurance", ES: "seguro"},

	OldestFirst: {EN: "oldest instalment first", ES: "primero la amortización más antigua"},
	ByConcept:   {EN: "by concept", ES: "por concepto"},

	ReduceInstalment: {EN: "reduce the instalments", ES: "reducir el importe de los pagos"},
	ReduceTerm:       {EN: "reduce the term", ES: "reducir el plazo"},
	KeepUnapplied:    {EN: "keep as unapplied funds", ES: "guardar como pago adelantado"},

	OverduePrincipal:            {EN: "overdue principal", ES: "capital vencido"},
	OverduePrincipalAndInterest: {EN: "overdue principal and interest", ES: "capital e intereses vencidos"},

	Additional: {EN: "besides ordinary interest", ES: "además del interés ordinario"},
	Replaces:   {EN: "in place of ordinary interest", ES: "en lugar del interés ordinario"},
}
