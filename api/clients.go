package api

import (
	"context"
	"net/http"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/staff"
	"sofipo/view"
)

var _ = mount(20, clientOperations)

var clientOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/clients/", id: "create_client_api_v1_clients__post", seed: true,
		tag: "Clients", summary: "Create Client", status: http.StatusCreated,
		about:    "Registers a client. The RFC is converted to upper case, without spaces and hyphens, and its format is validated. The domain of the email address is converted to lower case.",
		refusals: []fault.Code{client.RFCTaken, client.EmailTaken, staff.BranchClosed},
	}, func(in *createClient) bank.Command[client.Client] {
		return &clients.RegisterClient{FullName: in.Body.FullName, Email: in.Body.Email, RFC: in.Body.RFC}
	}),
	plain[[]client.Client](operation{
		method: http.MethodGet, path: "/api/v1/clients/", id: "read_clients_api_v1_clients__get", seed: true,
		tag: "Clients", summary: "Read Clients", permission: client.Read, public: true, status: http.StatusOK, effect: lists,
		about: "Lists clients in the order in which they were registered, within the scope of the user's role." + limitedPages,
	}, listClients),
	read[client.Client](operation{
		method: http.MethodGet, path: "/api/v1/clients/{client_rfc}", id: "read_client_by_rfc_api_v1_clients__client_rfc__get", seed: true,
		tag: "Clients", summary: "Read Client By Rfc", permission: client.Read, public: true, status: http.StatusOK,
		about:    "Finds a client by RFC. Upper and lower case are equivalent. Several clients may have a generic RFC (XAXX010101000, XEXX010101000).",
		refusals: []fault.Code{client.NotFound, client.RFCNotUnique},
	}, func(ctx context.Context, v *view.View, by view.By, in *clientByRFC) ([]byte, id.ID, error) {
		return cachedBody(v.Client(ctx, by, in.RFC, clientCodec))
	}),
	write(operation{
		method: http.MethodPut, path: "/api/v1/clients/{client_id}", id: "update_client_api_v1_clients__client_id__put", seed: true,
		tag: "Clients", summary: "Update Client", status: http.StatusOK,
		about:    "Changes the name, the email address or the RFC. Omitted fields keep their value. The name and the RFC of a client with a file are changed in the file.",
		refusals: []fault.Code{client.NotFound, client.RFCTaken, client.EmailTaken, client.NamedInFile},
	}, func(in *updateClient) bank.Command[client.Client] {
		return &clients.UpdateClient{ID: in.ClientID, Changes: client.Changes(in.Body)}
	}),
	write(operation{
		method: http.MethodDelete, path: "/api/v1/clients/{client_id}", id: "delete_client_api_v1_clients__client_id__delete",
		tag: "Clients", summary: "Delete a client", status: http.StatusNoContent,
		about:    "Deletes a client without loans. A client with loans in any state, or with documents in the file, cannot be deleted.",
		refusals: []fault.Code{client.NotFound, client.HasLoans, client.HasDocuments},
	}, func(in *clientByID) bank.Command[client.Client] { return clients.DeleteClient{ID: in.ClientID} }),
	read[[]loan.Loan](operation{
		method: http.MethodGet, path: "/api/v1/clients/{client_id}/loans", id: "read_client_loans_api_v1_clients__client_id__loans_get",
		tag: "Clients", summary: "List a client's loans", permission: loan.Read, public: true, status: http.StatusOK,
		about:    "Lists all loans of a client, in any state, in the order of their applications.",
		refusals: []fault.Code{client.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *rowsOfOneClient) ([]byte, id.ID, error) {
		return cachedBody(v.ClientLoans(ctx, by, in.ClientID, loansCodec))
	}),
}

type createClient struct {
	Body ClientCreate `file:"POST /api/v1/clients/files"`
}

// ClientCreate is the body of a request that registers a client.
type ClientCreate struct {
	FullName string `json:"full_name" maxLength:"255"`
	Email    string `json:"email" format:"email" maxLength:"254"`
	RFC      string `json:"rfc" minLength:"12" maxLength:"13"`
}

type updateClient struct {
	ClientID id.ID        `path:"client_id"`
	Body     ClientUpdate `file:"PUT /api/v1/clients/{client_id}/file"`
}

// ClientUpdate is the body of a request that changes a client.
type ClientUpdate struct {
	FullName *string `json:"full_name,omitempty" maxLength:"255"`
	Email    *string `json:"email,omitempty" format:"email" maxLength:"254"`
	RFC      *string `json:"rfc,omitempty" minLength:"12" maxLength:"13"`
}

type clientByID struct {
	ClientID id.ID `path:"client_id"`
}

// rowsOfOneClient selects a client for a list without pages.
type rowsOfOneClient struct {
	clientByID
	tableFormat
}

type clientByRFC struct {
	RFC string `path:"client_rfc"`
}

// pageInput selects a page of a list.
type pageInput struct {
	Skip  int64  `query:"skip" default:"0" minimum:"0" maximum:"9007199254740991" doc:"Number of results to skip. Slow for large values; follow the Link header instead."`
	Limit int64  `query:"limit" default:"100" minimum:"0" maximum:"1000" doc:"Maximum number of results."`
	After *id.ID `query:"after" doc:"Return results after the one with this id. The Link header has the URL of the next page."`
	tableFormat
}

func (p *pageInput) page() view.Paging {
	out := view.Paging{Skip: p.Skip, Limit: p.Limit}
	if p.After != nil {
		out.After = *p.After
	}
	return out
}
