package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sofipo/api/seedform"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/wire"
)

var _ = mount(40, quoteOperations)

var quoteOperations = []operation{
	plain[Quote](operation{
		method: http.MethodPost, path: "/api/v1/loans/quote", id: "quote_loan_api_v1_loans_quote_post",
		tag: loansTag, summary: "Quote Loan", permission: loan.Quote, status: http.StatusOK,
		refusals: []fault.Code{product.NotFound},
		about: "The amortization table, the totals and the CAT of any terms. Nothing is written. " +
			"The answer's `terms` hold every default and may be sent again as they are. " +
			"With `product` the terms are those of its version in force on the day of disbursement, and its limits are kept; " +
			"only the amount, the rate, the periods and the dates are asked for. " +
			"A field that does not exist is refused, since a misspelt one would give another table.",
	}, quote),
}

type quoteInput struct {
	Explain bool         `query:"explain" default:"false" doc:"Whether to give the formula of each figure, with its numbers."`
	Body    QuoteRequest `unknown:"refused"`
}

// QuoteRequest is a request for a quote: of terms, or of a product, which fixes most of them.
type QuoteRequest struct {
	QuoteTerms
	Product *string        `json:"product,omitempty" blame:"*" doc:"The code of a product, which then fixes all terms but amount, annual_rate, periods, disbursement_date and first_due_date." example:"seed"`
	Given   seedform.Given `json:"-"`
}

// besides are what may be asked for with a product.
var besides = []string{"product", "amount", "annual_rate", "periods", "disbursement_date", "first_due_date"}

// QuoteTerms are schedule.Terms as one flat object: the fields of a request for
// a quote, with the defaults of those that are left out, and the flags of the
// command line. The rules are those of schedule.Terms.
type QuoteTerms struct {
	Amount         money.Amount       `json:"amount" required:"true" placeholder:"PESOS" help:"Principal in pesos, above 0."`
	AnnualRate     rate.Annual        `json:"annual_rate" blame:"~fees" required:"true" aliases:"rate" placeholder:"FRACTION" help:"Annual rate as a fraction, 0 to 10: 0.15 is 15 %; at most six decimals."`
	Periods        int                `json:"periods" required:"true" placeholder:"N" help:"Number of periods, 1 to 1560."`
	Frequency      schedule.Frequency `json:"frequency" default:"monthly" enum:"weekly,every_14_days,quincenal,monthly,every_n_days" help:"Length of a period: weekly, every_14_days, quincenal (the 15th and the last day of each month), monthly or every_n_days (of so many period days)."`
	PeriodDays     int                `json:"period_days" default:"0" placeholder:"DAYS" help:"Days of a period, 1 to 366, for every_n_days only."`
	Method         schedule.Method    `json:"method" default:"level" enum:"level,level_with_iva,equal_principal,bullet,single" help:"How the loan is paid back: level (principal and interest the same each time, IVA on top), level_with_iva (IVA inside), equal_principal, bullet (interest each time, the principal with the last) or single (all at the end)."`
	DayCount       civil.DayCount     `json:"day_count" default:"ACT/360" enum:"30/360,ACT/360,ACT/365,ACT/ACT,ACT/364" help:"Days of interest over days of the year: 30/360, ACT/360, ACT/365, ACT/ACT (ISDA) or ACT/364 (a week is 1/52 of a year)."`
	Rounding       money.Rounding     `json:"rounding" default:"half_up" enum:"half_even,half_up" help:"To the centavo: half_up, the ROUND of spreadsheets, or half_even."`
	Residue        schedule.Residue   `json:"residue" default:"last" enum:"last,first" help:"The instalment that takes the centavos left by rounding: last or first."`
	Disbursement   *civil.Date        `json:"disbursement_date,omitempty" name:"disbursement-date" aliases:"disbursement" placeholder:"YYYY-MM-DD" help:"Day of disbursement; the business date if left out, on the command line the day of its clock."`
	FirstDue       *civil.Date        `json:"first_due_date,omitempty" name:"first-due-date" aliases:"first-due" placeholder:"YYYY-MM-DD" help:"First due date; one period after the disbursement if left out."`
	MonthEnd       bool               `json:"month_end" default:"false" help:"Monthly on the last day of each month."`
	LevelByPeriods bool               `json:"level_by_periods" name:"level-by-periods" default:"false" help:"Level payment of rate / 12, 24, 26 or 52 a period, whatever the days of interest; the last instalment takes the difference."`

	IVARate      rate.Share   `json:"iva_rate" blame:"iva.rate" default:"0" aliases:"iva" placeholder:"FRACTION" help:"IVA on interest as a fraction: 0.16; 0 is without IVA."`
	IVABase      rate.IVABase `json:"iva_base" blame:"iva.base" default:"nominal" enum:"nominal,real_udi,fixed_percent" help:"What of the interest is taxed: nominal (all), real_udi (what is above inflation) or fixed_percent (a part)."`
	IVAPercent   rate.Share   `json:"iva_percent" blame:"iva.percent" default:"0" placeholder:"FRACTION" help:"Part of the interest that is taxed, for fixed_percent only."`
	IVAInflation rate.Annual  `json:"iva_inflation" blame:"iva.inflation" default:"0" placeholder:"FRACTION" help:"Foreseen yearly change of the UDI, for real_udi only."`

	OriginationFeeAmount  money.Amount                `json:"origination_fee_amount" blame:"fees.origination.amount ~fees.origination fees" default:"0" placeholder:"PESOS" help:"Origination fee in pesos, without IVA."`
	OriginationFeeRate    rate.Share                  `json:"origination_fee_rate" blame:"fees.origination.rate fees.origination fees" default:"0" placeholder:"FRACTION" help:"Origination fee as a fraction of the principal, in place of the amount."`
	OriginationFeePayment schedule.OriginationPayment `json:"origination_fee_payment" blame:"fees.origination_payment" default:"apart" enum:"apart,deducted" help:"How the origination fee is paid: apart by the client, or deducted from what is disbursed."`
	PeriodicFeeAmount     money.Amount                `json:"periodic_fee_amount" blame:"fees.periodic.amount ~fees.periodic fees" default:"0" placeholder:"PESOS" help:"Fee of each instalment in pesos, without IVA."`
	PeriodicFeeRate       rate.Share                  `json:"periodic_fee_rate" blame:"fees.periodic.rate fees.periodic fees" default:"0" placeholder:"FRACTION" help:"Fee of each instalment as a fraction of the principal, in place of the amount."`
	FeeIVARate            rate.Share                  `json:"fee_iva_rate" blame:"fees.iva_rate" default:"0" placeholder:"FRACTION" help:"IVA on all fees as a fraction."`
	Insurance             money.Amount                `json:"insurance" default:"0" placeholder:"PESOS" help:"Mandatory premium of each instalment in pesos."`
	Collateral            money.Amount                `json:"collateral" blame:"~fees.origination fees" default:"0" placeholder:"PESOS" help:"Cash left at signing and returned with the last instalment; it enters the CAT."`

	GracePrincipalPeriods int                  `json:"grace_principal_periods" blame:"grace.principal_periods grace" default:"0" placeholder:"N" help:"First instalments without principal."`
	GraceInterestPeriods  int                  `json:"grace_interest_periods" blame:"grace.interest_periods grace" default:"0" placeholder:"N" help:"First instalments without interest."`
	GraceMode             *schedule.GraceMode  `json:"grace_mode,omitempty" blame:"grace.mode grace" enum:"defer,capitalise,waive" help:"What becomes of the interest of the periods without it: defer (paid after them), capitalise (added to the principal) or waive (not charged)."`
	HolidayRule           schedule.HolidayRule `json:"holiday_rule" default:"none" enum:"none,next" help:"Due dates on days without business (weekends, Mexican bank holidays): none leaves them, next moves them to the next business day."`
	InterestFollows       bool                 `json:"interest_follows" default:"false" help:"Interest runs to the moved due date and from it."`
	CATTime               schedule.CATTime     `json:"cat_time" name:"cat-time" default:"auto" enum:"auto,periods,days" help:"Time of the CAT: periods (of a year), days (over 365) or auto (periods if all are equal, else days)."`
}

// Quote is the answer to a request for a quote.
type Quote struct {
	Product     string                `json:"product,omitempty" doc:"The code of the product, if one was named."`
	Version     int                   `json:"product_version,omitempty" doc:"The version of the product."`
	Terms       QuoteTerms            `json:"terms" doc:"The terms with every default."`
	Level       *money.Amount         `json:"level_payment,omitempty" doc:"Of the methods level and level_with_iva only."`
	Opening     schedule.Opening      `json:"opening"`
	Schedule    []schedule.Row        `json:"schedule" doc:"The instalments."`
	Totals      schedule.Totals       `json:"totals"`
	CAT         rate.CAT              `json:"cat" doc:"Costo Anual Total in per cent with one decimal, without IVA."`
	CATTime     schedule.CATTime      `json:"cat_time" enum:"periods,days" doc:"How the CAT measured time."`
	CATLegend   string                `json:"cat_legend" doc:"The CAT in the words that go with it."`
	Explanation *schedule.Explanation `json:"explanation,omitempty" doc:"The formula of each figure, with explain=true."`
}

func quote(s *server, c *call, in *quoteInput) error {
	ask := in.Body.Quote
	if in.Body.Product != nil {
		ask = func(today civil.Date, explain bool) (Quote, error) {
			return in.Body.ofProduct(c, today, explain)
		}
	}
	q, err := ask(s.today(), in.Explain)
	if err != nil {
		return err
	}
	c.answer(http.StatusOK, q.AppendJSON(make([]byte, 0, 1024+400*len(q.Schedule))))
	return nil
}

// Quote computes the schedule of the terms, disbursed on the given day if they
// name none. The error is a fault.Error that names the flat fields.
func (q QuoteTerms) Quote(today civil.Date, explain bool) (Quote, error) {
	plan, err := schedule.Build(q.terms(today))
	if err != nil {
		return Quote{}, renamed(err, q)
	}
	return newQuote(plan, today, explain), nil
}

// ofProduct computes the schedule of a product's version in force on the day of
// disbursement. Refused with Invalid or ProductNotFound.
func (in *QuoteRequest) ofProduct(c *call, today civil.Date, explain bool) (Quote, error) {
	var flaws fault.Flaws
	for _, name := range in.Given {
		if !slices.Contains(besides, name) {
			flaws.Add(fault.At(name, product.FixedByProduct))
		}
	}
	if err := flaws.Err(); err != nil {
		return Quote{}, err
	}
	asked := in.terms(today)
	p, err := c.server.View.ProductInForce(c.request.Context(), c.reader(0), *in.Product, asked.Disbursement, productsCodec)
	if err != nil {
		return Quote{}, err
	}
	terms, err := p.Terms(asked.Amount, asked.AnnualRate, asked.Periods, asked.Disbursement, asked.FirstDue)
	if err != nil {
		return Quote{}, renamed(err, in)
	}
	plan, err := schedule.Build(terms)
	if err != nil {
		return Quote{}, renamed(err, in)
	}
	out := newQuote(plan, today, explain)
	out.Product, out.Version = p.Code, p.Version
	return out, nil
}

func newQuote(plan schedule.Schedule, today civil.Date, explain bool) Quote {
	out := Quote{
		Terms: quoteTerms(plan.Terms), Opening: plan.Opening, Schedule: plan.Rows, Totals: plan.Totals, CAT: plan.CAT, CATTime: plan.CATTime,
		CATLegend: fmt.Sprintf("CAT %s%% sin IVA. Para fines informativos y de comparación. Fecha de cálculo: %s.", plan.CAT.Percent(), today),
	}
	if plan.Level > 0 {
		out.Level = &plan.Level
	}
	if explain {
		explanation := plan.Explain()
		out.Explanation = &explanation
	}
	return out
}

// AppendJSON adds the quote as JSON, its fields in the order of the type.
func (q Quote) AppendJSON(b []byte) []byte { return wire.JSON(b, q) }

// terms are the engine's.
func (q QuoteTerms) terms(today civil.Date) schedule.Terms {
	t := schedule.Terms{
		Amount: q.Amount, AnnualRate: q.AnnualRate, Periods: q.Periods, Frequency: q.Frequency, PeriodDays: q.PeriodDays,
		Method: q.Method, DayCount: q.DayCount, Rounding: q.Rounding, Residue: q.Residue, Disbursement: today, MonthEnd: q.MonthEnd,
		LevelByPeriods: q.LevelByPeriods,
		IVA:            rate.IVA{Rate: q.IVARate, Base: q.IVABase, Percent: q.IVAPercent, Inflation: q.IVAInflation},
		Fees: schedule.Fees{
			Origination:        schedule.Fee{Amount: q.OriginationFeeAmount, Rate: q.OriginationFeeRate},
			OriginationPayment: q.OriginationFeePayment,
			Periodic:           schedule.Fee{Amount: q.PeriodicFeeAmount, Rate: q.PeriodicFeeRate},
			IVARate:            q.FeeIVARate,
		},
		Insurance: q.Insurance, Collateral: q.Collateral,
		Grace:    schedule.Grace{PrincipalPeriods: q.GracePrincipalPeriods, InterestPeriods: q.GraceInterestPeriods},
		Holidays: q.HolidayRule, InterestFollows: q.InterestFollows, CATTime: q.CATTime,
	}
	if q.Disbursement != nil {
		t.Disbursement = *q.Disbursement
	}
	if q.FirstDue != nil {
		t.FirstDue = *q.FirstDue
	}
	if q.GraceMode != nil {
		t.Grace.Mode = *q.GraceMode
	}
	return t
}

// quoteTerms are the engine's terms as one flat object.
func quoteTerms(t schedule.Terms) QuoteTerms {
	q := QuoteTerms{
		Amount: t.Amount, AnnualRate: t.AnnualRate, Periods: t.Periods, Frequency: t.Frequency, PeriodDays: t.PeriodDays,
		Method: t.Method, DayCount: t.DayCount, Rounding: t.Rounding, Residue: t.Residue,
		Disbursement: &t.Disbursement, FirstDue: &t.FirstDue, MonthEnd: t.MonthEnd, LevelByPeriods: t.LevelByPeriods,
		IVARate: t.IVA.Rate, IVABase: t.IVA.Base, IVAPercent: t.IVA.Percent, IVAInflation: t.IVA.Inflation,
		OriginationFeeAmount: t.Fees.Origination.Amount, OriginationFeeRate: t.Fees.Origination.Rate,
		OriginationFeePayment: t.Fees.OriginationPayment,
		PeriodicFeeAmount:     t.Fees.Periodic.Amount, PeriodicFeeRate: t.Fees.Periodic.Rate,
		FeeIVARate: t.Fees.IVARate, Insurance: t.Insurance, Collateral: t.Collateral,
		GracePrincipalPeriods: t.Grace.PrincipalPeriods, GraceInterestPeriods: t.Grace.InterestPeriods,
		HolidayRule: t.Holidays, InterestFollows: t.InterestFollows, CATTime: t.CATTime,
	}
	if t.Grace.Mode != "" {
		q.GraceMode = &t.Grace.Mode
	}
	return q
}

// renamed gives a refusal of the engine's terms the names of the fields of a request.
func renamed(err error, request any) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return err
	}
	named := *refusal
	named.Flaws = seedform.Rename(refusal.Flaws, request)
	return &named
}

// TransformSchema describes the fields by their help, and adds an example.
func (q QuoteTerms) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Required = nil
	for _, f := range reflect.VisibleFields(reflect.TypeOf(q)) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		s.Properties[name].Description = f.Tag.Get("help")
		if f.Tag.Get("required") != "" {
			s.Required = append(s.Required, name)
		}
	}
	s.Examples = []any{exampleTerms}
	return s
}

// exampleTerms are the example of a request.
var exampleTerms = json.RawMessage(`{"amount":50000,"annual_rate":0.15,"periods":3,"frequency":"monthly","method":"level","day_count":"30/360",` +
	`"disbursement_date":"2026-01-15","iva_rate":0.16,"origination_fee_rate":0.03,"fee_iva_rate":0.16}`)

// TransformSchema adds the answer to the example of a request.
func (Quote) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	var in QuoteTerms
	if err := json.Unmarshal(exampleTerms, &in); err != nil {
		panic(err) // it is written above
	}
	q, err := in.Quote(civil.Date{Year: 2026, Month: 1, Day: 15}, true)
	if err != nil {
		panic(err)
	}
	s.Examples = []any{json.RawMessage(q.AppendJSON(nil))}
	return s
}
