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

// keyWait is how long requests wait for a reading of the keys while they may use older ones.
const keyWait = 200 * time.Millisecond

// apiKeys remembers the API keys in force. It reads all of them at once, and only when a
// request has one, so that made-up keys cost no reads. Like users, they are at most userMemory
// old, or userOutage while the database is unavailable. While it hangs, requests use the older keys.
type apiKeys struct {
	mu      sync.Mutex
	known   map[id.ID]staff.APIKey // never changed
	at      time.Time              // when they were read
	reading *keyReading            // nil: none

	failed   error // of the last reading
	failedAt time.Time
}

// keyReading is a reading of the keys from the database.
type keyReading struct {
	ended chan struct{}
	began time.Time // by the clock of the machine
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
	known, err := g.keysInForce(ctx, now)
	if err != nil {
		return staff.APIKey{}, Unavailable(fault.DatabaseAway, err)
	}
	k, found := known[keyID]
	if !found || k.State(now) != staff.KeyActive {
		return staff.APIKey{}, fault.Refuse(access.InvalidCredentials)
	}
	return k, nil
}

// keysInForce returns the keys. If they are too old, it reads them again, unless the last attempt failed
// a moment ago. Requests share a reading and do not wait long for it while older keys may be used.
func (g *guard) keysInForce(ctx context.Context, now time.Time) (map[id.ID]staff.APIKey, error) {
	k := &g.keys
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known != nil && now.Sub(k.at) <= userMemory {
		return k.known, nil
	}
	if k.reading == nil && (k.failed == nil || now.Sub(k.failedAt) >= keyRetry) {
		k.reading = &keyReading{make(chan struct{}), time.Now()}
		go g.refreshKeys(context.WithoutCancel(ctx), now, k.reading)
	}
	if k.reading != nil {
		g.waitForKeys(ctx, k.reading, k.known != nil && now.Sub(k.at) <= userOutage)
	}
	if k.known != nil && now.Sub(k.at) <= userOutage {
		return k.known, nil
	}
	if k.failed == nil {
		return nil, ctx.Err()
	}
	return nil, k.failed
}

// waitForKeys waits for a reading: until its end, or not long if there are older keys. The keys are
// locked, but not meanwhile.
func (g *guard) waitForKeys(ctx context.Context, reading *keyReading, older bool) {
	g.keys.mu.Unlock()
	defer g.keys.mu.Lock()
	var enough <-chan time.Time
	if older {
		timer := time.NewTimer(time.Until(reading.began.Add(keyWait)))
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case <-reading.ended:
	case <-enough:
	case <-ctx.Done():
	}
}

// refreshKeys reads the keys and ends the reading.
func (g *guard) refreshKeys(ctx context.Context, now time.Time, reading *keyReading) {
	var found map[id.ID]staff.APIKey
	err := fault.Guarded(func() (err error) {
		found, err = g.readKeys(ctx, now)
		return err
	})
	g.keys.mu.Lock()
	defer g.keys.mu.Unlock()
	if g.keys.failed, g.keys.failedAt = err, now; err == nil {
		g.keys.known, g.keys.at = found, now
	}
	g.keys.reading = nil
	close(reading.ended)
}

// readKeys reads the keys in force from the primary database.
func (g *guard) readKeys(ctx context.Context, now time.Time) (map[id.ID]staff.APIKey, error) {
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
	err := g.bank.opts.DB.ReadPrimary(ctx, batch)
	return found, err
}
