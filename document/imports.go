package document

import (
	"encoding/csv"
	"io"

	"github.com/xuri/excelize/v2"

	"sofipo/core/imports"
	"sofipo/document/layout"
	"sofipo/text"
	"sofipo/view"
)

// ImportTemplate returns a file to be filled in and imported: the heading of a kind with two
// example rows.
func ImportTemplate(kind imports.Kind) File {
	rows := imports.Template(kind)
	return File{
		Name: "plantilla-" + string(kind),
		CSV:  func(w io.Writer) error { return csv.NewWriter(w).WriteAll(rows[:]) },
		XLSX: func(w io.Writer) error { return writeBook(w, rows[:]) },
	}
}

// writeBook writes rows of texts as a sheet.
func writeBook(w io.Writer, rows [][]string) error {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := book.SetSheetRow(book.GetSheetName(0), cell, &row); err != nil {
			return err
		}
	}
	return book.Write(w)
}

// RejectedRows returns the rejected rows of an import.
func (i Issuer) RejectedRows(of view.Import, rows []imports.Finding) File {
	out := make([]layout.Row, len(rows))
	for n, f := range rows {
		out[n] = layout.Row{Cells: cells(f.Line, text.Of(text.ES, f.Field), text.Message(text.ES, f.Flaw()), f.Value)}
	}
	return i.report("renglones-rechazados-"+string(of.Kind), "Renglones rechazados", "archivo "+of.Name, []layout.Heading{
		{Name: "Renglón", Kind: layout.Count}, {Name: "Campo"}, {Name: "Motivo"}, {Name: "Valor"},
	}, layout.RowsOf(out...))
}
