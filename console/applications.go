package console

import (
	"errors"
	"net/http"
	"net/url"

	"sofipo/bank/lending"
	staffing "sofipo/bank/staff"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/staff"
	"sofipo/text"
	"sofipo/view"
	"sofipo/web"
)

const (
	applicationNewPath = Root + "applications/new"
	draftsPath         = Root + "applications/drafts/"
)

var applicationRoutes = []route{
	{"GET " + applicationNewPath, loan.Apply, (*visit).newApplication},
	{"POST " + applicationNewPath, loan.Apply, (*visit).beginApplication},
	{"GET " + draftsPath + "{draft}/{step}", loan.Apply, (*visit).draftStep},
	{"POST " + draftsPath + "{draft}/terms", loan.Apply, (*visit).draftTerms},
	{"POST " + draftsPath + "{draft}/review", loan.Apply, (*visit).applyDraft},
	{"POST " + draftsPath + "{draft}/discard", loan.Apply, (*visit).discardDraft},
	{"GET " + Root + "applications/{number}/terms", loan.Apply, (*visit).editTerms},
	{"POST " + Root + "applications/{number}/terms", loan.Apply, (*visit).editTerms},
}

// applicationDraft is the kind of drafts of applications.
const applicationDraft = "application"

// newApplicationPage chooses the client of a new application. The terms of a simulation come
// along.
type newApplicationPage struct {
	Form    *form
	Query   string
	Problem string
	Found   []foundClient
	Terms   []fact // inputs that come along
	Drafts  []draftRow
	Steps   []stepLink
}

type foundClient struct {
	Number    folio.Number
	Name, RFC string
}

// draftRow is a draft of the user.
type draftRow struct{ Path, Discard, Client, Detail, Saved string }

// stepLink is a step of an application. Path is empty for a step that cannot be opened yet.
type stepLink struct {
	Label, Path   string
	Current, Done bool
}

// applicationPage is a step of an application: its terms, the file of the client, or the review.
type applicationPage struct {
	Form         *form
	Step         string
	Steps        []stepLink
	Client       string
	ClientNumber folio.Number
	Saved        string // when the draft was saved
	Path         string // of the form
	Back, Next   string
	Discard      string
	Edited       folio.Number  // an application that was filed before; 0 for a draft
	Approved     bool          // the edited application is approved
	Returned     *returnedNote // of an application that is corrected
	Terms        termsForm
	Quote        *quoted
	Facts        []fact
	Review       decision
	Complete     bool // the terms are
	Apply        string
}

var (
	newApplicationScreen = declare[newApplicationPage]("application_new")
	applicationScreen    = declare[applicationPage]("application")
)

var applicationPhrases = phrases{
	"Application of {name}":                   "Solicitud de {name}",
	"Terms of application {number}":           "Condiciones de la solicitud {number}",
	"Whose application is it?":                "¿De quién es la solicitud?",
	"Name, number, RFC or CURP of the client": "Nombre, número, RFC o CURP del cliente",
	"Begin":                                "Iniciar",
	"Begin the application of {name}":      "Iniciar la solicitud de {name}",
	"No client was found":                  "No se encontró ningún cliente",
	"Your drafts":                          "Sus borradores",
	"Discard":                              "Descartar",
	"Discard the draft of {name}":          "Descartar el borrador de {name}",
	"saved {when}":                         "guardado {when}",
	"Draft saved {when}; only you see it.": "Borrador guardado {when}; solo usted lo ve.",
	"Steps":                                "Pasos",
	"File and capacity":                    "Expediente y capacidad",
	"Save and continue":                    "Guardar y continuar",
	"Back":                                 "Regresar",
	"File the application for {amount}":    "Presentar la solicitud por {amount}",
	"Complete the terms first":             "Primero complete las condiciones",
	"Save the new terms":                   "Guardar las condiciones nuevas",
	"An approved application must be approved again.":             "Una solicitud autorizada tendrá que autorizarse de nuevo.",
	"Application {number} was filed and is waiting for approval.": "Se presentó la solicitud {number}. Espera autorización.",
	"Save and send again": "Guardar y enviar de nuevo",
	"Application {number} was sent again and is waiting for approval.": "Se envió de nuevo la solicitud {number}. Espera autorización.",
	"The terms of {number} were saved.":                                "Se guardaron las condiciones de {number}.",
	"The draft was discarded":                                          "Se descartó el borrador",
	"no terms yet":                                                     "aún sin condiciones",
	"Client's file":                                                    "Expediente del cliente",
	"What is missing does not stop the application, but it may stop the disbursement.": "Lo que falta no impide presentar la solicitud, pero puede impedir la entrega.",
	"Exposure": "Exposición",
}

// newApplication shows the search for a client, and the drafts of the user.
func (v *visit) newApplication() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	page, err := v.chooseClient(f)
	if err != nil {
		return err
	}
	return newApplicationScreen.show(v, page)
}

// termsNames are the inputs of the terms, which come along from a simulation.
var termsNames = []string{"product", "amount", "rate", "periods", "first"}

func (v *visit) chooseClient(f *form) (page newApplicationPage, err error) {
	q := v.r.URL.Query()
	page = newApplicationPage{Form: f, Query: q.Get("q"), Steps: v.steps("", "client", false)}
	if page.Query == "" {
		page.Query = q.Get("client")
	}
	for _, name := range termsNames {
		if value := q.Get(name); value != "" {
			page.Terms = append(page.Terms, fact{name, value})
		}
	}
	if page.Query != "" {
		found, err := v.View.Search(v.r.Context(), v.by(), page.Query)
		if refusal := refusalOf(err); refusal != nil && len(refusal.Flaws) > 0 {
			page.Problem, err = web.Message(v.lang, refusal.Flaws[0]), nil
		}
		if err != nil {
			return page, err
		}
		for _, c := range found {
			if c.Kind == view.FoundClient {
				page.Found = append(page.Found, foundClient{c.Number, c.Name, c.RFC})
			}
		}
		if len(page.Found) == 0 && page.Problem == "" {
			page.Problem = v.say("No client was found")
		}
	}
	page.Drafts, err = v.drafts()
	return page, err
}

// drafts lists the drafts of applications of the user.
func (v *visit) drafts() (rows []draftRow, err error) {
	all, err := v.View.Drafts(v.r.Context(), v.who.User.Username, applicationDraft)
	for _, d := range all {
		values, err := url.ParseQuery(d.Body)
		if err != nil {
			continue
		}
		base, f := draftsPath+d.ID.String(), &form{Values: values}
		row := draftRow{Path: base + "/terms", Discard: base + "/discard", Client: f.Get("name"), Detail: v.say("no terms yet"), Saved: v.say("saved {when}", "when", v.at(d.SavedAt))}
		var flaws fault.Flaws
		if a := f.amount("amount", &flaws); a > 0 && flaws.Err() == nil {
			row.Detail = text.Of(v.lang, a)
		}
		rows = append(rows, row)
	}
	return rows, err
}

// steps returns the links of the steps of an application. Base is the address of its draft; it is
// empty as long as there is none.
func (v *visit) steps(base, current string, complete bool) (links []stepLink) {
	past := true
	for _, s := range []struct{ name, label string }{
		{"client", v.say("Client")}, {"terms", v.say("Terms")}, {"file", v.say("File and capacity")}, {"review", v.say("Final review")},
	} {
		link := stepLink{Label: s.label, Current: s.name == current}
		if link.Current {
			past = false
		} else if base != "" && s.name != "client" && (s.name != "review" || complete) {
			link.Path = base + "/" + s.name
		}
		link.Done = past
		links = append(links, link)
	}
	return links
}

// beginApplication makes a draft for a client.
func (v *visit) beginApplication() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	n, flaw := folio.Client.Parse(f.Get("client"))
	if flaw != "" {
		return fault.Refuse(client.NotFound)
	}
	found, err := v.View.Search(v.r.Context(), v.by(), folio.Client.Print(n))
	if err != nil {
		return err
	}
	body := url.Values{}
	for _, c := range found {
		if c.Kind == view.FoundClient && c.Number == n {
			body.Set("client", c.ClientID.String())
			body.Set("number", folio.Client.Print(n))
			body.Set("name", c.Name)
		}
	}
	if len(body) == 0 {
		return fault.Refuse(client.NotFound)
	}
	for _, name := range termsNames {
		body.Set(name, f.Get(name))
	}
	d, err := command(v, f, staffing.SaveDraft{Kind: applicationDraft, Body: body.Encode()})
	if err != nil {
		return err
	}
	return v.goTo(draftsPath + d.ID.String() + "/terms")
}

// draftNamed returns the draft in the address, and its values.
func (v *visit) draftNamed() (d staff.Draft, values url.Values, err error) {
	draftID, err := id.Parse(v.r.PathValue("draft"))
	if err != nil {
		return d, nil, fault.Refuse(staff.DraftNotFound)
	}
	if d, err = v.View.Draft(v.r.Context(), v.who.User.Username, draftID); err != nil {
		return d, nil, err
	}
	values, err = url.ParseQuery(d.Body)
	return d, values, err
}

// draftPage returns a step of a draft with the terms in the form.
func (v *visit) draftPage(f *form, d staff.Draft, values url.Values, step string) (page applicationPage, asked askedTerms, s *schedule.Schedule, err error) {
	base := draftsPath + d.ID.String()
	number, _ := folio.Client.Parse(values.Get("number"))
	page = applicationPage{
		Form: f, Step: step, Client: values.Get("name"), ClientNumber: number, Saved: v.say("Draft saved {when}; only you see it.", "when", v.at(d.SavedAt)),
		Path: base + "/" + step, Discard: base + "/discard",
	}
	asked, s, err = v.quote(f, &page.Terms)
	page.Complete = s != nil
	page.Steps = v.steps(base, step, page.Complete)
	if s != nil {
		page.Quote = v.quoted(*s)
	}
	switch step {
	case "file":
		page.Back, page.Next = base+"/terms", base+"/review"
	case "review":
		page.Back = base + "/file"
	}
	return page, asked, s, err
}

// draftStep shows a step.
func (v *visit) draftStep() error {
	step := v.r.PathValue("step")
	if step != "terms" && step != "file" && step != "review" {
		return errNoPage
	}
	d, values, err := v.draftNamed()
	if err != nil {
		return err
	}
	f, err := v.form(values)
	if err != nil {
		return err
	}
	page, asked, s, err := v.draftPage(f, d, values, step)
	if err != nil {
		return err
	}
	if step != "terms" {
		err = v.fillReview(&page, values, asked, s)
	}
	if err != nil {
		return err
	}
	return applicationScreen.show(v, page)
}

// fillReview adds the file of the client, the ability to pay and the exposure.
func (v *visit) fillReview(page *applicationPage, values url.Values, asked askedTerms, s *schedule.Schedule) error {
	clientID, err := id.Parse(values.Get("client"))
	if err != nil {
		return fault.Refuse(client.NotFound)
	}
	page.Review.Amount = asked.Amount
	if err := v.fillFileCheck(&page.Review, client.Client{ID: clientID, Number: page.ClientNumber}, s); err != nil {
		return err
	}
	if s != nil {
		page.Facts = v.termFacts(asked, s)
		page.Apply = v.say("File the application for {amount}", "amount", asked.Amount)
	}
	return v.fillExposure(&page.Review, clientID, 0)
}

// termFacts lists the terms of an application.
func (v *visit) termFacts(a askedTerms, s *schedule.Schedule) []fact {
	return []fact{
		{v.say("Product"), a.Product.Name}, {v.say("Amount"), text.Of(v.lang, a.Amount)},
		{v.say("Annual rate"), v.say("{rate} fixed, without IVA", "rate", a.Rate)},
		{v.say("Term"), v.say("{n} {n|payment|payments}, {frequency}", "n", len(s.Rows), "frequency", s.Terms.Frequency)},
		{v.say("First due date"), text.Of(v.lang, s.Rows[0].Due)}, {v.say("First payment"), text.Of(v.lang, s.Rows[0].Total)},
		{v.say("Total to pay"), text.Of(v.lang, s.Totals.TotalToPay)}, {v.say("CAT"), v.say("{cat} without IVA", "cat", s.CAT.Percent()+"\u00a0%")},
	}
}

// draftTerms saves the terms as they are, also if something is wrong with them, and goes on if
// nothing is.
func (v *visit) draftTerms() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	d, values, err := v.draftNamed()
	if err != nil {
		return err
	}
	for _, name := range termsNames {
		values.Set(name, f.Get(name))
	}
	if d, err = command(v, &form{}, staffing.SaveDraft{ID: d.ID, Body: values.Encode()}); err != nil {
		return err
	}
	page, _, _, err := v.draftPage(f, d, values, "terms")
	switch {
	case err != nil:
		return err
	case f.Get("go") != "" && page.Complete:
		return v.goTo(draftsPath + d.ID.String() + "/file")
	case f.Get("go") == "":
		return applicationScreen.show(v, page) // saved while the user types
	}
	return applicationScreen.answer(v, http.StatusUnprocessableEntity, page)
}

// applyDraft files the application, once for each draft, and removes the draft.
func (v *visit) applyDraft() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	d, values, err := v.draftNamed()
	if err != nil {
		return err
	}
	sent := &form{Values: values, Key: "draft " + d.ID.String()}
	page, asked, s, err := v.draftPage(sent, d, values, "review")
	if err == nil {
		err = v.fillReview(&page, values, asked, s)
	}
	if err != nil {
		return err
	}
	page.Form = f
	if s == nil {
		return v.goTo(draftsPath + d.ID.String() + "/terms")
	}
	clientID, _ := id.Parse(values.Get("client"))
	l, err := command(v, sent, lending.ApplyForLoan{
		ClientID: clientID, Product: asked.Product.Code, Amount: asked.Amount, Rate: asked.Rate, Periods: asked.Periods, FirstDue: asked.FirstDue,
	})
	if err != nil {
		status, shown := f.wrong(v, err, termsInputs)
		if !shown {
			return err
		}
		return applicationScreen.answer(v, status, page)
	}
	if _, err := command(v, &form{}, staffing.RemoveDraft{ID: d.ID}); err != nil && !fault.Is(err, staff.DraftNotFound) {
		return err
	}
	number := folio.Loan.Print(l.Number)
	return v.done(loansPath+number, notice{Text: v.say("Application {number} was filed and is waiting for approval.", "number", number)})
}

// discardDraft removes a draft.
func (v *visit) discardDraft() error {
	d, _, err := v.draftNamed()
	if err == nil {
		_, err = command(v, &form{}, staffing.RemoveDraft{ID: d.ID})
	}
	if err != nil {
		return err
	}
	return v.done(applicationNewPath, notice{Text: v.say("The draft was discarded")})
}

// editTerms changes the terms of an application that was filed.
func (v *visit) editTerms() error {
	file, err := v.loanFile()
	if err != nil {
		return err
	}
	l := file.Loan
	if !servicing.Pending(l.Status) {
		return fault.Refuse(servicing.WrongState, "loan_status", l.Status, "accepted", []loan.Status{servicing.Applied, servicing.Returned, servicing.Approved}).Because(servicing.NotEditable)
	}
	number := folio.Loan.Print(l.Number)
	before := askedTerms{file.Product, l.Amount, l.Rate, int(l.Periods), l.FirstDue}
	f, err := v.form(before.values())
	if err != nil {
		return err
	}
	page := applicationPage{
		Form: f, Step: "terms", Approved: l.Status == servicing.Approved, Returned: v.returnedNote(&file), Client: file.Client.FullName, ClientNumber: file.Client.Number, Edited: l.Number, Path: Root + "applications/" + number + "/terms", Back: loansPath + number,
	}
	asked, s, err := v.quote(f, &page.Terms)
	if err != nil {
		return err
	}
	if s != nil {
		page.Quote, page.Complete = v.quoted(*s), true
	}
	if v.r.Method != http.MethodPost || f.Get("go") == "" {
		return applicationScreen.show(v, page)
	}
	status := http.StatusUnprocessableEntity
	if s != nil {
		_, err = command(v, f, lending.EditApplication{
			LoanID: l.ID, Product: asked.Product.Code, Amount: asked.Amount, Rate: asked.Rate, Periods: asked.Periods, FirstDue: asked.FirstDue,
		})
		if err == nil {
			said := v.say("The terms of {number} were saved.", "number", number)
			if page.Returned != nil {
				said = v.say("Application {number} was sent again and is waiting for approval.", "number", number)
			}
			return v.done(loansPath+number, notice{Text: said})
		}
		shown := false
		if status, shown = f.wrong(v, err, termsInputs); !shown {
			return err
		}
	}
	return applicationScreen.answer(v, status, page)
}

// refusalOf returns the refusal in an error, or nil.
func refusalOf(err error) *fault.Error {
	var refusal *fault.Error
	if err != nil && errors.As(err, &refusal) {
		return refusal
	}
	return nil
}
