package lending

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"sofipo/bank"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// flow works slices of a close out before they are written: while one is written
// the next is decided, and the one after that is read; one at a time while others
// write (pace). Nothing is locked meanwhile; what is read of a loan as of a day
// that is over stays true.
type flow struct {
	drafts chan *draft // closed after the last, or when err is set
	err    error
	stop   context.CancelFunc
	group  sync.WaitGroup
}

// reading is a slice as it was read.
type reading struct {
	portraits []Stored
	err       error
}

// begin starts a flow from where the close is.
func (c *DayClose) begin() *flow {
	ctx, stop := context.WithCancel(context.Background())
	f, read, last := &flow{drafts: make(chan *draft, 1), stop: stop}, make(chan reading, 1), from(c.last)
	f.group.Go(func() {
		defer close(read)
		c.read(ctx, last, read)
	})
	f.group.Go(func() {
		defer close(f.drafts)
		f.err = c.draw(ctx, read, f.drafts)
	})
	return f
}

// Halt ends the flow; slices that were worked out and not written are forgotten.
func (c *DayClose) Halt() {
	if c.flow != nil {
		c.flow.stop()
		c.flow.group.Wait()
		c.flow = nil
	}
}

// next is the next slice to be written, nil if there is none.
func (f *flow) next(ctx context.Context) (*draft, error) {
	select {
	case d, more := <-f.drafts:
		if !more {
			return nil, f.err
		}
		return d, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// read gives slices of loans in the order of their ids.
func (c *DayClose) read(ctx context.Context, last id.ID, to chan<- reading) {
	for more := true; more; {
		r := reading{}
		c.pace.work(func() { r.portraits, r.err = c.portraits(ctx, last) })
		if more = r.err == nil && len(r.portraits) == c.limits.Loans; more {
			last = r.portraits[len(r.portraits)-1].ID
		}
		if len(r.portraits) == 0 && r.err == nil {
			return
		}
		select {
		case to <- r:
		case <-ctx.Done():
			return
		}
	}
}

// portraits reads the next slice of the loans that have a position on the day.
func (c *DayClose) portraits(ctx context.Context, last id.ID) ([]Stored, error) {
	ctx, cancel := context.WithTimeout(ctx, bank.TripTime)
	defer cancel()
	portraits := make([]Stored, 0, c.limits.Loans)
	load := &db.Batch{}
	load.Query("SELECT "+portrait.List("")+` FROM loans
		WHERE id > $1 AND opened <= $2 AND (status IN ('ACTIVE', 'RESTRUCTURED') OR moved >= $2) ORDER BY id LIMIT $3`,
		func(s db.Scanner) error {
			portraits = append(portraits, Stored{})
			return portrait.Scan(s, &portraits[len(portraits)-1])
		}, last, c.day, int64(c.limits.Loans))
	err := c.bank.DB().ReadPrimary(ctx, load)
	return portraits, err
}

// portrait is what a close needs to know of most loans.
var portrait = StoredLoan.Pick("id", "client_id", "product", "product_version", "status", "moved", "transactions", "interest_posted_on", "balance", "unapplied", "stage", "suspended", "carried",
	"outlook", "opened", "fee", "fee_last")

// draw decides the slices that were read.
func (c *DayClose) draw(ctx context.Context, from <-chan reading, to chan<- *draft) error {
	for r := range from {
		if r.err != nil {
			return r.err
		}
		if err := c.divide(ctx, r.portraits, to); err != nil {
			return err
		}
	}
	return nil
}

// divide decides a slice, by halves if the loans that change moved too often for one
// transaction: so do most where a close is late.
func (c *DayClose) divide(ctx context.Context, portraits []Stored, to chan<- *draft) error {
	var d *draft
	var err error
	if c.pace.work(func() { d, err = c.decide(ctx, portraits) }); err != nil {
		return err
	}
	if half := len(portraits) / 2; half > 0 && d.moves > c.limits.Transactions {
		if err := c.divide(ctx, portraits[:half], to); err != nil {
			return err
		}
		return c.divide(ctx, portraits[half:], to)
	}
	select {
	case to <- d:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pace lets the stages of a close go on at once while nobody else writes. While
// others do, whichever process they are of, it lets one stage go on at a time, with
// its queries: the close then keeps about one processor busy and leaves the rest to
// them. It takes half as long again for it.
type pace struct {
	turn    sync.Mutex
	crowded atomic.Bool
	writes  uint64    // db.Writes at the last look; 0 before the first
	others  time.Time // wrote last
}

// crowdedFor is how long after others wrote they are expected to write again.
const crowdedFor = time.Second

// work does a stage of a slice.
func (p *pace) work(stage func()) {
	if p.crowded.Load() {
		p.turn.Lock()
		defer p.turn.Unlock()
	}
	stage()
}

// look learns after each slice how many transactions there were by now. One of
// them is the slice's own.
func (p *pace) look(writes uint64, now time.Time) {
	if p.writes > 0 && writes > p.writes+1 {
		p.others = now
	}
	p.writes = writes
	p.crowded.Store(now.Sub(p.others) < crowdedFor)
}
