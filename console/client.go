package console

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/screening"
	"sofipo/document/layout"
	"sofipo/text"
	"sofipo/view"
)

const clientPath = clientsPath + "/{number}"

var clientRoutes = []route{
	{"GET " + clientPath, client.Read, (*visit).clientSummary},
	{"GET " + clientPath + "/data", client.ReadFile, (*visit).clientData},
	{"GET " + clientPath + "/documents", client.ReadFile, (*visit).clientDocuments},
	{"POST " + clientPath + "/documents", client.WriteFile, (*visit).addDocument},
	{"GET " + clientPath + "/documents/{document}", client.ReadFile, (*visit).clientDocument},
	{"POST " + clientPath + "/consents", client.WriteFile, (*visit).recordConsent},
	{"POST " + clientPath + "/consents/{consent}/withdrawal", client.WriteFile, (*visit).withdrawConsent},
	{"GET " + clientPath + "/loans", loan.Statements, (*visit).clientLoans},
	{"GET " + clientPath + "/exposure", loan.Statements, (*visit).clientExposure},
	{"POST " + clientPath + "/risk", client.GradeRisk, (*visit).gradeRisk},
	{"GET " + clientPath + "/contacts", client.ReadFile, (*visit).clientContacts},
	{"POST " + clientPath + "/notes", client.WriteFile, (*visit).noteClient},
	{"GET " + clientPath + "/timeline", client.Read, (*visit).clientTimeline},
	{"GET " + clientPath + "/audit", event.ReadLog, (*visit).clientAudit},
	{"GET " + clientPath + "/audit/viewings", event.ReadLog, (*visit).clientViewings},
	{"GET " + clientPath + "/statement.pdf", loan.Statements, (*visit).clientStatement},
}

// clientPage is a client's file. Tab says which part is shown.
type clientPage struct {
	Tab             string
	Number          folio.Number
	Path, Name      string
	State, File     pill
	Risk            string
	Branch, Officer string
	Tabs            []tab
	Actions         []action
	More            []action
	Warnings        []string // that nobody has confirmed
	Alert           bool     // the name is on a list of blocked persons
	MayEdit         bool

	Loans    []clientLoan
	Owed     money.Amount // today
	Exposure money.Amount
	Limit    money.Amount // up to which the user may approve; 0: the user does not approve
	HasLimit bool
	Missing  []missing
	Complete string // until when the file is complete
	Facts    []fact
	Groups   []factGroup
	Events   []happening
	Pager    pager

	Documents []documentRow
	Consents  []consentRow
	Upload    *form
	Consent   *form
	Kinds     []option // of documents
	Consented []option // kinds of consents
	Channels  []option

	Limits    []limitRow
	Grades    []gradeRow
	Grade     *form
	GradeList []option
	MayGrade  bool

	Personal personalPart

	Note  *form
	Audit []auditRow
	Seen  bool   // the audit is that of the viewings
	Begin string // the day on which the audit begins, if older months are detached
}

// action is a link beside the title of a page.
type action struct {
	Label, Path, Key string
	Main             bool
}

// Letter returns the key as it is printed.
func (a action) Letter() string { return strings.ToUpper(a.Key) }

// missing is something that a complete file must have, and where to add it.
type missing struct{ Label, Path, Verb string }

// factGroup is a titled list of facts.
type factGroup struct {
	Title string
	Facts []fact
}

// clientLoan is a loan of a client.
type clientLoan struct {
	Number     folio.Number
	Path       string
	Product    string
	State      pill
	Row        string
	Amount     money.Amount
	Balance    money.Amount
	Due        money.Amount
	Next       civil.Date
	NextAmount money.Amount
	Running    bool
	Counts     money.Amount // in the exposure
	CountsAs   string
	DaysLate   int
}

// happening is something that was done with a client.
type happening struct{ When, Text, Detail, By, Class, Number, Path string }

var clientScreen = declare[clientPage]("client")

var clientPhrases = phrases{
	"Born":                       "Nacimiento",
	"Income":                     "Ingreso",
	"{amount} per month":         "{amount} al mes",
	"Summary":                    "Resumen",
	"Exposure and risk":          "Exposición y riesgo",
	"Contacts and notes":         "Contactos y notas",
	"Account statement (PDF)":    "Estado de cuenta (PDF)",
	"Edit the data":              "Editar los datos",
	"Write a note":               "Escribir una nota",
	"File: {n} missing":          "Expediente: {n|falta|faltan} {n}",
	"File complete":              "Expediente completo",
	"Risk {grade}":               "Riesgo {grade}",
	"Officer {name}":             "Ejecutivo {name}",
	"Nobody has confirmed this.": "Nadie lo ha confirmado.",
	"Correct or confirm":         "Corregir o confirmar",
	"The name may be on a list of blocked persons.": "El nombre puede estar en una lista de personas bloqueadas.",
	"The compliance officer must decide the alert.": "El oficial de cumplimiento debe resolver la alerta.",
	"Loans and exposure":                            "Préstamos y exposición",
	"Total exposure {amount}":                       "Exposición total {amount}",
	"You may approve up to {amount}":                "Puede autorizar hasta {amount}",
	"Granted":                                       "Otorgado",
	"The client has no loan":                        "El cliente no tiene préstamos",
	"{n} missing":                                   "{n|Falta|Faltan} {n}",
	"Nothing is missing":                            "No falta nada",
	"Complete until {date}":                         "Completo hasta el {date}",
	"Nothing in it expires":                         "Nada de lo que contiene vence",
	"Latest":                                        "Lo último",
	"See the whole timeline":                        "Ver toda la cronología",
	"Edit":                                          "Editar",
	"Add":                                           "Agregar",
	"Fill in":                                       "Capturar",
	"Grade":                                         "Calificar",
	"Record":                                        "Registrar",
	"Nothing happened yet":                          "Aún no hay nada",
	"What is done with the client appears here, newest first.": "Aquí aparece lo que se hace con el cliente, lo más reciente primero.",
	"Client since":                       "Cliente desde",
	"Promised to pay {amount} on {date}": "Prometió pagar {amount} el {date}",
	"{channel}: {result}":                "{channel}: {result}",
}

// opened is a client whose page is asked for, with what the pages of all tabs need.
type opened struct {
	client  client.Client
	dossier client.Dossier
	filed   bool // the user may read the file
	loans   view.ClientFile
}

// openClient reads the client whose number is in the address, and records that the user saw the
// file.
func (v *visit) openClient() (o opened, err error) {
	if o, err = v.readClient(); err == nil && o.filed && v.r.Method == "GET" {
		v.viewed(o.client.ID, client.ViewedFile)
	}
	return o, err
}

// readClient is openClient for what does not show data of the file.
func (v *visit) readClient() (o opened, err error) {
	n, flaw := folio.Client.Parse(v.r.PathValue("number"))
	if flaw != "" {
		return o, fault.Refuse(client.NotFound)
	}
	ctx := v.r.Context()
	clientID, err := v.View.ClientNumbered(ctx, v.by(), n)
	if err == nil {
		o.client, err = v.View.ClientByID(ctx, v.by(), clientID)
	}
	if o.filed = v.may(client.ReadFile); err == nil && o.filed {
		o.dossier, err = v.View.Dossier(ctx, v.by(), clientID, v.today)
	}
	if err == nil && v.may(loan.Statements) {
		o.loans, err = v.View.ClientFile(ctx, v.by(), clientID)
	}
	if err == nil {
		err = v.people()
	}
	return o, err
}

// clientPage returns the page of a client with what all tabs show.
func (v *visit) clientPage(o opened, tabName string) (page clientPage, err error) {
	c := o.client
	inUse := c.Data == client.DataInUse // blocked data are neither edited nor incomplete
	page = clientPage{
		Tab: tabName, Number: c.Number, Path: pathOfClient(c.Number), Name: c.FullName, Branch: v.branchName(c.BranchID),
		MayEdit: inUse && v.may(client.WriteFile), MayGrade: inUse && v.may(client.GradeRisk),
		Upload: &form{}, Consent: &form{}, Grade: &form{}, Note: &form{},
	}
	page.Officer = v.say("No officer")
	if c.Officer != "" {
		page.Officer = v.say("Officer {name}", "name", v.person(c.Officer))
	}
	if err = v.fillClientLoans(&page, o); err != nil {
		return page, err
	}
	if o.filed && inUse {
		v.fillFileState(&page, o)
		if page.Alert, err = v.alerted(c); err != nil {
			return page, err
		}
	}
	page.Tabs, page.Actions = v.clientTabs(page, o), v.clientActions(page, o)
	if v.may(loan.Statements) && len(page.Loans) > 0 {
		page.More = append(page.More, action{Label: v.say("Account statement (PDF)"), Path: page.Path + "/statement.pdf"})
	}
	if page.MayEdit {
		page.More = append(page.More, action{Label: v.say("Edit the data"), Path: page.Path + "/edit"})
	}
	if v.may(client.Write) {
		page.More = append(page.More, action{Label: v.say("New client"), Path: clientsPath + "/new", Key: "n"})
	}
	return page, nil
}

// latest returns the running loan that is late for the most days; nil if no loan runs.
func (p *clientPage) latest() (late *clientLoan) {
	for i := range p.Loans {
		if l := &p.Loans[i]; l.Running && (late == nil || l.DaysLate > late.DaysLate) {
			late = l
		}
	}
	return late
}

// alerted reports whether an alert of a list of blocked persons waits for a decision.
func (v *visit) alerted(c client.Client) (bool, error) {
	if !v.may(screening.Read) {
		return false, nil
	}
	alerts, err := v.View.Alerts(v.r.Context(), v.by(), view.AlertFilter{ClientID: c.ID, Status: screening.Open}, view.Paging{Limit: 1})
	return len(alerts.Items) > 0, err
}

func (v *visit) clientTabs(page clientPage, o opened) []tab {
	all := []struct {
		name, label, count string
		need               access.Permission
	}{
		{name: "", label: "Summary", need: client.Read},
		{name: "data", label: "Data", need: client.ReadFile},
		{name: "documents", label: "Documents", need: client.ReadFile, count: countOf(len(o.dossier.Documents))},
		{name: "loans", label: "Loans", need: loan.Statements, count: countOf(len(page.Loans))},
		{name: "exposure", label: "Exposure and risk", need: loan.Statements},
		{name: "contacts", label: "Contacts and notes", need: client.ReadFile},
		{name: "timeline", label: "Timeline", need: client.Read},
		{name: "audit", label: "Audit", need: event.ReadLog},
		{name: "personal", label: "Personal data", need: client.ExportData},
	}
	var tabs []tab
	for _, t := range all {
		if v.may(t.need) {
			path := strings.TrimSuffix(page.Path+"/"+t.name, "/")
			tabs = append(tabs, tab{Label: v.say(t.label), Path: path, Count: t.count, Current: t.name == page.Tab})
		}
	}
	return tabs
}

func countOf(n int) string {
	if n == 0 {
		return ""
	}
	return text.Of(text.EN, n)
}

// clientActions lists what the user does most with a client. The last one is the main one.
func (v *visit) clientActions(page clientPage, _ opened) (all []action) {
	if page.MayEdit {
		all = append(all, action{Label: v.say("Write a note"), Path: page.Path + "/contacts#note", Key: "g"})
	}
	if late := page.latest(); late != nil && v.may(loan.ReceivePayments) {
		all = append(all, action{Label: v.say("Receive payment"), Path: paymentPath + "?loan=" + folio.Loan.Print(late.Number), Key: "r", Main: true})
	}
	return all
}

// fillFileState fills in what is missing in the file and its warnings.
func (v *visit) fillFileState(page *clientPage, o opened) {
	d := o.dossier
	for _, w := range d.Warnings {
		page.Warnings = append(page.Warnings, capital(text.Of(v.lang, w)))
	}
	if risk := d.Risk(); risk != "" {
		page.Risk = v.say("Risk {grade}", "grade", risk)
	}
	for _, r := range d.Missing {
		page.Missing = append(page.Missing, v.placeToFix(*page, r))
	}
	switch {
	case len(d.Missing) > 0:
		page.File = pill{"warn", v.say("File: {n} missing", "n", len(d.Missing))}
	default:
		page.File, page.Complete = pill{"good", v.say("File complete")}, v.say("Nothing in it expires")
		if d.CompleteUntil.Before(client.Lasting) {
			page.Complete = v.say("Complete until {date}", "date", d.CompleteUntil)
		}
	}
}

// placeToFix returns where to add what is missing.
func (v *visit) placeToFix(page clientPage, r client.Requirement) missing {
	m := missing{Label: capital(text.Of(v.lang, r))}
	switch {
	case r == client.NeedGrade:
		m.Path, m.Verb = page.Path+"/exposure#risk", v.say("Grade")
		if !page.MayGrade {
			m.Path = ""
		}
		return m
	case r == client.NeedConsent:
		m.Path, m.Verb = page.Path+"/documents#consent", v.say("Record")
	case strings.HasPrefix(string(r), "document_"):
		m.Path, m.Verb = page.Path+"/documents?kind="+strings.TrimPrefix(string(r), "document_")+"#upload", v.say("Add")
	default:
		m.Path, m.Verb = page.Path+"/edit#"+inputOf(r), v.say("Fill in")
	}
	if !page.MayEdit {
		m.Path = ""
	}
	return m
}

// fillClientLoans fills in the loans: the running ones, then applications, then the others.
func (v *visit) fillClientLoans(page *clientPage, o opened) error {
	for i := len(o.loans.Loans) - 1; i >= 0; i-- {
		l, err := v.clientLoan(&o.loans.Loans[i])
		if err != nil {
			return err
		}
		page.Loans, page.Owed, page.Exposure = append(page.Loans, l), page.Owed+l.Due, page.Exposure+l.Counts
	}
	rank := func(l clientLoan) int {
		switch {
		case l.Running:
			return 0
		case l.Counts > 0:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(page.Loans, func(a, b clientLoan) int { return cmp.Compare(rank(a), rank(b)) })
	if late := page.latest(); late != nil {
		page.State = late.State
	}
	if v.may(loan.Approve) {
		page.Limit = v.who.Role.Limits.Approval
		page.HasLimit = page.Limit < money.Max
	}
	return nil
}

// clientLoan returns a loan as it is today.
func (v *visit) clientLoan(f *view.LoanFile) (clientLoan, error) {
	l := clientLoan{
		Number: f.Loan.Number, Path: loansPath + folio.Loan.Print(f.Loan.Number), Product: f.Product.Name, Amount: f.Loan.Amount, State: v.stateOf(f.Loan.Status),
		CountsAs: capital(text.Of(v.lang, f.Loan.Status)),
	}
	if f.Disbursed() != nil {
		if servicing.Pending(f.Loan.Status) {
			l.Counts = l.Amount
		}
		return l, nil
	}
	day, err := f.Day(civil.Date{}, v.today)
	if err != nil {
		return l, err
	}
	account, err := f.At(day)
	if err != nil {
		return l, err
	}
	p := layout.PositionOf(account, account, day, day)
	l.Balance, l.Counts, l.Running = p.Closing, p.Closing, servicing.Alive(p.Status)
	switch {
	case l.Running:
		l.Due, l.Next, l.NextAmount = p.Owing.Due.Sum(), p.Next, p.NextAmount
		l.State = v.lateness(p.Status, p.Owing.DaysPastDue)
		l.CountsAs, l.DaysLate = v.say("Outstanding principal"), p.Owing.DaysPastDue
		if l.DaysLate > 0 {
			l.Row = "is-late"
		}
	case p.Owing.WrittenOff != nil:
		l.Counts, l.State = p.Owing.WrittenOff.Sum(), v.stateOf(p.Status)
	default:
		l.Row, l.State = "is-done", v.stateOf(p.Status)
	}
	return l, nil
}

// clientSummary is the client at a glance.
func (v *visit) clientSummary() error {
	o, err := v.openClient()
	if err != nil {
		return err
	}
	page, err := v.clientPage(o, "")
	if err != nil {
		return err
	}
	page.Facts = v.mainFacts(o)
	found, err := v.View.ClientHistory(v.r.Context(), v.by(), view.HistoryQuery{Client: o.client.ID, Today: v.today, Paging: view.Paging{Limit: 6}})
	if err != nil {
		return err
	}
	page.Events = v.happenings(found.Items)
	return clientScreen.show(v, page)
}

// mainFacts lists the data that are needed most.
func (v *visit) mainFacts(o opened) (all []fact) {
	add := func(label, value string) {
		if value != "" {
			all = append(all, fact{label, value})
		}
	}
	f := o.dossier.File
	if len(f.Phones) > 0 {
		add(v.say("Phone"), phoneNumber(f.Phones[0].Number))
	}
	add(v.say("E-mail"), o.client.Email)
	if len(f.Addresses) > 0 {
		add(v.say("Address"), f.Addresses[0].Line())
	}
	add("CURP", f.CURP)
	add("RFC", o.client.RFC)
	if !f.BirthDate.IsZero() {
		add(v.say("Born"), text.Of(v.lang, f.BirthDate))
	}
	add(v.say("Occupation"), f.Occupation)
	if f.MonthlyIncome > 0 {
		add(v.say("Income"), v.say("{amount} per month", "amount", f.MonthlyIncome))
	}
	if len(f.Accounts) > 0 {
		add("CLABE", f.Accounts[0].CLABE)
	}
	add(v.say("Branch"), v.branchName(o.client.BranchID))
	add(v.say("Client since"), text.Of(v.lang, v.dayOf(o.client.CreatedAt)))
	return all
}

// when returns a time at the institution: 27 nov 2026 18:20.
func (v *visit) when(t time.Time) string { return text.Of(v.lang, v.dayOf(t)) + " " + v.clock(t) }

// happenings says what was done, for timelines.
func (v *visit) happenings(all []view.Happening) (list []happening) {
	for _, h := range all {
		x := happening{When: v.when(h.At), By: v.person(h.By)}
		if h.Loan != 0 {
			x.Number, x.Path = folio.Loan.Print(h.Loan), loansPath+folio.Loan.Print(h.Loan)
		}
		switch {
		case h.Change != nil:
			x.Text, x.Detail = v.action(h.Change.Action), v.changedFields(h.Change.Fields)
		case h.Note != nil:
			x.Text, x.Detail = v.say("Note"), h.Note.Text
		case h.LoanNote != nil:
			x.Text, x.Detail = v.say("Note"), h.LoanNote.Text
		case h.Contact != nil:
			x.Text, x.Detail = v.contacted(*h.Contact), h.Contact.Note
		case h.Promise != nil:
			x.Text, x.Detail, x.Class = v.promised(*h.Promise)
		case h.Transaction != nil:
			m := h.Transaction
			x.Text, x.Class = capital(text.Of(v.lang, m.Kind))+" "+text.Of(v.lang, m.Amount), "is-good"
			if m.IsPayment() {
				x.Detail = v.means(m.Means)
			} else {
				x.Class = ""
			}
			if m.IsPayment() {
				x.Number, x.Path = folio.Receipt.Print(m.Folio), receiptPath(h.Loan, m.Folio)
			}
		}
		list = append(list, x)
	}
	return list
}

func (v *visit) contacted(c collections.Contact) string {
	return v.say("{channel}: {result}", "channel", capital(text.Of(v.lang, c.Channel)), "result", text.Of(v.lang, c.Result))
}

func (v *visit) promised(p collections.Promise) (said, detail, class string) {
	class = map[collections.PromiseStatus]string{collections.Kept: "is-good", collections.Broken: "is-bad"}[p.Status]
	return v.say("Promised to pay {amount} on {date}", "amount", p.Amount, "date", p.Due), capital(text.Of(v.lang, p.Status)), class
}
