package api

import (
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/view"
)

// Portfolio is the loans of a day, by product and in all.
type Portfolio struct {
	Date     civil.Date      `json:"date" doc:"The day, at whose end the figures stand."`
	Products []PortfolioPart `json:"products" doc:"The products that have loans, or had some written off, in the order of their codes."`
	Total    PortfolioPart   `json:"total" doc:"All products."`
}

// PortfolioPart is the loans of a product, or of all, with their indicators.
type PortfolioPart struct {
	Product string            `json:"product,omitempty" doc:"The code of the product; absent of the total."`
	Name    string            `json:"name,omitempty" doc:"The name of the product."`
	Buckets []PortfolioBucket `json:"buckets" doc:"The loans by days past due, every bucket, the least late first."`
	Sums    PortfolioSums     `json:"sums" doc:"All buckets."`

	Overdue    money.Amount `json:"overdue" doc:"Cartera vencida: principal and interest in the books of the loans in stage 3, pesos."`
	WrittenOff money.Amount `json:"written_off" doc:"Principal and interest that left the books by write-offs in the twelve months to the day, pesos."`
	IMOR       risk.Ratio   `json:"imor" doc:"Overdue against all, per cent; null of an empty portfolio."`
	IMORA      risk.Ratio   `json:"imora" doc:"The same with what was written off on both sides, per cent."`
	ICOR       risk.Ratio   `json:"icor" doc:"Provision and reserve against overdue, per cent; null if nothing is overdue."`
	PAR1       risk.Ratio   `json:"par_1" doc:"Principal of the loans one day late or more against that of all, per cent."`
	PAR30      risk.Ratio   `json:"par_30" doc:"More than 30 days late, per cent."`
	PAR90      risk.Ratio   `json:"par_90" doc:"More than 90 days late, per cent."`
}

// PortfolioBucket is the loans of a bucket.
type PortfolioBucket struct {
	Bucket string `json:"bucket" enum:"0,1-7,8-30,31-60,61-89,90-120,121-180,181+" doc:"The days past due."`
	PortfolioSums
}

// PortfolioSums are sums of positions.
type PortfolioSums struct {
	Loans            int64        `json:"loans" doc:"How many."`
	Balance          money.Amount `json:"balance" doc:"Principal outstanding, pesos."`
	OverduePrincipal money.Amount `json:"overdue_principal" doc:"Principal whose due date has passed, pesos."`
	Interest         money.Amount `json:"interest" doc:"Interest accrued and not collected, in the books, pesos."`
	Suspended        money.Amount `json:"suspended" doc:"Interest that is no income until it is collected: memorandum, pesos."`
	IVA              money.Amount `json:"iva" doc:"IVA on interest that fell due and is not collected, pesos."`
	Provision        money.Amount `json:"provision" doc:"Provided on the balance and the interest in the base (EPRC), pesos."`
	Reserve          money.Amount `json:"reserve" doc:"Reserved for the interest of stage 3, pesos."`
}

func portfolioOf(p view.Portfolio) Portfolio {
	return Portfolio{p.Date, each(p.Products, portfolioPart), portfolioPart(p.Total)}
}

func portfolioPart(p view.PortfolioPart) PortfolioPart {
	return PortfolioPart{
		Product: p.Product, Name: p.Name, Sums: PortfolioSums(p.Sums),
		Buckets: each(p.Buckets, func(b view.PortfolioBucket) PortfolioBucket {
			return PortfolioBucket{b.Bucket, PortfolioSums(b.PortfolioSums)}
		}),
		Overdue: p.Overdue, WrittenOff: p.WrittenOff, IMOR: p.IMOR, IMORA: p.IMORA, ICOR: p.ICOR, PAR1: p.PAR1, PAR30: p.PAR30, PAR90: p.PAR90,
	}
}

// Delinquency is the loans that were late at the end of a day, a page of them.
type Delinquency struct {
	Date  civil.Date       `json:"date" doc:"The day, at whose end the figures stand."`
	Sums  DelinquencySums  `json:"sums" doc:"All loans that were asked for, whatever the page."`
	Loans []DelinquentLoan `json:"loans" doc:"Those of this page, the latest first."`
}

// DelinquencySums are sums of late loans.
type DelinquencySums struct {
	Loans            int64        `json:"loans" doc:"How many."`
	Balance          money.Amount `json:"balance" doc:"Principal outstanding, pesos."`
	OverduePrincipal money.Amount `json:"overdue_principal" doc:"Principal whose due date has passed, pesos."`
	Interest         money.Amount `json:"interest" doc:"Interest accrued and not collected, in the books, pesos."`
}

// DelinquentLoan is a loan that is late.
type DelinquentLoan struct {
	Loan             id.ID        `json:"loan_id" doc:"The id of the loan."`
	Client           id.ID        `json:"client_id" doc:"The id of the client."`
	Name             string       `json:"client_name" doc:"The client's name, as it is now."`
	RFC              string       `json:"client_rfc" doc:"The client's RFC, as it is now."`
	Product          string       `json:"product" doc:"The code of the product."`
	Bucket           string       `json:"bucket" doc:"The bucket of its days past due."`
	DaysPastDue      int          `json:"days_past_due" doc:"Since the due date of the oldest instalment that is not fully paid."`
	Stage            risk.Stage   `json:"stage" doc:"1, 2 or 3; 3 is cartera vencida."`
	OverduePrincipal money.Amount `json:"overdue_principal" doc:"Principal whose due date has passed, pesos."`
	Interest         money.Amount `json:"interest" doc:"Interest accrued and not collected, in the books, pesos."`
	Suspended        money.Amount `json:"suspended" doc:"Interest that is no income until it is collected: memorandum, pesos."`
	PenaltyInterest  money.Amount `json:"penalty_interest" doc:"Penalty interest owed with its IVA, pesos."`
	Balance          money.Amount `json:"balance" doc:"Principal outstanding, pesos."`
}

func delinquencyOf(d view.Delinquency) Delinquency {
	return Delinquency{d.Date, DelinquencySums(d.Sums), each(d.Loans.Items, func(l view.DelinquentLoan) DelinquentLoan { return DelinquentLoan(l) })}
}

// Collections is what is to be collected on a day, a page of it.
type Collections struct {
	Date  civil.Date   `json:"date" doc:"The day."`
	Loans []Collection `json:"loans" doc:"The loans of this page that have something due, in the order of their ids."`
}

// Collection is what a loan has to pay on a day.
type Collection struct {
	Loan            id.ID        `json:"loan_id" doc:"The id of the loan."`
	Client          id.ID        `json:"client_id" doc:"The id of the client."`
	Name            string       `json:"client_name" doc:"The client's name."`
	RFC             string       `json:"client_rfc" doc:"The client's RFC."`
	Product         string       `json:"product" doc:"The code of the product."`
	Instalment      int          `json:"instalment" doc:"The number of the oldest instalment that is to be paid."`
	OldestDue       civil.Date   `json:"oldest_due_date" doc:"Its due date."`
	DaysPastDue     int          `json:"days_past_due" doc:"Since the due date of the oldest instalment that is not fully paid; 0 if all are due on the day."`
	Due             money.Amount `json:"due" doc:"Of the instalment that is due on the day, pesos."`
	Overdue         money.Amount `json:"overdue" doc:"Of the instalments due before it, with what being late costs, pesos."`
	Principal       money.Amount `json:"principal" doc:"Principal, pesos."`
	Interest        money.Amount `json:"interest" doc:"Ordinary interest, pesos."`
	PenaltyInterest money.Amount `json:"penalty_interest" doc:"Penalty interest, pesos."`
	Charges         money.Amount `json:"charges" doc:"Fees and insurance, pesos."`
	IVA             money.Amount `json:"iva" doc:"IVA on interest, penalty interest and fees, pesos."`
	Total           money.Amount `json:"total" doc:"To collect: due and overdue, which is also the sum of the components, pesos."`
}

func collectionsOf(c view.Collections) Collections {
	return Collections{c.Date, each(c.Loans.Items, func(l view.Collection) Collection { return Collection(l) })}
}

// MoneyMoved is what came in and went out by the transactions of loans.
type MoneyMoved struct {
	From civil.Date   `json:"from" doc:"The first business date."`
	To   civil.Date   `json:"to" doc:"The last business date."`
	In   money.Amount `json:"in" doc:"All that came in, pesos."`
	Out  money.Amount `json:"out" doc:"All that went out, pesos."`
	Rows []MoneyRow   `json:"rows" doc:"By business date, product and kind, in order; none without transactions."`
}

// MoneyRow is the transactions of a kind and a product on a business date.
type MoneyRow struct {
	Date    civil.Date     `json:"business_date" doc:"The day on which they were registered, whatever the day for which they count."`
	Product string         `json:"product" doc:"The code of the product."`
	Kind    servicing.Kind `json:"kind" enum:"payment,prepayment,advance,recovery,cancellation,disbursement,reversal" doc:"In: payment, prepayment, advance, recovery, cancellation (what was disbursed comes back). Out: disbursement (the principal, before its fee), reversal (of a payment)."`
	Count   int64          `json:"count" doc:"How many."`
	In      money.Amount   `json:"in" doc:"Pesos; 0 of what goes out."`
	Out     money.Amount   `json:"out" doc:"Pesos; 0 of what comes in."`
}

func moneyMovedOf(m view.MoneyMoved) MoneyMoved {
	return MoneyMoved{m.From, m.To, m.In, m.Out, each(m.Rows, func(r view.MoneyRow) MoneyRow { return MoneyRow(r) })}
}

// DailyPosition is a loan at the end of a day.
type DailyPosition struct {
	Date             civil.Date       `json:"date" doc:"The day."`
	Status           servicing.Status `json:"status" doc:"ACTIVE or RESTRUCTURED: what ended has no position."`
	Stage            risk.Stage       `json:"stage" doc:"1, 2 or 3; 3 is cartera vencida."`
	DaysPastDue      int              `json:"days_past_due" doc:"Since the due date of the oldest instalment that is not fully paid."`
	Instalment       int              `json:"instalment" doc:"The number of the first instalment that is not over."`
	Balance          money.Amount     `json:"balance" doc:"Principal outstanding, pesos."`
	OverduePrincipal money.Amount     `json:"overdue_principal" doc:"Principal whose due date has passed, pesos."`
	Interest         money.Amount     `json:"interest" doc:"Interest accrued and not collected, in the books, pesos."`
	Suspended        money.Amount     `json:"suspended" doc:"Interest that is no income until it is collected: memorandum, pesos."`
	IVA              money.Amount     `json:"iva" doc:"IVA on interest that fell due and is not collected, pesos."`
	PenaltyInterest  money.Amount     `json:"penalty_interest" doc:"Penalty interest owed with its IVA, pesos."`
	Unapplied        money.Amount     `json:"unapplied_funds" doc:"Held for instalments to come, pesos."`
	Provision        money.Amount     `json:"provision" doc:"Provided on the balance and the interest in the base (EPRC), pesos."`
	Reserve          money.Amount     `json:"reserve" doc:"Reserved for the interest of stage 3, pesos."`
}
