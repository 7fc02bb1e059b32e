package bank

import (
	"context"
	"fmt"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/product"
	"sofipo/core/risk"
	"sofipo/core/servicing"
	"sofipo/infra/db"
)

// DayClose is a close, running or done.
type DayClose struct {
	Day        civil.Date   `json:"day"`
	Loans      int64        `json:"loans"`      // positions written
	Interest   money.Amount `json:"interest"`   // that the day earned, but for what its movements posted
	Provisions money.Amount `json:"provisions"` // change of what is provided

	last id.ID
}

// slice is how many loans a close writes in one transaction: few enough that a
// payment that waits for one of them waits for little.
const slice = 4000

// CloseDay closes a business day, the next one if none is named: it writes the
// position of every loan, classifies and provides for them and posts what the day
// earned. One that was cut off goes on where it was. The business date is the
// next day from the first moment on; commands go on meanwhile. It is refused with
// Invalid, DayClosed, DayOpen, or CloseRunning while another process closes.
func (b *Bank) CloseDay(ctx context.Context, by By, day civil.Date, progress func(DayClose)) (DayClose, error) {
	session := b.opts.DB.Session()
	defer session.Close()
	if leads, err := session.Lead(ctx, closePurpose); err != nil {
		return DayClose{}, unavailable("the database does not answer", err)
	} else if !leads || !b.closing.TryLock() {
		return DayClose{}, fault.New(fault.CloseRunning, "A day is being closed already", "Ya hay un cierre de día en curso")
	}
	defer b.closing.Unlock()
	begun, err := Do(ctx, b, by, beginClose{day})
	if err != nil {
		return DayClose{}, err
	}
	c := closer{bank: b, session: session, by: by, at: begun.Answer}
	if err := c.prepare(ctx); err != nil {
		return DayClose{}, err
	}
	for more := true; more; {
		if more, err = c.slice(ctx); err != nil {
			return DayClose{}, fmt.Errorf("close of %s: %w", c.at.Day, err)
		}
		if progress != nil {
			progress(c.at)
		}
	}
	if err := c.sum(ctx); err != nil {
		return DayClose{}, fmt.Errorf("close of %s: %w", c.at.Day, err)
	}
	done, err := Do(ctx, b, by, finishClose{c.at.Day})
	return done.Answer, err
}

// AppendJSON adds the close as JSON.
func (c DayClose) AppendJSON(b []byte) []byte {
	b = append(append(b, `{"day":"`...), c.Day.String()...)
	b = fmt.Appendf(b, `","loans":%d,"interest":%s,"provisions":%s}`, c.Loans, c.Interest, c.Provisions)
	return b
}

// closer closes a day, slice by slice, each in a transaction of its own.
type closer struct {
	bank     *Bank
	session  *db.Session
	by       By
	at       DayClose
	products map[productKey]product.Product

	// Of the slice.
	book      *Book
	positions *db.Rows
	accruals  map[string]*dayOf
	whole     []id.ID            // loans that need their accounts
	moved     []id.ID            // and those that moved since the day, their histories
	before    map[id.ID]position // of the restructured ones, the day before
	written   int64
}

// portrait is what a close needs to know of most loans.
type portrait struct {
	id, client  id.ID
	product     productKey
	status      servicing.Status
	opened, day civil.Date
	balance     money.Amount
	advance     money.Amount
	stage       risk.Stage
	suspended   bool
	carried     money.Amount
	outlook     []byte
}

// position is a loan at the end of a day.
type position struct {
	loan, client        id.ID
	product             string
	status              servicing.Status
	stage, held         risk.Stage
	onTime, instalment  int
	daysPastDue         int
	balance, overdue    money.Amount
	interest, suspended money.Amount
	iva, moratorium     money.Amount
	advance             money.Amount
	provision, reserve  money.Amount
}

var positionInsert = db.Insert("positions", db.Day("day"), db.ID("loan_id"), db.ID("client_id"), db.Text("product"), db.Text("status"), db.Int("stage"), db.Int("held_stage"),
	db.Int("on_time"), db.Int("instalment"), db.Int("days_past_due"), db.Int("balance"), db.Int("overdue_principal"), db.Int("interest"), db.Int("suspended"), db.Int("iva"),
	db.Int("moratorium"), db.Int("advance"), db.Int("provision"), db.Int("reserve"))

// prepare makes room for the day's positions and reads the products.
func (c *closer) prepare(ctx context.Context) error {
	c.products = map[productKey]product.Product{}
	load := &db.Batch{}
	load.Month("positions", c.at.Day)
	load.Month("positions", c.at.Day.AddMonths(1, 1))
	load.Query("SELECT effective_to, body FROM products", func(s db.Scanner) error {
		p, err := scanProduct(s)
		c.products[productKey{p.Code, int32(p.Version)}] = p
		return err
	})
	if err := c.session.Begin(ctx, load); err != nil {
		return err
	}
	_, err := c.session.Commit(ctx, &db.Batch{})
	return err
}

// slice writes the positions of the next loans, and tells whether there may be more.
func (c *closer) slice(ctx context.Context) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, tripTime)
	defer cancel()
	book := newBook(c.bank)
	book.begin(&job{by: c.by, name: "close_slice", command: c.bank.newID(c.bank.opts.Clock())}, c.bank.opts.Clock().UTC().Truncate(time.Microsecond))
	book.dated, book.lastDay = c.at.Day, businessDay{Day: c.at.Day.AddDays(-1), Closed: true}
	book.subject = event.DayID(c.at.Day)
	c.book, c.positions, c.accruals = book, positionInsert.Rows(), map[string]*dayOf{}
	c.whole, c.moved, c.before, c.written = nil, nil, map[id.ID]position{}, 0
	portraits := make([]portrait, 0, slice)
	load := &db.Batch{}
	load.Query(`SELECT id, client_id, product, product_version, status, opened, day, balance, advance, stage, suspended, carried, outlook FROM loans
		WHERE id > $1 AND opened <= $2 AND (status IN ('ACTIVE', 'RESTRUCTURED') OR day >= $2) ORDER BY id LIMIT $3`,
		func(s db.Scanner) error {
			var p portrait
			err := s.Scan(&p.id, &p.client, &p.product.code, &p.product.version, &p.status, &p.opened, &p.day, &p.balance, &p.advance, &p.stage, &p.suspended, &p.carried, &p.outlook)
			portraits = append(portraits, p)
			return err
		}, from(c.at.last), c.at.Day, int64(slice))
	if err := c.session.Begin(ctx, load); err != nil {
		return false, err
	}
	if err := c.decide(ctx, portraits); err != nil {
		c.session.Rollback()
		return false, err
	}
	if len(portraits) > 0 {
		c.at.last = portraits[len(portraits)-1].id
	}
	if err := c.save(ctx); err != nil {
		return false, err
	}
	return len(portraits) == slice, nil
}

// from is an id before all others, if there is none.
func from(last id.ID) id.ID {
	if last.IsZero() {
		last[len(last)-1] = 1
	}
	return last
}

// decide finds the positions of the slice: by their outlooks, and of the others
// from their accounts.
func (c *closer) decide(ctx context.Context, portraits []portrait) error {
	for i := range portraits {
		if err := c.byOutlook(&portraits[i]); err != nil {
			return err
		}
	}
	if len(c.whole)+len(c.moved) == 0 {
		return nil
	}
	needs := Needs{}
	for _, loanID := range c.whole {
		needs.Loan(loanID)
	}
	for _, loanID := range c.moved {
		needs.History(loanID)
	}
	load := &db.Batch{}
	c.book.loadLoans(load, &needs)
	load.Query("SELECT loan_id, stage, held_stage, on_time, instalment FROM positions WHERE day = $1 AND loan_id = ANY($2::uuid[])", func(s db.Scanner) error {
		var p position
		err := s.Scan(&p.loan, &p.stage, &p.held, &p.onTime, &p.instalment)
		c.before[p.loan] = p
		return err
	}, c.at.Day.AddDays(-1), append(append([]id.ID(nil), c.whole...), c.moved...))
	if err := c.session.Load(ctx, load); err != nil {
		return err
	}
	for i := range portraits {
		if _, found := c.book.loans[portraits[i].id]; found {
			if err := c.byAccount(portraits[i].id); err != nil {
				return err
			}
		}
	}
	return nil
}

// byOutlook writes the position of a loan of which nothing is due, and leaves
// the others for later.
func (c *closer) byOutlook(p *portrait) error {
	if p.day.After(c.at.Day) {
		c.moved = append(c.moved, p.id)
		return nil
	}
	later := c.at.Day.AddDays(1)
	if p.outlook == nil || p.stage != risk.Stage1 || p.suspended || p.carried != 0 {
		c.whole = append(c.whole, p.id)
		return nil
	}
	outlook, err := servicing.ParseOutlook(p.outlook)
	if err != nil {
		return fmt.Errorf("loan %s: %w", p.id, err)
	}
	interest, tells := outlook.Interest(later)
	if !tells {
		c.whole = append(c.whole, p.id)
		return nil
	}
	before, _ := outlook.Interest(c.at.Day)
	c.accrue(p.product.code, interest-before, 0, 0)
	return c.write(position{
		loan: p.id, client: p.client, product: p.product.code, status: p.status, stage: risk.Stage1, balance: p.balance, interest: interest, advance: p.advance,
		instalment: outlook.Number,
	}, c.products[p.product], false)
}

// byAccount writes the position of a loan from its account at the end of the day.
func (c *closer) byAccount(loanID id.ID) error {
	l, err := c.book.lending(loanID)
	if err != nil {
		return err
	}
	a, err := c.accountOf(l)
	if err != nil {
		return err
	}
	today, happened := servicing.Roll(a, c.at.Day)
	if !servicing.Alive(today.Status) && len(happened) == 0 {
		return nil // it ended on the day or before
	}
	if len(happened) > 0 && !l.account.Day.After(c.at.Day) {
		o := servicing.Operation{Kind: servicing.Rolled, ValueDate: c.at.Day}
		after, split, err := servicing.Apply(l.account, o, c.at.Day)
		if err != nil {
			return err
		}
		if l, _, err = c.book.register(l, after, o, split); err != nil {
			return err
		}
		a, today = l.account, l.account
	}
	p, l, err := c.classify(l, a, today)
	if err != nil {
		return err
	}
	return c.write(p, c.products[productKey{l.Product, l.ProductVersion}], l.account.Restructures > 0)
}

// accountOf is the account at the end of the day: of a loan that moved since, by
// the movements that had been registered by then.
func (c *closer) accountOf(l lending) (servicing.Account, error) {
	if !l.account.Day.After(c.at.Day) {
		return l.account, nil
	}
	h, err := c.book.history(l)
	if err != nil {
		return servicing.Account{}, err
	}
	h.Operations = nil
	for n := 1; n <= l.movements; n++ {
		m := c.book.movements[movementKey{l.ID, n}].value
		if m.BusinessDate.After(c.at.Day) {
			break
		}
		if by := m.ReversedBy; !by.IsZero() && c.book.registered(l, by).After(c.at.Day) {
			m.ReversedBy = id.ID{}
		}
		if o, counts := m.Operation(); counts {
			h.Operations = append(h.Operations, o)
		}
	}
	a, _, err := servicing.Recompute(h)
	return a, err
}

// registered is the business date of a movement of a loan's history.
func (b *Book) registered(l lending, movementID id.ID) (day civil.Date) {
	for n := range l.movements + 1 {
		if m := b.movements[movementKey{l.ID, n}].value; m.ID == movementID {
			day = m.BusinessDate
		}
	}
	return day
}

// classify gives the position of a loan at the end of the day, of its account as
// the books have it and as it is today, and stages the
// change of its stage, with the entry that moves it between the accounts of what
// is current and of what is overdue. The loan comes back as it is then.
func (c *closer) classify(l lending, a, today servicing.Account) (position, lending, error) {
	morning, _ := servicing.Roll(today, c.at.Day.AddDays(1))
	owing := servicing.Due(today, c.at.Day)
	p := position{
		loan: l.ID, client: l.ClientID, product: l.Product, status: today.Status, daysPastDue: owing.DaysPastDue, balance: today.Outstanding,
		moratorium: owing.Due.Moratorium + owing.Due.MoratoriumIVA, advance: today.Advance, instalment: servicing.FirstOpen(today),
	}
	late := risk.Late{Instalment: owing.DaysPastDue}
	for i := len(owing.Lines) - 1; i >= 0; i-- {
		line := owing.Lines[i]
		if !line.Due.Before(c.at.Day) {
			continue
		}
		p.overdue += line.Amounts.Principal
		if line.Amounts.Principal > 0 {
			late.Principal = line.DaysLate
		}
		if line.Amounts.Interest+line.Amounts.InterestIVA > 0 {
			late.Interest = line.DaysLate
		}
	}
	class, err := risk.Classify(c.at.Day, risk.Loan{Payment: paymentOf(today), Late: late, Restructure: c.restructure(&p, l, today, owing)})
	if err != nil {
		return p, l, err
	}
	if p.held != 0 && !class.Held && p.onTime > 0 {
		p.held = 0
	}
	p.stage = class.Stage
	earned, collected := accounting.InterestOf(morning)
	income, suspended := l.recognition.Recognised(earned, collected)
	incomeBefore, suspendedBefore, ivaBefore := c.book.booked(l, a)
	_, p.iva = servicing.Receivable(today)
	p.interest, p.suspended = income-collected, suspended
	c.accrue(l.Product, income-incomeBefore, suspended-suspendedBefore, servicing.Recognised(today).InterestIVA-ivaBefore)
	if class.Stage != l.stage {
		if l, err = c.reclassify(l, p, earned, collected); err != nil {
			return p, l, err
		}
	}
	return p, l, nil
}

// reclassify stages the loan in its new stage.
func (c *closer) reclassify(l lending, p position, earned, collected money.Amount) (lending, error) {
	before := l.stage
	l.stage = p.stage
	if overdue := p.stage == risk.Stage3; overdue != l.recognition.Suspended {
		if overdue {
			l.recognition = l.recognition.Suspend(earned, collected)
		} else {
			l.recognition = l.recognition.Resume(earned, collected)
		}
		k := accounting.Booking{Entry: c.book.NewID(), Day: c.at.Day, At: c.book.now, Reference: l.ID, Loan: l.ID}
		if err := c.book.post(accounting.Reclassified(k, p.balance, p.interest, overdue)); err != nil {
			return l, err
		}
	}
	put(c.book, c.book.loans, l.ID, l, changed)
	c.book.Tell(event.OfStage(l.Loan, c.at.Day, p.daysPastDue, before, p.stage))
	return l, nil
}

// restructure is what sustained payment depends on, carried from the position
// of the day before.
func (c *closer) restructure(p *position, l lending, today servicing.Account, owing servicing.Owing) risk.Restructure {
	if today.Restructures == 0 {
		return risk.Restructure{}
	}
	before, known := c.before[l.ID]
	switch {
	case !known || before.held == 0 && today.Status == servicing.Restructured && today.Version.From == c.at.Day && today.Version.Reason == string(servicing.RestructureAs):
		p.held, before.instalment = max(before.stage, l.stage), p.instalment
	default:
		p.held = before.held
	}
	if p.held == 0 {
		return risk.Restructure{}
	}
	p.onTime = before.onTime + max(0, p.instalment-before.instalment)
	for _, line := range owing.Lines {
		rest := line.Amounts
		rest.Moratorium, rest.MoratoriumIVA = 0, 0
		if rest.Sum() > 0 && !line.Due.After(c.at.Day) {
			p.onTime = -1
		}
	}
	t := today.Version.Terms
	r := risk.Restructure{Stage: p.held, PeriodDays: t.PeriodLength(), OnTime: max(0, p.onTime), Principal: t.Amount}
	if today.Version.Reason == string(servicing.RestructureAs) {
		r.Paid = t.Amount - today.Outstanding
	}
	return r
}

func paymentOf(a servicing.Account) risk.Payment {
	return risk.PaymentOf(a.Version.Terms.Method, a.Version.Terms.Periods)
}

// accrue gathers what the day earned of a product.
func (c *closer) accrue(code string, interest, suspended, iva money.Amount) {
	d := c.accruals[code]
	if d == nil {
		d = &dayOf{product: code}
		c.accruals[code] = d
	}
	d.interest += interest
	d.suspended += suspended
	d.iva += iva
}

// write adds a position with what is provided for it.
func (c *closer) write(p position, of product.Product, restructured bool) error {
	base, reserved := risk.Rated(p.stage, p.balance, p.interest)
	provision, _, err := risk.Provision(c.at.Day, of.Classification, false, restructured, p.daysPastDue, base, 0)
	if err != nil {
		return fmt.Errorf("loan %s: %w", p.loan, err)
	}
	c.positions.Add(c.at.Day, p.loan, p.client, p.product, string(p.status), int64(p.stage), int64(p.held), int64(p.onTime), int64(p.instalment), int64(p.daysPastDue),
		int64(p.balance), int64(p.overdue), int64(p.interest), int64(p.suspended), int64(p.iva), int64(p.moratorium), int64(p.advance), int64(provision), int64(reserved))
	c.written++
	return nil
}

// save commits the slice with how far the close has come.
func (c *closer) save(ctx context.Context) error {
	if err := c.book.seal(c.book.job); err != nil {
		return err
	}
	save := &db.Batch{}
	c.book.save(save)
	save.Save(c.positions)
	for _, d := range c.accruals {
		save.Exec(`INSERT INTO day_accruals (day, product, interest, suspended, iva) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (day, product) DO UPDATE SET
			interest = day_accruals.interest + excluded.interest, suspended = day_accruals.suspended + excluded.suspended, iva = day_accruals.iva + excluded.iva`,
			c.at.Day, d.product, int64(d.interest), int64(d.suspended), int64(d.iva))
	}
	save.Exec("UPDATE business_days SET loans = loans + $2, last_loan = $3 WHERE day = $1", c.at.Day, c.written, c.at.last)
	position, err := c.session.Commit(ctx, save)
	if err != nil {
		return err
	}
	c.at.Loans += c.written
	c.bank.opts.Committed(position, c.book.job.stale)
	return nil
}

// sum writes the sums of the day's positions.
func (c *closer) sum(ctx context.Context) error {
	save := &db.Batch{}
	save.Exec("DELETE FROM portfolio WHERE day = $1", c.at.Day)
	save.Exec(`INSERT INTO portfolio (day, product, days_past_due, stage, loans, balance, overdue_principal, interest, suspended, iva, provision, reserve)
		SELECT day, product, days_past_due, stage, count(*), sum(balance), sum(overdue_principal), sum(interest), sum(suspended), sum(iva), sum(provision), sum(reserve)
		FROM positions WHERE day = $1 GROUP BY day, product, days_past_due, stage`, c.at.Day)
	if err := c.session.Begin(ctx, &db.Batch{}); err != nil {
		return err
	}
	_, err := c.session.Commit(ctx, save)
	return err
}
