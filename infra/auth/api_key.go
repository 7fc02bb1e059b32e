package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"sofipo/core/id"
)

// apiKeyPrefix begins each API key, so that scanners for secrets find it.
const apiKeyPrefix = "sofipo_"

// NewAPISecret returns a random secret of 256 bits.
func NewAPISecret() string {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails: see crypto/rand
	return base64.RawURLEncoding.EncodeToString(random[:])
}

// HashAPISecret returns the stored form of a secret, its SHA-256. The secret is random and
// long, so a slow hash as for passwords would add nothing.
func HashAPISecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// APIKey returns an API key as programs send it: sofipo_<id>_<secret>.
func APIKey(keyID id.ID, secret string) string {
	return apiKeyPrefix + keyID.String() + "_" + secret
}

// ParseAPIKey returns the id and the secret of an API key. It reports false if the text does
// not have that form, as a token does not.
func ParseAPIKey(text string) (keyID id.ID, secret string, is bool) {
	rest, is := strings.CutPrefix(text, apiKeyPrefix)
	if !is || len(text) > maxTokenBytes {
		return keyID, "", false
	}
	name, secret, is := strings.Cut(rest, "_")
	keyID, err := id.Parse(name)
	return keyID, secret, is && err == nil
}
