package event

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sofipo/core/id"
	"sofipo/test/random"
)

// slow computes the canonical form with encoding/json only.
func slow(object []byte) ([]byte, error) {
	var fields map[string]any
	if err := json.Unmarshal(object, &fields); err != nil {
		return nil, err
	}
	if fields == nil {
		return nil, errPayload
	}
	return appendValue(nil, fields), nil
}

// The example of RFC 8785, sections 3.2.2 to 3.2.4.
func TestCanonicalAsPublished(t *testing.T) {
	in := "{\n \"numbers\": [333333333.33333329, 1E30, 4.50,\n 2e-3, 0.000000000000000000000000001],\n" +
		" \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n \"literals\": [null, true, false]\n}"
	want := `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`
	if got, err := canonical(nil, []byte(in)); err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
	in = `{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
		"\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}`
	want = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\"," +
		"\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}"
	if got, err := canonical(nil, []byte(in)); err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}

// Most payloads use the fast path, which gives the same result as the slow one.
func TestPayloadsAreFlat(t *testing.T) {
	for _, f := range samples()[1:] {
		f.Payload = plainly(f.Payload)
		e := envelope(t, id.ID{1}, f)
		var room [16]member
		if _, plain := flat(room[:0], e.Payload); !plain {
			t.Errorf("%s: got the slow path for %s, want the fast one", e.EventType, e.Payload)
		}
	}
}

// plainly returns the payload without characters that need an escape.
func plainly(p Payload) Payload {
	if e, full := p.(everything); full {
		e.Note = "Ñandú"
		return e
	}
	return p
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{}`, ` { "b" : 1 , "a" : "x" } `, `{"a":-0}`, `{"a":0,"a":1}`, `{"a":1e3}`, `{"ñ":"ñ<>&"}`, `{"a":"\u0061\ud800"}`,
		`{"a":123456789012345678}`, `{"a b":1,"a":2,"a!":3}`, `{"":[{}]}`, `null`, `{"a":1}{`, "{\"a\":\"\xff\"}", `{"a":007}`, `{"a":true}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		got, err := canonical(nil, object)
		want, wrong := slow(object)
		if (err == nil) != (wrong == nil) || string(got) != string(want) {
			t.Fatalf("%q: got %s, %v, want as of the slow path %s, %v", object, got, err, want, wrong)
		}
		if err != nil {
			return
		}
		again, err := canonical(nil, got)
		if err != nil || string(again) != string(got) || !utf8.Valid(got) {
			t.Fatalf("%s made canonical again: got %s, %v, want the same, valid UTF-8, no error", got, again, err)
		}
		var before, after any
		if json.Unmarshal(object, &before) != nil || json.Unmarshal(got, &after) != nil || !reflect.DeepEqual(before, after) {
			t.Fatalf("%q: got %s, want an equal object", object, got)
		}
	})
}

// encoding/json can decode the output of AppendJSON, and Parse decodes both.
func TestJSONComesBack(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9-]{0,40}`))
	random.Check(t, func(t *rapid.T) {
		e := Envelope{
			EventType: text.Draw(t, "type"), EntityID: id.ID{1}, Timestamp: text.Draw(t, "timestamp"), EventID: id.ID{2},
			Sequence: rapid.Int64().Draw(t, "sequence"), Epoch: rapid.SampledFrom([]int64{0, 1_796_000_000}).Draw(t, "epoch"), Version: int(rapid.Int64Range(0, math.MaxInt32).Draw(t, "version")),
			Actor: text.Draw(t, "actor"), CorrelationID: text.Draw(t, "correlation"), BusinessDate: origin.BusinessDate,
			PreviousHash: text.Draw(t, "previous"), Hash: text.Draw(t, "hash"),
		}
		payload := map[string]any{text.Draw(t, "key"): text.Draw(t, "value"), "},\"timestamp\":": map[string]any{"}": "\\\"{"}}
		e.Payload, _ = json.Marshal(payload)
		own := e.AppendJSON(nil)
		marshalled, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range [][]byte{own, marshalled} {
			var want Envelope
			if err := json.Unmarshal(body, &want); err != nil {
				t.Fatal(err)
			}
			got, err := Parse(body)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: got %+v, %v\nwant %+v", body, got, err, want)
			}
			want.Payload, e.Payload = nil, nil
			if !reflect.DeepEqual(want, e) {
				t.Fatalf("got %+v, want %+v", want, e)
			}
			e.Payload, _ = json.Marshal(payload)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, fact := range samples() {
		fact.Payload = plainly(fact.Payload)
		e := envelope(f, id.ID{1}, fact)
		if _, err := e.Chain(Link{Sequence: 41, Hash: "ab"}); err != nil {
			f.Fatal(err)
		}
		if _, known := parseOwn(e.AppendJSON(nil)); !known {
			f.Errorf("%s: got the slow path, want the fast one", e.EventType)
		}
		f.Add(e.AppendJSON(nil))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := Parse(body)
		var want Envelope
		wrong := json.Unmarshal(body, &want)
		if err != nil && wrong == nil {
			t.Fatalf("%q: got %v, want no error, as encoding/json", body, err)
		}
		// If only Parse accepts the text, Digest refuses its payload.
		if _, undigested := got.Digest(); err == nil && wrong != nil && undigested == nil {
			t.Fatalf("%q: got no error of Parse, want the error %v of encoding/json", body, wrong)
		}
		if wrong == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: got %+v, want %+v", body, got, want)
		}
	})
}
