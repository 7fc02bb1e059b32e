package console

import (
	"net/url"
	"strconv"
	"strings"

	"sofipo/bank/books"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/text"
	"sofipo/view"
)

const (
	booksPath   = Root + "books/"
	journalPath = booksPath + "journal"
	ledgerPath  = booksPath + "ledger"
	balancePath = booksPath + "trial-balance"
	entriesPath = booksPath + "entries"
	newPath     = entriesPath + "/new"
	manualPath  = entriesPath + "/manual/"
	periodsPath = booksPath + "periods"
)

var booksRoutes = []route{
	{"GET " + journalPath, accounting.Read, (*visit).journal},
	{"GET " + ledgerPath, accounting.Read, (*visit).ledger},
	{"GET " + ledgerPath + ".csv", accounting.Read, (*visit).ledgerTable},
	{"GET " + ledgerPath + ".xlsx", accounting.Read, (*visit).ledgerTable},
	{"GET " + balancePath, accounting.Read, (*visit).trialBalance},
	{"GET " + balancePath + ".csv", accounting.Read, (*visit).trialBalanceTable},
	{"GET " + balancePath + ".xlsx", accounting.Read, (*visit).trialBalanceTable},
	{"GET " + entriesPath + "/{entry}", accounting.Read, (*visit).entry},
	{"GET " + periodsPath, accounting.Read, (*visit).periods},
	{"POST " + periodsPath, accounting.CloseMonths, (*visit).closePeriod},
}

var booksPhrases = phrases{
	"Books":                                 "Contabilidad",
	"Journal":                               "Diario",
	"Ledger":                                "Mayor",
	"Trial balance":                         "Balanza",
	"Periods":                               "Periodos",
	"Entries":                               "Pólizas",
	"Show":                                  "Consultar",
	"Account":                               "Cuenta",
	"Concept of the entry":                  "Concepto",
	"All concepts":                          "Todos los conceptos",
	"Debit":                                 "Cargo",
	"Credit":                                "Abono",
	"Debits":                                "Cargos",
	"Credits":                               "Abonos",
	"Opening balance":                       "Saldo inicial",
	"Closing balance":                       "Saldo final",
	"No entries in these days":              "No hay pólizas en estos días",
	"Its balances and entries appear here.": "Aquí aparecen sus saldos y sus pólizas.",
	"Choose other dates, or remove the filter.": "Elija otras fechas o quite el filtro.",
	"from {from} to {to}":                       "del {from} al {to}",
	"Download CSV":                              "Descargar CSV",
	"Download XLSX":                             "Descargar XLSX",
	"Trial balance from {from} to {to}":         "Balanza del {from} al {to}",
	"It does not balance":                       "No cuadra",
	"By account":                                "Por cuenta",
	"By the catalogue of the CNBV":              "Por catálogo de la CNBV",
	"Accounts of debit nature":                  "Cuentas deudoras",
	"Accounts of credit nature":                 "Cuentas acreedoras",
	"without a code":                            "sin código",
	"Ledger of {account}":                       "Mayor de {account}",
	"Account of {nature} nature":                "Cuenta {nature}",
	"CNBV {code}":                               "CNBV {code}",
	"No postings in these days":                 "No hay movimientos en estos días",
	"Entry: {kind}":                             "Póliza: {kind}",
	"Where it comes from":                       "De dónde viene",
	"By":                                        "Por",
	"Made by the system, for example the close of a day": "La hizo el sistema, por ejemplo, en el cierre de un día",
	"It was reversed by another entry":                   "Otra póliza la revierte",
	"It reverses another entry":                          "Revierte otra póliza",
	"See that entry":                                     "Ver esa póliza",
	"Manual entry":                                       "Póliza manual",
	"Month":                                              "Mes",
	"Close {month}":                                      "Cerrar {month}",
	"{month} was closed":                                 "{month} se cerró",
	"The first day that accepts entries is {date}":       "El primer día que acepta pólizas es el {date}",
	"Until {month}, no entry and no value date will be accepted. A closed month is not opened again.": "Hasta {month} ya no se aceptarán pólizas ni fechas valor. Un mes cerrado no se vuelve a abrir.",
	"What closing does": "Qué hace el cierre",
	"This month is not over. It can be closed from {date} on.": "Este mes no ha terminado. Se puede cerrar desde el {date}.",
}

// days are the first and the last day of a page about the books, from the address: the month of
// the business date until today if there are none.
func (v *visit) days() (f *form, from, to civil.Date, err error) {
	f = &form{Values: v.r.URL.Query()}
	var flaws fault.Flaws
	from, to = f.date("from", &flaws), f.date("to", &flaws)
	if to.IsZero() {
		to = v.today
	}
	if from.IsZero() {
		from = civil.Date{Year: to.Year, Month: to.Month, Day: 1}
	}
	if len(flaws) == 0 && from.After(to) {
		flaws.Add(fault.At("from", fault.NotAfter, "latest", to))
	}
	if err := flaws.Err(); err != nil {
		if _, shown := f.wrong(v, err, nil); !shown {
			return f, from, to, err
		}
		return f, v.today, v.today, nil
	}
	f.Values.Set("from", fieldDate(from))
	f.Values.Set("to", fieldDate(to))
	return f, from, to, nil
}

// accountName returns the name of an account in the user's language.
func (v *visit) accountName(spanish, english string) string {
	if v.lang == text.EN {
		return english
	}
	return spanish
}

// kindName returns the name of a kind of entry.
func (v *visit) kindName(kind string) string {
	return capital(text.Of(v.lang, accounting.EntryKind(kind)))
}

// journalPage lists the entries of some days.
type journalPage struct {
	Form    *form
	Kinds   []option
	Entries []journalRow
	Clear   string
	Pager   pager
}

// journalRow is an entry with its lines.
type journalRow struct {
	Path, Kind string
	Date       civil.Date
	Time       string
	Total      money.Amount
	Lines      []entryLine
}

// entryLine is a line of an entry.
type entryLine struct {
	Account, Name, Path string
	Debit, Credit       money.Amount
}

var journalScreen = declare[journalPage]("journal")

func (v *visit) journal() error {
	f, from, to, err := v.days()
	if err != nil {
		return err
	}
	window, err := v.window()
	if err != nil {
		return err
	}
	found, err := v.View.Journal(v.r.Context(), v.by(), view.JournalQuery{From: from, To: to, Kind: f.Get("kind"), Window: window})
	if err != nil {
		return err
	}
	page := journalPage{Form: f, Kinds: v.kinds(), Pager: v.pager(len(found.Items), found.Next, found.Previous)}
	if v.r.URL.RawQuery != "" {
		page.Clear = journalPath
	}
	for _, e := range found.Items {
		page.Entries = append(page.Entries, journalRow{
			Path: entryPath(e.ID), Kind: v.kindName(e.Kind), Date: e.Date, Time: v.clock(e.PostedAt), Total: e.Total(), Lines: v.entryLines(e),
		})
	}
	return journalScreen.show(v, page)
}

// kinds lists the kinds of entry.
func (v *visit) kinds() []option {
	all := []option{{"", v.say("All concepts")}}
	for kind := range accounting.EntryKinds {
		k := string(kind.(accounting.EntryKind))
		all = append(all, option{k, v.kindName(k)})
	}
	sortOptions(all[1:])
	return all
}

// entryPath is the address of a journal entry.
func entryPath(entry id.ID) string { return entriesPath + "/" + entry.String() }

// ledgerOf returns the address of the ledger of an account on the days of an entry or a balance.
func ledgerOf(account ledger.Account, from, to civil.Date) string {
	return ledgerPath + "?" + url.Values{"account": {string(account)}, "from": {fieldDate(from)}, "to": {fieldDate(to)}}.Encode()
}

func (v *visit) entryLines(e view.Entry) (lines []entryLine) {
	for _, p := range e.Postings {
		lines = append(lines, entryLine{string(p.Account), v.accountName(p.Spanish, p.English), ledgerOf(p.Account, e.Date, e.Date), p.Debit, p.Credit})
	}
	return lines
}

// entryPage is an entry with what made it.
type entryPage struct {
	Kind, Time        string
	Date              civil.Date
	Lines             []entryLine
	Total             money.Amount
	Reverses, Reverse string // addresses of the related entries
	Source            []fact
	Links             []tab // to the source
}

var entryScreen = declare[entryPage]("entry")

func (v *visit) entry() error {
	entryID, err := id.Parse(v.r.PathValue("entry"))
	if err != nil {
		return fault.Refuse(accounting.EntryNotFound)
	}
	e, err := v.View.Entry(v.r.Context(), v.by(), entryID)
	if err != nil {
		return err
	}
	page := entryPage{Kind: v.kindName(e.Kind), Time: v.clock(e.PostedAt), Date: e.Date, Lines: v.entryLines(e), Total: e.Total()}
	if !e.Reverses.IsZero() {
		page.Reverses = entryPath(e.Reverses)
	}
	if !e.ReversedBy.IsZero() {
		page.Reverse = entryPath(e.ReversedBy)
	}
	v.fillSource(&page, e)
	return entryScreen.show(v, page)
}

// fillSource fills in what made the entry.
func (v *visit) fillSource(page *entryPage, e view.Entry) {
	switch m, manual := e.Transaction, e.ManualEntry; {
	case m != nil:
		number := folio.Loan.Print(e.LoanNumber)
		page.Source = []fact{
			{v.say("Operation"), capital(text.Of(v.lang, m.Kind))}, {v.say("Loan"), number}, {v.say("Value date"), text.Of(v.lang, m.ValueDate)},
			{v.say("Amount"), text.Of(v.lang, m.Amount)}, {v.say("By"), m.Actor},
		}
		page.Links = append(page.Links, tab{Label: v.say("See the loan"), Path: loansPath + number})
		if e.Receipt != 0 {
			page.Links = append(page.Links, tab{Label: v.say("Receipt") + " " + folio.Receipt.Print(e.Receipt), Path: receiptPath(e.LoanNumber, e.Receipt)})
		}
	case manual != nil:
		page.Source = []fact{{v.say("Operation"), v.say("Manual entry")}, {v.say("Description"), manual.Description}, {v.say("Proposed by"), manual.ProposedBy}, {v.say("Decided by"), manual.DecidedBy}}
		page.Links = append(page.Links, tab{Label: v.say("Manual entry"), Path: manualPath + manual.ID.String()})
	}
}

// ledgerView is the ledger of an account for some days.
type ledgerView struct {
	Form                              *form
	Accounts                          []option
	Chosen                            bool
	Title, Nature, CNBV               string
	Opening, Debits, Credits, Closing money.Total
	Rows                              []ledgerRow
	Downloads                         downloads
	Pager                             pager
}

// ledgerRow is a posting.
type ledgerRow struct {
	Path, Kind    string
	Date          civil.Date
	Debit, Credit money.Amount
	Balance       money.Total
}

var ledgerScreen = declare[ledgerView]("ledger")

// postable lists the accounts that take postings on a day.
func (v *visit) postable(on civil.Date) (all []option) {
	for _, a := range accounting.Chart(on) {
		if a.Postable() {
			all = append(all, option{string(a.Code), string(a.Code) + " " + v.accountName(a.Spanish, a.English)})
		}
	}
	return all
}

func (v *visit) ledger() error {
	f, from, to, err := v.days()
	if err != nil {
		return err
	}
	page := ledgerView{Form: f, Accounts: v.postable(to)}
	if f.Get("account") == "" || len(f.Flaws) > 0 {
		if f.Get("account") == "" {
			f.Values.Set("account", string(accounting.Bank))
		}
		return ledgerScreen.show(v, page)
	}
	part, err := v.paging()
	if err != nil {
		return err
	}
	found, err := v.View.Ledger(v.r.Context(), v.by(), view.LedgerQuery{Account: ledger.Account(f.Get("account")), From: from, To: to, Paging: part})
	if err != nil {
		return err
	}
	page.Chosen, page.Downloads, page.Pager = true, v.tables(), v.pagerTo(len(found.Postings.Items), found.Postings.Next)
	page.Title, page.Nature, page.CNBV = string(found.Account)+" "+v.accountName(found.Spanish, found.English), text.Of(v.lang, found.Nature), found.CNBV
	page.Opening, page.Debits, page.Credits, page.Closing = found.Opening, found.Debits, found.Credits, found.Closing
	for _, l := range found.Postings.Items {
		page.Rows = append(page.Rows, ledgerRow{entryPath(l.Entry), v.kindName(l.Kind), l.Date, l.Debit, l.Credit, l.Balance})
	}
	return ledgerScreen.show(v, page)
}

func (v *visit) ledgerTable() error {
	f, from, to, err := v.days()
	if err != nil {
		return err
	}
	q := view.LedgerQuery{Account: ledger.Account(f.Get("account")), From: from, To: to, Paging: view.Paging{Limit: 1}}
	first, err := v.View.Ledger(v.r.Context(), v.by(), q)
	if err != nil {
		return err
	}
	return v.download(v.issuer().Ledger(first, func(part view.Paging) (view.Page[view.LedgerLine], error) {
		q.Paging = part
		page, err := v.View.Ledger(v.r.Context(), v.by(), q)
		return page.Postings, err
	}))
}

// balancePage is the trial balance of some days.
type balancePage struct {
	Form      *form
	From, To  civil.Date
	Views     []tab
	CNBV      bool
	Groups    []balanceGroup
	Totals    view.BalanceTotals
	Balances  bool
	Downloads downloads
}

// balanceGroup has the accounts of a kind.
type balanceGroup struct {
	Title string
	Lines []balanceRow
}

// balanceRow is an account, or the accounts with a code of the CNBV.
type balanceRow struct {
	Code, Name, Path                  string
	Opening, Debits, Credits, Closing money.Total
}

var balanceScreen = declare[balancePage]("trial_balance")

func (v *visit) trialBalance() error {
	f, from, to, err := v.days()
	if err != nil {
		return err
	}
	byCNBV := f.Is("cnbv", "1")
	b, err := v.View.TrialBalance(v.r.Context(), v.by(), from, to, byCNBV)
	if err != nil {
		return err
	}
	t := b.Totals
	page := balancePage{
		Form: f, From: b.From, To: b.To, CNBV: byCNBV, Totals: t, Downloads: v.tables(),
		Balances: t.OpeningDebit == t.OpeningCredit && t.Debits == t.Credits && t.ClosingDebit == t.ClosingCredit,
		Views: []tab{
			{Label: v.say("By account"), Path: v.with("cnbv", ""), Current: !byCNBV},
			{Label: v.say("By the catalogue of the CNBV"), Path: v.with("cnbv", "1"), Current: byCNBV},
		},
	}
	for _, l := range b.Lines {
		title := v.classOf(l)
		if n := len(page.Groups); n == 0 || page.Groups[n-1].Title != title {
			page.Groups = append(page.Groups, balanceGroup{Title: title})
		}
		row := balanceRow{Code: string(l.Account), Name: v.accountName(l.Spanish, l.English), Opening: l.Opening, Debits: l.Debits, Credits: l.Credits, Closing: l.Closing}
		if row.Code != "" {
			row.Path = ledgerOf(l.Account, from, to)
		}
		if byCNBV {
			row.Code = l.CNBV
		}
		g := &page.Groups[len(page.Groups)-1]
		g.Lines = append(g.Lines, row)
	}
	return balanceScreen.show(v, page)
}

// classOf returns the name of the class of accounts that the line belongs to.
func (v *visit) classOf(l view.BalanceLine) string {
	code := l.Account
	if len(l.Accounts) > 0 {
		code = l.Accounts[0]
	}
	if class, found := accounting.Find(code[:1], v.today); found {
		return v.accountName(class.Spanish, class.English)
	}
	return capital(text.Of(v.lang, l.Kind))
}

func (v *visit) trialBalanceTable() error {
	f, from, to, err := v.days()
	if err != nil {
		return err
	}
	b, err := v.View.TrialBalance(v.r.Context(), v.by(), from, to, f.Is("cnbv", "1"))
	if err != nil {
		return err
	}
	return v.download(v.issuer().TrialBalance(b))
}

// periodsPage lists the months of the books.
type periodsPage struct {
	Form      *form
	FirstOpen civil.Date
	Months    []monthRow // newest first
	Next      string     // the month to close, YYYY-MM; empty if none is over
	NextName  string
	From      civil.Date // from when the oldest open month can be closed, if none can be closed now
	May       bool
}

// monthRow is a month of the books.
type monthRow struct {
	Name  string
	State pill
	Path  string // of its trial balance
}

var periodsScreen = declare[periodsPage]("periods")

func (v *visit) periods() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	return v.showPeriods(200, f)
}

func (v *visit) showPeriods(status int, f *form) error {
	p, err := v.View.Periods(v.r.Context(), v.by(), v.today)
	if err != nil {
		return err
	}
	page := periodsPage{Form: f, FirstOpen: p.FirstOpen, May: v.may(accounting.CloseMonths)}
	for _, m := range p.Months {
		month, err := monthOf(m.Month)
		if err != nil {
			return err
		}
		first, last := civil.On(month.Year, month.Month, 1), civil.On(month.Year, month.Month, 1).MonthEnd()
		row := monthRow{Name: capital(text.Of(v.lang, month)), State: pill{"good", v.say("Is closed")}, Path: balancePath + "?" + url.Values{"from": {fieldDate(first)}, "to": {fieldDate(last)}}.Encode()}
		if m.Status == "OPEN" {
			row.State = pill{"next", v.say("Still open")}
			switch {
			case page.Next != "" || !page.From.IsZero():
			case last.Before(v.today):
				page.Next, page.NextName = m.Month, text.Of(v.lang, month)
			default:
				page.From = last.AddDays(1)
			}
		}
		page.Months = append([]monthRow{row}, page.Months...)
	}
	return periodsScreen.answer(v, status, page)
}

// monthOf reads a month in the form YYYY-MM.
func monthOf(s string) (civil.Month, error) {
	d, err := civil.Parse(s + "-01")
	return d.MonthOf(), err
}

func (v *visit) closePeriod() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	month, err := monthOf(f.Get("month"))
	if err != nil {
		return errNoPage
	}
	if _, err = command(v, f, books.ClosePeriod{Month: civil.On(month.Year, month.Month, 1)}); err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		return v.showPeriods(status, f)
	}
	return v.done(periodsPath, notice{Text: v.say("{month} was closed", "month", capital(text.Of(v.lang, month)))})
}

// lineName returns the name of an input of a line of an entry.
func lineName(line int, field string) string {
	return strings.Join([]string{"lines", strconv.Itoa(line), field}, ".")
}
