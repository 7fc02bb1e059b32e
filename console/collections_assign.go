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
// if the user leaves.
type assigning struct {
	key       string // of the form
	collector string // user name; empty for nobody
	of        int

	mu      sync.Mutex
	done    int
	refused []refusedLoan
	token   uint64 // of the last commit
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
	"Assign the selected loans to":                     "Asignar los elegidos a",
	"Choose at least one loan.":                        "Elija al menos un préstamo.",
	"At most {n} loans are assigned at once.":          "Se asignan hasta {n} préstamos a la vez.",
	"Loans assigned to {name}":                         "Préstamos asignados a {name}",
	"Loans without a collector":                        "Préstamos sin gestor",
	"{done} of {of} done":                              "{done} de {of} asignados",
	"{done} of {of} done, {n} refused":                 "{done} de {of} asignados, {n} {n|rechazado|rechazados}",
	"You may leave this page: the assignment goes on.": "Puede salir de esta página: la asignación continúa.",
	"Not assigned":                                     "No se asignaron",
	"Back to collections":                              "Volver a cobranza",
}

// assignLoans begins to assign the chosen loans to a collector. The same form sent twice is one
// assignment.
func (v *visit) assignLoans() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	chosen := slices.Compact(slices.Sorted(slices.Values(f.Values["loan"])))
	if len(chosen) == 0 {
		f.Problem = v.say("Choose at least one loan.")
	} else if len(chosen) > mostAssigned {
		f.Problem = v.say("At most {n} loans are assigned at once.", "n", mostAssigned)
	}
	if f.Problem != "" {
		return v.showWork(422, f)
	}
	a := &assigning{key: cmp.Or(f.Key, rand.Text()), collector: f.Get("collector"), of: len(chosen)}
	if last, known := v.assigns.Swap(v.who.User.Username, a); known && last.(*assigning).key == a.key {
		v.assigns.Store(v.who.User.Username, last)
	} else {
		go a.run(v, chosen)
	}
	return v.goTo(assignmentPath + "/" + url.PathEscape(a.key))
}

// run assigns the loans one by one.
func (a *assigning) run(v *visit, chosen []string) {
	ctx := context.WithoutCancel(v.r.Context())
	for _, typed := range chosen {
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
	found, known := v.assigns.Load(v.who.User.Username)
	if !known || found.(*assigning).key != v.r.PathValue("key") {
		return errNoPage
	}
	a := found.(*assigning)
	a.mu.Lock()
	v.committed(a.token)
	page := assignmentPage{Path: assignmentPath + "/" + url.PathEscape(a.key), Of: a.of, Done: a.done, Refused: slices.Clone(a.refused)}
	a.mu.Unlock()
	if a.collector != "" {
		page.Collector = v.person(a.collector)
	}
	return assignmentScreen.show(v, page)
}
