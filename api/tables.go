package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"sofipo/api/seedform"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/document"
	"sofipo/document/layout"
	"sofipo/text"
	"sofipo/web"
)

// Formats of lists and reports besides JSON.
const (
	csvFormat   = "csv"
	xlsxFormat  = "xlsx"
	linesFormat = "jsonl"

	linesMedia = "application/x-ndjson"
)

// tableFormat is the input of every operation whose answer has rows.
type tableFormat struct {
	Format string `query:"format" default:"json" enum:"json,csv,xlsx,jsonl" doc:"Response format: json; csv or xlsx for a table in Spanish; jsonl for JSON lines, one row on each line. All formats except json have all rows."`
	Mark   bool   `query:"bom" default:"false" doc:"Whether a CSV file starts with a byte order mark. Excel needs it to read accents."`
}

func (f *tableFormat) format() (string, bool) { return f.Format, f.Mark }

// rowsInput is the input of a list without other parameters.
type rowsInput struct{ tableFormat }

// formatted is an input with a format.
type formatted interface {
	format() (format string, marked bool)
}

// tabled returns an operation that also answers in the other formats if its input has a format.
// The rows come from its own JSON answers, which are read page by page.
func (o operation) tabled() operation {
	if o.input == nil || !reflect.PointerTo(o.input).Implements(reflect.TypeFor[formatted]()) {
		return o
	}
	o.formats = []string{csvMedia, xlsxMedia, linesMedia}
	serve, list := o.serve, listOf(&o)
	o.serve = func(s *server) func(*call) error {
		answer := serve(s)
		return func(c *call) error {
			format := last(c.request.URL.Query()["format"])
			if !slices.Contains([]string{csvFormat, xlsxFormat, linesFormat}, format) {
				return answer(c)
			}
			if err := c.mayExport(); err != nil {
				return err
			}
			if o.drawn && format != linesFormat {
				return answer(c)
			}
			return c.answerList(list, format, answer)
		}
	}
	return o
}

// last returns the last value of a parameter, which is the one that counts.
func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// pageParameters select a page. A file has all pages.
var pageParameters = []string{"skip", "after", "before"}

// mayExport refuses a file to a caller without a user, whom the audit could not name, and one that
// begins at a page.
func (c *call) mayExport() error {
	if c.who.User.Username == "" && c.endpoint.permission != "" {
		if err := c.identify(); err != nil {
			return err
		}
	}
	var flaws []fault.Flaw
	for _, f := range reflect.VisibleFields(c.endpoint.input) {
		name := f.Tag.Get("query")
		if slices.Contains(pageParameters, name) && f.Type != reflect.TypeFor[*civil.Date]() && c.request.URL.Query().Has(name) {
			flaws = append(flaws, fault.At(name, seedform.NotTogether, "other", "format"))
		}
	}
	return fault.Flaws(flaws).Err()
}

// list describes the rows of an operation.
type list struct {
	title   string
	member  string // of the JSON answer that has the rows; empty: the answer is the list
	start   string // parameter of the maximum number of rows; empty: there are no pages
	columns []listColumn
}

// listColumn is a column of a list with the Go type of its values.
type listColumn struct {
	document.Column
	value reflect.Type
}

// listOf returns the description of the rows of an operation.
func listOf(o *operation) list {
	l := list{title: listTitles[o.path]}
	rows := o.answer
	if rows.Kind() == reflect.Struct {
		rows = nil
		for _, f := range reflect.VisibleFields(o.answer) {
			if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct {
				if rows != nil {
					panic("api: the answer of " + o.path + " has two lists")
				}
				l.member, rows = memberOf(f), f.Type
			}
		}
	}
	if rows == nil || rows.Kind() != reflect.Slice {
		panic("api: the answer of " + o.path + " has no rows")
	}
	for _, f := range reflect.VisibleFields(o.input) {
		if f.Tag.Get("query") == "limit" {
			l.start = "limit"
		}
	}
	if !o.drawn {
		l.columns = columnsOf(rows.Elem(), nil)
	}
	return l
}

// memberOf returns the name of a field in JSON, empty if it is not there.
func memberOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return strings.TrimPrefix(name, "-")
}

// columnsOf returns the columns of rows of a type: their members with one value or a list of
// words, and those of the objects in them. Only JSON lines have what is nested deeper.
func columnsOf(row reflect.Type, path []string) (columns []listColumn) {
	for _, f := range reflect.VisibleFields(row) {
		name := memberOf(f)
		if f.Anonymous || name == "" {
			continue
		}
		t := f.Type
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		at := append(slices.Clone(path), name)
		if kind, single := kindOf(t); single {
			columns = append(columns, listColumn{document.Column{Path: at, Kind: kind}, t})
		} else if t.Kind() == reflect.Struct && len(path) == 0 {
			columns = append(columns, columnsOf(t, at)...)
		}
	}
	return columns
}

// kindOf returns the kind of the cells of a type. It reports whether its values fit in a cell.
func kindOf(t reflect.Type) (kind layout.Kind, single bool) {
	switch t {
	case reflect.TypeFor[money.Amount]():
		return layout.Money, true
	case reflect.TypeFor[money.Total]():
		return layout.Total, true
	case reflect.TypeFor[rate.Annual]():
		return layout.Rate, true
	case reflect.TypeFor[civil.Date]():
		return layout.Day, true
	case reflect.TypeFor[time.Time]():
		return layout.Moment, true
	case reflect.TypeFor[id.ID]():
		return layout.ID, true
	case reflect.TypeFor[folio.Number]():
		return layout.Words, true
	case reflect.TypeFor[json.RawMessage](), reflect.TypeFor[authority.Command]():
		return 0, false // an object
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool:
		return layout.Words, true
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint8:
		if t.Implements(reflect.TypeFor[json.Marshaler]()) {
			return layout.Words, true // a number that is written in its own way
		}
		return layout.Count, true
	case reflect.Slice:
		return layout.Words, t.Elem().Kind() == reflect.String
	}
	return 0, false
}

// cell returns the value of a cell from its JSON.
func (k listColumn) cell(raw json.RawMessage, zone *time.Location) (any, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	value := reflect.New(k.value)
	if k.value == reflect.TypeFor[folio.Number]() || k.Kind == layout.Words && k.value.Kind() != reflect.Slice && raw[0] != '"' && k.value.Kind() != reflect.Bool {
		return strings.Trim(string(raw), `"`), nil
	}
	if k.Kind == layout.Money { // a sum may be above what a request may have
		n, err := money.ParseFixed(strings.Trim(string(raw), `"`), 2, math.MaxInt64)
		return money.Amount(n), err
	}
	if err := json.Unmarshal(raw, value.Interface()); err != nil {
		return nil, err
	}
	switch v := value.Elem(); k.Kind {
	case layout.Count:
		if v.CanUint() {
			return int64(v.Uint()), nil //nolint:gosec // of eight bits
		}
		return v.Int(), nil
	case layout.Moment:
		return v.Interface().(time.Time).In(zone), nil
	case layout.Words:
		return words(v), nil
	default:
		return v.Interface(), nil
	}
}

// words returns a text, the label of a constant, sí or no, or a list of them.
func words(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = words(v.Index(i))
		}
		return strings.Join(parts, ", ")
	case v.Kind() == reflect.Bool && v.Bool():
		return "sí"
	case v.Kind() == reflect.Bool:
		return "no"
	case v.Type().PkgPath() != "" && v.Len() > 0:
		return text.Of(text.ES, v.Interface())
	}
	return v.String()
}

// Bytes of the budget that a file takes while it is sent.
const (
	fileBytes  = 2 << 20  // a page of rows
	sheetBytes = 16 << 20 // what a workbook keeps in memory
)

// answerList sends all rows of a list or a report in a format. The operation answers page by page.
func (c *call) answerList(l list, format string, answer func(*call) error) error {
	flaws, err := c.bind(reflect.New(c.endpoint.input).Interface())
	if err == nil {
		err = fault.Flaws(flaws).Err()
	}
	if err == nil {
		err = c.enter()
	}
	if err != nil {
		return err
	}
	p := pages{call: c, list: l, answer: answer}
	file := document.File{Name: p.name(), Lines: p.lines, Rows: func() int64 { return p.read }}
	if format != linesFormat {
		by, err := c.viewer()
		if err != nil {
			return err
		}
		issuer, err := c.server.issuer(c.request.Context(), by)
		if err != nil {
			return err
		}
		columns := make([]document.Column, len(l.columns))
		for i, k := range l.columns {
			columns[i] = k.Column
		}
		file = issuer.List(l.title, columns, p.rows())
	}
	marked, _ := strconv.ParseBool(last(c.request.URL.Query()["bom"]))
	return c.answerTable(file, format, marked)
}

// pages reads the pages of a list.
type pages struct {
	*call
	list   list
	answer func(*call) error
	read   int64 // number of rows
}

// name returns the name of a file of JSON lines, after the path of the operation.
func (p *pages) name() string {
	var parts []string
	for _, part := range strings.Split(strings.TrimPrefix(p.endpoint.path, "/api/v1/"), "/") {
		if part != "" && part[0] != '{' {
			parts = append(parts, part)
		}
	}
	return strings.Join(append(parts, p.server.today().String()), "-")
}

// each yields the rows as JSON.
func (p *pages) each(yield func(json.RawMessage, error) bool) {
	query := p.request.URL.Query()
	for _, other := range []string{"format", "bom"} {
		query.Del(other)
	}
	for more := true; more; {
		if p.list.start != "" {
			query.Set(p.list.start, strconv.Itoa(rowsAtOnce))
		}
		rows, next, err := p.page(query)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, row := range rows {
			p.read++
			if !yield(row, nil) {
				return
			}
		}
		p.extend()
		query, more = next.Query(), next.RawQuery != ""
	}
}

// rowsAtOnce is the number of rows of a page.
const rowsAtOnce = 1000

// page runs the operation for one page and returns its rows and the URL of the next page.
func (p *pages) page(query url.Values) (rows []json.RawMessage, next *url.URL, err error) {
	request := *p.request
	address := *p.request.URL
	address.RawQuery = query.Encode()
	request.URL = &address
	one := &call{
		ResponseWriter: pageHeader{}, request: &request, server: p.server, endpoint: p.endpoint, correlation: p.correlation, who: p.who,
		page: new([]byte), firstPage: p.read == 0,
	}
	if err = p.answer(one); err != nil {
		return nil, nil, err
	}
	p.seen = one.seen
	if next, err = url.Parse(web.NextOf(one.Header().Get("Link"))); err != nil {
		return nil, nil, err
	}
	body := json.RawMessage(*one.page)
	if p.list.member != "" {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(body, &members); err != nil {
			return nil, nil, err
		}
		body = members[p.list.member]
	}
	return rows, next, json.Unmarshal(body, &rows)
}

// lines writes the rows as JSON lines.
func (p *pages) lines(w io.Writer) error {
	var line bytes.Buffer
	for row, err := range p.each {
		if err != nil {
			return err
		}
		line.Reset()
		if err := json.Compact(&line, row); err != nil {
			return err
		}
		line.WriteByte('\n')
		if _, err := w.Write(line.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// rows returns the rows of a table.
func (p *pages) rows() iter.Seq2[layout.Row, error] {
	return func(yield func(layout.Row, error) bool) {
		for raw, err := range p.each {
			row := layout.Row{}
			if err == nil {
				row.Cells, err = p.cells(raw)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// cells returns the cells of a row.
func (p *pages) cells(raw json.RawMessage) ([]any, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	inner := map[string]map[string]json.RawMessage{}
	cells := make([]any, len(p.list.columns))
	for i, k := range p.list.columns {
		value := members[k.Path[0]]
		if len(k.Path) > 1 {
			object, read := inner[k.Path[0]]
			if !read && len(value) > 0 {
				if err := json.Unmarshal(value, &object); err != nil {
					return nil, err
				}
				inner[k.Path[0]] = object
			}
			value = object[k.Path[1]]
		}
		var err error
		if cells[i], err = k.cell(value, p.server.Location); err != nil {
			return nil, errors.Join(errors.New("api: member "+strings.Join(k.Path, ".")), err)
		}
	}
	return cells, nil
}

// pageHeader takes the headers of a page. Its body goes to call.page.
type pageHeader http.Header

// Header returns the headers.
func (h pageHeader) Header() http.Header { return http.Header(h) }

// Write is not called: see call.send.
func (pageHeader) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader is not called: see call.send.
func (pageHeader) WriteHeader(int) {}

// listTitles are the titles of lists in Spanish, by path. Reports have their own.
var listTitles = map[string]string{
	"/api/v1/users":                              "Usuarios",
	"/api/v1/branches":                           "Sucursales",
	"/api/v1/roles":                              "Roles",
	"/api/v1/me/sessions":                        "Mis sesiones",
	"/api/v1/users/{username}/sessions":          "Sesiones del usuario",
	"/api/v1/service-accounts/{username}/keys":   "Llaves de API",
	"/api/v1/clients/":                           "Clientes",
	"/api/v1/clients/{client_id}/loans":          "Préstamos del cliente",
	"/api/v1/clients/{client_id}/file/changes":   "Cambios del expediente",
	"/api/v1/clients/{client_id}/file/notes":     "Notas del cliente",
	"/api/v1/search":                             "Búsqueda",
	"/api/v1/loans/":                             "Préstamos",
	"/api/v1/loans/applications":                 "Solicitudes de préstamo",
	"/api/v1/payments":                           "Pagos",
	"/api/v1/loans/{loan_id}/application/steps":  "Pasos de la solicitud",
	"/api/v1/loans/{loan_id}/versions":           "Versiones de la tabla",
	"/api/v1/loans/{loan_id}/schedule":           "Amortizaciones",
	"/api/v1/loans/{loan_id}/owing":              "Adeudo por amortización",
	"/api/v1/loans/{loan_id}/payments":           "Pagos del préstamo",
	"/api/v1/loans/{loan_id}/transactions":       "Movimientos del préstamo",
	"/api/v1/loans/{loan_id}/collection-history": "Gestiones del préstamo",
	"/api/v1/imports":                            "Importaciones",
	"/api/v1/imports/{import_id}/rejected-rows":  "Renglones rechazados",
	"/api/v1/inbox":                              "Bandeja",
	"/api/v1/requests":                           "Solicitudes de autorización",
	"/api/v1/products/":                          "Productos",
	"/api/v1/products/{code}":                    "Versiones del producto",
	"/api/v1/tills":                              "Cajas",
	"/api/v1/till-sessions":                      "Sesiones de caja",
	"/api/v1/till-sessions/blocking-close":       "Cajas que impiden el cierre",
	"/api/v1/till-sessions/left-open":            "Cajas que quedaron abiertas",
	"/api/v1/denominations":                      "Denominaciones",
	"/api/v1/bank-accounts":                      "Cuentas bancarias",
	"/api/v1/days":                               "Días contables",
	"/api/v1/days/forced-closes":                 "Cierres forzados",
	"/api/v1/bank-files":                         "Archivos de bancos",
	"/api/v1/incoming-payments":                  "Pagos recibidos",
	"/api/v1/books/accounts":                     "Catálogo de cuentas",
	"/api/v1/books/periods":                      "Periodos contables",
	"/api/v1/books/manual-entries":               "Pólizas manuales",
	"/api/v1/events":                             "Eventos",
	"/api/v1/audit":                              "Auditoría",
	"/api/v1/audit/viewings":                     "Consultas de datos personales",
	"/api/v1/screening/lists":                    "Listas de control",
	"/api/v1/screening/lists/{list}/versions":    "Versiones de la lista",
	"/api/v1/screening/alerts":                   "Alertas",
	"/api/v1/webhooks":                           "Webhooks",
	"/api/v1/webhooks/{webhook_id}/deliveries":   "Entregas del webhook",
}
