package simulation

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"sofipo/bank"
	"sofipo/core/fault"
)

// Fault is a kind of fault that a simulation injects.
type Fault string

// The faults.
const (
	Doubled       Fault = "requests sent twice at once"
	LostAnswers   Fault = "answers lost on the way"
	LostOutcomes  Fault = "outcomes unknown, committed"
	LostCommits   Fault = "outcomes unknown, not committed"
	CrashesBefore Fault = "crashes before a commit"
	CrashesDuring Fault = "crashes during a commit"
	CrashesAfter  Fault = "crashes after a commit"
	Restarts      Fault = "restarts"
	SmallSkews    Fault = "clocks a little wrong"
	Forwards      Fault = "clocks set forwards"
	Backwards     Fault = "clocks set back"
	Accepted      Fault = "wrong clocks accepted after a minute"
	SlowReads     Fault = "reads while the replica is late"
	OldDecisions  Fault = "decisions on an old state"
)

// Faults lists them in the order of the report.
var Faults = []Fault{
	Doubled, LostAnswers, LostOutcomes, LostCommits, CrashesBefore, CrashesDuring, CrashesAfter, Restarts, SmallSkews, Forwards, Backwards, Accepted, SlowReads, OldDecisions,
}

// The invariants of faults.
const (
	answered   = "a request is answered when the fault is over"
	traced     = "each acknowledged command is in the journal once, and no other is"
	published  = "each event of the journal's commands is in the event log once"
	invisible  = "faults do not change the books"
	recent     = "a read with a position includes its write"
	possible   = "a read without a position was true a moment ago"
	timely     = "a wrong clock stops writes"
	unsealed   = "the journal is as it was sealed"
	uninformed = "a decision on an old state is refused"
)

// odds is what faults do to a request.
type odds struct {
	key     string
	alone   bool // not in a batch with others: its refusal depends on what was done before
	fresh   bool // the first request with its key
	silent  bool // its command has no event
	doubled bool
	tries   int
	done    bool
	token   uint64
	lose    func() bool // loses the answer; false if there is none that may be lost
}

// faults decides what goes wrong. All decisions are drawn from one source in a fixed order, so
// that the seed repeats them.
type faults struct {
	store    Store
	calm     bool // nothing goes wrong: the run with which the other one is compared
	rng      *rand.Rand
	count    map[Fault]int
	requests int             // numbered so far
	used     map[string]bool // keys
	computer
	process
	traces
	reads
}

func newFaults(seed uint64, calm bool) *faults {
	f := &faults{calm: calm, rng: newRand(seed, math.MaxUint64), count: map[Fault]int{}, used: map[string]bool{}}
	f.clear()
	return f
}

// number gives a request its key, if it has none, and its correlation id.
func (f *faults) number(by *bank.By, o *odds) {
	if f.requests++; by.Key == "" {
		by.Key = fmt.Sprintf("solicitud-%07d", f.requests)
		by.Request = sha256.Sum256([]byte(by.Key))
	}
	by.CorrelationID = by.Key
	o.key, o.fresh = by.Key, !f.used[by.Key]
	f.used[by.Key] = true
}

// chance draws whether something happens, with a chance in a thousand.
func (f *faults) chance(permille int) bool { return !f.calm && rarely(f.rng, permille) }

// happened counts a fault.
func (f *faults) happened(what Fault) { f.count[what]++ }

// maxGroup is the maximum number of requests in a batch. The bank refuses none of so few.
const maxGroup = 12

// group returns the first requests, for one batch.
func (f *faults) group(pending []request) []request {
	size := maxGroup
	if !f.calm {
		size = between(f.rng, 1, maxGroup)
	}
	for n, r := range pending {
		switch {
		case n == size, n > 0 && (r.odds == nil || r.odds.alone):
			return pending[:n]
		case r.odds == nil || r.odds.alone:
			return pending[:1]
		}
	}
	return pending
}

// flushFaulty submits requests in small batches. Something may go wrong in each.
func (s *institution) flushFaulty(ctx context.Context, pending []request) error {
	for len(pending) > 0 {
		group := s.faults.group(pending)
		pending = pending[len(group):]
		if err := s.submitGroup(ctx, group); err != nil {
			return err
		}
	}
	return nil
}

// mostTries is how often a request is sent. Faults of later tries are rarer.
const mostTries = 12

// persist does work, which faults may interrupt, until it has an outcome, but at most mostTries
// times. It returns the outcome of the last try, and what failed besides.
func (s *institution) persist(ctx context.Context, work func() error) (outcome, failed error) {
	for try := 1; ; try++ {
		s.faults.drawStep(try)
		outcome = work()
		s.faults.fate = ""
		if failed = s.recover(ctx); failed != nil || !unanswered(outcome) || try == mostTries {
			return outcome, failed
		}
	}
}

// submitGroup submits requests as one batch. Those without an answer are sent again, in the same
// order, until they have one.
func (s *institution) submitGroup(ctx context.Context, group []request) error {
	f := s.faults
	if err := s.prepare(ctx); err != nil {
		return err
	}
	for _, r := range group {
		if r.odds != nil && f.chance(60) {
			r.odds.doubled = true
			f.happened(Doubled)
		}
	}
	waiting := group
	for try := 1; len(waiting) > 0; try++ {
		f.draw(try)
		again, last, err := s.attempt(ctx, waiting, try)
		if err != nil {
			return err
		}
		if try == mostTries && len(again) > 0 {
			return s.breach(answered, "%d requests have no answer after %d tries: %v", len(again), try, last)
		}
		if err := s.recover(ctx); err != nil {
			return err
		}
		waiting = again
	}
	token := uint64(0)
	for _, r := range group {
		if r.odds != nil {
			f.note(r.odds)
			token = max(token, r.odds.token)
		}
		if err := r.judge(); err != nil {
			return err
		}
	}
	return s.readBack(ctx, token)
}

// attempt submits requests once. It returns those that have to be sent again, and why.
func (s *institution) attempt(ctx context.Context, waiting []request, try int) (again []request, last, err error) {
	f := s.faults
	f.cut, f.sent = false, time.Now()
	release := func() {}
	if s.twin == nil {
		release = s.bank.Hold()
	}
	for _, r := range waiting {
		r.start(ctx)
	}
	release()
	for _, r := range waiting {
		failed := r.wait()
		var breach *Breach
		var refusal *fault.Error
		switch {
		case errors.As(failed, &breach):
			return nil, nil, breach
		case failed == nil && f.wrong() && r.odds != nil && r.odds.done:
			return nil, nil, s.breach(timely, "the request %s was done while the clock was wrong by %s", r.odds.key, f.skew)
		case failed != nil && f.wrong() && (!errors.As(failed, &refusal) || refusal.Rule != fault.ClockWrong):
			return nil, nil, s.breach(timely, "with a clock that is wrong by %s: %v", f.skew, failed)
		case failed != nil:
			again, last = append(again, r), failed
		case try == 1 && r.odds != nil && f.chance(40) && r.odds.lose():
			again = append(again, r)
			f.happened(LostAnswers)
		}
	}
	return again, last, nil
}

// prepare lets time pass before a batch, and at times restarts the process or stops the replica.
func (s *institution) prepare(ctx context.Context) error {
	f := s.faults
	f.pass(s.clock.now())
	if f.chance(8) {
		f.happened(Restarts)
		if err := s.restart(); err != nil {
			return err
		}
	}
	if s.twin == nil && f.chance(10) { // besides the end of the day
		if err := s.seal(ctx); err != nil {
			return err
		}
	}
	return s.slowReplica(ctx)
}

// draw decides what goes wrong with the next commit, or with the clock.
func (f *faults) draw(try int) {
	f.fate, f.skip, f.skew = "", 0, 0
	if f.settling || f.calm || try > 1 && f.rng.IntN(try) > 0 {
		f.settling = false
		return
	}
	f.fate = weighted(f.rng, fates, func(c fate) int { return c.share }).what
	if f.store == OnTwin && slices.Contains(notOnTwin, f.fate) {
		f.fate = ""
	}
	switch f.fate {
	case SmallSkews:
		f.skew = f.seconds(1, 2)
		if happens(f.rng, 50) {
			f.skew = -f.skew
		}
	case Accepted:
		f.skew = f.seconds(6, 90)
	case Forwards:
		f.skew = f.seconds(6, 60)
		if happens(f.rng, 40) {
			f.skew = f.seconds(3600, 4*86400)
		}
	case Backwards:
		f.skew = -f.seconds(6, 60)
		if happens(f.rng, 40) {
			f.skew = -f.seconds(3600, 4*86400)
		}
	default:
		return
	}
	f.happened(f.fate)
}

// drawStep decides what goes wrong in a work of several commits. Its clock is right.
func (f *faults) drawStep(try int) {
	f.fate, f.skip = "", 0
	if !f.calm && f.rng.IntN(4*try) == 0 {
		f.fate, f.skip = pick(f.rng, ofCommits), f.rng.IntN(5)
	}
}

// ofCommits are the faults of a commit.
var ofCommits = []Fault{LostOutcomes, LostCommits, CrashesBefore, CrashesDuring, CrashesAfter}

// fate is a fault of a batch with its share.
type fate struct {
	what  Fault
	share int
}

var fates = []fate{
	{"", 880}, {LostOutcomes, 15}, {LostCommits, 15}, {CrashesBefore, 12}, {CrashesDuring, 12}, {CrashesAfter, 14},
	{SmallSkews, 25}, {Forwards, 10}, {Backwards, 10}, {Accepted, 7},
}

// notOnTwin are the faults that need a database: a commit of the twin has no parts, and it does
// not check its clock.
var notOnTwin = []Fault{CrashesDuring, Forwards, Backwards, Accepted}

func (f *faults) seconds(least, most int) time.Duration {
	return time.Duration(between(f.rng, least, most)) * time.Second
}

// recover ends what went wrong: a process that crashed starts again, and a wrong clock is set.
func (s *institution) recover(ctx context.Context) error {
	f := s.faults
	switch {
	case f.dead:
		return s.reopen()
	case f.fate == Accepted && f.wrong():
		f.accept()
	default:
		f.skew = 0
	}
	return nil
}
