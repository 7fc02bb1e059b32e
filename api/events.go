package api

import (
	"net/http"
	"time"

	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/wire"
	"sofipo/infra/eventlog"
	"sofipo/web"
)

var _ = mount(120, eventOperations)

var eventOperations = []operation{
	plain[EventPage](operation{
		method: http.MethodGet, path: "/api/v1/events", id: "read_events_api_v1_events_get",
		tag: "Events", summary: "List events", permission: event.ReadLog, status: http.StatusOK,
		about: "Lists business events from the event log, ordered by sequence, or by time if `from` or `to` is given.",
	}, findEvents),
}

type eventsInput struct {
	Subject   *id.ID     `query:"subject" doc:"Filter by subject: the id of a client, loan, product, user or manual entry."`
	EventType *string    `query:"event_type" doc:"Filter by event type." example:"payment_registered"`
	From      *time.Time `query:"from" doc:"Start time, inclusive: RFC 3339, or a date, which means midnight UTC."`
	To        *time.Time `query:"to" doc:"End time, exclusive: RFC 3339, or a date, which means midnight UTC."`
	Limit     int64      `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Maximum number of results."`
	Page      *string    `query:"page" doc:"Page token: the value of next in the previous response."`
	tableFormat
}

// EventPage is one page of the event log.
type EventPage struct {
	Events []event.Envelope `json:"events" doc:"Events, as published."`
	Next   *string          `json:"next" doc:"Token of the next page. Null on the last page."`
}

func (in *eventsInput) query() eventlog.Query {
	return eventlog.Query{
		Subject: given(in.Subject), EventType: given(in.EventType), From: given(in.From), To: given(in.To),
		Limit: int(in.Limit), Page: given(in.Page),
	}
}

// given returns the value of an optional field, or zero if the field was omitted.
func given[T any](optional *T) (value T) {
	if optional != nil {
		value = *optional
	}
	return value
}

func findEvents(s *server, c *call, in *eventsInput) error {
	if s.Events == nil {
		return fault.Refuse(fault.Unavailable).Because(fault.NoEventLog)
	}
	events, next, err := s.Events.Find(c.request.Context(), in.query())
	if err != nil {
		return web.EventLogAway(err)
	}
	body := []byte(`{"events":[`)
	for i, e := range events {
		if i > 0 {
			body = append(body, ',')
		}
		body = wire.JSON(body, e)
	}
	body = append(body, `],"next":`...)
	if next == "" {
		body = append(body, "null"...)
	} else {
		body = wire.Quote(body, next)
	}
	if next != "" {
		query := c.request.URL.Query()
		query.Set("page", next)
		c.Header().Set("Link", "<"+c.request.URL.EscapedPath()+"?"+query.Encode()+`>; rel="next"`)
	}
	c.answer(http.StatusOK, append(body, '}'))
	return nil
}
