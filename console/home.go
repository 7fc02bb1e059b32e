package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/staff"
	"sofipo/text"
	"sofipo/view"
)

var homeRoutes = []route{
	{"GET " + Root + "{$}", access.Own, (*visit).home},
}

// home is the start page: what waits for the user today.
type home struct {
	Greeting  string
	Long      string // the business date in words
	Lines     []line
	Tasks     []task
	Portfolio *portfolioFacts // of those who grant loans
	Till      *tillFacts      // of a teller
	Tills     []tillOpen
	Health    []health     // of the system, for who only operates it
	Actions   []headAction // at the head of the page; the last is the main one
}

// task is something that waits for the user.
type task struct {
	Kind    string
	Urgent  bool
	Who     string
	Pill    pill
	Why     string
	Amount  money.Amount
	Of      string // what the amount is; empty without one
	Path    string // of the next step; empty if the user cannot take it here
	Step    string // the next step
	waiting string // path of the menu entry that counts it
}

// headAction is a link to something that the user may do.
type headAction struct{ Label, Path, Key string }

// portfolioFacts sums up the portfolio that the user answers for, at the end of the last closed day.
type portfolioFacts struct {
	Title       string
	Day         civil.Date
	Balance     money.Amount
	Loans, Late int64
	LateBalance money.Amount
	PAR30       string
	All, AllOf  string // addresses of the loans, and of those that are late
	Path        string // of the portfolio; empty if the facts are of an officer
}

// tillFacts is the till of a teller; without a name the teller has none open.
type tillFacts struct {
	Name, Since string
	Cash        money.Amount
}

// tillOpen is an open till, for the user who is responsible for it.
type tillOpen struct {
	Till, Teller, Since string
	Late                bool
}

var homeScreen = declare[home]("home")

var homePhrases = phrases{
	"My day":                                    "Mi día",
	"Good morning, {name}":                      "Buenos días, {name}",
	"Good afternoon, {name}":                    "Buenas tardes, {name}",
	"Good evening, {name}":                      "Buenas noches, {name}",
	"You have {n} {n|thing|things} to do today": "Hoy le {n|toca|tocan} {n} {n|asunto|asuntos}",
	"Decisions, calls and closes appear here when it is your turn.": "Las decisiones, llamadas y cierres aparecen aquí cuando le tocan.",
	"For you today":          "Le toca hoy",
	"urgent things first":    "lo urgente primero",
	"My loans":               "Mi cartera",
	"at the close of {date}": "al cierre del {date}",
	"Active loans":           "Préstamos activos",
	"Late loans":             "Con atraso",
	"Open tills":             "Cajas abiertas",
	"Simulate a loan":        "Simular crédito",
	"Open it to receive payments and to disburse loans.": "Ábrala para recibir pagos y entregar créditos.",
	"{till}, open since {when}":                          "{till}, abierta desde el {when}",
}

// link returns a path of the console, or nothing if there is no page that the user may open.
func (v *visit) link(path string) string {
	if path == "" {
		return ""
	}
	r, err := http.NewRequestWithContext(v.r.Context(), http.MethodGet, path, nil)
	if err != nil {
		return ""
	}
	_, pattern := v.mux.Handler(r)
	if need, page := v.needs[pattern]; !page || !v.may(need) {
		return ""
	}
	return path
}

func (v *visit) home() error {
	tasks, err := v.tasks()
	if err != nil {
		return err
	}
	v.remember(tasks)
	page := home{Greeting: v.greeting(), Long: long(v.lang, v.today), Tasks: tasks}
	if page.Lines, err = v.lines(); err != nil {
		return err
	}
	if err := v.fillHome(&page); err != nil {
		return err
	}
	teller := v.may(settlement.Operate) && !v.may(settlement.Manage)
	for _, a := range []struct {
		headAction
		shown bool
	}{
		{headAction{v.say("New client"), Root + "clients/new", "n"}, true},
		{headAction{v.say("Simulate a loan"), simulatorPath, ""}, v.may(loan.Apply)},
		{headAction{v.say("Receive payment"), paymentPath, "r"}, teller},
	} {
		if a.shown && v.link(a.Path) != "" {
			page.Actions = append(page.Actions, a.headAction)
		}
	}
	return homeScreen.show(v, page)
}

// waits has the counts of the menu for a user, which are kept for a short time.
type waits struct {
	counts map[string]int
	until  time.Time
}

// waitsFor is how long the counts of the menu are remembered. The home page and the user's own
// changes count again.
const waitsFor = 20 * time.Second

// remember keeps the counts for the menu.
func (v *visit) remember(tasks []task) map[string]int {
	counts := map[string]int{Root: len(tasks)}
	for _, t := range tasks {
		counts[t.waiting]++
	}
	v.counted.Store(v.who.User.Username, waits{counts, v.now.Add(waitsFor)})
	return counts
}

// counts counts what waits for the user, by the path of the menu entry. If the database does
// not answer, it counts nothing.
func (v *visit) counts() map[string]int {
	if known, found := v.counted.Load(v.who.User.Username); found && v.now.Before(known.(waits).until) {
		return known.(waits).counts
	}
	tasks, err := v.tasks()
	if err != nil {
		return nil
	}
	return v.remember(tasks)
}

// fillHome adds what stands beside the tasks.
func (v *visit) fillHome(page *home) error {
	if v.may(risk.ReadReports) {
		facts, err := v.portfolioFacts()
		if err != nil && !fault.Is(err, accounting.NoDailyPositions) {
			return err
		}
		if facts.Loans > 0 {
			page.Portfolio = &facts
		}
	}
	if v.may(event.Operate) && !v.may(client.Read) {
		ctx, cancel := context.WithTimeout(v.r.Context(), askTime)
		defer cancel()
		page.Health = v.health(ctx)
	}
	if v.may(settlement.Operate) && !v.may(settlement.Manage) {
		till, err := v.openTill()
		if err != nil {
			return err
		}
		page.Till = &tillFacts{}
		if till != nil {
			page.Till = &tillFacts{till.Name, text.Of(v.lang, till.OpenedOn), till.Balance}
		}
	}
	if !v.may(settlement.Manage) && !v.may(accounting.CloseDays) || !v.may(settlement.Read) {
		return nil
	}
	open, err := v.View.OpenTills(v.r.Context(), v.by())
	for _, o := range open {
		page.Tills = append(page.Tills, tillOpen{o.Till, v.person(o.Teller), v.at(o.OpenedAt), o.BusinessDate.Before(v.today)})
	}
	return err
}

// portfolioFacts returns the loans of an officer, or those for which a manager or director answers.
// The lists at its addresses have as many loans, unless a loan passed to another branch or officer
// after the close.
func (v *visit) portfolioFacts() (f portfolioFacts, err error) {
	own, err := v.View.OwnPortfolio(v.r.Context(), v.by())
	if err != nil {
		return f, err
	}
	if own.Loans > 0 {
		whose := "&officer=" + url.QueryEscape(v.who.User.Username)
		return portfolioFacts{
			Title: v.say("My loans"), Day: own.Day, Balance: own.Balance, Loans: own.Loans, Late: own.Late, LateBalance: own.LateBalance,
			PAR30: ratio(risk.Ratio{Part: own.Late30Balance, Whole: own.Balance}), All: loansFrom(0, risk.Open) + whose, AllOf: loansFrom(1, risk.Open) + whose,
		}, nil
	}
	if !v.may(authority.Judge) || !v.may(loan.Approve) {
		return f, nil
	}
	r, err := v.View.PortfolioReport(v.r.Context(), v.by(), view.PortfolioQuery{})
	f = portfolioFacts{
		Title: v.say("Portfolio"), Day: r.Date, Balance: r.Total.Sums.Balance, Loans: r.Total.Sums.Loans, PAR30: ratio(r.Total.PAR30),
		All: loansFrom(0, risk.Open), AllOf: loansFrom(1, risk.Open), Path: portfolioPath,
	}
	for i, b := range r.Total.Buckets {
		if i > 0 {
			f.Late, f.LateBalance = f.Late+b.Loans, f.LateBalance+b.Balance
		}
	}
	return f, err
}

// at returns a time: 18:20 of the business date, or 29 nov 18:20.
func (v *visit) at(t time.Time) string {
	if day := civil.DateOf(t.In(v.Location)); day != v.today {
		return text.Of(v.lang, day) + " " + v.clock(t)
	}
	return v.clock(t)
}

// greeting greets the user by the first name, by the time of day.
func (v *visit) greeting() string {
	name, _, _ := strings.Cut(v.who.User.FullName, " ")
	if name == "" {
		name = v.who.User.Username
	}
	switch hour := v.now.In(v.Location).Hour(); {
	case hour < 12:
		return v.say("Good morning, {name}", "name", name)
	case hour < 19:
		return v.say("Good afternoon, {name}", "name", name)
	}
	return v.say("Good evening, {name}", "name", name)
}

// jobTitle returns the title of the user's role.
func (v *visit) jobTitle() string { return v.roleTitle(v.who.Role) }

// roleTitle returns the title of a role. The built-in ones have theirs in both languages.
func (v *visit) roleTitle(r staff.Role) string {
	if text.Of(text.ES, r.Name) != string(r.Name) { // some English titles are the names
		return capital(text.Of(v.lang, r.Name))
	}
	return capital(r.Title)
}

// capital returns a text with its first letter in upper case.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[size:]
}
