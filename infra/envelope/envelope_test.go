package envelope_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"sofipo/infra/envelope"
)

// TestSeal: a value opens in its place with its key, also after a rotation, and nowhere else.
func TestSeal(t *testing.T) {
	first, second, index := envelope.NewKey(), envelope.NewKey(), envelope.NewKey()
	old, err := envelope.NewRing([]envelope.Key{first}, first.ID, index)
	must(t, err)
	rotated, err := envelope.NewRing([]envelope.Key{first, second}, second.ID, index)
	must(t, err)
	stranger, err := envelope.NewRing([]envelope.Key{second}, second.ID, index)
	must(t, err)
	const plain, place = "GODE561231HJCMZM09", "client_files.body 1"
	stored := old.SealText(plain, place)
	if strings.Contains(stored, plain) || !strings.HasPrefix(stored, old.Current()) || !envelope.Sealed(stored) || stored == old.SealText(plain, place) {
		t.Errorf("got %q, want a value that begins with %q and differs each time", stored, old.Current())
	}
	for name, r := range map[string]*envelope.Ring{"same ring": old, "after rotation": rotated} {
		if got, err := r.OpenText(stored, place); got != plain || err != nil {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, plain)
		}
	}
	if _, err := rotated.OpenText(stored, "client_files.body 2"); !errors.Is(err, envelope.ErrTampered) {
		t.Errorf("in another place: got %v, want %v", err, envelope.ErrTampered)
	}
	last := byte('A')
	if stored[len(stored)-1] == 'A' {
		last = 'Q'
	}
	if _, err := rotated.OpenText(stored[:len(stored)-1]+string(last), place); !errors.Is(err, envelope.ErrTampered) {
		t.Errorf("changed: got %v, want %v", err, envelope.ErrTampered)
	}
	for name, r := range map[string]*envelope.Ring{"another ring": stranger, "no ring": nil} {
		if _, err := r.OpenText(stored, place); !errors.Is(err, envelope.ErrNoKey) {
			t.Errorf("%s: got %v, want %v", name, err, envelope.ErrNoKey)
		}
	}
	bits := rotated.Seal([]byte(plain), place)
	if got, err := rotated.Open(bits, place); string(got) != plain || err != nil || bytes.Contains(bits, []byte(plain)) {
		t.Errorf("bytes: got %q, %v, want %q", got, err, plain)
	}
	var none *envelope.Ring
	if none.SealText(plain, place) != plain || none.Blind("curp", plain) != plain || old.SealText("", place) != "" {
		t.Error("got a changed value without a ring or an empty value, want them as they are")
	}
}

// TestClearTextLikeAMark: a value in clear that begins like an encrypted one is read as it was, also
// after a key was set.
func TestClearTextLikeAMark(t *testing.T) {
	key := envelope.NewKey()
	ring, err := envelope.NewRing([]envelope.Key{key}, key.ID, key)
	must(t, err)
	var none *envelope.Ring
	for _, plain := range []string{"s1:", "s1:renta", "s0:", "s0:s1:x", "s1:0123456789abcdef:x", ring.Current() + "AAAA", "s1", "renta"} {
		for name, r := range map[string]*envelope.Ring{"without a key": none, "with a key": ring} {
			stored, bits := none.SealText(plain, "x"), none.Seal([]byte(plain), "x")
			if got, err := r.OpenText(stored, "x"); got != plain || err != nil {
				t.Errorf("%s: got %q, %v, want %q", name, got, err, plain)
			}
			if got, err := r.Open(bits, "x"); string(got) != plain || err != nil {
				t.Errorf("%s: got the bytes %q, %v, want %q", name, got, err, plain)
			}
			if envelope.Sealed(stored) || envelope.Sealed(bits) {
				t.Errorf("got %q sealed, want it in clear", stored)
			}
		}
	}
}

// TestBlind: equal values of a kind have one index, which rotation does not change.
func TestBlind(t *testing.T) {
	first, second, index := envelope.NewKey(), envelope.NewKey(), envelope.NewKey()
	a, err := envelope.NewRing([]envelope.Key{first}, first.ID, index)
	must(t, err)
	b, err := envelope.NewRing([]envelope.Key{first, second}, second.ID, index)
	must(t, err)
	one := a.Blind("phone", "3312345678")
	if one != b.Blind("phone", "3312345678") || one == a.Blind("clabe", "3312345678") || one == a.Blind("phone", "3312345679") || a.Blind("phone", one) != one || !envelope.Blinded(one) {
		t.Errorf("got %q, want an index of the kind and the value", one)
	}
}

// TestWrap: a data key is unwrapped only with its key-encryption key and under its own name.
func TestWrap(t *testing.T) {
	key, kek, other := envelope.NewKey(), envelope.NewKey().Value, envelope.NewKey().Value
	wrapped, err := key.Wrap(kek)
	must(t, err)
	if got, err := envelope.Unwrap(key.ID, wrapped, kek); !bytes.Equal(got.Value, key.Value) || err != nil {
		t.Errorf("got %x, %v, want the key", got.Value, err)
	}
	if _, err := envelope.Unwrap(key.ID, wrapped, other); !errors.Is(err, envelope.ErrTampered) {
		t.Errorf("with another key: got %v, want %v", err, envelope.ErrTampered)
	}
	if _, err := envelope.Unwrap("0000000000000000", wrapped, kek); !errors.Is(err, envelope.ErrTampered) {
		t.Errorf("under another name: got %v, want %v", err, envelope.ErrTampered)
	}
	if _, err := key.Wrap(kek[:16]); err == nil || envelope.Fingerprint(kek) == envelope.Fingerprint(other) {
		t.Errorf("got %v for a short key, want an error, and different fingerprints", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
