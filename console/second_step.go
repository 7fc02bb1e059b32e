package console

import (
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
	"time"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/infra/auth"
	"sofipo/web"
)

// secondStep is what the sign-in page shows after the password: a request for a code, with the QR
// code if the user enrols a second factor, or the new recovery codes.
type secondStep struct {
	Proof    string // of the password
	QR       template.URL
	Key      string // the secret of the app, in groups of four
	Recovery []string
}

// stepPrefix distinguishes the proof of a password from other tokens: no user name has a colon.
const stepPrefix = "password:"

// stepTime is how long a user may take for the second step.
const stepTime = 10 * time.Minute

func (s *server) proofOfPassword(username string) (string, error) {
	return s.Keys.Issue(stepPrefix+username, stepTime, s.Clock())
}

// provenUser returns the user whose password was verified. Refused with access.NotAuthenticated.
func (s *server) provenUser(r *http.Request, proof string) (string, error) {
	refusal := fault.Refuse(access.NotAuthenticated)
	claims, err := s.Keys.Verify(proof, s.Clock())
	name, is := strings.CutPrefix(claims.Subject, stepPrefix)
	if err != nil || !is {
		return "", refusal
	}
	who, err := s.View.User(r.Context(), name)
	if err != nil || who.Disabled || claims.Issued.Before(who.PasswordAt) {
		return "", refusal
	}
	return name, nil
}

// askForCode shows the second step.
func (s *server) askForCode(w http.ResponseWriter, r *http.Request, page signInForm) (err error) {
	if page.Second.Proof, err = s.proofOfPassword(page.Username); err == nil {
		s.showSignIn(w, r, http.StatusOK, page)
	}
	return err
}

// askToEnrol begins the enrolment of a second factor and shows it.
func (s *server) askToEnrol(w http.ResponseWriter, r *http.Request, page signInForm) error {
	made, err := s.factors.Enrol(r.Context(), page.Username)
	if err != nil {
		return err
	}
	page.show(made)
	return s.askForCode(w, r, page)
}

// show puts an enrolment on the page.
func (p *signInForm) show(e auth.Enrolment) {
	p.Second.QR = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(e.QR))
	var groups []string
	for rest := e.Secret; rest != ""; {
		n := min(4, len(rest))
		groups, rest = append(groups, rest[:n]), rest[n:]
	}
	p.Second.Key = strings.Join(groups, " ")
}

// enterCode answers the second step: the code of a user with a second factor, or the first code of
// an enrolment.
func (s *server) enterCode(w http.ResponseWriter, r *http.Request) {
	form, err := readForm(w, r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	sent := sentBefore(form.Values)
	page := signInForm{Path: localPath(form.Values.Get("sign_in_path")), Kept: kept(sent)}
	page.Username, err = s.provenUser(r, form.Values.Get("sign_in_proof"))
	if err != nil {
		s.refuseSignIn(w, r, page, err)
		return
	}
	attempt := web.Attempt{Name: page.Username, Code: form.Values.Get("sign_in_code"), Remote: r.RemoteAddr}
	page.Second.Proof = form.Values.Get("sign_in_proof")
	if form.Values.Get("sign_in_enrol") != "" {
		err = s.confirmEnrolment(w, r, &page, attempt)
	} else if err = s.factors.Second(r.Context(), attempt); err == nil {
		err = s.enter(w, r, page, sent)
	}
	if err != nil {
		s.refuseSignIn(w, r, page, err)
	}
}

// confirmEnrolment puts the second factor in force, signs the user in and shows the recovery codes.
// After a wrong code the page shows the same QR code.
func (s *server) confirmEnrolment(w http.ResponseWriter, r *http.Request, page *signInForm, a web.Attempt) error {
	codes, err := s.factors.Confirm(r.Context(), a)
	if err != nil {
		if e, err := s.factors.Enrolling(r.Context(), a.Name); err == nil {
			page.show(e)
		}
		return err
	}
	if err := (&visit{server: s, w: w, r: r}).openSession(a.Name); err != nil {
		return err
	}
	page.Second = secondStep{Recovery: codes}
	s.showSignIn(w, r, http.StatusOK, *page)
	return nil
}
