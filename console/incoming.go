package console

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/bank/lending"
	banks "sofipo/bank/settlement"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/settlement/bankfile"
	"sofipo/core/settlement/incoming"
	"sofipo/text"
	"sofipo/view"
)

const (
	incomingPath   = Root + "incoming"
	importFilePath = incomingPath + "/file"
)

var incomingRoutes = []route{
	{"GET " + incomingPath, incoming.Read, (*visit).incoming},
	{"GET " + incomingPath + "/{payment}", incoming.Read, (*visit).deposit},
	{"POST " + incomingPath + "/{payment}", incoming.Resolve, (*visit).resolveDeposit},
	{"GET " + incomingPath + "/{payment}/income", incoming.TakeToIncome, (*visit).deposit},
	{"POST " + incomingPath + "/{payment}/income", incoming.TakeToIncome, (*visit).depositToIncome},
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

// depositPage is a payment that came in. One that waits is assigned to a loan, returned to the
// sender, or written to income after the term.
type depositPage struct {
	Row      depositRow
	Path     string
	Facts    []fact
	Waits    bool // for the user to assign or return it
	Assign   *form
	Return   *form
	Loan     *foundLoan
	Choices  []foundLoan
	Counts   civil.Date // the value date of the payment
	MayApply bool       // the preview was accepted

	MayIncome bool // the user's role writes deposits to income
	Income    *form
	NotYet    string // why this deposit cannot become income now
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
	"Keep what is above the debt":                                  "Guardar a favor del cliente lo que exceda la deuda",
	"Leave it empty for the day on which the deposit arrived.":     "Si lo deja vacío, es el día en que llegó el depósito.",
	"Write it to income":                                           "Llevar a ingresos",
	"Nobody claimed it":                                            "Nadie lo reclamó",
	"For a deposit that nobody claimed. It cannot be undone.":      "Para un depósito que nadie reclamó. No se puede deshacer.",
	"Write {amount} to income":                                     "Llevar {amount} a ingresos",
	"The deposit became income":                                    "El depósito se llevó a ingresos",
	"Loan that it paid":                                            "Préstamo que pagó",
	"Note of the resolution":                                       "Nota de la resolución",
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
	return v.showDeposit(200, p, f)
}

// toAssign, toReturn and toIncome name the forms of the page of a deposit.
const toAssign, toReturn, toIncome = "", "return", "income"

// showDeposit answers with the page of a payment, with the form that was sent.
func (v *visit) showDeposit(status int, p incoming.Payment, sent *form) error {
	of := func(then string) *form {
		if sent.Get("then") == then {
			return sent
		}
		return &form{Values: url.Values{}, Key: sent.Key}
	}
	waits := p.Status == incoming.Suspended
	page := depositPage{
		Row: v.depositRow(p), Waits: waits && v.may(incoming.Resolve), MayIncome: waits && v.may(incoming.TakeToIncome),
		Assign: of(toAssign), Return: of(toReturn), Income: of(toIncome),
	}
	page.Path = page.Row.Path
	var err error
	if page.Facts, err = v.depositFacts(p, page.Row.Reason); err != nil {
		return err
	}
	if page.Waits && page.Assign.Get("loan") != "" {
		if err := v.fillAssignment(&page, p); err != nil {
			return err
		}
	}
	if page.MayIncome {
		if err := v.fillIncome(&page, p); err != nil {
			return err
		}
	}
	return depositScreen.answer(v, status, page)
}

// depositFacts lists what is known of a payment and what became of it.
func (v *visit) depositFacts(p incoming.Payment, reason string) (facts []fact, err error) {
	all := []fact{
		{v.say("Arrived"), text.Of(v.lang, p.Date)}, {v.say("Method"), capital(text.Of(v.lang, p.Method))}, {v.say("Sender"), p.Sender}, {v.say("Concept"), p.Concept},
		{v.say("Reference"), p.Reference}, {v.say("Bank operation"), p.Operation}, {v.say("Why it is waiting"), reason},
		{v.say("Imported"), v.person(p.TakenBy) + ", " + v.at(p.TakenAt)}, {v.say("Note of the resolution"), p.Note},
	}
	if !p.ResolvedAt.IsZero() {
		all = append(all, fact{v.say("Resolved"), v.person(p.ResolvedBy) + ", " + v.at(p.ResolvedAt)})
	}
	if !p.LoanID.IsZero() && v.may(loan.Read) {
		number, err := v.View.LoanNumber(v.r.Context(), v.by(), p.LoanID)
		if err == nil {
			all = append(all, fact{v.say("Loan that it paid"), folio.Loan.Print(folio.Number(number))})
		} else if !fault.Is(err, loan.NotFound) {
			return nil, err
		}
	}
	for _, f := range all {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts, nil
}

// previewDeposit decides a command about a payment without saving it.
func (v *visit) previewDeposit(c bank.Command[incoming.Payment]) error {
	done, err := bank.Preview(v.r.Context(), v.Bank, bank.By{Actor: v.who.User.Username}, []bank.Command[incoming.Payment]{c})
	if err == nil {
		err = done[0].Err
	}
	return err
}

// fillIncome says whether the payment can be written to income now, and why it cannot.
func (v *visit) fillIncome(page *depositPage, p incoming.Payment) error {
	if page.Income.Get("reason") == "" && page.Income.Flaws == nil {
		page.Income.Values.Set("reason", v.say("Nobody claimed it"))
	}
	var asked form
	err := v.previewDeposit(&banks.TakeDepositToIncome{PaymentID: p.ID, Reason: v.say("Nobody claimed it")})
	if err == nil {
		return nil
	}
	if _, shown := asked.wrong(v, err, nil); !shown {
		return err
	}
	page.NotYet = asked.Problem
	return nil
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
	page.Loan = payment.Loan
	c, err := assignment(page.Assign, p, file.Loan.ID)
	if err == nil {
		page.Counts = cmp.Or(c.ValueDate, p.Date)
		err = v.previewDeposit(c)
	}
	if page.MayApply = err == nil; page.MayApply {
		return nil
	}
	if _, shown := page.Assign.wrong(v, err, nil); !shown {
		return err
	}
	return nil
}

// assignment reads the form that assigns a payment to a loan.
func assignment(f *form, p incoming.Payment, loanID id.ID) (lending.AssignDeposit, error) {
	var flaws fault.Flaws
	c := lending.AssignDeposit{PaymentID: p.ID, LoanID: loanID, ValueDate: f.date("value_date", &flaws), KeepExcess: f.Is("keep_excess", "on")}
	return c, flaws.Err()
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
	if f.Is("then", toReturn) {
		_, err = command(v, f, banks.ReturnDeposit{PaymentID: p.ID, Reference: f.Get("reference")})
		if err == nil {
			return v.resolved(p, v.say("The return was recorded"))
		}
	} else {
		var file view.LoanFile
		var c lending.AssignDeposit
		file, err = v.loanNamed(f.Get("loan"))
		if err == nil {
			c, err = assignment(f, p, file.Loan.ID)
		}
		if err == nil {
			_, err = command(v, f, c)
		}
		if err == nil {
			return v.done(incomingPath, notice{Text: v.say("The deposit paid the loan"), Link: loansPath + f.Get("loan"), Label: v.say("See the loan")})
		}
	}
	status, shown := f.wrong(v, err, nil)
	if !shown {
		return err
	}
	return v.showDeposit(status, p, f)
}

// depositToIncome writes the payment to income.
func (v *visit) depositToIncome() error {
	p, err := v.depositNamed()
	if err != nil {
		return err
	}
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	_, err = command(v, f, &banks.TakeDepositToIncome{PaymentID: p.ID, Reason: f.Get("reason")})
	if err == nil {
		return v.resolved(p, v.say("The deposit became income"))
	}
	status, shown := f.wrong(v, err, nil)
	if !shown {
		return err
	}
	return v.showDeposit(status, p, f)
}

// resolved says on the list what became of a payment.
func (v *visit) resolved(p incoming.Payment, said string) error {
	return v.done(incomingPath, notice{Text: said, Link: incomingPath + "/" + p.ID.String(), Label: v.say("Deposit of {amount}", "amount", p.Amount)})
}

// bankFilePage imports the payment file of a bank: first what it would do, then the import.
type bankFilePage struct {
	Form     *form
	Accounts []option
	Name     string
	Content  string // between the preview and the import, see pack
	Rows     []importedRow
	Left     int    // rows that are not shown
	Layout   string // address of the layout of the account, if it has none
	MayFix   bool   // the user may set the layout
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
	"Choose another file": "Elegir otro archivo",
	"At most 8 MB and 20,000 rows. Importing the same file again registers nothing twice.": "Hasta 8 MB y 20,000 renglones. Si vuelve a importar el mismo archivo, nada se registra dos veces.",
	"and {n} {n|row|rows} more": "y {n} {n|renglón|renglones} más",
	"Set the file layout":       "Configurar el formato del archivo",
	"Somebody who may set file layouts must configure this account first.": "Alguien con permiso para registrar formatos debe configurar antes esta cuenta.",
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
	// The write time-out is for pages that are quick. An error means that there is none.
	_ = http.NewResponseController(v.w).SetWriteDeadline(time.Time{})
	f, err := readUpload(v.w, v.r, mostPacked)
	if fault.Is(err, fault.TooLarge) {
		f, err = &form{Values: url.Values{}, Key: rand.Text()}, fault.Wrong(fault.At("content", bankfile.TooLarge, "most", bankfile.MaxBytes>>20))
	}
	page := bankFilePage{Form: f}
	var c banks.RegisterFile
	if err == nil {
		c, err = v.sentFile(f)
	}
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
		page.Content = pack(c.Content)
	}
	if err != nil {
		status, shown := f.wrong(v, err, map[string]string{"content": "file"})
		if !shown {
			return err
		}
		page = bankFilePage{Form: f, MayFix: v.may(incoming.SetLayouts)}
		if fault.Is(err, incoming.NoLayout) {
			page.Layout = layoutPath(f.Get("account"))
		}
		return v.showBankFile(status, page)
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
		if c.Content, err = unpack(kept); err != nil {
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

// mostPacked limits what the form carries between the preview and the import: the largest file in
// base64, which a file that does not compress needs.
const mostPacked = bankfile.MaxBytes/3*4 + 1<<16

// pack compresses a file to carry it in a form.
func pack(content []byte) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(content) // a Buffer does not fail
	_ = z.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// unpack returns the file that pack compressed. One byte more than a file may have is enough to
// refuse it.
func unpack(kept string) ([]byte, error) {
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(kept)))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, bankfile.MaxBytes+1))
}

// mostImported is the number of rows after which only those that need somebody are shown.
const mostImported = 500

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
		if well := r.Outcome == lending.RowApplied || r.Outcome == lending.RowKnown; well && len(page.Rows) >= mostImported {
			page.Left++
			continue
		}
		page.Rows = append(page.Rows, row)
	}
}
