package imports

import (
	"maps"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lang"
	"sofipo/core/names"
	"sofipo/core/wire"
)

// UploadStatus is the state of the import of an uploaded file.
type UploadStatus string

// The states.
const (
	Waiting    UploadStatus = "WAITING"    // for its confirmation
	Running    UploadStatus = "RUNNING"    // confirmed; it is imported in the background
	Stopped    UploadStatus = "STOPPED"    // a refusal stopped the import; confirming it again continues it
	Imported   UploadStatus = "IMPORTED"   // complete; the file is deleted
	Discarded  UploadStatus = "DISCARDED"  // by a user, or after KeepDays; the file is deleted
	Unfinished UploadStatus = "UNFINISHED" // of an import that the command line began and has not completed
)

// UploadStatuses lists the states.
var UploadStatuses = []UploadStatus{Waiting, Running, Stopped, Imported, Discarded, Unfinished}

// KeepDays is the number of days after which a file that nobody confirmed, or whose import stopped,
// is deleted.
const KeepDays = 7

// MaxUpload is the largest size of an uploaded file in bytes.
const MaxUpload = 16 << 20

// MaxColumns is the largest number of columns of an uploaded file.
const MaxColumns = 200

// maxName is the longest name of a file in characters.
const maxName = 120

// Settings say how an uploaded file is read and what its loans become.
type Settings struct {
	Columns    map[string]Field `json:"columns,omitempty"` // fields of columns with other names; an empty field: the column is not read
	Decimal    Decimal          `json:"decimal,omitempty"`
	Product    string           `json:"product,omitempty"` // of the loans that name none
	NoInterest bool             `json:"no_interest,omitempty"`
}

// Check refuses an unknown decimal sign. The columns are checked with the heading of a file.
func (s Settings) Check() error {
	var f fault.Flaws
	fault.Among(&f, s.Decimal, "decimal", Decimals...)
	return f.Err()
}

// Equal reports whether both are the same.
func (s Settings) Equal(other Settings) bool {
	return s.Decimal == other.Decimal && s.Product == other.Product && s.NoInterest == other.NoInterest && maps.Equal(s.Columns, other.Columns)
}

// Column is a column of a file with the field that it has; empty if it is not read.
type Column struct {
	Name  string `json:"column"`
	Field Field  `json:"field"`
}

// ColumnsOf returns the columns of a heading with their fields, also of a heading that Columns
// refuses.
func ColumnsOf(k Kind, heading []string, mapped map[string]Field) []Column {
	fields := map[string]Field{}
	for name, field := range mapped {
		fields[names.Plain(name)] = field
	}
	out := make([]Column, len(heading))
	for i, head := range heading {
		field, is := fields[names.Plain(head)]
		if !is {
			field, _ = FieldOf(k, head)
		}
		out[i] = Column{strings.TrimSpace(head), field}
	}
	return out
}

// Decimal is the decimal sign of a file.
type Decimal string

// The decimal signs.
const (
	AutoDecimal  Decimal = "auto" // a comma if semicolons separate the fields
	DecimalPoint Decimal = "point"
	DecimalComma Decimal = "comma"
)

// Decimals lists the decimal signs.
var Decimals = []Decimal{AutoDecimal, DecimalPoint, DecimalComma}

// Comma returns whether numbers have a decimal comma; nil if the file decides.
func (d Decimal) Comma() *bool {
	if d != DecimalPoint && d != DecimalComma {
		return nil
	}
	comma := d == DecimalComma
	return &comma
}

// Upload is a file that was uploaded to be imported. An import of the command line is an Upload
// with the id of the import and without a size.
type Upload struct {
	ID          id.ID        `json:"id"`
	Kind        Kind         `json:"kind"`
	Name        string       `json:"name"`
	Size        int64        `json:"size"` // in bytes
	Rows        int64        `json:"rows"`
	Status      UploadStatus `json:"status"`
	Settings    Settings     `json:"-"`
	ImportID    id.ID        `json:"import_id,omitzero"` // from the confirmation on
	Problem     fault.Code   `json:"problem,omitempty"`  // that stopped the import
	Sentence    lang.Text    `json:"-"`                  // of the problem
	UploadedBy  string       `json:"uploaded_by"`
	UploadedAt  time.Time    `json:"uploaded_at"`
	ConfirmedBy string       `json:"confirmed_by,omitempty"`
	ConfirmedAt time.Time    `json:"confirmed_at,omitzero"`
	EndedAt     time.Time    `json:"ended_at,omitzero"`
}

// AppendJSON appends the upload as JSON.
func (u Upload) AppendJSON(b []byte) []byte { return wire.JSON(b, u) }

// CheckName refuses a name of a file that is empty, too long or cannot be shown.
func CheckName(name string) error {
	var f fault.Flaws
	switch {
	case strings.TrimSpace(name) == "":
		f.Add(fault.At("name", fault.Blank))
	case utf8.RuneCountInString(name) > maxName:
		f.Add(fault.At("name", fault.MaxLength, "most", maxName))
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		f.Add(fault.At("name", fault.Printable))
	}
	return f.Err()
}
