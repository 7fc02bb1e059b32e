package api

import (
	"context"
	"net/http"

	"sofipo/bank"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/loan"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/infra/auth"
	"sofipo/view"
)

const loansTag = "Loans & Payments"

var loanOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/", id: "create_loan_api_v1_loans__post",
		tag: loansTag, summary: "Create Loan", permission: auth.LoansGrant, status: http.StatusCreated,
		about:    "Grants a loan to a client. It owes its whole amount from the start.",
		refusals: []fault.Code{fault.ClientNotFound},
	}, func(in *createLoan) bank.Command[loan.Loan] {
		terms := loan.Terms{Amount: in.Body.Amount, Rate: in.Body.InterestRate, TermMonths: in.Body.TermMonths}
		return bank.GrantLoan{ClientID: in.Body.ClientID, Terms: terms}
	}),
	read[loan.Loan](operation{
		method: http.MethodGet, path: "/api/v1/loans/{loan_id}", id: "read_loan_api_v1_loans__loan_id__get",
		tag: loansTag, summary: "Read Loan", permission: auth.LoansRead, public: true, status: http.StatusOK,
		refusals: []fault.Code{fault.LoanNotFound},
	}, func(ctx context.Context, v *view.View, in *loanByID, need uint64) ([]byte, id.ID, error) {
		body, err := v.Loan(ctx, in.LoanID, need)
		return body, id.ID{}, err
	}),
}

type createLoan struct {
	Body LoanCreate
}

// LoanCreate is what a loan is granted on.
type LoanCreate struct {
	Amount       money.Amount `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99"`
	InterestRate rate.Annual  `json:"interest_rate" minimum:"0" maximum:"1"`
	TermMonths   int64        `json:"term_months" exclusiveMinimum:"0"`
	ClientID     id.ID        `json:"client_id"`
}

type loanByID struct {
	LoanID id.ID `path:"loan_id"`
}
