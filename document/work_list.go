package document

import (
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/lending/collections"
	"sofipo/core/money"
	"sofipo/document/layout"
	"sofipo/text"
	"sofipo/view"
)

// WorkList returns the overdue loans in order of priority. It reads them page by page.
func (i Issuer) WorkList(day civil.Date, ask func(view.Paging) (view.Page[view.WorkItem], error)) File {
	var n int64
	var overdue money.Amount
	rows := rowsOfPages(func(part view.Paging) (view.Page[view.WorkItem], error) {
		part.Limit /= 20
		return ask(part)
	}, func(l view.WorkItem) layout.Row {
		n, overdue = n+1, overdue+l.Overdue
		return layout.Row{Cells: cells(l.Number, l.Name, l.RFC, l.Product, l.Officer, l.Collector, l.DaysPastDue, bucketInSpanish(l.Bucket), l.Instalments, l.Overdue,
			i.contact(l.Contact), promiseInSpanish(l), layout.Label(l.Next), l.NextOn, l.Loan)}
	}, func() layout.Row {
		return layout.Row{Cells: cells("Total", loans(n), nil, nil, nil, nil, nil, nil, nil, overdue, nil, nil, nil, nil, nil), Total: true}
	})
	return i.report("gestion-de-cobranza-"+day.String(), "Gestión de cobranza", "préstamos con atraso al "+text.Of(text.ES, day), []layout.Heading{
		{Name: "Préstamo"}, {Name: "Cliente"}, {Name: "RFC"}, {Name: "Producto"}, {Name: "Ejecutivo"}, {Name: "Gestor"},
		{Name: "Días de atraso", Kind: layout.Count}, {Name: "Rango"}, {Name: "Amortizaciones vencidas", Kind: layout.Count}, {Name: "Importe vencido", Kind: layout.Money},
		{Name: "Último contacto"}, {Name: "Promesa de pago"}, {Name: "Siguiente acción"}, {Name: "Fecha de la acción", Kind: layout.Day},
		{Name: "Id del préstamo", Column: "credito", Kind: layout.ID, Data: true},
	}, rows)
}

// Visits returns the loans of a work list as a list of visits to print.
func (i Issuer) Visits(w view.Visits, collector string) File {
	list := layout.Visits{Institution: layout.Institution{Letterhead: i.Institution}, Date: w.Date, Collector: collector}
	for _, l := range w.Visits {
		list.Visits = append(list.Visits, layout.Visit{
			Client: l.Name, Address: addressOf(l.Addresses), Phone: phoneOf(l.Phones), Loan: l.Number, DaysPastDue: l.DaysPastDue, Instalments: l.Instalments, Overdue: l.Overdue,
			Contact: i.contact(l.Contact), Promise: promiseInSpanish(l.WorkItem),
		})
	}
	return File{Name: "visitas-" + w.Date.String(), PDF: list.PDF, Rows: func() int64 { return int64(len(list.Visits)) }}
}

// phoneOf returns the first telephone number, in groups of digits; empty if there is none.
func phoneOf(all []client.Phone) string {
	if len(all) == 0 {
		return ""
	}
	number := all[0].Number
	if len(number) == 10 {
		number = number[:2] + " " + number[2:6] + " " + number[6:]
	}
	if all[0].Extension != "" {
		number += " ext. " + all[0].Extension
	}
	return number
}

// Promises returns the promises to pay in a period, by collector.
func (i Issuer) Promises(r view.PromiseReport) File {
	row := func(name string, p view.PromiseRow, total bool) layout.Row {
		return layout.Row{Total: total, Cells: cells(name, p.Made, p.MadeAmount, p.Kept, p.KeptAmount, p.Broken, p.BrokenAmount, p.Cancelled, p.CancelledAmount, p.Open, p.OpenAmount, p.Received)}
	}
	var all []layout.Row
	for _, p := range r.Rows {
		all = append(all, row(p.Collector, p, false))
	}
	count := func(name string) []layout.Heading {
		return []layout.Heading{{Name: name, Kind: layout.Count}, {Name: "Importe de " + name, Kind: layout.Money}}
	}
	headings := []layout.Heading{{Name: "Gestor"}}
	for _, name := range []string{"promesas", "cumplidas", "incumplidas", "canceladas", "pendientes"} {
		headings = append(headings, count(name)...)
	}
	headings = append(headings, layout.Heading{Name: "Recibido", Kind: layout.Money})
	return i.report("promesas-"+r.From.String()+"-"+r.To.String(), "Promesas de pago", "promesas "+inDays(r.From, r.To), headings, layout.RowsOf(append(all, row("Total", r.Total, true))...))
}

// contact returns the date, the channel and the result of a contact.
func (i Issuer) contact(c *collections.Contact) string {
	if c == nil {
		return ""
	}
	return text.Of(text.ES, civil.DateOf(c.At.In(i.Location))) + ", " + text.Of(text.ES, c.Channel) + ": " + text.Of(text.ES, c.Result)
}

// promiseInSpanish returns the open promise of a loan, or that one was broken.
func promiseInSpanish(l view.WorkItem) string {
	switch {
	case l.Promise != nil:
		return text.Of(text.ES, l.Promise.Amount) + " a más tardar el " + text.Of(text.ES, l.Promise.Due)
	case l.Broken:
		return layout.Label(collections.Broken)
	}
	return ""
}
