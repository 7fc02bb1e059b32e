package faults

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sofipo/bank"
	manual "sofipo/bank/books"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/id"
	core "sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/rate"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/test/program"
)

// How many loans a day of these tests has, more than one slice of a close, and
// how many kills have to be in the midst of one.
const (
	closeLoans = 4_200
	closeKills = 20
)

// TestKilledClose kills sofipo close at random moments, again and again, until
// some days are closed. What it leaves is, row by row, what closes that nobody
// disturbed leave on a copy. PostgreSQL may take a moment to see that who closed is
// gone, so each waits for the one before.
func TestKilledClose(t *testing.T) { onTwins(t, killCloses) }

// TestCloseKilledAtItsWrites kills sofipo close in the midst of each kind of write
// that it makes, which random moments seldom meet: what it writes apart from how far
// it has come is there twice or not at all in the end.
func TestCloseKilledAtItsWrites(t *testing.T) { onTwins(t, killWrites) }

// onTwins runs a test on two worlds that are the same, and compares them afterwards.
func onTwins(t *testing.T, run func(t *testing.T, next civil.Date, killed, peaceful *world)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		first, second := t.TempDir(), filepath.Join(t.TempDir(), "copy")
		next := fill(t, db.Config{Folder: first})
		must(t, os.CopyFS(second, os.DirFS(first)))
		killed := &world{books: embeddedBooks(first), env: append([]string{"SOFIPO_DATA=" + first}, settings...)}
		peaceful := &world{books: embeddedBooks(second), env: append([]string{"SOFIPO_DATA=" + second}, settings...)}
		run(t, next, killed, peaceful)
		same(t, killed, peaceful)
	})
	t.Run("postgres", func(t *testing.T) {
		started = true
		shared, err := heavy()
		must(t, err)
		var worlds [2]*world
		var next civil.Date
		for i := range worlds {
			url, _, err := shared.Database(t.Context(), fmt.Sprint(t.Name(), i))
			must(t, err)
			next = fill(t, db.Config{PrimaryURL: url})
			worlds[i] = &world{books: books{driver: "pgx", source: url}, env: slices.Concat(settings, []string{"DATABASE_URL=" + url, "SOFIPO_DATA=" + t.TempDir()})}
		}
		run(t, next, worlds[0], worlds[1])
		same(t, worlds[0], worlds[1])
	})
}

// same compares what closes left.
func same(t *testing.T, killed, peaceful *world) {
	t.Helper()
	got, want := killed.left(t), peaceful.left(t)
	for what, rows := range want {
		if len(rows) == 0 {
			t.Errorf("got no %s, want some", what)
		}
		if d := difference(got[what], rows); d != "" {
			t.Errorf(`%s: got the difference %s, want none`, what, d)
		}
	}
}

// killCloses closes days in the first world under kills, and as many in the other in peace.
func killCloses(t *testing.T, next civil.Date, killed, peaceful *world) {
	kills, halves, days := 0, 0, 0
	program.Run(t, killed.env, "", "version") // it is built now
	began := time.Now()
	closes(t, peaceful, next)
	whole := time.Since(began) / 2 // without its start
	for day := next; halves < closeKills; day = day.AddDays(1) {
		if days++; days > 1 {
			closes(t, peaceful, day)
		}
		for perDay := 0; ; perDay++ {
			p := program.Start(t, killed.env, "close", "--wait", "--progress", "--date", day.String())
			if perDay < 6 {
				for perDay > 0 && p.Running() && !begun(p) { // the first one may come before
					time.Sleep(time.Millisecond)
				}
				time.Sleep(rand.N(whole))
				p.Kill()
			}
			if code := p.Wait(t, time.Minute); code == 0 {
				whole = whole * 4 / 5 // the kill came too late
				break
			} else if code > 0 {
				if strings.Contains(p.Log(), "is already closed") {
					break // it was killed after its end
				}
				t.Fatalf("got exit code %d and %s, want the process killed", code, p.Log())
			}
			kills++
			if begun(p) {
				halves++
			}
		}
	}
	t.Logf("%d days, %d kills, %d of them in the midst of a close", days, kills, halves)
}

// TestWaitForAClose: while a command closes a day another one is refused, or waits
// and closes the day once the first is gone.
func TestWaitForAClose(t *testing.T) { onTwins(t, waitForCloses) }

func waitForCloses(t *testing.T, next civil.Date, first, second *world) {
	closes(t, second, next)
	hand := first.handle(t)
	lift := hand.stall(t, "daily_positions", anySlice)
	p := program.Start(t, first.env, "close", "--date", next.String())
	for p.Running() && !hand.stalled(t) {
		continue
	}
	if r := program.Run(t, first.env, "", "close", "--date", next.String()); r.Code != 1 || !strings.Contains(r.Stderr, "clos") || strings.Contains(r.Stderr, "server") {
		t.Errorf("a close on the same database: got %s, want exit code 1 and an error that names the close, not the server", r)
	}
	waits := program.Start(t, first.env, "close", "--wait", "--date", next.String())
	time.Sleep(time.Second)
	if !waits.Running() {
		t.Errorf("got the log %s, want the close still waiting", waits.Log())
	}
	if hand.lite { // its writer cannot be spoken to
		p.Kill()
		p.Wait(t, time.Minute)
		lift()
	} else {
		lift()
		p.Kill()
	}
	if code := waits.Wait(t, time.Minute); code != 0 || !strings.Contains(waits.Log(), next.String()+" closed") {
		t.Errorf("got exit code %d and %s, want 0 and %q", code, waits.Log(), next.String()+" closed")
	}
}

// TestWaitForACloseThatEnds: who waited for a day that is closed then has nothing
// left to do, and has not closed the next one.
func TestWaitForACloseThatEnds(t *testing.T) {
	started = true
	shared, err := heavy()
	must(t, err)
	url, _, err := shared.Database(t.Context(), t.Name())
	must(t, err)
	next := fill(t, db.Config{PrimaryURL: url})
	d, err := db.Open(db.Config{PrimaryURL: url})
	must(t, err)
	defer d.Close()
	b := bank.Open(bank.Options{DB: d, Rules: bank.Rules{RFC: mx.TierStructural}})
	defer b.Close()
	begun, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		var once sync.Once
		_, err := dayend.New(b, dayend.Options{}).CloseDay(t.Context(), bank.By{System: true, Actor: "ana"}, next, func(dayend.ClosedDay) {
			once.Do(func() { close(begun); <-goOn })
		})
		ended <- err
	}()
	<-begun
	waits := program.Start(t, slices.Concat(settings, []string{"DATABASE_URL=" + url}), "close", "--wait", "--date", next.String())
	time.Sleep(time.Second)
	if !waits.Running() {
		t.Errorf("got the log %s, want the close still waiting", waits.Log())
	}
	close(goOn)
	must(t, <-ended)
	if code := waits.Wait(t, time.Minute); code != 0 || !strings.Contains(waits.Log(), next.String()+" closed by another process") {
		t.Errorf("got exit code %d and %s, want 0 and %q", code, waits.Log(), next.String()+" closed by another process")
	}
}

// TestWaitForACloseThatEndsEmbedded: so it is where the commands share a folder. A
// command that closed nothing is not taken for one that did.
func TestWaitForACloseThatEndsEmbedded(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	next := fill(t, db.Config{Folder: folder})
	w := &world{books: embeddedBooks(folder), env: append([]string{"SOFIPO_DATA=" + folder}, settings...)}
	hand := w.handle(t)
	for _, c := range []struct {
		asked   civil.Date // by the one that waits
		first   civil.Date // by the other
		refused bool       // the other is
		says    string
	}{
		{next, next.AddDays(2), true, next.String() + " closed: "},
		{next.AddDays(1), next.AddDays(1), false, next.AddDays(1).String() + " closed by another process"},
	} {
		begin, err := hand.BeginTx(t.Context(), nil) // the writer waits for it
		must(t, err)
		_, err = begin.ExecContext(t.Context(), "CREATE TABLE held (n INTEGER)")
		must(t, err)
		first := program.Start(t, w.env, "close", "--date", c.first.String())
		time.Sleep(time.Second)
		waits := program.Start(t, w.env, "close", "--wait", "--date", c.asked.String())
		time.Sleep(time.Second)
		if !waits.Running() || !c.refused && !first.Running() {
			t.Errorf("got the log %s, want the close still waiting", waits.Log())
		}
		must(t, begin.Rollback())
		first.Wait(t, time.Minute)
		if code := waits.Wait(t, time.Minute); code != 0 || !strings.Contains(waits.Log(), c.says) {
			t.Errorf("%v: got exit code %d and %s, want 0 and %q", c, code, waits.Log(), c.says)
		}
	}
}

// Stages of a close, as the database sees them.
const (
	anySlice   = "EXISTS (SELECT 1 FROM business_days WHERE status = 'CLOSING')"
	laterSlice = "EXISTS (SELECT 1 FROM business_days d WHERE status = 'CLOSING' AND positions > 0 AND NOT EXISTS (SELECT 1 FROM portfolio p WHERE p.day = d.day))"
	itsEnd     = "EXISTS (SELECT 1 FROM business_days d WHERE status = 'CLOSING' AND EXISTS (SELECT 1 FROM portfolio p WHERE p.day = d.day))"
)

// killWrites closes a day in both worlds; in the first it is killed at each write.
func killWrites(t *testing.T, next civil.Date, killed, peaceful *world) {
	closes(t, peaceful, next)
	hand := killed.handle(t)
	slice := []string{"daily_positions", "loans", "outbox", "day_accruals", "business_days"}
	for _, at := range []struct {
		stage  string
		writes []string
	}{{anySlice, append(slice, "journal")}, {laterSlice, append(slice, "portfolio")}, {itsEnd, []string{"journal", "journal_accounts", "business_days"}}} {
		for _, table := range at.writes {
			lift := hand.stall(t, table, at.stage)
			p := program.Start(t, killed.env, "close", "--wait", "--date", next.String())
			for p.Running() && !hand.stalled(t) {
				continue
			}
			p.Kill()
			code := p.Wait(t, time.Minute)
			lift()
			if code >= 0 {
				t.Errorf("got exit code %d and %s, want the process killed at a write to %s while %s", code, p.Log(), table, at.stage)
				return
			}
		}
	}
	closes(t, killed, next)
}

// hand is on a database, past sofipo's own code, by one connection that stays open.
type hand struct {
	*sql.DB
	lite bool
}

func (w *world) handle(t *testing.T) hand {
	t.Helper()
	h := hand{lite: w.books.driver == "sqlite"}
	source := w.books.source
	if h.lite {
		source = strings.NewReplacer("mode=ro", "mode=rw", "busy_timeout(10000)", "busy_timeout(4000)").Replace(source) + "&_txlock=immediate"
	}
	var err error
	h.DB, err = sql.Open(w.books.driver, source)
	must(t, err)
	t.Cleanup(func() { _ = h.Close() })
	h.SetMaxOpenConns(1)
	return h
}

func (h hand) exec(t *testing.T, commands ...string) {
	t.Helper()
	for _, command := range commands {
		if _, err := h.ExecContext(t.Context(), command); err != nil {
			t.Fatalf("%s: %v", command, err)
		}
	}
}

// stall keeps what writes to a table in the stage from going on, for minutes, until
// it is lifted.
func (h hand) stall(t *testing.T, table, stage string) (lift func()) {
	t.Helper()
	if h.lite {
		for _, event := range []string{"INSERT", "UPDATE"} {
			h.exec(t, fmt.Sprintf("CREATE TRIGGER stall_%s BEFORE %s ON %s WHEN %s BEGIN SELECT count(*) FROM loans a, loans b, loans c; END", event, event, table, stage))
		}
		return func() { h.exec(t, "DROP TRIGGER stall_INSERT", "DROP TRIGGER stall_UPDATE") }
	}
	h.exec(t, "CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "+stage+" THEN PERFORM pg_sleep(600); END IF; RETURN NEW; END $$",
		"CREATE TRIGGER stall BEFORE INSERT OR UPDATE ON "+table+" FOR EACH ROW EXECUTE FUNCTION stall()")
	return func() {
		h.exec(t, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'", "DROP FUNCTION stall CASCADE")
	}
}

// stalled tells whether something is kept from going on; on SQLite, where nobody
// else can say so, whether something has been written for four seconds, longer than any
// write of these closes takes on a machine that is busy with something else.
func (h hand) stalled(t *testing.T) (yes bool) {
	t.Helper()
	time.Sleep(10 * time.Millisecond)
	if !h.lite {
		must(t, h.QueryRowContext(t.Context(), "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'").Scan(&yes))
		return yes
	}
	tx, err := h.BeginTx(t.Context(), nil)
	if err == nil {
		must(t, tx.Rollback())
	}
	return err != nil
}

// begun reports whether a close has reported progress.
func begun(p *program.Process) bool { return strings.Contains(p.Log(), " of about ") }

func closes(t *testing.T, w *world, day civil.Date) {
	t.Helper()
	if r := program.Run(t, w.env, "", "close", "--date", day.String()); r.Code != 0 || !strings.HasPrefix(r.Stdout, day.String()+" closed: ") {
		t.Fatalf("got %v, want exit code 0 and an output that begins with %q", r, day.String()+" closed: ")
	}
}

// left is what a world has of all that closes write, but for ids and moments.
func (w *world) left(t *testing.T) map[string][]string {
	t.Helper()
	list := func(query string) (lines []string) {
		must(t, columns(t.Context(), w.books, query, func(values []any) { lines = append(lines, fmt.Sprintf("%v", values)) }))
		return lines
	}
	out := map[string][]string{
		"overdue":         list("SELECT id FROM loans WHERE stage = 3 AND suspended ORDER BY id"),
		"days":            list("SELECT day, status, positions, last_loan FROM business_days ORDER BY day"),
		"daily_positions": list("SELECT * FROM daily_positions ORDER BY day, loan_id"),
		"portfolio":       list("SELECT * FROM portfolio ORDER BY day, product, days_past_due, stage"),
		"accounts":        list("SELECT * FROM account_days ORDER BY day, account"),
		"accruals":        list("SELECT * FROM day_accruals ORDER BY day, product"),
		"loans": list(`SELECT id, status, day, version, transactions, balance, interest_due, iva_due, unapplied, written_off, state, stage, suspended, frozen, carried, outlook, moved, interest_posted_on
			FROM loans ORDER BY id`),
		"transactions": list("SELECT loan_id, number, kind, value_date, business_date, amount, split FROM loan_transactions ORDER BY loan_id, number"),
		"books": list(`SELECT e.business_date, e.kind, p.line, p.account, p.subject, p.debit, p.credit FROM entries e JOIN postings p ON p.entry_id = e.id
			ORDER BY e.business_date, e.kind, p.subject, p.line, p.account, p.debit, p.credit`),
	}
	must(t, columns(t.Context(), w.books, "SELECT body FROM outbox", func(values []any) {
		var e struct {
			Type    string          `json:"event_type"`
			Entity  string          `json:"entity_id"`
			Day     string          `json:"business_date"`
			Payload json.RawMessage `json:"payload"`
		}
		must(t, json.Unmarshal([]byte(fmt.Sprint(values[0])), &e))
		out["events"] = append(out["events"], fmt.Sprintf("%s %s %s %s", e.Day, e.Type, e.Entity, e.Payload))
	}))
	slices.Sort(out["events"])
	return out
}

// columns runs a query and gives all columns of each row.
func columns(ctx context.Context, b books, query string, each func(values []any)) error {
	database, err := sql.Open(b.driver, b.source)
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }()
	found, err := database.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	defer func() { _ = found.Close() }()
	names, err := found.Columns()
	if err != nil {
		return err
	}
	for found.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			return err
		}
		each(values)
	}
	return found.Err()
}

// difference is the first row that only one of two lists has.
func difference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("row %d is\n%s\nwanted\n%s", i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("%d rows, wanted %d", len(got), len(want))
	}
	return ""
}

// fill makes an institution of many loans, the same each time, and gives the first
// day to be closed: that after the last closed month. It is the beginning of the
// month before this one, when loans fall due and some have not been paid for long.
func fill(t *testing.T, cfg db.Config) (next civil.Date) {
	t.Helper()
	d, err := db.Open(cfg)
	must(t, err)
	defer d.Close()
	_, err = d.Migrate(t.Context())
	must(t, err)
	today := civil.DateOf(time.Now().In(ground.Noon))
	next = today.AddMonths(-1, 1)
	day := next.AddDays(-124)
	b := bank.Open(bank.Options{
		DB: d, Rules: bank.Rules{RFC: mx.TierStructural}, Writers: 1, Random: rand.NewChaCha8([32]byte{4}),
		Clock: func() time.Time { return day.Midnight().Add(12 * time.Hour) },
	})
	defer b.Close()
	by := bank.By{System: true, Actor: "fill"}
	holder := office.Register(t, b, 1)
	office.Must(t, b, lending.CreateProduct{Product: product.Product{
		Code: "late", Name: "Con moratorios", IVA: rate.IVA{Rate: 160_000}, PenaltyInterest: product.PenaltyTerms{Rate: 600_000}, Excess: product.KeepUnapplied,
		Limits: product.Limits{ApprovalLimit: money.Max},
	}})
	var loans []id.ID
	for wave := range 6 {
		loans = append(loans, lend(t, b, by, holder.ID, closeLoans/6, wave)...)
		day = day.AddDays(3)
	}
	for _, back := range []int{70, 40, 3} { // most pay, some ahead
		day = next.AddDays(-back)
		pay(t, b, by, loans)
	}
	day = next
	office.Must(t, b, manual.ClosePeriod{Month: next.AddDays(-1)})
	return next
}

// lend grants loans on the seed's product, and a few on the other.
func lend(t *testing.T, b *bank.Bank, by bank.By, holder id.ID, count, wave int) (loans []id.ID) {
	t.Helper()
	for n := range 20 {
		asked := lending.ApplyForLoan{ClientID: holder, Product: "late", Amount: money.Amount(5_000_00 + n*777), Rate: 450_000, Periods: 6 + wave}
		loans = append(loans, office.Lend(t, b, asked).ID)
	}
	var granted []bank.Started[core.Loan]
	for n := len(loans); n < count; n++ {
		l, err := bank.Start(t.Context(), b, by, lending.GrantLoan{ClientID: holder, Terms: core.Terms{Amount: money.Amount(10_000_00 + n*1_03), Rate: 300_000, TermMonths: int64(12 + wave)}})
		must(t, err)
		granted = append(granted, l)
	}
	for _, l := range granted {
		lent, err := l.Wait()
		must(t, err)
		loans = append(loans, lent.Answer.ID)
	}
	return loans
}

// pay pays something on nine of ten loans; what is above the payoff is refused.
func pay(t *testing.T, b *bank.Bank, by bank.By, loans []id.ID) {
	t.Helper()
	var paid []bank.Started[servicing.Transaction]
	for n, loanID := range loans {
		if n%10 > 0 {
			p, err := bank.Start(t.Context(), b, by, lending.ReceivePayment{LoanID: loanID, Operation: servicing.Operation{Amount: money.Amount(900_00 + n%400*100)}})
			must(t, err)
			paid = append(paid, p)
		}
	}
	for _, p := range paid {
		_, err := p.Wait()
		must(t, err)
	}
}

// TestCloseCommand: what it refuses, what it says, and how days are caught up, by
// the command and by a server with a time of day to close at.
func TestCloseCommand(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	today := civil.DateOf(time.Now().In(ground.Noon))
	for _, c := range []struct {
		said string
		args []string
	}{
		{"--date", []string{"--date", "yesterday"}},
		{"--date", []string{"--date", ""}},
		{"--date", []string{"--date", today.String(), "--catch-up"}},
		{"SOFIPO_CLOSE_AT", []string{"--close-at", "25:00"}},
		{"SOFIPO_POSITION_MONTHS", []string{"--position-months=-1"}},
		{"SOFIPO_MAX_LOAN", []string{"--max-loan", "0"}},
		{"SOFIPO_MAX_LOAN", []string{"--max-loan", "much"}},
	} {
		if r := program.Run(t, w.env, "", append([]string{"close"}, c.args...)...); r.Code != 2 || !strings.Contains(r.Stderr, c.said) || r.Stdout != "" {
			t.Errorf("close %v: got %s, want exit code 2, no output and the error %q", c.args, r, c.said)
		}
	}
	closing := func(code int, said string, args ...string) {
		t.Helper()
		if r := program.Run(t, w.env, "", append([]string{"close"}, args...)...); r.Code != code || !strings.Contains(r.Stdout+r.Stderr, said) {
			t.Errorf("close %v: got %s, want exit code %d and %q", args, r, code, said)
		}
	}
	closing(1, "no database in", "--catch-up")
	if r := program.Run(t, w.env, "", "migrate"); r.Code != 0 {
		t.Errorf("migrate: got %v, want exit code 0", r)
	}
	closing(0, "nothing to close", "--catch-up")
	closing(1, "must not be after today ("+today.String()+")", "--date", today.AddDays(1).String())

	server := w.serve(t)
	c := login(t, server)
	loan(t, c, "1000.00")
	closing(1, "POST /api/v1/days/close")
	answer, err := c.Send(t.Context(), "POST", "/api/v1/days/close", nil)
	must(t, err)
	if answer.Status != 409 || answer.Field("code") != "no_open_day" {
		t.Errorf("got %d %s, want status 409, code no_open_day", answer.Status, answer.Body)
	}
	answer, err = c.Send(t.Context(), "POST", "/api/v1/days/close", map[string]any{"date": today})
	must(t, err)
	if answer.Status != 200 || answer.Field("day") != today.String() {
		t.Errorf("got %d %s, want status 200, day %s", answer.Status, answer.Body, today)
	}
	if code := server.Terminate(t); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	closing(1, today.String()+" is already closed; the next day to close is "+today.AddDays(1).String(), "--date", today.String(), "--wait")
	closing(0, "nothing to close", "--catch-up", "--progress")
	if r := program.Run(t, w.env, "", "doctor"); r.Code != 0 {
		t.Errorf("doctor: got %v, want exit code 0", r)
	}
}

// TestScheduledClose: a server with a time of the day that is past catches up with
// the days that were missed, and its metrics have the last.
func TestScheduledClose(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	d, err := db.Open(db.Config{Folder: folder})
	must(t, err)
	_, err = d.Migrate(t.Context())
	must(t, err)
	long := time.Now().Add(-5 * 24 * time.Hour)
	b := office.OpenBank(t, d, func(o *bank.Options) { o.Clock = func() time.Time { return long } })
	office.Grant(t, b, office.Register(t, b, 1).ID, 1_000_00)
	b.Close()
	d.Close()

	w := &world{books: embeddedBooks(folder), env: append([]string{"SOFIPO_DATA=" + folder, "SOFIPO_CLOSE_AT=00:00"}, settings...)}
	server := w.serve(t)
	await(t, 60*time.Second, "five closed days", func() (bool, string) {
		n := w.books.number(t, "SELECT count(*) FROM business_days WHERE status = 'CLOSED'")
		return n >= 5, counts("closed days", n)
	})
	answer, err := login(t, server).Send(t.Context(), "GET", "/metrics", nil)
	must(t, err)
	if yesterday := civil.DateOf(time.Now().In(ground.Noon)).AddDays(-1); !strings.Contains(string(answer.Body), fmt.Sprintf("sofipo_last_closed_day_timestamp_seconds %g\n", float64(yesterday.Midnight().Unix()))) ||
		!strings.Contains(string(answer.Body), "sofipo_last_close_duration_seconds ") {
		t.Errorf("got %s, want the metrics of the close of %s", answer.Body, yesterday)
	}
	if code := server.Terminate(t); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
}
