package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
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

// inFormats is what every report says of its other forms.
const inFormats = " With `format=csv` or `format=xlsx` it is a table in Spanish."

var _ = mount(110, reportOperations)

// reportOperations are questions about many loans or many days.
var reportOperations = []operation{
	report(operation{
		path: "/api/v1/reports/portfolio", id: "read_portfolio_api_v1_reports_portfolio_get", summary: "Read Portfolio",
		about:    "The loans of a closed day by product and days past due, with IMOR, IMORA, ICOR and PAR 1, 30 and 90, by product and in all." + inFormats,
		refusals: []fault.Code{accounting.NoDailyPositions},
	}, portfolioAnswer, portfolioTable),
	report(operation{
		path: "/api/v1/reports/delinquency", id: "read_delinquency_api_v1_reports_delinquency_get", summary: "Read Delinquency", effect: pages,
		about:    "The loans that were late at the end of a closed day, the latest first." + inFormats + " It has all of them, whatever the limit.",
		refusals: []fault.Code{accounting.NoDailyPositions, product.NotFound},
	}, delinquencyAnswer, delinquencyTable),
	report(operation{
		path: "/api/v1/reports/collections", id: "read_collections_api_v1_reports_collections_get", summary: "Read Collections", effect: pages,
		about: "What is to be collected on a day if nothing more is paid until then: the instalments that are due on it and those that are overdue, in the order of the loans." +
			inFormats + " It has all loans, whatever the limit.",
	}, collectionsAnswer, collectionsTable),
	report(operation{
		path: "/api/v1/reports/transactions", id: "read_money_moved_api_v1_reports_transactions_get", summary: "Read Money Moved",
		about: "The money that came in and went out by the transactions of loans, by business date, product and kind." + inFormats,
	}, moneyAnswer, moneyTable),
	report(operation{
		path: "/api/v1/loans/{loan_id}/daily-positions", id: "read_daily_positions_api_v1_loans__loan_id__daily_positions_get", summary: "Read Loan Positions", permission: loan.Read,
		about:    "A loan at the end of each closed day." + inFormats,
		refusals: []fault.Code{loan.NotFound},
	}, positionsAnswer, positionsTable),
}

// reportFormat is how a report is wanted.
type reportFormat struct {
	Format string `query:"format" default:"json" enum:"json,csv,xlsx" unknown:"refused" doc:"json, or csv or xlsx for a table in Spanish."`
}

func (f *reportFormat) format() string { return f.Format }

// formatted is a pointer to an input that says how a report is wanted.
type formatted[In any] interface {
	*In
	format() string
}

// inquiry is a request for a report.
type inquiry struct {
	*server
	ctx context.Context
	by  view.By
}

// report makes an operation of what answers as JSON, with the id after which the
// next page begins, and of the table of all that.
func report[Out, In any, P formatted[In]](o operation, answer func(inquiry, P) (Out, id.ID, error), table func(inquiry, P) (document.File, error)) operation {
	o.method, o.tag, o.status = http.MethodGet, reportsTag, http.StatusOK
	if o.permission == "" {
		o.permission = risk.ReadReports
	}
	if o.effect == tells {
		o.effect = reads
	}
	return plain[Out](o, func(s *server, c *call, in *In) error {
		by, err := c.asks()
		if err != nil {
			return err
		}
		q, format := inquiry{s, c.request.Context(), by}, P(in).format()
		if format != "json" {
			t, err := table(q, in)
			if err != nil {
				return err
			}
			return c.answerTable(t, format)
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

// tableTime is how long the making and sending of a table may take.
const tableTime = 10 * time.Minute

// answerTable sends a table as it is made. What goes wrong before anything was sent
// is refused; after that the answer is cut off.
func (c *call) answerTable(t document.File, format string) error {
	// A server that knows no deadlines has none to be moved.
	_ = http.NewResponseController(c.ResponseWriter).SetWriteDeadline(time.Now().Add(tableTime))
	file := &attachment{call: c, media: csvMedia, name: t.Name + "." + format}
	write := t.CSV
	if format == "xlsx" {
		file.media, write = xlsxMedia, t.XLSX
	}
	out := bufio.NewWriterSize(file, 64<<10)
	err := write(out)
	if err == nil {
		err = out.Flush()
	}
	switch {
	case err == nil:
		return nil
	case file.began:
		c.server.log.Warn("table cut off", "route", c.route(), "correlation_id", c.correlation, "error", err)
		panic(http.ErrAbortHandler)
	case errors.Is(err, layout.ErrTooLong):
		return fault.Wrong(fault.At("format", web.FitsSheet))
	}
	return err
}

// attachment is a file that is sent once there is something of it. Its name is one
// of ours and needs no quoting.
type attachment struct {
	call        *call
	media, name string
	began       bool
}

// Write sends a part.
func (a *attachment) Write(b []byte) (int, error) {
	if !a.began {
		a.began = true
		a.call.Header().Set("Content-Type", a.media)
		a.call.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", a.name))
	}
	return a.call.Write(b)
}
