package bank

import (
	"cmp"
	"context"
	"errors"
	"time"

	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// Short numbers come from blocks. A writer takes a block of a kind for a branch, stores it in
// the transaction of the batch that needs it, and assigns its numbers one by one. So numbers
// are unique over all nodes, and no row is changed for each number. A writer that stops, or
// whose batch fails, gives up the rest of its blocks: numbers have gaps.
//
// A writer takes a block when a command finds none, not earlier. So one writer assigns the
// same numbers to the same commands, however they are grouped into batches.

// Sizes of the blocks. Each block that a writer takes is twice as large as the one before, so
// that a small branch leaves small gaps and a busy one takes blocks seldom.
const (
	firstBlock = 16
	maxBlock   = 1024
)

// block is a stored block of numbers, from first to last, without check digits.
type block struct {
	blockKey
	last    int64
	branch  id.ID
	takenAt time.Time
}

type blockKey struct {
	kind  folio.Kind
	first int64
}

// FolioBlocks is the table of the blocks that writers have taken.
var FolioBlocks = Declare(Table[blockKey, block]{
	Name: "folio_blocks", Rank: 240, Keys: 2,
	Columns: db.Columns[block]{
		db.TextField("kind", func(b *block) *folio.Kind { return &b.kind }),
		db.IntField("first", func(b *block) *int64 { return &b.first }),
		db.IntField("last", func(b *block) *int64 { return &b.last }),
		db.IDField("branch_id", func(b *block) *id.ID { return &b.branch }),
		db.TimeField("taken_at", func(b *block) *time.Time { return &b.takenAt }),
	},
	Fixed:   []string{"last", "branch_id", "taken_at"},
	Of:      func(b *block) blockKey { return b.blockKey },
	Compare: func(a, b blockKey) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.first, b.first)) },
})

// source identifies the numbers of a kind for a branch.
type source struct {
	kind   folio.Kind
	branch id.ID
}

// stock is what is left of the last block of a source: the numbers from next to last.
type stock struct{ next, last, size int64 }

// newBlock says that a command needs a new block. The numbers up to last are taken.
type newBlock struct {
	source
	last int64
}

// errNoBlock means that a command needs a number and there is no block.
var errNoBlock = errors.New("only a command of a writer can assign numbers")

// Folio assigns a short number. It returns 0 if the writer has no block; the command is then
// undone, and decided again with a new block, the same time and the same ids.
func (b *Book) Folio(kind folio.Kind, branch id.ID) folio.Number {
	from := source{kind, branch}
	before := b.stocks[from]
	if before.next == 0 || before.next > before.last {
		b.lacks = from
		return 0
	}
	b.setStock(from, stock{before.next + 1, before.last, before.size})
	return folio.Of(before.next)
}

func (b *Book) setStock(of source, after stock) {
	before := b.stocks[of]
	b.stocks[of] = after
	b.Undo(func() { b.stocks[of] = before })
}

// again undoes the command and begins it again with another block, for what it lacked.
func (b *Book) again(last int64) {
	ids, fresh := b.ids, append(b.fresh, newBlock{b.lacks, last})
	b.rollback()
	b.begin(b.job, b.now)
	b.ids, b.fresh = ids, fresh
	for _, taken := range fresh {
		b.take(taken)
	}
}

// take stages a block. The numbers of the blocks in the book are taken, too.
func (b *Book) take(n newBlock) {
	last := max(n.last, folio.First-1)
	for taken := range FolioBlocks.All(b) {
		if taken.kind == n.kind {
			last = max(last, taken.last)
		}
	}
	size := min(max(firstBlock, 2*b.stocks[n.source].size), maxBlock)
	FolioBlocks.Add(b, block{blockKey{n.kind, last + 1}, last + size, n.branch, b.now})
	b.setStock(n.source, stock{last + 1, last + size, size})
}

// folioLock is held, until the end of the transaction, by the writer that takes a block.
const folioLock = 0x736f_6669_04

// lastOf reads, in the writer's transaction, the last number of a kind that is taken.
func (w *writer) lastOf(ctx context.Context, kind folio.Kind) (last int64, err error) {
	load := &db.Batch{}
	load.Exclude(folioLock)
	load.Query("SELECT last FROM folio_blocks WHERE kind = $1 ORDER BY first DESC LIMIT 1", func(s db.Scanner) error { return s.Scan(&last) }, string(kind))
	return last, w.session.Load(ctx, load)
}

// lastOf returns the last number of a kind that is taken.
func (m *Memory) lastOf(_ context.Context, kind folio.Kind) (last int64, err error) {
	for _, taken := range FolioBlocks.Rows(m) {
		if taken.kind == kind {
			last = max(last, taken.last)
		}
	}
	return last, nil
}
