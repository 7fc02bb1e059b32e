package view

import (
	"context"
	"fmt"
	"time"

	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/core/wire"
	"sofipo/infra/db"
)

// Answers about who did what are not cached: they change with every command.

// AuditQuery selects what was done or refused. Empty fields select all.
type AuditQuery struct {
	Actor    string
	Action   string
	Client   id.ID
	From, To time.Time // half-open; From may be zero
	Paging             // Skip is not used
}

// AuditRow is an operation that a user carried out, or that was refused because of the user's
// permissions, scope or limits.
type AuditRow struct {
	ID            id.ID     `json:"id"`
	At            time.Time `json:"at"`
	Actor         string    `json:"actor"`
	Action        string    `json:"action"`
	Subject       id.ID     `json:"subject"`
	ClientID      id.ID     `json:"client_id,omitzero"`
	Entry         string    `json:"entry_kind,omitempty"`
	Refusal       string    `json:"refusal,omitempty"`
	Times         int64     `json:"times,omitzero"`
	CorrelationID string    `json:"correlation_id,omitempty"`

	APIKey     id.ID         `json:"api_key_id,omitzero"` // with which a service account acted
	APIKeyName string        `json:"api_key_name,omitempty"`
	Export     *staff.Export `json:"export,omitempty"` // what was exported
}

// AppendJSON adds it as JSON.
func (r AuditRow) AppendJSON(b []byte) []byte { return wire.JSON(b, r) }

// idMargin is more than the time between the moment of a row and that of its id.
const idMargin = time.Hour

// Audit returns a page of who did what, oldest first. Without a client, the time of the query
// should be short: the rows of the time are read. Without From it begins where the journal does, see
// JournalBegins. Refused with accounting.JournalDetached or access.Forbidden.
func (v *View) Audit(ctx context.Context, by By, q AuditQuery) (Page[AuditRow], error) {
	if err := by.may(event.ReadLog); err != nil {
		return Page[AuditRow]{}, err
	}
	first := after(q.After)
	if early := q.From.Add(-idMargin); early.Year() >= 1970 && id.New(early, [10]byte{}).String() > first.String() {
		first = id.New(early, [10]byte{})
	}
	args := []any{first, id.New(q.To.Add(idMargin), [10]byte{}), q.From, q.To, q.Actor, q.Action, q.Limit}
	where := " WHERE j.actor IS NOT NULL AND j.id > $1 AND j.id < $2 AND j.at >= $3 AND j.at < $4 AND ($5 = '' OR j.actor = $5) AND ($6 = '' OR j.action = $6)"
	if mine := by.within(event.ReadLog, "c", &args); mine != "" {
		where += " AND EXISTS (SELECT 1 FROM clients c WHERE c.id = j.client_id" + mine + ")"
	}
	sql := selectAudit + fromAudit + where
	if !q.Client.IsZero() {
		args = append(args, q.Client)
		of := fmt.Sprintf("= $%d", len(args))
		where += " AND j.client_id " + of
		sql = selectAudit + fromAudit + where + " AND j.action <> '" + receivePayment + "' UNION ALL " + selectAudit + fromAudit + where + " AND j.id IN (" + paymentsOf + of + ")"
	}
	var all []AuditRow
	batch := &db.Batch{}
	batch.Query(sql+" ORDER BY 1 LIMIT $7", func(s db.Scanner) error {
		r, err := scanAudit(s)
		all = append(all, r)
		return err
	}, args...)
	begins := v.detached(batch)
	err := v.ask(ctx, by.Need, batch, func() { all = nil })
	if err == nil && !q.From.IsZero() {
		err = begins.refuse(q.From.Before(begins.endedAt))
	}
	return pageOf(all, q.Limit, func(r AuditRow) id.ID { return r.ID }), err
}

// scanAudit reads a row of selectAudit.
func scanAudit(s db.Scanner) (r AuditRow, err error) {
	var e staff.Export
	err = s.Scan(&r.ID, &r.At, &r.Actor, &r.Action, &r.Subject, &r.ClientID, &r.Entry, &r.Refusal, &r.Times, &r.CorrelationID, &r.APIKey, &r.APIKeyName, &e.File, &e.Request, &e.Rows)
	if e.File != "" {
		r.Export = &e
	}
	return r, err
}

const (
	selectAudit = "SELECT j.id, j.at, j.actor, j.action, coalesce(j.about, j.subject), j.client_id, coalesce(j.kind, ''), coalesce(j.refusal, ''), coalesce(j.times, 0), coalesce(j.correlation_id, ''), " +
		"j.api_key, coalesce(k.name, ''), coalesce(e.file, ''), coalesce(e.request, ''), coalesce(e.row_count, 0) "
	fromAudit = "FROM journal j LEFT JOIN api_keys k ON k.id = j.api_key LEFT JOIN exports e ON e.id = j.subject"

	// receivePayment is the action whose rows the index of clients leaves out.
	receivePayment = "receive_payment"

	// paymentsOf finds them by the transactions of a client's loans: the ids of a command ascend
	// in the order in which it takes them, the transaction's first and the payment's entry last.
	paymentsOf = "SELECT p.id FROM loans l JOIN loan_transactions m ON m.loan_id = l.id JOIN journal p ON p.id > m.id AND p.id <= m.entry_id AND p.reference = m.id WHERE p.action = '" + receivePayment + "' AND l.client_id "
)
