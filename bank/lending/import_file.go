package lending

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"sofipo/bank"
	"sofipo/bank/settlement"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement/bankfile"
	"sofipo/core/settlement/incoming"
	"sofipo/infra/db"
)

// Outcome is what became of a row of a file, or would become.
type Outcome string

// The outcomes.
const (
	RowApplied   Outcome = "APPLIED"  // it paid its loan
	RowSuspended Outcome = "SUSPENSE" // it, or its rest above the payoff amount, is in suspense
	RowKnown     Outcome = "KNOWN"    // it was taken before
	RowBad       Outcome = "BAD"      // it cannot be taken
)

// ImportedRow is a row of a file with its outcome.
type ImportedRow struct {
	bankfile.Row
	Outcome  Outcome
	Flaw     fault.Flaw         // of a bad row; its path is the field
	Payments []incoming.Payment // what was taken: one, or two if the rest is in suspense
}

// Imported is the result of an import, or its preview.
type Imported struct {
	File  incoming.File
	Rows  []ImportedRow // by line; no rows of money that went out
	Token uint64        // commit token of the last change; 0 if nothing changed
}

// Importer imports the payment files of bank accounts.
type Importer struct{ Bank *bank.Bank }

// window is the number of rows that are taken at the same time.
const window = 64

// Import registers a file and takes its good rows, one command each. Rows that were taken
// before change nothing, so an import that stopped is continued by importing the file again.
// today is the last day that a row may have. Refused as RegisterFile, and with Invalid for a
// file that does not fit the layout.
func (i Importer) Import(ctx context.Context, by bank.By, today civil.Date, c settlement.RegisterFile) (Imported, error) {
	by.Key = ""
	file, p, token, err := i.register(ctx, by, today, c)
	if err != nil {
		return Imported{}, err
	}
	out := Imported{File: file, Rows: p.rows, Token: token}
	if token, err = i.take(ctx, by, &p); err != nil {
		return out, err
	}
	out.Token = max(out.Token, token)
	counts := p.count()
	if counts.Applied, counts.Waiting, err = i.counted(ctx, file.ID); err != nil {
		return out, err
	}
	counts.Known = counts.Rows - counts.Applied - counts.Waiting - differing(p.rows)
	if file.Status == incoming.Done && file.Counts == counts {
		return out, nil
	}
	finished, err := bank.Do(ctx, i.Bank, by, settlement.FinishFile{FileID: file.ID, Counts: counts})
	out.File, out.Token = finished.Answer, max(out.Token, finished.Token)
	return out, err
}

// differing returns the number of rows that were read but turned out to be bad.
func differing(rows []ImportedRow) (n int) {
	for _, r := range rows {
		if r.Outcome == RowBad && r.Amount > 0 {
			n++
		}
	}
	return n
}

// register stores a file, unless it is stored already, and reads it. A file that does not fit
// the layout is not stored.
func (i Importer) register(ctx context.Context, by bank.By, today civil.Date, c settlement.RegisterFile) (file incoming.File, p plan, token uint64, err error) {
	if err = cmp.Or(c.Check(bank.Rules{}), i.Bank.May(ctx, by, c.Permission())); err != nil {
		return file, p, 0, err
	}
	stored, err := i.stored(ctx, incoming.FileID(c.AccountID, c.Content))
	if err != nil {
		return file, p, 0, err
	}
	if !stored.ID.IsZero() {
		p, err = i.plan(ctx, stored.File, today)
		return stored.File, p, 0, err
	}
	layout, err := i.layout(ctx, c.AccountID)
	if err != nil {
		return file, p, 0, err
	}
	if _, err := layout.Parse(c.Content, today); err != nil {
		return file, p, 0, err
	}
	registered, err := bank.Do(ctx, i.Bank, by, c)
	if err != nil {
		return file, p, 0, err
	}
	if stored, err = i.stored(ctx, registered.Answer.ID); err != nil {
		return file, p, 0, err
	}
	p, err = i.plan(ctx, stored.File, today)
	return stored.File, p, registered.Token, err
}

// Preview returns what Import would do, and changes nothing. Rows for the same loan are
// decided one after the other, in groups of at most 500 rows.
func (i Importer) Preview(ctx context.Context, by bank.By, today civil.Date, c settlement.RegisterFile) (Imported, error) {
	if err := cmp.Or(c.Check(bank.Rules{}), i.Bank.May(ctx, by, c.Permission())); err != nil {
		return Imported{}, err
	}
	layout, err := i.layout(ctx, c.AccountID)
	if err != nil {
		return Imported{}, err
	}
	file := incoming.File{
		ID: incoming.FileID(c.AccountID, c.Content), AccountID: c.AccountID, Name: c.FileName, Status: incoming.Open, Layout: layout.Layout.Layout, Content: c.Content,
	}
	p, err := i.plan(ctx, file, today)
	if err != nil {
		return Imported{}, err
	}
	for from := 0; from < len(p.commands); from += previewed {
		var list []bank.Command[[]incoming.Payment]
		for _, c := range p.commands[from:min(from+previewed, len(p.commands))] {
			list = append(list, c)
		}
		answers, err := bank.Preview(ctx, i.Bank, by, list)
		if err != nil {
			return Imported{}, err
		}
		for k, a := range answers {
			if err := p.rows[p.at[from+k]].took(a.Answer, a.Err); err != nil {
				return Imported{}, err
			}
		}
	}
	file.Counts = p.count()
	return Imported{File: file, Rows: p.rows}, nil
}

// previewed is the number of rows that a preview decides in one transaction.
const previewed = 500

// plan has the rows of a file, and the commands for those that were not taken yet.
type plan struct {
	rows     []ImportedRow
	commands []TakeIncoming
	at       []int // index of each command's row
	counts   incoming.Counts
}

// plan reads the content of a file.
func (i Importer) plan(ctx context.Context, file incoming.File, today civil.Date) (plan, error) {
	f, err := file.Layout.Parse(file.Content, today)
	if err != nil {
		return plan{}, err
	}
	f.Identify(file.AccountID)
	known, err := i.known(ctx, f.Rows)
	if err != nil {
		return plan{}, err
	}
	loans, err := i.loans(ctx, f.Rows)
	if err != nil {
		return plan{}, err
	}
	p := plan{counts: incoming.Counts{Rows: len(f.Rows) + len(f.Repeated), Bad: len(f.Bad), Out: f.Out}}
	for _, r := range f.Repeated {
		p.rows = append(p.rows, ImportedRow{Row: r, Outcome: RowKnown})
	}
	for _, bad := range f.Bad {
		p.rows = append(p.rows, ImportedRow{Row: bankfile.Row{Line: bad.Line}, Outcome: RowBad, Flaw: bad.Flaw})
	}
	for _, r := range f.Rows {
		row := ImportedRow{Row: r}
		if before, taken := known[r.ID]; taken {
			row.know(before)
		}
		p.rows = append(p.rows, row)
	}
	slices.SortStableFunc(p.rows, func(a, b ImportedRow) int { return a.Line - b.Line })
	for at, row := range p.rows {
		if row.Outcome != "" {
			continue
		}
		c := TakeIncoming{Payment: incoming.Of(file, row.Row), Excess: file.Layout.Excess}
		if found, why := c.Payment.ReferenceFound(); found == "" {
			c.Why = why
		} else {
			c.LoanID, c.Why = loans[found.Number()], incoming.UnknownLoan
		}
		p.commands, p.at = append(p.commands, c), append(p.at, at)
	}
	return p, nil
}

// know sets the outcome of a row that was taken before. The id of the operation may be that
// of another row.
func (r *ImportedRow) know(before takenRow) {
	r.Outcome = RowKnown
	if !r.Same(before.date, before.amount) {
		r.Outcome, r.Flaw = RowBad, fault.At(string(bankfile.Operation), bankfile.Differs)
	}
}

// took sets the outcome of a row after its command. It returns an error that is not about the
// row.
func (r *ImportedRow) took(payments []incoming.Payment, err error) error {
	var refusal *fault.Error
	switch {
	case err == nil:
		r.Outcome, r.Payments = RowApplied, payments
		if slices.ContainsFunc(payments, func(p incoming.Payment) bool { return p.Status == incoming.Suspended }) {
			r.Outcome = RowSuspended
		}
	case fault.Is(err, incoming.Taken):
		r.Outcome = RowKnown
	case errors.As(err, &refusal) && refusal.Code == fault.Invalid && len(refusal.Flaws) > 0:
		r.Outcome, r.Flaw = RowBad, refusal.Flaws[0]
	default:
		return err
	}
	return nil
}

// take runs the commands of a plan, some at a time.
func (i Importer) take(ctx context.Context, by bank.By, p *plan) (token uint64, err error) {
	for from := 0; from < len(p.commands); from += window {
		part := p.commands[from:min(from+window, len(p.commands))]
		started := make([]bank.Started[[]incoming.Payment], len(part))
		for k, c := range part {
			if started[k], err = i.start(ctx, by, c); err != nil {
				return token, err
			}
		}
		for k := range part {
			receipt, failed := started[k].Wait()
			err = cmp.Or(err, p.rows[p.at[from+k]].took(receipt.Answer, failed))
			token = max(token, receipt.Token)
		}
		if err != nil {
			return token, err
		}
	}
	return token, nil
}

// start queues a command, and waits while the queue is full.
func (i Importer) start(ctx context.Context, by bank.By, c TakeIncoming) (bank.Started[[]incoming.Payment], error) {
	for {
		started, err := bank.Start(ctx, i.Bank, by, c)
		var refusal *fault.Error
		if !errors.As(err, &refusal) || refusal.Rule != fault.TooMany || ctx.Err() != nil {
			return started, err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// count returns the numbers of rows with each outcome.
func (p plan) count() incoming.Counts {
	c := p.counts
	c.Bad = 0
	for _, r := range p.rows {
		switch r.Outcome {
		case RowApplied:
			c.Applied++
		case RowSuspended:
			c.Waiting++
		case RowKnown:
			c.Known++
		case RowBad:
			c.Bad++
		}
	}
	return c
}

// takenRow is what is compared with a row that has the same id.
type takenRow struct {
	date   civil.Date
	amount money.Amount
}

// known returns the rows that were taken before, with the amount of the whole row.
func (i Importer) known(ctx context.Context, rows []bankfile.Row) (map[id.ID]takenRow, error) {
	ids := make([]id.ID, 0, 2*len(rows))
	whole := map[id.ID]id.ID{}
	for _, r := range rows {
		rest := incoming.RestID(r.ID)
		ids = append(ids, r.ID, rest)
		whole[r.ID], whole[rest] = r.ID, r.ID
	}
	found := map[id.ID]takenRow{}
	batch := &db.Batch{}
	batch.Before(func() { clear(found) })
	batch.Query("SELECT id, value_date, amount FROM incoming_payments WHERE id = ANY($1::uuid[])", func(s db.Scanner) error {
		var payment id.ID
		var row takenRow
		err := s.Scan(&payment, &row.date, &row.amount)
		row.amount += found[whole[payment]].amount
		found[whole[payment]] = row
		return err
	}, ids)
	return found, i.Bank.DB().ReadPrimary(ctx, batch)
}

// loans returns the loans of the references in the rows by their numbers.
func (i Importer) loans(ctx context.Context, rows []bankfile.Row) (map[int64]id.ID, error) {
	var numbers []int64
	for _, r := range rows {
		if found, _ := (incoming.Payment{Reference: r.Reference, Concept: r.Concept}).ReferenceFound(); found != "" {
			numbers = append(numbers, found.Number())
		}
	}
	found := map[int64]id.ID{}
	batch := &db.Batch{}
	batch.Before(func() { clear(found) })
	batch.Query("SELECT number, id FROM loans WHERE number = ANY($1::bigint[])", func(s db.Scanner) error {
		var number int64
		var loanID id.ID
		err := s.Scan(&number, &loanID)
		found[number] = loanID
		return err
	}, numbers)
	return found, i.Bank.DB().ReadPrimary(ctx, batch)
}

// stored returns a file that was registered, with its layout and content. Its id is zero if
// there is none.
func (i Importer) stored(ctx context.Context, file id.ID) (f settlement.File, err error) {
	batch := &db.Batch{}
	batch.Before(func() { f = settlement.File{} })
	batch.Query("SELECT "+settlement.Files.Columns.List("")+" FROM bank_files WHERE id = $1", func(s db.Scanner) error {
		if err := settlement.Files.Columns.Scan(s, &f); err != nil {
			return err
		}
		return settlement.Files.Read(&f)
	}, file)
	return f, i.Bank.DB().ReadPrimary(ctx, batch)
}

// layout returns the layout of a bank account, or incoming.NoLayout.
func (i Importer) layout(ctx context.Context, account id.ID) (l settlement.Layout, err error) {
	batch := &db.Batch{}
	batch.Before(func() { l = settlement.Layout{} })
	batch.Query("SELECT "+settlement.Layouts.Columns.List("")+" FROM bank_layouts WHERE bank_account_id = $1", func(s db.Scanner) error {
		if err := settlement.Layouts.Columns.Scan(s, &l); err != nil {
			return err
		}
		return settlement.Layouts.Read(&l)
	}, account)
	if err = i.Bank.DB().ReadPrimary(ctx, batch); err == nil && l.AccountID.IsZero() {
		err = fault.Refuse(incoming.NoLayout)
	}
	return l, err
}

// counted returns the numbers of rows that were taken from a file: those that paid their loan,
// and those that came into suspense, whole or in part.
func (i Importer) counted(ctx context.Context, file id.ID) (applied, waiting int, err error) {
	batch := &db.Batch{}
	batch.Query(`SELECT count(*) FILTER (WHERE waiting = 0), count(*) FILTER (WHERE waiting > 0) FROM
			(SELECT line, count(entry_id) AS waiting FROM incoming_payments WHERE file_id = $1 GROUP BY line) l`,
		func(s db.Scanner) error { return s.Scan(&applied, &waiting) }, file)
	return applied, waiting, i.Bank.DB().ReadPrimary(ctx, batch)
}
