package console

import (
	"crypto/rand"
	"net/url"
	"path"
	"time"

	"sofipo/bank/lending"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/text"
	"sofipo/view"
	"sofipo/web"
)

var collectionRoutes = []route{
	{"GET " + collectionsPath + "/{number}", collections.Read, (*visit).collection},
	{"GET " + collectionsPath + "/{number}/{part}", collections.Read, (*visit).collectionBack},
	{"POST " + collectionsPath + "/{number}/contact", collections.Work, (*visit).registerContact},
	{"POST " + collectionsPath + "/{number}/promise", collections.Work, (*visit).promise},
	{"POST " + collectionsPath + "/{number}/cancellation", collections.Work, (*visit).cancelPromise},
	{"POST " + collectionsPath + "/{number}/note", collections.Work, (*visit).addNote},
	{"POST " + collectionsPath + "/{number}/collector", collections.Assign, (*visit).assignCollector},
}

// collectionPage is the collection work on one loan. The form of the part that was sent has
// what was typed; the others are empty.
type collectionPage struct {
	Number    folio.Number
	Client    string
	Product   string
	State     pill
	Path      string
	Collector string
	Owed      money.Amount // today
	Parts     []part
	Since     civil.Date
	Payoff    money.Amount
	Phones    []reach
	Addresses []reach
	Open      *openPromise
	History   []worked
	Older     string
	MayWork   bool
	MayAssign bool
	MayPay    bool
	Contact   *form
	Promise   *form
	Cancel    *form
	Note      *form
	Assign    *form
	Channels  []option
	Results   []option
	Places    []option
	Nexts     []option
	People    []option
	Asked     bool // the contact was a promise: its amount and date come next
}

// reach is a phone number or an address.
type reach struct{ Kind, Text, Dial string }

// openPromise is the promise that the client has made.
type openPromise struct {
	ID               string
	Amount, Received money.Amount
	Due              civil.Date
	By               string
}

// worked is a line of the history.
type worked struct {
	Class, Title, Text, When, By string
}

var collectionScreen = declare[collectionPage]("collection")

var collectionPhrases = phrases{
	"Collection of {name}":                 "Cobranza de {name}",
	"Owes today":                           "Debe hoy",
	"since {date}":                         "desde el {date}",
	"How to reach the client":              "Cómo localizar al cliente",
	"The file has no phone and no address": "El expediente no tiene teléfono ni domicilio",
	"Note a contact":                       "Registrar contacto",
	"Channel":                              "Medio",
	"Day of the contact":                   "Día del contacto",
	"only for visits":                      "solo para visitas",
	"now if empty":                         "ahora si se deja vacío",
	"Next contact":                         "Próximo contacto",
	"None planned":                         "Sin planear",
	"Register contact":                     "Registrar contacto o visita",
	"Promise to pay":                       "Promesa de pago",
	"Amount promised":                      "Importe prometido",
	"No later than":                        "A más tardar el",
	"Register promise":                     "Registrar promesa",
	"The client promised to pay. Write how much and until when.": "El cliente prometió pagar. Escriba cuánto y a más tardar cuándo.",
	"received so far":                 "recibido hasta hoy",
	"Cancel the promise":              "Cancelar la promesa",
	"Why it is cancelled":             "Por qué se cancela",
	"Add a note":                      "Agregar nota",
	"Nothing was registered yet":      "Aún no se registra nada",
	"The first contact appears here.": "Aquí aparecerá el primer contacto.",
	"Older":                           "Anteriores",
	"outside the permitted hours":     "fuera del horario permitido",
	"Promise of {amount} by {date}":   "Promesa de {amount} a más tardar el {date}",
	"{state}; received {amount}":      "{state}; recibido {amount}",
	"next: {action} on {date}":        "después: {action} el {date}",
	"Contact registered":              "Se registró el contacto",
	"Promise registered":              "Se registró la promesa",
	"Promise cancelled":               "Se canceló la promesa",
	"Collector":                       "Gestor",
	"Collector assigned":              "Se asignó el gestor",
	"Without a collector":             "Sin gestor",
	"Nothing is owed today":           "Hoy no debe nada",
}

func (v *visit) collection() error {
	f, err := v.loanFile()
	if err != nil {
		return err
	}
	return v.showCollection(200, &f, collectionPage{Asked: v.r.URL.Query().Get("then") == "promise"})
}

// collectionBack shows the page with the form of a part that comes back after the user signed in
// again.
func (v *visit) collectionBack() error {
	place, known := collectionForms[v.r.PathValue("part")]
	if !known {
		return errNoPage
	}
	file, err := v.loanFile()
	if err != nil {
		return err
	}
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	var page collectionPage
	*place(&page) = f
	return v.showCollection(200, &file, page)
}

// collectionForms are the places of the forms of the page, by the end of their address.
var collectionForms = map[string]func(*collectionPage) **form{
	"contact":      func(p *collectionPage) **form { return &p.Contact },
	"promise":      func(p *collectionPage) **form { return &p.Promise },
	"cancellation": func(p *collectionPage) **form { return &p.Cancel },
	"note":         func(p *collectionPage) **form { return &p.Note },
	"collector":    func(p *collectionPage) **form { return &p.Assign },
}

// showCollection answers with the page of a loan's collection work.
func (v *visit) showCollection(status int, f *view.LoanFile, page collectionPage) error {
	for _, place := range collectionForms {
		if of := place(&page); *of == nil {
			*of = &form{Values: url.Values{}, Key: rand.Text()}
		}
	}
	page.Number, page.Client, page.Product, page.Path = f.Loan.Number, f.Client.FullName, f.Product.Name, collectionOf(f.Loan.Number)
	page.MayWork, page.MayAssign, page.MayPay = v.may(collections.Work), v.may(collections.Assign), v.may(loan.ReceivePayments)
	page.State = pill{"off", capital(text.Of(v.lang, f.Loan.Status))}
	if f.Disbursed() == nil {
		p, days, err := v.position(f)
		if err != nil {
			return err
		}
		page.State, page.Owed, page.Parts, page.Payoff = v.lateness(p.Status, days), p.Owing.Due.Sum(), v.parts(p.Owing.Due), p.Payoff.Total
		for _, l := range p.Owing.Lines {
			if page.Since.IsZero() || l.Due.Before(page.Since) {
				page.Since = l.Due
			}
		}
		page.MayWork = page.MayWork && (servicing.Alive(p.Status) || p.Status == servicing.WrittenOff)
	}
	if err := v.fillReach(&page, f.Loan.ID); err != nil {
		return err
	}
	if err := v.fillHistory(&page, f.Loan.ID); err != nil {
		return err
	}
	v.fillChoices(&page)
	if page.MayAssign {
		if err := v.fillPeople(&page); err != nil {
			return err
		}
	}
	return collectionScreen.answer(v, status, page)
}

func (v *visit) fillReach(page *collectionPage, loanID id.ID) error {
	where, err := v.whereabouts([]id.ID{loanID})
	for _, p := range where[loanID].Phones {
		page.Phones = append(page.Phones, reach{capital(text.Of(v.lang, p.Kind)), phoneText(p), p.Number})
	}
	for _, a := range where[loanID].Addresses {
		page.Addresses = append(page.Addresses, reach{Kind: capital(text.Of(v.lang, a.Kind)), Text: addressText(a)})
	}
	return err
}

// fillHistory fills in the contacts, promises and notes.
func (v *visit) fillHistory(page *collectionPage, loanID id.ID) error {
	part, err := v.paging()
	if err != nil {
		return err
	}
	h, err := v.View.CollectionHistory(v.r.Context(), v.by(), loanID, v.today, part)
	if err != nil {
		return err
	}
	if h.Collector != nil {
		page.Collector = h.Collector.Collector
	}
	for _, r := range h.Work.Items {
		page.History = append(page.History, v.workedOf(r))
		if p := r.Promise; p != nil && p.Pending(v.today) {
			page.Open = &openPromise{p.ID.String(), p.Amount, p.Received, p.Due, v.person(p.MadeBy)}
		}
	}
	if !h.Work.Next.IsZero() {
		page.Older = v.with("after", h.Work.Next.String())
	}
	return nil
}

// workedOf returns a line of the history.
func (v *visit) workedOf(r view.CollectionRecord) (w worked) {
	w.When, w.By = text.Of(v.lang, civil.DateOf(r.MadeAt.In(v.Location)))+" "+v.clock(r.MadeAt), v.person(r.MadeBy)
	switch {
	case r.Contact != nil:
		c := r.Contact
		w.Title, w.Text = v.lastContact(c), c.Note
		if c.OutsideHours {
			w.Title += " · " + v.say("outside the permitted hours")
		}
		if c.Next != "" {
			w.By += " · " + v.say("next: {action} on {date}", "action", text.Of(v.lang, collections.Action(c.Next)), "date", c.NextOn)
		}
	case r.Promise != nil:
		p := r.Promise
		w.Title = v.say("Promise of {amount} by {date}", "amount", p.Amount, "date", p.Due)
		w.Text = v.say("{state}; received {amount}", "state", capital(text.Of(v.lang, p.Status)), "amount", p.Received)
		if p.Reason != "" {
			w.Text += ". " + p.Reason
		}
		w.Class = map[collections.PromiseStatus]string{collections.Kept: "is-good", collections.Broken: "is-bad"}[p.Status]
	default:
		w.Title, w.Text = v.say("Note"), r.Note.Text
	}
	return w
}

func (v *visit) fillChoices(page *collectionPage) {
	page.Nexts = []option{{"", v.say("None planned")}}
	seen := map[collections.Result]bool{}
	for _, c := range collections.Channels() {
		page.Channels = append(page.Channels, option{string(c), capital(text.Of(v.lang, c))})
		page.Nexts = append(page.Nexts, option{string(c), capital(text.Of(v.lang, collections.Action(c)))})
		for _, r := range collections.ResultsOf(c) {
			if !seen[r] {
				page.Results = append(page.Results, option{string(r), capital(text.Of(v.lang, r))})
				seen[r] = true
			}
		}
	}
	for _, p := range collections.Places() {
		page.Places = append(page.Places, option{string(p), capital(text.Of(v.lang, p))})
	}
}

// fillPeople fills in the users who may collect a loan.
func (v *visit) fillPeople(page *collectionPage) error {
	people, err := v.collectors(page.Collector)
	if err != nil {
		return err
	}
	page.People = append([]option{{"", v.say("Without a collector")}}, people...)
	if page.Assign.Get("collector") == "" {
		page.Assign.Values.Set("collector", page.Collector)
	}
	page.Collector = v.person(page.Collector)
	return nil
}

// collectors returns the users who may collect a loan: the collectors and officers for whom the
// user answers, and the present collector.
func (v *visit) collectors(present string) (list []option, err error) {
	if err := v.people(); err != nil {
		return nil, err
	}
	for _, u := range v.colleagues {
		collects := u.Role == string(access.Collector) || u.Role == string(access.Officer) || u.Username == present
		if collects && !u.Disabled && (v.who.Role.Scope == staff.All || u.BranchID == v.who.User.BranchID) {
			list = append(list, option{u.Username, v.person(u.Username)})
		}
	}
	return list, nil
}

// collected runs a command on the loan of the address with the form that was sent, and goes
// back to its page. The form is shown again in its place if the command is refused.
func (v *visit) collected(run func(f *form, loanID id.ID) (notice, error)) error {
	file, err := v.loanFile()
	if err != nil {
		return err
	}
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	said, err := run(f, file.Loan.ID)
	if err == nil {
		to := collectionOf(file.Loan.Number)
		if said.Link != "" {
			to, said.Link = to+said.Link, ""
		}
		return v.done(to, said)
	}
	part := path.Base(v.r.URL.Path)
	names := map[string]string{}
	if part == "note" {
		names["note"] = "text"
	}
	status, shown := f.wrong(v, err, names)
	if !shown {
		return err
	}
	var page collectionPage
	*collectionForms[part](&page) = f
	return v.showCollection(status, &file, page)
}

func (v *visit) registerContact() error {
	return v.collected(func(f *form, loanID id.ID) (notice, error) {
		var flaws fault.Flaws
		c := collections.Contact{
			Channel: collections.Channel(f.Get("channel")), Result: collections.Result(f.Get("result")), Note: f.Get("note"),
			Next: collections.Channel(f.Get("next_channel")), NextOn: f.date("next_on", &flaws),
		}
		if c.Channel == collections.Visit {
			c.Place = collections.Place(f.Get("address_kind"))
		}
		c.At = v.contactedAt(f, &flaws)
		if err := flaws.Err(); err != nil {
			return notice{}, err
		}
		made, err := command(v, f, lending.RegisterContact{LoanID: loanID, Contact: c})
		said := notice{Text: v.say("Contact registered")}
		if made.Result == collections.Promises {
			said.Link = "?then=promise#promise"
		}
		return said, err
	})
}

// contactedAt reads when a contact was: now if both inputs are empty, and today if only the time
// is given.
func (v *visit) contactedAt(f *form, flaws *fault.Flaws) time.Time {
	day, typed := f.date("contacted_on", flaws), f.Get("contacted_at")
	if day.IsZero() && typed == "" {
		return time.Time{}
	}
	if day.IsZero() {
		day = civil.DateOf(v.now.In(v.Location))
	}
	hour, err := time.ParseInLocation("15:04", typed, v.Location)
	if err != nil {
		flaws.Add(fault.At("contacted_at", web.NotTime))
	}
	return time.Date(int(day.Year), time.Month(day.Month), int(day.Day), hour.Hour(), hour.Minute(), 0, 0, v.Location)
}

func (v *visit) promise() error {
	return v.collected(func(f *form, loanID id.ID) (notice, error) {
		var flaws fault.Flaws
		c := lending.PromisePayment{LoanID: loanID, Amount: f.amount("amount", &flaws), Due: f.date("promised_on", &flaws)}
		if err := flaws.Err(); err != nil {
			return notice{}, err
		}
		_, err := command(v, f, c)
		return notice{Text: v.say("Promise registered")}, err
	})
}

func (v *visit) cancelPromise() error {
	return v.collected(func(f *form, loanID id.ID) (notice, error) {
		promise, err := id.Parse(f.Get("promise"))
		if err != nil {
			return notice{}, fault.Refuse(collections.PromiseNotFound)
		}
		_, err = command(v, f, lending.CancelPromise{LoanID: loanID, PromiseID: promise, Reason: f.Get("reason")})
		return notice{Text: v.say("Promise cancelled")}, err
	})
}

func (v *visit) addNote() error {
	return v.collected(func(f *form, loanID id.ID) (notice, error) {
		_, err := command(v, f, lending.AddCollectionNote{LoanID: loanID, Text: f.Get("text")})
		return notice{Text: v.say("The note was added")}, err
	})
}

func (v *visit) assignCollector() error {
	return v.collected(func(f *form, loanID id.ID) (notice, error) {
		_, err := command(v, f, lending.AssignCollector{LoanID: loanID, Collector: f.Get("collector")})
		return notice{Text: v.say("Collector assigned")}, err
	})
}
