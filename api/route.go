package api

import (
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

// operation is one line of the table: all there is to know of a request.
type operation struct {
	method, path string // the path as the OpenAPI document writes it
	id           string // operationId, the seed's where it had the operation
	tag, summary string
	about        string            // more, for the document
	permission   access.Permission // empty: nobody is asked who they are; set by write to that of the command
	public       bool              // needs no token while reads are public
	status       int               // of success
	media        string            // content type of the answer, if it is no JSON
	refusals     []fault.Code      // besides those that follow from the rest

	// Set by write, read and plain.
	input, answer reflect.Type // answer nil: no body
	binder        *seedform.Binder
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

// mounted are the operations of all resources, by their place in the documentation.
var mounted = map[int][]operation{}

// mount adds the operations of a resource at a place in the documentation. Each
// resource's file calls it.
func mount(place int, operations []operation) struct{} {
	if _, taken := mounted[place]; taken {
		panic(fmt.Sprintf("api: two resources have the place %d", place))
	}
	mounted[place] = operations
	return struct{}{}
}

// table is every operation.
func table() (all []operation) {
	for _, place := range slices.Sorted(maps.Keys(mounted)) {
		all = append(all, mounted[place]...)
	}
	return all
}

// takes sets the type of the input.
func (o *operation) takes(input reflect.Type) {
	o.input, o.binder = input, seedform.New(input, wildcards, []string{keyHeader, tokenHeader})
}

// bind fills the input of a request, a pointer, and gives the flaws that it found.
func (c *call) bind(input any) ([]fault.Flaw, error) {
	c.input = input
	return c.endpoint.binder.Bind(c.ResponseWriter, c.request, reflect.ValueOf(input).Elem())
}

// jsoner is an answer that writes itself as the seed did.
type jsoner interface{ AppendJSON([]byte) []byte }

// none is the answer of an operation that has no body, and the input of one that needs nothing.
type none struct{}

// writeTime bounds a command; its answer must leave before the connection is closed.
const writeTime = 30 * time.Second

// write makes an operation of a command of the bank, which the function makes of the input.
func write[In any, Out jsoner](o operation, command func(*In) bank.Command[Out]) operation {
	o.answer, o.effect, o.permission = reflect.TypeFor[Out](), changes, command(new(In)).Permission()
	o.takes(reflect.TypeFor[In]())
	if o.status == http.StatusNoContent {
		o.answer = nil
	}
	name := o.method + " " + o.path
	o.serve = func(s *server) func(*call) error {
		return func(c *call) error {
			var in In
			flaws, err := c.bind(&in)
			if err != nil {
				return err
			}
			by, flaws := c.by(name, &in, flaws)
			ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
			defer cancel()
			receipt, err := bank.Do(ctx, s.Bank, by, checked(c, command(&in), flaws))
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
	}
	return o
}

// question is an input's answer by the view, encoded, and the id after which the next page begins.
type question[In any] func(ctx context.Context, v *view.View, by view.By, in *In) (body []byte, next id.ID, err error)

// read makes an operation of a question. Out is the form of its answer.
func read[Out, In any](o operation, ask question[In]) operation {
	o.answer = reflect.TypeFor[Out]()
	o.takes(reflect.TypeFor[In]())
	if o.effect == tells {
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

// plain makes an operation that writes its own answer: it may ask the view for more
// than a body.
func plain[Out, In any](o operation, serve func(*server, *call, *In) error) operation {
	o.answer = reflect.TypeFor[Out]()
	o.takes(reflect.TypeFor[In]())
	o.serve = func(s *server) func(*call) error {
		return func(c *call) error {
			var in In
			flaws, err := c.bind(&in)
			if err == nil && len(flaws) > 0 {
				err = fault.Wrong(flaws...)
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
// reports these flaws and those that the command finds in the other fields.
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

// Check always refuses.
func (c checkedCommand[A]) Check(r bank.Rules) error {
	var refusal *fault.Error
	if errors.As(c.call.named(c.Command.Check(r)), &refusal) {
		return fault.Wrong(c.call.endpoint.binder.Merge(c.flaws, refusal.Flaws)...)
	}
	return fault.Wrong(c.call.endpoint.binder.Merge(c.flaws, nil)...)
}

// named gives the flaws of a command's refusal the names of the input's fields.
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
)

// hashedNames are the names under which a request with a key is hashed, where they are
// not those of today: a key that was used before the names changed still replays.
var hashedNames = strings.NewReplacer("/transactions/{transaction_id}", "/movements/{movement_id}", `"TransactionID":`, `"MovementID":`,
	"/books/manual-entries", "/books/vouchers", "{manual_entry_id}", "{voucher_id}", `"ManualEntryID":`, `"VoucherID":`)

// by says who asks. The key of a request stands for the operation and its
// input, not for the bytes that carried it.
func (c *call) by(operation string, input any, flaws []fault.Flaw) (bank.By, []fault.Flaw) {
	by := bank.By{Actor: c.who.Name, CorrelationID: c.correlation}
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
		panic(err) // an input holds texts, numbers and ids
	}
	by.Key, by.Request = keys[0], sha256.Sum256([]byte(hashedNames.Replace(operation+"\n"+string(canonical))))
	return by, flaws
}

// visible tells a text of 1 to most visible ASCII characters.
func visible(s string, most int) bool {
	return s != "" && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// mark says where the commit stands and whether the answer is a repeated one.
func (c *call) mark(token uint64, replayed bool) {
	if token != 0 {
		c.Header().Set(tokenHeader, strconv.FormatUint(token, 10))
	}
	if replayed {
		c.Header().Set(replayedHeader, "true")
	}
}

// need is the position that the answer must know of.
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

// reader says who asks the view, and how new the answer must be.
func (c *call) reader(need uint64) view.By {
	return view.By{Role: c.who.Role, Open: c.endpoint.public && c.server.PublicReads == Full, Need: need}
}

// asks is reader for a request whose other parts were read before.
func (c *call) asks() (by view.By, err error) {
	need, flaws := c.need(nil)
	if len(flaws) > 0 {
		err = fault.Wrong(flaws...)
	}
	return c.reader(need), err
}

// linkNext names the next page, when there is one.
func (c *call) linkNext(next id.ID) {
	if !next.IsZero() {
		c.Header().Set("Link", web.NextPage(c.request.URL, next))
	}
}
