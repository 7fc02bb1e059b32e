package takeover

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"sofipo/core/fault"
	"sofipo/core/id"
	core "sofipo/core/imports"
	"sofipo/infra/seeddb"
	"sofipo/infra/sheet"
)

// File is a file to be imported.
type File struct {
	Path         string
	Content      []byte                // read instead of the path; nil: the path is read
	Name         string                // shown; the base of the path if empty
	Columns      map[string]core.Field // fields of columns with other names
	DecimalComma *bool                 // nil: if semicolons separate the fields
	Location     *time.Location        // of dates and times without a zone
}

// ClientsOf returns the clients of a file, and the columns that are not read. Refused with Invalid
// if the file cannot be read or its heading lacks a column.
func ClientsOf(f File) (Source[core.Client], []string, error) {
	return rowsOf(f, core.Clients, func() func(core.Line) core.Client { return core.Line.Client })
}

// LoansOf is ClientsOf for loans.
func LoansOf(f File) (Source[core.Loan], []string, error) {
	return rowsOf(f, core.Loans, func() func(core.Line) core.Loan { return core.Line.Loan })
}

// BalancesOf is ClientsOf for opening balances.
func BalancesOf(f File) (Source[core.Balance], []string, error) {
	return rowsOf(f, core.Balances, func() func(core.Line) core.Balance { return core.Line.Balance })
}

// PaymentsOf is ClientsOf for payments. A payment without a number gets its id from its loan, date
// and amount; equal ones are counted.
func PaymentsOf(f File) (Source[core.Payment], []string, error) {
	return rowsOf(f, core.Payments, func() func(core.Line) core.Payment {
		equal := map[id.ID]int{}
		return func(l core.Line) core.Payment {
			p := l.Payment()
			if p.ID.IsZero() {
				first := core.RepeatedID(p, 0)
				p.ID = core.RepeatedID(p, equal[first])
				equal[first]++
			}
			return p
		}
	})
}

// rowsOf returns the rows of a file. parser is called for each reading of the file.
func rowsOf[R any](f File, kind core.Kind, parser func() func(core.Line) R) (s Source[R], ignored []string, err error) {
	content, err := f.content()
	if err != nil {
		return s, nil, err
	}
	open := func() (*sheet.File, map[core.Field]int, error) {
		file, err := f.open()
		if err != nil {
			return nil, nil, err
		}
		at, left, err := core.Columns(kind, file.Heading, f.Columns)
		if ignored = left; err != nil {
			file.Close()
			return nil, nil, err
		}
		return file, at, nil
	}
	file, _, err := open()
	if err != nil {
		return s, nil, err
	}
	defer file.Close()
	for _, err := range file.Rows() { // counts them, so that the progress shows the time left
		if err != nil {
			return s, nil, refused(err)
		}
		s.Total++
	}
	s.Kind, s.Content, s.Fixed, s.Name = kind, content, true, f.Name
	if s.Name == "" {
		s.Name = filepath.Base(f.Path)
	}
	s.Rows = func(context.Context) iter.Seq2[Row[R], error] {
		return func(yield func(Row[R], error) bool) {
			file, at, err := open()
			if err != nil {
				yield(Row[R]{}, err)
				return
			}
			defer file.Close()
			form, parse := formOf(f, file), parser()
			for row, err := range file.Rows() {
				if !yield(parsed(row, at, form, parse), err) {
					return
				}
			}
		}
	}
	return s, ignored, nil
}

// content returns the hash of the file and what decides how it is read.
func (f File) content() ([]string, error) {
	sum, err := f.hash()
	return append([]string{sum}, f.settings()...), err
}

// settings returns what decides how the file is read, besides its content.
func (f File) settings() (all []string) {
	decimal := "auto"
	if f.DecimalComma != nil {
		decimal = strconv.FormatBool(*f.DecimalComma)
	}
	all = append(all, decimal, f.Location.String())
	for _, name := range slices.Sorted(maps.Keys(f.Columns)) {
		all = append(all, name, string(f.Columns[name]))
	}
	return all
}

// formOf says how a file writes values.
func formOf(f File, file *sheet.File) *core.Form {
	form := &core.Form{DecimalComma: file.Separator == ';', Serial: file.Spreadsheet, Location: f.Location}
	if f.DecimalComma != nil {
		form.DecimalComma = *f.DecimalComma
	}
	return form
}

// parsed returns a row of a file, or what is wrong with it.
func parsed[R any](row sheet.Row, at map[core.Field]int, form *core.Form, parse func(core.Line) R) Row[R] {
	if row.Bad {
		return Row[R]{Line: row.Line, Bad: []core.Finding{core.FindingOf(row.Line, id.ID{}, fault.At("", core.RowForm), core.Rejected)}}
	}
	line := core.Read(row.Line, row.Values, at, form)
	out := Row[R]{Line: row.Line, Row: parse(line)}
	for _, flaw := range line.Flaws() {
		f := core.FindingOf(row.Line, id.ID{}, flaw, core.Rejected)
		if !f.Field.Personal() {
			f.Value = line.Values[f.Field]
		}
		out.Bad = append(out.Bad, f)
	}
	return out
}

// open opens the file. Refused with Invalid if it has another form.
func (f File) open() (file *sheet.File, err error) {
	if f.Content != nil {
		file, err = sheet.Read(f.Name, f.Content)
	} else {
		file, err = sheet.Open(f.Path)
	}
	return file, refused(err)
}

// refused returns the refusal of a file with an error.
func refused(err error) error {
	switch {
	case errors.Is(err, sheet.ErrForm):
		return fault.Wrong(fault.At("file", core.FileForm))
	case errors.Is(err, sheet.ErrBroken):
		return fault.Wrong(fault.At("file", core.FileBroken))
	}
	return err
}

// hash returns the SHA-256 of the file.
func (f File) hash() (string, error) {
	if f.Content != nil {
		sum := sha256.Sum256(f.Content)
		return hex.EncodeToString(sum[:]), nil
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// OfSeed begins the name of an import from a database of the seed.
const OfSeed = "seed:"

// SeedClients returns the clients of a database of the seed.
func SeedClients(s *seeddb.Seed) Source[core.Client] {
	return seedRows(ofSeed[core.Client](s, core.Clients, s.Clients), s.EachClient, func(line int64, c seeddb.Client) (core.Client, fault.Flaws) {
		return core.Client{Line: line, ID: c.ID, FullName: c.FullName, Email: c.Email, RFC: c.RFC, Since: c.CreatedAt}, nil
	}, func(c core.Client) id.ID { return c.ID })
}

// SeedLoans returns the loans of a database of the seed.
func SeedLoans(s *seeddb.Seed) Source[core.Loan] {
	return seedRows(ofSeed[core.Loan](s, core.Loans, s.Loans), s.EachLoan, func(line int64, l seeddb.Loan) (core.Loan, fault.Flaws) {
		row := core.Loan{
			Line: line, ID: l.ID, ClientID: l.ClientID, Amount: l.Amount, Rate: l.Rate, Term: l.Term, Status: l.Status, GrantedAt: l.GrantedAt, Balance: l.Balance,
		}
		flaws := missing(l.Empty)
		flaws.AddNew(row.Flaws()...)
		return row, flaws
	}, func(l core.Loan) id.ID { return l.ID })
}

// SeedPayments returns the payments of a database of the seed.
func SeedPayments(s *seeddb.Seed) Source[core.Payment] {
	return seedRows(ofSeed[core.Payment](s, core.Payments, s.Payments), s.EachPayment, func(line int64, p seeddb.Payment) (core.Payment, fault.Flaws) {
		row := core.Payment{Line: line, ID: p.ID, LoanID: p.LoanID, Amount: p.Amount, PaidAt: p.PaidAt}
		flaws := missing(p.Empty)
		flaws.AddNew(row.Flaws()...)
		return row, flaws
	}, func(p core.Payment) id.ID { return p.ID })
}

// missing returns the flaws of columns of the seed without a value.
func missing(columns []string) (f fault.Flaws) {
	for _, name := range columns {
		if name == "current_balance" {
			name = string(core.Principal)
		}
		f.Add(fault.At(name, fault.Missing))
	}
	return f
}

func seedRows[S, R any](of Source[R], each func(context.Context) iter.Seq2[S, error], row func(int64, S) (R, fault.Flaws), idOf func(R) id.ID) Source[R] {
	of.Rows = func(ctx context.Context) iter.Seq2[Row[R], error] {
		return func(yield func(Row[R], error) bool) {
			var line int64
			for stored, err := range each(ctx) {
				line++
				if err != nil {
					yield(Row[R]{}, fmt.Errorf("the database of the seed, %s, row %d: %w", of.Kind, line, err))
					return
				}
				out := Row[R]{Line: line}
				var flaws fault.Flaws
				out.Row, flaws = row(line, stored)
				for _, f := range flaws {
					out.Bad = append(out.Bad, core.FindingOf(line, idOf(out.Row), f, core.Rejected))
				}
				if !yield(out, nil) {
					return
				}
			}
		}
	}
	return of
}

// ofSeed returns a source without rows.
func ofSeed[R any](s *seeddb.Seed, kind core.Kind, total int64) Source[R] {
	name := OfSeed + s.Name
	return Source[R]{Kind: kind, Content: []string{name}, Name: name, Total: total}
}
