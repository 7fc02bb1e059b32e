package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"

	"sofipo/api"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

type quoteCommand struct {
	api.QuoteTerms `embed:""`
	Format         string `enum:"table,csv,json" default:"table" help:"Output format: ${enum}. json is the response of the REST API."`
	Explain        bool   `help:"Show the formula of each figure, with its numbers."`
	TimeZone       string `env:"SOFIPO_TIME_ZONE" default:"America/Mexico_City" help:"Time zone of the default disbursement date."`
}

// Run prints the quote. Invalid terms are a usage error.
func (c *quoteCommand) Run() error {
	location, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return usageError{fmt.Errorf("SOFIPO_TIME_ZONE is %q: use a name such as America/Mexico_City", c.TimeZone)}
	}
	q, err := c.Quote(civil.DateOf(time.Now().In(location)), c.Explain)
	if err != nil {
		return usageError{inFlags(err)}
	}
	switch c.Format {
	case "json":
		_, err = os.Stdout.Write(append(q.AppendJSON(nil), '\n'))
		return err
	case "csv":
		return writeCSV(os.Stdout, q)
	}
	return writeTable(os.Stdout, q)
}

// figures parse flags with whole numbers, amounts, rates and dates. Their errors say what
// is accepted.
var figures = []kong.Option{
	figure(strconv.Atoi, "a whole number, such as 24"),
	figure(money.Parse, "pesos with at most two decimals, such as 50000.00"),
	figure(rate.Parse, "a fraction with at most six decimals, such as 0.15"),
	figure(func(text string) (*civil.Date, error) {
		day, err := civil.Parse(text)
		return &day, err
	}, "a date as YYYY-MM-DD"),
}

func figure[T any](parse func(string) (T, error), accepted string) kong.Option {
	return kong.TypeMapper(reflect.TypeFor[T](), kong.MapperFunc(func(c *kong.DecodeContext, into reflect.Value) error {
		var text string
		if err := c.Scan.PopValueInto(c.Value.Name, &text); err != nil {
			return err
		}
		value, err := parse(text)
		if err != nil {
			return fmt.Errorf("%q is not %s", text, accepted)
		}
		into.Set(reflect.ValueOf(value))
		return nil
	}))
}

// inFlags returns a refusal with the names of the flags instead of the fields.
func inFlags(err error) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return err
	}
	return errors.New(flawsOf(refusal, func(field string) string { return "--" + strings.ReplaceAll(field, "_", "-") }))
}

// column is a column of the table.
type column struct {
	name    string // as in JSON
	title   string // in the table; empty: not shown
	figure  func(schedule.Row) string
	sum     func(schedule.Totals) string // nil: has none
	formula func(schedule.RowExplanation) string
}

// columns are the columns of the CSV file, in order. The table has those with a title.
var columns = []column{
	{"number", "#", func(r schedule.Row) string { return strconv.Itoa(r.Number) }, nil, nil},
	{"due_date", "due date", func(r schedule.Row) string { return r.Due.String() }, nil, nil},
	{"nominal_date", "", func(r schedule.Row) string { return r.Nominal.String() }, nil, nil},
	{"days", "days", func(r schedule.Row) string { return strconv.Itoa(r.Days) }, nil, nil},
	pesos("opening_balance", "opening", func(r schedule.Row) money.Amount { return r.OpeningBalance }, nil, nil),
	pesos("principal", "principal", func(r schedule.Row) money.Amount { return r.Principal },
		func(t schedule.Totals) money.Amount { return t.Principal }, func(e schedule.RowExplanation) string { return e.Principal }),
	pesos("interest", "interest", func(r schedule.Row) money.Amount { return r.Interest },
		func(t schedule.Totals) money.Amount { return t.Interest }, func(e schedule.RowExplanation) string { return e.Interest }),
	pesos("iva", "IVA", func(r schedule.Row) money.Amount { return r.IVA },
		func(t schedule.Totals) money.Amount { return t.IVA }, func(e schedule.RowExplanation) string { return e.IVA }),
	pesos("fee", "fee", func(r schedule.Row) money.Amount { return r.Fee },
		func(t schedule.Totals) money.Amount { return t.Fee }, func(e schedule.RowExplanation) string { return e.Fee }),
	pesos("iva_fee", "its IVA", func(r schedule.Row) money.Amount { return r.FeeIVA },
		func(t schedule.Totals) money.Amount { return t.FeeIVA }, func(e schedule.RowExplanation) string { return e.FeeIVA }),
	pesos("insurance", "insurance", func(r schedule.Row) money.Amount { return r.Insurance },
		func(t schedule.Totals) money.Amount { return t.Insurance }, nil),
	pesos("total", "total", func(r schedule.Row) money.Amount { return r.Total },
		func(t schedule.Totals) money.Amount { return t.Total }, func(e schedule.RowExplanation) string { return e.Total }),
	pesos("balance", "balance", func(r schedule.Row) money.Amount { return r.Balance },
		nil, func(e schedule.RowExplanation) string { return e.Balance }),
	pesos("accrued_interest", "", func(r schedule.Row) money.Amount { return r.Accrued },
		nil, func(e schedule.RowExplanation) string { return e.Accrued }),
	pesos("taxable_interest", "", func(r schedule.Row) money.Amount { return r.Taxable },
		nil, func(e schedule.RowExplanation) string { return e.Taxable }),
	pesos("capitalised_interest", "capitalised", func(r schedule.Row) money.Amount { return r.Capitalised },
		func(t schedule.Totals) money.Amount { return t.Capitalised }, nil),
}

// pesos returns a column of amounts.
func pesos(name, title string, figure func(schedule.Row) money.Amount, sum func(schedule.Totals) money.Amount, formula func(schedule.RowExplanation) string) column {
	c := column{name: name, title: title, figure: func(r schedule.Row) string { return figure(r).String() }, formula: formula}
	if sum != nil {
		c.sum = func(t schedule.Totals) string { return sum(t).String() }
	}
	return c
}

// writeCSV writes the instalments as RFC 4180, followed by the formulas if the quote has
// an explanation.
func writeCSV(to io.Writer, q api.Quote) error {
	out := csv.NewWriter(to)
	out.UseCRLF = true
	var header []string
	for _, c := range columns {
		header = append(header, c.name)
	}
	if q.Explanation != nil {
		for _, c := range columns {
			if c.formula != nil {
				header = append(header, c.name+"_formula")
			}
		}
	}
	_ = out.Write(header) // an error is kept until Flush
	for i, row := range q.Schedule {
		var record []string
		for _, c := range columns {
			record = append(record, c.figure(row))
		}
		if q.Explanation != nil {
			for _, c := range columns {
				if c.formula != nil {
					record = append(record, c.formula(q.Explanation.Rows[i]))
				}
			}
		}
		_ = out.Write(record)
	}
	out.Flush()
	return out.Error()
}

// writeTable writes an aligned table, the totals and the CAT. Optional columns with only
// zeros are omitted.
func writeTable(to io.Writer, q api.Quote) error {
	var table strings.Builder
	out := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	shown := slices.DeleteFunc(slices.Clone(columns), func(c column) bool {
		optional := slices.Contains([]string{"iva", "fee", "iva_fee", "insurance", "capitalised_interest"}, c.name)
		return c.title == "" || optional && c.sum(q.Totals) == "0.00"
	})
	line := func(cell func(column) string) {
		for _, c := range shown {
			fmt.Fprint(out, cell(c), "\t")
		}
		fmt.Fprintln(out)
	}
	line(func(c column) string { return c.title })
	for _, row := range q.Schedule {
		line(func(c column) string { return c.figure(row) })
	}
	line(func(c column) string {
		switch {
		case c.name == "due_date":
			return "total"
		case c.sum == nil:
			return ""
		}
		return c.sum(q.Totals)
	})
	_ = out.Flush() // to memory
	for line := range strings.Lines(table.String()) {
		if _, err := fmt.Fprintln(to, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return writeSummary(to, q)
}

// writeSummary writes the totals of the loan, and the formulas if the quote has an
// explanation.
func writeSummary(to io.Writer, q api.Quote) error {
	out := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out)
	if q.Level != nil {
		fmt.Fprintf(out, "level payment\t%s\n", q.Level)
	}
	if q.Opening.Fee > 0 {
		fmt.Fprintf(out, "origination fee\t%s and IVA %s, %s\n", q.Opening.Fee, q.Opening.IVA, q.Terms.OriginationFeePayment)
	}
	fmt.Fprintf(out, "disbursed\t%s on %s\n", q.Opening.Disbursed, q.Terms.Disbursement)
	fmt.Fprintf(out, "total to pay\t%s\n", q.Totals.TotalToPay)
	fmt.Fprintf(out, "CAT\t%s%% sin IVA\n", q.CAT.Percent())
	if q.Explanation != nil {
		fmt.Fprintln(out)
		explainFigures(out, "", *q.Explanation)
		for _, row := range q.Explanation.Rows {
			explainFigures(out, fmt.Sprint("#", row.Number, " "), row)
		}
	}
	return out.Flush()
}

// explainFigures writes the formulas of a struct by their JSON names.
func explainFigures(out io.Writer, before string, formulas any) {
	v := reflect.ValueOf(formulas)
	for _, f := range reflect.VisibleFields(v.Type()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if text, ok := v.FieldByIndex(f.Index).Interface().(string); ok && text != "" {
			fmt.Fprintf(out, "%s%s\t%s\n", before, name, text)
		}
	}
}
