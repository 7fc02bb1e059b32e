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
	documentsTag = "Papers"
	pdfMedia     = "application/pdf"
	csvMedia     = "text/csv; charset=utf-8"
)

var _ = mount(80, documentOperations)

// documentOperations are the documents of a loan and of a client, in Spanish.
var documentOperations = []operation{
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/schedule.pdf", id: "schedule_pdf_api_v1_loans__loan_id__schedule_pdf_get",
		summary: "Schedule As PDF", media: pdfMedia,
		about: "The amortization table with the terms and the CAT: that of the contract or, after a prepayment or a restructure, what is left of the one in force.",
	}, func(i document.Issuer, f *view.LoanFile, _ *loanByID) (document.File, error) { return i.Schedule(f) }),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/schedule.csv", id: "schedule_csv_api_v1_loans__loan_id__schedule_csv_get",
		summary: "Schedule As CSV", media: csvMedia,
		about: "The same table, one row an instalment.",
	}, func(i document.Issuer, f *view.LoanFile, _ *loanByID) (document.File, error) { return i.Schedule(f) }),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/transactions/{transaction_id}/receipt.pdf", id: "receipt_pdf_api_v1_loans__loan_id__transactions__transaction_id__receipt_pdf_get",
		summary: "Receipt As PDF", media: pdfMedia, refusals: []fault.Code{servicing.TransactionNotFound},
		about: "The receipt of a transaction: what each centavo paid.",
	}, func(i document.Issuer, f *view.LoanFile, in *transactionByID) (document.File, error) {
		return i.Receipt(f, in.TransactionID)
	}),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/payoff.pdf", id: "payoff_pdf_api_v1_loans__loan_id__payoff_pdf_get",
		summary: "Payoff Letter As PDF", media: pdfMedia, refusals: []fault.Code{servicing.NotActive},
		about: "What ends the loan if it is paid on a day, as a letter to the client.",
	}, func(i document.Issuer, f *view.LoanFile, in *loanOnDay) (document.File, error) {
		return i.PayoffLetter(f, given(in.Date))
	}),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/no-debt.pdf", id: "no_debt_pdf_api_v1_loans__loan_id__no_debt_pdf_get",
		summary: "Letter Of No Debt As PDF", media: pdfMedia,
		about: "That nothing is owed any more (finiquito), of a loan that is paid off.",
	}, func(i document.Issuer, f *view.LoanFile, _ *loanByID) (document.File, error) {
		return i.NoDebtLetter(f), nil
	}),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/statement.pdf", id: "statement_pdf_api_v1_loans__loan_id__statement_pdf_get",
		summary: "Loan Statement As PDF", media: pdfMedia,
		about: "The account statement of a loan over a period.",
	}, loanStatement),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/statement.csv", id: "statement_csv_api_v1_loans__loan_id__statement_csv_get",
		summary: "Loan Statement As CSV", media: csvMedia,
		about: "The transactions of the statement, one row each.",
	}, loanStatement),
	clientDocument(operation{
		path: "/api/v1/loans/clients/{client_id}/account-statement.pdf", id: "client_statement_pdf_api_v1_loans_clients__client_id__account_statement_pdf_get",
		summary: "Client Account Statement As PDF", media: pdfMedia,
		about: "The account statement of a client over a period: the loans that were alive, moved or have written-off debt in it, with their totals and transactions, and the applications.",
	}),
	clientDocument(operation{
		path: "/api/v1/loans/clients/{client_id}/account-statement.csv", id: "client_statement_csv_api_v1_loans_clients__client_id__account_statement_csv_get",
		summary: "Client Account Statement As CSV", media: csvMedia,
		about: "The transactions of these loans, one row each, between a row of each loan's opening balance and one of what it owes in the end.",
	}),
}

func loanStatement(i document.Issuer, f *view.LoanFile, in *loanInPeriod) (document.File, error) {
	return i.Statement(f, given(in.From), given(in.To))
}

// issuer is who issues documents now.
func (s *server) issuer() document.Issuer {
	return document.Issuer{Institution: s.Institution, Location: s.Location, Today: s.today()}
}

// loanDocument makes an operation whose answer is a document of a loan.
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

// clientDocument makes an operation whose answer is the statement of a client.
func clientDocument(o operation) operation {
	o.permission = loan.Statements
	o.refusals = []fault.Code{client.NotFound}
	return file(o, func(s *server, c *call, in *clientInPeriod) (document.File, error) {
		by, err := c.asks()
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

// file makes an operation whose answer is a document as PDF or as CSV.
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

// answerFile sends a document. A PDF is to be shown, a table to be saved. The name is
// one of ours and needs no quoting.
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
	From *civil.Date `query:"from" doc:"The first day of the period; that of the disbursement if left out."`
	To   *civil.Date `query:"to" doc:"The last day of the period, the cut date; the business date if left out."`
}

type clientInPeriod struct {
	clientByID
	From *civil.Date `query:"from" doc:"The first day of the period; that of the client's registration if left out."`
	To   *civil.Date `query:"to" doc:"The last day of the period, the cut date; the business date if left out."`
}
