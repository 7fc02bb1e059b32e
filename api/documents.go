package api

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/document"
	"sofipo/view"
)

const (
	documentsTag = "Documents"
	pdfMedia     = "application/pdf"
	csvMedia     = "text/csv; charset=utf-8"
)

var _ = mount(80, documentOperations)

// documentOperations are the documents of a loan and of a client, in Spanish.
var documentOperations = []operation{
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/schedule.pdf", id: "schedule_pdf_api_v1_loans__loan_id__schedule_pdf_get",
		summary: "Get the amortization table as PDF", media: pdfMedia,
		about: "Returns the amortization table with the loan terms and the CAT. After a prepayment or a restructure it shows the remaining instalments of the current schedule. In Spanish.",
	}, func(i document.Issuer, f *view.LoanFile, _ *loanByID) (document.File, error) { return i.Schedule(f) }),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/schedule.csv", id: "schedule_csv_api_v1_loans__loan_id__schedule_csv_get",
		summary: "Get the amortization table as CSV", media: csvMedia,
		about: "Returns the amortization table with one row per instalment. In Spanish.",
	}, func(i document.Issuer, f *view.LoanFile, _ *loanByID) (document.File, error) { return i.Schedule(f) }),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/transactions/{transaction_id}/receipt.pdf", id: "receipt_pdf_api_v1_loans__loan_id__transactions__transaction_id__receipt_pdf_get",
		summary: "Get a transaction receipt as PDF", media: pdfMedia, refusals: []fault.Code{servicing.TransactionNotFound},
		about: "Returns the receipt of a transaction, with its allocation by component and by instalment. In Spanish.",
	}, func(i document.Issuer, f *view.LoanFile, in *transactionByID) (document.File, error) {
		return i.Receipt(f, in.TransactionID)
	}),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/payoff.pdf", id: "payoff_pdf_api_v1_loans__loan_id__payoff_pdf_get",
		summary: "Get a payoff letter as PDF", media: pdfMedia, refusals: []fault.Code{servicing.NotActive},
		about: "Returns a letter to the client with the payoff amount on a date. In Spanish.",
	}, func(i document.Issuer, f *view.LoanFile, in *loanOnDay) (document.File, error) {
		return i.PayoffLetter(f, given(in.Date))
	}),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/no-debt.pdf", id: "no_debt_pdf_api_v1_loans__loan_id__no_debt_pdf_get",
		summary: "Get a no-debt certificate as PDF", media: pdfMedia,
		about: "Returns the no-debt certificate (constancia de no adeudo) of a PAID_OFF loan. In Spanish.",
	}, func(i document.Issuer, f *view.LoanFile, _ *loanByID) (document.File, error) {
		return i.NoDebtLetter(f), nil
	}),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/statement.pdf", id: "statement_pdf_api_v1_loans__loan_id__statement_pdf_get",
		summary: "Get a loan statement as PDF", media: pdfMedia,
		about: "Returns the account statement of a loan for a period. In Spanish.",
	}, loanStatement),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/statement.csv", id: "statement_csv_api_v1_loans__loan_id__statement_csv_get",
		summary: "Get a loan statement as CSV", media: csvMedia,
		about: "Returns the transactions of the account statement, one row each. In Spanish.",
	}, loanStatement),
	clientDocument(operation{
		path: "/api/v1/loans/clients/{client_id}/account-statement.pdf", id: "client_statement_pdf_api_v1_loans_clients__client_id__account_statement_pdf_get",
		summary: "Get a client statement as PDF", media: pdfMedia,
		about: "Returns the account statement of a client for a period: the loans that were active, had transactions or have written-off debt, with totals and transactions, and the loan applications. In Spanish.",
	}),
	clientDocument(operation{
		path: "/api/v1/loans/clients/{client_id}/account-statement.csv", id: "client_statement_csv_api_v1_loans_clients__client_id__account_statement_csv_get",
		summary: "Get a client statement as CSV", media: csvMedia,
		about: "Returns the transactions of the client's loans, one row each. Each loan starts with its opening balance and ends with its closing balance. In Spanish.",
	}),
}

func loanStatement(i document.Issuer, f *view.LoanFile, in *loanInPeriod) (document.File, error) {
	return i.Statement(f, given(in.From), given(in.To))
}

// issuer returns the issuer of documents, with the current business date.
func (s *server) issuer() document.Issuer {
	return document.Issuer{Institution: s.Institution, Location: s.Location, Today: s.today()}
}

// loanDocument makes an operation that returns a document about a loan.
func loanDocument[In any, P ofLoan[In]](o operation, assemble func(document.Issuer, *view.LoanFile, P) (document.File, error)) operation {
	o.permission = loan.Read
	o.refusals = append(slices.Clone(o.refusals), loan.NotFound, servicing.WrongState)
	return file(o, func(s *server, c *call, in *In) (document.File, error) {
		f, err := c.loanFile(P(in).loan())
		if err == nil {
			err = f.Disbursed()
		}
		if err != nil {
			return document.File{}, err
		}
		return assemble(s.issuer(), &f, in)
	})
}

// clientDocument makes an operation that returns the statement of a client.
func clientDocument(o operation) operation {
	o.permission = loan.Statements
	o.refusals = []fault.Code{client.NotFound}
	return file(o, func(s *server, c *call, in *clientInPeriod) (document.File, error) {
		by, err := c.viewer()
		if err != nil {
			return document.File{}, err
		}
		f, err := s.View.ClientFile(c.request.Context(), by, in.ClientID)
		if err != nil {
			return document.File{}, err
		}
		return s.issuer().ClientStatement(&f, given(in.From), given(in.To))
	})
}

// file makes an operation that returns a document as PDF or CSV.
func file[In any](o operation, assemble func(*server, *call, *In) (document.File, error)) operation {
	o.method, o.tag, o.status, o.effect = http.MethodGet, documentsTag, http.StatusOK, reads
	return plain[string](o, func(s *server, c *call, in *In) error {
		f, err := assemble(s, c, in)
		if err != nil {
			return err
		}
		return c.answerFile(f, o.media)
	})
}

// answerFile sends a document: a PDF to show inline, a CSV file to save. The server
// chooses the file name, so it needs no escaping.
func (c *call) answerFile(f document.File, media string) error {
	write, ending, disposition := f.PDF, ".pdf", "inline"
	if media == csvMedia {
		write, ending, disposition = f.CSV, ".csv", "attachment"
	}
	var out bytes.Buffer
	if err := write(&out); err != nil {
		return err
	}
	c.Header().Set("Content-Type", media)
	c.Header().Set("Content-Disposition", fmt.Sprintf("%s; filename=%q", disposition, f.Name+ending))
	c.send(http.StatusOK, out.Bytes())
	return nil
}

type loanInPeriod struct {
	loanByID
	From *civil.Date `query:"from" doc:"First date of the period. Defaults to the disbursement date."`
	To   *civil.Date `query:"to" doc:"Last date of the period (cut-off date). Defaults to the business date."`
}

type clientInPeriod struct {
	clientByID
	From *civil.Date `query:"from" doc:"First date of the period. Defaults to the client's registration date."`
	To   *civil.Date `query:"to" doc:"Last date of the period (cut-off date). Defaults to the business date."`
}
