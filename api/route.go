package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/view"
)

// operation is one line of the table: all there is to know of a request.
type operation struct {
	method, path string // the path as the OpenAPI document writes it
	id           string // operationId, the seed's where it had the operation
	tag, summary string
	about        string            // more, for the document
	permission   access.Permission // empty: nobody is asked who he is
	public       bool              // needs no token while reads are public
	status       int               // of success
	media        string            // content type of the answer, if it is no JSON
	refusals     []fault.Code      // besides those that follow from the rest

	// Set by write, read and plain.
	input, answer reflect.Type // answer nil: no body
	effect        effect
	serve         func(*server) func(*call) error
}

// effect is what an operation does, which decides its headers.
type effect uint8

const (
	tells   effect = iota // answers from this process
	reads                 // answers a question; may be asked to know of a position
	pages                 // reads, a page at a time
	changes               // carries a command out; may carry an Idempotency-Key
)

// table is every operation.
func table() []operation {
	return slices.Concat(tokenOperations, clientOperations, loanOperations, quoteOperations, productOperations, paymentOperations, statementOperations, paperOperations, booksOperations, dayOperations, reportOperations, eventOperations, systemOperations)
}

// jsoner is an answer that writes itself as the seed did.
type jsoner interface{ AppendJSON([]byte) []byte }

// none is the answer of an operation that has no body, and the input of one that needs nothing.
type none struct{}

// writeTime bounds a command; its answer must leave before the connection is closed.
const writeTime = 30 * time.Second

// write makes an operation of a command of the bank, which the function makes of the input.
func write[In any, Out jsoner](o operation, command func(*In) bank.Command[Out]) operation {
	o.input, o.answer, o.effect = reflect.TypeFor[In](), reflect.TypeFor[Out](), changes
	if o.status == http.StatusNoContent {
		o.answer = nil
	}
	b := newBinder(o.input)
	o.serve = func(s *server) func(*call) error {
		return func(c *call) error {
			var in In
			faults, err := b.bind(c, reflect.ValueOf(&in).Elem())
			if err != nil {
				return err
			}
			by, faults := c.by(o.method+" "+o.path, &in, faults)
			ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
			defer cancel()
			receipt, err := bank.Do(ctx, s.Bank, by, checked(command(&in), b, faults))
			if err != nil {
				return err
			}
			c.mark(receipt.Position, receipt.Replayed)
			if o.answer == nil {
				c.answer(o.status, nil)
				return nil
			}
			c.answer(o.status, receipt.Answer.AppendJSON(make([]byte, 0, 512)))
			return nil
		}
	}
	return o
}

// question is an input's answer by the view, and the id after which the next page begins.
type question[In any] func(ctx context.Context, v *view.View, in *In, need uint64) (body []byte, next id.ID, err error)

// read makes an operation of a question. Out is the form of its answer.
func read[Out, In any](o operation, ask question[In]) operation {
	o.input, o.answer = reflect.TypeFor[In](), reflect.TypeFor[Out]()
	if o.effect == tells {
		o.effect = reads
	}
	b := newBinder(o.input)
	o.serve = func(s *server) func(*call) error {
		return func(c *call) error {
			var in In
			faults, err := b.bind(c, reflect.ValueOf(&in).Elem())
			if err != nil {
				return err
			}
			need, faults := c.need(faults)
			if len(faults) > 0 {
				return fault.InFields(faults)
			}
			body, next, err := ask(c.request.Context(), s.View, &in, need)
			if err != nil {
				return err
			}
			c.linkNext(next)
			c.answer(o.status, body)
			return nil
		}
	}
	return o
}

// plain makes an operation that writes its own answer: it may ask the view for more
// than a body.
func plain[Out, In any](o operation, serve func(*server, *call, *In) error) operation {
	o.input, o.answer = reflect.TypeFor[In](), reflect.TypeFor[Out]()
	b := newBinder(o.input)
	o.serve = func(s *server) func(*call) error {
		return func(c *call) error {
			var in In
			faults, err := b.bind(c, reflect.ValueOf(&in).Elem())
			if err == nil && len(faults) > 0 {
				err = fault.InFields(faults)
			}
			if err != nil {
				return err
			}
			return serve(s, c, &in)
		}
	}
	return o
}

// checkedCommand is a command of which some fields could not be read. Its check
// tells these faults and those that the command finds in the other fields.
type checkedCommand[A any] struct {
	bank.Command[A]
	binder *binder
	faults []fault.Field
}

func checked[A any](c bank.Command[A], b *binder, faults []fault.Field) bank.Command[A] {
	if len(faults) == 0 {
		return c
	}
	return checkedCommand[A]{c, b, faults}
}

// Check always refuses.
func (c checkedCommand[A]) Check(r bank.Rules) error {
	var found *fault.Error
	if errors.As(c.Command.Check(r), &found) && !c.wholeBody() {
		for _, f := range fieldsOf(found, http.MethodPost) {
			if !slices.ContainsFunc(c.faults, func(g fault.Field) bool { return within(f.Loc, g.Loc) || within(g.Loc, f.Loc) }) {
				c.faults = append(c.faults, f)
			}
		}
	}
	slices.SortStableFunc(c.faults, func(f, g fault.Field) int { return c.binder.rank(f) - c.binder.rank(g) })
	return fault.InFields(c.faults)
}

// within tells whether a place is another, or lies in it.
func within(place, other []any) bool {
	return len(place) >= len(other) && slices.Equal(place[:len(other)], other)
}

// wholeBody tells whether nothing of the body could be read.
func (c checkedCommand[A]) wholeBody() bool {
	return slices.ContainsFunc(c.faults, func(f fault.Field) bool {
		if f.Loc[0] != "body" {
			return false
		}
		if len(f.Loc) == 1 {
			return true
		}
		_, position := f.Loc[1].(int)
		return position
	})
}

// rank is the place of a fault among the others: the address first, then the headers, then the body's fields in order.
func (b *binder) rank(f fault.Field) int {
	switch f.Loc[0] {
	case "path", "query":
		return 0
	case "header":
		return 1
	}
	if b.body == nil {
		return 2
	}
	return 2 + slices.IndexFunc(b.body.fields, func(g field) bool { return len(f.Loc) > 1 && f.Loc[1] == g.name })
}

const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotent-Replayed"
	positionHeader = "X-Sofipo-Position"
	requestHeader  = "X-Request-Id" // as net/http spells it
)

// by says who asks. The key of a request stands for the operation and its
// input, not for the bytes that carried it.
func (c *call) by(operation string, input any, faults []fault.Field) (bank.By, []fault.Field) {
	by := bank.By{Actor: c.user, CorrelationID: c.correlation}
	keys := c.request.Header[keyHeader]
	if len(keys) == 0 {
		return by, faults
	}
	if len(keys) > 1 || !visible(keys[0], 255) {
		return by, append(faults, inHeader(keyHeader, "use 1 to 255 visible ASCII characters"))
	}
	if len(faults) > 0 {
		return by, faults
	}
	canonical, err := json.Marshal(input)
	if err != nil {
		panic(err) // an input holds texts, numbers and ids
	}
	by.Key, by.Request = keys[0], sha256.Sum256(append([]byte(operation+"\n"), canonical...))
	return by, faults
}

func inHeader(name, message string) fault.Field {
	return fault.Field{Loc: []any{"header", name}, Message: message, Type: "value_error.header"}
}

// visible tells a text of 1 to most visible ASCII characters.
func visible(s string, most int) bool {
	return s != "" && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// mark says where the commit stands and whether the answer is a repeated one.
func (c *call) mark(position uint64, replayed bool) {
	if position != 0 {
		c.Header().Set(positionHeader, strconv.FormatUint(position, 10))
	}
	if replayed {
		c.Header().Set(replayedHeader, "true")
	}
}

// need is the position that the answer must know of.
func (c *call) need(faults []fault.Field) (uint64, []fault.Field) {
	given := c.request.Header[positionHeader]
	if len(given) == 0 {
		return 0, faults
	}
	position, err := strconv.ParseUint(given[0], 10, 64)
	if err != nil || len(given) > 1 {
		faults = append(faults, inHeader(positionHeader, "use the number of an earlier answer's "+positionHeader))
	}
	return position, faults
}

// position is need of a request of which all else was read already.
func (c *call) position() (need uint64, err error) {
	need, faults := c.need(nil)
	if len(faults) > 0 {
		err = fault.InFields(faults)
	}
	return need, err
}

// linkNext names the next page, when there is one.
func (c *call) linkNext(next id.ID) {
	if next.IsZero() {
		return
	}
	query := c.request.URL.Query()
	query.Del("skip")
	query.Set("after", next.String())
	c.Header().Set("Link", "<"+c.request.URL.EscapedPath()+"?"+query.Encode()+`>; rel="next"`)
}
