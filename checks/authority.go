package checks

import (
	"context"
	"fmt"

	"sofipo/core/money"
	"sofipo/infra/db"
)

// ofAuthority are the invariants of requests and approvals.
var ofAuthority = []invariant{
	{"requests are decided by the right person", `SELECT count(*) FILTER (WHERE CASE state WHEN 'WAITING' THEN decided_by <> '' WHEN 'WITHDRAWN' THEN decided_by <> filed_by
			ELSE decided_by IN ('', filed_by) END), count(*) FROM requests`},
	{"approved requests were approved once", `SELECT count(*) FILTER (WHERE r.state = 'APPROVED' AND (j.count IS NULL OR j.count <> 1) OR r.state <> 'APPROVED' AND j.count IS NOT NULL), count(*)
		FROM requests r LEFT JOIN (SELECT coalesce(about, subject) AS request, count(*) AS count FROM journal WHERE action = 'approve_request' AND refusal IS NULL
			GROUP BY coalesce(about, subject)) j ON j.request = r.id
		WHERE NOT EXISTS (SELECT 1 FROM detached_months d WHERE r.state = 'APPROVED' AND r.decided_at < d.ended_at)`},
	{"loans are approved before they are disbursed", `SELECT count(*) FILTER (WHERE approved_by = ''), count(*) FROM loans WHERE status NOT IN ('APPLIED', 'RETURNED', 'REJECTED', 'CANCELLED')`},
}

// checkApprovers finds loans above the approval limit of their product that were approved by
// a person who applied for them or edited the application.
func checkApprovers(ctx context.Context, database *db.DB) Check {
	const name = "loans above the approval limit have another approver"
	products, err := allProducts(ctx, database)
	if err != nil {
		return Check{Name: name, Err: err}
	}
	var looked, breaches int64
	batch := &db.Batch{}
	batch.Query(`SELECT product, product_version, max(amount), count(*) FROM loans
		WHERE approved_by <> '' AND (approved_by IN (applied_by, edited_by) OR EXISTS (SELECT 1 FROM application_steps s
			WHERE s.loan_id = loans.id AND s.kind = 'EDITED' AND s.made_by = approved_by)) GROUP BY product, product_version`, func(s db.Scanner) error {
		var p productVersion
		var largest money.Amount
		var loans int64
		if err := s.Scan(&p.code, &p.version, &largest, &loans); err != nil {
			return err
		}
		known, found := products[p]
		if !found {
			return fmt.Errorf("product %s, version %d, is missing", p.code, p.version)
		}
		if looked += loans; largest > known.Limits.ApprovalLimit {
			breaches++
		}
		return nil
	})
	err = read(ctx, database, batch, func() { looked, breaches = 0, 0 })
	return checked(name, breaches, looked, "loans approved by their maker", err)
}
