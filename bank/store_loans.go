package bank

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/infra/db"
)

var (
	loanInsert = db.Insert("loans", db.ID("id"), db.ID("client_id"), db.Text("product"), db.Int("product_version"), db.Int("amount"), db.Int("rate"),
		db.Int("term_months"), db.Int("periods"), db.Day("first_due"), db.Text("status"), db.Time("granted_at"), db.Text("applied_by"), db.Text("approved_by"),
		db.Day("opened"), db.Day("day"), db.Int("version"), db.Int("movements"), db.Int("balance"), db.Int("interest_due"), db.Int("iva_due"),
		db.Int("advance"), db.Int("written_off"), db.Bytes("state"), db.Int("stage"), db.Bool("suspended"), db.Int("frozen"), db.Int("carried"), db.Bytes("outlook"),
		db.Day("moved"), db.Day("booked"), db.Int("fee"), db.Day("fee_last"))
	loanUpdate = db.Update("loans", []db.Column{db.ID("id")}, db.Int("term_months"), db.Day("first_due"), db.Text("status"), db.Time("granted_at"), db.Text("approved_by"),
		db.Day("opened"), db.Day("day"), db.Int("version"), db.Int("movements"), db.Int("balance"), db.Int("interest_due"), db.Int("iva_due"),
		db.Int("advance"), db.Int("written_off"), db.Bytes("state"), db.Int("stage"), db.Bool("suspended"), db.Int("frozen"), db.Int("carried"), db.Bytes("outlook"),
		db.Day("moved"), db.Day("booked"), db.Int("fee"), db.Day("fee_last"))

	versionInsert = db.Insert("loan_versions", db.ID("loan_id"), db.Int("serial"), db.Int("number"), db.Day("effective_from"), db.Text("reason"),
		db.Text("terms"), db.Int("level"), db.Bytes("plan"), db.Time("made_at"))

	movementInsert = db.Insert("movements", db.ID("loan_id"), db.Int("number"), db.ID("id"), db.Text("kind"), db.Day("value_date"), db.Int("amount"),
		db.Time("at"), db.Text("actor"), db.Text("new_terms"), db.Text("split"), db.ID("entry_id"), db.ID("reversed_by"), db.ID("reverses"), db.Day("business_date"))

	productInsert = db.Insert("products", db.Text("code"), db.Int("version"), db.Day("effective_from"), db.Day("effective_to"), db.Text("body"),
		db.Time("created_at"), db.Text("created_by"))
)

// launch is a new version of a product: who made it, and when.
type launch struct {
	product.Product
	at time.Time
	by string
}

// endedProduct is a version of a product that got a last day.
type endedProduct struct {
	code    string
	version int
	to      civil.Date
}

func (b *Book) loadLoans(batch *db.Batch, n *Needs) {
	if len(n.loans) == 0 {
		return
	}
	batch.Query(`SELECT id, client_id, product, product_version, amount, rate, term_months, periods, first_due, status, granted_at, applied_by, approved_by,
		opened, version, movements, balance, advance, state, stage, suspended, frozen, carried, moved, booked, fee, fee_last FROM loans WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
		func(s db.Scanner) error {
			l, stored := lending{}, storedAccount{}
			err := s.Scan(&l.ID, &l.ClientID, &l.Product, &l.ProductVersion, &l.Amount, &l.Rate, &l.TermMonths, &l.Periods, &l.FirstDue, &l.Status, &l.GrantedAt,
				&l.AppliedBy, &l.ApprovedBy, &l.Opened, &l.serial, &l.movements, &l.Balance, &l.Advance, &stored.state,
				&l.stage, &l.recognition.Suspended, &l.recognition.Frozen, &l.recognition.Carried, &l.moved, &l.booked, &l.fee, &l.feeLast)
			if l.serial > 0 {
				l.stored = &stored
			}
			b.loans[l.ID] = &row[lending]{value: l}
			return err
		}, n.loans)
	batch.Query(`SELECT v.loan_id, v.number, v.effective_from, v.reason, v.terms, v.level, v.plan
		FROM loans l JOIN loan_versions v ON v.loan_id = l.id AND v.serial = l.version WHERE l.id = ANY($1::uuid[])`,
		func(s db.Scanner) error {
			var loanID id.ID
			var terms string
			var v servicing.Version
			var plan []byte
			if err := s.Scan(&loanID, &v.Number, &v.From, &v.Reason, &terms, &v.Level, &plan); err != nil {
				return err
			}
			stored := b.loans[loanID].value.stored
			stored.version, stored.plan = v, plan
			return codec.ParseTerms(&stored.version.Terms, terms)
		}, n.loans)
	if len(n.histories) > 0 {
		b.loadHistories(batch, n.histories)
	}
}

// lookAtLoans loads disbursed loans as they are at one moment, without locking
// them.
func (b *Book) lookAtLoans(batch *db.Batch, loans []id.ID) {
	batch.Query(`SELECT l.id, l.client_id, l.product, l.product_version, l.status, l.periods, l.opened, l.version, l.movements, l.balance, l.advance, l.state,
		l.stage, l.suspended, l.frozen, l.carried, l.moved, l.booked, l.fee, l.fee_last, v.number, v.effective_from, v.reason, v.terms, v.level, v.plan
		FROM loans l JOIN loan_versions v ON v.loan_id = l.id AND v.serial = l.version WHERE l.id = ANY($1::uuid[])`,
		func(s db.Scanner) error {
			r := &row[lending]{value: lending{stored: &storedAccount{}}}
			l, stored := &r.value, r.value.stored
			var terms string
			v := &stored.version
			if err := s.Scan(&l.ID, &l.ClientID, &l.Product, &l.ProductVersion, &l.Status, &l.Periods, &l.Opened, &l.serial, &l.movements, &l.Balance, &l.Advance, &stored.state,
				&l.stage, &l.recognition.Suspended, &l.recognition.Frozen, &l.recognition.Carried, &l.moved, &l.booked, &l.fee, &l.feeLast,
				&v.Number, &v.From, &v.Reason, &terms, &v.Level, &stored.plan); err != nil {
				return err
			}
			b.loans[l.ID] = r
			return codec.ParseTerms(&v.Terms, terms)
		}, loans)
}

// loadHistories loads what loans have been through, and the entries of it.
func (b *Book) loadHistories(batch *db.Batch, loans []id.ID) {
	b.loadMovements(batch, loans)
	batch.Query(`SELECT e.id, e.kind, p.account, p.subject, p.debit, p.credit FROM movements m JOIN entries e ON e.id = m.entry_id JOIN postings p ON p.entry_id = e.id
		WHERE m.loan_id = ANY($1::uuid[]) ORDER BY p.entry_id, p.line`,
		func(s db.Scanner) error {
			var e ledger.Entry
			var p ledger.Posting
			if err := s.Scan(&e.ID, &e.Kind, &p.Account, &p.Subject, &p.Debit, &p.Credit); err != nil {
				return err
			}
			if b.posted[e.ID] == nil {
				b.posted[e.ID] = &e
			}
			b.posted[e.ID].Postings = append(b.posted[e.ID].Postings, p)
			return nil
		}, loans)
}

// loadMovements loads the contracts of loans and all that was done to them.
func (b *Book) loadMovements(batch *db.Batch, loans []id.ID) {
	batch.Query(`SELECT loan_id, number, id, kind, value_date, amount, at, actor, new_terms, split, entry_id, reversed_by, reverses, business_date FROM movements WHERE loan_id = ANY($1::uuid[])`,
		func(s db.Scanner) error {
			m, err := scanMovement(s)
			b.movements[movementKey{m.LoanID, m.Number}] = &row[servicing.Movement]{value: m}
			return err
		}, loans)
	batch.Query("SELECT loan_id, terms FROM loan_versions WHERE loan_id = ANY($1::uuid[]) AND serial = 1",
		func(s db.Scanner) error {
			var loanID id.ID
			var text string
			var terms schedule.Terms
			if err := s.Scan(&loanID, &text); err != nil {
				return err
			}
			err := codec.ParseTerms(&terms, text)
			b.contracts[loanID] = terms
			return err
		}, loans)
}

func scanMovement(s db.Scanner) (m servicing.Movement, err error) {
	var terms, split string
	if err = s.Scan(&m.LoanID, &m.Number, &m.ID, &m.Kind, &m.ValueDate, &m.Amount, &m.At, &m.Actor, &terms, &split, &m.Entry, &m.ReversedBy, &m.Reverses, &m.BusinessDate); err != nil {
		return m, err
	}
	m.Status = servicing.InForce
	if !m.ReversedBy.IsZero() {
		m.Status = servicing.Reversed
	}
	err = codec.ParseMovement(&m, terms, split)
	return m, err
}

func (b *Book) loadProducts(batch *db.Batch, n *Needs) {
	if len(n.products)+len(n.lent) == 0 {
		return
	}
	batch.Query("SELECT effective_to, body FROM products WHERE code = ANY($1::text[]) OR code IN (SELECT product FROM loans WHERE id = ANY($2::uuid[])) ORDER BY code, version",
		func(s db.Scanner) error {
			p, err := scanProduct(s)
			b.products[p.Code] = append(b.products[p.Code], p)
			return err
		}, n.products, n.lent)
}

// loadVersions asks for the products of the loaded loans that are not in memory yet.
func (b *Book) loadVersions(ctx context.Context, session *db.Session) error {
	missing := map[string]bool{}
	for _, r := range b.loans {
		l := &r.value
		if _, known := b.versions[productKey{l.Product, l.ProductVersion}]; !known {
			missing[l.Product] = true
		}
	}
	if len(missing) == 0 {
		return nil
	}
	load := &db.Batch{}
	load.Query("SELECT effective_to, body FROM products WHERE code = ANY($1::text[])", func(s db.Scanner) error {
		p, err := scanProduct(s)
		b.versions[productKey{p.Code, int32(p.Version)}] = p
		return err
	}, slices.Sorted(maps.Keys(missing)))
	return session.Load(ctx, load)
}

func scanProduct(s db.Scanner) (p product.Product, err error) {
	var body string
	var to civil.Date
	if err = s.Scan(&to, &body); err != nil {
		return p, err
	}
	err = json.Unmarshal([]byte(body), &p)
	p.To = to
	return p, err
}

// saveLoans writes the loans with their accounts, and the schedules made. The
// rows of the loans go before what refers to them.
func (b *Book) saveLoans(batch *db.Batch) {
	inserts, updates, versions := loanInsert.Rows(), loanUpdate.Rows(), versionInsert.Rows()
	for _, r := range sorted(b.loans, byID) {
		l := &r.value
		state := codec.AppendState(make([]byte, 0, 96), l.account)
		interest, iva := servicing.Receivable(l.account)
		var outlook []byte
		if o, found := servicing.OutlookOf(l.account); found {
			outlook = codec.AppendOutlook(make([]byte, 0, 48), o)
		}
		if r.state == added {
			inserts.Add(l.ID, l.ClientID, l.Product, int64(l.ProductVersion), int64(l.Amount), int64(l.Rate), int64(l.TermMonths), int64(l.Periods), l.FirstDue,
				string(l.Status), l.GrantedAt, l.AppliedBy, l.ApprovedBy, l.Opened, l.account.Day, int64(l.serial), int64(l.movements),
				int64(l.Balance), int64(interest), int64(iva), int64(l.Advance), int64(l.account.WrittenOff.Sum()), state,
				int64(l.stage), l.recognition.Suspended, int64(l.recognition.Frozen), int64(l.recognition.Carried), outlook, l.moved, l.booked, int64(l.fee), l.feeLast)
			continue
		}
		updates.Add(l.ID, int64(l.TermMonths), l.FirstDue, string(l.Status), l.GrantedAt, l.ApprovedBy, l.Opened, l.account.Day, int64(l.serial), int64(l.movements),
			int64(l.Balance), int64(interest), int64(iva), int64(l.Advance), int64(l.account.WrittenOff.Sum()), state,
			int64(l.stage), l.recognition.Suspended, int64(l.recognition.Frozen), int64(l.recognition.Carried), outlook, l.moved, l.booked, int64(l.fee), l.feeLast)
	}
	for _, s := range b.schedules {
		v := s.account.Version
		terms, err := json.Marshal(v.Terms)
		if err != nil {
			panic(err) // terms are texts, numbers and dates
		}
		versions.Add(s.loan, int64(s.serial), int64(v.Number), v.From, v.Reason, string(terms), int64(v.Level), codec.AppendPlan(make([]byte, 0, 512), s.account), s.madeAt)
	}
	batch.Save(inserts)
	batch.Save(updates)
	batch.Save(versions)
}

func (b *Book) saveMovements(batch *db.Batch) {
	rows := movementInsert.Rows()
	for _, r := range sorted(b.movements, movementKey.compare) {
		m := &r.value
		split := string(m.Split.AppendJSON(make([]byte, 0, 256)))
		if r.state == changed {
			batch.Exec("UPDATE movements SET split = $3, entry_id = $4, reversed_by = $5 WHERE loan_id = $1 AND number = $2",
				m.LoanID, int64(m.Number), split, m.Entry, m.ReversedBy)
			continue
		}
		terms := ""
		if m.NewTerms != nil {
			text, err := json.Marshal(m.NewTerms)
			if err != nil {
				panic(err) // terms are texts, numbers and dates
			}
			terms = string(text)
		}
		rows.Add(m.LoanID, int64(m.Number), m.ID, string(m.Kind), m.ValueDate, int64(m.Amount), m.At, m.Actor, terms, split, m.Entry, m.ReversedBy, m.Reverses, m.BusinessDate)
	}
	batch.Save(rows)
}

func (b *Book) saveProducts(batch *db.Batch) {
	rows := productInsert.Rows()
	for _, p := range b.launched {
		body, err := json.Marshal(p.Product)
		if err != nil {
			panic(err) // a product is texts, numbers and dates
		}
		rows.Add(p.Code, int64(p.Version), p.From, p.To, string(body), p.at, p.by)
	}
	batch.Save(rows)
	for _, e := range b.ended {
		batch.Exec("UPDATE products SET effective_to = $3 WHERE code = $1 AND version = $2", e.code, int64(e.version), e.to)
	}
}
