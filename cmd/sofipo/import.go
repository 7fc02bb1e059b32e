package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"sofipo/bank/takeover"
	core "sofipo/core/imports"
	"sofipo/core/lending/product"
	"sofipo/document"
	"sofipo/infra/seeddb"
)

type importCommand struct {
	Seed     importSeedCommand     `cmd:"" help:"Import the clients, loans and payments of a PostgreSQL database of the seed, with their ids."`
	Clients  importClientsCommand  `cmd:"" help:"Import clients from a CSV or XLSX file."`
	Loans    importLoansCommand    `cmd:"" help:"Import loans from a CSV or XLSX file, with their balances and what is overdue."`
	Payments importPaymentsCommand `cmd:"" help:"Import payments that another system received, as information without entries."`
	Balances importBalancesCommand `cmd:"" help:"Import the opening balances of the books, in one entry of today."`
}

// rejectedError says that rows were rejected: exit status 3.
type rejectedError struct{ error }

// importFlags are the flags of all imports.
type importFlags struct {
	DryRun   bool   `name:"dry-run" help:"Show what the import would do, and change nothing."`
	JSON     bool   `name:"json" help:"Print the report as JSON, with each difference."`
	Report   string `type:"path" placeholder:"FILE" help:"Write the report as JSON to a file, with each difference."`
	Rejected string `type:"path" placeholder:"FILE" help:"Write the rejected rows to a CSV file: line, field, reason, value and id. With a file to import, its name and .rejected.csv by default."`
	Chunk    int    `placeholder:"ROWS" help:"Rows of a chunk, which is one transaction. By default 1000 clients, 500 loans or 10000 payments."`
}

// loanFlags are the flags of imports of loans.
type loanFlags struct {
	Product    string `default:"seed" help:"Product of the loans that name none."`
	NoInterest bool   `name:"no-interest" help:"The loans bear no interest. By default they bear interest from the day of the import on."`
}

// fileFlags are the flags of files.
type fileFlags struct {
	Map      []string `sep:"none" placeholder:"COLUMN=FIELD" help:"Field of a column with another name. May be repeated."`
	Decimal  string   `enum:"auto,point,comma" default:"auto" help:"Decimal sign: auto, point or comma. Auto means comma if semicolons separate the fields."`
	Template bool     `help:"Write an example to the file, which must not exist."`
}

type importSeedCommand struct {
	settings `embed:""`
	importFlags
	loanFlags
	DSN string `required:"" name:"dsn" placeholder:"URL" help:"URL of the seed's database, such as postgresql://sofipo_user@localhost/sofipo_db. It is only read."`
}

// Run imports the clients, the loans and the payments.
func (c *importSeedCommand) Run(ctx context.Context) error {
	seed, err := seeddb.Open(ctx, c.DSN)
	if err != nil {
		return err
	}
	defer seed.Close()
	s := &c.settings
	if c.DryRun { // a whole import into a scratch database
		folder, err := os.MkdirTemp("", "sofipo-dry-run")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(folder) }()
		s = s.scratch(folder)
	}
	return change(ctx, s, func(n *node) error {
		i := c.importer(n, c.loanFlags)
		if c.DryRun {
			i.Preview, i.Product = false, product.SeedCode // a scratch database has no other
		}
		report, err := i.Seed(ctx, seed)
		if err != nil {
			return err
		}
		return c.reconciled(ctx, n, report)
	})
}

// scratch returns the settings of an embedded database in an empty folder, without services.
func (s *settings) scratch(folder string) *settings {
	of := *s
	of.Data, of.DatabaseURL, of.PostgresDB, of.RedisURL, of.RedisHost = folder, "", "", "", ""
	of.AMQPURL, of.RabbitHost, of.RabbitUser, of.CouchURL, of.CouchHost, of.CouchUser, of.FilesURL = "", "", "", "", "", "", ""
	return &of
}

// importer returns the importer for the flags.
func (f importFlags) importer(n *node, l loanFlags) takeover.Importer {
	return takeover.Importer{
		Bank: n.bank, By: commandLine, Preview: f.DryRun, Chunk: f.Chunk, Product: l.Product, NoInterest: l.NoInterest, Progress: newBar(os.Stderr).show,
	}
}

// show prints the report and writes its files. The error says that rows were rejected. rejected
// returns their findings.
func (f importFlags) show(report takeover.Report, rejected func() ([]core.Finding, error)) error {
	if f.Report != "" {
		var text bytes.Buffer
		if err := printJSON(&text, report); err != nil {
			return err
		}
		if err := os.WriteFile(f.Report, text.Bytes(), 0o600); err != nil {
			return err
		}
	}
	if f.JSON {
		if err := printJSON(os.Stdout, report); err != nil {
			return err
		}
	} else {
		printReport(os.Stdout, report)
	}
	var count int64
	for _, s := range report.Sections {
		count += s.Rejected
	}
	if count == 0 {
		return nil
	}
	where := ""
	if f.Rejected != "" {
		all, err := rejected()
		if err != nil {
			return err
		}
		if len(all) > 0 {
			if err := writeFindings(all, f.Rejected); err != nil {
				return err
			}
			where = "; see " + f.Rejected
		}
	}
	return rejectedError{fmt.Errorf("%d rows were rejected%s", count, where)}
}

// reconciled shows the report of an import.
func (f importFlags) reconciled(ctx context.Context, n *node, report takeover.Report) error {
	return f.show(report, func() (all []core.Finding, err error) {
		for _, s := range report.Sections {
			begin := len(all)
			if err := takeover.Findings(ctx, n.db, s.Import, func() { all = all[:begin] }, func(found core.Finding) error {
				all = append(all, found)
				return nil
			}); err != nil {
				return nil, err
			}
			all = append(all[:begin], rejectedOf(all[begin:])...)
		}
		return all, nil
	})
}

// rejectedOf returns the findings of rejected rows.
func rejectedOf(all []core.Finding) []core.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f core.Finding) bool { return f.Outcome != core.Rejected })
}

// writeFindings writes findings to a CSV file.
func writeFindings(all []core.Finding, path string) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // it has personal data
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := csv.NewWriter(file)
	if err := out.Write([]string{"line", "field", "reason", "value", "id"}); err != nil {
		return err
	}
	for _, f := range all {
		row := ""
		if !f.Row.IsZero() {
			row = f.Row.String()
		}
		if err := out.Write([]string{fmt.Sprint(f.Line), string(f.Field), reason(f), f.Value, row}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// The commands for files.
type (
	importClientsCommand struct {
		settings `embed:""`
		importFlags
		fileFlags
		File string `arg:"" type:"path" help:"CSV or XLSX file."`
	}
	importLoansCommand struct {
		settings `embed:""`
		importFlags
		fileFlags
		loanFlags
		File string `arg:"" type:"path" help:"CSV or XLSX file."`
	}
	importPaymentsCommand struct {
		settings `embed:""`
		importFlags
		fileFlags
		File string `arg:"" type:"path" help:"CSV or XLSX file."`
	}
	importBalancesCommand struct {
		settings `embed:""`
		importFlags
		fileFlags
		File string `arg:"" type:"path" help:"CSV or XLSX file."`
	}
)

// Run imports the clients.
func (c *importClientsCommand) Run(ctx context.Context) error {
	return importFile(ctx, &c.settings, oneFile{c.importFlags, c.fileFlags, loanFlags{}, c.File, core.Clients}, takeover.ClientsOf, takeover.Importer.Clients)
}

// Run imports the loans.
func (c *importLoansCommand) Run(ctx context.Context) error {
	return importFile(ctx, &c.settings, oneFile{c.importFlags, c.fileFlags, c.loanFlags, c.File, core.Loans}, takeover.LoansOf, takeover.Importer.Loans)
}

// Run imports the payments.
func (c *importPaymentsCommand) Run(ctx context.Context) error {
	return importFile(ctx, &c.settings, oneFile{c.importFlags, c.fileFlags, loanFlags{}, c.File, core.Payments}, takeover.PaymentsOf, takeover.Importer.Payments)
}

// Run imports the balances.
func (c *importBalancesCommand) Run(ctx context.Context) error {
	return importFile(ctx, &c.settings, oneFile{c.importFlags, c.fileFlags, loanFlags{}, c.File, core.Balances}, takeover.BalancesOf, takeover.Importer.Balances)
}

// oneFile has the flags of the import of a file.
type oneFile struct {
	importFlags
	fileFlags
	loanFlags
	path string
	kind core.Kind
}

// importFile imports a file, or writes an example.
func importFile[R any](ctx context.Context, s *settings, f oneFile, read func(takeover.File) (takeover.Source[R], []string, error),
	run func(takeover.Importer, context.Context, takeover.Source[R]) (takeover.Result, error)) error {
	if f.Template {
		return writeTemplate(f.kind, f.path)
	}
	file, err := f.file(s)
	if err != nil {
		return usageError{err}
	}
	source, ignored, err := read(file)
	if err != nil {
		return usageError{err}
	}
	if len(ignored) > 0 {
		fmt.Fprintf(os.Stderr, "columns that are not read: %s\n", strings.Join(ignored, ", "))
	}
	if f.Rejected == "" {
		f.Rejected = f.path + ".rejected.csv"
	}
	return change(ctx, s, func(n *node) error {
		result, err := run(f.importer(n, f.loanFlags), ctx, source)
		if err != nil {
			return err
		}
		if result.Before > 0 {
			fmt.Fprintf(os.Stderr, "%d of %d rows were decided by an earlier run of this import\n", result.Before, result.Read)
		}
		if f.DryRun {
			return f.show(result.Preview(), func() ([]core.Finding, error) { return rejectedOf(result.Bad), nil })
		}
		report, err := takeover.Reconcile(ctx, n.db, nil, result)
		if err != nil {
			return err
		}
		return f.reconciled(ctx, n, report)
	})
}

// file returns the file with its columns.
func (f oneFile) file(s *settings) (file takeover.File, err error) {
	file = takeover.File{Path: f.path, Columns: map[string]core.Field{}}
	for _, m := range f.Map {
		column, field, is := strings.Cut(m, "=")
		if !is {
			return file, fmt.Errorf("--map is %q, want \"Column=field\"", m)
		}
		file.Columns[column] = core.Field(strings.TrimSpace(field))
	}
	if f.Decimal != "auto" {
		comma := f.Decimal == "comma"
		file.DecimalComma = &comma
	}
	file.Location, err = time.LoadLocation(s.TimeZone)
	return file, err
}

// writeTemplate writes an example of a kind.
func writeTemplate(kind core.Kind, path string) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return usageError{err}
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	template := document.ImportTemplate(kind)
	if strings.HasSuffix(strings.ToLower(path), ".xlsx") {
		return template.XLSX(file)
	}
	if _, err := io.WriteString(file, "\ufeff"); err != nil { // Excel needs it to read accents
		return err
	}
	return template.CSV(file)
}
