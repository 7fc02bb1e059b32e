package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/view"
)

const productsTag = "Products"

var _ = mount(50, productOperations)

var productOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/products/", id: "create_product_api_v1_products__post",
		tag: productsTag, summary: "Create Product", status: http.StatusCreated,
		about: "Offers a new product, as version 1. Every choice that is left out has its default; the answer holds them all. " +
			"A field that does not exist is refused.",
		refusals: []fault.Code{product.Exists},
	}, func(in *createProduct) bank.Command[product.Product] {
		return lending.CreateProduct{Product: in.Body.product(in.Body.Code)}
	}),
	plain[[]product.Product](operation{
		method: http.MethodGet, path: "/api/v1/products/", id: "read_products_api_v1_products__get",
		tag: productsTag, summary: "Read Products", permission: product.Read, status: http.StatusOK, effect: reads,
		about: "Lists the version of each product that is granted on a day, in the order of their codes.",
	}, listProducts),
	read[[]product.Product](operation{
		method: http.MethodGet, path: "/api/v1/products/{code}", id: "read_product_api_v1_products__code__get",
		tag: productsTag, summary: "Read Product", permission: product.Read, status: http.StatusOK,
		about:    "Lists every version of a product, the first one first. Of those in force on a day the newest is granted.",
		refusals: []fault.Code{product.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *productByCode) ([]byte, id.ID, error) {
		return cachedBody(v.Product(ctx, by, in.Code, productsCodec))
	}),
	write(operation{
		method: http.MethodPut, path: "/api/v1/products/{code}", id: "change_product_api_v1_products__code__put",
		tag: productsTag, summary: "Change Product", status: http.StatusOK,
		about: "Gives a product a new version, which holds every choice anew: what is left out has its default, not what it had. " +
			"Nothing is overwritten: loans keep the version that they were granted on. A retired product is offered again.",
		refusals: []fault.Code{product.NotFound},
	}, func(in *changeProduct) bank.Command[product.Product] {
		return lending.ChangeProduct{Product: in.Body.product(in.Code)}
	}),
	write(operation{
		method: http.MethodDelete, path: "/api/v1/products/{code}", id: "retire_product_api_v1_products__code__delete",
		tag: productsTag, summary: "Retire Product", status: http.StatusNoContent,
		about:    "Ends a product: today is the last day of its versions, and those to come never begin. Its loans stay as they are.",
		refusals: []fault.Code{product.NotFound},
	}, func(in *productByCode) bank.Command[product.Product] { return lending.RetireProduct{Code: in.Code} }),
}

type createProduct struct {
	Body ProductCreate `unknown:"refused"`
}

type changeProduct struct {
	Code string        `path:"code"`
	Body ProductChange `unknown:"refused"`
}

type productByCode struct {
	Code string `path:"code"`
}

type productsOnDay struct {
	On *civil.Date `query:"on" doc:"The day; the business date if left out."`
}

func listProducts(s *server, c *call, in *productsOnDay) error {
	by, err := c.asks()
	if err != nil {
		return err
	}
	var all []product.Product
	ctx := c.request.Context()
	err = s.onToday(ctx, by, func(today civil.Date) (err error) {
		all, err = s.View.Products(ctx, by, or(in.On, today))
		return err
	})
	if err != nil {
		return err
	}
	c.answer(http.StatusOK, appendAll(nil, all))
	return nil
}

// ProductCreate is what a product is made of.
type ProductCreate struct {
	Code string `json:"code" pattern:"^[a-z0-9_]{1,40}$" doc:"The code of the product: 1 to 40 of a-z, 0-9 and _." example:"nomina"`
	ProductChange
}

// ProductChange is what a version of a product is made of: product.Product
// without what the bank gives it. Fields without a text have that of the quote's
// field of the same name. The rules are those of product.Product.
type ProductChange struct {
	Name           string              `json:"name" maxLength:"255" doc:"The name, for people." example:"Crédito de nómina"`
	Classification risk.Classification `json:"classification" default:"consumer" enum:"consumer,microcredit,housing,commercial" doc:"The portfolio that its loans belong to, which decides what is provided for them."`
	From           civil.Date          `json:"effective_from,omitzero" doc:"First day on which the version is granted: today, which is the default, or later."`

	Method          schedule.Method      `json:"method" default:"level" enum:"level,level_with_iva,equal_principal,bullet,single"`
	Frequency       schedule.Frequency   `json:"frequency" default:"monthly" enum:"weekly,every_14_days,quincenal,monthly,every_n_days"`
	PeriodDays      int                  `json:"period_days,omitempty"`
	MonthEnd        bool                 `json:"month_end,omitempty"`
	LevelByPeriods  bool                 `json:"level_by_periods,omitempty"`
	DayCount        civil.DayCount       `json:"day_count" default:"ACT/360" enum:"30/360,ACT/360,ACT/365,ACT/ACT,ACT/364"`
	Rounding        money.Rounding       `json:"rounding" default:"half_up" enum:"half_even,half_up"`
	Residue         schedule.Residue     `json:"residue" default:"last" enum:"last,first"`
	Holidays        schedule.HolidayRule `json:"holiday_rule" default:"none" enum:"none,next"`
	InterestFollows bool                 `json:"interest_follows" default:"false"`
	Grace           GraceChoices         `json:"grace,omitzero" doc:"What the first instalments leave out; nothing if left out."`
	IVA             IVAChoices           `json:"iva,omitzero" doc:"How interest is taxed; not at all if left out."`
	Fees            FeesChoices          `json:"fees,omitzero" doc:"What the client pays besides interest; nothing if left out."`
	Insurance       money.Amount         `json:"insurance,omitempty"`
	CATTime         schedule.CATTime     `json:"cat_time" default:"auto" enum:"auto,periods,days"`

	PenaltyInterest PenaltyInterestChoices `json:"penalty_interest,omitzero" doc:"The price of being late; none if left out."`
	Allocation      []product.Component    `json:"allocation,omitempty" maxItems:"20" enum:"iva_fee,fee,iva_penalty_interest,penalty_interest,iva_interest,interest,insurance,principal" doc:"The order in which a payment is allocated, each component once; that of the accepted values if left out."`
	Strategy        product.Strategy       `json:"strategy" default:"oldest_instalment_first" enum:"oldest_instalment_first,by_concept" doc:"Over what the order runs: all components of the oldest instalment and then of the next, or a component over all instalments due and then the next component."`
	Excess          product.Excess         `json:"excess" default:"reduce_instalment" enum:"reduce_instalment,reduce_term,keep_unapplied" doc:"What becomes of money above what is due: it reduces principal and then the instalments, or their number, or it waits for the coming instalments."`
	Limits          LimitsChoices          `json:"limits,omitzero" doc:"What may be asked for; the widest that a schedule accepts if left out."`
}

// GraceChoices are schedule.Grace.
type GraceChoices struct {
	PrincipalPeriods int                `json:"principal_periods,omitempty" doc:"First instalments without principal."`
	InterestPeriods  int                `json:"interest_periods,omitempty" doc:"First instalments without interest."`
	Mode             schedule.GraceMode `json:"mode,omitempty" enum:"defer,capitalise,waive" doc:"What becomes of the interest of the periods without it: defer (paid after them), capitalise (added to the principal) or waive (not charged)."`
}

// IVAChoices are rate.IVA.
type IVAChoices struct {
	Rate      rate.Share   `json:"rate,omitempty" doc:"IVA on interest as a fraction: 0.16; 0 is without IVA." example:"0.16"`
	Base      rate.IVABase `json:"base" default:"nominal" enum:"nominal,real_udi,fixed_percent" doc:"What of the interest is taxed: nominal (all), real_udi (what is above inflation) or fixed_percent (a part)."`
	Percent   rate.Share   `json:"percent,omitempty" doc:"Part of the interest that is taxed, for fixed_percent only."`
	Inflation rate.Annual  `json:"inflation,omitempty" doc:"Foreseen yearly change of the UDI, for real_udi only."`
}

// FeeChoices are schedule.Fee.
type FeeChoices struct {
	Amount money.Amount `json:"amount,omitempty" doc:"Pesos, without IVA."`
	Rate   rate.Share   `json:"rate,omitempty" doc:"As a fraction of the principal, in place of the amount." example:"0.03"`
}

// FeesChoices are schedule.Fees.
type FeesChoices struct {
	Origination        FeeChoices                  `json:"origination,omitzero" doc:"Once, at the disbursement."`
	OriginationPayment schedule.OriginationPayment `json:"origination_payment" default:"apart" enum:"apart,deducted" doc:"How the origination fee is paid: apart by the client, or deducted from what is disbursed."`
	Periodic           FeeChoices                  `json:"periodic,omitzero" doc:"With each instalment."`
	IVARate            rate.Share                  `json:"iva_rate,omitempty" doc:"IVA on all fees as a fraction."`
}

// MoratoriumChoices are product.PenaltyTerms.
type PenaltyInterestChoices struct {
	Rate      rate.Annual         `json:"rate,omitempty" doc:"Annual rate as a fraction, 0 to 10; 0 is no penalty interest." example:"0.3"`
	Base      product.PenaltyBase `json:"base" default:"overdue_principal" enum:"overdue_principal,overdue_principal_and_interest" doc:"What it runs on."`
	Mode      product.PenaltyMode `json:"mode" default:"additional" enum:"additional,replaces" doc:"Whether ordinary interest goes on running on overdue principal (additional) or not (replaces)."`
	GraceDays int                 `json:"grace_days,omitempty" doc:"Paid within so many days there is none, 0 to 31; after them it counts from the due date."`
	DayCount  civil.DayCount      `json:"day_count" default:"ACT/360" enum:"30/360,ACT/360,ACT/365,ACT/ACT,ACT/364" doc:"Days of penalty interest over days of the year."`
}

// LimitsChoices are product.Limits. A zero would be taken for the default, so
// none is accepted where the default is another.
type LimitsChoices struct {
	MinAmount     money.Amount `json:"min_amount,omitempty" exclusiveMinimum:"0" doc:"The least amount, pesos; 0.01 if left out."`
	MaxAmount     money.Amount `json:"max_amount,omitempty" exclusiveMinimum:"0" doc:"The largest amount, pesos; 9999999999999.99 if left out."`
	MinRate       rate.Annual  `json:"min_rate,omitempty" doc:"The least annual rate as a fraction; 0 if left out."`
	MaxRate       rate.Annual  `json:"max_rate,omitempty" exclusiveMinimum:"0" doc:"The highest annual rate as a fraction; 10 if left out."`
	MinPeriods    int          `json:"min_periods,omitempty" exclusiveMinimum:"0" doc:"The fewest periods; one more than those of grace if left out."`
	MaxPeriods    int          `json:"max_periods,omitempty" exclusiveMinimum:"0" doc:"The most periods; those of 50 years, at most 1560, if left out."`
	ApprovalLimit money.Amount `json:"approval_limit,omitempty" exclusiveMinimum:"0" doc:"The largest amount that one person may both apply for and approve, pesos; 100000.00 or, if it is lower, max_amount if left out."`
}

// product is the version that the choices make.
func (in *ProductChange) product(code string) product.Product {
	return product.Product{
		Code: code, Name: in.Name, Classification: in.Classification, From: in.From,
		Method: in.Method, Frequency: in.Frequency, PeriodDays: in.PeriodDays, MonthEnd: in.MonthEnd, LevelByPeriods: in.LevelByPeriods, DayCount: in.DayCount, Rounding: in.Rounding,
		Residue: in.Residue, Holidays: in.Holidays, InterestFollows: in.InterestFollows,
		Grace: schedule.Grace(in.Grace), IVA: rate.IVA(in.IVA),
		Fees: schedule.Fees{
			Origination: schedule.Fee(in.Fees.Origination), OriginationPayment: in.Fees.OriginationPayment,
			Periodic: schedule.Fee(in.Fees.Periodic), IVARate: in.Fees.IVARate,
		},
		Insurance: in.Insurance, CATTime: in.CATTime,
		PenaltyInterest: product.PenaltyTerms(in.PenaltyInterest), Allocation: in.Allocation, Strategy: in.Strategy, Excess: in.Excess, Limits: product.Limits(in.Limits),
	}
}

// TransformSchema gives the fields without a text that of the quote's field of the same name.
func (ProductChange) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[QuoteTerms]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if p := s.Properties[name]; p != nil && p.Description == "" {
			p.Description = f.Tag.Get("help")
		}
	}
	return s
}
