package eventlog

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"sofipo/core/event"
	"sofipo/core/id"
)

// Books is the database, with which the log is compared. *outbox.Kept implements it.
type Books interface {
	// Course returns the epochs and the end of the chain.
	Course(ctx context.Context) (event.Course, error)
	// Hash returns the hash of the event with the sequence, and whether it is known: old
	// events are not kept.
	Hash(ctx context.Context, sequence int64) (hash string, known bool, err error)
	// Each visits the waiting events and the kept events after the sequence, until visit
	// returns false.
	Each(ctx context.Context, after int64, visit func(event.Envelope) bool) error
}

// Report is the result of Verify.
type Report struct {
	Reached  int64      // sequence of the last event that was compared
	Events   int64      // events of the chain that are in the log
	Foreign  int64      // events of the seed's publisher, which are in no chain
	End      event.Link // the end of the database's chain
	Missing  int64      // events of the chain that are not in the log
	Gaps     []Gap      // the first of the missing events
	Break    error      // the first event that was changed or does not fit; nil if there is none
	Outside  []Outside  // events outside the chain that are neither voided nor repeated in it
	Voided   int64      // events outside the chain that were voided
	Repeated int64      // events outside the chain that a later epoch repeats
}

// Err returns what is wrong with the log, or nil.
func (r Report) Err() error { return errors.Join(r.Break, r.MissingErr(), r.OutsideErr()) }

// MissingErr describes the missing events. It is nil if there are none.
func (r Report) MissingErr() error {
	if r.Missing == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d events are missing, the first with sequence %d", r.Missing, r.End.Sequence, r.Gaps[0].From)
}

// OutsideErr describes the events outside the chain. It is nil if there are none.
func (r Report) OutsideErr() error {
	if len(r.Outside) == 0 {
		return nil
	}
	o := r.Outside[0]
	return fmt.Errorf("%d events are outside the chain, the first is %s %s (sequence %d)", len(r.Outside), o.EventType, o.EventID, o.Sequence)
}

// Gap is a range of missing sequences.
type Gap struct{ From, To int64 }

// maxGaps is the maximum number of gaps in a report.
const maxGaps = 10

// Outside is an event in the log that is not in the chain.
type Outside struct {
	event.Envelope
	Digest  string // identifies the document
	content string // identifies the event, whatever its position in a chain
}

// Verify reads the log from the event with the sequence first, 1 for the whole log, and compares
// it with the chain in the database. It needs the same memory for a log of any length. An error
// means that one of them cannot be read, or that the context ended; Report.Reached then says where
// another call can continue.
func Verify(ctx context.Context, log Log, books Books, first int64) (Report, error) {
	v := &verifier{books: books}
	if err := v.refresh(ctx); err != nil {
		return v.Report, err
	}
	if first > 1 {
		v.Reached = min(first-1, v.End.Sequence)
	} else {
		v.ends = []*branch{{}}
	}
	if err := v.each(ctx, log, first, v.add); err != nil {
		return v.Report, err
	}
	if err := v.finish(ctx); err != nil {
		return v.Report, err
	}
	slices.SortStableFunc(v.Outside, func(a, b Outside) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return v.Report, v.explain(ctx, log)
}

// verifier follows the chain through the log in the order of the sequences.
type verifier struct {
	Report
	books  Books
	course event.Course
	place  []event.Envelope // events of the chain with the current sequence, usually one
	ends   []*branch        // events with the sequence Reached, usually one, which the next one may follow; none after a gap
}

// branch is an event that the next one may follow, and the events before it that are in this
// branch and not in all others.
type branch struct {
	event.Envelope
	before *branch // nil if all branches follow the same event
}

// refresh reads the chain in the database again. The database has each event before the log
// does.
func (v *verifier) refresh(ctx context.Context) (err error) {
	v.course, err = v.books.Course(ctx)
	v.End = v.course.End
	return err
}

// each visits the events of the log from the sequence first on.
func (v *verifier) each(ctx context.Context, log Log, first int64, visit func(context.Context, event.Envelope) error) error {
	q := Query{Limit: MaxLimit}
	if first > 1 {
		q.Sequence = first
	}
	for {
		page, next, err := log.Find(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range page {
			if err := visit(ctx, e); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		q.Page = next
	}
}

// add takes the next event of the log.
func (v *verifier) add(ctx context.Context, e event.Envelope) error {
	if e.Sequence == 0 {
		v.Foreign++
		return nil
	}
	if !v.course.Contains(e.Link()) && !v.course.Lost(e.Link()) {
		if err := v.refresh(ctx); err != nil {
			return err
		}
	}
	if !v.course.Contains(e.Link()) {
		v.outside(e)
		return nil
	}
	if len(v.place) > 0 && v.place[0].Sequence != e.Sequence {
		if err := v.follow(ctx); err != nil {
			return err
		}
	}
	v.place = append(v.place, e)
	return nil
}

// follow moves to the events of the current place. If there are several, those that fit
// continue the chain and the others are outside.
func (v *verifier) follow(ctx context.Context) error {
	sequence := v.place[0].Sequence
	if sequence > v.Reached+1 {
		if err := v.gap(ctx, sequence); err != nil {
			return err
		}
	}
	before := map[string]*branch{}
	for _, end := range v.ends {
		before[end.Hash] = end
	}
	var fit []*branch
	var unfit []event.Envelope
	var wrong error
	for _, e := range v.place {
		_, err := e.Verify(event.Link{Sequence: sequence - 1, Hash: e.PreviousHash})
		if err == nil && len(before) > 0 && before[e.PreviousHash] == nil {
			_, err = e.Verify(v.ends[0].Link())
		}
		if err == nil {
			fit = append(fit, &branch{e, before[e.PreviousHash]})
			continue
		}
		unfit, wrong = append(unfit, e), err
	}
	if len(fit) == 0 {
		v.broken(wrong)
		fit, unfit = []*branch{{unfit[0], nil}}, unfit[1:]
	} else {
		v.follows(fit)
	}
	for _, e := range unfit {
		v.outside(e)
	}
	v.ends, v.place, v.Reached = fit, nil, sequence
	v.Events++
	return nil
}

// gap counts the missing events before the sequence, and continues with the hash that the
// database has, if it is known.
func (v *verifier) gap(ctx context.Context, sequence int64) error {
	if err := v.settle(ctx); err != nil {
		return err
	}
	v.missing(v.Reached+1, sequence-1)
	v.ends, v.Reached = nil, sequence-1
	hash, known, err := v.books.Hash(ctx, v.Reached)
	if known {
		v.ends = []*branch{{Envelope: event.Envelope{Sequence: v.Reached, Hash: hash}}}
	}
	return err
}

// settle compares the last events with the hash in the database, if it is known.
func (v *verifier) settle(ctx context.Context) error {
	hash, known, err := v.books.Hash(ctx, v.Reached)
	if v.Reached == v.End.Sequence {
		hash, known = v.End.Hash, true
	}
	if err != nil || !known || len(v.ends) == 0 {
		return err
	}
	for _, end := range v.ends {
		if end.Hash == hash {
			v.leave(end)
			return nil
		}
	}
	v.broken(fmt.Errorf("event %s (sequence %d) has another hash than in the database", v.ends[0].EventID, v.Reached))
	return nil
}

// finish ends at the end of the chain in the database.
func (v *verifier) finish(ctx context.Context) error {
	if len(v.place) > 0 {
		if err := v.follow(ctx); err != nil {
			return err
		}
	}
	if err := v.settle(ctx); err != nil {
		return err
	}
	v.missing(v.Reached+1, v.End.Sequence)
	return nil
}

func (v *verifier) missing(from, to int64) {
	if from > to {
		return
	}
	v.Missing += to - from + 1
	if len(v.Gaps) < maxGaps {
		v.Gaps = append(v.Gaps, Gap{from, to})
	}
}

func (v *verifier) broken(err error) {
	if v.Break == nil {
		v.Break = err
	}
}

// follows moves the branches that no event of the next place follows out of the chain.
func (v *verifier) follows(next []*branch) {
	followed := map[*branch]bool{}
	for _, b := range next {
		followed[b.before] = true
	}
	if len(v.ends) > len(followed) {
		v.leave(next...)
	}
	if len(next) == 1 {
		next[0].before = nil
	}
}

// leave moves the events that are in none of the kept branches out of the chain.
func (v *verifier) leave(kept ...*branch) {
	done := map[*branch]bool{}
	for _, b := range kept {
		for ; b != nil && !done[b]; b = b.before {
			done[b] = true
		}
	}
	for _, b := range v.ends {
		for ; b != nil && !done[b]; b = b.before {
			done[b] = true
			if b.EventType != "" { // not the place before the first event or after a gap
				v.outside(b.Envelope)
			}
		}
	}
}

func (v *verifier) outside(e event.Envelope) {
	digest, err := e.Digest()
	if err != nil {
		v.broken(err)
		return
	}
	v.Outside = append(v.Outside, Outside{Envelope: e, Digest: digest, content: content(e)})
}

// content returns a hash of the event without its position in the chain.
func content(e event.Envelope) string {
	e.Sequence, e.Epoch, e.PreviousHash = 0, 0, ""
	digest, err := e.Digest()
	if err != nil {
		return "" // equals no other, because the payload of an event in the chain is valid
	}
	return digest
}

// explain finds the events outside the chain that were voided, and those that the chain
// repeats, first in the database and then in the log.
func (v *verifier) explain(ctx context.Context, log Log) error {
	if len(v.Outside) == 0 {
		return nil
	}
	x := &explanation{outside: map[string]bool{}, ids: map[id.ID]bool{}, contents: map[string]bool{}, voided: map[string]bool{}}
	for _, o := range v.Outside {
		x.outside[o.Digest], x.ids[o.EventID] = true, true
	}
	if err := v.books.Each(ctx, 0, func(e event.Envelope) bool { x.take(e); return true }); err != nil {
		return err
	}
	v.Outside = v.without(x)
	if len(v.Outside) == 0 {
		return nil
	}
	err := v.each(ctx, log, 1, func(_ context.Context, e event.Envelope) error {
		if v.course.Contains(e.Link()) {
			x.take(e)
		}
		return nil
	})
	v.Outside = v.without(x)
	return err
}

// explanation has what the chain says about the events outside it.
type explanation struct {
	outside  map[string]bool // digests of the events outside
	ids      map[id.ID]bool  // their ids
	contents map[string]bool // contents of events of the chain with such an id
	voided   map[string]bool // digests of voided events
}

func (x *explanation) take(e event.Envelope) {
	voids := e.EventType == event.Voided{}.Event().Name
	if !voids && !x.ids[e.EventID] {
		return
	}
	if digest, err := e.Digest(); err != nil || x.outside[digest] {
		return
	}
	x.contents[content(e)] = true
	var payload struct{ Hash string }
	if voids && json.Unmarshal(e.Payload, &payload) == nil {
		x.voided[payload.Hash] = true
	}
}

// without counts the explained events and returns the others.
func (v *verifier) without(x *explanation) (rest []Outside) {
	for _, o := range v.Outside {
		switch {
		case x.voided[o.Digest]:
			v.Voided++
		case x.contents[o.content]:
			v.Repeated++
		default:
			rest = append(rest, o)
		}
	}
	return rest
}
