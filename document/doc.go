// Package document assembles what people get in hand: the documents of a loan and of a
// client, and the tables of reports, from the answers of the view. The package layout
// draws them.
package document

import (
	"io"
	"time"

	"sofipo/core/civil"
	"sofipo/document/layout"
)

// File is a document in the forms that it has; a form that it lacks is nil.
type File struct {
	Name string // of the file, without its ending
	PDF  func(io.Writer) error
	CSV  func(io.Writer) error
	XLSX func(io.Writer) error
}

// Issuer is who issues documents, and when.
type Issuer struct {
	Institution layout.Institution
	Location    *time.Location // in which moments are shown
	Today       civil.Date     // the business date
}
