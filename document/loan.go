package document

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/servicing"
	"sofipo/document/layout"
	"sofipo/view"
)

// Schedule returns the amortization table: the current version of the schedule.
func (i Issuer) Schedule(f *view.LoanFile) (File, error) {
	account, err := f.At(civil.Later(i.Today, f.Account.Day))
	table := layout.Table{Credit: i.credit(f), Issued: i.Today, Plan: planOf(account)}
	return File{Name: nameOf("tabla-de-amortizacion", f), PDF: table.PDF}.with(table.Report()), err
}

// Receipt returns the receipt of a transaction, with its allocation. It is refused with
// servicing.WrongState if the transaction only has automatic operations of past days.
func (i Issuer) Receipt(f *view.LoanFile, transactionID id.ID) (File, error) {
	m, err := f.Transaction(transactionID)
	if m.Kind == servicing.Rolled || m.Kind == servicing.ImportKind {
		return File{}, fault.Refuse(servicing.WrongState, "kind", m.Kind).Because(servicing.NoReceipt)
	}
	if err != nil {
		return File{}, err
	}
	account, err := f.At(m.ValueDate)
	m.At = m.At.In(i.Location)
	p := layout.PositionOf(account, account, m.ValueDate, m.ValueDate)
	receipt := layout.Receipt{Credit: i.credit(f), Transaction: m, Till: f.Places[m.TillID], Branch: f.Places[cmp.Or(m.BranchID, f.Loan.BranchID)]}
	if at := slices.IndexFunc(f.Transactions, func(o servicing.Transaction) bool { return o.ID == m.Reverses || o.ID == m.ReversedBy }); at >= 0 {
		receipt.Other = f.Transactions[at].Folio
	}
	if servicing.Alive(p.Status) {
		receipt.Next, receipt.NextAmount = p.Next, p.NextAmount
	}
	return File{Name: "recibo-" + folio.Receipt.Print(m.Folio), PDF: receipt.PDF}, err
}

// PayoffLetter returns the letter with the payoff amount on a date. See LoanFile.Payoff.
// Its PDF is refused with servicing.NotActive if the loan owes nothing.
func (i Issuer) PayoffLetter(f *view.LoanFile, on civil.Date) (File, error) {
	payoff, err := f.Payoff(on, i.Today)
	letter := layout.PayoffLetter{Credit: i.credit(f), Issued: i.Today, Payoff: payoff}
	return File{Name: nameOf("carta-de-liquidacion", f) + "-" + payoff.Date.String(), PDF: func(w io.Writer) error {
		err := letter.PDF(w)
		if errors.Is(err, layout.ErrNothingOwed) {
			return servicing.Inactive(f.Loan.Status)
		}
		return err
	}}, err
}

// NoDebtLetter returns the no-debt certificate. Its PDF is refused with
// servicing.WrongState if the loan is not paid off.
func (i Issuer) NoDebtLetter(f *view.LoanFile) File {
	account, _ := servicing.Roll(f.Account, i.Today)
	letter := layout.NoDebtLetter{Credit: i.credit(f), Issued: i.Today, PaidOff: account.Day, Account: account}
	return File{Name: nameOf("constancia-de-no-adeudo", f), PDF: func(w io.Writer) error {
		err := letter.PDF(w)
		if errors.Is(err, layout.ErrNotPaidOff) {
			return fault.Refuse(servicing.WrongState, "loan_status", account.Status).Because(servicing.NotPaidOff)
		}
		return err
	}}
}

// Statement returns the account statement of a period. See LoanFile.Period.
func (i Issuer) Statement(f *view.LoanFile, from, to civil.Date) (File, error) {
	p, err := f.Period(from, to, i.Today)
	if err != nil {
		return File{}, err
	}
	s, err := i.statement(f, p.From, p.To)
	s.Shortened = p.Shortened
	return File{Name: fmt.Sprintf("%s-%s-%s", nameOf("estado-de-cuenta", f), p.From, p.To), Period: p, PDF: s.PDF}.with(s.Report()), err
}

// statement returns the statement of a period. The loan was disbursed before its end.
func (i Issuer) statement(f *view.LoanFile, from, to civil.Date) (s layout.Statement, err error) {
	var before servicing.Account
	if from.After(f.Account.Opened) {
		if before, err = f.At(from.AddDays(-1)); err != nil {
			return s, err
		}
	}
	after, err := f.At(to)
	if err != nil {
		return s, err
	}
	s = layout.Statement{Credit: i.credit(f), From: from, To: to, Position: layout.PositionOf(before, after, from, to), Plan: planOf(after)}
	for _, m := range f.Transactions {
		if m.At = m.At.In(i.Location); !m.ValueDate.Before(from) && !m.ValueDate.After(to) {
			s.Transactions = append(s.Transactions, m)
		}
	}
	return s, nil
}

// credit returns the data of the loan that all documents show.
func (i Issuer) credit(f *view.LoanFile) layout.Credit {
	return layout.Credit{
		Institution: layout.Institution{Letterhead: i.Institution},
		Client:      party(f.Client, f.Addresses),
		Loan:        f.Loan.ID, Number: f.Loan.Number, Product: f.Product.Name, Contract: f.Contract, PenaltyInterest: f.Product.PenaltyInterest.Rate,
	}
}

// party returns the client's data for documents.
func party(c client.Client, addresses []client.Address) layout.Party {
	return layout.Party{Number: c.Number, Name: c.FullName, RFC: c.RFC, Email: c.Email, Address: addressOf(addresses)}
}

// addressOf returns the home address, or the first one, as one line; empty if there is none.
func addressOf(all []client.Address) string {
	if len(all) == 0 {
		return ""
	}
	return all[max(0, slices.IndexFunc(all, func(a client.Address) bool { return a.Kind == client.HomeAddress }))].Line()
}

// planOf returns the remaining schedule, or nil if the contract is still current.
func planOf(a servicing.Account) *layout.Plan {
	if a.Version.Number <= 1 {
		return nil
	}
	return &layout.Plan{Version: a.Version, Instalments: a.Instalments}
}

// nameOf returns the file name of a document about a loan.
func nameOf(document string, f *view.LoanFile) string {
	return document + "-" + folio.Loan.Print(f.Loan.Number)
}
