package console

import (
	"fmt"
	"regexp"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/text"
)

// quoted is the schedule of a loan that does not exist yet, as the template "quote" shows it.
type quoted struct {
	Payment    money.Amount // the first one
	Payments   string       // how many, how often
	Total      money.Amount // that the client pays
	Charges    money.Amount // of the total, what is not principal
	Received   money.Amount
	Fee        money.Amount // of the origination, with its IVA
	CAT        string
	Rows       []quotedRow
	HasCharges bool // there are periodic fees or insurance
	Principal  money.Amount
	Interest   money.Amount
	IVA        money.Amount
	Others     money.Amount
	Sum        money.Amount // of the instalments
	Figures    []formula    // of the quote as a whole
	Chart      chart
}

// quotedRow is an instalment. Ask is the address that unfolds or folds its formulas.
type quotedRow struct {
	Number                                  int
	Due                                     civil.Date
	Principal, Interest, IVA, Others, Total money.Amount
	Balance                                 money.Amount
	Ask                                     string
	Formulas                                []formula // only of the row that is asked for
}

// formula says how a figure was calculated.
type formula struct{ Label, Text string }

var quotePhrases = phrases{
	"First payment":                               "Primer pago",
	"Total to pay":                                "Total a pagar",
	"{amount} more than the loan":                 "{amount} más que el préstamo",
	"The client receives":                         "El cliente recibe",
	"origination fee of {amount} with IVA":        "comisión por apertura de {amount} con IVA",
	"without origination fee":                     "sin comisión por apertura",
	"without IVA, for information and comparison": "sin IVA, para fines informativos y de comparación",
	"Fees":                           "Comisiones",
	"How it was calculated":          "Cómo se calculó",
	"How payment {n} was calculated": "Cómo se calculó el pago {n}",
	"IVA of the interest":            "IVA del interés",
	"Level payment":                  "Pago nivelado",
	"Origination fee":                "Comisión por apertura",
	"IVA of the fee":                 "IVA de la comisión",
	"Time of the CAT":                "Tiempo del CAT",
	"Fees and insurance":             "Comisiones y seguro",
	"Principal against interest, IVA and fees of each payment":         "Capital frente a interés, IVA y comisiones de cada pago",
	"Interest, IVA and fees":                                           "Interés, IVA y comisiones",
	"Show how payment {n} of {amount} was calculated":                  "Mostrar cómo se calculó el pago {n} de {amount}",
	"{n} {n|payment|payments}, {frequency}, from {first} until {last}": "{n} {n|pago|pagos}, {frequency}, del {first} al {last}",
}

// quoted returns a schedule for the template "quote". The query "why" unfolds a row.
func (v *visit) quoted(s schedule.Schedule) *quoted {
	q := &quoted{
		Payment: s.Rows[0].Total, Total: s.Totals.TotalToPay, Charges: s.Totals.TotalToPay - s.Terms.Amount, Received: s.Opening.Disbursed,
		Fee: s.Opening.Fee + s.Opening.IVA, CAT: s.CAT.Percent() + "\u00a0%",
		Payments: v.say("{n} {n|payment|payments}, {frequency}, from {first} until {last}", "n", len(s.Rows), "frequency", s.Terms.Frequency,
			"first", s.Rows[0].Due, "last", s.Rows[len(s.Rows)-1].Due),
		Principal: s.Totals.Principal, Interest: s.Totals.Interest, IVA: s.Totals.IVA, Others: s.Totals.Fee + s.Totals.FeeIVA + s.Totals.Insurance, Sum: s.Totals.Total,
	}
	q.HasCharges = q.Others > 0
	e, asked := s.Explain(), v.r.URL.Query().Get("why")
	values, labels := make([][]money.Amount, len(s.Rows)), make([]string, len(s.Rows))
	for i, r := range s.Rows {
		row := quotedRow{
			Number: r.Number, Due: r.Due, Principal: r.Principal, Interest: r.Interest, IVA: r.IVA, Others: r.Fee + r.FeeIVA + r.Insurance, Total: r.Total, Balance: r.Balance,
		}
		if number := fmt.Sprint(r.Number); number == asked {
			row.Ask, row.Formulas = v.with("why", ""), v.rowFormulas(e.Rows[i], r)
		} else {
			row.Ask = v.with("why", number)
		}
		q.Rows = append(q.Rows, row)
		values[i] = []money.Amount{r.Principal, r.Total - r.Principal}
		if i == 0 || i == len(s.Rows)-1 || i == len(s.Rows)/2 {
			labels[i] = fmt.Sprint(r.Number)
		}
	}
	q.Figures = v.figures(s)
	q.Chart = stacked(v.say("Principal against interest, IVA and fees of each payment"), []string{v.say("Principal"), v.say("Interest, IVA and fees")}, labels, values)
	return q
}

// figures says how the figures of a schedule as a whole were calculated.
func (v *visit) figures(s schedule.Schedule) []formula {
	e := s.Explain()
	return v.formulas(
		formula{v.say("Level payment"), e.Level}, formula{v.say("Origination fee"), onlyIf(s.Opening.Fee > 0, e.Opening)},
		formula{v.say("IVA of the fee"), onlyIf(s.Opening.IVA > 0, e.OpeningIVA)}, formula{v.say("The client receives"), e.Disbursed},
		formula{v.say("Total to pay"), e.TotalToPay}, formula{v.say("CAT"), e.CAT}, formula{v.say("Time of the CAT"), e.CATTime},
	)
}

// rowFormulas says how the figures of an instalment were calculated.
func (v *visit) rowFormulas(e schedule.RowExplanation, r schedule.Row) []formula {
	return v.formulas(
		formula{v.say("Interest"), e.Interest}, formula{v.say("IVA of the interest"), e.IVA}, formula{v.say("Principal"), e.Principal},
		formula{v.say("Fees and insurance"), onlyIf(r.Fee+r.Insurance > 0, e.Fee)}, formula{v.say("Payment"), e.Total}, formula{v.say("Balance"), e.Balance},
	)
}

func onlyIf(condition bool, s string) string {
	if condition {
		return s
	}
	return ""
}

// formulas returns the formulas that are not empty, as people write them.
func (v *visit) formulas(all ...formula) (shown []formula) {
	for _, f := range all {
		if f.Text != "" {
			shown = append(shown, formula{f.Label, formulaText(v.lang, f.Text)})
		}
	}
	return shown
}

var (
	pesosInFormula = regexp.MustCompile(`\d+\.\d\d\b`)
	spanishFormula = strings.NewReplacer(
		"no principal yet", "aún sin capital",
		"exact balances, rounded", "saldos exactos, redondeados",
		"principal / ", "capital ÷ ",
		"residue in the last", "residuo en la última",
		"residue in the first", "residuo en la primera",
		"adjusted by the residue or limited to the balance", "ajustado por el residuo o limitado al saldo",
		"Σ balance × days", "Σ saldo × días", "Σ balance × time", "Σ saldo × tiempo",
		"balance", "saldo",
		"grace, defer", "gracia, se difiere", "grace, capitalise", "gracia, se capitaliza", "grace, waive", "gracia, no se cobra",
		"interest at", "interés a",
		"rate × days/base", "tasa × días ÷ base",
		"rate / ", "tasa ÷ ",
		" with its IVA", " con su IVA",
		"days from disbursement / 365", "días desde la entrega ÷ 365",
		"first period", "primer periodo",
		"periods / periods of a year", "periodos ÷ periodos de un año",
		" / periods of a year", " ÷ periodos de un año",
		" days / 365", " días ÷ 365",
		" - ", " − ",
	)
	englishFormula = strings.NewReplacer(" - ", " − ", "sin IVA", "without IVA")
)

// formulaText returns a formula of a schedule in a language, its amounts with separators.
func formulaText(l text.Lang, s string) string {
	s = pesosInFormula.ReplaceAllStringFunc(s, func(figure string) string {
		a, err := money.Parse(figure)
		if err != nil {
			return figure
		}
		return amount(a)
	})
	if l == text.EN {
		return englishFormula.Replace(s)
	}
	return spanishFormula.Replace(s)
}
