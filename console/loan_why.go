package console

import (
	"fmt"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/text"
	"sofipo/view"
)

var whyPhrases = phrases{
	"Payment {n}":               "Pago {n}",
	"Principal that is not due": "Capital por vencer",
	"Provision":                 "Estimación",
	"Base":                      "Base",
	"Percentage":                "Porcentaje",
	"Classification":            "Clasificación",
	"Provision for credit risk": "Estimación preventiva",
	"Interest in stage 3, provisioned in full":               "Interés en etapa 3, estimado por completo",
	"{rate}: {kind}, {n} {n|day|days} late":                  "{rate}: {kind}, {n} {n|día|días} de atraso",
	"{principal} principal + {interest} interest = {amount}": "{principal} de capital + {interest} de interés = {amount}",
	"from {due} to {day}: {n}":                               "del {due} al {day}: {n}",
	"To pay off today {amount}: how it was calculated":       "Para liquidar hoy {amount}: cómo se calculó",
}

// whyGroup is a part of an amount with the formulas of its own parts.
type whyGroup struct {
	Label    string
	Amount   money.Amount
	Formulas []formula
}

// whyPayoff says how a payoff amount was calculated, by instalment.
func (v *visit) whyPayoff(f *view.LoanFile, of servicing.Payoff) (groups []whyGroup, err error) {
	parts, err := f.ExplainPayoff(of.Date, v.today)
	for i, part := range parts {
		group, name := "", capital(text.Of(v.lang, part.Component))
		switch {
		case part.Component == "":
			group, name = v.say("Unapplied funds"), v.say("Unapplied funds")
		case part.Instalment == 0:
			group = v.say("Principal that is not due")
		default:
			group = v.say("Payment {n}", "n", part.Instalment)
		}
		if i == 0 || group != groups[len(groups)-1].Label {
			groups = append(groups, whyGroup{Label: group})
		}
		last := &groups[len(groups)-1]
		last.Amount += part.Amount
		last.Formulas = append(last.Formulas, formula{name, v.sum(part)})
	}
	return groups, err
}

// whyOwed says how the amounts owed of an instalment that is due on or before a day were
// calculated.
func (v *visit) whyOwed(parts []servicing.Owed, in view.Instalment, day civil.Date) (shown []formula) {
	if late := day.Since(in.Due); late > 0 {
		shown = append(shown, formula{v.say("Days late"), v.say("from {due} to {day}: {n}", "due", in.Due, "day", day, "n", late)})
	}
	for _, part := range parts {
		if part.Instalment == in.Number {
			shown = append(shown, formula{capital(text.Of(v.lang, part.Component)), v.sum(part)})
		}
	}
	return shown
}

// sum writes a part of a payoff amount as the sum of its terms.
func (v *visit) sum(part servicing.Owed) string {
	var b strings.Builder
	for i, t := range part.Terms {
		shown := amount(max(t.Amount, -t.Amount))
		switch {
		case t.Amount < 0 && i == 0:
			shown = "−" + shown
		case t.Amount < 0:
			shown = " − " + shown
		case i > 0:
			shown = " + " + shown
		}
		b.WriteString(shown)
		if t.Formula != "" {
			b.WriteString(" (" + formulaText(v.lang, t.Formula) + ")")
		} else {
			b.WriteString(" (" + text.Of(v.lang, t.Kind) + ")")
		}
	}
	if len(part.Terms) > 1 {
		b.WriteString(" = " + amount(part.Amount))
	} else if t := part.Terms[0]; t.Formula != "" {
		return formulaText(v.lang, t.Formula) + " = " + amount(part.Amount)
	}
	return b.String()
}

// provision says what was provisioned for a loan at the last close, and how it was calculated. It
// returns nil if the loan has no position on that day.
func (v *visit) provision(f *view.LoanFile) (*provisionPart, error) {
	p, err := v.View.LoanProvision(v.r.Context(), v.by(), f)
	if err != nil || p == nil {
		return nil, err
	}
	base, share := p.Exposure.Base, text.Of(v.lang, p.Share)
	shown := &provisionPart{Date: p.Date, Total: p.Provision + p.Reserve}
	shown.Facts = []fact{
		{v.say("Classification"), capital(text.Of(v.lang, p.Stage))},
		{v.say("Days late"), fmt.Sprint(p.DaysPastDue)},
		{v.say("Base"), amount(base)},
		{v.say("Percentage"), share},
	}
	of := formula{v.say("Base"), v.say("{principal} principal + {interest} interest = {amount}", "principal", amount(p.Balance), "interest", amount(base-p.Balance), "amount", amount(base))}
	shown.Figures = []formula{
		of,
		{v.say("Percentage"), v.say("{rate}: {kind}, {n} {n|day|days} late", "rate", share, "kind", p.Exposure.Classification, "n", p.DaysPastDue)},
		{v.say("Provision"), formulaText(v.lang, p.Formula) + " = " + amount(p.Provision)},
	}
	if p.Reserve > 0 {
		shown.Figures = append(shown.Figures,
			formula{v.say("Interest in stage 3, provisioned in full"), amount(p.Reserve)},
			formula{v.say("Total"), amount(p.Provision) + " + " + amount(p.Reserve) + " = " + amount(shown.Total)})
	}
	return shown, nil
}
