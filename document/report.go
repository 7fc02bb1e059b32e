package document

import (
	"iter"
	"strings"

	"sofipo/document/layout"
	"sofipo/view"
)

// report is a table as a file. About says of what or of when it is.
func (i Issuer) report(name, title, about string, headings []layout.Heading, rows iter.Seq2[layout.Row, error]) File {
	if i.Institution.Name != "" {
		about = i.Institution.Name + " · " + about
	}
	r := layout.Report{Title: title, About: about, Headings: headings, Rows: rows}
	return File{Name: name, CSV: r.CSV, XLSX: r.XLSX}
}

// rowsOf are the given ones.
func rowsOf(all []layout.Row) iter.Seq2[layout.Row, error] {
	return func(yield func(layout.Row, error) bool) {
		for _, row := range all {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// pageSize is how many loans a table asks for at a time.
const pageSize = 20_000

// rowsOfPages are the rows of all pages, and the total.
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

// bucketInSpanish is a bucket that no spreadsheet takes for a date.
func bucketInSpanish(bucket string) string {
	return strings.Replace(strings.Replace(bucket, "-", " a ", 1), "+", " o más", 1)
}

// cells are the values of a row; numbers of any kind are counts.
func cells(values ...any) []any {
	for i, v := range values {
		if n, ok := v.(int); ok {
			values[i] = int64(n)
		}
	}
	return values
}
