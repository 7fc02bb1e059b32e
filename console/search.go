package console

import (
	"errors"
	"strings"
	"unicode"

	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/lending/loan"
	"sofipo/text"
	"sofipo/view"
	"sofipo/web"
)

const (
	searchPath = Root + "search"
	keysPath   = Root + "keys"
)

var searchRoutes = []route{
	{"GET " + searchPath, access.Own, (*visit).search},
	{"GET " + keysPath, access.Own, (*visit).keys},
}

// search is what a text finds: in the whole institution, and among what the user may do. It is a
// page, and a part below the search box while the user types.
type search struct {
	Query    string
	Problem  string
	Found    int
	Groups   []foundGroup
	Commands []foundCommand
}

// foundGroup has the results of a kind.
type foundGroup struct {
	Title   string
	Results []result
}

// result is something found. Path is empty if the user may not open it.
type result struct {
	Kind         string // for readers of the screen
	Name         []piece
	Number, Note string
	Detail, Path string
}

// piece is a part of a name; a hit is what was searched for.
type piece struct {
	Text string
	Hit  bool
}

// foundCommand is something to do, found by its name.
type foundCommand struct{ Label, Note, Path, Key string }

var searchScreen = declare[search]("search")

// deeds are what a user can search for by name and do, besides opening the pages of the menu.
var deeds = []link{
	{"New client", toClients + "new", client.Write},
	{"New application", Root + "applications/new", loan.Apply},
	{"Simulate a loan", Root + "simulator", loan.Quote},
	{"Disburse a loan", toTill + "/disbursement", loan.Disburse},
	{"Open the till", toTill, access.Own},
	{"Count and close the till", toTill + "/count", access.Own},
	{"Close the day", toDays, access.Own},
	{"New manual entry", Root + "books/entries/new", access.Own},
	{"New user", Root + "admin/users/new", access.Own},
	{"New product", Root + "admin/products/new", access.Own},
	{"My account", accountPath, access.Own},
	{"Keys", keysPath, access.Own},
}

var searchPhrases = phrases{
	"Search":                 "Buscar",
	"Results for “{query}”":  "Resultados de «{query}»",
	"{n} {n|result|results}": "{n} {n|resultado|resultados}",
	"Accents, the order of the words and one wrong letter do not matter.": "No importan los acentos, el orden de las palabras ni una letra equivocada.",
	"Nothing was found": "No se encontró nada",
	"Write a name, the number of a client, loan or receipt, an RFC, a CURP, a telephone, an e-mail address or a CLABE.": "Escriba un nombre, el número de un cliente, préstamo o recibo, un RFC, una CURP, un teléfono, un correo o una CLABE.",
	"Also what you want to do, such as “receive payment”.":                                                              "También lo que quiere hacer, por ejemplo «recibir pago».",
	"Payments and receipts":       "Pagos y recibos",
	"Receive payment of {number}": "Recibir pago de {number}",
	"choose":                      "elegir",
	"open":                        "abrir",
	"search again":                "buscar otra vez",
	"back":                        "regresar",
	"Kind":                        "Tipo",
	"New product":                 "Nuevo producto",
	"Disburse a loan":             "Entregar un crédito",
	"Count and close the till":    "Arqueo y cierre de caja",
	"New manual entry":            "Nueva póliza",
	"Keys":                        "Atajos",
	"Enter":                       "Intro",
	"Key":                         "Tecla",
	"What it does":                "Qué hace",
	"Everywhere":                  "En todas partes",
	"Lists and results":           "Listas y resultados",
	"A client or a loan":          "Un cliente o un préstamo",
	"Receiving a payment":         "Al recibir un pago",
	"The amount of a payment":     "El importe de un pago",
	"The methods of a payment":    "Las formas de pago",
	"A receipt":                   "Un recibo",
	"Search or find an action":    "Buscar o encontrar una acción",
	"Choose, open, go back":       "Elegir, abrir, regresar",
	"New client, receive a payment, note a contact":   "Nuevo cliente, recibir pago, registrar contacto",
	"Next request, previous request":                  "Solicitud siguiente, anterior",
	"Next field; in the last one, to the button":      "Campo siguiente; en el último, al botón",
	"The main action, once its preview is on screen":  "La acción principal, cuando su vista previa está en pantalla",
	"What is due, up to the next instalment, pay off": "Lo que debe, hasta el siguiente pago, liquidar",
	"The method with that number":                     "La forma con ese número",
	"Print, next payment":                             "Imprimir, siguiente pago",
	"These keys":                                      "Estos atajos",
	"Letters act only while no field has the focus. Turn them off under “{page}”.": "Las letras funcionan solo cuando el cursor no está en un campo. Puede apagarlas en «{page}».",
}

// search goes straight to the only result when the user presses Enter.
func (v *visit) search() error {
	page := search{Query: strings.TrimSpace(v.r.URL.Query().Get("q"))}
	var found []view.Found
	if v.may(client.Read) {
		var err error
		found, err = v.View.Search(v.r.Context(), v.by(), page.Query)
		var refusal *fault.Error
		switch {
		case errors.As(err, &refusal) && len(refusal.Flaws) > 0:
			page.Problem = web.Message(v.lang, refusal.Flaws[0])
		case err != nil:
			return err
		}
	}
	v.group(&page, found)
	page.Commands = append(v.follow(found), v.commandsNamed(page.Query)...)
	if v.r.Header.Get("HX-Request") != "" {
		return searchScreen.part(v, "found", page)
	}
	if len(found) == 1 && len(page.Commands) <= 1 && page.Groups[0].Results[0].Path != "" {
		return v.goTo(page.Groups[0].Results[0].Path)
	}
	if len(found) == 0 && len(page.Commands) == 1 && page.Problem == "" {
		return v.goTo(page.Commands[0].Path)
	}
	return searchScreen.show(v, page)
}

// group adds the results by kind.
func (v *visit) group(page *search, found []view.Found) {
	titles := map[view.FoundKind]string{view.FoundClient: v.say("Clients"), view.FoundLoan: v.say("Loans"), view.FoundApplication: v.say("Applications"), view.FoundTransaction: v.say("Payments and receipts")}
	for _, kind := range []view.FoundKind{view.FoundClient, view.FoundLoan, view.FoundApplication, view.FoundTransaction} {
		g := foundGroup{Title: titles[kind]}
		for _, f := range found {
			if f.Kind == kind {
				g.Results = append(g.Results, v.result(f, page.Query))
			}
		}
		if len(g.Results) > 0 {
			page.Groups = append(page.Groups, g)
		}
	}
	page.Found = len(found)
}

func (v *visit) result(f view.Found, query string) result {
	r := result{Kind: v.say("Loan"), Name: marked(f.Name, query), Number: folio.Loan.Print(f.Number), Detail: text.Of(v.lang, f.Amount), Note: capital(text.Of(v.lang, f.Status))}
	switch f.Kind {
	case view.FoundClient:
		r.Kind, r.Number, r.Detail, r.Note = v.say("Client"), folio.Client.Print(f.Number), "", f.RFC
		r.Path = v.link(toClients + r.Number)
	case view.FoundTransaction:
		r.Kind, r.Number, r.Note = v.say("Receipt"), folio.Receipt.Print(f.Number), capital(text.Of(v.lang, f.Operation))
		r.Path = v.link(receiptPath(f.Loan, f.Number))
	default:
		r.Path = v.link(loansPath + r.Number)
	}
	return r
}

// follow returns what the user may do with the only loan or the only name that was found.
func (v *visit) follow(found []view.Found) (all []foundCommand) {
	for _, f := range found {
		if f.Kind != view.FoundLoan || len(found) > 3 {
			continue
		}
		number := folio.Loan.Print(f.Number)
		if v.link(paymentPath) != "" {
			all = append(all, foundCommand{v.say("Receive payment of {number}", "number", number), f.Name, paymentPath + "?loan=" + number, "r"})
		}
	}
	return all
}

// commandsNamed returns the pages of the menu and the deeds whose names, in either language,
// have all words of a text.
func (v *visit) commandsNamed(query string) (all []foundCommand) {
	words := strings.Fields(folded(query))
	if len([]rune(strings.Join(words, ""))) < 2 {
		return nil
	}
	seen := map[string]bool{}
	consider := func(l link, note string) {
		if seen[l.path] || !v.may(l.need) || v.link(l.path) == "" || !nameHas(l.label, words) {
			return
		}
		seen[l.path] = true
		all = append(all, foundCommand{Label: v.say(l.label), Note: note, Path: l.path})
	}
	for _, d := range deeds {
		consider(d, "")
	}
	for _, s := range menu {
		for _, l := range s.links {
			consider(l, v.say(s.title))
		}
	}
	return all
}

// nameHas reports whether each word begins a word of a phrase, in either language.
func nameHas(english string, words []string) bool {
	of := strings.Fields(folded(english + " " + spanish[english]))
	for _, w := range words {
		if !begins(of, w) {
			return false
		}
	}
	return true
}

func begins(words []string, with string) bool {
	for _, w := range words {
		if strings.HasPrefix(w, with) {
			return true
		}
	}
	return false
}

var unaccented = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n")

// folded returns a text in lower case without accents.
func folded(s string) string { return unaccented.Replace(strings.ToLower(s)) }

// marked splits a name into the words that a query names and the others.
func marked(name, query string) (all []piece) {
	wanted := strings.FieldsFunc(folded(query), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range strings.Fields(name) {
		hit := false
		for _, q := range wanted {
			hit = hit || strings.HasPrefix(folded(w), q)
		}
		if i > 0 {
			w = " " + w
		}
		if n := len(all); n > 0 && all[n-1].Hit == hit {
			all[n-1].Text += w
			continue
		}
		if hit && i > 0 {
			all[len(all)-1].Text, w = all[len(all)-1].Text+" ", w[1:]
		}
		all = append(all, piece{w, hit})
	}
	return all
}

// keyLine is a line of the page of keys.
type keyLine struct {
	Keys        []string
	Does, Where string
}

// keysPage lists the keys.
type keysPage struct{ Lines []keyLine }

var keysScreen = declare[keysPage]("keys")

func (v *visit) keys() error {
	enter := v.say("Enter")
	return keysScreen.show(v, keysPage{Lines: []keyLine{
		{[]string{"/", "Ctrl K"}, v.say("Search or find an action"), v.say("Everywhere")},
		{[]string{"?"}, v.say("These keys"), v.say("Everywhere")},
		{[]string{"↑", "↓", enter, "Esc"}, v.say("Choose, open, go back"), v.say("Lists and results")},
		{[]string{"N", "R", "G"}, v.say("New client, receive a payment, note a contact"), v.say("A client or a loan")},
		{[]string{"J", "K"}, v.say("Next request, previous request"), v.say("Approvals")},
		{[]string{enter}, v.say("Next field; in the last one, to the button"), v.say("Receiving a payment")},
		{[]string{"D", "S", "L"}, v.say("What is due, up to the next instalment, pay off"), v.say("The amount of a payment")},
		{[]string{"1", "2", "3", "4"}, v.say("The method with that number"), v.say("The methods of a payment")},
		{[]string{"Ctrl " + enter}, v.say("The main action, once its preview is on screen"), v.say("Receiving a payment")},
		{[]string{"P", enter}, v.say("Print, next payment"), v.say("A receipt")},
	}})
}
