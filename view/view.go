// Package view holds the questions: what one can ask, answered from the replica
// through the cache. A question is a method, grouped by file as the tables are. Every
// question checks first that who asks may ask it, and answers Go values; what is
// cached is kept as the door that asks writes it (see Answer).
//
// No answer is older than the writes it must know of: a question may name a
// token (of a commit) that its answer has to include, every key that a
// commit of this process made stale asks for that commit's token, and the
// marks that commits leave in a shared cache ask for theirs.
package view

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/cache"
	"sofipo/infra/db"
)

// View answers questions.
type View struct {
	db     *db.DB
	cache  cache.Cache // nil: every question goes to the database
	recent *otter.Cache[string, uint64]
	flight singleflight.Group
	days   calendar
}

// Open makes a view. The cache may be nil.
func Open(database *db.DB, answers cache.Cache) *View {
	return &View{db: database, cache: answers, recent: otter.Must(&otter.Options[string, uint64]{
		MaximumSize:      200_000,
		ExpiryCalculator: otter.ExpiryWriting[string, uint64](10 * time.Second),
	})}
}

// Forget makes the answers under the keys stale, whatever codec wrote them: the commit
// at the token changed them. It returns once no later question of this process can
// be answered with what was there before.
func (v *View) Forget(token uint64, keys []string) {
	if len(keys) == 0 {
		return
	}
	for _, key := range keys {
		v.recent.Compute(key, func(old uint64, found bool) (uint64, otter.ComputeOp) {
			return max(old, token), otter.WriteOp
		})
	}
	if v.cache != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		v.cache.Forget(ctx, token, keys...)
	}
}

// known raises a token to that of the last commit of this process that made the
// key stale.
func (v *View) known(key string, need uint64) uint64 {
	if made, found := v.recent.GetIfPresent(key); found {
		return max(need, made)
	}
	return need
}

// questionTime bounds a question to the database.
const questionTime = 10 * time.Second

// ask asks the database without the cache, of nothing older than the token need.
// What the answers fill is emptied before each run of the batch.
func (v *View) ask(ctx context.Context, need uint64, batch *db.Batch, empty func()) error {
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	_, err := v.read(ctx, need, batch, empty)
	return asFault(err)
}

// read is db.Read of a batch whose answers are emptied before each run.
func (v *View) read(ctx context.Context, need uint64, batch *db.Batch, empty func()) (uint64, error) {
	batch.Before(empty)
	return v.db.Read(ctx, need, batch)
}

// Paging says which part of a list is wanted: skip so many rows, or begin after an id;
// at most limit rows.
type Paging struct {
	After       id.ID
	Skip, Limit int64
}

// Page is a part of a list.
type Page[T any] struct {
	Items []T
	Next  id.ID // the id after which the next page begins; zero at the end
}

// pageOf makes a page of the rows that were found; a full one is followed by another.
func pageOf[T any](items []T, limit int64, name func(T) id.ID) Page[T] {
	p := Page[T]{Items: items}
	if n := len(items); n > 0 && int64(n) == limit {
		p.Next = name(items[n-1])
	}
	return p
}

// after is the id as a lower bound: the zero id, which the database would take
// for NULL, becomes the smallest that no row has.
func after(x id.ID) id.ID {
	if x.IsZero() {
		x[15] = 1
	}
	return x
}

// storable tells whether a text could be in the database at all: PostgreSQL
// refuses NUL and invalid UTF-8 even in a question.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// exists notes that a query found a row, whose only column is an id.
func exists(found *bool) func(db.Scanner) error {
	return func(s db.Scanner) error {
		var any id.ID
		*found = true
		return s.Scan(&any)
	}
}

// asFault turns an error of the database into one that a caller may see.
func asFault(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	away := fault.Refuse(fault.Unavailable).Because(fault.DatabaseAway)
	away.Cause = err
	return away
}
