package console

import (
	"cmp"

	"sofipo/core/accounting"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/text"
	"sofipo/view"
)

// Addresses of the pages on which a user takes the next step.
const (
	toApprovals   = Root + "approvals"
	toCollections = Root + "collections"
	toDays        = Root + "days"
	toTill        = Root + "till"
	toClients     = Root + "clients/"
	toIncoming    = Root + "incoming"
)

// atMost limits the tasks of each kind.
const atMost = 12

var taskPhrases = phrases{
	"Approval":                             "Autorización",
	"Entry":                                "Póliza",
	"{what}, asked for by {who}: {reason}": "{what}, a petición de {who}: {reason}",
	"entered by {who}":                     "la capturó {who}",
	"client’s exposure":                    "exposición del cliente",
	"in all":                               "en total",
	"Promised to pay on {date} and did not, {number}": "Prometió pagar el {date} y no cumplió, {number}",
	"Promised to pay today, {number}":                 "Prometió pagar hoy, {number}",
	"promised":                                        "prometido",
	"Contact":                                         "Contactar",
	"To disburse":                                     "Por entregar",
	"Approved, {number}":                              "Autorizado, {number}",
	"approved":                                        "autorizado",
	"To correct":                                      "Por corregir",
	"Returned by {who}: {reason}":                     "Devuelta por {who}: {reason}",
	"asked for":                                       "solicitado",
	"Correct it":                                      "Corregir",
	"Prepare":                                         "Preparar",
	"The file is not complete, {number}":              "Falta completar el expediente, {number}",
	"The file was complete until {date}, {number}": "El expediente estuvo completo hasta el {date}, {number}",
	"Complete it": "Completar",
	"Your till {till} has been open since {date}":   "Su caja {till} está abierta desde el {date}",
	"Count and close it before you use it again":    "Cuente el efectivo y ciérrela antes de volver a usarla",
	"The till {till} has been open since {date}":    "La caja {till} está abierta desde el {date}",
	"{who}; it blocks the close of that day":        "{who}; impide cerrar ese día",
	"{who}; that day was closed with the till open": "{who}; ese día se cerró con la caja abierta",
	"See the tills": "Ver cajas",
	"Close":         "Cierre",
	"The scheduled close of {time} did not start":                               "El cierre programado de las {time} no inició",
	"{n} {n|day is|days are} open since {date}; {t} {t|till is|tills are} open": "{n|Falta|Faltan} {n} {n|día|días} por cerrar desde el {date}; {t} {t|caja sigue abierta|cajas siguen abiertas}",
	"{n} {n|day is|days are} open since {date}":                                 "{n|Falta|Faltan} {n} {n|día|días} por cerrar desde el {date}",
	"Days to close":                         "Días por cerrar",
	"The close is running":                  "El cierre está en curso",
	"See the close":                         "Ver el cierre",
	"{n} unidentified {n|deposit|deposits}": "{n} {n|depósito|depósitos} por identificar",
	"Nobody has found their loans yet":      "Aún no se sabe a qué préstamo corresponden",
	"unidentified":                          "por identificar",
	"The program":                           "El sistema",
}

// tasks returns what waits for the user, the urgent things first. Each question is one that the
// user may ask.
func (v *visit) tasks() (all []task, err error) {
	for _, ask := range []struct {
		need  func() bool
		tasks func() ([]task, error)
	}{
		{func() bool { return v.may(accounting.CloseDays) || v.may(settlement.Manage) }, v.closeTasks},
		{func() bool { return v.may(settlement.Read) }, v.tillTasks},
		{func() bool { return v.may(collections.Work) && v.may(collections.Read) }, v.promiseTasks},
		{func() bool { return v.may(authority.Read) }, v.inboxTasks},
		{func() bool { return v.may(incoming.Resolve) && v.may(incoming.Read) }, v.depositTasks},
		{func() bool { return v.may(loan.Apply) && v.may(loan.Read) }, v.returnedTasks},
		{func() bool { return v.may(loan.Disburse) && v.may(loan.Apply) && v.may(loan.Read) }, v.disbursementTasks},
		{func() bool { return v.may(client.WriteFile) && v.may(client.ReadFile) }, v.fileTasks},
	} {
		if !ask.need() {
			continue
		}
		more, err := ask.tasks()
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// closeTasks has the days that wait for their close.
func (v *visit) closeTasks() ([]task, error) {
	clock := civil.DateOf(v.now.In(v.Location))
	c, err := v.View.ToClose(v.r.Context(), clock, v.need())
	if err != nil || c.Days == 0 && !c.Running {
		return nil, err
	}
	t := task{Kind: v.say("Close"), Who: v.say("Days to close"), Why: v.say("{n} {n|day is|days are} open since {date}", "n", c.Days, "date", c.Next), Path: v.link(toDays), Step: v.say("See the close"), waiting: toDays}
	if c.Running {
		t.Who, t.Why = v.say("The close is running"), v.say("Close of {date}", "date", c.Next)
		return []task{t}, nil
	}
	if v.CloseAt != "" && v.clock(v.now) >= v.CloseAt {
		t.Urgent, t.Who = true, v.say("The scheduled close of {time} did not start", "time", v.CloseAt)
	}
	review, err := v.View.CloseReview(v.r.Context(), v.by(), clock.AddDays(-1))
	if err != nil {
		return nil, err
	}
	if blocking := int64(len(review.Tills)) + review.Others; blocking > 0 {
		t.Why = v.say("{n} {n|day is|days are} open since {date}; {t} {t|till is|tills are} open", "n", c.Days, "date", c.Next, "t", blocking)
	}
	return []task{t}, nil
}

// tillTasks has the tills that are open since an earlier day: the user's own one, or all for which the
// user answers.
func (v *visit) tillTasks() (all []task, err error) {
	open, err := v.View.OpenTills(v.r.Context(), v.by())
	if err != nil {
		return nil, err
	}
	for _, o := range open {
		own := o.Teller == v.who.User.Username
		if !o.BusinessDate.Before(v.today) || !own && !v.may(settlement.Manage) {
			continue
		}
		t := task{Kind: v.say("Till"), Urgent: true, Who: v.say("The till {till} has been open since {date}", "till", o.Till, "date", o.BusinessDate), Path: v.link(Root + "admin/tills"), Step: v.say("See the tills"), waiting: toTill}
		switch who := v.person(o.Teller); {
		case own:
			t.Who, t.Why = v.say("Your till {till} has been open since {date}", "till", o.Till, "date", o.BusinessDate), v.say("Count and close it before you use it again")
			t.Path, t.Step = v.link(toTill+"/count"), v.say("Count and close")
		case o.Closed:
			t.Why = v.say("{who}; that day was closed with the till open", "who", who)
		default:
			t.Why = v.say("{who}; it blocks the close of that day", "who", who)
		}
		all = append(all, t)
	}
	return all, nil
}

// promiseTasks has the promises of today and the broken ones.
func (v *visit) promiseTasks() (all []task, err error) {
	promises, err := v.View.PromisesDue(v.r.Context(), v.by(), v.today, atMost)
	for _, p := range promises {
		number := folio.Loan.Print(p.Number)
		t := task{
			Kind: v.say("Promise"), Who: p.Client, Why: v.say("Promised to pay today, {number}", "number", number), Amount: p.Amount, Of: v.say("promised"),
			Path: v.link(loansPath + number), Step: v.say("Contact"), waiting: toCollections,
		}
		if p.Status == collections.Broken {
			t.Kind, t.Urgent, t.Why = v.say("Broken promise"), true, v.say("Promised to pay on {date} and did not, {number}", "date", p.Due, "number", number)
		}
		all = append(all, t)
	}
	return all, err
}

// inboxTasks has what the user may decide.
func (v *visit) inboxTasks() (all []task, err error) {
	inbox, err := v.View.Inbox(v.r.Context(), v.by(), view.InboxQuery{Today: v.today, Paging: view.Paging{Limit: atMost}})
	if err != nil || len(inbox.Items) == 0 {
		return nil, err
	}
	names := map[id.ID]view.Named{}
	if v.may(client.Read) {
		var clients, loans []id.ID
		for _, w := range inbox.Items {
			clients, loans = append(clients, w.ClientID), append(loans, w.Subject)
		}
		if names, err = v.View.NamesOf(v.r.Context(), v.by(), clients, loans); err != nil {
			return nil, err
		}
	}
	for _, w := range inbox.Items {
		t := task{Kind: v.say("Approval"), Who: cmp.Or(names[w.Subject].Client, names[w.ClientID].Client), Amount: w.Exposure, Of: v.say("client’s exposure"), Path: v.link(toApprovals), Step: v.say("Review"), waiting: toApprovals}
		switch who := v.person(w.MadeBy); w.Kind {
		case view.WaitingApplication:
			t.Kind, t.Why = v.say("Application"), v.say("entered by {who}", "who", who)
			if n := names[w.Subject].Number; n != 0 {
				t.Why = folio.Loan.Print(n) + ", " + t.Why
			}
		case view.WaitingManualEntry:
			t.Kind, t.Who, t.Why, t.Of = v.say("Entry"), w.Reason, v.say("entered by {who}", "who", who), v.say("in all")
			t.Path, t.waiting = v.link(manualPath+w.ID.String()), entriesPath
		default:
			what := capital(text.Of(v.lang, authority.Operation(w.Operation)))
			t.Why = v.say("{what}, asked for by {who}: {reason}", "what", what, "who", who, "reason", w.Reason)
			t.Who = cmp.Or(t.Who, what)
		}
		if t.Amount == 0 {
			t.Of = ""
		}
		all = append(all, t)
	}
	return all, nil
}

// depositTasks has the deposits without a loan.
func (v *visit) depositTasks() ([]task, error) {
	u, err := v.View.Unidentified(v.r.Context(), v.by())
	if err != nil || u.Count == 0 {
		return nil, err
	}
	return []task{{
		Kind: v.say("Deposits"), Who: v.say("{n} unidentified {n|deposit|deposits}", "n", u.Count), Why: v.say("Nobody has found their loans yet"),
		Amount: u.Amount, Of: v.say("unidentified"), Path: v.link(toIncoming), Step: v.say("Assign"), waiting: toIncoming,
	}}, nil
}

// disbursementTasks has the approved loans of an officer.
func (v *visit) disbursementTasks() (all []task, err error) {
	loans, err := v.View.OwnToDisburse(v.r.Context(), v.by(), atMost)
	for _, l := range loans {
		number := folio.Loan.Print(l.Number)
		all = append(all, task{
			Kind: v.say("To disburse"), Who: l.Client, Why: v.say("Approved, {number}", "number", number), Amount: l.Amount, Of: v.say("approved"),
			Path: v.link(loansPath + number), Step: v.say("Prepare"),
		})
	}
	return all, err
}

// returnedTasks has the applications that were returned to the user for correction.
func (v *visit) returnedTasks() (all []task, err error) {
	returned, err := v.View.OwnReturned(v.r.Context(), v.by(), atMost)
	for _, r := range returned {
		all = append(all, task{
			Kind: v.say("To correct"), Who: r.Client, Why: v.say("Returned by {who}: {reason}", "who", v.person(r.By), "reason", r.Reason), Amount: r.Amount, Of: v.say("asked for"),
			Path: v.link(loansPath + folio.Loan.Print(r.Number)), Step: v.say("Correct it"),
		})
	}
	return all, err
}

// fileTasks has the incomplete files of an officer's clients.
func (v *visit) fileTasks() (all []task, err error) {
	files, err := v.View.IncompleteFiles(v.r.Context(), v.by(), v.today, atMost)
	for _, f := range files {
		number := folio.Client.Print(f.Number)
		t := task{Kind: v.say("File"), Who: f.Client, Why: v.say("The file is not complete, {number}", "number", number), Path: v.link(toClients + number), Step: v.say("Complete it")}
		if f.Since.After(civil.On(1, 1, 1)) {
			t.Why = v.say("The file was complete until {date}, {number}", "date", f.Since, "number", number)
		}
		all = append(all, t)
	}
	return all, err
}
