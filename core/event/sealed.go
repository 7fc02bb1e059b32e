package event

import (
	"encoding/binary"
	"slices"
	"strconv"
	"sync"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/wire"
)

// Origin has the members that a command adds to its events: its actor, correlation id
// and time.
type Origin struct {
	Actor         string
	CorrelationID string
	BusinessDate  civil.Date
	At            time.Time
	Trace         Trace
}

// Trace is the span of a trace that an event continues: the trace id, the span id and the flags of
// the W3C trace context. It is zero if the event belongs to no trace. It is not published in the
// event.
type Trace [16 + 8 + 1]byte

// Sealed is an encoded event in the outbox, which is not in the chain yet.
type Sealed struct {
	Body   string // the envelope as JSON, without sequence, previous_hash and hash
	Layout []byte // the Trace, if there is one, and positions of the members of Body; without these, Body must be parsed
}

// layoutForm is the first byte of a layout. It is followed by the lengths of the members
// of variable length, the number of members of the payload, their lengths, and their
// indexes in the order of their names.
const layoutForm = 1

// traceForm is the first byte of a layout that has a Trace before the positions.
const traceForm = 2

var objects = sync.Pool{New: func() any { return &Object{text: make([]byte, 0, 2048)} }}

// Seal encodes a fact.
func Seal(eventID id.ID, f Fact, o Origin) Sealed {
	w := objects.Get().(*Object)
	defer objects.Put(w)
	w.text, w.count, w.odd = w.text[:0], 0, false
	var lengths [5]int
	w.lead(`{"event_type":`)
	w.text = appendString(w.text, f.Event().Name)
	lengths[0] = w.length()
	w.lead(`,"entity_id":"`)
	w.text = f.Entity.Append(w.text)
	w.lead(`","payload":`)
	w.text = append(w.text, '{')
	f.Members(w)
	w.text = append(w.text, '}')
	lengths[1] = w.length()
	w.lead(`,"timestamp":"`)
	w.text = o.At.UTC().AppendFormat(w.text, wire.EventMoment)
	moment := w.length()
	w.lead(`","event_id":"`)
	w.text = eventID.Append(w.text)
	w.lead(`","version":`)
	w.text = strconv.AppendInt(w.text, int64(f.Event().Version), 10)
	lengths[2] = w.length()
	w.lead(`,"subject":"`)
	w.text = f.Subject.Append(w.text)
	w.lead(`","actor":`)
	w.text = appendString(w.text, o.Actor)
	lengths[3] = w.length()
	w.lead(`,"correlation_id":`)
	w.text = appendString(w.text, o.CorrelationID)
	lengths[4] = w.length()
	w.lead(`,"business_date":"`)
	w.text = o.BusinessDate.Append(w.text)
	day := w.length()
	w.text = append(w.text, `"}`...)
	s := Sealed{Body: string(w.text)}
	if !w.odd && moment == len(wire.EventMoment) && day == len(time.DateOnly) {
		s.Layout = w.layout(lengths)
	}
	if o.Trace != (Trace{}) {
		s.Layout = slices.Concat([]byte{traceForm}, o.Trace[:], s.Layout)
	}
	return s
}

// untrace takes the Trace out of the layout.
func (s *Sealed) untrace() (t Trace) {
	if len(s.Layout) > len(t) && s.Layout[0] == traceForm {
		s.Layout = s.Layout[1+copy(t[:], s.Layout[1:]):]
	}
	return t
}

// lead writes the text before a value of the envelope.
func (o *Object) lead(text string) {
	o.text = append(o.text, text...)
	o.mark = len(o.text)
}

// length returns the length of the value after the last lead.
func (o *Object) length() int { return len(o.text) - o.mark }

// layout returns the positions of the members.
func (o *Object) layout(lengths [5]int) []byte {
	var room [2 + 5*binary.MaxVarintLen32 + maxMembers*(binary.MaxVarintLen32+1)]byte
	b := append(room[:0], layoutForm)
	for _, n := range lengths {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = append(b, byte(o.count))
	for _, n := range o.lengths[:o.count] {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = o.appendOrder(b)
	return append(make([]byte, 0, len(b)), b...)
}

// parts has the members of a sealed body as text: strings of variable length with their
// quotes, the others without.
type parts struct {
	eventType, entityID, payload, timestamp, eventID, version, subject, actor, correlationID, businessDate string

	head, tail string // published text before and after the sequence

	members [maxMembers]string // of the payload, sorted by name
	count   int
}

// cut splits the body by its layout. whole is false if they do not match.
func (s Sealed) cut(p *parts) (whole bool) {
	if len(s.Layout) == 0 || s.Layout[0] != layoutForm {
		return false
	}
	c := cutter{rest: s.Body, layout: s.Layout[1:]}
	eventType, payload, version, actor, correlation := c.length(), c.length(), c.length(), c.length(), c.length()
	p.eventType = c.take(`{"event_type":`, eventType)
	p.entityID = c.take(`,"entity_id":"`, idLength)
	p.payload = c.take(`","payload":`, payload)
	p.timestamp = c.take(`,"timestamp":"`, len(wire.EventMoment))
	p.eventID = c.take(`","event_id":"`, idLength)
	p.head, p.tail = s.around(c.rest)
	p.version = c.take(`","version":`, version)
	p.subject = c.take(`,"subject":"`, idLength)
	p.actor = c.take(`","actor":`, actor)
	p.correlationID = c.take(`,"correlation_id":`, correlation)
	p.businessDate = c.take(`,"business_date":"`, len(time.DateOnly))
	if c.lost || c.rest != `"}` {
		return false
	}
	return c.members(p)
}

// around splits the body at the position of the sequence: after the quote at the
// beginning of rest.
func (s Sealed) around(rest string) (head, tail string) {
	if len(rest) < 2 {
		return "", ""
	}
	return s.Body[:len(s.Body)-len(rest)+1], rest[1 : len(rest)-1]
}

// idLength is the length of an id in text form.
const idLength = 36

// cutter splits a text into pieces with the lengths in a layout.
type cutter struct {
	rest   string
	layout []byte
	lost   bool
}

func (c *cutter) length() int {
	n, size := binary.Uvarint(c.layout)
	if size <= 0 || n > uint64(len(c.rest)) {
		c.lost = true
		return 0
	}
	c.layout = c.layout[size:]
	return int(n)
}

// take skips the lead and returns the next n bytes.
func (c *cutter) take(lead string, n int) string {
	end := len(lead) + n
	if c.lost || len(c.rest) < end || c.rest[:len(lead)] != lead {
		c.lost = true
		return ""
	}
	piece := c.rest[len(lead):end]
	c.rest = c.rest[end:]
	return piece
}

// members splits the payload into its members and sorts them.
func (c *cutter) members(p *parts) (whole bool) {
	c.rest = p.payload
	p.count = c.length()
	if c.lost || p.count > maxMembers {
		return false
	}
	var lying [maxMembers]string
	lead := "{"
	for i := range p.count {
		lying[i] = c.take(lead, c.length())
		lead = ","
	}
	if p.count == 0 {
		c.take("{", 0)
	}
	if c.lost || c.rest != "}" || len(c.layout) != p.count {
		return false
	}
	for i, at := range c.layout {
		if int(at) >= p.count {
			return false
		}
		p.members[i] = lying[at]
	}
	return true
}

// canonical adds the event in the form of RFC 8785, as the next one after the link.
func (p *parts) canonical(b []byte, last Link) []byte {
	b = append(append(b, `{"actor":`...), p.actor...)
	b = append(append(b, `,"business_date":"`...), p.businessDate...)
	b = append(append(b, `","correlation_id":`...), p.correlationID...)
	b = append(append(b, `,"entity_id":"`...), p.entityID...)
	b = appendEpoch(append(b, '"'), last.Epoch)
	b = append(append(b, `,"event_id":"`...), p.eventID...)
	b = append(append(b, `","event_type":`...), p.eventType...)
	b = append(b, `,"payload":{`...)
	for i, member := range p.members[:p.count] {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, member...)
	}
	b = appendString(append(b, `},"previous_hash":`...), last.Hash)
	b = strconv.AppendInt(append(b, `,"sequence":`...), last.Sequence+1, 10)
	b = append(append(b, `,"subject":"`...), p.subject...)
	b = append(append(b, `","timestamp":"`...), p.timestamp...)
	b = append(append(b, `","version":`...), p.version...)
	return append(b, '}')
}
