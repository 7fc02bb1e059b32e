// Package document assembles the documents of loans and clients and the tables of reports
// from the data of the view. Package layout draws them.
package document

import (
	"io"
	"time"

	"sofipo/core/civil"
	"sofipo/core/institution"
	"sofipo/view"
)

// File is a document. A format that is not available is nil.
type File struct {
	Name   string      // of the file, without the extension
	Period view.Period // of a statement; otherwise zero
	PDF    func(io.Writer) error
	CSV    func(io.Writer) error
	XLSX   func(io.Writer) error
}

// Issuer issues documents on a date.
type Issuer struct {
	Institution institution.Letterhead
	Location    *time.Location // time zone of the times shown
	Today       civil.Date     // the business date
}
