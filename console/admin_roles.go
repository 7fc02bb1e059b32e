package console

import (
	"net/http"
	"net/url"
	"strconv"

	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/nouns"
	"sofipo/core/staff"
	"sofipo/text"
)

const rolesPath = adminPath + "roles"

var roleRoutes = []route{
	{"GET " + rolesPath, staff.Read, (*visit).roles},
	{"GET " + rolesPath + "/{name}", staff.Read, (*visit).role},
	{"POST " + rolesPath + "/{name}", staff.ManageRoles, (*visit).defineRole},
}

// newRole is the name in the address of the page that makes a role. No role can have it: names
// begin with a letter.
const newRole = "+"

// rolesPage lists the roles.
type rolesPage struct {
	Roles   []roleRow
	Waiting []waitingChange
	May     bool
}

// roleRow is a role in a list.
type roleRow struct {
	Name, Title, Scope string
	Users, Permissions int
	Approval           money.Amount
	Unlimited          bool
}

// rolePage is a role with a form to ask for its change.
type rolePage struct {
	Title   string
	New     bool
	May     bool
	Form    *form
	Scopes  []option
	Groups  []permissionGroup
	Limits  []limitInput
	Users   []userRow
	Waiting []waitingChange
}

// permissionGroup has the permissions of a subject.
type permissionGroup struct {
	Title       string
	Permissions []permissionChoice
}

// permissionChoice is a permission that the role may have.
type permissionChoice struct {
	Value, Label string
	Held         bool
}

// limitInput is the limit of an operation.
type limitInput struct{ Input, Label string }

var (
	rolesScreen = declare[rolesPage]("roles")
	roleScreen  = declare[rolePage]("role")
)

var rolePhrases = phrases{
	"Roles":                            "Perfiles",
	"New role":                         "Nuevo perfil",
	"Scope":                            "Alcance",
	"Permissions":                      "Permisos",
	"May approve up to":                "Autoriza hasta",
	"their own clients":                "sus clientes",
	"their own branch":                 "su sucursal",
	"the whole institution":            "toda la institución",
	"Clients and loans that it covers": "Clientes y préstamos que abarca",
	"Name of the role":                 "Clave del perfil",
	"Lower-case letters, digits and _; it cannot be changed.": "Minúsculas, cifras y _; no se puede cambiar.",
	"Title":                                  "Título",
	"Products":                               "Productos",
	"Accounting":                             "Contabilidad",
	"Tills and banks":                        "Cajas y bancos",
	"Lists of persons":                       "Listas de personas",
	"Institution":                            "Institución",
	"Reports":                                "Reportes",
	"Events and audit":                       "Eventos y bitácora",
	"Others":                                 "Otros",
	"Limits of authority":                    "Límites de facultades",
	"by amount, in pesos; empty allows none": "por importe, en pesos; vacío: no puede",
	"Approving, disbursing, writing off and restructuring count the client’s whole exposure.": "Autorizar, entregar, castigar y reestructurar cuentan toda la exposición del cliente.",
	"Days in the past":     "Días hacia atrás",
	"Users with this role": "Usuarios con este perfil",
	"Two people change a role and its limits: you ask for it, and another person without the role approves it.": "Un perfil y sus límites los cambian dos personas: usted lo pide y otra, que no tenga el perfil, lo autoriza.",
	"gains: {what}":         "gana: {what}",
	"loses: {what}":         "pierde: {what}",
	"scope: {from} → {to}":  "alcance: {from} → {to}",
	"title: {from} → {to}":  "título: {from} → {to}",
	"{what}: {from} → {to}": "{what}: {from} → {to}",
	"days in the past":      "días hacia atrás",
}

// scopeText returns the text of a scope.
func (v *visit) scopeText(s staff.Scope) string {
	switch s {
	case staff.Own:
		return v.say("their own clients")
	case staff.OfBranch:
		return v.say("their own branch")
	}
	return v.say("the whole institution")
}

// limitText returns a limit for people.
func (v *visit) limitText(a money.Amount) string {
	switch {
	case a >= staff.Unlimited:
		return v.say("No limit")
	case a == 0:
		return "—"
	}
	return text.Of(v.lang, a)
}

// subject returns the title of the permissions of a noun.
func (v *visit) subject(noun string) string {
	switch noun {
	case "client":
		return v.say("Clients")
	case "loan":
		return v.say("Loans")
	case "collections":
		return v.say("Collections")
	case "product":
		return v.say("Products")
	case "accounting":
		return v.say("Accounting")
	case "settlement":
		return v.say("Tills and banks")
	case "incoming":
		return v.say("Deposits")
	case "staff":
		return v.say("Users")
	case "authority":
		return v.say("Approvals")
	case "screening":
		return v.say("Lists of persons")
	case "institution":
		return v.say("Institution")
	case "risk":
		return v.say("Reports")
	case "event":
		return v.say("Events and audit")
	}
	return v.say("Others")
}

func (v *visit) roles() error {
	_, all, err := v.rolesByName()
	if err != nil {
		return err
	}
	users, err := v.View.Users(v.r.Context(), v.by())
	if err != nil {
		return err
	}
	page := rolesPage{May: v.may(staff.ManageRoles)}
	for _, r := range all {
		row := roleRow{Name: string(r.Name), Title: v.roleTitle(r), Scope: capital(v.scopeText(r.Scope)), Permissions: len(r.Permissions), Approval: r.Limits.Approval, Unlimited: r.Limits.Approval >= staff.Unlimited}
		for _, u := range users {
			if u.Role == row.Name && !u.Disabled {
				row.Users++
			}
		}
		page.Roles = append(page.Roles, row)
	}
	if page.Waiting, err = v.waitingChanges("define_role", ""); err != nil {
		return err
	}
	return rolesScreen.show(v, page)
}

// roleChanges lists what a change of a role does.
func (v *visit) roleChanges(from, to staff.Role) (lines []string) {
	if from.Title != to.Title {
		lines = append(lines, v.say("title: {from} → {to}", "from", from.Title, "to", to.Title))
	}
	if from.Scope != to.Scope {
		lines = append(lines, v.say("scope: {from} → {to}", "from", v.scopeText(from.Scope), "to", v.scopeText(to.Scope)))
	}
	for _, p := range nouns.Permissions() {
		switch had, has := from.May(p), to.May(p); {
		case has && !had:
			lines = append(lines, v.say("gains: {what}", "what", text.Of(v.lang, p)))
		case had && !has:
			lines = append(lines, v.say("loses: {what}", "what", text.Of(v.lang, p)))
		}
	}
	for _, o := range staff.Operations() {
		if a, b := from.Limits.Of(o), to.Limits.Of(o); a != b {
			lines = append(lines, v.say("{what}: {from} → {to}", "what", capital(text.Of(v.lang, o)), "from", v.limitText(a), "to", v.limitText(b)))
		}
	}
	if a, b := from.Limits.BackDatingDays, to.Limits.BackDatingDays; a != b {
		lines = append(lines, v.say("{what}: {from} → {to}", "what", capital(v.say("days in the past")), "from", a, "to", b))
	}
	return lines
}

// roleNamed returns the role of the address; a zero one for a new role.
func (v *visit) roleNamed() (staff.Role, error) {
	name := v.r.PathValue("name")
	if name == newRole {
		return staff.Role{Scope: staff.OfBranch}, nil
	}
	roles, _, err := v.rolesByName()
	r, known := roles[access.Role(name)]
	if err == nil && !known {
		err = errNoPage
	}
	return r, err
}

func (v *visit) role() error {
	r, err := v.roleNamed()
	if err != nil {
		return err
	}
	values := url.Values{"name": {string(r.Name)}, "title": {v.roleTitle(r)}, "scope": {string(r.Scope)}, "days": {strconv.Itoa(r.Limits.BackDatingDays)}}
	for _, p := range r.Permissions {
		values.Add("permission", string(p))
	}
	for _, o := range staff.Operations() {
		if most := r.Limits.Of(o); most >= staff.Unlimited {
			values.Set("limit_"+string(o), v.say("No limit"))
		} else if most > 0 {
			values.Set("limit_"+string(o), amount(most))
		}
	}
	f, err := v.form(values)
	if err != nil {
		return err
	}
	return v.showRole(http.StatusOK, r, f)
}

func (v *visit) showRole(status int, r staff.Role, f *form) error {
	page := rolePage{Title: v.roleTitle(r), New: r.Name == "", May: v.may(staff.ManageRoles), Form: f}
	if page.New {
		page.Title = v.say("New role")
	}
	for _, s := range staff.Scopes() {
		page.Scopes = append(page.Scopes, option{string(s), capital(v.scopeText(s))})
	}
	for _, n := range nouns.All {
		g := permissionGroup{Title: capital(v.subject(n.Name))}
		for _, d := range n.Permissions {
			g.Permissions = append(g.Permissions, permissionChoice{string(d.Permission), capital(text.Of(v.lang, d.Permission)), f.Is("permission", string(d.Permission))})
		}
		if len(g.Permissions) > 0 {
			page.Groups = append(page.Groups, g)
		}
	}
	for _, o := range staff.Operations() {
		page.Limits = append(page.Limits, limitInput{"limit_" + string(o), capital(text.Of(v.lang, o))})
	}
	if !page.New {
		roles, _, err := v.rolesByName()
		if err != nil {
			return err
		}
		users, err := v.View.Users(v.r.Context(), v.by())
		if err != nil {
			return err
		}
		for _, u := range users {
			if u.Role == string(r.Name) {
				page.Users = append(page.Users, v.userRow(u, roles))
			}
		}
		if page.Waiting, err = v.waitingChanges("define_role", string(r.Name)); err != nil {
			return err
		}
	}
	return roleScreen.answer(v, status, page)
}

func (v *visit) defineRole() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	r, err := v.roleNamed()
	if err != nil {
		return err
	}
	made, err := v.readRole(f, r)
	said := ""
	if err == nil {
		said, err = byTwo(v, f, staffing.DefineRole{Role: made})
	}
	if err != nil {
		status, shown := f.wrong(v, err, map[string]string{"request_reason": "reason", "permissions": "permission"})
		if !shown {
			return err
		}
		return v.showRole(status, r, f)
	}
	return v.done(rolesPath, notice{Text: said})
}

// readRole reads the form of a role.
func (v *visit) readRole(f *form, former staff.Role) (staff.Role, error) {
	var flaws fault.Flaws
	r := staff.Role{Name: former.Name, Title: f.Get("title"), Scope: staff.Scope(f.Get("scope"))}
	if r.Name == "" {
		r.Name = access.Role(f.Get("name"))
	}
	if former.Name != "" && r.Title == v.roleTitle(former) {
		r.Title = former.Title
	}
	for _, p := range f.Values["permission"] {
		r.Permissions = append(r.Permissions, access.Permission(p))
	}
	limit := func(o staff.Operation) money.Amount {
		name := "limit_" + string(o)
		if f.Get(name) == v.say("No limit") {
			return staff.Unlimited
		}
		return f.amount(name, &flaws)
	}
	r.Limits = staff.Limits{
		Approval: limit(staff.Approving), Disbursement: limit(staff.Disbursing), WriteOff: limit(staff.WritingOff), EarlyWriteOff: limit(staff.EarlyWriteOff),
		Restructure: limit(staff.Restructuring), Reversal: limit(staff.Reversing), BackDating: limit(staff.BackDating), Alone: limit(staff.ActingAlone),
	}
	r.Limits.BackDatingDays = f.whole("days", &flaws)
	return r, flaws.Err()
}
