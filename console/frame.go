package console

import (
	"slices"
	"strings"

	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/authority"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/imports"
	"sofipo/core/institution"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/screening"
	"sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/core/staff"
	"sofipo/core/webhook"
)

// frame is what surrounds every page.
type frame struct {
	SignedIn    bool
	Institution string
	Groups      []group
	Name, Job   string // of the user
	Today       string // the business date, short
	Training    bool
	Query       string // what was searched for
	Path        string
	Theme       staff.Theme
	Roomy       bool
	NoKeys      bool
	Printed     string // when and by whom, on paper
	Notice      *notice
}

// group is a titled part of the navigation.
type group struct {
	Title   string
	Entries []entry
}

// entry is a link of the navigation. Count is what waits for the user.
type entry struct {
	Label, Path string
	Count       int
	Current     bool
}

// section is a titled part of the menu of all roles.
type section struct {
	title string
	links []link
}

// link is an entry of the menu, for the roles that have the permission. An entry for roles with
// one of several permissions is there once for each.
type link struct {
	label, path string
	need        access.Permission
}

// menu has the navigation of all roles. A user sees the entries that the role may open; a
// section without any is left out.
var menu = []section{
	{"My work", []link{
		{"My day", Root, access.Own},
		{"Approvals", approvalsPath, authority.Judge},
		{"Collections", collectionsPath, collections.Work},
		{"Route", routePath, collections.Work},
		{"Promises", promisesPath, collections.Work},
		{"List matches", alertsPath, screening.Decide},
		{"Day close", daysPath, accounting.Read},
		{"Day close", daysPath, accounting.CloseDays},
		{"Day close", daysPath, settlement.Manage},
		{"Entries", entriesPath, accounting.Write},
	}},
	{"Till", []link{
		{"Receive payment", paymentPath, loan.ReceivePayments},
		{"My till", tillPath, settlement.Operate},
		{"Disburse loan", disbursementPath, settlement.Operate},
		{"Transactions", transactionsPath, loan.ReceivePayments},
		{"Count and close", countPath, settlement.Operate},
		{"Tills", tillsPath, settlement.Manage},
	}},
	{"People and credit", []link{
		{"Clients", clientsPath, client.Read},
		{"Loans", loanListPath, loan.Read},
		{"Applications", applicationsPath, loan.Read},
		{"Simulator", simulatorPath, loan.Quote},
	}},
	{"Books", []link{
		{"Journal", journalPath, accounting.Read},
		{"Ledger", ledgerPath, accounting.Read},
		{"Trial balance", balancePath, accounting.Read},
		{"Periods", periodsPath, accounting.Read},
	}},
	{"Results", []link{
		{"Portfolio", portfolioPath, risk.ReadReports},
	}},
	{"Treasury", []link{
		{"Deposits", incomingPath, incoming.Resolve},
		{"Cash and banks", tillsPath, settlement.Treasury},
	}},
	{"Administration", []link{
		{"Users", usersPath, staff.Manage},
		{"Roles", rolesPath, staff.ManageRoles},
		{"Branches", branchesPath, staff.Manage},
		{"Tills and banks", tillAdminPath, settlement.Manage},
		{"Products", productsPath, product.Manage},
		{"Institution", institutionPath, institution.Manage},
		{"Imports", importsPath, imports.Run},
	}},
	{"Operations", []link{
		{"System state", operationsPath, event.Operate},
		{"Review of the books", doctorPath, event.Operate},
		{"Audit", auditPath, event.ReadLog},
		{"Events", eventsPath, event.ReadLog},
		{"Webhooks", webhooksPath, webhook.Read},
		{"Settings", settingsPath, event.Operate},
	}},
}

var framePhrases = phrases{
	"Administration":                     "Administración",
	"My work":                            "Mi trabajo",
	"People and credit":                  "Personas y crédito",
	"Till":                               "Caja",
	"Treasury":                           "Tesorería",
	"Cash and banks":                     "Efectivo y bancos",
	"Skip to the content":                "Ir al contenido",
	"Menu":                               "Menú",
	"Close the menu":                     "Cerrar menú",
	"Main":                               "Principal",
	"Search the whole institution":       "Buscar en toda la institución",
	"Search a client, loan or receipt":   "Buscar cliente, préstamo o recibo",
	"Business date":                      "Fecha de operación",
	"My account":                         "Mi cuenta",
	"Sign out":                           "Salir",
	"waiting":                            "pendientes",
	"Training: the date is not today's.": "Capacitación: la fecha no es la de hoy.",
	"printed on {when} by {who}":         "impreso el {when} por {who}",
	"{weekday} {date}":                   "{weekday} {date}",
	"Correct {n} {n|field|fields} to continue":                                   "Corrija {n} {n|dato|datos} para continuar",
	"Your session had ended. This is what you wrote; nothing has been done yet.": "Su sesión había terminado. Esto es lo que escribió; aún no se ha hecho nada.",
}

// frame returns the frame of a page. Before the user is signed in it has only the institution.
func (v *visit) frame() (frame, error) {
	f := frame{Institution: v.letter.Name, Path: v.r.URL.Path, Query: v.r.URL.Query().Get("q"), Training: v.Training}
	if f.Institution == "" {
		f.Institution = "sofipo"
	}
	if v.who.User.ID.IsZero() {
		return f, nil
	}
	u := v.who.User
	f.SignedIn, f.Theme, f.Roomy, f.NoKeys = true, u.Preferences.Theme, u.Preferences.Roomy, u.Preferences.NoKeys
	f.Name = u.FullName
	if f.Name == "" {
		f.Name = u.Username
	}
	f.Job = v.jobTitle()
	if v.branch.Name != "" {
		f.Job += " · " + v.branch.Name
	}
	f.Today = v.say("{weekday} {date}", "weekday", weekdays[v.lang][v.today.Weekday()][:3], "date", v.today)
	f.Printed = v.say("printed on {when} by {who}", "when", fieldDate(v.today)+" "+v.clock(v.now), "who", f.Name)
	f.Groups = v.groups(f.Path)
	f.Notice = v.takeNotice()
	return f, nil
}

// groups returns the menu of the user, with what waits beside the entries. The entry of the
// page, or of the page above it, is the current one.
func (v *visit) groups(path string) (groups []group) {
	waiting, current := v.counts(), ""
	for _, g := range menu {
		for _, e := range g.links {
			if (path == e.path || e.path != Root && strings.HasPrefix(path, e.path+"/")) && len(e.path) > len(current) {
				current = e.path
			}
		}
	}
	for _, g := range menu {
		shown := group{Title: v.say(g.title)}
		for _, e := range g.links {
			shownBefore := slices.ContainsFunc(shown.Entries, func(s entry) bool { return s.Path == e.path })
			if v.may(e.need) && !shownBefore {
				shown.Entries = append(shown.Entries, entry{Label: v.say(e.label), Path: e.path, Count: waiting[e.path], Current: e.path == current})
			}
		}
		if len(shown.Entries) > 0 {
			groups = append(groups, shown)
		}
	}
	return groups
}
