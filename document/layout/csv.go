package layout

import (
	"encoding/csv"
	"io"
	"strings"
)

// writeCSV writes the rows under their names (RFC 4180, CRLF).
func writeCSV(w io.Writer, names []string, rows [][]string) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(names); err != nil {
		return err
	}
	return out.WriteAll(rows)
}

// inert is a text for a cell, which no spreadsheet takes for a formula.
func inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return "'" + text
	}
	return text
}
