package db

import "testing"

func TestToSQLite(t *testing.T) {
	for in, want := range map[string]string{
		"SELECT 1":                              "SELECT 1",
		"SELECT a FROM t WHERE b = $1 AND c=$2": "SELECT a FROM t WHERE b = ?1 AND c=?2",
		"WHERE x = $11 OR y = $1":               "WHERE x = ?11 OR y = ?1",
		"WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE":                   "WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY id ",
		"SELECT sequence FROM chain FOR UPDATE":                                      "SELECT sequence FROM chain ",
		"SELECT a FROM t FOR UPDATE OF t SKIP LOCKED":                                "SELECT a FROM t ",
		"SELECT coalesce(sum(debit), 0)::bigint FROM p":                              "SELECT coalesce(sum(debit), 0) FROM p",
		"VALUES ($1::timestamptz, $2::text[])":                                       "VALUES (?1, ?2)",
		"INSERT INTO t VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = $2 RETURNING c": "INSERT INTO t VALUES (?1) ON CONFLICT (a) DO UPDATE SET b = ?2 RETURNING c",
	} {
		for range 2 { // the second answer comes from memory
			if got := toSQLite(in); got != want {
				t.Errorf("%q\nbecame %q\nwant   %q", in, got, want)
			}
		}
	}
}
