package event

import (
	"encoding/binary"
	"strconv"
	"sync"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/wire"
)

// Origin is what a command adds to its events: who gave it, and when.
type Origin struct {
	Actor         string
	CorrelationID string
	BusinessDate  civil.Date
	At            time.Time
}

// Sealed is an event that is encoded and not yet in the chain, as the outbox
// keeps it.
type Sealed struct {
	Body   string // the envelope as JSON, without sequence, previous_hash and hash
	Layout []byte // where the members of Body lie; empty if Body must be parsed
}

// layoutForm is the first byte of a layout. After it come the lengths of the
// members that have no fixed length, the number of the payload's members, the
// length of each, and their places in the order of their names.
const layoutForm = 1

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
	return s
}

// lead writes what comes before a value of the envelope.
func (o *Object) lead(text string) {
	o.text = append(o.text, text...)
	o.mark = len(o.text)
}

// length is that of the value after the last lead.
func (o *Object) length() int { return len(o.text) - o.mark }

// layout writes down where the members lie.
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

// parts are the members of a sealed body as they lie in it: strings of variable
// length with their quotes, the others without.
type parts struct {
	eventType, entityID, payload, timestamp, eventID, version, subject, actor, correlationID, businessDate string

	head, tail string // what is published before and after the sequence

	members [maxMembers]string // of the payload, by name
	count   int
}

// cut takes the body apart by its layout; whole is false if one does not fit the other.
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

// around splits the body where the sequence comes: behind the quote that rest begins with.
func (s Sealed) around(rest string) (head, tail string) {
	if len(rest) < 2 {
		return "", ""
	}
	return s.Body[:len(s.Body)-len(rest)+1], rest[1 : len(rest)-1]
}

// idLength is the length of an id as text.
const idLength = 36

// cutter cuts a text into pieces whose lengths it reads from a layout.
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

// take cuts off a piece of so many bytes that follows the lead.
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

// members cuts the payload into its members and puts them in order.
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

// canonical adds the members in the form of RFC 8785, at their place in the chain.
func (p *parts) canonical(b []byte, sequence int64, previous string) []byte {
	b = append(append(b, `{"actor":`...), p.actor...)
	b = append(append(b, `,"business_date":"`...), p.businessDate...)
	b = append(append(b, `","correlation_id":`...), p.correlationID...)
	b = append(append(b, `,"entity_id":"`...), p.entityID...)
	b = append(append(b, `","event_id":"`...), p.eventID...)
	b = append(append(b, `","event_type":`...), p.eventType...)
	b = append(b, `,"payload":{`...)
	for i, member := range p.members[:p.count] {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, member...)
	}
	b = appendString(append(b, `},"previous_hash":`...), previous)
	b = strconv.AppendInt(append(b, `,"sequence":`...), sequence, 10)
	b = append(append(b, `,"subject":"`...), p.subject...)
	b = append(append(b, `","timestamp":"`...), p.timestamp...)
	b = append(append(b, `","version":`...), p.version...)
	return append(b, '}')
}
