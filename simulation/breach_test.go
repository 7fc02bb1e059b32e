package simulation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// plantedOn is the day on which a test breaks an invariant: the last of January, with
// many payments and a complete check of the books.
const plantedOn = checkEvery

// change returns the SQL of a change to the stored data.
type change func(*db.DB) string

func statement(sql string) change { return func(*db.DB) string { return sql } }

// setLines sets a column of the lines of the journal that meet a condition.
func setLines(column, value, where string, args ...any) change {
	return func(d *db.DB) string { return office.SetLines(d, column, value, fmt.Sprintf(where, args...)) }
}

// doneBy changes the user of the last audit row that meets a condition.
func doneBy(user, where string) change {
	return statement(fmt.Sprintf("UPDATE journal SET actor = %s WHERE id = (SELECT max(id) FROM journal WHERE refusal IS NULL AND %s)", user, where))
}

// latest is the condition of the lines on a side of an account, of the last entry that has one.
func latest(account, side string) string {
	line := fmt.Sprintf("account = '%s' AND %s > 0", account, side)
	return fmt.Sprintf("%[1]s AND entry_id = (SELECT max(entry_id) FROM posted WHERE %[1]s)", line)
}

// lastPayment is the condition of the line with the money of the last payment to a till or bank account.
const lastPayment = "account IN ('1101', '1102') AND debit > 0 AND entry_id = (SELECT max(j.id) FROM journal j JOIN posted m ON m.entry_id = j.id WHERE j.action = 'receive_payment' AND m.account IN ('1101', '1102') AND m.debit > 0)"

// TestABreachEndsThePlay breaks each invariant in the stored data. The simulation stops
// with the invariant, the day and the command that repeats it.
func TestABreachEndsThePlay(t *testing.T) {
	move := func(account, side, to string) change {
		return setLines("account", "'"+to+"'", "%s", latest(account, side))
	}
	idle := "(SELECT min(id) FROM loans WHERE version > 0 AND id NOT IN (SELECT loan_id FROM loan_transactions WHERE business_date = '2025-01-31'))"
	active := "(SELECT min(id) FROM loans WHERE status = 'ACTIVE' AND stage = 1)"
	for _, c := range []struct {
		invariant string
		change    change
	}{
		{balanced, setLines("amount", "amount + 1", "%s", lastPayment)},
		{handedOver, move("1301", "credit", "1102")},
		{placed, setLines("account", "'1103'", "%s", lastPayment)},
		{placed, setLines("subject", "(SELECT min(id) FROM loans)", "%s", lastPayment)},
		{controlled, statement("UPDATE loans SET balance = balance + 1 WHERE id = " + active)},
		{controlled, statement("UPDATE loans SET unapplied = unapplied + 1 WHERE id = " + active)},
		{controlled, statement("UPDATE loans SET written_off = 1 WHERE id = " + active)},
		{solvent, move("2402", "credit", "1450")},
		{mirrored, move("2401", "debit", "2402")},
		{positioned, move("1302", "credit", "5101")},
		{rating, statement("CREATE TRIGGER wrong AFTER INSERT ON daily_positions BEGIN UPDATE daily_positions SET provision = provision + 1 WHERE day = NEW.day AND loan_id = NEW.loan_id; END")},
		{followed, statement("UPDATE loans SET status = 'RESTRUCTURED' WHERE id = (SELECT loan_id FROM loan_transactions WHERE kind = 'payment' ORDER BY at DESC LIMIT 1)")},
		{closable, statement("UPDATE loans SET outlook = x'ff' WHERE id = " + active)},
		{perClient, statement("UPDATE journal SET client_id = (SELECT max(client_id) FROM loans WHERE version > 0) WHERE subject = " + idle)},
		{entitled, doneBy("'auditoria'", "action = 'receive_payment'")},
		{entitled, doneBy("CASE actor WHEN 'oficial.puebla' THEN 'oficial.oaxaca' ELSE 'oficial.puebla' END", "actor LIKE 'oficial.%' AND client_id IS NOT NULL")},
		{recorded, doneBy("'caja2.oaxaca'", "actor = 'caja.oaxaca' AND action = 'receive_payment'")},
		{judged, statement("UPDATE requests SET decided_by = filed_by WHERE state = 'APPROVED'")},
		{judged, statement("UPDATE requests SET decided_by = 'oficial.cordoba' WHERE state = 'APPROVED' AND filed_by <> 'oficial.cordoba'")},
		{"clients have the right number of loans", statement("UPDATE clients SET loans = loans + 1")},
	} {
		t.Run(c.invariant, func(t *testing.T) {
			t.Parallel()
			planted(t, c.invariant, func(s *institution) {
				s.afterPending(func() {
					office.Unguard(t, s.DB)
					office.Run(t, s.DB, c.change(s.DB))
				})
			})
		})
	}
}

// TestWrongAnswersAreSeen expects wrong answers of commands.
func TestWrongAnswersAreSeen(t *testing.T) {
	some := func(s *institution) *trackedLoan { return s.loans[0] }
	for _, c := range []struct {
		invariant string
		ask       func(*institution)
	}{
		{allowed, func(s *institution) {
			submit(s, head, lending.WriteOffLoan{LoanID: id.ID{1}}, nothing[servicing.Transaction])
		}},
		{allowed, func(s *institution) {
			submit(s, some(s).owner.staff("caja"), lending.ReceivePayment{LoanID: some(s).id}, nothing[servicing.Transaction])
		}},
		{forbidden, func(s *institution) {
			submitRefused(s, head, servicing.NotActive, lending.WriteOffLoan{LoanID: id.ID{1}})
		}},
		{forbidden, func(s *institution) {
			submitRefused(s, some(s).owner.staff("oficial"), access.FourEyes, lending.GrantLoan{ClientID: some(s).owner.id, Terms: loan.Terms{Amount: 1, TermMonths: 1}})
		}},
		{allowed, func(s *institution) { // refused within the limits
			act(s, matter[servicing.Transaction]{
				command: lending.WriteOffLoan{LoanID: some(s).id}, actor: some(s).owner.staff("oficial"), uses: func() []bank.Use { return nil },
			}, nil)
		}},
		{forbidden, func(s *institution) { // done beyond the limits
			act(s, matter[collections.Assignment]{
				command: lending.AssignCollector{LoanID: some(s).id}, actor: some(s).owner.staff("gerente"),
				uses: func() []bank.Use { return []bank.Use{{Operation: staff.WritingOff, Amount: money.Max}} },
			}, nil)
		}},
		{once, func(s *institution) { // the key is used again
			s.queue.keys--
			again := lending.ReceivePayment{LoanID: some(s).id, Operation: servicing.Operation{Amount: 1}}
			teller := some(s).owner.staff("caja")
			submitTwice(s, teller, again, again, nothing[servicing.Transaction])
			s.queue.keys--
			submitTwice(s, teller, again, again, nothing[servicing.Transaction])
		}},
		{covered, func(s *institution) {
			at := settlement.CashAt(id.ID{1})
			s.audit.posted[at], s.audit.places[at] = -1, -1
		}},
		{followed, func(s *institution) { some(s).account.Outstanding++; some(s).touch(s) }},
	} {
		t.Run(c.invariant, func(t *testing.T) {
			t.Parallel()
			planted(t, c.invariant, c.ask)
		})
	}
}

// afterPending runs a function after all commands in the queue are answered.
func (s *institution) afterPending(do func()) {
	s.queue.pending = append(s.queue.pending, step(func() {
		s.queue.pending = append(s.queue.pending, step(do))
	}))
}

// step is a request without a command, whose judge is a function.
func step(do func()) request {
	return request{start: func(context.Context) {}, wait: func() error { return nil }, judge: func() error { do(); return nil }}
}

func nothing[A any](A) error { return nil }

// touch makes the audit check the loan.
func (c *trackedLoan) touch(s *institution) { s.recordCash(c, 0, settlement.Place{}) }

// planted runs the simulation and expects the breach on the day on which it is planted.
func planted(t *testing.T, invariant string, plant func(*institution)) {
	t.Helper()
	s, err := open(t.Context(), Options{DB: ground.Open(t, ground.Config(t, ground.SQLite)), Seed: 27, Days: 61, Clients: 40})
	if err != nil {
		t.Fatal(err)
	}
	defer s.bank.Close()
	s.on(plantedOn, func() { plant(s) })
	for s.day < s.Days && err == nil {
		err = s.playDay(t.Context())
	}
	var breach *Breach
	if !errors.As(err, &breach) || breach.Invariant != invariant || breach.Day != plantedOn {
		t.Fatalf("planted a breach of %q: on day %d got %v, want the breach on day %d", invariant, s.day, err, plantedOn)
	}
	message := breach.Error()
	for _, part := range []string{invariant, fmt.Sprintf("day %d (2025-01-31)", plantedOn), "seed 27", "sofipo demo --seed 27 --days 61 --clients 40 --from 2025-01-02"} {
		if !strings.Contains(message, part) {
			t.Errorf("got %q, want %q in it", message, part)
		}
	}
}
