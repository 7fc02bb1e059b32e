package api

import (
	"context"
	"net/http"
	"slices"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/accounting"
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

var paymentOperations = slices.Concat(receiveOperations, serviceOperations, transactionQuestions)

// receiveOperations take money for a loan.
var receiveOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/payments", id: "register_payment_api_v1_loans__loan_id__payments_post",
		tag: loansTag, summary: "Register Payment", status: http.StatusCreated,
		about: "Receives a payment of at most the payoff, which a refusal tells. It pays what is due in the product's order; what becomes of more is for the product, " +
			"or for kind, to say. A value date in the past computes the loan anew. Send an Idempotency-Key: a repeated request then pays once.",
		refusals: []fault.Code{loan.NotFound, servicing.NotActive, servicing.OverPayment, accounting.PeriodClosed},
	}, func(in *registerPayment) bank.Command[servicing.Transaction] {
		return lending.ReceivePayment{LoanID: in.LoanID, Operation: servicing.Operation{Amount: in.Body.Amount, Kind: in.Body.Kind, ValueDate: in.Body.ValueDate}}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/recoveries", id: "recover_loan_api_v1_loans__loan_id__recoveries_post",
		tag: loansTag, summary: "Recover Loan", status: http.StatusCreated,
		about:    "Receives money for a loan that was written off, of at most what is left of its debt.",
		refusals: []fault.Code{loan.NotFound, servicing.NotActive, servicing.OverPayment, accounting.PeriodClosed},
	}, func(in *recoverLoan) bank.Command[servicing.Transaction] {
		return lending.RecoverLoan{LoanID: in.LoanID, Amount: in.Body.Amount, ValueDate: in.Body.ValueDate}
	}),
}

// serviceOperations change what a loan owes otherwise.
var serviceOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/transactions/{transaction_id}/reversal",
		id:  "reverse_transaction_api_v1_loans__loan_id__transactions__transaction_id__reversal_post",
		tag: loansTag, summary: "Reverse Transaction", status: http.StatusCreated,
		about: "Takes a transaction back: the loan is then what it would be without it, and its entries are mirrored. " +
			"Refused if a later transaction would not fit any more; a disbursement is cancelled instead.",
		refusals: []fault.Code{loan.NotFound, servicing.TransactionNotFound, servicing.WrongState, servicing.NotActive, servicing.OverPayment},
	}, func(in *reverseTransaction) bank.Command[servicing.Transaction] {
		return lending.ReverseTransaction{LoanID: in.LoanID, TransactionID: in.TransactionID, Reason: in.Body.Reason}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/write-off", id: "write_off_loan_api_v1_loans__loan_id__write_off_post",
		tag: loansTag, summary: "Write Off Loan", status: http.StatusCreated,
		about:    "Takes a loan out of the portfolio today with its whole debt, which may still be recovered.",
		refusals: []fault.Code{loan.NotFound, servicing.NotActive},
	}, func(in *loanByID) bank.Command[servicing.Transaction] { return lending.WriteOffLoan{LoanID: in.LoanID} }),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/restructure", id: "restructure_loan_api_v1_loans__loan_id__restructure_post",
		tag: loansTag, summary: "Restructure Loan", status: http.StatusCreated,
		about: "Gives a loan another rate, number of instalments and due dates from today on. What it owes besides principal is asked for with the first new instalment, " +
			"but for its ordinary interest if that is capitalised.",
		refusals: []fault.Code{loan.NotFound, servicing.NotActive},
	}, func(in *restructureLoan) bank.Command[servicing.Transaction] {
		b := in.Body
		return lending.RestructureLoan{LoanID: in.LoanID, Rate: b.AnnualRate, Periods: b.Periods, FirstDue: b.FirstDue, Capitalise: b.Capitalise}
	}),
}

// transactionQuestions tell what was done to a loan.
var transactionQuestions = []operation{
	read[[]servicing.Transaction](operation{
		method: http.MethodGet, path: "/api/v1/loans/{loan_id}/payments", id: "read_payments_api_v1_loans__loan_id__payments_get",
		tag: loansTag, summary: "Read Payments", permission: loan.Read, public: true, status: http.StatusOK, effect: pages,
		about:    "Lists what the client paid for a loan, recoveries and reversed payments too, oldest first.",
		refusals: []fault.Code{loan.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *loanTransactions) ([]byte, id.ID, error) {
		p, err := v.Payments(ctx, by, in.LoanID, in.page())
		return appendList(nil, p.Items, appendTransaction), p.Next, err
	}),
	read[[]servicing.Transaction](operation{
		method: http.MethodGet, path: "/api/v1/loans/{loan_id}/transactions", id: "read_transactions_api_v1_loans__loan_id__transactions_get",
		tag: loansTag, summary: "Read Transactions", permission: loan.Read, public: true, status: http.StatusOK, effect: pages,
		about:    "Lists all that was done to a loan, in the order in which it was registered: number 0 is the disbursement.",
		refusals: []fault.Code{loan.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *loanTransactions) ([]byte, id.ID, error) {
		p, err := v.Transactions(ctx, by, in.LoanID, in.page())
		return appendList(nil, p.Items, appendTransaction), p.Next, err
	}),
	read[servicing.Transaction](operation{
		method: http.MethodGet, path: "/api/v1/loans/{loan_id}/transactions/{transaction_id}", id: "read_transaction_api_v1_loans__loan_id__transactions__transaction_id__get",
		tag: loansTag, summary: "Read Transaction", permission: loan.Read, public: true, status: http.StatusOK,
		refusals: []fault.Code{loan.NotFound, servicing.TransactionNotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *transactionByID) ([]byte, id.ID, error) {
		m, err := v.Transaction(ctx, by, in.LoanID, in.TransactionID)
		return appendTransaction(nil, m), id.ID{}, err
	}),
}

type registerPayment struct {
	LoanID id.ID `path:"loan_id"`
	Body   PaymentCreate
}

// PaymentCreate is what is paid.
type PaymentCreate struct {
	Amount    money.Amount   `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99"`
	Kind      servicing.Kind `json:"kind,omitempty" enum:"payment,prepayment,advance" doc:"What becomes of money above what is due: the product's rule (payment, the default), it reduces principal (prepayment), or it waits for the coming instalments (advance)."`
	ValueDate civil.Date     `json:"value_date,omitzero" doc:"The day for which it counts: today, which is the default, or a day in the past whose month is not closed."`
}

type recoverLoan struct {
	LoanID id.ID          `path:"loan_id"`
	Body   RecoveryCreate `unknown:"refused"`
}

// RecoveryCreate is what is paid for a loan that was written off.
type RecoveryCreate struct {
	Amount    money.Amount `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99"`
	ValueDate civil.Date   `json:"value_date,omitzero" doc:"The day for which it counts: today, which is the default, or a day in the past whose month is not closed."`
}

type restructureLoan struct {
	LoanID id.ID           `path:"loan_id"`
	Body   LoanRestructure `unknown:"refused"`
}

// LoanRestructure is what a loan is restructured to.
type LoanRestructure struct {
	AnnualRate rate.Annual `json:"annual_rate" minimum:"0" maximum:"10" doc:"The annual rate as a fraction, within the product's limits." example:"0.18"`
	Periods    int         `json:"periods" minimum:"1" maximum:"1560" doc:"The number of new instalments, within the product's limits." example:"24"`
	FirstDue   civil.Date  `json:"first_due_date,omitzero" doc:"The first new due date; one period from today if left out."`
	Capitalise bool        `json:"capitalise,omitempty" doc:"The ordinary interest owed becomes principal, which the parties must have agreed to (Código de Comercio 363)."`
}

type loanTransactions struct {
	LoanID id.ID `path:"loan_id"`
	pageInput
}

type transactionByID struct {
	loanByID
	TransactionID id.ID `path:"transaction_id"`
}

type reverseTransaction struct {
	LoanID        id.ID  `path:"loan_id"`
	TransactionID id.ID  `path:"transaction_id"`
	Body          Reason `body:"optional" unknown:"refused"`
}
