package console

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/view"
)

const (
	portfolioPath = Root + "portfolio"
	moneyPath     = portfolioPath + "/money"
)

var portfolioRoutes = []route{
	{"GET " + portfolioPath, risk.ReadReports, (*visit).portfolio},
	{"GET " + portfolioPath + ".csv", risk.ReadReports, (*visit).portfolioTable},
	{"GET " + portfolioPath + ".xlsx", risk.ReadReports, (*visit).portfolioTable},
	{"GET " + moneyPath + ".csv", risk.ReadReports, (*visit).moneyTable},
	{"GET " + moneyPath + ".xlsx", risk.ReadReports, (*visit).moneyTable},
}

var portfolioPhrases = phrases{
	"Results":                                          "Resultados",
	"At the close of {date}":                           "Al cierre del {date}",
	"It equals the ledger":                             "Cuadra con el mayor",
	"It differs from the ledger by {amount}":           "Difiere del mayor en {amount}",
	"Total portfolio":                                  "Cartera total",
	"IMOR (overdue ÷ total)":                           "IMOR (cartera vencida ÷ total)",
	"ICOR (provision ÷ overdue)":                       "ICOR (estimación ÷ vencida)",
	"{n} {n|loan|loans}; {change} in the month":        "{n} {n|préstamo|préstamos}; {change} en el mes",
	"{arrow} {points} points in the month":             "{arrow} {points} puntos en el mes",
	"provision {amount}":                               "estimación {amount}",
	"more than 30 days late":                           "con más de 30 días de atraso",
	"Ageing":                                           "Antigüedad de saldos",
	"Comparison":                                       "Comparación",
	"the bars compare only what is late":               "las barras comparan solo lo atrasado",
	"{from} to {to} days":                              "{from} a {to} días",
	"{from} days or more":                              "{from} días o más",
	"PAR 30 and PAR 90":                                "PAR 30 y PAR 90",
	"ends of months, % of the balance":                 "fines de mes, % del saldo",
	"PAR 30 and PAR 90 at the ends of the last months": "PAR 30 y PAR 90 al fin de los últimos meses",
	"PAR 1":                              "PAR 1",
	"PAR 90":                             "PAR 90",
	"See as a table":                     "Ver como tabla",
	"How the indicators were calculated": "Cómo se calcularon los indicadores",
	"{part} {first} ÷ {whole} {second} = {ratio}": "{part} {first} ÷ {whole} {second} = {ratio}",
	"stage 3 with interest":                       "etapa 3 con intereses",
	"portfolio with interest":                     "cartera con intereses",
	"provision":                                   "estimación",
	"total principal":                             "capital",
	"principal from {days} {days|day|days} late":  "capital con {days} {days|día|días} de atraso o más",
	"Collected and disbursed by day":              "Cobrado y entregado por día",
	"in the month, pesos":                         "en el mes, pesos",
	"in the month, thousands of pesos":            "en el mes, miles de pesos",
	"in the month, millions of pesos":             "en el mes, millones de pesos",
	"Collected":                                   "Cobrado",
	"Disbursed in the day":                        "Entregado",
	"By product":                                  "Por producto",
	"By branch":                                   "Por sucursal",
	"By officer":                                  "Por ejecutivo",
	"ICOR":                                        "ICOR",
	"IMOR":                                        "IMOR",
	"The lists of loans are by their present branch and officer.": "Las listas de préstamos son según la sucursal y el responsable actuales.",
	"No loans here": "No hay préstamos",
	"No loan matches the filters on that day.": "Ningún préstamo cumple los filtros en ese día.",
}

// portfolioPage is the portfolio of a closed day.
type portfolioPage struct {
	Form                         *form
	Date                         civil.Date
	Branches, Products, Officers []option
	Clear                        string
	Ledger                       pill // whether it equals the ledger; empty: not compared
	Balance                      money.Amount
	Loans                        string
	IMOR, ICOR, PAR30            string
	PARs                         []parRow
	IMORNote, PARNote            note
	Provision                    money.Amount
	Ageing                       []ageRow
	Listed                       bool // the list of loans has those of the day
	Count                        int64
	Figures                      []formula // of the indicators
	Trend, Money                 plot
	History                      []trendRow
	Unit                         string // of the money
	Days                         []moneyRow
	Parts                        []portfolioTable
	Downloads, MoneyDownloads    downloads
}

// loansFrom returns the address of the loans of the portfolio at the last close that were late for
// a number of days; risk.Open as the last one means no end. The list filters by the present branch
// and officer of a loan, and the sums of the page by those at the close.
func loansFrom(first, last int) string {
	q := url.Values{"portfolio": {"on"}}
	if first > 0 {
		q.Set("late_from", strconv.Itoa(first))
		q.Set("sort", string(view.MostOverdue))
	}
	if last != risk.Open {
		q.Set("late_to", strconv.Itoa(last))
	}
	return loanListPath + "?" + q.Encode()
}

// note is a remark below a figure: good, bad or plain.
type note struct{ Kind, Text string }

// ageRow is a bucket of days late. Width is that of its bar, of 100.
type ageRow struct {
	Label, Class, Width, Share string
	Path                       string // of its loans; empty for an earlier day than the last closed one
	Loans                      int64
	Balance                    money.Amount
}

// parRow is a portfolio at risk, with the address of its loans.
type parRow struct{ Label, Ratio, Path string }

// trendRow is a row of the table of a trend.
type trendRow struct {
	Date          civil.Date
	Thirty, Ninth string
}

// moneyRow has the money of a day.
type moneyRow struct {
	Date                 civil.Date
	Collected, Disbursed money.Amount
}

// portfolioTable is the portfolio by something.
type portfolioTable struct {
	Title, Heading string
	Rows           []partRow
}

// partRow is a part of the portfolio.
type partRow struct {
	Name, Path  string // the page with only this part
	Loans       int64
	Balance     money.Amount
	PAR30, IMOR string
}

var portfolioScreen = declare[portfolioPage]("portfolio")

// portfolioQuery reads the filters in the address.
func (v *visit) portfolioQuery(f *form) (q view.PortfolioQuery, err error) {
	var flaws fault.Flaws
	q.Date, q.Product = f.date("date", &flaws), f.Get("product")
	if branch := f.Get("branch"); branch != "" {
		for _, b := range v.branches {
			if b.Code == branch {
				q.Branch = b.ID
			}
		}
	}
	if officer := f.Get("officer"); officer != "" {
		if officer == nobody {
			officer = ""
		}
		q.Officer = &officer
	}
	return q, flaws.Err()
}

func (v *visit) portfolio() error {
	f := &form{Values: v.r.URL.Query()}
	q, err := v.portfolioQuery(f)
	if err != nil {
		f.wrong(v, err, nil)
	}
	r, err := v.View.PortfolioReport(v.r.Context(), v.by(), q)
	if err != nil {
		if _, shown := f.wrong(v, err, nil); !shown || q.Date.IsZero() {
			return err
		}
		f.Flaws["date"], f.Problem = f.Problem, ""
		q.Date = civil.Date{}
		if r, err = v.View.PortfolioReport(v.r.Context(), v.by(), q); err != nil {
			return err
		}
	}
	if f.Flaws["date"] == "" {
		f.Values.Set("date", fieldDate(r.Date))
	}
	page := portfolioPage{Form: f, Date: r.Date, Downloads: v.tables(), MoneyDownloads: v.tablesOf(moneyPath), Balance: r.Total.Sums.Balance, Provision: r.Total.Sums.Provision, Count: r.Total.Sums.Loans}
	if v.r.URL.RawQuery != "" {
		page.Clear = portfolioPath
	}
	last, err := v.View.ClosedDay(v.r.Context(), v.by(), civil.Date{})
	if err != nil {
		return err
	}
	page.Listed = r.Date == last && v.may(loan.Read)
	if err := v.fillFilters(&page, r); err != nil {
		return err
	}
	if err := v.compareLedger(&page, q); err != nil {
		return err
	}
	v.fillIndicators(&page, r)
	v.fillAgeing(&page, r.Total)
	v.fillTrend(&page, r)
	v.fillMoney(&page, r)
	if page.Branches != nil {
		page.Parts = append(page.Parts, portfolioTable{v.say("By branch"), v.say("Branch"), v.partRows(r.Branches, "branch")})
	}
	page.Parts = append(page.Parts, portfolioTable{v.say("By product"), v.say("Product"), v.partRows(r.Products, "product")})
	if page.Officers != nil {
		page.Parts = append(page.Parts, portfolioTable{v.say("By officer"), v.say("Officer"), v.partRows(r.Officers, "officer")})
	}
	return portfolioScreen.show(v, page)
}

// portfolioTable sends the tables of the page: the portfolio by what it is shown by, and the ends of
// months.
func (v *visit) portfolioTable() error {
	r, err := v.reportAsked()
	if err != nil {
		return err
	}
	return v.download(v.issuer().PortfolioReport(r, v.branchOf))
}

// moneyTable sends the money that moved on the days of the month.
func (v *visit) moneyTable() error {
	r, err := v.reportAsked()
	if err != nil {
		return err
	}
	m := view.MoneyMoved{From: civil.Date{Year: r.Date.Year, Month: r.Date.Month, Day: 1}, To: r.Date, Rows: r.Money}
	for _, row := range r.Money {
		m.In, m.Out = m.In+row.In, m.Out+row.Out
	}
	return v.download(v.issuer().MoneyMoved(m))
}

// reportAsked returns the portfolio that the filters in the address select.
func (v *visit) reportAsked() (r view.PortfolioReport, err error) {
	q, err := v.portfolioQuery(&form{Values: v.r.URL.Query()})
	if err != nil {
		return r, err
	}
	return v.View.PortfolioReport(v.r.Context(), v.by(), q)
}

// branchOf returns the name of a branch by the text of its id.
func (v *visit) branchOf(key string) string {
	branchID, err := id.Parse(key)
	if err != nil {
		return ""
	}
	return v.branchName(branchID)
}

// fillFilters fills in the filters, without those that the scope of the user leaves no choice for.
func (v *visit) fillFilters(page *portfolioPage, r view.PortfolioReport) error {
	if v.who.Role.Scope == staff.All {
		page.Branches = []option{{"", v.say("All branches")}}
		for _, b := range v.branches {
			page.Branches = append(page.Branches, option{b.Code, b.Name})
		}
	}
	page.Products = []option{{"", v.say("All products")}}
	if v.may(product.Read) {
		all, err := v.View.Products(v.r.Context(), v.by(), v.today)
		if err != nil {
			return err
		}
		for _, p := range all {
			page.Products = append(page.Products, option{p.Code, p.Name})
		}
	}
	if v.who.Role.Scope == staff.Own {
		return nil
	}
	page.Officers = []option{{"", v.say("All officers")}}
	for _, name := range r.Staff {
		if name == "" {
			page.Officers = append(page.Officers, option{nobody, v.say("No officer")})
			continue
		}
		page.Officers = append(page.Officers, option{name, v.person(name)})
	}
	return nil
}

// compareLedger compares the whole portfolio with the accounts of the principal.
func (v *visit) compareLedger(page *portfolioPage, q view.PortfolioQuery) error {
	if q.Branch != (id.ID{}) || q.Officer != nil || q.Product != "" || !v.may(accounting.Read) || v.who.Role.Scope != staff.All {
		return nil
	}
	b, err := v.View.TrialBalance(v.r.Context(), v.by(), page.Date, page.Date, false)
	if err != nil {
		return err
	}
	difference := page.Balance.Total()
	for _, l := range b.Lines {
		if l.Account == accounting.LoansPrincipal || l.Account == accounting.OverduePrincipal {
			difference = difference.Minus(l.Closing)
		}
	}
	page.Ledger = pill{"good", v.say("It equals the ledger")}
	if difference != (money.Total{}) {
		page.Ledger = pill{"bad", v.say("It differs from the ledger by {amount}", "amount", totalAmount(difference))}
	}
	return nil
}

// ratio writes a ratio in per cent.
func ratio(r risk.Ratio) string { return strings.Replace(r.String(), " %", "\u00a0%", 1) }

func (v *visit) fillIndicators(page *portfolioPage, r view.PortfolioReport) {
	t := r.Total
	page.IMOR, page.ICOR, page.PAR30 = ratio(t.IMOR), ratio(t.ICOR), ratio(t.PAR30)
	page.PARs = []parRow{{v.say("PAR 1"), ratio(t.PAR1), loansFrom(1, risk.Open)}, {v.say("PAR 30"), ratio(t.PAR30), loansFrom(31, risk.Open)}, {v.say("PAR 90"), ratio(t.PAR90), loansFrom(91, risk.Open)}}
	for i := range page.PARs {
		if page.PARs[i].Path += v.sameFilters(); !page.Listed {
			page.PARs[i].Path = ""
		}
	}
	page.Figures = v.indicatorFormulas(t)
	page.Loans = v.say("{n} {n|loan|loans}", "n", t.Sums.Loans)
	page.PARNote = note{"", v.say("more than 30 days late")}
	before, known := r.Earlier()
	if !known {
		return
	}
	page.IMORNote, page.PARNote = v.change(before.IMOR, t.IMOR), v.change(before.PAR30, t.PAR30)
	if n, known := (risk.Ratio{Part: t.Sums.Balance - before.Sums.Balance, Whole: before.Sums.Balance}).Hundredths(); known {
		page.Loans = v.say("{n} {n|loan|loans}; {change} in the month", "n", t.Sums.Loans, "change", signed(n)+"\u00a0%")
	}
}

// indicatorFormulas says how the indicators were calculated.
func (v *visit) indicatorFormulas(t view.PortfolioPart) (shown []formula) {
	named := func(part, whole string, r risk.Ratio) string {
		return v.say("{part} {first} ÷ {whole} {second} = {ratio}", "part", part, "first", amount(r.Part), "whole", whole, "second", amount(r.Whole), "ratio", ratio(r))
	}
	overdue, all := v.say("stage 3 with interest"), v.say("portfolio with interest")
	shown = append(shown, formula{v.say("IMOR"), named(overdue, all, t.IMOR)})
	if t.ICOR.Whole > 0 {
		shown = append(shown, formula{v.say("ICOR"), named(v.say("provision"), overdue, t.ICOR)})
	}
	for _, p := range []struct {
		name string
		days risk.PAR
		risk.Ratio
	}{{v.say("PAR 1"), risk.PAR1, t.PAR1}, {v.say("PAR 30"), risk.PAR30, t.PAR30}, {v.say("PAR 90"), risk.PAR90, t.PAR90}} {
		shown = append(shown, formula{p.name, named(v.say("principal from {days} {days|day|days} late", "days", p.days.From()), v.say("total principal"), p.Ratio)})
	}
	return shown
}

// signed writes hundredths with their sign.
func signed(n int64) string {
	if n >= 0 {
		return "+" + money.Amount(n).String()
	}
	return "−" + money.Amount(-n).String()
}

// change says by how many points a ratio changed. Less is better.
func (v *visit) change(before, now risk.Ratio) note {
	was, known := before.Hundredths()
	is, also := now.Hundredths()
	if !known || !also || was == is {
		return note{}
	}
	arrow, kind, points := "↑", "bad", is-was
	if points < 0 {
		arrow, kind, points = "↓", "good", -points
	}
	return note{kind, v.say("{arrow} {points} points in the month", "arrow", arrow, "points", money.Amount(points).String())}
}

func (v *visit) fillAgeing(page *portfolioPage, total view.PortfolioPart) {
	worst := money.Amount(1)
	for i, b := range total.Buckets {
		if i > 0 {
			worst = max(worst, b.Balance)
		}
	}
	for i, b := range risk.Buckets() {
		sums, days := total.Buckets[i], b.Days()
		row := ageRow{Loans: sums.Loans, Balance: sums.Balance, Share: ratio(risk.Ratio{Part: sums.Balance, Whole: total.Sums.Balance}), Class: "s2"}
		row.Label = v.daysLate(b)
		if page.Listed {
			row.Path = loansFrom(days.First, days.Last) + v.sameFilters()
		}
		if days.First > 30 {
			row.Class = "s-bad"
		}
		if i > 0 && sums.Balance > 0 {
			row.Width = units(float64(sums.Balance) * 100 / float64(worst))
		}
		page.Ageing = append(page.Ageing, row)
	}
}

// daysLate says how many days late the loans of a bucket are.
func (v *visit) daysLate(b risk.Bucket) string {
	switch days := b.Days(); {
	case days.Last < 1:
		return v.say("Up to date")
	case days.Last == risk.Open:
		return v.say("{from} days or more", "from", days.First)
	default:
		return v.say("{from} to {to} days", "from", days.First, "to", days.Last)
	}
}

// sameFilters returns the filters of the page as they continue the address of the list of loans.
func (v *visit) sameFilters() string {
	same := url.Values{}
	for _, name := range []string{"branch", "product", "officer"} {
		if value := v.r.URL.Query().Get(name); value != "" {
			same.Set(name, value)
		}
	}
	if len(same) == 0 {
		return ""
	}
	return "&" + same.Encode()
}

// plot is a wide chart of bars or of lines.
type plot struct {
	Label  string
	Lines  []gridLine
	Bars   []bar
	Series []series
	Labels []mark
}

// series is a line of a plot. Points are those of an SVG polyline.
type series struct{ Class, Points, Name, Last string }

// mark is a label below a plot.
type mark struct{ X, Text string }

// The size of a plot, in the units of its view box.
const (
	plotWidth, plotLeft = 520.0, 40.0
	plotTop, plotBottom = 12.0, 178.0
)

// ruled adds grid lines for values up to most, with their labels.
func (p *plot) ruled(most money.Amount, label func(money.Amount) string) (scale float64) {
	scale = (plotBottom - plotTop) / float64(most)
	grid := gridStep(most)
	for value := grid; value <= most; value += grid {
		y := plotBottom - float64(value)*scale
		p.Lines = append(p.Lines, gridLine{units(y), units(y + 4), label(value)})
	}
	return scale
}

func (v *visit) fillTrend(page *portfolioPage, r view.PortfolioReport) {
	most := money.Amount(100)
	at := func(p risk.Ratio) money.Amount {
		n, _ := p.Hundredths()
		return money.Amount(n)
	}
	for i := len(r.History) - 1; i >= 0; i-- {
		h := r.History[i]
		page.History = append(page.History, trendRow{h.Date, ratio(h.Total.PAR30), ratio(h.Total.PAR90)})
		most = max(most, at(h.Total.PAR30))
	}
	if len(r.History) < 3 {
		return
	}
	p := plot{Label: v.say("PAR 30 and PAR 90 at the ends of the last months")}
	scale := p.ruled(most, func(value money.Amount) string { return fmt.Sprintf("%g\u00a0%%", float64(value)/100) })
	step := (plotWidth - plotLeft - 32) / float64(len(r.History)-1)
	thirty, ninety := series{Class: "l1", Name: v.say("PAR 30"), Last: ratio(r.Total.PAR30)}, series{Class: "l2", Name: v.say("PAR 90"), Last: ratio(r.Total.PAR90)}
	for i, h := range r.History {
		x := plotLeft + 16 + step*float64(i)
		thirty.Points += units(x) + "," + units(plotBottom-float64(at(h.Total.PAR30))*scale) + " "
		ninety.Points += units(x) + "," + units(plotBottom-float64(at(h.Total.PAR90))*scale) + " "
		p.Labels = append(p.Labels, mark{units(x), months[v.lang][h.Date.Month-1][:3]})
	}
	p.Series = []series{thirty, ninety}
	page.Trend = p
}

func (v *visit) fillMoney(page *portfolioPage, r view.PortfolioReport) {
	for day := (civil.Date{Year: r.Date.Year, Month: r.Date.Month, Day: 1}); !day.After(r.Date); day = day.AddDays(1) {
		page.Days = append(page.Days, moneyRow{Date: day})
	}
	for _, m := range r.Money {
		d := &page.Days[m.Date.Day-1]
		if m.Kind == servicing.Disbursement || m.Kind == servicing.Cancellation {
			d.Disbursed += m.Out - m.In
			continue
		}
		d.Collected += m.In - m.Out
	}
	most, unit := money.Amount(100), money.Amount(1)
	for _, d := range page.Days {
		most = max(most, d.Collected, d.Disbursed)
	}
	page.Unit = v.say("in the month, pesos")
	switch {
	case most >= 2_000_000_00:
		page.Unit, unit = v.say("in the month, millions of pesos"), 1_000_000
	case most >= 2_000_00:
		page.Unit, unit = v.say("in the month, thousands of pesos"), 1000
	}
	p := plot{Label: v.say("Collected and disbursed by day")}
	scale := p.ruled(most, func(value money.Amount) string {
		return fmt.Sprintf("%g", float64(value/unit)/100)
	})
	step := (plotWidth - plotLeft) / float64(len(page.Days))
	for i, d := range page.Days {
		x, width := plotLeft+step*float64(i), min(step*0.42, 16)
		for s, amount := range []money.Amount{d.Collected, d.Disbursed} {
			height := float64(max(amount, 0)) * scale
			p.Bars = append(p.Bars, bar{X: units(x + step/2 - width + width*float64(s)), Width: units(width), Rects: []rect{{fmt.Sprint("s", s+1), units(plotBottom - height), units(height)}}})
		}
		if i == 0 || (i+1)%5 == 0 {
			p.Labels = append(p.Labels, mark{units(x + step/2), fmt.Sprint(d.Date.Day)})
		}
	}
	page.Money = p
}

// partRows returns the rows of the portfolio by an input of the filters.
func (v *visit) partRows(parts []view.PortfolioPart, input string) (rows []partRow) {
	for _, p := range parts {
		value, name := p.Product, p.Name
		switch input {
		case "branch":
			name = v.branchOf(p.Product)
			for _, b := range v.branches {
				if b.Name == name {
					value = b.Code
				}
			}
		case "officer":
			if name = v.person(p.Product); p.Product == "" {
				value, name = nobody, v.say("No officer")
			}
		}
		rows = append(rows, partRow{name, v.with(input, value), p.Sums.Loans, p.Sums.Balance, ratio(p.PAR30), ratio(p.IMOR)})
	}
	return rows
}
