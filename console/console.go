// Package console is the back office: the pages at /console/ where the staff work. A page is
// a struct and a template of the same name; it asks package view and changes things by
// commands of package bank, as the API does. Nothing changes by GET. Every page works without
// JavaScript; htmx replaces parts of a page, and console.js only has the keys.
//
// The files: console.go mounts the pages, visit.go has the request of a signed-in user,
// screen.go renders, form.go reads forms, phrases.go has the texts, session.go signs in and
// out, and each other file has the pages of one subject with their routes and phrases.
package console

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/dayend"
	"sofipo/bank/takeover"
	"sofipo/core/access"
	"sofipo/infra/auth"
	"sofipo/infra/files"
	"sofipo/text"
	"sofipo/view"
	"sofipo/web"
)

// Root is the address of the console.
const Root = "/console/"

// Options are the parts of the console.
type Options struct {
	Bank       *bank.Bank
	Days       *dayend.Closer
	Imports    *takeover.Uploads // nil: files are stored, and nothing imports them
	View       *view.View
	Keys       *auth.Keys
	Logins     *web.Logins
	Viewings   *clients.Viewings // who saw clients' data; nil: not recorded
	Rates      *web.Rates        // limits of requests; nil: none
	Meters     *web.Meters       // metrics of requests; nil: none
	Files      files.Store
	Log        *slog.Logger
	Clock      func() time.Time // nil: the real one
	Training   bool             // Clock shows another date than today, which all pages mention
	CloseAt    string           // time of day at which days are closed by themselves, such as 01:30; empty: never
	Operations Operations
	Location   *time.Location // time zone of times and of the business date; nil: UTC

	SecondFactor web.SecondFactor // roles that need a second factor; empty: none
}

// route is an address with what answers it. A user without the permission gets a page that
// names it.
type route struct {
	pattern string // of http.ServeMux
	need    access.Permission
	answer  func(*visit) error
}

// routes lists the pages of signed-in users.
var routes = slices.Concat(
	homeRoutes,
	dueRoutes,
	alertRoutes,
	accountRoutes,
	loanRoutes,
	paymentRoutes,
	searchRoutes,
	clientListRoutes,
	loanListRoutes,
	clientRoutes, personalRoutes,
	clientFormRoutes,
	userRoutes,
	roleRoutes,
	placeRoutes,
	layoutRoutes,
	productRoutes,
	institutionRoutes,
	importRoutes,
	operationRoutes,
	webhookRoutes,
	auditRoutes,
	tillRoutes,
	countRoutes,
	tillsRoutes,
	collectionsRoutes,
	collectionRoutes,
	assignmentRoutes,
	incomingRoutes,
	simulatorRoutes,
	approvalRoutes,
	applicationRoutes,
	deedRoutes,
	portfolioRoutes,
	booksRoutes,
	dayRoutes,
	manualRoutes,
)

// server answers requests. It is safe for concurrent use.
type server struct {
	Options
	mux     *http.ServeMux
	needs   map[string]access.Permission // of the pages, by pattern
	review  *review
	factors web.Factors
	counted sync.Map // waits of each user, by user name
	closes  closes
	assigns assignments
}

// New returns the console as a handler of the addresses below Root.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Imports == nil {
		o.Imports = takeover.NewUploads(o.Bank, o.Location)
	}
	if o.Logins == nil {
		o.Logins = web.NewLogins(o.Bank, time.Now)
	}
	s := &server{Options: o, mux: http.NewServeMux(), needs: map[string]access.Permission{}, review: &review{}}
	s.factors = web.Factors{Bank: o.Bank, View: o.View, Keys: o.Keys, Logins: o.Logins, Required: o.SecondFactor}
	for _, r := range routes {
		s.needs[r.pattern] = r.need
		s.mux.Handle(r.pattern, s.signedIn(r))
	}
	s.mux.HandleFunc("GET "+signInPath, s.signInPage)
	s.mux.HandleFunc("POST "+signInPath, s.signIn)
	s.mux.HandleFunc("POST "+codePath, s.enterCode)
	s.mux.HandleFunc("POST "+signOutPath, s.signOut)
	s.mux.HandleFunc("GET "+Root+"static/{name}", static)
	s.mux.Handle(Root, s.signedIn(route{need: access.Own, answer: func(*visit) error { return errNoPage }}))
	return web.Protected(protected(http.NewCrossOriginProtection().Handler(s.limited(s.Meters.Wrap(s.mux)))))
}

// limited refuses requests from an address that sends too many. The files of the console do not
// count.
func (s *server) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, Root+"static/") {
			if err := s.Rates.Address(r.Context(), r.RemoteAddr); err != nil {
				(&visit{server: s, w: w, r: r, now: s.Clock(), lang: text.ES}).refuse(err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// policy lets pages load nothing but the files of the console.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// protected adds the headers that every page has.
func protected(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
