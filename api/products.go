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
		tag: productsTag, summary: "Create a product", status: http.StatusCreated,
		about: "Creates version 1 of a product. Omitted fields take their default; the response includes all fields. " +
			"Unknown fields are refused.",
		refusals: []fault.Code{product.Exists},
	}, func(in *createProduct) bank.Command[product.Product] {
		return lending.CreateProduct{Product: in.Body.product(in.Body.Code)}
	}),
	plain[[]product.Product](operation{
		method: http.MethodGet, path: "/api/v1/products/", id: "read_products_api_v1_products__get",
		tag: productsTag, summary: "List products", permission: product.Read, status: http.StatusOK, effect: reads,
		about: "Lists the products available on a date, in the version valid on that date, ordered by code.",
	}, listProducts),
	read[[]product.Product](operation{
		method: http.MethodGet, path: "/api/v1/products/{code}", id: "read_product_api_v1_products__code__get",
		tag: productsTag, summary: "List a product's versions", permission: product.Read, status: http.StatusOK,
		about:    "Lists every version of a product, oldest first. New loans use the newest version valid on the date.",
		refusals: []fault.Code{product.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *versionsOfProduct) ([]byte, id.ID, error) {
		return cachedBody(v.Product(ctx, by, in.Code, productsCodec))
	}),
	write(operation{
		method: http.MethodPut, path: "/api/v1/products/{code}", id: "change_product_api_v1_products__code__put",
		tag: productsTag, summary: "Change a product", status: http.StatusOK,
		about: "Creates a new version of a product. Omitted fields take their default, not the value of the previous version. " +
			"Existing loans keep their version. Changing a retired product makes it available again. A request that changes nothing creates no version.",
		refusals: []fault.Code{product.NotFound},
	}, func(in *changeProduct) bank.Command[product.Product] {
		return lending.ChangeProduct{Product: in.Body.product(in.Code)}
	}),
	write(operation{
		method: http.MethodDelete, path: "/api/v1/products/{code}", id: "retire_product_api_v1_products__code__delete",
		tag: productsTag, summary: "Retire a product", status: http.StatusNoContent,
		about:    "Retires a product. The business date is the last day on which it is available, and future versions are withdrawn. Existing loans are not affected.",
		refusals: []fault.Code{product.NotFound},
	}, func(in *productByCode) bank.Command[product.Product] { return lending.RetireProduct{Code: in.Code} }),
}

type createProduct struct {
	Body ProductCreate
}

type changeProduct struct {
	Code string `path:"code"`
	Body ProductChange
}

type productByCode struct {
	Code string `path:"code"`
}

// versionsOfProduct selects the versions of a product.
type versionsOfProduct struct {
	productByCode
	tableFormat
}

type productsOnDay struct {
	On *civil.Date `query:"on" doc:"Date on which the product must be available. Defaults to the business date."`
	tableFormat
}

func listProducts(s *server, c *call, in *productsOnDay) error {
	by, err := c.viewer()
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

// ProductCreate is the body of a request that creates a product.
type ProductCreate struct {
	Code string `json:"code" pattern:"^[a-z0-9_]{1,40}$" doc:"Product code: 1 to 40 characters of a-z, 0-9 and _." example:"nomina"`
	ProductChange
}

// ProductChange has the fields of a product version that the caller sets. A field
// without a description takes that of the quote's field of the same name.
// product.Product validates the values.
type ProductChange struct {
	Name           string              `json:"name" maxLength:"255" doc:"Display name." example:"Crédito de nómina"`
	Classification risk.Classification `json:"classification" default:"consumer" enum:"consumer,microcredit,housing,commercial" doc:"Portfolio of the product's loans. It determines the provisioning rules."`
	From           civil.Date          `json:"effective_from,omitzero" doc:"First date on which new loans use this version. Defaults to the business date; earlier dates are refused."`

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
	Grace           GraceChoices         `json:"grace,omitzero" doc:"Grace periods. Defaults to none."`
	IVA             IVAChoices           `json:"iva,omitzero" doc:"IVA on interest. Defaults to none."`
	Fees            FeesChoices          `json:"fees,omitzero" doc:"Fees. Defaults to none."`
	Insurance       money.Amount         `json:"insurance,omitempty"`
	CATTime         schedule.CATTime     `json:"cat_time" default:"auto" enum:"auto,periods,days"`

	PenaltyInterest PenaltyInterestChoices `json:"penalty_interest,omitzero" doc:"Penalty interest on overdue amounts. Defaults to none."`
	Allocation      []product.Component    `json:"allocation,omitempty" maxItems:"20" enum:"iva_fee,fee,iva_penalty_interest,penalty_interest,iva_interest,interest,insurance,principal" doc:"Order in which payments are allocated to components, each listed once. Defaults to the order of the accepted values."`
	Strategy        product.Strategy       `json:"strategy" default:"oldest_instalment_first" enum:"oldest_instalment_first,by_concept" doc:"Allocation across instalments: oldest_instalment_first pays all components of one instalment before the next; by_concept pays one component of all due instalments before the next component."`
	Excess          product.Excess         `json:"excess" default:"reduce_instalment" enum:"reduce_instalment,reduce_term,keep_unapplied" doc:"Use of an excess over the amount due: reduce principal and lower the instalments, reduce principal and shorten the term, or keep it as unapplied funds for future instalments."`
	KeepExcess      bool                   `json:"keep_excess,omitempty" default:"false" doc:"Whether money above the payoff amount is kept as unapplied funds, which can be refunded. Otherwise the payment is refused."`
	Limits          LimitsChoices          `json:"limits,omitzero" doc:"Limits for loans on the product. Each limit defaults to the widest value that a schedule accepts."`
}

// GraceChoices is the request form of schedule.Grace.
type GraceChoices struct {
	PrincipalPeriods int                `json:"principal_periods,omitempty" doc:"Number of initial instalments without principal."`
	InterestPeriods  int                `json:"interest_periods,omitempty" doc:"Number of initial instalments without interest."`
	Mode             schedule.GraceMode `json:"mode,omitempty" enum:"defer,capitalise,waive" doc:"Treatment of interest in periods without interest payments: defer (collected afterwards), capitalise (added to principal) or waive (not charged)."`
}

// IVAChoices is the request form of rate.IVA.
type IVAChoices struct {
	Rate      rate.Share   `json:"rate,omitempty" doc:"IVA rate on interest as a fraction, such as 0.16. 0 means no IVA." example:"0.16"`
	Base      rate.IVABase `json:"base" default:"nominal" enum:"nominal,real_udi,fixed_percent" doc:"Taxable part of interest: nominal (all), real_udi (the part above inflation) or fixed_percent (a fixed part)."`
	Percent   rate.Share   `json:"percent,omitempty" doc:"Taxable part of interest as a fraction. Only for fixed_percent."`
	Inflation rate.Annual  `json:"inflation,omitempty" doc:"Expected annual change of the UDI as a fraction. Only for real_udi."`
}

// FeeChoices is the request form of schedule.Fee.
type FeeChoices struct {
	Amount money.Amount `json:"amount,omitempty" doc:"Fixed fee in pesos, without IVA."`
	Rate   rate.Share   `json:"rate,omitempty" doc:"Fee as a fraction of the principal. Use either amount or rate." example:"0.03"`
}

// FeesChoices is the request form of schedule.Fees.
type FeesChoices struct {
	Origination        FeeChoices                  `json:"origination,omitzero" doc:"Origination fee, charged once at the disbursement."`
	OriginationPayment schedule.OriginationPayment `json:"origination_payment" default:"apart" enum:"apart,deducted" doc:"How the origination fee is paid: apart (by the client) or deducted (from the disbursed amount)."`
	Periodic           FeeChoices                  `json:"periodic,omitzero" doc:"Periodic fee, charged with each instalment."`
	IVARate            rate.Share                  `json:"iva_rate,omitempty" doc:"IVA rate on all fees as a fraction."`
}

// PenaltyInterestChoices is the request form of product.PenaltyTerms.
type PenaltyInterestChoices struct {
	Rate      rate.Annual         `json:"rate,omitempty" doc:"Annual penalty rate as a fraction, 0 to 10. 0 means no penalty interest." example:"0.3"`
	Base      product.PenaltyBase `json:"base" default:"overdue_principal" enum:"overdue_principal,overdue_principal_and_interest" doc:"Amount on which penalty interest accrues."`
	Mode      product.PenaltyMode `json:"mode" default:"additional" enum:"additional,replaces" doc:"Whether ordinary interest on overdue principal continues to accrue (additional) or stops (replaces)."`
	GraceDays int                 `json:"grace_days,omitempty" doc:"Days after the due date without penalty interest, 0 to 31. Afterwards it accrues from the due date."`
	DayCount  civil.DayCount      `json:"day_count" default:"ACT/360" enum:"30/360,ACT/360,ACT/365,ACT/ACT,ACT/364" doc:"Day-count convention of penalty interest."`
}

// LimitsChoices is the request form of product.Limits. Zero means the default, so
// it is refused where the default is not zero.
type LimitsChoices struct {
	MinAmount     money.Amount `json:"min_amount,omitempty" exclusiveMinimum:"0" doc:"Minimum amount in pesos. Defaults to 0.01."`
	MaxAmount     money.Amount `json:"max_amount,omitempty" exclusiveMinimum:"0" doc:"Maximum amount in pesos. Defaults to 9999999999999.99."`
	MinRate       rate.Annual  `json:"min_rate,omitempty" doc:"Minimum annual rate as a fraction. Defaults to 0."`
	MaxRate       rate.Annual  `json:"max_rate,omitempty" exclusiveMinimum:"0" doc:"Maximum annual rate as a fraction. Defaults to 10."`
	MinPeriods    int          `json:"min_periods,omitempty" exclusiveMinimum:"0" doc:"Minimum number of instalments. Defaults to one more than the grace periods."`
	MaxPeriods    int          `json:"max_periods,omitempty" exclusiveMinimum:"0" doc:"Maximum number of instalments. Defaults to 50 years, at most 1560 instalments."`
	ApprovalLimit money.Amount `json:"approval_limit,omitempty" exclusiveMinimum:"0" doc:"Maximum amount in pesos that the applicant may also approve. Defaults to 100000.00 or max_amount, whichever is lower."`
}

// product converts the request to a product version.
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
		PenaltyInterest: product.PenaltyTerms(in.PenaltyInterest), Allocation: in.Allocation, Strategy: in.Strategy, Excess: in.Excess, KeepExcess: in.KeepExcess, Limits: product.Limits(in.Limits),
	}
}

// TransformSchema describes fields without a description as the quote's field of the same name.
func (ProductChange) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[QuoteTerms]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if p := s.Properties[name]; p != nil && p.Description == "" {
			p.Description = f.Tag.Get("help")
		}
	}
	return s
}
