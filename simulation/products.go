package simulation

import (
	"math/rand/v2"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// offer is a product with the range of the loans that borrowers request.
type offer struct {
	product  product.Product   // current version
	versions []product.Product // all versions in the bank
	share    int               // approximate share of the loans in per cent
	rural    int               // additional share in rural states
	least    money.Amount
	most     money.Amount
	step     int         // step between amounts, in pesos
	periods  []int       // requested numbers of periods
	low      rate.Annual // lowest rate; rates are in steps of 0.5 %
	high     rate.Annual
	weekdays int // maximum delay of a late payer in days
}

const pesos money.Amount = 100

var iva = rate.IVA{Rate: 160_000}

// offers returns the offered products. The default product is the first.
func offers() []*offer {
	all := []*offer{
		{product: product.Seed(), share: 20, least: 8_000 * pesos, most: 90_000 * pesos, step: 1_000, periods: []int{6, 9, 12, 12, 18, 24}, low: 240_000, high: 480_000, weekdays: 25},
		{share: 24, least: 3_000 * pesos, most: 60_000 * pesos, step: 500, periods: []int{6, 12, 12, 24, 24, 36}, low: 280_000, high: 450_000, weekdays: 12, product: product.Product{
			Code: "nomina", Name: "Crédito de nómina quincenal", Method: schedule.LevelWithIVA, Frequency: schedule.Quincenal, IVA: iva,
			Holidays: schedule.NextBusinessDay, PenaltyInterest: product.PenaltyTerms{Rate: 600_000, GraceDays: 3}, Excess: product.ReduceTerm,
			Limits: product.Limits{MinAmount: 1_000 * pesos, MaxAmount: 80_000 * pesos, MaxRate: 600_000, MaxPeriods: 72},
		}},
		{share: 44, least: 2_000 * pesos, most: 25_000 * pesos, step: 500, periods: []int{16, 16, 20, 24, 26}, low: 600_000, high: 900_000, weekdays: 6, product: product.Product{
			Code: "microcredito", Name: "Microcrédito semanal", Frequency: schedule.Weekly, IVA: iva, Insurance: 9 * pesos,
			Fees: schedule.Fees{
				Origination: schedule.Fee{Rate: 30_000}, OriginationPayment: schedule.Deducted, Periodic: schedule.Fee{Amount: 12 * pesos}, IVARate: 160_000,
			},
			PenaltyInterest: product.PenaltyTerms{Rate: 1_200_000, Base: product.OverduePrincipalAndInterest}, Excess: product.KeepUnapplied,
			Limits: product.Limits{MinAmount: 1_000 * pesos, MaxAmount: 30_000 * pesos, MaxRate: rate.One, MaxPeriods: 52},
		}},
		{share: 8, least: 50_000 * pesos, most: 400_000 * pesos, step: 10_000, periods: []int{12, 18, 24, 36}, low: 180_000, high: 260_000, weekdays: 20, product: product.Product{
			Code: "pyme", Name: "Crédito PyME", Method: schedule.EqualPrincipal, IVA: iva,
			Fees:            schedule.Fees{Origination: schedule.Fee{Rate: 20_000}, IVARate: 160_000},
			PenaltyInterest: product.PenaltyTerms{Rate: 480_000, Mode: product.Replaces}, Strategy: product.ByConcept,
			Limits: product.Limits{MinAmount: 20_000 * pesos, MaxAmount: 2_000_000 * pesos, MaxRate: 400_000, MaxPeriods: 60},
		}},
		{share: 3, rural: 9, least: 20_000 * pesos, most: 150_000 * pesos, step: 5_000, periods: []int{2, 3, 4}, low: 200_000, high: 300_000, weekdays: 30, product: product.Product{
			Code: "agricola", Name: "Crédito agrícola", Method: schedule.Bullet, Frequency: schedule.EveryNumDays, PeriodDays: 60, DayCount: civil.Actual365,
			PenaltyInterest: product.PenaltyTerms{Rate: 450_000}, Limits: product.Limits{MinAmount: 10_000 * pesos, MaxAmount: 300_000 * pesos, MaxRate: 400_000, MaxPeriods: 6},
		}},
	}
	all[0].versions = []product.Product{all[0].product}
	return all
}

// loanRequest has the terms that a borrower requests.
type loanRequest struct {
	amount  money.Amount
	annual  rate.Annual
	periods int
}

// randomRequest returns random terms. Small amounts are more likely than large ones.
func (o *offer) randomRequest(r *rand.Rand) loanRequest {
	const half rate.Annual = 5_000
	steps := int((o.most - o.least) / pesos / money.Amount(o.step))
	at := min(r.IntN(steps+1), r.IntN(steps+1))
	return loanRequest{
		amount: o.least + money.Amount(at*o.step)*pesos, periods: pick(r, o.periods),
		annual: o.low + half*rate.Annual(r.IntN(int((o.high-o.low)/half)+1)),
	}
}

// offered records a new version in the bank.
func (o *offer) offered(p product.Product) error {
	o.product, o.versions = p, append(o.versions, p)
	return nil
}
