package eventlog

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"time"

	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/wire"
)

// MaxLimit is the most events that one page holds.
const MaxLimit = 1000

// Query says which events to find. They come by ascending sequence; a query
// with From or To gives them by timestamp and, within one, by sequence.
type Query struct {
	Subject   id.ID     // the zero id: any
	EventType string    // empty: any
	From      time.Time // the earliest timestamp, inclusive; zero: open
	To        time.Time // the timestamp to stop before; zero: open
	Newest    bool      // in descending order
	Limit     int       // 1 to MaxLimit
	Page      string    // the mark that Find gave for this same query; empty: the first page
}

// mark is the event that the next page begins with: its place in the order.
type mark struct {
	Timestamp string `json:"t,omitempty"` // set when the order is by time
	Sequence  int64  `json:"s"`
	EventID   id.ID  `json:"e"`
	Newest    bool   `json:"n,omitempty"`
}

// condition compares a field of the events: op is "=", "<=" or ">=". Bounds are
// always inclusive, since a CouchDB-protocol server may apply the limit before
// it drops what an exclusive bound touches.
type condition struct {
	field, op string
	value     any // string or int64
}

// scan is one stretch of an index, read in its order.
type scan struct {
	index  []string // its fields; those from sorted on give the order
	sorted int
	where  []condition
	newest bool
	limit  int
}

// find answers a query by one scan, or by a few when it goes on at a mark:
// "from (a, b) on" is a = x and b >= y, then a >= x+1, each a stretch of the index.
func find(ctx context.Context, q Query, read func(context.Context, scan) ([]event.Envelope, error)) ([]event.Envelope, string, error) {
	from, err := q.start()
	if err != nil {
		return nil, "", err
	}
	base := q.scan()
	var page []event.Envelope
	for _, stretch := range q.stretches(from) {
		s := base
		s.where = append(append([]condition{}, base.where...), stretch...)
		s.limit = q.Limit + 1 - len(page)
		found, err := read(ctx, s)
		if err != nil {
			return nil, "", err
		}
		if page = append(page, found...); len(page) > q.Limit {
			return page[:q.Limit], q.markOf(page[q.Limit]), nil
		}
	}
	return page, "", nil
}

// start checks the query and reads its page mark, nil for the first page.
func (q Query) start() (*mark, error) {
	if q.Limit < 1 || q.Limit > MaxLimit {
		return nil, fault.Wrong(fault.At("limit", fault.Between, "least", 1, "most", MaxLimit))
	}
	if q.Page == "" {
		return nil, nil
	}
	var m mark
	text, err := base64.RawURLEncoding.DecodeString(q.Page)
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err == nil && q.byTime() {
		_, err = time.Parse(wire.EventMoment, m.Timestamp)
	}
	if err != nil || m.EventID.IsZero() || m.Newest != q.Newest || (m.Timestamp != "") != q.byTime() {
		return nil, fault.Wrong(fault.At("page", fault.PageMark))
	}
	return &m, nil
}

func (q Query) byTime() bool { return !q.From.IsZero() || !q.To.IsZero() }

// order lists the fields that order the answer.
func (q Query) order() []string {
	if q.byTime() {
		return []string{"timestamp", "sequence", "event_id"}
	}
	return []string{"sequence", "event_id"}
}

// scan is the whole answer as a stretch of the index that serves it.
func (q Query) scan() scan {
	s := scan{newest: q.Newest, where: []condition{{"sequence", ">=", int64(0)}}} // a document without one is no event
	if q.EventType != "" {
		s.index = []string{"event_type"}
		s.where = append(s.where, condition{"event_type", "=", q.EventType})
	}
	if !q.Subject.IsZero() {
		s.index = []string{"subject"}
		s.where = append(s.where, condition{"subject", "=", q.Subject.String()})
	}
	s.sorted = len(s.index)
	if s.index = append(s.index, q.order()...); !q.Subject.IsZero() {
		s.index = append(s.index, "event_type") // behind the order: to be filtered by
	}
	if !q.From.IsZero() {
		s.where = append(s.where, condition{"timestamp", ">=", microsecond(q.From, 0)})
	}
	if !q.To.IsZero() {
		s.where = append(s.where, condition{"timestamp", "<=", microsecond(q.To, -1)})
	}
	return s
}

// microsecond writes the first moment not before t that a timestamp can hold,
// and more microseconds after it.
func microsecond(t time.Time, more time.Duration) string {
	up := t.Add(time.Microsecond - 1).Truncate(time.Microsecond)
	return up.Add(more * time.Microsecond).UTC().Format(wire.EventMoment)
}

// stretches gives, for each scan needed from the mark on, its extra conditions.
func (q Query) stretches(m *mark) [][]condition {
	if m == nil {
		return [][]condition{nil}
	}
	onward, step := ">=", int64(1)
	if q.Newest {
		onward, step = "<=", -1
	}
	all := [][]condition{
		{{"sequence", "=", m.Sequence}, {"event_id", onward, m.EventID.String()}},
		{{"sequence", onward, m.Sequence + step}},
	}
	if q.byTime() {
		at, err := time.Parse(wire.EventMoment, m.Timestamp)
		if err != nil {
			panic(err) // start has checked it
		}
		moment := condition{"timestamp", "=", m.Timestamp}
		all[0], all[1] = append(all[0], moment), append(all[1], moment)
		all = append(all, []condition{{"timestamp", onward, microsecond(at, time.Duration(step))}})
	}
	return all
}

// markOf is the page mark of the event that the next page begins with.
func (q Query) markOf(e event.Envelope) string {
	m := mark{Sequence: e.Sequence, EventID: e.EventID, Newest: q.Newest}
	if q.byTime() {
		m.Timestamp = e.Timestamp
	}
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // a mark holds text and a number only
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// indexes lists every index that a scan may ask for.
func indexes() [][]string {
	var all [][]string
	for _, from := range []time.Time{{}, time.Unix(0, 0)} {
		for _, q := range []Query{{}, {Subject: id.ID{1}}, {EventType: "any"}} {
			q.From = from
			all = append(all, q.scan().index)
		}
	}
	return all
}
