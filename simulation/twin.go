package simulation

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/bank/settlement"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/product"
	"sofipo/core/money"
	places "sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/core/staff"
)

// twin is the in-memory twin of the bank: the same commands on a bank.Memory. Its days are not
// closed, because a close is made of SQL; so it has no daily positions.
type twin struct {
	memory *bank.Memory
	solo   *bank.Solo
	starts int
	books  hash.Hash // of the days so far

	entries, audit, events int // at the start of the day
}

// beginTwin makes the twin with the rows of a new database.
func (s *institution) beginTwin() error {
	created := civil.Date{Year: 2000, Month: 1, Day: 1}.Midnight()
	m := bank.NewMemory(civil.Date{Year: 1999, Month: 12, Day: 31})
	lending.Products.Keep(m, lending.Product{Product: product.Seed(), CreatedAt: created, CreatedBy: "sofipo"})
	staffing.Branches.Keep(m, staff.Branch{ID: staff.HeadOffice, Code: "001", Name: "Matriz", CreatedAt: created})
	settlement.Tills.Keep(m, places.Till{ID: places.MainVault, Code: "boveda", Name: "Bóveda", BranchID: staff.HeadOffice, VaultOf: staff.HeadOffice, CreatedAt: created})
	settlement.Accounts.Keep(m, places.Account{ID: places.MainAccount, Code: "principal", Name: "Cuenta principal", Overdraft: true, CreatedAt: created})
	s.twin = &twin{memory: m, books: sha256.New()}
	s.twin.open(s)
	return nil
}

// open starts a process: what the one before kept in memory is lost.
func (t *twin) open(s *institution) {
	t.starts++
	t.solo = t.memory.Open(bank.Options{Rules: rules, Clock: s.faults.wall, Random: newRandomBytes(s.Seed + uint64(t.starts)<<32), Location: s.Location, Log: s.Log})
	t.solo.Who, t.solo.Commit = s.who, s.faults.commit
}

// who returns a user with the role, as the guard of a bank does. Assigned clients are not known to
// the twin: who covers only those covers all.
func (s *institution) who(by bank.By) *staff.Member {
	m := s.members[by.Actor]
	w := &staff.Member{User: staff.User{Username: by.Actor, BranchID: staff.HeadOffice}, Role: m.role}
	for _, b := range s.branches {
		if b.Code == m.user.Branch {
			w.User.BranchID = b.ID
		}
	}
	if by.System || w.Role.Scope == staff.Own {
		w.Role.Scope = staff.All
	}
	return w
}

// onTwin executes a command on the twin.
func onTwin[A any](s *institution, by bank.By, c bank.Command[A]) (bank.Receipt[A], error) {
	if role := s.members[by.Actor].role; !by.System && !role.May(c.Permission()) {
		return bank.Receipt[A]{}, fault.Refuse(access.Forbidden, "permission", c.Permission())
	}
	if s.faults.cut {
		return bank.Receipt[A]{}, bank.Unavailable(fault.DatabaseAway, errCrashed)
	}
	receipt, _, err := bank.Alone(s.twin.solo, by, c)
	return receipt, err
}

// importOnTwin imports a file, one command for each row, as the importer does.
func (s *institution) importOnTwin(ctx context.Context, file settlement.RegisterFile) (done lending.Imported, err error) {
	read, err := fileLayout.Parse(file.Content, s.today)
	if err != nil {
		return done, err
	}
	read.Identify(file.AccountID)
	enqueue(s, as(treasurer), bank.Command[incoming.File](file), func(r bank.Receipt[incoming.File], err error) error {
		done.File = r.Answer
		return err
	}).silent = true
	if err := s.flush(ctx); err != nil {
		return done, err
	}
	done.Rows = make([]lending.ImportedRow, len(read.Rows))
	for i, r := range read.Rows {
		take := lending.TakeIncoming{Payment: incoming.Of(done.File, r), Excess: fileLayout.Excess}
		found, why := take.Payment.ReferenceFound()
		if take.Why = why; found != "" {
			at := slices.IndexFunc(s.loans, func(c *trackedLoan) bool { return c.number == found.Number() })
			take.LoanID = s.loans[at].id
		}
		submit(s, treasurer, take, func(taken []incoming.Payment) error {
			done.Rows[i] = lending.ImportedRow{Row: r, Outcome: lending.RowApplied, Payments: taken}
			return nil
		})
	}
	submit(s, treasurer, settlement.FinishFile{FileID: done.File.ID, Counts: incoming.Counts{Rows: len(read.Rows)}}, ignore)
	return done, s.flush(ctx)
}

// replayOnTwin is replayIncoming for the twin.
func (s *institution) replayOnTwin() error {
	for _, taken := range slices.SortedFunc(maps.Keys(s.taken), byID) {
		c := s.taken[taken]
		found := false
		for n := 0; ; n++ {
			m, known := lending.Transactions.Row(s.twin.memory, lending.TransactionKey{Loan: c.id, Number: n})
			if !known {
				break
			}
			if m.ID == taken {
				found = true
				if err := s.afterPayment(c, m.Transaction); err != nil {
					return err
				}
			}
		}
		if !found {
			return s.breach(followed, "the payment %s of the bank's file was applied, but has no transaction", taken)
		}
	}
	clear(s.taken)
	return nil
}

// endTwinDay compares the twin's books of the day with the expected figures.
func (s *institution) endTwinDay() error {
	t, a, f := s.twin, &s.audit, s.faults
	posted, lost := map[id.ID]money.Amount{}, ""
	for _, e := range t.memory.Entries[t.entries:] {
		if err := e.Check(); err != nil {
			return s.breach(balanced, "%v", err)
		}
		owner := e.Subject
		if owner.IsZero() {
			owner = e.Postings[0].Subject
		}
		for _, p := range e.Postings {
			a.sums[p.Account] += p.Debit - p.Credit
			f.lines = append(f.lines, fmt.Sprintf("%s of %s: %s %s %s", e.Kind, e.BusinessDate, p.Account, p.Debit, p.Credit))
			if !strings.Contains(moneyAccounts, "'"+string(p.Account)+"'") {
				continue
			}
			at, known := s.placeOf(p.Account, p.Subject, owner)
			if posted[owner] += p.Debit - p.Credit; !known {
				lost = fmt.Sprintf("%s has a line of %s", p.Account, p.Subject)
			}
			a.posted[at] += p.Debit - p.Credit
		}
	}
	if err := s.sameCash(handedOver, a.cash, posted); err != nil {
		return err
	}
	if err := s.auditPlaces(lost); err != nil {
		return err
	}
	if err := s.auditTwinLoans(); err != nil {
		return err
	}
	if err := s.auditTwinTraces(); err != nil {
		return err
	}
	slices.Sort(f.lines)
	_, _ = fmt.Fprintln(t.books, s.today, f.lines)
	t.entries, t.audit, t.events = len(t.memory.Entries), t.memory.Audit, len(t.memory.Events)
	if s.today.IsMonthEnd() || s.day == s.Days {
		s.printMonth()
	}
	return nil
}

// auditTwinLoans compares the control accounts with the loans, and the loans of the day with
// their contracts and transactions.
func (s *institution) auditTwinLoans() error {
	var of subledger
	for _, l := range lending.Loans.Rows(s.twin.memory) {
		of.balance, of.unapplied, of.writtenOff = of.balance+l.Balance, of.unapplied+l.Unapplied, of.writtenOff+l.WrittenOff
	}
	if err := cmp.Or(s.auditSubledger(of), s.auditOverdrawn()); err != nil {
		return err
	}
	for _, loanID := range slices.SortedFunc(maps.Keys(s.audit.touched), byID) {
		c := s.audit.touched[loanID]
		l, _ := lending.Loans.Row(s.twin.memory, loanID)
		got, want := loanRow{l.Status, subledger{l.Balance, l.Unapplied, l.WrittenOff}}, loanRow{c.status(), subledger{c.account.Outstanding, c.account.Unapplied, c.account.WrittenOff.Sum()}}
		if got != want {
			return s.breach(followed, "the row of loan %s is %v, want %v", loanID, got, want)
		}
	}
	return nil
}

// auditTwinTraces checks that each acknowledged request of today left its key, its audit row and
// its events, and that no other left anything.
func (s *institution) auditTwinTraces() error {
	t, f := s.twin, s.faults
	keys := map[string]bool{}
	for _, key := range t.memory.Keys(true) {
		keys[key] = true
	}
	for _, all := range []map[string]bool{f.done, keys} {
		for key := range all {
			if f.done[key] != keys[key] {
				return s.breach(traced, "request %s was acknowledged: %t; its key is stored: %t", key, f.done[key], keys[key])
			}
		}
	}
	if rows := t.memory.Audit - t.audit; rows != len(f.done) {
		return s.breach(traced, "the audit has %d rows for %d acknowledged requests", rows, len(f.done))
	}
	told := map[string]bool{}
	for _, body := range t.memory.Events[t.events:] {
		var e event.Envelope
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			return err
		}
		if _, again := f.events[e.EventID]; again || !f.done[e.CorrelationID] {
			return s.breach(published, "the event %s of request %s: published twice %t, acknowledged %t", e.EventType, e.CorrelationID, again, f.done[e.CorrelationID])
		}
		f.events[e.EventID], told[e.CorrelationID] = e.EventType, true
		f.lines = append(f.lines, "event "+e.CorrelationID+" "+e.EventType)
	}
	for _, key := range slices.Sorted(maps.Keys(f.done)) {
		if !told[key] && !f.silent[key] {
			return s.breach(published, "request %s was acknowledged, but has no event", key)
		}
	}
	return nil
}

// digest returns a hash of what all days left, and of the loans.
func (t *twin) digest() string {
	_, _ = fmt.Fprintln(t.books, len(t.memory.Entries))
	for _, l := range lending.Loans.Rows(t.memory) {
		_, _ = fmt.Fprintln(t.books, l.Status, l.Amount, l.Balance, l.Interest, l.IVA, l.Unapplied, l.WrittenOff)
	}
	return hex.EncodeToString(t.books.Sum(nil))
}

// income returns the interest, penalty interest and fees of the twin.
func (t *twin) income() (sum money.Amount) {
	for _, e := range t.memory.Entries {
		for _, p := range e.Postings {
			if p.Account >= "51" && p.Account < "54" {
				sum += p.Credit - p.Debit
			}
		}
	}
	return sum
}
