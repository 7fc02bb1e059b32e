package servicing

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/settlement"
)

// Operation is something done to a loan after its disbursement.
type Operation struct {
	Number    int          `json:"number"` // unique within the loan, in order of registration
	Kind      Kind         `json:"kind"`
	ValueDate civil.Date   `json:"value_date"`
	Amount    money.Amount `json:"amount,omitempty"`    // of payments and recoveries
	NewTerms  *NewTerms    `json:"new_terms,omitempty"` // of a restructuring

	// KeepExcess keeps the part of a payment above the payoff amount as unapplied funds of
	// the paid-off loan, from which it can be refunded, instead of refusing the payment.
	KeepExcess bool `json:"keep_excess,omitempty"`

	Brought Amounts `json:"-"` // amounts overdue of an import, since the value date

	settlement.Means `json:"-"` // how the money of a payment came in; it changes no figure
}

// History has everything from which the state of a loan is computed. Reversed
// operations are not included.
type History struct {
	Product    product.Product
	Contract   schedule.Schedule
	Operations []Operation
}

// Change is a history after an operation was added or removed, with the results.
type Change struct {
	History     History
	Account     Account
	Splits      []Split // one for each operation, in order of value date and number
	Differences []Difference
}

// Difference is an operation with a changed split. Before is zero for an added
// operation, After for a removed one.
type Difference struct {
	Operation int
	Before    Split
	After     Split
}

// Recompute computes the loan from its contract. It returns the account on the day of
// the last operation and one split for each operation, in order of value date and then
// of number. If an operation is refused, the Values of the error have its number.
func Recompute(h History) (Account, []Split, error) {
	a := Open(h.Product, h.Contract)
	splits := make([]Split, 0, len(h.Operations))
	for _, o := range h.ordered() {
		after, s, err := Apply(a, o, o.ValueDate)
		if err != nil {
			return Account{}, nil, named(err, o)
		}
		s.Operation = o.Number
		a, splits = after, append(splits, s)
	}
	return a, splits, nil
}

// named adds the number and the date of the operation to a refusal.
func named(err error, o Operation) error {
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		return refusal.With("operation", o.Number).With("operation_date", o.ValueDate)
	}
	return fmt.Errorf("operation %d: %w", o.Number, err)
}

// ordered returns the operations by value date, then by number.
func (h History) ordered() []Operation {
	return slices.SortedStableFunc(slices.Values(h.Operations), func(x, y Operation) int {
		if c := x.ValueDate.Compare(y.ValueDate); c != 0 {
			return c
		}
		return x.Number - y.Number
	})
}

// Apply applies an operation on its value date, which must not be before the account's
// day; today is the business date. The error is that of the function for the kind:
// Receive, WriteOff, Recover, Restructure, Cancel, Refund or Import.
func Apply(a Account, o Operation, today civil.Date) (Account, Split, error) {
	switch o.Kind {
	case WriteOffKind:
		return WriteOff(a, o.ValueDate, today)
	case RecoveryKind:
		return Recover(a, o.Amount, o.ValueDate, today)
	case Cancellation:
		return Cancel(a, o.ValueDate, today)
	case RefundKind:
		return Refund(a, o.Amount, o.ValueDate, today)
	case Rolled:
		after, s := RollOn(a, o.ValueDate)
		return after, s, nil
	case ImportKind:
		return Import(a, Brought{o.ValueDate, o.Brought})
	case RestructureKind:
		if o.NewTerms == nil {
			return a, Split{}, fault.Wrong(fault.At("new_terms", fault.Missing))
		}
		return Restructure(a, *o.NewTerms, o.ValueDate, today)
	default:
		return Receive(a, o, today)
	}
}

// With adds an operation at its value date, which may be before other operations;
// today is the business date. Its number must be unused. If a later operation is no
// longer possible, the value date is refused with the rule LaterOperation.
func (h History) With(o Operation, today civil.Date) (Change, error) {
	if o.ValueDate.After(today) {
		return Change{}, fault.Wrong(fault.At("value_date", fault.NotFuture, "latest", today)).With("latest", today)
	}
	if slices.ContainsFunc(h.Operations, func(old Operation) bool { return old.Number == o.Number }) {
		return Change{}, fault.Wrong(fault.At("number", NumberUnused, "number", o.Number))
	}
	if off := h.writeOff(); o.Kind == RecoveryKind && o.ValueDate.Before(off) {
		return Change{}, fault.Wrong(fault.At("value_date", NotBeforeWriteOff, "earliest", off)).With("earliest", off)
	}
	changed := h
	changed.Operations = append(slices.Clone(h.Operations), o)
	change, err := h.to(changed)
	return change, blameLater(err, o.Number, true)
}

// writeOff returns the value date of the loan's write-off, zero if there is none.
func (h History) writeOff() civil.Date {
	at := slices.IndexFunc(h.Operations, func(o Operation) bool { return o.Kind == WriteOffKind })
	if at < 0 {
		return civil.Date{}
	}
	return h.Operations[at].ValueDate
}

// blameLater returns the refusal for the caller who added or removed an operation, if it makes a
// later one impossible: the rule is LaterOperation. The caller sent no field of the later
// operation. An added one is refused for its value date, the only field that puts it before others.
func blameLater(err error, own int, added bool) error {
	var cause *fault.Error
	if !errors.As(err, &cause) || cause.Values["operation"] == own {
		return err
	}
	number, date := cause.Values["operation"], cause.Values["operation_date"]
	if added {
		flaw := fault.At("value_date", LaterOperation, "operation", number, "operation_date", date, "cause", cause)
		return fault.Wrong(flaw).With("operation", number).With("operation_date", date)
	}
	later := fault.Refuse(cause.Code).Because(LaterOperation)
	if len(cause.Flaws) > 0 {
		later.Code = WrongState
	}
	later.Values, later.Cause = cause.Values, cause
	return later
}

// Reverse removes an operation. Without the last operation, the account is exactly what
// it was before. Otherwise the later operations are allocated again and the changed
// ones are listed in Differences. It refuses a number that is not in the history, and
// a reversal that makes a later operation impossible: reverse that one first.
func Reverse(h History, number int) (Change, error) {
	at := slices.IndexFunc(h.Operations, func(o Operation) bool { return o.Number == number })
	if at < 0 {
		return Change{}, fault.Wrong(fault.At("operation", OperationKnown, "number", number))
	}
	changed := h
	changed.Operations = slices.Delete(slices.Clone(h.Operations), at, at+1)
	change, err := h.to(changed)
	return change, blameLater(err, number, false)
}

// to recomputes both histories and compares their splits.
func (h History) to(changed History) (Change, error) {
	_, before, err := Recompute(h)
	if err != nil {
		return Change{}, err
	}
	account, after, err := Recompute(changed)
	if err != nil {
		return Change{}, err
	}
	return Change{History: changed, Account: account, Splits: after, Differences: compare(before, after)}, nil
}

func compare(before, after []Split) (differences []Difference) {
	was := map[int]Split{}
	for _, s := range before {
		was[s.Operation] = s
	}
	for _, s := range after {
		if old, found := was[s.Operation]; !found || !reflect.DeepEqual(old, s) {
			differences = append(differences, Difference{s.Operation, old, s})
		}
		delete(was, s.Operation)
	}
	for _, s := range before {
		if _, gone := was[s.Operation]; gone {
			differences = append(differences, Difference{Operation: s.Operation, Before: s})
		}
	}
	return differences
}
