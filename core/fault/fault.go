// Package fault has the error type for refusals, the errors that a caller can correct.
// A refusal is an Error with a Code, such as over_payment. A refusal of invalid input
// has the code Invalid and a list of Flaws: a field, the Rule that it breaks, and values
// such as the accepted limits.
//
// An Error has no sentences and no HTTP status. Each noun declares its codes and rules
// with their texts in English and Spanish, package text renders them, and the API adds
// the status and the location of a field in the request.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sofipo/core/lang"
)

// Code is the kind of a refusal. Its Declaration has its class and its text.
type Code string

// The codes that all nouns share. Each noun declares its own codes as well.
const (
	Invalid           Code = "invalid"            // the request is invalid; Flaws has the fields
	IdempotencyReused Code = "idempotency_reused" // the idempotency key was used for another request
	TooLarge          Code = "too_large"          // the body exceeds the limit
	Unavailable       Code = "unavailable"        // a required service is down
)

// Error is a refusal: a code, the flaws of the request and values. Package text has its
// sentences.
type Error struct {
	Code   Code
	Rule   Rule           // more exact reason, if the code has several
	Flaws  []Flaw         // fields at fault, for Invalid
	Values map[string]any // parameters of the text; also sent to the caller
	Cause  error          // for the log, and for texts with {cause}
}

// Error returns the code with its fields and values, for logs.
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

// Class is a group of codes. The API gives each class one HTTP status.
type Class uint8

// The classes.
const (
	ClassInvalid         Class = iota // a field of the request is invalid
	ClassNotFound                     // the requested object does not exist
	ClassRefused                      // a business rule refuses the operation (400 in the seed)
	ClassConflict                     // the state of an object does not allow the operation
	ClassDenied                       // the user lacks the permission
	ClassUnauthenticated              // the user is not authenticated
	ClassLimited                      // the caller must wait before the next try
	ClassTooLarge                     // the request is too large
	ClassUnavailable                  // a required service is down
)

// Declaration declares a code with its class and its text.
type Declaration struct {
	Code  Code
	Class Class
	Text  lang.Text // its parameters are the Values of the error
}

// Rule is a requirement that a field or an operation breaks. Each noun declares its
// rules with their texts in a lang.Texts.
type Rule string

// Field is the name of a field in requests. Nouns declare a text for those that Spanish sentences
// name.
type Field string

// Flaw is a field of a request that breaks a rule.
type Flaw struct {
	Path   []any // names and list indexes: "lines", 3, "account"
	Rule   Rule
	Values map[string]any // parameters of the rule's text
}

// Name returns the path with dots: "lines.3.account".
func (f Flaw) Name() string {
	parts := make([]string, len(f.Path))
	for i, p := range f.Path {
		parts[i] = fmt.Sprint(p)
	}
	return strings.Join(parts, ".")
}

// At returns the flaw of a field. The path has dots between its names; values are
// alternating names and values. An empty path means the whole element that In adds.
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

// In returns the flaw with the place, names and list indexes, before its path.
func (f Flaw) In(place ...any) Flaw {
	f.Path = append(place, f.Path...)
	return f
}

// Flaws collects the flaws of a request.
type Flaws []Flaw

// Add adds a flaw.
func (f *Flaws) Add(flaw Flaw) { *f = append(*f, flaw) }

// Unless adds the flaw of a field that breaks a rule without parameters, unless kept.
func (f *Flaws) Unless(kept bool, path string, rule Rule) {
	if !kept {
		f.Add(At(path, rule))
	}
}

// AddNew adds the flaws of fields that have no flaw yet.
func (f *Flaws) AddNew(more ...Flaw) {
	for _, flaw := range more {
		if !f.Has(flaw.Name()) {
			f.Add(flaw)
		}
	}
}

// Has reports whether the field has a flaw already.
func (f Flaws) Has(path string) bool {
	return slices.ContainsFunc(f, func(old Flaw) bool { return old.Name() == path })
}

// Err returns the refusal of the request, nil without flaws.
func (f Flaws) Err() error {
	if len(f) == 0 {
		return nil
	}
	return Wrong(f...)
}

// Within adds a flaw if a value is not between least and most, inclusive.
func Within[T ~int | ~int64](f *Flaws, value, least, most T, path string) {
	if value < least || value > most {
		f.Add(At(path, Between, "least", least, "most", most))
	}
}

// Among adds a flaw if a value is not one of the accepted values.
func Among[T comparable](f *Flaws, value T, path string, accepted ...T) {
	if !slices.Contains(accepted, value) {
		f.Add(At(path, OneOf, "accepted", accepted))
	}
}

// Wrong returns the refusal of a request with flaws.
func Wrong(flaws ...Flaw) *Error { return &Error{Code: Invalid, Flaws: flaws} }

// Refuse returns a refusal with a code; values are alternating names and values.
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

// Unwrap returns the cause. A cause that is not a refusal is never shown to a caller.
func (e *Error) Unwrap() error { return e.Cause }

// With adds a value for the caller, such as the amount that would be accepted.
func (e *Error) With(name string, value any) *Error {
	if e.Values == nil {
		e.Values = map[string]any{}
	}
	e.Values[name] = value
	return e
}

// Because sets the rule that the operation breaks. Its text is more exact than the text
// of the code. The parameter {cause} is the title of the refusal in Cause.
func (e *Error) Because(rule Rule) *Error {
	e.Rule = rule
	return e
}

// Is reports whether the error is a refusal with the code.
func Is(err error, code Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
