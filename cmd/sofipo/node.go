package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"go.opentelemetry.io/otel/trace"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/dayend"
	"sofipo/bank/seal"
	"sofipo/bank/takeover"
	"sofipo/bank/webhooks"
	"sofipo/core/event"
	"sofipo/infra/amqp"
	"sofipo/infra/backup"
	"sofipo/infra/cache"
	"sofipo/infra/db"
	"sofipo/infra/eventlog"
	"sofipo/infra/files"
	"sofipo/infra/outbox"
	sending "sofipo/infra/webhook"
	"sofipo/view"
	"sofipo/web"
)

// node is a running system, assembled from the settings.
type node struct {
	db        *db.DB
	wall      func() time.Time // the clock of the machine
	clock     func() time.Time // the training clock; nil if there is none
	bank      *bank.Bank
	days      *dayend.Closer
	imports   *takeover.Uploads
	view      *view.View
	viewings  *clients.Viewings
	log       *slog.Logger
	events    eventlog.Log
	files     files.Keeper
	relay     *outbox.Relay
	webhooks  *webhooks.Deliverer
	shared    *cache.Redis // nil without Redis
	caching   func() cache.Stats
	publisher *amqp.Publisher // nil when events go straight to the log
}

// localEntries limits the cache in memory.
const localEntries = 200_000

// openNode opens the services in the settings, waits for the database and migrates or
// checks its schema.
func openNode(ctx context.Context, s *settings, log *slog.Logger) (_ *node, err error) {
	location, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return nil, err
	}
	database, err := openDatabase(ctx, s, log)
	if err != nil {
		return nil, err
	}
	n := &node{db: database, log: log, wall: s.machine.Wall}
	if n.wall == nil {
		n.wall = time.Now
	}
	defer func() {
		if err != nil {
			n.close()
		}
	}()
	if err := n.openClock(ctx, s, location); err != nil {
		return nil, err
	}
	if err := n.openView(s); err != nil {
		return nil, err
	}
	database.OnPromotion(func(token uint64) {
		log.Warn("another server is the primary now; all connections are opened again")
		n.view.ForgetAll(token)
	})
	if n.events, err = openEvents(ctx, s, log); err != nil {
		return nil, err
	}
	if n.files, err = s.files(); err != nil {
		return nil, err
	}
	n.relay = outbox.NewRelay(database, n.openPublisher(s), time.Duration(s.KeepDays)*24*time.Hour, log)
	if n.shared != nil {
		n.relay.Stale = n.view.Forget
	}
	n.relay.Node, n.relay.Tracer = rand.Text(), s.tracer
	n.compareLog(s)
	n.bank = bank.Open(bank.Options{
		DB: database, Rules: s.rules(), Location: location, Log: log, Node: n.relay.Node, Tracer: s.tracer,
		Clock: n.clock, Machine: s.machine, AcceptClock: s.AcceptClock,
		Committed: func(token uint64, stale []string) {
			n.view.Forget(token, stale)
			n.relay.Wake()
		},
	})
	end, err := seal.End(ctx, database)
	if err != nil {
		return nil, err
	}
	n.bank.SealedUntil(end)
	n.days = dayend.New(n.bank, dayend.Options{PositionMonths: s.PositionMonths})
	n.imports = takeover.NewUploads(n.bank, location)
	n.relay.Busy, n.relay.Clock = n.bank.Busy, n.bank.Now
	n.webhooks = webhooks.NewDeliverer(webhooks.Options{
		Bank: n.bank, DB: database, Sender: sending.NewSender("sofipo/"+web.Version, s.webhookNetworks().Permit), Clock: n.now, Log: log,
		By: bank.By{System: true, Actor: commandLine.Actor, CorrelationID: "webhooks"},
	})
	return n, nil
}

func openDatabase(ctx context.Context, s *settings, log *slog.Logger) (*db.DB, error) {
	if backup.Unfinished(s.Data) {
		return nil, fmt.Errorf("SOFIPO_DATA: %s has an unfinished restore: run sofipo restore again", s.Data)
	}
	key, oldKey, err := s.dataKeys()
	if err != nil {
		return nil, err
	}
	database, err := db.Open(db.Config{PrimaryURL: s.primaryURL(), ReplicaURL: s.replicaURL(), Folder: s.Data, Patient: s.patient, Key: key, OldKey: oldKey})
	if err != nil {
		return nil, err
	}
	if err := waitFor(ctx, "database", s.StartWait, log, database.Ping); err != nil {
		database.Close()
		return nil, err
	}
	if err = database.CheckSchema(ctx); errors.Is(err, db.ErrSchema) && s.migrates() {
		err = migrate(ctx, s, database, log)
	}
	if err == nil {
		err = s.openKeys(ctx, database)
	}
	if err == nil && s.migrates() {
		err = s.encryptStored(ctx, database, log)
	}
	if err != nil {
		database.Close()
		s.forgetKey(err)
		return nil, err
	}
	return database, nil
}

// migrate migrates the schema without a time limit. It locks the embedded database
// meanwhile.
func migrate(ctx context.Context, s *settings, database *db.DB, log *slog.Logger) error {
	if !s.locked {
		release, err := s.lockFolder(migrating)
		if err != nil {
			return err
		}
		defer release()
	}
	log.Info("migrating the schema")
	began := time.Now()
	steps, err := database.Migrate(ctx)
	if err == nil {
		log.Info("schema migrated", "steps", steps, "took", time.Since(began))
	}
	return err
}

// encryptStored encrypts what an earlier program stored in clear: a server once, "sofipo migrate"
// each time.
func (s *settings) encryptStored(ctx context.Context, database *db.DB, log *slog.Logger) error {
	if !s.encryptAgain {
		if complete, err := database.Encrypted(ctx); err != nil || complete {
			return err
		}
	}
	began := time.Now()
	values, err := database.EncryptStored(ctx)
	if values > 0 {
		log.Info("personal data encrypted", "values", values, "took", time.Since(began))
	}
	return err
}

// openView opens the view. With PostgreSQL and without Redis it has no cache, since a
// cache in memory would miss the writes of other nodes.
func (n *node) openView(s *settings) (err error) {
	switch {
	case s.redisURL() != "":
		if n.shared, err = cache.NewRedis(s.redisURL()); err == nil {
			n.view, n.caching = view.Open(n.db, n.shared), n.shared.Stats
		}
	case s.primaryURL() != "":
		n.view, n.caching = view.Open(n.db, nil), func() cache.Stats { return cache.Stats{} }
	default:
		local := cache.NewLocal(localEntries)
		n.view, n.caching = view.Open(n.db, local), local.Stats
	}
	return err
}

func openEvents(ctx context.Context, s *settings, log *slog.Logger) (eventlog.Log, error) {
	if s.couchURL() != "" {
		store, err := eventlog.NewCouch(s.couchURL(), eventlog.CouchOptions{Log: log})
		if err != nil {
			return nil, err
		}
		return store, nil
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, fmt.Errorf("SOFIPO_DATA: %w", err)
	}
	store, err := eventlog.OpenEmbedded(ctx, filepath.Join(s.Data, "events.db"), log)
	if err != nil {
		return nil, fmt.Errorf("SOFIPO_DATA: %w", err)
	}
	return store, nil
}

func (n *node) openPublisher(s *settings) outbox.Publisher {
	if s.amqpURL() == "" {
		return directPublisher{n.events, s.tracer}
	}
	n.publisher = amqp.NewPublisher(s.amqpURL(), n.log)
	return n.publisher
}

// compareLog lets the relay compare the event log with the chain, unless only sofipo consume
// writes the log, into a data folder of its own.
func (n *node) compareLog(s *settings) {
	if s.amqpURL() == "" {
		n.relay.Log = n.events
	} else if s.couchURL() != "" {
		n.relay.Log = n.events
		n.relay.Queued = func(ctx context.Context) (int64, error) {
			queued, dead, err := amqp.Waiting(ctx, s.amqpURL())
			return queued + dead, err
		}
	}
}

// directPublisher publishes to the event log without a broker.
type directPublisher struct {
	log    eventlog.Log
	tracer trace.Tracer // nil: nothing is traced
}

// Publish stores the events. An event that the log rejects stops the relay with an error,
// so that it is not lost.
func (p directPublisher) Publish(ctx context.Context, events []event.Encoded) error {
	rejected, err := put(ctx, p.tracer, p.log, events)
	if err == nil && len(rejected) > 0 {
		err = fmt.Errorf("the event log rejected event %s: %s", rejected[0].EventID, rejected[0].Reason)
	}
	return err
}

// close closes all services, the writers first.
func (n *node) close() {
	if n.bank != nil {
		n.days.Close()
		n.bank.Close()
	}
	n.viewings.Close()
	if n.publisher != nil {
		if err := n.publisher.Close(); err != nil {
			n.log.Warn("closing the broker connection failed", "error", err)
		}
	}
	if n.events != nil {
		if err := n.events.Close(); err != nil {
			n.log.Warn("closing the event log failed", "error", err)
		}
	}
	if n.shared != nil {
		n.shared.Close()
	}
	n.db.Close()
}

// waitFor retries until the service responds, with increasing pauses, up to the allowed
// time.
func waitFor(ctx context.Context, service string, allowed time.Duration, log *slog.Logger, ping func(context.Context) error) error {
	deadline := time.Now().Add(allowed)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		try, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := ping(try)
		cancel()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return errors.New("stopped while waiting for " + service)
		}
		if time.Now().Add(pause).After(deadline) {
			return fmt.Errorf("%s did not respond within %s: %w", service, allowed, err)
		}
		log.Warn("waiting for "+service, "error", err, "retry_in", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}
