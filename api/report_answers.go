package api

import (
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/view"
)

// Portfolio is the portfolio at the end of a day, by product and in total.
type Portfolio struct {
	Date     civil.Date      `json:"date" doc:"Closed day of the report."`
	Products []PortfolioPart `json:"products" doc:"Products with loans or write-offs, ordered by code."`
	Total    PortfolioPart   `json:"total" doc:"Total of all products."`
}

// PortfolioPart has the figures and indicators of one product or of all.
type PortfolioPart struct {
	Product string            `json:"product,omitempty" doc:"Product code. Absent in the total."`
	Name    string            `json:"name,omitempty" doc:"Product name. Absent in the total."`
	Buckets []PortfolioBucket `json:"buckets" doc:"Figures by days past due, in ascending order. Empty buckets are included."`
	Sums    PortfolioSums     `json:"sums" doc:"Totals of all buckets."`

	Overdue    money.Amount `json:"overdue" doc:"Non-performing portfolio (cartera vencida): principal and accrued interest of loans in stage 3, in pesos."`
	WrittenOff money.Amount `json:"written_off" doc:"Principal and interest written off in the twelve months to the date, in pesos."`
	IMOR       risk.Ratio   `json:"imor" doc:"Non-performing loan ratio (IMOR) in per cent. Null for an empty portfolio."`
	IMORA      risk.Ratio   `json:"imora" doc:"Adjusted non-performing loan ratio (IMORA), which includes write-offs, in per cent."`
	ICOR       risk.Ratio   `json:"icor" doc:"Coverage ratio (ICOR): provisions over the non-performing portfolio, in per cent. Null if there is none."`
	PAR1       risk.Ratio   `json:"par_1" doc:"Portfolio at risk: principal of loans 1 or more days past due over total principal, in per cent."`
	PAR30      risk.Ratio   `json:"par_30" doc:"Portfolio at risk more than 30 days past due, in per cent."`
	PAR90      risk.Ratio   `json:"par_90" doc:"Portfolio at risk more than 90 days past due, in per cent."`
}

// PortfolioBucket has the figures of one bucket of days past due.
type PortfolioBucket struct {
	Bucket string `json:"bucket" enum:"0,1-7,8-30,31-60,61-89,90-120,121-180,181+" doc:"Range of days past due."`
	PortfolioSums
}

// PortfolioSums are totals of daily positions.
type PortfolioSums struct {
	Loans            int64        `json:"loans" doc:"Number of loans."`
	Balance          money.Amount `json:"balance" doc:"Outstanding principal, in pesos."`
	OverduePrincipal money.Amount `json:"overdue_principal" doc:"Overdue principal, in pesos."`
	Interest         money.Amount `json:"interest" doc:"Accrued interest receivable, in pesos."`
	Suspended        money.Amount `json:"suspended" doc:"Suspended interest, in pesos: recorded in memorandum accounts until it is collected."`
	IVA              money.Amount `json:"iva" doc:"IVA receivable on interest due, in pesos."`
	Provision        money.Amount `json:"provision" doc:"Loan loss provision (EPRC) for principal and interest, in pesos. reserve is not included."`
	Reserve          money.Amount `json:"reserve" doc:"Additional provision for the interest of stage 3, in pesos."`
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

// Delinquency is one page of the loans that were past due at the end of a day.
type Delinquency struct {
	Date  civil.Date       `json:"date" doc:"Closed day of the report."`
	Sums  DelinquencySums  `json:"sums" doc:"Totals of all matching loans, on every page."`
	Loans []DelinquentLoan `json:"loans" doc:"Loans of this page, most days past due first."`
}

// DelinquencySums are totals of past-due loans.
type DelinquencySums struct {
	Loans            int64        `json:"loans" doc:"Number of loans."`
	Balance          money.Amount `json:"balance" doc:"Outstanding principal, in pesos."`
	OverduePrincipal money.Amount `json:"overdue_principal" doc:"Overdue principal, in pesos."`
	Interest         money.Amount `json:"interest" doc:"Accrued interest receivable, in pesos."`
}

// DelinquentLoan is a past-due loan.
type DelinquentLoan struct {
	Loan             id.ID        `json:"loan_id" doc:"Loan id."`
	Number           string       `json:"loan_number" doc:"Number of the loan." example:"P-100-014"`
	Client           id.ID        `json:"client_id" doc:"Client id."`
	Name             string       `json:"client_name" doc:"Current name of the client."`
	RFC              string       `json:"client_rfc" doc:"Current RFC of the client."`
	Product          string       `json:"product" doc:"Product code."`
	Bucket           string       `json:"bucket" doc:"Range of days past due."`
	DaysPastDue      int          `json:"days_past_due" doc:"Days since the due date of the oldest unpaid instalment."`
	Stage            risk.Stage   `json:"stage" doc:"Stage of credit risk: 1, 2 or 3. Stage 3 is the non-performing portfolio (cartera vencida)."`
	OverduePrincipal money.Amount `json:"overdue_principal" doc:"Overdue principal, in pesos."`
	Interest         money.Amount `json:"interest" doc:"Accrued interest receivable, in pesos."`
	Suspended        money.Amount `json:"suspended" doc:"Suspended interest, in pesos: recorded in memorandum accounts until it is collected."`
	PenaltyInterest  money.Amount `json:"penalty_interest" doc:"Penalty interest owed, including IVA, in pesos."`
	Balance          money.Amount `json:"balance" doc:"Outstanding principal, in pesos."`
}

func delinquencyOf(d view.Delinquency) Delinquency {
	return Delinquency{d.Date, DelinquencySums(d.Sums), each(d.Loans.Items, func(l view.DelinquentLoan) DelinquentLoan { return DelinquentLoan(l) })}
}

// Collections is one page of the amounts to collect on a day.
type Collections struct {
	Date  civil.Date   `json:"date" doc:"Date of collection."`
	Loans []Collection `json:"loans" doc:"Loans of this page with an amount due, ordered by id."`
}

// Collection is the amount to collect for one loan.
type Collection struct {
	Loan            id.ID        `json:"loan_id" doc:"Loan id."`
	Number          string       `json:"loan_number" doc:"Number of the loan." example:"P-100-014"`
	Client          id.ID        `json:"client_id" doc:"Client id."`
	Name            string       `json:"client_name" doc:"Name of the client."`
	RFC             string       `json:"client_rfc" doc:"RFC of the client."`
	Product         string       `json:"product" doc:"Product code."`
	Instalment      int          `json:"instalment" doc:"Number of the oldest instalment with an amount due."`
	OldestDue       civil.Date   `json:"oldest_due_date" doc:"Due date of that instalment."`
	DaysPastDue     int          `json:"days_past_due" doc:"Days since the due date of the oldest unpaid instalment. 0 if it is due on the date."`
	Due             money.Amount `json:"due" doc:"Amount of the instalment due on the date, in pesos."`
	Overdue         money.Amount `json:"overdue" doc:"Amount of earlier instalments, including penalty interest, in pesos."`
	Principal       money.Amount `json:"principal" doc:"Principal, in pesos."`
	Interest        money.Amount `json:"interest" doc:"Ordinary interest, in pesos."`
	PenaltyInterest money.Amount `json:"penalty_interest" doc:"Penalty interest, in pesos."`
	Charges         money.Amount `json:"charges" doc:"Fees and insurance, in pesos."`
	IVA             money.Amount `json:"iva" doc:"IVA on interest, penalty interest and fees, in pesos."`
	Total           money.Amount `json:"total" doc:"Total to collect, in pesos: due plus overdue, which equals the sum of the components."`
}

func collectionsOf(c view.Collections) Collections {
	return Collections{c.Date, each(c.Loans.Items, func(l view.Collection) Collection { return Collection(l) })}
}

// MoneyMoved is the money received and paid out by loan transactions.
type MoneyMoved struct {
	From civil.Date   `json:"from" doc:"First business date."`
	To   civil.Date   `json:"to" doc:"Last business date."`
	In   money.Amount `json:"in" doc:"Total received, in pesos."`
	Out  money.Amount `json:"out" doc:"Total paid out, in pesos."`
	Rows []MoneyRow   `json:"rows" doc:"Totals by business date, product and kind, in this order. Combinations without transactions are omitted."`
}

// MoneyRow has the transactions of one business date, product and kind.
type MoneyRow struct {
	Date    civil.Date     `json:"business_date" doc:"Business date on which the transactions were registered. It may differ from their value date."`
	Product string         `json:"product" doc:"Product code."`
	Kind    servicing.Kind `json:"kind" enum:"payment,prepayment,advance,recovery,cancellation,disbursement,refund,reversal" doc:"Kind of transaction. Received: payment, prepayment, advance, recovery, cancellation (return of the disbursed amount). Paid out: disbursement (principal before the origination fee), refund (of unapplied funds), reversal (of a payment)."`
	Count   int64          `json:"count" doc:"Number of transactions."`
	In      money.Amount   `json:"in" doc:"Amount received, in pesos."`
	Out     money.Amount   `json:"out" doc:"Amount paid out, in pesos."`
}

func moneyMovedOf(m view.MoneyMoved) MoneyMoved {
	return MoneyMoved{m.From, m.To, m.In, m.Out, each(m.Rows, func(r view.MoneyRow) MoneyRow { return MoneyRow(r) })}
}

// DailyPosition is the state of a loan at the end of a closed day.
type DailyPosition struct {
	Date             civil.Date       `json:"date" doc:"Closed day."`
	Status           servicing.Status `json:"status" doc:"ACTIVE or RESTRUCTURED. Loans in other states have no daily position."`
	Stage            risk.Stage       `json:"stage" doc:"Stage of credit risk: 1, 2 or 3. Stage 3 is the non-performing portfolio (cartera vencida)."`
	DaysPastDue      int              `json:"days_past_due" doc:"Days since the due date of the oldest unpaid instalment."`
	Instalment       int              `json:"instalment" doc:"Number of the current instalment."`
	Balance          money.Amount     `json:"balance" doc:"Outstanding principal, in pesos."`
	OverduePrincipal money.Amount     `json:"overdue_principal" doc:"Overdue principal, in pesos."`
	Interest         money.Amount     `json:"interest" doc:"Accrued interest receivable, in pesos."`
	Suspended        money.Amount     `json:"suspended" doc:"Suspended interest, in pesos: recorded in memorandum accounts until it is collected."`
	IVA              money.Amount     `json:"iva" doc:"IVA receivable on interest due, in pesos."`
	PenaltyInterest  money.Amount     `json:"penalty_interest" doc:"Penalty interest owed, including IVA, in pesos."`
	Unapplied        money.Amount     `json:"unapplied_funds" doc:"Unapplied funds, in pesos, kept for future instalments."`
	Provision        money.Amount     `json:"provision" doc:"Loan loss provision (EPRC) for principal and interest, in pesos. reserve is not included."`
	Reserve          money.Amount     `json:"reserve" doc:"Additional provision for the interest of stage 3, in pesos."`
}
