package console

import (
	"fmt"
	"net/url"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

const simulatorPath = Root + "simulator"

var simulatorRoutes = []route{
	{"GET " + simulatorPath, loan.Quote, (*visit).simulator},
	{"GET " + simulatorPath + ".pdf", loan.Quote, (*visit).simulatorPDF},
}

// simulatorPage quotes a loan. Its address is the quote.
type simulatorPage struct {
	Terms termsForm
	Quote *quoted
	PDF   string
	Apply string // where an application with these terms begins; empty if the user may not apply
}

// termsForm has the inputs of the terms of a loan: product, amount, rate, periods and first
// due date, as the template "terms" shows them.
type termsForm struct {
	Form                            *form
	Products                        []option
	Product                         product.Product // the chosen one
	AmountHint, RateHint, TermsHint string
}

// askedTerms are the terms that were typed.
type askedTerms struct {
	Product  product.Product
	Amount   money.Amount
	Rate     rate.Annual
	Periods  int
	FirstDue civil.Date
}

var simulatorScreen = declare[simulatorPage]("simulator")

var simulatorPhrases = phrases{
	"Simulator": "Simulador",
	"Nothing is saved: the address of this page is the simulation.": "No se guarda nada: la dirección de esta página es la simulación.",
	"Annual rate, %": "Tasa anual, %",
	"First due date": "Primer vencimiento",
	"one period after the disbursement if empty":            "un periodo después de la entrega si se deja vacío",
	"from {least} to {most}":                                "de {least} a {most}",
	"{least} to {most}, {frequency}":                        "{least} a {most}, {frequency}",
	"always {value}":                                        "siempre {value}",
	"at least {value}":                                      "Al menos {value}",
	"Start an application with this":                        "Iniciar solicitud con estos datos",
	"Write the amount, the rate and the number of payments": "Escriba el importe, la tasa y el número de pagos",
	"The schedule, the CAT and the chart appear here.":      "Aquí aparecen la tabla de amortización, el CAT y la gráfica.",
	"Print or save as PDF":                                  "Imprimir o guardar PDF",
	"There is no product in force":                          "No hay productos vigentes",
}

func (v *visit) simulator() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	f.Values = v.r.URL.Query()
	page := simulatorPage{}
	asked, s, err := v.quote(f, &page.Terms)
	if err != nil {
		return err
	}
	if s != nil {
		page.Quote = v.quoted(*s)
		q := asked.values().Encode()
		page.PDF = simulatorPath + ".pdf?" + q
		if v.may(loan.Apply) {
			page.Apply = applicationNewPath + "?" + q
		}
	}
	return simulatorScreen.show(v, page)
}

// simulatorPDF answers with the quote as a document.
func (v *visit) simulatorPDF() error {
	f := &form{Values: v.r.URL.Query()}
	asked, s, err := v.quote(f, &termsForm{})
	if err != nil {
		return err
	}
	if s == nil {
		return v.goTo(simulatorPath + "?" + v.r.URL.RawQuery)
	}
	return v.sendPDF(v.issuer().Quote(asked.Product, *s))
}

// quote fills in the inputs of the terms and computes the schedule of what was typed. The
// schedule is nil as long as something is missing or wrong, which is said at its input.
func (v *visit) quote(f *form, t *termsForm) (asked askedTerms, s *schedule.Schedule, err error) {
	t.Form = f
	products, err := v.View.Products(v.r.Context(), v.by(), v.today)
	if err != nil || len(products) == 0 {
		return asked, nil, err
	}
	t.Product = products[0]
	for _, p := range products {
		t.Products = append(t.Products, option{p.Code, p.Name})
		if p.Code == f.Get("product") {
			t.Product = p
		}
	}
	v.fillHints(t)
	asked, err = f.terms(t.Product)
	if err == nil && asked.Amount > 0 && asked.Periods > 0 {
		s, err = asked.plan(v.today)
	}
	if err != nil {
		if _, shown := f.wrong(v, err, termsInputs); !shown {
			return asked, nil, err
		}
		return asked, nil, nil
	}
	return asked, s, nil
}

// termsInputs has the inputs of fields with another name.
var termsInputs = map[string]string{"annual_rate": "rate", "first_due_date": "first"}

// terms reads the terms. The rate of a product with only one rate needs no input.
func (f *form) terms(p product.Product) (askedTerms, error) {
	var flaws fault.Flaws
	a := askedTerms{Product: p, Amount: f.amount("amount", &flaws), Rate: f.percent("rate", &flaws), Periods: f.whole("periods", &flaws), FirstDue: f.date("first", &flaws)}
	if f.Get("rate") == "" && p.Limits.MinRate == p.Limits.MaxRate {
		a.Rate = p.Limits.MinRate
	}
	return a, flaws.Err()
}

// plan computes the schedule of a loan that is disbursed on a day.
func (a askedTerms) plan(on civil.Date) (*schedule.Schedule, error) {
	terms, err := a.Product.Terms(a.Amount, a.Rate, a.Periods, on, a.FirstDue)
	if err != nil {
		return nil, err
	}
	s, err := schedule.Build(terms)
	return &s, err
}

// values returns the terms as the inputs of a form.
func (a askedTerms) values() url.Values {
	q := url.Values{"product": {a.Product.Code}, "amount": {a.Amount.String()}, "rate": {percentInput(a.Rate)}, "periods": {fmt.Sprint(a.Periods)}}
	if !a.FirstDue.IsZero() {
		q.Set("first", fieldDate(a.FirstDue))
	}
	return q
}

// percentInput returns a rate in per cent for an input: 36.5.
func percentInput(r rate.Annual) string {
	return strings.TrimSuffix((r * 100).Fixed(1), ".0")
}

// fillHints says what the product accepts.
func (v *visit) fillHints(t *termsForm) {
	l := t.Product.Limits
	if t.AmountHint = v.between(l.MinAmount, l.MaxAmount); l.MaxAmount == money.Max {
		t.AmountHint = v.say("at least {value}", "value", l.MinAmount)
	}
	t.RateHint = v.between(l.MinRate, l.MaxRate)
	t.TermsHint = v.say("{least} to {most}, {frequency}", "least", l.MinPeriods, "most", l.MaxPeriods, "frequency", t.Product.Frequency)
}

// between says which values are accepted.
func (v *visit) between(least, most any) string {
	if least == most {
		return v.say("always {value}", "value", least)
	}
	return v.say("from {least} to {most}", "least", least, "most", most)
}
