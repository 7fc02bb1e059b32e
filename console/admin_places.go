package console

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	booking "sofipo/bank/settlement"
	staffing "sofipo/bank/staff"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/core/staff"
	"sofipo/view"
)

const (
	branchesPath  = adminPath + "branches"
	tillAdminPath = adminPath + "tills"
)

var placeRoutes = []route{
	{"GET " + branchesPath, staff.Read, (*visit).branchList},
	{"GET " + branchesPath + "/{code}", staff.Read, (*visit).branchPage},
	{"POST " + branchesPath + "/{code}", staff.Manage, (*visit).changeBranch},
	{"GET " + tillAdminPath, settlement.Read, (*visit).adminTills},
	{"GET " + tillAdminPath + "/{code}", settlement.Read, (*visit).tillEdit},
	{"POST " + tillAdminPath + "/{code}", settlement.Manage, (*visit).changeTill},
	{"GET " + tillAdminPath + "/banks/{code}", settlement.Read, (*visit).bankAccount},
	{"POST " + tillAdminPath + "/banks/{code}", settlement.Treasury, (*visit).changeAccount},
}

// newPlace is the code in the address of a page that adds a branch, till or account. No code has
// it.
const newPlace = "+"

// branchListPage lists the branches.
type branchListPage struct {
	Branches []branchRow
	May      bool
}

// branchRow is a branch in a list.
type branchRow struct {
	Code, Name, Address, Phone string
	Closed                     bool
}

// branchEditPage is a branch, or a new one.
type branchEditPage struct {
	Branch branchRow
	New    bool
	Head   bool // the head office, which is never closed
	May    bool
	Form   *form
}

// tillAdmin lists tills, vaults and bank accounts.
type tillAdmin struct {
	Branches     []tillBranch
	Accounts     []bankRow
	May, MayBank bool
}

// tillBranch has the tills of a branch.
type tillBranch struct {
	Name  string
	Tills []tillLine
}

// tillLine is a till or a vault.
type tillLine struct {
	Code, Name, Teller string
	Vault              bool
	Cash               money.Amount
	State              pill
}

// bankRow is a bank account.
type bankRow struct {
	Code, Name, Bank, CLABE string
	Balance, Expected       money.Amount
	State                   pill
	Layout                  string // address of the layout of its files; empty: not for the user
	HasLayout               pill
}

// tillEditPage is a till, or a new one.
type tillEditPage struct {
	Till     tillLine
	New, May bool
	Open     bool // in use
	Form     *form
	Branches []option
	Kinds    []option
}

// accountEditPage is a bank account, or a new one.
type accountEditPage struct {
	Account  bankRow
	New, May bool
	Form     *form
}

var (
	branchListScreen  = declare[branchListPage]("branches")
	branchEditScreen  = declare[branchEditPage]("branch")
	tillAdminScreen   = declare[tillAdmin]("till_admin")
	tillEditScreen    = declare[tillEditPage]("till_edit")
	accountEditScreen = declare[accountEditPage]("bank_account")
)

var placePhrases = phrases{
	"Branches":        "Sucursales",
	"New branch":      "Nueva sucursal",
	"In service":      "En servicio",
	"Open the branch": "Abrir sucursal",
	"Capital letters, digits and hyphens; it cannot be changed.": "Mayúsculas, cifras y guiones; no se puede cambiar.",
	"Close the branch": "Cerrar sucursal",
	"It must have no active users and no clients. Its history stays.": "No debe tener usuarios activos ni clientes. Su historial se conserva.",
	"{name} was opened":    "Se abrió {name}",
	"{name} was closed":    "Se cerró {name}",
	"Balance in the books": "Saldo en libros",
	"Used by":              "La usa",
	"New till":             "Nueva caja",
	"New bank account":     "Nueva cuenta bancaria",
	"Free":                 "Libre",
	"In use":               "En uso",
	"Retired":              "De baja",
	"Lower-case letters, digits and hyphens; it cannot be changed.": "Minúsculas, cifras y guiones; no se puede cambiar.",
	"A till of a teller":                                    "Caja de un cajero",
	"The vault of the branch":                               "Bóveda de la sucursal",
	"The vault comes first: it gives the tills their cash.": "Primero la bóveda: de ella toman efectivo las cajas.",
	"Add the till":                                          "Agregar caja",
	"Retire the till":                                       "Dar de baja la caja",
	"It must be closed and without cash. It is never used again.": "Debe estar cerrada y sin efectivo. No vuelve a usarse.",
	"{name} was retired": "Se dio de baja {name}",
	"Add the account":    "Agregar cuenta",
	"Close the account":  "Cerrar cuenta",
	"It must have no balance and no money on its way. It is never used again.": "Debe tener saldo cero y nada por recibir. No vuelve a usarse.",
	"The balance may be below zero":                                            "El saldo puede ser negativo",
	"18 digits; the last one is checked.":                                      "18 cifras; se revisa la última.",
}

func (v *visit) branchList() error {
	page := branchListPage{May: v.may(staff.Manage)}
	for _, b := range v.branches {
		page.Branches = append(page.Branches, branchRow{b.Code, b.Name, b.Address, b.Phone, b.Closed})
	}
	return branchListScreen.show(v, page)
}

// branchOfAddress returns the branch of the address; a zero one for a new branch.
func (v *visit) branchOfAddress() (staff.Branch, error) {
	for _, b := range v.branches {
		if b.Code == v.r.PathValue("code") {
			return b, nil
		}
	}
	if v.r.PathValue("code") == newPlace {
		return staff.Branch{}, nil
	}
	return staff.Branch{}, errNoPage
}

func (v *visit) branchPage() error {
	b, err := v.branchOfAddress()
	if err != nil {
		return err
	}
	f, err := v.form(url.Values{"name": {b.Name}, "address": {b.Address}, "phone": {b.Phone}})
	if err != nil {
		return err
	}
	return v.showBranch(http.StatusOK, b, f)
}

func (v *visit) showBranch(status int, b staff.Branch, f *form) error {
	return branchEditScreen.answer(v, status, branchEditPage{
		Branch: branchRow{b.Code, b.Name, b.Address, b.Phone, b.Closed}, New: b.Code == "", Head: staff.IsHeadOffice(b.ID), May: v.may(staff.Manage) && !b.Closed, Form: f,
	})
}

func (v *visit) changeBranch() error {
	b, err := v.branchOfAddress()
	if err != nil {
		return err
	}
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	name, address, phone, said := f.Get("name"), f.Get("address"), f.Get("phone"), v.say("Saved")
	switch {
	case b.Code == "":
		_, err = command(v, f, staffing.AddBranch{Code: f.Get("code"), BranchName: name, Address: address, Phone: phone})
		said = v.say("{name} was opened", "name", name)
	case f.Get("do") == "close":
		_, err = command(v, f, &booking.CloseBranch{Code: b.Code})
		said = v.say("{name} was closed", "name", b.Name)
	default:
		_, err = command(v, f, staffing.ChangeBranch{Code: b.Code, BranchName: &name, Address: &address, Phone: &phone})
	}
	if err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		if f.Get("do") == "close" {
			f.Values = url.Values{"name": {b.Name}, "address": {b.Address}, "phone": {b.Phone}}
		}
		return v.showBranch(status, b, f)
	}
	return v.done(branchesPath, notice{Text: said})
}

// allTills returns the tills and vaults that the user's role sees, with their cash.
func (v *visit) allTills() ([]view.TillState, error) {
	all, err := v.View.Tills(v.r.Context(), v.by(), view.Paging{Limit: 1000})
	return all.Items, err
}

func (v *visit) tillLine(t view.TillState) tillLine {
	row := tillLine{Code: t.Code, Name: t.Name, Vault: !t.VaultOf.IsZero(), Cash: t.Balance, State: pill{"", v.say("Free")}}
	switch {
	case t.Closed:
		row.State = pill{"off", v.say("Retired")}
	case !t.SessionID.IsZero():
		row.State, row.Teller = pill{"good", v.say("In use")}, v.person(t.Teller)
	case row.Vault:
		row.State = pill{"good", v.say("In service")}
	}
	return row
}

func (v *visit) adminTills() error {
	all, err := v.allTills()
	if err != nil {
		return err
	}
	accounts, err := v.View.BankAccounts(v.r.Context(), v.by())
	if err != nil {
		return err
	}
	page := tillAdmin{May: v.may(settlement.Manage), MayBank: v.may(settlement.Treasury)}
	for _, b := range v.branches {
		group := tillBranch{Name: b.Name}
		for _, t := range all {
			if t.BranchID == b.ID || t.BranchID.IsZero() && staff.IsHeadOffice(b.ID) {
				group.Tills = append(group.Tills, v.tillLine(t))
			}
		}
		slices.SortStableFunc(group.Tills, func(x, y tillLine) int {
			return cmp.Or(cmp.Compare(boolInt(y.Vault), boolInt(x.Vault)), cmp.Compare(x.Code, y.Code))
		})
		if len(group.Tills) > 0 {
			page.Branches = append(page.Branches, group)
		}
	}
	for _, a := range accounts {
		if a.Choice {
			continue
		}
		row := v.bankRow(a)
		if v.may(incoming.Read) {
			_, err := v.View.BankLayout(v.r.Context(), v.by(), a.ID)
			if err != nil && !fault.Is(err, incoming.NoLayout) {
				return err
			}
			row.Layout, row.HasLayout = layoutPath(a.Code), pill{"good", v.say("Set")}
			if err != nil {
				row.HasLayout = pill{"off", v.say("Not set")}
			}
		}
		page.Accounts = append(page.Accounts, row)
	}
	return tillAdminScreen.show(v, page)
}

func boolInt(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (v *visit) bankRow(a view.AccountState) bankRow {
	row := bankRow{Code: a.Code, Name: a.Name, Bank: a.Bank, CLABE: a.CLABE, Balance: a.Balance, Expected: a.Expected, State: pill{"good", v.say("In service")}}
	if a.Closed {
		row.State = pill{"off", v.say("Closed")}
	}
	return row
}

// tillOfAddress returns the till of the address; a zero one for a new till.
func (v *visit) tillOfAddress() (view.TillState, error) {
	code := v.r.PathValue("code")
	if code == newPlace {
		return view.TillState{}, nil
	}
	all, err := v.allTills()
	for _, t := range all {
		if t.Code == code {
			return t, nil
		}
	}
	return view.TillState{}, cmp.Or(err, error(errNoPage))
}

func (v *visit) tillEdit() error {
	t, err := v.tillOfAddress()
	if err != nil {
		return err
	}
	f, err := v.form(url.Values{"name": {t.Name}, "branch": {v.branchCode(v.who.User.BranchID)}})
	if err != nil {
		return err
	}
	return v.showTillEdit(http.StatusOK, t, f)
}

func (v *visit) showTillEdit(status int, t view.TillState, f *form) error {
	return tillEditScreen.answer(v, status, tillEditPage{
		Till: v.tillLine(t), New: t.Code == "", May: v.may(settlement.Manage) && !t.Closed, Open: !t.SessionID.IsZero(), Form: f, Branches: v.branchOptions(),
		Kinds: []option{{"", v.say("A till of a teller")}, {"vault", v.say("The vault of the branch")}},
	})
}

func (v *visit) changeTill() error {
	t, err := v.tillOfAddress()
	if err != nil {
		return err
	}
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	said := v.say("Saved")
	switch {
	case t.Code == "":
		var branch id.ID
		for _, b := range v.branches {
			if b.Code == f.Get("branch") {
				branch = b.ID
			}
		}
		_, err = command(v, f, booking.AddTill{Code: f.Get("code"), Title: f.Get("name"), BranchID: branch, Vault: f.Get("kind") == "vault"})
	case f.Get("do") == "retire":
		_, err = command(v, f, booking.RetireTill{TillID: t.ID})
		said = v.say("{name} was retired", "name", t.Name)
	default:
		_, err = command(v, f, booking.RenameTill{TillID: t.ID, Title: f.Get("name")})
	}
	if err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		if f.Get("do") == "retire" {
			f.Values = url.Values{"name": {t.Name}}
		}
		return v.showTillEdit(status, t, f)
	}
	return v.done(tillAdminPath, notice{Text: said})
}

// accountOfAddress returns the bank account of the address; a zero one for a new account.
func (v *visit) accountOfAddress() (view.AccountState, error) {
	code := v.r.PathValue("code")
	if code == newPlace {
		return view.AccountState{}, nil
	}
	all, err := v.View.BankAccounts(v.r.Context(), v.by())
	for _, a := range all {
		if a.Code == code && !a.Choice {
			return a, nil
		}
	}
	return view.AccountState{}, cmp.Or(err, error(errNoPage))
}

func (v *visit) bankAccount() error {
	a, err := v.accountOfAddress()
	if err != nil {
		return err
	}
	f, err := v.form(url.Values{"name": {a.Name}, "bank": {a.Bank}, "clabe": {a.CLABE}})
	if err != nil {
		return err
	}
	return v.showAccountEdit(http.StatusOK, a, f)
}

func (v *visit) showAccountEdit(status int, a view.AccountState, f *form) error {
	return accountEditScreen.answer(v, status, accountEditPage{Account: v.bankRow(a), New: a.Code == "", May: v.may(settlement.Treasury) && !a.Closed, Form: f})
}

func (v *visit) changeAccount() error {
	a, err := v.accountOfAddress()
	if err != nil {
		return err
	}
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	name, bank, clabe, said := f.Get("name"), f.Get("bank"), f.Get("clabe"), v.say("Saved")
	switch {
	case a.Code == "":
		_, err = command(v, f, booking.AddAccount{Code: f.Get("code"), Title: name, Bank: bank, CLABE: clabe, Overdraft: f.Is("overdraft", "on")})
	case f.Get("do") == "close":
		_, err = command(v, f, booking.CloseAccount{AccountID: a.ID})
		said = v.say("{name} was closed", "name", a.Name)
	default:
		_, err = command(v, f, booking.ChangeAccount{AccountID: a.ID, Title: &name, Bank: &bank, CLABE: &clabe})
	}
	if err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		if f.Get("do") == "close" {
			f.Values = url.Values{"name": {a.Name}, "bank": {a.Bank}, "clabe": {a.CLABE}}
		}
		return v.showAccountEdit(status, a, f)
	}
	return v.done(tillAdminPath, notice{Text: said})
}
