// Package webhook sends signed messages by HTTP as Standard Webhooks describes
// (https://www.standardwebhooks.com), and only to addresses that a function permits.
package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// secretPrefix begins every secret.
const secretPrefix = "whsec_"

// secretBytes is the length of the key in a secret.
const secretBytes = 32

// NewSecret returns a random secret: whsec_ and the key in base64.
func NewSecret() string {
	key := make([]byte, secretBytes)
	_, _ = rand.Read(key) // never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(key)
}

// Sign returns the header webhook-signature: of each secret v1, a comma and the HMAC-SHA-256 of the
// id, the time and the body in base64.
func Sign(secrets []string, messageID string, at time.Time, body []byte) string {
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
		if err != nil {
			key = nil // no receiver accepts the signature
		}
		sum := hmac.New(sha256.New, key)
		sum.Write([]byte(messageID + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		sum.Write(body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil))
	}
	return strings.Join(signatures, " ")
}
