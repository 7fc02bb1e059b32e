package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"sofipo/infra/envelope"
)

// The errors of the keys of a database.
var (
	ErrKeyNeeded = errors.New("the database has encrypted data: set the key that it was encrypted with")
	ErrWrongKey  = errors.New("the key is not the one that the data of this database were encrypted with")
)

// Kinds of data keys.
const (
	dataKey  = "data"  // encrypts values
	indexKey = "index" // makes blind indexes
)

// keysLock keeps the programs apart that make or wrap data keys.
const keysLock = 0x736f_6669_07

// keyDelay is the time after which a new data key is used on PostgreSQL. Until then every node has
// read it.
var keyDelay = time.Minute

// keyRefresh is the time between two readings of the keys on PostgreSQL.
const keyRefresh = 15 * time.Second

// keyWait is the time after which every node seals with a new data key that is active.
var keyWait = 2 * keyRefresh

// storedKey is a row of data_keys.
type storedKey struct {
	id, kind, wrapped, wrappedBy string
	activeFrom                   time.Time
	complete                     bool // no value has another key
}

const selectKeys = "SELECT id, kind, wrapped, wrapped_by, active_from, complete FROM data_keys ORDER BY active_from, id"

func readKeys(batch *Batch, into *[]storedKey) {
	batch.Before(func() { *into = nil })
	batch.Query(selectKeys, func(s Scanner) error {
		var k storedKey
		err := s.Scan(&k.id, &k.kind, &k.wrapped, &k.wrappedBy, &k.activeFrom, &k.complete)
		*into = append(*into, k)
		return err
	})
}

// OpenKeys reads the data keys of a database with the schema of this program, and makes them if it
// has none. Keys that the old key-encryption key wraps are wrapped with the new one. Until then,
// values are written in clear. Without a key-encryption key it refuses a database that has data
// keys with ErrKeyNeeded.
func (d *DB) OpenKeys(ctx context.Context) error {
	if d.keys.Load() != nil {
		return nil
	}
	var stored []storedKey
	load, save := &Batch{}, &Batch{}
	readKeys(load, &stored)
	if err := d.ReadPrimary(ctx, load); err != nil {
		return fmt.Errorf("reading the data keys: %w", err)
	}
	switch {
	case d.kek == nil && len(stored) > 0:
		return ErrKeyNeeded
	case d.kek == nil:
		return nil
	case len(stored) > 0 && !slices.ContainsFunc(stored, func(k storedKey) bool { return k.wrappedBy != envelope.Fingerprint(d.kek) }):
		return d.useKeys(stored)
	}
	s := d.Session()
	defer s.Close()
	load = &Batch{}
	load.Exclude(keysLock)
	readKeys(load, &stored)
	err := s.Begin(ctx, load)
	if err != nil {
		return fmt.Errorf("reading the data keys: %w", err)
	}
	if len(stored) == 0 {
		now := time.Now()
		for _, kind := range []string{dataKey, indexKey} {
			if err := addKey(save, kind, d.kek, now); err != nil {
				s.Rollback()
				return err
			}
		}
		readKeys(save, &stored)
	}
	if err := d.wrapAgain(save, stored); err != nil {
		s.Rollback()
		return err
	}
	if _, err := s.Commit(ctx, save); err != nil {
		return fmt.Errorf("writing the data keys: %w", err)
	}
	return d.useKeys(stored)
}

// useKeys unwraps the keys and uses them from now on.
func (d *DB) useKeys(stored []storedKey) error {
	ring, err := d.ringOf(stored)
	if err != nil {
		return err
	}
	d.keys.Store(ring)
	if !d.Embedded() {
		d.background.Go(d.refreshKeys)
	}
	return nil
}

// addKey queues a new key of a kind.
func addKey(batch *Batch, kind string, kek []byte, from time.Time) error {
	key := envelope.NewKey()
	wrapped, err := key.Wrap(kek)
	if err == nil {
		batch.Exec("INSERT INTO data_keys (id, kind, wrapped, wrapped_by, active_from, complete) VALUES ($1, $2, $3, $4, $5, FALSE)",
			key.ID, kind, wrapped, envelope.Fingerprint(kek), from)
	}
	return err
}

// wrapAgain queues the keys that the old key-encryption key wraps, wrapped with the new one.
func (d *DB) wrapAgain(batch *Batch, stored []storedKey) error {
	name := envelope.Fingerprint(d.kek)
	for i := range stored {
		k := &stored[i]
		if k.wrappedBy == name {
			continue
		}
		if d.oldKEK == nil || k.wrappedBy != envelope.Fingerprint(d.oldKEK) {
			return ErrWrongKey
		}
		key, err := envelope.Unwrap(k.id, k.wrapped, d.oldKEK)
		if err == nil {
			k.wrapped, err = key.Wrap(d.kek)
		}
		if err != nil {
			return fmt.Errorf("data key %s: %w", k.id, err)
		}
		k.wrappedBy = name
		batch.Exec("UPDATE data_keys SET wrapped = $2, wrapped_by = $3 WHERE id = $1", k.id, k.wrapped, k.wrappedBy)
	}
	return nil
}

// ringOf returns the ring of the stored keys. The newest data key that is active seals.
func (d *DB) ringOf(stored []storedKey) (*envelope.Ring, error) {
	var index envelope.Key
	var keys []envelope.Key
	current := ""
	for _, k := range stored {
		if k.wrappedBy != envelope.Fingerprint(d.kek) {
			return nil, ErrWrongKey
		}
		key, err := envelope.Unwrap(k.id, k.wrapped, d.kek)
		switch {
		case err != nil:
			return nil, fmt.Errorf("data key %s: %w", k.id, err)
		case k.kind == indexKey:
			index = key
			continue
		case current == "" || !k.activeFrom.After(time.Now()):
			current = key.ID
		}
		keys = append(keys, key)
	}
	return envelope.NewRing(keys, current, index)
}

// refreshKeys reads the keys that another node made, until the database is closed.
func (d *DB) refreshKeys() {
	tick := time.NewTicker(keyRefresh)
	defer tick.Stop()
	for {
		select {
		case <-d.ended:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), keyRefresh)
		if err := d.readRing(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("the data keys were not read; the earlier ones stay in use", "error", err)
		}
		cancel()
	}
}

// readRing reads the keys again.
func (d *DB) readRing(ctx context.Context) error {
	var stored []storedKey
	batch := &Batch{}
	readKeys(batch, &stored)
	err := d.ReadPrimary(ctx, batch)
	if err != nil {
		return err
	}
	ring, err := d.ringOf(stored)
	if err == nil {
		d.keys.Store(ring)
	}
	return err
}

// RotateKey makes a new data key and encrypts all values with it. On PostgreSQL it first waits
// until every node encrypts with the key. If it is interrupted, EncryptStored continues.
func (d *DB) RotateKey(ctx context.Context) error {
	if d.keys.Load() == nil {
		return ErrKeyNeeded
	}
	from, wait := time.Now(), time.Duration(0)
	if !d.Embedded() {
		from, wait = from.Add(keyDelay), keyWait
	}
	save := &Batch{}
	if err := addKey(save, dataKey, d.kek, from); err != nil {
		return err
	}
	if err := d.commitBatch(ctx, save); err != nil {
		return err
	}
	select {
	case <-time.After(time.Until(from.Add(wait))):
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := d.readRing(ctx); err != nil {
		return err
	}
	_, err := d.EncryptStored(ctx)
	return err
}

// commitBatch runs a batch in a transaction of its own.
func (d *DB) commitBatch(ctx context.Context, save *Batch) error {
	s := d.Session()
	defer s.Close()
	err := s.Begin(ctx, &Batch{})
	if err == nil {
		_, err = s.Commit(ctx, save)
	}
	return err
}
