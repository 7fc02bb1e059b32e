package layout

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sofipo/core/civil"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
)

// sampleReport has a cell of each kind, texts that a spreadsheet would take for
// something else, and a total.
func sampleReport() Report {
	day := civil.Date{Year: 2026, Month: 1, Day: 31}
	return Report{
		Title: "Cartera", About: "Institución & Compañía, al 2026-01-31",
		Headings: []Heading{{Name: "Descripción", Kind: Words}, {Name: "Saldo de capital", Kind: Money}, {Name: "IMOR", Kind: Percent}, {Name: "Préstamos", Kind: Count, Column: "creditos"}, {Name: "Último día", Kind: Day}, {Name: "Id", Data: true}},
		Rows: RowsOf(
			Row{Cells: []any{"=cmd|' /C calc'!A0", money.Amount(123456_78), risk.Ratio{Part: 90_000, Whole: 1_520_000}, int64(1_000_000), day, "x1"}},
			Row{Cells: []any{"Ñandú <b>, \"x\" _x0041_", money.Amount(-1), risk.Ratio{}, int64(0), civil.Date{}, nil}},
			Row{Cells: []any{nil, nil, nil, nil, nil, nil}},
			Row{Cells: []any{"Total", money.Max, risk.Ratio{Part: 1, Whole: 1}, int64(2), nil, nil}, Total: true},
		),
	}
}

func TestReportCSV(t *testing.T) {
	var out bytes.Buffer
	if err := sampleReport().CSV(&out); err != nil {
		t.Fatal(err)
	}
	want := "descripcion,saldo_de_capital,imor,creditos,ultimo_dia,id\r\n" +
		"'=cmd|' /C calc'!A0,123456.78,5.92,1000000,2026-01-31,x1\r\n" +
		"\"Ñandú <b>, \"\"x\"\" _x0041_\",-0.01,,0,,\r\n" +
		",,,,,\r\n" +
		"Total,9999999999999.99,100.00,2,,\r\n"
	if out.String() != want {
		t.Errorf("got %s\nwant %s", out.String(), want)
	}
}

func TestReportXLSX(t *testing.T) {
	var out, again bytes.Buffer
	if err := errors.Join(sampleReport().XLSX(&out), sampleReport().XLSX(&again)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Error("got other bytes for the same report, want the same bytes")
	}
	f, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	shown, err := f.GetRows("Cartera")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Cartera"}, {"Institución & Compañía, al 2026-01-31"},
		{"Descripción", "Saldo de capital", "IMOR", "Préstamos", "Último día"},
		{"=cmd|' /C calc'!A0", "123,456.78", "5.92%", "1,000,000", "2026-01-31"},
		{"Ñandú <b>, \"x\" _x0041_", "-0.01", "", "0"},
		nil,
		{"Total", "9,999,999,999,999.99", "100.00%", "2"},
	}
	if !slices.EqualFunc(shown, want, slices.Equal) {
		t.Errorf("got %q\nwant %q", shown, want)
	}
	for cell, raw := range map[string]string{"B4": "123456.78", "C4": "0.0592", "D4": "1000000", "E4": "46053", "B7": "9999999999999.99"} {
		kind, err := f.GetCellType("Cartera", cell)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.GetCellValue("Cartera", cell, excelize.Options{RawCellValue: true}); err != nil || got != raw || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
			t.Errorf("%s: got %s of kind %d, %v, want the number %s", cell, got, kind, err, raw)
		}
	}
	if formula, err := f.GetCellFormula("Cartera", "A4"); formula != "" || err != nil {
		t.Errorf("got the formula %q, %v, want the text unchanged", formula, err)
	}
	if kind, _ := f.GetCellType("Cartera", "A4"); kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
		t.Errorf("got the text as kind %d, want %v or %v", kind, excelize.CellTypeInlineString, excelize.CellTypeSharedString)
	}
	style, _ := f.GetCellStyle("Cartera", "A4")
	if got, err := f.GetStyle(style); err != nil || got.NumFmt != 49 && (got.CustomNumFmt == nil || *got.CustomNumFmt != "@") {
		t.Errorf("the style of text: got %+v, %v, want number format 49 or @", got, err)
	}
	for cell, bold := range map[string]bool{"A1": true, "B3": true, "B4": false, "B7": true} {
		style, err := f.GetCellStyle("Cartera", cell)
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.GetStyle(style)
		if err != nil || (got.Font != nil && got.Font.Bold) != bold {
			t.Errorf("the style of %s: got %+v, %v, want bold %v", cell, got, err, bold)
		}
	}
	if panes, err := f.GetPanes("Cartera"); err != nil || !panes.Freeze || panes.YSplit != headingRow {
		t.Errorf("got %+v, %v, want the rows down to %v frozen", panes, err, headingRow)
	}
	checkPrint(t, f, out.Bytes())
	if p, err := f.GetDocProps(); err != nil || p.Created != "2006-09-16T00:00:00Z" || p.Creator != "sofipo" || p.Title != "Cartera" {
		t.Errorf("got %+v, %v, want created 2006-09-16T00:00:00Z, creator sofipo, title Cartera", p, err)
	}
}

// TestReportsThatFail: what is wrong with a row, or came instead of one, is told,
// and no workbook is written.
func TestReportsThatFail(t *testing.T) {
	away := errors.New("away")
	for says, rows := range map[string]iter.Seq2[Row, error]{
		"away":                        func(yield func(Row, error) bool) { yield(Row{}, away) },
		"2 cells under 1 headings":    RowsOf(Row{Cells: []any{"a", "b"}}),
		`"Nombre" cannot hold 0.01`:   RowsOf(Row{Cells: []any{money.Amount(1)}}),
		`"Nombre" cannot hold a bool`: RowsOf(Row{Cells: []any{true}}),
	} {
		r := Report{Title: "X", Headings: []Heading{{Name: "Nombre", Kind: Words}}, Rows: rows}
		var out bytes.Buffer
		for form, err := range map[string]error{"CSV": r.CSV(&bytes.Buffer{}), "XLSX": r.XLSX(&out)} {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: got %v, want an error with %s", form, err, says)
			}
		}
		if out.Len() > 0 {
			t.Errorf("%s: got %d bytes written, want none", says, out.Len())
		}
	}
}

// TestLongReport: a sheet takes as many rows as XLSX allows and no more.
func TestLongReport(t *testing.T) {
	count := 0
	r := Report{Title: "X", Headings: []Heading{{Name: "Saldo", Kind: Money}}, Rows: func(yield func(Row, error) bool) {
		for yield(Row{Cells: []any{money.Amount(1)}}, nil) {
			count++
		}
	}}
	if err := r.XLSX(&bytes.Buffer{}); !errors.Is(err, ErrTooLong) || count != lastRow-headingRow {
		t.Errorf("got %v after %d rows, want %v after %d", err, count, ErrTooLong, lastRow-headingRow)
	}
}

// checkPrint checks the filter, the widths of the columns and the print settings.
func checkPrint(t *testing.T, f *excelize.File, workbook []byte) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		t.Fatal(err)
	}
	file, err := archive.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`<autoFilter ref="$A$3:$E$7"`, `fitToPage="true"`, `orientation="landscape"`, `fitToHeight="0"`} {
		if !bytes.Contains(sheet, []byte(part)) {
			settings := regexp.MustCompile(`<(sheetPr|pageSetUpPr|pageSetup|autoFilter)[^>]*>`).FindAll(sheet, -1)
			t.Errorf("got %s, want %s in it", settings, part)
		}
	}
	last := 0
	for _, col := range bytes.Split(sheet, []byte("<col "))[1:] {
		var at int
		if _, err := fmt.Sscanf(string(col), `min="%d"`, &at); err != nil || at <= last {
			t.Errorf("got column %d after %d, %v, want ascending columns", at, last, err)
		}
		last = at
	}
	if last != 5 {
		t.Errorf("got widths up to column %d, want 5", last)
	}
	if names := f.GetDefinedName(); !slices.ContainsFunc(names, func(d excelize.DefinedName) bool {
		return d.Name == "_xlnm.Print_Titles" && d.RefersTo == "'Cartera'!$3:$3"
	}) {
		t.Errorf("got the names %+v, want the headings on each printed page", names)
	}
}
