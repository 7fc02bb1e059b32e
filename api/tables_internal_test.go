package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/core/money"
	"sofipo/document"
	"sofipo/document/layout"
)

// details are the answers with lists that are one thing, not a list of things.
var details = []string{
	"/api/v1/clients/{client_id}/file", "/api/v1/till-sessions/{session_id}", "/api/v1/loans/clients/{client_id}/account-statement",
	"/api/v1/bank-accounts/{account_id}/file-layout", "/api/v1/books/entries/{entry_id}", "/api/v1/books/manual-entries/{manual_entry_id}", "/api/v1/institution",
	"/api/v1/imports/{import_id}/report",
}

// TestEveryListIsATable: each answer with rows is also CSV, XLSX and JSON lines, with a title and
// names of columns in Spanish.
func TestEveryListIsATable(t *testing.T) {
	tables := 0
	for _, o := range table() {
		if o.method != http.MethodGet || o.answer == nil {
			continue
		}
		rows := o.answer.Kind() == reflect.Slice
		if o.answer.Kind() == reflect.Struct {
			for _, f := range reflect.VisibleFields(o.answer) {
				rows = rows || f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct
			}
		}
		_, has := reflect.New(o.input).Interface().(formatted)
		if want := rows && !slices.Contains(details, o.path); has != want {
			t.Errorf("%s: format as a parameter: got %v, want %v", o.path, has, want)
		}
		if !has {
			continue
		}
		tables++
		if want := []string{csvMedia, xlsxMedia, linesMedia}; !slices.Equal(o.formats, want) {
			t.Errorf("%s: got the formats %v, want %v", o.path, o.formats, want)
		}
		if o.drawn {
			continue
		}
		l, names := listOf(&o), map[string]bool{}
		if l.title == "" || len([]rune(l.title)) > 31 {
			t.Errorf("%s: got the title %q, want 1 to 31 characters", o.path, l.title)
		}
		for _, k := range l.columns {
			for _, member := range k.Path {
				if !document.Named(member) {
					t.Errorf("%s: got no name in Spanish of the member %s, want one", o.path, member)
				}
			}
			name := strings.Join(k.Path, ".")
			if names[name] {
				t.Errorf("%s: got two columns %s, want one", o.path, name)
			}
			names[name] = true
		}
		if len(l.columns) == 0 {
			t.Errorf("%s: got no columns, want some", o.path)
		}
	}
	if tables < 50 {
		t.Errorf("got %d tables, want at least 50", tables)
	}
}

// TestCellOfASum: a sum of amounts, such as the total of a manual entry, may be above the largest
// amount of a request, or below zero.
func TestCellOfASum(t *testing.T) {
	k := listColumn{document.Column{Kind: layout.Money}, reflect.TypeFor[money.Amount]()}
	for raw, want := range map[string]money.Amount{"90000000000000.01": 9_000_000_000_000_001, "-12.50": -1250, `"0.00"`: 0} {
		if got, err := k.cell(json.RawMessage(raw), time.UTC); got != want || err != nil {
			t.Errorf("%s: got %v, %v, want %v", raw, got, err, want)
		}
	}
}
