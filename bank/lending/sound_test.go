package lending_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sofipo/bank"
	"sofipo/bank/authority"
	"sofipo/bank/books"
	"sofipo/bank/clients"
	"sofipo/bank/institution"
	"sofipo/bank/lending"
	"sofipo/bank/screening"
	"sofipo/bank/settlement"
	"sofipo/bank/staff"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// memory is the content of a database, with a bank on it.
type memory struct {
	*bank.Memory
	solo *bank.Solo
}

// tables are the tables in which the random histories leave rows.
var tables = []interface {
	Load(m *bank.Memory, batch *db.Batch)
}{bank.FolioBlocks, clients.Clients, clients.Claims, clients.Lookups, staff.Users, authority.Requests, books.Entries, lending.Products, lending.Loans, lending.Schedules, lending.Transactions, lending.Steps,
	lending.Collectors, lending.Contacts, lending.Promises, lending.CollectionNotes,
	clients.Files, clients.Consents, clients.Notes, clients.Changes,
	settlement.Tills, settlement.Sessions, settlement.CashMoves, settlement.Counts, settlement.Accounts, settlement.FundTransfers,
	settlement.Layouts, settlement.Files, settlement.Incoming,
	staff.Branches, staff.Roles, staff.Sessions, staff.Drafts, institution.Institutions, institution.Logos, clients.Documents,
	screening.Lists, screening.Versions, screening.Entries, screening.Keys, screening.Alerts}

// tableNames returns the names of all tables, with the engine's own.
func tableNames() []string {
	names := []string{"idempotency"}
	for _, table := range tables {
		names = append(names, reflect.ValueOf(table).Elem().FieldByName("Name").String())
	}
	return names
}

// elsewhere are the tables that no command of the random histories changes.
var elsewhere = []string{
	"api_keys",                     // TestAPIKey of package staff changes them
	"client_blocks", "client_keys", // TestPersonalDataAreBlockedAndDestroyed changes them
	"detached_months",                                                                                   // the tests of package months change them
	"exports",                                                                                           // the tests of package api change them
	"factors",                                                                                           // TestFactors of package staff changes them
	"imports", "import_findings", "import_uploads", "import_contents", "imported_loans", "loan_history", // the tests of package test/takeover change them
	"webhooks", "webhook_progress", "webhook_deliveries", // the tests of package webhooks change them
	"forced_closes", // the close of a day is several commands: TestAnyDays forces some
}

// TestEveryTableIsKnown: the random histories compare all tables that their commands change.
func TestEveryTableIsKnown(t *testing.T) {
	known := slices.Concat(tableNames(), elsewhere)
	seen, declaration := map[string]bool{}, regexp.MustCompile(`\bDeclare\((?:bank\.)?Table\[.*\n\s*Name: "(\w+)"`)
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range declaration.FindAllSubmatch(text, -1) {
			if seen[string(found[1])] = true; !slices.Contains(known, string(found[1])) {
				t.Errorf("got the table %s declared in %s, want it in tables or elsewhere", found[1], path)
			}
		}
		return err
	})
	if err != nil || len(seen) != len(known) {
		t.Errorf("got %d tables declared below bank, want %d: %v, %v", len(seen), len(known), known, err)
	}
}

// TestUniqueColumnsAreNamed: PostgreSQL names the index of each unique column as its refusal is
// looked for.
func TestUniqueColumnsAreNamed(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	unique := 0
	for i, table := range tables {
		for _, column := range reflect.ValueOf(table).Elem().FieldByName("Unique").MapKeys() {
			name := fmt.Sprint(tableNames()[i+1], ".", column)
			if n := office.Count(t, d, "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisunique AND c.relname = '"+name+"'"); n != 1 {
				t.Errorf("got %d unique indexes with the name %s, want 1", n, name)
			}
			unique++
		}
	}
	if unique < 1 {
		t.Errorf("got %d unique columns, want at least that of users", unique)
	}
}

// memoryOf reads a database.
func memoryOf(t *testing.T, d *db.DB) memory {
	t.Helper()
	m, batch := bank.NewMemory(civil.Date{}), &db.Batch{}
	m.Load(batch)
	for _, table := range tables {
		table.Load(m, batch)
	}
	if err := d.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return memory{m, m.Open(bank.Options{})}
}

// loans lists the ids of all loans.
func (m memory) loans() (ids []id.ID) {
	for _, l := range lending.Loans.Rows(m.Memory) {
		ids = append(ids, l.ID)
	}
	return ids
}

// loan is a loan with its account.
func (m memory) loan(loanID id.ID) (lending.Loan, error) {
	var needs bank.Needs
	lending.NeedLoan(&needs, loanID)
	book, err := m.solo.Book(&needs)
	if err != nil {
		return lending.Loan{}, err
	}
	return lending.Find(book, loanID)
}

// differ lists the lines that only one of two texts has.
func differ(got, want string) string {
	have, lines := strings.Split(got, "\n"), strings.Split(want, "\n")
	out := ""
	for _, l := range have {
		if !slices.Contains(lines, l) {
			out += "\n+ " + l
		}
	}
	for _, l := range lines {
		if !slices.Contains(have, l) {
			out += "\n- " + l
		}
	}
	return out
}

// trial returns the balance of each account and subject, debits less credits, without zeros.
func (m memory) trial() map[id.ID]map[ledger.Account]money.Amount {
	sums := map[id.ID]map[ledger.Account]money.Amount{}
	for _, e := range m.Entries {
		for _, p := range e.Postings {
			if sums[p.Subject] == nil {
				sums[p.Subject] = map[ledger.Account]money.Amount{}
			}
			if sums[p.Subject][p.Account] += p.Debit - p.Credit; sums[p.Subject][p.Account] == 0 {
				delete(sums[p.Subject], p.Account)
			}
		}
	}
	return sums
}

// sound returns the first invariant of the books that does not hold for the given loans.
func (m memory) sound(loans []id.ID) error {
	for _, e := range m.Entries {
		if err := e.Check(); err != nil {
			return err
		}
	}
	var needs bank.Needs
	for _, loanID := range loans {
		lending.NeedHistory(&needs, loanID)
	}
	book, err := m.solo.Book(&needs)
	if err != nil {
		return err
	}
	sums, net := m.trial(), m.net()
	for _, loanID := range loans {
		l, err := lending.Find(book, loanID)
		if err != nil {
			return err
		}
		if err := m.soundLoan(book, l, sums[loanID], net); err != nil {
			return fmt.Errorf("loan %s (%s): %w", loanID, l.Status, err)
		}
	}
	counts := map[id.ID]int{}
	for _, l := range lending.Loans.Rows(m.Memory) {
		counts[l.ClientID]++
	}
	for _, c := range clients.Clients.Rows(m.Memory) {
		if c.Loans != counts[c.ID] {
			return fmt.Errorf("client %s says %d loans, want %d", c.ID, c.Loans, counts[c.ID])
		}
	}
	return errors.Join(m.soundClaims(), m.soundFiles(), m.soundProducts(), m.soundTills(sums), m.soundSuspense(sums))
}

// soundClaims compares the claims with the clients.
func (m memory) soundClaims() error {
	claimed := map[client.Claim]bool{}
	for _, c := range clients.Clients.Rows(m.Memory) {
		for _, claim := range c.Claims() {
			claimed[claim] = true
		}
	}
	stored := clients.Claims.Rows(m.Memory)
	for _, claim := range stored {
		if !claimed[claim] {
			return fmt.Errorf("claim of %s %q: client %s does not have it", claim.Kind, claim.Value, claim.Client)
		}
	}
	if len(stored) != len(claimed) {
		return fmt.Errorf("got %d claims, want %d", len(stored), len(claimed))
	}
	return nil
}

// soundFiles compares the names and the values by which clients are found with their files, and
// the histories of the files with their rows.
func (m memory) soundFiles() error {
	found, files, changed := map[client.Lookup]bool{}, map[id.ID]client.Record{}, map[id.ID]bool{}
	for _, f := range clients.Files.Rows(m.Memory) {
		files[f.ClientID] = f.Record
	}
	for _, c := range clients.Changes.Rows(m.Memory) {
		changed[c.ClientID] = true
	}
	for _, c := range clients.Clients.Rows(m.Memory) {
		record, filed := files[c.ID]
		if name := record.File.FullName(); name != "" && (name != c.FullName || record.File.TaxID() != c.RFC) || filed != changed[c.ID] {
			return fmt.Errorf("client %s is %q, %s; the file says %q, %s, its history is there: %t", c.ID, c.FullName, c.RFC, name, record.File.TaxID(), changed[c.ID])
		}
		for _, l := range record.Of(c).Lookups() {
			found[l] = true
		}
		delete(files, c.ID)
	}
	for _, l := range clients.Lookups.Rows(m.Memory) {
		if !found[l] {
			return fmt.Errorf("client %s is found by %s %q, which is not in the file", l.Client, l.Kind, l.Value)
		}
		delete(found, l)
	}
	if len(found) > 0 || len(files) > 0 {
		return fmt.Errorf("got the missing lookups %v and %d files without a client, want none", found, len(files))
	}
	return nil
}

// soundProducts looks for missing versions.
func (m memory) soundProducts() error {
	last := map[string]int{}
	for _, p := range lending.Products.Rows(m.Memory) {
		if p.Version != last[p.Code]+1 {
			return fmt.Errorf("product %s: version %d after %d", p.Code, p.Version, last[p.Code])
		}
		last[p.Code] = p.Version
	}
	return nil
}

// net returns 1 for each entry that counts, and 0 for each that a mirror entry reversed.
func (m memory) net() map[id.ID]int {
	net := map[id.ID]int{}
	for i := len(m.Entries) - 1; i >= 0; i-- { // a mirror comes after what it mirrors
		e := m.Entries[i]
		net[e.ID]++
		if !e.Reverses.IsZero() {
			net[e.Reverses] -= net[e.ID]
		}
	}
	return net
}

func (m memory) soundLoan(book *bank.Book, l lending.Loan, have map[ledger.Account]money.Amount, net map[id.ID]int) error {
	if l.Serial == 0 {
		if len(have) > 0 || l.Balance != 0 || l.Transactions != 0 {
			return fmt.Errorf("was never disbursed, and the books have %v", have)
		}
		return nil
	}
	h, err := lending.HistoryOf(book, l)
	if err != nil {
		return err
	}
	account, splits, err := servicing.Recompute(h)
	if err != nil {
		return fmt.Errorf("recomputing: %w", err)
	}
	if account = servicing.Trim(account); !reflect.DeepEqual(account, l.Account) {
		return fmt.Errorf("the recomputed account is\n%+v\nstored is\n%+v", account, l.Account)
	}
	if l.Status != account.Status || l.Balance != account.Outstanding || l.Unapplied != account.Unapplied {
		return fmt.Errorf("the row says %s, %s, %s; the account %s, %s, %s", l.Status, l.Balance, l.Unapplied, account.Status, account.Outstanding, account.Unapplied)
	}
	saved, _ := lending.Loans.Row(m.Memory, l.ID)
	if interest, iva := servicing.Receivable(account); saved.Interest != interest || saved.IVA != iva || saved.WrittenOff != account.WrittenOff.Sum() || saved.Day != account.Day {
		return fmt.Errorf("the columns say %s, %s, %s, %s", saved.Interest, saved.IVA, saved.WrittenOff, saved.Day)
	}
	for serial := range l.Serial + 2 {
		if _, found := lending.Schedules.Row(m.Memory, lending.ScheduleKey{Loan: l.ID, Serial: serial}); found != (serial >= 1 && serial <= l.Serial) {
			return fmt.Errorf("of %d schedules, number %d is there: %t", l.Serial, serial, found)
		}
	}
	if err := m.soundTransactions(book, l, splits, net); err != nil {
		return err
	}
	want := balances(account, saved, h)
	if err := m.moneyOut(book, l, h, want); err != nil {
		return err
	}
	for t := range lending.Transactions.All(book) {
		if t.LoanID != l.ID || !t.ReversedBy.IsZero() {
			continue
		}
		switch at := t.Received(); {
		case slices.Contains(servicing.Payments, t.Kind) && at.Subject.IsZero(): // or the line names a till or bank account
			want[at.Account] += t.Amount
		case t.Kind == servicing.RefundKind && t.Paid().Subject.IsZero():
			want[t.Paid().Account] -= t.Amount
		}
	}
	for _, c := range slices.Collect(maps.Keys(have)) {
		if _, found := want[c]; !found {
			want[c] = 0
		}
	}
	for c, amount := range want {
		if have[c] != amount {
			return fmt.Errorf("account %s has %s, want %s", c, have[c], amount)
		}
	}
	return nil
}

// moneyOut adds to what the accounts must have the money that was paid out at the disbursement, and
// that came back at the cancellation.
func (m memory) moneyOut(book *bank.Book, l lending.Loan, h servicing.History, want map[ledger.Account]money.Amount) error {
	net := money.Amount(0)
	for _, f := range servicing.OpeningFacts(h.Contract) {
		switch f.Kind {
		case servicing.Disbursed:
			net += f.Amount
		case servicing.Received:
			net -= f.Amount
		}
	}
	var paid, back *servicing.Transaction
	for t := range lending.Transactions.All(book) {
		switch {
		case t.LoanID != l.ID:
		case t.Kind == servicing.Disbursement:
			paid = &t.Transaction
		case t.Kind == servicing.Cancellation && t.ReversedBy.IsZero():
			back = &t.Transaction
		}
	}
	from := paid.Paid()
	if from.Subject.IsZero() { // or the line names a till or bank account
		want[from.Account] -= net
	}
	if back != nil {
		to := from
		if back.Means != paid.Means { // else it went back as it had been paid out
			to = back.Received()
		}
		if to.Subject.IsZero() {
			want[to.Account] += net
		}
	}
	return m.soundDisbursement(l, paid, back, net)
}

// balances are what the accounts must have of a loan, debits less credits, but
// for the money that came in and went out.
func balances(a servicing.Account, saved lending.Loan, h servicing.History) map[ledger.Account]money.Amount {
	paid, recovered := a.Paid, a.Recovered
	lost := a.WrittenOff.Plus(recovered)
	want := map[ledger.Account]money.Amount{
		accounting.LoansPrincipal: saved.Balance, accounting.LoansInterest: saved.Interest,
		accounting.IVAReceivable: saved.IVA, accounting.IVANotCaused: -saved.IVA,
		accounting.UnappliedFunds: -saved.Unapplied, accounting.WrittenOffLoans: saved.WrittenOff, accounting.WrittenOffContra: -saved.WrittenOff,
		accounting.InterestIncome: -servicing.Recognised(a).Interest, accounting.PenaltyInterestIncome: -paid.PenaltyInterest,
		accounting.FeeIncome: -paid.Fee, accounting.InsurancePremiums: -(paid.Insurance + recovered.Insurance),
		accounting.ProvisionExpense: lost.Principal + lost.Interest,
		accounting.Recoveries:       -(recovered.Principal + recovered.Interest + recovered.PenaltyInterest + recovered.Fee),
		accounting.IVAPayable: -(paid.InterestIVA + paid.PenaltyInterestIVA + paid.FeeIVA +
			recovered.InterestIVA + recovered.PenaltyInterestIVA + recovered.FeeIVA),
	}
	if a.Status == servicing.Cancelled {
		return want
	}
	for _, f := range servicing.OpeningFacts(h.Contract) {
		switch f.Component {
		case product.Fee:
			income := earnedFee(h.Contract, a.Opened, a.Status, a.Day.AddDays(-1))
			want[accounting.OriginationFees] += income - f.Amount
			want[accounting.FeeIncome] -= income
		case product.FeeIVA:
			want[accounting.IVAPayable] -= f.Amount
		}
	}
	return want
}

// earnedFee is what of the origination fee of a loan that was not cancelled is
// income at the end of a day.
func earnedFee(contract schedule.Schedule, opened civil.Date, status servicing.Status, day civil.Date) money.Amount {
	fee, days, all := contract.Opening.Fee, money.Amount(day.Since(opened)+1), money.Amount(contract.Rows[len(contract.Rows)-1].Due.Since(opened))
	if !servicing.Alive(status) || days >= all {
		return fee
	}
	return (2*fee*days + all) / (2 * all)
}

// soundTransactions compares the transactions with their recomputed splits, and
// their entries with what the guide makes of them.
func (m memory) soundTransactions(book *bank.Book, l lending.Loan, splits []servicing.Split, net map[id.ID]int) error {
	recomputed := map[int]servicing.Split{}
	for _, s := range splits {
		recomputed[s.Operation] = s
	}
	counting := map[id.ID]bool{}
	for n := range l.Transactions + 1 {
		t := lending.Transactions.At(book, lending.TransactionKey{Loan: l.ID, Number: n})
		if t == nil {
			return fmt.Errorf("transaction %d is missing", n)
		}
		_, counts := t.Operation()
		if counts && string(t.Split.AppendJSON(nil)) != string(recomputed[n].AppendJSON(nil)) {
			return fmt.Errorf("transaction %d: the recomputed split is\n%s\nstored is\n%s", n, recomputed[n].AppendJSON(nil), t.Split.AppendJSON(nil))
		}
		if counts && t.Kind != servicing.Cancellation {
			counting[t.Entry] = true
			if err := m.soundEntry(t.Transaction); err != nil {
				return err
			}
		}
		if n == 0 {
			counting[t.Entry] = l.Status != servicing.Cancelled
		}
	}
	own, returned := map[id.ID]bool{}, map[id.ID]bool{}
	for t := range lending.Transactions.All(book) {
		if own[t.ID] = t.LoanID == l.ID; t.Kind == servicing.Cancellation { // soundDisbursement checks what they moved
			returned[t.ID], returned[t.ReversedBy] = true, true
		}
	}
	for _, e := range m.Entries {
		if !own[e.Reference] || !e.Reverses.IsZero() || e.Kind == "interest_accrued" || e.Kind == "opening_fee_amortised" || e.Kind == "refund_moved" && returned[e.Reference] {
			continue
		}
		want := 0
		if counting[e.ID] {
			want = 1
		}
		if net[e.ID] != want {
			return fmt.Errorf("entry %s (%s) counts %d times, want %d times", e.ID, e.Kind, net[e.ID], want)
		}
	}
	return nil
}

// soundEntry compares the entry of a transaction with the one of the accounting guide.
func (m memory) soundEntry(t servicing.Transaction) error {
	at := slices.IndexFunc(m.Entries, func(e ledger.Entry) bool { return e.ID == t.Entry })
	place := t.Received()
	if t.Kind == servicing.RefundKind {
		place = t.Paid()
	}
	branch := id.ID{} // that of the loan on the day
	if at >= 0 {
		branch = m.Entries[at].Postings[0].Branch
	}
	want := entries.OfOperation(entries.Booking{Booking: accounting.Booking{Subject: t.LoanID, Branch: branch}, Place: place}, t.Split).Postings
	switch {
	case at < 0 && (!t.Entry.IsZero() || len(want) > 0):
		return fmt.Errorf("transaction %d has no entry", t.Number)
	case at >= 0 && (m.Entries[at].Reference != t.ID || !reflect.DeepEqual(m.Entries[at].Postings, want)):
		return fmt.Errorf("transaction %d has the entry %+v, want %+v", t.Number, m.Entries[at], want)
	}
	return nil
}
