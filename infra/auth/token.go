package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/maypok86/otter/v2"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
)

const (
	maxTokenBytes  = 4096   // longer tokens are refused without parsing
	rememberTokens = 10_000 // number of verified tokens cached, so that most requests compute no HMAC
)

// Keys signs and verifies bearer tokens, which are JWTs with HS256. New tokens are signed
// with the active key and name it in their kid header. Tokens signed with an older key remain
// valid until they expire, so that the secret can be rotated. Safe for concurrent use.
type Keys struct {
	active   key
	byID     map[string]key
	all      jwt.VerificationKeySet
	verified *otter.Cache[string, Claims] // by token; the expiry is still checked on a hit
}

type key struct {
	id     string
	secret []byte
}

// Claims is the content of a verified token.
type Claims struct {
	Subject string    // user name, never empty
	Expires time.Time // always later than the time given to Verify
	Issued  time.Time // in microseconds; in seconds if an older program issued it; zero if the token has no time of issue (the seed's)
	Session id.ID     // session to which the token belongs; zero if none
}

// claims is what a token says.
type claims struct {
	jwt.RegisteredClaims
	Session string `json:"sid,omitempty"`
	Micros  int64  `json:"iat_us,omitempty"` // microseconds of the time of issue, which iat has in seconds
}

// NewKeys returns keys for the active secret and any older secrets. It refuses an empty
// secret; duplicates are ignored.
func NewKeys(active string, older ...string) (*Keys, error) {
	k := &Keys{
		byID:     map[string]key{},
		verified: otter.Must(&otter.Options[string, Claims]{MaximumSize: rememberTokens}),
	}
	for i, secret := range append([]string{active}, older...) {
		if secret == "" {
			return nil, fmt.Errorf("auth: token secret %d of %d is empty", i+1, len(older)+1)
		}
		k.add(newKey(secret))
	}
	k.active = newKey(active)
	return k, nil
}

// newKey derives the key id from a hash of the secret, so that all nodes use the same id.
func newKey(secret string) key {
	sum := sha256.Sum256([]byte("sofipo token key\x00" + secret))
	return key{id: hex.EncodeToString(sum[:4]), secret: []byte(secret)}
}

func (k *Keys) add(one key) {
	if _, known := k.byID[one.id]; known {
		return
	}
	k.byID[one.id] = one
	k.all.Keys = append(k.all.Keys, one.secret)
}

// Issue returns a signed token for a user that is valid for ttl, in whole seconds. An empty
// subject or a ttl under a second is an error.
func (k *Keys) Issue(subject string, ttl time.Duration, now time.Time) (string, error) {
	return k.sign(subject, "", ttl, now)
}

// IssueFor is Issue for a token that belongs to a session.
func (k *Keys) IssueFor(subject string, session id.ID, ttl time.Duration, now time.Time) (string, error) {
	return k.sign(subject, session.String(), ttl, now)
}

func (k *Keys) sign(subject, session string, ttl time.Duration, now time.Time) (string, error) {
	if subject == "" || ttl < time.Second {
		return "", fmt.Errorf("auth: a token needs a subject and a life of at least one second, got %q and %s", subject, ttl)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{jwt.RegisteredClaims{
		Subject:   subject,
		ExpiresAt: jwt.NewNumericDate(now.Add(ttl)),
		IssuedAt:  jwt.NewNumericDate(now),
	}, session, int64(now.Nanosecond() / 1000)})
	token.Header["kid"] = k.active.id
	signed, err := token.SignedString(k.active.secret)
	if err != nil {
		return "", fmt.Errorf("auth: signing a token: %w", err)
	}
	return signed, nil
}

// Verify returns the claims of a token. The token must be signed with HS256 by one of the
// keys, have a subject, and expire after now. If it names its key (kid), only this key is
// tried; otherwise (the seed's tokens) all keys are. The error is a *fault.Error with the
// code InvalidCredentials and the reason as its cause.
func (k *Keys) Verify(token string, now time.Time) (Claims, error) {
	if known, ok := k.verified.GetIfPresent(token); ok && now.Before(known.Expires) {
		return known, nil
	}
	found, err := k.parse(token, now)
	if err != nil {
		return Claims{}, refusal(err)
	}
	k.verified.Set(token, found)
	return found, nil
}

func (k *Keys) parse(token string, now time.Time) (Claims, error) {
	if len(token) > maxTokenBytes {
		return Claims{}, fmt.Errorf("token has %d bytes; the maximum is %d", len(token), maxTokenBytes)
	}
	var said claims
	_, err := jwt.ParseWithClaims(token, &said, k.keyFor,
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }))
	if err != nil {
		return Claims{}, err
	}
	if said.Subject == "" {
		return Claims{}, errors.New("token has no subject")
	}
	found := Claims{Subject: said.Subject, Expires: said.ExpiresAt.Time}
	if said.IssuedAt != nil {
		found.Issued = said.IssuedAt.Add(time.Duration(min(max(said.Micros, 0), 999_999)) * time.Microsecond)
	}
	if said.Session != "" && found.Session.UnmarshalText([]byte(said.Session)) != nil {
		return Claims{}, errors.New("token has a session that is not an id")
	}
	return found, nil
}

// Seal encrypts a value for a purpose with a key derived from the active secret (AES-256-GCM). Open
// needs the same purpose.
func (k *Keys) Seal(purpose string, value []byte) []byte {
	return gcm(k.active.derive(purpose)).Seal(nil, nil, value, []byte(purpose))
}

// Open decrypts what Seal returned. Stale reports that an older secret was needed: the value should
// be sealed again.
func (k *Keys) Open(purpose string, sealed []byte) (value []byte, stale bool, err error) {
	for _, one := range k.byID {
		if value, err = gcm(one.derive(purpose)).Open(nil, nil, sealed, []byte(purpose)); err == nil {
			return value, one.id != k.active.id, nil
		}
	}
	return nil, false, fmt.Errorf("auth: no key in force decrypts the %s: %w", purpose, err)
}

// gcm returns AES-256-GCM that puts a random nonce before its output.
func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // cannot happen: the key has 32 bytes
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // cannot happen: the block is that of AES
	}
	return aead
}

// Derive returns a key of 32 bytes for a purpose, derived from the active secret (HKDF with
// SHA-256).
func (k *Keys) Derive(purpose string) []byte { return k.active.derive(purpose) }

func (k key) derive(purpose string) []byte {
	derived, err := hkdf.Key(sha256.New, k.secret, nil, "sofipo "+purpose, sha256.Size)
	if err != nil {
		panic(err) // cannot happen: the length is allowed
	}
	return derived
}

// keyFor returns the key that must have signed the token.
func (k *Keys) keyFor(token *jwt.Token) (any, error) {
	id, named := token.Header["kid"]
	if !named {
		return k.all, nil
	}
	text, _ := id.(string)
	if one, ok := k.byID[text]; ok {
		return one.secret, nil
	}
	return nil, errors.New("token is signed with an unknown key")
}

// refusal returns a new error each time, because callers may add to it. Its text is the
// seed's.
func refusal(cause error) error {
	e := fault.Refuse(access.InvalidCredentials)
	e.Cause = cause
	return e
}
