package bank

import (
	"encoding/json"
	"fmt"
	"reflect"

	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/fault"
	"sofipo/core/id"
)

// Order is a command of any answer that can be filed as a request, carried out later by its
// approval.
type Order struct {
	Operation  string            // name of the command
	Permission access.Permission // permission that the filer and the approver must have
	Body       authority.Command // arguments

	check   func(Rules) error
	needs   func(*Needs)
	decide  func(*Book) (any, error)
	guarded Guarded
}

// orders has the decoders of the commands that can be filed, by name; requestables has their
// types.
var (
	orders       = map[string]func(authority.Command) (Order, error){}
	requestables = map[reflect.Type]bool{}
)

// Requestable declares that commands of a type can be filed as requests. Their fields need
// JSON tags. The command must be Guarded.
func Requestable[A any, C Command[A]](zero C) struct{} {
	if _, guarded := any(zero).(Guarded); !guarded {
		panic(fmt.Sprintf("bank: the command %s has no limit, so no request is needed", zero.Name()))
	}
	requestables[reflect.TypeFor[C]()] = true
	orders[zero.Name()] = func(body authority.Command) (Order, error) {
		var c C
		if err := json.Unmarshal([]byte(body), &c); err != nil {
			return Order{}, fmt.Errorf("stored command %s: %w", zero.Name(), err)
		}
		return orderOf[A](c), nil
	}
	return struct{}{}
}

func requestable(c any) bool { return requestables[reflect.TypeOf(c)] }

// OrderOf returns a command as an order. It is false if the command cannot be filed.
func OrderOf[A any](c Command[A]) (Order, bool) {
	if !requestable(c) {
		return Order{}, false
	}
	return orderOf(c), true
}

func orderOf[A any](c Command[A]) Order {
	body, err := json.Marshal(c)
	if err != nil {
		panic(err) // cannot fail: ids, numbers and texts
	}
	o := Order{
		Operation: c.Name(), Permission: c.Permission(), Body: authority.Command(body), check: c.Check, needs: c.Needs,
		decide: func(b *Book) (any, error) { return c.Decide(b) },
	}
	o.guarded = any(c).(Guarded)
	return o
}

// ParseOrder decodes a stored order.
func ParseOrder(operation string, body authority.Command) (Order, error) {
	parse, known := orders[operation]
	if !known {
		return Order{}, fmt.Errorf("the operation %s cannot be filed as a request", operation)
	}
	return parse(body)
}

// Check validates the arguments.
func (o Order) Check(r Rules) error {
	if o.check == nil {
		return fault.Refuse(fault.Invalid)
	}
	return o.check(r)
}

// Needs requests the rows that the command reads.
func (o Order) Needs(n *Needs) {
	if o.needs != nil {
		o.needs(n)
	}
}

// Authority returns what the guard must check.
func (o Order) Authority(b *Book) (Authority, error) { return o.guarded.Authority(b) }

// Decide stages the changes.
func (o Order) Decide(b *Book) (any, error) { return o.decide(b) }

// Try carries out an order and undoes it. It returns the subject of the order and its client.
func (b *Book) Try(o Order) (subject, client id.ID, err error) {
	facts, undo, before, of := b.facts, b.undo, b.subject, b.client
	b.facts, b.undo, b.subject, b.client = nil, nil, id.ID{}, id.ID{}
	_, err = o.decide(b)
	subject, client = b.subject, b.client
	b.rollback()
	b.facts, b.undo, b.subject, b.client = facts, undo, before, of
	return subject, client, err
}
