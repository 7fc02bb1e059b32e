package console

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/text"
	"sofipo/view"
)

const daysPath = Root + "days"

var dayRoutes = []route{
	{"GET " + daysPath, access.Own, (*visit).closedDays},
	{"GET " + daysPath + "/{date}", access.Own, (*visit).day},
	{"POST " + daysPath + "/{date}", access.Own, (*visit).closeDay},
}

var dayPhrases = phrases{
	"Day close":                                "Cierre del día",
	"Closed days":                              "Días cerrados",
	"Day":                                      "Día",
	"Duration":                                 "Duró",
	"{n} s":                                    "{n} s",
	"{n} min":                                  "{n} min",
	"Next to close: {date}":                    "Sigue por cerrar: {date}",
	"Review and close {date}":                  "Revisar y cerrar el {date}",
	"See how the close of {date} goes":         "Ver cómo va el cierre del {date}",
	"No day was closed yet":                    "Aún no se ha cerrado ningún día",
	"Earlier days":                             "Días anteriores",
	"Forced":                                   "Forzado",
	"To close":                                 "Por cerrar",
	"Not its turn yet":                         "Aún no le toca",
	"It is the end of the month":               "Es fin de mes",
	"Steps of the close":                       "Pasos del cierre",
	"Review before closing":                    "Revisión antes de cerrar",
	"The day before is closed":                 "El día anterior está cerrado",
	"It is the first day to close":             "Es el primer día por cerrar",
	"All tills are closed":                     "Todas las cajas están cerradas",
	"{n} {n|till is|tills are} open":           "{n} {n|caja sigue abierta|cajas siguen abiertas}",
	"{till} of {teller}":                       "{till} de {teller}",
	"They must be counted and closed":          "Deben contarse y cerrarse",
	"{tills}; they must be counted and closed": "{tills}; deben contarse y cerrarse",
	"{tills} and {n} of other branches; they must be counted and closed": "{tills} y {n} de otras sucursales; deben contarse y cerrarse",
	"No manual entry waits for its decision":                             "Ninguna póliza manual espera autorización",
	"{n} manual {n|entry waits|entries wait} for a decision":             "{n} {n|póliza manual espera|pólizas manuales esperan} autorización",
	"Posted later, they enter the books with their own date.":            "Si se contabilizan después, entran con su propia fecha.",
	"See it":                      "Ver",
	"All deposits are identified": "Todos los depósitos están identificados",
	"{n} {n|deposit is|deposits are} not identified":                       "{n} {n|depósito|depósitos} por identificar",
	"They stay as unidentified deposits; this does not prevent the close.": "Quedan como depósitos por identificar; no impiden cerrar.",
	"The day is not over": "El día no ha terminado",
	"After the close, everything is registered on {date}.": "A partir del cierre, todo se registra con fecha {date}.",
	"{n} {n|day is|days are} open until yesterday":         "Hay {n} {n|día abierto|días abiertos} hasta ayer",
	"They are closed one by one, from the oldest.":         "Se cierran uno por uno, desde el más antiguo.",
	"{ok} in order":                    "{ok} en orden",
	"{ok} in order, {n} to look at":    "{ok} en orden, {n} por revisar",
	"What the close will do":           "Qué hará el cierre",
	"Move the business date to {date}": "Pasar la fecha de operación al {date}",
	"Apply what fell due and update the days late and stages of each loan": "Aplicar lo que venció y actualizar los días de atraso y la etapa de cada préstamo",
	"Accrue interest and compute the loan loss provision":                  "Devengar intereses y calcular la estimación preventiva",
	"Decide which promises were kept":                                      "Revisar qué promesas de pago se cumplieron",
	"Post the entries of the day and write the totals of the portfolio":    "Registrar las pólizas del día y los totales de la cartera",
	"{n} loans":                     "{n} préstamos",
	"Close {date}":                  "Cerrar el {date}",
	"Close although tills are open": "Cerrar aunque haya cajas abiertas",
	"The reason is kept with the close, and an auditor will read it.":            "El motivo queda con el cierre y lo leerá auditoría.",
	"Force the close of {date}":                                                  "Forzar el cierre del {date}",
	"A branch manager can force the close with a reason.":                        "Un gerente de sucursal puede forzar el cierre con un motivo.",
	"{n} of {of} loans":                                                          "{n} de {of} préstamos",
	"You may leave this page: the close continues, and its result will be here.": "Puede salir de esta página: el cierre sigue y aquí verá el resultado.",
	"began at {time}":                                                            "empezó a las {time}",
	"Reload":                                                                     "Actualizar",
	"If it does not advance":                                                     "Si no avanza",
	"Continue the close":                                                         "Continuar el cierre",
	"An interrupted close continues where it stopped.":                           "Un cierre interrumpido sigue donde se quedó.",
	"It was closed by {who}, {when}":                                             "Lo cerró {who} el {when}",
	"Outstanding portfolio":                                                      "Saldo de cartera",
	"Loans in stage 3":                                                           "Cartera vencida (etapa 3)",
	"Loan loss provision":                                                        "Estimación preventiva",
	"Forced although tills were open":                                            "Se forzó aunque había cajas abiertas",
	"tills {tills}: {reason}":                                                    "cajas {tills}: {reason}",
	"See the portfolio":                                                          "Ver la cartera",
	"See its entries":                                                            "Ver sus pólizas",
	"Last closes":                                                                "Últimos cierres",
	"Close {date} first":                                                         "Cierre primero el {date}",
	"Days are closed in order.":                                                  "Los días se cierran en orden.",
	"{date} was closed":                                                          "Se cerró el {date}",
	"What the close will leave":                                                  "Qué dejará el cierre",
	"if nothing more is registered":                                              "si no se registra nada más",
	"Loans that accrue interest":                                                 "Préstamos que devengan intereses",
	"No close was forced in the last 30 days":                                    "No se forzó ningún cierre en los últimos 30 días",
	"Promises due":                                                               "Promesas que vencen",
	"Days to close, with this one":                                               "Días por cerrar, con este",
	"Loans that pass to another bucket of days late":                             "Préstamos que cambian de tramo de atraso",
	"Loans that pass to another stage":                                           "Préstamos que cambian de etapa",
	"No loan changes its bucket or its stage":                                    "Ningún préstamo cambia de tramo ni de etapa",
	"{from} → {to}":                                                              "{from} → {to}",
	"Only the first loans were examined; there may be more changes.":             "Solo se examinaron los primeros préstamos; puede haber más cambios.",
	"Your role cannot close days":                                                "Su perfil no puede cerrar días",
}

// closedRow is a closed day in a list.
type closedRow struct {
	Path, Who, Took string
	Day             civil.Date
	Loans           int64
	State           pill
}

// closedPage lists the closed days.
type closedPage struct {
	Next    civil.Date
	Path    string // of the next day to close
	Closing bool
	Forced  bool        // only those that were forced lately
	Open    []closedRow // the days until yesterday that are not closed
	Rows    []closedRow
	Older   string // address of the days before
}

var closedScreen = declare[closedPage]("days")

func dayPath(day civil.Date) string { return daysPath + "/" + day.String() }

func (v *visit) closedDays() error {
	if err := v.maySeeDays(); err != nil {
		return err
	}
	before := civil.On(9999, 12, 31)
	if given := v.r.URL.Query().Get("before"); given != "" {
		earlier, ok := readDate(given)
		if !ok {
			return errNoPage
		}
		before = earlier
	}
	days, err := v.View.Days(v.r.Context(), v.by(), v.clockDay(), before, rowsPerPage)
	if err != nil {
		return err
	}
	c, err := v.View.ToClose(v.r.Context(), v.clockDay(), v.need())
	if err != nil {
		return err
	}
	page := closedPage{Next: c.Next, Path: dayPath(c.Next), Closing: c.Running, Forced: v.r.URL.Query().Has("forced")}
	if page.Forced {
		return v.forcedDays(page)
	}
	first := c.Next
	if c.Running {
		first = first.AddDays(1)
	}
	for day := first; day.Before(v.clockDay()) && len(page.Open) < mostCounted; day = day.AddDays(1) {
		page.Open = append(page.Open, closedRow{Path: dayPath(day), Day: day, State: pill{"", v.say("To close")}})
	}
	if page.Rows, err = v.closedRows(days); err != nil {
		return err
	}
	if n := len(days.Days); n == rowsPerPage {
		page.Older = daysPath + "?" + url.Values{"before": {days.Days[n-1].Day.String()}}.Encode()
	}
	return closedScreen.show(v, page)
}

// forcedDays lists the days that were closed although tills were open.
func (v *visit) forcedDays(page closedPage) error {
	forced, err := v.forcedLately()
	if err != nil {
		return err
	}
	for _, f := range forced {
		days, err := v.View.Days(v.r.Context(), v.by(), v.clockDay(), f.Day.AddDays(1), 1)
		if err != nil {
			return err
		}
		rows, err := v.closedRows(days)
		if err != nil {
			return err
		}
		page.Rows = append(page.Rows, rows...)
	}
	return closedScreen.show(v, page)
}

func (v *visit) closedRows(days view.Days) (rows []closedRow, err error) {
	if len(days.Days) == 0 {
		return nil, nil
	}
	forced, err := v.View.ForcedCloses(v.r.Context(), v.by(), days.Days[0].Day.AddDays(1), int64(len(days.Days)))
	if err != nil {
		return nil, err
	}
	byForce := map[civil.Date]bool{}
	for _, f := range forced {
		byForce[f.Day] = true
	}
	for _, d := range days.Days {
		r := closedRow{Path: dayPath(d.Day), Who: v.person(d.Actor), Day: d.Day, Loans: d.Loans, State: pill{"next", v.say("Closing now")}}
		if d.ClosedAt != nil {
			r.State, r.Took = pill{"good", v.say("Is closed")}, v.seconds(d.ClosedAt.Sub(d.BeganAt))
		}
		if byForce[d.Day] {
			r.State = pill{"warn", v.say("Forced")}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func (v *visit) seconds(took time.Duration) string {
	if took >= 2*time.Minute {
		return v.say("{n} min", "n", fmt.Sprintf("%.0f", took.Minutes()))
	}
	n := fmt.Sprintf("%.0f", took.Seconds())
	if took < 10*time.Second {
		n = fmt.Sprintf("%.1f", took.Seconds())
	}
	return v.say("{n} s", "n", n)
}

// dayPage is a business day: what its close needs and does, how it goes, or what it left.
type dayPage struct {
	Form        *form
	Day, Next   civil.Date
	State       pill
	MonthEnd    bool
	Step        int // 1 review, 2 closing, 3 result; 0: not its turn
	Checks      []check
	Ok, Look    int
	Open        int64 // tills
	Backlog     int   // days to close until yesterday
	Forecast    *forecast
	Last        *closedRow
	May, Manage bool
	Running     *view.BusinessDay
	Began       string
	Failure     string // of the last try to close
	Result      *dayResult
	Recent      []closedRow
}

// forecast is what the close of a day will leave.
type forecast struct {
	Loans, Promises int64
	Buckets, Stages []passage
	Partial         bool
}

// passage is a number of loans that pass from a bucket or stage to another.
type passage struct {
	From, To string
	Loans    int
}

// dayResult is what the close of a day left.
type dayResult struct {
	Closed, Took string
	Loans        int64
	Figures      bool // the portfolio of the day can be read
	Balance      money.Amount
	Overdue      money.Amount
	Provision    money.Amount
	Forced       *settlement.ForcedClose
	Portfolio    string
	Entries      string
}

var dayScreen = declare[dayPage]("day")

// mayCloseDays reports whether the user may close days, or force their close.
func (v *visit) mayCloseDays() bool { return v.may(accounting.CloseDays) || v.may(settlement.Manage) }

// maySeeDays refuses the pages of days to those who may neither read the books nor close days.
func (v *visit) maySeeDays() error {
	if !v.may(accounting.Read) && !v.mayCloseDays() {
		return fault.Refuse(access.Forbidden, "permission", accounting.Read)
	}
	return nil
}

// dayInPath returns the day in the address, for those who may see it.
func (v *visit) dayInPath() (civil.Date, error) {
	if err := v.maySeeDays(); err != nil {
		return civil.Date{}, err
	}
	day, err := civil.Parse(v.r.PathValue("date"))
	if err != nil {
		return day, errNoPage
	}
	return day, nil
}

func (v *visit) day() error {
	day, err := v.dayInPath()
	if err != nil {
		return err
	}
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	return v.showDay(200, day, f)
}

func (v *visit) showDay(status int, day civil.Date, f *form) error {
	days, err := v.View.Days(v.r.Context(), v.by(), v.clockDay(), day.AddDays(1), 1)
	if err != nil {
		return err
	}
	recent, err := v.View.Days(v.r.Context(), v.by(), v.clockDay(), day, 5)
	if err != nil {
		return err
	}
	page := dayPage{Form: f, Day: day, Next: days.Next, MonthEnd: day.IsMonthEnd(), May: v.may(accounting.CloseDays), Manage: v.may(settlement.Manage), Failure: v.closes.failure(v, day)}
	if page.Recent, err = v.closedRows(recent); err != nil {
		return err
	}
	if len(page.Recent) > 0 {
		page.Last = &page.Recent[0]
	}
	known := len(days.Days) > 0 && days.Days[0].Day == day
	switch {
	case known && days.Days[0].ClosedAt != nil:
		page.Step, page.State = 3, pill{"good", v.say("Is closed")}
		err = v.fillResult(&page, days.Days[0])
	case known:
		page.Step, page.State, page.Running = 2, pill{"next", v.say("Closing now")}, &days.Days[0]
		page.Began = v.clock(days.Days[0].BeganAt)
	case day == days.Next:
		page.Step, page.State = 1, pill{"", v.say("To close")}
		if err = v.fillChecks(&page, days); err == nil {
			err = v.fillForecast(&page)
		}
	default:
		page.State = pill{"off", v.say("Not its turn yet")}
	}
	if err != nil {
		return err
	}
	return dayScreen.answer(v, status, page)
}

// fillChecks fills in the conditions of the close.
func (v *visit) fillChecks(page *dayPage, days view.Days) error {
	add := func(c check) { page.Checks = append(page.Checks, c) }
	if page.Last != nil {
		add(check{Kind: "ok", Text: v.say("The day before is closed"), Path: page.Last.Path})
	} else {
		add(check{Kind: "ok", Text: v.say("It is the first day to close")})
	}
	review, err := v.View.CloseReview(v.r.Context(), v.by(), page.Day)
	if err != nil {
		return err
	}
	if page.Open = int64(len(review.Tills)) + review.Others; page.Open > 0 {
		add(check{Kind: "bad", Text: v.say("{n} {n|till is|tills are} open", "n", page.Open), Sub: v.openBeforeClose(review)})
	} else {
		add(check{Kind: "ok", Text: v.say("All tills are closed")})
	}
	v.checkWaiting(review, add)
	if before := v.clockDay().Since(page.Day); before <= 0 {
		add(check{Kind: "warn", Text: v.say("The day is not over"), Sub: v.say("After the close, everything is registered on {date}.", "date", page.Day.AddDays(1))})
	} else if before > 1 {
		add(check{Kind: "warn", Text: v.say("{n} {n|day is|days are} open until yesterday", "n", before), Sub: v.say("They are closed one by one, from the oldest.")})
	}
	for _, c := range page.Checks {
		if c.Kind == "ok" {
			page.Ok++
		} else {
			page.Look++
		}
	}
	return nil
}

// fillForecast fills in what the close will leave.
func (v *visit) fillForecast(page *dayPage) error {
	f, err := v.View.CloseForecast(v.r.Context(), v.by(), page.Day)
	if err != nil {
		return err
	}
	page.Backlog = max(0, v.clockDay().Since(page.Day))
	page.Forecast = &forecast{Loans: f.Loans, Promises: f.Promises, Partial: f.Partial}
	for _, m := range f.Buckets {
		page.Forecast.Buckets = append(page.Forecast.Buckets, passage{v.daysLate(risk.Bucket(m.From)), v.daysLate(risk.Bucket(m.To)), m.Loans})
	}
	for _, m := range f.Stages {
		page.Forecast.Stages = append(page.Forecast.Stages, passage{capital(text.Of(v.lang, risk.Stage(m.From))), capital(text.Of(v.lang, risk.Stage(m.To))), m.Loans})
	}
	return nil
}

// openBeforeClose names the open tills that the user sees, and counts the others.
func (v *visit) openBeforeClose(review view.CloseReview) string {
	var names []string
	for _, o := range review.Tills {
		names = append(names, v.say("{till} of {teller}", "till", o.Till, "teller", v.person(o.Teller)))
	}
	list := strings.Join(names, ", ")
	switch {
	case len(names) == 0:
		return v.say("They must be counted and closed")
	case review.Others > 0:
		return v.say("{tills} and {n} of other branches; they must be counted and closed", "tills", list, "n", review.Others)
	}
	return v.say("{tills}; they must be counted and closed", "tills", list)
}

// checkWaiting adds the conditions that do not prevent the close.
func (v *visit) checkWaiting(review view.CloseReview, add func(check)) {
	if n := review.Entries; n > 0 {
		add(check{Kind: "warn", Text: v.say("{n} manual {n|entry waits|entries wait} for a decision", "n", n), Sub: v.say("Posted later, they enter the books with their own date."), Path: entriesPath})
	} else {
		add(check{Kind: "ok", Text: v.say("No manual entry waits for its decision")})
	}
	if n := review.Deposits; n > 0 {
		add(check{Kind: "warn", Text: v.say("{n} {n|deposit is|deposits are} not identified", "n", n), Sub: v.say("They stay as unidentified deposits; this does not prevent the close.")})
	} else {
		add(check{Kind: "ok", Text: v.say("All deposits are identified")})
	}
}

// fillResult fills in what the close left.
func (v *visit) fillResult(page *dayPage, d view.BusinessDay) error {
	r := &dayResult{Closed: v.say("It was closed by {who}, {when}", "who", v.person(d.Actor), "when", v.when(*d.ClosedAt)), Took: v.seconds(d.ClosedAt.Sub(d.BeganAt)), Loans: d.Loans}
	page.Result = r
	forced, err := v.View.ForcedCloses(v.r.Context(), v.by(), d.Day.AddDays(1), 1)
	if err != nil {
		return err
	}
	if len(forced) > 0 && forced[0].Day == d.Day {
		r.Forced = &forced[0]
	}
	if v.may(accounting.Read) {
		r.Entries = journalPath + "?" + url.Values{"from": {fieldDate(d.Day)}, "to": {fieldDate(d.Day)}}.Encode()
	}
	if !v.may(risk.ReadReports) {
		return nil
	}
	r.Portfolio = portfolioPath + "?" + url.Values{"date": {fieldDate(d.Day)}}.Encode()
	p, err := v.View.Portfolio(v.r.Context(), v.by(), d.Day)
	if err != nil {
		return err
	}
	r.Figures, r.Balance, r.Overdue, r.Provision = true, p.Total.Sums.Balance, p.Total.Overdue, p.Total.Sums.Provision+p.Total.Sums.Reserve
	return nil
}

// closes has the closes that this process began for users of the console.
type closes struct {
	mu     sync.Mutex
	failed map[civil.Date]error
}

// set notes how the close of a day ended.
func (c *closes) set(day civil.Date, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		delete(c.failed, day)
		return
	}
	if c.failed == nil {
		c.failed = map[civil.Date]error{}
	}
	c.failed[day] = err
}

// failure says why the last close of the day did not finish; empty if it did.
func (c *closes) failure(v *visit, day civil.Date) string {
	c.mu.Lock()
	err := c.failed[day]
	c.mu.Unlock()
	if err == nil {
		return ""
	}
	f := form{}
	if _, shown := f.wrong(v, err, nil); shown && f.Problem != "" {
		return f.Problem
	}
	return v.say("Something went wrong here")
}

// patience is how long a user waits for the close of a day before its progress is shown.
const patience = 1500 * time.Millisecond

// closeDay begins the close of a day. It goes on if the user leaves.
func (v *visit) closeDay() error {
	day, err := v.dayInPath()
	if err != nil {
		return err
	}
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	by := bank.By{Actor: v.who.User.Username, Key: f.Key, Request: f.hash(v.r.URL.Path)}
	ctx, reason, forced := context.WithoutCancel(v.r.Context()), f.Get("reason"), f.Is("force", "on")
	type outcome struct {
		dayend.ClosedDay
		err error
	}
	ended := make(chan outcome, 1)
	go func() {
		var o outcome
		o.err = fault.Guarded(func() (err error) {
			if forced {
				o.ClosedDay, err = v.Days.ForceDay(ctx, by, day, reason, nil)
			} else {
				o.ClosedDay, err = v.Days.CloseDay(ctx, by, day, nil)
			}
			v.View.CloseBegan(o.Day)
			return err
		})
		if errors.Is(o.err, fault.ErrPanic) {
			o.Day = day // it may have begun; the page says that it stopped
		}
		var refusal *fault.Error
		if o.err != nil && !errors.As(o.err, &refusal) {
			v.Log.Error("console", "close", day.String(), "error", o.err)
		}
		if !fault.Is(o.err, accounting.CloseRunning) && (o.err == nil || !o.Day.IsZero()) {
			v.closes.set(day, o.err)
		}
		ended <- o
	}()
	select {
	case o := <-ended:
		return v.closed(day, f, o.ClosedDay, o.err)
	case <-time.After(patience):
		return v.goTo(dayPath(day))
	}
}

// closed answers after the close of a day ended.
func (v *visit) closed(day civil.Date, f *form, done dayend.ClosedDay, err error) error {
	if err == nil {
		v.committed(done.Token)
		return v.done(dayPath(day), notice{Text: v.say("{date} was closed", "date", day)})
	}
	if fault.Is(err, accounting.CloseRunning) {
		return v.goTo(dayPath(day))
	}
	status, shown := f.wrong(v, err, nil)
	if !shown {
		if !done.Day.IsZero() { // it began; the page says why it stopped
			return v.goTo(dayPath(day))
		}
		return err
	}
	return v.showDay(status, day, f)
}
