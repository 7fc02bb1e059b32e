// Package fault holds the one error type of the system: a code, the fields at fault
// with the rules that they break, and values. It has no sentences and no words of a
// protocol: nouns declare the texts beside their rules, the package text renders them,
// and doors add the status and the place of a field in a request.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sofipo/core/lang"
)

// Code names a kind of refusal. Its declaration has its class and its text.
type Code string

// The codes that all nouns share. Each noun declares its own.
const (
	Invalid           Code = "invalid"            // parts of the request are wrong; Flaws say which
	IdempotencyReused Code = "idempotency_reused" // the key was used for another request
	TooLarge          Code = "too_large"          // the body is over the limit
	Unavailable       Code = "unavailable"        // a service needed is down; nothing is known to be lost
)

// Error is a refusal: a code, the flaws of the request and values, without sentences.
// The package text says it to people.
type Error struct {
	Code   Code
	Rule   Rule           // if the code has several texts, the one that says why
	Flaws  []Flaw         // for Invalid
	Values map[string]any // parameters of the text; the caller sees them too
	Cause  error          // for the log, and for the text of a rule that names {cause}
}

// Error is the code with its fields and values, for logs.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	if e.Rule != "" {
		b.WriteString(": " + string(e.Rule))
	}
	for _, f := range e.Flaws {
		fmt.Fprintf(&b, "; %s: %s", f.Name(), f.Rule)
		appendValues(&b, f.Values)
	}
	appendValues(&b, e.Values)
	return b.String()
}

func appendValues(b *strings.Builder, values map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(b, " %s=%v", name, values[name])
	}
}

// Class is the kind of a refusal. A door gives each class one status.
type Class uint8

// The classes.
const (
	ClassInvalid         Class = iota // a part of the request is wrong
	ClassNotFound                     // what the request names does not exist
	ClassRefused                      // a rule of the business refuses the operation, as the seed words it
	ClassConflict                     // the state of something refuses the operation
	ClassDenied                       // the person may not do it
	ClassUnauthenticated              // nobody known asks
	ClassTooLarge                     // the request is too large
	ClassUnavailable                  // a service needed is down; nothing is known to be lost
)

// Declaration declares a code beside the rules that use it.
type Declaration struct {
	Code  Code
	Class Class
	Text  lang.Text // parameters are the Values of the error
}

// Rule names what is wrong with a field. Each noun declares its rules with their
// texts in a lang.Texts.
type Rule string

// Flaw is one part of a request that breaks a rule.
type Flaw struct {
	Path   []any // names, and positions in lists: "lines", 3, "account"
	Rule   Rule
	Values map[string]any // parameters of the rule's text
}

// Name is the path with dots: "lines.3.account".
func (f Flaw) Name() string {
	parts := make([]string, len(f.Path))
	for i, p := range f.Path {
		parts[i] = fmt.Sprint(p)
	}
	return strings.Join(parts, ".")
}

// At makes a flaw of a field, whose path is written with dots; values are names and
// values in turn. The empty path is the whole of what In puts the flaw into.
func At(path string, rule Rule, values ...any) Flaw {
	f := Flaw{Rule: rule, Values: pairs(values)}
	if path == "" {
		return f
	}
	for name := range strings.SplitSeq(path, ".") {
		f.Path = append(f.Path, name)
	}
	return f
}

// In is the flaw of a part of something, which lies at the place: names, and
// positions in lists.
func (f Flaw) In(place ...any) Flaw {
	f.Path = append(place, f.Path...)
	return f
}

// Flaws gathers what is wrong with a request.
type Flaws []Flaw

// Add notes a flaw.
func (f *Flaws) Add(flaw Flaw) { *f = append(*f, flaw) }

// Unless notes that a field breaks a rule without parameters, unless it is kept.
func (f *Flaws) Unless(kept bool, path string, rule Rule) {
	if !kept {
		f.Add(At(path, rule))
	}
}

// Has reports whether the field has a flaw already.
func (f Flaws) Has(path string) bool {
	return slices.ContainsFunc(f, func(old Flaw) bool { return old.Name() == path })
}

// Err is the refusal of the request, nil without flaws.
func (f Flaws) Err() error {
	if len(f) == 0 {
		return nil
	}
	return Wrong(f...)
}

// Within notes that a value is not from the least to the most.
func Within[T ~int | ~int64](f *Flaws, value, least, most T, path string) {
	if value < least || value > most {
		f.Add(At(path, Between, "least", least, "most", most))
	}
}

// Among notes that a value is none of those accepted.
func Among[T comparable](f *Flaws, value T, path string, accepted ...T) {
	if !slices.Contains(accepted, value) {
		f.Add(At(path, OneOf, "accepted", accepted))
	}
}

// Wrong makes the refusal of a request with flaws.
func Wrong(flaws ...Flaw) *Error { return &Error{Code: Invalid, Flaws: flaws} }

// Refuse makes a refusal; values are names and values in turn.
func Refuse(code Code, values ...any) *Error { return &Error{Code: code, Values: pairs(values)} }

func pairs(values []any) map[string]any {
	if len(values) == 0 {
		return nil
	}
	m := make(map[string]any, len(values)/2)
	for i := 0; i < len(values); i += 2 {
		m[values[i].(string)] = values[i+1]
	}
	return m
}

// Unwrap gives the cause. One that is no refusal is never shown to a caller.
func (e *Error) Unwrap() error { return e.Cause }

// With adds a value that helps the caller, such as the balance that would be accepted.
func (e *Error) With(name string, value any) *Error {
	if e.Values == nil {
		e.Values = map[string]any{}
	}
	e.Values[name] = value
	return e
}

// Because names the rule that refuses it, whose text is more exact than the code's.
// A parameter {cause} of that text stands for the title of the refusal in Cause.
func (e *Error) Because(rule Rule) *Error {
	e.Rule = rule
	return e
}

// Is reports whether the error is a refusal with the code.
func Is(err error, code Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
