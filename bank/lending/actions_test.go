package lending_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"pgregory.net/rapid"

	"sofipo/bank"
	"sofipo/bank/authority"
	"sofipo/bank/books"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/rate"
	"sofipo/core/screening"
	"sofipo/core/settlement"
)

// The actions of a random history: each draws its arguments, gives one command or
// more and says what must come of them.

func (h *history) today() civil.Date { return civil.DateOf(h.clock) }

func (h *history) tick(t *rapid.T) {
	h.clock = h.clock.AddDate(0, 0, rapid.SampledFrom([]int{16, 31, 10, 45, 3, 1}).Draw(t, "days"))
}

func (h *history) registerClient(t *rapid.T) {
	if h.clients++; h.clients > 5 {
		t.Skip("enough clients")
	}
	n := rapid.IntRange(1, h.clients).Draw(t, "client") // one that there is, now and then
	_, _ = give(h, "ana", &clients.RegisterClient{FullName: "Ñandú Ácido", Email: fmt.Sprintf("c%d@example.com", n), RFC: fmt.Sprintf("PEPJ800101%03d", n)})
}

var actors = rapid.SampledFrom([]string{"ana", "luis"})

func (h *history) changeProducts(t *rapid.T) {
	p := anyProduct(t)
	p.Code = rapid.SampledFrom([]string{"p1", "p1", "p2", "p2", "p3", "p3", "p4", "p4", product.SeedCode}).Draw(t, "code")
	if rapid.IntRange(0, 3).Draw(t, "later") == 0 {
		p.From = h.today().AddDays(rapid.IntRange(-1, 40).Draw(t, "from"))
	}
	var err error
	switch rapid.IntRange(0, 4).Draw(t, "what") {
	case 0:
		_, err = give(h, "ana", lending.RetireProduct{Code: p.Code})
	case 1, 2:
		_, err = give(h, "ana", lending.CreateProduct{Product: p})
	default:
		_, err = give(h, "ana", lending.ChangeProduct{Product: p})
	}
	if err != nil && !fault.Is(err, product.Exists) && !fault.Is(err, product.NotFound) && !fault.Is(err, fault.Invalid) {
		t.Fatalf("got %v, want no error, %s, %s or %s", err, product.Exists, product.NotFound, fault.Invalid)
	}
}

// anyProduct draws a product of any kind that can be granted.
func anyProduct(t *rapid.T) product.Product {
	p := product.Seed()
	p.Version, p.From = 0, civil.Date{}
	p.Method = rapid.SampledFrom([]schedule.Method{schedule.Level, schedule.LevelWithIVA, schedule.EqualPrincipal, schedule.Bullet, schedule.Single}).Draw(t, "method")
	p.Frequency = rapid.SampledFrom([]schedule.Frequency{schedule.Weekly, schedule.Every14Days, schedule.Quincenal, schedule.Monthly, schedule.EveryNumDays}).Draw(t, "frequency")
	if p.Frequency == schedule.EveryNumDays {
		p.PeriodDays = rapid.IntRange(1, 60).Draw(t, "period")
	}
	p.DayCount = rapid.SampledFrom(civil.DayCounts).Draw(t, "day count")
	p.Rounding = rapid.SampledFrom(money.Roundings).Draw(t, "rounding")
	if (p.Method == schedule.Level || p.Method == schedule.LevelWithIVA) && p.Residue != schedule.First && p.Frequency != schedule.EveryNumDays {
		p.LevelByPeriods = rapid.Bool().Draw(t, "level by periods")
	}
	if rapid.Bool().Draw(t, "holidays") {
		p.Holidays = schedule.NextBusinessDay
		p.InterestFollows = rapid.Bool().Draw(t, "interest follows")
	}
	p.IVA = rapid.SampledFrom([]rate.IVA{{Rate: 160_000}, {}, {Rate: 80_000, Base: rate.FixedPercent, Percent: 500_000}, {Rate: 160_000, Base: rate.RealUDI, Inflation: 45_000}}).Draw(t, "iva")
	if rapid.Bool().Draw(t, "charges") {
		p.Fees = schedule.Fees{Origination: schedule.Fee{Rate: 20_000}, Periodic: schedule.Fee{Amount: 3_50}, IVARate: 160_000,
			OriginationPayment: rapid.SampledFrom([]schedule.OriginationPayment{schedule.Apart, schedule.Deducted}).Draw(t, "opening")}
		p.Insurance = 12_50
	}
	if p.Method == schedule.Level || p.Method == schedule.EqualPrincipal {
		p.Grace = rapid.SampledFrom([]schedule.Grace{{}, {PrincipalPeriods: 1}, {PrincipalPeriods: 1, InterestPeriods: 1, Mode: schedule.Defer},
			{PrincipalPeriods: 2, InterestPeriods: 2, Mode: schedule.Capitalise}, {InterestPeriods: 2, Mode: schedule.Waive}}).Draw(t, "grace")
	}
	p.PenaltyInterest = product.PenaltyTerms{
		Rate:      rate.Annual(rapid.SampledFrom([]int{300_000, 0, 1_200_000}).Draw(t, "penalty_interest")),
		Base:      rapid.SampledFrom([]product.PenaltyBase{product.OverduePrincipal, product.OverduePrincipalAndInterest}).Draw(t, "base"),
		Mode:      rapid.SampledFrom([]product.PenaltyMode{product.Additional, product.Replaces}).Draw(t, "mode"),
		GraceDays: rapid.IntRange(0, 3).Draw(t, "grace days"),
	}
	p.Allocation = rapid.Permutation(product.Components).Draw(t, "allocation")
	p.Strategy = rapid.SampledFrom([]product.Strategy{product.OldestFirst, product.ByConcept}).Draw(t, "strategy")
	p.Excess = rapid.SampledFrom([]product.Excess{product.ReduceInstalment, product.ReduceTerm, product.KeepUnapplied}).Draw(t, "excess")
	p.Limits = product.Limits{ApprovalLimit: rapid.SampledFrom([]money.Amount{1, 50_000_00, money.Max}).Draw(t, "approval limit")}
	return p
}

// clientIDs are sorted, as all rows, so that a draw means the same each time.
func (h *history) clientIDs() (ids []id.ID) {
	for _, c := range clients.Clients.Rows(h.Memory) {
		ids = append(ids, c.ID)
	}
	return ids
}

// codes returns the codes of all products.
func (h *history) codes() (codes []string) {
	for _, p := range lending.Products.Rows(h.Memory) {
		codes = append(codes, p.Code)
	}
	return slices.Compact(codes)
}

// loan is the row of a loan.
func (h *history) loan(loanID id.ID) lending.Loan {
	l, found := lending.Loans.Row(h.Memory, loanID)
	if !found {
		h.t.Fatalf("got no loan %s, want one", loanID)
	}
	return l
}

func anyOf(t *rapid.T, what string, ids []id.ID) id.ID {
	if len(ids) == 0 {
		t.Skip("there is none: ", what)
	}
	return rapid.SampledFrom(ids).Draw(t, what)
}

func (h *history) apply(t *rapid.T) (loan.Loan, error) {
	c := lending.ApplyForLoan{
		ClientID: anyOf(t, "borrower", h.clientIDs()), Product: rapid.SampledFrom(h.codes()).Draw(t, "product"),
		Amount:  rapid.SampledFrom([]money.Amount{20_000_00, 4_999_99, 123_456_78, 1_000_000_000_00, 1_00, 7}).Draw(t, "amount"),
		Rate:    rapid.SampledFrom([]rate.Annual{455_000, 123_456, 990_000, 0, 1}).Draw(t, "rate"),
		Periods: rapid.IntRange(3, 14).Draw(t, "periods"),
	}
	if rapid.IntRange(0, 3).Draw(t, "first due") == 0 {
		c.FirstDue = h.today().AddDays(rapid.IntRange(-1, 20).Draw(t, "days to it"))
	}
	return give(h, actors.Draw(t, "applicant"), c)
}

func (h *history) applyOnly(t *rapid.T) {
	if len(h.loansWith(func(l lending.Loan) bool { return l.Serial == 0 })) >= 4 {
		t.Skip("enough applications")
	}
	_, _ = h.apply(t)
}

// lend makes a product if there is none of the code and lends on it, all at once.
func (h *history) lend(t *rapid.T) {
	if len(h.loansWith(func(l lending.Loan) bool { return l.Serial > 0 })) >= 5 {
		t.Skip("enough loans")
	}
	h.changeProducts(t)
	l, err := h.apply(t)
	if err != nil {
		return
	}
	approver := rapid.SampledFrom([]string{"ana", "luis", "eva", "eva"}).Draw(t, "approver")
	approved, err := give(h, approver, lending.ApproveLoan{LoanID: l.ID})
	p := h.product(l)
	exposure := h.exposure(l.ClientID)
	if four := exposure > p.Limits.ApprovalLimit && approver == l.AppliedBy; four != fault.Is(err, access.FourEyes) || !four && err != nil {
		t.Fatalf("%s approves what %s applied for, with an exposure of %s of at most %s alone: got %v, want %s: %t", approver, l.AppliedBy, exposure, p.Limits.ApprovalLimit, err, access.FourEyes, four)
	}
	if err != nil {
		return
	}
	if got, err := give(h, "ana", lending.DisburseLoan{LoanID: l.ID, Means: h.anyMeans(t, "ana")}); err == nil && (got.Status != servicing.Active || got.Balance != l.Amount || approved.ApprovedBy != approver) {
		t.Fatalf("disbursed: got %+v, want %s with the balance %s, approved by %s", got, servicing.Active, l.Amount, approver)
	}
}

// exposure adds up the columns of the client's loans, without the code of the program.
func (h *history) exposure(clientID id.ID) (sum money.Amount) {
	for _, l := range lending.Loans.Rows(h.Memory) {
		if l.ClientID != clientID {
			continue
		}
		if sum += l.Balance + l.WrittenOff; servicing.Pending(l.Status) {
			sum += l.Amount
		}
	}
	return sum
}

// edit changes an application, which loses its approval.
func (h *history) edit(t *rapid.T) {
	l := h.loan(anyOf(t, "loan", h.loans()))
	c := lending.EditApplication{
		LoanID: l.ID, Product: rapid.SampledFrom(h.codes()).Draw(t, "product"), Amount: rapid.SampledFrom([]money.Amount{20_000_00, 4_999_99, 7}).Draw(t, "amount"),
		Rate: rapid.SampledFrom([]rate.Annual{455_000, 0}).Draw(t, "rate"), Periods: rapid.IntRange(3, 14).Draw(t, "periods"),
	}
	actor, editable := actors.Draw(t, "editor"), servicing.Pending(l.Status)
	got, err := give(h, actor, c)
	if err == nil && (!editable || got.Status != servicing.Applied || got.ApprovedBy != "" || got.EditedBy != actor || got.AppliedBy != l.AppliedBy || got.Amount != c.Amount) ||
		fault.Is(err, servicing.WrongState) == editable {
		t.Fatalf("%s edits a loan that is %s: got %+v, %v, want an application without approval, or a refusal", actor, l.Status, got, err)
	}
	if stored := h.loan(l.ID).Loan; err == nil && (stored.Amount != c.Amount || stored.Rate != c.Rate || stored.Product != c.Product || stored.EditedBy != actor) {
		t.Fatalf("edited: got %+v stored, want the amount, the rate and the product of %+v", stored, c)
	}
}

// file files a write-off, which changes nothing of the loan.
func (h *history) file(t *rapid.T) {
	l := h.loan(anyOf(t, "loan", h.loans()))
	order, _ := bank.OrderOf(lending.WriteOffLoan{LoanID: l.ID})
	_, _ = give(h, actors.Draw(t, "filer"), authority.FileRequest{Order: order, Reason: "fallecido"})
}

func (h *history) grant(t *rapid.T) {
	if len(h.loans()) >= 8 {
		t.Skip("enough loans")
	}
	borrowers := append(h.clientIDs(), id.ID{9}) // one that there is not
	_, _ = give(h, "ana", lending.GrantLoan{ClientID: anyOf(t, "borrower", borrowers), Terms: loan.Terms{
		Amount: rapid.SampledFrom([]money.Amount{50_000_00, 1}).Draw(t, "amount"), Rate: 150_000, TermMonths: rapid.Int64Range(1, 24).Draw(t, "months")}})
}

// decideOnLoan tries a change of state on any loan.
func (h *history) decideOnLoan(t *rapid.T) {
	l := h.loan(anyOf(t, "loan", h.loans()))
	actor := actors.Draw(t, "actor")
	means, back := h.anyMeans(t, actor), settlement.Means{}
	if means.CheckPaid() != nil {
		means = settlement.Means{}
	}
	if rapid.IntRange(0, 3).Draw(t, "back in another way") == 0 {
		back = h.anyMeans(t, actor)
	}
	type verb struct {
		to  servicing.Status
		run func() (loan.Loan, error)
	}
	v := rapid.SampledFrom([]verb{
		{servicing.Approved, func() (loan.Loan, error) { return give(h, actor, lending.ApproveLoan{LoanID: l.ID}) }},
		{servicing.Rejected, func() (loan.Loan, error) {
			return give(h, actor, lending.RejectLoan{LoanID: l.ID, Reason: "sin capacidad"})
		}},
		{servicing.Returned, func() (loan.Loan, error) {
			return give(h, actor, lending.ReturnLoan{LoanID: l.ID, Reason: "falta firma"})
		}},
		{servicing.Active, func() (loan.Loan, error) {
			return give(h, actor, lending.DisburseLoan{LoanID: l.ID, Means: means})
		}},
		{servicing.Cancelled, func() (loan.Loan, error) {
			return give(h, actor, lending.CancelLoan{LoanID: l.ID, Reason: "desistió", Means: back})
		}},
	}).Draw(t, "to")
	can := servicing.CanBecome(l.Status, v.to)
	if v.to == servicing.Cancelled && l.Serial > 0 {
		can = can && l.Opened == h.today() && h.lending(l.ID).Account.Operations == 0
	}
	got, err := v.run()
	if fault.Is(err, servicing.WrongState) == can || err == nil && got.Status != v.to {
		t.Fatalf("from %s to %s: got %s, %v, want %s: %t", l.Status, v.to, got.Status, err, servicing.WrongState, !can)
	}
}

func (h *history) loansWith(keep func(lending.Loan) bool) (ids []id.ID) {
	for _, l := range lending.Loans.Rows(h.Memory) {
		if keep(l) {
			ids = append(ids, l.ID)
		}
	}
	return ids
}

// disbursed draws a loan that has an account.
func (h *history) disbursed(t *rapid.T, keep func(servicing.Status) bool) lending.Loan {
	return h.lending(anyOf(t, "loan", h.loansWith(func(l lending.Loan) bool { return l.Serial > 0 && keep(l.Status) })))
}

// lending is a loan with its account.
func (h *history) lending(loanID id.ID) lending.Loan {
	l, err := h.memory.loan(loanID)
	if err != nil {
		h.t.Fatal(err)
	}
	return l
}

// product returns the version of the product that a loan was granted on.
func (h *history) product(l loan.Loan) product.Product {
	p, found := lending.Products.Row(h.Memory, lending.ProductKey{Code: l.Product, Version: int(l.ProductVersion)})
	if !found {
		h.t.Fatalf("got no product %s of version %d, want one", l.Product, l.ProductVersion)
	}
	return p.Product
}

func anyStatus(servicing.Status) bool { return true }

// anyAmount draws an amount around what is due and around the payoff, and parts
// of both.
func anyAmount(t *rapid.T, a servicing.Account, on civil.Date) money.Amount {
	owing, payoff := servicing.Due(a, on), servicing.PayoffOf(a, on).Total
	due := owing.Due.Sum()
	if due == 0 {
		due = payoff / 8
	}
	whole := rapid.SampledFrom([]money.Amount{due, due + owing.Accrued.Sum(), payoff / 3, payoff, 50_00, 1, 0}).Draw(t, "of")
	return whole * money.Amount(rapid.SampledFrom([]int{50, 90, 100, 37, 10, 1}).Draw(t, "percent")) / 100
}

// anyDay draws a value date: none, one before or after the account's day, one
// that cannot be.
func (h *history) anyDay(t *rapid.T, l lending.Loan) civil.Date {
	switch rapid.IntRange(0, 5).Draw(t, "value date") {
	case 0, 1, 2:
		return civil.Date{}
	case 3:
		return h.today().AddDays(-rapid.IntRange(0, 40).Draw(t, "days ago"))
	case 4:
		return l.Opened.AddDays(rapid.IntRange(0, max(0, h.today().Since(l.Opened))).Draw(t, "day of the loan"))
	default:
		return h.today().AddDays(rapid.SampledFrom([]int{0, 0, 1, -1000}).Draw(t, "odd day"))
	}
}

func (h *history) pay(t *rapid.T) {
	l := h.disbursed(t, anyStatus)
	c := lending.ReceivePayment{LoanID: l.ID, Operation: servicing.Operation{ValueDate: h.anyDay(t, l), Kind: anyKind.Draw(t, "kind")}}
	on := h.today()
	if !c.ValueDate.IsZero() && c.ValueDate.Before(on) {
		on = c.ValueDate
	}
	c.Amount, c.Means = anyAmount(t, l.Account, on), h.anyMeans(t, "ana")
	h.operation(t, l, func() (servicing.Transaction, error) {
		m, err := give(h, "ana", c)
		if err == nil && (!slices.Contains(servicing.Payments, m.Kind) || m.Kind != c.Kind && c.Kind != "") {
			t.Fatalf("a payment of kind %q: got %+v, want a payment of that kind", c.Kind, m)
		}
		return m, err
	}, c.ValueDate)
}

// anyKind draws a kind, mostly one that a payment may have.
var anyKind = rapid.SampledFrom([]servicing.Kind{"", "", servicing.Ordinary, servicing.Ordinary, servicing.Prepayment, servicing.Prepayment, servicing.AdvancePayment,
	servicing.AdvancePayment, servicing.WriteOffKind, servicing.RecoveryKind})

// operation does something to a loan and, at random, takes it back at once,
// which must leave the account and the books exactly as they were.
func (h *history) operation(t *rapid.T, l lending.Loan, do func() (servicing.Transaction, error), valueDate civil.Date) {
	trial := h.trial()
	m, err := do()
	if closed := !valueDate.IsZero() && !valueDate.After(h.ClosedThrough); err == nil && closed {
		t.Fatalf("%s of %s was accepted, want a refusal: the books are closed through %s", m.Kind, valueDate, h.ClosedThrough)
	}
	if err != nil {
		return
	}
	if m.Number != l.Transactions+1 || m.Status != servicing.InForce || m.LoanID != l.ID {
		t.Fatalf("got %+v, want transaction %d in force", m, l.Transactions+1)
	}
	ends := !servicing.Alive(h.loan(l.ID).Status)
	if back := rapid.IntRange(0, 3).Draw(t, "take it back") == 0; back == ends { // most ends are taken back, so that loans live on
		return
	}
	if _, err := give(h, "luis", lending.ReverseTransaction{LoanID: l.ID, TransactionID: m.ID}); err != nil {
		t.Fatalf("%s cannot be taken back: %v", m.Kind, err)
	}
	after := h.lending(l.ID)
	after.Serial, after.Transactions, after.LastTransactionOn, after.InterestPostedOn = l.Serial, l.Transactions, l.LastTransactionOn, l.InterestPostedOn
	if !reflect.DeepEqual(after, l) {
		t.Fatalf("after the reversal of %s: got\n%+v\nwant\n%+v", m.Kind, after, l)
	}
	if now := h.trial(); !sameBooks(now, trial) {
		t.Fatalf("after the reversal of %s: got the books %v, want %v", m.Kind, now[l.ID], trial[l.ID])
	}
}

func sameBooks(a, b map[id.ID]map[ledger.Account]money.Amount) bool {
	same := func(x, y map[id.ID]map[ledger.Account]money.Amount) bool {
		for subject := range x {
			if !maps.Equal(x[subject], y[subject]) {
				return false
			}
		}
		return true
	}
	return same(a, b) && same(b, a)
}

// payable draws a loan with an amount due on this day, and its payoff amount.
func (h *history) payable(t *rapid.T) (lending.Loan, money.Amount) {
	l := h.disbursed(t, servicing.Alive)
	total := servicing.PayoffOf(l.Account, h.today()).Total
	if rolled, _ := servicing.Roll(l.Account, h.today()); !servicing.Alive(rolled.Status) || total == 0 {
		t.Skip("owes nothing")
	}
	return l, total
}

// payOff pays exactly the payoff amount.
func (h *history) payOff(t *rapid.T) {
	l, total := h.payable(t)
	h.end(t, l, total)
}

func (h *history) end(t *rapid.T, l lending.Loan, total money.Amount) {
	do := func() (servicing.Transaction, error) {
		m, err := give(h, "ana", lending.ReceivePayment{LoanID: l.ID, Operation: servicing.Operation{Amount: total, Kind: servicing.Prepayment}})
		if got := h.loan(l.ID); err != nil || got.Status != servicing.PaidOff || got.Balance != 0 || got.Unapplied != 0 || got.Interest != 0 || got.IVA != 0 {
			t.Fatalf("after the payoff of %s: got %+v, %v, want nothing owed", total, got.Loan, err)
		}
		return m, err
	}
	h.operation(t, l, do, civil.Date{})
}

// payTooMuch is refused with the payoff, which is then accepted.
func (h *history) payTooMuch(t *rapid.T) {
	l, total := h.payable(t)
	_, err := give(h, "ana", lending.ReceivePayment{LoanID: l.ID, Operation: servicing.Operation{Amount: total + money.Amount(rapid.Int64Range(1, 100).Draw(t, "too much"))}})
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Code != servicing.OverPayment || refusal.Values["payoff"] != total {
		t.Fatalf("more than %s: got %v, want %s with it", total, err, servicing.OverPayment)
	}
	h.end(t, l, refusal.Values["payoff"].(money.Amount))
}

func (h *history) recover(t *rapid.T) {
	l := h.disbursed(t, func(s servicing.Status) bool { return s == servicing.WrittenOff })
	owed := l.Account.WrittenOff.Sum()
	c := lending.RecoverLoan{LoanID: l.ID, ValueDate: h.anyDay(t, l), Amount: owed * money.Amount(rapid.SampledFrom([]int{30, 50, 99, 100, 1, 0}).Draw(t, "percent")) / 100}
	if rapid.IntRange(0, 9).Draw(t, "too much") == 0 {
		c.Amount = owed + 1
	}
	h.operation(t, l, func() (servicing.Transaction, error) {
		m, err := give(h, "ana", c)
		if c.Amount > owed && err == nil {
			t.Fatalf("a recovery of %s of an owed %s: got no error, want a refusal", c.Amount, owed)
		}
		return m, err
	}, c.ValueDate)
}

func (h *history) writeOff(t *rapid.T) {
	if rapid.IntRange(0, 1).Draw(t, "rarely") == 0 {
		t.Skip("most loans are to live")
	}
	l := h.disbursed(t, anyStatus)
	h.operation(t, l, func() (servicing.Transaction, error) { return give(h, "luis", lending.WriteOffLoan{LoanID: l.ID}) }, civil.Date{})
}

func (h *history) restructure(t *rapid.T) {
	l := h.disbursed(t, anyStatus)
	c := lending.RestructureLoan{LoanID: l.ID, Rate: rapid.SampledFrom([]rate.Annual{150_000, 900_000, 0, 1, 1_000_001}).Draw(t, "rate"), Periods: rapid.IntRange(0, 9).Draw(t, "periods"), Capitalise: rapid.Bool().Draw(t, "capitalise")}
	if rapid.IntRange(0, 3).Draw(t, "first due") == 0 {
		c.FirstDue = h.today().AddDays(rapid.IntRange(-1, 20).Draw(t, "days to it"))
	}
	h.operation(t, l, func() (servicing.Transaction, error) { return give(h, "luis", c) }, civil.Date{})
}

// reverse takes any transaction back; one that does not count is refused.
func (h *history) reverse(t *rapid.T) {
	l := h.disbursed(t, anyStatus)
	n := rapid.IntRange(0, l.Transactions).Draw(t, "transaction")
	m, _ := lending.Transactions.Row(h.Memory, lending.TransactionKey{Loan: l.ID, Number: n})
	got, err := give(h, "luis", lending.ReverseTransaction{LoanID: l.ID, TransactionID: m.ID, Reason: "cuenta equivocada"})
	if _, counts := m.Operation(); counts && fault.Is(err, servicing.WrongState) || !counts && !fault.Is(err, servicing.WrongState) {
		t.Fatalf("a %s taken back: got %v, want %s: %t", m.Kind, err, servicing.WrongState, !counts)
	}
	now, _ := lending.Transactions.Row(h.Memory, lending.TransactionKey{Loan: l.ID, Number: n})
	if err == nil && (now.ReversedBy != got.ID || now.Status != servicing.Reversed || got.Kind != servicing.Reversal || got.Amount != m.Amount) {
		t.Fatalf("got %+v taken back by %+v, want each to name the other", now, got)
	}
}

func (h *history) proposeEntry(t *rapid.T) {
	amount := rapid.SampledFrom([]money.Amount{15_00, 15_00, 1, 0}).Draw(t, "amount")
	other := amount + money.Amount(rapid.SampledFrom([]int64{0, 0, 0, 0, 1}).Draw(t, "more"))
	account := rapid.SampledFrom([]ledger.Account{"6401", "5301", "1102", "1301", "9999"})
	c := books.ProposeEntry{Description: "Renta", Lines: []accounting.Line{{Account: account.Draw(t, "debit"), Debit: amount}, {Account: account.Draw(t, "credit"), Credit: other}}}
	if rapid.Bool().Draw(t, "dated") {
		c.Date = h.today().AddDays(rapid.IntRange(-60, 1).Draw(t, "date"))
	}
	v, err := give(h, actors.Draw(t, "proposer"), c)
	if err == nil && (amount != other || v.Lines[0].Account == "1301" || v.Lines[1].Account == "9999" || !v.Date.After(h.ClosedThrough) || v.Date.After(h.today())) {
		t.Fatalf("got %+v accepted, want a refusal", v)
	}
}

func (h *history) decideOnEntry(t *rapid.T) {
	var entries []id.ID
	for _, e := range books.Entries.Rows(h.Memory) {
		entries = append(entries, e.ID)
	}
	v, _ := books.Entries.Row(h.Memory, anyOf(t, "entry", entries))
	c := books.DecideEntry{ID: v.ID, Post: rapid.Bool().Draw(t, "post")}
	actor := actors.Draw(t, "actor")
	n := len(h.Entries)
	got, err := give(h, actor, c)
	switch {
	case v.Status != accounting.Proposed:
		if !fault.Is(err, accounting.ManualEntryDecided) {
			t.Fatalf("got %v, want %v", err, accounting.ManualEntryDecided)
		}
	case v.ProposedBy == actor:
		if !fault.Is(err, access.FourEyes) {
			t.Fatalf("got %v, want %v", err, access.FourEyes)
		}
	case c.Post && !v.Date.After(h.ClosedThrough):
		if !fault.Is(err, accounting.PeriodClosed) {
			t.Fatalf("got %v, want %v", err, accounting.PeriodClosed)
		}
	case err != nil || c.Post != (got.Status == accounting.Posted) || c.Post != (len(h.Entries) == n+1):
		t.Fatalf("got %+v, %v, %d entries more, want one if posted: %t", got, err, len(h.Entries)-n, c.Post)
	}
}

func (h *history) closePeriod(t *rapid.T) {
	month := h.today().AddDays(-rapid.IntRange(0, 100).Draw(t, "days ago"))
	before := h.ClosedThrough
	got, err := give(h, "luis", books.ClosePeriod{Month: month})
	if may := month.MonthEnd().Before(h.today()) && month.MonthEnd().After(before); may != (err == nil) || may && (got.ClosedThrough != month.MonthEnd() || h.ClosedThrough != got.ClosedThrough) {
		t.Fatalf("closing %s on %s after %s: got %+v, %v, want it closed: %t", month, h.today(), before, got, err, may)
	}
}

// updateClient gives any client the name, the e-mail or the RFC of a number, or a generic RFC.
func (h *history) updateClient(t *rapid.T) {
	c := &clients.UpdateClient{ID: anyOf(t, "client", append(h.clientIDs(), id.ID{9}))}
	want := client.NotFound
	before, known := clients.Clients.Row(h.Memory, c.ID)
	before.Names = "" // commands do not load it
	after := before
	switch rapid.SampledFrom([]string{"name", "e-mail", "RFC", "generic RFC"}).Draw(t, "changed") {
	case "name":
		after.FullName = fmt.Sprintf("Ñandú %d", rapid.IntRange(1, 3).Draw(t, "name"))
		c.FullName = &after.FullName
	case "e-mail":
		after.Email = fmt.Sprintf("c%d@example.com", rapid.IntRange(1, 7).Draw(t, "e-mail"))
		c.Email = &after.Email
	case "RFC":
		after.RFC = fmt.Sprintf("PEPJ800101%03d", rapid.IntRange(1, 7).Draw(t, "RFC"))
		c.RFC = &after.RFC
	default:
		after.RFC = string(mx.GenericPublic)
		c.RFC = &after.RFC
	}
	f, _ := clients.Files.Row(h.Memory, c.ID)
	switch named := f.File.FullName() != ""; {
	case named && c.Email == nil && (before.FullName != after.FullName || before.RFC != after.RFC):
		want = client.NamedInFile
	case known:
		if want = h.taken(after); want == "" && (before.FullName != after.FullName || before.RFC != after.RFC) && h.blocked(after, true) {
			want = screening.Blocked
		}
	}
	got, err := give(h, "ana", c)
	if want == "" && (err != nil || got != after) || want != "" && !fault.Is(err, want) {
		t.Fatalf("got %+v, %v, want %+v, refusal %q", got, err, after, want)
	}
}

// taken returns the refusal of a client because another client has its RFC or e-mail.
func (h *history) taken(c client.Client) (refusal fault.Code) {
	for _, other := range clients.Clients.Rows(h.Memory) {
		switch {
		case other.ID == c.ID:
		case other.RFC == c.RFC && c.RFC != string(mx.GenericPublic):
			return client.RFCTaken
		case other.Email == c.Email && c.Email != "":
			refusal = client.EmailTaken
		}
	}
	return refusal
}

// anyFile draws the file of a person.
func anyFile(t *rapid.T) client.File {
	f := client.File{
		Kind: client.Person, GivenNames: rapid.SampledFrom([]string{"José", "María"}).Draw(t, "given"), PaternalSurname: "Pérez", MaternalSurname: "Ñandú",
		RFC: rapid.SampledFrom([]string{"", "", "PEPJ800101001", "PEPJ800101009"}).Draw(t, "RFC"),
	}
	if rapid.Bool().Draw(t, "phone") {
		f.Phones = []client.Phone{{Kind: client.MobilePhone, Number: rapid.SampledFrom([]string{"5555555501", "5555555502"}).Draw(t, "number")}}
	}
	return f
}

// harmless are the warnings of the files that anyFile draws.
var harmless = []client.Warning{client.RFCName, client.RFCBirthDate, client.RFCCheckDigit, client.DuplicatePhone}

// registerFile registers a client with a file.
func (h *history) registerFile(t *rapid.T) {
	if h.clients++; h.clients > 8 {
		t.Skip("enough clients")
	}
	got, err := give(h, "ana", &clients.RegisterFile{File: anyFile(t), Confirmed: harmless})
	if err != nil && !fault.Is(err, client.RFCTaken) && !fault.Is(err, screening.Blocked) {
		t.Fatalf("got %+v, %v, want a file, %s or %s", got, err, client.RFCTaken, screening.Blocked)
	}
}

// changeFile replaces a file, or adds a note or a consent.
func (h *history) changeFile(t *rapid.T) {
	of := anyOf(t, "client", append(h.clientIDs(), id.ID{9}))
	before, _ := clients.Files.Row(h.Memory, of)
	known, err := slices.Contains(h.clientIDs(), of), error(nil)
	switch rapid.IntRange(0, 3).Draw(t, "what") {
	case 0:
		_, err = give(h, "ana", &clients.AddNote{ID: of, Text: "Falta comprobante"})
	case 1:
		consent := client.Consent{ClientID: of, Kind: client.PrivacyNotice, Version: "1", Channel: client.OnPaper}
		_, err = give(h, "ana", &clients.RecordConsent{Consent: consent})
	default:
		c := &clients.ChangeFile{ID: of, Revision: before.Revision + rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "stale"), File: anyFile(t), Confirmed: harmless}
		var got client.Dossier
		got, err = give(h, "ana", c)
		if stale := c.Revision != before.Revision; stale && err == nil || err == nil && got.File.FullName() != c.File.FullName() {
			t.Fatalf("got %+v, want the file %+v, or a refusal if it is stale: %t", got, c.File, stale)
		}
		known = known && err == nil
	}
	if known != (err == nil) {
		t.Fatalf("got %v, want it accepted: %t", err, known)
	}
}

// deleteClient is refused for a client who ever had a loan, or who has documents.
func (h *history) deleteClient(t *rapid.T) {
	known, _ := clients.Clients.Row(h.Memory, anyOf(t, "client", h.clientIDs()))
	var want fault.Code
	switch {
	case known.Loans > 0:
		want = client.HasLoans
	case slices.ContainsFunc(clients.Documents.Rows(h.Memory), func(d client.Document) bool { return d.ClientID == known.ID }):
		want = client.HasDocuments
	}
	if _, err := give(h, "ana", clients.DeleteClient{ID: known.ID}); fault.Is(err, want) != (want != "") || want == "" && err != nil {
		t.Fatalf("deleting a client with %d loans: got %v, want refusal %q", known.Loans, err, want)
	}
}

// collect registers a contact, makes or cancels a promise, adds a note or assigns a collector,
// on any loan.
func (h *history) collect(t *rapid.T) {
	l, actor := h.loan(anyOf(t, "loan", h.loans())), actors.Draw(t, "collector")
	owes := servicing.Alive(l.Status) || l.Status == servicing.WrittenOff
	var err error
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0:
		c := collections.Contact{Channel: rapid.SampledFrom(collections.Channels()).Draw(t, "channel"), Note: "recado"}
		c.Result = rapid.SampledFrom(collections.ResultsOf(c.Channel)).Draw(t, "result")
		if c.Channel == collections.Visit {
			c.Place, c.Latitude, c.Longitude = collections.Home, 19_432_608, -99_133_209
		}
		if rapid.Bool().Draw(t, "plan") {
			c.Next, c.NextOn = collections.Call, h.today().AddDays(rapid.IntRange(0, collections.MaxAhead).Draw(t, "ahead"))
		}
		var got collections.Contact
		got, err = give(h, actor, lending.RegisterContact{LoanID: l.ID, Contact: c})
		if err == nil && (got.LoanID != l.ID || got.ClientID != l.ClientID || got.MadeBy != actor || got.Result != c.Result) {
			t.Fatalf("got %+v, want %+v about %s", got, c, l.ID)
		}
	case 1, 2:
		h.promise(t, l, actor)
		return
	case 3:
		h.cancelPromise(t, actor)
		return
	case 4:
		c := lending.AddCollectionNote{LoanID: rapid.SampledFrom([]id.ID{l.ID, l.ID, {9}}).Draw(t, "loan or none"), Text: "Ñoño"}
		_, err = give(h, actor, c)
		owes = c.LoanID == l.ID
	default:
		c := lending.AssignCollector{LoanID: l.ID, Collector: rapid.SampledFrom([]string{"caja1", "caja2", "caja3", ""}).Draw(t, "assigned")}
		u, known := staff.Users.Row(h.Memory, c.Collector)
		_, err = give(h, actor, c)
		owes = c.Collector == "" || known && !u.Disabled
		if a, found := lending.Collectors.Row(h.Memory, l.ID); err == nil && (found != (c.Collector != "") || a.Collector != c.Collector) {
			t.Fatalf("got the collector %+v, want %q", a, c.Collector)
		}
	}
	if owes != (err == nil) {
		t.Fatalf("a loan that is %s: got %v, want it accepted: %t", l.Status, err, owes)
	}
}

// promise makes a promise. A loan has at most one whose day is not over.
func (h *history) promise(t *rapid.T, l lending.Loan, actor string) {
	pending := false
	for _, p := range lending.Promises.Rows(h.Memory) {
		pending = pending || p.LoanID == l.ID && p.Pending(h.today())
	}
	c := lending.PromisePayment{LoanID: l.ID, Amount: rapid.SampledFrom([]money.Amount{1, 50_00, 7_00, money.Max}).Draw(t, "promised"), Due: h.today().AddDays(rapid.IntRange(-1, 20).Draw(t, "in days"))}
	got, err := give(h, actor, c)
	switch owes := servicing.Alive(l.Status) || l.Status == servicing.WrittenOff; {
	case !owes && !fault.Is(err, collections.NotCollectable):
		t.Fatalf("a loan that is %s: got %v, want %s", l.Status, err, collections.NotCollectable)
	case owes && pending && err == nil:
		t.Fatalf("got a second promise %+v, want a refusal", got)
	case (c.Due.Before(h.today()) || c.Amount == money.Max) && err == nil:
		t.Fatalf("got the promise %+v, want a refusal", got)
	case err == nil && (got.Status != collections.Open || got.Amount != c.Amount || got.LoanID != l.ID):
		t.Fatalf("got %+v, want %+v open", got, c)
	}
}

// cancelPromise cancels any promise. One that was cancelled or whose day is over is refused.
func (h *history) cancelPromise(t *rapid.T, actor string) {
	var promises []id.ID
	for _, p := range lending.Promises.Rows(h.Memory) {
		promises = append(promises, p.ID)
	}
	p, _ := lending.Promises.Row(h.Memory, anyOf(t, "promise", promises))
	got, err := give(h, actor, lending.CancelPromise{LoanID: p.LoanID, PromiseID: p.ID, Reason: "acordó otra fecha"})
	if pending := p.Pending(h.today()); pending != (err == nil) || !pending && !fault.Is(err, collections.PromiseDecided) || pending && got.Status != collections.Cancelled {
		t.Fatalf("cancelling %+v: got %+v, %v, want it cancelled: %t", p, got, err, pending)
	}
}
