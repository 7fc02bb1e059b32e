package db_test

import (
	"testing"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/infra/db"
	"sofipo/test/ground"
)

// Copied rows are read back as saved rows are, including NULL.
func TestCopyIsSave(t *testing.T) {
	columns := []db.Column{db.Int("n"), db.ID("ref"), db.Small("few"), db.Text("txt"), db.Bytes("raw"), db.Time("at"), db.Day("d"), db.Bool("flag")}
	rows := [][]any{
		{int64(1), id.ID{0x01, 0x90, 15: 0xff}, int64(2147483647), "Ñandú\n\\N\t'x'", []byte{0, 1, 255, '\\'}, time.Date(2026, 11, 23, 23, 59, 59, 999_999_000, time.UTC), civil.Date{Year: 2026, Month: 11, Day: 23}, true},
		{int64(-9_223_372_036_854_775_808), id.ID{}, int64(-2147483648), "", []byte{}, time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC), civil.Date{}, false},
		{int64(9_223_372_036_854_775_807), id.ID{15: 1}, int64(-1), "x", []byte(nil), time.Unix(0, 0), civil.Date{Year: 1900, Month: 2, Day: 28}, true},
	}
	ground.Each(t, func(t *testing.T, d *db.DB) {
		types := "n INTEGER, ref TEXT, few INTEGER, txt TEXT, raw BLOB, at INTEGER, d TEXT, flag INTEGER"
		if !d.Embedded() {
			types = "n BIGINT, ref UUID, few INTEGER, txt TEXT, raw BYTEA, at TIMESTAMPTZ, d DATE, flag BOOLEAN"
		}
		_, err := run(t.Context(), d, "CREATE TABLE saved ("+types+")", "CREATE TABLE copied ("+types+")")
		must(t, err)
		saved, copied := db.Insert("saved", columns...).Rows(), db.Insert("copied", columns...).Rows()
		for _, row := range rows {
			saved.Add(row...)
			copied.Add(row...)
		}
		s := d.Session()
		defer s.Close()
		must(t, s.Begin(t.Context(), &db.Batch{}))
		must(t, s.Copy(t.Context(), copied))
		must(t, s.Copy(t.Context(), db.Insert("copied", columns...).Rows()))
		batch := &db.Batch{}
		batch.Save(saved)
		_, err = s.Commit(t.Context(), batch)
		must(t, err)
		for _, sql := range []string{"SELECT count(*) FROM saved", "SELECT count(*) FROM copied", "SELECT count(*) FROM (SELECT * FROM saved INTERSECT SELECT * FROM copied) same"} {
			if n := number(t, d, sql); n != 3 {
				t.Errorf("%s: got %d, want 3", sql, n)
			}
		}
	})
}

// A refused copy ends the transaction; the session can still be used.
func TestRefusedCopy(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		_, err := run(t.Context(), d, "CREATE TABLE t (n BIGINT CONSTRAINT \"t.n\" UNIQUE)")
		must(t, err)
		_, err = run(t.Context(), d, "INSERT INTO t VALUES (1)")
		must(t, err)
		s := d.Session()
		defer s.Close()
		rows := db.Insert("t", db.Int("n")).Rows()
		rows.Add(int64(2))
		rows.Add(int64(1))
		must(t, s.Begin(t.Context(), &db.Batch{}))
		err = s.Copy(t.Context(), rows)
		if key, is := db.Conflict(err); !is || key != "t.n" || !db.Refused(err) {
			t.Errorf("got %v, of the key %q, want a refusal for a conflict of the key t.n", err, key)
		}
		must(t, s.Begin(t.Context(), insert("INSERT INTO t VALUES (3)")))
		_, err = s.Commit(t.Context(), &db.Batch{})
		must(t, err)
		if n := number(t, d, "SELECT sum(n)::bigint FROM t"); n != 4 {
			t.Errorf("got the sum %d of the rows, want 1 + 3", n)
		}
	})
}
