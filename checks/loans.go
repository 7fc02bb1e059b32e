package checks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"

	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// slice is the number of loans that are read in one snapshot of the database.
const slice = 200

// Loans recomputes the newest disbursed loans, at most the number given, from their contracts
// and transactions in force. It compares the result with the stored account, the columns of
// the loan, and the splits of the transactions.
func Loans(ctx context.Context, d *db.DB, most int) Check {
	const name = "recomputed loans equal the stored loans"
	products, err := allProducts(ctx, d)
	var looked, breaches int
	var first error
	last := id.ID(bytes.Repeat([]byte{0xff}, 16))
	for err == nil && looked < most {
		var loans []*loanRecord
		if loans, err = readLoans(ctx, d, last, min(slice, most-looked)); err != nil || len(loans) == 0 {
			break
		}
		for _, one := range loans {
			if drift := one.check(products[productVersion{one.product, one.productVersion}]); drift != nil {
				if breaches++; first == nil {
					first = fmt.Errorf("loan %s: %w", one.loan, drift)
				}
			}
		}
		looked, last = looked+len(loans), loans[len(loans)-1].loan
	}
	if err == nil && breaches > 0 {
		err = fmt.Errorf("%d of %d differ from what is stored; the newest: %w", breaches, looked, first)
	}
	return Check{Name: name, Found: fmt.Sprintf("%d loans", looked), Err: err}
}

// productVersion is the key of a product version.
type productVersion struct {
	code    string
	version int
}

func allProducts(ctx context.Context, d *db.DB) (map[productVersion]product.Product, error) {
	all := map[productVersion]product.Product{}
	batch := &db.Batch{}
	columns := lending.Products.Columns
	batch.Query("SELECT "+columns.List("")+" FROM products", func(s db.Scanner) error {
		var p lending.Product
		if err := columns.Scan(s, &p); err != nil {
			return err
		}
		if err := lending.Products.Read(&p); err != nil {
			return fmt.Errorf("reading a product: %w", err)
		}
		all[productVersion{p.Code, p.Version}] = p.Product
		return nil
	})
	return all, d.ReadPrimary(ctx, batch)
}

// columns are the columns of a loan that are computed from its account.
type columns struct {
	status                                     servicing.Status
	opened, day                                civil.Date
	balance, interest, iva, unapplied, written money.Amount
}

func columnsOf(a servicing.Account) columns {
	interest, iva := servicing.Receivable(a)
	return columns{a.Status, a.Opened, a.Day, a.Outstanding, interest, iva, a.Unapplied, a.WrittenOff.Sum()}
}

// loanRecord is everything stored about a loan.
type loanRecord struct {
	loan           id.ID
	product        string
	productVersion int
	columns
	fee               money.Amount
	feeLast           civil.Date // zero without a fee
	lastTransactionOn civil.Date // business date of the last transaction
	stage             risk.Stage // set by the last close that changed it
	suspended         entries.Recognition
	state             []byte
	version           servicing.Version // the schedule in force
	plan              []byte
	contract          schedule.Terms
	transactions      []servicing.Transaction
	splits            []string // the transactions' splits as stored
}

// checkedLoan are the columns of a loan that the check reads.
var checkedLoan = lending.StoredLoan.Pick("id", "product", "product_version", "status", "opened", "day", "balance", "interest_due", "iva_due", "unapplied", "written_off", "state",
	"fee", "fee_last", "moved", "stage", "suspended", "frozen", "carried")

// readLoans reads the loans with ids before an id, newest first, in one snapshot of the
// primary.
func readLoans(ctx context.Context, database *db.DB, before id.ID, most int) (all []*loanRecord, err error) {
	const these = "(SELECT id FROM loans WHERE id < $1 AND version > 0 ORDER BY id DESC LIMIT $2)"
	byLoan := map[id.ID]*loanRecord{}
	batch := &db.Batch{}
	batch.Query("SELECT "+checkedLoan.List("")+" FROM loans WHERE id IN "+these+" ORDER BY id DESC", func(s db.Scanner) error {
		var l lending.Stored
		err := checkedLoan.Scan(s, &l)
		d := &loanRecord{
			loan: l.ID, product: l.Product, productVersion: int(l.ProductVersion),
			columns: columns{l.Status, l.Opened, l.Day, l.Balance, l.Interest, l.IVA, l.Unapplied, l.WrittenOff},
			fee:     l.Fee, feeLast: l.FeeLast, lastTransactionOn: l.LastTransactionOn, stage: l.Stage, suspended: l.Recognition, state: l.State,
		}
		all, byLoan[d.loan] = append(all, d), d
		return err
	}, before, int64(most))
	batch.Query("SELECT v.loan_id, v.serial, v.serial = l.version, v.number, v.effective_from, v.reason, v.terms, v.level, v.plan FROM loans l "+
		"JOIN loan_versions v ON v.loan_id = l.id AND (v.serial = 1 OR v.serial = l.version) WHERE l.id IN "+these,
		func(s db.Scanner) error { return scanSchedule(s, byLoan) }, before, int64(most))
	batch.Query("SELECT number, id, kind, value_date, amount, reversed_by, business_date, keep_excess, new_terms, split, loan_id FROM loan_transactions WHERE loan_id IN "+these+" ORDER BY loan_id, number",
		func(s db.Scanner) error {
			var m servicing.Transaction
			var terms, split string
			if err := s.Scan(&m.Number, &m.ID, &m.Kind, &m.ValueDate, &m.Amount, &m.ReversedBy, &m.BusinessDate, &m.KeepExcess, &terms, &split, &m.LoanID); err != nil {
				return err
			}
			d := byLoan[m.LoanID]
			if d == nil {
				return notRead("transaction "+m.ID.String(), m.LoanID)
			}
			if err := codec.ParseTransaction(&m, terms, split); err != nil {
				return err
			}
			d.transactions, d.splits = append(d.transactions, m), append(d.splits, split)
			return nil
		}, before, int64(most))
	err = read(ctx, database, batch, func() {
		all = nil
		clear(byLoan)
	})
	return all, err
}

// notRead reports a row of a loan that was not among the loans of the same snapshot. Only a
// damaged file has such rows.
func notRead(row string, loanID id.ID) error {
	return fmt.Errorf("%s: the index finds loan %s, but the table of loans does not", row, loanID)
}

// scanSchedule reads a schedule into its loan's record: the contract, the schedule in force,
// or both.
func scanSchedule(s db.Scanner, loans map[id.ID]*loanRecord) error {
	var loanID id.ID
	var serial int
	var current bool
	var text string
	var plan []byte
	var version servicing.Version
	if err := s.Scan(&loanID, &serial, &current, &version.Number, &version.From, &version.Reason, &text, &version.Level, &plan); err != nil {
		return err
	}
	if err := codec.ParseTerms(&version.Terms, text); err != nil {
		return fmt.Errorf("terms of loan %s: %w", loanID, err)
	}
	d := loans[loanID]
	if d == nil {
		return notRead("schedule "+fmt.Sprint(serial), loanID)
	}
	if serial == 1 {
		d.contract = version.Terms
	}
	if current {
		d.version, d.plan = version, plan
	}
	return nil
}

// check returns the first difference between what is stored and what the contract and the
// transactions give. Rows of a damaged file may contradict each other in ways that the engine
// rules out, so a panic is a difference too.
func (d *loanRecord) check(p product.Product) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("the stored rows cannot be recomputed: %v", panicked)
		}
	}()
	stored, err := codec.Restore(p, d.version, d.plan, d.state)
	if err != nil {
		return err
	}
	if of := columnsOf(stored); of != d.columns {
		return fmt.Errorf("the columns are %v, but the account gives %v", d.columns, of)
	}
	if err := d.checkClose(); err != nil {
		return err
	}
	contract, err := schedule.Plan(d.contract)
	if err != nil {
		return fmt.Errorf("contract: %w", err)
	}
	fee, feeLast := contract.Opening.Fee, civil.Date{}
	if fee > 0 {
		feeLast = contract.Rows[len(contract.Rows)-1].Due
	}
	if d.fee != fee || d.feeLast != feeLast {
		return fmt.Errorf("the origination fee is %s until %s, but the columns are %s until %s", fee, feeLast, d.fee, d.feeLast)
	}
	h := servicing.History{Product: p, Contract: contract}
	for _, m := range d.transactions {
		if o, counts := m.Operation(); counts {
			h.Operations = append(h.Operations, o)
		}
	}
	recomputed, splits, err := servicing.Recompute(h)
	if err != nil {
		return err
	}
	if err := d.checkSplits(splits); err != nil {
		return err
	}
	return sameAccount(stored, servicing.Trim(recomputed))
}

// checkClose returns what is invalid in the columns that closes use.
func (d *loanRecord) checkClose() error {
	if len(d.transactions) == 0 {
		return errors.New("the loan has no transaction")
	}
	if last := d.transactions[len(d.transactions)-1].BusinessDate; d.lastTransactionOn != last {
		return fmt.Errorf("the last transaction is of %s, but the column is %s", last, d.lastTransactionOn)
	}
	if n := d.suspended; !d.stage.Valid() || n.Suspended != (d.stage == risk.Stage3) || n.Suspended && n.Carried != 0 || n.Carried < 0 || n.Frozen < 0 {
		return fmt.Errorf("recognition of interest is invalid in stage %d: %+v", d.stage, n)
	}
	return nil
}

func (d *loanRecord) checkSplits(recomputed []servicing.Split) error {
	want := map[int]string{}
	for _, s := range recomputed {
		want[s.Operation] = string(s.AppendJSON(nil))
	}
	for i, m := range d.transactions {
		if _, counts := m.Operation(); counts && d.splits[i] != want[m.Number] {
			return fmt.Errorf("transaction %d has the split %s, recomputed %s", m.Number, d.splits[i], want[m.Number])
		}
	}
	return nil
}

// sameAccount returns the first field in which two accounts differ.
func sameAccount(stored, recomputed servicing.Account) error {
	recomputed.Version.Terms.BusinessCalendar = stored.Version.Terms.BusinessCalendar // not stored in any column
	x, y := reflect.ValueOf(stored), reflect.ValueOf(recomputed)
	for i := range x.NumField() {
		if got, want := x.Field(i).Interface(), y.Field(i).Interface(); !reflect.DeepEqual(got, want) {
			return fmt.Errorf("%s is stored as %v, recomputed %v", x.Type().Field(i).Name, got, want)
		}
	}
	return nil
}
