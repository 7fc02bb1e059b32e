package eventlog

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/wire"
)

// MaxLimit is the maximum number of events on a page.
const MaxLimit = 1000

// Query selects events. They are sorted by sequence or, if From or To is set, by timestamp
// and then sequence.
type Query struct {
	Subject   id.ID     // zero means any
	EventType string    // empty means any
	Sequence  int64     // least sequence; zero means any
	From      time.Time // earliest timestamp, inclusive; zero means no limit
	To        time.Time // end of the timestamps, exclusive; zero means no limit
	Newest    bool      // descending order
	Limit     int       // 1 to MaxLimit
	Page      string    // page mark from Find for the same query; empty means the first page
}

// mark is the position of the event with which the next page begins.
type mark struct {
	Timestamp string `json:"t,omitempty"` // set if the order is by time
	Sequence  int64  `json:"s"`
	EventID   id.ID  `json:"e"`
	Newest    bool   `json:"n,omitempty"`
	Skip      int    `json:"k,omitempty"` // copies of the event in earlier epochs that were on an earlier page
}

// condition compares a field of the events: op is "=", "<=" or ">=". Bounds are always
// inclusive, because a server with the CouchDB protocol may apply the limit before it removes
// the document at an exclusive bound.
type condition struct {
	field, op string
	value     any // string or int64
}

// scan is a contiguous range of an index, read in its order.
type scan struct {
	index  []string // fields of the index; those from sorted on define the order
	sorted int
	where  []condition
	newest bool
	limit  int
}

// find answers a query with one scan, or with several if it continues at a mark. For example,
// "from (a, b) on" consists of the ranges a = x and b >= y, then a >= x+1.
func (r *reporter) find(ctx context.Context, q Query, read reader) ([]event.Envelope, string, error) {
	from, err := q.start()
	if err != nil {
		return nil, "", err
	}
	base := q.scan()
	skip := 0
	if from != nil {
		skip = from.Skip
	}
	var page []event.Envelope // with the events to skip at its beginning
	for _, stretch := range q.stretches(from) {
		s := base.and(stretch)
		s.limit = skip + q.Limit + 1 - len(page)
		found, err := r.events(ctx, s, read)
		if err != nil {
			return nil, "", err
		}
		if page = append(page, found...); len(page) > skip+q.Limit {
			return page[skip : skip+q.Limit], q.markOf(page), nil
		}
	}
	return page[min(skip, len(page)):], "", nil
}

// reader returns the documents of a scan.
type reader func(context.Context, scan) ([]stored, error)

// events returns the events of a scan without the documents that are not events. If there
// are such documents, it reads the range again with a higher limit, because the page mark can
// only name an event.
func (r *reporter) events(ctx context.Context, s scan, read reader) ([]event.Envelope, error) {
	for want := s.limit; ; s.limit *= 2 {
		docs, err := read(ctx, s)
		if err != nil {
			return nil, err
		}
		found := make([]event.Envelope, 0, len(docs))
		for _, d := range docs {
			e, err := d.event()
			if err != nil {
				r.skip(d.name, err)
				continue
			}
			found = append(found, e)
		}
		if len(found) >= want || len(docs) < s.limit {
			return found[:min(len(found), want)], nil
		}
	}
}

// start validates the query and decodes its page mark, which is nil for the first page.
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
	if err != nil || m.EventID.IsZero() || m.Newest != q.Newest || m.Skip < 0 || m.Skip > MaxLimit || (m.Timestamp != "") != q.byTime() {
		return nil, fault.Wrong(fault.At("page", fault.PageMark))
	}
	return &m, nil
}

func (q Query) byTime() bool { return !q.From.IsZero() || !q.To.IsZero() }

// order returns the fields that sort the answer.
func (q Query) order() []string {
	if q.byTime() {
		return []string{"timestamp", "sequence", "event_id"}
	}
	return []string{"sequence", "event_id"}
}

// scan returns the range of the index that contains the whole answer.
func (q Query) scan() scan {
	s := scan{newest: q.Newest, where: []condition{{"sequence", ">=", q.Sequence}}} // excludes documents that are not events
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
		s.index = append(s.index, "event_type") // after the sorting fields, for filtering
	}
	if !q.From.IsZero() {
		s.where = append(s.where, condition{"timestamp", ">=", microsecond(q.From, 0)})
	}
	if !q.To.IsZero() {
		s.where = append(s.where, condition{"timestamp", "<=", microsecond(q.To, -1)})
	}
	return s
}

// microsecond formats the first whole microsecond not before t, plus more microseconds.
func microsecond(t time.Time, more time.Duration) string {
	up := t.Add(time.Microsecond - 1).Truncate(time.Microsecond)
	return up.Add(more * time.Microsecond).UTC().Format(wire.EventMoment)
}

// stretches returns the additional conditions of each scan that is needed from the mark on.
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
			panic(err) // start has validated it
		}
		moment := condition{"timestamp", "=", m.Timestamp}
		all[0], all[1] = append(all[0], moment), append(all[1], moment)
		all = append(all, []condition{{"timestamp", onward, microsecond(at, time.Duration(step))}})
	}
	return all
}

// and returns the scan with more conditions. Of two bounds in the same direction only the narrower
// one stays: SQLite reads the index from the first of them on, so each page would cost as much
// as all before it.
func (s scan) and(more []condition) scan {
	s.where = slices.Clone(s.where)
	for _, c := range more {
		same := func(old condition) bool { return old.field == c.field && old.op == c.op && c.op != "=" }
		if at := slices.IndexFunc(s.where, same); at < 0 {
			s.where = append(s.where, c)
		} else if (c.compare(s.where[at]) > 0) == (c.op == ">=") {
			s.where[at] = c
		}
	}
	return s
}

// compare compares the values of two conditions on the same field.
func (c condition) compare(other condition) int {
	if number, is := c.value.(int64); is {
		return cmp.Compare(number, other.value.(int64))
	}
	return cmp.Compare(c.value.(string), other.value.(string))
}

// markOf returns the page mark for the last event of the list, with which the next page begins.
func (q Query) markOf(list []event.Envelope) string {
	before, e := list[:len(list)-1], list[len(list)-1]
	m := mark{Sequence: e.Sequence, EventID: e.EventID, Newest: q.Newest}
	for i := len(before) - 1; i >= 0 && before[i].Sequence == e.Sequence && before[i].EventID == e.EventID; i-- {
		m.Skip++
	}
	if q.byTime() {
		m.Timestamp = e.Timestamp
	}
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // cannot fail: text and a number
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// nothing returns a scan of the same index that matches no event.
func (s scan) nothing() scan {
	first := condition{s.index[0], "=", ""}
	if first.field == "sequence" {
		first.value = int64(-1)
	}
	isFirst := func(c condition) bool { return c.field == first.field }
	s.limit, s.where = 1, append(slices.DeleteFunc(slices.Clone(s.where), isFirst), first)
	return s
}

// scans returns one scan for each index that Find may use.
func scans() []scan {
	var all []scan
	for _, from := range []time.Time{{}, time.Unix(0, 0)} {
		for _, q := range []Query{{}, {Subject: id.ID{1}}, {EventType: "any"}} {
			q.From = from
			all = append(all, q.scan())
		}
	}
	return all
}

// NewestFrom returns the page mark of a query for the newest events, from a sequence on.
func NewestFrom(sequence int64) string {
	var last id.ID
	for i := range last {
		last[i] = 0xff
	}
	return Query{Newest: true}.markOf([]event.Envelope{{Sequence: sequence, EventID: last}})
}
