package console

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strings"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/staff"
	"sofipo/text"
	"sofipo/view"
)

const (
	collectionsPath = Root + "collections"
	routePath       = collectionsPath + "/route"
	promisesPath    = collectionsPath + "/promises"
)

var collectionsRoutes = []route{
	{"GET " + collectionsPath, collections.Read, (*visit).workList},
	{"GET " + routePath, collections.Read, (*visit).visitRoute},
	{"GET " + promisesPath, collections.Read, (*visit).promises},
}

// workListPage is the list of overdue loans to work on.
type workListPage struct {
	Form     *form
	Ages     []option
	Whose    []option // empty if the role's scope leaves nothing to choose
	Hands    []option // collectors, likewise
	Filtered string   // address without the filters; empty if there are none
	NoDay    bool     // no day was closed yet
	Ordered  civil.Date
	Rows     []workRow
	DueToday int // promises due today
	Pager    pager

	Assign     *form
	Collectors []option // empty: the user does not assign loans
	Kept       []field  // the filters, which come back with a refusal
}

// workRow is an overdue loan to work on.
type workRow struct {
	Number      folio.Number
	Client      string
	Path        string
	Phone, Dial string
	Addresses   []string
	State       pill
	Overdue     money.Amount
	Instalments int
	Contact     string // the last one
	Promise     pill
	Next        string
	NextOn      civil.Date
	Collector   string
	place       string // by which a route is ordered
}

var workListScreen = declare[workListPage]("collections")

var collectionsPhrases = phrases{
	"Route":                                "Ruta",
	"Promises":                             "Promesas",
	"Overdue loans by priority":            "Préstamos con atraso, por prioridad",
	"Order of the close of {date}":         "Orden del cierre del {date}",
	"Whose":                                "De quién",
	"All collectors":                       "Todos",
	"Everybody's":                          "De todos",
	"Mine":                                 "Míos",
	"Only broken promises":                 "Solo promesas incumplidas",
	"Owes":                                 "Debe",
	"{n} {n|instalment|instalments}":       "{n} {n|amortización|amortizaciones}",
	"Last contact":                         "Último contacto",
	"Next step":                            "Siguiente paso",
	"Never contacted":                      "Sin contacto",
	"{amount} by {date}":                   "{amount} a más tardar el {date}",
	"Choose for the route":                 "Elegir para la ruta",
	"Route with the selected loans":        "Ruta con los elegidos",
	"Nobody is late":                       "Nadie tiene atraso",
	"No overdue loan matches the filters.": "Ningún préstamo con atraso cumple los filtros.",
	"The list begins with the first close of a day":                            "La lista comienza con el primer cierre de día",
	"Days late are those of the last closed day. Close a day to see the list.": "El atraso es el del último día cerrado. Cierre un día para ver la lista.",
	"{n} {n|promise is|promises are} due today":                                "Hoy {n|vence|vencen} {n} {n|promesa|promesas}",
	"See them":                               "Verlas",
	"No phone":                               "Sin teléfono",
	"Route sheet":                            "Hoja de ruta",
	"{n} {n|visit|visits}, {amount} overdue": "{n} {n|visita|visitas}, {amount} con atraso",
	"No address":                             "Sin domicilio",
	"Result of the visit":                    "Resultado de la visita",
	"Chosen visits":                          "Visitas elegidas",
	"The next step of these loans is a visit. Choose others in the list.": "El siguiente paso de estos préstamos es una visita. Elija otros en la lista.",
	"No visit is planned":                      "No hay visitas por hacer",
	"Choose loans in the list of collections.": "Elija préstamos en la lista de cobranza.",
	"Go to collections":                        "Ir a cobranza",
	"{channel}: {result}, {date}":              "{channel}: {result}, {date}",
}

// mine is the filter for the loans whose officer is the user.
const mine = "me"

func (v *visit) workList() error {
	return v.showWork(200, &form{Key: rand.Text()})
}

// showWork shows the list that the address selects. The form assigns loans to a collector.
func (v *visit) showWork(status int, assign *form) error {
	f := &form{Values: v.r.URL.Query()}
	page := workListPage{Form: f, Ages: v.ages(), Assign: assign}
	if v.who.Role.Scope != staff.Own {
		page.Whose = []option{{"", v.say("Everybody's")}, {mine, v.say("Mine")}}
		hands, err := v.collectors(f.Get("collector"))
		if err != nil {
			return err
		}
		page.Hands = append([]option{{"", v.say("All collectors")}, {nobody, v.say("Nobody")}}, hands...)
	}
	if v.may(collections.Assign) {
		hands, err := v.collectors("")
		if err != nil {
			return err
		}
		page.Collectors = append(hands, option{nobody, v.say("Remove the collector")})
	}
	page.Kept = keptFilters(f, workFilters)
	which := v.work(f)
	if v.r.URL.RawQuery != "" {
		page.Filtered = collectionsPath
	}
	part, err := v.paging()
	if err != nil {
		return err
	}
	list, err := v.View.WorkList(v.r.Context(), v.by(), which, v.today, part)
	if fault.Is(err, accounting.NoDailyPositions) {
		page.NoDay = true
		return workListScreen.show(v, page)
	}
	if err != nil {
		return err
	}
	page.Ordered, page.Pager = list.Ordered, v.pagerTo(len(list.Loans.Items), list.Loans.Next)
	if page.Rows, err = v.workRows(list.Loans.Items); err != nil {
		return err
	}
	due, err := v.View.PromiseList(v.r.Context(), v.by(), view.PromiseQuery{From: v.today, To: v.today, Status: collections.Open, Paging: counting}, v.today)
	if err != nil {
		return err
	}
	page.DueToday = len(due.Items)
	return workListScreen.answer(v, status, page)
}

// ages are the choices of the filter by days late.
func (v *visit) ages() []option {
	all := []option{{"", v.say("All")}}
	for _, b := range risk.Buckets() {
		if b.Days().First > 0 {
			all = append(all, option{b.String(), v.daysLate(b)})
		}
	}
	return all
}

// workFilters are the inputs in the address of the list.
var workFilters = []string{"days", "officer", "collector", "broken", "after"}

// work returns what the filters select.
func (v *visit) work(f *form) (w view.Work) {
	w.Bucket = f.Get("days")
	if f.Get("officer") == mine {
		w.Officer = &v.who.User.Username
	}
	switch collector := f.Get("collector"); collector {
	case "":
	case nobody:
		w.Collector = new(string)
	default:
		w.Collector = &collector
	}
	w.OnlyBroken = f.Is("broken", "on")
	return w
}

// workRows returns the rows of overdue loans, with how to reach the clients.
func (v *visit) workRows(items []view.WorkItem) (rows []workRow, err error) {
	loans := make([]id.ID, len(items))
	for i, l := range items {
		loans[i] = l.Loan
	}
	where, err := v.whereabouts(loans)
	if err != nil {
		return nil, err
	}
	for _, l := range items {
		w := where[l.Loan]
		row := workRow{
			Number: w.Number, Client: l.Name, Path: collectionOf(w.Number), State: pill{"bad", v.say("{n} {n|day|days} late", "n", l.DaysPastDue)},
			Overdue: l.Overdue, Instalments: l.Instalments, Contact: v.lastContact(l.Contact), Next: capital(text.Of(v.lang, l.Next)), NextOn: l.NextOn,
			Collector: v.person(l.Collector),
		}
		switch {
		case l.Promise != nil:
			row.Promise = pill{"next", v.say("{amount} by {date}", "amount", l.Promise.Amount, "date", l.Promise.Due)}
		case l.Broken:
			row.Promise = pill{"bad", v.say("Broken promise")}
		}
		if len(w.Phones) > 0 {
			row.Phone, row.Dial = phoneText(w.Phones[0]), w.Phones[0].Number
		}
		for _, a := range w.Addresses {
			row.Addresses = append(row.Addresses, addressText(a))
		}
		if len(w.Addresses) > 0 {
			a := w.Addresses[0]
			row.place = a.State + " " + a.Municipality + " " + a.PostalCode + " " + a.Street
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// whereabouts returns how to reach the clients of loans, and records that the user saw it.
func (v *visit) whereabouts(loans []id.ID) (map[id.ID]view.Whereabouts, error) {
	where, err := v.View.Whereabouts(v.r.Context(), v.by(), loans)
	for _, w := range where {
		if len(w.Phones) > 0 || len(w.Addresses) > 0 {
			v.viewed(w.ClientID, client.ViewedContact)
		}
	}
	return where, err
}

// lastContact says when and how somebody was contacted, and with which result.
func (v *visit) lastContact(c *collections.Contact) string {
	if c == nil {
		return ""
	}
	return v.say("{channel}: {result}, {date}", "channel", capital(text.Of(v.lang, c.Channel)), "result", text.Of(v.lang, c.Result), "date", civil.DateOf(c.At.In(v.Location)))
}

// phoneText returns a phone number in groups, with its extension: 461 123 4567 ext. 12.
func phoneText(p client.Phone) string {
	n := phoneNumber(p.Number)
	if p.Extension != "" {
		n += " ext. " + p.Extension
	}
	return n
}

// addressText returns an address as one line.
func addressText(a client.Address) string {
	street := strings.TrimSpace(a.Street + " " + a.ExteriorNumber)
	if a.InteriorNumber != "" {
		street += ", int. " + a.InteriorNumber
	}
	state := a.State
	if a.Country == client.Mexico {
		state = mx.StateName(a.State)
	}
	parts := []string{street, a.Colonia, strings.TrimSpace(a.PostalCode + " " + a.Municipality), state}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}

// collectionOf returns the address of the collection work on a loan.
func collectionOf(n folio.Number) string { return collectionsPath + "/" + folio.Loan.Print(n) }

// routePage is the sheet with the visits of a day, to print.
type routePage struct {
	Institution string
	Long        string
	Collector   string
	Chosen      bool
	Rows        []workRow
	Total       money.Amount
}

var routeScreen = declare[routePage]("route")

// mostVisits is the number of visits of a route.
const mostVisits = 60

func (v *visit) visitRoute() error {
	page := routePage{Institution: v.letter.Name, Long: long(v.lang, v.today), Collector: v.person(v.who.User.Username)}
	var items []view.WorkItem
	if chosen := v.r.URL.Query()["loan"]; len(chosen) > 0 {
		page.Chosen = true
		var numbers []folio.Number
		for _, typed := range chosen[:min(len(chosen), mostVisits)] {
			if n, flaw := folio.Loan.Parse(typed); flaw == "" {
				numbers = append(numbers, n)
			}
		}
		list, err := v.View.WorkOn(v.r.Context(), v.by(), numbers, v.today)
		if err != nil {
			return err
		}
		items = list.Loans.Items
	} else {
		list, err := v.View.WorkList(v.r.Context(), v.by(), v.work(&form{Values: v.r.URL.Query()}), v.today, view.Paging{Limit: 200})
		if err != nil && !fault.Is(err, accounting.NoDailyPositions) {
			return err
		}
		for _, l := range list.Loans.Items {
			if l.Next == collections.DoVisit && !l.NextOn.After(v.today) && len(items) < mostVisits {
				items = append(items, l)
			}
		}
	}
	var err error
	if page.Rows, err = v.workRows(items); err != nil {
		return err
	}
	slices.SortStableFunc(page.Rows, func(a, b workRow) int { return cmp.Compare(a.place, b.place) })
	for _, r := range page.Rows {
		page.Total += r.Overdue
	}
	return routeScreen.show(v, page)
}

// promisesPage lists promises to pay by their day.
type promisesPage struct {
	Tabs  []tab
	Rows  []promiseRow
	Pager pager
}

// promiseRow is a promise to pay.
type promiseRow struct {
	Number           folio.Number
	Client, Path     string
	Due              civil.Date
	Amount, Received money.Amount
	State            pill
	Collector        string
}

var promisesScreen = declare[promisesPage]("promises")

var promisesPhrases = phrases{
	"Promises to pay":      "Promesas de pago",
	"Due today ({date})":   "Vencen hoy ({date})",
	"Next seven days":      "Próximos siete días",
	"Kept, last 30 days":   "Cumplidas, últimos 30 días",
	"Broken, last 30 days": "Incumplidas, últimos 30 días",
	"Promised":             "Prometido",
	"Received":             "Recibido",
	"Obtained by":          "La obtuvo",
	"There are none":       "No hay ninguna",
	"Promises appear here when somebody registers them on a loan.": "Aparecen aquí cuando alguien las registra en un préstamo.",
}

// promisesShown are the lists of promises: their name in the address, days from today, and
// status.
var promisesShown = []promisesOf{
	{label: "Due today ({date})", status: collections.Open},
	{when: "week", label: "Next seven days", first: 1, last: 7, status: collections.Open},
	{when: "broken", label: "Broken, last 30 days", first: -30, last: -1, status: collections.Broken},
	{when: "kept", label: "Kept, last 30 days", first: -30, status: collections.Kept},
}

type promisesOf struct {
	when, label string
	first, last int
	status      collections.PromiseStatus
}

func (v *visit) promises() error {
	var page promisesPage
	when, q := v.r.URL.Query().Get("when"), view.PromiseQuery{From: v.today, To: v.today}
	for _, p := range promisesShown {
		t := tab{Label: phrase(v.lang, p.label, "date", v.today), Path: promisesPath, Current: p.when == when}
		if p.when != "" {
			t.Path += "?when=" + p.when
		}
		if t.Current {
			q.From, q.To, q.Status = v.today.AddDays(p.first), v.today.AddDays(p.last), p.status
		}
		page.Tabs = append(page.Tabs, t)
	}
	var err error
	if q.Paging, err = v.paging(); err != nil {
		return err
	}
	list, err := v.View.PromiseList(v.r.Context(), v.by(), q, v.today)
	if err != nil {
		return err
	}
	for _, p := range list.Items {
		page.Rows = append(page.Rows, promiseRow{p.Number, p.Client, collectionOf(p.Number), p.Due, p.Amount, p.Received, v.promiseState(p.Promise), v.person(p.Collector)})
	}
	page.Pager = v.pagerTo(len(page.Rows), list.Next)
	return promisesScreen.show(v, page)
}

// promiseState returns the state of a promise. An open one that is paid already is good.
func (v *visit) promiseState(p collections.Promise) pill {
	kind := "next"
	switch {
	case p.Status == collections.Kept, p.Status == collections.Open && p.Received >= p.Amount:
		kind = "good"
	case p.Status == collections.Broken:
		kind = "bad"
	case p.Status == collections.Cancelled:
		kind = "off"
	}
	return pill{kind, capital(text.Of(v.lang, p.Status))}
}
