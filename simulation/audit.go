package simulation

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"sofipo/checks"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/infra/db"
)

// Breach is a broken invariant. The simulation stops at the first one.
type Breach struct {
	Invariant string
	Found     string
	Seed      uint64
	Day       int // of the simulation, from 1
	Date      civil.Date
	Command   string // repeats the simulation
}

// Error returns all fields as one line.
func (b *Breach) Error() string {
	return fmt.Sprintf("broken invariant %q on day %d (%s) with seed %d: %s; to repeat: %s", b.Invariant, b.Day, b.Date, b.Seed, b.Found, b.Command)
}

func (s *institution) breach(invariant, format string, args ...any) *Breach {
	return &Breach{
		Invariant: invariant, Found: fmt.Sprintf(format, args...), Seed: s.Seed, Day: s.day, Date: s.today,
		Command: fmt.Sprintf("sofipo demo --seed %d --days %d --clients %d --from %s", s.Seed, s.Days, s.Clients, s.From) + s.faults.flag(),
	}
}

// cash is the account of the bank accounts; manual entries name it.
const cash = accounting.Bank

// moneyAccounts are the accounts of cash, of bank accounts and of what others owe for
// payments, in SQL.
const moneyAccounts = "'1101', '1102', '1103', '1431', '1432', '1433'"

// The daily invariants, besides those in tracked_loan.go and commands.go.
const (
	closable   = "each day can be closed"
	balanced   = "the debits of the day equal its credits"
	handedOver = "the cash of the day equals the money handed over, loan by loan"
	placed     = "each till, vault and bank account has the money of its operations"
	covered    = "no till, vault or bank account is below zero"
	controlled = "control accounts equal the sub-ledger"
	solvent    = "no asset or liability is overdrawn"
	mirrored   = "IVA not yet caused equals the IVA receivable"
	positioned = "the books equal the sum of the day's positions"
	rating     = "positions have the right days past due and provision"
	perClient  = "cash equals the money that each client handed over"
)

// audit has the expected figures. Cash is recorded from the commands, not from the books.
type audit struct {
	cash    map[id.ID]money.Amount            // money of today, by loan, manual entry, deposit or till session
	touched map[id.ID]*trackedLoan            // today
	sums    map[ledger.Account]money.Amount   // debits less credits up to yesterday
	done    map[deed]int                      // commands of today
	judges  map[id.ID]string                  // who decided a request
	needs   map[string][]access.Permission    // permissions of the operations
	places  map[settlement.Place]money.Amount // money since the first day
	posted  map[settlement.Place]money.Amount // the same according to the books
}

func newAudit() audit {
	return audit{
		judges: map[id.ID]string{}, needs: map[string][]access.Permission{},
		sums: map[ledger.Account]money.Amount{}, places: map[settlement.Place]money.Amount{}, posted: map[settlement.Place]money.Amount{},
	}
}

// open starts a day.
func (a *audit) open() {
	a.cash, a.touched, a.done = map[id.ID]money.Amount{}, map[id.ID]*trackedLoan{}, map[deed]int{}
}

// recordCash records money received from a borrower at a place; paid-out money is negative.
func (s *institution) recordCash(c *trackedLoan, amount money.Amount, at settlement.Place) {
	s.record(at, amount)
	s.audit.cash[c.id] += amount
	s.audit.touched[c.id] = c
	c.owner.netCash += amount
	s.changes(c)
}

// positions has the sums of the daily positions: of all loans, and of the loans in stage
// 3, which are overdue in the books.
type positions struct {
	balance, interest, overdueBalance, overdueInterest money.Amount
	iva, suspended, provision, reserve                 money.Amount
}

// subledger has the sums of the rows of loans.
type subledger struct{ balance, unapplied, writtenOff money.Amount }

// loanRow has the audited columns of the row of a loan.
type loanRow struct {
	status servicing.Status
	subledger
}

// positionRow has the audited columns of the daily position of a loan.
type positionRow struct {
	daysPastDue       int
	stage             risk.Stage
	balance, interest money.Amount
	provided          money.Amount
}

// auditDay compares the books of the day with the expected figures. It reads the
// postings of the day, the sums of all loans, and the loans with an operation today.
func (s *institution) auditDay(ctx context.Context) error {
	a := &s.audit
	opened := id.New(time.Date(int(s.today.Year), time.Month(s.today.Month), int(s.today.Day), 0, 0, 0, 0, s.Location), [10]byte{})
	var debits, credits money.Amount
	var of subledger
	var p positions
	posted, rows, ratings := map[id.ID]money.Amount{}, map[id.ID]loanRow{}, map[id.ID]positionRow{}
	batch := &db.Batch{}
	lost := ""
	batch.Query(`WITH day AS MATERIALIZED (SELECT p.account, p.subject, j.subject AS owner, p.debit, p.credit FROM posted p JOIN journal j ON j.id = p.entry_id WHERE p.entry_id >= $1)
		SELECT account, CASE WHEN account IN (`+moneyAccounts+`) THEN subject END, CASE WHEN account IN (`+moneyAccounts+`) THEN owner END,
			sum(debit)::bigint, sum(credit)::bigint FROM day GROUP BY 1, 2, 3`, func(r db.Scanner) error {
		var account ledger.Account
		var subject, owner id.ID
		var debit, credit money.Amount
		err := r.Scan(&account, &subject, &owner, &debit, &credit)
		debits, credits = debits+debit, credits+credit
		a.sums[account] += debit - credit
		if !owner.IsZero() {
			at, known := s.placeOf(account, subject, owner)
			if posted[owner] += debit - credit; !known {
				lost = fmt.Sprintf("%s has a line of %s", account, subject)
			}
			a.posted[at] += debit - credit
		}
		return err
	}, opened)
	batch.Query("SELECT coalesce(sum(balance), 0)::bigint, coalesce(sum(unapplied), 0)::bigint, coalesce(sum(written_off), 0)::bigint FROM loans",
		func(r db.Scanner) error { return r.Scan(&of.balance, &of.unapplied, &of.writtenOff) })
	batch.Query(`SELECT coalesce(sum(balance), 0)::bigint, coalesce(sum(interest), 0)::bigint, coalesce(sum(balance) FILTER (WHERE stage = 3), 0)::bigint,
		coalesce(sum(interest) FILTER (WHERE stage = 3), 0)::bigint, coalesce(sum(iva), 0)::bigint, coalesce(sum(suspended), 0)::bigint,
		coalesce(sum(provision), 0)::bigint, coalesce(sum(reserve), 0)::bigint FROM portfolio WHERE day = $1`, func(r db.Scanner) error {
		return r.Scan(&p.balance, &p.interest, &p.overdueBalance, &p.overdueInterest, &p.iva, &p.suspended, &p.provision, &p.reserve)
	}, s.today)
	batch.Query("SELECT id, status, balance, unapplied, written_off FROM loans WHERE id = ANY($1::uuid[])", func(r db.Scanner) error {
		var loanID id.ID
		var l loanRow
		err := r.Scan(&loanID, &l.status, &l.balance, &l.unapplied, &l.writtenOff)
		rows[loanID] = l
		return err
	}, slices.Collect(maps.Keys(a.touched)))
	batch.Query("SELECT loan_id, days_past_due, stage, balance, interest, provision FROM daily_positions WHERE day = $1 AND loan_id = ANY($2::uuid[])", func(r db.Scanner) error {
		var loanID id.ID
		var p positionRow
		err := r.Scan(&loanID, &p.daysPastDue, &p.stage, &p.balance, &p.interest, &p.provided)
		ratings[loanID] = p
		return err
	}, s.today, slices.Collect(maps.Keys(a.touched)))
	people := s.readDeeds(batch, opened)
	if err := s.DB.ReadPrimary(ctx, batch); err != nil {
		return err
	}
	if err := s.auditPeople(people); err != nil {
		return err
	}
	if debits != credits {
		return s.breach(balanced, "debits %s, credits %s", debits, credits)
	}
	if err := s.sameCash(handedOver, a.cash, posted); err != nil {
		return err
	}
	if err := s.auditPlaces(lost); err != nil {
		return err
	}
	if err := s.auditControls(of, p); err != nil {
		return err
	}
	return s.auditLoans(rows, ratings)
}

// sumInto reads an id and an amount into a map.
func sumInto(sums map[id.ID]money.Amount) func(db.Scanner) error {
	return func(r db.Scanner) error {
		var of id.ID
		var sum money.Amount
		err := r.Scan(&of, &sum)
		sums[of] = sum
		return err
	}
}

// auditPlaces compares the money of each till, vault and bank account with that of the
// operations since the first day. None may be below zero at the end of a day.
func (s *institution) auditPlaces(lost string) error {
	if lost != "" {
		return s.breach(placed, "%s", lost)
	}
	for at, has := range s.audit.posted {
		if want := s.audit.places[at]; has != want {
			return s.breach(placed, "%s of %s has %s, want %s", at.Account, at.Subject, has, want)
		}
		if has < 0 {
			return s.breach(covered, "%s of %s has %s", at.Account, at.Subject, has)
		}
	}
	return nil
}

// sameCash compares the expected cash with the posted cash by loan, manual entry or client.
func (s *institution) sameCash(invariant string, handed, posted map[id.ID]money.Amount) error {
	for _, of := range slices.SortedFunc(maps.Keys(handed), byID) {
		if handed[of] != posted[of] {
			return s.breach(invariant, "%s: cash %s, posted %s", of, handed[of], posted[of])
		}
	}
	for _, of := range slices.SortedFunc(maps.Keys(posted), byID) {
		if _, known := handed[of]; !known && posted[of] != 0 {
			return s.breach(invariant, "%s: no cash, posted %s", of, posted[of])
		}
	}
	return nil
}

func byID(a, b id.ID) int { return slices.Compare(a[:], b[:]) }

// auditControls compares the accounts with the sums of the loans and of the daily
// positions, and checks that none is overdrawn. Suspended interest is in 7101.
func (s *institution) auditControls(of subledger, p positions) error {
	sums := s.audit.sums
	return cmp.Or(s.auditSubledger(of), s.compare([]comparison{
		{"1301", sums["1301"], p.balance - p.overdueBalance, positioned},
		{"1351", sums["1351"], p.overdueBalance, positioned},
		{"1302", sums["1302"], p.interest - p.overdueInterest, positioned},
		{"1352", sums["1352"], p.overdueInterest, positioned},
		{"1410", sums["1410"], p.iva, positioned},
		{"7101", sums["7101"], p.suspended, positioned},
		{"1390", -sums["1390"], p.provision, positioned},
		{"1391", -sums["1391"], p.reserve, positioned},
	}), s.auditOverdrawn())
}

// auditSubledger compares the accounts with the sums of the loans.
func (s *institution) auditSubledger(of subledger) error {
	sums := s.audit.sums
	return s.compare([]comparison{
		{"1301 and 1351", sums["1301"] + sums["1351"], of.balance, controlled},
		{"2404", -sums["2404"], of.unapplied, controlled},
		{"7102", sums["7102"], of.writtenOff, controlled},
		{"2401", -sums["2401"], sums["1410"], mirrored},
	})
}

// auditOverdrawn checks that no account is overdrawn.
func (s *institution) auditOverdrawn() error {
	sums := s.audit.sums
	for _, account := range slices.Sorted(maps.Keys(sums)) {
		if a, _ := accounting.Find(account, s.today); a.Overdrawn(sums[account]) {
			return s.breach(solvent, "%s has %s", account, sums[account])
		}
	}
	return nil
}

// comparison compares the balance of accounts with what it must be.
type comparison struct {
	account        string
	books, subject money.Amount
	invariant      string
}

func (s *institution) compare(all []comparison) error {
	for _, c := range all {
		if c.books != c.subject {
			return s.breach(c.invariant, "%s has %s, want %s", c.account, c.books, c.subject)
		}
	}
	return nil
}

// auditLoans compares the rows and the daily positions of the loans with an operation
// today with the expected values.
func (s *institution) auditLoans(rows map[id.ID]loanRow, ratings map[id.ID]positionRow) error {
	for _, loanID := range slices.SortedFunc(maps.Keys(s.audit.touched), byID) {
		c := s.audit.touched[loanID]
		a, _ := servicing.Roll(c.account, s.today) // as the close does
		want := loanRow{c.status(), subledger{a.Outstanding, a.Unapplied, a.WrittenOff.Sum()}}
		if got := rows[loanID]; got != want {
			return s.breach(followed, "the row of loan %s is %v, want %v", loanID, got, want)
		}
		p, known := ratings[loanID]
		if known != servicing.Alive(a.Status) {
			return s.breach(rating, "loan %s is %s; has a daily position: %t", loanID, a.Status, known)
		}
		if !known {
			continue
		}
		days := servicing.DaysPastDue(a, s.today)
		base, _ := risk.ProvisionBase(p.stage, a.Outstanding, p.interest)
		provided, _, err := risk.Provision(s.today, risk.Exposure{Classification: a.Product.Classification, Restructured: a.Restructures > 0, DaysLate: days, Base: base})
		if err != nil {
			return err
		}
		if want := (positionRow{days, p.stage, a.Outstanding, p.interest, provided}); p != want {
			return s.breach(rating, "the daily position of loan %s is %v, want %v", loanID, p, want)
		}
	}
	return nil
}

// auditAll compares the cash of each client since the first day, and runs all checks of
// sofipo doctor.
func (s *institution) auditAll(ctx context.Context) error {
	handed, posted := map[id.ID]money.Amount{}, map[id.ID]money.Amount{}
	for _, b := range s.borrowers {
		if b.netCash != 0 {
			handed[b.id] = b.netCash
		}
	}
	batch := &db.Batch{}
	batch.Query("SELECT client_id, (sum(debit) - sum(credit))::bigint FROM posted WHERE account IN ("+moneyAccounts+") AND client_id IS NOT NULL GROUP BY client_id", sumInto(posted))
	if err := s.DB.ReadPrimary(ctx, batch); err != nil {
		return err
	}
	if err := s.sameCash(perClient, handed, posted); err != nil {
		return err
	}
	if err := s.auditRequests(ctx); err != nil {
		return err
	}
	for _, c := range checks.Run(ctx, s.DB, checks.Sample) {
		if c.Err != nil && ctx.Err() == nil {
			return s.breach(c.Name, "%v", c.Err)
		}
		if c.Err != nil {
			return c.Err
		}
	}
	return nil
}
