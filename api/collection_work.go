package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/money"
	"sofipo/core/wire"
	"sofipo/document"
	"sofipo/view"
	"sofipo/web"
)

const collectionsTag = "Collections"

var _ = mount(71, slices.Concat(collectionWrites, collectionReads))

// collectionWrites register the collection work on one loan, and assign loans.
var collectionWrites = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/contacts", id: "register_contact_api_v1_loans__loan_id__contacts_post",
		tag: collectionsTag, summary: "Register a contact or a visit", status: http.StatusCreated,
		about: "Registers a contact, or a try, with the client of a loan. A call, message or visit outside the permitted hours is stored with `outside_hours` true. " +
			"A visit needs `address_kind` and may have coordinates.",
		refusals: []fault.Code{loan.NotFound, collections.NotCollectable},
	}, func(in *registerContact) bank.Command[collections.Contact] {
		b := in.Body
		return lending.RegisterContact{LoanID: in.LoanID, Contact: collections.Contact{
			Channel: b.Channel, Result: b.Result, At: given(b.At), Place: b.Place, Latitude: b.Latitude, Longitude: b.Longitude, Note: b.Note, Next: b.Next, NextOn: b.NextOn,
		}}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/promises", id: "promise_payment_api_v1_loans__loan_id__promises_post",
		tag: collectionsTag, summary: "Register a promise to pay", status: http.StatusCreated,
		about: "Registers the client's promise to pay an amount until a date. The close of that date marks it KEPT if the payments with a value date " +
			"from the promise until the date reach the amount, and otherwise BROKEN. A loan has at most one open promise.",
		refusals: []fault.Code{loan.NotFound, collections.NotCollectable, collections.PromiseOpen},
	}, func(in *promisePayment) bank.Command[collections.Promise] {
		return lending.PromisePayment{LoanID: in.LoanID, Amount: in.Body.Amount, Due: in.Body.Due}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/promises/{promise_id}/cancellation", id: "cancel_promise_api_v1_loans__loan_id__promises__promise_id__cancellation_post",
		tag: collectionsTag, summary: "Cancel a promise", status: http.StatusOK,
		about:    "Cancels an open promise until the end of its date.",
		refusals: []fault.Code{loan.NotFound, collections.PromiseNotFound, collections.PromiseDecided},
	}, func(in *cancelPromise) bank.Command[collections.Promise] {
		return lending.CancelPromise{LoanID: in.LoanID, PromiseID: in.PromiseID, Reason: in.Body.Reason}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/collection-notes", id: "add_collection_note_api_v1_loans__loan_id__collection_notes_post",
		tag: collectionsTag, summary: "Add a collection note", status: http.StatusCreated,
		about:    "Adds a note on the collection of a loan. Its text is in no event and no log.",
		refusals: []fault.Code{loan.NotFound},
	}, func(in *addCollectionNote) bank.Command[collections.Note] {
		return lending.AddCollectionNote{LoanID: in.LoanID, Text: in.Body.Text}
	}),
	write(operation{
		method: http.MethodPut, path: "/api/v1/loans/{loan_id}/collector", id: "assign_collector_api_v1_loans__loan_id__collector_put",
		tag: collectionsTag, summary: "Assign a collector", status: http.StatusOK,
		about:    "Makes a user the collector of a loan. An empty name leaves the loan without a collector.",
		refusals: []fault.Code{loan.NotFound, collections.CollectorUnknown},
	}, func(in *assignCollector) bank.Command[collections.Assignment] {
		return lending.AssignCollector{LoanID: in.LoanID, Collector: in.Body.Collector}
	}),
	plain[AssignmentsDone](operation{
		method: http.MethodPost, path: assignmentsPath, id: "assign_loans_api_v1_collections_assignments_post",
		tag: collectionsTag, summary: "Assign many loans to a collector", permission: collections.Assign, status: http.StatusOK, effect: writes,
		about: "Assigns each loan of a list to one collector, each by a command of its own. Loans that are refused are listed with the reason; the others are assigned. " +
			"Sending the same list again changes nothing.",
	}, assignLoans),
}

// collectionReads are the work list, its printed form, the history of a loan and the report.
var collectionReads = []operation{
	report(operation{
		path: "/api/v1/collections/work-list", id: "read_work_list_api_v1_collections_work_list_get", summary: "List loans to collect", permission: collections.Read,
		tag: collectionsTag, effect: lists,
		about: "Lists the overdue loans in order of priority: loans with a broken promise first, then most days past due, then largest overdue principal, as of the last closed day. " +
			"Amounts are of the business date. Loans that have paid since the last closed day are left out, so a page may have fewer loans than `limit`." + inFormats + " The table includes all loans, regardless of `limit`.",
		refusals: []fault.Code{accounting.NoDailyPositions},
	}, workListAnswer, workListTable),
	file(operation{
		path: "/api/v1/collections/visits.pdf", id: "read_visits_pdf_api_v1_collections_visits_pdf_get", summary: "Get a list of visits as PDF", permission: collections.Read,
		media: pdfMedia, refusals: []fault.Code{accounting.NoDailyPositions},
		about: "Returns the first loans of the work list on landscape pages, with room for the result of each visit. In Spanish.",
	}, visitList),
	plain[CollectionHistory](operation{
		method: http.MethodGet, path: "/api/v1/loans/{loan_id}/collection-history", id: "read_collection_history_api_v1_loans__loan_id__collection_history_get",
		tag: collectionsTag, summary: "List the collection work on a loan", permission: collections.Read, status: http.StatusOK, effect: lists,
		about:    "Lists the contacts, promises and notes of a loan, newest first.",
		refusals: []fault.Code{loan.NotFound},
	}, readCollectionHistory),
	report(operation{
		path: "/api/v1/reports/promises", id: "read_promises_api_v1_reports_promises_get", summary: "Get promises kept and broken by collector", permission: collections.Read,
		about: "Returns the promises to pay with a promised date in a period, by collector and status." + inFormats,
	}, promisesAnswer, promisesTable),
}

type registerContact struct {
	LoanID id.ID `path:"loan_id"`
	Body   ContactCreate
}

// ContactCreate is the body of a request that registers a contact.
type ContactCreate struct {
	Channel   collections.Channel `json:"channel" enum:"call,message,email,visit,letter" doc:"Channel of the contact." example:"call"`
	Result    collections.Result  `json:"result" enum:"reached,promises,refuses,disputes,claims_paid,other_person,not_reached,wrong_number,wrong_address,sent,returned" doc:"Result code. Not every channel has every result." example:"reached"`
	At        *time.Time          `json:"contacted_at,omitempty" doc:"Time of the contact, in the last 31 days. Defaults to now."`
	Place     collections.Place   `json:"address_kind,omitempty" enum:"home,work,guarantor,other" doc:"Kind of address. Required for a visit, not accepted otherwise."`
	Latitude  collections.Degrees `json:"latitude,omitempty" doc:"Latitude of a visit in degrees, at most six decimals." example:"19.432608"`
	Longitude collections.Degrees `json:"longitude,omitempty" doc:"Longitude of a visit in degrees, at most six decimals." example:"-99.133209"`
	Note      string              `json:"note,omitempty" maxLength:"2000" doc:"Note, at most 2000 characters."`
	Next      collections.Channel `json:"next_channel,omitempty" enum:"call,message,email,visit,letter" doc:"Planned next contact. Requires next_on."`
	NextOn    civil.Date          `json:"next_on,omitzero" doc:"Date of the planned next contact, at most 90 days ahead. Requires next_channel."`
}

type promisePayment struct {
	LoanID id.ID `path:"loan_id"`
	Body   PromiseCreate
}

// PromiseCreate is the body of a request that registers a promise to pay.
type PromiseCreate struct {
	Amount money.Amount `json:"amount" exclusiveMinimum:"0" doc:"Promised amount in pesos, at most the payoff amount of the loan."`
	Due    civil.Date   `json:"promised_on" doc:"Last date for the payments: the business date or one of the next 90 days." example:"2026-12-15"`
}

type cancelPromise struct {
	LoanID    id.ID  `path:"loan_id"`
	PromiseID id.ID  `path:"promise_id" doc:"Promise id."`
	Body      Reason `body:"optional"`
}

type addCollectionNote struct {
	LoanID id.ID `path:"loan_id"`
	Body   CollectionNoteCreate
}

// CollectionNoteCreate is the body of a request that adds a collection note.
type CollectionNoteCreate struct {
	Text string `json:"note" maxLength:"2000" doc:"Text, 1 to 2000 characters." example:"Cambió de trabajo; pide que se le llame por la tarde"`
}

type assignCollector struct {
	LoanID id.ID `path:"loan_id"`
	Body   CollectorChoice
}

// CollectorChoice is the body of a request that assigns a loan.
type CollectorChoice struct {
	Collector string `json:"collector" doc:"User name of the collector. Empty for nobody." example:"carla"`
}

type assignLoansInput struct {
	Body LoansToAssign
}

// LoansToAssign is the body of a request that assigns many loans.
type LoansToAssign struct {
	Collector string  `json:"collector" doc:"User name of the collector. Empty for nobody." example:"carla"`
	Loans     []id.ID `json:"loans" maxItems:"1000" doc:"Loan ids, at most 1,000."`
}

// AssignmentsDone is the result of an assignment of many loans.
type AssignmentsDone struct {
	Assigned int                 `json:"assigned" doc:"Number of loans that now have the collector."`
	Refused  []RefusedAssignment `json:"refused" doc:"Loans that were refused, in the order of the request."`
}

// RefusedAssignment is a loan that could not be assigned.
type RefusedAssignment struct {
	Loan   id.ID  `json:"loan_id" doc:"Loan id."`
	Code   string `json:"code" doc:"Stable error code." example:"loan_not_found"`
	Detail string `json:"detail" doc:"Error in English." example:"Loan not found"`
}

const assignmentsPath = "/api/v1/collections/assignments"

// assignLoans starts a command for each loan and waits for all of them. With an idempotency
// key, each command has its own, made from that of the request.
func assignLoans(s *server, c *call, in *assignLoansInput) error {
	by, flaws := c.by("POST "+assignmentsPath, in, nil)
	if len(flaws) > 0 {
		return fault.Wrong(flaws...)
	}
	ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
	defer cancel()
	done := AssignmentsDone{Refused: []RefusedAssignment{}}
	for part := range slices.Chunk(in.Body.Loans, assignmentsAtOnce) {
		started := make([]bank.Started[collections.Assignment], len(part))
		failed := make([]error, len(part))
		for i, loanID := range part {
			one := by
			if by.Key != "" {
				one.Key += " " + loanID.String()
			}
			started[i], failed[i] = bank.Start(ctx, s.Bank, one, bank.Command[collections.Assignment](lending.AssignCollector{LoanID: loanID, Collector: in.Body.Collector}))
		}
		for i, loanID := range part {
			var receipt bank.Receipt[collections.Assignment]
			err := failed[i]
			if err == nil {
				receipt, err = started[i].Wait()
			}
			var refusal *fault.Error
			switch {
			case err == nil:
				done.Assigned++
				c.mark(receipt.Token, receipt.Replayed)
			case errors.As(err, &refusal) && refusal.Code != fault.Unavailable:
				done.Refused = append(done.Refused, RefusedAssignment{loanID, string(refusal.Code), web.Detail(refusal)})
			default:
				return err
			}
		}
	}
	c.answer(http.StatusOK, wire.JSON(nil, done))
	return nil
}

// assignmentsAtOnce is how many assignments wait in the queue at a time, so that payments do
// not wait behind a long list.
const assignmentsAtOnce = 50

// WorkList is one page of the overdue loans to work on.
type WorkList struct {
	Date    civil.Date `json:"date" doc:"Business date of the amounts."`
	Ordered civil.Date `json:"ordered_by_day" doc:"Last closed day. Its days past due and overdue principal give the order."`
	Loans   []WorkItem `json:"loans" doc:"Loans of this page, in order of priority."`
}

// WorkItem is an overdue loan to work on.
type WorkItem struct {
	Loan        id.ID                `json:"loan_id" doc:"Loan id."`
	Number      string               `json:"loan_number" doc:"Number of the loan." example:"P-100-014"`
	Client      id.ID                `json:"client_id" doc:"Client id."`
	Name        string               `json:"client_name" doc:"Name of the client."`
	RFC         string               `json:"client_rfc" doc:"RFC of the client."`
	Product     string               `json:"product" doc:"Product code."`
	BranchID    id.ID                `json:"branch_id" doc:"Branch of the loan."`
	Officer     string               `json:"officer" doc:"User name of the loan officer. Empty for nobody."`
	Collector   string               `json:"collector" doc:"User name of the collector. Empty for nobody."`
	Bucket      string               `json:"bucket" doc:"Range of days past due."`
	DaysPastDue int                  `json:"days_past_due" doc:"Days since the due date of the oldest unpaid instalment."`
	OldestDue   civil.Date           `json:"oldest_due_date" doc:"Due date of the oldest unpaid instalment."`
	Instalments int                  `json:"overdue_instalments" doc:"Number of overdue instalments."`
	Overdue     money.Amount         `json:"overdue" doc:"Overdue amount including penalty interest, in pesos."`
	Broken      bool                 `json:"broken_promise" doc:"Whether a promise was broken in the last 90 days and no later one was made."`
	Contact     *collections.Contact `json:"last_contact,omitempty" doc:"Last contact. Absent if there is none."`
	Promise     *collections.Promise `json:"open_promise,omitempty" doc:"Open promise with the amount received so far. Absent if there is none."`
	Next        collections.Action   `json:"next_action" enum:"call,message,email,visit,letter,await_promise" doc:"Next action: await the open promise; otherwise what the last contact planned; otherwise the usual action for the days past due."`
	NextOn      civil.Date           `json:"next_on,omitzero" doc:"Date of the next action. Absent for the usual action."`
}

// workSelection selects loans of the work list.
type workSelection struct {
	Bucket     *string `query:"bucket" enum:"1-7,8-30,31-60,61-89,90-120,121-180,181+" doc:"Filter by range of days past due."`
	Product    *string `query:"product" doc:"Filter by product code." example:"seed"`
	Collector  *string `query:"collector" doc:"Filter by collector. Empty for loans without a collector." example:"carla"`
	Officer    *string `query:"officer" doc:"Filter by loan officer. Empty for loans without an officer." example:"ana"`
	Branch     *id.ID  `query:"branch_id" doc:"Filter by branch."`
	OnlyBroken bool    `query:"broken_promise" default:"false" doc:"Whether to list only loans with a broken promise."`
}

func (in *workSelection) which() view.Work {
	return view.Work{Late: view.Late{Bucket: given(in.Bucket), Product: given(in.Product)}, Collector: in.Collector, Officer: in.Officer, Branch: given(in.Branch), OnlyBroken: in.OnlyBroken}
}

type workListInput struct {
	workSelection
	pageOfLoans
	tableFormat
}

func workListAnswer(q reportRequest, in *workListInput) (WorkList, id.ID, error) {
	w, err := q.View.WorkList(q.ctx, q.by, in.which(), q.today(), in.page())
	return WorkList{w.Date, w.Ordered, each(w.Loans.Items, func(i view.WorkItem) WorkItem { return WorkItem(i) })}, w.Loans.Next, err
}

func workListTable(q reportRequest, in *workListInput) (document.File, error) {
	first, err := q.View.WorkList(q.ctx, q.by, in.which(), q.today(), view.Paging{Limit: 1})
	return q.issuer.WorkList(first.Date, func(part view.Paging) (view.Page[view.WorkItem], error) {
		w, err := q.View.WorkList(q.ctx, q.by, in.which(), q.today(), part)
		return w.Loans, err
	}), err
}

type visitsInput struct {
	workSelection
	Limit int64 `query:"limit" default:"50" minimum:"1" maximum:"200" doc:"Maximum number of loans."`
}

func visitList(s *server, c *call, in *visitsInput) (document.File, error) {
	by, err := c.viewer()
	if err != nil {
		return document.File{}, err
	}
	w, err := s.View.Visits(c.request.Context(), by, in.which(), s.today(), in.Limit)
	if err != nil {
		return document.File{}, err
	}
	issuer, err := s.issuer(c.request.Context(), by)
	if err == nil {
		for _, one := range w.Visits {
			c.viewed(one.Client, client.ViewedContact)
		}
		c.seen = id.ID{} // several clients
	}
	return issuer.Visits(w, given(in.Collector)), err
}

// CollectionHistory is one page of the collection work on a loan.
type CollectionHistory struct {
	Collector *collections.Assignment `json:"collector,omitempty" doc:"Collector of the loan. Absent for nobody."`
	Work      []CollectionRecord      `json:"work" doc:"Contacts, promises and notes of this page, newest first."`
}

// CollectionRecord is a contact, a promise or a note.
type CollectionRecord struct {
	ID      id.ID                `json:"id" doc:"Id of the contact, promise or note."`
	Kind    string               `json:"kind" enum:"contact,promise,note" doc:"Which of the members contact, promise and note is present."`
	MadeBy  string               `json:"made_by" doc:"User who registered it."`
	MadeAt  time.Time            `json:"made_at" doc:"Time of registration, UTC."`
	Contact *collections.Contact `json:"contact,omitempty" doc:"Contact."`
	Promise *collections.Promise `json:"promise,omitempty" doc:"Promise. An open one has the amount received so far."`
	Note    *collections.Note    `json:"note,omitempty" doc:"Note."`
}

func readCollectionHistory(s *server, c *call, in *collectionHistoryInput) error {
	by, err := c.viewer()
	if err != nil {
		return err
	}
	h, err := s.View.CollectionHistory(c.request.Context(), by, in.LoanID, s.today(), view.Paging{After: given(in.After), Limit: in.Limit})
	if err != nil {
		return err
	}
	c.linkNext(h.Work.Next)
	c.answer(http.StatusOK, wire.JSON(nil, CollectionHistory{h.Collector, each(h.Work.Items, recordOf)}))
	return nil
}

type collectionHistoryInput struct {
	loanByID
	Limit int64  `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Maximum number of results."`
	After *id.ID `query:"after" doc:"Return results after the one with this id. The Link header has the URL of the next page."`
	tableFormat
}

func recordOf(r view.CollectionRecord) CollectionRecord {
	kind := "note"
	switch {
	case r.Contact != nil:
		kind = "contact"
	case r.Promise != nil:
		kind = "promise"
	}
	return CollectionRecord{r.ID, kind, r.MadeBy, r.MadeAt, r.Contact, r.Promise, r.Note}
}

// PromiseReport has the promises to pay in a period, by collector.
type PromiseReport struct {
	From  civil.Date      `json:"from" doc:"First promised date."`
	To    civil.Date      `json:"to" doc:"Last promised date."`
	Rows  []PromiseCounts `json:"collectors" doc:"Promises by collector, ordered by name."`
	Total PromiseCounts   `json:"total" doc:"Total of all collectors."`
}

// PromiseCounts has the promises that a collector obtained.
type PromiseCounts struct {
	Collector       string       `json:"collector,omitempty" doc:"Collector of the loan when the promise was made, or else the user who registered it. Absent in the total."`
	Made            int64        `json:"made" doc:"Number of promises."`
	MadeAmount      money.Amount `json:"made_amount" doc:"Promised amount, in pesos."`
	Kept            int64        `json:"kept" doc:"Number of kept promises."`
	KeptAmount      money.Amount `json:"kept_amount" doc:"Amount of the kept promises, in pesos."`
	Broken          int64        `json:"broken" doc:"Number of broken promises."`
	BrokenAmount    money.Amount `json:"broken_amount" doc:"Amount of the broken promises, in pesos."`
	Cancelled       int64        `json:"cancelled" doc:"Number of cancelled promises."`
	CancelledAmount money.Amount `json:"cancelled_amount" doc:"Amount of the cancelled promises, in pesos."`
	Open            int64        `json:"open" doc:"Number of open promises."`
	OpenAmount      money.Amount `json:"open_amount" doc:"Amount of the open promises, in pesos."`
	Received        money.Amount `json:"received" doc:"Payments on the kept and broken promises, in pesos."`
}

type promisesInput struct {
	booksRange
	tableFormat
}

func (in *promisesInput) promises(q reportRequest) (view.PromiseReport, error) {
	from, to, err := in.days(q.today())
	if err != nil {
		return view.PromiseReport{}, err
	}
	return q.View.Promises(q.ctx, q.by, from, to)
}

func promisesAnswer(q reportRequest, in *promisesInput) (PromiseReport, id.ID, error) {
	r, err := in.promises(q)
	return PromiseReport{r.From, r.To, each(r.Rows, func(p view.PromiseRow) PromiseCounts { return PromiseCounts(p) }), PromiseCounts(r.Total)}, id.ID{}, err
}

func promisesTable(q reportRequest, in *promisesInput) (document.File, error) {
	r, err := in.promises(q)
	return q.issuer.Promises(r), err
}
