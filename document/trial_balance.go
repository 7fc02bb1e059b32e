package document

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"sofipo/core/accounting"
	"sofipo/view"
)

// TrialBalance returns a trial balance as CSV. The sums of the columns by normal side are
// the totals.
func TrialBalance(b view.TrialBalance) File {
	natures := map[accounting.Nature]string{accounting.Debit: "deudora", accounting.Credit: "acreedora"}
	rows := [][]string{{"cuenta", "codigo_cnbv", "nombre", "naturaleza", "saldo_inicial", "cargos", "abonos", "saldo_final"}}
	for _, l := range b.Lines {
		codes := []string{string(l.Account)}
		if len(l.Accounts) > 0 {
			codes = nil
			for _, a := range l.Accounts {
				codes = append(codes, string(a))
			}
		}
		rows = append(rows, []string{strings.Join(codes, " "), l.CNBV, l.Spanish, natures[l.Nature], l.Opening.String(), l.Debits.String(), l.Credits.String(), l.Closing.String()})
	}
	return File{Name: fmt.Sprintf("balanza-%s-%s", b.From, b.To), CSV: func(to io.Writer) error {
		w := csv.NewWriter(to)
		w.UseCRLF = true
		return w.WriteAll(rows)
	}}
}
