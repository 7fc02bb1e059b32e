package console

import (
	"strings"

	tills "sofipo/bank/settlement"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/text"
	"sofipo/view"
)

const tillsPath = Root + "tills"

var tillsRoutes = []route{
	{"GET " + tillsPath, settlement.Read, (*visit).tills},
	{"GET " + tillsPath + "/{code}", settlement.Read, (*visit).oneTill},
	{"POST " + tillsPath + "/{code}", settlement.Manage, (*visit).moveVaultCash},
	{"POST " + tillsPath, settlement.Treasury, (*visit).moveFunds},
}

// tillsPage lists the tills and vaults with their cash, and the institution's bank accounts.
type tillsPage struct {
	Rows     []tillRow
	Total    money.Amount
	Accounts []accountRow
	MayMove  bool // money between vaults and bank accounts
	Form     *form
	Places   []option
	From, To string       // names of the places, with an amount to move between them
	Amount   money.Amount // 0: nothing to move yet
}

// tillRow is a till or vault.
type tillRow struct {
	Name, Branch, Path string
	Vault              bool
	State              pill
	Teller             string
	Cash               money.Amount
}

// accountRow is a bank account of the institution.
type accountRow struct {
	Name, Bank, CLABE string
	Balance, Expected money.Amount
	Closed            bool
}

var tillsScreen = declare[tillsPage]("tills")

var tillsPhrases = phrases{
	"Tills":                             "Cajas",
	"Tills and vaults":                  "Cajas y bóvedas",
	"Vault":                             "Bóveda",
	"cheques, cards, payroll and shops": "cheques, tarjetas, nómina y comercios",
	"Closed till":                       "Cerrada",
	"Open since {date}":                 "Abierta desde el {date}",
	"Move money":                        "Traspasar fondos",
	"From where":                        "De",
	"To where":                          "A",
	"Between vaults and bank accounts":  "Entre bóvedas y cuentas bancarias",
	"Move {amount} from {from} to {to}": "Traspasar {amount} de {from} a {to}",
	"Moved {amount}":                    "Traspaso de {amount} registrado",
	"Choose both places and write the amount":                    "Elija ambos lugares y escriba el importe",
	"There is no till":                                           "No hay cajas",
	"An administrator adds the tills and the vault of a branch.": "Un administrador registra las cajas y la bóveda de cada sucursal.",
}

func (v *visit) tills() error {
	f, err := v.draft()
	if err != nil {
		return err
	}
	return v.showTills(200, f)
}

func (v *visit) showTills(status int, f *form) error {
	all, err := v.View.Tills(v.r.Context(), v.by(), view.Paging{Limit: 1000})
	if err != nil {
		return err
	}
	page := tillsPage{Form: f, MayMove: v.may(settlement.Treasury)}
	for _, t := range all.Items {
		page.Rows = append(page.Rows, v.tillRow(t))
		page.Total += t.Balance
		if !t.VaultOf.IsZero() {
			page.Places = append(page.Places, option{"v:" + t.Code, t.Name + " · " + text.Of(v.lang, t.Balance)})
		}
	}
	accounts, err := v.View.BankAccounts(v.r.Context(), v.by())
	if err != nil {
		return err
	}
	for _, a := range accounts {
		label := a.Name
		if !a.Choice {
			page.Accounts = append(page.Accounts, accountRow{a.Name, a.Bank, a.CLABE, a.Balance, a.Expected, a.Closed})
			label += " · " + text.Of(v.lang, a.Balance)
		}
		if !a.Closed {
			page.Places = append(page.Places, option{"a:" + a.Code, label})
		}
	}
	if page.MayMove {
		v.fillMove(&page)
	}
	return tillsScreen.answer(v, status, page)
}

// fillMove fills in what the form would move.
func (v *visit) fillMove(page *tillsPage) {
	var flaws fault.Flaws
	amount := page.Form.amount("amount", &flaws)
	for _, p := range page.Places {
		name, _, _ := strings.Cut(p.Label, " · ")
		if p.Value == page.Form.Get("from") {
			page.From = name
		}
		if p.Value == page.Form.Get("to") {
			page.To = name
		}
	}
	if page.From != "" && page.To != "" && page.Form.Get("from") != page.Form.Get("to") {
		page.Amount = amount
	}
}

// fundsPlace is a vault or a bank account that money comes from or goes to.
type fundsPlace struct{ vault, account id.ID }

// placeOfFunds returns the place that an input names.
func (v *visit) placeOfFunds(f *form, name string, flaws *fault.Flaws) (p fundsPlace, err error) {
	kind, code, _ := strings.Cut(f.Get(name), ":")
	if kind == "v" {
		t, err := v.tillCoded(code)
		return fundsPlace{vault: t.ID}, err
	}
	accounts, err := v.View.BankAccounts(v.r.Context(), v.by())
	for _, a := range accounts {
		if kind == "a" && a.Code == code {
			p.account = a.ID
		}
	}
	flaws.Unless(p != fundsPlace{}, name, fault.Missing)
	return p, err
}

// moveFunds moves money between vaults and bank accounts.
func (v *visit) moveFunds() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	var flaws fault.Flaws
	from, err := v.placeOfFunds(f, "from", &flaws)
	var to fundsPlace
	if err == nil {
		to, err = v.placeOfFunds(f, "to", &flaws)
	}
	c := tills.MoveFunds{
		FromVault: from.vault, FromAccount: from.account, ToVault: to.vault, ToAccount: to.account,
		Amount: f.amount("amount", &flaws), Reference: f.Get("reference"), Reason: f.Get("reason"),
	}
	if err == nil {
		err = flaws.Err()
	}
	if err == nil {
		_, err = command(v, f, c)
	}
	if err == nil {
		return v.done(tillsPath, notice{Text: v.say("Moved {amount}", "amount", c.Amount)})
	}
	status, shown := f.wrong(v, err, map[string]string{"to_account": "to", "to_vault": "to", "from_vault": "from"})
	if !shown {
		return err
	}
	return v.showTills(status, f)
}

func (v *visit) tillRow(t view.TillState) tillRow {
	row := tillRow{Name: t.Name, Branch: v.branchName(t.BranchID), Path: tillsPath + "/" + t.Code, Vault: !t.VaultOf.IsZero(), Cash: t.Balance}
	switch {
	case row.Vault:
		row.State = pill{"off", v.say("Vault")}
	case t.Closed:
		row.State = pill{"off", v.say("Retired")}
	case t.SessionID.IsZero():
		row.State = pill{"off", v.say("Closed till")}
	case t.OpenedOn.Before(v.today):
		row.State, row.Teller = pill{"bad", v.say("Open since {date}", "date", t.OpenedOn)}, v.person(t.Teller)
	default:
		row.State, row.Teller = pill{"good", v.say("Open")}, v.person(t.Teller)
	}
	return row
}

// oneTillPage is a till or vault as its manager sees it.
type oneTillPage struct {
	Till     tillRow
	Since    string
	MayMove  bool
	MayClose bool
	Move     moveForm
	Form     *form
	Sessions []sessionRow
}

// sessionRow is a session of a till.
type sessionRow struct {
	Day               civil.Date
	Teller, Path      string
	Counted, Expected money.Amount
	State             pill
	Open              bool
}

var oneTillScreen = declare[oneTillPage]("till_detail")

var oneTillPhrases = phrases{
	"A vault is not opened or closed": "La bóveda no se abre ni se cierra",
	"Tills take cash from it. Move money between vaults and bank accounts on the page of all tills.": "Las cajas toman efectivo de ella. El dinero entre bóvedas y cuentas bancarias se traspasa en la página de todas las cajas.",
	"Last sessions":              "Últimas sesiones",
	"No session yet":             "Aún no hay sesiones",
	"Count and close for {name}": "Hacer arqueo y cerrar por {name}",
	"Vault and till":             "Bóveda y caja",
	"The till must be open to give it cash or to take it.": "La caja debe estar abierta para entregarle o recogerle efectivo.",
}

// kindsOfManager are the cash moves between a till and its vault.
var kindsOfManager = []settlement.MoveKind{settlement.FromVault, settlement.ToVault}

func (v *visit) oneTill() error {
	f, err := v.draft()
	if err != nil {
		return err
	}
	return v.showOneTill(200, f)
}

func (v *visit) showOneTill(status int, f *form) error {
	t, err := v.tillCoded(v.r.PathValue("code"))
	if err != nil {
		return err
	}
	open := !t.SessionID.IsZero()
	page := oneTillPage{Till: v.tillRow(t), Form: f, MayMove: open && v.may(settlement.Manage), MayClose: open && v.may(settlement.Manage) && t.Teller != v.who.User.Username}
	page.Move = v.moving(f, t, kindsOfManager)
	page.Move.Action, page.Move.Page = page.Till.Path, page.Till.Path
	if page.Till.Vault {
		return oneTillScreen.answer(v, status, page)
	}
	list, err := v.View.TillSessions(v.r.Context(), v.by(), view.SessionQuery{TillID: t.ID, Newest: true, Paging: view.Paging{Limit: 20}})
	if err != nil {
		return err
	}
	for _, s := range list.Items {
		row := sessionRow{Day: s.BusinessDate, Teller: v.person(s.Teller), Path: sessionsPath + s.ID.String(), Counted: s.Counted, Expected: s.Expected, State: v.balanced(s.Counted - s.Expected)}
		if s.ClosedOn.IsZero() {
			row.State, row.Expected, row.Open = pill{"next", v.say("Open")}, t.Balance, true
			page.Since = v.instant(s.OpenedAt)
		}
		page.Sessions = append(page.Sessions, row)
	}
	return oneTillScreen.answer(v, status, page)
}

// moveVaultCash moves cash between a till and its vault.
func (v *visit) moveVaultCash() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	t, err := v.tillCoded(v.r.PathValue("code"))
	if err == nil {
		err = v.moveCash(f, t, kindsOfManager)
	}
	if err == nil {
		return v.done(v.r.URL.Path, v.moved(f))
	}
	status, shown := f.wrong(v, err, nil)
	if !shown {
		return err
	}
	return v.showOneTill(status, f)
}
