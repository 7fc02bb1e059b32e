package amqp

import (
	"reflect"
	"strings"
	"testing"

	rabbit "github.com/rabbitmq/amqp091-go"

	"sofipo/core/civil"
	"sofipo/core/event"
)

// delivery is a message as a consumer gets it.
func delivery(m rabbit.Publishing) rabbit.Delivery {
	return rabbit.Delivery{Headers: m.Headers, MessageId: m.MessageId, Timestamp: m.Timestamp, Body: m.Body}
}

// ofTheVersionBefore is the message as the version published it that sent no sequence.
func ofTheVersionBefore(e event.Encoded) rabbit.Publishing {
	m := message(&e)
	delete(m.Headers, sequenceHeader)
	return m
}

func TestPropertiesDescribeTheEvent(t *testing.T) {
	want := chained(t, 1)[0]
	d := delivery(message(&want))
	got, err := received(d)
	if err != nil || !reflect.DeepEqual(got, want) || !got.Trusted || &got.Body[0] != &d.Body[0] {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

// TestTheEpochIsDescribed, and an epoch without its header is read from the body.
func TestTheEpochIsDescribed(t *testing.T) {
	c := event.Chain{Last: event.Link{Sequence: 7, Hash: "ab", Epoch: 1_796_000_000}}
	_, want, err := c.Append(nil, event.Seal(number(1), event.Fact{Payload: registered{"x"}, Entity: number(2), Subject: number(3)}, event.Origin{
		BusinessDate: civil.Date{Year: 2026, Month: 11, Day: 23}, At: epoch}))
	if err != nil {
		t.Fatal(err)
	}
	m := message(&want)
	if got, err := received(delivery(m)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	delete(m.Headers, epochHeader)
	want.Trusted = false
	if got, err := received(delivery(m)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("without the header: got %+v, %v; want %+v", got, err, want)
	}
}

// TestTheBodyIsReadWithoutProperties: of a message of the version before, and of one
// whose properties are those of another event.
func TestTheBodyIsReadWithoutProperties(t *testing.T) {
	events := chained(t, 2)
	want := events[0]
	want.Trusted = false
	for name, spoil := range map[string]func(*rabbit.Publishing){
		"no sequence":      func(m *rabbit.Publishing) { delete(m.Headers, sequenceHeader) },
		"another sequence": func(m *rabbit.Publishing) { m.Headers[sequenceHeader] = int64(2) },
		"a text":           func(m *rabbit.Publishing) { m.Headers[sequenceHeader] = "1" },
		"no headers":       func(m *rabbit.Publishing) { m.Headers = nil },
		"no id":            func(m *rabbit.Publishing) { m.MessageId = "" },
		"another id":       func(m *rabbit.Publishing) { m.MessageId = events[1].EventID.String() },
		"another subject":  func(m *rabbit.Publishing) { m.Headers[subjectHeader] = events[1].Subject.String() },
		"no subject":       func(m *rabbit.Publishing) { delete(m.Headers, subjectHeader) },
		"another type":     func(m *rabbit.Publishing) { m.Headers[typeHeader] = "client_deleted" },
		"another time":     func(m *rabbit.Publishing) { m.Headers[timeHeader] = events[1].Timestamp },
	} {
		m := message(&events[0])
		spoil(&m)
		if got, err := received(delivery(m)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, want)
		}
	}
}

func TestDecodeAdoptsTheSeedsEvent(t *testing.T) {
	const body = `{"event_type": "client_updated", "entity_id": "7025e990-e787-409a-aee5-6526149de156", "payload": {}, "timestamp": "2026-11-23T09:22:41.286377Z"}`
	got, err := decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	again, _ := decode([]byte(body))
	other, _ := decode([]byte(strings.Replace(body, "41.286377", "41.286378", 1)))
	if got.EventID != again.EventID || got.EventID == other.EventID || got.EventID.String()[14] != '8' {
		t.Errorf("got the ids %s, again %s, of another %s; want the same again, of another not, version 8", got.EventID, again.EventID, other.EventID)
	}
	if got.Subject != got.EntityID || got.Timestamp != "2026-11-23T09:22:41.286377Z" || got.Sequence != 0 || got.BusinessDate != (civil.Date{Year: 2026, Month: 11, Day: 23}) {
		t.Errorf("got %+v, want subject %v, timestamp 2026-11-23T09:22:41.286377Z, sequence 0, business date %+v", got, got.EntityID, civil.Date{Year: 2026, Month: 11, Day: 23})
	}
}

func TestDecodeRefusesWhatIsNoEvent(t *testing.T) {
	const entity = `"entity_id":"7025e990-e787-409a-aee5-6526149de156"`
	for body, reason := range map[string]string{
		``:         "unexpected end",
		`[]`:       "cannot unmarshal",
		`null`:     "event_type, entity_id",
		`{}`:       "event_type, entity_id",
		"\xff\xfe": "invalid character",
		`{"event_type":"a",` + entity + `,"timestamp":"2026-11-23T09:22:41.286377Z"}`:                          "event_type, entity_id",
		`{"event_type":"a",` + entity + `,"payload":[],"timestamp":"2026-11-23T09:22:41.286377Z"}`:             "event_type, entity_id",
		`{"event_type":"a","entity_id":"7","payload":{},"timestamp":"2026-11-23T09:22:41.286377Z"}`:            "not a UUID",
		`{"event_type":"a",` + entity + `,"payload":{},"timestamp":"yesterday"}`:                               "timestamp is not",
		`{"event_type":"a",` + entity + `,"payload":{}}`:                                                       "timestamp is not",
		`{"event_type":"a",` + entity + `,"payload":{},"timestamp":"2026-11-23T09:22:41.286377Z","version":1}`: "event_id is missing",
	} {
		if _, err := received(rabbit.Delivery{Body: []byte(body)}); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: got %v, want an error with %q", body, err, reason)
		}
	}
}

// BenchmarkMessage gives an event its properties.
func BenchmarkMessage(b *testing.B) {
	e := chained(b, 1)[0]
	b.ReportAllocs()
	for b.Loop() {
		message(&e)
	}
}

// BenchmarkReceived finds the event of a message.
func BenchmarkReceived(b *testing.B) {
	e := chained(b, 1)[0]
	for name, m := range map[string]rabbit.Publishing{"properties": message(&e), "body": ofTheVersionBefore(e)} {
		b.Run(name, func(b *testing.B) {
			d := delivery(m)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := received(d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
