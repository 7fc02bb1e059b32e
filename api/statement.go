package api

import (
	"context"
	"net/http"

	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/view"
)

var _ = mount(70, statementOperations)

var statementOperations = []operation{
	read[AccountStatement](operation{
		method: http.MethodGet, path: "/api/v1/loans/clients/{client_id}/account-statement",
		id: "get_client_account_statement_api_v1_loans_clients__client_id__account_statement_get", seed: true,
		tag: loansTag, summary: "Get Client Account Statement", permission: loan.Statements, public: true, status: http.StatusOK,
		about:    "Returns a client's ACTIVE and RESTRUCTURED loans, and the payments of all loans, newest first, including reversed payments.",
		refusals: []fault.Code{client.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *clientByID) ([]byte, id.ID, error) {
		return cachedBody(v.Statement(ctx, by, in.ClientID, statementCodec))
	}),
}

// AccountStatement is the JSON form of view.Statement. appendStatement writes it.
type AccountStatement struct {
	ClientID       id.ID                   `json:"client_id"`
	FullName       string                  `json:"full_name"`
	Email          string                  `json:"email"`
	RFC            string                  `json:"rfc"`
	ActiveLoans    []loan.Loan             `json:"active_loans"`
	PaymentHistory []servicing.Transaction `json:"payment_history"`
}
