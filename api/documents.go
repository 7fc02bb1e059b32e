package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/document"
	"sofipo/view"
)

const (
	documentsTag = "Documents"
	pdfMedia     = "application/pdf"
	csvMedia     = "text/csv; charset=utf-8"
	periodHeader = "X-Sofipo-Period" // of statements
)

var _ = mount(80, documentOperations)

// documentOperations are the documents of a loan and of a client, in Spanish.
var documentOperations = []operation{
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/schedule.pdf", id: "schedule_pdf_api_v1_loans__loan_id__schedule_pdf_get",
		summary: "Get the amortization table as PDF", media: pdfMedia,
		about: "Returns the amortization table with the loan terms and the CAT. After a prepayment or a restructure it shows the remaining instalments of the current schedule. In Spanish.",
	}, loanSchedule[*loanByID]),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/schedule.csv", id: "schedule_csv_api_v1_loans__loan_id__schedule_csv_get",
		summary: "Get the amortization table as CSV", media: csvMedia,
		about: "Returns the amortization table with one row per instalment. In Spanish.",
	}, loanSchedule[*loanCSV]),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/schedule.xlsx", id: "schedule_xlsx_api_v1_loans__loan_id__schedule_xlsx_get",
		summary: "Get the amortization table as XLSX", media: xlsxMedia,
		about: "Returns the amortization table with one row per instalment. In Spanish.",
	}, loanSchedule[*loanByID]),
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
		summary: "Get a loan statement as PDF", media: pdfMedia, dated: true,
		about: "Returns the account statement of a loan for a period. In Spanish.",
	}, loanStatement[*loanInPeriod]),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/statement.csv", id: "statement_csv_api_v1_loans__loan_id__statement_csv_get",
		summary: "Get a loan statement as CSV", media: csvMedia, dated: true,
		about: "Returns the transactions of the account statement, one row each. In Spanish.",
	}, loanStatement[*loanInPeriodCSV]),
	loanDocument(operation{
		path: "/api/v1/loans/{loan_id}/statement.xlsx", id: "statement_xlsx_api_v1_loans__loan_id__statement_xlsx_get",
		summary: "Get a loan statement as XLSX", media: xlsxMedia, dated: true,
		about: "Returns the transactions of the account statement, one row each. In Spanish.",
	}, loanStatement[*loanInPeriod]),
	clientDocument[clientInPeriod](operation{
		path: "/api/v1/loans/clients/{client_id}/account-statement.pdf", id: "client_statement_pdf_api_v1_loans_clients__client_id__account_statement_pdf_get",
		summary: "Get a client statement as PDF", media: pdfMedia,
		about: "Returns the account statement of a client for a period: the loans that were active, had transactions or have written-off debt, with totals and transactions, and the loan applications. In Spanish.",
	}),
	clientDocument[clientInPeriodCSV](operation{
		path: "/api/v1/loans/clients/{client_id}/account-statement.csv", id: "client_statement_csv_api_v1_loans_clients__client_id__account_statement_csv_get",
		summary: "Get a client statement as CSV", media: csvMedia,
		about: "Returns the transactions of the client's loans, one row each. Each loan starts with its opening balance and ends with its closing balance. In Spanish.",
	}),
	clientDocument[clientInPeriod](operation{
		path: "/api/v1/loans/clients/{client_id}/account-statement.xlsx", id: "client_statement_xlsx_api_v1_loans_clients__client_id__account_statement_xlsx_get",
		summary: "Get a client statement as XLSX", media: xlsxMedia,
		about: "Returns the transactions of the client's loans, one row each. Each loan starts with its opening balance and ends with its closing balance. In Spanish.",
	}),
}

func loanSchedule[P any](i document.Issuer, f *view.LoanFile, _ P) (document.File, error) {
	return i.Schedule(f)
}

func loanStatement[P interface{ days() (from, to civil.Date) }](i document.Issuer, f *view.LoanFile, in P) (document.File, error) {
	from, to := in.days()
	return i.Statement(f, from, to)
}

// issuer returns the issuer of documents, with the current business date.
func (s *server) issuer(ctx context.Context, by view.By) (document.Issuer, error) {
	head, err := s.View.Letterhead(ctx, by)
	return document.Issuer{Institution: head, Location: s.Location, Today: s.today()}, err
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
		by, err := c.viewer()
		if err != nil {
			return document.File{}, err
		}
		issuer, err := s.issuer(c.request.Context(), by)
		if err != nil {
			return document.File{}, err
		}
		made, err := assemble(issuer, &f, in)
		if err == nil {
			c.viewed(f.Client.ID, client.ViewedStatement)
		}
		return made, err
	})
}

// ofClient is a pointer to an input with a client id and a period.
type ofClient[In any] interface {
	*In
	client() id.ID
	days() (from, to civil.Date)
}

// clientDocument makes an operation that returns the statement of a client.
func clientDocument[In any, P ofClient[In]](o operation) operation {
	o.permission, o.dated = loan.Statements, true
	o.refusals = []fault.Code{client.NotFound}
	return file(o, func(s *server, c *call, in *In) (document.File, error) {
		by, err := c.viewer()
		if err != nil {
			return document.File{}, err
		}
		f, err := s.View.ClientFile(c.request.Context(), by, P(in).client())
		if err != nil {
			return document.File{}, err
		}
		issuer, err := s.issuer(c.request.Context(), by)
		if err != nil {
			return document.File{}, err
		}
		from, to := P(in).days()
		made, err := issuer.ClientStatement(&f, from, to)
		if err == nil {
			c.viewed(f.Client.ID, client.ViewedStatement)
		}
		return made, err
	})
}

// file makes an operation that returns a document in the format of its media type.
func file[In any](o operation, assemble func(*server, *call, *In) (document.File, error)) operation {
	o.method, o.tag, o.status, o.effect = http.MethodGet, documentsTag, http.StatusOK, reads
	return plain[string](o, func(s *server, c *call, in *In) error {
		f, err := assemble(s, c, in)
		if err != nil {
			return err
		}
		if p := f.Period; o.dated {
			c.Header().Set(periodHeader, p.From.String()+"/"+p.To.String())
		}
		switch o.media {
		case csvMedia:
			m, has := any(in).(interface{ marked() bool })
			return c.answerTable(f, "csv", has && m.marked())
		case xlsxMedia:
			return c.answerTable(f, "xlsx", false)
		}
		return c.answerPDF(f)
	})
}

// answerPDF sends a document to show inline. The server chooses the file name, so it needs
// no escaping.
func (c *call) answerPDF(f document.File) error {
	var out bytes.Buffer
	if err := f.PDF(&out); err != nil {
		return err
	}
	c.exported(f.Name+".pdf", f.Count())
	c.Header().Set("Content-Type", pdfMedia)
	c.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", f.Name+".pdf"))
	c.send(http.StatusOK, out.Bytes())
	return nil
}

type loanCSV struct {
	loanByID
	markedCSV
}

type loanInPeriod struct {
	loanByID
	From *civil.Date `query:"from" doc:"First date of the period. Defaults to the disbursement date; an earlier date means the same."`
	To   *civil.Date `query:"to" doc:"Last date of the period (cut-off date). Defaults to the business date; a later date means the same."`
}

func (p *loanInPeriod) days() (from, to civil.Date) { return given(p.From), given(p.To) }

type loanInPeriodCSV struct {
	loanInPeriod
	markedCSV
}

type clientInPeriod struct {
	clientByID
	From *civil.Date `query:"from" doc:"First date of the period. Defaults to the client's registration date, or to the first disbursement if that was earlier; an earlier date means the same."`
	To   *civil.Date `query:"to" doc:"Last date of the period (cut-off date). Defaults to the business date; a later date means the same."`
}

func (p *clientInPeriod) client() id.ID { return p.ClientID }

func (p *clientInPeriod) days() (from, to civil.Date) { return given(p.From), given(p.To) }

type clientInPeriodCSV struct {
	clientInPeriod
	markedCSV
}
