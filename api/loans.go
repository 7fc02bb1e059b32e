package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/access"
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

var loanOperations = slices.Concat(grantOperations, lifeOperations, loanQuestions)

// grantOperations make loans.
var grantOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/", id: "create_loan_api_v1_loans__post",
		tag: loansTag, summary: "Create Loan", status: http.StatusCreated,
		about: "Grants a loan to a client on the default product, seed: it is applied for, approved and disbursed at once. " +
			"It owes its whole amount from the start; the interest and the schedule are those of the product, whose limits hold.",
		refusals: []fault.Code{client.NotFound, product.NotFound, access.FourEyes},
	}, func(in *createLoan) bank.Command[loan.Loan] {
		terms := loan.Terms{Amount: in.Body.Amount, Rate: in.Body.InterestRate, TermMonths: in.Body.TermMonths}
		return lending.GrantLoan{ClientID: in.Body.ClientID, Terms: terms}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/applications", id: "apply_for_loan_api_v1_loans_applications_post",
		tag: loansTag, summary: "Apply For Loan", status: http.StatusCreated,
		about:    "Applies for a loan on a product. It keeps the version of the product that is granted today, and its terms must make a schedule if it were disbursed today.",
		refusals: []fault.Code{client.NotFound, product.NotFound},
	}, func(in *applyForLoan) bank.Command[loan.Loan] {
		b := in.Body
		return lending.ApplyForLoan{ClientID: b.ClientID, Product: b.Product, Amount: b.Amount, Rate: b.AnnualRate, Periods: b.Periods, FirstDue: b.FirstDue}
	}),
}

// lifeOperations lead a loan from one state to the next.
var lifeOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/approval", id: "approve_loan_api_v1_loans__loan_id__approval_post",
		tag: loansTag, summary: "Approve Loan", status: http.StatusOK,
		about:    "Approves an application. Above the product's approval_limit another person than the one who applied must do it.",
		refusals: []fault.Code{loan.NotFound, servicing.WrongState, access.FourEyes},
	}, func(in *loanByID) bank.Command[loan.Loan] { return lending.ApproveLoan{LoanID: in.LoanID} }),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/rejection", id: "reject_loan_api_v1_loans__loan_id__rejection_post",
		tag: loansTag, summary: "Reject Loan", status: http.StatusOK,
		about:    "Turns an application down. The reason stands in the event.",
		refusals: []fault.Code{loan.NotFound, servicing.WrongState},
	}, func(in *loanWithReason) bank.Command[loan.Loan] {
		return lending.RejectLoan{LoanID: in.LoanID, Reason: in.Body.Reason}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/disbursement", id: "disburse_loan_api_v1_loans__loan_id__disbursement_post",
		tag: loansTag, summary: "Disburse Loan", status: http.StatusOK,
		about:    "Pays an approved loan out today. Its schedule begins and is kept as the contract.",
		refusals: []fault.Code{loan.NotFound, servicing.WrongState},
	}, func(in *disburseLoan) bank.Command[loan.Loan] {
		return lending.DisburseLoan{LoanID: in.LoanID, FirstDue: in.Body.FirstDue}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/cancellation", id: "cancel_loan_api_v1_loans__loan_id__cancellation_post",
		tag: loansTag, summary: "Cancel Loan", status: http.StatusOK,
		about:    "Gives up a loan that is not disbursed yet, or undoes a disbursement on its own day while nothing else was done to the loan.",
		refusals: []fault.Code{loan.NotFound, servicing.WrongState},
	}, func(in *loanWithReason) bank.Command[loan.Loan] {
		return lending.CancelLoan{LoanID: in.LoanID, Reason: in.Body.Reason}
	}),
}

// loanQuestions tell of one loan.
var loanQuestions = []operation{
	read[loan.Loan](operation{
		method: http.MethodGet, path: "/api/v1/loans/{loan_id}", id: "read_loan_api_v1_loans__loan_id__get",
		tag: loansTag, summary: "Read Loan", permission: loan.Read, public: true, status: http.StatusOK,
		refusals: []fault.Code{loan.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *loanByID) ([]byte, id.ID, error) {
		return cachedBody(v.Loan(ctx, by, in.LoanID, loanCodec))
	}),
	fromFile(operation{
		path: "/api/v1/loans/{loan_id}/schedule", id: "read_schedule_api_v1_loans__loan_id__schedule_get",
		summary: "Read Schedule", public: true,
		about: "The schedule in force as it stands today: what each instalment asks for, what was paid of it and what it owes, with the totals and the CAT of the contract.",
	}, func(s *server, f *view.LoanFile, _ *loanByID) (LoanSchedule, error) {
		standing, err := f.ScheduleStatus(s.today())
		return scheduleOf(standing), err
	}),
	fromFile(operation{
		path: "/api/v1/loans/{loan_id}/versions", id: "read_versions_api_v1_loans__loan_id__versions_get",
		summary: "Read Versions", public: true,
		about: "Every schedule that the loan has had, the contract first: from which day it holds, why it was made and on which terms.",
	}, func(_ *server, f *view.LoanFile, _ *loanByID) ([]LoanVersion, error) {
		return each(f.Versions, func(v view.LoanVersion) LoanVersion { return LoanVersion(v) }), f.Disbursed()
	}),
	fromFile(operation{
		path: "/api/v1/loans/{loan_id}/owing", id: "read_owing_api_v1_loans__loan_id__owing_get",
		summary: "Read Owing",
		about:   "What the loan owes on a day if nothing is paid until then: what is due by instalment, what has accrued, and the principal that is not due.",
	}, func(s *server, f *view.LoanFile, in *loanOnDay) (servicing.Owing, error) {
		owing, err := f.Owing(given(in.Date), s.today())
		if owing.Lines == nil {
			owing.Lines = []servicing.DueLine{}
		}
		return owing, err
	}),
	fromFile(operation{
		path: "/api/v1/loans/{loan_id}/payoff", id: "read_payoff_api_v1_loans__loan_id__payoff_get",
		summary: "Read Payoff",
		about:   "What ends the loan if it is paid on a day: all that is due or has accrued, and the principal, less what is kept as unapplied funds.",
	}, func(s *server, f *view.LoanFile, in *loanOnDay) (servicing.Payoff, error) {
		return f.Payoff(given(in.Date), s.today())
	}),
}

// ofLoan is a pointer to an input that names a loan.
type ofLoan[In any] interface {
	*In
	loan() id.ID
}

// fromFile makes an operation that answers from the file of a loan.
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

// loanFile is the file of a loan that knows of the position of the request.
func (c *call) loanFile(loanID id.ID) (view.LoanFile, error) {
	by, err := c.asks()
	if err != nil {
		return view.LoanFile{}, err
	}
	return c.server.View.LoanFile(c.request.Context(), by, loanID)
}

// LoanSchedule is the schedule of a loan on a day, with what was paid of it.
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

// ContractTotals is what was agreed at the disbursement.
type ContractTotals struct {
	Terms   schedule.Terms   `json:"terms"`
	Level   money.Amount     `json:"level_payment"`
	Opening schedule.Opening `json:"opening"`
	Totals  schedule.Totals  `json:"totals"`
	CAT     rate.CAT         `json:"cat"`
	CATTime schedule.CATTime `json:"cat_time"`
}

// LoanInstalment is one payment of the schedule.
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

// LoanVersion is a schedule that the loan has had.
type LoanVersion struct {
	Serial  int  `json:"serial"`
	Current bool `json:"current"`
	servicing.Version
	MadeAt time.Time `json:"made_at"`
}

type createLoan struct {
	Body LoanCreate
}

// LoanCreate is what a loan is granted on.
type LoanCreate struct {
	Amount       money.Amount `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99"`
	InterestRate rate.Annual  `json:"interest_rate" blame:"annual_rate" minimum:"0" maximum:"1"`
	TermMonths   int64        `json:"term_months" blame:"periods" exclusiveMinimum:"0" maximum:"600"`
	ClientID     id.ID        `json:"client_id"`
}

type applyForLoan struct {
	Body LoanApplication `unknown:"refused"`
}

// LoanApplication is what is asked for.
type LoanApplication struct {
	ClientID   id.ID        `json:"client_id"`
	Product    string       `json:"product" pattern:"^[a-z0-9_]{1,40}$" doc:"The code of the product." example:"seed"`
	Amount     money.Amount `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99" doc:"The principal, pesos, within the product's limits."`
	AnnualRate rate.Annual  `json:"annual_rate" minimum:"0" maximum:"10" doc:"The annual rate as a fraction, within the product's limits." example:"0.24"`
	Periods    int          `json:"periods" minimum:"1" maximum:"1560" doc:"The number of instalments, within the product's limits." example:"12"`
	FirstDue   civil.Date   `json:"first_due_date,omitzero" doc:"The first due date; one period after the disbursement if left out."`
}

type disburseLoan struct {
	LoanID id.ID        `path:"loan_id"`
	Body   LoanDisburse `body:"optional" unknown:"refused"`
}

// LoanDisburse is what may be settled at the disbursement.
type LoanDisburse struct {
	FirstDue civil.Date `json:"first_due_date,omitzero" doc:"The first due date; as was applied for if left out."`
}

type loanWithReason struct {
	LoanID id.ID  `path:"loan_id"`
	Body   Reason `body:"optional" unknown:"refused"`
}

// Reason is why something is done.
type Reason struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Why, for the event; at most 500 characters." example:"Captured twice"`
}

type loanByID struct {
	LoanID id.ID `path:"loan_id"`
}

func (in *loanByID) loan() id.ID { return in.LoanID }

type loanOnDay struct {
	loanByID
	Date *civil.Date `query:"date" doc:"The day: from the value date of the loan's last transaction on, at most ten years ahead; the business date if left out."`
}
