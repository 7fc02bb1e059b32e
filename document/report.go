package document

import (
	"fmt"
	"iter"
	"strings"

	"sofipo/document/layout"
	"sofipo/view"
)

// report returns a table as a file. About describes its contents and date.
func (i Issuer) report(name, title, about string, headings []layout.Heading, rows iter.Seq2[layout.Row, error]) File {
	if i.Institution.Name != "" {
		about = i.Institution.Name + " · " + about
	}
	return File{Name: name}.with(layout.Report{Title: title, About: about, Headings: headings, Rows: rows})
}

// pageSize is the number of loans that a table reads at a time.
const pageSize = 20_000

// rowsOfPages returns the rows of all pages, then the total.
func rowsOfPages[T any](ask func(view.Paging) (view.Page[T], error), row func(T) layout.Row, total func() layout.Row) iter.Seq2[layout.Row, error] {
	return func(yield func(layout.Row, error) bool) {
		part := view.Paging{Limit: pageSize}
		for first := true; first || !part.After.IsZero(); first = false {
			page, err := ask(part)
			if err != nil {
				yield(layout.Row{}, err)
				return
			}
			for _, one := range page.Items {
				if !yield(row(one), nil) {
					return
				}
			}
			part.After = page.Next
		}
		yield(total(), nil)
	}
}

// bucketInSpanish returns the name of a bucket in a form that spreadsheets do not read as a date.
func bucketInSpanish(bucket string) string {
	return strings.Replace(strings.Replace(bucket, "-", " a ", 1), "+", " o más", 1)
}

// loans returns a number of loans in Spanish.
func loans(n int64) string {
	if n == 1 {
		return "1 préstamo"
	}
	return fmt.Sprintf("%d préstamos", n)
}

// cells returns the values of a row, with int converted to int64.
func cells(values ...any) []any {
	for i, v := range values {
		if n, ok := v.(int); ok {
			values[i] = int64(n)
		}
	}
	return values
}
