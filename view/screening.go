package view

import (
	"context"

	screens "sofipo/bank/screening"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/screening"
	"sofipo/infra/db"
)

// ScreeningLists returns the lists, each with its version in force. Refused with
// access.Forbidden.
func (v *View) ScreeningLists(ctx context.Context, by By) (all []screening.List, err error) {
	if err := by.may(screening.Read); err != nil {
		return nil, err
	}
	columns, batch := screens.Lists.Columns, &db.Batch{}
	batch.Query("SELECT "+columns.List("")+" FROM screening_lists ORDER BY code", func(s db.Scanner) error {
		var l screening.List
		err := columns.Scan(s, &l)
		all = append(all, l)
		return err
	})
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}

// ScreeningVersions returns a page of the versions of a list, oldest first. Refused with
// access.Forbidden.
func (v *View) ScreeningVersions(ctx context.Context, by By, list screening.ListCode, part Paging) (Page[screening.Version], error) {
	var all []screening.Version
	err := by.may(screening.Read)
	if err == nil && storable(string(list)) {
		columns, batch := screens.Versions.Columns, &db.Batch{}
		batch.Query("SELECT "+columns.List("")+" FROM screening_versions WHERE list = $1 AND id > $2 ORDER BY id LIMIT $3", func(s db.Scanner) error {
			var row screens.StoredVersion
			err := columns.Scan(s, &row)
			if err == nil {
				err = screens.Versions.Read(&row)
			}
			all = append(all, row.Version)
			return err
		}, string(list), after(part.After), part.Limit)
		err = v.ask(ctx, by.Need, batch, func() { all = nil })
	}
	return pageOf(all, part.Limit, func(v screening.Version) id.ID { return v.ID }), err
}

// AlertFilter selects alerts. Empty fields select all.
type AlertFilter struct {
	Status   screening.Status
	List     screening.ListCode
	ClientID id.ID
}

// Alerts returns a page of alerts, oldest first. Refused with access.Forbidden.
func (v *View) Alerts(ctx context.Context, by By, which AlertFilter, part Paging) (Page[screening.Alert], error) {
	var all []screening.Alert
	err := by.may(screening.Read)
	if err == nil && storable(string(which.List)) {
		columns, batch := screens.Alerts.Columns, &db.Batch{}
		where, values := "id > $1", []any{after(part.After), part.Limit, string(which.Status), string(which.List)}
		where += " AND ($3 = '' OR status = $3) AND ($4 = '' OR list = $4)"
		if !which.ClientID.IsZero() {
			where, values = where+" AND client_id = $5", append(values, which.ClientID)
		}
		batch.Query("SELECT "+columns.List("")+" FROM screening_alerts WHERE "+where+" ORDER BY id LIMIT $2", func(s db.Scanner) error {
			var a screening.Alert
			err := columns.Scan(s, &a)
			if err == nil {
				err = screens.Alerts.Read(&a)
			}
			all = append(all, a)
			return err
		}, values...)
		err = v.ask(ctx, by.Need, batch, func() { all = nil })
	}
	return pageOf(all, part.Limit, func(a screening.Alert) id.ID { return a.ID }), err
}

// AlertEntry returns the entry of a list that an alert is about. Refused with
// screening.AlertNotFound or access.Forbidden.
func (v *View) AlertEntry(ctx context.Context, by By, alert id.ID) (e screening.Entry, err error) {
	if err := by.may(screening.Read); err != nil {
		return e, err
	}
	columns, batch := screens.Entries.Columns, &db.Batch{}
	batch.Query("SELECT "+columns.List("e")+" FROM screening_alerts a JOIN screening_entries e ON e.id = a.entry_id WHERE a.id = $1", func(s db.Scanner) error {
		return columns.Scan(s, &e)
	}, alert)
	err = v.ask(ctx, by.Need, batch, func() { e = screening.Entry{} })
	if err == nil && e.ID.IsZero() {
		err = fault.Refuse(screening.AlertNotFound)
	}
	return e, err
}
