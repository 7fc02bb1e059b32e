package collections

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of collection work.
const (
	PromiseNotFound  fault.Code = "promise_not_found"
	PromiseOpen      fault.Code = "promise_open"      // the loan has an open promise
	PromiseDecided   fault.Code = "promise_decided"   // the promise is no longer open, or its day is over
	NotCollectable   fault.Code = "not_collectable"   // the loan owes nothing in its state
	CollectorUnknown fault.Code = "collector_unknown" // no enabled user has the name
)

// The rules of fields.
const (
	OfVisit fault.Rule = "of_visit" // only a visit has the field
	Recent  fault.Rule = "recent"   // a time that is not in the future and not long ago
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: PromiseNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Promise not found", ES: "No se encontró la promesa de pago"}},
	{Code: PromiseOpen, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The loan has an open promise to pay {amount} until {promised_on}; cancel it first",
		ES: "El préstamo ya tiene una promesa de pagar {amount} a más tardar el {promised_on}; cancélela antes de registrar otra",
	}},
	{Code: PromiseDecided, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Only an open promise whose day is not over can be cancelled; this one is {promise_status}, promised for {promised_on}",
		ES: "Solo se puede cancelar una promesa pendiente cuya fecha no ha pasado; esta está {promise_status}, con fecha {promised_on}",
	}},
	{Code: NotCollectable, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Collection work is recorded only for loans that owe money; this loan is {loan_status}",
		ES: "La cobranza solo se registra en préstamos con adeudo; este préstamo está {loan_status}",
	}},
	{Code: CollectorUnknown, Class: fault.ClassConflict, Text: lang.Text{
		EN: "{collector} is not the name of an enabled user",
		ES: "{collector} no es el nombre de un usuario habilitado",
	}},
}

// Texts has the texts of the rules, channels, results, addresses, states and actions.
var Texts = lang.Texts{
	OfVisit: {EN: "is only for visits; leave it out", ES: "Solo se usa en visitas; omítalo"},
	Recent:  {EN: "must be in the last {days} days and not in the future", ES: "Debe ser de los últimos {days} días y no puede ser una hora futura"},

	Call:    {EN: "call", ES: "llamada"},
	Message: {EN: "message", ES: "mensaje"},
	Email:   {EN: "e-mail", ES: "correo electrónico"},
	Visit:   {EN: "visit", ES: "visita"},
	Letter:  {EN: "letter", ES: "carta"},

	Reached:      {EN: "reached", ES: "contactado"},
	Promises:     {EN: "promises to pay", ES: "promete pagar"},
	Refuses:      {EN: "refuses to pay", ES: "se niega a pagar"},
	Disputes:     {EN: "disputes the debt", ES: "no reconoce el adeudo"},
	ClaimsPaid:   {EN: "says that it is paid", ES: "dice que ya pagó"},
	OtherPerson:  {EN: "another person answered", ES: "atendió otra persona"},
	NotReached:   {EN: "not reached", ES: "no localizado"},
	WrongNumber:  {EN: "wrong number", ES: "número equivocado"},
	WrongAddress: {EN: "wrong address", ES: "domicilio equivocado"},
	Sent:         {EN: "sent", ES: "enviado"},
	Returned:     {EN: "returned", ES: "devuelto"},

	Home:      {EN: "home", ES: "domicilio"},
	Workplace: {EN: "workplace", ES: "trabajo"},
	Guarantor: {EN: "guarantor", ES: "aval"},
	Elsewhere: {EN: "other", ES: "otro"},

	Open:      {EN: "open", ES: "pendiente"},
	Kept:      {EN: "kept", ES: "cumplida"},
	Broken:    {EN: "broken", ES: "incumplida"},
	Cancelled: {EN: "cancelled", ES: "cancelada"},

	DoCall:    {EN: "call", ES: "llamar"},
	DoMessage: {EN: "send a message", ES: "enviar mensaje"},
	DoEmail:   {EN: "send an e-mail", ES: "enviar correo"},
	DoVisit:   {EN: "visit", ES: "visitar"},
	DoLetter:  {EN: "send a letter", ES: "enviar carta"},
	Await:     {EN: "await the promised payment", ES: "esperar el pago prometido"},
}
