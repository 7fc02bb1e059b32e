package console

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sofipo/bank"
	deciding "sofipo/bank/authority"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/infra/auth"
	"sofipo/text"
	"sofipo/view"
)

const (
	adminPath = Root + "admin/"
	usersPath = adminPath + "users"
)

var userRoutes = []route{
	{"GET " + usersPath, staff.Read, (*visit).users},
	{"GET " + usersPath + "/new", staff.Manage, (*visit).newUser},
	{"POST " + usersPath + "/new", staff.Manage, (*visit).addUser},
	{"GET " + usersPath + "/{name}", staff.Read, (*visit).user},
	{"POST " + usersPath + "/{name}", staff.Read, (*visit).changeUser},
}

// usersPage lists the users.
type usersPage struct {
	Query   string
	Users   []userRow
	Waiting []waitingChange
	May     bool
}

// userRow is a user in a list.
type userRow struct {
	Username, Name, Role, Branch string
	State                        pill
}

// waitingChange is a change of a role that waits for a second person.
type waitingChange struct {
	What, By, When, Reason, Until string
	Lines                         []string // what changes
}

// newUserPage adds a user.
type newUserPage struct {
	Form     *form
	Branches []option
}

// userPage is a user with what can be changed.
type userPage struct {
	Who                   userRow
	Since                 string
	Data, Role, Password  *form
	Branches, Roles       []option
	Sessions              []openSession
	Keys                  *apiKeys // of a service account
	Factor                bool     // the user has a second factor
	Waiting               []waitingChange
	Disabled              bool
	May, MayRoles, IsSelf bool
}

var (
	usersScreen   = declare[usersPage]("users")
	newUserScreen = declare[newUserPage]("user_new")
	userScreen    = declare[userPage]("user")
)

var userPhrases = phrases{
	"Users":                                  "Usuarios",
	"New user":                               "Nuevo usuario",
	"User name":                              "Nombre de usuario",
	"Full name":                              "Nombre completo",
	"Active":                                 "Activo",
	"Disabled":                               "Dado de baja",
	"Without a role":                         "Sin perfil",
	"{n} {n|user|users}":                     "{n} {n|usuario|usuarios}",
	"Find a user":                            "Buscar usuario",
	"No user has that name":                  "Ningún usuario tiene ese nombre",
	"Lower-case letters, digits and . _ @ -": "Minúsculas, cifras y . _ @ -",
	"The user may do nothing until two people assign a role: you ask for it on the next page.": "El usuario no podrá hacer nada hasta que dos personas le asignen un perfil: lo pide en la página siguiente.",
	"Add the user":     "Agregar usuario",
	"{name} was added": "Se agregó a {name}",
	"Give the password to the user, who can change it under “My account”.": "Entregue la contraseña a la persona; podrá cambiarla en «Mi cuenta».",
	"A program uses it: it has API keys and no password":                   "La usa un programa: tiene claves de API y no contraseña",
	"Service account":     "Cuenta de servicio",
	"Member since {date}": "Usuario desde el {date}",
	"Two people change a role: you ask for it, and another person approves it.": "Un perfil lo cambian dos personas: usted lo pide y otra lo autoriza.",
	"Ask for the change": "Pedir el cambio",
	"The change is waiting for another person's approval": "El cambio espera la autorización de otra persona",
	"The change was made":         "Se hizo el cambio",
	"Waiting for a second person": "Esperan a una segunda persona",
	"expires on {date}":           "vence el {date}",
	"{name}: role “{role}”":       "{name}: perfil «{role}»",
	"Role “{role}”":               "Perfil «{role}»",
	"Set a new password":          "Asignar nueva contraseña",
	"It ends the user’s sessions. Another person must then enable the user.":  "Termina las sesiones del usuario. Después, otra persona debe reactivarlo.",
	"The password of {name} was changed; another person must enable the user": "Se cambió la contraseña de {name}; otra persona debe reactivar al usuario",
	"Access":                       "Acceso",
	"Disable the user":             "Dar de baja al usuario",
	"Enable the user":              "Reactivar al usuario",
	"End all sessions":             "Terminar todas las sesiones",
	"{name} can no longer sign in": "{name} ya no puede iniciar sesión",
	"{name} can sign in again":     "{name} puede iniciar sesión otra vez",
	"The sessions of {name} ended": "Las sesiones de {name} terminaron",
	"Reset the second factor":      "Restablecer segundo factor",
	"The second factor of {name} was reset; another person must enable the user": "Se restableció el segundo factor de {name}; otra persona debe reactivar al usuario",
	"The user is not signed in": "El usuario no tiene ninguna sesión abierta",
	"A disabled user keeps the clients, loans and history; nobody can sign in with the name.": "Un usuario dado de baja conserva clientes, préstamos e historial; nadie puede entrar con su nombre.",
}

// rolesByName returns the roles in force by name.
func (v *visit) rolesByName() (map[access.Role]staff.Role, []staff.Role, error) {
	all, err := v.Bank.Roles(v.r.Context())
	roles := map[access.Role]staff.Role{}
	for _, r := range all {
		roles[r.Name] = r
	}
	return roles, all, err
}

func (v *visit) userRow(u staff.User, roles map[access.Role]staff.Role) userRow {
	row := userRow{Username: u.Username, Name: u.FullName, Branch: v.branchName(u.BranchID), State: pill{"good", v.say("Active")}}
	if row.Name == "" {
		row.Name = u.Username
	}
	if r, known := roles[access.Role(u.Role)]; known {
		row.Role = v.roleTitle(r)
	}
	switch {
	case u.Disabled:
		row.State = pill{"off", v.say("Disabled")}
	case row.Role == "":
		row.State = pill{"warn", v.say("Without a role")}
	}
	return row
}

func (v *visit) users() error {
	page := usersPage{Query: strings.TrimSpace(v.r.URL.Query().Get("q")), May: v.may(staff.Manage)}
	var err error
	if page.Users, err = v.usersNamed(page.Query); err != nil {
		return err
	}
	if page.Waiting, err = v.waitingChanges("assign_role", ""); err != nil {
		return err
	}
	return usersScreen.show(v, page)
}

// usersNamed returns the users by name. Each word of the query begins a word of the name, the role,
// the branch or the state.
func (v *visit) usersNamed(query string) (rows []userRow, err error) {
	roles, _, err := v.rolesByName()
	if err != nil {
		return nil, err
	}
	all, err := v.View.Users(v.r.Context(), v.by())
	wanted := strings.Fields(folded(query))
	for _, u := range all {
		row := v.userRow(u, roles)
		of := strings.Fields(folded(strings.Join([]string{row.Name, row.Username, row.Role, row.Branch, row.State.Text}, " ")))
		if !slices.ContainsFunc(wanted, func(w string) bool { return !begins(of, w) }) {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b userRow) int { return strings.Compare(folded(a.Name), folded(b.Name)) })
	return rows, err
}

// waitingChanges lists the requests of an operation that wait: for a user or role, or all.
func (v *visit) waitingChanges(operation, of string) (all []waitingChange, err error) {
	if !v.may(authority.Read) {
		return nil, nil
	}
	roles, _, err := v.rolesByName()
	if err != nil {
		return nil, err
	}
	requests, err := v.View.Requests(v.r.Context(), v.by(), view.RequestQuery{State: authority.Waiting, Today: v.today, Paging: view.Paging{Limit: 200}})
	for _, r := range requests.Items {
		if r.Operation != operation {
			continue
		}
		w := waitingChange{By: v.person(r.FiledBy), When: v.at(r.FiledAt), Reason: r.Reason, Until: text.Of(v.lang, r.ExpiresOn)}
		if operation == "assign_role" {
			var c staffing.AssignRole
			if json.Unmarshal([]byte(r.Command), &c) != nil || of != "" && c.Username != of {
				continue
			}
			w.What = v.say("{name}: role “{role}”", "name", v.person(c.Username), "role", v.roleTitle(roles[c.Role]))
		} else {
			var c staffing.DefineRole
			if json.Unmarshal([]byte(r.Command), &c) != nil || of != "" && string(c.Role.Name) != of {
				continue
			}
			w.What, w.Lines = v.say("Role “{role}”", "role", v.roleTitle(c.Role)), v.roleChanges(roles[c.Role.Name], c.Role)
		}
		all = append(all, w)
	}
	return all, err
}

// branchOptions lists the open branches.
func (v *visit) branchOptions() (all []option) {
	for _, b := range v.branches {
		if !b.Closed {
			all = append(all, option{b.Code, b.Name})
		}
	}
	return all
}

func (v *visit) newUser() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	return newUserScreen.show(v, newUserPage{f, v.branchOptions()})
}

func (v *visit) addUser() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	name := strings.ToLower(f.Get("username"))
	made := staffing.AddUser{Username: name, FullName: f.Get("full_name"), Branch: f.Get("branch"), Service: f.Is("service", "on")}
	switch password := f.Values.Get("password"); {
	case !made.Service:
		made.Password, err = v.hashed(name, password)
	case password != "":
		err = fault.Refuse(staff.NotForService)
	}
	if err == nil {
		_, err = command(v, &form{}, made)
	}
	if err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		return newUserScreen.answer(v, status, newUserPage{f, v.branchOptions()})
	}
	return v.done(usersPath+"/"+name, notice{Text: v.say("{name} was added", "name", name)})
}

// hashed returns the hash of a new password. Forms with one have no idempotency key, because no
// hash of a request may have the password in it.
func (v *visit) hashed(username, password string) (string, error) {
	if err := auth.CheckNewPassword(username, v.letter.Name, password); err != nil {
		return "", err
	}
	return auth.HashPassword(password)
}

// userNamed returns the user of the address.
func (v *visit) userNamed() (staff.User, error) {
	all, err := v.View.Users(v.r.Context(), v.by())
	if err != nil {
		return staff.User{}, err
	}
	for _, u := range all {
		if u.Username == v.r.PathValue("name") {
			return u, nil
		}
	}
	return staff.User{}, fault.Refuse(staff.NotFound)
}

func (v *visit) user() error {
	u, err := v.userNamed()
	if err != nil {
		return err
	}
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	if !f.Back {
		return v.showUser(http.StatusOK, u, &form{Key: f.Key})
	}
	return v.showUser(http.StatusOK, u, f)
}

// showUser shows a user. A form that was sent replaces the empty one; its input "do" says which.
func (v *visit) showUser(status int, u staff.User, sent *form) error {
	roles, all, err := v.rolesByName()
	if err != nil {
		return err
	}
	page := userPage{
		Who: v.userRow(u, roles), Since: v.say("Member since {date}", "date", civil.DateOf(u.CreatedAt.In(v.Location))),
		Data: &form{Key: sent.Key, Values: url.Values{"full_name": {u.FullName}, "branch": {v.branchCode(u.BranchID)}}},
		Role: &form{Key: sent.Key, Values: url.Values{"role": {u.Role}}}, Password: &form{}, Branches: v.branchOptions(),
		Disabled: u.Disabled, May: v.may(staff.Manage), MayRoles: v.may(staff.ManageRoles) && u.Username != v.who.User.Username, IsSelf: u.Username == v.who.User.Username,
	}
	if u.Kind == staff.Service {
		if page.Keys, err = v.apiKeysOf(u, roles[access.Role(u.Role)], sent); err != nil {
			return err
		}
	}
	switch sent.Get("do") {
	case "key", "activate", "revoke":
	case "role":
		page.Role = sent
	case "data":
		page.Data = sent
	case "":
	default:
		sent.Values = nil
		page.Password = sent
	}
	for _, r := range all {
		page.Roles = append(page.Roles, option{string(r.Name), v.roleTitle(r)})
	}
	if page.Waiting, err = v.waitingChanges("assign_role", u.Username); err != nil {
		return err
	}
	if page.May && page.Keys == nil {
		stored, err := v.View.User(v.r.Context(), u.Username)
		if err != nil {
			return err
		}
		if _, err := v.View.Factor(v.r.Context(), u.Username); err == nil {
			page.Factor = true
		} else if !fault.Is(err, staff.FactorNotFound) {
			return err
		}
		if page.Sessions, err = v.sessionsOf(stored); err != nil {
			return err
		}
	}
	return userScreen.answer(v, status, page)
}

// changeUser does what a form of the user's page asks for. It shows the page again if the form is
// wrong.
func (v *visit) changeUser() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	u, err := v.userNamed()
	if err != nil {
		return err
	}
	creates := f.Get("do") == "key"
	said, err := v.doToUser(f, u)
	if creates && err == nil {
		return v.showUser(http.StatusCreated, u, f) // with the key
	}
	if err != nil {
		status, shown := f.wrong(v, err, map[string]string{"request_reason": "reason", "permissions": "permission"})
		if !shown {
			return err
		}
		return v.showUser(status, u, f)
	}
	return v.done(usersPath+"/"+u.Username, notice{Text: said})
}

// doToUser runs the command of a form. It returns what was done.
func (v *visit) doToUser(f *form, u staff.User) (said string, err error) {
	who := cmp.Or(u.FullName, u.Username)
	switch f.Get("do") {
	case "data":
		name, branch := f.Get("full_name"), f.Get("branch")
		_, err = command(v, f, staffing.ChangeUser{Username: u.Username, FullName: &name, Branch: &branch})
		return v.say("Saved"), err
	case "role":
		return byTwo(v, f, staffing.AssignRole{Username: u.Username, Role: access.Role(f.Get("role"))})
	case "password":
		hash, err := v.hashed(u.Username, f.Values.Get("password"))
		if err == nil {
			_, err = command(v, &form{}, staffing.ChangePassword{Username: u.Username, Password: hash})
		}
		return v.say("The password of {name} was changed; another person must enable the user", "name", who), err
	case "disable":
		_, err = command(v, f, staffing.DisableUser{Username: u.Username})
		return v.say("{name} can no longer sign in", "name", who), err
	case "enable":
		_, err = command(v, f, staffing.EnableUser{Username: u.Username})
		return v.say("{name} can sign in again", "name", who), err
	case "key", "activate", "revoke":
		return v.doToKey(f, u)
	case "factor":
		_, err = command(v, f, staffing.ResetFactor{Username: u.Username})
		return v.say("The second factor of {name} was reset; another person must enable the user", "name", who), err
	case "sessions":
		_, err = command(v, f, staffing.EndSessions{Username: u.Username})
		return v.say("The sessions of {name} ended", "name", who), err
	}
	return "", errNoPage
}

// byTwo runs a command that two people do: at once if the user may do it alone, or else as a
// request. It returns what happened.
func byTwo[A any](v *visit, f *form, c bank.Command[A]) (said string, err error) {
	if _, err = command(v, f, c); !fault.Is(err, authority.Exceeded) {
		return v.say("The change was made"), err
	}
	order, can := bank.OrderOf(c)
	if !can {
		return "", err
	}
	_, err = command(v, f, deciding.FileRequest{Order: order, Reason: f.Get("reason")})
	return v.say("The change is waiting for another person's approval"), err
}
