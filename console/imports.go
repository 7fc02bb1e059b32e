package console

import (
	"cmp"
	"crypto/rand"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"sofipo/bank"
	taking "sofipo/bank/imports"
	"sofipo/bank/takeover"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/imports"
	"sofipo/core/lending/product"
	"sofipo/core/money"
	"sofipo/document"
	"sofipo/text"
	"sofipo/view"
)

const (
	importsPath   = adminPath + "imports"
	newImportPath = importsPath + "/new"
	templatesPath = adminPath + "import-templates"
)

var importRoutes = []route{
	{"GET " + importsPath, imports.Run, (*visit).imports},
	{"GET " + newImportPath, imports.Run, (*visit).newImport},
	{"POST " + newImportPath, imports.Run, (*visit).uploadImport},
	{"GET " + templatesPath + "/{name}", imports.Run, (*visit).importTemplate},
	{"GET " + importsPath + "/{import}", imports.Run, (*visit).oneImport},
	{"POST " + importsPath + "/{import}", imports.Run, (*visit).decideImport},
	{"GET " + importsPath + "/{import}/rejected.csv", imports.Run, (*visit).rejectedRows},
	{"GET " + importsPath + "/{import}/rejected.xlsx", imports.Run, (*visit).rejectedRows},
}

var importPhrases = phrases{
	"Imports":                  "Importaciones",
	"Import a file":            "Importar archivo",
	"No file was imported yet": "Aún no se ha importado ningún archivo",
	"Take over clients, loans, payments and opening balances from another system.": "Traiga de otro sistema clientes, préstamos, pagos y saldos iniciales.",
	"File to import":    "Archivo por importar",
	"Rows":              "Renglones",
	"Uploaded":          "Subido",
	"{n} rejected":      "{n} {n|rechazado|rechazados}",
	"What the rows are": "Qué contiene",
	"Templates":         "Plantillas",
	"A template has the heading and two example rows. Columns with other names are assigned in the next step.": "La plantilla trae el encabezado y dos renglones de ejemplo. Las columnas con otro nombre se asignan en el siguiente paso.",
	"Import clients first, then loans, payments and opening balances.":                                         "Importe primero los clientes; después los préstamos, los pagos y los saldos iniciales.",
	"CSV or XLSX with a heading in its first row, at most 16 MB.":                                              "CSV o XLSX con encabezado en el primer renglón, hasta 16 MB.",
	"Upload and review": "Subir y revisar",
	"The file is kept encrypted. It is deleted when its import is complete, or {n} days after nobody confirmed it.": "El archivo se guarda cifrado. Se elimina al terminar la importación, o a los {n} días si nadie la confirma.",
	"Choose file":        "Elegir archivo",
	"Review of the file": "Revisión del archivo",
	"Import":             "Importación",
	"{n} {n|row|rows}, uploaded by {who}, {when}":         "{n} {n|renglón|renglones}, lo subió {who}, {when}",
	"begun at the command line by {who}, {when}":          "la inició {who} desde la línea de comandos, {when}",
	"What the import will do":                             "Qué hará la importación",
	"Nothing is saved until you confirm":                  "Nada se guarda hasta confirmar",
	"Rows of the file":                                    "Renglones del archivo",
	"Will be stored":                                      "Se guardarán",
	"Stored":                                              "Guardados",
	"Of them, to be completed":                            "De ellos, por completar",
	"Stored before":                                       "Ya guardados antes",
	"Will be rejected":                                    "Se rechazarán",
	"Rejected rows":                                       "Renglones rechazados",
	"Amount of the stored rows":                           "Importe de los guardados",
	"Principal that is outstanding today":                 "Capital insoluto hoy",
	"Columns of the file":                                 "Columnas del archivo",
	"is not read":                                         "no se lee",
	"Decimal sign":                                        "Signo decimal",
	"Product of loans that name none":                     "Producto de los préstamos que no lo indican",
	"The loans bear no interest":                          "Los préstamos no generan intereses",
	"Review again":                                        "Revisar de nuevo",
	"Import {n} {n|client|clients}":                       "Importar {n} {n|cliente|clientes}",
	"Import {n} {n|loan|loans}":                           "Importar {n} {n|préstamo|préstamos}",
	"Import {n} {n|payment|payments}":                     "Importar {n} {n|pago|pagos}",
	"Import {n} {n|opening balance|opening balances}":     "Importar {n} {n|saldo inicial|saldos iniciales}",
	"Discard the file":                                    "Descartar el archivo",
	"The file was discarded":                              "Se descartó el archivo",
	"The file was deleted; rows that were imported stay.": "El archivo se eliminó; lo que se importó se conserva.",
	"The file cannot be imported as it is":                "El archivo no se puede importar así",
	"Assign its columns, or correct the file and upload it again.": "Asigne sus columnas, o corrija el archivo y súbalo de nuevo.",
	"Rows to correct":     "Renglones por corregir",
	"the first {n}":       "los primeros {n}",
	"What is wrong":       "Qué tiene",
	"Importing now":       "Importando",
	"began {when}, {who}": "empezó {when}, {who}",
	"{n} of {of} rows":    "{n} de {of} renglones",
	"You may leave this page: the import continues, also after a restart, and its result will be here.": "Puede salir de esta página: la importación sigue, también después de un reinicio, y aquí verá el resultado.",
	"The import stopped after {n} of {of} rows":                                                         "La importación se detuvo en {n} de {of} renglones",
	"Nothing is lost. It continues where it stopped.":                                                   "No se pierde nada. Sigue donde se quedó.",
	"Continue the import":         "Continuar la importación",
	"Differences":                 "Diferencias",
	"Sum":                         "Suma",
	"No difference with the file": "Ninguna diferencia con el archivo",
	"Correct them in the file and import it again: only they are new.": "Corríjalos en el archivo e impórtelo otra vez: solo ellos son nuevos.",
	"In the file":           "En el archivo",
	"Computed":              "Calculado",
	"Rows with differences": "Renglones con diferencias",
	"It was begun at the command line, which continues it.": "Se inició en la línea de comandos, que también la continúa.",
}

// importRow is an import in a list.
type importRow struct {
	Path, Name, Kind, When, Who string
	Rows                        int64
	Rejected                    int64
	State                       pill
}

// importsPage lists the imports.
type importsPage struct {
	Rows  []importRow
	Pager pager
}

var importsScreen = declare[importsPage]("imports")

func (v *visit) imports() error {
	part, err := v.paging()
	if err != nil {
		return err
	}
	list, err := v.View.Imports(v.r.Context(), v.by(), part)
	if err != nil {
		return err
	}
	page := importsPage{Pager: v.pagerTo(len(list.Items), list.Next)}
	for _, i := range list.Items {
		page.Rows = append(page.Rows, importRow{
			Path: importsPath + "/" + i.ID.String(), Name: i.Name, Kind: capital(text.Of(v.lang, i.Kind)), When: v.at(i.UploadedAt), Who: v.person(i.UploadedBy),
			Rows: i.Rows, Rejected: i.Rejected, State: v.importState(i),
		})
	}
	return importsScreen.show(v, page)
}

// importState returns the state of an import.
func (v *visit) importState(i view.Import) pill {
	kinds := map[imports.UploadStatus]string{
		imports.Waiting: "warn", imports.Running: "next", imports.Stopped: "bad", imports.Imported: "good", imports.Discarded: "off", imports.Unfinished: "warn",
	}
	return pill{kinds[i.Status], capital(text.Of(v.lang, i.Status))}
}

// newImportPage takes a file.
type newImportPage struct {
	Form      *form
	Steps     []stepLink
	Kinds     []option
	Templates []templateRow
	Days      int
}

// templateRow has the addresses of the templates of a kind.
type templateRow struct{ Kind, CSV, XLSX string }

var newImportScreen = declare[newImportPage]("import_new")

func (v *visit) newImport() error {
	f, err := v.draft()
	if err != nil {
		return err
	}
	return v.showNewImport(200, f)
}

func (v *visit) showNewImport(status int, f *form) error {
	page := newImportPage{Form: f, Steps: v.importSteps(0), Days: imports.KeepDays}
	for _, k := range imports.Kinds {
		kind, base := capital(text.Of(v.lang, k)), templatesPath+"/"+string(k)
		page.Kinds = append(page.Kinds, option{string(k), kind})
		page.Templates = append(page.Templates, templateRow{kind, base + ".csv", base + ".xlsx"})
	}
	return newImportScreen.answer(v, status, page)
}

// importSteps returns the steps of an import.
func (v *visit) importSteps(current int) (links []stepLink) {
	for n, label := range []string{v.say("Choose file"), v.say("Review of the file"), v.say("Import"), v.say("Result")} {
		links = append(links, stepLink{Label: label, Current: n == current, Done: n < current})
	}
	return links
}

// uploadTime is how long an upload may take.
const uploadTime = 5 * time.Minute

// uploadImport stores the file of the form.
func (v *visit) uploadImport() error {
	v.slow()
	f, err := readUpload(v.w, v.r, imports.MaxUpload)
	if fault.Is(err, fault.TooLarge) {
		f = &form{Values: url.Values{}, Key: rand.Text()}
	}
	var r bank.Receipt[imports.Upload]
	if err == nil {
		r, err = v.addUpload(f)
	}
	if err == nil {
		v.committed(r.Token)
		return v.goTo(importsPath + "/" + r.Answer.ID.String())
	}
	if fault.Is(err, fault.TooLarge) {
		err = fault.Wrong(fault.At("file", imports.SizeMost, "most", imports.MaxUpload>>20))
	}
	status, shown := f.wrong(v, err, map[string]string{"name": "file"})
	if !shown {
		return err
	}
	return v.showNewImport(status, f)
}

// slow gives the request more time than others have. An error means that there is no limit.
func (v *visit) slow() {
	end, controller := time.Now().Add(uploadTime), http.NewResponseController(v.w)
	_ = controller.SetReadDeadline(end)
	_ = controller.SetWriteDeadline(end)
}

func (v *visit) addUpload(f *form) (r bank.Receipt[imports.Upload], err error) {
	file, header, err := v.r.FormFile("file")
	if err != nil {
		return r, fault.Wrong(fault.At("file", fault.Missing))
	}
	defer func() { _ = file.Close() }() // it was read
	content, err := io.ReadAll(file)
	if err != nil {
		return r, err
	}
	by := bank.By{Actor: v.who.User.Username, CorrelationID: v.correlation()}
	return v.Imports.Add(v.r.Context(), by, imports.Kind(f.Get("kind")), header.Filename, content)
}

// importTemplate sends a template.
func (v *visit) importTemplate() error {
	name := v.r.PathValue("name")
	kind, format := strings.TrimSuffix(name, path.Ext(name)), path.Ext(name)
	for _, k := range imports.Kinds {
		if string(k) != kind {
			continue
		}
		f := document.ImportTemplate(k)
		switch format {
		case ".csv":
			h := &attached{ResponseWriter: v.w, name: f.Name + format, media: "text/csv; charset=utf-8"}
			if _, err := io.WriteString(h, byteOrderMark); err != nil {
				return nil // the browser has left
			}
			return f.CSV(h)
		case ".xlsx":
			return f.XLSX(&attached{ResponseWriter: v.w, name: f.Name + format, media: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"})
		}
	}
	return errNoPage
}

// importPage is an import: the review of its file, its progress, or its result.
type importPage struct {
	Form     *form
	Path     string
	Name     string
	Kind     string
	About    string
	State    pill
	Steps    []stepLink
	Status   imports.UploadStatus
	Problem  string
	Began    string
	Done, Of int64

	Columns  []columnRow
	Fields   []option
	Decimals []option
	Products []option // of an import of loans
	Wrong    []string // why the file cannot be read as it is
	Facts    []fact
	Confirm  string // label of the button; empty: nothing would be stored
	Kept     []field
	Rows     []findingRow
	More     bool // there are more rows than shown

	Reasons     []reasonRow
	Differences []differenceRow
	Downloads   downloads
}

// columnRow is a column of the file with the input of its field.
type columnRow struct{ Input, Name, Field string }

// findingRow is what is wrong with a row.
type findingRow struct {
	Line  int64
	Field string
	What  string
	Value string
	State pill
}

// reasonRow is the number of differences with a reason.
type reasonRow struct {
	Reason string
	Count  int64
	Sum    money.Amount
}

// differenceRow is a row whose figures do not agree.
type differenceRow struct {
	Line             int64
	Reason           string
	Stated, Computed money.Amount
	Difference       money.Amount
}

var importScreen = declare[importPage]("import")

// importNamed returns the import of the address.
func (v *visit) importNamed() (view.Import, error) {
	named, err := id.Parse(v.r.PathValue("import"))
	if err != nil {
		return view.Import{}, fault.Refuse(imports.NotFound)
	}
	return v.View.Import(v.r.Context(), v.by(), named)
}

func (v *visit) oneImport() error {
	i, err := v.importNamed()
	if err != nil {
		return err
	}
	f, err := v.draft()
	if err != nil {
		return err
	}
	return v.showImport(200, i, f)
}

func (v *visit) showImport(status int, i view.Import, f *form) error {
	page := importPage{
		Form: f, Path: importsPath + "/" + i.ID.String(), Name: i.Name, Kind: capital(text.Of(v.lang, i.Kind)), State: v.importState(i), Status: i.Status, Done: i.Done, Of: i.Rows,
		About:   v.say("{n} {n|row|rows}, uploaded by {who}, {when}", "n", i.Rows, "who", v.person(i.UploadedBy), "when", v.at(i.UploadedAt)),
		Problem: text.Render(v.lang, i.Sentence, nil),
	}
	if i.FromCommandLine() {
		page.About = v.say("begun at the command line by {who}, {when}", "who", v.person(i.UploadedBy), "when", v.at(i.UploadedAt))
	}
	var err error
	switch i.Status {
	case imports.Waiting:
		page.Steps = v.importSteps(1)
		err = v.fillImportReview(&page, i)
	case imports.Running:
		page.Steps = v.importSteps(2)
		page.Began = v.say("began {when}, {who}", "when", v.at(i.ConfirmedAt), "who", v.person(i.ConfirmedBy))
	case imports.Discarded:
	default:
		page.Steps = v.importSteps(map[bool]int{true: 4, false: 2}[i.Status == imports.Imported])
		err = v.fillOutcome(&page, i)
	}
	if err != nil {
		return err
	}
	return importScreen.answer(v, status, page)
}

// columnInput returns the name of the input for the field of a column.
func columnInput(n int) string { return "column." + strconv.Itoa(n) }

// importSettings reads the settings of the form. Columns with the field of their name need none.
func importSettings(f *form, columns []imports.Column) imports.Settings {
	s := imports.Settings{
		Columns: map[string]imports.Field{}, Decimal: imports.Decimal(cmp.Or(f.Get("decimal"), string(imports.AutoDecimal))),
		Product: cmp.Or(f.Get("product"), product.SeedCode), NoInterest: f.Is("no_interest", "on"),
	}
	for n, c := range columns {
		if input := columnInput(n); f.Values.Has(input) && imports.Field(f.Get(input)) != c.Field {
			s.Columns[c.Name] = imports.Field(f.Get(input))
		}
	}
	return s
}

// mostReviewed is the number of rows that a page of an import shows.
const mostReviewed = 100

// fillImportReview fills in what the import would do.
func (v *visit) fillImportReview(page *importPage, i view.Import) error {
	v.slow()
	by := bank.By{Actor: v.who.User.Username}
	columns, err := v.Imports.Heading(v.r.Context(), by, i.ID, imports.Settings{})
	if err != nil {
		return err
	}
	settings := importSettings(page.Form, columns)
	if err := v.fillSettings(page, i, columns, settings); err != nil {
		return err
	}
	r, err := v.Imports.Preview(v.r.Context(), by, i.ID, settings)
	if err != nil {
		var asked form
		if _, shown := asked.wrong(v, err, nil); !shown {
			return err
		}
		for name, what := range asked.Flaws {
			page.Wrong = append(page.Wrong, v.fieldSays(imports.Field(name), what))
		}
		if asked.Problem != "" {
			page.Wrong = append(page.Wrong, asked.Problem)
		}
		slices.Sort(page.Wrong)
		return nil
	}
	t := r.Run
	page.Facts = v.importFacts(i.Kind, r.Read, t, v.say("Will be stored"), v.say("Will be rejected"))
	if t.Taken > 0 {
		page.Confirm = map[imports.Kind]string{
			imports.Clients: v.say("Import {n} {n|client|clients}", "n", t.Taken), imports.Loans: v.say("Import {n} {n|loan|loans}", "n", t.Taken),
			imports.Payments: v.say("Import {n} {n|payment|payments}", "n", t.Taken), imports.Balances: v.say("Import {n} {n|opening balance|opening balances}", "n", t.Taken),
		}[i.Kind]
	}
	page.Rows, page.More = v.findings(r.Bad)
	return nil
}

// fieldSays returns a message about a field, such as one that the file lacks.
func (v *visit) fieldSays(f imports.Field, what string) string {
	if !slices.Contains(slices.Concat(imports.FieldsOf(imports.Clients), imports.FieldsOf(imports.Loans), imports.FieldsOf(imports.Payments), imports.FieldsOf(imports.Balances)), f) {
		return what
	}
	return capital(text.Of(v.lang, f)) + ": " + what
}

// fillSettings fills in the form of the columns and the other settings.
func (v *visit) fillSettings(page *importPage, i view.Import, columns []imports.Column, s imports.Settings) error {
	page.Fields = []option{{"", v.say("is not read")}}
	for _, f := range imports.FieldsOf(i.Kind) {
		page.Fields = append(page.Fields, option{string(f), capital(text.Of(v.lang, f))})
	}
	for n, c := range columns {
		row := columnRow{columnInput(n), c.Name, string(c.Field)}
		if f, changed := s.Columns[c.Name]; changed {
			row.Field = string(f)
		}
		page.Columns, page.Kept = append(page.Columns, row), append(page.Kept, field{row.Input, row.Field})
	}
	for _, d := range imports.Decimals {
		page.Decimals = append(page.Decimals, option{string(d), capital(text.Of(v.lang, d))})
	}
	page.Kept = append(page.Kept, field{"decimal", string(s.Decimal)})
	if i.Kind != imports.Loans {
		return nil
	}
	if !page.Form.Values.Has("product") {
		page.Form.Values.Set("product", s.Product)
	}
	products, err := v.View.Products(v.r.Context(), v.by(), v.today)
	for _, p := range products {
		page.Products = append(page.Products, option{p.Code, p.Name})
	}
	page.Kept = append(page.Kept, field{"product", s.Product})
	if s.NoInterest {
		page.Kept = append(page.Kept, field{"no_interest", "on"})
	}
	return err
}

// importFacts lists counts of rows.
func (v *visit) importFacts(k imports.Kind, read int64, t imports.Tally, stored, rejected string) []fact {
	facts := []fact{
		{v.say("Rows of the file"), countText(read)}, {stored, countText(t.Taken)}, {v.say("Of them, to be completed"), countText(t.Incomplete)},
		{v.say("Stored before"), countText(t.Known)}, {rejected, countText(t.Rejected)},
	}
	if k != imports.Clients {
		facts = append(facts, fact{v.say("Amount of the stored rows"), text.Of(v.lang, t.Amount)})
	}
	return facts
}

// findings returns the first findings as rows, and whether there are more.
func (v *visit) findings(all []imports.Finding) (rows []findingRow, more bool) {
	states := map[imports.Outcome]pill{imports.Rejected: {"bad", capital(text.Of(v.lang, imports.Rejected))}, imports.Incomplete: {"warn", capital(text.Of(v.lang, imports.Incomplete))}}
	for _, f := range all[:min(len(all), mostReviewed)] {
		row := findingRow{Line: f.Line, What: text.Message(v.lang, f.Flaw()), Value: f.Value, State: states[f.Outcome]}
		if f.Field != "" {
			row.Field = capital(text.Of(v.lang, f.Field))
		}
		rows = append(rows, row)
	}
	return rows, len(all) > mostReviewed
}

// fillOutcome fills in what the import did.
func (v *visit) fillOutcome(page *importPage, i view.Import) error {
	r, err := v.Imports.Report(v.r.Context(), bank.By{Actor: v.who.User.Username}, i.ImportID)
	if fault.Is(err, imports.NotFound) { // it stopped before its first row
		return nil
	}
	if err != nil {
		return err
	}
	section := r.Sections[0]
	page.Facts = v.importFacts(i.Kind, max(i.Rows, section.Read), i.Tally, v.say("Stored"), v.say("Rejected rows"))
	if i.Kind == imports.Loans {
		page.Facts = append(page.Facts, fact{v.say("Principal that is outstanding today"), text.Of(v.lang, section.Principal)})
	}
	v.fillDifferences(page, r)
	rejected, err := v.View.RejectedRows(v.r.Context(), v.by(), i.ImportID, mostReviewed+1)
	page.Rows, page.More = v.findings(rejected)
	page.Downloads = downloads{page.Path + "/rejected.csv", page.Path + "/rejected.xlsx"}
	return err
}

// fillDifferences fills in the reasons of the differences, and the first of those with figures.
func (v *visit) fillDifferences(page *importPage, r takeover.Report) {
	for _, s := range r.Reasons() {
		reason := capital(text.Of(v.lang, s.Reason))
		if s.Field != "" {
			reason = capital(text.Of(v.lang, s.Field)) + ": " + text.Message(v.lang, fault.At(string(s.Field), s.Rule))
		}
		page.Reasons = append(page.Reasons, reasonRow{reason, s.Count, s.Sum})
	}
	for _, d := range r.Differences {
		if d.Reason != imports.FieldRemaining && len(page.Differences) < mostReviewed {
			page.Differences = append(page.Differences, differenceRow{d.Line, capital(text.Of(v.lang, d.Reason)), d.Stated, d.Computed, d.Difference})
		}
	}
}

// decideImport confirms, continues or discards an import.
func (v *visit) decideImport() error {
	v.slow()
	i, err := v.importNamed()
	if err != nil {
		return err
	}
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	if f.Is("then", "discard") {
		if _, err = command(v, f, taking.DiscardUpload{Upload: i.ID}); err == nil {
			return v.done(importsPath, notice{Text: v.say("The file was discarded")})
		}
	} else {
		err = v.confirmImport(i, f)
		if err == nil {
			return v.goTo(importsPath + "/" + i.ID.String())
		}
	}
	status, shown := f.wrong(v, err, nil)
	if !shown {
		return err
	}
	return v.showImport(status, i, f)
}

// confirmImport confirms an import with the settings of the form, or continues it with its own.
func (v *visit) confirmImport(i view.Import, f *form) error {
	by := bank.By{Actor: v.who.User.Username, CorrelationID: v.correlation()}
	settings := i.Settings
	if i.Status == imports.Waiting {
		columns, err := v.Imports.Heading(v.r.Context(), by, i.ID, imports.Settings{})
		if err != nil {
			return err
		}
		settings = importSettings(f, columns)
	}
	r, err := v.Imports.Confirm(v.r.Context(), by, i.ID, settings)
	v.committed(r.Token)
	return err
}

// rejectedRows sends the rejected rows.
func (v *visit) rejectedRows() error {
	i, err := v.importNamed()
	if err != nil {
		return err
	}
	rows, err := v.View.RejectedRows(v.r.Context(), v.by(), i.ImportID, 1<<31)
	if err != nil {
		return err
	}
	return v.download(v.issuer().RejectedRows(i, rows))
}
