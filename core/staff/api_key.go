package staff

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/glyph"
	"sofipo/core/id"
	"sofipo/core/wire"
)

// APIKey lets a program act as a service account. The program sends the id and the secret, of
// which only the hash is stored.
type APIKey struct {
	ID          id.ID               `json:"id"`
	Username    string              `json:"username"`    // of the service account
	Name        string              `json:"name"`        // what the key is for
	Hash        string              `json:"-"`           // of the secret, as auth.HashAPISecret makes it
	Permissions []access.Permission `json:"permissions"` // those of the account's role that the key has; empty: all
	CreatedBy   string              `json:"created_by"`
	CreatedAt   time.Time           `json:"created_at"`
	ExpiresAt   time.Time           `json:"expires_at"`
	ActivatedBy string              `json:"activated_by"` // empty: the key waits for a second person
	RevokedAt   time.Time           `json:"revoked_at,omitzero"`
}

// MaxKeyDays is the longest life of an API key, in days.
const MaxKeyDays = 366

// KeyState is what an API key can be used for.
type KeyState string

// The states of API keys.
const (
	KeyWaiting KeyState = "waiting" // for a second person
	KeyActive  KeyState = "active"
	KeyExpired KeyState = "expired"
	KeyRevoked KeyState = "revoked"
)

// State returns the state of the key at a moment.
func (k APIKey) State(now time.Time) KeyState {
	switch {
	case !k.RevokedAt.IsZero():
		return KeyRevoked
	case !now.Before(k.ExpiresAt):
		return KeyExpired
	case k.ActivatedBy == "":
		return KeyWaiting
	}
	return KeyActive
}

// Matches reports whether a hash is that of the key's secret.
func (k APIKey) Matches(hash string) bool {
	return subtle.ConstantTimeCompare([]byte(hash), []byte(k.Hash)) == 1
}

// Restrict returns the role with only the permissions of the key.
func (k APIKey) Restrict(r Role) Role {
	r.Permissions = KeyPermissions(r)
	if len(k.Permissions) > 0 {
		r.Permissions = slices.DeleteFunc(r.Permissions, func(p access.Permission) bool { return !slices.Contains(k.Permissions, p) })
	}
	return r
}

// KeyPermissions returns the permissions of a role that an API key can have. No key manages
// users, roles or keys: who holds a key could make another user alone, and act as that user.
func KeyPermissions(r Role) []access.Permission {
	return slices.DeleteFunc(slices.Clone(r.Permissions), func(p access.Permission) bool { return p == Manage || p == ManageRoles })
}

// CheckKey refuses a new key with a wrong name or life. It reports both.
func CheckKey(name string, days int) error {
	var f fault.Flaws
	checkText(&f, "name", name, MaxName)
	f.Unless(f.Has("name") || !glyph.Blank(name), "name", fault.Blank)
	if days < 1 || days > MaxKeyDays {
		f.Add(fault.At("days", KeyDays, "most", MaxKeyDays))
	}
	return f.Err()
}

// AppendJSON adds the key as JSON, without the hash.
func (k APIKey) AppendJSON(b []byte) []byte { return wire.JSON(b, k) }

// ParsePermissions reads the permissions from their stored form.
func (k *APIKey) ParsePermissions(text string) error {
	if err := json.Unmarshal([]byte(text), &k.Permissions); err != nil {
		return fmt.Errorf("permissions of the API key %s: %w", k.ID, err)
	}
	return nil
}
