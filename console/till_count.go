package console

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	tills "sofipo/bank/settlement"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/text"
	"sofipo/view"
)

const (
	countPath    = tillPath + "/count"
	sessionsPath = tillPath + "/sessions/"
)

var countRoutes = []route{
	{"GET " + countPath, settlement.Operate, (*visit).count},
	{"POST " + countPath, settlement.Operate, (*visit).finishCount},
	{"GET " + tillsPath + "/{code}/count", settlement.Manage, (*visit).count},
	{"POST " + tillsPath + "/{code}/count", settlement.Manage, (*visit).finishCount},
	{"GET " + sessionsPath + "{session}", settlement.Read, (*visit).closingSheet},
}

// countPage is the count of the cash in a till by denomination, with which the till closes.
type countPage struct {
	Form       *form
	Till       *view.TillState // nil: the user has none open
	Action     string
	Forced     bool   // it is the till of another user
	Teller     string // of the till
	LeftOpen   string // the day of the session, if that day is closed
	Notes      []pieces
	Coins      []pieces
	Parts      string // selectors of the amounts that change while the user types
	Counted    money.Amount
	Expected   money.Amount
	Figures    []formula // of what is expected
	Difference money.Amount
	State      pill
	HasCount   bool // something was typed, or nothing is expected
}

// pieces is a denomination with the number of its notes or coins.
type pieces struct {
	Form         *form
	Input, Label string
	Amount       money.Amount
}

var countScreen = declare[countPage]("till_count")

var countPhrases = phrases{
	"Notes":                                "Billetes",
	"Coins":                                "Monedas",
	"Pieces":                               "Piezas",
	"Counted":                              "Contado",
	"How the expected cash was calculated": "Cómo se calculó lo que debe haber",
	"Expected":                             "Debe haber",
	"Difference":                           "Diferencia",
	"{amount} over":                        "Sobran {amount}",
	"{amount} short":                       "Faltan {amount}",
	"Reason of the difference":             "Motivo de la diferencia",
	"Why you are closing another person's till":                                    "Por qué cierra la caja de otra persona",
	"It is posted as an overage or a shortage, and the reason stays in the books.": "Se registra como sobrante o faltante y el motivo queda en los libros.",
	"Close with {amount}":            "Cerrar con {amount}",
	"Save the count without closing": "Guardar arqueo sin cerrar",
	"The cash goes to the vault. A closed till can be opened again with a new session.": "El efectivo pasa a la bóveda. La caja cerrada puede abrirse de nuevo con otra sesión.",
	"The count was saved: {state}": "Arqueo guardado: {state}",
	"The till is closed":           "La caja quedó cerrada",
	"The cash of the till changed from {before} to {now} while you counted. Check the count and confirm again.": "El efectivo de la caja cambió de {before} a {now} mientras contaba. Revise el arqueo y confirme de nuevo.",
	"Count of {name}":                     "Arqueo de {name}",
	"Till of {name}":                      "Caja de {name}",
	"Open your till before you count it.": "Abra su caja antes de contarla.",
}

// countedInput is the name of the input with the number of pieces of a denomination.
func countedInput(value money.Amount) string { return "n" + strconv.FormatInt(int64(value), 10) }

// denomination returns the value of a note or coin: $1,000 or $0.50.
func (v *visit) denomination(value money.Amount) string {
	return strings.TrimSuffix(text.Of(v.lang, value), ".00")
}

// sheet reads the pieces that were typed.
func (f *form) sheet(flaws *fault.Flaws) (s settlement.Sheet) {
	const most = 10_000_000
	for _, d := range settlement.Denominations() {
		if input := countedInput(d.Value); f.Get(input) != "" {
			s = append(s, settlement.Pieces{Value: d.Value, Pieces: f.wholeTo(input, most, flaws)})
		}
	}
	return s
}

// tillToCount returns the till to be counted: the one of the address, or the user's.
func (v *visit) tillToCount() (t *view.TillState, forced bool, err error) {
	if code := v.r.PathValue("code"); code != "" {
		named, err := v.tillCoded(code)
		return &named, true, err
	}
	t, err = v.openTill()
	return t, false, err
}

func (v *visit) count() error {
	f, err := v.draft()
	if err != nil {
		return err
	}
	t, forced, err := v.tillToCount()
	if err != nil {
		return err
	}
	var flaws fault.Flaws
	sheet := f.sheet(&flaws)
	if err := flaws.Err(); err != nil {
		f.wrong(v, err, nil)
	}
	return v.showCount(200, f, t, forced, sheet)
}

// showCount shows the count of a till with the pieces that were typed.
func (v *visit) showCount(status int, f *form, t *view.TillState, forced bool, sheet settlement.Sheet) error {
	page := countPage{Form: f, Action: v.r.URL.Path, Forced: forced, Counted: sheet.Total()}
	if t == nil || t.SessionID.IsZero() {
		return countScreen.answer(v, status, page)
	}
	r, err := v.View.TillSession(v.r.Context(), v.by(), t.SessionID)
	if err != nil {
		return err
	}
	var sum money.Amount
	for _, c := range v.concepts(r) {
		sum += c.Net()
		page.Figures = append(page.Figures, formula{c.Label, amount(c.Net())})
	}
	page.Figures = append(page.Figures, formula{v.say("Expected"), "= " + amount(sum)})
	page.Till, page.Teller, page.Expected = t, v.person(t.Teller), t.Balance
	page.Difference = page.Counted - page.Expected
	if page.HasCount = len(sheet) > 0 || t.Balance == 0; page.HasCount {
		page.State = v.balanced(page.Difference)
	}
	if t.OpenedOn.Before(v.today) {
		page.LeftOpen = text.Of(v.lang, t.OpenedOn)
	}
	parts := []string{}
	for _, d := range settlement.Denominations() {
		row := pieces{Form: f, Input: countedInput(d.Value), Label: v.denomination(d.Value)}
		for _, p := range sheet {
			if p.Value == d.Value {
				row.Amount = p.Value * money.Amount(p.Pieces)
			}
		}
		parts = append(parts, "#of-"+row.Input)
		if d.Kind == "note" {
			page.Notes = append(page.Notes, row)
		} else {
			page.Coins = append(page.Coins, row)
		}
	}
	page.Parts = strings.Join(parts, ",")
	return countScreen.answer(v, status, page)
}

// balanced says how a count differs from the books.
func (v *visit) balanced(difference money.Amount) pill {
	switch {
	case difference > 0:
		return pill{"warn", v.say("{amount} over", "amount", difference)}
	case difference < 0:
		return pill{"bad", v.say("{amount} short", "amount", -difference)}
	}
	return pill{"good", v.say("It balances")}
}

// finishCount keeps a count, or closes the till with it.
func (v *visit) finishCount() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	t, err := v.tillCoded(f.Get("till"))
	if err != nil {
		return err
	}
	forced := v.r.PathValue("code") != ""
	var flaws fault.Flaws
	sheet := f.sheet(&flaws)
	closing := !f.Is("then", "keep")
	if closing && !t.SessionID.IsZero() && f.Get("reason") == "" && (forced || sheet.Total() != t.Balance) {
		flaws.Add(fault.At("reason", fault.Blank))
	}
	err = flaws.Err()
	if shown := f.amount("expected", &flaws); err == nil && !t.SessionID.IsZero() && shown != t.Balance {
		f.Problem = v.say("The cash of the till changed from {before} to {now} while you counted. Check the count and confirm again.", "before", shown, "now", t.Balance)
		return v.showCount(409, f, &t, forced, sheet)
	}
	switch {
	case err != nil:
	case closing:
		var s settlement.Session
		if s, err = command(v, f, tills.CloseTill{TillID: t.ID, Sheet: sheet, Forced: forced, Reason: f.Get("reason")}); err == nil {
			return v.done(sessionsPath+s.ID.String(), notice{Text: v.say("The till is closed")})
		}
	default:
		var c settlement.Count
		if c, err = command(v, f, tills.CountTill{TillID: t.ID, Sheet: sheet}); err == nil {
			return v.done(tillPath, notice{Text: v.say("The count was saved: {state}", "state", v.balanced(c.Counted-c.Expected).Text)})
		}
	}
	status, shown := f.wrong(v, err, nil)
	if !shown {
		return err
	}
	return v.showCount(status, f, &t, forced, sheet)
}

// closingSheetPage is the sheet of a session of a till, to print and sign.
type closingSheetPage struct {
	Institution, Branch, Till string
	Teller                    string
	Day                       civil.Date
	Opened, Closed, ClosedBy  string
	Concepts                  []concept
	Received, Paid            money.Amount
	Pieces                    []sheetRow
	Expected, Counted         money.Amount
	Difference                money.Amount
	State                     pill
	Reason                    string // of the difference
	Open                      bool
	Back                      string
	Heading                   paperHeading
	Totals                    moneyTotals
	Roll                      bool // for paper of 80 mm
}

// sheetRow is a denomination of a count.
type sheetRow struct {
	Label  string
	Pieces int64
	Amount money.Amount
}

var closingSheetScreen = declare[closingSheetPage]("till_sheet")

var closingSheetPhrases = phrases{
	"Closing of {name}":   "Arqueo y cierre de {name}",
	"{when} by {who}":     "{when}, {who}",
	"still open":          "sigue abierta",
	"Teller":              "Cajero",
	"Cash counted":        "Efectivo contado",
	"Counted by":          "Contó",
	"Received by":         "Recibió",
	"Name and signature":  "Nombre y firma",
	"No cash was counted": "No se contó efectivo",
}

func (v *visit) closingSheet() error {
	session, err := id.Parse(v.r.PathValue("session"))
	if err != nil {
		return fault.Refuse(settlement.SessionNotFound)
	}
	r, err := v.View.TillSession(v.r.Context(), v.by(), session)
	if err != nil {
		return err
	}
	all, err := v.View.Tills(v.r.Context(), v.by(), view.Paging{Limit: 1000})
	if err != nil {
		return err
	}
	page := closingSheetPage{
		Institution: v.letter.Name, Branch: v.branchName(r.BranchID), Teller: v.person(r.Teller), Day: r.BusinessDate, Opened: v.instant(r.OpenedAt),
		Concepts: v.concepts(r), Expected: r.Expected, Counted: r.Counted, Open: r.ClosedOn.IsZero(), Back: tillPath,
	}
	for _, t := range all.Items {
		if t.ID == r.TillID {
			page.Till = t.Name
			if !v.may(settlement.Operate) {
				page.Back = tillsPath + "/" + t.Code
			}
		}
	}
	if page.Open {
		page.Expected = r.Balance
	} else {
		page.Closed, page.ClosedBy = v.instant(r.ClosedAt), v.person(r.ClosedBy)
	}
	v.fillSheet(&page, r)
	money, err := v.View.MoneyOfSession(v.r.Context(), v.by(), session)
	if err != nil {
		return err
	}
	last := r.ClosedOn
	if page.Open {
		last = v.today
	}
	page.Totals, page.Roll = v.totals(money, r.BusinessDate, last), v.onRoll()
	page.Heading = v.paper(page.Branch, r.BusinessDate)
	return closingSheetScreen.show(v, page)
}

// fillSheet fills in the sums and the last count of a session.
func (v *visit) fillSheet(page *closingSheetPage, r view.SessionReport) {
	for _, c := range page.Concepts {
		page.Received += c.Received
		page.Paid += c.Paid
	}
	if n := len(r.Counts); n > 0 {
		last := r.Counts[n-1]
		if page.Open {
			page.Counted = last.Counted
		}
		for _, p := range last.Sheet {
			if p.Pieces > 0 {
				page.Pieces = append(page.Pieces, sheetRow{v.denomination(p.Value), p.Pieces, p.Value * money.Amount(p.Pieces)})
			}
		}
	}
	for _, m := range r.CashMoves {
		if m.Kind == settlement.Overage || m.Kind == settlement.Shortage {
			page.Reason = m.Reason
		}
	}
	page.Difference = page.Counted - page.Expected
	page.State = v.balanced(page.Difference)
}

// instant returns a time at the institution: 18:20, with its date unless it is today.
func (v *visit) instant(t time.Time) string {
	if day := civil.DateOf(t.In(v.Location)); day != v.today {
		return fmt.Sprint(fieldDate(day), " ", v.clock(t))
	}
	return v.clock(t)
}
