package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sofipo/api"
	"sofipo/bank"
	"sofipo/bank/clients"
	recording "sofipo/bank/institution"
	"sofipo/bank/seal"
	staffing "sofipo/bank/staff"
	"sofipo/console"
	"sofipo/core/fault"
	"sofipo/core/institution"
	"sofipo/core/staff"
	"sofipo/infra/auth"
	"sofipo/infra/backup"
	"sofipo/view"
	"sofipo/web"
)

type serveCommand struct {
	settings `embed:""`
}

// Maximum times at shutdown, for active requests and for the relay.
const (
	drainTime = 20 * time.Second
	relayTime = 5 * time.Second
)

// Run serves until SIGINT or SIGTERM. It then stops accepting connections, completes
// active requests, commits queued commands and relays the remaining events.
func (c *serveCommand) Run(ctx context.Context) error {
	return serve(ctx, &c.settings, c.logger(), occasions{})
}

// occasions has what a command does while it serves; each may be nil.
type occasions struct {
	before func(context.Context) error // before the services are opened, with the data folder locked
	ready  func(net.Addr)              // when requests are answered
}

// door is a server whose handler can be replaced. While the services start, it answers that
// they do (see api.Starting).
type door struct {
	*http.Server
	at      net.Addr
	handler atomic.Pointer[http.Handler]
	failed  chan error // has the error that ended the server
}

// ServeHTTP passes a request to the handler.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*d.handler.Load()).ServeHTTP(w, r) }

// openDoor listens at the address of a setting, with TLS if there is a certificate, and fails at
// once if the address is taken.
func openDoor(setting, addr string, certificate *tls.Config) (*door, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	d := &door{at: listener.Addr(), failed: make(chan error, 1)}
	d.handler.Store(&api.Starting)
	d.Server = api.NewServer(addr, d)
	d.TLSConfig = certificate
	go func() {
		if certificate == nil {
			d.failed <- d.Serve(listener)
		} else {
			d.failed <- d.ServeTLS(listener, "", "")
		}
	}()
	return d, nil
}

// show replaces the handler.
func (d *door) show(h http.Handler) { d.handler.Store(&h) }

// openInside listens at the address of a setting that is not for the public, without TLS. It logs
// an error that ends it.
func openInside(setting, addr string, log *slog.Logger) (*door, error) {
	d, err := openDoor(setting, addr, nil)
	if err != nil {
		return nil, err
	}
	go func() {
		if err := <-d.failed; !errors.Is(err, http.ErrServerClosed) {
			log.Error(setting+" is no longer served", "error", err)
		}
	}()
	return d, nil
}

// openPrivateDoor listens at SOFIPO_PRIVATE_ADDR, if it is set. It serves profiles and what is not for
// the public of the handler that show gets, until stop is called.
func (s *settings) openPrivateDoor(log *slog.Logger) (show func(http.Handler), stop func(), err error) {
	if s.PrivateAddr == "" {
		return func(http.Handler) {}, func() {}, nil
	}
	d, err := openInside("SOFIPO_PRIVATE_ADDR", s.PrivateAddr, log)
	if err != nil {
		return nil, nil, err
	}
	return func(h http.Handler) { d.show(withProfiles(api.Private(h))) }, func() { _ = d.Close() }, nil
}

// openDoors opens the door to the public and the private one. Both answer with what show gets,
// until stop is called.
func openDoors(s *settings, log *slog.Logger) (public *door, show func(http.Handler), stop func(), err error) {
	certificate, err := s.tlsConfig(log)
	if err != nil {
		return nil, nil, nil, err
	}
	public, err = openDoor("SOFIPO_ADDR", s.Addr, certificate)
	if err != nil {
		return nil, nil, nil, err
	}
	showPrivate, closePrivate, err := s.openPrivateDoor(log)
	if err != nil {
		_ = public.Close()
		return nil, nil, nil, err
	}
	show = func(h http.Handler) {
		public.show(h)
		showPrivate(h)
	}
	stop = func() {
		_ = public.Close()
		closePrivate()
	}
	return public, show, stop, nil
}

func serve(ctx context.Context, s *settings, log *slog.Logger, on occasions) error {
	setCollector()
	stopTracing, err := s.openTracer(ctx, log)
	if err != nil {
		return err
	}
	defer stopTracing()
	server, show, closeDoors, err := openDoors(s, log)
	if err != nil {
		return err
	}
	defer closeDoors() // if the services do not start
	release, err := s.lockFolder(serving)
	if err != nil {
		return err
	}
	defer release()
	if on.before != nil {
		if err := on.before(ctx); err != nil {
			return err
		}
	}
	n, err := openNode(ctx, s, log)
	if err != nil {
		return err
	}
	defer n.close()
	if err := n.checkGap(ctx, s); err != nil {
		return err
	}
	if n.db.Replicated() {
		n.warnOfReplication(ctx)
	}
	watch := n.newLogWatch(s)
	handler, err := n.handler(ctx, s, watch)
	if err != nil {
		return err
	}
	relayed, stopRelay := n.startRelay()
	scheduling, stopScheduler := context.WithCancel(ctx)
	defer stopScheduler()
	scheduled, err := n.startScheduler(scheduling, s)
	if err != nil {
		return err
	}
	var watching, writing sync.WaitGroup // the latter writes until the bank closes
	watching.Go(func() { watch.run(scheduling) })
	for _, work := range n.background(s) {
		writing.Go(func() { work(scheduling) })
	}
	show(handler)
	log.Info("listening", "address", server.at.String(), "profile", s.Profile, "version", web.Version)
	if on.ready != nil {
		on.ready(server.at)
	}
	select {
	case err = <-server.failed:
	case <-ctx.Done():
		log.Info("stopping")
		n.days.Stop()
		drain, cancel := context.WithTimeout(context.Background(), drainTime)
		err = server.Shutdown(drain)
		cancel()
	}
	n.days.Close()
	stopScheduler()
	writing.Wait()
	n.bank.Close()
	<-scheduled
	watching.Wait()
	stopRelay()
	<-relayed
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

// background returns the work that a server does besides its requests.
func (n *node) background(s *settings) []func(context.Context) {
	all := []func(context.Context){n.screen, n.deleteFiles, n.imports.Run, seal.New(n.db, n.bank.Now, n.bank.SealedUntil, n.log).Run}
	if s.Webhooks == "on" {
		all = append(all, n.webhooks.Run)
	}
	return all
}

// lockedError means that another process uses the data folder.
type lockedError struct{ by, folder string }

// Error returns the kind of process and the folder.
func (e lockedError) Error() string {
	return fmt.Sprintf("SOFIPO_DATA: %s is using %s", e.by, e.folder)
}

// Kinds of processes that lock a data folder.
const (
	serving   = "another server"
	closing   = "another close"
	migrating = "a migration"
	restoring = "a restore"
)

// lockFolder locks the data folder, so that no second process uses the embedded database:
// the cache of a server would miss the writes of another process, and a migration would
// change the tables of a running server. The lock ends with the process.
func (s *settings) lockFolder(by string) (release func(), err error) {
	if s.primaryURL() != "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, fmt.Errorf("SOFIPO_DATA: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(s.Data, backup.LockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("SOFIPO_DATA: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := io.ReadAll(file) // only the message depends on it
		_ = file.Close()
		other, _, _ := strings.Cut(string(holder), "\n")
		if other != closing && other != migrating && other != restoring {
			other = serving // it may not have written its kind yet
		}
		return nil, lockedError{other, s.Data}
	}
	if _, err := file.WriteString(by + "\n"); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("SOFIPO_DATA: %w", err)
	}
	s.locked = true
	return func() {
		s.locked = false
		_ = file.Close()
	}, nil
}

func (n *node) startRelay() (done chan struct{}, stop context.CancelFunc) {
	ctx, stop := context.WithCancel(context.Background())
	done = make(chan struct{})
	go func() {
		defer close(done)
		n.relay.Run(ctx, relayTime)
	}()
	return done, stop
}

// handler returns the handler of the REST API, after the checks of the profile.
func (n *node) handler(ctx context.Context, s *settings, watch *logWatch) (http.Handler, error) {
	if err := n.checkAdmin(ctx, s); err != nil {
		return nil, err
	}
	if err := n.recordInstitution(ctx, s); err != nil {
		return nil, err
	}
	secret, err := s.secret()
	if err != nil {
		return nil, err
	}
	var older []string
	if s.OldSecretKey != "" {
		older = append(older, s.OldSecretKey)
	}
	keys, err := auth.NewKeys(secret, older...)
	if err != nil {
		return nil, usageError{err}
	}
	location, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return nil, err
	}
	registry := newRegistry()
	n.register(registry)
	n.openViewings(registry)
	watch.register(registry)
	logins := web.NewLogins(n.bank, time.Now)
	rates, err := n.rates(s)
	if err != nil {
		return nil, usageError{err}
	}
	meters := web.NewMeters(registry)
	pages := console.New(console.Options{
		Meters: meters, Bank: n.bank, Days: n.days, Imports: n.imports, View: n.view, Viewings: n.viewings, Keys: keys, Logins: logins, Rates: rates, Files: n.files, Log: n.log, Clock: n.now, Training: n.clock != nil, CloseAt: s.CloseAt, Operations: n.operations(s, watch), Location: location,
		SecondFactor: web.SecondFactor(s.SecondFactor),
	})
	proxies, err := web.ParseProxies(s.Proxies)
	if err != nil {
		return nil, usageError{err}
	}
	return proxies.Wrap(web.Traced(s.tracer, doors(pages, api.New(api.Options{
		Bank: n.bank, Days: n.days, Imports: n.imports, View: n.view, Keys: keys, TokenTTL: time.Duration(s.TokenMinutes) * time.Minute,
		PublicReads: s.publicReads(), Events: n.events, Viewings: n.viewings, Files: n.files, Log: n.log, Registry: registry, Meters: meters, Clock: n.now, Training: n.clock != nil, Location: location, AnswerBytes: limitMemory(os.DirFS("/")), Logins: logins, Rates: rates,
		SecondFactor: web.SecondFactor(s.SecondFactor),

		Ready:    n.ready,
		Warnings: watch.warnings,
		Closed:   s.PrivateAddr != "" || s.Profile == productionProfile,
		Traced:   s.tracer != nil,
	})))), nil
}

// rates returns the limits of requests. Nodes share them through Redis, if there is one.
func (n *node) rates(s *settings) (*web.Rates, error) {
	user, address, err := s.rates()
	if err != nil || n.shared == nil {
		return web.NewRates(user, address, nil), err
	}
	return web.NewRates(user, address, n.shared.TakeTokens), nil
}

// doors passes the addresses of the console to it, sends browsers that open / there, and
// passes all other requests to the API.
func doors(pages, rest http.Handler) http.Handler {
	home := web.Protected(http.RedirectHandler(console.Root, http.StatusFound))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, console.Root):
			pages.ServeHTTP(w, r)
		case r.URL.Path+"/" == console.Root, r.URL.Path == "/" && strings.Contains(r.Header.Get("Accept"), "text/html"):
			home.ServeHTTP(w, r)
		default:
			rest.ServeHTTP(w, r)
		}
	})
}

// openViewings opens the record of who saw clients' data, with its metrics.
func (n *node) openViewings(registry *prometheus.Registry) {
	n.viewings = clients.OpenViewings(n.db, n.log)
	for _, c := range []struct {
		name, help string
		value      func() uint64
	}{
		{"sofipo_client_viewings_total", "Viewings of clients' data that were recorded.", n.viewings.Written},
		{"sofipo_client_viewings_dropped_total", "Viewings of clients' data that were not recorded, because the database did not take them.", n.viewings.Dropped},
	} {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: c.name, Help: c.help}, func() float64 { return float64(c.value()) }))
	}
}

// The user of the seed.
const (
	seedUser     = "admin"
	seedPassword = "string"
)

// warnOfReplication logs a warning if a failover to the replica may lose acknowledged operations.
func (n *node) warnOfReplication(ctx context.Context) {
	server, err := n.db.Server(ctx)
	switch {
	case err != nil:
		n.log.Warn("it is unknown whether commits wait for the replica", "error", err)
	case server.Asynchronous():
		n.log.Warn("a replica is configured, but commits do not wait for it: a failover may lose acknowledged operations; turn synchronous replication on")
	}
}

// checkAdmin creates the seed's user in the demo profile, and refuses to serve in
// production while that user has the published password.
func (n *node) checkAdmin(ctx context.Context, s *settings) error {
	admin, err := n.view.User(ctx, seedUser)
	absent := fault.Is(err, staff.NotFound)
	if err != nil && !absent {
		return err
	}
	if absent && s.Profile == demoProfile {
		hash, err := auth.HashPassword(seedPassword)
		if err != nil {
			return err
		}
		_, err = bank.Do(ctx, n.bank, commandLine, staffing.AddUser{Username: seedUser, Password: hash, Role: "admin"})
		if fault.Is(err, staff.NameTaken) {
			return nil // another node added it
		}
		return err
	}
	if s.Profile == productionProfile && !absent && !admin.Disabled {
		if known, _ := auth.VerifyPassword(admin.Password, seedPassword); known {
			return errors.New("user admin has the published password; run: sofipo user passwd admin")
		}
	}
	return nil
}

// recordInstitution records the institution's data at the first start from the settings, if
// they name it. Later the record is changed by commands, and the settings have no effect.
func (n *node) recordInstitution(ctx context.Context, s *settings) error {
	initial := s.institution()
	if initial.Name == "" {
		return nil
	}
	known, err := n.view.Letterhead(ctx, view.System)
	if err != nil || known.Name != "" {
		return err
	}
	_, err = bank.Do(ctx, n.bank, commandLine, &recording.ChangeInstitution{Institution: initial, Initial: true})
	var refusal *fault.Error
	switch {
	case fault.Is(err, institution.Recorded):
		return nil // by another node
	case errors.As(err, &refusal) && refusal.Code == fault.Invalid:
		return usageError{errors.New(flawsOf(refusal, settingOf))}
	}
	return err
}

// institutionSettings has the setting of each field of the institution.
var institutionSettings = map[string]string{
	"name": "SOFIPO_INSTITUTION", "rfc": "SOFIPO_INSTITUTION_RFC", "address": "SOFIPO_INSTITUTION_ADDRESS", "phones.0": "SOFIPO_INSTITUTION_PHONE",
	"web": "SOFIPO_INSTITUTION_WEB", "une.address": "SOFIPO_UNE_ADDRESS", "une.phone": "SOFIPO_UNE_PHONE", "une.email": "SOFIPO_UNE_EMAIL",
}

func settingOf(field string) string { return institutionSettings[field] }

// commandLine is the actor of commands run by an operator.
var commandLine = bank.By{System: true, Actor: staff.CommandLine}
