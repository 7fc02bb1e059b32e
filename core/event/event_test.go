package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/test/random"
)

var today = civil.Date{Year: 2026, Month: 11, Day: 23}

var origin = Origin{Actor: "admin", CorrelationID: "c-1", BusinessDate: today,
	At: time.Date(2026, 11, 23, 3, 22, 34, 10_072_000, time.FixedZone("CST", -6*3600))}

// everything is a payload with a member of each kind.
type everything struct {
	Amount money.Amount
	ID     id.ID
	Day    civil.Date
	At     time.Time
	Number int32
	Note   string
	More   *string
}

func (everything) Event() Type { return Type{"everything_said", 3} }

func (e everything) Members(o *Object) {
	o.Amount("amount", e.Amount)
	o.ID("id", e.ID)
	o.Date("day", e.Day)
	o.Moment("at", e.At)
	o.Int("number", e.Number)
	o.Text("note", e.Note)
	o.Optional("more", e.More)
}

// nothing is a payload without members.
type nothing struct{}

func (nothing) Event() Type     { return Type{"nothing_said", 1} }
func (nothing) Members(*Object) {}

// texts is a payload with the members of a test.
type texts []struct{ name, value string }

func (texts) Event() Type { return Type{"texts_said", 12} }

func (e texts) Members(o *Object) {
	for _, m := range e {
		o.Text(m.name, m.value)
	}
}

// samples are facts of several forms.
func samples() []Fact {
	more := "and more"
	full := everything{5_000_000, id.ID{7}, today, origin.At, -12, "Ñandú <b> \"\\\n", &more}
	short := full
	short.More = nil
	return []Fact{{Payload: full, Entity: id.ID{1}, Subject: id.ID{2}}, {Payload: short, Entity: id.ID{3}, Subject: id.ID{3}},
		{Payload: nothing{}, Entity: id.ID{4}, Subject: id.ID{4}}}
}

// envelope returns a fact in an envelope that is not in the chain.
func envelope(t testing.TB, eventID id.ID, f Fact) Envelope {
	t.Helper()
	e, err := Parse([]byte(Seal(eventID, f, origin).Body))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSeal(t *testing.T) {
	f := samples()[0]
	s := Seal(id.ID{5}, f, origin)
	const want = `{"event_type":"everything_said","entity_id":"01000000-0000-0000-0000-000000000000","payload":{"amount":"50000.00",` +
		`"id":"07000000-0000-0000-0000-000000000000","day":"2026-11-23","at":"2026-11-23 09:22:34.010072+00:00","number":-12,` +
		`"note":"Ñandú <b> \"\\\n","more":"and more"},"timestamp":"2026-11-23T09:22:34.010072Z","event_id":"05000000-0000-0000-0000-000000000000",` +
		`"version":3,"subject":"02000000-0000-0000-0000-000000000000","actor":"admin","correlation_id":"c-1","business_date":"2026-11-23"}`
	if s.Body != want {
		t.Errorf("got  %s\nwant %s", s.Body, want)
	}
	// The form, five lengths, seven members, their lengths and their order.
	layout := []byte{1, 17, 183, 1, 1, 7, 5, 7, 19, 43, 18, 39, 12, 27, 17, 0, 3, 2, 1, 6, 5, 4}
	if !slices.Equal(s.Layout, layout) {
		t.Errorf("got layout %d, want %d", s.Layout, layout)
	}
}

func TestFields(t *testing.T) {
	want := []Field{{"amount", "string", false}, {"id", "string", false}, {"day", "string", false}, {"at", "string", false},
		{"number", "integer", false}, {"note", "string", false}, {"more", "string", true}}
	if got := (Declaration{Payload: everything{}}).Fields(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestSealedIsAsParsed: for any payload the bytes are those of encoding/json, and Append with
// a layout gives the same event as without.
func TestSealedIsAsParsed(t *testing.T) {
	name := rapid.StringMatching(`[a-z_]{1,12}`)
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9-]{0,40}`), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{"\u2028", "a\u2029b", "\xff", "\x00", "},\"timestamp\":"}))
	random.Check(t, func(t *rapid.T) {
		var payload texts
		for _, n := range rapid.SliceOfNDistinct(name, 0, maxMembers+2, rapid.ID).Draw(t, "names") {
			payload = append(payload, struct{ name, value string }{n, text.Draw(t, "value")})
		}
		o := origin
		o.Actor, o.CorrelationID = text.Draw(t, "actor"), text.Draw(t, "correlation")
		last := Link{rapid.Int64Range(0, 1e15).Draw(t, "sequence"), text.Draw(t, "hash"), rapid.SampledFrom([]int64{0, 1_796_000_000}).Draw(t, "epoch")}
		s := Seal(id.ID{5}, Fact{Payload: payload, Entity: id.ID{1}, Subject: id.ID{2}}, o)
		want, err := Parse([]byte(s.Body))
		if err != nil {
			t.Fatal(err)
		}
		if text := reference(payload); string(want.Payload) != text {
			t.Fatalf("got payload %s, want %s", want.Payload, text)
		}
		link, err := want.Chain(last)
		if err != nil {
			t.Fatal(err)
		}
		c := Chain{Last: last}
		b, got, err := c.Append([]byte("before"), s)
		if err != nil || string(got.Body) != string(want.AppendJSON(nil)) || c.Last != link {
			t.Fatalf("got %s, %v, %v\nwant %s, %v", got.Body, c.Last, err, want.AppendJSON(nil), link)
		}
		if string(b) != "before"+string(got.Body) || !got.Consistent() || got.Trusted != (s.Layout != nil) {
			t.Fatalf("got trusted %t, layout %d, %s of %s, want trusted %t, a consistent event, its body after the bytes before it", got.Trusted, s.Layout, got.Body, b, s.Layout != nil)
		}
		canonical := len(payload) <= maxMembers && !slices.ContainsFunc(payload, func(m struct{ name, value string }) bool {
			return strings.ContainsAny(m.value, "\u2028\u2029") || strings.ToValidUTF8(m.value, "") != m.value
		})
		if canonical != (s.Layout != nil) {
			t.Fatalf("got layout %d of %s, want one: %t", s.Layout, s.Body, canonical)
		}
		again, err := Read(got.Body)
		if again.Trusted = got.Trusted; err != nil || !reflect.DeepEqual(again, got) {
			t.Fatalf("got %+v, %v; want %+v", again, err, got)
		}
	})
}

// reference encodes the texts with encoding/json, one member at a time.
func reference(payload texts) string {
	b := []byte("{")
	for i, m := range payload {
		if i > 0 {
			b = append(b, ',')
		}
		var value bytes.Buffer
		enc := json.NewEncoder(&value)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(m.value); err != nil {
			panic(err) // a string can always be encoded
		}
		b = append(fmt.Appendf(b, "%q:", m.name), bytes.TrimSpace(value.Bytes())...)
	}
	return string(append(b, '}'))
}

// TestAWrongLayoutIsNotUsed: the body is parsed instead.
func TestAWrongLayoutIsNotUsed(t *testing.T) {
	good := Seal(id.ID{5}, samples()[0], origin)
	var want Chain
	_, published, err := want.Append(nil, good)
	if err != nil {
		t.Fatal(err)
	}
	wrong := [][]byte{{}, good.Layout[:len(good.Layout)-1], append(slices.Clone(good.Layout), 0), {layoutForm}, slices.Repeat([]byte{255}, 30)}
	for i := range len(good.Layout) - 7 { // the lengths; the order of the members is not verified
		changed := slices.Clone(good.Layout)
		changed[i]++
		wrong = append(wrong, changed)
	}
	for _, layout := range wrong {
		var c Chain
		_, got, err := c.Append(nil, Sealed{good.Body, layout})
		if err != nil || string(got.Body) != string(published.Body) || c.Last != want.Last || got.Trusted {
			t.Errorf("layout %d: got %+v, %v, want body %v, last %v, not trusted", layout, got, err, string(published.Body), want.Last)
		}
	}
	var c Chain
	if _, _, err := c.Append(nil, Sealed{Body: "{"}); err == nil || c.Last != (Link{}) {
		t.Errorf("an incomplete event: got link %v, error %v, want no link and an error", c.Last, err)
	}
}

func FuzzCut(f *testing.F) {
	for _, fact := range samples() {
		s := Seal(id.ID{5}, fact, origin)
		f.Add(s.Body, s.Layout)
	}
	f.Fuzz(func(t *testing.T, body string, layout []byte) {
		var p parts
		if s := (Sealed{body, layout}); s.cut(&p) && p.head+p.tail+"}" != body {
			t.Fatalf("%q by %d: got %q and %q, want parts of the body", body, layout, p.head, p.tail)
		}
		var c Chain
		if _, e, err := c.Append(nil, Sealed{body, layout}); err == nil && e.Sequence != 1 {
			t.Fatalf("%q by %d: got sequence %d, want 1", body, layout, e.Sequence)
		}
	})
}

func TestConsistent(t *testing.T) {
	var c Chain
	_, good, err := c.Append(nil, Seal(id.ID{5}, samples()[0], origin))
	if err != nil || !good.Consistent() {
		t.Fatalf("got %+v, %v, want a consistent event, no error", good, err)
	}
	for name, change := range map[string]func(*Encoded){
		"another id":        func(e *Encoded) { e.EventID[3]++ },
		"no id":             func(e *Encoded) { e.EventID = id.ID{} },
		"another subject":   func(e *Encoded) { e.Subject[3]++ },
		"another type":      func(e *Encoded) { e.EventType += "x" },
		"part of the type":  func(e *Encoded) { e.EventType = e.EventType[:5] },
		"no type":           func(e *Encoded) { e.EventType = "" },
		"another timestamp": func(e *Encoded) { e.Timestamp = "2026-11-23T09:22:34.010073Z" },
		"another sequence":  func(e *Encoded) { e.Sequence = 11 },
		"another epoch":     func(e *Encoded) { e.Epoch = 1_796_000_000 },
		"no sequence":       func(e *Encoded) { e.Sequence = 0 },
		"half the body":     func(e *Encoded) { e.Body = e.Body[:len(e.Body)-20] },
		"no body":           func(e *Encoded) { e.Body = nil },
		"another order":     func(e *Encoded) { e.Body = bytes.Replace(e.Body, []byte(`"version"`), []byte(`"Version"`), 1) },
	} {
		e := good
		e.Body = slices.Clone(good.Body)
		change(&e)
		if e.Consistent() {
			t.Errorf("%s: got a consistent event, want an inconsistent one", name)
		}
	}
}

// TestHotPathAllocates limits the allocations of a payment: the row and its layout in Seal,
// the hash in Append.
func TestHotPathAllocates(t *testing.T) {
	f := samples()[0]
	var s Sealed
	if n := testing.AllocsPerRun(100, func() { s = Seal(id.ID{5}, f, origin) }); n > 2 {
		t.Errorf("Seal: got %v allocations, want at most 2", n)
	}
	var c Chain
	room := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() {
		if _, _, err := c.Append(room, s); err != nil {
			t.Fatal(err)
		}
	}); n > 1 {
		t.Errorf("Append: got %v allocations, want at most 1", n)
	}
}

func TestRoutingKey(t *testing.T) {
	for kind, want := range map[string]string{"client_created": "sofipo.client.created", "user_password_changed": "sofipo.user.password.changed"} {
		if got := RoutingKey(kind); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

// chained returns a chain of n events from the start.
func chained(t *testing.T, n int) []Envelope {
	t.Helper()
	var last Link
	var err error
	list := make([]Envelope, n)
	all := samples()
	for i := range list {
		list[i] = envelope(t, id.ID{byte(i + 1)}, all[i%len(all)])
		if last, err = list[i].Chain(last); err != nil {
			t.Fatal(err)
		}
		if last.Sequence != int64(i+1) || last.Hash != list[i].Hash || len(last.Hash) != 64 {
			t.Fatalf("got link %+v after event %d, want sequence %d and the hash %s of 64 digits", last, i+1, i+1, list[i].Hash)
		}
	}
	return list
}

func verify(list []Envelope) error {
	var last Link
	var err error
	for _, e := range list {
		if last, err = e.Verify(last); err != nil {
			return err
		}
	}
	return nil
}

// stored returns the envelope in the form of another store: another order of keys, spaces,
// other escapes.
func stored(t *testing.T, e Envelope) Envelope {
	t.Helper()
	var payload map[string]any
	if err := json.Unmarshal(e.Payload, &payload); err != nil {
		t.Fatal(err)
	}
	keys := make([]string, 0, len(payload))
	for key := range payload {
		keys = append(keys, key)
	}
	var parts []string
	for i := len(keys) - 1; i >= 0; i-- {
		value, _ := json.Marshal(payload[keys[i]])
		text := strings.ReplaceAll(string(value), "a", `\u0061`)
		parts = append(parts, fmt.Sprintf("\t%q :  %s ", keys[i], text))
	}
	e.Payload = json.RawMessage("{ " + strings.Join(parts, ",\n") + "\n}")
	return e
}

func TestVerify(t *testing.T) {
	list := chained(t, 12)
	if err := verify(list); err != nil {
		t.Fatal(err)
	}
	reordered := make([]Envelope, len(list))
	for i, e := range list {
		reordered[i] = stored(t, e)
		body, _ := json.Marshal(reordered[i])
		var back Envelope
		if err := json.Unmarshal(body, &back); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			reordered[i] = back
		}
	}
	if err := verify(reordered); err != nil {
		t.Errorf("with payloads written in another way: %v", err)
	}
}

// A change of any field is detected and named.
func TestVerifyNamesAChange(t *testing.T) {
	changes := map[string]func(*Envelope){
		"EventType": func(e *Envelope) { e.EventType = "client_deleted" },
		"EntityID":  func(e *Envelope) { e.EntityID[15]++ },
		"Payload": func(e *Envelope) {
			e.Payload = json.RawMessage(strings.Replace(string(e.Payload), "50000.00", "50000.01", 1))
		},
		"Timestamp":     func(e *Envelope) { e.Timestamp = "2026-11-23T09:22:34.010073Z" },
		"EventID":       func(e *Envelope) { e.EventID[0]++ },
		"Version":       func(e *Envelope) { e.Version++ },
		"Subject":       func(e *Envelope) { e.Subject[3]++ },
		"Actor":         func(e *Envelope) { e.Actor = "Admin" },
		"CorrelationID": func(e *Envelope) { e.CorrelationID = "" },
		"BusinessDate":  func(e *Envelope) { e.BusinessDate.Day++ },
		"Hash":          func(e *Envelope) { e.Hash = strings.Repeat("0", 64) },
		"PreviousHash":  func(e *Envelope) { e.PreviousHash = strings.Repeat("0", 64) },
		"Sequence":      func(e *Envelope) { e.Sequence += 2 },
		"Epoch":         func(e *Envelope) { e.Epoch++ },
	}
	all := reflect.TypeFor[Envelope]()
	for i := range all.NumField() {
		if changes[all.Field(i).Name] == nil {
			t.Errorf("got no change of %s to try, want one", all.Field(i).Name)
		}
	}
	said := map[string]string{"Sequence": "sequence 7 follows 4: 2 missing", "PreviousHash": "does not have the hash of the previous event"}
	for name, change := range changes {
		list := chained(t, 12)
		before := fmt.Sprint(list[4])
		change(&list[4])
		if fmt.Sprint(list[4]) == before {
			t.Errorf("%s: got the events unchanged, want a change", name)
		}
		want := said[name]
		if want == "" {
			want = fmt.Sprintf("event %s (sequence 5) was changed after it was chained", list[4].EventID)
		}
		if err := verify(list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}

func TestVerifyNamesAGap(t *testing.T) {
	list := chained(t, 6)
	for want, broken := range map[string][]Envelope{
		"sequence 4 follows 2: 1 missing":    {list[0], list[1], list[3], list[4]},
		"sequence 2 follows 0: 1 missing":    list[1:],
		"sequence 6 follows 2: 3 missing":    {list[0], list[1], list[5]},
		"sequence 2 follows 2: duplicate":    {list[0], list[1], list[1]},
		"sequence 1 follows 3: out of order": {list[0], list[1], list[2], list[0]},
	} {
		if err := verify(broken); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	// Renumbering the later events breaks the previous hash.
	forged := append([]Envelope{}, list...)
	forged = append(forged[:2], forged[3:]...)
	forged[2].Sequence = 3
	if err := verify(forged); err == nil || !strings.Contains(err.Error(), "does not have the hash") {
		t.Errorf("got %v, want an error with does not have the hash", err)
	}
	// Changing the previous hash as well breaks the hash of the event.
	forged[2].PreviousHash = forged[1].Hash
	if err := verify(forged); err == nil || !strings.Contains(err.Error(), "was changed") {
		t.Errorf("got %v, want an error with was changed", err)
	}
}

// A digest computed by another program. A change of the canonical form would break every
// existing chain.
func TestDigestIsPinned(t *testing.T) {
	e := Envelope{EventType: "client_updated", EntityID: id.ID{1}, Payload: json.RawMessage(`{"full_name":"Ñandú \u003cb\u003e \"\\\n","b":1.50,"a":[null,true,{"z":-0.0,"y":1e21}]}`),
		Timestamp: "2026-11-23T09:22:34.010072Z", EventID: id.ID{2}, Sequence: 7, Version: 1, Subject: id.ID{3}, Actor: "<admin>",
		CorrelationID: "c\u2028\f", BusinessDate: civil.Date{Year: 2026, Month: 11, Day: 23}, PreviousHash: "ab", Hash: "not part of it"}
	got, err := e.Digest()
	if err != nil || got != "f1dee1147629ea87ea47f97d2071cd9c5e3f59a49a55c4d40aec90416426da8d" {
		t.Errorf("got %s, %v, want f1dee1147629ea87ea47f97d2071cd9c5e3f59a49a55c4d40aec90416426da8d", got, err)
	}
}

func TestDigestRefusesWhatIsNoObject(t *testing.T) {
	for _, payload := range []string{"", "null", "[]", `"x"`, "{", `{"a":}`, `{"a":1}x`, `{"a":01}`, `{"a":1,}`, `{a:1}`, "{\"a\":\"\x01\"}", `{"a":"b}`} {
		if _, err := (Envelope{Payload: json.RawMessage(payload)}).Digest(); err == nil {
			t.Errorf("%q: got a digest, want an error", payload)
		}
	}
}
