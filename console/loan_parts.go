package console

import (
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/document"
	"sofipo/text"
	"sofipo/view"
)

// loanPartPage is the documents or the timeline of a loan.
type loanPartPage struct {
	loanHead
	Form      *form // of the documents
	Documents []paper
	Events    []loanEvent
}

// paper is a document that can be opened. Inputs are the dates that it asks for.
type paper struct {
	Label, Path string
	Inputs      []inputPart
}

// loanEvent is something that happened to a loan.
type loanEvent struct {
	What, Who, When string
	Value           civil.Date // if it is effective on another day
	Amount          money.Amount
	Reversed        bool
	Receipt, Entry  string // addresses
	Reason          string
}

var loanPartScreen = declare[loanPartPage]("loan_part")

var loanPartPhrases = phrases{
	"Amortization table":       "Tabla de amortización",
	"Account statement":        "Estado de cuenta",
	"Payoff letter":            "Carta de liquidación",
	"No-debt letter":           "Constancia de no adeudo",
	"Open the PDF":             "Abrir el PDF",
	"Open the PDF: {document}": "Abrir el PDF: {document}",
	"Applied for":              "Se solicitó",
	"Journal entry":            "Póliza",
	"effective on {date}":      "con fecha valor {date}",
}

// loanPart returns the page of a part of the loan in the address.
func (v *visit) loanPart(current string) (page loanPartPage, f view.LoanFile, err error) {
	if f, err = v.loanFile(); err != nil {
		return page, f, err
	}
	page.Form = &form{Values: v.r.URL.Query()}
	page.loanHead, err = v.loanHead(&f, current)
	return page, f, err
}

func (v *visit) loanDocuments() error {
	page, f, err := v.loanPart("documents")
	if err != nil {
		return err
	}
	if err := f.Disbursed(); err != nil {
		return err
	}
	base := v.r.URL.Path + "/"
	date := func(name, label string) inputPart {
		return inputPart{Form: page.Form, Name: name, Label: label, Type: "text", Mode: "numeric", Class: "short"}
	}
	page.Documents = []paper{
		{v.say("Amortization table"), base + "schedule.pdf", nil},
		{v.say("Account statement"), base + "statement.pdf", []inputPart{date("from", v.say("From date")), date("to", v.say("To date"))}},
	}
	if account, _ := servicing.Roll(f.Account, v.today); servicing.Alive(account.Status) {
		page.Documents = append(page.Documents, paper{v.say("Payoff letter"), base + "payoff.pdf", []inputPart{date("on", v.say("As of"))}})
	} else if account.Status == servicing.PaidOff {
		page.Documents = append(page.Documents, paper{v.say("No-debt letter"), base + "no-debt.pdf", nil})
	}
	return loanPartScreen.show(v, page)
}

// loanDocument answers with a document of the loan.
func (v *visit) loanDocument() error {
	f, err := v.loanFile()
	if err == nil {
		err = f.Disbursed()
	}
	if err != nil {
		return err
	}
	var flaws fault.Flaws
	q := &form{Values: v.r.URL.Query()}
	from, to, on := q.date("from", &flaws), q.date("to", &flaws), q.date("on", &flaws)
	if err := flaws.Err(); err != nil {
		return err
	}
	var made document.File
	switch i := v.issuer(); v.r.PathValue("document") {
	case "schedule.pdf":
		made, err = i.Schedule(&f)
	case "statement.pdf":
		made, err = i.Statement(&f, from, to)
	case "payoff.pdf":
		made, err = i.PayoffLetter(&f, on)
	case "no-debt.pdf":
		made = i.NoDebtLetter(&f)
	default:
		return errNoPage
	}
	if err != nil {
		return err
	}
	v.viewed(f.Client.ID, client.ViewedStatement)
	return v.sendPDF(made)
}

// loanTimeline shows what happened to a loan, newest first.
func (v *visit) loanTimeline() error {
	page, f, err := v.loanPart("timeline")
	if err != nil {
		return err
	}
	books := v.may(accounting.Read)
	for i := len(f.Transactions) - 1; i >= 0; i-- {
		m := f.Transactions[i]
		e := loanEvent{What: capital(text.Of(v.lang, m.Kind)), Who: v.person(m.Actor), When: v.when(m.At), Amount: m.Amount, Reversed: !m.ReversedBy.IsZero()}
		if m.ValueDate != m.BusinessDate {
			e.Value = m.ValueDate
		}
		if m.IsPayment() && m.Folio != 0 {
			e.Receipt = receiptPath(f.Loan.Number, m.Folio)
		}
		if books && !m.Entry.IsZero() {
			e.Entry = Root + "books/entries/" + m.Entry.String()
		}
		page.Events = append(page.Events, e)
	}
	for i := len(f.Steps) - 1; i >= 0; i-- {
		s := f.Steps[i]
		e := loanEvent{What: capital(text.Of(v.lang, s.Kind)), Who: v.person(s.MadeBy), When: v.when(s.MadeAt), Reason: s.Reason}
		page.Events = append(page.Events, e)
	}
	page.Events = append(page.Events, loanEvent{What: v.say("Applied for"), Who: v.person(f.Loan.AppliedBy), When: v.when(f.Applied()), Amount: f.Loan.Amount})
	return loanPartScreen.show(v, page)
}
