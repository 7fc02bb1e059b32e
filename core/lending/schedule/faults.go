package schedule

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The rules of loan terms. A rule about a choice that depends on another choice has
// the value of the other as a parameter: OnlyForMethods applies to a choice that only
// some methods accept.
const (
	AmountRange       fault.Rule = "amount_range"       // above 0, at most {most}
	BelowAmount       fault.Rule = "below_amount"       // the origination fee, its IVA and the collateral
	AmountOrRate      fault.Rule = "amount_or_rate"     // not both
	NoCAT             fault.Rule = "no_cat"             // the CAT cannot be computed with these fees
	BeyondAmounts     fault.Rule = "beyond_amounts"     // a computed figure exceeds the largest amount
	OnlyForFrequency  fault.Rule = "only_for_frequency" // the choice needs another frequency
	NotForFrequency   fault.Rule = "not_for_frequency"  // the frequency excludes the choice
	OnlyForMethods    fault.Rule = "only_for_methods"   // the choice needs another method
	OnlyForResidue    fault.Rule = "only_for_residue"   // the choice needs another residue
	HolidaysKnown     fault.Rule = "holidays_known"     // the holidays of the day are known
	OnlyForHolidays   fault.Rule = "only_for_holidays"  // the choice needs another holiday rule
	OnlyForBase       fault.Rule = "only_for_base"      // the choice needs another IVA base
	ResidueAtOnce     fault.Rule = "residue_at_once"    // the residue, if the principal is paid at once
	DisbursementDay   fault.Rule = "disbursement_day"   // a date from 1900 to 2899
	AfterDisbursement fault.Rule = "after_disbursement" // the first due date
	QuincenalDay      fault.Rule = "quincenal_day"      // a 15th or the last day of a month
	MonthEndDay       fault.Rule = "month_end_day"      // the last day of a month
	WithinYears       fault.Rule = "within_years"       // the first due date
	EndsWithinYears   fault.Rule = "ends_within_years"  // the last due date
	GracePeriods      fault.Rule = "grace_periods"      // fewer than the number of periods
	OnlyForGrace      fault.Rule = "only_for_grace"     // the choice needs periods without interest
	GraceOfSingle     fault.Rule = "grace_of_single"    // the method single accepts no grace
	GraceOfBullet     fault.Rule = "grace_of_bullet"    // the method bullet accepts no grace of principal
	InterestGrace     fault.Rule = "interest_grace"     // at most as many periods as the grace of principal
	InstalmentOfZero  fault.Rule = "instalment_of_zero" // fewer periods: an instalment would be below {least}
	LevelTooHigh      fault.Rule = "level_too_high"     // the level payment by periods repays the loan too early
	LevelTooLow       fault.Rule = "level_too_low"      // the level payment by periods repays nothing
)

// Texts has the texts of the rules and choices.
var Texts = lang.Texts{
	AmountRange: {EN: "must be above 0 and at most {most}", ES: "Debe ser mayor que 0 y no exceder {most}"},
	BelowAmount: {
		EN: "is too high: origination fee, its IVA and collateral together must be below the loan amount",
		ES: "Debe ser menor: la comisión por apertura, su IVA y la garantía en efectivo deben sumar menos que el importe del préstamo",
	},
	AmountOrRate:     {EN: "must have either an amount or a rate, not both", ES: "Escriba un importe o un porcentaje, no ambos"},
	NoCAT:            {EN: "are too high for these terms: the CAT cannot be computed", ES: "Deben ser menores: con estas condiciones no se puede calcular el CAT"},
	BeyondAmounts:    {EN: "is too high for these terms: a figure of the schedule exceeds the maximum", ES: "Debe ser menor: con estas condiciones una cifra de la tabla excede el máximo"},
	OnlyForFrequency: {EN: "is accepted only with the frequency {frequency}", ES: "Sólo se acepta con la frecuencia {frequency}"},
	NotForFrequency:  {EN: "is not accepted with the frequency {frequency}", ES: "No se acepta con la frecuencia {frequency}"},
	OnlyForMethods:   {EN: "is accepted only with the methods {methods}", ES: "Sólo se acepta con los métodos {methods}"},
	OnlyForResidue:   {EN: "is accepted only with the residue in {residue}", ES: "Sólo se acepta cuando el ajuste de centavos va en {residue}"},
	HolidaysKnown:    {EN: "must be {first} or later with the holiday rule {holiday_rule}: earlier bank holidays are not known", ES: "Cuando el vencimiento en día inhábil {holiday_rule}, debe ser {first} o posterior: no se conocen los días inhábiles anteriores"},
	OnlyForHolidays:  {EN: "is accepted only with the holiday rule {holiday_rule}", ES: "Sólo se acepta cuando el vencimiento en día inhábil {holiday_rule}"},
	OnlyForBase:      {EN: "is accepted only with the IVA base {base}", ES: "Sólo se acepta con la base de IVA «{base}»"},
	ResidueAtOnce: {
		EN: "must be {residue} with a method that pays the principal at once",
		ES: "Debe ser {residue} cuando el capital se paga en una sola exhibición",
	},
	DisbursementDay:   {EN: "is required: a date from 1900 to 2899", ES: "Escriba una fecha entre los años 1900 y 2899"},
	AfterDisbursement: {EN: "must be after the disbursement date ({disbursement})", ES: "Debe ser posterior a la fecha de entrega ({disbursement})"},
	QuincenalDay: {
		EN: "must be the 15th or the last day of a month with the frequency {frequency}",
		ES: "Con la frecuencia {frequency} debe ser el día 15 o el último del mes",
	},
	MonthEndDay: {EN: "must be the last day of a month: every due date of this loan is a month end", ES: "Debe ser el último día de un mes: todos los vencimientos de este préstamo son a fin de mes"},
	WithinYears: {
		EN: "must be at most {years} years after the disbursement date ({disbursement})",
		ES: "No puede ser más de {years} años después de la entrega ({disbursement})",
	},
	EndsWithinYears: {
		EN: "must be fewer: the last due date would be more than {years} years after the disbursement",
		ES: "Elija menos periodos: el último vencimiento no puede ser más de {years} años después de la entrega",
	},
	GracePeriods:  {EN: "must be at least 0 and less than the number of periods", ES: "Debe ser 0 o más y menor que el número de periodos"},
	OnlyForGrace:  {EN: "is accepted only with periods without interest", ES: "Sólo se acepta si hay periodos sin pago de intereses"},
	GraceOfSingle: {EN: "is not accepted with the method {method}, which has one payment at the end", ES: "No se acepta con el método «{method}», que tiene un solo pago"},
	GraceOfBullet: {EN: "is not accepted with the method {method}, which pays the principal at the end", ES: "No se acepta con el método «{method}», porque el capital ya se paga al final"},
	InterestGrace: {
		EN: "must be at most the number of periods without principal, unless the interest is waived: principal is not paid while interest is pending",
		ES: "No puede exceder el número de periodos sin pago de capital, salvo que los intereses se condonen: el capital no se paga mientras haya intereses pendientes",
	},
	InstalmentOfZero: {
		EN: "must be fewer for this amount: each instalment must be at least {least}, and one would be 0.00",
		ES: "Elija menos periodos para este importe: cada amortización debe ser de al menos {least} y alguna sería de 0.00",
	},
	LevelTooHigh: {
		EN: "must be false with these terms: the level payment would repay the loan before the last instalment",
		ES: "Debe desactivarse con estas condiciones: el pago igual liquidaría el préstamo antes de la última amortización",
	},
	LevelTooLow: {
		EN: "must be false with these terms: the level payment does not cover the interest, so nothing would be repaid before the last instalment",
		ES: "Debe desactivarse con estas condiciones: el pago igual no cubre los intereses, por lo que el capital quedaría para la última amortización",
	},

	Level:          {EN: "level payments plus IVA", ES: "pagos iguales de capital e intereses más IVA"},
	LevelWithIVA:   {EN: "level payments including IVA", ES: "pagos iguales con IVA incluido"},
	EqualPrincipal: {EN: "equal principal", ES: "capital constante"},
	Bullet:         {EN: "periodic interest and principal at the end", ES: "intereses periódicos y capital al vencimiento"},
	Single:         {EN: "single payment", ES: "pago único al vencimiento"},

	Weekly:       {EN: "weekly", ES: "semanal"},
	Every14Days:  {EN: "every 14 days", ES: "catorcenal"},
	Quincenal:    {EN: "twice a month", ES: "quincenal"},
	Monthly:      {EN: "monthly", ES: "mensual"},
	EveryNumDays: {EN: "every n days", ES: "cada cierto número de días"},

	Last:  {EN: "the last instalment", ES: "la última amortización"},
	First: {EN: "the first instalment", ES: "la primera amortización"},

	Defer:      {EN: "defer", ES: "diferir"},
	Capitalise: {EN: "capitalise", ES: "capitalizar"},
	Waive:      {EN: "waive", ES: "condonar"},

	Apart:    {EN: "paid separately", ES: "se paga por separado"},
	Deducted: {EN: "deducted from the disbursement", ES: "se descuenta de la entrega"},

	Unmoved:         {EN: "not moved", ES: "no se mueve"},
	NextBusinessDay: {EN: "next business day", ES: "pasa al siguiente día hábil"},

	ByRegularity: {EN: "automatic", ES: "automático"},
	ByPeriods:    {EN: "by periods", ES: "por periodos"},
	ByDays:       {EN: "by days", ES: "por días"},
}
