package bank

import (
	"context"
	"fmt"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// draft is what a slice of loans comes to. Most loans do not change by a close:
// their positions follow from one look at them. Those that do, or that moved since
// the day, are looked at again with their rows locked.
type draft struct {
	*closer
	book      *Book
	positions *db.Rows
	sums      portfolio
	accruals  map[string]*dayOf
	before    map[id.ID]position       // of the restructured ones, the day before
	renewed   map[id.ID]schedule.Terms // and the terms of their last restructure
	whole     []id.ID                  // loans that need their accounts
	change    []id.ID                  // and those to be locked
	moves     int                      // of these, in all
	locked    bool                     // the loans in the book are
	last      id.ID                    // of the slice
	written   int64
}

// portrait is what a close needs to know of most loans.
type portrait struct {
	id, client id.ID
	product    productKey
	status     servicing.Status
	moved      civil.Date
	movements  int
	booked     civil.Date
	balance    money.Amount
	advance    money.Amount
	stage      risk.Stage
	suspended  bool
	carried    money.Amount
	outlook    []byte
	opened     civil.Date
	fee        money.Amount
	feeLast    civil.Date
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

var positionInsert = db.Insert("positions", db.Day("day"), db.ID("loan_id"), db.ID("client_id"), db.Text("product"), db.Text("status"), db.Small("stage"), db.Small("held_stage"),
	db.Small("on_time"), db.Small("instalment"), db.Small("days_past_due"), db.Int("balance"), db.Int("overdue_principal"), db.Int("interest"), db.Int("suspended"), db.Int("iva"),
	db.Int("moratorium"), db.Int("advance"), db.Int("provision"), db.Int("reserve"))

// from is an id before all others, if there is none.
func from(last id.ID) id.ID {
	if last.IsZero() {
		last[len(last)-1] = 1
	}
	return last
}

// decide finds the positions of the slice: by their outlooks, and of the others
// from their accounts. Loans that change are left for later.
func (c *closer) decide(ctx context.Context, portraits []portrait) (*draft, error) {
	d := &draft{closer: c, book: newBook(c.bank, c.products), positions: positionInsert.Room(len(portraits)), sums: portfolio{}, accruals: map[string]*dayOf{}, before: map[id.ID]position{}, renewed: map[id.ID]schedule.Terms{}}
	d.book.dated, d.book.firstClose, d.book.lastDay = c.at.Day, c.at.first, businessDay{Day: c.at.Day.AddDays(-1), Closed: true}
	d.last = portraits[len(portraits)-1].id
	for i := range portraits {
		if err := d.byOutlook(&portraits[i]); err != nil {
			return nil, flaw{fmt.Errorf("loan %s: %w", portraits[i].id, err)}
		}
	}
	if len(d.whole) == 0 {
		return d, nil
	}
	read := func(load *db.Batch) error {
		ctx, cancel := context.WithTimeout(ctx, tripTime)
		defer cancel()
		return c.bank.opts.DB.ReadPrimary(ctx, load)
	}
	load := &db.Batch{}
	d.book.lookAtLoans(load, d.whole)
	if err := read(load); err != nil {
		return nil, err
	}
	return d, d.byAccounts(d.whole, read)
}

// lock looks again at the loans that change, in the transaction that is to write
// them, with their movements.
func (c *draft) lock(ctx context.Context) error {
	if len(c.change) == 0 {
		return nil
	}
	c.locked = true
	clear(c.book.loans)
	needs := Needs{}
	for _, loanID := range c.change {
		needs.Loan(loanID)
	}
	load := &db.Batch{}
	c.book.loadLoans(load, &needs)
	c.book.loadMovements(load, c.change)
	if err := c.session.Load(ctx, load); err != nil {
		return err
	}
	return c.byAccounts(c.change, func(load *db.Batch) error { return c.session.Load(ctx, load) })
}

// byAccounts writes the positions of loans that are in the book.
func (c *draft) byAccounts(loans []id.ID, read func(*db.Batch) error) error {
	var restructured []id.ID
	for _, loanID := range loans {
		if l, err := c.lending(loanID); err != nil {
			return flaw{err}
		} else if l.account.Restructures > 0 || c.locked && l.moved.After(c.at.Day) {
			restructured = append(restructured, loanID)
		}
	}
	if len(restructured) > 0 {
		load := &db.Batch{}
		// A position at a time: the statistics of PostgreSQL know nothing of a day that was
		// just written, and for a list of loans it would read the whole of it.
		load.Query(`SELECT id, coalesce((SELECT held_stage FROM positions WHERE day = $1 AND loan_id = loans.id), -1),
				coalesce((SELECT on_time FROM positions WHERE day = $1 AND loan_id = loans.id), 0) FROM loans WHERE id = ANY($2::uuid[])`,
			func(s db.Scanner) error {
				var p position
				err := s.Scan(&p.loan, &p.held, &p.onTime)
				if p.held >= 0 {
					c.before[p.loan] = p
				}
				return err
			}, c.at.Day.AddDays(-1), restructured)
		load.Query("SELECT loan_id, value_date, new_terms, split FROM movements WHERE loan_id = ANY($1::uuid[]) AND kind = 'restructure' AND reversed_by IS NULL ORDER BY loan_id, value_date, number",
			func(s db.Scanner) error {
				var m servicing.Movement
				var terms, split string
				if err := s.Scan(&m.LoanID, &m.ValueDate, &terms, &split); err != nil {
					return err
				}
				if err := codec.ParseMovement(&m, terms, split); err != nil {
					return err
				}
				agreed := m.NewTerms.Terms
				agreed.Disbursement, agreed.Amount = m.ValueDate, m.Split.Balance
				c.renewed[m.LoanID] = agreed
				return nil
			}, restructured)
		if err := read(load); err != nil {
			return err
		}
	}
	for _, loanID := range loans {
		if err := c.byAccount(loanID); err != nil {
			return flaw{fmt.Errorf("loan %s: %w", loanID, err)}
		}
	}
	return nil
}

// lending finds a loan of the book: with its whole account if it is locked, else
// with as much of it as a look at it needs.
func (c *draft) lending(loanID id.ID) (lending, error) {
	if c.locked {
		return c.book.lending(loanID)
	}
	l := &c.book.loans[loanID].value
	if l.stored == nil {
		return *l, nil
	}
	p, err := c.book.product(*l)
	if err == nil {
		l.account, err = codec.RestoreNear(p, l.stored.version, l.stored.plan, l.stored.state, c.at.Day.AddDays(1))
		l.stored = nil
	}
	return *l, err
}

// changes leaves a loan with so many movements for when its row is locked.
func (c *draft) changes(loanID id.ID, movements int) {
	c.change = append(c.change, loanID)
	c.moves += movements
}

// byOutlook writes the position of a loan of which nothing is due, and leaves
// the others for later.
func (c *draft) byOutlook(p *portrait) error {
	if p.moved.After(c.at.Day) {
		c.changes(p.id, p.movements)
		return nil
	}
	later := c.at.Day.AddDays(1)
	if p.outlook == nil || p.stage != risk.Stage1 || p.suspended || p.carried != 0 {
		c.whole = append(c.whole, p.id)
		return nil
	}
	outlook, err := codec.ParseOutlook(p.outlook)
	if err != nil {
		return err
	}
	interest, tells := outlook.Interest(later)
	if !tells {
		c.whole = append(c.whole, p.id)
		return nil
	}
	booked := c.at.Day
	if p.booked == c.at.Day || c.at.first == c.at.Day {
		booked = outlook.From
	}
	before, _ := outlook.Interest(booked)
	earns := dayOf{product: p.product.code, interest: interest - before}
	if p.fee > 0 {
		earns.fees = accounting.Amortised(p.fee, p.opened, p.feeLast, c.at.Day) - accounting.Amortised(p.fee, p.opened, p.feeLast, booked.AddDays(-1))
	}
	c.accrue(earns)
	return c.write(position{
		loan: p.id, client: p.client, product: p.product.code, status: p.status, stage: risk.Stage1, balance: p.balance, interest: interest, advance: p.advance,
		instalment: outlook.Number,
	}, c.products[p.product], false)
}

// byAccount writes the position of a loan from its account at the end of the day.
func (c *draft) byAccount(loanID id.ID) error {
	l, err := c.lending(loanID)
	if err != nil {
		return err
	}
	if !c.locked && l.moved.After(c.at.Day) {
		c.changes(loanID, l.movements)
		return nil
	}
	a, err := c.accountOf(l)
	if err != nil {
		return err
	}
	today, happened := servicing.Roll(a, c.at.Day)
	if !c.locked && len(happened) > 0 {
		c.changes(loanID, l.movements)
		return nil
	}
	if len(happened) > 0 && !l.moved.After(c.at.Day) {
		if l, err = c.book.roll(l); err != nil {
			return err
		}
		a, today = l.account, l.account
	}
	if !servicing.Alive(today.Status) {
		return nil // it ended on the day or before
	}
	p, l, changes, err := c.classify(l, a, today)
	if err != nil {
		return err
	}
	if changes {
		c.changes(loanID, l.movements)
		return nil
	}
	return c.write(p, c.products[productKey{l.Product, l.ProductVersion}], today.Restructures > 0)
}

// classify gives the position of a loan at the end of the day, of its account as
// the books have it and as it is today, and stages the change of its stage, with
// the entry that moves it between the accounts of what is current and of what is
// overdue. The loan comes back as it is then. Of a loan that is not locked and
// changes, only that is told.
func (c *draft) classify(l lending, a, today servicing.Account) (p position, _ lending, changes bool, err error) {
	morning, _ := servicing.Roll(today, c.at.Day.AddDays(1))
	owing := servicing.Due(today, c.at.Day)
	p = position{
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
	agreed := c.agreed(l, today)
	payment, restructure := risk.PaymentOf(agreed.Method, agreed.Periods), c.restructure(&p, l, agreed, today, owing)
	class, err := risk.Classify(c.at.Day, risk.Loan{Payment: payment, Late: late, Restructure: restructure})
	if err != nil || class.Stage != l.stage && !c.locked {
		return p, l, true, err
	}
	if risk.Sustained(c.at.Day, payment, restructure) {
		p.held = 0 // for good
	}
	p.stage = class.Stage
	earned, _ := accounting.InterestOf(morning)
	_, collected := accounting.InterestOf(today) // what an advance pays in the morning is of the next day
	income, suspended := l.recognition.Recognised(earned, collected)
	had := c.book.booked(l, a)
	_, p.iva = servicing.Receivable(today)
	p.interest, p.suspended = income-collected, suspended
	if l.recognition.Suspended && income != had.income && !c.locked {
		return p, l, true, nil
	}
	if c.at.Day.Before(l.booked) {
		income = had.income // a later movement posted what came then
	} else {
		earns := dayOf{
			product: l.Product, interest: income - had.income, suspended: suspended - had.suspended, iva: servicing.Recognised(today).InterestIVA - had.iva,
			fees: accounting.Amortised(l.fee, l.Opened, l.feeLast, c.at.Day) - had.fee,
		}
		if l.recognition.Suspended { // income all the same: less was earned than when it was suspended
			k := accounting.Booking{Entry: c.book.NewID(), Day: c.at.Day, At: c.book.now, Reference: event.DayID(c.at.Day), Loan: l.ID, Overdue: true}
			if err := c.book.post(accounting.Accrued(k, earns.interest, 0, 0)); err != nil {
				return p, l, true, err
			}
			earns.interest = 0
		}
		c.accrue(earns)
	}
	if class.Stage != l.stage {
		if l, err = c.reclassify(l, p, a, earned, collected, income); err != nil {
			return p, l, true, err
		}
	}
	return p, l, false, nil
}

// reclassify stages the loan in its new stage, of the income that the books have.
func (c *draft) reclassify(l lending, p position, a servicing.Account, earned, collected, income money.Amount) (lending, error) {
	before := l
	l.stage = p.stage
	if overdue := p.stage == risk.Stage3; overdue != l.recognition.Suspended {
		if overdue {
			l.recognition = l.recognition.Suspend(earned, collected)
		} else {
			l.recognition = l.recognition.Resume(earned, collected)
		}
		k := accounting.Booking{Entry: c.book.NewID(), Day: c.at.Day, At: c.book.now, Reference: l.ID, Loan: l.ID}
		if err := c.book.post(accounting.Reclassified(k, p.balance, income-collected, overdue)); err != nil {
			return l, err
		}
		if err := c.restate(before, l, a); err != nil {
			return l, err
		}
	}
	put(c.book, c.book.loans, l.ID, l, changed)
	c.book.Tell(event.OfStage(l.Loan, c.at.Day, p.daysPastDue, before.stage, p.stage))
	return l, nil
}

// agreed are the terms of the last restructure, or of the contract: a prepayment
// leaves others in force.
func (c *draft) agreed(l lending, today servicing.Account) schedule.Terms {
	if today.Restructures > 0 {
		return c.renewed[l.ID]
	}
	t := today.Version.Terms
	t.Periods = int(l.Periods)
	return t
}

// restructure is what sustained payment depends on: of the position of the day
// before the instalments paid on time, and of the terms agreed on the rest.
func (c *draft) restructure(p *position, l lending, agreed schedule.Terms, today servicing.Account, owing servicing.Owing) risk.Restructure {
	if today.Restructures == 0 {
		return risk.Restructure{}
	}
	before, known := c.before[l.ID]
	p.held = before.held
	if !known || agreed.Disbursement == c.at.Day {
		p.held, before = l.stage, position{}
	}
	if p.held == 0 {
		return risk.Restructure{}
	}
	late, unpaid := false, map[int]bool{}
	for _, line := range owing.Lines {
		rest := line.Amounts
		rest.Moratorium, rest.MoratoriumIVA = 0, 0
		unpaid[line.Instalment] = rest.Sum() > 0
		late = late || rest.Sum() > 0 && !line.Due.After(c.at.Day)
	}
	if !late {
		p.onTime = max(0, before.onTime) + c.paidOnTime(agreed, today, unpaid)
	}
	r := risk.Restructure{Stage: p.held, PeriodDays: agreed.PeriodLength(), OnTime: p.onTime, Principal: agreed.Amount, Paid: agreed.Amount - today.Outstanding}
	if agreed.AnnualRate > 0 {
		r.InterestDays = servicing.InterestPaidTo(today).Since(agreed.Disbursement)
	}
	return r
}

// paidOnTime counts the instalments of the terms that are due on the day and paid.
// Those before the account's first are over; a holiday may have moved several of
// them to the same day.
func (c *draft) paidOnTime(agreed schedule.Terms, today servicing.Account, unpaid map[int]bool) (count int) {
	for i := range today.Instalments {
		if in := &today.Instalments[i]; in.Due == c.at.Day && !in.Until.After(c.at.Day) && !unpaid[in.Number] {
			count++
		}
	}
	if len(today.Instalments) == 0 {
		return count
	}
	for nominal := today.Instalments[0].Start; !nominal.Before(agreed.FirstDue); nominal = nominal.AddDays(-agreed.PeriodLength()) {
		due := today.Version.Terms.Due(nominal)
		if due.Before(c.at.Day) {
			break
		}
		if due == c.at.Day {
			count++
		}
	}
	return count
}

// accrue gathers what the day earned of a product.
func (c *draft) accrue(earned dayOf) {
	d := c.accruals[earned.product]
	if d == nil {
		d = &dayOf{product: earned.product}
		c.accruals[earned.product] = d
	}
	d.interest += earned.interest
	d.suspended += earned.suspended
	d.iva += earned.iva
	d.fees += earned.fees
}

// write adds a position with what is provided for it.
func (c *draft) write(p position, of product.Product, restructured bool) error {
	base, reserved := risk.Rated(p.stage, p.balance, p.interest)
	provision, _, err := risk.Provision(c.at.Day, risk.Exposure{Classification: of.Classification, Restructured: restructured, DaysLate: p.daysPastDue, Base: base})
	if err != nil {
		return err
	}
	c.positions.Add(c.at.Day, p.loan, p.client, p.product, string(p.status), int64(p.stage), int64(p.held), int64(p.onTime), int64(p.instalment), int64(p.daysPastDue),
		int64(p.balance), int64(p.overdue), int64(p.interest), int64(p.suspended), int64(p.iva), int64(p.moratorium), int64(p.advance), int64(provision), int64(reserved))
	p.provision, p.reserve = provision, reserved
	c.sums.add(&p)
	c.written++
	return nil
}

// save commits the slice with how far the close has come.
func (c *draft) save(ctx context.Context) error {
	clock := c.bank.opts.Clock()
	c.book.begin(&job{by: c.by, name: "close_slice", command: c.bank.newID(clock)}, clock.UTC().Truncate(time.Microsecond))
	c.book.subject = event.DayID(c.at.Day)
	if err := c.session.Begin(ctx, &db.Batch{}); err != nil {
		return err
	}
	if err := c.session.Copy(ctx, c.positions); err != nil {
		return err
	}
	c.positions = positionInsert.Rows()
	err := c.lock(ctx)
	if err == nil {
		if err = c.book.seal(c.book.job); err != nil {
			err = flaw{err}
		}
	}
	if err != nil {
		c.session.Rollback()
		return err
	}
	save := &db.Batch{}
	c.book.save(save)
	save.Save(c.positions)
	for _, sum := range c.accruals {
		save.Exec(`INSERT INTO day_accruals (day, product, interest, suspended, iva, fees) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (day, product) DO UPDATE SET
			interest = day_accruals.interest + excluded.interest, suspended = day_accruals.suspended + excluded.suspended, iva = day_accruals.iva + excluded.iva,
			fees = day_accruals.fees + excluded.fees`,
			c.at.Day, sum.product, int64(sum.interest), int64(sum.suspended), int64(sum.iva), int64(sum.fees))
	}
	save.Exec("UPDATE business_days SET loans = loans + $2, last_loan = $3 WHERE day = $1", c.at.Day, c.written, c.last)
	position, err := c.session.Commit(ctx, save)
	if err != nil {
		return err
	}
	c.at.Loans, c.at.last = c.at.Loans+c.written, c.last
	if c.closer.sums != nil {
		c.closer.sums.merge(c.sums)
	}
	c.bank.opts.Committed(position, c.book.job.stale)
	return nil
}
