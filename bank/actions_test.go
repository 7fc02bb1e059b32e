package bank

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"pgregory.net/rapid"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
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
	_, _ = give(h, "ana", &RegisterClient{FullName: "Ñandú Ácido", Email: fmt.Sprintf("c%d@example.com", n), RFC: fmt.Sprintf("PEPJ800101%03d", n)})
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
		_, err = give(h, "ana", RetireProduct{p.Code})
	case 1, 2:
		_, err = give(h, "ana", CreateProduct{p})
	default:
		_, err = give(h, "ana", ChangeProduct{p})
	}
	if err != nil && !fault.Is(err, fault.ProductExists) && !fault.Is(err, fault.ProductNotFound) && !fault.Is(err, fault.Invalid) {
		t.Fatal(err)
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
		p.Commissions = schedule.Commissions{Opening: schedule.Commission{Rate: 20_000}, Periodic: schedule.Commission{Amount: 3_50}, IVARate: 160_000,
			OpeningPayment: rapid.SampledFrom([]schedule.OpeningPayment{schedule.Apart, schedule.Deducted}).Draw(t, "opening")}
		p.Insurance = 12_50
	}
	if p.Method == schedule.Level || p.Method == schedule.EqualPrincipal {
		p.Grace = rapid.SampledFrom([]schedule.Grace{{}, {PrincipalPeriods: 1}, {PrincipalPeriods: 1, InterestPeriods: 1, Mode: schedule.Defer},
			{PrincipalPeriods: 2, InterestPeriods: 2, Mode: schedule.Capitalise}, {InterestPeriods: 2, Mode: schedule.Waive}}).Draw(t, "grace")
	}
	p.Moratorium = product.Late{
		Rate:      rate.Annual(rapid.SampledFrom([]int{300_000, 0, 1_200_000}).Draw(t, "moratorium")),
		Base:      rapid.SampledFrom([]product.MoratoriumBase{product.OverduePrincipal, product.OverduePrincipalAndInterest}).Draw(t, "base"),
		Mode:      rapid.SampledFrom([]product.MoratoriumMode{product.Additional, product.Replaces}).Draw(t, "mode"),
		GraceDays: rapid.IntRange(0, 3).Draw(t, "grace days"),
	}
	p.Allocation = rapid.Permutation(product.Components).Draw(t, "allocation")
	p.Strategy = rapid.SampledFrom([]product.Strategy{product.OldestFirst, product.ByConcept}).Draw(t, "strategy")
	p.Excess = rapid.SampledFrom([]product.Excess{product.ReduceInstalment, product.ReduceTerm, product.HoldAsAdvance}).Draw(t, "excess")
	p.Limits = product.Limits{ApprovalLimit: rapid.SampledFrom([]money.Amount{1, 50_000_00, money.Max}).Draw(t, "approval limit")}
	return p
}

// keys are sorted, so that a draw means the same each time.
func keys[V any](rows map[id.ID]V) []id.ID { return slices.SortedFunc(maps.Keys(rows), byID) }

func anyOf(t *rapid.T, what string, ids []id.ID) id.ID {
	if len(ids) == 0 {
		t.Skip("there is none: ", what)
	}
	return rapid.SampledFrom(ids).Draw(t, what)
}

func (h *history) apply(t *rapid.T) (loan.Loan, error) {
	c := ApplyForLoan{
		ClientID: anyOf(t, "borrower", keys(h.tables.clients)), Product: rapid.SampledFrom(slices.Sorted(maps.Keys(h.tables.products))).Draw(t, "product"),
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
	if len(h.loansWith(func(l lending) bool { return l.serial == 0 })) >= 4 {
		t.Skip("enough applications")
	}
	_, _ = h.apply(t)
}

// lend makes a product if there is none of the code and lends on it, all at once.
func (h *history) lend(t *rapid.T) {
	if len(h.loansWith(func(l lending) bool { return l.serial > 0 })) >= 5 {
		t.Skip("enough loans")
	}
	h.changeProducts(t)
	l, err := h.apply(t)
	if err != nil {
		return
	}
	approver := rapid.SampledFrom([]string{"ana", "luis", "eva", "eva"}).Draw(t, "approver")
	approved, err := give(h, approver, ApproveLoan{l.ID})
	p := h.tables.products[l.Product][l.ProductVersion-1]
	if four := l.Amount > p.Limits.ApprovalLimit && approver == l.AppliedBy; four != fault.Is(err, fault.FourEyes) || !four && err != nil {
		t.Fatalf("%s approves what %s applied for, %s of at most %s alone: %v", approver, l.AppliedBy, l.Amount, p.Limits.ApprovalLimit, err)
	}
	if err != nil {
		return
	}
	if got, err := give(h, "ana", DisburseLoan{LoanID: l.ID}); err == nil && (got.Status != servicing.Active || got.Balance != l.Amount || approved.ApprovedBy != approver) {
		t.Fatalf("disbursed: %+v", got)
	}
}

func (h *history) grant(t *rapid.T) {
	if len(h.tables.loans) >= 8 {
		t.Skip("enough loans")
	}
	borrowers := append(keys(h.tables.clients), id.ID{9}) // one that there is not
	_, _ = give(h, "ana", GrantLoan{ClientID: anyOf(t, "borrower", borrowers), Terms: loan.Terms{
		Amount: rapid.SampledFrom([]money.Amount{50_000_00, 1}).Draw(t, "amount"), Rate: 150_000, TermMonths: rapid.Int64Range(1, 24).Draw(t, "months")}})
}

// decideOnLoan tries a change of state on any loan.
func (h *history) decideOnLoan(t *rapid.T) {
	l := h.tables.loans[anyOf(t, "loan", keys(h.tables.loans))]
	actor := actors.Draw(t, "actor")
	type verb struct {
		to  servicing.Status
		run func() (loan.Loan, error)
	}
	v := rapid.SampledFrom([]verb{
		{servicing.Approved, func() (loan.Loan, error) { return give(h, actor, ApproveLoan{l.ID}) }},
		{servicing.Rejected, func() (loan.Loan, error) { return give(h, actor, RejectLoan{l.ID, "sin capacidad"}) }},
		{servicing.Active, func() (loan.Loan, error) { return give(h, actor, DisburseLoan{LoanID: l.ID}) }},
		{servicing.Cancelled, func() (loan.Loan, error) { return give(h, actor, CancelLoan{l.ID, "desistió"}) }},
	}).Draw(t, "to")
	can := servicing.CanBecome(l.Status, v.to)
	if v.to == servicing.Cancelled && l.serial > 0 {
		can = can && l.Opened == h.today() && h.lending(l.ID).account.Operations == 0
	}
	got, err := v.run()
	if fault.Is(err, fault.LoanState) == can || err == nil && got.Status != v.to {
		t.Fatalf("from %s to %s: %s, %v", l.Status, v.to, got.Status, err)
	}
}

func (h *history) loansWith(keep func(lending) bool) (ids []id.ID) {
	for _, loanID := range keys(h.tables.loans) {
		if keep(h.tables.loans[loanID].lending) {
			ids = append(ids, loanID)
		}
	}
	return ids
}

// disbursed draws a loan that has an account.
func (h *history) disbursed(t *rapid.T, keep func(servicing.Status) bool) lending {
	return h.lending(anyOf(t, "loan", h.loansWith(func(l lending) bool { return l.serial > 0 && keep(l.Status) })))
}

func (h *history) lending(loanID id.ID) lending {
	var n Needs
	n.Loan(loanID)
	l, err := h.tables.load(h.writer.bank, &n).lending(loanID)
	if err != nil {
		h.t.Fatal(err)
	}
	return l
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
func (h *history) anyDay(t *rapid.T, l lending) civil.Date {
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
	c := ReceivePayment{LoanID: l.ID, ValueDate: h.anyDay(t, l), Kind: anyKind.Draw(t, "kind")}
	on := h.today()
	if !c.ValueDate.IsZero() && c.ValueDate.Before(on) {
		on = c.ValueDate
	}
	c.Amount = anyAmount(t, l.account, on)
	h.operation(t, l, func() (servicing.Movement, error) {
		m, err := give(h, "ana", c)
		if err == nil && (!slices.Contains(servicing.Payments, m.Kind) || m.Kind != c.Kind && c.Kind != "") {
			t.Fatalf("a payment of kind %q became %+v", c.Kind, m)
		}
		return m, err
	}, c.ValueDate)
}

// anyKind is mostly one that a payment may have.
var anyKind = rapid.SampledFrom([]servicing.Kind{"", "", servicing.Ordinary, servicing.Ordinary, servicing.Prepayment, servicing.Prepayment, servicing.AdvancePayment,
	servicing.AdvancePayment, servicing.WriteOffKind, servicing.RecoveryKind})

// operation does something to a loan and, at random, takes it back at once,
// which must leave the account and the books exactly as they were.
func (h *history) operation(t *rapid.T, l lending, do func() (servicing.Movement, error), valueDate civil.Date) {
	trial := h.tables.trial()
	m, err := do()
	if closed := !valueDate.IsZero() && !valueDate.After(h.tables.closed); err == nil && closed {
		t.Fatalf("%s of %s was taken, and the books are closed through %s", m.Kind, valueDate, h.tables.closed)
	}
	if err != nil {
		return
	}
	if m.Number != l.movements+1 || m.Status != servicing.InForce || m.LoanID != l.ID {
		t.Fatalf("%+v", m)
	}
	ends := !servicing.Alive(h.tables.loans[l.ID].Status)
	if back := rapid.IntRange(0, 3).Draw(t, "take it back") == 0; back == ends { // most ends are taken back, so that loans live on
		return
	}
	if _, err := give(h, "luis", ReverseMovement{LoanID: l.ID, MovementID: m.ID}); err != nil {
		t.Fatalf("%s cannot be taken back: %v", m.Kind, err)
	}
	after := h.lending(l.ID)
	after.serial, after.movements, after.moved, after.booked = l.serial, l.movements, l.moved, l.booked
	if !reflect.DeepEqual(after, l) {
		t.Fatalf("%s taken back leaves\n%+v\nwas\n%+v", m.Kind, after, l)
	}
	if now := h.tables.trial(); !sameBooks(now, trial) {
		t.Fatalf("%s taken back leaves the books at %v, were %v", m.Kind, now[l.ID], trial[l.ID])
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

// payable draws a loan that owes on this day, with what ends it.
func (h *history) payable(t *rapid.T) (lending, money.Amount) {
	l := h.disbursed(t, servicing.Alive)
	total := servicing.PayoffOf(l.account, h.today()).Total
	if rolled, _ := servicing.Roll(l.account, h.today()); !servicing.Alive(rolled.Status) || total == 0 {
		t.Skip("owes nothing")
	}
	return l, total
}

// payOff pays exactly what ends the loan.
func (h *history) payOff(t *rapid.T) {
	l, total := h.payable(t)
	h.end(t, l, total)
}

func (h *history) end(t *rapid.T, l lending, total money.Amount) {
	do := func() (servicing.Movement, error) {
		m, err := give(h, "ana", ReceivePayment{LoanID: l.ID, Amount: total, Kind: servicing.Prepayment})
		if got := h.tables.loans[l.ID]; err != nil || got.Status != servicing.PaidOff || got.Balance != 0 || got.Advance != 0 || got.interest != 0 || got.iva != 0 {
			t.Fatalf("the payoff of %s leaves %+v, %v", total, got.Loan, err)
		}
		return m, err
	}
	h.operation(t, l, do, civil.Date{})
}

// payTooMuch is refused with the payoff, which is then accepted.
func (h *history) payTooMuch(t *rapid.T) {
	l, total := h.payable(t)
	_, err := give(h, "ana", ReceivePayment{LoanID: l.ID, Amount: total + money.Amount(rapid.Int64Range(1, 100).Draw(t, "too much"))})
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Code != fault.OverPayment || refusal.Values["payoff"] != total {
		t.Fatalf("more than %s: %v", total, err)
	}
	h.end(t, l, refusal.Values["payoff"].(money.Amount))
}

func (h *history) recover(t *rapid.T) {
	l := h.disbursed(t, func(s servicing.Status) bool { return s == servicing.WrittenOff })
	owed := l.account.WrittenOff.Sum()
	c := RecoverLoan{LoanID: l.ID, ValueDate: h.anyDay(t, l), Amount: owed * money.Amount(rapid.SampledFrom([]int{30, 50, 99, 100, 1, 0}).Draw(t, "percent")) / 100}
	if rapid.IntRange(0, 9).Draw(t, "too much") == 0 {
		c.Amount = owed + 1
	}
	h.operation(t, l, func() (servicing.Movement, error) {
		m, err := give(h, "ana", c)
		if c.Amount > owed && err == nil {
			t.Fatalf("%s was recovered of %s", c.Amount, owed)
		}
		return m, err
	}, c.ValueDate)
}

func (h *history) writeOff(t *rapid.T) {
	if rapid.IntRange(0, 1).Draw(t, "rarely") == 0 {
		t.Skip("most loans are to live")
	}
	l := h.disbursed(t, anyStatus)
	h.operation(t, l, func() (servicing.Movement, error) { return give(h, "luis", WriteOffLoan{l.ID}) }, civil.Date{})
}

func (h *history) restructure(t *rapid.T) {
	l := h.disbursed(t, anyStatus)
	c := RestructureLoan{LoanID: l.ID, Rate: rapid.SampledFrom([]rate.Annual{150_000, 900_000, 0, 1, 1_000_001}).Draw(t, "rate"), Periods: rapid.IntRange(0, 9).Draw(t, "periods"), Capitalise: rapid.Bool().Draw(t, "capitalise")}
	if rapid.IntRange(0, 3).Draw(t, "first due") == 0 {
		c.FirstDue = h.today().AddDays(rapid.IntRange(-1, 20).Draw(t, "days to it"))
	}
	h.operation(t, l, func() (servicing.Movement, error) { return give(h, "luis", c) }, civil.Date{})
}

// reverse takes any movement back; one that does not count is refused.
func (h *history) reverse(t *rapid.T) {
	l := h.disbursed(t, anyStatus)
	n := rapid.IntRange(0, l.movements).Draw(t, "movement")
	m := h.tables.movements[movementKey{l.ID, n}]
	got, err := give(h, "luis", ReverseMovement{LoanID: l.ID, MovementID: m.ID, Reason: "cuenta equivocada"})
	if _, counts := m.Operation(); counts && fault.Is(err, fault.LoanState) || !counts && !fault.Is(err, fault.LoanState) {
		t.Fatalf("a %s that counts (%t) taken back: %v", m.Kind, counts, err)
	}
	now := h.tables.movements[movementKey{l.ID, n}]
	if err == nil && (now.ReversedBy != got.ID || now.Status != servicing.Reversed || got.Kind != servicing.Reversal || got.Amount != m.Amount) {
		t.Fatalf("%+v was taken back by %+v", now, got)
	}
}

func (h *history) proposeVoucher(t *rapid.T) {
	amount := rapid.SampledFrom([]money.Amount{15_00, 15_00, 1, 0}).Draw(t, "amount")
	other := amount + money.Amount(rapid.SampledFrom([]int64{0, 0, 0, 0, 1}).Draw(t, "more"))
	account := rapid.SampledFrom([]ledger.Account{"6401", "5301", "1102", "1301", "9999"})
	c := ProposeVoucher{Description: "Renta", Lines: []accounting.Line{{Account: account.Draw(t, "debit"), Debit: amount}, {Account: account.Draw(t, "credit"), Credit: other}}}
	if rapid.Bool().Draw(t, "dated") {
		c.Date = h.today().AddDays(rapid.IntRange(-60, 1).Draw(t, "date"))
	}
	v, err := give(h, actors.Draw(t, "proposer"), c)
	if err == nil && (amount != other || v.Lines[0].Account == "1301" || v.Lines[1].Account == "9999" || !v.Date.After(h.tables.closed) || v.Date.After(h.today())) {
		t.Fatalf("taken: %+v", v)
	}
}

func (h *history) decideOnVoucher(t *rapid.T) {
	v := h.tables.vouchers[anyOf(t, "voucher", keys(h.tables.vouchers))]
	c := DecideVoucher{VoucherID: v.ID, Post: rapid.Bool().Draw(t, "post")}
	actor := actors.Draw(t, "actor")
	n := len(h.tables.entries)
	got, err := give(h, actor, c)
	switch {
	case v.Status != accounting.Proposed:
		if !fault.Is(err, fault.VoucherDecided) {
			t.Fatal(err)
		}
	case v.ProposedBy == actor:
		if !fault.Is(err, fault.FourEyes) {
			t.Fatal(err)
		}
	case c.Post && !v.Date.After(h.tables.closed):
		if !fault.Is(err, fault.PeriodClosed) {
			t.Fatal(err)
		}
	case err != nil || c.Post != (got.Status == accounting.Posted) || c.Post != (len(h.tables.entries) == n+1):
		t.Fatalf("%+v, %v", got, err)
	}
}

func (h *history) closePeriod(t *rapid.T) {
	month := h.today().AddDays(-rapid.IntRange(0, 100).Draw(t, "days ago"))
	before := h.tables.closed
	got, err := give(h, "luis", ClosePeriod{month})
	if may := month.MonthEnd().Before(h.today()) && month.MonthEnd().After(before); may != (err == nil) || may && (got.ClosedThrough != month.MonthEnd() || h.tables.closed != got.ClosedThrough) {
		t.Fatalf("closing %s on %s after %s: %+v, %v", month, h.today(), before, got, err)
	}
}
