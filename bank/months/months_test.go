package months_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/books"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/bank/months"
	"sofipo/bank/seal"
	"sofipo/checks"
	"sofipo/core/accounting"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

var by = bank.By{System: true, Actor: "root"}

// old is an institution whose books of January and February 2024 are closed; it is March 2026.
type old struct {
	*office.Office
	folder   string
	view     *view.View
	borrower client.Client
	lent     loan.Loan
	january  servicing.Transaction // a payment
	february servicing.Transaction
	replay   bank.By // of the payment in January
	paid     lending.ReceivePayment
}

func open(t *testing.T) *old {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	o := &old{Office: office.Open(t, d), folder: t.TempDir(), view: view.Open(d, nil)}
	o.On("2024-01-20")
	o.borrower = o.Client(1)
	o.lent = o.Lend(o.borrower.ID, 50_000_00)
	o.Lend(o.Client(2).ID, 10_000_00)
	o.replay = bank.By{System: true, Actor: "tito", Key: "k1", Request: [32]byte{1}}
	o.paid = lending.ReceivePayment{LoanID: o.lent.ID, Operation: servicing.Operation{Amount: 100_00}}
	o.january = office.As(t, o.Bank, o.replay, o.paid).Answer
	closer := dayend.New(o.Bank, dayend.Options{})
	for day := office.Day("2024-01-20"); !day.After(office.Day("2024-02-29")); day = day.AddDays(1) {
		o.Now = day.AddDays(1).Midnight().Add(16 * time.Hour)
		if day == office.Day("2024-02-20") {
			o.february = o.Pay(o.lent, 2_000_00, "")
			o.seal() // some rows of January and some of February
		}
		if _, err := closer.CloseDay(t.Context(), by, day, nil); err != nil {
			t.Fatal(err)
		}
		if day == office.Day("2024-01-25") {
			o.seal()
		}
	}
	for _, month := range []string{"2024-01-31", "2024-02-29"} {
		office.Do(o.Office, "cora", books.ClosePeriod{Month: office.Day(month)})
	}
	o.On("2026-03-02")
	o.seal()
	return o
}

// seal seals all rows.
func (o *old) seal() {
	o.Helper()
	clock := func(context.Context) (time.Time, error) { return o.Now.Add(5 * time.Minute), nil }
	if err := seal.New(o.DB, clock, func(time.Time) {}, slog.New(slog.DiscardHandler)).Seal(o.Context()); err != nil {
		o.Fatal(err)
	}
	o.Now = o.Now.Add(10 * time.Minute)
}

func (o *old) detach(month string) error {
	_, err := months.Detach(o.Context(), o.Bank, by, o.folder, office.Day(month+"-01"))
	return err
}

func (o *old) attach(month string) error {
	_, err := months.Attach(o.Context(), o.Bank, by, o.folder, office.Day(month+"-01"))
	return err
}

// must fails the test on an error.
func (o *old) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// refused wants a refusal with a code and a rule.
func (o *old) refused(what string, err error, code fault.Code, why fault.Rule) {
	o.Helper()
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Code != code || why != "" && refusal.Rule != why {
		o.Errorf("%s: got %v, want the refusal %s %s", what, err, code, why)
	}
}

// balances is the trial balance of February 2024.
func (o *old) balances() string {
	o.Helper()
	got, err := o.view.TrialBalance(o.Context(), o.reader(), office.Day("2024-02-01"), office.Day("2026-03-02"), false)
	o.must(err)
	return fmt.Sprint(got.Totals, got.Lines)
}

// rows is everything in the journal and the daily positions before March 2026.
func (o *old) rows() (text string) {
	o.Helper()
	batch := &db.Batch{}
	batch.Query("SELECT coalesce(string_agg(j::text, ';' ORDER BY id), '') FROM journal j WHERE at < '2026-01-01'", func(s db.Scanner) error { return s.Scan(&text) })
	batch.Query("SELECT coalesce(string_agg(p::text, ';' ORDER BY day, loan_id), '') FROM daily_positions p", func(s db.Scanner) error {
		var more string
		err := s.Scan(&more)
		text += more
		return err
	})
	o.must(o.DB.ReadPrimary(o.Context(), batch))
	return text
}

// sealed verifies the journal, and wants seals of detached months or none.
func (o *old) sealed(unread bool) {
	o.Helper()
	got, err := seal.Verify(o.Context(), o.DB, -1)
	if err != nil || len(got.Wrong) > 0 || got.Seals == 0 || (got.Unread > 0) != unread {
		o.Errorf("got %+v, %v, want sealed rows, and seals without their rows: %t", got, err, unread)
	}
}

// TestDetachedMonths: a month leaves the database, everything that stays is right, what is gone is refused
// by its name, and the month comes back as it was.
func TestDetachedMonths(t *testing.T) {
	o := open(t)
	office.Sound(t, o.DB)
	before, balances := o.rows(), o.balances()
	o.refused("a later month first", o.detach("2024-02"), accounting.MonthStays, accounting.OldestFirst)
	o.refused("a month of the previous year", o.detach("2025-01"), accounting.MonthStays, accounting.StaysOnline)
	if left, _ := filepath.Glob(o.folder + "/*"); len(left) > 0 {
		t.Errorf("got the files %q of refused months, want none", left)
	}
	o.must(o.detach("2024-01"))
	for _, table := range []string{"journal", "daily_positions"} {
		if n := office.Count(t, o.DB, fmt.Sprintf("SELECT count(*) FROM pg_class WHERE relname = '%s_2024_01'", table)); n != 0 {
			t.Errorf("got the table of %s in January, want it dropped", table)
		}
	}
	if got := o.balances(); got != balances {
		t.Errorf("the trial balance:\ngot  %s\nwant %s", got, balances)
	}
	o.gone()
	o.sealed(true)
	if c := checks.DetachedMonths(t.Context(), o.DB); c.Err != nil || !strings.Contains(c.Found, "2024-01 to 2024-01; they were not read") {
		t.Errorf("the doctor: got %+v, want the month named, without a failure", c)
	}
	o.goesOn()
	office.Sound(t, o.DB)
	o.must(o.attach("2024-01"))
	o.sealed(false)
	if got := o.rows(); got != before {
		t.Errorf("the attached rows: got %s, want %s", got, before)
	}
	office.Do(o.Office, "tito", lending.ReverseTransaction{LoanID: o.lent.ID, TransactionID: o.january.ID})
	office.Sound(t, o.DB)
	o.refused("a month that is attached", o.attach("2024-01"), accounting.MonthAttached, "")
}

// gone wants that questions about January are refused and that others are answered.
func (o *old) gone() {
	o.Helper()
	t, reader := o.T, o.reader()
	_, err := o.view.Entry(t.Context(), reader, o.january.Entry)
	o.refused("an entry of January", err, accounting.JournalDetached, "")
	if _, err = o.view.Entry(t.Context(), reader, o.february.Entry); err != nil {
		t.Errorf("an entry of February: got %v, want it", err)
	}
	if _, err = o.view.Entry(t.Context(), reader, id.New(o.Now, [10]byte{9})); !fault.Is(err, accounting.EntryNotFound) {
		t.Errorf("an entry that never was: got %v, want %s", err, accounting.EntryNotFound)
	}
	part := view.Paging{Limit: 100}
	for from, code := range map[string]fault.Code{"2024-01-30": accounting.JournalDetached, "2024-02-01": ""} {
		_, ledger := o.view.Ledger(t.Context(), reader, view.LedgerQuery{Account: accounting.Bank, From: office.Day(from), To: office.Day("2024-03-31"), Paging: part})
		_, journal := o.view.Journal(t.Context(), reader, view.JournalQuery{From: office.Day(from), To: office.Day("2024-03-31"), Window: view.Window{Limit: 100}})
		_, audit := o.view.Audit(t.Context(), reader, view.AuditQuery{From: office.Day(from).Midnight(), To: o.Now, Paging: part})
		for what, err := range map[string]error{"ledger": ledger, "journal": journal, "audit": audit} {
			if code == "" && err != nil || code != "" && !fault.Is(err, code) {
				t.Errorf("the %s from %s: got %v, want %q", what, from, err, code)
			}
		}
	}
	_, err = o.view.Portfolio(t.Context(), reader, office.Day("2024-02-29"))
	o.refused("the write-offs of the year to February", err, accounting.JournalDetached, "")
	rows, err := o.view.Audit(t.Context(), reader, view.AuditQuery{Client: o.borrower.ID, To: o.Now, Paging: part})
	if err != nil || len(rows.Items) == 0 {
		t.Errorf("who did what to the client: got %d rows, %v, want those that are left", len(rows.Items), err)
	}
	if begins, err := o.view.JournalBegins(t.Context(), o.Need); err != nil || !begins.Equal(office.Day("2024-02-01").Midnight()) {
		t.Errorf("the beginning of the journal: got %s, %v, want 2024-02-01", begins, err)
	}
	if p, err := o.view.Periods(t.Context(), reader, office.Day("2026-03-02")); err != nil || p.Months[0].Month != "2024-01" {
		t.Errorf("the months of the books: got %+v, %v, want them from 2024-01 on", p, err)
	}
}

// goesOn pays, repeats an old request, and reverses: an old payment is refused, another one is not.
func (o *old) goesOn() {
	o.Helper()
	o.Pay(o.lent, 300_00, "")
	if again := office.As(o.T, o.Bank, o.replay, o.paid); !again.Replayed || again.Answer.ID != o.january.ID {
		o.Errorf("the repeated request of January: got %+v, want its answer", again)
	}
	_, err := bank.Do(o.Context(), o.Bank, by, lending.ReverseTransaction{LoanID: o.lent.ID, TransactionID: o.january.ID})
	o.refused("the reversal of a payment of January", err, accounting.JournalDetached, "")
	office.Do(o.Office, "tito", lending.ReverseTransaction{LoanID: o.lent.ID, TransactionID: o.february.ID})
}

// rewrite changes the text of a file.
func rewrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(change(text))
	_ = w.Close()
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestChangedFiles: a row of a file that was changed, removed or added is named, and the file is not attached.
func TestChangedFiles(t *testing.T) {
	o := open(t)
	o.must(o.detach("2024-01"))
	o.must(o.detach("2024-02"))
	for _, month := range []string{"2024-01", "2024-02"} {
		v, err := months.Verify(t.Context(), o.DB, months.FileOf(o.folder, office.Day(month+"-01")))
		if err != nil || len(v.Wrong) > 0 || v.Rows == 0 || v.Seals == 0 {
			t.Errorf("the file of %s: got %+v, %v, want all rows as they were sealed", month, v, err)
		}
	}
	o.refused("the older month first", o.attach("2024-01"), accounting.MonthAttached, accounting.NewestFirst)
	path := months.FileOf(o.folder, office.Day("2024-02-01"))
	intact, err := os.ReadFile(path)
	o.must(err)
	row := o.february.Entry.String()
	for what, change := range map[string]func([]byte) []byte{
		"row " + row + " was changed": func(b []byte) []byte {
			lines := bytes.SplitAfter(b, []byte("\n"))
			for i := range lines {
				if bytes.HasPrefix(lines[i], []byte(row)) {
					lines[i] = bytes.Replace(lines[i], []byte("\ttito\t"), []byte("\tnadie\t"), 1)
				}
			}
			return bytes.Join(lines, nil)
		},
		"row " + row + " was removed": func(b []byte) []byte {
			at := bytes.Index(b, []byte("\n"+row)) + 1
			return append(bytes.Clone(b[:at]), b[at+bytes.IndexByte(b[at:], '\n')+1:]...)
		},
		"the file was changed: it has": func(b []byte) []byte { return bytes.Replace(b, []byte(`"format"`), []byte(` "format"`), 1) },
	} {
		rewrite(t, path, change)
		v, err := months.Verify(t.Context(), o.DB, path)
		if err != nil || !strings.Contains(strings.Join(v.Wrong, "\n"), what) {
			t.Errorf("got %q, %v, want %q", v.Wrong, err, what)
		}
		if err := o.attach("2024-02"); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("attaching it: got %v, want %q", err, what)
		}
		o.must(os.WriteFile(path, intact, 0o600))
	}
	if err := os.WriteFile(path, intact[:len(intact)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := o.attach("2024-02"); err == nil {
		t.Error("attaching half of a file: got no error, want one")
	}
	o.must(os.WriteFile(path, intact, 0o600))
	o.must(o.attach("2024-02"))
	o.must(o.attach("2024-01"))
	o.sealed(false)
	office.Sound(t, o.DB)
}

// TestInterruptedDetachment: after a kill between the record and the drop the books are right, the doctor
// says what is unfinished, and either command completes it.
func TestInterruptedDetachment(t *testing.T) {
	o := open(t)
	before := o.rows()
	interrupt := func() {
		t.Helper()
		o.must(o.detach("2024-01"))
		// As it was before the drop: the rows in their partition, and the month recorded.
		o.must(months.Restore(t.Context(), o.DB, o.folder, office.Day("2024-01-01")))
		office.Sound(t, o.DB)
		if c := checks.DetachedMonths(t.Context(), o.DB); c.Err == nil || c.Severity() != checks.Warning {
			t.Errorf("the doctor: got %+v, want a warning", c)
		}
	}
	interrupt()
	o.must(o.detach("2024-01"))
	if n := office.Count(t, o.DB, "SELECT count(*) FROM pg_class WHERE relname = 'journal_2024_01'"); n != 0 {
		t.Error("the table after the second call: got it, want it dropped")
	}
	o.must(o.attach("2024-01"))
	if got := o.rows(); got != before {
		t.Errorf("the attached rows: got %s, want %s", got, before)
	}
	office.Sound(t, o.DB)
}

// reader may read everything, and sees the last command.
func (o *old) reader() view.By {
	by := view.System
	by.Need = o.Need
	return by
}
