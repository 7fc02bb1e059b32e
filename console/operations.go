package console

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"sofipo/checks"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/infra/amqp"
	"sofipo/infra/eventlog"
)

const (
	operationsPath = Root + "operations"
	auditPath      = operationsPath + "/audit"
	eventsPath     = operationsPath + "/events"
	doctorPath     = operationsPath + "/doctor"
	settingsPath   = operationsPath + "/settings"
)

// Operations is what the pages of operations show and do. The pages leave out the parts of nil
// functions and an empty list.
type Operations struct {
	Ready       func(context.Context) map[string]error // the checks of /readyz; an error is a failure
	Warnings    func() map[string]error                // those that change no status
	Transit     func(context.Context) (Transit, error)
	DeadLetters func(ctx context.Context, limit int) ([]amqp.DeadLetter, error) // nil without a broker
	Replay      func(context.Context) (int, error)
	Doctor      func(context.Context) []checks.Check
	Events      eventlog.Log
	Settings    []Setting
}

// Transit counts the events on their way to the event log. Without a broker there are no queue
// and no dead letters.
type Transit struct{ Outbox, Queued, Dead int64 }

// Setting is a setting by the name of its variable. The value of a secret is not in it.
type Setting struct {
	Name, Value string
	Secret, Set bool
}

var operationRoutes = []route{
	{"GET " + operationsPath, event.Operate, (*visit).operations},
	{"POST " + operationsPath + "/replay", event.Operate, (*visit).replay},
	{"GET " + doctorPath, event.Operate, (*visit).doctor},
	{"POST " + doctorPath, event.Operate, (*visit).runDoctor},
	{"GET " + settingsPath, event.Operate, (*visit).settings},
}

// operationsPage is the health of the system.
type operationsPage struct {
	Parts       []health
	Broker      bool
	Transit     Transit
	Unknown     bool // whether the events on their way could not be counted
	Letters     []deadLetter
	Form        *form
	Days        string // of the close
	BusinessDay string
}

// health is the state of a part of the system.
type health struct {
	Name  string
	State pill
}

// deadLetter is an event that could not be stored.
type deadLetter struct{ When, Event, Reason, Original string }

// doctorPage is the result of the last check of the books.
type doctorPage struct {
	Form      *form
	Running   bool
	When, By  string
	Passed    []checkRow
	Warned    []checkRow
	Failed    []checkRow
	Available bool
}

// checkRow is a check with what it found, and both in the words of the program's log.
type checkRow struct {
	Name, Original string
	Remedy         string // what to do; empty if the check passed
	State          pill
}

// Wrong returns the checks that failed or need attention.
func (p doctorPage) Wrong() []checkRow { return slices.Concat(p.Failed, p.Warned) }

// settingsPage lists the settings.
type settingsPage struct{ Settings []Setting }

var (
	operationsScreen = declare[operationsPage]("operations")
	doctorScreen     = declare[doctorPage]("doctor")
	settingsScreen   = declare[settingsPage]("settings")
)

var operationPhrases = phrases{
	"What was checked":       "Qué se revisó",
	"Operations":             "Operación",
	"System state":           "Estado del sistema",
	"Works":                  "Funciona",
	"Does not work":          "No funciona",
	"Needs attention":        "Revisar",
	"Database":               "Base de datos",
	"Disk":                   "Disco",
	"Clock":                  "Reloj",
	"Event log":              "Registro de eventos",
	"Another part":           "Otra parte",
	"The whole system works": "Todo funciona",
	"{n} {n|part needs|parts need} attention": "{n} {n|parte requiere|partes requieren} atención",
	"Events on their way":                     "Eventos en camino",
	"in the outbox":                           "en la bandeja de salida",
	"in the queue":                            "en la cola",
	"dead letters":                            "rechazados",
	"They could not be counted now.":          "No se pudieron contar en este momento.",
	"Events go straight to the event log; there is no queue.": "Los eventos van directo al registro; no hay cola.",
	"Dead letters":             "Eventos rechazados",
	"The first {shown} of {n}": "Los primeros {shown} de {n}",
	"Event":                    "Evento",
	"Events that the event log did not accept. Fix the cause first, then send them again; each is stored once.": "Eventos que el registro no aceptó. Corrija primero la causa y después reenvíelos; cada uno se guarda una sola vez.",
	"Send them again":                          "Reenviar",
	"{n} {n|event was|events were} sent again": "{n|Se reenvió|Se reenviaron} {n} {n|evento|eventos}",
	"Review of the books":                      "Revisión de los libros",
	"It recalculates loans, compares control accounts with their details and looks for broken rules. It changes nothing and may take minutes.": "Recalcula préstamos, compara cuentas de control con su detalle y busca reglas que no se cumplen. No cambia nada y puede tardar minutos.",
	"Review now": "Revisar ahora",
	"The review is running; you may leave this page.": "La revisión está en curso; puede salir de esta página.",
	"It began at {when}":                              "Inició a las {when}",
	"{n} {n|check|checks} passed":                     "{n} {n|revisión correcta|revisiones correctas}",
	"{n} {n|check|checks} failed":                     "{n} {n|revisión con falla|revisiones con falla}",
	"last one on {when}, by {who}":                    "la última el {when}, por {who}",
	"No review since the system started":              "Sin revisiones desde que inició el sistema",
	"{n} {n|check needs|checks need} attention":       "{n} {n|revisión requiere|revisiones requieren} atención",
	"It does not hold":                                "No se cumple",
	"The original text":                               "Texto original",
	"The checks that passed":                          "Las revisiones correctas",
	"The broker moved it away":                        "El servidor de mensajes lo apartó",
	"It is too large for the event log":               "Es demasiado grande para el registro",
	"The event log refused it":                        "El registro lo rechazó",
	"It is not a valid event":                         "No es un evento válido",
	"Settings":                                        "Configuración",
	"Read only. They change in the environment or the file of the service, and take effect at its next start.": "Solo lectura. Se cambian en el entorno o el archivo del servicio y surten efecto en su siguiente inicio.",
	"Setting":                       "Variable",
	"secret, set":                   "secreta, definida",
	"not set":                       "sin definir",
	"Next day to close: {day}":      "Siguiente día por cerrar: {day}",
	"All days before it are closed": "Los días anteriores están cerrados",
}

// partName returns the name of a part of the system for people.
func (v *visit) partName(name string) string {
	switch name {
	case "database":
		return v.say("Database")
	case "disk":
		return v.say("Disk")
	case "clock":
		return v.say("Clock")
	case "event_log":
		return v.say("Event log")
	}
	return v.say("Another part")
}

// mostLetters is the maximum number of dead letters on the page.
const mostLetters = 20

// askTime limits what the page of operations waits for a part that does not answer.
const askTime = 3 * time.Second

func (v *visit) operations() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), askTime)
	defer cancel()
	o, page := v.Operations, operationsPage{Form: f, Broker: v.Operations.DeadLetters != nil, Parts: v.health(ctx)}
	if o.Transit != nil {
		page.Transit, err = o.Transit(ctx)
		page.Unknown = err != nil
	}
	if page.Broker && page.Transit.Dead > 0 {
		letters, err := o.DeadLetters(ctx, mostLetters)
		page.Unknown = page.Unknown || err != nil
		for _, l := range letters {
			page.Letters = append(page.Letters, deadLetter{v.at(l.DeadAt), l.RoutingKey, v.deadReason(l.Reason), l.Reason})
		}
	}
	days, err := v.View.ToClose(v.r.Context(), v.clockDay(), v.need())
	if err != nil {
		return err
	}
	page.BusinessDay, page.Days = long(v.lang, v.today), v.say("All days before it are closed")
	if days.Next != v.today {
		page.Days = v.say("Next day to close: {day}", "day", long(v.lang, days.Next))
	}
	return operationsScreen.show(v, page)
}

// health returns the states of the parts of the system. A visit asks for them once.
func (v *visit) health(ctx context.Context) []health {
	if v.checked != nil {
		return v.checked
	}
	add := func(found map[string]error, wrong pill) {
		for _, name := range slices.Sorted(maps.Keys(found)) {
			h := health{v.partName(name), pill{"good", v.say("Works")}}
			if found[name] != nil {
				h.State = wrong
			}
			v.checked = append(v.checked, h)
		}
	}
	if ready := v.Operations.Ready; ready != nil {
		add(ready(ctx), pill{"bad", v.say("Does not work")})
	}
	if warnings := v.Operations.Warnings; warnings != nil {
		add(warnings(), pill{"warn", v.say("Needs attention")})
	}
	return v.checked
}

// deadReason says why an event is a dead letter.
func (v *visit) deadReason(original string) string {
	switch {
	case strings.HasPrefix(original, "moved by the broker"):
		return v.say("The broker moved it away")
	case strings.Contains(original, "too_large") || strings.Contains(original, "bytes"):
		return v.say("It is too large for the event log")
	case strings.HasPrefix(original, "forbidden") || strings.HasPrefix(original, "unauthorized"):
		return v.say("The event log refused it")
	}
	return v.say("It is not a valid event")
}

// checkName returns the name of a check of the doctor for people.
func (v *visit) checkName(name string) string {
	if _, known := checkPhrases[name]; !known {
		return name
	}
	return capital(phrase(v.lang, name))
}

// Wrong counts the parts that need attention.
func (p operationsPage) Wrong() (n int) {
	for _, h := range p.Parts {
		if h.State.Kind != "good" {
			n++
		}
	}
	return n
}

// replay sends the dead letters to the queue again.
func (v *visit) replay() error {
	if v.Operations.Replay == nil {
		return errNoPage
	}
	if _, err := v.form(nil); err != nil {
		return err
	}
	n, err := v.Operations.Replay(v.r.Context())
	v.Log.Info("dead letters sent again", "count", n, "actor", v.who.User.Username, "error", err)
	if err != nil {
		return err
	}
	return v.done(operationsPath, notice{Text: v.say("{n} {n|event was|events were} sent again", "n", n)})
}

// review is the check of the books of this process: one at a time.
type review struct {
	sync.Mutex
	running bool
	began   time.Time
	by      string
	found   []checks.Check // of the last one
}

func (v *visit) doctor() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	v.review.Lock()
	page := doctorPage{Form: f, Running: v.review.running, Available: v.Operations.Doctor != nil}
	found := v.review.found
	if !v.review.began.IsZero() {
		page.When, page.By = v.at(v.review.began), v.person(v.review.by)
	}
	v.review.Unlock()
	for _, c := range found {
		row := checkRow{Name: v.checkName(c.Name), Original: c.Name + ": " + c.Found}
		if c.Err != nil {
			row.Original, row.Remedy = c.Name+": "+c.Err.Error(), phrase(v.lang, c.Remedy())
		}
		switch c.Severity() {
		case checks.OK:
			page.Passed = append(page.Passed, row)
		case checks.Warning:
			row.State = pill{"warn", v.say("Needs attention")}
			page.Warned = append(page.Warned, row)
		default:
			row.State = pill{"bad", v.say("It does not hold")}
			page.Failed = append(page.Failed, row)
		}
	}
	return doctorScreen.show(v, page)
}

// runDoctor begins a review, which goes on after the answer.
func (v *visit) runDoctor() error {
	if v.Operations.Doctor == nil {
		return errNoPage
	}
	if _, err := v.form(nil); err != nil {
		return err
	}
	r := v.review
	r.Lock()
	begin := !r.running
	if begin {
		r.running, r.began, r.by = true, v.now, v.who.User.Username
	}
	r.Unlock()
	if begin {
		ctx := context.WithoutCancel(v.r.Context())
		go func() {
			var found []checks.Check
			if err := fault.Guarded(func() error { found = v.Operations.Doctor(ctx); return nil }); err != nil {
				v.Log.Error("console", "path", doctorPath, "error", err)
				found = []checks.Check{{Name: "doctor", Err: fault.ErrPanic}}
			}
			r.Lock()
			r.running, r.found = false, found
			r.Unlock()
		}()
	}
	return v.goTo(doctorPath)
}

func (v *visit) settings() error {
	return settingsScreen.show(v, settingsPage{v.Operations.Settings})
}
