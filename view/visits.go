package view

import (
	"context"

	"sofipo/bank/clients"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// Visits are the first overdue loans of a work list, with where to find their clients.
type Visits struct {
	Date   civil.Date // business date of the amounts
	Visits []Visit
}

// Visit is an overdue loan whose client is to be visited.
type Visit struct {
	WorkItem
	Addresses []client.Address // of the client's file
	Phones    []client.Phone
}

// Visits returns the first loans of a work list. Refused as WorkList is.
func (v *View) Visits(ctx context.Context, by By, which Work, clock civil.Date, limit int64) (out Visits, err error) {
	w, err := v.WorkList(ctx, by, which, clock, Paging{Limit: limit})
	if err != nil {
		return out, err
	}
	out.Date = w.Date
	people := make([]id.ID, 0, len(w.Loans.Items))
	for _, one := range w.Loans.Items {
		people = append(people, one.Client)
	}
	files := map[id.ID]client.File{}
	batch := &db.Batch{}
	batch.Query("SELECT f.client_id, f.body FROM client_files f WHERE f.client_id = ANY($1::uuid[])", func(s db.Scanner) error {
		var row clients.StoredFile
		err := clients.Files.Columns.Pick("client_id", "body").Scan(s, &row)
		if err == nil {
			err = clients.Files.Read(&row)
		}
		files[row.ClientID] = row.File
		return err
	}, people)
	err = v.ask(ctx, by.Need, batch, func() { clear(files) })
	for _, one := range w.Loans.Items {
		out.Visits = append(out.Visits, Visit{one, files[one.Client].Addresses, files[one.Client].Phones})
	}
	return out, err
}
