package amqp

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"sofipo/core/civil"
)

func TestDecodeKeepsOurEvent(t *testing.T) {
	want := chained(t, 1)[0]
	body, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := decode(body); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
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
		t.Errorf("ids %s, %s, %s", got.EventID, again.EventID, other.EventID)
	}
	if got.Subject != got.EntityID || got.Timestamp != "2026-11-23T09:22:41.286377Z" || got.Sequence != 0 || got.BusinessDate != (civil.Date{Year: 2026, Month: 11, Day: 23}) {
		t.Errorf("%+v", got)
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
		if _, err := decode([]byte(body)); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v", body, err)
		}
	}
}
