package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/url"
	"slices"
	"sync"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/fault"
	"sofipo/core/folio"
)

// mostAssigned limits the loans that are assigned at once.
const mostAssigned = 500

// assigning is the assignment of some loans to a collector: one command for each loan. It goes on
// if the user leaves, and ends with the server.
type assigning struct {
	key       string // of the form
	collector string // user name; empty for nobody
	loans     []string

	mu      sync.Mutex
	done    int
	refused []refusedLoan
	token   uint64 // of the last commit
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

// refusedLoan is a loan that was not assigned, and why.
type refusedLoan struct{ Number, Path, Reason string }

// assignmentPage is the progress of an assignment.
type assignmentPage struct {
	Path      string
	Collector string
	Of, Done  int
	Refused   []refusedLoan
}

// Running reports whether loans are still waiting.
func (p assignmentPage) Running() bool { return p.Done+len(p.Refused) < p.Of }

// Handled returns the number of loans that were assigned or refused.
func (p assignmentPage) Handled() int { return p.Done + len(p.Refused) }

var assignmentScreen = declare[assignmentPage]("assignment")

var assignmentPhrases = phrases{
	"Assign the selected loans to": "Asignar los elegidos a",
	"Choose a collector.":          "Elija un gestor.",
	"This form was sent before with other loans or another collector. Check it and send it again.": "Este formulario ya se envió con otros préstamos u otro gestor. Revíselo y envíelo de nuevo.",
	"Choose at least one loan.":                                        "Elija al menos un préstamo.",
	"At most {n} loans are assigned at once.":                          "Se asignan hasta {n} préstamos a la vez.",
	"Loans assigned to {name}":                                         "Préstamos asignados a {name}",
	"Remove the collector":                                             "Quitar gestor",
	"{done} of {of} done":                                              "{done} de {of} listos",
	"{done} of {of} done, {n} refused":                                 "{done} de {of} listos, {n} {n|rechazado|rechazados}",
	"You may leave this page: the work goes on while the server runs.": "Puede salir de esta página: el trabajo continúa mientras el servidor siga en marcha.",
	"Without change":                                                   "Sin cambio",
	"Back to collections":                                              "Volver a cobranza",
}

// assignLoans begins to assign the chosen loans to a collector, or to nobody. The same form sent
// twice is one assignment.
func (v *visit) assignLoans() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	chosen := slices.Compact(slices.Sorted(slices.Values(f.Values["loan"])))
	to := f.Get("to")
	if to == "" {
		f.Problem = v.say("Choose a collector.")
	} else if len(chosen) == 0 {
		f.Problem = v.say("Choose at least one loan.")
	} else if len(chosen) > mostAssigned {
		f.Problem = v.say("At most {n} loans are assigned at once.", "n", mostAssigned)
	}
	if f.Problem != "" {
		return v.backToWork(422, f)
	}
	a := &assigning{key: cmp.Or(f.Key, rand.Text()), loans: chosen}
	if to != nobody {
		a.collector = to
	}
	switch kept := v.assigns.add(v.who.User.Username, a); {
	case kept == a:
		go a.run(v)
	case kept.collector != a.collector || !slices.Equal(kept.loans, a.loans):
		f.Problem, f.Key = v.say("This form was sent before with other loans or another collector. Check it and send it again."), rand.Text()
		return v.backToWork(422, f)
	}
	return v.goTo(assignmentPath + "/" + url.PathEscape(a.key))
}

// assignBack shows the list with the form that comes back after the user signed in again.
func (v *visit) assignBack() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	return v.backToWork(200, f)
}

// backToWork shows the list again, as at the address from which the form was sent.
func (v *visit) backToWork(status int, f *form) error {
	q := url.Values{}
	for _, name := range workFilters {
		if value := f.Get(name); value != "" {
			q.Set(name, value)
		}
	}
	v.r = v.r.WithContext(v.r.Context())
	v.r.URL = &url.URL{Path: collectionsPath, RawQuery: q.Encode()}
	return v.showWork(status, f)
}

// run assigns the loans one by one.
func (a *assigning) run(v *visit) {
	ctx := context.WithoutCancel(v.r.Context())
	for _, typed := range a.loans {
		token, err := a.assign(ctx, v, typed)
		a.mu.Lock()
		if err == nil {
			a.done, a.token = a.done+1, max(a.token, token)
		} else {
			a.refused = append(a.refused, refusedLoan{typed, collectionsPath + "/" + url.PathEscape(typed), v.reason(err)})
		}
		a.mu.Unlock()
	}
	v.counted.Delete(v.who.User.Username)
}

// assign assigns the loan with a number.
func (a *assigning) assign(ctx context.Context, v *visit, typed string) (token uint64, err error) {
	n, flaw := folio.Loan.Parse(typed)
	if flaw != "" {
		return 0, fault.Wrong(fault.At("loan", flaw))
	}
	loanID, err := v.View.LoanNumbered(ctx, v.by(), n)
	if err != nil {
		return 0, err
	}
	by := bank.By{Actor: v.who.User.Username, Key: a.key + "/" + typed, Request: sha256.Sum256([]byte(typed + "\n" + a.collector))}
	done, err := bank.Do(ctx, v.Bank, by, lending.AssignCollector{LoanID: loanID, Collector: a.collector})
	return done.Token, err
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
	page := assignmentPage{Path: assignmentPath + "/" + url.PathEscape(a.key), Of: len(a.loans), Done: a.done, Refused: slices.Clone(a.refused)}
	a.mu.Unlock()
	if a.collector != "" {
		page.Collector = v.person(a.collector)
	}
	return assignmentScreen.show(v, page)
}
