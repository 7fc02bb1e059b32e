package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/console"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/folio"
	"sofipo/core/lending/loan"
	"sofipo/infra/auth"
	"sofipo/infra/db"
	"sofipo/infra/files"
	"sofipo/simulation"
	"sofipo/view"
)

// lastClose is the last closed day of the simulated institution and of the rows of fill.sql.
var lastClose = civil.Date{Year: 2026, Month: 1, Day: 15}

const (
	simulatedDays    = 120
	simulatedClients = 150
	password         = "a password of the benchmark"
)

// simulate writes an institution with staff, tills, and loans with their whole history, whose pages
// are measured. The rows of fill.sql surround it.
func simulate(ctx context.Context, database *db.DB) error {
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	_, err = simulation.Play(ctx, simulation.Options{
		DB: database, Seed: 1, Days: simulatedDays, Clients: simulatedClients, From: lastClose.AddDays(1 - simulatedDays), Password: hash,
	})
	return err
}

// site is the console on the day after lastClose, with a browser of each user that has signed in.
type site struct {
	server   *httptest.Server
	bank     *bank.Bank
	browsers map[string]*http.Client
	loans    []view.LoanRow // of the simulated institution
	clients  []client.Client
}

func openSite(ctx context.Context, database *db.DB, views *view.View) (s *site, err error) {
	clock := func() time.Time { return lastClose.AddDays(1).Midnight().Add(11 * time.Hour) }
	keys, err := auth.NewKeys("a key of the benchmark and of nothing else")
	if err != nil {
		return nil, err
	}
	s = &site{browsers: map[string]*http.Client{}}
	active, err := views.Loans(ctx, view.System, view.LoanQuery{Status: loan.Active, Granted: view.Times{From: lastClose.AddDays(-90).Midnight()}, Order: view.Newest, Window: view.Window{Limit: 50}})
	if err != nil || len(active.Items) == 0 {
		return nil, fmt.Errorf("no simulated loans were found: %w", err)
	}
	s.loans = active.Items
	recent, err := views.ListClients(ctx, view.System, view.ClientQuery{Registered: view.Times{From: lastClose.AddDays(-90).Midnight()}, Order: view.LastClient, Window: view.Window{Limit: 50}})
	if err != nil || len(recent.Items) == 0 {
		return nil, fmt.Errorf("no simulated clients were found: %w", err)
	}
	s.clients = recent.Items
	s.bank = bank.Open(bank.Options{DB: database, Clock: clock, Committed: views.Forget})
	s.server = httptest.NewServer(console.New(console.Options{
		Bank: s.bank, Days: dayend.New(s.bank, dayend.Options{}), View: views, Keys: keys, Files: files.Folder(""), Clock: clock,
	}))
	for _, user := range []string{"direccion", "gerente.oaxaca", "oficial.oaxaca", "caja.oaxaca", "cobranza.oaxaca"} {
		if err := s.signIn(ctx, user); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

func (s *site) close() {
	s.server.Close()
	s.bank.Close()
}

func (s *site) signIn(ctx context.Context, user string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	s.browsers[user] = &http.Client{Jar: jar}
	form := url.Values{"sign_in_user": {user}, "sign_in_password": {password}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.server.URL+console.Root+"sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, err = s.send(user, r)
	return err
}

// send returns the size of an answer, after it has been read whole.
func (s *site) send(user string, r *http.Request) (size int64, err error) {
	got, err := s.browsers[user].Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, got.Body.Close()) }()
	if size, err = io.Copy(io.Discard, got.Body); err == nil && got.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s as %s: got status %d", r.Method, r.URL, user, got.StatusCode)
	}
	return size, err
}

// page measures a page for a user until its last byte. The number of results is its size in kB.
func page(user string, path func(ctx context.Context, a *asker) (string, error)) func(context.Context, *asker) (int, error) {
	return func(ctx context.Context, a *asker) (int, error) {
		at, err := path(ctx, a)
		if err != nil {
			return 0, err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, a.site.server.URL+console.Root+at, nil)
		if err != nil {
			return 0, err
		}
		if strings.HasPrefix(at, "search") {
			r.Header.Set("HX-Request", "true") // while the user types
		}
		size, err := a.site.send(user, r)
		return int(size / 1000), err
	}
}

// pages lists the pages of the console that are measured.
func pages() []request {
	always := func(path string) func(context.Context, *asker) (string, error) {
		return func(context.Context, *asker) (string, error) { return path, nil }
	}
	ofLoan := func(path string) func(context.Context, *asker) (string, error) {
		return func(_ context.Context, a *asker) (string, error) {
			return strings.ReplaceAll(path, "{loan}", folio.Loan.Print(a.site.loans[a.rand.IntN(len(a.site.loans))].Number)), nil
		}
	}
	ofClient := func(path string) func(context.Context, *asker) (string, error) {
		return func(_ context.Context, a *asker) (string, error) {
			return strings.ReplaceAll(path, "{client}", folio.Client.Print(a.site.clients[a.rand.IntN(len(a.site.clients))].Number)), nil
		}
	}
	ofName := func(path string) func(context.Context, *asker) (string, error) {
		return func(ctx context.Context, a *asker) (string, error) {
			name, err := a.someone(ctx)
			return path + url.QueryEscape(name), err
		}
	}
	const director, manager, officer, teller, collector = "direccion", "gerente.oaxaca", "oficial.oaxaca", "caja.oaxaca", "cobranza.oaxaca"
	return []request{
		{"page: search", nil, page(director, ofName("search?q="))},
		{"page: search of a branch", nil, page(manager, ofName("search?q="))},
		{"page: client", nil, page(director, ofClient("clients/{client}"))},
		{"page: client, loans", nil, page(director, ofClient("clients/{client}/loans"))},
		{"page: client, exposure", nil, page(director, ofClient("clients/{client}/exposure"))},
		{"page: client, timeline", nil, page(director, ofClient("clients/{client}/timeline"))},
		{"page: loan", nil, page(director, ofLoan("loans/{loan}"))},
		{"page: loan, timeline", nil, page(director, ofLoan("loans/{loan}/timeline"))},
		{"page: loan, prepayment", nil, page(teller, ofLoan("loans/{loan}/prepayment?amount=1500"))},
		{"page: till", nil, page(teller, always("till"))},
		{"page: payment, split", nil, page(teller, ofLoan("till/payment?loan={loan}&amount=250&method=cash"))},
		{"page: home of a manager", nil, page(manager, always(""))},
		{"page: home of an officer", nil, page(officer, always(""))},
		{"report: home of a director", nil, page(director, always(""))},
		{"page: clients", nil, page(director, always("clients"))},
		{"page: loans", nil, page(director, always("loans"))},
		{"page: payments", nil, page(director, always("payments"))},
		{"page: applications", nil, page(director, always("applications"))},
		{"page: collections of a collector", nil, page(collector, always("collections"))},
		{"page: collections of a branch", nil, page(manager, always("collections"))},
		{"page: collections", nil, page(director, always("collections"))},
		{"report: portfolio", nil, page(director, always("portfolio"))},
		{"report: portfolio of a product", nil, page(director, always("portfolio?product=p3"))},
		{"report: portfolio of a branch", nil, page(manager, always("portfolio"))},
	}
}
