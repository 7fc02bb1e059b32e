// Package view holds the questions: what one can ask, answered from the replica
// through the cache. A question is a file. Answers are JSON as the REST API
// sends it, so that a cached answer goes out as it lies.
//
// No answer is older than the writes it must know of: a question may name a
// position (of a commit) that its answer has to include, every key that a
// commit of this process made stale asks for that commit's position, and the
// marks that commits leave in a shared cache ask for theirs.
package view

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"sofipo/core/fault"
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

// Forget makes the answers under the keys stale: the commit at the position
// changed them. It returns once no later question of this process can be
// answered with what was there before.
func (v *View) Forget(position uint64, keys []string) {
	if len(keys) == 0 {
		return
	}
	for _, key := range keys {
		v.recent.Compute(key, func(old uint64, found bool) (uint64, otter.ComputeOp) {
			return max(old, position), otter.WriteOp
		})
	}
	if v.cache != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		v.cache.Forget(ctx, position, keys...)
	}
}

// query asks the database; it may run its batch twice.
type query func(ctx context.Context, need uint64) (body []byte, position uint64, err error)

// cached answers from the cache what is new enough, and from the database
// otherwise, once for all who ask at the same time.
func (v *View) cached(ctx context.Context, key string, need uint64, ttl time.Duration, ask query) ([]byte, error) {
	if made, found := v.recent.GetIfPresent(key); found {
		need = max(need, made)
	}
	if v.cache != nil {
		if entry, found := v.cache.Get(ctx, key); found {
			if entry.Body != nil && entry.Position >= need {
				return entry.Body, nil
			}
			if entry.Body == nil {
				need = max(need, entry.Position)
			}
		}
	}
	answer, err, _ := v.flight.Do(fmt.Sprintf("%s %d", key, need), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), questionTime)
		defer cancel()
		body, position, err := ask(ctx, need)
		if err == nil && v.cache != nil {
			v.cache.Fill(ctx, key, cache.Entry{Position: position, Body: body}, ttl)
		}
		return body, err
	})
	if err != nil {
		return nil, asFault(err)
	}
	return answer.([]byte), nil
}

// questionTime bounds a question to the database.
const questionTime = 10 * time.Second

// direct asks the database without the cache. The key is the one whose changes
// the answer must know of.
func (v *View) direct(ctx context.Context, key string, need uint64, ask query) ([]byte, error) {
	if made, found := v.recent.GetIfPresent(key); found {
		need = max(need, made)
	}
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	body, _, err := ask(ctx, need)
	return body, asFault(err)
}

// read is db.Read of a batch whose answers are emptied before each run.
func (v *View) read(ctx context.Context, need uint64, batch *db.Batch, empty func()) (uint64, error) {
	batch.Before(empty)
	return v.db.Read(ctx, need, batch)
}

// storable tells whether a text could be in the database at all: PostgreSQL
// refuses NUL and invalid UTF-8 even in a question.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// asFault turns an error of the database into one that a caller may see.
func asFault(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	away := fault.New(fault.Unavailable, "Service unavailable: the database does not answer", "Servicio no disponible; intente de nuevo")
	away.Cause = err
	return away
}
