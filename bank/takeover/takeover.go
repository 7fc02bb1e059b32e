// Package takeover takes over the data of another system. It reads the rows of a source, a file
// or the database of the seed, and gives them in chunks to the verbs of the nouns, one command a
// chunk. A chunk that was taken before changes nothing, so an import that stopped is continued by
// starting it again.
package takeover

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"time"

	"sofipo/bank"
	"sofipo/bank/books"
	"sofipo/bank/clients"
	"sofipo/bank/imports"
	"sofipo/bank/lending"
	"sofipo/core/fault"
	"sofipo/core/id"
	core "sofipo/core/imports"
	"sofipo/infra/seeddb"
)

// Row is a row of a source, or what is wrong with it.
type Row[R any] struct {
	Line int64
	Row  R
	Bad  []core.Finding // the row cannot be taken
}

// Source has the rows of one kind.
type Source[R any] struct {
	Kind    core.Kind
	Content []string // hash of a file and the settings of its reading, or the name of a database
	Name    string
	Fixed   bool  // the rows are always the same: those that were decided are left out
	Total   int64 // number of rows
	Rows    func(ctx context.Context) iter.Seq2[Row[R], error]
}

// id returns the id of the import of the source with further settings.
func (s Source[R]) id(settings ...string) id.ID {
	all := append(slices.Clone(s.Content), settings...)
	return core.SourceID(s.Kind, all[0], all[1:]...)
}

// Progress is how far an import is.
type Progress struct {
	Kind  core.Kind
	Rows  int64 // read so far
	Total int64
	Began time.Time
}

// Importer imports sources.
type Importer struct {
	Bank       *bank.Bank
	By         bank.By
	Preview    bool           // decide each chunk on the stored rows, and change nothing
	Chunk      int            // rows of a chunk; 0: as many as suit the kind
	Product    string         // of the loans that name none
	NoInterest bool           // the loans bear no interest
	Progress   func(Progress) // called after each chunk; may be nil
}

// Result is what became of the rows of a source in one run.
type Result struct {
	Import core.Import
	Read   int64          // rows of the source
	Before int64          // of them, those that an earlier run of this import decided
	Run    core.Tally     // of this run
	Bad    []core.Finding // at most 100,000; the table of findings has all of an import that was not a preview
}

// mostBad is the number of findings that a result lists.
const mostBad = 100_000

// Rows of a chunk. Those of clients and loans get short numbers, which come in blocks of 1,024.
const (
	chunkOfClients  = 1000
	chunkOfLoans    = 500
	chunkOfPayments = 10_000
	wholeFile       = 100_000
)

// Clients imports clients, and compares them with the lists of blocked persons.
func (i Importer) Clients(ctx context.Context, s Source[core.Client]) (Result, error) {
	return take(ctx, i, s, plan[core.Client]{id: s.id(), size: chunkOfClients, finish: i.screen, command: func(c imports.Chunk, rows []core.Client) bank.Command[imports.Answer] {
		return &clients.ImportClients{Chunk: c, Rows: rows}
	}})
}

// screen compares all clients with the lists of blocked persons.
func (i Importer) screen(ctx context.Context) error {
	lists, err := clients.Lists(ctx, i.Bank)
	for _, list := range lists {
		if _, err = clients.Rescreen(ctx, i.Bank, bank.By{System: true, Actor: i.By.Actor, CorrelationID: i.By.CorrelationID}, list); err != nil {
			break
		}
	}
	return err
}

// settings returns what decides what becomes of the rows of a kind, besides their content.
func (i Importer) settings(k core.Kind) []string {
	if k == core.Loans {
		return []string{i.Product, strconv.FormatBool(i.NoInterest)}
	}
	return nil
}

// Loans imports loans.
func (i Importer) Loans(ctx context.Context, s Source[core.Loan]) (Result, error) {
	return take(ctx, i, s, plan[core.Loan]{id: s.id(i.settings(core.Loans)...), size: chunkOfLoans, command: func(c imports.Chunk, rows []core.Loan) bank.Command[imports.Answer] {
		return &lending.ImportLoans{Chunk: c, Product: i.Product, NoInterest: i.NoInterest, Rows: rows}
	}})
}

// Payments imports the payments that the other system received, as information.
func (i Importer) Payments(ctx context.Context, s Source[core.Payment]) (Result, error) {
	return take(ctx, i, s, plan[core.Payment]{id: s.id(), size: chunkOfPayments, command: func(c imports.Chunk, rows []core.Payment) bank.Command[imports.Answer] {
		return &lending.ImportPayments{Chunk: c, Rows: rows}
	}})
}

// Balances imports the opening balances of the books, in one command. A file with more rows than
// one command takes is refused with Invalid.
func (i Importer) Balances(ctx context.Context, s Source[core.Balance]) (Result, error) {
	i.Chunk = 0
	if s.Total > wholeFile {
		return Result{}, fault.Wrong(fault.At("file", core.RowsMost, "most", wholeFile))
	}
	return take(ctx, i, s, plan[core.Balance]{id: s.id(), size: wholeFile, command: func(c imports.Chunk, rows []core.Balance) bank.Command[imports.Answer] {
		return &books.ImportBalances{Chunk: c, Rows: rows}
	}})
}

// Seed imports the clients, the loans and the payments of a database of the seed, and compares them
// with it.
func (i Importer) Seed(ctx context.Context, s *seeddb.Seed) (Report, error) {
	clients, err := i.Clients(ctx, SeedClients(s))
	if err != nil {
		return Report{}, err
	}
	loans, err := i.Loans(ctx, SeedLoans(s))
	if err != nil {
		return Report{}, err
	}
	payments, err := i.Payments(ctx, SeedPayments(s))
	if err != nil {
		return Report{}, err
	}
	return Reconcile(ctx, i.Bank.DB(), Stated{loans.Import.ID: s.Balance, payments.Import.ID: s.Paid}, clients, loans, payments)
}

// File imports a file of a kind. Refused with Invalid if it cannot be read or its heading lacks a
// column.
func (i Importer) File(ctx context.Context, k core.Kind, f File) (Result, error) {
	switch k {
	case core.Clients:
		return readAndTake(ctx, f, ClientsOf, i.Clients)
	case core.Loans:
		return readAndTake(ctx, f, LoansOf, i.Loans)
	case core.Payments:
		return readAndTake(ctx, f, PaymentsOf, i.Payments)
	case core.Balances:
		return readAndTake(ctx, f, BalancesOf, i.Balances)
	}
	return Result{}, fault.Wrong(fault.At("kind", fault.OneOf, "accepted", core.Kinds))
}

func readAndTake[R any](ctx context.Context, f File, read func(File) (Source[R], []string, error), run func(context.Context, Source[R]) (Result, error)) (Result, error) {
	s, _, err := read(f)
	if err != nil {
		return Result{}, err
	}
	return run(ctx, s)
}

// fileID returns the id of the import of a file of a kind. Refused as File.
func (i Importer) fileID(k core.Kind, f File) (id.ID, error) {
	file, err := f.open()
	if err != nil {
		return id.ID{}, err
	}
	defer file.Close()
	if _, _, err := core.Columns(k, file.Heading, f.Columns); err != nil {
		return id.ID{}, err
	}
	content, err := f.content()
	if err != nil {
		return id.ID{}, err
	}
	content = append(content, i.settings(k)...)
	return core.SourceID(k, content[0], content[1:]...), nil
}

// plan says how the rows of a kind are taken.
type plan[R any] struct {
	id      id.ID // of the import
	size    int
	command func(imports.Chunk, []R) bank.Command[imports.Answer]
	finish  func(context.Context) error // called before the import is complete if rows were taken; may be nil
}

// part is a chunk that was read.
type part[R any] struct {
	imports.Chunk
	rows  []R
	count int64 // rows with those that could not be read
	err   error
}

// take reads the rows of a source and takes them chunk by chunk. The next chunk is read while one
// is written.
func take[R any](ctx context.Context, i Importer, s Source[R], p plan[R]) (out Result, err error) {
	if i.Chunk > 0 {
		p.size = i.Chunk
	}
	if err := i.Bank.May(ctx, i.By, core.Run); err != nil {
		return out, err
	}
	done, err := Stored(ctx, i.Bank.DB(), p.id)
	if err != nil {
		return out, err
	}
	decided := imports.Decided(done)
	ctx, stop := context.WithCancel(ctx)
	progress := Progress{Kind: s.Kind, Total: s.Total, Began: time.Now()}
	parts := make(chan part[R], 1)
	go read(ctx, s, p, decided, parts)
	defer func() { // the source may be closed when take returns
		stop()
		for range parts { // waits for the end of read
		}
	}()
	for part := range parts {
		if part.err != nil {
			return out, part.err
		}
		if part.Number == 0 || part.Number > decided {
			if err := i.run(ctx, p.command(part.Chunk, part.rows), &out); err != nil {
				return out, err
			}
		} else {
			out.Before += part.count
		}
		out.Read += part.count
		if progress.Rows = out.Read; i.Progress != nil {
			i.Progress(progress)
		}
	}
	if err = ctx.Err(); err != nil || i.Preview {
		out.Import = core.Import{ID: p.id, Kind: s.Kind, Source: s.Name, Tally: out.Run}
		return out, err
	}
	stopped := done.Status == core.Open && done.Taken > 0 // rows of the run that stopped
	if p.finish != nil && (stopped || out.Run.Taken > 0) {
		if err := p.finish(ctx); err != nil {
			return out, err
		}
	}
	finished, err := bank.Do(ctx, i.Bank, i.By, imports.FinishImport{Import: p.id, Kind: s.Kind, Source: s.Name})
	out.Import = finished.Answer
	return out, err
}

// run executes the command of a chunk, or previews it.
func (i Importer) run(ctx context.Context, c bank.Command[imports.Answer], out *Result) error {
	var got imports.Answer
	if i.Preview {
		seen, err := bank.Preview(ctx, i.Bank, i.By, []bank.Command[imports.Answer]{c})
		if err != nil {
			return err
		}
		if seen[0].Err != nil {
			return seen[0].Err
		}
		got = seen[0].Answer
	} else {
		r, err := do(ctx, i.Bank, i.By, c)
		if err != nil {
			return err
		}
		got = r.Answer
	}
	out.Run = out.Run.Plus(got.Tally)
	out.Bad = append(out.Bad, got.Findings[:min(len(got.Findings), mostBad-len(out.Bad))]...)
	return nil
}

// patience is how long a chunk waits for a database that does not answer.
const patience = 2 * time.Minute

// do executes the command of a chunk. It is tried again while the database does not answer: a
// chunk that was taken after all changes nothing.
func do(ctx context.Context, b *bank.Bank, by bank.By, c bank.Command[imports.Answer]) (r bank.Receipt[imports.Answer], err error) {
	for began := time.Now(); ; {
		r, err = bank.Do(ctx, b, by, c)
		var refused *fault.Error
		if !errors.As(err, &refused) || refused.Code != fault.Unavailable || refused.Rule == fault.ClockWrong || time.Since(began) > patience || ctx.Err() != nil {
			return r, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// read sends the chunks of a source. A chunk ends after the rows that were decided before, whatever
// the size of the chunks was then.
func read[R any](ctx context.Context, s Source[R], p plan[R], decided int64, to chan<- part[R]) {
	defer close(to)
	next, rows := part[R]{}, int64(0)
	send := func() bool {
		next.Import, next.Kind, next.Source, next.Before = p.id, s.Kind, s.Name, rows
		if rows += next.count; s.Fixed {
			next.Number = rows
		}
		select {
		case to <- next:
			next = part[R]{}
			return true
		case <-ctx.Done():
			return false
		}
	}
	for row, err := range s.Rows(ctx) {
		if err != nil {
			next.err = err
			send()
			return
		}
		if next.count == 0 {
			next.First = row.Line
			next.rows = make([]R, 0, min(p.size, chunkOfPayments))
		}
		next.count++
		if next.Last = row.Line; len(row.Bad) > 0 {
			next.Unread = append(next.Unread, row.Bad...)
		} else {
			next.rows = append(next.rows, row.Row)
		}
		if (next.count >= int64(p.size) || rows+next.count == decided) && !send() {
			return
		}
	}
	if next.count > 0 {
		send()
	}
}
