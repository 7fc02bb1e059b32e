package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"sofipo/api/seedform"
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/view"
	"sofipo/web"
)

// operation declares an operation of the API.
type operation struct {
	method, path string // the path as the OpenAPI document writes it
	id           string // operationId, the seed's where it had the operation
	tag, summary string
	about        string            // description in the documents
	permission   access.Permission // empty: no token is needed; write sets it to the permission of the command
	seed         bool              // the seed has it: unknown names in a request are ignored, except misleading ones
	unbounded    bool              // a plain operation that takes no slot of the gate: it is cheap, or has its own bounds
	public       bool              // needs no token if Options.PublicReads is Full
	status       int               // of success
	media        string            // content type of the response; empty: JSON
	formats      []string          // other content types of the response
	dated        bool              // the response has a periodHeader
	drawn        bool              // it writes its own CSV and XLSX
	refusals     []fault.Code      // in addition to those of all similar operations

	// Set by write, read and plain.
	input, answer reflect.Type // answer nil: no body
	binder        *seedform.Binder
	effect        effect
	serve         func(*server) func(*call) error
}

// effect is the kind of access of an operation, which determines its headers.
type effect uint8

const (
	local  effect = iota // uses no stored data
	reads                // reads stored data; accepts a commit token
	lists                // reads a page of a list
	writes               // runs a command; accepts an Idempotency-Key
)

// mounted has the operations of all resources by their position in the documents.
var mounted = map[int][]operation{}

// mount adds the operations of a resource at a position in the documents. The file of
// each resource calls it.
func mount(place int, operations []operation) struct{} {
	if _, taken := mounted[place]; taken {
		panic(fmt.Sprintf("api: two resources have the place %d", place))
	}
	mounted[place] = operations
	return struct{}{}
}

// table returns all operations in the order of the documents.
func table() (all []operation) {
	for _, place := range slices.Sorted(maps.Keys(mounted)) {
		for _, o := range mounted[place] {
			all = append(all, o.tabled())
		}
	}
	return all
}

// setInput sets the type of the input.
func (o *operation) setInput(input reflect.Type) {
	unknown := seedform.Refused
	if o.seed {
		unknown = seedform.Ignored
	}
	o.input, o.binder = input, seedform.New(input, wildcards, []string{keyHeader, tokenHeader}, unknown)
}

// bind reads the request into input, a pointer, and returns the flaws that it found.
func (c *call) bind(input any) ([]fault.Flaw, error) {
	c.input = input
	return c.endpoint.binder.Bind(c.ResponseWriter, c.request, reflect.ValueOf(input).Elem())
}

// jsonAppender is a value that appends its own JSON, in the field order of the seed.
type jsonAppender interface{ AppendJSON([]byte) []byte }

// none is the input of an operation without parameters.
type none struct{}

// writeTime limits the time of a command, so that the response is sent before the write
// time-out of the server.
const writeTime = 30 * time.Second

// write makes an operation that runs a command of the bank. The function makes the command
// from the input.
func write[In any, Out jsonAppender](o operation, command func(*In) bank.Command[Out]) operation {
	o.permission = command(new(In)).Permission()
	return writeFound(o, func(_ context.Context, _ *server, in *In) (bank.Command[Out], error) { return command(in), nil })
}

// writeFound is write for a command that depends on stored data. The permission of the
// operation must be set.
func writeFound[In any, Out jsonAppender](o operation, command func(context.Context, *server, *In) (bank.Command[Out], error)) operation {
	o.answer, o.effect = reflect.TypeFor[Out](), writes
	o.setInput(reflect.TypeFor[In]())
	if o.status == http.StatusNoContent {
		o.answer = nil
	}
	o.serve = func(*server) func(*call) error {
		return func(c *call) error {
			var in In
			flaws, err := c.bind(&in)
			if err != nil {
				return err
			}
			found, err := command(c.request.Context(), c.server, &in)
			if err != nil {
				return cmp.Or(fault.Flaws(flaws).Err(), err)
			}
			return execute(c, &in, flaws, found)
		}
	}
	return o
}

// execute runs or files a command that was made from the input, and answers.
func execute[Out jsonAppender](c *call, in any, flaws []fault.Flaw, command bank.Command[Out]) error {
	o := c.endpoint
	by, flaws := c.by(o.method+" "+o.path, in, flaws)
	ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
	defer cancel()
	if reason, files := filed(in); files {
		return c.file(ctx, by, checked(c, fileRequest(command, reason), flaws))
	}
	receipt, err := bank.Do(ctx, c.server.Bank, by, checked(c, command, flaws))
	if err != nil {
		return c.named(err)
	}
	c.mark(receipt.Token, receipt.Replayed)
	if o.answer == nil {
		c.answer(o.status, nil)
		return nil
	}
	c.answer(o.status, receipt.Answer.AppendJSON(make([]byte, 0, 512)))
	return nil
}

// query reads from the view. It returns the encoded body and, if there is a next page, the id
// of the last element.
type query[In any] func(ctx context.Context, v *view.View, by view.By, in *In) (body []byte, next id.ID, err error)

// read makes an operation that runs a query. Out describes the body of the response.
func read[Out, In any](o operation, ask query[In]) operation {
	o.answer = reflect.TypeFor[Out]()
	o.setInput(reflect.TypeFor[In]())
	if o.effect == local {
		o.effect = reads
	}
	o.serve = func(s *server) func(*call) error {
		return func(c *call) error {
			var in In
			flaws, err := c.bind(&in)
			if err != nil {
				return err
			}
			need, flaws := c.need(flaws)
			if len(flaws) > 0 {
				return fault.Wrong(flaws...)
			}
			if err := c.enter(); err != nil {
				return err
			}
			body, next, err := ask(c.request.Context(), s.View, c.reader(need), &in)
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

// plain makes an operation that writes its own response.
func plain[Out, In any](o operation, serve func(*server, *call, *In) error) operation {
	o.answer = reflect.TypeFor[Out]()
	o.setInput(reflect.TypeFor[In]())
	o.serve = func(s *server) func(*call) error {
		return func(c *call) error {
			var in In
			flaws, err := c.bind(&in)
			if o.effect == reads || o.effect == lists {
				_, flaws = c.need(flaws)
			}
			if err == nil && len(flaws) > 0 {
				err = fault.Wrong(flaws...)
			}
			if err == nil && !o.unbounded {
				err = c.enter()
			}
			if err != nil {
				return err
			}
			return serve(s, c, &in)
		}
	}
	return o
}

// checkedCommand is a command with fields that could not be read. Its check reports
// these flaws together with those that the command finds in the other fields.
type checkedCommand[A any] struct {
	bank.Command[A]
	call  *call
	flaws []fault.Flaw
}

func checked[A any](c *call, command bank.Command[A], flaws []fault.Flaw) bank.Command[A] {
	if len(flaws) == 0 {
		return command
	}
	return checkedCommand[A]{command, c, flaws}
}

// Check always returns an error.
func (c checkedCommand[A]) Check(r bank.Rules) error {
	var refusal *fault.Error
	if errors.As(c.call.named(c.Command.Check(r)), &refusal) {
		return fault.Wrong(c.call.endpoint.binder.Merge(c.flaws, refusal.Flaws)...)
	}
	return fault.Wrong(c.call.endpoint.binder.Merge(c.flaws, nil)...)
}

// named replaces the field names of a command's flaws by those of the input.
func (c *call) named(err error) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) || len(refusal.Flaws) == 0 {
		return err
	}
	renamed := *refusal
	renamed.Flaws = c.endpoint.binder.Rename(refusal.Flaws, c.input)
	return &renamed
}

const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotent-Replayed"
	tokenHeader    = "X-Sofipo-Position"
	requestHeader  = "X-Request-Id" // as net/http spells it
	dateHeader     = "X-Sofipo-Business-Date"
)

// hashedNames replaces renamed paths and fields by their former names before a request
// is hashed, so that idempotency keys used before the renaming still replay.
var hashedNames = strings.NewReplacer("/transactions/{transaction_id}", "/movements/{movement_id}", `"TransactionID":`, `"MovementID":`,
	"/books/manual-entries", "/books/vouchers", "{manual_entry_id}", "{voucher_id}", `"ManualEntryID":`, `"VoucherID":`)

// by returns the actor, the correlation id and the idempotency key of a request. The
// key is bound to the operation and its decoded input, not to the bytes of the body.
func (c *call) by(operation string, input any, flaws []fault.Flaw) (bank.By, []fault.Flaw) {
	by := c.actor()
	keys := c.request.Header[keyHeader]
	if len(keys) == 0 {
		return by, flaws
	}
	if len(keys) > 1 || !visible(keys[0], 255) {
		return by, append(flaws, fault.At(keyHeader, seedform.KeyForm))
	}
	if len(flaws) > 0 {
		return by, flaws
	}
	canonical, err := json.Marshal(input)
	if err != nil {
		panic(err) // cannot happen: an input has only texts, numbers and ids
	}
	hashed := append([]byte(operation+"\n"), canonical...)
	if hashedNames.Replace(operation) != operation {
		hashed = []byte(hashedNames.Replace(string(hashed)))
	}
	by.Key, by.Request = keys[0], sha256.Sum256(hashed)
	return by, flaws
}

// visible reports whether s has 1 to limit visible ASCII characters and no others.
func visible(s string, limit int) bool {
	return s != "" && len(s) <= limit && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// mark sets the headers with the commit token and the replay flag.
func (c *call) mark(token uint64, replayed bool) {
	if token != 0 {
		c.Header().Set(tokenHeader, strconv.FormatUint(token, 10))
	}
	if replayed {
		c.Header().Set(replayedHeader, "true")
	}
}

// need returns the commit token that the response must include.
func (c *call) need(flaws []fault.Flaw) (uint64, []fault.Flaw) {
	given := c.request.Header[tokenHeader]
	if len(given) == 0 {
		return 0, flaws
	}
	token, err := strconv.ParseUint(given[0], 10, 64)
	if err != nil || len(given) > 1 {
		flaws = append(flaws, fault.At(tokenHeader, seedform.TokenForm))
	}
	return token, flaws
}

// reader returns the reader of a request, with the commit token that it needs.
func (c *call) reader(need uint64) view.By {
	return view.By{Who: c.who, Open: c.endpoint.public && c.server.PublicReads == Full, Need: need}
}

// viewer returns the reader of a request whose input has already been read.
func (c *call) viewer() (by view.By, err error) {
	need, flaws := c.need(nil)
	if len(flaws) > 0 {
		err = fault.Wrong(flaws...)
	}
	return c.reader(need), err
}

// linkNext sets the Link header if there is a next page.
func (c *call) linkNext(next id.ID) {
	if !next.IsZero() {
		c.Header().Set("Link", web.NextPage(c.request.URL, next))
	}
}
