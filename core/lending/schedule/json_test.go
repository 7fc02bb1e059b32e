package schedule_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/test/loans"
	"sofipo/test/random"
)

// TestTermsJSON: terms, with or without their defaults, are unchanged after encoding and
// decoding, except for the calendar, which is not encoded.
func TestTermsJSON(t *testing.T) {
	r := random.New(t, 7)
	for range 5_000 {
		for _, terms := range []schedule.Terms{loans.RandomTerms(r), loans.RandomTerms(r).Defaults()} {
			text, err := json.Marshal(terms)
			if err != nil {
				t.Fatalf("%+v: %v", terms, err)
			}
			var back schedule.Terms
			if err := json.Unmarshal(text, &back); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if terms.BusinessCalendar = (civil.Calendar{}); !reflect.DeepEqual(back, terms) {
				t.Fatalf("got %s, read back as\n%+v\nwant %+v", text, back, terms)
			}
		}
	}
}

func BenchmarkTermsJSON(b *testing.B) {
	terms := loans.Readme().Defaults()
	text, err := json.Marshal(terms)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("marshal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(terms); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var back schedule.Terms
			if err := json.Unmarshal(text, &back); err != nil {
				b.Fatal(err)
			}
		}
	})
}
