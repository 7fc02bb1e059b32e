package events_test

import (
	"strings"
	"testing"

	"sofipo/bank"
	"sofipo/bank/events"
	"sofipo/core/access"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestVoidEvents publishes one event for each, under the subject of the voided one.
func TestVoidEvents(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d)
		one := events.Void{Voided: event.Voided{EventID: id.ID{1}, EventType: "payment_registered", Hash: "ab"}, Subject: id.ID{2}}
		for _, wrong := range []events.VoidEvents{{}, {Events: make([]events.Void, events.MaxVoid+1)}} {
			if _, err := bank.Do(t.Context(), b, office.By, wrong); !fault.Is(err, fault.Invalid) {
				t.Errorf("%d events: got %v, want %s", len(wrong.Events), err, fault.Invalid)
			}
		}
		if _, err := bank.Do(t.Context(), b, bank.By{Actor: "nobody"}, events.VoidEvents{Events: []events.Void{one}}); !fault.Is(err, access.Forbidden) {
			t.Errorf("an unknown user: got %v, want %s", err, access.Forbidden)
		}
		two := one
		two.EventID = id.ID{3}
		if n := office.Must(t, b, events.VoidEvents{Events: []events.Void{one, two}}); n != 2 {
			t.Errorf("got %d voided, want 2", n)
		}
		var bodies []string
		batch := &db.Batch{}
		batch.Query("SELECT body FROM outbox ORDER BY position", func(s db.Scanner) error {
			var body string
			err := s.Scan(&body)
			bodies = append(bodies, body)
			return err
		})
		if err := d.ReadPrimary(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		if len(bodies) != 2 {
			t.Fatalf("got %d events, want 2", len(bodies))
		}
		for i, v := range []events.Void{one, two} {
			want := `"event_type":"event_voided","entity_id":"` + v.EventID.String() + `","payload":{"event_id":"` + v.EventID.String() + `","event_type":"payment_registered","hash":"ab"}`
			if !strings.Contains(bodies[i], want) || !strings.Contains(bodies[i], `"subject":"`+v.Subject.String()+`"`) {
				t.Errorf("got %s, want %s of subject %s", bodies[i], want, v.Subject)
			}
		}
		if n := office.Count(t, d, "SELECT count(*) FROM audit WHERE action = 'void_events' AND refusal IS NULL"); n != 1 {
			t.Errorf("got %d audit records, want 1", n)
		}
	})
}
