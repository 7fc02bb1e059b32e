package db

import (
	"context"
	"time"
)

// freshWait is the time in which a replica must show that it is up to date.
const freshWait = 2 * time.Second

// ReadAll is Read for a batch that reads whole tables: it has no time limit of its own, and runs
// once. It uses the replica if there is one that is up to date. Open the database with
// Config.Patient. It returns a token that the snapshot is certain to include, and whether it used
// the replica.
func (d *DB) ReadAll(ctx context.Context, b *Batch) (token uint64, onReplica bool, err error) {
	b.keyed(d.keys.Load())
	if d.Embedded() {
		token, err = d.readSQLite(ctx, b)
		return token, false, err
	}
	for began := time.Now(); d.replica != nil && !d.replica.serves(0) && time.Since(began) < freshWait && ctx.Err() == nil; {
		time.Sleep(freshWait / 40) // until it is compared with the primary
	}
	if d.replica.serves(0) {
		token, err = readPool(ctx, d.replica.pool, replayed, b)
		return token, true, err
	}
	token, err = readPool(ctx, d.primary, flushed, b)
	return max(token, 1) - 1, false, err
}
