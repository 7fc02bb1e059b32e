package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/maypok86/otter/v2"

	"sofipo/core/access"
	"sofipo/core/fault"
)

const (
	maxTokenBytes  = 4096   // longer ones are refused unread
	rememberTokens = 10_000 // verified tokens kept, so that most requests cost no HMAC
)

// Keys signs and verifies bearer tokens: JWTs, HS256 only. New tokens are signed
// by the active key and name it in their kid; tokens signed by an older key are
// still accepted until they expire, which is how a secret is rotated. Safe for
// concurrent use.
type Keys struct {
	active   key
	byID     map[string]key
	all      jwt.VerificationKeySet
	verified *otter.Cache[string, Claims] // token -> claims; a hit still checks the expiry
}

type key struct {
	id     string
	secret []byte
}

// Claims is what a verified token says.
type Claims struct {
	Subject string    // the user name, never empty
	Expires time.Time // always after the time given to Verify
	Issued  time.Time // zero in tokens that do not say (the seed's)
}

// NewKeys takes the secret that signs and any older ones that still verify. An
// empty secret is refused; one given twice counts once.
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

// newKey names the secret by a hash of it, so that nodes agree on the name.
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

// Issue signs a token for the user that is good from now on for ttl, to the
// second. An empty subject or a ttl under a second is an error.
func (k *Keys) Issue(subject string, ttl time.Duration, now time.Time) (string, error) {
	if subject == "" || ttl < time.Second {
		return "", fmt.Errorf("auth: a token needs a subject and a life of a second or more, not %q and %s", subject, ttl)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Subject:   subject,
		ExpiresAt: jwt.NewNumericDate(now.Add(ttl)),
		IssuedAt:  jwt.NewNumericDate(now),
	})
	token.Header["kid"] = k.active.id
	signed, err := token.SignedString(k.active.secret)
	if err != nil {
		return "", fmt.Errorf("auth: sign a token: %w", err)
	}
	return signed, nil
}

// Verify gives the claims of a token that one of the keys signed with HS256 and
// that has a subject and an expiry after now. A token that names its key (kid)
// is checked with that key only; one that does not (the seed's) with each. The
// error is a *fault.Error, code InvalidCredentials, with the reason as its cause.
func (k *Keys) Verify(token string, now time.Time) (Claims, error) {
	if known, ok := k.verified.GetIfPresent(token); ok && now.Before(known.Expires) {
		return known, nil
	}
	claims, err := k.parse(token, now)
	if err != nil {
		return Claims{}, refusal(err)
	}
	k.verified.Set(token, claims)
	return claims, nil
}

func (k *Keys) parse(token string, now time.Time) (Claims, error) {
	if len(token) > maxTokenBytes {
		return Claims{}, fmt.Errorf("token of %d bytes, over %d", len(token), maxTokenBytes)
	}
	var said jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(token, &said, k.keyFor,
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }))
	if err != nil {
		return Claims{}, err
	}
	if said.Subject == "" {
		return Claims{}, errors.New("token without a subject")
	}
	claims := Claims{Subject: said.Subject, Expires: said.ExpiresAt.Time}
	if said.IssuedAt != nil {
		claims.Issued = said.IssuedAt.Time
	}
	return claims, nil
}

// keyFor chooses the key that must have signed the token.
func (k *Keys) keyFor(token *jwt.Token) (any, error) {
	id, named := token.Header["kid"]
	if !named {
		return k.all, nil
	}
	text, _ := id.(string)
	if one, ok := k.byID[text]; ok {
		return one.secret, nil
	}
	return nil, errors.New("token of an unknown key")
}

// refusal has the seed's text, and a new value each time since a caller may add to it.
func refusal(cause error) error {
	e := fault.Refuse(access.InvalidCredentials)
	e.Cause = cause
	return e
}
