package console

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/institution"
	"sofipo/core/staff"
	"sofipo/text"
	"sofipo/view"
	"sofipo/web"
)

// visit is a request of a signed-in user.
type visit struct {
	*server
	w       http.ResponseWriter
	r       *http.Request
	who     staff.Member
	session staff.Session
	lang    text.Lang
	now     time.Time
	today   civil.Date // the business date
	letter  institution.Letterhead
	branch  staff.Branch // of the user

	branches   []staff.Branch
	colleagues []staff.User      // all users, loaded by people
	names      map[string]string // their full names by user name
	seen       id.ID             // client whose data the answer has; zero if none was recorded
	madeKey    string            // API key that this request created: its answer shows it once
	token      uint64            // commit token of the last command of this request
	checked    []health          // the parts of the system, loaded by health
}

// by returns the reader of questions. Answers include what the user's last command changed.
func (v *visit) by() view.By { return view.By{Who: v.who, Need: v.need()} }

// may reports whether the user's role has a permission.
func (v *visit) may(p access.Permission) bool { return v.who.Role.May(p) }

// viewed records that the user saw data of a client.
func (v *visit) viewed(clientID id.ID, what client.Viewed) {
	v.seen = clientID
	v.Viewings.Add(client.Viewing{ClientID: clientID, Username: v.who.User.Username, What: what, At: v.now, CorrelationID: v.correlation()})
}

// correlation returns the correlation id of the request: the X-Request-ID that a proxy sent, or a
// new one. The answer has it too.
func (v *visit) correlation() string {
	const header = "X-Request-ID"
	given := cmp.Or(v.w.Header().Get(header), v.r.Header.Get(header))
	if !web.ValidCorrelation(given) {
		given = strings.ToLower(rand.Text())
	}
	v.w.Header().Set(header, given)
	return given
}

// say returns a phrase in the user's language.
func (v *visit) say(english string, pairs ...any) string { return phrase(v.lang, english, pairs...) }

// errNoPage says that there is no page at the address.
var errNoPage = fault.Refuse(web.NoSuchPath)

// signedIn answers a route for users who are signed in and whose role has its permission.
func (s *server) signedIn(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if q := request.URL.Query(); makeStorable(q) {
			request.URL.RawQuery = q.Encode()
		}
		v := &visit{server: s, w: w, r: request, now: s.Clock(), lang: text.ES}
		err := v.open()
		if fault.Is(err, access.NotAuthenticated) {
			s.askToSignIn(w, request)
			return
		}
		if err == nil && !v.may(r.need) {
			err = fault.Refuse(access.Forbidden, "permission", r.need)
		}
		if err == nil {
			err = r.answer(v)
		}
		if err != nil {
			v.refuse(err)
		}
	})
}

// open finds the user by the session, and what every page shows.
func (v *visit) open() error {
	sessionID, issued, err := v.proof(v.r, v.now)
	if err != nil {
		return err
	}
	ctx := v.r.Context()
	v.session, err = v.View.Session(ctx, sessionID)
	if err != nil {
		return signedOut(err, staff.SessionNotFound)
	}
	v.who, err = v.Bank.Member(ctx, v.session.Username)
	if err != nil {
		return signedOut(err, staff.NotFound)
	}
	if v.who.User.Disabled || !v.session.Open(v.now, v.who.User.PasswordAt) {
		return fault.Refuse(access.NotAuthenticated)
	}
	if err := v.Rates.User(ctx, v.who.User.Username); err != nil {
		return err
	}
	if v.who.User.Preferences.Language == "en" {
		v.lang = text.EN
	}
	if v.now.Sub(issued) > renewAfter {
		if err := v.prove(v.w, v.r, sessionID); err != nil {
			return err
		}
	}
	if v.today, err = v.View.BusinessDate(ctx, civil.DateOf(v.now.In(v.Location)), v.need()); err != nil {
		return err
	}
	if v.letter, err = v.View.Letterhead(ctx, view.System); err != nil {
		return err
	}
	v.branches, err = v.View.Branches(ctx, view.By{System: true, Need: v.need()})
	for _, b := range v.branches {
		if b.ID == v.who.User.BranchID {
			v.branch = b
		}
	}
	return err
}

// branchName returns the name of a branch; that of the head office for the zero id.
func (v *visit) branchName(branchID id.ID) string {
	for _, b := range v.branches {
		if b.ID == branchID || branchID.IsZero() && staff.IsHeadOffice(b.ID) {
			return b.Name
		}
	}
	return ""
}

// branchCode returns the code of a branch; that of the head office for the zero id.
func (v *visit) branchCode(branchID id.ID) string {
	for _, b := range v.branches {
		if b.ID == branchID || branchID.IsZero() && staff.IsHeadOffice(b.ID) {
			return b.Code
		}
	}
	return ""
}

// people loads the users once, with what everybody may know of them: their names, roles and
// branches.
func (v *visit) people() error {
	if v.names != nil {
		return nil
	}
	all, err := v.View.Colleagues(v.r.Context(), view.By{System: true, Need: v.need()})
	if err != nil {
		return err
	}
	v.colleagues, v.names = all, map[string]string{}
	for _, u := range all {
		v.names[u.Username] = u.FullName
	}
	return nil
}

// person returns the name of a user; the user name if the database does not answer.
func (v *visit) person(username string) string {
	if username == staff.CommandLine {
		return v.say("The program")
	}
	_ = v.people()
	return cmp.Or(v.names[username], username)
}

// signedOut makes a refusal with a code one that asks to sign in.
func signedOut(err error, code fault.Code) error {
	if fault.Is(err, code) {
		return fault.Refuse(access.NotAuthenticated)
	}
	return err
}

// failed is the page of a refusal or a failure.
type failed struct {
	Title, Advice string
	Messages      []string
	Reference     string // of the log
	Away          bool   // the program cannot answer now; the page asks again by itself
	Path          string // where to send Kept again, if a form could not be answered
	Kept          []field
}

var failedScreen = declare[failed]("failed")

// refuse answers with a page that says what is wrong and what to do.
func (v *visit) refuse(err error) {
	var refusal *fault.Error
	page, status := failed{}, http.StatusInternalServerError
	if errors.As(err, &refusal) && web.Status(refusal.Code) != 0 {
		status = web.Status(refusal.Code)
		page.Title = web.Title(v.lang, refusal)
		for _, f := range refusal.Flaws {
			page.Messages = append(page.Messages, web.Message(v.lang, f))
		}
	} else {
		page.Reference = rand.Text()
		v.Log.Error("console", "method", v.r.Method, "path", v.r.URL.Path, "error", err, "reference", page.Reference)
		page.Title = v.say("Something went wrong here")
		page.Advice = v.say("What you see on other pages is still right. Try again; if it happens again, give the reference to your administrator.")
	}
	switch {
	case status == http.StatusTooManyRequests:
		v.w.Header().Set("Retry-After", fmt.Sprint(refusal.Values["retry_after"]))
	case status == http.StatusForbidden:
		if permission, named := refusal.Values["permission"]; named {
			page.Title = v.say("Your role may not {permission}", "permission", permission)
		}
		page.Advice = v.say("An administrator can give your role this permission.")
	case status == http.StatusServiceUnavailable && v.r.Method == http.MethodPost:
		if sent, err := readForm(v.w, v.r); err == nil {
			page.Path, page.Kept = v.r.URL.RequestURI(), kept(sent.Values)
		}
		page.Advice = v.say("What you wrote is kept. Sending it again does not do it twice.")
	case status == http.StatusServiceUnavailable:
		page.Away = true
		page.Advice = v.say("Nothing that was confirmed is lost. This page asks again by itself.")
	case errors.Is(err, errNoPage):
		page.Title = v.say("This page does not exist")
		page.Advice = v.say("Check the address, or search for what you need.")
	}
	if err := failedScreen.answer(v, status, page); err != nil {
		v.Log.Error("console", "path", v.r.URL.Path, "error", err)
		http.Error(v.w, page.Title, status)
	}
}

// command runs a command of the user. A form's key makes it safe to send again.
func command[A any](v *visit, f *form, c bank.Command[A]) (A, error) {
	by := bank.By{Actor: v.who.User.Username, Key: f.Key, Request: f.hash(v.r.URL.Path)}
	done, err := bank.Do(v.r.Context(), v.Bank, by, c)
	if err == nil {
		v.committed(done.Token)
		v.counted.Delete(v.who.User.Username)
	}
	return done.Answer, err
}

// goTo sends the browser to another page.
func (v *visit) goTo(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}
