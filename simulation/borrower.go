package simulation

import (
	"math/rand/v2"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	core "sofipo/core/staff"
)

// character is the payment behaviour of a borrower. The numbers are chances in per cent.
type character struct {
	share       int
	late        int  // pays some days after the due date
	skip        int  // pays nothing
	part        int  // pays a part of the amount due, and returns soon
	ahead       int  // pays the next instalment in advance
	extra       int  // pays more than the amount due, which reduces principal
	payoff      int  // pays the whole debt
	restructure int  // asks for a restructuring if more than 45 days past due
	defaults    bool // stops paying after some payments
}

// The characters: punctual, sloppy, struggling, defaulter and prepayer.
var characters = []*character{
	{share: 56, late: 6, skip: 0, part: 1, ahead: 5, extra: 2},
	{share: 20, late: 65, skip: 6, part: 12, ahead: 1, extra: 2},
	{share: 9, late: 70, skip: 42, part: 32, restructure: 40},
	{share: 7, late: 30, skip: 5, part: 8, defaults: true},
	{share: 8, late: 3, ahead: 3, extra: 35, payoff: 5},
}

// borrower is a client of the simulation.
type borrower struct {
	person
	*character
	rng     *rand.Rand
	id      id.ID
	netCash money.Amount // money paid to the institution less money received from it, over all loans
	habit   settlement.Method
	loans   []*trackedLoan
	gone    bool // deleted

	documented bool // the file has a document
}

// habits are the methods by which clients pay, with their shares.
var habits = []struct {
	method settlement.Method
	share  int
}{{settlement.Cash, 52}, {settlement.Transfer, 30}, {settlement.Shop, 10}, {settlement.Card, 5}, {settlement.Cheque, 3}}

// staff returns the user name of an employee of the client's branch.
func (b *borrower) staff(job string) string { return b.branch.staff(job) }

// registerClient registers the borrower as a client and plans the first application.
func (s *institution) registerClient(b *borrower) {
	s.register(b, func() error {
		s.report.Clients++
		switch {
		case rarely(b.rng, 15):
			s.in(between(b.rng, 5, 40), func() { s.deleteClient(b) })
		default:
			s.in(between(b.rng, 1, 4), func() { s.applyForLoan(b) })
			if happens(b.rng, 50) {
				s.in(between(b.rng, 20, 120), func() { s.applyForLoan(b) })
			}
		}
		return nil
	})
}

// deleteClient deletes a client who never had a loan. Only the administrator may.
func (s *institution) deleteClient(b *borrower) {
	if b.documented {
		submitRefused(s, administrator, client.HasDocuments, clients.DeleteClient{ID: b.id})
		return
	}
	submit(s, administrator, clients.DeleteClient{ID: b.id}, func(client.Client) error {
		b.gone = true
		s.report.Clients--
		return nil
	})
}

// applyForLoan applies for a loan, or is granted one at the counter.
func (s *institution) applyForLoan(b *borrower) {
	o := weighted(b.rng, s.offers, func(o *offer) int {
		switch {
		case b.company():
			return map[string]int{"pyme": 4, "seed": 1}[o.product.Code]
		case b.branch.rural:
			return o.share + o.rural
		}
		return o.share
	})
	c := s.newLoan(b, o)
	if o == s.offers[0] && happens(b.rng, 15) { // granted at the counter in one step
		terms := loan.Terms{Amount: c.amount, Rate: c.annual, TermMonths: int64(c.periods)}
		actOrFile(s, matter[loan.Loan]{
			command: lending.GrantLoan{ClientID: b.id, Terms: terms}, branch: b.branch, actor: b.staff("oficial"),
			uses: s.exposed(b, c.amount, core.Approving, core.Disbursing), open: func() bool { return true }, risk: b,
			reason: "El monto rebasa mi facultad; el cliente espera en ventanilla.",
			then:   func(l loan.Loan) error { return s.afterDisbursement(c, l, settlement.Means{}) },
		})
		return
	}
	s.apply(c, func(c *trackedLoan) {
		s.in(between(b.rng, 1, 2), func() { s.decideApplication(c) })
	})
}

// newLoan returns a loan that a borrower wants.
func (s *institution) newLoan(b *borrower, o *offer) *trackedLoan {
	return &trackedLoan{
		loanRequest: o.randomRequest(b.rng), owner: b, offer: o, before: servicing.Applied,
		patience: between(b.rng, 1, 7), reversed: map[id.ID]bool{},
	}
}

// apply applies for a loan.
func (s *institution) apply(c *trackedLoan, then func(*trackedLoan)) {
	application := lending.ApplyForLoan{ClientID: c.owner.id, Product: c.offer.product.Code, Amount: c.amount, Rate: c.annual, Periods: c.periods}
	submit(s, c.owner.staff("oficial"), application, func(l loan.Loan) error {
		s.track(c, l)
		then(c)
		return nil
	})
}

// track starts to track a loan.
func (s *institution) track(c *trackedLoan, l loan.Loan) {
	c.id, c.number, c.product = l.ID, int64(l.Number), c.offer.versions[l.ProductVersion-1]
	s.loans, c.owner.loans = append(s.loans, c), append(c.owner.loans, c)
}

// afterDisbursement opens the tracked loan and plans its first visit or its cancellation.
func (s *institution) afterDisbursement(c *trackedLoan, l loan.Loan, by settlement.Means) error {
	if c.id.IsZero() {
		s.track(c, l)
	}
	if err := c.open(s, l, by); err != nil {
		return err
	}
	if rarely(c.owner.rng, 4) {
		s.cancelOnFirstDay(c)
		return nil
	}
	s.scheduleNextVisit(c)
	return nil
}

// scheduleNextVisit plans the next visit of the borrower: around the next due date, or
// soon if all due dates have passed.
func (s *institution) scheduleNextVisit(c *trackedLoan) {
	b := c.owner
	due := c.nextDue(s.today)
	if due.IsZero() {
		s.scheduleVisit(c, between(b.rng, 4, 12), s.visitBranch)
		return
	}
	days := due.Since(s.today)
	switch {
	case days > 3 && happens(b.rng, b.ahead):
		s.scheduleVisit(c, days-between(b.rng, 1, 3), s.payInAdvance)
		return
	case happens(b.rng, b.late):
		days += 1 + min(b.rng.IntN(c.offer.weekdays), b.rng.IntN(c.offer.weekdays))
	}
	s.scheduleVisit(c, days, s.visitBranch)
}

// scheduleVisit plans a visit in a number of days. It replaces the visit planned before.
func (s *institution) scheduleVisit(c *trackedLoan, days int, visit func(*trackedLoan)) {
	day := s.day + days
	c.nextVisit = day
	s.on(day, func() {
		if c.nextVisit == day && servicing.Alive(c.account.Status) {
			c.nextVisit = 0
			visit(c)
		}
	})
}

// visitBranch is a visit of the borrower: usually a payment.
func (s *institution) visitBranch(c *trackedLoan) {
	b := c.owner
	if b.defaults && c.received >= c.patience {
		return
	}
	owed := servicing.Due(c.account, s.today)
	due := owed.Due.Sum()
	switch {
	case due == 0 || happens(b.rng, b.skip):
	case owed.DaysPastDue > 45 && c.account.Restructures == 0 && !c.asked && happens(b.rng, b.restructure):
		s.restructure(c)
	case happens(b.rng, b.payoff):
		s.pay(c, money.Max, servicing.Prepayment)
	case happens(b.rng, b.part):
		s.pay(c, due*money.Amount(between(b.rng, 30, 80))/100+1, servicing.Ordinary)
		s.scheduleVisit(c, between(b.rng, 2, 8), s.visitBranch)
		return
	case happens(b.rng, b.extra):
		s.pay(c, due+due*money.Amount(between(b.rng, 20, 200))/100, servicing.Prepayment)
	case happens(b.rng, 25): // rounded up to 10 pesos
		s.pay(c, (due+10*pesos-1)/(10*pesos)*(10*pesos), servicing.Ordinary)
	default:
		s.pay(c, due, servicing.Ordinary)
	}
	s.scheduleNextVisit(c)
}

// payInAdvance pays the next instalment before its due date.
func (s *institution) payInAdvance(c *trackedLoan) {
	s.pay(c, c.nextPayment(s.today)+servicing.Due(c.account, s.today).Due.Sum(), servicing.AdvancePayment)
	s.scheduleNextVisit(c)
}

// pay pays an amount, at most the whole debt.
func (s *institution) pay(c *trackedLoan, amount money.Amount, kind servicing.Kind) {
	r, teller := c.owner.rng, c.owner.staff("caja")
	c.paidOn = s.day
	day := civil.Date{}
	if earlier := s.today.AddDays(-between(r, 1, 3)); rarely(r, 15) && !earlier.Before(c.account.Day) && earlier.After(s.closedThrough) {
		day = earlier // the money reached the bank account on that day
	}
	whole := servicing.PayoffOf(c.account, s.today).Total
	if rarely(r, 8) {
		submitRefused(s, teller, servicing.OverPayment, lending.ReceivePayment{LoanID: c.id, Operation: servicing.Operation{Amount: whole + money.Amount(between(r, 1, 50_000))}})
	}
	if !day.IsZero() {
		whole = servicing.PayoffOf(c.account, day).Total
	}
	if amount = min(amount, whole); amount <= 0 {
		return
	}
	method := s.method(c, kind, day)
	if method == settlement.Transfer && kind == servicing.Ordinary && day.IsZero() {
		s.payByTransfer(c, amount)
		return
	}
	payment := lending.ReceivePayment{LoanID: c.id, Operation: servicing.Operation{Amount: amount, Kind: kind, ValueDate: day}}
	if t := s.tillOf(c.owner.branch); method == settlement.Cash && t != nil {
		if inPesos := (amount + pesos - 1) / pesos * pesos; inPesos <= whole {
			payment.Amount, payment.Means, teller = inPesos, settlement.Means{Method: settlement.Cash, TillID: t.ID}, t.teller
		}
	}
	if payment.Means == (settlement.Means{}) {
		if method == settlement.Cash {
			method = settlement.Transfer
		}
		payment.Means = settlement.Means{Method: method, Reference: s.reference(prefixes[method])}
	}
	if payment.Method != settlement.PayrollDeduction && rarely(r, 4) && day.IsZero() && s.payWrongLoan(c, payment, teller) {
		return
	}
	then := func(m servicing.Transaction) error { return s.afterPayment(c, m) }
	if !day.IsZero() {
		s.registerLate(c, payment, then)
		return
	}
	if rarely(r, 15) {
		another := payment
		another.Amount++
		submitTwice(s, teller, payment, another, then)
		return
	}
	submit(s, teller, payment, then)
}

// registerLate registers a payment with a past value date.
func (s *institution) registerLate(c *trackedLoan, payment lending.ReceivePayment, then func(servicing.Transaction) error) {
	actOrFile(s, matter[servicing.Transaction]{
		command: payment, branch: c.owner.branch, actor: c.owner.staff("caja"), reason: "El dinero llegó al banco en esa fecha.", then: then,
		uses: func() []bank.Use { return s.backDated(payment) },
		open: func() bool {
			return servicing.Alive(c.status()) && payment.Amount <= servicing.PayoffOf(c.account, payment.ValueDate).Total
		},
	})
}

// backDated returns the use of a payment with a past value date.
func (s *institution) backDated(payment lending.ReceivePayment) []bank.Use {
	if payment.ValueDate.IsZero() {
		return nil
	}
	return []bank.Use{{Operation: core.BackDating, Amount: payment.Amount, Days: s.today.Since(payment.ValueDate)}}
}

// prefixes begin the references of the methods.
var prefixes = map[settlement.Method]string{
	settlement.Transfer: "SPEI", settlement.Cheque: "CH", settlement.Card: "AUT", settlement.PayrollDeduction: "NOM", settlement.Shop: "TDA",
}

// method returns the method of a payment: by habit, or by deduction from the wages for loans
// of the product nomina. On other than business days only transfers and shops are possible.
func (s *institution) method(c *trackedLoan, kind servicing.Kind, day civil.Date) settlement.Method {
	b := c.owner
	if b.habit == "" {
		b.habit = weighted(b.rng, habits, func(h struct {
			method settlement.Method
			share  int
		}) int {
			return h.share
		}).method
	}
	switch {
	case !day.IsZero() || !s.business() && b.habit != settlement.Shop:
		return settlement.Transfer
	case c.product.Code == "nomina" && kind == servicing.Ordinary && !b.defaults && s.business() && happens(b.rng, 70):
		return settlement.PayrollDeduction
	}
	return b.habit
}

// afterPayment records a payment. A few payments are corrected or returned later.
func (s *institution) afterPayment(c *trackedLoan, m servicing.Transaction) error {
	c.received++
	s.report.Payments.add(m.Amount)
	if err := c.replay(s, m); err != nil {
		return err
	}
	r := c.owner.rng
	if c.account.Status == servicing.PaidOff && c.account.Unapplied > 0 {
		s.in(between(r, 1, 3), func() { s.refund(c) })
	}
	if m.Method == settlement.Cheque && happens(r, 15) {
		s.in(between(r, 1, 3), func() { s.returnCheque(c, m) })
		return nil
	}
	if settlement.Collected(m.Method) {
		s.owed[m.Method] += m.Amount
	}
	switch {
	case !settlement.Collected(m.Method) && rarely(r, 8):
		s.in(between(r, 1, 3), func() { s.correctPayment(c, m) })
	case c.account.Status == servicing.PaidOff && happens(r, 80):
		s.in(between(r, 2, 20), func() { s.applyForLoan(c.owner) })
	}
	return nil
}
