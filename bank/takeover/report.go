package takeover

import (
	"context"
	"slices"
	"strings"
	"time"

	"sofipo/bank/imports"
	"sofipo/bank/lending"
	"sofipo/core/fault"
	"sofipo/core/id"
	core "sofipo/core/imports"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// Section compares the rows of a kind in the source with what is stored.
type Section struct {
	Import     id.ID        `json:"import_id"`
	Kind       core.Kind    `json:"kind"`
	Source     string       `json:"source"`
	Read       int64        `json:"read"`       // rows of the source
	Stored     int64        `json:"stored"`     // by this import
	Known      int64        `json:"known"`      // stored before
	Incomplete int64        `json:"incomplete"` // stored, and something must be completed or was changed
	Rejected   int64        `json:"rejected"`
	Stated     money.Amount `json:"stated"`    // balances or payments of the source; 0 if the kind has none
	Amount     money.Amount `json:"amount"`    // principals or payments that are stored
	Principal  money.Amount `json:"principal"` // outstanding today, of loans
}

// Report is the reconciliation of imports with their sources.
type Report struct {
	Sections    []Section         `json:"sections"`
	Differences []core.Difference `json:"differences"` // by kind, reason and line
}

// Reasons returns the reasons of the differences, with their number and their sum.
func (r Report) Reasons() (all []ReasonSum) {
	for _, d := range r.Differences {
		at := slices.IndexFunc(all, func(s ReasonSum) bool {
			return s.Kind == d.Kind && s.Reason == d.Reason && s.Field == d.Field && s.Rule == d.Rule
		})
		if at < 0 {
			at = len(all)
			all = append(all, ReasonSum{Kind: d.Kind, Reason: d.Reason, Field: d.Field, Rule: d.Rule})
		}
		all[at].Count++
		all[at].Sum += d.Difference
	}
	return all
}

// ReasonSum is the number of differences with a reason, and their sum.
type ReasonSum struct {
	Kind   core.Kind    `json:"kind"`
	Reason core.Reason  `json:"reason"`
	Field  core.Field   `json:"field,omitempty"`
	Rule   fault.Rule   `json:"rule,omitempty"`
	Count  int64        `json:"count"`
	Sum    money.Amount `json:"sum"`
}

// Stored returns an import, which is zero if there is none.
func Stored(ctx context.Context, d *db.DB, importID id.ID) (i core.Import, err error) {
	batch := &db.Batch{}
	batch.Before(func() { i = core.Import{} })
	batch.Query("SELECT "+imports.Imports.Columns.List("")+" FROM imports WHERE id = $1", func(s db.Scanner) error {
		return imports.Imports.Columns.Scan(s, &i)
	}, importID)
	return i, d.ReadPrimary(ctx, batch)
}

// Findings calls each for the findings of an import, by line. It calls reset before, again if it
// must begin again.
func Findings(ctx context.Context, d *db.DB, importID id.ID, reset func(), each func(core.Finding) error) error {
	batch := &db.Batch{}
	batch.Before(reset)
	batch.Query("SELECT "+imports.Findings.Columns.List("")+" FROM import_findings WHERE import_id = $1 ORDER BY line, field, rule", func(s db.Scanner) error {
		var f core.Finding
		if err := imports.Findings.Columns.Scan(s, &f); err != nil {
			return err
		}
		return each(f)
	}, importID)
	return d.ReadPrimary(ctx, batch)
}

// Stated is the sum of the balances or payments of a source, by import.
type Stated map[id.ID]money.Amount

// Reconcile compares what the results of imports stored with their sources.
func Reconcile(ctx context.Context, d *db.DB, stated Stated, results ...Result) (r Report, err error) {
	r = Report{Differences: []core.Difference{}}
	for _, of := range results {
		i := of.Import
		s := section(of)
		s.Stated = stated[i.ID]
		switch i.Kind {
		case core.Loans:
			s.Principal, err = principal(ctx, d, i.ID)
			if err == nil {
				err = r.loans(ctx, d, i)
			}
		case core.Payments:
			err = r.repeated(ctx, d, i)
		}
		if err == nil {
			err = r.remaining(ctx, d, i)
		}
		if err != nil {
			return r, err
		}
		r.Sections = append(r.Sections, s)
	}
	return r, nil
}

// section returns what an import stored.
func section(r Result) Section {
	i := r.Import
	return Section{Import: i.ID, Kind: i.Kind, Source: i.Source, Read: r.Read, Stored: i.Taken, Known: i.Known, Incomplete: i.Incomplete, Rejected: i.Rejected, Amount: i.Amount}
}

// Preview returns the report of an import that changed nothing: the rows, and the fields that must
// be completed or were changed.
func (r Result) Preview() Report {
	report := Report{Sections: []Section{section(r)}, Differences: []core.Difference{}}
	for _, f := range r.Bad {
		report.remains(r.Import.Kind, f)
	}
	return report
}

// remains adds a field that must be completed or was changed.
func (r *Report) remains(kind core.Kind, f core.Finding) {
	if f.Outcome == core.Incomplete {
		r.Differences = append(r.Differences, core.Difference{Kind: kind, Row: f.Row, Line: f.Line, Reason: core.FieldRemaining, Field: f.Field, Rule: f.Rule, Value: f.Value})
	}
}

// principal returns the outstanding principal of the loans of an import.
func principal(ctx context.Context, d *db.DB, importID id.ID) (sum money.Amount, err error) {
	batch := &db.Batch{}
	batch.Query("SELECT coalesce(sum(l.balance), 0)::bigint FROM imported_loans i JOIN loans l ON l.id = i.loan_id WHERE i.import_id = $1", func(s db.Scanner) error { return s.Scan(&sum) }, importID)
	return sum, d.ReadPrimary(ctx, batch)
}

// loans adds the loans of an import whose balance differs from the amount less the payments, and
// those that go on with another principal than the balance. Loans of files without payments have
// nothing to compare.
func (r *Report) loans(ctx context.Context, d *db.DB, i core.Import) error {
	begin := len(r.Differences)
	batch := &db.Batch{}
	batch.Before(func() { r.Differences = r.Differences[:begin] })
	batch.Query(`SELECT i.loan_id, i.line, l.amount, i.balance, i.principal, coalesce(h.paid, 0), coalesce(h.payments, 0), h.paid IS NOT NULL FROM imported_loans i JOIN loans l ON l.id = i.loan_id
		LEFT JOIN (SELECT loan_id, sum(amount)::bigint AS paid, count(*) AS payments FROM loan_history GROUP BY loan_id) h ON h.loan_id = i.loan_id
		WHERE i.import_id = $1 AND (i.balance <> i.principal OR i.balance <> l.amount - coalesce(h.paid, 0)) ORDER BY i.line`, func(s db.Scanner) error {
		one := core.Difference{Kind: core.Loans}
		var amount, principal, paid money.Amount
		var payments int64
		var any bool
		if err := s.Scan(&one.Row, &one.Line, &amount, &one.Stated, &principal, &paid, &payments, &any); err != nil {
			return err
		}
		if one.Computed = amount - paid; one.Stated != one.Computed && (any || fromSeed(i)) {
			one.Reason, one.Difference = core.Explain(amount, one.Stated, paid, payments), one.Stated-one.Computed
			r.Differences = append(r.Differences, one)
		}
		if one.Computed = principal; one.Stated != principal {
			one.Reason, one.Difference = core.NotTheBalance, one.Stated-principal
			r.Differences = append(r.Differences, one)
		}
		return nil
	}, i.ID)
	if err := d.ReadPrimary(ctx, batch); err != nil {
		return err
	}
	slices.SortStableFunc(r.Differences[begin:], compareReasons)
	return nil
}

func compareReasons(a, b core.Difference) int {
	order := []core.Reason{core.RoundedApart, core.NotDeducted, core.DeductedMore, core.OverPaid, core.NotTheBalance}
	return slices.Index(order, a.Reason) - slices.Index(order, b.Reason)
}

// fromSeed reports whether the source is a database of the seed, which has all payments.
func fromSeed(i core.Import) bool {
	return strings.HasPrefix(i.Source, OfSeed)
}

// repeated adds the payments of an import that may have been sent twice.
func (r *Report) repeated(ctx context.Context, d *db.DB, i core.Import) error {
	begin := len(r.Differences)
	var before lending.PastPayment
	batch := &db.Batch{}
	batch.Before(func() { r.Differences, before = r.Differences[:begin], lending.PastPayment{} })
	batch.Query("SELECT id, loan_id, line, amount, paid_at FROM loan_history WHERE import_id = $1 ORDER BY loan_id, amount, paid_at, id", func(s db.Scanner) error {
		var p lending.PastPayment
		if err := s.Scan(&p.ID, &p.LoanID, &p.Line, &p.Amount, &p.PaidAt); err != nil {
			return err
		}
		if p.LoanID == before.LoanID && p.Amount == before.Amount && p.PaidAt.Sub(before.PaidAt) <= core.Twice && !isDay(p.PaidAt) {
			r.Differences = append(r.Differences, core.Difference{Kind: core.Payments, Row: p.ID, Loan: p.LoanID, Line: p.Line, Reason: core.PaidTwice, Stated: p.Amount, Difference: p.Amount})
		}
		before = p
		return nil
	}, i.ID)
	return d.ReadPrimary(ctx, batch)
}

// isDay reports whether a moment was stated as a day: two payments of the same day then say
// nothing about a repetition.
func isDay(t time.Time) bool { return t.Truncate(time.Hour).Equal(t) }

// remaining adds the fields that must be completed or were changed.
func (r *Report) remaining(ctx context.Context, d *db.DB, i core.Import) error {
	begin := len(r.Differences)
	return Findings(ctx, d, i.ID, func() { r.Differences = r.Differences[:begin] }, func(f core.Finding) error {
		r.remains(i.Kind, f)
		return nil
	})
}
