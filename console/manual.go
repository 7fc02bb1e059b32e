package console

import (
	"slices"
	"strconv"
	"strings"

	"sofipo/bank/books"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/text"
	"sofipo/web"
)

var manualRoutes = []route{
	{"GET " + entriesPath, accounting.Read, (*visit).manualEntries},
	{"GET " + newPath, accounting.Write, (*visit).newEntry},
	{"POST " + newPath, accounting.Write, (*visit).proposeEntry},
	{"GET " + manualPath + "{entry}", accounting.Read, (*visit).manualEntry},
	{"POST " + manualPath + "{entry}", accounting.Write, (*visit).decideEntry},
}

var manualPhrases = phrases{
	"To decide":   "Por autorizar",
	"Posted":      "Contabilizadas",
	"Rejected":    "Rechazadas",
	"New entry":   "Nueva póliza",
	"Description": "Descripción",
	"Proposed by": "Propuso",
	"Decided by":  "Autorizó",
	"Proposed on": "Propuesta el",
	"No entries":  "No hay pólizas",
	"Manual entries wait here until a second person posts them.": "Las pólizas manuales esperan aquí hasta que otra persona las contabiliza.",
	"Account of line {n}":        "Cuenta del renglón {n}",
	"Debit of line {n}":          "Cargo del renglón {n}",
	"Credit of line {n}":         "Abono del renglón {n}",
	"Choose an account":          "Elija una cuenta",
	"Date of the entry":          "Fecha de la póliza",
	"Lines":                      "Renglones",
	"More lines":                 "Más renglones",
	"Add up":                     "Sumar",
	"Propose for {amount}":       "Proponer por {amount}",
	"Propose":                    "Proponer",
	"Credits are {amount} short": "Faltan {amount} en abonos",
	"Debits are {amount} short":  "Faltan {amount} en cargos",
	"Write the lines":            "Escriba los renglones",
	"Another person has to post it. Until then it changes nothing.": "Otra persona debe contabilizarla. Hasta entonces no cambia nada.",
	"The entry was proposed": "Se propuso la póliza",
	"Post {amount}":          "Contabilizar {amount}",
	"You proposed it, so another person has to post or reject it.":        "Usted la propuso; otra persona debe contabilizarla o rechazarla.",
	"It enters the books with its date and cannot be changed afterwards.": "Entra a la contabilidad con su fecha y después no se puede cambiar.",
	"The entry was posted":   "Se contabilizó la póliza",
	"The entry was rejected": "Se rechazó la póliza",
	"In the books":           "En la contabilidad",
	"Decision":               "Decisión",
	"Control accounts are not in the list: only operations post to them.": "Las cuentas de control no están en la lista: solo las afectan las operaciones.",
}

// manualList lists the manual entries.
type manualList struct {
	Tabs    []tab
	Entries []manualRow
	May     bool
	Pager   pager
}

// manualRow is a manual entry in a list.
type manualRow struct {
	Path, Description, ProposedBy string
	Date                          civil.Date
	Total                         money.Amount
	State                         pill
}

var manualListScreen = declare[manualList]("manual_list")

// manualStates are the tabs of the list, by their value in the address.
var manualStates = []struct {
	value  string
	status accounting.ManualEntryStatus
}{{"", accounting.Proposed}, {"posted", accounting.Posted}, {"rejected", accounting.Rejected}, {"all", ""}}

func (v *visit) manualEntries() error {
	labels := []string{v.say("To decide"), v.say("Posted"), v.say("Rejected"), v.say("All entries")}
	page, status := manualList{May: v.may(accounting.Write)}, accounting.Proposed
	for i, s := range manualStates {
		current := v.r.URL.Query().Get("state") == s.value
		if current {
			status = s.status
		}
		page.Tabs = append(page.Tabs, tab{Label: labels[i], Path: v.with("state", s.value, "after", "", "before", ""), Current: current})
	}
	window, err := v.window()
	if err != nil {
		return err
	}
	found, err := v.View.ListManualEntries(v.r.Context(), v.by(), status, window)
	if err != nil {
		return err
	}
	page.Pager = v.pager(len(found.Items), found.Next, found.Previous)
	for _, e := range found.Items {
		page.Entries = append(page.Entries, manualRow{manualPath + e.ID.String(), e.Description, e.ProposedBy, e.Date, e.Total(), v.manualState(e.Status)})
	}
	return manualListScreen.show(v, page)
}

func (v *visit) manualState(s accounting.ManualEntryStatus) pill {
	kinds := map[accounting.ManualEntryStatus]string{accounting.Proposed: "next", accounting.Posted: "good", accounting.Rejected: "off"}
	return pill{kinds[s], capital(text.Of(v.lang, s))}
}

// newEntryPage is the form of a manual entry. What the user typed is the query of the address,
// so that the totals are a GET; the button at its end sends the same form by POST.
type newEntryPage struct {
	Form            *form
	Lines           []lineInput
	More            int // number of lines after more are added
	Accounts        []option
	Debits, Credits money.Amount
	Missing         string // what keeps it from balancing; empty: it balances
}

// lineInput is a line of the form.
type lineInput struct {
	Number                  int
	Account, Debit, Credit  string // names of the inputs
	Chosen                  string
	AccountFlaw, AmountFlaw string
}

var newEntryScreen = declare[newEntryPage]("new_entry")

// The number of lines of a new form, and the number that is added at once.
const firstLines, moreLines = 4, 4

func (v *visit) newEntry() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	if !f.Back {
		f.Values = v.r.URL.Query()
		if key := f.Get(keyInput); key != "" {
			f.Key = key
		}
	}
	if !f.Values.Has("entry_date") {
		f.Values.Set("entry_date", fieldDate(v.today))
	}
	var flaws fault.Flaws
	_, lines := v.typedEntry(f, &flaws)
	if err := flaws.Err(); err != nil {
		f.wrong(v, err, nil)
	}
	return v.showNewEntry(200, f, lines)
}

// typedEntry reads the form. Lines without a value are left out, and places has the number that
// each of the others has on the form.
func (v *visit) typedEntry(f *form, flaws *fault.Flaws) (c books.ProposeEntry, lines []typedLine) {
	c.Date, c.Description = f.date("entry_date", flaws), f.Get("description")
	for i := range lineCount(f) {
		l := accounting.Line{Account: ledger.Account(f.Get(lineName(i, "account"))), Debit: f.amount(lineName(i, "debit"), flaws), Credit: f.amount(lineName(i, "credit"), flaws)}
		if l != (accounting.Line{}) {
			lines = append(lines, typedLine{l, i})
			c.Lines = append(c.Lines, l)
		}
	}
	return c, lines
}

// typedLine is a line with its number on the form.
type typedLine struct {
	accounting.Line
	at int
}

// lineCount returns the number of lines of the form.
func lineCount(f *form) int {
	n, err := strconv.Atoi(f.Get("rows"))
	if err != nil {
		n = firstLines
	}
	return min(max(n, firstLines), accounting.MaxLines)
}

func (v *visit) showNewEntry(status int, f *form, lines []typedLine) error {
	on := v.today
	if d, ok := readDate(f.Get("entry_date")); ok {
		on = d
	}
	page := newEntryPage{Form: f, More: lineCount(f) + moreLines, Accounts: []option{{"", v.say("Choose an account")}}}
	open := accounting.ManualAccounts(on)
	for _, o := range v.postable(on) {
		if slices.Contains(open, ledger.Account(o.Value)) {
			page.Accounts = append(page.Accounts, o)
		}
	}
	for i := range lineCount(f) {
		in := lineInput{Number: i + 1, Account: lineName(i, "account"), Debit: lineName(i, "debit"), Credit: lineName(i, "credit")}
		in.Chosen = f.Get(in.Account)
		in.AccountFlaw, in.AmountFlaw = f.Flaws[in.Account], f.Flaws[in.Debit]+f.Flaws[in.Credit]
		page.Lines = append(page.Lines, in)
	}
	for _, l := range lines {
		page.Debits, page.Credits = page.Debits+l.Debit, page.Credits+l.Credit
	}
	switch d := page.Debits - page.Credits; {
	case d > 0:
		page.Missing = v.say("Credits are {amount} short", "amount", d)
	case d < 0:
		page.Missing = v.say("Debits are {amount} short", "amount", -d)
	case page.Debits == 0:
		page.Missing = v.say("Write the lines")
	}
	return newEntryScreen.answer(v, status, page)
}

func (v *visit) proposeEntry() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	var flaws fault.Flaws
	c, lines := v.typedEntry(f, &flaws)
	if err = flaws.Err(); err == nil {
		var e accounting.ManualEntry
		if e, err = command(v, f, c); err == nil {
			return v.done(manualPath+e.ID.String(), notice{Text: v.say("The entry was proposed")})
		}
	}
	names := map[string]string{"lines": lineName(0, "account")}
	for at, l := range lines {
		names["lines."+strconv.Itoa(at)] = lineName(l.at, "debit")
		for _, field := range []string{"account", "debit", "credit"} {
			names[lineName(at, field)] = lineName(l.at, field)
		}
	}
	if flaws.Err() != nil {
		names = nil
	}
	status, shown := f.wrong(v, err, names)
	if !shown {
		return err
	}
	return v.showNewEntry(status, f, lines)
}

// manualPage is a manual entry with its decision.
type manualPage struct {
	Form        *form
	Description string
	State       pill
	Date        civil.Date
	Lines       []entryLine
	Total       money.Amount
	Facts       []fact
	Entry       string // address of the journal entry
	Waiting     bool
	May, Own    bool
}

var manualScreen = declare[manualPage]("manual")

// manual returns the manual entry in the address.
func (v *visit) manual() (accounting.ManualEntry, error) {
	entryID, err := id.Parse(v.r.PathValue("entry"))
	if err != nil {
		return accounting.ManualEntry{}, fault.Refuse(accounting.ManualEntryNotFound)
	}
	return v.View.ManualEntry(v.r.Context(), v.by(), entryID)
}

func (v *visit) manualEntry() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	return v.showManual(200, f)
}

func (v *visit) showManual(status int, f *form) error {
	e, err := v.manual()
	if err != nil {
		return err
	}
	page := manualPage{
		Form: f, Description: e.Description, State: v.manualState(e.Status), Date: e.Date, Total: e.Total(), Waiting: e.Status == accounting.Proposed,
		May: v.may(accounting.Write), Own: e.ProposedBy == v.who.User.Username,
		Facts: []fact{{v.say("Proposed by"), e.ProposedBy}, {v.say("Proposed on"), v.when(e.ProposedAt)}},
	}
	if e.DecidedBy != "" {
		page.Facts = append(page.Facts, fact{v.say("Decision"), page.State.Text}, fact{v.say("Decided by"), e.DecidedBy})
	}
	if !e.EntryID.IsZero() {
		page.Entry = entryPath(e.EntryID)
	}
	for _, l := range e.Lines {
		line := entryLine{Account: string(l.Account), Path: ledgerOf(l.Account, e.Date, e.Date), Debit: l.Debit, Credit: l.Credit}
		if a, found := accounting.Find(l.Account, e.Date); found {
			line.Name = v.accountName(a.Spanish, a.English)
		}
		page.Lines = append(page.Lines, line)
	}
	return manualScreen.answer(v, status, page)
}

func (v *visit) decideEntry() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	entryID, err := id.Parse(v.r.PathValue("entry"))
	if err != nil {
		return fault.Refuse(accounting.ManualEntryNotFound)
	}
	post := f.Is("decision", "post")
	if !post && !f.Is("decision", "reject") {
		return fault.Refuse(web.NoSuchPath)
	}
	if _, err = command(v, f, books.DecideEntry{ID: entryID, Post: post}); err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		return v.showManual(status, f)
	}
	done := v.say("The entry was rejected")
	if post {
		done = v.say("The entry was posted")
	}
	return v.done(manualPath+entryID.String(), notice{Text: done})
}

// sortOptions sorts options by their labels.
func sortOptions(all []option) {
	slices.SortFunc(all, func(a, b option) int { return strings.Compare(a.Label, b.Label) })
}
