package schedule

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The rules of terms. Rules of one choice that depends on another name the other's
// value: OnlyForMethods is broken by a choice that only some methods have.
const (
	AmountRange       fault.Rule = "amount_range"       // above 0, at most {most}
	BelowAmount       fault.Rule = "below_amount"       // the origination fee with its IVA and the collateral
	AmountOrRate      fault.Rule = "amount_or_rate"     // not both
	NoCAT             fault.Rule = "no_cat"             // the fees have no CAT
	BeyondAmounts     fault.Rule = "beyond_amounts"     // a figure is above the largest amount
	OnlyForFrequency  fault.Rule = "only_for_frequency" //
	NotForFrequency   fault.Rule = "not_for_frequency"  //
	OnlyForMethods    fault.Rule = "only_for_methods"   //
	OnlyForResidue    fault.Rule = "only_for_residue"   //
	OnlyForHolidays   fault.Rule = "only_for_holidays"  // the rule of holidays
	OnlyForBase       fault.Rule = "only_for_base"      // the base of IVA
	ResidueAtOnce     fault.Rule = "residue_at_once"    // of methods that pay the principal at once
	DisbursementDay   fault.Rule = "disbursement_day"   //
	AfterDisbursement fault.Rule = "after_disbursement" //
	QuincenalDay      fault.Rule = "quincenal_day"      // a 15th or the last day of a month
	MonthEndDay       fault.Rule = "month_end_day"      // the last day of a month
	WithinYears       fault.Rule = "within_years"       // the first due date
	EndsWithinYears   fault.Rule = "ends_within_years"  // the last due date
	GracePeriods      fault.Rule = "grace_periods"      // fewer than all
	OnlyForGrace      fault.Rule = "only_for_grace"     // of interest
	GraceOfSingle     fault.Rule = "grace_of_single"    // the method single has none
	GraceOfBullet     fault.Rule = "grace_of_bullet"    // the method bullet has none of principal
	InterestGrace     fault.Rule = "interest_grace"     // not longer than that of principal
)

// Texts are those of the rules and choices.
var Texts = lang.Texts{
	AmountRange: {EN: "must be above 0 and at most {most}", ES: "Debe ser mayor que 0 y a lo más {most}"},
	BelowAmount: {
		EN: "must be, with its IVA and the collateral, below the amount",
		ES: "Con su IVA y la garantía en efectivo, debe ser menor que el importe del préstamo",
	},
	AmountOrRate:     {EN: "must have an amount or a rate, not both", ES: "Escriba un importe o un porcentaje, no ambos"},
	NoCAT:            {EN: "make a CAT beyond any number with these terms", ES: "Con estas condiciones el CAT excede cualquier número"},
	BeyondAmounts:    {EN: "makes figures beyond any amount with these terms", ES: "Con estas condiciones las cifras exceden cualquier importe"},
	OnlyForFrequency: {EN: "is only for the frequency {frequency}", ES: "Es sólo para la frecuencia {frequency}"},
	NotForFrequency:  {EN: "is not for the frequency {frequency}", ES: "No aplica a la frecuencia {frequency}"},
	OnlyForMethods:   {EN: "is only for the methods {methods}", ES: "Es sólo para los métodos {methods}"},
	OnlyForResidue:   {EN: "is only for the residue {residue}", ES: "Es sólo cuando el ajuste de centavos va en {residue}"},
	OnlyForHolidays:  {EN: "is only for the holiday rule {holiday_rule}", ES: "Es sólo cuando la fecha inhábil {holiday_rule}"},
	OnlyForBase:      {EN: "is only for the base {base}", ES: "Es sólo para la base de IVA {base}"},
	ResidueAtOnce: {
		EN: "must be {residue} for a method that pays the principal at once",
		ES: "Debe ser {residue} en un método que paga el capital en una sola exhibición",
	},
	DisbursementDay:   {EN: "is needed: a day from 1900 to 2899", ES: "Escriba un día entre los años 1900 y 2899"},
	AfterDisbursement: {EN: "must be after the day of disbursement, {disbursement}", ES: "Debe ser posterior al día de la entrega, {disbursement}"},
	QuincenalDay: {
		EN: "must be a 15th or the last day of a month for the frequency {frequency}",
		ES: "Con la frecuencia {frequency} debe ser día 15 o último del mes",
	},
	MonthEndDay: {EN: "must be the last day of a month, as all due dates are", ES: "Debe ser el último día de un mes, como todos los vencimientos"},
	WithinYears: {
		EN: "must be within {years} years of the disbursement on {disbursement}",
		ES: "No puede pasar de {years} años después de la entrega, {disbursement}",
	},
	EndsWithinYears: {
		EN: "must end within {years} years of the disbursement",
		ES: "El último vencimiento no puede pasar de {years} años después de la entrega",
	},
	GracePeriods:  {EN: "must be from 0 to one less than the number of periods", ES: "Debe estar entre 0 y uno menos que el número de periodos"},
	OnlyForGrace:  {EN: "is only for terms with periods without interest", ES: "Es sólo si hay periodos sin intereses"},
	GraceOfSingle: {EN: "is not for the method {method}, which pays nothing before its end", ES: "No aplica al método {method}, que no paga nada antes del final"},
	GraceOfBullet: {EN: "is not for the method {method}, which pays its principal at the end", ES: "No aplica al método {method}, que paga el capital al final"},
	InterestGrace: {
		EN: "must not be above the periods without principal unless the interest is waived: principal is not paid while interest waits",
		ES: "No puede exceder los periodos sin capital, salvo que el interés se condone: no se paga capital mientras el interés espera",
	},

	Level:          {EN: "level payments, IVA on top", ES: "pagos iguales de capital e intereses, más IVA"},
	LevelWithIVA:   {EN: "level payments with IVA", ES: "pagos iguales con IVA"},
	EqualPrincipal: {EN: "equal principal", ES: "capital constante"},
	Bullet:         {EN: "principal at the end", ES: "intereses periódicos y capital al vencimiento"},
	Single:         {EN: "single payment", ES: "pago único al vencimiento"},

	Weekly:       {EN: "weekly", ES: "semanal"},
	Every14Days:  {EN: "every 14 days", ES: "catorcenal"},
	Quincenal:    {EN: "twice a month", ES: "quincenal"},
	Monthly:      {EN: "monthly", ES: "mensual"},
	EveryNumDays: {EN: "every so many days", ES: "cada cierto número de días"},

	Last:  {EN: "the last instalment", ES: "la última amortización"},
	First: {EN: "the first instalment", ES: "la primera amortización"},

	Defer:      {EN: "defer", ES: "diferir"},
	Capitalise: {EN: "capitalise", ES: "capitalizar"},
	Waive:      {EN: "waive", ES: "condonar"},

	Apart:    {EN: "paid apart", ES: "se paga por separado"},
	Deducted: {EN: "deducted from the disbursement", ES: "se descuenta de la entrega"},

	Unmoved:         {EN: "not moved", ES: "no se mueve"},
	NextBusinessDay: {EN: "next business day", ES: "pasa al siguiente día hábil"},

	ByRegularity: {EN: "automatic", ES: "automático"},
	ByPeriods:    {EN: "by periods", ES: "por periodos"},
	ByDays:       {EN: "by days", ES: "por días"},
}
