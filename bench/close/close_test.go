package main

import (
	"regexp"
	"strings"
	"testing"
)

// A smoke test of all but what needs PostgreSQL and a process of its own.
func TestCopiesClose(t *testing.T) {
	s := &suite{kinds: 60, months: 2, progress: t.Output(), folder: t.TempDir()}
	s.closer = closeHere
	if err := s.onSQLite(t.Context(), 300); err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	s.print(&table, "0", 0)
	for _, want := range []string{
		`\| close \| SQLite \| 300 \|`, `on SQLite it takes`,
		`\| portfolio [^|]*\| SQLite \| 300 \| \d+ \| \d+ \| 24 \| 1000 \|`,
		`\| delinquency, the first page \| SQLite \| 300 \| \d+ \| \d+ \| [1-9]\d* \|`,
		`\| collections of today, the whole file \(CSV\) \| SQLite \| 300 \| \d+ \| \d+ \| [1-9]\d* \|`,
		`\| trial balance of the day \| SQLite \| 300 \| \d+ \| \d+ \| [1-9]\d* \|`,
		`SQLite: each report of 300 loans`,
	} {
		if !regexp.MustCompile(want).MatchString(table.String()) {
			t.Errorf("got the table\n%s\nwant %q in it", table.String(), want)
		}
	}
}
