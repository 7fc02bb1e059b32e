package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/document"
	"sofipo/view"
)

const (
	papersTag = "Papers"
	pdfMedia  = "application/pdf"
	csvMedia  = "text/csv; charset=utf-8"
)

// paperOperations are the documents of a loan and of a client, in Spanish.
var paperOperations = []operation{
	paper(operation{
		path: "/api/v1/loans/{loan_id}/schedule.pdf", id: "schedule_pdf_api_v1_loans__loan_id__schedule_pdf_get",
		summary: "Schedule As PDF", media: pdfMedia,
		about: "The amortization table with the terms and the CAT: that of the contract or, after a prepayment or a restructure, what is left of the one in force.",
	}, func(d *desk, _ *loanByID, to io.Writer) (string, error) {
		table, err := d.table()
		if err != nil {
			return "", err
		}
		return d.name("tabla-de-amortizacion"), table.PDF(to)
	}),
	paper(operation{
		path: "/api/v1/loans/{loan_id}/schedule.csv", id: "schedule_csv_api_v1_loans__loan_id__schedule_csv_get",
		summary: "Schedule As CSV", media: csvMedia,
		about: "The same table, one row an instalment.",
	}, func(d *desk, _ *loanByID, to io.Writer) (string, error) {
		table, err := d.table()
		if err != nil {
			return "", err
		}
		return d.name("tabla-de-amortizacion"), table.CSV(to)
	}),
	paper(operation{
		path: "/api/v1/loans/{loan_id}/movements/{movement_id}/receipt.pdf", id: "receipt_pdf_api_v1_loans__loan_id__movements__movement_id__receipt_pdf_get",
		summary: "Receipt As PDF", media: pdfMedia, refusals: []fault.Code{fault.MovementNotFound},
		about: "The receipt of a movement: what each centavo paid.",
	}, receipt),
	paper(operation{
		path: "/api/v1/loans/{loan_id}/payoff.pdf", id: "payoff_pdf_api_v1_loans__loan_id__payoff_pdf_get",
		summary: "Payoff Letter As PDF", media: pdfMedia, refusals: []fault.Code{fault.LoanNotActive},
		about: "What ends the loan if it is paid on a day, as a letter to the client.",
	}, payoffLetter),
	paper(operation{
		path: "/api/v1/loans/{loan_id}/no-debt.pdf", id: "no_debt_pdf_api_v1_loans__loan_id__no_debt_pdf_get",
		summary: "Letter Of No Debt As PDF", media: pdfMedia,
		about: "That nothing is owed any more (finiquito), of a loan that is paid off.",
	}, noDebtLetter),
	paper(operation{
		path: "/api/v1/loans/{loan_id}/statement.pdf", id: "statement_pdf_api_v1_loans__loan_id__statement_pdf_get",
		summary: "Loan Statement As PDF", media: pdfMedia,
		about: "The account statement of a loan over a period.",
	}, func(d *desk, in *loanInPeriod, to io.Writer) (string, error) {
		statement, name, err := d.statement(in)
		if err != nil {
			return "", err
		}
		return name, statement.PDF(to)
	}),
	paper(operation{
		path: "/api/v1/loans/{loan_id}/statement.csv", id: "statement_csv_api_v1_loans__loan_id__statement_csv_get",
		summary: "Loan Statement As CSV", media: csvMedia,
		about: "The movements of the statement, one row each.",
	}, func(d *desk, in *loanInPeriod, to io.Writer) (string, error) {
		statement, name, err := d.statement(in)
		if err != nil {
			return "", err
		}
		return name, statement.CSV(to)
	}),
	clientPaper(operation{
		path: "/api/v1/loans/clients/{client_id}/account-statement.pdf", id: "client_statement_pdf_api_v1_loans_clients__client_id__account_statement_pdf_get",
		summary: "Client Account Statement As PDF", media: pdfMedia,
		about: "The account statement of a client over a period: the loans that were alive, moved or have written-off debt in it, with their totals and movements, and the applications.",
	}, document.ClientStatement.PDF),
	clientPaper(operation{
		path: "/api/v1/loans/clients/{client_id}/account-statement.csv", id: "client_statement_csv_api_v1_loans_clients__client_id__account_statement_csv_get",
		summary: "Client Account Statement As CSV", media: csvMedia,
		about: "The movements of these loans, one row each, between a row of each loan's opening balance and one of what it owes in the end.",
	}, document.ClientStatement.CSV),
}

// desk is where a paper is written: the file of the loan lies on it.
type desk struct {
	*server
	file  *view.LoanFile
	today civil.Date
}

// paper makes an operation whose answer is a file; the function writes it and
// names it, without its ending.
func paper[In any, P ofLoan[In]](o operation, write func(*desk, P, io.Writer) (string, error)) operation {
	o.permission = loan.Read
	o.refusals = append(slices.Clone(o.refusals), fault.LoanNotFound, fault.LoanState)
	return file(o, func(s *server, c *call, in *In, to io.Writer) (string, error) {
		f, err := c.loanFile(P(in).loan())
		if err == nil {
			err = f.Disbursed()
		}
		if err != nil {
			return "", err
		}
		return write(&desk{s, &f, s.today()}, in, to)
	})
}

// clientPaper makes an operation whose answer is the statement of a client.
func clientPaper(o operation, write func(document.ClientStatement, io.Writer) error) operation {
	o.permission = loan.Statements
	o.refusals = []fault.Code{fault.ClientNotFound}
	return file(o, func(s *server, c *call, in *clientInPeriod, to io.Writer) (string, error) {
		need, err := c.position()
		if err != nil {
			return "", err
		}
		f, err := s.View.ClientFile(c.request.Context(), in.ClientID, need)
		if err != nil {
			return "", err
		}
		statement, err := s.clientStatement(&f, in)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("estado-de-cuenta-cliente-%s-%s-%s", in.ClientID, statement.From, statement.To), write(statement, to)
	})
}

// file makes an operation whose answer is a file; the function writes it and names
// it, without its ending.
func file[In any](o operation, write func(*server, *call, *In, io.Writer) (string, error)) operation {
	o.method, o.tag, o.status, o.effect = http.MethodGet, papersTag, http.StatusOK, reads
	return plain[string](o, func(s *server, c *call, in *In) error {
		var out bytes.Buffer
		name, err := write(s, c, in, &out)
		if err != nil {
			return err
		}
		c.answerFile(o.media, name, out.Bytes())
		return nil
	})
}

// answerFile sends a file. A PDF is to be shown, a table to be saved. The name is
// one of ours and needs no quoting.
func (c *call) answerFile(media, name string, body []byte) {
	ending, disposition := ".pdf", "inline"
	if media == csvMedia {
		ending, disposition = ".csv", "attachment"
	}
	c.Header().Set("Content-Type", media)
	c.Header().Set("Content-Disposition", fmt.Sprintf("%s; filename=%q", disposition, name+ending))
	c.send(http.StatusOK, body)
}

// name is that of a paper about the whole loan.
func (d *desk) name(paper string) string { return paper + "-" + d.file.Loan.ID.String() }

// credit is what every paper says of the loan.
func (d *desk) credit() document.Credit {
	f := d.file
	return document.Credit{
		Institution: d.Institution,
		Client:      party(f.Client),
		Loan:        f.Loan.ID, Product: f.Product.Name, Contract: f.Contract, Moratorium: f.Product.Moratorium.Rate,
	}
}

// party is the client as the papers show one.
func party(c client.Client) document.Party {
	return document.Party{Name: c.FullName, RFC: c.RFC, Email: c.Email}
}

// table is the schedule in force: the contract's own until it has another version.
func (d *desk) table() (document.Table, error) {
	account, err := d.file.At(civil.Later(d.today, d.file.Account.Day))
	return document.Table{Credit: d.credit(), Issued: d.today, Plan: planOf(account)}, err
}

// planOf is what is left of the schedule of an account, nil while it is the contract's.
func planOf(a servicing.Account) *document.Plan {
	if a.Version.Number <= 1 {
		return nil
	}
	return &document.Plan{Version: a.Version, Instalments: a.Instalments}
}

func receipt(d *desk, in *movementByID, to io.Writer) (string, error) {
	m, err := d.file.Movement(in.MovementID)
	if err != nil {
		return "", err
	}
	m.At = m.At.In(d.Location)
	return "recibo-" + m.ID.String(), document.Receipt{Credit: d.credit(), Movement: m}.PDF(to)
}

func payoffLetter(d *desk, in *loanOnDay, to io.Writer) (string, error) {
	payoff, err := d.file.Payoff(given(in.Date), d.today)
	if err != nil {
		return "", err
	}
	err = document.PayoffLetter{Credit: d.credit(), Issued: d.today, Payoff: payoff}.PDF(to)
	if errors.Is(err, document.ErrNothingOwed) {
		err = servicing.Inactive(d.file.Loan.Status)
	}
	return d.name("carta-de-liquidacion") + "-" + payoff.Date.String(), err
}

func noDebtLetter(d *desk, _ *loanByID, to io.Writer) (string, error) {
	account, _ := servicing.Roll(d.file.Account, d.today)
	err := document.NoDebtLetter{Credit: d.credit(), Issued: d.today, PaidOff: account.Day, Account: account}.PDF(to)
	if errors.Is(err, document.ErrNotPaidOff) {
		err = fault.Refuse(servicing.WrongState, "loan_status", account.Status).Because(servicing.NotPaidOff)
	}
	return d.name("constancia-de-no-adeudo"), err
}

type loanInPeriod struct {
	loanByID
	From *civil.Date `query:"from" doc:"The first day of the period; that of the disbursement if left out."`
	To   *civil.Date `query:"to" doc:"The last day of the period, the cut date; the business date if left out."`
}

type clientInPeriod struct {
	clientByID
	From *civil.Date `query:"from" doc:"The first day of the period; that of the client's registration if left out."`
	To   *civil.Date `query:"to" doc:"The last day of the period, the cut date; the business date if left out."`
}

// statement is that of a period, with its name.
func (d *desk) statement(in *loanInPeriod) (document.Statement, string, error) {
	from, to, err := d.file.Period(given(in.From), given(in.To), d.today)
	if err != nil {
		return document.Statement{}, "", err
	}
	s, err := d.over(from, to)
	return s, fmt.Sprintf("%s-%s-%s", d.name("estado-de-cuenta"), from, to), err
}

// over is the statement of some days; the loan was disbursed by the last.
func (d *desk) over(from, to civil.Date) (s document.Statement, err error) {
	var before servicing.Account
	if from.After(d.file.Account.Opened) {
		if before, err = d.file.At(from.AddDays(-1)); err != nil {
			return s, err
		}
	}
	after, err := d.file.At(to)
	if err != nil {
		return s, err
	}
	s = document.Statement{Credit: d.credit(), From: from, To: to, Position: document.PositionOf(before, after, from, to), Plan: planOf(after)}
	for _, m := range d.file.Movements {
		if m.At = m.At.In(d.Location); !m.ValueDate.Before(from) && !m.ValueDate.After(to) {
			s.Movements = append(s.Movements, m)
		}
	}
	return s, nil
}

// clientStatement is that of all loans over the period asked for. Of the loans that
// were not disbursed by its end, it has those that were applied for in it and those
// that still waited then, whatever became of them; one that was applied for before
// and has been turned down is taken not to have waited.
func (s *server) clientStatement(f *view.ClientFile, in *clientInPeriod) (document.ClientStatement, error) {
	today := s.today()
	from, to, err := f.Period(given(in.From), given(in.To), civil.DateOf(f.Client.CreatedAt.In(s.Location)), today)
	if err != nil {
		return document.ClientStatement{}, err
	}
	out := document.ClientStatement{Institution: s.Institution, Client: party(f.Client), Number: f.Client.ID, From: from, To: to}
	for i := range f.Loans {
		l := &f.Loans[i]
		disbursed := l.Disbursed() == nil
		if disbursed && !l.Account.Opened.After(to) {
			one, err := (&desk{s, l, today}).over(from, to)
			if err != nil {
				return out, fmt.Errorf("statement of loan %s: %w", l.Loan.ID, err)
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
		waits := status == servicing.Applied || status == servicing.Approved
		if applied := civil.DateOf(l.Applied().In(s.Location)); !applied.After(to) && (waits || !applied.Before(from)) {
			out.Applications = append(out.Applications, document.Application{
				Loan: l.Loan.ID, Day: applied, Product: l.Product.Name, Amount: l.Loan.Amount, Rate: l.Loan.Rate, Status: status,
			})
		}
	}
	return out, nil
}
