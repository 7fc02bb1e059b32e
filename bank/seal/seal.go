// Package seal chains the journal by hashes. Each seal covers the rows of a range of ids, has the
// hash of each row, and contains the hash of the seal before it. So a row that was changed, removed
// or inserted later is found and named, although the database user could remove the triggers that
// refuse it. Seals are written after the commit of their rows: writers do not wait for each other,
// and a payment writes nothing more. docs/decisions/0011 explains it.
package seal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"sofipo/bank"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// MaxRows is the maximum number of rows in a seal.
const MaxRows = 5000

// margin is how old a row must be to be sealed. No transaction that is about to write an older row
// may be open.
const margin = 2 * time.Minute

// overdue is how much older than the newest row a row without a seal is if sealing stopped.
const overdue = 15 * time.Minute

// pause is the time between two looks for rows to seal.
const pause = time.Minute

// lock makes one node seal.
const lock = 0x736f_6673

// markBytes is the size of the mark of a row: its id and the first bytes of its hash.
const (
	markBytes  = idBytes + checkBytes
	idBytes    = 16
	checkBytes = 8
)

// seal is a row of journal_seals: the rows with an id after since, up to and including until.
type seal struct {
	number       int64
	since, until id.ID
	marks        []byte // of each row, in the order of the ids
	hash         []byte
}

// first is the id before all others. The zero id means none.
var first = id.ID{idBytes - 1: 1}

// row is a journal row with its text.
type row struct {
	id   id.ID
	text []byte
}

// The text of a journal row has all columns in a fixed order. Its form depends on the database. A
// column that is newer than seals is added only where it has a value, so that old rows keep their text.
const (
	postgresText = `ROW(id, command, number, (extract(epoch FROM at) * 1000000)::bigint, subject, client_id, actor, action, correlation_id, about, refusal, times,
		to_char(business_date, 'YYYY-MM-DD'), kind, reference, reverses, accounts, amounts, subjects, branches)::text || coalesce(api_key::text, '')`
	sqliteText = `json_array(id, command, number, at, subject, client_id, actor, action, correlation_id, about, refusal, times,
		business_date, kind, reference, reverses, lines) || coalesce(api_key, '')`
)

// rows returns the query of at most $3 rows of a table after the id $1, up to $2, in order.
func rows(d *db.DB, table string) string {
	text := postgresText
	if d.Embedded() {
		text = sqliteText
	}
	return "SELECT id, " + text + " FROM " + table + " WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3"
}

// journal is the table of the rows.
const journal = "journal"

// read returns at most limit rows after an id, up to and including another one.
func read(ctx context.Context, d *db.DB, since, until id.ID, limit int64) ([]row, error) {
	return readWith(rows(d, journal), func(b *db.Batch) error { return d.ReadPrimary(ctx, b) }, since, until, limit)
}

func readWith(query string, run func(*db.Batch) error, since, until id.ID, limit int64) (all []row, err error) {
	batch := &db.Batch{}
	batch.Before(func() { all = nil })
	batch.Query(query, func(s db.Scanner) error {
		var one row
		var text string
		err := s.Scan(&one.id, &text)
		one.text = []byte(text)
		all = append(all, one)
		return err
	}, since, until, limit)
	err = run(batch)
	return all, err
}

// cover sets the marks and the hash of the seal. The hash covers the number, the range, the rows
// and the hash of the seal before.
func (s *seal) cover(rows []row, previous []byte) {
	sum := sha256.New()
	sum.Write(previous)
	sum.Write(binary.BigEndian.AppendUint64(nil, uint64(s.number)))
	sum.Write(s.since[:])
	sum.Write(s.until[:])
	s.marks = make([]byte, 0, len(rows)*markBytes)
	for _, r := range rows {
		of := sha256.Sum256(r.text)
		sum.Write(of[:])
		s.marks = append(append(s.marks, r.id[:]...), of[:checkBytes]...)
	}
	s.hash = sum.Sum(nil)
}

// Sealer writes seals.
type Sealer struct {
	db      *db.DB
	session *db.Session
	clock   func(context.Context) (time.Time, error)
	sealed  func(end time.Time)
	log     *slog.Logger
}

// New returns a sealer. The clock is the one that the ids of the journal have. Sealed gets the end of
// the last seal on every node, whichever one seals.
func New(d *db.DB, clock func(context.Context) (time.Time, error), sealed func(end time.Time), log *slog.Logger) *Sealer {
	return &Sealer{db: d, session: d.Session(), clock: clock, sealed: sealed, log: log}
}

// End returns the time before which all rows are sealed. It is zero without seals.
func End(ctx context.Context, d *db.DB) (time.Time, error) {
	last, err := newest(ctx, d)
	if last.number == 0 {
		return time.Time{}, err
	}
	return last.until.Time(), err
}

// Run seals the journal until the context ends.
func (s *Sealer) Run(ctx context.Context) {
	defer s.session.Close()
	for {
		if err := s.Seal(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("sealing the journal failed", "error", err, "retry_in", pause)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// Seal seals all rows that are old enough, unless another node leads.
func (s *Sealer) Seal(ctx context.Context) error {
	end, err := End(ctx, s.db)
	if err != nil {
		return err
	}
	s.sealed(end)
	leads, err := s.session.Lead(ctx, lock)
	if err != nil || !leads {
		return err
	}
	now, err := s.clock(ctx)
	if err != nil {
		return err
	}
	bound, err := s.bound(ctx, now)
	if err != nil {
		return err
	}
	for more := true; more; {
		if more, err = s.next(ctx, now, bound); err != nil {
			return err
		}
	}
	return nil
}

// next seals the next rows up to the bound. It reports whether there may be more.
func (s *Sealer) next(ctx context.Context, now time.Time, bound id.ID) (more bool, err error) {
	last, err := newest(ctx, s.db)
	if err != nil {
		return false, err
	}
	if end := last.until.Time(); now.Before(end) {
		return false, fmt.Errorf("the clock was set back: it shows %s, but rows up to %s are sealed; the doctor will name the rows of the time between as added", now.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339))
	}
	next := seal{number: last.number + 1, since: last.until, until: bound}
	found, err := read(ctx, s.db, next.since, next.until, MaxRows)
	if err != nil || len(found) == 0 {
		return false, err
	}
	if more = len(found) == MaxRows; more {
		next.until = found[len(found)-1].id
	}
	next.cover(found, last.hash)
	// If another node leads now and has written this seal, the number is refused.
	if err := s.session.Begin(ctx, &db.Batch{}); err != nil {
		return false, err
	}
	save := &db.Batch{}
	save.Exec("INSERT INTO journal_seals (number, since, until, marks, hash) VALUES ($1, $2, $3, $4, $5)", next.number, next.since, next.until, next.marks, next.hash)
	if _, err := s.session.Commit(ctx, save); err != nil {
		return false, err
	}
	return more, nil
}

// oldest is the age in microseconds of the oldest transaction that writes. A commit may wait long for
// a standby, and its rows are not visible until then.
const oldest = `SELECT coalesce((extract(epoch FROM clock_timestamp() - min(xact_start)) * 1000000)::bigint, 0) FROM pg_stat_activity
	WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()`

// bound returns the id up to which no more rows will appear.
func (s *Sealer) bound(ctx context.Context, now time.Time) (id.ID, error) {
	var age int64
	if !s.db.Embedded() {
		batch := &db.Batch{}
		batch.Query(oldest, func(r db.Scanner) error { return r.Scan(&age) })
		if err := s.db.ReadPrimary(ctx, batch); err != nil {
			return id.ID{}, err
		}
	}
	return id.New(now.Add(-margin-time.Duration(age)*time.Microsecond), [10]byte{}), nil
}

// newest returns the last seal, or one before the first.
func newest(ctx context.Context, d *db.DB) (last seal, err error) {
	last.until = first
	batch := &db.Batch{}
	batch.Query("SELECT number, until, hash FROM journal_seals ORDER BY number DESC LIMIT 1", func(r db.Scanner) error { return r.Scan(&last.number, &last.until, &last.hash) })
	err = d.ReadPrimary(ctx, batch)
	return last, err
}

// Result is what Verify found.
type Result struct {
	Seals, Rows int64
	Unread      int64  // seals of detached months: their rows were not read
	Waiting     int64  // rows without a seal; those of the last minutes, unless no server runs
	Overdue     int64  // rows among them that are much older than the newest row: sealing stopped
	Hash        []byte // of the last seal; nil without one. An auditor who keeps it elsewhere sees later whether the chain was replaced.
	Wrong       []string
}

// mostWrong limits the findings of a verification.
const mostWrong = 20

// Verify compares the last seals with the journal, and each seal with the one before it. With a
// negative number it compares all. It reads one seal at a time. The rows of detached months are not read;
// VerifyMonth does.
func Verify(ctx context.Context, d *db.DB, seals int64) (out Result, err error) {
	last, err := newest(ctx, d)
	if err != nil {
		return out, err
	}
	out.Hash = last.hash
	end, err := bank.NewestRow(ctx, d)
	if err != nil {
		return out, err
	}
	v := verification{Result: &out, db: d, to: after, read: func(since, until id.ID) ([]row, error) { return read(ctx, d, since, until, 2*MaxRows) }}
	batch := &db.Batch{}
	batch.Query("SELECT count(*), count(*) FILTER (WHERE id < $2) FROM journal WHERE id > $1", func(r db.Scanner) error {
		return r.Scan(&out.Waiting, &out.Overdue)
	}, last.until, id.New(end.Add(-overdue), [10]byte{}))
	batch.Query("SELECT "+bank.JournalBegins, func(r db.Scanner) error { return r.Scan(&v.from) })
	if err := d.ReadPrimary(ctx, batch); err != nil {
		return out, err
	}
	from := int64(0)
	if seals >= 0 {
		from = max(0, last.number-seals)
	}
	return out, v.all(ctx, from, last.number)
}

// Month is a table with the rows of a month: all ids from From up to, but not including, To.
type Month struct {
	Table    string
	From, To id.ID
}

// VerifyMonth compares the rows of a month, which are in a table of the session's transaction, with
// their seals.
func VerifyMonth(ctx context.Context, d *db.DB, session *db.Session, m Month) (out Result, err error) {
	query := rows(d, m.Table)
	v := verification{Result: &out, db: d, from: m.From, to: m.To, read: func(since, until id.ID) ([]row, error) {
		return readWith(query, func(b *db.Batch) error { return session.Load(ctx, b) }, since, until, 2*MaxRows)
	}}
	var first, last, count int64
	batch := &db.Batch{}
	batch.Query("SELECT coalesce(min(number), 1), coalesce(max(number), 0) FROM journal_seals WHERE until >= $1 AND since < $2", func(r db.Scanner) error { return r.Scan(&first, &last) }, m.From, m.To)
	batch.Query("SELECT count(*) FROM "+m.Table, func(r db.Scanner) error { return r.Scan(&count) })
	if err := session.Load(ctx, batch); err != nil {
		return out, err
	}
	if err = v.all(ctx, first-1, last); err == nil && out.Rows != count && len(out.Wrong) == 0 {
		out.Wrong = append(out.Wrong, fmt.Sprintf("%d rows are outside the seals of the month", count-out.Rows))
	}
	return out, err
}

// after is the id after all others.
var after = id.ID(slices.Repeat([]byte{0xff}, idBytes))

// verification compares seals with rows. Rows from one id up to another are known; those of other ids
// are detached.
type verification struct {
	*Result
	db       *db.DB
	from, to id.ID
	read     func(since, until id.ID) ([]row, error)
}

// all compares the seals after a number up to another one.
func (v *verification) all(ctx context.Context, from, last int64) error {
	before := seal{until: first}
	for n := max(1, from); n <= last && len(v.Wrong) < mostWrong; n++ {
		one, err := sealOf(ctx, v.db, n)
		if errors.Is(err, errMissing) {
			v.Wrong = append(v.Wrong, fmt.Sprintf("seal %d is missing", n))
			before = seal{}
			continue
		}
		if err != nil {
			return err
		}
		if n > from { // the one before is only read for its hash
			if err := v.compare(one, before); err != nil {
				return err
			}
		}
		before = one
	}
	return nil
}

var errMissing = errors.New("the seal is missing")

func sealOf(ctx context.Context, d *db.DB, number int64) (one seal, err error) {
	batch := &db.Batch{}
	batch.Query("SELECT number, since, until, marks, hash FROM journal_seals WHERE number = $1", func(r db.Scanner) error {
		return r.Scan(&one.number, &one.since, &one.until, &one.marks, &one.hash)
	}, number)
	if err = d.ReadPrimary(ctx, batch); err == nil && one.number == 0 {
		err = errMissing
	}
	return one, err
}

// compare adds what is wrong with a seal. The seal before has no number if it is missing. Of a seal with
// rows that are not known, only the marks of the known rows are compared.
func (v *verification) compare(of, before seal) error {
	follows := of.number == 1 || before.number != 0
	if follows && of.since != before.until {
		v.Wrong = append(v.Wrong, fmt.Sprintf("seal %d does not begin where seal %d ends", of.number, before.number))
		return nil
	}
	if less(of.until, v.from) || !less(of.since, v.to) {
		v.Unread++
		return nil
	}
	found, err := v.read(of.since, of.until)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(r row) bool { return !v.knows(r.id) })
	v.Seals, v.Rows = v.Seals+1, v.Rows+int64(len(found))
	wrong := len(v.Wrong)
	now := seal{number: of.number, since: of.since, until: of.until}
	now.cover(found, before.hash)
	sealed := len(of.marks)
	of.marks = v.known(of.marks)
	v.differ(of, now)
	if len(v.Wrong) == wrong && follows && len(of.marks) == sealed && string(now.hash) != string(of.hash) {
		v.Wrong = append(v.Wrong, fmt.Sprintf("seal %d or the one before it was changed: its hash is wrong", of.number))
	}
	return nil
}

func less(a, b id.ID) bool { return bytes.Compare(a[:], b[:]) < 0 }

func (v *verification) knows(x id.ID) bool { return !less(x, v.from) && less(x, v.to) }

// known returns the marks of known rows.
func (v *verification) known(marks []byte) (known []byte) {
	for mark := range slices.Chunk(marks, markBytes) {
		if len(mark) < markBytes || v.knows(id.ID(mark[:idBytes])) {
			known = append(known, mark...)
		}
	}
	return known
}

// differ adds the rows whose marks are not the same. Marks are in the order of the ids.
func (out *Result) differ(sealed, now seal) {
	for a, b := sealed.marks, now.marks; len(a) >= markBytes || len(b) >= markBytes; {
		finding := ""
		switch {
		case len(b) < markBytes || len(a) >= markBytes && string(a[:idBytes]) < string(b[:idBytes]):
			finding = fmt.Sprintf("row %s was removed after seal %d", id.ID(a[:idBytes]), sealed.number)
			a = a[markBytes:]
		case len(a) < markBytes || string(b[:idBytes]) < string(a[:idBytes]):
			finding = fmt.Sprintf("row %s was added after seal %d", id.ID(b[:idBytes]), sealed.number)
			b = b[markBytes:]
		default:
			if string(a[:markBytes]) != string(b[:markBytes]) {
				finding = fmt.Sprintf("row %s was changed after seal %d", id.ID(a[:idBytes]), sealed.number)
			}
			a, b = a[markBytes:], b[markBytes:]
		}
		if finding != "" && len(out.Wrong) < mostWrong {
			out.Wrong = append(out.Wrong, finding)
		}
	}
}
