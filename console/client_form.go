package console

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/mx"
	"sofipo/text"
	"sofipo/web"
)

const newClientPath = clientsPath + "/new"

var clientFormRoutes = []route{
	{"GET " + newClientPath, client.Write, (*visit).newClient},
	{"POST " + newClientPath, client.Write, (*visit).registerClient},
	{"POST " + newClientPath + "/check", client.Write, (*visit).newClient},
	{"GET " + clientPath + "/edit", client.WriteFile, (*visit).editClient},
	{"POST " + clientPath + "/edit", client.WriteFile, (*visit).changeClient},
	{"POST " + clientPath + "/edit/check", client.WriteFile, (*visit).editClient},
}

// clientForm is where a client is registered or the data are changed. The checks beside the
// form are asked for while the user types, and by the button "check"; both save nothing.
type clientForm struct {
	Form      *form
	New       bool
	Name      string // of the client whose data change
	Number    folio.Number
	Path      string // of the form
	Kind      client.PersonKind
	Kinds     []tab // person or company, for a new client
	Revision  string
	Sections  []formSection
	Checked   bool // the checks were made
	Findings  []finding
	Taken     []clientRow // clients who have the same RFC
	Suggested []suggestion
	Missing   []string
}

// MissingText lists what is missing.
func (p clientForm) MissingText() string { return strings.Join(p.Missing, ", ") }

// formSection is a part of the form. Each grid is a row of inputs, or an entry of a list.
type formSection struct {
	ID, Title string
	Grids     [][]inputPart
	More      string // name of the list to which the user can add an entry
	MoreLabel string
}

// finding is something that is probably wrong. The user may confirm that it is right.
type finding struct {
	Warning   client.Warning
	Text      string
	Input     string // where it is
	Confirmed bool
	Others    []clientRow
	Hidden    int // other clients whom the user may not see
}

// suggestion is an identifier that an authority would probably assign.
type suggestion struct{ Label, Value, Input string }

var clientFormScreen = declare[clientForm]("client_form")

// newClient shows the form for a new client, or checks it.
func (v *visit) newClient() error {
	f, err := v.form(url.Values{"kind": {cmp.Or(v.r.URL.Query().Get("kind"), string(client.Person))}})
	if err != nil {
		return err
	}
	page := clientForm{Form: f, New: true, Path: newClientPath}
	if v.r.Method == "POST" {
		v.prepare(&page)
		file, names, err := v.readFile(f)
		if err == nil {
			err = tryOut(v, &clients.RegisterFile{File: file})
		}
		if err := v.checks(&page, file, names, err); err != nil {
			return err
		}
	}
	return v.showClientForm(200, page)
}

// registerClient adds the client.
func (v *visit) registerClient() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	page := clientForm{Form: f, New: true, Path: newClientPath}
	file, names, err := v.readFile(f)
	var d client.Dossier
	if err == nil {
		d, err = command(v, f, &clients.RegisterFile{File: file, Confirmed: confirmed(f)})
	}
	if err != nil {
		if err := v.checks(&page, file, names, err); err != nil {
			return err
		}
		return v.showClientForm(statusOf(err), page)
	}
	made, err := v.View.ClientByID(v.r.Context(), v.by(), d.ClientID)
	if err != nil {
		return err
	}
	return v.done(pathOfClient(made.Number), notice{Text: v.say("The client was registered")})
}

// editClient shows the form with the data of a client, or checks it.
func (v *visit) editClient() error {
	o, err := v.openClient()
	if err != nil {
		return err
	}
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	if len(f.Values) == 0 {
		f.Values = v.valuesOf(o.dossier.File)
		f.Values.Set("revision", fmt.Sprint(o.dossier.Revision))
	}
	page := v.editForm(o, f)
	if v.r.Method == "POST" {
		v.prepare(&page)
		file, names, err := v.readFile(f)
		if err == nil {
			err = tryOut(v, changeOf(o, f, file))
		}
		if err := v.checks(&page, file, names, err); err != nil {
			return err
		}
	}
	return v.showClientForm(200, page)
}

func (v *visit) editForm(o opened, f *form) clientForm {
	return clientForm{Form: f, Name: o.client.FullName, Number: o.client.Number, Path: pathOfClient(o.client.Number) + "/edit", Revision: f.Get("revision")}
}

func changeOf(o opened, f *form, file client.File) *clients.ChangeFile {
	c := &clients.ChangeFile{ID: o.client.ID, File: file}
	if _, err := fmt.Sscan(f.Get("revision"), &c.Revision); err != nil {
		c.Revision = -1 // no revision of a file
	}
	return c
}

// changeClient changes the data.
func (v *visit) changeClient() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	o, err := v.openClient()
	if err != nil {
		return err
	}
	page := v.editForm(o, f)
	file, names, err := v.readFile(f)
	if err == nil {
		change := changeOf(o, f, file)
		change.Confirmed = confirmed(f)
		_, err = command(v, f, change)
	}
	if err != nil {
		if err := v.checks(&page, file, names, err); err != nil {
			return err
		}
		return v.showClientForm(statusOf(err), page)
	}
	return v.done(pathOfClient(o.client.Number)+"/data", notice{Text: v.say("The data were changed")})
}

// statusOf returns the status of a refusal.
func statusOf(err error) int {
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		return web.Status(refusal.Code)
	}
	return 500
}

// tryOut returns the refusal of a command without carrying it out.
func tryOut[A any](v *visit, c bank.Command[A]) error {
	out, err := bank.Preview(v.r.Context(), v.Bank, bank.By{Actor: v.who.User.Username}, []bank.Command[A]{c})
	if err != nil {
		return err
	}
	return out[0].Err
}

// confirmed lists the warnings that the user confirmed.
func confirmed(f *form) (all []client.Warning) {
	for _, w := range f.Values["confirmed"] {
		all = append(all, client.Warning(w))
	}
	return all
}

// prepare carries out what the buttons of the form ask for: another entry of a list, or a
// suggestion.
func (v *visit) prepare(page *clientForm) {
	f := page.Form
	if list := f.Get("more"); slices.Contains(client.FileFields(), list) {
		f.Values.Set(fmt.Sprintf("%s.%d.kind", list, entriesOf(f, list)), "")
	}
	if f.Get("use_rfc") != "" {
		f.Values.Set("rfc", f.Get("use_rfc"))
	}
	if f.Get("use_curp") != "" {
		f.Values.Set("curp", f.Get("use_curp"))
	}
}

// checks fills in what is wrong with the form, what is probably wrong, and what is missing.
func (v *visit) checks(page *clientForm, file client.File, names map[string]string, err error) error {
	page.Checked = true
	var refusal *fault.Error
	found := []client.Finding{}
	if fault.Is(err, client.NeedsConfirmation) && errors.As(err, &refusal) {
		found, _ = refusal.Values["findings"].([]client.Finding)
	} else if err != nil {
		if _, shown := page.Form.wrong(v, err, names); !shown {
			return err
		}
	}
	if fault.Is(err, client.RFCTaken) {
		page.Form.Flaws["rfc"], page.Form.Problem = page.Form.Problem, ""
		taken, err := v.View.Search(v.r.Context(), v.by(), file.RFC)
		if err != nil {
			return err
		}
		for _, t := range taken {
			page.Taken = append(page.Taken, clientRow{Number: t.Number, Name: t.Name, Path: pathOfClient(t.Number)})
		}
	}
	for _, one := range found {
		x := finding{Warning: one.Warning, Text: capital(text.Of(v.lang, one.Warning)), Input: inputID(one.Field), Confirmed: page.Form.Is("confirmed", string(one.Warning))}
		if x.Others, x.Hidden, err = v.others(one.Clients); err != nil {
			return err
		}
		page.Findings = append(page.Findings, x)
	}
	v.suggest(page, file)
	if len(page.Form.Flaws) > 0 {
		return nil
	}
	d := client.Dossier{Record: client.Record{File: file}}
	d.Judge(v.today)
	for _, r := range d.Missing {
		if s := string(r); !strings.HasPrefix(s, "document_") && r != client.NeedGrade && r != client.NeedConsent {
			page.Missing = append(page.Missing, text.Of(v.lang, r))
		}
	}
	return nil
}

// others returns the clients with the ids, and the number of those whom the user may not see.
func (v *visit) others(ids []id.ID) (rows []clientRow, hidden int, err error) {
	if len(ids) == 0 {
		return nil, 0, nil
	}
	found, err := v.View.ClientsByID(v.r.Context(), v.by(), ids)
	for _, c := range found {
		rows = append(rows, clientRow{Number: c.Number, Name: c.FullName, RFC: c.RFC, Path: pathOfClient(c.Number)})
	}
	return rows, len(ids) - len(found), err
}

// suggest fills in the RFC and the CURP that follow from the names, where the form has none.
func (v *visit) suggest(page *clientForm, file client.File) {
	if file.Kind != client.Person || file.RFC != "" && file.CURP != "" {
		return
	}
	s, err := file.Suggest()
	if err != nil {
		return // the names or the birth date are not known yet
	}
	if file.RFC == "" && s.RFC != "" {
		page.Suggested = append(page.Suggested, suggestion{v.say("Probable RFC"), s.RFC, "use_rfc"})
	}
	if file.CURP == "" && s.CURP != "" {
		page.Suggested = append(page.Suggested, suggestion{v.say("Probable CURP"), s.CURP, "use_curp"})
	}
}

func (v *visit) showClientForm(status int, page clientForm) error {
	page.Kind = client.PersonKind(page.Form.Get("kind"))
	if page.Kind != client.Company {
		page.Kind = client.Person
	}
	if page.New {
		page.Kinds = []tab{
			{Label: capital(text.Of(v.lang, client.Person)), Path: newClientPath, Current: page.Kind == client.Person},
			{Label: capital(text.Of(v.lang, client.Company)), Path: newClientPath + "?kind=company", Current: page.Kind == client.Company},
		}
	}
	page.Sections = v.fileSections(page.Form, page.Kind)
	return clientFormScreen.answer(v, status, page)
}

// clientData is the tab with the data.
func (v *visit) clientData() error {
	o, page, err := v.clientTab("data")
	if err != nil {
		return err
	}
	f := &form{Values: v.valuesOf(o.dossier.File)}
	for _, s := range v.fileSections(f, o.dossier.File.Kind) {
		for i, grid := range s.Grids {
			g := factGroup{}
			if i == 0 {
				g.Title = s.Title
			}
			for _, in := range grid {
				if value := v.shown(in); value != "" {
					g.Facts = append(g.Facts, fact{in.Label, value})
				}
			}
			if len(g.Facts) == 0 {
				continue
			}
			if n := len(page.Groups); g.Title == "" && n > 0 && page.Groups[n-1].Title == s.Title {
				page.Groups[n-1].Facts = append(page.Groups[n-1].Facts, g.Facts...)
				continue
			}
			g.Title = s.Title
			page.Groups = append(page.Groups, g)
		}
	}
	confirmations := factGroup{Title: v.say("Confirmed warnings")}
	for _, c := range o.dossier.Confirmations {
		confirmations.Facts = append(confirmations.Facts, fact{capital(text.Of(v.lang, c.Warning)), v.say("{who}, {when}", "who", v.person(c.By), "when", v.when(c.At))})
	}
	if len(confirmations.Facts) > 0 {
		page.Groups = append(page.Groups, confirmations)
	}
	return clientScreen.show(v, page)
}

// shown returns the value of an input as a page without a form shows it.
func (v *visit) shown(in inputPart) string {
	value := in.Value()
	if value == "" {
		return ""
	}
	for _, o := range in.Options {
		if o.Value == value {
			return o.Label
		}
	}
	switch {
	case strings.HasSuffix(in.Name, "clabe"):
		if b, known := mx.DefaultCatalogue().Bank(mx.CLABE(value).Bank()); known {
			value += ", " + b.Name
		}
	case strings.HasSuffix(in.Name, "phone") || strings.HasPrefix(in.Name, "phones."):
		value = phoneNumber(value)
	case strings.HasSuffix(in.Name, "share"):
		value += "\u00a0%"
	case in.Name == "monthly_income":
		value = "$" + value
	default:
		if d, ok := readDate(value); ok && d != (civil.Date{}) && strings.Contains(value, "/") {
			value = text.Of(v.lang, d)
		}
	}
	return value
}

// changedFields names the parts of a file that changed.
func (v *visit) changedFields(fields []string) string {
	var names []string
	for _, s := range v.fileSections(&form{}, client.Person) {
		if slices.ContainsFunc(fields, func(f string) bool { return s.has(f) }) {
			names = append(names, strings.ToLower(s.Title))
		}
	}
	return strings.Join(names, ", ")
}

// has reports whether the section has an input of a field.
func (s formSection) has(field string) bool {
	return s.More == field || slices.ContainsFunc(s.Grids, func(grid []inputPart) bool {
		return slices.ContainsFunc(grid, func(in inputPart) bool { name, _, _ := strings.Cut(in.Name, "."); return name == field })
	})
}

// inputOf returns the id of the input, or of the part of the form, for what is missing.
func inputOf(r client.Requirement) string {
	switch r {
	case client.NeedHome, client.NeedFiscal:
		return "addresses"
	case client.NeedValidID:
		return "identifications"
	case "phones", "representatives", "owners", "deed":
		return string(r)
	case "pep":
		return inputID("pep.exposure")
	}
	return inputID(string(r))
}
