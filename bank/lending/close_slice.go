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

// sliceResult is the computed result for one slice of loans. Most loans do not change in a
// close, so their daily positions are computed without a lock. Loans that change, or have a
// transaction after the day, are read again with their rows locked.
type sliceResult struct {
	*DayClose
	book         *bank.Book
	positions    *db.Rows
	portfolio    portfolio
	accruals     map[string]*productDay
	before       map[id.ID]position       // positions of restructured loans on the day before
	renewed      map[id.ID]schedule.Terms // terms of their last restructure
	needAccount  []id.ID                  // loans whose positions need the account
	needLock     []id.ID                  // loans that must be locked
	transactions int                      // number of transactions of these loans
	locked       bool                     // the loans in the book are locked
	end          id.ID                    // the last loan of the slice
	written      int64
}

// position is the daily position of a loan: its state at the end of a day.
type position struct {
	day                 civil.Date
	loan, client        id.ID
	product             string
	status              servicing.Status
	stage, heldStage    risk.Stage
	onTime, instalment  int
	daysPastDue         int
	balance, overdue    money.Amount
	interest, suspended money.Amount
	iva, penalty        money.Amount
	unapplied           money.Amount
	provision, reserve  money.Amount

	owner // not stored: it changes
}

// storedPosition are the columns of a position.
var storedPosition = db.Columns[position]{
	db.DayField("day", func(p *position) *civil.Date { return &p.day }),
	db.IDField("loan_id", func(p *position) *id.ID { return &p.loan }),
	db.IDField("client_id", func(p *position) *id.ID { return &p.client }),
	db.TextField("product", func(p *position) *string { return &p.product }),
	db.TextField("status", func(p *position) *servicing.Status { return &p.status }),
	db.SmallField("stage", func(p *position) *risk.Stage { return &p.stage }),
	db.SmallField("held_stage", func(p *position) *risk.Stage { return &p.heldStage }),
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

// startAfter returns the id to start after: last, or an id before all others if last is zero.
func startAfter(last id.ID) id.ID {
	if last.IsZero() {
		last[len(last)-1] = 1
	}
	return last
}

// decide computes the positions of the slice from the loans' outlooks and, where these do not
// suffice, from the accounts. Loans that change are left for lock.
func (c *DayClose) decide(ctx context.Context, loans []Stored) (*sliceResult, error) {
	d := &sliceResult{
		DayClose: c, book: c.newBook(), positions: positionInsert.Room(len(loans)), portfolio: portfolio{},
		accruals: map[string]*productDay{}, before: map[id.ID]position{}, renewed: map[id.ID]schedule.Terms{},
		end: loans[len(loans)-1].ID,
	}
	for i := range loans {
		if err := d.byOutlook(&loans[i]); err != nil {
			return nil, BrokenLoan{fmt.Errorf("loan %s: %w", loans[i].ID, err)}
		}
	}
	if len(d.needAccount) == 0 {
		return d, nil
	}
	read := func(load *db.Batch) error {
		ctx, cancel := context.WithTimeout(ctx, bank.TripTime)
		defer cancel()
		return c.bank.DB().ReadPrimary(ctx, load)
	}
	load := &db.Batch{}
	readAccounts(d.book, load, d.needAccount)
	if err := read(load); err != nil {
		return nil, err
	}
	return d, d.byAccounts(d.needAccount, read)
}

// newBook returns a book for the close, with the cached products.
func (c *DayClose) newBook() *bank.Book {
	b := bank.NewBook(c.bank, c.kept)
	b.CloseOn(c.day, c.first)
	return b
}

// readAccounts reads disbursed loans and their schedules from one snapshot, without locking
// them.
func readAccounts(b *bank.Book, batch *db.Batch, loans []id.ID) {
	batch.Query("SELECT "+accountColumns.List("l")+", "+scheduleColumns.List("v")+
		" FROM loans l JOIN loan_versions v ON v.loan_id = l.id AND v.serial = l.version WHERE l.id = ANY($1::uuid[])",
		func(s db.Scanner) error {
			var l Loan
			var v Schedule
			if err := accountColumns.Scan(s, &l.Stored, scheduleColumns.Places(&v)...); err != nil {
				return err
			}
			err := codec.ParseTerms(&v.Terms, v.terms)
			Loans.Place(b, l)
			Schedules.Place(b, v)
			return err
		}, loans)
}

// The columns that a close needs for the account of a loan.
var (
	accountColumns = StoredLoan.Pick("id", "client_id", "product", "product_version", "status", "periods", "opened", "version", "transactions", "balance", "unapplied", "state",
		"stage", "suspended", "frozen", "carried", "moved", "interest_posted_on", "fee", "fee_last", "branch_id", "officer")
	scheduleColumns = Schedules.Columns.Pick("loan_id", "serial", "number", "effective_from", "reason", "terms", "level", "plan")
)

// lock reads the loans that change again, locked and with their history, in the transaction
// that will write them.
func (c *sliceResult) lock(ctx context.Context) error {
	if len(c.needLock) == 0 {
		return nil
	}
	c.locked = true
	needs := bank.Needs{}
	for _, loanID := range c.needLock {
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
	return c.byAccounts(c.needLock, func(load *db.Batch) error { return c.session.Load(ctx, load) })
}

// byAccounts writes the positions of loans that are in the book.
func (c *sliceResult) byAccounts(loans []id.ID, read func(*db.Batch) error) error {
	var restructured []id.ID
	for _, loanID := range loans {
		if l, err := c.find(loanID); err != nil {
			return BrokenLoan{err}
		} else if l.Account.Restructures > 0 || c.locked && l.LastTransactionOn.After(c.day) {
			restructured = append(restructured, loanID)
		}
	}
	if len(restructured) > 0 {
		load := &db.Batch{}
		// PostgreSQL has no statistics yet for a day that was just written. With a join on a
		// list of loans it would scan the whole day, so each position is read by a subquery.
		load.Query(`SELECT id, coalesce((SELECT held_stage FROM daily_positions WHERE day = $1 AND loan_id = loans.id), -1),
				coalesce((SELECT on_time FROM daily_positions WHERE day = $1 AND loan_id = loans.id), 0) FROM loans WHERE id = ANY($2::uuid[])`,
			func(s db.Scanner) error {
				var p position
				err := s.Scan(&p.loan, &p.heldStage, &p.onTime)
				if p.heldStage >= 0 {
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

// find returns a loan of the book. If it is locked, its account is complete; otherwise the
// account has only the instalments near the day.
func (c *sliceResult) find(loanID id.ID) (Loan, error) {
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

// lockLater leaves a loan with a number of transactions for lock.
func (c *sliceResult) lockLater(loanID id.ID, transactions int) {
	c.needLock = append(c.needLock, loanID)
	c.transactions += transactions
}

// byOutlook writes the position of a loan with nothing due and leaves the other loans for
// later.
func (c *sliceResult) byOutlook(p *Stored) error {
	if p.LastTransactionOn.After(c.day) {
		c.lockLater(p.ID, p.Transactions)
		return nil
	}
	later := c.day.AddDays(1)
	if p.Outlook == nil || p.Stage != risk.Stage1 || p.Recognition.Suspended || p.Recognition.Carried != 0 {
		c.needAccount = append(c.needAccount, p.ID)
		return nil
	}
	outlook, err := codec.ParseOutlook(p.Outlook)
	if err != nil {
		return err
	}
	interest, known := outlook.Interest(later)
	if !known {
		c.needAccount = append(c.needAccount, p.ID)
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
		instalment: outlook.Number, owner: owner{p.BranchID, p.Officer},
	}, c.products()[ProductKey{p.Product, int(p.ProductVersion)}], false)
}

// byAccount writes the position of a loan from its account at the end of the day.
func (c *sliceResult) byAccount(loanID id.ID) error {
	l, err := c.find(loanID)
	if err != nil {
		return err
	}
	if !c.locked && l.LastTransactionOn.After(c.day) {
		c.lockLater(loanID, l.Transactions)
		return nil
	}
	a, err := c.accountOf(l)
	if err != nil {
		return err
	}
	today, happened := servicing.Roll(a, c.day)
	if !c.locked && len(happened) > 0 {
		c.lockLater(loanID, l.Transactions)
		return nil
	}
	if len(happened) > 0 && !l.LastTransactionOn.After(c.day) {
		if l, err = roll(c.book, l); err != nil {
			return err
		}
		a, today = l.Account, l.Account
	}
	if !servicing.Alive(today.Status) {
		return nil // it ended on the day or earlier
	}
	p, l, changes, err := c.classify(l, a, today)
	if err != nil {
		return err
	}
	if changes {
		c.lockLater(loanID, l.Transactions)
		return nil
	}
	return c.write(p, c.products()[l.productKey()], today.Restructures > 0)
}

// classify computes a loan's position at the end of the day from two accounts: the one in the
// books, and the one rolled forward to the day. If the stage changes, it stages the change
// and the entry that moves the loan between the current and the overdue accounts, and returns
// the changed loan. For a loan that would change but is not locked, it only reports that.
func (c *sliceResult) classify(l Loan, a, today servicing.Account) (p position, _ Loan, changes bool, err error) {
	morning, _ := servicing.Roll(today, c.day.AddDays(1))
	owing := servicing.Due(today, c.day)
	p = position{
		loan: l.ID, client: l.ClientID, product: l.Product, status: today.Status, daysPastDue: owing.DaysPastDue, balance: today.Outstanding,
		penalty: owing.Due.PenaltyInterest + owing.Due.PenaltyInterestIVA, unapplied: today.Unapplied, instalment: servicing.FirstOpen(today),
		owner: owner{l.BranchID, l.Officer},
	}
	late := risk.DaysPastDue{Instalment: owing.DaysPastDue}
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
	class, err := risk.Classify(c.day, risk.Loan{Payment: payment, DaysPastDue: late, Restructure: restructure})
	if err != nil || class.Stage != l.Stage && !c.locked {
		return p, l, true, err
	}
	if risk.Sustained(c.day, payment, restructure) {
		p.heldStage = 0 // the loan has left the restructure's stage for good
	}
	p.stage = class.Stage
	earned, _ := entries.InterestOf(morning)
	_, collected := entries.InterestOf(today) // without unapplied funds used the next morning: that payment belongs to the next day
	income, suspended := l.Recognition.Recognised(earned, collected)
	had := recordedOf(c.book, l, a)
	_, p.iva = servicing.Receivable(today)
	p.interest, p.suspended = income-collected, suspended
	if l.Recognition.Suspended && income != had.income && !c.locked {
		return p, l, true, nil
	}
	if c.day.Before(l.InterestPostedOn) {
		income = had.income // a later transaction posted the difference
	} else {
		earns := productDay{
			product: l.Product, interest: income - had.income, suspended: suspended - had.suspended, iva: servicing.Recognised(today).InterestIVA - had.iva,
			fees: entries.Amortised(l.Fee, l.Opened, l.FeeLast, c.day) - had.fee,
		}
		if l.Recognition.Suspended { // recognised income fell: less was earned than at the time of suspension
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

// earnings is the total interest of a loan.
type earnings struct {
	earned, collected money.Amount
	income            money.Amount // recognised in the books
}

// reclassify stages the loan's new stage.
func (c *sliceResult) reclassify(l Loan, p position, a servicing.Account, e earnings) (Loan, error) {
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
	change(c.book, l)
	c.book.Publish(loan.ReclassifiedEvent(l.Loan, c.day, p.daysPastDue, before.Stage, p.stage))
	return l, nil
}

// booking returns the date and the references of an entry of the close.
func (c *sliceResult) booking(reference id.ID, l Loan) accounting.Booking {
	return accounting.Booking{ID: c.book.NewID(), Day: c.day, At: c.book.Now(), Reference: reference, Subject: l.ID, Client: l.ClientID, Branch: l.BranchID}
}

// agreed returns the terms of the last restructure or, without one, of the contract.
// Prepayments are ignored, although they change the terms in force.
func (c *sliceResult) agreed(l Loan, today servicing.Account) schedule.Terms {
	if today.Restructures > 0 {
		return c.renewed[l.ID]
	}
	t := today.Version.Terms
	t.Periods = int(l.Periods)
	return t
}

// restructure returns the data for the test of sustained payment: the count of instalments
// paid on time continues from the position of the day before, and the other figures come from
// the agreed terms.
func (c *sliceResult) restructure(p *position, l Loan, agreed schedule.Terms, today servicing.Account, owing servicing.Owing) risk.Restructure {
	if today.Restructures == 0 {
		return risk.Restructure{}
	}
	before, known := c.before[l.ID]
	p.heldStage = before.heldStage
	if !known || agreed.Disbursement == c.day {
		p.heldStage, before = l.Stage, position{}
	}
	if p.heldStage == 0 {
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
	r := risk.Restructure{Stage: p.heldStage, PeriodDays: agreed.PeriodLength(), OnTime: p.onTime, Principal: agreed.Amount, Paid: agreed.Amount - today.Outstanding}
	if agreed.AnnualRate > 0 {
		r.InterestDays = servicing.InterestPaidTo(today).Since(agreed.Disbursement)
	}
	return r
}

// paidOnTime counts the instalments that are due on the day and paid. Instalments before the
// account's first one are paid. Holidays may move several due dates to the same day.
func (c *sliceResult) paidOnTime(agreed schedule.Terms, today servicing.Account, unpaid map[int]bool) (count int) {
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

// accrue adds what a loan earned on the day to its product's total.
func (c *sliceResult) accrue(earned productDay) {
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

// write adds a position with its provision.
func (c *sliceResult) write(p position, of product.Product, restructured bool) error {
	base, reserved := risk.ProvisionBase(p.stage, p.balance, p.interest)
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

// save commits the slice together with the progress of the close.
func (c *sliceResult) save(ctx context.Context) error {
	load := &db.Batch{}
	clock := c.bank.CheckClock(load)
	if err := c.session.Begin(ctx, load); err != nil {
		return err
	}
	if err := clock.Err(); err != nil {
		c.session.Rollback()
		return err
	}
	c.book = c.newBook()
	c.book.Begin(c.by, "close_slice", clock.Time())
	c.book.Subject(accounting.DaySubject(c.day))
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
	save.Exec("UPDATE business_days SET positions = positions + $2, last_loan = $3 WHERE day = $1", c.day, c.written, c.end)
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
