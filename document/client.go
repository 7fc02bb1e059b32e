package document

import (
	"fmt"

	"sofipo/core/civil"
	"sofipo/core/folio"
	"sofipo/core/lending/servicing"
	"sofipo/document/layout"
	"sofipo/view"
)

// ClientStatement returns the account statement of all loans of a client for a period.
// See ClientFile.Period. It includes the applications made in the period and those that
// were pending at its end. An earlier application that was rejected since is omitted.
func (i Issuer) ClientStatement(f *view.ClientFile, from, to civil.Date) (File, error) {
	p, err := f.Period(from, to, civil.DateOf(f.Client.CreatedAt.In(i.Location)), i.Today)
	if err != nil {
		return File{}, err
	}
	from, to = p.From, p.To
	out := layout.ClientStatement{Institution: layout.Institution{Letterhead: i.Institution}, Client: party(f.Client, f.Addresses), From: from, To: to, Shortened: p.Shortened}
	for n := range f.Loans {
		l := &f.Loans[n]
		disbursed := l.Disbursed() == nil
		if disbursed && !l.Account.Opened.After(to) {
			one, err := i.statement(l, from, to)
			if err != nil {
				return File{}, fmt.Errorf("statement of loan %s: %w", l.Loan.ID, err)
			}
			if one.Listed() {
				out.Loans = append(out.Loans, one)
			}
			continue
		}
		status := l.Loan.Status
		if disbursed {
			status = servicing.Applied
		}
		waits := servicing.Pending(status)
		if applied := civil.DateOf(l.Applied().In(i.Location)); !applied.After(to) && (waits || !applied.Before(from)) {
			out.Applications = append(out.Applications, layout.Application{
				Number: l.Loan.Number, Day: applied, Product: l.Product.Name, Amount: l.Loan.Amount, Rate: l.Loan.Rate, Status: status,
			})
		}
	}
	return File{Name: fmt.Sprintf("estado-de-cuenta-cliente-%s-%s-%s", folio.Client.Print(f.Client.Number), from, to), Period: p, PDF: out.PDF}.with(out.Report()), nil
}
