package api

import (
	"context"
	"net/http"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/view"
)

var statementOperations = []operation{
	read[view.Statement](operation{
		method: http.MethodGet, path: "/api/v1/loans/clients/{client_id}/account-statement",
		id:  "get_client_account_statement_api_v1_loans_clients__client_id__account_statement_get",
		tag: loansTag, summary: "Get Client Account Statement", permission: loan.Statements, public: true, status: http.StatusOK,
		about:    "A client's loans that owe by a schedule (ACTIVE or RESTRUCTURED), and the payments of all loans, reversed ones too, newest first.",
		refusals: []fault.Code{fault.ClientNotFound},
	}, func(ctx context.Context, v *view.View, in *clientByID, need uint64) ([]byte, id.ID, error) {
		body, err := v.Statement(ctx, in.ClientID, need)
		return body, id.ID{}, err
	}),
}
