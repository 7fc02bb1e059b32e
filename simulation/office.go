package simulation

import (
	"cmp"
	"slices"

	"sofipo/bank"
	deciding "sofipo/bank/authority"
	"sofipo/bank/books"
	"sofipo/bank/lending"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/ledger"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/settlement"
	"sofipo/core/staff"
)

// The days of the month for the tasks of the office.
const (
	expenseDay    = 3
	closingDay    = 5
	collectionDay = 20
)

// writeOffAfter is the number of days past due after which a loan is written off.
const writeOffAfter = 180

// runOffice does the tasks of the head office for the day.
func (s *institution) runOffice() {
	if s.day == 1 {
		s.openOffice()
	}
	if s.day == 181 {
		s.changeMicrocredit()
	}
	switch s.today.Day {
	case expenseDay:
		s.payExpenses()
	case closingDay:
		s.closeMonth()
	case collectionDay:
		s.writeOffOldLoans()
	}
}

// raiseCapital records a contribution of the owners on the first day, and another one
// when the bank account has less than half of it left. The owners pay before the day's
// loans, and no day lends more than half a contribution, so the account is never overdrawn.
func (s *institution) raiseCapital() {
	capital := (1_000_000 + money.Amount(s.Clients)*50_000) * pesos
	if s.audit.sums[cash] < capital/2 {
		s.proposeEntry(manualEntry{what: "Aportación de los socios", on: s.today, debit: cash, credit: "4101", amount: capital})
	}
}

// openOffice creates the products.
func (s *institution) openOffice() {
	for _, o := range s.offers[1:] {
		submit(s, head, lending.CreateProduct{Product: o.product}, o.offered)
	}
}

// changeMicrocredit creates a second version of the microcredit with grace days and a
// higher insurance premium.
func (s *institution) changeMicrocredit() {
	o := s.offers[2]
	p := o.product
	p.From, p.PenaltyInterest.GraceDays, p.Insurance = civil.Date{}, 2, p.Insurance+pesos
	submit(s, head, lending.ChangeProduct{Product: p}, o.offered)
}

// manualEntry is a manual entry of an amount from one account to another.
type manualEntry struct {
	what          string
	on            civil.Date
	debit, credit ledger.Account
	amount        money.Amount
	rejected      bool // the second user rejects it
}

// proposeEntry proposes a manual entry that another user posts or rejects.
func (s *institution) proposeEntry(v manualEntry) {
	proposal := books.ProposeEntry{Date: v.on, Description: v.what, Lines: []accounting.Line{{Account: v.debit, Debit: v.amount}, {Account: v.credit, Credit: v.amount}}}
	submit(s, accountant, proposal, func(proposed accounting.ManualEntry) error {
		submitRefused(s, accountant, access.FourEyes, books.DecideEntry{ID: proposed.ID, Post: true})
		submit(s, treasurer, books.DecideEntry{ID: proposed.ID, Post: !v.rejected}, func(decided accounting.ManualEntry) error {
			if v.rejected {
				return nil
			}
			s.report.ManualEntries.add(v.amount)
			amount := -v.amount
			if v.debit == cash {
				amount = v.amount
			}
			s.audit.cash[decided.ID] = amount
			s.record(settlement.Place{Account: cash}, amount)
			return nil
		})
		return nil
	})
}

// payExpenses proposes the expenses of the month, some of them for the previous month.
// Some proposals are rejected.
func (s *institution) payExpenses() {
	amount := money.Amount(8_000+s.rng.IntN(4_000)+12*s.report.Clients) * pesos
	s.proposeEntry(manualEntry{what: "Renta y sueldos", on: s.today, debit: "6401", credit: cash, amount: amount})
	if before := s.today.AddDays(-int(s.today.Day)); before.After(s.closedThrough) && !before.Before(s.From) {
		s.proposeEntry(manualEntry{what: "Luz y teléfono del mes anterior", on: before, debit: "6401", credit: cash, amount: money.Amount(900+s.rng.IntN(600)) * pesos})
	}
	if happens(s.rng, 40) {
		s.proposeEntry(manualEntry{what: "Gasto sin comprobante", on: s.today, debit: "6401", credit: cash, amount: 1_500 * pesos, rejected: true})
	}
}

// closeMonth closes the previous month and checks that it stays closed.
func (s *institution) closeMonth() {
	end := s.today.AddDays(-int(s.today.Day))
	if end.Before(s.From) {
		return
	}
	submit(s, accountant, books.ClosePeriod{Month: end}, func(p accounting.Period) error {
		s.closedThrough = p.ClosedThrough
		return nil
	})
	submitRefused(s, accountant, accounting.PeriodClosed, books.ClosePeriod{Month: end})
	submitRefused(s, accountant, accounting.PeriodClosed, books.ProposeEntry{
		Date: end, Description: "Olvidado", Lines: []accounting.Line{{Account: "6401", Debit: pesos}, {Account: cash, Credit: pesos}},
	})
}

// decideApplication approves, rejects or cancels an application.
func (s *institution) decideApplication(c *trackedLoan) {
	r := c.owner.rng
	officer := c.owner.staff("oficial")
	switch chance := r.IntN(100); {
	case chance < 8:
		s.reject(c)
		return
	case chance < 10:
		submit(s, officer, lending.CancelLoan{LoanID: c.id, Reason: "Desistimiento del solicitante"}, s.decided(c, servicing.Cancelled))
		return
	}
	if c.amount > c.product.Limits.ApprovalLimit {
		submitRefused(s, officer, access.FourEyes, lending.ApproveLoan{LoanID: c.id})
	}
	if other := pick(r, s.branches); other != c.owner.branch && happens(r, 5) {
		submitRefused(s, other.staff("gerente"), staff.OutOfScope, lending.ApproveLoan{LoanID: c.id})
	}
	s.approve(c)
	s.in(between(r, 1, 2), func() { s.disburse(c) })
}

// decided returns the handler of a decision that gives an application another status.
func (s *institution) decided(c *trackedLoan, to servicing.Status) func(loan.Loan) error {
	return func(l loan.Loan) error {
		s.changes(c)
		if c.before = to; l.Status != to {
			return s.breach(followed, "loan %s is %s, want %s", c.id, l.Status, to)
		}
		return nil
	}
}

// approve approves an application. The director does it beyond the limit of the manager.
func (s *institution) approve(c *trackedLoan) {
	approval, then := lending.ApproveLoan{LoanID: c.id}, s.decided(c, servicing.Approved)
	act(s, matter[loan.Loan]{
		command: approval, actor: c.owner.staff("gerente"), uses: s.exposed(c.owner, 0, staff.Approving), then: then,
	}, func() { submit(s, head, approval, then) })
}

// reject rejects an application.
func (s *institution) reject(c *trackedLoan) {
	submit(s, c.owner.staff("gerente"), lending.RejectLoan{LoanID: c.id, Reason: "Capacidad de pago insuficiente"}, s.decided(c, servicing.Rejected))
}

// disburse pays out an approved loan. Beyond the limit of the tellers the officer files a request.
func (s *institution) disburse(c *trackedLoan) {
	uses := s.exposed(c.owner, 0, staff.Disbursing)
	if !s.allows(c.owner.staff("caja"), uses()) {
		s.fileDisbursement(c)
		return
	}
	amount := c.amount
	terms, err := c.product.Terms(c.amount, c.annual, c.periods, s.today, civil.Date{})
	if err == nil {
		if plan, err := schedule.Plan(terms); err == nil {
			amount = received(terms, plan)
		}
	}
	means, teller := s.payOut(c.owner.branch, amount)
	act(s, matter[loan.Loan]{
		command: lending.DisburseLoan{LoanID: c.id, Means: means}, actor: teller, uses: uses,
		then: func(l loan.Loan) error { return s.afterDisbursement(c, l, means) },
	}, func() { s.fileDisbursement(c) })
}

// fileDisbursement files the disbursement of a loan above the limit of the tellers and the
// officer. Without it the loan is cancelled.
func (s *institution) fileDisbursement(c *trackedLoan) {
	means := s.transfer()
	file(s, matter[loan.Loan]{
		command: lending.DisburseLoan{LoanID: c.id, Means: means}, branch: c.owner.branch, actor: c.owner.staff("oficial"), risk: c.owner,
		uses: s.exposed(c.owner, 0, staff.Disbursing), open: func() bool { return c.status() == servicing.Approved },
		reason: "El monto rebasa mi facultad; expediente integrado y buró revisado.",
		then:   func(l loan.Loan) error { return s.afterDisbursement(c, l, means) },
		dropped: func() {
			submit(s, c.owner.staff("gerente"), lending.CancelLoan{LoanID: c.id, Reason: "Solicitud de entrega rechazada"}, s.decided(c, servicing.Cancelled))
		},
	})
}

// cancelOnFirstDay cancels a loan on the day of its disbursement.
func (s *institution) cancelOnFirstDay(c *trackedLoan) {
	submit(s, c.owner.staff("gerente"), lending.CancelLoan{LoanID: c.id, Reason: "Arrepentimiento"}, func(l loan.Loan) error {
		after, _, err := servicing.Cancel(c.account, s.today, s.today)
		if err != nil || l.Status != servicing.Cancelled {
			return s.breach(followed, "loan %s is %s after its cancellation: %v", c.id, l.Status, err)
		}
		c.account = after
		s.recordCash(c, c.lent, c.paidOut.Paid())
		s.report.Disbursed.take(c.amount)
		return nil
	})
}

// correctPayment reverses a payment with a wrong entry and registers it again for its
// value date, if the month is still open.
func (s *institution) correctPayment(c *trackedLoan, m servicing.Transaction) {
	teller := c.owner.staff("caja")
	s.reverse(c, m, "Captura equivocada", func() {
		if !servicing.Alive(c.account.Status) {
			return
		}
		again := lending.ReceivePayment{LoanID: c.id, Operation: servicing.Operation{Amount: m.Amount, Kind: m.Kind, ValueDate: m.ValueDate, Means: s.transfer()}}
		if !m.ValueDate.After(s.closedThrough) {
			order, _ := bank.OrderOf(again)
			submitRefused(s, teller, accounting.PeriodClosed, deciding.FileRequest{Order: order, Reason: "Captura equivocada"})
			again.ValueDate = civil.Date{}
		}
		s.registerLate(c, again, func(m servicing.Transaction) error {
			s.report.Payments.add(m.Amount)
			return c.replay(s, m)
		})
	})
}

// returnCheque reverses a payment by a returned cheque.
func (s *institution) returnCheque(c *trackedLoan, m servicing.Transaction) {
	s.reverse(c, m, "Cheque devuelto", func() {
		s.scheduleVisit(c, between(c.owner.rng, 1, 9), s.visitBranch)
	})
}

func (s *institution) reverse(c *trackedLoan, m servicing.Transaction, why string, then func()) {
	if c.reversed[m.ID] {
		return
	}
	means, from := s.giveBack(m)
	submit(s, accountant, lending.ReverseTransaction{LoanID: c.id, TransactionID: m.ID, Reason: why, Means: means}, func(servicing.Transaction) error {
		err := c.undo(s, m, from)
		then()
		return err
	})
	submitRefused(s, accountant, servicing.WrongState, lending.ReverseTransaction{LoanID: c.id, TransactionID: m.ID, Reason: why})
}

// giveBack returns how the money of a payment goes back, and from where: in the way it came,
// or by a transfer if the till does not have the cash.
func (s *institution) giveBack(m servicing.Transaction) (settlement.Means, settlement.Place) {
	from := m.Received()
	switch {
	case m.Method == settlement.Cash:
		for _, t := range s.tills {
			if t.ID == m.TillID && !t.session.IsZero() && t.cash-t.spoken >= m.Amount {
				t.spoken += m.Amount
				return settlement.Means{}, from
			}
		}
	case m.AccountID.IsZero() || s.audit.places[from] > m.Amount:
		return settlement.Means{}, from
	}
	means := s.transfer()
	return means, means.Paid()
}

// refund transfers the unapplied funds of a loan that is paid off back to its client.
func (s *institution) refund(c *trackedLoan) {
	if c.account.Unapplied == 0 || c.account.Status != servicing.PaidOff {
		return
	}
	submit(s, accountant, lending.RefundUnapplied{LoanID: c.id, Amount: c.account.Unapplied, Means: s.transfer()}, func(m servicing.Transaction) error {
		s.report.Refunds.add(m.Amount)
		return c.replay(s, m)
	})
}

// payWrongLoan registers a payment on the loan of another client, and moves it on the next
// business day. It reports whether there is such a loan.
func (s *institution) payWrongLoan(c *trackedLoan, payment lending.ReceivePayment, teller string) bool {
	at := slices.IndexFunc(s.loans, func(o *trackedLoan) bool {
		return o.owner != c.owner && o.disbursed && o.paidOn != s.day && o.nextVisit > s.day && o.owner.branch == c.owner.branch && o.status() == servicing.Active &&
			o.account.Restructures == 0 && servicing.PayoffOf(o.account, s.today).Total > 2*payment.Amount
	})
	if at < 0 || c.account.Restructures > 0 || payment.Kind != servicing.Ordinary {
		return false
	}
	wrong := s.loans[at]
	payment.LoanID = wrong.id
	submit(s, teller, payment, func(m servicing.Transaction) error {
		if settlement.Collected(m.Method) {
			s.owed[m.Method] += m.Amount
		}
		s.in(1, func() {
			if c.status() != servicing.Active || !m.ValueDate.After(s.closedThrough) {
				return
			}
			move := lending.MovePayment{LoanID: wrong.id, TransactionID: m.ID, ToLoanID: c.id, Reason: "Se aplicó al préstamo de otra persona.", KeepExcess: true}
			submit(s, accountant, move, func(right servicing.Transaction) error {
				s.report.Moved.add(m.Amount)
				c.received++
				return cmp.Or(wrong.undo(s, m, m.Received()), c.replay(s, right))
			})
		})
		s.report.Payments.add(m.Amount)
		return wrong.replay(s, m)
	})
	return true
}

// restructure gives a borrower a longer term and a lower rate. The director decides beyond the
// limit of the manager.
func (s *institution) restructure(c *trackedLoan) {
	const half rate.Annual = 5_000
	l := c.product.Limits
	renewal := lending.RestructureLoan{
		LoanID: c.id, Rate: max(l.MinRate, c.annual*3/4/half*half),
		Periods: min(l.MaxPeriods, len(c.account.Instalments)+c.periods/2+1), Capitalise: happens(c.owner.rng, 50),
	}
	c.asked = true
	actOrFile(s, matter[servicing.Transaction]{
		command: renewal, branch: c.owner.branch, actor: c.owner.staff("gerente"), risk: c.owner,
		uses: s.exposed(c.owner, 0, staff.Restructuring), open: func() bool { return servicing.Alive(c.status()) },
		reason: "El cliente bajó sus ingresos y pidió más plazo.",
		then: func(m servicing.Transaction) error {
			c.asked = false
			s.report.Restructures.add(c.account.Outstanding)
			return c.replay(s, m)
		},
		dropped: func() { c.asked = false },
	})
}

// writeOffOldLoans writes off loans that are long past due and plans some recoveries. Managers
// file what is beyond their limit; the director decides it.
func (s *institution) writeOffOldLoans() {
	for _, c := range s.loans {
		if !servicing.Alive(c.status()) || servicing.DaysPastDue(c.account, s.today) <= writeOffAfter {
			continue
		}
		actOrFile(s, matter[servicing.Transaction]{
			command: lending.WriteOffLoan{LoanID: c.id}, branch: c.owner.branch, actor: c.owner.staff("gerente"), risk: c.owner,
			uses: s.exposed(c.owner, 0, staff.WritingOff), open: func() bool { return servicing.Alive(c.status()) },
			reason: "Más de 180 días de atraso; la cobranza no dio resultado.",
			then: func(m servicing.Transaction) error {
				s.report.WriteOffs.add(m.Split.Amounts().Sum())
				if happens(c.owner.rng, 40) {
					s.in(between(c.owner.rng, 15, 60), func() { s.collectRecovery(c) })
				}
				return c.replay(s, m)
			},
		})
	}
}

// collectRecovery receives a recovery of a written-off loan and may plan another one.
func (s *institution) collectRecovery(c *trackedLoan) {
	r, left := c.owner.rng, c.account.WrittenOff.Sum()
	if c.account.Status != servicing.WrittenOff || left == 0 {
		return
	}
	submitRefused(s, c.owner.staff("caja"), servicing.OverPayment, lending.RecoverLoan{LoanID: c.id, Amount: left + 1, Means: s.transfer()})
	submit(s, c.owner.staff("caja"), lending.RecoverLoan{LoanID: c.id, Amount: min(left, left*money.Amount(between(r, 10, 60))/100+1), Means: s.transfer()}, func(m servicing.Transaction) error {
		s.report.Recoveries.add(m.Amount)
		if happens(r, 60) {
			s.in(between(r, 15, 45), func() { s.collectRecovery(c) })
		}
		return c.replay(s, m)
	})
}
