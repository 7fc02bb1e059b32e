package screening

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/mx"
	"sofipo/core/wire"
)

// Limits of a list.
const (
	MaxEntries = 100_000
	MaxFile    = 16 << 20 // bytes
	maxText    = 255
	maxBad     = 100 // rows that a refusal names
)

// Version is an imported version of a list, with the report of its import and of the
// comparison with all clients.
type Version struct {
	ID         id.ID     `json:"id"`
	List       ListCode  `json:"list"`
	Number     int       `json:"version"`
	Entries    int       `json:"entries"`
	Added      int       `json:"added"`
	Removed    int       `json:"removed"`
	Bad        []BadRow  `json:"bad_rows"` // rows that were left out
	Hash       string    `json:"sha256"`
	ImportedBy string    `json:"imported_by"`
	ImportedAt time.Time `json:"imported_at"`
	Clients    int       `json:"clients"` // compared
	Alerts     int       `json:"alerts"`  // raised
	ScreenedAt time.Time `json:"screened_at,omitzero"`
}

// AppendJSON adds the version as the REST API writes it.
func (v Version) AppendJSON(b []byte) []byte {
	if v.Bad == nil {
		v.Bad = []BadRow{}
	}
	return wire.JSON(b, v)
}

// BadRow is a row of a file that cannot be imported.
type BadRow struct {
	Line  int        `json:"line"`
	Field string     `json:"field"`
	Rule  fault.Rule `json:"rule"`
}

var listForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{0,19}$`)

// CheckList refuses the code of a list.
func CheckList(code ListCode) error {
	if !listForm.MatchString(string(code)) {
		return fault.Wrong(fault.At("list", ListForm))
	}
	return nil
}

// The columns of a file, with their names in English and Spanish.
var columns = map[string]string{
	"full_name": "full_name", "nombre_completo": "full_name",
	"given_names": "given_names", "nombres": "given_names",
	"paternal_surname": "paternal_surname", "apellido_paterno": "paternal_surname",
	"maternal_surname": "maternal_surname", "apellido_materno": "maternal_surname",
	"rfc": "rfc", "curp": "curp",
	"birth_date": "birth_date", "fecha_nacimiento": "birth_date",
	"list": "list", "lista": "list",
	"reference": "reference", "referencia": "reference",
}

var accepted = []string{"full_name", "given_names", "paternal_surname", "maternal_surname", "rfc", "curp", "birth_date", "list", "reference"}

// Parse reads the entries of a CSV file of a list. It returns the rows that cannot be imported,
// and refuses a file that is not such a CSV with Invalid.
func Parse(code ListCode, content []byte) (entries []Entry, bad []BadRow, err error) {
	wrong := func(rule fault.Rule, values ...any) error { return fault.Wrong(fault.At("", rule, values...)) }
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if !utf8.Valid(content) {
		return nil, nil, wrong(CSVForm)
	}
	reader := csv.NewReader(bytes.NewReader(content))
	reader.FieldsPerRecord = -1
	head, err := reader.Read()
	if err != nil {
		return nil, nil, wrong(CSVForm)
	}
	names := make([]string, len(head))
	for i, h := range head {
		names[i] = columns[strings.ToLower(strings.TrimSpace(h))]
		switch {
		case names[i] == "":
			return nil, nil, fault.Wrong(fault.At("", Column, "accepted", accepted).In("line", 1, h))
		case slices.Contains(names[:i], names[i]):
			return nil, nil, wrong(ColumnOnce)
		}
	}
	for {
		row, err := reader.Read()
		line := 0
		if err == nil {
			line, _ = reader.FieldPos(0)
		}
		var syntax *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			if len(entries)+len(bad) == 0 {
				return nil, nil, wrong(NoRows)
			}
			return entries, bad, nil
		case errors.As(err, &syntax):
			bad = append(bad, BadRow{syntax.Line, "", CSVForm})
			continue
		case err != nil:
			return nil, nil, wrong(CSVForm)
		case len(row) != len(names):
			bad = append(bad, BadRow{line, "", CSVRow})
			continue
		}
		e, field, rule := entryOf(code, names, row)
		if rule != "" {
			bad = append(bad, BadRow{line, field, rule})
			continue
		}
		if entries = append(entries, e); len(entries) > MaxEntries {
			return nil, nil, wrong(TooManyRows, "most", MaxEntries)
		}
	}
}

// entryOf returns the entry of a row, or the field at fault and its rule.
func entryOf(code ListCode, names, row []string) (e Entry, field string, rule fault.Rule) {
	given := map[string]string{}
	for i, value := range row {
		value = strings.Join(strings.Fields(value), " ")
		if utf8.RuneCountInString(value) > maxText {
			return e, names[i], fault.MaxLength
		}
		given[names[i]] = value
	}
	e = Entry{List: code, Reference: given["reference"], Name: given["full_name"]}
	if e.Name == "" {
		e.Name = strings.Join(strings.Fields(given["given_names"]+" "+given["paternal_surname"]+" "+given["maternal_surname"]), " ")
	}
	if list := given["list"]; list != "" && list != string(code) {
		return e, "list", OtherList
	}
	if given["rfc"] != "" {
		rfc, err := mx.ParseRFC(given["rfc"], mx.TierStructural)
		if err != nil {
			return e, "rfc", RFCValid
		}
		e.RFC = string(rfc)
	}
	if given["curp"] != "" {
		curp, err := mx.ParseCURP(given["curp"])
		if err != nil {
			return e, "curp", CURPValid
		}
		e.CURP = string(curp)
	}
	if text := given["birth_date"]; text != "" {
		if p := strings.Split(text, "/"); len(p) == 3 {
			text = p[2] + "-" + p[1] + "-" + p[0]
		}
		born, err := civil.Parse(text)
		if err != nil {
			return e, "birth_date", BirthForm
		}
		e.Born = born
	}
	if len((Person{Name: e.Name, RFC: e.RFC, CURP: e.CURP}).Values()) == 0 {
		return e, "full_name", NamedPerson
	}
	return e, "", ""
}

// Refused returns the refusal of a file with bad rows. It names the first ones by line and
// field.
func Refused(bad []BadRow) error {
	var flaws fault.Flaws
	for _, b := range bad[:min(len(bad), maxBad)] {
		f := fault.At(b.Field, b.Rule, "most", maxText)
		flaws.Add(f.In("line", b.Line))
	}
	return flaws.Err()
}
