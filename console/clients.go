package console

import (
	"crypto/rand"
	"time"

	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/view"
	"sofipo/web"
)

const clientsPath = Root + "clients"

var clientListRoutes = []route{
	{"GET " + clientsPath, client.Read, (*visit).clients},
}

// clientList is the list of clients.
type clientList struct {
	Filters  *form
	Branches []option // none: the user sees only one
	Officers []option // empty: the user sees only their own clients
	Files    []option // empty: the user may not read files
	Clear    string   // address without filters; empty without filters
	ByName   heading
	BySince  heading
	Rows     []clientRow
	Pager    pager
	MayAdd   bool

	Assign *form
	Heirs  []option // officers to whom clients can be assigned; empty: the user does not assign clients
	Former option   // officer all of whose clients can be assigned; empty: none is chosen
	Kept   []field  // the filters, which come back with a refusal
}

// heading is the heading of a column by which a list can be sorted.
type heading struct{ Label, Path, Sort string } // Sort is the value of aria-sort

// clientRow is a client in a list.
type clientRow struct {
	Number          folio.Number
	Name, RFC       string
	Branch, Officer string
	Since           civil.Date
	State           pill
	Loans           int
	Balance         money.Amount
	Path            string
}

var clientListScreen = declare[clientList]("clients")

var clientListPhrases = phrases{
	"Incomplete or expired":                    "Incompleto o vencido",
	"Expired":                                  "Vencido",
	"Clients of your branch":                   "Clientes de su sucursal",
	"Your clients":                             "Sus clientes",
	"No client is in this list":                "No hay clientes en esta lista",
	"{name} (disabled)":                        "{name} (baja)",
	"Remove a filter, or register the client.": "Quite algún filtro o registre al cliente.",
}

// pathOfClient returns the address of a client's page.
func pathOfClient(n folio.Number) string { return clientsPath + "/" + folio.Client.Print(n) }

// owners returns the choices of the filters by branch and by officer; none where the scope of
// the user leaves nothing to choose.
func (v *visit) owners() (branches, officers []option) {
	scope := v.who.Role.Scope
	if scope == staff.All && len(v.branches) > 1 {
		branches = append(branches, option{"", v.say("All branches")})
		for _, b := range v.branches {
			branches = append(branches, option{b.Code, b.Name})
		}
	}
	if scope != staff.All && scope != staff.OfBranch {
		return branches, nil
	}
	officers = append(officers, option{"", v.say("All officers")}, option{nobody, v.say("Nobody")})
	for _, u := range v.colleagues {
		if isOfficer(u) && (scope == staff.All || u.BranchID == v.who.User.BranchID) {
			name := v.person(u.Username)
			if u.Disabled {
				name = v.say("{name} (disabled)", "name", name)
			}
			officers = append(officers, option{u.Username, name})
		}
	}
	return branches, officers
}

// nobody is the filter for rows without an officer or a collector.
const nobody = "-"

// looksAfter reports whether a user may be the officer of clients.
func looksAfter(u staff.User) bool { return !u.Disabled && isOfficer(u) }

// isOfficer reports whether a user has a role that looks after clients.
func isOfficer(u staff.User) bool { return u.Role == "officer" || u.Role == "branch_manager" }

// owned reads the filters by branch and by officer.
func (v *visit) owned(f *form, flaws *fault.Flaws) (o view.Owned) {
	switch officer := f.Get("officer"); officer {
	case "":
	case nobody:
		o.Officer = new(string)
	default:
		o.Officer = &officer
	}
	if code := f.Get("branch"); code != "" {
		for _, b := range v.branches {
			if b.Code == code {
				o.Branch = b.ID
			}
		}
		flaws.Unless(!o.Branch.IsZero(), "branch", web.NotPlace)
	}
	return o
}

// filters returns the query of the address as a form, and the address without its filters.
func (v *visit) filters(names ...string) (f *form, clear string) {
	f = &form{Values: v.r.URL.Query()}
	for _, name := range names {
		if f.Get(name) != "" {
			clear = v.r.URL.Path
		}
	}
	return f, clear
}

// heading returns the heading that sorts by an order, or the other way round if it does so now.
func (v *visit) heading(label string, up, down, first view.Order, now view.Order) heading {
	h := heading{Label: label}
	next := first
	switch now {
	case up:
		h.Sort, next = "ascending", down
	case down:
		h.Sort, next = "descending", up
	}
	h.Path = v.with("sort", string(next), "after", "", "before", "")
	return h
}

// order returns the order that the address asks for, or the first one.
func order(f *form, accepted ...view.Order) view.Order {
	for _, o := range accepted {
		if f.Get("sort") == string(o) {
			return o
		}
	}
	return accepted[0]
}

// clientFilters are the inputs in the address of the list.
var clientFilters = []string{"branch", "officer", "file", "sort", "after", "before"}

// clients is the list of clients.
func (v *visit) clients() error { return v.showClients(200, &form{Key: rand.Text()}) }

// showClients shows the list that the address selects. The form assigns clients to an officer.
func (v *visit) showClients(status int, assign *form) error {
	if err := v.people(); err != nil {
		return err
	}
	f, clear := v.filters("branch", "officer", "file")
	page := clientList{Filters: f, Clear: clear, MayAdd: v.may(client.Write), Assign: assign, Kept: keptFilters(f, clientFilters)}
	page.Branches, page.Officers = v.owners()
	v.fillHeirs(&page)
	if v.may(client.ReadFile) {
		page.Files = []option{{"", v.say("All")}, {string(view.FileIncomplete), v.say("Incomplete or expired")}, {string(view.FileExpired), v.say("Expired")}}
	}
	q := view.ClientQuery{File: view.FileState(among(f, "file", page.Files)), Today: v.today, Order: order(f, view.ByNameUp, view.ByNameDown, view.LastClient, view.FirstClient)}
	page.ByName = v.heading(v.say("Client"), view.ByNameUp, view.ByNameDown, view.ByNameUp, q.Order)
	page.BySince = v.heading(v.say("Registered"), view.FirstClient, view.LastClient, view.LastClient, q.Order)
	var flaws fault.Flaws
	q.Owned = v.owned(f, &flaws)
	err := flaws.Err()
	if err == nil {
		q.Window, err = v.window()
	}
	if err != nil {
		return err
	}
	found, err := v.View.ListClients(v.r.Context(), v.by(), q)
	if err != nil {
		return err
	}
	if page.Rows, err = v.clientRows(found.Items); err != nil {
		return err
	}
	page.Pager = v.pager(len(page.Rows), found.Next, found.Previous)
	return clientListScreen.answer(v, status, page)
}

// fillHeirs fills in to whom clients can be assigned.
func (v *visit) fillHeirs(page *clientList) {
	if !v.may(client.Assign) || page.Officers == nil {
		return
	}
	for _, u := range v.colleagues {
		switch {
		case u.Username == page.Filters.Get("officer"):
			page.Former = option{u.Username, v.person(u.Username)}
		case looksAfter(u) && (v.who.Role.Scope == staff.All || u.BranchID == v.who.User.BranchID):
			page.Heirs = append(page.Heirs, option{u.Username, v.person(u.Username)})
		}
	}
}

// clientRows returns the rows of clients with what they owe.
func (v *visit) clientRows(all []client.Client) ([]clientRow, error) {
	ids := make([]id.ID, len(all))
	for i, c := range all {
		ids[i] = c.ID
	}
	debts := map[id.ID]view.ClientDebt{}
	if v.may(loan.Read) && len(ids) > 0 {
		var err error
		if debts, err = v.View.ClientDebts(v.r.Context(), v.by(), ids); err != nil {
			return nil, err
		}
	}
	rows := make([]clientRow, len(all))
	for i, c := range all {
		d := debts[c.ID]
		rows[i] = clientRow{
			Number: c.Number, Name: c.FullName, RFC: c.RFC, Branch: v.branchName(c.BranchID), Officer: v.person(c.Officer), Since: v.dayOf(c.CreatedAt),
			Loans: d.Loans, Balance: d.Balance, Path: pathOfClient(c.Number), State: v.lateness(servicing.Active, int(d.DaysPastDue)),
		}
		if d.Loans == 0 {
			rows[i].State = pill{}
		}
	}
	return rows, nil
}

// dayOf returns the date at the institution.
func (v *visit) dayOf(t time.Time) civil.Date {
	if t.IsZero() {
		return civil.Date{}
	}
	return civil.DateOf(t.In(v.Location))
}
