package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/document"
	"sofipo/view"
)

// TestPagesOfATable: a table has what all pages have, in order, then the total.
func TestPagesOfATable(t *testing.T) {
	asked := 0
	all := pagesOf(func(p view.Page) ([]int, id.ID, error) {
		asked++
		if p.After[0] != byte(asked-1) || p.Limit != sliceOfTable {
			t.Errorf("page %d: %+v", asked, p)
		}
		return []int{asked, asked * 10}, id.ID{byte(asked % 3)}, nil
	}, func(n int) document.Row { return document.Row{Cells: cells(n)} }, func() document.Row { return document.Row{Total: true} })
	var got []any
	for row, err := range all {
		if got = append(got, row.Cells...); err != nil || row.Total != (len(row.Cells) == 0) || row.Total != (len(got) == 6 && row.Cells == nil) {
			t.Errorf("%+v, %v after %v", row, err, got)
		}
	}
	if !reflect.DeepEqual(got, cells(1, 10, 2, 20, 3, 30)) || asked != 3 {
		t.Errorf("%v in %d pages", got, asked)
	}
}

// TestTablesThatFail: a table that fails before anything of it was sent is refused
// as any answer; one that fails on the way is cut off, so that nobody takes a part
// for the whole.
func TestTablesThatFail(t *testing.T) {
	away := fault.New(fault.Unavailable, "away", "no responde")
	failing := func(after int, err error) sheet {
		return sheet{document.Report{Title: "X", Headings: []document.Heading{{Name: "Nombre"}}, Rows: func(yield func(document.Row, error) bool) {
			for range after {
				if !yield(document.Row{Cells: []any{strings.Repeat("a", 100)}}, nil) {
					return
				}
			}
			yield(document.Row{}, err)
		}}, "x"}
	}
	for _, c := range []struct {
		rows   int
		err    error
		format string
		status int // 0: cut off
	}{
		{0, away, "csv", 503}, {10, away, "csv", 503}, {10_000, away, "csv", 0}, {10_000, away, "xlsx", 503},
		{10, errors.New("odd"), "csv", 500}, {10, document.ErrTooLong, "xlsx", 422},
	} {
		s := New(Options{}).(*server)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			call := &call{ResponseWriter: w, request: r, server: s, endpoint: &endpoint{operation: &reportOperations[0], meter: s.strays}}
			if err := call.answerTable(failing(c.rows, c.err), c.format); err != nil {
				call.refuse(err)
			}
		}))
		response, err := http.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		server.Close()
		switch {
		case c.status == 0 && (err == nil || response.StatusCode != 200 || len(body) == 0):
			t.Errorf("%d rows of %s: %d, %d bytes, %v: not cut off", c.rows, c.format, response.StatusCode, len(body), err)
		case c.status != 0 && (err != nil || response.StatusCode != c.status || !json.Valid(body) || response.Header.Get("Content-Disposition") != ""):
			t.Errorf("%d rows of %s: %d %s, %v", c.rows, c.format, response.StatusCode, body, err)
		}
	}
}
