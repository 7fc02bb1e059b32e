package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/wire"
	"sofipo/view"
)

const loansTag = "Loans & Payments"

var _ = mount(30, loanOperations)

var loanOperations = slices.Concat(grantOperations, editOperations, lifeOperations, loanReads)

// grantOperations create loans.
var grantOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/", id: "create_loan_api_v1_loans__post", seed: true,
		tag: loansTag, summary: "Create Loan", status: http.StatusCreated,
		about: "Applies for, approves and disburses a loan in one step, on the default product `seed`. " +
			"The product sets the interest, the schedule and the limits. " + countsExposure,
		refusals: []fault.Code{client.NotFound, product.NotFound, access.FourEyes, authority.Exceeded},
	}, func(in *createLoan) bank.Command[loan.Loan] {
		terms := loan.Terms{Amount: in.Body.Amount, Rate: in.Body.InterestRate, TermMonths: in.Body.TermMonths}
		return lending.GrantLoan{ClientID: in.Body.ClientID, Terms: terms}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/applications", id: "apply_for_loan_api_v1_loans_applications_post",
		tag: loansTag, summary: "Apply for a loan", status: http.StatusCreated,
		about:    "Applies for a loan on a product. The loan keeps the current version of the product. The terms are validated as if the loan were disbursed today.",
		refusals: []fault.Code{client.NotFound, product.NotFound},
	}, func(in *applyForLoan) bank.Command[loan.Loan] {
		b := in.Body
		return lending.ApplyForLoan{ClientID: b.ClientID, Product: b.Product, Amount: b.Amount, Rate: b.AnnualRate, Periods: b.Periods, FirstDue: b.FirstDue}
	}),
}

// countsExposure describes the amount that counts against a limit.
const countsExposure = "The limit of the role counts the client's whole exposure: outstanding principal, applications and written-off debt."

// editOperations change an application.
var editOperations = []operation{
	write(operation{
		method: http.MethodPut, path: "/api/v1/loans/{loan_id}/application", id: "edit_application_api_v1_loans__loan_id__application_put",
		tag: loansTag, summary: "Edit a loan application", status: http.StatusOK,
		about: "Replaces the product and the terms of an application that is not disbursed yet. An approved application loses its approval, and a returned one is sent again. " +
			"Whoever edited it may not approve it, as if he had applied for the loan.",
		refusals: []fault.Code{loan.NotFound, product.NotFound, servicing.WrongState},
	}, func(in *editApplication) bank.Command[loan.Loan] {
		b := in.Body
		return lending.EditApplication{LoanID: in.LoanID, Product: b.Product, Amount: b.Amount, Rate: b.AnnualRate, Periods: b.Periods, FirstDue: b.FirstDue}
	}),
}

// lifeOperations change the status of a loan.
var lifeOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/approval", id: "approve_loan_api_v1_loans__loan_id__approval_post",
		tag: loansTag, summary: "Approve a loan", status: http.StatusOK,
		about:    "Approves an application. Who applied or edited the application approves it only up to the product's `approval_limit` and the own limit `alone`. " + countsExposure,
		refusals: []fault.Code{loan.NotFound, servicing.WrongState, access.FourEyes, authority.Exceeded},
	}, func(in *loanByID) bank.Command[loan.Loan] { return lending.ApproveLoan{LoanID: in.LoanID} }),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/rejection", id: "reject_loan_api_v1_loans__loan_id__rejection_post",
		tag: loansTag, summary: "Reject a loan", status: http.StatusOK,
		about:    "Rejects an application. The reason is recorded in the event.",
		refusals: []fault.Code{loan.NotFound, servicing.WrongState},
	}, func(in *loanWithReason) bank.Command[loan.Loan] {
		return lending.RejectLoan{LoanID: in.LoanID, Reason: in.Body.Reason}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/return", id: "return_loan_api_v1_loans__loan_id__return_post",
		tag: loansTag, summary: "Return a loan application", status: http.StatusOK,
		about: "Sends an application back to its officer for correction. An approved application loses its approval. Editing the application sends it again. " +
			"The reason is required and is recorded in the event and in the steps of the application.",
		refusals: []fault.Code{loan.NotFound, servicing.WrongState},
	}, func(in *loanWithReason) bank.Command[loan.Loan] {
		return lending.ReturnLoan{LoanID: in.LoanID, Reason: in.Body.Reason}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/disbursement", id: "disburse_loan_api_v1_loans__loan_id__disbursement_post",
		tag: loansTag, summary: "Disburse a loan", status: http.StatusOK,
		about:    "Disburses an approved loan on the current business date and stores its schedule as the contract. Who approved it also needs the limit `alone`. " + countsExposure,
		refusals: slices.Concat([]fault.Code{loan.NotFound, servicing.WrongState, authority.Exceeded}, refusedPaid),
	}, func(in *disburseLoan) bank.Command[loan.Loan] {
		return lending.DisburseLoan{LoanID: in.LoanID, FirstDue: in.Body.FirstDue, Means: in.Body.means()}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/cancellation", id: "cancel_loan_api_v1_loans__loan_id__cancellation_post",
		tag: loansTag, summary: "Cancel a loan", status: http.StatusOK,
		about:    "Cancels a loan that has not been disbursed, or reverses a disbursement on the same business date if the loan has no other transactions. The client returns the money as it was paid out, unless the body names another method. This takes the limit for disbursements.",
		refusals: slices.Concat([]fault.Code{loan.NotFound, servicing.WrongState, authority.Exceeded}, refusedReceived),
	}, func(in *cancelLoan) bank.Command[loan.Loan] {
		return lending.CancelLoan{LoanID: in.LoanID, Reason: in.Body.Reason, Means: in.Body.means()}
	}),
}

// loanReads are the operations that read one loan.
var loanReads = []operation{
	read[loan.Loan](operation{
		method: http.MethodGet, path: "/api/v1/loans/{loan_id}", id: "read_loan_api_v1_loans__loan_id__get",
		tag: loansTag, summary: "Get a loan", permission: loan.Read, public: true, status: http.StatusOK,
		about:    "Returns a loan in any state.",
		refusals: []fault.Code{loan.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *loanByID) ([]byte, id.ID, error) {
		return cachedBody(v.Loan(ctx, by, in.LoanID, loanCodec))
	}),
	fromFile(operation{
		path: "/api/v1/loans/{loan_id}/application/steps", id: "read_application_steps_api_v1_loans__loan_id__application_steps_get",
		summary: "List the steps of a loan application",
		about:   "Lists who edited the application or returned it for correction, and why, the oldest first.",
	}, func(_ *server, f *view.LoanFile, _ *rowsOfLoan) ([]loan.Step, error) { return f.Steps, nil }),
	fromFile(operation{
		path: "/api/v1/loans/{loan_id}/schedule", id: "read_schedule_api_v1_loans__loan_id__schedule_get",
		summary: "Get a loan's schedule", public: true,
		about: "Returns the current schedule: the amount scheduled, paid and owed of each instalment, with the totals and the CAT of the contract.",
	}, func(s *server, f *view.LoanFile, _ *rowsOfLoan) (LoanSchedule, error) {
		standing, err := f.ScheduleStatus(s.today())
		return scheduleOf(standing), err
	}),
	fromFile(operation{
		path: "/api/v1/loans/{loan_id}/versions", id: "read_versions_api_v1_loans__loan_id__versions_get",
		summary: "List a loan's schedule versions", public: true,
		about: "Lists every version of the schedule, the contract first, with its effective date, reason and terms.",
	}, func(_ *server, f *view.LoanFile, _ *rowsOfLoan) ([]LoanVersion, error) {
		return each(f.Versions, func(v view.LoanVersion) LoanVersion { return LoanVersion(v) }), f.Disbursed()
	}),
	fromFile(operation{
		path: "/api/v1/loans/{loan_id}/owing", id: "read_owing_api_v1_loans__loan_id__owing_get",
		summary: "Get the amount due on a date",
		about:   "Returns what the loan owes on a date if no payment is made before it: amounts due by instalment, accrued interest, and principal not yet due.",
	}, func(s *server, f *view.LoanFile, in *owingInput) (servicing.Owing, error) {
		owing, err := f.Owing(given(in.Date), s.today())
		if owing.Lines == nil {
			owing.Lines = []servicing.DueLine{}
		}
		return owing, err
	}),
	fromFile(operation{
		path: "/api/v1/loans/{loan_id}/payoff", id: "read_payoff_api_v1_loans__loan_id__payoff_get",
		summary: "Get the payoff amount on a date",
		about:   "Returns the amount that pays the loan off on a date: amounts due, accrued interest and outstanding principal, less unapplied funds.",
	}, func(s *server, f *view.LoanFile, in *loanOnDay) (servicing.Payoff, error) {
		return f.Payoff(given(in.Date), s.today())
	}),
}

// ofLoan is a pointer to an input with a loan id.
type ofLoan[In any] interface {
	*In
	loan() id.ID
}

// fromFile makes an operation that reads the file of a loan.
func fromFile[Out, In any, P ofLoan[In]](o operation, answer func(*server, *view.LoanFile, P) (Out, error)) operation {
	o.method, o.tag, o.permission, o.status, o.effect = http.MethodGet, loansTag, loan.Read, http.StatusOK, reads
	o.refusals = append(o.refusals, loan.NotFound, servicing.WrongState)
	return plain[Out](o, func(s *server, c *call, in *In) error {
		f, err := c.loanFile(P(in).loan())
		if err != nil {
			return err
		}
		out, err := answer(s, &f, in)
		if err != nil {
			return err
		}
		c.answer(o.status, wire.JSON(nil, out))
		return nil
	})
}

// loanFile reads the file of a loan, at least as recent as the commit token of the request.
func (c *call) loanFile(loanID id.ID) (view.LoanFile, error) {
	by, err := c.viewer()
	if err != nil {
		return view.LoanFile{}, err
	}
	return c.server.View.LoanFile(c.request.Context(), by, loanID)
}

// LoanSchedule is the current schedule of a loan with the amounts paid.
type LoanSchedule struct {
	LoanID      id.ID             `json:"loan_id"`
	Date        civil.Date        `json:"date"`
	Status      servicing.Status  `json:"status"`
	Version     servicing.Version `json:"version"`
	Contract    ContractTotals    `json:"contract"`
	Instalments []LoanInstalment  `json:"instalments"`
	Paid        servicing.Amounts `json:"paid"`
	Outstanding money.Amount      `json:"outstanding"`
	Unapplied   money.Amount      `json:"unapplied_funds"`
}

// ContractTotals are the terms and totals agreed at the disbursement.
type ContractTotals struct {
	Terms   schedule.Terms   `json:"terms"`
	Level   money.Amount     `json:"level_payment"`
	Opening schedule.Opening `json:"opening"`
	Totals  schedule.Totals  `json:"totals"`
	CAT     rate.CAT         `json:"cat"`
	CATTime schedule.CATTime `json:"cat_time"`
}

// LoanInstalment is one instalment of the schedule.
type LoanInstalment struct {
	Number  int                  `json:"number"`
	Due     civil.Date           `json:"due_date"`
	Asked   servicing.Amounts    `json:"asked"`
	Total   money.Amount         `json:"total"`
	Paid    servicing.Amounts    `json:"paid"`
	Owed    servicing.Amounts    `json:"owed"`
	Balance money.Amount         `json:"balance"`
	Status  view.InstalmentState `json:"status"`
}

func scheduleOf(s view.ScheduleStatus) LoanSchedule {
	return LoanSchedule{
		LoanID: s.LoanID, Date: s.Date, Status: s.Status, Version: s.Version, Contract: ContractTotals(s.Contract),
		Instalments: each(s.Instalments, func(in view.Instalment) LoanInstalment { return LoanInstalment(in) }),
		Paid:        s.Paid, Outstanding: s.Outstanding, Unapplied: s.Unapplied,
	}
}

// LoanVersion is one version of a loan's schedule.
type LoanVersion struct {
	Serial  int  `json:"serial"`
	Current bool `json:"current"`
	servicing.Version
	MadeAt time.Time `json:"made_at"`
}

type createLoan struct {
	filing
	Body LoanCreate
}

// LoanCreate is the body of a request that grants a loan.
type LoanCreate struct {
	Amount       money.Amount `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99"`
	InterestRate rate.Annual  `json:"interest_rate" blame:"annual_rate" minimum:"0" maximum:"1"`
	TermMonths   int64        `json:"term_months" blame:"periods" exclusiveMinimum:"0" maximum:"600"`
	ClientID     id.ID        `json:"client_id"`
}

type applyForLoan struct {
	Body LoanApplication
}

// LoanApplication is the body of a loan application.
type LoanApplication struct {
	ClientID id.ID `json:"client_id"`
	ApplicationTerms
}

type editApplication struct {
	LoanID id.ID `path:"loan_id"`
	Body   ApplicationTerms
}

// ApplicationTerms are the product and the terms of a loan application.
type ApplicationTerms struct {
	Product    string       `json:"product" pattern:"^[a-z0-9_]{1,40}$" doc:"Product code." example:"seed"`
	Amount     money.Amount `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99" doc:"Principal in pesos, within the product's limits."`
	AnnualRate rate.Annual  `json:"annual_rate" minimum:"0" maximum:"10" doc:"Annual rate as a fraction, within the product's limits." example:"0.24"`
	Periods    int          `json:"periods" minimum:"1" maximum:"1560" doc:"Number of instalments, within the product's limits." example:"12"`
	FirstDue   civil.Date   `json:"first_due_date,omitzero" doc:"First due date. Defaults to one period after the disbursement."`
}

type disburseLoan struct {
	filing
	LoanID id.ID        `path:"loan_id"`
	Body   LoanDisburse `body:"optional"`
}

// LoanDisburse is the body of a disbursement.
type LoanDisburse struct {
	FirstDue civil.Date `json:"first_due_date,omitzero" doc:"First due date. Defaults to the date in the application."`
	MeansPaid
}

type cancelLoan struct {
	filing
	LoanID id.ID            `path:"loan_id"`
	Body   LoanCancellation `body:"optional"`
}

// LoanCancellation is the body of a cancellation.
type LoanCancellation struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Reason, recorded in the event, at most 500 characters." example:"Registrado dos veces"`
	MeansReceived
}

type loanWithReason struct {
	LoanID id.ID  `path:"loan_id"`
	Body   Reason `body:"optional"`
}

// Reason is the body of a request with a reason.
type Reason struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Reason, recorded in the event, at most 500 characters." example:"Registrado dos veces"`
}

type loanByID struct {
	LoanID id.ID `path:"loan_id"`
}

func (in *loanByID) loan() id.ID { return in.LoanID }

// rowsOfLoan selects a loan for a list without pages.
type rowsOfLoan struct {
	loanByID
	tableFormat
}

type owingInput struct {
	loanOnDay
	tableFormat
}

type loanOnDay struct {
	loanByID
	Date *civil.Date `query:"date" doc:"Date of the calculation: from the value date of the last transaction to ten years ahead. Defaults to the business date."`
}
