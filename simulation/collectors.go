package simulation

import (
	"time"

	"sofipo/bank/lending"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// The days past due from which a loan is collected, and between two contacts.
const (
	collectAfter  = 3
	visitAfter    = 30
	contactsEvery = 7
)

// assignCollectors gives the loans that are more than a number of days past due to the
// collectors of their branches. Managers do it before the days of the collectors.
func (s *institution) assignCollectors(days int) {
	if !s.collectorsWork() && s.day < s.Days {
		return
	}
	for _, c := range s.loans {
		if c.collector != "" || !c.disbursed || !servicing.Alive(c.status()) || servicing.DaysPastDue(c.account, s.today) <= days {
			continue
		}
		c.collector = c.owner.staff("cobranza")
		submit(s, c.owner.staff("gerente"), lending.AssignCollector{LoanID: c.id, Collector: c.collector}, ignore)
	}
}

// collectorsWork reports whether the collectors work today: on Tuesdays and Fridays.
func (s *institution) collectorsWork() bool {
	day := s.weekday()
	return s.business() && (day == time.Tuesday || day == time.Friday)
}

// collect contacts the clients who are past due.
func (s *institution) collect() {
	if !s.collectorsWork() {
		return
	}
	for _, c := range s.loans {
		if !c.disbursed || !servicing.Alive(c.status()) || s.day-c.contacted < contactsEvery {
			continue
		}
		if late := servicing.DaysPastDue(c.account, s.today); late > collectAfter && late <= writeOffAfter {
			s.contact(c, late)
		}
	}
}

// contact registers a contact about a loan, and sometimes a promise.
func (s *institution) contact(c *trackedLoan, late int) {
	r, b := c.owner.rng, c.owner.branch
	collector := b.staff("cobranza")
	c.contacted = s.day
	made := collections.Contact{Channel: collections.Call}
	switch {
	case late > visitAfter && happens(r, 40):
		made.Channel, made.Place = collections.Visit, collections.Home
	case late < 10 && happens(r, 50):
		made.Channel, made.Result = collections.Message, collections.Sent
	}
	promises := false
	if made.Result == "" {
		made.Result = collections.NotReached
		switch chance := r.IntN(100); {
		case chance < 30:
			made.Result, promises = collections.Promises, true
		case chance < 45:
			made.Result = collections.Reached
		case chance < 55:
			made.Result, made.Note = collections.Refuses, "Dice que no puede pagar por ahora."
		case chance < 58:
			made.Result, made.Note = collections.ClaimsPaid, "Dice que pagó en ventanilla; se revisará su comprobante."
		}
	}
	submit(s, collector, lending.RegisterContact{LoanID: c.id, Contact: made}, ignore)
	s.report.Contacts++
	if rarely(r, 60) {
		note := lending.AddCollectionNote{LoanID: c.id, Text: pick(r, []string{
			"Solo se localiza por la tarde.", "Cambió de trabajo; confirmar domicilio laboral.", "Pide reestructura; se turnó a gerencia.", "Atiende su hermana; dejar recado.",
		})}
		submit(s, collector, note, ignore)
	}
	if promises {
		s.promise(c, s.day+between(r, 1, 8))
	}
}

// promise registers a promise to pay what is due until a day of the simulation. Most clients
// keep it.
func (s *institution) promise(c *trackedLoan, until int) {
	amount := servicing.Due(c.account, s.today).Due.Sum()
	if amount == 0 || c.promised >= s.day {
		return
	}
	c.promised = until
	promise := lending.PromisePayment{LoanID: c.id, Amount: amount, Due: s.today.AddDays(until - s.day)}
	submit(s, c.owner.branch.staff("cobranza"), promise, func(collections.Promise) error {
		s.report.Promises.add(amount)
		return nil
	})
	if !c.owner.defaults && happens(c.owner.rng, 50) {
		s.scheduleVisit(c, until-s.day, func(c *trackedLoan) {
			s.pay(c, max(amount, servicing.Due(c.account, s.today).Due.Sum()), servicing.Ordinary)
			s.scheduleNextVisit(c)
		})
	}
}

// leaveWork leaves something to do for each role on the day after the simulation.
func (s *institution) leaveWork() {
	late := 0
	for _, c := range s.loans {
		if late < 3 && c.disbursed && servicing.Alive(c.status()) && servicing.DaysPastDue(c.account, s.today) > 0 && c.promised < s.day {
			late++
			s.promise(c, s.day+1)
		}
	}
	asked := 0
	for _, b := range s.borrowers {
		if asked == 3 || b.id.IsZero() || b.gone || b.company() {
			continue
		}
		c := s.newLoan(b, s.offers[0])
		c.amount = []money.Amount{120_000, 24_000, 18_000}[asked] * pesos
		s.apply(c, []func(*trackedLoan){
			func(*trackedLoan) {}, s.approve, func(c *trackedLoan) {
				submit(s, head, lending.ApproveLoan{LoanID: c.id}, s.decided(c, servicing.Approved))
				s.fileDisbursement(c)
			},
		}[2-asked])
		asked++
	}
	for _, c := range s.loans {
		if c.disbursed && servicing.Alive(c.status()) {
			s.transfers = append(s.transfers, transferIn{c, min(500*pesos, servicing.PayoffOf(c.account, s.today).Total), true})
			break
		}
	}
}
