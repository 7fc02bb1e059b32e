package seedform

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestFlaws has documents and what Python 3.11's json.loads says of them.
func TestFlaws(t *testing.T) {
	for doc, want := range map[string]string{
		``:                         "Expecting value: line 1 column 1 (char 0)",
		`{"full_name": `:           "Expecting value: line 1 column 15 (char 14)",
		`{`:                        "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
		`{"a": 1,}`:                "Expecting property name enclosed in double quotes: line 1 column 9 (char 8)",
		`{'a': 1}`:                 "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
		`{"a" 1}`:                  "Expecting ':' delimiter: line 1 column 6 (char 5)",
		`{"a": 1 "b": 2}`:          "Expecting ',' delimiter: line 1 column 9 (char 8)",
		`[1,]`:                     "Expecting value: line 1 column 4 (char 3)",
		`[1 2]`:                    "Expecting ',' delimiter: line 1 column 4 (char 3)",
		`{"a": 1} x`:               "Extra data: line 1 column 10 (char 9)",
		`{"a": 01}`:                "Expecting ',' delimiter: line 1 column 8 (char 7)",
		`{"a": 1.}`:                "Expecting ',' delimiter: line 1 column 8 (char 7)",
		`{"a": -}`:                 "Expecting value: line 1 column 7 (char 6)",
		`{"a": tru}`:               "Expecting value: line 1 column 7 (char 6)",
		`{"a": "ñ`:                 "Unterminated string starting at: line 1 column 7 (char 6)",
		`{"a": "x\`:                "Unterminated string starting at: line 1 column 7 (char 6)",
		"{\n\"ñá\": \"x\ty\"}":     "Invalid control character at: line 2 column 9 (char 10)",
		`{"a": "\x"}`:              `Invalid \escape: line 1 column 8 (char 7)`,
		`{"a": "\u12"}`:            `Invalid \uXXXX escape: line 1 column 9 (char 8)`,
		"{\"a\":\n\n 1,\n \"b\" }": "Expecting ':' delimiter: line 4 column 6 (char 16)",
		"{\"a\": 1}\x00":           "Extra data: line 1 column 9 (char 8)",
	} {
		_, stray := parse(doc, 0)
		if stray == nil {
			t.Errorf("%q was accepted as JSON, want an error", doc)
			continue
		}
		if got := reported(*stray.flaw(doc)).Msg; got != want {
			t.Errorf("%q: got %s, want %s", doc, got, want)
		}
	}
}

func TestParseKeepsDigitsAndTheLastOfTwo(t *testing.T) {
	value, stray := parse(`{"a": 1, "n": 1234567890123456789.10, "s": "\u00d1\ud83d\ude00\n", "x": {"a": [9]}, "a": "2", "t": true}`, 0)
	if stray != nil {
		t.Fatalf("got %v, want no error", stray)
	}
	for name, want := range map[string]node{
		"a": {kind: str, text: "2"}, "n": {kind: number, text: "1234567890123456789.10"},
		"s": {kind: str, text: "Ñ😀\n"}, "t": {kind: boolean, text: "True"}, "missing": {},
	} {
		if got := value.member(name); got.kind != want.kind || got.text != want.text {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

func TestDeepNestingIsRefused(t *testing.T) {
	for _, doc := range []string{strings.Repeat("[", 500_000), strings.Repeat(`{"a":`, 100_000), strings.Repeat("[", maxDepth+2) + strings.Repeat("]", maxDepth+2)} {
		if _, stray := parse(doc, 0); stray == nil || stray.message != "Nested too deeply" {
			t.Errorf("%.20q…: got %v, want the error Nested too deeply", doc, stray)
		}
	}
	if _, stray := parse(strings.Repeat("[", maxDepth)+strings.Repeat("]", maxDepth), 0); stray != nil {
		t.Errorf("got %v, want no error", stray)
	}
}

// FuzzParse: what encoding/json accepts is accepted, with the same text, and no input panics.
func FuzzParse(f *testing.F) {
	for _, doc := range []string{`{"a": 1.50, "b": ["x", null]}`, `"\ud800"`, `[NaN, -Infinity]`, `{"a":"\u00e9\ud83d\ude00"}`, "\"\\u12"} {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		if !utf8.ValidString(doc) {
			return
		}
		value, stray := parse(doc, 0)
		if stray != nil {
			_ = stray.flaw(doc)
			if json.Valid([]byte(doc)) && stray.message != "Nested too deeply" {
				t.Fatalf("%q: got %s, want valid JSON accepted", doc, stray.message)
			}
			return
		}
		var want any
		if value.kind == str && json.Unmarshal([]byte(doc), &want) == nil && utf8.ValidString(value.text) && want != value.text {
			t.Fatalf("%q: got %q, want %q", doc, value.text, want)
		}
	})
}
