package product

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of operations on products.
const (
	NotFound fault.Code = "product_not_found" // there is no such product, or no version of it is in force
	Exists   fault.Code = "product_exists"    // another product has this code
)

// The rules of NotFound.
const (
	RetiredAlready fault.Rule = "retired_already" // the product is already retired
	NoneInForce    fault.Rule = "none_in_force"   // it has versions, but none is in force on the date
)

// The field rules of products.
const (
	CodeForm         fault.Rule = "product_code"       // the code in a request that names a product
	OwnCodeForm      fault.Rule = "own_code"           // the code of a new product
	FixedByProduct   fault.Rule = "fixed_by_product"   // the product fixes this choice
	WithinLimits     fault.Rule = "within_limits"      // from {least} to {most} for the {product}
	RateWithinLimits fault.Rule = "rate_within_limits" // the same for a rate
	InForceFrom      fault.Rule = "in_force_from"      // the version has a first day
	InForceBetween   fault.Rule = "in_force_between"   // the version has a first and a last day
	FromOne          fault.Rule = "from_one"           // 1 or above
	NotBeforeStart   fault.Rule = "not_before_start"   // the last day against the first
	LeastAmount      fault.Rule = "least_amount"       // the minimum amount against the maximum
	LeastRate        fault.Rule = "least_rate"         // the minimum rate against the maximum
	LeastPeriods     fault.Rule = "least_periods"      // the minimum number of periods against the maximum
	LimitAtMost      fault.Rule = "limit_at_most"      // a limit of the product against the limit of all products
	ComponentKnown   fault.Rule = "component_known"    // the allocation order has only known components
	ComponentMissing fault.Rule = "component_missing"  // the allocation order has every component
	ComponentTwice   fault.Rule = "component_twice"    // the allocation order has no component twice
	FromToday        fault.Rule = "from_today"         // the first day of a version is not in the past
	SeedMonthly      fault.Rule = "seed_monthly"       // the default product is monthly
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: NotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Product not found", ES: "No se encontró el producto"}},
	{Code: Exists, Class: fault.ClassConflict, Text: lang.Text{EN: "Product code already in use", ES: "La clave del producto ya está en uso"}},
}

// Texts has the texts of the rules and choices.
var Texts = lang.Texts{
	RetiredAlready: {EN: "Product not found: it is already retired", ES: "El producto ya fue retirado"},
	NoneInForce: {
		EN: "Product not found: no version of {product} is in force on {date}",
		ES: "El producto {product} no tiene una versión vigente el {date}",
	},

	OwnCodeForm: {EN: "must have 1 to 40 characters, only a-z, 0-9 and _", ES: "Use de 1 a 40 caracteres: letras minúsculas sin acento, cifras y _"},
	CodeForm: {
		EN: "must be a product code: 1 to 40 characters, only a-z, 0-9 and _",
		ES: "Escriba la clave del producto: de 1 a 40 letras minúsculas sin acento, cifras y _",
	},
	FixedByProduct: {EN: "is fixed by the product; leave it out", ES: "El producto lo determina; déjelo vacío"},
	RateWithinLimits: {
		EN: "must be a fraction from {least} to {most} for the product {product} ({percent} % is {fraction})",
		ES: "Para el producto {product} escriba una fracción de {least} a {most} ({percent}\u00a0% es {fraction})",
	},
	WithinLimits: {EN: "must be from {least} to {most} for the product {product}", ES: "Para el producto {product} debe estar entre {least} y {most}"},
	InForceFrom: {
		EN: "must be {from} or later: version {version} of the product {product} is not in force before",
		ES: "Debe ser el {from} o después: desde entonces está vigente la versión {version} del producto {product}",
	},
	InForceBetween: {
		EN: "must be from {from} to {to}, while version {version} of the product {product} is in force",
		ES: "Debe estar entre el {from} y el {to}, la vigencia de la versión {version} del producto {product}",
	},
	FromOne:        {EN: "must be at least 1", ES: "Debe ser 1 o mayor"},
	NotBeforeStart: {EN: "must not be before the first day", ES: "No puede ser anterior al primer día"},
	LeastAmount:    {EN: "must be above 0 and at most the maximum amount", ES: "Debe ser mayor que 0 y no exceder el importe máximo"},
	LeastRate:      {EN: "must be from 0 to the maximum rate", ES: "Debe estar entre 0 y la tasa máxima"},
	LeastPeriods:   {EN: "must be from 1 to the maximum number of periods", ES: "Debe estar entre 1 y el número máximo de periodos"},
	LimitAtMost:    {EN: "must be at most {most}", ES: "No puede ser mayor que {most}"},
	ComponentKnown: {EN: "has the unknown component \"{component}\"; each must be {accepted}", ES: "No existe el concepto «{component}»; elija entre {accepted}"},
	ComponentMissing: {
		EN: "must have every component exactly once; missing: {component}",
		ES: "Cada concepto debe aparecer una sola vez; falta el de {component}",
	},
	ComponentTwice: {
		EN: "must have every component exactly once; repeated: {component}",
		ES: "Cada concepto debe aparecer una sola vez; se repite el de {component}",
	},
	FromToday: {
		EN: "must be today ({earliest}) or later: existing loans keep their terms",
		ES: "Debe ser hoy ({earliest}) o después: los préstamos ya otorgados no cambian",
	},
	SeedMonthly: {
		EN: "must be monthly for the default product: the term of its loans is given in months",
		ES: "Debe ser mensual en el producto predeterminado: el plazo de sus préstamos se pide en meses",
	},

	Principal:          {EN: "principal", ES: "capital"},
	Interest:           {EN: "interest", ES: "intereses ordinarios"},
	InterestIVA:        {EN: "IVA on interest", ES: "IVA de intereses ordinarios"},
	Fee:                {EN: "fees", ES: "comisiones"},
	FeeIVA:             {EN: "IVA on fees", ES: "IVA de comisiones"},
	PenaltyInterest:    {EN: "penalty interest", ES: "intereses moratorios"},
	PenaltyInterestIVA: {EN: "IVA on penalty interest", ES: "IVA de intereses moratorios"},
	Insurance:          {EN: "insurance", ES: "seguro"},

	OldestFirst: {EN: "oldest instalment first", ES: "primero la amortización más antigua"},
	ByConcept:   {EN: "by component", ES: "por concepto"},

	ReduceInstalment: {EN: "reduce the instalments", ES: "reducir el importe de las amortizaciones"},
	ReduceTerm:       {EN: "reduce the term", ES: "reducir el plazo"},
	KeepUnapplied:    {EN: "keep as unapplied funds", ES: "guardar como saldo a favor"},

	OverduePrincipal:            {EN: "overdue principal", ES: "capital vencido"},
	OverduePrincipalAndInterest: {EN: "overdue principal and interest", ES: "capital e intereses vencidos"},

	Additional: {EN: "in addition to ordinary interest", ES: "además del interés ordinario"},
	Replaces:   {EN: "instead of ordinary interest", ES: "en lugar del interés ordinario"},
}
