package lending

import (
	"context"
	"fmt"

	"sofipo/bank"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// draft is the computed result for one slice of loans. Most loans do not change by a close:
// their positions follow from one look at them. Those that do, or that moved since
// the day, are looked at again with their rows locked.
type draft struct {
	*DayClose
	book      *bank.Book
	positions *db.Rows
	portfolio portfolio
	accruals  map[string]*productDay
	before    map[id.ID]position       // of the restructured ones, the day before
	renewed   map[id.ID]schedule.Terms // and the terms of their last restructure
	whole     []id.ID                  // loans that need their accounts
	change    []id.ID                  // and those to be locked
	moves     int                      // of these, in all
	locked    bool                     // the loans in the book are
	end       id.ID                    // the last loan of the slice
	written   int64
}

// position is a loan at the end of a day.
type position struct {
	day                 civil.Date
	loan, client        id.ID
	product             string
	status              servicing.Status
	stage, held         risk.Stage
	onTime, instalment  int
	daysPastDue         int
	balance, overdue    money.Amount
	interest, suspended money.Amount
	iva, penalty        money.Amount
	unapplied           money.Amount
	provision, reserve  money.Amount
}

// storedPosition are the columns of a position.
var storedPosition = db.Columns[position]{
	db.DayField("day", func(p *position) *civil.Date { return &p.day }),
	db.IDField("loan_id", func(p *position) *id.ID { return &p.loan }),
	db.IDField("client_id", func(p *position) *id.ID { return &p.client }),
	db.TextField("product", func(p *position) *string { return &p.product }),
	db.TextField("status", func(p *position) *servicing.Status { return &p.status }),
	db.SmallField("stage", func(p *position) *risk.Stage { return &p.stage }),
	db.SmallField("held_stage", func(p *position) *risk.Stage { return &p.held }),
	db.SmallField("on_time", func(p *position) *int { return &p.onTime }),
	db.SmallField("instalment", func(p *position) *int { return &p.instalment }),
	db.SmallField("days_past_due", func(p *position) *int { return &p.daysPastDue }),
	db.IntField("balance", func(p *position) *money.Amount { return &p.balance }),
	db.IntField("overdue_principal", func(p *position) *money.Amount { return &p.overdue }),
	db.IntField("interest", func(p *position) *money.Amount { return &p.interest }),
	db.IntField("suspended", func(p *position) *money.Amount { return &p.suspended }),
	db.IntField("iva", func(p *position) *money.Amount { return &p.iva }),
	db.IntField("penalty_interest", func(p *position) *money.Amount { return &p.penalty }),
	db.IntField("unapplied", func(p *position) *money.Amount { return &p.unapplied }),
	db.IntField("provision", func(p *position) *money.Amount { return &p.provision }),
	db.IntField("reserve", func(p *position) *money.Amount { return &p.reserve }),
}

var positionInsert = storedPosition.Insert("daily_positions")

// from is an id before all others, if there is none.
func from(last id.ID) id.ID {
	if last.IsZero() {
		last[len(last)-1] = 1
	}
	return last
}

// decide finds the positions of the slice: by their outlooks, and of the others
// from their accounts. Loans that change are left for later.
func (c *DayClose) decide(ctx context.Context, portraits []Stored) (*draft, error) {
	d := &draft{
		DayClose: c, book: c.newBook(), positions: positionInsert.Room(len(portraits)), portfolio: portfolio{},
		accruals: map[string]*productDay{}, before: map[id.ID]position{}, renewed: map[id.ID]schedule.Terms{},
		end: portraits[len(portraits)-1].ID,
	}
	for i := range portraits {
		if err := d.byOutlook(&portraits[i]); err != nil {
			return nil, BrokenLoan{fmt.Errorf("loan %s: %w", portraits[i].ID, err)}
		}
	}
	if len(d.whole) == 0 {
		return d, nil
	}
	read := func(load *db.Batch) error {
		ctx, cancel := context.WithTimeout(ctx, bank.TripTime)
		defer cancel()
		return c.bank.DB().ReadPrimary(ctx, load)
	}
	load := &db.Batch{}
	lookAtLoans(d.book, load, d.whole)
	if err := read(load); err != nil {
		return nil, err
	}
	return d, d.byAccounts(d.whole, read)
}

// newBook is a book of the close, which shares the products.
func (c *DayClose) newBook() *bank.Book {
	b := bank.NewBook(c.bank, c.kept)
	b.CloseOn(c.day, c.first)
	return b
}

// lookAtLoans reads disbursed loans as they are at one moment, without locking them.
func lookAtLoans(b *bank.Book, batch *db.Batch, loans []id.ID) {
	batch.Query("SELECT "+seenLoan.List("l")+", "+seenSchedule.List("v")+
		" FROM loans l JOIN loan_versions v ON v.loan_id = l.id AND v.serial = l.version WHERE l.id = ANY($1::uuid[])",
		func(s db.Scanner) error {
			var l Loan
			var v Schedule
			if err := seenLoan.Scan(s, &l.Stored, seenSchedule.Places(&v)...); err != nil {
				return err
			}
			err := codec.ParseTerms(&v.Terms, v.terms)
			Loans.Place(b, l)
			Schedules.Place(b, v)
			return err
		}, loans)
}

// What a close needs to know of a loan whose account it looks at.
var (
	seenLoan = StoredLoan.Pick("id", "client_id", "product", "product_version", "status", "periods", "opened", "version", "transactions", "balance", "unapplied", "state",
		"stage", "suspended", "frozen", "carried", "moved", "interest_posted_on", "fee", "fee_last")
	seenSchedule = Schedules.Columns.Pick("loan_id", "serial", "number", "effective_from", "reason", "terms", "level", "plan")
)

// lock looks again at the loans that change, in the transaction that is to write
// them, with all that they have been through.
func (c *draft) lock(ctx context.Context) error {
	if len(c.change) == 0 {
		return nil
	}
	c.locked = true
	needs := bank.Needs{}
	for _, loanID := range c.change {
		needLoan(&needs, loanID)
		transactionsOfLoan.Need(&needs, loanID)
		contract.Need(&needs, loanID)
	}
	c.book.Ask(&needs)
	load := &db.Batch{}
	c.book.LoadRows(load)
	if err := c.session.Load(ctx, load); err != nil {
		return err
	}
	return c.byAccounts(c.change, func(load *db.Batch) error { return c.session.Load(ctx, load) })
}

// byAccounts writes the positions of loans that are in the book.
func (c *draft) byAccounts(loans []id.ID, read func(*db.Batch) error) error {
	var restructured []id.ID
	for _, loanID := range loans {
		if l, err := c.find(loanID); err != nil {
			return BrokenLoan{err}
		} else if l.Account.Restructures > 0 || c.locked && l.Moved.After(c.day) {
			restructured = append(restructured, loanID)
		}
	}
	if len(restructured) > 0 {
		load := &db.Batch{}
		// A position at a time: the statistics of PostgreSQL know nothing of a day that was
		// just written, and for a list of loans it would read the whole of it.
		load.Query(`SELECT id, coalesce((SELECT held_stage FROM daily_positions WHERE day = $1 AND loan_id = loans.id), -1),
				coalesce((SELECT on_time FROM daily_positions WHERE day = $1 AND loan_id = loans.id), 0) FROM loans WHERE id = ANY($2::uuid[])`,
			func(s db.Scanner) error {
				var p position
				err := s.Scan(&p.loan, &p.held, &p.onTime)
				if p.held >= 0 {
					c.before[p.loan] = p
				}
				return err
			}, c.day.AddDays(-1), restructured)
		load.Query("SELECT loan_id, value_date, new_terms, split FROM loan_transactions WHERE loan_id = ANY($1::uuid[]) AND kind = 'restructure' AND reversed_by IS NULL ORDER BY loan_id, value_date, number",
			func(s db.Scanner) error {
				var m servicing.Transaction
				var terms, split string
				if err := s.Scan(&m.LoanID, &m.ValueDate, &terms, &split); err != nil {
					return err
				}
				if err := codec.ParseTransaction(&m, terms, split); err != nil {
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
			return BrokenLoan{fmt.Errorf("loan %s: %w", loanID, err)}
		}
	}
	return nil
}

// find gives a loan of the book: with its whole account if it is locked, else with as
// much of it as a look at it needs.
func (c *draft) find(loanID id.ID) (Loan, error) {
	if c.locked {
		return Find(c.book, loanID)
	}
	l := Loans.At(c.book, loanID)
	if l == nil {
		return Loan{}, fmt.Errorf("loan %s is missing", loanID)
	}
	err := l.restore(c.book, func(p product.Product, v servicing.Version, plan, state []byte) (servicing.Account, error) {
		return codec.RestoreNear(p, v, plan, state, c.day.AddDays(1))
	})
	return *l, err
}

// changes leaves a loan with so many transactions for when its row is locked.
func (c *draft) changes(loanID id.ID, transactions int) {
	c.change = append(c.change, loanID)
	c.moves += transactions
}

// byOutlook writes the position of a loan with nothing due, and leaves
// the others for later.
func (c *draft) byOutlook(p *Stored) error {
	if p.Moved.After(c.day) {
		c.changes(p.ID, p.Transactions)
		return nil
	}
	later := c.day.AddDays(1)
	if p.Outlook == nil || p.Stage != risk.Stage1 || p.Recognition.Suspended || p.Recognition.Carried != 0 {
		c.whole = append(c.whole, p.ID)
		return nil
	}
	outlook, err := codec.ParseOutlook(p.Outlook)
	if err != nil {
		return err
	}
	interest, tells := outlook.Interest(later)
	if !tells {
		c.whole = append(c.whole, p.ID)
		return nil
	}
	posted := c.day
	if p.InterestPostedOn == c.day || c.first == c.day {
		posted = outlook.From
	}
	before, _ := outlook.Interest(posted)
	earns := productDay{product: p.Product, interest: interest - before}
	if p.Fee > 0 {
		earns.fees = entries.Amortised(p.Fee, p.Opened, p.FeeLast, c.day) - entries.Amortised(p.Fee, p.Opened, p.FeeLast, posted.AddDays(-1))
	}
	c.accrue(earns)
	return c.write(position{
		loan: p.ID, client: p.ClientID, product: p.Product, status: p.Status, stage: risk.Stage1, balance: p.Balance, interest: interest, unapplied: p.Unapplied,
		instalment: outlook.Number,
	}, c.products()[ProductKey{p.Product, int(p.ProductVersion)}], false)
}

// byAccount writes the position of a loan from its account at the end of the day.
func (c *draft) byAccount(loanID id.ID) error {
	l, err := c.find(loanID)
	if err != nil {
		return err
	}
	if !c.locked && l.Moved.After(c.day) {
		c.changes(loanID, l.Transactions)
		return nil
	}
	a, err := c.accountOf(l)
	if err != nil {
		return err
	}
	today, happened := servicing.Roll(a, c.day)
	if !c.locked && len(happened) > 0 {
		c.changes(loanID, l.Transactions)
		return nil
	}
	if len(happened) > 0 && !l.Moved.After(c.day) {
		if l, err = roll(c.book, l); err != nil {
			return err
		}
		a, today = l.Account, l.Account
	}
	if !servicing.Alive(today.Status) {
		return nil // it ended on the day or before
	}
	p, l, changes, err := c.classify(l, a, today)
	if err != nil {
		return err
	}
	if changes {
		c.changes(loanID, l.Transactions)
		return nil
	}
	return c.write(p, c.products()[l.productKey()], today.Restructures > 0)
}

// classify gives the position of a loan at the end of the day, of its account as
// the books have it and as it is today, and stages the change of its stage, with
// the entry that moves it between the accounts of what is current and of what is
// overdue. The loan comes back as it is then. Of a loan that is not locked and
// changes, only that is told.
func (c *draft) classify(l Loan, a, today servicing.Account) (p position, _ Loan, changes bool, err error) {
	morning, _ := servicing.Roll(today, c.day.AddDays(1))
	owing := servicing.Due(today, c.day)
	p = position{
		loan: l.ID, client: l.ClientID, product: l.Product, status: today.Status, daysPastDue: owing.DaysPastDue, balance: today.Outstanding,
		penalty: owing.Due.PenaltyInterest + owing.Due.PenaltyInterestIVA, unapplied: today.Unapplied, instalment: servicing.FirstOpen(today),
	}
	late := risk.Late{Instalment: owing.DaysPastDue}
	for i := len(owing.Lines) - 1; i >= 0; i-- {
		line := owing.Lines[i]
		if !line.Due.Before(c.day) {
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
	class, err := risk.Classify(c.day, risk.Loan{Payment: payment, Late: late, Restructure: restructure})
	if err != nil || class.Stage != l.Stage && !c.locked {
		return p, l, true, err
	}
	if risk.Sustained(c.day, payment, restructure) {
		p.held = 0 // for good
	}
	p.stage = class.Stage
	earned, _ := entries.InterestOf(morning)
	_, collected := entries.InterestOf(today) // what an advance pays in the morning is of the next day
	income, suspended := l.Recognition.Recognised(earned, collected)
	had := recordedOf(c.book, l, a)
	_, p.iva = servicing.Receivable(today)
	p.interest, p.suspended = income-collected, suspended
	if l.Recognition.Suspended && income != had.income && !c.locked {
		return p, l, true, nil
	}
	if c.day.Before(l.InterestPostedOn) {
		income = had.income // a later transaction posted what came then
	} else {
		earns := productDay{
			product: l.Product, interest: income - had.income, suspended: suspended - had.suspended, iva: servicing.Recognised(today).InterestIVA - had.iva,
			fees: entries.Amortised(l.Fee, l.Opened, l.FeeLast, c.day) - had.fee,
		}
		if l.Recognition.Suspended { // income all the same: less was earned than when it was suspended
			k := entries.Booking{Booking: c.booking(accounting.DaySubject(c.day), l), Overdue: true}
			if err := c.book.Post(entries.Accrued(k, earns.interest, 0, 0)); err != nil {
				return p, l, true, err
			}
			earns.interest = 0
		}
		c.accrue(earns)
	}
	if class.Stage != l.Stage {
		if l, err = c.reclassify(l, p, a, earnings{earned, collected, income}); err != nil {
			return p, l, true, err
		}
	}
	return p, l, false, nil
}

// earnings are the interest of a loan, in all.
type earnings struct {
	earned, collected money.Amount
	income            money.Amount // in the books
}

// reclassify stages the loan in its new stage.
func (c *draft) reclassify(l Loan, p position, a servicing.Account, e earnings) (Loan, error) {
	before := l
	l.Stage = p.stage
	if overdue := p.stage == risk.Stage3; overdue != l.Recognition.Suspended {
		if overdue {
			l.Recognition = l.Recognition.Suspend(e.earned, e.collected)
		} else {
			l.Recognition = l.Recognition.Resume(e.earned, e.collected)
		}
		k := entries.Booking{Booking: c.booking(l.ID, l)}
		if err := c.book.Post(entries.Reclassified(k, p.balance, e.income-e.collected, overdue)); err != nil {
			return l, err
		}
		if err := c.restate(before, l, a); err != nil {
			return l, err
		}
	}
	Loans.Change(c.book, l)
	c.book.Publish(loan.ReclassifiedEvent(l.Loan, c.day, p.daysPastDue, before.Stage, p.stage))
	return l, nil
}

// booking is where an entry of the close stands.
func (c *draft) booking(reference id.ID, l Loan) accounting.Booking {
	return accounting.Booking{ID: c.book.NewID(), Day: c.day, At: c.book.Now(), Reference: reference, Subject: l.ID, Client: l.ClientID}
}

// agreed are the terms of the last restructure, or of the contract: a prepayment
// leaves others in force.
func (c *draft) agreed(l Loan, today servicing.Account) schedule.Terms {
	if today.Restructures > 0 {
		return c.renewed[l.ID]
	}
	t := today.Version.Terms
	t.Periods = int(l.Periods)
	return t
}

// restructure is what sustained payment depends on: of the position of the day
// before the instalments paid on time, and of the terms agreed on the rest.
func (c *draft) restructure(p *position, l Loan, agreed schedule.Terms, today servicing.Account, owing servicing.Owing) risk.Restructure {
	if today.Restructures == 0 {
		return risk.Restructure{}
	}
	before, known := c.before[l.ID]
	p.held = before.held
	if !known || agreed.Disbursement == c.day {
		p.held, before = l.Stage, position{}
	}
	if p.held == 0 {
		return risk.Restructure{}
	}
	late, unpaid := false, map[int]bool{}
	for _, line := range owing.Lines {
		rest := line.Amounts
		rest.PenaltyInterest, rest.PenaltyInterestIVA = 0, 0
		unpaid[line.Instalment] = rest.Sum() > 0
		late = late || rest.Sum() > 0 && !line.Due.After(c.day)
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
		if in := today.Instalments[i]; in.Due == c.day && !in.Until.After(c.day) && !unpaid[in.Number] {
			count++
		}
	}
	if len(today.Instalments) == 0 {
		return count
	}
	for nominal := today.Instalments[0].Start; !nominal.Before(agreed.FirstDue); nominal = nominal.AddDays(-agreed.PeriodLength()) {
		due := today.Version.Terms.Due(nominal)
		if due.Before(c.day) {
			break
		}
		if due == c.day {
			count++
		}
	}
	return count
}

// accrue gathers what the day earned of a product.
func (c *draft) accrue(earned productDay) {
	d := c.accruals[earned.product]
	if d == nil {
		d = &productDay{product: earned.product}
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
	provision, _, err := risk.Provision(c.day, risk.Exposure{Classification: of.Classification, Restructured: restructured, DaysLate: p.daysPastDue, Base: base})
	if err != nil {
		return err
	}
	p.day, p.provision, p.reserve = c.day, provision, reserved
	storedPosition.Add(c.positions, &p)
	c.portfolio.add(&p)
	c.written++
	return nil
}

// save commits the slice with how far the close has come.
func (c *draft) save(ctx context.Context) error {
	c.book = c.newBook()
	c.book.Begin(c.by, "close_slice")
	c.book.Subject(accounting.DaySubject(c.day))
	if err := c.session.Begin(ctx, &db.Batch{}); err != nil {
		return err
	}
	if err := c.session.Copy(ctx, c.positions); err != nil {
		return err
	}
	c.positions = positionInsert.Rows()
	err := c.lock(ctx)
	if err == nil {
		if err = c.book.Seal(); err != nil {
			err = BrokenLoan{err}
		}
	}
	if err != nil {
		c.session.Rollback()
		return err
	}
	save := &db.Batch{}
	c.book.Save(save)
	save.Save(c.positions)
	for _, sum := range c.accruals {
		save.Exec(`INSERT INTO day_accruals (day, product, interest, suspended, iva, fees) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (day, product) DO UPDATE SET
			interest = day_accruals.interest + excluded.interest, suspended = day_accruals.suspended + excluded.suspended, iva = day_accruals.iva + excluded.iva,
			fees = day_accruals.fees + excluded.fees`,
			c.day, sum.product, int64(sum.interest), int64(sum.suspended), int64(sum.iva), int64(sum.fees))
	}
	save.Exec("UPDATE business_days SET loans = loans + $2, last_loan = $3 WHERE day = $1", c.day, c.written, c.end)
	position, err := c.session.Commit(ctx, save)
	if err != nil {
		return err
	}
	c.Loans, c.last = c.Loans+c.written, c.end
	if c.sums != nil {
		c.sums.merge(c.portfolio)
	}
	c.bank.Committed(position, c.book.Stale())
	return nil
}
