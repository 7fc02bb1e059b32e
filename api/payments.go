package api

import (
	"context"
	"net/http"

	"sofipo/bank"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/loan"
	"sofipo/core/money"
	"sofipo/infra/auth"
	"sofipo/view"
)

var paymentOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/payments", id: "register_payment_api_v1_loans__loan_id__payments_post",
		tag: loansTag, summary: "Register Payment", permission: auth.PaymentsReceive, status: http.StatusCreated,
		about:    "Receives a payment of at most the balance. A balance of zero pays the loan off. Send an Idempotency-Key: a repeated request then pays once.",
		refusals: []fault.Code{fault.LoanNotFound, fault.LoanNotActive, fault.OverPayment},
	}, func(in *registerPayment) bank.Command[loan.Payment] {
		return bank.ReceivePayment{LoanID: in.LoanID, Amount: in.Body.Amount}
	}),
	read[[]loan.Payment](operation{
		method: http.MethodGet, path: "/api/v1/loans/{loan_id}/payments", id: "read_payments_api_v1_loans__loan_id__payments_get",
		tag: loansTag, summary: "Read Payments", permission: auth.LoansRead, public: true, status: http.StatusOK, effect: pages,
		about:    "Lists the payments of a loan, oldest first.",
		refusals: []fault.Code{fault.LoanNotFound},
	}, func(ctx context.Context, v *view.View, in *loanPayments, need uint64) ([]byte, id.ID, error) {
		return v.Payments(ctx, in.LoanID, in.page(), need)
	}),
}

type registerPayment struct {
	LoanID id.ID `path:"loan_id"`
	Body   PaymentCreate
}

// PaymentCreate is what is paid.
type PaymentCreate struct {
	Amount money.Amount `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99"`
}

type loanPayments struct {
	LoanID id.ID `path:"loan_id"`
	pageInput
}
