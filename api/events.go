package api

import (
	"errors"
	"net/http"
	"time"

	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/wire"
	"sofipo/infra/eventlog"
)

var _ = mount(120, eventOperations)

var eventOperations = []operation{
	plain[EventPage](operation{
		method: http.MethodGet, path: "/api/v1/events", id: "read_events_api_v1_events_get",
		tag: "Events", summary: "Read Events", permission: event.ReadLog, status: http.StatusOK,
		about: "Finds business events in the event log: by sequence, or by time when from or to is given.",
	}, findEvents),
}

type eventsInput struct {
	Subject   *id.ID     `query:"subject" doc:"Only the events of this client, loan or user."`
	EventType *string    `query:"event_type" doc:"Only the events of this type." example:"payment_registered"`
	From      *time.Time `query:"from" doc:"The earliest time, inclusive: RFC 3339, or a date for its midnight in UTC."`
	To        *time.Time `query:"to" doc:"The time to stop before: RFC 3339, or a date for its midnight in UTC."`
	Limit     int64      `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"The most to give."`
	Page      *string    `query:"page" doc:"The mark of the next page, from the answer before."`
}

// EventPage is a part of the event log.
type EventPage struct {
	Events []event.Envelope `json:"events" doc:"The events, as they were published."`
	Next   *string          `json:"next" doc:"The mark of the next page; null behind the last."`
}

func (in *eventsInput) query() eventlog.Query {
	return eventlog.Query{
		Subject: given(in.Subject), EventType: given(in.EventType), From: given(in.From), To: given(in.To),
		Limit: int(in.Limit), Page: given(in.Page),
	}
}

// given is the value of an optional field, zero when it was left out.
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
		var known *fault.Error
		if errors.As(err, &known) {
			return err
		}
		away := fault.Refuse(fault.Unavailable).Because(fault.EventLogAway)
		away.Cause = err
		return away
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
	c.answer(http.StatusOK, append(body, '}'))
	return nil
}
