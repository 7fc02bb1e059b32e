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
	catalogue "sofipo/text"
)

// minus is the sign of negative amounts.
const minus = "\u2212"

// pesos is an amount in a table: "2,500.00", "−20.00".
func pesos(a money.Amount) string {
	text := a.String()
	sign := ""
	if text[0] == '-' {
		sign, text = minus, text[1:]
	}
	for at := len(text) - 6; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return sign + text
}

// currency is an amount outside a table: "$2,500.00", "−$20.00".
func currency(a money.Amount) string {
	if a < 0 {
		return minus + "$" + pesos(-a)
	}
	return "$" + pesos(a)
}

// percent is an annual rate with two to four decimals: "15.00 %".
func percent(r rate.Annual) string {
	return rate.Annual(int64(r)*100).Fixed(2) + "\u00a0%"
}

var months = strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")

// day is a date in text: "15 de enero de 2026". A missing date is a dash.
func day(d civil.Date) string {
	if !d.Valid() {
		return none
	}
	return fmt.Sprintf("%d de %s de %d", d.Day, months[d.Month-1], d.Year)
}

// none stands for a value that does not apply.
const none = "—"

// shortDay is a date in a table: "15 ene 2026". A missing date is a dash.
func shortDay(d civil.Date) string {
	if !d.Valid() {
		return none
	}
	return fmt.Sprintf("%d\u00a0%s\u00a0%d", d.Day, months[d.Month-1][:3], d.Year)
}

// moment is a time to the minute, in its own location: "15 ene 2026, 10:31".
func moment(t time.Time) string { return shortDay(civil.DateOf(t)) + t.Format(", 15:04") }

var componentNames = map[product.Component]string{
	product.Principal: "Capital", product.Interest: "Intereses ordinarios", product.InterestIVA: "IVA de intereses ordinarios",
	product.Fee: "Comisiones", product.FeeIVA: "IVA de comisiones", product.PenaltyInterest: "Intereses moratorios",
	product.PenaltyInterestIVA: "IVA de intereses moratorios", product.Insurance: "Seguro",
}

// columnNames are the short names of the components, for column heads.
var columnNames = map[product.Component]string{
	product.Principal: "Capital", product.Interest: "Intereses", product.InterestIVA: "IVA de intereses",
	product.Fee: "Comisiones", product.FeeIVA: "IVA de comisiones", product.PenaltyInterest: "Moratorios",
	product.PenaltyInterestIVA: "IVA de moratorios", product.Insurance: "Seguro",
}

// shown has the components in the order of the documents.
var shown = []product.Component{
	product.Principal, product.Interest, product.InterestIVA, product.PenaltyInterest, product.PenaltyInterestIVA,
	product.Fee, product.FeeIVA, product.Insurance,
}

// Label returns the Spanish name of a constant, such as a kind or a state, with a capital
// first letter.
func Label(constant any) string {
	name := catalogue.Of(catalogue.ES, constant)
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}

// rowNames are the names of the rows that are not transactions.
var rowNames = map[servicing.Kind]string{openingRow: "Saldo inicial", closingRow: "Saldo final"}

// kindName returns the Spanish name of a kind of transaction or row.
func kindName(k servicing.Kind) string {
	if name, found := rowNames[k]; found {
		return name
	}
	return Label(k)
}

// applicationNames are the states of an application (solicitud).
var applicationNames = map[servicing.Status]string{
	servicing.Applied: "En revisión", servicing.Returned: "Por corregir", servicing.Approved: "Autorizada", servicing.Rejected: "Rechazada", servicing.Cancelled: "Cancelada",
}

// counted is a number with its noun, in the singular or the plural.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
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

// named returns the Spanish name of a code, or the code if it has no name.
func named[K ~string](names map[K]string, code K) string {
	if name, found := names[code]; found {
		return name
	}
	return string(code)
}

// term returns the number of payments: "24 pagos mensuales".
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

// lower returns a name with a lower-case first letter.
func lower(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}
