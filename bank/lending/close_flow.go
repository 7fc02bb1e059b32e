package lending

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"sofipo/bank"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// flow computes slices ahead of writing. While one slice is written, the next one is decided
// and the one after it is read. Under load from others (see pace), these stages run one at a
// time. No rows are locked meanwhile: a loan's state at the end of a past day does not
// change.
type flow struct {
	results chan *sliceResult // closed after the last slice, or when err is set
	err     error
	stop    context.CancelFunc
	group   sync.WaitGroup
}

// reading is a slice as read from the database.
type reading struct {
	loans []Stored
	err   error
}

// begin starts a flow at the current progress of the close.
func (c *DayClose) begin() *flow {
	ctx, stop := context.WithCancel(context.Background())
	f, read, last := &flow{results: make(chan *sliceResult, 1), stop: stop}, make(chan reading, 1), startAfter(c.last)
	f.group.Go(func() {
		defer close(read)
		if err := fault.Guarded(func() error { c.read(ctx, last, read); return nil }); err != nil {
			select {
			case read <- reading{err: err}:
			case <-ctx.Done():
			}
		}
	})
	f.group.Go(func() {
		defer close(f.results)
		f.err = fault.Guarded(func() error { return c.decideAll(ctx, read, f.results) })
	})
	return f
}

// Halt stops the flow and discards the slices that were computed but not written.
func (c *DayClose) Halt() {
	if c.flow != nil {
		c.flow.stop()
		c.flow.group.Wait()
		c.flow = nil
	}
}

// next returns the next slice to write, or nil if there is none.
func (f *flow) next(ctx context.Context) (*sliceResult, error) {
	select {
	case d, more := <-f.results:
		if !more {
			return nil, f.err
		}
		return d, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// read sends slices of loans in id order.
func (c *DayClose) read(ctx context.Context, last id.ID, to chan<- reading) {
	for more := true; more; {
		r := reading{}
		c.pace.work(func() { r.loans, r.err = c.readLoans(ctx, last) })
		if more = r.err == nil && len(r.loans) == c.limits.Loans; more {
			last = r.loans[len(r.loans)-1].ID
		}
		if len(r.loans) == 0 && r.err == nil {
			return
		}
		select {
		case to <- r:
		case <-ctx.Done():
			return
		}
	}
}

// readLoans reads the next slice of loans that have a position on the day.
func (c *DayClose) readLoans(ctx context.Context, last id.ID) ([]Stored, error) {
	ctx, cancel := context.WithTimeout(ctx, bank.TripTime)
	defer cancel()
	loans := make([]Stored, 0, c.limits.Loans)
	load := &db.Batch{}
	load.Query("SELECT "+closeColumns.List("")+` FROM loans
		WHERE id > $1 AND opened <= $2 AND (status IN ('ACTIVE', 'RESTRUCTURED') OR moved >= $2) ORDER BY id LIMIT $3`,
		func(s db.Scanner) error {
			loans = append(loans, Stored{})
			return closeColumns.Scan(s, &loans[len(loans)-1])
		}, last, c.day, int64(c.limits.Loans))
	err := c.bank.DB().ReadPrimary(ctx, load)
	return loans, err
}

// closeColumns are the columns that a close needs for most loans.
var closeColumns = StoredLoan.Pick("id", "client_id", "product", "product_version", "status", "moved", "transactions", "interest_posted_on", "balance", "unapplied", "stage", "suspended", "carried",
	"outlook", "opened", "fee", "fee_last", "branch_id", "officer")

// decideAll computes the slices that were read.
func (c *DayClose) decideAll(ctx context.Context, from <-chan reading, to chan<- *sliceResult) error {
	for r := range from {
		if r.err != nil {
			return r.err
		}
		if err := c.divide(ctx, r.loans, to); err != nil {
			return err
		}
	}
	return nil
}

// divide computes a slice. If its changing loans have too many transactions for one database
// transaction, it splits the slice in halves. That is common when a close runs late.
func (c *DayClose) divide(ctx context.Context, loans []Stored, to chan<- *sliceResult) error {
	var d *sliceResult
	var err error
	if c.pace.work(func() { d, err = c.decide(ctx, loans) }); err != nil {
		return err
	}
	if half := len(loans) / 2; half > 0 && d.transactions > c.limits.Transactions {
		if err := c.divide(ctx, loans[:half], to); err != nil {
			return err
		}
		return c.divide(ctx, loans[half:], to)
	}
	select {
	case to <- d:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pace limits the load of a close. While only the close writes, its stages run concurrently.
// While other processes or requests write, it runs one stage at a time with its queries. The
// close then uses about one processor and takes half as long again.
type pace struct {
	mu          sync.Mutex
	crowded     atomic.Bool
	writes      uint64    // db.Writes at the last observation; 0 before the first
	othersWrote time.Time // when somebody else wrote last
}

// crowdedFor is how long after a write by others more writes are expected.
const crowdedFor = time.Second

// work runs a stage of a slice.
func (p *pace) work(stage func()) {
	if p.crowded.Load() {
		p.mu.Lock()
		defer p.mu.Unlock()
	}
	stage()
}

// observe receives the number of the database's write transactions after each slice. One of
// the new ones is the slice's own.
func (p *pace) observe(writes uint64, now time.Time) {
	if p.writes > 0 && writes > p.writes+1 {
		p.othersWrote = now
	}
	p.writes = writes
	p.crowded.Store(now.Sub(p.othersWrote) < crowdedFor)
}
