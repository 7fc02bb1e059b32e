package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sofipo/bank"
	deciding "sofipo/bank/authority"
	"sofipo/bank/lending"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/settlement"
	"sofipo/core/staff"
	"sofipo/text"
	"sofipo/view"
	"sofipo/web"
)

const approvalsPath = Root + "approvals"

var approvalRoutes = []route{
	{"GET " + approvalsPath, authority.Read, (*visit).approvals},
	{"GET " + approvalsPath + "/{item}", authority.Read, (*visit).approvals},
	{"POST " + approvalsPath + "/{item}", authority.Read, (*visit).decide},
}

// approvalsPage is the inbox of what waits for a decision of the user, and the chosen item.
type approvalsPage struct {
	Form           *form
	Waiting        []waitingRow
	More           bool // there are more than the page shows
	Chosen         *decision
	Next, Previous string // addresses of the neighbours of the chosen item
	Listed         bool   // the list was asked for, not an item: a phone shows only the list
}

// waitingRow is an item of the inbox.
type waitingRow struct {
	Path, Client, What, When string
	Amount                   money.Amount
	Current                  bool
}

// decision is what a decider must see of an application or a request.
type decision struct {
	Path         string
	Title        string
	Client       string
	ClientNumber folio.Number
	Loan         folio.Number
	Asks         string // who asks, since when
	Reason       string // of a request
	State        pill
	Figures      []figure
	Exposure     []exposureRow
	Total        money.Amount
	Limit        money.Amount // of the user, for the exposure; 0 if none applies
	TotalBar     string
	Checks       []check
	Open         bool // it waits for a decision
	May          bool // the user may approve it now
	Returnable   bool // it is an application that may be returned for correction
	Rejectable   bool // it may be rejected
	Approve      string
	Asker        string
	Amount       money.Amount // of an application
	Terms        []fact       // arguments of a request
	Decided      string       // who decided, when and why
}

// figure is a tile: a value with a note. Kind is that of the note: good, warn, bad or none.
type figure struct{ Label, Value, Note, Kind string }

// check is a condition with its state: ok, warn or bad. Path is where it can be corrected.
type check struct{ Kind, Text, Sub, Path, Link string }

// exposureRow is a part of what the client owes or asks for. The bar begins at Left.
type exposureRow struct {
	Label       string
	Amount      money.Amount
	Left, Width string
	New         bool
}

var approvalsScreen = declare[approvalsPage]("approvals")

var approvalPhrases = phrases{
	"Waiting":                       "Pendientes",
	"{n} waiting for your decision": "{n} {n|espera|esperan} su decisión",
	"Applications and operations above the limit of the person who asks appear here when you may decide them.": "Aquí aparecen las solicitudes y las operaciones que rebasan el límite de quien las pide, cuando usted puede decidirlas.",
	"oldest first":                    "por antigüedad",
	"Everything that is waiting":      "Todos los pendientes",
	"Choose one from the list":        "Elija uno de la lista",
	"{product} of {amount}":           "{product} por {amount}",
	"asked for by {who}, {when}":      "a petición de {who}, {when}",
	"Waiting for a decision":          "Espera decisión",
	"Rate and CAT":                    "Tasa y CAT",
	"CAT {cat} without IVA":           "CAT {cat} sin IVA",
	"Ability to pay":                  "Capacidad de pago",
	"of the monthly income":           "del ingreso mensual",
	"income not in the file":          "ingreso no registrado",
	"Today, {n} {n|loan|loans}":       "Hoy, {n} {n|préstamo|préstamos}",
	"Other applications":              "Otras solicitudes",
	"nothing is late":                 "sin atrasos",
	"up to {n} {n|day|days} late":     "hasta {n} {n|día|días} de atraso",
	"first loan":                      "primer préstamo",
	"Exposure with this":              "Exposición con esta operación",
	"This application":                "Esta solicitud",
	"Total, of your limit of {limit}": "Total, de su límite de {limit}",
	"You can approve it: your limit is {limit} per client":      "Puede autorizar: su límite es {limit} por cliente",
	"You can approve it: your role has no limit":                "Puede autorizar: su perfil no tiene límite",
	"You cannot approve it":                                     "No puede autorizar",
	"Another person asked for it":                               "Otra persona hizo la solicitud",
	"You asked for it yourself":                                 "Usted hizo la solicitud",
	"The client's file is complete":                             "Expediente del cliente completo",
	"{n} {n|item is|items are} missing in the client's file":    "{n} {n|dato falta|datos faltan} en el expediente",
	"Another application or loan of the last 30 days":           "Otra solicitud o préstamo en los últimos 30 días",
	"{number}, {amount}":                                        "{number}, {amount}",
	"See":                                                       "Ver",
	"Required to reject. {who} reads it, and the log keeps it.": "Obligatorio para rechazar. Lo lee {who} y queda en la bitácora.",
	"Approve {amount}":                                          "Autorizar {amount}",
	"Approve":                                                   "Autorizar",
	"Required to return. {who} reads it, and the log keeps it.": "Obligatorio para devolver. Lo lee {who} y queda en la bitácora.",
	"Write the reason":                                          "Escriba el motivo",
	"Choose one of the decisions that are offered.":             "Elija una de las decisiones que se ofrecen.",
	"Return for correction":                                     "Devolver para corregir",
	"Returned for correction: {title}":                          "Devuelta para corregir: {title}",
	"Required to reject or to return. {who} reads it, and the log keeps it.": "Obligatorio para rechazar o devolver. Lo lee {who} y queda en la bitácora.",
	"Approved: {title}":                    "Autorizado: {title}",
	"Rejected: {title}":                    "Rechazado: {title}",
	"Amount that counts against the limit": "Importe que cuenta contra el límite",
	"{n} {n|day|days} ago":                 "hace {n} {n|día|días}",
	"Expires on":                           "Vence el",
	"What is asked for":                    "Qué se pide",
	"Decided":                              "Decisión",
	"There are more than this list shows; they appear as you decide these.": "Hay más pendientes de los que muestra esta lista; aparecerán conforme decida estos.",
	"Previous":  "Anterior",
	"Following": "Siguiente",
}

// approvals shows the inbox, with the item in the address or else the first one beside it.
func (v *visit) approvals() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	page, err := v.inbox(f, v.r.PathValue("item"))
	if err != nil {
		return err
	}
	return approvalsScreen.show(v, page)
}

// inbox returns the page with a chosen item; the first one if the item is empty.
func (v *visit) inbox(f *form, item string) (page approvalsPage, err error) {
	page.Form, page.Listed = f, item == ""
	all, err := v.View.Inbox(v.r.Context(), v.by(), view.InboxQuery{Today: v.today, Paging: view.Paging{Limit: rowsPerPage}})
	if err != nil {
		return page, err
	}
	page.More = !all.Next.IsZero()
	at := -1
	for _, w := range all.Items {
		if w.Kind == view.WaitingManualEntry {
			continue // decided where entries are
		}
		row := v.waiting(w)
		if item == "" {
			item = strings.TrimPrefix(row.Path, approvalsPath+"/")
		}
		if row.Path == approvalsPath+"/"+item {
			row.Current, at = true, len(page.Waiting)
		}
		page.Waiting = append(page.Waiting, row)
	}
	if at > 0 {
		page.Previous = page.Waiting[at-1].Path
	}
	if at+1 < len(page.Waiting) {
		page.Next = page.Waiting[at+1].Path
	}
	if item != "" {
		page.Chosen, err = v.decision(item)
	}
	return page, err
}

// waiting returns an item of the inbox as a row.
func (v *visit) waiting(w view.Waiting) waitingRow {
	row := waitingRow{Path: approvalsPath + "/" + w.ID.String(), Client: w.ClientName, What: capital(text.Of(v.lang, authority.Operation(w.Operation))), Amount: w.Exposure, When: v.at(w.MadeAt)}
	if w.Kind == view.WaitingApplication {
		row.Path, row.What, row.Amount = approvalsPath+"/"+folio.Loan.Print(w.Loan), v.say("Application")+" "+folio.Loan.Print(w.Loan), w.Amount
	}
	if row.Client == "" {
		row.Client = row.What
		row.What = v.person(w.MadeBy)
	}
	return row
}

// decision returns what is to be decided: an application by its number, or a request by its id.
func (v *visit) decision(item string) (*decision, error) {
	if requestID, err := id.Parse(item); err == nil {
		return v.requestDecision(requestID)
	}
	f, err := v.loanNamed(item)
	if err != nil {
		return nil, err
	}
	d := &decision{
		Path: approvalsPath + "/" + folio.Loan.Print(f.Loan.Number), Client: f.Client.FullName, ClientNumber: f.Client.Number, Loan: f.Loan.Number,
		Title: v.say("{product} of {amount}", "product", f.Product.Name, "amount", f.Loan.Amount), Amount: f.Loan.Amount,
		Asks: v.say("asked for by {who}, {when}", "who", v.person(f.Loan.AppliedBy), "when", v.at(f.Applied())), Asker: v.person(f.Loan.AppliedBy),
		State: v.stateOf(f.Loan.Status), Approve: v.say("Approve {amount}", "amount", f.Loan.Amount),
	}
	d.Returnable = servicing.CanBecome(f.Loan.Status, servicing.Returned) && v.may(loan.Approve)
	d.Rejectable = servicing.CanBecome(f.Loan.Status, servicing.Rejected) && v.may(loan.Approve)
	if s := f.Returned(); s != nil {
		d.Reason = s.Reason
	}
	if d.Open = f.Loan.Status == servicing.Applied; d.Open {
		d.State = pill{"warn", v.say("Waiting for a decision")}
		err = v.verdict(d, staff.Approving, verdict(v, lending.ApproveLoan{LoanID: f.Loan.ID}))
	}
	if err != nil {
		return nil, err
	}
	asked := askedTerms{f.Product, f.Loan.Amount, f.Loan.Rate, int(f.Loan.Periods), f.Loan.FirstDue}
	plan, err := asked.plan(v.today)
	if _, refused := errors.AsType[*fault.Error](err); err != nil && !refused {
		return nil, err
	}
	if err == nil {
		d.Figures = append(d.Figures,
			figure{v.say("First payment"), text.Of(v.lang, plan.Rows[0].Total), v.say("{n} {n|payment|payments}, {frequency}", "n", len(plan.Rows), "frequency", plan.Terms.Frequency), ""},
			figure{v.say("Rate and CAT"), text.Of(v.lang, f.Loan.Rate), v.say("CAT {cat} without IVA", "cat", plan.CAT.Percent()+"\u00a0%"), ""})
	} else {
		plan = nil
	}
	mine := func(s loan.Step) bool { return s.Kind == loan.StepEdited && s.MadeBy == v.who.User.Username }
	if f.Loan.AppliedBy == v.who.User.Username || slices.ContainsFunc(f.Steps, mine) {
		d.Checks = append(d.Checks, check{Kind: "warn", Text: v.say("You asked for it yourself")})
	} else {
		d.Checks = append(d.Checks, check{Kind: "ok", Text: v.say("Another person asked for it")})
	}
	if err := v.fillFileCheck(d, f.Client, plan); err != nil {
		return nil, err
	}
	return d, v.fillExposure(d, f.Client.ID, f.Loan.Number)
}

// verdict returns why the user may not carry out a command now, or nil.
func verdict[A any](v *visit, c bank.Command[A]) error {
	done, err := bank.Preview(v.r.Context(), v.Bank, bank.By{Actor: v.who.User.Username}, []bank.Command[A]{c})
	if err == nil {
		err = done[0].Err
	}
	return err
}

// verdict adds to a decision whether the user may approve it. Errors other than refusals
// are returned.
func (v *visit) verdict(d *decision, o staff.Operation, err error) error {
	refusal, refused := errors.AsType[*fault.Error](err)
	if err != nil && (!refused || web.Status(refusal.Code) == 0 || refusal.Code == fault.Unavailable) {
		return err
	}
	limit := v.who.Role.Limits.Of(o)
	switch {
	case err != nil:
		d.Checks = append(d.Checks, check{Kind: "bad", Text: v.say("You cannot approve it"), Sub: web.Title(v.lang, refusal)})
	case limit >= staff.Unlimited || o == "":
		d.May = true
		d.Checks = append(d.Checks, check{Kind: "ok", Text: v.say("You can approve it: your role has no limit")})
	default:
		d.May, d.Limit = true, limit
		d.Checks = append(d.Checks, check{Kind: "ok", Text: v.say("You can approve it: your limit is {limit} per client", "limit", limit)})
	}
	return nil
}

// fillFileCheck adds the state of the client's file, and the payment against the income.
func (v *visit) fillFileCheck(d *decision, c client.Client, plan *schedule.Schedule) error {
	if !v.may(client.ReadFile) {
		return nil
	}
	file, err := v.View.Dossier(v.r.Context(), v.by(), c.ID, v.today)
	if err != nil {
		return err
	}
	path := pathOfClient(c.Number)
	if n := len(file.Missing); n > 0 {
		d.Checks = append(d.Checks, check{"warn", v.say("{n} {n|item is|items are} missing in the client's file", "n", n), v.missing(file.Missing), path, v.say("See")})
	} else {
		d.Checks = append(d.Checks, check{Kind: "ok", Text: v.say("The client's file is complete"), Path: path, Link: v.say("See")})
	}
	if plan != nil {
		d.Figures = append(d.Figures, v.capacity(file, plan))
	}
	return nil
}

// missing lists what is missing in a file.
func (v *visit) missing(all []client.Requirement) string {
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = text.Of(v.lang, r)
	}
	return capital(strings.Join(names, ", "))
}

// capacity compares the payments of a month with the monthly income in the file.
func (v *visit) capacity(file client.Dossier, plan *schedule.Schedule) figure {
	f := figure{Label: v.say("Ability to pay"), Value: "—", Note: v.say("income not in the file"), Kind: "warn"}
	income := file.File.MonthlyIncome
	if income <= 0 {
		return f
	}
	perYear := plan.Terms.Frequency.PerYear()
	if perYear == 0 {
		perYear = int64(365 / max(plan.Terms.PeriodDays, 1))
	}
	share := int64(plan.Rows[0].Total) * perYear * 100 / (12 * int64(income))
	f.Value, f.Note, f.Kind = fmt.Sprintf("%d\u00a0%%", share), v.say("of the monthly income"), ""
	if share > mostOfIncome {
		f.Kind = "bad"
	}
	return f
}

// mostOfIncome is the share of the monthly income, in per cent, above which a payment is shown
// as unusual.
const mostOfIncome = 40

// recentDays is the number of days in which another loan of a client is shown as unusual.
const recentDays = 30

// fillExposure adds what the client owes and asks for, and how the client has paid.
func (v *visit) fillExposure(d *decision, clientID id.ID, this folio.Number) error {
	loans, err := v.View.Loans(v.r.Context(), v.by(), view.LoanQuery{Client: clientID, Window: view.Window{Limit: rowsPerPage}})
	if err != nil {
		return err
	}
	var owed, asked money.Amount
	running, others, late := 0, 0, int64(0)
	for _, l := range loans.Items {
		late = max(late, l.DaysPastDue)
		switch {
		case l.Number == this:
		case servicing.Pending(l.Status):
			asked += l.Amount
		default:
			owed += l.Balance
			if others++; servicing.Alive(l.Status) {
				running++
			}
		}
		if l.Number != this && l.Status != servicing.Rejected && v.today.Since(civil.DateOf(l.GrantedAt.In(v.Location))) <= recentDays {
			d.Checks = append(d.Checks, check{"warn", v.say("Another application or loan of the last 30 days"), v.say("{number}, {amount}", "number", folio.Loan.Print(l.Number), "amount", l.Amount),
				loansPath + folio.Loan.Print(l.Number), v.say("See")})
		}
	}
	history := figure{v.say("History"), v.say("{n} {n|loan|loans}", "n", others), v.say("nothing is late"), "good"}
	if others == 0 {
		history.Note, history.Kind = v.say("first loan"), ""
	} else if late > 0 {
		history.Note, history.Kind = v.say("up to {n} {n|day|days} late", "n", late), "bad"
	}
	d.Figures = append(d.Figures, history)
	d.exposes(v.say("Today, {n} {n|loan|loans}", "n", running), owed, false)
	if asked > 0 {
		d.exposes(v.say("Other applications"), asked, false)
	}
	if d.Amount > 0 {
		d.exposes(v.say("This application"), d.Amount, true)
	}
	d.drawExposure()
	return nil
}

func (d *decision) exposes(label string, a money.Amount, isNew bool) {
	d.Exposure = append(d.Exposure, exposureRow{Label: label, Amount: a, New: isNew})
	d.Total += a
}

// drawExposure sets the bars, one after the other up to the total, on the scale of the limit.
func (d *decision) drawExposure() {
	whole := float64(max(d.Total, d.Limit, 1))
	left := 0.0
	for i := range d.Exposure {
		width := float64(d.Exposure[i].Amount) * 100 / whole
		d.Exposure[i].Left, d.Exposure[i].Width = units(left), units(width)
		left += width
	}
	d.TotalBar = units(left)
}

// requestDecision returns a request that somebody filed.
func (v *visit) requestDecision(requestID id.ID) (*decision, error) {
	ctx := v.r.Context()
	r, err := v.View.Request(ctx, v.by(), requestID, v.today)
	if err != nil {
		return nil, err
	}
	d := &decision{
		Path: approvalsPath + "/" + requestID.String(), Title: capital(text.Of(v.lang, authority.Operation(r.Operation))), Reason: r.Reason, Open: r.State == authority.Waiting,
		Asks: v.say("asked for by {who}, {when}", "who", v.person(r.FiledBy), "when", v.at(r.FiledAt)), Asker: v.person(r.FiledBy),
		State: pill{"off", capital(text.Of(v.lang, r.State))}, Approve: v.say("Approve"),
	}
	if r.Exposure > 0 {
		d.Figures = append(d.Figures, figure{Label: v.say("Amount that counts against the limit"), Value: text.Of(v.lang, r.Exposure)})
		d.Approve = v.say("Approve {amount}", "amount", r.Exposure)
	}
	if r.Days > 0 {
		d.Figures = append(d.Figures, figure{Label: v.say("Value date"), Value: v.say("{n} {n|day|days} ago", "n", r.Days)})
	}
	d.Figures = append(d.Figures, figure{Label: v.say("Expires on"), Value: text.Of(v.lang, r.ExpiresOn)})
	d.Terms = v.arguments(string(r.Command))
	if !d.Open {
		d.Decided = v.say("{who}, {when}", "who", v.person(r.DecidedBy), "when", v.at(r.DecidedAt))
		if r.Decision != "" {
			d.Decided += ": " + r.Decision
		}
		if r.DecidedBy == "" {
			d.Decided = ""
		}
	} else {
		d.State, d.Rejectable = pill{"warn", v.say("Waiting for a decision")}, true
		order, err := deciding.Find(ctx, v.Bank, requestID)
		if err != nil {
			return nil, err
		}
		if err := v.verdict(d, r.Limit, verdict(v, deciding.ApproveRequest{ID: requestID, Order: order})); err != nil {
			return nil, err
		}
	}
	if r.ClientID.IsZero() || !v.may(loan.Read) {
		return d, nil
	}
	f, err := v.View.LoanFile(ctx, v.by(), r.Subject)
	if fault.Is(err, loan.NotFound) {
		return d, nil
	}
	if err != nil {
		return nil, err
	}
	d.Client, d.ClientNumber, d.Loan = f.Client.FullName, f.Client.Number, f.Loan.Number
	if err := v.fillFileCheck(d, f.Client, nil); err != nil {
		return nil, err
	}
	return d, v.fillExposure(d, f.Client.ID, 0)
}

// argument is an argument of a filed command that a decider must know.
type argument struct {
	name, label string
	of          func(text.Lang, json.RawMessage) string
}

// arguments lists the arguments of a filed command, without ids.
func (v *visit) arguments(body string) (facts []fact) {
	given := map[string]json.RawMessage{}
	if json.Unmarshal([]byte(body), &given) != nil {
		return nil
	}
	inner := map[string]json.RawMessage{}
	if json.Unmarshal(given["terms"], &inner) == nil {
		for name, value := range inner {
			given[name] = value
		}
	}
	for _, a := range []argument{
		{"amount", v.say("Amount"), argumentOf[money.Amount]}, {"annual_rate", v.say("Annual rate"), argumentOf[rate.Annual]}, {"interest_rate", v.say("Annual rate"), argumentOf[rate.Annual]},
		{"periods", v.say("Payments"), argumentOf[int]}, {"term_months", v.say("Payments"), argumentOf[int]}, {"first_due_date", v.say("First due date"), argumentOf[civil.Date]},
		{"value_date", v.say("Value date"), argumentOf[civil.Date]}, {"method", v.say("Method"), argumentOf[settlement.Method]}, {"reference", v.say("Reference of the payment"), argumentOf[string]},
		{"username", v.say("User"), argumentOf[string]}, {"role", v.say("Role"), argumentOf[access.Role]}, {"reason", v.say("Reason"), argumentOf[string]},
	} {
		if raw, has := given[a.name]; has && string(raw) != `""` && string(raw) != "null" {
			if s := a.of(v.lang, raw); s != "" {
				facts = append(facts, fact{a.label, capital(s)})
			}
		}
	}
	return facts
}

// argumentOf returns an argument in the form for people.
func argumentOf[T any](l text.Lang, raw json.RawMessage) string {
	var value T
	if json.Unmarshal(raw, &value) != nil {
		return ""
	}
	return text.Of(l, value)
}

// decide approves, rejects or returns the item in the address.
func (v *visit) decide() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	item, decision := v.r.PathValue("item"), f.Get("decision")
	page, err := v.inbox(f, item)
	if err != nil {
		return err
	}
	decisions := []string{"approve", "reject"}
	if _, err := id.Parse(item); err != nil { // an application
		decisions = append(decisions, "return")
	}
	if !slices.Contains(decisions, decision) {
		f.Problem = v.say("Choose one of the decisions that are offered.")
	} else if decision != "approve" && f.Get("reason") == "" {
		f.Flaws = map[string]string{"reason": v.say("Write the reason")}
	}
	if f.Problem != "" || f.Flaws != nil {
		return approvalsScreen.answer(v, 422, page)
	}
	if err := v.carryOut(f, item, decision); err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		return approvalsScreen.answer(v, status, page)
	}
	said := v.say("Rejected: {title}", "title", page.Chosen.Title)
	switch decision {
	case "approve":
		said = v.say("Approved: {title}", "title", page.Chosen.Title)
	case "return":
		said = v.say("Returned for correction: {title}", "title", page.Chosen.Title)
	}
	n := notice{Text: said}
	if page.Chosen.Loan != 0 {
		n.Link, n.Label = loansPath+folio.Loan.Print(page.Chosen.Loan), v.say("See the loan")
	}
	return v.done(approvalsPath, n)
}

// carryOut carries out a decision: approve or reject, and return for an application.
func (v *visit) carryOut(f *form, item, decision string) error {
	reason := f.Get("reason")
	requestID, err := id.Parse(item)
	if err != nil {
		file, err := v.loanNamed(item)
		if err != nil {
			return err
		}
		switch decision {
		case "approve":
			_, err = command(v, f, lending.ApproveLoan{LoanID: file.Loan.ID})
		case "return":
			_, err = command(v, f, lending.ReturnLoan{LoanID: file.Loan.ID, Reason: reason})
		case "reject":
			_, err = command(v, f, lending.RejectLoan{LoanID: file.Loan.ID, Reason: reason})
		}
		return err
	}
	if decision == "reject" {
		_, err = command(v, f, deciding.RejectRequest{ID: requestID, Reason: reason})
		return err
	}
	order, err := deciding.Find(v.r.Context(), v.Bank, requestID)
	if err == nil {
		_, err = command(v, f, deciding.ApproveRequest{ID: requestID, Order: order, Reason: reason})
	}
	return err
}
