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
)

// Operation is one thing that was done to a loan.
type Operation struct {
	Number    int          `json:"number"` // unique in the loan, in the order in which they were registered
	Kind      Kind         `json:"kind"`
	ValueDate civil.Date   `json:"value_date"`
	Amount    money.Amount `json:"amount,omitempty"`    // of payments and recoveries
	NewTerms  *NewTerms    `json:"new_terms,omitempty"` // of a restructure
}

// History is all that a loan comes from. Operations that were reversed are not
// in it.
type History struct {
	Product    product.Product
	Contract   schedule.Schedule
	Operations []Operation
}

// Change is a history after an operation was put in or taken out, with what
// comes out of it.
type Change struct {
	History     History
	Account     Account
	Splits      []Split // one an operation, in order of value date and number
	Differences []Difference
}

// Difference is an operation whose split is not what it was. Before is zero for
// one that was put in, After for one that was taken out.
type Difference struct {
	Operation int
	Before    Split
	After     Split
}

// Recompute computes the loan anew: its account on the day of the last operation,
// and one split an operation, in order of value date, then of number. An
// operation that does not fit is refused with its number in the Values.
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

// named adds the operation to a refusal.
func named(err error, o Operation) error {
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		return refusal.With("operation", o.Number).With("operation_date", o.ValueDate)
	}
	return fmt.Errorf("operation %d: %w", o.Number, err)
}

// ordered are the operations by value date, then by number.
func (h History) ordered() []Operation {
	return slices.SortedStableFunc(slices.Values(h.Operations), func(x, y Operation) int {
		if c := x.ValueDate.Compare(y.ValueDate); c != 0 {
			return c
		}
		return x.Number - y.Number
	})
}

// Apply does an operation on its value date, which is the account's day or a
// later one, today being the business date.
func Apply(a Account, o Operation, today civil.Date) (Account, Split, error) {
	switch o.Kind {
	case WriteOffKind:
		return WriteOff(a, o.ValueDate, today)
	case RecoveryKind:
		return Recover(a, o.Amount, o.ValueDate, today)
	case Cancellation:
		return Cancel(a, o.ValueDate, today)
	case Rolled:
		after, s := RollOn(a, o.ValueDate)
		return after, s, nil
	case RestructureAs:
		if o.NewTerms == nil {
			return a, Split{}, fault.Wrong(fault.At("new_terms", fault.Missing))
		}
		return Restructure(a, *o.NewTerms, o.ValueDate, today)
	default:
		return Receive(a, o, today)
	}
}

// With puts an operation in at its value date, which may be before others, today
// being the business date. Its number must be new.
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
	return change, misfit(err, o.Number)
}

// writeOff is the value date of the loan's write-off, zero if there is none.
func (h History) writeOff() civil.Date {
	at := slices.IndexFunc(h.Operations, func(o Operation) bool { return o.Kind == WriteOffKind })
	if at < 0 {
		return civil.Date{}
	}
	return h.Operations[at].ValueDate
}

// misfit says of a refusal that it is of a later operation than the one that was
// put in or taken out.
func misfit(err error, own int) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Values["operation"] == own || len(refusal.Flaws) > 0 {
		return err
	}
	later := fault.Refuse(refusal.Code).Because(LaterOperation)
	later.Values, later.Cause = refusal.Values, refusal
	return later
}

// Reverse takes an operation out. If it was the last one the account is exactly
// what it was before it; else the later ones are split anew and what changed in
// them is listed. A number that is not in the history is refused, and so is a
// reversal after which a later operation does not fit: that one first.
func Reverse(h History, number int) (Change, error) {
	at := slices.IndexFunc(h.Operations, func(o Operation) bool { return o.Number == number })
	if at < 0 {
		return Change{}, fault.Wrong(fault.At("operation", OperationKnown, "number", number))
	}
	changed := h
	changed.Operations = slices.Delete(slices.Clone(h.Operations), at, at+1)
	change, err := h.to(changed)
	return change, misfit(err, number)
}

// to computes both histories and compares them.
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
