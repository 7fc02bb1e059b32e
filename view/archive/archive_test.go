package archive_test

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/dayend"
	booked "sofipo/bank/institution"
	"sofipo/bank/lending"
	staffing "sofipo/bank/staff"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/institution"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view/archive"
)

// house is an institution with loans, payments, a reversal, a closed day, a manual entry, a note,
// and a client whose data are blocked.
func house(t *testing.T, d *db.DB) *office.Office {
	t.Helper()
	o := office.Open(t, d)
	o.WorkedExample()
	office.Do(o, "maker", &booked.ChangeInstitution{Institution: institution.Institution{Name: "Caja \"Ñandú\", S.F.P."}})
	paid := o.Lend(o.Client(2).ID, 12_000_00, office.At(360_000, 12))
	m := o.Pay(paid, 1_500_50, servicing.Ordinary)
	office.Do(o, "maker", lending.ReverseTransaction{LoanID: paid.ID, TransactionID: m.ID, Reason: "otro préstamo"})
	office.Do(o, "maker", lending.ApplyForLoan{ClientID: o.Client(3).ID, Product: "seed", Amount: 5_000_00, Rate: 240_000, Periods: 6})
	noted := o.Client(4)
	office.Do(o, "maker", &clients.AddNote{ID: noted.ID, Text: "prefiere la tarde"})
	blocked := o.Client(5)
	office.Do(o, "maker", &clients.AddNote{ID: blocked.ID, Text: "nota secreta"})
	office.Do(o, "maker", lending.BlockClient{ClientID: blocked.ID, Reason: "pidió la cancelación"})
	return o
}

// packed are the lines of the files of an archive, and its manifest.
type packed struct {
	lines map[string][]map[string]any
	raw   map[string]string
	archive.Manifest
}

func unpack(t *testing.T, path string) (p packed) {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	text, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	p.lines, p.raw = map[string][]map[string]any{}, map[string]string{}
	for files := tar.NewReader(text); ; {
		head, err := files.Next()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil || head.Mode != 0o600 {
			t.Fatalf("got %v, %v, want files of mode 0600", head, err)
		}
		content, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		p.raw[head.Name] = string(content)
		if head.Name == archive.ManifestFile {
			if err := json.Unmarshal(content, &p.Manifest); err != nil {
				t.Fatal(err)
			}
			continue
		}
		name := strings.TrimSuffix(head.Name, ".jsonl")
		p.lines[name] = nil
		for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
			var members map[string]any
			if err := json.Unmarshal(lines.Bytes(), &members); err != nil {
				t.Fatalf("%s: %v in %s", name, err, lines.Text())
			}
			p.lines[name] = append(p.lines[name], members)
		}
	}
}

func options(t *testing.T) archive.Options {
	return archive.Options{File: filepath.Join(t.TempDir(), "a.tar.gz"), Program: "test", Now: time.Now}
}

// write writes an archive, checks it and reads it.
func write(t *testing.T, d *db.DB, o archive.Options) packed {
	t.Helper()
	m, err := archive.Write(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	checked, err := archive.Check(o.File)
	if err != nil {
		t.Errorf("the check: got %v, want a sound archive", err)
	}
	if got, want := fmt.Sprint(checked.Files, checked.Balances), fmt.Sprint(m.Files, m.Balances); got != want {
		t.Errorf("got the manifest %s, want %s", got, want)
	}
	if info, err := os.Stat(o.File); err != nil || info.Mode() != 0o600 {
		t.Errorf("got %v %v, want a file of mode 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(o.File), "*")); len(left) != 1 {
		t.Errorf("got the files %v, want the archive alone", left)
	}
	return unpack(t, o.File)
}

// TestArchive: an archive has every row of the tables, with the members that Files declares and
// amounts as texts. Its sums are those of the books.
func TestArchive(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := house(t, d)
		for day := office.Day("2026-01-02"); !day.After(civil.DateOf(o.Now)); day = day.AddDays(1) {
			if _, err := dayend.New(o.Bank, dayend.Options{}).CloseDay(t.Context(), bank.By{System: true, Actor: "maker"}, day, nil); err != nil {
				t.Fatal(err)
			}
		}
		settle(t, d)
		asked := options(t)
		asked.Personal = true
		p := write(t, d, asked)
		for _, f := range archive.Files() {
			var names []string
			for _, m := range f.Members {
				names = append(names, m.Name)
			}
			slices.Sort(names)
			lines, found := p.lines[f.Name]
			if !found {
				t.Errorf("got no file %s, want it", f.Name)
			}
			for _, line := range lines {
				var got []string
				for name, value := range line {
					got = append(got, name)
					if number, is := value.(float64); is && number != float64(int64(number)) {
						t.Errorf("%s.%s: got the number %v, want a text", f.Name, name, value)
					}
				}
				if slices.Sort(got); !slices.Equal(got, names) {
					t.Fatalf("%s: got the members %v, want %v", f.Name, got, names)
				}
			}
		}
		tables := map[string]string{
			"clients": "clients", "loans": "loans", "loan_schedules": "loan_versions", "transactions": "loan_transactions", "journal": "journal", "postings": "posted",
			"users": "users", "branches": "branches", "products": "products", "manual_entries": "manual_entries", "business_days": "business_days", "daily_positions": "daily_positions",
			"client_blocks": "client_blocks", "client_notes": "client_notes", "institution": "institution",
		}
		for name, table := range tables {
			if got, want := int64(len(p.lines[name])), office.Count(t, d, "SELECT count(*) FROM "+table); got != want || want == 0 && name != "users" {
				t.Errorf("%s: got %d lines, want the %d rows of %s, at least one", name, got, want, table)
			}
		}
		if p.Institution != `Caja "Ñandú", S.F.P.` || p.Schema != office.Count(t, d, "SELECT max(version_id) FROM schema_versions") || p.Format != archive.Format || p.Replica == d.Embedded() {
			t.Errorf("got the manifest %+v, want the name, the schema, the format and the replica of the database", p.Manifest)
		}
		checkSums(t, d, p)
		checkLoans(t, p)
	})
}

// settle waits until a replica has everything.
func settle(t *testing.T, d *db.DB) {
	t.Helper()
	want := office.Count(t, d, "SELECT count(*) FROM journal")
	for range 500 {
		var got int64
		b := &db.Batch{}
		b.Query("SELECT count(*) FROM journal", func(s db.Scanner) error { return s.Scan(&got) })
		if _, _, err := d.ReadAll(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the replica does not get the last commits")
}

// checkSums compares the sums of the manifest with sums that the database computes.
func checkSums(t *testing.T, d *db.DB, p packed) {
	t.Helper()
	sum := func(sql string) string { return money.Amount(office.Count(t, d, sql)).String() }
	of := func(file, member string) string {
		for _, f := range p.Files {
			if f.Name == file+".jsonl" {
				return f.Sums[member]
			}
		}
		return ""
	}
	for _, c := range []struct{ file, member, table, column string }{
		{"loans", "balance", "loans", "balance"}, {"loans", "amount", "loans", "amount"}, {"transactions", "amount", "loan_transactions", "amount"},
		{"postings", "debit", "posted", "debit"}, {"postings", "credit", "posted", "credit"}, {"daily_positions", "provision", "daily_positions", "provision"},
	} {
		if got, want := of(c.file, c.member), sum("SELECT coalesce(sum("+c.column+"), 0)::bigint FROM "+c.table); got != want || want == "0.00" {
			t.Errorf("sum of %s.%s: got %s, want %s, not 0.00", c.file, c.member, got, want)
		}
	}
	if debit, credit := of("postings", "debit"), of("postings", "credit"); debit != credit {
		t.Errorf("got debits of %s and credits of %s, want the same", debit, credit)
	}
	accounts := 0
	for account, balance := range p.Balances {
		accounts++
		if want := sum("SELECT coalesce(sum(amount), 0)::bigint FROM posted WHERE account = '" + account + "'"); balance != want {
			t.Errorf("account %s: got the balance %s, want %s", account, balance, want)
		}
	}
	if want := office.Count(t, d, "SELECT count(DISTINCT account) FROM posted"); int64(accounts) != want {
		t.Errorf("got %d accounts, want %d", accounts, want)
	}
	if got, want := of("loans", "balance"), sum("SELECT sum(amount)::bigint FROM posted WHERE account IN ('1301', '1351')"); got != want {
		t.Errorf("got loans of %s and principal in the books of %s, want the same", got, want)
	}
}

// checkLoans checks that the instalments of a loan pay its principal, and that an application has
// no schedule.
func checkLoans(t *testing.T, p packed) {
	t.Helper()
	amount := func(text any) (a money.Amount) {
		if s, is := text.(string); is {
			if err := json.Unmarshal([]byte(s), &a); err != nil {
				t.Fatal(err)
			}
		} else if text != nil {
			t.Fatalf("got the amount %v, want a text", text)
		}
		return a
	}
	for _, l := range p.lines["loans"] {
		if l["status"] == "APPLIED" {
			if l["terms"] != nil || len(l["instalments"].([]any)) != 0 {
				t.Errorf("an application: got %v, want no schedule", l)
			}
			continue
		}
		var left money.Amount
		for _, in := range l["instalments"].([]any) {
			of := in.(map[string]any)
			left += amount(of["scheduled"].(map[string]any)["principal"]) - amount(of["paid"].(map[string]any)["principal"])
		}
		if want := amount(l["balance"]); left != want || want == 0 {
			t.Errorf("loan %s: got %s of principal in its instalments, want its balance %s", l["number"], left, want)
		}
		if rate, is := l["terms"].(map[string]any)["annual_rate"].(string); !is || rate == "" {
			t.Errorf("loan %s: got the terms %v, want annual_rate as a text", l["number"], l["terms"])
		}
	}
}

// TestArchiveKeepsPersonalData: without the option, files, notes and senders are not in an archive.
// Passwords and blocked data are in none.
func TestArchiveKeepsPersonalData(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := house(t, d)
		office.Do(o, "maker", staffing.AddUser{Username: "ana", Password: "HASH-OF-A-PASSWORD", Role: "teller"})
		blocked := o.Client(6)
		office.Do(o, "maker", lending.BlockClient{ClientID: blocked.ID, Reason: "pidió la cancelación"})
		settle(t, d)
		for _, personal := range []bool{false, true} {
			asked := options(t)
			asked.Personal = personal
			p := write(t, d, asked)
			all := strings.Join(slices.Collect(func(yield func(string) bool) {
				for _, text := range p.raw {
					yield(text)
				}
			}), "\n")
			for _, secret := range []string{"HASH-OF-A-PASSWORD", "nota secreta", blocked.Email, blocked.RFC, blocked.FullName} {
				if strings.Contains(all, secret) {
					t.Errorf("personal %v: got %q in the archive, want it nowhere", personal, secret)
				}
			}
			if got := strings.Contains(all, "prefiere la tarde"); got != personal {
				t.Errorf("personal %v: a note in the archive: got %v, want %v", personal, got, personal)
			}
			for _, f := range archive.Files() {
				if _, found := p.lines[f.Name]; found != (personal || !f.Personal) {
					t.Errorf("personal %v: %s in the archive: got %v, want %v", personal, f.Name, found, !found)
				}
			}
			if !strings.Contains(all, `"data_state":"`+string(client.DataBlocked)+`"`) {
				t.Error("got no client with blocked data, want one")
			}
		}
	})
}

// TestArchiveIsOneSnapshot: what is committed while an archive is written is not in it.
func TestArchiveIsOneSnapshot(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := house(t, d)
		settle(t, d)
		before := office.Count(t, d, "SELECT count(*) FROM clients")
		stop, done := make(chan struct{}), make(chan int)
		go func() {
			n := 10
			for ; ; n++ {
				select {
				case <-stop:
					done <- n
					return
				default:
				}
				holder := office.Register(t, o.Bank, n)
				office.Grant(t, o.Bank, holder.ID, 1_000_00)
			}
		}()
		time.Sleep(50 * time.Millisecond)
		p := write(t, d, options(t))
		close(stop)
		n := <-done
		if n == 10 {
			t.Skip("nothing was committed meanwhile")
		}
		known := map[any]bool{}
		for _, c := range p.lines["clients"] {
			known[c["id"]] = true
		}
		loans := map[any]bool{}
		for _, l := range p.lines["loans"] {
			if loans[l["id"]] = true; !known[l["client_id"]] {
				t.Errorf("got the loan %v without a client, want its client in the archive", l["id"])
			}
		}
		for _, m := range p.lines["transactions"] {
			if !loans[m["loan_id"]] {
				t.Errorf("got the transaction %v without a loan, want its loan in the archive", m["id"])
			}
		}
		if int64(len(p.lines["clients"])) < before {
			t.Errorf("got %d clients, want at least %d", len(p.lines["clients"]), before)
		}
	})
}

// TestArchiveIsRefused: an existing file is never replaced, and an archive that cannot be recorded
// gets no name.
func TestArchiveIsRefused(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	house(t, d)
	o := options(t)
	if err := os.WriteFile(o.File, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Write(t.Context(), d, o); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("an existing file: got %v, want a refusal", err)
	}
	if got, _ := os.ReadFile(o.File); string(got) != "mine" {
		t.Errorf("got the file %q, want it as it was", got)
	}
	o = options(t)
	o.Record = func(archive.Manifest) error { return errors.New("no audit") }
	if _, err := archive.Write(t.Context(), d, o); err == nil {
		t.Error("an archive without an audit: got no error, want one")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o.Record = nil
	if _, err := archive.Write(ctx, d, o); err == nil {
		t.Error("an interrupted archive: got no error, want one")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(o.File), "*")); len(left) != 0 {
		t.Errorf("got the files %v, want none", left)
	}
}

// TestCheckFindsDamage: the check refuses an archive with a changed amount, a missing line, a missing
// file, without its manifest, cut off, and what is no archive.
func TestCheckFindsDamage(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	house(t, d)
	o := options(t)
	sound := write(t, d, o)
	order := append([]archive.Entry{}, sound.Files...)
	order = append(order, archive.Entry{Name: archive.ManifestFile})
	for name, c := range map[string]struct {
		change func(name, text string) (string, bool)
		says   string
	}{
		"an amount": {func(name, text string) (string, bool) {
			return strings.Replace(text, `"debit":"`, `"debit":"1`, 1), true
		}, "postings.jsonl"},
		"a line": {func(name, text string) (string, bool) {
			if name == "journal.jsonl" {
				_, text, _ = strings.Cut(text, "\n")
			}
			return text, true
		}, "journal.jsonl has"},
		"a name": {func(name, text string) (string, bool) {
			if name == "clients.jsonl" {
				text = strings.Replace(text, "full_name\":\"", "full_name\":\"X", 1)
			}
			return text, true
		}, "clients.jsonl has"},
		"a letter": {func(name, text string) (string, bool) {
			if name == "clients.jsonl" {
				text = strings.Replace(text, "example", "exemple", 1)
			}
			return text, true
		}, "SHA-256"},
		"a file":       {func(name, text string) (string, bool) { return text, name != "products.jsonl" }, "its manifest has"},
		"the manifest": {func(name, text string) (string, bool) { return text, name != archive.ManifestFile }, "manifest.json is missing"},
		"a line that is no JSON": {func(name, text string) (string, bool) {
			if name == "loans.jsonl" {
				text = "{\n" + text
			}
			return text, true
		}, "line 1 of loans.jsonl"},
	} {
		path := filepath.Join(t.TempDir(), "changed.tar.gz")
		var b bytes.Buffer
		zip := gzip.NewWriter(&b)
		files := tar.NewWriter(zip)
		for _, f := range order {
			text, keep := c.change(f.Name, sound.raw[f.Name])
			if !keep {
				continue
			}
			if err := errors.Join(files.WriteHeader(&tar.Header{Name: f.Name, Size: int64(len(text)), Mode: 0o600})); err != nil {
				t.Fatal(err)
			}
			_, _ = files.Write([]byte(text))
		}
		if err := errors.Join(files.Close(), zip.Close(), os.WriteFile(path, b.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Check(path); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.says)
		}
		if err := os.WriteFile(path, b.Bytes()[:b.Len()/2], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Check(path); err == nil {
			t.Errorf("%s, cut off: got no error, want one", name)
		}
	}
	if _, err := archive.Check("archive_test.go"); err == nil || !strings.Contains(err.Error(), "no archive") {
		t.Errorf("a text: got %v, want no archive", err)
	}
}
