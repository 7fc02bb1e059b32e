package bank

import (
	"cmp"
	"context"
	"time"

	"sofipo/core/fault"
	"sofipo/infra/db"
)

// record is the stored answer to a request with an idempotency key.
type record struct {
	recordKey
	request   []byte // hash of the request
	answer    []byte
	createdAt time.Time
	personal  bool // the answer is encrypted
}

// recordKey is the scope of an idempotency key.
type recordKey struct{ username, operation, key string }

var records = Declare(Table[recordKey, record]{
	Name: "idempotency", Rank: 1000, Keys: 3,
	Columns: db.Columns[record]{
		db.TextField("key", func(r *record) *string { return &r.key }),
		db.TextField("username", func(r *record) *string { return &r.username }),
		db.TextField("operation", func(r *record) *string { return &r.operation }),
		db.BytesField("request_hash", func(r *record) *[]byte { return &r.request }),
		db.SealedBytesField("answer", db.Sealing[record]{Table: "idempotency", Owner: (*record).place, Only: func(r *record) bool { return r.personal }}, func(r *record) *[]byte { return &r.answer }),
		db.TimeField("created_at", func(r *record) *time.Time { return &r.createdAt }),
	},
	Fixed: []string{"request_hash", "answer", "created_at"},
	Of:    func(r *record) recordKey { return r.recordKey },
	Compare: func(a, b recordKey) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.username, b.username), cmp.Compare(a.operation, b.operation))
	},
})

var recordsByKey = DeclareLookup(Lookup[recordKey, record, string]{Table: records, Column: "key"})

// place identifies the row of an encrypted answer.
func (r *record) place() string { return r.username + " " + r.operation + " " + r.key }

// personal is an answer with personal data that are encrypted where they are stored.
type personal interface{ Personal() }

// replay returns the stored answer. It refuses a different request with the same key.
func (r *record) replay(request [32]byte) ([]byte, error) {
	if string(r.request) != string(request[:]) {
		return nil, fault.Refuse(fault.IdempotencyReused)
	}
	return r.answer, nil
}

// Replayed returns the answer to an earlier request with the same key, or nil if there was
// none. It is for an operation that takes more than one command.
func Replayed(ctx context.Context, session *db.Session, by By, operation string) ([]byte, error) {
	if by.Key == "" {
		return nil, nil
	}
	var found *record
	load := &db.Batch{}
	load.Before(func() { found = nil })
	columns := records.Columns.Pick("key", "username", "operation", "request_hash", "answer")
	load.Query("SELECT "+columns.List("")+" FROM idempotency WHERE key = $1 AND username = $2 AND operation = $3", func(s db.Scanner) error {
		found = &record{}
		return columns.Scan(s, found)
	}, by.Key, by.Actor, operation)
	if err := session.Begin(ctx, load); err != nil {
		return nil, Unavailable(fault.DatabaseAway, err)
	}
	if found == nil {
		session.Rollback()
		return nil, nil
	}
	save := &db.Batch{}
	save.Durable()
	if _, err := session.Commit(ctx, save); err != nil {
		return nil, Unavailable(fault.DatabaseAway, err)
	}
	return found.replay(by.Request)
}
