package fault

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
)

func TestError(t *testing.T) {
	cause := errors.New("the connection was refused")
	err := Refuse(Unavailable, "after", 5).Because(DatabaseAway).With("before", "x")
	err.Cause = cause
	wrapped := fmt.Errorf("while reading: %w", err)
	if !Is(wrapped, Unavailable) || Is(wrapped, Invalid) || Is(nil, Unavailable) || Is(cause, Unavailable) {
		t.Errorf("got %v %v %v %v, want true, false, false, false", Is(wrapped, Unavailable), Is(wrapped, Invalid), Is(nil, Unavailable), Is(cause, Unavailable))
	}
	if !errors.Is(wrapped, cause) {
		t.Errorf("got %v, want an error that wraps %v", wrapped, cause)
	}
	if got, want := err.Error(), "unavailable: database_away after=5 before=x"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFlaws(t *testing.T) {
	var f Flaws
	f.Unless(true, "kept", Positive)
	f.Unless(false, "iva.rate", Positive)
	Within(&f, 3, 1, 3, "within")
	Within(&f, 4, 1, 3, "periods")
	Among(&f, "b", "method", "a", "b")
	Among(&f, "c", "mode", "a", "b")
	f.Add(At("account", OneOf).In("lines", 2))
	f.Add(At("", Missing).In("lines", 3))
	var refusal *Error
	errors.As(f.Err(), &refusal)
	got := Flaws(refusal.Flaws)
	want := Flaws{
		{[]any{"iva", "rate"}, Positive, nil},
		{[]any{"periods"}, Between, map[string]any{"least": 1, "most": 3}},
		{[]any{"mode"}, OneOf, map[string]any{"accepted": []string{"a", "b"}}},
		{[]any{"lines", 2, "account"}, OneOf, nil},
		{[]any{"lines", 3}, Missing, nil},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got, want := f.Err().Error(), "invalid; iva.rate: positive; periods: between least=1 most=3; mode: one_of accepted=[a b]; lines.2.account: one_of; lines.3: missing"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if !f.Has("lines.2.account") || f.Has("lines") || !Is(f.Err(), Invalid) {
		t.Errorf("%v: got a flaw of lines.2.account: %v, of lines: %v, %v, want true, false, %s", f, f.Has("lines.2.account"), f.Has("lines"), f.Err(), Invalid)
	}
	if err := (Flaws{}).Err(); err != nil {
		t.Errorf("no flaws: got %v, want no error", err)
	}
}
