package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"sofipo/api/seedform"
	"sofipo/bank"
	taking "sofipo/bank/imports"
	"sofipo/bank/takeover"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/imports"
	"sofipo/core/money"
	"sofipo/core/wire"
	"sofipo/document"
	"sofipo/text"
	"sofipo/view"
)

const (
	importsTag  = "Imports"
	importsPath = "/api/v1/imports"
	importPath  = importsPath + "/{import_id}"
)

var _ = mount(136, importOperations)

// importOperations import data from other systems.
var importOperations = []operation{
	plain[string](operation{
		method: http.MethodGet, path: "/api/v1/import-templates/{kind}", id: "read_import_template_api_v1_import_templates__kind__get",
		tag: importsTag, summary: "Get a template of a file to import", permission: imports.Run, status: http.StatusOK, unbounded: true, media: csvMedia, formats: []string{xlsxMedia},
		about: "Returns a file with the heading of a kind and two example rows, as CSV in UTF-8 with a byte order mark, or as XLSX.",
	}, (*server).importTemplate),
	slow(plain[Import](operation{
		method: http.MethodPost, path: importsPath, id: "upload_import_api_v1_imports_post",
		tag: importsTag, summary: "Upload a file to import", permission: imports.Run, status: http.StatusCreated, effect: writes,
		about: "Stores a CSV or XLSX file, the body of the request, at most 16 MiB, and imports nothing yet. The first row is the heading. A CSV may be in UTF-8, UTF-16 or Windows-1252. " +
			"Preview the import, then confirm it. The file is encrypted, and deleted when its import is complete, or 7 days after nobody confirmed it.",
	}, uploadImport)),
	read[[]Import](operation{
		method: http.MethodGet, path: importsPath, id: "read_imports_api_v1_imports_get",
		tag: importsTag, summary: "List imports", permission: imports.Run, status: http.StatusOK, effect: lists,
		about: "Lists the uploaded files with the state of their imports, and the imports of the command line, newest first.",
	}, func(ctx context.Context, v *view.View, by view.By, in *pageInput) ([]byte, id.ID, error) {
		p, err := v.Imports(ctx, by, in.page())
		return wire.JSON(nil, each(p.Items, importOf)), p.Next, err
	}),
	read[Import](operation{
		method: http.MethodGet, path: importPath, id: "read_import_api_v1_imports__import_id__get",
		tag: importsTag, summary: "Get an import", permission: imports.Run, status: http.StatusOK,
		about:    "Returns the state of an import with the number of rows done so far.",
		refusals: []fault.Code{imports.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *importByID) ([]byte, id.ID, error) {
		i, err := v.Import(ctx, by, in.ImportID)
		return wire.JSON(nil, importOf(i)), id.ID{}, err
	}),
	slow(plain[ImportPreview](operation{
		method: http.MethodPost, path: importPath + "/preview", id: "preview_import_api_v1_imports__import_id__preview_post",
		tag: importsTag, summary: "Preview an import", permission: imports.Run, status: http.StatusOK, effect: writes, unbounded: true,
		about:    "Returns what the import of the file with the settings would do, and changes nothing. Two rows that collide with each other are only found by the import.",
		refusals: []fault.Code{imports.NotFound, imports.UploadBegun, imports.UploadDeleted},
	}, previewImport)),
	plain[Import](operation{
		method: http.MethodPost, path: importPath + "/confirmation", id: "confirm_import_api_v1_imports__import_id__confirmation_post",
		tag: importsTag, summary: "Confirm an import", permission: imports.Run, status: http.StatusAccepted, effect: writes,
		about: "Begins the import of the file with the settings, in the background, or continues one that stopped. An import that was interrupted by a restart goes on by itself. " +
			"Confirming it again changes nothing. The user who confirms must keep the permission until the import is complete.",
		refusals: []fault.Code{imports.NotFound, imports.UploadBegun, imports.UploadDeleted},
	}, confirmImport),
	writeFound(operation{
		method: http.MethodDelete, path: importPath, id: "discard_import_api_v1_imports__import_id__delete",
		tag: importsTag, summary: "Discard a file to import", permission: imports.Run, status: http.StatusNoContent,
		about:    "Deletes an uploaded file that is not imported, or whose import stopped. Rows that were imported stay.",
		refusals: []fault.Code{imports.NotFound, imports.UploadBegun},
	}, func(_ context.Context, _ *server, in *importByID) (bank.Command[imports.Upload], error) {
		return taking.DiscardUpload{Upload: in.ImportID}, nil
	}),
	plain[ImportReport](operation{
		method: http.MethodGet, path: importPath + "/report", id: "read_import_report_api_v1_imports__import_id__report_get",
		tag: importsTag, summary: "Get the reconciliation of an import", permission: imports.Run, status: http.StatusOK, effect: reads,
		about:    "Compares what was imported with its source: the counts and sums, and the differences by reason. The first 1,000 differences are listed.",
		refusals: []fault.Code{imports.NotFound},
	}, readImportReport),
	rejectedRows(operation{
		path: importPath + "/rejected-rows", id: "read_rejected_rows_api_v1_imports__import_id__rejected_rows_get",
		tag: importsTag, summary: "List the rejected rows of an import", permission: imports.Run,
		about:    "Lists the rows that were not imported, by line, with what is wrong." + inFormats,
		refusals: []fault.Code{imports.NotFound},
	}),
}

// slow gives a request of an operation more time than others have.
func slow(o operation) operation {
	serve := o.serve
	o.serve = func(s *server) func(*call) error {
		run := serve(s)
		return func(c *call) error {
			end, controller := time.Now().Add(slowTime), http.NewResponseController(c.ResponseWriter)
			_ = controller.SetReadDeadline(end) // an error means that there is none
			_ = controller.SetWriteDeadline(end)
			return run(c)
		}
	}
	return o
}

// slowTime is the time of a slow request: 16 MiB at 60 KiB/s.
const slowTime = 5 * time.Minute

type importByID struct {
	ImportID id.ID `path:"import_id" doc:"Id of the upload, or of the import of the command line."`
}

type templateOf struct {
	Kind   imports.Kind `path:"kind" enum:"clients,loans,payments,balances" doc:"Kind of the rows." example:"clients"`
	Format string       `query:"format" default:"csv" enum:"csv,xlsx" doc:"Format of the template."`
}

// importTemplate sends a template.
func (s *server) importTemplate(c *call, in *templateOf) error {
	f, media := document.ImportTemplate(in.Kind), csvMedia
	var out bytes.Buffer
	write := f.CSV
	if in.Format == "xlsx" {
		write, media = f.XLSX, xlsxMedia
	} else {
		out.WriteString(byteOrderMark)
	}
	if err := write(&out); err != nil {
		return err
	}
	c.Header().Set("Content-Type", media)
	c.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", f.Name+"."+in.Format))
	c.send(http.StatusOK, out.Bytes())
	return nil
}

type importUpload struct {
	Kind imports.Kind  `query:"kind" enum:"clients,loans,payments,balances" doc:"Kind of the rows. Import clients first, then loans, payments and opening balances."`
	Name string        `query:"name" maxLength:"120" doc:"Name of the file." example:"clientes.csv"`
	Body seedform.File `media:"text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,application/octet-stream" most:"16384"`
}

func uploadImport(s *server, c *call, in *importUpload) error {
	by, flaws := c.by("POST "+importsPath, in, nil)
	if len(flaws) > 0 {
		return fault.Wrong(flaws...)
	}
	c.leave() // the command waits for the writer, not for the database
	r, err := s.Imports.Add(c.request.Context(), by, in.Kind, in.Name, in.Body.Content)
	return c.answerImport(r, err)
}

// answerImport answers with an import after a command.
func (c *call) answerImport(r bank.Receipt[imports.Upload], err error) error {
	if err != nil {
		return c.named(err)
	}
	c.mark(r.Token, r.Replayed)
	i, err := c.server.View.Import(c.request.Context(), c.reader(r.Token), r.Answer.ID)
	if err != nil {
		return err
	}
	c.answer(c.endpoint.status, wire.JSON(nil, importOf(i)))
	return nil
}

type settingsOfImport struct {
	importByID
	Body ImportSettings
}

// ImportSettings say how an uploaded file is read and what its loans become.
type ImportSettings struct {
	Columns    []ImportColumn  `json:"columns,omitempty" maxItems:"200" doc:"Columns whose field does not follow from their name."`
	Decimal    imports.Decimal `json:"decimal,omitempty" default:"auto" enum:"auto,point,comma" doc:"Decimal sign. auto: a comma if semicolons separate the fields."`
	Product    string          `json:"product,omitempty" default:"seed" maxLength:"40" doc:"Product of the loans that name none."`
	NoInterest bool            `json:"no_interest,omitempty" default:"false" doc:"Whether the loans bear no interest. By default they bear interest from the day of the import on."`
}

// ImportColumn is a column of a file with its field.
type ImportColumn struct {
	Column string        `json:"column" minLength:"1" maxLength:"255" doc:"Name of the column in the heading." example:"No. de cliente"`
	Field  imports.Field `json:"field,omitempty" enum:"id,full_name,given_names,paternal_surname,maternal_surname,rfc,email,created_at,client,client_rfc,product,amount,interest_rate,term_months,remaining_periods,status,granted_at,balance,next_due,days_past_due,overdue_principal,unpaid_interest,unpaid_iva,penalty_interest,loan,paid_at,reference,account,debit,credit" doc:"Field of the column, as in the template of the kind. Absent: the column is not read." example:"id"`
}

func (b ImportSettings) settings() (s imports.Settings, err error) {
	s = imports.Settings{Columns: map[string]imports.Field{}, Decimal: b.Decimal, Product: b.Product, NoInterest: b.NoInterest}
	var flaws fault.Flaws
	for i, c := range b.Columns {
		if c.Column == "" {
			flaws.Add(fault.At("column", fault.Blank).In("columns", i))
		}
		if _, twice := s.Columns[c.Column]; twice {
			flaws.Add(fault.At("column", imports.ColumnOnce).In("columns", i))
		}
		s.Columns[c.Column] = c.Field
	}
	return s, flaws.Err()
}

// settings returns the actor and the settings of a request.
func (c *call) settings(in *settingsOfImport) (bank.By, imports.Settings, error) {
	by, flaws := c.by(c.endpoint.method+" "+c.endpoint.path, in, nil)
	if len(flaws) > 0 {
		return by, imports.Settings{}, fault.Wrong(flaws...)
	}
	s, err := in.Body.settings()
	return by, s, err
}

func confirmImport(s *server, c *call, in *settingsOfImport) error {
	by, settings, err := c.settings(in)
	if err != nil {
		return err
	}
	c.leave() // the command waits for the writer, not for the database
	r, err := s.Imports.Confirm(c.request.Context(), by, in.ImportID, settings)
	return c.answerImport(r, err)
}

// ImportPreview is what an import would do.
type ImportPreview struct {
	Columns  []ImportColumn  `json:"columns" doc:"The columns of the file with their fields."`
	Rows     int64           `json:"rows" doc:"Rows of the file, without its heading."`
	Taken    int64           `json:"taken" doc:"Rows that would be stored, complete or not."`
	Known    int64           `json:"known" doc:"Rows that are stored already."`
	Partial  int64           `json:"incomplete" doc:"Of the rows that would be stored, those with a field to complete or that would be changed."`
	Rejected int64           `json:"rejected" doc:"Rows that would not be stored."`
	Amount   money.Amount    `json:"amount" doc:"Sum of the rows that would be stored, in pesos: principals, payments or debits."`
	Findings []ImportFinding `json:"findings" doc:"What is wrong with the first rows, at most 100: the rejected ones first, by line."`
}

// ImportFinding is what is wrong with a field of a row.
type ImportFinding struct {
	Line    int64           `json:"line" doc:"Line of the row in the file." example:"5"`
	Outcome imports.Outcome `json:"outcome" enum:"REJECTED,INCOMPLETE" doc:"REJECTED: the row is not stored. INCOMPLETE: it is stored, and the field must be completed or was changed."`
	Field   imports.Field   `json:"field" doc:"Field of the row. Empty if the whole row cannot be read." example:"created_at"`
	Rule    fault.Rule      `json:"rule" doc:"Rule that the value breaks, for programs." example:"date_form"`
	Reason  string          `json:"reason" doc:"What is wrong."`
	Value   string          `json:"value,omitempty" doc:"Value in the file." example:"30/02/2020"`
}

// mostFindings is the number of findings of a preview.
const mostFindings = 100

func findingOf(f imports.Finding) ImportFinding {
	return ImportFinding{f.Line, f.Outcome, f.Field, f.Rule, text.DetailOf(f.Flaw()), f.Value}
}

func previewImport(s *server, c *call, in *settingsOfImport) error {
	by, settings, err := c.settings(in)
	if err != nil {
		return err
	}
	ctx := c.request.Context()
	r, err := s.Imports.Preview(ctx, by, in.ImportID, settings)
	if err != nil {
		return c.named(err)
	}
	columns, err := s.Imports.Heading(ctx, by, in.ImportID, settings)
	if err != nil {
		return err
	}
	c.answer(http.StatusOK, wire.JSON(nil, ImportPreview{
		Columns: each(columns, func(c imports.Column) ImportColumn { return ImportColumn{c.Name, c.Field} }),
		Rows:    r.Read, Taken: r.Run.Taken, Known: r.Run.Known, Partial: r.Run.Incomplete, Rejected: r.Run.Rejected, Amount: r.Run.Amount,
		Findings: each(r.Bad[:min(len(r.Bad), mostFindings)], findingOf),
	}))
	return nil
}

// Import is an import of an uploaded file or of the command line.
type Import struct {
	ID          id.ID                `json:"id" doc:"Id of the upload, or of the import of the command line."`
	Kind        imports.Kind         `json:"kind" enum:"clients,loans,payments,balances" doc:"Kind of the rows." example:"clients"`
	Name        string               `json:"name" doc:"Name of the file." example:"clientes.csv"`
	Size        int64                `json:"size" doc:"Size of the file in bytes; 0 for an import of the command line."`
	Rows        int64                `json:"rows" doc:"Rows of the file, without its heading."`
	Status      imports.UploadStatus `json:"status" enum:"WAITING,RUNNING,STOPPED,IMPORTED,DISCARDED,UNFINISHED" doc:"WAITING for its confirmation; RUNNING in the background; STOPPED by a problem, to be confirmed again; IMPORTED; DISCARDED by a user or after 7 days; UNFINISHED at the command line."`
	Problem     fault.Code           `json:"problem,omitempty" doc:"Error code of what stopped the import." example:"forbidden"`
	Reason      string               `json:"reason,omitempty" doc:"What stopped the import."`
	Done        int64                `json:"rows_done" doc:"Rows that were taken, known or rejected so far."`
	Taken       int64                `json:"taken" doc:"Rows that were stored, complete or not."`
	Known       int64                `json:"known" doc:"Rows that were stored before."`
	Partial     int64                `json:"incomplete" doc:"Rows that were stored with a field to complete or that was changed."`
	Rejected    int64                `json:"rejected" doc:"Rows that were not stored."`
	Amount      money.Amount         `json:"amount" doc:"Sum of the stored rows in pesos: principals, payments or debits."`
	UploadedBy  string               `json:"uploaded_by" doc:"User who uploaded the file." example:"dora"`
	UploadedAt  time.Time            `json:"uploaded_at" doc:"Time of the upload, UTC."`
	ConfirmedBy string               `json:"confirmed_by,omitempty" doc:"User who confirmed the import." example:"dora"`
	ConfirmedAt time.Time            `json:"confirmed_at,omitzero" doc:"Time of the confirmation, UTC."`
	EndedAt     time.Time            `json:"ended_at,omitzero" doc:"Time at which the import was complete, stopped or discarded, UTC."`
}

func importOf(i view.Import) Import {
	return Import{
		i.ID, i.Kind, i.Name, i.Size, i.Rows, i.Status, i.Problem, i.Sentence.EN, i.Done, i.Taken, i.Known, i.Incomplete, i.Rejected, i.Amount,
		i.UploadedBy, i.UploadedAt, i.ConfirmedBy, i.ConfirmedAt, i.EndedAt,
	}
}

// ImportReport is the reconciliation of an import with its source.
type ImportReport struct {
	Rows        int64              `json:"rows" doc:"Rows that were read."`
	Stored      int64              `json:"stored" doc:"Rows that this import stored."`
	Known       int64              `json:"known" doc:"Rows that were stored before."`
	Partial     int64              `json:"incomplete" doc:"Rows that were stored with a field to complete or that was changed."`
	Rejected    int64              `json:"rejected" doc:"Rows that were not stored."`
	Amount      money.Amount       `json:"amount" doc:"Sum of the stored rows in pesos: principals, payments or debits."`
	Principal   money.Amount       `json:"principal" doc:"Outstanding principal today of the imported loans, in pesos; 0 for other kinds."`
	Reasons     []ImportReason     `json:"reasons" doc:"The reasons of the differences, with their number and sum."`
	Differences []ImportDifference `json:"differences" doc:"The first 1,000 differences."`
}

// ImportReason is the number of differences with a reason.
type ImportReason struct {
	Reason imports.Reason `json:"reason" enum:"rounded_apart,not_deducted,deducted_more,over_paid,paid_twice,not_the_balance,field_remaining" doc:"Reason of the differences."`
	Field  imports.Field  `json:"field,omitempty" doc:"Field to complete or that was changed." example:"email"`
	Rule   fault.Rule     `json:"rule,omitempty" doc:"Rule of the field." example:"missing"`
	Count  int64          `json:"count" doc:"Number of differences."`
	Sum    money.Amount   `json:"sum" doc:"Sum of the differences in pesos."`
}

// ImportDifference is a row whose figures do not agree, or with a field to complete.
type ImportDifference struct {
	Line       int64          `json:"line" doc:"Line of the row in the file."`
	ID         id.ID          `json:"row_id" doc:"Id of the client, the loan or the payment."`
	Reason     imports.Reason `json:"reason" enum:"rounded_apart,not_deducted,deducted_more,over_paid,paid_twice,not_the_balance,field_remaining" doc:"Reason of the difference."`
	Field      imports.Field  `json:"field,omitempty" doc:"Field to complete or that was changed." example:"email"`
	Value      string         `json:"value,omitempty" doc:"Value of the field in the file."`
	Stated     money.Amount   `json:"stated" doc:"Balance in the file, or the amount of a payment, in pesos."`
	Computed   money.Amount   `json:"computed" doc:"Amount of the loan less its payments, or the principal with which it goes on, in pesos."`
	Difference money.Amount   `json:"difference" doc:"Stated less computed, in pesos."`
}

// mostListed is the number of differences in a report.
const mostListed = 1000

// allRows is more than the rows of any file.
const allRows = 1 << 31

func readImportReport(s *server, c *call, in *importByID) error {
	by, err := c.viewer()
	if err != nil {
		return err
	}
	i, err := s.View.Import(c.request.Context(), by, in.ImportID)
	if err != nil {
		return err
	}
	r, err := s.Imports.Report(c.request.Context(), c.actor(), i.ImportID)
	if err != nil {
		return err
	}
	section := r.Sections[0]
	c.answer(http.StatusOK, wire.JSON(nil, ImportReport{
		section.Read, section.Stored, section.Known, section.Incomplete, section.Rejected, section.Amount, section.Principal,
		each(r.Reasons(), func(s takeover.ReasonSum) ImportReason {
			return ImportReason{s.Reason, s.Field, s.Rule, s.Count, s.Sum}
		}),
		each(r.Differences[:min(len(r.Differences), mostListed)], func(d imports.Difference) ImportDifference {
			return ImportDifference{d.Line, d.Row, d.Reason, d.Field, d.Value, d.Stated, d.Computed, d.Difference}
		}),
	}))
	return nil
}

type rejectedInput struct {
	importByID
	tableFormat
}

// rejectedRows makes the operation that lists rejected rows.
func rejectedRows(o operation) operation {
	return report(o, func(q reportRequest, in *rejectedInput) ([]ImportFinding, id.ID, error) {
		_, rows, err := q.rejected(in.ImportID)
		return each(rows, findingOf), id.ID{}, err
	}, func(q reportRequest, in *rejectedInput) (document.File, error) {
		i, rows, err := q.rejected(in.ImportID)
		return q.issuer.RejectedRows(i, rows), err
	})
}

// rejected returns an import with its rejected rows.
func (q reportRequest) rejected(importID id.ID) (i view.Import, rows []imports.Finding, err error) {
	if i, err = q.View.Import(q.ctx, q.by, importID); err == nil {
		rows, err = q.View.RejectedRows(q.ctx, q.by, i.ImportID, allRows)
	}
	return i, rows, err
}
