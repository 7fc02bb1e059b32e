// Package lending has the verbs for loans and products, their tables, and the lending part of
// the daily close.
package lending

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/core/civil"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/settlement"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Stored is the stored row of a loan.
type Stored struct {
	loan.Loan
	Serial            int                 // of the schedule in force; 0 before the disbursement
	Transactions      int                 // number of the last transaction
	Stage             risk.Stage          // set by the last close that changed it
	Recognition       entries.Recognition // recognition of interest, set by the same close
	LastTransactionOn civil.Date          // business date of the last transaction
	InterestPostedOn  civil.Date          // date of the last transaction before days were closed; it posted the loan's interest up to then
	Fee               money.Amount        // origination fee without IVA; it becomes income over the life of the contract
	FeeLast           civil.Date          // last due date of the contract if there is a fee

	State   []byte // encoded account
	Outlook []byte // what a close needs while nothing is due; nil if the account must be read

	// Figures of the account, for queries that add up columns.
	Day           civil.Date
	Interest, IVA money.Amount // receivable
	WrittenOff    money.Amount
}

// StoredLoan are the columns of a loan.
var StoredLoan = db.Columns[Stored]{
	db.IDField("id", func(l *Stored) *id.ID { return &l.ID }),
	db.IDField("client_id", func(l *Stored) *id.ID { return &l.ClientID }),
	db.TextField("product", func(l *Stored) *string { return &l.Product }),
	db.IntField("product_version", func(l *Stored) *int32 { return &l.ProductVersion }),
	db.IntField("amount", func(l *Stored) *money.Amount { return &l.Amount }),
	db.IntField("rate", func(l *Stored) *rate.Annual { return &l.Rate }),
	db.IntField("term_months", func(l *Stored) *int32 { return &l.TermMonths }),
	db.IntField("periods", func(l *Stored) *int32 { return &l.Periods }),
	db.DayField("first_due", func(l *Stored) *civil.Date { return &l.FirstDue }),
	db.TextField("status", func(l *Stored) *loan.Status { return &l.Status }),
	db.TimeField("granted_at", func(l *Stored) *time.Time { return &l.GrantedAt }),
	db.TextField("applied_by", func(l *Stored) *string { return &l.AppliedBy }),
	db.TextField("edited_by", func(l *Stored) *string { return &l.EditedBy }),
	db.TextField("approved_by", func(l *Stored) *string { return &l.ApprovedBy }),
	db.DayField("opened", func(l *Stored) *civil.Date { return &l.Opened }),
	db.DayField("day", func(l *Stored) *civil.Date { return &l.Day }),
	db.IntField("version", func(l *Stored) *int { return &l.Serial }),
	db.IntField("transactions", func(l *Stored) *int { return &l.Transactions }),
	db.IntField("balance", func(l *Stored) *money.Amount { return &l.Balance }),
	db.IntField("interest_due", func(l *Stored) *money.Amount { return &l.Interest }),
	db.IntField("iva_due", func(l *Stored) *money.Amount { return &l.IVA }),
	db.IntField("unapplied", func(l *Stored) *money.Amount { return &l.Unapplied }),
	db.IntField("written_off", func(l *Stored) *money.Amount { return &l.WrittenOff }),
	db.BytesField("state", func(l *Stored) *[]byte { return &l.State }),
	db.IntField("stage", func(l *Stored) *risk.Stage { return &l.Stage }),
	db.BoolField("suspended", func(l *Stored) *bool { return &l.Recognition.Suspended }),
	db.IntField("frozen", func(l *Stored) *money.Amount { return &l.Recognition.Frozen }),
	db.IntField("carried", func(l *Stored) *money.Amount { return &l.Recognition.Carried }),
	db.BytesField("outlook", func(l *Stored) *[]byte { return &l.Outlook }),
	db.DayField("moved", func(l *Stored) *civil.Date { return &l.LastTransactionOn }),
	db.DayField("interest_posted_on", func(l *Stored) *civil.Date { return &l.InterestPostedOn }),
	db.IntField("fee", func(l *Stored) *money.Amount { return &l.Fee }),
	db.DayField("fee_last", func(l *Stored) *civil.Date { return &l.FeeLast }),
	db.IDField("branch_id", func(l *Stored) *id.ID { return &l.BranchID }),
	db.TextField("officer", func(l *Stored) *string { return &l.Officer }),
	db.IntField("number", func(l *Stored) *folio.Number { return &l.Number }),
}

// Loans is the table of loans.
var Loans = bank.Declare(bank.Table[id.ID, Loan]{
	Name: "loans", Rank: 400,
	Columns:  db.Through(func(l *Loan) *Stored { return &l.Stored }, StoredLoan),
	Fixed:    []string{"client_id", "product", "product_version", "amount", "rate", "periods", "applied_by", "edited_by", "branch_id", "officer", "number", "status", "granted_at"},
	Derived:  []string{"day", "interest_due", "iva_due", "outlook"},
	Of:       func(l *Loan) id.ID { return l.ID },
	Owner:    func(l *Loan) staff.Owner { return staff.Owner{BranchID: l.BranchID, Officer: l.Officer} },
	Stale:    func(l *Loan) []string { return loan.StaleKeys(l.ID, l.ClientID) },
	Assigned: "SELECT EXISTS (SELECT 1 FROM loans l JOIN loan_collectors k ON k.client_id = l.client_id WHERE l.id = $1 AND k.collector = $2)",
	Compare:  bank.ByID,
	Write:    (*Loan).store,
	Follow:   followProducts,
})

var loanByID = bank.DeclareLookup(bank.Lookup[id.ID, Loan, id.ID]{Table: Loans, Column: "id", Lock: true})

// store sets the columns that are computed from the account.
func (l *Loan) store() {
	a := l.Account
	l.Day, l.State, l.Outlook = a.Day, codec.AppendState(make([]byte, 0, 96), a), nil
	l.Interest, l.IVA = servicing.Receivable(a)
	l.WrittenOff = a.WrittenOff.Sum()
	if o, found := servicing.OutlookOf(a); found {
		l.Outlook = codec.AppendOutlook(make([]byte, 0, 48), o)
	}
}

// Steps is the table of the steps of applications.
var Steps = bank.Declare(bank.Table[StepKey, loan.Step]{
	Name: "application_steps", Rank: 430, Keys: 2,
	Columns: db.Columns[loan.Step]{
		db.IDField("loan_id", func(s *loan.Step) *id.ID { return &s.LoanID }),
		db.IDField("client_id", func(s *loan.Step) *id.ID { return &s.ClientID }),
		db.IntField("number", func(s *loan.Step) *int { return &s.Number }),
		db.TextField("kind", func(s *loan.Step) *loan.StepKind { return &s.Kind }),
		db.TextField("made_by", func(s *loan.Step) *string { return &s.MadeBy }),
		db.TimeField("made_at", func(s *loan.Step) *time.Time { return &s.MadeAt }),
		db.TextField("reason", func(s *loan.Step) *string { return &s.Reason }),
	},
	Fixed:   []string{"client_id", "kind", "made_by", "made_at", "reason"},
	Of:      func(s *loan.Step) StepKey { return StepKey{s.LoanID, s.Number} },
	Compare: StepKey.compare,
})

// StepKey is the key of a step.
type StepKey struct {
	Loan   id.ID
	Number int
}

func (k StepKey) compare(other StepKey) int {
	return cmp.Or(bank.ByID(k.Loan, other.Loan), cmp.Compare(k.Number, other.Number))
}

var stepsOfLoan = bank.DeclareLookup(bank.Lookup[StepKey, loan.Step, id.ID]{Table: Steps, Column: "loan_id"})

// addStep stages a step of an application, whose steps must have been requested.
func addStep(b *bank.Book, l Loan, k loan.StepKind, reason string) {
	number := 1
	for s := range Steps.All(b) {
		if s.LoanID == l.ID {
			number = max(number, s.Number+1)
		}
	}
	Steps.Add(b, loan.Step{LoanID: l.ID, ClientID: l.ClientID, Number: number, Kind: k, MadeBy: b.Actor(), MadeAt: b.Now(), Reason: reason})
}

// Schedule is a stored version of a loan's schedule.
type Schedule struct {
	LoanID, ClientID id.ID
	Serial           int // version number in the loan's life, from 1
	servicing.Version
	Plan   []byte // encoded instalments
	MadeAt time.Time

	terms string
}

// ScheduleKey is the key of a schedule.
type ScheduleKey struct {
	Loan   id.ID
	Serial int
}

func (k ScheduleKey) compare(other ScheduleKey) int {
	return cmp.Or(bank.ByID(k.Loan, other.Loan), cmp.Compare(k.Serial, other.Serial))
}

// Schedules is the table of all schedules of loans.
var Schedules = bank.Declare(bank.Table[ScheduleKey, Schedule]{
	Name: "loan_versions", Rank: 410, Keys: 2,
	Columns: db.Columns[Schedule]{
		db.IDField("loan_id", func(s *Schedule) *id.ID { return &s.LoanID }),
		db.IDField("client_id", func(s *Schedule) *id.ID { return &s.ClientID }),
		db.IntField("serial", func(s *Schedule) *int { return &s.Serial }),
		db.IntField("number", func(s *Schedule) *int { return &s.Number }),
		db.DayField("effective_from", func(s *Schedule) *civil.Date { return &s.From }),
		db.TextField("reason", func(s *Schedule) *string { return &s.Reason }),
		db.TextField("terms", func(s *Schedule) *string { return &s.terms }),
		db.IntField("level", func(s *Schedule) *money.Amount { return &s.Level }),
		db.BytesField("plan", func(s *Schedule) *[]byte { return &s.Plan }),
		db.TimeField("made_at", func(s *Schedule) *time.Time { return &s.MadeAt }),
	},
	Fixed:   []string{"client_id", "number", "effective_from", "reason", "terms", "level", "plan", "made_at"},
	Of:      func(s *Schedule) ScheduleKey { return ScheduleKey{s.LoanID, s.Serial} },
	Compare: ScheduleKey.compare,
	Read:    func(s *Schedule) error { return codec.ParseTerms(&s.Terms, s.terms) },
	Write:   func(s *Schedule) { s.terms = text(s.Terms) },
})

// The loan's schedule in force, and its contract, which is the first schedule.
var (
	scheduleInForce = bank.DeclareLookup(bank.Lookup[ScheduleKey, Schedule, id.ID]{Table: Schedules, Column: "loan_id",
		Via: &bank.Via{Table: "loans", Column: "id", Columns: []string{"id", "version"}, Own: []string{"loan_id", "serial"}}})
	contract = bank.DeclareLookup(bank.Lookup[ScheduleKey, Schedule, id.ID]{Table: Schedules, Column: "loan_id",
		And: "serial = 1", Only: func(s *Schedule) bool { return s.Serial == 1 }})
)

// Transaction is a stored transaction of a loan.
type Transaction struct {
	servicing.Transaction
	ClientID id.ID

	terms, split string
}

// TransactionKey is the key of a transaction.
type TransactionKey struct {
	Loan   id.ID
	Number int
}

func (k TransactionKey) compare(other TransactionKey) int {
	return cmp.Or(bank.ByID(k.Loan, other.Loan), cmp.Compare(k.Number, other.Number))
}

// Transactions is the table of transactions.
var Transactions = bank.Declare(bank.Table[TransactionKey, Transaction]{
	Name: "loan_transactions", Rank: 420, Keys: 2,
	Columns: db.Columns[Transaction]{
		db.IDField("loan_id", func(m *Transaction) *id.ID { return &m.LoanID }),
		db.IDField("client_id", func(m *Transaction) *id.ID { return &m.ClientID }),
		db.IntField("number", func(m *Transaction) *int { return &m.Number }),
		db.IDField("id", func(m *Transaction) *id.ID { return &m.ID }),
		db.TextField("kind", func(m *Transaction) *servicing.Kind { return &m.Kind }),
		db.DayField("value_date", func(m *Transaction) *civil.Date { return &m.ValueDate }),
		db.IntField("amount", func(m *Transaction) *money.Amount { return &m.Amount }),
		db.TimeField("at", func(m *Transaction) *time.Time { return &m.At }),
		db.TextField("actor", func(m *Transaction) *string { return &m.Actor }),
		db.TextField("new_terms", func(m *Transaction) *string { return &m.terms }),
		db.TextField("split", func(m *Transaction) *string { return &m.split }),
		db.IDField("entry_id", func(m *Transaction) *id.ID { return &m.Entry }),
		db.IDField("reversed_by", func(m *Transaction) *id.ID { return &m.ReversedBy }),
		db.IDField("reverses", func(m *Transaction) *id.ID { return &m.Reverses }),
		db.DayField("business_date", func(m *Transaction) *civil.Date { return &m.BusinessDate }),
		db.TextField("method", func(m *Transaction) *settlement.Method { return &m.Method }),
		db.TextField("reference", func(m *Transaction) *string { return &m.Reference }),
		db.IDField("till_id", func(m *Transaction) *id.ID { return &m.TillID }),
		db.IDField("bank_account_id", func(m *Transaction) *id.ID { return &m.AccountID }),
		db.IDField("branch_id", func(m *Transaction) *id.ID { return &m.BranchID }),
		db.IntField("folio", func(m *Transaction) *folio.Number { return &m.Folio }),
		db.BoolField("keep_excess", func(m *Transaction) *bool { return &m.KeepExcess }),
	},
	Fixed: []string{"client_id", "id", "kind", "value_date", "amount", "at", "actor", "new_terms", "reverses", "business_date",
		"method", "reference", "till_id", "bank_account_id", "branch_id", "folio", "keep_excess"},
	Of:      func(m *Transaction) TransactionKey { return TransactionKey{m.LoanID, m.Number} },
	Compare: TransactionKey.compare,
	Read:    (*Transaction).read,
	Write:   (*Transaction).store,
})

var (
	transactionsOfLoan = bank.DeclareLookup(bank.Lookup[TransactionKey, Transaction, id.ID]{Table: Transactions, Column: "loan_id"})
	entriesOfLoan      = &bank.EntrySource{Table: "loan_transactions", Entry: "entry_id", Key: "loan_id"}
)

func (m *Transaction) read() error {
	m.Status = servicing.InForce
	if !m.ReversedBy.IsZero() {
		m.Status = servicing.Reversed
	}
	return codec.ParseTransaction(&m.Transaction, m.terms, m.split)
}

func (m *Transaction) store() {
	m.split = string(m.Split.AppendJSON(make([]byte, 0, 256)))
	if m.terms = ""; m.NewTerms != nil {
		m.terms = text(m.NewTerms)
	}
}

// Product is a stored version of a product.
type Product struct {
	product.Product
	CreatedAt time.Time
	CreatedBy string

	body string
}

// ProductKey is the key of a product version.
type ProductKey struct {
	Code    string
	Version int
}

func (k ProductKey) compare(other ProductKey) int {
	return cmp.Or(strings.Compare(k.Code, other.Code), cmp.Compare(k.Version, other.Version))
}

// Products is the table of product versions. Only a version's last day may change.
var Products = bank.Declare(bank.Table[ProductKey, Product]{
	Name: "products", Rank: 100, Keys: 2,
	Columns: db.Columns[Product]{
		db.TextField("code", func(p *Product) *string { return &p.Code }),
		db.IntField("version", func(p *Product) *int { return &p.Version }),
		db.DayField("effective_from", func(p *Product) *civil.Date { return &p.From }),
		db.DayField("effective_to", func(p *Product) *civil.Date { return &p.To }),
		db.TextField("body", func(p *Product) *string { return &p.body }),
		db.TimeField("created_at", func(p *Product) *time.Time { return &p.CreatedAt }),
		db.TextField("created_by", func(p *Product) *string { return &p.CreatedBy }),
	},
	Fixed:   []string{"effective_from", "body", "created_at", "created_by"},
	Of:      func(p *Product) ProductKey { return ProductKey{p.Code, p.Version} },
	Compare: ProductKey.compare,
	Read:    (*Product).read,
	Write:   (*Product).store,
})

// store encodes the version, without its last day, in the body.
func (p *Product) store() {
	version := p.Product
	version.To = civil.Date{}
	p.body = text(version)
}

// read decodes the version, without its last day, from the body.
func (p *Product) read() error {
	to := p.To
	p.Product = product.Product{}
	err := json.Unmarshal([]byte(p.body), &p.Product)
	p.To = to
	return err
}

var (
	productByCode = bank.DeclareLookup(bank.Lookup[ProductKey, Product, string]{Table: Products, Column: "code"})
	productOfLoan = bank.DeclareLookup(bank.Lookup[ProductKey, Product, id.ID]{Table: Products, Column: "code",
		Via: &bank.Via{Table: "loans", Column: "id", Columns: []string{"product"}, Own: []string{"code"}}})
)

// versions caches the product versions that loans were granted on. Their last day may be out
// of date.
var versions = bank.Keep[ProductKey, product.Product]("products")

// followProducts reads the products of the book's loans that are not cached yet.
func followProducts(b *bank.Book, from *bank.Store, loans iter.Seq[*Loan]) error {
	known := versions.In(b)
	var missing []string
	for l := range loans {
		if _, found := known[l.productKey()]; !found && !slices.Contains(missing, l.Product) {
			missing = append(missing, l.Product)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return productByCode.Fetch(from, missing, func(p *Product) { known[ProductKey{p.Code, p.Version}] = p.Product })
}

func text(terms any) string {
	b, err := json.Marshal(terms)
	if err != nil {
		panic(err) // cannot fail: strings, numbers and dates
	}
	return string(b)
}

// needHistory requests a loan, locked, with its schedule and its whole history.
func needHistory(n *bank.Needs, loanID id.ID) {
	needLoan(n, loanID)
	transactionsOfLoan.Need(n, loanID)
	contract.Need(n, loanID)
	entriesOfLoan.Need(n, loanID)
}

// needLoan requests a loan, locked, with its schedule.
func needLoan(n *bank.Needs, loanID id.ID) {
	loanByID.Need(n, loanID)
	scheduleInForce.Need(n, loanID)
}

// needLoanOn requests a loan for an operation on a value date. For a date other than today it
// also requests the loan's history and the closed period.
func needLoanOn(n *bank.Needs, loanID id.ID, valueDate civil.Date) {
	if valueDate.IsZero() {
		needLoan(n, loanID)
		return
	}
	needHistory(n, loanID)
	n.Period()
}

// needBorrower requests a client and all versions of a product.
func needBorrower(n *bank.Needs, clientID id.ID, code string) {
	clients.ByID.Need(n, clientID)
	productByCode.Need(n, code)
}

// contractOf returns the original terms of a loan, which must have been requested with
// needHistory.
func contractOf(b *bank.Book, loanID id.ID) schedule.Terms {
	if s := Schedules.At(b, ScheduleKey{loanID, 1}); s != nil {
		return s.Terms
	}
	return schedule.Terms{}
}

// change stages new values of a loan. The status and the time of the grant are fixed columns,
// because lists have indexes with them, which SQLite writes again whenever an UPDATE names a
// column of theirs. Few commands change these two.
func change(b *bank.Book, l Loan) {
	if before, _ := Loans.Get(b, l.ID); before.Status != l.Status || !before.GrantedAt.Equal(l.GrantedAt) {
		Loans.Amend(b, l)
		return
	}
	Loans.Change(b, l)
}
