package console

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	banks "sofipo/bank/settlement"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/settlement/bankfile"
	"sofipo/core/settlement/incoming"
	"sofipo/text"
	"sofipo/view"
	"sofipo/web"
)

var layoutRoutes = []route{
	{"GET " + tillAdminPath + "/banks/{code}/layout", incoming.Read, (*visit).layout},
	{"POST " + tillAdminPath + "/banks/{code}/layout", incoming.SetLayouts, (*visit).setLayout},
}

// layoutPath returns the address of the layout of a bank account's files.
func layoutPath(account string) string {
	return tillAdminPath + "/banks/" + url.PathEscape(account) + "/layout"
}

// layoutPage is how the files of a bank account are read, with the first lines of a sample.
type layoutPage struct {
	Account string // name of the bank account
	Changed string // when and by whom; empty: there is no layout yet
	May     bool
	Form    *form
	Choices map[string][]option // by input
	Columns []layoutColumn
	Read    bool // the sample was read
	Rows    []sampleRow
	Out     int // rows of money that went out
	Lines   int // of a sample, at most
}

// layoutColumn has the inputs of a field.
type layoutColumn struct {
	Label     string
	Title     string // input with the title of the column
	Place     string // input with the number of the column, or with its first and last character
	TitleFlaw string
	PlaceFlaw string
}

// sampleRow is a row of the sample.
type sampleRow struct {
	Line                                  int
	Date                                  civil.Date
	Amount                                money.Amount
	Operation, Reference, Concept, Sender string
	Reason                                string // why it cannot be read
}

var layoutScreen = declare[layoutPage]("layout")

var layoutPhrases = phrases{
	"Bank file layout":         "Formato del archivo",
	"File layout of {name}":    "Formato de archivo de {name}",
	"Set":                      "Configurado",
	"Not set":                  "Sin configurar",
	"How the clients paid":     "Cómo pagaron los clientes",
	"Columns are separated by": "Separador de columnas",
	"Character encoding":       "Codificación",
	"Lines to skip":            "Renglones por omitir",
	"Before the header or, without one, before the first row.": "Antes del encabezado o, si no hay, antes del primer renglón.",
	"The file has a header row":                                "El archivo tiene encabezado",
	"Date format":                                              "Formato de fecha",
	"DD, MM and YYYY or YY, such as DD/MM/YYYY.":               "DD, MM y YYYY o YY, por ejemplo DD/MM/YYYY.",
	"Decimal mark":                                             "Signo decimal",
	"Mark between thousands":                                   "Separador de millares",
	"Excess goes to":                                           "El excedente se abona a",
	"Columns":                                                  "Columnas",
	"Field":                                                    "Dato",
	"Title in the header":                                      "Título en el encabezado",
	"Number, or first-last":                                    "Número, o primero-último",
	"Write the title or the number of the column; with fixed columns, the first and the last character, such as 1-10. Leave out what the file does not have.": "Escriba el título o el número de la columna; con columnas fijas, el primer y el último carácter, por ejemplo 1-10. Deje vacío lo que el archivo no trae.",
	"Sign values of incoming money":                                     "Valores del signo que indican un abono",
	"Separated by commas, such as C, ABONO. Only with the column sign.": "Separados por comas, por ejemplo C, ABONO. Solo si hay columna del signo.",
	"Try it with a file":                                                "Probar con un archivo",
	"Sample file":                                                       "Archivo de muestra",
	"First lines":                                                       "Primeros renglones",
	"The first {n} lines are read, and nothing is saved.":               "Se leen los primeros {n} renglones y nada se guarda.",
	"Read the sample":                                                   "Leer la muestra",
	"What was read":                                                     "Lo que se leyó",
	"{n} {n|row|rows} of money that went out {n|was|were} left out": "Se {n|omitió|omitieron} {n} {n|renglón|renglones} de dinero que salió",
	"Save the layout":                "Guardar formato",
	"The layout of {name} was saved": "Se guardó el formato de {name}",
	"Files":                          "Archivos",
}

// sampleLines is the number of lines of a sample, and sampleBytes their greatest length together.
const (
	sampleLines = 30
	sampleBytes = 64 << 10
)

// layoutOfAddress returns the bank account of the address and its layout, zero if it has none.
func (v *visit) layoutOfAddress() (a view.AccountState, l banks.Layout, err error) {
	if a, err = v.accountOfAddress(); err == nil && a.Code == "" {
		err = errNoPage
	}
	if err != nil {
		return a, l, err
	}
	l, err = v.View.BankLayout(v.r.Context(), v.by(), a.ID)
	if fault.Is(err, incoming.NoLayout) {
		err = nil
	}
	return a, l, err
}

func (v *visit) layout() error {
	a, l, err := v.layoutOfAddress()
	if err != nil {
		return err
	}
	f, err := v.form(layoutValues(l.Layout.Layout))
	if err != nil {
		return err
	}
	return v.showLayout(200, layoutPage{Form: f}, a, l)
}

// layoutValues returns the values of the form of a layout; those of a common file for none.
func layoutValues(l bankfile.Layout) url.Values {
	if l.Delimiter == "" {
		l = bankfile.Layout{
			Method: settlement.Transfer, Delimiter: bankfile.Comma, Encoding: bankfile.UTF8, Header: true, DateFormat: "DD/MM/YYYY",
			Decimal: bankfile.PointMark, Thousands: bankfile.CommaMark, Excess: bankfile.ToUnapplied,
		}
	}
	values := url.Values{
		"method": {string(l.Method)}, "delimiter": {string(l.Delimiter)}, "encoding": {string(l.Encoding)}, "date_format": {l.DateFormat},
		"decimal": {string(l.Decimal)}, "thousands": {string(l.Thousands)}, "excess": {string(l.Excess)}, "incoming": {strings.Join(l.Incoming, ", ")},
		"skip_lines": {strconv.Itoa(l.SkipLines)},
	}
	if l.Header {
		values.Set("header", "on")
	}
	for _, c := range l.Columns {
		values.Set("title."+string(c.Field), c.Name)
		switch {
		case c.From != 0:
			values.Set("place."+string(c.Field), strconv.Itoa(c.From)+"-"+strconv.Itoa(c.To))
		case c.Position != 0:
			values.Set("place."+string(c.Field), strconv.Itoa(c.Position))
		}
	}
	return values
}

// typedLayout reads the form of a layout, and names has the inputs of the columns by their fields
// in the layout.
func typedLayout(f *form) (l bankfile.Layout, names map[string]string, err error) {
	var flaws fault.Flaws
	l = bankfile.Layout{
		Method: settlement.Method(f.Get("method")), Delimiter: bankfile.Delimiter(f.Get("delimiter")), Encoding: bankfile.Encoding(f.Get("encoding")),
		SkipLines: f.whole("skip_lines", &flaws), Header: f.Is("header", "on"), DateFormat: strings.ToUpper(f.Get("date_format")),
		Decimal: bankfile.Mark(f.Get("decimal")), Thousands: bankfile.Mark(f.Get("thousands")), Excess: bankfile.Excess(f.Get("excess")),
	}
	for value := range strings.SplitSeq(f.Get("incoming"), ",") {
		if value = strings.TrimSpace(value); value != "" {
			l.Incoming = append(l.Incoming, value)
		}
	}
	names = map[string]string{"columns": "title." + string(bankfile.Date), "content": "sample"}
	for _, field := range bankfile.Fields {
		title, place := "title."+string(field), "place."+string(field)
		c := bankfile.Column{Field: field, Name: f.Get(title)}
		switch first, last, isSpan := strings.Cut(f.Get(place), "-"); {
		case f.Get(place) == "":
		case isSpan:
			c.From, c.To = placeNumber(first), placeNumber(last)
			flaws.Unless(c.From > 0 && c.To > 0, place, web.NotColumn)
		default:
			c.Position = placeNumber(first)
			flaws.Unless(c.Position > 0, place, web.NotColumn)
		}
		if c == (bankfile.Column{Field: field}) {
			continue
		}
		at := "columns." + strconv.Itoa(len(l.Columns)) + "."
		names[at+"name"], names[at+"field"], names[at+"position"], names[at+"from"] = title, title, place, place
		l.Columns = append(l.Columns, c)
	}
	return l, names, flaws.Err()
}

// placeNumber reads the number of a column or a character; 0 for anything else.
func placeNumber(s string) int {
	if s = strings.TrimSpace(s); len(s) > 4 || strings.Trim(s, "0123456789") != "" {
		return 0
	}
	return atoi(s)
}

// showLayout answers with the page of the layout of an account.
func (v *visit) showLayout(status int, page layoutPage, a view.AccountState, l banks.Layout) error {
	page.Account, page.May, page.Lines = a.Name, v.may(incoming.SetLayouts) && !a.Closed, sampleLines
	if l.ChangedBy != "" {
		page.Changed = v.person(l.ChangedBy) + ", " + v.instant(l.ChangedAt)
	}
	page.Choices = map[string][]option{
		"method":    choices(v, settlement.Transfer, settlement.Shop, settlement.PayrollDeduction, settlement.Card),
		"delimiter": choices(v, bankfile.Comma, bankfile.Semicolon, bankfile.Tab, bankfile.Pipe, bankfile.Fixed),
		"encoding":  choices(v, bankfile.UTF8, bankfile.Latin1), "decimal": choices(v, bankfile.PointMark, bankfile.CommaMark),
		"thousands": choices(v, bankfile.NoMark, bankfile.CommaMark, bankfile.PointMark, bankfile.SpaceMark, bankfile.ApostropheMark),
		"excess":    choices(v, bankfile.ToUnapplied, bankfile.ToSuspense),
	}
	for _, field := range bankfile.Fields {
		c := layoutColumn{Label: capital(text.Of(v.lang, field)), Title: "title." + string(field), Place: "place." + string(field)}
		c.TitleFlaw, c.PlaceFlaw = page.Form.Flaws[c.Title], page.Form.Flaws[c.Place]
		page.Columns = append(page.Columns, c)
	}
	return layoutScreen.answer(v, status, page)
}

// setLayout reads a sample with the layout of the form, or saves the layout.
func (v *visit) setLayout() error {
	a, l, err := v.layoutOfAddress()
	if err != nil {
		return err
	}
	f, err := readUpload(v.w, v.r, bankfile.MaxBytes)
	page := layoutPage{Form: f}
	if fault.Is(err, fault.TooLarge) {
		page.Form = &form{Values: layoutValues(l.Layout.Layout), Key: rand.Text()}
		err = fault.Wrong(fault.At("sample", bankfile.TooLarge, "most", bankfile.MaxBytes>>20))
	}
	var typed bankfile.Layout
	var names map[string]string
	if err == nil {
		typed, names, err = typedLayout(f)
	}
	if err == nil && f.Is("then", "save") {
		_, err = command(v, f, banks.SetLayout{AccountID: a.ID, Layout: typed})
		if err == nil {
			return v.done(tillAdminPath, notice{Text: v.say("The layout of {name} was saved", "name", a.Name)})
		}
	} else if err == nil {
		err = v.readSample(&page, typed)
	}
	status := 200
	if err != nil {
		shown := false
		if status, shown = page.Form.wrong(v, err, names); !shown {
			return err
		}
	}
	return v.showLayout(status, page, a, l)
}

// readSample reads the first lines of the file that was sent, or those that are on the form.
func (v *visit) readSample(page *layoutPage, l bankfile.Layout) error {
	lines, typed := []byte(page.Form.Get("sample")), true
	if file, header, err := v.r.FormFile("file"); err == nil && header.Size > 0 {
		defer func() { _ = file.Close() }() // it was read
		content, err := io.ReadAll(io.LimitReader(file, sampleBytes))
		if err != nil {
			return err
		}
		lines, typed = sampled(content), false
		page.Form.Values.Set("sample", decoded(l.Encoding, lines))
	}
	if err := l.Check(); err != nil {
		return err
	}
	if len(lines) == 0 {
		return fault.Wrong(fault.At("sample", fault.Missing))
	}
	if typed {
		l.Encoding = bankfile.UTF8
	}
	read, err := l.Parse(lines, v.today)
	if err != nil {
		return err
	}
	page.Read, page.Out = true, read.Out
	for _, r := range read.Rows {
		page.Rows = append(page.Rows, sampleRow{r.Line, r.Date, r.Amount, r.Operation, r.Reference, r.Concept, r.Sender, ""})
	}
	for _, b := range read.Bad {
		page.Rows = append(page.Rows, sampleRow{Line: b.Line, Reason: capital(text.Of(v.lang, bankfile.Field(b.Flaw.Name()))) + ": " + text.Message(v.lang, b.Flaw)})
	}
	slices.SortFunc(page.Rows, func(x, y sampleRow) int { return x.Line - y.Line })
	return nil
}

// sampled returns the lines of a file that a sample has.
func sampled(content []byte) []byte {
	lines := bytes.SplitAfterN(content, []byte("\n"), sampleLines+1)
	return bytes.Join(lines[:min(len(lines), sampleLines)], nil)
}

// decoded returns a text in an encoding for the form.
func decoded(e bankfile.Encoding, content []byte) string {
	if e != bankfile.Latin1 {
		return strings.ToValidUTF8(strings.TrimPrefix(string(content), "\ufeff"), string(utf8.RuneError))
	}
	var b strings.Builder
	for _, c := range content {
		b.WriteRune(rune(c))
	}
	return b.String()
}
