package api

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/dayend"
	"sofipo/bank/takeover"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/auth"
	"sofipo/infra/eventlog"
	"sofipo/infra/files"
	"sofipo/view"
	"sofipo/web"
)

// Full is the value of Options.PublicReads that lets anyone read clients, loans, payments
// and statements without a token, as in the seed.
const Full = "full"

// Options are the parts and settings of the API.
type Options struct {
	Bank         *bank.Bank
	Days         *dayend.Closer    // closes days
	Imports      *takeover.Uploads // nil: files are stored, and nothing imports them
	View         *view.View
	Keys         *auth.Keys
	TokenTTL     time.Duration                          // of new tokens; 30 minutes when zero
	PublicReads  string                                 // Full, or any other value for none
	Viewings     *clients.Viewings                      // who saw clients' data; nil: not recorded
	Files        files.Store                            // bytes of documents
	Events       eventlog.Log                           // nil: GET /api/v1/events answers 503
	Ready        func(context.Context) map[string]error // checks of /readyz by name; nil: always ready
	Warnings     func() map[string]error                // checks of /readyz that do not change its status; nil: none
	Log          *slog.Logger                           // nil: no log
	Registry     *prometheus.Registry                   // shown at /metrics, shared with other packages; nil: a new one
	Meters       *web.Meters                            // metrics of requests, shared with other doors; nil: new ones in Registry
	Traced       bool                                   // web.Traced started spans, which get the names of the routes
	Clock        func() time.Time                       // nil: the real one
	Training     bool                                   // Clock shows another date than today, which all responses mention
	Location     *time.Location                         // time zone of the business date; nil: UTC
	Rates        *web.Rates                             // limits of requests; nil: none
	Logins       *web.Logins                            // limits of failed logins, shared with other doors; nil: new ones
	Closed       bool                                   // metrics and documents are for Private alone
	AnswerBytes  int64                                  // bound of the bytes of large answers in memory; 64 MiB when zero
	SecondFactor web.SecondFactor                       // roles that need a second factor; empty: none
}

// server answers requests. It is safe for concurrent use.
type server struct {
	Options
	log      *slog.Logger
	paths    paths          // of the operations
	mux      *http.ServeMux // pages, and paths that do not exist
	auth     web.Authenticator
	factors  web.Factors
	reads    *web.Gate   // of other requests that read
	heavy    *web.Gate   // of quotes, books, reports and documents
	answers  *web.Budget // of large answers
	unrouted *web.Meter  // of requests without an operation
}

// New returns the REST API as one handler for all its paths.
func New(o Options) http.Handler { return web.Protected(newServer(o)) }

func newServer(o Options) *server {
	if o.TokenTTL == 0 {
		o.TokenTTL = 30 * time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Logins == nil {
		o.Logins = web.NewLogins(o.Bank, time.Now)
	}
	if o.Imports == nil {
		o.Imports = takeover.NewUploads(o.Bank, o.Location)
	}
	if o.AnswerBytes == 0 {
		o.AnswerBytes = 64 << 20
	}
	if o.Meters == nil {
		o.Meters = web.NewMeters(o.Registry)
	}
	s := &server{Options: o, reads: web.NewGate(readSlots()), heavy: web.NewGate(heavySlots()), answers: web.NewBudget(o.AnswerBytes), log: o.Log, mux: http.NewServeMux(), auth: web.Authenticator{Bank: o.Bank, Keys: o.Keys, Clock: o.Clock}}
	s.factors = web.Factors{Bank: o.Bank, View: o.View, Keys: o.Keys, Logins: o.Logins, Required: o.SecondFactor}
	s.unrouted = o.Meters.Of("none", "none")
	s.countCommands()
	s.countRefusals()
	for pattern, r := range resources(table()) {
		for method, o := range r.operations {
			r.endpoints[method] = &endpoint{operation: o, run: o.serve(s), meter: s.Meters.Of(o.method, o.path)}
		}
		s.paths.add(pattern, r)
		if other := otherForm(pattern); other != "" {
			s.paths.add(other, http.HandlerFunc(redirect))
		}
	}
	s.mountPages()
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.(*call).refuse(errNoSuchPath()) })
	return s
}

// NewServer returns an http.Server with time-outs for slow and idle clients. A response
// may take a minute, a large one longer (see call.Write).
func NewServer(addr string, h http.Handler) *http.Server {
	return &http.Server{
		Addr: addr, Handler: closing(h),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 120 * time.Second,
		MaxHeaderBytes: 64 << 10,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			if secure, is := c.(*tls.Conn); is {
				c = secure.NetConn()
			}
			if tcp, is := c.(*net.TCPConn); is {
				_ = tcp.SetWriteBuffer(sendBuffer) // an error leaves the system's default
			}
			return ctx
		},
	}
}

// closing closes the connection after each request of HTTP/1 with a Transfer-Encoding. It may also
// have had a Content-Length, which net/http drops and a proxy may have gone by: the proxy and this
// program would then not agree on where the next request begins.
func closing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 1 && len(r.TransferEncoding) > 0 {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// endpoint is an operation with its handler and metrics.
type endpoint struct {
	*operation
	run   func(*call) error
	meter *web.Meter
}

// resource is a path with its operations.
type resource struct {
	operations map[string]*operation // by method
	endpoints  map[string]*endpoint
	allow      []string // Allow header of status 405
}

// wildcards are the names of path parameters by position. The operations of one path may
// have different names for them, such as client_rfc and client_id.
var wildcards = []string{"first", "second"}

// resources groups the operations by path pattern.
func resources(operations []operation) map[string]*resource {
	all := map[string]*resource{}
	for i := range operations {
		o := &operations[i]
		pattern := patternOf(o.path)
		if all[pattern] == nil {
			all[pattern] = &resource{operations: map[string]*operation{}, endpoints: map[string]*endpoint{}}
		}
		all[pattern].operations[o.method] = o
	}
	for _, r := range all {
		methods := make([]string, 0, len(r.operations))
		for method := range r.operations {
			methods = append(methods, method)
		}
		slices.Sort(methods)
		r.allow = []string{strings.Join(methods, ", ")}
	}
	return all
}

func patternOf(path string) string {
	parts, n := strings.Split(path, "/"), 0
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = "{" + wildcards[n] + "}"
			n++
		}
	}
	if parts[len(parts)-1] == "" {
		parts[len(parts)-1] = "{$}"
	}
	return strings.Join(parts, "/")
}

// otherForm returns the pattern with the trailing slash removed or added. The root has no
// other form.
func otherForm(pattern string) string {
	if bare, found := strings.CutSuffix(pattern, "/{$}"); found {
		return bare
	}
	return pattern + "/{$}"
}

// redirect redirects from one form of a path to the other. The location has no host, which the
// client could have made up.
func redirect(w http.ResponseWriter, r *http.Request) {
	target := r.URL.EscapedPath()
	if bare, found := strings.CutSuffix(target, "/"); found {
		target = bare
	} else {
		target += "/"
	}
	if r.URL.RawQuery != "" {
		target += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", target)
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// ServeHTTP runs the operation of the method.
func (r *resource) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	c := w.(*call)
	c.endpoint = r.endpoints[request.Method]
	if c.endpoint == nil {
		c.Header()["Allow"] = r.allow
		c.refuse(fault.Refuse(web.MethodNotAllowed))
		return
	}
	err := c.admit()
	if err == nil {
		err = c.endpoint.run(c)
	}
	if err != nil {
		c.refuse(err)
	}
}

// call is a request with its response.
type call struct {
	http.ResponseWriter
	request     *http.Request
	server      *server
	endpoint    *endpoint // nil if there is none
	correlation string
	who         staff.Member // zero until authenticated
	seen        id.ID        // client whose data the answer has; zero if none was recorded
	input       any          // decoded request; nil until read
	gate        *web.Gate    // where the request has a slot; nil: none
	status      int          // 0 until the response starts
	page        *[]byte      // takes the JSON of a page of a file instead of the client; nil: the client gets it
	firstPage   bool         // of a file
}

var (
	jsonType = []string{"application/json"}
	noStore  = []string{"no-store"}
)

// ServeHTTP handles a request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	c := &call{ResponseWriter: w, request: r, server: s, correlation: r.Header.Get(requestHeader)}
	if !web.ValidCorrelation(c.correlation) {
		c.correlation = string(s.newID().Append(make([]byte, 0, 36)))
	}
	header := w.Header()
	header[requestHeader] = []string{c.correlation}
	header["Cache-Control"] = noStore
	defer c.finish(start)
	if unclean(r.URL.EscapedPath()) || s.Closed && forOperators(r.URL.Path) && r.Context().Value(private{}) == nil {
		c.refuse(errNoSuchPath())
		return
	}
	if r.URL.Path != "/healthz" && r.URL.Path != "/readyz" {
		if err := s.Rates.Address(r.Context(), r.RemoteAddr); err != nil {
			c.refuse(err)
			return
		}
	}
	if !s.paths.serve(c, r) {
		s.mux.ServeHTTP(c, r)
	}
}

// unclean reports whether net/http's mux would redirect an escaped path.
func unclean(p string) bool {
	if !strings.HasPrefix(p, "/") {
		return true
	}
	return (strings.Contains(p, "//") || strings.Contains(p, "/.")) && path.Clean(p) != strings.TrimSuffix(p, "/")
}

func (s *server) newID() id.ID {
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails: see crypto/rand
	return id.New(s.Clock(), random)
}

// Unwrap supports http.ResponseController.
func (c *call) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// route returns the path pattern, which, unlike the path, has no personal data.
func (c *call) route() string {
	if c.endpoint == nil {
		return "none"
	}
	return c.endpoint.path
}

// finish recovers from a panic, counts the request and logs it.
func (c *call) finish(start time.Time) {
	c.leave()
	if p := recover(); p != nil {
		c.recovered(p)
	}
	took := time.Since(start)
	meter := c.server.unrouted
	if c.endpoint != nil {
		meter = c.endpoint.meter
	}
	meter.Count(c.status, took)
	ctx := c.request.Context()
	if c.server.Traced {
		web.NameSpan(c.request, c.route(), c.status)
	}
	if log := c.server.log; log.Enabled(ctx, slog.LevelInfo) {
		log.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("method", c.request.Method), slog.String("route", c.route()),
			slog.Int("status", c.status), slog.Duration("duration", took), slog.String("correlation_id", c.correlation), slog.String("user", c.who.User.Username))
	}
}

// recovered responds to a request after a panic, or aborts the response if it has
// started.
func (c *call) recovered(p any) {
	if err, _ := p.(error); errors.Is(err, http.ErrAbortHandler) || c.status != 0 {
		c.server.log.ErrorContext(c.request.Context(), "response aborted", "route", c.route(), "correlation_id", c.correlation, "panic", p, "stack", string(debug.Stack()))
		panic(http.ErrAbortHandler)
	}
	c.refuse(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
}

func errNoSuchPath() error { return fault.Refuse(web.NoSuchPath) }
