package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sofipo/bank/takeover"
	core "sofipo/core/imports"
)

// TestShowNamesOnlyAWrittenFile names the file of rejected rows only if it was written.
func TestShowNamesOnlyAWrittenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rejected.csv")
	f := importFlags{JSON: true, Report: filepath.Join(t.TempDir(), "report.json"), Rejected: path}
	report := takeover.Report{Sections: []takeover.Section{{Kind: core.Clients, Rejected: 2}}}
	for _, c := range []struct {
		findings []core.Finding
		want     string
	}{
		{nil, "2 rows were rejected"},
		{[]core.Finding{{Line: 7, Field: core.Amount, Rule: core.AmountForm, Outcome: core.Rejected, Value: "x"}}, "2 rows were rejected; see " + path},
	} {
		err := f.show(report, func() ([]core.Finding, error) { return c.findings, nil })
		if err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
		if _, missing := os.Stat(path); (missing == nil) != strings.Contains(c.want, path) {
			t.Errorf("%s: got %v for the file, want it only if it is named", c.want, missing)
		}
	}
}
