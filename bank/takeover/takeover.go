// Package takeover takes over the data of another system. It reads the rows of a source, a file
// or the database of the seed, and gives them in chunks to the verbs of the nouns, one command a
// chunk. A chunk that was taken before changes nothing, so an import that stopped is continued by
// starting it again.
package takeover

import (
	"context"
	"errors"
	"iter"
	"time"

	"sofipo/bank"
	"sofipo/bank/books"
	"sofipo/bank/clients"
	"sofipo/bank/imports"
	"sofipo/bank/lending"
	"sofipo/core/fault"
	"sofipo/core/id"
	core "sofipo/core/imports"
)

// Row is a row of a source, or what is wrong with it.
type Row[R any] struct {
	Line int64
	Row  R
	Bad  []core.Finding // the row cannot be taken
}

// Source has the rows of one kind.
type Source[R any] struct {
	ID    id.ID // of the import
	Name  string
	Fixed bool  // the rows are always the same: chunks that were taken are left out
	Total int64 // number of rows; 0 if it is not known
	Rows  func(ctx context.Context) iter.Seq2[Row[R], error]
}

// Progress is how far an import is.
type Progress struct {
	Kind  core.Kind
	Rows  int64 // read so far
	Total int64 // 0 if it is not known
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
	Read   int64      // rows of the source
	Before int64      // of them, those that an earlier run of this import decided
	Run    core.Tally // of this run
	Bad    []core.Finding
	Token  uint64 // commit token of the last change
}

// mostBad is the number of findings that a result lists. The table of findings has all of them.
const mostBad = 1000

// Rows of a chunk. Those of clients and loans get short numbers, which come in blocks of 1,024.
const (
	chunkOfClients  = 1000
	chunkOfLoans    = 500
	chunkOfPayments = 10_000
	wholeFile       = 100_000
)

// Clients imports clients, and compares them with the lists of blocked persons.
func (i Importer) Clients(ctx context.Context, s Source[core.Client]) (Result, error) {
	out, err := take(ctx, i, s, plan[core.Client]{core.Clients, chunkOfClients, func(c imports.Chunk, rows []core.Client) bank.Command[imports.Answer] {
		return &clients.ImportClients{Chunk: c, Rows: rows}
	}})
	if err != nil || i.Preview || out.Run.Taken == 0 {
		return out, err
	}
	lists, err := clients.Lists(ctx, i.Bank)
	for _, list := range lists {
		if _, err = clients.Rescreen(ctx, i.Bank, bank.By{System: true, Actor: i.By.Actor, CorrelationID: i.By.CorrelationID}, list); err != nil {
			break
		}
	}
	return out, err
}

// Loans imports loans.
func (i Importer) Loans(ctx context.Context, s Source[core.Loan]) (Result, error) {
	return take(ctx, i, s, plan[core.Loan]{core.Loans, chunkOfLoans, func(c imports.Chunk, rows []core.Loan) bank.Command[imports.Answer] {
		return &lending.ImportLoans{Chunk: c, Product: i.Product, NoInterest: i.NoInterest, Rows: rows}
	}})
}

// Payments imports the payments that the other system received, as information.
func (i Importer) Payments(ctx context.Context, s Source[core.Payment]) (Result, error) {
	return take(ctx, i, s, plan[core.Payment]{core.Payments, chunkOfPayments, func(c imports.Chunk, rows []core.Payment) bank.Command[imports.Answer] {
		return &lending.ImportPayments{Chunk: c, Rows: rows}
	}})
}

// Balances imports the opening balances of the books, in one command.
func (i Importer) Balances(ctx context.Context, s Source[core.Balance]) (Result, error) {
	i.Chunk = 0
	return take(ctx, i, s, plan[core.Balance]{core.Balances, wholeFile, func(c imports.Chunk, rows []core.Balance) bank.Command[imports.Answer] {
		return &books.ImportBalances{Chunk: c, Rows: rows}
	}})
}

// plan says how the rows of a kind are taken.
type plan[R any] struct {
	kind    core.Kind
	size    int
	command func(imports.Chunk, []R) bank.Command[imports.Answer]
}

// part is a chunk that was read.
type part[R any] struct {
	imports.Chunk
	rows []R
	err  error
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
	done, err := Stored(ctx, i.Bank.DB(), s.ID)
	if err != nil {
		return out, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	progress := Progress{Kind: p.kind, Total: s.Total, Began: time.Now()}
	parts := make(chan part[R], 1)
	go read(ctx, s, p, parts)
	for part := range parts {
		if part.err != nil {
			return out, part.err
		}
		n := int64(len(part.rows))
		unread := map[int64]bool{}
		for _, f := range part.Unread {
			unread[f.Line] = true
		}
		out.Read += n + int64(len(unread))
		if part.Number == 0 || part.Number > done.Chunks {
			if err := i.run(ctx, p.command(part.Chunk, part.rows), &out); err != nil {
				return out, err
			}
		} else {
			out.Before += n + int64(len(unread))
		}
		if progress.Rows = out.Read; i.Progress != nil {
			i.Progress(progress)
		}
	}
	if err = ctx.Err(); err != nil || i.Preview {
		out.Import = core.Import{ID: s.ID, Kind: p.kind, Source: s.Name, Tally: out.Run}
		return out, err
	}
	finished, err := bank.Do(ctx, i.Bank, i.By, imports.FinishImport{Import: s.ID, Kind: p.kind, Source: s.Name})
	out.Import, out.Token = finished.Answer, max(out.Token, finished.Token)
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
		got, out.Token = r.Answer, r.Token
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

// read sends the chunks of a source.
func read[R any](ctx context.Context, s Source[R], p plan[R], to chan<- part[R]) {
	defer close(to)
	chunk := imports.Chunk{Import: s.ID, Kind: p.kind, Source: s.Name}
	var number int64
	next := part[R]{}
	send := func() bool {
		if number++; s.Fixed {
			chunk.Number = number
		}
		next.Import, next.Kind, next.Source, next.Number = chunk.Import, chunk.Kind, chunk.Source, chunk.Number
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
		if len(next.rows)+len(next.Unread) == 0 {
			next.First = row.Line
			next.rows = make([]R, 0, min(p.size, chunkOfPayments))
		}
		if next.Last = row.Line; len(row.Bad) > 0 {
			next.Unread = append(next.Unread, row.Bad...)
		} else {
			next.rows = append(next.rows, row.Row)
		}
		if len(next.rows)+len(next.Unread) >= p.size && !send() {
			return
		}
	}
	if len(next.rows)+len(next.Unread) > 0 {
		send()
	}
}
