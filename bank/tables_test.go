package bank

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// tables are what the database keeps, in memory. A book is loaded from them by
// what a command needs and saved to them, as store.go does with SQL, so that a
// history can be played on the book alone.
type tables struct {
	clients   map[id.ID]client.Client
	products  map[string][]product.Product
	loans     map[id.ID]savedLoan
	versions  map[id.ID][]savedVersion // by serial, from 1
	movements map[movementKey]servicing.Movement
	entries   []ledger.Entry
	vouchers  map[id.ID]accounting.Voucher
	closed    civil.Date
	keys      map[recordKey]record
	events    []string
	audit     int
	wrong     error // what was saved that must not be
}

// savedLoan is a row of loans.
type savedLoan struct {
	lending
	day                       civil.Date
	interest, iva, writtenOff money.Amount
	state                     []byte
}

// savedVersion is a row of loan_versions.
type savedVersion struct {
	servicing.Version
	terms string
	plan  []byte
}

func newTables() *tables {
	seed := product.Seed()
	return &tables{
		clients: map[id.ID]client.Client{}, products: map[string][]product.Product{seed.Code: {seed}}, loans: map[id.ID]savedLoan{},
		versions: map[id.ID][]savedVersion{}, movements: map[movementKey]servicing.Movement{}, vouchers: map[id.ID]accounting.Voucher{},
		closed: civil.Date{Year: 1999, Month: 12, Day: 31}, keys: map[recordKey]record{},
	}
}

// load fills a book with what is needed, and nothing else.
func (x *tables) load(b *Bank, n *Needs) *Book {
	book := newBook(b, map[productKey]product.Product{})
	if n.period {
		book.closedThrough = x.closed
	}
	for _, c := range x.clients {
		asked := slices.Contains(n.clients, c.ID)
		if asked {
			book.clients[c.ID] = &row[client.Client]{value: c}
		}
		if asked || slices.Contains(n.rfcs, c.RFC) || slices.Contains(n.emails, c.Email) {
			book.rfcs[c.RFC], book.emails[c.Email] = c.ID, c.ID
		}
	}
	for _, loanID := range n.loans {
		x.loadLoan(book, loanID)
	}
	for _, loanID := range n.histories {
		x.loadHistory(book, loanID)
	}
	codes := n.products
	for _, loanID := range n.lent {
		if l, found := x.loans[loanID]; found {
			codes = append(codes, l.Product)
		}
	}
	for _, code := range codes {
		if list := x.products[code]; len(list) > 0 {
			book.products[code] = slices.Clone(list)
		}
	}
	for _, voucherID := range n.vouchers {
		if v, found := x.vouchers[voucherID]; found {
			book.vouchers[voucherID] = &row[accounting.Voucher]{value: v}
		}
	}
	for k, r := range x.keys {
		if slices.Contains(n.keys, k.key) {
			book.keys[k] = r
		}
	}
	return book
}

func (x *tables) loadLoan(book *Book, loanID id.ID) {
	saved, found := x.loans[loanID]
	if !found {
		return
	}
	l := saved.lending
	if l.serial > 0 {
		v := x.versions[loanID][l.serial-1]
		l.stored = &storedAccount{version: v.Version, plan: v.plan, state: saved.state}
		l.stored.version.Terms = termsOf(v.terms)
	}
	book.loans[loanID] = &row[lending]{value: l}
	p := x.products[l.Product][l.ProductVersion-1]
	book.versions[productKey{p.Code, int32(p.Version)}] = p
}

func (x *tables) loadHistory(book *Book, loanID id.ID) {
	for k, m := range x.movements {
		if k.loan != loanID {
			continue
		}
		book.movements[k] = &row[servicing.Movement]{value: m}
		for i, e := range x.entries {
			if e.ID == m.Entry {
				book.posted[e.ID] = &x.entries[i]
			}
		}
	}
	if made := x.versions[loanID]; len(made) > 0 {
		book.contracts[loanID] = termsOf(made[0].terms)
	}
}

func termsOf(text string) (t schedule.Terms) {
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		panic(err)
	}
	return t
}

// save writes everything that the book has staged, and tells how many rows.
func (x *tables) save(b *Book) (rows int) {
	for key, r := range b.clients {
		switch r.state {
		case added, changed:
			x.clients[key] = r.value
			rows++
		case removed:
			delete(x.clients, key)
			rows++
		}
	}
	rows += len(b.launched) + len(b.ended) + len(b.schedules) + len(b.entries) + len(b.outbox) + b.audit.Len() + b.records.Len()
	x.saveProducts(b)
	rows += x.saveLoans(b)
	for key, r := range b.movements {
		if r.state != loaded {
			x.movements[key] = stored(r.value)
			rows++
		}
	}
	for _, e := range b.entries {
		if !e.BusinessDate.After(x.closed) {
			x.wrong = fmt.Errorf("entry %s is of %s, and the books are closed through %s", e.ID, e.BusinessDate, x.closed)
		}
	}
	x.entries = append(x.entries, b.entries...)
	for key, r := range b.vouchers {
		if r.state != loaded {
			x.vouchers[key] = r.value
			rows++
		}
	}
	if b.closing {
		x.closed = b.closedThrough
		rows++
	}
	maps.Copy(x.keys, b.keys)
	for _, e := range b.outbox {
		x.events = append(x.events, e.body)
	}
	x.audit += b.audit.Len()
	return rows
}

func (x *tables) saveProducts(b *Book) {
	for _, p := range b.launched {
		if len(x.products[p.Code]) != p.Version-1 {
			x.wrong = fmt.Errorf("product %s: version %d after %d", p.Code, p.Version, len(x.products[p.Code]))
			return
		}
		x.products[p.Code] = append(slices.Clone(x.products[p.Code]), p.Product)
	}
	for _, e := range b.ended {
		list := slices.Clone(x.products[e.code])
		list[e.version-1].To = e.to
		x.products[e.code] = list
	}
}

func (x *tables) saveLoans(b *Book) (rows int) {
	for key, r := range b.loans {
		if r.state == loaded {
			continue
		}
		rows++
		l := r.value
		saved := savedLoan{lending: l, day: l.account.Day, writtenOff: l.account.WrittenOff.Sum(), state: codec.AppendState(nil, l.account)}
		saved.interest, saved.iva = servicing.Receivable(l.account)
		saved.account = servicing.Account{}
		x.loans[key] = saved
	}
	for _, s := range b.schedules {
		if len(x.versions[s.loan]) != s.serial-1 {
			x.wrong = fmt.Errorf("loan %s: schedule %d after %d", s.loan, s.serial, len(x.versions[s.loan]))
			break
		}
		terms, err := json.Marshal(s.account.Version.Terms)
		if err != nil {
			panic(err)
		}
		v := s.account.Version
		v.Terms = schedule.Terms{}
		x.versions[s.loan] = append(x.versions[s.loan], savedVersion{v, string(terms), codec.AppendPlan(nil, s.account)})
	}
	return rows
}

// stored is a movement after it was written as text and read.
func stored(m servicing.Movement) servicing.Movement {
	text := m.Split.AppendJSON(nil)
	m.Split = servicing.Split{}
	if err := codec.ParseMovement(&m, "", string(text)); err != nil {
		panic(err)
	}
	if m.NewTerms != nil {
		terms, err := json.Marshal(m.NewTerms)
		if err != nil {
			panic(err)
		}
		m.NewTerms = &servicing.NewTerms{}
		if err := json.Unmarshal(terms, m.NewTerms); err != nil {
			panic(err)
		}
	}
	return m
}

// text is all that the tables have, a line a row, sorted.
func (x *tables) text() string {
	lines := []string{fmt.Sprintf("closed %s, audit lines %d", x.closed, x.audit)}
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, c := range x.clients {
		add("client %s %s %s %s %d %d", c.ID, c.RFC, c.Email, c.FullName, c.Loans, c.CreatedAt.UnixMicro())
	}
	for _, list := range x.products {
		for _, p := range list {
			add("product %s", p.AppendJSON(nil))
		}
	}
	for _, l := range x.loans {
		add("loan %s of %s on %s, day %s, schedule %d, movements %d, interest %s, IVA %s, written off %s, fee %s until %s, state %s",
			l.AppendJSON(nil), l.ClientID, l.Opened, l.day, l.serial, l.movements, l.interest, l.iva, l.writtenOff, l.fee, l.feeLast, hex.EncodeToString(l.state))
	}
	for loanID, list := range x.versions {
		for i, v := range list {
			add("schedule %s %d: %d %s %s %s %s %s", loanID, i+1, v.Number, v.From, v.Reason, v.terms, v.Level, hex.EncodeToString(v.plan))
		}
	}
	for _, m := range x.movements {
		add("movement of %s by %s, entry %s: %s", m.LoanID, m.Actor, m.Entry, m.AppendJSON(nil))
	}
	for _, e := range x.entries {
		add("entry %s %s %d %s %s %s %v", e.ID, e.BusinessDate, e.PostedAt.UnixMicro(), e.Kind, e.Reference, e.Reverses, e.Postings)
	}
	for _, v := range x.vouchers {
		add("voucher %s", v.AppendJSON(nil))
	}
	for k, r := range x.keys {
		add("key %s %s %s %x %s", k.username, k.operation, k.key, r.request, r.answer)
	}
	for i, e := range x.events {
		add("event %04d %s", i, e)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// differ says where two texts first differ, "" if nowhere.
func differ(got, want string) string {
	if got == want {
		return ""
	}
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

// tablesOf reads the tables of a database.
func tablesOf(t *testing.T, d *db.DB) *tables {
	t.Helper()
	x := newTables()
	clear(x.products)
	var needs Needs
	needs.period = true
	ids := func(to *[]id.ID) func(db.Scanner) error {
		return func(s db.Scanner) error {
			var one id.ID
			err := s.Scan(&one)
			*to = append(*to, one)
			return err
		}
	}
	list := &db.Batch{}
	list.Query("SELECT id FROM clients", ids(&needs.clients))
	list.Query("SELECT id FROM loans", ids(&needs.loans))
	list.Query("SELECT id FROM vouchers", ids(&needs.vouchers))
	list.Query("SELECT DISTINCT code FROM products", func(s db.Scanner) error {
		var code string
		err := s.Scan(&code)
		needs.products = append(needs.products, code)
		return err
	})
	list.Query("SELECT DISTINCT key FROM idempotency", func(s db.Scanner) error {
		var key string
		err := s.Scan(&key)
		needs.keys = append(needs.keys, key)
		return err
	})
	x.queries(list)
	if err := d.ReadPrimary(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	needs.histories = needs.loans
	book, batch, session := newBook(&Bank{}, nil), &db.Batch{}, d.Session()
	defer session.Close()
	book.load(batch, &needs)
	if err := session.Begin(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	session.Rollback()
	x.take(book)
	return x
}

// queries read what a book is not loaded with.
func (x *tables) queries(list *db.Batch) {
	list.Query("SELECT loan_id, number, effective_from, reason, terms, level, plan FROM loan_versions ORDER BY loan_id, serial", func(s db.Scanner) error {
		var loanID id.ID
		var v savedVersion
		err := s.Scan(&loanID, &v.Number, &v.From, &v.Reason, &v.terms, &v.Level, &v.plan)
		x.versions[loanID] = append(x.versions[loanID], v)
		return err
	})
	list.Query("SELECT id, day, interest_due, iva_due, written_off FROM loans", func(s db.Scanner) error {
		var loanID id.ID
		var l savedLoan
		err := s.Scan(&loanID, &l.day, &l.interest, &l.iva, &l.writtenOff)
		x.loans[loanID] = l
		return err
	})
	list.Query("SELECT id, business_date, posted_at, kind, reference, reverses FROM entries ORDER BY id", func(s db.Scanner) error {
		var e ledger.Entry
		err := s.Scan(&e.ID, &e.BusinessDate, &e.PostedAt, &e.Kind, &e.Reference, &e.Reverses)
		x.entries = append(x.entries, e)
		return err
	})
	list.Query("SELECT entry_id, account, subject, debit, credit FROM postings ORDER BY entry_id, line", func(s db.Scanner) error {
		var entryID id.ID
		var p ledger.Posting
		err := s.Scan(&entryID, &p.Account, &p.Subject, &p.Debit, &p.Credit)
		at := slices.IndexFunc(x.entries, func(e ledger.Entry) bool { return e.ID == entryID })
		if at < 0 {
			return fmt.Errorf("a posting of no entry: %s", entryID)
		}
		x.entries[at].Postings = append(x.entries[at].Postings, p)
		return err
	})
	list.Query("SELECT body FROM outbox ORDER BY position", func(s db.Scanner) error {
		var body string
		err := s.Scan(&body)
		x.events = append(x.events, body)
		return err
	})
	list.Query("SELECT count(*) FROM audit", func(s db.Scanner) error { return s.Scan(&x.audit) })
}

// take takes over the rows of a book that was loaded with everything.
func (x *tables) take(b *Book) {
	for key, r := range b.clients {
		x.clients[key] = r.value
	}
	maps.Copy(x.products, b.products)
	for key, r := range b.loans {
		saved := x.loans[key]
		if saved.lending = r.value; r.value.stored != nil {
			saved.state = r.value.stored.state
		} else {
			saved.state = codec.AppendState(nil, servicing.Account{})
		}
		saved.stored = nil
		x.loans[key] = saved
	}
	for key, r := range b.movements {
		x.movements[key] = r.value
	}
	for key, r := range b.vouchers {
		x.vouchers[key] = r.value
	}
	x.closed = b.closedThrough
	maps.Copy(x.keys, b.keys)
}

// trial is what each account has of each subject, debits less credits; not what is zero.
func (x *tables) trial() map[id.ID]map[ledger.Account]money.Amount {
	sums := map[id.ID]map[ledger.Account]money.Amount{}
	for _, e := range x.entries {
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

// sound says which invariant of the books does not hold, looking at the loans given.
func (x *tables) sound(loans []id.ID) error {
	if x.wrong != nil {
		return x.wrong
	}
	for _, e := range x.entries {
		if err := e.Check(); err != nil {
			return err
		}
	}
	var needs Needs
	for _, loanID := range loans {
		needs.History(loanID)
	}
	book, sums, net := x.load(&Bank{}, &needs), x.trial(), x.net()
	for _, loanID := range loans {
		l, err := book.lending(loanID)
		if err != nil {
			return err
		}
		if err := x.soundLoan(book, l, sums[loanID], net); err != nil {
			return fmt.Errorf("loan %s (%s): %w", loanID, l.Status, err)
		}
	}
	counts := map[id.ID]int64{}
	for _, l := range x.loans {
		counts[l.ClientID]++
	}
	for _, c := range x.clients {
		if int64(c.Loans) != counts[c.ID] {
			return fmt.Errorf("client %s has %d loans, not %d", c.ID, counts[c.ID], c.Loans)
		}
	}
	return nil
}

// net tells of each entry whether it counts, 1, or was taken back by mirrors, 0.
func (x *tables) net() map[id.ID]int {
	net := map[id.ID]int{}
	for i := len(x.entries) - 1; i >= 0; i-- { // a mirror comes after what it mirrors
		e := x.entries[i]
		net[e.ID]++
		if !e.Reverses.IsZero() {
			net[e.Reverses] -= net[e.ID]
		}
	}
	return net
}

func (x *tables) soundLoan(book *Book, l lending, have map[ledger.Account]money.Amount, net map[id.ID]int) error {
	if l.serial == 0 {
		if len(have) > 0 || l.Balance != 0 || l.movements != 0 {
			return fmt.Errorf("was never disbursed, and the books have %v", have)
		}
		return nil
	}
	h, err := book.history(l)
	if err != nil {
		return err
	}
	account, splits, err := servicing.Recompute(h)
	if err != nil {
		return fmt.Errorf("computed anew: %w", err)
	}
	if account = servicing.Trim(account); !reflect.DeepEqual(account, l.account) {
		return fmt.Errorf("computed anew the account is\n%+v\nstored is\n%+v", account, l.account)
	}
	if l.Status != account.Status || l.Balance != account.Outstanding || l.Advance != account.Advance {
		return fmt.Errorf("the row says %s, %s, %s; the account %s, %s, %s", l.Status, l.Balance, l.Advance, account.Status, account.Outstanding, account.Advance)
	}
	saved := x.loans[l.ID]
	if interest, iva := servicing.Receivable(account); saved.interest != interest || saved.iva != iva || saved.writtenOff != account.WrittenOff.Sum() || saved.day != account.Day {
		return fmt.Errorf("the columns say %s, %s, %s, %s", saved.interest, saved.iva, saved.writtenOff, saved.day)
	}
	if err := x.soundMovements(l, splits, net); err != nil {
		return err
	}
	want := balances(account, saved, h)
	for _, m := range x.movements {
		if m.LoanID == l.ID && m.ReversedBy.IsZero() && slices.Contains(servicing.Payments, m.Kind) {
			want[accounting.Bank] += m.Amount
		}
	}
	for _, c := range slices.Collect(maps.Keys(have)) {
		if _, found := want[c]; !found {
			want[c] = 0
		}
	}
	for c, amount := range want {
		if have[c] != amount {
			return fmt.Errorf("account %s has %s, must have %s", c, have[c], amount)
		}
	}
	return nil
}

// balances are what the accounts must have of a loan, debits less credits, but
// for the money that came in.
func balances(a servicing.Account, saved savedLoan, h servicing.History) map[ledger.Account]money.Amount {
	paid, recovered := a.Paid, a.Recovered
	lost := a.WrittenOff.Plus(recovered)
	want := map[ledger.Account]money.Amount{
		accounting.LoansPrincipal: saved.Balance, accounting.LoansInterest: saved.interest,
		accounting.IVAReceivable: saved.iva, accounting.IVANotCaused: -saved.iva,
		accounting.ClientAdvances: -saved.Advance, accounting.WrittenOffLoans: saved.writtenOff, accounting.WrittenOffContra: -saved.writtenOff,
		accounting.InterestIncome: -servicing.Recognised(a).Interest, accounting.MoratoriumIncome: -paid.Moratorium,
		accounting.CommissionIncome: -paid.Commission, accounting.InsurancePremiums: -(paid.Insurance + recovered.Insurance),
		accounting.ProvisionExpense: lost.Principal + lost.Interest,
		accounting.Recoveries:       -(recovered.Principal + recovered.Interest + recovered.Moratorium + recovered.Commission),
		accounting.IVAPayable: -(paid.InterestIVA + paid.MoratoriumIVA + paid.CommissionIVA +
			recovered.InterestIVA + recovered.MoratoriumIVA + recovered.CommissionIVA),
	}
	if a.Status == servicing.Cancelled {
		return want
	}
	for _, f := range servicing.OpeningFacts(h.Contract) {
		switch {
		case f.Kind == servicing.Disbursed:
			want[accounting.Bank] -= f.Amount
		case f.Kind == servicing.Received:
			want[accounting.Bank] += f.Amount
		case f.Component == product.Commission:
			income := earnedFee(h.Contract, a.Opened, a.Status, a.Day.AddDays(-1))
			want[accounting.OpeningFees] += income - f.Amount
			want[accounting.CommissionIncome] -= income
		case f.Component == product.CommissionIVA:
			want[accounting.IVAPayable] -= f.Amount
		}
	}
	return want
}

// earnedFee is what of the opening commission of a loan that was not cancelled is
// income at the end of a day.
func earnedFee(contract schedule.Schedule, opened civil.Date, status servicing.Status, day civil.Date) money.Amount {
	fee, days, all := contract.Opening.Commission, money.Amount(day.Since(opened)+1), money.Amount(contract.Rows[len(contract.Rows)-1].Due.Since(opened))
	if !servicing.Alive(status) || days >= all {
		return fee
	}
	return (2*fee*days + all) / (2 * all)
}

// soundMovements compares the movements with their splits computed anew, and
// their entries with what the guide makes of them.
func (x *tables) soundMovements(l lending, splits []servicing.Split, net map[id.ID]int) error {
	anew := map[int]servicing.Split{}
	for _, s := range splits {
		anew[s.Operation] = s
	}
	counting := map[id.ID]bool{}
	for n := range l.movements + 1 {
		m, found := x.movements[movementKey{l.ID, n}]
		if !found {
			return fmt.Errorf("movement %d is missing", n)
		}
		_, counts := m.Operation()
		if counts && string(m.Split.AppendJSON(nil)) != string(anew[n].AppendJSON(nil)) {
			return fmt.Errorf("movement %d: computed anew the split is\n%s\nstored is\n%s", n, anew[n].AppendJSON(nil), m.Split.AppendJSON(nil))
		}
		if counts && m.Kind != servicing.Cancellation {
			counting[m.Entry] = true
			if err := x.soundEntry(m); err != nil {
				return err
			}
		}
		if n == 0 {
			counting[m.Entry] = l.Status != servicing.Cancelled
		}
	}
	own := map[id.ID]bool{}
	for k, m := range x.movements {
		own[m.ID] = k.loan == l.ID
	}
	for _, e := range x.entries {
		if !own[e.Reference] || !e.Reverses.IsZero() || e.Kind == "interest_accrued" || e.Kind == "opening_fee_amortised" {
			continue
		}
		want := 0
		if counting[e.ID] {
			want = 1
		}
		if net[e.ID] != want {
			return fmt.Errorf("entry %s (%s) counts %d times, must count %d times", e.ID, e.Kind, net[e.ID], want)
		}
	}
	return nil
}

// soundEntry compares the entry of a movement with what the guide makes of it.
func (x *tables) soundEntry(m servicing.Movement) error {
	at := slices.IndexFunc(x.entries, func(e ledger.Entry) bool { return e.ID == m.Entry })
	want := accounting.Operated(accounting.Booking{Loan: m.LoanID}, m.Split).Postings
	switch {
	case at < 0 && (!m.Entry.IsZero() || len(want) > 0):
		return fmt.Errorf("movement %d has no entry", m.Number)
	case at >= 0 && (x.entries[at].Reference != m.ID || !reflect.DeepEqual(x.entries[at].Postings, want)):
		return fmt.Errorf("movement %d has the entry %+v, must have %+v", m.Number, x.entries[at], want)
	}
	return nil
}
