package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sofipo/core/id"
	"sofipo/infra/envelope"
)

// encryptSlice is the number of values that EncryptStored changes in a transaction.
const encryptSlice = 500

// EncryptStored encrypts what an earlier program stored in clear and what is encrypted with an
// earlier data key, and puts blind indexes in place of values. It returns the number of values
// that it changed. It works in slices, each a transaction that leaves out rows that others change
// at the same time; if it is interrupted, the next call continues. It does nothing without keys.
func (d *DB) EncryptStored(ctx context.Context) (changed int, err error) {
	ring := d.keys.Load()
	if ring == nil {
		return 0, nil
	}
	if err := d.overwrite(ctx, "ON"); err != nil {
		return 0, err
	}
	for _, c := range sealedColumns {
		n, err := d.encryptColumn(ctx, c, ring)
		changed += n
		if err != nil {
			return changed, fmt.Errorf("encrypting %s: %w", c, err)
		}
	}
	for _, c := range blindColumns {
		n, err := d.blindColumn(ctx, c)
		changed += n
		if err != nil {
			return changed, fmt.Errorf("replacing %s.%s: %w", c.Table, c.Column, err)
		}
	}
	done := &Batch{}
	done.Exec("UPDATE data_keys SET complete = TRUE WHERE id = $1", currentID(ring))
	if err := d.commitBatch(ctx, done); err != nil {
		return changed, err
	}
	return changed, d.overwrite(ctx, "OFF")
}

func currentID(ring *envelope.Ring) string { return strings.Split(ring.Current(), ":")[1] }

// Encrypted reports whether EncryptStored has encrypted everything with the current data key. It is
// true without keys.
func (d *DB) Encrypted(ctx context.Context) (complete bool, err error) {
	ring := d.keys.Load()
	if ring == nil {
		return true, nil
	}
	batch := &Batch{}
	batch.Before(func() { complete = false })
	batch.Query("SELECT complete FROM data_keys WHERE id = $1", func(s Scanner) error { return s.Scan(&complete) }, currentID(ring))
	return complete, d.ReadPrimary(ctx, batch)
}

// FirstKey reports whether there is a key-encryption key and EncryptStored has never completed. Call
// it before OpenKeys.
func (d *DB) FirstKey(ctx context.Context) (bool, error) {
	if d.kek == nil {
		return false, nil
	}
	var stored []storedKey
	batch := &Batch{}
	readKeys(batch, &stored)
	err := d.ReadPrimary(ctx, batch)
	return !slices.ContainsFunc(stored, func(k storedKey) bool { return k.complete }), err
}

// overwrite lets SQLite overwrite what is deleted or changed, so that no value in clear stays in
// free parts of the file; it moves what the log has into the file. PostgreSQL overwrites such rows
// after a vacuum.
func (d *DB) overwrite(ctx context.Context, state string) error {
	if !d.Embedded() {
		return nil
	}
	batch := &Batch{}
	batch.Exec("PRAGMA secure_delete = " + state)
	err := d.commitBatch(ctx, batch)
	if err == nil && state == "OFF" {
		_, err = d.write.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	return err
}

// storedValue is a value with its row.
type storedValue struct {
	owner id.ID
	text  string
	bytes []byte
}

// value returns the value as an argument.
func (v *storedValue) value(bytes bool) any {
	if bytes {
		return v.bytes
	}
	return v.text
}

// sealedValues calls each with all values of a column, in slices by the order of the owners.
func (d *DB) sealedValues(ctx context.Context, c SealedColumn, each func([]storedValue) error) error {
	for last := (id.ID{15: 1}); ; {
		var some []storedValue
		batch := &Batch{}
		batch.Before(func() { some = nil })
		batch.Query(fmt.Sprintf("SELECT %[1]s, %[2]s FROM %[3]s WHERE %[1]s > $1 ORDER BY %[1]s LIMIT $2", c.Owner, c.Column, c.Table), func(s Scanner) error {
			var v storedValue
			to := any(&v.text)
			if c.bytes {
				to = &v.bytes
			}
			err := s.Scan(&v.owner, to)
			some = append(some, v)
			return err
		}, last, int64(encryptSlice))
		if err := d.ReadPrimary(ctx, batch); err != nil || len(some) == 0 {
			return err
		}
		last = some[len(some)-1].owner
		if err := each(some); err != nil {
			return err
		}
	}
}

func (d *DB) encryptColumn(ctx context.Context, c SealedColumn, ring *envelope.Ring) (changed int, err error) {
	sql := fmt.Sprintf("UPDATE %[3]s SET %[2]s = $3 WHERE %[1]s = $1 AND %[2]s = $2", c.Owner, c.Column, c.Table)
	err = d.sealedValues(ctx, c, func(some []storedValue) error {
		save, n := &Batch{}, 0
		for i := range some {
			v := &some[i]
			if c.bytes && (v.bytes == nil || strings.HasPrefix(string(v.bytes), ring.Current())) || !c.bytes && (v.text == "" || strings.HasPrefix(v.text, ring.Current())) {
				continue
			}
			next, err := v.again(c, ring)
			if err != nil {
				return fmt.Errorf("%s: %w", v.owner, err)
			}
			save.Exec(sql, v.owner, v.value(c.bytes), next.value(c.bytes))
			n++
		}
		if n == 0 {
			return nil
		}
		changed += n
		return d.commitBatch(ctx, save)
	})
	return changed, err
}

// again returns the value encrypted with the current key.
func (v *storedValue) again(c SealedColumn, ring *envelope.Ring) (next storedValue, err error) {
	place := c.place(v.owner.String())
	if c.bytes {
		next.bytes, err = ring.Open(v.bytes, place)
		next.bytes = ring.Seal(next.bytes, place)
		return next, err
	}
	next.text, err = ring.OpenText(v.text, place)
	next.text = ring.SealText(next.text, place)
	return next, err
}

// condition returns which rows have a value that must be blind.
func (c BlindColumn) condition() string {
	kinds := "'" + strings.Join(c.Kinds, "', '") + "'"
	if c.Kind == "" {
		return fmt.Sprintf("substr(%[1]s, 1, 1) IN (%[2]s) AND substr(%[1]s, 2, 3) <> 'h1:' AND substr(%[1]s, 2) <> ''", c.Column, kinds)
	}
	return fmt.Sprintf("%[1]s IN (%[2]s) AND substr(%[3]s, 1, 3) <> 'h1:' AND %[3]s <> ''", c.Kind, kinds, c.Column)
}

// blind returns the blind form of a value of a kind.
func (c BlindColumn) blind(d *DB, kind, value string) string {
	if c.Kind == "" {
		return value[:1] + d.Blind(c.Blinded[slices.Index(c.Kinds, value[:1])], value[1:])
	}
	return d.Blind(c.Blinded[slices.Index(c.Kinds, kind)], value)
}

func (d *DB) blindColumn(ctx context.Context, c BlindColumn) (changed int, err error) {
	kind := "''"
	if c.Kind != "" {
		kind = c.Kind
	}
	for last := ""; ; {
		type pair struct{ kind, value string }
		var some []pair
		batch := &Batch{}
		batch.Before(func() { some = nil })
		batch.Query(fmt.Sprintf("SELECT DISTINCT %[1]s, %[2]s FROM %[3]s WHERE %[2]s >= $2 AND %[4]s ORDER BY %[2]s LIMIT $1", kind, c.Column, c.Table, c.condition()), func(s Scanner) error {
			var p pair
			err := s.Scan(&p.kind, &p.value)
			some = append(some, p)
			return err
		}, int64(encryptSlice), last)
		if err := d.ReadPrimary(ctx, batch); err != nil || len(some) == 0 {
			return changed, err
		}
		save, n := &Batch{}, 0
		for _, p := range some {
			last = p.value
			if next := c.blind(d, p.kind, p.value); next != p.value {
				save.Exec(fmt.Sprintf("UPDATE %s SET %s = $3 WHERE %s = $1 AND %s = $2", c.Table, c.Column, kind, c.Column), p.kind, p.value, next)
				n++
			}
		}
		if n == 0 {
			return changed, nil
		}
		if err := d.commitBatch(ctx, save); err != nil {
			return changed, err
		}
		changed += n
	}
}

// CheckEncrypted opens all encrypted values and returns their number. It returns an error that
// counts the values in clear, those that do not open and, once EncryptStored has completed, those
// under another key. Without keys it checks nothing.
func (d *DB) CheckEncrypted(ctx context.Context) (values int, err error) {
	ring := d.keys.Load()
	if ring == nil {
		return 0, nil
	}
	complete, err := d.Encrypted(ctx)
	if err != nil {
		return 0, err
	}
	clear, broken, other := map[string]int{}, map[string]int{}, map[string]int{}
	for _, c := range sealedColumns {
		err := d.sealedValues(ctx, c, func(some []storedValue) error {
			for i := range some {
				v := &some[i]
				stored := v.text + string(v.bytes)
				if stored == "" {
					continue
				}
				values++
				if !envelope.Sealed(stored) {
					clear[c.String()]++
				} else if _, err := v.again(c, ring); err != nil {
					broken[c.String()]++
				} else if complete && !strings.HasPrefix(stored, ring.Current()) {
					other[c.String()]++
				}
			}
			return nil
		})
		if err != nil {
			return values, err
		}
	}
	for _, c := range blindColumns {
		var n int64
		batch := &Batch{}
		batch.Query(fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", c.Table, c.condition()), func(s Scanner) error { return s.Scan(&n) })
		if err := d.ReadPrimary(ctx, batch); err != nil {
			return values, err
		}
		if n > 0 {
			clear[c.Table+"."+c.Column] += int(n)
		}
	}
	if len(clear)+len(broken)+len(other) > 0 {
		return values, fmt.Errorf("values in clear: %v; values that do not open: %v; values under another key: %v", clear, broken, other)
	}
	return values, nil
}
