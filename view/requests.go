package view

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/core/wire"
	"sofipo/infra/db"
)

// Answers about requests are not cached: few people ask for them, and they must be recent.

// RequestQuery selects requests. Empty fields select all.
type RequestQuery struct {
	State   authority.State
	FiledBy string
	Client  id.ID
	Branch  id.ID
	Today   civil.Date // a waiting request that ended before is expired
	Paging             // Skip is not used
}

// Waiting is something that waits for a decision.
type Waiting struct {
	ID        id.ID        `json:"id"`
	Kind      WaitingKind  `json:"kind"`
	Operation string       `json:"operation"`          // of the decision: a command
	Subject   id.ID        `json:"subject,omitzero"`   // what it is about
	ClientID  id.ID        `json:"client_id,omitzero"` // client of the subject
	BranchID  id.ID        `json:"branch_id"`          // of a request, or of a loan; the head office for a manual entry
	Exposure  money.Amount `json:"exposure"`           // amount that counts against the limit
	MadeBy    string       `json:"made_by"`
	MadeAt    time.Time    `json:"made_at"`
	Reason    string       `json:"reason,omitempty"`

	// For pages.
	ClientName string       `json:"-"`
	Loan       folio.Number `json:"-"` // that it is about; 0 if it is about something else
	Amount     money.Amount `json:"-"` // of the application
}

// AppendJSON adds it as JSON.
func (w Waiting) AppendJSON(b []byte) []byte { return wire.JSON(b, w) }

// WaitingKind is the kind of what waits.
type WaitingKind string

// The kinds.
const (
	WaitingRequest     WaitingKind = "request"
	WaitingApplication WaitingKind = "application"
	WaitingManualEntry WaitingKind = "manual_entry"
)

// Request returns a request. Refused with authority.RequestNotFound,
// staff.OutOfScope or access.Forbidden.
func (v *View) Request(ctx context.Context, by By, requestID id.ID, today civil.Date) (found authority.Request, err error) {
	if err := by.may(authority.Read); err != nil {
		return found, err
	}
	if err := v.covers(ctx, by, authority.Read, requestByID, requestID); err != nil {
		return found, err
	}
	batch := &db.Batch{}
	batch.Query(selectRequest+"id = $1", func(s db.Scanner) error { return requestColumns.Scan(s, &found) }, requestID)
	if err = v.ask(ctx, by.Need, batch, func() { found = authority.Request{} }); err == nil && found.ID.IsZero() {
		err = fault.Refuse(authority.RequestNotFound)
	}
	return found.On(today), err
}

// Requests returns a page of the requests in the reader's scope, in the order in which they were
// filed. Refused with access.Forbidden.
func (v *View) Requests(ctx context.Context, by By, q RequestQuery) (Page[authority.Request], error) {
	if err := by.may(authority.Read); err != nil {
		return Page[authority.Request]{}, err
	}
	state, least, most := q.State, civil.On(1, 1, 2), civil.On(9999, 12, 31)
	switch state {
	case authority.Expired:
		state, most = authority.Waiting, q.Today.AddDays(-1)
	case authority.Waiting:
		least = q.Today
	}
	var all []authority.Request
	batch := &db.Batch{}
	args := []any{after(q.After), string(state), q.FiledBy, q.Client.IsZero(), q.Client, least, most, q.Limit}
	batch.Query(selectRequest+`id > $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR filed_by = $3) AND ($4 OR client_id = $5)
		AND expires_on BETWEEN $6 AND $7`+by.within(authority.Read, "r", &args)+ofBranch("r", q.Branch, &args)+" ORDER BY id LIMIT $8", func(s db.Scanner) error {
		var r authority.Request
		err := requestColumns.Scan(s, &r)
		all = append(all, r)
		return err
	}, args...)
	err := v.ask(ctx, by.Need, batch, func() { all = nil })
	for i := range all {
		all[i] = all[i].On(q.Today)
	}
	return pageOf(all, q.Limit, func(r authority.Request) id.ID { return r.ID }), err
}

// Exposure is the SQL expression of what a loan o adds to the exposure to its client, as
// lending counts it.
const exposureSum = `(SELECT coalesce(sum(CASE WHEN o.status IN ('APPLIED', 'RETURNED', 'APPROVED') THEN o.amount WHEN o.status = 'WRITTEN_OFF' THEN o.written_off ELSE o.balance END), 0)
	FROM loans o WHERE o.client_id = l.client_id)`

// nameOfClient is the SQL expression of the name of the client of a row r.
const nameOfClient = "coalesce((SELECT c.full_name FROM clients c WHERE c.id = r.client_id), '')"

// InboxQuery selects what waits.
type InboxQuery struct {
	Branch id.ID // all branches if zero
	Today  civil.Date
	Paging // Skip is not used
}

// ofBranch returns a condition, with the AND before it, that keeps the rows of a branch, and
// appends its argument. It is empty for the zero branch.
func ofBranch(alias string, branch id.ID, args *[]any) string {
	if branch.IsZero() {
		return ""
	}
	*args = append(*args, branch)
	return fmt.Sprintf(" AND %s.branch_id = $%d", alias, len(*args))
}

// Inbox returns a page of what the reader may decide now, oldest first: requests, loan
// applications and manual entries of other people, within the permissions, the scope and the
// limits of the role. Refused with access.Forbidden.
func (v *View) Inbox(ctx context.Context, by By, q InboxQuery) (Page[Waiting], error) {
	if err := by.may(authority.Read); err != nil {
		return Page[Waiting]{}, err
	}
	var all []Waiting
	batch := &db.Batch{}
	collect := func(sql string, args ...any) {
		batch.Query(sql, func(s db.Scanner) error {
			w, err := scanWaiting(s)
			all = append(all, w)
			return err
		}, args...)
	}
	me, role := by.Who.User.Username, &by.Who.Role
	if role.May(authority.Judge) || by.System {
		args := []any{after(q.After), q.Today, me, q.Limit}
		collect(`SELECT id, 'request', operation, subject, client_id, branch_id, exposure, filed_by, filed_at, reason, '', `+nameOfClient+`, coalesce((SELECT o.number FROM loans o WHERE o.id = r.subject), 0), 0 FROM requests r
			WHERE id > $1 AND state = 'WAITING' AND expires_on >= $2 AND filed_by <> $3`+by.within(authority.Read, "r", &args)+ofBranch("r", q.Branch, &args)+
			by.decidable()+" ORDER BY id LIMIT $4", args...)
	}
	if role.May(loan.Approve) || by.System {
		args := []any{after(q.After), me, by.limit(staff.Approving), by.limit(staff.ActingAlone), q.Limit}
		collect(fmt.Sprintf(`SELECT id, 'application', 'approve_loan', id, client_id, branch_id, exposure, applied_by, granted_at, '', '', `+nameOfClient+`, number, amount FROM
			(SELECT l.id, l.client_id, l.branch_id, l.applied_by, l.edited_by, l.granted_at, l.number, l.amount, %s AS exposure FROM loans l WHERE l.id > $1 AND l.status = 'APPLIED'%s) r
			WHERE exposure <= $3 AND (exposure <= $4 OR applied_by <> $2 AND edited_by <> $2 AND NOT EXISTS (SELECT 1 FROM application_steps s WHERE s.loan_id = r.id AND s.kind = 'EDITED' AND s.made_by = $2)) ORDER BY id LIMIT $5`,
			exposureSum, by.within(loan.Approve, "l", &args)+ofBranch("l", q.Branch, &args)), args...)
	}
	if (role.May(accounting.Write) || by.System) && staff.IsHeadOffice(q.Branch) {
		collect(`SELECT id, 'manual_entry', 'post_manual_entry', id, NULL, NULL, 0, proposed_by, proposed_at, description, lines, '', 0, 0 FROM manual_entries
			WHERE id > $1 AND status = 'PROPOSED' AND proposed_by <> $2 ORDER BY id LIMIT $3`, after(q.After), me, q.Limit)
	}
	err := v.ask(ctx, by.Need, batch, func() { all = nil })
	return earliest(all, q.Limit), err
}

// earliest returns the first page of what was found, in the order of the ids.
func earliest(all []Waiting, limit int64) Page[Waiting] {
	slices.SortFunc(all, func(a, b Waiting) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	if int64(len(all)) > limit {
		all = all[:limit]
	}
	return pageOf(all, limit, func(w Waiting) id.ID { return w.ID })
}

func scanWaiting(s db.Scanner) (w Waiting, err error) {
	var lines string
	if err = s.Scan(&w.ID, &w.Kind, &w.Operation, &w.Subject, &w.ClientID, &w.BranchID, &w.Exposure, &w.MadeBy, &w.MadeAt, &w.Reason, &lines, &w.ClientName, &w.Loan, &w.Amount); err != nil || lines == "" {
		return w, err
	}
	w.BranchID = staff.HeadOffice
	var e accounting.ManualEntry
	err = json.Unmarshal([]byte(lines), &e.Lines)
	w.Exposure = e.Total()
	return w, err
}

// limit returns the reader's limit for an operation, or one above all amounts.
func (by By) limit(o staff.Operation) int64 {
	if most := by.Who.Role.Limits.Of(o); most < staff.Unlimited && !by.System {
		return int64(most)
	}
	return 1 << 62
}

// decidable returns the SQL condition for requests whose operation the reader may carry out.
func (by By) decidable() string {
	if by.System {
		return ""
	}
	var within, permitted []string
	for _, o := range staff.Operations() {
		condition := fmt.Sprintf("kind = '%s' AND exposure <= %d", o, by.limit(o))
		if o == staff.BackDating {
			condition += fmt.Sprintf(" AND days <= %d", by.Who.Role.Limits.BackDatingDays)
		}
		within = append(within, condition)
	}
	for _, p := range by.Who.Role.Permissions {
		permitted = append(permitted, "'"+string(p)+"'")
	}
	if len(permitted) == 0 {
		return " AND FALSE"
	}
	return " AND (kind = '' AND permission IN (" + strings.Join(permitted, ", ") + ") OR " + strings.Join(within, " OR ") + ")"
}
