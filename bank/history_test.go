package bank

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sofipo/core/accounting"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/rate"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/view"
)

// How long the random histories are and how many are played. With more of them:
//
//	go test ./bank -run AnyHistory -rapid.checks=5000 -histories=100
//
// A failure prints the commands and the -rapid.seed that plays them again.
var (
	steps     = flag.Int("steps", 120, "commands of a random history, on average")
	histories = flag.Int("histories", 3, "random histories that are played on both databases")
)

// TestAnyHistoryOnTheBookAlone plays random commands over many days. After each
// the books balance, every control account is its sub-ledger, every loan is what
// its movements make of it, and what was refused has written nothing.
func TestAnyHistoryOnTheBookAlone(t *testing.T) {
	set(t, "rapid.steps", *steps)
	done, refused, left := map[string]int{}, map[string]int{}, map[string]int{}
	missing := func() (all []string) {
		for _, what := range []string{"interest", "IVA", "advance", "written off", "moratorium", "PAID_OFF", "RESTRUCTURED", "WRITTEN_OFF", "CANCELLED", "REJECTED", "reversed"} {
			if left[what] == 0 {
				all = append(all, "no history left anything of: "+what)
			}
		}
		for _, verb := range []string{
			"register_client", "create_product", "change_product", "retire_product", "grant_loan", "apply_for_loan", "approve_loan", "reject_loan", "disburse_loan", "cancel_loan",
			"receive_payment", "recover_loan", "write_off_loan", "restructure_loan", "reverse_movement", "propose_voucher", "post_voucher", "reject_voucher", "close_period",
		} {
			if done[verb] == 0 || refused[verb] == 0 {
				all = append(all, fmt.Sprintf("%s: done %d times, refused %d times", verb, done[verb], refused[verb]))
			}
		}
		return all
	}
	for round := 0; round == 0 || round < 10 && !t.Failed() && missing() != nil; round++ { // by chance something rare is not in the first
		rapid.Check(t, func(t *rapid.T) {
			h := anyHistory(t)
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

// countLeft counts what a history left, to show that there is something to check.
func (h *history) countLeft(left map[string]int) {
	for loanID, l := range h.tables.loans {
		left[string(l.Status)]++
		paid := money.Amount(0)
		if l.serial > 0 {
			paid = h.lending(loanID).account.Paid.Moratorium
		}
		for what, amount := range map[string]money.Amount{"interest": l.interest, "IVA": l.iva, "advance": l.Advance, "written off": l.writtenOff, "moratorium": paid} {
			if amount > 0 {
				left[what]++
			}
		}
	}
	for _, m := range h.tables.movements {
		if m.Status == servicing.Reversed {
			left["reversed"]++
		}
	}
}

// TestAnyHistoryOnBothDatabases plays random histories on the book alone, then
// again on the databases, in batches. Each command has the same outcome and the
// tables are the same to the byte; repeated with its key, it is answered alike.
func TestAnyHistoryOnBothDatabases(t *testing.T) {
	set(t, "rapid.steps", *steps)
	set(t, "rapid.checks", *histories)
	rapid.Check(t, func(rt *rapid.T) {
		h := anyHistory(rt)
		batches := h.batches(rt)
		for _, name := range []string{ground.SQLite, ground.Postgres} {
			h.replay(rt, t, ground.Open(t, ground.Config(t, name)), batches)
		}
	})
}

// set gives a flag of rapid another value for a test.
func set(t *testing.T, name string, to int) {
	f := flag.Lookup(name)
	before := f.Value.String()
	t.Cleanup(func() { _ = f.Value.Set(before) }) // it was its value
	if err := f.Value.Set(fmt.Sprint(to)); err != nil {
		t.Fatal(err)
	}
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
	holder, err := give(h, "ana", &RegisterClient{FullName: "Ana", Email: "a@example.com", RFC: "PEPJ800101001"})
	must(holder, err)
	p := product.Product{Code: "p1", Name: "Uno", Moratorium: product.Late{Rate: 600_000}, IVA: rate.IVA{Rate: 160_000}, Commissions: schedule.Commissions{Opening: schedule.Commission{Rate: 10_000}}}
	must(give(h, "ana", CreateProduct{p}))
	lent, err := give(h, "ana", ApplyForLoan{ClientID: holder.ID, Product: "p1", Amount: 90_000_00, Rate: 450_000, Periods: 12})
	must(lent, err)
	must(give(h, "ana", ApproveLoan{lent.ID}))
	must(give(h, "ana", DisburseLoan{LoanID: lent.ID}))
	h.clock = h.clock.AddDate(0, 1, 10)
	older, err := give(h, "ana", ReceivePayment{LoanID: lent.ID, Amount: 9_000_00})
	must(older, err)
	before := len(h.orders)
	h.clock = h.clock.AddDate(0, 1, 0)
	must(give(h, "ana", ReceivePayment{LoanID: lent.ID, Amount: 10_000_00, Kind: servicing.Prepayment}))
	must(give(h, "ana", ReceivePayment{LoanID: lent.ID, Amount: 700_00, ValueDate: h.today().AddDays(-35)}))
	must(give(h, "luis", ReverseMovement{LoanID: lent.ID, MovementID: older.ID}))
	must(give(h, "luis", RestructureLoan{LoanID: lent.ID, Rate: 200_000, Periods: 18, Capitalise: true}))
	must(give(h, "ana", ReceivePayment{LoanID: lent.ID, Amount: 50_00, ValueDate: h.today().AddDays(-50)}))
	must(give(h, "luis", WriteOffLoan{lent.ID}))
	must(give(h, "ana", RecoverLoan{LoanID: lent.ID, Amount: 1_000_00}))
	var batches [][]*order
	for i := range before {
		batches = append(batches, h.orders[i:i+1])
	}
	batches = append(batches, h.orders[before:])
	ground.Each(t, func(t *testing.T, d *db.DB) { h.replay(t, t, d, batches) })
}

// order is a command as it was given, with its outcome on the book alone.
type order struct {
	index  int
	at     time.Time
	job    func() *job
	name   string
	needs  Needs
	uses   id.ID                             // a movement
	decode func(text []byte) ([]byte, error) // the answer as it comes back from its record
	made   []id.ID                           // rows that it added
	loans  []id.ID                           // those of them that are loans
	text   []byte                            // the answer
	err    error
}

// history is a bank without a database, its tables, and what was done.
type history struct {
	t       rapid.TB
	source  *source
	writer  *writer
	tables  *tables
	clock   time.Time
	orders  []*order
	clients int
}

// source makes the same ids for the same command, wherever it runs.
type source struct{ *rand.ChaCha8 }

func (s *source) seek(index int) {
	var seed [32]byte
	binary.BigEndian.PutUint64(seed[:], uint64(index))
	s.ChaCha8 = rand.NewChaCha8(seed)
}

// Read fills p with what follows.
func (s *source) Read(p []byte) (int, error) { return s.ChaCha8.Read(p) }

func newWriterFor(d *db.DB, random *source, clock func() time.Time) *writer {
	b := &Bank{opts: Options{
		DB: d, Rules: Rules{RFC: mx.TierStructural}, Clock: clock, Random: random, Location: time.UTC, Log: slog.New(slog.DiscardHandler), Committed: func(uint64, []string) {},
	}}
	w := &writer{bank: b, versions: map[productKey]product.Product{}}
	if d != nil {
		w.session = d.Session()
	}
	return w
}

func newHistory(t rapid.TB) *history {
	h := &history{t: t, source: &source{}, tables: newTables(), clock: time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)}
	h.writer = newWriterFor(nil, h.source, func() time.Time { return h.clock })
	return h
}

// anyHistory plays a random history on the book alone.
func anyHistory(t *rapid.T) *history {
	h := newHistory(t)
	h.clock = h.clock.AddDate(0, 0, rapid.IntRange(0, 800).Draw(t, "first day"))
	h.registerClient(t)
	for range 2 {
		h.lend(t)
	}
	actions := map[string]func(*rapid.T){
		"apply": h.applyOnly, "decide": h.decideOnLoan, "lend": h.lend, "grant": h.grant, "pay off": h.payOff, "pay too much": h.payTooMuch,
		"recover": h.recover, "write off": h.writeOff, "restructure": h.restructure, "voucher": h.proposeVoucher, "post or not": h.decideOnVoucher,
		"office": func(t *rapid.T) {
			rapid.SampledFrom([]func(*rapid.T){h.closePeriod, h.changeProducts, h.registerClient}).Draw(t, "office")(t)
		},
	}
	for what, often := range map[string]func(*rapid.T){"pay": h.pay, "tick": h.tick, "reverse": h.reverse} {
		for n := range map[string]int{"pay": 7, "tick": 4, "reverse": 2}[what] {
			actions[fmt.Sprint(what, " ", n)] = often
		}
	}
	t.Repeat(actions)
	if err := h.tables.sound(keys(h.tables.loans)); err != nil {
		t.Fatal(err)
	}
	return h
}

// give carries a command out on the book alone.
func give[A any](h *history, actor string, c Command[A]) (answer A, err error) {
	h.t.Helper()
	if err := c.Check(h.writer.bank.opts.Rules); err != nil {
		h.refused(c.Name(), err)
		return answer, err
	}
	o := newOrder(len(h.orders), actor, c, h.source)
	j, rows := h.run(o)
	o.err, o.at = j.err, h.writer.last
	h.t.Logf("%s, %s: %s %+v: %v", h.today(), actor, o.name, c, o.err)
	h.orders = append(h.orders, o)
	if o.err != nil {
		h.refused(o.name, o.err)
		if rows > 0 {
			h.t.Fatalf("%s was refused, %v, and wrote %d rows", o.name, o.err, rows)
		}
		return answer, o.err
	}
	if err := h.tables.sound(slices.Concat(o.needs.loans, o.loans)); err != nil {
		h.t.Fatalf("after %s %+v: %v", o.name, c, err)
	}
	answer = j.answer.(A)
	if o.text, err = json.Marshal(answer); err != nil {
		h.t.Fatal(err)
	}
	if j, rows = h.run(o); j.err != nil || j.replay == nil || rows > 0 {
		h.t.Fatalf("%s repeated with its key: %v, replayed: %t, wrote %d rows", o.name, j.err, j.replay != nil, rows)
	}
	h.replayed(h.t, o, j.replay)
	return answer, nil
}

// replayed checks that an answer comes back from its record to the byte.
func (h *history) replayed(t rapid.TB, o *order, recorded []byte) {
	t.Helper()
	text, err := o.decode(recorded)
	if err != nil || string(text) != string(o.text) {
		t.Fatalf("the answer of %s comes back, %v, as\n%s\nwas\n%s", o.name, err, text, o.text)
	}
}

func newOrder[A any](index int, actor string, c Command[A], ids *source) *order {
	o := &order{index: index, name: c.Name(), decode: func(text []byte) ([]byte, error) {
		var a A
		if err := json.Unmarshal(text, &a); err != nil {
			return nil, err
		}
		if direct, able := any(a).(interface{ AppendJSON([]byte) []byte }); able {
			return direct.AppendJSON(nil), nil
		}
		return json.Marshal(a)
	}}
	c.Needs(&o.needs)
	if r, is := any(c).(ReverseMovement); is {
		o.uses = r.MovementID
	}
	key := fmt.Sprintf("key %d", index)
	o.needs.Keys(key)
	o.job = func() *job {
		return &job{
			command: id.ID{1, byte(index >> 8), byte(index)}, name: o.name, ctx: context.Background(), needs: o.needs,
			by: By{Actor: actor, CorrelationID: "history", Key: key, Request: sha256.Sum256([]byte(key))},
			decide: func(b *Book) (any, error) {
				ids.seek(index)
				return c.Decide(b)
			},
		}
	}
	return o
}

// run decides an order on a book of its own and saves what it staged, refused or not.
func (h *history) run(o *order) (j *job, rows int) {
	j = o.job()
	book := h.tables.load(h.writer.bank, &o.needs)
	h.writer.decide(book, j)
	rows = h.tables.save(book)
	o.loans = append(o.loans, newOf(book.loans)...)
	o.made = slices.Concat(o.made, o.loans, newOf(book.clients), newOf(book.vouchers))
	for _, r := range book.movements {
		if r.state == added {
			o.made = append(o.made, r.value.ID)
		}
	}
	return j, rows
}

func newOf[T any](rows map[id.ID]*row[T]) (ids []id.ID) {
	for key, r := range rows {
		if r.state == added {
			ids = append(ids, key)
		}
	}
	return ids
}

// refused checks that a refusal is one for the caller.
func (h *history) refused(name string, err error) {
	h.t.Helper()
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Code == fault.Unavailable {
		h.t.Fatalf("%s: %v is no refusal", name, err)
	}
	if refusal.Code == fault.Invalid && len(refusal.Fields) == 0 {
		h.t.Fatalf("%s: no field is named: %v", name, err)
	}
}

// batches cuts the orders at random. No order is in the batch of one whose answer
// it needs to know: nobody could give it before.
func (h *history) batches(t *rapid.T) (cut [][]*order) {
	var batch []*order
	fresh := map[id.ID]bool{}
	size := 1
	for _, o := range h.orders {
		needs := slices.Concat(o.needs.loans, o.needs.clients, o.needs.vouchers, []id.ID{o.uses})
		if len(batch) >= size || slices.ContainsFunc(needs, func(x id.ID) bool { return fresh[x] }) {
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
	next := 0
	w := newWriterFor(d, h.source, func() time.Time {
		next++
		return h.orders[min(next, len(h.orders))-1].at
	})
	defer w.session.Close()
	for n, batch := range batches {
		jobs := make([]*job, len(batch))
		for i, o := range batch {
			jobs[i] = o.job()
		}
		w.process(jobs)
		for i, o := range batch {
			sameOutcome(rt, o, jobs[i])
		}
		if n%5 == 4 {
			x := tablesOf(t, d)
			if err := x.sound(keys(x.loans)); err != nil {
				rt.Fatalf("after batch %d: %v", n, err)
			}
		}
	}
	if w.bank.stats.Alone.Load() > 0 {
		rt.Fatalf("the database refused %d batches", w.bank.stats.Alone.Load())
	}
	got := tablesOf(t, d)
	if text := got.text(); text != h.tables.text() {
		rt.Fatalf("the database has (+) and the book alone has (-):%s", differ(text, h.tables.text()))
	}
	if err := got.sound(keys(got.loans)); err != nil {
		rt.Fatal(err)
	}
	for _, check := range view.Open(d, nil).Checks(t.Context()) {
		if check.Err != nil {
			rt.Fatalf("%s: %v", check.Name, check.Err)
		}
	}
	done := slices.DeleteFunc(slices.Clone(h.orders), func(o *order) bool { return o.err != nil })
	again := make([]*job, len(done))
	for i, o := range done {
		again[i] = o.job()
	}
	w.process(again)
	for i, o := range done {
		h.replayed(rt, o, again[i].replay)
	}
}

func sameOutcome(rt rapid.TB, o *order, j *job) {
	rt.Helper()
	if o.err != nil {
		if j.err == nil || j.err.Error() != o.err.Error() {
			rt.Fatalf("%s (%d): %v, on the book alone %v", o.name, o.index, j.err, o.err)
		}
		return
	}
	text, err := json.Marshal(j.answer)
	if j.err != nil || err != nil || string(text) != string(o.text) {
		rt.Fatalf("%s (%d): %v\n%s\non the book alone\n%s", o.name, o.index, j.err, text, o.text)
	}
}

// stagesAll stages something of every kind, then fails.
type stagesAll struct {
	known client.Client
	loan  id.ID
}

func (stagesAll) Name() string      { return "stage_all" }
func (stagesAll) Check(Rules) error { return nil }
func (c stagesAll) Needs(n *Needs) {
	n.Client(c.known.ID)
	n.History(c.loan)
	n.Product(product.SeedCode)
	n.Period()
}

func (c stagesAll) Decide(b *Book) (loan.Loan, error) {
	l, _, _, err := b.operate(c.loan, servicing.Operation{Kind: servicing.Prepayment, Amount: 100_00})
	if err != nil {
		return loan.Loan{}, err
	}
	if err := b.Post(ledger.Entry{ID: b.NewID(), BusinessDate: b.Today(), Postings: []ledger.Posting{{Account: "1102", Debit: 1}, {Account: "6401", Credit: 1}}}); err != nil {
		return loan.Loan{}, err
	}
	p := product.Seed()
	p.Version = 2
	b.AddProduct(p)
	b.EndProduct(p.Code, 1, b.Today())
	b.AddVoucher(accounting.Voucher{ID: b.NewID()})
	b.CloseThrough(b.Today())
	c.known.Email = "other@example.com"
	b.ChangeClient(c.known)
	b.AddClient(client.Client{ID: b.NewID(), RFC: "X", Email: "x"})
	b.RemoveClient(c.known)
	b.AddUser(staff.User{Username: "u"})
	b.Tell(loan.CreatedEvent(l.Loan))
	return l.Loan, errors.New("on purpose")
}

// TestARollbackTakesEverythingBack: after a command that staged something of every
// kind and failed, the book is as it was loaded.
func TestARollbackTakesEverythingBack(t *testing.T) {
	h := newHistory(t)
	holder, err := give(h, "ana", &RegisterClient{FullName: "Ana", Email: "a@example.com", RFC: "PEPJ800101001"})
	if err != nil {
		t.Fatal(err)
	}
	lent, err := give(h, "ana", GrantLoan{ClientID: holder.ID, Terms: loan.Terms{Amount: 1_000_00, TermMonths: 12}})
	if err != nil {
		t.Fatal(err)
	}
	o := newOrder(len(h.orders), "ana", stagesAll{h.tables.clients[holder.ID], lent.ID}, h.source)
	book, fresh := h.tables.load(h.writer.bank, &o.needs), h.tables.load(h.writer.bank, &o.needs)
	j := o.job()
	if h.writer.decide(book, j); j.err == nil || j.err.Error() != "on purpose" || len(book.undo) < 12 {
		t.Fatalf("%v, %d steps staged", j.err, len(book.undo))
	}
	if _, err := fresh.lending(lent.ID); err != nil { // it is read when it is first looked at
		t.Fatal(err)
	}
	if rows := h.tables.save(book); rows > 0 {
		t.Errorf("%d rows are left", rows)
	}
	for _, b := range []*Book{book, fresh} { // what is of the command, was empty or has functions in it
		b.begin(j, time.Time{})
		b.schedules, b.entries, b.launched, b.ended, b.audit, b.records = nil, nil, nil, nil, nil, nil
	}
	if !reflect.DeepEqual(book, fresh) {
		t.Errorf("after the rollback the book is\n%+v\nloaded it was\n%+v", book, fresh)
	}
}
