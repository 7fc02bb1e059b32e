package console

import (
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/document"
	"sofipo/view"
)

// Documents of a loan for the client, as PDF in Spanish.
var loanDocumentRoutes = []route{
	{"GET " + loansPath + "{number}/schedule.pdf", loan.Read, loanDocument(func(i document.Issuer, f *view.LoanFile) (document.File, error) { return i.Schedule(f) })},
	{"GET " + loansPath + "{number}/statement.pdf", loan.Read, loanDocument(func(i document.Issuer, f *view.LoanFile) (document.File, error) {
		return i.Statement(f, civil.Date{}, civil.Date{})
	})},
	{"GET " + loansPath + "{number}/payoff.pdf", loan.Read, (*visit).payoffLetter},
	{"GET " + loansPath + "{number}/no-debt.pdf", loan.Read, loanDocument(func(i document.Issuer, f *view.LoanFile) (document.File, error) { return i.NoDebtLetter(f), nil })},
	{"GET " + loansPath + "{number}/payments/{folio}/receipt.pdf", loan.Read, (*visit).receiptPDF},
}

var loanDocumentPhrases = phrases{
	"Documents for the client":    "Documentos para el cliente",
	"Amortization table (PDF)":    "Tabla de amortización (PDF)",
	"Statement of the loan (PDF)": "Estado de cuenta (PDF)",
	"Payoff letter (PDF)":         "Carta de liquidación (PDF)",
	"No-debt certificate (PDF)":   "Constancia de no adeudo (PDF)",
	"Receipt (PDF)":               "Recibo (PDF)",
}

// loanDocument answers with a document about a disbursed loan.
func loanDocument(assemble func(document.Issuer, *view.LoanFile) (document.File, error)) func(*visit) error {
	return func(v *visit) error {
		f, err := v.loanFile()
		if err == nil {
			err = f.Disbursed()
		}
		if err != nil {
			return err
		}
		file, err := assemble(v.issuer(), &f)
		if err != nil {
			return err
		}
		return v.sendPDF(file)
	}
}

// payoffLetter answers with the letter for the day of the payoff on the loan's page.
func (v *visit) payoffLetter() error {
	var flaws fault.Flaws
	on := (&form{Values: v.r.URL.Query()}).date("payoff_on", &flaws)
	if err := flaws.Err(); err != nil {
		return err
	}
	return loanDocument(func(i document.Issuer, f *view.LoanFile) (document.File, error) { return i.PayoffLetter(f, on) })(v)
}

// loanDocuments lists the documents of a loan in its state. The payoff letter is for a day as in a field.
func (v *visit) loanDocuments(number folio.Number, state loan.Status, payoffOn string) []action {
	path := loansPath + folio.Loan.Print(number)
	all := []action{
		{Label: v.say("Amortization table (PDF)"), Path: path + "/schedule.pdf"},
		{Label: v.say("Statement of the loan (PDF)"), Path: path + "/statement.pdf"},
	}
	switch {
	case servicing.Alive(state):
		all = append(all, action{Label: v.say("Payoff letter (PDF)"), Path: path + "/payoff.pdf?payoff_on=" + payoffOn})
	case state == servicing.PaidOff:
		all = append(all, action{Label: v.say("No-debt certificate (PDF)"), Path: path + "/no-debt.pdf"})
	}
	return all
}
