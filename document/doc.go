// Package document assembles the documents of loans and clients and the tables of reports
// from the data of the view. Package layout draws them.
package document

import (
	"io"
	"time"

	"sofipo/core/civil"
	"sofipo/core/institution"
	"sofipo/document/layout"
	"sofipo/view"
)

// File is a document. A format that is not available is nil.
type File struct {
	Name   string      // of the file, without the extension
	Period view.Period // of a statement; otherwise zero
	PDF    func(io.Writer) error
	CSV    func(io.Writer) error
	XLSX   func(io.Writer) error
	Lines  func(io.Writer) error // JSON lines
	Rows   func() int64          // number of rows that were written, without totals; nil if it is no table
}

// Count returns the number of rows that were written.
func (f File) Count() int64 {
	if f.Rows == nil {
		return 0
	}
	return f.Rows()
}

// with adds the tables of a report to the file.
func (f File) with(r layout.Report) File {
	var n int64
	all := r.Rows
	r.Rows = func(yield func(layout.Row, error) bool) {
		n = 0
		for row, err := range all {
			if !row.Total && err == nil {
				n++
			}
			if !yield(row, err) {
				return
			}
		}
	}
	f.CSV, f.XLSX, f.Rows = r.CSV, r.XLSX, func() int64 { return n }
	return f
}

// Issuer issues documents on a date.
type Issuer struct {
	Institution institution.Letterhead
	Location    *time.Location // time zone of the times shown
	Today       civil.Date     // the business date
}
