package console

import (
	"encoding/json"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lang"
	"sofipo/core/money"
	"sofipo/core/nouns"
	"sofipo/core/staff"
	"sofipo/infra/envelope"
	"sofipo/infra/eventlog"
	"sofipo/text"
	"sofipo/view"
	"sofipo/web"
)

var auditRoutes = []route{
	{"GET " + auditPath, event.ReadLog, (*visit).audit},
	{"GET " + eventsPath, event.ReadLog, (*visit).events},
}

// auditPage lists who did what.
type auditPage struct {
	Form    *form
	People  []option
	Actions []option
	Rows    []auditLine
	Pager   pager
	Filters string // the address without them; empty without any
}

// auditLine is something that a user did, or was refused.
type auditLine struct {
	When, Who, What, About, Path string
	Detail                       string // what was exported
	Refused                      int64  // times
}

// eventsPage lists the events of a client or a loan.
type eventsPage struct {
	Form *form
	Name string
	Rows []eventRow
	More string // address of the older ones
}

// eventRow is an event of the log.
type eventRow struct {
	When, What, Who string
	Sequence        int64
}

var (
	auditScreen  = declare[auditPage]("audit")
	eventsScreen = declare[eventsPage]("events")
)

var auditPhrases = phrases{
	"What":                 "Qué",
	"When":                 "Cuándo",
	"About":                "Sobre",
	"Everybody":            "Todos",
	"Everything":           "Todo",
	"To":                   "Hasta el",
	"Number of the client": "Número de cliente",
	"Refused":              "Rechazado",
	"API key {name}":       "clave de API {name}",
	"Refused {n} times":    "Rechazado {n} veces",
	"Another operation":    "Otra operación",
	"(encrypted)":          "(cifrado)",
	"Nothing in this period matches the filters":              "Nada en este periodo cumple los filtros",
	"Change the person, the dates or the operation.":          "Cambie la persona, las fechas o la operación.",
	"Without a client, the dates chosen; with one, all dates": "Sin cliente, las fechas elegidas; con cliente, todas",
	"Events":                                 "Eventos",
	"Client or loan":                         "Cliente o préstamo",
	"Number, such as C-100-144 or P-100-240": "Número, por ejemplo C-100-144 o P-100-240",
	"See the events":                         "Ver eventos",
	"Events of {name}":                       "Eventos de {name}",
	"Sequence":                               "Consecutivo",
	"Older events":                           "Eventos anteriores",
	"The event log of this client or loan, newest first, as sent to other systems.": "El registro de eventos de este cliente o préstamo, de lo más reciente a lo más antiguo, tal como se envió a otros sistemas.",
	"Write the number of a client or a loan":                                        "Escriba el número de un cliente o de un préstamo",
	"No events yet":                                                                 "Aún no hay eventos",
}

// clockDay is the day of the clock, which the business date may be after.
func (v *visit) clockDay() civil.Date { return civil.DateOf(v.now.In(v.Location)) }

// begin returns the beginning of a day at the institution.
func (v *visit) begin(d civil.Date) time.Time {
	return time.Date(int(d.Year), time.Month(d.Month), int(d.Day), 0, 0, 0, 0, v.Location)
}

// mostAuditDays limits the days of a question without a client.
const mostAuditDays = 31

func (v *visit) audit() error {
	f := &form{Values: v.r.URL.Query()}
	q, err := v.auditQuery(f)
	if err != nil {
		if _, shown := f.wrong(v, err, map[string]string{"q": "client"}); !shown {
			return err
		}
	}
	page := auditPage{Form: f}
	if len(f.Flaws) == 0 && f.Problem == "" {
		found, err := v.View.Audit(v.r.Context(), v.by(), q)
		if err != nil {
			return err
		}
		if page.Rows, err = v.auditRows(found.Items); err != nil {
			return err
		}
		page.Pager = v.pagerTo(len(found.Items), found.Next)
	}
	if err := v.fillAudit(&page); err != nil {
		return err
	}
	return auditScreen.show(v, page)
}

// auditQuery reads the filters of the address: today without any.
func (v *visit) auditQuery(f *form) (q view.AuditQuery, err error) {
	part, err := v.paging()
	if err != nil {
		return q, err
	}
	var flaws fault.Flaws
	from, to := f.date("from", &flaws), f.date("to", &flaws)
	q = view.AuditQuery{Actor: f.Get("who"), Action: f.Get("what"), Paging: part}
	if given := f.Get("client"); given != "" {
		n, flaw := folio.Client.Parse(given)
		if flaw != "" {
			flaws.Add(fault.At("client", flaw))
		} else if q.Client, err = v.View.ClientNumbered(v.r.Context(), v.by(), n); err != nil {
			return q, err
		}
	}
	if to.IsZero() {
		to = v.clockDay()
	}
	if from.IsZero() && q.Client.IsZero() {
		from = to
		f.Values = url.Values{"who": f.Values["who"], "what": f.Values["what"], "from": {fieldDate(from)}, "to": {fieldDate(to)}}
	}
	if q.Client.IsZero() && (from.After(to) || to.Since(from) > mostAuditDays) {
		flaws.Add(fault.At("from", fault.WithinDays, "days", mostAuditDays, "earliest", from))
	}
	if !from.IsZero() {
		q.From = v.begin(from)
	}
	q.To = v.begin(to.AddDays(1))
	return q, flaws.Err()
}

// auditRows returns the rows with the names of the clients.
func (v *visit) auditRows(found []view.AuditRow) (rows []auditLine, err error) {
	names := map[id.ID]view.Named{}
	if v.may(client.Read) && len(found) > 0 {
		var clients, subjects []id.ID
		for _, r := range found {
			clients, subjects = append(clients, r.ClientID), append(subjects, r.Subject)
		}
		if names, err = v.View.NamesOf(v.r.Context(), v.by(), clients, subjects); err != nil {
			return nil, err
		}
	}
	for _, r := range found {
		row := auditLine{When: v.at(r.At), Who: v.person(r.Actor), What: v.actionText(r.Action)}
		if r.APIKeyName != "" {
			row.Who += " · " + v.say("API key {name}", "name", r.APIKeyName)
		}
		if e := r.Export; e != nil {
			row.Detail = v.exportText(e)
		}
		if r.Refusal != "" {
			row.Refused = max(r.Times, 1)
		}
		if n, loan := names[r.Subject]; loan && r.Subject != r.ClientID {
			row.About = n.Client + ", " + folio.Loan.Print(n.Number)
			row.Path = v.link(loansPath + folio.Loan.Print(n.Number))
		} else if n, known := names[r.ClientID]; known {
			row.About = n.Client + ", " + folio.Client.Print(n.Number)
			row.Path = v.link(toClients + folio.Client.Print(n.Number))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// exportText says which file a user got, and by which filters.
func (v *visit) exportText(e *staff.Export) string {
	said := e.File
	if at, err := url.Parse(e.Request); err == nil && at.RawQuery != "" {
		said += " · " + strings.ReplaceAll(at.RawQuery, "&", ", ")
	}
	said = uuid.ReplaceAllString(said, "…") // people know short numbers
	if e.Rows > 0 {
		said += " · " + v.say("{n} {n|row|rows}", "n", e.Rows)
	}
	return said
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// actionText returns the text of an operation. A refusal may have the missing permission in its
// place.
func (v *visit) actionText(action string) string {
	for _, known := range []any{authority.Operation(action), access.Permission(action)} {
		if t, declared := nouns.Text(known); declared {
			return capital(text.Render(v.lang, t, nil))
		}
	}
	return v.say("Another operation")
}

// fillAudit adds the choices of the filters.
func (v *visit) fillAudit(page *auditPage) error {
	if err := v.people(); err != nil {
		return err
	}
	page.People = []option{{"", v.say("Everybody")}}
	for _, u := range v.colleagues {
		page.People = append(page.People, option{u.Username, v.person(u.Username)})
	}
	page.Actions = []option{{"", v.say("Everything")}}
	for key := range authority.OperationTexts {
		name := string(key.(authority.Operation))
		page.Actions = append(page.Actions, option{name, v.actionText(name)})
	}
	byLabel := func(a, b option) int { return strings.Compare(folded(a.Label), folded(b.Label)) }
	slices.SortFunc(page.People[1:], byLabel)
	slices.SortFunc(page.Actions[1:], byLabel)
	if len(v.r.URL.Query()) > 0 {
		page.Filters = auditPath
	}
	return nil
}

func (v *visit) events() error {
	f := &form{Values: v.r.URL.Query()}
	page := eventsPage{Form: f}
	if f.Get("of") == "" {
		return eventsScreen.show(v, page)
	}
	subject, name, err := v.subjectNumbered(f.Get("of"))
	if err == nil && v.Operations.Events == nil {
		err = fault.Refuse(fault.Unavailable).Because(fault.NoEventLog)
	}
	if err != nil {
		status, shown := f.wrong(v, err, map[string]string{"q": "of"})
		if !shown {
			return err
		}
		if f.Problem != "" {
			f.Flaws["of"], f.Problem = f.Problem, ""
		}
		return eventsScreen.answer(v, status, page)
	}
	found, next, err := v.Operations.Events.Find(v.r.Context(), eventlog.Query{Subject: subject, Newest: true, Limit: rowsPerPage, Page: f.Get("page")})
	if err != nil {
		return web.EventLogAway(err)
	}
	page.Name = name
	for _, e := range found {
		at, _ := time.Parse("2006-01-02T15:04:05.999999", strings.TrimSuffix(e.Timestamp, "Z")) // of another form: shown without the time
		page.Rows = append(page.Rows, eventRow{v.at(at), v.eventText(e), v.person(e.Actor), e.Sequence})
	}
	if next != "" {
		page.More = v.with("page", next)
	}
	return eventsScreen.show(v, page)
}

// subjectNumbered returns the client or the loan with a number.
func (v *visit) subjectNumbered(given string) (subject id.ID, name string, err error) {
	kind, n, flaw := folio.Parse(given)
	switch {
	case flaw != "":
		return subject, "", fault.Wrong(fault.At("of", flaw))
	case kind == folio.Client:
		subject, err = v.View.ClientNumbered(v.r.Context(), v.by(), n)
	default:
		kind = folio.Loan
		subject, err = v.View.LoanNumbered(v.r.Context(), v.by(), n)
	}
	return subject, kind.Print(n), err
}

// eventText returns what an event says, with the values of its payload.
func (v *visit) eventText(e event.Envelope) string {
	for _, d := range nouns.Events() {
		if d.Name() != e.EventType {
			continue
		}
		var payload map[string]any
		if err := json.Unmarshal(e.Payload, &payload); err != nil {
			return v.say("Another operation")
		}
		values := map[string]any{}
		for name, value := range payload {
			values[name] = value
			if s, is := value.(string); is && envelope.Sealed(s) {
				values[name] = v.say("(encrypted)")
			} else if is {
				values[name] = v.member(s)
			}
		}
		return unfilled.ReplaceAllString(text.Render(v.lang, d.Text, values), "—")
	}
	return v.say("Another operation")
}

// unfilled finds the parameters of a text without a value.
var unfilled = regexp.MustCompile(`\{[^}]*\}`)

// labels has the texts of the constants of the nouns, by their values.
var labels = sync.OnceValue(func() map[string]lang.Text {
	all := map[string]lang.Text{}
	for _, n := range nouns.All {
		for key, t := range n.Texts {
			if k := reflect.ValueOf(key); k.Kind() == reflect.String && !strings.Contains(t.ES, "{") {
				all[k.String()] = t
			}
		}
	}
	return all
})

// member returns a value of a payload for people.
func (v *visit) member(s string) string {
	if t, known := labels()[s]; known {
		return text.Render(v.lang, t, nil)
	}
	if a, err := money.Parse(s); err == nil && strings.Contains(s, ".") {
		return text.Of(v.lang, a)
	}
	if d, err := civil.Parse(s); err == nil {
		return text.Of(v.lang, d)
	}
	return v.person(s)
}
