package webhook

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of operations on webhooks.
const (
	NotFound    fault.Code = "webhook_not_found"
	NotActive   fault.Code = "webhook_not_active"    // it is paused
	NotDead     fault.Code = "delivery_not_dead"     // the delivery is no dead letter
	NoDelivery  fault.Code = "delivery_not_found"    // there is none of the event to the webhook
	TooManyURLs fault.Code = "webhook_limit_reached" // there are MaxWebhooks
)

// MaxWebhooks is the maximum number of webhooks.
const MaxWebhooks = 50

// The rules of webhooks.
const (
	URLForm          fault.Rule = "webhook_url"
	PlainHTTP        fault.Rule = "webhook_http"    // HTTP is only for the networks of the settings
	ForbiddenAddress fault.Rule = "webhook_address" // not public, and not of the networks of the settings
	UnknownEvent     fault.Rule = "webhook_event"   // there is no such type of events
	OverlapHours     fault.Rule = "webhook_overlap" // 0 to MaxOverlap
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: NotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Webhook not found", ES: "No se encontró el webhook"}},
	{Code: NotActive, Class: fault.ClassConflict, Text: lang.Text{EN: "The webhook is paused; resume it first", ES: "El webhook está en pausa; reanúdelo primero"}},
	{Code: NotDead, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Only a dead letter can be sent again; this delivery is {state}",
		ES: "Solo se reenvían las entregas fallidas; esta tiene el estado {state}",
	}},
	{Code: NoDelivery, Class: fault.ClassNotFound, Text: lang.Text{EN: "Delivery not found: it is older than the log of deliveries", ES: "No se encontró la entrega: ya no está en el registro de entregas"}},
	{Code: TooManyURLs, Class: fault.ClassConflict, Text: lang.Text{EN: "There are already {most} webhooks; remove one first", ES: "Ya hay {most} webhooks; elimine alguno primero"}},
}

// Texts has the texts of the rules and constants.
var Texts = lang.Texts{
	Active:    {EN: "active", ES: "activo"},
	Paused:    {EN: "paused", ES: "en pausa"},
	Gone:      {EN: "ended by the receiver", ES: "terminado por el receptor"},
	Delivered: {EN: "delivered", ES: "entregada"},
	Dead:      {EN: "dead letter", ES: "fallida"},
	Replay:    {EN: "about to be sent again", ES: "por reenviar"},

	URLForm:          {EN: "must be an address such as https://example.com/events, without user, password or fragment, of at most 2000 characters", ES: "Escriba una dirección como https://example.com/eventos, sin usuario, contraseña ni fragmento, de 2000 caracteres como máximo"},
	PlainHTTP:        {EN: "must begin with https://; http:// is only for the networks of SOFIPO_WEBHOOK_NETWORKS", ES: "Debe comenzar con https://; http:// solo se permite en las redes de SOFIPO_WEBHOOK_NETWORKS"},
	ForbiddenAddress: {EN: "must have a public address over https, or one of the networks of SOFIPO_WEBHOOK_NETWORKS", ES: "Use una dirección pública con https, o una de las redes de SOFIPO_WEBHOOK_NETWORKS"},
	UnknownEvent:     {EN: "must be a type of events, as /asyncapi.json lists them", ES: "Use un tipo de evento de los que enumera /asyncapi.json"},
	OverlapHours:     {EN: "must be 0 to {most} hours", ES: "Escriba de 0 a {most} horas"},
}
