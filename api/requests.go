package api

import (
	"context"
	"net/http"
	"slices"

	"sofipo/bank"
	deciding "sofipo/bank/authority"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/view"
)

const authorityTag = "Authority"

var _ = mount(31, slices.Concat(requestReads, requestDecisions))

// requestReads are the operations that read what waits for a decision.
var requestReads = []operation{
	asked(operation{
		path: "/api/v1/inbox", id: "read_inbox_api_v1_inbox_get",
		tag: authorityTag, summary: "List what waits for you", permission: authority.Read, effect: lists,
		about: "Lists what the user may decide now, oldest first: requests, loan applications and proposed manual entries. " +
			"It leaves out what the user made, what is outside the scope of the role, and what needs a permission or a limit that the role does not have.",
	}, func(ctx context.Context, s *server, by view.By, in *inboxInput) ([]view.Waiting, id.ID, error) {
		return listed(s.View.Inbox(ctx, by, view.InboxQuery{Branch: given(in.BranchID), Today: s.today(), Paging: in.page()}))
	}),
	asked(operation{
		path: "/api/v1/requests", id: "read_requests_api_v1_requests_get",
		tag: authorityTag, summary: "List requests", permission: authority.Read, effect: lists,
		about: "Lists the requests in the scope of the role in the order in which they were filed.",
	}, func(ctx context.Context, s *server, by view.By, in *requestsInput) ([]authority.Request, id.ID, error) {
		return listed(s.View.Requests(ctx, by, view.RequestQuery{
			State: authority.State(given(in.State)), FiledBy: given(in.FiledBy), Client: given(in.ClientID), Branch: given(in.BranchID), Today: s.today(), Paging: in.page(),
		}))
	}),
	asked(operation{
		path: "/api/v1/requests/{request_id}", id: "read_request_api_v1_requests__request_id__get",
		tag: authorityTag, summary: "Get a request", permission: authority.Read,
		about:    "Returns a request in any state.",
		refusals: []fault.Code{authority.RequestNotFound},
	}, func(ctx context.Context, s *server, by view.By, in *requestByID) (authority.Request, id.ID, error) {
		r, err := s.View.Request(ctx, by, in.RequestID, s.today())
		return r, id.ID{}, err
	}),
}

// listed returns the items of a page, never nil, and the id of the last one if there is a next
// page.
func listed[T any](p view.Page[T], err error) ([]T, id.ID, error) {
	if p.Items == nil {
		p.Items = []T{}
	}
	return p.Items, p.Next, err
}

// requestDecisions are the operations that decide a request.
var requestDecisions = []operation{
	writeFound(operation{
		method: http.MethodPost, path: "/api/v1/requests/{request_id}/approval", id: "approve_request_api_v1_requests__request_id__approval_post",
		tag: authorityTag, summary: "Approve a request", permission: authority.Judge, status: http.StatusOK,
		about: "Approves a request and carries out its operation in the same transaction. The approver must not be the person who filed it, " +
			"and needs the limit that the operation needs now, or its permission if it has no limit. The answer has the request and the answer of the operation.",
		refusals: []fault.Code{authority.RequestNotFound, authority.RequestDecided, authority.RequestOutdated, authority.Exceeded, access.FourEyes},
	}, func(ctx context.Context, s *server, in *decideRequest) (bank.Command[deciding.Carried], error) {
		order, err := deciding.Find(ctx, s.Bank, in.RequestID)
		return deciding.ApproveRequest{ID: in.RequestID, Order: order, Reason: in.Body.Reason}, err
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/requests/{request_id}/rejection", id: "reject_request_api_v1_requests__request_id__rejection_post",
		tag: authorityTag, summary: "Reject a request", status: http.StatusOK,
		about:    "Rejects a request of another person with a reason. The role needs the limit that the approval needs.",
		refusals: []fault.Code{authority.RequestNotFound, authority.RequestDecided, authority.Exceeded, access.FourEyes},
	}, func(in *rejectRequest) bank.Command[authority.Request] {
		return deciding.RejectRequest{ID: in.RequestID, Reason: in.Body.Reason}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/requests/{request_id}/withdrawal", id: "withdraw_request_api_v1_requests__request_id__withdrawal_post",
		tag: authorityTag, summary: "Withdraw a request", status: http.StatusOK,
		about:    "Withdraws a request that the user filed.",
		refusals: []fault.Code{authority.RequestNotFound, authority.RequestDecided, access.FourEyes},
	}, func(in *decideRequest) bank.Command[authority.Request] {
		return deciding.WithdrawRequest{ID: in.RequestID, Reason: in.Body.Reason}
	}),
}

// filing is a part of the input of each operation whose command can be filed as a request.
type filing struct {
	RequestReason *string `query:"request_reason" json:",omitempty" doc:"Files the operation as a request for the approval of another person, with this reason, instead of carrying it out. The response is then 202 with the request, and its URL in Location. The operation must have a limit of authority." example:"Cliente con buen historial"`
}

func (f *filing) reason() *string { return f.RequestReason }

// filed returns the reason if an input asks to file its command as a request.
func filed(input any) (reason string, files bool) {
	if f, can := input.(interface{ reason() *string }); can && f.reason() != nil {
		return *f.reason(), true
	}
	return "", false
}

// fileRequest returns the command that files a command.
func fileRequest[Out any](c bank.Command[Out], reason string) bank.Command[authority.Request] {
	order, can := bank.OrderOf(c)
	if !can {
		panic("api: the command " + c.Name() + " cannot be filed") // its input has no filing
	}
	return deciding.FileRequest{Order: order, Reason: reason}
}

// file files a request and responds with it.
func (c *call) file(ctx context.Context, by bank.By, command bank.Command[authority.Request]) error {
	receipt, err := bank.Do(ctx, c.server.Bank, by, command)
	if err != nil {
		return c.named(err)
	}
	c.mark(receipt.Token, receipt.Replayed)
	c.Header().Set("Location", "/api/v1/requests/"+receipt.Answer.ID.String())
	c.answer(http.StatusAccepted, receipt.Answer.AppendJSON(make([]byte, 0, 512)))
	return nil
}

type requestByID struct {
	RequestID id.ID `path:"request_id" doc:"Request id."`
}

type decideRequest struct {
	requestByID
	Body DecisionReason `body:"optional"`
}

// DecisionReason is the body of a decision that may have a reason.
type DecisionReason struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Reason, kept with the request, at most 500 characters." example:"Comité del 23 de noviembre"`
}

type rejectRequest struct {
	requestByID
	Body Rejection
}

// Rejection is the body of a decision that needs a reason.
type Rejection struct {
	Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"Reason, kept with the request, 1 to 500 characters." example:"Falta comprobante de ingresos"`
}

type inboxInput struct {
	Limit int64  `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Maximum number of results."`
	After *id.ID `query:"after" doc:"Return results after the one with this id. The Link header has the URL of the next page."`

	BranchID *id.ID `query:"branch_id" doc:"Filter by branch. Manual entries belong to the head office."`
	tableFormat
}

func (in *inboxInput) page() view.Paging {
	return view.Paging{After: given(in.After), Limit: in.Limit}
}

type requestsInput struct {
	State    *string `query:"state" enum:"WAITING,APPROVED,REJECTED,WITHDRAWN,EXPIRED" doc:"Filter by state."`
	FiledBy  *string `query:"filed_by" doc:"Filter by the user who filed the request." example:"ana"`
	ClientID *id.ID  `query:"client_id" doc:"Filter by client."`
	inboxInput
}
