package seedform

import (
	"strings"
	"unicode/utf8"

	"sofipo/core/fault"
)

// maxDepth is the maximum nesting of a body. Inputs need only a few levels.
const maxDepth = 200

// kind is the type of a JSON value.
type kind uint8

const (
	absent kind = iota
	null
	boolean
	number // also NaN, Infinity and -Infinity, which Python's reader takes
	str
	list
	object
)

// node is a JSON value. Numbers keep their digits, so that amounts are never floats.
// Values below the nesting level of the input are skipped.
type node struct {
	kind    kind
	text    string   // of a text; the digits of a number; True or False
	filled  bool     // of a list: it has elements
	members []member // of an object; of a list its elements, without names
}

// emptyInSeed reports whether the seed treated the value as an empty object.
func (n node) emptyInSeed() bool {
	return n.kind == list && !n.filled || n.kind == str && n.text == ""
}

type member struct {
	name  string
	value node
}

// member returns a member of an object by name. If there are several, the last one counts.
func (n node) member(name string) node {
	for i := len(n.members) - 1; i >= 0; i-- {
		if n.members[i].name == name {
			return n.members[i].value
		}
	}
	return node{}
}

// syntaxError is a syntax error in a document, with the message of Python's json module.
type syntaxError struct {
	message string
	at      int // byte offset
}

// flaw returns the flaw of the body, with its position in characters.
func (s syntaxError) flaw(doc string) *fault.Flaw {
	before := doc[:s.at]
	at := utf8.RuneCountInString(before)
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	out := broken(JSON, "msg", s.message, "doc", excerpt(doc), "pos", at, "lineno", line, "colno", column)
	out.Path = []any{at}
	return out
}

// excerpt returns the beginning of a document.
func excerpt(doc string) string {
	const limit = 4096
	if len(doc) <= limit {
		return doc
	}
	return strings.ToValidUTF8(doc[:limit], "")
}

// parse parses a document in valid UTF-8. It keeps values down to a nesting depth.
func parse(doc string, depth int) (node, *syntaxError) {
	s := &scanner{doc: doc, keep: depth}
	s.space()
	value, err := s.value(0)
	if err != nil {
		return node{}, err
	}
	if s.space(); s.at < len(doc) {
		return node{}, s.stop("Extra data", s.at)
	}
	return value, nil
}

// scanner reads JSON as Python's json module does, so that errors have the same position
// and message.
type scanner struct {
	doc  string
	at   int
	keep int // deepest level of objects and lists to keep
}

func (*scanner) stop(message string, at int) *syntaxError { return &syntaxError{message, at} }

func (s *scanner) space() {
	for s.at < len(s.doc) {
		switch s.doc[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// next returns the current byte, or 0 at the end. A NUL in the document is a syntax error
// like any other unexpected byte.
func (s *scanner) next() byte {
	if s.at < len(s.doc) {
		return s.doc[s.at]
	}
	return 0
}

// literals are the values that are keywords.
var literals = []struct {
	word  string
	value node
}{
	{"null", node{kind: null}},
	{"true", node{kind: boolean, text: "True"}},
	{"false", node{kind: boolean, text: "False"}},
	{"NaN", node{kind: number, text: "NaN"}},
	{"Infinity", node{kind: number, text: "Infinity"}},
	{"-Infinity", node{kind: number, text: "-Infinity"}},
}

func (s *scanner) value(depth int) (node, *syntaxError) {
	if depth > maxDepth {
		return node{}, s.stop("Nested too deeply", s.at)
	}
	switch s.next() {
	case '"':
		content, err := s.text()
		return node{kind: str, text: content}, err
	case '{':
		return s.object(depth)
	case '[':
		return s.list(depth)
	}
	for _, l := range literals {
		if strings.HasPrefix(s.doc[s.at:], l.word) {
			s.at += len(l.word)
			return l.value, nil
		}
	}
	if digits := numeral(s.doc[s.at:]); digits != "" {
		s.at += len(digits)
		return node{kind: number, text: digits}, nil
	}
	return node{}, s.stop("Expecting value", s.at)
}

// numeral returns the number at the beginning of a text, or an empty text.
func numeral(doc string) string {
	end := 0
	if strings.HasPrefix(doc, "-") {
		end = 1
	}
	whole := end + digits(doc[end:])
	if whole == end {
		return ""
	}
	if doc[end] == '0' {
		whole = end + 1
	}
	end = whole
	if end < len(doc) && doc[end] == '.' {
		if n := digits(doc[end+1:]); n > 0 {
			end += 1 + n
		}
	}
	if end < len(doc) && (doc[end] == 'e' || doc[end] == 'E') {
		power := end + 1
		if power < len(doc) && (doc[power] == '+' || doc[power] == '-') {
			power++
		}
		if n := digits(doc[power:]); n > 0 {
			end = power + n
		}
	}
	return doc[:end]
}

// digits counts the digits at the beginning of a text.
func digits(s string) (n int) {
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

func (s *scanner) list(depth int) (node, *syntaxError) {
	s.at++
	out := node{kind: list}
	if s.space(); s.next() == ']' {
		s.at++
		return out, nil
	}
	out.filled = true
	for {
		element, err := s.value(depth + 1)
		if err != nil {
			return node{}, err
		}
		if depth <= s.keep && depth > 0 {
			out.members = append(out.members, member{value: element})
		}
		if s.space(); s.next() == ']' {
			s.at++
			return out, nil
		}
		if s.next() != ',' {
			return node{}, s.stop("Expecting ',' delimiter", s.at)
		}
		s.at++
		s.space()
	}
}

func (s *scanner) object(depth int) (node, *syntaxError) {
	s.at++
	out := node{kind: object}
	if s.space(); s.next() == '}' {
		s.at++
		return out, nil
	}
	for {
		m, err := s.member(depth)
		if err != nil {
			return node{}, err
		}
		if depth <= s.keep {
			out.members = append(out.members, m)
		}
		if s.space(); s.next() == '}' {
			s.at++
			return out, nil
		}
		if s.next() != ',' {
			return node{}, s.stop("Expecting ',' delimiter", s.at)
		}
		s.at++
		s.space()
	}
}

func (s *scanner) member(depth int) (m member, err *syntaxError) {
	if s.next() != '"' {
		return m, s.stop("Expecting property name enclosed in double quotes", s.at)
	}
	if m.name, err = s.text(); err != nil {
		return m, err
	}
	if s.space(); s.next() != ':' {
		return m, s.stop("Expecting ':' delimiter", s.at)
	}
	s.at++
	s.space()
	m.value, err = s.value(depth + 1)
	return m, err
}

// text reads a string, including its quotes.
func (s *scanner) text() (string, *syntaxError) {
	opening := s.at
	s.at++
	begin := s.at
	var out []byte // once something was escaped
	for s.at < len(s.doc) {
		switch c := s.doc[s.at]; {
		case c == '"':
			chunk := s.doc[begin:s.at]
			s.at++
			if out == nil {
				return chunk, nil
			}
			return string(append(out, chunk...)), nil
		case c == '\\':
			out = append(out, s.doc[begin:s.at]...)
			r, err := s.escape(opening)
			if err != nil {
				return "", err
			}
			out = appendRune(out, r)
			begin = s.at
		case c < 0x20:
			return "", s.stop("Invalid control character at", s.at)
		default:
			s.at++
		}
	}
	return "", s.stop("Unterminated string starting at", opening)
}

const plainEscapes = "\"\\/bfnrt"

// escape reads an escape sequence: one character, or an unpaired surrogate.
func (s *scanner) escape(opening int) (rune, *syntaxError) {
	s.at++
	if s.at >= len(s.doc) {
		return 0, s.stop("Unterminated string starting at", opening)
	}
	if i := strings.IndexByte(plainEscapes, s.doc[s.at]); i >= 0 {
		s.at++
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	if s.doc[s.at] != 'u' {
		return 0, s.stop("Invalid \\escape", s.at-1)
	}
	high, ok := hex4(s.doc[s.at+1:])
	if !ok || s.at+5 == len(s.doc) {
		return 0, s.stop("Invalid \\uXXXX escape", s.at)
	}
	s.at += 5
	if 0xd800 <= high && high < 0xdc00 && s.at+6 < len(s.doc) && strings.HasPrefix(s.doc[s.at:], `\u`) {
		if low, ok := hex4(s.doc[s.at+2:]); ok && 0xdc00 <= low && low < 0xe000 {
			s.at += 6
			return (high-0xd800)<<10 + (low - 0xdc00) + 0x10000, nil
		}
	}
	return high, nil
}

// hex4 reads four hexadecimal digits.
func hex4(s string) (r rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for i := range 4 {
		c := rune(s[i])
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | c
	}
	return r, true
}

// appendRune appends a character as UTF-8. An unpaired surrogate becomes invalid UTF-8,
// which the rules of all texts refuse.
func appendRune(b []byte, r rune) []byte {
	if 0xd800 <= r && r < 0xe000 {
		return append(b, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(b, r)
}
