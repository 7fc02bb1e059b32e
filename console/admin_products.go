package console

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/wire"
	"sofipo/text"
	"sofipo/view"
)

const productsPath = adminPath + "products"

var productRoutes = []route{
	{"GET " + productsPath, product.Read, (*visit).products},
	{"GET " + productsPath + "/new", product.Manage, (*visit).productForm},
	{"POST " + productsPath + "/new", product.Manage, (*visit).saveProduct},
	{"GET " + productsPath + "/{code}", product.Read, (*visit).product},
	{"POST " + productsPath + "/{code}", product.Manage, (*visit).retireProduct},
	{"GET " + productsPath + "/{code}/change", product.Manage, (*visit).productForm},
	{"POST " + productsPath + "/{code}/change", product.Manage, (*visit).saveProduct},
}

// productsPage lists the products in force.
type productsPage struct {
	Products []productRow
	May      bool
}

// productRow is a version of a product in a list.
type productRow struct {
	Code, Name, Kind, How, Rates string
	Version                      int
	Least                        money.Amount
	Most                         string
	From, To                     civil.Date
	State                        pill
	Compare                      string // address that compares it with the shown version
}

// productPage is a product with its versions.
type productPage struct {
	Code, Name string
	Shown      int // version
	Against    int // version that it is compared with; 0 for none
	Facts      []productFact
	Versions   []productRow
	May        bool
	Form       *form
}

// productFact is a choice of a version, and that of the one that it is compared with.
type productFact struct {
	Label, Value, Other string
	Differs             bool
}

// productEdit is the form of a new product or version, with a sample.
type productEdit struct {
	New                      bool
	Path                     string // of the form, without the values that a sample puts into the address
	Code, Name               string
	Form                     *form
	Kinds, Methods, Periods  []option
	Days, Roundings, Moves   []option
	Residues, Bases, Payment []option
	Graces, Penalties, Modes []option
	Excesses, Strategies     []option
	Order                    []componentRow // of allocation
	OrderFlaw                string
	Sample                   *sample
	SampleFlaws              []string
}

// componentRow is a component in the order of allocation, with the values of its buttons.
type componentRow struct {
	Value, Label string
	Earlier      string // empty for the first one
	Later        string // empty for the last one
	Moved        string // direction in which it has just moved
}

// sample is a loan on the terms of the form.
type sample struct {
	Payments   int
	First      money.Amount
	Total, Fee money.Amount
	Received   money.Amount
	CAT        string
	Rows       []schedule.Row
	Left       int // rows that are not shown
}

var (
	productsScreen    = declare[productsPage]("products")
	productScreen     = declare[productPage]("product")
	productEditScreen = declare[productEdit]("product_edit")
)

func (v *visit) products() error {
	all, err := v.View.Products(v.r.Context(), v.by(), v.today)
	if err != nil {
		return err
	}
	page := productsPage{May: v.may(product.Manage)}
	for _, p := range all {
		page.Products = append(page.Products, v.productRow(p))
	}
	return productsScreen.show(v, page)
}

func (v *visit) productRow(p product.Product) productRow {
	row := productRow{
		Code: p.Code, Name: p.Name, Version: p.Version, Kind: capital(text.Of(v.lang, p.Classification)), How: capital(text.Of(v.lang, p.Method)) + ", " + text.Of(v.lang, p.Frequency),
		Rates: text.Of(v.lang, p.Limits.MinRate) + "–" + text.Of(v.lang, p.Limits.MaxRate), Least: p.Limits.MinAmount, Most: v.limitText(p.Limits.MaxAmount), From: p.From, To: p.To, State: pill{"good", v.say("In force")},
	}
	switch {
	case p.From.After(v.today):
		row.State = pill{"next", v.say("From a later date")}
	case !p.To.IsZero() && p.To.Before(v.today):
		row.State = pill{"off", v.say("Replaced")}
	}
	return row
}

// productVersions returns the versions of the product of the address, oldest first.
func (v *visit) productVersions() ([]product.Product, error) {
	found, err := v.View.Product(v.r.Context(), v.by(), v.r.PathValue("code"), productsCodec)
	if err != nil {
		return nil, err
	}
	return found.Value()
}

// productsCodec keeps the versions of a product in the cache.
var productsCodec = &view.Codec[[]product.Product]{
	Name:   "console",
	Append: func(b []byte, all []product.Product) []byte { return wire.JSON(b, all) },
	Parse: func(b []byte) (all []product.Product, err error) {
		err = json.Unmarshal(b, &all)
		return all, err
	},
}

func (v *visit) product() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	return v.showProduct(http.StatusOK, f)
}

func (v *visit) showProduct(status int, f *form) error {
	versions, err := v.productVersions()
	if err != nil {
		return err
	}
	byNumber := map[int]product.Product{}
	for _, p := range versions {
		byNumber[p.Version] = p
	}
	q := v.r.URL.Query()
	shown, found := byNumber[atoi(q.Get("version"))]
	if !found {
		if shown, found = product.InForce(versions, v.today); !found {
			shown = versions[len(versions)-1]
		}
	}
	page := productPage{Code: shown.Code, Name: shown.Name, Shown: shown.Version, May: v.may(product.Manage), Form: f}
	other, compared := byNumber[atoi(q.Get("with"))]
	if compared && other.Version != shown.Version {
		page.Against = other.Version
	}
	theirs := v.productFacts(other)
	for i, fact := range v.productFacts(shown) {
		if page.Against != 0 {
			fact.Other, fact.Differs = theirs[i].Value, theirs[i].Value != fact.Value
		}
		page.Facts = append(page.Facts, fact)
	}
	for i := len(versions) - 1; i >= 0; i-- {
		row := v.productRow(versions[i])
		if row.Version != shown.Version {
			row.Compare = productsPath + "/" + shown.Code + "?" + url.Values{"version": {strconv.Itoa(shown.Version)}, "with": {strconv.Itoa(row.Version)}}.Encode()
		}
		page.Versions = append(page.Versions, row)
	}
	return productScreen.answer(v, status, page)
}

// atoi returns a number of an address; 0 for anything else.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// productFacts lists the choices of a version, always in the same order.
func (v *visit) productFacts(p product.Product) (all []productFact) {
	say := func(label, value string) { all = append(all, productFact{Label: label, Value: value}) }
	of := func(x any) string { return capital(text.Of(v.lang, x)) }
	span := func(least, most string) string { return least + " – " + most }
	fee := func(f schedule.Fee) string {
		switch {
		case f.Rate > 0:
			return text.Of(v.lang, f.Rate)
		case f.Amount > 0:
			return text.Of(v.lang, f.Amount)
		}
		return "—"
	}
	say(v.say("Portfolio"), of(p.Classification))
	say(v.say("Repayment"), of(p.Method))
	say(v.say("Frequency"), of(p.Frequency))
	say(v.say("Amount"), span(text.Of(v.lang, p.Limits.MinAmount), v.limitText(p.Limits.MaxAmount)))
	say(v.say("Annual rate"), span(text.Of(v.lang, p.Limits.MinRate), text.Of(v.lang, p.Limits.MaxRate)))
	say(v.say("Number of payments"), span(strconv.Itoa(p.Limits.MinPeriods), strconv.Itoa(p.Limits.MaxPeriods)))
	say(v.say("One person may apply and approve up to"), v.limitText(p.Limits.ApprovalLimit))
	say(v.say("Day count"), of(p.DayCount))
	say(v.say("Rounding"), of(p.Rounding))
	say(v.say("Centavos left over go to"), of(p.Residue))
	say(v.say("Due dates on holidays"), of(p.Holidays))
	say(v.say("IVA on interest"), text.Of(v.lang, p.IVA.Rate)+", "+text.Of(v.lang, p.IVA.Base))
	say(v.say("Fee at the disbursement"), fee(p.Fees.Origination)+", "+text.Of(v.lang, p.Fees.OriginationPayment))
	say(v.say("Fee with each payment"), fee(p.Fees.Periodic))
	say(v.say("IVA on fees"), text.Of(v.lang, p.Fees.IVARate))
	say(v.say("Insurance with each payment"), text.Of(v.lang, p.Insurance))
	grace := "—"
	if p.Grace != (schedule.Grace{}) {
		grace = v.say("{p} without principal, {i} without interest", "p", p.Grace.PrincipalPeriods, "i", p.Grace.InterestPeriods)
	}
	say(v.say("Grace"), grace)
	penalty := "—"
	if m := p.PenaltyInterest; m.Rate > 0 {
		penalty = text.Of(v.lang, m.Rate) + ", " + text.Of(v.lang, m.Base) + ", " + text.Of(v.lang, m.Mode)
	}
	say(v.say("Penalty interest"), penalty)
	say(v.say("Days of tolerance"), strconv.Itoa(p.PenaltyInterest.GraceDays))
	order := make([]string, len(p.Allocation))
	for i, c := range p.Allocation {
		order[i] = text.Of(v.lang, c)
	}
	say(v.say("Payments go to"), capital(strings.Join(order, ", ")))
	say(v.say("Across payments"), of(p.Strategy))
	say(v.say("Money above what is due"), of(p.Excess))
	return all
}

// newest returns the version on which a form builds: the newest one, or the defaults for a new
// product.
func (v *visit) newest() (product.Product, bool, error) {
	if v.r.PathValue("code") == "" {
		return product.Product{IVA: rate.IVA{Rate: 160_000}, Fees: schedule.Fees{IVARate: 160_000}}.Defaults(), true, nil
	}
	versions, err := v.productVersions()
	if err != nil {
		return product.Product{}, false, err
	}
	return versions[len(versions)-1], false, nil
}

// productForm shows the form. Its "see the sample" button sends it by GET, with the values in
// the address.
func (v *visit) productForm() error {
	p, isNew, err := v.newest()
	if err != nil {
		return err
	}
	f, err := v.form(productValues(p, isNew))
	if err != nil {
		return err
	}
	if v.r.URL.Query().Has("name") {
		f.Values = v.r.URL.Query()
		f.Values["allocation"] = moved(f.Values["allocation"], f.Get("move"))
		if key := f.Get(keyInput); key != "" {
			f.Key = key
		}
	}
	return v.showProductForm(http.StatusOK, p, f)
}

// moved returns an order in which the item that a button names has changed places with its
// neighbour. The values of the buttons are the direction, a point and the place from 0.
func moved(order []string, button string) []string {
	direction, place, _ := strings.Cut(button, ".")
	from := placeNumber(place)
	to := from + 1
	if direction == earlier {
		to = from - 1
	}
	if button != "" && to >= 0 && max(from, to) < len(order) {
		order[from], order[to] = order[to], order[from]
	}
	return order
}

// earlier and later are the directions of buttons that move an item of an order.
const earlier, later = "earlier", "later"

// order returns the rows of an order of allocation. The button that was pressed has the focus
// again, at the new place of its item.
func (v *visit) order(f *form) (rows []componentRow) {
	direction, place, _ := strings.Cut(f.Get("move"), ".")
	at := placeNumber(place) + 1
	if direction == earlier {
		at = placeNumber(place) - 1
	}
	last := len(f.Values["allocation"]) - 1
	for i, c := range f.Values["allocation"] {
		row := componentRow{Value: c, Label: capital(text.Of(v.lang, product.Component(c)))}
		if i > 0 {
			row.Earlier = earlier + "." + strconv.Itoa(i)
		}
		if i < last {
			row.Later = later + "." + strconv.Itoa(i)
		}
		if direction != "" && i == at {
			row.Moved = direction
		}
		rows = append(rows, row)
	}
	return rows
}

// productValues returns the values of the form of a version.
func productValues(p product.Product, isNew bool) url.Values {
	most := ""
	if p.Limits.MaxAmount < money.Max {
		most = amount(p.Limits.MaxAmount)
	}
	values := url.Values{
		"code": {p.Code}, "name": {p.Name}, "classification": {string(p.Classification)}, "method": {string(p.Method)}, "frequency": {string(p.Frequency)},
		"period_days": {wholeOrNone(p.PeriodDays)}, "day_count": {string(p.DayCount)}, "rounding": {string(p.Rounding)}, "residue": {string(p.Residue)}, "holiday_rule": {string(p.Holidays)},
		"limits.min_amount": {amount(p.Limits.MinAmount)}, "limits.max_amount": {most}, "limits.min_rate": {percentOrNone(p.Limits.MinRate)}, "limits.max_rate": {percentOrNone(p.Limits.MaxRate)},
		"limits.min_periods": {wholeOrNone(p.Limits.MinPeriods)}, "limits.max_periods": {wholeOrNone(p.Limits.MaxPeriods)}, "limits.approval_limit": {amount(min(p.Limits.ApprovalLimit, p.Limits.MaxAmount))},
		"iva.rate": {percentOrNone(p.IVA.Rate)}, "iva.base": {string(p.IVA.Base)}, "iva.percent": {percentOrNone(p.IVA.Percent)}, "iva.inflation": {percentOrNone(p.IVA.Inflation)},
		"fees.origination.rate": {percentOrNone(p.Fees.Origination.Rate)}, "fees.origination.amount": {blank(p.Fees.Origination.Amount)}, "fees.origination_payment": {string(p.Fees.OriginationPayment)},
		"fees.periodic.rate": {percentOrNone(p.Fees.Periodic.Rate)}, "fees.periodic.amount": {blank(p.Fees.Periodic.Amount)}, "fees.iva_rate": {percentOrNone(p.Fees.IVARate)}, "insurance": {blank(p.Insurance)},
		"grace.principal_periods": {wholeOrNone(p.Grace.PrincipalPeriods)}, "grace.interest_periods": {wholeOrNone(p.Grace.InterestPeriods)}, "grace.mode": {string(p.Grace.Mode)},
		"penalty_interest.rate": {percentOrNone(p.PenaltyInterest.Rate)}, "penalty_interest.base": {string(p.PenaltyInterest.Base)}, "penalty_interest.mode": {string(p.PenaltyInterest.Mode)},
		"penalty_interest.grace_days": {wholeOrNone(p.PenaltyInterest.GraceDays)}, "strategy": {string(p.Strategy)}, "excess": {string(p.Excess)}, "keep_excess": {onIf(p.KeepExcess)},
		"sample_amount": {"20,000.00"}, "sample_rate": {"36"}, "sample_periods": {"12"},
	}
	for _, c := range p.Allocation {
		values.Add("allocation", string(c))
	}
	if isNew {
		values.Set("limits.min_amount", "1,000.00")
		values.Set("limits.max_amount", "100,000.00")
		values.Set("limits.max_rate", "60")
		values.Set("limits.max_periods", "24")
		values.Set("limits.approval_limit", "")
	} else if least, most := p.Limits.MinAmount, p.Limits.MaxAmount; 20_000_00 < least || 20_000_00 > most {
		values.Set("sample_amount", amount(least))
	}
	if r := p.Limits; !isNew && (r.MaxRate < 360_000 || r.MinRate > 360_000) {
		values.Set("sample_rate", percentOrNone(r.MaxRate))
	}
	values.Set("sample_periods", wholeOrNone(min(max(12, p.Limits.MinPeriods), p.Limits.MaxPeriods)))
	return values
}

// wholeOrNone returns a whole number for an input; empty for 0.
func wholeOrNone(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func blank(a money.Amount) string {
	if a == 0 {
		return ""
	}
	return amount(a)
}

// percentOrNone is percentInput, but empty for 0.
func percentOrNone(r rate.Annual) string {
	if r == 0 {
		return ""
	}
	return percentInput(r)
}

// readProduct reads the form. What it does not have stays as in the version before.
func readProduct(f *form, p product.Product) (product.Product, error) {
	var flaws fault.Flaws
	p.Version, p.From, p.To = 0, f.date("effective_from", &flaws), civil.Date{}
	p.Name, p.Classification = f.Get("name"), risk.Classification(f.Get("classification"))
	p.Method, p.Frequency, p.PeriodDays = schedule.Method(f.Get("method")), schedule.Frequency(f.Get("frequency")), f.whole("period_days", &flaws)
	p.DayCount, p.Rounding, p.Residue = civil.DayCount(f.Get("day_count")), money.Rounding(f.Get("rounding")), schedule.Residue(f.Get("residue"))
	p.Holidays = schedule.HolidayRule(f.Get("holiday_rule"))
	p.Limits = product.Limits{
		MinAmount: f.amount("limits.min_amount", &flaws), MaxAmount: f.amount("limits.max_amount", &flaws), MinRate: f.percent("limits.min_rate", &flaws), MaxRate: f.percent("limits.max_rate", &flaws),
		MinPeriods: f.whole("limits.min_periods", &flaws), MaxPeriods: f.whole("limits.max_periods", &flaws), ApprovalLimit: f.amount("limits.approval_limit", &flaws),
	}
	p.IVA = rate.IVA{Rate: f.percent("iva.rate", &flaws), Base: rate.IVABase(f.Get("iva.base")), Percent: f.percent("iva.percent", &flaws), Inflation: f.percent("iva.inflation", &flaws)}
	fee := func(name string) schedule.Fee {
		return schedule.Fee{Amount: f.amount(name+".amount", &flaws), Rate: f.percent(name+".rate", &flaws)}
	}
	p.Fees = schedule.Fees{
		Origination: fee("fees.origination"), OriginationPayment: schedule.OriginationPayment(f.Get("fees.origination_payment")), Periodic: fee("fees.periodic"), IVARate: f.percent("fees.iva_rate", &flaws),
	}
	p.Insurance = f.amount("insurance", &flaws)
	p.Grace = schedule.Grace{PrincipalPeriods: f.whole("grace.principal_periods", &flaws), InterestPeriods: f.whole("grace.interest_periods", &flaws), Mode: schedule.GraceMode(f.Get("grace.mode"))}
	p.PenaltyInterest.Rate, p.PenaltyInterest.GraceDays = f.percent("penalty_interest.rate", &flaws), f.whole("penalty_interest.grace_days", &flaws)
	p.PenaltyInterest.Base, p.PenaltyInterest.Mode = product.PenaltyBase(f.Get("penalty_interest.base")), product.PenaltyMode(f.Get("penalty_interest.mode"))
	if order := f.Values["allocation"]; order != nil {
		p.Allocation = nil
		for _, c := range order {
			p.Allocation = append(p.Allocation, product.Component(c))
		}
	}
	p.Strategy, p.Excess, p.KeepExcess = product.Strategy(f.Get("strategy")), product.Excess(f.Get("excess")), f.Is("keep_excess", "on")
	return p, flaws.Err()
}

// choices returns the options of constants, with their texts.
func choices[T ~string](v *visit, all ...T) (list []option) {
	for _, x := range all {
		list = append(list, option{string(x), capital(text.Of(v.lang, x))})
	}
	return list
}

func (v *visit) showProductForm(status int, p product.Product, f *form) error {
	page := productEdit{
		New: v.r.PathValue("code") == "", Path: v.r.URL.Path, Code: p.Code, Name: p.Name, Form: f, Kinds: choices(v, risk.Classifications()...), Methods: choices(v, schedule.Methods...), Periods: choices(v, schedule.Frequencies...),
		Days: choices(v, civil.DayCounts...), Roundings: choices(v, money.HalfUp, money.HalfEven), Moves: choices(v, schedule.HolidayRules...), Residues: choices(v, schedule.Residues...),
		Bases: choices(v, rate.IVABases...), Payment: choices(v, schedule.OriginationPayments...), Graces: append([]option{{"", "—"}}, choices(v, schedule.GraceModes...)...),
		Penalties: choices(v, product.OverduePrincipal, product.OverduePrincipalAndInterest), Modes: choices(v, product.Additional, product.Replaces),
		Excesses: choices(v, product.ReduceInstalment, product.ReduceTerm, product.KeepUnapplied), Strategies: choices(v, product.OldestFirst, product.ByConcept),
	}
	v.fillSample(&page, p, f)
	page.Order, page.OrderFlaw = v.order(f), f.Flaws["allocation"]
	return productEditScreen.answer(v, status, page)
}

// shownRows is the number of rows of a sample.
const shownRows = 6

// fillSample adds the sample loan, or what is wrong with it.
func (v *visit) fillSample(page *productEdit, former product.Product, f *form) {
	p, err := readProduct(f, former)
	var flaws fault.Flaws
	asked, annual, periods := f.amount("sample_amount", &flaws), f.percent("sample_rate", &flaws), f.whole("sample_periods", &flaws)
	if err == nil {
		err = flaws.Err()
	}
	var s schedule.Schedule
	if err == nil {
		p.From = civil.Date{Year: 2000, Month: 1, Day: 1} // the sample begins today
		p.Code, p.Version, p.Name = "sample", 1, cmp.Or(p.Name, "-")
		if err = p.Check(); err == nil {
			var t schedule.Terms
			if t, err = p.Terms(asked, annual, periods, v.today, civil.Date{}); err == nil {
				s, err = schedule.Build(t)
			}
		}
	}
	if err != nil {
		wrong := &form{}
		if _, shown := wrong.wrong(v, err, nil); shown {
			for _, m := range wrong.Flaws {
				page.SampleFlaws = append(page.SampleFlaws, m)
			}
			if len(f.Flaws) == 0 && v.r.URL.Query().Has("name") {
				f.Flaws = wrong.Flaws
			}
		}
		return
	}
	rows := s.Rows[:min(shownRows, len(s.Rows))]
	page.Sample = &sample{
		Payments: len(s.Rows), First: s.Rows[0].Total, Total: s.Totals.TotalToPay, Fee: s.Opening.Fee + s.Opening.IVA, Received: s.Opening.Disbursed,
		CAT: s.CAT.Percent() + "\u00a0%", Rows: rows, Left: len(s.Rows) - len(rows),
	}
}

// saveProduct makes a product, or a version of one.
func (v *visit) saveProduct() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	former, isNew, err := v.newest()
	if err != nil {
		return err
	}
	p, err := readProduct(f, former)
	if err == nil && isNew {
		p.Code = f.Get("code")
		_, err = command(v, f, lending.CreateProduct{Product: p})
	} else if err == nil {
		_, err = command(v, f, lending.ChangeProduct{Product: p})
	}
	if err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		return v.showProductForm(status, former, f)
	}
	return v.done(productsPath+"/"+p.Code, notice{Text: v.say("Saved")})
}

// retireProduct takes a product out of use.
func (v *visit) retireProduct() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	if _, err := command(v, f, lending.RetireProduct{Code: v.r.PathValue("code")}); err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		return v.showProduct(status, f)
	}
	return v.done(productsPath, notice{Text: v.say("The product is no longer offered")})
}
