package console

import (
	"encoding/base64"
	"io"

	"sofipo/bank"
	"sofipo/bank/lending"
	banks "sofipo/bank/settlement"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/text"
)

const (
	incomingPath   = Root + "incoming"
	importFilePath = incomingPath + "/file"
)

var incomingRoutes = []route{
	{"GET " + incomingPath, incoming.Read, (*visit).incoming},
	{"GET " + incomingPath + "/{payment}", incoming.Read, (*visit).deposit},
	{"POST " + incomingPath + "/{payment}", incoming.Resolve, (*visit).resolveDeposit},
	{"GET " + importFilePath, incoming.Import, (*visit).bankFile},
	{"POST " + importFilePath, incoming.Import, (*visit).importBankFile},
}

// incomingPage lists the payments that banks and shops reported.
type incomingPage struct {
	Tabs      []tab
	Rows      []depositRow
	Suspended bool
	Pager     pager
	MayImport bool
}

// depositRow is a payment that came in.
type depositRow struct {
	Path    string
	Date    civil.Date
	Amount  money.Amount
	Sender  string
	Concept string
	State   pill
	Reason  string
}

var incomingScreen = declare[incomingPage]("incoming")

var incomingPhrases = phrases{
	"Incoming payments":        "Depósitos recibidos",
	"Unidentified":             "Por identificar",
	"Why it is waiting":        "Por qué espera",
	"Import a bank file":       "Importar archivo del banco",
	"No unidentified deposits": "No hay depósitos por identificar",
	"No deposit was imported":  "No se ha importado ningún depósito",
	"Deposits without a valid reference appear here after a bank file is imported.": "Los depósitos sin referencia válida aparecen aquí al importar un archivo del banco.",
}

func (v *visit) incoming() error {
	status, shown := incoming.Suspended, v.r.URL.Query().Get("show")
	page := incomingPage{MayImport: v.may(incoming.Import), Suspended: shown != "all"}
	if !page.Suspended {
		status = ""
	}
	page.Tabs = []tab{
		{Label: v.say("Unidentified"), Path: incomingPath, Current: page.Suspended},
		{Label: v.say("All"), Path: incomingPath + "?show=all", Current: !page.Suspended},
	}
	part, err := v.paging()
	if err != nil {
		return err
	}
	list, err := v.View.IncomingPayments(v.r.Context(), v.by(), status, id.ID{}, part)
	if err != nil {
		return err
	}
	for _, p := range list.Items {
		page.Rows = append(page.Rows, v.depositRow(p))
	}
	page.Pager = v.pagerTo(len(page.Rows), list.Next)
	return incomingScreen.show(v, page)
}

func (v *visit) depositRow(p incoming.Payment) depositRow {
	row := depositRow{Path: incomingPath + "/" + p.ID.String(), Date: p.Date, Amount: p.Amount, Sender: p.Sender, Concept: p.Concept}
	row.State = pill{"good", capital(text.Of(v.lang, p.Status))}
	if p.Concept == "" {
		row.Concept = p.Reference
	}
	if p.Status == incoming.Suspended {
		row.State.Kind = "warn"
	}
	if p.Reason != "" {
		row.Reason = capital(text.Of(v.lang, p.Reason))
	}
	return row
}

// depositPage is a payment that came in. One that waits is assigned to a loan or returned.
type depositPage struct {
	Row      depositRow
	Path     string
	Facts    []fact
	Waits    bool // for the user to resolve it
	Assign   *form
	Return   *form
	Loan     *foundLoan
	Choices  []foundLoan
	Payoff   money.Amount
	MayApply bool // the preview was accepted
}

var depositScreen = declare[depositPage]("deposit")

var depositPhrases = phrases{
	"Deposit of {amount}":              "Depósito de {amount}",
	"Arrived":                          "Llegó",
	"Bank operation":                   "Operación del banco",
	"Imported":                         "Importado",
	"Resolved":                         "Resuelto",
	"Assign it to a loan":              "Asignar a un préstamo",
	"Find its loan":                    "Buscar préstamo",
	"Pay {loan} with {amount}":         "Pagar {loan} con {amount}",
	"It counts as a payment of {date}": "Cuenta como pago del {date}",
	"Return it to the sender":          "Devolver al ordenante",
	"Tracking key of the transfer":     "Clave de rastreo de la transferencia",
	"Make the transfer at the bank first, and write its key here.": "Haga primero la transferencia en el banco y escriba aquí su clave.",
	"Record the return of {amount}":                                "Registrar devolución de {amount}",
	"The deposit paid the loan":                                    "El depósito pagó el préstamo",
	"The return was recorded":                                      "Se registró la devolución",
}

// depositNamed returns the payment of the address.
func (v *visit) depositNamed() (incoming.Payment, error) {
	payment, err := id.Parse(v.r.PathValue("payment"))
	if err != nil {
		return incoming.Payment{}, fault.Refuse(incoming.NotFound)
	}
	return v.View.IncomingPayment(v.r.Context(), v.by(), payment)
}

func (v *visit) deposit() error {
	p, err := v.depositNamed()
	if err != nil {
		return err
	}
	f, err := v.draft()
	if err != nil {
		return err
	}
	return v.showDeposit(200, p, f, f)
}

// showDeposit answers with the page of a payment, with the forms as they were sent.
func (v *visit) showDeposit(status int, p incoming.Payment, assign, giveBack *form) error {
	page := depositPage{Row: v.depositRow(p), Path: v.r.URL.Path, Assign: assign, Return: giveBack, Waits: p.Status == incoming.Suspended && v.may(incoming.Resolve)}
	for _, f := range []fact{
		{v.say("Arrived"), text.Of(v.lang, p.Date)}, {v.say("Method"), capital(text.Of(v.lang, p.Method))}, {v.say("Sender"), p.Sender}, {v.say("Concept"), p.Concept},
		{v.say("Reference"), p.Reference}, {v.say("Bank operation"), p.Operation}, {v.say("Why it is waiting"), page.Row.Reason},
		{v.say("Imported"), v.person(p.TakenBy) + ", " + v.instant(p.TakenAt)},
	} {
		if f.Value != "" {
			page.Facts = append(page.Facts, f)
		}
	}
	if !p.ResolvedAt.IsZero() {
		page.Facts = append(page.Facts, fact{v.say("Resolved"), v.person(p.ResolvedBy) + ", " + v.instant(p.ResolvedAt)})
	}
	if page.Waits && assign.Get("loan") != "" {
		if err := v.fillAssignment(&page, p); err != nil {
			return err
		}
	}
	return depositScreen.answer(v, status, page)
}

// fillAssignment finds the loan that was typed, and decides the assignment without saving it.
func (v *visit) fillAssignment(page *depositPage, p incoming.Payment) error {
	payment := paymentPage{Form: page.Assign}
	file, err := v.loanToPay(&payment, seenPayment{})
	page.Choices = payment.Choices
	if err != nil || file == nil {
		return err
	}
	if err := v.fillOwed(&payment, file); err != nil {
		return err
	}
	page.Loan, page.Payoff = payment.Loan, payment.Payoff
	done, err := bank.Preview(v.r.Context(), v.Bank, bank.By{Actor: v.who.User.Username}, []bank.Command[incoming.Payment]{lending.AssignDeposit{PaymentID: p.ID, LoanID: file.Loan.ID}})
	if err == nil {
		err = done[0].Err
	}
	if page.MayApply = err == nil; page.MayApply {
		return nil
	}
	if _, shown := page.Assign.wrong(v, err, nil); !shown {
		return err
	}
	return nil
}

// resolveDeposit assigns the payment to a loan, or records its return.
func (v *visit) resolveDeposit() error {
	p, err := v.depositNamed()
	if err != nil {
		return err
	}
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	if f.Is("then", "return") {
		_, err = command(v, f, banks.ReturnDeposit{PaymentID: p.ID, Reference: f.Get("reference")})
		if err == nil {
			return v.done(incomingPath, notice{Text: v.say("The return was recorded"), Link: v.r.URL.Path, Label: v.say("Deposit of {amount}", "amount", p.Amount)})
		}
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		return v.showDeposit(status, p, &form{Values: map[string][]string{}, Key: f.Key}, f)
	}
	file, err := v.loanNamed(f.Get("loan"))
	if err == nil {
		_, err = command(v, f, lending.AssignDeposit{PaymentID: p.ID, LoanID: file.Loan.ID})
	}
	if err == nil {
		return v.done(incomingPath, notice{Text: v.say("The deposit paid the loan"), Link: loansPath + f.Get("loan"), Label: v.say("See the loan")})
	}
	status, shown := f.wrong(v, err, nil)
	if !shown {
		return err
	}
	return v.showDeposit(status, p, f, &form{Values: map[string][]string{}, Key: f.Key})
}

// bankFilePage imports the payment file of a bank: first what it would do, then the import.
type bankFilePage struct {
	Form     *form
	Accounts []option
	Name     string
	Content  string // base64, between the preview and the import
	Rows     []importedRow
	Good     int
	GoodSum  money.Amount
	Imported bool
	Waiting  int
	Known    int
	Bad      int
}

// importedRow is a row of a file with what became of it.
type importedRow struct {
	Line    int
	Date    civil.Date
	Amount  money.Amount
	Concept string
	State   pill
	Reason  string
}

var bankFileScreen = declare[bankFilePage]("bank_file")

var bankFilePhrases = phrases{
	"File of the bank":                  "Archivo del banco",
	"See its contents":                  "Ver su contenido",
	"Nothing is saved until you import": "Nada se guarda hasta importar",
	"Line":                              "Renglón",
	"Pays its loan":                     "Paga su préstamo",
	"Remains unidentified":              "Queda por identificar",
	"Already registered":                "Ya registrado",
	"Cannot be read":                    "No se puede leer",
	"Import {n} {n|deposit|deposits}":   "Importar {n} {n|depósito|depósitos}",
	"{name}: {n} {n|deposit|deposits} of {amount}":                                          "{name}: {n} {n|depósito|depósitos} por {amount}",
	"Imported: {n} {n|deposit|deposits} of {amount}":                                        "Se {n|importó|importaron} {n} {n|depósito|depósitos} por {amount}",
	"{waiting} remain unidentified, {known} were already registered, {bad} cannot be read.": "{waiting} quedan por identificar, {known} ya estaban registrados, {bad} no se pueden leer.",
	"Importing the same file again registers nothing twice.":                                "Si vuelve a importar el mismo archivo, nada se registra dos veces.",
	"Choose another file": "Elegir otro archivo",
}

func (v *visit) bankFile() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	return v.showBankFile(200, bankFilePage{Form: f})
}

func (v *visit) showBankFile(status int, page bankFilePage) error {
	accounts, err := v.View.BankAccounts(v.r.Context(), v.by())
	for _, a := range accounts {
		if !a.Closed {
			page.Accounts = append(page.Accounts, option{a.Code, a.Name})
		}
	}
	if err != nil {
		return err
	}
	return bankFileScreen.answer(v, status, page)
}

// importBankFile shows what a file would do, or imports it.
func (v *visit) importBankFile() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	page := bankFilePage{Form: f}
	c, err := v.sentFile(f)
	by := bank.By{Actor: v.who.User.Username}
	importer := lending.Importer{Bank: v.Bank}
	var done lending.Imported
	switch page.Imported = f.Is("then", "import"); {
	case err != nil:
	case page.Imported:
		done, err = importer.Import(v.r.Context(), by, v.today, c)
		v.committed(done.Token)
	default:
		done, err = importer.Preview(v.r.Context(), by, v.today, c)
		page.Content = base64.StdEncoding.EncodeToString(c.Content)
	}
	if err != nil {
		status, shown := f.wrong(v, err, map[string]string{"content": "file"})
		if !shown {
			return err
		}
		return v.showBankFile(status, bankFilePage{Form: f})
	}
	page.Name = c.FileName
	v.fillImported(&page, done)
	return v.showBankFile(200, page)
}

// sentFile reads the account and the file of the form, or the file that its preview kept.
func (v *visit) sentFile(f *form) (c banks.RegisterFile, err error) {
	accounts, err := v.View.BankAccounts(v.r.Context(), v.by())
	if err != nil {
		return c, err
	}
	for _, a := range accounts {
		if a.Code == f.Get("account") {
			c.AccountID = a.ID
		}
	}
	if c.AccountID.IsZero() {
		return c, fault.Refuse(settlement.AccountNotFound)
	}
	if kept := f.Get("content"); kept != "" {
		c.FileName = f.Get("name")
		if c.Content, err = base64.StdEncoding.DecodeString(kept); err != nil {
			return c, fault.Wrong(fault.At("file", incoming.Base64))
		}
		return c, nil
	}
	file, header, err := v.r.FormFile("file")
	if err != nil {
		return c, fault.Wrong(fault.At("file", fault.Missing))
	}
	defer func() { _ = file.Close() }() // it was read
	c.FileName = header.Filename
	c.Content, err = io.ReadAll(file)
	return c, err
}

func (v *visit) fillImported(page *bankFilePage, done lending.Imported) {
	states := map[lending.Outcome]pill{
		lending.RowApplied: {"good", v.say("Pays its loan")}, lending.RowSuspended: {"warn", v.say("Remains unidentified")},
		lending.RowKnown: {"off", v.say("Already registered")}, lending.RowBad: {"bad", v.say("Cannot be read")},
	}
	for _, r := range done.Rows {
		row := importedRow{Line: r.Line, Date: r.Date, Amount: r.Amount, Concept: r.Concept, State: states[r.Outcome]}
		if row.Concept == "" {
			row.Concept = r.Reference
		}
		for _, p := range r.Payments {
			if p.Reason != "" {
				row.Reason = capital(text.Of(v.lang, p.Reason))
			}
		}
		switch r.Outcome {
		case lending.RowApplied, lending.RowSuspended:
			page.Good, page.GoodSum = page.Good+1, page.GoodSum+r.Amount
			if r.Outcome == lending.RowSuspended {
				page.Waiting++
			}
		case lending.RowKnown:
			page.Known++
		default:
			page.Bad++
			row.Reason = text.Message(v.lang, r.Flaw)
		}
		page.Rows = append(page.Rows, row)
	}
}
