package simulation

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sofipo/bank/lending"
	"sofipo/bank/settlement"
	"sofipo/core/id"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	core "sofipo/core/settlement"
	"sofipo/core/settlement/bankfile"
	"sofipo/core/settlement/incoming"
	"sofipo/infra/db"
)

// fileLayout is the form of the bank's file: date, operation, amount, concept, sender.
var fileLayout = bankfile.Layout{
	Method: core.Transfer, Delimiter: bankfile.Pipe, Encoding: bankfile.UTF8, Header: true, DateFormat: "DD/MM/YYYY",
	Decimal: bankfile.PointMark, Thousands: bankfile.CommaMark, Excess: bankfile.ToUnapplied,
	Columns: []bankfile.Column{
		{Field: bankfile.Date, Name: "FECHA"}, {Field: bankfile.Operation, Name: "CLAVE DE RASTREO"}, {Field: bankfile.Credit, Name: "ABONO"},
		{Field: bankfile.Debit, Name: "CARGO"}, {Field: bankfile.Concept, Name: "CONCEPTO"}, {Field: bankfile.Sender, Name: "ORDENANTE"},
	},
}

// transferIn is a transfer of a client that the bank reports at the end of the day.
type transferIn struct {
	loan   *trackedLoan
	amount money.Amount
	lost   bool // without the reference of the loan
}

// payByTransfer transfers a payment to the account that collects. Some clients forget the
// reference.
func (s *institution) payByTransfer(c *trackedLoan, amount money.Amount) {
	s.transfers = append(s.transfers, transferIn{c, amount, happens(c.owner.rng, 5)})
}

// importTransfers imports the bank's file of the day and identifies deposits of earlier days.
func (s *institution) importTransfers(ctx context.Context) error {
	due := s.unidentified[s.day]
	delete(s.unidentified, s.day)
	for _, d := range due {
		s.identify(d)
	}
	if err := s.flush(ctx); err != nil { // also of leaveWork
		return err
	}
	if len(s.transfers) > 0 {
		if err := s.importFile(ctx); err != nil {
			return err
		}
	}
	return s.replayIncoming(ctx)
}

// importFile writes and imports the file of the transfers of today.
func (s *institution) importFile(ctx context.Context) error {
	var text strings.Builder
	text.WriteString("FECHA|CLAVE DE RASTREO|ABONO|CARGO|CONCEPTO|ORDENANTE\n")
	byLine := map[int]transferIn{}
	for i, t := range s.transfers {
		concept := "PAGO " + string(core.ReferenceOf(core.ByTransfer, t.loan.number))
		if t.lost {
			concept = "PAGO DE PRESTAMO"
		}
		byLine[i+2] = t
		fmt.Fprintf(&text, "%02d/%02d/%d|%s|%s||%s|%s\n", s.today.Day, s.today.Month, s.today.Year, s.reference("BSUR"), pesosOf(t.amount), concept, strings.ToUpper(ascii.Replace(t.loan.owner.name)))
	}
	s.transfers = nil
	done, err := s.runImport(ctx, settlement.RegisterFile{
		AccountID: s.collecting, FileName: fmt.Sprintf("abonos-%s.txt", s.today), Content: []byte(text.String()),
	})
	if err != nil {
		return s.breach(allowed, "the bank's file was refused: %s", err)
	}
	s.report.Commands += len(done.Rows) + 2
	if s.twin == nil {
		s.audit.did(treasurer, settlement.RegisterFile{}.Name(), incoming.Import, 1)
		s.audit.did(treasurer, lending.TakeIncoming{}.Name(), incoming.Import, len(done.Rows))
		s.audit.did(treasurer, settlement.FinishFile{}.Name(), incoming.Import, 1)
	}
	for _, row := range done.Rows {
		t := byLine[row.Line]
		if (row.Outcome != lending.RowApplied && row.Outcome != lending.RowSuspended) || row.Amount != t.amount {
			return s.breach(allowed, "line %d of the bank's file is %s (%s) with %s, want a payment of %s", row.Line, row.Outcome, row.Flaw.Rule, row.Amount, t.amount)
		}
		for _, p := range row.Payments {
			s.takeIncoming(t, p)
		}
	}
	return nil
}

// runImport imports a file. If faults interrupt it, the file is imported again, and the rows that
// were taken before are read.
func (s *institution) runImport(ctx context.Context, file settlement.RegisterFile) (lending.Imported, error) {
	switch {
	case s.twin != nil:
		return s.importOnTwin(ctx, file)
	case s.faults == nil:
		return lending.Importer{Bank: s.bank}.Import(ctx, as(treasurer), s.today, file)
	}
	var done lending.Imported
	err, failed := s.persist(ctx, func() (err error) {
		done, err = lending.Importer{Bank: s.bank}.Import(ctx, as(treasurer), s.today, file)
		return err
	})
	if err = cmp.Or(failed, err); err != nil {
		return done, err
	}
	return done, s.readTaken(ctx, &done)
}

// readTaken adds the payments of the rows that an earlier try took.
func (s *institution) readTaken(ctx context.Context, done *lending.Imported) error {
	taken := map[int][]incoming.Payment{}
	batch := &db.Batch{}
	batch.Query("SELECT "+settlement.Incoming.Columns.List("")+" FROM incoming_payments WHERE file_id = $1 ORDER BY id", func(r db.Scanner) error {
		var p incoming.Payment
		err := settlement.Incoming.Columns.Scan(r, &p)
		taken[p.Line] = append(taken[p.Line], p)
		return err
	}, done.File.ID)
	if err := s.DB.ReadPrimary(ctx, batch); err != nil {
		return err
	}
	for i, row := range done.Rows {
		if row.Outcome != lending.RowKnown {
			continue
		}
		done.Rows[i].Outcome, done.Rows[i].Payments = lending.RowApplied, taken[row.Line]
	}
	return nil
}

// takeIncoming records a payment of the bank's file.
func (s *institution) takeIncoming(t transferIn, p incoming.Payment) {
	if p.Status == incoming.Applied {
		s.taken[p.TransactionID] = t.loan
		return
	}
	s.audit.cash[p.ID] += p.Amount
	s.record(bankPlace(s.collecting), p.Amount)
	s.report.Unidentified.add(p.Amount)
	on := s.day + between(t.loan.owner.rng, 1, 6)
	s.unidentified[on] = append(s.unidentified[on], deposit{t.loan, p})
}

// deposit is an unidentified deposit with the loan for which the client sent it.
type deposit struct {
	loan    *trackedLoan
	payment incoming.Payment
}

// identify assigns an unidentified deposit to its loan, or returns it to the sender.
func (s *institution) identify(d deposit) {
	c, p := d.loan, d.payment
	back := func(incoming.Payment) error {
		s.audit.cash[p.ID] -= p.Amount
		s.record(bankPlace(s.collecting), -p.Amount)
		return nil
	}
	switch {
	case c.status() == servicing.Active && happens(c.owner.rng, 90):
		submit(s, treasurer, lending.AssignDeposit{PaymentID: p.ID, LoanID: c.id, ValueDate: s.today, KeepExcess: true}, func(assigned incoming.Payment) error {
			s.taken[assigned.TransactionID] = c
			return back(assigned)
		})
	case s.audit.places[bankPlace(s.collecting)] > p.Amount+floatLeast:
		submit(s, treasurer, settlement.ReturnDeposit{PaymentID: p.ID, Reference: s.reference("DEV")}, back)
	default:
		s.unidentified[s.day+7] = append(s.unidentified[s.day+7], d)
	}
}

// replayIncoming replays the transactions that the bank's file and identified deposits made.
// Their commands do not answer with the transactions, so they are read.
func (s *institution) replayIncoming(ctx context.Context) error {
	if len(s.taken) == 0 {
		return nil
	}
	if s.twin != nil {
		return s.replayOnTwin()
	}
	var found []lending.Transaction
	batch := &db.Batch{}
	batch.Before(func() { found = nil })
	batch.Query("SELECT "+lending.Transactions.Columns.List("")+" FROM loan_transactions WHERE id = ANY($1::uuid[]) AND loan_id = ANY($2::uuid[]) ORDER BY loan_id, number", func(r db.Scanner) error {
		var m lending.Transaction
		err := lending.Transactions.Columns.Scan(r, &m)
		if err == nil {
			err = lending.Transactions.Read(&m)
		}
		found = append(found, m)
		return err
	}, slices.SortedFunc(maps.Keys(s.taken), byID), loanIDs(s.taken))
	if err := s.DB.ReadPrimary(ctx, batch); err != nil {
		return err
	}
	if len(found) != len(s.taken) {
		return s.breach(followed, "%d payments of the bank's file were applied, but %d transactions exist", len(s.taken), len(found))
	}
	for _, m := range found {
		if err := s.afterPayment(s.taken[m.ID], m.Transaction); err != nil {
			return err
		}
	}
	clear(s.taken)
	return nil
}

func loanIDs(taken map[id.ID]*trackedLoan) (all []id.ID) {
	for _, c := range taken {
		all = append(all, c.id)
	}
	return all
}
