// Package view reads the data of the bank, from the cache or the replica. Each read (a
// question) is a method, in a file named for its tables. Every question checks the caller's
// permission first and returns Go values. Answers are cached in the encoding of the caller
// (see Answer).
//
// The caller can require that an answer includes the commit with a given token. An answer
// also includes every commit of this process that made its cache key stale, and every commit
// that left a mark on the key in a shared cache.
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

// View answers questions. Its methods may be called concurrently.
type View struct {
	db     *db.DB
	cache  cache.Cache // nil: every question goes to the database
	recent *otter.Cache[string, uint64]
	flight singleflight.Group
	days   calendar
}

// Open returns a view. The cache may be nil.
func Open(database *db.DB, answers cache.Cache) *View {
	return &View{db: database, cache: answers, recent: otter.Must(&otter.Options[string, uint64]{
		MaximumSize:      200_000,
		ExpiryCalculator: otter.ExpiryWriting[string, uint64](10 * time.Second),
	})}
}

// Forget makes the answers under the keys stale for all codecs: the commit with the token
// changed them. When it returns, no later question of this process can get an older answer.
func (v *View) Forget(token uint64, keys []string) {
	if len(keys) == 0 {
		return
	}
	for _, key := range keys {
		v.recent.Compute(key, func(old uint64, found bool) (uint64, otter.ComputeOp) {
			return max(old, token), otter.WriteOp
		})
	}
	v.forget(token, keys)
}

// ForgetAll makes every cached answer with a lower token stale, for all processes.
func (v *View) ForgetAll(token uint64) { v.forget(token, nil) }

func (v *View) forget(token uint64, keys []string) {
	if v.cache == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	v.cache.Forget(ctx, token, keys...)
}

// known returns the larger of need and the token of this process's last commit that made the
// key stale.
func (v *View) known(key string, need uint64) uint64 {
	if made, found := v.recent.GetIfPresent(key); found {
		return max(need, made)
	}
	return need
}

// questionTime is the timeout of a question to the database.
const questionTime = 10 * time.Second

// ask reads from the database, not the cache, at the commit token need or later. The function
// reset runs before each attempt and must clear the results.
func (v *View) ask(ctx context.Context, need uint64, batch *db.Batch, reset func()) error {
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	_, err := v.read(ctx, need, batch, reset)
	return asFault(err)
}

// read is db.Read with a function that clears the results before each attempt.
func (v *View) read(ctx context.Context, need uint64, batch *db.Batch, reset func()) (uint64, error) {
	batch.Before(reset)
	return v.db.Read(ctx, need, batch)
}

// Paging selects a part of a list: at most Limit rows, after skipping Skip rows or after the
// id After.
type Paging struct {
	After       id.ID
	Skip, Limit int64
}

// Page is a part of a list.
type Page[T any] struct {
	Items []T
	Next  id.ID // the After of the next page; zero at the end
}

// pageOf returns a page with the items. If it is full, there may be another page.
func pageOf[T any](items []T, limit int64, name func(T) id.ID) Page[T] {
	p := Page[T]{Items: items}
	if n := len(items); n > 0 && int64(n) == limit {
		p.Next = name(items[n-1])
	}
	return p
}

// after returns the id as a lower bound. The zero id would be NULL in the database, so it
// becomes the smallest id, which no row has.
func after(x id.ID) id.ID {
	if x.IsZero() {
		x[15] = 1
	}
	return x
}

// before returns the id as an upper bound. The zero id becomes the largest id.
func before(x id.ID) id.ID {
	if x.IsZero() {
		for i := range x {
			x[i] = 0xff
		}
	}
	return x
}

// storable reports whether the database could store the string. PostgreSQL refuses NUL and
// invalid UTF-8 even in a query.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// exists returns a scan function that records that a query found a row with an id as its only
// column.
func exists(found *bool) func(db.Scanner) error {
	return func(s db.Scanner) error {
		var any id.ID
		*found = true
		return s.Scan(&any)
	}
}

// asFault turns the error of a database that does not answer into a refusal for the caller.
func asFault(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) || db.Invalid(err) {
		return err
	}
	away := fault.Refuse(fault.Unavailable).Because(fault.DatabaseAway)
	away.Cause = err
	return away
}
