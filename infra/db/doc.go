// Package db is the ground: PostgreSQL (primary and streaming replica) or
// embedded SQLite behind one way of speaking SQL.
//
// The common subset. Statements are written once, in PostgreSQL's words, with
// $1 placeholders. For SQLite the package rewrites
//
//	$1                    ?1
//	= ANY($1::uuid[])     IN (SELECT value FROM json_each(?1))
//	::bigint              (casts are dropped)
//	FOR NO KEY UPDATE     (locking clauses are dropped: there is one writer)
//
// and nothing else, so a statement keeps to what both know: RETURNING, ON
// CONFLICT, window functions, FILTER, partial indexes, recursive CTEs.
//
// The forms of values.
//
//	core                PostgreSQL    SQLite
//	id.ID (zero = NULL) UUID          TEXT, canonical
//	money.Amount        BIGINT        INTEGER centavos
//	rate.Annual         BIGINT        INTEGER parts per million
//	time.Time           TIMESTAMPTZ   INTEGER microseconds since 1970 UTC
//	civil.Date (zero = NULL) DATE     TEXT YYYY-MM-DD
//
// The price list. A trip to PostgreSQL costs about as much CPU as saving ten
// rows, so a Batch carries many statements in one trip and a Rows carries many
// rows in one statement (unnest of typed arrays). SQLite has no trips: the same
// Batch runs statement by statement, prepared once; the new rows of a Rows up to
// 64 a statement, changed ones one by one.
//
// What differs between the two stands next to each other: postgres.go and
// sqlite.go, migrations/postgres and migrations/sqlite.
package db
