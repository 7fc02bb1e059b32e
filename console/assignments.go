package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/view"
)

const (
	assignLoansPath   = collectionsPath + "/assignment"
	assignClientsPath = Root + "assignments"
)

var assignmentRoutes = []route{
	{"GET " + assignLoansPath, collections.Assign, (*visit).loansBack},
	{"POST " + assignLoansPath, collections.Assign, (*visit).assignLoans},
	{"GET " + assignLoansPath + "/{key}", collections.Assign, (*visit).assignment},
	{"GET " + assignClientsPath, client.Assign, (*visit).clientsBack},
	{"POST " + assignClientsPath, client.Assign, (*visit).assignClients},
	{"GET " + assignClientsPath + "/{key}", client.Assign, (*visit).assignment},
}

// mostAssigned limits the loans or clients that are chosen for one assignment.
const mostAssigned = 500

// assigning is the assignment of loans to a collector or of clients to an officer: one command for
// each. It goes on if the user leaves, and ends with the server.
type assigning struct {
	key   string // of the form
	asked string // what the form asked for
	page  assignmentPage
	items []assigned
	each  func(context.Context, *visit, bank.By, *assigned) (token uint64, err error)

	mu      sync.Mutex
	done    int
	refused []refusedItem
	token   uint64 // of the last commit
}

// assigned is a loan or a client. It has a number, or of the clients of an officer, an id.
type assigned struct {
	Number string
	ID     id.ID
}

// mostKept is the number of assignments of a user whose progress can be seen.
const mostKept = 10

// assignments are the last ones of each user, by user name, the oldest first. The zero value has
// none.
type assignments struct {
	mu sync.Mutex
	of map[string][]*assigning
}

// find returns an assignment of a user by the key of its form, or nil.
func (s *assignments) find(username, key string) *assigning {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.found(username, key)
}

func (s *assignments) found(username, key string) *assigning {
	for _, a := range s.of[username] {
		if a.key == key {
			return a
		}
	}
	return nil
}

// add keeps an assignment of a user. It returns the earlier one with the same key if there is one,
// and else the new one.
func (s *assignments) add(username string, a *assigning) *assigning {
	s.mu.Lock()
	defer s.mu.Unlock()
	if earlier := s.found(username, a.key); earlier != nil {
		return earlier
	}
	if s.of == nil {
		s.of = map[string][]*assigning{}
	}
	list := s.of[username]
	list = append(list, a)
	s.of[username] = slices.Delete(list, 0, max(0, len(list)-mostKept))
	return a
}

// refusedItem is a loan or a client that was not assigned, and why.
type refusedItem struct{ Number, Path, Reason string }

// assignmentPage is the progress of an assignment.
type assignmentPage struct {
	Title      string
	Kind       string // the heading of the numbers
	List       string // name of the list
	ListPath   string
	Path       string
	Of, Done   int
	Refused    []refusedItem
	pathOfItem string // address of a loan or client without its number
}

// Running reports whether loans or clients are still waiting.
func (p assignmentPage) Running() bool { return p.Done+len(p.Refused) < p.Of }

// Handled returns the number of loans or clients that were assigned or refused.
func (p assignmentPage) Handled() int { return p.Done + len(p.Refused) }

var assignmentScreen = declare[assignmentPage]("assignment")

var assignmentPhrases = phrases{
	"Assign the selected loans to": "Asignar los elegidos a",
	"Assign to":                    "Asignar a",
	"Assign the selected clients":  "Asignar los elegidos",
	"Assign all clients of {name}": "Asignar todos los clientes de {name}",
	"Choose the client":            "Elegir al cliente",
	"Choose a collector.":          "Elija un gestor.",
	"Choose an officer.":           "Elija un ejecutivo.",
	"This form was sent before with other loans or another collector. Check it and send it again.": "Este formulario ya se envió con otros préstamos u otro gestor. Revíselo y envíelo de nuevo.",
	"This form was sent before with other clients or another officer. Check it and send it again.": "Este formulario ya se envió con otros clientes u otro ejecutivo. Revíselo y envíelo de nuevo.",
	"Choose at least one loan.":                                        "Elija al menos un préstamo.",
	"Choose at least one client.":                                      "Elija al menos un cliente.",
	"At most {n} loans are assigned at once.":                          "Se asignan hasta {n} préstamos a la vez.",
	"At most {n} clients are assigned at once.":                        "Se asignan hasta {n} clientes a la vez.",
	"{name} has no clients.":                                           "{name} no tiene clientes.",
	"Loans assigned to {name}":                                         "Préstamos asignados a {name}",
	"Clients assigned to {name}":                                       "Clientes asignados a {name}",
	"Remove the collector":                                             "Quitar gestor",
	"{done} of {of} done":                                              "{done} de {of} listos",
	"{done} of {of} done, {n} refused":                                 "{done} de {of} listos, {n} {n|rechazado|rechazados}",
	"You may leave this page: the work goes on while the server runs.": "Puede salir de esta página: el trabajo continúa mientras el servidor siga en marcha.",
	"Without change":                                                   "Sin cambio",
	"Back to {list}":                                                   "Volver a {list}",
}

// assignLoans begins to assign the chosen loans to a collector, or to nobody. The same form sent
// twice is one assignment.
func (v *visit) assignLoans() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	chosen, to := chosen(f, "loan"), f.Get("to")
	switch {
	case to == "":
		f.Problem = v.say("Choose a collector.")
	case len(chosen) == 0:
		f.Problem = v.say("Choose at least one loan.")
	case len(chosen) > mostAssigned:
		f.Problem = v.say("At most {n} loans are assigned at once.", "n", mostAssigned)
	}
	if f.Problem != "" {
		return v.backToWork(422, f)
	}
	a := newAssigning(f, chosen)
	a.page = assignmentPage{
		Title: v.say("Loans assigned to {name}", "name", v.person(to)), Kind: v.say("Loan"), List: v.say("Collections"), ListPath: collectionsPath,
		Path: assignLoansPath, pathOfItem: collectionsPath + "/",
	}
	if to == nobody {
		to, a.page.Title = "", v.say("Remove the collector")
	}
	a.each = func(ctx context.Context, v *visit, by bank.By, it *assigned) (uint64, error) {
		n, flaw := folio.Loan.Parse(it.Number)
		if flaw != "" {
			return 0, fault.Wrong(fault.At("loan", flaw))
		}
		loanID, err := v.View.LoanNumbered(ctx, v.by(), n)
		if err != nil {
			return 0, err
		}
		done, err := bank.Do(ctx, v.Bank, by, lending.AssignCollector{LoanID: loanID, Collector: to})
		return done.Token, err
	}
	if !v.start(a) {
		f.Problem, f.Key = v.say("This form was sent before with other loans or another collector. Check it and send it again."), rand.Text()
		return v.backToWork(422, f)
	}
	return v.goTo(a.path())
}

// assignClients begins to assign the chosen clients, or all clients of an officer, with their loans
// to another officer. The same form sent twice is one assignment.
func (v *visit) assignClients() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	chosen, to, former := chosen(f, "client"), f.Get("to"), f.Get("all")
	a := newAssigning(f, chosen)
	switch {
	case to == "":
		f.Problem = v.say("Choose an officer.")
	case former != "":
		if a.items, err = v.clientsOf(former); err != nil {
			return err
		}
		if len(a.items) == 0 && v.assigns.find(v.who.User.Username, f.Key) == nil {
			f.Problem = v.say("{name} has no clients.", "name", v.person(former))
		}
	case len(chosen) == 0:
		f.Problem = v.say("Choose at least one client.")
	case len(chosen) > mostAssigned:
		f.Problem = v.say("At most {n} clients are assigned at once.", "n", mostAssigned)
	}
	if f.Problem != "" {
		return v.backToClients(422, f)
	}
	a.page = assignmentPage{
		Title: v.say("Clients assigned to {name}", "name", v.person(to)), Kind: v.say("Client"), List: v.say("Clients"), ListPath: clientsPath,
		Path: assignClientsPath, pathOfItem: clientsPath + "/",
	}
	a.each = func(ctx context.Context, v *visit, by bank.By, it *assigned) (uint64, error) {
		return v.assignClient(ctx, by, it, to)
	}
	if !v.start(a) {
		f.Problem, f.Key = v.say("This form was sent before with other clients or another officer. Check it and send it again."), rand.Text()
		return v.backToClients(422, f)
	}
	return v.goTo(a.path())
}

// clientsOf returns the clients of an officer in the scope of the user.
func (v *visit) clientsOf(officer string) (all []assigned, err error) {
	part := view.Paging{Limit: 1000}
	for {
		ids, err := v.View.ClientsOf(v.r.Context(), v.by(), officer, part)
		if err != nil {
			return nil, err
		}
		for _, clientID := range ids {
			all = append(all, assigned{ID: clientID})
		}
		if int64(len(ids)) < part.Limit {
			return all, nil
		}
		part.After = ids[len(ids)-1]
	}
}

// assignClient assigns a client. If it is refused, the client has its number afterwards.
func (v *visit) assignClient(ctx context.Context, by bank.By, it *assigned, to string) (uint64, error) {
	if it.ID.IsZero() {
		n, flaw := folio.Client.Parse(it.Number)
		if flaw != "" {
			return 0, fault.Wrong(fault.At("client", flaw))
		}
		var err error
		if it.ID, err = v.View.ClientNumbered(ctx, v.by(), n); err != nil {
			return 0, err
		}
	}
	done, err := bank.Do(ctx, v.Bank, by, lending.ReassignClient{ClientID: it.ID, Officer: to})
	if err != nil && it.Number == "" {
		if c, unread := v.View.ClientByID(ctx, v.by(), it.ID); unread == nil {
			it.Number = folio.Client.Print(c.Number)
		}
	}
	return done.Token, err
}

// chosen returns the numbers that were checked, each once.
func chosen(f *form, input string) []string {
	return slices.Compact(slices.Sorted(slices.Values(f.Values[input])))
}

// newAssigning returns an assignment of what has the numbers.
func newAssigning(f *form, numbers []string) *assigning {
	a := &assigning{key: cmp.Or(f.Key, rand.Text()), asked: f.Get("to") + "\n" + f.Get("all") + "\n" + strings.Join(numbers, "\n")}
	for _, n := range numbers {
		a.items = append(a.items, assigned{Number: n})
	}
	return a
}

// start runs an assignment unless its form was sent before. It reports false if that form asked
// for something else.
func (v *visit) start(a *assigning) bool {
	kept := v.assigns.add(v.who.User.Username, a)
	if kept == a {
		go a.run(v)
	}
	return kept.asked == a.asked
}

// path returns the address of the progress.
func (a *assigning) path() string { return a.page.Path + "/" + url.PathEscape(a.key) }

// loansBack shows the list with the form that comes back after the user signed in again.
func (v *visit) loansBack() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	return v.backToWork(200, f)
}

// backToWork shows the list again, as at the address from which the form was sent.
func (v *visit) backToWork(status int, f *form) error {
	v.backTo(collectionsPath, f, workFilters)
	return v.showWork(status, f)
}

// clientsBack is loansBack for clients.
func (v *visit) clientsBack() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	return v.backToClients(200, f)
}

// backToClients is backToWork for clients.
func (v *visit) backToClients(status int, f *form) error {
	v.backTo(clientsPath, f, clientFilters)
	return v.showClients(status, f)
}

// backTo makes the address of the request that of a list, with the filters that a form kept.
func (v *visit) backTo(path string, f *form, filters []string) {
	q := url.Values{}
	for _, name := range filters {
		if value := f.Get(name); value != "" {
			q.Set(name, value)
		}
	}
	v.r = v.r.WithContext(v.r.Context())
	v.r.URL = &url.URL{Path: path, RawQuery: q.Encode()}
}

// keptFilters returns the filters of the address, which a form sends so that backTo finds them.
func keptFilters(f *form, filters []string) (kept []field) {
	for _, name := range filters {
		if value := f.Get(name); value != "" {
			kept = append(kept, field{name, value})
		}
	}
	return kept
}

// run assigns one after the other. What fails does not stop the others.
func (a *assigning) run(v *visit) {
	ctx := context.WithoutCancel(v.r.Context())
	for i := range a.items {
		it := &a.items[i]
		of := cmp.Or(it.Number, it.ID.String())
		by := bank.By{Actor: v.who.User.Username, Key: a.key + "/" + of, Request: sha256.Sum256([]byte(of + "\n" + a.asked))}
		var token uint64
		err := fault.Guarded(func() (err error) {
			token, err = a.each(ctx, v, by, it)
			return err
		})
		a.mu.Lock()
		if err == nil {
			a.done, a.token = a.done+1, max(a.token, token)
		} else {
			a.refused = append(a.refused, refusedItem{it.Number, a.page.pathOfItem + url.PathEscape(it.Number), v.reason(err)})
		}
		a.mu.Unlock()
	}
	v.counted.Delete(v.who.User.Username)
}

// reason says why a command was refused.
func (v *visit) reason(err error) string {
	f := form{}
	if _, shown := f.wrong(v, err, nil); !shown {
		var refusal *fault.Error
		if !errors.As(err, &refusal) {
			v.Log.Error("console", "path", v.r.URL.Path, "error", err)
		}
		return v.say("Something went wrong here")
	}
	for _, flaw := range f.Flaws {
		return flaw
	}
	return f.Problem
}

// assignment shows the progress of an assignment, and its result.
func (v *visit) assignment() error {
	a := v.assigns.find(v.who.User.Username, v.r.PathValue("key"))
	if a == nil {
		return errNoPage
	}
	a.mu.Lock()
	v.committed(a.token)
	page := a.page
	page.Path, page.Of, page.Done, page.Refused = a.path(), len(a.items), a.done, slices.Clone(a.refused)
	a.mu.Unlock()
	return assignmentScreen.show(v, page)
}
