package api

import (
	"context"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/view"
)

var _ = mount(121, auditOperations)

var auditOperations = []operation{
	asked(operation{
		path: "/api/v1/audit", id: "read_audit_api_v1_audit_get",
		tag: "Events", summary: "List who did what", permission: event.ReadLog, effect: lists,
		about: "Lists the operations that users carried out, and those that were refused because of their permissions, scope or limits, oldest first. " +
			"Without a period, the list is that of the business date, or with `client_id` of all days in the database: old months of the journal may be detached. A period that begins in one of them is refused.",
		refusals: []fault.Code{accounting.JournalDetached},
	}, func(ctx context.Context, s *server, by view.By, in *auditInput) (rows []view.AuditRow, next id.ID, err error) {
		err = s.onToday(ctx, by, func(today civil.Date) error {
			q, err := in.query(today, s.Location)
			if err == nil {
				rows, next, err = listed(s.View.Audit(ctx, by, q))
			}
			return err
		})
		return rows, next, err
	}),
	asked(operation{
		path: "/api/v1/audit/viewings", id: "read_viewings_api_v1_audit_viewings_get",
		tag: "Events", summary: "List who saw clients' data", permission: event.ReadLog, effect: lists,
		about: "Lists who saw the files, documents, statements, phones and addresses of clients, oldest first. A viewing is listed some seconds after it. " +
			"Without a period, the list is that of the business date, or with `client_id` of all days.",
	}, func(ctx context.Context, s *server, by view.By, in *viewingsInput) (rows []client.Viewing, next id.ID, err error) {
		err = s.onToday(ctx, by, func(today civil.Date) error {
			q, err := (&auditInput{Actor: in.Actor, ClientID: in.ClientID, From: in.From, To: in.To}).query(today, s.Location)
			if err == nil {
				rows, next, err = listed(s.View.Viewings(ctx, by, view.ViewingQuery{Actor: q.Actor, Client: q.Client, From: q.From, To: q.To, Paging: in.page()}))
			}
			return err
		})
		return rows, next, err
	}),
}

type viewingsInput struct {
	Actor    *string     `query:"actor" doc:"Filter by the user who saw the data." example:"ana"`
	ClientID *id.ID      `query:"client_id" doc:"Filter by client."`
	From     *civil.Date `query:"from" doc:"First day, in the institution's time zone. Defaults to the last day, or with client_id to the beginning. Without client_id, a period has at most 366 days."`
	To       *civil.Date `query:"to" doc:"Last day. Defaults to the business date."`
	pageOfRows
}

type auditInput struct {
	Actor    *string     `query:"actor" doc:"Filter by the user who did it." example:"ana"`
	ClientID *id.ID      `query:"client_id" doc:"Filter by client."`
	Action   *string     `query:"action" doc:"Filter by operation, such as receive_payment. Refusals may have the name of the missing permission instead." example:"receive_payment"`
	From     *civil.Date `query:"from" doc:"First day, in the institution's time zone. Defaults to the last day, or with client_id to the beginning. Without client_id, a period has at most 366 days."`
	To       *civil.Date `query:"to" doc:"Last day. Defaults to the business date."`
	inboxInput
}

// query returns the question, with defaults applied. Nothing is later than the business date.
func (in *auditInput) query(today civil.Date, zone *time.Location) (q view.AuditQuery, err error) {
	to := or(in.To, today)
	q = view.AuditQuery{Actor: given(in.Actor), Action: given(in.Action), Client: given(in.ClientID), Paging: in.page()}
	if in.From != nil || in.ClientID == nil {
		from := or(in.From, to)
		if in.ClientID == nil {
			_, _, err = (&moneyInput{booksRange: booksRange{&from, &to}}).span(today)
		} else {
			_, _, err = (&booksRange{&from, &to}).days(today)
		}
		q.From = begin(from, zone)
	}
	if to.Before(today) {
		q.To = begin(to.AddDays(1), zone)
	} else {
		q.To = begin(today.AddDays(1), zone)
	}
	return q, err
}

// begin returns the first moment of a day in a time zone.
func begin(d civil.Date, zone *time.Location) time.Time {
	return time.Date(int(d.Year), time.Month(d.Month), int(d.Day), 0, 0, 0, 0, zone)
}
