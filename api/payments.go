package api

import (
	"context"
	"net/http"
	"slices"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/accounting"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/view"
)

var _ = mount(60, paymentOperations)

var paymentOperations = slices.Concat(receiveOperations, serviceOperations, transactionReads)

// receiveOperations receive money for a loan.
var receiveOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/payments", id: "register_payment_api_v1_loans__loan_id__payments_post", seed: true,
		tag: loansTag, summary: "Register Payment", status: http.StatusCreated,
		about: "Records a payment, up to the payoff amount. A larger payment is refused; the error includes the payoff amount. " +
			"The payment is allocated to the amounts due in the order set by the product. The product, or `kind`, decides how any excess is used. " +
			"A value date in the past recalculates the loan. Send an `Idempotency-Key` so that a retry does not pay twice.",
		refusals: slices.Concat([]fault.Code{loan.NotFound, servicing.NotActive, servicing.OverPayment, accounting.PeriodClosed, authority.Exceeded}, refusedReceived),
	}, func(in *registerPayment) bank.Command[servicing.Transaction] {
		return lending.ReceivePayment{LoanID: in.LoanID, Operation: servicing.Operation{Amount: in.Body.Amount, Kind: in.Body.Kind, ValueDate: in.Body.ValueDate, KeepExcess: in.Body.KeepExcess, Means: in.Body.means()}}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/recoveries", id: "recover_loan_api_v1_loans__loan_id__recoveries_post",
		tag: loansTag, summary: "Record a recovery", status: http.StatusCreated,
		about:    "Records money received for a written-off loan, up to its remaining debt.",
		refusals: slices.Concat([]fault.Code{loan.NotFound, servicing.NotActive, servicing.OverPayment, accounting.PeriodClosed, authority.Exceeded}, refusedReceived),
	}, func(in *recoverLoan) bank.Command[servicing.Transaction] {
		return lending.RecoverLoan{LoanID: in.LoanID, Amount: in.Body.Amount, ValueDate: in.Body.ValueDate, Means: in.Body.means()}
	}),
}

// serviceOperations change what a loan owes other than by payments.
var serviceOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/transactions/{transaction_id}/reversal",
		id:  "reverse_transaction_api_v1_loans__loan_id__transactions__transaction_id__reversal_post",
		tag: loansTag, summary: "Reverse a transaction", status: http.StatusCreated,
		about: "Reverses a transaction. The loan is recalculated without it and its journal entries are reversed. " +
			"The money goes back as it came in, unless the body names another method. It is refused if a later transaction would then be invalid. To undo a disbursement, cancel the loan.",
		refusals: slices.Concat([]fault.Code{loan.NotFound, servicing.TransactionNotFound, servicing.WrongState, servicing.NotActive, servicing.OverPayment, authority.Exceeded}, refusedPaid),
	}, func(in *reverseTransaction) bank.Command[servicing.Transaction] {
		return lending.ReverseTransaction{LoanID: in.LoanID, TransactionID: in.TransactionID, Reason: in.Body.Reason, Means: in.Body.means()}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/write-off", id: "write_off_loan_api_v1_loans__loan_id__write_off_post",
		tag: loansTag, summary: "Write off a loan", status: http.StatusCreated,
		about: "Writes off the whole debt of a loan on the current business date. Recoveries can still be recorded. " +
			"A loan that is overdue for fewer than `SOFIPO_WRITE_OFF_DAYS` days is written off only by a request. " + countsExposure,
		refusals: []fault.Code{loan.NotFound, servicing.NotActive, authority.Exceeded},
	}, func(in *writeOffLoan) bank.Command[servicing.Transaction] {
		return lending.WriteOffLoan{LoanID: in.LoanID}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/restructure", id: "restructure_loan_api_v1_loans__loan_id__restructure_post",
		tag: loansTag, summary: "Restructure a loan", status: http.StatusCreated,
		about: "Replaces the rate, the number of instalments and the due dates of a loan from the current business date. " +
			"Interest, fees and insurance owed are added to the first new instalment, except ordinary interest that is capitalised. " + countsExposure,
		refusals: []fault.Code{loan.NotFound, servicing.NotActive, authority.Exceeded},
	}, func(in *restructureLoan) bank.Command[servicing.Transaction] {
		b := in.Body
		return lending.RestructureLoan{LoanID: in.LoanID, Rate: b.AnnualRate, Periods: b.Periods, FirstDue: b.FirstDue, Capitalise: b.Capitalise}
	}),
}

// transactionReads are the operations that read the transactions of a loan.
var transactionReads = []operation{
	read[[]servicing.Transaction](operation{
		method: http.MethodGet, path: "/api/v1/loans/{loan_id}/payments", id: "read_payments_api_v1_loans__loan_id__payments_get",
		tag: loansTag, summary: "List a loan's payments", permission: loan.Read, public: true, status: http.StatusOK, effect: lists,
		about:    "Lists the payments of a loan, oldest first, including recoveries and reversed payments.",
		refusals: []fault.Code{loan.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *loanTransactions) ([]byte, id.ID, error) {
		p, err := v.Payments(ctx, by, in.LoanID, in.page())
		return appendList(nil, p.Items, appendTransaction), p.Next, err
	}),
	read[[]servicing.Transaction](operation{
		method: http.MethodGet, path: "/api/v1/loans/{loan_id}/transactions", id: "read_transactions_api_v1_loans__loan_id__transactions_get",
		tag: loansTag, summary: "List a loan's transactions", permission: loan.Read, public: true, status: http.StatusOK, effect: lists,
		about:    "Lists all transactions of a loan in the order in which they were registered. Transaction 0 is the disbursement.",
		refusals: []fault.Code{loan.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *loanTransactions) ([]byte, id.ID, error) {
		p, err := v.Transactions(ctx, by, in.LoanID, in.page())
		return appendList(nil, p.Items, appendTransaction), p.Next, err
	}),
	read[servicing.Transaction](operation{
		method: http.MethodGet, path: "/api/v1/loans/{loan_id}/transactions/{transaction_id}", id: "read_transaction_api_v1_loans__loan_id__transactions__transaction_id__get",
		tag: loansTag, summary: "Get a transaction", permission: loan.Read, public: true, status: http.StatusOK,
		about:    "Returns a transaction with its allocation and the balance after it.",
		refusals: []fault.Code{loan.NotFound, servicing.TransactionNotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *transactionByID) ([]byte, id.ID, error) {
		m, err := v.Transaction(ctx, by, in.LoanID, in.TransactionID)
		return appendTransaction(nil, m), id.ID{}, err
	}),
}

type registerPayment struct {
	filing
	LoanID id.ID `path:"loan_id"`
	Body   PaymentCreate
}

// PaymentCreate is the body of a request that records a payment.
type PaymentCreate struct {
	Amount     money.Amount   `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99"`
	Kind       servicing.Kind `json:"kind,omitempty" enum:"payment,prepayment,advance" doc:"Use of any excess over the amount due: payment (default) follows the product, prepayment (pago anticipado) reduces principal, advance (pago adelantado) is kept for future instalments."`
	ValueDate  civil.Date     `json:"value_date,omitzero" doc:"Value date: the business date, which is the default, or an earlier date in an open month."`
	KeepExcess bool           `json:"keep_excess,omitempty" default:"false" doc:"Whether money above the payoff amount is kept as unapplied funds, which can be refunded. Otherwise, unless the product keeps it, such a payment is refused."`
	MeansReceived
}

type recoverLoan struct {
	filing
	LoanID id.ID `path:"loan_id"`
	Body   RecoveryCreate
}

// RecoveryCreate is the body of a request that records a recovery.
type RecoveryCreate struct {
	Amount    money.Amount `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99"`
	ValueDate civil.Date   `json:"value_date,omitzero" doc:"Value date: the business date, which is the default, or an earlier date in an open month."`
	MeansReceived
}

type restructureLoan struct {
	filing
	LoanID id.ID `path:"loan_id"`
	Body   LoanRestructure
}

// LoanRestructure is the body of a restructure: the new terms.
type LoanRestructure struct {
	AnnualRate rate.Annual `json:"annual_rate" minimum:"0" maximum:"10" doc:"New annual rate as a fraction, within the product's limits." example:"0.18"`
	Periods    int         `json:"periods" minimum:"1" maximum:"1560" doc:"Number of new instalments, within the product's limits." example:"24"`
	FirstDue   civil.Date  `json:"first_due_date,omitzero" doc:"First new due date. Defaults to the loan's first due date at least half a period after the business date, so that the day of the month or week stays."`
	Capitalise bool        `json:"capitalise,omitempty" doc:"Whether to add the ordinary interest owed to the principal. The parties must have agreed to it (Código de Comercio, art. 363)."`
}

// LoanReversal is the body of a reversal.
type LoanReversal struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Reason, recorded in the event, at most 500 characters." example:"Registrado dos veces"`
	MeansPaid
}

type loanTransactions struct {
	LoanID id.ID `path:"loan_id"`
	pageInput
}

type transactionByID struct {
	loanByID
	TransactionID id.ID `path:"transaction_id"`
}

type writeOffLoan struct {
	filing
	loanByID
}

type reverseTransaction struct {
	filing
	LoanID        id.ID        `path:"loan_id"`
	TransactionID id.ID        `path:"transaction_id"`
	Body          LoanReversal `body:"optional"`
}
