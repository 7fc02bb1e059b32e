// Package db gives access to the database: PostgreSQL (primary and streaming
// replica) or embedded SQLite, with the same SQL for both.
//
// # Common SQL
//
// Statements are written once, in PostgreSQL's dialect, with $1 placeholders. For
// SQLite the package rewrites only the following:
//
//	$1                    ?1
//	= ANY($1::uuid[])     IN (SELECT value FROM json_each(?1))
//	::bigint              (casts are dropped)
//	FOR NO KEY UPDATE     (locking clauses are dropped: there is one writer)
//
// Otherwise a statement must use only what both databases support, such as
// RETURNING, ON CONFLICT, window functions, FILTER, partial indexes and recursive
// CTEs.
//
// # Types of values
//
//	core                PostgreSQL    SQLite
//	id.ID (zero = NULL) UUID          TEXT, canonical
//	money.Amount        BIGINT        INTEGER centavos
//	rate.Annual         BIGINT        INTEGER parts per million
//	time.Time           TIMESTAMPTZ   INTEGER microseconds since 1970 UTC
//	civil.Date (zero = NULL) DATE     TEXT YYYY-MM-DD
//
// # Cost
//
// A round trip to PostgreSQL costs about as much CPU time as saving ten rows.
// Therefore a Batch sends many statements in one round trip, and a Rows sends many
// rows in one statement (unnest of typed arrays). SQLite has no round trips. There
// the same Batch runs statement by statement, each prepared once; a Rows inserts up
// to 64 rows with each statement and updates rows one by one.
//
// The differences between the two databases are in postgres.go and sqlite.go, and
// in migrations/postgres and migrations/sqlite.
package db
