package console

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/document"
	"sofipo/document/layout"
	"sofipo/web"
)

// byteOrderMark tells Excel that a CSV file is UTF-8.
const byteOrderMark = "\ufeff"

// download sends a table in the format of the address: .csv or .xlsx. An error before the first byte is returned;
// a later one cuts the file off.
func (v *visit) download(f document.File) error {
	write, format := f.CSV, strings.TrimPrefix(path.Ext(v.r.URL.Path), ".")
	h := &attached{ResponseWriter: v.w, name: f.Name + "." + format, media: "text/csv; charset=utf-8"}
	if format == "xlsx" {
		write, h.media = f.XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	out := bufio.NewWriterSize(h, 1<<16)
	if format == "csv" {
		_, _ = io.WriteString(out, byteOrderMark) // an error comes back from Flush
	}
	err := write(out)
	if err == nil {
		err = out.Flush()
	}
	if err == nil || h.began {
		v.exported(h.name, f.Count())
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, layout.ErrTooLong):
		return fault.Wrong(fault.At("format", web.FitsSheet))
	case h.began:
		v.Log.Warn("download cut off", "path", v.r.URL.Path, "error", err)
		panic(http.ErrAbortHandler)
	}
	return err
}

// exported records in the audit that the user got a file. It comes before the end of the answer.
func (v *visit) exported(name string, rows int64) {
	web.NoteExport(v.r.Context(), v.Bank, bank.By{Actor: v.who.User.Username, CorrelationID: v.correlation()}, staffing.NoteExport{
		Export: staff.Export{File: name, Request: v.r.URL.RequestURI(), Rows: rows}, Client: v.seen,
	})
}

// attached sends a file. It writes the headers with the first byte. The program chooses the
// file name, so it needs no escaping.
type attached struct {
	http.ResponseWriter
	name, media string
	began       bool
}

// Write sends a part of the file.
func (a *attached) Write(b []byte) (int, error) {
	if !a.began {
		a.began = true
		a.Header().Set("Content-Type", a.media)
		a.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", a.name))
	}
	return a.ResponseWriter.Write(b)
}

// downloads are the addresses of a page's tables.
type downloads struct{ CSV, XLSX string }

// tables returns the addresses of the tables of this page, with its filters.
func (v *visit) tables() downloads { return v.tablesOf(v.r.URL.Path) }

// tablesOf returns the addresses of the tables at a path, with the filters of this page.
func (v *visit) tablesOf(path string) downloads {
	query := ""
	if q := v.r.URL.Query(); len(q) > 0 {
		q.Del("after")
		q.Del("before")
		query = "?" + q.Encode()
	}
	return downloads{path + ".csv" + query, path + ".xlsx" + query}
}
