package api

import (
	"cmp"
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
		tag: loansTag, summary: "Quote a loan", permission: loan.Quote, status: http.StatusOK,
		refusals: []fault.Code{product.NotFound},
		about: "Calculates the amortization table, the totals and the CAT for the given terms. Nothing is stored. " +
			"The response's `terms` include every default and can be sent back unchanged. " +
			"With `product`, the terms and limits are those of the product version valid on the disbursement date; " +
			"only the amount, rate, number of instalments and dates may be given. " +
			"Unknown fields are refused.",
	}, quote),
}

type quoteInput struct {
	Explain bool `query:"explain" default:"false" doc:"Whether to include the formula of each figure, with its numbers."`
	Body    QuoteRequest
}

// QuoteRequest is the body of a quote: all terms, or a product with the terms that it leaves open.
type QuoteRequest struct {
	QuoteTerms
	Product *string        `json:"product,omitempty" blame:"*" doc:"Product code. The product sets all terms except amount, annual_rate, periods, disbursement_date and first_due_date." example:"seed"`
	Given   seedform.Given `json:"-"`
}

// openTerms are the fields that a quote on a product accepts.
var openTerms = []string{"product", "amount", "annual_rate", "periods", "disbursement_date", "first_due_date"}

// QuoteTerms is schedule.Terms as a flat object: the fields of a quote request with
// their defaults, and the flags of the quote command. schedule.Terms validates them.
type QuoteTerms struct {
	Amount         money.Amount       `json:"amount" required:"true" placeholder:"PESOS" help:"Principal in pesos, above 0."`
	AnnualRate     rate.Annual        `json:"annual_rate" blame:"~fees" required:"true" aliases:"rate" placeholder:"FRACTION" help:"Annual rate as a fraction, 0 to 10: 0.15 is 15 %; at most six decimals."`
	Periods        int                `json:"periods" required:"true" placeholder:"N" help:"Number of instalments, 1 to 1560."`
	Frequency      schedule.Frequency `json:"frequency" default:"monthly" enum:"weekly,every_14_days,quincenal,monthly,every_n_days" help:"Payment frequency: weekly, every_14_days, quincenal (the 15th and the last day of each month), monthly or every_n_days (see period_days)."`
	PeriodDays     int                `json:"period_days" default:"0" placeholder:"DAYS" help:"Days per period, 1 to 366. Only for every_n_days."`
	Method         schedule.Method    `json:"method" default:"level" enum:"level,level_with_iva,equal_principal,bullet,single" help:"Amortization method: level (equal instalments of principal and interest, plus IVA), level_with_iva (equal instalments including IVA), equal_principal, bullet (interest each period, principal at the end) or single (one payment at the end)."`
	DayCount       civil.DayCount     `json:"day_count" default:"ACT/360" enum:"30/360,ACT/360,ACT/365,ACT/ACT,ACT/364" help:"Day-count convention: 30/360, ACT/360, ACT/365, ACT/ACT (ISDA) or ACT/364 (a week is 1/52 of a year)."`
	Rounding       money.Rounding     `json:"rounding" default:"half_up" enum:"half_even,half_up" help:"Rounding to the centavo: half_up (as ROUND in spreadsheets) or half_even."`
	Residue        schedule.Residue   `json:"residue" default:"last" enum:"last,first" help:"Instalment that absorbs the rounding difference: last or first."`
	Disbursement   *civil.Date        `json:"disbursement_date,omitempty" name:"disbursement-date" aliases:"disbursement" placeholder:"YYYY-MM-DD" help:"Disbursement date. Defaults to the business date, on the command line to today."`
	FirstDue       *civil.Date        `json:"first_due_date,omitempty" name:"first-due-date" aliases:"first-due" placeholder:"YYYY-MM-DD" help:"First due date. Defaults to one period after the disbursement."`
	MonthEnd       bool               `json:"month_end" default:"false" help:"Whether monthly instalments are due on the last day of the month."`
	LevelByPeriods bool               `json:"level_by_periods" name:"level-by-periods" default:"false" help:"Whether to calculate the level payment with rate / 12, 24, 26 or 52 per period, regardless of the days of interest. The last instalment absorbs the difference."`

	IVARate      rate.Share   `json:"iva_rate" blame:"iva.rate" default:"0" aliases:"iva" placeholder:"FRACTION" help:"IVA rate on interest as a fraction, such as 0.16. 0 means no IVA."`
	IVABase      rate.IVABase `json:"iva_base" blame:"iva.base" default:"nominal" enum:"nominal,real_udi,fixed_percent" help:"Taxable part of interest: nominal (all), real_udi (the part above inflation) or fixed_percent (a fixed part)."`
	IVAPercent   rate.Share   `json:"iva_percent" blame:"iva.percent" default:"0" placeholder:"FRACTION" help:"Taxable part of interest as a fraction. Only for fixed_percent."`
	IVAInflation rate.Annual  `json:"iva_inflation" blame:"iva.inflation" default:"0" placeholder:"FRACTION" help:"Expected annual change of the UDI as a fraction. Only for real_udi."`

	OriginationFeeAmount  money.Amount                `json:"origination_fee_amount" blame:"fees.origination.amount ~fees.origination fees" default:"0" placeholder:"PESOS" help:"Origination fee in pesos, without IVA."`
	OriginationFeeRate    rate.Share                  `json:"origination_fee_rate" blame:"fees.origination.rate fees.origination fees" default:"0" placeholder:"FRACTION" help:"Origination fee as a fraction of the principal. Use either amount or rate."`
	OriginationFeePayment schedule.OriginationPayment `json:"origination_fee_payment" blame:"fees.origination_payment" default:"apart" enum:"apart,deducted" help:"How the origination fee is paid: apart (by the client) or deducted (from the disbursed amount)."`
	PeriodicFeeAmount     money.Amount                `json:"periodic_fee_amount" blame:"fees.periodic.amount ~fees.periodic fees" default:"0" placeholder:"PESOS" help:"Periodic fee per instalment in pesos, without IVA."`
	PeriodicFeeRate       rate.Share                  `json:"periodic_fee_rate" blame:"fees.periodic.rate fees.periodic fees" default:"0" placeholder:"FRACTION" help:"Periodic fee per instalment as a fraction of the principal. Use either amount or rate."`
	FeeIVARate            rate.Share                  `json:"fee_iva_rate" blame:"fees.iva_rate" default:"0" placeholder:"FRACTION" help:"IVA rate on all fees as a fraction."`
	Insurance             money.Amount                `json:"insurance" default:"0" placeholder:"PESOS" help:"Mandatory insurance premium per instalment in pesos."`
	Collateral            money.Amount                `json:"collateral" blame:"~fees.origination fees" default:"0" placeholder:"PESOS" help:"Cash collateral in pesos, deposited at signing and returned with the last instalment. It is included in the CAT."`

	GracePrincipalPeriods int                  `json:"grace_principal_periods" blame:"grace.principal_periods grace" default:"0" placeholder:"N" help:"Number of initial instalments without principal."`
	GraceInterestPeriods  int                  `json:"grace_interest_periods" blame:"grace.interest_periods grace" default:"0" placeholder:"N" help:"Number of initial instalments without interest."`
	GraceMode             *schedule.GraceMode  `json:"grace_mode,omitempty" blame:"grace.mode grace" enum:"defer,capitalise,waive" help:"Treatment of interest in periods without interest payments: defer (collected afterwards), capitalise (added to principal) or waive (not charged)."`
	HolidayRule           schedule.HolidayRule `json:"holiday_rule" default:"none" enum:"none,next" help:"Due dates on weekends and Mexican bank holidays: none keeps them, next moves them to the next business day; disbursement dates from 2007 on."`
	InterestFollows       bool                 `json:"interest_follows" default:"false" help:"Whether interest accrues to the moved due date."`
	CATTime               schedule.CATTime     `json:"cat_time" name:"cat-time" default:"auto" enum:"auto,periods,days" help:"Time measure of the CAT: periods (fractions of a year), days (over 365) or auto (periods; days for every_n_days). With periods, a longer or shorter first period counts its odd days over 365."`
	Rules                 int                  `json:"rules" default:"2" placeholder:"VERSION" help:"Version of the calculation rules: 2, or 1 for the table of a loan that was granted before version 2."`
}

// Quote is the result of a quote.
type Quote struct {
	Product     string                `json:"product,omitempty" doc:"Product code, if the request has one."`
	Version     int                   `json:"product_version,omitempty" doc:"Product version, if the request has a product."`
	Terms       QuoteTerms            `json:"terms" doc:"Terms of the loan, including defaults."`
	Level       *money.Amount         `json:"level_payment,omitempty" doc:"Level payment in pesos. Only for the methods level and level_with_iva."`
	Opening     schedule.Opening      `json:"opening"`
	Schedule    []schedule.Row        `json:"schedule" doc:"Instalments."`
	Totals      schedule.Totals       `json:"totals"`
	CAT         rate.CAT              `json:"cat" doc:"Costo Anual Total without IVA, in per cent with one decimal."`
	CATTime     schedule.CATTime      `json:"cat_time" enum:"periods,days" doc:"Time measure of the CAT."`
	CATLegend   string                `json:"cat_legend" doc:"CAT with the legend required by law, in Spanish."`
	Explanation *schedule.Explanation `json:"explanation,omitempty" doc:"Formula of each figure. Only with explain=true."`
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

// Quote calculates the schedule of the terms. Today is the default disbursement date.
// An error is a *fault.Error that names the flat fields.
func (q QuoteTerms) Quote(today civil.Date, explain bool) (Quote, error) {
	plan, err := schedule.Build(q.terms(today))
	if err != nil {
		return Quote{}, renamed(err, q)
	}
	return newQuote(plan, today, explain), nil
}

// ofProduct calculates the schedule on the product version valid on the disbursement
// date. It refuses with Invalid or ProductNotFound.
func (in *QuoteRequest) ofProduct(c *call, today civil.Date, explain bool) (Quote, error) {
	var flaws fault.Flaws
	for _, name := range in.Given {
		if !slices.Contains(openTerms, name) {
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

// terms converts the flat object to schedule.Terms.
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
		Holidays: q.HolidayRule, InterestFollows: q.InterestFollows, CATTime: q.CATTime, Rules: cmp.Or(q.Rules, schedule.LatestRules),
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

// quoteTerms converts schedule.Terms to the flat object.
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
		HolidayRule: t.Holidays, InterestFollows: t.InterestFollows, CATTime: t.CATTime, Rules: cmp.Or(t.Rules, schedule.Rules1),
	}
	if t.Grace.Mode != "" {
		q.GraceMode = &t.Grace.Mode
	}
	return q
}

// renamed replaces the field names of schedule.Terms in a refusal by those of the request.
func renamed(err error, request any) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return err
	}
	named := *refusal
	named.Flaws = seedform.Rename(refusal.Flaws, request)
	return &named
}

// TransformSchema describes the fields with their help texts.
func (q QuoteTerms) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Required = nil
	for _, f := range reflect.VisibleFields(reflect.TypeOf(q)) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		s.Properties[name].Description = f.Tag.Get("help")
		if f.Tag.Get("required") != "" {
			s.Required = append(s.Required, name)
		}
	}
	return s
}
