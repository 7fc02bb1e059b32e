package api

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	staffing "sofipo/bank/staff"
	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/staff"
	"sofipo/core/wire"
	"sofipo/document"
	"sofipo/document/layout"
	"sofipo/view"
	"sofipo/web"
)

const (
	reportsTag = "Reports"
	xlsxMedia  = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// inFormats describes the formats of a report.
const inFormats = " Use `format=csv` or `format=xlsx` for a table in Spanish, `format=jsonl` for JSON lines."

var _ = mount(110, reportOperations)

// reportOperations read many loans or many days.
var reportOperations = []operation{
	report(operation{
		path: "/api/v1/reports/portfolio", id: "read_portfolio_api_v1_reports_portfolio_get", summary: "Get the portfolio report",
		about:    "Returns the portfolio of a closed day by product and days past due, with IMOR, IMORA, ICOR and PAR 1, 30 and 90 for each product and in total." + inFormats,
		refusals: []fault.Code{accounting.NoDailyPositions, accounting.JournalDetached},
	}, portfolioAnswer, portfolioTable),
	report(operation{
		path: "/api/v1/reports/delinquency", id: "read_delinquency_api_v1_reports_delinquency_get", summary: "List delinquent loans", effect: lists,
		about:    "Lists the loans that were past due at the end of a closed day, most days past due first." + inFormats + " The table includes all loans, regardless of `limit`.",
		refusals: []fault.Code{accounting.NoDailyPositions, product.NotFound},
	}, delinquencyAnswer, delinquencyTable),
	report(operation{
		path: "/api/v1/reports/collections", id: "read_collections_api_v1_reports_collections_get", summary: "List amounts to collect", effect: lists,
		about: "Lists the amounts to collect on a date if no payment is made before it: instalments due on the date and overdue instalments, ordered by loan id." +
			inFormats + " The table includes all loans, regardless of `limit`.",
	}, collectionsAnswer, collectionsTable),
	report(operation{
		path: "/api/v1/reports/transactions", id: "read_money_moved_api_v1_reports_transactions_get", summary: "Get cash received and paid out",
		about: "Returns the money received and paid out by loan transactions, by business date, product and kind." + inFormats,
	}, moneyAnswer, moneyTable),
	report(operation{
		path: "/api/v1/loans/{loan_id}/daily-positions", id: "read_daily_positions_api_v1_loans__loan_id__daily_positions_get", summary: "List a loan's daily positions", permission: loan.Read,
		about:    "Lists the state of a loan at the end of each closed day in a period." + inFormats,
		refusals: []fault.Code{loan.NotFound},
	}, positionsAnswer, positionsTable),
}

// markedCSV is the input of CSV files.
type markedCSV struct {
	Mark bool `query:"bom" default:"false" doc:"Whether a CSV file starts with a byte order mark. Excel needs it to read accents."`
}

func (m *markedCSV) marked() bool { return m.Mark }

// byteOrderMark is the byte order mark in UTF-8.
const byteOrderMark = "\ufeff"

// reporting is a pointer to the input of a report.
type reporting[In any] interface {
	*In
	formatted
}

// reportRequest is a request for a report.
type reportRequest struct {
	*server
	ctx    context.Context
	by     view.By
	issuer document.Issuer // of a table
}

// report makes an operation from a function that returns JSON, with the id of the last
// element if there is a next page, and a function that returns the whole table.
func report[Out, In any, P reporting[In]](o operation, answer func(reportRequest, P) (Out, id.ID, error), table func(reportRequest, P) (document.File, error)) operation {
	o.method, o.tag, o.status = http.MethodGet, cmp.Or(o.tag, reportsTag), http.StatusOK
	o.drawn = true
	if o.permission == "" {
		o.permission = risk.ReadReports
	}
	if o.effect == local {
		o.effect = reads
	}
	return plain[Out](o, func(s *server, c *call, in *In) error {
		by, err := c.viewer()
		if err != nil {
			return err
		}
		q := reportRequest{server: s, ctx: c.request.Context(), by: by}
		format, marked := P(in).format()
		if format != "json" {
			if q.issuer, err = s.issuer(q.ctx, by); err != nil {
				return err
			}
			t, err := table(q, in)
			if err != nil {
				return err
			}
			return c.answerTable(t, format, marked)
		}
		out, next, err := answer(q, in)
		if err != nil {
			return err
		}
		c.linkNext(next)
		c.answer(http.StatusOK, wire.JSON(nil, out))
		return nil
	})
}

// answerTable streams a table. An error before the first byte is returned; a later one
// aborts the response. A marked CSV starts with the byte order mark.
func (c *call) answerTable(t document.File, format string, marked bool) error {
	file := &attachment{call: c, media: csvMedia, name: t.Name + "." + format}
	write, size := t.CSV, fileBytes
	switch format {
	case xlsxFormat:
		file.media, write, size = xlsxMedia, t.XLSX, sheetBytes
	case linesFormat:
		file.media, write = linesMedia, t.Lines
	}
	if err := c.server.answers.Take(size); err != nil {
		return err
	}
	defer c.server.answers.Give(size)
	out := bufio.NewWriterSize(file, largeAnswer)
	if marked && format == csvFormat {
		_, _ = out.WriteString(byteOrderMark) // an error comes back from Flush
	}
	err := write(out)
	if err == nil {
		err = out.Flush()
	}
	if err == nil && !file.began {
		_, err = file.Write(nil) // no rows and no headings
	}
	if err == nil || file.began {
		c.exported(file.name, t.Count())
	}
	switch {
	case err == nil:
		return nil
	case file.began:
		c.server.log.Warn("table aborted", "route", c.route(), "correlation_id", c.correlation, "error", err)
		panic(http.ErrAbortHandler)
	case errors.Is(err, layout.ErrTooLong):
		return fault.Wrong(fault.At("format", web.FitsSheet))
	}
	return err
}

// exported records in the audit that the user got a file. It comes before the end of the answer.
func (c *call) exported(name string, rows int64) {
	c.leave() // the command waits for the writer, not for the database
	web.NoteExport(c.request.Context(), c.server.Bank, c.actor(), staffing.NoteExport{
		Export: staff.Export{File: name, Request: c.request.URL.RequestURI(), Rows: rows}, Client: c.seen,
	})
}

// attachment sends a file. It writes the headers with the first byte. The server
// chooses the file name, so it needs no escaping.
type attachment struct {
	call        *call
	media, name string
	began       bool
}

// Write sends a part of the file.
func (a *attachment) Write(b []byte) (int, error) {
	if !a.began {
		a.began = true
		a.call.Header().Set("Content-Type", a.media)
		a.call.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", a.name))
	}
	a.call.extend()
	return a.call.Write(b)
}
