package office

import (
	"fmt"
	"strings"
	"testing"

	"sofipo/infra/db"
)

// Unguard lets a test change append-only tables and post entries that do not balance.
func Unguard(t testing.TB, d *db.DB) {
	t.Helper()
	statements := []string{"ALTER TABLE journal DISABLE TRIGGER USER", `ALTER TABLE journal DROP CONSTRAINT "an entry balances"`,
		"ALTER TABLE journal_accounts DISABLE TRIGGER USER", "ALTER TABLE loan_versions DISABLE TRIGGER USER", "ALTER TABLE place_lines DISABLE TRIGGER USER", "ALTER TABLE journal_seals DISABLE TRIGGER USER"}
	if d.Embedded() {
		statements = nil
		batch := &db.Batch{}
		batch.Query("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('journal', 'journal_accounts', 'loan_versions', 'place_lines', 'journal_seals')", func(s db.Scanner) error {
			var name string
			err := s.Scan(&name)
			statements = append(statements, "DROP TRIGGER "+name)
			return err
		})
		if err := d.ReadPrimary(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	for _, sql := range statements {
		Run(t, d, sql)
	}
}

// SetLines returns SQL that sets the column account, subject or amount of journal lines. The
// condition and the value may use the columns of posted.
func SetLines(d *db.DB, column, value, where string) string {
	columns := map[string]string{"account": "account", "subject": "subject", "amount": "amount"}
	columns[column] = fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", where, value, column)
	return rebuild(d, columns, where, "")
}

// DropLines returns SQL that removes lines from their entries; each entry must keep some.
func DropLines(d *db.DB, where string) string {
	return rebuild(d, map[string]string{"account": "account", "subject": "subject", "amount": "amount"}, where, "AND NOT ("+where+")")
}

// rebuild returns SQL that rewrites the lines of the entries that have a line matching the
// condition.
func rebuild(d *db.DB, columns map[string]string, where, keep string) string {
	set := fmt.Sprintf("(accounts, amounts, subjects) = (SELECT array_agg(%s ORDER BY line), array_agg(%s ORDER BY line), array_agg(%s ORDER BY line)",
		columns["account"], columns["amount"], columns["subject"])
	if d.Embedded() {
		set = fmt.Sprintf(`lines = (SELECT '{' || group_concat('"' || %s || '/' || %s || '":' || %s, ',' ORDER BY line) || '}'`,
			columns["account"], columns["subject"], columns["amount"])
	}
	return fmt.Sprintf("UPDATE journal SET %s FROM posted WHERE entry_id = journal.id %s) WHERE id IN (SELECT entry_id FROM posted WHERE %s)", set, keep, where)
}

// Line is a line of an entry: an account and an amount in centavos, positive for debits.
type Line struct {
	Account string
	Amount  int64
}

// LinesOf returns the columns, and their values in SQL, for a journal row with the lines. The
// lines have the row's subject.
func LinesOf(d *db.DB, lines ...Line) (columns, values string) {
	accounts, amounts, pairs := make([]string, len(lines)), make([]string, len(lines)), make([]string, len(lines))
	for i, l := range lines {
		accounts[i], amounts[i], pairs[i] = l.Account, fmt.Sprint(l.Amount), fmt.Sprintf("%q:%d", l.Account, l.Amount)
	}
	if d.Embedded() {
		return "lines", "'{" + strings.Join(pairs, ",") + "}'"
	}
	return "accounts, amounts", fmt.Sprintf("'{%s}', '{%s}'", strings.Join(accounts, ","), strings.Join(amounts, ","))
}
