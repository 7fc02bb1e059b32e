package lending_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sofipo/bank"
	"sofipo/bank/authority"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	screens "sofipo/bank/screening"
	"sofipo/bank/settlement"
	"sofipo/bank/staff"
	requests "sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/rate"
	"sofipo/core/screening"
	places "sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/infra/db"
	"sofipo/infra/files"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/test/random"
)

// Sizes of the random histories. A failure prints the commands and the -rapid.seed that
// repeats them; TEST_TIMES=50 plays fifty times as many histories.
const (
	steps     = 120 // commands of a history, on average
	histories = 3   // played on both databases
)

var rules = bank.Rules{RFC: mx.TierStructural}

// TestAnyHistoryOnTheBookAlone plays random commands over many days. After each
// the books balance, every control account is its sub-ledger, every loan is what
// its transactions make of it, and what was refused has written nothing.
func TestAnyHistoryOnTheBookAlone(t *testing.T) {
	random.Set(t, "rapid.steps", steps)
	done, refused, left := map[string]int{}, map[string]int{}, map[string]int{}
	missing := func() (all []string) {
		for _, what := range []string{"interest", "IVA", "unapplied funds", "written off", "penalty interest", "PAID_OFF", "RESTRUCTURED", "WRITTEN_OFF", "CANCELLED", "REJECTED", "reversed",
			"reversed by cash", "in force by cash", "in force by cheque", "payment APPLIED", "payment SUSPENSE", "payment ASSIGNED", "payment RETURNED", "payment INCOME",
			"disbursed in cash", "closed branch", "approved write_off_loan", "approved define_role", "cleared alert", "blocked payment"} {
			if left[what] == 0 {
				all = append(all, "no history left anything of: "+what)
			}
		}
		for _, name := range tableNames() {
			if left["row of "+name] == 0 {
				all = append(all, "no history left a row of "+name)
			}
		}
		for _, verb := range []string{
			"register_client", "update_client", "delete_client", "add_user", "change_password", "disable_user",
			"create_product", "change_product", "retire_product", "grant_loan", "apply_for_loan", "approve_loan", "reject_loan", "disburse_loan", "cancel_loan",
			"receive_payment", "recover_loan", "write_off_loan", "restructure_loan", "reverse_transaction", "propose_manual_entry", "post_manual_entry", "reject_manual_entry", "close_period",
			"edit_application", "file_request",
			"open_till", "count_till", "close_till", "move_cash", "register_bank_file", "take_incoming_payment", "finish_bank_file",
			"assign_deposit", "return_deposit", "take_deposit_to_income", "move_payment", "refund_unapplied",
			"register_client_file", "change_client_file", "add_note", "record_consent",
			"register_contact", "promise_payment", "cancel_promise", "add_collection_note", "assign_collector",
			"add_branch", "change_branch", "close_branch", "reassign_client", "add_till", "move_funds",
			"enable_user", "change_user", "assign_role", "end_sessions", "change_own_password", "change_preferences",
			"approve_request", "reject_request", "withdraw_request", "open_session", "end_session", "save_draft", "remove_draft",
			"change_institution", "remove_logo", "add_document", "import_screening_list", "screen_client", "complete_screening", "decide_screening_alert",
		} {
			if done[verb] == 0 || refused[verb] == 0 {
				all = append(all, fmt.Sprintf("%s: done %d times, refused %d times", verb, done[verb], refused[verb]))
			}
		}
		return all
	}
	store := files.Folder(t.TempDir())
	for round := 0; round == 0 || round < 30 && !t.Failed() && missing() != nil; round++ { // by chance something rare is not in the first
		random.Check(t, func(t *rapid.T) {
			h := anyHistory(t, store)
			for _, o := range h.orders {
				if o.err == nil {
					done[o.name]++
				} else {
					refused[o.name]++
				}
			}
			h.countLeft(left)
		})
	}
	t.Log(done, refused, left)
	for _, what := range missing() {
		t.Error(what)
	}
}

// countLeft counts the results of a history, so that a history without them is noticed.
func (h *history) countLeft(left map[string]int) {
	for _, l := range lending.Loans.Rows(h.Memory) {
		left[string(l.Status)]++
		paid := money.Amount(0)
		if l.Serial > 0 {
			paid = h.lending(l.ID).Account.Paid.PenaltyInterest
		}
		for what, amount := range map[string]money.Amount{"interest": l.Interest, "IVA": l.IVA, "unapplied funds": l.Unapplied, "written off": l.WrittenOff, "penalty interest": paid} {
			if amount > 0 {
				left[what]++
			}
		}
	}
	for _, m := range lending.Transactions.Rows(h.Memory) {
		if m.Status == servicing.Reversed {
			left["reversed"]++
			left["reversed by "+string(m.Method)]++
		} else {
			left["in force by "+string(m.Method)]++
		}
	}
	h.countOffices(left)
	for _, p := range settlement.Incoming.Rows(h.Memory) {
		left["payment "+string(p.Status)]++
	}
	for line := range strings.Lines(h.Text()) {
		left["row of "+strings.Fields(line)[0]]++
	}
}

// countOffices is countLeft for branches, requests, alerts and money paid out.
func (h *history) countOffices(left map[string]int) {
	for _, m := range lending.Transactions.Rows(h.Memory) {
		switch {
		case m.TillID.IsZero():
		case m.Kind == servicing.Disbursement:
			left["disbursed in cash"]++
		case m.Kind == servicing.Cancellation:
			left["cancelled in cash"]++
		}
	}
	for _, b := range staff.Branches.Rows(h.Memory) {
		if b.Closed {
			left["closed branch"]++
			if slices.ContainsFunc(settlement.Tills.Rows(h.Memory), func(t places.Till) bool { return t.BranchID == b.ID }) {
				left["closed branch with tills"]++
			}
		}
	}
	for _, r := range authority.Requests.Rows(h.Memory) {
		if r.State == requests.Approved {
			left["approved "+r.Operation]++
		}
	}
	for _, a := range screens.Alerts.Rows(h.Memory) {
		left[string(a.Status)+" alert"]++
	}
	for _, o := range h.orders {
		switch {
		case !fault.Is(o.err, screening.Blocked):
		case o.name == "disburse_loan" || o.name == "grant_loan":
			left["blocked payment"]++
		default:
			left["blocked registration"]++
		}
	}
}

// TestAnyHistoryOnBothDatabases plays random histories on the book alone, then
// again on the databases, in batches. Each command has the same outcome and the
// tables are the same to the byte; repeated with its key, it is answered alike.
func TestAnyHistoryOnBothDatabases(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PostgreSQL")
	}
	random.Set(t, "rapid.steps", steps)
	random.Set(t, "rapid.checks", histories)
	store := files.Folder(t.TempDir())
	random.Check(t, func(rt *rapid.T) {
		h := anyHistory(rt, store)
		batches := h.batches(rt)
		for _, name := range []string{ground.SQLite, ground.Postgres} {
			config := ground.Config(t, name)
			config.Key = nil // the book alone has no blind indexes
			h.replay(rt, t, ground.Open(t, config), batches)
		}
	})
}

// TestOneBatchOfOneLoan: a batch pays a loan, pays it for an earlier day, takes
// an older payment back, restructures it and writes it off; on both databases it
// comes out as one by one.
func TestOneBatchOfOneLoan(t *testing.T) {
	h := newHistory(t)
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	holder, err := give(h, "ana", &clients.RegisterClient{FullName: "Ana", Email: "a@example.com", RFC: "PEPJ800101001"})
	must(holder, err)
	p := product.Product{Code: "p1", Name: "Uno", PenaltyInterest: product.PenaltyTerms{Rate: 600_000}, IVA: rate.IVA{Rate: 160_000}, Fees: schedule.Fees{Origination: schedule.Fee{Rate: 10_000}}}
	must(give(h, "ana", lending.CreateProduct{Product: p}))
	lent, err := give(h, "ana", lending.ApplyForLoan{ClientID: holder.ID, Product: "p1", Amount: 90_000_00, Rate: 450_000, Periods: 12})
	must(lent, err)
	must(give(h, "ana", lending.ApproveLoan{LoanID: lent.ID}))
	must(give(h, "ana", lending.DisburseLoan{LoanID: lent.ID}))
	h.clock = h.clock.AddDate(0, 1, 10)
	older, err := give(h, "ana", lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 9_000_00}})
	must(older, err)
	before := len(h.orders)
	h.clock = h.clock.AddDate(0, 1, 0)
	must(give(h, "ana", lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 10_000_00, Kind: servicing.Prepayment}}))
	must(give(h, "ana", lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 700_00, ValueDate: h.today().AddDays(-35)}}))
	must(give(h, "luis", lending.ReverseTransaction{LoanID: lent.ID, TransactionID: older.ID}))
	must(give(h, "luis", lending.RestructureLoan{LoanID: lent.ID, Rate: 200_000, Periods: 18, Capitalise: true}))
	must(give(h, "ana", lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 50_00, ValueDate: h.today().AddDays(-50)}}))
	must(give(h, "luis", lending.WriteOffLoan{LoanID: lent.ID}))
	must(give(h, "ana", lending.RecoverLoan{LoanID: lent.ID, Amount: 1_000_00}))
	var batches [][]*order
	for i := range before {
		batches = append(batches, h.orders[i:i+1])
	}
	batches = append(batches, h.orders[before:])
	ground.Each(t, func(t *testing.T, d *db.DB) { h.replay(t, t, d, batches) })
}

// order is a command with its outcome on the book alone.
type order struct {
	index int
	at    time.Time
	name  string
	start func(*bank.Bank) (func() outcome, error) // gives it to a bank
	needs []id.ID                                  // ids that it names
	made  []id.ID                                  // of the rows that it added
	outcome
}

// outcome is the result of an order.
type outcome struct {
	text     []byte // the answer
	replayed bool
	err      error
}

// history is a bank without a database, and the commands that it carried out.
type history struct {
	memory
	t       rapid.TB
	source  *source
	clock   time.Time
	orders  []*order
	clients int
	store   files.Store
}

// source gives the same ids to the same command on every database.
type source struct{ *rand.ChaCha8 }

func (s *source) seek(index int) {
	var seed [32]byte
	binary.BigEndian.PutUint64(seed[:], uint64(index))
	s.ChaCha8 = rand.NewChaCha8(seed)
}

// Read fills p with the next bytes.
func (s *source) Read(p []byte) (int, error) { return s.ChaCha8.Read(p) }

// numbered is a command with ids that depend on its number.
type numbered[A any] struct {
	bank.Command[A]
	ids   *source
	index int
}

func (c numbered[A]) Authority(b *bank.Book) (bank.Authority, error) {
	if guarded, is := c.Command.(bank.Guarded); is {
		return guarded.Authority(b)
	}
	return bank.Authority{}, nil
}

func (c numbered[A]) Decide(b *bank.Book) (A, error) {
	c.ids.seek(c.index)
	return c.Command.Decide(b)
}

// newHistory begins one with what a fresh database has. The clock goes on by a
// millisecond with each command.
func newHistory(t rapid.TB) *history {
	h := &history{t: t, source: &source{}, clock: time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)}
	h.source.seek(0)
	m := bank.NewMemory(civil.Date{Year: 1999, Month: 12, Day: 31})
	lending.Products.Keep(m, lending.Product{Product: product.Seed(), CreatedAt: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), CreatedBy: "sofipo"})
	freshDatabase(m)
	h.memory = memory{m, m.Open(bank.Options{Rules: rules, Random: h.source, Clock: func() time.Time {
		h.clock = h.clock.Add(time.Millisecond)
		return h.clock
	}})}
	return h
}

// anyHistory plays a random history on the book alone, with a store of the documents' bytes.
func anyHistory(t *rapid.T, store files.Store) *history {
	h := newHistory(t)
	h.store = store
	h.clock = h.clock.AddDate(0, 0, rapid.IntRange(0, 800).Draw(t, "first day"))
	h.registerClient(t)
	h.equip(rapid.Bool().Draw(t, "till open"))
	if _, err := give(h, "luis", staff.AddUser{Username: "caja1", Password: "hash", Role: "teller"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		h.lend(t)
	}
	actions := map[string]func(*rapid.T){
		"apply": h.applyOnly, "edit": h.edit, "file a request": h.file, "collect": h.collect, "decide": h.decideOnLoan, "lend": h.lend, "grant": h.grant, "pay off": h.payOff, "pay too much": h.payTooMuch,
		"recover": h.recover, "write off": h.writeOff, "restructure": h.restructure, "entry": h.proposeEntry, "post or not": h.decideOnEntry,
		"till": h.useTill, "own till": h.useTill, "import": h.importFile, "resolve": h.resolve, "move": h.move, "refund": h.refund,
		"office": func(t *rapid.T) {
			rapid.SampledFrom([]func(*rapid.T){h.closePeriod, h.changeProducts, h.registerClient}).Draw(t, "office")(t)
		},
		"files": func(t *rapid.T) {
			rapid.SampledFrom([]func(*rapid.T){h.updateClient, h.deleteClient, h.addDocument, h.registerFile, h.changeFile}).Draw(t, "files")(t)
		},
		"branches": h.changeBranches, "users": h.changeUsers, "console": h.useConsole, "lists": h.changeLists, "decide a request": h.decideRequest,
		"changes": func(t *rapid.T) {
			rapid.SampledFrom([]func(*rapid.T){h.fileChange, h.changeInstitution}).Draw(t, "changes")(t)
		},
	}
	for what, often := range map[string]func(*rapid.T){"pay": h.pay, "tick": h.tick, "reverse": h.reverse} {
		for n := range map[string]int{"pay": 7, "tick": 4, "reverse": 2}[what] {
			actions[fmt.Sprint(what, " ", n)] = often
		}
	}
	t.Repeat(actions)
	if err := errors.Join(h.sound(h.loans()), h.soundOffice(), h.soundInstitution(), h.soundDocuments(store)); err != nil {
		t.Fatal(err)
	}
	return h
}

// give carries out a command on the book alone.
func give[A any](h *history, actor string, c bank.Command[A]) (answer A, err error) {
	h.t.Helper()
	if err := c.Check(rules); err != nil {
		h.refused(c.Name(), err)
		return answer, err
	}
	o := &order{index: len(h.orders), name: c.Name(), needs: idsIn(reflect.ValueOf(c))}
	key := fmt.Sprintf("key %d", o.index)
	by := bank.By{Actor: actor, System: true, CorrelationID: "history", Key: key, Request: sha256.Sum256([]byte(key))}
	command := numbered[A]{c, h.source, o.index}
	o.start = func(b *bank.Bank) (func() outcome, error) {
		started, err := bank.Start(context.Background(), b, by, command)
		return func() outcome { return outcomeOf(started.Wait()) }, err
	}
	people := len(clients.Clients.Rows(h.Memory))
	posted, closed, before := len(h.Entries), h.ClosedThrough, h.transactions(o.needs)
	receipt, rows, err := bank.Alone(h.solo, by, command)
	o.at, o.outcome = h.clock, outcomeOf(receipt, err)
	h.t.Logf("%s, %s: %s %+v: %v", h.today(), actor, o.name, c, o.err)
	h.orders = append(h.orders, o)
	if o.err != nil {
		h.refused(o.name, o.err)
		if blocked := fault.Is(o.err, screening.Blocked); rows > 0 && !blocked || len(h.Entries) > posted || len(clients.Clients.Rows(h.Memory)) > people {
			h.t.Fatalf("%s, refused with %v: got %d rows written, want none but an alert", o.name, o.err, rows)
		}
		return answer, o.err
	}
	h.noteMade(o, reflect.ValueOf(receipt.Answer), before)
	h.refuseBlocked(o, receipt.Answer)
	for _, e := range h.Entries[posted:] {
		if !e.BusinessDate.After(closed) {
			h.t.Fatalf("after %s %+v: got entry %s of %s, want a day after %s, through which the books are closed", o.name, c, e.ID, e.BusinessDate, closed)
		}
	}
	touched := h.loansAmong(slices.Concat(o.needs, o.made))
	if err := h.sound(touched); err != nil {
		h.t.Fatalf("after %s %+v: %v", o.name, c, err)
	}
	if len(touched) == 0 {
		if err := h.soundOffice(); err != nil {
			h.t.Fatalf("after %s %+v: %v", o.name, c, err)
		}
	}
	again, rows, err := bank.Alone(h.solo, by, command)
	if rows > 0 {
		h.t.Fatalf("%s repeated with its key: got %d rows written, want 0", o.name, rows)
	}
	sameReplay(h.t, o, outcomeOf(again, err))
	return receipt.Answer, nil
}

// refuseBlocked fails if a blocked person was registered or got money.
func (h *history) refuseBlocked(o *order, answer any) {
	h.t.Helper()
	if lent, is := answer.(loan.Loan); is && (o.name == "disburse_loan" || o.name == "grant_loan") {
		if c, _ := clients.Clients.Row(h.Memory, lent.ClientID); h.blocked(c, false) {
			h.t.Fatalf("%s paid %+v, who is blocked, want a refusal", o.name, c)
		}
	}
	for _, c := range clients.Clients.Rows(h.Memory) {
		if slices.Contains(o.made, c.ID) && h.blocked(c, true) {
			h.t.Fatalf("%s registered %+v, who is blocked, want a refusal", o.name, c)
		}
	}
}

func outcomeOf[A any](r bank.Receipt[A], err error) outcome {
	if err != nil {
		return outcome{err: err}
	}
	_, same := any(r.Answer).(json.Marshaler)
	if direct, able := any(r.Answer).(interface{ AppendJSON([]byte) []byte }); able && (r.Replayed || !same) {
		return outcome{direct.AppendJSON(nil), r.Replayed, nil}
	}
	var text bytes.Buffer
	plain := json.NewEncoder(&text)
	plain.SetEscapeHTML(false)
	err = plain.Encode(r.Answer)
	return outcome{bytes.TrimSuffix(text.Bytes(), []byte("\n")), r.Replayed, err}
}

// sameReplay checks that a replayed answer has the same bytes.
func sameReplay(t rapid.TB, o *order, got outcome) {
	t.Helper()
	if got.err != nil || !got.replayed || string(got.text) != string(o.text) {
		t.Fatalf("%s repeated with its key: got, replayed: %t, %v\n%s\nwant\n%s", o.name, got.replayed, got.err, got.text, o.text)
	}
}

var anID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// idsIn lists the ids that a command names.
func idsIn(command reflect.Value) (ids []id.ID) {
	for field, value := range reflect.Indirect(command).Fields() {
		switch {
		case !field.IsExported():
		case field.Type == reflect.TypeFor[id.ID]():
			ids = append(ids, value.Interface().(id.ID))
		case field.Type == reflect.TypeFor[bank.Order]():
			for _, text := range anID.FindAllString(string(value.Interface().(bank.Order).Body), -1) {
				found, _ := id.Parse(text)
				ids = append(ids, found)
			}
		case field.Type.Kind() == reflect.Struct:
			ids = append(ids, idsIn(value)...)
		}
	}
	return ids
}

// loansAmong returns the ids of loans among the ids.
func (h *history) loansAmong(ids []id.ID) (loans []id.ID) {
	for _, one := range ids {
		if _, found := lending.Loans.Row(h.Memory, one); found {
			loans = append(loans, one)
		}
	}
	return loans
}

// transactions counts the transactions of the loans among the ids.
func (h *history) transactions(ids []id.ID) map[id.ID]int {
	counts := map[id.ID]int{}
	for _, loanID := range h.loansAmong(ids) {
		if l, _ := lending.Loans.Row(h.Memory, loanID); l.Serial > 0 {
			counts[loanID] = l.Transactions + 1
		}
	}
	return counts
}

// noteMade records the ids of the rows that an order added.
func (h *history) noteMade(o *order, answer reflect.Value, before map[id.ID]int) {
	if answer.Kind() == reflect.Slice { // payments
		for _, p := range answer.Interface().([]incoming.Payment) {
			o.made = append(o.made, p.ID)
		}
	} else if answer.Kind() != reflect.Struct { // a number
	} else if field := answer.FieldByName("ID"); field.IsValid() {
		if one := field.Interface().(id.ID); !slices.Contains(o.needs, one) {
			o.made = append(o.made, one)
		}
	}
	for loanID, count := range h.transactions(slices.Concat(o.needs, o.made)) {
		for n := before[loanID]; n < count; n++ {
			m, _ := lending.Transactions.Row(h.Memory, lending.TransactionKey{Loan: loanID, Number: n})
			o.made = append(o.made, m.ID)
		}
	}
}

// refused checks that a refusal is one for the caller.
func (h *history) refused(name string, err error) {
	h.t.Helper()
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Code == fault.Unavailable {
		h.t.Fatalf("%s: got %v, want a refusal for the caller", name, err)
	}
	if refusal.Code == fault.Invalid && len(refusal.Flaws) == 0 {
		h.t.Fatalf("%s: got %v, want the field at fault", name, err)
	}
}

// batches cuts the orders at random. No order is in the batch of one whose answer
// it needs to know: nobody could give it before.
func (h *history) batches(t *rapid.T) (cut [][]*order) {
	var batch []*order
	fresh := map[id.ID]bool{}
	size := 1
	for _, o := range h.orders {
		if len(batch) >= size || slices.ContainsFunc(o.needs, func(x id.ID) bool { return fresh[x] }) {
			cut, batch = append(cut, batch), nil
			clear(fresh)
			size = rapid.IntRange(1, 12).Draw(t, "batch")
		}
		batch = append(batch, o)
		for _, x := range o.made {
			fresh[x] = true
		}
	}
	return append(cut, batch)
}

// replay plays the orders on a database.
func (h *history) replay(rt rapid.TB, t *testing.T, d *db.DB, batches [][]*order) {
	rt.Helper()
	p := &player{source: h.source}
	p.bank = bank.Open(bank.Options{DB: d, Rules: rules, Writers: 1, Random: h.source, Clock: p.clock})
	defer p.bank.Close()
	for n, batch := range batches {
		for i, got := range p.play(rt, batch) {
			sameOutcome(rt, batch[i], got)
		}
		if n%5 == 4 {
			x := memoryOf(t, d)
			if err := x.sound(x.loans()); err != nil {
				rt.Fatalf("after batch %d: %v", n, err)
			}
		}
	}
	if alone := p.bank.Stats().Alone.Load(); alone > 0 {
		rt.Fatalf("got %d commands in batches that the database refused, want none", alone)
	}
	got := memoryOf(t, d)
	if text := got.Text(); text != h.Text() {
		rt.Fatalf("got the database (+), want it as the book alone has it (-):%s", differ(text, h.Text()))
	}
	if err := errors.Join(got.sound(got.loans()), got.soundOffice(), got.soundInstitution(), got.soundDocuments(h.store)); err != nil {
		rt.Fatal(err)
	}
	if err := office.Check(t.Context(), d); err != nil {
		rt.Fatal(err)
	}
	done := slices.DeleteFunc(slices.Clone(h.orders), func(o *order) bool { return o.err != nil })
	for i, again := range p.play(rt, done) {
		sameReplay(rt, done[i], again)
	}
}

func sameOutcome(rt rapid.TB, o *order, got outcome) {
	rt.Helper()
	if o.err != nil {
		if got.err == nil || got.err.Error() != o.err.Error() {
			rt.Fatalf("%s (%d): got %v, want as on the book alone %v", o.name, o.index, got.err, o.err)
		}
		return
	}
	if got.err != nil || got.replayed || string(got.text) != string(o.text) {
		rt.Fatalf("%s (%d): got %v, replayed: %t\n%s\nwant as on the book alone\n%s", o.name, o.index, got.err, got.replayed, got.text, o.text)
	}
}

// player gives orders to a bank, some in one batch, at the moments at which they were
// given before.
type player struct {
	bank    *bank.Bank
	source  *source
	moments []time.Time
	next    int
}

func (p *player) clock() time.Time {
	p.next++
	return p.moments[min(p.next, len(p.moments))-1]
}

// play carries out the orders in one batch.
func (p *player) play(t rapid.TB, batch []*order) []outcome {
	t.Helper()
	p.moments, p.next = []time.Time{batch[0].at.Add(-time.Microsecond)}, 0
	want := uint64(2)
	for i, o := range batch {
		if i > 0 && o.name == "close_branch" { // which begins a batch
			want++
		}
		p.moments = append(p.moments, o.at)
	}
	before := p.bank.Stats().Batches.Load()
	release := office.Hold(t, p.bank)
	waits := make([]func() outcome, len(batch))
	for i, o := range batch {
		wait, err := o.start(p.bank)
		if err != nil {
			t.Fatal(err)
		}
		waits[i] = wait
	}
	release()
	got := make([]outcome, len(batch))
	for i, wait := range waits {
		got[i] = wait()
	}
	if made := p.bank.Stats().Batches.Load() - before; made != want {
		t.Fatalf("%d orders: got %d batches, want %d, the one that held the writer and what the orders need", len(batch), made, want)
	}
	return got
}
