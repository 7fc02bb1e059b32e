package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	hooking "sofipo/bank/webhooks"
	"sofipo/core/id"
	"sofipo/core/nouns"
	"sofipo/core/webhook"
	sending "sofipo/infra/webhook"
	"sofipo/text"
	"sofipo/view"
)

const webhooksPath = operationsPath + "/webhooks"

var webhookRoutes = []route{
	{"GET " + webhooksPath, webhook.Read, (*visit).webhookList},
	{"GET " + webhooksPath + "/{id}", webhook.Read, (*visit).webhookPage},
	{"POST " + webhooksPath + "/{id}", webhook.Manage, (*visit).changeWebhook},
}

// webhookListPage lists the webhooks.
type webhookListPage struct {
	Webhooks []webhookRow
	May      bool
}

// webhookRow is a webhook in a list.
type webhookRow struct {
	ID, Name, URL string
	State         pill
	Behind, Dead  int64
}

// webhookEditPage is a webhook, or a new one.
type webhookEditPage struct {
	Path       string
	Webhook    webhookRow
	New, May   bool
	Active     bool
	By, Since  string
	Secret     string // one that was just made
	OldUntil   string // of the former secret
	Attempts   int64  // failed ones of the next event
	Problem    string // of the last attempt
	Missed     int64
	Form       *form
	Types      []string
	Overlaps   []option
	Deliveries []deliveryRow
}

// deliveryRow is a delivery of the log.
type deliveryRow struct {
	ID, Type, When, Problem string
	State                   pill
	Attempts, Status, Took  int64
	Dead                    bool
}

var (
	webhookListScreen = declare[webhookListPage]("webhooks")
	webhookEditScreen = declare[webhookEditPage]("webhook")
)

var webhookPhrases = phrases{
	"Webhooks":                                    "Webhooks",
	"New webhook":                                 "Nuevo webhook",
	"There are no webhooks yet":                   "Todavía no hay webhooks",
	"Events behind":                               "Eventos por entregar",
	"Which system it is":                          "Qué sistema es",
	"Types of events":                             "Tipos de eventos",
	"One on each line. Empty: all.":               "Uno por renglón. Vacío: todos.",
	"All types of events":                         "Todos los tipos de eventos",
	"Add the webhook":                             "Agregar webhook",
	"Added by {who} on {date}":                    "Lo agregó {who} el {date}",
	"Copy the secret now: it is not shown again.": "Copie el secreto ahora: no se mostrará otra vez.",
	"The receiver checks with it that the events come from this system.": "Con él, el receptor comprueba que los eventos vienen de este sistema.",
	"The webhook is paused":           "El webhook está en pausa",
	"The webhook is active":           "El webhook está activo",
	"The webhook was removed":         "Se eliminó el webhook",
	"The test event was sent":         "Se envió el evento de prueba",
	"The dead letters are sent again": "Se reenvían las entregas fallidas",
	"Pause":                           "Pausar",
	"Resume":                          "Reanudar",
	"Send a test event":               "Enviar evento de prueba",
	"Send all dead letters again":     "Reenviar las entregas fallidas",
	"Remove the webhook":              "Eliminar webhook",
	"Its dead letters and the log of its deliveries are deleted.": "Se borran sus entregas fallidas y su registro de entregas.",
	"Secret":             "Secreto",
	"Replace the secret": "Cambiar el secreto",
	"Hours for which the former one is valid too": "Horas en las que el anterior también vale",
	"The former one is valid until {when}":        "El anterior vale hasta: {when}",
	"Deliveries":                                  "Entregas",
	"Nothing was delivered yet":                   "Todavía no se ha entregado nada",
	"Attempts":                                    "Intentos",
	"Answer":                                      "Respuesta",
	"{n} ms":                                      "{n} ms",
	"The next event failed {n} {n|time|times} so far":                                     "El siguiente evento ha fallado {n} {n|vez|veces}",
	"{n} {n|event was|events were} deleted before delivery; read them from the event log": "{n} {n|evento se borró|eventos se borraron} antes de entregarse; consúltelos en el registro de eventos",
	"Delivery": "Entrega",
}

var (
	webhookPills  = map[webhook.State]string{webhook.Active: "good", webhook.Paused: "off", webhook.Gone: "bad"}
	deliveryPills = map[webhook.DeliveryState]string{webhook.Delivered: "good", webhook.Dead: "bad", webhook.Replay: "warn"}
)

// mostDeliveries is the number of deliveries on the page.
const mostDeliveries = 50

func (v *visit) webhookRow(w view.WebhookRead) webhookRow {
	return webhookRow{
		ID: w.Webhook.ID.String(), Name: w.Webhook.Name, URL: w.Webhook.URL, State: pill{webhookPills[w.Webhook.State], capital(text.Of(v.lang, w.Webhook.State))},
		Behind: max(0, w.Behind), Dead: w.DeadLetters,
	}
}

func (v *visit) webhookList() error {
	all, err := v.View.Webhooks(v.r.Context(), v.by())
	page := webhookListPage{May: v.may(webhook.Manage)}
	for _, w := range all {
		page.Webhooks = append(page.Webhooks, v.webhookRow(w))
	}
	if err != nil {
		return err
	}
	return webhookListScreen.show(v, page)
}

// webhookOfAddress returns the webhook of the address; a zero one for a new webhook.
func (v *visit) webhookOfAddress() (view.WebhookRead, error) {
	if v.r.PathValue("id") == newPlace {
		return view.WebhookRead{}, nil
	}
	webhookID, err := id.Parse(v.r.PathValue("id"))
	if err != nil {
		return view.WebhookRead{}, errNoPage
	}
	return v.View.Webhook(v.r.Context(), v.by(), webhookID)
}

func (v *visit) webhookPage() error {
	w, err := v.webhookOfAddress()
	if err != nil {
		return err
	}
	f, err := v.form(webhookValues(w.Webhook))
	if err != nil {
		return err
	}
	return v.showWebhook(http.StatusOK, w, f, "")
}

func webhookValues(w webhook.Webhook) url.Values {
	return url.Values{"name": {w.Name}, "url": {w.URL}, "events": {strings.Join(w.Events, "\n")}, "hours": {"24"}}
}

func (v *visit) showWebhook(status int, w view.WebhookRead, f *form, secret string) error {
	page := webhookEditPage{
		Path: webhooksPath + "/" + v.r.PathValue("id"), Webhook: v.webhookRow(w), New: w.Webhook.ID.IsZero(), May: v.may(webhook.Manage),
		Active: w.Webhook.State == webhook.Active, By: v.person(w.Webhook.CreatedBy), Since: v.at(w.Webhook.CreatedAt), Secret: secret,
		Attempts: w.Progress.Attempts, Problem: w.Progress.Problem, Missed: w.Progress.Missed, Form: f,
	}
	for _, hours := range []string{"0", "1", "24", "168"} {
		page.Overlaps = append(page.Overlaps, option{hours, hours})
	}
	for _, e := range nouns.Events() {
		page.Types = append(page.Types, e.Name())
	}
	slices.Sort(page.Types)
	if v.now.Before(w.Webhook.OldUntil) {
		page.OldUntil = v.at(w.Webhook.OldUntil)
	}
	if page.New {
		return webhookEditScreen.answer(v, status, page)
	}
	found, err := v.View.Deliveries(v.r.Context(), v.by(), view.DeliveryQuery{Webhook: w.Webhook.ID, Paging: view.Paging{Limit: mostDeliveries}})
	if err != nil {
		return err
	}
	for _, d := range found.Items {
		page.Deliveries = append(page.Deliveries, deliveryRow{
			ID: d.EventID.String(), Type: d.EventType, When: v.at(d.At), Problem: d.Problem, State: pill{deliveryPills[d.State], capital(text.Of(v.lang, d.State))},
			Attempts: d.Attempts, Status: d.Status, Took: d.DurationMS, Dead: d.State == webhook.Dead,
		})
	}
	return webhookEditScreen.answer(v, status, page)
}

// changeWebhook runs the command of a form. The answer to a form that makes a secret shows it, once.
func (v *visit) changeWebhook() error {
	w, err := v.webhookOfAddress()
	if err != nil {
		return err
	}
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	did, err := v.doToWebhook(f, w.Webhook)
	if err != nil {
		names := map[string]string{} // all types of events are one input
		for i := range strings.Fields(f.Get("events")) {
			names["events."+strconv.Itoa(i)] = "events"
		}
		status, shown := f.wrong(v, err, names)
		if !shown {
			return err
		}
		if f.Get("do") != "" {
			f.Values = webhookValues(w.Webhook)
		}
		return v.showWebhook(status, w, f, "")
	}
	if did.secret != "" {
		return v.showSecret(did)
	}
	to := webhooksPath + "/" + v.r.PathValue("id")
	if f.Get("do") == "remove" {
		to = webhooksPath
	}
	return v.done(to, notice{Text: did.said})
}

// showSecret shows the webhook with its new secret.
func (v *visit) showSecret(did hookDeed) error {
	v.r.SetPathValue("id", did.webhook.String())
	w, err := v.webhookOfAddress()
	if err != nil {
		return err
	}
	f, err := v.form(webhookValues(w.Webhook))
	if err != nil {
		return err
	}
	f.Values = webhookValues(w.Webhook)
	return v.showWebhook(http.StatusCreated, w, f, did.secret)
}

// hookDeed is what a form about a webhook did: a message, or a secret that it made.
type hookDeed struct {
	said, secret string
	webhook      id.ID // with the secret
}

// doToWebhook runs the command of a form.
func (v *visit) doToWebhook(f *form, w webhook.Webhook) (did hookDeed, err error) {
	name, address, events := f.Get("name"), f.Get("url"), strings.Fields(f.Get("events"))
	eventID, _ := id.Parse(f.Get("event")) // the zero id means all
	switch f.Get("do") {
	case "pause":
		_, err = command(v, f, hooking.PauseWebhook{ID: w.ID})
		did.said = v.say("The webhook is paused")
	case "resume":
		_, err = command(v, f, hooking.ResumeWebhook{ID: w.ID})
		did.said = v.say("The webhook is active")
	case "test":
		_, err = command(v, f, hooking.TestWebhook{ID: w.ID})
		did.said = v.say("The test event was sent")
	case "replay":
		_, err = command(v, f, hooking.ReplayDeliveries{ID: w.ID, EventID: eventID})
		did.said = v.say("The dead letters are sent again")
	case "remove":
		_, err = command(v, f, hooking.RemoveWebhook{ID: w.ID})
		did.said = v.say("The webhook was removed")
	case "secret":
		did.secret, did.webhook = sending.NewSecret(), w.ID
		hours, _ := strconv.ParseInt(f.Get("hours"), 10, 64) // of the offered ones
		_, err = command(v, &form{}, hooking.RotateSecret{ID: w.ID, Secret: did.secret, Hours: hours})
	default:
		if !w.ID.IsZero() {
			_, err = command(v, f, hooking.ChangeWebhook{ID: w.ID, Title: &name, URL: &address, Events: &events})
			did.said = v.say("Saved")
			break
		}
		var made webhook.Webhook
		did.secret = sending.NewSecret()
		made, err = command(v, &form{}, &hooking.AddWebhook{Title: name, URL: address, Events: events, Secret: did.secret})
		did.webhook = made.ID
	}
	return did, err
}
