package bank

import (
	"context"
	"sync"
	"time"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// keyRetry is how long the keys are not read again after an error.
const keyRetry = time.Second

// apiKeys remembers the API keys in force. It reads all of them at once, and only when a
// request has one, so that made-up keys cost no reads. Like users, they are at most userMemory
// old, or userOutage while the database is unavailable.
type apiKeys struct {
	mu    sync.Mutex
	known map[id.ID]staff.APIKey
	at    time.Time // when they were read

	failed   error // of the last reading
	failedAt time.Time
}

// KeyHolder returns the service account of an API key with the hash of its secret. The role
// has only the permissions of the key. Refused with access.InvalidCredentials or Unavailable.
func (b *Bank) KeyHolder(ctx context.Context, keyID id.ID, hash string) (staff.Member, error) {
	k, err := b.guard.key(ctx, keyID)
	if err != nil {
		return staff.Member{}, err
	}
	if !k.Matches(hash) {
		return staff.Member{}, fault.Refuse(access.InvalidCredentials)
	}
	return b.guard.holder(ctx, k)
}

// holder returns the service account of an API key that is in force.
func (g *guard) holder(ctx context.Context, k staff.APIKey) (staff.Member, error) {
	who, err := g.member(ctx, k.Username)
	if fault.Is(err, staff.NotFound) || err == nil && (who.User.Disabled || who.User.Kind != staff.Service) {
		return staff.Member{}, fault.Refuse(access.InvalidCredentials)
	}
	who.Role, who.Key = k.Restrict(who.Role), k.ID
	return who, err
}

// key returns an API key that is in force. Refused with access.InvalidCredentials or
// Unavailable.
func (g *guard) key(ctx context.Context, keyID id.ID) (staff.APIKey, error) {
	now := g.bank.clock.now()
	g.keys.mu.Lock()
	defer g.keys.mu.Unlock()
	if age := now.Sub(g.keys.at); g.keys.known == nil || age > userMemory {
		if err := g.refreshKeys(ctx, now); err != nil && (g.keys.known == nil || age > userOutage) {
			return staff.APIKey{}, Unavailable(fault.DatabaseAway, err)
		}
	}
	k, found := g.keys.known[keyID]
	if !found || k.State(now) != staff.KeyActive {
		return staff.APIKey{}, fault.Refuse(access.InvalidCredentials)
	}
	return k, nil
}

// refreshKeys reads the keys, unless the last attempt failed a moment ago.
func (g *guard) refreshKeys(ctx context.Context, now time.Time) error {
	if g.keys.failed == nil || now.Sub(g.keys.failedAt) >= keyRetry {
		g.keys.failed, g.keys.failedAt = g.readKeys(context.WithoutCancel(ctx), now), now
	}
	return g.keys.failed
}

// readKeys reads the keys in force from the primary database.
func (g *guard) readKeys(ctx context.Context, now time.Time) error {
	found := map[id.ID]staff.APIKey{}
	batch := &db.Batch{}
	batch.Before(func() { clear(found) })
	batch.Query(`SELECT id, username, hash, permissions, expires_at, activated_by, revoked_at FROM api_keys
		WHERE activated_by <> '' AND expires_at > $1 ORDER BY id`, func(s db.Scanner) error {
		var k staff.APIKey
		var permissions string
		if err := s.Scan(&k.ID, &k.Username, &k.Hash, &permissions, &k.ExpiresAt, &k.ActivatedBy, &k.RevokedAt); err != nil {
			return err
		}
		err := k.ParsePermissions(permissions)
		found[k.ID] = k
		return err
	}, now)
	ctx, cancel := context.WithTimeout(ctx, TripTime)
	defer cancel()
	if err := g.bank.opts.DB.ReadPrimary(ctx, batch); err != nil {
		return err
	}
	g.keys.known, g.keys.at = found, now
	return nil
}
