package clients

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// ViewingColumns are the columns of the table of viewings.
var ViewingColumns = db.Columns[client.Viewing]{
	db.IDField("id", func(v *client.Viewing) *id.ID { return &v.ID }),
	db.IDField("client_id", func(v *client.Viewing) *id.ID { return &v.ClientID }),
	db.TextField("username", func(v *client.Viewing) *string { return &v.Username }),
	db.TextField("what", func(v *client.Viewing) *client.Viewed { return &v.What }),
	db.TimeField("viewed_at", func(v *client.Viewing) *time.Time { return &v.At }),
	db.TextField("correlation_id", func(v *client.Viewing) *string { return &v.CorrelationID }),
}

const viewingTable = "client_viewings"

var viewingInsert = ViewingColumns.Insert(viewingTable)

// Sizes and times of Viewings.
const (
	viewingRoom  = 8192            // viewings that wait for the database
	viewingBatch = 512             // rows of a transaction
	viewingTime  = 5 * time.Second // limit of a transaction
	viewingPause = time.Second / 4 // between two transactions
	droppedEvery = time.Minute     // between two log lines about the same trouble
)

// Viewings records who saw personal data of clients. It keeps the viewings in memory and writes
// them in the background, so that a read never waits for them. While the database does not
// answer, it keeps up to viewingRoom viewings and drops further ones. All methods do nothing on
// a nil pointer. It is safe for concurrent use.
type Viewings struct {
	log     *slog.Logger
	session *db.Session
	waiting chan client.Viewing
	stop    chan struct{}
	done    chan struct{}
	closing sync.Once
	room    civil.Date // last day of the last month that has a partition; zero for none

	written, dropped atomic.Uint64
}

// OpenViewings returns the record of the viewings in a database. Close writes what is left.
func OpenViewings(d *db.DB, log *slog.Logger) *Viewings {
	k := &Viewings{log: log, session: d.Session(), waiting: make(chan client.Viewing, viewingRoom), stop: make(chan struct{}), done: make(chan struct{})}
	go k.run()
	return k
}

// Add records a viewing, and gives it an id.
func (k *Viewings) Add(v client.Viewing) {
	if k == nil || v.ClientID.IsZero() {
		return
	}
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails
	v.ID = id.New(v.At, random)
	select {
	case k.waiting <- v:
	default:
		k.dropped.Add(1)
	}
}

// Written returns the number of viewings that were written.
func (k *Viewings) Written() uint64 { return k.written.Load() }

// Dropped returns the number of viewings that were dropped.
func (k *Viewings) Dropped() uint64 { return k.dropped.Load() }

// Close writes the viewings that wait. Those that the database does not take in viewingTime are
// dropped. Nothing may be added afterwards.
func (k *Viewings) Close() {
	if k == nil {
		return
	}
	k.closing.Do(func() { close(k.stop) })
	<-k.done
}

// run writes the viewings until Close.
func (k *Viewings) run() {
	defer close(k.done)
	defer k.session.Close()
	tick := time.NewTicker(viewingPause)
	defer tick.Stop()
	var batch []client.Viewing
	var warned, failed time.Time // of the last log lines
	var reported uint64
	for open := true; open; {
		select {
		case <-tick.C:
		case <-k.stop:
			open = false
		}
		var err error
		for err == nil {
			if len(batch) == 0 { // else it is tried again as it was: it may have been committed
				batch = k.take(batch)
			}
			if len(batch) == 0 {
				break
			}
			if err = k.write(batch); err == nil {
				batch = batch[:0]
			}
		}
		if err != nil && time.Since(failed) >= droppedEvery {
			k.log.Warn("writing the viewings of clients' data failed", "error", err, "waiting", len(batch)+len(k.waiting), "retry_in", viewingPause)
			failed = time.Now()
		}
		if lost := k.dropped.Load(); lost > reported && time.Since(warned) >= droppedEvery {
			k.log.Warn("viewings of clients' data were dropped", "dropped", lost-reported)
			warned, reported = time.Now(), lost
		}
	}
	if lost := len(batch) + len(k.waiting); lost > 0 {
		k.dropped.Add(uint64(lost))
		k.log.Warn("viewings of clients' data were dropped", "dropped", k.dropped.Load()-reported)
	}
}

// take fills an empty batch with the viewings that wait.
func (k *Viewings) take(batch []client.Viewing) []client.Viewing {
	for len(batch) < viewingBatch {
		select {
		case v := <-k.waiting:
			batch = append(batch, v)
		default:
			return batch
		}
	}
	return batch
}

// write writes a batch.
func (k *Viewings) write(batch []client.Viewing) error {
	ctx, cancel := context.WithTimeout(context.Background(), viewingTime)
	defer cancel()
	rows, save, room := viewingInsert.Room(len(batch)), &db.Batch{}, k.room
	for i := range batch {
		if month := civil.DateOf(batch[i].At.UTC()).MonthEnd(); month != room {
			save.MonthOfIDs(viewingTable, batch[i].At)
			room = month
		}
		ViewingColumns.Add(rows, &batch[i])
	}
	save.Save(rows)
	err := k.session.Begin(ctx, &db.Batch{})
	if err == nil {
		_, err = k.session.Commit(ctx, save)
	}
	if _, again := db.Conflict(err); again {
		err = nil // an earlier commit of this batch, whose answer was lost
	}
	if err != nil {
		return err
	}
	k.room = room
	k.written.Add(uint64(len(batch)))
	return nil
}
