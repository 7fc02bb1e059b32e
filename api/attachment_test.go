package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/document"
	"sofipo/document/layout"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestTablesThatFail: a table that fails before anything of it was sent is refused
// as any answer; one that fails on the way is cut off, so that nobody takes a part
// for the whole.
func TestTablesThatFail(t *testing.T) {
	away := fault.Refuse(fault.Unavailable)
	b := office.OpenBank(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	failing := func(after int, err error) document.File {
		r := layout.Report{Title: "X", Headings: []layout.Heading{{Name: "Nombre"}}, Rows: func(yield func(layout.Row, error) bool) {
			for range after {
				if !yield(layout.Row{Cells: []any{strings.Repeat("a", 100)}}, nil) {
					return
				}
			}
			yield(layout.Row{}, err)
		}}
		return document.File{Name: "x", CSV: r.CSV, XLSX: r.XLSX}
	}
	for _, c := range []struct {
		rows   int
		err    error
		format string
		status int // 0: cut off
	}{
		{0, away, "csv", 503}, {10, away, "csv", 503}, {10_000, away, "csv", 0}, {10_000, away, "xlsx", 503},
		{10, errors.New("odd"), "csv", 500}, {10, layout.ErrTooLong, "xlsx", 422},
	} {
		s := newServer(Options{Bank: b})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			call := &call{ResponseWriter: w, request: r, server: s, who: staff.Member{User: staff.User{Username: "ana"}}, endpoint: &endpoint{operation: &reportOperations[0], meter: s.unrouted}}
			if err := call.answerTable(failing(c.rows, c.err), c.format, false); err != nil {
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
			t.Errorf("%d rows of %s: got status %d, %d bytes, %v, want an answer that is cut off", c.rows, c.format, response.StatusCode, len(body), err)
		case c.status != 0 && (err != nil || response.StatusCode != c.status || !json.Valid(body) || response.Header.Get("Content-Disposition") != ""):
			t.Errorf("%d rows of %s: got %d %s, %v, want an error before the first byte", c.rows, c.format, response.StatusCode, body, err)
		}
	}
}
