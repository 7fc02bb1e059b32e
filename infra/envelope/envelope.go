// Package envelope encrypts values with AES-256-GCM under data keys, which a key-encryption key
// wraps, and makes blind indexes: keyed hashes by which equal values are found without
// decrypting them.
package envelope

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Size is the number of bytes of every key.
const Size = 32

// The beginnings of sealed values, of values in clear that begin like a mark, and of blind
// indexes. They name the version of their form. A sealed value has the id of its key and a colon
// after the mark.
const (
	sealedMark = "s1:"
	clearMark  = "s0:"
	blindMark  = "h1:"
)

const idLength = 16 // of a key

var encoding = base64.RawURLEncoding

// The errors of values that cannot be opened.
var (
	ErrNoKey    = errors.New("the key of an encrypted value is not known")
	ErrTampered = errors.New("an encrypted value was changed, moved or encrypted with another key")
)

// Key is a data key in clear.
type Key struct {
	ID    string // 16 hexadecimal digits
	Value []byte
}

// NewKey returns a random key.
func NewKey() Key {
	k := Key{Value: make([]byte, Size)}
	var name [8]byte
	_, _ = rand.Read(k.Value) // never fails
	_, _ = rand.Read(name[:])
	k.ID = hex.EncodeToString(name[:])
	return k
}

// Fingerprint returns a name of a key-encryption key that does not reveal it.
func Fingerprint(kek []byte) string {
	mac := hmac.New(sha256.New, kek)
	mac.Write([]byte("sofipo key-encryption key"))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// Wrap encrypts a key with a key-encryption key.
func (k Key) Wrap(kek []byte) (string, error) {
	aead, err := cipherOf(kek)
	if err != nil {
		return "", err
	}
	return encoding.EncodeToString(encrypt(aead, nil, k.Value, []byte("data key "+k.ID))), nil
}

// Unwrap decrypts the key with an id that Wrap encrypted.
func Unwrap(id, wrapped string, kek []byte) (Key, error) {
	aead, err := cipherOf(kek)
	if err != nil {
		return Key{}, err
	}
	raw, err := encoding.DecodeString(wrapped)
	if err != nil {
		return Key{}, ErrTampered
	}
	value, err := decrypt(aead, raw, []byte("data key "+id))
	return Key{ID: id, Value: value}, err
}

// Ring has the keys of a database. It does not change, so it is safe for concurrent use. A nil
// Ring encrypts nothing and opens values in clear only; it marks those that begin like an
// encrypted value.
type Ring struct {
	known   map[string]cipher.AEAD
	current string
	index   []byte
}

// NewRing returns a ring that seals with the key named current, opens with all keys, and makes
// blind indexes with the key index.
func NewRing(keys []Key, current string, index Key) (*Ring, error) {
	r := &Ring{known: map[string]cipher.AEAD{}, current: current, index: index.Value}
	for _, k := range keys {
		aead, err := cipherOf(k.Value)
		if err != nil {
			return nil, err
		}
		r.known[k.ID] = aead
	}
	if r.known[current] == nil || len(index.Value) != Size {
		return nil, ErrNoKey
	}
	return r, nil
}

// Current returns the beginning of the values that the ring seals now.
func (r *Ring) Current() string { return sealedMark + r.current + ":" }

// Seal encrypts a value. Place names where the value is stored, such as the table, the column
// and the row; it opens nowhere else.
func (r *Ring) Seal(plain []byte, place string) []byte {
	if r == nil && marked(plain) {
		return append([]byte(clearMark), plain...)
	}
	if r == nil {
		return plain
	}
	return encrypt(r.known[r.current], []byte(r.Current()), plain, []byte(place))
}

// SealText is Seal for text. The empty text stays empty.
func (r *Ring) SealText(plain, place string) string {
	if r == nil && marked(plain) {
		return clearMark + plain
	}
	if r == nil || plain == "" {
		return plain
	}
	return r.Current() + encoding.EncodeToString(encrypt(r.known[r.current], nil, []byte(plain), []byte(place)))
}

// Open decrypts a value that Seal encrypted for the same place. A value in clear is returned as
// it is.
func (r *Ring) Open(stored []byte, place string) ([]byte, error) {
	if !Sealed(stored) {
		return bytes.TrimPrefix(stored, []byte(clearMark)), nil
	}
	id, raw, _ := bytes.Cut(stored[len(sealedMark):], []byte(":"))
	aead := r.key(string(id))
	if aead == nil {
		return nil, ErrNoKey
	}
	return decrypt(aead, raw, []byte(place))
}

// OpenText is Open for text that SealText encrypted.
func (r *Ring) OpenText(stored, place string) (string, error) {
	if !Sealed(stored) {
		return strings.TrimPrefix(stored, clearMark), nil
	}
	id, text, _ := strings.Cut(stored[len(sealedMark):], ":")
	aead := r.key(id)
	if aead == nil {
		return "", ErrNoKey
	}
	raw, err := encoding.DecodeString(text)
	if err != nil {
		return "", ErrTampered
	}
	plain, err := decrypt(aead, raw, []byte(place))
	return string(plain), err
}

func (r *Ring) key(id string) cipher.AEAD {
	if r == nil {
		return nil
	}
	return r.known[id]
}

// Sealed reports whether a stored value is encrypted.
func Sealed[T string | []byte](stored T) bool {
	const end = len(sealedMark) + idLength
	if len(stored) <= end || string(stored[:len(sealedMark)]) != sealedMark || stored[end] != ':' {
		return false
	}
	for _, c := range []byte(stored[len(sealedMark):end]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// marked reports whether a value in clear begins like a stored value with a mark.
func marked[T string | []byte](plain T) bool {
	return len(plain) >= len(clearMark) && (string(plain[:len(clearMark)]) == clearMark || string(plain[:len(sealedMark)]) == sealedMark)
}

// Blinded reports whether a stored value is a blind index.
func Blinded(stored string) bool { return strings.HasPrefix(stored, blindMark) }

// Blind returns the blind index of a value of a kind: equal for equal values, and different for
// every kind. The empty value, and one that is blind already, stay as they are.
func (r *Ring) Blind(kind, value string) string {
	if r == nil || value == "" || Blinded(value) {
		return value
	}
	mac := hmac.New(sha256.New, r.index)
	mac.Write([]byte(kind + "\x00" + value))
	return blindMark + encoding.EncodeToString(mac.Sum(nil)[:16])
}

func cipherOf(key []byte) (cipher.AEAD, error) {
	if len(key) != Size {
		return nil, fmt.Errorf("a key has %d bytes instead of %d", len(key), Size)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// encrypt appends a random nonce and the encrypted value to b.
func encrypt(aead cipher.AEAD, b, plain, place []byte) []byte {
	var nonce [12]byte
	_, _ = rand.Read(nonce[:]) // never fails
	return aead.Seal(append(b, nonce[:]...), nonce[:], plain, place)
}

func decrypt(aead cipher.AEAD, raw, place []byte) ([]byte, error) {
	n := aead.NonceSize()
	if len(raw) < n {
		return nil, ErrTampered
	}
	plain, err := aead.Open(nil, raw[:n], raw[n:], place)
	if err != nil {
		return nil, ErrTampered
	}
	return plain, nil
}
