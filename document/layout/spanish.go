package layout

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// pesos is an amount with thousands separators: "2,500.00".
func pesos(a money.Amount) string {
	text := a.String()
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	for at := len(text) - 6; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return sign + text
}

// currency is an amount that stands alone: "$2,500.00".
func currency(a money.Amount) string {
	if a < 0 {
		return "-$" + pesos(-a)
	}
	return "$" + pesos(a)
}

// percent is a yearly rate with two decimals, or up to four: "15.00 %".
func percent(r rate.Annual) string {
	return rate.Annual(int64(r)*100).Fixed(2) + "\u00a0%"
}

var months = strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")

// day is a date in prose: "15 de enero de 2026"; a dash where there is none.
func day(d civil.Date) string {
	if !d.Valid() {
		return "–"
	}
	return fmt.Sprintf("%d de %s de %d", d.Day, months[d.Month-1], d.Year)
}

// shortDay is a date in a table: "15/01/2026"; a dash where there is none.
func shortDay(d civil.Date) string {
	if !d.Valid() {
		return "–"
	}
	return fmt.Sprintf("%02d/%02d/%04d", d.Day, d.Month, d.Year)
}

// moment is a time, in its own location, to the minute.
func moment(t time.Time) string { return shortDay(civil.DateOf(t)) + t.Format(" 15:04") }

var componentNames = map[product.Component]string{
	product.Principal: "Capital", product.Interest: "Intereses ordinarios", product.InterestIVA: "IVA de intereses ordinarios",
	product.Fee: "Comisiones", product.FeeIVA: "IVA de comisiones", product.PenaltyInterest: "Intereses moratorios",
	product.PenaltyInterestIVA: "IVA de intereses moratorios", product.Insurance: "Seguro",
}

// columnNames are the components over a column of figures.
var columnNames = map[product.Component]string{
	product.Principal: "Capital", product.Interest: "Intereses", product.InterestIVA: "IVA de intereses",
	product.Fee: "Comisiones", product.FeeIVA: "IVA de comisiones", product.PenaltyInterest: "Moratorios",
	product.PenaltyInterestIVA: "IVA de moratorios", product.Insurance: "Seguro",
}

// shown is the order in which documents list the components.
var shown = []product.Component{
	product.Principal, product.Interest, product.InterestIVA, product.PenaltyInterest, product.PenaltyInterestIVA,
	product.Fee, product.FeeIVA, product.Insurance,
}

var kindNames = map[servicing.Kind]string{
	servicing.Disbursement: "Disposición del crédito", servicing.Ordinary: "Pago", servicing.Prepayment: "Pago anticipado",
	servicing.AdvancePayment: "Pago adelantado", servicing.WriteOffKind: "Castigo del crédito",
	servicing.RecoveryKind: "Recuperación de crédito castigado", servicing.RestructureKind: "Reestructura",
	servicing.Cancellation: "Cancelación del crédito", servicing.AdvanceApplied: "Aplicación de pago adelantado",
	servicing.Capitalisation: "Capitalización de intereses", servicing.Reversal: "Reverso",
	openingRow: "Saldo inicial", closingRow: "Saldo final",
}

var statusNames = map[servicing.Status]string{
	servicing.Applied: "Solicitado", servicing.Approved: "Aprobado", servicing.Rejected: "Rechazado", servicing.Active: "Activo",
	servicing.Restructured: "Reestructurado", servicing.PaidOff: "Liquidado", servicing.WrittenOff: "Castigado", servicing.Cancelled: "Cancelado",
}

var reasonNames = map[string]string{
	"contract": "contrato", string(product.ReduceInstalment): "pago anticipado que reduce el importe de los pagos",
	string(product.ReduceTerm): "pago anticipado que reduce el plazo", string(servicing.RestructureKind): "reestructura",
}

var methodNames = map[schedule.Method]string{
	schedule.Level:          "Pagos iguales de capital e intereses, más IVA",
	schedule.LevelWithIVA:   "Pagos iguales de capital, intereses e IVA",
	schedule.EqualPrincipal: "Capital constante, pagos decrecientes",
	schedule.Bullet:         "Intereses periódicos y capital al vencimiento",
	schedule.Single:         "Pago único al vencimiento",
}

var frequencyNames = map[schedule.Frequency][2]string{
	schedule.Weekly: {"semanal", "semanales"}, schedule.Every14Days: {"catorcenal", "catorcenales"},
	schedule.Quincenal: {"quincenal", "quincenales"}, schedule.Monthly: {"mensual", "mensuales"},
}

var dayCountNames = map[civil.DayCount]string{
	civil.Thirty360: "Meses de 30 días, año de 360", civil.Actual360: "Días naturales, año de 360",
	civil.Actual365: "Días naturales, año de 365", civil.ActualActual: "Días naturales, año natural",
	civil.Actual364: "Días naturales, año de 52 semanas",
}

// named is the Spanish name of a code, the code itself if it has none.
func named[K ~string](names map[K]string, code K) string {
	if name, found := names[code]; found {
		return name
	}
	return string(code)
}

// term is the number of payments: "24 pagos mensuales".
func term(t schedule.Terms) string {
	if t.Method == schedule.Single {
		return "1 pago al vencimiento"
	}
	names, found := frequencyNames[t.Frequency]
	switch {
	case !found && t.Periods == 1:
		return fmt.Sprintf("1 pago a %d días", t.PeriodDays)
	case !found:
		return fmt.Sprintf("%d pagos, uno cada %d días", t.Periods, t.PeriodDays)
	case t.Periods == 1:
		return "1 pago " + names[0]
	default:
		return fmt.Sprintf("%d pagos %s", t.Periods, names[1])
	}
}

// lower begins a name inside a sentence.
func lower(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}
